"""Simulated Keysight supplies whose outputs are named by lists of channels: the E36300 series and an N6705B.

E36300: E36300 Series Programmable DC Power Supplies Programming Guide, E36311-90008, Edition 5, May 2018. N6705B: its
manual was not at hand; commands as other projects have them, limits as 102 % of what modules are rated for.

Like the instruments: every command of the drivers in all of its spellings, for one output or a list of them; limits of
each output; current limits that hold the current, or switch off; over-voltage protection; tracking; an output that is
off puts out nothing; the error queue.

Unlike the instruments: nothing takes time, so that delays have no effect; readings are exact; pairing and remote
sensing change nothing; no lists, waveforms, scopes and loggers. Which error a refused setting makes was not confirmed.
"""

from __future__ import annotations

from math import copysign, inf
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import numpy as np
from luthier_sim import ChannelList, Refusal, ScpiDevice, channel_setting, command, query, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SimulatedE36311A", "SimulatedE36312A", "SimulatedE36313A", "SimulatedN6705B", "SimulatedSupply"]

_FORM: Final = "{:+.8E}"
_LEVEL: Final = "[:LEVel][:IMMediate][:AMPLitude]"
_OVER: Final = 1 + 1e-9
_OVERVOLTAGE, _OVERCURRENT = 1, 2
_ROUNDS, _PARTS = 8, 65
_LONGEST_DELAY: Final = 3600.0


@attrs.frozen
class Module:
    """What one output can be set to, in V and A."""

    lowest: float
    highest: float
    current: float
    overvoltage: float
    model: str = ""
    voltage_ranges: tuple[float, ...] = ()
    current_ranges: tuple[float, ...] = ()


def _lowest(supply: Any, n: int) -> float:
    return float(supply.modules[n - 1].lowest)


def _highest(supply: Any, n: int) -> float:
    return float(supply.highest(n))


def _most_current(supply: Any, n: int) -> float:
    return float(supply.most_current(n))


def _outputs(held: dict[str, Any], modules: tuple[Module, ...]) -> None:
    """Give a class its outputs."""
    channels = tuple(range(1, len(modules) + 1))
    by = dict(zip(channels, modules, strict=True))

    def kept(header: str, initial: Any, **options: Any) -> Any:
        return channel_setting(header, initial, channels=channels, **options)

    held["modules"] = modules
    held["drives"] = {f"voltage{n}": "V" for n in channels}
    held["senses"] = {f"current{n}": "A" for n in channels}
    held["voltage"] = voltage = kept(
        f"[SOURce:]VOLTage{_LEVEL}", dict.fromkeys(by, 0.0), minimum=_lowest, maximum=_highest, unit="V", form=_FORM
    )
    held["current"] = current = kept(
        f"[SOURce:]CURRent{_LEVEL}",
        {n: round(one.current / 1.03, 6) for n, one in by.items()},
        minimum=0,
        maximum=_most_current,
        unit="A",
        form=_FORM,
    )
    held["overvoltage"] = overvoltage = kept(
        "[SOURce:]VOLTage:PROTection[:LEVel]",
        {n: one.overvoltage for n, one in by.items()},
        minimum=lambda supply, n: min(0.0, supply.modules[n - 1].overvoltage),
        maximum=lambda supply, n: max(0.0, supply.modules[n - 1].overvoltage),
        unit="V",
        form=_FORM,
    )
    held["overcurrent_on"] = overcurrent = kept("[SOURce:]CURRent:PROTection:STATe", dict.fromkeys(by, False))
    held["output"] = output = kept("OUTPut[:STATe]", dict.fromkeys(by, False))
    for name, header in (
        ("overcurrent_delay", "[SOURce:]CURRent:PROTection:DELay[:TIME]"),
        ("rise_delay", "OUTPut:DELay:RISE"),
        ("fall_delay", "OUTPut:DELay:FALL"),
    ):
        held[name] = kept(
            header,
            dict.fromkeys(by, 0.0),
            minimum=0,
            maximum=lambda supply, _n: supply.longest_delay,
            unit="s",
            form=_FORM,
        )
    for one in (current, overvoltage, overcurrent):
        one.on_set(SimulatedSupply.settle)
    voltage.on_set(SimulatedSupply.set_voltage)
    output.on_set(SimulatedSupply.switch)
    held["channels"] = ChannelList(channels)


class SimulatedSupply(ScpiDevice):
    """What all of them do.

    On a bench each output drives its voltage and sees its current, as ``voltage1`` and ``current1``. What is connected
    has to let more current through at more voltage.

    Attributes
    ----------
    loads
        What is at each output where no bench connects it, in ohms, by number; may be infinite.
    tripped
        Bits of what has switched each output off: 1 for its voltage, 2 for its current.
    """

    modules: ClassVar[tuple[Module, ...]]
    longest_delay: ClassVar[float] = _LONGEST_DELAY
    voltage: dict[int, float]
    current: dict[int, float]
    overvoltage: dict[int, float]
    overvoltage_on: Mapping[int, bool]
    overcurrent_on: dict[int, bool]
    output: dict[int, bool]

    def switch_on(self) -> None:
        """Connect the resistors."""
        self.loads = dict.fromkeys(range(1, len(self.modules) + 1), 1000.0)
        super().switch_on()

    def reset(self) -> None:
        """Forget what has tripped."""
        self.tripped = dict.fromkeys(range(1, len(self.modules) + 1), 0)

    def highest(self, n: int) -> float:
        """Return the highest level of an output, in V."""
        return self.modules[n - 1].highest

    def most_current(self, n: int) -> float:
        """Return the largest current limit of an output, in A."""
        return self.modules[n - 1].current

    def current_at(self, n: int, voltage: float) -> float:
        """Return the current in amperes that output `n` drives at a voltage."""
        seen = self.sense(f"current{n}", {f"voltage{n}": voltage})
        return voltage / self.loads[n] if seen is None else float(seen)

    def _voltage_at(self, n: int, current: float, highest: float) -> float:
        if self.sense(f"current{n}", {f"voltage{n}": 0.0}) is None:
            return current * self.loads[n]
        low, high = min(0.0, highest), max(0.0, highest)
        for _ in range(_ROUNDS):
            voltages = np.linspace(low, high, _PARTS)
            enough = np.asarray(self.sense(f"current{n}", {f"voltage{n}": voltages})) >= current
            place = int(np.argmax(enough)) if enough.any() else _PARTS - 1
            low, high = float(voltages[max(place - 1, 0)]), float(voltages[place])
        return high

    def at_terminals(self, n: int) -> tuple[float, float, bool]:
        """Return voltage in V and current in A at an output, and whether its limit holds them back."""
        if not self.output[n]:
            return 0.0, 0.0, False
        voltage = self.voltage[n]
        current = self.current_at(n, voltage)
        if abs(current) <= self.current[n] * _OVER:
            return voltage, current, False
        current = copysign(self.current[n], current)
        return self._voltage_at(n, current, voltage), current, True

    def driven(self, output: str) -> float:
        """Return the voltage at the terminals; 0 V where the output is off."""
        return self.at_terminals(int(output.removeprefix("voltage")))[0]

    def set_voltage(self, _volts: float, n: int) -> None:
        """Look what a new level does."""
        self.settle(None, n)

    def switch(self, on: bool, n: int) -> None:
        """Switch an output; one that a protection has switched off does not come on."""
        if on and self.tripped[n]:
            raise Refusal(-221)
        self.settle(None, n)

    def settle(self, _value: object, n: int) -> None:
        """Switch off what the protections do not allow."""
        voltage, _, limited = self.at_terminals(n)
        highest = abs(self.overvoltage[n]) if self.overvoltage_on[n] else inf
        self.tripped[n] |= _OVERVOLTAGE * (abs(voltage) > highest * _OVER)
        self.tripped[n] |= _OVERCURRENT * (limited and self.overcurrent_on[n])
        self.output[n] = self.output[n] and not self.tripped[n]

    def measured_voltages(self, channels: tuple[int, ...]) -> str:
        """Return the voltages as a reply."""
        return ",".join(_FORM.format(self.at_terminals(n)[0]) for n in channels)

    def measured_currents(self, channels: tuple[int, ...]) -> str:
        """Return the currents as a reply."""
        return ",".join(_FORM.format(self.at_terminals(n)[1]) for n in channels)


_THREE: Final = ChannelList((1, 2, 3))
_FOUR: Final = ChannelList((1, 2, 3, 4))
_SIX_VOLTS: Final = Module(0.0, 6.18, 5.15, 6.6)
_SIX_VOLTS_10_A: Final = Module(0.0, 6.18, 10.3, 6.6)
_ONE_AMPERE: Final = Module(0.0, 25.75, 1.03, 27.5)
_TWO_AMPERES: Final = Module(0.0, 25.75, 2.06, 27.5)
_NEGATIVE: Final = Module(-25.75, 0.0, 1.03, -27.5)


class SimulatedE36300(SimulatedSupply):
    """What the supplies of the E36300 series have."""

    overvoltage_on = channel_setting("[SOURce:]VOLTage:PROTection:STATe", True, channels=(1, 2, 3))
    tracking = setting("OUTPut:TRACk[:STATe]", False)

    @overvoltage_on.on_set
    def _look(self, _on: bool, n: int) -> None:
        self.settle(None, n)

    @tracking.on_set
    def _track(self, on: bool) -> None:
        if on:
            self.set_voltage(self.voltage[2], 2)

    def set_voltage(self, volts: float, n: int) -> None:
        """Let outputs 2 and 3 follow each other where they track."""
        if self.tracking and n in (2, 3):
            other = 5 - n
            same = (self.highest(other) > 0) == (self.highest(n) > 0)
            self.voltage[other] = volts if same else -volts
            self.settle(None, other)
        self.settle(None, n)

    @query("MEASure[:SCALar]:VOLTage[:DC]?", _THREE)
    def measure_voltage(self, channels: tuple[int, ...]) -> str:
        """Answer voltages at the terminals."""
        return self.measured_voltages(channels)

    @query("MEASure[:SCALar]:CURRent[:DC]?", _THREE)
    def measure_current(self, channels: tuple[int, ...]) -> str:
        """Answer currents."""
        return self.measured_currents(channels)

    @query("[SOURce:]VOLTage:PROTection:TRIPped?", _THREE)
    def voltage_tripped(self, channels: tuple[int, ...]) -> str:
        """Answer whether the over-voltage protection has tripped."""
        return ",".join(str(int(bool(self.tripped[n] & _OVERVOLTAGE))) for n in channels)

    @query("[SOURce:]CURRent:PROTection:TRIPped?", _THREE)
    def current_tripped(self, channels: tuple[int, ...]) -> str:
        """Answer whether the over-current protection has tripped."""
        return ",".join(str(int(bool(self.tripped[n] & _OVERCURRENT))) for n in channels)

    @command("OUTPut:PROTection:CLEar", _THREE)
    def clear_protection(self, channels: tuple[int, ...]) -> None:
        """Forget what has tripped."""
        for n in channels:
            self.tripped[n] = 0

    @query("*OPT?")
    def ask_options(self) -> str:
        """Answer which options there are."""
        return "0"


class SimulatedE36311A(SimulatedE36300):
    """An E36311A with a resistor of 1 kΩ at each output."""

    identity = "Keysight Technologies,E36311A,MY00000011,1.0.4-1.0.0-1.02"
    _outputs(vars(), (_SIX_VOLTS, _ONE_AMPERE, _NEGATIVE))


class SimulatedE36312A(SimulatedE36300):
    """An E36312A with a resistor of 1 kΩ at each output."""

    identity = "Keysight Technologies,E36312A,MY00000012,1.0.4-1.0.0-1.02"
    sense_at = channel_setting(
        "[SOURce:]VOLTage:SENSe[:SOURce]", "INT", choices=("INTernal", "EXTernal"), channels=(1, 2, 3)
    )
    pair = setting("OUTPut:PAIR[:STATe]", "OFF", choices=("OFF", "PARallel", "SERies"))
    _outputs(vars(), (_SIX_VOLTS, _ONE_AMPERE, _ONE_AMPERE))


class SimulatedE36313A(SimulatedE36312A):
    """An E36313A with a resistor of 1 kΩ at each output."""

    identity = "Keysight Technologies,E36313A,MY00000013,1.0.4-1.0.0-1.02"
    _outputs(vars(), (_SIX_VOLTS_10_A, _TWO_AMPERES, _TWO_AMPERES))


_N6731B: Final = Module(0.0, 5.1, 10.2, 7.5, "N6731B", (5.0,), (10.0,))
_N6733B: Final = Module(0.0, 20.4, 2.55, 22.0, "N6733B", (20.0,), (2.5,))
_N6762A: Final = Module(0.0, 51.0, 3.06, 55.0, "N6762A", (5.5, 50.0), (0.1, 3.0))


class SimulatedN6705B(SimulatedSupply):
    """An N6705B with an N6731B, an N6733B and two N6762A, and a resistor of 1 kΩ at each."""

    identity = "Agilent Technologies,N6705B,MY50000001,D.01.08"
    longest_delay = 1.023
    overvoltage_on: Mapping[int, bool] = dict.fromkeys((1, 2, 3, 4), True)
    _outputs(vars(), (_N6731B, _N6733B, _N6762A, _N6762A))
    voltage_range = channel_setting(
        "[SOURce:]VOLTage:RANGe",
        {1: 5.0, 2: 20.0, 3: 50.0, 4: 50.0},
        channels=(1, 2, 3, 4),
        minimum=0,
        maximum=lambda supply, n: supply.modules[n - 1].voltage_ranges[-1],
        unit="V",
        form=_FORM,
    )
    current_range = channel_setting(
        "[SOURce:]CURRent:RANGe",
        {1: 10.0, 2: 2.5, 3: 3.0, 4: 3.0},
        channels=(1, 2, 3, 4),
        minimum=0,
        maximum=lambda supply, n: supply.modules[n - 1].current_ranges[-1],
        unit="A",
        form=_FORM,
    )

    def highest(self, n: int) -> float:
        """Return 102 % of the range."""
        return round(1.02 * self.voltage_range[n], 6)

    def most_current(self, n: int) -> float:
        """Return 102 % of the range."""
        return round(1.02 * self.current_range[n], 6)

    @voltage_range.on_set
    def _choose_voltage_range(self, volts: float, n: int) -> None:
        ranges = self.modules[n - 1].voltage_ranges
        self.voltage_range[n] = next(one for one in ranges if volts <= one)
        if self.voltage[n] > self.highest(n) * _OVER:
            raise Refusal(-221)

    @current_range.on_set
    def _choose_current_range(self, amperes: float, n: int) -> None:
        ranges = self.modules[n - 1].current_ranges
        self.current_range[n] = next(one for one in ranges if amperes <= one)
        self.current[n] = min(self.current[n], self.most_current(n))
        self.settle(None, n)

    @query("MEASure[:SCALar]:VOLTage[:DC]?", _FOUR)
    def measure_voltage(self, channels: tuple[int, ...]) -> str:
        """Answer voltages at the terminals."""
        return self.measured_voltages(channels)

    @query("MEASure[:SCALar]:CURRent[:DC]?", _FOUR)
    def measure_current(self, channels: tuple[int, ...]) -> str:
        """Answer currents."""
        return self.measured_currents(channels)

    @query("SYSTem:CHANnel[:COUNt]?")
    def count(self) -> int:
        """Answer how many outputs there are."""
        return len(self.modules)

    @query("SYSTem:CHANnel:MODel?", _FOUR)
    def ask_models(self, channels: tuple[int, ...]) -> str:
        """Answer the models of modules."""
        return ",".join(self.modules[n - 1].model for n in channels)

    @query("SYSTem:CHANnel:SERial?", _FOUR)
    def ask_serial_numbers(self, channels: tuple[int, ...]) -> str:
        """Answer the serial numbers of modules."""
        return ",".join(f"MY5100000{n}" for n in channels)

    @query("STATus:QUEStionable:CONDition?", _FOUR)
    def ask_condition(self, channels: tuple[int, ...]) -> str:
        """Answer what has tripped."""
        return ",".join(str(self.tripped[n]) for n in channels)

    @command("OUTPut:PROTection:CLEar", _FOUR)
    def clear_protection(self, channels: tuple[int, ...]) -> None:
        """Forget what has tripped."""
        for n in channels:
            self.tripped[n] = 0
