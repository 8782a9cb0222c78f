"""Taking all readings of a point: one after the other, at the same time or in few round trips, as is quickest."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from luthier_measure.ways_of_taking import ways_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from luthier_measure.lanes import LanePool
    from luthier_measure.readings import Reading
    from luthier_measure.timings import Timings
    from luthier_measure.ways_of_taking import Way

__all__ = ["ReadingStopped", "reader"]

_TRIALS = 3
"""Points by which a way is judged: the quickest of them counts, because the first one may have something to set up."""
_INSTANT = 20e-6
"""Seconds of a point below which nothing else is tried: a thread takes longer to be woken up."""
_GAIN = 0.9
"""The part of the time of the simple way that another one may take at most."""
_BLOCK = 1000
"""Points that are taken in the way that was found, before the ways are compared again: instruments change."""


def reader(readings: Sequence[Reading], pool: LanePool, timings: Timings) -> Callable[[], tuple[Any, ...]]:
    """Return a function that takes all readings of a point, and gives their values in order.

    The first points are taken one reading after the other, then in other ways that are possible, and then in the
    quickest. What fails ends it: it must not be called again. ``StopIteration`` comes as :class:`ReadingStopped`.

    Parameters
    ----------
    readings
        In order. Only neighbouring readings of instruments' parameters are taken at the same time, or in one round
        trip; those of one instrument keep their order. What a function does is not known: nothing passes it.
    pool
        Its threads; they are closed by whoever gave it.
    timings
        Where to note how long each instrument took.
    """
    if not readings:
        return tuple
    # A generator takes no longer than a function, and remembers what it found out.
    return _points(readings, pool, timings).__next__


class ReadingStopped(Exception):  # noqa: N818 - stands for another error
    """A reading raised ``StopIteration``, which no generator lets through.

    Attributes
    ----------
    error
        What it raised.
    """

    def __init__(self, error: StopIteration) -> None:
        super().__init__()
        self.error = error


def _points(readings: Sequence[Reading], pool: LanePool, timings: Timings) -> Iterator[tuple[Any, ...]]:
    ways = ways_of(readings, pool, timings)
    simple = ways[0]
    spent = [timings.spent(reading.readable, "get") for reading in readings]
    clock = time.perf_counter
    while True:
        quickest, best = simple, math.inf
        for way in ways:
            took = math.inf
            for _ in range(_TRIALS):
                began = clock()
                values = _let_through(way)
                took = min(took, clock() - began)
                yield values
            if took < (best * _GAIN if quickest is simple else best):
                quickest, best = way, took
            if took < _INSTANT:
                break
        if best >= _INSTANT:
            for _ in range(_BLOCK):
                yield _let_through(quickest)
        else:
            yield from _untimed(readings)
            for each in spent:
                each.note(best / len(spent) * _BLOCK, _BLOCK)


def _let_through(way: Way) -> tuple[Any, ...]:
    try:
        return way()
    except StopIteration as error:
        raise ReadingStopped(error) from None


def _untimed(readings: Sequence[Reading]) -> Iterator[tuple[Any, ...]]:
    """Take a block of points one reading after the other, at the least cost."""
    try:
        takes = [reading.take for reading in readings]
        several = [len(reading.columns) > 1 for reading in readings]
        if any(several):
            for _ in range(_BLOCK):
                yield tuple(
                    value
                    for take, many in zip(takes, several, strict=True)
                    for value in (take() if many else (take(),))
                )
        elif len(takes) == 1:
            (only,) = takes
            for _ in range(_BLOCK):
                yield (only(),)
        elif len(takes) == 2:  # noqa: PLR2004 - two are written out, because they are so usual and a tenth quicker
            first, second = takes
            for _ in range(_BLOCK):
                yield (first(), second())
        else:
            for _ in range(_BLOCK):
                yield tuple([take() for take in takes])
    except StopIteration as error:
        raise ReadingStopped(error) from None
