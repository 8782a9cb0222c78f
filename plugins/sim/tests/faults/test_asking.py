"""How faults are asked for."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier import Instrument, Station, parameter
from luthier.errors import BusyError, ClosedError, OutOfStepError, ResponseTimeoutError, StationError, UsageError
from luthier.scpi import ArrayFormat
from luthier.testing.wire import DictTransport
from luthier_sim import (
    Device,
    Fault,
    FaultKind,
    FaultPlan,
    FaultyTransport,
    LineDevice,
    ScpiDevice,
    inject,
    open_faulty,
    parse_fault,
    query,
    serve,
)
from luthier_visa import open_visa

if TYPE_CHECKING:
    from pathlib import Path


def test_a_text_says_what_happens_and_when() -> None:
    assert parse_fault("latency 0.05 jitter 0.02 at 1, 3 on VOLT 1") == Fault(
        kind=FaultKind.LATENCY, amount=0.05, jitter=0.02, at=(1, 3), on="VOLT 1"
    )
    assert parse_fault(" mute 1% ") == Fault(kind=FaultKind.MUTE, probability=0.01)
    assert parse_fault("error -222 every 10").amount == -222
    assert parse_fault("error").amount == -300


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("muted", "Did you mean 'mute'"),
        ("", "no kind ''"),
        ("mute 3", "takes no number"),
        ("garbage jitter 1", "no jitter"),
        ("latency -1", "cannot take -1 s"),
        ("mute at 0", "counted from 1"),
        ("mute every 0", "every 1"),
        ("mute 101%", "101 %"),
        ("mute at 1 every 2", "cannot be understood"),
    ],
)
def test_a_text_that_means_nothing_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        FaultPlan(text)


def test_one_that_is_no_text_is_refused() -> None:
    with pytest.raises(UsageError, match="no text"):
        FaultPlan([3])


def test_an_error_needs_a_queue_and_a_fault_an_instrument() -> None:
    class Lines(LineDevice):
        """Has no error queue."""

    with pytest.raises(UsageError, match="no error queue"), inject(Lines(), "error"):
        pass
    with pytest.raises(UsageError, match="neither an instrument"), inject(object(), "mute"):  # type: ignore[arg-type] # that is the point
        pass


LAB = """\
[instruments.smu]
driver = "keithley.2400"
address = "sim://"
options = { timeout = 0.05, transport_options = { faults = ["mute at 2 on *IDN?", "identity at 1"], fault_seed = 3 } }
"""


def test_a_lab_asks_for_faults_of_an_instrument(tmp_path: Path) -> None:
    file = tmp_path / "lab.toml"
    file.write_text(LAB)
    with Station(file) as lab:
        assert lab.smu.query("*IDN?").startswith("ANOTHER MAKER")
        with pytest.raises(ResponseTimeoutError):
            lab.smu.query("*IDN?")
        assert lab.smu.query("*IDN?").startswith("KEITHLEY")
    file.write_text(LAB.replace("mute at 2", "mute at two"))
    with pytest.raises(StationError, match="is no fault"):
        Station(file)


def test_hardware_is_kept_from_others_all_the_same() -> None:
    options: dict[str, Any] = {"faults": "mute 1%", "shared": False}
    with luthier.open(Instrument, "sim://keithley.2400", name="one", transport_options=options):
        code = (
            "import luthier\n"
            "luthier.open(luthier.Instrument, 'sim://keithley.2400', name='two', transport_options={'shared': False})\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert BusyError.__name__ in done.stderr
    says: Any = open_faulty
    gpib: Any = open_visa
    assert says.hardware("GPIB0::24::INSTR", {"faults": "mute"}) == gpib.hardware("GPIB0::24::INSTR", {}) is not None


def test_an_address_without_faults_is_refused() -> None:
    with pytest.raises(UsageError, match="no faults are given"):
        open_faulty("faults://sim://keithley.2400")
    with pytest.raises(UsageError, match="fault_seed"):
        open_faulty("sim://keithley.2400", options={"faults": "mute", "fault_seed": "x"})


class SimulatedScope(ScpiDevice):
    """Answers with a block."""

    @query("CURVe?")
    def curve(self) -> bytes:
        return bytes(range(200))


class Scope(Instrument):
    """The driver."""

    curve = parameter(np.ndarray, get_cmd="CURV?", array=ArrayFormat("u1"), shape=(200,))


@pytest.mark.parametrize("where", ["wrapped", "on the wire"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("mute at 1", ResponseTimeoutError),
        ("half at 1", ResponseTimeoutError),
        ("garbage at 1", OutOfStepError),
        ("flood at 1", OutOfStepError),
        ("latency 0.3 at 1", ResponseTimeoutError),
    ],
)
def test_blocks_go_wrong_as_well(where: str, fault: str, error: type[Exception]) -> None:
    with serve(SimulatedScope(), port=0) as served, Scope("scope", served.address, timeout=0.15) as scope:
        target: Instrument | Device = scope if where == "wrapped" else served.device
        with inject(target, fault), pytest.raises(error):
            scope.curve.get()
        scope.timeout = 5.0
        assert list(scope.curve.get()) == list(range(200))


def test_who_waits_for_ever_is_let_go_by_closing() -> None:
    wire = FaultyTransport(DictTransport({"VOLT": "1"}, timeout=None), FaultPlan("mute"))
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            wire.query(b"VOLT?")
        except ClosedError as error:
            raised.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while asking.is_alive() and not wire.plan.happened:
        pass
    wire.close()
    asking.join(10)
    assert [type(error) for error in raised] == [ClosedError]


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_served_simulator_goes_wrong_on_its_wires() -> None:
    command = [sys.executable, "-m", "luthier_cli", "sim", "serve", "keithley.2400", "--json"]
    faults = ["--fault", "identity at 1", "--fault", "disconnect-after at 2"]
    with subprocess.Popen([*command, *faults], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())[0]["port"]
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"*IDN?\n")
            assert client.recv(100).startswith(b"ANOTHER MAKER")
            client.sendall(b"*IDN?\n")
            assert client.recv(100) == b""
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(10) == 0
    done = subprocess.run([*command, "--fault", "muted"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Did you mean 'mute'?" in done.stderr
