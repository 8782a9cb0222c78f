"""What the page on the wire protocol says is enough for a client that has nothing of Luthier."""

from __future__ import annotations

import ast
import struct
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec.msgpack
import pytest

from .lab import Source
from .test_failures import unix
from .wire_client import PREFIX, WireClient

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


@pytest.fixture(params=["unix", "tcp"])
def source(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    del folder
    monkeypatch.setenv("LUTHIER_SERVER_TRANSPORT", request.param)
    with Source("src", server_name="foo") as opened:
        yield opened


@pytest.fixture
def client(source: Any, folder: Path) -> Iterator[WireClient]:
    del source
    with closing(WireClient(folder, "foo")) as connected:
        yield connected


def test_the_client_has_nothing_of_luthier() -> None:
    tree = ast.parse((HERE / "wire_client.py").read_text("utf-8"))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert not any(name.startswith("luthier") for name in imported)


@unix
def test_it_finds_out_what_there_is_and_uses_it(client: WireClient, source: Any) -> None:
    assert client.welcome["version"] == 1
    assert client.welcome["server"] == "foo"
    assert client.ask("list") == ["src"]
    described = client.ask("describe", on="src")
    parameters = {facts["name"]: facts for facts in described["description"]["parameters"]}
    assert (parameters["voltage"]["unit"], parameters["voltage"]["settable"]) == ("V", True)
    assert described["readings"]["voltage"][0] == 1.0
    assert client.ask("get", on="src", path="voltage") == 1.0
    assert client.ask("set", on="src", path="voltage", value=0.25) == 0.25
    assert source.voltage.get() == 0.25
    assert client.ask("call", on="src", path="ch2.zero") == "src.ch2"
    assert client.ask("call", on="src", path="describe", args=[1], kwargs={"unit": "A"}) == "1 () A"
    assert client.ask("attribute", on="src", path="temperature") == 4.2
    items = [{"op": "get", "on": "src", "path": path} for path in ("voltage", "ch2.level")]
    assert client.ask("batch", items=items) == [{"value": 0.25}, {"value": 0.0}]
    lease = client.ask("lease", names=["src"])
    assert client.ask("get", on="src", path="voltage", stack=[lease]) == 0.25
    assert client.ask("release", lease=lease) is None
    assert client.ask("ping")["instruments"]["src"]["busy"] is None


@unix
def test_arrays_go_and_come_behind_the_message(client: WireClient) -> None:
    raw = struct.pack("<2d", 1.5, -2.0)
    array = {"$array": ["<f8", [2], 0, len(raw)]}
    reply, came = client.exchange("call", raw, on="src", path="echo", args=[array])
    dtype, shape, position, size = reply["value"]["$array"]
    assert (dtype, shape) == ("<f8", [2])
    assert came[position : position + size] == raw


@unix
def test_events_tell_what_others_do(source: Any, folder: Path) -> None:
    with closing(WireClient(folder, "foo", "events")) as listener:
        source.voltage.set(-0.5)
        for _ in range(100):
            event, _ = listener.receive()
            if event["event"] == "reading":
                break
        assert (event["on"], event["path"], event["value"]) == ("src", "voltage", -0.5)


@unix
@pytest.mark.parametrize(
    ("op", "fields", "fault"),
    [
        ("get", {"on": "src", "path": "_private"}, "UnknownNameError"),
        ("call", {"on": "src", "path": "_private"}, "UnknownNameError"),
        ("attribute", {"on": "src", "path": "__class__"}, "UnknownNameError"),
        ("get", {"on": "nobody", "path": "x"}, "UnknownNameError"),
        ("set", {"on": "src", "path": "voltage", "value": 7.0}, "ValidationError"),
        ("format-disk", {}, "UsageError"),
        ("create", {"ticket": "00"}, "UsageError"),
    ],
)
def test_what_is_refused_is_told_and_the_connection_goes_on(
    client: WireClient, source: Any, op: str, fields: dict[str, Any], fault: str
) -> None:
    reply, _ = client.exchange(op, **fields)
    assert reply["fault"]["class"] == fault
    assert reply["fault"]["text"]
    assert client.ask("get", on="src", path="voltage") == source.voltage.get()


@unix
def test_malformed_frames_are_answered_or_end_that_connection_alone(source: Any, folder: Path) -> None:
    with closing(WireClient(folder, "foo")) as client:
        client.send(b"\xc1 no msgpack")
        assert client.receive()[0]["fault"]["class"] == "UsageError"
        client.send(msgspec.msgpack.encode({"op": "get", "id": "seven"}))
        assert client.receive()[0]["fault"]["class"] == "UsageError"
        client.socket.sendall(PREFIX.pack(2**24 + 1, 0))
        with pytest.raises(ConnectionError):
            client.receive()
    assert source.voltage.get() == 1.0


def test_a_wrong_key_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUTHIER_SERVER_TRANSPORT", "tcp")
    with Source("src", server_name="foo") as source:
        with pytest.raises(ConnectionError):
            WireClient(folder, "foo", key=bytes(32))
        assert source.voltage.get() == 1.0
