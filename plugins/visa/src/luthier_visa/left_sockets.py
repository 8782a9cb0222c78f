"""Sockets that a failed opening left open."""

from __future__ import annotations

import socket
import traceback

__all__ = ["close_left_sockets"]


def close_left_sockets(error: BaseException) -> None:
    """Close the sockets of pyvisa-py's objects in the tracebacks of `error` and of what led to it.

    pyvisa-py leaves them to the garbage collector, and a notebook keeps the last traceback: an instrument that accepts
    one client only would stay busy.
    """
    seen: BaseException | None = error
    while seen is not None:
        for frame, _ in traceback.walk_tb(seen.__traceback__):
            owner = frame.f_locals.get("self")
            if type(owner).__module__.startswith("pyvisa_py."):
                for value in vars(owner).values():
                    for candidate in (value, getattr(value, "sock", None)):
                        if isinstance(candidate, socket.socket):
                            candidate.close()
        seen = seen.__cause__ or seen.__context__
