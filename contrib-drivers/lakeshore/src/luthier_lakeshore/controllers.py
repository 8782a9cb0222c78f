"""The Lake Shore 335, 336 and 350 temperature controllers.

Commands: chapter 6 of the Model 335 User's Manual (pages 108, 122, 123 and 126 were at hand), of the Model 336 User's
Manual (page 130), and of the Model 350 User's Manual (pages 154 and 156). Commands on other pages as known from the
maker's own Python package.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from luthier import ChannelList, group, parameter
from luthier.validators import Numbers

from luthier_lakeshore.curves import Curve
from luthier_lakeshore.event_status import LakeShoreInstrument
from luthier_lakeshore.inputs import TemperatureInput
from luthier_lakeshore.loops import VOLTAGE_MODES, ControlLoop, HeaterLoop, ProtectedHeaterLoop, VoltageLoop
from luthier_lakeshore.safety import make_all_safe, require_model

__all__ = ["Controller335", "Controller336", "Controller350", "TemperatureController"]


class TemperatureController(LakeShoreInstrument):
    """What the 335, 336 and 350 have in common; open one of the models.

    Inputs are ``input_a`` … or ``inputs[0]``, together ``inputs.temperature.get()``; outputs with their control loops
    are ``loop1`` … or ``loops[0]``.

    Interfaces: USB, which is a serial line (57600 baud, 7 data bits, odd parity; these settings are used unless
    ``transport_options`` says otherwise); GPIB; with the 336 and 350 also LAN, a socket on port 7777. What is sent and
    answered ends with a carriage return and a line feed.

    Opening one asks who it is, because outputs and limits depend on the model, and changes nothing. What the instrument
    refuses raises :class:`~luthier.errors.InstrumentReportedError` after each set. :meth:`make_safe` switches all
    heaters off. A snapshot is restored in the order of declaration: limits and modes before setpoints, the heater's
    range last.

    Raises
    ------
    IdentityError
        Another model than the class is for answers.
    """

    serial_settings: ClassVar[dict[str, object]] = {"baud_rate": 57600, "data_bits": 7, "parity": "odd"}
    model: ClassVar[str]
    letters: ClassVar[str]
    loop_classes: ClassVar[tuple[type[ControlLoop], ...]]

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        require_model(self, self.model)
        self.inputs = ChannelList(
            self, "inputs", [TemperatureInput(self, f"input_{letter.lower()}", letter) for letter in self.letters]
        )
        self.loops = ChannelList(
            self, "loops", [make(self, number) for number, make in enumerate(self.loop_classes, start=1)]
        )
        self.curve = Curve(self)
        self.add_function("reset_alarms", "ALMRST", doc="End all latched alarms (ALMRST).")

    def make_safe(self) -> None:
        """Switch all heaters off; where one fails, the others are switched off all the same.

        Outputs in the mode "monitor" stay as they are: they follow a reading and drive no heater.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        make_all_safe(self.name, self.loops)


class TwoInputLoop(ProtectedHeaterLoop):
    """A loop of the 335."""

    input = ControlLoop.input.replace(mapping={"none": 0, "A": 1, "B": 2})
    output_type = parameter(
        str,
        group="heater_setup",
        mapping={"current": 0, "voltage": 1},
        doc="What the output gives; only output 2 can give a voltage (HTRSET).",
    )
    current_limit = ProtectedHeaterLoop.current_limit.replace(
        mapping={"user": 0, "0.707 A": 1, "1 A": 2, "1.141 A": 3, "1.732 A": 4}
    )
    user_current_limit = ProtectedHeaterLoop.user_current_limit.replace(validator=Numbers(0.1, 1.732))
    heater_setup = group(
        "output_type",
        "heater_resistance",
        "current_limit",
        "user_current_limit",
        "display",
        get_cmd="HTRSET? {number}",
        set_cmd="HTRSET {number},{output_type},{heater_resistance},{current_limit},{user_current_limit},{display}",
        doc="What protects the heater, by one message (HTRSET).",
    )


class FirstLoop335(TwoInputLoop):
    """Loop 1 of the 335, whose output gives a current."""

    output_type = TwoInputLoop.output_type.replace(mapping={"current": 0})


class SecondLoop335(TwoInputLoop):
    """Loop 2 of the 335, whose output gives a current or a voltage."""

    mode = ControlLoop.mode.replace(mapping=VOLTAGE_MODES)
    heater_range = ControlLoop.heater_range.replace(
        doc='How far the heater can go; "off" switches it off. For an output that gives a voltage "low" is on, and '
        'there is no more. In the mode "monitor" the output always is on (RANGE).',
    )


class Controller335(TemperatureController):
    """Lake Shore 335: two inputs, two heaters; see :class:`TemperatureController`.

    Manual: Model 335 Temperature Controller User's Manual; commands are in chapter 6.

    Verified with the simulator and with scripted messages; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("lakeshore.335", "sim://", name="controller") as controller:
    ...     controller.loop1.input("A")
    ...     controller.loop1.setpoint(77.35)
    ...     controller.loop1.setpoint()
    77.35
    """

    simulator = "lakeshore.335"
    model = "MODEL335"
    letters = "AB"
    loop_classes = (FirstLoop335, SecondLoop335)


class Controller336(TemperatureController):
    """Lake Shore 336: four inputs, two heaters, two outputs of voltages; see :class:`TemperatureController`.

    Manual: Model 336 Temperature Controller User's Manual, P/N 119-048, Rev. 1.5, April 2011; commands are in
    chapter 6.

    Verified with the simulator and with scripted messages; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("lakeshore.336", "sim://", name="controller") as controller:
    ...     controller.inputs.temperature.get()
    ...     controller.loop1.output_mode({"mode": "closed loop", "input": "A", "on_at_power_up": False})
    ...     controller.loop1.setpoint(20)
    ...     controller.loop1.heater_range("medium")
    ...     controller.make_safe()
    ...     controller.loop1.heater_range()
    (4.0, 4.0, 4.0, 4.0)
    'off'
    """

    simulator = "lakeshore.336"
    model = "MODEL336"
    letters = "ABCD"
    loop_classes = (ProtectedHeaterLoop, ProtectedHeaterLoop, VoltageLoop, VoltageLoop)


FIVE_RANGES: Final = {"off": 0, "range 1": 1, "range 2": 2, "range 3": 3, "range 4": 4, "range 5": 5}


class FiveRangeLoop(HeaterLoop):
    """A loop of the 350 with a heater; range 5 is the largest."""

    ranges = FIVE_RANGES
    heater_range = ControlLoop.heater_range.replace(mapping=FIVE_RANGES)


class Controller350(TemperatureController):
    """Lake Shore 350: four inputs, two heaters, two outputs of voltages; see :class:`TemperatureController`.

    Manual: Model 350 Temperature Controller User's Manual; commands are in chapter 6.

    Its heater set-up (HTRSET) is left out: its arguments are other ones, and the page was not at hand.

    Verified with the simulator and with scripted messages; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("lakeshore.350", "sim://", name="controller") as controller:
    ...     controller.loop1.heater_range("range 2")
    ...     controller.loop1.heater_range()
    'range 2'
    """

    simulator = "lakeshore.350"
    model = "MODEL350"
    letters = "ABCD"
    loop_classes = (FiveRangeLoop, FiveRangeLoop, VoltageLoop, VoltageLoop)
