"""The stored rows of a table, found by their places."""

from __future__ import annotations

import math
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from luthier_measure.storage import TableData

__all__ = ["Places", "StoredRows", "is_same_value"]

Places: TypeAlias = tuple[int, ...]
"""The step along each dimension of a table."""


class StoredRows:
    """What is stored in a table of a run.

    Attributes
    ----------
    rows
        The places of all rows, in the order in which they were taken.
    order
        The same, each once: what was taken again stands where it was taken first.
    """

    def __init__(self, data: TableData) -> None:
        self._data = data
        self.rows: list[Places] = list(zip(*(each.tolist() for each in data.indices), strict=True))
        if not data.indices:
            self.rows = [()] * len(data.times)
        self.order: tuple[Places, ...] = tuple(dict.fromkeys(self.rows))

    @property
    def last_time(self) -> float:
        """When the last row was taken, in seconds since 1970; minus infinity where there is none."""
        return float(self._data.times[-1]) if len(self._data.times) else -np.inf

    @cached_property
    def _numbers(self) -> dict[Places, int]:
        return {places: number for number, places in enumerate(self.rows)}

    def values(self, places: Places) -> dict[str, Any]:
        """Return what was taken last at these places, by column."""
        number = self._numbers[places]
        return {name: _plain(column[number]) for name, column in self._data.columns.items()}

    def least_difference(self, column: str) -> float:
        """Return the least of what the time of a row, since 1970, is beyond its value of a column; there is a row."""
        return float((self._data.times - self._data.columns[column]).min())


def is_same_value(stored: Any, now: Any) -> bool:
    """Tell whether a stored value is one that came to be in the same way again."""
    now = now.name if isinstance(now, Enum) else now
    if isinstance(stored, float) and isinstance(now, (int, float)):
        return math.isclose(stored, now, rel_tol=1e-9)
    return bool(stored == now)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
