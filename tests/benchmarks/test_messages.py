"""A message to a TCP instrument and its answer, beside the bare exchange with the same server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Instrument, parameter
from luthier.scpi import ArrayFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POINTS = 10_001
EXCHANGES = 100
"""Exchanges in one round: one alone measures how deep the other process slept."""

# A process of its own, so that client and server do not share an interpreter lock; ends with its standard input.
SERVER = f"""
import os, socket, sys, threading
import numpy as np
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {{max(os.sched_getaffinity(0))}})
data = np.linspace(0, 1, {POINTS}).astype("<f8").tobytes()
block = b"#" + str(len(str(len(data)))).encode() + str(len(data)).encode() + data + b"\\n"
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)

def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    pending = b""
    while chunk := connection.recv(4096):
        *lines, pending = (pending + chunk).split(b"\\n")
        for line in lines:
            if line.endswith(b"DATA?"):
                connection.sendall(block)
            elif line.endswith(b"?"):
                connection.sendall(b"+1.50000E+00\\n")

def accept():
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
"""


class Meter(Instrument):
    level = parameter(float, get_cmd="LEV?", unit="V")
    trace = parameter(np.ndarray, get_cmd="DATA?", array=ArrayFormat("f8", "little"))


@contextmanager
def _on_one_core() -> Iterator[None]:
    """Stay on another core than the server: where both may move, times differ tenfold from run to run."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    with _on_one_core():
        yield int(process.stdout.readline())
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
def raw(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection


@pytest.fixture
def meter(port: int) -> Iterator[Meter]:
    with Meter("meter", f"TCPIP::127.0.0.1::{port}::SOCKET") as opened:
        yield opened


def _repeat(exchange: Callable[[], object]) -> None:
    for _ in range(EXCHANGES):
        exchange()


def test_raw_exchange(limit: Any, raw: socket.socket) -> None:
    def exchange() -> bytes:
        raw.sendall(b"LEV?\n")
        return raw.recv(4096)

    limit("query over TCP", per=EXCHANGES).pedantic(_repeat, args=(exchange,), rounds=100, warmup_rounds=5)


def test_parameter_over_a_plain_socket(subject: Any, meter: Meter) -> None:
    measure = subject("query over TCP", budget=1.5, per=EXCHANGES)
    measure.pedantic(_repeat, args=(meter.level.get,), rounds=100, warmup_rounds=5)


def test_query_over_a_plain_socket(subject: Any, meter: Meter) -> None:
    measure = subject("query over TCP", budget=1.5, per=EXCHANGES)
    measure.pedantic(_repeat, args=(lambda: meter.query("LEV?"),), rounds=100, warmup_rounds=5)


def test_raw_block(limit: Any, raw: socket.socket) -> None:
    size = POINTS * 8
    buffer = bytearray(size + len(str(size)) + 3)

    def exchange() -> Any:
        raw.sendall(b"DATA?\n")
        view, got = memoryview(buffer), 0
        while got < len(buffer):
            got += raw.recv_into(view[got:])
        return np.frombuffer(buffer, dtype="<f8", count=POINTS, offset=2 + len(str(size)))

    limit("10,001 doubles over TCP", per=EXCHANGES).pedantic(_repeat, args=(exchange,), rounds=40, warmup_rounds=3)


def test_parameter_of_a_block(subject: Any, meter: Meter) -> None:
    measure = subject("10,001 doubles over TCP", budget=1.5, per=EXCHANGES)
    measure.pedantic(_repeat, args=(meter.trace.get,), rounds=40, warmup_rounds=3)
