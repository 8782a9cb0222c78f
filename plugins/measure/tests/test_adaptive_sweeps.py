"""Sweeps whose values are chosen on the way, by a generator or by a learner."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import ManualParameter, Parameter
from luthier.errors import UsageError, ValidationError
from luthier.validators import Numbers
from luthier_measure import (
    adaptive,
    load,
    measure,
    runs,
    skip_if,
    sweep,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from luthier_measure import Points


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def gate() -> ManualParameter[float]:
    return ManualParameter("gate", float, unit="V", validator=Numbers(-10, 10), initial=0.0)


@pytest.fixture
def bias() -> ManualParameter[float]:
    return ManualParameter("bias", float, unit="V", initial=0.0)


@pytest.fixture
def current(gate: ManualParameter[float], bias: ManualParameter[float]) -> Parameter[float]:
    return Parameter("current", float, unit="A", get_cmd=lambda: 10 * bias() + gate())


def find_peak(parameter: Parameter[float], reading: Parameter[float]) -> Callable[[Points], Iterator[float]]:
    """Look for the largest reading by halving steps."""

    def search(points: Points) -> Iterator[float]:
        yield from (-4.0, 0.0, 4.0)
        step = 2.0
        while step > 0.01:
            best = max(points, key=lambda point: float(point[reading]))[parameter]
            yield best - step
            yield best + step
            step /= 2

    return search


def test_a_generator_sees_what_was_measured_and_decides(gate: Any, bias: Any) -> None:
    signal_ = Parameter("signal", float, get_cmd=lambda: -((gate() - bias()) ** 2))
    run = measure(sweep(bias, [1.25, -3.5]), adaptive(gate, find_peak(gate, signal_)), signal_)
    data = run.dataset
    best = data["gate"].values[[0, 1], np.nanargmax(data["signal"].values, axis=1)]
    assert best == pytest.approx([1.25, -3.5], abs=0.02)
    assert data["signal"].dims == ("bias", "gate_index")


def test_points_that_were_left_out_are_not_seen(gate: Any, current: Any) -> None:
    def search(points: Points) -> Iterator[float]:
        yield from (1.0, 9.0, 2.0)
        assert points.values(current) == [1.0, 2.0]
        assert (points[-1][gate], points[-1][len_], len(points[:1])) == (2.0, 3, 1)
        assert dict(points[0]) == {"gate": 1.0, "current": 1.0, "len_": 3}

    def len_() -> int:
        return 3

    run = measure(adaptive(gate, search), skip_if(lambda x: x > 5, gate), current, len_)
    np.testing.assert_array_equal(run.dataset["current"].values, [1.0, math.nan, 2.0])


class Bisector:
    """A learner as those of the package adaptive are: asked for points, and told what was measured there."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high
        self.told: list[tuple[float, float]] = []

    def ask(self, n: int, tell_pending: bool = True) -> tuple[list[Any], list[float]]:
        assert (n, tell_pending) == (1, True)
        return [np.float64((self.low + self.high) / 2)], [self.loss()]

    def tell(self, x: float, y: float) -> None:
        self.told.append((x, y))
        self.low, self.high = (self.low, x) if y > 0 else (x, self.high)

    def loss(self, real: bool = True) -> float:
        return self.high - self.low if real else math.inf


def test_a_learner_is_asked_and_told(gate: Any, bias: Any) -> None:
    distance = Parameter("distance", float, get_cmd=lambda: gate() - bias())
    bias(1.5)
    learner = Bisector(-8, 8)
    run = measure(adaptive(gate, learner, loss=0.01, learn=distance), distance, bias)
    assert run.dataset["gate"].values[-1] == pytest.approx(1.5, abs=0.02)
    assert learner.told == [(x, x - 1.5) for x in run.dataset["gate"].values]
    run = measure(sweep(bias, [1, 2]), adaptive(gate, lambda _: Bisector(-8, 8), num=12), distance)
    assert run.dataset["gate"].values[:, -1] == pytest.approx([1, 2], abs=0.01)


def test_a_learner_of_the_package_adaptive_finds_the_step(gate: Any) -> None:
    package = pytest.importorskip("adaptive", reason="the package adaptive is not installed")
    step = Parameter("step", float, get_cmd=lambda: math.tanh(100 * (gate() - 0.3)))
    learner = package.Learner1D(None, bounds=(-1.0, 1.0))
    data = measure(adaptive(gate, learner, num=40), step).dataset
    assert np.sum(abs(data["gate"].values - 0.3) < 0.05) > 10


def test_several_parameters_are_searched_together(gate: Any, bias: Any, current: Any) -> None:
    run = measure(adaptive((gate, bias), lambda _: iter([(1, 2), np.array([3.0, 4.0])])), current)
    assert run.dataset["current"].values.tolist() == [21.0, 43.0]
    assert run.dataset["bias"].dims == ("gate",)
    with pytest.raises(UsageError, match="needs 2 values a point; got 5"):
        measure(adaptive((gate, bias), lambda _: iter([5])), current)


def test_a_value_that_is_not_allowed_ends_a_search_with_what_it_has(gate: Any, current: Any) -> None:
    with pytest.raises(ValidationError, match="-10 V to 10 V"):
        measure(adaptive(gate, lambda _: iter([1.0, 11.0])), current)
    (run,) = runs()
    assert (load(run.id).outcome, load(run.id).points) == ("failed", 1)


def test_a_search_that_asks_for_what_is_not_there_is_told_what_is(gate: Any, bias: Any, current: Any) -> None:
    def search(points: Points) -> Iterator[float]:
        yield 1.0
        yield points[-1][bias]

    with pytest.raises(UsageError, match=r"a point of this sweep has no 'bias': it has gate, current"):
        measure(adaptive(gate, search), current)
    with pytest.raises(UsageError, match=r"one value a point, and there are 2: current, bias.*learn="):
        measure(adaptive(gate, Bisector(0, 1), num=3), current, bias)
    with pytest.raises(UsageError, match="has to yield values"):
        measure(adaptive(gate, lambda _: 3), current)  # type: ignore[arg-type,return-value]  # that is the point
