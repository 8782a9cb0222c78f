"""Databases with the tables and values that QCoDeS writes, made without it."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TABLES = """
CREATE TABLE experiments (exp_id INTEGER PRIMARY KEY, name TEXT, sample_name TEXT, start_time INTEGER, end_time INTEGER,
    run_counter INTEGER, format_string TEXT);
CREATE TABLE runs (run_id INTEGER PRIMARY KEY, exp_id INTEGER, name TEXT, result_table_name TEXT,
    result_counter INTEGER, run_timestamp INTEGER, completed_timestamp INTEGER,
    is_completed BOOL, parameters TEXT, guid TEXT, run_description TEXT, snapshot TEXT,
    captured_run_id, captured_counter, parent_datasets TEXT, wafer TEXT);
CREATE TABLE layouts (layout_id INTEGER PRIMARY KEY, run_id INTEGER, parameter TEXT, label TEXT, unit TEXT,
    inferred_from TEXT);
CREATE TABLE dependencies (dependent INTEGER, independent INTEGER, axis_num INTEGER);
INSERT INTO experiments VALUES (1, 'cooldown 7', 'chip A7', 1.0, NULL, 0, '{}-{}-{}');
"""
STARTED = 1_600_000_000.25


def stored(value: Any) -> Any:
    """Return a value as QCoDeS stores it."""
    if isinstance(value, (complex, np.ndarray)):
        file = io.BytesIO()
        np.save(file, np.asarray(value), allow_pickle=False)
        return file.getvalue()
    return "nan" if isinstance(value, float) and value != value else value  # noqa: PLR0124 - NaN


class OldDatabase:
    """A file to which runs can be added."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(TABLES)
        self._count = 0

    def execute(self, statement: str, *values: Any) -> None:
        """Carry out a statement, and close."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(statement, values)

    def add(
        self,
        quantities: Mapping[str, tuple[str, Sequence[str]]],
        rows: Sequence[Mapping[str, Any]],
        *,
        name: str = "sweep",
        described: bool = True,
        shapes: Mapping[str, Sequence[int]] | None = None,
        completed: bool = True,
        snapshot: Any = None,
    ) -> int:
        """Add a run: quantities with their types and what they depend on, and the rows of its table of results."""
        self._count += 1
        number, table = self._count, f"results-1-{self._count}"
        specs = {each: {"name": each, "paramtype": kind, "unit": "V"} for each, (kind, _) in quantities.items()}
        description = {
            "version": 3,
            "interdependencies_": {
                "parameters": specs,
                "dependencies": {each: list(on) for each, (_, on) in quantities.items() if on},
            },
            "shapes": shapes,
        }
        self.execute(
            "INSERT INTO runs VALUES (?, 1, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, '[]', 'W3')",
            number,
            name,
            table,
            number,
            STARTED + number,
            STARTED + number + 2 if completed else None,
            completed,
            f"guid-{number}",
            json.dumps(description) if described else None,
            None if snapshot is None else json.dumps(snapshot),
            number,
            number,
        )
        columns = ", ".join(f'"{each}" {kind}' for each, (kind, _) in quantities.items())
        self.execute(f'CREATE TABLE "{table}" (id INTEGER PRIMARY KEY, {columns})')
        for place, each in enumerate(quantities, start=1):
            self.execute("INSERT INTO layouts VALUES (?, ?, ?, '', 'V', '')", number * 100 + place, number, each)
        for place, (_, on) in enumerate(quantities.values(), start=1):
            for axis, setpoint in enumerate(on):
                other = list(quantities).index(setpoint) + 1
                self.execute(
                    "INSERT INTO dependencies VALUES (?, ?, ?)", number * 100 + place, number * 100 + other, axis
                )
        with closing(sqlite3.connect(self.path)) as connection, connection:
            for row in rows:
                names = ", ".join(f'"{each}"' for each in row)
                marks = ", ".join("?" for _ in row)
                connection.execute(
                    f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608 - names of the test's own
                    tuple(map(stored, row.values())),
                )
        return number


@pytest.fixture
def old(tmp_path: Path) -> OldDatabase:
    return OldDatabase(tmp_path / "old.db")
