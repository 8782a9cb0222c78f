"""Multiples of a step."""

from __future__ import annotations

import decimal
import math
from decimal import Decimal
from typing import Any

import attrs

from luthier.errors import DeclarationError, ValidationError
from luthier.validators.bounds import lower_bound, narrowed_bounds, refuse_empty, upper_bound
from luthier.validators.numpy_scalars import python_scalar
from luthier.validators.scalars import exact_float, exact_int
from luthier.validators.wording import out_of_range, shown, span, with_unit

__all__ = ["Multiples"]

_TOLERANCE = Decimal("1e-9")
"""In steps: what the arithmetic of a sweep may be off (0.1 * 3 is 0.30000000000000004)."""

_EXACT = decimal.Context(prec=1400)
"""Digits enough for the sum of any two floats to be exact, and their quotient to be exact to the units."""


def _declared_number(name: str, value: float) -> float:
    scalar = python_scalar(value)
    if isinstance(scalar, int) and not isinstance(scalar, bool):
        return scalar
    try:
        number = exact_float(scalar, lambda: "any number")
    except ValidationError as error:
        raise DeclarationError(f"{name} cannot be declared: {error.what}", advice=error.advice) from error
    if not math.isfinite(number):
        raise DeclarationError(f"{name} is {number}, so that there are no multiples")
    return number


def _declared_step(value: float) -> float:
    step = _declared_number("the step", value)
    if step <= 0:
        raise DeclarationError(f"the step {shown(step)} is not greater than 0")
    return step


def _declared_offset(value: float) -> float:
    return _declared_number("the offset", value)


def _typed(number: float) -> tuple[type, float]:
    """Tell 2 from 2.0, which give values of different types."""
    return type(number), number


@attrs.frozen
class Multiples:
    """Numbers that are ``offset`` plus a whole number of steps ``of``, within bounds.

    What counts as a number is as for :class:`Numbers`; NaN and infinities are refused. If ``of`` and ``offset`` are
    both declared as ``int``, the value is an ``int`` and what counts is as for :class:`Ints`; otherwise it is a
    ``float``.

    A float is taken as the decimal number that Python writes for it, so that 0.3 is a multiple of 0.1, and may be off
    by a billionth of a step, so that the values of a computed sweep (0.1 * 3) pass. It is returned as it was given.

    Parameters
    ----------
    of
        The step, greater than 0.
    offset
        The value that the steps are counted from.
    minimum, maximum
        The bounds, which need not be multiples; ``None`` (or an infinity) means that there is none.

    Raises
    ------
    luthier.errors.DeclarationError
        If the step is not greater than 0, a figure is no number, or no multiple lies between the bounds.

    Examples
    --------
    >>> Multiples(0.1).check(0.3)
    0.3
    >>> Multiples(16).check(48.0)
    48
    >>> Multiples(16).check(50)
    Traceback (most recent call last):
    ...
    luthier.errors.ValidationError: 50 is not a multiple of 16.
    """

    of: float = attrs.field(converter=_declared_step, eq=_typed)
    offset: float = attrs.field(default=0, converter=_declared_offset, eq=_typed)
    minimum: float | None = attrs.field(default=None, converter=lower_bound)
    maximum: float | None = attrs.field(default=None, converter=upper_bound)

    def __attrs_post_init__(self) -> None:
        """Refuse bounds without a multiple between them."""
        refuse_empty(self.minimum, self.maximum)
        if not self._has_multiple():
            raise DeclarationError(
                f"there is no multiple of {shown(self.of)} from {shown(self.minimum)} to {shown(self.maximum)}"
            )

    def check(self, value: object, /) -> float:
        """Return ``value`` as a ``float``, or as an ``int`` if the step and the offset are; see :class:`Validator`."""
        number = exact_int(value, self.describe) if self._is_whole() else exact_float(value, self.describe)
        below = self.minimum is not None and number < self.minimum
        above = self.maximum is not None and number > self.maximum
        if below or above or (isinstance(number, float) and not math.isfinite(number)):
            raise out_of_range(value, number, self.minimum, self.maximum, self.describe)
        if not self._is_multiple(number):
            raise ValidationError(f"{shown(value)} is not {self._steps('')}", value=value, allowed=self.describe())
        return number

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed."""
        words = self._steps(unit)
        if self.minimum is None and self.maximum is None:
            return words
        return f"{words}: {span(self.minimum, self.maximum, unit)}"

    def narrowed(self, minimum: float | None = None, maximum: float | None = None) -> Multiples:
        """Return the same validator with narrower bounds.

        ``None`` (or an infinity) asks for no bound on that side, and so keeps the one there is.

        Raises
        ------
        luthier.errors.UsageError
            If a bound lies outside the present ones, or no multiple would be left between them.
        """
        wanted = (lower_bound(minimum), upper_bound(maximum))
        low, high = narrowed_bounds((self.minimum, self.maximum), wanted)
        return attrs.evolve(self, minimum=low, maximum=high)

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {
            "type": "multiples",
            "of": self.of,
            "offset": self.offset,
            "minimum": self.minimum,
            "maximum": self.maximum,
        }

    def _steps(self, unit: str) -> str:
        words = f"a multiple of {with_unit(self.of, unit)}"
        return f"{with_unit(self.offset, unit)} plus {words}" if self.offset else words

    def _is_whole(self) -> bool:
        return isinstance(self.of, int) and isinstance(self.offset, int)

    def _is_multiple(self, number: float) -> bool:
        if self._is_whole():
            return (number - self.offset) % self.of == 0
        step = _decimal(self.of)
        remainder = _EXACT.remainder_near(_EXACT.subtract(_decimal(number), _decimal(self.offset)), step)
        return abs(remainder) <= _EXACT.multiply(step, _TOLERANCE)

    def _has_multiple(self) -> bool:
        if self.minimum is None or self.maximum is None:
            return True
        step, offset = _decimal(self.of), _decimal(self.offset)
        first = _EXACT.divide(_EXACT.subtract(_decimal(self.minimum), offset), step)
        last = _EXACT.divide(_EXACT.subtract(_decimal(self.maximum), offset), step)
        return math.ceil(first - _TOLERANCE) <= math.floor(last + _TOLERANCE)


def _decimal(number: float) -> Decimal:
    return Decimal(repr(number))
