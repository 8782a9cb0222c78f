"""The loops of a measurement, put together once out of closures that do nothing but their part."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from luthier_measure.readings import Reading
    from luthier_measure.storage import Row
    from luthier_measure.sweeps import Sweep

__all__ = ["LoopLevel", "compile_loop"]

Pass: TypeAlias = Callable[[tuple[int, ...], tuple[Any, ...]], None]
"""Goes through a level once: ``(places, setpoints)`` are those of the levels around it."""


@frozen
class LoopLevel:
    """A level as the loop needs it: ``add`` stores a row of what is read at the level, if anything is."""

    sweep: Sweep | None
    readings: tuple[Reading, ...]
    add: Callable[[Row], None] | None


def compile_loop(levels: tuple[LoopLevel, ...], attention: list[Any], attend: Callable[[], None]) -> Callable[[], None]:
    """Put together the function that measures everything.

    Parameters
    ----------
    levels
        The outermost first.
    attention
        Looked at after each point; while it is empty, the loop goes on.
    attend
        Called when it is not; it raises what ends the loop, or returns.
    """
    inner: Pass | None = None
    for level in reversed(levels):
        inner = _once(level, inner) if level.sweep is None else _sweeping(level, level.sweep, inner, attention, attend)
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


def _sweeping(
    level: LoopLevel, sweep: Sweep, inner: Pass | None, attention: list[Any], attend: Callable[[], None]
) -> Pass:
    if inner is None and len(sweep.setpoints) == 1 and level.add is not None:
        return _innermost(level, sweep, level.add, attention, attend)
    now, offset = _clock()
    read, add, delay = _reader(level.readings), level.add, sweep.delay
    sets = [each.parameter.set for each in sweep.setpoints]
    passes = _passes(list(enumerate(zip(*(each.values for each in sweep.setpoints), strict=True))), snake=sweep.snake)

    def go(places: tuple[int, ...], setpoints: tuple[Any, ...]) -> None:
        for place, values in next(passes):
            for set_, value in zip(sets, values, strict=True):
                set_(value)
            if delay:
                time.sleep(delay)
            if add is not None:
                add((now() + offset, *places, place, *setpoints, *values, *read()))
            if attention:
                attend()
            if inner is not None:
                inner((*places, place), (*setpoints, *values))

    return go


def _innermost(
    level: LoopLevel, sweep: Sweep, add: Callable[[Row], None], attention: list[Any], attend: Callable[[], None]
) -> Pass:
    """Do what the general case does for the usual one, where a tenth of a microsecond counts for every point."""
    now, offset = _clock()
    read, delay = _reader(level.readings), sweep.delay
    (setpoint,) = sweep.setpoints
    set_ = setpoint.parameter.set
    passes = _passes(list(enumerate(setpoint.values)), snake=sweep.snake)

    def go(places: tuple[int, ...], setpoints: tuple[Any, ...]) -> None:
        for place, value in next(passes):
            set_(value)
            if delay:
                time.sleep(delay)
            add((now() + offset, *places, place, *setpoints, value, *read()))
            if attention:
                attend()

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
