"""A simulated Keithley DMM6500, with the SCPI command set.

Sources: see :mod:`luthier_keithley.dmm6500`.

Like the instrument, as far as that: every command of the driver in all of its spellings; ranges, and overflow beyond
120 % of them; the buffer, with its elements; digitizing, of a signal that changes with time; the error queue.

Unlike the instrument: nothing takes time; integration times, filters and zeroing do not change readings; there is one
buffer, and no trigger model, no card and no limits. The mains have 60 Hz. Assumed: that it refuses NONE as a function.
"""

from __future__ import annotations

from math import copysign, pi, sin
from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier.scpi import INFINITY
from luthier_sim import Choice, Integer, Refusal, ScpiDevice, Text, command, query, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SimulatedDmm6500"]

_FORM: Final = "{:.8E}"
_OVER: Final = 1.2 * (1 + 1e-9)
_SECONDS: Final = 0.02
_DECADES: Final = tuple(10.0**power for power in range(9))
_RANGES: Final = {
    "VOLT:DC": (0.1, 1.0, 10.0, 100.0, 1000.0),
    "VOLT:AC": (0.1, 1.0, 10.0, 100.0, 750.0),
    "CURR:DC": (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0),
    "CURR:AC": (1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0),
    "RES": _DECADES[1:],
    "FRES": _DECADES,
    "DIG:VOLT": (0.1, 1.0, 10.0, 100.0, 1000.0),
    "DIG:CURR": (1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0),
}
_HEADERS: Final = {
    "VOLT:DC": "VOLTage[:DC]",
    "VOLT:AC": "VOLTage:AC",
    "CURR:DC": "CURRent[:DC]",
    "CURR:AC": "CURRent:AC",
    "RES": "RESistance",
    "FRES": "FRESistance",
    "DIG:VOLT": "DIGitize:VOLTage",
    "DIG:CURR": "DIGitize:CURRent",
}
_OTHERS: Final = ("FREQuency:VOLTage", "PERiod:VOLTage", "TEMPerature", "CAPacitance", "DIODe", "CONTinuity")
_ELEMENTS: Final = Choice("READing", "RELative", optional=True)


def _ranged(held: dict[str, Any], function: str) -> None:
    """Give a function its range, which is the lowest that holds what was asked for."""
    name, ranges = function.replace(":", "_"), _RANGES[function]

    def choose(meter: Any, value: float) -> None:
        setattr(meter, f"{name}_range", next(one for one in ranges if value <= one * (1 + 1e-9)))
        setattr(meter, f"{name}_auto", False)

    choose.__name__ = f"_choose_{name}"
    header = f"[SENSe[1]:]{_HEADERS[function]}:RANGe"
    held[f"{name}_range"] = chosen = setting(f"{header}[:UPPer]", ranges[-2], minimum=0, maximum=ranges[-1], form=_FORM)
    held[choose.__name__] = chosen.on_set(choose)
    if not function.startswith("DIG"):
        held[f"{name}_auto"] = setting(f"{header}:AUTO", True)


def _measuring(held: dict[str, Any], function: str) -> None:
    """Give a measuring function its settings."""
    name, header = function.replace(":", "_"), f"[SENSe[1]:]{_HEADERS[function]}"
    _ranged(held, function)
    held[f"{name}_averaging"] = setting(f"{header}:AVERage[:STATe]", False)
    held[f"{name}_averaging_count"] = setting(f"{header}:AVERage:COUNt", 10, minimum=1, maximum=100)
    held[f"{name}_averaging_type"] = setting(f"{header}:AVERage:TCONtrol", "REP", choices=("REPeat", "MOVing"))
    held[f"{name}_offset"] = setting(f"{header}:RELative", 0.0, minimum=-1e9, maximum=1e9, form=_FORM)
    held[f"{name}_relative"] = setting(f"{header}:RELative:STATe", False)
    if function.endswith("AC"):
        held[f"{name}_bandwidth"] = setting(f"{header}:DETector:BANDwidth", 3, minimum=3, maximum=300)
    else:
        held[f"{name}_nplc"] = setting(f"{header}:NPLCycles", 1.0, minimum=0.0005, maximum=15, form="{:g}")
        held[f"{name}_zero"] = setting(f"{header}:AZERo[:STATe]", True)


class SimulatedDmm6500(ScpiDevice):
    """A DMM6500 that measures 1 V, 1 mA, 1 kΩ, 50 Hz or 23 °C, or what a bench connects as voltage.

    Attributes
    ----------
    signals
        What each function measures, in its unit.
    ripple, ripple_frequency
        Amplitude, as part of the signal, and frequency in Hz, of a sine that digitizing sees.
    noise_level
        Standard deviation of readings, relative to the signal.
    """

    identity = "KEITHLEY INSTRUMENTS,MODEL DMM6500,04340543,1.7.12b"
    senses: ClassVar[Mapping[str, str]] = {"voltage": "V"}
    ripple = 0.0
    ripple_frequency = 1000.0
    noise_level = 1e-6

    function = setting(
        "[SENSe[1]:]FUNCtion[:ON]", "VOLT:DC", Choice(*list(_HEADERS.values())[:6], *_OTHERS, "NONE", quoted=True)
    )
    count = setting("[SENSe[1]:]COUNt", 1, Integer(1, 1_000_000, default=1))
    for _function in list(_HEADERS)[:6]:
        _measuring(vars(), _function)
    digitized = setting("[SENSe[1]:]DIGitize:FUNCtion[:ON]", "NONE", Choice("VOLTage", "CURRent", "NONE", quoted=True))
    digitize_count = setting("[SENSe[1]:]DIGitize:COUNt", 1, minimum=1, maximum=55_000_000)
    voltage_rate = setting("[SENSe[1]:]DIGitize:VOLTage:SRATe", 1_000_000, minimum=1000, maximum=1_000_000)
    current_rate = setting("[SENSe[1]:]DIGitize:CURRent:SRATe", 1_000_000, minimum=1000, maximum=1_000_000)
    _ranged(vars(), "DIG:VOLT")
    _ranged(vars(), "DIG:CURR")

    def switch_on(self) -> None:
        """Fill the signals."""
        self.signals = {
            "VOLT:DC": 1.0,
            "VOLT:AC": 0.707,
            "CURR:DC": 1e-3,
            "CURR:AC": 0.7e-3,
            "RES": 1e3,
            "FRES": 999.98,
            "FREQ:VOLT": 50.0,
            "PER:VOLT": 0.02,
            "TEMP": 23.0,
            "CAP": 1e-9,
            "DIOD": 0.6,
            "CONT": 1.0,
        }
        super().switch_on()

    def reset(self) -> None:
        """Empty the buffer."""
        self.size = 100_000
        self._buffer: list[tuple[float, float]] = []

    @function.on_set
    def _measure_instead(self, name: str) -> None:
        if name == "NONE":
            raise Refusal(-224)
        self.digitized = "NONE"

    @digitized.on_set
    def _digitize_instead(self, name: str) -> None:
        if name == "NONE":
            raise Refusal(-224)
        self.function = "NONE"

    def _signal(self, function: str) -> float:
        signal = self.signals[function]
        return float(self.sense("voltage", otherwise=signal)) if function == "VOLT:DC" else signal

    def _seen(self, value: float, function: str) -> float:
        name = function.replace(":", "_")
        if not getattr(self, f"{name}_auto", False) and abs(value) > getattr(self, f"{name}_range", 1e99) * _OVER:
            return copysign(INFINITY, value)
        seen = value + self.noise(self.noise_level * abs(value))
        return seen - getattr(self, f"{name}_relative", False) * getattr(self, f"{name}_offset", 0.0)

    @query("READ?", Text(optional=True), _ELEMENTS, _ELEMENTS)
    def read(self, buffer: str | None, *elements: str | None) -> str:
        """Measure into the buffer, and answer the last reading."""
        self._check(buffer)
        if self.function == "NONE":
            raise Refusal(-221)
        signal, began = self._signal(self.function), len(self._buffer) * _SECONDS
        self._store([(self._seen(signal, self.function), began + place * _SECONDS) for place in range(self.count)])
        return self._formatted(self._buffer[-1:], elements)

    @query("READ:DIGitize?", Text(optional=True), _ELEMENTS, _ELEMENTS)
    def digitize(self, buffer: str | None, *elements: str | None) -> str:
        """Digitize into the buffer, and answer the last reading."""
        self._check(buffer)
        if self.digitized == "NONE":
            raise Refusal(-221)
        function = f"DIG:{self.digitized}"
        signal = self._signal(f"{self.digitized}:DC")
        rate = self.voltage_rate if self.digitized == "VOLT" else self.current_rate
        times = [place / rate for place in range(self.digitize_count)]
        self._store([(self._seen(signal * self._rippled(time), function), time) for time in times])
        return self._formatted(self._buffer[-1:], elements)

    def _rippled(self, time: float) -> float:
        return 1 + self.ripple * sin(2 * pi * self.ripple_frequency * time)

    def _store(self, readings: list[tuple[float, float]]) -> None:
        self._buffer = (self._buffer + readings)[-self.size :]

    def _formatted(self, readings: list[tuple[float, float]], elements: tuple[str | None, ...]) -> str:
        places = [("READ", "REL").index(name) for name in elements if name] or [0]
        return ",".join(_FORM.format(one[place]) for one in readings for place in places)

    @query("TRACe:DATA?", Integer(1, 10_000_000), Integer(1, 10_000_000), Text(optional=True), _ELEMENTS, _ELEMENTS)
    def data(self, start: int, end: int, buffer: str | None, *elements: str | None) -> str:
        """Answer some of the buffer."""
        self._check(buffer)
        if not start <= end <= len(self._buffer):
            raise Refusal(-222)
        return self._formatted(self._buffer[start - 1 : end], elements)

    @query("TRACe:ACTual?", Text(optional=True))
    def stored(self, buffer: str | None) -> int:
        """Answer how many readings the buffer holds."""
        self._check(buffer)
        return len(self._buffer)

    @query("TRACe:POINts?", Text(optional=True))
    def ask_size(self, buffer: str | None) -> int:
        """Answer for how many readings there is room."""
        self._check(buffer)
        return self.size

    @command("TRACe:POINts", Integer(10, 7_000_000), Text(optional=True))
    def resize(self, size: int, buffer: str | None) -> None:
        """Change the room, which empties the buffer."""
        self._check(buffer)
        self.size, self._buffer = size, []

    @command("TRACe:CLEar", Text(optional=True))
    def clear_buffer(self, buffer: str | None) -> None:
        """Empty the buffer."""
        self._check(buffer)
        self._buffer = []

    def _check(self, buffer: str | None) -> None:
        if buffer not in (None, "defbuffer1"):
            raise Refusal(-224)

    @command("[SENSe[1]:]AZERo:ONCE")
    def zero(self) -> None:
        """Measure zero and reference."""

    @query("ROUTe:TERMinals?")
    def terminals(self) -> str:
        """Answer where the switch is."""
        return "FRON"

    @query("SYSTem:LFRequency?")
    def line_frequency(self) -> int:
        """Answer the frequency of the mains."""
        return 60

    @query("*LANG?")
    def language(self) -> str:
        """Answer which command set is understood."""
        return "SCPI"
