"""Words for parts of plans."""

from __future__ import annotations

__all__ = ["counted", "duration_text"]

_MINUTE = 60
_HOUR = 3600


def counted(count: int, what: str) -> str:
    """Write a number of things.

    Examples
    --------
    >>> counted(1, "point"), counted(2000, "point")
    ('1 point', '2000 points')
    """
    return f"{count} {what}{'s'[: count != 1]}"


def duration_text(seconds: float) -> str:
    """Write a duration as people do.

    Examples
    --------
    >>> duration_text(0.25), duration_text(119.7), duration_text(8000)
    ('0.25 s', '2 min 0 s', '2 h 13 min')
    """
    if seconds < _MINUTE:
        return f"{seconds:.3g} s"
    seconds = round(seconds)
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
    return f"{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"
