"""A cryostat with a heater and a thermometer."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, ClassVar

import attrs

from luthier_sim.benches.under_test import Node
from luthier_sim.duts.options import positive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.benches.under_test import Value

__all__ = ["Cryostat"]


@attrs.define
class Cryostat:
    """A stage that a heater warms, cooled through a link, and a thermometer that lags behind it.

    Two heat balances, for a heater power P that stays where it was put::

        C dT/dt = P - G (T - T_0),    τ dS/dt = T - S

    The stage goes exponentially to T_0 + P / G, with the time constant C / G; the thermometer S follows it with τ. Both
    are solved exactly, whatever the time between two looks. (F. Pobell, Matter and Methods at Low Temperatures, 3rd
    edition, 2007, has heat balances of this kind; the one here has constant C and G.)

    Attributes
    ----------
    base
        T_0, in K, where it is when switched on.
    conductance
        G, in W/K.
    capacity
        C, in J/K.
    lag
        τ, in s.
    """

    base: float = positive(4.2)
    conductance: float = positive(0.05)
    capacity: float = positive(5.0)
    lag: float = positive(2.0)
    _stage: float = attrs.field(default=0.0, init=False)
    _sensor: float = attrs.field(default=0.0, init=False)
    _power: float = attrs.field(default=0.0, init=False)
    _since: float = attrs.field(default=0.0, init=False)

    remembers: ClassVar[bool] = True
    nodes: ClassVar[Mapping[str, Node]] = {"heater": Node("W")}
    outputs: ClassVar[Mapping[str, str]] = {"temperature": "K", "thermometer": "K"}

    def __attrs_post_init__(self) -> None:
        """Begin cold."""
        self._stage = self._sensor = self.base

    def respond(self, at: Mapping[str, Value], now: float, /) -> Mapping[str, Value]:
        """Return the temperatures of stage and thermometer; see :class:`~luthier_sim.DeviceUnderTest`."""
        passed = now - self._since
        end = self.base + max(self._power, 0.0) / self.conductance
        slow, fast = self.capacity / self.conductance, self.lag
        if abs(slow - fast) < 1e-6 * fast:  # where both are the same the solution has another form, close to this one
            fast *= 1.0 + 1e-6
        left, forgotten = exp(-passed / slow), exp(-passed / fast)
        away = self._stage - end
        share = slow / (slow - fast)
        self._sensor = end + away * share * left + (self._sensor - end - away * share) * forgotten
        self._stage = end + away * left
        self._power, self._since = at["heater"], now
        return {"temperature": self._stage, "thermometer": self._sensor}
