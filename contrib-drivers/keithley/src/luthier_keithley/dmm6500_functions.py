"""The measuring functions of a DMM6500, each with the settings that it keeps for itself.

Sources: see :mod:`luthier_keithley.dmm6500`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import Channel, parameter
from luthier.validators import Enum, Numbers

from luthier_keithley.averaging import averaging_count_declaration, averaging_type_declaration

if TYPE_CHECKING:
    from luthier.parameter import Declaration

__all__ = ["AcCurrent", "AcVoltage", "DcCurrent", "DcVoltage", "FourWireResistance", "Resistance"]

RESISTANCES = (10.0, 100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8)


def _range(unit: str, *ranges: float) -> Declaration[float]:
    return parameter(
        float,
        get_cmd="SENS:{header}:RANG?",
        set_cmd="SENS:{header}:RANG {}",
        unit=unit,
        validator=Enum(*ranges),
        depends_on=("auto_range",),
        doc="Range. Setting it ends automatic ranging (SENSe:<function>:RANGe).",
    )


class MeasuringFunction(Channel):
    """What all of them have; ``header`` is in their commands."""

    header = ""

    auto_range = parameter(
        bool,
        get_cmd="SENS:{header}:RANG:AUTO?",
        set_cmd="SENS:{header}:RANG:AUTO {}",
        depends_on=("range",),
        doc="The instrument chooses the range (SENSe:<function>:RANGe:AUTO).",
    )
    averaging_type = averaging_type_declaration("SENS:{header}:AVER", "SENSe:<function>:AVERage:TCONtrol").replace(
        get_parser=lambda reply: reply.strip().upper()[:3]
    )
    averaging_count = averaging_count_declaration("SENS:{header}:AVER", "SENSe:<function>:AVERage:COUNt")
    averaging = parameter(
        bool,
        get_cmd="SENS:{header}:AVER:STAT?",
        set_cmd="SENS:{header}:AVER:STAT {}",
        doc="Whether readings are averaged (SENSe:<function>:AVERage:STATe).",
    )
    offset = parameter(
        float,
        get_cmd="SENS:{header}:REL?",
        set_cmd="SENS:{header}:REL {}",
        unit="",
        doc="What is subtracted from readings while relative is on, in the unit of the function "
        "(SENSe:<function>:RELative).",
    )
    relative = parameter(
        bool,
        get_cmd="SENS:{header}:REL:STAT?",
        set_cmd="SENS:{header}:REL:STAT {}",
        doc="Whether the offset is subtracted (SENSe:<function>:RELative:STATe).",
    )


class _Direct(MeasuringFunction):
    """What those without alternating signals have."""

    nplc = parameter(
        float,
        get_cmd="SENS:{header}:NPLC?",
        set_cmd="SENS:{header}:NPLC {}",
        unit="",
        validator=Numbers(0.0005, 15),
        doc="Integration time in periods of the mains; up to 12 at 50 Hz (SENSe:<function>:NPLCycles, page 13-108).",
    )
    auto_zero = parameter(
        bool,
        get_cmd="SENS:{header}:AZER?",
        set_cmd="SENS:{header}:AZER {}",
        doc="Whether zero and reference are measured with each reading (SENSe:<function>:AZERo).",
    )


class _Alternating(MeasuringFunction):
    """What those with alternating signals have."""

    bandwidth = parameter(
        int,
        get_cmd="SENS:{header}:DET:BAND?",
        set_cmd="SENS:{header}:DET:BAND {}",
        unit="Hz",
        validator=Enum(3, 30, 300),
        doc="Lowest frequency in the signal (SENSe:<function>:DETector:BANDwidth, page 13-105).",
    )


class DcVoltage(_Direct):
    """DC voltage."""

    header = "VOLT"

    range = _range("V", 0.1, 1.0, 10.0, 100.0, 1000.0)


class AcVoltage(_Alternating):
    """AC voltage, root mean square."""

    header = "VOLT:AC"

    range = _range("V", 0.1, 1.0, 10.0, 100.0, 750.0)


class DcCurrent(_Direct):
    """DC current; 10 A on the rear terminals."""

    header = "CURR"

    range = _range("A", 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0)


class AcCurrent(_Alternating):
    """AC current, root mean square; 10 A on the rear terminals."""

    header = "CURR:AC"

    range = _range("A", 1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0)


class Resistance(_Direct):
    """Resistance over two wires."""

    header = "RES"

    range = _range("Ω", *RESISTANCES)


class FourWireResistance(_Direct):
    """Resistance over four wires; with offset compensation, which this driver leaves as it is, up to 10 kΩ."""

    header = "FRES"

    range = _range("Ω", 1.0, *RESISTANCES)
