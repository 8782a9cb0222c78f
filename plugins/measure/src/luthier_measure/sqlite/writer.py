"""Writing a run into the database: a thread that inserts what was added, ten times a second and more."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from luthier_measure.errors import RunFinishedError, StorageError, StorageWriteError, UnstorableValueError
from luthier_measure.sqlite.cells import encode
from luthier_measure.sqlite.database import database_path, insert_cell, insert_sections
from luthier_measure.sqlite.reader import INDEX, TIME
from luthier_measure.storage.column_types import widened
from luthier_measure.storage.growing import grown
from luthier_measure.storage.ownership import BEAT_INTERVAL
from luthier_measure.storage.sections import end_sections, layout_section, metadata_section, snapshot_section

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from luthier_measure.storage.description import Column, Layout, RunEnd, Table
    from luthier_measure.storage.ownership import RunLock
    from luthier_measure.storage.protocol import Row

__all__ = ["SqliteRunWriter"]

_WAKE_INTERVAL = 0.05
_MOST_BYTES = 64 << 20  # that may wait
_BYTES_IN_CHUNK = 4 << 20
_BYTES_OF_SCALAR = 32  # an object of Python's
_UNKNOWN = 64  # rows, as long as their size is not known


class SqliteRunWriter:
    """The writer of one run (see :class:`luthier_measure.storage.RunWriter`).

    Parameters
    ----------
    run_id, folder
        The run, and where it lies.
    layout
        As it is now.
    counts
        Rows of each table that are there already.
    lock
        Says that the run is being written; it is given back at the end.
    connection
        To the database; closed at the end.
    on_grown
        Called after a table or columns were added, with the layout.
    on_finish
        Called with the end and the number of all rows, while the connection is open.
    """

    def __init__(
        self,
        run_id: str,
        *,
        folder: Path,
        layout: Layout,
        counts: Mapping[str, int],
        lock: RunLock,
        connection: sqlite3.Connection,
        on_grown: Callable[[Layout], None],
        on_finish: Callable[[RunEnd, int], None],
    ) -> None:
        self.id = run_id
        self.failures: list[StorageError | TypeError] = []
        self._folder, self._layout, self._lock, self._connection = folder, layout, lock, connection
        self._on_grown, self._on_finish = on_grown, on_finish
        self._counts = dict(counts)
        (last,) = connection.execute("SELECT max(chunk) FROM cells WHERE run = ?", (run_id,)).fetchone()
        self._chunk = 0 if last is None else last + 1
        self._waiting: dict[str, list[Row]] = {table.name: [] for table in layout.tables}
        self._limits = dict.fromkeys(self._waiting, _UNKNOWN)
        self._writing = threading.Lock()
        self._room = threading.Condition()
        self._wake = threading.Event()
        self._closing = False
        self._finished = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"run {run_id}", daemon=True)
        self._thread.start()

    def appender(self, table: str) -> Callable[[Row], None]:
        """Give the function that adds one row to a table."""
        rows, limits = self._waiting[table], self._limits
        append = rows.append

        def add(row: Row) -> None:
            append(row)
            if len(rows) >= limits[table]:
                self._wait(rows, table)

        return add

    def add_table(self, table: Table, columns: Sequence[Column]) -> None:
        """Add a table, or columns to one that is there."""
        # What was added before is written by the layout as it was, and nothing comes meanwhile: one thread adds.
        self.flush()
        with self._writing:
            layout = grown(self._layout, table, columns)
            self._transact(lambda: insert_sections(self._connection, self.id, layout_section(layout)))
            self._layout = layout
            self._waiting.setdefault(table.name, [])
            self._counts.setdefault(table.name, 0)
            self._limits[table.name] = _UNKNOWN
        self._on_grown(layout)

    @property
    def points(self) -> int:
        """How many rows were added so far."""
        with self._writing:
            return sum(self._counts.values()) + sum(map(len, self._waiting.values()))

    def flush(self) -> None:
        """Return once every row added before is in the database."""
        if self._closing:
            raise RunFinishedError("nothing to flush: the run was finished before", who=self.id)
        self._write()
        if self.failures:
            raise self.failures[0]

    def annotate(self, metadata: Mapping[str, Any], snapshot: Mapping[str, Any] | None = None) -> None:
        """Replace the run's metadata, and where that is given, the snapshot of its beginning."""
        sections = {**metadata_section(metadata), **snapshot_section(snapshot)}
        with self._writing:
            self._transact(lambda: insert_sections(self._connection, self.id, sections))

    def finish(self, end: RunEnd) -> None:
        """Write what is left and how the run ended, and close."""
        if not self._finished.acquire(blocking=False):
            return
        self._closing = True
        self._wake.set()
        self._thread.join()
        try:
            if not any(isinstance(failure, StorageWriteError) for failure in self.failures):
                self._write()
            self._write_end(end)
        finally:
            self._connection.close()
            self._lock.release()

    def _write_end(self, end: RunEnd) -> None:
        with self._writing:
            unstored = sum(map(len, self._waiting.values()))
            if unstored:
                failure = next(each for each in self.failures if isinstance(each, StorageWriteError))
                raise StorageWriteError(
                    f"{failure.what}; {unstored} points of run {self.id} could not be stored",
                    **{**failure.data, "unstored": unstored},
                ) from failure
            if self.failures and end.outcome == "completed":
                end = attrs.evolve(end, outcome="failed", error="\n".join(map(str, self.failures)))
            sections = {**end_sections(end, self._counts), **layout_section(self._layout)}
            self._transact(lambda: insert_sections(self._connection, self.id, sections))
            self._on_finish(end, sum(self._counts.values()))

    def _wait(self, rows: list[Row], table: str) -> None:
        with self._room:
            while not self._closing and not self.failures and len(rows) >= self._limits[table]:
                self._wake.set()
                self._room.wait(timeout=1.0)

    def _run(self) -> None:
        beats_at = time.monotonic() + BEAT_INTERVAL
        while not self._closing and not any(isinstance(failure, StorageError) for failure in self.failures):
            self._wake.wait(_WAKE_INTERVAL)
            self._wake.clear()
            self._write()
            if time.monotonic() > beats_at:
                beats_at = time.monotonic() + BEAT_INTERVAL
                self._lock.beat()

    def _write(self) -> None:
        """Insert what is waiting, chunk by chunk, and note a failure instead of raising it."""
        with self._writing:
            try:
                for place, table in enumerate(self._layout.tables):
                    rows = self._waiting[table.name]
                    for _ in range(1 + len(rows)):
                        taken = rows[: self._rows_in_chunk(rows)]
                        if not taken:
                            break
                        self._write_chunk(place, table, taken)
                        del rows[: len(taken)]
            except StorageError as error:
                self.failures.append(error)
        with self._room:
            self._room.notify_all()

    def _write_chunk(self, place: int, table: Table, rows: list[Row]) -> None:
        before = self._layout
        depth = len(table.dimensions)
        times, *rest = zip(*rows, strict=True)
        cells = {TIME: encode(times, "float64", 0)}
        cells |= {f"{INDEX}{number}": encode(rest[number], "int32", 0) for number in range(depth)}
        for name, values in zip(table.columns, rest[depth:], strict=True):
            column, fitting = self._fit(self._layout.column(name), values)
            cells[name] = encode(fitting, column.dtype, len(column.shape or ()))

        def insert() -> None:
            for name, cell in cells.items():
                insert_cell(self._connection, self.id, cell, chunk=self._chunk, place=place, name=name)
            if self._layout is not before:
                insert_sections(self._connection, self.id, layout_section(self._layout))

        self._transact(insert)
        self._chunk += 1
        self._counts[table.name] += len(rows)
        self._limits[table.name] = max(1, _MOST_BYTES // _size(rows[-1]))

    def _fit(self, column: Column, values: tuple[object, ...]) -> tuple[Column, list[object]]:
        """Widen the column so that it holds the values, and leave out those for which that is impossible."""
        wide, fitting = column, []
        for value in values:
            try:
                wide = wide if value is None else widened(wide, value)
                fitting.append(value)
            except UnstorableValueError as error:
                self.failures.append(error)
                fitting.append(None)
        if wide != column:
            columns = tuple(wide if each.name == wide.name else each for each in self._layout.columns)
            self._layout = attrs.evolve(self._layout, columns=columns)
        return wide, fitting

    def _transact(self, action: Callable[[], None]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                action()
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            path = str(database_path(self._folder))
            raise StorageWriteError(
                f"cannot write: {error}",
                who=path,
                state="What was written before is kept and can be read.",
                advice="Free some space, or choose another folder by argument or in the environment's LUTHIER_DATA.",
                path=path,
                unstored=0,
            ) from error

    def _rows_in_chunk(self, rows: list[Row]) -> int:
        return max(1, _BYTES_IN_CHUNK // _size(rows[0])) if rows else 0


def _size(row: Row) -> int:
    return sum(value.nbytes if isinstance(value, np.ndarray) else _BYTES_OF_SCALAR for value in row)
