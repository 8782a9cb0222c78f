"""The messages of the controller of an SPI rack (C1b, C2), and of the converters LTC2758 in its modules.

As the maker's Python package spirack 0.2.21 sends them. A message is a letter and bytes: ``c`` chooses a chip of a
module, ``w`` writes to it, ``r`` writes and returns as many bytes, ``u`` and ``l`` unlock and lock writing, ``v`` asks
for the firmware.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

import attrs
from luthier.scpi import ArrayFormat

if TYPE_CHECKING:
    from luthier.transport import Transport

__all__ = ["CODES", "RawBytes", "Register", "choose", "code_in", "converter_message"]

CODES: Final = 1 << 18
WRITE_SPEED: Final = 6  # 84 MHz divided by it
READ_SPEED: Final = 8
CONTROLLER_SPEED: Final = 84


class Register(enum.IntEnum):
    """Commands of the LTC2758."""

    WRITE_SPAN = 0b0010  # taken over with the next update
    WRITE_CODE_AND_UPDATE = 0b0111
    READ_SPAN = 0b1100
    READ_CODE = 0b1101


@attrs.frozen
class RawBytes(ArrayFormat):
    """A reply of `size` bytes, without anything around them."""

    size: int = attrs.field(kw_only=True)

    def read(self, source: Transport, **options: object) -> bytes:  # type: ignore[override] # a frame has no options
        """Read one reply."""
        del options
        return bytes(source.read_exactly(self.size))


def choose(module: int, chip: int, speed: int) -> bytes:
    """Return the message that chooses a chip.

    >>> choose(2, 7, WRITE_SPEED).hex(" ")
    '63 72 00 06'
    """
    return bytes([ord("c"), chip << 4 | module, 0, speed])


def converter_message(register: Register, converter: int, value: int = 0) -> bytes:
    """Return the four bytes for one of the two converters of a chip, which `converter` tells by its lowest bit.

    >>> converter_message(Register.WRITE_CODE_AND_UPDATE, 1, 0x20001).hex(" ")
    '72 80 00 40'
    >>> converter_message(Register.WRITE_SPAN, 0, 2).hex(" ")
    '20 00 02 00'
    """
    head = register << 4 | (converter % 2) << 1
    if register is Register.WRITE_SPAN:
        return bytes([head, 0, value, 0])
    return bytes([head, value >> 10, value >> 2 & 0xFF, (value & 0b11) << 6])


def code_in(reply: bytes) -> int:
    """Return the code in the reply to READ_CODE.

    >>> code_in(bytes.fromhex("00 80 00 40")) == 0x20001
    True
    """
    return reply[1] << 10 | reply[2] << 2 | reply[3] >> 6
