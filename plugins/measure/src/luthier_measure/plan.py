"""What a measurement is going to do, before it does anything."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen
from luthier.errors import UsageError
from luthier.parameter import Parameter, ParameterSweep

from luthier_measure.plan_text import describe
from luthier_measure.preflight import check
from luthier_measure.readings import readable_name
from luthier_measure.sweeps import Sweep, sweep

if TYPE_CHECKING:
    from luthier_measure.readings import Readable

__all__ = ["Item", "Level", "Plan", "plan"]

Item: TypeAlias = "Sweep | ParameterSweep[Any] | Readable | Plan"


@frozen
class Level:
    """A sweep, and what is read at each of its steps before the sweeps inside it begin.

    ``sweep`` is ``None`` for what is read once, before the first sweep.
    """

    sweep: Sweep | None
    readings: tuple[Readable, ...] = ()

    @property
    def steps(self) -> int:
        """How often the readings are taken each time the level is gone through."""
        return 1 if self.sweep is None else len(self.sweep)


@frozen
class Plan:
    """Nested levels, the outermost first; made by :func:`plan`."""

    levels: tuple[Level, ...]

    @property
    def points(self) -> int:
        """How many points there will be, those of all levels that read something together."""
        passes = 1
        total = 0
        for level in self.levels:
            passes *= level.steps
            total += passes if level.readings else 0
        return total

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of steps of each sweep, the outermost first."""
        return tuple(level.steps for level in self.levels if level.sweep is not None)

    @property
    def least_duration(self) -> float:
        """Seconds that the delays take altogether."""
        total = 0.0
        passes = 1
        for level in self.levels:
            passes *= level.steps
            total += passes * level.sweep.delay if level.sweep is not None else 0.0
        return total

    @property
    def setpoints(self) -> tuple[ParameterSweep[Any], ...]:
        """All that is varied, the outermost first."""
        return tuple(each for level in self.levels if level.sweep is not None for each in level.sweep.setpoints)

    @property
    def readings(self) -> tuple[Readable, ...]:
        """All that is read, the outermost first."""
        return tuple(reading for level in self.levels for reading in level.readings)

    @property
    def parameters(self) -> tuple[Parameter[Any], ...]:
        """The parameters that are varied or read, in that order; no functions."""
        swept = tuple(setpoints.parameter for setpoints in self.setpoints)
        return (*swept, *(reading for reading in self.readings if isinstance(reading, Parameter)))

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
    """Arrange sweeps and readings.

    Each sweep lies inside those before it; a reading is taken at each step of the last sweep before it.

    Parameters
    ----------
    items
        :func:`sweep`, :func:`linked`, ``p.sweep(…)`` and ``p[0:1:0.1]``; parameters and functions without arguments.

    Raises
    ------
    UsageError
        The items make no plan.

    Examples
    --------
    >>> from luthier import ManualParameter
    >>> x, y, z = (ManualParameter(name, float, unit="V", initial=0.0) for name in "xyz")
    >>> print(plan(sweep(x, 0, 1, num=3), z, sweep(y, [0, 2])).describe())
    3 x 2 steps, 3 points
    x: 0.0 V to 1.0 V, 3 values
      read z
      y: 0.0 V to 2.0 V, 2 values
    """
    if len(items) == 1 and isinstance(items[0], Plan):
        return items[0]
    levels = [Level(None)]
    for item in items:
        if isinstance(item, (Sweep, ParameterSweep)):
            levels.append(Level(item if isinstance(item, Sweep) else sweep(item)))
        elif isinstance(item, Parameter) or callable(item):
            levels[-1] = Level(levels[-1].sweep, (*levels[-1].readings, item))
        else:
            raise UsageError(
                f"cannot measure {item!r} ({type(item).__name__}): allowed are sweeps, parameters and functions",
                advice="Write sweep(parameter, start, stop, num=…) for what is varied, the parameter for what is read.",
            )
    if not levels[0].readings and len(levels) > 1:
        del levels[0]
    made = Plan(tuple(levels))
    _require_sense(made)
    return made


def _require_sense(made: Plan) -> None:
    if not made.readings:
        raise UsageError(
            "there is nothing to read",
            advice="Add the parameters to read behind the sweeps: measure(sweep(…), dmm.voltage).",
        )
    swept = [each.parameter for each in made.setpoints]
    for parameter in swept:
        if sum(parameter is other for other in swept) > 1:
            raise UsageError("is swept twice in one plan", who=parameter.full_name)
    if math.prod(made.shape) > _MOST_POINTS:
        raise UsageError(f"{math.prod(made.shape)} steps are more than can be counted: allowed are {_MOST_POINTS}")


_MOST_POINTS = 2**53


def _level_data(level: Level) -> dict[str, Any]:
    data: dict[str, Any] = {"readings": list(map(readable_name, level.readings))}
    if level.sweep is not None:
        data["sweep"] = {
            "parameters": [each.parameter.full_name for each in level.sweep.setpoints],
            "steps": len(level.sweep),
            "delay": level.sweep.delay,
            "snake": level.sweep.snake,
        }
    return data
