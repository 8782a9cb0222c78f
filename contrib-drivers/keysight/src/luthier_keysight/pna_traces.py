"""What a PNA measures: its traces by name, their data, and the frequencies of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from luthier import parameter
from luthier.errors import IrrelevantParameterError, ReplyError
from luthier.scpi import ArrayFormat

if TYPE_CHECKING:
    from luthier.parameter import Declaration
    from luthier.scpi import ByteOrder
    from numpy.typing import NDArray

    from luthier_keysight.pna import Pna

__all__ = ["measures", "read_frequencies", "read_trace", "s_parameter"]

DTYPES = {"text": None, "float32": "f4", "float64": "f8"}


def _array_format(vna: Pna) -> ArrayFormat:
    dtype = DTYPES[vna.transfer_format.known_or_read()]
    return ArrayFormat(dtype, cast("ByteOrder", vna.byte_order.known_or_read())) if dtype else ArrayFormat()


def read_frequencies(vna: Pna) -> NDArray[np.float64]:
    """Ask for what was swept."""
    return np.asarray(vna.query_array("SENS1:X?", _array_format(vna)), dtype=np.float64)


def read_trace(vna: Pna, name: str) -> NDArray[np.complex128]:
    """Select a trace, and ask for its data."""
    vna.write(f"CALC1:PAR:SEL '{name}'")
    numbers = vna.query_array("CALC1:DATA? SDATA", _array_format(vna))
    if len(numbers) % 2:
        raise ReplyError(
            f"'CALC1:DATA? SDATA' was answered by {len(numbers)} numbers, which are no pairs",
            command="CALC1:DATA? SDATA",
            reply=f"{len(numbers)} numbers",
            expected="pairs of a real and an imaginary part",
            advice="Read transfer_format and byte_order anew: somebody may have changed them.",
        )
    return np.asarray(numbers[0::2] + 1j * numbers[1::2], dtype=np.complex128)


def _of_quantity(vna: Pna, quantity: str) -> NDArray[np.complex128]:
    names = [name for name, measured in vna.traces().items() if measured == quantity]
    if not names:
        raise IrrelevantParameterError(
            f"cannot read it: no trace of channel 1 measures {quantity} any more",
            state="No data were asked for.",
            advice=f"Set measures_{quantity.lower()} to True, and measure.",
            condition=f"measures_{quantity.lower()} is True",
        )
    return read_trace(vna, names[0])


def _measure(vna: Pna, quantity: str, *, wanted: bool) -> None:
    names = [name for name, measured in vna.traces().items() if measured == quantity]
    if wanted and not names:
        vna.write(f"CALC1:PAR:DEF:EXT '{quantity}','{quantity}'")
    for name in names if not wanted else ():
        vna.write(f"CALC1:PAR:DEL '{name}'")


def s_parameter(quantity: str) -> Declaration[NDArray[Any]]:
    """Declare an S-parameter."""
    return parameter(
        np.ndarray,
        get_cmd=lambda vna: _of_quantity(vna, quantity),
        unit="",
        shape=("points",),
        axes=("frequencies",),
        relevant_when={f"measures_{quantity.lower()}": True},
        snapshot=False,
        doc=f"{quantity} as complex numbers, with its correction, from the first trace that measures it, which becomes "
        "the selected one: what was swept last, see measure() (CALCulate:DATA? SDATA).",
    )


def measures(quantity: str) -> Declaration[bool]:
    """Declare whether something is measured."""
    return parameter(
        bool,
        get_cmd=lambda vna: quantity in vna.traces().values(),
        set_cmd=lambda vna, wanted: _measure(vna, quantity, wanted=wanted),
        doc=f"Whether a trace of channel 1 measures {quantity}. Setting it makes a trace of that name, which is not "
        "shown in a window, or deletes all traces that measure it (CALCulate:PARameter:DEFine:EXTended, :DELete).",
    )
