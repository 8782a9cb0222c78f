"""A sweep over values that are known beforehand, and what can be put together of such sweeps."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field, frozen
from luthier.errors import UsageError
from luthier.parameter import ParameterSweep

from luthier_measure.actions import actions_data
from luthier_measure.plan_words import counted, duration_text
from luthier_measure.readings import dtype_of_type, dtype_of_values
from luthier_measure.storage import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier_measure.actions import Action
    from luthier_measure.naming import Naming
    from luthier_measure.past import PastPass
    from luthier_measure.variation import Pass, Variation, Waiting

    Steps = list[tuple[int, tuple[Any, ...]]]

__all__ = ["Product", "Sweep", "setpoint_column"]


@frozen
class Sweep:
    """One or several parameters that take one value after the other; made by :func:`sweep` and :func:`linked`.

    ``first * second`` is the outer product: all values of the second at each value of the first. ``first + second``
    takes the values of the second behind those of the first, for the same parameters.

    Attributes
    ----------
    setpoints
        The parameters with their values; all have equally many.
    delay
        Seconds to wait after each set, before anything is read.
    snake
        Whether every second pass goes backwards.
    turns_back
        Whether every second pass goes back over the values that the pass before came through.
    before, after
        What is done before the first and after the last step of each pass.
    """

    setpoints: tuple[ParameterSweep[Any], ...] = field(
        repr=lambda setpoints: ", ".join(each.parameter.full_name for each in setpoints)
    )
    delay: float = 0.0
    snake: bool = False
    turns_back: bool = False
    before: Action | None = None
    after: Action | None = None

    def __len__(self) -> int:
        """How many steps."""
        return len(self.setpoints[0].values)

    @property
    def size(self) -> int | None:
        """How many steps."""
        return len(self)

    @property
    def least_duration(self) -> float:
        """What the delays take."""
        return len(self) * self.delay

    @property
    def label(self) -> str:
        """The name of what is swept first."""
        return self.setpoints[0].parameter.full_name

    def __mul__(self, other: Any) -> Product:
        """Give the outer product; ``other`` lies inside."""
        inner = _variations(other)
        return NotImplemented if inner is None else Product((self, *inner))

    def __rmul__(self, other: Any) -> Product:
        """Give the outer product; ``other`` lies outside."""
        outer = _variations(other)
        return NotImplemented if outer is None else Product((*outer, self))

    def __add__(self, other: Any) -> Sweep:
        """Take the values of ``other`` behind these; both must vary the same parameters in the same manner."""
        if isinstance(other, ParameterSweep):
            other = Sweep((other,), self.delay, self.snake, before=self.before, after=self.after)
        if not isinstance(other, Sweep):
            return NotImplemented
        mine, others = ([each.parameter for each in one.setpoints] for one in (self, other))
        if [*map(id, mine)] != [*map(id, others)]:
            names = (", ".join(each.full_name for each in those) for those in (mine, others))
            raise UsageError(
                "sweeps of {} and of {} cannot be one after the other in one sweep".format(*names),
                advice="Write them as plans: measure(…, plan(sweep(…), …), plan(sweep(…), …)).",
            )
        if attrs.evolve(self, setpoints=()) != attrs.evolve(other, setpoints=()):
            raise UsageError("sweeps that are put one after the other need the same delay, snake, before and after")
        joined = (
            ParameterSweep(first.parameter, (*first.values, *second.values))
            for first, second in zip(self.setpoints, other.setpoints, strict=True)
        )
        return attrs.evolve(self, setpoints=tuple(joined))

    def columns(self, naming: Naming) -> tuple[Column, ...]:
        """Return a column for each parameter."""
        return tuple(setpoint_column(each, naming) for each in self.setpoints)

    def passes(self, _wait: Waiting) -> Callable[[], Pass]:
        """Return the function that begins to go through the steps once more."""
        steps = list(enumerate(zip(*(each.values for each in self.setpoints), strict=True)))
        if self.turns_back:
            given: Iterator[Pass] = _turning_back(steps)
        else:
            given = _in_turn(steps, steps[::-1] if self.snake else steps)
        return lambda: next(given)

    def following(self, wait: Waiting) -> Callable[[PastPass], Pass]:
        """Return the same for a run that goes on: all steps are known."""
        begin = self.passes(wait)
        return lambda _past: begin()

    def lines(self) -> Iterator[str]:
        """Describe it."""
        manner = f", wait {duration_text(self.delay)} after each" if self.delay else ""
        manner += ", there and back in turn" if self.snake or self.turns_back else ""
        first, *others = map(_range, self.setpoints)
        yield f"{first}{manner}"
        for other in others:
            yield f"together with {other}"

    def to_data(self) -> dict[str, Any]:
        """Describe it in JSON's terms; the values stand with the columns."""
        return {
            "kind": "sweep",
            "parameters": [each.parameter.full_name for each in self.setpoints],
            "steps": len(self),
            "delay": self.delay,
            "snake": self.snake,
            **({"turns_back": True} if self.turns_back else {}),
            **actions_data(self.before, self.after),
        }


@frozen
class Product:
    """Sweeps that lie inside each other, the outermost first; made by ``first * second``."""

    variations: tuple[Variation, ...]

    def __mul__(self, other: Any) -> Product:
        """Put ``other`` inside."""
        inner = _variations(other)
        return NotImplemented if inner is None else Product((*self.variations, *inner))

    def __rmul__(self, other: Any) -> Product:
        """Put ``other`` outside."""
        outer = _variations(other)
        return NotImplemented if outer is None else Product((*outer, *self.variations))


def setpoint_column(setpoints: ParameterSweep[Any], naming: Naming) -> Column:
    """Return the column of what is set; with no values, that of values that show on the way."""
    parameter, values = setpoints.parameter, setpoints.values
    dtype = dtype_of_values(values) if values else dtype_of_type(parameter.type)
    if dtype == "text":
        values = tuple(value.name if isinstance(value, Enum) else value for value in values)
    return Column(
        naming.name(parameter.full_name),
        "setpoint",
        dtype,
        (),
        unit=parameter.unit,
        label=parameter.label,
        parameter=parameter.full_name,
        values=values or None,
    )


def _variations(item: Any) -> tuple[Variation, ...] | None:
    if isinstance(item, Product):
        return item.variations
    if isinstance(item, ParameterSweep):
        return (Sweep((item,)),)
    return (item,) if hasattr(item, "passes") else None


def _in_turn(forth: Steps, back: Steps) -> Iterator[Steps]:
    while True:
        yield forth
        yield back


def _turning_back(steps: Steps) -> Iterator[Pass]:
    """Go forth, and back over the steps that were gone through: a value at which it had to stop is not set again."""
    done = 0

    def forth() -> Pass:
        nonlocal done
        done = 0
        for step in steps:
            yield step
            done += 1

    while True:
        yield forth()
        yield steps[:done][::-1]


def _range(setpoints: ParameterSweep[Any]) -> str:
    parameter, values = setpoints.parameter, setpoints.values
    unit = f" {parameter.unit}" if parameter.unit else ""
    return f"{parameter.full_name}: {values[0]}{unit} to {values[-1]}{unit}, {counted(len(values), 'value')}"
