"""What people type, checked, and written so that it means the same in TOML, Python, Markdown and docstrings."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from luthier_cli.new_driver.refusal import RefusedError

__all__ = ["ascii_of", "checked_text", "in_docstring", "in_markdown", "literal"]

_LETTERS: Final = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "µ": "u", "μ": "u", "Ω": "Ohm"}
    | {"\N{OHM SIGN}": "Ohm", "\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)
"""Letters that are no Latin letter with an accent, and how they are written without them."""

_TEMPLATE: Final = re.compile(r"\{[{%#]|[}%#]\}")


def checked_text(text: str, answer: str, longest: int) -> str:
    """Return a text without white space around it, and with one space for several.

    Raises :class:`RefusedError` where it is empty, too long, holds what cannot be seen, or the marks of templates.

    >>> checked_text("  R&S ", "maker", 60)
    'R&S'
    """
    found = re.sub(" +", " ", unicodedata.normalize("NFC", text)).strip()
    if not found:
        raise RefusedError(answer, "it is empty")
    if len(found) > longest:
        raise RefusedError(answer, f"it has {len(found)} characters; allowed are {longest}. Use a shorter form")
    for character in found:
        if not character.isprintable():
            what = unicodedata.name(character, f"the character {ord(character):#06x}")
            raise RefusedError(answer, f"it holds {what}, which cannot be seen. Type it by hand")
    if mark := _TEMPLATE.search(found):
        raise RefusedError(answer, f"it holds {mark[0]!r}, which means something to templates. Leave it out")
    return found


def ascii_of(text: str) -> str:
    """Write a text in ASCII: letters lose their accents, what has no such form is left out.

    >>> ascii_of("Ü-Tek Messtechnik Straße µ1")
    'U-Tek Messtechnik Strasse u1'
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS)).translate(_LETTERS)
    return plain.encode("ascii", "ignore").decode()


def literal(text: str) -> str:
    r"""Write a text as a string that TOML and Python read alike.

    >>> print(literal('12" \\ rack'))
    "12\" \\ rack"
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def in_docstring(text: str) -> str:
    r"""Write a text so that it can stand in a docstring and in a comment.

    >>> in_docstring('12" rack\\shelf')
    "12' rack/shelf"
    """
    return text.replace("\\", "/").replace('"', "'")


def in_markdown(text: str) -> str:
    r"""Write a text so that Markdown shows it as it is.

    >>> print(in_markdown("A*B|C"))
    A\*B\|C
    """
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)
