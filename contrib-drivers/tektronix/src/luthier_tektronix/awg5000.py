"""The Tektronix AWG5000, AWG5000B and AWG5000C arbitrary waveform generators.

Commands: as the maker lists them in tm_devices 3.7.0 (AWG5K, AWG5KC), which is made from the programmer manual; limits
of amplitude, offset and sample rate as in the maker's driver there, other limits and the format of whole numbers as in
QCoDeS 0.58. The limits of the timer are not confirmed. The manual itself was not at hand.
"""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from luthier import parameter
from luthier.errors import IrrelevantParameterError, ValidationError
from luthier.scpi import ArrayFormat, format_string, parse_float, parse_string
from luthier.validators import Enum, Ints, Numbers

from luthier_tektronix.awg_library import AwgOutput, MarkerOutput, WaveformGenerator, name_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Awg5000", "Awg5000Marker", "Awg5000Output", "SequenceElement"]

WORDS: Final = ArrayFormat("u2", "little")
HALF: Final = 8191
"""The code of 0, of 14 bits; the codes of -1 and 1 are 0 and twice this."""
CODE_BITS: Final = 0x3FFF
FIRST_MARK: Final = 0x4000
SECOND_MARK: Final = 0x8000
AMPLIFIED_AMPLITUDE: Final = 4.5
DIRECT_AMPLITUDE: Final = 0.6
"""In V, of the converter without the amplifier."""
FASTEST: Final = {"AWG500": 600e6, "AWG501": 1.2e9}


def _fastest(generator: Awg5000) -> float:
    return FASTEST[generator.idn.model[: len("AWG500")]]


def _largest_amplitude(output: Awg5000Output) -> float:
    return DIRECT_AMPLITUDE if output.direct_output.known_or_read() else AMPLIFIED_AMPLITUDE


def _set_direct(output: Awg5000Output, direct: bool) -> None:
    if output.output.get() and output.direct_output.get() != direct:
        raise IrrelevantParameterError(
            "cannot change direct_output: the output is on, and its amplitude and offset might jump",
            who=output.full_name,
            state="Nothing was sent.",
            advice=f"Call {output.full_name}.output(False) first.",
            condition="the output is off",
        )
    output.write(f"AWGC:DOUT{output.number}:STAT {direct:d}")


def _or_no_filter(text: str) -> str:
    return "INF" if float(text) == inf else text


class Awg5000Marker(MarkerOutput):
    """One marker output of a channel."""

    high = parameter(
        float,
        get_cmd="SOUR{number}:MARK{marker}:VOLT:HIGH?",
        set_cmd="SOUR{number}:MARK{marker}:VOLT:HIGH {}",
        unit="V",
        validator=Numbers(-0.9, 2.7),
        doc="Level where the marker is on; the instrument keeps it above low "
        "(SOURce:MARKer:VOLTage:LEVel:IMMediate:HIGH).",
    )
    low = parameter(
        float,
        get_cmd="SOUR{number}:MARK{marker}:VOLT:LOW?",
        set_cmd="SOUR{number}:MARK{marker}:VOLT:LOW {}",
        unit="V",
        validator=Numbers(-1.0, 2.6),
        doc="Level where it is off (SOURce:MARKer:VOLTage:LEVel:IMMediate:LOW).",
    )
    delay = parameter(
        float,
        get_cmd="SOUR{number}:MARK{marker}:DEL?",
        set_cmd="SOUR{number}:MARK{marker}:DEL {}",
        unit="s",
        validator=Numbers(0, 1e-9),
        doc="By how much it is late against the signal (SOURce:MARKer:DELay).",
    )


class Awg5000Output(AwgOutput):
    """One analog output, with two markers."""

    marker_kind = Awg5000Marker

    direct_output = parameter(
        bool,
        get_cmd="AWGC:DOUT{number}:STAT?",
        set_cmd=_set_direct,
        doc="Whether the converter is at the output without the amplifier: without offset and filter, with 0.6 V at "
        "most. This driver changes it only while the output is off (AWGControl:DOUTput:STATe).",
    )
    amplitude = parameter(
        float,
        get_cmd="SOUR{number}:VOLT:AMPL?",
        set_cmd="SOUR{number}:VOLT:AMPL {}",
        unit="V",
        validator=Numbers(0.02, AMPLIFIED_AMPLITUDE),
        maximum=_largest_amplitude,
        depends_on=("direct_output",),
        doc="From the sample -1 to 1, into 50 Ω; to 4.5 V, or 0.6 V while direct_output is on "
        "(SOURce:VOLTage:LEVel:IMMediate:AMPLitude).",
    )
    offset = parameter(
        float,
        get_cmd="SOUR{number}:VOLT:OFFS?",
        set_cmd="SOUR{number}:VOLT:OFFS {}",
        unit="V",
        validator=Numbers(-2.25, 2.25),
        doc="Voltage of the sample 0, into 50 Ω; ignored while direct_output is on "
        "(SOURce:VOLTage:LEVel:IMMediate:OFFSet).",
    )
    low_pass = parameter(
        float,
        get_cmd="OUTP{number}:FILT:LPAS:FREQ?",
        set_cmd="OUTP{number}:FILT:LPAS:FREQ {}",
        unit="Hz",
        validator=Enum(20e6, 100e6, inf),
        set_parser=_or_no_filter,
        doc="Frequency of the low-pass filter; infinite: none (OUTPut:FILTer:LPASs:FREQuency).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP{number}:STAT?",
        set_cmd="OUTP{number}:STAT {}",
        doc="Whether the signal is at the output, and the markers at theirs, while the generator runs (OUTPut:STATe).",
    )


@attrs.frozen
class SequenceElement:
    """One element of a sequence.

    Attributes
    ----------
    waveforms
        Names, one for each output.
    repeat
        How often it is put out; infinite: until the generator is stopped, or an event ends it.
    wait
        Whether a trigger is waited for before it.
    go_to
        The element that follows, from 1; ``None``: the next.
    """

    waveforms: tuple[str, ...] = attrs.field(converter=name_list)
    repeat: float = 1
    wait: bool = False
    go_to: int | None = None


class Awg5000(WaveformGenerator):
    """Tektronix AWG5002, AWG5004, AWG5012 and AWG5014 (also B and C): two or four outputs of 14 bits to 1.2 GS/s.

    Manual: the maker's list of commands (tm_devices 3.7.0); the programmer manual was not at hand.

    Interfaces: GPIB, LAN (VXI-11, and a socket on port 4000); replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is, because the last digit of the model is the number of outputs, and changes nothing.
    Outputs are ``ch1`` and so on, or ``outputs[0]``; each has ``marker1`` and ``marker2``. :meth:`store` and
    :meth:`read` carry waveforms, :meth:`set_sequence` and :meth:`sequence` the sequence. :meth:`make_safe` switches
    all outputs off, but not the dc outputs, which are left out as subsequences, events and files are.

    >>> import luthier
    >>> import numpy as np
    >>> with luthier.open("tektronix.awg5000", "sim://", name="awg") as awg:
    ...     awg.store("pulse", [0.0, 0.5, 1.0, 0.0], marker1=[1, 0, 0, 0])
    ...     awg.ch1.waveform("pulse")
    ...     awg.ch1.amplitude(0.5)
    ...     awg.run()
    ...     awg.ch1.output(True)
    ...     awg.read("pulse").round(3).tolist(), awg.run_state()
    ...     awg.make_safe()
    ([0.0, 0.5, 1.0, 0.0], 'running')
    """

    simulator = "tektronix.awg5000"
    model_pattern = re.compile(r"AWG50[01](?P<outputs>[24])[BC]?")
    model_example = "an AWG5000, such as AWG5014C"
    output_kind = Awg5000Output
    first_index = 0

    run_mode = parameter(
        str,
        get_cmd="AWGC:RMOD?",
        set_cmd="AWGC:RMOD {}",
        mapping={"continuous": "CONT", "triggered": "TRIG", "gated": "GAT", "sequence": "SEQ"},
        doc="Whether the waveforms are put out again and again, with each trigger, while the gate is open, or by the "
        "sequence (AWGControl:RMODe).",
    )
    sample_rate = parameter(
        float,
        get_cmd="SOUR1:FREQ?",
        set_cmd="SOUR1:FREQ {}",
        unit="Hz",
        minimum=10e6,
        maximum=_fastest,
        doc="Samples in a second (SOURce:FREQuency:FIXed).",
    )
    reference = parameter(
        str,
        get_cmd="SOUR1:ROSC:SOUR?",
        set_cmd="SOUR1:ROSC:SOUR {}",
        mapping={"internal": "INT", "external": "EXT"},
        doc="What the clock follows (SOURce:ROSCillator:SOURce).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={"timer": "INT", "external": "EXT"},
        doc="What triggers, beside trigger(): a timer or the connector (TRIGger:SEQuence:SOURce).",
    )
    trigger_period = parameter(
        float,
        get_cmd="TRIG:TIM?",
        set_cmd="TRIG:TIM {}",
        unit="s",
        validator=Numbers(1e-6, 10),
        doc="Time from one trigger of the timer to the next; the limits are not confirmed (TRIGger:SEQuence:TIMer).",
    )
    trigger_level = parameter(
        float,
        get_cmd="TRIG:LEV?",
        set_cmd="TRIG:LEV {}",
        unit="V",
        validator=Numbers(-5, 5),
        doc="Level of an external trigger (TRIGger:SEQuence:LEVel).",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG:SLOP?",
        set_cmd="TRIG:SLOP {}",
        mapping={"rising": "POS", "falling": "NEG"},
        doc="Which edge of an external trigger counts (TRIGger:SEQuence:SLOPe).",
    )
    trigger_impedance = parameter(
        float,
        get_cmd="TRIG:IMP?",
        set_cmd="TRIG:IMP {}",
        unit="Ω",
        validator=Enum(50.0, 1000.0),
        doc="Of the connector for triggers (TRIGger:SEQuence:IMPedance).",
    )
    sequence_length = parameter(
        int,
        get_cmd="SEQ:LENG?",
        set_cmd="SEQ:LENG {}",
        validator=Ints(0, 8000),
        doc="How many elements the sequence has; a smaller number deletes those at its end (SEQuence:LENGth).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.add_function("trigger", "*TRG", doc="Trigger (*TRG).")

    def set_sequence(self, elements: Sequence[SequenceElement]) -> None:
        """Replace the sequence; it is put out while run_mode is ``"sequence"`` (SEQuence:LENGth, SEQuence:ELEMent).

        Raises
        ------
        ValidationError
            An element has another number of waveforms than there are outputs, or leads where there is none. Nothing was
            sent then.
        """
        for place, element in enumerate(elements, 1):
            self._check_element(place, element, len(elements))
        with self.monitor:
            self.write("SEQ:LENG 0")
            self.sequence_length(len(elements))
            for place, element in enumerate(elements, 1):
                for message in _messages(place, element):
                    self.write(message)
            if self.confirm_set is not None:
                self.confirm_set("SEQ:ELEM")

    def sequence(self) -> tuple[SequenceElement, ...]:
        """Ask for the sequence, one element after the other."""
        with self.monitor:
            count = int(parse_float(self.query("SEQ:LENG?")))
            return tuple(self._element(place) for place in range(1, count + 1))

    def _element(self, place: int) -> SequenceElement:
        start = f"SEQ:ELEM{place}"
        names = [parse_string(self.query(f"{start}:WAV{output.number}?")) for output in self.outputs]
        endless = parse_float(self.query(f"{start}:LOOP:INF?"))
        repeat = inf if endless else parse_float(self.query(f"{start}:LOOP:COUN?"))
        wait = bool(parse_float(self.query(f"{start}:TWA?")))
        leads = parse_float(self.query(f"{start}:GOTO:STAT?"))
        target = int(parse_float(self.query(f"{start}:GOTO:IND?"))) if leads else None
        return SequenceElement(tuple(names), repeat, wait, target)

    def _check_element(self, place: int, element: SequenceElement, count: int) -> None:
        allowed = ""
        if len(element.waveforms) != len(self.outputs):
            got, allowed = f"{len(element.waveforms)} waveforms", f"{len(self.outputs)}, one for each output"
        elif not (element.repeat == inf or (element.repeat in range(1, 65537))):
            got, allowed = f"repeat={element.repeat!r}", "whole numbers from 1 to 65536, and infinity"
        elif element.go_to is not None and element.go_to not in range(1, count + 1):
            got, allowed = f"go_to={element.go_to!r}", f"1 to {count}, and None"
        if allowed:
            raise ValidationError(
                f"element {place} of the sequence has {got}; allowed are {allowed}",
                who=self.name,
                state="Nothing was sent.",
                value=element,
                allowed=allowed,
            )

    def _making(self, quoted: str, size: int) -> str:
        return f"WLIS:WAV:NEW {quoted},{size},INT"

    def _send(
        self, quoted: str, samples: NDArray[np.float64], first: NDArray[np.bool_], second: NDArray[np.bool_]
    ) -> None:
        codes = np.rint(HALF * samples).astype(np.int64) + HALF + first * FIRST_MARK + second * SECOND_MARK
        self.write_array(f"WLIS:WAV:DATA {quoted},0,{samples.size},", codes, WORDS)

    def _samples(self, quoted: str) -> NDArray[np.float64]:
        question = f"WLIS:WAV:TYPE? {quoted}"
        kind = self.query(question)
        if not kind.upper().startswith("INT"):
            raise self._not_read(question, kind, "INTeger")
        codes = self.query_array(f"WLIS:WAV:DATA? {quoted}", WORDS).astype(np.int64) & CODE_BITS
        return np.asarray((codes - HALF) / HALF, dtype=np.float64)


def _messages(place: int, element: SequenceElement) -> list[str]:
    start = f"SEQ:ELEM{place}"
    messages = [f"{start}:WAV{number} {format_string(name)}" for number, name in enumerate(element.waveforms, 1)]
    if element.repeat == inf:
        messages.append(f"{start}:LOOP:INF 1")
    else:
        messages.append(f"{start}:LOOP:COUN {int(element.repeat)}")
    messages.append(f"{start}:TWA {int(element.wait)}")
    if element.go_to is not None:
        messages.append(f"{start}:GOTO:IND {element.go_to};STAT 1")
    return messages
