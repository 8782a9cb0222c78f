r"""Bytes as text on one line, and back.

Printable ASCII stands for itself; everything else is written as ``\n``, ``\r``, ``\t``, ``\\`` or ``\x1b``. Where that
would be unreadable, as with blocks of binary data, the bytes are written in base64 behind ``base64:``.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Final

__all__ = ["as_bytes", "as_line"]

_BASE64: Final = "base64:"
_FEW: Final = 16  # bytes that are not printable, and are written as escapes however short the message is
_NAMED: Final = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_MEANING: Final = {written: meant for meant, written in _NAMED.items()}
_SPECIAL: Final = re.compile(r"[^ -\[\]-~]")
_ESCAPE: Final = re.compile(r"\\(?:x[0-9a-fA-F]{2}|.|\Z)", re.DOTALL)


def as_line(data: bytes) -> str:
    r"""Return `data` as printable ASCII on one line, without space at its end.

    >>> as_line(b"IDN\r"), as_line(bytes(range(128, 148)))
    ('IDN\\r', 'base64:gIGCg4SFhoeIiYqLjI2Oj5CRkpM=')
    """
    text = data.decode("latin-1")
    if len(_SPECIAL.findall(text)) > max(_FEW, len(text) // 4):
        return _BASE64 + b64encode(data).decode("ascii")
    line = _SPECIAL.sub(lambda found: _NAMED.get(found[0]) or f"\\x{ord(found[0]):02x}", text)
    if line.startswith(_BASE64):
        line = r"\x62" + line[1:]
    return line[:-1] + r"\x20" if line.endswith(" ") else line


def as_bytes(line: str) -> bytes:
    r"""Return the bytes that :func:`as_line` wrote; characters up to U+00FF may stand for themselves.

    >>> as_bytes(r"IDN\r"), as_bytes("base64:gIE=")
    (b'IDN\r', b'\x80\x81')

    Raises
    ------
    ValueError
        An escape or a character means nothing, or the base64 is damaged.
    """
    if line.startswith(_BASE64):
        return b64decode(line.removeprefix(_BASE64), validate=True)
    return _ESCAPE.sub(_meant, line).encode("latin-1")


def _meant(found: re.Match[str]) -> str:
    if found[0] in _MEANING:
        return _MEANING[found[0]]
    if len(found[0]) == len(r"\x00"):
        return chr(int(found[0].removeprefix(r"\x"), base=16))
    raise ValueError(rf"{found[0]} is no escape: allowed are \n, \r, \t, \\ and \x1b")
