"""Families of what cools, heats, magnetises, evacuates and lets gas in."""

from __future__ import annotations

from luthier.families.family import CommonFunction, CommonParameter, Family, Place

__all__ = ["FLOW_CONTROLLER", "GAUGE", "MAGNET_SUPPLY", "TEMPERATURE_CONTROLLER", "TEMPERATURE_MONITOR"]

_INPUTS = Place(
    "inputs",
    (
        CommonParameter("temperature", "float", "K", "Temperature of the sensor, by its curve."),
        CommonParameter("sensor_value", "float", None, "What the sensor gives, before its curve.", required=False),
    ),
    many=True,
)

TEMPERATURE_MONITOR = Family(
    "temperature_monitor",
    "temperature monitor",
    "Also a monitor with one input has it in inputs.",
    (_INPUTS,),
)

TEMPERATURE_CONTROLLER = Family(
    "temperature_controller",
    "temperature controller",
    "Also a controller with one input has it in inputs, and with one heater in loops. It is a temperature_monitor too.",
    (
        _INPUTS,
        Place(
            "loops",
            (
                CommonParameter("setpoint", "float", "K", "Temperature that is aimed at.", settable=True),
                CommonParameter("heater_output", "float", "%", "Of what the heater can do in its range."),
                CommonParameter("heater_range", "", None, "How far the heater can go.", settable=True, required=False),
                CommonParameter("p", "float", None, "Proportional part.", settable=True, required=False),
                CommonParameter("i", "float", None, "Integral part.", settable=True, required=False),
                CommonParameter("d", "float", None, "Derivative part.", settable=True, required=False),
                CommonParameter(
                    "ramping", "bool", "", "Whether the setpoint is approached.", settable=True, required=False
                ),
                CommonParameter(
                    "ramp_rate", "float", "K/min", "How fast it is approached.", settable=True, required=False
                ),
            ),
            many=True,
        ),
    ),
)

MAGNET_SUPPLY = Family(
    "magnet_supply",
    "magnet supply",
    "Setting field_setpoint moves nothing; ramp_to_setpoint does, at ramp_rate, and returns at once.",
    (
        Place(
            parameters=(
                CommonParameter("field", "float", "T", "Field at present."),
                CommonParameter("field_setpoint", "float", "T", "Field that is ramped to.", settable=True),
                CommonParameter("current", "float", "A", "Current of the supply at present."),
                CommonParameter("ramp_rate", "float", "T/min", "How fast the field is ramped.", settable=True),
                CommonParameter("state", "str", "", "What the supply is doing."),
                CommonParameter(
                    "persistent_switch_heater",
                    "bool",
                    "",
                    "Whether the heater of the persistent switch is on.",
                    settable=True,
                    required=False,
                ),
            ),
            functions=(
                CommonFunction("ramp_to_setpoint", "Begin to ramp to field_setpoint."),
                CommonFunction("hold", "Stop where it is."),
                CommonFunction("zero", "Begin to ramp to zero."),
            ),
        ),
    ),
)

GAUGE = Family(
    "gauge",
    "pressure gauge",
    "Pressures are in pascals, whatever the display shows.",
    (
        Place(
            "gauges",
            (CommonParameter("pressure", "float", "Pa", "Pressure at the gauge."),),
            many=True,
            or_itself=True,
        ),
    ),
)

FLOW_CONTROLLER = Family(
    "flow_controller",
    "flow controller",
    "The unit of a flow says the standard conditions where they matter, and is that of its setpoint.",
    (
        Place(
            "controllers",
            (
                CommonParameter("flow", "float", None, "Flow at present."),
                CommonParameter("flow_setpoint", "float", None, "Flow that is aimed at.", settable=True),
                CommonParameter("pressure", "float", "Pa", "Pressure in the controller.", required=False),
                CommonParameter("temperature", "float", None, "Temperature of the gas.", required=False),
            ),
            many=True,
            or_itself=True,
        ),
    ),
)
