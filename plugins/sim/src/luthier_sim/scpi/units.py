"""Units after numbers, with their multipliers (IEEE 488.2-1992, 7.7.3; SCPI-1999 volume 1, 7.1.2)."""

from __future__ import annotations

from typing import Final

from luthier_sim.scpi.refusals import Refusal

__all__ = ["power_of_ten"]

_NAMES: Final = {
    "Ω": ("OHM",),
    "ohm": ("OHM",),
    "°C": ("CEL", "C"),
    "degC": ("CEL", "C"),
    "%": ("PCT",),
    "°": ("DEG",),
    "Pa": ("PAL",),
}
"""What the unit is called in messages, where that is not its own name in capitals."""

_MULTIPLIERS: Final = {
    "EX": 18,
    "PE": 15,
    "T": 12,
    "G": 9,
    "MA": 6,
    "K": 3,
    "M": -3,
    "U": -6,
    "N": -9,
    "P": -12,
    "F": -15,
    "A": -18,
}
_MEGA: Final = frozenset({"MHZ", "MOHM"})
"""Where M is mega, by the standard."""


def power_of_ten(suffix: str, unit: str) -> int:
    """Return the power of ten that a suffix (in capitals) means for a value in `unit`; 0 where there is none.

    >>> power_of_ten("MV", "V"), power_of_ten("MHZ", "Hz"), power_of_ten("MAV", "V")
    (-3, 6, 6)

    Raises
    ------
    Refusal
        -131 for another unit, -138 where none is allowed.
    """
    if not suffix:
        return 0
    if not unit:
        raise Refusal(-138)
    for name in _NAMES.get(unit, (unit.upper(),)):
        if suffix == name:
            return 0
        if suffix.endswith(name) and suffix[: -len(name)] in _MULTIPLIERS:
            return 6 if suffix in _MEGA else _MULTIPLIERS[suffix[: -len(name)]]
    raise Refusal(-131)
