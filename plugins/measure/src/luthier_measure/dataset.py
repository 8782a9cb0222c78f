"""A run as an ``xarray.Dataset``, shaped as its sweeps."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np

from luthier_measure.gridding import along, largest_shape, on_grid, padded

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import xarray as xr

    from luthier_measure.storage import Column, Dimension, RunReader, Table, TableData
    from luthier_measure.storage.array_rows import ArrayRows

    AnyArray = npt.NDArray[Any]
    Variable = xr.Variable | tuple[tuple[str, ...], AnyArray, dict[str, str]]

__all__ = ["build_dataset"]

_LARGE = 32 << 20
"""Bytes from which on the arrays of a column stay in the file."""


def build_dataset(reader: RunReader) -> xr.Dataset:
    """Arrange the points of a run, finished or not.

    Each dimension of the sweeps is a dimension of the dataset; what was set is a coordinate along it (along all
    dimensions of its table, if it was not the same each time), what was read is a variable. Arrays add their axes as
    dimensions. Where no point was taken yet, there is NaN. Arrays that would take much memory stay in the file, and
    what is asked of them is read each time; ``dataset.load()`` brings all into memory.
    """
    import xarray as xr  # noqa: PLC0415 - it takes half a second, which measuring does not need

    builder = _Builder(reader)
    builder.add_setpoints()
    builder.add_readings()
    return xr.Dataset(builder.variables, builder.coordinates, _attributes(reader))


class _Builder:
    def __init__(self, reader: RunReader) -> None:
        self.variables: dict[str, Variable] = {}
        self.coordinates: dict[str, Variable] = {}
        self._layout = reader.layout
        self._rows = {
            (table.name, name): rows for table in self._layout.tables for name, rows in _large_arrays(reader, table)
        }
        self._reader = reader
        self._data = {table.name: self._read_small(table) for table in self._layout.tables}
        self._sizes = self._planned_or_reached_sizes()
        self._names = {name: name for name in self._sizes}
        self._lengths = self._lengths_along_axes()

    def _read_small(self, table: Table) -> TableData:
        names = [name for name in table.columns if (table.name, name) not in self._rows]
        return self._reader.read(table.name, names)

    def add_setpoints(self) -> None:
        """Add what was set as coordinates."""
        for table in sorted(self._layout.tables, key=lambda table: -len(table.dimensions)):
            for dimension in table.dimensions:
                for name in dimension.setpoints:
                    if name not in self.coordinates and name in table.columns:
                        self._add_setpoint(table, dimension, self._layout.column(name))

    def add_readings(self) -> None:
        """Add what was read as variables, and the axes of arrays as coordinates."""
        for table in self._layout.tables:
            columns = [self._layout.column(name) for name in table.columns]
            for column in columns:
                if column.role == "axis":
                    self._add_axis(table, column)
            for column in columns:
                if column.role == "reading":
                    dimensions = (*self._dimensions(table), *map(self._name, self._inner(column)))
                    lazy = self._lazy(table, column, dimensions)
                    self.variables[column.name] = (
                        (dimensions, self._values(table, column), _describe(column)) if lazy is None else lazy
                    )

    def _add_setpoint(self, table: Table, dimension: Dimension, column: Column) -> None:
        values = self._data[table.name].columns[column.name]
        line = along(*self._steps(dimension, column), self._sizes[dimension.name], column.values)
        if line is not None:
            self.coordinates[column.name] = (self._name(dimension.name),), line, _describe(column)
            return
        # A coordinate along several dimensions may not have the name of one of them.
        if dimension.name == column.name:
            self._names[dimension.name] = f"{dimension.name}_index"
        self.coordinates[column.name] = self._dimensions(table), self._gridded(table, values), _describe(column)

    def _steps(self, dimension: Dimension, column: Column) -> tuple[AnyArray, npt.NDArray[np.int32]]:
        """Return what was set, and at which steps of its dimension, in all tables that have both."""
        values: list[AnyArray] = []
        places: list[npt.NDArray[np.int32]] = []
        for table in self._layout.tables:
            for number, its in enumerate(table.dimensions):
                data = self._data[table.name]
                if its.name == dimension.name and column.name in table.columns and (len(data.times) or not values):
                    values.append(data.columns[column.name])
                    places.append(data.indices[number])
        return np.concatenate(values), np.concatenate(places)

    def _add_axis(self, table: Table, column: Column) -> None:
        values = padded(_filled_forward(self._data[table.name].columns[column.name]), (self._lengths[column.name],))
        if len(values) and all(np.array_equal(values[0], value, equal_nan=True) for value in values[1:]):
            self.coordinates[column.name] = (column.name,), values[0], _describe(column)
        elif len(values):
            self._names[column.name] = f"{column.name}_index"
            dimensions = (*self._dimensions(table), self._name(column.name))
            self.coordinates[column.name] = dimensions, self._gridded(table, values), _describe(column)

    def _lazy(self, table: Table, column: Column, dimensions: tuple[str, ...]) -> xr.Variable | None:
        """Return a variable that stays in the file; ``None`` where its values are in memory, or have to be padded."""
        rows = self._rows.get((table.name, column.name))
        shape = tuple(self._sizes[dimension.name] for dimension in table.dimensions)
        if rows is None or not shape or rows.shape[1:] != tuple(self._lengths[name] for name in self._inner(column)):
            return None
        from luthier_measure.lazy_grid import lazy_variable  # noqa: PLC0415 - it imports xarray

        return lazy_variable(dimensions, rows, self._data[table.name].indices, shape, _describe(column))

    def _values(self, table: Table, column: Column) -> AnyArray:
        if (table.name, column.name) in self._rows:
            values = self._reader.read(table.name, [column.name]).columns[column.name]
        else:
            values = self._data[table.name].columns[column.name]
        if column.shape:
            values = padded(values, tuple(self._lengths[name] for name in self._inner(column)))
        return self._gridded(table, values)

    def _gridded(self, table: Table, values: AnyArray) -> AnyArray:
        shape = tuple(self._sizes[dimension.name] for dimension in table.dimensions)
        if not shape:
            # A table without dimensions has one place, and the last row is in it.
            return values[-1] if len(values) else np.full(values.shape[1:], np.nan)
        return on_grid(values, self._data[table.name].indices, shape)

    def _dimensions(self, table: Table) -> tuple[str, ...]:
        return tuple(self._name(dimension.name) for dimension in table.dimensions)

    def _name(self, dimension: str) -> str:
        return self._names.get(dimension, dimension)

    def _inner(self, column: Column) -> tuple[str, ...]:
        """Return the names of the dimensions of arrays in a column: their axes, or numbers of elements."""
        ndim = len(column.shape or ())
        if len(column.axes) == ndim:
            return column.axes
        return tuple(f"{column.name}_index" if ndim == 1 else f"{column.name}_index_{number}" for number in range(ndim))

    def _planned_or_reached_sizes(self) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for table in self._layout.tables:
            data = self._data[table.name]
            for dimension, places in zip(table.dimensions, data.indices, strict=True):
                reached = int(places.max()) + 1 if len(places) else 0
                sizes[dimension.name] = max(sizes.get(dimension.name, 0), dimension.size or 0, reached)
        return sizes

    def _lengths_along_axes(self) -> dict[str, int]:
        lengths: dict[str, int] = {}
        for table in self._layout.tables:
            for name in table.columns:
                column = self._layout.column(name)
                if column.shape:
                    inner = (name,) if column.role == "axis" else self._inner(column)
                    shape = self._largest_shape(table, column)
                    for axis, length in zip(inner, shape, strict=True):
                        lengths[axis] = max(lengths.get(axis, 0), length or 0)
        return lengths

    def _largest_shape(self, table: Table, column: Column) -> tuple[int | None, ...]:
        rows = self._rows.get((table.name, column.name))
        if rows is not None:
            return rows.shape[1:]
        values = self._data[table.name].columns[column.name]
        declared = column.shape or ()
        return largest_shape(values, len(declared)) if len(values) else declared


def _large_arrays(reader: RunReader, table: Table) -> Iterator[tuple[str, ArrayRows]]:
    for name in table.columns:
        column = reader.layout.column(name)
        if column.role == "reading" and column.shape:
            rows = reader.array_rows(table.name, name)
            if rows is not None and rows.nbytes >= _LARGE:
                yield name, rows


def _filled_forward(values: AnyArray) -> AnyArray:
    """Repeat an axis until it changes: a row without one has that of the row before, or at first the next one."""
    if values.dtype != object or values.ndim != 1:
        return values
    filled = np.empty(len(values), dtype=object)
    last = next((value for value in values if value is not None), None)
    for row, value in enumerate(values):
        last = last if value is None else value
        filled[row] = last
    return filled


def _describe(column: Column) -> dict[str, str]:
    facts = {"long_name": column.label, "units": column.unit, "parameter": column.parameter}
    return {key: text for key, text in facts.items() if text}


def _attributes(reader: RunReader) -> dict[str, str]:
    header = reader.header
    zone = timezone(timedelta(seconds=header.utc_offset))
    facts = {
        "run_id": header.id,
        "name": header.name,
        "sample": header.sample,
        "note": header.note,
        "tags": ", ".join(header.tags),
        "started": datetime.fromtimestamp(header.started, zone).isoformat(timespec="milliseconds"),
        "outcome": reader.outcome,
    }
    return {key: text for key, text in facts.items() if text}
