"""The sensor inputs of temperature controllers and monitors of Lake Shore."""

from __future__ import annotations

from enum import IntFlag
from math import inf, nan
from typing import TYPE_CHECKING, Any, Final

from luthier import Channel, group, parameter
from luthier.errors import InstrumentFaultError, ReplyError
from luthier.scpi import format_string, parse_float, parse_int, parse_string
from luthier.validators import Ints, Numbers, Strings

from luthier_lakeshore.event_status import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luthier_lakeshore.event_status import LakeShoreInstrument

__all__ = [
    "HEADER_PARTS",
    "NAME",
    "ReadingStatus",
    "SensorInput",
    "TemperatureInput",
    "parse_readings",
    "reading_in_turn",
]

UNITS: Final = {"K": 1, "°C": 2, "sensor": 3}
SENSOR_TYPES: Final = {"disabled": 0, "diode": 1, "platinum": 2, "NTC": 3, "thermocouple": 4}
LARGEST_RANGES: Final = {"disabled": 0, "diode": 1, "platinum": 6, "NTC": 8, "thermocouple": 0}
"""The largest number of a range for each type of sensor."""
HEADER_PARTS: Final = 5
NAME: Final = r"[ !#$%&(-+\--:<-~]*"
"""Text without quotes, commas and semicolons, which would end it within a message."""


class ReadingStatus(IntFlag):
    """Why a reading is not valid; none of it: the reading is (``RDGST?``)."""

    INVALID = 1
    OLD = 2
    """The Model 218 only: the reading is not of this round."""
    TEMPERATURE_UNDER_RANGE = 16
    TEMPERATURE_OVER_RANGE = 32
    SENSOR_ZERO = 64
    SENSOR_OVER_RANGE = 128


def parse_status(text: str) -> ReadingStatus:
    """Return the bits of a reading's status."""
    return ReadingStatus(parse_int(text))


def parse_readings(reply: str) -> float:
    """Return the reading in a reply to ``KRDG? A;RDGST? A``; not a number where the status says it is none."""
    reading, semicolon, status = reply.partition(";")
    if not semicolon:
        raise ReplyError(
            f"the reply {reply!r} has one part; expected: a reading and its status",
            reply=reply,
            expected="a reading, a semicolon, and its status",
        )
    value = parse_float(reading)
    return value if not parse_status(status) & ~ReadingStatus.OLD else nan


def reading_in_turn(question: str) -> Callable[[SensorInput], float]:
    """Return what asks for a reading and then for its status, of instruments that take one query in a message."""

    def ask(channel: SensorInput) -> float:
        value = parse_float(channel.query(f"{question} {channel.number}"))
        status = parse_status(channel.query(f"RDGST? {channel.number}"))
        return value if not status & ~ReadingStatus.OLD else nan

    return ask


class SensorInput(Channel):
    """One input: what its sensor reads.

    An input without a valid reading answers 0 K, which nobody could tell from a cold sensor. So the status is asked in
    the same message, and ``temperature`` and ``sensor_value`` are not a number then; ``status`` says why.
    """

    temperature = parameter(
        float,
        get_cmd="KRDG? {number};RDGST? {number}",
        get_parser=parse_readings,
        unit="K",
        snapshot=False,
        doc="Temperature by the curve of the input; not a number where there is no valid reading (KRDG?, RDGST?).",
    )
    sensor_value = parameter(
        float,
        get_cmd="SRDG? {number};RDGST? {number}",
        get_parser=parse_readings,
        unit="",
        snapshot=False,
        doc="What the sensor gives, in its units: V for diodes, Ω for resistors, mV for thermocouples; not a number "
        "where there is no valid reading (SRDG?, RDGST?).",
    )
    status = parameter(
        ReadingStatus,
        get_cmd="RDGST? {number}",
        get_parser=parse_status,
        snapshot=False,
        doc="Why the reading is not valid; empty while it is (RDGST?).",
    )

    def __init__(self, parent: LakeShoreInstrument, name: str, number: str) -> None:
        super().__init__(parent, name)
        self.number = number


def _set_curve(channel: TemperatureInput, curve: int) -> None:
    channel.write(f"INCRV {channel.number},{curve}")
    taken = parse_int(channel.query(f"INCRV? {channel.number}"))
    if taken != curve:
        raise InstrumentFaultError(
            f"curve {curve} was not taken: it does not fit the sensor type of the input",
            who=channel.full_name,
            state=f"The input uses curve {taken} now" + (", that is none." if taken == 0 else "."),
            advice="Set sensor_type first, or choose a curve in the units of the sensor.",
        )


def _curve_limit(channel: TemperatureInput) -> float:
    curve = channel.curve_number.known_or_read()
    if not curve:
        return inf
    return parse_float(parts_of(channel, f"CRVHDR? {curve}", HEADER_PARTS)[3])


def _largest_range(channel: TemperatureInput) -> int:
    return LARGEST_RANGES[channel.sensor_type.known_or_read()]


def _set_sensor(channel: TemperatureInput, values: Mapping[str, Any]) -> None:
    """Send the sensor settings, with a range, and without switches, that the type of sensor does not have."""
    kind = values["sensor_type"]
    resistive = kind in ("platinum", "NTC")
    numbers = (
        SENSOR_TYPES[kind],
        int(values["auto_range"] and resistive),
        min(values["input_range"], LARGEST_RANGES[kind]),
        int(values["compensation"] and (resistive or kind == "thermocouple")),
        UNITS[values["preferred_units"]],
    )
    channel.write(f"INTYPE {channel.number},{','.join(map(str, numbers))}")


class TemperatureInput(SensorInput):
    """One input with all that is set for its sensor, filter, and alarm."""

    sensor_name = parameter(
        str,
        get_cmd="INNAME? {number}",
        set_cmd="INNAME {number},{}",
        get_parser=parse_string,
        set_parser=format_string,
        validator=Strings(max_length=15, pattern=NAME),
        doc="Name of the sensor, up to 15 characters without quotes, commas and semicolons (INNAME).",
    )
    sensor_type = parameter(
        str,
        group="sensor",
        mapping=SENSOR_TYPES,
        doc="What is connected (INTYPE); thermocouples need an option. Changing it changes the range where the other "
        "type has not that many, and may take the curve away.",
    )
    auto_range = parameter(
        bool,
        group="sensor",
        relevant_when={"sensor_type": ("platinum", "NTC")},
        doc="Whether the range follows the resistance (INTYPE).",
    )
    input_range = parameter(
        int,
        group="sensor",
        validator=Ints(0, 8),
        maximum=_largest_range,
        depends_on=("sensor_type", "auto_range"),
        doc="Number of the range. Diodes: 0 is 2.5 V, 1 is 10 V; resistors: 0 to 8 are 10 Ω, 30 Ω, 100 Ω … 100 kΩ, "
        "platinum up to 6, 10 kΩ; thermocouples: 0 is 50 mV (INTYPE).",
    )
    compensation = parameter(
        bool,
        group="sensor",
        relevant_when={"sensor_type": ("platinum", "NTC", "thermocouple")},
        doc="Whether thermal voltages (by current reversal), or the room temperature of thermocouples, are compensated "
        "(INTYPE).",
    )
    preferred_units = parameter(
        str,
        group="sensor",
        mapping=UNITS,
        doc="Units of the setpoint of a loop that is controlled from this input (INTYPE).",
    )
    sensor = group(
        "sensor_type",
        "auto_range",
        "input_range",
        "compensation",
        "preferred_units",
        get_cmd="INTYPE? {number}",
        set_cmd=_set_sensor,
        doc="All that is set for the sensor, by one message (INTYPE).",
    )
    curve_number = parameter(
        int,
        get_cmd="INCRV? {number}",
        set_cmd=_set_curve,
        validator=Ints(0, 59),
        depends_on=("sensor_type",),
        doc="Curve from sensor values to temperatures; 0: none, from 21: those of users. A curve that does not fit the "
        "sensor type is not taken by the instrument; that raises InstrumentFaultError (INCRV).",
    )
    setpoint_limit = parameter(
        float,
        get_cmd=_curve_limit,
        unit="K",
        depends_on=("curve_number",),
        snapshot=False,
        doc="The largest setpoint that the curve of the input allows; infinite without a curve (CRVHDR?).",
    )
    temperature_limit = parameter(
        float,
        get_cmd="TLIMIT? {number}",
        set_cmd="TLIMIT {number},{}",
        unit="K",
        validator=Numbers(0, 9999),
        doc="Above this temperature the instrument switches all outputs off; 0: no limit (TLIMIT).",
    )
    filtering = parameter(bool, group="filter_settings", doc="Whether readings are averaged (FILTER).")
    filter_points = parameter(
        int, group="filter_settings", validator=Ints(2, 64), doc="How many readings are averaged (FILTER)."
    )
    filter_window = parameter(
        int,
        group="filter_settings",
        unit="%",
        validator=Ints(1, 10),
        doc="A change by more than this part of full scale restarts the average (FILTER).",
    )
    filter_settings = group(
        "filtering",
        "filter_points",
        "filter_window",
        get_cmd="FILTER? {number}",
        set_cmd="FILTER {number},{filtering},{filter_points},{filter_window}",
        doc="The average, by one message (FILTER).",
    )
    alarm_high = parameter(
        float, group="alarm", unit="K", validator=Numbers(), doc="The high alarm is on above it (ALARM)."
    )
    alarm_low = parameter(
        float, group="alarm", unit="K", validator=Numbers(), doc="The low alarm is on below it (ALARM)."
    )
    alarm_deadband = parameter(
        float,
        group="alarm",
        unit="K",
        validator=Numbers(0, None),
        doc="How far back the reading has to come before an alarm ends (ALARM).",
    )
    alarm_latching = parameter(bool, group="alarm", doc="Whether an alarm stays until reset_alarms() (ALARM).")
    alarm_audible = parameter(bool, group="alarm", doc="Whether an alarm beeps (ALARM).")
    alarm_visible = parameter(bool, group="alarm", doc="Whether an alarm blinks (ALARM).")
    alarm_enabled = parameter(bool, group="alarm", doc="Whether alarms are checked (ALARM).")
    alarm = group(
        "alarm_enabled",
        "alarm_high",
        "alarm_low",
        "alarm_deadband",
        "alarm_latching",
        "alarm_audible",
        "alarm_visible",
        get_cmd="ALARM? {number}",
        set_cmd="ALARM {number},{alarm_enabled},{alarm_high},{alarm_low},{alarm_deadband},{alarm_latching},"
        "{alarm_audible},{alarm_visible}",
        doc="The alarm of this input, by one message (ALARM).",
    )
    high_alarm_on = parameter(bool, group="alarm_state", snapshot=False, doc="Whether the high alarm is on (ALARMST?).")
    low_alarm_on = parameter(bool, group="alarm_state", snapshot=False, doc="Whether the low alarm is on (ALARMST?).")
    alarm_state = group(
        "high_alarm_on", "low_alarm_on", get_cmd="ALARMST? {number}", doc="Both alarms, by one message (ALARMST?)."
    )
