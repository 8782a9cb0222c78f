"""Secrets that must not be on a tape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from luthier.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MASK", "Masks", "masks"]

MASK: Final = b"***"
"""What stands in the place of a secret; in a message it stands for anything when the tape is replayed."""


class Masks:
    """Replaces what patterns match, and remembers what that was. Made by :func:`masks`."""

    def __init__(self, patterns: tuple[re.Pattern[bytes], ...]) -> None:
        self._patterns = patterns
        self._secrets: set[bytes] = set()

    def __len__(self) -> int:
        """Return the number of patterns."""
        return len(self._patterns)

    def __call__(self, data: bytes) -> bytes:
        """Return `data` with ``***`` in place of each secret."""
        for pattern in self._patterns:
            data = pattern.sub(self._replaced, data)
        return data

    def in_text(self, text: bytes) -> bytes:
        """Return a text about messages, with ``***`` in place of each secret that a pattern has found before, too."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return self(text)

    def finds(self, text: bytes) -> bool:
        """Tell whether a secret that a pattern has found before is in `text`."""
        return any(secret in text for secret in self._secrets)

    def _replaced(self, found: re.Match[bytes]) -> bytes:
        groups = range(1, found.re.groups + 1) if found.re.groups else (0,)
        whole, start = bytearray(), found.start()
        for begin, end in sorted(found.span(group) for group in groups):
            if begin >= start and end > begin:  # it took part, and lies in no other group
                whole += found.string[start:begin] + MASK
                self._secrets.add(found.string[begin:end])
                start = end
        return bytes(whole + found.string[start : found.end()])


def masks(patterns: Iterable[str]) -> Masks:
    r"""Return what replaces the secrets that regular expressions find.

    Where an expression has groups, only what is in the groups is replaced, otherwise all that it matches.

    >>> masks(['PASSword "(.*)"'])(b'SYST:PASS 1;PASSword "sesame"')
    b'SYST:PASS 1;PASSword "***"'

    Raises
    ------
    UsageError
        A pattern is no regular expression.
    """
    made: list[re.Pattern[bytes]] = []
    for pattern in patterns:
        try:
            made.append(re.compile(pattern.encode("latin-1", "replace")))
        except re.error as error:
            raise UsageError(
                f"the mask {pattern!r} is no regular expression: {error}", state="Nothing was recorded."
            ) from error
    return Masks(tuple(made))
