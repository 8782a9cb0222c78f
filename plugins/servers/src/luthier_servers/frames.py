"""Frames: a message and the raw bytes that follow it, as one write.

A frame is a prefix of twelve bytes (length of the message as an unsigned 32-bit number, length of the payload as an
unsigned 64-bit number, both little-endian), the message (msgpack), and the payload. The lengths are checked before
anything is allocated for them.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError

if TYPE_CHECKING:
    from luthier.server.values import Payload

__all__ = ["MAX_MESSAGE", "MAX_PAYLOAD", "FrameError", "FrameSocket", "frame_bytes"]

MAX_MESSAGE = 16 * 2**20
"""Bytes of the longest message that is taken."""
MAX_PAYLOAD = 2**30
"""Bytes of the longest payload that is taken."""

_PREFIX = struct.Struct("<IQ")
_CHUNK = 65536


class FrameError(Exception):
    """What arrived is no frame; the connection cannot be used any more."""


def frame_bytes(message: bytes, payload_size: int = 0) -> bytes:
    r"""Return prefix and message; the payload is sent behind them.

    Raises :class:`~luthier.errors.UsageError` for what the other side would refuse.

    >>> frame_bytes(b"\xc0").hex(" ")
    '01 00 00 00 00 00 00 00 00 00 00 00 c0'
    """
    if len(message) > MAX_MESSAGE or payload_size > MAX_PAYLOAD:
        raise UsageError(
            f"a message of {len(message)} bytes with arrays of {payload_size} bytes is too long: allowed are "
            f"{MAX_MESSAGE} and {MAX_PAYLOAD} bytes",
            state="Nothing was sent.",
        )
    return _PREFIX.pack(len(message), payload_size) + message


class FrameSocket:
    """A connected socket that sends and receives frames. Not thread-safe: one thread sends, one receives."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._pending = b""
        if connected.family != getattr(socket, "AF_UNIX", None):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fileno(self) -> int:
        """Return the descriptor; -1 once closed."""
        return self._socket.fileno()

    def send(self, message: bytes, payload: Payload | None = None) -> None:
        """Send one frame, as one write where it is small."""
        if payload is None or not payload.size:
            self._socket.sendall(frame_bytes(message))
            return
        self._send_parts([frame_bytes(message, payload.size), *payload.parts])

    def _send_parts(self, parts: list[Any]) -> None:
        views = [memoryview(part).cast("B") for part in parts if len(part)]
        if not hasattr(self._socket, "sendmsg"):
            for view in views:
                self._socket.sendall(view)
            return
        while views:
            sent = self._socket.sendmsg(views[:64])
            while views and sent >= len(views[0]):
                sent -= len(views.pop(0))
            if sent:
                views[0] = views[0][sent:]

    def receive(self) -> tuple[memoryview | bytes, Any] | None:
        """Return the next message with its payload; ``None`` at the end of the connection.

        Raises :class:`FrameError` for lengths that are not allowed, and for a connection that ends within a frame.
        """
        data = self._pending
        size = _PREFIX.size
        while len(data) < size:
            chunk = self._socket.recv(_CHUNK)
            if not chunk:
                if data:
                    raise FrameError("the connection ended within a frame")
                return None
            data = data + chunk if data else chunk
        length, payload_size = _PREFIX.unpack_from(data)
        if length > MAX_MESSAGE or payload_size > MAX_PAYLOAD:
            raise FrameError(f"a frame of {length} and {payload_size} bytes was announced")
        end = size + length
        if len(data) < end:
            data += self._exactly(end - len(data))
        message = memoryview(data)[size:end]
        if not payload_size:
            self._pending = data[end:] if len(data) > end else b""
            return message, b""
        payload = bytearray(payload_size)
        have = min(len(data) - end, payload_size)
        payload[:have] = data[end : end + have]
        self._pending = data[end + have :]
        self._fill(memoryview(payload)[have:])
        return message, payload

    def _exactly(self, count: int) -> bytearray:
        data = bytearray(count)
        self._fill(memoryview(data))
        return data

    def _fill(self, view: memoryview) -> None:
        while view:
            got = self._socket.recv_into(view)
            if not got:
                raise FrameError("the connection ended within a frame")
            view = view[got:]

    def wait_readable(self, seconds: float) -> bool:
        """Wait until something has arrived, or the connection has ended; ``False`` after so many seconds."""
        if self._pending:
            return True
        self._socket.settimeout(seconds)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return False
        finally:
            self._socket.settimeout(None)
        return True

    def set_timeout(self, seconds: float | None) -> None:
        """Let sending and receiving take at most so long; ``None``: for ever."""
        self._socket.settimeout(seconds)

    def shut_down(self) -> None:
        """End the connection, so that a thread that receives from it wakes up."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket; twice is fine."""
        self._socket.close()

    def __del__(self) -> None:
        """Close with the thread that used it."""
        self._socket.close()
