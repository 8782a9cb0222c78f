"""A simulated Rigol DM3058.

Like the instrument: commands of its own set; a function at a time, whose range, speed and reading alone are answered;
ranges by their number, which end automatic ranging; 10 GΩ on the small ranges only; statistics while they are chosen.

Unlike the instrument: nothing takes time, there is always a new reading, and triggers are not needed; the second
display, limits, decibels, sensors, interfaces, and the commands of the 34401A and the Fluke 45 are not there. What it
does with a query of another function is not known: here it is refused (-221).
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier.scpi import INFINITY
from luthier_sim import Boolean, Choice, Integer, Refusal, ScpiDevice, command, query, setting

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SimulatedDm3058"]

_FORM: Final = "{:.6e}"
_VOLTAGES: Final = (0.2, 2.0, 20.0, 200.0)
_RESISTANCES: Final = (200.0, 2e3, 2e4, 2e5, 1e6, 1e7, 1e8)
# How commands name a function: how it is answered, what is measured, its ranges, whether it has a speed.
_FUNCTIONS: Final = {
    "VOLTage:DC": ("DCV", 1.0, (*_VOLTAGES, 1000.0), True),
    "VOLTage:AC": ("ACV", 0.707, (*_VOLTAGES, 750.0), True),
    "CURRent:DC": ("DCI", 1e-3, (2e-4, 2e-3, 0.02, 0.2, 2.0, 10.0), True),
    "CURRent:AC": ("ACI", 0.01, (0.02, 0.2, 2.0, 10.0), True),
    "RESistance": ("2WR", 1e3, _RESISTANCES, True),
    "FRESistance": ("4WR", 999.98, _RESISTANCES, True),
    "FREQuency": ("FREQ", 50.0, (*_VOLTAGES, 750.0), False),
    "PERiod": ("PERI", 0.02, (*_VOLTAGES, 750.0), False),
    "CAPacitance": ("CAP", 1e-9, (2e-9, 2e-8, 2e-7, 2e-6, 2e-4, 1e-2), False),
    "CONTinuity": ("CONT", 1.0, (), False),
    "DIODe": ("DIODE", 0.6, (), False),
}
_OVERLOAD: Final = 1.1
_CALCULATIONS: Final = ("NONE", "MIN", "MAX", "AVERAGE", "TOTAL")


def _commands(held: dict[str, Any]) -> None:
    """Give a multimeter what it takes and answers for each function."""
    for header, (word, _, ranges, fast) in _FUNCTIONS.items():
        for name, method in _of_function(header, word, len(ranges), fast=fast).items():
            held[f"{name}_{word}"] = method


def _of_function(header: str, word: str, count: int, *, fast: bool) -> dict[str, Callable[..., Any]]:
    def choose(meter: SimulatedDm3058) -> None:
        meter.choose(word)

    def measure(meter: SimulatedDm3058) -> str:
        return meter.measure(word)

    def set_range(meter: SimulatedDm3058, number: int) -> None:
        meter.set_range(word, number)

    def ask_range(meter: SimulatedDm3058) -> int:
        return meter.ask_range(word)

    def set_speed(meter: SimulatedDm3058, speed: str) -> None:
        meter.require(word)
        meter.speeds[word] = speed

    def ask_speed(meter: SimulatedDm3058) -> str:
        meter.require(word)
        return meter.speeds[word]

    for method in (choose, measure, set_range, ask_range, set_speed, ask_speed):
        method.__name__ += f"_{word}"  # by which the device finds it
    made: dict[str, Callable[..., Any]] = {
        "choose": command(f"FUNCtion:{header}")(choose),
        "measure": query(f"MEASure:{header}?")(measure),
    }
    if count:
        made["set_range"] = command(f"MEASure:{header}", Integer(0, count - 1, default=min(2, count - 1)))(set_range)
        made["ask_range"] = query(f"MEASure:{header}:RANGe?")(ask_range)
    if fast:
        made["set_speed"] = command(f"RATE:{header}", Choice("F", "M", "S"))(set_speed)
        made["ask_speed"] = query(f"RATE:{header}?")(ask_speed)
    return made


class _Impedance:
    """``10M`` or ``10G``, which read like numbers."""

    optional = False
    rest = False

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> str:  # noqa: ARG002 - what all kinds are given
        """Return the word."""
        if datum.form != "number" or (datum.text, datum.suffix) not in (("10", "M"), ("10", "G")):
            raise Refusal(-224)
        return f"10{datum.suffix}"

    def write(self, value: str) -> str:
        """Return the word."""
        return value


class SimulatedDm3058(ScpiDevice):
    """A DM3058.

    Attributes
    ----------
    signals
        What each function measures, in its unit, by how it is answered (``"DCV"``); on a bench, what it sees takes the
        place of DC voltage and current.
    noise_level
        Standard deviation of readings, relative to the signal.
    """

    identity = "Rigol Technologies,DM3058,DM3A000000001,01.01.00.02.02.00"
    senses: ClassVar[dict[str, str]] = {"voltage": "V", "current": "A"}
    noise_level = 1e-6
    signals: dict[str, float]
    speeds: dict[str, str]

    source = setting("TRIGger:SOURce", "AUTO", choices=("AUTO", "SINGLE", "EXT"))
    samples = setting("TRIGger:SINGle", 1, minimum=1, maximum=2000)
    external = setting("TRIGger:EXT", "RISE", choices=("RISE", "FALL", "HIGH", "LOW"))
    hold_sensitivity = setting("TRIGger:AUTO:HOLD:SENSitivity", 2, minimum=0, maximum=3)
    polarity = setting("TRIGger:VMComplete:POLAr", "POS", choices=("POS", "NEG"))
    brightness = setting("SYSTem:DISPlay:BRIGht", 22, minimum=0, maximum=32)
    _commands(vars())

    def switch_on(self) -> None:
        """Put the signals at the terminals."""
        self.signals = {word: signal for word, signal, _, _ in _FUNCTIONS.values()}
        super().switch_on()

    def reset(self) -> None:
        """Measure DC voltage, with automatic ranges."""
        self.function = "DCV"
        self.automatic = True
        self.ranges = {word: min(2, len(ranges) - 1) for word, _, ranges, _ in _FUNCTIONS.values()}
        self.speeds = {word: "S" for word, _, _, fast in _FUNCTIONS.values() if fast}
        self.impedance, self.threshold, self.width = "10M", 10, 100
        self.calculation = "NONE"
        self.holding, self.beeping = False, True
        self._kept: list[float] = []

    @query("CMDSET?")
    def ask_set(self) -> str:
        """Answer which commands it takes."""
        return "RIGOL"

    @query("FUNCtion?")
    def ask_function(self) -> str:
        """Answer what is measured."""
        return self.function

    def choose(self, word: str) -> None:
        """Measure something else; statistics begin anew."""
        self.function = word
        self._kept = []

    def require(self, word: str) -> None:
        """Refuse what is of another function."""
        if self.function != word:
            raise Refusal(-221)

    def measure(self, word: str) -> str:
        """Measure."""
        self.require(word)
        signal = self.signals[word]
        if word in ("DCV", "DCI"):
            signal = float(self.sense("voltage" if word == "DCV" else "current", otherwise=signal))
        ranges = next(ranges for name, _, ranges, _ in _FUNCTIONS.values() if name == word)
        seen = self.signals["ACV"] if word in ("FREQ", "PERI") else signal
        largest = inf if self.automatic or not ranges else _OVERLOAD * ranges[self.ranges[word]]
        if abs(seen) > largest:
            return _FORM.format(INFINITY)
        reading = signal + self.noise(self.noise_level * abs(signal))
        if self.calculation != "NONE":
            self._kept.append(reading)
        return _FORM.format(reading)

    @query("MEASure?")
    def has_new(self) -> str:
        """Answer that there is a new reading."""
        return "TRUE"

    @command("MEASure", Choice("AUTO", "MANU"))
    def choose_ranging(self, word: str) -> None:
        """Choose who chooses ranges."""
        self.automatic = word == "AUTO"

    def set_range(self, word: str, number: int) -> None:
        """Set a range; 10 GΩ are not there on the large ones."""
        self.require(word)
        self.ranges[word], self.automatic = number, False
        if word == "DCV" and number > 1:
            self.impedance = "10M"

    def ask_range(self, word: str) -> int:
        """Answer the number of a range."""
        self.require(word)
        return self.ranges[word]

    @command("MEASure:CONTinuity", Integer(1, 2000))
    def set_threshold(self, threshold: int) -> None:
        """Set up to where the continuity test beeps."""
        self.threshold = threshold

    @command("MEASure:VOLTage:DC:IMPedance", _Impedance())
    def set_impedance(self, word: str) -> None:
        """Set the resistance of the input."""
        self.require("DCV")
        if word == "10G" and self.ranges["DCV"] > 1:
            raise Refusal(-221)
        self.impedance = word

    @query("MEASure:VOLTage:DC:IMPedance?")
    def ask_impedance(self) -> str:
        """Answer the resistance of the input."""
        self.require("DCV")
        return self.impedance

    # Triggers

    @command("TRIGger:SINGle:TRIGgered")
    def trigger(self) -> None:
        """Trigger by hand."""
        if self.source != "SINGLE":
            raise Refusal(-211)

    @command("TRIGger:AUTO:HOLD", Boolean())
    def set_hold(self, on: bool) -> None:
        """Hold stable readings."""
        self.holding = on

    @query("TRIGger:AUTO:HOLD?")
    def ask_hold(self) -> str:
        """Answer whether stable readings are held."""
        return "ON" if self.holding else "OFF"

    @command("TRIGger:VMComplete:PULSewidth", Integer(1, 399))
    def set_width(self, milliseconds: int) -> None:
        """Set the length of the pulse at the end of a reading."""
        self.width = milliseconds

    @query("TRIGger:VMComplete:PULSewidth?")
    def ask_width(self) -> str:
        """Answer the length of the pulse."""
        return f"{self.width}ms"

    # Statistics, display

    @command("CALCulate:FUNCtion", Choice(*_CALCULATIONS))
    def set_calculation(self, word: str) -> None:
        """Choose the statistics, which begin anew."""
        self.calculation = word
        self._kept = []

    @query("CALCulate:FUNCtion?")
    def ask_calculation(self) -> str:
        """Answer the statistics."""
        return self.calculation

    def _statistic(self, word: str, value: Callable[[list[float]], float]) -> float:
        if self.calculation not in (word, "TOTAL"):
            raise Refusal(-221)
        return value(self._kept) if self._kept else 0.0

    @query("CALCulate:STATistic:AVERage?", form=_FORM)
    def ask_average(self) -> float:
        """Answer the average."""
        return self._statistic("AVERAGE", lambda kept: sum(kept) / len(kept))

    @query("CALCulate:STATistic:MINimum?", form=_FORM)
    def ask_minimum(self) -> float:
        """Answer the lowest reading."""
        return self._statistic("MIN", min)

    @query("CALCulate:STATistic:MAXimum?", form=_FORM)
    def ask_maximum(self) -> float:
        """Answer the highest reading."""
        return self._statistic("MAX", max)

    @query("CALCulate:STATistic:COUNt?", form=_FORM)
    def ask_count(self) -> float:
        """Answer how many readings there are."""
        return float(len(self._kept))

    @command("SYSTem:BEEPer:STATe", Boolean())
    def set_beeper(self, on: bool) -> None:
        """Switch the beeper."""
        self.beeping = on

    @query("SYSTem:BEEPer:STATe?")
    def ask_beeper(self) -> str:
        """Answer whether it beeps."""
        return "ON" if self.beeping else "OFF"
