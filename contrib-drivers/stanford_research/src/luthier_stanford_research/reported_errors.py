"""How instruments of this maker report errors: in the event status register, or as numbers of ``LERR?``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from luthier import ScpiInstrument
from luthier.scpi import ErrorEntry, EventStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ERROR_NUMBERS", "ErrorNumberInstrument", "EventStatusInstrument"]

# Bits of *ESR? that stand for a mistake; the others tell of a key pressed, the mains switched on, or an end.
EVENT_ERRORS = {
    EventStatus(1 << 0): "the input queue overflowed",
    EventStatus.QUERY_ERROR: "the output queue overflowed",
    EventStatus.EXECUTION_ERROR: "a value is out of its range, or the command cannot be carried out in this state",
    EventStatus.COMMAND_ERROR: "the command is not known",
}

# The numbers that all instruments with LERR? have in common; those from 10 to 29 are each one's own.
ERROR_NUMBERS = {
    30: "lost data",
    32: "no listener",
    110: "illegal command",
    111: "undefined command",
    112: "illegal query",
    113: "illegal set",
    114: "null parameter",
    115: "extra parameters",
    116: "missing parameters",
    117: "parameter overflow",
    118: "invalid floating point number",
    120: "invalid integer",
    121: "integer overflow",
    122: "invalid hexadecimal",
    126: "syntax error",
    170: "communication error",
    171: "over run",
    254: "too many errors",
}


class EventStatusInstrument(ScpiInstrument):
    """An instrument without an error queue: what went wrong is in the event status register, ``*ESR?``.

    Reading it clears it, so that an event from before the driver was opened is told with the first command that
    checks. That the mains were switched on, or a key was pressed, is no error and is dropped. The number of an entry is
    the bit of the register.
    """

    error_query: ClassVar[str] = "*ESR?"
    has_operation_complete: ClassVar[bool] = True
    """Whether it knows ``*OPC?``; where it does not, the status byte is asked for, which is answered in its turn."""

    def take_errors(self) -> tuple[ErrorEntry, ...]:
        """Take what the event status register holds; ``()`` where there is no error in it."""
        events = self.event_status()
        return tuple(ErrorEntry(int(bit), text) for bit, text in EVENT_ERRORS.items() if events & bit)

    def wait_complete(self, timeout: float | None = None) -> None:
        """Wait until what was sent before is done; messages are carried out one after another.

        ``timeout`` in seconds; ``None`` takes the connection's own. After
        :class:`~luthier.errors.ResponseTimeoutError` the operation may still be under way.
        """
        if self.has_operation_complete:
            super().wait_complete(timeout)
            return
        with self.monitor:
            kept = self.timeout
            if timeout is not None:
                self.timeout = timeout
            try:
                self.query("*STB?")
            finally:
                if timeout is not None and not self.closed:
                    self.timeout = kept


class ErrorNumberInstrument(ScpiInstrument):
    """An instrument whose error queue holds numbers without texts, ``LERR?``; 0: it is empty."""

    error_query: ClassVar[str] = "LERR?"
    error_numbers: ClassVar[Mapping[int, str]] = ERROR_NUMBERS

    def take_errors(self) -> tuple[ErrorEntry, ...]:
        """Take all entries off the error queue, oldest first, with their texts; an empty queue gives ``()``."""
        return tuple(ErrorEntry(code, self.error_numbers.get(code, text)) for code, text in super().take_errors())
