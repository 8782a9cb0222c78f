"""The transport of every kind of connection here: whole messages, one lock, and errors in words."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Never, SupportsFloat

from luthier.errors import (
    ClosedError,
    ConnectionLostError,
    LuthierError,
    UsageError,
    ValidationError,
    WrongTypeError,
)

from luthier_visa.dialogue import DialogueError
from luthier_visa.faults import Exchange, fault_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier_visa.dialogue import Dialogue

__all__ = ["MessageTransport", "checked_termination", "checked_timeout"]

_LONGEST_TIMEOUT = 2_000_000.0  # seconds; the milliseconds must fit the 32 bits that poll() and VISA have
_TIMEOUTS = "0 to 2,000,000 s"
_CLOSE_PATIENCE = 2.0  # seconds that close() waits for another thread's exchange before it cuts it off


class MessageTransport:
    """A connection to one instrument, as :class:`luthier.transport.Transport` describes it.

    `timeout` bounds each wait for the next bytes of a reply (on GPIB, USB and LAN instrument protocols: each transfer),
    not the whole of a long reply that keeps coming; 0 takes only what is there already, which VISA rounds up to 1 ms.
    A reply without a termination is an error after 64 MiB where the connection is a plain stream.

    **After a timeout** the next message is in step; how depends on the connection, and the error's ``state`` says it:

    - GPIB, USB, VXI-11, HiSLIP: the instrument is cleared (device clear) before the next message is sent. Where that
      fails the resource is opened anew. ``read()`` before the next message raises
      :class:`~luthier.errors.OutOfStepError`, since part of the reply may be lost.
    - TCP sockets: before the next message the connection is closed and a new one opened, so that a late reply goes
      nowhere. The old one is closed first, because some instruments accept one client only. ``read()`` before the next
      message waits on for the same reply.
    - Serial lines, which have no device clear and cannot be hung up, and sockets opened with ``after_timeout="wait"``:
      the next message is sent at once. The next ``query()`` hears as many replies as are due in all and returns the
      last one: instruments answer in order, so it is the right one. If fewer come, it waits for another one: 1.5 times
      as long as the first one took, at least one `timeout`, at most three; then the question that timed out counts as
      never answered. (An instrument that needs more than three timeouts for each of two questions in a row can still
      mislead it: give it a longer timeout.) After 60 s, or ten timeouts if that is longer, a reply is not expected any
      more.
      ``read()`` before the next message waits on for the same reply; ``read()`` and ``read_exactly()`` after a
      ``write()`` raise :class:`~luthier.errors.OutOfStepError`, until a ``query()`` or :meth:`clear` has put things in
      step.

    The same holds after a reading that was broken off, by Ctrl-C for instance.

    **Before a question** (:meth:`query`) is sent, bytes that are waiting to be read raise
    :class:`~luthier.errors.OutOfStepError` and are thrown away: they cannot be the answer. A lone read termination is
    passed over.

    **After a lost connection** everything but :meth:`close` raises :class:`~luthier.errors.ConnectionLostError`; after
    :meth:`close`, :class:`~luthier.errors.ClosedError`. :meth:`close` may be called from another thread.

    Parameters
    ----------
    address
        The address as the user gave it, for messages.
    dialogue
        What sends and hears.
    lock
        The lock of the physical connection; ``None`` makes one.
    timeout
        Seconds, 0 to 2,000,000; ``None`` waits for ever.
    write_termination
        Sent after each message; may be empty.
    read_termination
        Ends each reply; may be empty where the interface itself signals the end (GPIB, USB, VXI-11, HiSLIP). On a
        stream (socket, serial line) ``read()`` and ``query()`` then raise :class:`~luthier.errors.UsageError`.
    release
        Called once, by :meth:`close` or when the connection was lost, instead of ``dialogue.close``: for a dialogue
        that several transports share.
    """

    def __init__(
        self,
        address: str,
        dialogue: Dialogue,
        *,
        lock: threading.RLock | None = None,
        timeout: float | None = 5.0,
        write_termination: str = "\n",
        read_termination: str = "\n",
        release: Callable[[], None] | None = None,
    ) -> None:
        self._address = address
        self._dialogue = dialogue
        self._lock = threading.RLock() if lock is None else lock
        self._timeout = checked_timeout(timeout, address)
        self._write_termination = checked_termination(write_termination, "write_termination", address)
        self._read_termination = checked_termination(read_termination, "read_termination", address)
        self._release = dialogue.close if release is None else release
        self._message = b""
        self._over: LuthierError | None = None

    def __repr__(self) -> str:
        """Show the address and the state."""
        state = "open" if self._over is None else "closed"
        return f"<{type(self).__name__} {self._address} {state}>"

    @property
    def address(self) -> str:
        """The address as the user gave it."""
        return self._address

    @property
    def lock(self) -> threading.RLock:
        """Held during an exchange; shared by the transports of one physical connection."""
        return self._lock

    @property
    def timeout(self) -> float | None:
        """Seconds to wait for the next bytes, or for room to write; ``None`` waits for ever. Settable."""
        return self._timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        self._timeout = checked_timeout(seconds, self._address)

    def write(self, message: bytes) -> None:
        """Send `message` and the write termination, in one piece."""
        self._tell(message, None)

    def read(self) -> bytes:
        """Return one reply, without its termination."""
        if self._over is not None:
            self._refuse()
        if not self._read_termination:
            self._require_ends()
        try:
            return self._dialogue.hear(self._read_termination, self._timeout)
        except DialogueError as error:
            self._fail(error)

    def query(self, message: bytes) -> bytes:
        """Send `message` and return the reply to it, under the lock."""
        with self._lock:
            self._tell(message, self._read_termination)
            return self.read()

    def read_exactly(self, count: int) -> bytearray:
        """Return the next `count` bytes of a reply, whatever they are; 0 returns nothing at once."""
        if self._over is not None:
            self._refuse()
        try:
            return self._dialogue.hear_exactly(count, self._timeout)
        except DialogueError as error:
            self._fail(error)

    def clear(self) -> None:
        """Abandon what is under way on both sides, so that the next query is in step.

        Device clear where the interface has it; a socket is closed and opened anew. On a serial line, what comes is
        thrown away until it has been silent for 0.1 s; if a reply is overdue it is waited for first, up to one
        `timeout` after it timed out. A reply that is later than that would then be taken for the next answer.
        """
        if self._over is not None:
            self._refuse()
        try:
            self._dialogue.clear(self._timeout)
        except DialogueError as error:
            self._fail(error)

    def close(self) -> None:
        """Close the connection; twice is fine.

        An exchange of another thread is cut off: at once on a socket, after 2 s elsewhere; that thread gets a
        :class:`~luthier.errors.ClosedError`.
        """
        if isinstance(self._over, ClosedError):
            return
        was_open = self._over is None
        self._over = ClosedError(
            "the connection was closed before",
            who=self._address,
            state="Nothing was sent.",
            advice="Open the instrument again.",
        )
        if was_open:
            held = not self._dialogue.interruptible and self._lock.acquire(timeout=_CLOSE_PATIENCE)
            try:
                self._release()
            finally:
                if held:
                    self._lock.release()

    def _tell(self, message: bytes, expecting: bytes | None) -> None:
        if self._over is not None:
            self._refuse()
        if expecting == b"":
            self._require_ends()
        self._message = message
        try:
            self._dialogue.tell(message + self._write_termination, self._timeout, expecting=expecting)
        except DialogueError as error:
            self._fail(error)

    def _require_ends(self) -> None:
        if not self._dialogue.signals_end:
            raise UsageError(
                "the end of a reply cannot be known: read_termination is empty, and this connection is a plain stream",
                who=self._address,
                state="Nothing was sent.",
                advice="Open it with the read_termination of the instrument, or read replies of known length by "
                "read_exactly().",
            )

    def _refuse(self) -> Never:
        """Raise what ended the connection, as a new error each time, so that tracebacks do not pile up."""
        over = self._over
        assert over is not None
        raise type(over)(over.what, **over.data | {"sent": "no", "state": "Nothing was sent."}) from None

    def _fail(self, error: DialogueError) -> Never:
        if self._over is not None:
            self._refuse()
        fault = fault_for(error, Exchange(self._address, self._message, self._timeout, self._read_termination))
        if isinstance(fault, ConnectionLostError):
            self._over = fault
            self._dialogue.close()
            self._release()
        raise fault from error.__cause__


def checked_timeout(seconds: object, who: str, name: str = "timeout") -> float | None:
    """Return `seconds` as a float, or ``None`` for ever; raise :class:`~luthier.errors.ValidationError`."""
    if seconds is None:
        return None
    if isinstance(seconds, (bool, str)) or not isinstance(seconds, SupportsFloat):
        raise WrongTypeError(
            f"the {name} must be a number of seconds or None, not {seconds!r}",
            who=who,
            state="Nothing was changed.",
            value=seconds,
            allowed=_TIMEOUTS,
        )
    if not 0 <= float(seconds) <= _LONGEST_TIMEOUT:
        raise ValidationError(
            f"the {name} cannot be {seconds!r} s: allowed are {_TIMEOUTS}",
            who=who,
            state="Nothing was changed.",
            advice="None waits for ever.",
            value=seconds,
            allowed=_TIMEOUTS,
        )
    return float(seconds)


def checked_termination(termination: str, name: str, who: str) -> bytes:
    """Return `termination` as bytes; raise :class:`~luthier.errors.ValidationError` naming the argument `name`."""
    if not isinstance(termination, str):
        raise WrongTypeError(
            f"{name} must be text, not {termination!r}",
            who=who,
            state="Nothing was opened.",
            value=termination,
            allowed="text",
        )
    try:
        return termination.encode("latin-1")
    except UnicodeEncodeError as error:
        raise ValidationError(
            f"{name} cannot be {termination!r}: a termination is sent as bytes, one for each character up to U+00FF",
            who=who,
            state="Nothing was opened.",
            value=termination,
            allowed="characters U+0000 to U+00FF",
        ) from error
