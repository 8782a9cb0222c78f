"""A simulated Rohde & Schwarz ZNB8 with a resonator between its two ports.

Like the instrument: every command of the driver in all of its spellings; start, stop, centre and span that move each
other; traces by name; single and continuous sweeps; averages; data as text and as blocks in either order of bytes.

Unlike the instrument: there are two ports and one channel; no calibration, no formats of diagrams; powers and
bandwidths of segments do not change the noise, and powers are not checked against what the model can do at each
frequency.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from luthier.scpi import ArrayFormat
from luthier_sim import Choice, Integer, Number, Refusal, Text, command, query, setting
from numpy.typing import NDArray

from luthier_rohde_schwarz.simulated.znb_segments import HIGHEST, LOWEST, SegmentedSweeps

__all__ = ["SimulatedZnb"]

_SENSE: Final = "[SENSe[1]:]"
_BANDWIDTHS: Final = (*(step * 10.0**decade for decade in range(6) for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)), 1e6)
_QUANTITIES: Final = ("S11", "S12", "S21", "S22")

Trace = NDArray[np.complex128]


class SimulatedZnb(SegmentedSweeps):
    """A ZNB8 with a notch resonator: a feed line past a resonator that takes power at its frequency.

    Attributes
    ----------
    resonance, quality, coupling_quality
        Frequency of the resonator in Hz, its loaded and its coupling quality factor.
    noise_level
        Standard deviation of the real and the imaginary part, at a bandwidth of 1 kHz and 0 dBm.
    paced
        Whether sweeps take their time.
    """

    identity = "Rohde-Schwarz,ZNB8-2Port,1311601042100001,3.45"
    resonance = 5e9
    quality = 1000.0
    coupling_quality = 1250.0
    noise_level = 0.0
    paced = False

    reference_source = setting("[SENSe[1]:]ROSCillator[:SOURce]", "INT", choices=("INTernal", "EXTernal"), keep=True)
    sweep_type = setting(
        f"{_SENSE}SWEep:TYPE", "LIN", choices=("LINear", "LOGarithmic", "SEGMent", "POWer", "CW", "POINt")
    )
    start = setting(f"{_SENSE}FREQuency:STARt", LOWEST, minimum=LOWEST, maximum=HIGHEST, unit="Hz")
    stop = setting(f"{_SENSE}FREQuency:STOP", HIGHEST, minimum=LOWEST, maximum=HIGHEST, unit="Hz")
    cw_frequency = setting(f"{_SENSE}FREQuency[:CW]", 1e9, minimum=LOWEST, maximum=HIGHEST, unit="Hz")
    points = setting(f"{_SENSE}SWEep:POINts", 201, minimum=1, maximum=100_001)
    power = setting("SOURce[1]:POWer[1][:LEVel][:IMMediate][:AMPLitude]", -10.0, minimum=-80, maximum=25, unit="dBm")
    bandwidth = setting(f"{_SENSE}BANDwidth[:RESolution]", 10e3, minimum=1, maximum=1e6, unit="Hz")
    averaging = setting(f"{_SENSE}AVERage[:STATe]", False)
    averaging_count = setting(f"{_SENSE}AVERage:COUNt", 10, minimum=1, maximum=1000)
    sweep_count = setting(f"{_SENSE}SWEep:COUNt", 1, minimum=1, maximum=100_000)
    time_auto = setting(f"{_SENSE}SWEep:TIME:AUTO", True)
    trigger_source = setting(
        "TRIGger[1][:SEQuence]:SOURce", "IMM", choices=("IMMediate", "EXTernal", "MANual", "MULTiple")
    )
    continuous = setting("INITiate[1]:CONTinuous", True)
    byte_order = setting("FORMat:BORDer", "SWAP", choices=("NORMal", "SWAPped"))
    output = setting("OUTPut[1][:STATe]", True)

    transfer_format: str
    traces: dict[str, str]
    selected: str

    def reset(self) -> None:
        """Measure S21, and forget what was measured."""
        self.transfer_format = "ASC,0"
        self.traces = {"Trc1": "S21"}
        self.selected = "Trc1"
        self._swept: dict[str, Trace] = {}
        self._averaged = 0
        self.segments = []

    # What is swept

    def frequencies(self) -> NDArray[np.float64]:
        """Return the frequencies of the sweep, in Hz."""
        if self.sweep_type == "SEGM":
            return self.segment_frequencies()
        if self.sweep_type in ("CW", "POIN", "POW"):
            return np.full(self.points, self.cw_frequency)
        space = np.geomspace if self.sweep_type == "LOG" else np.linspace
        return np.asarray(space(self.start, self.stop, self.points), dtype=np.float64)

    @property
    def sweep_time(self) -> float:
        """How long a sweep takes, in s."""
        return self.ask_segments_time() if self.sweep_type == "SEGM" else self.points / self.bandwidth

    def s_parameter(self, quantity: str, frequencies: NDArray[np.float64]) -> Trace:
        """Return what the resonator does; to be overridden for another device under test."""
        detuning = 2j * self.quality * (frequencies - self.resonance) / self.resonance
        dip = (self.quality / self.coupling_quality) / (1 + detuning)
        return np.asarray(1 - dip if quantity in ("S21", "S12") else -dip, dtype=np.complex128)

    @start.on_set
    def _raise_stop(self, start: float) -> None:
        self.stop = max(self.stop, start)

    @stop.on_set
    def _lower_start(self, stop: float) -> None:
        self.start = min(self.start, stop)

    @bandwidth.on_set
    def _choose_bandwidth(self, wanted: float) -> None:
        self.bandwidth = next(width for width in _BANDWIDTHS if width >= wanted * (1 - 1e-9))

    @query(f"{_SENSE}FREQuency:CENTer?")
    def ask_center(self) -> float:
        """Answer the middle of the sweep."""
        return float((self.start + self.stop) / 2)

    @command(f"{_SENSE}FREQuency:CENTer", Number(LOWEST, HIGHEST, "Hz"))
    def set_center(self, center: float) -> None:
        """Move the sweep; make it narrower where it does not fit."""
        half = min((self.stop - self.start) / 2, center - LOWEST, HIGHEST - center)
        self.start, self.stop = center - half, center + half

    @query(f"{_SENSE}FREQuency:SPAN?")
    def ask_span(self) -> float:
        """Answer the width of the sweep."""
        return float(self.stop - self.start)

    @command(f"{_SENSE}FREQuency:SPAN", Number(0, HIGHEST, "Hz"))
    def set_span(self, span: float) -> None:
        """Make the sweep wider or narrower around its centre; move that where it does not fit."""
        if span > HIGHEST - LOWEST:
            raise Refusal(-222)
        start = min(max(LOWEST, self.ask_center() - span / 2), HIGHEST - span)
        self.start, self.stop = start, start + span

    @query("INSTrument:PORT:COUNt?")
    def count_ports(self) -> int:
        """Answer how many ports there are."""
        return 2

    @query("SYSTem:FREQuency?", Choice("MINimum", "MAXimum"))
    def ask_limit(self, word: str) -> float:
        """Answer what the model can do."""
        return LOWEST if word == "MIN" else HIGHEST

    @query(f"{_SENSE}SWEep:TIME?")
    def ask_time(self) -> float:
        """Answer how long a sweep takes."""
        return self.sweep_time

    # Traces

    @command("CALCulate[1]:PARameter:SDEFine", Text(), Text())
    def define(self, name: str, quantity: str) -> None:
        """Make a trace, or let one measure something else."""
        if quantity.upper() not in _QUANTITIES:
            raise Refusal(-224)
        self.traces[name] = quantity.upper()
        self.selected = name

    @command("CALCulate[1]:PARameter:MEASure", Text(), Text())
    def remeasure(self, name: str, quantity: str) -> None:
        """Let a trace measure something else."""
        self._known(name)
        self.define(name, quantity)

    @query("CALCulate[1]:PARameter:MEASure?", Text())
    def ask_measured(self, name: str) -> str:
        """Answer what a trace measures."""
        return f"'{self.traces[self._known(name)]}'"

    @command("CALCulate[1]:PARameter:DELete", Text())
    def delete(self, name: str) -> None:
        """Delete a trace."""
        del self.traces[self._known(name)]

    @command("CALCulate:PARameter:DELete:ALL")
    def delete_all(self) -> None:
        """Delete all traces."""
        self.traces.clear()

    @command("CALCulate[1]:PARameter:SELect", Text())
    def select(self, name: str) -> None:
        """Take a trace as the active one."""
        self.selected = self._known(name)

    @query("CALCulate[1]:PARameter:CATalog?")
    def ask_catalog(self) -> str:
        """Answer the traces and what they measure."""
        return "'" + ",".join(f"{name},{quantity}" for name, quantity in self.traces.items()) + "'"

    def _known(self, name: str) -> str:
        if name not in self.traces:
            raise Refusal(-200)
        return name

    # Sweeps

    @command("INITiate[1][:IMMediate]")
    def sweep(self) -> None:
        """Sweep as often as the count says."""
        if self.sweep_type == "SEGM" and len(self.frequencies()) < 2:  # noqa: PLR2004 - fewer make no sweep
            raise Refusal(-221)
        duration = self.sweep_time * self.sweep_count
        for _ in range(min(self.sweep_count, 1000)):
            self._sweep_once()
        if self.paced:
            self.begin(duration)

    @command(f"{_SENSE}AVERage:CLEar")
    def clear_averages(self) -> None:
        """Begin averages anew."""
        self._averaged = 0

    def _sweep_once(self) -> None:
        frequencies = self.frequencies()
        weight = 1.0
        if self.averaging:
            self._averaged = min(self._averaged + 1, self.averaging_count)
            weight = 1 / self._averaged
        for quantity in _QUANTITIES:
            new = self._measured(quantity, frequencies)
            old = self._swept.get(quantity)
            same = old is not None and len(old) == len(new) and weight < 1
            self._swept[quantity] = old + weight * (new - old) if same and old is not None else new

    def _measured(self, quantity: str, frequencies: NDArray[np.float64]) -> Trace:
        seen = self.s_parameter(quantity, frequencies) if self.output else np.zeros(len(frequencies), complex)
        if not self.noise_level:
            return seen
        deviation = self.noise_level * (self.bandwidth / 1e3) ** 0.5 * 10 ** (-self.power / 20)
        noise = [complex(self.noise(deviation), self.noise(deviation)) for _ in frequencies]
        return np.asarray(seen + noise, dtype=np.complex128)

    def _data(self, name: str) -> Trace:
        if self.continuous:
            self._sweep_once()
        found = self._swept.get(self.traces[self._known(name)])
        points = len(self.frequencies())
        if found is None or len(found) != points:
            return np.full(points, complex(9.91e37, 9.91e37))  # nothing was swept since
        return found

    @query("CALCulate[1]:DATA:TRACe?", Text(), Choice("SDATa", "FDATa", "MDATa"))
    def ask_trace(self, name: str, form: str) -> str:
        """Answer the data of a trace by its name."""
        return self._formatted(self._data(name), form)

    @query("CALCulate[1]:DATA?", Choice("SDATa", "FDATa", "MDATa"))
    def ask_active(self, form: str) -> str:
        """Answer the data of the active trace."""
        return self._formatted(self._data(self.selected), form)

    @query("CALCulate[1]:DATA:STIMulus?")
    def ask_stimulus(self) -> str:
        """Answer the frequencies."""
        return self._written(self.frequencies())

    def _formatted(self, data: Trace, form: str) -> str:
        if form == "FDAT":  # the format of diagrams is always the logarithmic magnitude
            return self._written(20 * np.log10(np.maximum(np.abs(data), 1e-20)))
        return self._written(np.stack((data.real, data.imag), axis=1).ravel())

    # How numbers travel

    @command("FORMat[:DATA]", Choice("ASCii", "REAL"), Integer(0, 64, optional=True))
    def choose_format(self, kind: str, bits: int | None) -> None:
        """Choose text or blocks."""
        if kind == "REAL" and bits not in (None, 32, 64):
            raise Refusal(-224)
        self.transfer_format = "ASC,0" if kind == "ASC" else f"REAL,{bits or 32}"

    @query("FORMat[:DATA]?")
    def ask_format(self) -> str:
        """Answer how numbers travel."""
        return self.transfer_format

    def _written(self, numbers: NDArray[np.float64]) -> str:
        if self.transfer_format == "ASC,0":
            return ",".join(f"{number:.11E}" for number in numbers.tolist())
        dtype = "f4" if self.transfer_format == "REAL,32" else "f8"
        return ArrayFormat(dtype, "big" if self.byte_order == "NORM" else "little").encode(numbers).decode("latin-1")
