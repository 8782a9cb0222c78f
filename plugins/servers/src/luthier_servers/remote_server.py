"""A server as its clients see it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from luthier.errors import ConnectError, LuthierError, UsageError

from luthier_servers import messages, restarting, starting
from luthier_servers.addresses import ServerFiles
from luthier_servers.greeting import session
from luthier_servers.remote_instrument import RemoteInstrument

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from luthier_servers.link import Link, State

__all__ = ["RemoteServer", "end_by_force"]

_ENDING = 10.0
_ANSWERING = 2.0


class RemoteServer:
    """A server that runs: who it is, what it is doing, and its instruments.

    Made by ``luthier.connect("foo")``. Thread-safe.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        link.used_by(self)

    @property
    def name(self) -> str:
        """Its name."""
        return self._link.name

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._link.pid

    @property
    def state(self) -> State:
        """``"up"``; ``"suspect"``: no sign of life for 2 s (frozen, or a library does not let go); or ``"down"``."""
        return self._link.state

    @property
    def log(self) -> Path:
        """The file that a detached server and its drivers print to; taken away with the server where it is empty."""
        return ServerFiles(self.name).log

    def ping(self) -> dict[str, Any]:
        """Ask who it is and what it is doing; never waits for an instrument.

        Returns a dictionary with ``server``, ``pid``, ``uptime`` (s), ``clients``, ``calls``, and for each of
        ``instruments`` its ``kind`` and ``busy``: ``None``, or what is being done (``what``), since how many seconds
        (``since``), the number of the call (``call``), and what it last reported of its ``progress``: a dictionary of
        ``fraction`` and ``text``, or ``None``.
        """
        found: dict[str, Any] = self._link.ask(messages.Ping(0))
        return found

    def names(self) -> list[str]:
        """Return the names of its instruments."""
        found: list[str] = self._link.ask(messages.ListInstruments(0))
        return found

    @property
    def instruments(self) -> dict[str, RemoteInstrument]:
        """Proxies of all its instruments by name."""
        return {name: self[name] for name in self.names()}

    def __getitem__(self, name: str) -> RemoteInstrument:
        """Return the proxy of an instrument; closing it closes the proxy alone."""
        return RemoteInstrument(self._link, name, owned=False)

    def outcome(self, call: int) -> str:
        """Return what became of a call: ``"running"``, ``"done"``, ``"failed"``, ``"cancelled"`` or ``"unknown"``.

        The number of a call is in the errors that leave its end open (``error.call``).
        """
        return str(self._link.ask(messages.Outcome(0, call=call)))

    def cancel(self, call: int) -> str:
        """Give up a call: it is not begun if it waits, and a ramp stops; returns its :meth:`outcome` so far."""
        return str(self._link.ask(messages.Cancel(0, call=call)))

    @contextmanager
    def lease(self, *names: str, timeout: float = 0.0, duration: float | None = None) -> Iterator[Lease]:
        """Have several instruments for this process, all or none.

        Others wait, or are refused with :class:`~luthier.errors.BusyError`. ``timeout`` is how long to wait for them,
        ``duration`` after how many seconds the lease ends unless it is renewed (``None``: not), both in seconds. It
        ends with this process in any case.
        """
        request = messages.Lease(0, names=list(names), duration=duration, wait=timeout)
        number = self._link.ask(request)
        session.leases = (*session.leases, number)
        try:
            yield Lease(self._link, number)
        finally:
            session.leases = tuple(lease for lease in session.leases if lease != number)
            try:
                self._link.ask(messages.Release(0, lease=number))
            except UsageError:
                if duration is None:
                    raise

    def stop(self) -> None:
        """Let it make its instruments safe, close them, and end; returns when it has ended.

        One that does not answer is ended by force after 10 s.
        """
        child = starting.child_of_name(self.name, self.pid)
        try:
            self._link.ask(messages.Shutdown(0), None, _ANSWERING)
        except LuthierError:
            if child is None:
                _kill(self.pid, self.name)
        if child is not None:
            child.end()
            starting.forget(child)
        else:
            self._wait_for_end()
        self._link.close()

    def _wait_for_end(self) -> None:
        files = ServerFiles(self.name)
        deadline = time.monotonic() + _ENDING
        while files.facts() is not None and time.monotonic() < deadline:
            if files.remove_if_stale():
                return
            time.sleep(0.02)

    def restart(self) -> None:
        """End it, by force if need be, start it anew, and build its instruments again; proxies go on working.

        Threads that ask for it at the same time get one restart, and all return when it is done. What other threads
        ask of the server meanwhile raises :class:`~luthier.errors.ConnectError` or
        :class:`~luthier.errors.ConnectionLostError`, and :class:`~luthier.errors.UnknownNameError` until their
        instrument is built.

        Raises
        ------
        UsageError
            Another process started it, which alone can do so. It goes on.
        ConnectError
            It could not be started, or some of its instruments could not be built again; the others are there. A
            later restart tries all of them again.
        """
        restarting.once(self.name, self._restart)

    def _restart(self) -> None:
        with starting.turn(self.name):
            child = self._own_child()
            self._link.close()
            child.end(patience=_ANSWERING)
            self._link.close()  # what others opened to the one that was ending
            fresh = starting.start(self.name, detach=child.detached, lab=child.lab)
            fresh.births.update(child.births)
            failures = self._build_again(fresh)
            self._link.redescribe_all()
        if failures:
            raise restarting.incomplete(self.name, failures)

    def _own_child(self) -> starting.Child:
        child = starting.child_named(self.name)
        if child is None:
            raise UsageError(
                "cannot be started again from here: another process started it",
                who=f"server {self.name}",
                state="It goes on.",
                advice=f"Do it there, or stop it (luthier stop {self.name}) and build the instruments here.",
            )
        return child

    def _build_again(self, child: starting.Child) -> dict[str, Exception]:
        """Build the instruments that the server had, and return what went wrong, by name."""
        self._link.ensure_connected()
        failures: dict[str, Exception] = {}
        for name, pickled in list(child.births.items()):
            try:
                self._link.ask(messages.Create(0, ticket=child.hand_over(pickled)))
            except Exception as error:  # noqa: BLE001 - told when the others are built
                failures[name] = error
        return failures

    def disconnect(self) -> None:
        """Let go of the server, which goes on."""
        self._link.left_by(self)

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Disconnect."""
        self.disconnect()

    def __repr__(self) -> str:
        """Name and state."""
        return f"<RemoteServer {self.name}, process {self.pid}, {self.state}>"


class Lease:
    """Instruments that this process has for itself."""

    def __init__(self, link: Link, number: int) -> None:
        self._link = link
        self.number = number

    def renew(self, duration: float | None) -> None:
        """Let it last ``duration`` seconds from now; ``None``: until it is released."""
        self._link.ask(messages.Renew(0, lease=self.number, duration=duration))


def end_by_force(name: str) -> bool:
    """Kill the server of that name, whatever it is doing; ``False`` where none runs."""
    files = ServerFiles(name)
    facts = files.facts()
    if facts is None or files.remove_if_stale():
        return False
    _kill(int(facts["pid"]), name)
    deadline = time.monotonic() + _ENDING
    while not files.remove_if_stale() and files.facts() is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    return True


def _kill(pid: int, name: str) -> None:
    facts = ServerFiles(name).facts()
    if facts is None or facts.get("pid") != pid:
        return
    try:
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise ConnectError(f"its process {pid} cannot be ended: {error}", who=name, address=name) from error
