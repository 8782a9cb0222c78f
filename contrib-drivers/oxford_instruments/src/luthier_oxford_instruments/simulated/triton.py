"""A simulated Triton at its base temperature.

Like the control software: places by identifiers, numbers with units, confirmed settings, sensors that are not measured,
ramps, and heaters by hand or controlled.

Unlike it: an ideal control takes the place of P, I and D, and is there at once; valves and pumps change nothing else;
no magnet, no automations; replies have more digits.
"""

from __future__ import annotations

from math import copysign, sqrt
from typing import ClassVar, Final

from luthier_oxford_instruments.simulated.mercury import MercuryDevice, number

__all__ = ["SimulatedTriton"]

_MIXING_CHAMBER: Final = "T8"
_WATTS_PER_SQUARE: Final = 1e-4  # W/K²: heating power at a temperature
_RESISTANCE: Final = 100.0
_MINUTE: Final = 60.0
_RANGES: Final = (0.0316, 0.1, 0.316, 1.0, 3.16, 10.0, 31.6, 100.0)  # mA
_LOOP_LIMITS: Final = {"P": 1000.0, "I": 1000.0, "D": 1000.0, "TSET": 300.0, "RAMP:RATE": 1000.0}
_UNITS: Final = {"TSET": "K", "RAMP:RATE": "K/min", "RANGE": "mA"}
_SWITCHES: Final = ("MODE", "RAMP:ENAB")


class SimulatedTriton(MercuryDevice):
    """A Triton.

    Attributes
    ----------
    base
        Temperature of the mixing chamber without heating, in K; the others are a bit warmer.
    powers
        Of the heaters by identifier, in W.
    """

    model = "TRITON"
    boards: ClassVar[dict[str, str]] = {
        **{f"T{place}": "TEMP" for place in range(1, 17)},
        **{f"V{place}": "VALV" for place in range(1, 10)},
        **{f"P{place}": "PRES" for place in range(1, 7)},
        "H1": "HTR",
        "H2": "HTR",
        "TURB1": "PUMP",
        "COMP": "PUMP",
    }
    base = 0.01

    def switch_on(self) -> None:
        """Circulate, with the heater of the still on."""
        self.measured = {uid: "ON" for uid, kind in self.boards.items() if kind == "TEMP"}
        self.states = {uid: "OPEN" if uid == "V9" else "CLOSE" for uid, kind in self.boards.items() if kind == "VALV"}
        self.states |= {"TURB1": "ON", "COMP": "OFF"}
        self.powers = {"H1": 0.0, "H2": 0.01}
        self.loop = {"P": 10.0, "I": 10.0, "D": 0.0, "TSET": 0.0, "RAMP:RATE": 0.1, "RANGE": 1.0}
        self.switches = dict.fromkeys(_SWITCHES, "OFF")
        self.goal = 0.0
        self._passed = self.clock.now()

    def pass_time(self) -> None:
        """Ramp until now, and heat what the setpoint needs."""
        seconds, self._passed = self.now - self._passed, self.now
        way = self.goal - self.loop["TSET"]
        step = self.loop["RAMP:RATE"] / _MINUTE * seconds if self.switches["RAMP:ENAB"] == "ON" else abs(way)
        self.loop["TSET"] = self.goal if step >= abs(way) else self.loop["TSET"] + copysign(step, way)
        if self.switches["MODE"] == "ON":
            largest = (self.loop["RANGE"] / 1e3) ** 2 * _RESISTANCE
            wanted = _WATTS_PER_SQUARE * max(0.0, self.loop["TSET"] ** 2 - self.base**2)
            self.powers["H1"] = min(largest, wanted)

    def temperature(self, uid: str) -> float:
        """Return what a sensor has, in K."""
        cold = sqrt(self.base**2 + self.powers["H1"] / _WATTS_PER_SQUARE)
        return cold if uid == _MIXING_CHAMBER else cold + 0.1 * int(uid[1:])

    def read_system(self, noun: str) -> str | None:
        """Answer the automation, the status, or a sensor by what it is for."""
        return {"DR:ACTN": "NONE", "DR:STATUS": "OK", "DR:CHAN:MC": _MIXING_CHAMBER}.get(noun)

    def read_board(self, uid: str, noun: str) -> str | None:
        """Answer a setting or a signal."""
        kind = self.boards[uid]
        if kind == "TEMP" and noun.startswith("LOOP:"):
            return self._read_loop(noun[5:]) if uid == _MIXING_CHAMBER else "NOT_FOUND"
        values: dict[tuple[str, str], str] = {
            ("HTR", "RES"): f"{_RESISTANCE}Ohm",
            ("PRES", "SIG:PRES"): "123.5mB",
            ("PUMP", "SIG:SPD"): f"{820 if self.states.get(uid) == 'ON' else 0}Hz",
        }
        if kind == "TEMP":
            values["TEMP", "SIG:TEMP"] = f"{self.temperature(uid):.6g}K"
            values["TEMP", "SIG:RES"] = f"{1000 / self.temperature(uid):.6g}Ohm"
            values["TEMP", "MEAS:ENAB"] = self.measured[uid]
        elif kind == "HTR":
            values["HTR", "SIG:POWR"] = f"{self.powers[uid] * 1e6!r}uW"
        elif kind in {"VALV", "PUMP"}:
            values[kind, "SIG:STATE"] = self.states[uid]
        return values.get((kind, noun))

    def _read_loop(self, noun: str) -> str | None:
        if noun in self.switches:
            return self.switches[noun]
        if noun in self.loop:
            return f"{self.loop[noun]!r}{_UNITS.get(noun, '')}"
        return "H1" if noun == "HTR" else None

    def set_board(self, uid: str, noun: str, value: str) -> bool:
        """Take a setting, if it is allowed."""
        kind = self.boards[uid]
        words = {"TEMP": ("ON", "OFF"), "VALV": ("OPEN", "CLOSE"), "PUMP": ("ON", "OFF")}
        if kind == "TEMP" and noun.startswith("LOOP:"):
            return uid == _MIXING_CHAMBER and self._set_loop(noun[5:], value)
        if kind == "HTR" and noun == "SIG:POWR":
            microwatts = number(value, 0, 300000)
            if microwatts is not None:
                self.powers[uid] = microwatts / 1e6
            return microwatts is not None
        if noun not in {"SIG:STATE", "MEAS:ENAB"} or value not in words.get(kind, ()):
            return False
        (self.measured if kind == "TEMP" else self.states)[uid] = value
        return True

    def _set_loop(self, noun: str, value: str) -> bool:
        if noun in self.switches and value in {"ON", "OFF"}:
            self.switches[noun] = value
            return True
        given = number(value, 0, _LOOP_LIMITS.get(noun, 100.0))
        if given is None or noun not in self.loop or (noun == "RANGE" and given not in _RANGES):
            return False
        if noun == "TSET":
            self.goal = given
            self.pass_time()
        else:
            self.loop[noun] = given
        return True
