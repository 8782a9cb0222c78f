"""The index of runs: whatever happens to it, runs are recorded, opened and listed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
import warnings
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.errors import CatalogueWarning, DataFolderError, RunNotFoundError
from luthier_measure.storage import RunEnd, RunQuery, new_run_id
from luthier_measure.storage.catalogue_schema import MIGRATIONS
from luthier_measure.storage.folder import catalogue_path, run_path
from luthier_measure.storage.ownership import RunLock, lock_path

if TYPE_CHECKING:
    from pathlib import Path


def ids(storage: ArrowStorage, **query: Any) -> list[str]:
    return [each.id for each in storage.find(RunQuery(**query))]


def test_a_folder_that_does_not_exist_has_no_runs_and_is_not_made(storage: ArrowStorage) -> None:
    assert ids(storage) == []
    assert not storage.folder.exists()


def test_runs_are_listed_with_what_is_known_of_them(storage: ArrowStorage, make_run: Any) -> None:
    run_id = make_run(points=7, name="gate", sample="S1", tags=("good", "two words"), started=100.5)
    (summary,) = storage.find(RunQuery())
    assert (summary.id, summary.name, summary.sample, summary.started) == (run_id, "gate", "S1", 100.5)
    assert (summary.outcome, summary.points, summary.tags) == ("completed", 7, ("good", "two words"))
    assert summary.parameters == ("dac.x", "dmm.current")
    assert summary.ended is not None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [0, 1, 2]),
        ({"name": "gate"}, [0]),
        ({"name": "GATE*"}, [0, 1]),
        ({"name": "gate?2"}, [1]),
        ({"name": "100%_sure"}, [2]),
        ({"name": "100_*"}, []),
        ({"sample": "s1"}, [0, 2]),
        ({"tag": "good"}, [0]),
        ({"tag": "goo"}, []),
        ({"parameter": "dac.x"}, [0, 1, 2]),
        ({"parameter": "dac"}, []),
        ({"outcome": "completed"}, [0, 1, 2]),
        ({"outcome": "running"}, []),
        ({"text": "GATE"}, [0, 1]),
        ({"text": "goods"}, [1]),
        ({"text": "mm.CURR"}, [0, 1, 2]),
        ({"text": "contact"}, [2]),
        ({"text": "_"}, [2]),
        ({"text": "s1", "tag": "good", "since": 5.0, "limit": 1}, [0]),
        ({"since": 20.0}, [1, 2]),
        ({"until": 20.0}, [0]),
        ({"since": 15.0, "until": 25.0}, [1]),
        ({"limit": 2}, [1, 2]),
        ({"limit": 0}, []),
    ],
)
def test_a_query_selects(storage: ArrowStorage, make_run: Any, query: dict[str, Any], expected: list[int]) -> None:
    made = [
        make_run(name="gate", sample="s1", tags=("good", "bad"), started=10.0),
        make_run(name="gate 2", sample="s2", tags=("goods",), started=20.0),
        make_run(name="100%_sure", sample="s1", started=30.0, note="loose\nContact"),
    ]
    assert ids(storage, **query) == [made[number] for number in expected]


def test_the_beginning_of_an_identifier_selects(storage: ArrowStorage, make_run: Any) -> None:
    run_id = make_run()
    assert ids(storage, id=run_id[:10]) == [run_id]
    assert ids(storage, id="1999") == []


def test_a_missing_catalogue_is_made_from_the_files(storage: ArrowStorage, make_run: Any) -> None:
    made = [make_run() for _ in range(3)]
    before = storage.find(RunQuery())
    catalogue_path(storage.folder).unlink()
    assert ids(storage) == made
    assert storage.find(RunQuery()) == before


def test_runs_that_are_copied_in_are_listed_and_runs_that_are_removed_are_not(
    storage: ArrowStorage, make_run: Any, tmp_path: Path
) -> None:
    first, second = make_run(name="first"), make_run(name="second")
    other = ArrowStorage(tmp_path / "other")
    copy = run_path(other.folder, first)
    copy.parent.mkdir(parents=True)
    copy.write_bytes(run_path(storage.folder, first).read_bytes())
    assert ids(other) == [first]
    run_path(other.folder, second).write_bytes(run_path(storage.folder, second).read_bytes())
    assert ids(other) == [first, second]
    copy.unlink()
    assert ids(other) == [second]
    run_path(other.folder, second).unlink()
    copy.parent.rmdir()
    assert ids(other) == []


@pytest.mark.parametrize("damage", [b"this is no database", b"", None])
def test_a_damaged_catalogue_is_set_aside_and_made_again(
    storage: ArrowStorage, make_run: Any, damage: bytes | None
) -> None:
    made = [make_run() for _ in range(3)]
    path = catalogue_path(storage.folder)
    contents = path.read_bytes()
    path.write_bytes(contents[:4096] + bytes(len(contents) - 4096) if damage is None else damage)
    if damage == b"":
        # SQLite takes an empty file for a new database, and so do we.
        assert ids(storage) == made
        return
    with pytest.warns(CatalogueWarning, match="made again from the runs; none is lost"):
        assert ids(storage) == made
    assert len(list(storage.folder.glob("catalogue.db.damaged-*"))) == 1
    assert ids(storage) == made


def test_with_a_damaged_catalogue_runs_are_recorded_and_opened(storage: ArrowStorage, make_run: Any) -> None:
    storage.folder.mkdir()
    catalogue_path(storage.folder).write_text("this is no database, " * 100)
    run_id = make_run(points=3)
    assert storage.open(run_id).points("main") == 3


@pytest.mark.parametrize("what", ["newer", "foreign"])
def test_a_catalogue_of_a_later_luthier_or_of_another_program_is_left_alone(
    storage: ArrowStorage, make_run: Any, what: str
) -> None:
    made = [make_run()]
    path = catalogue_path(storage.folder)
    with closing(sqlite3.connect(path)) as connection:
        if what == "newer":
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        else:
            connection.execute("PRAGMA application_id = 12")
    contents = path.read_bytes()
    made.append(make_run())
    with pytest.warns(CatalogueWarning, match="later Luthier" if what == "newer" else "another program"):
        assert ids(storage) == made
    assert path.read_bytes() == contents
    assert storage.open(made[1]).outcome == "completed"


def test_while_the_catalogue_is_locked_runs_are_recorded_opened_and_listed(
    storage: ArrowStorage, make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luthier_measure.storage.catalogue._PATIENCE", 0.05)
    monkeypatch.setattr("luthier_measure.storage.catalogue._PATIENCE_OF_RUNS", 0.05)
    made = [make_run()]
    with closing(sqlite3.connect(catalogue_path(storage.folder), isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        made.append(make_run(points=2))
        assert storage.open(made[1]).points("main") == 2
        began = time.monotonic()
        with pytest.warns(
            CatalogueWarning, match=r"another program has kept it locked for 0.05 s\. .* Close what holds"
        ):
            assert ids(storage) == made
        assert time.monotonic() - began < 1
    assert ids(storage) == made


def test_what_a_locked_catalogue_knows_is_not_read_again(
    storage: ArrowStorage, make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luthier_measure.storage.catalogue._PATIENCE", 0.05)
    made = [make_run() for _ in range(3)]
    assert ids(storage) == made
    with closing(sqlite3.connect(catalogue_path(storage.folder), isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        run_path(storage.folder, made[0]).write_bytes(b"not looked at")
        with pytest.warns(CatalogueWarning, match="kept it locked"):
            assert ids(storage) == made
        # Once something was changed, the file alone is not the whole truth.
        holder.execute("PRAGMA cache_size = 1")
        holder.execute("PRAGMA cache_spill = 1")
        holder.execute("DELETE FROM runs")
        holder.execute("CREATE TABLE much AS SELECT randomblob(1000000) AS it")
        with pytest.warns(CatalogueWarning) as caught:
            assert ids(storage) == made[1:]
        assert any("could not be read" in str(each.message) for each in caught)


def test_a_run_that_was_running_and_cannot_be_read_is_marked_until_it_can(
    storage: ArrowStorage, make_header: Any
) -> None:
    writer = storage.create(make_header(name="lost"))
    path = run_path(storage.folder, writer.id)
    assert ids(storage, outcome="running") == [writer.id]
    writer.finish(RunEnd("completed", 12.0))
    whole = path.read_bytes()
    with closing(sqlite3.connect(catalogue_path(storage.folder), isolation_level=None)) as connection:
        connection.execute("UPDATE runs SET outcome = NULL, ended = NULL")  # as a kill leaves it
    path.write_bytes(b"\0" * len(whole))
    for _ in range(2):
        with pytest.warns(CatalogueWarning, match="1 file or folder among the runs could not be read"):
            (summary,) = storage.find(RunQuery(outcome="unreadable"))
    assert (summary.id, summary.name) == (writer.id, "lost")
    assert str(path) in summary.problem
    assert ids_quietly(storage, outcome="running") == []
    path.write_bytes(whole)
    (summary,) = storage.find(RunQuery())
    assert (summary.outcome, summary.problem) == ("completed", "")


def ids_quietly(storage: ArrowStorage, **query: Any) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CatalogueWarning)
        return ids(storage, **query)


def test_a_folder_in_the_place_of_the_catalogue_stops_nothing(storage: ArrowStorage, make_run: Any) -> None:
    catalogue_path(storage.folder).mkdir(parents=True)
    run_id = make_run()
    assert ids(storage) == [run_id]


def test_a_file_that_cannot_be_read_is_told_of_and_the_others_are_listed(storage: ArrowStorage, make_run: Any) -> None:
    good = make_run()
    run_path(storage.folder, new_run_id()).write_text("not a run")
    run_path(storage.folder, good).with_name("notes.txt").write_text("something else")
    run_path(storage.folder, good).with_name("notes.arrows").write_text("something else")
    with pytest.warns(CatalogueWarning, match="1 file or folder among the runs could not be read") as caught:
        assert ids(storage) == [good]
    assert len(caught) == 1


def test_a_file_in_the_place_of_the_data_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    storage = ArrowStorage(tmp_path / "data")
    with pytest.raises(DataFolderError, match="no folder"):
        ids(storage)
    with pytest.raises(RunNotFoundError):
        storage.open(new_run_id())


def test_rebuilding_reads_every_run_again_and_clears_what_crashes_left(storage: ArrowStorage, make_run: Any) -> None:
    made = [make_run() for _ in range(3)]
    ids(storage)
    with closing(sqlite3.connect(catalogue_path(storage.folder), isolation_level=None)) as connection:
        connection.execute("UPDATE runs SET name = 'wrong'")
    remnant = run_path(storage.folder, made[0]).with_name(f"{made[0]}.arrows.merging")
    remnant.write_bytes(b"half")
    living = run_path(storage.folder, made[1]).with_name(f"{made[1]}.arrows.starting")
    living.write_bytes(b"half")
    lock = RunLock(lock_path(run_path(storage.folder, made[1])))
    assert storage.rebuild() == 3
    lock.release()
    assert {each.name for each in storage.find(RunQuery())} == {"test"}
    assert not remnant.exists()
    assert living.exists()


def test_a_listing_says_which_runs_are_running(
    storage: ArrowStorage, make_header: Any, completed_end: Any, make_run: Any
) -> None:
    make_run()
    writer = storage.create(make_header())
    assert ids(storage, outcome="running") == [writer.id]
    writer.finish(completed_end())
    assert ids(storage, outcome="running") == []


def test_a_run_whose_end_could_not_be_noted_is_found_out(
    storage: ArrowStorage, make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luthier_measure.storage.catalogue.Catalogue.note", lambda *_: None)
    make_run(points=3)
    (summary,) = storage.find(RunQuery())
    assert (summary.outcome, summary.points) == ("completed", 3)


WRITE_RUNS = """
import sys, time
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.storage import *

layout = Layout((Column("x", "setpoint", "float64"),), (Table("main", (Dimension("x"),), ("x",)),))
storage = ArrowStorage(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for run in range(10):
    writer = storage.create(RunHeader(new_run_id(), sys.argv[2], time.time(), layout))
    add = writer.appender("main")
    for number in range(1000):
        add((time.time(), number, float(number)))
    writer.finish(RunEnd("completed", time.time()))
    storage.find(RunQuery())
"""


def test_two_processes_write_runs_into_one_folder_at_once(storage: ArrowStorage) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", WRITE_RUNS, str(storage.folder), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    listed = storage.find(RunQuery())
    assert sorted(each.name for each in listed) == ["a"] * 10 + ["b"] * 10
    assert {(each.outcome, each.points) for each in listed} == {("completed", 1000)}


def test_a_lock_of_another_computer_counts_for_as_long_as_it_is_touched(
    storage: ArrowStorage, make_header: Any, completed_end: Any
) -> None:
    import json  # noqa: PLC0415 - only here
    import os  # noqa: PLC0415 - only here

    writer = storage.create(make_header())
    path = run_path(storage.folder, writer.id)
    copy = run_path(storage.folder, new_run_id())
    copy.write_bytes(path.read_bytes())
    writer.finish(completed_end())
    lock_path(copy).write_text(json.dumps({"host": "another computer", "pid": 1}))
    assert storage.open(copy.stem).outcome == "running"
    os.utime(lock_path(copy), (time.time() - 100, time.time() - 100))
    assert storage.open(copy.stem).outcome == "interrupted"
