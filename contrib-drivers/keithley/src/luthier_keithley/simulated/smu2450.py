"""A simulated Keithley 2450, with the SCPI command set and a resistor at its terminals.

Pages: Model 2450 Interactive SourceMeter Instrument Reference Manual, 2450-901-01 Rev. B, September 2013, section 6, of
which only parts were at hand; the rest as in the same section of the Model 2461 Reference Manual, 2461-901-01 Rev. A.

Like the instrument: every command of the driver in all of its spellings; levels, limits, ranges and protection;
compliance; the buffer, with its elements; the error queue.

Unlike the instrument: levels and readings are exact (set ``noise_level`` for noise); a reading takes no time; filters
do not change readings; there is one buffer, and no trigger model, sweeps and configuration lists. What the instrument
does when it measures with the output off is not known: here it reads nothing. Nor is it known whether changing the
source or the sensing switches the output off: here it does; choosing what is measured does not change the source here.
"""

from __future__ import annotations

from math import copysign, inf
from typing import Any, ClassVar, Final

from luthier.scpi import INFINITY
from luthier_sim import Choice, Integer, Number, Refusal, ScpiDevice, Text, command, query, setting

__all__ = ["SimulatedSmu2450"]

_FORM: Final = "{:.6E}"
_PROTECTIONS: Final = tuple(f"PROT{level}" for level in (2, 5, 10, *range(20, 200, 20)))
_ELEMENTS: Final = Choice("READing", "SOURce", "RELative", optional=True)
_OVER: Final = 1.05 * (1 + 1e-9)
_SECONDS: Final = 0.02
_OFF_STATES: Final = ("NORMal", "ZERO", "GUARd", "HIMPedance")


def _range_for(value: float, ranges: tuple[float, ...]) -> float:
    for nominal in ranges:
        if abs(value) <= nominal * _OVER:
            return nominal
    raise Refusal(-222)


def _level(name: str, unit: str) -> Number:
    def limit(smu: Any) -> float:
        if getattr(smu, f"source_{name}_auto"):
            return float(getattr(smu, f"largest_{name}"))
        return 1.05 * float(getattr(smu, f"source_{name}_range"))

    return Number(lambda smu: -limit(smu), limit, unit, default=0.0, form=_FORM)


def _measuring(held: dict[str, Any], name: str, header: str) -> None:
    """Give a measuring function its settings."""
    header = f"[SENSe[1]:]{header}"

    def choose(smu: Any, value: float) -> None:
        setattr(smu, f"{name}_range", _range_for(value, getattr(smu, f"{name}_ranges")))
        setattr(smu, f"{name}_auto", False)

    choose.__name__ = f"_choose_{name}_measured"
    held[f"{name}_range"] = chosen = setting(
        f"{header}:RANGe[:UPPer]",
        1.0,
        minimum=lambda smu: -getattr(smu, f"{name}_ranges")[-1],
        maximum=lambda smu: getattr(smu, f"{name}_ranges")[-1],
        form=_FORM,
    )
    held[choose.__name__] = chosen.on_set(choose)
    held[f"{name}_auto"] = setting(f"{header}:RANGe:AUTO", True)
    held[f"{name}_nplc"] = setting(f"{header}:NPLCycles", 1.0, minimum=0.01, maximum=10, form="{:g}")
    held[f"{name}_zero"] = setting(f"{header}:AZERo[:STATe]", True)
    held[f"{name}_averaging"] = setting(f"{header}:AVERage[:STATe]", False)
    held[f"{name}_averaging_count"] = setting(f"{header}:AVERage:COUNt", 10, minimum=1, maximum=100)
    held[f"{name}_averaging_type"] = setting(f"{header}:AVERage:TCONtrol", "REP", choices=("REPeat", "MOVing"))
    held[f"{name}_sense"] = sense = setting(f"{header}:RSENse", False)

    def change_sense(smu: Any, _on: bool) -> None:
        smu.output = False

    change_sense.__name__ = f"_change_{name}_sense"
    held[change_sense.__name__] = sense.on_set(change_sense)


class SimulatedSmu2450(ScpiDevice):
    """A 2450 with a resistor of 1 kΩ at its terminals.

    Attributes
    ----------
    load
        What is at the terminals, in ohms; may be infinite.
    noise_level
        Standard deviation of what is measured, relative to the value.
    """

    identity = "KEITHLEY INSTRUMENTS,MODEL 2450,04096331,1.6.7c"
    load = 1000.0
    noise_level = 0.0
    voltage_ranges: ClassVar[tuple[float, ...]] = (0.02, 0.2, 2.0, 20.0, 200.0)
    current_ranges: ClassVar[tuple[float, ...]] = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)
    resistance_ranges: ClassVar[tuple[float, ...]] = tuple(2.0 * 10.0**decade for decade in range(1, 9))
    largest_voltage: ClassVar[float] = 210.0
    largest_current: ClassVar[float] = 1.05
    first_voltage_limit: ClassVar[float] = 21.0

    terminals = setting("ROUTe:TERMinals", "FRON", choices=("FRONt", "REAR"))
    voltage_off_state = setting("OUTPut[1]:VOLTage:SMODe", "NORM", choices=_OFF_STATES)
    current_off_state = setting("OUTPut[1]:CURRent:SMODe", "NORM", choices=_OFF_STATES)
    output = setting("OUTPut[1][:STATe]", False)

    source = setting("SOURce[1]:FUNCtion[:MODE]", "VOLT", choices=("VOLTage", "CURRent"))
    protection = setting("SOURce[1]:VOLTage:PROTection[:LEVel]", "NONE", choices=(*_PROTECTIONS, "NONE"))
    current_limit = setting(
        "SOURce[1]:VOLTage:ILIMit[:LEVel]",
        1.05e-4,
        minimum=lambda smu: -smu.largest_current,
        maximum=lambda smu: smu.largest_current,
        unit="A",
        form=_FORM,
    )
    voltage_limit = setting(
        "SOURce[1]:CURRent:VLIMit[:LEVel]",
        21.0,
        minimum=lambda smu: -smu.largest_voltage,
        maximum=lambda smu: smu.largest_voltage,
        unit="V",
        form=_FORM,
    )
    voltage = setting("SOURce[1]:VOLTage[:LEVel][:IMMediate][:AMPLitude]", 0.0, _level("voltage", "V"))
    current = setting("SOURce[1]:CURRent[:LEVel][:IMMediate][:AMPLitude]", 0.0, _level("current", "A"))
    source_voltage_range = setting(
        "SOURce[1]:VOLTage:RANGe",
        0.02,
        minimum=lambda smu: -smu.voltage_ranges[-1],
        maximum=lambda smu: smu.voltage_ranges[-1],
        unit="V",
        form=_FORM,
    )
    source_current_range = setting(
        "SOURce[1]:CURRent:RANGe",
        1e-8,
        minimum=lambda smu: -smu.current_ranges[-1],
        maximum=lambda smu: smu.current_ranges[-1],
        unit="A",
        form=_FORM,
    )
    source_voltage_auto = setting("SOURce[1]:VOLTage:RANGe:AUTO", True)
    source_current_auto = setting("SOURce[1]:CURRent:RANGe:AUTO", True)
    voltage_read_back = setting("SOURce[1]:VOLTage:READ:BACK", True)
    current_read_back = setting("SOURce[1]:CURRent:READ:BACK", True)

    measured = setting(
        "[SENSe[1]:]FUNCtion[:ON]", "CURR:DC", Choice("VOLTage[:DC]", "CURRent[:DC]", "RESistance", quoted=True)
    )
    count = setting("[SENSe[1]:]COUNt", 1, Integer(1, 300_000, default=1))
    _measuring(vars(), "voltage", "VOLTage[:DC]")
    _measuring(vars(), "current", "CURRent[:DC]")
    _measuring(vars(), "resistance", "RESistance")

    def reset(self) -> None:
        """Take the ranges and the limit of the model, and empty the buffer."""
        self.source_voltage_range, self.source_current_range = self.voltage_ranges[0], self.current_ranges[0]
        self.voltage_limit = self.first_voltage_limit
        for name in ("voltage", "current", "resistance"):
            setattr(self, f"{name}_range", getattr(self, f"{name}_ranges")[-1])
        self.size = 100_000
        self._clear()

    def _clear(self) -> None:
        self._buffer: list[dict[str, float]] = []
        self._began = self.clock.now()

    @terminals.on_set
    @source.on_set
    def _switch_off(self, _value: object) -> None:
        self.output = False

    @voltage.on_set
    @current.on_set
    @source_voltage_auto.on_set
    @source_current_auto.on_set
    def _follow_levels(self, _value: float) -> None:
        if self.source_voltage_auto:
            self.source_voltage_range = _range_for(self.voltage, self.voltage_ranges)
        if self.source_current_auto:
            self.source_current_range = _range_for(self.current, self.current_ranges)

    @source_voltage_range.on_set
    def _choose_voltage_range(self, value: float) -> None:
        self.source_voltage_range = _range_for(value, self.voltage_ranges)
        if abs(self.voltage) > self.source_voltage_range * _OVER:
            raise Refusal(-221)
        self.source_voltage_auto = False

    @source_current_range.on_set
    def _choose_current_range(self, value: float) -> None:
        self.source_current_range = _range_for(value, self.current_ranges)
        if abs(self.current) > self.source_current_range * _OVER:
            raise Refusal(-221)
        self.source_current_auto = False

    @current_limit.on_set
    @voltage_limit.on_set
    def _absolute(self, value: float) -> None:
        if value == 0:
            raise Refusal(-222)
        self.current_limit, self.voltage_limit = abs(self.current_limit), abs(self.voltage_limit)

    # Measuring

    def at_terminals(self) -> tuple[float, float, bool]:
        """Return voltage in V and current in A at the terminals, and whether the limit holds them back."""
        if not self.output:
            return 0.0, 0.0, False
        highest = inf if self.protection == "NONE" else float(self.protection.removeprefix("PROT"))
        if self.source == "VOLT":
            voltage = copysign(min(abs(self.voltage), highest), self.voltage)
            current = voltage / self.load
            if abs(current) <= self.current_limit * (1 + 1e-9):
                return voltage, current, False
            current = copysign(self.current_limit, current)
            return current * self.load, current, True
        limit = min(self.voltage_limit, highest)
        voltage = self.current * self.load if self.current else 0.0
        if abs(voltage) <= limit * (1 + 1e-9):
            return voltage, self.current, False
        voltage = copysign(limit, voltage)
        return voltage, voltage / self.load, True

    def _seen(self, name: str, value: float, ranges_with_source: bool) -> float:
        fixed = not getattr(self, f"{name}_auto") and not ranges_with_source
        if fixed and abs(value) > getattr(self, f"{name}_range") * _OVER:
            return copysign(INFINITY, value)
        return value + self.noise(self.noise_level * abs(value))

    def _measure(self) -> None:
        voltage, current, _limited = self.at_terminals()
        if self.measured == "VOLT:DC":
            reading = self._seen("voltage", voltage, self.source == "VOLT")
        elif self.measured == "CURR:DC":
            reading = self._seen("current", current, self.source == "CURR")
        else:
            reading = self._seen("resistance", voltage / current, False) if current else INFINITY
        if self.source == "VOLT":
            source = voltage if self.voltage_read_back else self.voltage
        else:
            source = current if self.current_read_back else self.current
        for _ in range(self.count):
            time = self.now - self._began + _SECONDS * len(self._buffer)
            self._buffer.append({"READ": reading, "SOUR": source, "REL": time})
        del self._buffer[: -self.size]

    def _formatted(self, chosen: list[dict[str, float]], elements: tuple[str | None, ...]) -> str:
        names = [name for name in elements if name] or ["READ"]
        return ",".join(_FORM.format(one[name]) for one in chosen for name in names)

    @query("READ?", Text(optional=True), _ELEMENTS, _ELEMENTS, _ELEMENTS)
    def read(self, buffer: str | None, *elements: str | None) -> str:
        """Measure into the buffer, and answer the last reading."""
        self._check(buffer)
        self._measure()
        return self._formatted(self._buffer[-1:], elements)

    @query("FETCh?", Text(optional=True), _ELEMENTS, _ELEMENTS, _ELEMENTS)
    def fetch(self, buffer: str | None, *elements: str | None) -> str:
        """Answer the last reading."""
        self._check(buffer)
        if not self._buffer:
            raise Refusal(-230)
        return self._formatted(self._buffer[-1:], elements)

    @query("TRACe:DATA?", Integer(1, 10_000_000), Integer(1, 10_000_000), Text(optional=True), *(_ELEMENTS,) * 3)
    def data(self, start: int, end: int, buffer: str | None, *elements: str | None) -> str:
        """Answer some of the buffer."""
        self._check(buffer)
        if not start <= end <= len(self._buffer):
            raise Refusal(-222)
        return self._formatted(self._buffer[start - 1 : end], elements)

    @query("TRACe:ACTual?", Text(optional=True))
    def stored(self, buffer: str | None) -> int:
        """Answer how many readings the buffer holds."""
        self._check(buffer)
        return len(self._buffer)

    @query("TRACe:POINts?", Text(optional=True))
    def ask_size(self, buffer: str | None) -> int:
        """Answer for how many readings there is room."""
        self._check(buffer)
        return self.size

    @command("TRACe:POINts", Integer(10, 6_875_000), Text(optional=True))
    def resize(self, size: int, buffer: str | None) -> None:
        """Change the room, which empties the buffer."""
        self._check(buffer)
        self.size = size
        self._clear()

    @command("TRACe:CLEar", Text(optional=True))
    def clear_buffer(self, buffer: str | None) -> None:
        """Empty the buffer."""
        self._check(buffer)
        self._clear()

    def _check(self, buffer: str | None) -> None:
        if buffer not in (None, "defbuffer1"):
            raise Refusal(-224)

    @query("SOURce[1]:VOLTage:ILIMit[:LEVel]:TRIPped?")
    def current_is_limited(self) -> bool:
        """Answer whether the voltage source is limited."""
        return self.source == "VOLT" and self.at_terminals()[2]

    @query("SOURce[1]:CURRent:VLIMit[:LEVel]:TRIPped?")
    def voltage_is_limited(self) -> bool:
        """Answer whether the current source is limited."""
        return self.source == "CURR" and self.at_terminals()[2]

    @query("*LANG?")
    def language(self) -> str:
        """Answer which command set is understood."""
        return "SCPI"

    @query("SYSTem:LFRequency?")
    def line_frequency(self) -> int:
        """Answer the frequency of the mains."""
        return 50

    @command("OUTPut[1]:SMODe", Choice(*_OFF_STATES))
    def choose_off_states(self, state: str) -> None:
        """Choose the off state of both sources (page 6-32)."""
        self.voltage_off_state = self.current_off_state = state

    @command("[SENSe[1]:]AZERo:ONCE")
    def zero(self) -> None:
        """Measure zero and reference."""
