"""What a 2450 measures, and the buffer that it measures into.

Pages: Model 2450 Interactive SourceMeter Instrument Reference Manual, 2450-901-01 Rev. B, September 2013, section 6, of
which only parts were at hand; averaging, sensing and ranges as PyMeasure 0.16 and QCoDeS 0.58 have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, parameter
from luthier.scpi import parse_float
from luthier.validators import Enum, Ints, Numbers

from luthier_keithley.averaging import averaging_count_declaration, averaging_type_declaration

if TYPE_CHECKING:
    from luthier.parameter import Declaration
    from numpy.typing import NDArray

__all__ = ["Ammeter", "Ohmmeter", "ReadingBuffer", "Voltmeter"]


def _range(unit: str, *ranges: float) -> Declaration[float]:
    return parameter(
        float,
        get_cmd="SENS:{header}:RANG?",
        set_cmd="SENS:{header}:RANG {}",
        unit=unit,
        validator=Enum(*ranges),
        depends_on=("auto_range",),
        doc="Measuring range; what is sourced is measured on the source's range. Setting it ends automatic ranging "
        "(:SENSe:<function>:RANGe).",
    )


class Measured(Channel):
    """What all three have; ``header`` is in their commands."""

    header = ""

    auto_range = parameter(
        bool,
        get_cmd="SENS:{header}:RANG:AUTO?",
        set_cmd="SENS:{header}:RANG:AUTO {}",
        depends_on=("range",),
        doc="The instrument chooses the range (:SENSe:<function>:RANGe:AUTO).",
    )
    nplc = parameter(
        float,
        get_cmd="SENS:{header}:NPLC?",
        set_cmd="SENS:{header}:NPLC {}",
        unit="",
        validator=Numbers(0.01, 10),
        doc="Integration time in periods of the mains (:SENSe:<function>:NPLCycles, page 6-48).",
    )
    remote_sense = parameter(
        bool,
        get_cmd="SENS:{header}:RSEN?",
        set_cmd="SENS:{header}:RSEN {}",
        doc="Four-wire sensing. Whether changing it switches the output off is not confirmed "
        "(:SENSe:<function>:RSENse).",
    )
    auto_zero = parameter(
        bool,
        get_cmd="SENS:{header}:AZER?",
        set_cmd="SENS:{header}:AZER {}",
        doc="Whether zero and reference are measured with each reading (:SENSe:<function>:AZERo:STATe).",
    )
    averaging_type = averaging_type_declaration("SENS:{header}:AVER", ":SENSe:<function>:AVERage").replace(
        get_parser=lambda reply: reply.strip().upper()[:3]
    )
    averaging_count = averaging_count_declaration("SENS:{header}:AVER", ":SENSe:<function>:AVERage:COUNt")
    averaging = parameter(
        bool,
        get_cmd="SENS:{header}:AVER?",
        set_cmd="SENS:{header}:AVER {}",
        doc="Whether readings are averaged (:SENSe:<function>:AVERage:STATe).",
    )


class Voltmeter(Measured):
    """Measuring voltage."""

    header = "VOLT"

    range = _range("V", 0.02, 0.2, 2.0, 20.0, 200.0)


class Ammeter(Measured):
    """Measuring current."""

    header = "CURR"

    range = _range("A", 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)


class Ohmmeter(Measured):
    """Measuring resistance."""

    header = "RES"

    range = _range("Ω", *(2.0 * 10.0**decade for decade in range(1, 9)))


def _stored(buffer: ReadingBuffer) -> int:
    # Asked each time, because every measurement changes it.
    return buffer.count()


def _indices(buffer: ReadingBuffer) -> NDArray[np.int64]:
    return np.arange(buffer.count())


def _elements(name: str) -> Any:
    def read(buffer: ReadingBuffer) -> NDArray[np.float64]:
        count = buffer.count()
        reply = buffer.query(f'TRAC:DATA? 1,{count},"defbuffer1",{name}') if count else ""
        return np.array([parse_float(field) for field in reply.split(",") if field])

    return read


class ReadingBuffer(Channel):
    """The reading buffer that readings go to, ``defbuffer1``."""

    count = parameter(
        int,
        get_cmd='TRAC:ACT? "defbuffer1"',
        snapshot=False,
        doc="How many readings are in the buffer (:TRACe:ACTual?).",
    )
    size = parameter(
        int,
        get_cmd='TRAC:POIN? "defbuffer1"',
        set_cmd='TRAC:POIN {},"defbuffer1"',
        validator=Ints(10, None),
        depends_on=("count",),
        doc="For how many readings there is room; setting it empties the buffer (:TRACe:POINts).",
    )
    index = parameter(
        np.ndarray, get_cmd=_indices, shape=("count",), snapshot=False, doc="Number of each reading, from 0; computed."
    )
    readings = parameter(
        np.ndarray,
        get_cmd=_elements("READ"),
        shape=(_stored,),
        axes=("index",),
        snapshot=False,
        doc="What was measured, in the unit of measure_function (:TRACe:DATA?, page 6-109).",
    )
    source_values = parameter(
        np.ndarray,
        get_cmd=_elements("SOUR"),
        shape=(_stored,),
        axes=("index",),
        snapshot=False,
        doc="What was sourced meanwhile, in the unit of source_function (:TRACe:DATA?, page 6-109).",
    )
    times = parameter(
        np.ndarray,
        get_cmd=_elements("REL"),
        unit="s",
        shape=(_stored,),
        axes=("index",),
        snapshot=False,
        doc="When they were taken, since the first one (:TRACe:DATA?, page 6-109).",
    )

    def __init__(self, parent: Any, name: str) -> None:
        super().__init__(parent, name)
        self.add_function("clear", 'TRAC:CLE "defbuffer1"', doc="Empty the buffer (:TRACe:CLEar).")
