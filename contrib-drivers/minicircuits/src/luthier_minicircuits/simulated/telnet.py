"""Lines by telnet, as the boxes of Mini-Circuits take them: they end in LF, or in CR and LF."""

from __future__ import annotations

from luthier_sim import LineDevice

__all__ = ["TelnetDevice"]


class TelnetDevice(LineDevice):
    """A device of lines that may end in CR LF or in LF; replies end in CR LF."""

    terminator = b"\r\n"

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take a line, without its end."""
        del ended
        end = buffer.find(b"\n")
        if end < 0:
            return None
        message = bytes(buffer[:end]).removesuffix(b"\r")
        del buffer[: end + 1]
        return message
