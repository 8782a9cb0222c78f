"""How simulated instruments of the letter protocol take messages."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from luthier_sim import Device

__all__ = ["LetterDevice"]

_MESSAGE: Final = re.compile(r"(\$?)([A-Z])([+-]?\d*\.?\d*)")
_MONITORING: Final = "RVXCQ"  # taken in local control as well
_CONTROLS: Final = 3


class LetterDevice(Device):
    """A simulated instrument that answers letters; methods ``on_<letter>`` are given the number behind it as text.

    They return what stands behind the letter in the reply, and refuse with ``ValueError``. Settings are refused in
    local control. A message that begins with ``$`` is carried out without a reply; one with ``@`` and a digit is for
    the instrument of that number (``isobus``) on the line, and others are silent.
    """

    terminator = b"\r"
    version: ClassVar[str]
    isobus = 1

    def switch_on(self) -> None:
        """Take the state of an instrument that has just been switched on: in local control."""
        self.control = 0

    def respond(self, message: bytes) -> bytes | None:
        """Carry out a message."""
        text = message.decode("latin-1").strip("\n ")
        if text.startswith("@"):
            if text[1:2] != str(self.isobus):
                return None
            text = text[2:]
        found = _MESSAGE.fullmatch(text)
        reply = f"?{text}" if found is None else self._carry_out(found[2], found[3])
        silent = found is not None and (found[1] or found[2] == "Q")
        return None if silent else reply.encode("latin-1") + b"\r"

    def _carry_out(self, letter: str, number: str) -> str:
        handler = getattr(self, f"on_{letter.lower()}", None)
        if handler is None or (letter not in _MONITORING and self.control % 2 == 0):
            return f"?{letter}{number}"
        try:
            reply = handler(number)
        except ValueError:
            return f"?{letter}{number}"
        return f"{'' if letter == 'V' else letter}{reply or ''}"

    def on_v(self, _: str) -> str:
        """Answer the version."""
        return self.version

    def on_c(self, number: str) -> None:
        """Take local or remote control."""
        if not 0 <= int(number) <= _CONTROLS:
            raise ValueError(number)
        self.control = int(number)

    def on_q(self, _: str) -> None:
        """Take it: replies have all their digits here."""
