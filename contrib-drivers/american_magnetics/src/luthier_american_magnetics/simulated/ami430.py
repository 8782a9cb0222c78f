"""A simulated American Magnetics Model 430 with a magnet of 0.1 T/A.

Like the instrument: short and long commands, units of fields and rates, limits, ramping states, zeroing and pausing,
segments with rates of their own, the persistent switch with the times that it heats and cools, quenches that stop
everything until they are cleared, and an error queue.

Unlike the instrument: the heater of the switch is on from the start; no voltage but that of the inductance, and no
limit of it while ramping; the numbers of errors are those of the standard; no external ramp-down.
"""

from __future__ import annotations

import re
from math import copysign, inf
from typing import Final

from luthier_sim import Boolean, Integer, Number, Refusal, ScpiDevice, command, query

__all__ = ["SimulatedAmi430"]

RAMPING, HOLDING, PAUSED, UP, DOWN, ZEROING, QUENCH, AT_ZERO, HEATING, COOLING = range(1, 11)

_INDUCTANCE: Final = 5.0  # H
_SEGMENTS: Final = 10
_FORM: Final = "{:.6f}"
_SEGMENT_NODE: Final = re.compile(rb"(RATE:(?:FIELD|CURR(?:ENT)?)):(\d+)\?", re.IGNORECASE)


class SimulatedAmi430(ScpiDevice):
    """A Model 430 with a magnet.

    Attributes
    ----------
    magnet_current, supply_current
        In A, at the time of the last message.
    field_per_ampere
        In T/A.
    switch_time
        Seconds that the persistent switch takes to heat and to cool.
    quenches_at
        Current of the magnet, in A, beyond which it quenches.
    """

    identity = "AMERICAN MAGNETICS INC.,MODEL 430,2.01"
    terminator = b"\r\n"
    field_per_ampere = 0.1
    switch_time = 20.0
    quenches_at = inf

    def switch_on(self) -> None:
        """Take the state of a supply that has just been switched on, with its magnet at zero."""
        self.in_tesla, self.per_minute = True, False
        self.current_limit, self.voltage_limit = 40.0, 5.0
        self.segments = [(0.5, inf)]  # A/s up to A
        self.target = self.supply_current = self.magnet_current = 0.0
        self.activity = PAUSED
        self.switch_installed, self.heater = True, True
        self.switch_ready = -inf
        self.quench_count = 0
        self._passed = self.clock.now()
        super().switch_on()

    def respond(self, message: bytes) -> bytes | None:
        """Let time go by, and carry out a message; a number is a node of its own in the headers of segments."""
        self.pass_time()
        return super().respond(_SEGMENT_NODE.sub(rb"\1\2?", message))

    def quench(self) -> None:
        """Let the magnet quench."""
        self.pass_time()
        self._quench_now()

    def _quench_now(self) -> None:
        self.magnet_current = self.supply_current = 0.0
        self.activity = QUENCH
        self.quench_count += 1

    # What goes on

    @property
    def coupled(self) -> bool:
        """Whether the magnet follows the supply: there is no switch, or it is warm."""
        return not self.switch_installed or (self.heater and self.now >= self.switch_ready)

    def pass_time(self) -> None:
        """Ramp until now."""
        seconds, self._passed = self.now - self._passed, self.now
        goal = self._goal()
        while seconds > 0 and goal is not None and self.supply_current != goal:
            rate, room = self._segment(goal)
            step = min(room, rate * seconds)
            seconds -= step / rate
            self.supply_current += copysign(step, goal - self.supply_current)
            if abs(goal - self.supply_current) < 1e-9:  # noqa: PLR2004 - A, below all that is shown
                self.supply_current = goal
        if goal is not None and self.supply_current == goal and self.activity in {RAMPING, ZEROING}:
            self.activity = HOLDING if self.activity == RAMPING else AT_ZERO
        if self.coupled and self.activity != QUENCH:
            self.magnet_current = self.supply_current
            if abs(self.magnet_current) > self.quenches_at:
                self._quench_now()

    def _goal(self) -> float | None:
        return {
            RAMPING: self.target,
            HOLDING: self.target,
            ZEROING: 0.0,
            UP: self.current_limit,
            DOWN: -self.current_limit,
        }.get(self.activity)

    def _segment(self, goal: float) -> tuple[float, float]:
        """Return the rate here, and how far it is to where another one, or the goal, begins."""
        size = abs(self.supply_current)
        outwards = goal * self.supply_current >= 0 and abs(goal) > size
        inner = 0.0
        for rate, bound in self.segments:
            if size < bound if outwards else size <= bound:
                edge = bound - size if outwards else size - inner
                return rate, min(edge or inf, abs(goal - self.supply_current))
            inner = bound
        return self.segments[-1][0], abs(goal - self.supply_current)

    # Units and limits

    @property
    def unit(self) -> float:
        """One unit of fields, in A."""
        return (1.0 if self.in_tesla else 0.1) / self.field_per_ampere

    @property
    def interval(self) -> float:
        """The unit of time of rates, in s."""
        return 60.0 if self.per_minute else 1.0

    @command("CONFigure:FIELD:UNITS", Integer(minimum=0, maximum=1))
    def set_field_units(self, number: int) -> None:
        """Choose kilogauss (0) or tesla (1)."""
        self.in_tesla = number == 1

    @query("FIELD:UNITS?")
    def ask_field_units(self) -> int:
        """Answer them."""
        return int(self.in_tesla)

    @command("CONFigure:RAMP:RATE:UNITS", Integer(minimum=0, maximum=1))
    def set_rate_units(self, number: int) -> None:
        """Choose seconds (0) or minutes (1)."""
        self.per_minute = number == 1

    @query("RAMP:RATE:UNITS?")
    def ask_rate_units(self) -> int:
        """Answer them."""
        return int(self.per_minute)

    @query("COILconst?", form=_FORM)
    def ask_coil(self) -> float:
        """Answer the field for each ampere, in the units of fields."""
        return 1 / self.unit

    @command("CONFigure:CURRent:LIMit", Number(minimum=0, maximum=1000, unit="A"))
    def set_current_limit(self, limit: float) -> None:
        """Set the current limit."""
        self.current_limit = limit

    @query("CURRent:LIMit?", form=_FORM)
    def ask_current_limit(self) -> float:
        """Answer it."""
        return self.current_limit

    @command("CONFigure:VOLTage:LIMit", Number(minimum=0.001, maximum=20, unit="V"))
    def set_voltage_limit(self, limit: float) -> None:
        """Set the voltage limit."""
        self.voltage_limit = limit

    @query("VOLTage:LIMit?", form=_FORM)
    def ask_voltage_limit(self) -> float:
        """Answer it."""
        return self.voltage_limit

    # Targets and rates

    @command("CONFigure:FIELD:TARGet", Number())
    def set_field_target(self, field: float) -> None:
        """Set the target as a field."""
        self.set_current_target(field * self.unit)

    @query("FIELD:TARGet?", form=_FORM)
    def ask_field_target(self) -> float:
        """Answer the target as a field."""
        return self.target / self.unit

    @command("CONFigure:CURRent:TARGet", Number(unit="A"))
    def set_current_target(self, current: float) -> None:
        """Set the target as a current."""
        if abs(current) > self.current_limit * (1 + 1e-9):
            raise Refusal(-222)
        self.target = current
        if self.activity == HOLDING:
            self.activity = RAMPING

    @query("CURRent:TARGet?", form=_FORM)
    def ask_current_target(self) -> float:
        """Answer the target as a current."""
        return self.target

    @command("CONFigure:RAMP:RATE:SEGments", Integer(minimum=1, maximum=_SEGMENTS))
    def set_segments(self, count: int) -> None:
        """Choose how many segments there are; new ones are as the last."""
        self.segments = (self.segments + [self.segments[-1]] * count)[:count]

    @query("RAMP:RATE:SEGments?")
    def ask_segments(self) -> int:
        """Answer how many."""
        return len(self.segments)

    @command("CONFigure:RAMP:RATE:FIELD", Integer(minimum=1, maximum=_SEGMENTS), Number(minimum=0), Number(minimum=0))
    def set_field_rate(self, number: int, rate: float, bound: float) -> None:
        """Set the rate and the end of a segment, as fields."""
        self._set_segment(number, rate * self.unit, bound * self.unit)

    @command("CONFigure:RAMP:RATE:CURRent", Integer(minimum=1, maximum=_SEGMENTS), Number(minimum=0), Number(minimum=0))
    def set_current_rate(self, number: int, rate: float, bound: float) -> None:
        """Set the rate and the end of a segment, as currents."""
        self._set_segment(number, rate, bound)

    def _set_segment(self, number: int, rate: float, bound: float) -> None:
        if number > len(self.segments) or rate == 0:
            raise Refusal(-222)
        self.segments[number - 1] = (rate / self.interval, bound)

    @query("RAMP:RATE:FIELD[1|2|3|4|5|6|7|8|9|10]?")
    def ask_field_rate(self, number: int) -> str:
        """Answer a segment as fields."""
        return self._shown(number, self.unit)

    @query("RAMP:RATE:CURRent[1|2|3|4|5|6|7|8|9|10]?")
    def ask_current_rate(self, number: int) -> str:
        """Answer a segment as currents."""
        return self._shown(number, 1.0)

    def _shown(self, number: int, unit: float) -> str:
        if number > len(self.segments):
            raise Refusal(-222)
        rate, bound = self.segments[number - 1]
        return f"{rate * self.interval / unit:.15g},{min(bound, self.current_limit) / unit:.6f}"

    # Ramping

    def _begin(self, activity: int) -> None:
        if self.activity == QUENCH:
            raise Refusal(-221)
        self.activity = activity
        self.pass_time()

    @command("RAMP")
    def ramp(self) -> None:
        """Ramp to the target."""
        self._begin(HOLDING if self.supply_current == self.target else RAMPING)

    @command("PAUSE")
    def pause(self) -> None:
        """Stop where it is."""
        self._begin(PAUSED)

    @command("INCR")
    def increase(self) -> None:
        """Ramp up."""
        self._begin(UP)

    @command("DECR")
    def decrease(self) -> None:
        """Ramp down."""
        self._begin(DOWN)

    @command("ZERO")
    def zero(self) -> None:
        """Ramp to zero."""
        self._begin(AT_ZERO if self.supply_current == 0 else ZEROING)

    @query("STATE?")
    def ask_state(self) -> int:
        """Answer what goes on."""
        if self.switch_installed and self.now < self.switch_ready and self.activity != QUENCH:
            return HEATING if self.heater else COOLING
        return self.activity

    # The persistent switch

    @command("PSwitch", Boolean())
    def switch_heater(self, on: bool) -> None:
        """Switch the heater; a switch that opens between different currents quenches the magnet."""
        if not self.switch_installed:
            raise Refusal(-221)
        if on == self.heater:
            return
        if on and abs(self.magnet_current - self.supply_current) > 0.1:  # noqa: PLR2004 - A
            self.quench()
            return
        self.heater = on
        self.switch_ready = self.now + self.switch_time

    @query("PSwitch?")
    def ask_heater(self) -> bool:
        """Answer whether the heater is on."""
        return self.heater and self.switch_installed

    @query("PSwitch:INSTalled?")
    def ask_switch(self) -> bool:
        """Answer whether there is a switch."""
        return self.switch_installed

    @query("PERSistent?")
    def ask_persistent(self) -> bool:
        """Answer whether the magnet keeps its field by itself."""
        cold = self.switch_installed and not self.heater and self.now >= self.switch_ready
        return cold and self.magnet_current != 0

    # Quench

    @command("QUench", Boolean())
    def set_quench(self, on: bool) -> None:
        """Clear a quench, or act as if there was one."""
        if on:
            self.quench()
        elif self.activity == QUENCH:
            self.activity = PAUSED

    @query("QUench?")
    def ask_quench(self) -> bool:
        """Answer whether there was one."""
        return self.activity == QUENCH

    @query("QUench:COUNT?")
    def ask_quenches(self) -> int:
        """Answer how many."""
        return self.quench_count

    # Readings

    @query("FIELD:MAGnet?", form=_FORM)
    def ask_field(self) -> float:
        """Answer the field."""
        return self.magnet_current / self.unit

    @query("CURRent:MAGnet?", form="{:.4f}")
    def ask_current(self) -> float:
        """Answer the current of the magnet."""
        return self.magnet_current

    @query("CURRent:SUPPly?", form="{:.4f}")
    def ask_supply_current(self) -> float:
        """Answer that of the supply."""
        return self.supply_current

    @query("VOLTage:MAGnet?", form="{:.4f}")
    def ask_magnet_voltage(self) -> float:
        """Answer what the inductance makes of the ramp."""
        goal = self._goal()
        if goal is None or goal == self.supply_current or not self.coupled:
            return 0.0
        return copysign(_INDUCTANCE * self._segment(goal)[0], goal - self.supply_current)

    @query("VOLTage:SUPPly?", form="{:.4f}")
    def ask_supply_voltage(self) -> float:
        """Answer the same: leads are ideal."""
        return self.ask_magnet_voltage()

    @command("SYSTem:REMote")
    def remote(self) -> None:
        """Take it: there is no front panel."""

    @command("SYSTem:LOCal")
    def local(self) -> None:
        """Take it: there is no front panel."""
