"""The Rohde & Schwarz ZNB vector network analysers, and their relatives ZNBT, ZNC and ZND.

Commands as known from the drivers of other projects, with those for trace data checked against the ZNB/ZNBT User
Manual, 1173.9163.02, version 55 (page 782: CALCulate:DATA:TRACe; version 62, page 1126: FORMat); the rest of the manual
was not at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from luthier import Asked, ScpiInstrument, parameter
from luthier.errors import IrrelevantParameterError, ReplyError
from luthier.scpi import ArrayFormat, parse_float, parse_string
from luthier.validators import Enum, Ints, Numbers

from luthier_rohde_schwarz.znb_segments import Segment, count_points, read_segments, write_segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier.parameter import Declaration
    from luthier.scpi import ByteOrder
    from numpy.typing import NDArray

__all__ = ["Segment", "Znb"]

BANDWIDTHS = (*(step * 10.0**decade for decade in range(6) for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)), 1e6)
DTYPES = {"text": None, "float32": "f4", "float64": "f8"}


def _array_format(vna: Znb) -> ArrayFormat:
    dtype = DTYPES[vna.transfer_format.known_or_read()]
    return ArrayFormat(dtype, cast("ByteOrder", vna.byte_order.known_or_read())) if dtype else ArrayFormat()


def _frequencies(vna: Znb) -> NDArray[np.float64]:
    return np.asarray(vna.query_array("CALC1:DATA:STIM?", _array_format(vna)), dtype=np.float64)


def _trace(vna: Znb, quantity: str) -> NDArray[np.complex128]:
    names = [name for name, measured in vna.traces().items() if measured == quantity]
    if not names:
        raise IrrelevantParameterError(
            f"cannot read it: no trace of channel 1 measures {quantity} any more",
            state="No data were asked for.",
            advice=f"Set measures_{quantity.lower()} to True, and measure.",
            condition=f"measures_{quantity.lower()} is True",
        )
    command = f"CALC1:DATA:TRAC? '{names[0]}',SDAT"
    numbers = vna.query_array(command, _array_format(vna))
    if len(numbers) % 2:
        raise ReplyError(
            f"{command!r} was answered by {len(numbers)} numbers, which are no pairs",
            command=command,
            reply=f"{len(numbers)} numbers",
            expected="pairs of a real and an imaginary part",
            advice="Read transfer_format and byte_order anew: somebody may have changed them.",
        )
    return np.asarray(numbers[0::2] + 1j * numbers[1::2], dtype=np.complex128)


def _point_count(vna: Znb) -> int:
    kept = vna.segment_points if vna.sweep_type.known_or_read() == "segmented" else vna.points
    return int(kept.known_or_read())


def _sweep_time(vna: Znb) -> float:
    segmented = vna.sweep_type.known_or_read() == "segmented"
    return parse_float(vna.query("SENS1:SEGM:SWE:TIME:SUM?" if segmented else "SENS1:SWE:TIME?"))


def _widest(vna: Znb) -> float:
    lowest, highest = vna.start.limits
    assert lowest is not None
    assert highest is not None
    return highest - lowest


def _s_parameter(quantity: str) -> Declaration[NDArray[Any]]:
    return parameter(
        np.ndarray,
        get_cmd=lambda vna: _trace(vna, quantity),
        unit="",
        shape=(_point_count,),
        axes=("frequencies",),
        depends_on=("points", "segment_points", "sweep_type"),
        relevant_when={f"measures_{quantity.lower()}": True},
        snapshot=False,
        doc=f"{quantity} as complex numbers, from the first trace that measures it: what was swept last, see measure() "
        "(CALCulate:DATA:TRACe? with SDATa, page 782).",
    )


def _measures(quantity: str) -> Declaration[bool]:
    return parameter(
        bool,
        get_cmd=lambda vna: quantity in vna.traces().values(),
        set_cmd=lambda vna, wanted: _measure(vna, quantity, wanted=wanted),
        doc=f"Whether a trace of channel 1 measures {quantity}. Setting it makes a trace of that name, which is not "
        "shown in a diagram, or deletes all traces that measure it (CALCulate:PARameter:SDEFine, :DELete).",
    )


def _measure(vna: Znb, quantity: str, *, wanted: bool) -> None:
    names = [name for name, measured in vna.traces().items() if measured == quantity]
    if wanted and not names:
        vna.write(f"CALC1:PAR:SDEF '{quantity}','{quantity}'")
    for name in names if not wanted else ():
        vna.write(f"CALC1:PAR:DEL '{name}'")


class Znb(ScpiInstrument):
    """Rohde & Schwarz ZNB: vector network analyser; this driver works with its channel 1.

    Interfaces: LAN (HiSLIP, VXI-11, and a socket on port 5025), USB, GPIB as an option; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware, and without the whole manual.

    Opening it changes nothing. :meth:`make_safe` switches the RF off at all ports.

    To measure: ``continuous(False)``, ``measure()``, then read ``s21``. Arrays travel as ``transfer_format`` says, text
    when switched on; the driver never changes it by itself, and ``transfer_format("float64")`` is faster.
    To be finer in some places: ``define_segments([Segment(4e9, 6e9, 11), Segment(6.1e9, 6.2e9, 101)])`` and
    ``sweep_type("segmented")``.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.znb", "sim://", name="vna") as vna:
    ...     vna.start(4e9)
    ...     vna.stop(6e9)
    ...     vna.points(201)
    ...     vna.transfer_format("float64")
    ...     vna.continuous(False)
    ...     vna.measure()
    ...     trace = vna.s21()
    ...     float(vna.frequencies()[abs(trace).argmin()])
    5000000000.0
    """

    simulator = "rohde_schwarz.znb"

    reference_source = parameter(
        str,
        get_cmd="ROSC:SOUR?",
        set_cmd="ROSC:SOUR {}",
        mapping={"internal": "INT", "external": "EXT"},
        doc="Reference oscillator: the one inside, or a signal at the connector (ROSCillator:SOURce).",
    )
    sweep_type = parameter(
        str,
        get_cmd="SENS1:SWE:TYPE?",
        set_cmd="SENS1:SWE:TYPE {}",
        mapping={
            "linear": "LIN",
            "logarithmic": "LOG",
            "segmented": "SEGM",
            "power": "POW",
            "time": "CW",
            "point": "POIN",
        },
        doc="What is swept: the frequency, in three ways; the power; or nothing, over time (SENSe:SWEep:TYPE).",
    )
    start = parameter(
        float,
        get_cmd="SENS1:FREQ:STAR?",
        set_cmd="SENS1:FREQ:STAR {}",
        unit="Hz",
        minimum=Asked("SYST:FREQ? MIN"),
        maximum=Asked("SYST:FREQ? MAX"),
        depends_on=("stop", "center", "span"),
        doc="First frequency (SENSe:FREQuency:STARt).",
    )
    stop = parameter(
        float,
        get_cmd="SENS1:FREQ:STOP?",
        set_cmd="SENS1:FREQ:STOP {}",
        unit="Hz",
        minimum=Asked("SYST:FREQ? MIN"),
        maximum=Asked("SYST:FREQ? MAX"),
        depends_on=("start", "center", "span"),
        doc="Last frequency (SENSe:FREQuency:STOP).",
    )
    center = parameter(
        float,
        get_cmd="SENS1:FREQ:CENT?",
        set_cmd="SENS1:FREQ:CENT {}",
        unit="Hz",
        minimum=Asked("SYST:FREQ? MIN"),
        maximum=Asked("SYST:FREQ? MAX"),
        depends_on=("start", "stop", "span"),
        snapshot=False,
        doc="Middle of the sweep (SENSe:FREQuency:CENTer).",
    )
    span = parameter(
        float,
        get_cmd="SENS1:FREQ:SPAN?",
        set_cmd="SENS1:FREQ:SPAN {}",
        unit="Hz",
        validator=Numbers(0, None),
        maximum=_widest,
        depends_on=("start", "stop", "center"),
        snapshot=False,
        doc="Width of the sweep; where it does not fit around the centre, the instrument moves that "
        "(SENSe:FREQuency:SPAN).",
    )
    points = parameter(
        int,
        get_cmd="SENS1:SWE:POIN?",
        set_cmd="SENS1:SWE:POIN {}",
        validator=Ints(1, 100_001),
        doc="Number of frequencies, but of a segmented sweep (SENSe:SWEep:POINts).",
    )
    segment_points = parameter(
        int,
        get_cmd=count_points,
        snapshot=False,
        doc="Number of frequencies of all segments together that are on; asks each of them (SENSe:SEGMent:STATe?, "
        ":SWEep:POINts?).",
    )
    power = parameter(
        float,
        get_cmd="SOUR1:POW?",
        set_cmd="SOUR1:POW {}",
        unit="dBm",
        validator=Numbers(-80, 25),
        doc="Level of the source; what a model can do is less, and beyond it the instrument reports an error "
        "(SOURce:POWer).",
    )
    if_bandwidth = parameter(
        float,
        get_cmd="SENS1:BAND?",
        set_cmd="SENS1:BAND {}",
        unit="Hz",
        validator=Enum(*BANDWIDTHS),
        doc="Bandwidth of the filter before the receiver: 1, 1.5, 2, 3, 5 or 7 times a power of ten, up to 1 MHz "
        "(SENSe:BANDwidth).",
    )
    averaging = parameter(
        bool, get_cmd="SENS1:AVER?", set_cmd="SENS1:AVER {}", doc="Whether sweeps are averaged (SENSe:AVERage:STATe)."
    )
    averaging_count = parameter(
        int,
        get_cmd="SENS1:AVER:COUN?",
        set_cmd="SENS1:AVER:COUN {}",
        validator=Ints(1, 1000),
        doc="Over how many sweeps is averaged (SENSe:AVERage:COUNt).",
    )
    sweep_count = parameter(
        int,
        get_cmd="SENS1:SWE:COUN?",
        set_cmd="SENS1:SWE:COUN {}",
        validator=Ints(1, 100_000),
        doc="How many sweeps measure() makes; to average, as many as averaging_count (SENSe:SWEep:COUNt).",
    )
    sweep_time_auto = parameter(
        bool,
        get_cmd="SENS1:SWE:TIME:AUTO?",
        set_cmd="SENS1:SWE:TIME:AUTO {}",
        doc="Whether sweeps are as fast as they can be (SENSe:SWEep:TIME:AUTO).",
    )
    sweep_time = parameter(
        float,
        get_cmd=_sweep_time,
        unit="s",
        depends_on=("points", "if_bandwidth", "sweep_type", "sweep_time_auto", "start", "stop"),
        snapshot=False,
        doc="Time that one sweep takes (SENSe:SWEep:TIME?; segmented: SENSe:SEGMent:SWEep:TIME:SUM?).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG1:SOUR?",
        set_cmd="TRIG1:SOUR {}",
        mapping={"immediate": "IMM", "external": "EXT", "manual": "MAN", "multiple": "MULT"},
        doc="What starts a sweep (TRIGger:SOURce).",
    )
    continuous = parameter(
        bool,
        get_cmd="INIT1:CONT?",
        set_cmd="INIT1:CONT {}",
        doc="Whether sweeps go on by themselves; otherwise measure() makes them (INITiate:CONTinuous).",
    )
    transfer_format = parameter(
        str,
        get_cmd="FORM?",
        set_cmd="FORM {}",
        mapping={"text": "ASC,0", "float32": "REAL,32", "float64": "REAL,64"},
        doc="How arrays travel: as text, or as blocks of single or double precision (FORMat:DATA).",
    )
    byte_order = parameter(
        str,
        get_cmd="FORM:BORD?",
        set_cmd="FORM:BORD {}",
        mapping={"big": "NORM", "little": "SWAP"},
        doc="Order of the bytes in blocks (FORMat:BORDer).",
    )
    measures_s11 = _measures("S11")
    measures_s12 = _measures("S12")
    measures_s21 = _measures("S21")
    measures_s22 = _measures("S22")
    output = parameter(bool, get_cmd="OUTP?", set_cmd="OUTP {}", doc="Whether there is RF at the ports (OUTPut:STATe).")
    frequencies = parameter(
        np.ndarray,
        get_cmd=_frequencies,
        unit="Hz",
        shape=(_point_count,),
        depends_on=("start", "stop", "center", "span", "points", "segment_points", "sweep_type"),
        snapshot=False,
        doc="The frequencies of the sweep (CALCulate:DATA:STIMulus?).",
    )
    s11 = _s_parameter("S11")
    s12 = _s_parameter("S12")
    s21 = _s_parameter("S21")
    s22 = _s_parameter("S22")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.add_function("start_sweep", "INIT1", doc="Begin to sweep, and do not wait (INITiate:IMMediate).")
        self.add_function("clear_averages", "SENS1:AVER:CLE", doc="Begin averages anew (SENSe:AVERage:CLEar).")

    def measure(self) -> None:
        """Sweep ``sweep_count`` times, and wait for the end; ``continuous`` has to be off.

        Waits for at most twice the time that the instrument says it takes, and 5 s. After
        :class:`~luthier.errors.ResponseTimeoutError` the sweep may still go on.
        """
        with self.monitor:
            longest = 2 * self.sweep_time.get() * self.sweep_count.known_or_read() + 5
            self.write("INIT1")
            self.wait_complete(timeout=longest)
            if self.error_policy != "never":
                self.check_errors("INIT1")

    def define_segments(self, segments: Sequence[Segment]) -> None:
        """Make these the segments of a segmented sweep, in this order; all that there were are deleted.

        Everything is checked before the first message. ``sweep_type("segmented")`` sweeps over them; it needs at least
        two frequencies. After an error of the connection or of the instrument some may be there and others not:
        define all of them anew. Raises :class:`~luthier.errors.ValidationError` for one that goes down, and for what
        start, points, power and if_bandwidth do not take.
        """
        with self.monitor:
            self.segment_points.cache.invalidate()
            write_segments(self, segments)
            if self.error_policy != "never":
                self.check_errors("SENS1:SEGM:ADD")

    def segments(self) -> tuple[Segment, ...]:
        """Return the segments, with the power and the bandwidth of each; asks five queries for each."""
        with self.monitor:
            return read_segments(self)

    def traces(self) -> dict[str, str]:
        """Return what each trace of channel 1 measures, by its name: ``{"Trc1": "S21"}``.

        Asks CALCulate:PARameter:CATalog?, a string of names and quantities.
        Raises :class:`~luthier.errors.ReplyError` for a reply of another form.
        """
        command = "CALC1:PAR:CAT?"
        reply = self.query(command)
        words = parse_string(reply).split(",")
        if words == [""]:
            return {}
        if len(words) % 2:
            raise ReplyError(
                f"{command!r} was answered by {reply!r}, which are no pairs",
                command=command,
                reply=reply,
                expected="a string of names and quantities, such as 'Trc1,S21'",
            )
        return dict(zip(words[0::2], words[1::2], strict=True))

    def make_safe(self) -> None:
        """Switch the RF off at all ports."""
        self.output(False)
