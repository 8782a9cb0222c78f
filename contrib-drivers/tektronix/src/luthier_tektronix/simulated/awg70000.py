"""A simulated Tektronix AWG70002A.

Like the instrument, as far as the maker's list of commands and drivers of other projects tell: numbers of four bytes,
markers by themselves, a list of sequences. See :mod:`luthier_tektronix.simulated.awg_library` for what is assumed.
"""

from __future__ import annotations

from typing import Any, Final

import attrs
from luthier_sim import Block, Choice, Integer, Number, Refusal, channel_setting, command, query, setting

from luthier_tektronix.simulated.awg_library import ArbitrarySim, Name, whole

__all__ = ["SimulatedAwg70002a"]

_SOURCE: Final = "[SOURce[1|2]:]"
_LEVEL: Final = "VOLTage[:LEVel][:IMMediate]"
_STEP: Final = "SLISt:SEQuence:STEP<n>"
_FORM: Final = "{:.10E}"
_OPTIONAL_INPUT: Final = Choice("ATRigger", "BTRigger", optional=True)


class _NumberOrWord(Integer):
    """A whole number, or one of some words."""

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> Any:
        """Return the number, or the short form of the word."""
        words = {"ONCE": "ONCE", "INF": "INF", "INFINITE": "INF", "NEXT": "NEXT", "FIRS": "FIRS", "FIRST": "FIRS"}
        words |= {"LAST": "LAST", "END": "END"}
        if datum.form == "word" and datum.text in words:
            return words[datum.text]
        return Integer.read(self, datum, device, suffixes)


@attrs.define
class _Step:
    waveforms: dict[int, str]
    repeat: Any = 1
    wait: str = "OFF"
    target: Any = "NEXT"


class SimulatedAwg70002a(ArbitrarySim):
    """An AWG70002A; :meth:`voltages` says what is at an output."""

    identity = "TEKTRONIX,AWG70002A,B010101,FV:7.4.0236.0"
    first_index = 1
    high_range = (-1.4, 1.4)
    low_range = (-1.4, 1.4)

    amplitude = channel_setting(f"{_SOURCE}{_LEVEL}[:AMPLitude]", 0.5, Number(0.25, 0.5, "V", form=_FORM))
    resolution = channel_setting(f"{_SOURCE}DAC:RESolution", 10, Integer(8, 10))
    mode = channel_setting(f"{_SOURCE}RMODe", "CONT", Choice("CONTinuous", "TRIGgered", "TCONtinuous"))
    trigger_input = channel_setting(f"{_SOURCE}TINPut", "ATR", Choice("ITRigger", "ATRigger", "BTRigger"))
    rate = setting("CLOCk:SRATe", 25e9, Number(1.49e3, 25e9, "HZ", form=_FORM))
    clock_source = setting("CLOCk:SOURce", "INT", Choice("INTernal", "EFIXed", "EVARiable", "EXTernal"))
    period = setting("TRIGger:INTerval", 0.1, Number(1e-6, 10, "S", form=_FORM))

    def switch_on(self) -> None:
        """Begin with no sequences."""
        self.sequences: dict[str, list[_Step]] = {}
        super().switch_on()

    def reset(self) -> None:
        """Stop."""
        super().reset()
        self.levels = {"ATR": 1.4, "BTR": 1.4}
        self.played: dict[int, tuple[str, int]] = {}

    def waits(self) -> bool:
        """Return whether a trigger is waited for."""
        return any(self.mode[output] != "CONT" for output in self.mode if self.assigned(output))

    def assigned(self, output: int) -> bool:
        """Return whether there is something to put out."""
        return output in self.played or super().assigned(output)

    def amplitude_of(self, output: int) -> float:
        """Return the amplitude."""
        return self.amplitude[output]

    @command("TRIGger[:IMMediate]", _OPTIONAL_INPUT)
    def trigger_now(self, source: str | None) -> None:
        """Go on from waiting, where that input triggers."""
        if self.state == 1 and (source is None or source in self.trigger_input.values()):
            self.state = 2

    @command("TRIGger:LEVel", Number(-5, 5, "V"), _OPTIONAL_INPUT)
    def set_level(self, volts: float, source: str | None) -> None:
        """Set the level of an input."""
        self.levels[source or "ATR"] = volts

    @query("TRIGger:LEVel?", _OPTIONAL_INPUT, form=_FORM)
    def ask_level(self, source: str | None) -> float:
        """Answer the level of an input."""
        return self.levels[source or "ATR"]

    # Waveforms

    @command("WLISt:WAVeform:NEW", Name, Integer(1, 2**22))
    def new(self, name: str, size: int) -> None:
        """Put an empty waveform on the list."""
        self.make(name, size, "REAL")

    @command("WLISt:WAVeform:DATA", Name, Integer(0, 2**22), Integer(1, 2**22), Block(2**24))
    def take_data(self, name: str, start: int, size: int, block: bytes) -> None:
        """Take numbers of four bytes."""
        stored = self.wave(name)
        numbers = whole(block, "<f4")
        stored.samples[self.place(stored, start, size, numbers.size)] = numbers

    @query("WLISt:WAVeform:DATA?", Name)
    def ask_data(self, name: str) -> bytes:
        """Answer numbers of four bytes."""
        return self.wave(name).samples.astype("<f4").tobytes()

    @command("WLISt:WAVeform:MARKer:DATA", Name, Integer(0, 2**22), Integer(1, 2**22), Block(2**24))
    def take_marks(self, name: str, start: int, size: int, block: bytes) -> None:
        """Take a byte of markers for each sample."""
        stored = self.wave(name)
        marks = whole(block, "u1")
        stored.marks[self.place(stored, start, size, marks.size)] = marks

    # Sequences

    def sequence(self, name: str) -> list[_Step]:
        """Return a sequence of the list."""
        if name not in self.sequences:
            raise Refusal(-224, detail="sequence name")
        return self.sequences[name]

    def step(self, name: str, place: int) -> _Step:
        """Return a step of a sequence."""
        steps = self.sequence(name)
        if not 1 <= place <= len(steps):
            raise Refusal(-222)
        return steps[place - 1]

    @query("SLISt:SIZE?")
    def ask_sequences(self) -> int:
        """Answer how many sequences there are."""
        return len(self.sequences)

    @query("SLISt:NAME?", Integer(1, 100_000))
    def ask_sequence_name(self, place: int) -> str:
        """Answer the name at a place."""
        if place > len(self.sequences):
            raise Refusal(-222)
        return f'"{list(self.sequences)[place - 1]}"'

    @command("SLISt:SEQuence:NEW", Name, Integer(1, 16383), Integer(1, 8, optional=True))
    def new_sequence(self, name: str, steps: int, tracks: int | None) -> None:
        """Put an empty sequence on the list."""
        if name in self.sequences:
            raise Refusal(-221, detail="sequence exists")
        self.sequences[name] = [_Step(dict.fromkeys(range(1, (tracks or 1) + 1), "")) for _ in range(steps)]

    @command("SLISt:SEQuence:DELete", Name)
    def delete_sequence(self, name: str) -> None:
        """Take a sequence off the list."""
        self.sequence(name)
        del self.sequences[name]

    @query("SLISt:SEQuence:LENGth?", Name)
    def ask_steps(self, name: str) -> int:
        """Answer how many steps it has."""
        return len(self.sequence(name))

    @query("SLISt:SEQuence:TRACk?", Name)
    def ask_tracks(self, name: str) -> int:
        """Answer how many tracks it has."""
        return len(self.sequence(name)[0].waveforms)

    @command(f"{_STEP}:TASSet<m>:WAVeform", Name, Name)
    def set_step_waveform(self, place: int, track: int, name: str, waveform: str) -> None:
        """Assign a waveform to a step."""
        self.wave(waveform)
        step = self.step(name, place)
        if track not in step.waveforms:
            raise Refusal(-222)
        step.waveforms[track] = waveform

    @query(f"{_STEP}:TASSet<m>?", Name)
    def ask_step_waveform(self, place: int, track: int, name: str) -> str:
        """Answer the waveform of a step."""
        return f'"{self.step(name, place).waveforms.get(track, "")}"'

    @command(f"{_STEP}:RCOunt", Name, _NumberOrWord(1, 2**20))
    def set_repeat(self, place: int, name: str, count: Any) -> None:
        """Set how often it is put out."""
        self.step(name, place).repeat = 1 if count == "ONCE" else count

    @query(f"{_STEP}:RCOunt?", Name)
    def ask_repeat(self, place: int, name: str) -> str:
        """Answer how often it is put out."""
        return str(self.step(name, place).repeat)

    @command(f"{_STEP}:WINPut", Name, Choice("ATRigger", "BTRigger", "ITRigger", "OFF"))
    def set_wait(self, place: int, name: str, source: str) -> None:
        """Set for which trigger it waits."""
        self.step(name, place).wait = source

    @query(f"{_STEP}:WINPut?", Name)
    def ask_wait(self, place: int, name: str) -> str:
        """Answer for which trigger it waits."""
        return self.step(name, place).wait

    @command(f"{_STEP}:GOTO", Name, _NumberOrWord(1, 16383))
    def set_target(self, place: int, name: str, target: Any) -> None:
        """Set which step follows."""
        self.step(name, place).target = target

    @query(f"{_STEP}:GOTO?", Name)
    def ask_target(self, place: int, name: str) -> str:
        """Answer which step follows."""
        return str(self.step(name, place).target)

    @command(f"{_SOURCE}CASSet:SEQuence", Name, Integer(1, 8))
    def play(self, output: int, name: str, track: int) -> None:
        """Assign a track of a sequence to the output."""
        if track not in self.sequence(name)[0].waveforms:
            raise Refusal(-222)
        self.played[output] = (name, track)
        self.waveform[output] = ""
