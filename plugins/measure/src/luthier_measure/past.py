"""What is stored of a run that goes on, and how far the loop has followed it."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from luthier_measure.errors import PlanDiffersError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from luthier.parameter import Parameter

    from luthier_measure.stored_rows import Places, StoredRows

__all__ = ["FOLLOWED_IN_VAIN", "Past", "PastPass"]

FOLLOWED_IN_VAIN = "No point was added, and nothing was set but what finally_ asks for."

_Found: TypeAlias = Literal["stored", "left out", "missing"]
_Entry: TypeAlias = "tuple[tuple[Parameter[Any], ...], Callable[[], object]]"
_Steps: TypeAlias = "dict[Places, dict[int, tuple[str, Places]]]"


class Past:
    """What is stored of a run that goes on, and how far the loop has followed it.

    Parameters
    ----------
    stored
        The rows of each table.
    inside
        The tables of each level and of all that lies inside it, by the level's number.
    own
        The table of each level; ``None`` where it reads nothing.
    setpoints
        The columns of what each level sets or counts itself.
    again
        The table whose last point is taken again, so that conditions that look at it decide anew; ``None``: none is.
    may_leave_out
        Whether the plan has conditions that leave out points. Where it has none, and a point is not stored though
        later ones are, a kill came between what was written of two tables: it and all after it are taken again.
    """

    def __init__(
        self,
        stored: Mapping[str, StoredRows],
        inside: Sequence[tuple[str, ...]],
        own: Sequence[str | None],
        setpoints: Sequence[tuple[str, ...]],
        again: str | None = None,
        *,
        may_leave_out: bool = True,
    ) -> None:
        self.is_over = False
        """Whether the loop measures again."""
        self._stored = stored
        self._order = {table: rows.order for table, rows in stored.items()}
        self._known = {table: set(order) for table, order in self._order.items()}
        self._met = dict.fromkeys(stored, 0)
        self._left = sum(map(len, self._order.values()))
        self._inside, self._own, self._setpoints, self._again = inside, own, setpoints, again
        self._may_leave_out = may_leave_out
        self._steps: dict[int, _Steps] = {}
        self._counts: dict[int, Counter[Places]] = {}
        self._path: list[_Entry] = []
        self._standing: dict[int, tuple[Parameter[Any], Any]] = {}

    @property
    def last_time(self) -> float:
        """When the last row was taken, in seconds since 1970; minus infinity where there is none."""
        return max((rows.last_time for rows in self._stored.values()), default=-math.inf)

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
        order, met = self._order[table], self._met[table]
        if met < len(order) and order[met] == places:
            if table == self._again and met + 1 == len(order):
                return "missing"
            self._met[table] = met + 1
            self._left -= 1
            return "stored"
        if places in self._known[table]:
            raise _another_order(table, places)
        if met == len(order) and any(self._comes_next(each, places[:-1]) for each in self._inside[number]):
            # A kill came between what was written of the inner table and what was written of this one.
            return "missing"
        return "left out" if self._left and self._may_leave_out else "missing"

    def _comes_next(self, table: str, places: Places) -> bool:
        """Tell whether the next row of a table lies at these places or inside."""
        order, met = self._order[table], self._met[table]
        return met < len(order) and order[met][: len(places)] == places

    def _find_inside(self, number: int, places: Places) -> _Found:
        if places and places[-1] in self.steps(number, places[:-1]):
            return "stored"
        if not places and any(self._order[table] for table in self._inside[number]):
            return "stored"
        return "left out" if self._left or not self._inside[number] else "missing"

    def steps(self, number: int, places: Places) -> dict[int, tuple[str, Places]]:
        """Return the stored steps of a pass of a level: where a row of each, or of what lies inside it, is."""
        if number not in self._steps:
            found: _Steps = {}
            depth = len(places) + 1
            for table in self._inside[number]:
                for row in self._order[table]:
                    found.setdefault(row[: depth - 1], {}).setdefault(row[depth - 1], (table, row))
            self._steps[number] = found
            self._counts[number] = Counter(
                row[: depth - 1] for table in self._inside[number] for row in self._order[table]
            )
        return self._steps[number].get(places, {})

    def is_last(self, number: int, places: Places) -> bool:
        """Tell whether nothing is stored of what comes after a pass of a level that is about to begin."""
        self.steps(number, places)
        return self._left == self._counts[number][places]

    def forget(self, number: int) -> None:
        """Forget the rows of the last pass of a level, which has just begun: all of it is taken again."""
        for table in self._inside[number]:
            order, met = self._order[table], self._met[table]
            self._left -= len(order) - met
            self._known[table] -= set(order[met:])
            self._order[table] = order[:met]
            if table == self._again:
                self._again = None
        self._steps.clear()

    def setpoints(self, number: int, places: Places) -> tuple[Any, ...]:
        """Return what a level itself set, or counted, at a step of which something is stored."""
        table, row = self.steps(number, places[:-1])[places[-1]]
        values = self._stored[table].values(row)
        return tuple(values[name] for name in self._setpoints[number])

    def values(self, number: int, places: Places) -> dict[str, Any] | None:
        """Return what is stored of a step in the table of its level, by column; ``None`` where nothing is."""
        table = self._own[number]
        return None if table is None or places not in self._known[table] else self._stored[table].values(places)

    def began(self, number: int) -> float:
        """Return when a level that counts seconds began to, in seconds since 1970; there are rows of it."""
        (column,) = self._setpoints[number]
        tables = (self._stored[table] for table in self._inside[number] if self._order[table])
        return min(rows.least_difference(column) for rows in tables)

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
        for table, order in self._order.items():
            if not self.is_over and self._met[table] < len(order) - (table == self._again):
                raise _not_reached(table, order[self._met[table]])


class PastPass:
    """What is stored of one pass of a level: of the steps that are gone through once.

    Made when the pass begins, at the places of the levels around it.
    """

    def __init__(self, past: Past, number: int, places: Places) -> None:
        self._past, self._number, self._around = past, number, places
        self.is_outermost = not places
        """Whether no sweep lies around it."""
        self.places: tuple[int, ...] = () if past.is_over else tuple(sorted(past.steps(number, places)))
        """The steps of which something is stored, in the order of their numbers."""
        self._is_stored = set(self.places)
        self._last = self.places[-1] if self.places else -1
        self.is_last = past.is_over or past.is_last(number, places)
        """Whether nothing is stored of what came after the pass, so that it may have been cut off in it."""

    def came_to(self, place: int) -> bool | None:
        """Tell whether a step, or a later one, was taken; ``None``: that is to be decided now."""
        if not self.is_last:
            return place <= self._last
        return True if place <= self._last else None

    def is_asked(self, place: int, question: Callable[[], bool]) -> bool:
        """Tell whether the pass goes on to a step; the question is asked where nothing stored tells.

        Everything is brought to where it stood before, because the question may look at instruments.
        """
        known = self.came_to(place)
        if known is None:
            self.begin()
            return question()
        return known

    def begin(self) -> None:
        """End the following here: from now on the loop measures."""
        if not self._past.is_over:
            self._past.begin()

    def forget(self) -> None:
        """Have all of it taken again; it is the last one, and has just begun."""
        self._past.forget(self._number)
        self.places, self._last = (), -1

    def setpoints(self, place: int) -> tuple[Any, ...]:
        """Return the values of a step in :attr:`places`."""
        return self._past.setpoints(self._number, (*self._around, place))

    def followed(self, place: int) -> tuple[Any, ...] | None:
        """Return the values of a step, where it is stored and nothing is measured yet."""
        return None if self._past.is_over or place not in self._is_stored else self.setpoints(place)

    def values(self, place: int) -> dict[str, Any] | None:
        """Return all that is stored of a step in the table of its level, by column; ``None`` where nothing is."""
        return self._past.values(self._number, (*self._around, place))

    def began(self) -> float:
        """Return when a series by the clock began, in seconds since 1970; there are :attr:`places`."""
        return self._past.began(self._number)


def _not_reached(table: str, places: Places) -> PlanDiffersError:
    return PlanDiffersError(
        f"the plan came to its end without the stored step {places} of the table {table!r}: a function or a condition "
        "now decides otherwise",
        state=FOLLOWED_IN_VAIN,
        advice="Give the functions with which the run was begun; or begin a new run.",
    )


def _another_order(table: str, places: Places) -> PlanDiffersError:
    return PlanDiffersError(
        f"the stored points were taken in another order than the plan has: the table {table!r} at step {places}",
        state=FOLLOWED_IN_VAIN,
        advice="Begin a new run: conditions that look at what was measured cannot be followed here.",
    )
