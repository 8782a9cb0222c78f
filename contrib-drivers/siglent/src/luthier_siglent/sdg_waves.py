"""The waveform and the load of an output of an SDG.

Pages: SDG Series Programming Guide, PG02-E05B, as projects cite it. The instruments answer a question with all
parameters of its kind: ``C1:BSWV WVTP,SINE,FRQ,1000HZ,…``.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from luthier import Channel, parameter
from luthier.errors import ReplyError
from luthier.scpi import format_float, parse_float
from luthier.validators import AnyOf, Enum, Multiples, Numbers

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["WaveOutput", "reply_field"]


IMPEDANCE = 50.0
LARGEST_PEAK = 10.0
"""Without a load, in V."""
SMALLEST_AMPLITUDE = 2e-3
"""Without a load, in V."""
PERIODIC = ("sine", "square", "ramp", "pulse", "arbitrary")


def _fields(reply: str) -> dict[str, str]:
    """Return the parameters in a reply by their names; a word in front of them, as of OUTP?, is STATE."""
    _, _, values = reply.strip().partition(" ")
    words = [word.strip() for word in values.split(",")]
    if len(words) % 2:
        words.insert(0, "STATE")
    return dict(zip(words[0::2], words[1::2], strict=True))


def reply_field(name: str, unit: str = "") -> Callable[[str], str]:
    """Return a parser that takes one parameter out of a reply, without its unit."""

    def parse(reply: str) -> str:
        fields = _fields(reply)
        if name not in fields:
            raise ReplyError(
                f"the reply {reply!r} has no {name}",
                reply=reply,
                expected=f"{name}, a value, and others",
                advice="Perhaps the waveform was changed at the front: read it anew.",
            )
        return fields[name].removesuffix(unit)

    return parse


def _number(name: str, unit: str = "") -> Callable[[str], float]:
    take = reply_field(name, unit)
    return lambda reply: parse_float(take(reply))


def _ohms(reply: str) -> float:
    word = reply_field("LOAD")(reply)
    return inf if word == "HZ" else parse_float(word)


def _load_word(load: float) -> str:
    return "HZ" if load == inf else format_float(load)


def _divider(output: WaveOutput) -> float:
    load = float(output.load.known_or_read())
    return 1.0 if load == inf else load / (load + IMPEDANCE)


def _largest_amplitude(output: WaveOutput) -> float:
    return 2 * LARGEST_PEAK * _divider(output)


def _smallest_amplitude(output: WaveOutput) -> float:
    return SMALLEST_AMPLITUDE * _divider(output)


def _largest_offset(output: WaveOutput) -> float:
    return LARGEST_PEAK * _divider(output)


class WaveOutput(Channel):
    """The waveform of an output; ``fastest`` is the highest frequency of the model, in Hz."""

    number: int
    fastest: float

    load = parameter(
        float,
        get_cmd="C{number}:OUTP?",
        set_cmd="C{number}:OUTP LOAD,{}",
        unit="Ω",
        validator=AnyOf(Multiples(1.0, minimum=50, maximum=100_000), Enum(inf)),
        get_parser=_ohms,
        set_parser=_load_word,
        doc="What is connected; amplitude and offset are what is then at the output. Infinite: a high impedance "
        "(OUTPut LOAD, page 27).",
    )
    polarity = parameter(
        str,
        get_cmd="C{number}:OUTP?",
        set_cmd="C{number}:OUTP PLRT,{}",
        mapping={"normal": "NOR", "inverted": "INVT"},
        get_parser=reply_field("PLRT"),
        doc="Whether the waveform is turned over (OUTPut PLRT, page 27).",
    )
    waveform = parameter(
        str,
        get_cmd="C{number}:BSWV?",
        set_cmd="C{number}:BSWV WVTP,{}",
        mapping={
            "sine": "SINE",
            "square": "SQUARE",
            "ramp": "RAMP",
            "pulse": "PULSE",
            "noise": "NOISE",
            "dc": "DC",
            "arbitrary": "ARB",
        },
        get_parser=reply_field("WVTP"),
        doc="Form of the signal (BSWV WVTP, page 29).",
    )
    frequency = parameter(
        float,
        get_cmd="C{number}:BSWV?",
        set_cmd="C{number}:BSWV FRQ,{}",
        unit="Hz",
        validator=Numbers(1e-6, None),
        maximum=lambda output: output.fastest,
        get_parser=_number("FRQ", "HZ"),
        depends_on=("waveform",),
        relevant_when={"waveform": PERIODIC},
        doc="Frequency; with other waveforms than a sine less is possible than the model's limit (BSWV FRQ, page 29).",
    )
    amplitude = parameter(
        float,
        get_cmd="C{number}:BSWV?",
        set_cmd="C{number}:BSWV AMP,{}",
        unit="V",
        minimum=_smallest_amplitude,
        maximum=_largest_amplitude,
        get_parser=_number("AMP", "V"),
        depends_on=("waveform", "load"),
        relevant_when={"waveform": PERIODIC},
        doc="From peak to peak: 2 mV to 20 V without a load, half of it into 50 Ω; at high frequencies less (BSWV AMP, "
        "page 29).",
    )
    offset = parameter(
        float,
        get_cmd="C{number}:BSWV?",
        set_cmd="C{number}:BSWV OFST,{}",
        unit="V",
        minimum=lambda output: -_largest_offset(output),
        maximum=_largest_offset,
        get_parser=_number("OFST", "V"),
        depends_on=("waveform", "load"),
        relevant_when={"waveform": (*PERIODIC, "dc")},
        doc="Mean voltage, and the level of the waveform dc; the peak has to stay within 10 V without a load "
        "(BSWV OFST, page 29).",
    )
    phase = parameter(
        float,
        get_cmd="C{number}:BSWV?",
        set_cmd="C{number}:BSWV PHSE,{}",
        unit="°",
        validator=Numbers(0, 360),
        get_parser=_number("PHSE"),
        depends_on=("waveform",),
        relevant_when={"waveform": ("sine", "square", "ramp", "arbitrary")},
        doc="Phase at the start of the waveform (BSWV PHSE, page 29).",
    )
    duty_cycle = parameter(
        float,
        get_cmd="C{number}:BSWV?",
        set_cmd="C{number}:BSWV DUTY,{}",
        unit="%",
        validator=Numbers(0, 100),
        get_parser=_number("DUTY"),
        depends_on=("waveform",),
        relevant_when={"waveform": ("square", "pulse")},
        doc="For how much of its period a square or pulse is high (BSWV DUTY, page 29).",
    )
    symmetry = parameter(
        float,
        get_cmd="C{number}:BSWV?",
        set_cmd="C{number}:BSWV SYM,{}",
        unit="%",
        validator=Numbers(0, 100),
        get_parser=_number("SYM"),
        depends_on=("waveform",),
        relevant_when={"waveform": "ramp"},
        doc="For how much of its period a ramp rises (BSWV SYM, page 29).",
    )
