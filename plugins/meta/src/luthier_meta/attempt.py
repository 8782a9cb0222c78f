"""One member, set to one value, and where that left it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from luthier.errors import LuthierError
from luthier.strategy import Outcome

if TYPE_CHECKING:
    from luthier.strategy import Action

__all__ = ["attempt"]


def attempt(action: Action, before: Any = None) -> Outcome:
    """Set one member, and return where it stands then; what was raised, Ctrl-C included, is in the outcome."""
    parameter = action.parameter
    reading = parameter.cache.reading
    started = time.monotonic()
    try:
        parameter.set(action.value)
    except BaseException as error:  # noqa: BLE001 - the strategy raises it, when it has said where the members stand
        return _failed(action, before, error, reading, time.monotonic() - started)
    return Outcome(action, "set", action.value, before, None, time.monotonic() - started)


def _failed(action: Action, before: Any, error: BaseException, reading: object, duration: float) -> Outcome:
    cache = action.parameter.cache
    known = cache.reading[4] or (isinstance(error, LuthierError) and error.sent == "no")
    if not known:
        return Outcome(action, "unknown", None, before, error, duration)
    if cache.reading is not reading and cache.origin == "set":  # a ramp, part of which was sent
        return Outcome(action, "on the way", cache.value, before, error, duration)
    return Outcome(action, "untouched", before, before, error, duration)
