"""Simulated Keysight multimeters: the 34401A, the 34410A, the 34461A and the 34465A.

Sections: Truevolt Series DMM Operating and Service Guide, 34460-90901, "SCPI Programming Reference"; of the manuals of
the older two only parts were at hand (see the drivers), so that their ranges, limits and replies are those that the
drivers expect.

Like the instruments, as far as that: every command of the drivers in all of its spellings; settings of each function; a
range is the lowest that holds what was asked for, and an overload beyond 120 % of it; readings of several triggers; the
memory; the error queue.

Unlike the instruments: nothing takes time, and triggers do not wait for a signal; integration times, filters and null
values do not change readings; there are no statistics, limits, probes and secondary readings.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier.scpi import INFINITY
from luthier_sim import Choice, Number, Refusal, ScpiDevice, command, query, setting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Simulated34401A", "Simulated34410A", "Simulated34461A", "Simulated34465A", "SimulatedMultimeter"]

_FORM: Final = "{:+.8E}"
_OVERLOAD: Final = 1.2
_LARGE_TERMINALS: Final = 10.0
_VOLTAGES: Final = (0.1, 1.0, 10.0, 100.0, 1000.0)
_CURRENTS: Final = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0)
_RESISTANCES: Final = tuple(100.0 * 10.0**decade for decade in range(7))
_CAPACITANCES: Final = tuple(1e-9 * 10.0**decade for decade in range(6))
_GATES: Final = (0.01, 0.1, 1.0)
_PERIODS_34401A: Final = (0.02, 0.2, 1.0, 10.0, 100.0)
_PERIODS_34410A: Final = (0.006, 0.02, 0.06, 0.2, 1.0, 2.0, 10.0, 100.0)
_PERIODS_34465A: Final = (0.02, 0.06, 0.2, 1.0, 10.0, 100.0)
_TERMINALS: Final = {"VOLT": "voltage", "CURR": "current"}
_FUNCTIONS: Final = {
    "VOLT": "VOLTage[:DC]",
    "VOLT:AC": "VOLTage:AC",
    "CURR": "CURRent[:DC]",
    "CURR:AC": "CURRent:AC",
    "RES": "RESistance",
    "FRES": "FRESistance",
    "FREQ": "FREQuency",
    "PER": "PERiod",
    "DIOD": "DIODe",
    "CONT": "CONTinuity",
    "TEMP": "TEMPerature",
    "CAP": "CAPacitance",
}


class _Steps(Number):
    """One of a few numbers; another one is taken as the next higher, and -222 is reported beyond the last."""

    def __init__(self, steps: tuple[float, ...], unit: str = "") -> None:
        super().__init__(0, steps[-1], unit, default=steps[len(steps) // 2], form=_FORM)
        object.__setattr__(self, "steps", steps)

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the step."""
        value = super().read(datum, device, suffixes)
        steps: tuple[float, ...] = vars(self)["steps"]
        return next(step for step in steps if value <= step * (1 + 1e-9))


class _Function(Choice):
    """A function in quotes, which is answered without DC."""

    def write(self, value: str) -> str:
        """Return the name."""
        return super().write(value).replace(":DC", "")


def _ends_automatic(name: str) -> Callable[[Any, float], None]:
    def end(multimeter: Any, _value: float) -> None:
        setattr(multimeter, f"{name}_auto", False)

    end.__name__ = f"_end_{name}_auto"
    return end


def _ranged(held: dict[str, Any], function: str, steps: tuple[float, ...], unit: str) -> None:
    """Give a function a range, and automatic ranging, which a range ends."""
    header = f"[SENSe:]{_FUNCTIONS[function]}" + (":VOLTage" if function in ("FREQ", "PER") else "")
    name = function.replace(":", "_")
    held[f"{name}_range"] = chosen = setting(f"{header}:RANGe[:UPPer]", steps[len(steps) // 2], _Steps(steps, unit))
    held[f"{name}_auto"] = setting(f"{header}:RANGe:AUTO", True)
    after = _ends_automatic(name)
    held[after.__name__] = chosen.on_set(after)


def _timed(held: dict[str, Any], functions: str, steps: tuple[float, ...], what: str = "NPLCycles") -> None:
    """Give functions an integration time, or a gate time."""
    for function in functions.split():
        name = f"{function}_{what}".replace(":", "_")
        header = f"[SENSe:]{_FUNCTIONS[function]}:{what}"
        held[name] = setting(header, 1.0 if what == "NPLCycles" else 0.1, _Steps(steps))


def _nulled(held: dict[str, Any], functions: str) -> None:
    for function in functions.split():
        name, header = function.replace(":", "_"), f"[SENSe:]{_FUNCTIONS[function]}:NULL"
        held[f"{name}_null"] = setting(f"{header}[:STATe]", False)
        held[f"{name}_null_value"] = setting(f"{header}:VALue", 0.0, minimum=-1e15, maximum=1e15, form=_FORM)


class SimulatedMultimeter(ScpiDevice):
    """What all of them have.

    On a bench they see ``voltage`` and ``current``, of which DC functions measure what is connected.

    Attributes
    ----------
    signals
        What each function measures where no bench connects it, in its unit.
    noise_level
        Standard deviation of readings, relative to the signal.
    """

    senses: ClassVar[Mapping[str, str]] = {"voltage": "V", "current": "A"}
    signals: dict[str, float]
    noise_level = 1e-6
    stores_what_is_read: ClassVar[bool] = True
    largest_trigger_count: ClassVar[int]
    largest_sample_count: ClassVar[int]
    room: ClassVar[int]
    function: Any

    trigger_source = setting("TRIGger:SOURce", "IMM", choices=("IMMediate", "EXTernal", "BUS"))
    trigger_count = setting(
        "TRIGger:COUNt", 1.0, Number(1, lambda meter: meter.largest_trigger_count, default=1, resolution=1, form=_FORM)
    )
    trigger_delay = setting("TRIGger:DELay", 0.0, minimum=0, maximum=3600, unit="s", form=_FORM)
    auto_delay = setting("TRIGger:DELay:AUTO", True)
    sample_count = setting(
        "SAMPle:COUNt",
        1.0,
        Number(1, lambda meter: meter.largest_sample_count, default=1, resolution=1, form="{:+.0f}"),
    )

    def switch_on(self) -> None:
        """Empty the memory."""
        self.signals = {
            "VOLT": 1.0,
            "VOLT:AC": 0.707,
            "CURR": 1e-3,
            "CURR:AC": 0.7e-3,
            "RES": 1e3,
            "FRES": 999.98,
            "FREQ": 50.0,
            "PER": 0.02,
            "DIOD": 0.6,
            "CONT": 1.0,
            "TEMP": 23.0,
            "CAP": 1e-9,
        }
        self._memory: list[float] = []
        super().switch_on()

    def reset(self) -> None:
        """Empty the memory."""
        self._memory = []

    @trigger_delay.on_set
    def _delay_by_hand(self, _seconds: float) -> None:
        self.auto_delay = False

    def _measured(self) -> list[float]:
        function = self.function.replace(":DC", "")
        seen_on_bench = self.sense(_TERMINALS[function], {}) if function in _TERMINALS else None
        signal = self.signals[function] if seen_on_bench is None else float(seen_on_bench)
        name = function.replace(":", "_")
        seen = self.signals["VOLT:AC"] if function in ("FREQ", "PER") else signal
        if abs(seen) > self.largest_signal(name):
            return [INFINITY] * int(self.trigger_count * self.sample_count)
        count = int(self.trigger_count * self.sample_count)
        return [signal + self.noise(self.noise_level * abs(signal)) for _ in range(count)]

    def largest_signal(self, name: str) -> float:
        """Return what a function can still measure; ``name`` is how its settings begin."""
        return inf if getattr(self, f"{name}_auto", True) else _OVERLOAD * float(getattr(self, f"{name}_range"))

    @query("READ?")
    def read(self) -> str:
        """Measure, and answer the readings."""
        readings = self._measured()
        if self.stores_what_is_read:
            self._memory = readings[-self.room :]
        return ",".join(map(_FORM.format, readings))

    @command("INITiate[:IMMediate]")
    def initiate(self) -> None:
        """Measure into the memory."""
        self._memory = self._measured()[-self.room :]

    @query("FETCh?")
    def fetch(self) -> str:
        """Answer what is in the memory."""
        if not self._memory:
            raise Refusal(-230)
        return ",".join(map(_FORM.format, self._memory))

    @query("DATA:POINts?")
    def count(self) -> str:
        """Answer how many readings are in the memory."""
        return f"{len(self._memory):+d}"

    @query("ROUTe:TERMinals?")
    def terminals(self) -> str:
        """Answer where the switch is."""
        return "FRON"


class Simulated34401A(SimulatedMultimeter):
    """A 34401A; its front-panel settings do not change."""

    identity = "HEWLETT-PACKARD,34401A,0,11-5-2"
    stores_what_is_read = False
    largest_trigger_count = 50_000
    largest_sample_count = 50_000
    room = 512

    function = setting("[SENSe:]FUNCtion", "VOLT:DC", _Function(*list(_FUNCTIONS.values())[:10], quoted=True))
    bandwidth = setting("[SENSe:]DETector:BANDwidth", 20.0, _Steps((3.0, 20.0, 200.0), "Hz"))
    auto_zero = setting("[SENSe:]ZERO:AUTO", True)
    high_impedance = setting("INPut:IMPedance:AUTO", False)
    _ranged(vars(), "VOLT", _VOLTAGES, "V")
    _ranged(vars(), "VOLT:AC", _VOLTAGES, "V")
    _ranged(vars(), "CURR", _CURRENTS[2:], "A")
    _ranged(vars(), "CURR:AC", _CURRENTS[4:], "A")
    _ranged(vars(), "RES", _RESISTANCES, "Ω")
    _ranged(vars(), "FRES", _RESISTANCES, "Ω")
    _ranged(vars(), "FREQ", _VOLTAGES, "V")
    _ranged(vars(), "PER", _VOLTAGES, "V")
    _timed(vars(), "VOLT CURR RES FRES", _PERIODS_34401A)
    _timed(vars(), "FREQ PER", _GATES, "APERture")

    @command("SYSTem:REMote")
    def take_over(self) -> None:
        """Let RS-232 control it."""


class _Modern(SimulatedMultimeter):
    """What the 34410A and the 34465A have."""

    function = setting("[SENSe:]FUNCtion[:ON]", "VOLT:DC", _Function(*_FUNCTIONS.values(), quoted=True))
    temperature_unit = setting("UNIT:TEMPerature", "C", choices=("C", "F", "K"))
    trigger_slope = setting("TRIGger:SLOPe", "NEG", choices=("POSitive", "NEGative"))
    high_impedance = setting("[SENSe:]VOLTage[:DC]:IMPedance:AUTO", False)
    voltage_bandwidth = setting("[SENSe:]VOLTage:AC:BANDwidth", 20.0, _Steps((3.0, 20.0, 200.0), "Hz"))
    current_bandwidth = setting("[SENSe:]CURRent:AC:BANDwidth", 20.0, _Steps((3.0, 20.0, 200.0), "Hz"))
    voltage_zero = setting("[SENSe:]VOLTage[:DC]:ZERO:AUTO", True)
    current_zero = setting("[SENSe:]CURRent[:DC]:ZERO:AUTO", True)
    resistance_zero = setting("[SENSe:]RESistance:ZERO:AUTO", True)
    temperature_zero = setting("[SENSe:]TEMPerature:ZERO:AUTO", True)
    data_format = setting("FORMat[:DATA]", "ASC", choices=("ASCii", "REAL"))
    _ranged(vars(), "VOLT", _VOLTAGES, "V")
    _ranged(vars(), "VOLT:AC", _VOLTAGES, "V")
    _ranged(vars(), "RES", (*_RESISTANCES, 1e9), "Ω")
    _ranged(vars(), "FRES", (*_RESISTANCES, 1e9), "Ω")
    _ranged(vars(), "FREQ", _VOLTAGES, "V")
    _ranged(vars(), "PER", _VOLTAGES, "V")
    _nulled(vars(), "VOLT VOLT:AC CURR CURR:AC RES FRES FREQ PER TEMP CAP")

    @query("SYSTem:LFRequency?")
    def line_frequency(self) -> str:
        """Answer the frequency of the mains."""
        return "+50"

    @query("*OPT?")
    def ask_options(self) -> str:
        """Answer which options there are."""
        return "0"

    @command("ABORt")
    def abort(self) -> None:
        """Stop measuring."""


class Simulated34410A(_Modern):
    """A 34410A."""

    identity = "Agilent Technologies,34410A,MY47000001,2.35-2.35-0.09-46-09"
    largest_trigger_count = 1_000_000
    largest_sample_count = 50_000
    room = 50_000

    _ranged(vars(), "CURR", _CURRENTS, "A")
    _ranged(vars(), "CURR:AC", _CURRENTS, "A")
    _ranged(vars(), "CAP", _CAPACITANCES[:5], "F")
    _timed(vars(), "VOLT CURR RES FRES TEMP", _PERIODS_34410A)
    _timed(vars(), "FREQ PER", (1e-3, *_GATES), "APERture")


class Simulated34461A(_Modern):
    """A 34461A."""

    identity = "Keysight Technologies,34461A,MY00000003,A.02.14-02.40-02.14-00.49-02-01"
    largest_trigger_count = 1_000_000
    largest_sample_count = 1_000_000
    room = 10_000

    current_terminals = setting("[SENSe:]CURRent[:DC]:TERMinals", 3.0, _Steps((3.0, 10.0)))
    ac_current_terminals = setting("[SENSe:]CURRent:AC:TERMinals", 3.0, _Steps((3.0, 10.0)))
    _ranged(vars(), "CURR", _CURRENTS, "A")
    _ranged(vars(), "CURR:AC", _CURRENTS, "A")
    _ranged(vars(), "RES", _RESISTANCES, "Ω")
    _ranged(vars(), "FRES", _RESISTANCES, "Ω")
    _ranged(vars(), "CAP", _CAPACITANCES, "F")
    _timed(vars(), "VOLT CURR RES FRES TEMP", _PERIODS_34401A)
    _timed(vars(), "FREQ PER", _GATES, "APERture")

    def largest_signal(self, name: str) -> float:
        """Return 12 A on the terminals for 10 A, whatever the range of the others is."""
        terminals = {"CURR": self.current_terminals, "CURR_AC": self.ac_current_terminals}.get(name)
        return _OVERLOAD * terminals if terminals == _LARGE_TERMINALS else super().largest_signal(name)


class Simulated34465A(Simulated34461A):
    """A 34465A without options."""

    identity = "Keysight Technologies,34465A,MY54500001,A.02.14-02.40-02.14-00.49-03-01"
    largest_trigger_count = 1_000_000_000
    largest_sample_count = 1_000_000_000
    room = 50_000

    _ranged(vars(), "CURR", (1e-6, 1e-5, *_CURRENTS), "A")
    _ranged(vars(), "RES", (*_RESISTANCES, 1e9), "Ω")
    _ranged(vars(), "FRES", (*_RESISTANCES, 1e9), "Ω")
    _timed(vars(), "VOLT CURR RES FRES TEMP", _PERIODS_34465A)
