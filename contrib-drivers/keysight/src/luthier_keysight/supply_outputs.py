"""What the outputs of several series of supplies declare alike; each class puts it where its order has it.

A snapshot is restored in the order of declaration, and a base class would put all of this before what only one series
has. ``number`` is that of the output.
"""

from __future__ import annotations

from luthier import parameter

__all__ = [
    "CURRENT_LIMIT",
    "FALL_DELAY",
    "MEASURED_CURRENT",
    "MEASURED_VOLTAGE",
    "OUTPUT",
    "OVERCURRENT_DELAY",
    "OVERCURRENT_PROTECTION",
    "OVERVOLTAGE_LEVEL",
    "RISE_DELAY",
    "VOLTAGE",
]

CURRENT_LIMIT = parameter(
    float,
    get_cmd="CURR? (@{number})",
    set_cmd="CURR {},(@{number})",
    unit="A",
    doc="The output holds its voltage up to this current ([SOURce:]CURRent).",
)
OVERVOLTAGE_LEVEL = parameter(
    float,
    get_cmd="VOLT:PROT? (@{number})",
    set_cmd="VOLT:PROT {},(@{number})",
    unit="V",
    doc="Beyond this voltage the output switches itself off ([SOURce:]VOLTage:PROTection).",
)
OVERCURRENT_DELAY = parameter(
    float,
    get_cmd="CURR:PROT:DEL? (@{number})",
    set_cmd="CURR:PROT:DEL {},(@{number})",
    unit="s",
    doc="For how long the current has to be at its limit to switch the output off ([SOURce:]CURRent:PROTection:DELay).",
)
OVERCURRENT_PROTECTION = parameter(
    bool,
    get_cmd="CURR:PROT:STAT? (@{number})",
    set_cmd="CURR:PROT:STAT {},(@{number})",
    doc="Whether the output switches itself off at the current limit, instead of holding it "
    "([SOURce:]CURRent:PROTection:STATe).",
)
RISE_DELAY = parameter(
    float,
    get_cmd="OUTP:DEL:RISE? (@{number})",
    set_cmd="OUTP:DEL:RISE {},(@{number})",
    unit="s",
    doc="How much later than commanded the output switches on (OUTPut:DELay:RISE).",
)
FALL_DELAY = parameter(
    float,
    get_cmd="OUTP:DEL:FALL? (@{number})",
    set_cmd="OUTP:DEL:FALL {},(@{number})",
    unit="s",
    doc="How much later than commanded the output switches off (OUTPut:DELay:FALL).",
)
VOLTAGE = parameter(
    float,
    get_cmd="VOLT? (@{number})",
    set_cmd="VOLT {},(@{number})",
    unit="V",
    doc="Level, at the terminals as soon as the output is on ([SOURce:]VOLTage).",
)
OUTPUT = parameter(
    bool,
    get_cmd="OUTP? (@{number})",
    set_cmd="OUTP {},(@{number})",
    doc="Whether the voltage is at the terminals (OUTPut).",
)
MEASURED_VOLTAGE = parameter(
    float,
    get_cmd="MEAS:VOLT? (@{number})",
    unit="V",
    snapshot=False,
    doc="Voltage at the terminals (MEASure:VOLTage?).",
)
MEASURED_CURRENT = parameter(
    float, get_cmd="MEAS:CURR? (@{number})", unit="A", snapshot=False, doc="Current (MEASure:CURRent?)."
)
