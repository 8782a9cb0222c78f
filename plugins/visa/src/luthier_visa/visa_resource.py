"""One open VISA resource, without the differences between the backends."""

from __future__ import annotations

import enum
import math
import select
import socket
from typing import TYPE_CHECKING, Any

from pyvisa.constants import InterfaceType, ResourceAttribute, SerialTermination, StatusCode
from pyvisa.errors import InvalidSession, VisaIOError

from luthier_visa.backends import is_pyvisa_py

if TYPE_CHECKING:
    from pyvisa.highlevel import VisaLibraryBase
    from pyvisa.resources import MessageBasedResource, Resource

__all__ = ["Ending", "VisaResource", "close_resource"]


class Ending(enum.Enum):
    """Why a transfer ended."""

    END = "end"
    """The interface signalled the end of the message."""
    CHARACTER = "character"
    """The termination character came."""
    COUNT = "count"
    """As many bytes came as were asked for."""


def _check(status: StatusCode) -> None:
    """Raise the error that `status` stands for; most backends have done so by themselves."""
    if status < 0:
        raise VisaIOError(status)


def close_resource(resource: Resource) -> None:
    """Close `resource`; twice is fine."""
    try:
        session = resource.session
    except InvalidSession:
        return
    try:
        resource.close()
    finally:
        _sessions(resource.visalib).pop(session, None)  # pyvisa-py keeps closed ones for ever


def _sessions(library: VisaLibraryBase) -> dict[int, Any]:
    # pyvisa-py and pyvisa-sim keep their sessions in a public dictionary; other backends have none.
    sessions: dict[int, Any] = getattr(library, "sessions", {})
    return sessions


class VisaResource:
    """A message-based PyVISA resource, reduced to what moves bytes.

    Parameters
    ----------
    resource
        The open resource, which this object closes.
    """

    def __init__(self, resource: MessageBasedResource) -> None:
        self._resource = resource
        self._library = resource.visalib
        self._session = resource.session
        self._sessions = _sessions(self._library)
        self._interface = InterfaceType(resource.interface_type)
        self._of_pyvisa_py = is_pyvisa_py(resource.visalib)
        self._milliseconds: int | None = -1
        self._character: int | None = -1
        self._silencer = resource.ignore_warning(
            StatusCode.success_max_count_read, StatusCode.success_device_not_present
        )
        self._silencer.__enter__()
        self._send_at_once()

    @property
    def is_stream(self) -> bool:
        """Whether nothing but the bytes says where a message ends."""
        return self._interface is InterfaceType.asrl or self._resource.resource_class.upper() == "SOCKET"

    def read(self, count: int) -> tuple[bytes, Ending]:
        """Receive up to `count` bytes, in some cases more; raise :class:`TimeoutError`.

        More, because pyvisa-py does not tell the end of a message that ends with the last byte asked for: where the
        interface always signals the end, one byte more than wanted is asked for.
        """
        if self._of_pyvisa_py and not self.is_stream and self._interface is not InterfaceType.gpib:
            count += 1
        try:
            data, status = self._library.read(self._session, count)
            _check(status)
        except VisaIOError as error:
            if error.error_code == StatusCode.error_timeout:
                raise TimeoutError from error
            raise
        return bytes(data), self._ending(status, len(data), count)

    def write(self, message: bytes) -> None:
        """Send `message`; raise :class:`TimeoutError`."""
        try:
            count, status = self._library.write(self._session, message)
            _check(status)
        except VisaIOError as error:
            if error.error_code == StatusCode.error_timeout:
                raise TimeoutError from error
            raise
        if count < len(message):
            raise TimeoutError

    def wait_for(self, timeout: float | None) -> None:
        """Let transfers take so many seconds; VISA's shortest is 1 ms, ``None`` is for ever."""
        milliseconds = None if timeout is None else max(1, math.ceil(timeout * 1000))
        if milliseconds != self._milliseconds:
            self._resource.timeout = math.inf if milliseconds is None else milliseconds
            self._milliseconds = milliseconds

    def end_at(self, character: int | None) -> None:
        """Let a transfer end at `character`, beside the ends that the interface signals."""
        if character == self._character:
            return
        if self._interface is InterfaceType.asrl:
            end = SerialTermination.none if character is None else SerialTermination.termination_char
            self._set(ResourceAttribute.asrl_end_in, end)
        if character is not None:
            self._set(ResourceAttribute.termchar, character)
        self._set(ResourceAttribute.termchar_enabled, character is not None)
        self._character = character

    def waiting(self) -> int:
        """Return how many bytes a serial line has received; only there."""
        return int(self._library.get_attribute(self._session, ResourceAttribute.asrl_avalaible_number)[0])

    def clear(self) -> None:
        """Send the device clear of the interface."""
        self._library.clear(self._session)

    def hung_up(self) -> bool:
        """Whether the other side of a network connection of pyvisa-py has closed it, which its timeouts hide."""
        connection = self._connection()
        if connection is None:
            return False
        try:
            ready, _, _ = select.select([connection], [], [], 0)
            return bool(ready) and not connection.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def close(self) -> None:
        """Close the resource; twice is fine."""
        self._silencer.__exit__(None, None, None)
        close_resource(self._resource)

    def _ending(self, status: StatusCode, received: int, asked: int) -> Ending:
        if status == StatusCode.success_max_count_read:
            return Ending.COUNT
        if self._of_pyvisa_py and self._interface is InterfaceType.usb and received >= asked:
            return Ending.COUNT  # it calls every transfer a whole message
        if status == StatusCode.success_termination_character_read and not (
            self._of_pyvisa_py and self._interface is InterfaceType.tcpip and not self.is_stream
        ):
            return Ending.CHARACTER
        return Ending.END  # pyvisa-py's HiSLIP says "termination character" where the message has ended

    def _set(self, attribute: ResourceAttribute, value: object) -> None:
        self._library.set_attribute(self._session, attribute, value)

    def _send_at_once(self) -> None:
        """Switch off the waiting for more data (Nagle's algorithm), which costs 40 ms for a write before a query."""
        connection = self._connection()
        if connection is not None:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _connection(self) -> socket.socket | None:
        """Return the socket below a session of pyvisa-py; vendor libraries set TCP_NODELAY themselves (VPP-4.3)."""
        interface = getattr(self._sessions.get(self._session), "interface", None) if self._of_pyvisa_py else None
        for candidate in (interface, getattr(interface, "sock", None), getattr(interface, "_sync", None)):
            if isinstance(candidate, socket.socket):
                return candidate
        return None
