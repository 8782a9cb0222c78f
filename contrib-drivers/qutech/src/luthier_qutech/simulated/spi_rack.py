"""A simulated SPI rack: every module has eight chips LTC2758.

Like the rack: it is locked at first, and then writes nothing, but reads; spans and codes wait for an update.

Unlike it: it has a module at every number; a chip that is no LTC2758 is not known.
"""

from __future__ import annotations

from typing import Final

import attrs
from luthier_sim import Device

__all__ = ["SimulatedSpiRack"]

_SIZES: Final = {(0, 0): 3, (0, 1): 2}  # of data, by module and chip; 4 bytes of a converter
_CONVERTER: Final = 4
_CODE_BITS: Final = 0x3FFFF


@attrs.define
class Converter:
    """One converter: what its output has, and what waits for an update."""

    span: int = 0
    code: int = 0
    next_span: int = 0
    next_code: int = 0


class SimulatedSpiRack(Device):
    """An SPI rack, locked.

    Attributes
    ----------
    converters
        By module and number of the converter, 0 to 15.
    locked
        Whether writing is forbidden.
    history
        Span and code of each update, with module and converter.
    """

    version = "1.6 - Nov 12 2018 - QuTech"
    temperature = 25.5
    batteries = (2800, 2800)

    def switch_on(self) -> None:
        """Lock it, with all outputs at the lower end of the first span."""
        self.locked = True
        self.converters: dict[tuple[int, int], Converter] = {}
        self.active = (0, 0)
        self.arriving = (0, 0)
        self.history: list[tuple[int, int, int, int]] = []

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take as many bytes as the letter, and the chip that was chosen, need."""
        del ended
        if not buffer:
            return None
        letter = chr(buffer[0])
        size = {"c": 4, "u": 1, "l": 1, "v": 1, "t": 1}.get(letter, 1)
        if letter in "wr":
            size += _SIZES.get(self.arriving, _CONVERTER)
        if len(buffer) < size:
            return None
        message = bytes(buffer[:size])
        del buffer[:size]
        if letter == "c":
            self.arriving = (message[1] & 0xF, message[1] >> 4)
        return message

    def respond(self, message: bytes) -> bytes | None:
        """Carry out one message."""
        letter, data = chr(message[0]), message[1:]
        if letter == "v":
            return self.version.encode() + b"\n"
        if letter == "c":
            self.active = (data[0] & 0xF, data[0] >> 4)
        elif letter in "ul":
            self.locked = letter == "l"
        elif letter == "r":
            return self._read(data)
        elif letter == "w" and not self.locked:
            self._write(data)
        return None

    def converter(self, module: int, number: int) -> Converter:
        """Return a converter; all there are."""
        return self.converters.setdefault((module, number), Converter())

    def _addressed(self, data: bytes) -> tuple[int, int]:
        module, chip = self.active
        return module, 2 * chip + (data[0] >> 1 & 1)

    def _read(self, data: bytes) -> bytes:
        if self.active == (0, 0):
            return bytes([0]) + self.batteries[data[1] >> 6 & 1].to_bytes(2, "big")
        if self.active == (0, 1):
            return round(self.temperature * 32).to_bytes(2, "big")
        converter = self.converter(*self._addressed(data))
        if data[0] >> 4 == 0b1100:  # noqa: PLR2004 - read the span
            return bytes([0, 0, converter.span, 0])
        return b"\0" + (converter.code << 6).to_bytes(3, "big")

    def _write(self, data: bytes) -> None:
        command, place = data[0] >> 4, self._addressed(data)
        converter = self.converter(*place)
        if command in {0b0010, 0b0110}:
            converter.next_span = data[2]
        elif command in {0b0011, 0b0111}:
            converter.next_code = int.from_bytes(data[1:], "big") >> 6 & _CODE_BITS
        if command in {0b0100, 0b0110, 0b0111}:
            converter.span, converter.code = converter.next_span, converter.next_code
            self.history.append((*place, converter.span, converter.code))
