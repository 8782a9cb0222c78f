"""The generators of the simulated QDAC-II: what is set of each, and what it gives at a time."""

from __future__ import annotations

from math import floor, inf, pi, sin
from typing import TYPE_CHECKING, Any, Final

import attrs
from luthier_sim import channel_setting

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CHANNELS", "SUFFIX", "TRIGGER_WORDS", "WAVES", "Stepping", "Wave", "settings_of"]

CHANNELS: Final = range(1, 25)
SUFFIX: Final = "[" + "|".join(map(str, CHANNELS)) + "]"
WAVES: Final = {"sine": "SINE", "square": "SQUare", "triangle": "TRIangle", "awg": "AWG"}
TRIGGER_WORDS: Final = (
    "IMMediate",
    "BUS",
    "HOLD",
    *(f"INT{number}" for number in range(1, 15)),
    *(f"EXT{number}" for number in range(1, 5)),
)
_DC_MARKERS: Final = {"start": "STARt", "end": "END", "step_start": "SSTart", "step_end": "SEND"}
_WAVE_MARKERS: Final = {"start": "STARt", "end": "END", "period_start": "PSTart", "period_end": "PEND"}


def settings_of(name: str, word: str) -> dict[str, Any]:
    """Return the settings of a generator for the class of the device, each named for the generator."""
    head = f"SOURce{SUFFIX}:{word}:"
    markers = _DC_MARKERS if name == "dc" else _WAVE_MARKERS
    found: dict[str, Any] = {
        f"{name}_trigger": channel_setting(head + "TRIGger:SOURce", "IMM", choices=TRIGGER_WORDS),
        f"{name}_continuous": channel_setting(head + "INITiate:CONTinuous", False),
        f"{name}_delay": channel_setting(head + "DELay", 0.0, minimum=0, maximum=3600, unit="s"),
    }
    for event, marker in markers.items():
        found[f"{name}_{event}"] = channel_setting(f"{head}MARKer:{marker}", 0, minimum=0, maximum=14)
    if name == "dc":
        return found
    found[f"{name}_offset"] = channel_setting(head + "OFFSet", 0.0, minimum=-10, maximum=10, unit="V")
    found[f"{name}_slew"] = channel_setting(head + "SLEW", 2e7, minimum=1e-2, maximum=inf)
    found[f"{name}_count"] = channel_setting(head + "COUNt", -1, minimum=-1)
    if name == "awg":
        return found
    found[f"{name}_frequency"] = channel_setting(head + "FREQuency", 1000.0, minimum=1e-6, maximum=5e5, unit="HZ")
    found[f"{name}_span"] = channel_setting(head + "SPAN", 0.2, minimum=0, maximum=20, unit="V")
    found[f"{name}_polarity"] = channel_setting(head + "POLarity", "NORM", choices=("NORMal", "INVerted"))
    if name != "sine":
        found[f"{name}_duty"] = channel_setting(head + "DCYCle", 50.0, minimum=0, maximum=100)
    if name == "square":
        found[f"{name}_type"] = channel_setting(head + "TYPe", "SYMM", choices=("SYMMetric", "POSitive", "NEGative"))
    return found


@attrs.frozen
class Stepping:
    """DC voltages one after the other, from a time on."""

    began: float
    voltages: Sequence[float]
    dwell: float
    repetitions: int

    def ended(self, now: float) -> bool:
        """Whether the last one has been reached."""
        return self.left(now) == 0

    def left(self, now: float) -> int:
        """Cycles that are not over; -1: for ever."""
        if self.repetitions < 0:
            return -1
        return max(0, self.repetitions - floor((now - self.began) / (self.dwell * len(self.voltages))))

    def at(self, now: float) -> float:
        """Return the voltage at a time."""
        if now < self.began:
            return self.voltages[0]
        place = floor((now - self.began) / self.dwell + 1e-9)
        return self.voltages[-1 if self.ended(now) else place % len(self.voltages)]


@attrs.frozen
class Wave:
    """A periodic voltage, from a time on."""

    kind: str
    began: float
    frequency: float
    span: float
    offset: float
    duty: float
    repetitions: int

    def left(self, now: float) -> int:
        """Periods that are not over; -1: for ever."""
        if self.repetitions < 0:
            return -1
        return max(0, self.repetitions - floor((now - self.began) * self.frequency))

    def at(self, now: float) -> float:
        """Return the voltage at a time; 0 when it is over."""
        if now < self.began or self.left(now) == 0:
            return 0.0
        phase = (now - self.began) * self.frequency % 1
        if self.kind == "sine":
            share = sin(2 * pi * phase)
        elif self.kind == "square":
            share = 1.0 if phase < self.duty else -1.0
        else:
            share = 2 * phase / self.duty - 1 if phase < self.duty else 1 - 2 * (phase - self.duty) / (1 - self.duty)
        return self.offset + self.span / 2 * share
