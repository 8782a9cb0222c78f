"""A simulated box of four switches."""

from __future__ import annotations

from luthier_sim import answers

from luthier_minicircuits.simulated.telnet import TelnetDevice

__all__ = ["SimulatedRcSpdt"]

_LETTERS = "ABCD"


class SimulatedRcSpdt(TelnetDevice):
    """An RC-4SPDT-A18, by telnet."""

    def reset(self) -> None:
        """Take the state after switching on."""
        self.bits = 0

    def unknown(self, line: str) -> str | None:
        """Answer what is not understood."""
        return "" if line.endswith("?") else "0"

    @answers("MN?")
    def ask_model(self) -> str:
        """Answer the model."""
        return "MN=RC-4SPDT-A18"

    @answers("SN?")
    def ask_serial(self) -> str:
        """Answer the serial number."""
        return "SN=02003310056"

    @answers("FIRMWARE?")
    def ask_firmware(self) -> str:
        """Answer the firmware."""
        return "C9"

    @answers("SET{letter}={state:d}")
    def set_switch(self, letter: str, state: int) -> str:
        """Set one switch."""
        if letter.upper() not in _LETTERS or state not in (0, 1):
            return "0"
        bit = 1 << _LETTERS.index(letter.upper())
        self.bits = self.bits | bit if state else self.bits & ~bit
        return "1"

    @answers("SWPORT?")
    def ask_port(self) -> int:
        """Answer all switches, the first in the lowest bit."""
        return self.bits
