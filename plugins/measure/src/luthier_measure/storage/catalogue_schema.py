"""The tables of the catalogue, and how older catalogues become newer ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

__all__ = ["UnknownCatalogueError", "bring_up_to_date"]

APPLICATION_ID = 0x4C757468
"""Marks a SQLite file as a catalogue of Luthier ("Luth")."""

MIGRATIONS = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        sample TEXT NOT NULL,
        started REAL NOT NULL,
        ended REAL,
        outcome TEXT,               -- NULL: running when last looked at
        points INTEGER,
        tags TEXT NOT NULL,         -- each followed by a line feed, and one before the first
        parameters TEXT NOT NULL    -- the same
    ) WITHOUT ROWID;
    CREATE INDEX runs_by_start ON runs (started);
    CREATE INDEX runs_without_end ON runs (id) WHERE outcome IS NULL;
    -- Folders of days, with the time of their last change when their files were last listed.
    CREATE TABLE days (day TEXT PRIMARY KEY, changed_ns INTEGER NOT NULL) WITHOUT ROWID;
    """,
    # The notes stand in the files, which are all read again at the next look.
    """
    ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
    DELETE FROM runs;
    DELETE FROM days;
    """,
    # Rows from before have neither.
    """
    ALTER TABLE runs ADD COLUMN duration REAL;
    ALTER TABLE runs ADD COLUMN problem TEXT NOT NULL DEFAULT '';
    """,
)
"""Scripts that make each version out of the one before; the number of scripts is the version of the catalogue."""


class UnknownCatalogueError(Exception):
    """The file is a SQLite database, but not a catalogue that this Luthier may touch."""


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database, or migrate those of an older one.

    Raises
    ------
    UnknownCatalogueError
        It belongs to another program, or to a later Luthier.
    """
    version = _version(connection)
    if version == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been quicker.
        version = _version(connection)
        for script in MIGRATIONS[version:]:
            for statement in script.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    # All three of one moment: between two of them, another process may have made a new file a catalogue.
    connection.execute("SAVEPOINT looking")
    try:
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    finally:
        connection.execute("RELEASE looking")
    if tables and owner != APPLICATION_ID:
        message = "it belongs to another program"
        raise UnknownCatalogueError(message)
    if version > len(MIGRATIONS):
        message = (
            f"it was written by a later Luthier (version {version}, this one knows versions up to {len(MIGRATIONS)})"
        )
        raise UnknownCatalogueError(message)
    return int(version)
