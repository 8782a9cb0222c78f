"""Words of Siglent's that read like numbers."""

from __future__ import annotations

from typing import Any

from luthier_sim import Refusal

__all__ = ["Words"]


class Words:
    """One of several words of which some begin with digits: ``20M``, ``14k``, ``FULL``; the value is the word."""

    optional = False
    rest = False

    def __init__(self, *words: str) -> None:
        self._words = {word.upper(): word for word in words}

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> str:  # noqa: ARG002 - what all kinds are given
        """Return the word."""
        text = (datum.text + (datum.suffix if datum.form == "number" else "")).upper()
        if text not in self._words:
            raise Refusal(-224)
        return self._words[text]

    def write(self, value: str) -> str:
        """Return the word."""
        return value
