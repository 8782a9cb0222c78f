"""What the measuring functions of the 34465A and the 34410A have other than those of the 34461A.

34465A: Truevolt Series DMM Operating and Service Guide, 34460-90901, "SCPI Programming Reference"; its ranges as an IVI
driver in Go has them, its integration times as QCoDeS 0.58 has them.

34410A: integration and gate times from page 55 of the 34410A/11A User's Guide and of its fifth edition, the zero from
page 56 of that, ranging from page 58; ranges of DC and resistance as a driver in Tcl has them. Those of AC current and
capacitance are not confirmed.
"""

from __future__ import annotations

from luthier_keysight.truevolt_functions import (
    CURRENT_RANGES,
    RESISTANCE_RANGES,
    TERMINALS,
    Capacitance,
    DcCurrent,
    DcVoltage,
    FourWireResistance,
    Frequency,
    Period,
    Resistance,
    Temperature,
    TerminalsDcCurrent,
    gate_declaration,
    nplc_declaration,
    range_declaration,
)

__all__ = [
    "Capacitance34410A",
    "DcCurrent34410A",
    "DcCurrent34465A",
    "DcVoltage34410A",
    "DcVoltage34465A",
    "FourWireResistance34410A",
    "FourWireResistance34465A",
    "Frequency34410A",
    "Period34410A",
    "Resistance34410A",
    "Resistance34465A",
    "Temperature34410A",
    "Temperature34465A",
]

PERIODS_34465A = (0.02, 0.06, 0.2, 1.0, 10.0, 100.0)
PERIODS_34410A = (0.006, 0.02, 0.06, 0.2, 1.0, 2.0, 10.0, 100.0)
GATES_34410A = (0.001, 0.01, 0.1, 1.0)
UP_TO_GIGAOHM = (*RESISTANCE_RANGES, 1e9)
FROM_MICROAMPERE = (1e-6, 1e-5, *CURRENT_RANGES)


class DcVoltage34465A(DcVoltage):
    """DC voltage."""

    nplc = nplc_declaration(*PERIODS_34465A)


class DcCurrent34465A(TerminalsDcCurrent):
    """DC current."""

    range = range_declaration("A", FROM_MICROAMPERE, TERMINALS)
    nplc = nplc_declaration(*PERIODS_34465A)


class FourWireResistance34465A(FourWireResistance):
    """Resistance over four wires; the zero is always measured."""

    range = range_declaration("Ω", UP_TO_GIGAOHM)
    nplc = nplc_declaration(*PERIODS_34465A)


class Resistance34465A(Resistance):
    """Resistance over two wires."""

    range = range_declaration("Ω", UP_TO_GIGAOHM)
    nplc = nplc_declaration(*PERIODS_34465A)


class Temperature34465A(Temperature):
    """Temperature, with a resistance thermometer or a thermistor."""

    nplc = nplc_declaration(*PERIODS_34465A)


class DcVoltage34410A(DcVoltage):
    """DC voltage."""

    nplc = nplc_declaration(*PERIODS_34410A)


class DcCurrent34410A(DcCurrent):
    """DC current."""

    nplc = nplc_declaration(*PERIODS_34410A)


class FourWireResistance34410A(FourWireResistance):
    """Resistance over four wires; the zero is always measured."""

    range = range_declaration("Ω", UP_TO_GIGAOHM)
    nplc = nplc_declaration(*PERIODS_34410A)


class Resistance34410A(Resistance):
    """Resistance over two wires."""

    range = range_declaration("Ω", UP_TO_GIGAOHM)
    nplc = nplc_declaration(*PERIODS_34410A)


class Capacitance34410A(Capacitance):
    """Capacitance."""

    range = range_declaration("F", (1e-9, 1e-8, 1e-7, 1e-6, 1e-5), "; which there are on this model is not confirmed")


class Frequency34410A(Frequency):
    """Frequency of a voltage, whose range is meant here."""

    gate = gate_declaration(*GATES_34410A)


class Period34410A(Period):
    """Period of a voltage, whose range is meant here."""

    gate = gate_declaration(*GATES_34410A)


class Temperature34410A(Temperature):
    """Temperature, with a resistance thermometer or a thermistor."""

    nplc = nplc_declaration(*PERIODS_34410A)
