"""A simulated Rohde & Schwarz FSW85 with a few lines of a spectrum at its input.

Like the instrument: every command of the driver in all of its spellings; start, stop, centre and span that move each
other; bandwidths and attenuation that follow others or not; single and continuous sweeps; what trace modes keep.

Unlike the instrument: one window and one trace, detectors that see the same, no markers, no other applications; the
input is never overloaded.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from luthier.scpi import ArrayFormat
from luthier_sim import Choice, Integer, Number, Refusal, ScpiDevice, command, query, setting
from numpy.typing import NDArray

__all__ = ["SimulatedFsw"]

HIGHEST: Final = 90e9
_SENSE: Final = "[SENSe[1]:]"
_BANDWIDTHS: Final = (*(step * 10.0**decade for decade in range(7) for step in (1.0, 2.0, 3.0, 5.0)), 1e7)
_FOLLOWS: Final = 100.0
"""Span over bandwidth, where that follows."""

Levels = NDArray[np.float64]


def _allowed(wanted: float) -> float:
    return next((width for width in _BANDWIDTHS if width >= wanted * (1 - 1e-9)), _BANDWIDTHS[-1])


class SimulatedFsw(ScpiDevice):
    """An FSW85.

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

    identity = "Rohde&Schwarz,FSW-85,1331.5003k85/100001,5.30"
    noise_density = -155.0
    noise_level = 0.0
    paced = False

    start = setting(f"{_SENSE}FREQuency:STARt", 0.0, minimum=0, maximum=HIGHEST, unit="Hz")
    stop = setting(f"{_SENSE}FREQuency:STOP", HIGHEST, minimum=0, maximum=HIGHEST, unit="Hz")
    points = setting(f"{_SENSE}SWEep[:WINDow[1]]:POINts", 1001, minimum=101, maximum=100_001)
    reference_level = setting(
        "DISPlay[:WINDow[1]]:TRACe[1]:Y[:SCALe]:RLEVel", 0.0, minimum=-130, maximum=30, unit="dBm"
    )
    attenuation = setting("INPut[1]:ATTenuation", 10.0, minimum=0, maximum=75, unit="dB")
    attenuation_auto = setting("INPut[1]:ATTenuation:AUTO", True)
    bandwidth = setting(f"{_SENSE}BANDwidth[:RESolution]", 3e6, minimum=1, maximum=1e7, unit="Hz")
    bandwidth_auto = setting(f"{_SENSE}BANDwidth[:RESolution]:AUTO", True)
    video = setting(f"{_SENSE}BANDwidth:VIDeo", 3e6, minimum=1, maximum=1e7, unit="Hz")
    video_auto = setting(f"{_SENSE}BANDwidth:VIDeo:AUTO", True)
    sweep_count = setting(f"{_SENSE}SWEep:COUNt", 0, minimum=0, maximum=32_767)
    continuous = setting("INITiate[1]:CONTinuous", True)
    trigger_source = setting(
        "TRIGger[1][:SEQuence]:SOURce",
        "IMM",
        choices=("IMMediate", "EXTernal", "EXT2", "EXT3", "RFPower", "IFPower", "TIME"),
    )
    preamplifier = setting("INPut[1]:GAIN:STATe", False)
    detector = setting(
        f"{_SENSE}[WINDow[1]:]DETector[1][:FUNCtion]",
        "APE",
        choices=("APEak", "POSitive", "NEGative", "SAMPle", "RMS", "AVERage"),
    )
    detector_auto = setting(f"{_SENSE}[WINDow[1]:]DETector[1][:FUNCtion]:AUTO", True)
    time_auto = setting(f"{_SENSE}SWEep:TIME:AUTO", True)
    trace_mode = setting(
        "DISPlay[:WINDow[1]]:TRACe[1]:MODE",
        "WRIT",
        choices=("WRITe", "AVERage", "MAXHold", "MINHold", "VIEW", "BLANk"),
    )
    transfer_format: str

    def switch_on(self) -> None:
        """Connect the signals."""
        self.lines = {1e9: -20.0, 2e9: -55.0}
        super().switch_on()

    def reset(self) -> None:
        """Forget what was measured."""
        self.transfer_format = "ASC"
        self.swept: Levels | None = None
        self.sweeps = 0
        self.chosen_time = 1e-3

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
        if self.trace_mode != "VIEW":
            self.swept, self.sweeps = None, 0

    @bandwidth.on_set
    def _choose_bandwidth(self, wanted: float) -> None:
        self.bandwidth, self.bandwidth_auto = _allowed(wanted), False
        self._follow()

    @video.on_set
    def _choose_video(self, wanted: float) -> None:
        self.video, self.video_auto = _allowed(wanted), False

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
            self.bandwidth = min(3e6, _allowed(max(1.0, (self.stop - self.start) / _FOLLOWS)))
        if self.video_auto:
            self.video = self.bandwidth
        if self.attenuation_auto:
            self.attenuation = max(10.0, self.reference_level + 10)
        self._begin_anew(None)

    @query(f"{_SENSE}FREQuency:CENTer?")
    def ask_center(self) -> float:
        """Answer the middle of the sweep."""
        return (self.start + self.stop) / 2

    @command(f"{_SENSE}FREQuency:CENTer", Number(0, HIGHEST, "Hz"))
    def set_center(self, center: float) -> None:
        """Move the sweep; make it narrower where it does not fit."""
        half = min((self.stop - self.start) / 2, center, HIGHEST - center)
        self.start, self.stop = center - half, center + half
        self._follow()

    @query(f"{_SENSE}FREQuency:SPAN?")
    def ask_span(self) -> float:
        """Answer the width of the sweep."""
        return self.stop - self.start

    @command(f"{_SENSE}FREQuency:SPAN", Number(0, HIGHEST, "Hz"))
    def set_span(self, span: float) -> None:
        """Make the sweep wider or narrower around its centre; move that where it does not fit."""
        start = min(max(0.0, self.ask_center() - span / 2), HIGHEST - span)
        self.start, self.stop = start, start + span
        self._follow()

    # Sweeps

    @property
    def sweep_time(self) -> float:
        """How long a sweep takes, in s."""
        if not self.time_auto:
            return self.chosen_time
        return max(1e-3, 2.5 * (self.stop - self.start) / self.bandwidth / min(self.bandwidth, self.video))

    @query(f"{_SENSE}SWEep:TIME?")
    def ask_time(self) -> float:
        """Answer how long a sweep takes."""
        return self.sweep_time

    @command(f"{_SENSE}SWEep:TIME", Number(1e-6, 16_000, "s"))
    def set_time(self, seconds: float) -> None:
        """Sweep in a time that follows nothing."""
        self.chosen_time, self.time_auto = seconds, False

    @time_auto.on_set
    def _keep_time(self, auto: bool) -> None:
        if not auto:
            self.time_auto = True
            self.chosen_time = self.sweep_time
            self.time_auto = False

    @detector.on_set
    def _choose_detector(self, _detector: str) -> None:
        self.detector_auto = False

    @detector_auto.on_set
    @trace_mode.on_set
    def _follow_mode(self, _value: object) -> None:
        self._begin_anew(None)
        if self.detector_auto:
            self.detector = {"AVER": "RMS", "MAXH": "POS", "MINH": "NEG"}.get(self.trace_mode, "APE")

    @command("INITiate[1][:IMMediate]")
    def sweep(self) -> None:
        """Sweep as often as the count says."""
        count = max(1, self.sweep_count)
        if self.trace_mode != "VIEW":
            self.swept, self.sweeps = None, 0
        for _ in range(min(count, 1000)):
            self._sweep_once()
        if self.paced:
            self.begin(self.sweep_time * count)

    def levels(self) -> Levels:
        """Return what one sweep shows, in dBm."""
        frequencies = np.linspace(self.start, self.stop, self.points)
        power = np.full(self.points, 10 ** ((self.noise_density + 10 * np.log10(self.bandwidth)) / 10))
        for frequency, level in self.lines.items():
            away = (frequencies - frequency) / self.bandwidth
            power = power + 10 ** (level / 10) * np.exp(-4 * np.log(2) * away**2)
        shown = 10 * np.log10(power)
        if self.noise_level:
            shown = shown + np.array([self.noise(self.noise_level) for _ in shown])
        return np.asarray(shown, dtype=np.float64)

    def _sweep_once(self) -> None:
        if self.trace_mode == "VIEW" and self.swept is not None:
            return
        new, old = self.levels(), self.swept
        self.sweeps += 1
        if old is None or self.trace_mode in ("WRIT", "VIEW"):
            self.swept = new
        elif self.trace_mode == "AVER":
            self.swept = old + (new - old) / self.sweeps
        else:
            self.swept = np.maximum(old, new) if self.trace_mode == "MAXH" else np.minimum(old, new)

    @query("TRACe[1][:DATA]?", Choice("TRACE1"))
    def ask_trace(self, _name: str) -> str:
        """Answer the trace."""
        if self.trace_mode == "BLAN":
            raise Refusal(-221)
        if self.continuous or self.swept is None:
            self._sweep_once()
        return self._written(self.swept if self.swept is not None else self.levels())

    @query("TRACe[1][:DATA]:X?", Choice("TRACE1"))
    def ask_frequencies(self, _name: str) -> str:
        """Answer the frequencies."""
        return self._written(np.linspace(self.start, self.stop, self.points))

    @command("FORMat[:DATA]", Choice("ASCii", "REAL"), Integer(0, 64, optional=True))
    def choose_format(self, kind: str, bits: int | None) -> None:
        """Choose text or blocks."""
        if kind == "REAL" and bits not in (None, 32):
            raise Refusal(-224)
        self.transfer_format = "ASC" if kind == "ASC" else "REAL,32"

    @query("FORMat[:DATA]?")
    def ask_format(self) -> str:
        """Answer how numbers travel."""
        return self.transfer_format

    def _written(self, numbers: Levels) -> str:
        if self.transfer_format == "ASC":
            return ",".join(f"{number:.9E}" for number in numbers.tolist())
        return ArrayFormat("f4", "little").encode(numbers).decode("latin-1")
