"""One channel of a 2600: what it sources, within which limits, and what it measures.

Sources: see :mod:`luthier_keithley.smu2600`.
"""

from __future__ import annotations

from math import inf, isnan
from typing import TYPE_CHECKING, Any, ClassVar

from luthier import Channel, group, parameter
from luthier.errors import ReplyError
from luthier.scpi import parse_float
from luthier.validators import Enum, Ints, Numbers

if TYPE_CHECKING:
    from luthier.parameter import Declaration


from luthier_keithley.known_settings import known
from luthier_keithley.smu2600_ranges import (
    HIGH_VOLTAGES,
    LOW_VOLTAGES,
    TO_1_5_AMPERES,
    TO_1_5_FROM_100_PICO,
    TO_1_5_FROM_NANO,
    TO_3_AMPERES,
)

__all__ = ["Channel260x", "Channel261x", "Channel2634", "Channel2635", "SmuChannel"]

OVER_RANGE = 1.01
LOWEST_LIMIT = 0.1
"""As part of the lowest source range: 10 mV or 20 mV, 10 nA or 100 pA (Rev. F, page 9-244)."""


def _rounded(value: float) -> float:
    """Return a limit without its last binary digits, which the instrument or the user would stumble over."""
    return float(f"{value:.6g}")


def _full_scale(nominal: float) -> float:
    """Return 101 % of a range."""
    return _rounded(nominal * OVER_RANGE)


def _largest_voltage(channel: SmuChannel) -> float:
    if known(channel.source_voltage_auto_range):
        return _full_scale(channel.voltage_ranges[-1])
    return _full_scale(known(channel.source_voltage_range))


def _largest_current(channel: SmuChannel) -> float:
    if known(channel.source_current_auto_range):
        return _full_scale(channel.current_ranges[-1])
    return _full_scale(known(channel.source_current_range))


def _number(reply: str) -> str:
    """Return a code as it was sent, ``"1"`` where ``"1.00000e+00"`` is answered."""
    return f"{round(parse_float(reply))}"


def _truth(reply: str) -> bool:
    if reply.strip() not in ("true", "false"):
        raise ReplyError(
            f"the reply {reply!r} is no truth value", command="", reply=reply, expected="'true' or 'false'"
        )
    return reply.strip() == "true"


def _word(attribute: str, words: dict[str, str], doc: str, **more: Any) -> Declaration[str]:
    return parameter(
        str,
        get_cmd=f"print(smu{{letter}}.{attribute})",
        set_cmd=f"smu{{letter}}.{attribute}={{}}",
        mapping=words,
        get_parser=_number,
        doc=f"{doc} (smuX.{attribute}).",
        **more,
    )


def _switch(attribute: str, doc: str, **more: Any) -> Declaration[bool]:
    return parameter(
        bool,
        get_cmd=f"print(smu{{letter}}.{attribute})",
        set_cmd=f"smu{{letter}}.{attribute}={{}}",
        get_parser=lambda reply: parse_float(reply) == 1,
        doc=f"{doc} (smuX.{attribute}).",
        **more,
    )


def _float(attribute: str, unit: str, doc: str, **more: Any) -> Declaration[float]:
    return parameter(
        float,
        get_cmd=f"print(smu{{letter}}.{attribute})",
        set_cmd=f"smu{{letter}}.{attribute}={{}}",
        unit=unit,
        doc=f"{doc} (smuX.{attribute}).",
        **more,
    )


def _measured(text: str) -> float:
    """Return a reading; an overflow is infinite, whether it is answered as 9.91E37, as expected, or as 9.9E37."""
    value = parse_float(text)
    return inf if isnan(value) else value


def _both(channel: SmuChannel) -> list[float]:
    command = f"print(smu{channel.letter}.measure.iv())"
    reply = channel.query(command)
    fields = reply.split()
    if len(fields) != len(("current", "voltage")):
        raise ReplyError(
            f"{command!r} was answered by {len(fields)} numbers; expected: current and voltage",
            command=command,
            reply=reply,
            expected="two numbers with a tab between",
        )
    current, voltage = map(_measured, fields)
    return [voltage, current]


def _source_range(letter: str, unit: str, quantity: str, ranges: tuple[float, ...]) -> Declaration[float]:
    return _float(
        f"source.range{letter}",
        unit,
        f"Range of the {quantity} source; levels go to 101 % of it. Setting it ends automatic ranging; while that is "
        "on, read it anew, because the cache does not follow the level",
        validator=Enum(*ranges),
        depends_on=(f"source_{quantity}_auto_range",),
    )


def _measuring_range(letter: str, unit: str, quantity: str, ranges: tuple[float, ...]) -> Declaration[float]:
    return _float(
        f"measure.range{letter}",
        unit,
        f"Range for measuring {quantity}; a {quantity} source measures on its source range. Setting it ends automatic "
        "ranging",
        validator=Enum(*ranges),
        depends_on=(f"{quantity}_auto_range",),
    )


class SmuChannel(Channel):
    """One channel; a snapshot is restored in the order of declaration: limits before levels, the output last."""

    voltage_ranges: ClassVar[tuple[float, ...]] = HIGH_VOLTAGES
    """For sourcing and measuring, in V; levels go to 101 % of them."""
    current_ranges: ClassVar[tuple[float, ...]] = TO_1_5_AMPERES
    """For sourcing, in A."""

    sense = _word("sense", {"local": "0", "remote": "1"}, "Whether two or four wires sense the voltage")
    output_off_state = _word(
        "source.offmode",
        {"normal": "0", "zero": "1", "high impedance": "2"},
        'What the terminals are like while the output is off: "normal": 0 V or 0 A with limits of their own; "zero": '
        '0 V; "high impedance": disconnected by a relay, which wears',
    )
    source_function = _word(
        "source.func",
        {"current": "0", "voltage": "1"},
        "What is sourced; whether changing it switches the output off is not confirmed",
    )
    current_limit = _float(
        "source.limiti",
        "A",
        "Compliance of the voltage source, for both polarities",
        validator=Numbers(0, None),
        minimum=lambda channel: _rounded(channel.current_ranges[0] * LOWEST_LIMIT),
        maximum=lambda channel: channel.current_ranges[-1],
    )
    voltage_limit = _float(
        "source.limitv",
        "V",
        "Compliance of the current source, for both polarities",
        validator=Numbers(0, None),
        minimum=lambda channel: _rounded(channel.voltage_ranges[0] * LOWEST_LIMIT),
        maximum=lambda channel: channel.voltage_ranges[-1],
    )
    source_voltage_range = _source_range("v", "V", "voltage", HIGH_VOLTAGES)
    source_voltage_auto_range = _switch(
        "source.autorangev", "The range follows the level", depends_on=("source_voltage_range",)
    )
    source_current_range = _source_range("i", "A", "current", TO_1_5_AMPERES)
    source_current_auto_range = _switch(
        "source.autorangei", "The range follows the level", depends_on=("source_current_range",)
    )
    voltage = _float(
        "source.levelv",
        "V",
        "Level of the voltage source, at the terminals as soon as the output is on",
        minimum=lambda channel: -_largest_voltage(channel),
        maximum=_largest_voltage,
        relevant_when={"source_function": "voltage"},
    )
    current = _float(
        "source.leveli",
        "A",
        "Level of the current source, at the terminals as soon as the output is on",
        minimum=lambda channel: -_largest_current(channel),
        maximum=_largest_current,
        relevant_when={"source_function": "current"},
    )
    voltage_range = _measuring_range("v", "V", "voltage", HIGH_VOLTAGES)
    voltage_auto_range = _switch(
        "measure.autorangev", "The instrument chooses the range for voltage", depends_on=("voltage_range",)
    )
    current_range = _measuring_range("i", "A", "current", TO_1_5_AMPERES)
    current_auto_range = _switch(
        "measure.autorangei", "The instrument chooses the range for current", depends_on=("current_range",)
    )
    nplc = _float(
        "measure.nplc", "", "Integration time in periods of the mains, for both", validator=Numbers(0.001, 25)
    )
    averaging_type = _word(
        "measure.filter.type",
        {"moving": "0", "repeat": "1", "median": "2"},
        '"repeat" takes new readings for each average, "moving" and "median" one new reading',
    )
    averaging_count = parameter(
        int,
        get_cmd="print(smu{letter}.measure.filter.count)",
        set_cmd="smu{letter}.measure.filter.count={}",
        validator=Ints(1, 100),
        doc="How many readings are averaged (smuX.measure.filter.count).",
    )
    averaging = _switch("measure.filter.enable", "Whether readings are averaged")
    output = _switch("source.output", "Whether the source is at the terminals", depends_on=("source_function",))
    in_limit = parameter(
        bool,
        get_cmd="print(smu{letter}.source.compliance)",
        get_parser=_truth,
        snapshot=False,
        doc="Whether the source is held back by its limit at present (smuX.source.compliance).",
    )
    measured_voltage = parameter(
        float, group="reading", unit="V", snapshot=False, doc="Voltage of one reading, measured."
    )
    measured_current = parameter(
        float, group="reading", unit="A", snapshot=False, doc="Current of one reading, measured."
    )
    reading = group(
        "measured_voltage",
        "measured_current",
        get_cmd=_both,
        doc="Measures current and voltage together, also with the output off; an overflow is infinite "
        "(smuX.measure.iv).",
    )

    def __init__(self, parent: Any, letter: str) -> None:
        super().__init__(parent, f"smu{letter}")
        self.letter = letter
        self.add_function(
            "reset_channel",
            f"smu{letter}.reset()",
            doc="Give this channel its settings from the factory; the output goes off (smuX.reset). What was cached "
            "of it is read anew with forget().",
        )

    def make_safe(self) -> None:
        """Switch the output off; what is then at the terminals says ``output_off_state``."""
        self.output(False)


class Channel261x(SmuChannel):
    """A channel of a 2611, 2612 or 2614."""


class Channel260x(SmuChannel):
    """A channel of a 2601, 2602 or 2604."""

    voltage_ranges = LOW_VOLTAGES
    current_ranges = TO_3_AMPERES
    source_voltage_range = _source_range("v", "V", "voltage", LOW_VOLTAGES)
    source_current_range = _source_range("i", "A", "current", TO_3_AMPERES)
    voltage_range = _measuring_range("v", "V", "voltage", LOW_VOLTAGES)
    current_range = _measuring_range("i", "A", "current", TO_3_AMPERES)


class Channel2634(SmuChannel):
    """A channel of a 2634."""

    current_ranges = TO_1_5_FROM_NANO
    source_current_range = _source_range("i", "A", "current", TO_1_5_FROM_NANO)
    current_range = _measuring_range("i", "A", "current", TO_1_5_FROM_NANO)


class Channel2635(Channel2634):
    """A channel of a 2635 or 2636."""

    current_range = _measuring_range("i", "A", "current", TO_1_5_FROM_100_PICO)
