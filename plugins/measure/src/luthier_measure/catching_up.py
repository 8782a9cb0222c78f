"""A loop that goes on: it passes over what is stored without touching anything, and begins at the first point after."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import frozen

from luthier_measure.entering import EndOfLevel
from luthier_measure.errors import PlanDiffersError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luthier.parameter import Parameter

    from luthier_measure.entering import Enter
    from luthier_measure.variation import Pass, Variation

__all__ = ["CatchingUpSweep", "Past", "Places", "once"]

Places: TypeAlias = tuple[int, ...]
_Go: TypeAlias = Callable[[Places, tuple[Any, ...]], None]
_Found: TypeAlias = Literal["stored", "left out", "missing"]
_Entry: TypeAlias = "tuple[tuple[Parameter[Any], ...], Callable[[], object]]"


class Past:
    """What is stored of a run that goes on, and how far the loop has followed it.

    Parameters
    ----------
    stored
        The places of each table's rows, in the order in which they were taken, each once.
    inside
        The tables of each level and of all that lies inside it, by the level's number.
    own
        The table of each level; ``None`` where it reads nothing.
    again
        The table whose last point is taken again, so that conditions that look at it decide anew; ``None``: none is.
    """

    def __init__(
        self,
        stored: Mapping[str, Sequence[Places]],
        inside: Sequence[tuple[str, ...]],
        own: Sequence[str | None],
        again: str | None = None,
    ) -> None:
        self.is_over = False
        """Whether the loop measures again."""
        self._stored = stored
        self._known = {table: set(places) for table, places in stored.items()}
        self._met = dict.fromkeys(stored, 0)
        self._inside, self._own, self._again = inside, own, again
        self._entered: dict[int, set[Places]] = {}
        self._path: list[_Entry] = []
        self._standing: dict[int, tuple[Parameter[Any], Any]] = {}

    def find(self, number: int, places: Places) -> _Found:
        """Say what became of a step of a level. Steps are asked for in the order in which they were taken.

        Raises
        ------
        PlanDiffersError
            They were taken in another order.
        """
        table = self._own[number]
        if table is None:
            return self._find_inside(number, places)
        order, met = self._stored[table], self._met[table]
        if met < len(order) and order[met] == places:
            if table == self._again and met + 1 == len(order):
                return "missing"
            self._met[table] = met + 1
            return "stored"
        if places in self._known[table]:
            raise _another_order(table, places)
        return "left out" if met < len(order) else "missing"

    def _find_inside(self, number: int, places: Places) -> _Found:
        inside = self._inside[number]
        if places in self._entered_at(number, len(places)):
            return "stored"
        is_behind = not inside or any(self._met[table] < len(self._stored[table]) for table in inside)
        return "left out" if is_behind else "missing"

    def _entered_at(self, number: int, depth: int) -> set[Places]:
        if number not in self._entered:
            self._entered[number] = {row[:depth] for table in self._inside[number] for row in self._stored[table]}
        return self._entered[number]

    def enter(self, parameters: tuple[Parameter[Any], ...], again: Callable[[], object]) -> None:
        """Note how to come back into what the loop goes through now; ``parameters`` are set by it."""
        self._path.append((parameters, again))

    def leave(self) -> None:
        """Forget the last of these."""
        self._path.pop()

    def left_at(self, parameters: tuple[Parameter[Any], ...], values: tuple[Any, ...]) -> None:
        """Note what was set last."""
        for parameter, value in zip(parameters, values, strict=False):
            self._standing[id(parameter)] = (parameter, value)

    def changed(self, parameters: tuple[Parameter[Any], ...]) -> None:
        """Note that something else was done with these afterwards: where they stood is not known."""
        for parameter in parameters:
            self._standing.pop(id(parameter), None)

    def begin(self, parameters: tuple[Parameter[Any], ...] = ()) -> None:
        """Bring everything to where it stood before the first point that is missing, the outermost first.

        Parameters
        ----------
        parameters
            What the point sets itself.
        """
        set_anyway = {id(each) for own, _ in self._path for each in own} | set(map(id, parameters))
        for parameter, value in self._standing.values():
            if id(parameter) not in set_anyway:
                parameter.set(value)
        for _, again in self._path:
            again()
        self._path.clear()
        self.is_over = True

    def require_followed(self) -> None:
        """Raise :class:`PlanDiffersError` where points are stored that the plan never came to."""
        for table, order in self._stored.items():
            if not self.is_over and self._met[table] < len(order) - (table == self._again):
                raise _another_order(table, order[self._met[table]])


def _another_order(table: str, places: Places) -> PlanDiffersError:
    return PlanDiffersError(
        f"the stored points were taken in another order than the plan has: the table {table!r} at step {places}",
        state="Nothing was set, and no point was added.",
        advice="Begin a new run: conditions that look at what was measured cannot be followed here.",
    )


def once(past: Past, number: int, enter: Enter | None, normal: _Go, inner: tuple[_Go, ...]) -> _Go:
    """Return the function for what is read or done once."""

    def go(places: Places, setpoints: tuple[Any, ...]) -> None:
        found: _Found = "missing" if past.is_over else past.find(number, places)
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
        Begins a pass.
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
    begin: Callable[[], Pass]
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
        for place, values in self.begin():
            at, set_to = (*places, place), (*setpoints, *values)
            if (self.foreseen is None or self.foreseen(set_to)) and self._is_entered(at, set_to, values):
                for each in self.inner:
                    each(at, set_to)
                if not self.past.is_over:
                    self.past.leave()

    def _is_entered(self, at: Places, set_to: tuple[Any, ...], values: tuple[Any, ...]) -> bool:
        past = self.past
        found: _Found = "missing" if past.is_over else past.find(self.number, at)
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
