"""Modulation, sweeps and bursts of the outputs of an SDG.

Sections: 4060 Series Programming Manual of B&K Precision, 2015, 1.6 to 1.8, which are generators of Siglent under
another name; projects that cite Siglent's own guide, PG02-E05B, sections 3.5 to 3.7, agree. A project that tried a
4063B found that the state and the kind of a modulation have to be sent one after the other, and that sweeps and bursts
stay off, without an error, while the samples of an arbitrary waveform have a clock of their own (TrueArb).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import parameter
from luthier.errors import ReplyError
from luthier.scpi import format_float, parse_float
from luthier.validators import Enum, Ints, Numbers

from luthier_siglent.sdg_waves import WaveOutput

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.parameter import Declaration

__all__ = ["ModeOutput", "mode_fields"]

TYPES = {"amplitude": "AM", "suppressed carrier": "DSBAM", "frequency": "FM", "phase": "PM"}
SOURCES = {"internal": "INT", "external": "EXT", "manual": "MAN"}
SHAPES = {
    "sine": "SINE",
    "square": "SQUARE",
    "triangle": "TRIANGLE",
    "rising ramp": "UPRAMP",
    "falling ramp": "DNRAMP",
    "noise": "NOISE",
    "arbitrary": "ARB",
}
SLOWEST, FASTEST = 1e-3, 50e3
UNITS = ("HZ", "S")
INSIDE: dict[str, Any] = {"modulation": True, "modulation_source": "internal"}
CYCLES: dict[str, Any] = {"burst": True, "burst_mode": "cycles"}


def mode_fields(reply: str) -> dict[str, str]:
    """Return what a reply says of a mode, without its carrier; the kind of a modulation, which has no name, is TYPE.

    >>> mode_fields("C1:MDWV STATE,ON,AM,MDSP,SINE,SRC,INT,FRQ,100HZ,DEPTH,100,CARR,WVTP,RAMP,FRQ,1000HZ")
    {'STATE': 'ON', 'TYPE': 'AM', 'MDSP': 'SINE', 'SRC': 'INT', 'FRQ': '100HZ', 'DEPTH': '100'}
    """
    words = [word.strip() for word in reply.strip().partition(" ")[2].split(",")]
    words = words[: words.index("CARR")] if "CARR" in words else words
    if len(words) % 2:
        words.insert(2, "TYPE")
    return dict(zip(words[0::2], words[1::2], strict=True))


def _field(name: str) -> Callable[[str], str]:
    """Return a parser that takes one word out of the reply of a mode."""

    def parse(reply: str) -> str:
        fields = mode_fields(reply)
        if name not in fields:
            raise ReplyError(
                f"the reply {reply!r} has no {name}",
                reply=reply,
                expected=f"{name}, a value, and others",
                advice="Perhaps the mode is off: an instrument whose samples have a clock of their own, or a waveform "
                "that cannot have it, does not switch it on.",
            )
        return fields[name]

    return parse


def _take_number(name: str) -> Callable[[str], float]:
    """Return a parser that takes one number out of the reply of a mode, without its unit."""
    take = _field(name)

    def parse(reply: str) -> float:
        text = take(reply)
        unit = next((unit for unit in UNITS if text.upper().endswith(unit)), "")
        return parse_float(text[: len(text) - len(unit)])

    return parse


def _mode_declaration(header: str, others: tuple[str, str], doc: str) -> Declaration[bool]:
    """Return the switch of a mode, which a waveform and the other modes end."""
    return parameter(
        bool,
        get_cmd=f"C{{number}}:{header}?",
        set_cmd=f"C{{number}}:{header} STATE,{{}}",
        mapping={True: "ON", False: "OFF"},
        get_parser=_field("STATE"),
        depends_on=("waveform", *others),
        doc=f"{doc} Setting a waveform ends it, and so does another mode.",
    )


def _words(header: str, name: str, mapping: dict[str, str], when: dict[str, Any], doc: str) -> Declaration[str]:
    return parameter(
        str,
        get_cmd=f"C{{number}}:{header}?",
        set_cmd=f"C{{number}}:{header} {name},{{}}",
        mapping=mapping,
        get_parser=_field(name),
        relevant_when=when,
        doc=doc,
    )


def _number(
    header: str, name: str, unit: str, *, when: dict[str, Any], limits: Numbers, doc: str
) -> Declaration[float]:
    return parameter(
        float,
        get_cmd=f"C{{number}}:{header}?",
        set_cmd=f"C{{number}}:{header} {name},{{}}",
        unit=unit,
        validator=limits,
        get_parser=_take_number(name),
        relevant_when=when,
        doc=doc,
    )


def _sweep_frequency(name: str, doc: str) -> Declaration[float]:
    return parameter(
        float,
        get_cmd="C{number}:SWWV?",
        set_cmd=f"C{{number}}:SWWV {name},{{}}",
        unit="Hz",
        validator=Numbers(1e-6, None),
        maximum=lambda output: output.fastest,
        get_parser=_take_number(name),
        relevant_when={"sweep": True},
        doc=doc,
    )


def _sent(name: str, mapping: dict[str, str] | None = None) -> Callable[[Any, Any], None]:
    """Return what sends a setting behind the kind of the modulation, to which it belongs."""

    def send(output: Any, value: Any) -> None:
        kind = TYPES[output["modulation_type"].known_or_read()]
        text = mapping[value] if mapping else format_float(value)
        output.write(f"C{output.number}:MDWV {kind},{name},{text}")

    return send


def _modulation_words(name: str, words: dict[str, str], when: dict[str, Any], doc: str) -> Declaration[str]:
    """Return a setting of the modulation that is a word."""
    by_word = {word: value for value, word in words.items()}

    def parse(reply: str) -> str:
        word = _field(name)(reply)
        if word not in by_word:
            raise ReplyError(f"{name} is {word!r}", reply=reply, expected=", ".join(by_word))
        return by_word[word]

    return parameter(
        str,
        get_cmd="C{number}:MDWV?",
        set_cmd=_sent(name, words),
        validator=Enum(*words),
        get_parser=parse,
        depends_on=("modulation_type",),
        relevant_when=when,
        doc=doc,
    )


def _modulation_numbers(name: str, unit: str, when: dict[str, Any], limits: Numbers, doc: str) -> Declaration[float]:
    """Return a setting of the modulation that is a number."""
    return parameter(
        float,
        get_cmd="C{number}:MDWV?",
        set_cmd=_sent(name),
        unit=unit,
        validator=limits,
        get_parser=_take_number(name),
        depends_on=("modulation_type",),
        relevant_when=when,
        doc=doc,
    )


class ModeOutput(WaveOutput):
    """What an output does with its waveform; settings of a mode can be read and set while it is on, and not before."""

    modulation = _mode_declaration("MDWV", ("sweep", "burst"), "Whether the signal is modulated (MDWV STATE).")
    modulation_type = parameter(
        str,
        get_cmd="C{number}:MDWV?",
        set_cmd="C{number}:MDWV {}",
        mapping=TYPES,
        get_parser=_field("TYPE"),
        relevant_when={"modulation": True},
        doc="What is modulated; keying and modulation of pulse widths are left out (MDWV).",
    )
    modulation_source = _modulation_words(
        "SRC",
        {"internal": "INT", "external": "EXT"},
        {"modulation": True},
        "Whether the instrument or the connector modulates (MDWV SRC).",
    )
    modulation_shape = _modulation_words("MDSP", SHAPES, INSIDE, "Form of the modulating signal (MDWV MDSP).")
    modulation_frequency = _modulation_numbers(
        "FRQ", "Hz", INSIDE, Numbers(SLOWEST, FASTEST), "Frequency of the modulating signal (MDWV FRQ)."
    )
    modulation_depth = _modulation_numbers(
        "DEPTH",
        "%",
        {**INSIDE, "modulation_type": "amplitude"},
        Numbers(0, 120),
        "Depth of an amplitude modulation; with 100 the peak is twice that without modulation, as a project found "
        "(MDWV AM,DEPTH).",
    )
    frequency_deviation = _modulation_numbers(
        "DEVI",
        "Hz",
        {**INSIDE, "modulation_type": "frequency"},
        Numbers(0, None),
        "By how much the frequency goes up and down at most; not beyond 0 and the highest frequency (MDWV FM,DEVI).",
    )
    phase_deviation = _modulation_numbers(
        "DEVI",
        "°",
        {**INSIDE, "modulation_type": "phase"},
        Numbers(0, 360),
        "By how much the phase goes back and forth at most (MDWV PM,DEVI).",
    )

    sweep = _mode_declaration("SWWV", ("modulation", "burst"), "Whether the frequency sweeps (SWWV STATE).")
    sweep_start = _sweep_frequency("START", "First frequency (SWWV START).")
    sweep_stop = _sweep_frequency("STOP", "Last frequency (SWWV STOP).")
    sweep_time = _number(
        *("SWWV", "TIME", "s"),
        when={"sweep": True},
        limits=Numbers(1e-3, 500),
        doc="How long a sweep takes (SWWV TIME).",
    )
    sweep_spacing = _words(
        "SWWV",
        "SWMD",
        {"linear": "LINE", "logarithmic": "LOG"},
        {"sweep": True},
        "How the frequency changes with time (SWWV SWMD).",
    )
    sweep_direction = _words(
        "SWWV", "DIR", {"up": "UP", "down": "DOWN"}, {"sweep": True}, "Which way the sweep goes (SWWV DIR)."
    )
    sweep_source = _words(
        "SWWV",
        "TRSR",
        SOURCES,
        {"sweep": True},
        "What starts a sweep: itself again and again, the connector, or trigger_sweep() (SWWV TRSR).",
    )

    burst = _mode_declaration(
        "BTWV", ("modulation", "sweep"), "Whether there are bursts, and nothing between (BTWV STATE)."
    )
    burst_mode = _words(
        "BTWV",
        "GATE_NCYC",
        {"cycles": "NCYC", "gated": "GATE"},
        {"burst": True},
        "Whether a burst has a number of periods, or lasts as long as the gate (BTWV GATE_NCYC).",
    )
    burst_source = _words(
        "BTWV",
        "TRSR",
        SOURCES,
        CYCLES,
        "What starts a burst: a timer, the connector, or trigger_burst() (BTWV TRSR).",
    )
    burst_cycles = parameter(
        int,
        get_cmd="C{number}:BTWV?",
        set_cmd="C{number}:BTWV TIME,{}",
        validator=Ints(1, 1_000_000),
        get_parser=lambda reply: round(_take_number("TIME")(reply)),
        relevant_when=CYCLES,
        doc="Periods of a burst (BTWV TIME).",
    )
    burst_period = _number(
        *("BTWV", "PRD", "s"),
        when={**CYCLES, "burst_source": "internal"},
        limits=Numbers(1e-6, 500),
        doc="From burst to burst; longer than a burst (BTWV PRD).",
    )
    burst_phase = _number(
        *("BTWV", "STPS", "°"),
        when={"burst": True},
        limits=Numbers(0, 360),
        doc="Where in its period a burst starts. Between bursts the output rests at the voltage of this phase, which "
        "is the offset for a sine only (BTWV STPS).",
    )
