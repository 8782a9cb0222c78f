"""Quoted strings and mnemonics.

Sent as *string program data* (IEEE 488.2-1992, 7.7.5); read as *string response data* (8.7.8) and *character response
data* (8.7.1). Every function is pure and safe to call from any thread.
"""

from __future__ import annotations

import re

from luthier.errors import ReplyError, ValidationError

__all__ = ["format_string", "mnemonic_matches", "parse_string", "parse_strings"]

_EXPECTED = 'text in quotes, such as "VOLT:DC", or without any'
_EXPECTED_LIST = 'texts separated by commas, such as "VOLT:DC","CURR:DC"'
_QUOTED = """"[^"]*+(?:""[^"]*+)*+"|'[^']*+(?:''[^']*+)*+'"""  # a quote inside is doubled
_STRING = re.compile(_QUOTED)
# One item of a list, quoted or bare, then a comma or the end. Nothing backtracks, however long the reply.
_ITEM = re.compile(rf"""\s*+({_QUOTED}|[^,"']*+)\s*+(,|\Z)""")
_LOWER_CASE = re.compile("[a-z]")


def format_string(text: str) -> str:
    r"""Return ``text`` in double quotes, with the quotes inside doubled.

    Raises
    ------
    ValidationError
        ``text`` holds a line feed, a carriage return or a zero byte: these end a message on most connections.

    Examples
    --------
    >>> print(format_string('a "good" name'))
    "a ""good"" name"
    """
    if any(end in text for end in "\n\r\0"):
        raise ValidationError(
            f"cannot send {text!r}: it holds a line feed, a carriage return or a zero byte, which end a message",
            state="Nothing was sent.",
            value=text,
            allowed="text of one line",
        )
    return '"' + text.replace('"', '""') + '"'


def parse_string(text: str) -> str:
    """Return the text inside the quotes, double or single, of a reply; a reply without quotes is returned stripped.

    Raises :class:`~luthier.errors.ReplyError` where quotes do not pair.

    >>> parse_string('"VOLT:DC"'), parse_string("'it''s'"), parse_string("VOLT")
    ('VOLT:DC', "it's", 'VOLT')
    """
    stripped = text.strip()
    if _STRING.fullmatch(stripped):
        return _unquoted(stripped)
    if '"' in stripped or stripped.startswith("'"):
        raise _not_understood(text, _EXPECTED)
    return stripped


def parse_strings(text: str) -> list[str]:
    """Return the texts of a comma-separated reply; commas inside quotes do not separate; ``[]`` for an empty reply.

    Raises :class:`~luthier.errors.ReplyError` where quotes do not pair.

    >>> parse_strings('"A, B","C",DEF')
    ['A, B', 'C', 'DEF']
    """
    if not text.strip():
        return []
    return [_unquoted(item) for item in _split(text)]


def mnemonic_matches(pattern: str, text: str) -> bool:
    """Return whether ``text`` is the short or the long form of a mnemonic, in any case.

    ``pattern`` is written as manuals do: capitals are the short form, everything is the long form. Nothing in between
    is accepted (SCPI-1999 volume 1, 6.2.1). Parts separated by colons are compared one by one.

    >>> [mnemonic_matches("VOLTage:DC", text) for text in ("volt:dc", "VOLTAGE:DC", "VOLTA:DC", "VOLT")]
    [True, True, False, False]
    """
    patterns = pattern.split(":")
    texts = text.strip().upper().split(":")
    return len(patterns) == len(texts) and all(
        word in (node.upper(), _LOWER_CASE.sub("", node)) for node, word in zip(patterns, texts, strict=True)
    )


def _split(text: str) -> list[str]:
    items: list[str] = []
    position = 0
    while True:
        item = _ITEM.match(text, position)
        if item is None:
            raise _not_understood(text, _EXPECTED_LIST)
        items.append(item[1])
        if not item[2]:
            return items
        position = item.end()


def _unquoted(item: str) -> str:
    quote = item[:1]
    return item[1:-1].replace(quote * 2, quote) if quote in {'"', "'"} else item.strip()


def _not_understood(text: str, expected: str) -> ReplyError:
    return ReplyError(
        f"the quotes in the reply {text!r} do not pair; expected is {expected}",
        command="",
        reply=text,
        expected=expected,
    )
