"""Some rows of one column as bytes, and back."""

from __future__ import annotations

import json
import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from luthier_measure.storage.column_types import TEXT, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    AnyArray = npt.NDArray[Any]

__all__ = ["Cell", "decode", "encode"]


@frozen
class Cell:
    """The values of one column in a chunk of rows.

    Attributes
    ----------
    rows
        How many.
    dtype
        Of the values here, which may be narrower than the column's; empty where all are missing.
    shapes
        Of the arrays that are there, as JSON; empty for single values.
    missing
        One byte a row, 1 where there is no value; empty where none is missing.
    data
        All values one after the other, little-endian; text as JSON.
    """

    rows: int
    dtype: str
    shapes: str
    missing: bytes
    data: bytes

    @property
    def checksum(self) -> int:
        """CRC-32 of everything."""
        described = f"{self.rows} {self.dtype} {self.shapes}".encode()
        return zlib.crc32(self.data, zlib.crc32(self.missing, zlib.crc32(described)))


def encode(values: Sequence[object], dtype: str | None, ndim: int) -> Cell:
    """Encode values that fit the type and the number of dimensions; ``None`` is a missing one."""
    present = [value for value in values if value is not None]
    missing = b"" if len(present) == len(values) else bytes(value is None for value in values)
    if dtype is None or not present:
        return Cell(len(values), "", "", bytes([1]) * len(values), b"")
    shapes = ""
    if ndim:
        arrays = [np.asarray(value) for value in present]
        shapes = json.dumps([array.shape for array in arrays])
        if dtype != TEXT:
            return Cell(len(values), dtype, shapes, missing, b"".join(_bytes(array, dtype) for array in arrays))
        present = [value for array in arrays for value in array.ravel().tolist()]
    data = json.dumps([text_of(value) for value in present]).encode() if dtype == TEXT else _bytes(present, dtype)
    return Cell(len(values), dtype, shapes, missing, data)


def decode(cells: Sequence[Cell], dtype: str | None, ndim: int) -> AnyArray:
    """Join the cells of a column, as :class:`luthier_measure.storage.TableData` describes it."""
    wanted = dtype or "float64"
    if not ndim:
        parts = [_scalars(cell, wanted) for cell in cells]
        empty = np.empty(0, dtype=_numpy(wanted))
        return np.concatenate(parts) if parts else empty
    rows = [row for cell in cells for row in _rows(cell, wanted)]
    if rows and all(row is not None for row in rows) and len({row.shape for row in rows}) == 1:
        return np.stack(rows)
    result = np.empty(len(rows), dtype=object)
    for number, row in enumerate(rows):
        result[number] = row
    return result


def _bytes(values: Any, dtype: str) -> bytes:
    return np.asarray(values, dtype=_numpy(dtype).newbyteorder("<")).tobytes()


def _numpy(dtype: str) -> np.dtype[Any]:
    return np.dtype(object) if dtype == TEXT else np.dtype(dtype)


def _values(cell: Cell, wanted: str) -> AnyArray:
    if cell.dtype == TEXT:
        return np.array(json.loads(cell.data), dtype=object)
    stored = np.frombuffer(cell.data, dtype=np.dtype(cell.dtype or "float64").newbyteorder("<"))
    return stored.astype(_numpy(wanted))


def _scalars(cell: Cell, wanted: str) -> AnyArray:
    values = _values(cell, wanted)
    if not cell.missing:
        return values
    if wanted == TEXT:
        result = np.full(cell.rows, None, dtype=object)
    else:
        result = np.full(cell.rows, np.nan, dtype=_numpy(wanted) if _numpy(wanted).kind in "fc" else np.float64)
    result[~np.frombuffer(cell.missing, dtype=bool)] = values
    return result


def _rows(cell: Cell, wanted: str) -> list[Any]:
    values, start = _values(cell, wanted), 0
    shapes = iter(json.loads(cell.shapes or "[]"))
    rows: list[Any] = []
    for missing in cell.missing or bytes(cell.rows):
        if missing:
            rows.append(None)
            continue
        shape = next(shapes)
        size = math.prod(shape)
        rows.append(values[start : start + size].reshape(shape))
        start += size
    return rows
