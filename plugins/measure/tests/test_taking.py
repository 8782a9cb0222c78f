"""Readings at the same time and in one round trip, where that is quicker, and what each instrument took."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest
from luthier import Instrument, ManualParameter, Parameter, parameter
from luthier_measure import measure, new_run, retry, runs, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERIAL = 3
"""Points that are taken one reading after the other at first."""
SLOW = 2e-3


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def x() -> ManualParameter[float]:
    return ManualParameter("x", float)


class Meter(Instrument):
    """Takes a while at first; after that, its readings wait for the other meter's, which come at the same time."""

    log: list[str]
    meeting: threading.Barrier | None = None
    error: Exception | None = None
    calls = 0

    @parameter()
    def volts(self) -> float:
        return self._take("volts")

    @parameter()
    def amperes(self) -> float:
        return self._take("amperes")

    def _take(self, what: str) -> float:
        self.calls += 1
        self.log.append(f"{self.name}.{what}")
        if self.calls <= SERIAL or self.meeting is None:
            time.sleep(SLOW)
        elif what == "volts":
            if self.error is not None:
                raise self.error
            self.meeting.wait(timeout=5)
        return float(self.calls)


class Meters:
    def __init__(self, *names: str) -> None:
        self.log: list[str] = []
        self.all = [Meter(name) for name in names]
        for meter in self.all:
            meter.log = self.log

    def meet(self) -> None:
        meeting = threading.Barrier(len(self.all))
        for meter in self.all:
            meter.meeting = meeting


@pytest.fixture
def meters() -> Iterator[Meters]:
    made = Meters("first", "second")
    yield made
    for meter in made.all:
        meter.close()


def threads_that_read() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "read in parallel"]


def test_slow_readings_of_different_instruments_are_taken_at_the_same_time(
    x: ManualParameter[float], meters: Meters
) -> None:
    meters.meet()
    first, second = meters.all
    run = measure(sweep(x, range(20)), first.volts, second.volts)
    assert run.dataset["first_volts"].values.tolist() == [float(number) for number in range(1, 21)]
    assert run.dataset["second_volts"].values.tolist() == [float(number) for number in range(1, 21)]
    assert threads_that_read() == []


def test_they_use_what_the_measuring_thread_holds(x: ManualParameter[float], meters: Meters) -> None:
    meters.meet()
    first, second = meters.all
    with first.lock(), second.lock():
        assert measure(sweep(x, range(6)), first.volts, second.volts).points == 6


def test_readings_of_one_instrument_keep_their_order_and_functions_are_not_passed(
    x: ManualParameter[float], meters: Meters
) -> None:
    first, second = meters.all

    def between() -> float:
        meters.log.append("between")
        return 0.0

    run = measure(sweep(x, range(8)), first.volts, second.volts, first.amperes, between, second.amperes)
    assert run.points == 8
    for number in range(8):
        *before, function, last = meters.log[5 * number : 5 * number + 5]
        assert (function, last) == ("between", "second.amperes")
        assert [each for each in before if each.startswith("first")] == ["first.volts", "first.amperes"]


def test_what_shares_a_connection_that_nobody_knows_of_is_not_taken_at_the_same_time(
    x: ManualParameter[float],
) -> None:
    inside: list[int] = []

    def exchange() -> float:
        inside.append(1)
        assert len(inside) == 1
        time.sleep(SLOW)
        inside.clear()
        return 1.0

    a, b = Parameter("a", float, get_cmd=exchange), Parameter("b", float, get_cmd=exchange)
    assert measure(sweep(x, range(8)), a, b).points == 8


def test_instant_readings_start_no_thread(x: ManualParameter[float], monkeypatch: pytest.MonkeyPatch) -> None:
    class Quick(Instrument):
        level = parameter(float, get_cmd=lambda _: 1.0)

    started: list[str] = []
    start = threading.Thread.start

    def noting(thread: threading.Thread) -> None:
        started.append(thread.name)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", noting)
    with Quick("one") as one, Quick("two") as two:
        for _ in range(20):
            _ = one.level(), two.level()
        run = measure(sweep(x, range(3000)), one.level, two.level)
    assert run.points == 3000
    # On a busy machine an instant reading may seem slow now and then.
    assert started.count("read in parallel") <= 1


def test_errors_at_the_same_time_are_all_told(x: ManualParameter[float], meters: Meters) -> None:
    meters.meet()
    first, second = meters.all
    first.error, second.error = OSError("no answer"), ValueError("nonsense")
    with pytest.raises(OSError, match="no answer") as caught:
        measure(sweep(x, range(20)), first.volts, second.volts)
    assert any("ValueError: nonsense" in note for note in caught.value.__notes__)
    (run,) = runs()
    assert (run.outcome, run.points) == ("failed", SERIAL)
    assert threads_that_read() == []


@pytest.mark.parametrize("points", [2, SERIAL + 2])
def test_a_reading_may_stop_an_iteration(x: ManualParameter[float], points: int) -> None:
    values = iter(range(points))
    with pytest.raises(StopIteration):
        measure(sweep(x, range(10)), lambda: next(values))
    (run,) = runs()
    assert (run.outcome, run.points) == ("failed", points)
    with pytest.raises(StopIteration), new_run("free") as free:
        free.add(x=next(values))
    assert free.outcome == "failed"


def test_a_policy_for_failures_holds_for_readings_at_the_same_time(x: ManualParameter[float], meters: Meters) -> None:
    first, second = meters.all
    first.meeting, first.error = threading.Barrier(1), OSError("no answer")
    run = measure(sweep(x, range(8)), first.volts, second.volts, on_error={first.volts: retry(1, then="nan")})
    assert run.dataset["first_volts"].notnull().sum() == SERIAL
    assert run.dataset["second_volts"].notnull().all()
    assert run.metadata["control"]["failed_readings"]["first_volts"]["missing"] == 8 - SERIAL


def test_ctrl_c_while_others_read(x: ManualParameter[float]) -> None:
    released = threading.Event()

    class Interrupted(Instrument):
        calls = 0

        @parameter()
        def level(self) -> float:
            self.calls += 1
            if self.calls == SERIAL + 2:
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)
            time.sleep(SLOW)
            return 1.0

    class Hanging(Instrument):
        calls = 0

        @parameter()
        def level(self) -> float:
            self.calls += 1
            if self.calls == SERIAL + 2:
                released.wait(5)
            time.sleep(SLOW)
            return 1.0

    with Interrupted("interrupted") as interrupted, Hanging("hanging") as hanging:
        with pytest.raises(KeyboardInterrupt):
            measure(sweep(x, range(20)), interrupted.level, hanging.level)
        (run,) = runs()
        assert (run.outcome, run.points) == ("stopped", SERIAL + 1)
        assert not released.is_set()
        released.set()
        for thread in threading.enumerate():
            if thread.name == "read in parallel":
                thread.join()


def test_timings_are_kept_by_instrument(x: ManualParameter[float], meters: Meters) -> None:
    first, _ = meters.all

    def temperature() -> float:
        return 4.2

    run = measure(sweep(x, range(10)), first.volts, first.amperes, temperature)
    assert run.timings["first"]["get"]["calls"] == 20
    assert 20 * SLOW <= run.timings["first"]["get"]["seconds"] < 5
    assert run.timings["temperature"]["get"]["calls"] == 10
    assert run.timings["x"]["set"]["calls"] in range(3, 11)
    run = measure(sweep(x, range(3003)), temperature)
    assert run.timings["x"]["set"]["calls"] in range(1000, 3004)
    assert run.timings["temperature"]["get"]["calls"] in range(1000, 3004)
