"""How columns are typed in a run's file: numpy's names on one side, Arrow's types on the other."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from luthier_measure.storage.column_types import TEXT

__all__ = ["arrow_type"]

_ARROW: dict[str, Any] = {
    "bool": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "uint8": pa.uint8(),
    "uint16": pa.uint16(),
    "uint32": pa.uint32(),
    "uint64": pa.uint64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "complex64": pa.struct([pa.field("re", pa.float32()), pa.field("im", pa.float32())]),
    "complex128": pa.struct([pa.field("re", pa.float64()), pa.field("im", pa.float64())]),
    TEXT: pa.utf8(),
}


def arrow_type(dtype: str, ndim: int) -> Any:
    """Return the Arrow type of a column: the type of one value inside as many lists as an array has dimensions."""
    arrow = _ARROW[dtype]
    for _ in range(ndim):
        arrow = pa.list_(arrow)
    return arrow
