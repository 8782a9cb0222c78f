"""A HiSLIP server for one device: a synchronous and an asynchronous channel for each client (IVI-6.1)."""

from __future__ import annotations

import threading
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Final

from luthier_sim.conversation import Conversation
from luthier_sim.device import Unended
from luthier_sim.serving.hislip_locks import ClientLocks
from luthier_sim.serving.hislip_messages import LARGEST_PAYLOAD, FatalFault, HislipMessage, Kind, receive
from luthier_sim.serving.streams import step

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from luthier_sim.device import Device

__all__ = ["HislipServer"]

_VERSION: Final = 0x0100
_VENDOR: Final = int.from_bytes(b"LU", "big")
_MOST_SESSIONS: Final = 32
_RMT_DELIVERED: Final = 1
_REQUEST_SERVICE: Final = 0x40


class HislipServer:
    """Serves a device to HiSLIP clients, in synchronized mode.

    What the client has sent, and whether it has read the replies, is known here, so that the rules of IEEE 488.2 for
    interrupted questions hold. Clients may clear the device, ask for its status byte, be told that it requests
    service, trigger it, and lock it.

    Parameters
    ----------
    device
        The device.
    ending
        Whether the server is about to end.
    """

    def __init__(self, device: Device, ending: Callable[[], bool]) -> None:
        self.device = device
        self.locks = ClientLocks()
        self._ending = ending
        self._sessions: dict[int, _Session] = {}
        self._numbers = count(1)
        self._guard = threading.Lock()

    def talk(self, connection: socket.socket) -> None:
        """Talk with whom is connected, on either channel, until that one hangs up."""
        try:
            first = receive(connection)
            if first is None:
                return
            if first.kind == Kind.INITIALIZE:
                self._talk_synchronously(connection, first)
            elif first.kind == Kind.ASYNC_INITIALIZE:
                self._talk_asynchronously(connection, first)
            else:
                raise FatalFault(3, "Invalid initialization sequence")  # noqa: TRY301 - told to the client like others
        except FatalFault as fault:
            text = str(fault).encode()
            connection.sendall(HislipMessage(Kind.FATAL_ERROR, fault.code, 0, text).encoded())

    def close(self) -> None:
        """Let nobody wait for a lock any more."""
        self.locks.close()

    def _talk_synchronously(self, connection: socket.socket, first: HislipMessage) -> None:
        with self._guard:
            if len(self._sessions) >= _MOST_SESSIONS:
                raise FatalFault(4, "Server refused connection due to maximum number of clients exceeded")
            number = next(each for each in self._numbers if each & 0xFFFF and each & 0xFFFF not in self._sessions)
            session = self._sessions[number & 0xFFFF] = _Session(self, connection, self._ending)
        version = min(_VERSION, first.parameter >> 16)
        answer = HislipMessage(Kind.INITIALIZE_RESPONSE, 0, version << 16 | number & 0xFFFF)
        try:
            session.send(answer)
            session.talk()
        finally:
            with self._guard:
                del self._sessions[number & 0xFFFF]
            session.close()
            self.locks.leave(session)

    def _talk_asynchronously(self, connection: socket.socket, first: HislipMessage) -> None:
        with self._guard:
            session = self._sessions.get(first.parameter)
        if session is None or not session.attach(connection):
            raise FatalFault(3, "Invalid initialization sequence")
        try:
            session.talk_aside()
        finally:
            session.close()


class _Session:
    """One client: its two channels, and the state between them."""

    def __init__(self, server: HislipServer, connection: socket.socket, ending: Callable[[], bool]) -> None:
        self._server = server
        self._device = server.device
        self._conversation = Conversation(server.device, watched=True)
        self._sync = connection
        self._async: socket.socket | None = None
        self._ending = ending
        self._closed = False
        self._sending = threading.Lock()
        self._clearing = False
        self._unread = False  # whether a reply was sent and the client has not said that it read it
        self._largest = 2**63
        self._told_service = False

    # Both channels

    def send(self, message: HislipMessage) -> None:
        """Send on the synchronous channel."""
        with self._sending:
            self._sync.sendall(message.encoded())

    def send_aside(self, message: HislipMessage) -> None:
        """Send on the asynchronous channel."""
        if self._async is not None:
            with self._sending:
                self._async.sendall(message.encoded())

    def attach(self, connection: socket.socket) -> bool:
        """Take the connection of the asynchronous channel; whether there was none yet."""
        if self._async is not None:
            return False
        self._async = connection
        self.send_aside(HislipMessage(Kind.ASYNC_INITIALIZE_RESPONSE, 0, _VENDOR))
        return True

    def close(self) -> None:
        """End both channels: one without the other is of no use."""
        self._closed = True
        self._wake()
        for connection in (self._sync, self._async):
            if connection is not None:
                with suppress(OSError):
                    connection.shutdown(2)

    def _wake(self) -> None:
        self._device.clock.wake()
        self._server.locks.wake()

    def _over(self) -> bool:
        return self._closed or self._clearing or self._ending()

    # The synchronous channel

    def talk(self) -> None:
        """Take messages until the client hangs up."""
        while (message := receive(self._sync)) is not None:
            if message.kind in (Kind.DATA, Kind.DATA_END, Kind.TRIGGER):
                if self._async is None:
                    raise FatalFault(2, "Attempt to use connection without both channels established")
                if not self._clearing:
                    self._take(message)
            elif message.kind == Kind.DEVICE_CLEAR_COMPLETE:
                self._clear()
                self.send(HislipMessage(Kind.DEVICE_CLEAR_ACKNOWLEDGE, 0))
            elif message.kind == Kind.FATAL_ERROR:
                return
            elif message.kind != Kind.ERROR:
                self.send(_unrecognized(message))

    def _take(self, message: HislipMessage) -> None:
        if message.control & _RMT_DELIVERED:
            self._unread = False
        if self._unread:
            self._unread = False
            self._interrupt(message.parameter)
        if not self._server.locks.enter(self, self._over):
            return
        data = b"*TRG\n" if message.kind == Kind.TRIGGER else message.payload
        ended = message.kind != Kind.DATA
        self._conversation.take(data)
        while step(self._conversation, ended=ended):
            pass
        if self._conversation.hung_up:
            self.close()
            return
        while (reply := self._conversation.next_reply()) is not None:
            if not self._device.clock.wait_until(reply[0], given_up=self._over):
                return
            self._send_reply(reply[1], message.parameter)
        self._request_service()

    def _interrupt(self, number: int) -> None:
        with self._device.lock:
            self._device.interrupted()
        self.send_aside(HislipMessage(Kind.ASYNC_INTERRUPTED, 0, number))
        self.send(HislipMessage(Kind.INTERRUPTED, 0, number))

    def _send_reply(self, reply: bytes, number: int) -> None:
        self._unread = True
        room = max(1, self._largest)
        for start in range(0, len(reply), room):
            more = start + room < len(reply) or isinstance(reply, Unended)
            kind = Kind.DATA if more else Kind.DATA_END
            self.send(HislipMessage(kind, 0, number, reply[start : start + room]))

    def _clear(self) -> None:
        self._conversation.clear()
        self._unread = False
        self._clearing = False

    def _request_service(self) -> None:
        status = self._device.poll(message_available=False)
        wants = bool(status & _REQUEST_SERVICE)
        if wants and not self._told_service:
            self.send_aside(HislipMessage(Kind.ASYNC_SERVICE_REQUEST, status))
        self._told_service = wants

    # The asynchronous channel

    def talk_aside(self) -> None:
        """Take messages of the asynchronous channel until the client hangs up."""
        assert self._async is not None
        while (message := receive(self._async)) is not None:
            if message.kind == Kind.FATAL_ERROR:
                return
            if message.kind != Kind.ERROR:
                self.send_aside(self._answer_aside(message))

    def _answer_aside(self, message: HislipMessage) -> HislipMessage:
        match message.kind:
            case Kind.ASYNC_MAXIMUM_MESSAGE_SIZE if len(message.payload) == 8:  # noqa: PLR2004 - bytes of the size
                self._largest = int.from_bytes(message.payload, "big")
                size = LARGEST_PAYLOAD.to_bytes(8, "big")
                return HislipMessage(Kind.ASYNC_MAXIMUM_MESSAGE_SIZE_RESPONSE, 0, 0, size)
            case Kind.ASYNC_STATUS_QUERY:
                if message.control & _RMT_DELIVERED:  # told here, it is not told again with the next data
                    self._unread = False
                status = self._device.poll(message_available=self._unread)
                return HislipMessage(Kind.ASYNC_STATUS_RESPONSE, status)
            case Kind.ASYNC_DEVICE_CLEAR:
                self._clearing = True
                self._wake()
                return HislipMessage(Kind.ASYNC_DEVICE_CLEAR_ACKNOWLEDGE, 0)
            case Kind.ASYNC_LOCK:
                return HislipMessage(Kind.ASYNC_LOCK_RESPONSE, self._lock(message))
            case Kind.ASYNC_LOCK_INFO:
                exclusive, holders = self._server.locks.holders
                return HislipMessage(Kind.ASYNC_LOCK_INFO_RESPONSE, int(exclusive), holders)
            case Kind.ASYNC_REMOTE_LOCAL_CONTROL:
                return HislipMessage(Kind.ASYNC_REMOTE_LOCAL_RESPONSE, 0)
        return _unrecognized(message)

    def _lock(self, message: HislipMessage) -> int:
        if message.control & 1:
            return self._server.locks.request(self, message.payload, message.parameter / 1000)
        return self._server.locks.release(self)


def _unrecognized(message: HislipMessage) -> HislipMessage:
    return HislipMessage(Kind.ERROR, 1, 0, f"Unrecognized message type {message.kind}".encode())
