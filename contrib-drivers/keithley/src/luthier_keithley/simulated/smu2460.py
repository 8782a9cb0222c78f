"""A simulated Keithley 2460: the 2450 with other ranges and limits.

Ranges and limits: see :mod:`luthier_keithley.smu2460`. Like and unlike the instrument as
:mod:`luthier_keithley.simulated.smu2450` says; moreover, here every current is possible at every voltage.
"""

from __future__ import annotations

from luthier_sim import setting

from luthier_keithley.simulated.smu2450 import SimulatedSmu2450

__all__ = ["SimulatedSmu2460"]

_PROTECTIONS = tuple(f"PROT{level}" for level in (2, 5, 10, 20, 40, 60, 80, 100))


class SimulatedSmu2460(SimulatedSmu2450):
    """A 2460 with a resistor of 1 kΩ at its terminals."""

    identity = "KEITHLEY INSTRUMENTS,MODEL 2460,04516939,1.7.7b"
    voltage_ranges = (0.2, 2.0, 7.0, 10.0, 20.0, 100.0)
    current_ranges = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 4.0, 5.0, 7.0)
    resistance_ranges = tuple(2.0 * 10.0**decade for decade in range(9))
    largest_voltage = 105.0
    largest_current = 7.35
    first_voltage_limit = 7.35

    protection = setting("SOURce[1]:VOLTage:PROTection[:LEVel]", "NONE", choices=(*_PROTECTIONS, "NONE"))
