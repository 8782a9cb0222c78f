"""Simulated instruments over real wires, talked to with nothing but sockets."""

from __future__ import annotations

import logging
import os
import socket
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from luthier.errors import ConnectError, UsageError
from luthier_sim import Clock, LineDevice, answers, serve

from .devices import Supply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luthier_sim import Served

PATIENCE = 20.0


class Client:
    """A plain socket."""

    def __init__(self, port: int | None) -> None:
        assert port
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> bytes:
        return self.file.readline()

    def ask(self, data: bytes) -> bytes:
        self.send(data)
        return self.line()

    def is_cut_off(self) -> bool:
        """Whether nothing more comes; what the other side has not read makes the system reset the connection."""
        try:
            return self.line() == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@pytest.fixture
def served() -> Iterator[Served]:
    with serve(Supply(clock=Clock()), port=0) as serving:
        yield serving


@pytest.fixture
def clients(served: Served) -> Iterator[list[Client]]:
    made = [Client(served.port) for _ in range(3)]
    yield made
    for client in made:
        client.close()


def test_several_clients_share_one_device_and_get_their_own_answers(clients: list[Client]) -> None:
    wrong: list[bytes] = []

    def work(client: Client, number: int) -> None:
        for turn in range(200):
            reply = client.ask(b"VOLT %d;VOLT?;*IDN?\n" % (number + turn % 2))
            if reply != b"%d;ACME,SUPPLY,1,0\n" % (number + turn % 2):
                wrong.append(reply)

    threads = [threading.Thread(target=work, args=(client, 10 * n)) for n, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    clients[0].send(b"VOLT 25\n")
    assert clients[0].ask(b"VOLT?\n") == b"25\n"
    assert clients[1].ask(b"VOLT?\n") == b"25\n"


def test_messages_may_come_in_any_pieces(clients: list[Client]) -> None:
    client = clients[0]
    for byte in b"*IDN?\n":
        client.send(bytes([byte]))
    assert client.line() == b"ACME,SUPPLY,1,0\n"
    client.send(b"VOLT 3\r\nVOLT?\r\nVOLT 4;VO")
    assert client.line() == b"3\n"
    client.send(b"LT?\n\n\nDATA #3")
    assert client.line() == b"4\n"
    client.send(b"005\n\n")
    client.send(b";\n\n\nDATA?\n")
    assert client.file.read(len(b"#15\n\n;\n\n\n")) == b"#15\n\n;\n\n\n"


def test_a_long_reply_comes_whole(clients: list[Client]) -> None:
    client = clients[0]
    client.send(b"LONG?\n")
    head = b"#72560000"
    assert client.file.read(len(head) + 2_560_001) == head + bytes(range(256)) * 10_000 + b"\n"


def test_half_a_message_is_gone_with_its_connection(served: Served, clients: list[Client]) -> None:
    clients[0].send(b"VOLT 7;VO")
    clients[0].close()
    assert clients[1].ask(b"VOLT?\n") == b"0\n"
    assert served.device.cut_off is False


def test_closing_ends_what_clients_wait_for() -> None:
    clock = Clock()
    with serve(Supply(clock=clock), port=0) as serving:
        client, other = Client(serving.port), Client(serving.port)
        assert client.ask(b"*IDN?\n") == other.ask(b"*IDN?\n")
        client.send(b"SLOW?\n")
        other.send(b"LONG?\n" * 10)  # and does not read
    assert client.is_cut_off()
    serving.close()
    client.close()
    other.close()


def test_a_clock_that_stands_still_lets_nobody_wait() -> None:
    clock = Clock(speed=0)
    with serve(Supply(clock=clock), port=0) as serving:
        client = Client(serving.port)
        assert client.ask(b"SLOW?\n") == b"1\n"
        client.close()
    assert clock.now() == 1000.0


def test_a_fault_in_the_device_itself_is_logged_and_reported(
    clients: list[Client], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, logger="luthier_sim"):
        clients[0].send(b"BROK?\n")
        assert clients[0].ask(b"SYST:ERR?\n") == b'-310,"System error"\n'
    assert clients[0].ask(b"*IDN?\n") == b"ACME,SUPPLY,1,0\n"


def test_a_message_without_end_is_thrown_away(served: Served, clients: list[Client]) -> None:
    type(served.device).largest_message = 1000
    try:
        clients[0].send(b"VOLT " + b"1" * 100_000)
        clients[0].send(b"1\n")
        assert clients[0].ask(b"SYST:ERR?\n") == b'-363,"Input buffer overrun"\n'
        assert clients[0].ask(b"VOLT?\n") == b"0\n"
    finally:
        del type(served.device).largest_message


def test_a_taken_port_and_a_foreign_host_are_told(served: Served) -> None:
    with pytest.raises(ConnectError, match=rf"cannot listen on 127\.0\.0\.1, port {served.port}"):
        serve(Supply, port=served.port)
    with pytest.raises(ConnectError, match="cannot listen on no-such-host"):
        serve(Supply, port=0, host="no-such-host.invalid")


def test_what_is_served_in_this_process_is_what_is_opened_in_it(lamp_file: Path) -> None:
    from luthier_sim import open_simulated  # noqa: PLC0415 - only here

    here = open_simulated(f"sim://{lamp_file.as_posix()}")
    with serve(lamp_file.as_posix()) as serving:
        client = Client(serving.port)
        client.send(b"POW 42\n")
        assert client.ask(b"POW?\n") == b"42.000000\n"
        assert here.query(b"POW?") == b"42.000000"
        client.send(b"\xff\n")  # which pyvisa-sim cannot take
        assert client.ask(b"POW?\n") == b"42.000000\n"
        client.close()
    here.close()


@pytest.mark.usefixtures("acme")
def test_what_can_be_served_is_named_in_several_ways(tmp_path: Path) -> None:
    file = tmp_path / "lamps.py"
    file.write_text("from luthier_sim import ScpiDevice\nclass Lamp(ScpiDevice):\n    identity = 'MINE'\n", "utf-8")
    for what, identity in (
        ("acme.lamp", b"ACME,LAMP,1,0\n"),
        ("sim://acme.lamp/left", b"ACME,LAMP,1,0\n"),
        (f"{file}:Lamp", b"MINE\n"),
        (Supply, b"ACME,SUPPLY,1,0\n"),
        ("luthier_sim:ScpiDevice", b"LUTHIER,SIMULATED DEVICE,0,0\n"),
    ):
        with serve(what) as serving:
            client = Client(serving.port)
            assert client.ask(b"*IDN?\n") == identity
            client.close()


@pytest.mark.parametrize(
    ("what", "match"),
    [
        ("./nowhere.py:Lamp", "there is no file"),
        ("no_such_module:Lamp", "there is no module 'no_such_module'"),
        ("luthier_sim:Clock", "is no simulated device"),
        (5, "5 is no simulated device"),
    ],
)
def test_what_cannot_be_served_is_told(what: Any, match: str) -> None:
    with pytest.raises(UsageError, match=match):
        serve(what)


class Line(LineDevice):
    """A thermometer on a serial line."""

    terminator = b"\r"

    @answers("T?")
    def temperature(self) -> str:
        return "4.2"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
def test_a_serial_line_is_a_pseudo_terminal() -> None:
    with serve(Line, pty=True) as serving:
        assert serving.path
        port = os.open(serving.path, os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(port, b"T?\rT?\r")
            reply = b""
            while len(reply) < len(b"4.2\r4.2\r"):
                reply += os.read(port, 100)
            assert reply == b"4.2\r4.2\r"
        finally:
            os.close(port)
        assert serving.address == f"ASRL{serving.path}::INSTR"


def test_a_hundred_instruments_are_served_at_once() -> None:
    with ExitStack() as stack:
        serving = [stack.enter_context(serve(Supply(str(number)), port=0)) for number in range(100)]
        clients = [Client(each.port) for each in serving]
        for number, client in enumerate(clients):
            stack.callback(client.close)
            client.send(b"VOLT %d.5E-1\n" % number)
        replies = [float(client.ask(b"VOLT?\n")) for client in clients]
    assert replies == [pytest.approx((number + 0.5) / 10) for number in range(100)]
