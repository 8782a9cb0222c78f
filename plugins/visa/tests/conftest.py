"""Instruments to talk to: real TCP servers and real pseudo-terminals, in threads that end with their test."""

from __future__ import annotations

import os
import select
import socket
import sys
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.transport import Transport


class Behaviour(Protocol):
    """What an instrument does with a message; it may send to that client now, later, or never."""

    def __call__(self, message: bytes, send: Callable[[bytes], None]) -> None: ...


def echo(message: bytes, send: Callable[[bytes], None]) -> None:
    """Answer every question with itself."""
    if message.endswith(b"?"):
        send(message[:-1] + b"\n")


def each_line(take: Callable[[int], bytes], handle: Callable[[bytes], None]) -> None:
    """Call `handle` for each line until there are no more bytes."""
    pending = b""
    with suppress(OSError):  # the other side, or the test, closed it
        while data := take(65536):
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                handle(line)


class TcpInstrument:
    """An instrument on a TCP port of this computer."""

    def __init__(
        self, behaviour: Behaviour, *, greeting: bytes = b"", family: socket.AddressFamily = socket.AF_INET
    ) -> None:
        self.behaviour = behaviour
        self.greeting = greeting
        self.received: list[bytes] = []
        self.clients: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family)
        self.port: int = self._listener.getsockname()[1]
        self.address = f"TCPIP0::127.0.0.1::{self.port}::SOCKET"
        self._start(self._accept)

    def hang_up(self) -> None:
        """Close every connection in the orderly way."""
        for client in self.clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Break every connection: the client gets a reset."""
        for client in self.clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            client.close()

    def stop_listening(self) -> None:
        """Accept no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def close(self) -> None:
        """End all threads."""
        self.stop_listening()
        self._threads[0].join(10)
        self.hang_up()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()
        for client in self.clients:
            client.close()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.clients.append(client)
                self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        def send(data: bytes) -> None:
            with suppress(OSError):  # a late reply to a client that has gone
                client.sendall(data)

        def handle(message: bytes) -> None:
            self.received.append(message)
            self.behaviour(message, send)

        if self.greeting:
            send(self.greeting)
        each_line(client.recv, handle)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


class SerialInstrument:
    """An instrument behind a pseudo-terminal."""

    def __init__(self, behaviour: Behaviour) -> None:
        import pty  # noqa: PLC0415 - not on Windows
        import tty  # noqa: PLC0415 - not on Windows

        self.behaviour = behaviour
        self.received: list[bytes] = []
        self._ours, theirs = pty.openpty()
        tty.setraw(theirs)
        self.port = os.ttyname(theirs)
        self.address = f"ASRL{self.port}::INSTR"
        self._wake, self._awake = os.pipe()
        self._theirs = theirs
        self._open = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Send something by itself."""
        os.write(self._ours, data)

    def unplug(self) -> None:
        """Take the adapter away."""
        if self._open:
            self._open = False
            os.write(self._awake, b"x")
            self._thread.join(10)
            assert not self._thread.is_alive()
            for handle in (self._ours, self._theirs, self._wake, self._awake):
                os.close(handle)

    def _serve(self) -> None:
        def take(count: int) -> bytes:
            ready, _, _ = select.select([self._ours, self._wake], [], [])
            return b"" if self._wake in ready else os.read(self._ours, count)

        def handle(message: bytes) -> None:
            self.received.append(message)
            self.behaviour(message, self.send)

        each_line(take, handle)


@pytest.fixture
def tcp_instrument() -> Iterator[Callable[..., TcpInstrument]]:
    """Make instruments on TCP ports: ``tcp_instrument(behaviour, greeting=b"")``."""
    with ExitStack() as stack:

        def make(behaviour: Behaviour = echo, **options: object) -> TcpInstrument:
            instrument = TcpInstrument(behaviour, **options)  # type: ignore[arg-type] # passed through
            stack.callback(instrument.close)
            return instrument

        yield make


@pytest.fixture
def serial_instrument() -> Iterator[Callable[..., SerialInstrument]]:
    """Make instruments on pseudo-terminals: ``serial_instrument(behaviour)``."""
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo-terminals that look like serial ports")
    with ExitStack() as stack:

        def make(behaviour: Behaviour = echo) -> SerialInstrument:
            instrument = SerialInstrument(behaviour)
            stack.callback(instrument.unplug)
            return instrument

        yield make


@pytest.fixture
def opened() -> Iterator[Callable[[Transport], Transport]]:
    """Close a transport at the end of the test: ``t = opened(open_socket(…))``."""
    with ExitStack() as stack:

        def keep(transport: Transport) -> Transport:
            stack.callback(transport.close)
            return transport

        yield keep


@pytest.fixture
def until_bytes_wait() -> Callable[[Any], None]:
    """Wait until something can be read: ``until_bytes_wait(transport)``."""

    def wait(transport: Any) -> None:
        dialogue = transport._dialogue
        connection = dialogue._connection
        if dialogue._start == dialogue._end:
            if hasattr(connection, "_socket"):
                handle = connection._socket.fileno()
            else:
                resource = connection._resource
                handle = resource._sessions[resource._session].interface.fileno()
            assert select.select([handle], [], [], 10)[0]

    return wait
