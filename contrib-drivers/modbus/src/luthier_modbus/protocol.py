"""What is asked of a device: the functions of Modbus, and what it refuses.

Source: MODBUS Application Protocol Specification V1.1b3, section 6 (functions) and 7 (exceptions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
from luthier.errors import InstrumentReportedError, ReplyError
from luthier.scpi import ArrayFormat

from luthier_modbus.frames import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luthier.transport import Transport

    from luthier_modbus.entries import Area
    from luthier_modbus.frames import RtuFrame, TcpFrame

__all__ = [
    "EXCEPTIONS",
    "MOST_BITS",
    "MOST_REGISTERS",
    "Understood",
    "bits_in",
    "confirmed",
    "reading",
    "registers_in",
    "writing",
]

MOST_REGISTERS: Final = 125
MOST_BITS: Final = 2000
READ: Final[dict[Area, int]] = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
EXCEPTIONS: Final[dict[int, str]] = {
    1: "it does not know this function",
    2: "it has no such address",
    3: "it does not allow this value, or this number of registers",
    4: "it failed while it carried this out",
    5: "it has begun, and needs a long time",
    6: "it is busy with another command",
    8: "its memory has a parity error",
    10: "the gateway has no path to it",
    11: "the gateway got no answer from it",
}


def reading(area: Area, address: int, count: int) -> bytes:
    """Return the message that asks for registers, coils or inputs (functions 1 to 4).

    >>> reading("holding", 107, 3).hex(" ")
    '03 00 6b 00 03'
    """
    return bytes([READ[area]]) + address.to_bytes(2, "big") + count.to_bytes(2, "big")


def writing(area: Area, address: int, values: Sequence[int]) -> bytes:
    """Return the message that sets registers or coils: one by function 5 or 6, several by 15 or 16.

    >>> writing("holding", 1, [3]).hex(" "), writing("coil", 172, [1]).hex(" ")
    ('06 00 01 00 03', '05 00 ac ff 00')
    >>> writing("holding", 1, [10, 258]).hex(" ")
    '10 00 01 00 02 04 00 0a 01 02'
    >>> writing("coil", 19, [1, 0, 1, 1, 0, 0, 1, 1, 1, 0]).hex(" ")
    '0f 00 13 00 0a 02 cd 01'
    """
    place = address.to_bytes(2, "big")
    if len(values) == 1:
        value = values[0] if area == "holding" else 0xFF00 * values[0]
        return bytes([6 if area == "holding" else 5]) + place + value.to_bytes(2, "big")
    if area == "holding":
        data = b"".join(value.to_bytes(2, "big") for value in values)
    else:
        data = sum(1 << place for place, value in enumerate(values) if value).to_bytes(-(-len(values) // 8), "little")
    count = len(values).to_bytes(2, "big")
    return bytes([16 if area == "holding" else 15]) + place + count + bytes([len(data)]) + data


def registers_in(reply: bytes, count: int) -> list[int]:
    """Return the registers of a reply. Raises :class:`~luthier.errors.ReplyError` where it has another number."""
    _check_size(reply, 2 * count)
    return [int.from_bytes(reply[place : place + 2], "big") for place in range(2, len(reply), 2)]


def bits_in(reply: bytes, count: int) -> list[int]:
    """Return the coils or inputs of a reply, each 0 or 1. Raises as :func:`registers_in`."""
    _check_size(reply, -(-count // 8))
    packed = int.from_bytes(reply[2:], "little")
    return [packed >> place & 1 for place in range(count)]


@attrs.frozen
class Understood(ArrayFormat):
    """An exchange whose reply is understood at once, so that what is wrong with it is said of the instrument.

    Attributes
    ----------
    frame
        How messages are wrapped.
    message
        What is sent.
    understand
        Makes of the message of the reply what is returned.
    """

    frame: TcpFrame | RtuFrame = attrs.field(kw_only=True)
    message: bytes = attrs.field(kw_only=True)
    understand: Callable[[bytes], Any] = attrs.field(kw_only=True)

    def read(self, source: Transport, **options: object) -> Any:  # type: ignore[override] # a frame has no options
        """Read the reply, and return what it says.

        Raises what the frame and ``understand`` raise, and :class:`~luthier.errors.InstrumentReportedError` for an
        exception of the device.
        """
        del options
        reply = self.frame.read(source)
        raise_exception(self.message, reply)
        return self.understand(reply)


def confirmed(sent: bytes, reply: bytes) -> bytes:
    """Return the reply to a writing, which has to repeat the first five bytes of what was sent.

    Raises :class:`~luthier.errors.ReplyError`.
    """
    if reply != sent[:5]:
        raise ReplyError(
            f"the reply {reply.hex(' ')} does not confirm what was written",
            state="It may or may not have been carried out.",
            advice="Read it back.",
            command=sent.hex(" "),
            reply=reply,
            expected=sent[:5].hex(" "),
        )
    return reply


def raise_exception(sent: bytes, reply: bytes) -> None:
    """Raise :class:`~luthier.errors.InstrumentReportedError` for an exception, and for another function's reply."""
    if reply[0] == sent[0] | FAILED and len(reply) > 1:
        code = reply[1]
        raise InstrumentReportedError(
            f"the device refuses: exception {code}, {EXCEPTIONS.get(code, 'which the standard does not explain')}",
            state="It did not carry out the message.",
            advice=_ADVICE.get(code, ""),
            command=sent.hex(" "),
            entries=((code, EXCEPTIONS.get(code, "")),),
        )
    if reply[0] != sent[0]:
        raise ReplyError(
            f"the reply is of function {reply[0]}",
            command=sent.hex(" "),
            reply=reply,
            expected=f"function {sent[0]}",
        )


_ADVICE: Final = {
    2: "Compare address, area and numbering of the register table with the manual: many count from 1.",
    3: "Compare type and length of the register table with the manual.",
    11: "Compare the unit number with the device.",
}


def _check_size(reply: bytes, octets: int) -> None:
    if len(reply) != octets + 2 or reply[1] != octets:
        raise ReplyError(
            f"the reply has {len(reply) - 2} bytes of data", command="", reply=reply, expected=f"{octets} bytes"
        )
