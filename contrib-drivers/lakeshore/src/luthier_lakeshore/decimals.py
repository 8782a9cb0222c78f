"""Products that have the digits which people would write."""

from __future__ import annotations

__all__ = ["exact"]


def exact(number: float) -> float:
    """Round to what decimal numbers would give.

    >>> 1.1 * 0.1, exact(1.1 * 0.1)
    (0.11000000000000001, 0.11)
    """
    return float(f"{number:.15g}")
