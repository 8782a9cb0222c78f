"""What the errors of parameters say, and what they leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import LuthierError, ReplyError, UnknownNameError, UsageError, ValidationError
from luthier.parameter.cache import EMPTY
from luthier.suggestions import nearest
from luthier.validators.wording import with_unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from luthier.parameter.live import Parameter

__all__ = ["explain_failed_get", "explain_failed_set", "explain_refusal", "specify", "unknown_name", "unsent_state"]

_OUT_OF_RANGE = ("is too small", "is too large", "is outside the limits")
"""Faults that say no more than the limits do."""

_KNOWN = {"set": "set", "read": "read", "pushed": "known"}


def unsent_state(parameter: Parameter[Any]) -> str:
    """Return the sentence that says that nothing was sent, and what is known of the value."""
    cache = parameter.cache
    if cache.reading is EMPTY or cache.origin is None:
        return "Nothing was sent."
    return f"Nothing was sent; the last value {_KNOWN[cache.origin]} is {with_unit(cache.value, parameter.unit)}."


def explain_refusal(parameter: Parameter[Any], error: ValidationError, value: object) -> None:
    """Say in ``error`` which parameter refused which value, and what it allows, with unit."""
    validator = parameter.validator
    if validator is not None and error.allowed == validator.describe():
        error.allowed = validator.describe(parameter.unit)
    if error.what.endswith(_OUT_OF_RANGE):
        error.rephrase(f"cannot set {with_unit(value, parameter.unit)}: allowed: {error.allowed}")
    else:
        error.rephrase(f"cannot be set: {error.what}; allowed: {error.allowed}")
    error.complete(who=parameter.full_name, state=unsent_state(parameter))


def explain_failed_get(parameter: Parameter[Any], command: str, error: Exception) -> None:
    """Say in ``error`` whose reading failed, and on which command."""
    if isinstance(error, ReplyError) and command and not getattr(error, "command", ""):
        error.complete(command=command)
        error.rephrase(f"{error.what} (sent was {command!r})")
    if isinstance(error, LuthierError):
        error.complete(state="The cache keeps the reading before.")
        specify(error, parameter.instrument, parameter.full_name, "read")
    else:
        error.add_note(f"raised while {parameter.full_name} was read")


def explain_failed_set(parameter: Parameter[Any], error: BaseException) -> None:
    """Say in ``error`` whose set failed, and mark the cache unless nothing was sent."""
    if isinstance(error, LuthierError) and error.sent == "no":
        error.complete(state=unsent_state(parameter))
        specify(error, parameter.instrument, parameter.full_name, "set")
        return
    parameter.cache.invalidate()
    if isinstance(error, LuthierError):
        error.complete(state="The value may or may not have been taken; the cache is marked as not valid.")
        specify(error, parameter.instrument, parameter.full_name, "set")
    else:
        error.add_note(f"raised while {parameter.full_name} was set; its cache is marked as not valid")


def specify(error: LuthierError, instrument: Any, full_name: str, doing: str) -> None:
    """Name in ``error`` the parameter or function whose it is; a note where it names another one, which this one used.

    ``instrument`` is the one that it belongs to, or ``None``; its address goes with the name, unless the call was
    wrong.
    """
    who = getattr(instrument, "who", "")
    with_address = full_name + who.removeprefix(getattr(instrument, "name", ""))
    if not error.who:
        error.who = full_name if isinstance(error, UsageError) else with_address
    elif error.who == who:
        error.who = with_address
    elif error.who.partition(" ")[0] != full_name:
        error.add_note(f"raised while {full_name} was {doing}")


def unknown_name(kind: str, name: str, known: Iterable[str], *, who: str) -> UnknownNameError:
    """Return the error for a name that does not exist, with the nearest that do."""
    known = tuple(known)
    suggestions = nearest(name, known)
    if suggestions:
        advice = f"Did you mean {' or '.join(repr(suggestion) for suggestion in suggestions)}?"
    else:
        advice = f"There are: {', '.join(known[:20]) or 'none'}."
    return UnknownNameError(f"has no {kind} {name!r}", who=who, advice=advice, name=name, suggestions=suggestions)
