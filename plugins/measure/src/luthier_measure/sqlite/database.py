"""The database of a data folder."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from luthier_measure.errors import DamagedRunError, DataFolderError, NotARunFileError, RunNotFoundError
from luthier_measure.storage.catalogue_place import is_on_network
from luthier_measure.storage.catalogue_schema import bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from luthier_measure.errors import StorageError
    from luthier_measure.sqlite.cells import Cell

__all__ = ["connect", "database_path", "insert_cell", "insert_sections", "lock_file", "opened", "sections_of"]

_PATIENCE = 10.0  # seconds to wait for another process
_PAUSE = 0.005
_PRIMARY_CODE = 0xFF  # of a code of SQLite's that says more
_TABLES = """
    CREATE TABLE IF NOT EXISTS sections (run TEXT, key TEXT, value BLOB, PRIMARY KEY (run, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS cells (
        run TEXT, chunk INTEGER, place INTEGER, name TEXT,
        rows INTEGER, dtype TEXT, shapes TEXT, missing BLOB, data BLOB, checksum INTEGER,
        UNIQUE (run, chunk, name)
    );
    CREATE TABLE IF NOT EXISTS edits (run TEXT, edit TEXT);
    CREATE INDEX IF NOT EXISTS edits_of_run ON edits (run);
"""
# The table "runs" is that of the catalogue; "place" is the number of the row's table in the layout of the run.


def database_path(folder: Path) -> Path:
    """Return the database of a data folder."""
    return folder / "runs.sqlite"


def lock_file(folder: Path, run_id: str) -> Path:
    """Return the file that is locked as long as a run is written."""
    return folder / "running" / f"{run_id}.lock"


def connect(folder: Path) -> sqlite3.Connection:
    """Open the database for writing, and make it if need be; raises sqlite3's errors and OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        database_path(folder), timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        # The write-ahead log lets readers and the writer go on together, but not on network shares.
        _set_journal(connection, "DELETE" if is_on_network(folder) else "WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        bring_up_to_date(connection)
        connection.executescript(_TABLES)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_journal(connection: sqlite3.Connection, mode: str) -> None:
    """Set the journal's mode; where another connection does the same to a new database, SQLite does not wait for it."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute(f"PRAGMA journal_mode = {mode}")
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > until:
                raise
            time.sleep(_PAUSE)
        else:
            return


@contextmanager
def opened(folder: Path, run_id: str) -> Iterator[sqlite3.Connection]:
    """Open the database to look at a run; what SQLite has to say becomes one of Luthier's errors."""
    path = database_path(folder)
    if not path.is_file():
        raise no_run(folder, run_id)
    try:
        with closing(_look_into(path)) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        raise _read_error(path, error) from error


def _look_into(path: Path) -> sqlite3.Connection:
    # Where nothing can be written, SQLite cannot take part in the write-ahead log, and nobody else can either.
    mode = "mode=ro" if os.access(path.parent, os.W_OK) else "immutable=1"
    return sqlite3.connect(f"{path.as_uri()}?{mode}", uri=True, timeout=_PATIENCE, isolation_level=None)


def _read_error(path: Path, error: sqlite3.DatabaseError) -> StorageError:
    kind: type[StorageError] = DamagedRunError
    advice = "Take the file from a backup."
    if isinstance(error, sqlite3.OperationalError):
        kind, advice = DataFolderError, "See that nobody holds it locked, and try again."
    elif getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
        kind = NotARunFileError
    return kind(
        f"the database cannot be read: {error}",
        who=str(path),
        state="It was not changed.",
        advice=advice,
        path=str(path),
    )


def no_run(folder: Path, run_id: str) -> RunNotFoundError:
    """Return the error that says that there is no such run."""
    return RunNotFoundError(
        f"there is no run {run_id!r}",
        who=str(folder),
        advice="runs() lists those that there are.",
        path=str(folder),
        run_id=run_id,
    )


def sections_of(connection: sqlite3.Connection, run_id: str) -> dict[bytes, bytes]:
    """Return what is known of a run; empty when there is none."""
    rows = connection.execute("SELECT key, value FROM sections WHERE run = ?", (run_id,))
    return {key.encode(): value for key, value in rows}


def insert_sections(connection: sqlite3.Connection, run_id: str, sections: Mapping[bytes, bytes]) -> None:
    """Write what is known of a run; sections of the same name are replaced."""
    rows = [(run_id, key.decode(), value) for key, value in sections.items()]
    connection.executemany("INSERT OR REPLACE INTO sections VALUES (?, ?, ?)", rows)


def insert_cell(connection: sqlite3.Connection, run_id: str, cell: Cell, *, chunk: int, place: int, name: str) -> None:
    """Write the values of a column in a chunk of rows."""
    values = (cell.rows, cell.dtype, cell.shapes, cell.missing, cell.data, cell.checksum)
    connection.execute("INSERT INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (run_id, chunk, place, name, *values))
