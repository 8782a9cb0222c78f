"""Summaries of runs as rows of the catalogue."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from luthier_measure.storage.protocol import RunQuery, RunSummary

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

__all__ = ["insert", "mark_unreadable", "select", "settle", "unsettled"]

_COLUMNS_BEFORE = "id, name, sample, started, ended, outcome, points, tags, parameters, note"
_COLUMNS = f"{_COLUMNS_BEFORE}, duration, problem"
_ALL_TEXT = "(name || char(10) || sample || char(10) || note || tags || parameters)"
_MOST_OF_NOTE = 4000  # characters that are searched


def insert(connection: sqlite3.Connection, summaries: Iterable[RunSummary], *, replace: bool) -> None:
    """Add runs; those that are known already are replaced or kept."""
    verb = "REPLACE" if replace else "IGNORE"
    rows = [
        (
            summary.id,
            _whole(summary.name),
            _whole(summary.sample),
            summary.started,
            summary.ended,
            None if summary.outcome == "running" else summary.outcome,
            summary.points,
            _whole(_lines(summary.tags)),
            _whole(_lines(summary.parameters)),
            _whole(summary.note[:_MOST_OF_NOTE]),
            summary.duration,
            _whole(summary.problem),
        )
        for summary in summaries
    ]
    places = ", ".join("?" * len(RunSummary._fields))
    connection.executemany(f"INSERT OR {verb} INTO runs ({_COLUMNS}) VALUES ({places})", rows)  # noqa: S608 - constants


def unsettled(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the runs that were running when last looked at, or could not be read then, with the reason of that."""
    running = connection.execute("SELECT id FROM runs WHERE outcome IS NULL").fetchall()
    unreadable = connection.execute("SELECT id, problem FROM runs WHERE outcome = 'unreadable'").fetchall()
    return {**{run_id: "" for (run_id,) in running}, **dict(unreadable)}


def settle(connection: sqlite3.Connection, summary: RunSummary) -> None:
    """Write down how a run ended, unless its own process has done so meanwhile."""
    connection.execute(
        "UPDATE runs SET outcome = ?, ended = ?, points = ?, duration = ?, problem = '' "
        "WHERE id = ? AND (outcome IS NULL OR outcome = 'unreadable')",
        (
            None if summary.outcome == "running" else summary.outcome,
            summary.ended,
            summary.points,
            summary.duration,
            summary.id,
        ),
    )


def mark_unreadable(connection: sqlite3.Connection, run_id: str, problem: str) -> None:
    """Write down that a run whose end is not known cannot be read, and why; what was known of it stays."""
    connection.execute(
        "UPDATE runs SET outcome = 'unreadable', problem = ? "
        "WHERE id = ? AND (outcome IS NULL OR outcome = 'unreadable')",
        (_whole(problem), run_id),
    )


def select(connection: sqlite3.Connection, query: RunQuery) -> list[RunSummary]:
    """Return the runs that a query asks for, oldest first."""
    conditions, values = _conditions(query)
    values = [_whole(value) if isinstance(value, str) else value for value in values]
    present = {column for _, column, *_ in connection.execute("PRAGMA table_info(runs)")}
    # A database that can only be read may be of before.
    columns = _COLUMNS if {"duration", "problem"} <= present else f"{_COLUMNS_BEFORE}, NULL, ''"
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    if query.limit is None:
        statement = f"SELECT {columns} FROM runs {where} ORDER BY id"  # noqa: S608 - made of constants only
        return _summaries(connection.execute(statement, values))
    statement = f"SELECT {columns} FROM runs {where} ORDER BY id DESC LIMIT ?"  # noqa: S608 - the same
    return _summaries(connection.execute(statement, (*values, query.limit)))[::-1]


def _conditions(query: RunQuery) -> tuple[list[str], list[object]]:
    asked = [*_asked_words(query), *_asked_times(query)]
    if query.id is not None:
        # Not LIKE, for which SQLite would look at all of them.
        beginning = query.id.lower()
        asked += [("id >= ?", beginning), ("id < ?", f"{beginning}\U0010ffff")]
    if query.outcome == "running":
        asked.append(("outcome IS NULL AND ?", 1))
    elif query.outcome is not None:
        asked.append(("outcome = ?", query.outcome))
    return [condition for condition, _ in asked], [value for _, value in asked]


def _asked_words(query: RunQuery) -> Iterator[tuple[str, object]]:
    for column, pattern in (("name", query.name), ("sample", query.sample)):
        if pattern is not None:
            yield rf"{column} LIKE ? ESCAPE '\'", _escaped(pattern).replace("*", "%").replace("?", "_")
    for column, word in (("tags", query.tag), ("parameters", query.parameter)):
        if word is not None:
            yield f"instr({column}, ?)", f"\n{word}\n"
    if query.text is not None:
        yield rf"{_ALL_TEXT} LIKE ? ESCAPE '\'", f"%{_escaped(query.text)}%"


def _asked_times(query: RunQuery) -> Iterator[tuple[str, object]]:
    if query.since is not None:
        yield "started >= ?", query.since
    if query.until is not None:
        yield "started < ?", query.until


def _escaped(pattern: str) -> str:
    return pattern.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _whole(text: str) -> str:
    """Write halves of characters (of names of files that are no UTF-8) as numbers; SQLite refuses them."""
    return text.encode(errors="backslashreplace").decode()


def _lines(words: tuple[str, ...]) -> str:
    return "\n".join(("", *words, "")) if words else ""


@functools.lru_cache(maxsize=4096)
def _words(lines: str) -> tuple[str, ...]:
    return tuple(lines.split("\n")[1:-1]) if lines else ()


def _summaries(rows: Iterable[Any]) -> list[RunSummary]:
    """Make summaries of rows; without their own constructor, which takes longer than all the rest."""
    new: Any = tuple.__new__
    return [
        new(
            RunSummary,
            (run_id, name, sample, started, ended, outcome or "running", points, _words(tags), _words(read), *others),
        )
        for run_id, name, sample, started, ended, outcome, points, tags, read, *others in rows
    ]
