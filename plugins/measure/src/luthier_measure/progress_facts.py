"""What a progress bar shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ProgressFacts"]


@frozen
class ProgressFacts:
    """A run that goes on.

    Attributes
    ----------
    name
        What stands before the bar.
    total
        How many points there will be; ``None`` where that shows on the way.
    points
        Tells how many there are.
    state
        Tells what the run is doing.
    """

    name: str
    total: int | None
    points: Callable[[], int]
    state: Callable[[], str]

    @property
    def title(self) -> str:
        """The name, and what the run is doing where that is not measuring."""
        state = self.state()
        return self.name if state in {"running", "ended"} else f"{self.name} ({state})"
