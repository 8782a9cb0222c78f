"""Simulated controllers TPG 261 and TPG 262."""

from __future__ import annotations

from typing import ClassVar, Final

from luthier_sim import Device

__all__ = ["SimulatedTpg261", "SimulatedTpg262"]

_END: Final = b"\r\n"
_ENQUIRY: Final = b"\x05"
_ACKNOWLEDGED: Final = b"\x06" + _END
_REFUSED: Final = b"\x15" + _END
_FACTORS: Final = (0.01, 760 / 101325, 1.0)


class SimulatedTpg262(Device):
    """A TPG 262 with a full-range gauge and a capacitive one.

    Attributes
    ----------
    pressures
        Of each gauge, in Pa.
    states
        Of each gauge, 0 to 6.
    unit
        Of the display: 0 mbar, 1 Torr, 2 Pa.
    talks
        Whether it sends readings by itself, as after switching on: one comes before the answer to the first message.
    """

    count: ClassVar[int] = 2

    def switch_on(self) -> None:
        """Take the state after switching on."""
        self.pressures = [1.2e-4, 2.0][: self.count]
        self.states = [0] * self.count
        self.kinds = ["PKR", "CMR"][: self.count]
        self.unit = 0
        self._asked = "PR1"
        self.talks = True

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take an enquiry, which is one byte, or a line."""
        del ended
        if buffer[:1] == _ENQUIRY:
            del buffer[:1]
            return _ENQUIRY
        end = buffer.find(_END)
        if end < 0:
            return None
        message = bytes(buffer[:end])
        del buffer[: end + len(_END)]
        return message

    def respond(self, message: bytes) -> bytes | None:
        """Acknowledge or refuse a mnemonic, or give what was asked for last."""
        before = self._by_itself()
        if message == _ENQUIRY:
            return before + self._give().encode() + _END
        return before + self._acknowledge(message)

    def _by_itself(self) -> bytes:
        if not self.talks:
            return b""
        self.talks = False
        readings = zip(self.states, self.pressures, strict=True)
        return ",".join(f"{state},{here * _FACTORS[self.unit]:+.4E}" for state, here in readings).encode() + _END

    def _acknowledge(self, message: bytes) -> bytes:
        return _ACKNOWLEDGED if self._take(message.decode("latin-1").replace(" ", "")) else _REFUSED

    def _take(self, text: str) -> bool:
        mnemonic, _, value = text.partition(",")
        if mnemonic == "UNI" and value:
            if value not in {"0", "1", "2"}:
                return False
            self.unit = int(value)
        elif value or mnemonic not in {"UNI", "TID", "PNR", *(f"PR{number + 1}" for number in range(self.count))}:
            return False
        self._asked = mnemonic
        return True

    def _give(self) -> str:
        if self._asked == "UNI":
            return str(self.unit)
        if self._asked == "TID":
            return ",".join(self.kinds)
        if self._asked == "PNR":
            return "302-520-A"
        place = int(self._asked[2:]) - 1
        return f"{self.states[place]},{self.pressures[place] * _FACTORS[self.unit]:+.4E}"


class SimulatedTpg261(SimulatedTpg262):
    """A TPG 261 with a full-range gauge."""

    count = 1
