"""A simulated Keithley 2000 multimeter.

Commands, ranges and defaults: Model 2000 Multimeter User's Manual, 2000-900-01 Rev. J, August 2010, section 5.

Like the instrument: settings of each function, in all spellings of their commands; a range is the lowest that holds
what was asked for, and an overload beyond 120 % of it; relative readings; readings of several triggers; the buffer; the
error queue.

Unlike the instrument: it is switched on as *RST leaves it, so that it waits for requests; a reading takes no time, and
triggers do not wait for a signal; filters and integration times do not change readings; there are no limits, no
statistics, no scanning and no binary readings. Assumed: which error is reported where it measures by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier.scpi import INFINITY
from luthier_sim import Choice, Refusal, ScpiDevice, command, query, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SimulatedMultimeter2000"]

_FORM: Final = "{:+.8E}"
_OVER: Final = 1.2 * (1 + 1e-9)
_RESISTANCES: Final = tuple(10.0**power for power in range(2, 9))
_HEADERS: Final = {
    "VOLT:DC": "VOLTage[:DC]",
    "VOLT:AC": "VOLTage:AC",
    "CURR:DC": "CURRent[:DC]",
    "CURR:AC": "CURRent:AC",
    "RES": "RESistance",
    "FRES": "FRESistance",
    "TEMP": "TEMPerature",
    "FREQ": "FREQuency",
    "PER": "PERiod",
    "DIOD": "DIODe",
    "CONT": "CONTinuity",
}
_RANGES: Final = {
    "VOLT:DC": ((0.1, 1.0, 10.0, 100.0, 1000.0), 1010.0),
    "VOLT:AC": ((0.1, 1.0, 10.0, 100.0, 750.0), 757.5),
    "CURR:DC": ((0.01, 0.1, 1.0, 3.0), 3.1),
    "CURR:AC": ((1.0, 3.0), 3.1),
    "RES": (_RESISTANCES, 120e6),
    "FRES": (_RESISTANCES, 120e6),
}


def _ranged(held: dict[str, Any], function: str) -> None:
    """Give a function a range, and automatic ranging, which a range ends."""
    name, (ranges, largest) = function.replace(":", "_"), _RANGES[function]
    header = f"[SENSe[1]:]{_HEADERS[function]}:RANGe"

    def choose(meter: Any, value: float) -> None:
        setattr(meter, f"{name}_range", next((one for one in ranges if value <= one * (1 + 1e-9)), ranges[-1]))
        setattr(meter, f"{name}_auto", False)

    choose.__name__ = f"_choose_{name}"
    held[f"{name}_range"] = chosen = setting(f"{header}[:UPPer]", ranges[-1], minimum=0, maximum=largest, form=_FORM)
    held[choose.__name__] = chosen.on_set(choose)
    held[f"{name}_auto"] = setting(f"{header}:AUTO", True)


def _measuring(held: dict[str, Any], function: str) -> None:
    """Give a function its settings."""
    name, header = function.replace(":", "_"), f"[SENSe[1]:]{_HEADERS[function]}"
    if function in _RANGES:
        _ranged(held, function)
    held[f"{name}_digits"] = setting(f"{header}:DIGits", 7, minimum=4, maximum=7)
    held[f"{name}_reference"] = setting(f"{header}:REFerence", 0.0, minimum=-1e9, maximum=1e9, form=_FORM)
    held[f"{name}_relative"] = setting(f"{header}:REFerence:STATe", False)
    if function in ("FREQ", "PER"):
        held[f"{name}_aperture"] = setting(f"{header}:APERture", 1.0, minimum=0.01, maximum=1, form="{:g}")
        held[f"{name}_threshold"] = setting(
            f"{header}:THReshold:VOLTage:RANGe", 10.0, minimum=0, maximum=1010, form=_FORM
        )
        return
    held[f"{name}_nplc"] = setting(f"{header}:NPLCycles", 1.0, minimum=0.01, maximum=10, form="{:.2f}")
    held[f"{name}_averaging"] = setting(f"{header}:AVERage[:STATe]", False)
    held[f"{name}_averaging_count"] = setting(f"{header}:AVERage:COUNt", 10, minimum=1, maximum=100)
    held[f"{name}_averaging_type"] = setting(f"{header}:AVERage:TCONtrol", "REP", choices=("REPeat", "MOVing"))
    if function.endswith("AC"):
        held[f"{name}_bandwidth"] = setting(
            f"{header}:DETector:BANDwidth", 30.0, minimum=3, maximum=300e3, unit="Hz", form=_FORM
        )


class SimulatedMultimeter2000(ScpiDevice):
    """A 2000 that measures 1 V, 1 mA, 1 kΩ, 50 Hz or 23 °C, or what a bench connects as DC voltage.

    Attributes
    ----------
    signals
        What each function measures, in its unit.
    noise_level
        Standard deviation of readings, relative to the signal.
    """

    identity = "KEITHLEY INSTRUMENTS INC.,MODEL 2000,0000002,A20  /A02"
    senses: ClassVar[Mapping[str, str]] = {"voltage": "V"}
    noise_level = 3e-5

    function = setting("[SENSe[1]:]FUNCtion", "VOLT:DC", Choice(*_HEADERS.values(), quoted=True))
    for _function in list(_HEADERS)[:9]:
        _measuring(vars(), _function)
    continuous = setting("INITiate:CONTinuous", False)
    trigger_source = setting(
        "TRIGger[:SEQuence[1]]:SOURce", "IMM", choices=("IMMediate", "EXTernal", "TIMer", "MANual", "BUS")
    )
    trigger_timer = setting("TRIGger[:SEQuence[1]]:TIMer", 0.1, minimum=0.001, maximum=999_999.999, form="{:.3f}")
    trigger_count = setting("TRIGger[:SEQuence[1]]:COUNt", 1, minimum=1, maximum=9999)
    trigger_delay = setting("TRIGger[:SEQuence[1]]:DELay", 0.0, minimum=0, maximum=999_999.999, form="{:.3f}")
    trigger_auto_delay = setting("TRIGger[:SEQuence[1]]:DELay:AUTO", True)
    sample_count = setting("SAMPle:COUNt", 1, minimum=1, maximum=1024)
    buffer_points = setting("TRACe:POINts", 100, minimum=2, maximum=1024, keep=True)
    buffer_source = setting("TRACe:FEED", "SENS1", choices=("SENSe1", "CALCulate1", "NONE"), keep=True)
    buffer_control = setting("TRACe:FEED:CONTrol", "NEV", choices=("NEXT", "NEVer"), keep=True)
    elements = setting("FORMat:ELEMents", "READ", choices=("READing",))
    data_format = setting("FORMat[:DATA]", "ASC", choices=("ASCii",))
    auto_zero = setting("SYSTem:AZERo:STATe", True)
    beeper = setting("SYSTem:BEEPer:STATe", True)
    temperature_unit = setting("UNIT:TEMPerature", "C", choices=("C", "F", "K"))
    display = setting("DISPlay:ENABle", True)

    def switch_on(self) -> None:
        """Empty the buffer."""
        self.signals = {
            "VOLT:DC": 1.0,
            "VOLT:AC": 0.707,
            "CURR:DC": 1e-3,
            "CURR:AC": 0.7e-3,
            "RES": 1e3,
            "FRES": 999.9,
            "TEMP": 23.0,
            "FREQ": 50.0,
            "PER": 0.02,
            "DIOD": 0.6,
            "CONT": 1.0,
        }
        self._last: list[float] = []
        self._buffer: list[float] = []
        super().switch_on()

    @trigger_delay.on_set
    def _delay_by_hand(self, _seconds: float) -> None:
        self.trigger_auto_delay = False

    def measured(self) -> float:
        """Return one reading."""
        name, signal = self.function.replace(":", "_"), self.signals[self.function]
        if self.function == "VOLT:DC":
            signal = float(self.sense("voltage", otherwise=signal))
        if self.function in _RANGES:
            ranges, farthest = _RANGES[self.function]
            automatic = getattr(self, f"{name}_auto") or getattr(self, f"{name}_range") == ranges[-1]
            if abs(signal) > (farthest if automatic else getattr(self, f"{name}_range") * _OVER):
                return INFINITY
        reference = getattr(self, f"{name}_reference", 0.0) if getattr(self, f"{name}_relative", False) else 0.0
        return self._in_unit(signal + self.noise(self.noise_level * abs(signal))) - reference

    def _in_unit(self, value: float) -> float:
        if self.function != "TEMP" or self.temperature_unit == "C":
            return value
        return value + 273.15 if self.temperature_unit == "K" else value * 1.8 + 32

    def _measure(self) -> None:
        if self.continuous:
            raise Refusal(-213)
        self._last = [self.measured() for _ in range(self.trigger_count * self.sample_count)]
        if self.buffer_control == "NEXT" and self.buffer_source != "NONE":
            self._buffer = (self._buffer + self._last)[: self.buffer_points]
            if len(self._buffer) == self.buffer_points:
                self.buffer_control = "NEV"

    @query("READ?")
    def read(self) -> str:
        """Measure, and answer the readings."""
        self._measure()
        return ",".join(map(_FORM.format, self._last))

    @query("FETCh?")
    @query("[SENSe[1]:]DATA[:LATest]?")
    @query("[SENSe[1]:]DATA:FRESh?")
    def fetch(self) -> str:
        """Answer the last readings."""
        if self.continuous or not self._last:
            self._last = [self.measured()]
        return ",".join(map(_FORM.format, self._last))

    @command("INITiate[:IMMediate]")
    def initiate(self) -> None:
        """Measure."""
        self._measure()

    @command("ABORt")
    def abort(self) -> None:
        """Stop measuring."""

    @query("CONFigure?")
    def configuration(self) -> str:
        """Answer which function is selected."""
        return f'"{self.function}"'

    @query("TRACe:DATA?")
    def ask_buffer(self) -> str:
        """Answer what is stored."""
        if not self._buffer:
            raise Refusal(-230)
        return ",".join(map(_FORM.format, self._buffer))

    @query("TRACe:FREE?")
    def free(self) -> str:
        """Answer how many bytes are free, and how many are taken."""
        taken = 12 * len(self._buffer)
        return f"{12_288 - taken:+.6E},{taken:+.6E}"

    @command("TRACe:CLEar")
    def clear_buffer(self) -> None:
        """Empty the buffer."""
        self._buffer = []

    @query("SYSTem:FRSWitch?")
    def front_switch(self) -> bool:
        """Answer whether the switch is on the front terminals."""
        return True

    @query("*OPT?")
    def options(self) -> str:
        """Answer which options there are: none."""
        return "0"
