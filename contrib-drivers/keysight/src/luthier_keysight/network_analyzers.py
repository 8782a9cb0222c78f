"""What the drivers of network analysers have in common: how a sweep is set, and how its data are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from luthier import ScpiInstrument, parameter
from luthier.errors import ReplyError
from luthier.scpi import ArrayFormat
from luthier.validators import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luthier.parameter import Declaration
    from luthier.scpi import ByteOrder
    from numpy.typing import NDArray

__all__ = [
    "BYTE_ORDER",
    "OUTPUT",
    "SWEEP_TIME",
    "SWEEP_TIME_AUTO",
    "NetworkAnalyzer",
    "complex_trace",
    "read_complex",
    "swept_frequencies",
]

DTYPES = {"text": None, "float32": "f4", "float64": "f8"}


def _widest(vna: NetworkAnalyzer) -> float:
    lowest, highest = vna.start.limits
    assert lowest is not None
    assert highest is not None
    return highest - lowest


def _array_format(vna: Any) -> ArrayFormat:
    dtype = DTYPES[vna.transfer_format.known_or_read()]
    return ArrayFormat(dtype, cast("ByteOrder", vna.byte_order.known_or_read())) if dtype else ArrayFormat()


def _read_real(vna: NetworkAnalyzer, command: str) -> NDArray[np.float64]:
    return np.asarray(vna.query_array(command, _array_format(vna)), dtype=np.float64)


def read_complex(vna: NetworkAnalyzer, command: str) -> NDArray[np.complex128]:
    """Ask for an array of real and imaginary parts in turn, which travels as the instrument is known to send it.

    Raises :class:`~luthier.errors.ReplyError` for an odd number of them.
    """
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


class NetworkAnalyzer(ScpiInstrument):
    """What network analysers have in common; open one of its series.

    A snapshot is restored in the order of declaration. Here is what comes first; what comes after something that only
    one series has is declared in this module, and has its place in the class of the series.
    """

    sweep_type = parameter(
        str,
        get_cmd="SENS1:SWE:TYPE?",
        set_cmd="SENS1:SWE:TYPE {}",
        mapping={"linear": "LIN", "logarithmic": "LOG", "segmented": "SEGM", "power": "POW"},
        doc="What is swept: the frequency, in three ways, or the power (SENSe:SWEep:TYPE).",
    )
    start = parameter(
        float,
        get_cmd="SENS1:FREQ:STAR?",
        set_cmd="SENS1:FREQ:STAR {}",
        unit="Hz",
        depends_on=("stop", "center", "span"),
        doc="First frequency (SENSe:FREQuency:STARt).",
    )
    stop = parameter(
        float,
        get_cmd="SENS1:FREQ:STOP?",
        set_cmd="SENS1:FREQ:STOP {}",
        unit="Hz",
        depends_on=("start", "center", "span"),
        doc="Last frequency (SENSe:FREQuency:STOP).",
    )
    center = parameter(
        float,
        get_cmd="SENS1:FREQ:CENT?",
        set_cmd="SENS1:FREQ:CENT {}",
        unit="Hz",
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
        doc="Width of the sweep (SENSe:FREQuency:SPAN).",
    )

    def _sweep(self, command: str, count: int) -> None:
        """Begin `count` sweeps, and wait for their end; corrections sweep from each port, at most four."""
        longest = 4 * self["sweep_time"].get() * count + 5
        self.write(command)
        self.wait_complete(timeout=longest)


SWEEP_TIME_AUTO = parameter(
    bool,
    get_cmd="SENS1:SWE:TIME:AUTO?",
    set_cmd="SENS1:SWE:TIME:AUTO {}",
    doc="Whether sweeps are as fast as they can be (SENSe:SWEep:TIME:AUTO).",
)
SWEEP_TIME = parameter(
    float,
    get_cmd="SENS1:SWE:TIME?",
    unit="s",
    depends_on=("points", "if_bandwidth", "sweep_type", "sweep_time_auto", "start", "stop"),
    snapshot=False,
    doc="Time that one sweep takes (SENSe:SWEep:TIME).",
)
BYTE_ORDER = parameter(
    str,
    get_cmd="FORM:BORD?",
    set_cmd="FORM:BORD {}",
    mapping={"big": "NORM", "little": "SWAP"},
    doc="Order of the bytes in blocks (FORMat:BORDer).",
)
OUTPUT = parameter(bool, get_cmd="OUTP?", set_cmd="OUTP {}", doc="Whether there is RF at the ports (OUTPut).")


def swept_frequencies(command: str, doc: str) -> Declaration[NDArray[Any]]:
    """Declare the frequencies of the sweep, which single precision would round."""
    return parameter(
        np.ndarray,
        get_cmd=lambda vna: _read_real(vna, command),
        unit="Hz",
        shape=("points",),
        relevant_when={"transfer_format": ("text", "float64")},
        depends_on=("start", "stop", "center", "span", "points", "sweep_type"),
        snapshot=False,
        doc=doc,
    )


def complex_trace(
    read: Callable[[Any], NDArray[np.complex128]], relevant_when: Mapping[str, Any] | Callable[[Any], bool], doc: str
) -> Declaration[NDArray[Any]]:
    """Declare what is measured over the frequencies."""
    return parameter(
        np.ndarray,
        get_cmd=read,
        unit="",
        shape=("points",),
        axes=("frequencies",),
        relevant_when=relevant_when,
        snapshot=False,
        doc=doc,
    )
