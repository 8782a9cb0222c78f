"""A simulated Keysight E5071C with a resonator between its two ports.

Like the instrument: every command of the driver in all of its spellings; start, stop, centre and span that move each
other; traces by number, one of which is active; sweeps by a trigger from the bus; averages; data as text and as blocks
in either order of bytes.

Assumed: numbers of points, powers and bandwidths that there are not become the nearest ones, without an error; *OPC?
waits for a sweep that a trigger began.

Unlike the instrument: there are two ports and one channel; a segmented sweep is as a linear one, and a power sweep
measures at one frequency; no calibration, no formats of diagrams, no markers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from luthier_sim import Choice, Number, Refusal, command, query, setting

from luthier_keysight.simulated.network_analyzers import QUANTITIES, SimulatedNetworkAnalyzer, pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SimulatedEna"]

_SENSE: Final = "SENSe[1]:"
_LOWEST: Final = 300e3
_HIGHEST: Final = 8.5e9
_BANDWIDTHS: Final = (
    *(step * 10.0**decade for decade in range(1, 5) for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)),
    *(step * 1e5 for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0)),
)
_MOST_TRACES: Final = 16
_DTYPES: Final = {"ASC": None, "REAL": "f8", "REAL32": "f4"}
_FAR: Final = 1e12


class SimulatedEna(SimulatedNetworkAnalyzer):
    """An E5071C, option 285: two ports, with a notch resonator between; see :class:`SimulatedNetworkAnalyzer`."""

    identity = "Agilent Technologies,E5071C,MY46107723,A.09.30"

    start = setting(f"{_SENSE}FREQuency:STARt", _LOWEST, minimum=_LOWEST, maximum=_HIGHEST, unit="Hz")
    stop = setting(f"{_SENSE}FREQuency:STOP", _HIGHEST, minimum=_LOWEST, maximum=_HIGHEST, unit="Hz")
    fixed_frequency = setting(f"{_SENSE}FREQuency[:CW]", _LOWEST, minimum=_LOWEST, maximum=_HIGHEST, unit="Hz")
    points = setting(f"{_SENSE}SWEep:POINts", 201, minimum=-_FAR, maximum=_FAR)
    sweep_type = setting(f"{_SENSE}SWEep:TYPE", "LIN", choices=("LINear", "LOGarithmic", "SEGMent", "POWer"))
    time_auto = setting(f"{_SENSE}SWEep:TIME:AUTO", True)
    power = setting("SOURce[1]:POWer[:LEVel][:IMMediate][:AMPLitude]", 0.0, minimum=-_FAR, maximum=_FAR, unit="dBm")
    power_coupled = setting("SOURce[1]:POWer:PORT:COUPle", True)
    bandwidth = setting(f"{_SENSE}BANDwidth[:RESolution]", 70e3, minimum=-_FAR, maximum=_FAR, unit="Hz")
    averaging = setting(f"{_SENSE}AVERage[:STATe]", False)
    averaging_count = setting(f"{_SENSE}AVERage:COUNt", 16, minimum=-_FAR, maximum=_FAR)
    averaging_trigger = setting("TRIGger[:SEQuence]:AVERage", False)
    trigger_source = setting("TRIGger[:SEQuence]:SOURce", "INT", choices=("INTernal", "EXTernal", "MANual", "BUS"))
    continuous = setting("INITiate[1]:CONTinuous", True)
    byte_order = setting("FORMat:BORDer", "NORM", choices=("NORMal", "SWAPped"))
    transfer_format = setting("FORMat:DATA", "ASC", choices=("ASCii", "REAL", "REAL32"))
    trace_count = setting("CALCulate[1]:PARameter:COUNt", 1, minimum=1, maximum=_MOST_TRACES)
    output = setting("OUTPut[:STATe]", True)

    def reset(self) -> None:
        """Measure S11 with every trace, and forget what was measured."""
        self.quantities = ["S11"] * _MOST_TRACES
        self.active = 1
        super().reset()

    # What is set

    @points.on_set
    def _nearest_points(self, wanted: int) -> None:
        self.points = int(min(max(wanted, 2), 20_001))

    @power.on_set
    def _nearest_power(self, wanted: float) -> None:
        self.power = min(max(wanted, -85.0), 10.0)

    @bandwidth.on_set
    def _nearest_bandwidth(self, wanted: float) -> None:
        self.bandwidth = min(_BANDWIDTHS, key=lambda width: abs(width - wanted))

    @averaging_count.on_set
    def _nearest_count(self, wanted: int) -> None:
        self.averaging_count = int(min(max(wanted, 1), 999))

    @command(f"{_SENSE}BWIDth[:RESolution]", Number(-_FAR, _FAR, "Hz"))
    def set_bandwidth(self, wanted: float) -> None:
        """Set the bandwidth by its other name."""
        self._nearest_bandwidth(wanted)

    @query(f"{_SENSE}BWIDth[:RESolution]?")
    def ask_bandwidth(self) -> float:
        """Answer the bandwidth by its other name."""
        return self.bandwidth

    @start.on_set
    def _raise_stop(self, start: float) -> None:
        self.stop = max(self.stop, start)

    @stop.on_set
    def _lower_start(self, stop: float) -> None:
        self.start = min(self.start, stop)

    @query(f"{_SENSE}FREQuency:CENTer?")
    def ask_center(self) -> float:
        """Answer the middle of the sweep."""
        return (self.start + self.stop) / 2

    @command(f"{_SENSE}FREQuency:CENTer", Number(_LOWEST, _HIGHEST, "Hz"))
    def set_center(self, center: float) -> None:
        """Move the sweep; make it narrower where it does not fit."""
        self.start, self.stop = self._narrowed(center, _LOWEST, _HIGHEST)

    @query(f"{_SENSE}FREQuency:SPAN?")
    def ask_span(self) -> float:
        """Answer the width of the sweep."""
        return self.stop - self.start

    @command(f"{_SENSE}FREQuency:SPAN", Number(0, _HIGHEST - _LOWEST, "Hz"))
    def set_span(self, span: float) -> None:
        """Make the sweep wider or narrower around its centre; move that where it does not fit."""
        self.start, self.stop = self._moved(span, _LOWEST, _HIGHEST)

    @query("SERVice:SWEep:FREQuency:MINimum?")
    def ask_lowest(self) -> float:
        """Answer the lowest frequency of the model."""
        return _LOWEST

    @query("SERVice:SWEep:FREQuency:MAXimum?")
    def ask_highest(self) -> float:
        """Answer the highest frequency of the model."""
        return _HIGHEST

    @query("SERVice:PORT:COUNt?")
    def ask_ports(self) -> int:
        """Answer how many ports there are."""
        return 2

    @query(f"{_SENSE}SWEep:TIME[:DATA]?")
    def ask_time(self) -> float:
        """Answer how long a sweep takes."""
        return self.sweep_time

    @property
    def sweep_time(self) -> float:
        """How long a sweep takes, in s."""
        return float(self.points / self.bandwidth)

    # Traces

    @command("CALCulate[1]:PARameter<1..16>:DEFine", Choice(*QUANTITIES))
    def define(self, number: int, quantity: str) -> None:
        """Say what a trace measures."""
        self.quantities[number - 1] = quantity

    @query("CALCulate[1]:PARameter<1..16>:DEFine?")
    def ask_quantity(self, number: int) -> str:
        """Answer what a trace measures."""
        return self.quantities[number - 1]

    @command("CALCulate[1]:PARameter<1..16>:SELect")
    def select(self, number: int) -> None:
        """Take a trace as the active one."""
        if number > self.trace_count:
            raise Refusal(-114)
        self.active = number

    # Sweeps

    def frequencies(self) -> NDArray[np.float64]:
        """Return the frequencies of the sweep, in Hz."""
        if self.sweep_type == "POW":
            return np.full(self.points, self.fixed_frequency)
        space = np.geomspace if self.sweep_type == "LOG" else np.linspace
        return np.asarray(space(self.start, self.stop, self.points), dtype=np.float64)

    @command("TRIGger[:SEQuence]:SINGle")
    def trigger(self) -> None:
        """Sweep, as often as is averaged where one trigger does that."""
        if self.trigger_source == "INT" or not self.continuous:
            raise Refusal(-211)
        count = self.averaging_count if self.averaging and self.averaging_trigger else 1
        for _ in range(count):
            self._sweep_once()
        if self.paced:
            self.begin(count * self.sweep_time)

    @command(f"{_SENSE}AVERage:CLEar")
    def clear_averages(self) -> None:
        """Begin averages anew."""
        self._averaged = 0

    def _sweep_once(self) -> None:
        self._averaged = min(self._averaged + 1, self.averaging_count) if self.averaging else 1
        self._average(1 / self._averaged)

    @query("CALCulate[1][:SELected]:DATA:SDATa?")
    def ask_data(self) -> str:
        """Answer the data of the active trace."""
        if self.trigger_source == "INT" and self.continuous:
            self._sweep_once()
        data = self._last(self.quantities[self.active - 1], self.points)
        return self._written(pairs(data), _DTYPES[self.transfer_format])

    @query(f"{_SENSE}FREQuency:DATA?")
    def ask_frequencies(self) -> str:
        """Answer the frequencies."""
        return self._written(self.frequencies(), _DTYPES[self.transfer_format])
