"""Arrays on the grid of a sweep that xarray reads when they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from xarray import Variable
from xarray.backends import BackendArray
from xarray.core import indexing

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from luthier_measure.storage.array_rows import ArrayRows

__all__ = ["lazy_variable"]


def lazy_variable(
    dimensions: tuple[str, ...],
    rows: ArrayRows,
    indices: tuple[npt.NDArray[np.int32], ...],
    shape: tuple[int, ...],
    attributes: Mapping[str, str],
) -> Variable:
    """Make a variable that reads from the run's file what is asked of it, each time anew.

    Parameters
    ----------
    dimensions
        Of the grid and then of the arrays.
    rows
        The arrays, in the order in which they were taken.
    indices
        The place of each along each dimension of the grid.
    shape
        Of the grid.
    attributes
        Of the variable.
    """
    places = np.full(shape, -1, dtype=np.int64)
    places[indices] = np.arange(rows.shape[0])
    return Variable(dimensions, indexing.LazilyIndexedArray(_GridOfArrays(rows, places)), dict(attributes))


class _GridOfArrays(BackendArray):
    def __init__(self, rows: ArrayRows, places: npt.NDArray[np.int64]) -> None:
        self._rows = rows
        self._places = places
        self.shape = (*places.shape, *rows.shape[1:])
        whole = rows.dtype.kind in "fc" or bool((places >= 0).all())
        self.dtype = rows.dtype if whole else np.dtype(np.float64)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        support = indexing.IndexingSupport.OUTER
        return indexing.explicit_indexing_adapter(key, self.shape, support, self._get)

    def _get(self, key: tuple[Any, ...]) -> npt.NDArray[Any]:
        """Read what an index for each dimension, independent of each other, asks for."""
        depth = self._places.ndim
        places: npt.NDArray[np.int64] = self._places
        for axis in range(depth - 1, -1, -1):
            places = places[(slice(None),) * axis + (key[axis],)]
        places = np.asarray(places)
        taken = self._rows.take(places.ravel(), key[depth:])
        return taken.reshape((*places.shape, *taken.shape[1:])).astype(self.dtype, copy=False)
