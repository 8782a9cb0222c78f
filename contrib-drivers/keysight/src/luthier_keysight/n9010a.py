"""The Keysight X-Series signal analysers CXA, EXA, MXA and PXA: N9000, N9010, N9020 and N9030.

Formats, traces, markers, points and bandwidths: X-Series Signal Analyzers, Spectrum Analyzer Mode User's &
Programmer's Reference (pages 248, 322, 501, 691 and 2761), and the N9030A manual (pages 671 and 1387); levels: the
EXA's specifications (page 38). Frequencies, attenuation, preamplifier, detector and sweep time are known from drivers
of other projects; those pages of the manual were not at hand. Which 24 bandwidths a decade has is not confirmed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import ChannelList, ScpiInstrument, parameter
from luthier.errors import InstrumentFaultError, ReplyError
from luthier.scpi import ArrayFormat, format_float, parse_float
from luthier.validators import Enum, Ints, Numbers

from luthier_keysight.n9010a_marker import Marker

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["N9010A"]

LOWEST, HIGHEST = -80e6, 50e9
MARKERS = 6
TRACES = 6
E24 = (
    1.0,
    1.1,
    1.2,
    1.3,
    1.5,
    1.6,
    1.8,
    2.0,
    2.2,
    2.4,
    2.7,
    3.0,
    3.3,
    3.6,
    3.9,
    4.3,
    4.7,
    5.1,
    5.6,
    6.2,
    6.8,
    7.5,
    8.2,
    9.1,
)
WIDEST = (4e6, 5e6, 6e6, 8e6)
BANDWIDTHS = (
    *(float(f"{step}e{decade}") for decade in range(6) for step in E24),
    *(float(f"{step}e6") for step in E24[: E24.index(3.0) + 1]),
    *WIDEST,
)


def _array_format(analyzer: N9010A) -> ArrayFormat:
    dtype = {"text": None, "float32": "f4", "float64": "f8"}[analyzer.transfer_format.known_or_read()]
    if dtype is None:
        return ArrayFormat()
    return ArrayFormat(dtype, "big" if analyzer.byte_order.known_or_read() == "big" else "little")


def _frequencies(analyzer: N9010A) -> NDArray[np.float64]:
    return np.linspace(analyzer.start(), analyzer.stop(), analyzer.points())


def _read_trace(analyzer: N9010A, number: int = 1) -> NDArray[np.float64]:
    command = f"TRAC? TRACE{number}"
    levels = analyzer.query_array(command, _array_format(analyzer))
    expected = analyzer.points.known_or_read()
    if len(levels) != expected:
        raise ReplyError(
            f"{command!r} was answered by {len(levels)} numbers; expected: {expected}",
            command=command,
            reply=f"{len(levels)} numbers",
            expected=f"{expected} numbers, as points says",
            advice="Read points, transfer_format and byte_order anew: somebody may have changed them.",
        )
    return np.asarray(levels, dtype=np.float64)


def _set_bandwidth(analyzer: N9010A, header: str, name: str, wanted: float) -> None:
    """Set it and look, because the instrument takes the nearest that it has, without an error."""
    analyzer.write(f"{header} {format_float(wanted)}")
    taken = parse_float(analyzer.query(f"{header}?"))
    if taken != wanted:
        raise InstrumentFaultError(
            f"{analyzer.name}.{name}: {wanted:g} Hz is not possible; it took {taken:g} Hz",
            state=f"The bandwidth is {taken:g} Hz.",
            advice=f"Set {taken:g} Hz if that will do.",
        )


class N9010A(ScpiInstrument):
    """Keysight N9000, N9010, N9020, N9030: signal analysers; this driver works with the mode Spectrum Analyzer.

    Interfaces: LAN (VXI-11, HiSLIP, and a socket on port 5025), USB, GPIB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware, and without the whole manual.

    Opening it changes nothing. It measures only, so that there is nothing to make safe. To measure:
    ``continuous(False)``, ``measure()``, then read ``trace``. A trace travels as ``transfer_format`` says, text after a
    reset; the driver never changes it by itself, and ``transfer_format("float32")`` is faster. Of the markers there are
    the first six. Frequencies up to 50 GHz
    are taken; beyond those of its model the instrument reports an error.

    >>> import luthier
    >>> with luthier.open("keysight.n9010a", "sim://", name="sa") as sa:
    ...     sa.center(1e9)
    ...     sa.span(1e6)
    ...     sa.continuous(False)
    ...     sa.measure()
    ...     trace = sa.trace()
    ...     float(sa.frequencies()[trace.argmax()]), round(float(trace.max()))
    (1000000000.0, -20)
    """

    simulator = "keysight.n9010a"

    start = parameter(
        float,
        get_cmd="FREQ:STAR?",
        set_cmd="FREQ:STAR {}",
        unit="Hz",
        validator=Numbers(LOWEST, HIGHEST),
        depends_on=("stop", "center", "span"),
        doc="First frequency ([:SENSe]:FREQuency:STARt).",
    )
    stop = parameter(
        float,
        get_cmd="FREQ:STOP?",
        set_cmd="FREQ:STOP {}",
        unit="Hz",
        validator=Numbers(LOWEST, HIGHEST),
        depends_on=("start", "center", "span"),
        doc="Last frequency ([:SENSe]:FREQuency:STOP).",
    )
    center = parameter(
        float,
        get_cmd="FREQ:CENT?",
        set_cmd="FREQ:CENT {}",
        unit="Hz",
        validator=Numbers(LOWEST, HIGHEST),
        depends_on=("start", "stop", "span"),
        snapshot=False,
        doc="Middle of the sweep ([:SENSe]:FREQuency:CENTer).",
    )
    span = parameter(
        float,
        get_cmd="FREQ:SPAN?",
        set_cmd="FREQ:SPAN {}",
        unit="Hz",
        validator=Numbers(0, HIGHEST),
        depends_on=("start", "stop", "center"),
        snapshot=False,
        doc="Width of the sweep, 10 Hz or more; 0: power over time at one frequency ([:SENSe]:FREQuency:SPAN).",
    )
    points = parameter(
        int,
        get_cmd="SWE:POIN?",
        set_cmd="SWE:POIN {}",
        validator=Ints(1, 100_001),
        doc="Number of frequencies; some models take up to 20 001 ([:SENSe]:SWEep:POINts, page 501).",
    )
    reference_level = parameter(
        float,
        get_cmd="DISP:WIND:TRAC:Y:RLEV?",
        set_cmd="DISP:WIND:TRAC:Y:RLEV {}",
        unit="dBm",
        validator=Numbers(-170, 30),
        depends_on=("attenuation",),
        doc="Power at the top of the screen; an EXA takes up to 23 dBm (:DISPlay:WINDow:TRACe:Y:RLEVel).",
    )
    attenuation = parameter(
        float,
        get_cmd="POW:ATT?",
        set_cmd="POW:ATT {}",
        unit="dB",
        validator=Numbers(0, 70),
        depends_on=("attenuation_auto", "reference_level"),
        doc="Attenuation at the input, in steps of the instrument's attenuator; setting it ends attenuation_auto "
        "([:SENSe]:POWer:ATTenuation).",
    )
    attenuation_auto = parameter(
        bool,
        get_cmd="POW:ATT:AUTO?",
        set_cmd="POW:ATT:AUTO {}",
        depends_on=("attenuation",),
        doc="Whether the attenuation follows the reference level ([:SENSe]:POWer:ATTenuation:AUTO).",
    )
    preamplifier = parameter(
        bool,
        get_cmd="POW:GAIN:STAT?",
        set_cmd="POW:GAIN:STAT {}",
        doc="Whether the preamplifier is on, where there is one ([:SENSe]:POWer:GAIN:STATe).",
    )
    resolution_bandwidth = parameter(
        float,
        get_cmd="BAND?",
        set_cmd=lambda analyzer, wanted: _set_bandwidth(analyzer, "BAND", "resolution_bandwidth", wanted),
        unit="Hz",
        validator=Enum(*BANDWIDTHS),
        depends_on=("resolution_bandwidth_auto", "span", "start", "stop"),
        doc="Bandwidth of the filter: 24 in each decade from 1 Hz to 3 MHz, and 4, 5, 6 and 8 MHz. The instrument "
        "takes the nearest that it has, so that it is read after it was set, and another than wanted raises "
        "InstrumentFaultError; setting it ends resolution_bandwidth_auto ([:SENSe]:BANDwidth, page 248).",
    )
    resolution_bandwidth_auto = parameter(
        bool,
        get_cmd="BAND:AUTO?",
        set_cmd="BAND:AUTO {}",
        depends_on=("resolution_bandwidth",),
        doc="Whether the bandwidth follows the span ([:SENSe]:BANDwidth:AUTO, page 248).",
    )
    video_bandwidth = parameter(
        float,
        get_cmd="BAND:VID?",
        set_cmd=lambda analyzer, wanted: _set_bandwidth(analyzer, "BAND:VID", "video_bandwidth", wanted),
        unit="Hz",
        validator=Enum(*BANDWIDTHS, 50e6),
        depends_on=("video_bandwidth_auto", "resolution_bandwidth"),
        doc="Bandwidth behind the detector, as resolution_bandwidth, and 50 MHz; setting it ends video_bandwidth_auto "
        "([:SENSe]:BANDwidth:VIDeo).",
    )
    video_bandwidth_auto = parameter(
        bool,
        get_cmd="BAND:VID:AUTO?",
        set_cmd="BAND:VID:AUTO {}",
        depends_on=("video_bandwidth",),
        doc="Whether it follows resolution_bandwidth ([:SENSe]:BANDwidth:VIDeo:AUTO).",
    )
    detector = parameter(
        str,
        get_cmd="DET:TRAC?",
        set_cmd="DET:TRAC {}",
        mapping={"normal": "NORM", "average": "AVER", "peak": "POS", "sample": "SAMP", "negative peak": "NEG"},
        depends_on=("trace_mode",),
        doc="What of the signal between two points is shown ([:SENSe]:DETector:TRACe).",
    )
    average_type = parameter(
        str,
        get_cmd="AVER:TYPE?",
        set_cmd="AVER:TYPE {}",
        mapping={"logarithm": "LOG", "power": "RMS", "voltage": "SCAL"},
        doc="Of what the average is taken ([:SENSe]:AVERage:TYPE).",
    )
    averaging_count = parameter(
        int,
        get_cmd="AVER:COUN?",
        set_cmd="AVER:COUN {}",
        validator=Ints(1, 10_000),
        doc="How many sweeps measure() makes where a trace averages or holds ([:SENSe]:AVERage:COUNt).",
    )
    sweep_time = parameter(
        float,
        get_cmd="SWE:TIME?",
        unit="s",
        snapshot=False,
        doc="Time that one sweep takes ([:SENSe]:SWEep:TIME?).",
    )
    continuous = parameter(
        bool,
        get_cmd="INIT:CONT?",
        set_cmd="INIT:CONT {}",
        doc="Whether sweeps go on by themselves; otherwise measure() makes them (:INITiate:CONTinuous).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={"immediate": "IMM", "external": "EXT1", "external 2": "EXT2", "video": "VID", "mains": "LINE"},
        doc="What starts a sweep; the word for mains is not confirmed (:TRIGger:SOURce).",
    )
    trace_mode = parameter(
        str,
        get_cmd="TRAC1:TYPE?",
        set_cmd="TRAC1:TYPE {}",
        mapping={"write": "WRIT", "average": "AVER", "max hold": "MAXH", "min hold": "MINH"},
        doc="What becomes of the sweeps before in trace 1; setting it clears the trace (:TRACe:TYPE, page 691).",
    )
    transfer_format = parameter(
        str,
        get_cmd="FORM?",
        set_cmd="FORM {}",
        mapping={"text": "ASC", "float32": "REAL,32", "float64": "REAL,64"},
        get_parser=lambda reply: {"ASC,8": "ASC"}.get(reply.strip(), reply),
        doc="How a trace travels: as text, or as a block of single or double precision (:FORMat:DATA, page 2761).",
    )
    byte_order = parameter(
        str,
        get_cmd="FORM:BORD?",
        set_cmd="FORM:BORD {}",
        mapping={"big": "NORM", "little": "SWAP"},
        doc="Order of the bytes in blocks (:FORMat:BORDer, page 2761).",
    )
    frequencies = parameter(
        np.ndarray,
        get_cmd=_frequencies,
        unit="Hz",
        shape=("points",),
        depends_on=("start", "stop", "center", "span", "points"),
        snapshot=False,
        doc="The frequencies of the trace; computed from start, stop and points, which are read for it (page 501).",
    )
    trace = parameter(
        np.ndarray,
        get_cmd=_read_trace,
        unit="dBm",
        shape=("points",),
        axes=("frequencies",),
        snapshot=False,
        doc="Trace 1, in the level unit of the instrument, which is dBm unless it was changed (:TRACe? TRACE1, page "
        "1387).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.markers = ChannelList(self, "markers", [Marker(self, number + 1) for number in range(MARKERS)])
        for function, command, doc in (
            ("start_sweep", "INIT:IMM", "Begin to sweep, and do not wait (:INITiate:IMMediate)."),
            ("restart", "INIT:REST", "Begin sweeps and averages anew (:INITiate:RESTart)."),
        ):
            self.add_function(function, command, doc=doc)

    def read_trace(self, number: int) -> NDArray[np.float64]:
        """Return one of the traces 1 to 6, as ``trace`` does the first.

        Raises :class:`ValueError` for another number, before anything is sent.
        """
        if not 1 <= number <= TRACES:
            raise ValueError(f"{self.name}: there is no trace {number}; there are 1 to {TRACES}")
        return _read_trace(self, number)

    def measure(self) -> None:
        """Sweep once, or ``averaging_count`` times where a trace averages or holds; wait for the end.

        ``continuous`` has to be off. Waits for at most twice the time that the instrument says a sweep takes, times
        ``averaging_count``, and 5 s. After :class:`~luthier.errors.ResponseTimeoutError` the sweep may still go on.
        """
        with self.monitor:
            longest = 2 * self.sweep_time.get() * self.averaging_count.known_or_read() + 5
            self.write("INIT:IMM")
            self.wait_complete(timeout=longest)
            if self.error_policy != "never":
                self.check_errors("INIT:IMM")
