"""The control loops of temperature controllers of Lake Shore: an output, and the input that it is controlled from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import Channel, group, parameter
from luthier.scpi import format_float, parse_float, parse_int
from luthier.validators import Enum, Ints, Numbers

from luthier_lakeshore.event_status import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier_lakeshore.controllers import TemperatureController
    from luthier_lakeshore.inputs import TemperatureInput

__all__ = ["HEATER_ERRORS", "VOLTAGE_RANGES", "ControlLoop", "HeaterLoop", "ProtectedHeaterLoop", "VoltageLoop", "Zone"]

CURRENT_MODES: Final = {"off": 0, "closed loop": 1, "zone": 2, "open loop": 3}
VOLTAGE_MODES: Final = {**CURRENT_MODES, "monitor": 4, "warm-up": 5}
HEATER_RANGES: Final = {"off": 0, "low": 1, "medium": 2, "high": 3}
VOLTAGE_RANGES: Final = {"off": 0, "on": 1}
ZONE_PARTS: Final[tuple[Callable[[str], float], ...]] = (*(parse_float,) * 5, parse_int, parse_int, parse_float)
HEATER_ERRORS: Final = {"none": 0, "open": 1, "short": 2}


def _in_kelvin(loop: ControlLoop) -> bool:
    """preferred_units of its input is 'K'"""  # noqa: D400 - completes a sentence
    source = loop.control_input()
    return source is None or source.preferred_units.known_or_read() == "K"


def _curve_limit(loop: ControlLoop) -> float | None:
    source = loop.control_input()
    return None if source is None else source.setpoint_limit.known_or_read()


def _ask_zone(zone: Zone) -> list[float]:
    question = f"ZONE? {zone.loop.number},{zone.number()}"
    return [parse(part) for parse, part in zip(ZONE_PARTS, parts_of(zone, question, len(ZONE_PARTS)), strict=True)]


def _set_zone(zone: Zone, values: dict[str, Any]) -> None:
    texts = ",".join(format_float(value) for value in values.values())
    zone.write(f"ZONE {zone.loop.number},{zone.number()},{texts}")


class Zone(Channel):
    """The zones of a loop, of which one is looked at: choose it by ``number``.

    In the mode "zone" the loop takes its settings from the zone that the setpoint is in.
    """

    number = parameter(int, initial=1, validator=Ints(1, 10), snapshot=False, doc="Which zone is looked at; held here.")
    upper_bound = parameter(
        float,
        group="settings",
        unit="K",
        validator=Numbers(0, 9999),
        depends_on=("number",),
        snapshot=False,
        doc="The largest setpoint in this zone (ZONE).",
    )
    p = parameter(
        float,
        group="settings",
        unit="",
        validator=Numbers(0.1, 1000),
        depends_on=("number",),
        snapshot=False,
        doc="Proportional part (ZONE).",
    )
    i = parameter(
        float,
        group="settings",
        unit="",
        validator=Numbers(0.1, 1000),
        depends_on=("number",),
        snapshot=False,
        doc="Integral part (ZONE).",
    )
    d = parameter(
        float,
        group="settings",
        unit="%",
        validator=Numbers(0, 200),
        depends_on=("number",),
        snapshot=False,
        doc="Derivative part (ZONE).",
    )
    manual_output = parameter(
        float,
        group="settings",
        unit="%",
        validator=Numbers(0, 100),
        depends_on=("number",),
        snapshot=False,
        doc="What is added to the output (ZONE).",
    )
    heater_range = parameter(
        int,
        group="settings",
        validator=Ints(0, 5),
        maximum=lambda zone: max(zone.loop.ranges.values()),
        depends_on=("number",),
        snapshot=False,
        doc="Heater range as its number, 0 for off (ZONE).",
    )
    input_number = parameter(
        int,
        group="settings",
        validator=Ints(0, 8),
        maximum=lambda zone: len(zone.loop.controller.inputs),
        depends_on=("number",),
        snapshot=False,
        doc="Input that the loop is controlled from, 1 for A and so on; 0: that of the loop (ZONE).",
    )
    ramp_rate = parameter(
        float,
        group="settings",
        unit="K/min",
        validator=Numbers(0.1, 100),
        depends_on=("number",),
        snapshot=False,
        doc="How fast the setpoint moves in this zone (ZONE).",
    )
    settings = group(
        "upper_bound",
        "p",
        "i",
        "d",
        "manual_output",
        "heater_range",
        "input_number",
        "ramp_rate",
        get_cmd=_ask_zone,
        set_cmd=_set_zone,
        doc="All settings of the zone, by one message (ZONE).",
    )

    def __init__(self, loop: ControlLoop) -> None:
        super().__init__(loop, "zone")
        self.loop = loop


class ControlLoop(Channel):
    """One loop. A snapshot is restored in the order of declaration: limits before the setpoint, the heater last."""

    ranges: ClassVar[dict[str, int]] = HEATER_RANGES

    mode = parameter(
        str,
        group="output_mode",
        mapping=CURRENT_MODES,
        doc='"closed loop" controls the temperature, "zone" too, with the settings of the zones; "open loop" gives '
        "manual_output (OUTMODE).",
    )
    input = parameter(
        str,
        group="output_mode",
        doc='Input that it is controlled from, by its letter, or "none" (OUTMODE).',
        mapping={"none": 0, "A": 1, "B": 2, "C": 3, "D": 4},
    )
    on_at_power_up = parameter(
        bool, group="output_mode", doc="Whether the output stays on when the instrument is switched on (OUTMODE)."
    )
    output_mode = group(
        "mode",
        "input",
        "on_at_power_up",
        get_cmd="OUTMODE? {number}",
        set_cmd="OUTMODE {number},{mode},{input},{on_at_power_up}",
        doc="What the output does, by one message (OUTMODE).",
    )
    p = parameter(
        float, group="pid", unit="", validator=Numbers(0.1, 1000), doc="Proportional part of the control (PID)."
    )
    i = parameter(float, group="pid", unit="", validator=Numbers(0.1, 1000), doc="Integral part of the control (PID).")
    d = parameter(float, group="pid", unit="%", validator=Numbers(0, 200), doc="Derivative part of the control (PID).")
    pid = group(
        "p",
        "i",
        "d",
        get_cmd="PID? {number}",
        set_cmd="PID {number},{p},{i},{d}",
        doc="All three, by one message (PID).",
    )
    manual_output = parameter(
        float,
        get_cmd="MOUT? {number}",
        set_cmd="MOUT {number},{}",
        unit="%",
        validator=Numbers(0, 100),
        doc='The output in the mode "open loop"; in the others it is added to that of the control (MOUT).',
    )
    ramping = parameter(
        bool,
        group="ramp",
        doc="Whether the setpoint moves to a new value at ramp_rate, instead of being there at once (RAMP).",
    )
    ramp_rate = parameter(
        float,
        group="ramp",
        unit="K/min",
        validator=Numbers(0.1, 100),
        doc="How fast the setpoint moves while ramping is on (RAMP).",
    )
    ramp = group(
        "ramping",
        "ramp_rate",
        get_cmd="RAMP? {number}",
        set_cmd="RAMP {number},{ramping},{ramp_rate}",
        doc="Both, by one message (RAMP).",
    )
    ramp_active = parameter(
        bool, get_cmd="RAMPST? {number}", snapshot=False, doc="Whether the setpoint is moving (RAMPST?)."
    )
    setpoint = parameter(
        float,
        get_cmd="SETP? {number}",
        set_cmd="SETP {number},{}",
        unit="K",
        validator=Numbers(0, None),
        maximum=_curve_limit,
        relevant_when=_in_kelvin,
        depends_on=("output_mode", "input"),
        doc="Temperature that is aimed at, up to the limit of the curve of its input, where the instrument would cut "
        "it off. Refused while the input prefers other units than K, in which the number would be taken (SETP).",
    )
    heater_range = parameter(
        str,
        get_cmd="RANGE? {number}",
        set_cmd="RANGE {number},{}",
        mapping=HEATER_RANGES,
        doc='How far the heater can go; "off" switches it off. It has no effect in the mode "off" (RANGE).',
    )
    heater_output = parameter(
        float,
        get_cmd="HTR? {number}",
        unit="%",
        snapshot=False,
        doc="Present output, of the full scale of the range (HTR?).",
    )

    def __init__(self, parent: TemperatureController, number: int) -> None:
        super().__init__(parent, f"loop{number}")
        self.number = number
        self.controller = parent
        self.zone = Zone(self)
        self.add_function(
            "autotune",
            f"ATUNE {number},{{}}",
            arguments=(Enum(0, 1, 2),),
            doc="Let the instrument find P (0), P and I (1), or P, I and D (2), by a step of the setpoint (ATUNE).",
        )

    def control_input(self) -> TemperatureInput | None:
        """Return the input that it is controlled from; ``None``: there is none."""
        letter = self.input.known_or_read()
        return None if letter == "none" else self.controller.inputs[f"input_{letter.lower()}"]

    def make_safe(self) -> None:
        """Switch the heater off (range off); setpoint and mode stay."""
        self.heater_range("off")


class HeaterLoop(ControlLoop):
    """A loop with an output that drives a current through a heater."""

    heater_error = parameter(
        str,
        get_cmd="HTRST? {number}",
        mapping=HEATER_ERRORS,
        snapshot=False,
        doc="What was wrong with the heater; reading it clears it (HTRST?).",
    )


class ProtectedHeaterLoop(HeaterLoop):
    """A loop with a heater whose resistance and largest current are set."""

    heater_resistance = parameter(
        float,
        group="heater_setup",
        unit="Ω",
        mapping={25.0: 1, 50.0: 2},
        doc="What the heater has, nominally (HTRSET).",
    )
    current_limit = parameter(
        str,
        group="heater_setup",
        mapping={"user": 0, "0.707 A": 1, "1 A": 2, "1.141 A": 3, "2 A": 4},
        doc='Largest current of the highest range; "user": user_current_limit (HTRSET).',
    )
    user_current_limit = parameter(
        float,
        group="heater_setup",
        unit="A",
        validator=Numbers(0.1, 2),
        doc='Largest current where current_limit is "user" (HTRSET).',
    )
    display = parameter(
        str,
        group="heater_setup",
        mapping={"current": 1, "power": 2},
        doc="Whether the output is shown, and answered as heater_output, as part of the current or of the power "
        "(HTRSET).",
    )
    heater_setup = group(
        "heater_resistance",
        "current_limit",
        "user_current_limit",
        "display",
        get_cmd="HTRSET? {number}",
        set_cmd="HTRSET {number},{heater_resistance},{current_limit},{user_current_limit},{display}",
        doc="What protects the heater, by one message (HTRSET).",
    )


class VoltageLoop(ControlLoop):
    """A loop with an output of up to 10 V, for amplifiers and other supplies."""

    ranges = VOLTAGE_RANGES

    mode = ControlLoop.mode.replace(mapping=VOLTAGE_MODES)
    heater_range = ControlLoop.heater_range.replace(
        mapping=VOLTAGE_RANGES,
        doc='Whether the output is on. It has no effect in the mode "off", nor in the mode "monitor", in which the '
        "output always is on (RANGE).",
    )
    heater_output = ControlLoop.heater_output.replace(
        get_cmd="AOUT? {number}", doc="Present output, of full scale (AOUT?)."
    )
