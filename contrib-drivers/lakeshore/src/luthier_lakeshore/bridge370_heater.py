"""The heater and the two analog outputs of the Lake Shore 370.

Where the commands are known from is said in :mod:`luthier_lakeshore.bridge370`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from luthier import Channel, group, parameter
from luthier.errors import UsageError
from luthier.validators import Ints, Numbers

from luthier_lakeshore.bridge_outputs import DISPLAYS, SAMPLE_RANGES

if TYPE_CHECKING:
    from luthier_lakeshore.bridge370 import Bridge370

__all__ = ["AnalogOutput", "Heater370"]

MODES: Final = {"closed loop": 1, "zone": 2, "open loop": 3, "off": 4}
UNITS: Final = {"K": 1, "Ω": 2}
LIMITS: Final = {name: place for name, place in SAMPLE_RANGES.items() if place}
OUTPUT_MODES: Final = {"off": 0, "channel": 1, "manual": 2, "zone": 3}
STILL_MODES: Final = {**OUTPUT_MODES, "still": 4}
SOURCES: Final = {"K": 1, "Ω": 2, "linear": 3}
HEATER_ERRORS: Final = {"none": 0, "open": 1}


def _set_range(heater: Heater370, place: int) -> None:
    """Set it, within its limit; switching off asks nothing before."""
    limit = heater.range_limit() if place else ""
    if place and place > LIMITS[limit]:
        raise UsageError(
            f"the range is beyond range_limit, which is {limit!r}",
            who=heater.full_name,
            state="Nothing was changed.",
            advice="Choose a lower range, or set range_limit first if the heater and its wires bear it.",
        )
    heater.write(f"HTRRNG {place}")


def _curve_limit(heater: Heater370) -> float:
    bridge: Bridge370 = heater.bridge
    return bridge.inputs[f"input{heater.input.known_or_read()}"].setpoint_limit.known_or_read()


class Heater370(Channel):
    """The control loop and its heater. A snapshot is restored in the order of declaration: the range last."""

    mode = parameter(
        str,
        get_cmd="CMODE?",
        set_cmd="CMODE {}",
        mapping=MODES,
        doc="What the heater does; changing it may change the setpoint (CMODE).",
    )
    polarity = parameter(
        str,
        get_cmd="CPOL?",
        set_cmd="CPOL {}",
        mapping={"unipolar": 0, "bipolar": 1},
        doc='"bipolar" is for what is no heater (CPOL).',
    )
    input = parameter(int, group="setup", validator=Ints(1, 16), doc="Input that it is controlled from (CSET).")
    use_filter = parameter(bool, group="setup", doc="Whether filtered readings are controlled on (CSET).")
    setpoint_units = parameter(
        str,
        group="setup",
        mapping=UNITS,
        doc='Units of the setpoint; "Ω" where the input has no curve (CSET, paragraph 4.11.2.3).',
    )
    delay = parameter(
        int,
        group="setup",
        unit="s",
        validator=Ints(1, 255),
        doc="How long the scanner stays at the input after a change of the setpoint (CSET, paragraph 4.11.2.4).",
    )
    display = parameter(
        str,
        group="setup",
        mapping=DISPLAYS,
        doc='"power": the instrument takes and answers outputs in watts, so that manual_output and heater_output are '
        "refused (CSET).",
    )
    range_limit = parameter(str, group="setup", mapping=LIMITS, doc="The highest range that is allowed (CSET).")
    heater_resistance = parameter(
        float,
        group="setup",
        unit="Ω",
        validator=Numbers(1, 1e5),
        doc="What the heater has; only powers are computed with it (CSET).",
    )
    setup = group(
        "input",
        "use_filter",
        "setpoint_units",
        "delay",
        "display",
        "range_limit",
        "heater_resistance",
        get_cmd="CSET?",
        set_cmd="CSET {input},{use_filter},{setpoint_units},{delay},{display},{range_limit},{heater_resistance}",
        doc="What is controlled, and within which limits, by one message (CSET).",
    )
    p = parameter(float, group="pid", unit="", validator=Numbers(0.001, 1000), doc="Proportional part (PID).")
    i = parameter(float, group="pid", unit="", validator=Numbers(0, 10000), doc="Integral part (PID).")
    d = parameter(float, group="pid", unit="", validator=Numbers(0, 2500), doc="Derivative part (PID).")
    pid = group("p", "i", "d", get_cmd="PID?", set_cmd="PID {p},{i},{d}", doc="All three, by one message (PID).")
    ramping = parameter(
        bool,
        group="ramp",
        doc="Whether the setpoint moves to a new value at ramp_rate, instead of being there at once (RAMP).",
    )
    ramp_rate = parameter(
        float,
        group="ramp",
        unit="K/min",
        validator=Numbers(0.001, 10),
        doc="How fast the setpoint moves while ramping is on (RAMP).",
    )
    ramp = group(
        "ramping",
        "ramp_rate",
        get_cmd="RAMP?",
        set_cmd="RAMP {ramping},{ramp_rate}",
        doc="Both, by one message (RAMP).",
    )
    ramp_active = parameter(bool, get_cmd="RAMPST?", snapshot=False, doc="Whether the setpoint is moving (RAMPST?).")
    setpoint = parameter(
        float,
        get_cmd="SETP?",
        set_cmd="SETP {}",
        unit="K",
        validator=Numbers(0, None),
        maximum=_curve_limit,
        relevant_when={"setpoint_units": "K"},
        depends_on=("mode", "input", "setpoint_units", "setup"),
        doc="Temperature that is aimed at, up to the limit of the curve of its input. Refused while setpoint_units is "
        '"Ω", in which the number would be taken (SETP).',
    )
    manual_output = parameter(
        float,
        get_cmd="MOUT?",
        set_cmd="MOUT {}",
        unit="%",
        validator=Numbers(0, 100),
        relevant_when={"display": "current"},
        doc='The output in the mode "open loop", of the current of the range (MOUT).',
    )
    heater_output = parameter(
        float,
        get_cmd="HTR?",
        unit="%",
        relevant_when={"display": "current"},
        snapshot=False,
        doc="Present output, of the current of the range (HTR?).",
    )
    heater_power = parameter(
        float,
        get_cmd="HTR?",
        unit="W",
        relevant_when={"display": "power"},
        snapshot=False,
        doc="Present output, by heater_resistance (HTR?).",
    )
    heater_error = parameter(
        str, get_cmd="HTRST?", mapping=HEATER_ERRORS, snapshot=False, doc="What is wrong with the heater (HTRST?)."
    )
    heater_range = parameter(
        str,
        get_cmd="HTRRNG?",
        set_cmd=_set_range,
        mapping=SAMPLE_RANGES,
        doc='The largest current; "off" switches the heater off. A range beyond range_limit, which is asked for, is '
        "refused (HTRRNG).",
    )

    def __init__(self, parent: Bridge370, name: str) -> None:
        super().__init__(parent, name)
        self.bridge = parent

    def make_safe(self) -> None:
        """Switch the heater off (range off); setpoint and mode stay."""
        self.heater_range("off")


class AnalogOutput(Channel):
    """One of the analog outputs, 10 V at 100 %."""

    polarity = parameter(
        str, group="setup", mapping={"unipolar": 0, "bipolar": 1}, doc="Whether it goes below 0 V (ANALOG)."
    )
    mode = parameter(
        str,
        group="setup",
        mapping=OUTPUT_MODES,
        doc='What the output does; "channel" follows an input, "manual" gives manual_output (ANALOG).',
    )
    input = parameter(
        int, group="setup", validator=Ints(0, 16), doc='Input that the mode "channel" follows; 0 where none (ANALOG).'
    )
    source = parameter(
        str,
        group="setup",
        mapping={**SOURCES, "none": 0},
        doc='Which reading of it; "none" where the instrument answers 0 (ANALOG).',
    )
    high_value = parameter(float, group="setup", unit="", doc="Reading at 100 %, in the units of the source (ANALOG).")
    low_value = parameter(
        float, group="setup", unit="", doc="Reading at 0 %, bipolar at -100 %, in the units of the source (ANALOG)."
    )
    manual_output = parameter(
        float,
        group="setup",
        unit="%",
        validator=Numbers(-100, 100),
        minimum=lambda output: -100.0 if output.polarity.known_or_read() == "bipolar" else 0.0,
        doc='The output in the mode "manual"; negative where bipolar (ANALOG).',
    )
    setup = group(
        "polarity",
        "mode",
        "input",
        "source",
        "high_value",
        "low_value",
        "manual_output",
        get_cmd="ANALOG? {number}",
        set_cmd="ANALOG {number},{polarity},{mode},{input},{source},{high_value},{low_value},{manual_output}",
        doc="All of it, by one message (ANALOG).",
    )
    output_value = parameter(
        float, get_cmd="AOUT? {number}", unit="%", snapshot=False, doc="Present output, of 10 V (AOUT?)."
    )

    def __init__(self, parent: Any, name: str, number: int) -> None:
        super().__init__(parent, name)
        self.number = number

    def make_safe(self) -> None:
        """Switch the output off, except in the mode "channel", in which it follows a reading."""
        if self.mode() != "channel":
            self.mode("off")


class StillOutput370(AnalogOutput):
    """The second analog output, which can heat a still."""

    mode = AnalogOutput.mode.replace(
        mapping=STILL_MODES,
        doc='What the output does; "channel" follows an input, "manual" gives manual_output, "still" still_output '
        "(ANALOG).",
    )
    still_output = parameter(
        float,
        get_cmd="STILL?",
        set_cmd="STILL {}",
        unit="%",
        validator=Numbers(0, 100),
        doc='The output in the mode "still", of 10 V (STILL).',
    )
