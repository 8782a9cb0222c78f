"""Several processes at one data folder: two measure, a third one looks on, and something happens to the catalogue."""

from __future__ import annotations

import sqlite3
import sys
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest
from luthier_measure import load, runs
from luthier_measure.errors import CatalogueWarning

from .children import Child
from .messages import read_aloud

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEASURING = """
import sys
from luthier import ManualParameter
from luthier_measure import measure, sweep

x = ManualParameter("x", float)
for line in sys.stdin:
    count, folder = line.rstrip().split(" ", 1)
    made = [
        measure(sweep(x, 0, 1, num=21, delay=0.001), x, name=sys.argv[1], folder=folder) for _ in range(int(count))
    ]
    print(*(f"{run.id} {run.outcome} {run.points}" for run in made), sep=",", flush=True)
"""


@pytest.fixture(scope="module")
def measuring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Child, Child]]:
    """Give two processes that measure as many runs as they are told to."""
    data = tmp_path_factory.mktemp("nobody's")
    with Child(MEASURING, data, "left", strict=True) as left, Child(MEASURING, data, "right", strict=True) as right:
        yield left, right
        for child in (left, right):
            done = child.end()
            assert (done.code, done.err) == (0, "")
    assert list(data.iterdir()) == []


def measure_in_both(measuring: tuple[Child, Child], folder: Path, count: int) -> list[str]:
    """Let both measure at once, look on all the time, and return the ids of the runs, which are all complete."""
    for child in measuring:
        child.say(f"{count} {folder}")
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(child.line) for child in measuring]
        while not all(answer.done() for answer in answers):
            look_on(folder)
    made = [facts.split() for answer in answers for facts in answer.result().split(",")]
    assert Counter(tuple(facts) for _, *facts in made) == {("completed", "21"): 2 * count}
    return [run_id for run_id, *_ in made]


def look_on(folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CatalogueWarning)
        found = runs(folder=folder)
    for run in found[-4:]:
        loaded = load(run.id, folder=folder)
        assert loaded.outcome in ("running", "completed")
        table = loaded.table()
        assert table.columns["x"].tolist() == table.columns["x_2"].tolist()
        assert len(table.times) <= 21


def check_all(folder: Path, ids: list[str]) -> None:
    assert len(set(ids)) == len(ids)
    for run_id in ids:
        run = load(run_id, folder=folder)
        assert (run.outcome, run.points, run.problems) == ("completed", 21, ())


def test_two_processes_measure_into_one_folder_while_a_third_looks_on(
    measuring: tuple[Child, Child], tmp_path: Path
) -> None:
    ids = measure_in_both(measuring, tmp_path, 20)
    check_all(tmp_path, ids)
    found = runs(folder=tmp_path)
    assert [run.id for run in found] == sorted(ids)
    assert Counter(run.name for run in found) == {"left": 20, "right": 20}
    with closing(sqlite3.connect(tmp_path / "catalogue.db")) as catalogue:
        rows = catalogue.execute("SELECT id, outcome, points FROM runs ORDER BY id").fetchall()
    assert rows == [(run_id, "completed", 21) for run_id in sorted(ids)]


def _remove(catalogue: Path) -> None:
    catalogue.unlink()


def _damage(catalogue: Path) -> None:
    contents = bytearray(catalogue.read_bytes())
    contents[100:2000] = b"\xa5" * 1900
    catalogue.write_bytes(contents)


def _replace_by_text(catalogue: Path) -> None:
    catalogue.write_text("This was a list of runs once, and is a letter now. " * 100)


def _empty(catalogue: Path) -> None:
    catalogue.write_bytes(b"")


def _make_newer(catalogue: Path) -> None:
    with closing(sqlite3.connect(catalogue)) as connection:
        connection.execute("PRAGMA user_version = 99")


def _replace_by_folder(catalogue: Path) -> None:
    catalogue.unlink()
    catalogue.mkdir()


def _make_foreign(catalogue: Path) -> None:
    catalogue.unlink()
    with closing(sqlite3.connect(catalogue)) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")


MISHAPS = {
    "removed": (_remove, ()),
    "damaged": (_damage, ("it is damaged", "made again", "none is lost")),
    "text": (_replace_by_text, ("it is damaged", "made again", "none is lost")),
    "empty": (_empty, ()),
    "newer": (_make_newer, ("later Luthier (version 99", "left alone")),
    "foreign": (_make_foreign, ("another program", "left alone")),
    "folder": (_replace_by_folder, ()),
}


@pytest.mark.skipif(sys.platform == "win32", reason="files in use cannot be removed or replaced there")
@pytest.mark.parametrize("mishap", MISHAPS)
def test_whatever_happens_to_the_catalogue_no_run_is_lost(
    measuring: tuple[Child, Child], tmp_path: Path, mishap: str
) -> None:
    happens, words = MISHAPS[mishap]
    ids = measure_in_both(measuring, tmp_path, 2)
    happens(tmp_path / "catalogue.db")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert [run.id for run in runs(folder=tmp_path)] == sorted(ids)
    assert len(caught) == bool(words)
    for each in caught:
        assert each.category is CatalogueWarning
        read_aloud(str(each.message), str(tmp_path / "catalogue.db"), *words)
    for child in measuring:
        child.say(f"3 {tmp_path}")
    if mishap in ("removed", "empty", "damaged", "text"):
        happens(tmp_path / "catalogue.db")
    for child in measuring:
        ids += [facts.split()[0] for facts in child.line().split(",")]
    check_all(tmp_path, ids)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CatalogueWarning)
        assert [run.id for run in runs(folder=tmp_path)] == sorted(ids)


def test_a_catalogue_that_somebody_keeps_locked_keeps_nobody_from_measuring(
    measuring: tuple[Child, Child], tmp_path: Path
) -> None:
    ids = measure_in_both(measuring, tmp_path, 1)
    with ExitStack() as stack:
        holder = stack.enter_context(closing(sqlite3.connect(tmp_path / "catalogue.db", isolation_level=None)))
        holder.execute("BEGIN EXCLUSIVE")
        for child in measuring:
            child.say(f"1 {tmp_path}")
        ids += [child.line().split()[0] for child in measuring]
        check_all(tmp_path, ids)
    assert [run.id for run in runs(folder=tmp_path)] == sorted(ids)
