"""Proxies of instruments on servers."""

from __future__ import annotations

import logging
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from luthier.errors import ClosedError, ConnectionFaultError, UsageError
from luthier.instrument import ProgressSource
from luthier.instrument.tables import as_html, as_text
from luthier.monitor import Monitor
from luthier.scpi import Identity
from luthier.server import InstrumentRef
from luthier.server.descriptor import enum_classes
from luthier.server.values import ValueReader

from luthier_servers import messages, surroundings
from luthier_servers.greeting import held
from luthier_servers.remote_host import RemoteHost, known_class
from luthier_servers.starting import child_of_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from enum import Enum
    from types import TracebackType

    from luthier_servers.link import Link

__all__ = ["RemoteInstrument"]

_log = logging.getLogger("luthier.servers")

_FROZEN = 2.0
"""Seconds that a server that gives no sign of life has to close an instrument."""

_FOR_EVER = 1e6
"""Seconds that nobody outwaits."""


class RemoteInstrument(ProgressSource, RemoteHost):
    """An instrument on a server, used like the instrument itself; ``isinstance`` takes it for one.

    Made by ``MyInstrument("one", server_name="foo")`` or :func:`luthier.connect`. Passed to another server, as an
    argument or a value, it travels as a reference. Thread-safe.

    Parameters
    ----------
    link
        The connection to its server.
    name
        Its name there.
    owned
        Whether :meth:`close` closes the instrument; otherwise only this proxy.
    """

    def __init__(self, link: Link, name: str, *, owned: bool, kind: type | None = None) -> None:
        self._link = link
        self._name = name
        self._owned = owned
        self._deadline: float | None = None
        self._closed = False
        self._monitor = Monitor(name)
        self._reader = ValueReader({}, _resolver(self))
        self._description: dict[str, Any] = {}
        self._instance = ""
        link.used_by(self)
        answer, came = self._ask_description()
        self._kind = kind or known_class(answer["description"]["kind"])
        self._take_description(answer, came)
        link.tell(self)

    # What proxies need of it

    @property
    def wire_link(self) -> Link:
        """The connection to the server."""
        return self._link

    @property
    def wire_root(self) -> RemoteInstrument:
        """The proxy itself."""
        return self

    @property
    def wire_name(self) -> str:
        """The name of the instrument there."""
        return self._name

    @property
    def wire_reader(self) -> ValueReader:
        """What turns answers into values."""
        return self._reader

    @property
    def wire_reference(self) -> InstrumentRef:
        """What travels in its place."""
        return InstrumentRef("local", self._link.name, self._name)

    @property
    def deadline(self) -> float | None:
        """Seconds that a call may take; ``None``, the default: as long as the server lives. May be set."""
        return self._deadline

    @deadline.setter
    def deadline(self, seconds: float | None) -> None:
        self._deadline = seconds

    def require_open(self) -> None:
        """Raise :class:`~luthier.errors.ClosedError` where the proxy was closed."""
        if self._closed:
            raise ClosedError(
                "the instrument is closed",
                who=self._name,
                state="Nothing was sent.",
                advice=f"luthier.connect({self._link.name!r}, {self._name!r}) reaches it again while it lives.",
            )

    def _ask_description(self) -> tuple[Any, Any]:
        reply, came = self._link.exchange(messages.Describe(0, on=self._name))
        return reply.value, came

    def wire_redescribe(self) -> None:
        """Ask what the instrument offers now, and take over what is new."""
        if not self._closed:
            self._take_description(*self._ask_description())

    def _take_description(self, answer: Any, came: Any) -> None:
        self._description = answer["description"]
        self._instance = self._link.instance
        self.wire_fill(self._description)
        enums: dict[str, type[Enum]] = enum_classes(self)
        self._reader = ValueReader(enums, _resolver(self))
        for path, (value, age, origin, valid) in answer["readings"].items():
            parameter: Any = self.find(path)
            parameter.take_reading(self._reader.read(value, came), age, origin, valid=valid)

    def wire_reading(self, path: str, value: Any, payload: Any, age: float, *, omitted: bool) -> None:
        """Take over what an event told of a parameter."""
        parameter: Any = self.find(path)
        if omitted:
            parameter.cache.invalidate()
        else:
            parameter.take_reading(self._reader.read(value, payload), age)

    def wire_outdate(self) -> None:
        """Mark everything known as no longer valid: the server or the instrument is gone."""
        for parameter in self.known_parameters():
            parameter.cache.invalidate()

    # As an instrument has them

    def set(self, name: str, value: Any, *, strategy: Any = None) -> None:
        """Set the parameter of that name or path; ``strategy`` is the id of one, for a meta instrument."""
        if strategy is None:
            super().set(name, value)
            return
        together = self.__dict__.get("set_together")
        if together is None:
            raise UsageError(
                "takes no strategy: it is no meta instrument",
                who=self.full_name,
                state="Nothing was sent.",
                advice=f"Set it as it is: {self.full_name}.set({name!r}, …).",
            )
        together({name: value}, strategy=strategy)

    @property
    def server(self) -> Any:
        """The server that it lives on, also where it is down."""
        return surroundings.showing_servers[0](self._link)

    @property
    def kind(self) -> str:
        """The class, as ``module.Class``."""
        return str(self._description["kind"])

    @property
    def address(self) -> str | None:
        """Where the instrument is, as its server reaches it."""
        address = self._description["address"]
        return None if address is None else str(address)

    @property
    def who(self) -> str:
        """Name and server, as errors give them."""
        return f"{self._name} (server {self._link.name})"

    @property
    def full_name(self) -> str:
        """The name."""
        return self._name

    @property
    def root(self) -> Any:
        """The proxy itself."""
        return self

    @property
    def closed(self) -> bool:
        """Whether the proxy was closed."""
        return self._closed

    @property
    def monitor(self) -> Monitor:
        """A lock of this proxy; the instrument's own is on the server, see :meth:`lock`."""
        return self._monitor

    @property
    def metadata(self) -> dict[str, Any]:
        """A copy of the instrument's metadata."""
        found: dict[str, Any] = self.snapshot()["metadata"]
        return found

    @property
    def idn(self) -> Identity:
        """Vendor, model, serial number and firmware."""
        return Identity(*self.__getattr__("idn"))

    @contextmanager
    def lock(self, timeout: float | None = None) -> Iterator[Self]:
        """Have the instrument for this thread, and for what works for it, for several exchanges.

        ``timeout`` in seconds; ``None`` waits for ever. Raises :class:`~luthier.errors.BusyError`. If this process
        ends, the instrument is free again.
        """
        self.require_open()
        wait = _FOR_EVER if timeout is None else timeout
        number = self._link.ask(messages.Lease(0, names=[self._name], wait=wait))
        kept = held.leases
        held.leases = (*kept, number)
        try:
            yield self
        finally:
            held.leases = kept
            self._link.ask(messages.Release(0, lease=number))

    def snapshot(self, *, update: bool = False) -> dict[str, Any]:
        """Return everything known of the instrument as plain JSON data, in one round trip."""
        self.require_open()
        reply, came = self._link.exchange(messages.Snapshot(0, on=self._name, update=update), None, self._deadline)
        found: dict[str, Any] = ValueReader().read(reply.value, came)
        return found

    def restore(self, snapshot: Mapping[str, Any]) -> tuple[str, ...]:
        """Set what differs from ``snapshot``; see :meth:`luthier.Instrument.restore`."""
        done: tuple[str, ...] = self.wire_call("restore", (dict(snapshot),), {})
        return done

    def write(self, command: str) -> None:
        """Send a command."""
        self.wire_call("write", (command,), {})

    def query(self, command: str) -> str:
        """Send a query and return the reply."""
        reply: str = self.wire_call("query", (command,), {})
        return reply

    def make_safe(self) -> None:
        """Bring outputs into a state that can harm neither people nor samples."""
        self.wire_call("make_safe", (), {})

    def close(self) -> None:
        """Close the instrument, or only the proxy where it was found by :func:`luthier.connect`. Twice is fine."""
        if self._closed:
            return
        try:
            if self._owned:
                frozen = self._link.state == "suspect"
                self._link.ask(messages.Close(0, on=self._name), None, _FROZEN if frozen else None)
                self._forget_birth()
        except ConnectionFaultError as error:
            _log.info("%s: closed, as its server is gone: %s", self._name, error)
        finally:
            self._closed = True
            self._link.left_by(self)

    def _forget_birth(self) -> None:
        child = child_of_name(self._link.name, self._link.pid)
        if child is not None:
            child.births.pop(self._name, None)

    def __enter__(self) -> Self:
        """Return the proxy itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __reduce_ex__(self, protocol: object) -> Any:
        """Travel as a reference, in pickles too."""
        return surroundings.dial_uri, (self.wire_reference.uri,)

    def __repr__(self) -> str:
        """Class, name and server."""
        state = "closed" if self._closed else f"on the server {self._link.name!r}"
        return f"<RemoteInstrument of {self.kind.rpartition('.')[2]} {self._name} {state}>"

    def __str__(self) -> str:
        """Return a table of what is known, for a terminal."""
        host: Any = self
        return as_text(host)

    def _repr_html_(self) -> str:
        host: Any = self
        return as_html(host)


def _resolver(proxy: RemoteInstrument) -> Callable[[InstrumentRef], Any]:
    """Return what turns references into instruments, and that of ``proxy`` into itself."""
    itself, own = weakref.ref(proxy), proxy.wire_reference

    def resolve(reference: InstrumentRef) -> Any:
        return (itself() if reference == own else None) or surroundings.resolve(reference)

    return resolve
