"""A simulated Siglent SPD3303X with a resistor at each output that can be set.

Like the instrument: levels with and without a channel; the status word, which alone says what is on; outputs that
track; entries of the error queue without a comma.

Unlike the instrument: ``*RST`` and the status registers are understood; nothing takes time; no timers, waveform display
and memories. Errors have the standard's numbers, because those of the instrument are not known.
"""

from __future__ import annotations

from typing import ClassVar, Final

import attrs
from luthier_sim import Choice, Integer, Number, Refusal, ScpiDevice, command, query

__all__ = ["SimulatedSpd3303x"]

_CHANNEL: Final = Choice("CH1", "CH2", optional=True)
_ROUNDS: Final = 60
_INDEPENDENT, _SERIES, _PARALLEL = 0, 1, 2
_STATUS_BITS: Final = {_INDEPENDENT: 1, _PARALLEL: 2, _SERIES: 3}


@attrs.define
class Output:
    """The state of one output."""

    load: float = 100.0
    voltage: float = 0.0
    current: float = 3.2
    on: bool = False

    @property
    def terminals(self) -> tuple[float, float]:
        """Voltage and current."""
        current = min(self.voltage / self.load, self.current) if self.on else 0.0
        return current * self.load, current


class SimulatedSpd3303x(ScpiDevice):
    """An SPD3303X with 100 Ω at its first two outputs.

    On a bench these drive their voltages and see their currents, as ``voltage1`` and ``current1``. What is connected
    has to take more current at more voltage.

    Attributes
    ----------
    outputs
        The outputs that can be set; ``outputs[0].load`` is the resistor at the first, in Ω.
    fixed_on
        Whether the third output is on.
    """

    drives: ClassVar[dict[str, str]] = {"voltage1": "V", "voltage2": "V"}
    senses: ClassVar[dict[str, str]] = {"current1": "A", "current2": "A"}
    identity = "Siglent Technologies,SPD3303X,SPD3XAAA000001,1.01.01.02.07R2,V3.0"

    outputs: list[Output]
    fixed_on: bool
    selected: int
    tracking: int

    def reset(self) -> None:
        """Switch everything off."""
        self.outputs = [Output(), Output()]
        self.fixed_on = False
        self.selected = 1
        self.tracking = _INDEPENDENT

    def chosen(self, name: str | None) -> int:
        """Return the number of an output by its name, or that of the selected one."""
        return int(name[-1]) if name else self.selected

    def at_terminals(self, number: int) -> tuple[float, float]:
        """Return voltage in V and current in A at an output."""
        output = self.outputs[number - 1]
        seen = self.sense(f"current{number}", {f"voltage{number}": output.voltage})
        if seen is None or not output.on:
            return output.terminals
        if float(seen) <= output.current:
            return output.voltage, float(seen)
        low, high = 0.0, output.voltage
        for _ in range(_ROUNDS):
            middle = (low + high) / 2
            current = float(self.sense(f"current{number}", {f"voltage{number}": middle}, otherwise=0.0))
            low, high = (low, middle) if current > output.current else (middle, high)
        return low, output.current

    def is_limited(self, number: int) -> bool:
        """Return whether the current of an output is at its limit."""
        output = self.outputs[number - 1]
        return output.on and self.at_terminals(number)[0] < output.voltage * (1 - 1e-9)

    def driven(self, output: str) -> float:
        """Return the voltage at the terminals; 0 V where the output is off."""
        return self.at_terminals(int(output[-1]))[0]

    @query("SYSTem:ERRor[:NEXT]?")
    def next_error(self) -> str:
        """Answer an entry of the error queue, as Siglent writes it."""
        number, _, text = str(self.errors.take()).partition(",")
        return f"{number}  {text.strip(chr(34))}"

    @command("INSTrument", Choice("CH1", "CH2"))
    def select(self, name: str) -> None:
        """Select an output."""
        self.selected = int(name[-1])

    @query("INSTrument?")
    def ask_selected(self) -> str:
        """Answer which output is selected."""
        return f"CH{self.selected}"

    # Levels

    @command("CH[1|2]:VOLTage", Number(0, 32, "V"))
    def set_voltage(self, number: int, voltage: float) -> None:
        """Set a level; the second output follows the first while they track."""
        if self.tracking != _INDEPENDENT:
            if number != 1:
                raise Refusal(-221)
            self.outputs[1].voltage = voltage
        self.outputs[number - 1].voltage = voltage

    @command("VOLTage", Number(0, 32, "V"))
    def set_selected_voltage(self, voltage: float) -> None:
        """Set the level of the selected output."""
        self.set_voltage(self.selected, voltage)

    @query("CH[1|2]:VOLTage?", form="{:.3f}")
    def ask_voltage(self, number: int) -> float:
        """Answer a level."""
        return self.outputs[number - 1].voltage

    @command("CH[1|2]:CURRent", Number(0, 3.2, "A"))
    def set_current(self, number: int, current: float) -> None:
        """Set a limit."""
        self.outputs[number - 1].current = current

    @command("CURRent", Number(0, 3.2, "A"))
    def set_selected_current(self, current: float) -> None:
        """Set the limit of the selected output."""
        self.set_current(self.selected, current)

    @query("CH[1|2]:CURRent?", form="{:.3f}")
    def ask_current(self, number: int) -> float:
        """Answer a limit."""
        return self.outputs[number - 1].current

    # Output

    @command("OUTPut", Choice("CH1", "CH2", "CH3"), Choice("ON", "OFF"))
    def set_output(self, name: str, word: str) -> None:
        """Switch an output; the first two together while they track."""
        if name == "CH3":
            self.fixed_on = word == "ON"
            return
        together = self.outputs if self.tracking != _INDEPENDENT else [self.outputs[self.chosen(name) - 1]]
        for output in together:
            output.on = word == "ON"

    @command("OUTPut:TRACK", Integer(0, 2))
    def track(self, mode: int) -> None:
        """Let the second output follow the first, or not; both are switched off."""
        self.tracking = mode
        for output in self.outputs:
            output.on = False
        if mode != _INDEPENDENT:
            self.outputs[1].voltage = self.outputs[0].voltage

    @query("SYSTem:STATus?")
    def ask_status(self) -> str:
        """Answer the status word."""
        word = _STATUS_BITS[self.tracking] << 2
        for place, output in enumerate(self.outputs):
            word |= self.is_limited(place + 1) << place | output.on << (4 + place)
        return f"0x{word:x}"

    @query("MEASure:VOLTage?", _CHANNEL, form="{:.3f}")
    def measure_voltage(self, name: str | None) -> float:
        """Answer the voltage."""
        return self.at_terminals(self.chosen(name))[0]

    @query("MEASure:CURRent?", _CHANNEL, form="{:.3f}")
    def measure_current(self, name: str | None) -> float:
        """Answer the current."""
        return self.at_terminals(self.chosen(name))[1]

    @query("MEASure:POWEr?", _CHANNEL, form="{:.3f}")
    def measure_power(self, name: str | None) -> float:
        """Answer the power."""
        voltage, current = self.at_terminals(self.chosen(name))
        return voltage * current
