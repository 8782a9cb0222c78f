"""What the simulated arbitrary waveform generators of Tektronix have in common: the list of waveforms, and running.

Like the instruments: a waveform is made before its data come; deleting one that is put out stops and switches off; a
generator runs only where something is assigned. Assumed: errors are -222 and -221 where a name, an index or a state is
wrong, and their first entry is a waveform that the instrument brings with it.

Unlike the instruments: no external triggers, events and files; a triggered run waits until it is triggered, and then
puts out once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from luthier_sim import Integer, Number, Refusal, ScpiDevice, Text, channel_setting, command, query

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ArbitrarySim", "Name"]

_BROUGHT: Final = "*Sine10"
_MARKER: Final = "[SOURce[1|2]:]MARKer[1|2]:VOLTage[:LEVel][:IMMediate]"
_HIGH: Final = Number(lambda generator, *_: generator.high_range[0], lambda generator, *_: generator.high_range[1], "V")
_LOW: Final = Number(lambda generator, *_: generator.low_range[0], lambda generator, *_: generator.low_range[1], "V")
_PLACES: Final = ((1, 1), (1, 2), (2, 1), (2, 2))

Name = Text(128)


class Stored:
    """A waveform of the list: samples from -1 to 1, and a byte of markers for each."""

    def __init__(self, size: int, kind: str) -> None:
        self.samples: NDArray[np.float64] = np.zeros(size)
        self.marks: NDArray[np.uint8] = np.zeros(size, dtype=np.uint8)
        self.kind = kind


class ArbitrarySim(ScpiDevice):
    """A generator of two outputs; :meth:`voltages` says what is at one."""

    first_index: ClassVar[int]
    high_range: ClassVar[tuple[float, float]]
    low_range: ClassVar[tuple[float, float]]

    waveform = channel_setting("[SOURce[1|2]:]WAVeform", "", Name)
    output = channel_setting("OUTPut[1|2][:STATe]", False)

    waves: dict[str, Stored]

    def switch_on(self) -> None:
        """Bring a sine."""
        self.waves = {_BROUGHT: Stored(100, "REAL")}
        self.waves[_BROUGHT].samples = np.sin(2 * np.pi * np.arange(100) / 10)
        super().switch_on()

    def reset(self) -> None:
        """Stop."""
        self.state = 0
        self.high = dict.fromkeys(_PLACES, 1.0)
        self.low = dict.fromkeys(_PLACES, 0.0)

    def wave(self, name: str) -> Stored:
        """Return a waveform of the list."""
        if name not in self.waves:
            raise Refusal(-224, detail="waveform name")
        return self.waves[name]

    @waveform.on_set
    def _check_name(self, name: str, _output: int) -> None:
        if name:
            self.wave(name)

    @command("AWGControl:RUN[:IMMediate]")
    def run(self) -> None:
        """Begin."""
        if not any(self.assigned(output) for output in self.waveform):
            raise Refusal(-221, detail="no waveform assigned")
        self.state = 1 if self.waits() else 2

    @command("AWGControl:STOP[:IMMediate]")
    def stop(self) -> None:
        """End."""
        self.state = 0

    @query("AWGControl:RSTate?")
    def ask_state(self) -> int:
        """Answer 0 (stopped), 1 (waiting) or 2 (running)."""
        return self.state

    def assigned(self, output: int) -> bool:
        """Return whether something is assigned to an output."""
        return bool(self.waveform[output])

    def waits(self) -> bool:
        """Return whether it waits for a trigger when it is started."""
        raise NotImplementedError

    def voltages(self, output: int) -> NDArray[np.float64]:
        """Return what an output puts out in turn, in V; 0 V where it is off or the generator stopped."""
        name = self.waveform[output]
        if not self.output[output] or not self.state or not name:
            return np.zeros(1)
        return self.offset_of(output) + self.amplitude_of(output) / 2 * self.waves[name].samples

    def amplitude_of(self, output: int) -> float:
        """Return the amplitude of an output, in V."""
        raise NotImplementedError

    def offset_of(self, output: int) -> float:
        """Return the offset of an output, in V."""
        return 0.0 * output

    # Markers

    @command(f"{_MARKER}:HIGH", _HIGH)
    def set_high(self, output: int, marker: int, volts: float) -> None:
        """Set the level of a marker that is on."""
        self.high[output, marker] = volts

    @query(f"{_MARKER}:HIGH?", form="{:.10E}")
    def ask_high(self, output: int, marker: int) -> float:
        """Answer that level."""
        return self.high[output, marker]

    @command(f"{_MARKER}:LOW", _LOW)
    def set_low(self, output: int, marker: int, volts: float) -> None:
        """Set the level of a marker that is off."""
        self.low[output, marker] = volts

    @query(f"{_MARKER}:LOW?", form="{:.10E}")
    def ask_low(self, output: int, marker: int) -> float:
        """Answer that level."""
        return self.low[output, marker]

    # The list

    @query("WLISt:SIZE?")
    def ask_size(self) -> int:
        """Answer how many waveforms there are."""
        return len(self.waves)

    @query("WLISt:NAME?", Integer(0, 100_000))
    def ask_name(self, place: int) -> str:
        """Answer the name at a place."""
        names = list(self.waves)
        if not 0 <= place - self.first_index < len(names):
            raise Refusal(-222)
        return f'"{names[place - self.first_index]}"'

    @query("WLISt:WAVeform:LENGth?", Name)
    def ask_length(self, name: str) -> int:
        """Answer how many points it has."""
        return int(self.wave(name).samples.size)

    @query("WLISt:WAVeform:TYPE?", Name)
    def ask_type(self, name: str) -> str:
        """Answer the type of its data."""
        return self.wave(name).kind

    @command("WLISt:WAVeform:DELete", Name)
    def delete(self, name: str) -> None:
        """Take a waveform off the list."""
        self.wave(name)
        del self.waves[name]
        for output in [number for number, used in self.waveform.items() if used == name]:
            self.waveform[output] = ""
            self.output[output] = False
            self.state = 0

    def make(self, name: str, size: int, kind: str) -> None:
        """Put an empty waveform on the list."""
        if name in self.waves:
            raise Refusal(-221, detail="waveform exists")
        self.waves[name] = Stored(size, kind)

    def place(self, stored: Stored, start: int, size: int, given: int) -> slice:
        """Return where data go; they must be as many as announced, and there must be room."""
        if given != size or start + size > stored.samples.size:
            raise Refusal(-161)
        return slice(start, start + size)

    @query("WLISt:WAVeform:MARKer:DATA?", Name)
    def ask_marks(self, name: str) -> bytes:
        """Answer the bytes of markers."""
        return self.wave(name).marks.tobytes()


def whole(block: bytes, form: str) -> NDArray[Any]:
    """Return the numbers of a block."""
    dtype = np.dtype(form)
    if len(block) % dtype.itemsize:
        raise Refusal(-161)
    return np.frombuffer(block, dtype)
