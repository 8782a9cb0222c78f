"""What transports that end in this process have in common: replies that wait to be read, and what may go wrong."""

from __future__ import annotations

import threading
from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, NoReturn

from luthier.errors import ClosedError, ConnectionLostError, ResponseTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ReplyingTransport", "WireFault", "decoded", "encoded", "shown"]


class WireFault(Enum):
    """What happens instead of a reply; after a message that is no query, at once."""

    TIMEOUT = "timeout"
    """No answer: :class:`~luthier.errors.ResponseTimeoutError`; the connection is in step afterwards."""
    LOST = "lost"
    """The connection breaks: :class:`~luthier.errors.ConnectionLostError`; it is closed afterwards."""


class ReplyingTransport:
    """The lock, the replies that wait to be read, and the end; a subclass says what a message does.

    Single calls may come from any thread; for a write and its read hold :attr:`lock`, or use :meth:`query`.
    """

    def __init__(self, address: str, timeout: float | None, termination: bytes) -> None:
        self.address = address
        self.timeout = timeout
        self.lock = threading.RLock()
        self.clears = 0
        """How often :meth:`clear` was called."""
        self._termination = termination
        self._waiting: deque[bytes | WireFault] = deque()
        self._taken = 0  # bytes of the first waiting reply that read_exactly has returned
        self._question = ""
        self._closed = False

    def write(self, message: bytes) -> None:
        """Take a message; the subclass says what follows."""
        raise NotImplementedError

    def read(self) -> bytes:
        """Return the next reply, or the rest of it, without its termination."""
        with self.lock:
            reply = self._next_reply("a reply")
            self._waiting.popleft()
            rest, self._taken = reply[self._taken :], 0
            return rest

    def query(self, message: bytes) -> bytes:
        """``write`` then ``read``, under the lock."""
        with self.lock:
            self.write(message)
            return self.read()

    def read_exactly(self, count: int) -> bytearray:
        """Return the next ``count`` bytes of the reply, whose termination follows it."""
        with self.lock:
            reply = self._next_reply(f"{count} bytes") + self._termination
            octets = bytearray(reply[self._taken : self._taken + count])
            if len(octets) < count:
                self._no_reply(f"{count} bytes, with {len(octets)} left of {shown(self._waiting[0])},")
            self._taken += count
            if self._taken == len(reply):
                self._waiting.popleft()
                self._taken = 0
            return octets

    def clear(self) -> None:
        """Drop the replies that wait to be read."""
        with self.lock:
            self._require_open()
            self.clears += 1
            self._drop_replies()

    def close(self) -> None:
        """Close; afterwards everything raises ClosedError. Twice is fine."""
        self._closed = True

    def _drop_replies(self) -> None:
        self._waiting.clear()
        self._taken = 0

    def _next_reply(self, wanted: str) -> bytes:
        self._require_open()
        if not self._waiting:
            self._no_reply(wanted)
        reply = self._waiting[0]
        if isinstance(reply, WireFault):
            self._break(reply)
        return reply

    def _no_reply(self, wanted: str) -> NoReturn:
        raise NotImplementedError

    def _answer(self, message: bytes, replies: Iterable[bytes | WireFault]) -> None:
        self._question = decoded(message)
        self._waiting.extend(replies)
        if b"?" not in message and self._waiting and isinstance(self._waiting[0], WireFault):
            self._break(self._waiting[0])

    def _break(self, fault: WireFault) -> NoReturn:
        self._drop_replies()
        if fault is WireFault.LOST:
            self._closed = True
            raise ConnectionLostError(
                f"the connection broke after {self._question!r}",
                state="The connection is closed.",
                advice="Open the instrument again.",
                address=self.address,
            )
        within = "" if self.timeout is None else f" within {self.timeout} s"
        raise ResponseTimeoutError(
            f"no answer to {self._question!r}{within}",
            state="The connection was cleared; the next query is in step.",
            address=self.address,
            command=self._question,
            timeout=self.timeout,
        )

    def _require_open(self) -> None:
        if self._closed:
            raise ClosedError("the connection is closed", state="Nothing was sent.", advice="Open it again.")


def encoded(text: str | bytes) -> bytes:
    """Return what goes over the wire for text: Latin-1, in which every byte is one character."""
    return text.encode("latin-1") if isinstance(text, str) else bytes(text)


def decoded(message: bytes) -> str:
    """Return the text of what went over the wire."""
    return message.decode("latin-1")


def shown(message: bytes | WireFault) -> str:
    """Show text as text, and bytes as bytes."""
    if isinstance(message, WireFault):
        return message.value
    text = decoded(message)
    return repr(text) if text.isprintable() else repr(message)
