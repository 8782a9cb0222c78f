"""The embedded engine: building instruments on servers of this machine, and reaching those that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import plugins
from luthier.errors import ConnectError, LuthierError, UsageError
from luthier.server.values import Payload, to_wire

from luthier_servers import messages, starting, surroundings
from luthier_servers.addresses import checked_name
from luthier_servers.births import pickle_birth
from luthier_servers.link import link_to
from luthier_servers.remote_instrument import RemoteInstrument
from luthier_servers.remote_server import RemoteServer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luthier import Instrument

    from luthier_servers.link import Link

__all__ = ["LocalServers"]


class LocalServers:
    """The servers of this machine; the entry point ``local`` of the group ``luthier.servers``."""

    def __call__(
        self, kind: type[Instrument], server_name: str, args: Sequence[Any], options: Mapping[str, Any]
    ) -> Any:
        """Build ``kind(*args, **options)`` on the server of that name, starting it where it does not run."""
        checked_name(server_name)
        if server_name == surroundings.server:
            return kind(*args, **options)
        with starting.turn(server_name):
            link = _running(server_name)
            pickled = _pickled(kind, args, options) if link is None else b""
            started = link is None and self._start(server_name)
            link = link or link_to(server_name)
        try:
            name = _create(link, kind, args, options, pickled)
        except BaseException:
            if started:
                _stop_if_empty(link)
            raise
        return RemoteInstrument(link, name, owned=True, kind=kind)

    def connect(self, server_name: str, instrument: str | None = None) -> Any:
        """Return the proxy of a server that runs, or of one of its instruments."""
        link = link_to(checked_name(server_name))
        return RemoteServer(link) if instrument is None else RemoteInstrument(link, instrument, owned=False)

    def start(self, server_name: str, *, detach: bool = False, lab: str | None = None) -> RemoteServer:
        """Start a server.

        Parameters
        ----------
        server_name
            The name that others find it by.
        detach
            Whether it goes on when this process has ended, whatever ended it. Then ``luthier stop`` ends it, or
            :meth:`RemoteServer.stop`, or SIGTERM: it makes its instruments safe and closes them. What it and its
            drivers print goes to :attr:`RemoteServer.log`.
        lab
            A ``lab.toml`` whose instruments it opens; ``""`` looks for one as :class:`luthier.Station` does. ``None``:
            it has no instruments yet.

        Raises
        ------
        ConnectError
            A server of that name runs, or it could not start; nothing is left of it.
        """
        checked_name(server_name)
        with starting.turn(server_name):
            starting.start(server_name, detach=detach, lab=lab)
        return RemoteServer(link_to(server_name))

    @staticmethod
    def _start(name: str) -> bool:
        """Start a server; ``False`` where another process was quicker."""
        try:
            starting.start(name)
        except ConnectError:
            if _running(name) is None:
                raise
            return False
        return True


_DYING = 1.0
"""Seconds that a server of which the connections are lost may take to be gone."""


def _running(name: str) -> Link | None:
    try:
        link = link_to(name)
    except ConnectError:
        return None
    child = starting.child_of_name(name, link.pid)
    if child is not None and child.has_ended(patience=_DYING if link.state == "down" else 0.0):
        # The thread that hears events may not have noticed yet.
        link.close()
        return None
    return link


def _stop_if_empty(link: Link) -> None:
    """End a server that was started for an instrument which could not be built."""
    try:
        empty = not link.ask(messages.ListInstruments(0))
    except LuthierError:  # it is gone, which is being told
        return
    if empty:
        RemoteServer(link).stop()


def _create(link: Link, kind: type, args: Sequence[Any], options: Mapping[str, Any], pickled: bytes) -> str:
    """Build an instrument; ``pickled`` is class and arguments, where they are pickled already."""
    child = starting.child_of_name(link.name, link.pid)
    if child is None:
        return _create_by_id(link, kind, args, options)
    pickled = pickled or _pickled(kind, args, options)
    name = str(link.ask(messages.Create(0, ticket=child.hand_over(pickled))))
    child.births[name] = pickled
    return name


def _pickled(kind: type, args: Sequence[Any], options: Mapping[str, Any]) -> bytes:
    try:
        return pickle_birth(kind, args, options)
    except Exception as error:
        raise UsageError(
            f"the class, or one of its arguments, cannot be handed to another process: {error}",
            who=kind.__name__,
            state="Nothing was opened.",
            advice="Give it plain values and instruments on servers, and open connections in its constructor.",
        ) from error


def _create_by_id(link: Link, kind: type, args: Sequence[Any], options: Mapping[str, Any]) -> str:
    """Open an instrument on a server that another process started, which takes installed drivers only."""
    drivers = plugins.registry("drivers")
    place = f"{kind.__module__}:{kind.__qualname__}"
    known = [name for name in drivers.names() if drivers.find(name).value == place]
    if not known:
        raise UsageError(
            f"cannot be built on the server {link.name!r}: another process started it, and it takes the classes of "
            "installed drivers only",
            who=kind.__name__,
            state="Nothing was opened.",
            advice="Build it in that process and luthier.connect() to it, or choose another server_name.",
        )
    payload = Payload()
    request = messages.Create(
        0,
        driver=known[0],
        args=[to_wire(argument, payload) for argument in args],
        kwargs={name: to_wire(option, payload) for name, option in options.items()},
    )
    return str(link.ask(request, payload))


def _dial(server: str, instrument: str) -> RemoteInstrument:
    return RemoteInstrument(link_to(server), instrument, owned=False)


surroundings.dialling.append(_dial)
surroundings.showing_servers.append(RemoteServer)
