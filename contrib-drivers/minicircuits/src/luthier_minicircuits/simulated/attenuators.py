"""Simulated attenuators of Mini-Circuits."""

from __future__ import annotations

from typing import ClassVar

from luthier_sim import answers

from luthier_minicircuits.simulated.telnet import TelnetDevice

__all__ = ["SimulatedRc4dat", "SimulatedRcdat"]


class SimulatedRcdat(TelnetDevice):
    """An RCDAT-6000-60, by telnet."""

    model: ClassVar[str] = "RCDAT-6000-60"
    largest: ClassVar[float] = 60.0
    count: ClassVar[int] = 1

    def reset(self) -> None:
        """Take the state after switching on."""
        self.attenuations = [0.0] * self.count
        self.startup = 0.0
        self.indicator = "L"

    def answer(self, line: str) -> str | None:
        """Answer a line, which may begin with a colon."""
        return super().answer(line.removeprefix(":"))

    def unknown(self, line: str) -> str | None:
        """Answer what is not understood."""
        return "" if line.endswith("?") else "0"

    def attenuate(self, place: int, value: float) -> str:
        """Set one attenuator; 1: done, 2: taken to the maximum, 0: refused."""
        if value < 0 or value * 4 != int(value * 4) or not 0 <= place < self.count:
            return "0"
        self.attenuations[place] = min(value, self.largest)
        return "1" if value <= self.largest else "2"

    @answers("MN?")
    def ask_model(self) -> str:
        """Answer the model."""
        return f"MN={self.model}"

    @answers("SN?")
    def ask_serial(self) -> str:
        """Answer the serial number."""
        return "SN=11404210014"

    @answers("FIRMWARE?")
    def ask_firmware(self) -> str:
        """Answer the firmware."""
        return "B3"

    @answers("SETATT={value:g}")
    def set_attenuation(self, value: float) -> str:
        """Set the attenuation."""
        return self.attenuate(0, value)

    @answers("ATT?")
    def ask_attenuation(self) -> str:
        """Answer the attenuation; several are separated by spaces."""
        return " ".join(f"{each:.2f}" for each in self.attenuations)

    @answers("STARTUPATT:VALUE:{value:g}")
    def set_startup(self, value: float) -> str:
        """Set the attenuation after switching on."""
        if not 0 <= value <= self.largest:
            return "0"
        self.startup = value
        return "1"

    @answers("STARTUPATT:VALUE?")
    def ask_startup(self) -> str:
        """Answer the attenuation after switching on."""
        return f"{self.startup:.2f}"

    @answers("STARTUPATT:INDICATOR:{letter}")
    def set_indicator(self, letter: str) -> str:
        """Set which attenuation there is after switching on."""
        if letter.upper() not in {"L", "F", "N"}:
            return "0"
        self.indicator = letter.upper()
        return "1"

    @answers("STARTUPATT:INDICATOR?")
    def ask_indicator(self) -> str:
        """Answer which attenuation there is after switching on."""
        return self.indicator


class SimulatedRc4dat(SimulatedRcdat):
    """An RC4DAT-6000-60, by telnet."""

    model = "RC4DAT-6000-60"
    count = 4

    @answers("CHAN:{number:d}:SETATT:{value:g}")
    def set_one(self, number: int, value: float) -> str:
        """Set one attenuator."""
        return self.attenuate(number - 1, value)

    @answers("CHAN:{number:d}:ATT?")
    def ask_one(self, number: int) -> str:
        """Answer the attenuation of one."""
        if not 1 <= number <= self.count:
            raise ValueError(number)
        return f"{self.attenuations[number - 1]:.2f}"
