"""What simulated network analysers have in common: a resonator between two ports, sweeps, averages and arrays."""

from __future__ import annotations

from typing import Final

import numpy as np
from luthier.scpi import ArrayFormat
from luthier_sim import ScpiDevice, command
from numpy.typing import NDArray

__all__ = ["QUANTITIES", "SimulatedNetworkAnalyzer", "Trace", "pairs"]

QUANTITIES: Final = ("S11", "S12", "S21", "S22")

Trace = NDArray[np.complex128]


def pairs(data: Trace) -> NDArray[np.float64]:
    """Return the real and the imaginary parts in turn."""
    return np.stack((data.real, data.imag), axis=1).ravel()


class SimulatedNetworkAnalyzer(ScpiDevice):
    """A network analyser with a notch resonator: a feed line past a resonator that takes power at its frequency.

    A series says its settings, whose limits and headers differ, and what it sweeps.

    Attributes
    ----------
    resonance, quality, coupling_quality
        Frequency of the resonator in Hz, its loaded and its coupling quality factor.
    noise_level
        Standard deviation of the real and the imaginary part, at a bandwidth of 1 kHz and 0 dBm.
    paced
        Whether sweeps take their time.
    """

    resonance = 5e9
    quality = 1000.0
    coupling_quality = 1250.0
    noise_level = 0.0
    paced = False

    start: float
    stop: float
    power: float
    bandwidth: float
    byte_order: str
    output: bool

    def reset(self) -> None:
        """Forget what was measured."""
        self._swept: dict[str, Trace] = {}
        self._averaged = 0

    def frequencies(self) -> NDArray[np.float64]:
        """Return the frequencies of the sweep, in Hz."""
        raise NotImplementedError

    def s_parameter(self, quantity: str, frequencies: NDArray[np.float64]) -> Trace:
        """Return what the resonator does; to be overridden for another device under test."""
        detuning = 2j * self.quality * (frequencies - self.resonance) / self.resonance
        dip = (self.quality / self.coupling_quality) / (1 + detuning)
        return np.asarray(1 - dip if quantity in ("S21", "S12") else -dip, dtype=np.complex128)

    @command("ABORt")
    def abort(self) -> None:
        """End sweeps."""
        self.end_operations()

    def _narrowed(self, center: float, lowest: float, highest: float) -> tuple[float, float]:
        """Return where a sweep starts and stops that is moved, and made narrower where it does not fit."""
        half = min((self.stop - self.start) / 2, center - lowest, highest - center)
        return center - half, center + half

    def _moved(self, span: float, lowest: float, highest: float) -> tuple[float, float]:
        """Return where a sweep starts and stops whose width changes, and that is moved where it does not fit."""
        start = min(max(lowest, (self.start + self.stop) / 2 - span / 2), highest - span)
        return start, start + span

    def _average(self, weight: float) -> None:
        """Sweep once; the new data count by `weight` in the average with those that there are, if they fit."""
        frequencies = self.frequencies()
        for quantity in QUANTITIES:
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

    def _last(self, quantity: str, size: int) -> Trace:
        """Return what was swept last; zeros where that has another number of points."""
        found = self._swept.get(quantity)
        return found if found is not None and len(found) == size else np.zeros(size, complex)

    def _written(self, numbers: NDArray[np.float64], dtype: str | None) -> str:
        """Return an array as text, or as a block of numbers of `dtype`."""
        if dtype is None:
            return ",".join(f"{number:+.11E}" for number in numbers.tolist())
        return ArrayFormat(dtype, "big" if self.byte_order == "NORM" else "little").encode(numbers).decode("latin-1")
