"""A simulated MC controller."""

from __future__ import annotations

from luthier_sim import LineDevice, answers, held

__all__ = ["SimulatedMc"]

_NAMES = (
    *("Air", "Ar", "CH4", "CO", "CO2", "C2H6", "H2", "He", "N2", "N2O", "Ne", "O2", "C3H8", "n-C4H10", "C2H2"),
    *("C2H4", "i-C4H10", "Kr", "Xe", "SF6", "C-25", "C-10", "C-8", "C-2", "C-75", "A-75", "A-25", "A1025", "Star29"),
    "P-5",
)
_GASES = dict(enumerate(_NAMES)) | {206: "P-10"}
"""Gases by number: 2, 4, 5, 7, 8, 12 and 206 as in the manual's examples, the rest as NuMat's driver has them."""


class SimulatedMc(LineDevice):
    """A controller of 10 L/min with the letter A, whose flow is at its setpoint at once.

    The line of a unit that is another one is not answered; what it does not know is answered by a question mark.

    Attributes
    ----------
    setpoint, gas, controlled
        Setpoint in L/min, number of the gas, and register 122.
    held, valve_flow
        Whether the valve is held, and the flow through it then.
    flags
        Warnings that stand behind a frame.
    """

    terminator = b"\r"
    full_scale = 10.0

    controlled = held("AR122", "", 37, form="A   122 = {}")

    def reset(self) -> None:
        """Take the state after switching on."""
        self.setpoint = 0.0
        self.gas = 0
        self.held = False
        self.valve_flow = 0.0
        self.flags: list[str] = []

    @property
    def flow(self) -> float:
        """What flows, in standard L/min."""
        return self.valve_flow if self.held else self.setpoint

    @answers("A")
    def frame(self) -> str:
        """Answer readings, setpoint, gas and flags."""
        numbers = f"+014.70 +025.00 {self.flow:+08.4f} {self.flow:+08.4f} {self.setpoint:+08.4f}"
        return " ".join(["A", numbers, _GASES[self.gas], *(["HLD"] if self.held else []), *self.flags])

    @answers("AS{value:g}")
    @answers("AS {value:g}")
    def set_flow(self, value: float) -> str:
        """Take a setpoint."""
        if not 0 <= value <= self.full_scale:
            raise ValueError(value)
        self.setpoint = value
        return self.frame()

    @answers("AG{number:d}")
    @answers("AG {number:d}")
    def choose(self, number: int) -> str:
        """Take a gas."""
        if number not in _GASES:
            raise ValueError(number)
        self.gas = number
        return self.frame()

    @answers("AHP")
    def hold(self) -> str:
        """Hold the valve as it is."""
        self.valve_flow, self.held = self.flow, True
        return self.frame()

    @answers("AHC")
    def close_valve(self) -> str:
        """Close the valve, and hold it."""
        self.valve_flow, self.held = 0.0, True
        return self.frame()

    @answers("AC")
    def release(self) -> str:
        """Let the valve follow the setpoint."""
        self.held = False
        return self.frame()

    @answers("AV")
    def tare(self) -> str:
        """Take the flow for zero, which it is."""
        return self.frame()

    @answers("AVE")
    def firmware(self) -> str:
        """Answer the firmware."""
        return "A 10v05 2021-05-19"

    def unknown(self, line: str) -> str | None:
        """Refuse what is for this unit, and leave the rest to others."""
        return "?" if line[:1].upper() == "A" else None
