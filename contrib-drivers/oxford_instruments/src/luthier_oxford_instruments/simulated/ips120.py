"""A simulated IPS120-10 with a magnet of 0.25 T/A and a persistent switch.

Like the instrument: local and remote control, ramping, holding, zeroing and clamping, the persistent switch, which is
opened only between equal currents, and quenches.

Unlike the instrument: the switch needs no time; voltages are those of the inductance; no limit while ramping but that
of the current; settings of display and polarity are not there.
"""

from __future__ import annotations

from math import copysign, inf
from typing import Final

from luthier_oxford_instruments.simulated.letters import LetterDevice

__all__ = ["SimulatedIps120"]

_HOLD, _TO_SETPOINT, _TO_ZERO, _CLAMP = 0, 1, 2, 4
_TESLA_PER_AMPERE: Final = 0.25
_INDUCTANCE: Final = 10.0  # H
_MINUTE: Final = 60.0
_LARGEST_CURRENT: Final = 120.0
_UNCHECKED: Final = 2  # of H


class SimulatedIps120(LetterDevice):
    """An IPS120-10 with a magnet.

    Attributes
    ----------
    current, magnet_current
        Of supply and magnet in A, at the time of the last message.
    quenches_at
        Current of the magnet, in A, beyond which it quenches.
    """

    version = "IPS120-10  Version 3.07  (c) OXFORD 1996"
    quenches_at = inf

    def switch_on(self) -> None:
        """Hold at zero, with the heater on."""
        super().switch_on()
        self.activity, self.quenched, self.trip = _HOLD, False, 0.0
        self.current = self.magnet_current = self.setpoint = 0.0
        self.rate = 10.0  # A/min
        self.heater, self.switch_fitted = True, True
        self._passed = self.clock.now()

    def respond(self, message: bytes) -> bytes | None:
        """Let time go by, and carry out a message."""
        self.pass_time()
        return super().respond(message)

    def pass_time(self) -> None:
        """Ramp until now."""
        seconds, self._passed = self.now - self._passed, self.now
        way = self._goal() - self.current
        if not self.quenched:
            step = min(abs(way), self.rate / _MINUTE * seconds)
            self.current = self._goal() if step == abs(way) else self.current + copysign(step, way)
        if self.coupled:
            self.magnet_current = self.current
        if abs(self.magnet_current) > self.quenches_at:
            self.quench()

    @property
    def coupled(self) -> bool:
        """Whether the magnet follows the supply."""
        return self.heater or not self.switch_fitted

    def quench(self) -> None:
        """Let the magnet quench."""
        self.trip, self.quenched, self.activity = self.magnet_current, True, _HOLD
        self.current = self.magnet_current = 0.0

    def clear(self) -> None:
        """Clear a quench, as at the front panel."""
        self.quenched = False

    def _goal(self) -> float:
        return {_TO_SETPOINT: self.setpoint, _TO_ZERO: 0.0}.get(self.activity, self.current)

    def on_x(self, _: str) -> str:
        """Answer the status."""
        sweeping = self.current != self._goal()
        heater = 8 if not self.switch_fitted else 1 if self.heater else 2 if self.magnet_current else 0
        polarity = 0 if self.current >= 0 else 7
        return f"{self.quenched:d}0A{self.activity}C{self.control}H{heater}M1{sweeping:d}P{polarity}2"

    def on_r(self, number: str) -> str:
        """Answer a variable."""
        tesla = _TESLA_PER_AMPERE
        ramping = self.current != self._goal() and self.coupled
        values = {
            0: self.current,
            1: copysign(_INDUCTANCE * self.rate / _MINUTE, self._goal() - self.current) if ramping else 0.0,
            2: self.current,
            5: self.setpoint,
            6: self.rate,
            7: self.current * tesla,
            8: self.setpoint * tesla,
            9: self.rate * tesla,
            15: 5.0,
            16: self.magnet_current,
            17: self.trip,
            18: self.magnet_current * tesla,
            19: self.trip * tesla,
            20: 50.0,
            21: -_LARGEST_CURRENT,
            22: _LARGEST_CURRENT,
            23: 1.5,
            24: _INDUCTANCE,
        }
        if not number.isdecimal() or int(number) not in values:
            raise ValueError(number)
        return f"{values[int(number)]:+.5f}"

    def on_a(self, number: str) -> None:
        """Hold, ramp, zero or clamp; it cannot ramp while it is clamped, or after a quench."""
        activity = int(number)
        if activity not in {_HOLD, _TO_SETPOINT, _TO_ZERO, _CLAMP} or (self.quenched and activity != _HOLD):
            raise ValueError(number)
        if self.activity == _CLAMP and activity in {_TO_SETPOINT, _TO_ZERO}:
            raise ValueError(number)
        if activity == _CLAMP and self.current:
            raise ValueError(number)
        self.activity = activity

    def on_h(self, number: str) -> None:
        """Switch the heater: 0 off, 1 on where the currents are equal, 2 on without a look at them."""
        wanted = int(number)
        if not self.switch_fitted or wanted not in {0, 1, 2}:
            raise ValueError(number)
        differs = abs(self.current - self.magnet_current) > 0.1  # noqa: PLR2004 - A
        if wanted == 1 and not self.heater and differs:
            raise ValueError(number)
        if wanted == _UNCHECKED and not self.heater and differs:
            self.quench()
        self.heater = wanted != 0

    def on_i(self, number: str) -> None:
        """Set the target as a current."""
        current = float(number)
        if abs(current) > _LARGEST_CURRENT:
            raise ValueError(number)
        self.setpoint = current

    def on_j(self, number: str) -> None:
        """Set the target as a field."""
        self.on_i(repr(float(number) / _TESLA_PER_AMPERE))

    def on_s(self, number: str) -> None:
        """Set the rate of the current."""
        self.rate = float(number)

    def on_t(self, number: str) -> None:
        """Set the rate of the field."""
        self.on_s(repr(float(number) / _TESLA_PER_AMPERE))
