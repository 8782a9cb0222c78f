"""What the measuring functions of the SDM3045X and the SDM3065X have other than those of the SDM3055.

Sections: SDM3045X and SDM3065X Remote Manuals, "SENSe Subsystem".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import parameter
from luthier.scpi import parse_float
from luthier.validators import Enum

from luthier_siglent.sdm_functions import (
    AcCurrent,
    AcVoltage,
    Capacitance,
    DcCurrent,
    DcVoltage,
    FilteredDcCurrent,
    FilteredDcVoltage,
    FourWireResistance,
    Frequency,
    Period,
    Resistance,
    auto_zero_declaration,
    nplc_declaration,
    range_declaration,
)

if TYPE_CHECKING:
    from luthier.parameter import Declaration

__all__ = [
    "AcCurrent3045X",
    "AcCurrent3065X",
    "AcVoltage3045X",
    "AcVoltage3065X",
    "Capacitance3065X",
    "DcCurrent3045X",
    "DcCurrent3065X",
    "DcVoltage3045X",
    "DcVoltage3065X",
    "FourWireResistance3045X",
    "FourWireResistance3065X",
    "Frequency3045X",
    "Frequency3065X",
    "Period3045X",
    "Period3065X",
    "Resistance3045X",
    "Resistance3065X",
]

VOLTAGES_3045X = {0.6: "600MV", 6.0: "6V", 60.0: "60V", 600.0: "600V", 1000.0: "1000V"}
AC_VOLTAGES_3045X = {0.6: "600MV", 6.0: "6V", 60.0: "60V", 600.0: "600V", 750.0: "750V"}
CURRENTS_3045X = {6e-4: "600UA", 6e-3: "6MA", 0.06: "60MA", 0.6: "600MA", 6.0: "6A", 10.0: "10A"}
AC_CURRENTS_3045X = {0.06: "60MA", 0.6: "600MA", 6.0: "6A", 10.0: "10A"}
RESISTANCES_3045X = {
    600.0: "600OHM",
    6e3: "6KOHM",
    6e4: "60KOHM",
    6e5: "600KOHM",
    6e6: "6MOHM",
    6e7: "60MOHM",
    1e8: "100MOHM",
}
PERIODS_3065X = (0.005, 0.05, 0.5, 1.0, 10.0, 100.0)
CURRENTS_3065X = {2e-4: "200UA", 2e-3: "2MA", 0.02: "20MA", 0.2: "200MA", 2.0: "2A", 10.0: "10A"}
RESISTANCES_3065X = {
    200.0: "200OHM",
    2e3: "2KOHM",
    2e4: "20KOHM",
    2e5: "200KOHM",
    1e6: "1MOHM",
    1e7: "10MOHM",
    1e8: "100MOHM",
}
CAPACITANCES_3065X = {
    2e-9: "2NF",
    2e-8: "20NF",
    2e-7: "200NF",
    2e-6: "2UF",
    2e-5: "20UF",
    2e-4: "200UF",
    2e-3: "2MF",
    2e-2: "20MF",
    0.1: "100MF",
}


def _hertz(reply: str) -> str:
    """Return the word for a bandwidth that is answered with or without its unit."""
    return f"{parse_float(reply.strip().upper().removesuffix('HZ')):g}Hz"


def _bandwidth_declaration() -> Declaration[float]:
    return parameter(
        float,
        get_cmd="{header}:BAND?",
        set_cmd="{header}:BAND {}",
        unit="Hz",
        mapping={3.0: "3Hz", 20.0: "20Hz", 200.0: "200Hz"},
        get_parser=_hertz,
        doc="Lowest frequency in the signal; the lower, the slower (BANDwidth). What it is answered with is not "
        "confirmed: with and without its unit is understood.",
    )


def _gate_declaration() -> Declaration[float]:
    return parameter(
        float,
        get_cmd="{header}:APER?",
        set_cmd="{header}:APER {}",
        unit="s",
        validator=Enum(0.001, 0.01, 0.1, 1.0),
        doc="Gate time: for how long periods are counted (APERture).",
    )


class DcVoltage3045X(FilteredDcVoltage):
    """DC voltage of the SDM3045X."""

    range = range_declaration("V", VOLTAGES_3045X)


class AcVoltage3045X(AcVoltage):
    """AC voltage of the SDM3045X, root mean square."""

    range = range_declaration("V", AC_VOLTAGES_3045X)


class DcCurrent3045X(FilteredDcCurrent):
    """DC current of the SDM3045X."""

    range = range_declaration("A", CURRENTS_3045X)


class AcCurrent3045X(AcCurrent):
    """AC current of the SDM3045X, root mean square."""

    range = range_declaration("A", AC_CURRENTS_3045X)


class Resistance3045X(Resistance):
    """Resistance of the SDM3045X over two wires."""

    range = range_declaration("Ω", RESISTANCES_3045X)


class FourWireResistance3045X(FourWireResistance):
    """Resistance of the SDM3045X over four wires."""

    range = range_declaration("Ω", RESISTANCES_3045X)


class Frequency3045X(Frequency):
    """Frequency of a voltage of the SDM3045X, whose range is meant here."""

    range = range_declaration("V", AC_VOLTAGES_3045X, of="{header}:VOLT")


class Period3045X(Period):
    """Period of a voltage of the SDM3045X, whose range is meant here."""

    range = range_declaration("V", AC_VOLTAGES_3045X, of="{header}:VOLT")


class DcVoltage3065X(DcVoltage):
    """DC voltage of the SDM3065X."""

    nplc = nplc_declaration(*PERIODS_3065X)
    auto_zero = auto_zero_declaration()


class AcVoltage3065X(AcVoltage):
    """AC voltage of the SDM3065X, root mean square."""

    bandwidth = _bandwidth_declaration()


class DcCurrent3065X(DcCurrent):
    """DC current of the SDM3065X."""

    nplc = nplc_declaration(*PERIODS_3065X)
    auto_zero = auto_zero_declaration()


class AcCurrent3065X(AcCurrent):
    """AC current of the SDM3065X, root mean square."""

    range = range_declaration("A", CURRENTS_3065X)
    bandwidth = _bandwidth_declaration()


class Resistance3065X(Resistance):
    """Resistance of the SDM3065X over two wires."""

    range = range_declaration("Ω", RESISTANCES_3065X)
    nplc = nplc_declaration(*PERIODS_3065X)
    auto_zero = auto_zero_declaration()


class FourWireResistance3065X(Resistance3065X):
    """Resistance of the SDM3065X over four wires."""

    header = "FRES"


class Capacitance3065X(Capacitance):
    """Capacitance of the SDM3065X."""

    range = range_declaration("F", CAPACITANCES_3065X)


class Frequency3065X(Frequency):
    """Frequency of a voltage of the SDM3065X, whose range is meant here."""

    gate = _gate_declaration()


class Period3065X(Period):
    """Period of a voltage of the SDM3065X, whose range is meant here."""

    gate = _gate_declaration()
