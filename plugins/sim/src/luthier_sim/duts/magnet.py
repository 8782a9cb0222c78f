"""A superconducting magnet with its supply."""

from __future__ import annotations

from math import copysign, exp
from typing import TYPE_CHECKING, ClassVar

import attrs

from luthier_sim.benches.under_test import Node
from luthier_sim.duts.options import positive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.benches.under_test import Value

__all__ = ["Magnet"]

_SETTLED = 1e-3
"""Of the critical current: below it, and with nothing asked, a magnet that quenched is cold again."""


@attrs.define
class Magnet:
    """A superconducting coil, whose supply follows as fast as its voltage allows, and that quenches.

    ::

        |dI/dt| ≤ U / L,    B = c I,    I_c(T) = I_c (1 - (T / T_c)²)

    Where the current is more than the critical one it quenches: the current decays as ``exp(-t / τ)``, whatever is
    asked, until next to nothing is left and nothing is asked any more. (M. N. Wilson, Superconducting Magnets, 1983,
    chapter 9 for quenches. That the critical current falls as 1 - (T / T_c)² is the empirical law for critical fields,
    M. Tinkham, Introduction to Superconductivity, 2nd edition, 1996, section 1.1, taken for the current of a coil.)

    Attributes
    ----------
    constant
        c, in T/A.
    inductance
        L, in H.
    voltage
        U, in V: the largest of the supply.
    critical_current
        I_c, in A, at 0 K.
    critical_temperature
        T_c, in K.
    decay
        τ, in s.
    """

    constant: float = positive(0.1)
    inductance: float = positive(10.0)
    voltage: float = positive(5.0)
    critical_current: float = positive(100.0)
    critical_temperature: float = positive(9.2)
    decay: float = positive(1.0)
    _current: float = attrs.field(default=0.0, init=False)
    _asked: float = attrs.field(default=0.0, init=False)
    _critical: float = attrs.field(default=float("inf"), init=False)
    _quenched: bool = attrs.field(default=False, init=False)
    _since: float = attrs.field(default=0.0, init=False)

    remembers: ClassVar[bool] = True
    nodes: ClassVar[Mapping[str, Node]] = {"current": Node("A"), "temperature": Node("K", 4.2)}
    outputs: ClassVar[Mapping[str, str]] = {"field": "T", "current": "A", "voltage": "V", "quenched": ""}

    def respond(self, at: Mapping[str, Value], now: float, /) -> Mapping[str, Value]:
        """Return field, current, voltage and whether it quenched; see :class:`~luthier_sim.DeviceUnderTest`."""
        self._go_on(now - self._since)
        self._since = now
        self._asked = float(at["current"])
        self._critical = self.critical_current * max(0.0, 1.0 - (at["temperature"] / self.critical_temperature) ** 2)
        self._begin_or_end_quench()
        return {
            "field": self.constant * self._current,
            "current": self._current,
            "voltage": self._voltage(),
            "quenched": float(self._quenched),
        }

    def _go_on(self, passed: float) -> None:
        """Let time pass with everything at the nodes as it was."""
        if not self._quenched:
            away = self._asked - self._current
            way = min(abs(away), self.voltage / self.inductance * passed)
            reached = self._current + copysign(way, away)
            if abs(reached) <= self._critical:
                self._current = reached
                return
            # It went over the critical current on the way, and decays from there for the rest of the time.
            passed -= abs(copysign(self._critical, reached) - self._current) * self.inductance / self.voltage
            self._current = copysign(self._critical, reached)
            self._quenched = True
        self._current *= exp(-max(passed, 0.0) / self.decay)

    def _begin_or_end_quench(self) -> None:
        if abs(self._current) > self._critical:
            self._quenched = True
        elif self._asked == 0 and abs(self._current) < _SETTLED * self.critical_current:
            self._quenched = False

    def _voltage(self) -> float:
        if self._quenched:
            return -self.inductance * self._current / self.decay
        away = self._asked - self._current
        return copysign(self.voltage, away) if away else 0.0
