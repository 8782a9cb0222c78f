"""The Rigol DS1000Z and MSO1000Z oscilloscopes.

Pages: MSO1000Z/DS1000Z Programming Guide, chapter 2. That of :WAVeform:PREamble? (page 2-226) was at hand; the other
commands are known from drivers of other projects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import ReplyError
from luthier.scpi import ArrayFormat, parse_float
from luthier.validators import Enum, Numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Ds1000z", "ScopeInput"]

CODES = ArrayFormat("u1")
SCREEN_POINTS = 1200
"""What a trace of the screen has."""
PREAMBLE_FIELDS = 10
DIVISIONS = 5.0
"""From the middle of the screen to where a trigger can be."""
TIME_SCALES = (5e-9, *(float(f"{step}e{decade}") for decade in range(-8, 2) for step in (1, 2, 5)))
COARSE_SCALE = 0.5
"""From this scale on, in V, a channel can be shifted far."""
PROBES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


def _smallest_scale(channel: ScopeInput) -> float:
    return 1e-3 * float(channel.probe.known_or_read())


def _largest_scale(channel: ScopeInput) -> float:
    return 10.0 * float(channel.probe.known_or_read())


def _largest_offset(channel: ScopeInput) -> float:
    probe = float(channel.probe.known_or_read())
    return (100.0 if channel.scale.known_or_read() >= COARSE_SCALE * probe else 2.0) * probe


def _preamble(channel: ScopeInput) -> list[float]:
    """Choose what is read, and return how codes become times and voltages (page 2-226)."""
    for command in (f"WAV:SOUR CHAN{channel.number}", "WAV:MODE NORM", "WAV:FORM BYTE"):
        channel.write(command)
    reply = channel.query("WAV:PRE?")
    numbers = [parse_float(field) for field in reply.split(",")]
    if len(numbers) != PREAMBLE_FIELDS:
        raise ReplyError(
            f"'WAV:PRE?' was answered by {len(numbers)} numbers; expected: {PREAMBLE_FIELDS}",
            command="WAV:PRE?",
            reply=reply,
            expected=f"{PREAMBLE_FIELDS} numbers",
        )
    return numbers


def _times(channel: ScopeInput) -> NDArray[np.float64]:
    _, _, points, _, increment, origin, reference, *_ = _preamble(channel)
    return np.asarray((np.arange(int(points)) - reference) * increment + origin, dtype=np.float64)


def _trace(channel: ScopeInput) -> NDArray[np.float64]:
    *_, increment, origin, reference = _preamble(channel)
    codes = channel.query_array("WAV:DATA?", CODES)
    return np.asarray((codes.astype(np.float64) - origin - reference) * increment, dtype=np.float64)


def _lowest_level(scope: Ds1000z) -> float | None:
    return _level(scope, -DIVISIONS)


def _highest_level(scope: Ds1000z) -> float | None:
    return _level(scope, DIVISIONS)


def _level(scope: Ds1000z, divisions: float) -> float | None:
    source = scope.trigger_source.known_or_read()
    if source not in scope.channels:
        return None
    channel = scope.channels[source]
    scale = channel[
        "scale"
    ].known_or_read()  # first, because a scale that was not known ends what is known of the offset
    return float(channel["offset"].known_or_read() + divisions * scale)


class ScopeInput(Channel):
    """One input."""

    probe = parameter(
        float,
        get_cmd="CHAN{number}:PROB?",
        set_cmd="CHAN{number}:PROB {}",
        unit="",
        validator=Enum(*PROBES),
        doc="By what the probe divides; scale, offset and trace are what is at its tip (:CHANnel:PROBe).",
    )
    coupling = parameter(
        str,
        get_cmd="CHAN{number}:COUP?",
        set_cmd="CHAN{number}:COUP {}",
        mapping={"dc": "DC", "ac": "AC", "ground": "GND"},
        doc="Coupling of the input (:CHANnel:COUPling).",
    )
    bandwidth_limit = parameter(
        bool,
        get_cmd="CHAN{number}:BWL?",
        set_cmd="CHAN{number}:BWL {}",
        mapping={True: "20M", False: "OFF"},
        doc="Whether a filter of 20 MHz is on (:CHANnel:BWLimit).",
    )
    fine_scale = parameter(
        bool,
        get_cmd="CHAN{number}:VERN?",
        set_cmd="CHAN{number}:VERN {}",
        doc="Whether the scale can be anything; otherwise it goes in steps of 1, 2 and 5 (:CHANnel:VERNier).",
    )
    scale = parameter(
        float,
        get_cmd="CHAN{number}:SCAL?",
        set_cmd="CHAN{number}:SCAL {}",
        unit="V",
        minimum=_smallest_scale,
        maximum=_largest_scale,
        depends_on=("probe", "fine_scale"),
        doc="Voltage of one division: from 1 mV to 10 V times the probe, in steps of 1, 2 and 5 unless fine_scale is "
        "on (:CHANnel:SCALe).",
    )
    offset = parameter(
        float,
        get_cmd="CHAN{number}:OFFS?",
        set_cmd="CHAN{number}:OFFS {}",
        unit="V",
        scale=-1,
        minimum=lambda channel: -_largest_offset(channel),
        maximum=_largest_offset,
        depends_on=("probe", "scale"),
        doc="Voltage at the middle of the screen; the instrument's own offset has the other sign. With the probe 1: up "
        "to 2 V, and 100 V with scales from 0.5 V on (:CHANnel:OFFSet).",
    )
    enabled = parameter(
        bool,
        get_cmd="CHAN{number}:DISP?",
        set_cmd="CHAN{number}:DISP {}",
        doc="Whether the channel is acquired and shown (:CHANnel:DISPlay).",
    )
    times = parameter(
        np.ndarray,
        get_cmd=_times,
        unit="s",
        shape=(SCREEN_POINTS,),
        relevant_when={"enabled": True},
        snapshot=False,
        doc="Times of the trace, from the trigger (:WAVeform:PREamble?, page 2-226).",
    )
    trace = parameter(
        np.ndarray,
        get_cmd=_trace,
        unit="V",
        shape=(SCREEN_POINTS,),
        axes=("times",),
        relevant_when={"enabled": True},
        snapshot=False,
        doc="What is on the screen: 1200 points of 8 bits (:WAVeform:DATA? in the mode NORMal, page 2-226).",
    )

    def __init__(self, parent: Ds1000z, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number


class Ds1000z(ScpiInstrument):
    """Rigol DS1054Z, DS1074Z, DS1104Z and their MSO and plus versions: oscilloscopes of four channels.

    Manual: MSO1000Z/DS1000Z Programming Guide, of which only parts were at hand.

    Interfaces: USB, LAN (VXI-11, and a socket on port 5555); replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. It measures only, so that there is nothing to make safe. Inputs are ``ch1`` to ``ch4``,
    or ``inputs[0]``. Reading a trace chooses what the instrument sends (:WAVeform:SOURce, :MODE and :FORMat), which
    changes nothing of what it measures.

    >>> import luthier
    >>> with luthier.open("rigol.ds1000z", "sim://", name="scope") as scope:
    ...     scope.ch1.scale(1.0)
    ...     scope.time_scale(200e-6)
    ...     scope.single()
    ...     trace = scope.ch1.trace()
    ...     trace.shape, round(float(trace.max()), 1)
    ((1200,), 3.0)
    """

    simulator = "rigol.ds1000z"

    time_scale = parameter(
        float,
        get_cmd="TIM:MAIN:SCAL?",
        set_cmd="TIM:MAIN:SCAL {}",
        unit="s",
        validator=Enum(*TIME_SCALES),
        doc="Time of one of the 12 divisions: from 5 ns to 50 s in steps of 1, 2 and 5 (:TIMebase:MAIN:SCALe).",
    )
    time_offset = parameter(
        float,
        get_cmd="TIM:MAIN:OFFS?",
        set_cmd="TIM:MAIN:OFFS {}",
        unit="s",
        validator=Numbers(-500, 500),
        doc="Time at the middle of the screen, from the trigger; what is possible depends on time_scale, and beyond it "
        "the instrument reports an error (:TIMebase:MAIN:OFFSet).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:EDG:SOUR?",
        set_cmd="TRIG:EDG:SOUR {}",
        mapping={"ch1": "CHAN1", "ch2": "CHAN2", "ch3": "CHAN3", "ch4": "CHAN4", "mains": "AC"},
        doc="Whose edge triggers (:TRIGger:EDGe:SOURce).",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG:EDG:SLOP?",
        set_cmd="TRIG:EDG:SLOP {}",
        mapping={"rising": "POS", "falling": "NEG", "both": "RFAL"},
        doc="Which edge triggers (:TRIGger:EDGe:SLOPe).",
    )
    trigger_level = parameter(
        float,
        get_cmd="TRIG:EDG:LEV?",
        set_cmd="TRIG:EDG:LEV {}",
        unit="V",
        minimum=_lowest_level,
        maximum=_highest_level,
        depends_on=("trigger_source",),
        doc="Level of the trigger: up to five divisions from the middle of the screen (:TRIGger:EDGe:LEVel).",
    )
    trigger_sweep = parameter(
        str,
        get_cmd="TRIG:SWE?",
        set_cmd="TRIG:SWE {}",
        mapping={"auto": "AUTO", "normal": "NORM", "single": "SING"},
        doc="Whether it acquires without a trigger too, with each, or once (:TRIGger:SWEep).",
    )
    trigger_status = parameter(
        str,
        get_cmd="TRIG:STAT?",
        mapping={"triggered": "TD", "waiting": "WAIT", "running": "RUN", "auto": "AUTO", "stopped": "STOP"},
        snapshot=False,
        doc="What it does (:TRIGger:STATus?).",
    )
    acquisition = parameter(
        str,
        get_cmd="ACQ:TYPE?",
        set_cmd="ACQ:TYPE {}",
        mapping={"normal": "NORM", "average": "AVER", "peak": "PEAK", "high resolution": "HRES"},
        doc="How samples become points (:ACQuire:TYPE).",
    )
    averages = parameter(
        int,
        get_cmd="ACQ:AVER?",
        set_cmd="ACQ:AVER {}",
        validator=Enum(*(2**power for power in range(1, 11))),
        doc="Over how many acquisitions is averaged: 2, 4, … 1024 (:ACQuire:AVERages).",
    )
    sample_rate = parameter(
        float, get_cmd="ACQ:SRAT?", unit="Hz", snapshot=False, doc="Samples in a second (:ACQuire:SRATe?)."
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.inputs = ChannelList(self, "inputs", [ScopeInput(self, number) for number in (1, 2, 3, 4)])
        for function, command, doc in (
            ("run", "RUN", "Acquire again and again (:RUN)."),
            ("stop", "STOP", "Acquire no more (:STOP)."),
            ("single", "SING", "Acquire once, at the next trigger; look at trigger_status for the end (:SINGle)."),
            ("force_trigger", "TFOR", "Take now as the trigger (:TFORce)."),
        ):
            self.add_function(function, command, doc=doc)
