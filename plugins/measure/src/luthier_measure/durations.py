"""Durations that users give."""

from __future__ import annotations

from typing import Any

from luthier.errors import UsageError

__all__ = ["checked_duration"]


def checked_duration(seconds: Any, called: str, *, who: str = "", least: float = 0.0) -> float:
    """Return a duration in seconds as a float; raise :class:`~luthier.errors.UsageError` where it is none.

    Examples
    --------
    >>> checked_duration(2, "delay")
    2.0
    """
    try:
        good = bool(0 <= seconds < float("inf")) and seconds >= least
    except (TypeError, ValueError):
        good = False
    if not good:
        allowed = "seconds from 0 on" if not least else f"seconds from {least:g} on"
        raise UsageError(f"{called}={seconds!r}: allowed are {allowed}", who=who)
    return float(seconds)
