"""A simulated Mercury iPS with one axis of a magnet of 0.25 T/A.

Like the instrument: ``READ`` and ``SET`` with their answers and refusals, numbers with units, ramping, holding, zeroing
and clamping, and the persistent switch, which is opened only between equal currents.

Unlike the instrument: the switch needs no time; replies have more digits; no other devices, no alarms, no legacy
commands.
"""

from __future__ import annotations

import re
from math import copysign
from typing import Final

from luthier_sim import Device

__all__ = ["SimulatedMercuryIps"]

_PLACE: Final = "DEV:GRPZ:PSU:"
_ACTIONS: Final = ("HOLD", "RTOS", "RTOZ", "CLMP")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_TESLA_PER_AMPERE: Final = 0.25
_LARGEST_CURRENT: Final = 600.0
_LARGEST_FIELD: Final = 30.0
_MINUTE: Final = 60.0
_INDUCTANCE: Final = 10.0


class SimulatedMercuryIps(Device):
    """A Mercury iPS with the axis Z.

    Attributes
    ----------
    current, magnet_current
        Of supply and magnet in A, at the time of the last message.
    """

    def switch_on(self) -> None:
        """Hold at zero, with the heater on."""
        self.action = "HOLD"
        self.current = self.magnet_current = self.setpoint = 0.0
        self.rate = 10.0  # A/min
        self.heater = True
        self._passed = self.clock.now()

    def respond(self, message: bytes) -> bytes | None:
        """Let time go by, and answer a message."""
        self.pass_time()
        return self._answer(message.decode("latin-1").strip("\r ")).encode("latin-1") + b"\n"

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

    def _answer(self, message: str) -> str:
        if message == "*IDN?":
            return "IDN:OXFORD INSTRUMENTS:MERCURY IPS:123456:2.5.13.000"
        verb, _, rest = message.partition(":")
        if verb not in {"READ", "SET"}:
            return f"{verb}:INVALID"
        if verb == "READ" and rest == "SYS:CAT":
            return "STAT:SYS:CAT:DEV:GRPZ:PSU"
        if not rest.startswith(_PLACE):
            return f"STAT:{rest}:NOT_FOUND" if rest.startswith("DEV:") else f"{verb}:{rest.partition(':')[0]}:INVALID"
        if verb == "READ":
            return self._read(rest.removesuffix("?"))
        place, _, value = rest.rpartition(":")
        taken = self._set(place.removeprefix(_PLACE), value)
        return f"STAT:SET:{rest}:{'VALID' if taken else 'INVALID'}"

    def _read(self, place: str) -> str:
        amperes = {
            "CURR": (self.current, ""),
            "PCUR": (self.magnet_current, ""),
            "CSET": (self.setpoint, ""),
            "RCST": (self.rate, "/m"),
        }
        fields = {"FLD": "CURR", "PFLD": "PCUR", "FSET": "CSET", "RFST": "RCST"}
        signal = place.removeprefix(_PLACE).removeprefix("SIG:")
        if signal == "ACTN":
            value = self.action
        elif signal == "SWHT":
            value = "ON" if self.heater else "OFF"
        elif signal == "VOLT":
            way = self._goal() - self.current
            value = f"{copysign(_INDUCTANCE * self.rate / _MINUTE, way) if way else 0.0:.4f}V"
        elif signal in amperes:
            value = f"{amperes[signal][0]:.6f}A{amperes[signal][1]}"
        elif signal in fields:
            number, suffix = amperes[fields[signal]]
            value = f"{number * _TESLA_PER_AMPERE:.6f}T{suffix}"
        else:
            return f"STAT:{place}:INVALID"
        return f"STAT:{place}:{value}"

    def _set(self, signal: str, value: str) -> bool:
        signal = signal.removeprefix("SIG:")
        if signal == "ACTN":
            return self._act(value)
        if signal == "SWHT":
            return self._switch(value)
        if not _NUMBER.fullmatch(value):
            return False
        number = float(value)
        if signal in {"FSET", "RFST"}:
            if abs(number) > _LARGEST_FIELD and signal == "FSET":
                return False
            number /= _TESLA_PER_AMPERE
        if signal in {"FSET", "CSET"} and abs(number) <= _LARGEST_CURRENT:
            self.setpoint = number
        elif signal in {"RFST", "RCST"} and number >= 0:
            self.rate = number
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
