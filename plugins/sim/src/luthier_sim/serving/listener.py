"""Listening on a TCP port, with a thread for each connection, until it is closed."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from luthier.errors import ConnectError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Listener"]

_MOST_CONNECTIONS: Final = 64
_BACKLOG: Final = 16


class Listener:
    """Accepts connections, and lets `talk` have each in a thread of its own.

    Parameters
    ----------
    host
        Where to listen: ``"127.0.0.1"``, a host's name, ``"0.0.0.0"`` or ``"::"`` for everywhere.
    port
        0 takes a free one.
    talk
        Called with each connection; it is closed when that returns. ``OSError`` ends the connection silently.
    who
        What is served, for messages and names of threads.

    Raises
    ------
    ConnectError
        The port is taken, or the host is not of this machine.
    """

    def __init__(self, host: str, port: int, talk: Callable[[socket.socket], None], who: str) -> None:
        self._talk = talk
        self._who = who
        self._guard = threading.Lock()
        self._talks: dict[socket.socket, threading.Thread] = {}
        self._closed = False
        self._socket = _listening(host, port, who)
        self.host, self.port = self._socket.getsockname()[:2]
        self._waker, self._woken = socket.socketpair()
        # Here, and not in the thread: whoever counts what this holds open counts all of it once this has returned.
        self._selector = selectors.DefaultSelector()
        for each in (self._socket, self._woken):
            self._selector.register(each, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._accept, name=f"listening for {who}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening, and end every connection; returns when their threads have ended."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            talks = list(self._talks.items())
        self._waker.send(b"\0")
        self._thread.join()
        for each in (self._selector, self._socket, self._waker, self._woken):
            each.close()
        for connection, _ in talks:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for _, thread in talks:
            thread.join()

    def _accept(self) -> None:
        while self._woken not in {key.fileobj for key, _ in self._selector.select()}:
            with suppress(OSError):  # who asked is gone by now, or no more files can be opened
                connection, _ = self._socket.accept()
                self._begin(connection)

    def _begin(self, connection: socket.socket) -> None:
        connection.setblocking(True)
        with self._guard:
            if self._closed or len(self._talks) >= _MOST_CONNECTIONS:
                connection.close()
                return
            thread = threading.Thread(
                target=self._converse, args=(connection,), name=f"a client of {self._who}", daemon=True
            )
            self._talks[connection] = thread
        thread.start()

    def _converse(self, connection: socket.socket) -> None:
        try:
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._talk(connection)
        finally:
            with self._guard:
                self._talks.pop(connection, None)
            connection.close()


def _listening(host: str, port: int, who: str) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        raise ConnectError(
            f"cannot listen on {host}, port {port}: {getattr(error, 'strerror', None) or error}",
            who=who,
            state="Nothing is served.",
            advice="Choose another port; 0 takes a free one.",
            address=f"{host}:{port}",
        ) from error
    listening.setblocking(False)
    return listening
