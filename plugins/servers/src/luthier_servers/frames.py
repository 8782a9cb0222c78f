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
_SIZE = _PREFIX.size
_pack_prefix, _unpack_prefix = _PREFIX.pack, _PREFIX.unpack_from
_CHUNK = 8192
"""Bytes that are asked for at once; what is longer goes where it belongs without a detour."""


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
    return _pack_prefix(len(message), payload_size) + message


class FrameSocket:
    """A connected socket that sends and receives frames. Not thread-safe: one thread sends, one receives.

    Attributes
    ----------
    closed
        Whether :meth:`close` was called.
    """

    closed = False

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._pending: bytes | bytearray = b""
        if connected.family != getattr(socket, "AF_UNIX", None):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, message: bytes, payload: Payload | None = None) -> None:
        """Send one frame, as one write where it is small."""
        size = 0 if payload is None else payload.size
        if size or len(message) > MAX_MESSAGE:
            self._send_parts([frame_bytes(message, size), *payload.parts])  # type: ignore[union-attr]  # it has a size
        else:
            self._socket.sendall(_pack_prefix(len(message), 0) + message)

    def send_or_close(self, message: bytes, payload: Payload | None = None) -> bool:
        """Send one frame as a whole; ``False``, and the socket closed, where the connection is lost."""
        try:
            if payload is None and len(message) <= MAX_MESSAGE:
                self._socket.sendall(_pack_prefix(len(message), 0) + message)
            else:
                self.send(message, payload)
        except UsageError:  # too long, and so not begun
            raise
        except OSError:
            self.close()
            return False
        except BaseException:
            self.close()  # half a frame may be on its way
            raise
        return True

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

    def receive(self) -> tuple[bytes | bytearray | memoryview, Any] | None:
        """Return the next message with its payload; ``None`` at the end of the connection.

        Raises :class:`FrameError` for lengths that are not allowed, and for a connection that ends within a frame.
        """
        data: bytes | bytearray = self._pending or self._socket.recv(_CHUNK)
        have = len(data)
        if have < _SIZE:
            if not data:
                return None
            data += self._exactly(_SIZE - have)
            have = _SIZE
        length, payload_size = _unpack_prefix(data)
        if length > MAX_MESSAGE or payload_size > MAX_PAYLOAD:
            raise FrameError(f"a frame of {length} and {payload_size} bytes was announced")
        end = _SIZE + length
        if have == end and not payload_size:  # as nearly always; a copy costs less than a view then
            self._pending = b""
            return data[_SIZE:], b""
        if have < end:
            data += self._exactly(end - have)
        message = memoryview(data)[_SIZE:end]
        if not payload_size:
            self._pending = data[end:]
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
        self.closed = True
        self._socket.close()

    def __del__(self) -> None:
        """Close with the thread that used it."""
        self._socket.close()
