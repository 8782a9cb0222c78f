"""A transport in between, which notes what passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from luthier.errors import ConnectionLostError, OutOfStepError, ResponseTimeoutError

from luthier_sim.tapes.tape import Mark

if TYPE_CHECKING:
    import threading

    from luthier.transport import Transport

__all__ = ["RecordedTransport"]


class _Notes(Protocol):
    """Where to note."""

    def add(self, mark: Mark, content: bytes) -> None:
        """Add an entry; the time is now."""

    def end(self) -> None:
        """Add nothing any more."""


class RecordedTransport:
    """A :class:`~luthier.transport.Transport` that passes everything on to another one, and notes it.

    What is read by number (blocks) is noted as one reply, when its end is read or the next message is sent.
    """

    def __init__(self, inner: Transport, recording: _Notes) -> None:
        self._inner = inner
        self._recording = recording
        self._part = bytearray()  # of a reply, read by number

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

    def write(self, message: bytes) -> None:
        """Note the message and pass it on."""
        self._note_part()
        self._recording.add(Mark.SENT, message)
        try:
            self._inner.write(message)
        except BaseException as error:
            self._note_failure(error)
            raise

    def read(self) -> bytes:
        """Pass it on, and note the reply."""
        try:
            reply = self._inner.read()
        except BaseException as error:
            self._note_failure(error)
            raise
        if self._part:
            whole, self._part = bytes(self._part) + reply, bytearray()
            self._recording.add(Mark.REPLY, whole)
        else:
            self._recording.add(Mark.REPLY, reply)
        return reply

    def query(self, message: bytes) -> bytes:
        """Pass it on, and note message and reply."""
        with self._inner.lock:
            self._note_part()
            self._recording.add(Mark.SENT, message)
            try:
                reply = self._inner.query(message)
            except BaseException as error:
                self._note_failure(error)
                raise
            self._recording.add(Mark.REPLY, reply)
            return reply

    def read_exactly(self, count: int) -> bytearray:
        """Pass it on, and keep the bytes until the reply has ended."""
        try:
            octets = self._inner.read_exactly(count)
        except BaseException as error:
            self._note_failure(error)
            raise
        self._part += octets
        return octets

    def clear(self) -> None:
        """Note it and pass it on."""
        self._note_part()
        self._recording.add(Mark.EVENT, b"clear")
        try:
            self._inner.clear()
        except BaseException as error:
            self._note_failure(error)
            raise

    def close(self) -> None:
        """Note it, end the recording, and close the other one."""
        self._note_part()
        self._recording.add(Mark.EVENT, b"close")
        self._recording.end()
        self._inner.close()

    def __getattr__(self, name: str) -> Any:
        """Give what the other one has beyond the protocol."""
        return getattr(self._inner, name)

    def _note_part(self) -> None:
        if self._part:
            part, self._part = bytes(self._part), bytearray()
            self._recording.add(Mark.PART, part)

    def _note_failure(self, error: BaseException) -> None:
        self._note_part()
        if not isinstance(error, Exception):
            self._recording.add(Mark.EVENT, b"interrupted")
        else:
            word = next((word for kind, word in _WORDS if isinstance(error, kind)), "failed")
            what = str(getattr(error, "what", error))
            self._recording.add(Mark.FAULT, f"{word} {what}".encode("latin-1", "backslashreplace"))


_WORDS = ((ResponseTimeoutError, "timeout"), (ConnectionLostError, "lost"), (OutOfStepError, "out-of-step"))
