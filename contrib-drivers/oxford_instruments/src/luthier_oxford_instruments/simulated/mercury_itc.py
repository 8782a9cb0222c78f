"""A simulated Mercury iTC: two sensors on a sample that a heater warms, a needle valve, a pressure and a level.

Like the instrument: boards by their identifiers, numbers with units and prefixes, control by hand and automatic, ramps
of the setpoint, what depends on the kind of sensor.

Unlike the instrument: replies have more digits; an ideal control takes the place of P, I and D; the gas flow cools
nothing; only the sensor on the motherboard has a heater; no tables, no calibrations.
"""

from __future__ import annotations

from math import copysign, inf
from typing import ClassVar, Final

from luthier_oxford_instruments.simulated.mercury import MercuryDevice, number

__all__ = ["SimulatedMercuryItc"]

_SPAN: Final = 300.0  # K that the full heater warms
_TIME: Final = 30.0  # s
_FASTER: Final = 5.0
_MINUTE: Final = 60.0
_HEATED: Final = "MB1.T1"
_SWITCHES: Final = ("ENAB", "RENA", "PIDT", "FAUT")
_LIMITS: Final = {
    "P": (0.0, 199.9),
    "I": (0.0, 199.9),
    "D": (0.0, 299.9),
    "TSET": (0.0, 2000.0),
    "RSET": (0.0, 1e5),
    "HSET": (0.0, 100.0),
    "FSET": (0.0, 100.0),
}
_UNITS: Final = {"TSET": "K", "RSET": "K/m"}
_BOARD_LIMITS: Final = {"VLIM": (0.0, 40.0), "RES": (10.0, 2000.0), "GMIN": (0.0, 20.0), "GFSF": (0.0, 99.0)}


class SimulatedMercuryItc(MercuryDevice):
    """A Mercury iTC.

    Attributes
    ----------
    temperatures
        Of the sensors, in K, by identifier.
    base
        Temperature without heating, in K.
    pressure, level
        In mbar, and of helium in %.
    alarms
        What is wrong, by identifier.
    """

    model = "ITC"
    boards: ClassVar[dict[str, str]] = {
        "MB1.T1": "TEMP",
        "MB0.H1": "HTR",
        "DB6.T1": "TEMP",
        "DB4.G1": "AUX",
        "DB5.P1": "PRES",
        "DB8.L1": "LVL",
    }
    base = 4.2
    pressure = 12.5
    level = 56.3938

    def switch_on(self) -> None:
        """Switch heater and gas to manual, and off."""
        sensors = [uid for uid, kind in self.boards.items() if kind == "TEMP"]
        self.temperatures = dict.fromkeys(sensors, self.base)
        self.switches = {uid: dict.fromkeys(_SWITCHES, "OFF") for uid in sensors}
        self.numbers = {uid: dict.fromkeys(_LIMITS, 0.0) | {"P": 10.0, "I": 1.0, "RSET": inf} for uid in sensors}
        self.goals = dict.fromkeys(sensors, 0.0)
        self.board_numbers = {"VLIM": 40.0, "RES": 50.0, "GMIN": 1.0, "GFSF": 1.0}
        self.slow = "ON"
        self.alarms: dict[str, str] = {}
        self._passed = self.clock.now()

    @property
    def voltage(self) -> float:
        """Voltage of the heater."""
        return self.numbers[_HEATED]["HSET"] / 100 * self.board_numbers["VLIM"]

    def pass_time(self) -> None:
        """Ramp, warm and cool until now."""
        seconds, self._passed = self.now - self._passed, self.now
        for uid, goal in self.goals.items():
            way = goal - self.numbers[uid]["TSET"]
            step = self.numbers[uid]["RSET"] / _MINUTE * seconds if self.switches[uid]["RENA"] == "ON" else inf
            if way:
                self.numbers[uid]["TSET"] = goal if step >= abs(way) else goal - way + copysign(step, way)
        steps = min(1000, int(seconds) + 1)
        for _ in range(steps if seconds > 0 else 0):
            self._warm(min(1.0, seconds / steps / _TIME))

    def _warm(self, share: float) -> None:
        here, loop = self.temperatures[_HEATED], self.numbers[_HEATED]
        if self.switches[_HEATED]["ENAB"] == "ON":
            wanted = (loop["TSET"] - here) * _FASTER + here - self.base
            loop["HSET"] = max(0.0, min(100.0, 100 * wanted / _SPAN))
        rest = self.base + loop["HSET"] / 100 * _SPAN
        self.temperatures[_HEATED] += (rest - here) * share

    def read_system(self, noun: str) -> str | None:
        """Answer what is fitted, or the alarms."""
        if noun == "ALRM":
            return "".join(f"{uid}\t{alarm};" for uid, alarm in self.alarms.items())
        return super().read_system(noun)

    def read_board(self, uid: str, noun: str) -> str | None:
        """Answer a setting or a signal."""
        if noun == "NICK":
            return uid.replace(".", "_")
        kind = self.boards[uid]
        if kind == "TEMP":
            return self._read_loop(uid, noun[5:]) if noun.startswith("LOOP:") else self._read_sensor(uid, noun)
        resistance, voltage = self.board_numbers["RES"], self.voltage
        values = {
            "HTR": {
                "VLIM": f"{self.board_numbers['VLIM']:.2f}",
                "RES": f"{resistance:.2f}",
                "PMAX": f"{self.board_numbers['VLIM'] ** 2 / resistance:.2f}",
                "SIG:VOLT": f"{voltage:.4f}V",
                "SIG:CURR": f"{1000 * voltage / resistance:.4f}mA",
                "SIG:POWR": f"{voltage**2 / resistance:.4f}W",
            },
            "AUX": {
                "GMIN": f"{self.board_numbers['GMIN']:.2f}",
                "GFSF": f"{self.board_numbers['GFSF']:.2f}",
                "SIG:PERC": f"{self.numbers[_HEATED]['FSET']:.4f}%",
            },
            "PRES": {"SIG:PRES": f"{self.pressure:.4f}mB"},
            "LVL": {"SIG:HEL:LEV": f"{self.level:.4f}%", "SIG:NIT:LEV": "0.0000%", "HEL:PULS:SLOW": self.slow},
        }
        return values[kind].get(noun)

    def _read_sensor(self, uid: str, noun: str) -> str | None:
        temperature = self.temperatures[uid]
        diode = uid != _HEATED
        volts = 1.7 - 0.004 * temperature if diode else 1e-5 * (100 + temperature)
        values = {
            "TYPE": "DDE" if diode else "NTC",
            "SIG:TEMP": f"{temperature:.4f}K",
            "SIG:VOLT": f"{volts * 1000:.4f}mV",
            "SIG:RES": None if diode else f"{100 + temperature:.4f}O",
        }
        return values.get(noun)

    def _read_loop(self, uid: str, noun: str) -> str | None:
        if noun in {"HTR", "AUX"}:
            return {"HTR": "MB0.H1", "AUX": "DB4.G1"}[noun] if uid == _HEATED else "None"
        if noun in self.switches[uid]:
            return self.switches[uid][noun]
        if noun in _LIMITS:
            return f"{self.numbers[uid][noun]!r}{_UNITS.get(noun, '')}"
        return None

    def set_board(self, uid: str, noun: str, value: str) -> bool:
        """Take a setting, if it is within its limits."""
        kind, _, loop = self.boards[uid], *noun.partition("LOOP:")[1:]
        if kind == "TEMP" and loop:
            return self._set_loop(uid, loop, value)
        if kind == "LVL" and noun == "HEL:PULS:SLOW" and value in {"ON", "OFF"}:
            self.slow = value
            return True
        given = number(value, *_BOARD_LIMITS[noun]) if noun in _BOARD_LIMITS else None
        if given is None or (kind == "HTR") != (noun in {"VLIM", "RES"}):
            return False
        self.board_numbers[noun] = given
        return True

    def _set_loop(self, uid: str, noun: str, value: str) -> bool:
        if noun in self.switches[uid] and value in {"ON", "OFF"}:
            self.switches[uid][noun] = value
            return True
        given = number(value, *_LIMITS[noun]) if noun in _LIMITS else None
        if given is None:
            return False
        if noun == "TSET":
            self.goals[uid] = given
            self.pass_time()
        else:
            self.numbers[uid][noun] = given
        return True
