"""What a dialogue with an instrument is, and how it fails: the part between a transport and the line below it.

A *dialogue* sends messages, hears replies, and knows which replies may still be under way. What a failure means to the
user, in which words, is said in one place, by :class:`~luthier_visa.message_transport.MessageTransport`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from luthier.errors import Sent

__all__ = [
    "Dialogue",
    "DialogueError",
    "FloodError",
    "HungUpError",
    "RefusedError",
    "ShortReplyError",
    "SilenceError",
    "StrayBytesError",
    "TornReplyError",
    "UnsentError",
    "UnsureError",
]


class Dialogue(Protocol):
    """Messages and replies on one physical connection.

    One thread at a time, except for :meth:`close`. Every method may raise :class:`DialogueError`; times are in seconds,
    and ``None`` waits for ever.
    """

    @property
    def interruptible(self) -> bool:
        """Whether :meth:`close` may be called, and ends the waiting, while another thread is in another method."""
        ...

    @property
    def signals_end(self) -> bool:
        """Whether the interface itself says where a reply ends, so that no termination is needed."""
        ...

    def tell(self, message: bytes, timeout: float | None, *, expecting: bytes | None) -> None:
        """Send `message`, which carries its termination, after having abandoned replies that come too late.

        Where `expecting` is not ``None``, the next thing to be heard must be the answer to this very message, ended by
        `expecting`: what is waiting to be read is then a fault, except a lone `expecting`.
        """
        ...

    def hear(self, termination: bytes, timeout: float | None) -> bytes:
        """Return one reply, without its termination; where that is empty, up to the end that the interface signals."""
        ...

    def hear_exactly(self, count: int, timeout: float | None) -> bytearray:
        """Return the next `count` bytes, whatever they are."""
        ...

    def clear(self, timeout: float | None) -> None:
        """Abandon what is under way."""
        ...

    def close(self) -> None:
        """Let go of the connection; twice is fine."""
        ...


class DialogueError(Exception):
    """Something went wrong below a transport."""


class SilenceError(DialogueError):
    """No more bytes came in time.

    Parameters
    ----------
    received
        What had come of the reply; never more than a few bytes of it.
    count
        How many bytes had come.
    expected
        How many were asked for; ``None`` where a whole reply was.
    recovery
        How the dialogue gets back in step, as a sentence.
    """

    def __init__(self, received: bytes, count: int, expected: int | None, recovery: str) -> None:
        super().__init__()
        self.received = received
        self.count = count
        self.expected = expected
        self.recovery = recovery


class UnsentError(DialogueError):
    """The other side took no, or not all, bytes of a message in time.

    Parameters
    ----------
    recovery
        How the dialogue gets back in step, as a sentence.
    """

    def __init__(self, recovery: str) -> None:
        super().__init__()
        self.recovery = recovery


class HungUpError(DialogueError):
    """The connection is gone; the cause, where there is one, is chained.

    Parameters
    ----------
    what
        How it ended.
    sent
        Whether the message under way had reached the instrument.
    """

    def __init__(self, what: str, sent: Sent) -> None:
        super().__init__(what)
        self.what = what
        self.sent = sent


class RefusedError(DialogueError):
    """The interface reported a fault, and the connection stays; the cause is chained.

    Parameters
    ----------
    what
        What it reported.
    recovery
        How the dialogue gets back in step, as a sentence.
    """

    def __init__(self, what: str, recovery: str) -> None:
        super().__init__(what)
        self.what = what
        self.recovery = recovery


class FloodError(DialogueError):
    """The instrument sends without end.

    Parameters
    ----------
    what
        What came.
    recovery
        How the dialogue gets back in step, as a sentence.
    """

    def __init__(self, what: str, recovery: str) -> None:
        super().__init__(what)
        self.what = what
        self.recovery = recovery


class StrayBytesError(DialogueError):
    """Bytes that nobody had asked for were waiting before a question was sent; they were thrown away.

    Parameters
    ----------
    stray
        The bytes, as far as they had come.
    """

    def __init__(self, stray: bytes) -> None:
        super().__init__()
        self.stray = stray


class TornReplyError(DialogueError):
    """A reading was broken off (by Ctrl-C, say) or timed out with bytes lost, so that its rest cannot be understood."""


class UnsureError(DialogueError):
    """The reply to an earlier question may still come and could not be told from what is to be read."""


class ShortReplyError(DialogueError):
    """The interface signalled the end of the reply before as many bytes as were asked for.

    Parameters
    ----------
    received
        What had come.
    expected
        How many bytes were asked for.
    """

    def __init__(self, received: bytes, expected: int) -> None:
        super().__init__()
        self.received = received
        self.expected = expected
