"""The Siglent SDS1000X-E and SDS2000X-E oscilloscopes.

Manual: Digital Oscilloscopes Series Programming Guide, PG01-E02D, of which the pages on TRIG_SELECT (131 and 132) were
at hand. The other commands are known from libscopehal, which was tried with an SDS1104X-E, and from PyMeasure's driver
of the LeCroy T3DSO1204, which is the same oscilloscope under another name; from these are the signs and what codes and
points mean.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, ChannelList, parameter
from luthier.errors import ReplyError
from luthier.validators import Enum

from luthier_siglent.scope_messages import STATES, ScopeBlock, ScopeInstrument, quantity, set_and_look, state

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Sds1000xe", "Sds1000xeInput"]

CODES_PER_DIVISION = 25
EXTERNAL_STEP = 0.1
"""By how much a level of the external trigger may differ, in V."""
HALF_SCREEN = 7
"""Divisions from the middle of the screen to its edge."""
TIME_SCALES = (*(float(f"{step}e{decade}") for decade in range(-9, 2) for step in (1, 2, 5)), 100.0)
PROBES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0)
DEPTHS = {
    7000: "7K",
    14_000: "14K",
    70_000: "70K",
    140_000: "140K",
    700_000: "700K",
    1_400_000: "1.4M",
    7_000_000: "7M",
    14_000_000: "14M",
}
SOURCES = {
    **{f"ch{number}": f"C{number}" for number in (1, 2, 3, 4)},
    "external": "EX",
    "external_5": "EX5",
    "mains": "LINE",
}
LEVELS = tuple(name for name in SOURCES if name != "mains")


def _points(channel: Sds1000xeInput) -> int:
    # Two inputs share a converter, which is asked for by the first of them.
    return int(quantity(channel.query(f"SANU? C{channel.number - (channel.number + 1) % 2}")))


def _times(channel: Sds1000xeInput) -> NDArray[np.float64]:
    scope = channel.scope
    first = scope.time_offset.get() - HALF_SCREEN * scope.time_scale.get()
    step = 1 / scope.sample_rate.get()
    return np.asarray(first + step * np.arange(channel.points.get()), dtype=np.float64)


def _trace(channel: Sds1000xeInput) -> NDArray[np.float64]:
    count = channel.points.get()
    scale, offset = channel.scale.get(), channel.offset.get()
    channel.write("WFSU SP,1,NP,0,FP,0")
    codes = channel.query_array(f"C{channel.number}:WF? DAT2", ScopeBlock("i1", count=count))
    return np.asarray(codes.astype(np.float64) * (scale / CODES_PER_DIVISION) + offset, dtype=np.float64)


def _offset(channel: Sds1000xeInput) -> float:
    return -quantity(channel.query(f"C{channel.number}:OFST?"))


def _set_offset(channel: Sds1000xeInput, offset: float) -> None:
    set_and_look(channel, "offset", f"C{channel.number}:OFST", -offset, channel.scale.known_or_read() / 10)


def _set_time_offset(scope: Sds1000xe, seconds: float) -> None:
    set_and_look(scope, "time_offset", "TRDL", seconds, scope.time_scale.known_or_read() / 10)


def _set_level(scope: Sds1000xe, level: float) -> None:
    source = scope.trigger_source.known_or_read()
    inputs = scope.channels
    step = inputs[source]["scale"].known_or_read() / 10 if source in inputs else EXTERNAL_STEP
    set_and_look(scope, "trigger_level", f"{SOURCES[source]}:TRLV", level, step)


def _last_word(reply: str) -> str:
    """Return the word behind the name of the channel, where there is one."""
    return reply.rpartition(",")[2].strip()


def _first_word(reply: str) -> str:
    return reply.partition(",")[0].strip()


def _depth(reply: str) -> str:
    return reply.strip().upper().removesuffix("PTS")


def _source(reply: str) -> str:
    """Return the source out of ``EDGE,SR,C1,HT,OFF`` (page 131)."""
    fields = [field.strip() for field in reply.split(",")]
    if "SR" not in fields[:-1]:
        raise ReplyError(f"the reply {reply!r} names no source (SR)", reply=reply, expected="such as EDGE,SR,C1,HT,OFF")
    return fields[fields.index("SR") + 1]


def _of_source(command: str) -> Any:
    """Return what asks for a setting of the trigger's source."""
    return lambda scope: scope.query(f"{SOURCES[scope.trigger_source.known_or_read()]}:{command}?")


def _to_source(command: str) -> Any:
    """Return what makes a setting of the trigger's source."""
    return lambda scope, value: scope.write(f"{SOURCES[scope.trigger_source.known_or_read()]}:{command} {value}")


class Sds1000xeInput(Channel):
    """One input."""

    probe = parameter(
        float,
        get_cmd="C{number}:ATTN?",
        set_cmd="C{number}:ATTN {}",
        unit="",
        validator=Enum(*PROBES),
        doc="By what the probe divides; scale, offset and trace are what is at its tip (ATTENUATION).",
    )
    coupling = parameter(
        str,
        get_cmd="C{number}:CPL?",
        set_cmd="C{number}:CPL {}",
        mapping={"dc": "D1M", "ac": "A1M", "ground": "GND"},
        doc="Coupling of the input, whose resistance is 1 MΩ (COUPLING).",
    )
    bandwidth_limit = parameter(
        bool,
        get_cmd="C{number}:BWL?",
        set_cmd="BWL C{number},{}",
        mapping={True: "ON", False: "OFF"},
        get_parser=_last_word,
        doc="Whether a filter of 20 MHz is on (BANDWIDTH_LIMIT).",
    )
    inverted = parameter(
        bool,
        get_cmd="C{number}:INVS?",
        set_cmd="C{number}:INVS {}",
        mapping={True: "ON", False: "OFF"},
        doc="Whether the signal is turned over (INVERTSET).",
    )
    scale = parameter(
        float,
        get_cmd="C{number}:VDIV?",
        set_cmd="C{number}:VDIV {}",
        unit="V",
        get_parser=quantity,
        minimum=lambda channel: 500e-6 * float(channel.probe.known_or_read()),
        maximum=lambda channel: 10.0 * float(channel.probe.known_or_read()),
        depends_on=("probe",),
        doc="Voltage of one division: from 0.5 mV to 10 V times the probe, which are the limits of its data sheet "
        "(VOLT_DIV).",
    )
    offset = parameter(
        float,
        get_cmd=_offset,
        set_cmd=_set_offset,
        unit="V",
        depends_on=("probe", "scale"),
        doc="Voltage at the middle of the screen; the instrument's own offset has the other sign. How far it goes "
        "depends on the scale: beyond it the instrument takes the nearest, so that it is read after it was set, and "
        "another than wanted raises InstrumentFaultError (OFFSET).",
    )
    enabled = parameter(
        bool,
        get_cmd="C{number}:TRA?",
        set_cmd="C{number}:TRA {}",
        mapping={True: "ON", False: "OFF"},
        doc="Whether the channel is acquired and shown (TRACE).",
    )
    points = parameter(
        int,
        get_cmd=_points,
        relevant_when={"enabled": True},
        snapshot=False,
        doc="How many points were acquired (SAMPLE_NUM?).",
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
        doc="What was acquired last: all points, of 8 bits (WAVEFORM? DAT2, after WAVEFORM_SETUP). Stop before, so "
        "that the traces of several inputs belong together.",
    )

    def __init__(self, parent: Sds1000xe, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.scope = parent
        self.number = number


class Sds1000xe(ScopeInstrument):
    """Siglent SDS1000X-E and SDS2000X-E (SDS1202X-E, SDS1104X-E, SDS2352X-E, …): two or four channels.

    Manual: Digital Oscilloscopes Series Programming Guide, PG01-E02D, of which pages 131 and 132 were at hand.

    Interfaces: USB and LAN (VXI-11, and a socket on port 5025); replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is, for the number of inputs, and changes nothing. It measures only, so that there is nothing
    to make safe. Inputs are ``ch1`` and so on, or ``inputs[0]``. Reading a trace chooses what the instrument sends
    (WAVEFORM_SETUP), which changes nothing of what it measures. It has no error queue: what it does not take it
    ignores, or it takes the nearest; read again what matters. Commands are kept ``command_interval`` apart. Also
    the older SDS1000CML, SDS1000X and SDS2000X have these commands, but other words in replies; they are left out.

    >>> import luthier
    >>> with luthier.open("siglent.sds1000xe", "sim://", name="scope") as scope:
    ...     scope.ch1.scale(0.5)
    ...     scope.time_scale(200e-6)
    ...     scope.single()
    ...     trace = scope.ch1.trace()
    ...     trace.shape, round(float(trace.max()), 1)
    ((14000,), 1.0)
    """

    simulator = "siglent.sds1000xe"
    model_pattern = re.compile(r"SDS[12]\d\d(?P<inputs>[24])X-E")
    model_example = "an SDS1000X-E or SDS2000X-E, such as SDS1104X-E"

    time_scale = parameter(
        float,
        get_cmd="TDIV?",
        set_cmd="TDIV {}",
        unit="s",
        get_parser=quantity,
        validator=Enum(*TIME_SCALES),
        doc="Time of one of the 14 divisions: from 1 ns to 100 s in steps of 1, 2 and 5 (TIME_DIV).",
    )
    time_offset = parameter(
        float,
        get_cmd="TRDL?",
        set_cmd=_set_time_offset,
        unit="s",
        get_parser=quantity,
        doc="Time at the middle of the screen, from the trigger. What is possible depends on time_scale; it is read "
        "after it was set, as the offset (TRIG_DELAY; its sign is as libscopehal has it).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRSE?",
        set_cmd="TRSE EDGE,SR,{},HT,OFF",
        mapping=SOURCES,
        get_parser=_source,
        doc="What triggers, of those that the model has; setting it chooses a trigger by edges, without holdoff "
        "(TRIG_SELECT, page 131).",
    )
    trigger_slope = parameter(
        str,
        get_cmd=_of_source("TRSL"),
        set_cmd=_to_source("TRSL"),
        mapping={"rising": "POS", "falling": "NEG", "both": "WINDOW"},
        depends_on=("trigger_source",),
        doc="Which edge triggers (TRIG_SLOPE).",
    )
    trigger_level = parameter(
        float,
        get_cmd=_of_source("TRLV"),
        set_cmd=_set_level,
        unit="V",
        get_parser=quantity,
        depends_on=("trigger_source",),
        relevant_when={"trigger_source": LEVELS},
        doc="Level of the trigger. What is possible is what the screen has room for; it is read after it was set, as "
        "the offset. That PyMeasure found firmware which takes it divided by the probe shows then (TRIG_LEVEL).",
    )
    trigger_coupling = parameter(
        str,
        get_cmd=_of_source("TRCP"),
        set_cmd=_to_source("TRCP"),
        mapping={"dc": "DC", "ac": "AC", "low pass": "HFREJ", "high pass": "LFREJ"},
        depends_on=("trigger_source",),
        relevant_when={"trigger_source": LEVELS},
        doc="What of the source the trigger sees (TRIG_COUPLING).",
    )
    trigger_mode = parameter(
        str,
        get_cmd="TRMD?",
        set_cmd="TRMD {}",
        mapping={"auto": "AUTO", "normal": "NORM", "single": "SINGLE", "stopped": "STOP"},
        doc="Whether it acquires without a trigger too, with each, once, or no more (TRIG_MODE).",
    )
    trigger_status = parameter(
        str, get_cmd="SAST?", mapping=STATES, get_parser=state, snapshot=False, doc="What it does (SAMPLE_STATUS?)."
    )
    acquisition = parameter(
        str,
        get_cmd="ACQW?",
        set_cmd="ACQW {}",
        mapping={"normal": "SAMPLING", "peak": "PEAK_DETECT", "high resolution": "HIGH_RES", "average": "AVERAGE"},
        get_parser=_first_word,
        doc="How samples become points (ACQUIRE_WAY).",
    )
    averages = parameter(
        int,
        get_cmd="AVGA?",
        set_cmd="AVGA {}",
        validator=Enum(4, 16, 32, 64, 128, 256, 512, 1024),
        doc="Over how many acquisitions is averaged (AVERAGE_ACQUIRE).",
    )
    memory_depth = parameter(
        int,
        get_cmd="MSIZ?",
        set_cmd="MSIZ {}",
        mapping=DEPTHS,
        get_parser=_depth,
        doc="Points at most: 7, 70, 700 k or 7 M while both inputs of a converter are on, twice as many otherwise. "
        "Not taken while it is stopped (MEMORY_SIZE).",
    )
    sample_rate = parameter(
        float,
        get_cmd="SARA?",
        unit="Hz",
        get_parser=quantity,
        snapshot=False,
        doc="Samples in a second (SAMPLE_RATE?).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.inputs = ChannelList(
            self, "inputs", [Sds1000xeInput(self, number) for number in range(1, self.input_count + 1)]
        )
        for function, command, doc in (
            ("run", "TRMD AUTO", "Acquire again and again, also without a trigger (TRIG_MODE)."),
            ("stop", "STOP", "Acquire no more (STOP)."),
            ("single", "TRMD SINGLE", "Acquire once, at the next trigger; trigger_status tells the end (TRIG_MODE)."),
        ):
            self.add_function(function, command, doc=doc)
