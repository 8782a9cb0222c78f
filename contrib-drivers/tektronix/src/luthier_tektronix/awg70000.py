"""The Tektronix AWG70000A and AWG70000B arbitrary waveform generators.

Commands: as the maker lists them in tm_devices 3.7.0 (AWG70KA, AWG70KB), which is made from the programmer manual, and
so is the number of repeats; limits of levels and of the sample rate are as in QCoDeS 0.58 and qudi. Those of the timer
and of the levels of triggers are not confirmed. The manual itself was not at hand.
"""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from luthier import parameter
from luthier.errors import ValidationError
from luthier.scpi import ArrayFormat, format_string, parse_float, parse_string
from luthier.validators import Enum, Numbers

from luthier_tektronix.awg_library import BYTES, AwgOutput, MarkerOutput, WaveformGenerator, name_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Awg70000", "Awg70000Marker", "Awg70000Output", "SequenceStep"]

FLOATS: Final = ArrayFormat("f4", "little")
MOST_REPEATS: Final = 2**20
WAITS: Final = {None: "OFF", "a": "ATR", "b": "BTR", "timer": "ITR"}
ENDLESS: Final = ("INF", "INFINITE")


def _fastest(generator: Awg70000) -> float:
    return 50e9 if len(generator.outputs) == 1 else 25e9


class Awg70000Marker(MarkerOutput):
    """One marker output of a channel."""

    high = parameter(
        float,
        get_cmd="SOUR{number}:MARK{marker}:VOLT:HIGH?",
        set_cmd="SOUR{number}:MARK{marker}:VOLT:HIGH {}",
        unit="V",
        validator=Numbers(-1.4, 1.4),
        doc="Level where the marker is on; the instrument may move low with it "
        "(SOURce:MARKer:VOLTage:LEVel:IMMediate:HIGH).",
    )
    low = parameter(
        float,
        get_cmd="SOUR{number}:MARK{marker}:VOLT:LOW?",
        set_cmd="SOUR{number}:MARK{marker}:VOLT:LOW {}",
        unit="V",
        validator=Numbers(-1.4, 1.4),
        doc="Level where it is off (SOURce:MARKer:VOLTage:LEVel:IMMediate:LOW).",
    )


class Awg70000Output(AwgOutput):
    """One analog output, with two markers."""

    marker_kind = Awg70000Marker

    run_mode = parameter(
        str,
        get_cmd="SOUR{number}:RMOD?",
        set_cmd="SOUR{number}:RMOD {}",
        mapping={"continuous": "CONT", "triggered": "TRIG", "triggered continuous": "TCON"},
        doc="Whether the waveform is put out again and again, once with each trigger, or again and again after one "
        "(SOURce:RMODe).",
    )
    trigger_input = parameter(
        str,
        get_cmd="SOUR{number}:TINP?",
        set_cmd="SOUR{number}:TINP {}",
        mapping={"a": "ATR", "b": "BTR", "timer": "ITR"},
        doc="What triggers this output: connector A or B, or the timer (SOURce:TINPut).",
    )
    amplitude = parameter(
        float,
        get_cmd="SOUR{number}:VOLT:AMPL?",
        set_cmd="SOUR{number}:VOLT:AMPL {}",
        unit="V",
        validator=Numbers(0.25, 0.5),
        doc="From the sample -1 to 1, on the direct path (SOURce:VOLTage:LEVel:IMMediate:AMPLitude).",
    )
    resolution = parameter(
        int,
        get_cmd="SOUR{number}:DAC:RES?",
        set_cmd="SOUR{number}:DAC:RES {}",
        validator=Enum(8, 9, 10),
        doc="Bits of the converter; with 9 there is one marker only, with 10 none (SOURce:DAC:RESolution).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP{number}:STAT?",
        set_cmd="OUTP{number}:STAT {}",
        doc="Whether the signal is at the output, while the generator runs (OUTPut:STATe).",
    )

    def play_sequence(self, name: str, track: int = 1) -> None:
        """Put a track of a sequence of the list on this output (SOURce:CASSet:SEQuence)."""
        self.write(f"SOUR{self.number}:CASS:SEQ {format_string(name)},{track}")
        self.waveform.cache.invalidate()
        if self.confirm_set is not None:
            self.confirm_set("SOUR:CASS:SEQ")


@attrs.frozen
class SequenceStep:
    """One step of a sequence.

    Attributes
    ----------
    waveforms
        Names, one for each track.
    repeat
        How often it is put out; infinite: until the generator is stopped, or an event ends it.
    wait
        For which trigger is waited before it: ``"a"``, ``"b"``, ``"timer"`` or ``None``.
    go_to
        The step that follows, from 1; ``None``: the next.
    """

    waveforms: tuple[str, ...] = attrs.field(converter=name_list)
    repeat: float = 1
    wait: str | None = None
    go_to: int | None = None


class Awg70000(WaveformGenerator):
    """Tektronix AWG70001 and AWG70002 (A and B): one output to 50 GS/s, or two to 25 GS/s.

    Manual: the maker's list of commands (tm_devices 3.7.0); the programmer manual was not at hand.

    Interfaces: USB, LAN (VXI-11, and a socket on port 4000), GPIB over an adapter; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is, because the last digit of the model is the number of outputs, and changes nothing.
    Outputs are ``ch1`` and perhaps ``ch2``, or ``outputs[0]``; each has ``marker1`` and ``marker2``. :meth:`store` and
    :meth:`read` carry waveforms, :meth:`store_sequence` and :meth:`read_sequence` sequences. :meth:`make_safe` switches
    all outputs off. Other paths than the direct one, the function generator, pattern jumps and files are left out.

    >>> import luthier
    >>> import numpy as np
    >>> with luthier.open("tektronix.awg70000", "sim://", name="awg") as awg:
    ...     awg.store("pulse", np.linspace(-1, 1, 4800))
    ...     awg.store_sequence("both", [SequenceStep(["pulse"], repeat=3, wait="a")])
    ...     awg.ch1.play_sequence("both")
    ...     awg.run()
    ...     awg.read_sequence("both")
    (SequenceStep(waveforms=('pulse',), repeat=3.0, wait='a', go_to=None),)
    """

    simulator = "tektronix.awg70000"
    model_pattern = re.compile(r"AWG7000(?P<outputs>[12])[AB]?")
    model_example = "an AWG70000, such as AWG70001A"
    output_kind = Awg70000Output
    first_index = 1

    sample_rate = parameter(
        float,
        get_cmd="CLOC:SRAT?",
        set_cmd="CLOC:SRAT {}",
        unit="Hz",
        minimum=1.49e3,
        maximum=_fastest,
        doc="Samples in a second, to what the options of the instrument allow (CLOCk:SRATe).",
    )
    clock_source = parameter(
        str,
        get_cmd="CLOC:SOUR?",
        set_cmd="CLOC:SOUR {}",
        mapping={"internal": "INT", "reference": "EFIX", "variable reference": "EVAR", "external": "EXT"},
        doc="Where the clock comes from: from inside, from inside following a fixed or a variable reference, or from "
        "the connector (CLOCk:SOURce).",
    )
    trigger_period = parameter(
        float,
        get_cmd="TRIG:INT?",
        set_cmd="TRIG:INT {}",
        unit="s",
        validator=Numbers(1e-6, 10),
        doc="Time from one trigger of the timer to the next; the limits are not confirmed (TRIGger:INTerval).",
    )
    trigger_a_level = parameter(
        float,
        get_cmd="TRIG:LEV? ATR",
        set_cmd="TRIG:LEV {},ATR",
        unit="V",
        validator=Numbers(-5, 5),
        doc="Level of the trigger at connector A; the limits are not confirmed (TRIGger:LEVel).",
    )
    trigger_b_level = parameter(
        float,
        get_cmd="TRIG:LEV? BTR",
        set_cmd="TRIG:LEV {},BTR",
        unit="V",
        validator=Numbers(-5, 5),
        doc="Level of the trigger at connector B; the limits are not confirmed (TRIGger:LEVel).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.add_function("trigger_a", "TRIG:IMM ATR", doc="Trigger as connector A does (TRIGger:IMMediate).")
        self.add_function("trigger_b", "TRIG:IMM BTR", doc="Trigger as connector B does (TRIGger:IMMediate).")

    # The list of sequences

    def sequences(self) -> tuple[str, ...]:
        """Ask for the names of all sequences (SLISt:SIZE?, SLISt:NAME?)."""
        with self.monitor:
            count = int(parse_float(self.query("SLIS:SIZE?")))
            return tuple(parse_string(self.query(f"SLIS:NAME? {place}")) for place in range(1, count + 1))

    def store_sequence(self, name: str, steps: Sequence[SequenceStep]) -> None:
        """Put a sequence on the list (SLISt:SEQuence:NEW and :STEP).

        Raises
        ------
        ValidationError
            There is a sequence of that name, or a step is not possible. Nothing was changed then.
        """
        if not steps:
            raise self._no_sequence(name, "no steps", "one or more")
        for place, step in enumerate(steps, 1):
            self._check_step(name, place, step, steps)
        quoted = format_string(name)
        with self.monitor:
            if name in self.sequences():
                raise self._no_sequence(name, "the name of another", "a new one; delete_sequence() frees it")
            self.write(f"SLIS:SEQ:NEW {quoted},{len(steps)},{len(steps[0].waveforms)}")
            for place, step in enumerate(steps, 1):
                for message in _messages(quoted, place, step):
                    self.write(message)
            if self.confirm_set is not None:
                self.confirm_set("SLIS:SEQ")

    def read_sequence(self, name: str) -> tuple[SequenceStep, ...]:
        """Ask for the steps of a sequence of the list.

        Raises :class:`~luthier.errors.ValidationError` where there is none of that name.
        """
        quoted = format_string(name)
        with self.monitor:
            if name not in self.sequences():
                raise self._no_sequence(name, "a name that is not on the list", "those that sequences() tells")
            tracks = int(parse_float(self.query(f"SLIS:SEQ:TRAC? {quoted}")))
            count = int(parse_float(self.query(f"SLIS:SEQ:LENG? {quoted}")))
            return tuple(self._step(quoted, place, tracks) for place in range(1, count + 1))

    def delete_sequence(self, name: str) -> None:
        """Take a sequence off the list (SLISt:SEQuence:DELete)."""
        self.write(f"SLIS:SEQ:DEL {format_string(name)}")
        if self.confirm_set is not None:
            self.confirm_set("SLIS:SEQ:DEL")

    def _step(self, quoted: str, place: int, tracks: int) -> SequenceStep:
        start = f"SLIS:SEQ:STEP{place}"
        names = [parse_string(self.query(f"{start}:TASS{track}? {quoted}")) for track in range(1, tracks + 1)]
        repeat = self.query(f"{start}:RCO? {quoted}").upper()
        wait = self.query(f"{start}:WINP? {quoted}").upper()
        go_to = self.query(f"{start}:GOTO? {quoted}").upper()
        return SequenceStep(
            tuple(names),
            inf if repeat in ENDLESS else 1.0 if repeat == "ONCE" else parse_float(repeat),
            next((known for known, word in WAITS.items() if wait.startswith(word)), None),
            int(go_to) if go_to.isdecimal() else None,
        )

    def _check_step(self, name: str, place: int, step: SequenceStep, steps: Sequence[SequenceStep]) -> None:
        tracks = len(steps[0].waveforms)
        if not step.waveforms or len(step.waveforms) != tracks:
            raise self._no_sequence(name, f"step {place} with {len(step.waveforms)} waveforms", "as many in each step")
        if not (step.repeat == inf or step.repeat in range(1, MOST_REPEATS + 1)):
            raise self._no_sequence(name, f"step {place} with repeat={step.repeat!r}", f"1 to {MOST_REPEATS}, infinity")
        if step.wait not in WAITS:
            raise self._no_sequence(name, f"step {place} with wait={step.wait!r}", "'a', 'b', 'timer' and None")
        if step.go_to is not None and step.go_to not in range(1, len(steps) + 1):
            raise self._no_sequence(name, f"step {place} with go_to={step.go_to!r}", f"1 to {len(steps)}, and None")

    def _no_sequence(self, name: str, got: str, allowed: str) -> ValidationError:
        return ValidationError(
            f"sequence {name!r} has {got}; allowed are {allowed}",
            who=self.name,
            state="Nothing was changed.",
            value=got,
            allowed=allowed,
        )

    def _making(self, quoted: str, size: int) -> str:
        return f"WLIS:WAV:NEW {quoted},{size}"

    def _send(
        self, quoted: str, samples: NDArray[np.float64], first: NDArray[np.bool_], second: NDArray[np.bool_]
    ) -> None:
        self.write_array(f"WLIS:WAV:DATA {quoted},0,{samples.size},", samples.astype(np.float32), FLOATS)
        self.write_array(f"WLIS:WAV:MARK:DATA {quoted},0,{samples.size},", self._marks(first, second), BYTES)

    def _samples(self, quoted: str) -> NDArray[np.float64]:
        return np.asarray(self.query_array(f"WLIS:WAV:DATA? {quoted}", FLOATS), dtype=np.float64)


def _messages(quoted: str, place: int, step: SequenceStep) -> list[str]:
    start = f"SLIS:SEQ:STEP{place}"
    messages = [
        f"{start}:TASS{track}:WAV {quoted},{format_string(name)}" for track, name in enumerate(step.waveforms, 1)
    ]
    messages.append(f"{start}:RCO {quoted},{'INF' if step.repeat == inf else int(step.repeat)}")
    messages.append(f"{start}:WINP {quoted},{WAITS[step.wait]}")
    messages.append(f"{start}:GOTO {quoted},{'NEXT' if step.go_to is None else step.go_to}")
    return messages
