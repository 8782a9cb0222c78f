"""The two ways in which a message of Modbus is wrapped: for TCP, and for a serial line.

Sources: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3 (the header); MODBUS over Serial Line V1.02, 2.5.1
(RTU framing) and 6.2 (the checksum).
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs
from luthier.errors import OutOfStepError, ReplyError
from luthier.scpi import ArrayFormat

if TYPE_CHECKING:
    from luthier.transport import Transport

__all__ = ["FAILED", "Framing", "RtuFrame", "TcpFrame", "checksum"]

Framing: TypeAlias = Literal["tcp", "rtu"]

FAILED: Final = 0x80
"""The bit in the function of a reply that tells of an exception."""
_POLYNOMIAL: Final = 0xA001
_LARGEST: Final = 253
_MOST_STALE: Final = 20
_READING: Final = frozenset({1, 2, 3, 4})
_numbers = count(1)


def _table() -> tuple[int, ...]:
    table = []
    for octet in range(256):
        crc = octet
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_TABLE: Final = _table()


def checksum(message: bytes) -> bytes:
    """Return the two bytes that end a message on a serial line: its CRC-16, low byte first.

    >>> checksum(bytes([0x02, 0x07])).hex(" ")
    '41 12'
    """
    crc = 0xFFFF
    for octet in message:
        crc = crc >> 8 ^ _TABLE[(crc ^ octet) & 0xFF]
    return crc.to_bytes(2, "little")


@attrs.frozen
class TcpFrame(ArrayFormat):
    """One exchange over TCP: the message has a number, which the reply repeats.

    Attributes
    ----------
    unit
        Which device behind the address is meant, 0 to 255.
    number
        The number of the exchange.
    """

    unit: int = attrs.field(kw_only=True)
    number: int = attrs.field(kw_only=True, factory=lambda: next(_numbers) & 0xFFFF)

    def wrap(self, message: bytes) -> bytes:
        """Return what is sent for a message (its function, and what belongs to that)."""
        head = self.number.to_bytes(2, "big") + b"\0\0" + (len(message) + 1).to_bytes(2, "big")
        return head + bytes([self.unit]) + message

    def read(self, source: Transport, **options: object) -> bytes:  # type: ignore[override] # a frame has no options
        """Read the reply and return its message; late replies to earlier messages are dropped.

        Raises :class:`~luthier.errors.ReplyError` for what is no reply of Modbus, and
        :class:`~luthier.errors.OutOfStepError` for that of somebody else.
        """
        del options
        for _ in range(_MOST_STALE):
            head = bytes(source.read_exactly(7))
            protocol, length = int.from_bytes(head[2:4], "big"), int.from_bytes(head[4:6], "big")
            if protocol or not 1 < length <= _LARGEST + 1:
                raise _no_reply(head, "a header of Modbus over TCP: a number, 00 00, a length, the unit")
            message = bytes(source.read_exactly(length - 1))
            if int.from_bytes(head[:2], "big") == self.number:
                return _of_unit(head[6], self.unit, head + message, message)
        raise OutOfStepError(f"{_MOST_STALE} replies came that belong to other messages")


@attrs.frozen
class RtuFrame(ArrayFormat):
    """One exchange on a serial line: the unit first, a checksum last; the function says how long the reply is."""

    unit: int = attrs.field(kw_only=True)

    def wrap(self, message: bytes) -> bytes:
        """Return what is sent for a message (its function, and what belongs to that)."""
        sent = bytes([self.unit]) + message
        return sent + checksum(sent)

    def read(self, source: Transport, **options: object) -> bytes:  # type: ignore[override] # a frame has no options
        """Read the reply and return its message.

        Raises :class:`~luthier.errors.ReplyError` for what is no reply of Modbus, and where its checksum is wrong;
        :class:`~luthier.errors.OutOfStepError` for that of another unit.
        """
        del options
        head = bytes(source.read_exactly(3))
        function = head[1]
        if function & FAILED:
            more = 2
        elif function in _READING:
            more = head[2] + 2
        else:
            more = 5
        whole = head + bytes(source.read_exactly(more))
        if checksum(whole[:-2]) != whole[-2:]:
            raise _no_reply(whole, f"the checksum {checksum(whole[:-2]).hex(' ')} at its end")
        return _of_unit(whole[0], self.unit, whole, whole[1:-2])


def _of_unit(unit: int, wanted: int, whole: bytes, message: bytes) -> bytes:
    if unit != wanted:
        raise OutOfStepError(f"the reply is of unit {unit}, not of unit {wanted}: {whole.hex(' ')}")
    return message


def _no_reply(octets: bytes, expected: str) -> ReplyError:
    return ReplyError(
        f"this is no reply of Modbus: {octets.hex(' ')}; expected: {expected}",
        advice="Compare the address, the framing (framing='tcp' or 'rtu') and the serial settings with the device.",
        command="",
        reply=octets,
        expected=expected,
    )
