"""A dialogue over a plain stream of bytes: a socket, a serial line."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from luthier_visa.dialogue import (
    FloodError,
    HungUpError,
    SilenceError,
    StrayBytesError,
    TornReplyError,
    UnsentError,
    UnsureError,
)
from luthier_visa.overdue import OverdueReplies, patience

if TYPE_CHECKING:
    from luthier.errors import Sent

__all__ = ["LONGEST_REPLY", "Connection", "StreamDialogue"]

LONGEST_REPLY: Final = 64 * 1024 * 1024
"""Bytes of a reply without its termination after which it is taken for garbage."""

_CAPACITY = 16 * 1024
_QUIET = 0.1  # seconds of silence after which a line is taken to have finished
_SHOWN = 200  # bytes of what had come that an error carries

_REOPENS = "The connection is closed and opened anew before the next message, so that the next query is in step."
_WAITS = (
    "The reply may still come: the next query may take up to {:g} s longer and takes the last reply that comes, so "
    "that it is in step."
)


class Connection(Protocol):
    """Bytes to and from an instrument. Failures are any :class:`Exception`; :class:`TimeoutError` only from send."""

    @property
    def interruptible(self) -> bool:
        """Whether :meth:`close` by another thread ends a waiting."""
        ...

    @property
    def reopens(self) -> bool:
        """Whether :meth:`reopen` gets rid of a late reply."""
        ...

    def send(self, message: bytes, timeout: float | None) -> None:
        """Send all of `message`; raise :class:`TimeoutError` when there is no room for so long."""
        ...

    def receive_into(self, target: memoryview, timeout: float | None) -> int | None:
        """Receive at least one byte; return how many, 0 when the other side hung up, ``None`` after `timeout`."""
        ...

    def waiting(self) -> bool:
        """Tell, without waiting, whether there is something to receive, be it the end."""
        ...

    def reopen(self) -> None:
        """Close and open again."""
        ...

    def close(self) -> None:
        """Close; twice is fine."""
        ...


class StreamDialogue:
    """Messages and replies over a :class:`Connection`, told apart by terminations.

    Nothing that was received is lost by a timeout: hearing again goes on where it ended. What makes the next query in
    step after a timeout is described with :class:`~luthier_visa.message_transport.MessageTransport`.

    Parameters
    ----------
    connection
        The open connection, which the dialogue closes.
    """

    signals_end = False

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._store = bytearray(_CAPACITY)
        self._view = memoryview(self._store)
        self._start = 0
        self._end = 0
        self._overdue = OverdueReplies()
        self._told_at = 0.0  # (monotonic) when the last message was sent
        self._told_since = True  # whether a message was sent after the last timeout
        self._asked = False  # whether a question was sent and its answer not heard: Ctrl-C may come in between
        self._torn = False  # whether bytes of the reply under way may have been lost

    @property
    def interruptible(self) -> bool:
        """Whether :meth:`close` by another thread ends a waiting."""
        return self._connection.interruptible

    def tell(self, message: bytes, timeout: float | None, *, expecting: bytes | None) -> None:
        """Send `message`; see :class:`~luthier_visa.dialogue.Dialogue`."""
        if self._overdue.count or self._torn or self._asked:
            self._abandon(timeout, expecting)
        if self._start != self._end or self._anything_waiting():
            self._look_before_sending(expecting)
        self._asked = expecting is not None
        self._told_at = monotonic()
        try:
            self._connection.send(message, timeout)
        except TimeoutError:
            self._torn = True
            raise UnsentError(self._recovery(timeout)) from None
        except Exception as error:
            raise _hung_up(error, "maybe") from error
        except BaseException:
            self._torn = True
            raise
        self._told_since = True

    def hear(self, termination: bytes, timeout: float | None) -> bytes:
        """Return one reply; see :class:`~luthier_visa.dialogue.Dialogue`."""
        if self._torn:
            raise TornReplyError
        if self._overdue.count:
            return self._hear_last(termination, timeout)
        reply = self._next(termination, timeout)
        if reply is None:
            raise self._silence(timeout, termination)
        self._asked = False
        return reply

    def _hear_last(self, termination: bytes, timeout: float | None) -> bytes:
        """Return the last of the replies that come: those before it are overdue."""
        if self._told_since and not self._asked:
            raise UnsureError
        earlier = self._overdue.count - (not self._told_since)
        reply = self._next(termination, timeout)
        while reply is not None and earlier:
            later = self._next(termination, self._overdue.wait(timeout))
            if later is None and self._start == self._end:
                break
            reply = later
            earlier -= 1
        if reply is None:
            raise self._silence(timeout, termination)
        self._overdue.count = 0
        self._asked = False
        return reply

    def hear_exactly(self, count: int, timeout: float | None) -> bytearray:
        """Return `count` bytes; see :class:`~luthier_visa.dialogue.Dialogue`."""
        if self._torn:
            raise TornReplyError
        if self._overdue.count > (not self._told_since):
            raise UnsureError
        block = bytearray(count)
        have = min(count, self._end - self._start)
        block[:have] = self._view[self._start : self._start + have]
        self._start += have
        if have < count:
            self._fill(block, have, timeout)
        self._overdue.count = 0
        return block

    def clear(self, timeout: float | None) -> None:
        """Abandon what is under way; see :class:`~luthier_visa.dialogue.Dialogue`."""
        if self._connection.reopens:
            self._reopen()
        else:
            self._drain(timeout)

    def close(self) -> None:
        """Close the connection; twice is fine."""
        self._connection.close()

    # ------------------------------------------------------------------ receiving

    def _next(self, termination: bytes, timeout: float | None) -> bytes | None:
        """Return the next reply, or ``None`` after a silence of `timeout`."""
        if self._start == self._end and not self._receive(timeout, termination):
            return None
        searched = self._start
        while (found := self._store.find(termination, searched, self._end)) < 0:
            kept = max(0, self._end - self._start - len(termination) + 1)
            if not self._receive(timeout, termination):
                return None
            searched = self._start + kept
        reply = bytes(self._view[self._start : found])
        self._start = found + len(termination)
        if self._start == self._end:
            self._forget()
        return reply

    def _receive(self, timeout: float | None, termination: bytes) -> bool:
        """Receive more behind what is there already; return False after a silence of `timeout`."""
        if self._start == self._end:
            self._start = self._end = 0
            target = self._view
        else:
            if self._end == len(self._store):
                self._make_room(termination)
            target = self._view[self._end :]
        count = self._receive_into(target, timeout)
        if count is None:
            return False
        self._end += count
        return True

    def _receive_into(self, target: memoryview, timeout: float | None, sent: Sent = "maybe") -> int | None:
        try:
            count = self._connection.receive_into(target, timeout)
        except Exception as error:
            raise _hung_up(error, sent) from error
        except BaseException:  # Ctrl-C: the bytes of this very call may be lost
            self._torn = True
            raise
        if count == 0:
            raise HungUpError("the other side closed it", sent)
        return count

    def _fill(self, block: bytearray, have: int, timeout: float | None) -> None:
        count = len(block)
        with memoryview(block) as target:
            while have < count:
                received = self._receive_into(target[have:], timeout)
                if received is None:
                    break
                have += received
        if have < count:
            self._put_back(block[:have])
            silence = self._silence(timeout, b"")
            raise SilenceError(silence.received, have, count, silence.recovery)

    def _make_room(self, termination: bytes) -> None:
        waiting = self._view[self._start : self._end]
        if len(waiting) >= LONGEST_REPLY:
            self._forget()
            self._torn = True
            ending = termination.decode("latin-1")
            what = f"more than {LONGEST_REPLY:,} bytes came without the read termination {ending!r}"
            raise FloodError(what, self._recovery(None))
        store = bytearray(max(_CAPACITY, 2 * len(waiting)))
        store[: len(waiting)] = waiting
        self._start, self._end = 0, len(waiting)
        self._store, self._view = store, memoryview(store)

    def _put_back(self, data: bytearray) -> None:
        self._store = data + bytearray(_CAPACITY)
        self._view = memoryview(self._store)
        self._start, self._end = 0, len(data)

    def _forget(self) -> None:
        self._start = self._end = 0
        if len(self._store) > _CAPACITY:
            self._store = bytearray(_CAPACITY)
            self._view = memoryview(self._store)

    # ------------------------------------------------------------------ staying in step

    def _silence(self, timeout: float | None, termination: bytes) -> SilenceError:
        if self._told_since:
            self._overdue.add(self._told_at, timeout)
        else:
            self._overdue.expect(timeout)
        self._overdue.termination = termination
        self._told_since = self._asked = False
        count = self._end - self._start
        received = bytes(self._view[self._start : self._start + min(count, _SHOWN)])
        return SilenceError(received, count, None, self._recovery(timeout))

    def _recovery(self, timeout: float | None) -> str:
        return _REOPENS if self._connection.reopens else _WAITS.format(self._overdue.longest_wait(timeout))

    def _anything_waiting(self) -> bool:
        try:
            return self._connection.waiting()
        except Exception as error:
            raise _hung_up(error, "no") from error

    def _look_before_sending(self, expecting: bytes | None) -> None:
        """Find out, before anything is sent, that the other side hung up or that an answer is there already."""
        if self._start == self._end:
            self._start = self._end = 0
            self._end = self._receive_into(self._view, 0.0, "no") or 0
        if expecting is not None and self._start != self._end and not self._overdue.count:
            stray = bytes(self._view[self._start : self._end])
            self._forget()
            if stray != expecting:
                self._torn = self._connection.reopens
                raise StrayBytesError(stray)

    def _abandon(self, timeout: float | None, expecting: bytes | None) -> None:
        """Make sure that what comes late will not be taken for the answer to the next question."""
        if self._connection.reopens:
            self._reopen()
            return
        if (self._torn or self._asked) and self._told_since:
            self._overdue.add(self._told_at, timeout)
        self._torn = self._asked = False
        while self._anything_waiting() and self._receive(0.0, self._overdue.termination):
            pass
        self._overdue.came(bytes(self._view[self._start : self._end]))
        self._forget()
        if self._overdue.count and expecting is None:
            self._overdue.count += 1  # the message may be a question; if not, one reply less comes than may be due

    def _reopen(self) -> None:
        try:
            self._connection.reopen()
        except Exception as error:
            raise HungUpError(f"it could not be opened anew: {error}", "no") from error
        self._settled()

    def _drain(self, timeout: float | None) -> None:
        """Throw away what comes until the line is silent, and what is overdue has come or is given up."""
        ending = self._overdue.termination
        ended = bool(ending) and ending in bytes(self._view[self._start : self._end])
        give_up = monotonic() + max(self._overdue.remaining(), 0.0) + max(patience(timeout), 10 * _QUIET)
        while monotonic() <= give_up:
            wait = _QUIET if ended else max(_QUIET, self._overdue.remaining())
            count = self._receive_into(self._view, wait, "no")
            if count is None:
                self._settled()
                return
            ended = bool(ending) and self._view[:count].tobytes().endswith(ending)
        self._forget()
        self._torn = True
        raise FloodError("the instrument goes on sending", self._recovery(timeout))

    def _settled(self) -> None:
        self._forget()
        self._overdue.count = 0
        self._told_since = True
        self._torn = self._asked = False


def _hung_up(error: Exception, sent: Sent) -> HungUpError:
    return HungUpError(str(error) or type(error).__name__, sent)
