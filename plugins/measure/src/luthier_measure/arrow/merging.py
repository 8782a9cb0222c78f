"""Making one stream of a few large batches out of many small ones."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from luthier_measure.arrow.framing import END_OF_STREAM, encode_batch, encode_schema, scan
from luthier_measure.arrow.row_encoder import TABLE, schema_of
from luthier_measure.arrow.run_file import synchronise, write_all
from luthier_measure.storage.sections import united

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luthier_measure.storage.description import Layout

__all__ = ["MERGING_SUFFIX", "is_worth_merging", "map_file", "merge"]

MERGING_SUFFIX = ".merging"

_ROWS = 65_536
_BYTES = 4 << 20
_TINY_FILE = 1 << 20
_SMALL_FILE = 64 << 20
_TINY_BATCH = 64 << 10
_SMALL_BATCH = 1 << 20
_TRIES = 5
_PAUSE = 0.05


def is_worth_merging(size: int, batches: int) -> bool:
    """Whether a file is quickly copied, or slow to read as it is."""
    mean = size / max(batches, 1)
    return size < _TINY_FILE or mean < _TINY_BATCH or (size < _SMALL_FILE and mean < _SMALL_BATCH)


def map_file(path: Path) -> Any:
    """Return the contents of a file as a buffer, without reading it as a whole; of any file system, empty files too."""
    try:
        # Arrow refuses text with halves of characters, which names of folders that are not UTF-8 have.
        with pa.memory_map(str(path) if sys.platform == "win32" else os.fsencode(path)) as file:
            return file.read_buffer()
    except (OSError, pa.ArrowException):
        return pa.py_buffer(path.read_bytes())


def merge(path: Path, layout: Layout) -> bool:
    """Replace a run's file by one that says the same in one stream.

    The new file is complete and on the disk before it takes the old one's name, so that a crash at any moment leaves
    one or the other; whoever has the old one open goes on reading it.

    Returns
    -------
    bool
        ``False`` when the old file stays, because somebody holds it open (Windows) or the disk is full. It is as good,
        only slower to read.
    """
    merged = path.with_name(path.name + MERGING_SUFFIX)
    try:
        _write_merged(path, merged, layout)
        # The folder is not synchronised: until the system does so, within seconds, the old file has the name.
        _replace(merged, path)
    except OSError:
        merged.unlink(missing_ok=True)
        return False
    return True


def _write_merged(path: Path, merged: Path, layout: Layout) -> None:
    found = scan(map_file(path), checked=False)
    metadata = united(segment.metadata for segment in found.segments)
    schema = schema_of(layout)
    with merged.open("wb", buffering=0) as file:
        write_all(file, encode_schema(schema.with_metadata(metadata)))
        for batch in _large(_cast(batch, schema) for segment in found.segments for batch in segment.batches):
            header, body = encode_batch(batch)
            write_all(file, header, *body)
        write_all(file, END_OF_STREAM)
        synchronise(file)


def _cast(batch: Any, schema: Any) -> Any:
    """Bring a batch of an earlier segment to the final schema: columns that came later are null, others are widened."""
    if batch.schema.equals(schema):
        return batch
    columns = [
        _widen(batch.column(field.name), field.type)
        if field.name in batch.schema.names
        # Rows from before there was a second table are those of the first.
        else pa.array(np.zeros(batch.num_rows, np.int16))
        if field.name == TABLE
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _widen(values: Any, target: Any) -> Any:
    if values.type.equals(target):
        return values
    if pa.types.is_list(target):
        valid = None if not values.null_count else values.is_null()
        return pa.ListArray.from_arrays(values.offsets, _widen(values.values, target.value_type), mask=valid)
    if pa.types.is_struct(target) and not pa.types.is_struct(values.type):
        real = values.cast(target.field("re").type, safe=False)
        parts = [real, pa.array([0.0] * len(values), type=target.field("im").type)]
        return pa.StructArray.from_arrays(parts, fields=list(target), mask=values.is_null())
    return values.cast(target, safe=False)


def _large(batches: Iterator[Any]) -> Iterator[Any]:
    """Join neighbours of the same table until they are large."""
    waiting: dict[int, _Group] = {}
    for batch in batches:
        table = batch.column(TABLE)[0].as_py() if TABLE in batch.schema.names else 0
        group = waiting.setdefault(table, _Group())
        group.batches.append(batch)
        group.rows += batch.num_rows
        group.bytes += batch.nbytes
        if group.rows >= _ROWS or group.bytes >= _BYTES:
            yield waiting.pop(table).joined()
    for group in waiting.values():
        yield group.joined()


class _Group:
    """Batches of one table that are to become one."""

    def __init__(self) -> None:
        self.batches: list[Any] = []
        self.rows = 0
        self.bytes = 0

    def joined(self) -> Any:
        if len(self.batches) == 1:
            return self.batches[0]
        return pa.Table.from_batches(self.batches).combine_chunks().to_batches()[0]


def _replace(merged: Path, path: Path) -> None:
    for attempt in range(_TRIES):
        try:
            merged.replace(path)
        except PermissionError:
            # On Windows a file that somebody reads cannot be replaced; readers are quick.
            if attempt == _TRIES - 1:
                raise
            time.sleep(_PAUSE)
        else:
            return
