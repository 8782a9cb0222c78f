"""How columns are typed in a run's file: numpy's names on one side, Arrow's types on the other."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from luthier_measure.errors import UnstorableValueError

if TYPE_CHECKING:
    from luthier_measure.storage.description import Column

__all__ = ["TEXT", "arrow_type", "common_dtype", "inferred", "is_complex"]

TEXT = "text"

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
_WORDS = (
    "numbers (real or complex), True and False, text, members of an Enum, and arrays of numbers, truth values or text"
)


def arrow_type(dtype: str, ndim: int) -> Any:
    """Return the Arrow type of a column: the type of one value inside as many lists as an array has dimensions."""
    arrow = _ARROW[dtype]
    for _ in range(ndim):
        arrow = pa.list_(arrow)
    return arrow


def is_complex(dtype: str) -> bool:
    """Whether values have a real and an imaginary part."""
    return dtype.startswith("complex")


def inferred(value: object, column: Column) -> tuple[str, tuple[int | None, ...]]:
    """Return the type and shape of the column that can hold ``value``.

    Lengths are left open: only a declaration can promise that they stay.

    Raises
    ------
    UnstorableValueError
        No column can hold it.
    """
    if isinstance(value, (list, tuple)):
        try:
            value = np.asarray(value)
        except ValueError:
            raise unstorable(column, value, "lists whose parts are equally long") from None
    if isinstance(value, np.ndarray):
        return _array_dtype(value, column), (None,) * value.ndim
    if isinstance(value, (str, Enum)):
        return TEXT, ()
    if isinstance(value, (bool, np.bool_)):
        return "bool", ()
    if isinstance(value, (int, np.integer)):
        return _integer_dtype(int(value), column), ()
    if isinstance(value, (complex, np.complexfloating)) and not isinstance(value, np.clongdouble):
        return "complex128", ()
    if hasattr(value, "__float__") and not isinstance(value, (np.longdouble, np.clongdouble)):
        return "float64", ()
    raise unstorable(column, value)


def _integer_dtype(value: int, column: Column) -> str:
    for dtype in ("int64", "uint64"):
        limits = np.iinfo(dtype)
        if limits.min <= value <= limits.max:
            return dtype
    raise unstorable(column, value, "whole numbers of up to 64 bits")


def _array_dtype(value: np.ndarray[Any, Any], column: Column) -> str:
    name = TEXT if value.dtype.kind == "U" else "float32" if value.dtype == np.float16 else value.dtype.name
    if name not in _ARROW:
        raise unstorable(column, value)
    return name


def common_dtype(first: str, second: str) -> str | None:
    """Return the type that holds the values of both, or ``None`` when there is none.

    Numbers and text do not mix, truth values and numbers neither, and no float holds all whole numbers of 64 bits.

    Examples
    --------
    >>> common_dtype("int64", "float64"), common_dtype("float64", "complex128"), common_dtype("float64", "text")
    ('float64', 'complex128', None)
    """
    if first == second:
        return first
    if {TEXT, "bool"} & {first, second} or {first, second} == {"int64", "uint64"}:
        return None
    return np.result_type(np.dtype(first), np.dtype(second)).name


def unstorable(column: Column, value: object, allowed: str = _WORDS) -> UnstorableValueError:
    """Return the error that says that a value does not fit a column."""
    text = repr(value) if len(repr(value)) <= _LONGEST else f"{repr(value)[:_LONGEST]}…"
    return UnstorableValueError(
        f"gave {text} ({type(value).__name__}), which cannot be stored: allowed are {allowed}",
        who=column.parameter or column.name,
        state="All other values, of this point too, are stored.",
        advice="Read it through a parameter whose parser turns it into one of these.",
        column=column.name,
        value=text,
        allowed=allowed,
    )


_LONGEST = 80
