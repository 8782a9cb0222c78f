"""Tapes as files: how they are written down, and how they are read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from luthier.errors import ConfigurationError

from luthier_sim.tapes.escapes import as_bytes, as_line
from luthier_sim.tapes.tape import Entry, Mark, Tape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Never

__all__ = ["HEAD", "head_lines", "line_of", "parse_tape", "read_tape", "write_tape"]

HEAD: Final = "luthier tape 1"
"""The first line of a tape; the number is that of the format."""

_HEADS: Final = re.compile(r"luthier tape (\d+)")
_FACT: Final = re.compile(r"([a-z][a-z_]*):(?: (.*))?")
_LINE: Final = re.compile(r"(?:(?P<time>\d+(?:\.\d*)?)\s+)?(?P<mark>>|<\+|<|!|\*|=)(?: (?P<content>.*))?")
_FAULTS: Final = ("timeout", "lost", "out-of-step", "failed")
_EVENTS: Final = ("opened", "clear", "close", "interrupted")
_PARAMETER: Final = re.compile(r"(\S+) (set|read) (.+)")


def line_of(entry: Entry) -> str:
    r"""Return the line of a tape for an entry, with its line feed.

    >>> line_of(Entry(Mark.SENT, b"*IDN?", 0.25))
    '0.250000 > *IDN?\n'
    """
    time = "" if entry.time is None else f"{entry.time:.6f} "
    content = as_line(entry.content)
    return f"{time}{entry.mark.value} {content}".rstrip() + "\n"


def head_lines(facts: Mapping[str, str]) -> str:
    """Return the head of a tape."""
    lines = [HEAD, *(f"{key}: {as_line(value.encode('latin-1', 'replace'))}" for key, value in facts.items())]
    return "\n".join(lines) + "\n\n"


def write_tape(tape: Tape, file: str | Path) -> None:
    """Write a tape into a new file.

    Raises
    ------
    FileExistsError
        There is such a file; it is left as it is.
    OSError
        It cannot be written.
    """
    with Path(file).open("x", encoding="ascii", newline="\n") as place:
        place.write(head_lines(tape.facts))
        place.writelines(map(line_of, tape.entries))


def read_tape(file: str | Path) -> Tape:
    """Read a tape from a file.

    Raises
    ------
    ConfigurationError
        The file cannot be read, is no tape, or a line means nothing; with ``file`` and ``line``.
    """
    place = Path(file)
    try:
        text = place.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"the tape cannot be read: {error.strerror or error}", who=str(file), file=str(place), line=None
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"this is no tape: it is not text ({error.reason} at byte {error.start})",
            who=str(file),
            advice=f"A tape is a text file that begins with {HEAD!r}.",
            file=str(place),
            line=None,
        ) from error
    return parse_tape(text, str(place))


def parse_tape(text: str, file: str = "tape") -> Tape:
    r"""Read a tape from its text.

    The head may be missing: lines alone, as :func:`luthier.testing.wire.script` takes them, are a tape too.

    >>> [(exchange.text, exchange.replies) for exchange in parse_tape("> *IDN?\n< ACME,100,7,1.0").exchanges]
    [('*IDN?', (b'ACME,100,7,1.0',))]

    Raises
    ------
    ConfigurationError
        A line means nothing; with ``file`` and ``line``.
    """
    lines = text.split("\n")
    facts: dict[str, str] = {}
    start = _read_head(lines, facts, file)
    entries: list[Entry] = []
    for number, line in enumerate(lines[start:], start=start + 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        entries.append(_entry(stripped, file, number))
    return Tape(facts, tuple(entries))


def _read_head(lines: list[str], facts: dict[str, str], file: str) -> int:
    """Read the head, if there is one, into `facts`; return the index of the first line after it."""
    head = _HEADS.fullmatch(lines[0].strip())
    if head is None:
        return 0
    if head[0] != HEAD:
        _refuse(file, 1, f"this tape has the format {head[1]}, and this version of Luthier reads format 1", "")
    for index, line in enumerate(lines[1:], start=1):
        if not line.strip():
            return index
        fact = _FACT.fullmatch(line.strip())
        if fact is None:
            _refuse(
                file,
                index + 1,
                f"{line.strip()!r} does not belong into the head",
                "After the head comes an empty line.",
            )
        facts[fact[1]] = _content(fact[2] or "", file, index + 1).decode("latin-1")
    return len(lines)


def _entry(line: str, file: str, number: int) -> Entry:
    found = _LINE.fullmatch(line)
    if found is None:
        _refuse(
            file,
            number,
            f"{line[:60]!r} is no line of a tape",
            "Allowed are '> message', '< reply', '<+ part of a reply', '! timeout', '* event', '= parameter', with "
            "or without a time in seconds before it, and '# comment'.",
        )
    mark = Mark(found["mark"])
    content = _content(found["content"] or "", file, number)
    _check(mark, content.decode("latin-1"), file, number)
    return Entry(mark, content, None if found["time"] is None else float(found["time"]), number)


def _check(mark: Mark, text: str, file: str, number: int) -> None:
    word = text.partition(" ")[0]
    if mark is Mark.FAULT and word not in _FAULTS:
        _refuse(file, number, f"{word!r} is no fault of a connection", f"Allowed are {', '.join(_FAULTS)}.")
    if mark is Mark.EVENT and word not in _EVENTS:
        _refuse(file, number, f"{word!r} is no event of a connection", f"Allowed are {', '.join(_EVENTS)}.")
    if mark is Mark.PARAMETER:
        found = _PARAMETER.fullmatch(text)
        try:
            json.loads(found[3] if found else "")
        except ValueError:
            _refuse(file, number, f"{text[:60]!r} says nothing of a parameter", "Write 'voltage set 1.5', for example.")


def _content(text: str, file: str, number: int) -> bytes:
    try:
        return as_bytes(text)
    except ValueError as error:
        _refuse(file, number, str(error), "")


def _refuse(file: str, line: int, what: str, advice: str) -> Never:
    raise ConfigurationError(what, who=f"{file}:{line}", advice=advice, file=file, line=line) from None
