"""The inputs of simulated Lake Shore controllers and monitors."""

from __future__ import annotations

from typing import Final

import attrs

from luthier_lakeshore.simulated.curves import CurveKeeper, unquoted
from luthier_lakeshore.simulated.messages import number, six_digits, within

__all__ = ["SensorReader", "SimulatedInput"]

_FORMATS: Final = {0: (), 1: (2,), 2: (3,), 3: (3, 4), 4: (1,)}  # of the curves for each sensor type
_RANGES: Final = {0: 0, 1: 1, 2: 6, 3: 8, 4: 0}
_INVALID: Final = 1
_OVER_RANGE: Final = 128


@attrs.define
class SimulatedInput:
    """One input."""

    name: str
    sensor: tuple[int, int, int, int, int] = (1, 0, 0, 0, 1)
    curve: int = 2
    limit: float = 0.0
    filter: tuple[int, int, int] = (0, 8, 10)
    alarm: tuple[int, float, float, float, int, int, int] = (0, 1000.0, 0.0, 0.0, 0, 1, 1)
    high_alarm: bool = False
    low_alarm: bool = False
    connected: bool = True


class SensorReader(CurveKeeper):
    """The part of an instrument that reads sensors (KRDG?, SRDG?, INTYPE, INCRV, ALARM, FILTER, TLIMIT and more).

    ``inputs["A"].connected = False`` takes a sensor off; :meth:`temperature_of` says what an input is at.
    """

    letters: str

    def switch_on(self) -> None:
        """Keep all settings, as the instrument does."""
        super().switch_on()
        if not hasattr(self, "inputs"):
            self.inputs = {letter: SimulatedInput(f"Input {letter}") for letter in self.letters}

    def temperature_of(self, letter: str) -> float:
        """Return the true temperature at an input, in K."""
        raise NotImplementedError

    def pass_time(self) -> None:
        """Let what goes on by itself go on until now."""

    def input(self, letter: str) -> SimulatedInput:
        """Return an input by its letter."""
        if letter.upper() not in self.inputs:
            raise ValueError(letter)
        return self.inputs[letter.upper()]

    def status(self, letter: str) -> int:
        """Return the status of a reading."""
        one = self.input(letter)
        if one.sensor[0] == 0:
            return _INVALID
        return 0 if one.connected else _OVER_RANGE

    def kelvin(self, letter: str) -> float:
        """Return what an input reads, 0 where it has no valid reading."""
        one = self.input(letter)
        return 0.0 if self.status(letter) or not one.curve else self.temperature_of(letter.upper())

    def ask_krdg(self, letter: str) -> str:
        """Answer temperatures; 0 asks for all."""
        self.pass_time()
        letters = self.letters if letter == "0" else letter
        return ",".join(six_digits(self.kelvin(one)) for one in letters)

    def ask_crdg(self, letter: str) -> str:
        """Answer temperatures in degrees Celsius."""
        self.pass_time()
        letters = self.letters if letter == "0" else letter
        return ",".join(six_digits(self.kelvin(one) - 273.15) for one in letters)

    def ask_srdg(self, letter: str) -> str:
        """Answer sensor values."""
        self.pass_time()
        letters = self.letters if letter == "0" else letter
        return ",".join(six_digits(self._sensor_value(one)) for one in letters)

    def _sensor_value(self, letter: str) -> float:
        one = self.input(letter)
        if self.status(letter):
            return 0.0
        return self.curve(str(one.curve or 2)).at(self.temperature_of(letter.upper()))

    def ask_rdgst(self, letter: str) -> str:
        """Answer the status of a reading."""
        return f"{self.status(letter):03d}"

    def ask_inname(self, letter: str) -> str:
        """Answer the name of a sensor."""
        return f"{self.input(letter).name:15}"

    def do_inname(self, letter: str, name: str) -> None:
        """Name a sensor."""
        self.input(letter).name = unquoted(name)[:15]

    def ask_intype(self, letter: str) -> str:
        """Answer what is set for a sensor."""
        return ",".join(map(str, self.input(letter).sensor))

    def do_intype(  # noqa: PLR0917 - what the command brings
        self, letter: str, kind: str, auto: str, place: str, compensation: str, units: str
    ) -> None:
        """Set what is connected."""
        one = self.input(letter)
        sensor_type = int(within(kind, 0, 4))
        one.sensor = (
            sensor_type,
            int(within(auto, 0, 1)),
            int(within(place, 0, _RANGES[sensor_type])),
            int(within(compensation, 0, 0 if sensor_type in (0, 1) else 1)),
            int(within(units, 1, 3)),
        )
        if one.curve and self.curve(str(one.curve)).format not in _FORMATS[sensor_type]:
            one.curve = 0

    def ask_incrv(self, letter: str) -> str:
        """Answer the number of a curve."""
        return f"{self.input(letter).curve:02d}"

    def do_incrv(self, letter: str, place: str) -> None:
        """Choose a curve; one that does not fit the sensor is none."""
        one = self.input(letter)
        curve = int(within(place, 0, self.last_curve))
        fits = curve == 0 or self.curve(str(curve)).format in _FORMATS[one.sensor[0]]
        one.curve = curve if fits else 0

    def ask_tlimit(self, letter: str) -> str:
        """Answer the temperature limit."""
        return f"{self.input(letter).limit:+.4f}"

    def do_tlimit(self, letter: str, limit: str) -> None:
        """Set the temperature limit."""
        self.input(letter).limit = within(limit, 0, 9999)

    def ask_filter(self, letter: str) -> str:
        """Answer the average."""
        on, points, window = self.input(letter).filter
        return f"{on},{points:02d},{window:02d}"

    def do_filter(self, letter: str, on: str, points: str, window: str) -> None:
        """Set the average."""
        self.input(letter).filter = int(within(on, 0, 1)), int(within(points, 2, 64)), int(within(window, 1, 10))

    def ask_alarm(self, letter: str) -> str:
        """Answer what is set for the alarm."""
        on, high, low, band, *flags = self.input(letter).alarm
        return ",".join([str(on), *(six_digits(value) for value in (high, low, band)), *map(str, flags)])

    def do_alarm(  # noqa: PLR0917 - what the command brings
        self, letter: str, on: str, high: str, low: str, band: str, latch: str, audible: str = "1", visible: str = "1"
    ) -> None:
        """Set the alarm."""
        flags = [int(within(flag, 0, 1)) for flag in (latch, audible, visible)]
        one = self.input(letter)
        one.alarm = (int(within(on, 0, 1)), number(high), number(low), number(band), flags[0], flags[1], flags[2])
        one.high_alarm = one.low_alarm = False

    def ask_alarmst(self, letter: str) -> str:
        """Answer which alarms are on."""
        self.pass_time()
        one = self.input(letter)
        on, high, low, band, latching, *_ = one.alarm
        reading = self.kelvin(letter)
        one.high_alarm = bool(on) and (reading > high or (one.high_alarm and (bool(latching) or reading > high - band)))
        one.low_alarm = bool(on) and (reading < low or (one.low_alarm and (bool(latching) or reading < low + band)))
        return f"{one.high_alarm:d},{one.low_alarm:d}"

    def do_almrst(self) -> None:
        """End latched alarms."""
        for one in self.inputs.values():
            one.high_alarm = one.low_alarm = False
