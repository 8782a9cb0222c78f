"""The newer Siglent oscilloscopes: SDS800X HD, SDS1000X HD, SDS2000X Plus, SDS2000X HD and SDS5000X.

Manual: SDS Series Programming Guide, EN11C and EN11D, of which the changes were at hand. The commands are known from
libscopehal, which was tried with an SDS2000X Plus and others and from which are the signs, from PyMeasure's driver of
the SDS1000X HD, and from a project for the SDS5034X, which retells the waveform's preamble.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, ChannelList, parameter
from luthier.scpi import parse_int
from luthier.validators import Enum, Numbers

from luthier_siglent.scope_messages import STATES, ScopeBlock, ScopeInstrument, quantity, set_and_look, state, words
from luthier_siglent.sds_preamble import Preamble

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Sds", "SdsInput"]

HALF_SCREEN = 5
"""Divisions from the middle of the screen to its edge."""
EXTERNAL_STEP = 0.1
"""By how much a level of the external trigger may differ, in V."""
BYTE = 8
"""Bits of a point that travels as a byte."""
TIME_SCALES = (
    *(float(f"{step}e{decade}") for decade in range(-10, 3) for step in (1, 2, 5)),
    1000.0,
)
SOURCES = {
    **{f"ch{number}": f"C{number}" for number in (1, 2, 3, 4)},
    "external": "EX",
    "external_5": "EX5",
    "mains": "LINE",
}
LEVELS = tuple(name for name in SOURCES if name != "mains")
KINDS = ("NORMal", "PEAK", "AVERage", "ERES")


def _points(channel: SdsInput) -> int:
    return int(quantity(channel.query("ACQ:POIN?")))


def _times(channel: SdsInput) -> NDArray[np.float64]:
    scope = channel.scope
    first = scope.time_offset.get() - HALF_SCREEN * scope.time_scale.get()
    step = 1 / scope.sample_rate.get()
    return np.asarray(first + step * np.arange(channel.points.get()), dtype=np.float64)


def _trace(channel: SdsInput) -> NDArray[np.float64]:
    """Read the waveform in the pieces that the instrument can send."""
    channel.write(f"WAV:SOUR C{channel.number}")
    channel.write("WAV:INT 1")
    preamble = Preamble.of(bytes(channel.query_array("WAV:PRE?", ScopeBlock("u1", line_feeds=1))))
    channel.write(f"WAV:WIDT {'WORD' if preamble.bits > BYTE else 'BYTE'}")
    codes = "i2" if preamble.bits > BYTE else "i1"
    count = channel.points.get()
    most = max(1, int(quantity(channel.query("WAV:MAXP?"))))
    pieces = []
    for start in range(0, count, most):
        size = min(most, count - start)
        channel.write(f"WAV:STAR {start}")
        channel.write(f"WAV:POIN {size}")
        pieces.append(channel.query_array("WAV:DATA?", ScopeBlock(codes, preamble.byte_order, count=size)))
    whole = np.concatenate(pieces) if pieces else np.zeros(0)
    return np.asarray(preamble.volts(whole), dtype=np.float64)


def _offset(channel: SdsInput) -> float:
    return -quantity(channel.query(f"CHAN{channel.number}:OFFS?"))


def _set_offset(channel: SdsInput, offset: float) -> None:
    set_and_look(channel, "offset", f"CHAN{channel.number}:OFFS", -offset, channel.scale.known_or_read() / 10)


def _set_time_scale(scope: Sds, seconds: float) -> None:
    set_and_look(scope, "time_scale", "TIM:SCAL", seconds, 0.0)


def _set_time_offset(scope: Sds, seconds: float) -> None:
    set_and_look(scope, "time_offset", "TIM:DEL", seconds, scope.time_scale.known_or_read() / 10)


def _set_level(scope: Sds, level: float) -> None:
    source = scope.trigger_source.known_or_read()
    inputs = scope.channels
    step = inputs[source]["scale"].known_or_read() / 10 if source in inputs else EXTERNAL_STEP
    set_and_look(scope, "trigger_level", "TRIG:EDGE:LEV", level, step)


def _kind(reply: str) -> str:
    return words(*KINDS)(reply.partition(",")[0])


def _averages(reply: str) -> int:
    return parse_int(reply.partition(",")[2])


class SdsInput(Channel):
    """One input."""

    probe = parameter(
        float,
        get_cmd="CHAN{number}:PROB?",
        set_cmd="CHAN{number}:PROB VAL,{}",
        unit="",
        validator=Numbers(1e-6, 1e6),
        doc="By what the probe divides; scale, offset and trace are what is at its tip (:CHANnel:PROBe).",
    )
    coupling = parameter(
        str,
        get_cmd="CHAN{number}:COUP?",
        set_cmd="CHAN{number}:COUP {}",
        mapping={"dc": "DC", "ac": "AC", "ground": "GND"},
        doc="Coupling of the input (:CHANnel:COUPling).",
    )
    impedance = parameter(
        float,
        get_cmd="CHAN{number}:IMP?",
        set_cmd="CHAN{number}:IMP {}",
        unit="Ω",
        mapping={1e6: "ONEMeg", 50.0: "FIFTy"},
        get_parser=words("ONEMeg", "FIFTy"),
        doc="Resistance of the input; the SDS800X HD and SDS1000X HD have 1 MΩ only (:CHANnel:IMPedance).",
    )
    bandwidth = parameter(
        str,
        get_cmd="CHAN{number}:BWL?",
        set_cmd="CHAN{number}:BWL {}",
        mapping={"full": "FULL", "20 MHz": "20M", "200 MHz": "200M"},
        doc="Filter of the input; 200 MHz on models that go further (:CHANnel:BWLimit).",
    )
    inverted = parameter(
        bool,
        get_cmd="CHAN{number}:INV?",
        set_cmd="CHAN{number}:INV {}",
        mapping={True: "ON", False: "OFF"},
        doc="Whether the signal is turned over (:CHANnel:INVert).",
    )
    scale = parameter(
        float,
        get_cmd="CHAN{number}:SCAL?",
        set_cmd="CHAN{number}:SCAL {}",
        unit="V",
        minimum=lambda channel: 500e-6 * float(channel.probe.known_or_read()),
        maximum=lambda channel: 10.0 * float(channel.probe.known_or_read()),
        depends_on=("probe",),
        doc="Voltage of one division: from 0.5 mV to 10 V times the probe, less with 50 Ω (:CHANnel:SCALe).",
    )
    offset = parameter(
        float,
        get_cmd=_offset,
        set_cmd=_set_offset,
        unit="V",
        depends_on=("probe", "scale"),
        doc="Voltage at the middle of the screen; the instrument's own offset has the other sign. How far it goes "
        "depends on the scale: beyond it the instrument takes the nearest, so that it is read after it was set, and "
        "another than wanted raises InstrumentFaultError (:CHANnel:OFFSet).",
    )
    enabled = parameter(
        bool,
        get_cmd="CHAN{number}:SWIT?",
        set_cmd="CHAN{number}:SWIT {}",
        mapping={True: "ON", False: "OFF"},
        doc="Whether the channel is acquired and shown (:CHANnel:SWITch).",
    )
    points = parameter(
        int,
        get_cmd=_points,
        relevant_when={"enabled": True},
        snapshot=False,
        doc="How many points were acquired (:ACQuire:POINts?).",
    )
    times = parameter(
        np.ndarray,
        get_cmd=_times,
        unit="s",
        shape=("points",),
        relevant_when={"enabled": True},
        snapshot=False,
        doc="Times of the trace, from the trigger; computed from time_scale, time_offset and sample_rate.",
    )
    trace = parameter(
        np.ndarray,
        get_cmd=_trace,
        unit="V",
        shape=("points",),
        axes=("times",),
        relevant_when={"enabled": True},
        snapshot=False,
        doc="What was acquired last: all points, with all bits of the converter (:WAVeform:PREamble? and :DATA?, in "
        "pieces of :MAXPoint?). Stop before, so that pieces and traces of several inputs belong together.",
    )

    def __init__(self, parent: Sds, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.scope = parent
        self.number = number


class Sds(ScopeInstrument):
    """Siglent SDS800X HD, SDS1000X HD, SDS2000X Plus, SDS2000X HD, SDS5000X: two or four channels.

    Manual: SDS Series Programming Guide, EN11C and EN11D, as other projects retell it.

    Interfaces: USB and LAN (VXI-11, and a socket on port 5025); replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is, for the number of inputs, and changes nothing. It measures only, so that there is nothing
    to make safe. Inputs are ``ch1`` and so on, or ``inputs[0]``. Reading a trace chooses what the instrument sends
    (:WAVeform), which changes nothing of what it measures. No error queue is asked: what it does not take it ignores,
    or it takes the nearest; read again what matters. Commands are kept ``command_interval`` apart. Times are right with
    the horizontal reference in the middle of the screen, as it leaves the factory. The SDS6000A and SDS7000A, whose
    codes mean other voltages, are left out, and so are digital channels, sequences and triggers other than edges.

    >>> import luthier
    >>> with luthier.open("siglent.sds", "sim://", name="scope") as scope:
    ...     scope.ch1.scale(0.5)
    ...     scope.time_scale(200e-6)
    ...     scope.single()
    ...     trace = scope.ch1.trace()
    ...     trace.shape, round(float(trace.max()), 1)
    ((10000,), 1.0)
    """

    simulator = "siglent.sds"
    model_pattern = re.compile(
        r"SDS(?:(?:8\d|[12]\d\d)(?=[24]X ?HD)|2\d\d(?=[24]X ?(?:Plus|\+))|5\d\d(?=[24]X$))"
        r"(?P<inputs>[24])X ?(?:HD|Plus|\+)?"
    )
    model_example = "an SDS800X HD, SDS1000X HD, SDS2000X Plus, SDS2000X HD or SDS5000X, such as SDS2354X Plus"

    time_scale = parameter(
        float,
        get_cmd="TIM:SCAL?",
        set_cmd=_set_time_scale,
        unit="s",
        validator=Enum(*TIME_SCALES),
        doc="Time of one of the 10 divisions, in steps of 1, 2 and 5, of those that the model has; it is read after it "
        "was set, as the offset (:TIMebase:SCALe).",
    )
    time_offset = parameter(
        float,
        get_cmd="TIM:DEL?",
        set_cmd=_set_time_offset,
        unit="s",
        doc="Time at the middle of the screen, from the trigger. What is possible depends on time_scale; it is read "
        "after it was set, as the offset (:TIMebase:DELay; its sign is as libscopehal has it).",
    )
    trigger_type = parameter(
        str,
        get_cmd="TRIG:TYPE?",
        set_cmd="TRIG:TYPE {}",
        mapping={"edge": "EDGE"},
        get_parser=state,
        doc="What triggers: edges; another type that was chosen at the front is told as an error (:TRIGger:TYPE).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:EDGE:SOUR?",
        set_cmd="TRIG:EDGE:SOUR {}",
        mapping=SOURCES,
        get_parser=state,
        doc="Whose edge triggers, of those that the model has (:TRIGger:EDGE:SOURce).",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG:EDGE:SLOP?",
        set_cmd="TRIG:EDGE:SLOP {}",
        mapping={"rising": "RISing", "falling": "FALLing", "both": "ALTernate"},
        get_parser=words("RISing", "FALLing", "ALTernate"),
        doc="Which edge triggers (:TRIGger:EDGE:SLOPe).",
    )
    trigger_level = parameter(
        float,
        get_cmd="TRIG:EDGE:LEV?",
        set_cmd=_set_level,
        unit="V",
        depends_on=("trigger_source",),
        relevant_when={"trigger_source": LEVELS},
        doc="Level of the trigger: up to 4.1 divisions from the middle of the screen with the SDS1000X HD; it is read "
        "after it was set, as the offset (:TRIGger:EDGE:LEVel).",
    )
    trigger_coupling = parameter(
        str,
        get_cmd="TRIG:EDGE:COUP?",
        set_cmd="TRIG:EDGE:COUP {}",
        mapping={"dc": "DC", "ac": "AC", "low pass": "HFREJect", "high pass": "LFREJect"},
        get_parser=words("DC", "AC", "HFREJect", "LFREJect"),
        doc="What of the source the trigger sees (:TRIGger:EDGE:COUPling).",
    )
    trigger_mode = parameter(
        str,
        get_cmd="TRIG:MODE?",
        set_cmd="TRIG:MODE {}",
        mapping={"auto": "AUTO", "normal": "NORMal", "single": "SINGle", "forced": "FTRIG"},
        get_parser=words("AUTO", "NORMal", "SINGle", "FTRIG"),
        doc="Whether it acquires without a trigger too, with each, once, or once at once (:TRIGger:MODE).",
    )
    trigger_status = parameter(
        str,
        get_cmd="TRIG:STAT?",
        mapping=STATES,
        get_parser=state,
        snapshot=False,
        doc="What it does (:TRIGger:STATus?).",
    )
    acquisition = parameter(
        str,
        get_cmd="ACQ:TYPE?",
        set_cmd="ACQ:TYPE {}",
        mapping={"normal": "NORMal", "peak": "PEAK", "average": "AVERage", "high resolution": "ERES"},
        get_parser=_kind,
        doc="How samples become points (:ACQuire:TYPE).",
    )
    averages = parameter(
        int,
        get_cmd="ACQ:TYPE?",
        set_cmd="ACQ:TYPE AVERage,{}",
        validator=Enum(4, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192),
        get_parser=_averages,
        depends_on=("acquisition",),
        relevant_when={"acquisition": "average"},
        doc="Over how many acquisitions is averaged (:ACQuire:TYPE).",
    )
    sample_rate = parameter(
        float,
        get_cmd="ACQ:SRAT?",
        unit="Hz",
        get_parser=quantity,
        snapshot=False,
        doc="Samples in a second (:ACQuire:SRATe?).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.inputs = ChannelList(self, "inputs", [SdsInput(self, number) for number in range(1, self.input_count + 1)])
        for function, command, doc in (
            ("run", "TRIG:RUN", "Acquire again and again (:TRIGger:RUN)."),
            ("stop", "TRIG:STOP", "Acquire no more (:TRIGger:STOP)."),
        ):
            self.add_function(function, command, doc=doc)
        self.add_function(
            "single",
            self._single,
            doc="Acquire once, at the next trigger; trigger_status tells the end (:TRIGger:STOP, :TRIGger:MODE).",
        )

    def _single(self) -> None:
        with self.monitor:
            self.write("TRIG:STOP")
            self.trigger_mode.set("single")
