"""The messages that a driver declares: which ask for a parameter, which set one, which only do something."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

import attrs
from luthier.instrument import ChannelList
from luthier.parameter import Asked
from luthier.parameter.template import compile_query, compile_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.instrument import ParameterHost
    from luthier.parameter import Parameter

__all__ = ["Change", "Table", "canonical"]

_SPACES: Final = re.compile(r"\s+")
_COMMAS: Final = re.compile(r"\s*,\s*")


def canonical(text: str) -> str:
    """Return a message with no more spaces than it needs, and without a leading colon."""
    return _COMMAS.sub(",", _SPACES.sub(" ", text.strip())).removeprefix(":")


@attrs.frozen
class Change:
    """A message that sets parameters.

    Attributes
    ----------
    expression
        What matches the message; its groups are the texts of the values.
    parameters
        What is set, in the order of the groups.
    around
        What stands before and after the one value, from the last space and to the end; empty for several.
    size
        How many characters of the message are fixed: of several messages that fit, the one with most is meant.
    """

    expression: re.Pattern[str]
    parameters: tuple[Parameter[Any], ...]
    around: tuple[str, str]
    size: int


class Table:
    """What an open instrument declares.

    Attributes
    ----------
    unknown
        The paths of the parameters that code reads or sets, so that their messages are not known.
    """

    def __init__(self, instrument: ParameterHost) -> None:
        self._questions: dict[str, Parameter[Any]] = {}
        self._limits: dict[str, tuple[Parameter[Any], str]] = {}
        self._changes: list[Change] = []
        self._actions: list[re.Pattern[str]] = []
        self.unknown: list[str] = []
        start = len(instrument.full_name) + 1
        for host in _hosts(instrument):
            for parameter in host.parameters.values():
                self._add(parameter, host)
                if _is_code(parameter):
                    self.unknown.append(parameter.full_name[start:])
            self._actions += _actions(host)
        self._changes.sort(key=lambda change: -change.size)

    def question(self, message: str) -> Parameter[Any] | None:
        """Return the parameter that a message asks for."""
        return self._questions.get(message.upper())

    def limit(self, message: str) -> tuple[Parameter[Any], str] | None:
        """Return the parameter whose limit a message asks for, and ``MIN`` or ``MAX``."""
        found = self._limits.get(message.upper())
        if found is not None:
            return found
        question, _, word = message.upper().rpartition(" ")
        parameter = self._questions.get(question)
        return (parameter, word) if parameter is not None and word[:3] in ("MIN", "MAX") else None

    def is_asked_limit(self, message: str) -> bool:
        """Tell whether the driver itself takes a limit from the answer to a message."""
        return message.upper() in self._limits

    def change(self, message: str) -> tuple[Change, tuple[str, ...]] | None:
        """Return what a message sets, and the texts of the values."""
        for change in self._changes:
            if found := change.expression.fullmatch(message):
                return change, found.groups()
        return None

    def around(self, parameter: Parameter[Any]) -> tuple[str, str]:
        """Return what stands around the value in the message that sets a parameter."""
        return next((change.around for change in self._changes if change.parameters == (parameter,)), ("", ""))

    def is_action(self, message: str) -> bool:
        """Tell whether a message is that of a function."""
        return any(expression.fullmatch(message) for expression in self._actions)

    def _add(self, parameter: Parameter[Any], host: ParameterHost) -> None:
        specification = parameter.specification
        if isinstance(specification.get_cmd, str):
            question = canonical(compile_query(specification.get_cmd, host.attribute)).upper()
            known = self._questions.get(question)
            if known is None or (parameter.settable and not known.settable):
                self._questions[question] = parameter
        if isinstance(specification.set_cmd, str):
            make = _group_change if specification.members else _change
            self._changes.append(make(parameter, host, specification.set_cmd))
        for bound, word in ((specification.minimum, "MIN"), (specification.maximum, "MAX")):
            if isinstance(bound, Asked):
                question = canonical(compile_query(bound.command, host.attribute)).upper()
                self._limits[question] = (parameter, word)


def _hosts(host: ParameterHost, seen: set[int] | None = None) -> Iterator[ParameterHost]:
    seen = set() if seen is None else seen
    if id(host) in seen:
        return
    seen.add(id(host))
    yield host
    for channel in host.channels.values():
        for one in channel if isinstance(channel, ChannelList) else (channel,):
            yield from _hosts(one, seen)


def _is_code(parameter: Parameter[Any]) -> bool:
    """Tell whether code reads or sets a parameter, or the group that it is in."""
    specification = parameter.specification
    if specification.group:
        return _is_code(parameter.sibling(specification.group))
    return callable(specification.get_cmd) or callable(specification.set_cmd)


def _change(parameter: Parameter[Any], host: ParameterHost, template: str) -> Change:
    found = compile_template(template, host.attribute)
    before, after = found if isinstance(found, tuple) else (found, "")
    before, after = _canonical_start(before), canonical(f"x{after}")[1:]
    value = "(.+)" if isinstance(found, tuple) else ""
    expression = re.compile(f"{re.escape(before)}{value}{re.escape(after)}", re.IGNORECASE | re.DOTALL)
    around = (before.rpartition(" ")[2], after)
    return Change(expression, (parameter,) if value else (), around, len(before) + len(after))


def _group_change(parameter: Any, host: ParameterHost, template: str) -> Change:
    members = {member.name: member for member in parameter.members}
    parts, order, size = [], [], 0
    for text, field, _, _ in Formatter().parse(_canonical_start(template)):
        fixed = text
        if field in members:
            order.append(members[field])
        elif field:
            fixed += str(host.attribute(field))
        parts.append(re.escape(fixed) + ("([^,]+)" if field in members else ""))
        size += len(fixed)
    return Change(re.compile("".join(parts), re.IGNORECASE), tuple(order), ("", ""), size)


def _canonical_start(text: str) -> str:
    """Return the beginning of a message in canonical form, with the space at its end."""
    return canonical(f"{text}|")[:-1] if not text.endswith(" ") else f"{canonical(text)} "


def _actions(host: ParameterHost) -> Iterator[re.Pattern[str]]:
    for function in host.functions.values():
        command = function.command
        if isinstance(command, str):
            parts = [
                re.escape(text)
                + ("" if field is None else "(.+)" if not field else re.escape(str(host.attribute(field))))
                for text, field, _, _ in Formatter().parse(canonical(command))
            ]
            yield re.compile("".join(parts), re.IGNORECASE)
