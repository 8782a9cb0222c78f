from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from click.testing import CliRunner
from luthier.errors import ConnectError
from luthier_servers import link
from luthier_servers.commands import servers, stop
from luthier_servers.remote_server import end_by_force

from .lab import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SERVE = [sys.executable, "-c", "import sys; from luthier_servers.commands import serve; serve(sys.argv[1:])"]

DRIVER = """
from luthier import Instrument, parameter

class Supply(Instrument):
    voltage = parameter(float, initial=0.5, unit="V")

    def make_safe(self):
        print("made safe", flush=True)
"""

LAB = """
[instruments.psu]
driver = "{file}:Supply"
"""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return what serves a lab; it is ended with the test, whatever happens."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        (tmp_path / "supply.py").write_text(DRIVER)
        lab = tmp_path / "lab.toml"
        lab.write_text(LAB.format(file="./supply.py"))
        process = subprocess.Popen(
            [*SERVE, str(lab), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=tmp_path,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def run(command: Any, *arguments: str) -> str:
    result = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


@pytest.mark.usefixtures("folder")
def test_servers_are_listed_with_what_they_do() -> None:
    assert run(servers) == "No server runs.\n"
    with Source("src", server_name="foo") as source:
        listed = run(servers)
        assert "foo: pid" in listed
        assert "src (" in listed
        (found,) = json.loads(run(servers, "--json"))
        assert (found["server"], found["pid"], found["state"]) == ("foo", source.pid(), "up")
        assert found["instruments"]["src"]["busy"] is None


@pytest.mark.usefixtures("folder")
def test_a_server_is_stopped_by_name() -> None:
    source = Source("src", server_name="foo")
    assert "The server 'foo' has ended" in run(stop, "foo")
    with pytest.raises(ConnectError):
        luthier.connect("foo")
    source.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
@pytest.mark.usefixtures("folder")
def test_a_frozen_server_is_named_and_can_be_ended_by_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link.Link._open, "__defaults__", (0.3,))
    source = Source("src", server_name="foo")
    os.kill(source.pid(), signal.SIGSTOP)
    assert "foo: does not answer (pid" in run(servers)
    with pytest.raises(ConnectError, match="luthier stop foo"):
        link.Link("foo").ensure_connected()
    assert end_by_force("foo")
    assert run(servers) == "No server runs.\n"
    source.close()


@pytest.mark.usefixtures("folder")
def test_a_lab_is_served_until_it_is_told_to_end(serve: Callable[..., subprocess.Popen[str]]) -> None:
    process = serve("--name", "bench")
    assert process.stdout is not None
    assert process.stdout.readline() == "Serving psu as 'bench'. Ctrl-C ends it.\n"
    with luthier.connect("bench", "psu") as psu:
        assert psu.voltage() == 0.5
        assert psu.voltage.unit == "V"
        psu.voltage(0.25)
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0, rest
    assert "made safe" in rest


def test_stopping_what_another_process_serves_waits_for_its_end(
    folder: Path, serve: Callable[..., subprocess.Popen[str]]
) -> None:
    process = serve()
    assert process.stdout is not None
    process.stdout.readline()
    assert "The server 'lab' has ended" in run(stop, "lab")
    process.communicate(timeout=20)
    assert process.returncode == 0
    assert list(folder.iterdir()) == []


def test_a_lab_with_a_mistake_leaves_no_server(folder: Path, tmp_path: Path) -> None:
    lab = tmp_path / "lab.toml"
    lab.write_text('[instruments.psu]\ndriver = "nobody.nothing"\n')
    done = subprocess.run([*SERVE, str(lab)], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0
    assert "nobody" in done.stderr
    assert list(folder.iterdir()) == []
