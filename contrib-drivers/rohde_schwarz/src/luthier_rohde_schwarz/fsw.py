"""The Rohde & Schwarz FSW, FSV and FSVA spectrum analysers.

Trace data and their format: FSW User Manual, 1173.9411.02, version 19, pages 922 and 925. The other commands as the
maker's package RsFsw 6.31 quotes the manual of the FSW; that an FSV has the same is known from drivers of other
projects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import ScpiInstrument, parameter
from luthier.errors import ReplyError
from luthier.scpi import ArrayFormat
from luthier.validators import Enum, Ints, Numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Fsw"]

BANDWIDTHS = (*(step * 10.0**decade for decade in range(7) for step in (1.0, 2.0, 3.0, 5.0)), 1e7)
HIGHEST = 90e9
FORMATS = {"text": ArrayFormat(), "float32": ArrayFormat("f4", "little")}


def _frequencies(analyzer: Fsw) -> NDArray[np.float64]:
    return np.linspace(analyzer.start(), analyzer.stop(), analyzer.points())


def _trace(analyzer: Fsw) -> NDArray[np.float64]:
    command = "TRAC? TRACE1"
    levels = analyzer.query_array(command, FORMATS[analyzer.transfer_format.known_or_read()])
    expected = analyzer.points.known_or_read()
    if len(levels) != expected:
        raise ReplyError(
            f"{command!r} was answered by {len(levels)} numbers; expected: {expected}",
            command=command,
            reply=f"{len(levels)} numbers",
            expected=f"{expected} numbers, as points says",
            advice="Read points and transfer_format anew: somebody may have changed them.",
        )
    return np.asarray(levels, dtype=np.float64)


class Fsw(ScpiInstrument):
    """Rohde & Schwarz FSW, FSV, FSVA: spectrum analyser; this driver works with trace 1 of the spectrum.

    Interfaces: LAN (HiSLIP, VXI-11, and a socket on port 5025), USB, GPIB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware, and without the whole manual.

    Opening it changes nothing. It measures only, so that there is nothing to make safe. To measure:
    ``continuous(False)``, ``measure()``, then read ``trace``. A trace travels as ``transfer_format`` says, text when
    switched on; the driver never changes it by itself, and ``transfer_format("float32")`` is faster. Frequencies up to
    90 GHz are taken; beyond those of its model the instrument reports an error.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.fsw", "sim://", name="sa") as sa:
    ...     sa.center(1e9)
    ...     sa.span(1e6)
    ...     sa.continuous(False)
    ...     sa.measure()
    ...     trace = sa.trace()
    ...     float(sa.frequencies()[trace.argmax()]), round(float(trace.max()))
    (1000000000.0, -20)
    """

    simulator = "rohde_schwarz.fsw"

    start = parameter(
        float,
        get_cmd="FREQ:STAR?",
        set_cmd="FREQ:STAR {}",
        unit="Hz",
        validator=Numbers(0, HIGHEST),
        depends_on=("stop", "center", "span"),
        doc="First frequency (SENSe:FREQuency:STARt).",
    )
    stop = parameter(
        float,
        get_cmd="FREQ:STOP?",
        set_cmd="FREQ:STOP {}",
        unit="Hz",
        validator=Numbers(0, HIGHEST),
        depends_on=("start", "center", "span"),
        doc="Last frequency (SENSe:FREQuency:STOP).",
    )
    center = parameter(
        float,
        get_cmd="FREQ:CENT?",
        set_cmd="FREQ:CENT {}",
        unit="Hz",
        validator=Numbers(0, HIGHEST),
        depends_on=("start", "stop", "span"),
        snapshot=False,
        doc="Middle of the sweep (SENSe:FREQuency:CENTer).",
    )
    span = parameter(
        float,
        get_cmd="FREQ:SPAN?",
        set_cmd="FREQ:SPAN {}",
        unit="Hz",
        validator=Numbers(0, HIGHEST),
        depends_on=("start", "stop", "center"),
        snapshot=False,
        doc="Width of the sweep; 0: power over time at one frequency (SENSe:FREQuency:SPAN).",
    )
    points = parameter(
        int,
        get_cmd="SWE:POIN?",
        set_cmd="SWE:POIN {}",
        validator=Ints(101, 100_001),
        doc="Number of frequencies; an FSV takes fewer (SENSe:SWEep:POINts).",
    )
    reference_level = parameter(
        float,
        get_cmd="DISP:TRAC:Y:RLEV?",
        set_cmd="DISP:TRAC:Y:RLEV {}",
        unit="dBm",
        validator=Numbers(-130, 30),
        doc="Power at the top of the screen, for which attenuation and gain are chosen (DISPlay:TRACe:Y:RLEVel).",
    )
    attenuation = parameter(
        float,
        get_cmd="INP:ATT?",
        set_cmd="INP:ATT {}",
        unit="dB",
        validator=Numbers(0, 75),
        depends_on=("attenuation_auto", "reference_level"),
        doc="Attenuation at the input, in steps of the instrument's attenuator; setting it ends attenuation_auto "
        "(INPut:ATTenuation).",
    )
    attenuation_auto = parameter(
        bool,
        get_cmd="INP:ATT:AUTO?",
        set_cmd="INP:ATT:AUTO {}",
        depends_on=("attenuation",),
        doc="Whether the attenuation follows the reference level (INPut:ATTenuation:AUTO).",
    )
    resolution_bandwidth = parameter(
        float,
        get_cmd="BAND?",
        set_cmd="BAND {}",
        unit="Hz",
        validator=Enum(*BANDWIDTHS),
        depends_on=("resolution_bandwidth_auto", "span", "start", "stop"),
        doc="Bandwidth of the filter: 1, 2, 3 or 5 times a power of ten, up to 10 MHz; setting it ends "
        "resolution_bandwidth_auto (SENSe:BANDwidth:RESolution).",
    )
    resolution_bandwidth_auto = parameter(
        bool,
        get_cmd="BAND:AUTO?",
        set_cmd="BAND:AUTO {}",
        depends_on=("resolution_bandwidth",),
        doc="Whether the bandwidth follows the span (SENSe:BANDwidth:RESolution:AUTO).",
    )
    video_bandwidth = parameter(
        float,
        get_cmd="BAND:VID?",
        set_cmd="BAND:VID {}",
        unit="Hz",
        validator=Enum(*BANDWIDTHS),
        depends_on=("video_bandwidth_auto", "resolution_bandwidth"),
        doc="Bandwidth behind the detector, in the same steps; setting it ends video_bandwidth_auto "
        "(SENSe:BANDwidth:VIDeo).",
    )
    video_bandwidth_auto = parameter(
        bool,
        get_cmd="BAND:VID:AUTO?",
        set_cmd="BAND:VID:AUTO {}",
        depends_on=("video_bandwidth",),
        doc="Whether it follows resolution_bandwidth (SENSe:BANDwidth:VIDeo:AUTO).",
    )
    sweep_time = parameter(
        float,
        get_cmd="SWE:TIME?",
        set_cmd="SWE:TIME {}",
        unit="s",
        validator=Numbers(1e-6, 16_000),
        depends_on=("sweep_time_auto", "span", "start", "stop", "resolution_bandwidth", "video_bandwidth"),
        doc="Time that one sweep takes, without that for computing; setting it ends sweep_time_auto. What is possible "
        "depends on span and bandwidths, and beyond it the instrument reports an error (SENSe:SWEep:TIME).",
    )
    sweep_time_auto = parameter(
        bool,
        get_cmd="SWE:TIME:AUTO?",
        set_cmd="SWE:TIME:AUTO {}",
        depends_on=("sweep_time",),
        doc="Whether the time follows span and bandwidths (SENSe:SWEep:TIME:AUTO).",
    )
    sweep_count = parameter(
        int,
        get_cmd="SWE:COUN?",
        set_cmd="SWE:COUN {}",
        validator=Ints(0, 32_767),
        doc="How many sweeps measure() makes, and over how many the trace mode averages; 0 is 1 (SENSe:SWEep:COUNt).",
    )
    continuous = parameter(
        bool,
        get_cmd="INIT:CONT?",
        set_cmd="INIT:CONT {}",
        doc="Whether sweeps go on by themselves; otherwise measure() makes them (INITiate:CONTinuous).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={
            "immediate": "IMM",
            "external": "EXT",
            "external 2": "EXT2",
            "external 3": "EXT3",
            "rf power": "RFP",
            "if power": "IFP",
            "time": "TIME",
        },
        doc="What starts a sweep; a connector has to be an input (TRIGger:SEQuence:SOURce).",
    )
    preamplifier = parameter(
        bool,
        get_cmd="INP:GAIN:STAT?",
        set_cmd="INP:GAIN:STAT {}",
        doc="Whether the preamplifier, an option, is on (INPut:GAIN:STATe).",
    )
    detector = parameter(
        str,
        get_cmd="DET?",
        set_cmd="DET {}",
        mapping={
            "auto peak": "APE",
            "positive peak": "POS",
            "negative peak": "NEG",
            "sample": "SAMP",
            "rms": "RMS",
            "average": "AVER",
        },
        depends_on=("detector_auto", "trace_mode"),
        doc="How what is seen at each point becomes one number; setting it ends detector_auto "
        "(SENSe:DETector:FUNCtion).",
    )
    detector_auto = parameter(
        bool,
        get_cmd="DET:AUTO?",
        set_cmd="DET:AUTO {}",
        depends_on=("detector",),
        doc="Whether the detector follows the trace mode (SENSe:DETector:FUNCtion:AUTO).",
    )
    trace_mode = parameter(
        str,
        get_cmd="DISP:TRAC:MODE?",
        set_cmd="DISP:TRAC:MODE {}",
        mapping={
            "write": "WRIT",
            "average": "AVER",
            "max hold": "MAXH",
            "min hold": "MINH",
            "view": "VIEW",
            "blank": "BLAN",
        },
        doc="What becomes of the sweeps before; view keeps what there is, and blank has no trace (DISPlay:TRACe:MODE).",
    )
    transfer_format = parameter(
        str,
        get_cmd="FORM?",
        set_cmd="FORM {}",
        mapping={"text": "ASC", "float32": "REAL,32"},
        get_parser=lambda reply: {"ASC,0": "ASC"}.get(reply.strip(), reply),
        doc="How a trace travels: as text, or as a block of single precision (FORMat:DATA, page 922).",
    )
    frequencies = parameter(
        np.ndarray,
        get_cmd=_frequencies,
        unit="Hz",
        shape=("points",),
        depends_on=("start", "stop", "center", "span", "points"),
        snapshot=False,
        doc="The frequencies of the trace; computed from start, stop and points, which are read for it.",
    )
    trace = parameter(
        np.ndarray,
        get_cmd=_trace,
        unit="dBm",
        shape=("points",),
        axes=("frequencies",),
        snapshot=False,
        doc="Trace 1, in the level unit of the instrument, which is dBm unless it was changed (TRACe:DATA?, page 922).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.add_function("start_sweep", "INIT", doc="Begin to sweep, and do not wait (INITiate:IMMediate).")

    def measure(self) -> None:
        """Sweep ``sweep_count`` times, and wait for the end; ``continuous`` has to be off.

        Waits for at most twice the time that the instrument says it takes, and 5 s. After
        :class:`~luthier.errors.ResponseTimeoutError` the sweep may still go on.
        """
        with self.monitor:
            longest = 2 * self.sweep_time.get() * max(1, self.sweep_count.known_or_read()) + 5
            self.write("INIT")
            self.wait_complete(timeout=longest)
            if self.error_policy != "never":
                self.check_errors("INIT")
