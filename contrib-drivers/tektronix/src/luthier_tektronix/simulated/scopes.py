"""What the simulated oscilloscopes of Tektronix have in common: inputs, acquisition, and waveforms both ways.

Like the instruments: codes of 25 levels (6400 with two bytes) in a division; what is not shown is not sent (event
2244); positions, offsets and delays. Assumed: what is beyond a limit is refused with event 222.

Unlike the instruments: a trigger always comes at once, and signals are functions of the time from it; times and scales
are not rounded to what the knobs have; only edges trigger; no mathematics, measurements and digital channels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

import attrs
import numpy as np
from luthier_sim import Block, Choice, Integer, Number, Refusal, channel_setting, command, query, setting
from numpy.typing import NDArray

from luthier_tektronix.simulated.scope_events import EventScope, Word

__all__ = ["FORM", "TekScope"]

FORM: Final = "{:.6E}"
_INPUTS: Final = "CH<1..4>"
_LEVELS: Final = 25
_DIVISIONS: Final = 10
_NOT_SHOWN: Final = 2244

Signal = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _compensation(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the terminal for adjusting probes puts out: a square of 2.5 V and 1 kHz."""
    return np.where((times * 1e3) % 1 < 0.5, 2.5, 0.0)  # noqa: PLR2004 - half of a period


def _nothing(times: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.zeros_like(times)


@attrs.frozen
class Sent:
    """A waveform as it is sent: codes of eight bits or two bytes, and what they mean."""

    codes: NDArray[np.int64]
    bytes: int
    step: float
    first: float
    trigger: int
    per_code: float
    zero_code: float
    zero: float


class _Running:
    """``ON``, ``OFF``, ``RUN``, ``STOP`` or a number."""

    optional = False
    rest = False

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> bool:  # noqa: ARG002 - what all kinds are given
        """Return whether it runs."""
        if datum.form == "number":
            return float(datum.text) != 0
        if datum.text not in ("ON", "OFF", "RUN", "STOP"):
            raise Refusal(-141)
        return datum.text in ("ON", "RUN")

    def write(self, value: bool) -> str:
        """Return 1 or 0."""
        return str(int(value))


class TekScope(EventScope):
    """An oscilloscope of four inputs whose first one is at the terminal for adjusting probes.

    Attributes
    ----------
    signals
        What is at the tip of each probe: functions of the time from the trigger in s, that return V.
    """

    record_points: ClassVar[int] = 1000
    """Points of a record where nothing sets it."""
    coupling_words: ClassVar[tuple[str, ...]] = ("AC", "DC", "GND", "DCREJect")

    scale = channel_setting(f"{_INPUTS}:SCAle", 0.1, Number(1e-6, 1e6, "V", form=FORM))
    position = channel_setting(f"{_INPUTS}:POSition", 0.0, Number(-1000, 1000, form=FORM))
    coupling = channel_setting(f"{_INPUTS}:COUPling", "DC", Word("AC", "DC", "GND", "DCREJect"))
    shown = channel_setting(f"SELect:{_INPUTS}", {1: True, 2: False, 3: False, 4: False})

    time_scale = setting("HORizontal:SCAle", 4e-5, Number(1e-11, 1000, "s", form=FORM))
    acquisition = setting("ACQuire:MODe", "SAM", Word("SAMple", "PEAKdetect", "HIRes", "AVErage", "ENVelope"))
    averages = setting("ACQuire:NUMAVg", 16, Integer(2, 10240))
    stop_after = setting("ACQuire:STOPAfter", "RUNST", Word("RUNSTop", "SEQuence"))
    running = setting("ACQuire:STATE", True, _Running())

    data_start = setting("DATa:STARt", 1, Integer(1, 2**31 - 1))
    data_stop = setting("DATa:STOP", 10_000, Integer(1, 2**31 - 1))
    encoding = setting("DATa:ENCdg", "RIB", Word("ASCIi", "FAStest", "RIBinary", "RPBinary", "SRIbinary", "SRPbinary"))

    source: str
    destination: str
    width: int

    def switch_on(self) -> None:
        """Put the first probe at its terminal."""
        self.signals: dict[int, Signal] = {1: _compensation, 2: _nothing, 3: _nothing, 4: _nothing}
        self.stored: dict[str, Sent] = {}
        super().switch_on()

    def reset(self) -> None:
        """Run."""
        self.frozen: dict[int, NDArray[np.int64]] = {}

    @running.on_set
    def _run_or_stop(self, on: bool) -> None:
        """Freeze what is on the screen, at once where one acquisition is wanted."""
        if on:
            self.frozen = {}
        if not on or self.stop_after == "SEQ":
            self.frozen = self.frozen or {number: self._codes(number) for number in self.scale}
            self.running = False

    @command("TRIGger", Choice("FORCe"))
    def force(self, word: str) -> None:
        """Take a trigger; it has come anyhow."""

    @query("TRIGger:STATE?")
    def ask_state(self) -> str:
        """Answer what it does."""
        return "TRIGGER" if self.running else "SAVE"

    # What an acquisition has

    def middle(self) -> float:
        """Return the time at the middle of the screen, from the trigger, in s."""
        raise NotImplementedError

    def points(self) -> int:
        """Return how many points a record has."""
        return self.record_points

    def times(self) -> NDArray[np.float64]:
        """Return the times of the points, from the trigger, in s."""
        span = _DIVISIONS * self.time_scale
        return self.middle() - span / 2 + np.arange(self.points()) * span / self.points()

    def offset_of(self, number: int) -> float:
        """Return the offset of an input, in V."""
        raise NotImplementedError

    def shows(self, source: str) -> bool:
        """Return whether a waveform is shown."""
        return self.shown[int(source[-1])] if source.startswith("CH") else self.shows_reference(source)

    def shows_reference(self, source: str) -> bool:
        """Return whether a reference memory is shown."""
        raise NotImplementedError

    def _codes(self, number: int) -> NDArray[np.int64]:
        signal = self.signals[number](self.times())
        if self.coupling[number] in ("AC", "DCREJ"):
            signal = signal - signal.mean()
        elif self.coupling[number] == "GND":
            signal = np.zeros_like(signal)
        divisions = (signal - self.offset_of(number)) / self.scale[number] + self.position[number]
        return np.clip(np.rint(divisions * _LEVELS), -128, 127).astype(np.int64)

    # Waveforms to the outside

    def outgoing(self) -> Sent:
        """Return the waveform that is chosen, as it is sent."""
        if not self.shows(self.source):
            raise Refusal(_NOT_SHOWN, "Waveform requested is not ACTIVE")
        if self.source.startswith("CH"):
            sent = self._acquired(int(self.source[-1]))
        elif self.source in self.stored:
            sent = self.stored[self.source]
        else:
            raise Refusal(_NOT_SHOWN, "Waveform requested is not ACTIVE")
        first, last = sorted((self.data_start, self.data_stop))
        kept = sent.codes[min(first, sent.codes.size) - 1 : last]
        return attrs.evolve(sent, codes=kept, trigger=sent.trigger - first + 1)

    def _acquired(self, number: int) -> Sent:
        codes = self.frozen[number] if number in self.frozen else self._codes(number)
        times = self.times()
        wider = 256 ** (self.width - 1)
        step = float(times[1] - times[0])
        return Sent(
            codes * wider,
            self.width,
            step,
            *self.from_trigger(step, float(times[0])),
            self.scale[number] / (_LEVELS * wider),
            self.position[number] * _LEVELS * wider,
            self.offset_of(number),
        )

    def from_trigger(self, step: float, first: float) -> tuple[float, int]:
        """Return XZEro and PT_Off: of these instruments the time of the first point, and 0."""
        return first, 0 * int(step)

    @query("CURVe?")
    def ask_curve(self) -> bytes | str:
        """Answer the codes of the waveform that is chosen."""
        sent = self.outgoing()
        if self.encoding == "ASCI":
            return ",".join(map(str, sent.codes.tolist()))
        order = "<" if self.encoding.startswith("S") else ">"
        positive = self.encoding in ("RPB", "SRP")
        codes = sent.codes + (128 * 256 ** (sent.bytes - 1) if positive else 0)
        return codes.astype(f"{order}{'u' if positive else 'i'}{sent.bytes}").tobytes()

    # Waveforms from the outside

    @command("CURVe", Block())
    def take_curve(self, block: bytes) -> None:
        """Store codes in the reference memory that is chosen."""
        width = self.incoming_width()
        if self.encoding not in ("RIB", "FAS") or len(block) % width:
            raise Refusal(-161)
        codes = np.frombuffer(block, f">i{width}").astype(np.int64)
        self.stored[self.destination] = self.described(codes, width)

    def incoming_width(self) -> int:
        """Return the bytes of a point that comes."""
        raise NotImplementedError

    def described(self, codes: NDArray[np.int64], width: int) -> Sent:
        """Return codes with what was said of them before."""
        raise NotImplementedError
