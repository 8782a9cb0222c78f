"""A simulated Keysight 33522B; of its guide only pages on bursts and arbitrary waveforms were at hand.

As far as the driver and those of other projects know it, like the instrument: commands with and without the number of
the output; numbers of sixteen digits; limits that depend on waveform, frequency, load and offset; arbitrary waveforms
with names; bursts that wait for triggers.

Not confirmed: the limits of amplitude and offset, and what is said after a change of the load.

Unlike the instrument: no modulations, sweeps, sums, stored waveforms and filters; nothing takes time.
"""

from __future__ import annotations

from math import inf, pi, sin
from typing import Any, Final

from luthier_sim import (
    Integer,
    Number,
    NumberList,
    Refusal,
    ScpiDevice,
    channel_setting,
    command,
    query,
)

__all__ = ["Simulated33522B"]

_SOURCE: Final = "[SOURce[1|2]:]"
_FORM: Final = "{:+.15E}"
_IMPEDANCE: Final = 50.0
_PEAK: Final = 10.0
"""What the amplifier can do without a load, in V."""
_FASTEST: Final = {"SIN": 30e6, "SQU": 30e6, "PULS": 30e6, "RAMP": 200e3, "TRI": 200e3}


class _Word:
    """A name, which is not in quotes."""

    optional = False
    rest = False

    def read(self, datum: Any, _device: Any, _suffixes: tuple[int, ...]) -> str:
        """Return the name in capitals."""
        if datum.form not in ("word", "string"):
            raise Refusal(-104)
        return str(datum.text).upper()

    def write(self, value: str) -> str:
        """Return the name in quotes."""
        return f'"{value}"'


class _Load(Number):
    """Ohms, or INFinity."""

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the load."""
        if datum.form == "word" and datum.text in ("INF", "INFINITY"):
            return inf
        return Number.read(self, datum, device, suffixes)

    def write(self, value: float) -> str:
        """Return the load, and the largest number for an open output."""
        return "+9.900000000000000E+37" if value == inf else super().write(value)


def _divider(generator: Any, output: int) -> float:
    load = generator.load[output]
    return 1.0 if load == inf else float(load / (load + _IMPEDANCE))


def _fastest(generator: Any, output: int) -> float:
    return _FASTEST.get(generator.waveform[output], 30e6)


def _largest(generator: Any, output: int) -> float:
    return float(2 * (_PEAK * _divider(generator, output) - abs(generator.offset[output])))


def _largest_offset(generator: Any, output: int) -> float:
    return float(_PEAK * _divider(generator, output) - generator.amplitude[output] / 2)


def _longest_pulse(generator: Any, output: int) -> float:
    return float(1 / generator.frequency[output] - 16e-9)


class Simulated33522B(ScpiDevice):
    """A 33522B; :meth:`voltage` says what is at an output."""

    identity = "Agilent Technologies,33522B,MY52800001,3.05-1.19-2.00-52-00"

    load = channel_setting("OUTPut[1|2]:LOAD", 50.0, _Load(1, 10_000, "Ω", form=_FORM))
    polarity = channel_setting("OUTPut[1|2]:POLarity", "NORM", choices=("NORMal", "INVerted"))
    output = channel_setting("OUTPut[1|2][:STATe]", False)
    waveform = channel_setting(
        f"{_SOURCE}FUNCtion",
        "SIN",
        choices=("SINusoid", "SQUare", "TRIangle", "RAMP", "PULSe", "PRBS", "NOISe", "ARB", "DC"),
    )
    frequency = channel_setting(
        f"{_SOURCE}FREQuency[:FIXed]", 1e3, Number(1e-6, _fastest, "Hz", default=1e3, form=_FORM)
    )
    sample_rate = channel_setting(
        f"{_SOURCE}FUNCtion:ARBitrary:SRATe", 40e3, Number(1e-6, 250e6, "Hz", default=40e3, form=_FORM)
    )
    chosen = channel_setting(f"{_SOURCE}FUNCtion:ARBitrary", "EXP_RISE", _Word())
    amplitude = channel_setting(
        f"{_SOURCE}VOLTage[:LEVel][:IMMediate][:AMPLitude]",
        0.1,
        Number(lambda generator, output: 2e-3 * _divider(generator, output), _largest, "V", default=0.1, form=_FORM),
    )
    offset = channel_setting(
        f"{_SOURCE}VOLTage[:LEVel][:IMMediate]:OFFSet",
        0.0,
        Number(
            lambda generator, output: -_largest_offset(generator, output),
            _largest_offset,
            "V",
            default=0.0,
            form=_FORM,
        ),
    )
    unit = channel_setting(f"{_SOURCE}VOLTage:UNIT", "VPP", choices=("VPP", "VRMS", "DBM"))
    phase = channel_setting(f"{_SOURCE}PHASe[:ADJust]", 0.0, minimum=-360, maximum=360, unit="°", form=_FORM)
    duty_cycle = channel_setting(
        f"{_SOURCE}FUNCtion:SQUare:DCYCle", 50.0, minimum=0.01, maximum=99.99, unit="%", form=_FORM
    )
    symmetry = channel_setting(f"{_SOURCE}FUNCtion:RAMP:SYMMetry", 100.0, minimum=0, maximum=100, unit="%", form=_FORM)
    pulse_width = channel_setting(
        f"{_SOURCE}FUNCtion:PULSe:WIDTh", 1e-4, Number(16e-9, _longest_pulse, "s", default=1e-4, form=_FORM)
    )
    burst = channel_setting(f"{_SOURCE}BURSt:STATe", False)
    burst_mode = channel_setting(f"{_SOURCE}BURSt:MODE", "TRIG", choices=("TRIGgered", "GATed"))
    burst_cycles = channel_setting(f"{_SOURCE}BURSt:NCYCles", 1, Integer(1, 100_000_000, default=1, form=_FORM))
    burst_period = channel_setting(
        f"{_SOURCE}BURSt:INTernal:PERiod", 1e-2, Number(1e-6, 8000, "s", default=1e-2, form=_FORM)
    )
    trigger_source = channel_setting("TRIGger[1|2]:SOURce", "IMM", choices=("IMMediate", "EXTernal", "TIMer", "BUS"))
    trigger_slope = channel_setting("TRIGger[1|2]:SLOPe", "POS", choices=("POSitive", "NEGative"))
    trigger_delay = channel_setting("TRIGger[1|2]:DELay", 0.0, minimum=0, maximum=1000, unit="s", form=_FORM)

    def reset(self) -> None:
        """Forget waveforms and triggers."""
        self.stored: dict[int, dict[str, list[float]]] = {1: {}, 2: {}}
        self.bursts = {1: 0, 2: 0}
        self.dividers = {1: 0.5, 2: 0.5}

    @load.on_set
    def _rescale(self, _load: float, output: int) -> None:
        """Show anew what the output puts out, which stays as it is."""
        factor = _divider(self, output) / self.dividers[output]
        self.dividers[output] *= factor
        self.amplitude[output] *= factor
        self.offset[output] *= factor

    @waveform.on_set
    def _slow_down(self, _waveform: str, output: int) -> None:
        self.frequency[output] = min(self.frequency[output], _fastest(self, output))
        self._shorten(0.0, output)

    @frequency.on_set
    def _shorten(self, _frequency: float, output: int) -> None:
        self.pulse_width[output] = min(self.pulse_width[output], _longest_pulse(self, output))

    @chosen.on_set
    def _known(self, name: str, output: int) -> None:
        if name not in self.stored[output] and name != "EXP_RISE":
            raise Refusal(-224)

    def voltage(self, output: int, time: float) -> float:
        """Return what is at an output at a time, in V, with the load that was set; noise is left out."""
        if not self.output[output]:
            return 0.0
        turn = (time * self.frequency[output] + self.phase[output] / 360) % 1
        form = self.waveform[output]
        points = self.stored[output].get(self.chosen[output], [])
        if form == "SIN":
            level = sin(2 * pi * turn)
        elif form == "SQU":
            level = 1.0 if turn < self.duty_cycle[output] / 100 else -1.0
        elif form == "PULS":
            level = 1.0 if turn / self.frequency[output] < self.pulse_width[output] else -1.0
        elif form in ("RAMP", "TRI"):
            rise = 0.5 if form == "TRI" else self.symmetry[output] / 100
            level = 2 * turn / rise - 1 if turn < rise else 1 - 2 * (turn - rise) / (1 - rise)
        elif form == "ARB" and points:
            level = points[int(time * self.sample_rate[output]) % len(points)]
        else:
            level = 0.0
        sign = -1 if self.polarity[output] == "INV" else 1
        return self.offset[output] + sign * level * self.amplitude[output] / 2

    @command(f"{_SOURCE}DATA:ARBitrary", _Word(), NumberList(Number(-1, 1), longest=65536))
    def store(self, output: int, name: str, points: list[float]) -> None:
        """Take an arbitrary waveform; two cannot have the same name."""
        if len(points) < 8 or name in self.stored[output]:  # noqa: PLR2004 - the fewest points
            raise Refusal(-224)
        self.stored[output][name] = points

    @command(f"{_SOURCE}DATA:VOLatile:CLEar")
    def forget(self, output: int) -> None:
        """Remove the arbitrary waveforms of an output."""
        self.stored[output] = {}
        self.chosen[output] = "EXP_RISE"

    @query(f"{_SOURCE}DATA:VOLatile:CATalog?")
    def catalogue(self, output: int) -> str:
        """Answer the names of the waveforms."""
        return ",".join(f'"{name}"' for name in self.stored[output]) or '""'

    @command("[SOURce[1|2]:]PHASe:SYNChronize")
    def align(self, output: int) -> None:
        """Start both outputs anew; time begins at 0 here anyhow."""

    @command("TRIGger[1|2][:IMMediate]")
    def trigger_one(self, output: int) -> None:
        """Trigger one output."""
        self.bursts[output] += self.burst[output]

    def trigger(self) -> None:
        """Trigger the outputs that wait for the bus."""
        for output in (1, 2):
            if self.burst[output] and self.trigger_source[output] == "BUS":
                self.bursts[output] += 1
