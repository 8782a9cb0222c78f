"""A simulated Mercury iPS with one axis of a magnet of 0.25 T/A.

Like the instrument: ``READ`` and ``SET`` with their answers and refusals, numbers with units, ramping, holding, zeroing
and clamping, and the persistent switch, which is opened only between equal currents.

Unlike the instrument: the switch needs no time; replies have more digits; no other devices, no alarms, no legacy
commands.
"""

from __future__ import annotations

from math import copysign
from typing import ClassVar, Final

from luthier_oxford_instruments.simulated.mercury import MercuryDevice, number

__all__ = ["SimulatedMercuryIps"]

_ACTIONS: Final = ("HOLD", "RTOS", "RTOZ", "CLMP")
_TESLA_PER_AMPERE: Final = 0.25
_LARGEST_CURRENT: Final = 600.0
_LARGEST_FIELD: Final = 30.0
_MINUTE: Final = 60.0
_INDUCTANCE: Final = 10.0


class SimulatedMercuryIps(MercuryDevice):
    """A Mercury iPS with the axis Z.

    Attributes
    ----------
    current, magnet_current
        Of supply and magnet in A, at the time of the last message.
    """

    model = "IPS"
    boards: ClassVar[dict[str, str]] = {"GRPZ": "PSU"}

    def switch_on(self) -> None:
        """Hold at zero, with the heater on."""
        self.action = "HOLD"
        self.current = self.magnet_current = self.setpoint = 0.0
        self.rate = 10.0  # A/min
        self.heater = True
        self._passed = self.clock.now()

    def pass_time(self) -> None:
        """Ramp until now, and hold where it is there."""
        seconds, self._passed = self.now - self._passed, self.now
        way = self._goal() - self.current
        step = min(abs(way), self.rate / _MINUTE * seconds)
        self.current = self._goal() if step == abs(way) else self.current + copysign(step, way)
        if self.current == self._goal() and self.action in {"RTOS", "RTOZ"}:
            self.action = "HOLD"
        if self.heater:
            self.magnet_current = self.current

    def _goal(self) -> float:
        return {"RTOS": self.setpoint, "RTOZ": 0.0}.get(self.action, self.current)

    def read_board(self, uid: str, noun: str) -> str | None:
        """Answer what the supply does, or a signal."""
        del uid
        amperes = {
            "CURR": (self.current, ""),
            "PCUR": (self.magnet_current, ""),
            "CSET": (self.setpoint, ""),
            "RCST": (self.rate, "/m"),
        }
        fields = {"FLD": "CURR", "PFLD": "PCUR", "FSET": "CSET", "RFST": "RCST"}
        signal = noun.removeprefix("SIG:")
        if noun == "ACTN":
            return self.action
        if signal == "SWHT":
            return "ON" if self.heater else "OFF"
        if signal == "VOLT":
            way = self._goal() - self.current
            return f"{copysign(_INDUCTANCE * self.rate / _MINUTE, way) if way else 0.0:.4f}V"
        if signal in amperes:
            return f"{amperes[signal][0]:.6f}A{amperes[signal][1]}"
        if signal in fields:
            value, suffix = amperes[fields[signal]]
            return f"{value * _TESLA_PER_AMPERE:.6f}T{suffix}"
        return None

    def set_board(self, uid: str, noun: str, value: str) -> bool:
        """Act, switch the heater, or take a setpoint or a rate."""
        del uid
        signal = noun.removeprefix("SIG:")
        if signal == "ACTN":
            return self._act(value)
        if signal == "SWHT":
            return self._switch(value)
        largest = _LARGEST_FIELD if signal == "FSET" else float("inf")
        given = number(value, -largest, largest)
        if given is None:
            return False
        if signal in {"FSET", "RFST"}:
            given /= _TESLA_PER_AMPERE
        if signal in {"FSET", "CSET"} and abs(given) <= _LARGEST_CURRENT:
            self.setpoint = given
        elif signal in {"RFST", "RCST"} and given >= 0:
            self.rate = given
        else:
            return False
        return True

    def _act(self, action: str) -> bool:
        if action not in _ACTIONS or (self.action == "CLMP" and action in {"RTOS", "RTOZ"}):
            return False
        if action == "CLMP" and self.current:
            return False
        self.action = action
        return True

    def _switch(self, value: str) -> bool:
        differs = abs(self.current - self.magnet_current) > 0.1  # noqa: PLR2004 - A
        if value not in {"ON", "OFF"} or (value == "ON" and not self.heater and differs):
            return False
        self.heater = value == "ON"
        return True
