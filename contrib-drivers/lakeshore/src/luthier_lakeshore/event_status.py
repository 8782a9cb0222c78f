"""What Lake Shore instruments have in common: lines of text, and errors as bits of the event status register.

Commands: Model 335 User's Manual, page 108, and the same in the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import ScpiInstrument
from luthier.errors import ReplyError
from luthier.scpi import ErrorEntry, EventStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier import Channel

__all__ = ["LakeShoreInstrument", "parts_of"]

_MEANINGS: Final = {
    EventStatus.QUERY_ERROR: "query error: a reply was not read, or there was none",
    EventStatus.EXECUTION_ERROR: "execution error: a value, or the present state, does not allow it",
    EventStatus.COMMAND_ERROR: "command error: it does not know the command",
}


class LakeShoreInstrument(ScpiInstrument):
    """An instrument that answers lines of text, and tells its errors by bits of ``*ESR?``; open one of the models.

    These instruments have no error queue. What they refuse they leave undone without a word, so the event status
    register is read after each set (``error_policy="after-set"``), and its error bits raise
    :class:`~luthier.errors.InstrumentReportedError`. Reading the register clears it.

    Parameters
    ----------
    name, address, options
        As for :class:`~luthier.ScpiInstrument`. On a serial line (also that over USB) the settings that the instrument
        has from the factory are used, unless ``transport_options`` says otherwise.
    """

    read_termination = "\r\n"
    write_termination = "\r\n"

    serial_settings: ClassVar[dict[str, object]] = {}
    """The settings of its serial line, from the factory."""

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        transport_options: Mapping[str, object] | None = None,
        **options: Any,
    ) -> None:
        serial = isinstance(address, str) and address.upper().startswith("ASRL")
        if serial:
            transport_options = {**self.serial_settings, **(transport_options or {})}
        super().__init__(name, address, transport_options=transport_options, **options)

    def take_errors(self) -> tuple[ErrorEntry, ...]:
        """Read and clear the event status register; each error bit is one entry, with the bit's weight as its code."""
        status = self.event_status()
        return tuple(ErrorEntry(int(bit), text) for bit, text in _MEANINGS.items() if bit in status)


def parts_of(channel: Channel, question: str, count: int) -> list[str]:
    """Ask, and return the parts of the reply between its commas.

    Raises :class:`~luthier.errors.ReplyError` where there are not that many.
    """
    reply = channel.query(question)
    parts = reply.split(",")
    if len(parts) != count:
        raise ReplyError(
            f"{question!r} was answered by {reply!r}; expected: {count} parts",
            who=channel.full_name,
            command=question,
            reply=reply,
            expected=f"{count} parts, with commas between them",
        )
    return parts
