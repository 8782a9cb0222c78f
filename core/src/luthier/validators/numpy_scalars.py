"""numpy's scalars and arrays, recognised without importing numpy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["is_array", "python_scalar"]

_PLAIN_TYPES = frozenset({float, int, bool, str, complex, type(None)})
_CONVERTIBLE_KINDS = frozenset("biufcU")
"""numpy's one-letter kinds that Python has a type for; dates, durations, bytes, records and objects are left alone."""


def python_scalar(value: object) -> object:
    """Return the Python object of the same value for a numpy scalar or 0-dimensional array, and anything else as it is.

    Dates and durations are left alone (numpy would turn some of them into bare integers), and so are masked values
    and extended-precision numbers that a ``float`` or ``complex`` cannot hold exactly.
    """
    if type(value) in _PLAIN_TYPES:
        return value
    numpy = _loaded_numpy()
    if numpy is None:
        return value
    if isinstance(value, numpy.generic) or (type(value) is numpy.ndarray and is_array(value) and value.ndim == 0):
        return _converted(value)
    return value


def is_array(value: object) -> TypeGuard[NDArray[Any]]:
    """Whether ``value`` is a numpy array."""
    numpy = _loaded_numpy()
    return numpy is not None and isinstance(value, numpy.ndarray)


def _loaded_numpy() -> Any:
    """Return numpy if this process has imported it; where it has not, no value can be of a type of numpy's."""
    numpy = sys.modules.get("numpy")
    return numpy if hasattr(numpy, "ndarray") and hasattr(numpy, "generic") else None  # not while it is half imported


def _converted(scalar: Any) -> object:
    if scalar.dtype.kind not in _CONVERTIBLE_KINDS:
        return scalar
    item = scalar.item()
    if type(item) in _PLAIN_TYPES:
        return item
    narrower = complex(item) if scalar.dtype.kind == "c" else float(item)
    same = narrower == item or narrower != narrower  # noqa: PLR0124 - NaN is the value that differs from itself
    return narrower if same else scalar
