"""A simulated GS610 with a resistor at its terminals.

Like the instrument: the commands of the driver in all of their spellings; ranges, limits and what the limiter does;
the output goes off where the function changes; a range that is set ends automatic ranging; output, off and zero;
measuring; the error queue. On a bench it drives ``voltage`` at its terminals, and sees ``current``.

Assumed, and not confirmed by a manual or a program: that a range that does not hold the level takes it down to its end;
that limiter and automatic ranging are kept for each function; the limits of the limiter, of delays, averages, the timer
and the offsets of zero; that it answers *IDN? with the number of its model; that errors are those of SCPI.

Unlike it: pulses, sweeps and programs can be chosen, and do nothing; there are no mathematics and stored readings;
readings are exact.
"""

from __future__ import annotations

from math import copysign
from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier_sim import Boolean, Choice, Number, Refusal, ScpiDevice, command, query, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SimulatedGs610"]

_VOLTS: Final = (0.2, 2.0, 12.0, 20.0, 30.0, 60.0, 110.0)
_AMPERES: Final = (20e-6, 200e-6, 2e-3, 20e-3, 0.2, 0.5, 1.0, 2.0, 3.0)
_FORM: Final = "{:+.6E}"
_OVER: Final = 1 + 1e-9
_HALVINGS: Final = 60


class _OneOf(Number):
    """The smallest of some numbers that holds one."""

    def __init__(self, numbers: tuple[float, ...], unit: str) -> None:
        super().__init__(0, numbers[-1] * _OVER, unit, form=_FORM)
        object.__setattr__(self, "numbers", numbers)

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the next larger number."""
        value = Number.read(self, datum, device, suffixes)
        numbers: tuple[float, ...] = getattr(self, "numbers")  # noqa: B009 - a frozen class, which declares none
        return next(number for number in numbers if value <= number * _OVER)


class _State(Boolean):
    """``ON``, ``OFF`` or ``ZERO``."""

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> Any:
        """Return ``1``, ``0`` or ``ZERO``."""
        if datum.form == "word" and datum.text == "ZERO":
            return "ZERO"
        return str(int(Boolean.read(self, datum, device, suffixes)))

    def write(self, value: Any) -> str:
        """Return it."""
        return str(value)


class SimulatedGs610(ScpiDevice):
    """A GS610 with a resistor of 1 kΩ at its terminals, or what a bench connects.

    Attributes
    ----------
    load
        What is at the terminals where no bench connects them, in ohms; may be infinite.
    """

    identity = "YOKOGAWA,765501,91E000001,1.09"
    drives: ClassVar[Mapping[str, str]] = {"voltage": "V"}
    senses: ClassVar[Mapping[str, str]] = {"current": "A"}
    load = 1000.0

    function = setting("SOURce:FUNCtion", "VOLT", choices=("VOLTage", "CURRent"))
    shape = setting("SOURce:SHAPe", "DC", choices=("DC", "PULSe"))
    mode = setting("SOURce:MODE", "FIX", choices=("FIXed", "SWEep", "LIST"))
    automatic_voltage = setting("SOURce:VOLTage:RANGe:AUTO", False)
    automatic_current = setting("SOURce:CURRent:RANGe:AUTO", False)
    voltage_range = setting("SOURce:VOLTage:RANGe", 2.0, _OneOf(_VOLTS, "V"))
    current_range = setting("SOURce:CURRent:RANGe", 2e-3, _OneOf(_AMPERES, "A"))
    voltage = setting(
        "SOURce:VOLTage[:LEVel]",
        0.0,
        Number(lambda s: -s.voltage_end(), lambda s: s.voltage_end(), "V", form=_FORM),
    )
    current = setting(
        "SOURce:CURRent[:LEVel]",
        0.0,
        Number(lambda s: -s.current_end(), lambda s: s.current_end(), "A", form=_FORM),
    )
    upper_current = setting("SOURce:CURRent:PROTection:ULIMit", 2e-3, Number(1e-6, 3.2, "A", form=_FORM))
    lower_current = setting("SOURce:CURRent:PROTection:LLIMit", -2e-3, Number(-3.2, -1e-6, "A", form=_FORM))
    upper_voltage = setting("SOURce:VOLTage:PROTection:ULIMit", 2.0, Number(1e-3, 110, "V", form=_FORM))
    lower_voltage = setting("SOURce:VOLTage:PROTection:LLIMit", -2.0, Number(-110, -1e-3, "V", form=_FORM))
    voltage_limited = setting("SOURce:VOLTage:PROTection[:STATe]", True)
    current_limited = setting("SOURce:CURRent:PROTection[:STATe]", True)
    voltage_linked = setting("SOURce:VOLTage:PROTection:LINKage", True)
    current_linked = setting("SOURce:CURRent:PROTection:LINKage", True)
    zero_volts = setting("SOURce:VOLTage:ZERO:OFFSet", 0.0, Number(-110, 110, "V", form=_FORM))
    zero_amperes = setting("SOURce:CURRent:ZERO:OFFSet", 0.0, Number(-3.2, 3.2, "A", form=_FORM))
    source_delay = setting("SOURce:DELay", 1e-6, Number(1e-6, 3600, "S", form=_FORM))
    output = setting("OUTPut[:STATe]", "0", _State())
    measuring = setting("SENSe[:STATe]", True)
    measured = setting("SENSe:FUNCtion", "CURR", Choice("VOLTage", "CURRent", "RESistance"))
    sense_automatic = setting("SENSe:RANGe:AUTO", False)
    integration = setting("SENSe:ITIMe", 20e-3, Number(250e-6, 0.2, "S", form="{:.5E}"))
    sense_delay = setting("SENSe:DELay", 0.0, Number(0, 3600, "S", form=_FORM))
    auto_zero = setting("SENSe:AZERo[:STATe]", True)
    averaging = setting("SENSe:AVERage[:STATe]", False)
    average_kind = setting("SENSe:AVERage:MODE", "BLOC", choices=("BLOCk", "MOVing"))
    average_count = setting("SENSe:AVERage:COUNt", 2, minimum=2, maximum=256)
    remote = setting("SENSe:RSENse", False)
    trigger_source = setting("TRIGger:SOURce", "TIM", choices=("TIMer", "EXTernal", "IMMediate"))
    trigger_period = setting("TRIGger:TIMer", 50e-3, Number(100e-6, 3600, "S", form=_FORM))

    def voltage_end(self) -> float:
        """Return the largest voltage that can be set."""
        return (_VOLTS[-1] if self.automatic_voltage else self.voltage_range) * _OVER

    def current_end(self) -> float:
        """Return the largest current that can be set."""
        return (_AMPERES[-1] if self.automatic_current else self.current_range) * _OVER

    @function.on_set
    def _switch_off(self, _function: str) -> None:
        self.output = "0"

    @voltage_range.on_set
    def _take_down_voltage(self, end: float) -> None:
        self.automatic_voltage = False
        self.voltage = max(-end, min(end, self.voltage))

    @current_range.on_set
    def _take_down_current(self, end: float) -> None:
        self.automatic_current = False
        self.current = max(-end, min(end, self.current))

    @voltage.on_set
    def _choose_voltage_range(self, level: float) -> None:
        if self.automatic_voltage:
            self.voltage_range = next(end for end in _VOLTS if abs(level) <= end * _OVER)

    @current.on_set
    def _choose_current_range(self, level: float) -> None:
        if self.automatic_current:
            self.current_range = next(end for end in _AMPERES if abs(level) <= end * _OVER)

    def current_at(self, voltage: float) -> float:
        """Return the current in A that flows at a voltage."""
        seen = self.sense("current", {"voltage": voltage})
        return voltage / self.load if seen is None else float(seen)

    def voltage_at(self, current: float) -> float:
        """Return the voltage in V at which a current flows; 110 V and its sign where none is enough."""
        if self.sense("current", {"voltage": 0.0}) is None:
            return current * self.load if current else 0.0
        low, high = -_VOLTS[-1], _VOLTS[-1]
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.current_at(middle) >= current else (middle, high)
        return high

    def at_terminals(self) -> tuple[float, float]:
        """Return voltage and current at the terminals, as the limiter leaves them."""
        if self.output == "0":
            return 0.0, 0.0
        if self.function == "VOLT":
            voltage = self.zero_volts if self.output == "ZERO" else self.voltage
            current = self.current_at(voltage)
            limit = self.upper_current if current > 0 else -self.lower_current
            if self.current_limited and abs(current) > limit:
                current = copysign(limit, current)
                return self.voltage_at(current), current
            return voltage, current
        current = self.zero_amperes if self.output == "ZERO" else self.current
        voltage = self.voltage_at(current)
        limit = self.upper_voltage if voltage > 0 else -self.lower_voltage
        if self.voltage_limited and abs(voltage) > limit:
            voltage = copysign(limit, voltage)
            return voltage, self.current_at(voltage)
        return voltage, current

    def driven(self, output: str) -> Any:
        """Return the voltage at the terminals, in V; 0 where the output is off."""
        del output
        return self.at_terminals()[0]

    @command("INITiate[:IMMediate]")
    def initiate(self) -> None:
        """Measure."""
        if not self.measuring or self.output != "1":
            raise Refusal(-221)
        voltage, current = self.at_terminals()
        ratio = voltage / current if current else float("inf")
        self.reading = {"VOLT": voltage, "CURR": current, "RES": ratio}[self.measured]

    @query("FETCh?", form=_FORM)
    def fetch(self) -> float:
        """Answer what was measured last."""
        return self.reading

    @query("READ?", form=_FORM)
    def read(self) -> float:
        """Measure, and answer it."""
        self.initiate()
        return self.reading

    def reset(self) -> None:
        """Forget what was measured."""
        self.reading = 0.0
