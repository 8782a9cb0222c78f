"""Doing the same again: a number of times, until a condition holds, there and back, or by the clock."""

from __future__ import annotations

import time
import warnings
from itertools import count as count_up
from operator import index
from typing import TYPE_CHECKING, Any

import attrs
from attrs import frozen
from luthier.errors import UsageError
from luthier.parameter import ParameterSweep

from luthier_measure.actions import checked_action
from luthier_measure.conditions import condition_of
from luthier_measure.durations import checked_duration
from luthier_measure.fixed_sweep import Product, Sweep
from luthier_measure.plan_words import counted, duration_text
from luthier_measure.storage import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier_measure.actions import Action
    from luthier_measure.conditions import Condition, Question
    from luthier_measure.naming import Naming
    from luthier_measure.variation import Pass, Waiting

__all__ = ["LatePointWarning", "Repetition", "Schedule", "both_ways", "every", "repeat"]


class LatePointWarning(UserWarning):
    """Points of a time series were due while one before was still being taken, and are left out."""


@frozen
class Repetition:
    """The same, again and again; made by :func:`repeat` and :func:`both_ways`.

    Attributes
    ----------
    count
        How often at most; ``None``: without end.
    until, while_
        Asked after each time, and before each time, whether it is enough, and whether it goes on.
    names
        What the times are called, where they have names.
    """

    count: int | None = None
    until: Condition | None = None
    while_: Condition | None = None
    delay: float = 0.0
    label: str = "repetition"
    names: tuple[str, ...] = ()
    before: Action | None = None
    after: Action | None = None

    @property
    def setpoints(self) -> tuple[ParameterSweep[Any], ...]:
        """Nothing is set."""
        return ()

    @property
    def size(self) -> int | None:
        """How often, where no condition decides."""
        return self.count if self.until is None and self.while_ is None else None

    @property
    def least_duration(self) -> float:
        """What the delays take."""
        return self.delay * (self.size or 0)

    def columns(self, naming: Naming) -> tuple[Column, ...]:
        """Return the column of the names, where there are any."""
        if not self.names:
            return ()
        return (Column(naming.name(self.label), "setpoint", "text", (), values=self.names),)

    def passes(self, _wait: Waiting) -> Callable[[], Pass]:
        """Return the function that begins once more."""
        if self.names:
            named = [(place, (name,)) for place, name in enumerate(self.names)]
            return lambda: named
        goes_on = None if self.while_ is None else self.while_.asker(())
        is_enough = None if self.until is None else self.until.asker(())

        def again() -> Pass:
            for place in count_up() if self.count is None else range(self.count):
                if goes_on is not None and not goes_on():
                    return
                yield place, ()
                if is_enough is not None and is_enough():
                    return

        return again

    def lines(self) -> Iterator[str]:
        """Describe it."""
        manner = f", wait {duration_text(self.delay)} before each" if self.delay else ""
        if self.names:
            yield f"{self.label}: {', '.join(self.names)}"
            return
        often = "again and again" if self.count is None else counted(self.count, "time")
        if self.while_ is not None:
            manner += f", as long as {self.while_.name} holds"
        if self.until is not None:
            manner += f", until {self.until.name} holds"
        yield f"repeat {'at most ' if self.count and self.size is None else ''}{often}{manner}"

    def to_data(self) -> dict[str, Any]:
        """Describe it in JSON's terms."""
        return {
            "kind": "repetition",
            "parameters": [],
            "steps": self.size,
            "delay": self.delay,
            "snake": False,
            "count": self.count,
            "until": None if self.until is None else self.until.name,
            "while": None if self.while_ is None else self.while_.name,
        }


@frozen
class Schedule:
    """Points by the clock; made by :func:`every`.

    Attributes
    ----------
    interval
        Seconds between two points.
    count
        How many; ``None``: without end.
    until
        Asked after each point whether it is enough.
    """

    interval: float
    count: int | None = None
    until: Condition | None = None
    before: Action | None = None
    after: Action | None = None
    delay: float = 0.0
    label: str = "time"

    @property
    def setpoints(self) -> tuple[ParameterSweep[Any], ...]:
        """Nothing is set."""
        return ()

    @property
    def size(self) -> int | None:
        """How many points, where no condition decides."""
        return self.count if self.until is None else None

    @property
    def least_duration(self) -> float:
        """What the intervals take."""
        return self.interval * max(0, (self.size or 1) - 1)

    def columns(self, naming: Naming) -> tuple[Column, ...]:
        """Return the column of the seconds since the beginning of the series at which a point really began."""
        planned = None if self.size is None else tuple(self.interval * place for place in range(self.size))
        return (Column(naming.name(self.label), "setpoint", "float64", (), unit="s", values=planned),)

    def passes(self, wait: Waiting) -> Callable[[], Pass]:
        """Return the function that begins a series."""
        is_enough = None if self.until is None else self.until.asker(())
        return lambda: self._series(wait, is_enough)

    def _series(self, wait: Waiting, is_enough: Callable[[], bool] | None) -> Pass:
        begun = time.monotonic()
        missed = 0
        place = 0
        while self.count is None or place < self.count:
            # Each point has its own time, counted from the beginning, so that nothing adds up.
            ahead = begun + place * self.interval - time.monotonic()
            if ahead > 0:
                wait(ahead)
            elapsed = time.monotonic() - begun
            yield place, (elapsed,)
            if is_enough is not None and is_enough():
                break
            due = place + 1
            # What is due now is taken, late as it is; what was due a whole interval ago cannot be taken any more.
            place = max(due, int((time.monotonic() - begun) / self.interval))
            if self.count is not None:
                place = min(place, self.count) if due < self.count else due
            if place > due and not missed:
                self._warn_of_first(due, time.monotonic() - begun - elapsed)
            missed += place - due
        if missed > 1:
            warnings.warn(
                f"{self._name}: {counted(missed, 'point')} came too late and are left out", LatePointWarning, 2
            )

    @property
    def _name(self) -> str:
        return f"every({self.interval:g})"

    def _warn_of_first(self, place: int, took: float) -> None:
        warnings.warn(
            f"{self._name}: the point due at {place * self.interval:g} s is left out, because the one before took "
            f"{duration_text(took)}; such points are NaN in the data. Give a longer interval or read less.",
            LatePointWarning,
            stacklevel=2,
        )

    def lines(self) -> Iterator[str]:
        """Describe it."""
        length = "without end" if self.count is None else counted(self.count, "time")
        if self.until is not None:
            length = f"{'' if self.count is None else f'at most {length}, '}until {self.until.name} holds"
        yield f"every {duration_text(self.interval)}, {length}"

    def to_data(self) -> dict[str, Any]:
        """Describe it in JSON's terms."""
        return {
            "kind": "schedule",
            "parameters": [],
            "steps": self.size,
            "delay": 0.0,
            "snake": False,
            "interval": self.interval,
            "until": None if self.until is None else self.until.name,
        }


def repeat(
    count: int | None = None,
    /,
    *,
    until: Question | None = None,
    while_: Question | None = None,
    delay: float = 0.0,
    before: Callable[[], object] | None = None,
    after: Callable[[], object] | None = None,
) -> Repetition:
    """Do what follows again: ``repeat(10)``, ``repeat(until=lambda: cryostat.temperature() < 4)``, or without end.

    The data have a dimension ``repetition`` for it. A condition is a function without arguments, or a parameter that is
    read and counts as it is true or not.

    Parameters
    ----------
    count
        How often; with a condition: how often at most. Without both, until the run is stopped.
    until
        Asked after each time: the last one is that at which it holds.
    while_
        Asked before each time.
    delay
        Seconds to wait before each time.
    before, after
        Functions to call before the first and after the last time.

    Raises
    ------
    UsageError
        The arguments make no sense.

    Examples
    --------
    >>> repeat(3).size
    3
    """
    return Repetition(
        None if count is None else _checked_count(count, "repeat()"),
        None if until is None else condition_of(until, who="repeat()"),
        None if while_ is None else condition_of(while_, who="repeat()"),
        checked_duration(delay, "delay", who="repeat()"),
        before=checked_action(before, "before", who="repeat()"),
        after=checked_action(after, "after", who="repeat()"),
    )


def every(
    interval: float,
    /,
    *,
    duration: float | None = None,
    num: int | None = None,
    until: Question | None = None,
    before: Callable[[], object] | None = None,
    after: Callable[[], object] | None = None,
) -> Schedule:
    """Take points by the clock: ``measure(every(0.5, duration=3600), fridge.temperature)``.

    The first point is taken at once, and each further one at its multiple of the interval after that, however long the
    others took: there is no drift. A point that comes late is taken late, and the coordinate ``time`` says when; one
    that would come a whole interval late is left out, with a :class:`LatePointWarning`.

    Parameters
    ----------
    interval
        Seconds between two points, at least 1e-6.
    duration
        Seconds from the first point to the last.
    num
        How many points, instead of ``duration``.
    until
        Asked after each point, as in :func:`repeat`.
    before, after
        Functions to call before the first and after the last point.

    Raises
    ------
    UsageError
        The arguments make no sense.

    Examples
    --------
    >>> every(0.5, duration=3600).size
    7201
    """
    seconds = checked_duration(interval, "interval", who="every()", least=1e-6)
    if duration is not None and num is not None:
        raise UsageError("every() takes duration= or num=, not both")
    count = None if num is None else _checked_count(num, "every()")
    if duration is not None:
        # A tenth that is not quite one in binary does not cost the last point.
        count = int(checked_duration(duration, "duration", who="every()") / seconds * (1 + 1e-12)) + 1
    return Schedule(
        seconds,
        count,
        None if until is None else condition_of(until, who="every()"),
        checked_action(before, "before", who="every()"),
        checked_action(after, "after", who="every()"),
    )


def both_ways(one: Sweep | ParameterSweep[Any], /) -> Product:
    """Go through a sweep forth and back, for what has a hysteresis: ``both_ways(sweep(magnet.field, -1, 1, num=41))``.

    The data have a dimension for it (``magnet_field_direction``) with the coordinates ``forth`` and ``back``, so that
    ``data.sel(magnet_field_direction="forth") - data.sel(magnet_field_direction="back")`` is what differs. Where
    :func:`stop_if` ends the way forth, the way back begins at the last step that was gone through.

    Raises
    ------
    UsageError
        It is no sweep over values known beforehand.
    """
    given = Sweep((one,)) if isinstance(one, ParameterSweep) else one
    if not isinstance(given, Sweep):
        raise UsageError(f"both_ways() got {one!r}: allowed is one sweep over values that are known beforehand")
    name = f"{given.label}_direction"
    return Product(
        (Repetition(2, label=name, names=("forth", "back")), attrs.evolve(given, snake=False, turns_back=True))
    )


def _checked_count(count: Any, who: str) -> int:
    try:
        number = index(count)
    except TypeError:
        number = 0
    if number < 1 or isinstance(count, bool):
        raise UsageError(f"{who} got {count!r}: allowed are whole numbers from 1 on")
    return number
