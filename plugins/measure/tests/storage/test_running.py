"""A run while it is written, and as it ends."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from luthier_measure.arrow.writer import APPEND_INTERVAL
from luthier_measure.errors import RunFinishedError, RunNotFoundError
from luthier_measure.storage import Column, Dimension, Layout, RunEnd, RunQuery, Table, new_run_id
from luthier_measure.storage.folder import run_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier_measure.arrow.storage import ArrowStorage

TWO_LEVELS = Layout(
    (
        Column("x", "setpoint", "float64", values=(0.0, 1.0)),
        Column("y", "setpoint", "float64"),
        Column("inner", "reading", "float64"),
        Column("outer", "reading", "int64"),
        Column("trace", "reading", "float64", (4,)),
    ),
    (
        Table("inner", (Dimension("x", 2, ("x",)), Dimension("y", 3, ("y",))), ("x", "y", "inner")),
        Table("outer", (Dimension("x", 2, ("x",)),), ("x", "outer", "trace")),
    ),
)


def test_a_run_can_be_read_as_soon_as_it_begins(storage: ArrowStorage, make_header: Any, completed_end: Any) -> None:
    header = make_header(
        name="Überschrift", tags=("a", "b"), sample="s", note="n", plan={"k": [1]}, snapshot={"i": None}
    )
    writer = storage.create(header)
    reader = storage.open(writer.id)
    assert reader.outcome == "running"
    assert reader.end is None
    assert reader.header == header
    assert len(reader.read("main").times) == 0
    writer.finish(completed_end())


def test_points_are_in_the_file_without_being_asked_for(
    storage: ArrowStorage, make_header: Any, add_points: Any, completed_end: Any
) -> None:
    writer = storage.create(make_header())
    add_points(writer, 5)
    deadline = time.monotonic() + 100 * APPEND_INTERVAL
    while storage.open(writer.id).points("main") < 5 and time.monotonic() < deadline:
        threading.Event().wait(APPEND_INTERVAL / 10)
    assert storage.open(writer.id).points("main") == 5
    writer.finish(completed_end())


def test_after_a_flush_every_point_added_before_can_be_read(
    storage: ArrowStorage, make_header: Any, add_points: Any, completed_end: Any
) -> None:
    writer = storage.create(make_header())
    for count in range(1, 6):
        add_points(writer, 7, first=7 * (count - 1))
        writer.flush()
        reader = storage.open(writer.id)
        assert reader.read("main").columns["x"].tolist() == [float(n) for n in range(7 * count)]
        assert (reader.outcome, reader.problems) == ("running", ())
    writer.finish(completed_end())
    with pytest.raises(RunFinishedError):
        writer.flush()


def test_the_end_is_kept_with_the_run(storage: ArrowStorage, make_header: Any, add_points: Any) -> None:
    writer = storage.create(make_header())
    add_points(writer, 3)
    end = RunEnd("failed", 12.5, error="Traceback …", snapshot={"dac": {"x": 1.0}})
    writer.finish(end)
    reader = storage.open(writer.id)
    assert (reader.outcome, reader.end) == ("failed", end)
    assert writer.points == reader.points("main") == 3
    # Only the first call counts.
    writer.finish(RunEnd("completed", 13.0))
    assert storage.open(writer.id).outcome == "failed"


def test_a_finished_run_is_one_arrow_stream_of_few_batches(
    storage: ArrowStorage, make_header: Any, add_points: Any, completed_end: Any
) -> None:
    writer = storage.create(make_header())
    for count in range(20):
        add_points(writer, 1, first=count)
        writer.flush()
    writer.finish(completed_end())
    path = run_path(storage.folder, writer.id)
    with path.open("rb") as file, pa.ipc.open_stream(file) as stream:
        batches = list(stream)
        assert [batch.num_rows for batch in batches] == [20]
        assert b"luthier.end" in stream.schema.metadata
        assert file.read() == b""
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_programs_that_read_one_stream_only_find_every_point_in_it(
    storage: ArrowStorage, make_header: Any, completed_end: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luthier_measure.arrow.writer.is_worth_merging", lambda *_: False)
    layout = Layout((Column("t", "reading", None, None),), (Table("main", (Dimension("n"),), ("t",)),))
    writer = storage.create(make_header(layout))
    writer.annotate({"added": "before"})
    for number in range(3):
        writer.appender("main")((time.time(), number, np.full(4, float(number))))
        writer.flush()
    path = run_path(storage.folder, writer.id)
    with pa.ipc.open_stream(path) as stream:
        assert [batch.num_rows for batch in stream] == [1, 1, 1]
    writer.annotate({"added": "after"})
    writer.finish(completed_end())
    with pa.ipc.open_stream(path) as stream:
        table = stream.read_all()
    assert table["t"].to_pylist() == [[float(number)] * 4 for number in range(3)]
    assert b"before" in table.schema.metadata[b"luthier.metadata"]
    reader = storage.open(writer.id)
    assert (reader.header.metadata, reader.outcome, reader.problems) == ({"added": "after"}, "completed", ())


def test_tables_with_different_setpoints_share_a_file(
    storage: ArrowStorage, make_header: Any, completed_end: Any
) -> None:
    writer = storage.create(make_header(TWO_LEVELS))
    inner, outer = writer.appender("inner"), writer.appender("outer")
    for i in range(2):
        for j in range(3):
            inner((time.time(), i, j, float(i), 0.5 * j, 10.0 * i + j))
        outer((time.time(), i, float(i), i, np.arange(4.0) + i))
        writer.flush()
    before = storage.open(writer.id)
    writer.finish(completed_end())
    after = storage.open(writer.id)
    for reader in (before, after):
        data = reader.read("inner")
        assert data.columns["inner"].tolist() == [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]
        assert [index.tolist() for index in data.indices] == [[0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2]]
        data = reader.read("outer")
        assert data.columns["outer"].tolist() == [0, 1]
        assert data.columns["trace"].shape == (2, 4)
        assert data.columns["trace"][1].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert after.problems == ()


def test_a_loop_that_is_faster_than_the_disk_waits(
    storage: ArrowStorage, make_header: Any, completed_end: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luthier_measure.arrow.pending._MOST_BYTES", 1 << 20)
    layout = Layout((Column("t", "reading", "float64", (10_000,)),), (Table("main", (Dimension("n"),), ("t",)),))
    writer = storage.create(make_header(layout))
    add = writer.appender("main")
    most = 0
    for number in range(100):
        add((time.time(), number, np.zeros(10_000)))
        most = max(most, writer._pending["main"].waiting)
    writer.finish(completed_end())
    assert most <= (1 << 20) // 80_000 + 1
    assert storage.open(writer.id).points("main") == 100


def test_readers_see_whole_points_while_the_run_grows_and_is_merged(
    storage: ArrowStorage, make_header: Any, add_points: Any, completed_end: Any
) -> None:
    writer = storage.create(make_header())
    seen: list[tuple[str, int]] = []
    errors: list[Exception] = []

    def read() -> None:
        try:
            while not seen or seen[-1][0] == "running":
                reader = storage.open(writer.id)
                data = reader.read("main")
                assert data.columns["y"].tolist() == [2.0 * n for n in range(len(data.times))]
                assert reader.problems == ()
                seen.append((reader.outcome, len(data.times)))
        except Exception as error:  # noqa: BLE001 - shown by the test's own thread
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in readers:
        thread.start()
    for chunk in range(60):
        add_points(writer, 50, first=50 * chunk)
        writer.flush()
    writer.finish(completed_end())
    for thread in readers:
        thread.join()
    assert errors == []
    assert ("completed", 3000) in seen
    assert {outcome for outcome, _ in seen} <= {"running", "completed"}


def test_a_file_opened_before_the_merge_can_be_read_after_it(
    storage: ArrowStorage, make_header: Any, add_points: Any, completed_end: Any
) -> None:
    writer = storage.create(make_header())
    add_points(writer, 3)
    writer.flush()
    reader = storage.open(writer.id)
    writer.finish(completed_end())
    assert reader.read("main").columns["x"].tolist() == [0.0, 1.0, 2.0]


def test_a_run_without_a_lock_and_an_end_was_interrupted(
    storage: ArrowStorage, make_header: Any, add_points: Any, completed_end: Any
) -> None:
    writer = storage.create(make_header())
    add_points(writer, 4)
    writer.flush()
    path = run_path(storage.folder, writer.id)
    copy = run_path(storage.folder, new_run_id())
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(path.read_bytes())
    assert storage.open(copy.stem).outcome == "interrupted"
    assert storage.open(writer.id).outcome == "running"
    writer.finish(completed_end())
    assert [(each.id == writer.id, each.outcome, each.points) for each in storage.find(RunQuery())] == [
        (True, "completed", 4),
        (False, "interrupted", 4),
    ]


def test_a_run_that_is_not_there_says_so(storage: ArrowStorage) -> None:
    with pytest.raises(RunNotFoundError, match="no such run") as caught:
        storage.open(new_run_id())
    assert caught.value.run_id in str(caught.value)


def test_finishing_from_another_thread_is_fine(
    storage: ArrowStorage, make_header: Any, add_points: Any, completed_end: Callable[[], RunEnd]
) -> None:
    writer = storage.create(make_header())
    add_points(writer, 2)
    thread = threading.Thread(target=writer.finish, args=(completed_end(),))
    thread.start()
    thread.join()
    assert storage.open(writer.id).points("main") == 2
