"""The Keithley 2460 and 2461 SourceMeters, with the SCPI command set: the 2450 with other ranges and limits.

Commands: see :mod:`luthier_keithley.smu2450`. Ranges and limits: Model 2461 Reference Manual, 2461-901-01 Rev. A,
November 2015, pages 6-65, 6-93, 6-94 and 6-98, of which the 2460 has the ranges without that of 10 A, as a driver of
it has them too; its own manual was not at hand. That the steps of the overvoltage protection are those of the 2450 up
to 100 V is not confirmed.
"""

from __future__ import annotations

from typing import Final

from luthier.validators import Enum, Numbers

from luthier_keithley.smu2450 import Smu2450
from luthier_keithley.smu2450_sense import Ammeter, Ohmmeter, Voltmeter

__all__ = ["Smu2460"]

VOLTAGE_RANGES: Final = (0.2, 2.0, 7.0, 10.0, 20.0, 100.0)
CURRENT_RANGES: Final = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 4.0, 5.0, 7.0)
RESISTANCE_RANGES: Final = tuple(2.0 * 10.0**decade for decade in range(9))
LARGEST_VOLTAGE: Final = 105.0
LARGEST_CURRENT: Final = 7.35
PROTECTIONS: Final = {float(level): f"PROT{level}" for level in (2, 5, 10, 20, 40, 60, 80, 100)} | {
    LARGEST_VOLTAGE: "NONE"
}


class Voltmeter2460(Voltmeter):
    """Measuring voltage."""

    range = Voltmeter.range.replace(validator=Enum(*VOLTAGE_RANGES))


class Ammeter2460(Ammeter):
    """Measuring current."""

    range = Ammeter.range.replace(validator=Enum(*CURRENT_RANGES))


class Ohmmeter2460(Ohmmeter):
    """Measuring resistance."""

    range = Ohmmeter.range.replace(validator=Enum(*RESISTANCE_RANGES))


class Smu2460(Smu2450):
    """Keithley 2460 and 2461 SourceMeters: source ±105 V or ±7.35 A, and measure voltage, current and resistance.

    Manual: Model 2461 Interactive SourceMeter Instrument Reference Manual, 2461-901-01 Rev. A, November 2015, of which
    only parts were at hand.

    Interfaces: USB, LAN (VXI-11, or a socket on port 5025), GPIB; replies end with a line feed. The command set has to
    be SCPI, as it is from the factory; not TSP, and not that of the 2400.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Everything is as with the :class:`~luthier_keithley.smu2450.Smu2450`, with other ranges and limits. Not every
    current is possible at every voltage; what is beyond its power is left to the instrument. Pulses, the range of 10 A
    for them, and digitizing of the 2461 are left out.

    >>> import luthier
    >>> with luthier.open("keithley.2460", "sim://", name="smu") as smu:
    ...     smu.current_limit(5)
    ...     smu.voltage(1.5)
    ...     smu.measure_function("current")
    ...     smu.output(True)
    ...     smu.measured_current()
    0.0015
    """

    simulator = "keithley.2460"
    largest_voltage = LARGEST_VOLTAGE
    largest_current = LARGEST_CURRENT

    overvoltage_protection = Smu2450.overvoltage_protection.replace(
        mapping=PROTECTIONS,
        doc="The output never goes above this, also as a current source; 105 V: no protection "
        "(:SOURce:VOLTage:PROTection).",
    )
    current_limit = Smu2450.current_limit.replace(
        validator=Numbers(1e-6, LARGEST_CURRENT),
        doc="Limit of the voltage source, for both polarities; more than 0.1 % of a fixed measuring range (2461 "
        "manual, page 6-94).",
    )
    voltage_limit = Smu2450.voltage_limit.replace(
        validator=Numbers(0.2, LARGEST_VOLTAGE),
        doc="Limit of the current source, for both polarities; more than 0.1 % of a fixed measuring range (2461 "
        "manual, page 6-94).",
    )
    source_voltage_range = Smu2450.source_voltage_range.replace(validator=Enum(*VOLTAGE_RANGES))
    source_current_range = Smu2450.source_current_range.replace(validator=Enum(*CURRENT_RANGES))
    voltage = Smu2450.voltage.replace(validator=Numbers(-LARGEST_VOLTAGE, LARGEST_VOLTAGE))
    current = Smu2450.current.replace(validator=Numbers(-LARGEST_CURRENT, LARGEST_CURRENT))

    def add_meters(self) -> None:
        """Add what it measures with; called once, when it is opened."""
        self.voltmeter = Voltmeter2460(self, "voltmeter")
        self.ammeter = Ammeter2460(self, "ammeter")
        self.ohmmeter = Ohmmeter2460(self, "ohmmeter")
