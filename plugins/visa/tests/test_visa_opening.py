from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from luthier.errors import (
    ConnectError,
    ConnectionFaultError,
    ConnectionLostError,
    ResponseTimeoutError,
    UsageError,
)
from luthier_visa import open_socket, open_visa
from luthier_visa.backends import resource_manager

if TYPE_CHECKING:
    from pathlib import Path

PY: dict[str, object] = {"backend": "@py"}

TWO_LAMPS = """
spec: "1.1"
devices:
  lamp:
    eom:
      GPIB INSTR: {q: "\\n", r: "\\n"}
      USB INSTR: {q: "\\n", r: "\\n"}
    error: ERROR
    dialogues:
      - {q: "*IDN?", r: "ACME,LAMP,1,0"}
      - {q: "BREAK", r: "{RANDOM(broken)}"}
resources:
  GPIB0::1::INSTR: {device: lamp}
  GPIB0::2::INSTR: {device: lamp}
  GPIB1::1::INSTR: {device: lamp}
  USB0::0x1234::0x5678::SN1::0::INSTR: {device: lamp}
"""


@pytest.fixture
def lamps(tmp_path: Path) -> dict[str, object]:
    """The options that open the lamps of a simulated laboratory."""
    file = tmp_path / "lamps.yaml"
    file.write_text(TWO_LAMPS, encoding="utf-8")
    return {"backend": f"{file}@sim"}


def test_any_backend_of_pyvisa_can_be_named(lamps: Any, opened: Any) -> None:
    transport = opened(open_visa("GPIB0::1::INSTR", options=lamps))
    assert transport.query(b"*IDN?") == b"ACME,LAMP,1,0"


def test_the_backend_can_be_named_by_the_environment(lamps: Any, opened: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("LUTHIER_VISA_BACKEND", lamps["backend"])
    assert opened(open_visa("GPIB0::1::INSTR")).query(b"*IDN?") == b"ACME,LAMP,1,0"


def test_instruments_on_one_gpib_board_share_its_lock(lamps: Any, opened: Any) -> None:
    one, two, other = (
        opened(open_visa(address, options=lamps))
        for address in ("GPIB0::1::INSTR", "GPIB0::2::INSTR", "GPIB1::1::INSTR")
    )
    assert one.lock is two.lock
    assert one.lock is not other.lock


def test_connections_to_one_usb_instrument_share_a_lock(lamps: Any, opened: Any) -> None:
    address = "USB0::0x1234::0x5678::SN1::0::INSTR"
    one, two = (opened(open_visa(address, options=lamps)) for _ in range(2))
    assert one.lock is two.lock


def test_a_backend_without_device_clear_opens_the_resource_anew(lamps: Any, opened: Any) -> None:
    transport = opened(open_visa("GPIB0::1::INSTR", timeout=0.05, options=lamps))
    with pytest.raises(ResponseTimeoutError):
        transport.read()
    assert transport.query(b"*IDN?") == b"ACME,LAMP,1,0"


def test_whatever_a_backend_raises_is_told_as_a_fault_of_the_connection(lamps: Any, opened: Any) -> None:
    transport = opened(open_visa("GPIB0::1::INSTR", options=lamps))
    with pytest.raises(ConnectionFaultError, match=r"'BREAK' failed: Exception: .*RANDOM") as caught:
        transport.query(b"BREAK")
    assert caught.value.__cause__ is not None
    assert transport.query(b"*IDN?") == b"ACME,LAMP,1,0"


def test_an_absent_instrument_is_told_with_those_that_are_there(lamps: Any) -> None:
    with pytest.raises(ConnectError, match=r"no such instrument.*There are: GPIB0::1::INSTR, GPIB0::2::INSTR"):
        open_visa("GPIB0::9::INSTR", options=lamps)


def test_a_session_that_somebody_else_closed_is_lost_and_can_be_opened_again(lamps: Any, opened: Any) -> None:
    transport = opened(open_visa("GPIB0::1::INSTR", options=lamps))
    resource_manager(lamps["backend"], "the test").close()
    with pytest.raises(ConnectionLostError):
        transport.query(b"*IDN?")
    assert opened(open_visa("GPIB0::1::INSTR", options=lamps)).query(b"*IDN?") == b"ACME,LAMP,1,0"


def test_a_backend_is_loaded_once(lamps: Any) -> None:
    assert resource_manager(lamps["backend"], "x") is resource_manager(lamps["backend"], "y")


def test_a_backend_that_is_not_installed_is_named_with_what_to_install() -> None:
    with pytest.raises(ConnectError, match=r"the package pyvisa-nonesuch is not installed.*LUTHIER_VISA_BACKEND=@py"):
        open_visa("GPIB0::1::INSTR", options={"backend": "@nonesuch"})


@pytest.mark.parametrize("backend", ["/no/such/libvisa.so", "/no/such/libvisa.so@ivi"])
def test_a_library_that_cannot_be_loaded_is_named(backend: str) -> None:
    with pytest.raises(ConnectError, match=r"/no/such/libvisa.so could not be loaded.*Install NI-VISA"):
        open_visa("GPIB0::1::INSTR", options={"backend": backend})


def test_gpib_without_a_library_says_what_to_install() -> None:
    if _has("gpib") or _has("gpib_ctypes"):
        pytest.skip("this computer has a GPIB library")
    with pytest.raises(ConnectError, match=r"no GPIB library.*linux-gpib.*luthier-visa\[gpib\]"):
        open_visa("GPIB0::1::INSTR", options=PY)


def test_usb_without_pyusb_says_what_to_install() -> None:
    if _has("usb"):
        pytest.skip("this computer has PyUSB")
    with pytest.raises(ConnectError, match=r"PyUSB.*pip install luthier-visa\[usb\]"):
        open_visa("USB0::0x1234::0x5678::SN1::INSTR", options=PY)


def test_an_interface_that_pyvisa_py_lacks_is_told() -> None:
    with pytest.raises(ConnectError, match="Install a vendor VISA"):
        open_visa("VXI0::1::INSTR", options=PY)


@pytest.mark.parametrize("address", ["GPIB0:24", "", "multimeter", "ASRL::", "USB0::0x1::INSTR"])
def test_an_address_of_no_known_form_is_refused_with_the_forms(address: str) -> None:
    with pytest.raises(UsageError, match=r"not a VISA resource name.*GPIB0::24::INSTR"):
        open_visa(address, options=PY)


@pytest.mark.parametrize("device", ["inst0", "hislip0"])
def test_a_lan_instrument_whose_name_is_not_known_is_told(device: str) -> None:
    with pytest.raises(ConnectError, match=r"the name 'no-such-host\.invalid' is not known"):
        open_visa(f"TCPIP::no-such-host.invalid::{device}::INSTR", options=PY)


def test_a_misspelt_option_is_refused_with_a_guess() -> None:
    with pytest.raises(UsageError, match=r"no option 'bakend'.*Did you mean 'backend'\?"):
        open_visa("GPIB0::1::INSTR", options={"bakend": "@py"})


def test_sockets_are_opened_without_importing_pyvisa() -> None:
    program = (
        "import sys, luthier_visa\n"
        "try:\n    luthier_visa.open_socket('tcp://127.0.0.1:1')\n"
        "except Exception as error:\n    print(type(error).__name__)\n"
        "print('pyvisa' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ConnectError", "False"]


def test_a_program_that_closes_nothing_ends_without_a_warning(lamps: Any) -> None:
    program = (
        f"from luthier_visa import open_visa\nt = open_visa('GPIB0::1::INSTR', options={lamps!r})\n"
        "print(t.query(b'*IDN?').decode())"
    )
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("ACME,LAMP,1,0\n", "")


def test_both_factories_are_registered_under_their_names() -> None:
    from importlib.metadata import entry_points  # noqa: PLC0415 - for this test alone

    found = {entry.name: entry.value for entry in entry_points(group="luthier.transports")}
    assert found["visa"] == "luthier_visa:open_visa"
    assert found["socket"] == "luthier_visa:open_socket"
    assert callable(open_socket)


def _has(module: str) -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 - for these tests alone

    return find_spec(module) is not None
