"""``raw = value * scale + offset``, without losing a digit.

Binary floats would turn 0.3 V at a scale of 1000 into 299.99999999999994 mV. Here numbers are taken for the shortest
decimal that names them, as people and instruments write them, and products and sums of those are exact.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from math import isfinite
from typing import Any

import attrs

from luthier.scpi import parse_float

__all__ = ["Scaling", "round_to"]

# Exact for any two doubles: the longest sum spans 1.8e308 to 5e-324.
_EXACT = Context(prec=1400)
# A quotient that is not finite is rounded far below what a double can hold.
_QUOTIENT = Context(prec=60)


def _decimal(number: float) -> Decimal:
    return Decimal(number) if isinstance(number, int) else Decimal(repr(float(number)))


@attrs.frozen
class Scaling:
    """Convert between the user's value and the instrument's number."""

    scale: float = 1
    offset: float = 0

    def exact(self, value: float) -> Decimal:
        """Return the instrument's number for a finite ``value``, exactly."""
        return _EXACT.add(_EXACT.multiply(_decimal(value), _decimal(self.scale)), _decimal(self.offset))

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
        return float(_QUOTIENT.divide(_EXACT.subtract(raw, _decimal(self.offset)), _decimal(self.scale)))


def round_to(resolution: float, value: float) -> float:
    """Return the multiple of ``resolution`` nearest to ``value``, halves to the even one."""
    quantum = _decimal(resolution)
    count = _QUOTIENT.divide(_decimal(value), quantum)
    return float(_EXACT.multiply(count.to_integral_value(ROUND_HALF_EVEN), quantum))
