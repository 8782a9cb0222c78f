"""Numbers of times that users give."""

from __future__ import annotations

from operator import index
from typing import Any

from luthier.errors import UsageError

__all__ = ["checked_count"]


def checked_count(count: Any, who: str) -> int:
    """Return a whole number from 1 on; otherwise raise :class:`~luthier.errors.UsageError`, of which ``who`` speaks."""
    try:
        number = index(count)
    except TypeError:
        number = 0
    if number < 1 or isinstance(count, bool):
        raise UsageError(f"{who} got {count!r}: allowed are whole numbers from 1 on")
    return number
