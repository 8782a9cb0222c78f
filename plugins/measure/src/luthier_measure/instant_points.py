"""Points of instant parameters: how to tell them, and taking many of them at the least cost."""

from __future__ import annotations

import itertools
import math
import time
from typing import TYPE_CHECKING, Any

from luthier.parameter import Parameter
from luthier.parameter.joint import joint_step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luthier_measure.readings import Reading
    from luthier_measure.timings import Timings

    TakePoint = Callable[[Any], tuple[float, tuple[Any, ...]]]
    """Sets a value, and gives the monotonic time and what was read."""

__all__ = ["InstantPoints", "plain_parameters"]

SAMPLE = 3
"""Points of which each call is timed before it is decided on more; the quickest of them counts."""
BLOCK = 1000
"""Points that are taken as was decided, before it is decided again: instruments change."""
INSTANT = 20e-6
"""Seconds of a point below which neither a clock beside it nor another thread pays."""


class InstantPoints:
    """Takes points in blocks: some to see how long they take, and where they are instant, many as one step each.

    Parameters
    ----------
    moved, read
        What is set at each point, and then read in order.
    timings
        Where to note how long each took. What was not timed counts as quick as when that was last looked at.
    otherwise
        Makes what takes points that are not instant, and notes how long each takes, at least for the first
        :data:`SAMPLE` of them.
    """

    def __init__(
        self,
        moved: Parameter[Any],
        read: Sequence[Parameter[Any]],
        timings: Timings,
        otherwise: Callable[[], TakePoint],
    ) -> None:
        self._moved, self._read = moved, read
        self._begin_otherwise = otherwise
        self._otherwise = otherwise()
        self._spent = [timings.spent(moved, "set"), *(timings.spent(each, "get") for each in read)]
        self._quickest = math.inf
        self._shares = [0.0] * len(self._spent)
        self._step: TakePoint | None = None
        self._is_sampling = True
        self._take: TakePoint = self._watched
        self._left = SAMPLE

    def next_block(self) -> tuple[TakePoint, int]:
        """Return what takes a point from now on, and for how many points at most."""
        if not self._left:
            self._decide()
        return self._take, self._left

    def took(self, points: int) -> None:
        """Note that so many points of the block were taken."""
        self._left -= points
        if not self._is_sampling and self._step is not None:
            for spent, share in zip(self._spent, self._shares, strict=True):
                spent.note(share * points, points)

    def _decide(self) -> None:
        if self._is_sampling:
            was_instant = self._step is not None
            self._step = joint_step(self._moved, self._read) if self._quickest < INSTANT else None
            if was_instant and self._step is None:
                self._otherwise = self._begin_otherwise()
            self._is_sampling, self._take, self._left = False, self._step or self._otherwise, BLOCK
        else:
            self._quickest = math.inf
            self._is_sampling, self._left = True, SAMPLE
            self._take = self._watched if self._step is None else self._timed

    def _watched(self, value: Any) -> tuple[float, tuple[Any, ...]]:
        """Take a point in the other way, and look what it notes."""
        before = [spent.seconds for spent in self._spent]
        began = time.perf_counter()
        taken = self._otherwise(value)
        took = time.perf_counter() - began
        self._keep(took, [spent.seconds - earlier for spent, earlier in zip(self._spent, before, strict=True)])
        return taken

    def _timed(self, value: Any) -> tuple[float, tuple[Any, ...]]:
        """Take a point one after the other, with a clock beside each."""
        clock = time.perf_counter
        marks = [clock()]
        self._moved.set(value)
        when = time.monotonic()
        marks.append(clock())
        values = []
        for each in self._read:
            values.append(each.get())
            marks.append(clock())
        shares = [after - before for before, after in itertools.pairwise(marks)]
        for spent, share in zip(self._spent, shares, strict=True):
            spent.note(share)
        self._keep(sum(shares), shares)
        return when, tuple(values)

    def _keep(self, took: float, shares: list[float]) -> None:
        if took < self._quickest:
            self._quickest, self._shares = took, shares


def plain_parameters(readings: Sequence[Reading]) -> list[Parameter[Any]] | None:
    """Return the parameters that the readings read, where they are nothing but the ``get`` of one each."""
    found = []
    for reading in readings:
        readable = reading.readable
        if not isinstance(readable, Parameter) or reading.take != readable.get or len(reading.columns) != 1:
            return None
        found.append(readable)
    return found
