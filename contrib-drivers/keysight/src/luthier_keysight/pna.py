"""The Keysight PNA, PNA-L and PNA-X vector network analysers, and the USB analysers P937xA.

Commands: the VNA's help, SCPI command reference (as of 2024), of which the pages of Sense (Average, Bandwidth,
Frequency, Segment, Sweep, X), Calculate (Data, Parameter), Format, Output, Source:Power, System:Capability and Trigger
were at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import Asked, parameter
from luthier.errors import InstrumentFaultError, ReplyError
from luthier.scpi import format_float, parse_float, parse_string
from luthier.validators import Enum, Ints

from luthier_keysight.network_analyzers import (
    BYTE_ORDER,
    OUTPUT,
    SWEEP_TIME,
    SWEEP_TIME_AUTO,
    NetworkAnalyzer,
    swept_frequencies,
)
from luthier_keysight.pna_segments import Segment, count_points, read_segments, set_points, write_segments
from luthier_keysight.pna_traces import measures, read_trace, s_parameter

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Pna", "Segment"]

BANDWIDTHS = (
    *(1.0, 2.0, 3.0, 5.0, 7.0),
    *(step * 10.0**decade for decade in range(1, 5) for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)),
    *(100e3, 150e3, 200e3, 280e3, 300e3, 360e3, 500e3, 600e3, 700e3),
    *(1e6, 1.5e6, 2e6, 3e6, 5e6, 7e6, 10e6, 15e6),
)
"""Of all models together: many have 280, 360 and 600 kHz in place of 300, 500 and 700 kHz."""
FORMS = {"SWE": "SWEEP", "POINT": "POIN"}
LOWEST, HIGHEST = Asked("SYST:CAP:FREQ:MIN?"), Asked("SYST:CAP:FREQ:MAX?")


def _set_bandwidth(vna: Pna, bandwidth: float) -> None:
    """Set it and look, because the instrument takes the next wider one that it has, without an error."""
    vna.write(f"SENS1:BAND {format_float(bandwidth)}")
    taken = parse_float(vna.query("SENS1:BAND?"))
    if taken != bandwidth:
        raise InstrumentFaultError(
            f"{vna.name}.if_bandwidth: this model has no bandwidth of {bandwidth:g} Hz; it took {taken:g} Hz",
            state=f"The bandwidth is {taken:g} Hz.",
            advice=f"Set {taken:g} Hz if that will do.",
        )


class Pna(NetworkAnalyzer):
    """Keysight PNA, PNA-L, PNA-X, P937xA: vector network analysers; this driver works with channel 1.

    Interfaces: LAN (VXI-11, HiSLIP, and a socket on port 5025), GPIB, USB; replies end with a line feed.

    Verified with the simulator and with scripted messages from the VNA's help; not yet with hardware.

    Opening it changes nothing. :meth:`make_safe` switches the RF off at all ports.

    To measure: ``sweep_mode("hold")``, ``measure()``, then read ``s21``. Reading a trace selects it. Arrays travel as
    ``transfer_format`` says, text after a reset; the driver never changes it by itself, and
    ``transfer_format("float64")`` is faster. Single precision would round frequencies, so that they are not read then.

    >>> import luthier
    >>> with luthier.open("keysight.pna", "sim://", name="vna") as vna:
    ...     vna.start(4e9)
    ...     vna.stop(6e9)
    ...     vna.points(201)
    ...     vna.transfer_format("float64")
    ...     vna.measures_s21(True)
    ...     vna.measure()
    ...     trace = vna.s21()
    ...     float(vna.frequencies()[abs(trace).argmin()])
    5000000000.0

    Parts of a sweep have their own numbers of points:

    >>> from luthier_keysight.pna import Segment
    >>> with luthier.open("keysight.pna", "sim://", name="vna_parts") as vna:
    ...     vna.set_segments([Segment(4e9, 4.9e9, 10), Segment(4.9e9, 5.1e9, 101), Segment(5.1e9, 6e9, 10)])
    ...     vna.sweep_type("segmented")
    ...     vna.measure()
    ...     vna.points(), vna.frequencies().shape
    (121, (121,))
    """

    simulator = "keysight.pna"

    sweep_type = NetworkAnalyzer.sweep_type.replace(
        mapping={
            "linear": "LIN",
            "logarithmic": "LOG",
            "segmented": "SEGM",
            "power": "POW",
            "time": "CW",
            "phase": "PHAS",
        },
        doc="What is swept: the frequency, in three ways; the power; the phase; or nothing, over time "
        "(SENSe:SWEep:TYPE).",
    )
    start = NetworkAnalyzer.start.replace(
        minimum=LOWEST,
        maximum=HIGHEST,
        depends_on=("stop", "center", "span", "sweep_type"),
        doc="First frequency; above stop it moves that, so that the span is kept (SENSe:FREQuency:STARt).",
    )
    stop = NetworkAnalyzer.stop.replace(
        minimum=LOWEST,
        maximum=HIGHEST,
        depends_on=("start", "center", "span", "sweep_type"),
        doc="Last frequency; below start it moves that, so that the span is kept (SENSe:FREQuency:STOP).",
    )
    center = NetworkAnalyzer.center.replace(
        minimum=LOWEST,
        maximum=HIGHEST,
        depends_on=("start", "stop", "span", "sweep_type"),
    )
    span = NetworkAnalyzer.span.replace(
        depends_on=("start", "stop", "center", "sweep_type"),
        doc="Width of the sweep; the smallest there is, 70 Hz with some models, is up to the instrument "
        "(SENSe:FREQuency:SPAN).",
    )
    fixed_frequency = parameter(
        float,
        get_cmd="SENS1:FREQ:CW?",
        set_cmd="SENS1:FREQ:CW {}",
        unit="Hz",
        minimum=LOWEST,
        maximum=HIGHEST,
        doc="Frequency where none is swept: sweeps of power and over time (SENSe:FREQuency:CW).",
    )
    points = parameter(
        int,
        get_cmd=count_points,
        set_cmd=set_points,
        validator=Ints(1, 100_003),
        depends_on=("sweep_type",),
        doc="Number of frequencies; in a segmented sweep those of its segments, which set_segments() says; the most "
        "depends on the model (SENSe:SWEep:POINts, SENSe:SEGMent:SWEep:POINts).",
    )
    power = parameter(
        float,
        get_cmd="SOUR1:POW?",
        set_cmd="SOUR1:POW {}",
        unit="dBm",
        minimum=Asked("SOUR1:POW? MIN"),
        maximum=Asked("SOUR1:POW? MAX"),
        doc="Power of the source at port 1, and at all while power_coupled is on (SOURce:POWer).",
    )
    power_coupled = parameter(
        bool,
        get_cmd="SOUR1:POW:COUP?",
        set_cmd="SOUR1:POW:COUP {}",
        doc="Whether all ports have the same power (SOURce:POWer:COUPle).",
    )
    if_bandwidth = parameter(
        float,
        get_cmd="SENS1:BAND?",
        set_cmd=_set_bandwidth,
        unit="Hz",
        validator=Enum(*BANDWIDTHS),
        doc="Bandwidth of the receiver. A model that lacks one takes the next wider one without an error, so that it "
        "is read after it was set, and another than wanted raises InstrumentFaultError; many have 280, 360 and 600 kHz "
        "in place of 300, 500 and 700 kHz (SENSe:BANDwidth).",
    )
    averaging = parameter(
        bool, get_cmd="SENS1:AVER?", set_cmd="SENS1:AVER {}", doc="Whether sweeps are averaged (SENSe:AVERage:STATe)."
    )
    averaging_count = parameter(
        int,
        get_cmd="SENS1:AVER:COUN?",
        set_cmd="SENS1:AVER:COUN {}",
        validator=Ints(1, 65_536),
        doc="Over how many measurements is averaged (SENSe:AVERage:COUNt).",
    )
    averaging_mode = parameter(
        str,
        get_cmd="SENS1:AVER:MODE?",
        set_cmd="SENS1:AVER:MODE {}",
        mapping={"sweep": "SWEEP", "point": "POIN"},
        get_parser=lambda reply: FORMS.get(reply.strip(), reply),
        doc="Whether whole sweeps are averaged, or each point before the next (SENSe:AVERage:MODE).",
    )
    sweep_time_auto = SWEEP_TIME_AUTO
    sweep_time = SWEEP_TIME.replace(
        doc="Time that one sweep takes (SENSe:SWEep:TIME?).",
    )
    sweep_mode = parameter(
        str,
        get_cmd="SENS1:SWE:MODE?",
        set_cmd="SENS1:SWE:MODE {}",
        mapping={"hold": "HOLD", "continuous": "CONT", "groups": "GRO", "single": "SING"},
        validator=Enum("hold", "continuous"),
        doc="How many triggers the channel takes: none, or all. It reads groups or single while measure() or "
        "start_sweep() go on, after which it holds (SENSe:SWEep:MODE).",
    )
    group_count = parameter(
        int,
        get_cmd="SENS1:SWE:GRO:COUN?",
        set_cmd="SENS1:SWE:GRO:COUN {}",
        validator=Ints(1, 2_000_000),
        doc="How many triggers the sweep mode groups takes; measure() sets it to average (SENSe:SWEep:GROups:COUNt).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={"immediate": "IMM", "external": "EXT", "manual": "MAN"},
        doc="What starts a sweep; measure() needs immediate, or triggers that come (TRIGger:SOURce).",
    )
    transfer_format = parameter(
        str,
        get_cmd="FORM?",
        set_cmd="FORM {}",
        mapping={"text": "ASC,0", "float32": "REAL,32", "float64": "REAL,64"},
        get_parser=lambda reply: reply.replace("+", "").replace(" ", ""),
        doc="How arrays travel: as text, or as blocks of single or double precision (FORMat:DATA).",
    )
    byte_order = BYTE_ORDER
    measures_s11 = measures("S11")
    measures_s12 = measures("S12")
    measures_s21 = measures("S21")
    measures_s22 = measures("S22")
    output = OUTPUT.replace(
        doc="Whether there is RF at the ports (OUTPut:STATe).",
    )
    frequencies = swept_frequencies(
        "SENS1:X?", "The frequencies of the sweep; in other sweeps what is swept (SENSe:X?)."
    )
    s11 = s_parameter("S11")
    s12 = s_parameter("S12")
    s21 = s_parameter("S21")
    s22 = s_parameter("S22")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        for function, command, doc in (
            ("start_sweep", "SENS1:SWE:MODE SING", "Begin to sweep once, and do not wait (SENSe:SWEep:MODE SINGle)."),
            ("abort", "ABOR", "End all sweeps; those that are continuous begin anew (ABORt)."),
            ("clear_averages", "SENS1:AVER:CLE", "Begin averages anew (SENSe:AVERage:CLEar)."),
        ):
            self.add_function(function, command, doc=doc)

    def measure(self) -> None:
        """Sweep once, or as often as is averaged, and wait for the end; afterwards the channel holds.

        Averages begin anew. Waits for at most four times the time that the instrument says a sweep takes, because
        corrections sweep from each port, and 5 s. After :class:`~luthier.errors.ResponseTimeoutError` the sweep may
        still go on, or wait for a trigger.
        """
        with self.monitor:
            sweeps, command = 1, "SENS1:SWE:MODE SING"
            count = self.averaging_count.get() if self.averaging.get() else 1
            if count > 1 and self.averaging_mode.get() == "sweep":
                sweeps, command = count, "SENS1:SWE:MODE GRO"
                self.clear_averages()
                self.group_count.set(sweeps)
            self._sweep(command, count)
            self.sweep_mode.cache.invalidate()
            if self.error_policy != "never":
                self.check_errors(command)

    def traces(self) -> dict[str, str]:
        """Return what each trace of channel 1 measures, by its name: ``{"CH1_S11_1": "S11"}``.

        Asks CALCulate:PARameter:CATalog:EXTended?, a string of names and quantities.
        Raises :class:`~luthier.errors.ReplyError` for a reply of another form.
        """
        command = "CALC1:PAR:CAT:EXT?"
        reply = self.query(command)
        words = parse_string(reply).split(",")
        if words in ([""], ["NO CATALOG"]):
            return {}
        if len(words) % 2:
            raise ReplyError(
                f"{command!r} was answered by {reply!r}, which are no pairs",
                command=command,
                reply=reply,
                expected='a string of names and quantities, such as "CH1_S11_1,S11"',
            )
        return dict(zip(words[0::2], words[1::2], strict=True))

    def trace(self, name: str) -> NDArray[np.complex128]:
        """Return the data of one of ``traces()``, also of quantities beside those of two ports, as complex numbers.

        Selects it (CALCulate:PARameter:SELect). Raises :class:`KeyError` where there is no such trace; nothing but the
        question for the names was sent then.
        """
        with self.monitor:
            names = self.traces()
            if name not in names:
                raise KeyError(f"{self.name}: there is no trace {name!r}; there are {', '.join(names) or 'none'}")
            return read_trace(self, name)

    def segments(self) -> tuple[Segment, ...]:
        """Return the segments that are swept while ``sweep_type`` is segmented (SENSe:SEGMent)."""
        return read_segments(self)

    def set_segments(self, segments: Iterable[Segment]) -> None:
        """Replace all segments; set ``sweep_type`` to segmented afterwards, because this makes it linear.

        They have to be in order and must not overlap, because the instrument would move one of them. Where one has a
        bandwidth or a power of its own, the others get that of the channel. Raises
        :class:`~luthier.errors.ValidationError`, before anything is sent, for segments that are not allowed.
        """
        try:
            write_segments(self, tuple(segments))
        finally:
            self.sweep_type.cache.invalidate()
            self.points.cache.invalidate()

    def make_safe(self) -> None:
        """Switch the RF off at all ports."""
        self.output(False)
