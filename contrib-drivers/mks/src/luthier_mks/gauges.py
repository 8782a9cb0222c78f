"""The gauges of a controller, and the relays that it switches by their pressures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from luthier import Channel, parameter
from luthier.errors import InstrumentReportedError
from luthier.validators import Enum

from luthier_mks.messages import PASCALS, number_in

if TYPE_CHECKING:
    from luthier_mks.messages import MksController

__all__ = ["CHANNELS", "STATES", "Gauge", "Relay"]

CHANNELS: Final = ("A1", "A2", "B1", "B2", "C1", "C2")
"""What the front panel calls the channels 1 to 6."""

STATES: Final = {
    "ATM": "atmosphere",
    "OFF": "off",
    "RP_OFF": "off by the rear panel",
    "CTRL_OFF": "off by its control gauge",
    "PROT_OFF": "off by its protection",
    "WAIT": "starting",
    "LOWEMIS": "low emission",
    "MISCONN": "misconnected",
    "NO_GAUGE": "no gauge",
    "NOGAUGE": "no gauge",
}
"""What stands instead of a pressure, in capitals."""

_PAIR: Final = 2
_NO_GAUGES: Final = ("NC", "NG", "FC")
_POWERED: Final = ("CC", "HC", "PR", "CP")


def _state(reply: str) -> str | None:
    """Return the state that a reply means; ``None`` for what is none."""
    word = reply.strip().upper()
    if number_in(word) is not None:
        return "ok"
    if word.startswith("LO<"):
        return "under range"
    if word.startswith(">"):
        return "over range"
    return STATES.get(word)


def _read_state(gauge: Gauge) -> str:
    reply = gauge.controller.ask(f"PR{gauge.number}")
    state = _state(reply)
    if state is None:
        raise gauge.controller.misunderstood(f"PR{gauge.number}?", reply, "a pressure or a state")
    return state


def _pressure(gauge: Gauge) -> float:
    with gauge.controller.monitor:
        unit = gauge.controller.read_unit()
        reply = gauge.controller.ask(f"PR{gauge.number}")
    number = number_in(reply)
    if number is not None:
        return float(number * PASCALS[unit])
    state = _state(reply)
    if state is None:
        raise gauge.controller.misunderstood(f"PR{gauge.number}?", reply, "a pressure or a state")
    raise InstrumentReportedError(
        f"there is no pressure: the gauge says {reply!r} ({state})",
        who=gauge.full_name,
        state="Nothing was changed.",
        advice=f"Look at {gauge.full_name}.state and at the gauge.",
        command=f"PR{gauge.number}?",
        entries=((0, reply),),
    )


def _kind(gauge: Gauge) -> str:
    slot, place = CHANNELS[gauge.number - 1][0], (gauge.number - 1) % _PAIR
    reply = gauge.controller.ask(f"ST{slot}")
    kinds = [each.strip() for each in reply.split(",")] if "," in reply else [reply[:_PAIR], reply[_PAIR:]]
    if place >= len(kinds) or not all(kind.isalpha() for kind in kinds[: place + 1]):
        raise gauge.controller.misunderstood(f"ST{slot}?", reply, "two kinds of sensors")
    return kinds[place]


def _there(gauge: Gauge) -> bool:
    """the controller finds a gauge there (kind)"""  # noqa: D400, D401, D403 - completes a sentence
    return gauge.kind.known_or_read() not in _NO_GAUGES


def _has_power(gauge: Gauge) -> bool:
    """the gauge has power that can be switched (kind is CC, HC, PR or CP)"""  # noqa: D400, D401, D403 - the same
    return gauge.kind.known_or_read() in _POWERED


class Gauge(Channel):
    """One gauge, at one of the channels A1 to C2."""

    pressure = parameter(
        float,
        get_cmd=_pressure,
        unit="Pa",
        relevant_when=_there,
        snapshot=False,
        doc="Pressure, in pascals whatever the display shows: its unit is asked for with each reading (U, PR). Refused "
        "where the gauge has none to tell: see state.",
    )
    state = parameter(
        str,
        get_cmd=_read_state,
        snapshot=False,
        doc='"ok", "under range", "over range", or another of STATES, such as "off", "starting", "no gauge" (PR).',
    )
    power_on = parameter(
        bool,
        get_cmd=lambda gauge: gauge.controller.ask_word(f"CP{gauge.number}", "ON", "OFF") == "ON",
        set_cmd=lambda gauge, on: gauge.controller.put(f"CP{gauge.number}", "ON" if on else "OFF"),
        relevant_when=_has_power,
        snapshot=False,
        doc="Whether the gauge has power, a cold cathode its high voltage; capacitance manometers have none to switch. "
        "At a high pressure an ion gauge that is switched on is damaged, where its protection does not keep it off "
        "(CP).",
    )
    kind = parameter(
        str,
        get_cmd=_kind,
        snapshot=False,
        doc="CC cold cathode, HC hot cathode, PR Pirani, CP convection Pirani, CM capacitance manometer, FC flow "
        "controller, NG or NC none (ST). It is asked for once: call forget() after another sensor was connected.",
    )

    def __init__(self, controller: MksController, name: str, number: int) -> None:
        self.controller = controller
        self.number = number
        super().__init__(controller, name)


def _ask_word(command: str, *words: str) -> Any:
    return lambda relay: relay.controller.ask_word(f"{command}{relay.number}", *words).lower()


def _put_word(command: str) -> Any:
    return lambda relay, word: relay.controller.put(f"{command}{relay.number}", word.upper())


class Relay(Channel):
    """One of the twelve relays, which is at one of the gauges."""

    setpoint = parameter(
        float,
        get_cmd=lambda relay: relay.controller.ask_pressure(f"SP{relay.number}"),
        unit="Pa",
        snapshot=False,
        doc="Pressure at which it switches (SP).",
    )
    hysteresis = parameter(
        float,
        get_cmd=lambda relay: relay.controller.ask_pressure(f"SH{relay.number}"),
        unit="Pa",
        snapshot=False,
        doc="Pressure at which it switches back (SH).",
    )
    direction = parameter(
        str,
        get_cmd=_ask_word("SD", "ABOVE", "BELOW"),
        set_cmd=_put_word("SD"),
        validator=Enum("above", "below"),
        snapshot=False,
        doc="On which side of its setpoint it is active; of ion gauges always below (SD).",
    )
    mode = parameter(
        str,
        get_cmd=_ask_word("EN", "SET", "ENABLE", "CLEAR"),
        set_cmd=_put_word("EN"),
        validator=Enum("set", "enable", "clear"),
        snapshot=False,
        doc='"enable": it follows the pressure; "set": active whatever the pressure; "clear": never active (EN). What '
        "it switches may be what protects a pump or a gauge.",
    )
    active = parameter(
        bool,
        get_cmd=lambda relay: relay.controller.ask_word(f"SS{relay.number}", "SET", "CLEAR") == "SET",
        snapshot=False,
        doc="Whether it is active (SS).",
    )

    def __init__(self, controller: MksController, name: str, number: int) -> None:
        self.controller = controller
        self.number = number
        super().__init__(controller, name)
