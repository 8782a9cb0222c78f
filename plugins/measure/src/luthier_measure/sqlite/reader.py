"""Reading a run from the database."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from luthier_measure.errors import DamagedRunError
from luthier_measure.sqlite.cells import Cell, decode
from luthier_measure.sqlite.database import lock_file, no_run, opened, sections_of
from luthier_measure.storage.array_rows import ArrayRows
from luthier_measure.storage.column_types import TEXT
from luthier_measure.storage.edits import applied, edit_from_data
from luthier_measure.storage.ownership import is_running
from luthier_measure.storage.protocol import TableData
from luthier_measure.storage.sections import is_run, read_continuations, read_end, read_header

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection
    from pathlib import Path

    import numpy.typing as npt

    from luthier_measure.storage.description import Column, Layout, Outcome

__all__ = ["INDEX", "TIME", "SqliteRunReader"]

TIME, INDEX = "_time", "_index_"


class SqliteRunReader:
    """A run as it is now (see :class:`luthier_measure.storage.RunReader`); no connection stays open.

    Parameters
    ----------
    folder
        The data folder.
    run_id
        The whole id.
    """

    def __init__(self, folder: Path, run_id: str) -> None:
        # Asked first: a run that ends in between is found complete, not interrupted.
        running = is_running(lock_file(folder, run_id))
        self._folder, self._id = folder, run_id
        with opened(folder, run_id) as connection:
            connection.execute("BEGIN")
            sections = sections_of(connection, run_id)
            if not is_run(sections):
                raise no_run(folder, run_id)
            edits = connection.execute("SELECT edit FROM edits WHERE run = ? ORDER BY rowid", (run_id,)).fetchall()
            chunks = "SELECT chunk, place, rows FROM cells WHERE run = ? AND name = ? ORDER BY chunk"
            self._chunks: list[tuple[int, int, int]] = connection.execute(chunks, (run_id, TIME)).fetchall()
        try:
            header = read_header(sections, run_id)
            self.header = applied(header, [edit_from_data(json.loads(edit)) for (edit,) in edits])
            self.continuations = read_continuations(sections)
            end = read_end(sections)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise DamagedRunError(
                f"nothing of this run can be read: its description cannot be read ({error})",
                who=run_id,
                state="The database was not changed; other runs are not affected.",
                advice="Take the file from a backup.",
                path=str(folder),
            ) from error
        self.end = None if end is None else end[0]
        self.outcome: Outcome = end[0].outcome if end is not None else "running" if running else "interrupted"
        self._counts = None if end is None else end[1]
        self._problems: tuple[str, ...] | None = None

    @property
    def layout(self) -> Layout:
        """Columns and tables as they are now."""
        return self.header.layout

    @property
    def problems(self) -> tuple[str, ...]:
        """What is damaged, in sentences; usually empty."""
        if self._problems is None:
            self._problems = self._compare_with_checksums()
        return self._problems

    def points(self, table: str) -> int:
        """How many rows a table has."""
        place = self.layout.table_number(table)
        return sum(rows for _, its, rows in self._chunks if its == place)

    def array_rows(self, table: str, column: str) -> ArrayRows | None:
        """Give the arrays of a column to be read later, chunk by chunk."""
        description = self.layout.column(column)
        if not description.shape or description.dtype in {None, TEXT}:
            return None
        _ = self.problems
        place = self.layout.table_number(table)
        chunks = [(chunk, rows) for chunk, its, rows in self._chunks if its == place]
        question = "SELECT shapes, length(missing) FROM cells WHERE run = ? AND chunk = ? AND name = ?"
        shapes: set[tuple[int, ...]] = set()
        with opened(self._folder, self._id) as connection:
            for chunk, _ in chunks:
                found = connection.execute(question, (self._id, chunk, column)).fetchone()
                if found is None or found[1]:
                    return None
                shapes.update(map(tuple, json.loads(found[0])))
        if len(shapes) != 1:
            return None
        pieces = [(rows, partial(self._arrays, chunk, rows, description)) for chunk, rows in chunks]
        return ArrayRows(pieces, shapes.pop(), np.dtype(description.dtype))

    def _arrays(self, chunk: int, rows: int, column: Column) -> npt.NDArray[Any]:
        with opened(self._folder, self._id) as connection:
            cell = _cell(connection, self._id, chunk, column.name, rows)
        return decode([cell], column.dtype, len(column.shape or ()))

    def read(self, table: str, columns: Collection[str] | None = None) -> TableData:
        """Read all rows of a table but those that are damaged."""
        _ = self.problems
        description, place = self.layout.table(table), self.layout.table_number(table)
        chunks = [(chunk, rows) for chunk, its, rows in self._chunks if its == place]
        with opened(self._folder, self._id) as connection:

            def cells(name: str) -> list[Cell]:
                return [_cell(connection, self._id, chunk, name, rows) for chunk, rows in chunks]

            indices = tuple(decode(cells(f"{INDEX}{n}"), "int32", 0) for n in range(len(description.dimensions)))
            found = {}
            for name in description.columns:
                if columns is None or name in columns:
                    column = self.layout.column(name)
                    found[name] = decode(cells(name), column.dtype, len(column.shape or ()))
            return TableData(decode(cells(TIME), "float64", 0), indices, found)

    def _compare_with_checksums(self) -> tuple[str, ...]:
        damaged = set()
        with opened(self._folder, self._id) as connection:
            for chunk, _, _ in self._chunks:
                for *values, checksum in connection.execute(_CELLS_OF_CHUNK, (self._id, chunk)):
                    if Cell(*values).checksum != checksum:
                        damaged.add(chunk)
        self._chunks = [each for each in self._chunks if each[0] not in damaged]
        problems = [f"The rows of chunk {chunk} do not agree with their checksums." for chunk in sorted(damaged)]
        for table in self.layout.tables if self._counts is not None else ():
            present, count = self.points(table.name), (self._counts or {}).get(table.name, 0)
            if present != count:
                problems.append(f"Of the {count} points of the table {table.name!r}, {present} are there.")
        return tuple(problems)


_CELLS_OF_CHUNK = "SELECT rows, dtype, shapes, missing, data, checksum FROM cells WHERE run = ? AND chunk = ?"


def _cell(connection: sqlite3.Connection, run_id: str, chunk: int, name: str, rows: int) -> Cell:
    """Return the values of a column in a chunk of rows; rows from before there was the column have none."""
    question = "SELECT rows, dtype, shapes, missing, data FROM cells WHERE run = ? AND chunk = ? AND name = ?"
    found = connection.execute(question, (run_id, chunk, name)).fetchone()
    return Cell(*found) if found is not None else Cell(rows, "", "", bytes([1]) * rows, b"")
