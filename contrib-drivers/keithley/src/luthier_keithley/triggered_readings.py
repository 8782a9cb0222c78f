"""How the 2000 and the 2182A are triggered, read, and made to keep readings in their buffer.

Declarations to be taken over with ``replace(doc=…)``, in which each driver cites its own manual. They are no class to
extend, because inherited parameters come first, and the order in a driver is that in which a snapshot is restored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from luthier import parameter
from luthier.scpi import ArrayFormat
from luthier.validators import Ints, Numbers

from luthier_keithley.endless_triggers import parse_count, send_count

if TYPE_CHECKING:
    from luthier import Instrument
    from numpy.typing import NDArray

__all__ = [
    "buffer",
    "buffer_control",
    "buffer_index",
    "buffer_points",
    "buffer_source",
    "continuous",
    "latest",
    "reading",
    "sample_count",
    "trigger_count",
    "trigger_delay",
    "trigger_source",
]


def _indices(meter: Instrument) -> NDArray[np.int64]:
    return np.arange(meter["buffer_points"].get())


continuous = parameter(bool, get_cmd="INIT:CONT?", set_cmd="INIT:CONT {}")
trigger_source = parameter(
    str,
    get_cmd="TRIG:SOUR?",
    set_cmd="TRIG:SOUR {}",
    mapping={"immediate": "IMM", "external": "EXT", "timer": "TIM", "manual": "MAN", "bus": "BUS"},
)
trigger_count = parameter(
    int,
    get_cmd="TRIG:COUN?",
    set_cmd="TRIG:COUN {}",
    validator=Ints(0, 9999),
    get_parser=parse_count,
    set_parser=send_count,
)
trigger_delay = parameter(float, get_cmd="TRIG:DEL?", set_cmd="TRIG:DEL {}", unit="s", validator=Numbers(0, 999999.999))
sample_count = parameter(int, get_cmd="SAMP:COUN?", set_cmd="SAMP:COUN {}", validator=Ints(1, 1024))
reading = parameter(float, get_cmd="READ?", unit="", relevant_when={"continuous": False}, snapshot=False)
latest = parameter(float, get_cmd="FETC?", unit="", snapshot=False)
buffer_points = parameter(int, get_cmd="TRAC:POIN?", set_cmd="TRAC:POIN {}", validator=Ints(2, 1024))
buffer_source = parameter(
    str,
    get_cmd="TRAC:FEED?",
    set_cmd="TRAC:FEED {}",
    mapping={"readings": "SENS1", "calculation": "CALC1", "nothing": "NONE"},
)
buffer_control = parameter(
    str, get_cmd="TRAC:FEED:CONT?", set_cmd="TRAC:FEED:CONT {}", mapping={"next": "NEXT", "never": "NEV"}
)
buffer_index = parameter(
    np.ndarray,
    get_cmd=_indices,
    shape=("buffer_points",),
    snapshot=False,
    doc="Number of each reading, from 0; computed.",
)
buffer = parameter(
    np.ndarray,
    get_cmd="TRAC:DATA?",
    array=ArrayFormat(),
    shape=("buffer_points",),
    axes=("buffer_index",),
    snapshot=False,
)
