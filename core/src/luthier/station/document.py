"""A TOML file: what it says, and on which line."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import attrs

from luthier.errors import ConfigurationError
from luthier.suggestions import nearest
from luthier.toml.positions import find_keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from luthier.toml.positions import KeyPath

__all__ = ["TomlDocument", "read_document"]

_LINE = re.compile(r"\bline (\d+)")
_PLACE = re.compile(r" \(at (?:line \d+, column \d+|end of document)\)$")


@attrs.frozen(eq=False)
class TomlDocument:
    """A TOML file that was read."""

    file: Path
    """As it was given: messages name it so."""
    data: Mapping[str, Any] = attrs.field(repr=False)
    _offsets: Mapping[KeyPath, int] = attrs.field(repr=False)
    _line_starts: tuple[int, ...] = attrs.field(repr=False)

    def offset(self, path: KeyPath) -> int:
        """Return where the key at ``path`` stands, for comparison; what is not written has the place of its table."""
        while path and path not in self._offsets:
            path = path[:-1]
        return self._offsets.get(path, 0)

    def line(self, path: KeyPath) -> int:
        """Return the line, from 1, of the key at ``path``; what is not written has the line of its table."""
        return bisect_right(self._line_starts, self.offset(path))

    def place(self, path: KeyPath) -> str:
        """Return ``file:line`` of the key at ``path``."""
        return f"{self.file}:{self.line(path)}"

    def mistake(self, path: KeyPath, what: str, *, advice: str = "") -> ConfigurationError:
        """Return the error about what is written at ``path``."""
        return _mistake(self.file, self.line(path), what, advice=advice)


def read_document(file: Path) -> TomlDocument:
    """Read a TOML file in UTF-8; a byte-order mark at its beginning and Windows line ends are fine.

    Raises :class:`~luthier.errors.ConfigurationError`, with the line where there is one: the file does not exist,
    cannot be read, is not in UTF-8, or is not TOML.
    """
    text = _decoded(file, _bytes_of(file))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(file, text, error) from error
    offsets: dict[KeyPath, int] = {}
    for key in find_keys(text):
        if key.explicit:
            offsets[key.path] = key.offset
        else:
            offsets.setdefault(key.path, key.offset)
    starts = (0, *(match.end() for match in re.finditer("\n", text)))
    return TomlDocument(file, data, offsets, starts)


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        near = nearest(file.name, _neighbours(file))
        advice = f"Did you mean {' or '.join(near)}?" if near else "Give the path of the file, or write it."
        raise _unreadable(file, None, "there is no such file", advice=advice) from error
    except OSError as error:
        raise _unreadable(file, None, f"the file cannot be read: {error.strerror or error}") from error


def _neighbours(file: Path) -> list[str]:
    try:
        return [neighbour.name for neighbour in file.parent.glob("*.toml")]
    except OSError:
        return []


def _decoded(file: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"there is a character that is not in UTF-8: the byte 0x{content[error.start]:02X}"
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            line, what = 1, "the file is in UTF-16, not in UTF-8"
        raise _unreadable(file, line, what, advice="Save it as UTF-8, which editors offer under 'Save as'.") from error
    return text.replace("\r\n", "\n")


def _syntax_error(file: Path, text: str, error: tomllib.TOMLDecodeError) -> ConfigurationError:
    found = _LINE.search(str(error))
    line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
    twice = _written_twice(text, line)
    if twice is not None:
        name, first, second = twice
        what = f"{name} is there twice: first on line {first}, and again here"
        return _unreadable(file, second, what, advice="Rename one of them, or take it out.")
    what = _PLACE.sub("", str(error))
    return _unreadable(file, line, f"this is not TOML: {what}", advice=_syntax_advice(text.split("\n")[line - 1], what))


def _written_twice(text: str, last_line: int) -> tuple[str, int, int] | None:
    """Return the first key that is defined twice, down to the line where reading failed, with both lines."""
    lines: dict[KeyPath, int] = {}
    for path, offset, explicit in find_keys(text):
        line = text.count("\n", 0, offset) + 1
        if line > last_line:
            return None
        if explicit and path in lines:
            return _named(path), lines[path], line
        if explicit:
            lines[path] = line
    return None


def _named(path: KeyPath) -> str:
    match path:
        case ("instruments", str(name)):
            return f"the instrument {name!r}"
        case (str(name),):
            return f"the key {name!r}"
    *table, key = path
    return f"the key {key!r} of [{'.'.join(map(str, table))}]"


def _syntax_advice(line: str, what: str) -> str:
    if "\\" in line and '"' in line:
        return "Between \" and \" a backslash begins an escape; write such text between ' and ' instead: 'C:\\data'."
    if what == "Invalid value":
        return 'Write text in quotation marks ("…"), true and false in small letters, and leave out what has no value.'
    if "{" in line and line.rstrip().endswith(("{", ",")):
        return "A table in { } has to stand on one line; for several lines write it as [instruments.smu.options]."
    return ""


def _unreadable(file: Path, line: int | None, what: str, *, advice: str = "") -> ConfigurationError:
    return _mistake(file, line, what, advice=advice, state="Nothing was opened.")


def _mistake(file: Path, line: int | None, what: str, *, advice: str = "", state: str = "") -> ConfigurationError:
    who = f"{file}:{line}" if line is not None else str(file)
    return ConfigurationError(what, who=who, advice=advice, state=state, file=str(file.absolute()), line=line)
