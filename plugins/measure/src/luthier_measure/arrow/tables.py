"""Tables of runs as Arrow has them, from whatever storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from luthier_measure.arrow.encoding import encode
from luthier_measure.arrow.row_encoder import INDEX, TIME
from luthier_measure.storage.column_types import TEXT
from luthier_measure.storage.sections import header_sections

if TYPE_CHECKING:
    import numpy.typing as npt

    from luthier_measure.storage import Column, RunReader

__all__ = ["as_arrow"]


def as_arrow(reader: RunReader, table: str) -> Any:
    """Return a table of a run as a ``pyarrow.Table``: one row for each point, in the order in which they were taken.

    The columns are ``_time`` (seconds since 1970), ``_index_0`` and so on (the step along each dimension), and one for
    each quantity under its name; of complex numbers a struct of ``re`` and ``im``, of arrays a list. Each has ``unit``,
    ``label`` and ``parameter`` in its metadata where they are not empty, the table has those of the run's file.

    Raises
    ------
    UnknownTableError
        The run has no such table.
    """
    columns = [reader.layout.column(name) for name in reader.layout.table(table).columns]
    data = reader.read(table)
    fields = [pa.field(TIME, pa.float64())]
    arrays = [pa.array(data.times)]
    for number, places in enumerate(data.indices):
        fields.append(pa.field(f"{INDEX}{number}", pa.int32()))
        arrays.append(pa.array(places))
    for column in columns:
        array = _array(data.columns[column.name], column)
        facts = {"unit": column.unit, "label": column.label, "parameter": column.parameter}
        fields.append(pa.field(column.name, array.type, metadata={key: text for key, text in facts.items() if text}))
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=header_sections(reader.header)))


def _array(values: npt.NDArray[Any], column: Column) -> Any:
    if column.dtype is None:  # nothing ever came
        return pa.nulls(len(values))
    if not column.shape:
        dtype = TEXT if values.dtype.kind == "O" else values.dtype.name
        return encode(values.tolist(), dtype, 0) if dtype in (TEXT, "bool") else _numbers(values)
    present = [np.asarray(value) for value in values if value is not None]
    dtype = column.dtype if column.dtype == TEXT or not present else np.result_type(*present).name
    return encode(list(values), dtype, len(column.shape))


def _numbers(values: npt.NDArray[Any]) -> Any:
    if values.dtype.kind != "c":
        return pa.array(values)
    parts = [pa.array(np.ascontiguousarray(part)) for part in (values.real, values.imag)]
    return pa.StructArray.from_arrays(parts, names=["re", "im"])
