"""A serial line, through VISA, as a plain stream of bytes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luthier_visa.visa_resource import VisaResource

__all__ = ["SerialConnection"]


class SerialConnection:
    """The bytes of a serial line.

    What has arrived is taken in one piece, and terminations are not VISA's business, so that no byte is lost when a
    reply stops half-way.

    Parameters
    ----------
    resource
        An open ASRL resource, which the connection closes.
    """

    interruptible = False
    reopens = False  # a late reply would come to the port when it is open again

    def __init__(self, resource: VisaResource) -> None:
        self._resource = resource
        self._closed = False
        resource.end_at(None)

    @property
    def closed(self) -> bool:
        """Whether it was closed, or lost."""
        return self._closed

    def send(self, message: bytes, timeout: float | None) -> None:
        """Send all of `message`; raise :class:`TimeoutError` when the line takes no more for so long."""
        self._resource.wait_for(timeout)
        self._resource.write(message)

    def receive_into(self, target: memoryview, timeout: float | None) -> int | None:
        """Receive at least one byte; return how many, or ``None`` after `timeout`."""
        first = b""
        if not (waiting := self._resource.waiting()):
            if timeout == 0:
                return None
            self._resource.wait_for(timeout)
            try:
                first, _ = self._resource.read(1)
            except TimeoutError:
                return None
            waiting = self._resource.waiting()
        rest = min(waiting, len(target) - len(first))
        data = first + self._resource.read(rest)[0] if rest else first
        target[: len(data)] = data
        return len(data)

    def waiting(self) -> bool:
        """Tell, without waiting, whether there is something to receive."""
        if self._closed:
            raise ConnectionAbortedError("the port was closed when another instrument on it lost the connection")
        return bool(self._resource.waiting())

    def reopen(self) -> None:
        """Do nothing: this would be of no use."""

    def close(self) -> None:
        """Close the port; twice is fine."""
        if not self._closed:
            self._closed = True
            with suppress(Exception):  # an adapter that was unplugged
                self._resource.close()
