"""Taking all readings of a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luthier_measure.readings import Reading

__all__ = ["reader"]


def reader(readings: Sequence[Reading]) -> Callable[[], tuple[Any, ...]]:
    """Return a function that takes all readings of a point, in order."""
    takes = [reading.take for reading in readings]
    if any(len(reading.columns) > 1 for reading in readings):
        several = [len(reading.columns) > 1 for reading in readings]
        return lambda: tuple(
            value for take, many in zip(takes, several, strict=True) for value in (take() if many else (take(),))
        )
    if len(takes) == 1:
        (only,) = takes
        return lambda: (only(),)
    if len(takes) == 2:  # noqa: PLR2004 - two are written out, because they are so usual and a tenth quicker
        first, second = takes
        return lambda: (first(), second())
    return lambda: tuple([take() for take in takes])
