"""Reading a run: finished, running, cut off or damaged."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from luthier_measure.arrow.decoding import decode
from luthier_measure.arrow.framing import Scan, scan
from luthier_measure.arrow.merging import map_file
from luthier_measure.arrow.row_encoder import INDEX, TABLE, TIME
from luthier_measure.errors import DamagedRunError, NotARunFileError, RunNotFoundError, UnknownTableError
from luthier_measure.storage.array_rows import ArrayRows
from luthier_measure.storage.column_types import TEXT
from luthier_measure.storage.edits import edited
from luthier_measure.storage.ownership import is_running, lock_path
from luthier_measure.storage.protocol import TableData
from luthier_measure.storage.sections import is_run, read_continuations, read_end, read_header, united

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import numpy.typing as npt

    from luthier_measure.storage.description import Column, Layout, Outcome, Table

__all__ = ["ArrowRunReader"]


class ArrowRunReader:
    """A run in an Arrow file, as it is now (see :class:`luthier_measure.storage.RunReader`).

    Points are compared with their checksums before the first of them is given away, and before they are counted in a
    run that has no end, because a loss of power may have cut it off.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    RunNotFoundError, NotARunFileError, NewerFormatError, DamagedRunError
        As their names say.
    """

    def __init__(self, path: Path) -> None:
        # Asked first: a run that ends in between is found complete, not interrupted.
        running = is_running(lock_path(path))
        data = _contents(path)
        found = scan(data, checked=False)
        sections = united(segment.metadata for segment in found.segments)
        if not is_run(sections):
            raise _no_run(path, data, found)
        try:
            self.header = edited(read_header(sections, str(path)), path)
            end = read_end(sections)
            self.continuations = read_continuations(sections)
            # Names that are no text show here.
            _ = [segment.schema.names for segment in found.segments]
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise _damaged(path, f"its description cannot be read ({type(error).__name__}: {error})") from error
        self.end = None if end is None else end[0]
        self.outcome: Outcome = end[0].outcome if end is not None else "running" if running else "interrupted"
        self._path = path
        self._data = data
        self._counts = None if end is None else end[1]
        self._segments = found.segments
        self._problems: tuple[str, ...] | None = None
        if end is None:
            self._compare_with_checksums()

    @property
    def layout(self) -> Layout:
        """Columns and tables as they are now."""
        return self.header.layout

    @property
    def problems(self) -> tuple[str, ...]:
        """What is damaged in the file, in sentences; usually empty."""
        return self._compare_with_checksums() if self._problems is None else self._problems

    def points(self, table: str) -> int:
        """How many rows a table has."""
        return sum(batch.num_rows for batch in self._batches(table))

    def read(self, table: str, columns: Collection[str] | None = None) -> TableData:
        """Read all rows of a table, or some of its columns.

        Raises
        ------
        UnknownTableError
            There is no table of that name, or its name is damaged.
        DamagedRunError
            The file says something about its columns that does not agree with what they are.
        """
        if self._problems is None:
            self._compare_with_checksums()
        description = self.layout.tables[self._table_number(table)]
        try:
            return self._read(description, description.columns if columns is None else columns)
        except Exception as error:
            raise _damaged(self._path, f"its columns are not what they should be ({error})") from error

    def forget_contents(self) -> None:
        """Let go of the file, which on Windows cannot be cut as long as it is mapped; then nothing can be read."""
        self._segments = []
        self._data = None

    def array_rows(self, table: str, column: str) -> ArrayRows | None:
        """Give the arrays of a column to be read later; the file stays mapped, and nothing of it is in memory."""
        description = self.layout.column(column)
        if not description.shape or description.dtype in {None, TEXT}:
            return None
        if self._problems is None:
            self._compare_with_checksums()
        try:
            parts = [_column([batch], description) for batch in self._batches(table)]
        except Exception as error:
            raise _damaged(self._path, f"its columns are not what they should be ({error})") from error
        ndim = len(description.shape)
        if not parts or any(part.ndim != ndim + 1 for part in parts) or len({part.shape[1:] for part in parts}) > 1:
            return None
        dtype = np.dtype(description.dtype)
        # Complex arrays are put together of two parts: again each time, so that none of them stays.
        if dtype.kind == "c":
            pieces = [(batch.num_rows, partial(_column, [batch], description)) for batch in self._batches(table)]
        else:
            pieces = [(len(part), partial(_same, part)) for part in parts]
        return ArrayRows(pieces, parts[0].shape[1:], dtype)

    def _read(self, description: Table, names: Collection[str]) -> TableData:
        batches = self._batches(description.name)
        times = decode([batch.column(TIME) for batch in batches], "float64", 0)
        indices = tuple(_indices(batches, f"{INDEX}{number}") for number in range(len(description.dimensions)))
        columns = {name: _column(batches, self.layout.column(name)) for name in description.columns if name in names}
        return TableData(times, indices, columns)

    def _batches(self, table: str) -> list[Any]:
        number = self._table_number(table)
        return [
            batch
            for segment in self._segments
            for batch in segment.batches
            if batch.num_rows and (batch.column(TABLE)[0].as_py() if TABLE in batch.schema.names else 0) == number
        ]

    def _table_number(self, table: str) -> int:
        try:
            return self.layout.table_number(table)
        except UnknownTableError as error:
            error.complete(who=str(self._path), path=str(self._path))
            if self._problems:
                error.rephrase(" ".join((f"{error.what}.", *self._problems)).removesuffix("."))
            raise

    def _compare_with_checksums(self) -> tuple[str, ...]:
        """Leave out the batches that are damaged, and return what there is to say of them."""
        found = scan(self._data, checked=True)
        self._segments = found.segments
        self._problems = found.problems + (() if self._counts is None else self._missing(found, self._counts))
        return self._problems

    def _missing(self, found: Scan, counts: dict[str, int]) -> tuple[str, ...]:
        problems = []
        if found.torn:
            problems.append(f"The file is cut off, or something foreign was added behind byte {found.end}.")
        for table in self.layout.tables:
            present, count = self.points(table.name), counts.get(table.name, 0)
            if present != count:
                problems.append(f"Of the {count} points of the table {table.name!r}, {present} are there.")
        return tuple(problems)


def _contents(path: Path) -> Any:
    try:
        return map_file(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RunNotFoundError(
            "there is no such run",
            who=str(path),
            advice="runs() lists those that there are.",
            path=str(path),
            run_id=path.stem,
        ) from error
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror or error}"
        raise _damaged(path, reason, "See that it is a file that you may read, and that its disk is there.") from error


def _no_run(path: Path, data: Any, found: Scan) -> NotARunFileError | DamagedRunError:
    if data.size == 0:
        return _damaged(path, "the file is empty")
    if found.segments:
        return NotARunFileError(
            "this is an Arrow stream, but no run of Luthier",
            who=str(path),
            state="The file was not changed.",
            advice="pyarrow.ipc.open_stream reads it.",
            path=str(path),
        )
    if bytes(memoryview(data)[:4]) != b"\xff\xff\xff\xff":
        return NotARunFileError(
            "this is no run of Luthier: it does not begin as an Arrow stream does",
            who=str(path),
            state="The file was not changed.",
            advice="Move it out of the folder of runs.",
            path=str(path),
        )
    return _damaged(path, "its beginning, where the description stands, cannot be read")


def _damaged(path: Path, reason: str, advice: str = "Take the file from a backup.") -> DamagedRunError:
    return DamagedRunError(
        f"nothing of this run can be read: {reason}",
        who=str(path),
        state="The file was not changed; other runs are not affected.",
        advice=advice,
        path=str(path),
    )


def _same(part: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return part


def _indices(batches: list[Any], name: str) -> npt.NDArray[np.int32]:
    return np.concatenate(
        [np.empty(0, np.int32), *(batch.column(name).to_numpy() for batch in batches)], dtype=np.int32
    )


def _column(batches: list[Any], column: Column) -> npt.NDArray[Any]:
    dtype, shape = column.dtype or "float64", column.shape or ()
    chunks = [
        batch.column(column.name) if column.name in batch.schema.names else pa.nulls(batch.num_rows)
        for batch in batches
    ]
    return decode(chunks, dtype, len(shape))
