"""Simulated Siglent multimeters: an SDM3045X, an SDM3055 and an SDM3065X.

Like the instruments, as far as the retold manuals say: settings of each function; a range is the lowest that holds what
was asked for, with or without its unit; resistances are answered by their long names; readings of several triggers; the
memory; overloads.

Unlike the instruments: nothing takes time, and triggers do not wait for a signal; integration times, filters and null
values do not change readings; no statistics, limits, sensors and scanner card. The limit at which a range overflows,
120 % of it, and the numbers of errors, which are the standard's, are not confirmed.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier.scpi import INFINITY
from luthier_sim import Choice, Number, Refusal, ScpiDevice, command, query, setting

from luthier_siglent.simulated.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["SimulatedSdm", "SimulatedSdm3045x", "SimulatedSdm3055", "SimulatedSdm3065x"]

_FORM: Final = "{:+.8E}"
_OVERLOAD: Final = 1.2
_ROOM: Final = 10_000
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
_ANSWERED: Final = {"RES": "RESISTANCE", "FRES": "FRESISTANCE"}
_UNITS: Final = {"VOLT": "V", "CURR": "A", "RES": "OHM", "FRES": "OHM", "FREQ": "V", "PER": "V", "CAP": "F"}
_NULLS: Final = {
    "VOLT": 1200.0,
    "CURR": 11.0,
    "RES": 110e6,
    "FRES": 110e6,
    "FREQ": 1.2e6,
    "PER": 1.2e6,
    "CAP": 12e-3,
    "TEMP": 1e15,
}
_SIGNALS: Final = {
    "VOLT": 1.0,
    "VOLT:AC": 0.707,
    "CURR": 1e-3,
    "CURR:AC": 0.01,
    "RES": 1e3,
    "FRES": 999.98,
    "FREQ": 50.0,
    "PER": 0.02,
    "DIOD": 0.6,
    "CONT": 1.0,
    "TEMP": 296.15,
    "CAP": 1e-9,
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
    """A function in quotes, which is answered without DC, and resistances by their long names."""

    def write(self, value: str) -> str:
        """Return the name."""
        name = super().write(value).strip('"').replace(":DC", "")
        return f'"{_ANSWERED.get(name, name)}"'


def _clears(name: str) -> Callable[[Any, float], None]:
    def clear(multimeter: Any, _value: float) -> None:
        setattr(multimeter, name, False)

    clear.__name__ = f"_clear_{name}"
    return clear


def _ranged(held: dict[str, Any], ranges: Mapping[str, tuple[float, ...]]) -> None:
    """Give functions a range, and automatic ranging, which a range ends."""
    for function, steps in ranges.items():
        header = f"[SENSe:]{_FUNCTIONS[function]}" + (":VOLTage" if function in ("FREQ", "PER") else "")
        name = function.replace(":", "_")
        unit = _UNITS[function.partition(":")[0]]
        held[f"{name}_range"] = chosen = setting(f"{header}:RANGe", steps[len(steps) // 2], _Steps(steps, unit))
        held[f"{name}_auto"] = setting(f"{header}:RANGe:AUTO", True)
        after = _clears(f"{name}_auto")
        held[after.__name__] = chosen.on_set(after)


def _timed(held: dict[str, Any], steps: tuple[float, ...]) -> None:
    """Give functions an integration time."""
    for function in ("VOLT", "CURR", "RES", "FRES"):
        held[f"{function}_nplc"] = setting(f"[SENSe:]{_FUNCTIONS[function]}:NPLC", 10.0, _Steps(steps))


def _nulled(held: dict[str, Any]) -> None:
    """Give functions a null value."""
    for function, header in _FUNCTIONS.items():
        largest = _NULLS.get(function.partition(":")[0])
        if largest is None:
            continue
        name = function.replace(":", "_")
        held[f"{name}_null"] = setting(f"[SENSe:]{header}:NULL[:STATe]", False)
        value = setting(f"[SENSe:]{header}:NULL:VALue", 0.0, minimum=-largest, maximum=largest, form=_FORM)
        held[f"{name}_null_value"] = value
        held[f"{name}_null_auto"] = setting(f"[SENSe:]{header}:NULL:VALue:AUTO", False)
        after = _clears(f"{name}_null_auto")
        held[after.__name__] = value.on_set(after)


class SimulatedSdm(ScpiDevice):
    """What all of them have.

    Attributes
    ----------
    signals
        What each function measures, in its unit; on a bench, what it sees takes the place of voltage and current.
    noise_level
        Standard deviation of readings, relative to the signal.
    """

    senses: ClassVar[dict[str, str]] = {"voltage": "V", "current": "A"}
    signals: dict[str, float]
    noise_level = 1e-6

    function = setting("[SENSe:]FUNCtion[:ON]", "VOLT:DC", _Function(*_FUNCTIONS.values(), quoted=True))
    temperature_unit = setting("UNIT:TEMPerature", "C", choices=("C", "F", "K"))
    threshold = setting("[SENSe:]CONTinuity:THReshold:VALue", 50.0, minimum=0, maximum=2000, form=_FORM)
    trigger_source = setting("TRIGger:SOURce", "IMM", choices=("IMMediate", "EXTernal", "BUS"))
    trigger_slope = setting("TRIGger:SLOPe", "NEG", choices=("POSitive", "NEGative"))
    trigger_count = setting("TRIGger:COUNt", 1.0, Number(1, 1_000_000, default=1, resolution=1, form="{:+.8E}"))
    trigger_delay = setting("TRIGger:DELay", 0.0, minimum=0, maximum=3600, unit="s", form=_FORM)
    auto_delay = setting("TRIGger:DELay:AUTO", True)
    sample_count = setting("SAMPle:COUNt", 1.0, Number(1, 599_999_999, default=1, resolution=1, form="{:+.0f}"))
    impedance = setting("[SENSe:]VOLTage[:DC]:IMPedance", "10M", Words("10M", "10G"))
    _nulled(vars())

    def switch_on(self) -> None:
        """Put the signals at the terminals."""
        self.signals = dict(_SIGNALS)
        super().switch_on()

    def reset(self) -> None:
        """Empty the memory."""
        self._memory: list[float] = []

    @trigger_delay.on_set
    def _delay_by_hand(self, _seconds: float) -> None:
        self.auto_delay = False

    def _at_terminals(self, function: str) -> float:
        signal = self.signals[function]
        if function in ("VOLT", "CURR"):
            return float(self.sense("voltage" if function == "VOLT" else "current", otherwise=signal))
        return signal

    def _measured(self) -> list[float]:
        function = self.function.replace(":DC", "")
        signal = self._at_terminals(function)
        name = function.replace(":", "_")
        seen = self.signals["VOLT:AC"] if function in ("FREQ", "PER") else signal
        if function == "TEMP":
            signal = {"K": signal, "C": signal - 273.15, "F": 1.8 * (signal - 273.15) + 32}[self.temperature_unit]
        fixed = not getattr(self, f"{name}_auto", True)
        largest = _OVERLOAD * float(getattr(self, f"{name}_range")) if fixed else inf
        count = int(self.trigger_count * self.sample_count)
        if abs(seen) > largest:
            return [INFINITY] * count
        return [signal + self.noise(self.noise_level * abs(signal)) for _ in range(count)]

    @query("READ?")
    def read(self) -> str:
        """Measure into the memory, and answer the readings."""
        readings = self._measured()
        self._memory = readings[-_ROOM:]
        return ",".join(map(_FORM.format, readings))

    @command("INITiate[:IMMediate]")
    def initiate(self) -> None:
        """Measure into the memory."""
        self._memory = self._measured()[-_ROOM:]

    @command("ABORt")
    def abort(self) -> None:
        """Stop measuring."""

    @query("FETCh?")
    def fetch(self) -> str:
        """Answer what is in the memory."""
        if not self._memory:
            raise Refusal(-230)
        return ",".join(map(_FORM.format, self._memory))

    @query("DATA:POINts?")
    def count(self) -> int:
        """Answer how many readings are in the memory."""
        return len(self._memory)


_VOLTAGES: Final = (0.2, 2.0, 20.0, 200.0)
_CURRENTS: Final = (2e-4, 2e-3, 0.02, 0.2, 2.0, 10.0)
_RESISTANCES: Final = (200.0, 2e3, 2e4, 2e5, 2e6, 1e7, 1e8)
_CAPACITANCES: Final = (2e-9, 2e-8, 2e-7, 2e-6, 2e-5, 2e-4)


class SimulatedSdm3055(SimulatedSdm):
    """An SDM3055."""

    identity = "Siglent Technologies,SDM3055,SDM35GBX5R0001,1.01.01.25"
    voltage_filter = setting("[SENSe:]VOLTage[:DC]:FILTer[:STATe]", False)
    current_filter = setting("[SENSe:]CURRent[:DC]:FILTer[:STATe]", False)
    _timed(vars(), (0.3, 1.0, 10.0))
    _ranged(
        vars(),
        {
            "VOLT": (*_VOLTAGES, 1000.0),
            "VOLT:AC": (*_VOLTAGES, 750.0),
            "CURR": _CURRENTS,
            "CURR:AC": _CURRENTS[2:],
            "RES": _RESISTANCES,
            "FRES": _RESISTANCES,
            "FREQ": (*_VOLTAGES, 750.0),
            "PER": (*_VOLTAGES, 750.0),
            "CAP": (*_CAPACITANCES, 1e-2),
        },
    )


class SimulatedSdm3045x(SimulatedSdm):
    """An SDM3045X."""

    identity = "Siglent Technologies,SDM3045X,SDM34FBX5R0001,5.01.01.02"
    voltage_filter = setting("[SENSe:]VOLTage[:DC]:FILTer[:STATe]", False)
    current_filter = setting("[SENSe:]CURRent[:DC]:FILTer[:STATe]", False)
    _timed(vars(), (0.3, 1.0, 10.0))
    _ranged(
        vars(),
        {
            "VOLT": (0.6, 6.0, 60.0, 600.0, 1000.0),
            "VOLT:AC": (0.6, 6.0, 60.0, 600.0, 750.0),
            "CURR": (6e-4, 6e-3, 0.06, 0.6, 6.0, 10.0),
            "CURR:AC": (0.06, 0.6, 6.0, 10.0),
            "RES": (600.0, 6e3, 6e4, 6e5, 6e6, 6e7, 1e8),
            "FRES": (600.0, 6e3, 6e4, 6e5, 6e6, 6e7, 1e8),
            "FREQ": (0.6, 6.0, 60.0, 600.0, 750.0),
            "PER": (0.6, 6.0, 60.0, 600.0, 750.0),
            "CAP": (*_CAPACITANCES, 1e-2),
        },
    )


class SimulatedSdm3065x(SimulatedSdm):
    """An SDM3065X."""

    identity = "Siglent Technologies,SDM3065X,SDM36FAX5R0001,3.01.01.10"
    voltage_zero = setting("[SENSe:]VOLTage[:DC]:AZ[:STATe]", False)
    current_zero = setting("[SENSe:]CURRent[:DC]:AZ[:STATe]", False)
    resistance_zero = setting("[SENSe:]RESistance:AZ[:STATe]", False)
    four_wire_zero = setting("[SENSe:]FRESistance:AZ[:STATe]", False)
    voltage_bandwidth = setting("[SENSe:]VOLTage:AC:BANDwidth", "20Hz", Words("3Hz", "20Hz", "200Hz"))
    current_bandwidth = setting("[SENSe:]CURRent:AC:BANDwidth", "20Hz", Words("3Hz", "20Hz", "200Hz"))
    frequency_gate = setting("[SENSe:]FREQuency:APERture", 0.1, _Steps((1e-3, 0.01, 0.1, 1.0), "s"))
    period_gate = setting("[SENSe:]PERiod:APERture", 0.1, _Steps((1e-3, 0.01, 0.1, 1.0), "s"))
    _timed(vars(), (0.005, 0.05, 0.5, 1.0, 10.0, 100.0))
    _ranged(
        vars(),
        {
            "VOLT": (*_VOLTAGES, 1000.0),
            "VOLT:AC": (*_VOLTAGES, 750.0),
            "CURR": _CURRENTS,
            "CURR:AC": _CURRENTS,
            "RES": (200.0, 2e3, 2e4, 2e5, 1e6, 1e7, 1e8),
            "FRES": (200.0, 2e3, 2e4, 2e5, 1e6, 1e7, 1e8),
            "FREQ": (*_VOLTAGES, 750.0),
            "PER": (*_VOLTAGES, 750.0),
            "CAP": (*_CAPACITANCES, 2e-3, 2e-2, 0.1),
        },
    )
