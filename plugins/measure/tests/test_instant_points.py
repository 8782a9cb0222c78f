"""Points of instant parameters are taken as one step each, and nothing but the time shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument, ManualParameter, parameter
from luthier_measure import load, measure, runs, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from luthier_measure import Run

POINTS = 2500
"""Some blocks, the last of which is not full."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


class Counter(Instrument):
    """Reads what was set, and how often it was read."""

    reads = 0
    at: Callable[[int], object] = staticmethod(lambda _: None)

    gate = parameter(float, initial=0.0)

    @parameter()
    def doubled(self) -> float:
        return 2 * self.gate.get()

    @parameter()
    def count(self) -> int:
        self.reads += 1
        self.at(self.reads)
        return self.reads


@pytest.fixture
def counter() -> Iterator[Counter]:
    with Counter("counter") as opened:
        yield opened


def measured(counter: Counter, *, outer: int, snake: bool, others: list[Any]) -> Run:
    counter.reads = 0
    slow = [sweep(ManualParameter("outer", float), [float(number) for number in range(outer)])] if outer else []
    fast = sweep(counter.gate, 0, 1, num=POINTS // max(outer, 1), snake=snake)
    return measure(*slow, fast, counter.doubled, counter.count, *others, progress=False)


@pytest.mark.parametrize("outer", [0, 5])
@pytest.mark.parametrize("snake", [False, True])
@pytest.mark.parametrize("more", [0, 2])
def test_it_stores_what_is_stored_one_after_the_other(counter: Counter, outer: int, snake: bool, more: int) -> None:
    with Counter("another") as another:
        others = [another.count, another.doubled][:more]
        jointly = measured(counter, outer=outer, snake=snake, others=others).dataset.load()
        another.reads = 0
        # Who is told of each reading cannot be told of two at once.
        with counter.gate.subscribe(lambda _: None), counter.count.subscribe(lambda _: None):
            in_turn = measured(counter, outer=outer, snake=snake, others=others).dataset.load()
    times = [name for name in jointly.variables if "time" in str(name)]
    assert jointly.drop_vars(times).identical(in_turn.drop_vars(times).assign_attrs(jointly.attrs))
    assert counter.reads == POINTS


def test_it_stops_after_the_very_point(counter: Counter) -> None:
    def stop_at(reads: int) -> None:
        if reads == 1234:
            load(runs()[0].id).stop()

    counter.at = stop_at
    run = measured(counter, outer=0, snake=False, others=[])
    assert (run.outcome, run.points) == ("stopped", 1234)


def test_what_was_taken_before_an_error_is_stored(counter: Counter) -> None:
    def fail_at(reads: int) -> None:
        if reads == 1234:
            message = "no answer"
            raise OSError(message)

    counter.at = fail_at
    with pytest.raises(OSError, match="no answer") as caught:
        measured(counter, outer=0, snake=False, others=[])
    assert any("counter.count" in note for note in caught.value.__notes__)
    assert load(runs()[0].id).points == 1233


def test_it_counts_every_call(counter: Counter) -> None:
    run = measured(counter, outer=0, snake=False, others=[])
    timings = run.timings["counter"]
    assert timings["set"]["calls"] == POINTS
    assert timings["get"]["calls"] == 2 * POINTS
    assert 0 < timings["set"]["seconds"] < 5
