"""Listening and dialling: a Unix socket with a check of who is at the other end, or loopback TCP with a key.

Over TCP both sides prove that they have the key before the first message: the server sends 32 random bytes, the client
answers with 32 of its own and HMAC-SHA256(key, "client" + both), the server with HMAC-SHA256(key, "server" + both). The
key itself never travels.
"""

from __future__ import annotations

import hmac
import os
import secrets
import socket
import struct
import sys
from typing import TYPE_CHECKING

from luthier.errors import ConnectError

from luthier_servers.addresses import ServerFiles, uses_tcp

if TYPE_CHECKING:
    from typing import Any

__all__ = ["AuthenticationError", "authenticate_client", "dial", "listen", "somebody_answers"]

_KEY_SIZE = 32
_HANDSHAKE = 5.0
"""Seconds that the proof of the key may take."""
_BACKLOG = 128


class AuthenticationError(Exception):
    """Whoever is at the other end is not entitled."""


def listen(files: ServerFiles) -> tuple[socket.socket, dict[str, Any], bytes]:
    """Return a listening socket, how it is found, and the key (empty for a Unix socket)."""
    if not uses_tcp():
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            listener.bind(str(files.socket))
        finally:
            os.umask(mask)
        listener.listen(_BACKLOG)
        return listener, {"transport": "unix"}, b""
    key = secrets.token_bytes(_KEY_SIZE)
    files.write_key(key)
    listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
    return listener, {"transport": "tcp", "port": listener.getsockname()[1]}, key


def dial(name: str) -> socket.socket:
    """Return a socket that is connected to the server of that name, each side being sure of the other.

    Raises :class:`~luthier.errors.ConnectError` where none runs; left-overs of one that was killed are taken away.
    """
    files = ServerFiles(name)
    facts = files.facts()
    if facts is None:
        raise _absent(name, files)
    connected: socket.socket
    try:
        if facts.get("transport") == "tcp":
            connected = socket.create_connection(("127.0.0.1", int(facts["port"])), timeout=_HANDSHAKE)
            try:
                _prove(connected, files.key.read_bytes())
            except BaseException:
                connected.close()
                raise
        else:
            connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connected.connect(str(files.socket))
                _require_same_user(connected)
            except BaseException:
                connected.close()
                raise
    except (ConnectionError, FileNotFoundError) as error:
        raise _absent(name, files) from error
    except (AuthenticationError, OSError) as error:
        raise ConnectError(f"cannot reach the server: {error}", who=name, address=name) from error
    connected.settimeout(None)
    return connected


def somebody_answers(name: str) -> bool:
    """Whether a server of that name accepts connections; nothing is said to it."""
    try:
        dial(name).close()
    except ConnectError:
        return False
    return True


def authenticate_client(connected: socket.socket, key: bytes) -> None:
    """Make sure that who connected is entitled; for servers. Raises :class:`AuthenticationError`."""
    if not key:
        _require_same_user(connected)
        return
    connected.settimeout(_HANDSHAKE)
    ours = secrets.token_bytes(_KEY_SIZE)
    connected.sendall(ours)
    answer = _exactly(connected, 2 * _KEY_SIZE)
    theirs, proof = answer[:_KEY_SIZE], answer[_KEY_SIZE:]
    if not hmac.compare_digest(proof, _digest(key, b"client", ours, theirs)):
        raise AuthenticationError("it does not have the key")
    connected.sendall(_digest(key, b"server", ours, theirs))
    connected.settimeout(None)


def _prove(connected: socket.socket, key: bytes) -> None:
    theirs = _exactly(connected, _KEY_SIZE)
    ours = secrets.token_bytes(_KEY_SIZE)
    connected.sendall(ours + _digest(key, b"client", theirs, ours))
    if not hmac.compare_digest(_exactly(connected, _KEY_SIZE), _digest(key, b"server", theirs, ours)):
        raise AuthenticationError("what listens there does not have the key")


def _digest(key: bytes, role: bytes, server: bytes, client: bytes) -> bytes:
    return hmac.digest(key, role + server + client, "sha256")


def _exactly(connected: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = connected.recv(count - len(data))
        if not chunk:
            raise AuthenticationError("the connection was refused")
        data += chunk
    return data


def _require_same_user(connected: socket.socket) -> None:
    """Ask the system who is at the other end, where it can tell; the folder's mode keeps others out everywhere."""
    if sys.platform == "linux":
        credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _, user, _ = struct.unpack("3i", credentials)
        if user not in (os.getuid(), 0):
            raise AuthenticationError(f"it belongs to another user ({user})")


def _absent(name: str, files: ServerFiles) -> ConnectError:
    was_killed = files.remove_if_stale()
    return ConnectError(
        "there is no server of that name" + (": it ended without a word" if was_killed else ""),
        who=name,
        advice="luthier servers lists those that run.",
        address=name,
    )
