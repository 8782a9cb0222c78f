"""Simulated Lake Shore 331 and 332.

Like the instruments: the commands of the drivers and the common ones; one answer to a message, that to the last query
in it; curves, sensor types, and which fit each other; heater ranges, closed and open loop; setpoints that ramp and are
cut off at the limit of the curve; loop 2 at the analog output; refused commands as bits of the event status register.

Unlike the instruments: an ideal control takes the place of P, I and D; zones and autotuning change nothing; setpoints
are taken in K whatever their units are; there are no relays, no linear equation and no display.
"""

from __future__ import annotations

from typing import ClassVar, Final

from luthier_lakeshore.simulated.controllers import SimulatedController
from luthier_lakeshore.simulated.messages import number, six_digits, within

__all__ = ["Simulated331", "Simulated332", "SimulatedTwoLoops"]

_FAMILIES: Final = (1, 1, 2, 2, 2, 3, 4, 4, 3, 3, 3, 3, 3)  # of each sensor type: diode, platinum, NTC, thermocouple
_OPEN: Final = 3
_FOLLOWS: Final = 1
_MANUAL: Final = 2
_LOOP: Final = 3
_DIODE: Final = 1

ShortZone = tuple[float, float, float, float, float, int]


class SimulatedTwoLoops(SimulatedController):
    """A controller with two inputs and two loops, each input with a stage that is cooled to 4 K."""

    letters = "AB"
    last_ranges = (3, 1)
    last_modes = (3, 3)
    last_curve = 41
    answers_last = True
    last_sensor: ClassVar[int] = 7
    other_names: ClassVar[dict[str, str]] = {
        "outmode": "",
        "atune": "",
        "tlimit": "",
        "inname": "",
        "intype": "sensor",
        "alarm": "alarm_limits",
        "range": "heater_range",
        "htr": "heater",
        "htrst": "heater_status",
        "aout": "analog_level",
        "tunest": "tuning",
        "zone": "short_zone",
        "common_wai": "",
    }

    def switch_on(self) -> None:
        """Switch on: settings and curves are kept, the heater is off unless it comes back by itself."""
        new = not hasattr(self, "outputs")
        super().switch_on()
        if new:
            self.kinds = dict.fromkeys(self.letters, (0, 0))
            self.loop_modes = {1: 1, 2: 1}
            self.shown = {1: (1, 1), 2: (1, 1)}  # units of the setpoint, and how the output is shown
            self.short_zones: dict[tuple[int, int], ShortZone] = {}
            self.alarm_sources = dict.fromkeys(self.letters, 1)
            self.analog: tuple[int, int, str, int, float, float, float] = (0, 0, "A", 1, 1000.0, 0.0, 0.0)
            for place, output in self.outputs.items():
                output.mode = (1, place, 0)
        if not self.outputs[2].mode[2] and self.analog[1] == _LOOP:
            self.analog = (*self.analog[:1], 0, *self.analog[2:])

    def ask_sensor(self, letter: str) -> str:
        """Answer what is connected, and whether it is compensated."""
        self.input(letter)
        return ",".join(map(str, self.kinds[letter.upper()]))

    def do_sensor(self, letter: str, kind: str, compensation: str) -> None:
        """Set it; a curve that does not fit is taken away."""
        self.input(letter)
        sensor_type, family = int(within(kind, 0, self.last_sensor)), _FAMILIES[int(number(kind))]
        self.kinds[letter.upper()] = (sensor_type, int(within(compensation, 0, 0 if family == _DIODE else 1)))
        self.do_intype(letter, str(family), "0", "0", "0", "1")

    def ask_alarm_limits(self, letter: str) -> str:
        """Answer the alarm."""
        on, high, low, band, latch, *_ = self.input(letter).alarm
        source = self.alarm_sources[letter.upper()]
        return ",".join([str(on), str(source), *(six_digits(value) for value in (high, low, band)), str(latch)])

    def do_alarm_limits(  # noqa: PLR0917 - what the command brings
        self,
        letter: str,
        on: str,
        source: str = "1",
        high: str = "1000",
        low: str = "0",
        band: str = "0",
        latch: str = "0",
    ) -> None:
        """Set the alarm."""
        chosen = int(within(source, 1, 4))
        self.do_alarm(letter, on, high, low, band, latch)
        self.alarm_sources[letter.upper()] = chosen

    def ask_cmode(self, place: str) -> str:
        """Answer the mode of a loop."""
        self.output(place)
        return str(self.loop_modes[int(place)])

    def do_cmode(self, place: str, mode: str) -> None:
        """Set it."""
        output = self.output(place)
        self.loop_modes[int(place)] = int(within(mode, 1, 6))
        output.mode = (_OPEN if self.loop_modes[int(place)] == _OPEN else 1, *output.mode[1:])

    def ask_cset(self, place: str) -> str:
        """Answer input, units, whether it comes back by itself, and how the output is shown."""
        _, source, kept = self.output(place).mode
        units, display = self.shown[int(place)]
        return f"{self.letters[source - 1]},{units},{kept},{display}"

    def do_cset(self, place: str, letter: str, units: str, kept: str = "0", display: str = "1") -> None:
        """Set them."""
        output = self.output(place)
        self.input(letter)
        shown = int(within(units, 1, 3)), int(within(display, 1, 2))
        output.mode = (output.mode[0], self.letters.index(letter.upper()) + 1, int(within(kept, 0, 1)))
        self.shown[int(place)] = shown

    def do_pid(self, number: str, p: str, i: str, d: str) -> None:
        """Set them; an integral part of 0 is off."""
        self.output(number).pid = within(p, 0.1, 1000), within(i, 0, 1000), within(d, 0, 200)

    def ask_heater_range(self) -> str:
        """Answer the range of the heater."""
        return self.ask_range("1")

    def do_heater_range(self, place: str) -> None:
        """Set it."""
        self.do_range("1", place)

    def ask_heater(self) -> str:
        """Answer what the heater gives, in percent."""
        return f"{self._percent('1'):+.1f}"

    def ask_heater_status(self) -> str:
        """Answer what is wrong with the heater."""
        return str(self.heater_error)

    def ask_tuning(self) -> str:
        """Answer that nothing is tuned."""
        return "0"

    def ask_analog(self) -> str:
        """Answer what the analog output does."""
        bipolar, mode, letter, source, *values = self.analog
        return ",".join([str(bipolar), str(mode), letter, str(source), *(six_digits(value) for value in values)])

    def do_analog(  # noqa: PLR0917 - what the command brings
        self,
        bipolar: str,
        mode: str,
        letter: str = "A",
        source: str = "1",
        high: str = "1000",
        low: str = "0",
        manual: str = "0",
    ) -> None:
        """Set it; loop 2 is on while the output is its."""
        self.input(letter)
        self.analog = (
            int(within(bipolar, 0, 1)),
            int(within(mode, 0, 3)),
            letter.upper(),
            int(within(source, 1, 4)),
            number(high),
            number(low),
            within(manual, -100, 100),
        )
        self.output("2").range = int(self.analog[1] == _LOOP)

    def ask_analog_level(self) -> str:
        """Answer the level of the analog output, in percent."""
        bipolar, mode, letter, _, high, low, manual = self.analog
        self.pass_time()
        level = {_MANUAL: manual, _LOOP: self._percent("2")}.get(mode, 0.0)
        if mode == _FOLLOWS and high != low:
            part = (self.kelvin(letter) - low) / (high - low)
            level = 100 * (2 * part - 1 if bipolar else part)
        return f"{max(-100.0 if bipolar else 0.0, min(100.0, level)):+.1f}"

    def ask_short_zone(self, place: str, zone: str) -> str:
        """Answer a zone."""
        self.output(place)
        key = int(place), int(within(zone, 1, 10))
        *values, heater = self.short_zones.get(key, (0.0, 50.0, 20.0, 0.0, 0.0, 0))
        return ",".join([*(six_digits(value) for value in values), str(heater)])

    def do_short_zone(  # noqa: PLR0917 - what the command brings
        self, place: str, zone: str, upper: str, p: str, i: str, d: str, manual: str, heater: str
    ) -> None:
        """Set a zone."""
        self.output(place)
        self.short_zones[int(place), int(within(zone, 1, 10))] = (
            within(upper, 0, 9999),
            within(p, 0.1, 1000),
            within(i, 0.1, 1000),
            within(d, 0, 200),
            within(manual, 0, 100),
            int(within(heater, 0, 3)),
        )


class Simulated331(SimulatedTwoLoops):
    """A 331 with a cold stage at each input."""

    identity = "LSCI,MODEL331S,123456,020399"


class Simulated332(SimulatedTwoLoops):
    """A 332 with a cold stage at each input."""

    identity = "LSCI,MODEL332S,123456,020399"
    last_sensor = 12
