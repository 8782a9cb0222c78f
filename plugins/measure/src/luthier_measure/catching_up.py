"""A loop that goes on: it passes over what is stored without touching anything, and begins at the first point after."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen

from luthier_measure.entering import EndOfLevel
from luthier_measure.past import PastPass

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.parameter import Parameter

    from luthier_measure.entering import Enter
    from luthier_measure.past import Past
    from luthier_measure.stored_rows import Places
    from luthier_measure.variation import Pass, Variation

__all__ = ["CatchingUpSweep", "once"]

_Go: TypeAlias = "Callable[[Places, tuple[Any, ...]], None]"


def once(past: Past, number: int, enter: Enter | None, normal: _Go, inner: tuple[_Go, ...]) -> _Go:
    """Return the function for what is read or done once."""

    def go(places: Places, setpoints: tuple[Any, ...]) -> None:
        found = "missing" if past.is_over else past.find(number, places)
        if found == "missing":
            if not past.is_over:
                past.begin()
            normal(places, setpoints)
        elif found == "stored":
            past.enter((), lambda: _act(enter, setpoints))
            for each in inner:
                each(places, setpoints)
            if not past.is_over:
                past.leave()

    return go


@frozen
class CatchingUpSweep:
    """The function for a sweep of a run that goes on.

    Attributes
    ----------
    past
        What is stored.
    number
        Of the level.
    begin
        Begins a pass, given what is stored of it.
    foreseen, enter
        What decides and acts before the step is set, and after.
    step
        Takes a step, and tells whether what lies inside follows.
    inner
        What lies inside.
    wait
        Waits for seconds; returns whether to begin again.
    """

    past: Past
    number: int
    sweep: Variation
    begin: Callable[[PastPass], Pass]
    foreseen: Enter | None
    enter: Enter | None
    step: Callable[[Places, tuple[Any, ...], tuple[Any, ...]], bool]
    inner: tuple[_Go, ...]
    wait: Callable[[float], bool]

    def __call__(self, places: Places, setpoints: tuple[Any, ...]) -> None:
        """Go through the level once."""
        before, after = self.sweep.before or _nothing, self.sweep.after or _nothing
        if self.past.is_over:
            before()
        else:
            self.past.enter((), before)
        with suppress(EndOfLevel):
            self._go_through(places, setpoints)
        if self.past.is_over:
            after()
            return
        self.past.leave()
        if self.sweep.after is not None:
            self.past.changed(self._parameters)

    @property
    def _parameters(self) -> tuple[Parameter[Any], ...]:
        return tuple(each.parameter for each in self.sweep.setpoints)

    def _go_through(self, places: Places, setpoints: tuple[Any, ...]) -> None:
        for place, values in self.begin(PastPass(self.past, self.number, places)):
            at, set_to = (*places, place), (*setpoints, *values)
            if (self.foreseen is None or self.foreseen(set_to)) and self._is_entered(at, set_to, values):
                for each in self.inner:
                    each(at, set_to)
                if not self.past.is_over:
                    self.past.leave()

    def _is_entered(self, at: Places, set_to: tuple[Any, ...], values: tuple[Any, ...]) -> bool:
        past = self.past
        found = "missing" if past.is_over else past.find(self.number, at)
        if found == "missing":
            if not past.is_over:
                past.begin(self._parameters)
            return self.step(at, set_to, values)
        if found == "stored":
            past.left_at(self._parameters, values)
            past.enter(self._parameters, lambda: self._come_back(set_to, values))
        return found == "stored"

    def _come_back(self, setpoints: tuple[Any, ...], values: tuple[Any, ...]) -> None:
        is_set = False
        while not is_set:
            for parameter, value in zip(self._parameters, values, strict=False):
                parameter.set(value)
            is_set = not (self.sweep.delay and self.wait(self.sweep.delay))
        _act(self.enter, setpoints)


def _act(enter: Enter | None, setpoints: tuple[Any, ...]) -> None:
    """Do what is done at a step; that it was entered is known."""
    if enter is not None:
        with suppress(EndOfLevel):
            enter(setpoints)


def _nothing() -> None:
    """Stand where nothing is to be done."""
