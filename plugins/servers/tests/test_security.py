"""Who is not entitled, and what is not meant to be reached, is refused; everybody else is undisturbed."""

from __future__ import annotations

import os
import pickle
import socket
import stat
import sys
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from luthier.errors import LuthierError, UnknownNameError, UnknownPluginError, UsageError
from luthier_servers import messages
from luthier_servers.addresses import ServerFiles
from luthier_servers.endpoints import dial
from luthier_servers.frames import FrameSocket, frame_bytes

from .lab import Base, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes of files")


@pytest.fixture
def source(folder: Path) -> Iterator[Any]:
    del folder
    with Source("src", server_name="foo") as opened:
        yield opened


@pytest.fixture
def tcp_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    del folder
    monkeypatch.setenv("LUTHIER_SERVER_TRANSPORT", "tcp")
    with Source("src", server_name="foo") as opened:
        yield opened


@pytest.fixture
def wire(source: Any) -> Iterator[FrameSocket]:
    del source
    frames = FrameSocket(dial("foo"))
    frames.send(messages.encode(messages.Hello(1, versions=[1], session="intruder")))
    assert frames.receive() is not None
    yield frames
    frames.close()


def ask(frames: FrameSocket, request: Any) -> messages.Reply:
    frames.send(request if isinstance(request, bytes) else messages.encode(request))
    frame = frames.receive()
    assert frame is not None
    return messages.decode_reply(frame[0])


@unix
def test_only_the_user_can_reach_the_files(source: Any, folder: Path) -> None:
    assert source.voltage() == 1.0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "foo.sock").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "foo.lock").stat().st_mode) == 0o600


@unix
def test_the_key_of_a_port_is_the_users_alone(tcp_source: Any, folder: Path) -> None:
    assert tcp_source.voltage() == 1.0
    assert stat.S_IMODE((folder / "foo.key").stat().st_mode) == 0o600
    assert len((folder / "foo.key").read_bytes()) == 32


def test_who_does_not_have_the_key_is_refused(tcp_source: Any, folder: Path) -> None:
    facts = ServerFiles("foo").facts()
    assert facts is not None
    with socket.create_connection(("127.0.0.1", facts["port"]), timeout=5) as intruder:
        assert len(intruder.recv(32)) == 32
        intruder.sendall(bytes(64))
        assert intruder.recv(100) == b""
    key = (folder / "foo.key").read_bytes()
    (folder / "foo.key").chmod(0o600)
    (folder / "foo.key").write_bytes(os.urandom(32))
    with pytest.raises(LuthierError, match=r"cannot reach the server|no server of that name"):
        dial("foo")
    (folder / "foo.key").write_bytes(key)
    assert tcp_source.voltage() == 1.0


@pytest.mark.parametrize(
    "path",
    [
        "_private",
        "__class__",
        "__init__",
        "__reduce_ex__",
        "close",
        "add_parameter",
        "abandon",
        "monitor",
        "voltage.get",
        "voltage.__class__",
        "_hanging.wait",
        "ch1._parent",
        "ch1.zero.__call__",
        "live",
        "find",
        "",
        ".",
        "a.b.c",
    ],
)
def test_what_is_not_exported_cannot_be_called(wire: FrameSocket, path: str, source: Any) -> None:
    reply = ask(wire, messages.Call(2, on="src", path=path))
    assert reply.fault is not None
    assert reply.fault["class"] == "UnknownNameError"
    for request in (messages.Get(3, on="src", path=path), messages.Attribute(4, on="src", path=path)):
        assert ask(wire, request).fault is not None
    assert source.voltage() == 1.0


def test_attributes_of_python_are_no_properties(wire: FrameSocket) -> None:
    for path in ("__dict__", "_marker", "__class__", "monitor", "parameters", "x"):
        fault = ask(wire, messages.Attribute(2, on="src", path=path)).fault
        assert fault is not None
        assert fault["class"] == "UnknownNameError"
        fault = ask(wire, messages.SetAttribute(3, on="src", path=path, value=1)).fault
        assert fault is not None


def test_only_installed_drivers_can_be_opened_from_a_socket(wire: FrameSocket) -> None:
    for driver in ("os:system", "./evil.py:Evil", "subprocess.Popen", "nobody.nothing"):
        fault = ask(wire, messages.Create(2, driver=driver, args=["evil"])).fault
        assert fault is not None
        assert fault["class"] in {UnknownPluginError.__name__, "BrokenPluginError"}
    fault = ask(wire, messages.Create(3, driver="", ticket="00" * 16)).fault
    assert fault is not None
    assert "birth pipe" in fault["text"]


def test_messages_that_are_none_are_answered_and_the_connection_goes_on(wire: FrameSocket) -> None:
    for nonsense in (
        b"",
        b"\xc1",
        b"\x80",
        msgspec.msgpack.encode({"op": "format-disk", "id": 5}),
        msgspec.msgpack.encode({"op": "get", "id": "five"}),
        msgspec.msgpack.encode([1, 2, 3]),
        msgspec.msgpack.encode("get"),
        b"\x91" * 100_000,
    ):
        reply = ask(wire, nonsense)
        assert reply.fault is not None
        assert reply.fault["class"] == UsageError.__name__
    reply = ask(wire, msgspec.msgpack.encode({"op": "format-disk", "id": 5}))
    assert reply.id == 5
    assert ask(wire, messages.Get(6, on="src", path="voltage")).value == 1.0


def test_an_unknown_instrument_is_told_with_those_that_are_there(wire: FrameSocket) -> None:
    fault = ask(wire, messages.Get(2, on="scr", path="voltage")).fault
    assert fault is not None
    assert fault["class"] == UnknownNameError.__name__
    assert "Did you mean 'src'?" in fault["text"]


def test_an_oversized_frame_ends_that_connection_alone(source: Any, wire: FrameSocket) -> None:
    wire._socket.sendall((2**31).to_bytes(4, "little") + bytes(8))
    assert wire.receive() is None
    assert source.voltage() == 1.0


def test_who_does_not_greet_is_cut_off(source: Any) -> None:
    for first in (
        frame_bytes(messages.encode(messages.Ping(1))),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + bytes(20),
    ):
        with dial("foo") as stranger:
            stranger.settimeout(5)
            stranger.sendall(first)
            assert stranger.recv(100) == b""
    assert source.voltage() == 1.0


def test_another_version_of_the_protocol_is_told(source: Any) -> None:
    with dial("foo") as connected:
        frames = FrameSocket(connected)
        reply = ask(frames, messages.Hello(1, versions=[99]))
        assert reply.fault is not None
        assert "speaks version 1" in reply.fault["text"]
    assert source.voltage() == 1.0


def test_a_reference_that_leads_nowhere_is_refused(wire: FrameSocket) -> None:
    for uri in ("luthier+local://foo/nobody", "luthier+local://..%2Fx/y", "luthier+zenoh://a/b", "file:///etc/passwd"):
        fault = ask(wire, messages.Call(2, on="src", path="echo", args=[{"$ref": uri}])).fault
        assert fault is not None
        assert fault["class"] in {"UnknownNameError", "UsageError", "ConnectError"}


@example(data=b"\x82\xa2op\xa4Ping\xa1\xf3\xa1a")
@example(data=b"\x81\xa1\xf3\xa1a")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=60)
    | st.recursive(
        st.none() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=5) | st.binary(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["op", "id", "on", "path", "value", "args", "kwargs", "$ref", "$array"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    ).map(msgspec.msgpack.encode)
)
def test_any_bytes_get_one_answer(wire: FrameSocket, data: bytes) -> None:
    assert isinstance(ask(wire, data), messages.Reply)


def test_nothing_that_arrives_over_a_socket_is_unpickled(source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return os._exit, (3,)

    evil = pickle.dumps(Evil())
    monkeypatch.undo()
    assert source.echo(evil) == evil
    with pytest.raises(UsageError):
        source.server._link.ask(messages.Create(0, ticket=evil.hex()))
    assert source.pid() == source.server.pid


def test_a_socket_of_a_server_that_was_killed_is_replaced(folder: Path) -> None:
    (folder / "foo.lock").write_text('{"server": "foo", "pid": 1, "transport": "unix"}')
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(folder / "foo.sock"))
    stale.close()
    with Base("one", server_name="foo") as one:
        assert one["x"].get() == 0
