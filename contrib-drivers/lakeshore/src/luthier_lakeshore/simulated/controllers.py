"""Simulated Lake Shore 335, 336 and 350.

Like the instruments: the commands of the drivers and the common ones, several in a message; curves, sensor types, and
which fit each other; heater ranges, closed and open loop; setpoints that ramp; the temperature limit that switches all
outputs off; setpoints cut off at the limit of the curve; refused commands as bits of the event status register.

Unlike the instruments: an ideal control takes the place of P, I and D; zones and autotuning change nothing; averages
and sensor ranges do not change readings; standard curves have few points; there are no relays and no display.
"""

from __future__ import annotations

from math import inf
from typing import ClassVar, Final

import attrs

from luthier_lakeshore.simulated.cryostat import Drive, Stage
from luthier_lakeshore.simulated.messages import six_digits, within
from luthier_lakeshore.simulated.sensors import SensorReader

__all__ = ["Simulated335", "Simulated336", "Simulated350", "SimulatedController"]

_CLOSED: Final = (1, 2)
_OPEN: Final = 3
_MINUTE: Final = 60.0
_ZONES: Final = 10

Zone = tuple[float, float, float, float, float, int, int, float]


@attrs.define
class Output:
    """One output with its loop."""

    powers: tuple[float, ...]
    last_mode: int
    setup: tuple[float, ...] = ()
    mode: tuple[int, int, int] = (0, 1, 0)
    pid: tuple[float, float, float] = (50.0, 20.0, 0.0)
    manual: float = 0.0
    ramp: tuple[int, float] = (0, 10.0)
    range: int = 0
    setpoint: float = 0.0
    target: float = 0.0
    zones: dict[int, Zone] = attrs.Factory(dict)


class SimulatedController(SensorReader):
    """A controller with a stage at each input, cooled to 4 K, and as many outputs.

    Attributes
    ----------
    stages
        By the letter of the input: what is cooled and heated there.
    heater_error
        What HTRST? answers, and clears: 0 none, 1 open, 2 short.
    """

    first_setup: ClassVar[tuple[float, ...]] = ()
    last_ranges: ClassVar[tuple[int, ...]]
    last_modes: ClassVar[tuple[int, ...]]

    def switch_on(self) -> None:
        """Switch on: settings and curves are kept, heaters are off unless they come back by themselves."""
        super().switch_on()
        if not hasattr(self, "outputs"):
            self.stages = {letter: Stage() for letter in self.letters}
            self.outputs = {
                number: Output(_powers(last_range), last_mode, self.first_setup)
                for number, (last_range, last_mode) in enumerate(
                    zip(self.last_ranges, self.last_modes, strict=True), start=1
                )
            }
            self.heater_error = 0
            self._passed = self.clock.now()
        for output in self.outputs.values():
            output.range = output.range if output.mode[2] else 0

    def temperature_of(self, letter: str) -> float:
        """Return the temperature of the stage at an input."""
        return self.stages[letter].temperature

    def pass_time(self) -> None:
        """Let cooler and heaters work until now, and setpoints move."""
        seconds, self._passed = self.now - self._passed, self.now
        if seconds <= 0:
            return
        for place, letter in enumerate(self.letters, start=1):
            self.stages[letter].pass_time(seconds, self._drive(place))
        for output in self.outputs.values():
            way, most = output.target - output.setpoint, output.ramp[1] / _MINUTE * seconds
            output.setpoint += max(-most, min(most, way)) if output.ramp[0] and output.ramp[1] else way
        limits = ((one.limit, self.kelvin(letter)) for letter, one in self.inputs.items())
        if any(limit and reading > limit for limit, reading in limits):
            for output in self.outputs.values():
                output.range = 0

    def _drive(self, place: int) -> Drive:
        for output in self.outputs.values():
            mode, source, _ = output.mode
            if source != place or not output.range or mode not in (*_CLOSED, _OPEN):
                continue
            limit, power = output.powers[output.range], output.manual / 100
            if mode == _OPEN:
                return Drive(limit, None, power)
            rate = output.ramp[1] / _MINUTE if output.ramp[0] else 0.0
            return Drive(limit, output.setpoint, power, rate, output.target)
        return Drive(0.0)

    def output(self, number: str) -> Output:
        """Return an output by its number, after what has happened until now."""
        place = int(within(number, 1, len(self.outputs)))
        self.pass_time()
        return self.outputs[place]

    def ask_outmode(self, number: str) -> str:
        """Answer mode, input, and whether it comes back by itself."""
        return ",".join(map(str, self.output(number).mode))

    def do_outmode(self, number: str, mode: str, source: str, kept: str) -> None:
        """Set them."""
        output = self.output(number)
        output.mode = (
            int(within(mode, 0, output.last_mode)),
            int(within(source, 0, len(self.letters))),
            int(within(kept, 0, 1)),
        )

    def ask_pid(self, number: str) -> str:
        """Answer P, I and D."""
        return ",".join(f"{value:+.1f}" for value in self.output(number).pid)

    def do_pid(self, number: str, p: str, i: str, d: str) -> None:
        """Set them."""
        self.output(number).pid = within(p, 0.1, 1000), within(i, 0.1, 1000), within(d, 0, 200)

    def ask_mout(self, number: str) -> str:
        """Answer the manual output."""
        return f"{self.output(number).manual:+.3f}"

    def do_mout(self, number: str, value: str) -> None:
        """Set it."""
        self.output(number).manual = within(value, 0, 100)

    def ask_ramp(self, number: str) -> str:
        """Answer whether the setpoint ramps, and how fast."""
        on, rate = self.output(number).ramp
        return f"{on},{rate:+.3f}"

    def do_ramp(self, number: str, on: str, rate: str) -> None:
        """Set them."""
        self.output(number).ramp = int(within(on, 0, 1)), within(rate, 0, 100)

    def ask_rampst(self, number: str) -> str:
        """Answer whether the setpoint is moving."""
        output = self.output(number)
        return f"{bool(output.ramp[0]) and output.setpoint != output.target:d}"

    def ask_setp(self, number: str) -> str:
        """Answer the setpoint, on its way while it ramps."""
        return six_digits(self.output(number).setpoint)

    def do_setp(self, number: str, value: str) -> None:
        """Set it, at most to the limit of the curve."""
        output = self.output(number)
        source = output.mode[1]
        one = self.inputs[self.letters[source - 1]] if source else None
        limit = self.curve(str(one.curve)).limit if one is not None and one.curve and one.sensor[4] == 1 else inf
        output.target = min(within(value, -9999, 9999), limit)
        if not (output.ramp[0] and output.ramp[1]):
            output.setpoint = output.target

    def ask_range(self, number: str) -> str:
        """Answer the heater range."""
        return str(self.output(number).range)

    def do_range(self, number: str, place: str) -> None:
        """Set it."""
        output = self.output(number)
        output.range = int(within(place, 0, len(output.powers) - 1))

    def ask_htr(self, number: str) -> str:
        """Answer what a heater gives, in percent."""
        if self.output(number).last_mode > _OPEN and len(self.outputs) > 2:  # noqa: PLR2004 - outputs of voltages
            raise ValueError(number)
        return f"{self._percent(number):+.1f}"

    def ask_aout(self, number: str) -> str:
        """Answer what an output of a voltage gives, in percent."""
        if self.output(number).last_mode == _OPEN:
            raise ValueError(number)
        return f"{self._percent(number):+.1f}"

    def _percent(self, number: str) -> float:
        output = self.output(number)
        mode, source, _ = output.mode
        if not output.range or mode not in (*_CLOSED, _OPEN):
            return 0.0
        if mode == _OPEN:
            return output.manual
        return 100 * self.stages[self.letters[source - 1]].power if source else 0.0

    def ask_htrst(self, number: str) -> str:
        """Answer what was wrong with a heater, and clear it."""
        within(number, 1, 2)
        error, self.heater_error = self.heater_error, 0
        return str(error)

    def ask_zone(self, number: str, place: str) -> str:
        """Answer a zone."""
        zone = self.output(number).zones.get(int(within(place, 1, _ZONES)), (0.0, 50.0, 20.0, 0.0, 0.0, 0, 0, 0.1))
        return ",".join(f"{value:+.4f}" if isinstance(value, float) else str(value) for value in zone)

    def do_zone(  # noqa: PLR0917 - what the command brings
        self,
        number: str,
        place: str,
        upper: str,
        p: str,
        i: str,
        d: str,
        manual: str,
        heater: str,
        source: str,
        rate: str,
    ) -> None:
        """Set a zone."""
        output = self.output(number)
        output.zones[int(within(place, 1, _ZONES))] = (
            within(upper, 0, 9999),
            within(p, 0.1, 1000),
            within(i, 0.1, 1000),
            within(d, 0, 200),
            within(manual, 0, 100),
            int(within(heater, 0, len(output.powers) - 1)),
            int(within(source, 0, len(self.letters))),
            within(rate, 0.1, 100),
        )

    def do_atune(self, number: str, mode: str) -> None:
        """Take it, and change nothing: the control is ideal as it is."""
        self.output(number)
        within(mode, 0, 2)

    def ask_tunest(self) -> str:
        """Answer that nothing is tuned."""
        return "0,0,0,00"


def _powers(last_range: int) -> tuple[float, ...]:
    """Return the largest power of each range as part of that of the highest: each range is a tenth of the next."""
    return (0.0, *(10.0 ** (place - last_range) for place in range(1, last_range + 1)))


class _ProtectedController(SimulatedController):
    """A controller whose heaters are set up by HTRSET."""

    setup_limits: ClassVar[tuple[tuple[float, float], ...]]
    setup_form: ClassVar[str]

    def ask_htrset(self, number: str) -> str:
        """Answer what protects a heater."""
        within(number, 1, 2)
        return self.setup_form.format(*self.output(number).setup)

    def do_htrset(self, number: str, *values: str) -> None:
        """Set it."""
        within(number, 1, 2)
        if len(values) != len(self.setup_limits):
            raise ValueError(values)
        limits = zip(values, self.setup_limits, strict=True)
        self.output(number).setup = tuple(within(value, low, high) for value, (low, high) in limits)


class Simulated335(_ProtectedController):
    """A 335 with a cold stage at each input."""

    identity = "LSCI,MODEL335,1234567/1234567,1.0"
    letters = "AB"
    last_ranges = (3, 3)
    last_modes = (3, 5)
    first_setup = (0, 1, 2, 1.0, 1)
    setup_limits = ((0, 1), (1, 2), (0, 4), (0.1, 1.732), (1, 2))
    setup_form = "{:.0f},{:.0f},{:.0f},{:+.3f},{:.0f}"


class Simulated336(_ProtectedController):
    """A 336 with a cold stage at each input."""

    identity = "LSCI,MODEL336,1234567/#######,2.9"
    letters = "ABCD"
    last_ranges = (3, 3, 1, 1)
    last_modes = (3, 3, 5, 5)
    first_setup = (1, 2, 1.0, 1)
    setup_limits = ((1, 2), (0, 4), (0.1, 2), (1, 2))
    setup_form = "{:.0f},{:.0f},{:+.3f},{:.0f}"


class Simulated350(SimulatedController):
    """A 350 with a cold stage at each input."""

    identity = "LSCI,MODEL350,1234567/#######,1.4"
    letters = "ABCD"
    last_ranges = (5, 5, 1, 1)
    last_modes = (3, 3, 5, 5)
