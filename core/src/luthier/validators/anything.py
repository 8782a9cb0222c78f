"""Validators that look at no content: anything at all, and anything that can be called."""

from __future__ import annotations

from typing import Any

import attrs

from luthier.validators.numpy_scalars import python_scalar
from luthier.validators.wording import wrong_type

__all__ = ["Anything", "Callables", "Opaque"]


@attrs.frozen
class Anything:
    """Every value: numpy's scalars become Python's, all else (NaN and ``None`` too) is returned as it is.

    Examples
    --------
    >>> Anything().check(None) is None
    True
    """

    def check(self, value: object, /) -> Any:
        """Return ``value``; see :meth:`Validator.check`."""
        return python_scalar(value)

    def describe(self, unit: str = "") -> str:  # noqa: ARG002 - nothing is known of it
        """Say in words what is allowed."""
        return "anything"

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {"type": "anything"}


@attrs.frozen
class Opaque:
    """Stands for a validator elsewhere that plain data cannot hold.

    It returns every value as it is; only the original decides.

    Parameters
    ----------
    description
        The words of the original.
    """

    description: str

    def check(self, value: object, /) -> Any:
        """Return ``value`` as it is."""
        return value

    def describe(self, unit: str = "") -> str:  # noqa: ARG002 - the words are given
        """Say in words what the original allows."""
        return self.description

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {"type": "opaque", "opaque": True, "description": self.description}


@attrs.frozen
class Callables:
    """Functions, methods, classes, and every other object that can be called; each is returned as it is.

    Examples
    --------
    >>> Callables().check("print")
    Traceback (most recent call last):
    ...
    luthier.errors.WrongTypeError: 'print' was given, where something that can be called is meant.
    """

    def check(self, value: object, /) -> Any:
        """Return ``value``; see :meth:`Validator.check`."""
        if callable(value):
            return value
        raise wrong_type(value, "something that can be called", self.describe)

    def describe(self, unit: str = "") -> str:  # noqa: ARG002 - a function has no unit
        """Say in words what is allowed."""
        return "anything that can be called"

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {"type": "callables"}
