"""How long instruments took to be set and read, for the record of a run."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Literal

import attrs
from luthier.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Sampled", "Spent", "Timings", "timed"]

Kind = Literal["set", "get"]


@attrs.define(eq=False)
class Spent:
    """What some kind of call took so far. For one thread at a time.

    Attributes
    ----------
    calls
        How many. Of instant calls only some are timed, and the others are counted with their mean.
    seconds
        All together.
    """

    calls: int = 0
    seconds: float = 0.0

    def note(self, seconds: float, calls: int = 1) -> None:
        """Add calls that took so long together."""
        self.calls += calls
        self.seconds += seconds


class Timings:
    """What was spent on each instrument; of what has none, on the parameter or function.

    Parameters
    ----------
    before
        What was spent before, as :meth:`to_data` describes it.
    """

    def __init__(self, before: Mapping[str, Any] | None = None) -> None:
        self._spent: dict[str, dict[str, Spent]] = {
            name: {kind: Spent(spent["calls"], spent["seconds"]) for kind, spent in kinds.items()}
            for name, kinds in ({} if before is None else before).items()
        }

    def spent(self, subject: Any, kind: Kind) -> Spent:
        """Return where calls of a parameter or function are to be noted."""
        return self._spent.setdefault(_name(subject), {}).setdefault(kind, Spent())

    def to_data(self) -> dict[str, dict[str, dict[str, float]]]:
        """Describe it in JSON's terms: by instrument, and ``set`` or ``get``."""
        return {
            name: {kind: {"calls": spent.calls, "seconds": spent.seconds} for kind, spent in kinds.items()}
            for name, kinds in self._spent.items()
            if any(spent.calls for spent in kinds.values())
        }


def timed(set_: Callable[[Any], object], spent: Spent) -> Callable[[Any], None]:
    """Return a function that sets, and notes how long that took."""
    clock = time.perf_counter

    def set_timed(value: Any) -> None:
        began = clock()
        set_(value)
        spent.calls += 1
        spent.seconds += clock() - began

    return set_timed


class Sampled:
    """A set of which every call is timed where it takes long, and otherwise some of many.

    Parameters
    ----------
    set_
        Sets.
    spent
        Where to note how long it took. What was not timed counts as quick as the quickest of those that were, once
        another block begins.
    """

    def __init__(self, set_: Callable[[Any], object], spent: Spent) -> None:
        self._set, self._spent = set_, spent
        self._quickest = math.inf
        self._is_instant = False

    def next_block(self) -> tuple[Callable[[Any], object], int]:
        """Return what sets from now on, and how many calls at most follow the first one of a block."""
        if self._is_instant:
            # A block of untimed ones has ended.
            self._spent.note(self._quickest * _BLOCK, _BLOCK)
            self._is_instant, self._quickest = False, math.inf
        else:
            self._is_instant = self._quickest < _INSTANT
        return (self._set, _BLOCK - 1) if self._is_instant else (self._timed, _SAMPLE - 1)

    def _timed(self, value: Any) -> None:
        began = time.perf_counter()
        self._set(value)
        took = time.perf_counter() - began
        self._spent.note(took)
        self._quickest = min(self._quickest, took)


_SAMPLE = 3
"""Calls that are timed before it is decided on more."""
_BLOCK = 1000
_INSTANT = 20e-6
"""Seconds of a call above which a clock beside it counts for nothing."""


def _name(subject: Any) -> str:
    if not isinstance(subject, Parameter):
        return str(getattr(subject, "name", None) or getattr(subject, "__name__", "function"))
    owner = subject.instrument
    root = getattr(owner, "root", owner)
    return subject.full_name if root is None else str(getattr(root, "full_name", root.name))
