"""A simulated Keysight N9030A with a few lines of a spectrum at its input.

Like the instrument: every command of the driver in all of its spellings; start, stop, centre and span that move each
other; bandwidths and attenuation that follow others or not, and bandwidths that are rounded to the nearest; traces of
several types; markers and what they find; data as text and as blocks in either order of bytes.

Unlike the instrument: detectors and types of averages change nothing; all markers are on trace 1; no other modes; the
input is never overloaded.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from luthier.scpi import ArrayFormat
from luthier_sim import Choice, Integer, Number, Refusal, ScpiDevice, channel_setting, command, query, setting
from numpy.typing import NDArray

__all__ = ["SimulatedN9010A"]

LOWEST: Final = -80e6
HIGHEST: Final = 50e9
_SENSE: Final = "[SENSe[1]:]"
_MARKER: Final = "CALCulate:MARKer<1..12>"
_TRACES: Final = (1, 2, 3, 4, 5, 6)
_STEPS: Final = "1.0 1.1 1.2 1.3 1.5 1.6 1.8 2.0 2.2 2.4 2.7 3.0 3.3 3.6 3.9 4.3 4.7 5.1 5.6 6.2 6.8 7.5 8.2 9.1"
_BANDWIDTHS: Final = (
    *(float(f"{step}e{decade}") for decade in range(7) for step in _STEPS.split() if float(f"{step}e{decade}") <= 3e6),  # noqa: PLR2004 - 3 MHz
    *(4e6, 5e6, 6e6, 8e6),
)
_FOLLOWS: Final = 106.0
"""Span over bandwidth, where that follows."""
_NO_RESULT: Final = 9.91e37
_EXCURSION: Final = 6.0
"""By how many dB a peak is higher than what is around it."""

Levels = NDArray[np.float64]


def _nearest(wanted: float, *more: float) -> float:
    return min((*_BANDWIDTHS, *more), key=lambda width: abs(np.log(width / wanted)))


class SimulatedN9010A(ScpiDevice):
    """An N9030A with the option 550, for 50 GHz.

    Attributes
    ----------
    lines
        What is at the input: powers in dBm by frequencies in Hz.
    noise_density
        Of the noise at the input, in dBm/Hz.
    noise_level
        Standard deviation of what is measured, in dB.
    paced
        Whether sweeps take their time.
    """

    identity = "Agilent Technologies,N9030A,MY51000001,A.14.16"
    noise_density = -150.0
    noise_level = 0.0
    paced = False

    start = setting(f"{_SENSE}FREQuency:STARt", 10e6, minimum=LOWEST, maximum=HIGHEST, unit="Hz")
    stop = setting(f"{_SENSE}FREQuency:STOP", 50e9, minimum=LOWEST, maximum=HIGHEST, unit="Hz")
    points = setting(f"{_SENSE}SWEep:POINts", 1001, minimum=1, maximum=100_001)
    reference_level = setting("DISPlay:WINDow[1]:TRACe:Y[:SCALe]:RLEVel", 0.0, minimum=-170, maximum=30, unit="dBm")
    attenuation = setting(f"{_SENSE}POWer[:RF]:ATTenuation", 10.0, minimum=0, maximum=70, unit="dB")
    attenuation_auto = setting(f"{_SENSE}POWer[:RF]:ATTenuation:AUTO", True)
    preamplifier = setting(f"{_SENSE}POWer[:RF]:GAIN[:STATe]", False)
    bandwidth = setting(f"{_SENSE}BANDwidth[:RESolution]", 3e6, minimum=1, maximum=8e6, unit="Hz")
    bandwidth_auto = setting(f"{_SENSE}BANDwidth[:RESolution]:AUTO", True)
    video = setting(f"{_SENSE}BANDwidth:VIDeo", 3e6, minimum=1, maximum=50e6, unit="Hz")
    video_auto = setting(f"{_SENSE}BANDwidth:VIDeo:AUTO", True)
    detector = setting(
        f"{_SENSE}DETector:TRACe", "NORM", choices=("NORMal", "AVERage", "POSitive", "SAMPle", "NEGative")
    )
    average_type = setting(f"{_SENSE}AVERage:TYPE", "LOG", choices=("LOG", "RMS", "SCALar"))
    averaging_count = setting(f"{_SENSE}AVERage:COUNt", 100, minimum=1, maximum=10_000)
    continuous = setting("INITiate:CONTinuous", True)
    trigger_source = setting(
        "TRIGger[:SEQuence]:SOURce", "IMM", choices=("IMMediate", "EXTernal1", "EXTernal2", "VIDeo", "LINE", "RFBurst")
    )
    byte_order = setting("FORMat:BORDer", "NORM", choices=("NORMal", "SWAPped"))
    trace_mode = channel_setting("TRACe<1..6>:TYPE", "WRIT", choices=("WRITe", "AVERage", "MAXHold", "MINHold"))
    marker_mode = channel_setting(f"{_MARKER}:MODE", "OFF", choices=("POSition", "DELTa", "FIXed", "OFF"))

    transfer_format: str

    def switch_on(self) -> None:
        """Connect the signals."""
        self.lines = {1e9: -20.0, 2e9: -55.0}
        super().switch_on()

    def reset(self) -> None:
        """Forget what was measured."""
        self.transfer_format = "ASC,8"
        self.swept: dict[int, Levels] = {}
        self.sweeps = 0
        self.places = dict.fromkeys(range(1, 13), 0.0)

    # What moves what

    @start.on_set
    def _raise_stop(self, start: float) -> None:
        self.stop = max(self.stop, start)
        self._follow()

    @stop.on_set
    def _lower_start(self, stop: float) -> None:
        self.start = min(self.start, stop)
        self._follow()

    @points.on_set
    def _begin_anew(self, _value: object) -> None:
        self.swept, self.sweeps = {}, 0

    @trace_mode.on_set
    def _clear(self, _mode: str, number: int) -> None:
        self.swept.pop(number, None)
        self.sweeps = 0

    @bandwidth.on_set
    def _choose_bandwidth(self, wanted: float) -> None:
        self.bandwidth, self.bandwidth_auto = _nearest(wanted), False
        self._follow()

    @video.on_set
    def _choose_video(self, wanted: float) -> None:
        self.video, self.video_auto = _nearest(wanted, 50e6), False

    @attenuation.on_set
    def _by_hand(self, _attenuation: float) -> None:
        self.attenuation_auto = False

    @bandwidth_auto.on_set
    @video_auto.on_set
    @attenuation_auto.on_set
    @reference_level.on_set
    def _again(self, _value: object) -> None:
        self._follow()

    def _follow(self) -> None:
        if self.bandwidth_auto:
            self.bandwidth = min(3e6, _nearest(max(1.0, (self.stop - self.start) / _FOLLOWS)))
        if self.video_auto:
            self.video = self.bandwidth
        if self.attenuation_auto:
            self.attenuation = max(10.0, self.reference_level + 10)
        self._begin_anew(None)

    @query(f"{_SENSE}FREQuency:CENTer?")
    def ask_center(self) -> float:
        """Answer the middle of the sweep."""
        return (self.start + self.stop) / 2

    @command(f"{_SENSE}FREQuency:CENTer", Number(LOWEST, HIGHEST, "Hz"))
    def set_center(self, center: float) -> None:
        """Move the sweep; make it narrower where it does not fit."""
        half = min((self.stop - self.start) / 2, center - LOWEST, HIGHEST - center)
        self.start, self.stop = center - half, center + half
        self._follow()

    @query(f"{_SENSE}FREQuency:SPAN?")
    def ask_span(self) -> float:
        """Answer the width of the sweep."""
        return self.stop - self.start

    @command(f"{_SENSE}FREQuency:SPAN", Number(0, HIGHEST - LOWEST, "Hz"))
    def set_span(self, span: float) -> None:
        """Make the sweep wider or narrower around its centre; move that where it does not fit."""
        start = min(max(LOWEST, self.ask_center() - span / 2), HIGHEST - span)
        self.start, self.stop = start, start + span
        self._follow()

    # Sweeps

    @property
    def sweep_time(self) -> float:
        """How long a sweep takes, in s."""
        return max(1e-3, 2.5 * (self.stop - self.start) / self.bandwidth / min(self.bandwidth, self.video))

    @query(f"{_SENSE}SWEep:TIME?")
    def ask_time(self) -> float:
        """Answer how long a sweep takes."""
        return self.sweep_time

    @command("INITiate[:IMMediate]")
    @command("INITiate:RESTart")
    def sweep(self) -> None:
        """Sweep once, or as often as traces that average or hold want."""
        count = 1 if all(mode == "WRIT" for mode in self.trace_mode.values()) else self.averaging_count
        self._begin_anew(None)
        for _ in range(count):
            self._sweep_once()
        if self.paced:
            self.begin(self.sweep_time * count)

    def frequencies(self) -> Levels:
        """Return the frequencies of the sweep, in Hz."""
        return np.linspace(self.start, self.stop, self.points)

    def levels(self) -> Levels:
        """Return what one sweep shows, in dBm."""
        power = np.full(self.points, 10 ** ((self.noise_density + 10 * np.log10(self.bandwidth)) / 10))
        for frequency, level in self.lines.items():
            away = (self.frequencies() - frequency) / self.bandwidth
            power = power + 10 ** (level / 10) * np.exp(-4 * np.log(2) * away**2)
        shown = 10 * np.log10(power)
        if self.noise_level:
            shown = shown + np.array([self.noise(self.noise_level) for _ in shown])
        return np.asarray(shown, dtype=np.float64)

    def _sweep_once(self) -> None:
        new = self.levels()
        self.sweeps += 1
        for number in _TRACES:
            self.swept[number] = self._kept(self.trace_mode[number], self.swept.get(number, new), new)

    def _kept(self, mode: str, old: Levels, new: Levels) -> Levels:
        if mode == "AVER":
            return old + (new - old) / self.sweeps
        if mode == "WRIT":
            return new
        return np.maximum(old, new) if mode == "MAXH" else np.minimum(old, new)

    def _shown(self, number: int) -> Levels:
        if self.continuous or number not in self.swept:
            self._sweep_once()
        return self.swept[number]

    @query("TRACe[:DATA]?", Choice(*(f"TRACE{number}" for number in _TRACES)))
    def ask_trace(self, name: str) -> str:
        """Answer a trace."""
        levels = self._shown(int(name[-1]))
        if self.transfer_format == "ASC,8":
            return ",".join(f"{number:.9E}" for number in levels.tolist())
        dtype = "f4" if self.transfer_format == "REAL,32" else "f8"
        return ArrayFormat(dtype, "big" if self.byte_order == "NORM" else "little").encode(levels).decode("latin-1")

    @command("FORMat[:TRACe][:DATA]", Choice("ASCii", "REAL"), Integer(0, 64, optional=True))
    def choose_format(self, kind: str, bits: int | None) -> None:
        """Choose text or blocks; numbers of bits that there are not are 32."""
        self.transfer_format = "ASC,8" if kind == "ASC" else f"REAL,{64 if bits == 64 else 32}"  # noqa: PLR2004 - bits

    @query("FORMat[:TRACe][:DATA]?")
    def ask_format(self) -> str:
        """Answer how numbers travel."""
        return self.transfer_format

    # Markers

    @marker_mode.on_set
    def _place(self, mode: str, number: int) -> None:
        if mode == "POS" and not self.places[number]:
            self.places[number] = self.ask_center()

    @query(f"{_MARKER}:X?")
    def ask_place(self, number: int) -> float:
        """Answer where a marker is."""
        return self.places[number]

    @command(f"{_MARKER}:X", Number(LOWEST, HIGHEST, "Hz"))
    def set_place(self, number: int, place: float) -> None:
        """Move a marker."""
        self.places[number] = place

    @query(f"{_MARKER}:Y?")
    def ask_level(self, number: int) -> float:
        """Answer the level at a marker."""
        place = self.places[number]
        if self.marker_mode[number] == "OFF" or not self.start <= place <= self.stop:
            return _NO_RESULT
        return float(np.interp(place, self.frequencies(), self._shown(1)))

    def _peaks(self) -> dict[float, float]:
        """Return levels of peaks by their frequencies."""
        levels, frequencies = self._shown(1), self.frequencies()
        floor = float(np.median(levels)) + _EXCURSION
        inner = levels[1:-1]
        places = 1 + np.flatnonzero((inner > floor) & (inner >= levels[:-2]) & (inner > levels[2:]))
        return {float(frequencies[place]): float(levels[place]) for place in places}

    def _move(self, number: int, peaks: dict[float, float]) -> None:
        """Put a marker on the highest of some peaks."""
        if not peaks:
            raise Refusal(-200, detail="no peak found")
        if self.marker_mode[number] == "OFF":
            self.marker_mode[number] = "POS"
        self.places[number] = max(peaks, key=peaks.__getitem__)

    @command(f"{_MARKER}:MAXimum")
    def to_peak(self, number: int) -> None:
        """Put a marker on the highest peak."""
        self._move(number, self._peaks())

    @command(f"{_MARKER}:MAXimum:NEXT")
    def to_next_peak(self, number: int) -> None:
        """Put a marker on the next lower peak."""
        level = self.ask_level(number)
        self._move(number, {place: peak for place, peak in self._peaks().items() if peak < level})

    @command(f"{_MARKER}:MAXimum:RIGHt")
    def to_peak_right(self, number: int) -> None:
        """Put a marker on the nearest peak to the right."""
        right = [place for place in self._peaks() if place > self.places[number]]
        self._move(number, {min(right): 0.0} if right else {})

    @command(f"{_MARKER}:MAXimum:LEFT")
    def to_peak_left(self, number: int) -> None:
        """Put a marker on the nearest peak to the left."""
        left = [place for place in self._peaks() if place < self.places[number]]
        self._move(number, {max(left): 0.0} if left else {})
