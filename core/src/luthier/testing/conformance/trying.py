"""The parameters of an instrument, and the states in which each can be tried."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from luthier.errors import LuthierError
from luthier.instrument.channel import ChannelList
from luthier.parameter.relevance import is_relevant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.parameter import Parameter
    from luthier.testing.conformance.subject import Subject

__all__ = ["arrange", "find", "in_words", "walk"]

_DEEPEST = 4


def walk(instrument: Any) -> Iterator[tuple[str, Parameter[Any]]]:
    """Yield every parameter with its path, those of channels too, in the order of declaration."""
    seen: set[int] = set()
    start = len(instrument.full_name) + 1
    for host in _hosts(instrument, seen):
        for parameter in host.parameters.values():
            yield parameter.full_name[start:], parameter


def _hosts(host: Any, seen: set[int]) -> Iterator[Any]:
    if id(host) in seen:
        return
    seen.add(id(host))
    yield host
    for channel in host.channels.values():
        for one in channel if isinstance(channel, ChannelList) else (channel,):
            yield from _hosts(one, seen)


def find(instrument: Any, path: str) -> Parameter[Any]:
    """Return the parameter at a path that :func:`walk` gave."""
    with suppress(LuthierError):  # names with a point in them are no path
        found: Parameter[Any] = instrument.find(path)
        return found
    return next(parameter for found, parameter in walk(instrument) if found == path)


def arrange(subject: Subject, instrument: Any, path: str) -> Parameter[Any] | None:
    """Bring the instrument into a state in which a parameter can be tried, and return it; ``None`` if there is none.

    First come the arrangements that the distribution declares for it, then what its own condition asks for.
    """
    for arrangement in subject.declared.arrangements:
        if arrangement.is_for(path):
            for other, value in arrangement.settings.items():
                find(instrument, other).set(value)
    parameter = find(instrument, path)
    return parameter if _brought_about(parameter, _DEEPEST) else None


def _brought_about(parameter: Parameter[Any], depth: int) -> bool:
    if is_relevant(parameter):
        return True
    condition = parameter.specification.relevant_when
    if callable(condition) or condition is None or not depth:
        return False
    for name, wanted in condition.items():
        other = parameter.sibling(name)
        values = tuple(wanted) if isinstance(wanted, (tuple, list, set, frozenset)) else (wanted,)
        if other.known_or_read() not in values:
            if not (other.settable and _brought_about(other, depth - 1)):
                return False
            other.set(values[0])
    return is_relevant(parameter)


def in_words(error: BaseException) -> str:
    """Name an error for a report."""
    return f"{type(error).__name__}: {error}"
