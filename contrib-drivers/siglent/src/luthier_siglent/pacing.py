"""The rest that instruments of Siglent need between messages, because their firmware loses what comes too soon."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from luthier import ScpiInstrument

if TYPE_CHECKING:
    from luthier.scpi import ArrayFormat

__all__ = ["PacedInstrument"]


class PacedInstrument(ScpiInstrument):
    """An instrument that is left in peace for a while after a command that it does not answer.

    Parameters
    ----------
    command_interval
        Seconds between a command that is not answered and what follows; ``None``: what the class says, and nothing for
        a simulator.
    """

    command_interval = 0.0
    _ready_at = 0.0

    def __init__(
        self, name: str, address: str | None = None, *, command_interval: float | None = None, **options: Any
    ) -> None:
        super().__init__(name, address, **options)
        if command_interval is not None:
            self.command_interval = command_interval
        elif (self.address or "").startswith("sim:"):
            self.command_interval = 0.0

    def write(self, command: str) -> None:
        """Send a command, and give it time."""
        with self.monitor.lock:
            self._rest()
            super().write(command)
            self._ready_at = time.monotonic() + self.command_interval

    def query(self, command: str) -> str:
        """Send a query and return the reply."""
        with self.monitor.lock:
            self._rest()
            return super().query(command)

    def query_array(self, command: str, array_format: ArrayFormat) -> Any:
        """Send a query and return the array that answers it."""
        with self.monitor.lock:
            self._rest()
            return super().query_array(command, array_format)

    def _rest(self) -> None:
        left = self._ready_at - time.monotonic()
        if left > 0:
            time.sleep(left)
