"""``raw = value * scale + offset``, without losing a digit.

Binary floats would turn 0.3 V at a scale of 1000 into 299.99999999999994 mV. Here numbers are taken for the shortest
decimal that names them, as people and instruments write them, and products and sums of those are exact.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from math import isfinite
from sys import float_info
from typing import Any

import attrs

from luthier.errors import ValidationError
from luthier.scpi import parse_float

__all__ = ["EXACT", "QUOTIENT", "Scaling", "round_to"]

# Exact for any two doubles: the longest sum spans 1.8e308 to 5e-324.
EXACT = Context(prec=1400)
# A quotient that is not finite is rounded far below what a double can hold.
QUOTIENT = Context(prec=60)
_LARGEST = Decimal(float_info.max)
_LONG = 20
"""Numbers with more digits before the point are written with an exponent."""


def _decimal(number: float) -> Decimal:
    return Decimal(number) if isinstance(number, int) else Decimal(repr(float(number)))


@attrs.frozen
class Scaling:
    """Convert between the user's value and the instrument's number."""

    scale: float = 1
    offset: float = 0

    def exact(self, value: float) -> Decimal:
        """Return the instrument's number for a finite ``value``, exactly.

        Raises :class:`~luthier.errors.ValidationError` where it is larger than any float, so that it could not be read
        back.
        """
        raw = EXACT.multiply(_decimal(value), _decimal(self.scale))
        if self.offset:
            raw = EXACT.add(raw, _decimal(self.offset))
        if raw.adjusted() > _LONG:
            raw = raw.normalize(EXACT)
        if abs(raw) > _LARGEST:
            raise ValidationError(
                f"{value!r} becomes {raw:.3E} in the instrument's units, which is more than a number can be",
                value=value,
                allowed=f"up to {float_info.max:.3E} in the instrument's units",
            )
        return raw

    def to_raw(self, value: Any) -> Any:
        """Return the instrument's number: the nearest float for a number, element by element for an array."""
        if isinstance(value, (int, float)) and isfinite(value):
            return float(self.exact(value))
        return value * self.scale + self.offset

    def from_raw(self, raw: Any) -> Any:
        """Return the user's value: the nearest float for a number, element by element for an array."""
        if isinstance(raw, (int, float)) and isfinite(raw):
            return self._from_decimal(_decimal(raw))
        return (raw - self.offset) / self.scale

    def from_text(self, text: str) -> float:
        """Return the user's value for the number in ``text``, all of whose digits count."""
        number = parse_float(text)
        if not isfinite(number):
            return number / self.scale
        return self._from_decimal(Decimal(text.strip()))

    def _from_decimal(self, raw: Decimal) -> float:
        return float(QUOTIENT.divide(EXACT.subtract(raw, _decimal(self.offset)), _decimal(self.scale)))


def round_to(resolution: float, value: float) -> float:
    """Return the multiple of ``resolution`` nearest to ``value``, halves to the even one."""
    quantum = _decimal(resolution)
    count = QUOTIENT.divide(_decimal(value), quantum)
    return float(EXACT.multiply(count.to_integral_value(ROUND_HALF_EVEN), quantum))
