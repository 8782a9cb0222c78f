"""A simulated Keithley 2602B with a resistor at each channel, spoken to in TSP.

Commands: see :mod:`luthier_keithley.smu2600`; of the manual only parts were at hand.

Like the instrument, as far as that: what :class:`luthier_sim.TspDevice` understands of TSP; names of numbers, as
``smua.OUTPUT_ON``; levels, limits and ranges of each channel, to 101 % for sourcing and 102 % for measuring;
compliance; measuring with the output off.

Not confirmed: an overflow is answered as 9.91E37, and the output stays on while the source function is changed.

Unlike the instrument: the highest ranges of voltage and current do not exclude each other; a reading takes no time, and
has no noise unless ``noise_level`` is set; filters do not change readings; there are no buffers, sweeps, pulses,
triggers, digital lines and scripts.
"""

from __future__ import annotations

from math import copysign
from typing import ClassVar, Final

from luthier_sim import Refusal, TspDevice, tsp_attribute, tsp_function

__all__ = ["SimulatedSmu2602B"]

_VOLTAGES: Final = (0.1, 1.0, 6.0, 40.0)
_CURRENTS: Final = (1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0)
_OVER: Final = 1.01 * (1 + 1e-9)
_OVER_MEASURED: Final = 1.02 * (1 + 1e-9)
_OVERFLOW: Final = 9.91e37
_MOST_VOLTS: Final = 40.4
_MOST_AMPERES: Final = 3.03
_NUMBERS: Final = {
    "OUTPUT_OFF": 0,
    "OUTPUT_ON": 1,
    "OUTPUT_HIGH_Z": 2,
    "OUTPUT_NORMAL": 0,
    "OUTPUT_ZERO": 1,
    "OUTPUT_DCAMPS": 0,
    "OUTPUT_DCVOLTS": 1,
    "SENSE_LOCAL": 0,
    "SENSE_REMOTE": 1,
    "AUTORANGE_OFF": 0,
    "AUTORANGE_ON": 1,
    "FILTER_MOVING_AVG": 0,
    "FILTER_REPEAT_AVG": 1,
    "FILTER_MEDIAN": 2,
    "FILTER_OFF": 0,
    "FILTER_ON": 1,
}


def _range_for(value: float, ranges: tuple[float, ...]) -> float:
    for nominal in ranges:
        if abs(value) <= nominal * _OVER:
            return nominal
    raise Refusal(-222, "Parameter data out of range")


class SimulatedSmu2602B(TspDevice):
    """A 2602B with a resistor of 1 kΩ at each channel.

    Attributes
    ----------
    loads
        What is at each channel, in ohms, by letter.
    noise_level
        Standard deviation of what is measured, relative to the value.
    """

    identity = "Keithley Instruments Inc., Model 2602B, 1398687, 3.2.2"
    constants: ClassVar = {f"smu{letter}.{name}": value for letter in "ab" for name, value in _NUMBERS.items()}
    noise_level = 0.0

    sense = tsp_attribute("smu[ab].sense", 0, choices=(0, 1))
    off_mode = tsp_attribute("smu[ab].source.offmode", 0, choices=(0, 1, 2))
    function = tsp_attribute("smu[ab].source.func", 1, choices=(0, 1))
    output = tsp_attribute("smu[ab].source.output", 0, choices=(0, 1, 2))
    voltage = tsp_attribute("smu[ab].source.levelv", 0.0, minimum=-_MOST_VOLTS, maximum=_MOST_VOLTS)
    current = tsp_attribute("smu[ab].source.leveli", 0.0, minimum=-_MOST_AMPERES, maximum=_MOST_AMPERES)
    voltage_limit = tsp_attribute("smu[ab].source.limitv", 40.0, minimum=0.01, maximum=40)
    current_limit = tsp_attribute("smu[ab].source.limiti", 1.0, minimum=1e-8, maximum=3)
    source_voltage_range = tsp_attribute("smu[ab].source.rangev", 0.1, minimum=-40, maximum=40)
    source_current_range = tsp_attribute("smu[ab].source.rangei", 1e-7, minimum=-3, maximum=3)
    source_voltage_auto = tsp_attribute("smu[ab].source.autorangev", 1, choices=(0, 1))
    source_current_auto = tsp_attribute("smu[ab].source.autorangei", 1, choices=(0, 1))
    compliance = tsp_attribute("smu[ab].source.compliance", False, read_only=True)
    voltage_range = tsp_attribute("smu[ab].measure.rangev", 0.1, minimum=-40, maximum=40)
    current_range = tsp_attribute("smu[ab].measure.rangei", 1e-7, minimum=-3, maximum=3)
    voltage_auto = tsp_attribute("smu[ab].measure.autorangev", 1, choices=(0, 1))
    current_auto = tsp_attribute("smu[ab].measure.autorangei", 1, choices=(0, 1))
    nplc = tsp_attribute("smu[ab].measure.nplc", 1.0, minimum=0.001, maximum=25)
    filter_type = tsp_attribute("smu[ab].measure.filter.type", 1, choices=(0, 1, 2))
    filter_count = tsp_attribute("smu[ab].measure.filter.count", 1, minimum=1, maximum=100)
    filtered = tsp_attribute("smu[ab].measure.filter.enable", 0, choices=(0, 1))
    model = tsp_attribute("localnode.model", "2602B", read_only=True)
    mains = tsp_attribute("localnode.linefreq", 50.0, read_only=True)

    def switch_on(self) -> None:
        """Connect the resistors."""
        self.loads = {"a": 1000.0, "b": 1000.0}
        super().switch_on()

    @voltage.on_set
    def _level_voltage(self, value: float, letter: str) -> None:
        if self.source_voltage_auto[letter]:
            self.source_voltage_range[letter] = _range_for(value, _VOLTAGES)
        elif abs(value) > self.source_voltage_range[letter] * _OVER:
            raise Refusal(-222, "Parameter data out of range")
        self._settle(value, letter)

    @current.on_set
    def _level_current(self, value: float, letter: str) -> None:
        if self.source_current_auto[letter]:
            self.source_current_range[letter] = _range_for(value, _CURRENTS)
        elif abs(value) > self.source_current_range[letter] * _OVER:
            raise Refusal(-222, "Parameter data out of range")
        self._settle(value, letter)

    @source_voltage_range.on_set
    def _range_voltage(self, value: float, letter: str) -> None:
        chosen = _range_for(value, _VOLTAGES)
        if abs(self.voltage[letter]) > chosen * _OVER:
            raise Refusal(-221, "Settings conflict")
        self.source_voltage_range[letter], self.source_voltage_auto[letter] = chosen, 0

    @source_current_range.on_set
    def _range_current(self, value: float, letter: str) -> None:
        chosen = _range_for(value, _CURRENTS)
        if abs(self.current[letter]) > chosen * _OVER:
            raise Refusal(-221, "Settings conflict")
        self.source_current_range[letter], self.source_current_auto[letter] = chosen, 0

    @voltage_range.on_set
    def _range_measured_voltage(self, value: float, letter: str) -> None:
        self.voltage_range[letter], self.voltage_auto[letter] = _range_for(value, _VOLTAGES), 0

    @current_range.on_set
    def _range_measured_current(self, value: float, letter: str) -> None:
        self.current_range[letter], self.current_auto[letter] = _range_for(value, _CURRENTS), 0

    @function.on_set
    @output.on_set
    @voltage_limit.on_set
    @current_limit.on_set
    def _settle(self, _value: float, letter: str) -> None:
        self.compliance[letter] = self.at_terminals(letter)[2]

    def at_terminals(self, letter: str) -> tuple[float, float, bool]:
        """Return voltage in V and current in A at a channel, and whether the limit holds them back."""
        if self.output[letter] != 1:
            return 0.0, 0.0, False
        load = self.loads[letter]
        if self.function[letter] == 1:
            voltage = self.voltage[letter]
            limit = self.current_limit[letter]
            if abs(voltage) <= limit * load * (1 + 1e-9):
                return voltage, voltage / load, False
            current = copysign(limit, voltage)
            return current * load, current, True
        current = self.current[letter]
        limit = self.voltage_limit[letter]
        if abs(current) * load <= limit * (1 + 1e-9):
            return current * load, current, False
        voltage = copysign(limit, current)
        return voltage, voltage / load, True

    def _seen(self, value: float, fixed: bool, full_scale: float) -> float:
        if fixed and abs(value) > full_scale * _OVER_MEASURED:
            return copysign(_OVERFLOW, value)
        return value + self.noise(self.noise_level * abs(value))

    @tsp_function("smu[ab].measure.v")
    def measure_voltage(self, letter: str) -> float:
        """Measure the voltage."""
        fixed = not self.voltage_auto[letter] and self.function[letter] == 0
        return self._seen(self.at_terminals(letter)[0], fixed, self.voltage_range[letter])

    @tsp_function("smu[ab].measure.i")
    def measure_current(self, letter: str) -> float:
        """Measure the current."""
        fixed = not self.current_auto[letter] and self.function[letter] == 1
        return self._seen(self.at_terminals(letter)[1], fixed, self.current_range[letter])

    @tsp_function("smu[ab].measure.iv")
    def measure_both(self, letter: str) -> tuple[float, float]:
        """Measure current and voltage."""
        return self.measure_current(letter), self.measure_voltage(letter)

    @tsp_function("smu[ab].measure.r")
    def measure_resistance(self, letter: str) -> float:
        """Measure the resistance."""
        current = self.measure_current(letter)
        return self.measure_voltage(letter) / current if current else _OVERFLOW

    @tsp_function("smu[ab].reset")
    def reset_channel(self, letter: str) -> None:
        """Give a channel its settings from the factory."""
        for attribute in dict.fromkeys(one for one, _ in self._attributes.values()):
            held = self.__dict__[attribute.name]
            if isinstance(held, dict):
                self.__dict__[attribute.name] = {**held, letter: attribute.initial}
