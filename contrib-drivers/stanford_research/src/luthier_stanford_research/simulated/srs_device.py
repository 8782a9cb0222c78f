"""What simulated instruments of this maker have in common: messages of four letters and numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from luthier_sim import Refusal, ScpiDevice, query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.scpi.messages import Datum

__all__ = ["ErrorNumberDevice", "SrsDevice", "Token"]

_COMMAND: Final = re.compile(r"\s*(\*?[A-Za-z]+)\s*(\??)\s*(.*?)\s*", re.DOTALL)
# What every SCPI device of luthier-sim understands, and these instruments do not.
_SCPI_ONLY: Final = ("SYST", "STAT")


class SrsDevice(ScpiDevice):
    """A device that takes ``FREQ 1000``, ``FREQ1000``, ``OUTP? 1`` and ``OUTP?1``, several of them between semicolons.

    What is wrong sets bits of the event status register: 5 for a command that is not known, 4 for a value that is not
    allowed.
    """

    answers_together: ClassVar[bool] = False
    """Whether several answers to one message come in one line, between semicolons; otherwise each has its own."""
    missing: ClassVar[tuple[str, ...]] = ("*WAI",)
    """Common commands that the instrument does not have."""

    def respond(self, message: bytes) -> bytes | None:
        """Carry out one message, and return its answers; what is refused sets a bit of the event status register."""
        answers: list[bytes] = []
        for unit in message.decode("latin-1").split(";"):
            if not unit.strip():
                continue
            answer = self._carry_out_unit(unit)
            if answer is not None:
                answers.append(answer.removesuffix(self.terminator))
        if not answers:
            return None
        return (b";" if self.answers_together else self.terminator).join(answers) + self.terminator

    def _carry_out_unit(self, unit: str) -> bytes | None:
        found = _COMMAND.fullmatch(unit)
        name = found[1].upper() if found else ""
        if not found or name.startswith(_SCPI_ONLY) or name + found[2] in self.missing:
            self.report(Refusal(-113))
            return None
        return super().respond(f"{found[1]}{found[2]} {found[3]}".encode("latin-1"))


class ErrorNumberDevice(SrsDevice):
    """A device with a queue of error numbers, ``LERR?``."""

    value_error: ClassVar[int] = 10
    """The number of a value that is not allowed."""
    _numbers: ClassVar[Mapping[int, int]] = {
        -100: 110,
        -101: 126,
        -102: 126,
        -104: 120,
        -108: 115,
        -109: 116,
        -111: 126,
        -113: 111,
        -121: 118,
        -220: 11,
        -221: 11,
        -350: 254,
    }

    @query("LERR?")
    def take_error(self) -> int:
        """Answer the oldest error's number, and forget it; 0 where there is none."""
        code = self.errors.take().code
        if code >= 0:
            return code
        return self._numbers.get(code, 126 if code > -200 else self.value_error)  # noqa: PLR2004 - command errors


class Token:
    """A number from 0, or a word for it as manuals write it: ``Token("INTernal", "EXTernal")``; answered as number."""

    optional = False
    rest = False

    def __init__(self, *words: str) -> None:
        self._words = [(re.match(r"[A-Z0-9]+", word), word.upper()) for word in words]

    def read(self, datum: Datum, device: object, suffixes: tuple[int, ...]) -> int:
        """Return the number."""
        del device, suffixes
        if datum.form == "number" and not datum.suffix:
            number = int(float(datum.text))
            if not 0 <= number < len(self._words):
                raise Refusal(-222)
            return number
        text = datum.text + datum.suffix
        for number, (short, word) in enumerate(self._words):
            if short and word.startswith(text) and len(text) >= len(short[0]):
                return number
        raise Refusal(-222)

    def write(self, value: int) -> str:
        """Return the number as text."""
        return str(value)
