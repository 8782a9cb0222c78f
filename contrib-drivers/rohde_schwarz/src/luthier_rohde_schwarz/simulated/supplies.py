"""Simulated Rohde & Schwarz supplies: an NGP814, an HMP4040 and an HMC8043 with a resistor at each output.

Like the instruments: commands that work on the selected output, in all of their spellings; limits that depend on the
output and, with the NGP814, on the voltage; outputs that are switched one by one and together; current limits;
protections that trip.

Unlike the instruments: voltages do not ramp and nothing takes time; no tracking, statistics, sequences and batteries.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from luthier_sim import Boolean, Number, command, query

from luthier_rohde_schwarz.simulated.supply_outputs import LIMIT, Rating, SimulatedSupply

__all__ = ["SimulatedHmc8043", "SimulatedHmp4040", "SimulatedNgp814"]

_OVERVOLTAGE: Final = "[SOURce:]VOLTage:PROTection"
_OVERPOWER: Final = "[SOURce:]POWer:PROTection"


class SwitchedSupply(SimulatedSupply):
    """How outputs of HMP and NGP800 are switched."""

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


class SimulatedHmp4040(SwitchedSupply):
    """An HMP4040 with 100 Ω at each output."""

    identity = "ROHDE&SCHWARZ,HMP4040,100001,HW50020001/SW2.62"
    ratings = (Rating(32.05, 10.01, 160.0),) * 4

    @command(f"{_OVERVOLTAGE}[:LEVel]", Number(0, lambda supply: supply.output.rating.voltage, "V"))
    def set_overvoltage(self, level: float) -> None:
        """Set the level of the over-voltage protection, which is always on."""
        self.output.overvoltage, self.output.overvoltage_on = level, True
        self.protect()

    @query(f"{_OVERVOLTAGE}[:LEVel]?", LIMIT, form="{:.3f}")
    def ask_overvoltage(self, limit: str | None) -> float:
        """Answer the level of the over-voltage protection."""
        return {None: self.output.overvoltage, "MIN": 0.0, "MAX": self.output.rating.voltage}[limit]

    @query(f"{_OVERVOLTAGE}:TRIPped?")
    def overvoltage_tripped(self) -> bool:
        """Answer whether the over-voltage protection has tripped."""
        return self.output.tripped == "voltage"

    @command(f"{_OVERVOLTAGE}:CLEar")
    def clear(self) -> None:
        """Allow the output on again."""
        self.output.tripped = ""


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

    @query(f"{_OVERVOLTAGE}:LEVel?", LIMIT, form="{:.3f}")
    def ask_overvoltage(self, limit: str | None) -> float:
        """Answer the level of the over-voltage protection."""
        return {None: self.output.overvoltage, "MIN": 0.0, "MAX": self.output.rating.voltage}[limit]

    @command(f"{_OVERPOWER}:LEVel", Number(0, lambda supply: supply.output.rating.power, "W"))
    def set_overpower(self, level: float) -> None:
        """Set the level of the over-power protection."""
        self.output.overpower = level
        self.protect()

    @query(f"{_OVERPOWER}:LEVel?", LIMIT, form="{:.2f}")
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


class SimulatedNgp814(ProtectedSupply, SwitchedSupply):
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
