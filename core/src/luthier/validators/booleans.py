"""True and False."""

from __future__ import annotations

from typing import Any

import attrs

from luthier.validators.scalars import exact_bool

__all__ = ["Bool"]


@attrs.frozen
class Bool:
    """``True`` and ``False``, and numpy's, as ``bool``.

    ``1``, ``0``, ``"on"`` and ``"off"`` are refused: what they stand for is for a parameter's mapping to say.

    Examples
    --------
    >>> Bool().check(1)
    Traceback (most recent call last):
    ...
    luthier.errors.WrongTypeError: 1 was given, where True or False is meant. Write True or False.
    """

    def check(self, value: object, /) -> bool:
        """Return ``value`` as a ``bool``; see :meth:`Validator.check`."""
        return exact_bool(value, self.describe)

    def describe(self, unit: str = "") -> str:  # noqa: ARG002 - a bool has no unit
        """Say in words what is allowed."""
        return "True or False"

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {"type": "bool"}
