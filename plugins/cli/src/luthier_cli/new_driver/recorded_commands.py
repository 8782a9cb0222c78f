"""The commands in recorded traffic: a tape, as ``luthier record`` writes it, or lines ``> message`` and ``< reply``.

What was set and asked gives parameters with their types, and the replies what the simulated instrument begins with.
Units and limits cannot be seen in traffic.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs
from luthier import ScpiInstrument
from luthier.errors import ReplyError
from luthier.scpi import Identity, parse_identity, parse_string

from luthier_cli.new_driver.refusal import RefusedError
from luthier_cli.new_driver.scpi_commands import ScpiCommand, is_header
from luthier_cli.new_driver.scpi_list import is_common, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from luthier_cli.new_driver.scpi_commands import Access, ValueKind

__all__ = ["Recorded", "read_recording"]

_HEAD: Final = "luthier tape "
_LINE: Final = re.compile(r"(?:\d+(?:\.\d*)?\s+)?(?P<mark>>|<\+|<|!|\*|=)(?: (?P<content>.*))?")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_WHOLE: Final = re.compile(r"[+-]?\d{1,9}")
_WORD: Final = re.compile(r"[A-Z][A-Z_]{0,11}\d?")
_SWITCH: Final = frozenset({"0", "1", "ON", "OFF"})
_LONGEST_NAME: Final = 40
_LONGEST_MNEMONIC: Final = 12


@attrs.frozen
class Recorded:
    """What is in a recording.

    Attributes
    ----------
    commands
        What a driver can begin with.
    identity
        What the instrument answered to ``*IDN?``; ``None`` where it was not asked.
    left_out
        Messages of which nothing was made, as they were sent.
    """

    commands: tuple[ScpiCommand, ...]
    identity: Identity | None
    left_out: tuple[str, ...]


@attrs.define
class _Seen:
    """What was sent and answered with one header."""

    values: list[str] = attrs.field(factory=list)
    replies: list[str] = attrs.field(factory=list)
    asked: bool = False


def read_recording(file: Path) -> Recorded:
    """Read a recording.

    Raises
    ------
    RefusedError
        The file, with the line, and what is wrong; or there is nothing in it that a driver could begin with.
    """
    seen: dict[str, _Seen] = {}
    left_out: dict[str, None] = {}
    identity: Identity | None = None
    for message, replies in _exchanges(file):
        if message.upper() == "*IDN?" and replies:
            identity = _identity(replies[0]) or identity
        elif not is_common(message) and not _note(message, replies, seen):
            left_out[message] = None
    commands = []
    for header, one in seen.items():
        command = _command(header, one)
        if command is None:
            left_out[f"{header}?" if one.asked else header] = None
        else:
            commands.append(command)
    if not commands:
        raise RefusedError(
            "from-recording",
            f"{file} has no settings and readings as SCPI has them. Lines are for example: > VOLT 1.5, > CURR?, < 0.2",
        )
    return Recorded(tuple(commands), identity, tuple(left_out))


def _exchanges(file: Path) -> Iterable[tuple[str, list[str]]]:
    lines = text_of(file, "from-recording").splitlines()
    begin = 0
    if lines and lines[0].startswith(_HEAD):
        if lines[0].strip() != f"{_HEAD}1":
            raise RefusedError(
                "from-recording", f"{file} is {lines[0].strip()!r}; this version of Luthier reads format 1"
            )
        begin = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    found: list[tuple[str, list[str]]] = []
    for number, line in enumerate(lines[begin:], begin + 1):
        if not line.strip() or line.strip().startswith("#"):
            continue
        entry = _LINE.fullmatch(line.strip())
        if entry is None or (entry["mark"] in {"<", "<+"} and not found):
            raise RefusedError(
                "from-recording",
                f"{file}, line {number}: {line.strip()[:60]!r} is no line of a recording; they are '> message', "
                "then '< reply'",
            )
        if entry["mark"] == ">":
            found.append(((entry["content"] or "").strip(), []))
        elif entry["mark"] in {"<", "<+"}:
            found[-1][1].append(entry["content"] or "")
    return found


def _identity(reply: str) -> Identity | None:
    try:
        return parse_identity(reply)
    except ReplyError:
        return None


def _note(message: str, replies: list[str], seen: dict[str, _Seen]) -> bool:
    """Note an exchange; tell whether it is a plain setting or reading."""
    header, _, value = message.removeprefix(":").partition(" ")
    asks = header.endswith("?")
    header, value = header.removesuffix("?").upper(), value.strip()
    long = any(len(node.rstrip("0123456789")) > _LONGEST_MNEMONIC for node in header.split(":"))
    name_fits = len(header) <= _LONGEST_NAME and not hasattr(ScpiInstrument, _name(header))
    if not is_header(header) or long or not name_fits or re.search(r"[;,\\]", message) or asks == bool(value):
        return False
    one = seen.setdefault(header, _Seen())
    if asks:
        one.asked = True
        one.replies += [reply.strip() for reply in replies[:1]]
    else:
        one.values.append(value)
    return True


def _name(header: str) -> str:
    return "_".join(re.findall(r"\w+", header)).lower()


def _command(header: str, seen: _Seen) -> ScpiCommand | None:
    texts = [*seen.values, *seen.replies]
    kind = _kind(texts, settable=bool(seen.values))
    if kind is None:
        return None
    access: Access = "both" if seen.values and seen.asked else "write" if seen.values else "read"
    choices = tuple(dict.fromkeys(texts)) if kind == "choice" else ()
    first = (seen.replies or seen.values)[0]
    return ScpiCommand(
        _name(header),
        header,
        access,
        kind,
        choices=choices,
        doc=f"{header}; seen: {', '.join(dict.fromkeys(texts))[:60]}.".replace('"', "'"),
        initial=_initial(first, kind, settable=bool(seen.values)),
    )


def _kind(texts: list[str], *, settable: bool) -> ValueKind | None:
    kinds: list[tuple[ValueKind, bool]] = [
        ("bool", settable and _SWITCH.issuperset(texts)),
        ("int", all(_WHOLE.fullmatch(text) for text in texts)),
        ("float", all(_NUMBER.fullmatch(text) for text in texts)),
        ("choice", settable and all(_WORD.fullmatch(text) for text in texts)),
        ("text", all(_is_quoted(text) for text in texts)),
    ]
    return next((kind for kind, fits in kinds if texts and fits), None)


def _is_quoted(text: str) -> bool:
    # What is in it goes into the source of the simulator, between single quotes.
    return re.fullmatch(r'"[ !#-&(-\[\]-~]*"', text) is not None


def _initial(text: str, kind: ValueKind, *, settable: bool) -> str:
    """Return what the simulated instrument begins with, as Python code."""
    if kind == "bool":
        return str(text in {"1", "ON"})
    if kind in {"int", "float"}:
        return str(int(text)) if kind == "int" else repr(float(text))
    if kind == "choice":
        return f'"{text}"'
    return f'"{parse_string(text)}"' if settable else f"'{text}'"
