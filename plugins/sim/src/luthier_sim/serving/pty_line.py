"""A simulated device at the end of a serial line: a pseudo-terminal."""

from __future__ import annotations

import os
import select
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from luthier.errors import ConnectError

from luthier_sim.conversation import Conversation
from luthier_sim.serving.streams import carry_on

if TYPE_CHECKING:
    from luthier_sim.device import Device

__all__ = ["PtyLine"]

_CHUNK: Final = 4096


class PtyLine:
    """Serves a device on a pseudo-terminal, which clients open as a serial port.

    Attributes
    ----------
    path
        Of the port, ``/dev/pts/3``.

    Raises
    ------
    ConnectError
        The system has no pseudo-terminals (Windows), or has no more of them.
    """

    def __init__(self, device: Device) -> None:
        try:
            import termios  # noqa: PLC0415 - not everywhere
            import tty  # noqa: PLC0415 - not everywhere

            self._ours, self._theirs = os.openpty()
        except (ImportError, OSError) as error:
            raise ConnectError(
                f"cannot make a pseudo-terminal: {error}",
                who=repr(device),
                state="Nothing is served.",
                advice="Windows has none: serve on a port, or use a pair of virtual serial ports.",
                address="pty",
            ) from error
        tty.setraw(self._theirs, termios.TCSANOW)
        os.set_blocking(self._ours, False)
        self.path = os.ttyname(self._theirs)
        self._device = device
        self._stop, self._stopped = os.pipe()[::-1]
        self._ending = False
        self._thread = threading.Thread(target=self._talk, name=f"serial line of {device!r}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the port away; twice is fine."""
        if self._ending:
            return
        self._ending = True
        os.write(self._stop, b"\0")
        self._device.clock.wake()
        self._thread.join()
        for number in (self._ours, self._theirs, self._stop, self._stopped):
            os.close(number)

    def _talk(self) -> None:
        conversation = Conversation(self._device, watched=False)
        with suppress(OSError):
            while not self._ending:
                ready, _, _ = select.select([self._ours, self._stopped], [], [])
                if self._ours not in ready:
                    return
                conversation.take(os.read(self._ours, _CHUNK))
                if not carry_on(conversation, self._send, lambda: self._ending):
                    return

    def _send(self, data: bytes) -> None:
        """Write all of it; a client that does not read may keep the line waiting, but not its end."""
        left = memoryview(data)
        while left and not self._ending:
            stopped, writable, _ = select.select([self._stopped], [self._ours], [])
            if stopped:
                return
            if writable:
                left = left[os.write(self._ours, left[:_CHUNK]) :]
