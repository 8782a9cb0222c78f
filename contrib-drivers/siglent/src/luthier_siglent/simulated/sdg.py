"""A simulated Siglent SDG2122X.

Like the instrument: parameters in pairs of a name and a value, several in one message; replies with header and units,
and with those parameters only that the waveform has; what is not allowed is ignored.

Modes have settings while they are on, and a waveform ends them; one mode ends the others.

Unlike the instrument: modes do not change what is at the output, and keying and pulse widths are not modulated; no
stored waveforms and counter; limits do not depend on the frequency.
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


_TRIGGERS: Final = ("EXT", "INT", "MAN")
_WORDS: Final = {
    "MDSP": ("SINE", "SQUARE", "TRIANGLE", "UPRAMP", "DNRAMP", "NOISE", "ARB"),
    "SRC": ("INT", "EXT"),
    "TRSR": _TRIGGERS,
    "TRMD": ("ON", "OFF", "RISE", "FALL"),
    "SWMD": ("LINE", "LOG"),
    "DIR": ("UP", "DOWN"),
    "GATE_NCYC": ("GATE", "NCYC"),
}
_LIMITS: Final = {
    "DEPTH": (0.0, 120.0),
    "DEVI": (0.0, inf),
    "PRD": (1e-6, 500.0),
    "STPS": (0.0, 360.0),
    "TIME": (1e-3, 1e6),
}
_SHOWN: Final = {
    "AM": ("MDSP", "SRC", "FRQ", "DEPTH"),
    "DSBAM": ("MDSP", "SRC", "FRQ"),
    "FM": ("MDSP", "SRC", "FRQ", "DEVI"),
    "PM": ("MDSP", "SRC", "FRQ", "DEVI"),
}


def _unit(mode: str, name: str) -> str:
    if name in ("FRQ", "START", "STOP"):
        return "HZ"
    return "S" if (mode, name) in (("SWWV", "TIME"), ("BTWV", "PRD")) else ""


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


def _modes() -> dict[str, dict[str, str]]:
    return {
        "MDWV": {"MDSP": "SINE", "SRC": "INT", "FRQ": "100", "DEPTH": "100", "DEVI": "100"},
        "SWWV": {
            "TIME": "1",
            "STOP": "1500",
            "START": "500",
            "TRSR": "INT",
            "TRMD": "OFF",
            "SWMD": "LINE",
            "DIR": "UP",
        },
        "BTWV": {"PRD": "0.01", "STPS": "0", "TRSR": "INT", "TRMD": "OFF", "TIME": "1", "GATE_NCYC": "NCYC"},
    }


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
    mode: str = ""
    kind: str = "AM"
    modes: dict[str, dict[str, str]] = attrs.Factory(_modes)

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
                output.waveform, output.mode = value, ""
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

    # Modes

    @command("C[1|2]:MDWV", _Pairs())
    def set_modulation(self, number: int, words: list[str]) -> None:
        """Set a kind of modulation, or settings of one."""
        output = self.outputs[number]
        if output.mode == "MDWV" and words[0] in _SHOWN:
            output.kind = words.pop(0)
        self._set_mode(output, "MDWV", words)

    @command("C[1|2]:SWWV", _Pairs())
    def set_sweep(self, number: int, words: list[str]) -> None:
        """Set what a sweep has."""
        self._set_mode(self.outputs[number], "SWWV", words)

    @command("C[1|2]:BTWV", _Pairs())
    def set_burst(self, number: int, words: list[str]) -> None:
        """Set what a burst has."""
        self._set_mode(self.outputs[number], "BTWV", words)

    def _set_mode(self, output: Output, mode: str, words: list[str]) -> None:
        for name, value in zip(words[0::2], words[1::2], strict=False):
            if name == "STATE" and value == "ON":
                output.mode = mode
            elif name == "STATE":
                output.mode = "" if output.mode == mode else output.mode
            elif output.mode == mode and self._allows(mode, output.kind, name, value):
                output.modes[mode][name] = value

    def _allows(self, mode: str, kind: str, name: str, value: str) -> bool:
        """Tell whether a setting can have a value; numbers may have a unit."""
        if mode == "MDWV" and name not in _SHOWN[kind]:
            return False
        if name in _WORDS:
            return value in _WORDS[name]
        low, high = _LIMITS.get(name, (1e-6, _FASTEST))
        return low <= _number(value.removesuffix("S").removesuffix("HZ"), "") <= high

    @query("C[1|2]:MDWV?")
    def ask_modulation(self, number: int) -> str:
        """Answer what the kind of modulation has."""
        output = self.outputs[number]
        shown = _SHOWN[output.kind]
        if output.modes["MDWV"]["SRC"] == "EXT":
            shown = ("SRC",)
        return self._answer(number, "MDWV", shown, output.kind)

    @query("C[1|2]:SWWV?")
    def ask_sweep(self, number: int) -> str:
        """Answer what a sweep has."""
        return self._answer(number, "SWWV", tuple(self.outputs[number].modes["SWWV"]))

    @query("C[1|2]:BTWV?")
    def ask_burst(self, number: int) -> str:
        """Answer what a burst has."""
        burst = self.outputs[number].modes["BTWV"]
        hidden = {"PRD"} if burst["TRSR"] != "INT" else set()
        if burst["GATE_NCYC"] == "GATE":
            hidden = {"PRD", "TRSR", "TRMD", "TIME"}
        return self._answer(number, "BTWV", tuple(name for name in burst if name not in hidden))

    def _answer(self, number: int, mode: str, shown: tuple[str, ...], kind: str = "") -> str:
        output = self.outputs[number]
        if output.mode != mode:
            return f"C{number}:{mode} STATE,OFF"
        words = ["STATE", "ON", *([kind] if kind else [])]
        for name in shown:
            text = output.modes[mode][name]
            words += [
                name,
                text if name in _WORDS else f"{text.removesuffix('S').removesuffix('HZ')}{_unit(mode, name)}",
            ]
        return f"C{number}:{mode} {','.join(words)},CARR,{self.ask_wave(number).partition(' ')[2]}"

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
