"""A simulated Siglent SDG2122X.

Like the instrument: parameters in pairs of a name and a value, several in one message; replies with header and units,
and with those parameters only that the waveform has; what is not allowed is ignored.

Unlike the instrument: no modulations, sweeps, bursts, stored waveforms and counter; limits do not depend on the
frequency.
"""

from __future__ import annotations

from math import inf, pi, sin
from typing import Any, Final

import attrs
from luthier.scpi import format_float
from luthier_sim import Refusal, ScpiDevice, command, query

__all__ = ["SimulatedSdg2122x"]

_WAVEFORMS: Final = ("SINE", "SQUARE", "RAMP", "PULSE", "NOISE", "ARB", "DC")
_FASTEST: Final = 120e6
_IMPEDANCE: Final = 50.0
_PEAK: Final = 10.0
_SMALLEST: Final = 2e-3
_PERIODIC: Final = ("SINE", "SQUARE", "RAMP", "PULSE", "ARB")


class _Pairs:
    """All data that are left, as they stand in the message."""

    optional = False
    rest = True

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> str:  # noqa: ARG002 - what all kinds are given
        """Return one of them as text."""
        return f"{datum.text}{getattr(datum, 'suffix', '') or ''}".upper()

    def write(self, value: Any) -> str:
        """Return it as text."""
        return str(value)


def _number(text: str, unit: str) -> float:
    try:
        return float(text.removesuffix(unit))
    except ValueError:
        raise Refusal(-224) from None


@attrs.define
class Output:
    """The state of one output; amplitude and offset are those for the load."""

    waveform: str = "SINE"
    frequency: float = 1000.0
    amplitude: float = 4.0
    offset: float = 0.0
    phase: float = 0.0
    duty: float = 50.0
    symmetry: float = 50.0
    load: float = inf
    polarity: str = "NOR"
    on: bool = False

    @property
    def divider(self) -> float:
        """What the load leaves of the voltage."""
        return 1.0 if self.load == inf else self.load / (self.load + _IMPEDANCE)


class SimulatedSdg2122x(ScpiDevice):
    """An SDG2122X; :meth:`voltage` says what is at an output."""

    identity = "Siglent Technologies,SDG2122X,SDG2XAAA000001,2.01.01.37R1B2"

    outputs: dict[int, Output]

    def reset(self) -> None:
        """Switch both outputs off."""
        self.outputs = {1: Output(), 2: Output()}

    def voltage(self, number: int, time: float) -> float:
        """Return what is at an output at a time, in V, with the load that was set; noise is left out."""
        output = self.outputs[number]
        if not output.on:
            return 0.0
        turn = (time * output.frequency + output.phase / 360) % 1
        if output.waveform == "SINE":
            level = sin(2 * pi * turn)
        elif output.waveform in ("SQUARE", "PULSE"):
            level = 1.0 if turn < output.duty / 100 else -1.0
        elif output.waveform == "RAMP":
            rise = output.symmetry / 100
            level = 2 * turn / rise - 1 if turn < rise else 1 - 2 * (turn - rise) / (1 - rise)
        else:
            level = 0.0
        return output.offset + (-1 if output.polarity == "INVT" else 1) * level * output.amplitude / 2

    @command("C[1|2]:BSWV", _Pairs())
    @command("C[1|2]:BASIC_WAVE", _Pairs())
    def set_wave(self, number: int, words: list[str]) -> None:
        """Set parameters of the waveform; those that are not allowed are ignored."""
        output = self.outputs[number]
        for name, value in zip(words[0::2], words[1::2], strict=False):
            self._set_one(output, name, value)

    def _set_one(self, output: Output, name: str, value: str) -> None:
        largest = _PEAK * output.divider
        if name == "WVTP":
            if value in _WAVEFORMS:
                output.waveform = value
            return
        for key, attribute, unit, low, high in (
            ("FRQ", "frequency", "HZ", 1e-6, _FASTEST),
            ("AMP", "amplitude", "V", _SMALLEST * output.divider, 2 * largest),
            ("OFST", "offset", "V", -largest, largest),
            ("PHSE", "phase", "", 0.0, 360.0),
            ("DUTY", "duty", "", 0.0, 100.0),
            ("SYM", "symmetry", "", 0.0, 100.0),
        ):
            if name == key:
                number = _number(value, unit)
                if low <= number <= high:
                    setattr(output, attribute, number)

    @query("C[1|2]:BSWV?")
    @query("C[1|2]:BASIC_WAVE?")
    def ask_wave(self, number: int) -> str:
        """Answer all parameters that the waveform has."""
        output = self.outputs[number]
        words = ["WVTP", output.waveform]
        if output.waveform in _PERIODIC:
            half = output.amplitude / 2
            for name, value, unit in (
                ("FRQ", output.frequency, "HZ"),
                ("PERI", 1 / output.frequency, "S"),
                ("AMP", output.amplitude, "V"),
                ("OFST", output.offset, "V"),
                ("HLEV", output.offset + half, "V"),
                ("LLEV", output.offset - half, "V"),
            ):
                words += [name, f"{format_float(value)}{unit}"]
        elif output.waveform == "DC":
            words += ["OFST", f"{format_float(output.offset)}V"]
        else:
            words += ["STDEV", "0.504V", "MEAN", "0V"]
        if output.waveform in ("SINE", "SQUARE", "RAMP", "ARB"):
            words += ["PHSE", format_float(output.phase)]
        if output.waveform in ("SQUARE", "PULSE"):
            words += ["DUTY", format_float(output.duty)]
        if output.waveform == "RAMP":
            words += ["SYM", format_float(output.symmetry)]
        return f"C{number}:BSWV {','.join(words)}"

    @command("C[1|2]:OUTPut", _Pairs())
    def set_output(self, number: int, words: list[str]) -> None:
        """Switch an output, and set its load and its polarity."""
        output = self.outputs[number]
        if words and words[0] in ("ON", "OFF"):
            output.on = words.pop(0) == "ON"
        for name, value in zip(words[0::2], words[1::2], strict=False):
            if name == "PLRT" and value in ("NOR", "INVT"):
                output.polarity = value
            elif name == "LOAD":
                self._match(output, inf if value == "HZ" else _number(value, "OHM"))

    def _match(self, output: Output, load: float) -> None:
        """Show anew what the output puts out, which stays as it is."""
        if not (load == inf or 50 <= load <= 100_000):  # noqa: PLR2004 - the manual's limits
            return
        before = output.divider
        output.load = load
        output.amplitude *= output.divider / before
        output.offset *= output.divider / before

    @query("C[1|2]:OUTPut?")
    def ask_output(self, number: int) -> str:
        """Answer state, load and polarity."""
        output = self.outputs[number]
        load = "HZ" if output.load == inf else f"{output.load:.0f}"
        return f"C{number}:OUTP {'ON' if output.on else 'OFF'},LOAD,{load},PLRT,{output.polarity}"
