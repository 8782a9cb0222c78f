"""What the errors of parameters say, and what they leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import LuthierError, ReplyError, UnknownNameError, ValidationError, WrongTypeError
from luthier.parameter.cache import EMPTY
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from luthier.parameter.live import Parameter

__all__ = ["explain_failed_get", "explain_failed_set", "explain_refusal", "unknown_name", "unsent_state"]

_KNOWN = {"set": "set", "read": "read", "pushed": "known"}


def with_unit(value: object, unit: str) -> str:
    """Return the value as a person would write it."""
    text = repr(value).removesuffix(".0") if isinstance(value, float) else repr(value)
    return f"{text} {unit}" if unit else text


def unsent_state(parameter: Parameter[Any]) -> str:
    """Return the sentence that says that nothing was sent, and what is known of the value."""
    cache = parameter.cache
    if cache.reading is EMPTY or cache.origin is None:
        return "Nothing was sent."
    return f"Nothing was sent; the last value {_KNOWN[cache.origin]} is {with_unit(cache.value, parameter.unit)}."


def explain_refusal(parameter: Parameter[Any], error: ValidationError, value: object) -> None:
    """Say in ``error`` which parameter refused which value, and what it allows, with unit."""
    if isinstance(error, WrongTypeError) or not isinstance(value, (int, float)):
        allowed = getattr(error, "allowed", "")
        error.rephrase(f"cannot be set: {error.what}" + (f"; allowed: {allowed}" if allowed else ""))
    else:
        if error.data.get("limits") is None and parameter.validator is not None:
            error.allowed = parameter.validator.describe(parameter.unit)
        error.rephrase(f"cannot set {with_unit(value, parameter.unit)}: allowed: {error.allowed}")
    error.complete(who=parameter.full_name, state=unsent_state(parameter))


def explain_failed_get(parameter: Parameter[Any], command: str, error: Exception) -> None:
    """Say in ``error`` whose reading failed, and on which command."""
    if isinstance(error, ReplyError) and command and not getattr(error, "command", ""):
        error.complete(command=command)
        error.rephrase(f"{error.what} (sent was {command!r})")
    if isinstance(error, LuthierError):
        error.complete(who=parameter.full_name, state="The cache keeps the reading before.")
    else:
        error.add_note(f"raised while {parameter.full_name} was read")


def explain_failed_set(parameter: Parameter[Any], error: BaseException) -> None:
    """Say in ``error`` whose set failed, and mark the cache unless nothing was sent."""
    if isinstance(error, LuthierError) and error.sent == "no":
        error.complete(who=parameter.full_name, state=unsent_state(parameter))
        return
    parameter.cache.invalidate()
    if isinstance(error, LuthierError):
        state = "The value may or may not have been taken; the cache is marked as not valid."
        error.complete(who=parameter.full_name, state=state)
    else:
        error.add_note(f"raised while {parameter.full_name} was set; its cache is marked as not valid")


def unknown_name(kind: str, name: str, known: Iterable[str], *, who: str) -> UnknownNameError:
    """Return the error for a name that does not exist, with the nearest that do."""
    known = tuple(known)
    suggestions = nearest(name, known)
    if suggestions:
        advice = f"Did you mean {' or '.join(repr(suggestion) for suggestion in suggestions)}?"
    else:
        advice = f"There are: {', '.join(known[:20]) or 'none'}."
    return UnknownNameError(f"has no {kind} {name!r}", who=who, advice=advice, name=name, suggestions=suggestions)
