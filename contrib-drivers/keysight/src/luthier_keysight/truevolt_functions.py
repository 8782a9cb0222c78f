"""The measuring functions of a Truevolt multimeter, each with the settings that it keeps for itself.

Sections: Truevolt Series DMM Operating and Service Guide, 34460-90901, "SCPI Programming Reference", SENSe subsystem;
editions differ in their pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import Channel, parameter
from luthier.validators import Enum

if TYPE_CHECKING:
    from luthier.parameter import Declaration

__all__ = [
    "AcCurrent",
    "AcVoltage",
    "Capacitance",
    "DcCurrent",
    "DcVoltage",
    "FourWireResistance",
    "Frequency",
    "Period",
    "Resistance",
    "Temperature",
]

VOLTAGE_RANGES = (0.1, 1.0, 10.0, 100.0, 1000.0)
CURRENT_RANGES = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0)
RESISTANCE_RANGES = (100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8)
CAPACITANCE_RANGES = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4)


def _range(unit: str, ranges: tuple[float, ...], more: str = "", *, of: str = "{header}") -> Declaration[float]:
    return parameter(
        float,
        get_cmd=f"{of}:RANG?",
        set_cmd=f"{of}:RANG {{}}",
        unit=unit,
        validator=Enum(*ranges),
        depends_on=("auto_range",),
        doc=f"Range{more}. Setting it ends automatic ranging (RANGe).",
    )


def _auto_range(*, of: str = "{header}") -> Declaration[bool]:
    return parameter(
        bool,
        get_cmd=f"{of}:RANG:AUTO?",
        set_cmd=f"{of}:RANG:AUTO {{}}",
        depends_on=("range",),
        doc="The range goes up at 120 % of it, and down at 10 % (RANGe:AUTO).",
    )


def _null_value(unit: str) -> Declaration[float]:
    return parameter(
        float,
        get_cmd="{header}:NULL:VAL?",
        set_cmd="{header}:NULL:VAL {}",
        unit=unit,
        doc="What is subtracted from each reading while null is on (NULL:VALue).",
    )


def _bandwidth() -> Declaration[float]:
    return parameter(
        float,
        get_cmd="{header}:BAND?",
        set_cmd="{header}:BAND {}",
        unit="Hz",
        validator=Enum(3.0, 20.0, 200.0),
        doc="Lowest frequency in the signal; the lower, the slower (BANDwidth).",
    )


def _terminals() -> Declaration[int]:
    return parameter(
        int,
        get_cmd="{header}:TERM?",
        set_cmd="{header}:TERM {}",
        unit="A",
        validator=Enum(3, 10),
        doc="Which terminals: those for 3 A, or those for 10 A, which have one range (TERMinals).",
    )


nplc_declaration = parameter(
    float,
    get_cmd="{header}:NPLC?",
    set_cmd="{header}:NPLC {}",
    unit="",
    validator=Enum(0.02, 0.2, 1.0, 10.0, 100.0),
    doc="Integration time in periods of the mains; 1 and more reject its noise (NPLC).",
)
auto_zero_declaration = parameter(
    bool,
    get_cmd="{header}:ZERO:AUTO?",
    set_cmd="{header}:ZERO:AUTO {}",
    doc="Whether the zero is measured with each reading, which doubles its time (ZERO:AUTO).",
)
gate_declaration = parameter(
    float,
    get_cmd="{header}:APER?",
    set_cmd="{header}:APER {}",
    unit="s",
    validator=Enum(0.01, 0.1, 1.0),
    doc="Gate time: for how long periods are counted (APERture).",
)


class MeasuringFunction(Channel):
    """What all functions have; ``header`` is how their commands begin."""

    header = ""

    null = parameter(
        bool,
        get_cmd="{header}:NULL?",
        set_cmd="{header}:NULL {}",
        doc="Whether null_value is subtracted from each reading (NULL).",
    )


class DcVoltage(MeasuringFunction):
    """DC voltage."""

    header = "VOLT:DC"

    range = _range("V", VOLTAGE_RANGES)
    auto_range = _auto_range()
    nplc = nplc_declaration
    auto_zero = auto_zero_declaration
    null_value = _null_value("V")
    high_impedance = parameter(
        bool,
        get_cmd="{header}:IMP:AUTO?",
        set_cmd="{header}:IMP:AUTO {}",
        doc="More than 10 GΩ at the input on the ranges up to 10 V; otherwise 10 MΩ on all (IMPedance:AUTO).",
    )


class AcVoltage(MeasuringFunction):
    """AC voltage, root mean square."""

    header = "VOLT:AC"

    range = _range("V", VOLTAGE_RANGES, "; at most 750 V on the last")
    auto_range = _auto_range()
    bandwidth = _bandwidth()
    null_value = _null_value("V")


class DcCurrent(MeasuringFunction):
    """DC current."""

    header = "CURR:DC"

    terminals = _terminals()
    range = _range("A", CURRENT_RANGES, "; 10 A only on the terminals for it")
    auto_range = _auto_range()
    nplc = nplc_declaration
    auto_zero = auto_zero_declaration
    null_value = _null_value("A")


class AcCurrent(MeasuringFunction):
    """AC current, root mean square."""

    header = "CURR:AC"

    terminals = _terminals()
    range = _range("A", CURRENT_RANGES, "; 10 A only on the terminals for it")
    auto_range = _auto_range()
    bandwidth = _bandwidth()
    null_value = _null_value("A")


class FourWireResistance(MeasuringFunction):
    """Resistance over four wires; the zero is always measured."""

    header = "FRES"

    range = _range("Ω", RESISTANCE_RANGES)
    auto_range = _auto_range()
    nplc = nplc_declaration
    null_value = _null_value("Ω")


class Resistance(FourWireResistance):
    """Resistance over two wires."""

    header = "RES"

    auto_zero = auto_zero_declaration


class Capacitance(MeasuringFunction):
    """Capacitance."""

    header = "CAP"

    range = _range("F", CAPACITANCE_RANGES)
    auto_range = _auto_range()
    null_value = _null_value("F")


class Frequency(MeasuringFunction):
    """Frequency of a voltage, whose range is meant here."""

    header = "FREQ"

    range = _range("V", VOLTAGE_RANGES, of="{header}:VOLT")
    auto_range = _auto_range(of="{header}:VOLT")
    gate = gate_declaration
    null_value = _null_value("Hz")


class Period(Frequency):
    """Period of a voltage, whose range is meant here."""

    header = "PER"

    null_value = _null_value("s")


class Temperature(MeasuringFunction):
    """Temperature, with a resistance thermometer or a thermistor."""

    header = "TEMP"

    nplc = nplc_declaration
    auto_zero = auto_zero_declaration
    null_value = _null_value("°C")
