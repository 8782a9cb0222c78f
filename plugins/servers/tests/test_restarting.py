"""A server that is started again: one restart for all who ask, and nobody in its way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument, parameter
from luthier.errors import ConnectError
from luthier_servers import starting

from .lab import Base, Source

if TYPE_CHECKING:
    from pathlib import Path

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")

TAKE_AWAY = """
import sys
from luthier_servers.addresses import ServerFiles
files = ServerFiles("foo")
print("looking", flush=True)
while True:
    files.remove_if_stale()
"""


ANSWERING = """
import luthier, sys
one = luthier.connect("foo", "one")
for line in sys.stdin:
    print(one.x.get(), flush=True)
"""


class Fragile(Instrument):
    """Can be built while a file exists."""

    level = parameter(float, initial=0.5)

    def __init__(self, name: str, needed: str, **options: Any) -> None:
        super().__init__(name, **options)
        os.stat(needed)  # noqa: PTH116 - whatever raises


@unix
@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_those_who_take_away_what_killed_servers_left_do_not_keep_a_new_one_from_starting() -> None:
    with Source("src", server_name="foo") as source:
        server = source.server
        looking = [subprocess.Popen([sys.executable, "-c", TAKE_AWAY], stdout=subprocess.PIPE) for _ in range(3)]
        try:
            for process in looking:
                assert process.stdout is not None
                assert process.stdout.readline() == b"looking\n"
            for _ in range(8):
                os.kill(server.pid, signal.SIGKILL)
                server.restart()
                assert source.voltage.get() == 1.0
        finally:
            for process in looking:
                process.kill()
                process.communicate()


@unix
@pytest.mark.usefixtures("folder")
def test_threads_that_restart_at_the_same_time_get_one_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    start = starting.start

    def counting(*args: Any, **options: Any) -> starting.Child:
        child = start(*args, **options)
        started.append(child.pid)
        return child

    with Source("src", server_name="foo") as source, ThreadPoolExecutor(6) as pool:
        server = source.server
        monkeypatch.setattr(starting, "start", counting)
        os.kill(server.pid, signal.SIGKILL)
        restarts = [pool.submit(server.restart) for _ in range(6)]
        for restart in restarts:
            restart.result(20)
        assert source.voltage.get() == 1.0
    assert len(started) == 1


@unix
def test_what_cannot_be_built_again_is_named_and_the_rest_is_there(folder: Path, tmp_path: Path) -> None:
    needed = tmp_path / "needed"
    needed.touch()
    with Fragile("weak", str(needed), server_name="foo") as weak, Source("src", server_name="foo") as source:
        needed.unlink()
        server = source.server
        with pytest.raises(ConnectError, match="started again, but could not build weak: weak: FileNotFoundError"):
            server.restart()
        assert source.voltage.get() == 1.0
        assert server.names() == ["src"]
        needed.touch()
        server.restart()
        assert weak.level.get() == 0.5
        assert sorted(server.names()) == ["src", "weak"]
    assert {path.suffix for path in folder.iterdir()} <= {".lock", ".sock"}


@unix
@pytest.mark.usefixtures("folder")
def test_a_proxy_elsewhere_goes_on_with_the_server_that_was_started_again() -> None:
    with Base("one", server_name="foo") as one:
        other = subprocess.Popen(
            [
                sys.executable,
                "-c",
                ANSWERING,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

        def ask() -> str:
            assert other.stdin is not None
            assert other.stdout is not None
            other.stdin.write("get\n")
            other.stdin.flush()
            return other.stdout.readline().strip()

        server = one.server
        try:
            one["x"].set(7)
            assert ask() == "7"
            os.kill(server.pid, signal.SIGKILL)
            server.restart()
            assert ask() == "0"  # built anew
            one["x"].set(8)
            assert ask() == "8"
        finally:
            other.communicate()
        assert other.returncode == 0
