"""A transmon qubit with a resonator to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs
import numpy as np

from luthier_sim.benches.under_test import Node
from luthier_sim.duts.constants import milliwatt_decibels
from luthier_sim.duts.options import not_negative, positive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.benches.under_test import Value

__all__ = ["Transmon"]


@attrs.frozen
class Transmon:
    """A transmon whose state is read by the frequency of a resonator (two-tone spectroscopy).

    Its transition, at a flux of Φ quanta through its loop, with E_J and E_C as frequencies::

        f_q = sqrt(8 E_J |cos π Φ| E_C) - E_C

    (J. Koch et al., Physical Review A 76, 042319 (2007)). A drive with the Rabi frequency Ω, detuned by Δ, excites it
    to ::

        p = (1/2) s / (1 + s + (Δ T_2)²),    s = Ω² T_1 T_2

    which is the steady state of Bloch's equations: the line gets broader with power, by sqrt(1 + s) (D. I. Schuster et
    al., Physical Review Letters 94, 123602 (2005)). The resonator is at f_r ∓ χ for the two states, with the line width
    κ; what is transmitted through it is the mean::

        S21 = (1 - p) L(f - f_r + χ) + p L(f - f_r - χ),    L(δ) = 1 / (1 + 2 i δ / κ)

    Attributes
    ----------
    josephson, charging
        E_J / h and E_C / h, in Hz.
    relaxation, coherence
        T_1 and T_2, in s.
    resonator, linewidth, shift
        f_r, κ / 2π and χ / 2π, in Hz.
    rabi
        Ω / 2π of a drive of 0 dBm, in Hz.
    """

    josephson: float = positive(15e9)
    charging: float = positive(0.25e9)
    relaxation: float = positive(10e-6)
    coherence: float = positive(5e-6)
    resonator: float = positive(7e9)
    linewidth: float = positive(1e6)
    shift: float = not_negative(0.5e6)
    rabi: float = positive(1e9)

    nodes: ClassVar[Mapping[str, Node]] = {
        "probe_frequency": Node("Hz", 7e9),
        "drive_frequency": Node("Hz", 5e9),
        "drive_power": Node("dBm", -200.0),
        "flux": Node("Φ0"),
    }
    outputs: ClassVar[Mapping[str, str]] = {"s21": "", "excitation": ""}

    def transition(self, flux: Value = 0.0) -> Value:
        """Return the transition frequency in Hz at a flux in flux quanta; arrays too; 0 where the transmon has none."""
        plasma = np.sqrt(8.0 * self.josephson * self.charging * np.abs(np.cos(np.pi * np.asarray(flux))))
        return np.maximum(plasma - self.charging, 0.0)

    def respond(self, at: Mapping[str, Value], now: float, /) -> Mapping[str, Value]:
        """Return the transmission and the excited share; see :class:`~luthier_sim.DeviceUnderTest`."""
        del now
        amplitude = np.sqrt(milliwatt_decibels(at["drive_power"]) / 1e-3)
        driven = (2.0 * np.pi * self.rabi * amplitude) ** 2 * self.relaxation * self.coherence
        detuning = 2.0 * np.pi * (at["drive_frequency"] - self.transition(at["flux"])) * self.coherence
        excited = 0.5 * driven / (1.0 + driven + detuning**2)
        offset = at["probe_frequency"] - self.resonator

        def transmitted(away: Value) -> Value:
            return 1.0 / (1.0 + 2j * away / self.linewidth)

        return {
            "s21": (1.0 - excited) * transmitted(offset + self.shift) + excited * transmitted(offset - self.shift),
            "excitation": excited,
        }
