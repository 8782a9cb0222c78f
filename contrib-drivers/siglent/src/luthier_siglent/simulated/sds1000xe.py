"""A simulated Siglent SDS1104X-E.

Like the instrument: commands with short and long names; replies with a header and a unit, unless ``CHDR OFF``; settings
that are taken as the nearest possible without a word; waveforms with their header and two line feeds behind; a memory
whose size two inputs share.

Unlike the instrument: nothing takes time, a trigger always comes at once, and signals are functions of the time from
it; averages have no noise to lose; no mathematics, measurements, decoders, history and screens. Numbers are answered
with seven digits and not three.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from luthier_sim import Choice, Integer, Number, Refusal, command, query

from luthier_siglent.simulated.scope_inputs import SimulatedScope, nearest_step
from luthier_siglent.simulated.words import Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SimulatedSds1104xe"]

_C: Final = "C[1|2|3|4]"
_NAMES: Final = {
    "VOLT_DIV": "VDIV",
    "OFFSET": "OFST",
    "TRACE": "TRA",
    "COUPLING": "CPL",
    "ATTENUATION": "ATTN",
    "BANDWIDTH_LIMIT": "BWL",
    "INVERTSET": "INVS",
    "TIME_DIV": "TDIV",
    "TRIG_DELAY": "TRDL",
    "TRIG_SELECT": "TRSE",
    "TRIG_LEVEL": "TRLV",
    "TRIG_SLOPE": "TRSL",
    "TRIG_COUPLING": "TRCP",
    "TRIG_MODE": "TRMD",
    "SAMPLE_STATUS": "SAST",
    "SAMPLE_RATE": "SARA",
    "SAMPLE_NUM": "SANU",
    "ACQUIRE_WAY": "ACQW",
    "AVERAGE_ACQUIRE": "AVGA",
    "MEMORY_SIZE": "MSIZ",
    "WAVEFORM_SETUP": "WFSU",
    "WAVEFORM": "WF",
    "COMM_HEADER": "CHDR",
}
_BY_LENGTH: Final = sorted(_NAMES, key=len, reverse=True)
_LONG: Final = re.compile(rb"\b(" + "|".join(_BY_LENGTH).encode() + rb")\b", re.IGNORECASE)
_ASKED: Final = re.compile(rb"(C[1-4]|EX5?|LINE):(TRLV|TRSL|TRCP)\?", re.IGNORECASE)
_SET: Final = re.compile(rb"(C[1-4]|EX5?|LINE):(TRLV|TRSL|TRCP) ", re.IGNORECASE)
_CODES: Final = 25
_DIVISIONS: Final = 4.5
_AVERAGES: Final = (4, 16, 32, 64, 128, 256, 512, 1024)
_SIZES: Final = {"7K": 7000, "70K": 70_000, "700K": 700_000, "7M": 7_000_000}
_DOUBLE: Final = {"7K": "14K", "70K": "140K", "700K": "1.4M", "7M": "14M"}
_SINGLE: Final = {double: single for single, double in _DOUBLE.items()}
_SOURCES: Final = ("C1", "C2", "C3", "C4", "EX", "EX5", "LINE")
_SOURCE: Final = Choice(*_SOURCES)


class SimulatedSds1104xe(SimulatedScope):
    """An SDS1104X-E whose first input is at the terminal for adjusting probes."""

    identity = "Siglent Technologies,SDS1104X-E,SDSMMEBX2R0001,8.2.6.1.37R9"
    divisions = 14

    def switch_on(self) -> None:
        """Answer with headers."""
        self.headers = "SHORT"
        super().switch_on()

    def reset(self) -> None:
        """Take the settings of the factory; headers stay."""
        super().reset()
        channels = (1, 2, 3, 4)
        self.probe: dict[int, float] = dict.fromkeys(channels, 1.0)
        self.scale: dict[int, float] = dict.fromkeys(channels, 1.0)
        self.offset: dict[int, float] = dict.fromkeys(channels, 0.0)
        self.words: dict[tuple[int, str], str] = {
            (channel, name): word
            for channel in channels
            for name, word in (
                ("CPL", "D1M"),
                ("BWL", "OFF"),
                ("INVS", "OFF"),
                ("TRA", "ON" if channel == 1 else "OFF"),
            )
        }
        self.time_scale, self.time_offset = 1e-6, 0.0
        self.source, self.hold = "C1", "OFF"
        self.levels: dict[str, float] = dict.fromkeys(_SOURCES, 0.0)
        self.slopes: dict[str, str] = dict.fromkeys(_SOURCES, "POS")
        self.trigger_couplings: dict[str, str] = dict.fromkeys(_SOURCES, "DC")
        self.mode, self.way, self.average_count = "AUTO", "SAMPLING", 16
        self.size = "7K"
        self.setup = [0, 0, 0]

    def respond(self, message: bytes) -> bytes | None:
        """Carry out a message; long names are made short, and sources of the trigger are put behind."""
        short = _LONG.sub(lambda found: _NAMES[found[0].decode().upper()].encode(), message)
        short = _ASKED.sub(rb"\2? \1", short)
        return super().respond(_SET.sub(rb"\2 \1,", short))

    def answer(self, header: str, value: float | str, unit: str = "") -> str:
        """Return a reply with its header and unit, or without both."""
        text = value if isinstance(value, str) else f"{value:.6E}"
        return text if self.headers == "OFF" else f"{header} {text}{unit}"

    @command("CHDR", Choice("OFF", "SHORT", "LONG"))
    def choose_headers(self, word: str) -> None:
        """Choose whether replies have headers."""
        self.headers = word

    # Inputs

    @command(f"{_C}:ATTN", Number(0.1, 10_000))
    def set_probe(self, channel: int, probe: float) -> None:
        """Set by what the probe divides; what is at its tip is scaled with it."""
        factor = probe / self.probe[channel]
        self.probe[channel] = probe
        self.scale[channel] *= factor
        self.offset[channel] *= factor

    @query(f"{_C}:ATTN?")
    def ask_probe(self, channel: int) -> str:
        """Answer by what the probe divides."""
        return self.answer(f"C{channel}:ATTN", f"{self.probe[channel]:g}")

    @command(f"{_C}:VDIV", Number(unit="V"))
    def set_scale(self, channel: int, scale: float) -> None:
        """Set the scale, or the nearest."""
        probe = self.probe[channel]
        self.scale[channel] = min(max(scale, 500e-6 * probe), 10 * probe)

    @query(f"{_C}:VDIV?")
    def ask_scale(self, channel: int) -> str:
        """Answer the scale."""
        return self.answer(f"C{channel}:VDIV", self.scale[channel], "V")

    @command(f"{_C}:OFST", Number(unit="V"))
    def set_offset(self, channel: int, offset: float) -> None:
        """Set the offset, or the nearest."""
        largest = 100 * self.probe[channel]
        self.offset[channel] = min(max(offset, -largest), largest)

    @query(f"{_C}:OFST?")
    def ask_offset(self, channel: int) -> str:
        """Answer the offset."""
        return self.answer(f"C{channel}:OFST", self.offset[channel], "V")

    @command(f"{_C}:CPL", Words("D1M", "A1M", "GND"))
    def set_coupling(self, channel: int, word: str) -> None:
        """Set the coupling."""
        self.words[channel, "CPL"] = word

    @command(f"{_C}:TRA", Choice("ON", "OFF"))
    def show(self, channel: int, word: str) -> None:
        """Switch a channel."""
        self.words[channel, "TRA"] = word

    @command(f"{_C}:INVS", Choice("ON", "OFF"))
    def invert(self, channel: int, word: str) -> None:
        """Turn the signal over."""
        self.words[channel, "INVS"] = word

    @command("BWL", Choice("C1", "C2", "C3", "C4"), Choice("ON", "OFF"))
    def limit(self, name: str, word: str) -> None:
        """Switch the filter of a channel."""
        self.words[int(name[1]), "BWL"] = word

    @query(f"{_C}:CPL?")
    def ask_coupling(self, channel: int) -> str:
        """Answer the coupling."""
        return self.answer(f"C{channel}:CPL", self.words[channel, "CPL"])

    @query(f"{_C}:TRA?")
    def ask_shown(self, channel: int) -> str:
        """Answer whether a channel is on."""
        return self.answer(f"C{channel}:TRA", self.words[channel, "TRA"])

    @query(f"{_C}:INVS?")
    def ask_inverted(self, channel: int) -> str:
        """Answer whether the signal is turned over."""
        return self.answer(f"C{channel}:INVS", self.words[channel, "INVS"])

    @query(f"{_C}:BWL?")
    def ask_limit(self, channel: int) -> str:
        """Answer whether the filter is on."""
        return self.answer("BWL", ("" if self.headers == "OFF" else f"C{channel},") + self.words[channel, "BWL"])

    def at_input(self, channel: int, volts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what coupling and inversion make of it."""
        coupling = self.words[channel, "CPL"]
        if coupling == "GND":
            return np.zeros_like(volts)
        seen = volts - volts.mean() if coupling == "A1M" else volts
        return -seen if self.words[channel, "INVS"] == "ON" else seen

    # Time and trigger

    @command("TDIV", Number(unit="s"))
    def set_time_scale(self, seconds: float) -> None:
        """Set the time of a division, or the nearest."""
        self.time_scale = min(max(nearest_step(max(seconds, 1e-12)), 1e-9), 100.0)

    @query("TDIV?")
    def ask_time_scale(self) -> str:
        """Answer the time of a division."""
        return self.answer("TDIV", self.time_scale, "S")

    @command("TRDL", Number(unit="s"))
    def set_delay(self, seconds: float) -> None:
        """Set the time at the middle of the screen."""
        self.time_offset = seconds

    @query("TRDL?")
    def ask_delay(self) -> str:
        """Answer the time at the middle of the screen."""
        return self.answer("TRDL", self.time_offset, "S")

    @command(
        "TRSE",
        Choice("EDGE"),
        Choice("SR"),
        Choice(*_SOURCES),
        Choice("HT"),
        Choice("OFF", "TI"),
        Choice("HV", optional=True),
        Number(unit="s", optional=True),
    )
    def select(self, *fields: Any) -> None:
        """Choose what triggers."""
        self.source, self.hold = fields[2], fields[4]

    @query("TRSE?")
    def ask_selected(self) -> str:
        """Answer what triggers."""
        return self.answer("TRSE", f"EDGE,SR,{self.source},HT,{self.hold}")

    @command("TRLV", _SOURCE, Number(unit="V"))
    def set_level(self, source: str, level: float) -> None:
        """Set the level of a source, or the nearest on the screen."""
        if source[0] == "C":
            channel = int(source[1])
            middle, most = -self.offset[channel], _DIVISIONS * self.scale[channel]
            level = min(max(level, middle - most), middle + most)
        self.levels[source] = level

    @query("TRLV?", _SOURCE)
    def ask_level(self, source: str) -> str:
        """Answer the level of a source."""
        return self.answer(f"{source}:TRLV", self.levels[source], "V")

    @command("TRSL", _SOURCE, Choice("POS", "NEG", "WINDOW"))
    def set_slope(self, source: str, word: str) -> None:
        """Choose which edges of a source trigger."""
        self.slopes[source] = word

    @query("TRSL?", _SOURCE)
    def ask_slope(self, source: str) -> str:
        """Answer which edges of a source trigger."""
        return self.answer(f"{source}:TRSL", self.slopes[source])

    @command("TRCP", _SOURCE, Choice("DC", "AC", "HFREJ", "LFREJ"))
    def set_trigger_coupling(self, source: str, word: str) -> None:
        """Choose what of a source triggers."""
        self.trigger_couplings[source] = word

    @query("TRCP?", _SOURCE)
    def ask_trigger_coupling(self, source: str) -> str:
        """Answer what of a source triggers."""
        return self.answer(f"{source}:TRCP", self.trigger_couplings[source])

    @command("TRMD", Choice("AUTO", "NORM", "SINGLE", "STOP"))
    def set_mode(self, mode: str) -> None:
        """Acquire as the mode says; once, it is stopped after the trigger, which comes at once."""
        self.mode = "STOP" if mode == "SINGLE" else mode
        if mode == "STOP":
            self.halt()
            return
        self.running = True
        if mode == "SINGLE":
            self.halt()

    @query("TRMD?")
    def ask_mode(self) -> str:
        """Answer the mode."""
        return self.answer("TRMD", self.mode)

    @command("STOP")
    def stop(self) -> None:
        """Keep what was acquired."""
        self.set_mode("STOP")

    @command("ARM")
    def arm(self) -> None:
        """Acquire once."""
        self.set_mode("SINGLE")

    @query("SAST?")
    def ask_status(self) -> str:
        """Answer what it does."""
        return self.answer("SAST", "Trig'd" if self.running else "Stop")

    # Acquisitions

    @command("ACQW", Choice("SAMPLING", "PEAK_DETECT", "HIGH_RES", "AVERAGE"), Integer(optional=True))
    def set_way(self, way: str, count: int | None) -> None:
        """Choose how samples become points."""
        self.way = way
        if count is not None:
            self.set_averages(count)

    @query("ACQW?")
    def ask_way(self) -> str:
        """Answer how samples become points."""
        return self.answer("ACQW", f"AVERAGE,{self.average_count}" if self.way == "AVERAGE" else self.way)

    @command("AVGA", Integer())
    def set_averages(self, count: int) -> None:
        """Set over how many acquisitions is averaged."""
        if count not in _AVERAGES:
            raise Refusal(-224)
        self.average_count = count

    @query("AVGA?")
    def ask_averages(self) -> str:
        """Answer over how many acquisitions is averaged."""
        return self.answer("AVGA", str(self.average_count))

    def is_shared(self) -> bool:
        """Return whether both inputs of a converter are on."""
        on = {channel for channel in (1, 2, 3, 4) if self.words[channel, "TRA"] == "ON"}
        return {1, 2} <= on or {3, 4} <= on

    @command("MSIZ", Words(*_SIZES, *_SINGLE))
    def set_size(self, word: str) -> None:
        """Set the size of the memory; while it is stopped, it is ignored."""
        if self.running:
            self.size = _SINGLE.get(word, word)

    @query("MSIZ?")
    def ask_size(self) -> str:
        """Answer the size of the memory."""
        return self.answer("MSIZ", self.size if self.is_shared() else _DOUBLE[self.size])

    def point_count(self) -> int:
        """Return as many points as the memory has, at 1 GHz at most."""
        most = _SIZES[self.size] * (1 if self.is_shared() else 2)
        return int(min(most, max(7, round(self.divisions * self.time_scale * 1e9))))

    @query("SARA?")
    def ask_rate(self) -> str:
        """Answer the sample rate."""
        return self.answer("SARA", self.rate(), "Sa/s")

    @query("SANU?", Choice("C1", "C2", "C3", "C4"))
    def ask_number(self, _name: str) -> str:
        """Answer how many points there are."""
        return self.answer("SANU", float(self.point_count()), "pts")

    @command("WFSU", *(kind for name in ("SP", "NP", "FP") for kind in (Choice(name), Integer(0, 14_000_000))))
    def set_up(self, *fields: Any) -> None:
        """Choose which points are sent."""
        self.setup = list(fields[1::2])

    @query(f"{_C}:WF?", Choice("DAT2"))
    def ask_waveform(self, channel: int, _what: str) -> str:
        """Answer what was acquired last."""
        if self.words[channel, "TRA"] == "OFF":
            raise Refusal(-221)
        sparsing, number, first = self.setup
        codes = self.codes(channel, _CODES, 127)[first :: max(1, sparsing)]
        octets = (codes[:number] if number else codes).astype(np.int8).tobytes()
        return self.answer(f"C{channel}:WF", f"DAT2,#9{len(octets):09d}{octets.decode('latin-1')}\n")
