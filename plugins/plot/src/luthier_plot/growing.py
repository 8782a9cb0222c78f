"""Arrays that grow at their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    AnyArray = npt.NDArray[Any]

__all__ = ["GrowingArray"]


class GrowingArray:
    """Rows of one shape, of which more and more are added; each is copied a bounded number of times.

    Examples
    --------
    >>> steps = GrowingArray()
    >>> steps.extend(np.array([1.0, 2.0]))
    >>> steps.extend(np.array([3j]))
    >>> steps.values
    array([1.+0.j, 2.+0.j, 0.+3.j])
    """

    def __init__(self) -> None:
        self._room: AnyArray | None = None
        self._length = 0

    def __len__(self) -> int:
        """How many rows there are."""
        return self._length

    @property
    def values(self) -> AnyArray:
        """All rows: a view, of which what was there stays as it is when more is added."""
        return np.empty(0) if self._room is None else self._room[: self._length]

    def extend(self, rows: AnyArray) -> None:
        """Add rows; the type becomes one that holds them all."""
        if self._room is None:
            self._room = rows[:0].copy()
        dtype = np.result_type(self._room, rows)
        needed = self._length + len(rows)
        if needed > len(self._room) or dtype != self._room.dtype:
            larger = np.empty((max(needed, 2 * len(self._room)), *rows.shape[1:]), dtype=dtype)
            larger[: self._length] = self._room[: self._length]
            self._room = larger
        self._room[self._length : needed] = rows
        self._length = needed
