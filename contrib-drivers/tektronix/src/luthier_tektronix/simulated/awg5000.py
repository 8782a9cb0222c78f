"""A simulated Tektronix AWG5002C.

Like the instrument, as far as the maker's list of commands and drivers of other projects tell: whole numbers of 14 bits
with the markers above them, a sequence of elements. See
:mod:`luthier_tektronix.simulated.awg_library` for what is assumed.
"""

from __future__ import annotations

from math import inf
from typing import Any, Final

import attrs
import numpy as np
from luthier_sim import Block, Boolean, Choice, Integer, Number, Refusal, channel_setting, command, query, setting

from luthier_tektronix.simulated.awg_library import ArbitrarySim, Name, whole

__all__ = ["SimulatedAwg5002c"]

_SOURCE: Final = "[SOURce[1|2]:]"
_LEVEL: Final = "VOLTage[:LEVel][:IMMediate]"
_MARKER: Final = "SOURce[1|2]:MARKer[1|2]"
_ELEMENT: Final = "SEQuence:ELEMent<n>"
_FORM: Final = "{:.10E}"
_HALF: Final = 8191
_DIRECT: Final = 0.6  # V


class _Filter(Number):
    """20 MHz, 100 MHz or none."""

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the frequency."""
        value = inf if datum.text in ("INF", "INFINITY") else Number.read(self, datum, device, suffixes)
        if value not in (20e6, 100e6, inf):
            raise Refusal(-222)
        return value


@attrs.define
class _Element:
    waveforms: dict[int, str] = attrs.field(factory=lambda: {1: "", 2: ""})
    repeat: int = 1
    endless: bool = False
    wait: bool = False
    leads: bool = False
    target: int = 1


class SimulatedAwg5002c(ArbitrarySim):
    """An AWG5002C; :meth:`voltages` says what is at an output."""

    identity = "TEKTRONIX,AWG5002C,B010101,SCPI:99.0 FW:4.6.0.7"
    first_index = 0
    high_range = (-0.9, 2.7)
    low_range = (-1.0, 2.6)

    amplitude = channel_setting(f"{_SOURCE}{_LEVEL}[:AMPLitude]", 1.0, Number(0.02, 4.5, "V", form=_FORM))
    offset = channel_setting(f"{_SOURCE}{_LEVEL}:OFFSet", 0.0, Number(-2.25, 2.25, "V", form=_FORM))
    low_pass = channel_setting("OUTPut[1|2]:FILTer[:LPASs]:FREQuency", inf, _Filter(0, 1e9, "HZ", form=_FORM))
    direct = channel_setting("AWGControl:DOUTput[1|2][:STATe]", False)
    rate = setting("[SOURce[1]:]FREQuency[:CW]", 600e6, Number(10e6, 600e6, "HZ", form=_FORM))
    reference = setting("[SOURce[1]:]ROSCillator:SOURce", "INT", choices=("INTernal", "EXTernal"))
    mode = setting("AWGControl:RMODe", "CONT", Choice("CONTinuous", "TRIGgered", "GATed", "SEQuence"))
    trigger_source = setting("TRIGger[:SEQuence]:SOURce", "EXT", choices=("INTernal", "EXTernal"))
    trigger_period = setting("TRIGger[:SEQuence]:TIMer", 0.1, Number(1e-6, 10, "S", form=_FORM))
    trigger_level = setting("TRIGger[:SEQuence]:LEVel", 1.4, Number(-5, 5, "V", form=_FORM))
    trigger_slope = setting("TRIGger[:SEQuence]:SLOPe", "POS", choices=("POSitive", "NEGative"))
    trigger_impedance = setting("TRIGger[:SEQuence]:IMPedance", 1000.0, Number(50, 1000, "OHM", form=_FORM))

    def reset(self) -> None:
        """Stop, with no sequence."""
        super().reset()
        self.elements: list[_Element] = []
        self.late = dict.fromkeys(self.high, 0.0)

    def waits(self) -> bool:
        """Return whether a trigger is waited for."""
        return self.mode in ("TRIG", "GAT") or (self.mode == "SEQ" and bool(self.elements) and self.elements[0].wait)

    def assigned(self, output: int) -> bool:
        """Return whether there is something to put out."""
        return bool(self.elements) if self.mode == "SEQ" else super().assigned(output)

    def trigger(self) -> None:
        """Go on from waiting."""
        if self.state == 1:
            self.state = 2

    def amplitude_of(self, output: int) -> float:
        """Return the amplitude."""
        return self.amplitude[output]

    def offset_of(self, output: int) -> float:
        """Return the offset, which the direct output does not have."""
        return 0.0 if self.direct[output] else self.offset[output]

    @direct.on_set
    def _take_down(self, on: bool, output: int) -> None:
        if on:
            self.amplitude[output] = min(self.amplitude[output], _DIRECT)

    @amplitude.on_set
    def _check_amplitude(self, volts: float, output: int) -> None:
        if self.direct[output] and volts > _DIRECT:
            raise Refusal(-222)

    @trigger_impedance.on_set
    def _check_impedance(self, ohms: float) -> None:
        if ohms not in (50, 1000):
            raise Refusal(-222)

    # Markers

    @command(f"{_MARKER}:DELay", Number(0, 1e-9, "S"))
    def set_delay(self, output: int, marker: int, seconds: float) -> None:
        """Set by how much a marker is late."""
        self.late[output, marker] = seconds

    @query(f"{_MARKER}:DELay?", form=_FORM)
    def ask_delay(self, output: int, marker: int) -> float:
        """Answer by how much a marker is late."""
        return self.late[output, marker]

    # Waveforms

    @command("WLISt:WAVeform:NEW", Name, Integer(1, 2**22), Choice("REAL", "INTeger"))
    def new(self, name: str, size: int, kind: str) -> None:
        """Put an empty waveform on the list."""
        self.make(name, size, kind)

    @command("WLISt:WAVeform:DATA", Name, Integer(0, 2**22), Integer(1, 2**22), Block(2**24))
    def take_data(self, name: str, start: int, size: int, block: bytes) -> None:
        """Take whole numbers with markers."""
        stored = self.wave(name)
        if stored.kind != "INT":
            raise Refusal(-221, detail="only whole numbers are simulated")
        codes = whole(block, "<u2").astype(np.int64)
        where = self.place(stored, start, size, codes.size)
        stored.samples[where] = ((codes & 0x3FFF) - _HALF) / _HALF
        stored.marks[where] = (codes >> 8 & 0xC0).astype(np.uint8)

    @query("WLISt:WAVeform:DATA?", Name)
    def ask_data(self, name: str) -> bytes:
        """Answer whole numbers with markers, or numbers of five bytes."""
        stored = self.wave(name)
        if stored.kind == "REAL":
            pairs = np.zeros(stored.samples.size, dtype=[("value", "<f4"), ("mark", "u1")])
            pairs["value"], pairs["mark"] = stored.samples, stored.marks
            return pairs.tobytes()
        codes = np.rint(_HALF * stored.samples).astype(np.int64) + _HALF + (stored.marks.astype(np.int64) << 8)
        return codes.astype("<u2").tobytes()

    # The sequence

    @command("SEQuence:LENGth", Integer(0, 8000))
    def set_length(self, count: int) -> None:
        """Delete elements at the end, or add empty ones."""
        self.elements = self.elements[:count] + [_Element() for _ in range(count - len(self.elements))]

    @query("SEQuence:LENGth?")
    def ask_sequence_length(self) -> int:
        """Answer how many elements there are."""
        return len(self.elements)

    def element(self, place: int) -> _Element:
        """Return an element."""
        if not 1 <= place <= len(self.elements):
            raise Refusal(-222)
        return self.elements[place - 1]

    @command(f"{_ELEMENT}:WAVeform[1|2]", Name)
    def set_element_waveform(self, place: int, output: int, name: str) -> None:
        """Assign a waveform."""
        self.wave(name)
        self.element(place).waveforms[output] = name

    @query(f"{_ELEMENT}:WAVeform[1|2]?")
    def ask_element_waveform(self, place: int, output: int) -> str:
        """Answer the waveform."""
        return f'"{self.element(place).waveforms[output]}"'

    @command(f"{_ELEMENT}:LOOP:COUNt", Integer(1, 65536))
    def set_repeat(self, place: int, count: int) -> None:
        """Set how often it is put out."""
        self.element(place).repeat = count

    @query(f"{_ELEMENT}:LOOP:COUNt?")
    def ask_repeat(self, place: int) -> int:
        """Answer how often it is put out."""
        return self.element(place).repeat

    @command(f"{_ELEMENT}:LOOP:INFinite", Boolean())
    def set_endless(self, place: int, on: bool) -> None:
        """Set whether it ends."""
        self.element(place).endless = on

    @query(f"{_ELEMENT}:LOOP:INFinite?")
    def ask_endless(self, place: int) -> bool:
        """Answer whether it goes on without end."""
        return self.element(place).endless

    @command(f"{_ELEMENT}:TWAit", Boolean())
    def set_wait(self, place: int, on: bool) -> None:
        """Set whether it waits for a trigger."""
        self.element(place).wait = on

    @query(f"{_ELEMENT}:TWAit?")
    def ask_wait(self, place: int) -> bool:
        """Answer whether it waits for a trigger."""
        return self.element(place).wait

    @command(f"{_ELEMENT}:GOTO:STATe", Boolean())
    def set_leads(self, place: int, on: bool) -> None:
        """Set whether another element than the next follows."""
        self.element(place).leads = on

    @query(f"{_ELEMENT}:GOTO:STATe?")
    def ask_leads(self, place: int) -> bool:
        """Answer whether another element than the next follows."""
        return self.element(place).leads

    @command(f"{_ELEMENT}:GOTO:INDex", Integer(1, 8000))
    def set_target(self, place: int, target: int) -> None:
        """Set which element follows."""
        self.element(place).target = target

    @query(f"{_ELEMENT}:GOTO:INDex?")
    def ask_target(self, place: int) -> int:
        """Answer which element follows."""
        return self.element(place).target
