"""A simulated Rigol DS1104Z Plus.

Like the instrument: scales, offsets and levels that depend on the probe; traces of the screen as codes of 8 bits with a
preamble; running, stopping and single acquisitions.

Unlike the instrument: a trigger always comes at once, and signals are functions of the time from it; there is no deep
memory, no measurement, no mathematics, no decoder; only edges trigger.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from luthier_sim import Choice, Number, Refusal, ScpiDevice, channel_setting, command, query, setting
from numpy.typing import NDArray

__all__ = ["SimulatedDs1000z"]

_CHANNEL: Final = "CHANnel<1..4>"
_FORM: Final = "{:.6e}"
_POINTS: Final = 1200
_REFERENCE: Final = 127
_STEPS: Final = 25
"""Codes in a division."""
_PROBES: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
_TIME_SCALES: Final = (5e-9, *(step * 10.0**decade for decade in range(-8, 2) for step in (1.0, 2.0, 5.0)))

Signal = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _compensation(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the terminal for adjusting probes puts out: a square of 3 V and 1 kHz."""
    return np.where((times * 1e3) % 1 < 0.5, 3.0, 0.0)  # noqa: PLR2004 - half of a period


def _nothing(times: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.zeros_like(times)


class _OneOf(Number):
    """One of some numbers."""

    def __init__(self, *numbers: float, unit: str = "", form: str = "") -> None:
        super().__init__(min(numbers), max(numbers), unit, form=form)
        object.__setattr__(self, "numbers", numbers)

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the nearest of the numbers."""
        value = Number.read(self, datum, device, suffixes)
        numbers: tuple[float, ...] = getattr(self, "numbers")  # noqa: B009 - a frozen class, which declares none
        return min(numbers, key=lambda number: abs(np.log(number / value)))


class _BandwidthLimit:
    """``20M``, which reads like a number, or ``OFF``."""

    optional = False
    rest = False

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> bool:  # noqa: ARG002 - what all kinds are given
        """Return whether the filter is on."""
        if datum.form == "number" and (datum.text, datum.suffix) == ("20", "M"):
            return True
        if datum.text != "OFF":
            raise Refusal(-224)
        return False

    def write(self, value: bool) -> str:
        """Return the word."""
        return "20M" if value else "OFF"


def _largest_offset(scope: Any, channel: int) -> float:
    probe = scope.probe[channel]
    return float((100.0 if scope.scale[channel] >= 0.5 * probe else 2.0) * probe)


class SimulatedDs1000z(ScpiDevice):
    """A DS1104Z Plus whose first input is at the terminal for adjusting probes.

    Attributes
    ----------
    signals
        What is at the tip of each probe: functions of the time from the trigger in s, that return V.
    noise_level
        Standard deviation of what is acquired, in divisions.
    """

    identity = "RIGOL TECHNOLOGIES,DS1104Z,DS1ZA000000001,00.04.05"
    noise_level = 0.0

    probe = channel_setting(f"{_CHANNEL}:PROBe", 10.0, _OneOf(*_PROBES))
    coupling = channel_setting(f"{_CHANNEL}:COUPling", "DC", choices=("AC", "DC", "GND"))
    vernier = channel_setting(f"{_CHANNEL}:VERNier", False)
    scale = channel_setting(
        f"{_CHANNEL}:SCALe",
        1.0,
        Number(
            lambda scope, channel: 1e-3 * scope.probe[channel],
            lambda scope, channel: 10 * scope.probe[channel],
            "V",
            form=_FORM,
        ),
    )
    offset = channel_setting(
        f"{_CHANNEL}:OFFSet",
        0.0,
        Number(lambda scope, channel: -_largest_offset(scope, channel), _largest_offset, "V", form=_FORM),
    )
    bandwidth_limit = channel_setting(f"{_CHANNEL}:BWLimit", False, _BandwidthLimit())
    shown = channel_setting(f"{_CHANNEL}:DISPlay", {1: True, 2: False, 3: False, 4: False})

    time_scale = setting("TIMebase[:MAIN]:SCALe", 1e-6, _OneOf(*_TIME_SCALES, unit="s", form=_FORM))
    time_offset = setting("TIMebase[:MAIN]:OFFSet", 0.0, minimum=-500, maximum=500, unit="s", form=_FORM)
    trigger_mode = setting("TRIGger:MODE", "EDGE", choices=("EDGE",))
    trigger_source = setting(
        "TRIGger:EDGe:SOURce", "CHAN1", Choice("CHANnel1", "CHANnel2", "CHANnel3", "CHANnel4", "AC")
    )
    trigger_slope = setting("TRIGger:EDGe:SLOPe", "POS", choices=("POSitive", "NEGative", "RFALl"))
    trigger_level = setting("TRIGger:EDGe:LEVel", 0.0, unit="V", form=_FORM)
    sweep = setting("TRIGger:SWEep", "AUTO", choices=("AUTO", "NORMal", "SINGle"))
    acquisition = setting("ACQuire:TYPE", "NORM", choices=("NORMal", "AVERages", "PEAK", "HRESolution"))
    averages = setting("ACQuire:AVERages", 2, minimum=2, maximum=1024)
    source = setting("WAVeform:SOURce", "CHAN1", Choice("CHANnel1", "CHANnel2", "CHANnel3", "CHANnel4"))
    wave_mode = setting("WAVeform:MODE", "NORM", choices=("NORMal",))
    wave_format = setting("WAVeform:FORMat", "BYTE", choices=("BYTE", "WORD", "ASCii"))

    def switch_on(self) -> None:
        """Put the first probe at its terminal."""
        self.signals: dict[int, Signal] = {1: _compensation, 2: _nothing, 3: _nothing, 4: _nothing}
        super().switch_on()

    def reset(self) -> None:
        """Run."""
        self.running = True
        self.frozen: dict[int, NDArray[np.uint8]] = {}

    @probe.on_set
    def _keep_ratio(self, probe: float, channel: int) -> None:
        self.scale[channel] = min(max(self.scale[channel], 1e-3 * probe), 10 * probe)
        self._keep_offset(0.0, channel)

    @scale.on_set
    def _keep_offset(self, _scale: float, channel: int) -> None:
        largest = _largest_offset(self, channel)
        self.offset[channel] = min(max(self.offset[channel], -largest), largest)

    @trigger_level.on_set
    def _check_level(self, level: float) -> None:
        if self.trigger_source != "AC":
            channel = int(self.trigger_source[-1])
            if abs(level + self.offset[channel]) > 5 * self.scale[channel] * (1 + 1e-9):
                raise Refusal(-222)

    @averages.on_set
    def _check_averages(self, count: int) -> None:
        if count & (count - 1):
            raise Refusal(-222)

    @command("RUN")
    def run(self) -> None:
        """Acquire again and again."""
        self.running = True

    @command("STOP")
    def stop(self) -> None:
        """Keep what is on the screen."""
        if self.running:
            self.frozen = {channel: self._codes(channel) for channel in (1, 2, 3, 4)}
        self.running = False

    @command("SINGle")
    @command("TFORce")
    def single(self) -> None:
        """Acquire once; the trigger comes at once."""
        self.running = True
        self.stop()

    @query("TRIGger:STATus?")
    def ask_status(self) -> str:
        """Answer what it does."""
        return "TD" if self.running else "STOP"

    @query("ACQuire:SRATe?", form=_FORM)
    def ask_rate(self) -> float:
        """Answer the sample rate."""
        return min(1e9, 12e6 / (12 * self.time_scale))

    # The trace on the screen

    def times(self) -> NDArray[np.float64]:
        """Return the times of the points, from the trigger, in s."""
        return (np.arange(_POINTS) - _POINTS / 2) * self.time_scale / 100 + self.time_offset

    def _codes(self, channel: int) -> NDArray[np.uint8]:
        signal = self.signals[channel](self.times())
        if self.coupling[channel] == "AC":
            signal = signal - signal.mean()
        elif self.coupling[channel] == "GND":
            signal = np.zeros_like(signal)
        codes = signal / self._increment(channel) + self._origin(channel) + _REFERENCE
        if self.noise_level:
            codes = codes + np.array([self.noise(self.noise_level * _STEPS) for _ in codes])
        return np.clip(np.rint(codes), 0, 255).astype(np.uint8)

    def _increment(self, channel: int) -> float:
        return self.scale[channel] / _STEPS

    def _origin(self, channel: int) -> int:
        return round(self.offset[channel] / self._increment(channel))

    @query("WAVeform:PREamble?")
    def ask_preamble(self) -> str:
        """Answer how codes become times and voltages."""
        channel = int(self.source[-1])
        form = {"BYTE": 0, "WORD": 1, "ASC": 2}[self.wave_format]
        count = self.averages if self.acquisition == "AVER" else 1
        return (
            f"{form},0,{_POINTS},{count},{self.time_scale / 100:.6e},{self.times()[0]:.6e},0,"
            f"{self._increment(channel):.6e},{self._origin(channel)},{_REFERENCE}"
        )

    @query("WAVeform:POINts?")
    def ask_points(self) -> int:
        """Answer how many points a trace has."""
        return _POINTS

    @query("WAVeform:XINCrement?", form=_FORM)
    def ask_x_increment(self) -> float:
        """Answer the time between two points."""
        return self.time_scale / 100

    @query("WAVeform:XORigin?", form=_FORM)
    def ask_x_origin(self) -> float:
        """Answer the time of the first point."""
        return float(self.times()[0])

    @query("WAVeform:YINCrement?", form=_FORM)
    def ask_y_increment(self) -> float:
        """Answer the voltage of a code."""
        return self._increment(int(self.source[-1]))

    @query("WAVeform:YORigin?")
    def ask_y_origin(self) -> int:
        """Answer how many codes the trace is shifted."""
        return self._origin(int(self.source[-1]))

    @query("WAVeform:YREFerence?")
    def ask_y_reference(self) -> int:
        """Answer the code of the middle of the screen."""
        return _REFERENCE

    @query("WAVeform:DATA?")
    def ask_data(self) -> bytes | str:
        """Answer the codes of a channel, or voltages as text in a block."""
        channel = int(self.source[-1])
        if not self.shown[channel]:
            raise Refusal(-221)
        codes = self._codes(channel) if self.running else self.frozen[channel]
        if self.wave_format == "BYTE":
            return codes.tobytes()
        if self.wave_format == "WORD":
            return codes.astype("<u2").tobytes()
        volts = (codes.astype(float) - self._origin(channel) - _REFERENCE) * self._increment(channel)
        text = ",".join(f"{value:.6e}" for value in volts.tolist())
        return f"#9{len(text):09d}{text}"
