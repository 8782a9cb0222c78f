"""What a measurement is going to do, before it does anything."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
from attrs import frozen
from luthier.errors import UsageError
from luthier.parameter import Parameter, ParameterSweep

from luthier_measure.adapting import Adaptive
from luthier_measure.arity import require_arity
from luthier_measure.buffering import Buffered
from luthier_measure.fixed_sweep import Product, Sweep
from luthier_measure.plan_text import describe
from luthier_measure.preflight import check
from luthier_measure.readings import readable_name
from luthier_measure.repetition import Repetition
from luthier_measure.schedule import Schedule
from luthier_measure.steps import Do, Guard, Step, Wait, WaitUntil

if TYPE_CHECKING:
    from luthier_measure.readings import Readable
    from luthier_measure.variation import Variation

__all__ = ["Item", "Level", "Plan", "plan"]

Item: TypeAlias = "Sweep | Repetition | Schedule | Adaptive | Product | ParameterSweep[Any] | Readable | Step | Plan"


@frozen
class Level:
    """A sweep, and what is done and read at each of its steps before the sweeps inside it begin.

    Attributes
    ----------
    sweep
        ``None`` for what is done or read once, each time that the level around it takes a step.
    readings
        What is read.
    depth
        How many levels lie around it: those before it in the plan, the nearest of each smaller depth.
    actions
        What is done after the sets and before the readings.
    """

    sweep: Variation | None
    readings: tuple[Readable, ...] = ()
    depth: int = 0
    actions: tuple[Step, ...] = ()

    @property
    def steps(self) -> int | None:
        """How often the readings are taken each time the level is gone through; ``None``: that shows on the way."""
        return 1 if self.sweep is None else self.sweep.size


@frozen
class Plan:
    """Levels in the order in which they are gone through, each behind the one around it; made by :func:`plan`."""

    levels: tuple[Level, ...]

    def around(self, level: Level) -> tuple[Level, ...]:
        """Return the levels in which one lies, the outermost first."""
        found: list[Level] = []
        number = next(number for number, each in enumerate(self.levels) if each is level)
        for each in reversed(self.levels[:number]):
            if each.depth < (found[-1].depth if found else level.depth):
                found.append(each)
        return tuple(reversed(found))

    @property
    def points(self) -> int | None:
        """How many points there will be, those of all levels together; ``None`` where that shows on the way.

        Conditions may leave out some.
        """
        total = 0
        for level in self.levels:
            if level.readings:
                count = self._times(level)
                if count is None:
                    return None
                total += count
        return total

    @property
    def may_leave_out(self) -> bool:
        """Whether there are conditions that skip or stop."""
        return any(isinstance(action, Guard) for level in self.levels for action in level.actions)

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The number of steps of each sweep, the outermost first; ``None`` for one that shows on the way.

        Empty where sweeps lie beside each other, because then there is no one shape.
        """
        swept = [level for level in self.levels if level.sweep is not None]
        depths = [sum(each.sweep is not None for each in self.around(level)) for level in swept]
        return tuple(level.steps for level in swept) if depths == list(range(len(swept))) else ()

    @property
    def least_duration(self) -> float:
        """Seconds that delays, waits and intervals take altogether, as far as they are known."""
        total = 0.0
        for level in self.levels:
            around = math.prod(each.steps or 1 for each in self.around(level))
            total += around * (0.0 if level.sweep is None else level.sweep.least_duration)
            waits = sum(action.seconds for action in level.actions if isinstance(action, Wait))
            total += around * (level.steps or 1) * waits
        return total

    @property
    def setpoints(self) -> tuple[ParameterSweep[Any], ...]:
        """All that is varied, the outermost first; without values where they show on the way."""
        return tuple(each for level in self.levels if level.sweep is not None for each in level.sweep.setpoints)

    @property
    def readings(self) -> tuple[Readable, ...]:
        """All that is read, the outermost first."""
        return tuple(reading for level in self.levels for reading in level.readings)

    @property
    def parameters_read(self) -> tuple[Parameter[Any], ...]:
        """The parameters that are read, those of buffers too."""
        return tuple(
            parameter
            for reading in self.readings
            for parameter in (reading.parameters if isinstance(reading, Buffered) else (reading,))
            if isinstance(parameter, Parameter)
        )

    @property
    def parameters(self) -> tuple[Parameter[Any], ...]:
        """The parameters that are varied, read or asked, in that order; no functions."""
        swept = tuple(setpoints.parameter for setpoints in self.setpoints)
        return (*swept, *self.parameters_read, *self.parameters_asked)

    @property
    def parameters_asked(self) -> tuple[Parameter[Any], ...]:
        """The parameters that conditions of the plan may read."""
        return tuple(
            parameter
            for level in self.levels
            for action in level.actions
            if isinstance(action, (Guard, WaitUntil))
            for parameter in action.condition.asked
        )

    def _times(self, level: Level) -> int | None:
        """Return how often a level's readings are taken."""
        sizes = [each.steps for each in (*self.around(level), level)]
        return None if None in sizes else math.prod(size for size in sizes if size is not None)

    def describe(self) -> str:
        """Say in a few lines what is going to be set and read, how often, in which bounds, and how long at least."""
        return describe(self)

    def check(self) -> None:
        """Make sure that everything can be set and read, as far as can be told without doing it.

        Values were checked when the sweeps were made; they are checked again where limits may have changed since. What
        has a meaning only in some state of its instrument has to be in it, unless the measurement itself may change
        that: where another parameter of the instrument is swept, or a function is called. Limits and states may be
        asked from the instruments.

        Raises
        ------
        ClosedError, NotSettableError, NotGettableError, IrrelevantParameterError, ValidationError
            As their names say. Nothing was set.
        """
        check(self)

    def to_data(self) -> dict[str, Any]:
        """Describe the plan in JSON's terms, as it is stored with the run."""
        return {"levels": [_level_data(level) for level in self.levels], "points": self.points}


def plan(*items: Item) -> Plan:
    """Arrange sweeps, readings, and what else is to be done.

    Each sweep lies inside those before it; what is read or done is read or done at each step of the last sweep before
    it, in the order given. A plan among the items is a block: its sweeps end with it, so that several blocks are gone
    through one after the other at each step of what lies around them.

    Parameters
    ----------
    items
        What is varied: :func:`sweep`, :func:`linked`, :func:`both_ways`, :func:`repeat`, :func:`every`,
        :func:`adaptive`, ``p.sweep(…)`` and ``p[0:1:0.1]``, and products of them (``first * second``). What is read:
        parameters, groups of parameters, functions without arguments, :func:`buffered`. What is done: :func:`do`,
        :func:`wait`, :func:`wait_until`, :func:`skip_if`, :func:`stop_if`, :func:`stop_run_if`. And other plans.

    Raises
    ------
    UsageError
        The items make no plan.

    Examples
    --------
    >>> from luthier import ManualParameter
    >>> from luthier_measure import sweep
    >>> x, y, z = (ManualParameter(name, float, unit="V", initial=0.0) for name in "xyz")
    >>> print(plan(sweep(x, 0, 1, num=3), z, sweep(y, [0, 2])).describe())
    3 x 2 steps, 3 points
    x: 0.0 V to 1.0 V, 3 values
      read z
      y: 0.0 V to 2.0 V, 2 values
    """
    if len(items) == 1 and isinstance(items[0], Plan):
        return items[0]
    arrangement = _Arrangement()
    for item in items:
        arrangement.add(item)
    made = Plan(arrangement.finished())
    _require_sense(made)
    return made


class _Arrangement:
    """The levels of a plan that is being put together."""

    def __init__(self) -> None:
        self._levels = [Level(None)]
        self._here = 0
        self._is_closed = False

    def add(self, item: Any) -> None:
        """Put an item in its place."""
        if isinstance(item, Plan):
            inside = self._levels[self._here].depth + 1
            self._levels += [attrs.evolve(level, depth=level.depth + inside) for level in item.levels]
            self._is_closed = True
        elif isinstance(item, ParameterSweep):
            self._enter(Sweep((item,)))
        elif isinstance(item, Product):
            for each in item.variations:
                self._enter(each)
        elif isinstance(item, (Sweep, Repetition, Schedule, Adaptive)):
            self._enter(item)
        elif isinstance(item, (Guard, Do, Wait, WaitUntil)):
            level = self._open(for_action=True)
            self._put(attrs.evolve(level, actions=(*level.actions, item)))
        elif isinstance(item, (Parameter, Buffered)) or callable(item):
            if not isinstance(item, (Parameter, Buffered)):
                require_arity(item, who=readable_name(item), advice="Write lambda: … around it.")
            level = self._open(for_action=False)
            self._put(attrs.evolve(level, readings=(*level.readings, item)))
        else:
            raise UsageError(
                f"cannot measure {item!r} ({type(item).__name__}): allowed are sweeps, parameters and functions",
                advice="Write sweep(parameter, start, stop, num=…) for what is varied, the parameter for what is read.",
            )

    def finished(self) -> tuple[Level, ...]:
        """Return the levels, without a first one in which nothing happens."""
        first, *others = self._levels
        if others and not first.readings and not first.actions:
            return tuple(attrs.evolve(level, depth=level.depth - 1) for level in others)
        return tuple(self._levels)

    def _enter(self, variation: Variation | None) -> None:
        self._levels.append(Level(variation, depth=self._levels[self._here].depth + 1))
        self._here = len(self._levels) - 1
        self._is_closed = False

    def _open(self, *, for_action: bool) -> Level:
        """Return the level to which something can be added behind all that is there; a new one where need be."""
        if self._is_closed or (for_action and self._levels[self._here].readings):
            self._enter(None)
        return self._levels[self._here]

    def _put(self, level: Level) -> None:
        self._levels[self._here] = level


def _require_sense(made: Plan) -> None:
    if not made.readings:
        raise UsageError(
            "there is nothing to read",
            advice="Add the parameters to read behind the sweeps: measure(sweep(…), dmm.voltage).",
        )
    for level in made.levels:
        _require_sense_of(level, [each for each in made.around(level) if each.sweep is not None])
    if made.points is not None and made.points > _MOST_POINTS:
        raise UsageError(f"{made.points} points are more than can be counted: allowed are {_MOST_POINTS}")


_MOST_POINTS = 2**53


def _require_sense_of(level: Level, around: list[Level]) -> None:
    swept = [each.parameter for outer in around if outer.sweep is not None for each in outer.sweep.setpoints]
    for own in () if level.sweep is None else level.sweep.setpoints:
        if any(own.parameter is other for other in swept):
            raise UsageError("is swept twice in one plan", who=own.parameter.full_name)
    if around and isinstance(level.sweep, Adaptive) and level.sweep.learner is not None:
        raise UsageError(
            "the learner would go on with what it learnt at another step of the sweep around it",
            who=level.sweep.label,
            advice="Give a function that makes a new one for each: adaptive(…, lambda points: Learner1D(…)).",
        )


def _level_data(level: Level) -> dict[str, Any]:
    data: dict[str, Any] = {"readings": list(map(readable_name, level.readings)), "depth": level.depth}
    if level.sweep is not None:
        data["sweep"] = level.sweep.to_data()
    if level.actions:
        data["actions"] = [action.describe() for action in level.actions]
        data["steps"] = [action.to_data() for action in level.actions]
    return data
