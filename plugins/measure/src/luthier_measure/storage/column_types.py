"""Which values a column can hold, and how its type follows from them; the same for all storages."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import attrs
import numpy as np

from luthier_measure.errors import UnstorableValueError

if TYPE_CHECKING:
    from typing import Any

    from luthier_measure.storage.description import Column

__all__ = ["STORABLE", "TEXT", "common_dtype", "inferred", "is_complex", "text_of", "unstorable", "widened"]

TEXT = "text"

STORABLE = (
    "bool",
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float32", "float64", "complex64", "complex128"),
    TEXT,
)
"""The types of columns."""

_WORDS = (
    "numbers (real or complex), True and False, text, members of an Enum, and arrays of numbers, truth values or text"
)


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
    if name not in STORABLE:
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


def widened(column: Column, value: object) -> Column:
    """Return the column as it has to be to hold ``value`` as well; lengths of arrays are not looked at.

    Raises
    ------
    UnstorableValueError
        It cannot.
    """
    if column.shape == () and _is_declared_number(column.dtype, value):
        return column
    dtype, shape = inferred(value, column)
    if column.shape is not None and len(column.shape) != len(shape):
        raise unstorable(column, value, f"{_described(len(column.shape))}, as before")
    common = dtype if column.dtype is None else common_dtype(column.dtype, dtype)
    if common is None:
        raise unstorable(column, value, f"values like those before ({column.dtype})")
    return attrs.evolve(column, dtype=common, shape=shape if column.shape is None else column.shape)


def _is_declared_number(dtype: str | None, value: object) -> bool:
    """Whether a number is of the kind that was declared, and within its range."""
    if dtype is None or dtype == TEXT or isinstance(value, (bool, np.bool_)):
        return False
    kind = np.dtype(dtype).kind
    if kind in "iu" and isinstance(value, (int, np.integer)):
        limits = np.iinfo(dtype)
        return limits.min <= int(value) <= limits.max
    if kind == "f":
        return isinstance(value, (float, np.float32, np.float64))
    return kind == "c" and isinstance(value, (complex, np.complex64, np.complex128))


def text_of(value: object) -> str:
    """Return text as it is stored: a member of an ``Enum`` by its name; raise ``TypeError`` for what is no text."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, str):
        # Half a character (a lone surrogate) cannot be written as UTF-8: show it by its number.
        return value if value.isascii() else value.encode(errors="backslashreplace").decode()
    message = f"{type(value).__name__} is no text"
    raise TypeError(message)


def _described(ndim: int) -> str:
    return f"arrays of {ndim} dimension{'s'[: ndim > 1]}" if ndim else "single values"
