"""Runs that are paused, resumed and stopped: from other threads, from the run itself, and from other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from luthier import ManualParameter
from luthier_measure import load, measure, repeat, runs, sweep
from luthier_measure.control_files import LOCK, control_folder, write_facts
from luthier_measure.errors import InstrumentsInUseError, RunNotAnsweringError, RunNotRunningError
from luthier_measure.storage.ownership import RunLock

from .measuring_process import Remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROGRAM = Path(__file__).with_name("measuring_process.py")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def x() -> ManualParameter[float]:
    return ManualParameter("x", float, initial=-1.0)


class Elsewhere:
    """A process that measures."""

    def __init__(self, folder: Path, uri: str = "object") -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(folder), uri], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.lines = self.process.stdout
        self.run = load(self.lines.readline().strip(), folder=folder)


@pytest.fixture
def elsewhere(folder: Path) -> Iterator[Callable[..., Elsewhere]]:
    started: list[Elsewhere] = []

    def start(uri: str = "object") -> Elsewhere:
        started.append(Elsewhere(folder, uri))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


def until(true: Callable[[], bool]) -> None:
    """Wait, for a bounded time, for what another thread does."""
    ends = time.monotonic() + 20
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_a_run_says_how_long_it_will_take(x: ManualParameter[float]) -> None:
    started = time.monotonic()
    run = measure(sweep(x, range(1000), delay=0.002), x, background=True)
    assert run.time_left is None or run.time_left > 0
    until(lambda: run.points >= 50)
    left = run.time_left
    passed = time.monotonic() - started
    assert left is not None
    # Each point takes at least its delay, and no longer than all together took up to now.
    assert 0.5 * 900 * 0.002 < left < 1000 * passed / 50
    run.stop(timeout=None)
    assert run.time_left == 0.0
    endless = measure(repeat(), x, background=True)
    until(lambda: endless.points > 0)
    assert endless.time_left is None
    endless.stop(timeout=None)


def test_a_paused_run_stands_still_with_all_its_points_stored(x: ManualParameter[float]) -> None:
    run = measure(sweep(x, range(10_000), delay=0.001), x, background=True)
    until(lambda: run.points > 2)
    assert run.pause()
    assert (run.state, run.outcome) == ("paused", "running")
    taken = run.points
    assert run.dataset["x_2"].count() == taken
    assert x() == taken - 1
    x(17.0)
    assert run.points == taken
    assert run.resume()
    until(lambda: run.points > taken)
    assert run.stop()
    assert (run.state, run.outcome) == ("stopped", "stopped")
    assert run.table().columns["x"].tolist() == [float(number) for number in range(run.points)]
    (pause,) = run.pauses
    assert (pause["kind"], pause["ended"] > pause["began"]) == ("paused", True)


def test_a_pause_asked_for_in_the_middle_of_a_point_comes_after_it(x: ManualParameter[float]) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def reading() -> float:
        reached.set()
        assert go_on.wait(20)
        return x()

    run = measure(sweep(x, range(3)), reading, background=True)
    assert reached.wait(20)
    assert not run.pause(timeout=0)
    assert run.state == "pausing"
    go_on.set()
    assert run.pause()
    assert run.points == 1
    assert not run.stop(timeout=0) or run.outcome == "stopped"
    assert run.wait().points == 1


def test_a_run_can_be_stopped_by_what_it_reads_without_waiting_for_itself(x: ManualParameter[float]) -> None:
    def reading() -> float:
        if x() == 2:
            assert not runs()[0].stop()
        return x()

    run = measure(sweep(x, range(5)), reading)
    assert (run.outcome, run.points) == ("stopped", 3)


def test_a_stop_interrupts_a_long_delay_before_the_reading(x: ManualParameter[float]) -> None:
    run = measure(sweep(x, [0, 1], delay=600), x, background=True)
    until(lambda: x() == 0)
    assert run.stop(timeout=20)
    assert (run.outcome, run.points) == ("stopped", 0)


def test_ctrl_c_ends_a_run_that_stands_still(x: ManualParameter[float], capsys: pytest.CaptureFixture[str]) -> None:
    def press() -> None:
        runs()[0].pause(timeout=20)
        signal.raise_signal(signal.SIGINT)

    pressing = threading.Thread(target=press)

    def reading() -> float:
        if x() == 1 and pressing.ident is None:
            pressing.start()
            while runs()[0].state != "pausing":
                time.sleep(0.001)
        return x()

    run = measure(sweep(x, range(5)), reading)
    pressing.join(20)
    assert (run.outcome, run.points) == ("stopped", 2)
    assert "ends after this point" in capsys.readouterr().err
    assert run.pauses[0]["kind"] == "paused"


def test_what_has_ended_cannot_be_asked(x: ManualParameter[float]) -> None:
    run = measure(sweep(x, range(2)), x)
    with pytest.raises(RunNotRunningError, match=r"cannot pause: the run does not go on any more \(completed\)"):
        run.pause()
    assert run.wait() is run


def test_another_process_is_paused_and_then_stopped(elsewhere: Callable[..., Elsewhere], folder: Path) -> None:
    other = elsewhere()
    assert other.run.pause(timeout=20)
    assert other.run.state == "paused"
    taken = load(other.run.id).points
    assert load(other.run.id).points == taken
    with pytest.raises(TimeoutError, match="It is paused"):
        other.run.wait(timeout=0)
    assert other.run.stop(timeout=20)
    assert other.run.wait(timeout=20).outcome == "stopped"
    assert other.run.points == taken
    assert other.lines.read().split("\n") == ["left in order", "stopped", ""]
    assert not control_folder(folder, other.run.id).exists()


def test_another_process_is_resumed(elsewhere: Callable[..., Elsewhere]) -> None:
    other = elsewhere()
    assert other.run.pause(timeout=20)
    taken = other.run.points
    assert other.run.resume(timeout=20)
    until(lambda: other.run.points > taken)


def test_a_killed_process_is_not_asked_and_leaves_nothing_that_matters(
    elsewhere: Callable[..., Elsewhere], folder: Path, x: ManualParameter[float]
) -> None:
    other = elsewhere()
    assert other.run.pause(timeout=20)
    other.process.kill()
    other.process.wait()
    with pytest.raises(RunNotRunningError, match="its process died"):
        other.run.stop()
    assert other.run.state == "interrupted"
    remnant = control_folder(folder, other.run.id)
    os.utime(remnant, (0, 0))
    measure(x)
    assert not remnant.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a process of Windows cannot be held by a signal")
@pytest.mark.slow
def test_a_process_that_does_not_answer_is_told_of_and_the_request_withdrawn(
    elsewhere: Callable[..., Elsewhere], folder: Path
) -> None:
    other = elsewhere()
    os.kill(other.process.pid, signal.SIGSTOP)
    with pytest.raises(RunNotAnsweringError, match="did not answer within 5 s when asked to stop"):
        other.run.stop()
    assert not list(control_folder(folder, other.run.id).glob("ask-*"))
    os.kill(other.process.pid, signal.SIGCONT)
    assert other.run.stop(timeout=20)


def test_nonsense_in_the_folder_of_a_run_is_passed_over(x: ManualParameter[float], folder: Path) -> None:
    run = measure(sweep(x, range(10_000), delay=0.001), x, background=True)
    where = control_folder(folder, run.id)
    (where / "ask-1.json").write_bytes(b"[" * 100_000)
    (where / "ask-2.json").write_bytes(b"\xff{}")
    write_facts(where / "ask-3.json", {"ask": "__class__"})
    until(lambda: not list(where.glob("ask-*")))
    assert run.state == "running"
    assert run.stop()


def test_a_run_of_another_luthier_that_does_not_know_the_request_says_so(
    folder: Path, x: ManualParameter[float]
) -> None:
    run = measure(x)
    where = control_folder(folder, run.id)
    where.mkdir(parents=True)
    lock = RunLock(where / LOCK)

    def answer() -> None:
        until(lambda: bool(list(where.glob("ask-*"))))
        (asked,) = where.glob("ask-*")
        write_facts(where / asked.name.replace("ask-", "answer-"), {"taken": False})

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with pytest.raises(RunNotAnsweringError, match="does not know how to pause"):
            run.pause()
    finally:
        thread.join()
        lock.release()


def test_two_processes_do_not_measure_with_one_instrument_on_a_server(
    elsewhere: Callable[..., Elsewhere], x: ManualParameter[float]
) -> None:
    other = elsewhere("luthier+local://foo/one")
    with Remote("mine") as mine:
        mine.uri = "luthier+local://foo/one"
        with pytest.raises(InstrumentsInUseError, match=f"mine is in use by run {other.run.id} 'elsewhere'"):
            measure(sweep(x, range(2)), mine.level)
        assert len(runs()) == 1
        mine.uri = "luthier+local://foo/two"
        assert measure(sweep(x, range(2)), mine.level).points == 2
        mine.uri = "luthier+local://foo/one"
        other.run.stop(timeout=20)
        assert measure(sweep(x, range(2)), mine.level, when_busy="wait").points == 2
