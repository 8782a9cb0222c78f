"""What simulated Siglent oscilloscopes see and acquire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from luthier_sim import ScpiDevice
from numpy.typing import NDArray

__all__ = ["Signal", "SimulatedScope", "nearest_step"]

Signal = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _compensation(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the terminal for adjusting probes puts out: a square of 1 V and 1 kHz."""
    return np.where((times * 1e3) % 1 < 0.5, 1.0, 0.0)  # noqa: PLR2004 - half of a period


def nearest_step(value: float) -> float:
    """Return the nearest of 1, 2, 5, 10 and so on."""
    decade = 10.0 ** np.floor(np.log10(value))
    return float(min((decade * step for step in (1, 2, 5, 10)), key=lambda one: abs(one - value)))


class SimulatedScope(ScpiDevice):
    """Four inputs, and acquisitions that a trigger starts at once.

    Attributes
    ----------
    signals
        What is at each input beside what it sees on a bench: functions of the time from the trigger in s, that return
        V.
    noise_level
        Standard deviation of what is acquired, in divisions.
    """

    senses: ClassVar[dict[str, str]] = {f"ch{number}": "V" for number in (1, 2, 3, 4)}
    divisions: ClassVar[int]
    noise_level = 0.0
    time_scale: Any
    time_offset: Any
    scale: Any
    offset: Any

    def switch_on(self) -> None:
        """Put the first probe at its terminal."""
        self.signals: dict[int, Signal] = {1: _compensation, 2: np.zeros_like, 3: np.zeros_like, 4: np.zeros_like}
        super().switch_on()

    def reset(self) -> None:
        """Run."""
        self.running = True
        self.acquired: dict[int, NDArray[np.float64]] = {}

    def point_count(self) -> int:
        """Return how many points are acquired."""
        raise NotImplementedError

    def rate(self) -> float:
        """Return the samples in a second."""
        return float(self.point_count() / (self.divisions * self.time_scale))

    def times(self) -> NDArray[np.float64]:
        """Return the times of the points, from the trigger, in s."""
        first = self.time_offset - self.divisions * self.time_scale / 2
        return np.asarray(first + np.arange(self.point_count()) / self.rate(), dtype=np.float64)

    def at_input(self, _channel: int, volts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the coupling lets through."""
        return volts

    def acquire(self) -> None:
        """Acquire once."""
        times = self.times()
        for channel in (1, 2, 3, 4):
            volts = self.signals[channel](times) + float(self.sense(f"ch{channel}", otherwise=0.0))
            volts = self.at_input(channel, volts)
            if self.noise_level:
                volts = volts + np.array([self.noise(self.noise_level * self.scale[channel]) for _ in volts])
            self.acquired[channel] = np.asarray(volts, dtype=np.float64)

    def halt(self) -> None:
        """Keep what was acquired."""
        if self.running:
            self.acquire()
        self.running = False

    def codes(self, channel: int, per_division: float, largest: int) -> NDArray[np.int64]:
        """Return what was acquired last, after one more acquisition while it runs, as the converter tells it."""
        if self.running or not self.acquired:
            self.acquire()
        volts = self.acquired[channel]
        codes = np.rint((volts + self.offset[channel]) / self.scale[channel] * per_division)
        return np.asarray(np.clip(codes, -largest - 1, largest), dtype=np.int64)
