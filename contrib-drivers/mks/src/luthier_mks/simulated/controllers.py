"""Simulated 937B and 946."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from luthier_sim import Device

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Simulated937b", "Simulated946"]

_MESSAGE: Final = re.compile(r"@(\d{3})([A-Z]+?)([A-C]|\d{0,2})([?!])(.*)", re.IGNORECASE)
_UNITS: Final = {"TORR": 760 / 101325, "MBAR": 0.01, "PASCAL": 1.0, "MICRON": 760_000 / 101325}
_ION: Final = ("CC", "HC")
_BROADCAST: Final = 254
_OUT_OF_RANGE, _INVALID, _UNKNOWN, _NO_CHANNEL = 172, 169, 160, 163


class _Refused(Exception):  # noqa: N818 - it is an answer, not an error
    """What is answered by NAK; its argument is the number."""


class Simulated937b(Device):
    """A 937B with the address 253: cold cathodes at A1 and C1, Piranis at A2, B1 and C2, a convection Pirani at B2.

    Cold cathodes are off after switching on. A message for another address is not answered, but for 254, which is all.

    Attributes
    ----------
    pressures
        By channel, in Pa.
    kinds
        By channel: CC, HC, PR, CP, CM, FC or NC.
    powered
        By channel.
    words
        By channel: what is answered instead of a pressure, such as WAIT.
    relays
        By number: mode, direction, setpoint and hysteresis in Pa.
    unit, locked, address
        Unit of pressures, whether the front panel is locked, and who it is.
    """

    model: ClassVar[str] = "937B"
    modules: ClassVar[str] = "CC,PR,CC,NA"
    sensors: ClassVar[tuple[str, ...]] = ("CC", "PR", "PR", "CP", "CC", "PR")

    def switch_on(self) -> None:
        """Take the state after switching on."""
        self.address = 253
        self.unit = "TORR"
        self.locked = False
        self.kinds = dict(enumerate(self.sensors, start=1))
        self.pressures = {1: 2.5e-5, 2: 0.12, 3: 1.6, 4: 95_000.0, 5: 4e-6, 6: 0.3}
        self.powered = {number: kind not in _ION for number, kind in self.kinds.items()}
        self.words: dict[int, str] = {}
        self.relays = {number: ["CLEAR", "BELOW", 0.1, 0.15] for number in range(1, 13)}

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take what stands before ``;FF``; line ends before it are skipped."""
        del ended
        end = buffer.find(b";FF")
        if end < 0:
            return None
        message = bytes(buffer[:end]).strip()
        del buffer[: end + 3]
        return message

    def respond(self, message: bytes) -> bytes | None:
        """Answer one message, without its ``;FF``."""
        found = _MESSAGE.fullmatch(message.decode("latin-1"))
        if found is None or int(found[1]) not in (self.address, _BROADCAST):
            return None
        try:
            answer = "ACK" + self._carry_out(found[2].upper(), found[3].upper(), found[5] if found[4] == "!" else None)
        except _Refused as refused:
            answer = f"NAK{refused.args[0]}"
        return f"@{self.address:03d}{answer};FF".encode("latin-1")

    def _carry_out(self, command: str, suffix: str, value: str | None) -> str:
        handler = self._handlers().get(command)
        if handler is None:
            raise _Refused(_UNKNOWN)
        return handler(suffix, value)

    def _handlers(self) -> dict[str, Callable[[str, str | None], str]]:
        return {
            "PR": self._say_pressure,
            "PRZ": lambda *_: " ".join(self._say_pressure(str(number), None) for number in self.kinds),
            "CP": self._power,
            "ST": self._say_sensors,
            "MT": lambda *_: self.modules,
            "MD": lambda *_: self.model,
            "SN": lambda *_: "0937100042",
            "FV": lambda *_: "1.21",
            "U": self._choose_unit,
            "LOCK": self._lock,
            "EN": lambda number, value: self._relay(number, 0, value, ("SET", "ENABLE", "CLEAR")),
            "SD": lambda number, value: self._relay(number, 1, value, ("ABOVE", "BELOW")),
            "SP": lambda number, value: self._relay_pressure(number, 2, value),
            "SH": lambda number, value: self._relay_pressure(number, 3, value),
            "SS": self._say_relay,
        }

    def channel(self, suffix: str) -> int:
        """Return the number of a channel; refuses what is none."""
        if not suffix.isdecimal() or int(suffix) not in self.kinds:
            raise _Refused(_NO_CHANNEL)
        return int(suffix)

    def _say_pressure(self, suffix: str, value: str | None) -> str:
        del value
        number = self.channel(suffix)
        if self.kinds[number] == "FC":
            raise _Refused(150)
        if number in self.words:
            return self.words[number]
        if self.kinds[number] == "NC":
            return "NOGAUGE"
        if not self.powered[number]:
            return "OFF"
        return self._written(self.pressures[number])

    def _written(self, pascals: float) -> str:
        return f"{pascals * _UNITS[self.unit]:.3E}"

    def _power(self, suffix: str, value: str | None) -> str:
        number = self.channel(suffix)
        if self.kinds[number] not in ("CC", "HC", "PR", "CP"):
            raise _Refused(151 if self.kinds[number] == "NC" else 150)
        if value is not None:
            self.powered[number] = self.chosen(value, ("ON", "OFF")) == "ON"
        return "ON" if self.powered[number] else "OFF"

    def _say_sensors(self, suffix: str, value: str | None) -> str:
        del value
        first = {"A": 1, "B": 3, "C": 5}.get(suffix)
        if first is None:
            raise _Refused(_NO_CHANNEL)
        return f"{self.kinds[first]},{self.kinds[first + 1]}"

    def _choose_unit(self, suffix: str, value: str | None) -> str:
        del suffix
        if value is not None:
            self.unit = self.chosen(value, tuple(_UNITS))
        return self.unit

    def _lock(self, suffix: str, value: str | None) -> str:
        del suffix
        if value is not None:
            self.locked = self.chosen(value, ("ON", "OFF")) == "ON"
        return "ON" if self.locked else "OFF"

    def _relay(self, suffix: str, place: int, value: str | None, words: tuple[str, ...]) -> str:
        relay = self._relay_of(suffix)
        if value is not None:
            relay[place] = self.chosen(value, words)
        return str(relay[place])

    def _relay_pressure(self, suffix: str, place: int, value: str | None) -> str:
        relay = self._relay_of(suffix)
        if value is not None:
            relay[place] = self.number(value) / _UNITS[self.unit]
        return f"{float(relay[place]) * _UNITS[self.unit]:.2E}"

    def _say_relay(self, suffix: str, value: str | None) -> str:
        del value
        mode, direction, setpoint, _ = self._relay_of(suffix)
        pressure = self.pressures[1 if not self.words.get(1) else 2]
        active = pressure < float(setpoint) if direction == "BELOW" else pressure > float(setpoint)
        return "SET" if mode == "SET" or (mode == "ENABLE" and active) else "CLEAR"

    def _relay_of(self, suffix: str) -> list[str | float]:
        if not suffix.isdecimal() or int(suffix) not in self.relays:
            raise _Refused(_NO_CHANNEL)
        return self.relays[int(suffix)]  # type: ignore[return-value] # words and numbers in one list

    @staticmethod
    def chosen(value: str, words: tuple[str, ...]) -> str:
        """Return a word in capitals; refuses others."""
        if value.upper() not in words:
            raise _Refused(_INVALID)
        return value.upper()

    @staticmethod
    def number(value: str) -> float:
        """Return a number; refuses what is none."""
        try:
            return float(value)
        except ValueError:
            raise _Refused(_INVALID) from None


class Simulated946(Simulated937b):
    """A 946 with the address 253: a cold cathode and a Pirani, and two flow controllers of 100 and 500 sccm in slot B.

    A flow controller is at its setpoint at once.

    Attributes
    ----------
    setpoints, modes, ranges, factors
        Of the flow controllers, by channel.
    control, recipe, ratio_recipe
        Whether a pressure is controlled, and by what.
    """

    model = "946"
    modules = "CC,FC,NC,PC"
    sensors = ("CC", "PR", "FC", "FC", "NC", "NC")

    def switch_on(self) -> None:
        """Take the state after switching on."""
        super().switch_on()
        self.setpoints = {3: 0.0, 4: 0.0}
        self.modes = {3: "CLOSE", 4: "CLOSE"}
        self.ranges = {3: 100.0, 4: 500.0}
        self.factors = {3: 1.0, 4: 1.0}
        self.control = False
        self.recipe = self.ratio_recipe = 1

    def _handlers(self) -> dict[str, Callable[[str, str | None], str]]:
        return {
            **super()._handlers(),
            "FR": self._say_flow,
            "QSP": self._set_point,
            "QMD": self._mode,
            "RNG": lambda suffix, _: f"{self.ranges[self._flow(suffix)]:.2E}",
            "QSF": lambda suffix, _: f"{self.factors[self._flow(suffix)]:.2E}",
            "QZ": self._zero,
            "PID": self._control,
            "RCP": self._choose_recipe,
            "RRCP": self._choose_ratio_recipe,
        }

    def _flow(self, suffix: str) -> int:
        number = self.channel(suffix)
        if self.kinds[number] != "FC":
            raise _Refused(158)
        return number

    def _say_flow(self, suffix: str, value: str | None) -> str:
        del value
        number = self._flow(suffix)
        flows = {"OPEN": self.ranges[number], "SETPOINT": self.setpoints[number], "PCTRL": self.setpoints[number]}
        return f"{flows.get(self.modes[number], 0.0):.2E}"

    def _set_point(self, suffix: str, value: str | None) -> str:
        number = self._flow(suffix)
        if value is not None:
            wanted = self.number(value)
            if not 0 <= wanted <= 1.1 * self.ranges[number] * self.factors[number]:
                raise _Refused(_OUT_OF_RANGE)
            self.setpoints[number] = float(f"{wanted:.2E}")
        return f"{self.setpoints[number]:.2E}"

    def _mode(self, suffix: str, value: str | None) -> str:
        number = self._flow(suffix)
        if value is not None:
            if self.control:
                raise _Refused(166)
            self.modes[number] = self.chosen(value, ("OPEN", "CLOSE", "SETPOINT"))
        return self.modes[number]

    def _zero(self, suffix: str, value: str | None) -> str:
        self._flow(suffix)
        if value is None:
            raise _Refused(175)
        return "OK"

    def _control(self, suffix: str, value: str | None) -> str:
        del suffix
        if value is not None:
            self.control = self.chosen(value, ("ON", "OFF")) == "ON"
            self.modes = dict.fromkeys(self.modes, "PCTRL" if self.control else "PRESET")
        return "ON" if self.control else "OFF"

    def _choose_recipe(self, suffix: str, value: str | None) -> str:
        del suffix
        if value is not None:
            if self.control:
                raise _Refused(166)
            self.recipe = int(self.chosen(value, tuple("12345678")))
        return str(self.recipe)

    def _choose_ratio_recipe(self, suffix: str, value: str | None) -> str:
        del suffix
        if value is not None:
            self.ratio_recipe = int(self.chosen(value, tuple("1234")))
        return str(self.ratio_recipe)
