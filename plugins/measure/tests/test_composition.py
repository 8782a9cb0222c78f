"""Everything that a plan can be put together of does what loops written by hand would."""

from __future__ import annotations

import itertools
import tempfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from luthier import ManualParameter
from luthier_measure import adaptive, both_ways, do, linked, measure, plan, repeat, skip_if, stop_if, stop_run_if

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier_measure.fixed_sweep import Sweep
    from luthier_measure.plan import Item
    from luthier_measure.repetition import Repetition

PARAMETERS = [ManualParameter(name, float, initial=0.0) for name in "abcdef"]


@frozen(eq=False)
class Vary:
    """A sweep of one form or another over the same values."""

    form: str
    numbers: tuple[int, ...]
    values: tuple[tuple[float, ...], ...]
    around: tuple[float, float] | None
    """What something else is set to before and after each pass."""

    def item(self) -> Item:
        before, after = self._actions()
        if self.form in ("repeat", "until", "while"):
            return self._repetition(before, after)
        parameters = [PARAMETERS[number] for number in self.numbers]
        if self.form == "adaptive":
            values = self.values if len(parameters) > 1 else [value for (value,) in self.values]
            return adaptive(tuple(parameters), lambda _: iter(values), before=before, after=after)

        def over(rows: tuple[tuple[float, ...], ...], *, snake: bool = False) -> Sweep:
            columns = zip(parameters, zip(*rows, strict=True), strict=True)
            return linked(*(one.sweep(column) for one, column in columns), snake=snake, before=before, after=after)

        if self.form == "sum" and len(self.values) > 1:
            return over(self.values[:1]) + over(self.values[1:])
        if self.form == "both ways":
            return both_ways(over(self.values))
        return over(self.values, snake=self.form == "snake")

    def _actions(self) -> tuple[Callable[[], None] | None, Callable[[], None] | None]:
        if self.around is None:
            return None, None
        first, last = self.around
        return lambda: PARAMETERS[-1].set(first), lambda: PARAMETERS[-1].set(last)

    def _repetition(self, before: Callable[[], None] | None, after: Callable[[], None] | None) -> Repetition:
        if self.form == "repeat":
            return repeat(len(self.values), before=before, after=after)
        left = 0

        def begin() -> None:
            nonlocal left
            left = len(self.values)
            if before is not None:
                before()

        def are_left() -> int:
            nonlocal left
            left -= 1
            return left

        if self.form == "until":
            return repeat(until=lambda: are_left() == 0, before=begin, after=after)
        return repeat(while_=lambda: are_left() >= 0, before=begin, after=after)


@frozen(eq=False)
class Grid:
    """The product of two sweeps as one item."""

    outer: Vary
    inner: Vary

    def item(self) -> Item:
        outer: Any = self.outer.item()
        made: Item = outer * self.inner.item()
        return made


@frozen(eq=False)
class Read:
    name: str
    is_array: bool

    def item(self) -> Item:
        def reading() -> Any:
            return self.value()

        reading.__name__ = self.name
        return reading

    def value(self) -> Any:
        now = state(self.name)
        return np.array([now, -now]) if self.is_array else now


@frozen(eq=False)
class Decide:
    """A condition on something that is swept around."""

    verdict: str
    number: int
    above: float

    def item(self) -> Item:
        make = {"skip": skip_if, "stop": stop_if, "stop run": stop_run_if}[self.verdict]
        return make(lambda value: value > self.above, PARAMETERS[self.number])


@frozen(eq=False)
class Change:
    """An action: something else is set on the way."""

    value: float

    def item(self) -> Item:
        return do(lambda: PARAMETERS[-1].set(self.value))


@frozen(eq=False)
class Block:
    parts: tuple[Any, ...]

    def item(self) -> Item:
        return plan(*(part.item() for part in self.parts))


def state(name: str) -> float:
    return float(sum(each.get() * 3**number for number, each in enumerate(PARAMETERS))) + len(name)


FORMS = ("plain", "snake", "both ways", "sum", "repeat", "until", "while", "adaptive")


@st.composite
def varied(draw: st.DrawFn, free: list[int], forms: tuple[str, ...]) -> Vary:
    """Choose a sweep of parameters that are not swept around it."""
    form = draw(st.sampled_from(forms))
    is_counted = form in ("repeat", "until", "while")
    numbers = () if is_counted else tuple(free[: draw(st.integers(1, min(2, len(free))))])
    row = st.tuples(*(st.integers(-3, 3).map(float) for _ in numbers))
    values = tuple(draw(st.lists(row, min_size=1, max_size=3)))
    return Vary(form, numbers, values, draw(st.none() | st.tuples(st.just(1.0), st.just(2.0))))


@st.composite
def parts(draw: st.DrawFn, names: Iterator[str], around: tuple[int, ...] = (), depth: int = 0) -> tuple[Any, ...]:
    """Compose the items of a plan, with a reading at the end."""
    made: list[Any] = []
    for _ in range(draw(st.integers(0 if depth else 1, 4))):
        kind = draw(st.sampled_from(["vary", "vary", "grid", "read", "decide", "change", "block"]))
        free = [number for number in range(len(PARAMETERS) - 1) if number not in around]
        if kind == "vary" and free:
            made.append(draw(varied(free, FORMS)))
            around = (*around, *made[-1].numbers)
        elif kind == "grid" and len(free) > 2:
            outer = draw(varied(free, ("plain", "snake", "both ways", "sum", "repeat")))
            inner = draw(varied([each for each in free if each not in outer.numbers], ("plain", "snake", "sum")))
            made.append(Grid(outer, inner))
            around = (*around, *outer.numbers, *inner.numbers)
        elif kind == "read":
            made.append(Read(next(names), draw(st.booleans())))
        elif kind == "decide" and around:
            verdict = draw(st.sampled_from(["skip", "stop", "skip", "stop", "stop run"]))
            made.append(Decide(verdict, draw(st.sampled_from(around)), draw(st.integers(-2, 3))))
        elif kind == "change":
            made.append(Change(draw(st.integers(0, 3))))
        elif kind == "block" and depth < 2:
            made.append(Block(draw(parts(names, around, depth + 1))))
    return (*made, Read(next(names), draw(st.booleans())))


class EndOfSweepError(Exception):
    """The sweep around is to end."""


class EndOfRunError(Exception):
    """Everything is to end."""


class ByHand:
    """The same as nested loops."""

    def __init__(self) -> None:
        self.taken: dict[str, dict[tuple[int, ...], Any]] = {}
        self._passes: dict[Any, int] = {}

    def run(self, items: tuple[Any, ...], place: tuple[int, ...], swept: dict[int, float]) -> None:
        for number, item in enumerate(items):
            if isinstance(item, Grid):
                self.run((item.outer, item.inner, *items[number + 1 :]), place, swept)
                return
            if isinstance(item, Vary):
                self._vary(item, items[number + 1 :], place, swept)
                return
            if isinstance(item, Read):
                self.taken.setdefault(item.name, {})[place] = item.value()
            elif isinstance(item, Change):
                PARAMETERS[-1].set(item.value)
            elif isinstance(item, Block):
                self.run(item.parts, place, swept)
            elif not goes_on(item, swept):
                return

    def _vary(self, item: Vary, inner: tuple[Any, ...], place: tuple[int, ...], swept: dict[int, float]) -> None:
        steps = list(enumerate(item.values))
        if item.form == "both ways":
            done = self._pass(item, steps, inner, (*place, 0), swept)
            self._pass(item, steps[:done][::-1], inner, (*place, 1), swept)
            return
        passes = self._passes[item] = self._passes.get(item, 0) + 1
        self._pass(item, steps[::-1] if item.form == "snake" and passes % 2 == 0 else steps, inner, place, swept)

    def _pass(
        self, item: Vary, steps: list[Any], inner: tuple[Any, ...], place: tuple[int, ...], swept: dict[int, float]
    ) -> int:
        leading = list(itertools.takewhile(lambda each: isinstance(each, Decide), inner))
        done = 0
        if item.around is not None:
            PARAMETERS[-1].set(item.around[0])
        for step, values in steps:
            now = {**swept, **dict(zip(item.numbers, values, strict=True))}
            try:
                # What can be told beforehand is not set.
                if all(goes_on(each, now) for each in leading):
                    for number, value in zip(item.numbers, values, strict=True):
                        PARAMETERS[number].set(value)
                    self.run(inner[len(leading) :], (*place, step), now)
            except EndOfSweepError:
                break
            done += 1
        if item.around is not None:
            PARAMETERS[-1].set(item.around[1])
        return done


def goes_on(item: Decide, swept: dict[int, float]) -> bool:
    if swept[item.number] <= item.above:
        return True
    if item.verdict == "stop":
        raise EndOfSweepError
    if item.verdict == "stop run":
        raise EndOfRunError
    return False


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_plan_differs_from_loops_written_by_hand(data: st.DataObject) -> None:
    names = (f"r{number}" for number in itertools.count())
    chosen = data.draw(parts(names))
    for each in PARAMETERS:
        each.set(0.0)
    by_hand = ByHand()
    outcome = "completed"
    try:
        by_hand.run(chosen, (), {})
    except EndOfRunError:
        outcome = "stopped"
    for each in PARAMETERS:
        each.set(0.0)
    with tempfile.TemporaryDirectory() as folder:
        made = plan(*(part.item() for part in chosen))
        run = measure(made, folder=folder, progress=False)
        found = run.dataset
    assert run.outcome == outcome
    assert run.points == sum(map(len, by_hand.taken.values())) or any_shared_row(made)
    for name, variable in found.data_vars.items():
        expected = np.full(variable.shape, np.nan)
        for place, value in by_hand.taken.get(str(name), {}).items():
            expected[place] = value
        np.testing.assert_array_equal(variable.values, expected, err_msg=str(name))


def any_shared_row(made: Any) -> bool:
    """Tell whether readings share rows, so that there are fewer rows than values."""
    return any(len(level.readings) > 1 for level in made.levels)
