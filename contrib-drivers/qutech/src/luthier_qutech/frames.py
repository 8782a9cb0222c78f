"""The messages of the RS-232 interface of the D5: bytes with their size in front, and no checksum.

As the description "rs232linkformat" has it, which the driver of QCoDeS quotes. A message is its own size, 0, the size
of the reply, the action, and what belongs to the action; a reply is its own size, a byte of errors, and data.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

import attrs
from luthier.errors import ReplyError
from luthier.scpi import ArrayFormat

if TYPE_CHECKING:
    from luthier.transport import Transport

__all__ = ["ERRORS", "LOWEST", "SPAN", "Action", "FrameFormat", "code_of", "level_of", "message_for"]

SPAN: Final = 4.0
LOWEST: Final = {"bipolar": -2.0, "positive": 0.0, "negative": -4.0}
LARGEST_CODE: Final = 0xFFFF
ERRORS: Final = {
    0x04: "parity",
    0x08: "overrun",
    0x10: "frame error",
    0x40: "this output does not exist",
    0x80: "this action does not exist",
}
_HEADER: Final = 4
_REPLY_HEADER: Final = 2


class Action(enum.IntEnum):
    """What a message asks for."""

    SET = 1
    READ = 2
    VERSION = 4
    TRIGGER = 6


def message_for(action: Action, *data: int, dacs: int = 0) -> bytes:
    """Return a message.

    Parameters
    ----------
    action
        What it asks for.
    data
        What belongs to it: number of the output, high byte, low byte.
    dacs
        The number of outputs of the rack, for :attr:`Action.READ`, whose reply has two bytes for each.

    Examples
    --------
    >>> message_for(Action.SET, 3, 0x80, 0x00).hex(" ")
    '07 00 02 01 03 80 00'
    >>> message_for(Action.READ, dacs=16).hex(" ")
    '04 00 22 02'
    """
    reply = _REPLY_HEADER + {Action.READ: 2 * dacs, Action.VERSION: 1}.get(action, 0)
    return bytes([_HEADER + len(data), 0, reply, action, *data])


def code_of(voltage: float, polarity: str) -> int:
    """Return the nearest of the 65536 codes for a voltage, in V.

    >>> code_of(-2.0, "bipolar"), code_of(0.0, "bipolar"), code_of(4.0, "positive"), code_of(0.0, "negative")
    (0, 32768, 65535, 65535)
    """
    return round((voltage - LOWEST[polarity]) / SPAN * LARGEST_CODE)


def level_of(code: int, polarity: str) -> float:
    """Return the voltage of a code, in V.

    >>> level_of(0, "bipolar"), level_of(65535, "negative")
    (-2.0, 0.0)
    """
    return code / LARGEST_CODE * SPAN + LOWEST[polarity]


@attrs.frozen
class FrameFormat(ArrayFormat):
    """A reply of known size.

    Attributes
    ----------
    size
        Bytes of the whole reply, which its first byte has to say too.
    """

    size: int = attrs.field(kw_only=True)

    def read(self, source: Transport, **options: object) -> bytes:  # type: ignore[override] # a frame has no options
        """Read one reply and return all of it. Raises :class:`~luthier.errors.ReplyError` for one of another size."""
        del options
        reply = bytes(source.read_exactly(self.size))
        if reply[0] != self.size:
            raise ReplyError(
                f"the reply begins with the size {reply[0]}; expected: {self.size}",
                state="What else came was thrown away.",
                advice="Compare the number of outputs (dacs=) and the serial settings with the rack.",
                command="",
                reply=reply,
                expected=f"{self.size} bytes that begin with {self.size}",
            )
        return reply
