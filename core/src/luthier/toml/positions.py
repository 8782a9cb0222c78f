"""Where each key stands in a TOML text, which the parser of the standard library does not tell."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

__all__ = ["FoundKey", "KeyPath", "find_keys", "line_finder"]

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys, and the positions in arrays (``("instruments", "smu", "after", 0)``)."""

_BLANKS = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_TEXT = re.compile(
    r'''"""(?:\\.|[^\\])*?"""(?:"{0,2})'''  # up to two more quotation marks belong to the text
    r"""|'{3}.*?'{3}(?:'{0,2})"""
    r'''|"(?:[^"\\\n]|\\.)*"'''
    r"""|'[^'\n]*'""",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


class FoundKey(NamedTuple):
    """One place where a key is written.

    ``explicit`` tells the place that defines the value (``b`` in ``a.b = 1`` and in ``[a.b]``) from one that is only
    passed on the way (``a``).
    """

    path: KeyPath
    offset: int
    explicit: bool


def find_keys(text: str) -> Iterator[FoundKey]:
    r"""Yield the keys of ``text`` in their order, as far as it is TOML.

    A valid text is gone through to its end. In another one the end comes where it stops making sense, or later.
    Lines have to end with ``\n``.

    >>> [(".".join(key.path), key.offset) for key in find_keys("[a]\nb.c = 1") if key.explicit]
    [('a', 1), ('a.b.c', 6)]
    """
    try:
        yield from _Scan(text).document()
    except _LostError:
        return


class _LostError(Exception):
    """The text does not go on as TOML does."""


class _Scan:
    """One way through a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lengths: dict[KeyPath, int] = {}
        """How many tables each array of tables (``[[a]]``) has so far."""

    def document(self) -> Iterator[FoundKey]:
        table: KeyPath = ()
        self._take(_GAP)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = yield from self._header()
            else:
                yield from self._pair(table)
            self._take(_GAP)

    def _header(self) -> Generator[FoundKey, None, KeyPath]:
        listed = self._text.startswith("[[", self._at)
        self._at += 2 if listed else 1
        parts = self._dotted_key()
        self._expect("]]" if listed else "]")
        path: KeyPath = ()
        for position, (part, offset) in enumerate(parts, start=1):
            path = (*path, part)
            last = position == len(parts)
            yield FoundKey(path, offset, explicit=last and not listed)
            if last and listed:
                self._lengths[path] = self._lengths.get(path, 0) + 1
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
                yield FoundKey(path, offset, explicit=False)
        return path

    def _pair(self, table: KeyPath) -> Iterator[FoundKey]:
        parts = self._dotted_key()
        self._expect("=")
        path = table
        for position, (part, offset) in enumerate(parts, start=1):
            path = (*path, part)
            yield FoundKey(path, offset, explicit=position == len(parts))
        yield from self._value(path)

    def _dotted_key(self) -> list[tuple[str, int]]:
        parts = []
        while True:
            self._take(_BLANKS)
            offset = self._at
            parts.append((_unquoted(self._take(_KEY)), offset))
            self._take(_BLANKS)
            if not self._text.startswith(".", self._at):
                return parts
            self._at += 1

    def _value(self, path: KeyPath) -> Iterator[FoundKey]:
        self._take(_BLANKS)
        first = self._text[self._at : self._at + 1]
        if first == "[":
            yield from self._array(path)
        elif first == "{":
            yield from self._inline_table(path)
        else:
            self._take(_TEXT if first in ('"', "'") else _SCALAR)

    def _array(self, path: KeyPath) -> Iterator[FoundKey]:
        for index, _ in enumerate(self._members("]")):
            yield from self._value((*path, index))

    def _inline_table(self, path: KeyPath) -> Iterator[FoundKey]:
        for _ in self._members("}"):
            yield from self._pair(path)

    def _members(self, end: str) -> Iterator[None]:
        """Step from member to member of an array or inline table, and over its end."""
        self._at += 1
        self._take(_GAP)
        while not self._text.startswith(end, self._at):
            yield
            self._take(_GAP)
            if not self._text.startswith(end, self._at):
                self._expect(",")
                self._take(_GAP)
        self._at += 1

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise _LostError
        self._at = match.end()
        return match[0]

    def _expect(self, mark: str) -> None:
        self._take(_BLANKS)
        if not self._text.startswith(mark, self._at):
            raise _LostError
        self._at += len(mark)


def _unquoted(key: str) -> str:
    if key[0] not in "\"'":
        return key
    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except tomllib.TOMLDecodeError:
        raise _LostError from None


def line_finder(text: str) -> Callable[[KeyPath], int]:
    r"""Return a function that gives the line, from 1, of the key at a path; what is not written has that of its table.

    >>> line_of = line_finder("[a]\nb = [\n  1,\n]\n")
    >>> line_of(("a", "b")), line_of(("a", "c")), line_of(("a", "b", 0))
    (2, 1, 2)
    """
    offsets: dict[KeyPath, int] = {}
    for key in find_keys(text):
        if key.explicit:
            offsets[key.path] = key.offset
        else:
            offsets.setdefault(key.path, key.offset)

    def line_of(path: KeyPath) -> int:
        while path and path not in offsets:
            path = path[:-1]
        return text.count("\n", 0, offsets.get(path, 0)) + 1

    return line_of
