"""Points of instant parameters: how to tell them, and taking many of them at the least cost."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, TypeAlias

from luthier.parameter import Parameter
from luthier.parameter.joint import joint_step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luthier_measure.readings import Reading
    from luthier_measure.timings import Timings

    TakePoint: TypeAlias = Callable[[Any], tuple[float, tuple[Any, ...]]]
    """Sets a value, and gives the monotonic time and what was read."""

__all__ = ["BLOCK", "INSTANT", "SAMPLE", "InstantPoints", "plain_parameters"]

SAMPLE = 3
"""Points of which each call is timed before it is decided on more; the quickest of them counts."""
BLOCK = 1000
"""Points that are taken as was decided, before it is decided again: instruments change."""
INSTANT = 20e-6
"""Seconds of a point below which neither a clock beside it nor another thread pays."""


class InstantPoints:
    """Takes points in blocks: some with each call timed, and where those were instant, many as one step each.

    Parameters
    ----------
    moved, read
        What is set at each point, and then read in order.
    timings
        Where to note how long each took. What was not timed counts as quick as the quickest of those that were.
    otherwise
        Takes points that are not instant.
    """

    def __init__(
        self, moved: Parameter[Any], read: Sequence[Parameter[Any]], timings: Timings, otherwise: TakePoint
    ) -> None:
        self._moved, self._read = moved, read
        self._otherwise = otherwise
        self._set_spent = timings.spent(moved, "set")
        self._get_spent = [timings.spent(each, "get") for each in read]
        self._quickest = math.inf
        self._shares = (0.0, *(0.0 for _ in read))
        self._take: TakePoint = self._timed
        self._step: TakePoint | None = None
        self._is_sampling = True
        self._left = SAMPLE

    def next_block(self) -> tuple[TakePoint, int]:
        """Return what takes a point from now on, and for how many points at most."""
        if not self._left:
            self._decide()
        return self._take, self._left

    def took(self, points: int) -> None:
        """Note that so many points of the block were taken."""
        self._left -= points
        if self._is_sampling or self._step is None:
            return
        for spent, share in zip((self._set_spent, *self._get_spent), self._shares, strict=True):
            spent.note(share * points, points)

    def _decide(self) -> None:
        if not self._is_sampling:
            self._is_sampling, self._take, self._left, self._quickest = True, self._timed, SAMPLE, math.inf
            return
        self._step = joint_step(self._moved, self._read) if self._quickest < INSTANT else None
        self._is_sampling, self._take, self._left = False, self._step or self._otherwise, BLOCK

    def _timed(self, value: Any) -> tuple[float, tuple[Any, ...]]:
        clock = time.perf_counter
        marks = [clock()]
        self._moved.set(value)
        when = time.monotonic()
        marks.append(clock())
        values = []
        for each in self._read:
            values.append(each.get())
            marks.append(clock())
        shares = tuple(after - before for before, after in zip(marks, marks[1:], strict=False))
        for spent, share in zip((self._set_spent, *self._get_spent), shares, strict=True):
            spent.note(share)
        took = sum(shares)
        if took < self._quickest:
            self._quickest, self._shares = took, shares
        return when, tuple(values)


def plain_parameters(readings: Sequence[Reading]) -> list[Parameter[Any]] | None:
    """Return the parameters that the readings read, where they are nothing but the ``get`` of one each."""
    found = []
    for reading in readings:
        readable = reading.readable
        if not isinstance(readable, Parameter) or reading.take != readable.get or len(reading.columns) != 1:
            return None
        found.append(readable)
    return found
