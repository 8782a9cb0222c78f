"""A dialogue with a simulated device in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from luthier_visa.dialogue import FloodError, HungUpError, ShortReplyError, SilenceError, StrayBytesError
from luthier_visa.stream_dialogue import LONGEST_REPLY

from luthier_sim.conversation import Conversation
from luthier_sim.device import Unended

if TYPE_CHECKING:
    from luthier_sim.device import Device

__all__ = ["DeviceDialogue"]

_RECOVERY: Final = "The device is cleared before the next message, so that the next query is in step."
_SHOWN = 200  # bytes of what had come that an error carries


class DeviceDialogue:
    """Messages to a simulated device, and its replies; see :class:`luthier_visa.dialogue.Dialogue`.

    Times are those of the device's clock: where that stands still, nothing waits, and a timeout passes at once.

    Parameters
    ----------
    device
        The device. Several dialogues may be had with one.
    """

    interruptible = True

    def __init__(self, device: Device) -> None:
        self._device = device
        self._conversation = Conversation(device, watched=device.message_based)
        self._received = bytearray()
        self._ended = True  # whether the last thing that came was the end of a reply, where the interface marks it
        self._inside = False  # whether a part of a reply has been heard
        self._out_of_step = False
        self._closed = False

    @property
    def signals_end(self) -> bool:
        """Whether the interface itself says where a reply ends."""
        return self._device.message_based

    def tell(self, message: bytes, timeout: float | None, *, expecting: bytes | None) -> None:
        """Send `message`, which carries its termination."""
        del timeout  # the device takes everything at once
        self._require_device()
        if self._out_of_step:
            self._forget()
        if expecting is not None:
            self._require_silence(expecting)
        self._inside = False
        self._conversation.receive(message, ended=self._device.message_based)
        if self._conversation.hung_up:
            raise HungUpError("the simulated device hung up", "maybe")

    def hear(self, termination: bytes, timeout: float | None) -> bytes:
        """Return one reply, without its termination."""
        by_message = self._device.message_based
        received = self._received
        if not received and not (self._inside and by_message):
            self._receive(timeout, None)
        self._inside = False
        seen = 0
        while True:
            end = received.find(termination, max(0, seen - len(termination))) if termination else -1
            seen = len(received)
            if end >= 0 or (by_message and self._ended):
                break
            if len(received) > LONGEST_REPLY:
                self._forget()
                raise FloodError(f"more than {LONGEST_REPLY:,} bytes came without an end", _RECOVERY)
            self._receive(timeout, None)
        reply = bytes(received if end < 0 else received[:end])
        del received[: len(received) if end < 0 else end + len(termination)]
        return reply

    def hear_exactly(self, count: int, timeout: float | None) -> bytearray:
        """Return the next `count` bytes, whatever they are."""
        received = self._received
        while len(received) < count:
            if self._device.message_based and self._ended and (received or self._inside):
                short = bytes(received[:_SHOWN])
                self._forget()
                raise ShortReplyError(short, count)
            self._receive(timeout, count)
            self._inside = True
        part = received[:count]
        del received[:count]
        return part

    def clear(self, timeout: float | None) -> None:
        """Abandon what is under way, on both sides."""
        del timeout
        self._require_device()
        self._forget()

    def close(self) -> None:
        """Let go of the device, which keeps its state."""
        self._closed = True
        self._device.clock.wake()

    def _require_silence(self, expecting: bytes) -> None:
        """Refuse to ask where replies wait that nobody has read, unless the device throws them away by itself."""
        if self._device.message_based and not self._received:
            return
        stray = bytes(self._received)
        while (reply := self._conversation.next_reply()) is not None:
            stray += reply[1]
        self._received.clear()
        if stray not in {b"", expecting}:
            raise StrayBytesError(stray[:_SHOWN])

    def _receive(self, timeout: float | None, expected: int | None) -> None:
        """Wait for the next reply."""
        self._require_device()
        clock = self._device.clock
        patience = float("inf") if timeout is None else clock.now() + timeout
        found = self._conversation.next_reply_until(patience)
        came = clock.wait_until(found[0] if found else patience, given_up=self._gone)
        self._require_device()
        if found is None or not came:
            if not self._conversation.answering:
                self._conversation.read_in_vain()
            self._out_of_step = True
            raise SilenceError(bytes(self._received[:_SHOWN]), len(self._received), expected, _RECOVERY)
        self._received += found[1]
        self._ended = not isinstance(found[1], Unended)

    def _gone(self) -> bool:
        return self._closed or self._device.cut_off

    def _require_device(self) -> None:
        if self._closed:
            raise HungUpError("the connection was closed", "no")
        if self._device.cut_off:
            raise HungUpError("the simulated device is gone", "no")

    def _forget(self) -> None:
        self._conversation.clear()
        self._received.clear()
        self._inside = False
        self._ended = True
        self._out_of_step = False
