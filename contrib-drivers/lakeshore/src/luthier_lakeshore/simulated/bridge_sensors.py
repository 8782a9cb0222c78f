"""The inputs of a simulated Lake Shore 372."""

from __future__ import annotations

from typing import Final

import attrs

from luthier_lakeshore.simulated.curves import CurveKeeper, StoredCurve, unquoted
from luthier_lakeshore.simulated.messages import within

__all__ = ["BridgeReader", "SimulatedBridgeInput"]

_SCANNED: Final = tuple(str(number) for number in range(1, 17))
_LAST_EXCITATIONS: Final = {0: 12, 1: 22}
_LAST_CONTROL_EXCITATION: Final = 6
_LOWEST: Final = {0: 2e-6, 1: 1e-12}  # V, A; each excitation is √10 of the one before
_LOWEST_CONTROL: Final = 316e-12
_RANGES: Final = 22
_CURRENT_OVERLOAD: Final = 1
_FIRST_USER: Final = 21
_PHASE: Final = 0.01
_LOG: Final = 4
_CURVE_FORMATS: Final = (3, _LOG, 7)


@attrs.define
class SimulatedBridgeInput:
    """One input."""

    name: str
    setup: tuple[int, int, int, int, int, int]
    settings: tuple[int, int, int, int, int]
    limit: float = 0.0
    filter: tuple[int, int, int] = (0, 10, 10)
    connected: bool = True


def _sensor() -> StoredCurve:
    """Return the curve of a resistor, with few points."""
    points = {1: (3.0, 40.0), 2: (3.2, 4.0), 3: (3.6, 0.3), 4: (4.0, 0.05), 5: (4.5, 0.01), 6: (4.8, 0.005)}
    return StoredCurve("RESISTOR", "372", _LOG, 40.0, 1, points)


class BridgeReader(CurveKeeper):
    """The part of a 372 that scans and reads sensors.

    ``inputs["5"].connected = False`` takes a sensor off; :meth:`temperature_of` says what an input is at.
    """

    first_user_curve = _FIRST_USER

    def switch_on(self) -> None:
        """Keep all settings, as the instrument does."""
        super().switch_on()
        if not hasattr(self, "inputs"):
            first = self.first_user_curve
            self.curves = {place: _sensor() for place in range(first, self.last_curve + 1)}
            self.inputs = {
                name: SimulatedBridgeInput(f"Channel {int(name):02d}", (0, 7, 1, 10, 0, 1), (1, 7, 3, first, 1))
                for name in _SCANNED
            }
            self.inputs["A"] = SimulatedBridgeInput("Input A", (1, 4, 0, 15, 0, 1), (0, 10, 3, first, 1))
            self.scanned, self.autoscan, self.stayed = 1, 0, 0.0
            self.frequencies = {"0": 2, "A": 3}
            self.common_mode = 0

    def format_of(self, text: str) -> int:
        """Return the number of a format of resistances."""
        wanted = int(within(text, min(_CURVE_FORMATS), max(_CURVE_FORMATS)))
        if wanted not in _CURVE_FORMATS:
            raise ValueError(text)
        return wanted

    def curve(self, text: str) -> StoredCurve:
        """Return a curve by its number; one that was never written is empty."""
        place = int(within(text, 1, self.last_curve))
        return self.curves.setdefault(place, StoredCurve(f"User {place}", format=_LOG))

    def temperature_of(self, name: str) -> float:
        """Return the true temperature at an input, in K."""
        raise NotImplementedError

    def pass_time(self) -> None:
        """Let what goes on by itself go on until now."""

    def scan_on(self, seconds: float) -> None:
        """Let the scanner go on."""
        self.stayed += seconds if self.autoscan else 0.0
        for _ in range(1000):
            _, dwell, pause, *_ = self.inputs[str(self.scanned)].settings
            if self.stayed < dwell + pause:
                return
            self.stayed -= dwell + pause
            places = [(self.scanned + step) % 16 + 1 for step in range(16)]
            self.scanned = next(place for place in places if self.inputs[str(place)].settings[0])
        self.stayed = 0.0

    def input(self, name: str) -> SimulatedBridgeInput:
        """Return an input by its number or letter."""
        return self.inputs[self._key(name)]

    def _key(self, name: str) -> str:
        return "A" if name.upper() == "A" else str(int(within(name, 1, 16)))

    def status(self, name: str) -> int:
        """Return the status of a reading."""
        return 0 if self.input(name).connected else _CURRENT_OVERLOAD

    def kelvin(self, name: str) -> float:
        """Return what an input reads, 0 where it has no valid reading or no curve."""
        one = self.input(name)
        return self.temperature_of(self._key(name)) if one.connected and one.settings[3] else 0.0

    def ohms(self, name: str) -> float:
        """Return the resistance at an input."""
        one = self.input(name)
        if not one.connected:
            return 0.0
        curve = self.curve(str(one.settings[3] or self.first_user_curve))
        value = curve.at(self.temperature_of(self._key(name)))
        return float(10.0**value) if curve.format == _LOG else value

    def ask_rdgk(self, name: str) -> str:
        """Answer a temperature."""
        self.pass_time()
        return f"{self.kelvin(name):+.5E}"

    def ask_rdgr(self, name: str) -> str:
        """Answer a resistance."""
        self.pass_time()
        return f"{self.ohms(name):+.5E}"

    ask_krdg, ask_srdg = ask_rdgk, ask_rdgr

    def ask_qrdg(self, name: str) -> str:
        """Answer the part out of phase, of an input of the scanner."""
        within(name, 1, 16)
        self.pass_time()
        return f"{self.ohms(name) * _PHASE:+.5E}"

    def ask_rdgpwr(self, name: str) -> str:
        """Answer the power of the excitation."""
        self.pass_time()
        mode, place, *_, shunted, _ = self.input(name).setup
        ohms = self.ohms(name)
        lowest = _LOWEST_CONTROL if self._key(name) == "A" else _LOWEST[mode]
        size = lowest * 10.0 ** ((place - 1) / 2)
        power = (size**2 / ohms if mode == 0 else size**2 * ohms) if ohms and not shunted else 0.0
        return f"{power:+.5E}"

    def ask_rdgst(self, name: str) -> str:
        """Answer the status of a reading."""
        return f"{self.status(name):03d}"

    def ask_inname(self, name: str) -> str:
        """Answer the name of a sensor."""
        return f"{self.input(name).name:15}"

    def do_inname(self, name: str, text: str) -> None:
        """Name a sensor."""
        self.input(name).name = unquoted(text)[:15]

    def ask_intype(self, name: str) -> str:
        """Answer how a sensor is measured."""
        mode, place, auto, span, shunted, units = self.input(name).setup
        return f"{mode},{place:02d},{auto},{span:02d},{shunted},{units}"

    def do_intype(  # noqa: PLR0917 - what the command brings
        self, name: str, mode: str, place: str, auto: str, span: str, shunted: str, units: str
    ) -> None:
        """Set it."""
        one, control = self.input(name), self._key(name) == "A"
        kind = int(within(mode, 1 if control else 0, 1))
        last = _LAST_CONTROL_EXCITATION if control else _LAST_EXCITATIONS[kind]
        one.setup = (
            kind,
            int(within(place, 1, last)),
            int(within(auto, 0, 2 if control else 1)),
            int(within(span, 0 if control else 1, _RANGES)),
            int(within(shunted, 0, 1)),
            int(within(units, 1, 2)),
        )

    def ask_inset(self, name: str) -> str:
        """Answer what the scanner and the control need."""
        on, dwell, pause, curve, coefficient = self.input(name).settings
        return f"{on},{dwell:03d},{pause:03d},{curve:02d},{coefficient}"

    def do_inset(  # noqa: PLR0917 - what the command brings
        self, name: str, on: str, dwell: str, pause: str, curve: str, coefficient: str = "1"
    ) -> None:
        """Set it; a curve that is not there is none, and one input is always on."""
        self.pass_time()
        one = self.input(name)
        place = int(within(curve, 0, self.last_curve))
        one.settings = (
            int(within(on, 0, 1)),
            int(within(dwell, 0 if self._key(name) == "A" else 1, 200)),
            int(within(pause, 3, 200)),
            place if place in self.curves and self.curves[place].points else 0,
            int(within(coefficient, 1, 2)),
        )
        if not any(self.inputs[name].settings[0] for name in _SCANNED):
            self.inputs["1"].settings = (1, *self.inputs["1"].settings[1:])

    def ask_tlimit(self, name: str) -> str:
        """Answer the temperature limit."""
        return f"{self.input(name).limit:+.4f}"

    def do_tlimit(self, name: str, limit: str) -> None:
        """Set it."""
        self.input(name).limit = within(limit, 0, 1e6)

    def ask_filter(self, name: str) -> str:
        """Answer the average."""
        on, time, window = self.input(name).filter
        return f"{on},{time:03d},{window:02d}"

    def do_filter(self, name: str, on: str, time: str, window: str) -> None:
        """Set it; 0 sets that of all inputs of the scanner."""
        wanted = int(within(on, 0, 1)), int(within(time, 1, 200)), int(within(window, 1, 80))
        for key in _SCANNED if name == "0" else (name,):
            self.input(key).filter = wanted

    def ask_scan(self) -> str:
        """Answer where the scanner is, and whether it goes on by itself."""
        self.pass_time()
        return f"{self.scanned:02d},{self.autoscan}"

    def do_scan(self, place: str, on: str) -> None:
        """Set both."""
        self.pass_time()
        self.scanned, self.autoscan, self.stayed = int(within(place, 1, 16)), int(within(on, 0, 1)), 0.0

    def ask_freq(self, name: str = "0") -> str:
        """Answer the number of a frequency."""
        if name.upper() not in self.frequencies:
            raise ValueError(name)
        return str(self.frequencies[name.upper()])

    def do_freq(self, name: str, place: str) -> None:
        """Set it."""
        if name.upper() not in self.frequencies:
            raise ValueError(name)
        self.frequencies[name.upper()] = int(within(place, 1, 5))

    def ask_cmr(self) -> str:
        """Answer whether the common mode is reduced."""
        return str(self.common_mode)

    def do_cmr(self, on: str) -> None:
        """Set it."""
        self.common_mode = int(within(on, 0, 1))
