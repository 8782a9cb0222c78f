"""Following a run while it grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier_measure.arrow import following
from luthier_measure.errors import NotARunFileError, RunNotFoundError
from luthier_measure.storage import Column, Dimension, Layout, RunEnd, Table, new_run_id
from luthier_measure.storage.folder import run_path
from luthier_measure.storage.following import RunFollower, RunNews, follow

if TYPE_CHECKING:
    from luthier_measure.arrow.storage import ArrowStorage

TWO_LEVELS = Layout(
    (
        Column("x", "setpoint", "float64"),
        Column("y", "setpoint", "float64"),
        Column("inner", "reading", None, None),
        Column("trace", "reading", "float64", (3,)),
    ),
    (
        Table("main", (Dimension("x", 50, ("x",)), Dimension("y", 4, ("y",))), ("x", "y", "inner")),
        Table("outer", (Dimension("x", 50, ("x",)),), ("x", "trace")),
    ),
)


class OnlyReading:
    """A storage that cannot follow by itself."""

    def __init__(self, storage: ArrowStorage) -> None:
        self.open = storage.open


def _joined(news: list[RunNews], table: str, column: str) -> Any:
    return np.concatenate([each.tables[table].columns[column] for each in news if table in each.tables])


@pytest.fixture(params=[True, False], ids=["its own", "by reading again"])
def place(request: pytest.FixtureRequest, storage: ArrowStorage) -> Any:
    return storage if request.param else OnlyReading(storage)


def _look(follower: RunFollower, seen: list[RunNews]) -> None:
    seen.append(follower.look())
    while seen[-1].more:
        seen.append(follower.look())


def test_every_row_is_given_once_in_order_whatever_happens_to_the_file(
    storage: ArrowStorage, place: Any, make_header: Any, completed_end: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So little that several looks are needed, and that messages do not fit in.
    monkeypatch.setattr(following, "LOOK", 700)
    writer = storage.create(make_header(layout=TWO_LEVELS))
    add, add_outer = writer.appender("main"), writer.appender("outer")
    follower = follow(place, writer.id)
    seen: list[RunNews] = []
    _look(follower, seen)
    assert not seen[0].tables
    assert seen[0].outcome == "running"
    for step in range(50):
        for inner in range(4):
            # The type of the column changes on the way: whole numbers, floats, complex numbers.
            value = inner if step < 10 else inner / 3 if step < 20 else inner * 1j
            add((float(step), step, inner, step / 10, inner * 1.0, value))
        add_outer((float(step), step, step / 10, np.full(3, step * 1.0)))
        if step % 7 == 0:
            writer.flush()
            _look(follower, seen)
    writer.annotate({"more": 1})
    _look(follower, seen)
    before = sum(len(each.tables["main"].times) for each in seen if "main" in each.tables)
    assert before >= 196
    # The batches are merged: another file of the same name.
    writer.finish(completed_end())
    _look(follower, seen)
    assert seen[-1].end is not None
    assert seen[-1].outcome == "completed"
    whole = storage.open(writer.id)
    for table, column in (("main", "inner"), ("main", "x"), ("outer", "trace")):
        np.testing.assert_array_equal(_joined(seen, table, column), whole.read(table).columns[column])
    _look(follower, seen)
    assert not seen[-1].tables


def test_a_run_that_is_removed_is_told_and_found_again_without_a_loss(
    storage: ArrowStorage, place: Any, make_run: Any
) -> None:
    path = run_path(storage.folder, make_run(points=10))
    follower = follow(place, path.stem)
    assert len(follower.look().tables["main"].times) == 10
    aside = path.rename(path.with_name("aside"))
    with pytest.raises(RunNotFoundError):
        follower.look()
    aside.rename(path)
    assert not follower.look().tables
    path.write_bytes(b"something else" * 100)
    with pytest.raises(NotARunFileError):
        follower.look()


def test_whether_there_is_a_run_shows_at_the_first_look(place: Any) -> None:
    follower = follow(place, new_run_id())
    with pytest.raises(RunNotFoundError):
        follower.look()


def test_tables_and_columns_that_are_added_are_followed(place: Any, storage: ArrowStorage, make_header: Any) -> None:
    writer = storage.create(make_header(layout=Layout((), (Table("main", (Dimension("point"),), ()),))))
    follower = follow(place, writer.id)
    seen: list[RunNews] = []
    _look(follower, seen)
    # Before there are points, each change makes the file anew, and the system may give it an earlier one's number.
    path = run_path(storage.folder, writer.id)
    looked_at = path.stat().st_ino
    for number in range(50):
        writer.annotate({"a": number})
        if path.stat().st_ino == looked_at:
            break
    _look(follower, seen)
    assert seen[-1].header.metadata == {"a": number}
    writer.add_table(Table("main", (Dimension("point"),), ("a",)), [Column("a", "reading")])
    writer.appender("main")((0.0, 0, 1))
    writer.flush()
    _look(follower, seen)
    assert seen[-1].tables["main"].columns["a"].tolist() == [1]
    writer.add_table(Table("main", (Dimension("point"),), ("a", "b")), [Column("b", "reading", None, None)])
    writer.add_table(Table("other", (Dimension("n"),), ("c",)), [Column("c", "reading")])
    writer.appender("main")((0.1, 1, 2.5, np.arange(2)))
    writer.appender("other")((0.1, 0, "text"))
    writer.finish(RunEnd("completed", 1.0))
    _look(follower, seen)
    assert _joined(seen, "main", "a").tolist() == [1, 2.5]
    latest = [each.tables["main"] for each in seen if "main" in each.tables][-1]
    assert latest.columns["b"][-1].tolist() == [0, 1]
    assert _joined(seen, "other", "c").tolist() == ["text"]
