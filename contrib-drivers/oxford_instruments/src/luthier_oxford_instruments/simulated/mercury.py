"""What the simulated Mercury instruments have in common: ``READ`` and ``SET`` with their answers and refusals.

Unlike the instrument: one noun in a message, not several; no legacy commands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from luthier_sim import Device

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MercuryDevice", "number"]

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def number(text: str, low: float, high: float) -> float | None:
    """Return a number within limits; ``None``: it is none, or beyond them."""
    if not _NUMBER.fullmatch(text) or not low <= float(text) <= high:
        return None
    return float(text)


class MercuryDevice(Device):
    """A Mercury instrument.

    Attributes
    ----------
    model
        As ``*IDN?`` says it.
    boards
        Kind of each board, by its identifier.
    """

    model = ""
    boards: ClassVar[Mapping[str, str]] = {}

    def respond(self, message: bytes) -> bytes | None:
        """Let time go by, and answer a message."""
        self.pass_time()
        return self._answer(message.decode("latin-1").strip("\r ")).encode("latin-1") + b"\n"

    def pass_time(self) -> None:
        """Do what has happened since the last message."""

    def read_system(self, noun: str) -> str | None:
        """Answer a noun of the system; ``None``: there is no such."""
        if noun == "CAT":
            return "".join(f"DEV:{uid}:{kind}:" for uid, kind in self.boards.items()).rstrip(":")
        return None

    def read_board(self, uid: str, noun: str) -> str | None:
        """Answer a noun of a board, which follows the kind of the board; ``None``: there is no such."""
        raise NotImplementedError

    def set_board(self, uid: str, noun: str, value: str) -> bool:
        """Set a noun of a board, and return whether the value was taken."""
        raise NotImplementedError

    def _answer(self, message: str) -> str:
        if message == "*IDN?":
            return f"IDN:OXFORD INSTRUMENTS:MERCURY {self.model}:123456:2.5.13.000"
        verb, _, rest = message.partition(":")
        if verb not in {"READ", "SET"}:
            return f"{verb}:INVALID"
        rest = rest.removesuffix("?") if verb == "READ" else rest
        first, _, nouns = rest.partition(":")
        if first == "SYS" and verb == "READ":
            return f"STAT:{rest}:{_or_invalid(self.read_system(nouns))}"
        if first != "DEV":
            return f"{verb}:{first}:INVALID"
        uid, _, nouns = nouns.partition(":")
        kind, _, nouns = nouns.partition(":")
        if self.boards.get(uid) != kind:
            return f"STAT:{rest}:NOT_FOUND"
        if verb == "READ":
            return f"STAT:{rest}:{_or_invalid(self.read_board(uid, nouns))}"
        noun, _, value = nouns.rpartition(":")
        return f"STAT:SET:{rest}:{'VALID' if self.set_board(uid, noun, value) else 'INVALID'}"


def _or_invalid(value: str | None) -> str:
    return "INVALID" if value is None else value
