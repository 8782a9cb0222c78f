"""The measuring functions of a DM3058, each with its range and speed.

Pages: DM3058/DM3058E Programming Guide, chapter 3, of which page 3-46 (:RATE) was at hand; the rest is known from a
project that retells the guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from luthier import Channel, parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.parameter import Declaration

__all__ = [
    "AcCurrent",
    "AcVoltage",
    "Capacitance",
    "DcCurrent",
    "DcVoltage",
    "FourWireResistance",
    "Frequency",
    "MeasuringFunction",
    "Period",
    "Resistance",
]

DC_VOLTAGES = {0.2: "0", 2.0: "1", 20.0: "2", 200.0: "3", 1000.0: "4"}
AC_VOLTAGES = {0.2: "0", 2.0: "1", 20.0: "2", 200.0: "3", 750.0: "4"}
DC_CURRENTS = {2e-4: "0", 2e-3: "1", 0.02: "2", 0.2: "3", 2.0: "4", 10.0: "5"}
AC_CURRENTS = {0.02: "0", 0.2: "1", 2.0: "2", 10.0: "3"}
RESISTANCES = {200.0: "0", 2e3: "1", 2e4: "2", 2e5: "3", 1e6: "4", 1e7: "5", 1e8: "6"}
CAPACITANCES = {2e-9: "0", 2e-8: "1", 2e-7: "2", 2e-6: "3", 2e-4: "4", 1e-2: "5"}


def _is_measured(channel: MeasuringFunction) -> bool:
    """Its function is measured: write it to function first."""
    return bool(channel.meter["function"].known_or_read() == channel.function_name)


def _range_declaration(unit: str, codes: Mapping[float, str]) -> Declaration[float]:
    return parameter(
        float,
        get_cmd="MEAS:{header}:RANG?",
        set_cmd="MEAS:{header} {}",
        unit=unit,
        mapping=codes,
        get_parser=str.strip,
        relevant_when=_is_measured,
        doc="Range, while its function is measured. Setting it ends automatic ranging of all functions (:MEASure).",
    )


def _speed_declaration() -> Declaration[str]:
    return parameter(
        str,
        get_cmd="RATE:{header}?",
        set_cmd="RATE:{header} {}",
        mapping={"fast": "F", "medium": "M", "slow": "S"},
        get_parser=str.strip,
        relevant_when=_is_measured,
        doc="123, 20 or 2.5 readings a second, while its function is measured (:RATE, page 3-46).",
    )


class MeasuringFunction(Channel):
    """What all functions have; ``header`` is how their commands go on."""

    header: ClassVar[str]
    function_name: ClassVar[str]

    def __init__(self, parent: Any, name: str) -> None:
        super().__init__(parent, name)
        self.meter = parent


class DcVoltage(MeasuringFunction):
    """DC voltage."""

    header = "VOLT:DC"
    function_name = "DC voltage"

    range = _range_declaration("V", DC_VOLTAGES)
    speed = _speed_declaration()
    high_impedance = parameter(
        bool,
        get_cmd="MEAS:VOLT:DC:IMP?",
        set_cmd="MEAS:VOLT:DC:IMP {}",
        mapping={True: "10G", False: "10M"},
        get_parser=str.strip,
        relevant_when=_is_measured,
        doc="More than 10 GΩ at the input on the ranges up to 2 V; otherwise 10 MΩ on all "
        "(:MEASure:VOLTage:DC:IMPedance).",
    )


class AcVoltage(MeasuringFunction):
    """AC voltage, root mean square."""

    header = "VOLT:AC"
    function_name = "AC voltage"

    range = _range_declaration("V", AC_VOLTAGES)
    speed = _speed_declaration()


class DcCurrent(MeasuringFunction):
    """DC current."""

    header = "CURR:DC"
    function_name = "DC current"

    range = _range_declaration("A", DC_CURRENTS)
    speed = _speed_declaration()


class AcCurrent(MeasuringFunction):
    """AC current, root mean square."""

    header = "CURR:AC"
    function_name = "AC current"

    range = _range_declaration("A", AC_CURRENTS)
    speed = _speed_declaration()


class Resistance(MeasuringFunction):
    """Resistance over two wires."""

    header = "RES"
    function_name = "resistance"

    range = _range_declaration("Ω", RESISTANCES)
    speed = _speed_declaration()


class FourWireResistance(Resistance):
    """Resistance over four wires."""

    header = "FRES"
    function_name = "four-wire resistance"


class Capacitance(MeasuringFunction):
    """Capacitance."""

    header = "CAP"
    function_name = "capacitance"

    range = _range_declaration("F", CAPACITANCES)


class Frequency(MeasuringFunction):
    """Frequency of a voltage, whose range is meant here."""

    header = "FREQ"
    function_name = "frequency"

    range = _range_declaration("V", AC_VOLTAGES)


class Period(Frequency):
    """Period of a voltage, whose range is meant here."""

    header = "PER"
    function_name = "period"
