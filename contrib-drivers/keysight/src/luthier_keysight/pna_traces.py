"""What a PNA measures: its traces by name, their data, and the frequencies of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import parameter
from luthier.errors import IrrelevantParameterError

from luthier_keysight.network_analyzers import complex_trace, read_complex

if TYPE_CHECKING:
    import numpy as np
    from luthier.parameter import Declaration
    from numpy.typing import NDArray

    from luthier_keysight.pna import Pna

__all__ = ["measures", "read_trace", "s_parameter"]


def read_trace(vna: Pna, name: str) -> NDArray[np.complex128]:
    """Select a trace, and ask for its data."""
    vna.write(f"CALC1:PAR:SEL '{name}'")
    return read_complex(vna, "CALC1:DATA? SDATA")


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
    return complex_trace(
        lambda vna: _of_quantity(vna, quantity),
        {f"measures_{quantity.lower()}": True},
        f"{quantity} as complex numbers, with its correction, from the first trace that measures it, which becomes "
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
