"""What one level of a plan goes through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from luthier.parameter import ParameterSweep

    from luthier_measure.actions import Action
    from luthier_measure.naming import Naming
    from luthier_measure.past import PastPass
    from luthier_measure.storage import Column

__all__ = ["Pass", "Variation", "Waiting"]

Pass: TypeAlias = Iterable[tuple[int, tuple[Any, ...]]]
"""The steps of a level, gone through once: the place along its dimension, and a value for each of its columns."""

Waiting: TypeAlias = Callable[[float], object]
"""Waits for seconds; a request to stop ends it, and the run."""


class Variation(Protocol):
    """A sweep, a repetition or a search: the steps of one level.

    Attributes
    ----------
    delay
        Seconds to wait after the sets of each step.
    before, after
        Called before the first step of each pass, and after its last one.
    """

    @property
    def delay(self) -> float:
        """As above."""
        ...

    @property
    def before(self) -> Action | None:
        """As above."""
        ...

    @property
    def after(self) -> Action | None:
        """As above."""
        ...

    @property
    def setpoints(self) -> tuple[ParameterSweep[Any], ...]:
        """The parameters that are set at each step, with the values that are known beforehand (perhaps none)."""
        ...

    @property
    def size(self) -> int | None:
        """How many steps there are; ``None`` where that shows on the way."""
        ...

    @property
    def least_duration(self) -> float:
        """Seconds that each pass takes at least, apart from what is in it; 0 where that is not known."""
        ...

    @property
    def label(self) -> str:
        """What the dimension is called where nothing is set or counted."""
        ...

    def columns(self, naming: Naming) -> tuple[Column, ...]:
        """Return a column for each value of a step; those of ``setpoints`` come first."""
        ...

    def passes(self, wait: Waiting) -> Callable[[], Pass]:
        """Return the function that begins to go through the steps once more."""
        ...

    def following(self, wait: Waiting) -> Callable[[PastPass], Pass]:
        """Return the same function for a run that goes on: first come the steps that are stored.

        A step comes with its stored values. Whether the pass then goes on is what it did, where that shows in the
        rows.
        """
        ...

    def lines(self) -> Iterator[str]:
        """Describe it."""
        ...

    def to_data(self) -> dict[str, Any]:
        """Describe it in JSON's terms."""
        ...
