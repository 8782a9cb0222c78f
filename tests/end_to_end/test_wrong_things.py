"""Wrong things that a new user tries: each gives one clear error, and loses nothing."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import (
    ClosedError,
    ConnectError,
    NameClashError,
    UnknownNameError,
    UnknownPluginError,
    UsageError,
    ValidationError,
    WrongTypeError,
)

from .messages import told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def smu() -> Iterator[Any]:
    with luthier.open("keithley.2400", "sim://", name="smu") as opened:
        opened.voltage(1.5)
        yield opened


@pytest.mark.parametrize("volts", [300, -211.0, 1e9, float("inf"), float("nan")])
def test_a_value_out_of_range(smu: Any, volts: float) -> None:
    told(ValidationError, lambda: smu.voltage(volts), "smu.voltage", "-210 V to 210 V", "Nothing was sent", "1.5 V")
    assert smu.voltage.cache.value == 1.5
    assert smu.voltage() == 1.5


@pytest.mark.parametrize("volts", ["high", None, True, [1.0], {}])
def test_a_value_of_the_wrong_type(smu: Any, volts: object) -> None:
    told(WrongTypeError, lambda: smu.voltage(volts), "smu.voltage", "Nothing was sent")
    assert smu.voltage() == 1.5


def test_a_misspelt_parameter(smu: Any) -> None:
    told(UnknownNameError, lambda: smu.volage, "smu", "'volage'", "Did you mean 'voltage'")
    told(UnknownNameError, lambda: smu.set("Voltage", 1.0), "Did you mean 'voltage'")


def test_a_value_assigned_to_a_parameter(smu: Any) -> None:
    def assign() -> None:
        smu.voltage = 2.0

    told(UsageError, assign, "smu", "smu.voltage(2.0)", "Nothing was sent")
    assert smu.voltage() == 1.5


def test_a_misspelt_driver() -> None:
    told(UnknownPluginError, lambda: luthier.open("keithly.2400", "sim://"), "Did you mean 'keithley.2400'")


def test_a_driver_that_is_not_there() -> None:
    told(UnknownPluginError, lambda: luthier.open("mks.946b", "sim://"), "Did you mean 'mks.946'")


def test_a_misspelt_option() -> None:
    with pytest.raises(TypeError, match="tiemout"):
        luthier.open("keithley.2400", "sim://", name="other", tiemout=3)
    assert "other" not in luthier.instruments()


def test_an_absent_instrument() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    address = f"TCPIP::127.0.0.1::{port}::SOCKET"
    told(ConnectError, lambda: luthier.open("keithley.2400", address, name="far"), "far", address, "Nothing was opened")
    assert "far" not in luthier.instruments()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
def test_a_port_that_another_program_uses() -> None:
    import os  # noqa: PLC0415 - not on Windows

    master, slave = os.openpty()
    address = f"ASRL{os.ttyname(slave)}::INSTR"
    holding = """
import sys, luthier
with luthier.open(luthier.Instrument, sys.argv[1], name="holder", transport_options={"shared": True}):
    print("open", flush=True)
    sys.stdin.read()
"""
    command = [sys.executable, "-c", holding, address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "open\n"
        try:
            told(ConnectError, lambda: luthier.open(luthier.Instrument, address, name="mine"), "mine", address)
            assert "mine" not in luthier.instruments()
        finally:
            other.stdin.close()
            os.close(master)
            os.close(slave)


def test_an_instrument_that_was_closed(smu: Any) -> None:
    smu.close()
    told(ClosedError, lambda: smu.voltage(1.0), "smu.voltage", "closed")
    told(ClosedError, lambda: smu.query("*IDN?"), "smu", "closed")
    assert smu.voltage.cache.value == 1.5


def test_a_name_that_is_taken(smu: Any) -> None:
    message = told(
        NameClashError, lambda: luthier.open("keithley.2000", "sim://", name="smu"), "'smu' is in use", "close"
    )
    assert f"{__file__}:" in message
    assert smu.voltage() == 1.5


def test_a_broken_plugin_costs_only_itself(tmp_path: Path) -> None:
    package = tmp_path / "luthier_acme"
    package.mkdir()
    (package / "__init__.py").write_text("import acme_vendor_library\n")
    info = tmp_path / "luthier_acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: luthier-acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[luthier.drivers]\nacme.one = luthier_acme:One\n")
    script = """
import sys; sys.path.insert(0, sys.argv[1])
import luthier
from luthier.errors import BrokenPluginError
try:
    luthier.open("acme.one", "sim://")
except BrokenPluginError as error:
    print(error)
with luthier.open("keithley.2400", "sim://", name="smu") as smu:
    smu.voltage(0.5)
    print(smu.voltage())
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**_environment(), "LUTHIER_STRICT_PLUGINS": ""},
    )
    error, volts = done.stdout.splitlines()
    assert "luthier-acme" in error
    assert "acme_vendor_library" in error
    assert volts == "0.5"


def test_two_threads_get_two_thousand_right_answers() -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only here

    with luthier.open("keithley.2400", "sim://", name="smu") as smu:
        smu.source_function("voltage")
        smu.voltage(1.25)
        smu.current_limit(0.5)

        def ask(parameter: Any, expected: float) -> int:
            return sum(parameter() == expected for _ in range(1000))

        with ThreadPoolExecutor(2) as pool:
            volts, amperes = pool.submit(ask, smu.voltage, 1.25), pool.submit(ask, smu.current_limit, 0.5)
            assert volts.result(60) + amperes.result(60) == 2000


def _environment() -> dict[str, str]:
    import os  # noqa: PLC0415 - only here

    return dict(os.environ)
