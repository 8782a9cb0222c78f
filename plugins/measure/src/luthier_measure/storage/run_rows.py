"""Summaries of runs as rows of the catalogue."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, cast

from luthier_measure.storage.protocol import RunQuery, RunSummary

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from luthier_measure.storage.description import Outcome

__all__ = ["insert", "select", "settle", "unsettled"]

_COLUMNS = "id, name, sample, started, ended, outcome, points, tags, parameters"


def insert(connection: sqlite3.Connection, summaries: Iterable[RunSummary], *, replace: bool) -> None:
    """Add runs; those that are known already are replaced or kept."""
    verb = "REPLACE" if replace else "IGNORE"
    rows = [
        (
            summary.id,
            summary.name,
            summary.sample,
            summary.started,
            summary.ended,
            None if summary.outcome == "running" else summary.outcome,
            summary.points,
            _lines(summary.tags),
            _lines(summary.parameters),
        )
        for summary in summaries
    ]
    connection.executemany(f"INSERT OR {verb} INTO runs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)  # noqa: S608 - constants


def unsettled(connection: sqlite3.Connection) -> list[str]:
    """Return the ids of runs that were running when last looked at."""
    return [run_id for (run_id,) in connection.execute("SELECT id FROM runs WHERE outcome IS NULL")]


def settle(connection: sqlite3.Connection, summary: RunSummary) -> None:
    """Write down how a run ended, unless its own process has done so meanwhile."""
    connection.execute(
        "UPDATE runs SET outcome = ?, ended = ?, points = ? WHERE id = ? AND outcome IS NULL",
        (summary.outcome, summary.ended, summary.points, summary.id),
    )


def select(connection: sqlite3.Connection, query: RunQuery) -> list[RunSummary]:
    """Return the runs that a query asks for, oldest first."""
    conditions, values = _conditions(query)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    limit = -1 if query.limit is None else query.limit
    statement = f"SELECT {_COLUMNS} FROM runs {where} ORDER BY id DESC LIMIT ?"  # noqa: S608 - made of constants only
    rows = connection.execute(statement, (*values, limit)).fetchall()
    rows.reverse()
    return [_summary(row) for row in rows]


def _conditions(query: RunQuery) -> tuple[list[str], list[object]]:
    asked: list[tuple[str, object]] = []
    if query.id is not None:
        asked.append((r"id LIKE ? ESCAPE '\'", _escaped(query.id) + "%"))
    for column, pattern in (("name", query.name), ("sample", query.sample)):
        if pattern is not None:
            asked.append((rf"{column} LIKE ? ESCAPE '\'", _escaped(pattern).replace("*", "%").replace("?", "_")))
    for column, word in (("tags", query.tag), ("parameters", query.parameter)):
        if word is not None:
            asked.append((f"instr({column}, ?)", f"\n{word}\n"))
    if query.since is not None:
        asked.append(("started >= ?", query.since))
    if query.until is not None:
        asked.append(("started < ?", query.until))
    if query.outcome == "running":
        asked.append(("outcome IS NULL AND ?", 1))
    elif query.outcome is not None:
        asked.append(("outcome = ?", query.outcome))
    return [condition for condition, _ in asked], [value for _, value in asked]


def _escaped(pattern: str) -> str:
    return pattern.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _lines(words: tuple[str, ...]) -> str:
    return "\n".join(("", *words, "")) if words else ""


@functools.lru_cache(maxsize=1000)
def _words(lines: str) -> tuple[str, ...]:
    return tuple(lines.split("\n")[1:-1]) if lines else ()


def _summary(row: tuple[Any, ...]) -> RunSummary:
    run_id, name, sample, started, ended, outcome, points, tags, parameters = row
    known = cast("Outcome", outcome or "running")
    return RunSummary(run_id, name, sample, started, ended, known, points, _words(tags), _words(parameters))
