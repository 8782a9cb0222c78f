"""The Keysight 34401A.

Commands, counts and interfaces: 34401A User's Guide, 34401-90004, Seventh Edition, August 2007, chapters 3 and 4, as
retold in a public repository and, for the counts, as PyMeasure 0.16 has them; of the guide itself only parts were at
hand.
"""

from __future__ import annotations

from typing import Any

from luthier import Channel, parameter
from luthier.scpi import parse_string
from luthier.validators import Enum

from luthier_keysight.multimeter import Multimeter
from luthier_keysight.truevolt_functions import (
    RESISTANCE_RANGES,
    VOLTAGE_RANGES,
    auto_range_declaration,
    gate_declaration,
    nplc_declaration,
    range_declaration,
)

__all__ = ["Multimeter34401A"]

FUNCTIONS = {
    "DC voltage": "VOLT",
    "AC voltage": "VOLT:AC",
    "DC current": "CURR",
    "AC current": "CURR:AC",
    "resistance": "RES",
    "four-wire resistance": "FRES",
    "frequency": "FREQ",
    "period": "PER",
    "diode": "DIOD",
    "continuity": "CONT",
}
PERIODS = (0.02, 0.2, 1.0, 10.0, 100.0)
GATES = (0.01, 0.1, 1.0)


def _function(reply: str) -> str:
    return parse_string(reply).removesuffix(":DC")


class DcVoltage(Channel):
    """DC voltage."""

    header = "VOLT:DC"

    range = range_declaration("V", VOLTAGE_RANGES)
    auto_range = auto_range_declaration()
    nplc = nplc_declaration(*PERIODS)


class AcVoltage(Channel):
    """AC voltage, root mean square."""

    header = "VOLT:AC"

    # That it takes and answers 1000 for its range of 750 V is not confirmed.
    range = range_declaration("V", VOLTAGE_RANGES, "; at most 750 V on the last, whose value is not confirmed")
    auto_range = auto_range_declaration()


class DcCurrent(Channel):
    """DC current."""

    header = "CURR:DC"

    range = range_declaration("A", (0.01, 0.1, 1.0, 3.0))
    auto_range = auto_range_declaration()
    nplc = nplc_declaration(*PERIODS)


class AcCurrent(Channel):
    """AC current, root mean square."""

    header = "CURR:AC"

    range = range_declaration("A", (1.0, 3.0))
    auto_range = auto_range_declaration()


class Resistance(Channel):
    """Resistance over two wires."""

    header = "RES"

    range = range_declaration("Ω", RESISTANCE_RANGES)
    auto_range = auto_range_declaration()
    nplc = nplc_declaration(*PERIODS)


class FourWireResistance(Resistance):
    """Resistance over four wires."""

    header = "FRES"


class Frequency(Channel):
    """Frequency of a voltage, whose range is meant here."""

    header = "FREQ"

    range = range_declaration("V", VOLTAGE_RANGES, of="{header}:VOLT")
    auto_range = auto_range_declaration(of="{header}:VOLT")
    gate = gate_declaration(*GATES)


class Period(Frequency):
    """Period of a voltage, whose range is meant here."""

    header = "PER"


class Multimeter34401A(Multimeter):
    """Keysight (Agilent, Hewlett-Packard) 34401A: a multimeter of 6½ digits.

    Manual: 34401A User's Guide, 34401-90004, Seventh Edition, August 2007, of which parts and a retelling were at hand.

    Interfaces: GPIB (address 22 from the factory), and RS-232 (from the factory: 9600 baud, 7 data bits, even parity;
    always 2 stop bits; DTR/DSR hold data back), where ``remote()`` has to be called first; replies end with a line
    feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. Each function keeps its own range and integration time; the zero, the filter and the
    input resistance are those of the instrument. It sources nothing that could do harm, so there is nothing to make
    safe. Its memory holds 512 readings. The DC ratio and the mathematical functions are left out.

    >>> import luthier
    >>> with luthier.open("keysight.34401a", "sim://", name="dmm") as dmm:
    ...     dmm.dc_voltage.nplc(10)
    ...     dmm.function("DC voltage")
    ...     round(dmm.voltage(), 3)
    1.0
    """

    simulator = "keysight.34401a"
    largest_trigger_count = 50_000
    largest_sample_count = 50_000

    function = parameter(
        str,
        get_cmd="FUNC?",
        set_cmd='FUNC "{}"',
        mapping=FUNCTIONS,
        get_parser=_function,
        doc="What is measured (SENSe:FUNCtion).",
    )
    bandwidth = parameter(
        float,
        get_cmd="DET:BAND?",
        set_cmd="DET:BAND {}",
        unit="Hz",
        validator=Enum(3.0, 20.0, 200.0),
        doc="Lowest frequency in AC signals; the lower, the slower (SENSe:DETector:BANDwidth).",
    )
    auto_zero = parameter(
        bool,
        get_cmd="ZERO:AUTO?",
        set_cmd="ZERO:AUTO {}",
        doc="Whether the zero is measured with each reading, which doubles its time (SENSe:ZERO:AUTO).",
    )
    high_impedance = parameter(
        bool,
        get_cmd="INP:IMP:AUTO?",
        set_cmd="INP:IMP:AUTO {}",
        doc="More than 10 GΩ at the input on the DC ranges up to 10 V; otherwise 10 MΩ on all (INPut:IMPedance:AUTO).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.dc_voltage = DcVoltage(self, "dc_voltage")
        self.ac_voltage = AcVoltage(self, "ac_voltage")
        self.dc_current = DcCurrent(self, "dc_current")
        self.ac_current = AcCurrent(self, "ac_current")
        self.two_wire_resistance = Resistance(self, "two_wire_resistance")
        self.four_wire_resistance = FourWireResistance(self, "four_wire_resistance")
        self.frequency_counter = Frequency(self, "frequency_counter")
        self.period_counter = Period(self, "period_counter")
        self.add_function("remote", "SYST:REM", doc="Let RS-232 control it; not for GPIB (SYSTem:REMote).")
