"""The status byte and the standard event status register, bit by bit (IEEE 488.2-1992, 11; SCPI-1999 volume 1, 9)."""

from __future__ import annotations

from enum import IntFlag

from luthier.errors import ReplyError
from luthier.scpi.numbers import parse_int

__all__ = ["EventStatus", "StatusByte", "describe_status", "parse_event_status", "parse_status_byte"]


class StatusByte(IntFlag):
    """The status byte, as ``*STB?`` and a serial poll return it (IEEE 488.2-1992, 11.2).

    Bits 2, 3 and 7 are as SCPI-1999 (volume 1, 9) uses them; IEEE 488.2 leaves them, and bits 0 and 1, to the device.
    """

    DEVICE_0 = 0x01
    DEVICE_1 = 0x02
    ERROR_QUEUE = 0x04
    QUESTIONABLE = 0x08
    MESSAGE_AVAILABLE = 0x10
    EVENT_STATUS = 0x20
    REQUEST_SERVICE = 0x40
    OPERATION = 0x80


class EventStatus(IntFlag):
    """The standard event status register, as ``*ESR?`` returns and clears it (IEEE 488.2-1992, 11.5.1)."""

    OPERATION_COMPLETE = 0x01
    REQUEST_CONTROL = 0x02
    QUERY_ERROR = 0x04
    DEVICE_ERROR = 0x08
    EXECUTION_ERROR = 0x10
    COMMAND_ERROR = 0x20
    USER_REQUEST = 0x40
    POWER_ON = 0x80


_LARGEST = 0xFF
_WORDS: dict[int, str] = {
    StatusByte.DEVICE_0: "device-defined bit 0",
    StatusByte.DEVICE_1: "device-defined bit 1",
    StatusByte.ERROR_QUEUE: "the error queue holds errors",
    StatusByte.QUESTIONABLE: "data or signals are questionable",
    StatusByte.MESSAGE_AVAILABLE: "a reply waits to be read",
    StatusByte.EVENT_STATUS: "the standard event status register has an enabled event",
    StatusByte.REQUEST_SERVICE: "the instrument requests service",
    StatusByte.OPERATION: "the operation status register has an enabled event",
}
_EVENT_WORDS: dict[int, str] = {
    EventStatus.OPERATION_COMPLETE: "every pending operation is complete",
    EventStatus.REQUEST_CONTROL: "the instrument asks to become the controller",
    EventStatus.QUERY_ERROR: "query error: a reply was asked for or read out of turn, and may be lost",
    EventStatus.DEVICE_ERROR: "device error: the instrument could not do what it was told",
    EventStatus.EXECUTION_ERROR: "execution error: a value is out of range, or the instrument's state forbids it",
    EventStatus.COMMAND_ERROR: "command error: the instrument did not understand a message",
    EventStatus.USER_REQUEST: "somebody used a control on the front panel",
    EventStatus.POWER_ON: "the instrument was switched on",
}


def describe_status(status: StatusByte | EventStatus) -> tuple[str, ...]:
    """Return what each set bit means, lowest bit first; nothing for 0.

    >>> describe_status(EventStatus.COMMAND_ERROR | EventStatus.OPERATION_COMPLETE)
    ('every pending operation is complete', 'command error: the instrument did not understand a message')
    """
    words = _WORDS if isinstance(status, StatusByte) else _EVENT_WORDS
    return tuple(text for bit, text in words.items() if status & bit)


def parse_status_byte(reply: str) -> StatusByte:
    """Return the reply to ``*STB?``; raises :class:`~luthier.errors.ReplyError` unless it is 0 to 255.

    >>> parse_status_byte("+20")
    <StatusByte.ERROR_QUEUE|MESSAGE_AVAILABLE: 20>
    """
    return StatusByte(_parse_octet(reply))


def parse_event_status(reply: str) -> EventStatus:
    """Return the reply to ``*ESR?``; raises :class:`~luthier.errors.ReplyError` unless it is 0 to 255.

    >>> parse_event_status("128")
    <EventStatus.POWER_ON: 128>
    """
    return EventStatus(_parse_octet(reply))


def _parse_octet(reply: str) -> int:
    number = parse_int(reply)
    if not 0 <= number <= _LARGEST:
        expected = "a whole number from 0 to 255"
        raise ReplyError(
            f"the reply {reply!r} is no status; expected is {expected}", command="", reply=reply, expected=expected
        )
    return number
