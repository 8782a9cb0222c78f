from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from luthier_cli.program import luthier_command

DATABASE = """
CREATE TABLE experiments (exp_id INTEGER PRIMARY KEY, name TEXT, sample_name TEXT);
CREATE TABLE runs (run_id INTEGER PRIMARY KEY, exp_id INTEGER, name TEXT, result_table_name TEXT, run_timestamp INTEGER,
    completed_timestamp INTEGER, guid TEXT, run_description TEXT);
CREATE TABLE "results-1-1" (id INTEGER PRIMARY KEY, x numeric, y numeric);
INSERT INTO experiments VALUES (1, 'cooldown', 'A7');
INSERT INTO runs VALUES (1, 1, 'line', 'results-1-1', 1600000000.5, 1600000009, 'g1', :description);
INSERT INTO runs VALUES (2, 1, 'lost', 'results-1-2', 1600000010.5, 1600000019, 'g2', :description);
INSERT INTO "results-1-1" VALUES (1, 0, 0.5), (2, 1, 1.5);
"""
DESCRIPTION = json.dumps(
    {"interdependencies": {"paramspecs": [{"name": "x", "unit": "V"}, {"name": "y", "unit": "A", "depends_on": ["x"]}]}}
)


def make(*, lost: bool) -> None:
    with closing(sqlite3.connect("old.db")) as connection:
        connection.executescript(DATABASE.replace(":description", f"'{DESCRIPTION}'"))
        if not lost:
            connection.execute("DELETE FROM runs WHERE run_id = 2")
            connection.commit()


def bring(lab: Any, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(
        luthier_command, ["import", "qcodes", "old.db", "--data", str(lab.folder), *arguments], prog_name="luthier"
    )
    assert result.exit_code == code, result.output
    return result


def test_runs_of_an_old_database_are_listed_and_shown(lab: Any) -> None:
    make(lost=False)
    first, second = bring(lab).stdout.splitlines()
    assert first.startswith("1 'line': 20200913-122640-500-")
    assert first.endswith(", 2 points")
    assert second == "1 imported"
    assert "line" in lab.call("runs", "--tag", "qcodes")
    assert "A7" in lab.call("show", "line")
    lab.call("export", "line", "--to", "csv", "-o", "line.csv")
    assert Path("line.csv").read_text(encoding="utf-8").splitlines()[:2] == ["x (V),y (A),taken_at (s)", "0.0,0.5,nan"]
    assert bring(lab).stdout.splitlines()[1] == "0 imported, 1 imported before"


def test_what_cannot_be_imported_is_told_and_ends_with_an_error(lab: Any) -> None:
    make(lost=True)
    result = bring(lab, code=1)
    assert "2 'lost': " in result.stderr
    assert "results-1-2" in result.stderr
    assert result.stdout.splitlines()[-1] == "1 imported, 1 with problems"
    (first, second) = json.loads(bring(lab, "--json", code=1).stdout)
    assert (first["already"], first["problem"]) == (True, "")
    assert (second["id"], second["number"]) == (None, 2)


def test_a_file_that_is_no_database_is_refused(lab: Any) -> None:
    Path("old.db").write_bytes(b"hello")
    assert "is no database of QCoDeS" in " ".join(bring(lab, code=1).output.split())
