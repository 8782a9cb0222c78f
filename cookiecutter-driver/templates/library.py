"""The connection through the maker's library: messages of the driver become calls.

The library is imported when a connection is opened, and not before. ``CALLS`` is all that has to be known of it.
"""

from __future__ import annotations

import threading
from collections import deque
from importlib import import_module
from typing import TYPE_CHECKING, Any

from luthier.errors import ClosedError, ConnectError, ConnectionLostError, ResponseTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CALLS", "LIBRARY", "LibraryTransport", "open_library"]

LIBRARY = "{{ cookiecutter.library }}"
"""The module of the maker's library; here an imaginary one, whose ``open(serial)`` returns a device."""

IDENTITY = "{{ cookiecutter.identity_vendor }},{{ cookiecutter.identity_model }}"

CALLS: Mapping[str, Callable[..., object]] = {
    "*IDN?": lambda device: f"{IDENTITY},{device.serial},{device.firmware}",
    "AVG?": lambda device: device.averages,
    "AVG": lambda device, count: device.set_averages(int(count)),
    "SPEED?": lambda device: device.speed,
    "SPEED": lambda device, speed: device.set_speed(int(speed)),
    "LEVEL?": lambda device: device.level,
    "LEVEL": lambda device, volts: device.set_level(float(volts)),
    "LIMIT?": lambda device: device.limit,
    "LIMIT": lambda device, amperes: device.set_limit(float(amperes)),
    "OUT?": lambda device: int(device.output),
    "OUT": lambda device, on: device.set_output(on == "1"),
    "CURRENT?": lambda device: device.read_current(),
    "TEMP?": lambda device: device.read_temperature(),
}
"""For each message of the driver the call that carries it out; what it returns is the reply."""


class LibraryTransport:
    """A connection to one device of the library, as :class:`luthier.transport.Transport` describes it.

    Parameters
    ----------
    address
        As the user gave it, for messages.
    device
        What the library returned when it opened the device.
    timeout
        In seconds; kept, and not used: the library has its own.
    """

    def __init__(self, address: str, device: Any, timeout: float | None = 5.0) -> None:
        self.address = address
        self.timeout = timeout
        self.lock = threading.RLock()
        self._device = device
        self._replies: deque[bytes] = deque()
        self._closed = False

    def write(self, message: bytes) -> None:
        """Carry out a message."""
        command, _, value = message.decode("latin-1").partition(" ")
        with self.lock:
            self._require_open()
            try:
                reply = CALLS[command](self._device, *([value] if value else []))
            except OSError as error:
                self.close()
                raise ConnectionLostError(
                    f"the library lost the device: {error}", who=self.address, state="The connection is closed."
                ) from error
            if command.endswith("?"):
                self._replies.append(str(reply).encode("latin-1"))

    def read(self) -> bytes:
        """Return the reply to the oldest question that was not read yet."""
        with self.lock:
            self._require_open()
            if not self._replies:
                raise ResponseTimeoutError("nothing was asked", who=self.address, command="", timeout=self.timeout)
            return self._replies.popleft()

    def query(self, message: bytes) -> bytes:
        """``write`` then ``read``."""
        with self.lock:
            self.write(message)
            return self.read()

    def read_exactly(self, count: int) -> bytearray:
        """Return the next reply, which has to have that many bytes."""
        reply = bytearray(self.read())
        if len(reply) != count:
            raise ResponseTimeoutError(
                f"the reply has {len(reply)} bytes, not {count}", who=self.address, command="", timeout=self.timeout
            )
        return reply

    def clear(self) -> None:
        """Drop replies that nobody read."""
        with self.lock:
            self._require_open()
            self._replies.clear()

    def close(self) -> None:
        """Let go of the device; twice is fine."""
        with self.lock:
            if not self._closed:
                self._closed = True
                self._device.close()

    def _require_open(self) -> None:
        if self._closed:
            raise ClosedError("the connection is closed", who=self.address, state="Nothing was sent.")


def open_library(
    address: str,
    *,
    timeout: float | None = 5.0,
    write_termination: str = "\n",
    read_termination: str = "\n",
    options: dict[str, object] | None = None,
) -> LibraryTransport:
    """Open ``{{ cookiecutter.scheme }}://<serial number>`` through the maker's library.

    Raises :class:`~luthier.errors.ConnectError` where the library is not installed, or does not find the device.
    """
    del write_termination, read_termination, options
    serial = address.partition("://")[2]
    try:
        device = import_module(LIBRARY).open(serial)
    except ImportError as error:
        raise ConnectError(
            f"the maker's library cannot be imported: {error}",
            who=address,
            state="Nothing was opened.",
            advice=f"Install it, so that Python can import {LIBRARY}.",
        ) from error
    except OSError as error:
        raise ConnectError(
            f"the library does not open the device {serial!r}: {error}",
            who=address,
            state="Nothing was opened.",
            advice="Check the serial number, and whether another program has it open.",
        ) from error
    return LibraryTransport(address, device, timeout)
