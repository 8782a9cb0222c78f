"""Hardware that one process has open is refused to others, whether a script has it or a server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier import Instrument, hardware
from luthier.errors import BusyError, ConnectError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT: dict[str, Any] = {"transport_options": {"shared": False}}
"""For an address of this machine, which is taken for a simulator otherwise."""

SCRIPT = """
import sys
from luthier import Instrument
smu = Instrument("smu", {address!r}, transport_options={{"shared": False}})
print(smu.query("*IDN?"), flush=True)
sys.stdin.read()
"""


class Meter(Instrument):
    """Any instrument."""


@pytest.fixture
def address() -> Iterator[str]:
    """Serve an instrument that answers everything, to any number of clients."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(client: socket.socket) -> None:
        with client:
            while client.recv(1000):
                client.sendall(b"ACME,1,2,3\n")

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(client,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    yield f"TCPIP::127.0.0.1::{listener.getsockname()[1]}::SOCKET"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    accepting.join()
    for thread in threads:
        thread.join()


@pytest.fixture(autouse=True)
def folder(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(hardware, "_FREEING", 0.2)
    return short_folder


@pytest.fixture
def short_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path_factory.mktemp("r")
    monkeypatch.setenv("LUTHIER_RUNTIME_DIR", str(place))
    place.chmod(0o700)
    return place


@pytest.fixture
def script(address: str) -> Iterator[subprocess.Popen[str]]:
    """Another script that has the hardware open."""
    text = SCRIPT.format(address=address)
    process = subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ACME,1,2,3\n"
    yield process
    process.kill()
    process.communicate()


def test_a_script_keeps_other_processes_out_until_it_ends(
    script: subprocess.Popen[str], address: str, folder: Path
) -> None:
    for _ in range(2):
        with pytest.raises(
            BusyError, match=rf"meter \({address}\): the hardware at .* is in use by smu in -c "
        ) as caught:
            Meter("meter", address, **KEPT)
        assert f"(process {script.pid})" in str(caught.value)
        assert luthier.instruments() == {}
    with Meter("meter", address, transport_options={"shared": True}) as both:
        assert both.idn.vendor == "ACME"
    script.communicate()  # closes in order
    assert script.returncode == 0
    assert list(folder.iterdir()) == []
    with Meter("meter", address, **KEPT) as meter:
        assert meter.idn.vendor == "ACME"
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
def test_a_script_that_was_killed_keeps_nobody_out(script: subprocess.Popen[str], address: str, folder: Path) -> None:
    os.kill(script.pid, signal.SIGKILL)
    with Meter("meter", address, **KEPT) as meter:
        assert meter.idn.vendor == "ACME"
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
@pytest.mark.slow
def test_a_server_keeps_scripts_out_and_says_how_to_use_it(address: str, folder: Path) -> None:
    with Meter("meter", address, server_name="foo", **KEPT) as meter:
        server = meter.server
        with pytest.raises(
            BusyError,
            match=rf"in use by meter on the server 'foo' \(process {server.pid}\).*luthier\.connect\('foo', 'meter'\)",
        ):
            Meter("mine", address, **KEPT)
        with pytest.raises(BusyError, match="in use by meter on the server 'foo'"):
            Meter("mine", address, server_name="bar", **KEPT)
        with pytest.raises(ConnectError):
            luthier.connect("bar")  # it was started for this one
        server.restart()  # has it again
        assert meter.idn.vendor == "ACME"
        os.kill(server.pid, signal.SIGKILL)
        with Meter("mine", address, **KEPT) as mine:
            assert mine.idn.vendor == "ACME"
            with pytest.raises(ConnectError, match="could not build meter: meter: BusyError"):
                server.restart()
        server.restart()
        assert meter.idn.vendor == "ACME"
    server.stop()
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
@pytest.mark.slow
def test_a_serial_line_is_kept_without_being_asked(folder: Path) -> None:
    ours, theirs = os.openpty()
    with closing(os.fdopen(ours, "rb")), closing(os.fdopen(theirs, "rb")):
        port = f"ASRL{os.ttyname(theirs)}::INSTR"
        with Meter("meter", port, transport_options={"backend": "@py"}):
            assert len(list(folder.glob("*.held"))) == 1
            found = subprocess.run(
                [sys.executable, "-c", f"from luthier import Instrument; Instrument('smu', {port!r})"],
                capture_output=True,
                text=True,
                check=False,
            )
            assert "BusyError" in found.stderr
            assert "in use by meter in" in found.stderr
    assert list(folder.iterdir()) == []


def test_addresses_of_this_machine_are_kept_only_where_that_is_asked(address: str, folder: Path) -> None:
    with Meter("meter", address):
        assert list(folder.iterdir()) == []
    with pytest.raises(UsageError, match=r"the transport option shared is 'yes': allowed are True, False, and None"):
        Meter("meter", address, transport_options={"shared": "yes"})


def test_what_cannot_be_opened_is_not_kept(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectError):
        Meter("meter", f"TCPIP::127.0.0.1::{port}::SOCKET", **KEPT)
    assert list(folder.iterdir()) == []
