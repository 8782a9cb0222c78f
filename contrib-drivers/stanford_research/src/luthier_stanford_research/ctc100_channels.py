"""The channels of the CTC100: inputs, heater outputs with feedback, analog ports; commands: see ctc100."""

from __future__ import annotations

import re
from math import nan
from typing import TYPE_CHECKING, Any, Final

from luthier import Channel, parameter
from luthier.errors import UsageError
from luthier.scpi import format_float, parse_float
from luthier.validators import Numbers, Strings

if TYPE_CHECKING:
    from luthier_stanford_research.ctc100 import Ctc100

__all__ = ["AnalogPort", "Ctc100Input", "Ctc100Loop", "NamedChannel", "bare", "number", "word"]

NAME: Final = r"[A-Za-z][A-Za-z0-9 _]*"
CELSIUS: Final = 273.15
"""0 °C in K."""
MINUTE: Final = 60


def bare(reply: str) -> str:
    """Return what an answer says, without the name that stands before it where the instrument is talkative."""
    return reply.rpartition("=")[2].strip().strip("'\"")


def number(reply: str) -> float:
    """Return the number in an answer; not a number where the instrument has none to tell."""
    text = bare(reply)
    return nan if text.lower() in {"nan", "", "\x97"} else parse_float(text)


def word(reply: str) -> str:
    """Return the word in an answer, with a capital letter as the instrument's words have."""
    return bare(reply).capitalize()


def _joined(reply: str) -> str:
    return bare(reply).replace(" ", "")


class NamedChannel(Channel):
    """A channel that the instrument knows by a name, which people may have given it."""

    def __init__(self, parent: Ctc100, remote: str) -> None:
        super().__init__(parent, re.sub(r"\W", "_", remote.strip()).lower())
        self.controller = parent
        self.remote = remote.replace(" ", "")


def _zero_of(controller: Ctc100, remote: str) -> float:
    """Return what is added to a reading to have it in K."""
    unit = controller.known_units().get(remote, "")
    if unit == "K":
        return 0.0
    if unit.endswith("C"):
        return CELSIUS
    raise UsageError(
        f"{remote} is in {unit!r}, which is no unit of temperatures" if unit else f"there is no channel {remote}",
        who=controller.who,
        state="Nothing was changed.",
        advice="Set its units to K at the front panel, or read its value." if unit else "Ask channel_names().",
    )


def _temperature(channel: Ctc100Input) -> float:
    value = number(channel.query(f"{channel.remote}.value?"))
    return value + _zero_of(channel.controller, channel.remote)


class Ctc100Input(NamedChannel):
    """One input of a temperature sensor."""

    temperature = parameter(
        float,
        get_cmd=_temperature,
        unit="K",
        snapshot=False,
        doc="Temperature of the sensor, also where the display shows °C; not a number without a sensor (value?). The "
        "units of the display are asked for once, see channel_units().",
    )
    value = parameter(
        float,
        get_cmd="{remote}.value?",
        get_parser=number,
        unit="",
        snapshot=False,
        doc="Reading in the units of the display (value?).",
    )
    sensor = parameter(str, get_cmd="{remote}.sensor?", get_parser=bare, doc="Type of the sensor (sensor?).")


def _get_setpoint(question: str) -> Any:
    def ask(loop: Ctc100Loop) -> float:
        value = number(loop.query(f"{loop.remote}.PID.{question}?"))
        return value + _zero_of(loop.controller, loop.input.known_or_read())

    return ask


def _set_setpoint(loop: Ctc100Loop, kelvin: float) -> None:
    zero = _zero_of(loop.controller, loop.input())
    loop.write(f"{loop.remote}.PID.Setpoint {format_float(float(f'{kelvin - zero:.15g}'))}")


def _heater_output(loop: Ctc100Loop) -> float:
    limit = number(loop.query(f"{loop.remote}.HiLmt?"))
    return 100 * number(loop.query(f"{loop.remote}.value?")) / limit if limit else nan


class Ctc100Loop(NamedChannel):
    """One heater output with its feedback. Limits first, as a snapshot is restored in this order."""

    output_units = parameter(
        str, get_cmd="{remote}.Units?", get_parser=bare, doc="Units of the output: W, A or V (Units?)."
    )
    low_limit = parameter(
        float,
        get_cmd="{remote}.LowLmt?",
        get_parser=number,
        set_cmd="{remote}.LowLmt {}",
        unit="",
        validator=Numbers(0, None),
        doc="The smallest output, in output_units (LowLmt).",
    )
    high_limit = parameter(
        float,
        get_cmd="{remote}.HiLmt?",
        get_parser=number,
        set_cmd="{remote}.HiLmt {}",
        unit="",
        validator=Numbers(0, 100),
        doc="The largest output, in output_units (HiLmt).",
    )
    input = parameter(
        str,
        get_cmd="{remote}.PID.Input?",
        get_parser=_joined,
        set_cmd='{remote}.PID.Input "{}"',
        validator=Strings(pattern=NAME),
        doc="Name of the channel that is controlled, without spaces (PID.Input).",
    )
    p = parameter(
        float,
        get_cmd="{remote}.PID.P?",
        get_parser=number,
        set_cmd="{remote}.PID.P {}",
        unit="",
        validator=Numbers(),
        doc="Proportional part (PID.P).",
    )
    i = parameter(
        float,
        get_cmd="{remote}.PID.I?",
        get_parser=number,
        set_cmd="{remote}.PID.I {}",
        unit="",
        validator=Numbers(),
        doc="Integral part (PID.I).",
    )
    d = parameter(
        float,
        get_cmd="{remote}.PID.D?",
        get_parser=number,
        set_cmd="{remote}.PID.D {}",
        unit="",
        validator=Numbers(),
        doc="Derivative part (PID.D).",
    )
    ramp_rate = parameter(
        float,
        get_cmd=lambda loop: float(f"{number(loop.query(f'{loop.remote}.PID.Ramp?')) * MINUTE:.12g}"),
        set_cmd=lambda loop, rate: loop.write(f"{loop.remote}.PID.Ramp {format_float(float(f'{rate / MINUTE:.15g}'))}"),
        unit="K/min",
        validator=Numbers(0, None),
        doc="How fast the setpoint is approached; 0: at once. The instrument has it in K/s, which no manual confirms: "
        "look at the front panel what arrives (PID.Ramp).",
    )
    setpoint = parameter(
        float,
        get_cmd=_get_setpoint("Setpoint"),
        set_cmd=_set_setpoint,
        unit="K",
        validator=Numbers(0, None),
        depends_on=("input",),
        doc="Temperature that is aimed at, also where the display shows °C (PID.Setpoint).",
    )
    mode = parameter(
        str,
        get_cmd="{remote}.PID.Mode?",
        get_parser=word,
        set_cmd="{remote}.PID.Mode {}",
        mapping={"off": "Off", "on": "On", "follow": "Follow"},
        doc='Whether the feedback sets the output. "off" leaves the heater at its last output: switch_off() ends both '
        "(PID.Mode).",
    )
    manual_output = parameter(
        float,
        get_cmd="{remote}.value?",
        get_parser=number,
        set_cmd="{remote}.value {}",
        unit="",
        validator=Numbers(0, None),
        maximum=lambda loop: loop.high_limit.known_or_read(),
        relevant_when={"mode": "off"},
        doc="Output in output_units while there is no feedback, up to high_limit (value).",
    )
    ramp_setpoint = parameter(
        float,
        get_cmd=_get_setpoint("RampT"),
        unit="K",
        snapshot=False,
        doc="Where the setpoint is on its way (PID.RampT?).",
    )
    output_value = parameter(
        float,
        get_cmd="{remote}.value?",
        get_parser=number,
        unit="",
        snapshot=False,
        doc="Present output, in output_units (value?).",
    )
    heater_output = parameter(
        float, get_cmd=_heater_output, unit="%", snapshot=False, doc="Present output, of high_limit (value?, HiLmt?)."
    )

    def __init__(self, parent: Ctc100, remote: str) -> None:
        super().__init__(parent, remote)
        self.add_function(
            "switch_off", f"{self.remote}.Off", doc="End feedback and tuning, and set the output to low_limit (Off)."
        )


class AnalogPort(NamedChannel):
    """One analog port of ±10 V, an input or an output."""

    port_type = parameter(
        str,
        get_cmd="{remote}.IOType?",
        get_parser=word,
        set_cmd='{remote}.IOType "{}"',
        mapping={"input": "Input", "set output": "Set out", "measured output": "Meas out"},
        doc="Whether it is an input, an output, or an output whose voltage is measured. What an output gives before "
        "its voltage is set is not confirmed (IOType).",
    )
    voltage = parameter(
        float,
        get_cmd="{remote}.value?",
        get_parser=number,
        set_cmd="{remote}.value {}",
        unit="V",
        validator=Numbers(-10, 10),
        relevant_when={"port_type": ("set output", "measured output")},
        doc="Voltage of an output (value).",
    )
    measured_voltage = parameter(
        float, get_cmd="{remote}.value?", get_parser=number, unit="V", snapshot=False, doc="Voltage at it (value?)."
    )
