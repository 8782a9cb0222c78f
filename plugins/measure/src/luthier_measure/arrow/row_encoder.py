"""From rows to Arrow batches, with a schema that follows what the values turn out to be."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pyarrow as pa

from luthier_measure.arrow.dtypes import arrow_type
from luthier_measure.arrow.encoding import MisfitError, encode, packed
from luthier_measure.errors import UnstorableValueError
from luthier_measure.storage.column_types import widened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier_measure.storage.description import Column, Layout

__all__ = ["INDEX", "TABLE", "TIME", "RowEncoder", "schema_of"]

TABLE = "_table"
TIME = "_time"
INDEX = "_index_"


def schema_of(layout: Layout) -> Any:
    """Return the Arrow schema of a layout: table number (if several), time, steps, columns of a known type."""
    fields = [pa.field(TABLE, pa.int16())] if len(layout.tables) > 1 else []
    fields.append(pa.field(TIME, pa.float64()))
    deepest = max((len(table.dimensions) for table in layout.tables), default=0)
    fields += [pa.field(f"{INDEX}{number}", pa.int32()) for number in range(deepest)]
    for column in layout.columns:
        if column.dtype is not None and column.shape is not None:
            fields.append(pa.field(column.name, arrow_type(column.dtype, len(column.shape))))
    return pa.schema(fields)


class RowEncoder:
    """Makes batches of rows.

    A column whose type is not declared takes that of its first value. A column of whole numbers becomes one of floats,
    and one of floats one of complex numbers, when such a value comes. What does not fit even so is left out, and
    reported.

    Attributes
    ----------
    layout
        As it is now. It changes while :meth:`encode` or :meth:`grow` runs, and only there.
    schema
        That of the batches made last.
    lock
        Held by whoever calls one of these.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.schema = schema_of(layout)
        self.lock = threading.Lock()
        self._failures: list[UnstorableValueError] = []

    def take_failures(self) -> list[UnstorableValueError]:
        """Give the errors of values that could not be stored, each once."""
        taken, self._failures = self._failures, []
        return taken

    def grow(self, layout: Layout) -> None:
        """Take a layout that has more tables and columns than the present one; the others are the same."""
        self.layout = layout
        self.schema = schema_of(layout)

    def encode(self, table_number: int, values: Sequence[object]) -> Any:
        """Make one batch of whole rows of one table, whose values stand one behind the other."""
        table = self.layout.tables[table_number]
        depth = len(table.dimensions)
        width = 1 + depth + len(table.columns)
        times, *rest = (values[place::width] for place in range(width))
        count = len(times)
        encoded = {TIME: pa.Array.from_buffers(pa.float64(), count, [None, packed("d", times)])}
        for number in range(depth):
            encoded[f"{INDEX}{number}"] = pa.Array.from_buffers(pa.int32(), count, [None, packed("i", rest[number])])
        for name, column in zip(table.columns, rest[depth:], strict=True):
            encoded[name] = self._encode_column(self.layout.column(name), column)
        if len(self.layout.tables) > 1:
            encoded[TABLE] = pa.array(np.full(count, table_number, dtype=np.int16))
        arrays = [
            encoded[field.name] if field.name in encoded else pa.nulls(count, field.type) for field in self.schema
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _encode_column(self, column: Column, values: Sequence[object]) -> Any:
        if column.dtype is not None and column.shape is not None:
            try:
                return encode(values, column.dtype, len(column.shape))
            except MisfitError:
                pass
        column, values = self._fit(column, values)
        self._replace(column)
        if column.dtype is None or column.shape is None:
            return pa.nulls(len(values))
        return encode(values, column.dtype, len(column.shape))

    def _fit(self, column: Column, values: Sequence[object]) -> tuple[Column, list[object]]:
        """Widen the column so that it holds the values, and leave out those for which that is impossible."""
        fitting: list[object] = []
        for value in values:
            try:
                column = column if value is None else widened(column, value)
            except UnstorableValueError as error:
                self._failures.append(error)
                fitting.append(None)
            else:
                fitting.append(value)
        return column, fitting

    def _replace(self, column: Column) -> None:
        columns = tuple(column if column.name == other.name else other for other in self.layout.columns)
        self.layout = attrs.evolve(self.layout, columns=columns)
        self.schema = schema_of(self.layout)
