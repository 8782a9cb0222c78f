"""A simulated instrument that knows the common commands, the status registers and one voltage."""

from __future__ import annotations

from luthier_sim import ScpiDevice, command, query, setting

__all__ = ["SimulatedGeneric"]


class SimulatedGeneric(ScpiDevice):
    """A source of which one only knows that it speaks SCPI.

    Attributes
    ----------
    triggers
        How often it was triggered by ``*TRG``.
    """

    identity = "LUTHIER,GENERIC,0001,1.0"

    voltage = setting("[SOURce:]VOLTage[:LEVel]", 0.0, minimum=0, maximum=10, unit="V")

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.triggers = 0

    @command("*TRG")
    def trigger(self) -> None:
        """Count a trigger."""
        self.triggers += 1

    @query("TRACe:DATA?")
    def trace(self) -> list[float]:
        """Answer three readings of the voltage."""
        return [self.voltage] * 3
