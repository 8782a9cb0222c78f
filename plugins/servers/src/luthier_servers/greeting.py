"""Beginning a conversation with a server, and what this process is in it."""

from __future__ import annotations

import os
import secrets
import sys
import threading

import msgspec
from luthier.errors import ConnectError
from luthier.monitor import next_call
from luthier.server.faults import from_fault
from luthier.server.values import ValueReader

from luthier_servers import messages
from luthier_servers.endpoints import dial
from luthier_servers.frames import FrameError, FrameSocket

__all__ = ["GREETING", "greet", "held", "session"]

GREETING = 5.0
"""Seconds that a server may take to greet; one that is frozen does not."""


class Held(threading.local):
    """The leases that this thread may use, of whatever server."""

    leases: tuple[int, ...] = ()


class Session:
    """What this process is to servers, and the leases that all of its threads may use."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Become another one, without leases; for a forked process, which is a client of its own."""
        self.id = secrets.token_hex(8)
        self.leases: tuple[int, ...] = ()


held = Held()
session = Session()


def greet(server: str, kind: str, timeout: float) -> tuple[FrameSocket, messages.Welcome]:
    """Return a connection to a server, for ``"calls"`` or for ``"events"``, with what it answered.

    Raises :class:`~luthier.errors.ConnectError` where there is none, or it does not answer within ``timeout`` s.
    """
    frames = FrameSocket(dial(server))
    try:
        frames.set_timeout(timeout)
        frames.send(messages.encode(_hello(kind)))
        welcome = _welcome(frames, server)
        frames.set_timeout(None)
    except (OSError, FrameError) as error:
        frames.close()
        raise ConnectError(
            f"the server does not greet: {error}",
            who=server,
            state="Nothing was sent.",
            advice=f"If it is frozen, end it by force: luthier stop {server}.",
            address=server,
        ) from error
    except BaseException:
        frames.close()
        raise
    return frames, welcome


def _hello(kind: str) -> messages.Hello:
    return messages.Hello(
        next_call(),
        versions=[messages.PROTOCOL],
        kind=kind,
        session=session.id,
        client=os.path.basename(sys.argv[0] or "python") or "python",  # noqa: PTH119 - may be no path at all
        pid=os.getpid(),
    )


def _welcome(frames: FrameSocket, server: str) -> messages.Welcome:
    frame = frames.receive()
    if frame is None:
        raise FrameError("the connection ended at once")
    try:
        reply = messages.decode_reply(frame[0])
    except messages.NOT_UNDERSTOOD as error:
        raise FrameError(f"it answered something else: {error}") from error
    if reply.fault is not None:
        raise from_fault(reply.fault, ValueReader(), frame[1], where=server)
    return msgspec.convert(reply.value, messages.Welcome)
