"""How the 2000 and the 2182A say that triggers go on without end, as they do after switching on: INF."""

from __future__ import annotations

from math import isinf

from luthier.scpi import parse_float

__all__ = ["parse_count", "send_count"]


def parse_count(reply: str) -> int:
    """Return how many triggers a reply means; 0 where they go on without end."""
    count = parse_float(reply)
    return 0 if isinf(count) else int(count)


def send_count(count: int) -> str:
    """Return what is sent for a number of triggers; 0 is without end."""
    return str(count) if count else "INF"
