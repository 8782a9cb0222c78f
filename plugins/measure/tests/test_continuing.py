"""Runs that were cut off, stopped or have failed go on at their first missing point."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument, ManualParameter
from luthier_measure import (
    adaptive,
    both_ways,
    continue_run,
    do,
    every,
    load,
    measure,
    plan,
    repeat,
    runs,
    skip_if,
    stop_if,
    stop_run_if,
    sweep,
)
from luthier_measure.errors import PlanDiffersError, RunFinishedError, RunGoesOnError, StateDiffersError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from luthier_measure import Run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


class Bench:
    """Three knobs and what depends on them, with an accident that can be planned."""

    def __init__(self) -> None:
        self.a, self.b, self.c = (ManualParameter(name, float, initial=0.0) for name in "abc")
        self.sets: list[str] = []
        self.left: int | None = None
        for each in (self.a, self.b, self.c):
            each.subscribe(lambda change: self.sets.append(f"{change.parameter.name}={change.value:g}"))

    def inner(self) -> float:
        """Read something that all knobs decide."""
        if self.left is not None:
            if not self.left:
                message = "power cut"
                raise OSError(message)
            self.left -= 1
        return 100 * self.a() + 10 * self.b() + self.c()

    def outer(self) -> float:
        """Read something slow."""
        return self.a() - self.b()

    def reset(self) -> None:
        for each in (self.a, self.b, self.c):
            each.set(0.0)
        self.left = None


@pytest.fixture
def bench() -> Bench:
    return Bench()


def _broken_off(bench: Bench, after: int, items: tuple[Any, ...]) -> Run:
    bench.reset()
    bench.left = after
    with pytest.raises(OSError, match="power cut"):
        measure(*items, progress=False)
    bench.left = None
    return runs()[-1]


def _forms(bench: Bench) -> dict[str, tuple[Any, ...]]:
    a, b, c = bench.a, bench.b, bench.c
    inner, outer = bench.inner, bench.outer
    return {
        "line": (a.sweep(1, 5, num=5), inner),
        "snake": (sweep(a, [1, 2, 3]), sweep(b, [1, 2, 3], snake=True), inner),
        "levels": (sweep(a, [1, 2]), outer, sweep(b, [1, 2, 3]), inner),
        "both ways": (sweep(a, [1, 2]), both_ways(sweep(b, [1, 2, 3])), inner),
        "repeated": (repeat(2), sweep(b, [1, 2, 3]), inner),
        "blocks": (sweep(a, [1, 2]), plan(sweep(b, [1, 2]), inner), plan(sweep(c, [3, 4]), inner), outer),
        "skipped": (sweep(a, [1, 2]), sweep(b, [1, 2, 3], snake=True), skip_if(lambda x, y: x == y, a, b), inner),
        "stopped": (sweep(a, [1, 2, 3]), sweep(b, [1, 2, 3]), inner, stop_if(lambda y: y >= 2, b)),
        "acting": (sweep(a, [1, 2]), do(lambda: c.set(7.0)), sweep(b, [1, 2]), inner),
    }


@pytest.mark.parametrize("form", _forms(Bench()))
def test_wherever_it_was_broken_off_it_ends_as_if_it_had_not_been(bench: Bench, form: str) -> None:
    items = _forms(bench)[form]
    bench.reset()
    whole = measure(*items, progress=False)
    for after in itertools.count():
        bench.reset()
        bench.left = after
        try:
            measure(*items, progress=False)
        except OSError:
            pass
        else:
            assert after
            break
        bench.reset()
        run = continue_run(runs()[-1], *items, progress=False)
        assert run.outcome == "completed"
        assert run.dataset.equals(whole.dataset), after
        assert len(run.continuations) == 1


def test_nothing_stored_is_set_again_and_the_outermost_is_set_first(bench: Bench) -> None:
    items = sweep(bench.a, [1, 2, 3]), bench.outer, sweep(bench.b, [1, 2, 3]), bench.inner
    run = _broken_off(bench, 4, items)
    bench.sets.clear()
    continue_run(run.id[:-2], *items, progress=False)
    assert bench.sets[:3] == ["a=2", "b=2", "b=3"]
    assert load(run.id).points == 3 + 9


def test_a_run_stopped_by_a_condition_asks_it_again(bench: Bench) -> None:
    limit = [2.0]
    items = sweep(bench.a, [1, 2, 3]), bench.outer, stop_run_if(lambda a: a >= limit[0], bench.a)
    run = measure(*items, progress=False)
    assert (run.outcome, run.points) == ("stopped", 2)
    assert continue_run(run, *items, progress=False).outcome == "stopped"
    limit[0] = 9.0
    assert continue_run(run, *items, progress=False).dataset["outer"].values.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda b: (sweep(b.a, [1, 2, 4]), b.inner), "the values of a are others"),
        (lambda b: (sweep(b.a, [1, 2, 3], snake=True), b.inner), "snake was False, and is True"),
        (lambda b: (sweep(b.b, [1, 2, 3]), b.inner), r"parameters was \['a'\], and is \['b'\]"),
        (lambda b: (sweep(b.a, [1, 2, 3]), b.outer), "it read inner, and reads outer"),
        (lambda b: (b.inner,), "the plan is not that of the run"),
        (lambda _: (), "belongs to no instrument, or is a function"),
    ],
)
def test_another_plan_is_refused_and_nothing_is_set(
    bench: Bench, other: Callable[[Bench], tuple[Any, ...]], message: str
) -> None:
    run = _broken_off(bench, 2, (sweep(bench.a, [1, 2, 3]), bench.inner))
    bench.sets.clear()
    with pytest.raises(PlanDiffersError, match=message):
        continue_run(run, *other(bench))
    assert not bench.sets
    assert load(run.id).outcome == "failed"


def test_plans_that_cannot_be_followed_say_why(bench: Bench) -> None:
    stops = stop_if(lambda b: b > 1, bench.b)
    for items, why in (
        ((adaptive(bench.a, lambda _: iter([1.0, 2.0])), bench.inner), "chosen on the way"),
        ((every(0.001, num=3), bench.inner), "own clock"),
        ((repeat(until=lambda: False), bench.inner), "a condition decides"),
        ((both_ways(sweep(bench.b, [1, 2])), bench.inner, stops), "stop_if"),
    ):
        run = _broken_off(bench, 1, items)
        with pytest.raises(PlanDiffersError, match=why):
            continue_run(run, *items)


def test_a_completed_run_and_one_that_goes_on_are_refused(bench: Bench) -> None:
    items = sweep(bench.a, [1, 2, 3]), bench.outer
    with pytest.raises(RunFinishedError, match="completed"):
        continue_run(measure(*items, progress=False), *items)

    def itself() -> float:
        with pytest.raises(RunGoesOnError, match="measuring it"):
            continue_run(runs()[-1], *items)
        return 0.0

    measure(sweep(bench.a, [1.0]), itself, progress=False)


class Source(Instrument):
    """A source with a range, whose current cannot be read from 2 V on as long as it is broken."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.broken = True
        self.held = {"voltage": 0.0, "range": 1.0}
        for key in self.held:
            self.add_parameter(key, float, unit="V", get_cmd=lambda key=key: self.held[key], set_cmd=self._setter(key))
        self.add_parameter("current", float, unit="A", get_cmd=self._current)

    def _setter(self, key: str) -> Callable[[Any], None]:
        return lambda value: self.held.update({key: float(value)})

    def _current(self) -> float:
        if self.broken and self.held["voltage"] >= 2:
            message = "no answer"
            raise OSError(message)
        return 2 * self.held["voltage"]


@pytest.fixture
def source() -> Iterator[Source]:
    made = Source("source")
    yield made
    made.close()


def _broken_source(source: Source, *items: Any, **options: Any) -> Run:
    source.parameters["range"].set(1.0)
    swept = sweep(source.parameters["voltage"], 0, 3, num=4)
    with pytest.raises(OSError, match="no answer"):
        measure(swept, *items, source.parameters["current"], progress=False, **options)
    source.broken = False
    return runs()[-1]


def test_the_plan_is_put_together_again_with_the_instruments_that_are_open(source: Source) -> None:
    final = {source.parameters["voltage"]: -1.0}
    run = continue_run(_broken_source(source, finally_=final, on_error="stop"), progress=False)
    assert run.dataset["source_current"].values.tolist() == [0, 2, 4, 6]
    assert source.held["voltage"] == -1


def test_what_only_the_script_knows_is_told(source: Source) -> None:
    for items, options, why in (
        ((do(source.name.upper),), {}, "conditions or actions"),
        ((), {"finally_": source.name.upper}, "calls a function at its end"),
        ((source.name.upper,), {}, "is a function"),
    ):
        source.broken = True
        run = _broken_source(source, *items, **options)
        with pytest.raises(PlanDiffersError, match=why) as caught:
            continue_run(run)
        assert f"continue_run('{run.id}', sweep" in str(caught.value)
    source.close()
    with pytest.raises(PlanDiffersError, match="no instrument 'source' is open"):
        continue_run(_stored_without_functions())


def _stored_without_functions() -> Run:
    other = Source("source")
    run = _broken_source(other)
    other.close()
    return run


def test_instruments_that_are_not_as_they_were_have_to_be_accepted(source: Source) -> None:
    run = _broken_source(source)
    source.held["range"] = 10.0
    with pytest.raises(StateDiffersError, match=r"source.range was 1.0 V, is 10.0. Nothing was set") as caught:
        continue_run(run, progress=False)
    assert [each.name for each in caught.value.differences] == ["source.range"]  # type: ignore[attr-defined] # of its class
    assert load(run.id).outcome == "failed"
    assert continue_run(run, accept=True, progress=False).outcome == "completed"
