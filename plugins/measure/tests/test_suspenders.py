"""Runs that stand still while a condition is bad."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import pytest
from luthier import ManualParameter, Parameter
from luthier.errors import NotGettableError, UsageError
from luthier_measure import measure, pause_while, sweep
from luthier_measure.live_runs import live_runs

if TYPE_CHECKING:
    from pathlib import Path

    from luthier_measure import Run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def x() -> ManualParameter[float]:
    return ManualParameter("x", float, initial=-1.0)


class Beam:
    """A condition that goes through given values, one for each look; the last one stays."""

    def __init__(self, *values: Any) -> None:
        self.values = list(values)
        self.looks = 0

    def __call__(self) -> Any:
        self.looks += 1
        value = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        if isinstance(value, Exception):
            raise value
        return value

    __name__ = "beam"


def until_it_is_due() -> None:
    """Wait, in the middle of a point, until the suspenders are to be looked at again."""
    ends = time.monotonic() + 20
    (live,) = live_runs()
    while not live.control.requests:
        assert time.monotonic() < ends
        time.sleep(0.005)


def reasons(run: Run) -> list[str]:
    return [pause["reason"] for pause in run.pauses]


def test_a_point_taken_while_it_is_bad_is_set_and_taken_again(x: ManualParameter[float]) -> None:
    actions: list[tuple[str, float]] = []
    beam = Beam(1.0, 0.0, 0.0, 1.0)

    def close() -> None:
        actions.append(("pausing", x()))
        x(99.0)

    def reading() -> float:
        until_it_is_due()
        return x()

    run = measure(
        sweep(x, [5, 6]),
        reading,
        suspenders=pause_while(
            beam, below=0.5, every=0.05, before_pausing=close, before_resuming=lambda: actions.append(("resuming", x()))
        ),
    )
    assert run.outcome == "completed"
    assert actions == [("pausing", 5.0), ("resuming", 99.0)]
    assert run.table().columns["reading"].tolist() == [5.0, 5.0, 6.0]
    assert run.dataset["reading"].values.tolist() == [5.0, 6.0]
    assert reasons(run) == ["beam = 0.0 is below 0.5"]
    (pause,) = run.pauses
    assert pause["last_good"] <= pause["began"] <= pause["ended"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (0.3, "beam = 0.3 is above 0.1"),
        (math.nan, "beam is not a number"),
        (OSError("no answer"), "beam cannot be read (OSError: no answer)"),
    ],
)
def test_before_the_first_point_it_is_waited_for(x: ManualParameter[float], bad: object, reason: str) -> None:
    beam = Beam(bad, bad, 0.05)
    run = measure(sweep(x, range(3)), x, suspenders=[pause_while(beam, above=0.1, every=0.05)])
    assert (run.outcome, run.points) == ("completed", 3)
    assert reasons(run) == [reason]
    assert beam.looks == 3


def test_it_has_to_be_good_for_some_time(x: ManualParameter[float]) -> None:
    beam = Beam("closed", "open", "open", "closed", "open")
    run = measure(x, suspenders=[pause_while(beam, equals="closed", every=0.05, settle=0.2)])
    (pause,) = run.pauses
    assert pause["ended"] - pause["began"] > 0.3
    assert beam.looks > 6


def test_a_delay_is_not_waited_out_while_it_is_bad(x: ManualParameter[float]) -> None:
    beam = Beam(0, 1, 0)
    run = measure(sweep(x, [1], delay=0.5), x, suspenders=[pause_while(beam, every=0.05)])
    assert run.table().columns["x_2"].tolist() == [1.0]
    assert reasons(run) == ["beam is 1"]


def test_a_suspended_run_can_be_paused_and_stopped(x: ManualParameter[float]) -> None:
    temperature = ManualParameter("temperature", float, unit="K", initial=0.3)
    run = measure(sweep(x, range(3)), x, background=True, suspenders=[pause_while(temperature, above=0.1, every=0.05)])
    while run.state == "running":
        time.sleep(0.005)
    assert run.state == "suspended: temperature = 0.3 K is above 0.1 K"
    assert run.pause()
    assert run.state == "paused"
    temperature(0.05)
    assert run.state == "paused"
    temperature(0.4)
    assert run.resume()
    assert run.state == "suspended: temperature = 0.4 K is above 0.1 K"
    assert run.stop()
    assert (run.outcome, run.points) == ("stopped", 0)


def test_what_an_action_raises_ends_the_run(x: ManualParameter[float]) -> None:
    def broken() -> None:
        message = "the shutter is stuck"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="stuck"):
        measure(x, suspenders=[pause_while(Beam(1), before_pausing=broken)])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"above": "warm"}, "beam: above='warm': allowed are numbers"),
        ({"above": math.nan}, "above=nan"),
        ({"above": 1, "equals": 2}, "limits or equals="),
        ({"settle": -1}, "settle=-1: allowed are seconds, at least 0"),
        ({"every": 0.001}, "every=0.001: allowed are seconds, at least 0.05"),
        ({"before_pausing": 3}, "before_pausing=3"),
    ],
)
def test_arguments_that_make_no_condition_are_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        pause_while(Beam(1), **arguments)
    assert words in str(caught.value)


def test_a_number_needs_to_be_compared(x: ManualParameter[float]) -> None:
    with pytest.raises(UsageError, match=r"x: pause_while\(\) does not say which numbers are bad.*above="):
        pause_while(x)
    assert pause_while(ManualParameter("shutter", bool, initial=True)).look()


def test_what_cannot_be_read_is_no_condition(x: ManualParameter[float]) -> None:
    with pytest.raises(NotGettableError):
        pause_while(Parameter("silent", float, get_cmd=False, set_cmd=print))
    for wrong in (3, x, [x]):
        with pytest.raises(UsageError, match="allowed are those that pause_while"):
            measure(x, suspenders=wrong)  # type: ignore[arg-type]  # refused at run time too
    with pytest.raises(UsageError, match="reads a parameter or a function"):
        pause_while(3)  # type: ignore[arg-type]  # the same
