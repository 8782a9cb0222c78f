"""Instruments in other processes, beside an echo of as many bytes over a Unix socket between two processes."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier import Instrument, parameter
from luthier.validators import Numbers
from luthier_servers import local

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no Unix sockets")

MANY = 100
CALLERS = 8
SIZE = 10_000_000 // 8

ECHO = """
import socket, sys, threading
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)

def serve(connection):
    while data := connection.recv(65536):
        connection.sendall(data)

def accept():
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
"""


class Bench(Instrument):
    level = parameter(float, get_cmd=lambda _: 0.5, set_cmd=lambda _, __: None, validator=Numbers(-1, 1))
    trace = parameter(np.ndarray, get_cmd=lambda _: np.zeros(SIZE))

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        for number in range(MANY):
            self.add_parameter(f"p{number}", float, get_cmd=lambda: 0.5)


class Over(Instrument):
    def __init__(self, name: str, member: Any, **options: Any) -> None:
        super().__init__(name, **options)
        self.add_parameter("level", float, get_cmd=member.level.get)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lu") as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUTHIER_RUNTIME_DIR", place)
        yield Path(place)


@pytest.fixture(scope="module")
def echo(folder: Path) -> Iterator[socket.socket]:
    path = str(folder / "echo.sock")
    process = subprocess.Popen(
        [sys.executable, "-c", ECHO, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.readline()
    with socket.socket(socket.AF_UNIX) as connected:
        connected.connect(path)
        yield connected
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="module")
def bench(folder: Path) -> Iterator[Any]:
    del folder
    with Bench("bench", server_name="foo") as opened:
        yield opened
        opened.server.stop()


def exchange(echo: socket.socket, data: bytes) -> bytes:
    echo.sendall(data)
    return echo.recv(65536)


REQUEST = bytes(45)  # a get with its prefix


def test_echo(limit: Any, echo: socket.socket) -> None:
    limit("servers").pedantic(exchange, args=(echo, REQUEST), rounds=10_000, warmup_rounds=500)


def test_remote_get(subject: Any, bench: Any) -> None:
    subject("servers", budget=2.5).pedantic(bench.level.get, rounds=10_000, warmup_rounds=500)


def test_remote_set_with_validator(subject: Any, bench: Any) -> None:
    subject("servers", budget=2.5).pedantic(bench.level.set, args=(0.5,), rounds=10_000, warmup_rounds=500)


@pytest.mark.parametrize("server", ["foo", "bar"])
def test_get_through_a_meta(subject: Any, bench: Any, server: str) -> None:
    with Over("over", bench, server_name=server) as over:
        subject("servers").pedantic(over["level"].get, rounds=5000, warmup_rounds=500)
        if server == "bar":
            over.server.stop()


def test_get_many_of_100(subject: Any, bench: Any) -> None:
    parameters = [bench[f"p{number}"] for number in range(MANY)]
    subject("servers", per=MANY).pedantic(luthier.get_many, args=(parameters,), rounds=500, warmup_rounds=50)


def test_eight_callers(subject: Any, bench: Any) -> None:
    """Time per get, where eight threads get at the same time."""
    each = 200

    def use(_: int) -> None:
        for _ in range(each):
            bench.level.get()

    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(use, range(CALLERS)))
        subject("servers", per=CALLERS * each).pedantic(lambda: list(pool.map(use, range(CALLERS))), rounds=10)


def test_bytes_of_an_array_through_the_echo(limit: Any, echo: socket.socket) -> None:
    data = bytes(SIZE * 8)

    def there_and_back() -> int:
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(echo.sendall, data)
            view, got = memoryview(bytearray(len(data))), 0
            while got < len(data):
                got += echo.recv_into(view[got:])
            sending.result()
            return got

    limit("10 MB array").pedantic(there_and_back, rounds=10, warmup_rounds=1)


def test_array(subject: Any, bench: Any) -> None:
    subject("10 MB array").pedantic(bench.trace.get, rounds=10, warmup_rounds=1)


def test_python_starts(limit: Any) -> None:
    limit("server start").pedantic(subprocess.check_call, args=([sys.executable, "-c", ""],), rounds=5)


@pytest.mark.usefixtures("folder")
def test_a_server_starts_and_ends(subject: Any) -> None:
    subject("server start").pedantic(lambda: local.start("fresh").stop(), rounds=5)
