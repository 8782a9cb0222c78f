"""The ranges of the 2600 series, in V and A; where they are from says :mod:`luthier_keithley.smu2600`."""

from __future__ import annotations

__all__ = [
    "HIGH_VOLTAGES",
    "LOW_VOLTAGES",
    "TO_1_5_AMPERES",
    "TO_1_5_FROM_100_PICO",
    "TO_1_5_FROM_NANO",
    "TO_3_AMPERES",
]

LOW_VOLTAGES = (0.1, 1.0, 6.0, 40.0)
HIGH_VOLTAGES = (0.2, 2.0, 20.0, 200.0)
_TO_AMPERE = (1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)
TO_3_AMPERES = (*_TO_AMPERE, 3.0)
TO_1_5_AMPERES = (*_TO_AMPERE, 1.5)
TO_1_5_FROM_NANO = (1e-9, 1e-8, *TO_1_5_AMPERES)
TO_1_5_FROM_100_PICO = (1e-10, *TO_1_5_FROM_NANO)
