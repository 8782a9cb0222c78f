"""Runs in one SQLite database for each data folder.

For folders on a disk of one's own, and for whoever wants to ask SQL about runs. Everything that the default storage
promises holds here too, at a few times the cost for each point.
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import attrs

from luthier_measure.errors import DataFolderError, RunFinishedError, RunGoesOnError
from luthier_measure.sqlite.database import (
    connect,
    database_path,
    insert_sections,
    lock_file,
    opened,
)
from luthier_measure.sqlite.reader import SqliteRunReader
from luthier_measure.sqlite.writer import SqliteRunWriter
from luthier_measure.storage.catalogue_schema import UnknownCatalogueError
from luthier_measure.storage.description import Continuation
from luthier_measure.storage.edits import edit_to_data
from luthier_measure.storage.folder import data_folder
from luthier_measure.storage.ownership import RunLock, is_running, owner_text
from luthier_measure.storage.protocol import RunSummary
from luthier_measure.storage.run_rows import insert, select, settle, unsettled
from luthier_measure.storage.sections import continuation_sections, header_sections

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from luthier_measure.storage.description import Layout, RunEnd, RunHeader
    from luthier_measure.storage.edits import RunEdit
    from luthier_measure.storage.protocol import RunQuery

__all__ = ["SqliteStorage"]

_COPIED = ("sections", "cells", "edits")


class SqliteStorage:
    """A :class:`luthier_measure.storage.Storage` in ``<folder>/runs.sqlite``.

    Parameters
    ----------
    folder
        The data folder; ``None``: ``LUTHIER_DATA``, else ``~/luthier``. Nothing is made before the first run.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = data_folder(folder)

    def create(self, header: RunHeader) -> SqliteRunWriter:
        """Begin a run."""
        counts = {table.name: 0 for table in header.layout.tables}
        return self._begin(header.id, header.layout, counts, header_sections(header), take_over=False)

    def resume(self, run_id: str, continuation: Continuation | None = None) -> SqliteRunWriter:
        """Go on writing a run that did not complete."""
        reader = SqliteRunReader(self.folder, run_id)
        if reader.outcome == "running":
            raise self._goes_on(run_id)
        if reader.outcome == "completed":
            raise RunFinishedError(
                "nothing to go on with: the run was completed", who=run_id, state="The run was not changed."
            )
        _ = reader.problems
        counts = {table.name: reader.points(table.name) for table in reader.layout.tables}
        noted = attrs.evolve(
            continuation or Continuation(time.time()), points=sum(counts.values()), outcome=reader.outcome
        )
        sections = continuation_sections((*reader.continuations, noted))
        return self._begin(run_id, reader.layout, counts, sections, take_over=True)

    def open(self, run_id: str) -> SqliteRunReader:
        """Open a run by its whole id."""
        return SqliteRunReader(self.folder, run_id)

    def edit(self, run_id: str, edit: RunEdit) -> None:
        """Change tags or note of a run."""
        _ = self.open(run_id)
        with self._transaction() as connection:
            connection.execute("INSERT INTO edits VALUES (?, ?)", (run_id, json.dumps(edit_to_data(edit))))
        self._note(run_id)

    def copy(self, run_id: str, folder: Path) -> bool:
        """Copy a run that has ended into another data folder."""
        if self.open(run_id).outcome == "running":
            raise self._goes_on(run_id)
        target = SqliteStorage(folder)
        mine, theirs = self._rows(run_id), target._rows(run_id)
        if theirs == mine:
            return False
        if any(theirs.values()):
            raise _error(folder, "there is another run of this id, which differs")
        with target._transaction() as connection:
            for table, rows in mine.items():
                if not rows:
                    continue
                places = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - constants
            insert(connection, [self._summary(run_id)], replace=True)
        return True

    def place_of(self, run_id: str) -> Path:
        """Return the database, in which all runs lie."""
        del run_id
        return database_path(self.folder)

    def ids(self) -> list[str]:
        """Return the ids of all runs."""
        with self._looking() as connection:
            if connection is None:
                return []
            return [run_id for (run_id,) in connection.execute("SELECT DISTINCT run FROM sections ORDER BY run")]

    def find(self, query: RunQuery) -> list[RunSummary]:
        """List runs, oldest first."""
        with self._looking() as connection:
            if connection is None:
                return []
            dead = [run_id for run_id in unsettled(connection) if not is_running(lock_file(self.folder, run_id))]
        # In a folder that cannot be written they stay as they were last known.
        with suppress(DataFolderError):
            for summary in map(self._summary, dead):
                with self._transaction() as writing:
                    settle(writing, summary)
        with self._looking() as connection:
            return [] if connection is None else select(connection, query)

    def rebuild(self) -> int:
        """Make the list of runs again from the runs themselves; return how many there are."""
        summaries = [self._summary(run_id) for run_id in self.ids()]
        if summaries:
            with self._transaction() as connection:
                connection.execute("DELETE FROM runs")
                insert(connection, summaries, replace=True)
        return len(summaries)

    def _begin(
        self,
        run_id: str,
        layout: Layout,
        counts: Mapping[str, int],
        sections: Mapping[bytes, bytes],
        *,
        take_over: bool,
    ) -> SqliteRunWriter:
        lock = self._lock(run_id, take_over=take_over)
        try:
            with self._transaction() as connection:
                insert_sections(connection, run_id, sections)
            summary = self._summary(run_id)
            with self._transaction() as connection:
                insert(connection, [summary], replace=True)
            connection = connect(self.folder)
            note_end = _noting(connection, summary)
            return SqliteRunWriter(
                run_id,
                folder=self.folder,
                layout=layout,
                counts=counts,
                lock=lock,
                connection=connection,
                on_grown=lambda _: self._note(run_id),
                on_finish=note_end,
            )
        except BaseException:
            lock.release()
            raise

    def _lock(self, run_id: str, *, take_over: bool) -> RunLock:
        path = lock_file(self.folder, run_id)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return RunLock(path, take_over=take_over)
        except BlockingIOError as error:
            raise self._goes_on(run_id) from error
        except OSError as error:
            raise _error(self.folder, f"cannot be written: {error.strerror or error}") from error

    def _goes_on(self, run_id: str) -> RunGoesOnError:
        owner = owner_text(lock_file(self.folder, run_id))
        return RunGoesOnError(
            f"the run is being written by {owner}",
            who=run_id,
            state="It was not changed, and goes on.",
            advice="Wait until it has ended, or end it there.",
            path=str(database_path(self.folder)),
            run_id=run_id,
            owner=owner,
        )

    def _summary(self, run_id: str) -> RunSummary:
        reader = self.open(run_id)
        header, end = reader.header, reader.end
        points = sum(reader.points(table.name) for table in reader.layout.tables)
        return RunSummary(
            id=run_id,
            name=header.name,
            sample=header.sample,
            started=header.started,
            ended=None if end is None else end.ended,
            outcome=reader.outcome,
            points=None if reader.outcome == "running" else points,
            tags=header.tags,
            parameters=tuple(column.parameter or column.name for column in header.layout.columns),
            note=header.note,
            duration=None if end is None else end.duration,
        )

    def _note(self, run_id: str) -> None:
        """Bring the list of runs up to date."""
        summary = self._summary(run_id)
        with self._transaction() as connection:
            insert(connection, [summary], replace=True)

    def _rows(self, run_id: str) -> dict[str, list[Any]]:
        with self._looking() as connection:
            if connection is None:
                return {table: [] for table in _COPIED}
            found = {}
            for table in _COPIED:
                question = f"SELECT * FROM {table} WHERE run = ? ORDER BY rowid"  # noqa: S608 - constants
                if table == "sections":
                    question = "SELECT * FROM sections WHERE run = ? ORDER BY key"
                found[table] = connection.execute(question, (run_id,)).fetchall()
            return found

    @contextmanager
    def _looking(self) -> Iterator[sqlite3.Connection | None]:
        if not database_path(self.folder).is_file():
            if self.folder.exists() and not self.folder.is_dir():
                raise _error(self.folder, "this is no folder, so there are no runs in it")
            yield None
            return
        with opened(self.folder, "") as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(connect(self.folder)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        except (sqlite3.Error, UnknownCatalogueError, OSError) as error:
            raise _error(self.folder, f"cannot be written: {error}") from error


def _noting(connection: sqlite3.Connection, summary: RunSummary) -> Callable[[RunEnd, int], None]:
    def note(end: RunEnd, points: int) -> None:
        settle(connection, summary._replace(outcome=end.outcome, ended=end.ended, points=points, duration=end.duration))

    return note


def _error(folder: Path, what: str) -> DataFolderError:
    return DataFolderError(
        what,
        who=str(folder),
        state="Nothing was changed.",
        advice="Choose a folder that you may write to, by argument or in the environment variable LUTHIER_DATA.",
        path=str(folder),
    )
