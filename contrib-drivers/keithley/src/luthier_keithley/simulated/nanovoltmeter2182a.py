"""A simulated Keithley 2182A.

Like the instrument, as far as its commands are known: every command of the driver in all of its spellings; ranges and
overflow at 120 % of them; references; readings of several triggers; the buffer; the error queue.

Unlike the instrument: a reading takes no time unless ``paced``; filters, zeroing and integration times do not change
readings; READ? is refused during continuous initiation, and there are no calculations, no scanning and no ratios.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier.scpi import INFINITY
from luthier_sim import Choice, Refusal, ScpiDevice, channel_setting, command, query, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SimulatedNanovoltmeter2182A"]

_FORM: Final = "{:+.8E}"
_RANGES: Final = {1: (0.01, 0.1, 1.0, 10.0, 100.0), 2: (0.1, 1.0, 10.0)}
_OVER: Final = 1.2 * (1 + 1e-9)
_CHANNELS: Final = "[SENSe[1]:]VOLTage[:DC]:CHANnel[1|2]:"


def _farthest(_meter: Any, channel: int) -> float:
    return 120.0 if channel == 1 else 12.0


class SimulatedNanovoltmeter2182A(ScpiDevice):
    """A 2182A that measures 1 mV and 0.5 V, or what a bench connects to channel 1.

    Attributes
    ----------
    signals
        Voltages at the channels, in V, where no bench connects them.
    thermocouple_temperature
        In °C.
    noise_level
        Standard deviation of voltages, in V.
    """

    identity = "KEITHLEY INSTRUMENTS INC.,MODEL 2182A,1234567,C02  /A02"
    senses: ClassVar[Mapping[str, str]] = {"voltage": "V"}
    thermocouple_temperature = 23.0
    noise_level = 1e-9

    function = setting("[SENSe[1]:]FUNCtion", "VOLT:DC", Choice("VOLTage[:DC]", "TEMPerature", quoted=True))
    channel = setting("[SENSe[1]:]CHANnel", 1, minimum=0, maximum=2)
    voltage_nplc = setting("[SENSe[1]:]VOLTage[:DC]:NPLCycles", 5.0, minimum=0.01, maximum=50, form="{:g}")
    temperature_nplc = setting("[SENSe[1]:]TEMPerature:NPLCycles", 5.0, minimum=0.01, maximum=50, form="{:g}")
    digits = setting("[SENSe[1]:]VOLTage[:DC]:DIGits", 8, minimum=4, maximum=8)
    ranges = channel_setting(f"{_CHANNELS}RANGe[:UPPer]", {1: 100.0, 2: 10.0}, minimum=0, maximum=_farthest, form=_FORM)
    auto = channel_setting(f"{_CHANNELS}RANGe:AUTO", True)
    reference = channel_setting(
        f"{_CHANNELS}REFerence", 0.0, minimum=lambda meter, one: -_farthest(meter, one), maximum=_farthest, form=_FORM
    )
    relative = channel_setting(f"{_CHANNELS}REFerence:STATe", False)
    low_pass = channel_setting(f"{_CHANNELS}LPASs[:STATe]", False)
    averaging = channel_setting(f"{_CHANNELS}DFILter[:STATe]", True)
    averaging_count = channel_setting(f"{_CHANNELS}DFILter:COUNt", 10, minimum=1, maximum=100)
    averaging_window = channel_setting(f"{_CHANNELS}DFILter:WINDow", 0.01, minimum=0, maximum=10, form="{:g}")
    averaging_type = channel_setting(f"{_CHANNELS}DFILter:TCONtrol", "MOV", choices=("MOVing", "REPeat"))
    thermocouple = setting("[SENSe[1]:]TEMPerature:TCouple", "J", choices=tuple("BEJKNRST"))
    junction = setting("[SENSe[1]:]TEMPerature:RJUNction:RSELect", "INT", choices=("SIMulated", "INTernal"))
    junction_temperature = setting(
        "[SENSe[1]:]TEMPerature:RJUNction:SIMulated", 23.0, minimum=0, maximum=60, form="{:g}"
    )
    auto_zero = setting("SYSTem:AZERo[:STATe]", True)
    front_auto_zero = setting("SYSTem:FAZero[:STATe]", True)
    line_synchronisation = setting("SYSTem:LSYNc[:STATe]", False)
    display = setting("DISPlay:ENABle", True)
    continuous = setting("INITiate:CONTinuous", False)
    trigger_source = setting("TRIGger:SOURce", "IMM", choices=("IMMediate", "TIMer", "MANual", "BUS", "EXTernal"))
    trigger_count = setting("TRIGger:COUNt", 1, minimum=1, maximum=9999)
    trigger_delay = setting("TRIGger:DELay", 0.0, minimum=0, maximum=999_999.999, form="{:g}")
    sample_count = setting("SAMPle:COUNt", 1, minimum=1, maximum=1024)
    buffer_points = setting("TRACe:POINts", 100, minimum=2, maximum=1024, keep=True)
    buffer_source = setting("TRACe:FEED", "SENS1", choices=("SENSe1", "CALCulate1", "NONE"), keep=True)
    buffer_control = setting("TRACe:FEED:CONTrol", "NEV", choices=("NEXT", "NEVer"), keep=True)

    def switch_on(self) -> None:
        """Empty the buffer, and measure by itself."""
        self.signals = {1: 1e-3, 2: 0.5}
        self._last: list[float] = []
        self._buffer: list[float] = []
        super().switch_on()
        self.continuous = True

    @ranges.on_set
    def _choose_range(self, value: float, channel: int) -> None:
        self.ranges[channel] = next(one for one in _RANGES[channel] if value <= one * _OVER)
        self.auto[channel] = False

    def measured(self) -> float:
        """Return one reading."""
        if self.function == "TEMP":
            return self.thermocouple_temperature
        if self.channel == 0:
            raise Refusal(-221)
        signal = self.signals[self.channel]
        if self.channel == 1:
            signal = float(self.sense("voltage", otherwise=signal))
        largest = _RANGES[self.channel][-1] if self.auto[self.channel] else self.ranges[self.channel]
        if abs(signal) > largest * _OVER:
            return INFINITY
        return signal + self.noise(self.noise_level) - self.relative[self.channel] * self.reference[self.channel]

    def _measure(self) -> None:
        self._last = [self.measured() for _ in range(self.trigger_count * self.sample_count)]
        if self.buffer_control == "NEXT" and self.buffer_source != "NONE":
            self._buffer = (self._buffer + self._last)[: self.buffer_points]
            if len(self._buffer) == self.buffer_points:
                self.buffer_control = "NEV"

    @query("READ?")
    def read(self) -> str:
        """Measure, and answer the readings."""
        if self.continuous:
            raise Refusal(-213)
        self._measure()
        return ",".join(map(_FORM.format, self._last))

    @query("FETCh?")
    @query("[SENSe[1]:]DATA[:LATest]?")
    def fetch(self) -> str:
        """Answer the last readings, of which there is always one while it measures by itself."""
        if self.continuous:
            self._last = [self.measured()]
        if not self._last:
            raise Refusal(-230)
        return ",".join(map(_FORM.format, self._last))

    @command("INITiate[:IMMediate]")
    def initiate(self) -> None:
        """Measure."""
        if self.continuous:
            raise Refusal(-213)
        self._measure()

    @command("ABORt")
    def abort(self) -> None:
        """Stop measuring."""

    @command(f"{_CHANNELS}REFerence:ACQuire")
    def take_reference(self, channel: int) -> None:
        """Take the present signal as reference."""
        self.reference[channel] = self.signals[channel]

    @query("[SENSe[1]:]TEMPerature:RTEMperature?")
    def internal_temperature(self) -> str:
        """Answer the temperature inside."""
        return _FORM.format(30.0)

    @query("SYSTem:LFRequency?")
    def line_frequency(self) -> int:
        """Answer the frequency of the mains."""
        return 50

    @query("TRACe:DATA?")
    def ask_buffer(self) -> str:
        """Answer what is stored."""
        if not self._buffer:
            raise Refusal(-230)
        return ",".join(map(_FORM.format, self._buffer))

    @command("TRACe:CLEar")
    def clear_buffer(self) -> None:
        """Empty the buffer."""
        self._buffer = []
