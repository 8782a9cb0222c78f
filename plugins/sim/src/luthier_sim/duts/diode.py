"""A diode."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs
import numpy as np

from luthier_sim.benches.under_test import Node
from luthier_sim.duts.constants import BOLTZMANN, ELEMENTARY_CHARGE
from luthier_sim.duts.options import positive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.benches.under_test import Value

__all__ = ["Diode"]

_MOST_STEPS = 60
_CLOSE = 1e-13


@attrs.frozen
class Diode:
    """A p-n diode in series with the resistance of its leads.

    Shockley's equation, with the voltage U across the junction::

        I = I_s (exp(U / (n V_T)) - 1),    V_T = k T / e,    V = U + R I

    (S. M. Sze and K. K. Ng, Physics of Semiconductor Devices, 3rd edition, 2007, section 2.3). U is found by Newton's
    method from above, where it converges without overshooting, because V is a convex function of U.

    Attributes
    ----------
    saturation_current
        I_s, in A.
    ideality
        n.
    series_resistance
        R, in Ω.
    """

    saturation_current: float = positive(1e-12)
    ideality: float = positive(1.5)
    series_resistance: float = positive(1.0)

    nodes: ClassVar[Mapping[str, Node]] = {"voltage": Node("V"), "temperature": Node("K", 300.0)}
    outputs: ClassVar[Mapping[str, str]] = {"current": "A"}

    def respond(self, at: Mapping[str, Value], now: float, /) -> Mapping[str, Value]:
        """Return the current; see :class:`~luthier_sim.DeviceUnderTest`."""
        del now
        voltage = np.asarray(at["voltage"], dtype=float)
        thermal = self.ideality * BOLTZMANN * np.maximum(at["temperature"], 1e-3) / ELEMENTARY_CHARGE
        drop = self.series_resistance * self.saturation_current
        forward = np.minimum(voltage, thermal * np.log1p(np.maximum(voltage, 0.0) / drop))
        junction = np.where(voltage > 0, forward, 0.0)
        for _ in range(_MOST_STEPS):
            grown = np.exp(junction / thermal)
            step = (junction + drop * (grown - 1.0) - voltage) / (1.0 + drop / thermal * grown)
            junction = junction - step
            if np.all(np.abs(step) <= _CLOSE * (thermal + np.abs(junction))):
                break
        return {"current": self.saturation_current * np.expm1(junction / thermal)}
