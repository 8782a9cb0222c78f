"""From Arrow's arrays back to numpy's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from luthier_measure.storage.column_types import TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    AnyArray = npt.NDArray[Any]

__all__ = ["decode"]


def decode(chunks: Sequence[Any], dtype: str, ndim: int) -> AnyArray:
    """Join Arrow arrays of one column into a numpy array, as :class:`luthier_measure.storage.TableData` describes it.

    The chunks may be of narrower types than ``dtype``; an all-null chunk may be of Arrow's null type.
    """
    if ndim == 0:
        return _joined([_scalars(chunk, dtype) for chunk in chunks], dtype)
    parts = [_arrays(chunk, dtype, ndim) for chunk in chunks if len(chunk)]
    if parts and all(part.ndim == ndim + 1 for part in parts) and len({part.shape[1:] for part in parts}) == 1:
        return _joined(parts, dtype)
    result = np.empty(sum(map(len, parts)), dtype=object)
    for number, row in enumerate(row for part in parts for row in part):
        result[number] = row
    return result


def _joined(parts: list[AnyArray], dtype: str) -> AnyArray:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([np.empty((0, *parts[0].shape[1:]) if parts else 0, _numpy_dtype(dtype)), *parts])


def _numpy_dtype(dtype: str) -> np.dtype[Any]:
    return np.dtype(object) if dtype == TEXT else np.dtype(dtype)


def _scalars(chunk: Any, dtype: str) -> AnyArray:
    if pa.types.is_null(chunk.type):
        return np.full(len(chunk), None if dtype == TEXT else np.nan)
    if pa.types.is_struct(chunk.type):
        # Not real + 1j * imaginary, which would make NaN of an infinite part.
        result = np.empty(len(chunk), dtype=np.dtype(dtype))
        result.real, result.imag = (_scalars(part, dtype) for part in chunk.flatten())
        return result
    if pa.types.is_boolean(chunk.type) and chunk.null_count:
        chunk = chunk.cast(pa.int8())
    values: AnyArray = chunk.to_numpy(zero_copy_only=False)
    return values


def _arrays(chunk: Any, dtype: str, ndim: int) -> AnyArray:
    if pa.types.is_null(chunk.type):
        return np.full(len(chunk), None)
    valid = chunk.is_valid().to_numpy(zero_copy_only=False)
    begins, ends = np.arange(len(chunk)), np.arange(1, len(chunk) + 1)
    lengths = np.ones(len(chunk), dtype=np.int64)
    shapes = np.zeros((len(chunk), ndim), dtype=np.int64)
    for depth in range(ndim):
        # All lists inside one array are equally long, so its length in a dimension is the total by the number of lists.
        offsets = chunk.offsets.to_numpy()
        begins, ends = offsets[begins], offsets[ends]
        shapes[:, depth] = (ends - begins) // np.maximum(lengths, 1)
        lengths = ends - begins
        chunk = chunk.values
    flat = _scalars(chunk, dtype)
    if valid.all() and (shapes == shapes[0]).all():
        return flat[begins[0] : ends[-1]].reshape(len(shapes), *shapes[0])
    rows = np.empty(len(shapes), dtype=object)
    for row in np.flatnonzero(valid):
        rows[row] = flat[begins[row] : ends[row]].reshape(shapes[row])
    return rows
