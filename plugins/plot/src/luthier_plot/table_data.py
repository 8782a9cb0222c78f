"""What is kept of a table of a run for drawing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from luthier_plot.coordinates import Coordinates
from luthier_plot.growing import GrowingArray

if TYPE_CHECKING:
    import numpy.typing as npt
    from luthier_measure.storage import Column, Layout, Table, TableData

    AnyArray = npt.NDArray[Any]

__all__ = ["MOST_CELLS", "LiveTable", "Traces"]

MOST_CELLS = 1000
"""Along each direction of an image; of more, every second, third, … is shown."""


class Traces:
    """One array for each point.

    Attributes
    ----------
    latest
        The last array, whole; ``None`` before the first.
    rows
        All of them (of one dimension), thinned to at most :data:`MOST_CELLS` samples by taking every `stride`-th.
    stride, length
        How they were thinned, and the number of samples of the first one.
    """

    def __init__(self) -> None:
        self.latest: AnyArray | None = None
        self.rows = GrowingArray()
        self.stride = 1
        self.length = 0

    def add(self, arrays: AnyArray) -> None:
        """Add the arrays of new points, as :class:`luthier_measure.storage.TableData` has them."""
        present = [array for array in arrays if array is not None]
        if not present:
            if self.length:
                self.rows.extend(np.full((len(arrays), -(-self.length // self.stride)), np.nan))
            return
        self.latest = np.asarray(present[-1])
        if self.latest.ndim != 1:
            return
        if not self.length:
            self.length = len(present[0])
            self.stride = max(1, -(-self.length // MOST_CELLS))
        width = -(-self.length // self.stride)
        thinned = np.full((len(arrays), width), np.nan, dtype=np.result_type(self.latest, np.float64))
        for row, array in enumerate(arrays):
            if array is not None:
                samples = array[: self.length : self.stride]
                thinned[row, : len(samples)] = samples
        self.rows.extend(thinned)


class LiveTable:
    """The points of a table, as far as they are numbers.

    Attributes
    ----------
    times
        Seconds since 1970 of each point.
    steps
        The step along each dimension.
    coordinates
        What was set at these steps.
    scalars
        The values of columns with one number a point.
    traces
        Those of columns with an array a point.
    """

    def __init__(self, table: Table, layout: Layout) -> None:
        self.name = table.name
        self.times = GrowingArray()
        self.steps = [GrowingArray() for _ in table.dimensions]
        self.coordinates = [
            Coordinates(dimension, layout.column(dimension.setpoints[0]) if dimension.setpoints else None)
            for dimension in table.dimensions
        ]
        self.scalars: dict[str, GrowingArray] = {}
        self.traces: dict[str, Traces] = {}

    def __len__(self) -> int:
        """How many points there are."""
        return len(self.times)

    def add(self, news: TableData, layout: Layout) -> None:
        """Add new points."""
        before = len(self)
        for name, values in news.columns.items():
            column = layout.column(name)
            if column.dtype == "text" or (column.dtype is None and values.dtype.kind == "O"):
                continue
            if column.shape:
                self.traces.setdefault(name, Traces()).add(values)
            else:
                self._add_scalars(column, values, before)
        self.times.extend(news.times)
        for steps, coordinates, new in zip(self.steps, self.coordinates, news.indices, strict=True):
            steps.extend(new)
            given = None if coordinates.name is None else news.columns[coordinates.name]
            coordinates.add(new, None if given is None else np.asarray(given, dtype=np.float64))

    def _add_scalars(self, column: Column, values: AnyArray, before: int) -> None:
        if values.dtype.kind not in "biufc":
            return
        kept = self.scalars.setdefault(column.name, GrowingArray())
        if len(kept) < before:
            # Its type was not known, because nothing had come.
            kept.extend(np.full(before - len(kept), np.nan))
        kept.extend(values if values.dtype.kind == "c" else values.astype(np.float64))
