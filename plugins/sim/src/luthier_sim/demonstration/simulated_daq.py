"""The simulator of the voltage source and meter that exists in simulation only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from luthier_sim.scpi.commands import command, query
from luthier_sim.scpi.declarations import channel_setting, setting
from luthier_sim.scpi.device import ScpiDevice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.benches.under_test import Value

__all__ = ["SimulatedDaq"]

_LARGEST = 10.0
_CHANNELS = (1, 2, 3, 4)


class SimulatedDaq(ScpiDevice):
    """Four outputs, ``out1`` to ``out4``, and four inputs, ``in1`` to ``in4``, of ±10 V.

    Attributes
    ----------
    noise_density
        Of an input with ``aperture`` 1 s: standard deviation in V; it falls with the root of the aperture. 0: none.
    """

    identity = "LUTHIER,DAQ,0001,1.0"
    drives: ClassVar[Mapping[str, str]] = {f"out{number}": "V" for number in _CHANNELS}
    senses: ClassVar[Mapping[str, str]] = {f"in{number}": "V" for number in _CHANNELS}
    noise_density = 0.0

    level = channel_setting("SOURce[1..4]:VOLTage", 0.0, minimum=-_LARGEST, maximum=_LARGEST, unit="V")
    aperture = setting("SENSe:APERture", 0.0, minimum=0, maximum=10, unit="s")

    def driven(self, output: str) -> Value:
        """Return the level of an output."""
        return self.level[int(output.removeprefix("out"))]

    @query("MEASure[1..4]:VOLTage?")
    def voltage(self, number: int) -> float:
        """Answer what an input sees at the end of the aperture."""
        self.spend(self.aperture)
        seen = float(self.sense(f"in{number}", otherwise=0.0))
        seen += self.noise(self.noise_density / max(self.aperture, 1e-6) ** 0.5 if self.noise_density else 0.0)
        return seen if abs(seen) <= _LARGEST else float("inf") if seen > 0 else -float("inf")

    @command("SOURce:ZERO")
    def zero(self) -> None:
        """Set all outputs to 0 V."""
        self.level = dict.fromkeys(_CHANNELS, 0.0)
