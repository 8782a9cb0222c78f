"""A superconducting microwave resonator."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs
import numpy as np

from luthier_sim.benches.under_test import Node
from luthier_sim.duts.constants import BOLTZMANN, HBAR, PLANCK, milliwatt_decibels
from luthier_sim.duts.options import any_number, not_negative, positive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.benches.under_test import Value

__all__ = ["Resonator"]

_ROUNDS = 40


@attrs.frozen
class Resonator:
    """A resonator that hangs on a feed line, whose losses depend on how many photons are in it.

    Transmission past it, with the loaded quality factor Q_l and the asymmetry φ of the coupling::

        S21 = 1 - (Q_l / Q_c) e^{iφ} / (1 + 2 i Q_l (f - f_r) / f_r),    1/Q_l = 1/Q_i + cos φ / Q_c

    (S. Probst et al., Review of Scientific Instruments 86, 024706 (2015)). Its mean photon number, at the power P in
    the feed line, is ::

        N = 2 Q_l² P / (Q_c ħ ω_r²) / (1 + (2 Q_l (f - f_r) / f_r)²)

    Losses by two-level systems become less with power and temperature, as they saturate; nonlinear ones grow, which
    broadens the line at high power::

        1/Q_i = 1/Q_0 + δ tanh(h f_r / (2 k T)) / sqrt(1 + N / N_c) + N / (Q_0 N_2)

    (for the first J. Gao, The Physics of Superconducting Microwave Resonators, thesis, Caltech 2008, chapter 5; for the
    second B. Yurke and E. Buks, Journal of Lightwave Technology 24, 5054 (2006)). N and Q_i depend on each other, and
    are iterated.

    Attributes
    ----------
    frequency
        f_r, in Hz.
    coupling, internal
        Q_c and Q_0.
    asymmetry
        φ, in rad.
    two_level_loss, critical_photons
        δ and N_c.
    broadening_photons
        N_2: with so many photons, Q_0 has halved.
    """

    frequency: float = positive(5e9)
    coupling: float = positive(2e4)
    internal: float = positive(2e5)
    asymmetry: float = any_number(0.0)
    two_level_loss: float = not_negative(5e-6)
    critical_photons: float = positive(10.0)
    broadening_photons: float = positive(1e7)

    nodes: ClassVar[Mapping[str, Node]] = {
        "frequency": Node("Hz", 5e9),
        "power": Node("dBm", -120.0),
        "temperature": Node("K", 0.02),
    }
    outputs: ClassVar[Mapping[str, str]] = {"s21": "", "photons": ""}

    def respond(self, at: Mapping[str, Value], now: float, /) -> Mapping[str, Value]:
        """Return the transmission and the photon number; see :class:`~luthier_sim.DeviceUnderTest`."""
        del now
        detuning = 2.0 * (np.asarray(at["frequency"], dtype=float) - self.frequency) / self.frequency
        power = milliwatt_decibels(at["power"])
        heat = np.maximum(at["temperature"], 1e-6)
        saturable = self.two_level_loss * np.tanh(PLANCK * self.frequency / (2.0 * BOLTZMANN * heat))
        per_square = 2.0 * power / (self.coupling * HBAR * (2.0 * np.pi * self.frequency) ** 2)
        lowest, highest = np.zeros(()), per_square * (self.coupling / max(np.cos(self.asymmetry), 1e-3)) ** 2
        # The more photons are assumed, the fewer there would be (or not many more): found by halving the interval.
        for _ in range(_ROUNDS):
            photons = (lowest + highest) / 2.0
            there = per_square / (self._loss(photons, saturable) ** 2 + detuning**2)
            lowest, highest = np.where(there > photons, photons, lowest), np.where(there > photons, highest, photons)
        photons = (lowest + highest) / 2.0
        loss = self._loss(photons, saturable)
        return {
            "s21": 1.0 - np.exp(1j * self.asymmetry) / self.coupling / (loss + 1j * detuning),
            "photons": photons,
        }

    def _loss(self, photons: Value, saturable: Value) -> Value:
        """Return 1/Q_l."""
        internal = (1.0 + photons / self.broadening_photons) / self.internal
        internal = internal + saturable / np.sqrt(1.0 + photons / self.critical_photons)
        return internal + np.cos(self.asymmetry) / self.coupling
