"""A server: a process whose instruments others use. A thread per connection, and one more per client for events."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec
from luthier import instruments, plugins
from luthier.errors import (
    BusyError,
    ClosedError,
    ConnectionLostError,
    LuthierError,
    NameClashError,
    UnknownNameError,
    UsageError,
)
from luthier.hardware import owner
from luthier.monitor import patience, works_for
from luthier.server.faults import to_fault
from luthier.server.values import Payload

from luthier_servers import messages, surroundings
from luthier_servers.addresses import ServerFiles
from luthier_servers.births import Births
from luthier_servers.endpoints import AuthenticationError, authenticate_client, listen, somebody_answers
from luthier_servers.frames import FrameError, FrameSocket
from luthier_servers.leases import Leases
from luthier_servers.requests import Requests
from luthier_servers.running import Caller, Cancelled, RunningCall, RunningCalls
from luthier_servers.subscribers import Subscriber, Subscribers

if TYPE_CHECKING:
    import socket

__all__ = ["Server"]

_log = logging.getLogger("luthier.servers")

WAIT = float(os.environ.get("LUTHIER_SERVER_WAIT", "30"))
"""Seconds that a call waits for an instrument that is in use, where it does not say."""

_ENDING = 3.0
"""Seconds that making safe and closing may take when the server ends."""

_FREEING = 10.0
"""Seconds that a new server waits for the end of an old one of its name."""

_LOOKING = 0.02
"""Seconds between two looks whether the name is free."""


class Server:
    """The instruments of this process, for others to use.

    Parameters
    ----------
    name
        The name that others find it by.

    Raises
    ------
    NameClashError
        A server of that name runs.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.births = Births()
        self._files = ServerFiles(name)
        _claim(self._files)
        self._stopped = threading.Event()
        self._running = RunningCalls()
        self._subscribers = Subscribers()
        self._leases = Leases()
        self._requests = Requests(
            name,
            running=self._running,
            subscribers=self._subscribers,
            leases=self._leases,
            births=self.births,
            resolve=surroundings.resolve,
            stop=self._stopped.set,
            fault=self._fault,
        )
        self._connections: set[FrameSocket] = set()
        self._lock = threading.Lock()
        self._instance = secrets.token_hex(8)
        try:
            self._listener, how, self._key = listen(self._files)
        except BaseException:
            self._files.remove()
            raise
        self._how = how

    def start(self) -> None:
        """Let clients connect."""
        surroundings.hosts_instruments = True
        surroundings.server = owner.server = self.name
        patience.seconds = WAIT
        patience.describe = self._running.describe_thread
        surroundings.chain_of = self._running.chain_of
        for name in instruments():
            self._requests.hosted(name)
        self._files.publish({"server": self.name, "pid": os.getpid(), "instance": self._instance, **self._how})
        threading.Thread(target=self._accept, name="accepting", daemon=True).start()
        plugins.hooks.server_started(self)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until somebody asks the server to end; ``False`` after so many seconds."""
        return self._stopped.wait(seconds)

    def stop(self) -> None:
        """Ask the server to end; safe in a signal handler."""
        self._stopped.set()

    def close(self, *, make_safe: bool = True) -> None:
        """Refuse new clients, make the instruments safe and close them, and take the files away.

        Instruments that are in use are not waited for longer than 3 s in all. The name is free when they are closed.
        """
        self._refuse_clients()
        plugins.hooks.server_stopping(self)
        self._subscribers.publish("stopping")
        patience.seconds = _ENDING / 3
        self._leases.close()
        self._end_instruments(make_safe=make_safe)
        self._subscribers.close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.shut_down()
        self._files.remove()

    def abandon(self) -> None:
        """Take the files away, whatever happened before; twice is fine."""
        self._refuse_clients()
        self._files.remove()

    def _refuse_clients(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(2)
        self._listener.close()
        self._files.unpublish()

    def _end_instruments(self, *, make_safe: bool) -> None:
        """End each in a thread of its own: one whose driver hangs must not keep the others from being safe."""
        ending = [
            threading.Thread(target=_end, args=(instrument, make_safe), daemon=True)
            for instrument in reversed(instruments().values())
        ]
        deadline = time.monotonic() + _ENDING
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join(max(0.0, deadline - time.monotonic()))

    # Connections

    def _accept(self) -> None:
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connected,), name="client", daemon=True).start()

    def _serve(self, connected: socket.socket) -> None:
        try:
            authenticate_client(connected, self._key)
        except (AuthenticationError, OSError) as error:
            _log.warning("server %s: a connection was refused: %s", self.name, error)
            connected.close()
            return
        frames = FrameSocket(connected)
        with self._lock:
            self._connections.add(frames)
        try:
            self._converse(frames)
        except FrameError as error:
            _log.warning("server %s: a connection was ended: %s", self.name, error)
        except OSError as error:
            _log.debug("server %s: a connection was lost: %s", self.name, error)
        finally:
            with self._lock:
                self._connections.discard(frames)
            frames.close()

    def _converse(self, frames: FrameSocket) -> None:
        hello = self._hear_hello(frames)
        if hello is None:
            return
        who = Caller(hello.session, hello.client, hello.pid)
        if hello.kind == "events":
            self._serve_events(frames, hello, who)
        else:
            self._welcome(frames, hello)
            self._serve_calls(frames, who, frames.send)

    def _hear_hello(self, frames: FrameSocket) -> messages.Hello | None:
        first = frames.receive()
        if first is None:
            return None
        try:
            hello = messages.decode_request(first[0])
        except messages.NOT_UNDERSTOOD as error:
            raise FrameError(f"it did not begin with a hello: {error}") from error
        if not isinstance(hello, messages.Hello):
            raise FrameError(f"it began with {type(hello).__name__}, not with a hello")
        if messages.PROTOCOL not in hello.versions:
            refusal = UsageError(
                f"the server speaks version {messages.PROTOCOL} of the protocol, the client {hello.versions}",
                who=f"server {self.name}",
                advice="Use the same version of luthier-servers on both sides.",
            )
            frames.send(messages.encode(messages.Reply(hello.id, fault=to_fault(refusal, Payload()))))
            return None
        return hello

    def _welcome(self, frames: FrameSocket, hello: messages.Hello) -> None:
        welcome = messages.Welcome(messages.PROTOCOL, self.name, os.getpid(), self._instance)
        frames.send(messages.encode(messages.Reply(hello.id, msgspec.to_builtins(welcome))))

    def _serve_events(self, frames: FrameSocket, hello: messages.Hello, caller: Caller) -> None:
        """Tell a client what happens from its welcome on; its leases last as long as this connection."""
        subscriber = Subscriber(caller.session, frames)
        self._subscribers.add(subscriber)
        try:
            self._welcome(frames, hello)
            threading.Thread(target=subscriber.run, name="events", daemon=True).start()
            self._serve_calls(frames, caller, subscriber.send)
        finally:
            self._subscribers.remove(subscriber)
            subscriber.close()
            self._leases.end_session(caller.session)

    def _serve_calls(self, frames: FrameSocket, caller: Caller, send: Any) -> None:
        ident = threading.get_ident()
        handlers, ended, by_thread = self._requests.handlers, self._running.ended, self._running.by_thread
        receive, decode, encode, now = frames.receive, messages.decode_request, messages.encode, time.monotonic
        goes = Payload()
        while True:
            frame = receive()
            if frame is None:
                return
            try:
                request = decode(frame[0])
            except messages.NOT_UNDERSTOOD as error:
                send(self._misunderstood(frame[0], error))
                continue
            if goes.size:
                goes = Payload()
            kind, number = type(request), request.id
            call = by_thread[ident] = RunningCall(request, caller, now())
            works_for[ident] = (*request.stack, number)
            try:
                reply = messages.Reply(number, handlers[kind](request, call, frame[1], goes))
                ended(number, "done")
            except Cancelled:
                ended(number, "cancelled")
                reply = messages.Reply(number, fault=to_fault(_cancelled(), goes))
            except BaseException as error:  # noqa: BLE001 - told to who asked
                ended(number, "failed")
                goes = Payload()
                reply = messages.Reply(number, fault=self._fault(error, call, goes))
            finally:
                del by_thread[ident], works_for[ident]
            if kind is not messages.Get:
                reply.changed = self._requests.changed(call.subject, quickly=kind is messages.Set)
            try:
                send(encode(reply), goes)
            except (LuthierError, msgspec.MsgspecError, TypeError, RecursionError, OverflowError) as error:
                send(self._unsendable(number, error))

    def _unsendable(self, number: int, error: Exception) -> bytes:
        failure = UsageError(
            f"the answer cannot be sent: {error}",
            who=f"server {self.name}",
            state="The call itself was carried out.",
            sent="yes",
        )
        return messages.encode(messages.Reply(number, fault=to_fault(failure, Payload())))

    def _fault(self, error: BaseException, call: RunningCall, goes: Payload) -> dict[str, Any]:
        if self._stopped.is_set() and isinstance(error, (BusyError, ClosedError, UnknownNameError)):
            error = ConnectionLostError(
                f"the server is ending: {call.what} was not carried out",
                who=f"server {self.name}",
                state="Nothing was sent.",
                sent="no",
                address=self.name,
            )
        elif isinstance(error, BusyError):
            error.add_note(f"refused was {call.describe()}")
        elif not isinstance(error, LuthierError):
            _log.info("server %s: %s failed: %r", self.name, call.what, error)
        return to_fault(error, goes)

    def _misunderstood(self, message: Any, error: Exception) -> bytes:
        """Answer what is no request with its number, where it has one."""
        number = 0
        with contextlib.suppress(*messages.NOT_UNDERSTOOD):
            found = msgspec.msgpack.decode(message, type=dict[str, Any]).get("id")
            number = found if isinstance(found, int) else 0
        _log.warning("server %s: a request was refused: %s", self.name, error)
        failure = UsageError(f"this is no request: {error}", who=f"server {self.name}", state="Nothing was done.")
        return messages.encode(messages.Reply(number, fault=to_fault(failure, Payload())))


def _claim(files: ServerFiles) -> None:
    """Take a name; one whose server is ending, or was killed a moment ago, is waited for.

    The name may also be held for an instant by somebody who takes away what a killed server left.
    """
    deadline = time.monotonic() + _FREEING
    while not files.claim():
        late = time.monotonic() > deadline
        if late or somebody_answers(files.name):
            who = (files.facts() or {}).get("pid", "unknown")
            raise NameClashError(
                f"a server {files.name!r} runs already (process {who})" + (" and does not answer" if late else ""),
                state="Nothing was started.",
                advice=f"Join it: luthier.connect({files.name!r}). Or stop it: luthier stop {files.name}.",
                name=files.name,
                opened_at="",
            )
        time.sleep(_LOOKING)


def _cancelled() -> LuthierError:
    return BusyError("the call was given up while it waited", state="Nothing was sent.", holder="", timeout=0.0)


def _end(instrument: Any, make_safe: bool) -> None:
    if make_safe:
        try:
            instrument.make_safe()
        except Exception:  # noqa: BLE001 - it has to be closed all the same
            _log.exception("%s: could not be made safe", instrument.name)
    try:
        instrument.close()
    except Exception:  # noqa: BLE001 - the others go on
        _log.exception("%s: could not be closed", instrument.name)
