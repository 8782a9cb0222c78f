"""Families of what sources and measures voltage and current."""

from __future__ import annotations

import attrs

from luthier.families.family import CommonParameter, Family, Place

__all__ = ["DC_SOURCE", "MULTIMETER", "POWER_SUPPLY", "SOURCE_MEASURE_UNIT"]


def _function(name: str, unit: str) -> Place:
    """State the settings that a multimeter keeps for one of its functions."""
    return Place(
        name,
        (
            CommonParameter("range", "float", unit, "Range, by its nominal value.", settable=True, required=False),
            CommonParameter(
                "auto_range", "bool", "", "Whether the instrument chooses the range.", settable=True, required=False
            ),
            CommonParameter(
                "nplc", "float", "", "Integration time in periods of the mains.", settable=True, required=False
            ),
        ),
        required=False,
    )


MULTIMETER = Family(
    "multimeter",
    "multimeter",
    "Each function keeps its own settings, in a channel named for it. A parameter such as voltage takes one reading "
    "and is relevant while the function measures that.",
    (
        Place(
            parameters=(
                CommonParameter(
                    "function",
                    "str",
                    "",
                    "What is measured.",
                    settable=True,
                    words=(
                        "DC voltage",
                        "AC voltage",
                        "DC current",
                        "AC current",
                        "resistance",
                        "four-wire resistance",
                        "frequency",
                        "period",
                        "temperature",
                        "capacitance",
                        "diode",
                        "continuity",
                    ),
                ),
                CommonParameter("reading", "float", None, "One reading, in the unit of the function."),
                CommonParameter("voltage", "float", "V", "One reading of a voltage."),
                CommonParameter("current", "float", "A", "One reading of a current.", required=False),
                CommonParameter("resistance", "float", "Ω", "One reading of a resistance.", required=False),
                CommonParameter("trigger_source", "str", "", "What starts readings.", settable=True, required=False),
                CommonParameter("trigger_count", "int", "", "Triggers of one start.", settable=True, required=False),
                CommonParameter("sample_count", "int", "", "Readings of one trigger.", settable=True, required=False),
            )
        ),
        _function("dc_voltage", "V"),
        _function("ac_voltage", "V"),
        _function("dc_current", "A"),
        _function("ac_current", "A"),
        _function("two_wire_resistance", "Ω"),
        _function("four_wire_resistance", "Ω"),
    ),
)

POWER_SUPPLY = Family(
    "power_supply",
    "power supply",
    "Also a supply with one output has it in outputs. Setting a voltage switches nothing on.",
    (
        Place(
            "outputs",
            (
                CommonParameter("voltage", "float", "V", "Level; at the terminals while output is on.", settable=True),
                CommonParameter(
                    "current_limit", "float", "A", "The output holds its voltage up to this current.", settable=True
                ),
                CommonParameter("output", "bool", "", "Whether the voltage is at the terminals.", settable=True),
                CommonParameter("measured_voltage", "float", "V", "Voltage at the terminals, measured."),
                CommonParameter("measured_current", "float", "A", "Current, measured."),
                CommonParameter(
                    "overvoltage_level",
                    "float",
                    "V",
                    "Beyond this voltage the output switches itself off.",
                    settable=True,
                    required=False,
                ),
                CommonParameter(
                    "overvoltage_protection",
                    "bool",
                    "",
                    "Whether the over-voltage protection is on.",
                    settable=True,
                    required=False,
                ),
                CommonParameter(
                    "overvoltage_tripped",
                    "bool",
                    "",
                    "Whether the over-voltage protection has switched the output off.",
                    required=False,
                ),
            ),
            many=True,
        ),
    ),
)

_SOURCE_FUNCTION = CommonParameter(
    "source_function", "str", "", "What is sourced.", settable=True, words=("voltage", "current")
)
_SOURCE_VOLTAGE = CommonParameter(
    "voltage", "float", "V", "Level of the voltage source, relevant while that is the source_function.", settable=True
)
_SOURCE_CURRENT = CommonParameter(
    "current", "float", "A", "Level of the current source, relevant while that is the source_function.", settable=True
)
_SOURCE_OUTPUT = CommonParameter("output", "bool", "", "Whether the source is at the terminals.", settable=True)
_SOURCE_VOLTAGE_RANGE = CommonParameter(
    "source_voltage_range", "float", "V", "Range of the voltage source.", settable=True, required=False
)
_SOURCE_CURRENT_RANGE = CommonParameter(
    "source_current_range", "float", "A", "Range of the current source.", settable=True, required=False
)

SOURCE_MEASURE_UNIT = Family(
    "source_measure_unit",
    "source-measure unit",
    "Levels and limits are in place before the output is switched on; setting a level switches nothing on. A measured "
    "value is read with the output on.",
    (
        Place(
            "outputs",
            (
                _SOURCE_FUNCTION,
                _SOURCE_VOLTAGE,
                _SOURCE_CURRENT,
                CommonParameter("voltage_limit", "float", "V", "Limit of the current source.", settable=True),
                CommonParameter("current_limit", "float", "A", "Limit of the voltage source.", settable=True),
                _SOURCE_OUTPUT,
                CommonParameter("measured_voltage", "float", "V", "Voltage of one reading."),
                CommonParameter("measured_current", "float", "A", "Current of one reading."),
                _SOURCE_VOLTAGE_RANGE,
                _SOURCE_CURRENT_RANGE,
            ),
            many=True,
            or_itself=True,
        ),
    ),
)

DC_SOURCE = Family(
    "dc_source",
    "source of a constant voltage or current",
    "It has voltage, current or both. One that cannot be switched off has no output.",
    (
        Place(
            "outputs",
            (
                attrs.evolve(_SOURCE_FUNCTION, required=False),
                attrs.evolve(_SOURCE_VOLTAGE, required=False),
                attrs.evolve(_SOURCE_CURRENT, required=False),
                attrs.evolve(_SOURCE_OUTPUT, required=False),
                _SOURCE_VOLTAGE_RANGE,
                _SOURCE_CURRENT_RANGE,
            ),
            one_of=("voltage", "current"),
            many=True,
            or_itself=True,
        ),
    ),
)
