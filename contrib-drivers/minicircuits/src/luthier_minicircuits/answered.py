"""What the instruments of Mini-Circuits have in common: lines by telnet, of which each is answered.

Commands as known from the drivers of QCoDeS and of Android's test suite; the programming manual was not at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import Instrument
from luthier.errors import InstrumentReportedError, ReplyError
from luthier.scpi import Identity

if TYPE_CHECKING:
    from typing import Final

__all__ = ["AnsweringInstrument"]

DONE: Final = "1"
ANSWERS: Final = {"0": "the command failed, or the value is not allowed", "2": "the value was taken to the maximum"}


class AnsweringInstrument(Instrument):
    """An instrument that answers each setting by 1, 0 or 2; open one of the models."""

    write_termination = "\r\n"
    read_termination = "\r\n"

    def command(self, text: str) -> None:
        """Send a setting, and read its answer.

        Raises :class:`~luthier.errors.InstrumentReportedError` where the instrument did something else or nothing, and
        :class:`~luthier.errors.ReplyError` for an answer that is none.
        """
        answer = self.query(text).strip()
        if answer == DONE:
            return
        if answer not in ANSWERS:
            raise ReplyError(
                f"{text!r} was answered by {answer!r}; expected: 0, 1 or 2",
                who=self.who,
                command=text,
                reply=answer,
                expected="0, 1 or 2",
            )
        raise InstrumentReportedError(
            f"{text!r} was answered by {answer}: {ANSWERS[answer]}",
            who=self.who,
            state="Read it to see where it is now.",
            command=text,
            entries=((int(answer), ANSWERS[answer]),),
        )

    def identify(self) -> Identity:
        """Ask for model, serial number and firmware: the instrument does not know *IDN?."""
        model, serial, firmware = (self.query(text).strip() for text in ("MN?", "SN?", "FIRMWARE?"))
        return Identity(
            "Mini-Circuits", model.removeprefix("MN="), serial.removeprefix("SN="), firmware.removeprefix("FIRMWARE=")
        )
