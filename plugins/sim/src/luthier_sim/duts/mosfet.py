"""A MOSFET."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs
import numpy as np

from luthier_sim.benches.under_test import Node
from luthier_sim.duts.constants import BOLTZMANN, ELEMENTARY_CHARGE
from luthier_sim.duts.options import any_number, not_negative, positive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.benches.under_test import Value

__all__ = ["Mosfet"]


@attrs.frozen
class Mosfet:
    """An n-channel MOSFET, from weak to strong inversion, with its body at 0 V.

    The EKV model, with the pinch-off voltage V_P::

        I_D = I_S (F(V_P - V_S) - F(V_P - V_D)) (1 + λ |V_D - V_S|)
        F(v) = ln²(1 + exp(v / (2 V_T))),    V_P = (V_G - V_th) / n,    I_S = 2 n β V_T²,    V_T = k T / e

    (C. C. Enz, F. Krummenacher, E. A. Vittoz, Analog Integrated Circuits and Signal Processing 8, 83 (1995); the last
    factor is the usual channel-length modulation).

    Attributes
    ----------
    threshold
        V_th, in V.
    gain
        β, in A/V².
    slope
        n, from which the subthreshold swing follows.
    modulation
        λ, in 1/V.
    """

    threshold: float = any_number(0.5)
    gain: float = positive(1e-3)
    slope: float = positive(1.3)
    modulation: float = not_negative(0.02)

    nodes: ClassVar[Mapping[str, Node]] = {
        "gate": Node("V"),
        "drain": Node("V"),
        "source": Node("V"),
        "temperature": Node("K", 300.0),
    }
    outputs: ClassVar[Mapping[str, str]] = {"current": "A"}

    def respond(self, at: Mapping[str, Value], now: float, /) -> Mapping[str, Value]:
        """Return the current into the drain; see :class:`~luthier_sim.DeviceUnderTest`."""
        del now
        thermal = BOLTZMANN * np.maximum(at["temperature"], 1e-3) / ELEMENTARY_CHARGE
        pinch_off = (at["gate"] - self.threshold) / self.slope
        scale = 2.0 * self.slope * self.gain * thermal**2

        def inverted(end: Value) -> Value:
            return np.logaddexp(0.0, (pinch_off - end) / (2.0 * thermal)) ** 2

        bent = 1.0 + self.modulation * np.abs(at["drain"] - at["source"])
        return {"current": scale * (inverted(at["source"]) - inverted(at["drain"])) * bent}
