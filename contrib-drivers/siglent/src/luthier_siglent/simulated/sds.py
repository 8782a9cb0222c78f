"""A simulated Siglent SDS2354X Plus, with 8 bits, and an SDS1104X HD, with 12.

Like the instruments: every command of the driver in both of its spellings; words that are answered in small letters;
settings that are taken as the nearest possible without a word; the preamble of a waveform, and its points in pieces.

Unlike the instruments: nothing takes time, a trigger always comes at once, and signals are functions of the time from
it; averages have no noise to lose; only edges trigger; no mathematics, measurements, decoders, digital channels,
sequences and screens. The largest piece is smaller than theirs, so that pieces are needed.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import numpy as np
from luthier_sim import Choice, Number, Refusal, channel_setting, command, query, setting

from luthier_siglent.simulated.scope_inputs import SimulatedScope, nearest_step
from luthier_siglent.simulated.words import Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SimulatedSds1104xHd", "SimulatedSds2354xPlus"]

_CHANNEL: Final = "CHANnel<1..4>"
_FORM: Final = "{:.6E}"
_CODES: Final = 30
_DIVISIONS: Final = 4.1
_BYTE: Final = 8
_DEPTH: Final = 10_000
_AVERAGES: Final = (4, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
_SWITCH: Final = Words("ON", "OFF")


class SimulatedSds2354xPlus(SimulatedScope):
    """An SDS2354X Plus whose first input is at the terminal for adjusting probes."""

    identity = "Siglent Technologies,SDS2354X Plus,SDS2PCAX1R0001,1.5.2R3"
    divisions = 10
    bits = 8
    largest_piece = 4000

    scale = channel_setting(f"{_CHANNEL}:SCALe", 1.0, unit="V", form=_FORM)
    offset = channel_setting(f"{_CHANNEL}:OFFSet", 0.0, unit="V", form=_FORM)
    coupling = channel_setting(f"{_CHANNEL}:COUPling", "DC", Words("DC", "AC", "GND"))
    impedance = channel_setting(f"{_CHANNEL}:IMPedance", "ONEMeg", Words("ONEMeg", "FIFTy"))
    bandwidth = channel_setting(f"{_CHANNEL}:BWLimit", "FULL", Words("FULL", "20M", "200M"))
    inverted = channel_setting(f"{_CHANNEL}:INVert", "OFF", _SWITCH)
    shown = channel_setting(f"{_CHANNEL}:SWITch", {1: "ON", 2: "OFF", 3: "OFF", 4: "OFF"}, _SWITCH)
    time_scale = setting("TIMebase:SCALe", 1e-6, unit="s", form=_FORM)
    time_offset = setting("TIMebase:DELay", 0.0, unit="s", form=_FORM)
    trigger_type = setting("TRIGger:TYPE", "EDGE", Words("EDGE"))
    trigger_source = setting("TRIGger:EDGE:SOURce", "C1", Words("C1", "C2", "C3", "C4", "EX", "EX5", "LINE"))
    trigger_slope = setting("TRIGger:EDGE:SLOPe", "RISing", Words("RISing", "FALLing", "ALTernate"))
    trigger_level = setting("TRIGger:EDGE:LEVel", 0.0, unit="V", form=_FORM)
    trigger_coupling = setting("TRIGger:EDGE:COUPling", "DC", Words("DC", "AC", "HFREJect", "LFREJect"))
    mode = setting("TRIGger:MODE", "AUTO", Words("AUTO", "NORMal", "SINGle", "FTRIG"))
    source = setting("WAVeform:SOURce", "C1", Words("C1", "C2", "C3", "C4"))
    first = setting("WAVeform:STARt", 0, minimum=0)
    interval = setting("WAVeform:INTerval", 1, minimum=1)
    piece = setting("WAVeform:POINt", 0, minimum=0)
    width = setting("WAVeform:WIDTh", "BYTE", Words("BYTE", "WORD"))

    def reset(self) -> None:
        """Take the settings of the factory."""
        super().reset()
        self.probe: dict[int, float] = dict.fromkeys((1, 2, 3, 4), 1.0)
        self.kind, self.average_count = "NORMal", 16

    # Inputs

    @scale.on_set
    def _limit_scale(self, scale: float, channel: int) -> None:
        probe = self.probe[channel]
        self.scale[channel] = min(max(scale, 500e-6 * probe), 10 * probe)

    @offset.on_set
    def _limit_offset(self, offset: float, channel: int) -> None:
        largest = 100 * self.probe[channel]
        self.offset[channel] = min(max(offset, -largest), largest)

    @command(f"{_CHANNEL}:PROBe", Choice("VALue", "DEFault"), Number(1e-6, 1e6, optional=True))
    def set_probe(self, channel: int, _word: str, probe: float | None) -> None:
        """Set by what the probe divides; what is at its tip is scaled with it."""
        factor = (probe or 1.0) / self.probe[channel]
        self.probe[channel] = probe or 1.0
        self.scale[channel] *= factor
        self.offset[channel] *= factor

    @query(f"{_CHANNEL}:PROBe?", form=_FORM)
    def ask_probe(self, channel: int) -> float:
        """Answer by what the probe divides."""
        return self.probe[channel]

    def at_input(self, channel: int, volts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what coupling and inversion make of it."""
        if self.coupling[channel] == "GND":
            return np.zeros_like(volts)
        seen = volts - volts.mean() if self.coupling[channel] == "AC" else volts
        return -seen if self.inverted[channel] == "ON" else seen

    # Time and trigger

    @time_scale.on_set
    def _takenearest_step(self, seconds: float) -> None:
        self.time_scale = min(max(nearest_step(max(seconds, 1e-12)), 100e-12), 1000.0)

    @trigger_level.on_set
    def _limit_level(self, level: float) -> None:
        if self.trigger_source in ("C1", "C2", "C3", "C4"):
            channel = int(self.trigger_source[1])
            middle, most = -self.offset[channel], _DIVISIONS * self.scale[channel]
            self.trigger_level = min(max(level, middle - most), middle + most)

    @mode.on_set
    def _start(self, mode: str) -> None:
        self.running = True
        if mode in ("SINGle", "FTRIG"):
            self.halt()

    @command("TRIGger:RUN")
    def run(self) -> None:
        """Acquire again and again."""
        self.running = True

    @command("TRIGger:STOP")
    def stop(self) -> None:
        """Keep what was acquired."""
        self.halt()

    @query("TRIGger:STATus?")
    def ask_status(self) -> str:
        """Answer what it does."""
        return "Trig'd" if self.running else "Stop"

    # Acquisitions

    @command("ACQuire:TYPE", Words("NORMal", "PEAK", "AVERage", "ERES"), Number(optional=True))
    def set_type(self, kind: str, number: float | None) -> None:
        """Choose how samples become points."""
        if kind == "AVERage" and number is not None:
            if number not in _AVERAGES:
                raise Refusal(-224)
            self.average_count = int(number)
        self.kind = kind

    @query("ACQuire:TYPE?")
    def ask_type(self) -> str:
        """Answer how samples become points."""
        more = {"AVERage": f",{self.average_count}", "ERES": ",0.5"}
        return self.kind + more.get(self.kind, "")

    def point_count(self) -> int:
        """Return as many points as the memory has, at 2 GHz at most."""
        return int(min(_DEPTH, max(5, round(self.divisions * self.time_scale * 2e9))))

    @query("ACQuire:SRATe?", form=_FORM)
    def ask_rate(self) -> float:
        """Answer the sample rate."""
        return self.rate()

    @query("ACQuire:POINts?", form=_FORM)
    def ask_points(self) -> float:
        """Answer how many points there are."""
        return float(self.point_count())

    # Waveforms

    @query("WAVeform:MAXPoint?")
    def ask_largest_piece(self) -> int:
        """Answer how many points are sent at once."""
        return self.largest_piece

    @query("WAVeform:PREamble?")
    def ask_preamble(self) -> str:
        """Answer what codes mean."""
        channel = int(self.source[1])
        octets = bytearray(346)
        octets[0:8], octets[16:23] = b"WAVEDESC", b"WAVEACE"
        probe = self.probe[channel]
        codes = float(_CODES * 2 ** (self.bits - _BYTE))
        struct.pack_into("<hh", octets, 32, self.width == "WORD", 0)
        struct.pack_into("<i", octets, 116, self.point_count())
        struct.pack_into("<3f", octets, 156, self.scale[channel] / probe, self.offset[channel] / probe, codes)
        struct.pack_into("<h", octets, 172, self.bits)
        struct.pack_into("<fd", octets, 176, 1 / self.rate(), self.time_offset)
        struct.pack_into("<f", octets, 328, probe)
        return f"#9{len(octets):09d}{octets.decode('latin-1')}"

    @query("WAVeform:DATA?")
    def ask_data(self) -> str:
        """Answer a piece of what was acquired last; of more than 8 bits, a byte is the upper part."""
        channel = int(self.source[1])
        if self.shown[channel] != "ON":
            raise Refusal(-221)
        converter = 2 ** (self.bits - 1) - 1
        codes = self.codes(channel, _CODES * 2.0 ** (self.bits - _BYTE), converter)
        last = self.first + (self.piece or len(codes)) * self.interval
        chosen = codes[self.first : last : self.interval][: self.largest_piece]
        if self.width == "WORD":
            octets = (chosen << (2 * _BYTE - self.bits)).astype("<i2").tobytes()
        else:
            octets = (chosen >> (self.bits - _BYTE)).astype(np.int8).tobytes()
        return f"#9{len(octets):09d}{octets.decode('latin-1')}\n"


class SimulatedSds1104xHd(SimulatedSds2354xPlus):
    """An SDS1104X HD, whose points have 12 bits."""

    identity = "Siglent Technologies,SDS1104X HD,SDS1HBAX1R0001,1.1.3.8"
    bits = 12
