"""Simulated Rohde & Schwarz oscilloscopes: an RTO2014 and an RTB2004 with signals at their inputs.

Like the instruments: every command of the drivers in all of its spellings; offsets and positions that shift what is
seen; voltages that end at the edge of the screen; waveforms as text and as numbers, with their header; single
acquisitions that keep what they acquired.

Unlike the instruments: waveforms do not travel as integers; a trigger always comes at once, and signals are functions
of the time from it; no mathematics, measurements, masks, decoders, history or zoom; only edges trigger, and averages
have no noise to lose.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

import numpy as np
from luthier.scpi import ArrayFormat
from luthier_sim import Choice, Integer, Number, Refusal, ScpiDevice, channel_setting, command, query, setting
from numpy.typing import NDArray

__all__ = ["SimulatedOscilloscope", "SimulatedRtb", "SimulatedRto"]

_CHANNEL: Final = "CHANnel<1..4>"
_HALF: Final = 5.0
"""Divisions from the middle of the screen to its edge."""

Signal = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _compensation(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the terminal for adjusting probes puts out: a square of 1 V and 1 kHz."""
    return np.where((times * 1e3) % 1 < 0.5, 1.0, 0.0)  # noqa: PLR2004 - half of a period


def _lowest_offset(scope: Any, channel: int) -> float:
    return -_highest_offset(scope, channel)


def _highest_offset(scope: Any, channel: int) -> float:
    probe = scope.probe[channel]
    return float((1.0 if scope.scale[channel] < 0.1 * probe else 10.0) * probe)


class SimulatedOscilloscope(ScpiDevice):
    """What both do.

    Attributes
    ----------
    signals
        What is at each input beside what it sees on a bench: functions of the time from the trigger in s, that return
        V.
    noise_level
        Standard deviation of what is acquired, in divisions.
    acquired
        What was acquired last, in V, by channel.
    """

    senses: ClassVar[dict[str, str]] = {f"ch{number}": "V" for number in (1, 2, 3, 4)}
    noise_level = 0.0
    time_divisions: ClassVar[int]

    shown = channel_setting(f"{_CHANNEL}:STATe", {1: True, 2: False, 3: False, 4: False})
    scale = channel_setting(
        f"{_CHANNEL}:SCALe",
        0.5,
        Number(
            lambda scope, channel: 500e-6 * scope.probe[channel],
            lambda scope, channel: 10 * scope.probe[channel],
            "V",
        ),
    )
    position = channel_setting(f"{_CHANNEL}:POSition", 0.0, minimum=-_HALF, maximum=_HALF)
    reference = setting("TIMebase:REFerence", 50.0, minimum=0, maximum=100, unit="%")
    probe: Any
    byte_order: Any
    time_scale: Any
    time_position: Any
    transfer_format: str

    def switch_on(self) -> None:
        """Put the first probe at its terminal."""
        self.signals: dict[int, Signal] = {1: _compensation, 2: np.zeros_like, 3: np.zeros_like, 4: np.zeros_like}
        super().switch_on()

    def reset(self) -> None:
        """Run, and send text."""
        self.running = True
        self.acquired: dict[int, NDArray[np.float64]] = {}
        self.acquired_times = np.zeros(0)
        self.transfer_format = "ASC,0"

    @scale.on_set
    def scale_changed(self, scale: float, channel: int) -> None:
        """Keep what depends on the scale within its limits."""

    def middle(self, channel: int) -> float:
        """Return the voltage at the middle of the screen."""
        return float(-self.position[channel] * self.scale[channel])

    def check_level(self, level: float, source: int) -> None:
        """Refuse a level that cannot be seen (-222)."""
        if source not in self.shown:
            return
        if abs(level - self.middle(source)) > _HALF * self.scale[source] * (1 + 1e-9):
            raise Refusal(-222)

    # Acquisitions

    def point_count(self) -> int:
        """Return how many points are acquired."""
        raise NotImplementedError

    @query("TIMebase:DIVisions?")
    def ask_divisions(self) -> int:
        """Answer how many divisions the screen has."""
        return self.time_divisions

    @command("STOP")
    def stop(self) -> None:
        """Keep what was acquired."""
        if self.running:
            self.acquire()
        self.running = False

    def acquire(self) -> None:
        """Acquire once; the trigger comes at once."""
        width = self.time_divisions * self.time_scale
        first = self.time_position - width * self.reference / 100
        self.acquired_times = np.linspace(first, first + width, self.point_count())
        self.acquired = {channel: self._see(channel) for channel in (1, 2, 3, 4)}

    def acquire_once(self) -> None:
        """Acquire, and stop."""
        self.acquire()
        self.running = False

    def _see(self, channel: int) -> NDArray[np.float64]:
        volts = self.signals[channel](self.acquired_times) + float(self.sense(f"ch{channel}", otherwise=0.0))
        volts = self.at_input(channel, volts)
        scale = self.scale[channel]
        if self.noise_level:
            volts = volts + np.array([self.noise(self.noise_level * scale) for _ in volts])
        middle = self.middle(channel)
        return np.asarray(np.clip(volts, middle - _HALF * scale, middle + _HALF * scale), dtype=np.float64)

    def at_input(self, _channel: int, volts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the coupling lets through."""
        return volts

    def last(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times and voltages of a channel, after one more acquisition while it runs; -221 if it is off."""
        if not self.shown[channel]:
            raise Refusal(-221)
        if self.running or not self.acquired:
            self.acquire()
        return self.acquired_times, self.acquired[channel]

    # How they travel

    @query(f"{_CHANNEL}[:WAVeform[1]]:DATA:HEADer?")
    def ask_header(self, channel: int) -> str:
        """Answer first and last time, the number of points, and how many values each has."""
        times, _ = self.last(channel)
        return f"{times[0]:.9E},{times[-1]:.9E},{len(times)},{self.values_per_point(channel)}"

    def values_per_point(self, _channel: int) -> int:
        """Return how many values a point has."""
        return 1

    @query(f"{_CHANNEL}[:WAVeform[1]]:DATA[:VALues]?")
    def ask_data(self, channel: int) -> str:
        """Answer what was acquired last."""
        volts = np.repeat(self.last(channel)[1], self.values_per_point(channel))
        if self.transfer_format == "ASC,0":
            return ",".join(f"{volt:.6E}" for volt in volts.tolist())
        return ArrayFormat("f4", "big" if self.byte_order == "MSBF" else "little").encode(volts).decode("latin-1")

    @command("FORMat[:DATA]", Choice("ASCii", "REAL"), Integer(0, 32, optional=True))
    def choose_format(self, kind: str, bits: int | None) -> None:
        """Choose text or numbers."""
        if bits not in (None, 0 if kind == "ASC" else 32):
            raise Refusal(-224)
        self.transfer_format = "ASC,0" if kind == "ASC" else "REAL,32"

    @query("FORMat[:DATA]?")
    def ask_format(self) -> str:
        """Answer how numbers travel."""
        return self.transfer_format


class SimulatedRto(SimulatedOscilloscope):
    """An RTO2014."""

    identity = "Rohde&Schwarz,RTO,1329.7002k14/100001,4.80.1.0"
    time_divisions = 10

    probe = channel_setting("PROBe<1..4>:SETup:ATTenuation[:AUTO]", 1.0, settable=False)
    offset = channel_setting(f"{_CHANNEL}:OFFSet", 0.0, Number(_lowest_offset, _highest_offset, "V"))
    coupling = channel_setting(f"{_CHANNEL}:COUPling", "DCL", choices=("DC", "DCLimit", "AC"))
    grounded = channel_setting(f"{_CHANNEL}:GND", False)
    bandwidth = channel_setting(f"{_CHANNEL}:BANDwidth", "FULL", choices=("FULL", "B800", "B200", "B20"))
    inverted = channel_setting(f"{_CHANNEL}:INVert", False)
    decimation = channel_setting(
        f"{_CHANNEL}[:WAVeform[1]]:TYPE", "SAMP", choices=("SAMPle", "PDETect", "HRESolution", "RMS")
    )
    arithmetic = channel_setting(f"{_CHANNEL}[:WAVeform[1]]:ARIThmetics", "OFF", choices=("OFF", "ENVelope", "AVERage"))
    time_scale = setting("TIMebase:SCALe", 10e-9, minimum=25e-12, maximum=10_000, unit="s")
    time_position = setting("TIMebase:HORizontal:POSition", 0.0, unit="s")
    record_length = setting("ACQuire:POINts[:VALue]", 1000, minimum=1000, maximum=800_000_000)
    count = setting("ACQuire:COUNt", 1, minimum=1, maximum=16_777_215)
    trigger_source = setting(
        "TRIGger[1]:SOURce[:SELect]",
        "CHAN1",
        Choice("CHANnel1", "CHANnel2", "CHANnel3", "CHANnel4", "EXTernanalog", "LINE"),
    )
    trigger_type = setting(
        "TRIGger[1]:TYPE",
        "EDGE",
        choices=(
            *("EDGE", "ANEDge", "GLITch", "WIDTh", "RUNT", "WINDow", "TIMeout", "INTerval", "SLEWrate"),
            *("DATatoclock", "STATe", "PATTern", "SERPattern"),
        ),
    )
    trigger_slope = setting("TRIGger[1]:EDGE:SLOPe", "POS", choices=("POSitive", "NEGative", "EITHer"))
    level = channel_setting("TRIGger[1]:LEVel<1..5>[:VALue]", 0.0, unit="V")
    trigger_mode = setting("TRIGger[1]:MODE", "AUTO", choices=("AUTO", "NORMal", "FREerun"))
    byte_order = setting("FORMat:BORDer", "LSBF", choices=("LSBFirst", "MSBFirst"))
    with_times = setting("EXPort:WAVeform:INCXvalues", False)
    all_channels = setting("EXPort:WAVeform:MULTichannel", False)

    def scale_changed(self, scale: float, channel: int) -> None:  # noqa: ARG002 - it is set already
        """Keep the offset within what the scale allows."""
        largest = _highest_offset(self, channel)
        self.offset[channel] = min(max(self.offset[channel], -largest), largest)

    def middle(self, channel: int) -> float:
        """Return the voltage at the middle of the screen, to which the offset is added."""
        return float(self.offset[channel] + super().middle(channel))

    @level.on_set
    def _check_level(self, level: float, source: int) -> None:
        self.check_level(level, source)

    @query("DIAGnostic:SERVice:WFAModel?")
    def ask_model(self) -> str:
        """Answer the model, of which the identity names the series only."""
        return "RTO2014"

    @query(f"{_CHANNEL}:OVERload?")
    def is_overloaded(self, _channel: int) -> bool:
        """Answer that nothing is."""
        return False

    @query("ACQuire:SRATe?")
    def ask_rate(self) -> float:
        """Answer the points in a second."""
        return float(self.record_length / (self.time_divisions * self.time_scale))

    def point_count(self) -> int:
        """Return the record length."""
        return int(self.record_length)

    def values_per_point(self, channel: int) -> int:
        """Two, where peaks are detected or there is an envelope."""
        return 2 if self.decimation[channel] == "PDET" or self.arithmetic[channel] == "ENV" else 1

    def at_input(self, channel: int, volts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what coupling, ground and inversion make of it."""
        if self.grounded[channel]:
            return np.zeros_like(volts)
        seen = volts - volts.mean() if self.coupling[channel] == "AC" else volts
        return -seen if self.inverted[channel] else seen

    @command("RUNContinous")
    @command("RUN")
    def run(self) -> None:
        """Acquire again and again."""
        self.running = True

    @command("RUNSingle")
    @command("SINGle")
    def single(self) -> None:
        """Acquire as often as the count says."""
        self.acquire_once()

    @command("TRIGger[1]:FORCe")
    def force(self) -> None:
        """Nothing that would not be: triggers come at once."""


class SimulatedRtb(SimulatedOscilloscope):
    """An RTB2004."""

    identity = "Rohde&Schwarz,RTB2004,1333.1005k04/100001,02.400"
    time_divisions = 12
    screen_points, memory_points = 5000, 20_000

    probe = channel_setting("PROBe<1..4>:SETup:ATTenuation:MANual", 1.0, minimum=1e-3, maximum=10_000)
    coupling = channel_setting(f"{_CHANNEL}:COUPling", "DCL", choices=("DCLimit", "ACLimit", "GND"))
    polarity = channel_setting(f"{_CHANNEL}:POLarity", "NORM", choices=("NORMal", "INVerted"))
    bandwidth = channel_setting(f"{_CHANNEL}:BANDwidth", "FULL", choices=("FULL", "B20"))
    decimation = setting("CHANnel[1]:TYPE", "SAMP", choices=("SAMPle", "PDETect", "HRESolution"))
    arithmetic = setting("CHANnel[1]:ARIThmetics", "OFF", choices=("OFF", "ENVelope", "AVERage"))
    averages = setting("ACQuire:AVERage:COUNt", 2, minimum=2, maximum=100_000)
    time_scale = setting("TIMebase:SCALe", 100e-6, minimum=1e-9, maximum=50, unit="s")
    time_position = setting("TIMebase:POSition", 0.0, unit="s")
    trigger_source = setting("TRIGger:A:SOURce", "CH1", Choice("CH1", "CH2", "CH3", "CH4", "EXTernanalog", "LINE"))
    trigger_type = setting(
        "TRIGger:A:TYPE",
        "EDGE",
        choices=("EDGE", "WIDTh", "TV", "BUS", "LOGic", "LINE", "RISetime", "RUNT"),
    )
    trigger_slope = setting("TRIGger:A:EDGE:SLOPe", "POS", choices=("POSitive", "NEGative", "EITHer"))
    level = channel_setting("TRIGger:A:LEVel<1..5>[:VALue]", 0.0, unit="V")
    trigger_mode = setting("TRIGger:A:MODE", "AUTO", choices=("AUTO", "NORMal"))
    byte_order = setting("FORMat:BORDer", "MSBF", choices=("MSBFirst", "LSBFirst"))

    def reset(self) -> None:
        """Read out what is on the screen."""
        super().reset()
        self.data_range = dict.fromkeys((1, 2, 3, 4), "DEF")

    @probe.on_set
    def _keep_scale(self, probe: float, channel: int) -> None:
        self.scale[channel] = min(max(self.scale[channel], 500e-6 * probe), 10 * probe)

    @level.on_set
    def _check_level(self, level: float, source: int) -> None:
        self.check_level(level, source)

    @query("ACQuire:SRATe?")
    def ask_rate(self) -> float:
        """Answer the samples in a second."""
        return float(self.memory_points / (self.time_divisions * self.time_scale))

    def point_count(self) -> int:
        """Return how many points the memory has."""
        return self.memory_points

    def at_input(self, channel: int, volts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the coupling lets through."""
        if self.coupling[channel] == "GND":
            return np.zeros_like(volts)
        seen = volts - volts.mean() if self.coupling[channel] == "ACL" else volts
        return -seen if self.polarity[channel] == "INV" else seen

    def last(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the part of the memory that was chosen; the screen while it runs."""
        times, volts = super().last(channel)
        if self.running or self.data_range[channel] == "DEF":
            step = self.memory_points // self.screen_points
            return times[::step], volts[::step]
        return times, volts

    @command("RUN")
    @command("RUNContinuous")
    def run(self) -> None:
        """Acquire again and again."""
        self.running = True

    @command("SINGle")
    @command("RUNSingle")
    def single(self) -> None:
        """Acquire once."""
        self.acquire_once()

    @command(f"{_CHANNEL}:DATA:POINts", Choice("DEFault", "MAXimum", "DMAXimum"))
    def choose_range(self, channel: int, kind: str) -> None:
        """Choose what is read out; while it runs, that remains the screen."""
        if not self.running:
            self.data_range[channel] = kind

    @query(f"{_CHANNEL}:DATA:POINts?")
    def ask_points(self, channel: int) -> int:
        """Answer how many points are read out."""
        return len(self.last(channel)[0])
