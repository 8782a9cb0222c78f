"""The measuring functions of an SDM multimeter, each with the settings that it keeps for itself; ranges of the SDM3055.

Sections: SDM3045X, SDM3055 and SDM3065X Remote Manuals, "SENSe Subsystem". A range is set by a word (``200MV``) and
read as a number (``+2.00000000E-01``), as a project that was tried with an SDM3055 found.
"""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING

from luthier import Channel, parameter
from luthier.errors import ReplyError
from luthier.scpi import parse_float
from luthier.validators import Enum, Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luthier.parameter import Declaration

__all__ = [
    "AC_VOLTAGES",
    "AcCurrent",
    "AcVoltage",
    "Capacitance",
    "DcCurrent",
    "DcVoltage",
    "FilteredDcCurrent",
    "FilteredDcVoltage",
    "FourWireResistance",
    "Frequency",
    "MeasuringFunction",
    "Period",
    "Resistance",
    "Temperature",
    "nplc_declaration",
    "range_declaration",
]

VOLTAGES = {0.2: "200MV", 2.0: "2V", 20.0: "20V", 200.0: "200V", 1000.0: "1000V"}
AC_VOLTAGES = {0.2: "200MV", 2.0: "2V", 20.0: "20V", 200.0: "200V", 750.0: "750V"}
CURRENTS = {2e-4: "200UA", 2e-3: "2MA", 0.02: "20MA", 0.2: "200MA", 2.0: "2A", 10.0: "10A"}
AC_CURRENTS = {0.02: "20MA", 0.2: "200MA", 2.0: "2A", 10.0: "10A"}
RESISTANCES = {
    200.0: "200OHM",
    2e3: "2KOHM",
    2e4: "20KOHM",
    2e5: "200KOHM",
    2e6: "2MOHM",
    1e7: "10MOHM",
    1e8: "100MOHM",
}
CAPACITANCES = {
    2e-9: "2NF",
    2e-8: "20NF",
    2e-7: "200NF",
    2e-6: "2UF",
    2e-5: "20UF",
    2e-4: "200UF",
    1e-2: "10000UF",
}
PERIODS = (0.3, 1.0, 10.0)


def _word(words: Mapping[float, str]) -> Callable[[str], str]:
    """Return a parser that gives the word for a range that is answered as a number."""

    def parse(reply: str) -> str:
        number = parse_float(reply)
        for value, word in words.items():
            if isclose(number, value, rel_tol=1e-6):
                return word
        raise ReplyError(
            f"the reply {reply!r} is none of the ranges",
            reply=reply,
            expected=", ".join(f"{value:g}" for value in words),
            advice="Perhaps the instrument is another model: see its identity.",
        )

    return parse


def range_declaration(unit: str, words: Mapping[float, str], *, of: str = "{header}") -> Declaration[float]:
    """Return the range of a function: ``words`` are what is sent for each."""
    return parameter(
        float,
        get_cmd=f"{of}:RANG?",
        set_cmd=f"{of}:RANG {{}}",
        unit=unit,
        mapping=words,
        get_parser=_word(words),
        depends_on=("auto_range",),
        doc="Range. Setting it ends automatic ranging (RANGe).",
    )


def auto_range_declaration(*, of: str = "{header}") -> Declaration[bool]:
    """Return the automatic ranging of a function."""
    return parameter(
        bool,
        get_cmd=f"{of}:RANG:AUTO?",
        set_cmd=f"{of}:RANG:AUTO {{}}",
        set_parser=_on_or_off,
        depends_on=("range",),
        doc="The instrument chooses the range (RANGe:AUTO).",
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


def null_value_declaration(unit: str, largest: float) -> Declaration[float]:
    """Return the null value of a function."""
    return parameter(
        float,
        get_cmd="{header}:NULL:VAL?",
        set_cmd="{header}:NULL:VAL {}",
        unit=unit,
        validator=Numbers(-largest, largest),
        depends_on=("auto_null",),
        doc="What is subtracted from each reading while null is on. Setting it ends auto_null (NULL:VALue).",
    )


def auto_zero_declaration() -> Declaration[bool]:
    """Return the automatic zero of a function, which the SDM3065X has."""
    return parameter(
        bool,
        get_cmd="{header}:AZ?",
        set_cmd="{header}:AZ {}",
        doc="Whether the zero is measured with each reading (AZ).",
    )


def _filter_declaration() -> Declaration[bool]:
    return parameter(
        bool,
        get_cmd="{header}:FILT?",
        set_cmd="{header}:FILT {}",
        doc="Whether the filter against AC in the signal is on (FILTer).",
    )


def _on_or_off(on: bool) -> str:
    return "ON" if on else "OFF"


class MeasuringFunction(Channel):
    """What all functions have; ``header`` is how their commands begin."""

    header = ""

    auto_null = parameter(
        bool,
        get_cmd="{header}:NULL:VAL:AUTO?",
        set_cmd="{header}:NULL:VAL:AUTO {}",
        doc="Whether the next reading becomes the null value (NULL:VALue:AUTO).",
    )
    null = parameter(
        bool,
        get_cmd="{header}:NULL?",
        set_cmd="{header}:NULL {}",
        doc="Whether null_value is subtracted from each reading (NULL).",
    )


class DcVoltage(MeasuringFunction):
    """DC voltage."""

    header = "VOLT:DC"

    range = range_declaration("V", VOLTAGES)
    auto_range = auto_range_declaration()
    nplc = nplc_declaration(*PERIODS)
    null_value = null_value_declaration("V", 1200.0)
    high_impedance = parameter(
        bool,
        get_cmd="{header}:IMP?",
        set_cmd="{header}:IMP {}",
        mapping={True: "10G", False: "10M"},
        doc="10 GΩ at the input on the small ranges (SDM3045X: 0.6 V; SDM3055: up to 2 V; SDM3065X: up to 20 V); "
        "otherwise 10 MΩ on all (IMPedance).",
    )


class FilteredDcVoltage(DcVoltage):
    """DC voltage, with a filter."""

    filter = _filter_declaration()


class AcVoltage(MeasuringFunction):
    """AC voltage, root mean square."""

    header = "VOLT:AC"

    range = range_declaration("V", AC_VOLTAGES)
    auto_range = auto_range_declaration()
    null_value = null_value_declaration("V", 1200.0)


class DcCurrent(MeasuringFunction):
    """DC current."""

    header = "CURR:DC"

    range = range_declaration("A", CURRENTS)
    auto_range = auto_range_declaration()
    nplc = nplc_declaration(*PERIODS)
    null_value = null_value_declaration("A", 11.0)


class FilteredDcCurrent(DcCurrent):
    """DC current, with a filter."""

    filter = _filter_declaration()


class AcCurrent(MeasuringFunction):
    """AC current, root mean square."""

    header = "CURR:AC"

    range = range_declaration("A", AC_CURRENTS)
    auto_range = auto_range_declaration()
    null_value = null_value_declaration("A", 11.0)


class Resistance(MeasuringFunction):
    """Resistance over two wires."""

    header = "RES"

    range = range_declaration("Ω", RESISTANCES)
    auto_range = auto_range_declaration()
    nplc = nplc_declaration(*PERIODS)
    null_value = null_value_declaration("Ω", 110e6)


class FourWireResistance(Resistance):
    """Resistance over four wires."""

    header = "FRES"


class Capacitance(MeasuringFunction):
    """Capacitance."""

    header = "CAP"

    range = range_declaration("F", CAPACITANCES)
    auto_range = auto_range_declaration()
    null_value = null_value_declaration("F", 12e-3)


class Frequency(MeasuringFunction):
    """Frequency of a voltage, whose range is meant here."""

    header = "FREQ"

    range = range_declaration("V", AC_VOLTAGES, of="{header}:VOLT")
    auto_range = auto_range_declaration(of="{header}:VOLT")
    null_value = null_value_declaration("Hz", 1.2e6)


class Period(Frequency):
    """Period of a voltage, whose range is meant here."""

    header = "PER"

    null_value = null_value_declaration("s", 1.2e6)


class Temperature(MeasuringFunction):
    """Temperature, by the sensor that was chosen at the front."""

    header = "TEMP"

    null_value = null_value_declaration("", 1e15)
