"""A simulated Keysight N5222A with a resonator between its two ports.

Like the instrument: every command of the driver in all of its spellings; start, stop, centre and span that move each
other; bandwidths that are rounded up; traces by name, one of which is selected; segments; single sweeps and groups;
averages; data as text and as blocks in either order of bytes.

Unlike the instrument: there are two ports and one channel; no calibration, no formats of diagrams, no markers; moving
one segment does not move others; powers are not checked against what the model can do at each frequency.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from luthier_sim import Choice, Integer, Number, Refusal, Text, command, query, setting

from luthier_keysight.simulated.network_analyzers import QUANTITIES, SimulatedNetworkAnalyzer, pairs
from luthier_keysight.simulated.pna_segments import HIGHEST, LOWEST, SegmentTable, SimulatedSegment

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SimulatedPna"]

_SENSE: Final = "[SENSe[1]:]"
_BANDWIDTHS: Final = (
    *(1.0, 2.0, 3.0, 5.0, 7.0),
    *(step * 10.0**decade for decade in range(1, 5) for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)),
    *(100e3, 150e3, 200e3, 280e3, 360e3, 600e3),
    *(1e6, 1.5e6, 2e6, 3e6, 5e6, 7e6, 10e6, 15e6),
)
_DTYPES: Final = {"ASC,0": None, "REAL,32": "f4", "REAL,64": "f8"}
_MOST_GROUPS: Final = 1000
"""More sweeps change nothing that can be seen."""


class SimulatedPna(SegmentTable, SimulatedNetworkAnalyzer):
    """An N5222A with two ports and a notch resonator between them; see :class:`SimulatedNetworkAnalyzer`."""

    identity = "Agilent Technologies,N5222A,MY51420001,A.10.45.02"

    start = setting(f"{_SENSE}FREQuency:STARt", LOWEST, minimum=LOWEST, maximum=HIGHEST, unit="Hz")
    stop = setting(f"{_SENSE}FREQuency:STOP", HIGHEST, minimum=LOWEST, maximum=HIGHEST, unit="Hz")
    fixed_frequency = setting(f"{_SENSE}FREQuency[:CW]", 1e9, minimum=LOWEST, maximum=HIGHEST, unit="Hz")
    points = setting(f"{_SENSE}SWEep:POINts", 201, minimum=1, maximum=100_003)
    sweep_type = setting(
        f"{_SENSE}SWEep:TYPE", "LIN", choices=("LINear", "LOGarithmic", "SEGMent", "POWer", "CW", "PHASe")
    )
    group_count = setting(f"{_SENSE}SWEep:GROups:COUNt", 1, minimum=1, maximum=2_000_000)
    time_auto = setting(f"{_SENSE}SWEep:TIME:AUTO", True)
    power = setting("SOURce[1]:POWer[1][:LEVel][:IMMediate][:AMPLitude]", -5.0, minimum=-30, maximum=13, unit="dBm")
    power_coupled = setting("SOURce[1]:POWer[1]:COUPle", True)
    bandwidth = setting(f"{_SENSE}BANDwidth[:RESolution]", 100e3, minimum=1, maximum=15e6, unit="Hz")
    averaging = setting(f"{_SENSE}AVERage[:STATe]", False)
    averaging_count = setting(f"{_SENSE}AVERage:COUNt", 1, minimum=1, maximum=65_536)
    averaging_mode = setting(f"{_SENSE}AVERage:MODE", "SWEEP", choices=("POINt", "SWEEP"))
    trigger_source = setting("TRIGger[:SEQuence]:SOURce", "IMM", choices=("EXTernal", "IMMediate", "MANual"))
    byte_order = setting("FORMat:BORDer", "NORM", choices=("NORMal", "SWAPped"))
    output = setting("OUTPut[:STATe]", True)

    transfer_format: str
    traces: dict[str, str]
    selected: str
    sweep_mode: str

    def reset(self) -> None:
        """Measure S11, sweep on, and forget what was measured."""
        self.transfer_format = "ASC,0"
        self.traces = {"CH1_S11_1": "S11"}
        self.selected = "CH1_S11_1"
        self.sweep_mode = "CONT"
        self.segments = [SimulatedSegment(LOWEST, HIGHEST, state=True)]
        super().reset()

    # What is swept

    def frequencies(self) -> NDArray[np.float64]:
        """Return the frequencies of the sweep, in Hz."""
        if self.sweep_type == "SEGM":
            parts = [np.linspace(one.start, one.stop, one.points) for one in self.segments if one.state]
            return np.concatenate(parts)
        if self.sweep_type in ("CW", "POW", "PHAS"):
            return np.full(self.points, self.fixed_frequency)
        space = np.geomspace if self.sweep_type == "LOG" else np.linspace
        return np.asarray(space(self.start, self.stop, self.points), dtype=np.float64)

    @property
    def sweep_time(self) -> float:
        """How long a sweep takes, in s."""
        return len(self.frequencies()) / self.bandwidth

    @start.on_set
    def _raise_stop(self, start: float) -> None:
        self.stop = max(self.stop, start)

    @stop.on_set
    def _lower_start(self, stop: float) -> None:
        self.start = min(self.start, stop)

    @bandwidth.on_set
    def _choose_bandwidth(self, wanted: float) -> None:
        self.bandwidth = next(width for width in _BANDWIDTHS if width >= wanted * (1 - 1e-9))

    @sweep_type.on_set
    def _needs_segments(self, kind: str) -> None:
        if kind == "SEGM" and not any(one.state for one in self.segments):
            raise Refusal(-221)

    @query(f"{_SENSE}FREQuency:CENTer?")
    def ask_center(self) -> float:
        """Answer the middle of the sweep."""
        return (self.start + self.stop) / 2

    @command(f"{_SENSE}FREQuency:CENTer", Number(LOWEST, HIGHEST, "Hz"))
    def set_center(self, center: float) -> None:
        """Move the sweep; make it narrower where it does not fit."""
        self.start, self.stop = self._narrowed(center, LOWEST, HIGHEST)

    @query(f"{_SENSE}FREQuency:SPAN?")
    def ask_span(self) -> float:
        """Answer the width of the sweep."""
        return self.stop - self.start

    @command(f"{_SENSE}FREQuency:SPAN", Number(0, HIGHEST, "Hz"))
    def set_span(self, span: float) -> None:
        """Make the sweep wider or narrower around its centre; move that where it does not fit."""
        if span > HIGHEST - LOWEST:
            raise Refusal(-222)
        self.start, self.stop = self._moved(span, LOWEST, HIGHEST)

    @query("SYSTem:CAPability:FREQuency:MINimum?")
    def ask_lowest(self) -> float:
        """Answer the lowest frequency of the model."""
        return LOWEST

    @query("SYSTem:CAPability:FREQuency:MAXimum?")
    def ask_highest(self) -> float:
        """Answer the highest frequency of the model."""
        return HIGHEST

    @query(f"{_SENSE}SWEep:TIME[:STOP]?")
    def ask_time(self) -> float:
        """Answer how long a sweep takes."""
        return self.sweep_time

    # Traces

    @command("CALCulate[1]:PARameter[:DEFine]:EXTended", Text(), Text())
    def define(self, name: str, quantity: str) -> None:
        """Make a trace."""
        if quantity not in QUANTITIES or name in self.traces:
            raise Refusal(-224)
        self.traces[name] = quantity

    @command("CALCulate[1]:PARameter:DELete[:NAME]", Text())
    def delete(self, name: str) -> None:
        """Delete a trace."""
        del self.traces[self._known(name)]

    @command("CALCulate:PARameter:DELete:ALL")
    def delete_all(self) -> None:
        """Delete all traces."""
        self.traces.clear()

    @command("CALCulate[1]:PARameter:SELect", Text())
    def select(self, name: str) -> None:
        """Take a trace as the selected one."""
        self.selected = self._known(name)

    @query("CALCulate[1]:PARameter:SELect?")
    def ask_selected(self) -> str:
        """Answer which trace is selected."""
        return f'"{self.selected}"'

    @command("CALCulate[1]:PARameter:MNUMber[:SELect]", Integer(1, 10_000))
    def select_by_number(self, number: int) -> None:
        """Choose the trace that the data are asked of, by its number."""
        if number > len(self.traces):
            raise Refusal(-222)
        self.selected = list(self.traces)[number - 1]

    @query("CALCulate[1]:PARameter:MNUMber[:SELect]?")
    def ask_selected_number(self) -> int:
        """Answer the number of the trace that is selected."""
        return list(self.traces).index(self.selected) + 1 if self.selected in self.traces else 0

    @query("SYSTem:CHANnels:CATalog?")
    def ask_channels(self) -> str:
        """Answer which channels there are."""
        return '"1"'

    @query("*OPT?")
    def ask_options(self) -> str:
        """Answer which options there are: two ports."""
        return '"200"'

    @query("CALCulate[1]:PARameter:CATalog:EXTended?")
    def ask_catalog(self) -> str:
        """Answer the traces and what they measure."""
        return '"' + (",".join(f"{name},{quantity}" for name, quantity in self.traces.items()) or "NO CATALOG") + '"'

    def _known(self, name: str) -> str:
        if name not in self.traces:
            raise Refusal(-224)
        return name

    # Sweeps

    @command(f"{_SENSE}SWEep:MODE", Choice("HOLD", "CONTinuous", "GROups", "SINGle"))
    def set_mode(self, mode: str) -> None:
        """Take triggers, and hold after one or some."""
        self.sweep_mode = mode
        self.end_operations()
        if mode in ("SING", "GRO") and self.trigger_source == "IMM":
            count = self.group_count if mode == "GRO" else 1
            for _ in range(min(count, _MOST_GROUPS)):
                self._sweep_once()
            self.sweep_mode = "HOLD"
            if self.paced:
                self.begin(count * self.sweep_time)
        elif mode in ("SING", "GRO"):
            self.begin(1e6)

    @query(f"{_SENSE}SWEep:MODE?")
    def ask_mode(self) -> str:
        """Answer which triggers are taken."""
        return self.sweep_mode

    @command(f"{_SENSE}AVERage:CLEar")
    def clear_averages(self) -> None:
        """Begin averages anew."""
        self._averaged = 0

    def _sweep_once(self) -> None:
        weight = 1.0
        if self.averaging:
            self._averaged = min(self._averaged + 1, self.averaging_count)
            weight = 1 / self._averaged
        self._average(weight)

    @query("CALCulate[1]:DATA?", Choice("SDATA", "FDATA", "RDATA"))
    def ask_data(self, form: str) -> str:
        """Answer the data of the selected trace."""
        if self.sweep_mode == "CONT":
            self._sweep_once()
        data = self._last(self.traces[self._known(self.selected)], len(self.frequencies()))
        if form == "FDATA":  # the format of diagrams is always the logarithmic magnitude
            return self._sent(20 * np.log10(np.maximum(np.abs(data), 1e-20)))
        return self._sent(pairs(data))

    @query(f"{_SENSE}X[:VALues]?")
    @query("CALCulate[1]:X[:VALues]?")
    def ask_stimulus(self) -> str:
        """Answer the frequencies."""
        return self._sent(self.frequencies())

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
        kind, bits = self.transfer_format.split(",")
        return f"{kind},+{bits}"

    def _sent(self, numbers: NDArray[np.float64]) -> str:
        return self._written(numbers, _DTYPES[self.transfer_format])
