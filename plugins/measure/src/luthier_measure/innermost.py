"""The innermost level of a measurement, where a tenth of a microsecond counts for every point."""

from __future__ import annotations

import time
from itertools import chain, cycle, islice
from typing import TYPE_CHECKING, Any

from luthier_measure.instant_points import InstantPoints, plain_parameters
from luthier_measure.timings import Sampled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from luthier.parameter import Parameter

    from luthier_measure.fixed_sweep import Sweep
    from luthier_measure.instant_points import TakePoint
    from luthier_measure.loop import Course, Go, LoopLevel

    Places = tuple[int, ...]
    Setpoints = tuple[Any, ...]
    GoThrough = Callable[[TakePoint, Iterable[tuple[int, Any]], Places, Setpoints], None]
    """Takes a point at each place with its setpoint, inside those of the levels around it."""

__all__ = ["clock", "innermost"]

_PAIR = 2


def clock() -> tuple[Callable[[], float], float]:
    """Return a clock that nobody can set, and what to add to it for seconds since 1970."""
    return time.monotonic, time.time() - time.monotonic()


def innermost(one: LoopLevel, sweep: Sweep, course: Course) -> Go:
    """Do what the general case does, for a sweep of one parameter with nothing inside but readings.

    ``one.add`` is there.
    """
    read = plain_parameters(one.arranged.readings)
    if read is None or sweep.delay or sweep.turns_back:
        return _of_any(one, sweep, course)
    return _of_parameters(one, sweep, read, course)


def _of_parameters(one: LoopLevel, sweep: Sweep, read: Sequence[Parameter[Any]], course: Course) -> Go:
    (setpoint,) = sweep.setpoints
    points = InstantPoints(setpoint.parameter, read, course.timings, lambda: _one_after_the_other(one, sweep, course))
    forth = range(len(setpoint.values)), setpoint.values
    back = (forth[0][::-1], forth[1][::-1]) if sweep.snake else forth
    passes = cycle((forth, back))
    through_any = _through_any(one, course)
    through_outermost = _through_pairs(one, course) if len(read) == _PAIR else through_any

    def go(places: Places, setpoints: Setpoints) -> None:
        numbers, values = next(passes)
        go_through = through_any if places else through_outermost
        done = 0
        while done < len(numbers):
            take, most = points.next_block()
            upto = min(done + most, len(numbers))
            go_through(take, zip(numbers[done:upto], values[done:upto], strict=True), places, setpoints)
            points.took(upto - done)
            done = upto

    return go


def _one_after_the_other(one: LoopLevel, sweep: Sweep, course: Course) -> TakePoint:
    (set_,) = course.sets(sweep)
    now, read = time.monotonic, course.reader(one)

    def take(value: Any) -> tuple[float, tuple[Any, ...]]:
        set_(value)
        return now(), read()

    return take


def _through_any(one: LoopLevel, course: Course) -> GoThrough:
    _, offset = clock()
    attention, add = course.attention, one.add
    requests, failures = attention.requests, attention.failures
    assert add is not None

    def go_through(take: TakePoint, steps: Iterable[tuple[int, Any]], places: Places, setpoints: Setpoints) -> None:
        for place, value in steps:
            while True:
                when, values = take(value)
                add((when + offset, *places, place, *setpoints, value, *values))
                if not (requests or failures) or not attention.attend():
                    break

    return go_through


def _through_pairs(one: LoopLevel, course: Course) -> GoThrough:
    """Return the same for two readings and nothing around: to put tuples together takes longer than to read."""
    _, offset = clock()
    attention, add = course.attention, one.add
    requests, failures = attention.requests, attention.failures
    assert add is not None

    def go_through(take: TakePoint, steps: Iterable[tuple[int, Any]], _places: Places, _setpoints: Setpoints) -> None:
        for place, value in steps:
            while True:
                when, (first, second) = take(value)
                add((when + offset, place, value, first, second))
                if not (requests or failures) or not attention.attend():
                    break

    return go_through


def _of_any(one: LoopLevel, sweep: Sweep, course: Course) -> Go:
    now, offset = clock()
    attention = course.attention
    requests, failures = attention.requests, attention.failures
    read, add, delay, wait = course.reader(one), one.add, sweep.delay, attention.wait
    assert add is not None
    (setpoint,) = sweep.setpoints
    begin = sweep.passes(wait)
    sampled = Sampled(setpoint.parameter.set, course.timings.spent(setpoint.parameter, "set"))

    def go(places: tuple[int, ...], setpoints: tuple[Any, ...]) -> None:
        steps = iter(begin())
        for first in steps:
            set_, more = sampled.next_block()
            for place, (value,) in chain((first,), islice(steps, more)):
                while True:
                    set_(value)
                    if delay and wait(delay):
                        continue
                    add((now() + offset, *places, place, *setpoints, value, *read()))
                    if not (requests or failures) or not attention.attend():
                        break

    return go
