"""The messages of HiSLIP, as bytes (IVI-6.1, High-Speed LAN Instrument Protocol, section 2)."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import socket

__all__ = ["LARGEST_PAYLOAD", "FatalFault", "HislipMessage", "Kind", "receive", "receive_exactly"]

LARGEST_PAYLOAD: Final = 2**20
"""Bytes of one message that we take; clients are told, and send longer data in several."""

_HEADER: Final = struct.Struct("!2sBBIQ")


class Kind(IntEnum):
    """Message types, by the names in the standard (table 4)."""

    INITIALIZE = 0
    INITIALIZE_RESPONSE = 1
    FATAL_ERROR = 2
    ERROR = 3
    ASYNC_LOCK = 4
    ASYNC_LOCK_RESPONSE = 5
    DATA = 6
    DATA_END = 7
    DEVICE_CLEAR_COMPLETE = 8
    DEVICE_CLEAR_ACKNOWLEDGE = 9
    ASYNC_REMOTE_LOCAL_CONTROL = 10
    ASYNC_REMOTE_LOCAL_RESPONSE = 11
    TRIGGER = 12
    INTERRUPTED = 13
    ASYNC_INTERRUPTED = 14
    ASYNC_MAXIMUM_MESSAGE_SIZE = 15
    ASYNC_MAXIMUM_MESSAGE_SIZE_RESPONSE = 16
    ASYNC_INITIALIZE = 17
    ASYNC_INITIALIZE_RESPONSE = 18
    ASYNC_DEVICE_CLEAR = 19
    ASYNC_SERVICE_REQUEST = 20
    ASYNC_STATUS_QUERY = 21
    ASYNC_STATUS_RESPONSE = 22
    ASYNC_DEVICE_CLEAR_ACKNOWLEDGE = 23
    ASYNC_LOCK_INFO = 24
    ASYNC_LOCK_INFO_RESPONSE = 25


class FatalFault(Exception):  # noqa: N818 - what the standard calls a fatal error
    """The connection cannot go on; `code` and text go to the client (table 5)."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class HislipMessage(NamedTuple):
    """One message; ``kind`` is a number, because clients may send any."""

    kind: int
    control: int = 0
    parameter: int = 0
    payload: bytes = b""

    def encoded(self) -> bytes:
        """Return it as bytes."""
        return _HEADER.pack(b"HS", self.kind, self.control, self.parameter, len(self.payload)) + self.payload


def receive(connection: socket.socket) -> HislipMessage | None:
    """Return the next message; ``None`` where the client has hung up.

    Raises
    ------
    FatalFault
        What came is no message, or longer than we said that we take.
    """
    header = receive_exactly(connection, _HEADER.size)
    if header is None:
        return None
    prologue, kind, control, parameter, length = _HEADER.unpack(header)
    if prologue != b"HS":
        raise FatalFault(1, "Poorly formed message header")
    if length > LARGEST_PAYLOAD:
        raise FatalFault(0, "The message is longer than the maximum message size")
    payload = receive_exactly(connection, length) if length else b""
    return None if payload is None else HislipMessage(kind, control, parameter, payload)


def receive_exactly(connection: socket.socket, count: int) -> bytes | None:
    """Return the next `count` bytes; ``None`` where the client has hung up before."""
    found = bytearray()
    while len(found) < count:
        part = connection.recv(count - len(found))
        if not part:
            return None
        found += part
    return bytes(found)
