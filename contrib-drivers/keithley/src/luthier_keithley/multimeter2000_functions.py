"""The measuring functions of a 2000, each with the settings that it keeps for itself.

Sections: Model 2000 Multimeter User's Manual, 2000-900-01 Rev. J, August 2010, section 5, [SENSe[1]] subsystem.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import Channel, parameter
from luthier.scpi import parse_float
from luthier.validators import Enum, Ints, Numbers

from luthier_keithley.averaging import averaging_count_declaration, averaging_type_declaration

if TYPE_CHECKING:
    from luthier.parameter import Declaration

__all__ = ["AcCurrent", "AcVoltage", "DcCurrent", "DcVoltage", "FourWireResistance", "Resistance", "Temperature"]

RESISTANCE_RANGES = (100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8)
SPARE = 1.05  # the instrument may answer with the largest reading of a range, such as 757.5 V for 750 V (page 5-41)

auto_range_declaration = parameter(
    bool,
    get_cmd="{header}:RANG:AUTO?",
    set_cmd="{header}:RANG:AUTO {}",
    depends_on=("range",),
    doc="The range goes up at 120 % of it, and down at 10 % (page 3-3; [SENSe[1]] subsystem, RANGe commands).",
)


def _range_declaration(unit: str, ranges: tuple[float, ...], spare: str) -> Declaration[float]:
    def nominal(reply: str) -> float:
        answered = parse_float(reply)
        return next((one for one in ranges if answered <= one * SPARE), answered)

    return parameter(
        float,
        get_cmd="{header}:RANG?",
        set_cmd="{header}:RANG {}",
        unit=unit,
        validator=Enum(*ranges),
        get_parser=nominal,
        depends_on=("auto_range",),
        doc=f"Range, with {spare}. Setting it ends automatic ranging (pages 5-41 and 3-3).",
    )


class MeasuringFunction(Channel):
    """What all functions with settings of their own have; ``header`` is how their commands begin."""

    header = ""

    nplc = parameter(
        float,
        get_cmd="{header}:NPLC?",
        set_cmd="{header}:NPLC {}",
        unit="",
        validator=Numbers(0.01, 10),
        doc="Integration time in periods of the mains ([SENSe[1]] subsystem, NPLCycles).",
    )
    digits = parameter(
        int,
        get_cmd="{header}:DIG?",
        set_cmd="{header}:DIG {}",
        validator=Ints(4, 7),
        doc="Digits on the display: 4 means 3½, 7 means 6½ ([SENSe[1]] subsystem, DIGits).",
    )
    averaging_type = averaging_type_declaration("{header}:AVER", "page 5-46")
    averaging_count = averaging_count_declaration("{header}:AVER", "[SENSe[1]] subsystem, AVERage commands")
    averaging = parameter(
        bool,
        get_cmd="{header}:AVER:STAT?",
        set_cmd="{header}:AVER:STAT {}",
        doc="Whether readings are averaged (page 5-46).",
    )


class Temperature(MeasuringFunction):
    """Temperature, with a thermocouple."""

    header = "TEMP"


class DcVoltage(MeasuringFunction):
    """DC voltage."""

    header = "VOLT:DC"

    range = _range_declaration("V", (0.1, 1.0, 10.0, 100.0, 1000.0), "20 % to spare except on 1000 V")
    auto_range = auto_range_declaration


class AcVoltage(MeasuringFunction):
    """AC voltage, root mean square."""

    header = "VOLT:AC"

    range = _range_declaration("V", (0.1, 1.0, 10.0, 100.0, 750.0), "20 % to spare except on 750 V")
    auto_range = auto_range_declaration
    bandwidth = parameter(
        float,
        get_cmd="{header}:DET:BAND?",
        set_cmd="{header}:DET:BAND {}",
        unit="Hz",
        validator=Numbers(3, 300e3),
        doc="Lowest frequency in the signal; the instrument takes 3, 30 or 300 Hz, whichever is next below it "
        "([SENSe[1]] subsystem, DETector:BANDwidth).",
    )


class DcCurrent(MeasuringFunction):
    """DC current."""

    header = "CURR:DC"

    range = _range_declaration("A", (0.01, 0.1, 1.0, 3.0), "20 % to spare except on 3 A")
    auto_range = auto_range_declaration


class AcCurrent(MeasuringFunction):
    """AC current, root mean square."""

    header = "CURR:AC"

    range = _range_declaration("A", (1.0, 3.0), "20 % to spare except on 3 A")
    auto_range = auto_range_declaration
    bandwidth = AcVoltage.bandwidth


class Resistance(MeasuringFunction):
    """Resistance over two wires."""

    header = "RES"

    range = _range_declaration("Ω", RESISTANCE_RANGES, "20 % to spare")
    auto_range = auto_range_declaration


class FourWireResistance(Resistance):
    """Resistance over four wires."""

    header = "FRES"
