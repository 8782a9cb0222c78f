"""A low-pass filter."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, ClassVar

import attrs

from luthier_sim.benches.under_test import Node
from luthier_sim.duts.options import positive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.benches.under_test import Value

__all__ = ["RcFilter"]


@attrs.define
class RcFilter:
    """A resistor and a capacitor to ground, with nothing connected behind them that draws current.

    From the charge of the capacitor, ``C dU/dt = (V - U) / R``, for an input that stays where it was put::

        U(t) = V + (U(0) - V) exp(-t / (R C))

    Attributes
    ----------
    resistance
        R, in Ω.
    capacitance
        C, in F.
    """

    resistance: float = positive(1e3)
    capacitance: float = positive(1e-6)
    _level: Value = attrs.field(default=0.0, init=False)
    _driven: Value = attrs.field(default=0.0, init=False)
    _since: float = attrs.field(default=0.0, init=False)

    remembers: ClassVar[bool] = True
    nodes: ClassVar[Mapping[str, Node]] = {"input": Node("V")}
    outputs: ClassVar[Mapping[str, str]] = {"output": "V"}

    def respond(self, at: Mapping[str, Value], now: float, /) -> Mapping[str, Value]:
        """Return the voltage of the capacitor; see :class:`~luthier_sim.DeviceUnderTest`."""
        left = exp(-(now - self._since) / (self.resistance * self.capacitance))
        self._level = self._driven + (self._level - self._driven) * left
        self._driven, self._since = at["input"], now
        return {"output": self._level}
