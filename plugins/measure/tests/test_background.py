"""Runs in the background: more than one at once, their errors, and the end of the program."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument, ManualParameter, parameter
from luthier_measure import continue_run, load, measure, runs, sweep
from luthier_measure.errors import InstrumentsInUseError, RunGoesOnError, StateDiffersError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def _ctrl_c_as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


class Bench(Instrument):
    """Something to set and to read."""

    x = parameter(float, initial=0.0)
    y = parameter(float, initial=0.0)


class Pair(Instrument):
    """An instrument over others, as a meta instrument is."""

    both = parameter(float, initial=0.0)
    members: dict[str, Any]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench("bench") as instrument:
        yield instrument


class Gate:
    """A reading that waits until it is let go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def __call__(self) -> float:
        self.reached.set()
        assert self.open.wait(20)
        return 1.0


def test_the_call_returns_at_once_and_the_run_can_be_looked_at_and_waited_for(bench: Bench) -> None:
    gate = Gate()
    run = measure(sweep(bench.x, range(3)), gate, bench.y, background=True, name="slow")
    assert gate.reached.wait(20)
    assert (run.outcome, run.state, run.points) == ("running", "running", 0)
    with pytest.raises(TimeoutError, match=r"'slow' goes on after 0.01 s of waiting. It is running"):
        run.wait(timeout=0.01)
    gate.open.set()
    assert run.wait(timeout=20) is run
    assert (run.outcome, run.state, run.points) == ("completed", "completed", 3)
    assert load(run.id).wait() is not run


def test_what_it_raises_is_logged_kept_and_raised_to_who_waits(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> float:
        message = "no answer"
        raise OSError(message)

    with caplog.at_level(logging.ERROR, "luthier.measure"):
        run = measure(sweep(bench.x, range(3)), broken, background=True, name="broken")
        for _ in range(2):
            with pytest.raises(OSError, match="no answer") as caught:
                run.wait()
    assert "failed at bench.x = 0.0" in caught.value.__notes__[0]
    assert run.outcome == "failed"
    assert "OSError: no answer" in run.error
    assert [record.getMessage() for record in caplog.records] == [f"run {run.id} 'broken' in the background: no answer"]


def test_runs_that_share_no_instrument_go_on_together(bench: Bench) -> None:
    first, second = Gate(), Gate()
    with Bench("other") as other:
        one = measure(sweep(bench.x, range(2)), first, background=True)
        two = measure(sweep(other.x, range(2)), second, background=True)
        assert first.reached.wait(20)
        assert second.reached.wait(20)
        second.open.set()
        assert two.wait(20).outcome == "completed"
        assert one.outcome == "running"
        first.open.set()
        assert one.wait(20).outcome == "completed"


def test_a_run_that_shares_one_is_refused_or_waits(bench: Bench) -> None:
    gate = Gate()
    run = measure(sweep(bench.x, range(2)), gate, background=True, name="first")
    assert gate.reached.wait(20)
    with pytest.raises(InstrumentsInUseError) as caught:
        measure(sweep(bench.y, range(2)), bench.x)
    assert str(caught.value) == (
        f"bench is in use by run {run.id} 'first'. Nothing was set. Wait for it with when_busy='wait', "
        f"or end it with load({run.id!r}).stop()."
    )
    assert (caught.value.run_id, caught.value.shared) == (run.id, ("bench",))
    threading.Timer(0.2, gate.open.set).start()
    after = measure(sweep(bench.y, range(2)), bench.x, when_busy="wait")
    assert run.outcome == "completed"
    assert after.dataset["bench_x"].values.tolist() == [1.0, 1.0]
    assert after.started > run.started


def test_members_of_an_instrument_over_others_and_what_is_left_count_as_used(bench: Bench) -> None:
    gate = Gate()
    pair = Pair("pair")
    pair.members = {"x": bench.x, "itself": pair}
    with pair:
        run = measure(sweep(pair.both, range(2)), gate, background=True)
        assert gate.reached.wait(20)
        with pytest.raises(InstrumentsInUseError, match="bench is in use"):
            measure(bench.y)
        free = ManualParameter("free", float, initial=0.0)
        with pytest.raises(InstrumentsInUseError, match="bench is in use"):
            measure(free, finally_={bench.y: 0.0})
        assert measure(free).outcome == "completed"
        gate.open.set()
        run.wait(20)


def test_what_is_measured_inside_a_point_may_use_the_same_instrument(bench: Bench) -> None:
    def inner() -> float:
        return float(measure(sweep(bench.y, range(2)), bench.y).points)

    run = measure(sweep(bench.x, range(2)), inner, background=True)
    assert run.wait(20).dataset["inner"].values.tolist() == [2.0, 2.0]
    assert len(runs()) == 3


def test_after_an_error_before_the_start_nothing_is_in_use(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Exception, match="cannot make the run's file"):
        measure(sweep(bench.x, range(2)), bench.y, folder=tmp_path / "file")
    assert measure(sweep(bench.x, range(2)), bench.y).outcome == "completed"


PROGRAM = """
import sys
from luthier import ManualParameter
from luthier_measure import measure, sweep

x = ManualParameter("x", float, initial=0.0)
steps = sweep(x, range(int(sys.argv[1])), delay=0.02)
run = measure(steps, x, background=True, finally_=lambda: print("left", flush=True))
if sys.argv[2] == "wait":
    print("waiting", flush=True)
    run.wait()
"""


def program(points: int, end: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(points), end], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_program_that_ends_waits_for_its_run() -> None:
    with program(20, "end") as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "left\n")
    (run,) = runs()
    assert (run.outcome, run.points) == ("completed", 20)
    assert f"The program waits for run {run.id} 'x against x', which is running. Ctrl-C ends it" in err


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process of Windows")
@pytest.mark.parametrize("end", ["end", "wait"])
def test_ctrl_c_ends_the_run_of_a_program_in_order(end: str) -> None:
    with program(3000, end) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        line = process.stderr.readline() if end == "end" else process.stdout.readline()
        assert "wait" in line
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    (run,) = runs()
    assert run.outcome == "stopped"
    assert run.points < 3000
    assert "left" in out
    assert "Ctrl-C: " in err


def test_a_run_in_the_background_waits_there_and_begins_with_what_it_finds(bench: Bench) -> None:
    gate = Gate()
    first = measure(sweep(bench.x, [1.0, 2.0]), bench.y, gate, background=True)
    assert gate.reached.wait(20)
    second = measure(sweep(bench.y, range(2)), bench.x, when_busy="wait", background=True)
    third = measure(sweep(bench.y, range(2)), bench.x, when_busy="wait", background=True, finally_={bench.x: 9.0})
    assert (second.outcome, second.points) == ("running", 0)
    until_is(second, "waiting: bench is in use by run")
    assert not second.pause(timeout=0)
    assert third.stop(timeout=None)
    assert (third.outcome, third.points) == ("stopped", 0)
    assert bench.x() != 9.0
    gate.open.set()
    assert first.wait(20).outcome == "completed"
    second.resume(timeout=20)  # it may have ended before anybody could see it go on
    assert second.wait(20).outcome == "completed"
    assert second.snapshot["instruments"]["bench"]["parameters"]["x"]["value"] == 2.0
    assert next(each["kind"] for each in second.pauses) == "waiting"
    assert second.dataset["bench_x"].values.tolist() == [2.0, 2.0]


def test_a_run_that_goes_on_waits_in_the_background_untouched(bench: Bench) -> None:
    cut = [True]

    def reading() -> float:
        if cut[0] and bench.y() >= 2:
            message = "cut off"
            raise OSError(message)
        return 10 * bench.y()

    bench.x.set(0.0)
    items = sweep(bench.y, range(4)), reading
    with pytest.raises(OSError, match="cut off"):
        measure(*items, progress=False)
    run = runs()[-1]
    cut[0] = False
    gate = Gate()
    first = measure(sweep(bench.x, [1.0, 2.0]), gate, background=True)
    assert gate.reached.wait(20)
    stopped = continue_run(run, *items, background=True, when_busy="wait")
    until_is(stopped, "waiting: bench is in use by run")
    assert stopped.stop(timeout=None)
    assert (stopped.wait(20).outcome, load(run.id).continuations) == ("failed", ())
    refused = continue_run(run.id, *items, background=True, when_busy="wait")
    until_is(refused, "waiting: bench is in use by run")
    assert (refused.outcome, refused.points) == ("failed", 2)
    with pytest.raises(RunGoesOnError, match="is going on with it already; it is waiting: bench is in use"):
        continue_run(run, *items, accept=True)
    gate.open.set()
    assert first.wait(20).outcome == "completed"
    with pytest.raises(StateDiffersError, match=r"bench.x was 0.0, is 2.0"):
        refused.wait(20)
    assert (refused.outcome, load(run.id).continuations) == ("failed", ())
    going = continue_run(run.id, *items, background=True, when_busy="wait", accept=True)
    assert going.wait(20).dataset["reading"].values.tolist() == [0, 10, 20, 30]


def until_is(run: Any, state: str) -> None:
    ends = time.monotonic() + 20
    while not run.state.startswith(state):
        assert time.monotonic() < ends, run.state
        time.sleep(0.005)
