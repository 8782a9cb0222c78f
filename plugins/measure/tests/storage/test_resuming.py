"""Runs that go on after their process died, or after they were stopped."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier_measure.arrow.opening import CUT_SUFFIX
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.errors import RunFinishedError, RunGoesOnError, RunNotFoundError
from luthier_measure.storage import Column, Continuation, Dimension, Layout, RunEnd, RunQuery, Table, new_run_id
from luthier_measure.storage.folder import run_path
from luthier_measure.storage.ownership import lock_path

if TYPE_CHECKING:
    from pathlib import Path

CHILD = """
import itertools, os, sys, time
from luthier_measure.arrow.encoding import make_ready
from luthier_measure.arrow.storage import ArrowStorage
storage = ArrowStorage(sys.argv[1])
make_ready()  # once, and not in each child
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        writer = storage.resume(line.strip())
        add = writer.appender("main")
        for number in itertools.count(writer.points):
            add((time.time(), number, float(number), number * 2.0))
            if number % 1000 == 0:
                writer.flush()
    print(child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


@pytest.fixture
def cut_off(storage: ArrowStorage, make_header: Any, add_points: Any) -> str:
    """Leave a run behind as a killed process does: without an end, with a lock file that nobody holds."""
    writer = storage.create(make_header(name="long", tags=("cold",), metadata={"k": 1}))
    add_points(writer, 10)
    writer.flush()
    path = run_path(storage.folder, writer.id)
    contents = path.read_bytes()
    writer.finish(RunEnd("completed", time.time()))
    path.write_bytes(contents)
    lock_path(path).write_text('{"host": "elsewhere", "pid": 1}')
    os.utime(lock_path(path), (0, 0))
    storage.rebuild()
    assert storage.open(writer.id).outcome == "interrupted"
    return writer.id


def test_an_interrupted_run_goes_on_after_its_last_point(storage: ArrowStorage, cut_off: str, add_points: Any) -> None:
    continuation = Continuation(99.5, snapshot={"dac": 1}, environment={"host": "h"})
    writer = storage.resume(cut_off, continuation)
    assert (writer.id, writer.points) == (cut_off, 10)
    assert storage.open(cut_off).outcome == "running"
    assert [each.outcome for each in storage.find(RunQuery())] == ["running"]
    add_points(writer, 5, first=10)
    writer.finish(RunEnd("completed", 100.0))
    reader = storage.open(cut_off)
    assert (reader.outcome, reader.problems, reader.points("main")) == ("completed", (), 15)
    assert reader.read("main").columns["y"].tolist() == [2.0 * number for number in range(15)]
    assert (reader.header.name, reader.header.tags, reader.header.metadata) == ("long", ("cold",), {"k": 1})
    (noted,) = reader.continuations
    assert (noted.started, noted.points, noted.outcome) == (99.5, 10, "interrupted")
    assert (noted.snapshot, noted.environment) == ({"dac": 1}, {"host": "h"})
    (summary,) = storage.find(RunQuery())
    assert (summary.outcome, summary.points, summary.ended) == ("completed", 15, 100.0)
    assert [entry.name for entry in run_path(storage.folder, cut_off).parent.iterdir()] == [f"{cut_off}.arrows"]


@pytest.mark.parametrize("tail", [b"\xff\xff\xff\xff\x10\x01\x00\x00abc", bytes(500), b"\xff\xff"])
def test_what_is_not_whole_at_the_end_is_cut_off(
    storage: ArrowStorage, cut_off: str, add_points: Any, tail: bytes
) -> None:
    path = run_path(storage.folder, cut_off)
    path.write_bytes(path.read_bytes() + tail)
    writer = storage.resume(cut_off)
    add_points(writer, 1, first=writer.points)
    writer.finish(RunEnd("stopped", 1.0))
    reader = storage.open(cut_off)
    assert (reader.outcome, reader.problems, reader.points("main")) == ("stopped", (), 11)
    assert not path.with_name(path.name + CUT_SUFFIX).exists()


def test_a_damaged_end_is_kept_beside_and_damage_inside_stays_known(
    storage: ArrowStorage, make_header: Any, add_points: Any
) -> None:
    writer = storage.create(make_header())
    for first in (0, 10, 20, 30):
        add_points(writer, 10, first=first)
        writer.flush()
    path = run_path(storage.folder, writer.id)
    contents = bytearray(path.read_bytes())
    writer.finish(RunEnd("completed", 1.0))
    # The last double of the second batch and of the fourth one.
    for value in (38.0, 78.0):
        place = contents.index(np.float64(value).tobytes())
        contents[place] ^= 1
    path.write_bytes(contents)
    again = storage.resume(writer.id)
    assert again.points == 20
    again.finish(RunEnd("completed", 1.0))
    reader = storage.open(writer.id)
    assert len(reader.problems) == 1
    assert reader.points("main") == 20
    assert path.with_name(path.name + CUT_SUFFIX).read_bytes()


def test_a_stopped_run_goes_on_and_forgets_its_end(storage: ArrowStorage, make_header: Any, add_points: Any) -> None:
    writer = storage.create(make_header())
    add_points(writer, 3)
    writer.finish(RunEnd("failed", 5.0, "Traceback", {"dac": 1}))
    for outcome in ("stopped", "completed"):
        again = storage.resume(writer.id)
        reader = storage.open(writer.id)
        assert (reader.outcome, reader.end) == ("running", None)
        add_points(again, 1, first=again.points)
        again.finish(RunEnd(outcome, 6.0))
    reader = storage.open(writer.id)
    assert (reader.end, reader.points("main")) == (RunEnd("completed", 6.0), 5)
    assert [(each.points, each.outcome) for each in reader.continuations] == [(3, "failed"), (4, "stopped")]


def test_a_run_cut_off_before_its_first_point_goes_on(storage: ArrowStorage, make_header: Any, add_points: Any) -> None:
    writer = storage.create(make_header())
    path = run_path(storage.folder, writer.id)
    contents = path.read_bytes()
    writer.finish(RunEnd("completed", 1.0))
    path.write_bytes(contents + b"\xff\xff\xff\xff")
    again = storage.resume(writer.id)
    add_points(again, 2)
    again.finish(RunEnd("completed", 1.0))
    assert storage.open(writer.id).points("main") == 2
    assert len(storage.open(writer.id).continuations) == 1


def test_a_column_may_become_wider_in_the_next_session(storage: ArrowStorage, make_header: Any) -> None:
    layout = Layout((Column("v", "reading", None, None),), (Table("main", (Dimension("n"),), ("v",)),))
    writer = storage.create(make_header(layout))
    writer.appender("main")((1.0, 0, 7))
    writer.finish(RunEnd("stopped", 1.0))
    again = storage.resume(writer.id)
    again.appender("main")((2.0, 1, 7.5))
    again.finish(RunEnd("completed", 2.0))
    assert storage.open(writer.id).read("main").columns["v"].tolist() == [7.0, 7.5]


def test_a_run_that_goes_on_or_is_complete_or_is_not_there_is_refused(
    storage: ArrowStorage, make_header: Any, add_points: Any
) -> None:
    writer = storage.create(make_header())
    with pytest.raises(RunGoesOnError, match=f"written by process {os.getpid()} on") as caught:
        storage.resume(writer.id)
    assert caught.value.run_id == writer.id
    add_points(writer, 1)
    writer.finish(RunEnd("completed", 1.0))
    before = run_path(storage.folder, writer.id).read_bytes()
    with pytest.raises(RunFinishedError, match="was completed"):
        storage.resume(writer.id)
    with pytest.raises(RunNotFoundError):
        storage.resume(new_run_id())
    assert run_path(storage.folder, writer.id).read_bytes() == before
    assert len(list(run_path(storage.folder, writer.id).parent.iterdir())) == 1


def test_of_two_that_go_on_at_once_one_is_refused(storage: ArrowStorage, cut_off: str) -> None:
    first = storage.resume(cut_off)
    with pytest.raises(RunGoesOnError):
        ArrowStorage(storage.folder).resume(cut_off)
    first.finish(RunEnd("completed", 1.0))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs many processes quickly")
def test_a_run_survives_being_killed_again_and_again(storage: ArrowStorage, cut_off: str, tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311 - the moments of the kills, not a secret
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", CHILD, str(tmp_path / "data")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        known = 10
        for _ in range(8):
            parent.stdin.write(f"{cut_off}\n")
            parent.stdin.flush()
            child = int(parent.stdout.readline())
            time.sleep(dice.uniform(0.0, 0.2))
            os.kill(child, signal.SIGKILL)
            assert parent.stdout.readline() == "ended\n"
            reader = storage.open(cut_off)
            count = reader.points("main")
            assert reader.outcome == "interrupted"
            assert count >= known
            assert reader.read("main").columns["x"].tolist() == [float(number) for number in range(count)]
            known = count
        parent.stdin.close()
    assert known > 1000
    storage.resume(cut_off).finish(RunEnd("completed", 1.0))
    reader = storage.open(cut_off)
    assert (reader.points("main"), reader.problems) == (known, ())
    assert len(reader.continuations) > 1
