"""A simulated Lake Shore 218.

Like the instrument: one answer to a message; readings of one input or all, switching inputs off, curves of users that
belong to one input each, sensor types of four inputs together, and refused commands as bits of the event status
register.

Unlike the instrument: no alarms, relays, logging and analog outputs; every sensor follows the curve of a diode.
"""

from __future__ import annotations

from typing import ClassVar, Final

from luthier_lakeshore.simulated.curves import CurveKeeper
from luthier_lakeshore.simulated.messages import six_digits, within

__all__ = ["Simulated218"]

_INPUTS: Final = 8
_STANDARD: Final = 9
_FIRST_USER: Final = 21
_OVER_RANGE: Final = 128


class Simulated218(CurveKeeper):
    """A 218 at 77 K.

    Attributes
    ----------
    temperatures
        Of each input, in K; ``None``: there is no sensor.
    """

    identity = "LSCI,MODEL218S,0,010101"
    last_curve = 28
    answers_last = True
    types: ClassVar[int] = 6

    def switch_on(self) -> None:
        """Keep all settings, as the instrument does."""
        super().switch_on()
        if not hasattr(self, "temperatures"):
            self.temperatures: dict[int, float | None] = dict.fromkeys(range(1, _INPUTS + 1), 77.0)
            self.enabled = dict.fromkeys(range(1, _INPUTS + 1), 1)
            self.used = dict.fromkeys(range(1, _INPUTS + 1), 2)
            self.sensor_types = {"A": 0, "B": 0}

    def ask_krdg(self, number: str) -> str:
        """Answer temperatures; 0 asks for all."""
        return self._readings(number, 0.0)

    def ask_crdg(self, number: str) -> str:
        """Answer temperatures in degrees Celsius."""
        return self._readings(number, -273.15)

    def _readings(self, number: str, offset: float) -> str:
        asked = int(within(number, 0, _INPUTS))
        numbers = [asked] if asked else list(self.temperatures)
        return ",".join(six_digits((self._kelvin(one) or 0.0) + offset) for one in numbers)

    def _kelvin(self, number: int) -> float | None:
        return self.temperatures[number] if self.enabled[number] and self.used[number] else None

    def ask_srdg(self, number: str) -> str:
        """Answer a sensor value."""
        kelvin = self.temperatures[int(within(number, 1, _INPUTS))]
        return six_digits(0.0 if kelvin is None else self.curve("2").at(kelvin))

    def ask_rdgst(self, number: str) -> str:
        """Answer the status of a reading."""
        place = int(within(number, 1, _INPUTS))
        return f"{0 if self.temperatures[place] is not None and self.enabled[place] else _OVER_RANGE:03d}"

    def ask_input(self, number: str) -> str:
        """Answer whether an input is on."""
        return str(self.enabled[int(within(number, 1, _INPUTS))])

    def do_input(self, number: str, on: str) -> None:
        """Switch an input."""
        self.enabled[int(within(number, 1, _INPUTS))] = int(within(on, 0, 1))

    def ask_incrv(self, number: str) -> str:
        """Answer the curve of an input."""
        return f"{self.used[int(within(number, 1, _INPUTS))]:02d}"

    def do_incrv(self, number: str, curve: str) -> None:
        """Choose the curve of an input: none, a standard one, or its own user curve."""
        place, wanted = int(within(number, 1, _INPUTS)), int(within(curve, 0, self.last_curve))
        if wanted > _STANDARD and wanted != _FIRST_USER - 1 + place:
            raise ValueError(curve)
        self.used[place] = wanted

    def ask_intype(self, group: str) -> str:
        """Answer the type of sensor of four inputs."""
        if group.upper() not in self.sensor_types:
            raise ValueError(group)
        return str(self.sensor_types[group.upper()])

    def do_intype(self, group: str, kind: str) -> None:
        """Choose it."""
        if group.upper() not in self.sensor_types:
            raise ValueError(group)
        self.sensor_types[group.upper()] = int(within(kind, 0, self.types - 1))
