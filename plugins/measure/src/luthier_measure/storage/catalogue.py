"""The index of runs: one SQLite file, which can be made again from the runs at any time.

It lies beside them, or on this computer where they are on a network share. A rollback journal is used, not a
write-ahead log, whose shared memory would not work on those. Nothing waits for the disk: a loss of power may cost the
index, never a run. What could not be noted here, because the file was locked, damaged or away, is found in the folders
at the next look.
"""

from __future__ import annotations

import logging
import sqlite3
import time
import warnings
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar

from luthier_measure.errors import CatalogueWarning, DataFolderError
from luthier_measure.storage.catalogue_place import place_of_catalogue
from luthier_measure.storage.catalogue_schema import UnknownCatalogueError, bring_up_to_date
from luthier_measure.storage.reconciliation import reconcile
from luthier_measure.storage.run_rows import insert, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from luthier_measure.storage.protocol import RunQuery, RunSummary

__all__ = ["Catalogue"]

T = TypeVar("T")

_log = logging.getLogger("luthier.measure")

_PATIENCE = 1.0  # seconds to wait for another process when listing
_PATIENCE_OF_RUNS = 0.5  # and when a measurement waits for it
_PRIMARY_CODE = 0xFF  # of a code of SQLite's that says more
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Catalogue:
    """The index of the runs in one folder. Safe to use from several threads and processes at once.

    Parameters
    ----------
    folder
        The data folder; it need not exist.
    summarise
        Reads the summary of a run from its file, whose name it is given; it may raise Luthier's errors.
    """

    def __init__(self, folder: Path, summarise: Callable[[Path], RunSummary]) -> None:
        self._folder = folder
        self._path = place_of_catalogue(folder)
        self._summarise = summarise

    def note(self, summary: RunSummary) -> None:
        """Write down a run, in place of what was known of it. Never raises: the next look finds what is missing."""
        try:
            with self._opened(_PATIENCE_OF_RUNS) as connection:
                insert(connection, [summary], replace=True)
        except (sqlite3.Error, UnknownCatalogueError, OSError) as error:
            _log.info("%s: run %s could not be noted (%s); it is found later", self._path, summary.id, error)

    def find(self, query: RunQuery) -> list[RunSummary]:
        """List runs, oldest first, after a look at what has changed in the folders."""
        return self._use(lambda connection: select(connection, query))

    def rebuild(self) -> int:
        """Forget everything and read all runs again; return how many there are."""

        def count(connection: sqlite3.Connection) -> int:
            return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])

        return self._use(count, afresh=True)

    def _use(self, action: Callable[[sqlite3.Connection], T], *, afresh: bool = False) -> T:
        if not self._folder.is_dir():
            self._require_no_file()
            return self._use_memory(action)
        try:
            try:
                return self._use_file(action, afresh=afresh)
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode not in _DAMAGE:
                    raise
                self._set_aside(error)
                return self._use_file(action, afresh=afresh)
        except UnknownCatalogueError as error:
            self._warn(f"{error}. It was left alone, and the runs were read from their files, which takes longer.")
        except (sqlite3.Error, OSError) as error:
            if getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _LOCKED:
                self._warn(
                    f"another program has kept it locked for {_PATIENCE:g} s. The runs were listed without it, from "
                    "their files where it does not know them, which takes longer. Close what holds it open: a program "
                    "that looks into databases, or one that synchronises or backs up the folder."
                )
            _log.info("%s cannot be used (%s); the runs are read from their files", self._path, error)
        return self._use_memory(action)

    def _require_no_file(self) -> None:
        if self._folder.exists():
            raise DataFolderError(
                "this is no folder, so there are no runs in it",
                who=str(self._folder),
                advice="Give the folder of the runs, by argument or in the environment variable LUTHIER_DATA.",
                path=str(self._folder),
            )

    def _use_file(self, action: Callable[[sqlite3.Connection], T], *, afresh: bool) -> T:
        with self._opened(_PATIENCE) as connection:
            self._reconcile(connection, afresh=afresh)
            return action(connection)

    def _use_memory(self, action: Callable[[sqlite3.Connection], T]) -> T:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            contents = self._readable_contents()
            if contents:
                connection.deserialize(contents)
            bring_up_to_date(connection)
            self._reconcile(connection, afresh=False)
            return action(connection)

    def _readable_contents(self) -> bytes:
        """Return what the file says where it can at least be read (a folder on a read-only share), else nothing."""
        try:
            with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
                # Begins to read, which fails where another process writes, or died in the middle of it.
                connection.execute("BEGIN")
                bring_up_to_date(connection)
                return self._path.read_bytes()
        except UnknownCatalogueError:
            return b""
        except (sqlite3.Error, OSError):
            return self._locked_contents()

    def _locked_contents(self) -> bytes:
        """Return what a file says that is locked for writing, where nothing of it has been written yet; else nothing.

        Whoever changes the file keeps a journal beside it from before the first change until it is complete.
        """
        journal = self._path.with_name(f"{self._path.name}-journal")
        try:
            before = journal.exists()
            contents = self._path.read_bytes()
            if before or journal.exists():
                return b""
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
                connection.deserialize(contents)
                bring_up_to_date(connection)
                (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except (sqlite3.Error, UnknownCatalogueError, OSError):
            return b""
        return contents if found == "ok" else b""

    def _reconcile(self, connection: sqlite3.Connection, *, afresh: bool) -> None:
        unreadable = reconcile(connection, self._folder, self._summarise, afresh=afresh)
        if unreadable:
            first = next(iter(unreadable.values()))
            count = "1 file or folder" if len(unreadable) == 1 else f"{len(unreadable)} files and folders"
            self._warn(
                f"{count} among the runs could not be read; the list has what was known of them. The first: {first}"
            )

    @contextmanager
    def _opened(self, patience: float) -> Iterator[sqlite3.Connection]:
        if self._path.parent != self._folder:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=patience, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            bring_up_to_date(connection)
            yield connection

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        aside = self._path.with_name(f"{self._path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
        self._path.replace(aside)
        self._warn(f"it is damaged ({error}). It was moved to {aside.name} and made again from the runs; none is lost.")

    def _warn(self, what: str) -> None:
        warnings.warn(f"{self._path}: {what}", CatalogueWarning, stacklevel=2)
