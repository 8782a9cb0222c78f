"""A resistor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from luthier_sim.benches.under_test import Node
from luthier_sim.duts.options import positive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.benches.under_test import Value

__all__ = ["Resistor"]


@attrs.frozen
class Resistor:
    """A resistor: Ohm's law, ``I = V / R``.

    Attributes
    ----------
    resistance
        R, in Ω.
    """

    resistance: float = positive(1e3)

    nodes: ClassVar[Mapping[str, Node]] = {"voltage": Node("V")}
    outputs: ClassVar[Mapping[str, str]] = {"current": "A"}

    def respond(self, at: Mapping[str, Value], now: float, /) -> Mapping[str, Value]:
        """Return the current; see :class:`~luthier_sim.DeviceUnderTest`."""
        del now
        return {"current": at["voltage"] / self.resistance}
