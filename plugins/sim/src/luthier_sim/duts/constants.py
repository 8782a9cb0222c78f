"""Constants of nature in SI units, exact by definition (BIPM, The International System of Units, 9th edition, 2019)."""

from __future__ import annotations

from math import pi
from typing import Final

__all__ = ["BOLTZMANN", "ELEMENTARY_CHARGE", "HBAR", "PLANCK", "milliwatt_decibels"]

ELEMENTARY_CHARGE: Final = 1.602176634e-19
"""C"""
BOLTZMANN: Final = 1.380649e-23
"""J/K"""
PLANCK: Final = 6.62607015e-34
"""J·s"""
HBAR: Final = PLANCK / (2 * pi)
"""J·s"""


def milliwatt_decibels(power: float) -> float:
    """Return a power in dBm as watts; arrays too.

    >>> milliwatt_decibels(-30.0)
    1e-06
    """
    watts: float = 1e-3 * 10.0 ** (power / 10.0)
    return watts
