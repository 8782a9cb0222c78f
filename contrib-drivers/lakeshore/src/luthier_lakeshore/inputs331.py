"""The sensor inputs of the Lake Shore 331 and 332; where their commands are known from is in controllers331."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from luthier import group, parameter
from luthier.validators import Ints, Numbers

from luthier_lakeshore.inputs import SensorInput, TemperatureInput, reading_in_turn

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LARGEST_CURVE", "SOURCES", "Input332", "OlderInput"]

LARGEST_CURVE: Final = 41
SENSORS_331: Final = {
    "silicon diode": 0,
    "GaAlAs diode": 1,
    "platinum 250 Ω": 2,
    "platinum 500 Ω": 3,
    "platinum 1 kΩ": 4,
    "NTC": 5,
    "thermocouple 25 mV": 6,
    "thermocouple 50 mV": 7,
}
SENSORS_332: Final = {
    **SENSORS_331,
    "NTC 75 Ω": 8,
    "NTC 750 Ω": 9,
    "NTC 7.5 kΩ": 10,
    "NTC 75 kΩ": 11,
    "NTC auto-range": 12,
}
DIODES: Final = ("silicon diode", "GaAlAs diode")
SOURCES: Final = {"K": 1, "°C": 2, "sensor": 3, "linear": 4}


def _set_sensor(channel: OlderInput, values: Mapping[str, Any]) -> None:
    """Send the sensor settings, without a compensation where the type of sensor has none."""
    kind = values["sensor_type"]
    compensated = int(values["compensation"] and kind not in DIODES)
    channel.write(f"INTYPE {channel.number},{SENSORS_332[kind]},{compensated}")


class OlderInput(SensorInput):
    """One input with all that is set for its sensor, filter, and alarm."""

    temperature = SensorInput.temperature.replace(
        get_cmd=reading_in_turn("KRDG?"),
        get_parser=None,
        doc="Temperature by the curve of the input; not a number where there is no valid reading (KRDG?, RDGST?).",
    )
    sensor_value = SensorInput.sensor_value.replace(get_cmd=reading_in_turn("SRDG?"), get_parser=None)

    sensor_type = parameter(
        str,
        group="sensor",
        mapping=SENSORS_331,
        doc="What is connected; changing it may take the curve away (INTYPE).",
    )
    compensation = parameter(
        bool,
        group="sensor",
        relevant_when={"sensor_type": tuple(kind for kind in SENSORS_332 if kind not in DIODES)},
        doc="Whether thermal voltages (by current reversal), or the room temperature of thermocouples, are compensated "
        "(INTYPE).",
    )
    sensor = group(
        "sensor_type",
        "compensation",
        get_cmd="INTYPE? {number}",
        set_cmd=_set_sensor,
        doc="Both, by one message (INTYPE).",
    )
    curve_number = TemperatureInput.curve_number.replace(
        validator=Ints(0, LARGEST_CURVE),
        doc="Curve from sensor values to temperatures; 0: none, 21 to 41: those of users. A curve that does not fit "
        "the sensor type is not taken by the instrument; that raises InstrumentFaultError (INCRV).",
    )
    setpoint_limit = TemperatureInput.setpoint_limit.replace()
    filtering = TemperatureInput.filtering.replace()
    filter_points = TemperatureInput.filter_points.replace()
    filter_window = TemperatureInput.filter_window.replace()
    filter_settings = group(
        "filtering",
        "filter_points",
        "filter_window",
        get_cmd="FILTER? {number}",
        set_cmd="FILTER {number},{filtering},{filter_points},{filter_window}",
        doc="The average, by one message (FILTER).",
    )
    alarm_enabled = TemperatureInput.alarm_enabled.replace()
    alarm_source = parameter(
        str, group="alarm", mapping=SOURCES, doc="What is compared, which also is the unit of the limits (ALARM)."
    )
    alarm_high = parameter(
        float, group="alarm", unit="", validator=Numbers(), doc="The high alarm is on above it (ALARM)."
    )
    alarm_low = parameter(
        float, group="alarm", unit="", validator=Numbers(), doc="The low alarm is on below it (ALARM)."
    )
    alarm_deadband = parameter(
        float,
        group="alarm",
        unit="",
        validator=Numbers(0, None),
        doc="How far back the reading has to come before an alarm ends (ALARM).",
    )
    alarm_latching = TemperatureInput.alarm_latching.replace()
    alarm = group(
        "alarm_enabled",
        "alarm_source",
        "alarm_high",
        "alarm_low",
        "alarm_deadband",
        "alarm_latching",
        get_cmd="ALARM? {number}",
        set_cmd="ALARM {number},{alarm_enabled},{alarm_source},{alarm_high},{alarm_low},{alarm_deadband},"
        "{alarm_latching}",
        doc="The alarm of this input, by one message (ALARM).",
    )
    high_alarm_on = TemperatureInput.high_alarm_on.replace()
    low_alarm_on = TemperatureInput.low_alarm_on.replace()
    alarm_state = group(
        "high_alarm_on", "low_alarm_on", get_cmd="ALARMST? {number}", doc="Both alarms, by one message (ALARMST?)."
    )


class Input332(OlderInput):
    """An input of the 332, with more ranges for resistors."""

    sensor_type = OlderInput.sensor_type.replace(mapping=SENSORS_332)
