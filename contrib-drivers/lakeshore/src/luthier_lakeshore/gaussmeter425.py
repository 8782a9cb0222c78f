"""The Lake Shore 425 gaussmeter.

Commands: Model 425 Gaussmeter User's Manual, chapter 6 (pages 52, 56 and 57 were at hand: ALARM, RDGMODE?,
RDGMX?, RDGREL?, REL, RELAY, RELAYST?, RELSP, TYPE?, UNIT); AUTO, RANGE, RDGMODE, MXHOLD, MXRST, ZPROBE, ZCLEAR and the
bits of OPST? as known from PyMeasure 0.16.0 and from a driver that was made by the manual. The list of common commands
on page 52 has *IDN? and *RST alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import group, parameter
from luthier.errors import ReplyError
from luthier.scpi import ErrorEntry, format_float, parse_float, parse_int
from luthier.validators import Numbers

from luthier_lakeshore.decimals import exact
from luthier_lakeshore.gaussmeters import LARGEST_FIELD, Gaussmeter, field_of, tesla_of_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Gaussmeter425"]

ALARM_PARTS: Final = 7


def _get_alarm(meter: Gaussmeter425) -> list[Any]:
    reply = meter.query("ALARM?")
    parts = reply.split(",")
    if len(parts) != ALARM_PARTS:
        raise ReplyError(
            f"'ALARM?' was answered by {reply!r}; expected: {ALARM_PARTS} numbers",
            command="ALARM?",
            reply=reply,
            expected=f"{ALARM_PARTS} numbers",
        )
    factor = tesla_of_unit(meter)
    on, mode, low, high, where, sort, audible = parts
    limits = [exact(parse_float(part) * factor) for part in (low, high)]
    flags = bool(parse_int(sort)), bool(parse_int(audible))
    return [bool(parse_int(on)), parse_int(mode), *limits, parse_int(where), *flags]


ALARM_MODES: Final = {"magnitude": 1, "signed": 2}
ALARM_SIDES: Final = {"outside": 1, "inside": 2}


def _set_alarm(meter: Gaussmeter425, values: Mapping[str, Any]) -> None:
    factor = tesla_of_unit(meter)
    low, high = (format_float(exact(values[name] / factor)) for name in ("alarm_low", "alarm_high"))
    meter.write(
        f"ALARM {values['alarm_enabled']:d},{ALARM_MODES[values['alarm_mode']]},{low},{high},"
        f"{ALARM_SIDES[values['alarm_side']]},{values['alarm_sort']:d},{values['alarm_audible']:d}"
    )


class Gaussmeter425(Gaussmeter):
    """Lake Shore 425: a gaussmeter with alarm and relay; see :class:`Gaussmeter`.

    Manual: Model 425 Gaussmeter User's Manual, chapter 6.

    Interface: USB, which is a serial line (57600 baud, 7 data bits, odd parity; these settings are used unless
    ``transport_options`` says otherwise). What is sent and answered ends with a carriage return and a line feed.

    It has no event status register: what it refuses it leaves undone without a word.

    Verified with the simulator and with scripted messages; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("lakeshore.425", "sim://", name="meter") as meter:
    ...     meter.field(), meter.probe_type()
    (0.05, 'high sensitivity')
    """

    simulator = "lakeshore.425"
    serial_settings: ClassVar[dict[str, object]] = {"baud_rate": 57600, "data_bits": 7, "parity": "odd"}
    model = "MODEL425"
    last_range = 4

    mode = parameter(
        str, group="measurement", mapping={"dc": 1, "rms": 2}, doc="What is measured of the field (RDGMODE)."
    )
    filtering = parameter(bool, group="measurement", doc="Whether readings of constant fields are averaged (RDGMODE).")
    band = parameter(
        str,
        group="measurement",
        mapping={"wide": 1, "narrow": 2},
        doc="Band of alternating fields: to 10 kHz, or to 400 Hz (RDGMODE).",
    )
    measurement = group(
        "mode",
        "filtering",
        "band",
        get_cmd="RDGMODE?",
        set_cmd="RDGMODE {mode},{filtering},{band}",
        doc="What is measured, by one message (RDGMODE).",
    )
    relative = parameter(
        bool,
        get_cmd="REL?",
        set_cmd="REL {}",
        doc="Whether the display shows the relative reading; switching it on takes the present field for "
        "relative_setpoint (REL).",
    )
    maximum_hold = parameter(
        bool, get_cmd="MXHOLD?", set_cmd="MXHOLD {}", doc="Whether the largest reading is kept (MXHOLD)."
    )
    maximum_field = parameter(
        float, get_cmd=field_of("RDGMX?"), unit="T", snapshot=False, doc="Largest field since reset_maximum() (RDGMX?)."
    )
    alarm_enabled = parameter(bool, group="alarm", doc="Whether the alarm is checked (ALARM).")
    alarm_mode = parameter(
        str, group="alarm", mapping=ALARM_MODES, doc="Whether fields are compared without or with their sign (ALARM)."
    )
    alarm_low = parameter(
        float, group="alarm", unit="T", validator=Numbers(-LARGEST_FIELD, LARGEST_FIELD), doc="Low limit (ALARM)."
    )
    alarm_high = parameter(
        float, group="alarm", unit="T", validator=Numbers(-LARGEST_FIELD, LARGEST_FIELD), doc="High limit (ALARM)."
    )
    alarm_side = parameter(
        str, group="alarm", mapping=ALARM_SIDES, doc="Whether the alarm is on outside or inside the limits (ALARM)."
    )
    alarm_sort = parameter(bool, group="alarm", doc="Whether the display shows pass or fail (ALARM).")
    alarm_audible = parameter(bool, group="alarm", doc="Whether the alarm beeps (ALARM).")
    alarm = group(
        "alarm_enabled",
        "alarm_mode",
        "alarm_low",
        "alarm_high",
        "alarm_side",
        "alarm_sort",
        "alarm_audible",
        get_cmd=_get_alarm,
        set_cmd=_set_alarm,
        doc="The alarm, by one message (ALARM).",
    )
    relay_mode = parameter(
        str, group="relay", mapping={"off": 0, "on": 1, "alarm": 2}, doc="What the relay does (RELAY)."
    )
    relay_alarm = parameter(
        str, group="relay", mapping={"low": 1, "high": 2, "both": 3}, doc="Which alarm it follows (RELAY)."
    )
    relay = group(
        "relay_mode",
        "relay_alarm",
        get_cmd="RELAY?",
        set_cmd="RELAY {relay_mode},{relay_alarm}",
        doc="The relay, by one message (RELAY).",
    )
    relay_on = parameter(bool, get_cmd="RELAYST?", snapshot=False, doc="Whether the relay is on (RELAYST?).")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.add_function("reset_maximum", "MXRST", doc="Let the largest field be the present one (MXRST).")

    def take_errors(self) -> tuple[ErrorEntry, ...]:
        """Return none: it has no register of errors."""
        return ()
