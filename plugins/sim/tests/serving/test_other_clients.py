"""Conversations with clients that are not ours: PyVISA with pyvisa-py, lxi-tools, netcat."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import pyvisa
from luthier_sim import serve

from .devices import Supply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 20.0


@contextmanager
def opened(address: str) -> Iterator[Any]:
    manager = pyvisa.ResourceManager("@py")
    resource: Any = manager.open_resource(address)
    resource.read_termination = resource.write_termination = "\n"
    resource.timeout = PATIENCE * 1000
    try:
        yield resource
    finally:
        resource.close()
        manager.close()


def interface_of(resource: Any) -> Any:
    """Return pyvisa-py's own HiSLIP client, which can do more than PyVISA lets it."""
    return resource.visalib.sessions[resource.session].interface


WAYS: list[Any] = [
    pytest.param({"port": 0}, id="socket"),
    pytest.param({"hislip": 0}, id="HiSLIP"),
    pytest.param(
        {"pty": True},
        id="serial line",
        marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals"),
    ),
]


@pytest.mark.parametrize("way", WAYS)
def test_pyvisa_holds_a_conversation_that_is_right_to_the_error_queue(way: dict[str, Any]) -> None:
    with serve(Supply(), **way) as serving, opened(serving.address) as resource:
        assert resource.query("*IDN?") == "ACME,SUPPLY,1,0"
        resource.write("VOLT 5 mV")
        assert float(resource.query("SOUR:VOLTAGE?")) == 0.005
        resource.write("VOLT 31")
        resource.write("FOO")
        assert resource.query("SYST:ERR?") == '-222,"Data out of range"'
        assert resource.query("SYST:ERR?;:SYST:ERR?") == '-113,"Undefined header";0,"No error"'
        block = resource.query_binary_values("TABLe?", datatype="B", container=bytes)
        assert block == bytes(range(256)) * 10
        resource.write_binary_values("DATA ", list(range(256)), datatype="B")
        assert resource.query_binary_values("DATA?", datatype="B", container=bytes) == bytes(range(256))


def test_hislip_has_a_status_byte_a_device_clear_a_trigger_and_interrupted_questions() -> None:
    with serve(Supply(), hislip=0) as serving, opened(serving.address) as resource:
        assert resource.read_stb() == 0
        assert resource.query("*OPC?;FOO") == "1"  # so that it has been carried out
        assert resource.read_stb() == 4
        resource.write("*IDN?")
        assert resource.query("VOLT?") == "0"
        assert resource.query("SYST:ERR?;:SYST:ERR?").endswith('-410,"Query INTERRUPTED"')
    with serve(Supply(), hislip=0) as serving, opened(serving.address) as resource:
        resource.write("SLOW?")  # would come in a quarter of an hour
        resource.clear()
        assert resource.query("*IDN?") == "ACME,SUPPLY,1,0"
        interface_of(resource).trigger()
        assert resource.query("VOLT?") == "30"


def test_hislip_locks_keep_other_clients_out() -> None:
    with serve(Supply(), hislip=0) as serving, opened(serving.address) as mine, opened(serving.address) as theirs:
        my_lock, their_lock = interface_of(mine), interface_of(theirs)
        assert my_lock.async_lock_request(1.0) == "success"
        assert their_lock.async_lock_request(0.01) == "failure"
        assert their_lock.async_lock_info() == 1
        theirs.write("VOLT 3")  # has to wait
        assert mine.query("VOLT?") == "0"
        my_lock.async_lock_release()
        assert theirs.query("VOLT?") == "3"
        for word in ("ours", "ours"):
            assert my_lock.async_lock_request(1.0, word) in ("success", "error")
        assert their_lock.async_lock_request(1.0, "ours") == "success"
        assert their_lock.async_lock_info() == 0
        assert (mine.query("VOLT?"), theirs.query("VOLT?")) == ("3", "3")
        their_lock.async_lock_release()


@pytest.fixture
def served_port() -> Iterator[str]:
    with serve(Supply(), port=0) as serving:
        yield str(serving.port)


def run(*command: str, given: str = "") -> str:
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=PATIENCE, check=True)
    return done.stdout


@pytest.mark.skipif(shutil.which("lxi") is None, reason="lxi-tools is not installed")
def test_lxi_tools_hold_a_conversation_that_is_right_to_the_error_queue(served_port: str) -> None:
    def lxi(message: str) -> str:
        return run("lxi", "scpi", "-a", "127.0.0.1", "-r", "-p", served_port, message).strip()

    assert lxi("*IDN?") == "ACME,SUPPLY,1,0"
    assert lxi("VOLT 12") == ""
    assert lxi("VOLT?") == "12"
    assert lxi("VOLT 31") == ""
    assert lxi("SYST:ERR?") == '-222,"Data out of range"'
    assert lxi("SYST:ERR?") == '0,"No error"'


@pytest.mark.skipif(shutil.which("nc") is None, reason="netcat is not installed")
def test_netcat_pipes_messages_in_and_answers_out(served_port: str) -> None:
    said = run("nc", "-N", "127.0.0.1", served_port, given="*IDN?\nVOLT 3;VOLT?\nNONSENSE\nSYST:ERR?\n")
    assert said == 'ACME,SUPPLY,1,0\n3\n-113,"Undefined header"\n'


@pytest.mark.skipif(sys.platform == "win32", reason="signals end programs there at once")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_the_command_serves_until_it_is_told_to_end(ending: signal.Signals, tmp_path: Path) -> None:
    file = tmp_path / "supplies.py"
    file.write_text("from luthier_sim import ScpiDevice\nclass Two(ScpiDevice):\n    identity = 'TWO'\n", "utf-8")
    command = [sys.executable, "-m", "luthier_cli", "sim", "serve", f"{file}:Two", "--port", "0", "--hislip", "0"]
    with subprocess.Popen([*command, "--json", "--copies", "2"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            listed = json.loads(process.stdout.readline())
            assert [each["name"] for each in listed] == [f"{file}:Two/1", f"{file}:Two/2"]
            with opened(listed[1]["addresses"][1]) as resource:
                assert resource.query("*IDN?") == "TWO"
                process.send_signal(ending)
                assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
