"""A simulated ITC503 with a sample that its heater warms.

Like the instrument: local and remote control, heater and gas by hand or automatic, the sensor of the control, P, I, D.

Unlike the instrument: an ideal control takes the place of P, I and D; the gas flow cools nothing; no sweeps, no tables.
"""

from __future__ import annotations

from luthier_oxford_instruments.simulated.letters import LetterDevice

__all__ = ["SimulatedItc503"]

_SENSORS = 3
_SPAN = 300.0  # K that the full heater warms
_TIME = 30.0  # s
_FASTER = 5.0
_LARGEST = 99.9
_VOLTAGE = 40.0


class SimulatedItc503(LetterDevice):
    """An ITC503.

    Attributes
    ----------
    temperatures
        Of the sensors, in K; the heater is at the one that it is controlled from.
    base
        Temperature without heating, in K.
    """

    version = "ITC503  Version 1.11  (c) OXFORD 1997"
    base = 4.2

    def switch_on(self) -> None:
        """Switch heater and gas to manual, and off."""
        super().switch_on()
        self.temperatures = [self.base] * _SENSORS
        self.automatic, self.sensor, self.automatic_pid = 0, 1, 0
        self.setpoint = self.gas = self.heater = 0.0
        self.pid = {"p": 10.0, "i": 1.0, "d": 0.0}
        self._passed = self.clock.now()

    def respond(self, message: bytes) -> bytes | None:
        """Let time go by, and carry out a message."""
        self.pass_time()
        return super().respond(message)

    def pass_time(self) -> None:
        """Warm and cool until now."""
        seconds, self._passed = self.now - self._passed, self.now
        steps = min(1000, int(seconds) + 1)
        for _ in range(steps if seconds > 0 else 0):
            if self.automatic & 1:
                here = self.temperatures[self.sensor - 1]
                wanted = (self.setpoint - here) * _FASTER + here - self.base
                self.heater = max(0.0, min(_LARGEST, 100 * wanted / _SPAN))
            for place in range(_SENSORS):
                rest = self.base + (self.heater / 100 * _SPAN if place == self.sensor - 1 else 0.0)
                self.temperatures[place] += (rest - self.temperatures[place]) * min(1.0, seconds / steps / _TIME)

    def on_x(self, _: str) -> str:
        """Answer the status."""
        return f"0A{self.automatic}C{self.control}S00H{self.sensor}L{self.automatic_pid}"

    def on_r(self, number: str) -> str:
        """Answer a variable."""
        here = self.temperatures[self.sensor - 1]
        values = [
            self.setpoint,
            *self.temperatures,
            self.setpoint - here,
            self.heater,
            self.heater / 100 * _VOLTAGE,
            self.gas,
            *self.pid.values(),
        ]
        if not number.isdecimal() or int(number) >= len(values):
            raise ValueError(number)
        return f"{values[int(number)]:+.5f}"

    def on_a(self, number: str) -> None:
        """Switch heater (1) and gas (2) to automatic control."""
        self.automatic = int(_within(number, 3))

    def on_h(self, number: str) -> None:
        """Choose the sensor."""
        if not 1 <= int(number) <= _SENSORS:
            raise ValueError(number)
        self.sensor = int(number)

    def on_l(self, number: str) -> None:
        """Take P, I and D from the table, or not."""
        self.automatic_pid = int(_within(number, 1))

    def on_t(self, number: str) -> None:
        """Set the temperature."""
        self.setpoint = _within(number, 1677.7)

    def on_p(self, number: str) -> None:
        """Set the proportional band."""
        self.pid["p"] = _within(number, 1677.7)

    def on_i(self, number: str) -> None:
        """Set the integral time."""
        self.pid["i"] = _within(number, 140)

    def on_d(self, number: str) -> None:
        """Set the derivative time."""
        self.pid["d"] = _within(number, 273)

    def on_o(self, number: str) -> None:
        """Set the heater by hand."""
        if self.automatic & 1:
            raise ValueError(number)
        self.heater = _within(number, _LARGEST)

    def on_g(self, number: str) -> None:
        """Set the gas flow by hand."""
        if self.automatic & 2:
            raise ValueError(number)
        self.gas = _within(number, _LARGEST)


def _within(number: str, high: float) -> float:
    value = float(number)
    if not 0 <= value <= high:
        raise ValueError(number)
    return value
