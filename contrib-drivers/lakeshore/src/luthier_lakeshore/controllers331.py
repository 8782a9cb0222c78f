"""The Lake Shore 331 and 332 temperature controllers.

Commands: chapter 6 of the Model 331 Temperature Controller User's Manual (pages 6-26, 6-28, 6-29, 6-32, 6-34, 6-35 and
6-37 to 6-39 were at hand: ALARM, CMODE, CRVDEL, CRVHDR, CRVPT, HTR?, HTRST?, INCRV, MOUT, RANGE, RDGST?, SETP, SRDG?,
ZONE), and page 6-38 of that of the Model 332. CSET, PID and INTYPE as known from bliss (ESRF) and a driver of Clemson
University for the 331, which agree; RAMP, RAMPST?, FILTER and the sensors of the 332 from bliss alone. AOUT? for loop 2
is on page 6-32. ANALOG from a console for the 331, and as in the manual of the Model 340 (page 9-26) without the number
of the output. That the 332 has the same ANALOG is not confirmed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import Channel, ChannelList, group, parameter
from luthier.scpi import format_float, parse_float, parse_int
from luthier.validators import Enum, Ints, Numbers

from luthier_lakeshore.curves import Curve
from luthier_lakeshore.event_status import LakeShoreInstrument, parts_of
from luthier_lakeshore.inputs331 import LARGEST_CURVE, SOURCES, Input332, OlderInput
from luthier_lakeshore.loops import HEATER_ERRORS, HEATER_RANGES, ControlLoop, Zone
from luthier_lakeshore.safety import make_all_safe, require_model

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Controller331", "Controller332", "TwoLoopController"]

MODES: Final = {
    "manual PID": 1,
    "zone": 2,
    "open loop": 3,
    "autotune PID": 4,
    "autotune PI": 5,
    "autotune P": 6,
}
ZONE_PARTS: Final = 6


def _ask_zone(zone: OlderZone) -> list[float]:
    question = f"ZONE? {zone.loop.number},{zone.number()}"
    *numbers, heater_range = parts_of(zone, question, ZONE_PARTS)
    return [*map(parse_float, numbers), parse_int(heater_range)]


def _set_zone(zone: OlderZone, values: Mapping[str, float]) -> None:
    texts = ",".join(format_float(value) for value in values.values())
    zone.write(f"ZONE {zone.loop.number},{zone.number()},{texts}")


class OlderZone(Channel):
    """The zones of a loop, of which one is looked at: choose it by ``number``.

    In the mode "zone" the loop takes its settings from the zone that the setpoint is in.
    """

    number = Zone.number.replace()
    upper_bound = Zone.upper_bound.replace()
    p = Zone.p.replace()
    i = Zone.i.replace(validator=Numbers(0.1, 1000))
    d = Zone.d.replace()
    manual_output = Zone.manual_output.replace()
    heater_range = Zone.heater_range.replace(
        maximum=None, validator=Ints(0, 3), doc="Heater range of loop 1 as its number, 0 for off (ZONE)."
    )
    settings = group(
        "upper_bound",
        "p",
        "i",
        "d",
        "manual_output",
        "heater_range",
        get_cmd=_ask_zone,
        set_cmd=_set_zone,
        doc="All settings of the zone, by one message (ZONE).",
    )

    def __init__(self, loop: OlderLoop) -> None:
        super().__init__(loop, "zone")
        self.loop = loop


def _curve_limit(loop: OlderLoop) -> float:
    source = loop.controller.inputs[f"input_{loop.input.known_or_read().lower()}"]
    limit: float = source.setpoint_limit.known_or_read()
    return limit


class OlderLoop(Channel):
    """One loop. A snapshot is restored in the order of declaration: limits before the setpoint, the heater last."""

    mode = parameter(
        str,
        get_cmd="CMODE? {number}",
        set_cmd="CMODE {number},{}",
        mapping=MODES,
        doc='"zone" controls with the settings of the zones, "open loop" gives manual_output; in the autotune modes '
        "the instrument finds P, I and D at steps of the setpoint (CMODE).",
    )
    input = parameter(
        str,
        group="control_setup",
        validator=Enum("A", "B"),
        doc="Input that it is controlled from (CSET).",
    )
    setpoint_units = parameter(
        str, group="control_setup", mapping={"K": 1, "°C": 2, "sensor": 3}, doc="Units of the setpoint (CSET)."
    )
    on_at_power_up = parameter(
        bool, group="control_setup", doc="Whether the output stays on when the instrument is switched on (CSET)."
    )
    display = parameter(
        str,
        group="control_setup",
        mapping={"current": 1, "power": 2},
        doc="Whether the output is shown as part of the current or of the power (CSET).",
    )
    control_setup = group(
        "input",
        "setpoint_units",
        "on_at_power_up",
        "display",
        get_cmd="CSET? {number}",
        set_cmd="CSET {number},{input},{setpoint_units},{on_at_power_up},{display}",
        doc="What is controlled and how it is shown, by one message (CSET).",
    )
    p = ControlLoop.p.replace()
    i = ControlLoop.i.replace(validator=Numbers(0, 1000), doc="Integral part of the control; 0 switches it off (PID).")
    d = ControlLoop.d.replace()
    pid = group(
        "p",
        "i",
        "d",
        get_cmd="PID? {number}",
        set_cmd="PID {number},{p},{i},{d}",
        doc="All three, by one message (PID).",
    )
    manual_output = ControlLoop.manual_output.replace()
    ramping = ControlLoop.ramping.replace()
    ramp_rate = ControlLoop.ramp_rate.replace()
    ramp = group(
        "ramping",
        "ramp_rate",
        get_cmd="RAMP? {number}",
        set_cmd="RAMP {number},{ramping},{ramp_rate}",
        doc="Both, by one message (RAMP).",
    )
    ramp_active = ControlLoop.ramp_active.replace()
    setpoint = parameter(
        float,
        get_cmd="SETP? {number}",
        set_cmd="SETP {number},{}",
        unit="K",
        validator=Numbers(0, None),
        maximum=_curve_limit,
        relevant_when={"setpoint_units": "K"},
        depends_on=("control_setup", "input"),
        doc="Temperature that is aimed at, up to the limit of the curve of its input. Refused while setpoint_units are "
        "others than K, in which the number would be taken (SETP).",
    )

    def __init__(self, parent: TwoLoopController, number: int) -> None:
        super().__init__(parent, f"loop{number}")
        self.number = number
        self.controller = parent
        self.zone = OlderZone(self)


class FirstLoop(OlderLoop):
    """Loop 1, whose output drives a current through a heater."""

    heater_range = parameter(
        str,
        get_cmd="RANGE?",
        set_cmd="RANGE {}",
        mapping=HEATER_RANGES,
        doc='How far the heater can go; "off" switches it off. Each range has ten times the power of the one below '
        "(RANGE).",
    )
    heater_output = parameter(
        float,
        get_cmd="HTR?",
        unit="%",
        snapshot=False,
        doc="Present output, of the full scale of the range (HTR?).",
    )
    heater_error = parameter(
        str, get_cmd="HTRST?", mapping=HEATER_ERRORS, snapshot=False, doc="What is wrong with the heater (HTRST?)."
    )

    def make_safe(self) -> None:
        """Switch the heater off (range off); setpoint and mode stay."""
        self.heater_range("off")


class SecondLoop(OlderLoop):
    """Loop 2, whose output is the analog output while its mode is "loop 2"; that mode switches it on."""

    heater_output = parameter(
        float, get_cmd="AOUT?", unit="%", snapshot=False, doc="Present level of the analog output (AOUT?)."
    )


class AnalogOutput(Channel):
    """The analog output, up to 10 V: it follows a reading, has a level of its own, or is the output of loop 2.

    That ANALOG has this form is not confirmed by a manual, for the 332 not at all.
    """

    bipolar = parameter(bool, group="settings", doc="Whether it can be negative (ANALOG).")
    mode = parameter(
        str,
        group="settings",
        mapping={"off": 0, "input": 1, "manual": 2, "loop 2": 3},
        doc='What the output does; "loop 2" switches that loop on (ANALOG).',
    )
    input = parameter(str, group="settings", validator=Enum("A", "B"), doc="Input that it follows (ANALOG).")
    source = parameter(str, group="settings", mapping=SOURCES, doc="What it follows of that input (ANALOG).")
    high_value = parameter(
        float, group="settings", unit="", validator=Numbers(), doc="Reading at +100 %, in the units of source (ANALOG)."
    )
    low_value = parameter(
        float,
        group="settings",
        unit="",
        validator=Numbers(),
        doc="Reading at -100 %, or at 0 % where it is not bipolar, in the units of source (ANALOG).",
    )
    manual_value = parameter(
        float, group="settings", unit="%", validator=Numbers(-100, 100), doc='Level in the mode "manual" (ANALOG).'
    )
    settings = group(
        "bipolar",
        "mode",
        "input",
        "source",
        "high_value",
        "low_value",
        "manual_value",
        get_cmd="ANALOG?",
        set_cmd="ANALOG {bipolar},{mode},{input},{source},{high_value},{low_value},{manual_value}",
        doc="All settings of the output, by one message (ANALOG).",
    )
    level = parameter(float, get_cmd="AOUT?", unit="%", snapshot=False, doc="Present level, of 10 V (AOUT?).")

    def make_safe(self) -> None:
        """Switch the output off, unless it follows a reading and drives no heater."""
        settings = self.settings.get()
        if settings["mode"] != "input":
            self.settings.set({**settings, "mode": "off"})


class Curve331(Curve):
    """The curves of the 331 and 332."""

    number = Curve.number.replace(validator=Ints(1, LARGEST_CURVE))


class TwoLoopController(LakeShoreInstrument):
    """What the 331 and 332 have in common; open one of the models.

    Inputs are ``input_a`` and ``input_b``, together ``inputs.temperature.get()``. ``loop1`` drives a heater;
    ``loop2`` drives the ``analog_output`` while the mode of that is "loop 2".

    Interfaces: a serial line (9600 baud, 7 data bits, odd parity; these settings are used unless
    ``transport_options`` says otherwise), and GPIB with the models whose name ends in S. What is sent and answered ends
    with a carriage return and a line feed. It answers one query in a message, and takes about twenty in a second.

    Opening one asks who it is, and changes nothing. What the instrument refuses raises
    :class:`~luthier.errors.InstrumentReportedError` after each set. :meth:`make_safe` switches both outputs off.

    Raises
    ------
    IdentityError
        Another model than the class is for answers.
    """

    serial_settings: ClassVar[dict[str, object]] = {"baud_rate": 9600, "data_bits": 7, "parity": "odd"}
    model: ClassVar[str]
    input_class: ClassVar[type[OlderInput]] = OlderInput

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        require_model(self, self.model)
        self.inputs = ChannelList(
            self, "inputs", [self.input_class(self, f"input_{letter.lower()}", letter) for letter in "AB"]
        )
        self.analog_output = AnalogOutput(self, "analog_output")
        self.loops: ChannelList[Any] = ChannelList(self, "loops", [FirstLoop(self, 1), SecondLoop(self, 2)])
        self.curve = Curve331(self)
        self.add_function("reset_alarms", "ALMRST", doc="End all latched alarms (ALMRST).")

    def make_safe(self) -> None:
        """Switch the heater and the analog output off; where one fails, the other is switched off all the same.

        The analog output stays as it is where it follows a reading.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        make_all_safe(self.name, [self.loops[0], self.analog_output])


class Controller331(TwoLoopController):
    """Lake Shore 331: two inputs, a heater of 50 W, and an analog output; see :class:`TwoLoopController`.

    Manual: Model 331 Temperature Controller User's Manual; commands are in chapter 6. The 331E has no analog output.

    Verified with the simulator and with scripted messages; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("lakeshore.331", "sim://", name="controller") as controller:
    ...     controller.loop1.control_setup({"input": "A", "setpoint_units": "K", "on_at_power_up": False,
    ...         "display": "power"})
    ...     controller.loop1.setpoint(77.35)
    ...     controller.loop1.heater_range("high")
    ...     controller.make_safe()
    ...     controller.loop1.setpoint(), controller.loop1.heater_range()
    (77.35, 'off')
    """

    simulator = "lakeshore.331"
    model = "MODEL331*"


class Controller332(TwoLoopController):
    """Lake Shore 332: as the 331, with more sensors and a stronger analog output; see :class:`TwoLoopController`.

    Manual: Model 332 Temperature Controller User's Manual; commands are in chapter 6.

    Verified with the simulator and with scripted messages; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("lakeshore.332", "sim://", name="controller") as controller:
    ...     controller.input_a.sensor_type("NTC auto-range")
    ...     controller.input_a.sensor_type()
    'NTC auto-range'
    """

    simulator = "lakeshore.332"
    model = "MODEL332*"
    input_class = Input332
