"""All members together, along a straight line."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from fractions import Fraction
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any

import attrs
from luthier.errors import RampInterruptedError, UsageError, WrongTypeError
from luthier.strategy import Action, Outcome

from luthier_meta.attempt import attempt
from luthier_meta.checking import checked
from luthier_meta.standing import raise_failure
from luthier_meta.transactional import present_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier import Parameter
    from luthier.strategy import Standing

__all__ = ["Ramped", "ramped"]

_LOOK = 0.1
"""Seconds between two looks for Ctrl-C, which cannot cut a wait short on Windows."""


@attrs.frozen
class Ramped:
    """Moves all members together along a straight line; an instance is a strategy, ``Ramped()`` is ``meta.ramped``.

    The line goes from fresh readings to the values asked for, in steps of the same fraction for all members, so small
    that none takes more than its ``step``, and at such a pace that none is faster than its ``rate``. Every value on the
    line is checked before the first is sent. The members' own bounds hold besides, as each step is a set of its own.

    A failure, ``parameter.stop()`` on any member of this process, or Ctrl-C stops all at the same fraction: those that
    were a step ahead go back by it. A member that cannot go back, or was half-way through a step, is named.

    Raises :class:`~luthier.errors.PartialSetError` for a failure or a stop; Ctrl-C stays ``KeyboardInterrupt``, with a
    note. Before anything is sent: what :func:`luthier_meta.checking.checked` raises,
    :class:`~luthier.errors.WrongTypeError` for a member that is no real number,
    :class:`~luthier.errors.NotGettableError` for one whose present value nobody knows, and
    :class:`~luthier.errors.UsageError` where nothing bounds the steps.

    Parameters
    ----------
    points
        At least so many steps, also where the members would allow fewer; ``None``: as few as they allow.
    duration
        At least so many seconds, in all; 0: as fast as the members allow.
    """

    points: int | None = attrs.field(default=None)
    duration: float = attrs.field(default=0.0)

    def __attrs_post_init__(self) -> None:
        """Refuse a ramp of no steps, and one that ends before it begins."""
        if self.points is not None and not self.points >= 1:
            raise UsageError(f"Ramped(points={self.points!r}): allowed are 1 and more, or None")
        if not 0 <= self.duration < float("inf"):
            raise UsageError(f"Ramped(duration={self.duration!r}): allowed are 0 s and more")

    def __call__(self, actions: Sequence[Action]) -> tuple[Outcome, ...]:
        """Carry out ``actions``; see the class."""
        wanted = checked(actions)
        for action in wanted:
            _require_number(action)
        starts = present_values([action.parameter for action in wanted], "so that the ramp has no start")
        for action, start in zip(wanted, starts, strict=True):
            _require_number(Action(action.parameter, start))
        lines = [_Line(action, start) for action, start in zip(wanted, starts, strict=True)]
        count = self._count(lines)
        for line in lines:
            line.lay(count)
        pace = max([self.duration / count, *(line.slowest / count for line in lines)], default=0.0)
        started = time.monotonic()
        _Joint(lines, count, pace).move()
        duration = time.monotonic() - started
        return tuple(
            Outcome(action, "set", action.value, start, None, duration)
            for action, start in zip(wanted, starts, strict=True)
        )

    def _count(self, lines: Sequence[_Line]) -> int:
        """Return how many steps all of them take."""
        needed = [line.steps for line in lines if line.steps is not None]
        moving = [line for line in lines if line.distance]
        if moving and not needed and self.points is None:
            names = ", ".join(line.parameter.full_name for line in moving)
            raise UsageError(
                f"meta.ramped has nothing that bounds its steps: neither step nor rate is known of {names}",
                state="Nothing was sent.",
                advice="Call limit_motion(step=…) of a member, or take Ramped(points=…) as the strategy.",
            )
        return max([1, self.points or 1, *needed])


ramped = Ramped()
"""``meta.ramped``."""


class _Line:
    """The way of one member."""

    def __init__(self, action: Action, start: float) -> None:
        self.action = action
        self.parameter: Parameter[Any] = action.parameter
        self.start = start
        self.distance = abs(_exact(action.value) - _exact(start))
        self.values: list[Any] = [start]

    @property
    def steps(self) -> int | None:
        """The fewest steps that its bounds allow; ``None``: it has none."""
        step = self.parameter.step
        return None if step is None or not self.distance else ceil(self.distance / _exact(step))

    @property
    def slowest(self) -> float:
        """The least time that its rate allows for the whole way, in s."""
        rate = self.parameter.rate
        return float(self.distance) / rate if rate else 0.0

    def lay(self, count: int) -> None:
        """Work out the values after each step, and check them."""
        first, last = _exact(self.start), _exact(self.action.value)
        between = [first + (last - first) * index / count for index in range(1, count)]
        whole = isinstance(self.action.value, int)
        for value in between:
            self.values.append(self.parameter.check(round(value) if whole else float(value)))
        self.values.append(self.action.value)

    def outcome(self, index: int, error: BaseException | None = None) -> Outcome:
        """Return where it stands after ``index`` steps."""
        last = len(self.values) - 1
        standing: Standing = "untouched" if index == 0 else "set" if index == last else "on the way"
        return Outcome(self.action, standing, self.values[index], self.start, error)


class _Joint:
    """The members on their way, at most one step apart."""

    def __init__(self, lines: Sequence[_Line], count: int, pace: float) -> None:
        self._lines = lines
        self._count = count
        self._pace = pace
        self._stopped = threading.Event()

    def move(self) -> None:
        """Take all steps."""
        with ExitStack() as listening:
            for line in self._lines:
                listening.callback(line.parameter.stop_with(self._stopped.set))
            due = time.monotonic()
            for index in range(1, self._count + 1):
                self._wait(due, index)
                due = max(due, time.monotonic() - self._pace) + self._pace
                self._step(index)

    def _wait(self, due: float, index: int) -> None:
        """Wait until the step is due; stopped meanwhile, all of them stand at the same fraction already."""
        error: BaseException | None = None
        try:
            while not self._stopped.is_set() and (left := due - time.monotonic()) > 0:
                self._stopped.wait(min(left, _LOOK))
        except KeyboardInterrupt as interrupt:
            error = interrupt
        if self._stopped.is_set():
            error = RampInterruptedError("the ramp was stopped", value=None, target=None)
        if error is not None:
            self._end([line.outcome(index - 1) for line in self._lines], 0, error, {})

    def _step(self, index: int) -> None:
        for position, line in enumerate(self._lines):
            if line.values[index] == line.values[index - 1] and index < self._count:
                continue
            outcome = attempt(Action(line.parameter, line.values[index]), line.start)
            if outcome.error is not None:
                self._back(index, position, outcome)

    def _back(self, index: int, position: int, failed: Outcome) -> None:
        """Take back the step of those that took it already, so that all stand at the same fraction."""
        outcomes = [line.outcome(index - 1) for line in self._lines]
        touched = list(range(position + (failed.standing != "untouched")))
        stuck = {earlier: self._lines[earlier].values[index - 1] for earlier in touched}
        for earlier in touched[:position]:
            outcomes[earlier] = self._lines[earlier].outcome(index)
        for earlier in reversed(touched):
            line = self._lines[earlier]
            back = attempt(Action(line.parameter, line.values[index - 1]), line.start)
            if back.error is None:
                outcomes[earlier] = line.outcome(index - 1)
                del stuck[earlier]
                continue
            lost = earlier == position or back.standing != "untouched"
            ahead = attrs.evolve(outcomes[earlier], error=back.error)
            outcomes[earlier] = attrs.evolve(ahead, standing="unknown", value=None) if lost else ahead
            if not isinstance(back.error, Exception):
                break
        self._end(outcomes, position, failed.error, stuck)

    def _end(self, outcomes: list[Outcome], position: int, error: BaseException | None, stuck: dict[int, Any]) -> None:
        asked = attrs.evolve(outcomes[position], error=error)
        raise_failure("meta.ramped", outcomes, asked, stuck)


def _require_number(action: Action) -> None:
    value = action.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise WrongTypeError(
            f"cannot ramp to or from {value!r}: allowed are finite real numbers",
            who=action.parameter.full_name,
            state="Nothing was sent.",
            value=value,
            allowed="a finite real number",
        )


def _exact(number: float) -> Fraction:
    return Fraction(repr(number))
