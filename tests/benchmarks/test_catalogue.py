"""How long finding runs takes among very many."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from luthier_measure import runs
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.storage import RunQuery, RunSummary
from luthier_measure.storage.catalogue_schema import bring_up_to_date
from luthier_measure.storage.folder import catalogue_path
from luthier_measure.storage.run_rows import insert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = "id, name, sample, started, ended, outcome, points, tags, parameters, note"
FIRST = 1.7e9
APART = 300.0


def _summaries(count: int) -> Iterator[RunSummary]:
    for number in range(count):
        started = FIRST + number * APART
        yield RunSummary(
            id=f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(started))}-{number % 1000:03}-000000",
            name=f"scan {number % 500}",
            sample=f"S{number % 40}",
            started=started,
            ended=started + 100.0,
            outcome="completed",
            points=1000,
            tags=("cold", "good") if number % 3 else (),
            parameters=(f"dac.ch{number % 16}", "dmm.voltage", "lockin.x"),
        )


def _folder(folder: Path, count: int) -> Path:
    """Make a catalogue; runs of folders that it never looked into are not missed."""
    folder.mkdir()
    with closing(sqlite3.connect(catalogue_path(folder))) as connection, connection:
        bring_up_to_date(connection)
        insert(connection, _summaries(count), replace=True)
    return folder


@pytest.fixture(scope="module")
def ten_thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _folder(tmp_path_factory.mktemp("catalogues") / "10000", 10_000)


@pytest.fixture(scope="module")
def hundred_thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _folder(tmp_path_factory.mktemp("catalogues") / "100000", 100_000)


def _bare(folder: Path) -> list[Any]:
    with closing(sqlite3.connect(catalogue_path(folder))) as connection:
        return connection.execute(f"SELECT {COLUMNS} FROM runs ORDER BY id").fetchall()  # noqa: S608 - constants


def test_bare_sqlite_10000(limit: Any, ten_thousand: Path) -> None:
    rows = limit("listing 10,000 runs").pedantic(_bare, args=(ten_thousand,), rounds=10, warmup_rounds=2)
    assert len(rows) == 10_000


def test_runs_of_10000(subject: Any, ten_thousand: Path) -> None:
    def listed() -> list[Any]:
        return runs(folder=ten_thousand)

    assert len(subject("listing 10,000 runs", budget=2).pedantic(listed, rounds=10, warmup_rounds=2)) == 10_000


def test_bare_sqlite_100000(limit: Any, hundred_thousand: Path) -> None:
    limit("finding among 100,000 runs").pedantic(_bare, args=(hundred_thousand,), rounds=3, warmup_rounds=1)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (RunQuery(limit=20), 20),
        (RunQuery(name="scan 77"), 200),
        (RunQuery(tag="no such"), 0),
        (RunQuery(parameter="dac.ch3", limit=20), 20),
        (RunQuery(text="no such"), 0),
        (RunQuery(since=FIRST + 99_900 * APART), 100),
        (RunQuery(id="20231115-"), 288),
    ],
    ids=["latest 20", "name", "tag", "parameter", "text", "since", "id"],
)
def test_a_query(subject: Any, hundred_thousand: Path, query: RunQuery, count: int) -> None:
    storage = ArrowStorage(hundred_thousand)
    measure = subject("finding among 100,000 runs", budget=0.5)
    assert len(measure.pedantic(storage.find, args=(query,), rounds=5, warmup_rounds=1)) == count
