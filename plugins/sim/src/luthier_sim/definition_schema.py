"""The check of a pyvisa-sim file: what may stand where, with the line of what may not.

pyvisa-sim itself ignores keys that it does not know, so that a misspelt one silently changes the device. In
files that somebody opens by their path they are warned of and not refused: what works with pyvisa-sim goes on working.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final, Protocol

import attrs
import yaml
from luthier.errors import ConfigurationError
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DefinitionWarning", "check_definitions"]

# LibYAML's parser is ten times as fast, and not everywhere.
_Loader: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def check_definitions(text: str, file: str, *, strict: bool) -> None:
    """Check the definitions `text` of `file`; `strict`: a key that is not known is an error.

    Raises
    ------
    ConfigurationError
        The text is no YAML, a key is missing, or something is of the wrong kind; with `strict`, a key is not known.

    Warns
    -----
    DefinitionWarning
        Without `strict`: a key is not known.
    """
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise _wrong(file, mark.line + 1 if mark else None, f"this is not YAML: {problem}") from error
    if root is None:
        raise _wrong(file, None, "it is empty")
    _FILE.check(root, "the file", _Source(file, strict))


class DefinitionWarning(UserWarning):
    """A pyvisa-sim file says something that has no effect."""


@attrs.frozen
class _Source:
    """The file that is checked, and whether a key that is not known is an error."""

    file: str
    strict: bool


class _Kind(Protocol):
    """What may stand at some place."""

    def check(self, node: yaml.Node, where: str, source: _Source) -> None:
        """Raise ConfigurationError where `node`, which is called `where`, is something else."""
        ...


class _Anything:
    """Whatever pyvisa-sim makes of it."""

    def check(self, node: yaml.Node, where: str, source: _Source) -> None:
        pass


class _Text:
    """A text or a number."""

    def check(self, node: yaml.Node, where: str, source: _Source) -> None:
        if not isinstance(node, yaml.ScalarNode):
            raise _wrong_at(node, source, f"{where} must be one text or number")


@attrs.frozen
class _Keys:
    """A mapping with known keys."""

    allowed: Mapping[str, _Kind]
    required: tuple[str, ...] = ()

    def check(self, node: yaml.Node, where: str, source: _Source) -> None:
        present = set()
        for key, value in _items(node, where, source):
            name = key.value
            if name not in self.allowed:
                near = nearest(str(name), self.allowed)
                guess = f"Did you mean {near[0]!r}?" if near else ""
                what = f"{where} has a key {name!r}, which is not known; known are {', '.join(self.allowed)}"
                error = _wrong_at(key, source, what, guess)
                if source.strict:
                    raise error
                warnings.warn(f"{error.who}: {what}. It has no effect. {guess}".rstrip(), DefinitionWarning, 2)
                continue
            if name in present:
                raise _wrong_at(key, source, f"{where} has two keys {name!r}")
            present.add(name)
            self.allowed[name].check(value, f"{name!r} of {where}", source)
        for name in self.required:
            if name not in present:
                raise _wrong_at(node, source, f"{where} has no {name!r}")


@attrs.frozen
class _Each:
    """A mapping whose keys are names, all with values of one kind."""

    kind: _Kind
    noun: str

    def check(self, node: yaml.Node, where: str, source: _Source) -> None:
        for key, value in _items(node, where, source):
            self.kind.check(value, f"{self.noun} {key.value!r}", source)


@attrs.frozen
class _ListOf:
    """A list of things of one kind."""

    kind: _Kind
    noun: str

    def check(self, node: yaml.Node, where: str, source: _Source) -> None:
        if not isinstance(node, yaml.SequenceNode):
            raise _wrong_at(node, source, f"{where} must be a list")
        for value in node.value:
            self.kind.check(value, f"{self.noun} in {where}", source)


@attrs.frozen
class _TextOr:
    """A text, or a mapping."""

    mapping: _Keys

    def check(self, node: yaml.Node, where: str, source: _Source) -> None:
        if not isinstance(node, yaml.ScalarNode):
            self.mapping.check(node, where, source)


_TEXT: Final = _Text()
_ANYTHING: Final = _Anything()
_DIALOGUES: Final = _ListOf(_Keys({"q": _TEXT, "r": _TEXT}, required=("q",)), "a dialogue")
_PROPERTY: Final = _Keys(
    {
        "default": _TEXT,
        "getter": _Keys({"q": _TEXT, "r": _TEXT}, required=("q", "r")),
        "setter": _Keys({"q": _TEXT, "r": _TEXT, "e": _TEXT}, required=("q",)),
        "specs": _Keys({"type": _TEXT, "min": _TEXT, "max": _TEXT, "valid": _ListOf(_TEXT, "a value")}),
    }
)
_PROPERTIES: Final = _Each(_PROPERTY, "the property")
_CHANNELS: Final = _Keys({"ids": _ANYTHING, "can_select": _TEXT, "dialogues": _DIALOGUES, "properties": _PROPERTIES})
_ERROR: Final = _Keys(
    {
        "response": _Keys({"command_error": _TEXT, "query_error": _TEXT}),
        "status_register": _ListOf(_ANYTHING, "a register"),
        "error_queue": _ListOf(_ANYTHING, "a queue"),
    }
)
_DEVICE: Final = _Keys(
    {
        "eom": _Each(_Keys({"q": _TEXT, "r": _TEXT}, required=("q", "r")), "the line ends of"),
        "error": _TextOr(_ERROR),
        "delimiter": _TEXT,
        "dialogues": _DIALOGUES,
        "properties": _PROPERTIES,
        "channels": _Each(_CHANNELS, "the channels"),
    }
)
_RESOURCE: Final = _Keys(
    {"device": _TEXT, "filename": _TEXT, "bundled": _TEXT, "channel_ids": _ANYTHING}, required=("device",)
)
_FILE: Final = _Keys(
    {"spec": _TEXT, "devices": _Each(_DEVICE, "the device"), "resources": _Each(_RESOURCE, "the resource")},
    required=("spec", "resources"),
)


def _items(node: yaml.Node, where: str, source: _Source) -> list[tuple[yaml.Node, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _wrong_at(node, source, f"{where} must be a mapping (key: value)")
    items: list[tuple[yaml.Node, yaml.Node]] = node.value
    return items


def _wrong_at(node: yaml.Node, source: _Source, what: str, advice: str = "") -> ConfigurationError:
    return _wrong(source.file, node.start_mark.line + 1, what, advice)


def _wrong(file: str, line: int | None, what: str, advice: str = "") -> ConfigurationError:
    where = f"{file}, line {line}" if line is not None else file
    return ConfigurationError(what, who=where, state="Nothing was opened.", advice=advice, file=file, line=line)
