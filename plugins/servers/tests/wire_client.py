"""A client written from the page on the wire protocol alone: a codec for msgpack, sockets, nothing of Luthier."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import os
import secrets
import socket
import struct
from typing import TYPE_CHECKING, Any

import msgspec.msgpack

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = struct.Struct("<IQ")


class WireClient:
    """One connection to a server, for calls or for events."""

    def __init__(self, folder: Path, name: str, kind: str = "calls", *, key: bytes | None = None) -> None:
        facts = json.loads((folder / f"{name}.lock").read_text("utf-8"))
        if facts["transport"] == "unix":
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.connect(str(folder / f"{name}.sock"))
        else:
            self.socket = socket.create_connection(("127.0.0.1", facts["port"]))
        self.socket.settimeout(10)
        self._numbers = itertools.count((secrets.randbits(31) << 32) + 1)
        try:
            if facts["transport"] == "tcp":
                self._prove(key or (folder / f"{name}.key").read_bytes())
            self.welcome = self.ask("hello", versions=[1], kind=kind, session=secrets.token_hex(8), pid=os.getpid())
        except BaseException:
            self.close()
            raise

    def _prove(self, key: bytes) -> None:
        theirs, ours = self._exactly(32), secrets.token_bytes(32)
        self.socket.sendall(ours + hmac.digest(key, b"client" + theirs + ours, hashlib.sha256))
        expected = hmac.digest(key, b"server" + theirs + ours, hashlib.sha256)
        if not hmac.compare_digest(self._exactly(32), expected):
            raise ConnectionError("the server does not have the key")

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionError("the server ended the connection")
            data += part
        return data

    def send(self, message: bytes, payload: bytes = b"") -> None:
        """Send one frame."""
        self.socket.sendall(PREFIX.pack(len(message), len(payload)) + message + payload)

    def receive(self) -> tuple[dict[str, Any], bytes]:
        """Return the next message, and the payload behind it."""
        length, size = PREFIX.unpack(self._exactly(PREFIX.size))
        message: dict[str, Any] = msgspec.msgpack.decode(self._exactly(length))
        return message, self._exactly(size)

    def exchange(self, op: str, payload: bytes = b"", **fields: Any) -> tuple[dict[str, Any], bytes]:
        """Send a request, and return the reply with its payload."""
        number = next(self._numbers)
        self.send(msgspec.msgpack.encode({"op": op, "id": number, **fields}), payload)
        reply, came = self.receive()
        if reply["id"] != number:
            raise ValueError(f"the reply {reply} is to another request than {number}")
        return reply, came

    def ask(self, op: str, **fields: Any) -> Any:
        """Send a request, and return the value of its reply."""
        reply, _ = self.exchange(op, **fields)
        if "fault" in reply:
            raise RuntimeError(f"{reply['fault']['class']}: {reply['fault']['text']}")
        return reply.get("value")

    def close(self) -> None:
        """End the connection."""
        self.socket.close()
