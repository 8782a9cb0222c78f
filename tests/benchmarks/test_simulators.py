"""Queries of simulated instruments: in process, and over TCP; and that no bytes make one grow.

``LUTHIER_FUZZ_SECONDS=3600 python3 dev.py bench -k memory`` sends malformed messages for an hour.
"""

from __future__ import annotations

import os
import random
import socket
import threading
import time
import tracemalloc
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest
from luthier_sim import Clock, ScpiDevice, open_simulated, query, reset_simulators, serve, setting
from luthier_sim.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GROUP = "query of a simulated instrument"
EACH = 200
"""Queries in a round."""
INSTRUMENTS = 100


class Meter(ScpiDevice):
    """Computes what it answers."""

    voltage = setting("SOURce:VOLTage", 1.5, minimum=-10, maximum=10, unit="V")

    @query("MEASure:CURRent?")
    def current(self) -> float:
        return self.voltage / 1000.0


@pytest.fixture
def echo_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while data := connection.recv(65_536):
                    connection.sendall(data)

        thread = threading.Thread(target=talk)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def ask_over_tcp(client: socket.socket) -> None:
    for _ in range(EACH):
        client.sendall(b"MEAS:CURR?\n")
        client.recv(100)


def connected(port: int | None) -> socket.socket:
    assert port
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def test_bare_socket_echo(limit: Callable[..., Any], echo_port: int) -> None:
    with connected(echo_port) as client:
        limit(GROUP, per=EACH)(ask_over_tcp, client)


def test_python_device_over_tcp(subject: Callable[..., Any]) -> None:
    with serve(Meter()) as served, connected(served.port) as client:
        subject(GROUP, per=EACH)(ask_over_tcp, client)


def test_python_device_in_process(subject: Callable[..., Any]) -> None:
    with closing(open_simulated("sim://keithley.2400/bench")) as transport:
        subject(GROUP, per=EACH)(lambda: [transport.query(b"SOUR:VOLT?") for _ in range(EACH)])
    reset_simulators()


def test_pyvisa_sim_in_process(subject: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "meter.yaml"
    file.write_text(
        'spec: "1.1"\ndevices:\n  meter:\n    eom:\n      GPIB INSTR: {q: "\\n", r: "\\n"}\n'
        '    properties:\n      voltage:\n        default: 1.5\n        getter: {q: "SOUR:VOLT?", r: "{:+.6E}"}\n'
        "        specs: {type: float}\n"
        "resources:\n  GPIB0::1::INSTR: {device: meter}\n",
        encoding="utf-8",
    )
    with closing(open_simulated(f"sim://{file.as_posix()}")) as transport:
        subject(GROUP, per=EACH)(lambda: [transport.query(b"SOUR:VOLT?") for _ in range(EACH)])
    reset_simulators()


def test_one_query_to_each_of_a_hundred_instruments_in_one_process(subject: Callable[..., Any]) -> None:
    with ExitStack() as stack:
        served = [stack.enter_context(serve(Meter(str(number)))) for number in range(INSTRUMENTS)]
        clients = [stack.enter_context(connected(each.port)) for each in served]

        def ask_all() -> None:
            for client in clients:
                client.sendall(b"MEAS:CURR?\n")
            for client in clients:
                client.recv(100)

        subject(GROUP, per=INSTRUMENTS)(ask_all)


PIECES = (
    *(b"SOUR:VOLT", b"MEAS:CURR?", b"*IDN?", b"*RST", b"SYST:ERR?", b"STAT:OPER:ENAB", b"#15ab", b"#0", b"#9999999999"),
    *(b" ", b";", b",", b"\n", b":", b"?", b'"', b"'", b"(@1:9)", b"1E9999", b"5 mV", b"\xff\x00", b"A" * 100),
)


def test_memory_stays_level_whatever_is_sent(figure: Callable[[str, str], None]) -> None:
    seconds = float(os.environ.get("LUTHIER_FUZZ_SECONDS", "2"))
    chance = random.Random(1)  # noqa: S311 - repeatable nonsense
    device = Meter(clock=Clock(speed=0))
    count = 0

    def send_for(duration: float) -> None:
        nonlocal count
        end = time.monotonic() + duration
        while time.monotonic() < end:
            conversation = Conversation(device, watched=True)
            for _ in range(20):
                nonsense = b"".join(chance.choices(PIECES, k=chance.randrange(12))) + chance.randbytes(3)
                conversation.receive(nonsense, ended=chance.random() < 0.5)
                count += 1

    tracemalloc.start()
    try:
        send_for(seconds / 2)
        before = tracemalloc.get_traced_memory()[0]
        send_for(seconds / 2)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    figure(f"memory that a device grew by, over {count} malformed messages", f"{grown} bytes")
    assert grown < 2**21
    assert device.respond(b"*CLS;*OPC?") == b"1\n"
