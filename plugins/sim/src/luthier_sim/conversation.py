"""One client's connection to a simulated device: what has come in, and what waits to go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier_sim.device import Client

if TYPE_CHECKING:
    from luthier_sim.device import Device

__all__ = ["Conversation"]


class Conversation:
    """The input and the output of one client; whoever carries bytes to a device and back has one for each client.

    One thread at a time.

    Parameters
    ----------
    device
        The device.
    watched
        Whether the interface lets the device see that a reply was not read (GPIB, HiSLIP, in process); otherwise
        replies leave as soon as they are there (sockets, serial lines).
    """

    def __init__(self, device: Device, *, watched: bool) -> None:
        self.device = device
        self._interrupts = watched and device.message_based
        self._watched = watched
        self._buffer = bytearray()
        self._skipping = False
        self._client = Client()

    def receive(self, data: bytes, *, ended: bool = False) -> None:
        """Take what the client sent, and carry out the messages that are whole.

        Parameters
        ----------
        data
            Any bytes.
        ended
            Whether the interface marked the end of a message after them.
        """
        self.take(data)
        while self.step(ended=ended):
            pass

    def take(self, data: bytes) -> None:
        """Take what the client sent; :meth:`step` carries it out."""
        self._buffer += data

    def step(self, *, ended: bool = False) -> bool:
        """Carry out the next message, if it is whole; whether there was one.

        What the device's own code raises passes through; the message is then gone, and those after it are still there.
        """
        buffer, device = self._buffer, self.device
        if self._client.hung_up or (self._skipping and not self._skip(ended=ended)):
            return False
        message = device.take_message(buffer, ended=ended)
        if message is not None and len(message) <= device.largest_message:
            if self._interrupts and self._client.replies_due:
                self._client.replies_due.clear()
                with device.lock:
                    device.interrupted()
            device.carry_out(message, self._client)
        elif message is not None or len(buffer) > device.largest_message:
            with device.lock:
                device.overrun()
            if message is None:
                self._skipping = not ended
                buffer.clear()
        return message is not None

    def next_reply(self) -> tuple[float, bytes] | None:
        """Take the oldest reply off the output, with the moment of the device's clock at which it is due."""
        due = self._client.replies_due
        return due.pop(0) if due else None

    def next_reply_until(self, moment: float) -> tuple[float, bytes] | None:
        """Take the oldest reply off the output if it is due at `moment`; otherwise it stays there."""
        due = self._client.replies_due
        return due.pop(0) if due and due[0][0] <= moment else None

    @property
    def hung_up(self) -> bool:
        """Whether the device has cut this connection."""
        return self._client.hung_up

    @property
    def answering(self) -> bool:
        """Whether a reply is there, or under way."""
        return bool(self._client.replies_due)

    def read_in_vain(self) -> None:
        """Note that the client waits for a reply that no question was asked for."""
        if self._watched:
            with self.device.lock:
                self.device.unasked()

    def clear(self) -> None:
        """Forget input and output (device clear)."""
        self._buffer.clear()
        self._skipping = False
        self._client.replies_due.clear()
        self.device.give_up()

    def _skip(self, *, ended: bool) -> bool:
        """Throw away the rest of a message that was too long; whether it has ended."""
        end = self._buffer.find(self.device.terminator)
        if end >= 0:
            del self._buffer[: end + len(self.device.terminator)]
        else:
            del self._buffer[: len(self._buffer) if ended else max(0, len(self._buffer) - len(self.device.terminator))]
        self._skipping = end < 0 and not ended
        return not self._skipping
