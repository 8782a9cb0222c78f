"""What may stand at a place of a TOML file, stated once: it is checked by it, and described to other programs by it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from luthier.toml.positions import KeyPath

__all__ = ["Keys", "ListOf", "Mistake", "Named", "Shape", "Text", "Whole"]

_LONGEST_TEXT = 2000


class Mistake(NamedTuple):
    """What is wrong at a place, and what to do about it."""

    path: KeyPath
    what: str
    advice: str


class Shape(Protocol):
    """What a value has to be."""

    def schema(self) -> dict[str, Any]:
        """Describe it as JSON Schema (draft 2020-12)."""
        ...

    def check(self, value: Any, path: KeyPath, found: list[Mistake]) -> None:
        """Add what is wrong with `value`, which stands at `path`, to `found`."""
        ...


@attrs.frozen
class Text:
    """Text that is not empty, on one line."""

    pattern: str = r"\S.*"
    meant: str = "text in quotation marks, not empty and on one line"
    """What the pattern allows, in words."""
    choices: Mapping[str, str] | None = None
    """The only texts that are allowed, each with its meaning; ``None``: any that fits the pattern."""

    def schema(self) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        if self.choices is not None:
            return {"oneOf": [{"const": choice, "description": meaning} for choice, meaning in self.choices.items()]}
        return {"type": "string", "maxLength": _LONGEST_TEXT, "pattern": f"^(?:{self.pattern})$"}

    def check(self, value: Any, path: KeyPath, found: list[Mistake]) -> None:
        """Add what is wrong with `value`."""
        if self.choices is not None:
            if not isinstance(value, str) or value not in self.choices:
                found.append(
                    Mistake(path, f"{value!r} is not allowed here", _meant(value, self.choices, "Allowed are"))
                )
        elif not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            found.append(Mistake(path, f"{_shortened(value)} is not allowed here", f"Allowed is {self.meant}."))
        elif len(value) > _LONGEST_TEXT:
            found.append(Mistake(path, f"the text has {len(value)} characters", f"Allowed are {_LONGEST_TEXT}."))


@attrs.frozen
class Whole:
    """A whole number."""

    low: int
    high: int

    def schema(self) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}

    def check(self, value: Any, path: KeyPath, found: list[Mistake]) -> None:
        """Add what is wrong with `value`."""
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            allowed = f"whole numbers from {self.low} to {self.high}"
            found.append(Mistake(path, f"{_shortened(value)} is not allowed here", f"Allowed are {allowed}."))


@attrs.frozen
class ListOf:
    """A list of values of one shape, none of them twice."""

    item: Shape
    at_least: int = 0

    def schema(self) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        return {"type": "array", "items": self.item.schema(), "minItems": self.at_least, "uniqueItems": True}

    def check(self, value: Any, path: KeyPath, found: list[Mistake]) -> None:
        """Add what is wrong with `value`."""
        if not isinstance(value, list):
            found.append(Mistake(path, f"{_shortened(value)} is not a list", "Write it in [ ]."))
            return
        if len(value) < self.at_least:
            found.append(Mistake(path, "the list is empty", "Fill it, or leave the key out."))
        for number, one in enumerate(value):
            if one in value[:number]:
                found.append(Mistake((*path, number), f"{_shortened(one)} is there twice", "Take one of them out."))
            self.item.check(one, (*path, number), found)


class Key(NamedTuple):
    """One key of a table."""

    shape: Shape
    doc: str
    required: bool = False


@attrs.frozen
class Keys:
    """A table with known keys and no others."""

    keys: Mapping[str, Key]
    one_of: Sequence[str] = ()
    """Of these at least one has to be there."""

    def schema(self) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        required = [name for name, key in self.keys.items() if key.required]
        described: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: {"description": key.doc, **key.shape.schema()} for name, key in self.keys.items()},
        }
        if required:
            described["required"] = required
        if self.one_of:
            described["anyOf"] = [{"required": [name]} for name in self.one_of]
        return described

    def check(self, value: Any, path: KeyPath, found: list[Mistake]) -> None:
        """Add what is wrong with `value`."""
        if not isinstance(value, dict):
            found.append(Mistake(path, f"{_shortened(value)} is not a table", "Write it under a header in [ ]."))
            return
        for name, inner in value.items():
            key = self.keys.get(name)
            if key is None:
                advice = _meant(name, self.keys, "The keys here are")
                found.append(Mistake((*path, name), f"there is no key {name!r}", advice))
            else:
                key.shape.check(inner, (*path, name), found)
        for name, key in self.keys.items():
            if key.required and name not in value:
                found.append(Mistake(path, f"the key {name!r} is missing", f"It says: {key.doc}"))
        if self.one_of and not any(name in value for name in self.one_of):
            names = " and ".join(map(repr, self.one_of))
            found.append(Mistake(path, f"none of {names} is there", "Write at least one of them."))


@attrs.frozen
class Named:
    """A table whose keys are names that the author chooses, with values of one shape."""

    name: Text
    value: Shape
    key: Callable[[str], str] = str
    """What two spellings of one name have in common: no name may be there in two."""

    def schema(self) -> dict[str, Any]:
        """Describe it as JSON Schema."""
        return {
            "type": "object",
            "propertyNames": self.name.schema(),
            "additionalProperties": self.value.schema(),
        }

    def check(self, value: Any, path: KeyPath, found: list[Mistake]) -> None:
        """Add what is wrong with `value`."""
        if not isinstance(value, dict):
            found.append(Mistake(path, f"{_shortened(value)} is not a table", "Write it under a header in [ ]."))
            return
        seen: dict[str, str] = {}
        for name, inner in value.items():
            before = len(found)
            self.name.check(name, (*path, name), found)
            if len(found) > before:
                continue  # what is below a name that is wrong was meant to be below another one
            earlier = seen.setdefault(self.key(name), name)
            if earlier != name:
                found.append(Mistake((*path, name), f"{name!r} is {earlier!r} again", "Take one of them out."))
            self.value.check(inner, (*path, name), found)


def _meant(name: object, known: Mapping[str, object], otherwise: str) -> str:
    from luthier.suggestions import nearest  # noqa: PLC0415 - only mistakes need it

    near = nearest(name, known) if isinstance(name, str) else ()
    if near:
        return f"Did you mean {' or '.join(map(repr, near))}?"
    return f"{otherwise} {', '.join(known)}."


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"  # noqa: PLR2004 - so that a message stays one line
