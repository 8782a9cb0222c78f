"""What the 2400 and the 2450 source and measure with the same commands.

Declarations to be taken over with ``replace(doc=…)``, in which each driver cites its own manual. They are no class to
extend, because inherited parameters come first, and the order in a driver is that in which a snapshot is restored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import parameter
from luthier.validators import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.parameter import Declaration

__all__ = [
    "LARGEST_CURRENT",
    "LARGEST_VOLTAGE",
    "OVER_RANGE",
    "current_declaration",
    "measured_current",
    "measured_resistance",
    "measured_voltage",
    "source_current_auto_range",
    "source_current_range",
    "source_voltage_auto_range",
    "source_voltage_range",
    "voltage_declaration",
]

OVER_RANGE = 1.05
LARGEST_VOLTAGE = 210.0
LARGEST_CURRENT = 1.05

source_voltage_range = parameter(
    float,
    get_cmd="SOUR:VOLT:RANG?",
    set_cmd="SOUR:VOLT:RANG {}",
    unit="V",
    depends_on=("source_voltage_auto_range",),
)
source_voltage_auto_range = parameter(
    bool,
    get_cmd="SOUR:VOLT:RANG:AUTO?",
    set_cmd="SOUR:VOLT:RANG:AUTO {}",
    depends_on=("source_voltage_range",),
)
source_current_range = parameter(
    float,
    get_cmd="SOUR:CURR:RANG?",
    set_cmd="SOUR:CURR:RANG {}",
    unit="A",
    depends_on=("source_current_auto_range",),
)
source_current_auto_range = parameter(
    bool,
    get_cmd="SOUR:CURR:RANG:AUTO?",
    set_cmd="SOUR:CURR:RANG:AUTO {}",
    depends_on=("source_current_range",),
)
measured_voltage = parameter(
    float, group="reading", unit="V", snapshot=False, doc="Voltage of one reading, measured or as sourced."
)
measured_current = parameter(
    float, group="reading", unit="A", snapshot=False, doc="Current of one reading, measured or as sourced."
)
measured_resistance = parameter(
    float, group="reading", unit="Ω", snapshot=False, doc="Resistance of one reading, if it is measured."
)


def voltage_declaration(largest: Callable[[Any], float], source: str) -> Declaration[float]:
    """Declare the level of the voltage source, at most ``largest`` of the instrument; ``source`` describes it."""
    return parameter(
        float,
        get_cmd="SOUR:VOLT?",
        set_cmd="SOUR:VOLT {}",
        unit="V",
        validator=Numbers(-LARGEST_VOLTAGE, LARGEST_VOLTAGE),
        minimum=lambda smu: -largest(smu),
        maximum=largest,
        relevant_when={"source_function": "voltage"},
        doc=f"Level of the voltage source, at the terminals as soon as the output is on ({source}).",
    )


def current_declaration(largest: Callable[[Any], float], source: str) -> Declaration[float]:
    """Declare the level of the current source, at most ``largest`` of the instrument; ``source`` describes it."""
    return parameter(
        float,
        get_cmd="SOUR:CURR?",
        set_cmd="SOUR:CURR {}",
        unit="A",
        validator=Numbers(-LARGEST_CURRENT, LARGEST_CURRENT),
        minimum=lambda smu: -largest(smu),
        maximum=largest,
        relevant_when={"source_function": "current"},
        doc=f"Level of the current source, at the terminals as soon as the output is on ({source}).",
    )
