"""Lists of SCPI commands: lines of text, CSV, or TOML."""

from __future__ import annotations

import csv
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

from luthier import ScpiInstrument

from luthier_cli.new_driver.free_text import in_docstring
from luthier_cli.new_driver.refusal import RefusedError
from luthier_cli.new_driver.scpi_fields import COLUMNS, command_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luthier_cli.new_driver.scpi_commands import ScpiCommand

__all__ = ["is_common", "read_scpi_list", "text_of"]

_LARGEST: Final = 1 << 24
"""Bytes."""
_MOST: Final = 500
_LINE: Final = re.compile(r"(?:(?P<name>[A-Za-z_]\w*)\s*=\s*)?(?P<command>\S+)(?P<rest>.*)")
_KINDS: Final = frozenset({"float", "int", "bool", "text"})
_COMMON: Final = re.compile(r"\*|:?SYST(em)?:(ERR|VERS)|:?STAT(us)?:", re.IGNORECASE)
"""What every SCPI instrument has, and Luthier knows."""


def read_scpi_list(file: Path) -> tuple[tuple[ScpiCommand, ...], int]:
    """Read a list of commands; its suffix says how it is written: ``.csv``, ``.toml``, or else lines.

    Returns
    -------
    tuple
        The commands, and how many were left out because every SCPI instrument has them.

    Raises
    ------
    RefusedError
        The file, with the line, and what is wrong.
    """
    text = text_of(file, "from-scpi")
    read = {".csv": _csv_rows, ".toml": _toml_tables}.get(file.suffix.lower(), _lines)
    found: list[ScpiCommand] = []
    common = 0
    seen: dict[str, str] = {}
    for where, fields in read(text, file):
        if is_common(str(fields.get("command", ""))):
            common += 1
            continue
        try:
            command = command_of(fields)
        except ValueError as error:
            raise RefusedError("from-scpi", f"{file}, {where}: {error}") from error
        if hasattr(ScpiInstrument, command.name):
            raise RefusedError(
                "from-scpi", f"{file}, {where}: every instrument has {command.name!r} already; give it another name"
            )
        for key in (command.name, command.message):
            if key in seen:
                raise RefusedError("from-scpi", f"{file}, {where}: {key!r} is in {seen[key]} already")
            seen[key] = where
        found.append(command)
    if not found:
        raise RefusedError(
            "from-scpi", f"{file} has no commands. A line is for example: SOURce:VOLTage V 0..10 # Level"
        )
    if len(found) > _MOST:
        raise RefusedError("from-scpi", f"{file} has {len(found)} commands; at most {_MOST} can be taken at once")
    return tuple(found), common


def is_common(command: str) -> bool:
    """Tell whether every SCPI instrument has a command, so that nothing has to be said of it."""
    return _COMMON.match(command) is not None


def text_of(file: Path, answer: str) -> str:
    """Return the text of a file that the user gave.

    Raises :class:`RefusedError` for `answer` where it is very large, or no text.
    """
    if file.stat().st_size > _LARGEST:
        raise RefusedError(answer, f"{file} is larger than {_LARGEST >> 10} KiB")
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(answer, f"{file} is no text in UTF-8: {error}") from error


def _lines(text: str, file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        content, _, doc = line.partition("#")
        if not content.strip():
            continue
        found = _LINE.fullmatch(content.strip())
        if found is None:
            raise RefusedError("from-scpi", f"{file}, line {number}: {content.strip()!r} is not understood")
        try:
            rest = _words(found["rest"].split())
        except ValueError as error:
            raise RefusedError("from-scpi", f"{file}, line {number}: {error}") from error
        name = {"name": found["name"]} if found["name"] else {}
        yield f"line {number}", {"command": found["command"], **name, **rest, "doc": in_docstring(doc.strip())}


def _words(words: list[str]) -> dict[str, Any]:
    """Return what the words after a command say: a range, a type, choices, a unit."""
    found: dict[str, Any] = {}
    for word in words:
        if ".." in word:
            low, _, high = word.partition("..")
            found |= {"minimum": low} if low else {}
            found |= {"maximum": high} if high else {}
        elif word in _KINDS:
            found["type"] = word
        elif word == "write-only":
            found["access"] = "write"
        elif "|" in word:
            found["choices"] = word
        elif "unit" not in found:
            found["unit"] = word
        else:
            raise ValueError(
                f"{word!r} is not understood; after a command may stand a unit, a range (0..10), float, int, bool, "
                "text, write-only, choices (VOLTage|CURRent), and after # what it is"
            )
    return found


def _csv_rows(text: str, file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        delimiter = ";" if ";" in text.partition("\n")[0] else ","
        rows = csv.DictReader(text.splitlines(), delimiter=delimiter, strict=True)
        unknown = {(name or "").strip().lower() for name in rows.fieldnames or ()} - set(COLUMNS)
        if unknown or not rows.fieldnames:
            raise RefusedError(
                "from-scpi",
                f"{file}, line 1: there is no column {min(unknown, default='')!r}; allowed are {', '.join(COLUMNS)}",
            )
        for row in rows:
            if None in row or None in row.values():
                raise RefusedError("from-scpi", f"{file}, line {rows.line_num}: it has not as many cells as line 1")
            cells = {key.strip().lower(): value.strip() for key, value in row.items() if value.strip()}
            if cells:
                yield f"line {rows.line_num}", cells
    except csv.Error as error:
        raise RefusedError("from-scpi", f"{file}: it is no CSV: {error}") from error


def _toml_tables(text: str, file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        document = tomllib.loads(text)
    except ValueError as error:
        raise RefusedError("from-scpi", f"{file}: it is no TOML: {error}") from error
    for name, table in document.items():
        if not isinstance(table, dict) or (unknown := table.keys() - set(COLUMNS)):
            what = f"the key {min(unknown)!r} is not known" if isinstance(table, dict) else "it is no table"
            raise RefusedError("from-scpi", f"{file}, [{name}]: {what}; allowed are {', '.join(COLUMNS)}")
        yield f"[{name}]", {"name": name, **table}
