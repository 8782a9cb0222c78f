"""What the lock-in amplifiers of this maker count by number: sensitivities, time constants, rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CURRENT_PER_VOLT", "by_number", "decades", "descending", "numbered"]

CURRENT_PER_VOLT = 1e-6
"""Amperes of a current input that one volt of sensitivity stands for."""


def decades(first: float, last: float, steps: Iterable[int]) -> tuple[float, ...]:
    """Return the values from `first` to `last`, the same `steps` in each decade; each is the nearest float.

    >>> decades(2e-9, 2e-8, (1, 2, 5))
    (2e-09, 5e-09, 1e-08, 2e-08)
    """
    found = (float(f"{step}e{power}") for power in range(-12, 6) for step in steps)
    return tuple(value for value in found if first <= value <= last)


def descending(values: tuple[float, ...]) -> tuple[float, ...]:
    """Return the values from the largest to the smallest."""
    return values[::-1]


def numbered(values: Iterable[float]) -> dict[float, str]:
    """Return what is sent for each value: its place, from 0."""
    return {value: str(place) for place, value in enumerate(values)}


def by_number(*names: str) -> dict[str, str]:
    """Return what is sent for each name: its place, from 0."""
    return {name: str(place) for place, name in enumerate(names)}
