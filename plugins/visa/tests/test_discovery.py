"""Looking for instruments on the loopback interface, where fake ones of our own answer."""

from __future__ import annotations

import os
import socket
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import zeroconf
from luthier import plugins
from luthier.errors import UsageError
from luthier.plugins import FoundAddress, Search
from luthier_visa.discovery.hosts import hosts_named
from luthier_visa.discovery.mdns import mdns_instruments
from luthier_visa.discovery.sockets import listening_sockets
from luthier_visa.discovery.vxi11 import vxi11_instruments
from luthier_visa.health import accessible, backend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def _portmapper(answer: Callable[[int], list[bytes]], *, deaf_to: int = 0) -> Iterator[str]:
    """Serve a portmapper that checks what it is asked; it does not hear the first `deaf_to` messages."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.bind(("127.0.0.1", 0))

        def serve() -> None:
            heard = 0
            while True:
                message, sender = connection.recvfrom(512)
                if message == b"stop":
                    return
                number, *rest = struct.unpack(">14I", message)
                assert rest == [0, 2, 100000, 2, 3, 0, 0, 0, 0, 395183, 1, 6, 0]
                heard += 1
                for reply in answer(number) if heard > deaf_to else []:
                    connection.sendto(reply, sender)

        thread = threading.Thread(target=serve)
        thread.start()
        host, port = connection.getsockname()
        try:
            yield f"{host}:{port}"
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.sendto(b"stop", (host, port))
            thread.join()


def _reply(number: int, port: int, *, denied: int = 0, failed: int = 0) -> bytes:
    return struct.pack(">7I", number, 1, denied, 0, 0, failed, port)


FOUND = [FoundAddress("TCPIP0::127.0.0.1::inst0::INSTR", "VXI-11 is offered there")]


def test_an_instrument_with_vxi11_is_found_before_the_time_is_up() -> None:
    with _portmapper(lambda number: [_reply(number, 1024)]) as host:
        assert vxi11_instruments(Search((host,), timeout=60)) == FOUND


def test_a_lost_question_is_asked_again() -> None:
    with _portmapper(lambda number: [_reply(number, 1024)], deaf_to=1) as host:
        assert vxi11_instruments(Search((host,), timeout=0.4)) == FOUND


@pytest.mark.parametrize(
    "answer",
    [
        lambda number: [_reply(number, 0)],
        lambda number: [_reply(number + 1, 1024), b"\0", _reply(number, 0)],
        lambda number: [_reply(number, 1024, denied=1), _reply(number, 0, failed=1)],
        lambda number: [_reply(number, 70000)],
    ],
)
def test_who_has_no_vxi11_and_who_answers_nonsense_is_not_found(answer: Callable[[int], list[bytes]]) -> None:
    with _portmapper(answer) as host:
        assert vxi11_instruments(Search((host,), timeout=0.2)) == []


def test_a_port_that_listens_is_found_and_others_are_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port, other = server.getsockname()[1], unused.getsockname()[1]
        hosts = (f"127.0.0.1:{port}", f"127.0.0.1:{other}", "no-such-host.invalid:1")
        found = listening_sockets(Search(hosts, timeout=2))
    assert [one.address for one in found] == [f"TCPIP0::127.0.0.1::{port}::SOCKET"]


def test_hosts_are_networks_addresses_names_and_ports() -> None:
    assert [host.name for host in hosts_named(["192.0.2.0/29"], "x")] == [f"192.0.2.{n}" for n in range(1, 7)]
    assert hosts_named(["scope.lab:5030", "scope.lab:5030"], "x") == (("scope.lab", 5030),)
    assert hosts_named(["2001:db8::7", "[2001:db8::7]:111"], "x") == (("2001:db8::7", None), ("2001:db8::7", 111))


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        ([], "no hosts are named"),
        (["10.0.0.0/8"], "has 16777216 addresses, and 1024 are allowed"),
        (["192.0.2.0/99"], "does not appear to be"),
        (["scope lab"], "names no hosts"),
        (["scope:99999"], "ports are 1 to 65535"),
        (["-rf"], "names no hosts"),
    ],
)
def test_hosts_that_cannot_be_are_refused(hosts: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        hosts_named(hosts, "x")


@pytest.mark.slow
def test_an_lxi_instrument_that_announces_itself_is_found_with_its_identity() -> None:
    responder = zeroconf.Zeroconf(interfaces=["127.0.0.1"])
    properties = {"Manufacturer": "Acme, Inc.", "Model": "X100", "SerialNumber": "7", "FirmwareVersion": "1.0"}
    services = [
        zeroconf.ServiceInfo(
            f"_{kind}._tcp.local.",
            f"Acme X100._{kind}._tcp.local.",
            port=port,
            addresses=[socket.inet_aton("127.0.0.1")],
            properties=properties if kind == "lxi" else {},
            server="acme-x100.local.",
        )
        for kind, port in (("lxi", 80), ("scpi-raw", 5025))
    ]
    try:
        for service in services:
            responder.register_service(service)
        found = {one.address: one for one in mdns_instruments(Search(timeout=2), interfaces=["127.0.0.1"])}
    finally:
        responder.close()
    assert found["TCPIP0::127.0.0.1::inst0::INSTR"].identity == "Acme  Inc.,X100,7,1.0"
    assert found["TCPIP0::127.0.0.1::5025::SOCKET"].identity == ""
    assert "Acme X100" in found["TCPIP0::127.0.0.1::5025::SOCKET"].detail


def test_the_ways_to_look_are_contributed_and_only_local_ones_are_used_unasked() -> None:
    methods = plugins.hooks.discover()["luthier-visa:visa"]
    assert [method.kind for method in methods if method.unasked] == ["usb", "gpib"]
    assert {method.kind for method in methods} == {"usb", "gpib", "serial", "vxi-11", "mdns", "socket"}
    assert all(address.address.startswith("USB") for address in methods[0].search(Search()))


def test_the_backend_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUTHIER_VISA_BACKEND", "@py")
    assert backend().verdict in {"good", "doubtful"}
    monkeypatch.setenv("LUTHIER_VISA_BACKEND", "/no/such/library.so")
    report = backend()
    assert report.verdict == "bad"
    assert "pyvisa-py" in report.advice


def test_devices_that_this_user_may_not_open_are_named(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    assert accessible("ports", [], "x").verdict == "good"
    assert accessible("ports", [str(device)], "x").verdict == "good"
    device.chmod(0)
    if not os.access(device, os.R_OK):  # root may open everything
        report = accessible("ports", [str(device)], "the group dialout")
        assert report.verdict == "bad"
        assert str(device) in report.detail
        assert report.advice == "You need the group dialout."
    missing = accessible("ports", [str(tmp_path / "gone")], "the group dialout")
    assert missing.verdict == "bad"
