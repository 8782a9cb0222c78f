"""From the values of rows to Arrow's arrays."""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa

from luthier_measure.array_blocks import joined
from luthier_measure.arrow.dtypes import arrow_type
from luthier_measure.storage.column_types import TEXT, is_complex, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    AnyArray = npt.NDArray[Any]

__all__ = ["MisfitError", "encode", "make_ready", "packed"]

_MOST_ELEMENTS = 2**31 - 1  # offsets of Arrow's lists have 32 bits
_CODES = {"float64": "d", "int64": "q", "uint64": "Q"}
_ZEROS: dict[str, object] = {"float64": 0.0, "int64": 0, "uint64": 0, "complex128": 0j, "bool": False, TEXT: ""}


class MisfitError(ValueError):
    """Some of the values are not of the column's type or number of dimensions."""


def make_ready() -> None:
    """Do what pyarrow does at its first conversion: it looks for pandas, which takes up to a second.

    For whoever is about to store points, which would wait for it.
    """
    pa.array([0.0]).to_numpy()


def encode(values: Sequence[object], dtype: str, ndim: int) -> Any:
    """Turn the values of one column into an Arrow array; ``None`` becomes null, NaN stays NaN.

    Nothing is converted that could lose something: text is not read as a number, a float is not cut to a whole number.

    Raises
    ------
    MisfitError
        Some value does not fit.
    """
    try:
        if ndim:
            return _encode_arrays([None if value is None else np.asarray(value) for value in values], dtype, ndim)
        return _encode_scalars(values, dtype)
    except (TypeError, ValueError, OverflowError, AttributeError, pa.ArrowException) as error:
        raise MisfitError(str(error)) from error


def packed(code: str, values: Sequence[object]) -> Any:
    """Return a buffer of the numbers, in the form that ``struct`` knows by that letter.

    ``struct`` takes a quarter of the time of other ways. It is as strict about types as the standard library's arrays,
    which numpy and pyarrow are not; those say what is wrong: ``TypeError``, or ``OverflowError``.
    """
    try:
        return pa.py_buffer(struct.pack(f"{len(values)}{code}", *values))
    except struct.error:
        return pa.py_buffer(array(code, cast("Any", values)))


def _encode_scalars(values: Sequence[object], dtype: str) -> Any:
    try:
        return _encode_present(values, dtype)
    except (TypeError, AttributeError):
        missing = np.fromiter((value is None for value in values), dtype=bool, count=len(values))
        if not missing.any():
            raise
    zero = _ZEROS[dtype]
    present = _encode_present([zero if value is None else value for value in values], dtype)
    nothing = pa.scalar(None, type=present.type)
    return pa.compute.if_else(pa.array(missing), nothing, present)


def _encode_present(values: Sequence[object], dtype: str) -> Any:
    count = len(values)
    if dtype in _CODES:
        return pa.Array.from_buffers(_type(dtype), count, [None, packed(_CODES[dtype], values)])
    if is_complex(dtype):
        parts = [array("d", [getattr(value, part) for value in values]) for part in ("real", "imag")]
        return pa.StructArray.from_arrays([pa.array(np.frombuffer(part)) for part in parts], fields=list(_type(dtype)))
    if dtype == TEXT:
        return pa.array([text_of(value) for value in values], type=pa.utf8())
    return pa.array(values, type=_type(dtype))


def _type(dtype: str) -> Any:
    return arrow_type(dtype, 0)


def _encode_arrays(values: list[AnyArray | None], dtype: str, ndim: int) -> Any:
    present = [value for value in values if value is not None]
    kinds = {(value.ndim, value.dtype) for value in present}
    if any(given_ndim != ndim or not _fits(given, dtype) for given_ndim, given in kinds):
        message = f"not all are arrays of {dtype} in {ndim} dimensions"
        raise MisfitError(message)
    if sum(value.size for value in present) > _MOST_ELEMENTS:
        message = f"more than {_MOST_ELEMENTS} elements"
        raise MisfitError(message)
    missing = None if len(present) == len(values) else pa.array([value is None for value in values])
    result = _encode_elements(present, dtype)
    shapes = [(0,) * ndim if value is None else value.shape for value in values]
    for depth in reversed(range(ndim)):
        offsets = np.zeros(1 + sum(_product(shape[:depth]) for shape in shapes), dtype=np.int32)
        np.cumsum(
            np.concatenate([np.full(_product(shape[:depth]), shape[depth], dtype=np.int32) for shape in shapes]),
            out=offsets[1:],
        )
        result = pa.ListArray.from_arrays(pa.array(offsets), result, mask=None if depth else missing)
    return result


def _fits(given: np.dtype[Any], dtype: str) -> bool:
    return given.kind == "U" if dtype == TEXT else np.can_cast(given, np.dtype(dtype), "safe")


def _encode_elements(arrays: list[AnyArray], dtype: str) -> Any:
    if dtype == TEXT:
        return pa.array([text_of(value) for item in arrays for value in item.ravel().tolist()], type=pa.utf8())
    flat = joined(arrays, np.dtype(dtype))
    if is_complex(dtype):
        parts = [pa.array(np.ascontiguousarray(part)) for part in (flat.real, flat.imag)]
        return pa.StructArray.from_arrays(parts, fields=list(_type(dtype)))
    return pa.array(flat)


def _product(lengths: tuple[int, ...]) -> int:
    result = 1
    for length in lengths:
        result *= length
    return result
