"""Servers that outlive the process that started them, and end when they are told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import luthier
import luthier_servers
import pytest
from click.testing import CliRunner
from luthier.errors import ConnectError
from luthier_servers import local, starting
from luthier_servers.commands import serve, stop

from .lab import Source
from .test_failures import eventually, is_gone, unix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DRIVER = """
import sys
from luthier import Instrument, parameter

class Supply(Instrument):
    voltage = parameter(float, initial=0.5, unit="V")

    def make_safe(self):
        print("made safe", file=sys.stderr, flush=True)
"""
LAB = """
[instruments.psu]
driver = "./supply.py:Supply"
"""


@pytest.fixture
def lab(tmp_path: Path) -> str:
    (tmp_path / "supply.py").write_text(DRIVER)
    file = tmp_path / "lab.toml"
    file.write_text(LAB)
    return str(file)


@pytest.fixture
def ended(folder: Path) -> Iterator[Callable[[str], None]]:
    """Kill, at the end of a test, the detached servers that it is told of and that still live."""
    del folder
    pids: list[int] = []
    yield pids.append  # type: ignore[misc]  # numbers
    for pid in pids:
        if not is_gone(pid):
            os.kill(pid, signal.SIGKILL)
    for pid in pids:
        eventually(lambda pid=pid: is_gone(pid))  # type: ignore[misc]  # its own


def run(command: Any, *arguments: str) -> str:
    result = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


PARENT = """
import sys
import luthier_servers
from luthier import Instrument, parameter

class Mine(Instrument):
    level = parameter(float, initial=1.0)
    def make_safe(self):
        open({marker!r}, "w").close()

server = luthier_servers.start("foo", detach=True)
mine = Mine("mine", server_name="foo")
print(server.pid, flush=True)
{then}
"""


@unix
@pytest.mark.parametrize("then", ["", "import os; os.kill(os.getpid(), 9)"])
def test_a_detached_server_outlives_its_parent_and_ends_by_sigterm(
    then: str, folder: Path, tmp_path: Path, ended: Callable[[int], None]
) -> None:
    marker = tmp_path / "safe"
    parent = subprocess.run(
        [sys.executable, "-c", PARENT.format(marker=str(marker), then=then)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
    )
    pid = int(parent.stdout)
    ended(pid)
    with luthier.connect("foo", "mine") as mine:
        assert mine.level.get() == 1.0
        mine.level.set(2.0)
    assert not marker.exists()
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: is_gone(pid))
    assert marker.exists()
    assert list(folder.iterdir()) == []


@unix
def test_a_lab_is_served_detached_and_stopped_by_name(lab: str, folder: Path, ended: Callable[[int], None]) -> None:
    try:
        said = run(serve, lab, "--name", "bench", "--detach")
        assert "Serving psu as 'bench', process" in said
        assert "luthier stop bench ends it. Its log:" in said
        with luthier.connect("bench") as server:
            ended(server.pid)
            log = server.log
            assert server["psu"].voltage.get() == 0.5
        assert run(stop, "bench") == "The server 'bench' has ended.\n"
        assert log.read_text() == "made safe\n"  # what was said is kept for those who look later
        log.unlink()
        assert list(folder.iterdir()) == []
    finally:
        starting.stop_children()


def test_a_lab_with_a_mistake_is_told_and_nothing_is_left(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "lab.toml"
    file.write_text('[instruments.psu]\ndriver = "nobody.nothing"\n')
    with pytest.raises(ConnectError, match=r"server bench: the server could not be started: .*nobody"):
        local.start("bench", detach=True, lab=str(file))
    assert list(folder.iterdir()) == []


@unix
def test_its_parent_puts_classes_of_its_own_on_a_detached_server_and_restarts_it(
    folder: Path, ended: Callable[[int], None]
) -> None:
    server = luthier_servers.start("foo", detach=True)
    ended(server.pid)
    with Source("src", server_name="foo") as source:
        first = server.pid
        server.restart()
        ended(server.pid)
        assert is_gone(first)
        assert source.voltage.get() == 1.0
    starting.stop_children()
    assert luthier.connect("foo").names() == []
    with pytest.raises(ConnectError, match=rf"a server 'foo' runs already \(process {server.pid}\)"):
        local.start("foo")
    server.stop()
    assert is_gone(server.pid)
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("folder")
def test_a_server_that_is_not_detached_ends_with_its_parent() -> None:
    server = luthier_servers.start("foo")
    pid = server.pid
    starting.stop_children()
    assert is_gone(pid)
