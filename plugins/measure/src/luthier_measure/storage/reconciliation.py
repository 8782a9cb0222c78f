"""Bringing the catalogue in line with the files in the folders."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from luthier.errors import LuthierError

from luthier_measure.errors import RunNotFoundError
from luthier_measure.storage.edits import EDITS_SUFFIX
from luthier_measure.storage.folder import RUN_SUFFIX, day_folders, run_path, unreadable_folder
from luthier_measure.storage.identifier import is_run_id
from luthier_measure.storage.ownership import LOCK_SUFFIX
from luthier_measure.storage.run_rows import insert, mark_unreadable, settle, unsettled

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from luthier_measure.storage.protocol import RunSummary

__all__ = ["reconcile"]

_LOOK_AGAIN = -1
_TICK_NS = 3_000_000_000
"""After a change so recent, another may not show in the time of change: some file systems count in seconds."""


def reconcile(
    connection: sqlite3.Connection, folder: Path, summarise: Callable[[Path], RunSummary], *, afresh: bool
) -> dict[Path, LuthierError]:
    """Add runs that are new in the folders, drop those that are gone, and find out how running ones have ended.

    Only folders whose time of change moved are listed, and only new files are read.

    Returns
    -------
    dict
        The files that look like runs, and the folders, that could not be read, with the reasons.
    """
    unreadable: dict[Path, LuthierError] = {}
    if afresh:
        connection.execute("DELETE FROM days")
    known = dict(connection.execute("SELECT day, changed_ns FROM days").fetchall())
    days = {day.relative_to(folder).as_posix(): day for day in day_folders(folder, unreadable)}
    for name, day in days.items():
        try:
            changed = day.stat().st_mtime_ns
            files = _files_in(folder, day, known.get(name, _LOOK_AGAIN)) if known.get(name) != changed else None
        except FileNotFoundError:
            # Removed since the folders were listed, which the next look finds.
            continue
        except OSError as error:
            unreadable[day] = unreadable_folder(day, error)
            continue
        if files is not None:
            _take_in(connection, name, files, summarise, unreadable, afresh=afresh)
            settled = changed if time.time_ns() - changed > _TICK_NS else _LOOK_AGAIN
            if known.get(name) != settled:
                connection.execute("INSERT OR REPLACE INTO days (day, changed_ns) VALUES (?, ?)", (name, settled))
    for name in known.keys() - days.keys():
        _drop(connection, _ids_of_day(connection, name))
        connection.execute("DELETE FROM days WHERE day = ?", (name,))
    for run_id, problem in unsettled(connection).items():
        _settle(connection, run_path(folder, run_id), problem, summarise, unreadable)
    return unreadable


def _take_in(
    connection: sqlite3.Connection,
    name: str,
    files: _Files,
    summarise: Callable[[Path], RunSummary],
    unreadable: dict[Path, LuthierError],
    *,
    afresh: bool,
) -> None:
    present = files.runs
    listed = _ids_of_day(connection, name)
    changed = set() if afresh else files.changed & present.keys() & listed

    def read(run_ids: Iterable[str]) -> list[RunSummary]:
        summaries = []
        for run_id in sorted(run_ids):
            try:
                summaries.append(summarise(present[run_id]))
            except LuthierError as error:
                unreadable[present[run_id]] = error
        return summaries

    new, again = read(present if afresh else present.keys() - listed), read(changed)
    connection.execute("BEGIN IMMEDIATE")
    _drop(connection, listed - present.keys())
    insert(connection, new, replace=afresh)
    # Where one has ended meanwhile, it counts as running until the next look.
    insert(connection, again, replace=True)
    connection.execute("COMMIT")


class _Files(NamedTuple):
    """The runs in the folder of a day, and those of them that were edited or gone on with since some time."""

    runs: dict[str, Path]
    changed: set[str]


def _files_in(folder: Path, day: Path, since_ns: int) -> _Files:
    names, changed = [], set()
    with os.scandir(day) as entries:
        for entry in entries:
            name, _, suffix = entry.name.partition(".")
            if f".{suffix}" == RUN_SUFFIX:
                names.append(name)
            elif f".{suffix}" in (EDITS_SUFFIX, LOCK_SUFFIX) and _changed_ns(entry) > since_ns - _TICK_NS:
                changed.add(name)
    paths = {name: run_path(folder, name) for name in names if is_run_id(name)}
    return _Files({name: path for name, path in paths.items() if path.parent == day}, changed)


def _changed_ns(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_mtime_ns
    except FileNotFoundError:
        # A run that has just ended.
        return 0


def _ids_of_day(connection: sqlite3.Connection, name: str) -> set[str]:
    prefix = name.removeprefix("runs/").replace("/", "")
    rows = connection.execute("SELECT id FROM runs WHERE id >= ? AND id < ?", (f"{prefix}-", f"{prefix}."))
    return {run_id for (run_id,) in rows}


def _drop(connection: sqlite3.Connection, run_ids: set[str]) -> None:
    connection.executemany("DELETE FROM runs WHERE id = ?", [(run_id,) for run_id in run_ids])


def _settle(
    connection: sqlite3.Connection,
    path: Path,
    problem: str,
    summarise: Callable[[Path], RunSummary],
    unreadable: dict[Path, LuthierError],
) -> None:
    """Find out how a run has ended, if it has; ``problem``: why it could not be read at the last look."""
    try:
        summary = summarise(path)
    except RunNotFoundError:
        # Removed since the folders were listed, which the next look finds.
        return
    except LuthierError as error:
        # Read again at each look: its disk may have been away.
        unreadable[path] = error
        if str(error) != problem:
            mark_unreadable(connection, path.stem, str(error))
        return
    if problem or summary.outcome != "running":
        settle(connection, summary)
