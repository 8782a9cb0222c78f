"""Doing the same again: a number of times, until a condition holds, or there and back."""

from __future__ import annotations

from itertools import count as count_up
from typing import TYPE_CHECKING, Any

import attrs
from attrs import frozen
from luthier.errors import UsageError
from luthier.parameter import ParameterSweep

from luthier_measure.actions import actions_data, checked_action
from luthier_measure.conditions import condition_of, conditions_data
from luthier_measure.counts import checked_count
from luthier_measure.durations import checked_duration
from luthier_measure.fixed_sweep import Product, Sweep
from luthier_measure.plan_words import counted, duration_text
from luthier_measure.storage import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier_measure.actions import Action
    from luthier_measure.conditions import Condition, Question
    from luthier_measure.naming import Naming
    from luthier_measure.past import PastPass
    from luthier_measure.variation import Pass, Waiting

__all__ = ["Repetition", "both_ways", "repeat"]


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
        again = self._asking()
        return lambda: again(None)

    def following(self, _wait: Waiting) -> Callable[[PastPass], Pass]:
        """Return the same for a run that goes on: conditions are asked where nothing stored tells."""
        if self.names:
            begin = self.passes(_wait)
            return lambda _past: begin()
        return self._asking()

    def _asking(self) -> Callable[[PastPass | None], Pass]:
        goes_on = None if self.while_ is None else self.while_.asker(())
        is_enough = None if self.until is None else self.until.asker(())

        def again(past: PastPass | None) -> Pass:
            for place in count_up() if self.count is None else range(self.count):
                if past is not None and past.came_to(place) is False:
                    return
                if goes_on is not None and not _is_decided(past, place, goes_on):
                    return
                yield place, ()
                if is_enough is not None and not _is_decided(past, place + 1, lambda: not is_enough()):
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
            **conditions_data(until=self.until, while_=self.while_),
            **({"names": list(self.names), "label": self.label} if self.names else {}),
            **actions_data(self.before, self.after),
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
        None if count is None else checked_count(count, "repeat()"),
        None if until is None else condition_of(until, who="repeat()"),
        None if while_ is None else condition_of(while_, who="repeat()"),
        checked_duration(delay, "delay", who="repeat()"),
        before=checked_action(before, "before", who="repeat()"),
        after=checked_action(after, "after", who="repeat()"),
    )


def _is_decided(past: PastPass | None, place: int, question: Callable[[], bool]) -> bool:
    """Tell whether a pass goes on to a step, from what is stored where that tells, else by the question."""
    return question() if past is None else past.is_asked(place, question)


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
