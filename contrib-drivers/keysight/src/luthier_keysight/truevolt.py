"""The Keysight 34461A and 34465A, of the Truevolt series, and the 34410A before them, whose commands are the same.

Sections: Truevolt Series DMM Operating and Service Guide, 34460-90901, "SCPI Programming Reference"; editions differ in
their pages. Largest counts: the same for the 34461A, and as QCoDeS 0.58 has them for the others. 34410A: its User's
Guide, and the few pages of its programmer's reference that were at hand (trigger count, null value of the period,
gate); the other commands are those of the 34461A.
"""

from __future__ import annotations

from typing import Any, ClassVar

from luthier import parameter
from luthier.scpi import parse_string
from luthier.validators import Enum

from luthier_keysight.multimeter import Multimeter
from luthier_keysight.truevolt_functions import (
    AcCurrent,
    AcVoltage,
    Capacitance,
    DcCurrent,
    DcVoltage,
    FourWireResistance,
    Frequency,
    Period,
    Resistance,
    Temperature,
    TerminalsAcCurrent,
    TerminalsDcCurrent,
)
from luthier_keysight.truevolt_models import (
    Capacitance34410A,
    DcCurrent34410A,
    DcCurrent34465A,
    DcVoltage34410A,
    DcVoltage34465A,
    FourWireResistance34410A,
    FourWireResistance34465A,
    Frequency34410A,
    Period34410A,
    Resistance34410A,
    Resistance34465A,
    Temperature34410A,
    Temperature34465A,
)

__all__ = ["Multimeter34410A", "Multimeter34461A", "Multimeter34465A", "TruevoltMultimeter"]

FUNCTIONS = {
    "DC voltage": "VOLT",
    "AC voltage": "VOLT:AC",
    "DC current": "CURR",
    "AC current": "CURR:AC",
    "resistance": "RES",
    "four-wire resistance": "FRES",
    "frequency": "FREQ",
    "period": "PER",
    "temperature": "TEMP",
    "capacitance": "CAP",
    "diode": "DIOD",
    "continuity": "CONT",
}


def _function(reply: str) -> str:
    return parse_string(reply).removesuffix(":DC")


class TruevoltMultimeter(Multimeter):
    """What the 34410A, the 34461A and the 34465A have in common; open one of these.

    The classes of the measuring functions say which ranges a model has.
    """

    largest_trigger_count = 1_000_000
    largest_sample_count = 1_000_000
    dc_voltage_class: ClassVar[type[DcVoltage]] = DcVoltage
    dc_current_class: ClassVar[type[DcCurrent]] = DcCurrent
    ac_current_class: ClassVar[type[AcCurrent]] = AcCurrent
    resistance_class: ClassVar[type[Resistance]] = Resistance
    four_wire_class: ClassVar[type[FourWireResistance]] = FourWireResistance
    capacitance_class: ClassVar[type[Capacitance]] = Capacitance
    frequency_class: ClassVar[type[Frequency]] = Frequency
    period_class: ClassVar[type[Period]] = Period
    temperature_class: ClassVar[type[Temperature]] = Temperature

    function = parameter(
        str,
        get_cmd="FUNC?",
        set_cmd='FUNC "{}"',
        mapping=FUNCTIONS,
        get_parser=_function,
        doc="What is measured (SENSe:FUNCtion).",
    )
    temperature_unit = parameter(
        str,
        get_cmd="UNIT:TEMP?",
        set_cmd="UNIT:TEMP {}",
        validator=Enum("C", "F", "K"),
        doc="What temperature readings are in (UNIT:TEMPerature). The parameter temperature is read only in °C.",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG:SLOP?",
        set_cmd="TRIG:SLOP {}",
        mapping={"rising": "POS", "falling": "NEG"},
        doc="Which edge of an external trigger counts (TRIGger:SLOPe).",
    )
    data_format = parameter(
        str,
        get_cmd="FORM:DATA?",
        set_cmd="FORM:DATA {}",
        validator=Enum("ASC"),
        doc='How readings are sent; this driver reads text, "ASC" (FORMat:DATA).',
    )
    capacitance = parameter(
        float,
        get_cmd="READ?",
        unit="F",
        relevant_when={"function": "capacitance"},
        snapshot=False,
        doc="One reading of the capacitance.",
    )
    temperature = parameter(
        float,
        get_cmd="READ?",
        unit="°C",
        relevant_when={"function": "temperature", "temperature_unit": "C"},
        snapshot=False,
        doc="One reading of the temperature.",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.dc_voltage = self.dc_voltage_class(self, "dc_voltage")
        self.ac_voltage = AcVoltage(self, "ac_voltage")
        self.dc_current = self.dc_current_class(self, "dc_current")
        self.ac_current = self.ac_current_class(self, "ac_current")
        self.two_wire_resistance = self.resistance_class(self, "two_wire_resistance")
        self.four_wire_resistance = self.four_wire_class(self, "four_wire_resistance")
        self.capacitor = self.capacitance_class(self, "capacitor")
        self.frequency_counter = self.frequency_class(self, "frequency_counter")
        self.period_counter = self.period_class(self, "period_counter")
        self.thermometer = self.temperature_class(self, "thermometer")
        self.add_function("abort", "ABOR", doc="Stop measuring; what is in memory stays (ABORt).")


class Multimeter34461A(TruevoltMultimeter):
    """Keysight (Agilent) 34461A: a multimeter of 6½ digits.

    Manual: Truevolt Series DMM Operating and Service Guide, 34460-90901; the commands are under their names in the
    section "SCPI Programming Reference".

    Interfaces: USB, LAN (VXI-11, HiSLIP, or a socket on port 5025), and GPIB as an option; replies end with a line
    feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. Each function keeps its own settings: ``dmm.dc_voltage.range``,
    ``dmm.four_wire_resistance.nplc``. It sources nothing that could do harm, so there is nothing to make safe.

    >>> import luthier
    >>> with luthier.open("keysight.34461a", "sim://", name="dmm") as dmm:
    ...     dmm.dc_voltage.nplc(1)
    ...     dmm.function("DC voltage")
    ...     round(dmm.voltage(), 3)
    1.0
    """

    simulator = "keysight.34461a"
    dc_current_class = TerminalsDcCurrent
    ac_current_class = TerminalsAcCurrent


class Multimeter34465A(TruevoltMultimeter):
    """Keysight 34465A: a multimeter of 6½ digits, with ranges down to 1 µA and up to 1 GΩ.

    Manual: Truevolt Series DMM Operating and Service Guide, 34460-90901; the commands are under their names in the
    section "SCPI Programming Reference".

    Interfaces: USB, LAN (VXI-11, HiSLIP, or a socket on port 5025), and GPIB as an option; replies end with a line
    feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. Each function keeps its own settings, as those of the 34461A do. It sources nothing that
    could do harm, so there is nothing to make safe. The integration times below 0.02 periods of the mains, which an
    option adds, and digitizing are left out.

    >>> import luthier
    >>> with luthier.open("keysight.34465a", "sim://", name="dmm") as dmm:
    ...     dmm.dc_current.range(1e-6)
    ...     dmm.function("resistance")
    ...     round(dmm.resistance())
    1000
    """

    simulator = "keysight.34465a"
    largest_trigger_count = 1_000_000_000
    largest_sample_count = 1_000_000_000
    dc_voltage_class = DcVoltage34465A
    dc_current_class = DcCurrent34465A
    ac_current_class = TerminalsAcCurrent
    resistance_class = Resistance34465A
    four_wire_class = FourWireResistance34465A
    temperature_class = Temperature34465A


class Multimeter34410A(TruevoltMultimeter):
    """Agilent (Keysight) 34410A: a multimeter of 6½ digits, before the Truevolt series.

    Manual: 34410A/11A/L4411A User's Guide, Edition 5, March 2012, of which parts were at hand, as a few pages of the
    Programmer's Reference. Null but for the period, and the ranges of AC current and capacitance, are not confirmed.

    Interfaces: USB, LAN (VXI-11, or a socket on port 5025), GPIB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. Each function keeps its own settings. It sources nothing that could do harm, so there is
    nothing to make safe.

    >>> import luthier
    >>> with luthier.open("keysight.34410a", "sim://", name="dmm") as dmm:
    ...     dmm.dc_voltage.nplc(0.006)
    ...     dmm.function("DC voltage")
    ...     round(dmm.voltage(), 3)
    1.0
    """

    simulator = "keysight.34410a"
    largest_sample_count = 50_000
    dc_voltage_class = DcVoltage34410A
    dc_current_class = DcCurrent34410A
    resistance_class = Resistance34410A
    four_wire_class = FourWireResistance34410A
    capacitance_class = Capacitance34410A
    frequency_class = Frequency34410A
    period_class = Period34410A
    temperature_class = Temperature34410A
