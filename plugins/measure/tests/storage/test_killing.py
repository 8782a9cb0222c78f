"""Runs whose process is killed without warning, at any moment."""

from __future__ import annotations

import importlib.util
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.arrow.writer import APPEND_INTERVAL
from luthier_measure.storage import RunQuery

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLABLE = Path(__file__).with_name("killable.py")
MODES = ("fast", "slow", "traces")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs many processes quickly")


def _killable() -> Any:
    spec = importlib.util.spec_from_file_location("killable", KILLABLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


killable = _killable()


class Parent:
    """The process that bears those that are killed."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore::DeprecationWarning", str(KILLABLE), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def bear(self, mode: str, notes: Path, seed: int) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{mode} {notes} {seed}\n")
        self.process.stdin.flush()
        return int(self.answer())

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.communicate(timeout=30)


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Parent]:
    parent = Parent(tmp_path / "data")
    yield parent
    parent.end()


def _live_and_die(parent: Parent, notes: Path, mode: str, seed: int) -> tuple[dict[str, int], set[str]]:
    """Kill a process that writes; return the points that each run must have, and the runs that were finished."""
    notes.write_bytes(bytes(killable.NOTES_SIZE))
    pid = parent.bear(mode, notes, seed)
    if seed % 4:
        # The others may be killed before their first point.
        _wait_for_first_point(notes)
    time.sleep(random.Random(seed).uniform(0.01, 0.6))  # noqa: S311 - the moment of the kill, not a secret
    killed_at = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    assert parent.answer() == "ended"
    entries, beats = _read_notes(notes.read_bytes(), killed_at)
    waited = _waited([entry[0] for entry in entries], beats, killed_at)
    points: dict[str, int] = defaultdict(int)
    finished = set()
    for noted_at, name, count, is_finished in entries:
        run_id = name.decode()
        if is_finished or noted_at <= killed_at - APPEND_INTERVAL - waited:
            points[run_id] = max(points[run_id], count)
        if is_finished:
            finished.add(run_id)
    return points, finished


def _wait_for_first_point(notes: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with notes.open("rb") as file:
            if any(file.read(8)):
                return
        time.sleep(0.002)


def _read_notes(contents: bytes, killed_at: float) -> tuple[list[Any], list[float]]:
    size = killable.ENTRY.size * killable.ENTRIES
    entries = [entry for entry in killable.ENTRY.iter_unpack(contents[:size]) if 0 < entry[0] <= killed_at]
    beats = [moment for (moment,) in killable.BEAT.iter_unpack(contents[size:]) if 0 < moment <= killed_at]
    return entries, beats


def _waited(entries: list[float], beats: list[float], killed_at: float) -> float:
    """Return the seconds that a thread of that process had to wait for a processor, the interpreter or the disk.

    On a machine that has more to do than it can, that may be half a second, which no program can do anything about. So
    it does not count. It is known of the loop that adds points, and of a thread that sleeps and writes as the writing
    one does. That one has its turn between theirs, and has to wait for it twice: to begin, and to have the loop's last
    rows.
    """
    interval: float = killable.BEAT_INTERVAL
    return 2 * max(_longest_gap(entries, killed_at), _longest_gap(beats, killed_at) - interval)


def _longest_gap(moments: list[float], killed_at: float) -> float:
    """Return the longest of the last half second, or of a shorter life; one that has begun before counts as a whole."""
    begin = killed_at - 5 * APPEND_INTERVAL
    before = sorted(moment for moment in moments if moment <= begin)
    recent = [*before[-1:], *sorted(moment for moment in moments if moment > begin), killed_at]
    return max((second - first for first, second in itertools.pairwise(recent)), default=0.0)


def _check(folder: Path, points: dict[str, int], finished: set[str]) -> int:
    """Compare what must be there with what is; return how many runs were interrupted."""
    storage = ArrowStorage(folder)
    listed = {each.id: each for each in storage.find(RunQuery())}
    for run_id, count in points.items():
        reader = storage.open(run_id)
        assert reader.problems == ()
        assert reader.outcome == listed[run_id].outcome
        assert reader.outcome == "completed" if run_id in finished else reader.outcome in ("interrupted", "completed")
        data = reader.read("main")
        assert len(data.times) >= count
        assert data.columns["x"].tolist() == [float(number) for number in range(len(data.times))]
        values = data.columns["y"] if data.columns["y"].ndim == 1 else data.columns["y"][:, -1] * 2
        assert values.tolist() == [2.0 * number for number in range(len(data.times))]
    assert not [each for each in listed.values() if each.outcome == "running"]
    return sum(each.outcome == "interrupted" for each in listed.values())


def _kill_many(parent: Parent, tmp_path: Path, kills: int, seed: int) -> None:
    must: dict[str, int] = {}
    finished: set[str] = set()
    for number in range(kills):
        points, ended = _live_and_die(parent, tmp_path / "notes", MODES[number % len(MODES)], seed + number)
        must.update(points)
        finished |= ended
    interrupted = _check(tmp_path / "data", must, finished)
    assert 0 < interrupted <= kills
    assert len(must) > kills // 2


def test_every_point_older_than_the_append_interval_survives_a_dozen_kills(parent: Parent, tmp_path: Path) -> None:
    _kill_many(parent, tmp_path, kills=12, seed=100)


@pytest.mark.slow
@pytest.mark.timeout(900)  # on a busy computer, each birth and each merge may take seconds
def test_every_point_older_than_the_append_interval_survives_fifty_kills(parent: Parent, tmp_path: Path) -> None:
    _kill_many(parent, tmp_path, kills=50, seed=1000)
