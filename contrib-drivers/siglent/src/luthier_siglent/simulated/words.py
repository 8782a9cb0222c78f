"""Words of Siglent's: such as read like numbers, and such as are answered in small letters."""

from __future__ import annotations

from typing import Any

from luthier_sim import Refusal

__all__ = ["Words"]


class Words:
    """One of several words, in their short or long form: ``20M``, ``RISing``; the value is the word as it is here."""

    optional = False
    rest = False

    def __init__(self, *words: str) -> None:
        self._words = {word.upper(): word for word in words}
        self._words |= {"".join(letter for letter in word if not letter.islower()): word for word in words}

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> str:  # noqa: ARG002 - what all kinds are given
        """Return the word."""
        text = (datum.text + (datum.suffix if datum.form == "number" else "")).upper()
        if text not in self._words:
            raise Refusal(-224)
        return self._words[text]

    def write(self, value: str) -> str:
        """Return the word."""
        return value
