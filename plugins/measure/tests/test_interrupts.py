"""Ctrl-C, sent for real by the process to itself."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest
from luthier import ManualParameter, plugins
from luthier_measure import Run, measure, runs, sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def x() -> ManualParameter[float]:
    return ManualParameter("x", float)


def interrupting(x: ManualParameter[float], at: float, times: int = 1) -> Callable[[], float]:
    """Give a reading during which Ctrl-C is pressed."""

    def reading() -> float:
        if x() == at:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)
        return x()

    return reading


def test_the_first_ctrl_c_ends_the_run_after_the_present_point(
    x: ManualParameter[float], capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGINT)
    run = measure(sweep(x, range(10)), interrupting(x, 3))
    assert (run.outcome, run.points, run.error) == ("stopped", 4, "")
    assert run.dataset["reading"].values[3] == 3.0
    assert "ends after this point" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_at_the_last_point_loses_nothing(x: ManualParameter[float]) -> None:
    run = measure(sweep(x, range(3)), interrupting(x, 2))
    assert (run.outcome, run.points) == ("stopped", 3)
    run = measure(interrupting(x, 2))
    assert (run.outcome, run.points) == ("stopped", 1)


def test_an_outer_level_is_not_gone_on_with_either(x: ManualParameter[float]) -> None:
    y = ManualParameter("y", float)
    run = measure(sweep(x, range(3)), interrupting(x, 1), sweep(y, range(3)), y)
    assert (run.outcome, run.points) == ("stopped", 1 + 3 + 1)


def test_the_second_ctrl_c_stops_at_once_and_keeps_what_is_there(x: ManualParameter[float]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt) as caught:
        measure(sweep(x, range(10)), interrupting(x, 3, times=2))
    (run,) = runs()
    assert caught.value.__notes__ == [
        f"Run {run.id} was stopped at x = 3.0; the points taken before are stored: luthier_measure.load({run.id!r})."
    ]
    assert (run.outcome, run.points) == ("stopped", 3)
    assert signal.getsignal(signal.SIGINT) is before
    assert threading.active_count() == 1


class Listener:
    """Presses Ctrl-C when a run starts or has finished."""

    def __init__(self, moment: str) -> None:
        self.moment = moment

    @plugins.hookimpl
    def run_started(self, run: Any) -> None:
        if self.moment == "started":
            assert run.id
            signal.raise_signal(signal.SIGINT)

    @plugins.hookimpl
    def run_finished(self, run: Any) -> None:
        if self.moment == "finished":
            assert run.id
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(("moment", "points", "outcome"), [("started", 0, "stopped"), ("finished", 3, "completed")])
def test_ctrl_c_before_the_first_and_after_the_last_point_loses_nothing(
    x: ManualParameter[float], moment: str, points: int, outcome: str
) -> None:
    listener = Listener(moment)
    plugins.hooks.register(listener, "listener")
    try:
        run = measure(sweep(x, range(3)), x)
    finally:
        plugins.hooks.unregister(listener)
    assert (run.outcome, run.points) == (outcome, points)


def test_measuring_works_in_other_threads_where_ctrl_c_does_not_arrive(x: ManualParameter[float]) -> None:
    found: list[Run] = []
    thread = threading.Thread(target=lambda: found.append(measure(sweep(x, range(5)), x)))
    thread.start()
    thread.join()
    assert [run.outcome for run in found] == ["completed"]


def test_after_an_error_ctrl_c_is_given_back(x: ManualParameter[float]) -> None:
    before = signal.getsignal(signal.SIGINT)

    def broken() -> float:
        message = "no"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError):
        measure(sweep(x, range(5)), broken)
    assert signal.getsignal(signal.SIGINT) is before
