"""Runs of other processes, asked by commands."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from luthier_measure import pause_while, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier_measure import Run


@pytest.fixture
def run(lab: Any) -> Iterator[Run]:
    """Return a run that goes on for a minute, unless it is stopped."""
    going: Run = lab.measure(sweep(lab.x, 0.0, 1.0, num=3000, delay=0.02), lab.current, name="slow", background=True)
    yield going
    if going.outcome == "running":
        going.stop(timeout=None)


def test_a_run_is_paused_shown_resumed_and_stopped(lab: Any, run: Run) -> None:
    assert lab.call("pause-run", "slow") == f"{run.id} stands still: paused\n"
    assert "running (paused)" in lab.call("runs")
    (record,) = json.loads(lab.call("runs", "--json"))
    assert (record["outcome"], record["state"]) == ("running", "paused")
    shown = lab.call("show", "last")
    assert "outcome  running (paused)" in shown
    assert "pauses   paused\n" in shown
    assert json.loads(lab.call("show", "last", "--json"))["state"] == "paused"
    assert lab.call("resume-run", "last") == f"{run.id} is asked to go on: running\n"
    assert lab.call("stop-run", "-1") == f"{run.id} has ended: stopped\n"
    assert "pauses   paused for " in lab.call("show", "last")
    (record,) = json.loads(lab.call("runs", "--json"))
    assert (record["outcome"], record["state"]) == ("stopped", None)


def test_what_has_ended_is_told_and_the_exit_code_is_1(lab: Any) -> None:
    run = lab.line()
    for command in ("pause-run", "resume-run", "stop-run"):
        text = lab.call(command, "last", code=1)
        verb = command.removesuffix("-run")
        assert f"run {run.id}: cannot {verb}: the run does not go on any more (completed)" in text


def test_a_point_that_takes_long_is_waited_for_when_asked(lab: Any) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def reading() -> float:
        reached.set()
        assert go_on.wait(20)
        return 0.0

    run = lab.line(reading, background=True)
    assert reached.wait(20)
    timer = threading.Timer(0.2, go_on.set)
    timer.start()
    assert lab.call("stop-run", "--wait", "last") == f"{run.id} has ended: stopped\n"
    timer.join()


def test_show_says_what_was_remarkable(lab: Any) -> None:
    values = [True, False]

    def busy() -> bool:
        return values.pop(0) if values else False

    def fails() -> float:
        message = "no answer"
        raise OSError(message)

    with pytest.raises(Exception, match="finally_= failed"):
        lab.line(fails, on_error="nan", suspenders=pause_while(busy, every=0.05), finally_=fails)
    shown = lab.call("show", "last")
    assert "because busy is True" in shown
    assert "fails: 5 missing, 0 tried again, the last: OSError: no answer" in shown
    assert "not left as asked  call fails: OSError: no answer" in shown
