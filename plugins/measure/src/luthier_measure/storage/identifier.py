"""Identifiers of runs: sortable by time, unique across processes and computers, readable by people."""

from __future__ import annotations

import re
import secrets
import threading
import time

__all__ = ["is_run_id", "new_run_id"]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: they are misread, and spell words
_RANDOM_CHARACTERS = 6  # 30 bits for each millisecond
_SMALL_STEP_MS = 60_000
_PATTERN = re.compile(rf"\d{{8}}-\d{{6}}-\d{{3}}-[{_ALPHABET}]{{{_RANDOM_CHARACTERS}}}")

_lock = threading.Lock()
_last_ms = 0


def new_run_id() -> str:
    """Make an identifier such as ``20261123-142501-123-k7f3q9``: UTC date and time to the millisecond, 30 random bits.

    Identifiers made by one process sort in the order in which they were made, also when the clock is set back by up to
    a minute in between; a larger step back is taken for a correction of the clock and believed. Safe from any thread.
    """
    global _last_ms  # noqa: PLW0603 - one clock per process
    with _lock:
        now_ms = time.time_ns() // 1_000_000
        if 0 <= _last_ms - now_ms < _SMALL_STEP_MS:
            now_ms = _last_ms + 1
        _last_ms = now_ms
    seconds, milliseconds = divmod(now_ms, 1000)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(seconds))
    return f"{stamp}-{milliseconds:03d}-{''.join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))}"


def is_run_id(text: str) -> bool:
    """Whether ``text`` has the form of a run's identifier.

    Examples
    --------
    >>> is_run_id("20261123-142501-123-k7f3q9"), is_run_id("notes")
    (True, False)
    """
    return _PATTERN.fullmatch(text) is not None
