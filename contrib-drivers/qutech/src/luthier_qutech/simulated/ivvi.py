"""A simulated IVVI rack of 16 outputs."""

from __future__ import annotations

from typing import Final

from luthier_sim import Device

__all__ = ["SimulatedIvvi"]

_DACS: Final = 16
_NO_SUCH_DAC: Final = 0x40
_WRONG_ACTION: Final = 0x80
_MIDDLE: Final = 0x8000
_SIZES: Final = {1: 7, 2: 4, 4: 4, 6: 4}
_VERSION: Final = 7


class SimulatedIvvi(Device):
    """An IVVI rack; after switching on every output is in the middle of its span.

    Attributes
    ----------
    codes
        The code of each output, 0 to 65535.
    triggers
        How often the trigger output gave a pulse.
    errors
        Bits that the next reply reports besides its own, as after a fault of the line; they are cleared by it.
    """

    def switch_on(self) -> None:
        """Put every output in the middle of its span."""
        self.codes = [_MIDDLE] * _DACS
        self.triggers = 0
        self.errors = 0

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take as many bytes as the first one says."""
        del ended
        if not buffer or len(buffer) < max(buffer[0], 1):
            return None
        size = max(buffer[0], 1)
        message = bytes(buffer[:size])
        del buffer[:size]
        return message

    def respond(self, message: bytes) -> bytes | None:
        """Carry out one message; the reply has the size that the message asks for."""
        if len(message) < 4:  # noqa: PLR2004 - size, error, size of the reply, action
            return None
        size, action = message[2], message[3]
        error, data = self._act(action, message[4:]) if _SIZES.get(action) == len(message) else (_WRONG_ACTION, b"")
        error |= self.errors
        self.errors = 0
        return (bytes([size, error]) + data).ljust(size, b"\0")[:size]

    def _act(self, action: int, data: bytes) -> tuple[int, bytes]:
        if action == 1:
            if not 1 <= data[0] <= _DACS:
                return _NO_SUCH_DAC, b""
            self.codes[data[0] - 1] = int.from_bytes(data[1:], "big")
        elif action == 6:  # noqa: PLR2004 - generate trigger output
            self.triggers += 1
        elif action == 4:  # noqa: PLR2004 - program version
            return 0, bytes([_VERSION])
        else:
            return 0, b"".join(code.to_bytes(2, "big") for code in self.codes)
        return 0, b""
