"""Runs that were cut off, stopped or have failed go on at their first missing point."""

from __future__ import annotations

import itertools
import random
import time
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pytest
from luthier import Instrument, ManualParameter
from luthier_measure import (
    adaptive,
    both_ways,
    continue_run,
    data_folder,
    do,
    every,
    load,
    measure,
    pause_while,
    plan,
    repeat,
    retry,
    runs,
    skip_if,
    stop_if,
    stop_run_if,
    sweep,
    wait,
    wait_until,
)
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.errors import PlanDiffersError, RunFinishedError, RunGoesOnError, StateDiffersError
from luthier_measure.rebuilding import rebuilt_options, rebuilt_plan
from luthier_measure.storage import RunEnd, new_run_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from luthier_measure import Points, Run


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
        self.age = 0
        for each in (self.a, self.b, self.c):
            each.subscribe(lambda change: self.sets.append(f"{change.parameter.name}={change.value:g}"))

    def inner(self) -> float:
        """Read something that all knobs decide."""
        if self.left is not None:
            if not self.left:
                message = "power cut"
                raise OSError(message)
            self.left -= 1
        self.age += 1
        return 100 * self.a() + 10 * self.b() + self.c()

    def has_turned(self) -> bool:
        """Tell something that time has brought about, and not the measurement."""
        return self.age % 3 == 0

    def towards(self, wanted: float) -> Callable[[Points], Iterator[float]]:
        """Return a search for where c makes the reading, without what a and b add, this large."""

        def halve(points: Points) -> Iterator[float]:
            low, high = 0.0, 8.0
            for _ in range(5):
                yield (low + high) / 2
                if points:
                    too_large = points[-1][self.inner] % 10 > wanted
                    low, high = (low, points[-1][self.c]) if too_large else (points[-1][self.c], high)

        return halve

    def outer(self) -> float:
        """Read something slow."""
        return self.a() - self.b()

    def reset(self) -> None:
        """Forget everything but how old the world is."""
        for each in (self.a, self.b, self.c):
            each.set(0.0)
        self.left = None


@pytest.fixture
def bench() -> Bench:
    return Bench()


def _broken_off(bench: Bench, after: int, items: tuple[Any, ...]) -> Run:
    bench.reset()
    bench.age, bench.left = 0, after
    with pytest.raises(OSError, match="power cut"):
        measure(*items, progress=False)
    bench.left = None
    return runs()[-1]


def _forms(bench: Bench) -> dict[str, tuple[Any, ...]]:
    a, b, c = bench.a, bench.b, bench.c
    inner, outer = bench.inner, bench.outer

    def b_is_3() -> bool:
        return b() == 3

    return {
        "line": (a.sweep(1, 5, num=5), inner),
        "snake": (sweep(a, [1, 2, 3]), sweep(b, [1, 2, 3], snake=True), inner),
        "levels": (sweep(a, [1, 2]), outer, sweep(b, [1, 2, 3]), inner),
        "both ways": (sweep(a, [1, 2]), both_ways(sweep(b, [1, 2, 3])), inner),
        "repeated": (repeat(2), sweep(b, [1, 2, 3]), inner),
        "blocks": (sweep(a, [1, 2]), plan(sweep(b, [1, 2]), inner), plan(sweep(c, [3, 4]), inner), outer),
        "skipped": (sweep(a, [1, 2]), sweep(b, [1, 2, 3], snake=True), skip_if(lambda x, y: x == y, a, b), inner),
        "stopped": (sweep(a, [1, 2, 3]), sweep(b, [1, 2, 3]), inner, stop_if(lambda y: y >= 2, b)),
        "stopped on the way there": (sweep(a, [1, 2]), both_ways(sweep(b, [1, 2, 3, 4])), inner, stop_if(b_is_3)),
        "stopped before reading": (sweep(a, [1, 2]), both_ways(sweep(b, [1, 2, 3, 4])), stop_if(b_is_3), inner),
        "stopped in a block": (
            sweep(a, [1, 2]),
            plan(sweep(b, [1, 3, 5]), inner, stop_if(b_is_3)),
            plan(sweep(c, [3, 4]), inner),
        ),
        "until": (sweep(a, [1, 2]), repeat(until=bench.has_turned), inner),
        "until around": (repeat(until=lambda: bench.age >= 7), outer, sweep(b, [1, 2]), inner),
        "as long as": (sweep(a, [1, 2, 3]), repeat(9, while_=lambda: bench.age < 4 * a() - 1), inner),
        "search": (adaptive(c, bench.towards(3.3)), inner),
        "searches": (sweep(a, [1, 2]), outer, adaptive(c, bench.towards(3.3)), inner),
        "search around": (adaptive(c, bench.towards(3.3)), inner, sweep(b, [1, 2]), outer),
        "search among": (adaptive(c, bench.towards(3.3)), skip_if(lambda c: c == 2, c), inner),
        "acting": (sweep(a, [1, 2]), do(lambda: c.set(7.0)), sweep(b, [1, 2]), inner),
    }


@pytest.mark.parametrize("form", _forms(Bench()))
def test_wherever_it_was_broken_off_it_ends_as_if_it_had_not_been(bench: Bench, form: str) -> None:
    items = _forms(bench)[form]
    bench.reset()
    whole = measure(*items, progress=False)
    for after in itertools.count():
        bench.reset()
        bench.age, bench.left = 0, after
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


@pytest.mark.parametrize("kept", [0, 1])
def test_an_outer_reading_that_a_kill_cost_is_taken_again_with_all_inside(bench: Bench, kept: int) -> None:
    items = sweep(bench.a, [1, 2, 3]), bench.outer, sweep(bench.b, [1, 2, 3]), bench.inner
    whole = measure(*items, progress=False)
    storage = ArrowStorage(data_folder())
    reader = storage.open(whole.id)
    writer = storage.create(attrs.evolve(reader.header, id=new_run_id()))
    # The tables are written one after the other, and the inner one first.
    for table, count in (("level_0", kept), ("main", 5)):
        data, add = reader.read(table), writer.appender(table)
        columns = [data.columns[name].tolist() for name in reader.layout.table(table).columns]
        rows = zip(data.times.tolist(), *(each.tolist() for each in data.indices), *columns, strict=True)
        for row in itertools.islice(rows, count):
            add(row)
    writer.finish(RunEnd("stopped", time.time()))
    bench.reset()
    bench.sets.clear()
    run = continue_run(writer.id, *items, progress=False)
    assert next(each for each in bench.sets if each.startswith("a")) == f"a={kept + 1}"
    assert run.dataset.drop_attrs().equals(whole.dataset.drop_attrs())
    assert run.points == kept + 5 + 4 * (3 - kept)


def test_a_repetition_without_end_in_a_sweep_was_as_often_as_is_stored(bench: Bench) -> None:
    items = sweep(bench.a, [1, 2]), repeat(), bench.inner, stop_if(bench.has_turned)
    run = _broken_off(bench, 4, items)
    dataset = continue_run(run, *items, progress=False).dataset
    assert dataset["inner"].notnull().sum("repetition").values.tolist() == [3, 2]


def test_a_search_that_chooses_otherwise_is_refused_and_nothing_is_set(bench: Bench) -> None:
    chosen = iter(range(100))

    def wander(_points: Points) -> Iterator[float]:
        yield from map(float, chosen)

    items = adaptive(bench.a, wander), bench.inner
    run = _broken_off(bench, 2, items)
    bench.sets.clear()
    with pytest.raises(PlanDiffersError, match=r"now chooses 3.0 for step 0, and had chosen 0.0") as caught:
        continue_run(run, *items, progress=False)
    assert "give random numbers a seed" in str(caught.value)
    with pytest.raises(PlanDiffersError, match=r"came to its end without the stored step \(1,\) of the table 'main'"):
        continue_run(run, adaptive(bench.a, lambda _points: iter([0.0])), bench.inner, progress=False)
    assert not bench.sets
    assert load(run.id).points == 2


class Spread:
    """A learner that takes the middle of the widest gap, and begins at either end by chance."""

    def __init__(self, seed: int) -> None:
        ends = [0.0, 8.0]
        random.Random(seed).shuffle(ends)  # noqa: S311 - no secret
        self.ends = ends
        self.told: dict[float, float] = {}
        self.pending: set[float] = set()

    def ask(self, _n: int, tell_pending: bool = True) -> tuple[list[float], list[float]]:
        left = [end for end in self.ends if end not in self.told]
        known = sorted(self.told)
        wide = max(itertools.pairwise(known), key=lambda pair: pair[1] - pair[0], default=(0.0, 0.0))
        proposed = left[0] if left else sum(wide) / 2
        if tell_pending:
            self.pending.add(proposed)
        return [proposed], [1.0]

    def tell(self, x: float, y: float) -> None:
        self.told[x] = y
        self.pending.discard(x)

    def loss(self) -> float:
        known = sorted(self.told)
        return max((high - low for low, high in itertools.pairwise(known)), default=9.0)


def test_a_learner_is_told_what_is_stored_whatever_it_would_ask_for(bench: Bench) -> None:
    orders = {Spread(seed).ends[0]: seed for seed in range(9)}
    assert len(orders) == 2
    first, second = (Spread(seed) for seed in orders.values())
    run = _broken_off(bench, 3, (adaptive(bench.c, first, loss=1.0), bench.inner))
    run = continue_run(run, adaptive(bench.c, second, loss=1.0), bench.inner, progress=False)
    assert second.told == {float(c): float(c) for c in range(9)}
    assert not second.pending
    assert run.points == 9


@pytest.mark.filterwarnings("ignore::luthier_measure.LatePointWarning")
def test_a_series_around_everything_keeps_its_clock(bench: Bench) -> None:
    items = every(0.05, num=30), bench.inner
    run = _broken_off(bench, 3, items)
    begun = time.time()
    while time.time() < begun + 0.2:  # a cut of some intervals
        bench.outer()
    run = continue_run(run, *items, progress=False)
    data = run.dataset
    places = np.flatnonzero(data["inner"].notnull())
    assert len(places) == run.points > 3
    assert places[3] - places[2] > 3
    assert (data["time"].values[places] > 0.05 * places - 1e-3).all()


def test_a_series_inside_a_sweep_that_was_cut_off_begins_anew(bench: Bench) -> None:
    items = sweep(bench.a, [1, 2]), every(0.1, num=3), bench.inner
    run = continue_run(_broken_off(bench, 4, items), *items, progress=False)
    data = run.dataset
    assert (run.outcome, data["inner"].sel(a=1).notnull().sum().item()) == ("completed", 3)
    assert bool(data["inner"].sel(a=2).notnull().all())


def test_a_series_whose_time_is_over_is_refused(bench: Bench) -> None:
    items = every(0.05, num=3), bench.inner
    run = _broken_off(bench, 1, items)
    ends = time.monotonic() + 0.2
    while time.monotonic() < ends:
        bench.outer()
    with pytest.raises(RunFinishedError, match=r"takes points by the clock, and the last one was due at \d{4}-"):
        continue_run(run, *items, progress=False)
    assert load(run.id).outcome == "failed"


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
        self.fails_from: int | None = None
        self.readings = 0
        self.held = {"voltage": 0.0, "range": 1.0}
        for key in self.held:
            self.add_parameter(key, float, unit="V", get_cmd=lambda key=key: self.held[key], set_cmd=self._setter(key))
        self.add_parameter("current", float, unit="A", get_cmd=self._current)

    def _setter(self, key: str) -> Callable[[Any], None]:
        return lambda value: self.held.update({key: float(value)})

    def _current(self) -> float:
        is_broken = self.broken and self.held["voltage"] >= 2
        if is_broken if self.fails_from is None else self.readings >= self.fails_from:
            message = "no answer"
            raise OSError(message)
        self.readings += 1
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


@pytest.mark.filterwarnings("ignore::luthier_measure.LatePointWarning")
def test_conditions_waits_and_options_of_parameters_are_put_together_again(source: Source) -> None:
    enough = source.add_parameter("enough", bool, get_cmd=lambda: source.readings >= 4)
    never = source.add_parameter("never", bool, initial=False)
    level, current = source.parameters["voltage"], source.parameters["current"]
    source.held["voltage"] = 2.0
    for items, points in (
        ((every(0.02, num=90, until=enough),), 4),
        ((repeat(9, until=enough), wait(0.001), wait_until(level, timeout=1.0)), 4),
        # The last point is taken again, so that the condition is asked once more.
        ((repeat(9, until=enough), skip_if(never)), 3),
    ):
        source.readings, source.fails_from = 0, 2
        suspender = pause_while(level, above=9.0, every=0.5)
        with pytest.raises(OSError, match="no answer"):
            measure(*items, current, progress=False, on_error={current: retry(1)}, suspenders=suspender)
        source.fails_from, source.broken = None, False
        run = continue_run(runs()[-1], progress=False)
        assert run.outcome == "completed"
        assert run.dataset["source_current"].notnull().sum() == points
        header = ArrowStorage(data_folder()).open(run.id).header
        options = rebuilt_options(header, rebuilt_plan(header), {"on_error", "suspenders"})
        assert options["on_error"] == {current: retry(1)}
        level.set(9.5)
        assert options["suspenders"][0].look() == "source.voltage = 9.5 V is above 9.0 V"
        level.set(2.0)


def test_what_only_the_script_knows_is_told(source: Source) -> None:
    for items, options, why in (
        ((do(source.name.upper),), {}, r"conditions or actions that are functions \(do upper\)"),
        ((repeat(until=source.name.islower),), {}, "it asks a function"),
        ((), {"suspenders": pause_while(source.name.isupper)}, "it stands still under a condition"),
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


def test_durations_and_timings_are_those_of_all_parts(source: Source) -> None:
    voltage, current = source.parameters["voltage"], source.parameters["current"]
    swept = sweep(voltage, 0, 1, num=6, delay=0.02)
    source.broken = False
    for fails_from in (2, 4):
        source.fails_from = fails_from
        with pytest.raises(OSError, match="no answer"):
            _ = continue_run(runs()[-1], progress=False) if runs() else measure(swept, current, progress=False)
    source.fails_from = None
    last = runs()[-1].duration
    run = continue_run(runs()[-1], progress=False)
    assert run.timings["source"]["get"]["calls"] == 6
    # The set of a point whose reading fails is one, too.
    assert run.timings["source"]["set"]["calls"] == 8
    assert last is not None
    assert run.duration is not None
    assert 0.08 <= last < run.duration - 0.04
    assert [each.duration is not None for each in run.continuations] == [True, True]
    assert run.ended is not None
    assert run.duration < (run.ended - run.started).total_seconds()
