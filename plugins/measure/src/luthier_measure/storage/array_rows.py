"""Arrays of one shape, one for each row, that are read when they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    AnyArray = npt.NDArray[Any]
    InnerKey = tuple[int | slice | npt.NDArray[np.integer[Any]], ...]

__all__ = ["ArrayRows"]


class ArrayRows:
    """A column of arrays in pieces of rows.

    Parameters
    ----------
    pieces
        The number of rows of each piece, and what gives its arrays, of shape ``(rows, *inner)``; called each time that
        one of its rows is wanted.
    inner
        The shape of one array.
    dtype
        Of all.

    Attributes
    ----------
    shape
        ``(rows, *inner)``.
    """

    def __init__(
        self, pieces: Sequence[tuple[int, Callable[[], AnyArray]]], inner: tuple[int, ...], dtype: np.dtype[Any]
    ) -> None:
        self._load = [load for _, load in pieces]
        self._starts = np.concatenate([[0], np.cumsum([rows for rows, _ in pieces], dtype=np.int64)]).astype(np.int64)
        self.shape = (int(self._starts[-1]), *inner)
        self.dtype = dtype

    @property
    def nbytes(self) -> int:
        """The memory that all of them would take."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def take(self, rows: npt.NDArray[np.integer[Any]], inner: InnerKey) -> AnyArray:
        """Read some rows, or a part of each; a row of -1 gives NaN.

        Parameters
        ----------
        rows
            Which, in any order, shape ``(n,)``.
        inner
            An index for each dimension of an array, independent of each other.

        Returns
        -------
        array of shape (n, *inner)
            Of floats, where a row is -1 and whole numbers have no NaN.
        """
        empty = _outer(np.empty((0, *self.shape[1:]), self.dtype), inner)
        missing = rows < 0
        plain = self.dtype.kind in "fc" or not missing.any()
        result = np.empty((len(rows), *empty.shape[1:]), self.dtype if plain else np.float64)
        if missing.any():
            result[missing] = np.nan
        pieces = np.searchsorted(self._starts, rows, side="right") - 1
        for piece in np.unique(pieces[~missing]):
            wanted = np.flatnonzero((pieces == piece) & ~missing)
            within = rows[wanted] - self._starts[piece]
            result[wanted] = _outer(self._load[piece](), inner, within)
        return result


def _outer(values: AnyArray, inner: InnerKey, rows: npt.NDArray[np.integer[Any]] | None = None) -> AnyArray:
    """Index the dimensions one after the other, from the last: what is behind an integer keeps its place."""
    for axis in range(len(inner), 0, -1):
        key: Any = (slice(None),) * axis + (inner[axis - 1],)
        values = values[key]
    return values if rows is None else values[rows]
