"""Simulated Rohde & Schwarz supplies: an NGP814, an HMP4040 and an HMC8043 with a resistor at each output.

Like the instruments: commands that work on the selected output, in all of their spellings; limits that depend on the
output and, with the NGP814, on the voltage; outputs that are switched one by one and together; current limits;
protections that trip.

Unlike the instruments: voltages do not ramp and nothing takes time; no tracking, statistics, sequences and batteries.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import attrs
from luthier_sim import Boolean, Choice, Integer, Number, Refusal, ScpiDevice, command, query

__all__ = ["SimulatedHmc8043", "SimulatedHmp4040", "SimulatedNgp814"]

_VOLTAGE: Final = "[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]"
_CURRENT: Final = "[SOURce:]CURRent[:LEVel][:IMMediate][:AMPLitude]"
_LIMIT: Final = Choice("MINimum", "MAXimum", optional=True)
_OVERVOLTAGE: Final = "[SOURce:]VOLTage:PROTection"
_OVERPOWER: Final = "[SOURce:]POWer:PROTection"


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

    @query(f"{_VOLTAGE}?", _LIMIT, form="{:.3f}")
    def ask_voltage(self, limit: str | None) -> float:
        """Answer the level."""
        return {None: self.output.voltage, "MIN": 0.0, "MAX": self.output.rating.voltage}[limit]

    @command(_CURRENT, Number(0.0005, lambda supply: supply.largest_current(), "A"))
    def set_current(self, current: float) -> None:
        """Set the limit."""
        self.output.current = current
        self.protect()

    @query(f"{_CURRENT}?", _LIMIT, form="{:.4f}")
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


class SimulatedHmp4040(SimulatedSupply):
    """An HMP4040 with 100 Ω at each output."""

    identity = "ROHDE&SCHWARZ,HMP4040,100001,HW50020001/SW2.62"
    ratings = (Rating(32.05, 10.01, 160.0),) * 4

    @command("OUTPut[:STATe]", Boolean())
    def set_output(self, on: bool) -> None:
        """Switch the selected output; on, the switch of all outputs comes on too."""
        self.switch(on=on)
        self.switch_together(on=self.together or on)

    @query("OUTPut[:STATe]?")
    def ask_output(self) -> bool:
        """Answer whether the selected output is on."""
        return self.is_on(self.output)

    @command("OUTPut:SELect", Boolean())
    def set_active(self, on: bool) -> None:
        """Let the selected output follow the switch of all."""
        self.switch(on=on)

    @query("OUTPut:SELect?")
    def ask_active(self) -> bool:
        """Answer whether the selected output follows the switch of all."""
        return self.output.active

    @command("OUTPut:GENeral[:STATe]", Boolean())
    def set_together(self, on: bool) -> None:
        """Switch all outputs."""
        self.switch_together(on=on)

    @query("OUTPut:GENeral[:STATe]?")
    def ask_together(self) -> bool:
        """Answer whether outputs are switched on."""
        return self.together


def _flag(name: str) -> Any:
    def ask(supply: Any) -> bool:
        return bool(getattr(supply.output, name))

    ask.__name__ = f"ask_{name}"
    ask.__doc__ = f"Answer {name}."
    return ask


class ProtectedSupply(SimulatedSupply):
    """What NGP800 and HMC804x have beside: protections of each output, ramps, and powers.

    Attributes
    ----------
    ramps
        How short and how long a ramp can be, in s.
    """

    ramps: ClassVar[tuple[float, float]]

    @query("MEASure[:SCALar]:POWer?", form="{:.3f}")
    def measure_power(self) -> float:
        """Answer the power."""
        voltage, current = self.at_terminals(self.output)
        return voltage * current

    @command(f"{_OVERVOLTAGE}:LEVel", Number(0, lambda supply: supply.output.rating.voltage, "V"))
    def set_overvoltage(self, level: float) -> None:
        """Set the level of the over-voltage protection."""
        self.output.overvoltage = level
        self.protect()

    @query(f"{_OVERVOLTAGE}:LEVel?", _LIMIT, form="{:.3f}")
    def ask_overvoltage(self, limit: str | None) -> float:
        """Answer the level of the over-voltage protection."""
        return {None: self.output.overvoltage, "MIN": 0.0, "MAX": self.output.rating.voltage}[limit]

    @command(f"{_OVERPOWER}:LEVel", Number(0, lambda supply: supply.output.rating.power, "W"))
    def set_overpower(self, level: float) -> None:
        """Set the level of the over-power protection."""
        self.output.overpower = level
        self.protect()

    @query(f"{_OVERPOWER}:LEVel?", _LIMIT, form="{:.2f}")
    def ask_overpower(self, limit: str | None) -> float:
        """Answer the level of the over-power protection."""
        return {None: self.output.overpower, "MIN": 0.0, "MAX": self.output.rating.power}[limit]

    @command(f"{_OVERVOLTAGE}[:STATe]", Boolean())
    def set_overvoltage_on(self, on: bool) -> None:
        """Switch the over-voltage protection."""
        self.output.overvoltage_on = on
        self.protect()

    @command(f"{_OVERPOWER}[:STATe]", Boolean())
    def set_overpower_on(self, on: bool) -> None:
        """Switch the over-power protection."""
        self.output.overpower_on = on
        self.protect()

    @command("FUSE[:STATe]", Boolean())
    def set_fuse(self, on: bool) -> None:
        """Switch the fuse."""
        self.output.fuse = on
        self.protect()

    @command("[SOURce:]VOLTage:RAMP[:STATe]", Boolean())
    def set_ramp(self, on: bool) -> None:
        """Switch the ramp."""
        self.output.ramp = on

    @command(
        "[SOURce:]VOLTage:RAMP:DURation", Number(lambda supply: supply.ramps[0], lambda supply: supply.ramps[1], "s")
    )
    def set_ramp_duration(self, seconds: float) -> None:
        """Set how long the voltage rises."""
        self.output.ramp_duration = seconds

    @query("[SOURce:]VOLTage:RAMP:DURation?", form="{:.3f}")
    def ask_ramp_duration(self) -> float:
        """Answer how long the voltage rises."""
        return self.output.ramp_duration

    ask_overvoltage_on = query(f"{_OVERVOLTAGE}[:STATe]?")(_flag("overvoltage_on"))
    ask_overpower_on = query(f"{_OVERPOWER}[:STATe]?")(_flag("overpower_on"))
    ask_fuse = query("FUSE[:STATe]?")(_flag("fuse"))
    ask_ramp = query("[SOURce:]VOLTage:RAMP[:STATe]?")(_flag("ramp"))

    @query(f"{_OVERVOLTAGE}:TRIPped?")
    def overvoltage_tripped(self) -> bool:
        """Answer whether the over-voltage protection has tripped."""
        return self.output.tripped == "voltage"

    @query(f"{_OVERPOWER}:TRIPped?")
    def overpower_tripped(self) -> bool:
        """Answer whether the over-power protection has tripped."""
        return self.output.tripped == "power"

    @query("FUSE:TRIPped?")
    def fuse_tripped(self) -> bool:
        """Answer whether the fuse has tripped."""
        return self.output.tripped == "fuse"

    @command(f"{_OVERVOLTAGE}:CLEar")
    @command(f"{_OVERPOWER}:CLEar")
    def clear(self) -> None:
        """Allow the output on again."""
        self.output.tripped = ""


class SimulatedNgp814(ProtectedSupply, SimulatedHmp4040):
    """An NGP814 with 100 Ω at each output: two of 32 V, 20 A and two of 64 V, 10 A, each of 200 W."""

    identity = "Rohde&Schwarz,NGP814,5601.4007k05/100001,2.015"
    ramps = (0.0, 60.0)
    ratings = (Rating(32.05, 20.01, 200.0),) * 2 + (Rating(64.05, 10.01, 200.0),) * 2

    def largest_current(self) -> float:
        """Return what the power leaves at the voltage that is set, in A."""
        rating = self.output.rating
        return rating.current if not self.output.voltage else min(rating.current, rating.power / self.output.voltage)

    @command("OUTPut:DELay[:STATe]", Boolean())
    def set_delay(self, on: bool) -> None:
        """Switch the delay."""
        self.output.delay = on

    @command("OUTPut:DELay:DURation", Number(0.001, 10, "s"))
    def set_delay_duration(self, seconds: float) -> None:
        """Set the delay."""
        self.output.delay_duration = seconds

    @query("OUTPut:DELay:DURation?", form="{:.3f}")
    def ask_delay_duration(self) -> float:
        """Answer the delay."""
        return self.output.delay_duration

    ask_delay = query("OUTPut:DELay[:STATe]?")(_flag("delay"))

    @command("FUSE:TRIPped:CLEar")
    def clear_fuse(self) -> None:
        """Allow the output on again."""
        self.clear()


class SimulatedHmc8043(ProtectedSupply):
    """An HMC8043 with 100 Ω at each output."""

    identity = "Rohde&Schwarz,HMC8043,100001,HW42000000,SW01.408"
    ramps = (0.01, 10.0)
    ratings = (Rating(32.05, 3.0, 33.0),) * 3

    @command("OUTPut:CHANnel[:STATe]", Boolean())
    def set_output(self, on: bool) -> None:
        """Switch the selected output."""
        self.switch(on=on)

    @query("OUTPut:CHANnel[:STATe]?")
    def ask_output(self) -> bool:
        """Answer whether the selected output is switched on."""
        return self.output.active

    @command("OUTPut:MASTer[:STATe]", Boolean())
    def set_together(self, on: bool) -> None:
        """Switch all outputs."""
        self.switch_together(on=on)

    @query("OUTPut:MASTer[:STATe]?")
    def ask_together(self) -> bool:
        """Answer whether outputs are switched on."""
        return self.together
