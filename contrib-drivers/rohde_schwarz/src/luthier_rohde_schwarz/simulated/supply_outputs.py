"""What the simulated supplies have in common: outputs with a resistor at each, one of which is selected."""

from __future__ import annotations

from typing import ClassVar, Final

import attrs
from luthier_sim import Choice, Integer, Number, Refusal, ScpiDevice, command, query

__all__ = ["LIMIT", "Output", "Rating", "SimulatedSupply"]

_VOLTAGE: Final = "[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]"
_CURRENT: Final = "[SOURce:]CURRent[:LEVel][:IMMediate][:AMPLitude]"
LIMIT: Final = Choice("MINimum", "MAXimum", optional=True)


@attrs.frozen
class Rating:
    """What an output can be set to, in V, A and W."""

    voltage: float
    current: float
    power: float


@attrs.define
class Output:
    """The state of one output."""

    rating: Rating
    load: float
    overvoltage: float
    voltage: float = 0.0
    current: float = 0.1
    active: bool = False
    overvoltage_on: bool = False
    overpower: float = 200.0
    overpower_on: bool = False
    fuse: bool = False
    ramp: bool = False
    ramp_duration: float = 0.01
    delay: bool = False
    delay_duration: float = 0.001
    tripped: str = ""


class SimulatedSupply(ScpiDevice):
    """What all of them do.

    Attributes
    ----------
    outputs
        The outputs; ``outputs[0].load`` is the resistor at the first, in Ω.
    """

    ratings: ClassVar[tuple[Rating, ...]]
    outputs: list[Output]
    selected: int
    together: bool

    def reset(self) -> None:
        """Switch everything off."""
        loads = [output.load for output in self.outputs] if hasattr(self, "outputs") else [100.0] * len(self.ratings)
        self.outputs = [Output(rating, load, rating.voltage) for rating, load in zip(self.ratings, loads, strict=True)]
        self.selected = 1
        self.together = False

    @property
    def output(self) -> Output:
        """The selected output."""
        return self.outputs[self.selected - 1]

    def is_on(self, output: Output) -> bool:
        """Tell whether an output puts out its voltage."""
        return output.active and self.together

    def at_terminals(self, output: Output) -> tuple[float, float]:
        """Return voltage and current."""
        if not self.is_on(output):
            return 0.0, 0.0
        current = min(output.voltage / output.load, output.current)
        return current * output.load, current

    def protect(self) -> None:
        """Switch off what protections do not allow."""
        for output in self.outputs:
            voltage, current = self.at_terminals(output)
            if output.overvoltage_on and voltage > output.overvoltage:
                output.tripped = "voltage"
            elif output.overpower_on and voltage * current > output.overpower:
                output.tripped = "power"
            elif output.fuse and output.voltage > output.current * output.load * (1 + 1e-9) and self.is_on(output):
                output.tripped = "fuse"
            output.active = output.active and not output.tripped

    @command("INSTrument:NSELect", Integer(1, lambda supply: len(supply.outputs)))
    def select(self, number: int) -> None:
        """Select an output by its number."""
        self.selected = number

    @query("INSTrument:NSELect?")
    def ask_selected(self) -> int:
        """Answer which output is selected."""
        return self.selected

    @command("INSTrument[:SELect]", Choice("OUTput1", "OUTput2", "OUTput3", "OUTput4"))
    def select_by_name(self, name: str) -> None:
        """Select an output by its name."""
        if int(name[-1]) > len(self.outputs):
            raise Refusal(-222)
        self.selected = int(name[-1])

    def largest_current(self) -> float:
        """Return what the current limit can be, in A."""
        return self.output.rating.current

    @command(_VOLTAGE, Number(0, lambda supply: supply.output.rating.voltage, "V", resolution=1e-3))
    def set_voltage(self, voltage: float) -> None:
        """Set the level."""
        self.output.voltage = voltage
        self.output.current = min(self.output.current, self.largest_current())
        self.protect()

    @query(f"{_VOLTAGE}?", LIMIT, form="{:.3f}")
    def ask_voltage(self, limit: str | None) -> float:
        """Answer the level."""
        return {None: self.output.voltage, "MIN": 0.0, "MAX": self.output.rating.voltage}[limit]

    @command(_CURRENT, Number(0.0005, lambda supply: supply.largest_current(), "A"))
    def set_current(self, current: float) -> None:
        """Set the limit."""
        self.output.current = current
        self.protect()

    @query(f"{_CURRENT}?", LIMIT, form="{:.4f}")
    def ask_current(self, limit: str | None) -> float:
        """Answer the limit."""
        return {None: self.output.current, "MIN": 0.0005, "MAX": self.largest_current()}[limit]

    @query("MEASure[:SCALar][:VOLTage][:DC]?", form="{:.3f}")
    def measure_voltage(self) -> float:
        """Answer the voltage."""
        return self.at_terminals(self.output)[0]

    @query("MEASure[:SCALar]:CURRent[:DC]?", form="{:.4f}")
    def measure_current(self) -> float:
        """Answer the current."""
        return self.at_terminals(self.output)[1]

    def switch(self, *, on: bool) -> None:
        """Switch the selected output; one that a protection has switched off does not come on."""
        if on and self.output.tripped:
            raise Refusal(-221)
        self.output.active = on
        self.protect()

    def switch_together(self, *, on: bool) -> None:
        """Switch all outputs."""
        self.together = on
        self.protect()
