"""A TCP connection to an instrument: bytes, without delay, and closed properly."""

from __future__ import annotations

import select
import socket
import struct
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TcpConnection"]

# An instrument that is switched off, or whose cable is pulled, while nobody asks it anything is found out after
# 60 + 6 x 10 seconds, so that a reading without timeout ends.
_KEEPALIVE_IDLE: Final = 60
_KEEPALIVE_INTERVAL: Final = 10
_KEEPALIVE_PROBES: Final = 6


class TcpConnection:
    """A connection to a TCP port.

    Messages go out at once (``TCP_NODELAY``), each in one piece; keep-alive probes find an instrument that is gone.

    Parameters
    ----------
    host
        Name, IPv4 or IPv6 address.
    port
        1 to 65535.
    connect_timeout
        Seconds for each address that the name stands for; ``None`` leaves it to the operating system (minutes).
        Looking up a name is not bounded by it.
    reopens
        Whether a connection that is out of step is closed and opened anew.

    Raises
    ------
    OSError
        The connection could not be made.
    """

    interruptible = True

    def __init__(self, host: str, port: int, *, connect_timeout: float | None, reopens: bool) -> None:
        self.reopens = reopens
        self._target = (host, port)
        self._connect_timeout = connect_timeout
        self._closed = False
        self._connect()

    def send(self, message: bytes, timeout: float | None) -> None:
        """Send all of `message`; raise :class:`TimeoutError` when there is no room for so long."""
        if timeout != self._patience:
            self._wait_for(timeout)
        try:
            sent = self._socket.send(message)
            if sent < len(message):
                rest = memoryview(message)[sent:]
                while rest:
                    rest = rest[self._socket.send(rest) :]
        except BlockingIOError:
            raise TimeoutError from None

    def receive_into(self, target: memoryview, timeout: float | None) -> int | None:
        """Receive at least one byte; return how many, 0 when the other side hung up, ``None`` after `timeout`."""
        if timeout != self._patience:
            self._wait_for(timeout)
        try:
            return self._socket.recv_into(target)
        except (BlockingIOError, TimeoutError):
            return None

    def waiting(self) -> bool:
        """Tell, without waiting, whether there is something to receive, be it the end."""
        return bool(self._ready())

    def reopen(self) -> None:
        """Close, then connect again."""
        self._hang_up()
        self._connect()

    def close(self) -> None:
        """Close; twice is fine; a waiting of another thread ends."""
        self._closed = True
        self._hang_up()

    def _connect(self) -> None:
        self._socket = socket.create_connection(self._target, self._connect_timeout)
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _keep_alive(self._socket)
            self._wait_for(None)
        except BaseException:
            self._socket.close()
            raise
        self._ready = _readiness(self._socket)
        if self._closed:  # by another thread, meanwhile
            self._hang_up()
            raise ConnectionAbortedError("it was closed")

    def _wait_for(self, timeout: float | None) -> None:
        """Let receiving and sending wait for so long."""
        watched = timeout != 0 and _kernel_watches(self._socket, timeout)
        self._socket.settimeout(None if watched else timeout)
        self._patience = timeout

    def _hang_up(self) -> None:
        with suppress(OSError):  # the other side was first
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits, which close() alone does not
        self._socket.close()


if sys.platform == "win32":

    def _kernel_watches(_connection: socket.socket, _timeout: float | None) -> bool:
        return False  # after the kernel's own timeout, Windows leaves a socket in no defined state

    def _readiness(connection: socket.socket) -> Callable[[], object]:
        return lambda: select.select([connection], [], [], 0)[0]

else:

    def _kernel_watches(connection: socket.socket, timeout: float | None) -> bool:
        """Have the kernel watch the time, which saves Python a poll() before each recv(); tell whether it does."""
        microseconds = 0 if timeout is None else max(1, round(timeout * 1e6))  # 0 is for ever
        interval = struct.pack("@ll", *divmod(microseconds, 1_000_000))
        try:
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                connection.setsockopt(socket.SOL_SOCKET, option, interval)
        except OSError:  # 32-bit systems differ in the size of these numbers
            return False
        return True

    def _readiness(connection: socket.socket) -> Callable[[], object]:
        poller = select.poll()  # select.select() refuses sockets numbered above 1023
        poller.register(connection, select.POLLIN)
        return partial(poller.poll, 0)


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # macOS calls the idle time TCP_KEEPALIVE; some systems let nobody set some of these.
    for name, value in (
        ("TCP_KEEPIDLE", _KEEPALIVE_IDLE),
        ("TCP_KEEPALIVE", _KEEPALIVE_IDLE),
        ("TCP_KEEPINTVL", _KEEPALIVE_INTERVAL),
        ("TCP_KEEPCNT", _KEEPALIVE_PROBES),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, option, value)
