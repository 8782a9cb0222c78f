"""The units in which an ESP controller counts, and numbers in them.

No digit changes on the way to metres or degrees.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Final

__all__ = ["DEGREES", "METRES", "UNITS", "from_controller", "to_controller"]

UNITS: Final = {
    "encoder count": "0",
    "motor step": "1",
    "mm": "2",
    "µm": "3",
    "in": "4",
    "mil": "5",
    "µin": "6",
    "°": "7",
    "gon": "8",
    "rad": "9",
    "mrad": "10",
    "µrad": "11",
}
"""What SN? answers, by name."""

_HALF_TURN: Final = Decimal(180) / Decimal("3.14159265358979323846264338")

METRES: Final = {
    "mm": Decimal("0.001"),
    "µm": Decimal("0.000001"),
    "in": Decimal("0.0254"),
    "mil": Decimal("0.0000254"),
    "µin": Decimal("0.0000000254"),
}
DEGREES: Final = {
    "°": Decimal(1),
    "gon": Decimal("0.9"),
    "rad": _HALF_TURN,
    "mrad": _HALF_TURN / 1000,
    "µrad": _HALF_TURN / 1_000_000,
}

_DIGITS: Final = Context(prec=15)


def to_controller(value: float, factor: Decimal) -> str:
    """Return a number of metres or degrees in the controller's unit, without an exponent.

    >>> to_controller(0.0125, METRES["mm"]), to_controller(-1e-9, METRES["mm"])
    ('12.5', '-0.000001')
    """
    number = _DIGITS.divide(Decimal(repr(value)), factor).normalize()
    return f"{number:f}" if number else "0"


def from_controller(reply: str, factor: Decimal) -> float:
    """Return a number of the controller in metres or degrees; raises ``ArithmeticError`` for what is none.

    >>> from_controller("12.5", METRES["mm"])
    0.0125
    """
    number = Decimal(reply.strip())
    if not number.is_finite():
        raise ArithmeticError(reply)
    return float(_DIGITS.multiply(number, factor))
