"""Values as plain JSON data and back, for snapshots."""

from __future__ import annotations

from enum import Enum
from math import isfinite
from typing import Any

__all__ = ["from_plain", "to_plain"]

_LONGEST = 1000
"""Arrays with more elements than this are described, not written out."""


def to_plain(value: Any) -> Any:
    """Return ``value`` as strict JSON data (no NaN, no infinity as such).

    Numbers, text, booleans, ``None``, lists, tuples and dictionaries stay what they are (tuples become lists). What
    JSON cannot say becomes a dictionary of one marked key: ``$float`` (``"nan"``, ``"inf"``, ``"-inf"``), ``$complex``,
    ``$enum`` (the member's name), ``$array`` (dtype, shape, and the values of short ones), ``$repr`` for the rest.

    >>> to_plain({"x": float("nan"), "y": 1 + 2j})
    {'x': {'$float': 'nan'}, 'y': {'$complex': [1.0, 2.0]}}
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Enum):
        return {"$enum": value.name}
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if isfinite(value) else {"$float": repr(float(value))}
    if isinstance(value, complex):
        return {"$complex": [to_plain(value.real), to_plain(value.imag)]}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if hasattr(value, "dtype"):
        return _array_to_plain(value)
    return {"$repr": repr(value)}


def from_plain(data: Any, *, enum: type[Enum] | None = None) -> Any:
    """Return the value that ``data`` stands for; ``enum`` is the class of marked members.

    Described arrays and ``$repr`` cannot be brought back and are returned as they are.
    """
    if isinstance(data, list):
        return [from_plain(item, enum=enum) for item in data]
    if not isinstance(data, dict):
        return data
    match data:
        case {"$float": str(text)}:
            return float(text)
        case {"$complex": [real, imaginary]}:
            return complex(from_plain(real), from_plain(imaginary))
        case {"$enum": str(name)} if enum is not None:
            return enum[name]
        case {"$array": {"values": values, "dtype": dtype}}:
            import numpy as np  # noqa: PLC0415 - the core works without numpy

            return np.asarray(from_plain(values), dtype=dtype)
    return {key: from_plain(item, enum=enum) for key, item in data.items()}


def _array_to_plain(array: Any) -> Any:
    if not array.shape:
        return to_plain(array.item())
    description = {"dtype": str(array.dtype), "shape": list(array.shape)}
    if array.size <= _LONGEST:
        description["values"] = to_plain(array.tolist())
    return {"$array": description}
