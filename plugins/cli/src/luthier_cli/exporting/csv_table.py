"""Runs as CSV: one row for each point, in the order in which they were taken.

Arrays are written in long form: one row for each element, the values of the point repeated beside it.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
from luthier.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt
    from luthier_measure.storage import Column, RunReader

    AnyArray = npt.NDArray[Any]

__all__ = ["write"]

_AT_ONCE = 10_000
_TIME = "taken_at (s)"
"""Seconds since 1970, by the clock of the computer that measured."""


def write(reader: RunReader, table: str, stream: TextIO, advance: Callable[[int], None]) -> int:
    """Write a table of a run.

    The first line names the columns with their units: what was set, what was read, and ``taken_at``, in seconds since
    1970. Floats are written so that they read back exactly. Of complex numbers, real and imaginary part are columns.

    Parameters
    ----------
    reader
        The run.
    table
        The name of the table.
    stream
        Where to write to.
    advance
        Told from time to time how many further points were written.

    Returns
    -------
    int
        How many rows were written, the first line not counted.

    Raises
    ------
    UsageError
        It has arrays along different axes, which cannot share rows. Nothing was written.
    """
    export = _Export(reader, table)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(export.headings())
    count = 0
    for points, columns in export.blocks():
        rows = len(columns[0])
        writer.writerows(zip(*columns, strict=True))
        count += rows
        advance(points)
    return count


class _Export:
    def __init__(self, reader: RunReader, table: str) -> None:
        columns = [reader.layout.column(name) for name in reader.layout.table(table).columns]
        self._reader = reader
        self._data = reader.read(table)
        self._scalars = [column for column in columns if not column.shape]
        self._arrays = [column for column in columns if column.shape and column.role != "axis"]
        if len({(column.axes, column.shape) for column in self._arrays}) > 1:
            names = ", ".join(column.name for column in self._arrays)
            raise UsageError(
                f"the arrays {names} lie along different axes, which rows of CSV cannot hold together",
                state="Nothing was written.",
                advice="Write NetCDF: --to netcdf.",
            )
        self._axes = self._axis_columns()

    def headings(self) -> list[str]:
        """Return the first line."""
        cells = [self._scalars, self._axes, self._arrays]
        return [heading for columns in cells for column in columns for heading in self._headings_of(column)] + [_TIME]

    def blocks(self) -> Iterator[tuple[int, list[list[Any]]]]:
        """Yield numbers of points, and the columns with their rows."""
        points = len(self._data.times)
        if self._arrays:
            axes = [self._axis_values(axis, points) for axis in self._axes]
            for point in range(points):
                yield 1, self._elements(point, axes)
            return
        for start in range(0, points, _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            columns = [cells for column in self._scalars for cells in _cells(self._data.columns[column.name][part])]
            yield len(self._data.times[part]), [*columns, self._data.times[part].tolist()]

    def _headings_of(self, column: Column) -> list[str]:
        unit = f" ({column.unit})" if column.unit else ""
        if column.dtype is not None and column.dtype.startswith("complex"):
            return [f"{column.name}_real{unit}", f"{column.name}_imaginary{unit}"]
        return [f"{column.name}{unit}"]

    # Arrays

    def _axis_columns(self) -> list[Column]:
        """Return the axes of the arrays; where they have none, numbers of elements."""
        from luthier_measure.storage import Column  # noqa: PLC0415 - slow to import

        if not self._arrays:
            return []
        first = self._arrays[0]
        if first.axes:
            return [self._reader.layout.column(name) for name in first.axes]
        return [Column(f"{first.name}_index_{number}", "axis") for number in range(len(first.shape or ()))]

    def _axis_values(self, axis: Column, points: int) -> Sequence[AnyArray | None]:
        """Return an axis for each point; it is stored only where it changed."""
        given: Sequence[AnyArray | None] = (None,) * points
        for table in self._reader.layout.tables:
            if axis.name in table.columns:
                own = self._data.columns.get(axis.name)
                given = list(self._reader.read(table.name).columns[axis.name]) if own is None else list(own)
        last, filled = None, []
        for value in given:
            last = last if value is None else value
            filled.append(last)
        return filled if len(filled) == points else [last] * points

    def _elements(self, point: int, axes: Sequence[Sequence[AnyArray | None]]) -> list[list[Any]]:
        arrays = [self._data.columns[column.name][point] for column in self._arrays]
        shape = next((array.shape for array in arrays if array is not None), (0,) * len(axes))
        size = int(np.prod(shape))
        places = np.indices(shape)
        single = [self._data.columns[column.name][[point]] for column in self._scalars]
        columns = [cells * size for values in single for cells in _cells(values)]
        columns += [_at(values[point], place.ravel()) for values, place in zip(axes, places, strict=True)]
        for column, array in zip(self._arrays, arrays, strict=True):
            missing = np.full(shape, np.nan, dtype=column.dtype if column.dtype != "text" else object)
            columns += _cells((missing if array is None else array).ravel())
        return [*columns, [float(self._data.times[point])] * size]


def _at(axis: AnyArray | None, places: AnyArray) -> list[Any]:
    """Return the values of an axis at some places; without an axis, the places themselves."""
    if axis is None:
        return [int(place) for place in places]
    return [axis[place].item() if place < len(axis) else None for place in places]


def _cells(values: AnyArray) -> list[list[Any]]:
    """Return one column of cells, or of complex numbers two."""
    if values.dtype.kind == "c":
        return [values.real.tolist(), values.imag.tolist()]
    return [values.tolist()]
