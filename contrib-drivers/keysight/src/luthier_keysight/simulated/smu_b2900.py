"""Simulated Keysight B2900 source-measure units, with a resistor at each channel, or what a bench connects.

Pages: Agilent B2900 Series SCPI Command Reference, B2910-90030, Edition 2, July 2011, and Keysight B2961A/B2962A SCPI
Command Reference, B2961-90030, Edition 6, April 2019, of which only parts were at hand.

Like the instruments: commands with their suffixes and channel lists; levels, limits, ranges and compliance; spot
measurements and INITiate switch the output on; lists of levels; readings of several triggers; protection that switches
off; the error queue.

Unlike the instruments: levels and readings are exact (set ``noise_level`` for noise); only measuring takes time; no
staircase sweeps, pulses, trace buffer and limit tests; how much current there can be does not depend on the voltage.
That a level beyond a fixed range is refused, and that changing the function switches the output off, was not confirmed.
"""

from __future__ import annotations

from math import copysign
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from luthier.scpi import INFINITY
from luthier_sim import (
    ChannelList,
    Choice,
    Number,
    NumberList,
    Refusal,
    ScpiDevice,
    Text,
    channel_setting,
    command,
    query,
    setting,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SimulatedB2902A", "SimulatedB2912A"]

_FORM: Final = "{:+.8E}"
_NOT_A_NUMBER: Final = 9.91e37
_VOLTAGES: Final = (0.2, 2.0, 20.0, 200.0)
_CURRENTS: Final = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 1.5, 3.0)
_LARGEST: Final = {"VOLT": 210.0, "CURR": 3.03}
_TOP: Final = {1.5: 1.515, 3.0: 3.03}
_OVER: Final = 1 + 1e-9
_CHANNELS: Final = ChannelList((1, 2), optional=True)
_LIST_LENGTH: Final = 2500
_MAINS: Final = 50.0
_ROUNDS, _PARTS = 8, 65
_ELEMENTS: Final = ("VOLT", "CURR", "RES", "TIME", "STAT", "SOUR")
_ELEMENTS_LONG: Final = ("VOLTage", "CURRent", "RESistance", "TIME", "STATus", "SOURce")

Reading = dict[str, float]


def _holds(nominal: float) -> float:
    return _TOP.get(nominal, 1.05 * nominal)


def _range_for(value: float, ranges: tuple[float, ...]) -> float:
    for nominal in ranges:
        if abs(value) <= _holds(nominal) * _OVER:
            return nominal
    raise Refusal(-222)


def _level(name: str) -> Number:
    largest = _LARGEST[name]

    def limit(smu: Any, channel: int) -> float:
        auto = getattr(smu, f"source_{name.lower()}_auto")[channel]
        return largest if auto else _holds(float(getattr(smu, f"source_{name.lower()}_range")[channel]))

    return Number(lambda smu, n: -limit(smu, n), limit, "V" if name == "VOLT" else "A", default=0.0, form=_FORM)


class SimulatedB2912A(ScpiDevice):
    """A B2912A with a resistor of 1 kΩ at each channel, or what a bench connects.

    On a bench channel 1 drives ``voltage1`` and sees ``current1``; as a current source it finds the voltage at which
    its current flows. What is connected has to let more current through at more voltage.

    Attributes
    ----------
    loads
        What is at each channel where no bench connects it, in ohms, by number.
    noise_level
        Standard deviation of what is measured, relative to the value.
    """

    identity = "Keysight Technologies,B2912A,MY51140001,3.4.2011.5100"
    drives: ClassVar[Mapping[str, str]] = {"voltage1": "V", "voltage2": "V"}
    senses: ClassVar[Mapping[str, str]] = {"current1": "A", "current2": "A"}
    currents: ClassVar[tuple[float, ...]] = _CURRENTS
    noise_level = 0.0

    remote_sense = channel_setting("SENSe[1|2]:REMote", False)
    off_state = channel_setting("OUTPut[1|2]:OFF:MODE", "NORM", choices=("NORMal", "HIZ", "ZERO"))
    auto_on = channel_setting("OUTPut[1|2]:ON:AUTO", True)
    protection = channel_setting("OUTPut[1|2]:PROTection[:STATe]", False)
    output = channel_setting("OUTPut[1|2][:STATe]", False)
    function = channel_setting("[SOURce[1|2]:]FUNCtion:MODE", "VOLT", choices=("VOLTage", "CURRent"))
    current_limit = channel_setting(
        "SENSe[1|2]:CURRent[:DC]:PROTection[:LEVel][:BOTH]", 1e-4, minimum=1e-10, maximum=3.03, unit="A", form=_FORM
    )
    voltage_limit = channel_setting(
        "SENSe[1|2]:VOLTage[:DC]:PROTection[:LEVel][:BOTH]", 2.0, minimum=1e-6, maximum=210, unit="V", form=_FORM
    )
    source_volt_auto = channel_setting("[SOURce[1|2]:]VOLTage:RANGe:AUTO", True)
    source_curr_auto = channel_setting("[SOURce[1|2]:]CURRent:RANGe:AUTO", True)
    source_volt_range = channel_setting(
        "[SOURce[1|2]:]VOLTage:RANGe", 2.0, minimum=-200, maximum=200, unit="V", form=_FORM
    )
    source_curr_range = channel_setting(
        "[SOURce[1|2]:]CURRent:RANGe", 1e-4, minimum=-3, maximum=3, unit="A", form=_FORM
    )
    voltage = channel_setting("[SOURce[1|2]:]VOLTage[:LEVel][:IMMediate][:AMPLitude]", 0.0, _level("VOLT"))
    current = channel_setting("[SOURce[1|2]:]CURRent[:LEVel][:IMMediate][:AMPLitude]", 0.0, _level("CURR"))
    voltage_auto = channel_setting("SENSe[1|2]:VOLTage[:DC]:RANGe:AUTO", True)
    current_auto = channel_setting("SENSe[1|2]:CURRent[:DC]:RANGe:AUTO", True)
    nplc = channel_setting("SENSe[1|2]:CURRent[:DC]:NPLCycles", 0.1, minimum=4e-4, maximum=100, form=_FORM)
    measurement_wait = channel_setting("SENSe[1|2]:WAIT[:STATe]", True)
    voltage_mode = channel_setting("[SOURce[1|2]:]VOLTage:MODE", "FIX", choices=("FIXed", "SWEep", "LIST"))
    current_mode = channel_setting("[SOURce[1|2]:]CURRent:MODE", "FIX", choices=("FIXed", "SWEep", "LIST"))
    trigger_source = channel_setting("TRIGger[1|2][:ALL]:SOURce", "AINT", choices=("AINT", "BUS", "TIMer"))
    trigger_count = channel_setting("TRIGger[1|2][:ALL]:COUNt", 1, minimum=1, maximum=100_000)
    data_format = setting("FORMat[:DATA]", "ASC", choices=("ASCii", "REAL"))

    def switch_on(self) -> None:
        """Connect the resistors."""
        self.loads = {1: 1000.0, 2: 1000.0}
        super().switch_on()

    def reset(self) -> None:
        """Forget lists and readings."""
        self.lists = {(n, name): [0.0] for n in (1, 2) for name in _LARGEST}
        self.measured = {n: {"VOLT", "CURR"} for n in (1, 2)}
        self.elements: tuple[str, ...] = _ELEMENTS
        self.readings: dict[int, list[Reading]] = {1: [], 2: []}

    # Levels and ranges

    @voltage.on_set
    @source_volt_auto.on_set
    def _follow_voltage(self, _value: object, n: int) -> None:
        if self.source_volt_auto[n]:
            self.source_volt_range[n] = _range_for(self.voltage[n], _VOLTAGES)
        self._protect(n)

    @current.on_set
    @source_curr_auto.on_set
    def _follow_current(self, _value: object, n: int) -> None:
        if self.source_curr_auto[n]:
            self.source_curr_range[n] = _range_for(self.current[n], self.currents)
        self._protect(n)

    @source_volt_range.on_set
    def _choose_voltage_range(self, value: float, n: int) -> None:
        chosen = next(one for one in _VOLTAGES if abs(value) <= one * _OVER)
        if abs(self.voltage[n]) > _holds(chosen) * _OVER:
            raise Refusal(-221)
        self.source_volt_range[n], self.source_volt_auto[n] = chosen, False

    @source_curr_range.on_set
    def _choose_current_range(self, value: float, n: int) -> None:
        chosen = next(one for one in self.currents if abs(value) <= one * _OVER)
        if abs(self.current[n]) > _holds(chosen) * _OVER:
            raise Refusal(-221)
        self.source_curr_range[n], self.source_curr_auto[n] = chosen, False

    @function.on_set
    def _switch_off(self, _function: str, n: int) -> None:
        self.output[n] = False

    @output.on_set
    @protection.on_set
    @current_limit.on_set
    @voltage_limit.on_set
    def _limits_changed(self, _value: object, n: int) -> None:
        self._protect(n)

    def _protect(self, n: int) -> None:
        if self.protection[n] and self.at_terminals(n)[2]:
            self.output[n] = False

    # Lists

    @command("[SOURce[1|2]:]LIST:VOLTage", NumberList())
    def set_voltages(self, n: int, levels: tuple[float, ...]) -> None:
        """Take a list of voltages."""
        self._list(n, "VOLT", list(levels))

    @command("[SOURce[1|2]:]LIST:CURRent", NumberList())
    def set_currents(self, n: int, levels: tuple[float, ...]) -> None:
        """Take a list of currents."""
        self._list(n, "CURR", list(levels))

    @command("[SOURce[1|2]:]LIST:VOLTage:APPend", NumberList())
    def append_voltages(self, n: int, levels: tuple[float, ...]) -> None:
        """Lengthen the list of voltages."""
        self._list(n, "VOLT", [*self.lists[n, "VOLT"], *levels])

    @command("[SOURce[1|2]:]LIST:CURRent:APPend", NumberList())
    def append_currents(self, n: int, levels: tuple[float, ...]) -> None:
        """Lengthen the list of currents."""
        self._list(n, "CURR", [*self.lists[n, "CURR"], *levels])

    def _list(self, n: int, name: str, levels: list[float]) -> None:
        if any(abs(level) > _LARGEST[name] for level in levels):
            raise Refusal(-222)
        if len(levels) > _LIST_LENGTH:
            raise Refusal(-223)
        self.lists[n, name] = levels

    @query("[SOURce[1|2]:]LIST:VOLTage?")
    def ask_voltages(self, n: int) -> str:
        """Answer the list of voltages."""
        return ",".join(map(_FORM.format, self.lists[n, "VOLT"]))

    @query("[SOURce[1|2]:]LIST:CURRent?")
    def ask_currents(self, n: int) -> str:
        """Answer the list of currents."""
        return ",".join(map(_FORM.format, self.lists[n, "CURR"]))

    @query("[SOURce[1|2]:]LIST:VOLTage:POINts?")
    def count_voltages(self, n: int) -> int:
        """Answer how many voltages there are."""
        return len(self.lists[n, "VOLT"])

    @query("[SOURce[1|2]:]LIST:CURRent:POINts?")
    def count_currents(self, n: int) -> int:
        """Answer how many currents there are."""
        return len(self.lists[n, "CURR"])

    # What is at the terminals

    def current_at(self, n: int, voltage: float) -> float:
        """Return the current in amperes that flows through channel `n` at a voltage."""
        seen = self.sense(f"current{n}", {f"voltage{n}": voltage})
        return voltage / self.loads[n] if seen is None else float(seen)

    def voltage_at(self, n: int, current: float) -> float:
        """Return the voltage in volts at which a current flows; ±210 V where none is enough."""
        if self.sense(f"current{n}", {f"voltage{n}": 0.0}) is None:
            return current * self.loads[n] if current else 0.0
        low, high = -_LARGEST["VOLT"], _LARGEST["VOLT"]
        for _ in range(_ROUNDS):
            voltages = np.linspace(low, high, _PARTS)
            enough = np.asarray(self.sense(f"current{n}", {f"voltage{n}": voltages})) >= current
            place = int(np.argmax(enough)) if enough.any() else _PARTS - 1
            low, high = float(voltages[max(place - 1, 0)]), float(voltages[place])
        return high

    def driven(self, output: str) -> float:
        """Return the voltage at the terminals; 0 V where the output is off."""
        return self.at_terminals(int(output[-1]))[0]

    def at_terminals(self, n: int, level: float | None = None) -> tuple[float, float, bool]:
        """Return voltage in V and current in A at a channel, and whether its limit holds them back."""
        if not self.output[n]:
            return 0.0, 0.0, False
        if self.function[n] == "VOLT":
            voltage = self.voltage[n] if level is None else level
            current = self.current_at(n, voltage)
            if abs(current) <= self.current_limit[n] * _OVER:
                return voltage, current, False
            current = copysign(self.current_limit[n], current)
            return self.voltage_at(n, current), current, True
        current = self.current[n] if level is None else level
        voltage = self.voltage_at(n, current)
        if abs(voltage) <= self.voltage_limit[n] * _OVER:
            return voltage, current, False
        voltage = copysign(self.voltage_limit[n], voltage)
        return voltage, self.current_at(n, voltage), True

    # Measuring

    def _measure(self, n: int, level: float | None = None) -> Reading:
        self.spend(self.nplc[n] / _MAINS)
        voltage, current, limited = self.at_terminals(n, level)
        source = voltage if self.function[n] == "VOLT" else current
        reading = {"TIME": self.now, "STAT": float(limited), "SOUR": source if level is None else level}
        reading["VOLT"] = voltage + self.noise(self.noise_level * abs(voltage))
        reading["CURR"] = current + self.noise(self.noise_level * abs(current))
        reading["RES"] = reading["VOLT"] / reading["CURR"] if reading["CURR"] else INFINITY
        return reading

    def _spot(self, channels: tuple[int, ...] | None, names: tuple[str, ...]) -> str:
        answered = []
        for n in channels or (1,):
            self.output[n] = True
            self.readings[n] = [self._measure(n)]
            answered += [self.readings[n][0][name] for name in names]
        return ",".join(map(_FORM.format, answered))

    @query("MEASure:VOLTage[:DC]?", _CHANNELS)
    def measure_voltage(self, channels: tuple[int, ...] | None) -> str:
        """Switch on, and measure a voltage."""
        return self._spot(channels, ("VOLT",))

    @query("MEASure:CURRent[:DC]?", _CHANNELS)
    def measure_current(self, channels: tuple[int, ...] | None) -> str:
        """Switch on, and measure a current."""
        return self._spot(channels, ("CURR",))

    @query("MEASure?", _CHANNELS)
    def measure(self, channels: tuple[int, ...] | None) -> str:
        """Switch on, and measure what is chosen by FORMat:ELEMents:SENSe."""
        return self._spot(channels, self.elements)

    @command("SENSe[1|2]:FUNCtion[:ON]", Text(), Text(optional=True), Text(optional=True))
    def choose(self, n: int, *names: str | None) -> None:
        """Measure these functions, beside the others."""
        chosen = {name.upper()[:4].rstrip(":") for name in names if name}
        if not chosen <= {"VOLT", "CURR", "RES", "RESI"}:
            raise Refusal(-224)
        self.measured[n] |= chosen

    @command("INITiate[:IMMediate][:ALL]", _CHANNELS)
    def initiate(self, channels: tuple[int, ...] | None) -> None:
        """Switch on where that is automatic, and measure as often as the trigger says."""
        for n in channels or (1,):
            self.output[n] = self.output[n] or self.auto_on[n]
            name = self.function[n]
            swept = (self.voltage_mode if name == "VOLT" else self.current_mode)[n] == "LIST"
            count = self.trigger_count[n]
            levels = (self.lists[n, name] * count)[:count] if swept else [None] * count
            self.readings[n] = [self._measure(n, level) for level in levels]

    @query("SENSe[1|2]:CURRent[:DC]:PROTection:TRIPped?")
    def current_is_limited(self, n: int) -> bool:
        """Answer whether the voltage source is limited."""
        return self.function[n] == "VOLT" and self.at_terminals(n)[2]

    @query("SENSe[1|2]:VOLTage[:DC]:PROTection:TRIPped?")
    def voltage_is_limited(self, n: int) -> bool:
        """Answer whether the current source is limited."""
        return self.function[n] == "CURR" and self.at_terminals(n)[2]

    def _fetch(self, channels: tuple[int, ...] | None, name: str) -> str:
        found = [reading[name] for n in channels or (1,) for reading in self.readings[n]]
        return ",".join(map(_FORM.format, found or [_NOT_A_NUMBER]))

    @query("FETCh:ARRay:VOLTage?", _CHANNELS)
    def fetch_voltages(self, channels: tuple[int, ...] | None) -> str:
        """Answer the voltages of the last start."""
        return self._fetch(channels, "VOLT")

    @query("FETCh:ARRay:CURRent?", _CHANNELS)
    def fetch_currents(self, channels: tuple[int, ...] | None) -> str:
        """Answer the currents of the last start."""
        return self._fetch(channels, "CURR")

    @query("FETCh:ARRay:TIME?", _CHANNELS)
    def fetch_times(self, channels: tuple[int, ...] | None) -> str:
        """Answer when they were measured."""
        return self._fetch(channels, "TIME")

    @query("FETCh:ARRay:SOURce?", _CHANNELS)
    def fetch_levels(self, channels: tuple[int, ...] | None) -> str:
        """Answer what was sourced."""
        return self._fetch(channels, "SOUR")

    @command("FORMat:ELEMents:SENSe", *(Choice(*_ELEMENTS_LONG, optional=bool(place)) for place in range(6)))
    def choose_elements(self, *names: str | None) -> None:
        """Choose what readings consist of; their order is fixed."""
        self.elements = tuple(name for name in _ELEMENTS if name in names)

    @query("FORMat:ELEMents:SENSe?")
    def ask_elements(self) -> str:
        """Answer what readings consist of."""
        return ",".join(self.elements)


class SimulatedB2902A(SimulatedB2912A):
    """A B2902A, which lacks the range of 10 nA."""

    identity = "Keysight Technologies,B2902A,MY51140002,3.4.2011.5100"
    currents = _CURRENTS[1:]
