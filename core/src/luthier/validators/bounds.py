"""The bounds that validators are declared with, and how they are narrowed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from luthier.errors import DeclarationError, UsageError, ValidationError
from luthier.validators.scalars import exact_float, exact_int
from luthier.validators.wording import shown, span

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "at_least_zero",
    "length_fault",
    "length_words",
    "lower_bound",
    "narrowed_bounds",
    "refuse_empty",
    "switch",
    "upper_bound",
    "whole_lower_bound",
    "whole_upper_bound",
]

_Number = TypeVar("_Number", int, float)


def lower_bound(value: float | None) -> float | None:
    """Return a minimum as a ``float``; ``None`` and minus infinity mean that there is none."""
    bound = _declared("minimum", value, exact_float)
    return None if bound == -math.inf else _finite("minimum", bound)


def upper_bound(value: float | None) -> float | None:
    """Return a maximum as a ``float``; ``None`` and infinity mean that there is none."""
    bound = _declared("maximum", value, exact_float)
    return None if bound == math.inf else _finite("maximum", bound)


def whole_lower_bound(value: float | None) -> int | None:
    """Return a minimum as an ``int``; ``None`` and minus infinity mean that there is none."""
    return None if value == -math.inf else _declared("minimum", value, exact_int)


def whole_upper_bound(value: float | None) -> int | None:
    """Return a maximum as an ``int``; ``None`` and infinity mean that there is none."""
    return None if value == math.inf else _declared("maximum", value, exact_int)


def at_least_zero(value: float | None) -> int | None:
    """Return a length as an ``int``, 0 or more; ``None`` means that there is no bound."""
    length = _declared("a length", value, exact_int)
    if length is not None and length < 0:
        raise DeclarationError(f"{length} was given as a length", advice="A length is 0 or more.")
    return length


def switch(value: bool) -> bool:
    """Return a declared option, which must be ``True`` or ``False``."""
    if not isinstance(value, bool):
        raise DeclarationError(f"{shown(value)} was given for an option", advice="Write True or False.")
    return value


def refuse_empty(minimum: float | None, maximum: float | None) -> None:
    """Raise if nothing lies between the bounds."""
    if minimum is not None and maximum is not None and minimum > maximum:
        raise DeclarationError(f"the minimum {shown(minimum)} is greater than the maximum {shown(maximum)}")


def narrowed_bounds(
    limits: tuple[_Number | None, _Number | None],
    wanted: tuple[_Number | None, _Number | None],
) -> tuple[_Number | None, _Number | None]:
    """Return the bounds ``wanted``, with those of ``limits`` where ``None`` is wanted.

    Raises
    ------
    luthier.errors.UsageError
        If a bound would become wider, or nothing would be left.
    """
    (low, high), (minimum, maximum) = limits, wanted
    if minimum is not None and (_outside(minimum, low, high)):
        raise _widening("minimum", minimum, low, high)
    if maximum is not None and (_outside(maximum, low, high)):
        raise _widening("maximum", maximum, low, high)
    minimum = low if minimum is None else minimum
    maximum = high if maximum is None else maximum
    refuse_empty(minimum, maximum)
    return minimum, maximum


def length_words(thing: str, minimum: int | None, maximum: int | None, items: str) -> str:
    """Describe a thing with a bounded number of items: ``text of 1 to 8 characters``."""
    if not minimum and maximum is None:
        return thing
    minimum = minimum or None
    return f"{thing} of {span(minimum, maximum, '')} {items}"


def length_fault(length: int, minimum: int | None, maximum: int | None) -> str:
    """Say what is wrong with a length; nothing if it is allowed."""
    if minimum is not None and length < minimum:
        return "is too short"
    if maximum is not None and length > maximum:
        return "is too long"
    return ""


def _declared(name: str, value: object, convert: Callable[[object, Callable[[], str]], _Number]) -> _Number | None:
    if value is None:
        return None
    try:
        return convert(value, lambda: "any number")
    except ValidationError as error:
        raise DeclarationError(f"{name} cannot be declared: {error.what}", advice=error.advice) from error


def _finite(name: str, bound: float | None) -> float | None:
    if bound is not None and not math.isfinite(bound):
        raise DeclarationError(f"the {name} is {bound}, so that no number is allowed")
    return bound


def _outside(bound: float, low: float | None, high: float | None) -> bool:
    return (low is not None and bound < low) or (high is not None and bound > high)


def _widening(name: str, bound: float, low: float | None, high: float | None) -> UsageError:
    allowed = span(low, high, "")
    return UsageError(
        f"the {name} {shown(bound)} lies outside the limits, which can be narrowed only: {allowed}",
        value=bound,
        allowed=allowed,
    )
