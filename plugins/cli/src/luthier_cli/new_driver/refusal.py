"""What the user gave, and cannot be taken."""

from __future__ import annotations

__all__ = ["RefusedError"]


class RefusedError(Exception):
    """One answer cannot be taken.

    Attributes
    ----------
    answer
        Which: ``maker``, ``model``, ``author``, or the name of an option.
    """

    def __init__(self, answer: str, reason: str) -> None:
        super().__init__(reason)
        self.answer = answer
