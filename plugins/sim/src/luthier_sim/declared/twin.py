"""A driver that is opened on the device that is made from it, to know its channels, and the limits of the moment."""

from __future__ import annotations

import threading
from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Any

from luthier.errors import ResponseTimeoutError, UsageError
from luthier.instrument import ScpiInstrument, living

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier import Instrument

    from luthier_sim.device import Device

__all__ = ["Wire", "reply_terminator", "twin_of"]

_numbers = count(1)


class Wire:
    """A transport that hands each message to a function, and waits for nothing."""

    def __init__(self, respond: Callable[[bytes], bytes | None], terminator: bytes) -> None:
        self.address = "declared://"
        self.lock = threading.RLock()
        self.timeout: float | None = 0.0
        self._respond = respond
        self._terminator = terminator
        self._waiting: deque[bytes] = deque()

    def write(self, message: bytes) -> None:
        """Hand a message over."""
        reply = self._respond(message)
        if reply is not None:
            self._waiting.append(reply)

    def read(self) -> bytes:
        """Return the next reply, without its terminator."""
        return self._next().removesuffix(self._terminator)

    def query(self, message: bytes) -> bytes:
        """Hand a message over, and return its reply."""
        self.write(message)
        return self.read()

    def read_exactly(self, number: int) -> bytearray:
        """Return the next bytes of the reply."""
        reply = self._next()
        if len(reply) > number:
            self._waiting.appendleft(reply[number:])
        return bytearray(reply[:number])

    def clear(self) -> None:
        """Drop the replies that were not read."""
        self._waiting.clear()

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _next(self) -> bytes:
        if not self._waiting:
            raise ResponseTimeoutError("the device that is made from the driver has no answer")
        return self._waiting.popleft()


def reply_terminator(device: Device) -> bytes:
    """Return what ends the replies of a device: what ends messages to it, unless it says otherwise."""
    ends: bytes = getattr(device, "reply_terminator", device.terminator)
    return ends


def twin_of(driver: type[Instrument], wire: Wire) -> Instrument:
    """Construct a driver on `wire`. It is not among the instruments of the process, and no hook hears of it.

    Raises
    ------
    UsageError
        Its constructor fails.
    """
    twin = driver.__new__(driver)
    construct: Any = driver.__init__
    try:
        construct(twin, f"twin{next(_numbers)}", None, transport=wire)
    except Exception as error:
        raise UsageError(
            f"{driver.__name__} cannot be opened on what it declares: {error}",
            who="simulator_of",
            state="No device was made.",
            advice="Give the identity that the constructor asks for, or declare by hand what it asks.",
        ) from error
    finally:
        living.release(twin)
    if isinstance(twin, ScpiInstrument):
        twin.error_policy = "never"  # the error queue is the clients'
    return twin
