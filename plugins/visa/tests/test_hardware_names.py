"""The same hardware has the same name, however its address is written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from luthier_visa.hardware import socket_hardware, visa_hardware

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "spellings",
    [
        ("GPIB0::24::INSTR", "gpib::24::instr", "GPIB::24", "GPIB0::024"),
        ("GPIB1::7::2::INSTR", "gpib1::7::2"),
        ("USB0::0x05E6::0x2460::04312345::INSTR", "USB::1510::9312::04312345::0::INSTR"),
        ("TCPIP0::192.0.2.7::INSTR", "TCPIP::192.0.2.7::inst0::INSTR", "tcpip::192.0.2.7"),
        ("TCPIP0::192.0.2.7::5025::SOCKET", "tcpip::192.0.2.7::5025::socket", "ASRLsocket://192.0.2.7:5025::INSTR"),
        ("ASRL3::INSTR", "asrl3"),
        ("ASRLCOM3::INSTR", "asrlcom3::instr"),
        ("my_smu", "MY_SMU"),
    ],
)
def test_all_spellings_of_an_address_mean_one(spellings: tuple[str, ...]) -> None:
    assert len({visa_hardware(spelling, {}) for spelling in spellings}) == 1


def test_different_addresses_stay_different() -> None:
    addresses = (
        "GPIB0::24::INSTR",
        "GPIB1::24::INSTR",
        "GPIB0::24::1::INSTR",
        "USB0::0x05E6::0x2460::04312345::INSTR",
        "USB0::0x05E6::0x2460::04312346::INSTR",
        "TCPIP0::192.0.2.7::5025::SOCKET",
        "TCPIP0::192.0.2.7::5026::SOCKET",
        "TCPIP0::192.0.2.7::INSTR",
        "TCPIP0::192.0.2.8::INSTR",
        "ASRL1::INSTR",
        "ASRL2::INSTR",
    )
    assert len({visa_hardware(address, {}) for address in addresses}) == len(addresses)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such links")
def test_a_serial_port_is_known_by_all_its_names(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    by_id = tmp_path / "usb-Acme_7"
    by_id.symlink_to(port)
    assert visa_hardware(f"ASRL{by_id}::INSTR", {}) == visa_hardware(f"ASRL{port}::INSTR", {})


@pytest.mark.parametrize(
    "address", ["TCPIP::127.0.0.1::5025::SOCKET", "tcp://localhost:5025", "tcp://[::1]:5025", "no address at all"]
)
def test_sockets_of_this_machine_are_no_hardware(address: str) -> None:
    assert socket_hardware(address, {}) is None


def test_what_a_simulating_backend_opens_is_no_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    assert visa_hardware("GPIB0::24::INSTR", {"backend": "lab.yaml@sim"}) is None
    monkeypatch.setenv("LUTHIER_VISA_BACKEND", "@sim")
    assert visa_hardware("GPIB0::24::INSTR", {}) is None
    assert visa_hardware("GPIB0::24::INSTR", {"backend": "@py"}) == "GPIB0::24::INSTR"
