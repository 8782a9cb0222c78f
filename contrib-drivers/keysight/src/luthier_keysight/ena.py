"""The Keysight E5071C and E5071B, ENA vector network analysers.

Commands: as a reference that was made from the E5061A/E5062A Programmer's Guide, E5061-90042, fifth edition, October
2008, has them, compared with PyMeasure's, pylablib's and three smaller drivers of the E5071C; the guide of the E5071C
itself was not at hand. SERVice:SWEep:FREQuency as PyMeasure and a program with an E5071C have it. Not confirmed: what
the instrument does with a value out of range, so that such settings are read after they are set.

The E5080 takes the commands of the PNA, and is not an instrument of this driver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import Asked, Channel, ChannelList, parameter
from luthier.errors import InstrumentFaultError
from luthier.scpi import format_float, parse_float
from luthier.validators import Enum, Ints, Numbers

from luthier_keysight.network_analyzers import (
    BYTE_ORDER,
    OUTPUT,
    SWEEP_TIME,
    SWEEP_TIME_AUTO,
    NetworkAnalyzer,
    complex_trace,
    read_complex,
    swept_frequencies,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from luthier.parameter import Declaration
    from numpy.typing import NDArray

__all__ = ["Ena"]

TRACES = 4
"""As many as there are S-parameters of two ports; the instrument has up to 16."""
BANDWIDTHS = (
    *(step * 10.0**decade for decade in range(1, 5) for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)),
    *(step * 1e5 for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0)),
)
QUANTITIES = ("S11", "S12", "S21", "S22")
LOWEST, HIGHEST = Asked("SERV:SWE:FREQ:MIN?"), Asked("SERV:SWE:FREQ:MAX?")


def _looked_at(header: str, unit: str) -> Callable[[Any, float], None]:
    """Return a set that looks at what the instrument took."""

    def send(vna: Ena, value: float) -> None:
        vna.write(f"{header} {format_float(value)}")
        taken = parse_float(vna.query(f"{header}?"))
        if abs(taken - value) > 1e-9 * abs(value):
            raise InstrumentFaultError(
                f"{header} {value:g}{unit} is not possible; the instrument took {taken:g}{unit}",
                who=vna.name,
                state=f"It is {taken:g}{unit}.",
                advice=f"Set {taken:g}{unit} if that will do.",
            )

    return send


def _read_trace(vna: Ena, number: int) -> NDArray[np.complex128]:
    """Select a trace, and ask for its data."""
    vna.write(f"CALC1:PAR{number}:SEL")
    return read_complex(vna, "CALC1:DATA:SDAT?")


def _measuring(vna: Ena, quantity: str) -> int:
    """Return the number of the first trace that measures something; 0: none does."""
    shown = min(vna.trace_count(), TRACES)
    return next((one.number for one in list(vna.traces)[:shown] if one.quantity() == quantity), 0)


def _s_parameter(quantity: str) -> Declaration[NDArray[Any]]:
    def is_measured(vna: Ena) -> bool:
        return bool(_measuring(vna, quantity))

    is_measured.__doc__ = f"one of the traces measures {quantity}"
    return complex_trace(
        lambda vna: _read_trace(vna, _measuring(vna, quantity)),
        is_measured,
        f"{quantity} as complex numbers, with its correction, from the first of the traces that measures it, which "
        "becomes the active one: what was swept last, see measure() (CALCulate:DATA:SDATa).",
    )


def _is_shown(trace: EnaTrace) -> bool:
    """trace_count reaches it"""  # noqa: D400 - completes a sentence
    return bool(trace.vna.trace_count() >= trace.number)


class EnaTrace(Channel):
    """One of the first traces of channel 1."""

    quantity = parameter(
        str,
        get_cmd="CALC1:PAR{number}:DEF?",
        set_cmd="CALC1:PAR{number}:DEF {}",
        mapping={name: name for name in QUANTITIES},
        relevant_when=_is_shown,
        doc="What is measured (CALCulate:PARameter:DEFine).",
    )

    def __init__(self, parent: Ena, number: int) -> None:
        super().__init__(parent, f"trace{number}")
        self.vna = parent
        self.number = number


class Ena(NetworkAnalyzer):
    """Keysight E5071C and E5071B: vector network analysers; this driver works with channel 1.

    Interfaces: LAN (VXI-11, and a socket on port 5025), GPIB (address 17 from the factory), USB; replies end with a
    line feed. The guide of this model was not at hand: see the documentation of the module.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. :meth:`make_safe` switches the RF off.

    To measure: say how many traces there are and what they measure, ``measure()``, then read ``s21``. Reading a trace
    makes it the active one. Arrays travel as ``transfer_format`` says; the driver never changes it by itself, and
    ``transfer_format("float64")`` is faster than text. Single precision would round frequencies, so that they are not
    read then. Segments, markers, calibration and other channels are left out.

    >>> import luthier
    >>> with luthier.open("keysight.ena", "sim://", name="vna") as vna:
    ...     vna.start(4e9)
    ...     vna.stop(6e9)
    ...     vna.points(201)
    ...     vna.transfer_format("float64")
    ...     vna.trace1.quantity("S21")
    ...     vna.measure()
    ...     trace = vna.s21()
    ...     float(vna.frequencies()[abs(trace).argmin()])
    5000000000.0
    """

    simulator = "keysight.ena"

    start = NetworkAnalyzer.start.replace(
        minimum=LOWEST,
        maximum=HIGHEST,
    )
    stop = NetworkAnalyzer.stop.replace(
        minimum=LOWEST,
        maximum=HIGHEST,
    )
    center = NetworkAnalyzer.center.replace(
        minimum=LOWEST,
        maximum=HIGHEST,
    )
    fixed_frequency = parameter(
        float,
        get_cmd="SENS1:FREQ?",
        set_cmd="SENS1:FREQ {}",
        unit="Hz",
        minimum=LOWEST,
        maximum=HIGHEST,
        doc="Frequency of sweeps of power (SENSe:FREQuency:CW).",
    )
    points = parameter(
        int,
        get_cmd="SENS1:SWE:POIN?",
        set_cmd=_looked_at("SENS1:SWE:POIN", ""),
        get_parser=lambda reply: round(parse_float(reply)),
        validator=Ints(2, 20_001),
        depends_on=("sweep_type",),
        doc="Number of points; a model that has fewer at most takes that many, which raises InstrumentFaultError "
        "(SENSe:SWEep:POINts).",
    )
    power = parameter(
        float,
        get_cmd="SOUR1:POW?",
        set_cmd=_looked_at("SOUR1:POW", " dBm"),
        unit="dBm",
        validator=Numbers(-85, 10),
        doc="Power of the source at port 1, and at all while power_coupled is on. The range depends on options, so "
        "that it is read after it was set, and another than wanted raises InstrumentFaultError (SOURce:POWer).",
    )
    power_coupled = parameter(
        bool,
        get_cmd="SOUR1:POW:PORT:COUP?",
        set_cmd="SOUR1:POW:PORT:COUP {}",
        doc="Whether all ports have the same power (SOURce:POWer:PORT:COUPle).",
    )
    if_bandwidth = parameter(
        float,
        get_cmd="SENS1:BAND?",
        set_cmd=_looked_at("SENS1:BAND", " Hz"),
        unit="Hz",
        validator=Enum(*BANDWIDTHS),
        doc="Bandwidth of the receiver; the steps are not confirmed. It is read after it was set, and another than "
        "wanted raises InstrumentFaultError (SENSe:BANDwidth).",
    )
    averaging = parameter(
        bool, get_cmd="SENS1:AVER?", set_cmd="SENS1:AVER {}", doc="Whether sweeps are averaged (SENSe:AVERage)."
    )
    averaging_count = parameter(
        int,
        get_cmd="SENS1:AVER:COUN?",
        set_cmd=_looked_at("SENS1:AVER:COUN", ""),
        get_parser=lambda reply: round(parse_float(reply)),
        validator=Ints(1, 999),
        doc="Over how many sweeps is averaged; that 999 is the most is not confirmed (SENSe:AVERage:COUNt).",
    )
    averaging_trigger = parameter(
        bool,
        get_cmd="TRIG:AVER?",
        set_cmd="TRIG:AVER {}",
        doc="Whether one trigger sweeps as often as is averaged; measure() switches it on where it averages "
        "(TRIGger:AVERage).",
    )
    sweep_time_auto = SWEEP_TIME_AUTO
    sweep_time = SWEEP_TIME
    continuous = parameter(
        bool,
        get_cmd="INIT1:CONT?",
        set_cmd="INIT1:CONT {}",
        doc="Whether the channel waits for the next trigger after a sweep (INITiate:CONTinuous).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={"internal": "INT", "external": "EXT", "manual": "MAN", "bus": "BUS"},
        doc='What starts a sweep; "internal" sweeps all the time, "bus" is what measure() needs (TRIGger:SOURce).',
    )
    transfer_format = parameter(
        str,
        get_cmd="FORM:DATA?",
        set_cmd="FORM:DATA {}",
        mapping={"text": "ASC", "float32": "REAL32", "float64": "REAL"},
        doc="How arrays travel: as text, or as blocks of single or double precision (FORMat:DATA).",
    )
    byte_order = BYTE_ORDER
    trace_count = parameter(
        int,
        get_cmd="CALC1:PAR:COUN?",
        set_cmd="CALC1:PAR:COUN {}",
        get_parser=lambda reply: round(parse_float(reply)),
        validator=Ints(1, 16),
        doc="How many traces there are; this driver says and reads what the first four measure "
        "(CALCulate:PARameter:COUNt).",
    )
    output = OUTPUT
    frequencies = swept_frequencies("SENS1:FREQ:DATA?", "The frequencies of the sweep (SENSe:FREQuency:DATA).")
    s11 = _s_parameter("S11")
    s12 = _s_parameter("S12")
    s21 = _s_parameter("S21")
    s22 = _s_parameter("S22")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.traces = ChannelList(self, "traces", [EnaTrace(self, number) for number in range(1, TRACES + 1)])
        for function, command, doc in (
            ("trigger", "TRIG:SING", "Begin to sweep, and do not wait (TRIGger:SINGle)."),
            ("abort", "ABOR", "End the sweep (ABORt)."),
            ("clear_averages", "SENS1:AVER:CLE", "Begin averages anew (SENSe:AVERage:CLEar)."),
        ):
            self.add_function(function, command, doc=doc)

    def measure(self) -> None:
        """Sweep once, or as often as is averaged, and wait for the end.

        Ends a sweep that goes on, makes the trigger source "bus" and the channel continuous, which it stays: nothing
        is swept until the next ``measure()``. Averages begin anew. Waits for at most four times the time that the
        instrument says a sweep takes, because corrections sweep from each port, and 5 s. After
        :class:`~luthier.errors.ResponseTimeoutError` the sweep may still go on.
        """
        with self.monitor:
            self.trigger_source.set("bus")
            self.abort()
            self.continuous.set(True)
            count = 1
            if self.averaging.get():
                count = self.averaging_count.get()
                self.averaging_trigger.set(True)
                self.clear_averages()
            self._sweep("TRIG:SING", count)
            if self.error_policy != "never":
                self.check_errors("TRIG:SING")

    def make_safe(self) -> None:
        """Switch the RF off at all ports."""
        self.output(False)
