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
    "CURRENT_RANGES",
    "RESISTANCE_RANGES",
    "TERMINALS",
    "VOLTAGE_RANGES",
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
    "TerminalsAcCurrent",
    "TerminalsDcCurrent",
    "auto_range_declaration",
    "gate_declaration",
    "nplc_declaration",
    "range_declaration",
]

VOLTAGE_RANGES = (0.1, 1.0, 10.0, 100.0, 1000.0)
CURRENT_RANGES = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0)
TERMINALS = " on the terminals for 3 A; those for 10 A have one, which this neither selects nor says"
RESISTANCE_RANGES = (100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8)
PERIODS = (0.02, 0.2, 1.0, 10.0, 100.0)
GATES = (0.01, 0.1, 1.0)
CAPACITANCE_RANGES = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4)


def range_declaration(
    unit: str, ranges: tuple[float, ...], more: str = "", *, of: str = "{header}"
) -> Declaration[float]:
    """Return the range of a function."""
    return parameter(
        float,
        get_cmd=f"{of}:RANG?",
        set_cmd=f"{of}:RANG {{}}",
        unit=unit,
        validator=Enum(*ranges),
        depends_on=("auto_range",),
        doc=f"Range{more}. Setting it ends automatic ranging (RANGe).",
    )


def auto_range_declaration(*, of: str = "{header}") -> Declaration[bool]:
    """Return the automatic ranging of a function."""
    return parameter(
        bool,
        get_cmd=f"{of}:RANG:AUTO?",
        set_cmd=f"{of}:RANG:AUTO {{}}",
        depends_on=("range",),
        doc="The range goes up at 120 % of it, and down at 10 % (RANGe:AUTO).",
    )


def null_value_declaration(unit: str) -> Declaration[float]:
    """Return the null value of a function."""
    return parameter(
        float,
        get_cmd="{header}:NULL:VAL?",
        set_cmd="{header}:NULL:VAL {}",
        unit=unit,
        doc="What is subtracted from each reading while null is on (NULL:VALue).",
    )


def bandwidth_declaration() -> Declaration[float]:
    """Return the bandwidth of an AC function."""
    return parameter(
        float,
        get_cmd="{header}:BAND?",
        set_cmd="{header}:BAND {}",
        unit="Hz",
        validator=Enum(3.0, 20.0, 200.0),
        doc="Lowest frequency in the signal; the lower, the slower (BANDwidth).",
    )


def terminals_declaration() -> Declaration[int]:
    """Return the terminals of a current."""
    return parameter(
        int,
        get_cmd="{header}:TERM?",
        set_cmd="{header}:TERM {}",
        unit="A",
        validator=Enum(3, 10),
        doc="Which terminals: those for 3 A, or those for 10 A, which have one range (TERMinals).",
    )


def nplc_declaration(*periods: float) -> Declaration[float]:
    """Return the integration time of a function."""
    return parameter(
        float,
        get_cmd="{header}:NPLC?",
        set_cmd="{header}:NPLC {}",
        unit="",
        validator=Enum(*periods),
        doc="Integration time in periods of the mains; 1 and more reject its noise (NPLC).",
    )


def gate_declaration(*seconds: float) -> Declaration[float]:
    """Return the gate time of a counter."""
    return parameter(
        float,
        get_cmd="{header}:APER?",
        set_cmd="{header}:APER {}",
        unit="s",
        validator=Enum(*seconds),
        doc="Gate time: for how long periods are counted (APERture).",
    )


auto_zero_declaration = parameter(
    bool,
    get_cmd="{header}:ZERO:AUTO?",
    set_cmd="{header}:ZERO:AUTO {}",
    doc="Whether the zero is measured with each reading, which doubles its time (ZERO:AUTO).",
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

    range = range_declaration("V", VOLTAGE_RANGES)
    auto_range = auto_range_declaration()
    nplc = nplc_declaration(*PERIODS)
    auto_zero = auto_zero_declaration
    null_value = null_value_declaration("V")
    high_impedance = parameter(
        bool,
        get_cmd="{header}:IMP:AUTO?",
        set_cmd="{header}:IMP:AUTO {}",
        doc="More than 10 GΩ at the input on the ranges up to 10 V; otherwise 10 MΩ on all (IMPedance:AUTO).",
    )


class AcVoltage(MeasuringFunction):
    """AC voltage, root mean square."""

    header = "VOLT:AC"

    range = range_declaration("V", VOLTAGE_RANGES, "; at most 750 V on the last")
    auto_range = auto_range_declaration()
    bandwidth = bandwidth_declaration()
    null_value = null_value_declaration("V")


class DcCurrent(MeasuringFunction):
    """DC current."""

    header = "CURR:DC"

    range = range_declaration("A", CURRENT_RANGES)
    auto_range = auto_range_declaration()
    nplc = nplc_declaration(*PERIODS)
    auto_zero = auto_zero_declaration
    null_value = null_value_declaration("A")


class AcCurrent(MeasuringFunction):
    """AC current, root mean square."""

    header = "CURR:AC"

    range = range_declaration("A", CURRENT_RANGES)
    auto_range = auto_range_declaration()
    bandwidth = bandwidth_declaration()
    null_value = null_value_declaration("A")


class TerminalsDcCurrent(DcCurrent):
    """DC current of a model with terminals for 10 A."""

    terminals = terminals_declaration()
    range = range_declaration("A", CURRENT_RANGES, TERMINALS)


class TerminalsAcCurrent(AcCurrent):
    """AC current of a model with terminals for 10 A."""

    terminals = terminals_declaration()
    range = range_declaration("A", CURRENT_RANGES, TERMINALS)


class FourWireResistance(MeasuringFunction):
    """Resistance over four wires; the zero is always measured."""

    header = "FRES"

    range = range_declaration("Ω", RESISTANCE_RANGES)
    auto_range = auto_range_declaration()
    nplc = nplc_declaration(*PERIODS)
    null_value = null_value_declaration("Ω")


class Resistance(FourWireResistance):
    """Resistance over two wires."""

    header = "RES"

    auto_zero = auto_zero_declaration


class Capacitance(MeasuringFunction):
    """Capacitance."""

    header = "CAP"

    range = range_declaration("F", CAPACITANCE_RANGES)
    auto_range = auto_range_declaration()
    null_value = null_value_declaration("F")


class Frequency(MeasuringFunction):
    """Frequency of a voltage, whose range is meant here."""

    header = "FREQ"

    range = range_declaration("V", VOLTAGE_RANGES, of="{header}:VOLT")
    auto_range = auto_range_declaration(of="{header}:VOLT")
    gate = gate_declaration(*GATES)
    null_value = null_value_declaration("Hz")


class Period(Frequency):
    """Period of a voltage, whose range is meant here."""

    header = "PER"

    null_value = null_value_declaration("s")


class Temperature(MeasuringFunction):
    """Temperature, with a resistance thermometer or a thermistor."""

    header = "TEMP"

    nplc = nplc_declaration(*PERIODS)
    auto_zero = auto_zero_declaration
    null_value = null_value_declaration("°C")
