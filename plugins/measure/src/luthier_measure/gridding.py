"""From points in the order in which they were taken to arrays that are shaped as the sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    AnyArray = npt.NDArray[Any]
    Indices = tuple[npt.NDArray[np.int32], ...]

__all__ = ["along", "largest_shape", "on_grid", "padded"]


def on_grid(values: AnyArray, indices: Indices, shape: tuple[int, ...]) -> AnyArray:
    """Put points, or arrays of one shape, to their places; where there are several for one place, the last one stays.

    Where there is none, NaN stands, among text too; whole numbers and truth values become floats for it.

    Parameters
    ----------
    values
        Shape ``(points, *inner)``.
    indices
        The place of each point along each dimension, each of shape ``(points,)``.
    shape
        Of the grid; the result has the shape ``(*shape, *inner)``.
    """
    reached = np.zeros(shape, dtype=bool)
    reached[indices] = True
    if reached.all():
        result = np.empty((*shape, *values.shape[1:]), dtype=values.dtype)
    else:
        dtype = values.dtype if values.dtype.kind in "fcO" else np.dtype(np.float64)
        result = np.full((*shape, *values.shape[1:]), np.nan, dtype=dtype)
    result[indices] = values
    return result


def along(values: AnyArray, places: npt.NDArray[np.int32], size: int, planned: Sequence[Any] | None) -> AnyArray | None:
    """Arrange what was set along one dimension.

    Returns
    -------
    array of shape (size,) or None
        What was set at each step, completed by what was planned; ``None`` when it was not the same each time.
    """
    if planned is not None and len(planned) == size:
        line = np.array(planned, dtype=object if values.dtype.kind == "O" else None)
        if line.dtype != values.dtype:
            line = line.astype(np.result_type(line, values)) if line.dtype.kind in "iufc" else line.astype(object)
        line[places] = values
    else:
        line = on_grid(values, (places,), (size,))
    again = line[places]
    same = (again == values) | ((again != again) & (values != values))  # noqa: PLR0124 - NaN differs from itself
    return line if bool(np.all(same)) else None


def largest_shape(values: AnyArray, ndim: int) -> tuple[int, ...]:
    """Return the shape that holds each array of a column of :class:`luthier_measure.storage.TableData`."""
    if values.ndim == ndim + 1:
        return values.shape[1:]
    shapes = [value.shape for value in values if value is not None]
    return tuple(max(lengths) for lengths in zip(*shapes, strict=True)) if shapes else (0,) * ndim


def padded(values: AnyArray, shape: tuple[int, ...]) -> AnyArray:
    """Bring arrays to one shape; what is missing is NaN."""
    if values.shape[1:] == shape:
        return values
    present = [value for value in values if value is not None]
    dtype = np.result_type(*present, np.float64) if present else np.dtype(np.float64)
    if present and present[0].dtype.kind == "O":
        dtype = np.dtype(object)
    result = np.full((len(values), *shape), np.nan, dtype=dtype)
    for row, value in enumerate(values):
        if value is not None:
            result[row][tuple(slice(length) for length in value.shape)] = value
    return result
