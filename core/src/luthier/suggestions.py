"""What somebody may have meant: near names, for messages about names that do not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["nearest"]

_MOST = 3
_LONGEST = 200  # the comparison is quadratic in length; nobody mistypes a longer name than this


def nearest(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Find the names that somebody who typed `name` may have meant, best first.

    Upper and lower case count as the same. The names come back as they were given, each once, at most three of them;
    none where nothing is near.

    Parameters
    ----------
    name
        What was typed.
    names
        What exists.

    Examples
    --------
    >>> nearest("volage", ["current", "voltage", "range"])
    ('voltage',)
    >>> nearest("VOLTAGE", ["voltage"])
    ('voltage',)
    >>> nearest("xyz", ["current", "voltage"])
    ()
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only messages about mistakes need it, importing is slow

    spellings: dict[str, list[str]] = {}
    for candidate in dict.fromkeys(names):
        spellings.setdefault(candidate.casefold(), []).append(candidate)
    near = get_close_matches(name.casefold()[:_LONGEST], spellings, n=_MOST)
    return tuple(candidate for folded in near for candidate in spellings[folded])[:_MOST]
