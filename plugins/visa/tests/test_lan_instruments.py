from __future__ import annotations

import socket
import struct
import threading
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
import pyvisa
from luthier.errors import (
    ConnectError,
    ConnectionFaultError,
    ConnectionLostError,
    OutOfStepError,
    ResponseTimeoutError,
    UsageError,
)
from luthier_visa import open_visa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.transport import Transport

    Answer = Callable[[bytes], bytes | None]

PY: dict[str, object] = {"backend": "@py"}
SHORT = 0.2  # seconds


@contextmanager
def timing_out(transport: Transport, match: str | None = None) -> Iterator[pytest.ExceptionInfo[ResponseTimeoutError]]:
    """Expect a timeout, after a short one for this question only: other answers may be late on a busy computer."""
    usual = transport.timeout
    transport.timeout = SHORT
    with pytest.raises(ResponseTimeoutError, match=match) as caught:
        yield caught
    transport.timeout = usual


def take(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


class Device:
    """What is behind the interface: a message in, a message out, and a device clear."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.output = b""
        self.late = b""
        self.clears = 0

    def take_message(self, message: bytes) -> None:
        self.received.append(message)
        command = message.rstrip(b"\n")
        if command == b"SLOW?":
            self.late = b"late\n"
        elif command == b"CURV?":
            self.output = b"#510240" + bytes(range(256)) * 40 + b"\n"
        elif command == b"BARE?":
            self.output = b"no line end"
        elif command.endswith(b"?"):
            self.output, self.late = self.late + command[:-1] + b"\n", b""

    def clear(self) -> None:
        self.output = self.late = b""
        self.clears += 1


class LanServer:
    """Serves a device over a protocol in which each connection is a thread."""

    def __init__(self) -> None:
        self.device = Device()
        self.connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join(10)
        self.cut()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()
        for connection in self.connections:
            connection.close()

    def cut(self) -> None:
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections.append(connection)
                self._threads.append(threading.Thread(target=self._run, args=(connection,)))
                self._threads[-1].start()

    def _run(self, connection: socket.socket) -> None:
        with suppress(EOFError, OSError):
            self.serve(connection)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


class Vxi11Server(LanServer):
    """The core channel of VXI-11 (VXI-11 rev. 1.0, section B.6), on one port."""

    @property
    def address(self) -> str:
        return f"TCPIP::127.0.0.1,{self.port}::inst0::INSTR"

    def serve(self, connection: socket.socket) -> None:
        while True:
            (length,) = struct.unpack(">I", take(connection, 4))
            call = take(connection, length & 0x7FFFFFFF)
            xid, _, _, _, _, procedure = struct.unpack_from(">6I", call)
            reply = self._reply(procedure, call[40:])
            if reply is not None:
                record = struct.pack(">6I", xid, 1, 0, 0, 0, 0) + reply
                connection.sendall(struct.pack(">I", len(record) | 0x80000000) + record)

    def _reply(self, procedure: int, arguments: bytes) -> bytes | None:
        device = self.device
        if procedure == 10:  # create_link
            return struct.pack(">iiII", 0, 1, 0, 4096)
        if procedure == 11:  # device_write
            (size,) = struct.unpack_from(">I", arguments, 16)
            device.take_message(arguments[20 : 20 + size])
            return struct.pack(">iI", 0, size)
        if procedure == 12:  # device_read
            return self._read(*struct.unpack_from(">6I", arguments))
        if procedure == 15:  # device_clear
            device.clear()
        return struct.pack(">i", 0)

    def _read(self, _link: int, size: int, _io: int, _lock: int, flags: int, character: int) -> bytes:
        device = self.device
        if not device.output:
            return struct.pack(">iiI", 15, 0, 0)  # a timeout, told at once
        data = device.output[:size]
        if flags & 0x80 and bytes([character]) in data:
            data = data[: data.index(bytes([character])) + 1]
        device.output = device.output[len(data) :]
        reason = (1 if len(data) == size else 0) | (2 if flags & 0x80 and data[-1] == character else 0)
        reason |= 0 if device.output else 4
        return struct.pack(">iiI", 0, reason, len(data)) + data + bytes(-len(data) % 4)


class HislipServer(LanServer):
    """HiSLIP 1.0 in synchronised mode (IVI-6.1), as far as queries and device clear need it."""

    @property
    def address(self) -> str:
        return f"TCPIP::127.0.0.1::hislip0,{self.port}::INSTR"

    def serve(self, connection: socket.socket) -> None:
        message = b""
        while True:
            _, kind, _, parameter, size = struct.unpack("!2sBBIQ", take(connection, 16))
            payload = take(connection, size)
            if kind == 0:  # Initialize
                self._send(connection, 1, 0x0100_0001)
            elif kind in {6, 7}:  # Data, DataEnd
                message += payload
                if kind == 7:
                    self.device.take_message(message)
                    message = b""
                    if self.device.output:
                        self._send(connection, 7, parameter, self.device.output)
                        self.device.output = b""
            elif kind == 8:  # DeviceClearComplete
                self._send(connection, 9, 0)
            elif kind == 15:  # AsyncMaxMsgSize
                self._send(connection, 16, 0, struct.pack("!Q", 4096))
            elif kind == 17:  # AsyncInitialize
                self._send(connection, 18, 0)
            elif kind == 19:  # AsyncDeviceClear
                self.device.clear()
                self._send(connection, 23, 0)

    def _send(self, connection: socket.socket, kind: int, parameter: int, payload: bytes = b"") -> None:
        connection.sendall(struct.pack("!2sBBIQ", b"HS", kind, 0, parameter, len(payload)) + payload)


@pytest.fixture(params=[Vxi11Server, HislipServer], ids=["VXI-11", "HiSLIP"])
def server(request: pytest.FixtureRequest) -> Iterator[LanServer]:
    with ExitStack() as stack:
        made: LanServer = request.param()
        stack.callback(made.stop)
        yield made


def test_a_query_returns_the_reply(server: Any, opened: Any) -> None:
    transport = opened(open_visa(server.address, options=PY))
    assert transport.query(b"VOLT?") == b"VOLT"
    assert server.device.received == [b"VOLT?\n"]


def test_nothing_is_held_back_in_the_hope_of_more(server: Any, opened: Any) -> None:
    transport = opened(open_visa(server.address, options=PY))
    connection = transport._dialogue._resource._connection()
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("termination", ["\n", "", "\r\n"])
def test_the_end_that_the_interface_signals_ends_a_reply(server: Any, opened: Any, termination: str) -> None:
    transport = opened(open_visa(server.address, read_termination=termination, options=PY))
    assert transport.query(b"BARE?") == b"no line end"
    assert transport.query(b"A?") == (b"A" if termination == "\n" else b"A\n")


def test_a_block_is_read_byte_for_byte(server: Any, opened: Any) -> None:
    transport = opened(open_visa(server.address, options=PY))
    transport.write(b"CURV?")
    assert transport.read_exactly(7) == b"#510240"
    assert transport.read_exactly(10240) == bytes(range(256)) * 40
    assert transport.read() == b""
    assert transport.query(b"A?") == b"A"


def test_the_rest_of_a_message_that_has_ended_is_empty(server: Any, opened: Any) -> None:
    transport = opened(open_visa(server.address, options=PY))
    transport.write(b"BARE?")
    assert transport.read_exactly(11) == b"no line end"
    assert transport.read() == b""
    assert transport.query(b"A?") == b"A"


def test_a_message_that_ends_early_is_told_and_the_next_query_is_in_step(server: Any, opened: Any) -> None:
    transport = opened(open_visa(server.address, options=PY))
    transport.write(b"BARE?")
    with pytest.raises(OutOfStepError, match=r"'BARE\?' ended after 11 of 20 bytes: 'no line end'"):
        transport.read_exactly(20)
    assert transport.query(b"A?") == b"A"


def test_after_a_timeout_the_instrument_is_cleared_and_the_next_query_is_in_step(server: Any, opened: Any) -> None:
    transport = opened(open_visa(server.address, options=PY))
    with timing_out(transport, r"no reply within 0.2 s to 'SLOW\?'.*device clear") as caught:
        transport.query(b"SLOW?")
    assert caught.value.timeout == SHORT
    assert server.device.clears == 0
    with pytest.raises(OutOfStepError, match="Ask again"):
        transport.read()
    assert transport.query(b"A?") == b"A"
    assert server.device.clears == 1
    assert transport.query(b"B?") == b"B"
    assert server.device.clears == 1


def test_a_question_whose_answer_was_never_heard_does_not_shift_the_next_one(server: Any, opened: Any) -> None:
    transport = opened(open_visa(server.address, options=PY))
    transport._dialogue.tell(b"A?\n", 1.0, expecting=b"\n")  # and Ctrl-C before the reading began
    assert transport.query(b"B?") == b"B"
    assert server.device.clears == 1


def test_clear_sends_a_device_clear(server: Any, opened: Any) -> None:
    transport = opened(open_visa(server.address, options=PY))
    transport.write(b"A?")
    transport.clear()
    assert server.device.clears == 1
    assert transport.query(b"B?") == b"B"


def test_a_connection_that_is_cut_is_lost(server: Any, opened: Any) -> None:
    transport = opened(open_visa(server.address, timeout=SHORT, options=PY))
    assert transport.query(b"A?") == b"A"
    server.cut()
    with pytest.raises(ConnectionLostError, match="open it again"):
        transport.query(b"A?")
    with pytest.raises(ConnectionLostError):
        transport.query(b"A?")


def test_an_instrument_that_is_gone_for_good_is_lost_at_the_next_message(server: Any, opened: Any) -> None:
    transport = opened(open_visa(server.address, options=PY))
    with timing_out(transport):
        transport.query(b"SLOW?")
    server.stop()
    with pytest.raises(ConnectionFaultError):
        transport.query(b"A?")


def test_the_timeout_can_be_none(server: Any, opened: Any) -> None:
    transport = opened(open_visa(server.address, timeout=None, options=PY))
    assert transport.query(b"A?") == b"A"
    transport.timeout = 1e-9
    transport.timeout = 3
    assert transport.query(b"A?") == b"A"


def test_each_lan_instrument_has_a_lock_of_its_own(server: Any, opened: Any) -> None:
    first, second = (opened(open_visa(server.address, options=PY)) for _ in range(2))
    assert first.lock is not second.lock


def test_nothing_stays_open_after_closing(server: Any) -> None:
    library: Any = pyvisa.ResourceManager("@py").visalib
    before = set(library.sessions)  # those of other tests of this process
    transport = open_visa(server.address, options=PY)
    manager = transport._dialogue._resource._resource._resource_manager  # type: ignore[attr-defined] # inside
    assert set(manager.visalib.sessions) - before
    transport.close()
    left = [session for name, session in manager.visalib.sessions.items() if name not in before]
    assert [session for session in left if session is not manager.visalib] == []


def test_an_instrument_that_is_not_there_is_told_with_what_to_look_at(server: Any, capsys: Any) -> None:
    server.stop()
    with pytest.raises(ConnectError, match="LAN interface"):
        open_visa(server.address, timeout=SHORT, options=PY)
    assert capsys.readouterr() == ("", "")


# ------------------------------------------------------------------ sockets through VISA


def test_a_socket_through_visa_sends_at_once_and_reopens_after_a_timeout(tcp_instrument: Any, opened: Any) -> None:
    def behaviour(message: bytes, send: Callable[[bytes], None]) -> None:
        if message != b"SLOW?":
            send(message[:-1] + b"\n")

    instrument = tcp_instrument(behaviour)
    transport = opened(open_visa(instrument.address, options=PY))
    connection = transport._dialogue._resource._connection()
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert transport.query(b"A?") == b"A"
    with timing_out(transport, "opened anew before the next message"):
        transport.query(b"SLOW?")
    assert transport.query(b"B?") == b"B"
    assert len(instrument.clients) == 2
    with pytest.raises(UsageError, match="read_termination is empty"):
        opened(open_visa(instrument.address, read_termination="", options=PY)).read()


def test_a_socket_through_visa_that_is_refused_or_cut_is_told(tcp_instrument: Any, opened: Any) -> None:
    instrument = tcp_instrument()
    transport = opened(open_visa(instrument.address, timeout=SHORT, options=PY))
    assert transport.query(b"A?") == b"A"
    instrument.stop_listening()
    instrument.hang_up()
    with pytest.raises(ConnectionLostError):
        transport.query(b"A?")
    with pytest.raises(ConnectError, match="refuses connections to this protocol"):
        open_visa(instrument.address, timeout=SHORT, options=PY)
