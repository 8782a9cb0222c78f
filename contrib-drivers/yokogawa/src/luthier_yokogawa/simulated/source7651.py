"""A simulated 7651.

Like the instrument: commands that are put off until ``E``; levels within the range; output and status.

Assumed, and confirmed by no source at hand: that the level that a range does not hold is taken down to its end; that
the output goes off and the level to 0 where the function changes; that switching the output leaves the level.

Unlike it: there are no programs, no calibration and no reading of settings (``OS``). What is not understood is ignored.
"""

from __future__ import annotations

import re
from typing import Final

from luthier_sim import Device

__all__ = ["Simulated7651"]

_RANGES: Final = {
    1: {2: 10e-3, 3: 100e-3, 4: 1.0, 5: 10.0, 6: 30.0},
    5: {4: 1e-3, 5: 10e-3, 6: 100e-3},
}
_DECIMALS: Final = {1: {2: 7, 3: 6, 4: 5, 5: 4, 6: 3}, 5: {4: 8, 5: 7, 6: 6}}
_LARGEST_VOLTAGE: Final = 32.0
_COMMAND: Final = re.compile(r"\s*([A-Z]{1,2})\s*([+-]?[0-9.]*(?:E[+-]?\d+)?)\s*")
_OUTPUT_ON: Final = 16


class Simulated7651(Device):
    """A 7651 with nothing at its terminals."""

    message_based = True

    def switch_on(self) -> None:
        """Take the state of a 7651 that has just been switched on."""
        self.function, self.range, self.level = 1, 4, 0.0
        self.output = False
        self.header = True
        self.voltage_limit, self.current_limit = 30.0, 120.0
        self._waiting: list[tuple[str, str]] = []

    def largest_level(self) -> float:
        """Return the largest level of the present range."""
        nominal = _RANGES[self.function][self.range]
        return min(nominal * 1.2, _LARGEST_VOLTAGE)

    def at_terminals(self) -> float:
        """Return the level at the terminals: 0 while the output is off."""
        return self.level if self.output else 0.0

    def respond(self, message: bytes) -> bytes | None:
        """Carry out one message; the last question in it is answered."""
        answer: str | None = None
        for unit in message.decode("latin-1").upper().split(";"):
            for part in (unit[:-1], "E") if re.fullmatch(r"\s*[SRFO]\S*[0-9]E", unit) else (unit,):
                answer = self._take(part) or answer
        return None if answer is None else f"{answer}\r\n".encode()

    def _take(self, unit: str) -> str | None:
        found = _COMMAND.fullmatch(unit)
        if found is None:
            return None
        name, number = found.groups()
        if name == "OD":
            return self._data()
        if name == "OC":
            return f"STS1={_OUTPUT_ON if self.output else 0}"
        if name == "E":
            for waiting in self._waiting:
                self._carry_out(*waiting)
            self._waiting.clear()
        elif number:
            self._waiting.append((name, number))
        return None

    def _data(self) -> str:
        text = f"{self.level:+.{_DECIMALS[self.function][self.range]}f}E+0"
        return f"NDC{'V' if self.function == 1 else 'A'}{text}" if self.header else text

    def _carry_out(self, name: str, number: str) -> None:
        value = float(number)
        if name == "F" and value in _RANGES:
            if value != self.function:
                self.output, self.level = False, 0.0
                self.function, self.range = int(value), 4
        elif name == "R" and value in _RANGES[self.function]:
            self.range = int(value)
            self.level = max(-self.largest_level(), min(self.largest_level(), self.level))
        elif name == "S" and abs(value) <= self.largest_level() * (1 + 1e-9):
            self.level = round(value, _DECIMALS[self.function][self.range])
        elif name == "O" and value in (0, 1):
            self.output = value == 1
        elif name == "H" and value in (0, 1):
            self.header = value == 1
        elif name == "LV" and 1 <= value <= 30:  # noqa: PLR2004 - volts
            self.voltage_limit = value
        elif name == "LA" and 5 <= value <= 120:  # noqa: PLR2004 - milliamperes
            self.current_limit = value
