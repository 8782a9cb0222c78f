"""Checks of what devices under test are made with."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import attrs
from luthier.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["any_number", "not_negative", "positive"]


def _number(allowed: str, holds: Callable[[float], bool], default: float) -> Any:
    def check(device: object, attribute: attrs.Attribute[Any], value: object) -> None:
        sound = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and holds(value)
        if not sound:
            raise ValidationError(
                f"{attribute.name} of a {type(device).__name__} cannot be {value!r}: allowed are {allowed}",
                state="The device was not made.",
                value=value,
                allowed=allowed,
            )

    return attrs.field(default=default, validator=check)


def positive(default: float) -> Any:
    """Declare an option that is a finite number above 0."""
    return _number("finite numbers above 0", lambda value: value > 0, default)


def not_negative(default: float) -> Any:
    """Declare an option that is a finite number from 0."""
    return _number("finite numbers from 0", lambda value: value >= 0, default)


def any_number(default: float) -> Any:
    """Declare an option that is a finite number."""
    return _number("finite numbers", lambda _: True, default)
