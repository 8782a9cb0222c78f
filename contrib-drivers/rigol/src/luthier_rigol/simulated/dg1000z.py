"""A simulated Rigol DG1062Z.

Like the instrument: commands with and without the number of the output; numbers of seven digits; limits that depend on
waveform, frequency, load and offset; truth values as ON and OFF; arbitrary waveforms as codes.

Unlike the instrument: no sweeps, modulations, harmonics, counter and stored waveforms; sampling mode is not told apart.
"""

from __future__ import annotations

from math import inf, pi, sin
from typing import Any, Final

from luthier_sim import (
    Boolean,
    Choice,
    Integer,
    Number,
    NumberList,
    Refusal,
    ScpiDevice,
    channel_setting,
    command,
    query,
)

__all__ = ["SimulatedDg1062z"]

_SOURCE: Final = "[SOURce[1|2]:]"
_FORM: Final = "{:.6E}"
_IMPEDANCE: Final = 50.0
_PEAK: Final = 10.0
"""What the amplifier can do without a load, in V."""
_FASTEST: Final = {"SIN": 60e6, "SQU": 25e6, "RAMP": 1e6, "PULS": 25e6, "USER": 20e6}


_APPLIED: Final = (
    Number(1e-6, 60e6, "Hz", optional=True),
    Number(1e-3, 20, "V", optional=True),
    Number(-10, 10, "V", optional=True),
    Number(0, 360, "°", optional=True),
)


def quoted_list(*items: float | str) -> str:
    """Return words and numbers in one string, as APPLy? is answered."""
    return '"' + ",".join(item if isinstance(item, str) else _FORM.format(item) for item in items) + '"'


class _OnOff(Boolean):
    """A boolean that is answered as a word."""

    def write(self, value: bool) -> str:
        """Return ON or OFF."""
        return "ON" if value else "OFF"


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


def _fastest(generator: Any, output: int) -> float:
    return _FASTEST.get(generator.waveform[output], 60e6)


def _largest(generator: Any, output: int) -> float:
    frequency = generator.frequency[output]
    peak = _PEAK if frequency <= 10e6 else _PEAK / 2 if frequency <= 30e6 else _PEAK / 4  # noqa: PLR2004 - the data sheet
    return float(2 * (peak * _divider(generator, output) - abs(generator.offset[output])))


def _largest_offset(generator: Any, output: int) -> float:
    return float(_PEAK * _divider(generator, output) - generator.amplitude[output] / 2)


class SimulatedDg1062z(ScpiDevice):
    """A DG1062Z; :meth:`voltage` says what is at an output."""

    identity = "RIGOL TECHNOLOGIES,DG1062Z,DG1ZA000000001,00.01.14"

    load = channel_setting("OUTPut[1|2]:LOAD", 50.0, _Load(1, 10_000, "Ω", resolution=1.0, form=_FORM))
    impedance = channel_setting("OUTPut[1|2]:IMPedance", 50.0, _Load(1, 10_000, "Ω", resolution=1.0, form=_FORM))
    polarity = channel_setting("OUTPut[1|2]:POLarity", "NORM", choices=("NORMal", "INVerted"))
    output = channel_setting("OUTPut[1|2][:STATe]", False, _OnOff())
    waveform = channel_setting(
        f"{_SOURCE}FUNCtion[:SHAPe]",
        "SIN",
        choices=("SINusoid", "SQUare", "RAMP", "PULSe", "NOISe", "DC", "USER"),
    )
    frequency = channel_setting(
        f"{_SOURCE}FREQuency[:FIXed]", 1e3, Number(1e-6, _fastest, "Hz", default=1e3, form=_FORM)
    )
    amplitude = channel_setting(
        f"{_SOURCE}VOLTage[:LEVel][:IMMediate][:AMPLitude]",
        5.0,
        Number(lambda generator, output: 2e-3 * _divider(generator, output), _largest, "V", default=5.0, form=_FORM),
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
    phase = channel_setting(f"{_SOURCE}PHASe[:ADJust]", 0.0, minimum=0, maximum=360, unit="°", form=_FORM)
    duty_cycle = channel_setting(
        f"{_SOURCE}FUNCtion:SQUare:DCYCle", 50.0, minimum=0.01, maximum=99.99, unit="%", form=_FORM
    )
    symmetry = channel_setting(f"{_SOURCE}FUNCtion:RAMP:SYMMetry", 50.0, minimum=0, maximum=100, unit="%", form=_FORM)
    burst = channel_setting(f"{_SOURCE}BURSt[:STATe]", False, _OnOff())
    burst_mode = channel_setting(f"{_SOURCE}BURSt:MODE", "TRIG", choices=("TRIGgered", "INFinity", "GATed"))
    burst_cycles = channel_setting(f"{_SOURCE}BURSt:NCYCles", 1, Integer(1, 500_000, default=1, form="{:.6E}"))
    burst_source = channel_setting(f"{_SOURCE}BURSt:TRIGger:SOURce", "INT", choices=("INTernal", "EXTernal", "MANual"))

    def reset(self) -> None:
        """Forget waveforms and triggers."""
        self.codes: dict[int, list[int]] = {1: [], 2: []}
        self.bursts = {1: 0, 2: 0}
        self.dividers = {1: 0.5, 2: 0.5}

    @load.on_set
    def _match(self, load: float, output: int) -> None:
        self.impedance[output] = load
        self._rescale(output)

    @impedance.on_set
    def _match_too(self, load: float, output: int) -> None:
        self.load[output] = load
        self._rescale(output)

    def _rescale(self, output: int) -> None:
        """Show anew what the output puts out, which stays as it is."""
        factor = _divider(self, output) / self.dividers[output]
        self.dividers[output] *= factor
        self.amplitude[output] *= factor
        self.offset[output] *= factor

    @waveform.on_set
    def _slow_down(self, _waveform: str, output: int) -> None:
        self.frequency[output] = min(self.frequency[output], _fastest(self, output))
        self.amplitude[output] = min(self.amplitude[output], _largest(self, output))

    @frequency.on_set
    def _lower(self, _frequency: float, output: int) -> None:
        self.amplitude[output] = min(self.amplitude[output], _largest(self, output))

    def voltage(self, output: int, time: float) -> float:
        """Return what is at an output at a time, in V, with the load that was set; noise is left out."""
        if not self.output[output]:
            return 0.0
        turn = (time * self.frequency[output] + self.phase[output] / 360) % 1
        form = self.waveform[output]
        codes = self.codes[output]
        if form == "SIN":
            level = sin(2 * pi * turn)
        elif form in ("SQU", "PULS"):
            level = 1.0 if turn < self.duty_cycle[output] / 100 else -1.0
        elif form == "RAMP":
            rise = self.symmetry[output] / 100
            level = 2 * turn / rise - 1 if turn < rise else 1 - 2 * (turn - rise) / (1 - rise)
        elif form == "USER" and codes:
            level = codes[int(turn * len(codes))] / 16383 * 2 - 1
        else:
            level = 0.0
        sign = -1 if self.polarity[output] == "INV" else 1
        return self.offset[output] + sign * level * self.amplitude[output] / 2

    @query(f"{_SOURCE}APPLy?")
    def ask_applied(self, output: int) -> str:
        """Answer form, frequency, amplitude, offset and phase in one string."""
        form = self.waveform[output]
        numbers = (self.frequency[output], self.amplitude[output], self.offset[output], self.phase[output])
        if form in ("NOIS", "DC"):
            return (
                quoted_list(form, "DEF", *numbers[1:3])
                if form == "NOIS"
                else quoted_list(form, "DEF", "DEF", numbers[2])
            )
        return quoted_list(form, *numbers)

    @command(f"{_SOURCE}APPLy:SINusoid", *_APPLIED)
    def apply_sine(self, output: int, *numbers: float | None) -> None:
        """Set form, frequency, amplitude, offset and phase together."""
        self._apply("SIN", output, numbers)

    @command(f"{_SOURCE}APPLy:SQUare", *_APPLIED)
    def apply_square(self, output: int, *numbers: float | None) -> None:
        """Set form, frequency, amplitude, offset and phase together."""
        self._apply("SQU", output, numbers)

    @command(f"{_SOURCE}APPLy:RAMP", *_APPLIED)
    def apply_ramp(self, output: int, *numbers: float | None) -> None:
        """Set form, frequency, amplitude, offset and phase together."""
        self._apply("RAMP", output, numbers)

    def _apply(self, form: str, output: int, numbers: tuple[float | None, ...]) -> None:
        self.waveform[output] = form
        for settings, number in zip((self.frequency, self.amplitude, self.offset, self.phase), numbers, strict=True):
            if number is not None:
                settings[output] = number

    @command(f"{_SOURCE}[TRACe:]DATA:DAC", Choice("VOLATILE"), NumberList(Integer(0, 16383), longest=16384))
    def load_codes(self, output: int, _memory: str, codes: list[int]) -> None:
        """Take an arbitrary waveform, and choose it."""
        if len(codes) < 8:  # noqa: PLR2004 - the manual's lower limit
            raise Refusal(-222)
        self.codes[output] = codes
        self.waveform[output] = "USER"
        self._slow_down("USER", output)

    @command(f"{_SOURCE}BURSt:TRIGger[:IMMediate]")
    def trigger_burst(self, output: int) -> None:
        """Begin a burst."""
        if not self.burst[output] or self.burst_source[output] != "MAN":
            raise Refusal(-211)
        self.bursts[output] += 1

    @command(f"{_SOURCE}PHASe:SYNChronize")
    @command(f"{_SOURCE}PHASe:INITiate")
    def align(self, output: int) -> None:
        """Start both outputs anew; time begins at 0 here anyhow."""
