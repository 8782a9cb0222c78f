"""The client's side of one server: a connection for each thread that calls, and one for events."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Literal

from luthier.errors import ConnectError, ConnectionLostError, LuthierError, ResponseTimeoutError, UsageError
from luthier.monitor import next_call, waiting, works_for
from luthier.server.faults import from_fault
from luthier.server.values import Payload, ValueReader

from luthier_servers import messages, surroundings
from luthier_servers.frames import FrameError, FrameSocket
from luthier_servers.greeting import GREETING, greet, held, session
from luthier_servers.subscribers import decode_event

if TYPE_CHECKING:
    from luthier_servers.messages import Request
    from luthier_servers.remote_instrument import RemoteInstrument
    from luthier_servers.subscribers import Event

__all__ = ["Link", "all_links", "link_to"]

_log = logging.getLogger("luthier.servers")

_SUSPECT = 2.0
"""Seconds without a sign of life after which a server is suspect."""

_DYING = 2.0
"""Seconds that a server may hold its files after its connections have ended; the system closes one after another."""

_CANCELLING = 2.0
"""Seconds that telling a server to give up a call may take."""

_BRING_BACK = (
    "Where this process started it, server.restart() of an instrument's proxy brings it back with its instruments."
)

State = Literal["up", "suspect", "down"]

_links: dict[str, Link] = {}
_lock = threading.Lock()
_plain_reader = ValueReader({}, surroundings.resolve)


def link_to(name: str) -> Link:
    """Return this process's link to a server that runs; :class:`~luthier.errors.ConnectError` where none does."""
    with _lock:
        link = _links.get(name)
        if link is None:
            link = _links[name] = Link(name)
    link.ensure_connected()
    return link


def all_links() -> list[Link]:
    """Return the links of this process."""
    with _lock:
        return list(_links.values())


class _Connected(threading.local):
    """The connection of each thread that calls."""

    frames: FrameSocket | None = None


class Link:
    """Sends requests to one server and hears its events. Thread-safe."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.instance = ""
        self.pid = 0
        self._thread = _Connected()
        self._connections: weakref.WeakKeyDictionary[FrameSocket, str] = weakref.WeakKeyDictionary()
        self._proxies: weakref.WeakSet[RemoteInstrument] = weakref.WeakSet()
        self._users: weakref.WeakSet[Any] = weakref.WeakSet()
        self._events: FrameSocket | None = None
        self._state: State = "down"
        self._heard = 0.0
        self._lock = threading.RLock()

    # Requests

    def ask(self, request: Request, payload: Payload | None = None, deadline: float | None = None) -> Any:
        """Send a request and return the value of its reply; see :meth:`exchange`."""
        reply, came = self.exchange(request, payload, deadline)
        return _plain_reader.read(reply.value, came)

    def exchange(
        self, request: Request, payload: Payload | None = None, deadline: float | None = None
    ) -> tuple[messages.Reply, Any]:
        """Send a request, wait for its reply, and return it with its payload.

        ``deadline`` is in seconds; ``None`` waits for as long as the server lives. Ctrl-C ends the wait, and tells the
        server that nobody waits any more.

        Raises
        ------
        ConnectionLostError
            The server is gone; ``error.sent`` says whether the request can have been carried out.
        ResponseTimeoutError
            The deadline has passed; the call goes on.
        """
        request.id = next_call()
        if not works_for and not surroundings.hosts_instruments:
            leases = held.leases + session.leases
            if leases:
                request.stack = leases
            reply, came = self._carry(request, payload, deadline)
        else:
            with waiting() as calls:
                request.stack = (*held.leases, *session.leases, *calls)
                request.via = surroundings.chain()
                reply, came = self._carry(request, payload, deadline)
        if reply.fault is not None:
            raise from_fault(reply.fault, _plain_reader, came, where=self.name)
        return reply, came

    def _carry(self, request: Request, payload: Payload | None, deadline: float | None) -> tuple[messages.Reply, Any]:
        message = messages.encode(request)
        frames = self._thread.frames
        if frames is None or frames.closed or not frames.send_or_close(message, payload):
            # None yet, or the server ended while this one was idle: nothing was carried out, and it may be back.
            frames = self._connect_thread()
            if not frames.send_or_close(message, payload):
                raise self._lost(frames, request)
        try:
            if deadline is not None:
                frames.set_timeout(deadline)
            frame = frames.receive()
            if deadline is not None:
                frames.set_timeout(None)
        except TimeoutError as error:
            self._give_up(frames, request)
            raise ResponseTimeoutError(
                f"no answer came within {deadline} s",
                who=_whom(request, self.name),
                state="The call goes on at the server.",
                advice=f"Ask what became of it: luthier.connect({self.name!r}).outcome({request.id}).",
                address=self.name,
                command=_doing(request),
                timeout=deadline,
                call=request.id,
            ) from error
        except (OSError, FrameError) as error:
            raise self._lost(frames, request) from error
        except BaseException:
            self._give_up(frames, request)
            raise
        if frame is None:
            raise self._lost(frames, request)
        try:
            return messages.decode_reply(frame[0]), frame[1]
        except messages.NOT_UNDERSTOOD as error:
            raise self._lost(frames, request) from error

    def _lost(self, frames: FrameSocket, request: Request) -> ConnectionLostError:
        frames.close()
        self._set_state("down")
        reading = isinstance(request, (messages.Get, messages.Ping, messages.Describe, messages.Inspect))
        return ConnectionLostError(
            f"the server {self.name!r} ended while it was asked to {_doing(request)}",
            who=_whom(request, self.name),
            state="" if reading else "It may or may not have been carried out.",
            advice=_BRING_BACK,
            address=self.name,
            call=request.id,
        )

    def _give_up(self, frames: FrameSocket, request: Request) -> None:
        """Tell the server that nobody waits for the reply, which would be taken for that of the next request."""
        frames.close()
        self._thread.frames = None
        try:
            extra = self._open("calls", _CANCELLING)
            extra.set_timeout(_CANCELLING)
        except Exception:  # noqa: BLE001 - the server is gone or frozen; the wait ends all the same
            return
        try:
            extra.send(messages.encode(messages.Cancel(next_call(), call=request.id)))
            extra.receive()
        except (OSError, FrameError):
            pass
        finally:
            extra.close()

    # Connections

    @property
    def state(self) -> State:
        """``"up"``; ``"suspect"``: no sign of life for 2 s; or ``"down"``."""
        if self._state == "up" and time.monotonic() - self._heard > _SUSPECT:
            return "suspect"
        return self._state

    def ensure_connected(self) -> None:
        """Connect for events, where that is not done; raises :class:`~luthier.errors.ConnectError`."""
        with self._lock:
            if self._events is not None:
                return
            frames = self._events = self._open("events")
            self._heard = time.monotonic()
            self._set_state("up")
            instance = self._connections[frames]
            self.instance = instance
        hearing = threading.Thread(
            target=self._hear, args=(frames, instance), name=f"events of {self.name}", daemon=True
        )
        hearing.start()

    def _connect_thread(self) -> FrameSocket:
        try:
            self.ensure_connected()
        except ConnectError as error:
            if self.instance:  # it ran when somebody connected
                error.advice = _BRING_BACK
            raise
        frames = self._open("calls")
        if self._connections.get(frames) != self.instance:
            self._leave_old_server()
            self.ensure_connected()
        self._thread.frames = frames
        return frames

    def _open(self, kind: str, timeout: float = GREETING) -> FrameSocket:
        frames, welcome = greet(self.name, kind, timeout)
        with self._lock:
            self.pid = welcome.pid
            self._connections[frames] = welcome.instance
        return frames

    def _leave_old_server(self) -> None:
        """Drop the connection for events, whose server is gone: another one answers by its name."""
        _log.info("server %s: it was started again", self.name)
        with self._lock:
            frames, self._events = self._events, None
        if frames is not None:
            frames.shut_down()
        self._outdate_all()

    def close(self) -> None:
        """Close all connections; what waits for a reply is told that the connection is lost."""
        with self._lock:
            frames, self._events = self._events, None
            connections = list(self._connections)
        for connection in connections:
            connection.shut_down()
        mine = self._thread.frames
        if mine is not None:
            mine.close()
        if frames is not None:
            frames.shut_down()
        self._set_state("down")

    def forget_in_fork(self) -> None:
        """Let go of the connections, which belong to the parent of this forked process."""
        for connection in list(self._connections):
            connection.close()
        self.__init__(self.name)  # type: ignore[misc]  # begins anew

    # Who uses it

    def used_by(self, user: Any) -> None:
        """Keep the link while ``user`` lives."""
        self._users.add(user)
        weakref.finalize(user, self._user_gone).atexit = False

    def left_by(self, user: Any) -> None:
        """Close the link if nobody else uses it."""
        self._users.discard(user)
        self._user_gone()

    def _user_gone(self) -> None:
        if not len(self._users):
            self.close()

    def tell(self, proxy: RemoteInstrument) -> None:
        """Give a proxy the events of its instrument."""
        with self._lock:
            self._proxies.add(proxy)

    def _told(self) -> list[RemoteInstrument]:
        with self._lock:
            return list(self._proxies)

    def redescribe_all(self) -> None:
        """Let all proxies ask what their instruments offer now: the server is another one.

        An instrument that is not there any more is told by the next call; what is known of it is outdated.
        """
        for proxy in self._told():
            try:
                proxy.wire_redescribe()
            except LuthierError:
                proxy.wire_outdate()

    # Events

    def _hear(self, frames: FrameSocket, instance: str) -> None:
        try:
            while True:
                if not frames.wait_readable(_SUSPECT):
                    self._note_silence()
                    continue
                frame = frames.receive()
                if frame is None:
                    break
                self._heard = time.monotonic()
                self._set_state("up")
                self._take(decode_event(frame[0]), frame[1])
        except (OSError, FrameError, *messages.NOT_UNDERSTOOD) as error:
            _log.debug("server %s: %s", self.name, error)
        finally:
            frames.close()
            with self._lock:
                current = self._events is frames
                if current:
                    self._events = None
            if current:
                self._ended(instance)

    def _note_silence(self) -> None:
        if self._state == "up":
            _log.warning("server %s: no sign of life for %s s", self.name, _SUSPECT)
        self._set_state("suspect")

    def _ended(self, instance: str) -> None:
        """End what waits for the server that is gone; one that was started meanwhile has nothing to do with it."""
        self._set_state("down")
        with self._lock:
            lost = [connection for connection, server in self._connections.items() if server == instance]
        for connection in lost:
            connection.shut_down()
        self._outdate_all()
        with contextlib.suppress(OSError, UsageError):
            from luthier_servers.addresses import ServerFiles  # noqa: PLC0415 - only at the end

            ServerFiles(self.name).remove_once_stale(instance, patience=_DYING)

    def _outdate_all(self) -> None:
        for proxy in self._told():
            proxy.wire_outdate()

    def _set_state(self, state: State) -> None:
        self._state = state

    def _take(self, event: Event, payload: Any) -> None:
        concerned = [proxy for proxy in self._told() if not event.on or proxy.name == event.on]
        try:
            for proxy in concerned:
                if event.event == "reading":
                    proxy.wire_reading(event.path, event.value, payload, event.age, omitted=event.omitted)
                elif event.event == "progress":
                    proxy.tell_progress(event.value["fraction"], event.value["text"])
                elif event.event in ("changed", "lost"):
                    proxy.wire_redescribe()
                elif event.event == "closed":
                    proxy.wire_outdate()
        except Exception:  # noqa: BLE001 - one event must not end the others
            _log.debug("server %s: an event was not understood", self.name, exc_info=True)
        finally:
            asked_by, self._thread.frames = self._thread.frames, None
            if asked_by is not None:  # this thread asks too seldom to keep a connection
                asked_by.close()


def _doing(request: Request) -> str:
    path = getattr(request, "path", "")
    on = getattr(request, "on", "")
    tag = type(request).__struct_config__.tag
    return f"{tag} {on}{'.' if on and path else ''}{path}".strip()


def _whom(request: Request, server: str) -> str:
    path = getattr(request, "path", "")
    on = getattr(request, "on", "")
    return f"{on}{'.' if path else ''}{path} (server {server})" if on else f"server {server}"


def _forget_all() -> None:
    session.begin_anew()
    held.leases = ()
    for link in all_links():
        link.forget_in_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
