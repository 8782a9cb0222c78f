"""Following a run's file while it grows: only what was appended is read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pyarrow as pa

from luthier_measure.arrow.decoding import decode
from luthier_measure.arrow.framing import first_check, scan
from luthier_measure.arrow.reader import ArrowRunReader
from luthier_measure.arrow.row_encoder import INDEX, TABLE, TIME
from luthier_measure.storage.following import RunNews, without_first
from luthier_measure.storage.ownership import is_running, lock_path
from luthier_measure.storage.protocol import TableData
from luthier_measure.storage.sections import read_end, read_header, united

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from luthier_measure.arrow.framing import Scan
    from luthier_measure.storage.description import Column, Layout, Outcome, Table

__all__ = ["ArrowRunFollower"]

LOOK = 32 << 20
"""Bytes that one look reads, unless a single message is larger."""


class ArrowRunFollower:
    """A :class:`luthier_measure.storage.following.RunFollower` of one Arrow file.

    When the file is replaced (its batches are merged at the end of the run, its description is made anew at the
    beginning), it is read from its beginning, and rows that were given before are passed over.

    Parameters
    ----------
    path
        The file; nothing is read before the first look.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity: tuple[int, int] | None = None
        self._position = 0
        self._schema: Any = None
        self._sections: dict[bytes, bytes] = {}
        self._check = (0, b"")
        self._given: dict[str, int] = {}
        self._passed: dict[str, int] = {}

    def look(self) -> RunNews:
        """Read what was appended since the last look."""
        # Asked first: a run that ends in between is found complete, not interrupted.
        running = is_running(lock_path(self._path))
        found, more = self._appended()
        self._sections = united([self._sections, *(segment.metadata for segment in found.segments)])
        if found.segments:
            self._schema = found.segments[-1].schema
        header, end = read_header(self._sections, str(self._path)), read_end(self._sections)
        outcome: Outcome = "running" if running else "interrupted"
        outcome = outcome if end is None else end[0].outcome
        return RunNews(header, None if end is None else end[0], outcome, self._new_rows(found, header.layout), more)

    def _appended(self) -> tuple[Scan, bool]:
        try:
            return self._scan()
        except OSError:
            # It says what is wrong; or nothing is any more.
            ArrowRunReader(self._path)
            return self._scan()

    def _scan(self) -> tuple[Scan, bool]:
        with self._path.open("rb") as file:
            status = os.fstat(file.fileno())
            identity = status.st_dev, status.st_ino
            if identity != self._identity or status.st_size < self._position or not self._begins_as_before(file):
                # It also refuses what is no run.
                ArrowRunReader(self._path)
                self._begin_anew(identity)
            size = LOOK
            while True:
                file.seek(self._position)
                content = file.read(size)
                found = scan(pa.py_buffer(content), checked=True, schema=self._schema)
                if found.end or len(content) < size:
                    break
                size *= 4
        if not self._position:
            self._check = first_check(content)
        # What is damaged in the middle is passed over; what is torn at the end may yet be completed.
        self._position += found.end
        return found, len(content) == size

    def _begin_anew(self, identity: tuple[int, int]) -> None:
        self._identity, self._position, self._schema = identity, 0, None
        self._sections, self._passed = {}, {}
        self._check = (0, b"")

    def _begins_as_before(self, file: BinaryIO) -> bool:
        """Tell a file that took another one's place from it, because the system may give it the same number."""
        place, check = self._check
        file.seek(place)
        return file.read(len(check)) == check

    def _new_rows(self, found: Scan, layout: Layout) -> dict[str, TableData]:
        batches: dict[int, list[Any]] = {}
        for segment in found.segments:
            for batch in segment.batches:
                if batch.num_rows:
                    number = batch.column(TABLE)[0].as_py() if TABLE in batch.schema.names else 0
                    batches.setdefault(number, []).append(batch)
        return {
            table.name: rows
            for number, table in enumerate(layout.tables)
            if number in batches and len((rows := self._not_given(_rows(batches[number], table, layout), table)).times)
        }

    def _not_given(self, rows: TableData, table: Table) -> TableData:
        """Leave out the rows that were given before the file was replaced."""
        passed = self._passed.get(table.name, 0)
        given = self._given.get(table.name, 0)
        self._passed[table.name] = passed + len(rows.times)
        self._given[table.name] = max(given, passed + len(rows.times))
        return without_first(rows, max(given - passed, 0))


def _rows(batches: list[Any], table: Table, layout: Layout) -> TableData:
    indices = tuple(
        np.concatenate([batch.column(f"{INDEX}{number}").to_numpy() for batch in batches])
        for number in range(len(table.dimensions))
    )
    columns = {name: _column(batches, layout.column(name)) for name in table.columns}
    return TableData(decode([batch.column(TIME) for batch in batches], "float64", 0), indices, columns)


def _column(batches: list[Any], column: Column) -> npt.NDArray[Any]:
    chunks = [
        batch.column(column.name) if column.name in batch.schema.names else pa.nulls(batch.num_rows)
        for batch in batches
    ]
    return decode(chunks, column.dtype or "float64", len(column.shape or ()))
