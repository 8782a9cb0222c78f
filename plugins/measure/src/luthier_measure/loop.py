"""The loops of a measurement, put together once out of closures that do nothing but their part."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier_measure.readings import Reading
    from luthier_measure.storage import Row
    from luthier_measure.sweeps import Sweep

__all__ = ["Attention", "LoopLevel", "compile_loop"]

Pass: TypeAlias = Callable[[tuple[int, ...], tuple[Any, ...]], None]
"""Goes through a level once: ``(places, setpoints)`` are those of the levels around it."""


@frozen
class LoopLevel:
    """A level as the loop needs it: ``add`` stores a row of what is read at the level, if anything is."""

    sweep: Sweep | None
    readings: tuple[Reading, ...]
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


def compile_loop(levels: tuple[LoopLevel, ...], attention: Attention) -> Callable[[], None]:
    """Put together the function that measures everything.

    Parameters
    ----------
    levels
        The outermost first.
    attention
        What can end the loop after a point, hold it up, and have a point taken again: as another row of the same place.
    """
    inner: Pass | None = None
    for level in reversed(levels):
        inner = _once(level, inner) if level.sweep is None else _sweeping(level, level.sweep, inner, attention)
    outermost = inner
    assert outermost is not None

    def run() -> None:
        outermost((), ())

    return run


def _once(level: LoopLevel, inner: Pass | None) -> Pass:
    now, offset = _clock()
    read, add = _reader(level.readings), level.add

    def go(places: tuple[int, ...], setpoints: tuple[Any, ...]) -> None:
        if add is not None:
            add((now() + offset, *places, *setpoints, *read()))
        if inner is not None:
            inner(places, setpoints)

    return go


def _sweeping(level: LoopLevel, sweep: Sweep, inner: Pass | None, attention: Attention) -> Pass:
    if inner is None and len(sweep.setpoints) == 1 and level.add is not None:
        return _innermost(level, sweep, level.add, attention)
    now, offset = _clock()
    requests, failures = attention.requests, attention.failures
    read, add, delay, wait = _reader(level.readings), level.add, sweep.delay, attention.wait
    sets = [each.parameter.set for each in sweep.setpoints]
    passes = _passes(list(enumerate(zip(*(each.values for each in sweep.setpoints), strict=True))), snake=sweep.snake)

    def go(places: tuple[int, ...], setpoints: tuple[Any, ...]) -> None:
        for place, values in next(passes):
            while True:
                for set_, value in zip(sets, values, strict=True):
                    set_(value)
                if delay and wait(delay):
                    continue
                if add is not None:
                    add((now() + offset, *places, place, *setpoints, *values, *read()))
                if not (requests or failures) or not attention.attend():
                    break
            if inner is not None:
                inner((*places, place), (*setpoints, *values))

    return go


def _innermost(level: LoopLevel, sweep: Sweep, add: Callable[[Row], None], attention: Attention) -> Pass:
    """Do what the general case does for the usual one, where a tenth of a microsecond counts for every point."""
    now, offset = _clock()
    requests, failures = attention.requests, attention.failures
    read, delay, wait = _reader(level.readings), sweep.delay, attention.wait
    (setpoint,) = sweep.setpoints
    set_ = setpoint.parameter.set
    passes = _passes(list(enumerate(setpoint.values)), snake=sweep.snake)

    def go(places: tuple[int, ...], setpoints: tuple[Any, ...]) -> None:
        for place, value in next(passes):
            while True:
                set_(value)
                if delay and wait(delay):
                    continue
                add((now() + offset, *places, place, *setpoints, value, *read()))
                if not (requests or failures) or not attention.attend():
                    break

    return go


def _passes(steps: list[Any], *, snake: bool) -> Iterator[list[Any]]:
    """Give the steps for each time a level is gone through."""
    back = steps[::-1] if snake else steps
    while True:
        yield steps
        yield back


def _reader(readings: tuple[Reading, ...]) -> Callable[[], tuple[Any, ...]]:
    """Return a function that takes all readings of a point, in order."""
    takes = [reading.take for reading in readings]
    if any(len(reading.columns) > 1 for reading in readings):
        several = [len(reading.columns) > 1 for reading in readings]
        return lambda: tuple(
            value for take, many in zip(takes, several, strict=True) for value in (take() if many else (take(),))
        )
    if len(takes) == 1:
        (only,) = takes
        return lambda: (only(),)
    if len(takes) == 2:  # noqa: PLR2004 - two are written out, because they are so usual and a tenth quicker
        first, second = takes
        return lambda: (first(), second())
    return lambda: tuple([take() for take in takes])


def _clock() -> tuple[Callable[[], float], float]:
    """Return a clock that nobody can set, and what to add to it for seconds since 1970."""
    return time.monotonic, time.time() - time.monotonic()
