"""A transport in between, which writes down what passes, and spoils it when asked to."""

from __future__ import annotations

import threading
import time
from enum import Enum
from typing import TYPE_CHECKING

import attrs

from luthier.errors import ClosedError, ConnectionLostError, ResponseTimeoutError

if TYPE_CHECKING:
    from luthier.transport import Transport

__all__ = ["Fault", "Message", "RecordingTransport"]

GARBAGE = b"@~garbage~@"


class Fault(Enum):
    """What is wrong with the connection."""

    MUTE = "mute"
    """Nothing is answered."""
    GARBAGE = "garbage"
    """All is answered with nonsense."""
    CUT = "cut"
    """The connection breaks with the next message."""


@attrs.define
class Message:
    """One message to the instrument."""

    text: bytes
    thread: int
    answered: bool = False
    interrupts: bool = False
    """Whether it came from another thread before the reply to the message before it was read."""

    @property
    def asks_only(self) -> bool:
        """Whether it can change nothing: it was answered, and each of its parts is a question where any is."""
        parts = [part for part in self.text.split(b";") if part.strip()]
        several_ask = not any(b"?" in part for part in parts) or all(b"?" in part for part in parts)
        return self.answered and several_ask

    def __str__(self) -> str:
        """Return the text of the message."""
        return repr(self.text.decode("latin-1"))


class RecordingTransport:
    """A :class:`~luthier.transport.Transport` around another one. ``fault`` may be set at any time."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.messages: list[Message] = []
        self.fault: Fault | None = None
        self.pause = 0.0
        """Seconds that pass before a reply is taken that no query asked for, so that others can come between."""
        self._broken = False

    @property
    def address(self) -> str:
        """The address of the other one."""
        return self._inner.address

    @property
    def lock(self) -> threading.RLock:
        """The lock of the other one."""
        return self._inner.lock

    @property
    def timeout(self) -> float | None:
        """The timeout of the other one, in seconds."""
        return self._inner.timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        self._inner.timeout = seconds

    @property
    def commands(self) -> list[Message]:
        """The messages so far that may have changed something."""
        return [message for message in self.messages if not message.asks_only]

    def write(self, message: bytes) -> None:
        """Note the message and pass it on."""
        self._require_whole()
        last = self.messages[-1] if self.messages else None
        here = threading.get_ident()
        waiting = last is not None and b"?" in last.text and not last.answered and last.thread != here
        self.messages.append(Message(message, here, interrupts=waiting))
        if self.fault is Fault.CUT:
            self._break()
        self._inner.write(message)

    def read(self) -> bytes:
        """Return a reply, unless something is wrong."""
        self._require_whole()
        if self.pause:
            time.sleep(self.pause)
        reply = self._inner.read()
        self._answer()
        return GARBAGE if self.fault is Fault.GARBAGE else reply

    def query(self, message: bytes) -> bytes:
        """``write`` then ``read``, under the lock."""
        if self.fault is not None:
            with self.lock:
                self.write(message)
                return self.read()
        self._require_whole()
        with self.lock:
            noted = Message(message, threading.get_ident())
            self.messages.append(noted)
            reply = self._inner.query(message)
            noted.answered = True
        return reply

    def read_exactly(self, count: int) -> bytearray:
        """Return bytes of a reply, unless something is wrong."""
        self._require_whole()
        octets = self._inner.read_exactly(count)
        if self.fault is Fault.GARBAGE:
            self._inner.clear()
            octets = bytearray(b"?" * count)
        self._answer()
        return octets

    def clear(self) -> None:
        """Pass it on."""
        self._require_whole()
        self._inner.clear()

    def close(self) -> None:
        """Close the other one."""
        self._inner.close()

    def _answer(self) -> None:
        message = self.messages[-1]
        message.answered = True
        if self.fault is Fault.MUTE:
            self._inner.clear()
            raise ResponseTimeoutError(
                f"no answer to {message}",
                state="The connection was cleared; the next query is in step.",
                address=self.address,
                command=message.text.decode("latin-1"),
                timeout=self.timeout or 0.0,
            )

    def _break(self) -> None:
        self._broken = True
        self._inner.close()
        raise ConnectionLostError("the connection broke", state="The connection is closed.", address=self.address)

    def _require_whole(self) -> None:
        if self._broken:
            raise ClosedError("the connection is closed", state="Nothing was sent.", advice="Open it again.")
