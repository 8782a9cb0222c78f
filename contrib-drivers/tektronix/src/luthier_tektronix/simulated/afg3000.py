"""A simulated Tektronix AFG3152C.

Like the instrument, as far as the maker's list of commands and drivers of other projects tell: spellings of commands,
limits of frequency (150 MHz) and amplitude (20 mV to 10 V into 50 Ω), phases in radians unless ``DEG`` follows, and
answered in radians; no phase of a pulse, of noise and of dc; a delay of a burst up to 85 s.

Assumed, because the manual was not at hand: with another load, amplitude and offset are shown anew and the signal
stays; twelve digits in replies; -221 where a waveform has no phase.

Unlike the instrument: no modulations, sweeps and transfer of waveforms; all waveforms reach the same frequency.
"""

from __future__ import annotations

from math import inf, pi, radians, sin
from typing import Any, Final

import attrs
from luthier_sim import Integer, Number, Refusal, ScpiDevice, channel_setting, command, setting

__all__ = ["SimulatedAfg3152c"]

_SOURCE: Final = "[SOURce[1|2]:]"
_LEVEL: Final = f"{_SOURCE}VOLTage[:LEVel][:IMMediate]"
_FORM: Final = "{:.11E}"
_IMPEDANCE: Final = 50.0
_PEAK: Final = 10.0
"""What the amplifier can do without a load, in V."""
_SHAPES: Final = (
    *("SINusoid", "SQUare", "PULSe", "RAMP", "PRNoise", "DC", "SINC", "GAUSsian", "LORentz", "ERISe", "EDECay"),
    *("HAVersine", "USER1", "USER2", "USER3", "USER4", "EMEMory", "EMEMory2", "EFILe"),
)


class _Angle(Number):
    """Radians; degrees where DEG follows."""

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the angle in radians."""
        if datum.form != "number" or datum.suffix.upper() != "DEG":
            return Number.read(self, datum, device, suffixes)
        angle = radians(float(datum.text))
        if not abs(angle) <= pi:
            raise Refusal(-222)
        return angle


class _PeakToPeak(Number):
    """Volts, which VPP may follow too."""

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the voltage."""
        if datum.form == "number" and datum.suffix.upper().endswith("VPP"):
            datum = attrs.evolve(datum, suffix=datum.suffix[: -len("PP")])
        return Number.read(self, datum, device, suffixes)


class _OrEndless(Integer):
    """A whole number, or INFinity."""

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> Any:
        """Return the number."""
        if datum.form == "word" and datum.text in ("INF", "INFINITY"):
            return inf
        return Integer.read(self, datum, device, suffixes)


class _Load(Number):
    """Ohms, or INFinity."""

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the load."""
        if datum.form == "word" and datum.text in ("INF", "INFINITY"):
            return inf
        return Number.read(self, datum, device, suffixes)


def _divider(generator: Any, output: int) -> float:
    load = generator.load[output]
    return 1.0 if load == inf else float(load / (load + _IMPEDANCE))


def _largest(generator: Any, output: int) -> float:
    return float(2 * (_PEAK * _divider(generator, output) - abs(generator.offset[output])))


def _largest_offset(generator: Any, output: int) -> float:
    return float(_PEAK * _divider(generator, output) - generator.amplitude[output] / 2)


class SimulatedAfg3152c(ScpiDevice):
    """An AFG3152C; :meth:`voltage` says what is at an output."""

    identity = "TEKTRONIX,AFG3152C,C010001,SCPI:99.0 FV:3.0.1"

    load = channel_setting("OUTPut[1|2]:IMPedance", 50.0, _Load(1, 10_000, "Ω", form=_FORM))
    polarity = channel_setting("OUTPut[1|2]:POLarity", "NORM", choices=("NORMal", "INVerted"))
    output = channel_setting("OUTPut[1|2][:STATe]", False)
    waveform = channel_setting(f"{_SOURCE}FUNCtion[:SHAPe]", "SIN", choices=_SHAPES)
    frequency = channel_setting(f"{_SOURCE}FREQuency[:FIXed]", 1e6, Number(1e-6, 150e6, "Hz", form=_FORM))
    unit = channel_setting(f"{_SOURCE}VOLTage:UNIT", "VPP", choices=("VPP", "VRMS", "DBM"))
    amplitude = channel_setting(
        f"{_LEVEL}[:AMPLitude]",
        1.0,
        _PeakToPeak(
            lambda generator, output: 40e-3 * _divider(generator, output), _largest, "V", default=1.0, form=_FORM
        ),
    )
    offset = channel_setting(
        f"{_LEVEL}:OFFSet",
        0.0,
        Number(
            lambda generator, output: -_largest_offset(generator, output),
            _largest_offset,
            "V",
            default=0.0,
            form=_FORM,
        ),
    )
    phase = channel_setting(f"{_SOURCE}PHASe[:ADJust]", 0.0, _Angle(-pi, pi, "RAD", form=_FORM))
    symmetry = channel_setting(f"{_SOURCE}FUNCtion:RAMP:SYMMetry", 50.0, minimum=0, maximum=100, unit="%", form=_FORM)
    duty_cycle = channel_setting(f"{_SOURCE}PULSe:DCYCle", 50.0, minimum=0.001, maximum=99.999, unit="%", form=_FORM)
    burst = channel_setting(f"{_SOURCE}BURSt[:STATe]", False)
    burst_mode = channel_setting(f"{_SOURCE}BURSt:MODE", "TRIG", choices=("TRIGgered", "GATed"))
    burst_cycles = channel_setting(f"{_SOURCE}BURSt:NCYCles", 5, _OrEndless(1, 1_000_000, form=_FORM))
    burst_delay = channel_setting(f"{_SOURCE}BURSt:TDELay", 0.0, minimum=0, maximum=85, unit="s", form=_FORM)
    trigger_source = setting("TRIGger[:SEQuence]:SOURce", "TIM", choices=("TIMer", "EXTernal"))
    trigger_slope = setting("TRIGger[:SEQuence]:SLOPe", "POS", choices=("POSitive", "NEGative"))
    trigger_period = setting("TRIGger[:SEQuence]:TIMer", 1e-3, minimum=1e-6, maximum=500, unit="s", form=_FORM)
    reference = setting("[SOURce:]ROSCillator:SOURce", "INT", choices=("INTernal", "EXTernal"))

    def reset(self) -> None:
        """Forget triggers."""
        self.triggers = 0
        self.dividers = {1: 0.5, 2: 0.5}

    @load.on_set
    def _rescale(self, _load: float, output: int) -> None:
        """Show anew what the output puts out, which stays as it is."""
        factor = _divider(self, output) / self.dividers[output]
        self.dividers[output] *= factor
        for shown in (self.amplitude, self.offset):
            shown[output] *= factor

    @phase.on_set
    def _check_waveform(self, _phase: float, output: int) -> None:
        if self.waveform[output] in ("PULS", "PRN", "DC"):
            raise Refusal(-221)

    @command("*TRG")
    @command("TRIGger[:SEQuence][:IMMediate]")
    def trigger(self) -> None:
        """Begin bursts."""
        self.triggers += 1

    @command(f"{_SOURCE}PHASe:INITiate")
    def align(self, output: int) -> None:
        """Start both outputs anew; time begins at 0 here anyhow."""

    def voltage(self, output: int, time: float) -> float:
        """Return what is at an output at a time, in V, with the load that was set; a sine, a square, a ramp or dc."""
        if not self.output[output]:
            return 0.0
        turn = (time * self.frequency[output] + self.phase[output] / (2 * pi)) % 1
        form = self.waveform[output]
        rise = self.symmetry[output] / 100
        levels = {
            "SIN": sin(2 * pi * turn),
            "SQU": 1.0 if turn < 1 / 2 else -1.0,
            "RAMP": 2 * turn / rise - 1 if turn < rise else 1 - 2 * (turn - rise) / (1 - rise or 1),
        }
        sign = -1 if self.polarity[output] == "INV" else 1
        return self.offset[output] + sign * levels.get(form, 0.0) * self.amplitude[output] / 2
