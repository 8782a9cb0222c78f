"""Points by the clock."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Any

from attrs import frozen
from luthier.errors import UsageError

from luthier_measure.actions import actions_data, checked_action
from luthier_measure.conditions import condition_of, conditions_data
from luthier_measure.counts import checked_count
from luthier_measure.durations import checked_duration
from luthier_measure.plan_words import counted, duration_text
from luthier_measure.storage import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.parameter import ParameterSweep

    from luthier_measure.actions import Action
    from luthier_measure.conditions import Condition, Question
    from luthier_measure.naming import Naming
    from luthier_measure.past import PastPass
    from luthier_measure.variation import Pass, Waiting

__all__ = ["LatePointWarning", "Schedule", "every"]


class LatePointWarning(UserWarning):
    """Points of a time series were due while one before was still being taken, and are left out."""


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
        is_enough = self._asker()
        return lambda: self._series(wait, is_enough, time.monotonic())

    def following(self, wait: Waiting) -> Callable[[PastPass], Pass]:
        """Return the same for a run that goes on.

        A series around everything keeps its clock: what fell due while nothing was measured is left out. One that lies
        inside a sweep and was cut off begins anew, because what is around it is set anew.
        """
        is_enough = self._asker()
        return lambda past: self._followed(wait, is_enough, past)

    def _asker(self) -> Callable[[], bool] | None:
        return None if self.until is None else self.until.asker(())

    def _followed(self, wait: Waiting, is_enough: Callable[[], bool] | None, past: PastPass) -> Pass:
        last = past.places[-1] if past.places else -1
        if past.is_last and not past.is_outermost and last + 1 != self.count:
            past.forget()
        for place in past.places:
            yield place, past.setpoints(place)
        if not past.is_last or (self.count is not None and last + 1 >= self.count):
            return
        if not past.places:
            yield from self._series(wait, is_enough, time.monotonic())
        elif past.is_asked(last + 1, lambda: is_enough is None or not is_enough()):
            begun = time.monotonic() - max(time.time() - past.began(), 0.0)
            place = max(last + 1, self._due(begun))
            yield from self._series(wait, is_enough, begun, place)

    def _due(self, begun: float) -> int:
        """Return the place of the last point that is due."""
        return int((time.monotonic() - begun) / self.interval)

    def _series(self, wait: Waiting, is_enough: Callable[[], bool] | None, begun: float, place: int = 0) -> Pass:
        missed = 0
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
            place = max(due, self._due(begun))
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
            "count": self.count,
            "until": None if self.until is None else self.until.name,
            **conditions_data(until=self.until),
            **actions_data(self.before, self.after),
        }


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
    count = None if num is None else checked_count(num, "every()")
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
