"""The outputs of the Lake Shore 372: sample heater, warm-up heater, and the analog output for a still.

Where the commands are known from is said in :mod:`luthier_lakeshore.bridge372`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from luthier import Channel, group, parameter
from luthier.scpi import parse_float, parse_int
from luthier.validators import Ints, Numbers

from luthier_lakeshore.event_status import parts_of
from luthier_lakeshore.loops import HEATER_ERRORS, VOLTAGE_RANGES, ControlLoop

if TYPE_CHECKING:
    from luthier_lakeshore.bridge372 import Bridge372
    from luthier_lakeshore.bridge_inputs import BridgeInput

__all__ = ["BridgeOutput", "SampleHeater", "StillOutput", "WarmUpHeater"]

SAMPLE_MODES: Final = {"off": 0, "open loop": 2, "zone": 3, "closed loop": 5}
WARM_UP_MODES: Final = {**SAMPLE_MODES, "warm-up": 6}
STILL_MODES: Final = {"off": 0, "monitor": 1, "open loop": 2, "still": 4}
SAMPLE_RANGES: Final = {
    "off": 0,
    "31.6 µA": 1,
    "100 µA": 2,
    "316 µA": 3,
    "1 mA": 4,
    "3.16 mA": 5,
    "10 mA": 6,
    "31.6 mA": 7,
    "100 mA": 8,
}
INPUTS: Final = {"none": "0", **{str(number): str(number) for number in range(1, 17)}, "A": "A"}
DISPLAYS: Final = {"current": 1, "power": 2}
MODE_PARTS: Final = 6
SETUP_PARTS: Final = 4


def _ask_mode(output: BridgeOutput) -> list[object]:
    mode, source, kept, polarity, filtered, delay = parts_of(output, f"OUTMODE? {output.number}", MODE_PARTS)
    name = source.strip().upper()
    return [
        parse_int(mode),
        name if name == "A" else str(parse_int(name)),
        bool(parse_int(kept)),
        parse_int(polarity),
        bool(parse_int(filtered)),
        parse_int(delay),
    ]


def _ask_setup(output: SampleHeater) -> list[object]:
    resistance, _, _, display = parts_of(output, f"HTRSET? {output.number}", SETUP_PARTS)
    return [parse_float(resistance), parse_int(display)]


class BridgeOutput(Channel):
    """One output. A snapshot is restored in the order of declaration: the mode first, the range last."""

    mode = parameter(str, group="output_mode", mapping=SAMPLE_MODES, doc="What the output does (OUTMODE).")
    input = parameter(
        str,
        group="output_mode",
        mapping=INPUTS,
        doc='Input that it is controlled from, by its number or letter, or "none" (OUTMODE).',
    )
    on_at_power_up = parameter(
        bool, group="output_mode", doc="Whether the output stays on when the instrument is switched on (OUTMODE)."
    )
    polarity = parameter(
        str,
        group="output_mode",
        mapping={"unipolar": 0, "bipolar": 1},
        doc='"bipolar" is for what is no heater; without a meaning for the warm-up heater (OUTMODE, p. 100).',
    )
    use_filter = parameter(
        bool, group="output_mode", doc="Whether filtered readings are controlled on (OUTMODE, p. 100)."
    )
    delay = parameter(
        int,
        group="output_mode",
        unit="s",
        validator=Ints(1, 255),
        doc="How long a change of the setpoint is put off while the inputs are scanned (OUTMODE).",
    )
    output_mode = group(
        "mode",
        "input",
        "on_at_power_up",
        "polarity",
        "use_filter",
        "delay",
        get_cmd=_ask_mode,
        set_cmd="OUTMODE {number},{mode},{input},{on_at_power_up},{polarity},{use_filter},{delay}",
        doc="What the output does, by one message (OUTMODE).",
    )
    manual_output = parameter(
        float,
        get_cmd="MOUT? {number}",
        set_cmd="MOUT {number},{}",
        unit="%",
        validator=Numbers(0, 100),
        doc='The output in the mode "open loop"; in the modes with control it is added (MOUT).',
    )
    heater_output = parameter(
        float,
        get_cmd="AOUT? {number}",
        unit="%",
        snapshot=False,
        doc="Present output, of full scale (AOUT?, named on p. 163; a percentage as in the maker's package).",
    )

    def __init__(self, parent: Bridge372, name: str, number: int) -> None:
        super().__init__(parent, name)
        self.number = number
        self.bridge = parent

    def control_input(self) -> BridgeInput | None:
        """Return the input that it is controlled from; ``None``: there is none."""
        return self.bridge.input_named(self.input.known_or_read())


class BridgeHeater(BridgeOutput):
    """An output with a control loop."""

    p = parameter(float, group="pid", unit="", validator=Numbers(0, 1000), doc="Proportional part (PID).")
    i = parameter(float, group="pid", unit="", validator=Numbers(0, 10000), doc="Integral part (PID).")
    d = parameter(float, group="pid", unit="", validator=Numbers(0, 2500), doc="Derivative part (PID).")
    pid = group(
        "p",
        "i",
        "d",
        get_cmd="PID? {number}",
        set_cmd="PID {number},{p},{i},{d}",
        doc="All three, by one message (PID).",
    )
    ramping = parameter(
        bool,
        group="ramp",
        doc="Whether the setpoint moves to a new value at ramp_rate, instead of being there at once (RAMP, p. 173).",
    )
    ramp_rate = parameter(
        float,
        group="ramp",
        unit="K/min",
        validator=Numbers(0.001, 100),
        doc="How fast the setpoint moves while ramping is on (RAMP, p. 173).",
    )
    ramp = group(
        "ramping",
        "ramp_rate",
        get_cmd="RAMP? {number}",
        set_cmd="RAMP {number},{ramping},{ramp_rate}",
        doc="Both, by one message (RAMP, p. 173).",
    )
    ramp_active = ControlLoop.ramp_active.replace(doc="Whether the setpoint is moving (RAMPST?, p. 173).")
    setpoint = ControlLoop.setpoint.replace(
        doc="Temperature that is aimed at, up to the limit of the curve of its input. Refused while the input prefers "
        "Ω, in which the number would be taken (SETP)."
    )
    heater_error = parameter(
        str,
        get_cmd="HTRST? {number}",
        mapping=HEATER_ERRORS,
        snapshot=False,
        doc="What was wrong with the heater; reading it clears it (HTRST?, p. 163).",
    )


class SampleHeater(BridgeHeater):
    """Output 0: up to 100 mA, for the sample."""

    heater_resistance = parameter(
        float,
        group="heater_setup",
        unit="Ω",
        validator=Numbers(1, 2000),
        doc="What the heater has; only powers are computed with it (HTRSET, p. 91 and 163).",
    )
    display = parameter(
        str,
        group="heater_setup",
        mapping=DISPLAYS,
        doc='"power": the instrument takes and answers outputs in watts, so that manual_output and heater_output are '
        "refused (HTRSET, p. 163).",
    )
    heater_setup = group(
        "heater_resistance",
        "display",
        get_cmd=_ask_setup,
        set_cmd="HTRSET {number},{heater_resistance},0,0,{display}",
        doc="Both, by one message (HTRSET, p. 163).",
    )
    manual_output = BridgeOutput.manual_output.replace(
        relevant_when={"display": "current"},
        doc='The output in the mode "open loop", of the current of the range; in the modes with control it is added '
        "(MOUT).",
    )
    heater_output = BridgeOutput.heater_output.replace(
        get_cmd="HTR?",
        relevant_when={"display": "current"},
        doc="Present output, of the current of the range (HTR?, p. 163).",
    )
    heater_power = parameter(
        float,
        get_cmd="HTR?",
        unit="W",
        relevant_when={"display": "power"},
        snapshot=False,
        doc="Present output, by heater_resistance (HTR?, p. 163).",
    )
    heater_range = parameter(
        str,
        get_cmd="RANGE? {number}",
        set_cmd="RANGE {number},{}",
        mapping=SAMPLE_RANGES,
        doc='The largest current; "off" switches the heater off. It has no effect in the mode "off" (RANGE, p. 173).',
    )

    def make_safe(self) -> None:
        """Switch the heater off (range off); setpoint and mode stay."""
        self.heater_range("off")


class WarmUpHeater(BridgeHeater):
    """Output 1: up to 10 W, to warm the cryostat up."""

    mode = BridgeOutput.mode.replace(
        mapping=WARM_UP_MODES, doc='What the output does; "warm-up" follows warm_up (OUTMODE).'
    )
    warm_up_control = parameter(
        str,
        group="warm_up",
        mapping={"auto off": 0, "continuous": 1},
        doc='In the mode "warm-up": whether the output ends by itself (WARMUP).',
    )
    warm_up_output = parameter(
        float,
        group="warm_up",
        unit="%",
        validator=Numbers(0, 100),
        doc='In the mode "warm-up": the output, of full current (WARMUP).',
    )
    warm_up = group(
        "warm_up_control",
        "warm_up_output",
        get_cmd="WARMUP?",
        set_cmd="WARMUP {warm_up_control},{warm_up_output}",
        doc="Both, by one message (WARMUP).",
    )
    heater_resistance = parameter(
        float,
        group="heater_setup",
        unit="Ω",
        mapping={25.0: 1, 50.0: 2},
        doc="What the heater has, nominally (HTRSET, p. 91 and 163).",
    )
    current_limit = parameter(
        str,
        group="heater_setup",
        mapping={"user": 0, "0.45 A": 1, "0.63 A": 2},
        doc='Largest current; "user": user_current_limit (HTRSET, p. 163).',
    )
    user_current_limit = parameter(
        float,
        group="heater_setup",
        unit="A",
        validator=Numbers(0, 0.63),
        doc='Largest current where current_limit is "user"; up to the largest that the page names (HTRSET, p. 163).',
    )
    display = parameter(
        str,
        group="heater_setup",
        mapping=DISPLAYS,
        doc="Whether heater_output is part of the current or of the power (HTRSET, p. 163).",
    )
    heater_setup = group(
        "heater_resistance",
        "current_limit",
        "user_current_limit",
        "display",
        get_cmd="HTRSET? {number}",
        set_cmd="HTRSET {number},{heater_resistance},{current_limit},{user_current_limit},{display}",
        doc="What protects the heater, by one message (HTRSET, p. 163).",
    )

    heater_range = parameter(
        str,
        get_cmd="RANGE? {number}",
        set_cmd="RANGE {number},{}",
        mapping=VOLTAGE_RANGES,
        doc='Whether the heater is on. It has no effect in the mode "off" (RANGE, p. 173).',
    )

    def make_safe(self) -> None:
        """Switch the heater off (range off); setpoint and mode stay."""
        self.heater_range("off")


class StillOutput(BridgeOutput):
    """Output 2: a voltage, for the heater of a still or as a monitor."""

    mode = BridgeOutput.mode.replace(
        mapping=STILL_MODES,
        doc='What the output does; "still" gives still_output, "monitor" follows the reading of the input (OUTMODE).',
    )
    still_output = parameter(
        float,
        get_cmd="STILL?",
        set_cmd="STILL {}",
        unit="%",
        validator=Numbers(0, 100),
        doc='The output in the mode "still", of full power (STILL).',
    )

    heater_range = parameter(
        str,
        get_cmd="RANGE? {number}",
        set_cmd="RANGE {number},{}",
        mapping=VOLTAGE_RANGES,
        doc='Whether the output is on. It has no effect in the mode "off", nor in the mode "monitor", in which the '
        "output always is on (RANGE, p. 173).",
    )

    def make_safe(self) -> None:
        """Switch the output off (range off); the mode stays."""
        self.heater_range("off")
