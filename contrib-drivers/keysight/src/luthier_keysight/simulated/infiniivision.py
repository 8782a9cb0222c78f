"""A simulated Keysight MSO-X 3104A.

Like the instrument: scales and levels that depend on the probe; an offset that is taken as near as possible; traces as
codes of 8 or 16 bits with a preamble, or as text; running, stopping, single acquisitions, and :DIGitize, which waits
for a trigger that may not come; what is measured of the trace on the screen.

Unlike the instrument: signals are functions of the time from the trigger; memory is as deep as the points asked for;
nothing is at the digital channels, and they cannot be read; no mathematics, no decoder; only edges trigger; offsets
reach to 2 V, and to 50 V from 200 mV on, times the probe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from luthier_sim import Choice, Number, Refusal, ScpiDevice, channel_setting, command, query, setting
from numpy.typing import NDArray

__all__ = ["SimulatedInfiniiVision"]

_CHANNEL: Final = "CHANnel<1..4>"
_FORM: Final = "{:+.5E}"
_INPUTS: Final = (1, 2, 3, 4)
_DIVISIONS: Final = (8, 10)
_NO_RESULT: Final = 9.9e37
_FAR: Final = 0.2
"""From this scale on, in V, a channel can be shifted far."""
_RUNNING: Final = 8

Signal = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Volts = NDArray[np.float64]


def _demonstration(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the terminal for adjusting probes puts out: a square of 2.5 V and 1 kHz."""
    return np.where((times * 1e3) % 1 < 0.5, 2.5, 0.0)  # noqa: PLR2004 - half of a period


def _nothing(times: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.zeros_like(times)


def _measurement(name: str, header: str, measure: Callable[[NDArray[np.float64], Volts], float]) -> Any:
    """Return the query of something that is measured of a trace; what cannot be is answered with 9.9E+37."""

    def ask(scope: SimulatedInfiniiVision, source: str | None) -> float:
        """Answer what is measured."""
        try:
            return measure(*scope.measurable(source))
        except _NotThereError:
            return _NO_RESULT

    ask.__name__ = name
    source = Choice("CHANnel1", "CHANnel2", "CHANnel3", "CHANnel4", optional=True)
    return query(f"MEASure:{header}?", source, form="{:+.5E}")(ask)


class _NotThereError(Exception):
    """What is to be measured is not on the screen."""


def _edges(times: NDArray[np.float64], volts: Volts, fraction: float) -> NDArray[np.float64]:
    """Return the times at which the voltages rise through a fraction of their way."""
    threshold = volts.min() + fraction * np.ptp(volts)
    places = np.flatnonzero((volts[:-1] < threshold) & (volts[1:] >= threshold))
    ways = (threshold - volts[places]) / (volts[places + 1] - volts[places])
    return np.asarray(times[places] + ways * (times[places + 1] - times[places]), dtype=np.float64)


def _period(times: NDArray[np.float64], volts: Volts) -> float:
    rising = _edges(times, volts, 0.5)
    if len(rising) < 2:  # noqa: PLR2004 - a period is between two edges
        raise _NotThereError
    return float(rising[1] - rising[0])


def _edge_time(times: NDArray[np.float64], volts: Volts) -> float:
    begin, end = _edges(times, volts, 0.1), _edges(times, volts, 0.9)
    if not len(begin) or not len(end[end > begin[0]]):
        raise _NotThereError
    return float(end[end > begin[0]][0] - begin[0])


def _duty_cycle(times: NDArray[np.float64], volts: Volts) -> float:
    falling = _edges(times, -volts, 0.5)
    rising = _edges(times, volts, 0.5)
    if not len(rising) or not len(falling[falling > rising[0]]):
        raise _NotThereError
    return float(100 * (falling[falling > rising[0]][0] - rising[0]) / _period(times, volts))


class SimulatedInfiniiVision(ScpiDevice):
    """A MSO-X 3104A whose first input is at the terminal for adjusting probes.

    Attributes
    ----------
    signals
        What is at the tip of each probe: functions of the time from the trigger in s, that return V.
    noise_level
        Standard deviation of what is acquired, in divisions.
    """

    identity = "AGILENT TECHNOLOGIES,MSO-X 3104A,MY51000001,02.35.2013061800"
    noise_level = 0.0

    probe = channel_setting(f"{_CHANNEL}:PROBe", 10.0, minimum=0.1, maximum=10_000, form=_FORM)
    impedance = channel_setting(f"{_CHANNEL}:IMPedance", "ONEM", choices=("ONEMeg", "FIFTy"))
    coupling = channel_setting(f"{_CHANNEL}:COUPling", "DC", choices=("AC", "DC"))
    bandwidth_limit = channel_setting(f"{_CHANNEL}:BWLimit", False)
    inverted = channel_setting(f"{_CHANNEL}:INVert", False)
    shown = channel_setting(f"{_CHANNEL}:DISPlay", {1: True, 2: False, 3: False, 4: False})
    scale = channel_setting(
        f"{_CHANNEL}:SCALe",
        1.0,
        Number(
            lambda scope, channel: 1e-3 * scope.probe[channel],
            lambda scope, channel: (5 if scope.impedance[channel] == "ONEM" else 1) * scope.probe[channel],
            "V",
            form=_FORM,
        ),
    )
    offset = channel_setting(f"{_CHANNEL}:OFFSet", 0.0, unit="V", form=_FORM)

    time_scale = setting("TIMebase[:MAIN]:SCALe", 100e-6, minimum=500e-12, maximum=50, unit="s", form="{:+.9E}")
    time_offset = setting("TIMebase[:MAIN]:POSition", 0.0, minimum=-500, maximum=500, unit="s", form="{:+.9E}")
    time_reference = setting("TIMebase:REFerence", "CENT", choices=("LEFT", "CENTer", "RIGHt"))
    acquisition = setting("ACQuire:TYPE", "NORM", choices=("NORMal", "AVERage", "HRESolution", "PEAK"))
    averages = setting("ACQuire:COUNt", 8, minimum=2, maximum=65_536)
    trigger_mode = setting("TRIGger:MODE", "EDGE", choices=("EDGE", "GLITch", "PATTern", "TV"))
    trigger_source = setting(
        "TRIGger[:EDGE]:SOURce",
        "CHAN1",
        Choice(
            "CHANnel1",
            "CHANnel2",
            "CHANnel3",
            "CHANnel4",
            "EXTernal",
            "LINE",
            "WGEN",
            *(f"DIGital{number}" for number in range(16)),
        ),
    )
    trigger_slope = setting("TRIGger[:EDGE]:SLOPe", "POS", choices=("POSitive", "NEGative", "EITHer", "ALTernate"))
    trigger_coupling = setting("TRIGger[:EDGE]:COUPling", "DC", choices=("AC", "DC", "LFReject"))
    sweep = setting("TRIGger:SWEep", "AUTO", choices=("AUTO", "NORMal"))
    holdoff = setting("TRIGger:HOLDoff", 60e-9, minimum=40e-9, maximum=10, unit="s", form=_FORM)
    source = setting("WAVeform:SOURce", "CHAN1", Choice("CHANnel1", "CHANnel2", "CHANnel3", "CHANnel4"))
    wave_format = setting("WAVeform:FORMat", "BYTE", choices=("BYTE", "WORD", "ASCii"))
    byte_order = setting("WAVeform:BYTeorder", "MSBF", choices=("MSBFirst", "LSBFirst"))
    unsigned = setting("WAVeform:UNSigned", True)
    points = setting("WAVeform:POINts", 1000, minimum=100, maximum=8_000_000)
    points_mode = setting("WAVeform:POINts:MODE", "NORM", choices=("NORMal", "MAXimum", "RAW"))

    levels: dict[str, float]

    def switch_on(self) -> None:
        """Put the first probe at its terminal."""
        self.signals: dict[int, Signal] = {1: _demonstration, 2: _nothing, 3: _nothing, 4: _nothing}
        super().switch_on()

    def reset(self) -> None:
        """Run."""
        self.levels = {f"CHAN{channel}": 0.0 for channel in _INPUTS} | {"EXT": 0.0}
        self.run()

    # What depends on what

    @probe.on_set
    def _keep_ratio(self, probe: float, channel: int) -> None:
        self.scale[channel] = min(max(self.scale[channel], 1e-3 * probe), 5 * probe)
        self._take_nearest(self.offset[channel], channel)

    @impedance.on_set
    def _keep_scale(self, impedance: str, channel: int) -> None:
        if impedance == "FIFT":
            self.scale[channel] = min(self.scale[channel], self.probe[channel])

    @scale.on_set
    def _keep_offset(self, _scale: float, channel: int) -> None:
        self._take_nearest(self.offset[channel], channel)

    @offset.on_set
    def _take_nearest(self, offset: float, channel: int) -> None:
        probe = self.probe[channel]
        largest = (50.0 if self.scale[channel] >= _FAR * probe else 2.0) * probe
        self.offset[channel] = min(max(offset, -largest), largest)

    @points.on_set
    def _check_points(self, points: int) -> None:
        if self.points_mode == "NORM" and points not in (100, 250, 500, 1000):
            raise Refusal(-222)

    @points_mode.on_set
    def _fewer_points(self, mode: str) -> None:
        self.points = min(self.points, 1000) if mode == "NORM" else self.points

    @query("TRIGger[:EDGE]:LEVel?", form=_FORM)
    def ask_level(self) -> float:
        """Answer the level of the source that triggers."""
        return self.levels.get(self.trigger_source, 0.0)

    @command("TRIGger[:EDGE]:LEVel", Number(unit="V"))
    def set_level(self, level: float) -> None:
        """Set the level of the source that triggers."""
        source = self.trigger_source
        if source not in self.levels:
            raise Refusal(-221)
        if source != "EXT":
            channel = int(source[-1])
            if abs(level - self.offset[channel]) > 6 * self.scale[channel] * (1 + 1e-9):
                raise Refusal(-222)
        self.levels[source] = level

    # Acquisitions

    @command("RUN")
    def run(self) -> None:
        """Acquire again and again."""
        self.end_operations()
        self.running = True
        self.frozen: dict[int, Volts] = {}

    @command("STOP")
    def stop(self) -> None:
        """Keep what is on the screen."""
        self.end_operations()
        if self.running:
            self.frozen = {channel: self._acquired(channel) for channel in _INPUTS}
        self.running = False

    @command("SINGle")
    @command("TRIGger:FORCe")
    def single(self) -> None:
        """Acquire once; the trigger comes at once."""
        self.run()
        self.stop()

    @command("DIGitize")
    def digitize(self) -> None:
        """Acquire once; wait for a trigger where there is none."""
        self.single()
        if self.sweep == "NORM" and not self._triggered():
            self.frozen = {channel: np.zeros(0) for channel in _INPUTS}
            self.begin(1e6)

    @command("AUToscale")
    def autoscale(self) -> None:
        """Choose scales for what is there."""
        for channel in _INPUTS:
            volts = self.signals[channel](self.times())
            self.shown[channel] = bool(np.ptp(volts))
            if self.shown[channel]:
                self.scale[channel], self.offset[channel] = float(np.ptp(volts)) / 4, float(volts.mean())
        self.run()

    def _triggered(self) -> bool:
        if not self.trigger_source.startswith("CHAN"):
            return self.trigger_source == "LINE"
        volts = self.signals[int(self.trigger_source[-1])](self.times())
        return bool(volts.min() < self.ask_level() < volts.max())

    @query("OPERegister:CONDition?")
    def ask_condition(self) -> str:
        """Answer whether it acquires."""
        return f"{_RUNNING * (self.running or self.operating):+d}"

    @query("ACQuire:SRATe?", form="{:+.2E}")
    def ask_rate(self) -> float:
        """Answer the sample rate."""
        return min(5e9, self.points / (_DIVISIONS[1] * self.time_scale))

    # Traces

    def times(self) -> NDArray[np.float64]:
        """Return the times of the points, from the trigger, in s."""
        left = {"LEFT": 1, "CENT": 5, "RIGH": 9}[self.time_reference]
        first = self.time_offset - left * self.time_scale
        return np.asarray(first + np.arange(self.points) * self._time_step, dtype=np.float64)

    @property
    def _time_step(self) -> float:
        return _DIVISIONS[1] * self.time_scale / self.points

    def _acquired(self, channel: int) -> Volts:
        times = self.times()
        if self.acquisition == "PEAK":
            times = times[0] + 2 * (np.arange(len(times)) // 2) * self._time_step
        volts = self.signals[channel](times)
        if self.coupling[channel] == "AC":
            volts = volts - volts.mean()
        if self.inverted[channel]:
            volts = -volts
        if self.noise_level:
            deviation = self.noise_level * self.scale[channel]
            deviation /= (self.averages if self.acquisition == "AVER" else 1) ** 0.5
            volts = volts + np.array([self.noise(deviation) for _ in volts])
        return np.asarray(volts, dtype=np.float64)

    def _volts(self, channel: int) -> Volts:
        return self._acquired(channel) if self.running else self.frozen[channel]

    @property
    def _codes_in_all(self) -> int:
        return 65_536 if self.wave_format == "WORD" else 256

    def _code_step(self, channel: int) -> float:
        return _DIVISIONS[0] * self.scale[channel] / self._codes_in_all

    def _known(self, channel: int) -> Volts:
        volts = self._volts(channel)
        if not self.shown[channel] or not len(volts):
            raise Refusal(-230)
        return volts

    @query("WAVeform:PREamble?")
    def ask_preamble(self) -> str:
        """Answer how codes become times and voltages."""
        channel = int(self.source[-1])
        form = {"BYTE": 0, "WORD": 1, "ASC": 4}[self.wave_format]
        kind = {"PEAK": 1, "AVER": 2}.get(self.acquisition, 0)
        count = self.averages if self.acquisition == "AVER" else 1
        return (
            f"{form:+d},{kind:+d},{len(self._known(channel)):+d},{count:+d},{self._time_step:+.8E},"
            f"{self.times()[0]:+.8E},+0,{self._code_step(channel):+.6E},{self.offset[channel]:+.6E},"
            f"{self._codes_in_all // 2:+d}"
        )

    @query("WAVeform:DATA?")
    def ask_data(self) -> str:
        """Answer the codes of a channel, or voltages as text in a block."""
        channel = int(self.source[-1])
        volts = self._known(channel)
        if self.wave_format == "ASC":
            text = ",".join(f"{value:+.5E}" for value in volts.tolist())
            return f"#8{len(text):08d}{text}"
        middle = self._codes_in_all // 2
        steps = 256 if self.wave_format == "WORD" else 1  # the converter has 8 bits
        codes = np.rint((volts - self.offset[channel]) / self._code_step(channel) / steps) * steps + middle
        codes = np.clip(codes, 1, self._codes_in_all - 1)
        if not self.unsigned:
            codes = codes - middle
        kind = ("u" if self.unsigned else "i") + ("2" if self.wave_format == "WORD" else "1")
        data: bytes = codes.astype((">" if self.byte_order == "MSBF" else "<") + kind).tobytes()
        return f"#8{len(data):08d}" + data.decode("latin-1")

    # Measurements

    def measurable(self, source: str | None) -> tuple[NDArray[np.float64], Volts]:
        """Return what is measured: times and voltages on the screen."""
        volts = self._known(int((source or self.source)[-1]))
        return self.times(), volts

    ask_peak_to_peak = _measurement("ask_peak_to_peak", "VPP", lambda _, volts: float(np.ptp(volts)))
    ask_highest = _measurement("ask_highest", "VMAX", lambda _, volts: float(volts.max()))
    ask_lowest = _measurement("ask_lowest", "VMIN", lambda _, volts: float(volts.min()))
    ask_mean = _measurement("ask_mean", "VAVerage", lambda _, volts: float(volts.mean()))
    ask_amplitude = _measurement("ask_amplitude", "VAMPlitude", lambda _, volts: float(np.ptp(volts)))
    ask_frequency = _measurement("ask_frequency", "FREQuency", lambda times, volts: 1 / _period(times, volts))
    ask_period = _measurement("ask_period", "PERiod", _period)
    ask_rise_time = _measurement("ask_rise_time", "RISetime", _edge_time)
    ask_fall_time = _measurement("ask_fall_time", "FALLtime", lambda times, volts: _edge_time(times, -volts))
    ask_duty_cycle = _measurement("ask_duty_cycle", "DUTYcycle", _duty_cycle)
