"""The TC200 heater controller.

Commands, limits and the form of replies as known from the drivers of QMI and InstrumentKit, and from another that
quotes chapter 6.3 of the user guide (Rev. P, 2019); the guide itself was not at hand. Its examples have units behind
limits ("200.0 C", "15.9 Watts"), the drivers read bare numbers; both are taken. Where sources differ (which bits of the
status say the unit of the display) the thing is left out.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from luthier import Instrument, parameter
from luthier.errors import InstrumentReportedError, ReplyError
from luthier.scpi import Identity
from luthier.validators import Ints, Numbers

__all__ = ["Tc200"]

ERRORS: Final = ("CMD_NOT_DEFINED", "CMD_ARG_RANGE_ERR")
OUTPUT: Final = 0x01  # bits of the status
ALARM: Final = 0x40
GAINS: Final = 3
_TEMPERATURE: Final = re.compile(r"([+-]?\d+(?:\.\d*)?)\s*(C|F|K|Celsius|Fahrenheit|Kelvin)", re.ASCII)
_NUMBER: Final = re.compile(r"([+-]?\d+(?:\.\d*)?)\s*(C|Celsius|W|Watts)?", re.ASCII)


def _celsius(controller: Tc200, command: str) -> float:
    reply = controller.exchange(command)
    found = _TEMPERATURE.fullmatch(reply)
    if found is None:
        raise controller.misunderstood(command, reply, "a number and its unit, such as 25.0 C")
    degrees, unit = Decimal(found[1]), found[2][0]
    if unit == "K":
        degrees -= Decimal("273.15")
    elif unit == "F":
        degrees = (degrees - 32) * 5 / 9
    return float(degrees)


def _gain(place: int) -> Any:
    def ask(controller: Tc200) -> int:
        reply = controller.exchange("pid?")
        words = reply.split()
        if len(words) != GAINS or not all(word.isdecimal() for word in words):
            raise controller.misunderstood("pid?", reply, "three whole numbers")
        return int(words[place])

    return ask


def _put(command: str) -> Any:
    def put(controller: Tc200, value: Any) -> None:
        controller.exchange(f"{command}={value}")

    return put


def _number(command: str, unit: str) -> Any:
    def ask(controller: Tc200) -> float:
        reply = controller.exchange(command)
        found = _NUMBER.fullmatch(reply)
        if found is None or (found[2] or unit)[0] != unit:
            raise controller.misunderstood(command, reply, f"a number, alone or in {unit}")
        return float(found[1])

    return ask


class Tc200(Instrument):
    """Thorlabs TC200: controls one heater by one sensor.

    Interface: USB, which is a serial port of 115200 baud, 8 data bits, no parity; say so by ``transport_options``.
    Messages end in a carriage return; it repeats each, answers, and prompts by ``> ``.

    The manual was not at hand; commands are as known from drivers in public use, one of which quotes it. Verified with
    the simulator and with scripted messages; not yet with hardware. Cycles, sensors and tuning are left out, and what
    the heater gives cannot be asked for.

    Opening it sends nothing. Temperatures are in °C, because it takes tenths of them. :meth:`make_safe` switches the
    heater off.

    >>> import luthier
    >>> with luthier.open("thorlabs.tc200", "sim://", name="oven") as oven:
    ...     oven.setpoint(45.5)
    ...     oven.output(True)
    ...     oven.temperature()
    45.5
    """

    simulator = "thorlabs.tc200"
    write_termination = "\r"
    read_termination = "> "

    temperature = parameter(
        float,
        get_cmd=lambda controller: _celsius(controller, "tact?"),
        unit="°C",
        snapshot=False,
        doc="Temperature of the sensor, in °C whatever the display shows (tact?).",
    )
    temperature_limit = parameter(
        float,
        get_cmd=_number("tmax?", "C"),
        set_cmd=_put("tmax"),
        unit="°C",
        validator=Numbers(20, 205),
        resolution=0.1,
        doc="Largest setpoint (tmax).",
    )
    power_limit = parameter(
        float,
        get_cmd=_number("pmax?", "W"),
        set_cmd=_put("pmax"),
        unit="W",
        validator=Numbers(0.1, 18),
        resolution=0.1,
        doc="Largest power of the heater (pmax).",
    )
    setpoint = parameter(
        float,
        get_cmd=lambda controller: _celsius(controller, "tset?"),
        set_cmd=_put("tset"),
        unit="°C",
        validator=Numbers(20, 200),
        maximum="temperature_limit",
        resolution=0.1,
        doc="Temperature that is aimed at (tset).",
    )
    p = parameter(
        int,
        get_cmd=_gain(0),
        set_cmd=_put("pgain"),
        validator=Ints(1, 250),
        doc="Proportional gain (pgain; pid?).",
    )
    i = parameter(
        int,
        get_cmd=_gain(1),
        set_cmd=_put("igain"),
        validator=Ints(0, 250),
        doc="Integral gain (igain; pid?).",
    )
    d = parameter(
        int,
        get_cmd=_gain(2),
        set_cmd=_put("dgain"),
        validator=Ints(0, 250),
        doc="Differential gain (dgain; pid?).",
    )
    sensor_alarm = parameter(
        bool,
        get_cmd=lambda controller: bool(controller.read_status() & ALARM),
        snapshot=False,
        doc="Whether something is wrong with the sensor; the heater is not switched on then (stat?).",
    )
    output = parameter(
        bool,
        get_cmd=lambda controller: bool(controller.read_status() & OUTPUT),
        set_cmd=lambda controller, on: controller.switch(on),
        doc="Whether the heater is on. There is one command for on and off, so that its state is asked for before and "
        "after it (stat?, ens).",
    )

    def exchange(self, command: str) -> str:
        """Send a command, and return what stands between its repetition and the prompt.

        Raises
        ------
        InstrumentReportedError
            The controller does not know the command, or refuses the number.
        ReplyError
            Another command is repeated.
        """
        reply = self.query(command)
        echo, _, rest = reply.partition("\r")
        answer = rest.strip()
        if echo.strip() != command:
            raise self.misunderstood(command, reply, f"{command} and an answer")
        if any(word in answer for word in ERRORS):
            raise InstrumentReportedError(
                f"the controller refused {command!r}: {answer}",
                who=self.who,
                state="Nothing was changed.",
                advice="Compare the number with its limits: temperature_limit and power_limit.",
                command=command,
                entries=((0, answer),),
            )
        return answer

    def misunderstood(self, command: str, reply: str, expected: str) -> ReplyError:
        """Return the error of a reply that is something else than what was expected."""
        return ReplyError(
            f"{command!r} was answered by {reply!r}; expected: {expected}",
            who=self.who,
            command=command,
            reply=reply,
            expected=expected,
        )

    def read_status(self) -> int:
        """Ask for the status, which is answered in hexadecimal digits."""
        reply = self.exchange("stat?")
        if not re.fullmatch("[0-9A-Fa-f]{1,2}", reply):
            raise self.misunderstood("stat?", reply, "one or two hexadecimal digits")
        return int(reply, 16)

    def switch(self, on: bool) -> None:
        """Switch the heater, and see that it has been switched.

        Raises
        ------
        InstrumentReportedError
            It is to be switched on while there is an alarm of the sensor, and nothing was sent; or it stays as it was.
        """
        with self.monitor:
            status = self.read_status()
            if bool(status & OUTPUT) == on:
                return
            if on and status & ALARM:
                raise self._not_switched("there is an alarm of the sensor", "The heater is off.", status)
            self.exchange("ens")
            after = self.read_status()
            if bool(after & OUTPUT) != on:
                state = "The heater is on." if after & OUTPUT else "The heater is off."
                raise self._not_switched("it stays as it was", state, after)

    def _not_switched(self, why: str, state: str, status: int) -> InstrumentReportedError:
        return InstrumentReportedError(
            f"the heater is not switched: {why}",
            who=self.who,
            state=state,
            advice="Look at the sensor and at the display.",
            command="ens",
            entries=((status, why),),
        )

    def identify(self) -> Identity:
        """Ask who it is (id?): maker, model, a word, and the version."""
        vendor, _, rest = self.exchange("id?").partition(" ")
        model, _, version = rest.partition(" ")
        return Identity(vendor, model, "", version.rpartition(" ")[2])

    def make_safe(self) -> None:
        """Switch the heater off; its settings stay."""
        self.output(False)
