"""Looking for instruments: on sockets of this computer, where fake ones answer, say nothing, or talk nonsense."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
import tomllib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from luthier_cli.detecting.deadlines import all_until

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = """
schema = 1
api = ["1.0"]
[drivers."acme.x100"]
title = "X100"
vendor = "Acme"
interfaces = ["socket"]
[[drivers."acme.x100".identity]]
vendor = "acme*"
model = "X1*"
[drivers."acme.any"]
title = "Anything"
vendor = "Acme"
interfaces = ["socket", "usb"]
[[drivers."acme.any".identity]]
vendor = "acme*"
[[drivers."acme.any".usb]]
vendor = 0x1234
"""


@contextmanager
def _instrument(reply: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """Serve one connection after another; every line is answered by `reply`, or by nothing."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                client, _ = server.accept()
                with client, client.makefile("rb") as lines:
                    while line := lines.readline():
                        received.append(line)
                        if reply is not None:
                            client.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}", received
        finally:
            stop.set()
            with suppress(OSError):
                socket.create_connection(server.getsockname()).close()
            thread.join()


@pytest.fixture
def acme(shell: Any) -> Any:
    """Two drivers that must not be imported."""
    shell.install(
        "luthier-acme",
        """
        [luthier.drivers]
        acme.x100 = acme_drivers:X
        acme.any = acme_drivers:X
        [luthier.manifest]
        acme = acme_package:luthier.toml
        """,
        modules={"acme_drivers": "raise RuntimeError('imported')\n"},
    )
    package = shell.site / "acme_package"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n", encoding="utf-8")
    (package / "luthier.toml").write_text(MANIFEST, encoding="utf-8")
    return shell


def test_instruments_on_sockets_are_found_asked_once_and_matched(acme: Any) -> None:
    with (
        _instrument(b"ACME Inc.,X100,7,1.0\n") as (good, good_received),
        _instrument(None) as (mute, mute_received),
        _instrument(b"MKS,946B,1,2\r\n") as (other, _),
        _instrument(b"\n") as (empty, _),
    ):
        hosts = [word for host in (good, mute, other, empty) for word in ("--host", host)]
        options = ("--kind", "socket", *hosts, "--timeout", "0.5", "--total", "20")
        out = acme.succeed("detect", *options, "--json", "--save", "lab.toml")
        found = {one["address"]: one for one in json.loads(out)}
        addresses = [f"TCPIP0::127.0.0.1::{host.partition(':')[2]}::SOCKET" for host in (good, mute, other, empty)]
    assert set(found) == set(addresses)
    assert [line.strip() for line in good_received] == [b"*IDN?"]
    assert [line.strip() for line in mute_received] == [b"*IDN?"]
    drivers = found[addresses[0]]["drivers"]
    assert [one["id"] for one in drivers] == ["acme.x100", "acme.any"]
    assert drivers[0]["why"] == "its reply to *IDN? fits vendor acme*, model X1*"
    assert found[addresses[0]]["identity"]["serial"] == "7"
    assert "0.5 s" in found[addresses[1]]["trouble"]
    assert re.search("install (--upgrade )?luthier-mks", found[addresses[2]]["advice"])  # it is there, or not
    assert found[addresses[3]]["identity"] is None
    lab = (acme.work / "lab.toml").read_text(encoding="utf-8")
    assert tomllib.loads(lab)["instruments"] == {"acme_x100": {"driver": "acme.x100", "address": addresses[0]}}
    assert f"# no driver: {addresses[2]}" in lab


def test_a_saved_lab_opens(shell: Any) -> None:
    addresses = ("sim://keithley.2400", "sim://keithley.2400/b", "sim://keithley.2000", "nowhere://")
    options = [word for address in addresses for word in ("--address", address)]
    out = shell.succeed("detect", *options, "--save", "lab.toml")
    assert "driver: keithley.2400, because its reply to *IDN? fits vendor KEITHLEY*, model MODEL 2400*" in out
    assert "no answer: " in out
    tables = tomllib.loads((shell.work / "lab.toml").read_text(encoding="utf-8"))["instruments"]
    assert {table["driver"] for table in tables.values()} == {"keithley.2400", "keithley.2000"}
    ended = shell.run("detect", "--address", "sim://keithley.2400", "--save", "lab.toml")
    assert ended.code == 1
    assert "exists already. It is as it was" in ended.err
    assert ended.out == ""


def test_nobody_is_asked_where_that_is_not_wanted(acme: Any) -> None:
    address = "USB0::0x1234::0x0001::S1::INSTR"
    (one,) = json.loads(acme.succeed("detect", "--address", address, "--no-ask", "--json"))
    assert one["reply"] == ""
    assert one["trouble"] == ""
    assert one["drivers"][0]["why"] == "its address fits USB vendor 0x1234, any product"


def test_ways_to_look_are_explained_and_a_misspelt_one_is_refused(shell: Any) -> None:
    kinds = shell.succeed("detect", "--kinds")
    assert "vxi-11  Asks the hosts named" in kinds
    ended = shell.run("detect", "--kind", "vxi11")
    assert ended.code == 1
    assert "Did you mean vxi-11?" in ended.err
    ended = shell.run("detect", "--kind", "socket", "--host", "10.0.0.0/8")
    assert "has 16777216 addresses" in ended.err
    assert "Nothing was found." in ended.out


def test_a_hook_that_hangs_or_fails_does_not_stop_looking(shell: Any) -> None:
    shell.install("luthier-acme", "[luthier.hooks]\nacme.h = acme_hooks\n", modules={"acme_hooks": "raise OSError(5)"})
    source = """
        from luthier.plugins import DiscoveryMethod, FoundAddress, hookimpl

        def _fail(search):
            raise OSError("no cable")

        @hookimpl
        def discover():
            found = [FoundAddress("sim://bolt.x", "a guess", "Keithley,MODEL 2000,1,2")]
            return [DiscoveryMethod("dowsing", "Guesses.", lambda _: found), DiscoveryMethod("rod", "Fails.", _fail)]

        @hookimpl
        def identify(address, reply):
            return ["keithley.2400", "keithley.none"]
        """
    shell.install("luthier-bolt", "[luthier.hooks]\nbolt.h = bolt_hooks\n", modules={"bolt_hooks": source})
    ended = shell.run("detect", "--kind", "dowsing", "--kind", "rod", "--json")
    assert ended.code == 0
    assert "acme.h (luthier-acme 1.0) is left out: OSError: 5" in ended.err
    assert "rod: OSError: no cable" in ended.err
    (one,) = json.loads(ended.out)
    assert one["reply"] == "Keithley,MODEL 2000,1,2"
    assert [driver["id"] for driver in one["drivers"]] == ["keithley.2000", "keithley.2400"]
    assert one["drivers"][1]["why"] == "luthier-bolt:bolt.h says so"


def test_what_does_not_end_in_time_is_not_waited_for() -> None:
    release = threading.Event()

    def work(number: int) -> int:
        if number == 1:
            release.wait(60)
        if number == 2:
            raise ValueError("two")
        return number

    outcomes = dict(all_until(work, [0, 1, 2], time.monotonic() + 0.3))
    release.set()
    assert outcomes[0] == 0
    assert outcomes[1] is None
    assert isinstance(outcomes[2], ValueError)
