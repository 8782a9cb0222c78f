"""Errors as data that can travel, and back as their own class.

An error of Luthier, or a built-in one, comes back as what it was; any other as
:class:`~luthier.errors.RemoteError`, with the name of its class. Classes are never imported for it.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from luthier import errors
from luthier.errors import LuthierError, RemoteError
from luthier.server.values import to_wire
from luthier.strategy import PartialSetErrorGroup

if TYPE_CHECKING:
    from luthier.server.values import Payload, ValueReader

__all__ = ["from_fault", "to_fault"]

_DEEPEST = 5
"""How many causes, or groups within groups, are told."""

_LONGEST_TEXT = 100_000
"""Characters of a text or traceback that travel."""


def to_fault(error: BaseException, payload: Payload, *, depth: int = 0) -> dict[str, Any]:
    """Return everything that is known of ``error``, as data that can travel. Never raises."""
    fault: dict[str, Any] = {
        "class": type(error).__name__,
        "module": type(error).__module__,
        "text": _text(error),
        "notes": [str(note) for note in getattr(error, "__notes__", ())],
        "traceback": _traceback(error) if depth == 0 else "",
    }
    if isinstance(error, LuthierError):
        fault["what"] = str(error.what)
        fault["data"] = {name: _sendable(value, payload) for name, value in error.data.items()}
    elif isinstance(error, BaseExceptionGroup):
        fault["what"] = str(error.message)
        members = error.exceptions if depth < _DEEPEST else ()
        fault["group"] = [to_fault(member, payload, depth=depth + 1) for member in members]
        if isinstance(error, PartialSetErrorGroup):
            fault["members"] = [_sendable(member, payload) for member in error.members]
    else:
        fault["args"] = [_sendable(argument, payload) for argument in error.args]
    cause = error.__cause__
    if cause is not None and depth < _DEEPEST:
        fault["cause"] = to_fault(cause, payload, depth=depth + 1)
    return fault


def from_fault(fault: dict[str, Any], reader: ValueReader, payload: Any, *, where: str) -> BaseException:
    """Return the error that ``fault`` tells of, with the traceback from ``where`` as a note."""
    error = _rebuilt(fault, reader, payload, where)
    for note in fault.get("notes", ()):
        error.add_note(str(note))
    traceback = fault.get("traceback")
    if traceback:
        error.add_note(f"Traceback on the server {where}:\n{traceback}")
    cause = fault.get("cause")
    if cause:
        error.__cause__ = from_fault(cause, reader, payload, where=where)
    return error


def _rebuilt(fault: dict[str, Any], reader: ValueReader, payload: Any, where: str) -> BaseException:
    name, module = str(fault.get("class")), fault.get("module")
    try:
        if module == errors.__name__ and "data" in fault and name in errors.__all__:
            data = {str(key): reader.read(value, payload) for key, value in fault["data"].items()}
            kind = getattr(errors, name)
            if isinstance(kind, type) and issubclass(kind, LuthierError):
                return kind(str(fault["what"]), **data)
        if fault.get("group"):
            members = [from_fault(member, reader, payload, where=where) for member in fault["group"]]
            return _group(fault, members, reader, payload)
        if module == "builtins":
            kind = getattr(builtins, name, None)
            if isinstance(kind, type) and issubclass(kind, Exception):
                return kind(*(reader.read(argument, payload) for argument in fault["args"]))
    except Exception:  # noqa: BLE001 - an error that cannot be rebuilt is told in words
        return _in_words(fault)
    return _in_words(fault)


def _group(fault: dict[str, Any], members: list[BaseException], reader: ValueReader, payload: Any) -> BaseException:
    if fault.get("module") == PartialSetErrorGroup.__module__ and fault.get("class") == PartialSetErrorGroup.__name__:
        group = PartialSetErrorGroup(str(fault["what"]), [each for each in members if isinstance(each, Exception)])
        group.members = tuple(reader.read(member, payload) for member in fault["members"])
        return group
    return BaseExceptionGroup(str(fault["what"]), members)


def _in_words(fault: dict[str, Any]) -> RemoteError:
    name = str(fault.get("class"))
    text = str(fault.get("text", ""))
    return RemoteError(f"{name}: {text}" if text else name, class_name=f"{fault.get('module')}.{name}", text=text)


def _sendable(value: Any, payload: Payload) -> Any:
    try:
        return to_wire(value, payload)
    except Exception:  # noqa: BLE001 - what cannot travel is told in words
        return _text(value)


def _text(value: object) -> str:
    try:
        return str(value)[:_LONGEST_TEXT]
    except Exception:  # noqa: BLE001 - somebody's __str__ fails
        return f"<a {type(value).__name__} that cannot be printed>"


def _traceback(error: BaseException) -> str:
    import traceback  # noqa: PLC0415 - only for failures

    try:
        return "".join(traceback.format_tb(error.__traceback__))[-_LONGEST_TEXT:].rstrip()
    except Exception:  # noqa: BLE001 - the error itself is worth more than its traceback
        return ""
