"""A simulated 8320."""

from __future__ import annotations

from luthier_sim import LineDevice, answers

__all__ = ["Simulated8320"]


class Simulated8320(LineDevice):
    """An 8320 with two attenuators; what it does not know it leaves unanswered."""

    terminator = b"\r"
    message_based = True

    def reset(self) -> None:
        """Take the state after switching on."""
        self.attenuations = {1: 0, 2: 0}

    @answers("*IDN?")
    def identify(self) -> str:
        """Answer who it is."""
        return "WEINSCHEL, 8320, 1337, 1.0"

    @answers("ATTN ALL {value:d}")
    def set_all(self, value: int) -> None:
        """Set all attenuators."""
        if value not in range(0, 61, 2):
            raise ValueError(value)
        self.attenuations = dict.fromkeys(self.attenuations, value)

    @answers("ATTN? {number:d}")
    def ask(self, number: int) -> str:
        """Answer one attenuator."""
        if number not in self.attenuations:
            raise ValueError(number)
        return f"{self.attenuations[number]:02d}"
