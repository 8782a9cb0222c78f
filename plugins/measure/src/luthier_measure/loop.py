"""The loops of a measurement, put together once out of closures that do nothing but their part."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from attrs import frozen

from luthier_measure import catching_up
from luthier_measure.adapting import Adaptive, AdaptiveRun
from luthier_measure.entering import EndOfLevel, both, entering, foreseeing
from luthier_measure.fixed_sweep import Sweep
from luthier_measure.innermost import clock, innermost
from luthier_measure.lanes import LanePool
from luthier_measure.taking import ReadingStopped, reader
from luthier_measure.timings import timed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier.parameter import Parameter

    from luthier_measure.entering import Enter
    from luthier_measure.past import Past
    from luthier_measure.plan_layout import ArrangedLevel
    from luthier_measure.storage import Row
    from luthier_measure.timings import Timings
    from luthier_measure.variation import Pass, Variation

__all__ = ["Attention", "Course", "LoopLevel", "compile_loop"]

Go: TypeAlias = Callable[[tuple[int, ...], tuple[Any, ...]], None]
"""Goes through a level once: ``(places, setpoints)`` are those of the levels around it."""


@frozen
class LoopLevel:
    """A level as the loop needs it: ``add`` stores a row of what is read at the level, if anything is."""

    arranged: ArrangedLevel
    add: Callable[[Row], None] | None


class Attention(Protocol):
    """Two lists at which the loop looks after each point: as long as both are empty, it goes on."""

    requests: list[object]
    """What people and other threads want."""
    failures: Sequence[Exception]
    """What the storage has to say."""

    def attend(self) -> bool:
        """Raise what ends the loop; return when it may go on, and whether the point is to be taken again first."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait before a reading; attend to what comes meanwhile, and return whether to begin the point again."""
        ...


def compile_loop(
    levels: Sequence[LoopLevel], attention: Attention, timings: Timings, past: Past | None = None
) -> Callable[[], None]:
    """Put together the function that measures everything.

    Parameters
    ----------
    levels
        Each behind the one in which it lies.
    attention
        What can end the loop after a point, hold it up, and have a point taken again: as another row of the same place.
    timings
        Where to note how long instruments took.
    past
        What is stored already, of a run that goes on.
    """
    pool = LanePool()
    outermost = _Compiler(levels, Course(attention, pool, timings), past).all_inside(-1, ())

    def run() -> None:
        try:
            for go in outermost:
                go((), ())
        except ReadingStopped as stopped:
            raise stopped.error from None
        finally:
            pool.close()
        if past is not None:
            past.require_followed()

    return run


@frozen
class Course:
    """What all levels share: who is asked after each point, threads that read, where to note what took how long."""

    attention: Attention
    pool: LanePool
    timings: Timings

    def reader(self, one: LoopLevel) -> Callable[[], tuple[Any, ...]]:
        """Return what takes the readings of a level."""
        return reader(one.arranged.readings, self.pool, self.timings)

    def sets(self, sweep: Variation) -> list[Callable[[Any], None]]:
        """Return what sets each of the parameters that a sweep varies."""
        return [timed(each.parameter.set, self.timings.spent(each.parameter, "set")) for each in sweep.setpoints]


class _Compiler:
    """Turns levels into functions, from the first to the last."""

    def __init__(self, levels: Sequence[LoopLevel], course: Course, past: Past | None) -> None:
        self._left = list(reversed(levels))
        self._course = course
        self._past = past
        self._number = -1
        self._known: set[int] = set()

    def all_inside(self, depth: int, swept: tuple[Parameter[Any] | None, ...]) -> tuple[Go, ...]:
        """Compile what comes next, as far as it lies deeper; ``swept`` is what the values of setpoints belong to."""
        made: list[Go] = []
        while self._left and self._left[-1].arranged.level.depth > depth:
            made.append(self._compile(self._left.pop(), swept))
        return tuple(made)

    def _compile(self, one: LoopLevel, swept: tuple[Parameter[Any] | None, ...]) -> Go:
        level = one.arranged.level
        self._number += 1
        number = self._number
        if level.sweep is not None:
            own = tuple(each.parameter for each in level.sweep.setpoints)
            self._known.update(map(id, own))
            # Columns of what is only counted have no parameter.
            swept = (*swept, *own, *(None for _ in one.arranged.setpoints[len(own) :]))
        foreseen, later = foreseeing(level.actions, swept)
        enter = entering(later, self._known, self._course.attention.wait)
        for reading in one.arranged.readings:
            self._known.update(map(id, reading.parameters))
        inner = self.all_inside(level.depth, swept)
        if level.sweep is None:
            asked = both(foreseen, enter)
            normal = _once(one, asked, inner, self._course)
            return normal if self._past is None else catching_up.once(self._past, number, asked, normal, inner)
        if self._past is not None:
            wait = self._course.attention.wait
            carried, add = _carried(one, level.sweep)
            step = _stepping(one, level.sweep, enter, add, self._course)
            return catching_up.CatchingUpSweep(
                self._past, number, level.sweep, carried.following(wait), foreseen, enter, step, inner, wait
            )
        if isinstance(level.sweep, Sweep) and _is_plain(one, level.sweep) and not inner:
            return innermost(one, level.sweep, self._course)
        return _sweeping(one, level.sweep, (foreseen, enter), inner, self._course)


def _once(one: LoopLevel, enter: Enter | None, inner: tuple[Go, ...], course: Course) -> Go:
    now, offset = clock()
    attention = course.attention
    requests, failures = attention.requests, attention.failures
    read, add = course.reader(one), one.add

    def go(places: tuple[int, ...], setpoints: tuple[Any, ...]) -> None:
        while True:
            if enter is not None and not enter(setpoints):
                return
            if add is not None:
                add((now() + offset, *places, *setpoints, *read()))
            if not (requests or failures) or not attention.attend():
                break
        for each in inner:
            each(places, setpoints)

    return go


def _sweeping(
    one: LoopLevel,
    sweep: Variation,
    enters: tuple[Enter | None, Enter | None],
    inner: tuple[Go, ...],
    course: Course,
) -> Go:
    attention = course.attention
    requests, failures = attention.requests, attention.failures
    foreseen, enter = enters
    begin, add = _beginning(one, sweep, course.attention)
    is_entered = _stepping(one, sweep, enter, add, course)
    before, after = sweep.before or _nothing, sweep.after or _nothing

    def go(places: tuple[int, ...], setpoints: tuple[Any, ...]) -> None:
        before()
        try:
            for place, values in begin():
                at, set_to = (*places, place), (*setpoints, *values)
                if foreseen is not None and not foreseen(set_to):
                    # Where nothing is entered for a long time, a request is to be heard all the same.
                    if requests or failures:
                        attention.attend()
                elif is_entered(at, set_to, values):
                    for each in inner:
                        each(at, set_to)
        except EndOfLevel:
            pass
        after()

    return go


def _stepping(
    one: LoopLevel,
    sweep: Variation,
    enter: Enter | None,
    add: Callable[[Row], None] | None,
    course: Course,
) -> Callable[[tuple[int, ...], tuple[Any, ...], tuple[Any, ...]], bool]:
    """Return the function that takes a step, as often as is asked for, and tells whether what lies inside follows."""
    now, offset = clock()
    attention = course.attention
    requests, failures = attention.requests, attention.failures
    read = course.reader(one)
    delay, wait = sweep.delay, attention.wait
    sets = course.sets(sweep)

    def step(places: tuple[int, ...], setpoints: tuple[Any, ...], values: tuple[Any, ...]) -> bool:
        while True:
            for set_, value in zip(sets, values, strict=False):
                set_(value)
            if delay and wait(delay):
                continue
            goes_on = enter is None or enter(setpoints)
            if goes_on and add is not None:
                add((now() + offset, *places, *setpoints, *read()))
            if not (requests or failures) or not attention.attend():
                return goes_on

    return step


def _nothing() -> None:
    """Stand where nothing is to be done."""


def _beginning(
    one: LoopLevel, sweep: Variation, attention: Attention
) -> tuple[Callable[[], Pass], Callable[[Row], None] | None]:
    """Return what begins a pass, and what stores a row."""
    carried, add = _carried(one, sweep)
    return carried.passes(attention.wait), add


def _carried(one: LoopLevel, sweep: Variation) -> tuple[Variation | AdaptiveRun, Callable[[Row], None] | None]:
    """Return what goes through the steps, and what stores a row; an adaptive sweep looks at each row."""
    if not isinstance(sweep, Adaptive) or one.add is None:
        return sweep, one.add
    columns = [*one.arranged.setpoints, *(column for reading in one.arranged.readings for column in reading.columns)]
    places: dict[Any, int] = {column.name: place for place, column in enumerate(columns)}
    places.update((parameter, place) for place, parameter in enumerate(sweep.parameters))
    place = len(one.arranged.setpoints)
    for reading in one.arranged.readings:
        values = [place + number for number, column in enumerate(reading.columns) if column.role == "reading"]
        # A parameter that is swept and read too counts as what was read.
        places.update(zip(reading.parameters, values, strict=False))
        if len(values) == 1:
            places[reading.readable] = values[0]
        place += len(reading.columns)
    run = AdaptiveRun(sweep, places)
    return run, run.watching(one.add)


def _is_plain(one: LoopLevel, sweep: Sweep) -> bool:
    is_bare = not (one.arranged.level.actions or sweep.before or sweep.after)
    return is_bare and len(sweep.setpoints) == 1 and one.add is not None
