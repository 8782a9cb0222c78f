"""A simulated Keithley 2400 with a resistor at its terminals.

Pages: Model 2400 Series SourceMeter User's Manual, 2400S-900-01 Rev. K, September 2011.

Like the instrument: every command of the driver in all of its spellings, limits, ranges and what excludes what;
compliance; sweeps; the buffer; the status word; readings as text and as binary blocks; the error queue, with the
instrument's numbers and texts.

Unlike the instrument: levels and readings are exact (set ``noise_level`` for noise); a reading takes no time, although
time stamps go on (set ``paced`` for the real time); automatic ohms mode, filters and offset compensation do not change
readings; there are no limit tests, no math, no trigger lines and no saved set-ups.
"""

from __future__ import annotations

import struct
from math import copysign, inf, isinf, nan
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from luthier.scpi import INFINITY, NOT_A_NUMBER
from luthier_sim import Refusal, command, query

from luthier_keithley.simulated.smu2400_settings import FORM, Smu2400Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SimulatedSmu2400"]

_MAINS: Final = 50.0  # Hz
_TIME_STAMPS: Final = 100_000.0  # s; they start again after 99999.999 s (page 18-50)
_OVER: Final = 1 + 1e-9
_FARTHEST: Final = 210.0  # V
_PARTS, _ROUNDS = 33, 10  # 32¹⁰ parts of the whole range are finer than the digits of a reading

# Bits of the status word (pages 18-50 and 18-51).
_OVER_RANGE: Final = 1 << 0
_FILTERED: Final = 1 << 1
_FRONT: Final = 1 << 2
_COMPLIANCE: Final = 1 << 3
_PROTECTED: Final = 1 << 4
_MEASURED: Final = {"VOLT:DC": 1 << 11, "CURR:DC": 1 << 12, "RES": 1 << 13}
_SOURCED: Final = {"VOLT": 1 << 14, "CURR": 1 << 15}
_REMOTE_SENSE: Final = 1 << 22

Reading = tuple[float, float, float, float, float]


class SimulatedSmu2400(Smu2400Settings):
    """A 2400 with a resistor of 1 kΩ at its terminals, or what a bench connects.

    On a bench it drives ``voltage`` and sees ``current``; as a current source it finds the voltage at which its current
    flows. What is connected has to let more current through at more voltage.

    Attributes
    ----------
    load
        What is at the terminals where no bench connects them, in ohms; may be infinite. :meth:`current_at` and
        :meth:`voltage_at` say what flows.
    noise_level
        Standard deviation of what is measured, relative to full scale.
    paced
        Whether readings take as long as they do with the instrument.
    """

    identity = "KEITHLEY INSTRUMENTS INC.,MODEL 2400,0000001,C33   Mar 31 2015 09:32:39/A02  /K/J"
    drives: ClassVar[Mapping[str, str]] = {"voltage": "V"}
    senses: ClassVar[Mapping[str, str]] = {"current": "A"}
    load = 1000.0
    noise_level = 0.0
    paced = False

    def switch_on(self) -> None:
        """Empty the buffer, and start the time stamps."""
        self._began = self.clock.now()
        self._last: list[Reading] = []
        self._buffer: list[Reading] = []
        super().switch_on()

    def current_at(self, voltage: float) -> float:
        """Return the current in amperes that flows at a voltage."""
        seen = self.sense("current", {"voltage": voltage})
        if seen is not None:
            return float(seen)
        return voltage / self.load if self.load else copysign(inf, voltage) if voltage else 0.0

    def voltage_at(self, current: float) -> float:
        """Return the voltage in volts at which a current flows; 210 V and its sign where none is enough."""
        if self.sense("current", {"voltage": 0.0}) is None:
            return current * self.load if current else 0.0
        low, high = -_FARTHEST, _FARTHEST
        for _ in range(_ROUNDS):
            voltages = np.linspace(low, high, _PARTS)
            enough = np.asarray(self.sense("current", {"voltage": voltages})) >= current
            place = int(np.argmax(enough)) if enough.any() else _PARTS - 1
            low, high = float(voltages[max(place - 1, 0)]), float(voltages[place])
        return high

    def driven(self, output: str) -> Any:
        """Return the voltage at the terminals; 0 V where the output is off."""
        del output
        if not self.output:
            return 0.0
        return self._at_terminals(self.voltage if self.function == "VOLT" else self.current)[0]

    # Measuring

    @query("READ?")
    def read(self) -> str | bytes:
        """Measure, and answer the readings."""
        self._measure()
        return self.fetch()

    @query("FETCh?")
    def fetch(self) -> str | bytes:
        """Answer the last readings again."""
        if not self._last:
            raise Refusal(-230)
        return self._formatted(self._last)

    @command("INITiate[:IMMediate]")
    def initiate(self) -> None:
        """Measure in the background."""
        before = self.now
        self._measure()
        if self.paced:
            duration = self.now - before
            self.give_up()
            self.begin(duration)

    @command("ABORt")
    def abort(self) -> None:
        """Stop measuring."""
        self.end_operations()

    @query("[SENSe[1]:]CURRent[:DC]:PROTection:TRIPped?")
    def current_is_limited(self) -> bool:
        """Answer whether the voltage source is in compliance."""
        return self.output and self.function == "VOLT" and self._at_terminals(self.voltage)[2]

    @query("[SENSe[1]:]VOLTage[:DC]:PROTection:TRIPped?")
    def voltage_is_limited(self) -> bool:
        """Answer whether the current source is in compliance."""
        return self.output and self.function == "CURR" and self._at_terminals(self.current)[2]

    @command("SYSTem:TIME:RESet")
    def restart_time(self) -> None:
        """Start the time stamps anew."""
        self._began = self.now

    def trigger(self) -> None:
        """Ignore ``*TRG``: the trigger model is never waiting for it."""
        raise Refusal(-211)

    # The buffer

    @query("TRACe:DATA?")
    def ask_buffer(self) -> str | bytes:
        """Answer what is stored."""
        if not self._buffer:
            raise Refusal(-230)
        return self._formatted(self._buffer)

    @query("TRACe:POINts:ACTual?")
    def count_buffer(self) -> int:
        """Answer how many readings are stored."""
        return len(self._buffer)

    @command("TRACe:CLEar")
    def clear_buffer(self) -> None:
        """Empty the buffer."""
        self._buffer.clear()

    # How

    def _measure(self) -> None:
        if not (self.output or self.auto_clear):
            raise Refusal(803)
        levels = self._levels()
        count = self.arm_count * self.trigger_count
        duration = self._duration()
        start = self.now - self._began
        if self.paced:
            self.spend(duration * count)
        self._last = [
            self._reading(levels[number % len(levels)], start + duration * (number + 1)) for number in range(count)
        ]
        self.output = self.output and not self.auto_clear
        self._store()

    def _levels(self) -> list[float]:
        """Return what is sourced for one reading after the other (pages 18-83 to 18-90)."""
        name = "voltage" if self.function == "VOLT" else "current"
        mode: str = getattr(self, f"{name}_mode")
        if mode == "FIX":
            return [getattr(self, name)]
        if mode == "LIST":
            return list(getattr(self, f"{name}_list"))
        start: float = getattr(self, f"{name}_start")
        stop: float = getattr(self, f"{name}_stop")
        steps = self.sweep_points - 1
        if self.sweep_spacing == "LIN":
            levels = [start + (stop - start) * place / steps for place in range(steps + 1)]
        elif start * stop > 0:
            levels = [start * (stop / start) ** (place / steps) for place in range(steps + 1)]
        else:
            raise Refusal(-221)
        return levels if self.sweep_direction == "UP" else levels[::-1]

    def _duration(self) -> float:
        """Return the seconds that one reading takes."""
        conversions = (3 if self.auto_zero else 1) * (self.averaging_count if self.averaging else 1)
        functions = max(1, len(self.measured))
        return self.delay + self.trigger_delay + self.nplc / _MAINS * conversions * functions

    def _at_terminals(self, level: float) -> tuple[float, float, bool]:
        """Return voltage, current, and whether the limit holds them back."""
        if self.function == "VOLT":
            voltage = copysign(min(abs(level), self.protection), level)
            current = self.current_at(voltage)
            if abs(current) <= self.current_limit * _OVER:
                return voltage, current, False
            current = copysign(self.current_limit, current)
            return self.voltage_at(current), current, True
        limit = min(self.voltage_limit, self.protection)
        voltage = self.voltage_at(level)
        if abs(voltage) <= limit * _OVER:
            return voltage, level, False
        voltage = copysign(limit, voltage)
        return voltage, self.current_at(voltage), True

    def _reading(self, level: float, time: float) -> Reading:
        voltage, current, limited = self._at_terminals(level)
        sourced_voltage = self.function == "VOLT"
        seen_voltage, over_voltage = self._seen("VOLT:DC", voltage, level if sourced_voltage else nan)
        seen_current, over_current = self._seen("CURR:DC", current, nan if sourced_voltage else level)
        resistance = nan
        if "RES" in self.measured:
            resistance = voltage / current if current else inf
        status = _SOURCED[self.function] | sum(_MEASURED[name] for name in self.measured)
        for holds, bit in (
            (over_voltage or over_current, _OVER_RANGE),
            (self.averaging, _FILTERED),
            (self.terminals == "FRON", _FRONT),
            (limited, _COMPLIANCE),
            (sourced_voltage and abs(level) > self.protection, _PROTECTED),
            (self.remote_sense, _REMOTE_SENSE),
        ):
            status |= bit if holds else 0
        return seen_voltage, seen_current, resistance, time % _TIME_STAMPS, float(status)

    def _seen(self, function: str, value: float, sourced: float) -> tuple[float, bool]:
        """Return what the meter shows, and whether it is beyond the range; what is not measured is as sourced."""
        if function not in self.measured:
            return sourced, False
        is_voltage = function == "VOLT:DC"
        fixed = not (self.voltage_auto if is_voltage else self.current_auto)
        full_scale = self.voltage_range if is_voltage else self.current_range
        sources_it = (self.function == "VOLT") == is_voltage  # then the source's range is the meter's
        if fixed and not sources_it and abs(value) > full_scale * _OVER:
            return inf, True
        return value + self.noise(self.noise_level * full_scale), False

    def _store(self) -> None:
        if self.buffer_control != "NEXT":
            return
        room = self.buffer_points - len(self._buffer)
        self._buffer += self._last[: max(0, room)]
        if len(self._buffer) >= self.buffer_points:
            self.buffer_control = "NEV"

    def _formatted(self, readings: list[Reading]) -> str | bytes:
        order = ("VOLT", "CURR", "RES", "TIME", "STAT")
        numbers = [
            _sentinel(value)
            for reading in readings
            for name, value in zip(order, reading, strict=True)
            if name in self.elements
        ]
        if self.data_format == "ASC":
            return ",".join(map(FORM.format, numbers))
        sign = ">" if self.byte_order == "NORM" else "<"
        return "#0" + struct.pack(f"{sign}{len(numbers)}f", *numbers).decode("latin-1")


def _sentinel(value: float) -> float:
    if isinf(value):
        return INFINITY if value > 0 else -INFINITY
    return NOT_A_NUMBER if value != value else value  # noqa: PLR0124 - not a number
