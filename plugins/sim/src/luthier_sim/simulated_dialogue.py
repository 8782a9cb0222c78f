"""A dialogue with a device of pyvisa-sim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier_visa.dialogue import StrayBytesError
from luthier_visa.visa_dialogue import VisaDialogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier_visa.visa_resource import VisaResource
    from pyvisa_sim.devices import Device

__all__ = ["SimulatedDialogue"]


class SimulatedDialogue:
    """Messages to a simulated device and its replies, with the device clear that pyvisa-sim lacks.

    A device that answers ``ERROR`` to a command that it does not know leaves that answer for the next question: here,
    as on a real connection, what waits to be read before a question is sent is a fault, and is thrown away.

    Parameters
    ----------
    open_resource
        Opens a VISA session to the device.
    device
        The device itself.
    """

    interruptible = False
    signals_end = True

    def __init__(self, open_resource: Callable[[], VisaResource], device: Device) -> None:
        self._visa = VisaDialogue(open_resource, clears=True)
        self._device = device
        self._out_of_step = False

    def tell(self, message: bytes, timeout: float | None, *, expecting: bytes | None) -> None:
        """Send `message`; see :class:`luthier_visa.dialogue.Dialogue`."""
        if self._out_of_step:
            self._clear_device()
        if expecting is not None:
            stray = self._unread()
            if stray not in {b"", expecting}:
                raise StrayBytesError(stray)
        try:
            self._visa.tell(message, timeout, expecting=expecting)
        except BaseException:
            self._out_of_step = True
            raise

    def hear(self, termination: bytes, timeout: float | None) -> bytes:
        """Return one reply; see :class:`luthier_visa.dialogue.Dialogue`."""
        try:
            return self._visa.hear(termination, timeout)
        except BaseException:
            self._out_of_step = True
            raise

    def hear_exactly(self, count: int, timeout: float | None) -> bytearray:
        """Return `count` bytes; see :class:`luthier_visa.dialogue.Dialogue`."""
        try:
            return self._visa.hear_exactly(count, timeout)
        except BaseException:
            self._out_of_step = True
            raise

    def clear(self, timeout: float | None) -> None:
        """Abandon what is under way, on both sides."""
        self._clear_device()
        self._visa.clear(timeout)

    def close(self) -> None:
        """Close the session; the device keeps its state."""
        self._visa.close()

    def _unread(self) -> bytes:
        unread = bytearray()
        while byte := self._device.read()[0]:
            unread += byte
        return bytes(unread)

    def _clear_device(self) -> None:
        self._unread()
        self._device._input_buffer.clear()  # noqa: SLF001 - half a message stays there, and pyvisa-sim has no device clear
        self._out_of_step = False
