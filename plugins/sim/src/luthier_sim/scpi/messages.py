"""Program messages: where one ends, and what is in it (IEEE 488.2-1992, 7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

import attrs

from luthier_sim.scpi.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Datum", "Form", "Unit", "find_end", "units_of"]

Form = Literal["number", "word", "string", "block", "expression"]
"""Which of the standard's kinds of program data something is; ``number`` is decimal or ``#H1F``."""

_MESSAGE_PART: Final = re.compile(rb"""[\n#"']""")
_BLOCK_START: Final = re.compile(rb"#(?:0|([1-9]))")
_SPACE: Final = re.compile(r"[\x00-\x09\x0b-\x20]*+")
_HEADER: Final = re.compile(r"(\*[A-Za-z]\w*+|:?[A-Za-z]\w*+(?::[A-Za-z]\w*+)*+)(\?)?", re.ASCII)
_NUMBER: Final = re.compile(
    r"([+-]?(?:\d++\.?\d*+|\.\d++)(?:[ \t]*+[eE][ \t]*+[+-]?\d++)?)[ \t]*+([/A-Za-z][\w/.^-]*+)?", re.ASCII
)
_RADIX: Final = re.compile(r"#(?:[hH]([\dA-Fa-f]++)|[qQ]([0-7]++)|[bB]([01]++))")
_WORD: Final = re.compile(r"[A-Za-z][\w:]*+", re.ASCII)
_STRING: Final = re.compile(""""((?:[^"\n]|"")*+)"|'((?:[^'\n]|'')*+)'""")
_EXPRESSION: Final = re.compile(r"""\([^()"';\n]*+\)""")
_LEGAL: Final = re.compile(r"[\x09\x20-\x7e]")
_MOST_DIGITS: Final = 255
_LARGEST_EXPONENT: Final = 32_000


@attrs.frozen
class Datum:
    """One element of program data.

    Attributes
    ----------
    form
        Its kind.
    text
        As it was written; of a string and an expression what is inside the quotes or brackets; of a block the bytes,
        one character each.
    suffix
        The unit after a number, in capitals; empty where there is none.
    """

    form: Form
    text: str
    suffix: str = ""


@attrs.frozen
class Unit:
    """One command or question: the header without its question mark, and its data."""

    header: str
    is_query: bool
    data: tuple[Datum, ...]


def find_end(buffer: bytearray, *, ended: bool) -> tuple[int, int] | None:
    """Return where the first message in `buffer` ends, and where the next one begins; ``None``: it goes on.

    A message ends at a line feed outside of a block of definite length, and where the interface says so.
    """
    place = 0
    while True:
        found = _MESSAGE_PART.search(buffer, place)
        if found is None:
            return (len(buffer), len(buffer)) if ended and buffer else None
        place = found.end()
        sign = found[0]
        if sign == b"\n":
            return found.start(), place
        if sign in b"\"'":
            place = _after_string(buffer, place, sign)
            continue
        past = _after_block(buffer, found.start())
        if past is not None:
            place = past


def _after_string(buffer: bytearray, place: int, quote: bytes) -> int:
    """Return where a string ends that begins before `place`; a line feed ends it, and the message, in any case."""
    end, line = buffer.find(quote, place), buffer.find(b"\n", place)
    if end < 0:
        return line if line >= 0 else len(buffer)
    return end + 1 if line < 0 or end < line else line


def _after_block(buffer: bytearray, place: int) -> int | None:
    start = _BLOCK_START.match(buffer, place)
    if start is None or start[1] is None:
        return None  # no block, or one that the end of the message ends
    digits = buffer[start.end() : start.end() + int(start[1])]
    if len(digits) < int(start[1]) and b"\n" not in digits:
        return len(buffer)
    return start.end() + len(digits) + int(digits) if digits.isdigit() else None


def units_of(message: bytes) -> Iterator[Unit]:
    """Yield the commands and questions of a message.

    Raises
    ------
    Refusal
        What follows those that were yielded is not written by the rules.
    """
    text = message.decode("latin-1")
    place = _spaces(text, 0)
    while place < len(text):
        if text[place] == ";":
            place = _spaces(text, place + 1)
            continue
        header = _HEADER.match(text, place)
        if header is None:
            raise Refusal(-102 if _LEGAL.match(text, place) else -101)
        after = _spaces(text, header.end())
        data: tuple[Datum, ...] = ()
        if after < len(text) and text[after] != ";":
            if after == header.end():
                raise Refusal(-111 if _LEGAL.match(text, after) else -101)
            data, after = _data(text, after)
        yield Unit(header[1], header[2] is not None, data)
        place = _spaces(text, after + 1) if after < len(text) else after


def _data(text: str, place: int) -> tuple[tuple[Datum, ...], int]:
    """Read elements that are separated by commas, up to a semicolon or the end."""
    found: list[Datum] = []
    while True:
        datum, place = _datum(text, _spaces(text, place))
        found.append(datum)
        place = _spaces(text, place)
        if place >= len(text) or text[place] == ";":
            return tuple(found), place
        if text[place] != ",":
            raise Refusal(_after(datum, text, place))
        place += 1


def _after(datum: Datum, text: str, place: int) -> int:
    if not _LEGAL.match(text, place):
        return -101
    return -121 if datum.form == "number" and not text[place - 1].isspace() else -103


def _datum(text: str, place: int) -> tuple[Datum, int]:
    sign = text[place : place + 1]
    if sign == "#":
        return _sharp(text, place)
    if sign in "\"'" and sign:
        if (string := _STRING.match(text, place)) is None:
            raise Refusal(-151)
        inside = string[1] if string[1] is not None else string[2]
        return Datum("string", inside.replace(sign * 2, sign)), string.end()
    if sign == "(":
        if (expression := _EXPRESSION.match(text, place)) is None:
            raise Refusal(-171)
        return Datum("expression", expression[0][1:-1].strip()), expression.end()
    if number := _NUMBER.match(text, place):
        return _number(number), number.end()
    if word := _WORD.match(text, place):
        return Datum("word", word[0].upper()), word.end()
    if sign in "+-." and sign:
        raise Refusal(-121)
    raise Refusal(-102 if not sign or _LEGAL.match(sign) else -101)


def _number(found: re.Match[str]) -> Datum:
    text = "".join(found[1].split())
    mantissa, _, exponent = text.upper().partition("E")
    if len(mantissa.lstrip("+-0.")) > _MOST_DIGITS:
        raise Refusal(-124)
    if exponent and (len(exponent) > len("-32000") + _MOST_DIGITS or abs(int(exponent)) > _LARGEST_EXPONENT):
        raise Refusal(-123)
    return Datum("number", text, (found[2] or "").upper())


def _sharp(text: str, place: int) -> tuple[Datum, int]:
    if radix := _RADIX.match(text, place):
        base = next(base for base, digits in zip((16, 8, 2), radix.groups(), strict=True) if digits)
        digits = next(filter(None, radix.groups()))
        if len(digits) > _MOST_DIGITS:
            raise Refusal(-124)
        return Datum("number", str(int(digits, base))), radix.end()
    count = text[place + 1 : place + 2]
    if count == "0":
        return Datum("block", text[place + 2 :]), len(text)
    if not (count.isascii() and count.isdigit()):
        raise Refusal(-121 if count.upper() in ("H", "Q", "B") and count else -161)
    begin = place + 2 + int(count)
    length = text[place + 2 : begin]
    if len(length) < int(count) or not (length.isascii() and length.isdigit()) or begin + int(length) > len(text):
        raise Refusal(-161)
    return Datum("block", text[begin : begin + int(length)]), begin + int(length)


def _spaces(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
