"""A tape as data: entries in the order in which they happened, and the exchanges that they make."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Entry", "Mark", "Tape", "TapeExchange"]


class Mark(Enum):
    """What kind of entry it is; the value is the sign in the file."""

    SENT = ">"
    """A message to the instrument, without its termination."""
    REPLY = "<"
    """A reply, or the rest of one, without its termination."""
    PART = "<+"
    """Bytes of a reply that were read by number; its end was not read."""
    FAULT = "!"
    """An error of the connection: ``timeout``, ``lost``, ``out-of-step`` or ``failed``, and what it said."""
    EVENT = "*"
    """``opened module:Class``, ``clear``, ``close`` or ``interrupted``."""
    PARAMETER = "="
    """``path set value`` or ``path read value``: a parameter of the driver after a set or get; the value in JSON."""


@attrs.frozen
class Entry:
    """One line of a tape.

    Attributes
    ----------
    mark
        What it is.
    content
        The bytes that passed; for other marks than those of messages and replies, text in Latin-1.
    time
        Seconds after the beginning of the tape; ``None`` where the tape does not say.
    line
        In the file, from 1; 0 for an entry that was read from no file.
    """

    mark: Mark
    content: bytes
    time: float | None = None
    line: int = attrs.field(default=0, eq=False)

    @property
    def text(self) -> str:
        """The content as Latin-1 text: every byte is one character."""
        return self.content.decode("latin-1")


@attrs.frozen
class TapeExchange:
    """One message, and what came after it until the next one.

    Attributes
    ----------
    message
        What was sent, without its termination.
    replies
        What came back, each without its termination.
    fault
        The word of what went wrong (``"timeout"``, …) after these replies; empty where nothing did.
    fault_text
        What the error said.
    sent_at
        Seconds after the beginning of the tape; ``None`` where the tape does not say.
    seconds
        From the message to its last reply or its fault; ``None`` where there is none, or the tape does not say.
    line
        Of the message in the file.
    """

    message: bytes
    replies: tuple[bytes, ...] = ()
    fault: str = ""
    fault_text: str = ""
    sent_at: float | None = None
    seconds: float | None = None
    line: int = attrs.field(default=0, eq=False)

    @property
    def text(self) -> str:
        """The message as Latin-1 text."""
        return self.message.decode("latin-1")


@attrs.frozen
class Tape:
    """What was said on one connection.

    Attributes
    ----------
    facts
        What the head of the file says: ``instrument`` (its name), ``address``, ``recorded`` (when it began, ISO 8601),
        ``masked`` (how many patterns of secrets were replaced by ``***``).
    entries
        In the order in which they happened.
    """

    facts: Mapping[str, str] = attrs.field(factory=dict)
    entries: tuple[Entry, ...] = ()

    @property
    def name(self) -> str:
        """The name that the instrument had; ``instrument`` where the tape does not say."""
        return self.facts.get("instrument") or "instrument"

    @property
    def driver(self) -> str:
        """The class that it was recorded with, as ``module:Class``; empty where the tape does not say."""
        opened = (entry.text for entry in self.entries if entry.mark is Mark.EVENT and entry.text.startswith("opened "))
        return next(opened, "opened ").removeprefix("opened ")

    @property
    def exchanges(self) -> tuple[TapeExchange, ...]:
        """The messages in order, each with what came after it. What came before the first message is left out."""
        return tuple(exchanges_of(self.entries))


def exchanges_of(entries: tuple[Entry, ...]) -> Iterator[TapeExchange]:
    """Yield the exchanges that `entries` make."""
    current: TapeExchange | None = None
    for entry in entries:
        if entry.mark is Mark.SENT:
            if current is not None:
                yield current
            current = TapeExchange(entry.content, sent_at=entry.time, line=entry.line)
        elif current is not None and entry.mark in (Mark.REPLY, Mark.PART, Mark.FAULT):
            seconds = None if entry.time is None or current.sent_at is None else entry.time - current.sent_at
            if entry.mark is Mark.FAULT:
                word, _, said = entry.text.partition(" ")
                current = attrs.evolve(current, fault=word, fault_text=said, seconds=seconds)
            else:
                current = attrs.evolve(current, replies=(*current.replies, entry.content), seconds=seconds)
    if current is not None:
        yield current
