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
from luthier.scpi import ArrayFormat
from luthier_sim import Choice, Number, Refusal, ScpiDevice, command, query, setting

if TYPE_CHECKING:
    from luthier.scpi import ByteOrder
    from numpy.typing import NDArray

__all__ = ["SimulatedEna"]

_SENSE: Final = "SENSe[1]:"
_LOWEST: Final = 300e3
_HIGHEST: Final = 8.5e9
_BANDWIDTHS: Final = (
    *(step * 10.0**decade for decade in range(1, 5) for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)),
    *(step * 1e5 for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0)),
)
_QUANTITIES: Final = ("S11", "S12", "S21", "S22")
_MOST_TRACES: Final = 16
_FORMATS: Final = {"REAL": "f8", "REAL32": "f4"}
_FAR: Final = 1e12


class SimulatedEna(ScpiDevice):
    """An E5071C, option 285, with a notch resonator: a feed line past a resonator that takes power at its frequency.

    Attributes
    ----------
    resonance, quality, coupling_quality
        Frequency of the resonator in Hz, its loaded and its coupling quality factor.
    noise_level
        Standard deviation of the real and the imaginary part, at a bandwidth of 1 kHz and 0 dBm.
    paced
        Whether sweeps take their time.
    """

    identity = "Agilent Technologies,E5071C,MY46107723,A.09.30"
    resonance = 5e9
    quality = 1000.0
    coupling_quality = 1250.0
    noise_level = 0.0
    paced = False

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
        self._swept: dict[str, NDArray[np.complex128]] = {}
        self._averaged = 0

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
        half = min((self.stop - self.start) / 2, center - _LOWEST, _HIGHEST - center)
        self.start, self.stop = center - half, center + half

    @query(f"{_SENSE}FREQuency:SPAN?")
    def ask_span(self) -> float:
        """Answer the width of the sweep."""
        return self.stop - self.start

    @command(f"{_SENSE}FREQuency:SPAN", Number(0, _HIGHEST - _LOWEST, "Hz"))
    def set_span(self, span: float) -> None:
        """Make the sweep wider or narrower around its centre; move that where it does not fit."""
        start = min(max(_LOWEST, self.ask_center() - span / 2), _HIGHEST - span)
        self.start, self.stop = start, start + span

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

    @command("CALCulate[1]:PARameter<1..16>:DEFine", Choice(*_QUANTITIES))
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

    def s_parameter(self, quantity: str, frequencies: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Return what the resonator does; to be overridden for another device under test."""
        detuning = 2j * self.quality * (frequencies - self.resonance) / self.resonance
        dip = (self.quality / self.coupling_quality) / (1 + detuning)
        return np.asarray(1 - dip if quantity in ("S21", "S12") else -dip, dtype=np.complex128)

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

    @command("ABORt")
    def abort(self) -> None:
        """End the sweep."""
        self.end_operations()

    @command(f"{_SENSE}AVERage:CLEar")
    def clear_averages(self) -> None:
        """Begin averages anew."""
        self._averaged = 0

    def _sweep_once(self) -> None:
        frequencies = self.frequencies()
        self._averaged = min(self._averaged + 1, self.averaging_count) if self.averaging else 1
        for quantity in _QUANTITIES:
            new, old = self._measured(quantity, frequencies), self._swept.get(quantity)
            same = old is not None and len(old) == len(new) and self._averaged > 1
            self._swept[quantity] = old + (new - old) / self._averaged if same and old is not None else new

    def _measured(self, quantity: str, frequencies: NDArray[np.float64]) -> NDArray[np.complex128]:
        seen = self.s_parameter(quantity, frequencies) if self.output else np.zeros(len(frequencies), complex)
        if not self.noise_level:
            return seen
        deviation = self.noise_level * (self.bandwidth / 1e3) ** 0.5 * 10 ** (-self.power / 20)
        noise = [complex(self.noise(deviation), self.noise(deviation)) for _ in frequencies]
        return np.asarray(seen + noise, dtype=np.complex128)

    @query("CALCulate[1][:SELected]:DATA:SDATa?")
    def ask_data(self) -> str:
        """Answer the data of the active trace."""
        if self.trigger_source == "INT" and self.continuous:
            self._sweep_once()
        found = self._swept.get(self.quantities[self.active - 1])
        data = found if found is not None and len(found) == self.points else np.zeros(self.points, complex)
        return self._written(np.stack((data.real, data.imag), axis=1).ravel())

    @query(f"{_SENSE}FREQuency:DATA?")
    def ask_frequencies(self) -> str:
        """Answer the frequencies."""
        return self._written(self.frequencies())

    def _written(self, numbers: NDArray[np.float64]) -> str:
        if self.transfer_format == "ASC":
            return ",".join(f"{number:+.11E}" for number in numbers.tolist())
        order: ByteOrder = "big" if self.byte_order == "NORM" else "little"
        return ArrayFormat(_FORMATS[self.transfer_format], order).encode(numbers).decode("latin-1")
