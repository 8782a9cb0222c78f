"""A simulated Rigol DP832 with a resistor at each output.

Like the instrument: commands with a channel in the header, in the data, or for the channel that was selected; truth
values as ON and OFF, protections as YES and NO; limits of each output; current limits; protections that trip.

Unlike the instrument: nothing takes time; no tracking, timers, delays, memories and traces.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import attrs
from luthier_sim import Choice, Integer, Number, Refusal, ScpiDevice, command, query

__all__ = ["SimulatedDp832"]

_CHANNELS: Final = ("CH1", "CH2", "CH3")
_CHANNEL: Final = Choice(*_CHANNELS, optional=True)
_ON_OFF: Final = ("ON", "OFF")
_LIMIT: Final = Choice("MINimum", "MAXimum", optional=True)


class _OrChannel:
    """A channel by its name, or something else."""

    rest = False

    def __init__(self, other: Any, *, optional: bool = False) -> None:
        self.other = other
        self.optional = optional

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> Any:
        """Return the name of a channel, or what the other kind makes of it."""
        if datum.form == "word" and datum.text.upper() in _CHANNELS:
            return datum.text.upper()
        return self.other.read(datum, device, suffixes)

    def write(self, value: Any) -> str:
        """Return it as text."""
        return str(value)


@attrs.define
class Output:
    """The state of one output; what it can be set to comes first."""

    largest_voltage: float
    largest_current: float
    largest_overvoltage: float
    largest_overcurrent: float
    load: float = 100.0
    voltage: float = 0.0
    current: float = 3.0
    on: bool = False
    overvoltage: float = 33.0
    overvoltage_on: bool = False
    overcurrent: float = 3.3
    overcurrent_on: bool = False
    overvoltage_tripped: bool = False
    overcurrent_tripped: bool = False

    @property
    def terminals(self) -> tuple[float, float]:
        """Voltage and current."""
        if not self.on:
            return 0.0, 0.0
        current = min(self.voltage / self.load, self.current)
        return current * self.load, current

    def protect(self) -> None:
        """Switch it off where a protection does not allow what it puts out."""
        voltage, current = self.terminals
        self.overvoltage_tripped = self.overvoltage_tripped or (self.overvoltage_on and voltage > self.overvoltage)
        self.overcurrent_tripped = self.overcurrent_tripped or (self.overcurrent_on and current > self.overcurrent)
        self.on = self.on and not (self.overvoltage_tripped or self.overcurrent_tripped)


class SimulatedDp832(ScpiDevice):
    """A DP832 with 100 Ω at each output.

    Attributes
    ----------
    outputs
        The outputs; ``outputs[0].load`` is the resistor at the first, in Ω.
    """

    identity = "RIGOL TECHNOLOGIES,DP832,DP8C000000001,00.01.16"
    ratings: ClassVar[tuple[tuple[float, float, float, float], ...]] = (
        (32.0, 3.2, 33.0, 3.3),
        (32.0, 3.2, 33.0, 3.3),
        (5.3, 3.2, 5.5, 3.3),
    )
    outputs: list[Output]
    selected: int

    def reset(self) -> None:
        """Switch everything off."""
        loads = [output.load for output in self.outputs] if hasattr(self, "outputs") else [100.0] * 3
        self.outputs = [
            Output(*rating, load=load, overvoltage=rating[2], overcurrent=rating[3])
            for rating, load in zip(self.ratings, loads, strict=True)
        ]
        self.selected = 1

    def chosen(self, name: str | None) -> Output:
        """Return the output of a name, or the selected one."""
        return self.outputs[int(name[-1]) - 1 if name else self.selected - 1]

    def numbered(self, number: int) -> Output:
        """Return the output of a number in a header, or the selected one for 0: there was none."""
        return self.outputs[(number or self.selected) - 1]

    @query("*OPT?")
    def ask_options(self) -> str:
        """Answer which options there are: none."""
        return "0"

    @command("INSTrument:NSELect", Integer(1, 3))
    def select(self, number: int) -> None:
        """Select an output."""
        self.selected = number

    @query("INSTrument:NSELect?")
    def ask_selected(self) -> int:
        """Answer which output is selected."""
        return self.selected

    # Levels

    def _set_levels(self, output: Output, voltage: float | None, current: float | None) -> None:
        if voltage is not None and not 0 <= voltage <= output.largest_voltage:
            raise Refusal(-222)
        if current is not None and not 0 <= current <= output.largest_current:
            raise Refusal(-222)
        output.voltage = output.voltage if voltage is None else voltage
        output.current = output.current if current is None else current
        output.protect()

    @command("[SOURce[0..3]:]VOLTage[:LEVel][:IMMediate][:AMPLitude]", Number(unit="V"))
    def set_voltage(self, number: int, voltage: float) -> None:
        """Set a level."""
        self._set_levels(self.numbered(number), voltage, None)

    @query("[SOURce[0..3]:]VOLTage[:LEVel][:IMMediate][:AMPLitude]?", _LIMIT, form="{:.3f}")
    def ask_voltage(self, number: int, limit: str | None) -> float:
        """Answer a level."""
        output = self.numbered(number)
        return {None: output.voltage, "MIN": 0.0, "MAX": output.largest_voltage}[limit]

    @command("[SOURce[0..3]:]CURRent[:LEVel][:IMMediate][:AMPLitude]", Number(unit="A"))
    def set_current(self, number: int, current: float) -> None:
        """Set a limit."""
        self._set_levels(self.numbered(number), None, current)

    @query("[SOURce[0..3]:]CURRent[:LEVel][:IMMediate][:AMPLitude]?", _LIMIT, form="{:.4f}")
    def ask_current(self, number: int, limit: str | None) -> float:
        """Answer a limit."""
        output = self.numbered(number)
        return {None: output.current, "MIN": 0.0, "MAX": output.largest_current}[limit]

    @command("APPLy", Choice(*_CHANNELS), Number(unit="V", optional=True), Number(unit="A", optional=True))
    def apply(self, name: str, voltage: float | None, current: float | None) -> None:
        """Select an output, and set its level and its limit."""
        self.selected = int(name[-1])
        self._set_levels(self.chosen(name), voltage, current)

    @query("APPLy?", _CHANNEL)
    def ask_applied(self, name: str | None) -> str:
        """Answer name, level and limit."""
        output = self.chosen(name)
        return f"{name or f'CH{self.selected}'},{output.voltage:.3f},{output.current:.4f}"

    # Output

    @command("OUTPut[:STATe]", Choice(*_CHANNELS, *_ON_OFF), Choice(*_ON_OFF, optional=True))
    def set_output(self, first: str, second: str | None) -> None:
        """Switch an output."""
        self._switch("on", first, second)

    @query("OUTPut[:STATe]?", _CHANNEL)
    def ask_output(self, name: str | None) -> str:
        """Answer whether an output is on."""
        return "ON" if self.chosen(name).on else "OFF"

    @query("OUTPut:MODE?", _CHANNEL)
    def ask_mode(self, name: str | None) -> str:
        """Answer what an output holds."""
        output = self.chosen(name)
        return "CC" if output.on and output.voltage > output.current * output.load * (1 + 1e-9) else "CV"

    def _switch(self, what: str, first: str, second: str | None) -> None:
        name, word = (first, second) if first in _CHANNELS else (None, first)
        if word is None:
            raise Refusal(-109)
        output = self.chosen(name)
        if what == "on" and word == "ON" and (output.overvoltage_tripped or output.overcurrent_tripped):
            raise Refusal(-221)
        setattr(output, what, word == "ON")
        output.protect()

    @query("MEASure[:VOLTage][:DC]?", _CHANNEL, form="{:.4f}")
    def measure_voltage(self, name: str | None) -> float:
        """Answer the voltage."""
        return self.chosen(name).terminals[0]

    @query("MEASure:CURRent[:DC]?", _CHANNEL, form="{:.4f}")
    def measure_current(self, name: str | None) -> float:
        """Answer the current."""
        return self.chosen(name).terminals[1]

    @query("MEASure:POWEr[:DC]?", _CHANNEL, form="{:.3f}")
    def measure_power(self, name: str | None) -> float:
        """Answer the power."""
        voltage, current = self.chosen(name).terminals
        return voltage * current

    @query("MEASure:ALL[:DC]?", _CHANNEL)
    def measure_all(self, name: str | None) -> str:
        """Answer voltage, current and power."""
        voltage, current = self.chosen(name).terminals
        return f"{voltage:.4f},{current:.4f},{voltage * current:.3f}"

    # Protections

    @command("OUTPut:OVP[:STATe]", Choice(*_CHANNELS, *_ON_OFF), Choice(*_ON_OFF, optional=True))
    def set_overvoltage_on(self, first: str, second: str | None) -> None:
        """Switch the over-voltage protection."""
        self._switch("overvoltage_on", first, second)

    @command("OUTPut:OCP[:STATe]", Choice(*_CHANNELS, *_ON_OFF), Choice(*_ON_OFF, optional=True))
    def set_overcurrent_on(self, first: str, second: str | None) -> None:
        """Switch the over-current protection."""
        self._switch("overcurrent_on", first, second)

    @query("OUTPut:OVP[:STATe]?", _CHANNEL)
    def ask_overvoltage_on(self, name: str | None) -> str:
        """Answer whether the over-voltage protection is on."""
        return "ON" if self.chosen(name).overvoltage_on else "OFF"

    @query("OUTPut:OCP[:STATe]?", _CHANNEL)
    def ask_overcurrent_on(self, name: str | None) -> str:
        """Answer whether the over-current protection is on."""
        return "ON" if self.chosen(name).overcurrent_on else "OFF"

    @command("[SOURce[0..3]:]VOLTage:PROTection[:LEVel]", Number(unit="V"))
    def set_voltage_protection(self, number: int, level: float) -> None:
        """Set the level of the over-voltage protection by its other name."""
        self._set_protection("overvoltage", f"CH{number or self.selected}", level)

    @query("[SOURce[0..3]:]VOLTage:PROTection[:LEVel]?", form="{:.3f}")
    def ask_voltage_protection(self, number: int) -> float:
        """Answer the level of the over-voltage protection."""
        return self.numbered(number).overvoltage

    @command("[SOURce[0..3]:]VOLTage:PROTection:STATe", Choice(*_ON_OFF))
    def set_voltage_protection_on(self, number: int, word: str) -> None:
        """Switch the over-voltage protection by its other name."""
        self._switch("overvoltage_on", f"CH{number or self.selected}", word)

    @query("[SOURce[0..3]:]VOLTage:PROTection:STATe?")
    def ask_voltage_protection_on(self, number: int) -> str:
        """Answer whether the over-voltage protection is on."""
        return "ON" if self.numbered(number).overvoltage_on else "OFF"

    @command("[SOURce[0..3]:]CURRent:PROTection[:LEVel]", Number(unit="A"))
    def set_current_protection(self, number: int, level: float) -> None:
        """Set the level of the over-current protection by its other name."""
        self._set_protection("overcurrent", f"CH{number or self.selected}", level)

    @query("[SOURce[0..3]:]CURRent:PROTection[:LEVel]?", form="{:.4f}")
    def ask_current_protection(self, number: int) -> float:
        """Answer the level of the over-current protection."""
        return self.numbered(number).overcurrent

    @command("[SOURce[0..3]:]CURRent:PROTection:STATe", Choice(*_ON_OFF))
    def set_current_protection_on(self, number: int, word: str) -> None:
        """Switch the over-current protection by its other name."""
        self._switch("overcurrent_on", f"CH{number or self.selected}", word)

    @query("[SOURce[0..3]:]CURRent:PROTection:STATe?")
    def ask_current_protection_on(self, number: int) -> str:
        """Answer whether the over-current protection is on."""
        return "ON" if self.numbered(number).overcurrent_on else "OFF"

    @command("OUTPut:OVP:VALue", _OrChannel(Number(unit="V")), Number(unit="V", optional=True))
    def set_overvoltage(self, first: str | float, second: float | None) -> None:
        """Set the level of the over-voltage protection."""
        self._set_protection("overvoltage", first, second)

    @command("OUTPut:OCP:VALue", _OrChannel(Number(unit="A")), Number(unit="A", optional=True))
    def set_overcurrent(self, first: str | float, second: float | None) -> None:
        """Set the level of the over-current protection."""
        self._set_protection("overcurrent", first, second)

    def _set_protection(self, what: str, first: str | float, second: float | None) -> None:
        name, level = (first, second) if isinstance(first, str) else (None, first)
        output = self.chosen(name)
        if level is None:
            raise Refusal(-109)
        if not 0.01 <= level <= getattr(output, f"largest_{what}"):  # noqa: PLR2004 - the manual's lower limit
            raise Refusal(-222)
        setattr(output, what, level)
        output.protect()

    @query("OUTPut:OVP:VALue?", _CHANNEL, form="{:.3f}")
    def ask_overvoltage(self, name: str | None) -> float:
        """Answer the level of the over-voltage protection."""
        return self.chosen(name).overvoltage

    @query("OUTPut:OCP:VALue?", _CHANNEL, form="{:.4f}")
    def ask_overcurrent(self, name: str | None) -> float:
        """Answer the level of the over-current protection."""
        return self.chosen(name).overcurrent

    @query("OUTPut:OVP:QUES?", _CHANNEL)
    @query("OUTPut:OVP:ALAR?", _CHANNEL)
    def ask_overvoltage_tripped(self, name: str | None) -> str:
        """Answer whether the over-voltage protection has tripped."""
        return "YES" if self.chosen(name).overvoltage_tripped else "NO"

    @query("OUTPut:OCP:QUES?", _CHANNEL)
    @query("OUTPut:OCP:ALAR?", _CHANNEL)
    def ask_overcurrent_tripped(self, name: str | None) -> str:
        """Answer whether the over-current protection has tripped."""
        return "YES" if self.chosen(name).overcurrent_tripped else "NO"

    @command("OUTPut:OVP:CLEAR", _CHANNEL)
    def clear_overvoltage(self, name: str | None) -> None:
        """Allow the output on again."""
        self.chosen(name).overvoltage_tripped = False

    @command("OUTPut:OCP:CLEAR", _CHANNEL)
    def clear_overcurrent(self, name: str | None) -> None:
        """Allow the output on again."""
        self.chosen(name).overcurrent_tripped = False
