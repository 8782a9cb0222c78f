"""The instrument."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Self

from luthier import plugins
from luthier.errors import BusyError, LuthierError, OutOfStepError, UsageError
from luthier.instrument import living
from luthier.instrument.connection import Absent, complete_address, open_transport
from luthier.instrument.host import ParameterHost
from luthier.instrument.kind import InstrumentType
from luthier.instrument.record import restore, snapshot
from luthier.instrument.tables import as_html, as_text
from luthier.monitor import Monitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    from luthier.scpi import ArrayFormat, Identity
    from luthier.transport import Transport

__all__ = ["Instrument"]

_log = logging.getLogger("luthier.instrument")

_CLOSING = 5.0
"""Seconds that closing waits for a call that is under way."""


class Instrument(ParameterHost, metaclass=InstrumentType):
    """An instrument, real or virtual.

    Opening one changes nothing on it. Running a notebook cell again is normal: the same name, class and address gives a
    fresh instrument and closes the old one. Use it in a ``with`` block, or call :meth:`close`.

    Parameters
    ----------
    name
        An identifier, unique among the open instruments of this process.
    address
        Where it is: a VISA resource name or alias (``"GPIB0::24::INSTR"``), ``"sim://"`` for the driver's simulator, or
        ``None`` for an instrument without a connection.
    server_name
        The server to build it on; ``None``: in this process.
    transport
        A connection that is open already, instead of ``address``; the instrument closes it.
    metadata
        Anything to be stored with snapshots: ``{"sample": "A7", "location": "fridge 2"}``.
    timeout
        Seconds to wait for a reply; ``None``: for ever.
    transport_options
        Options of the transport, such as ``{"baud_rate": 9600}``.

    Raises
    ------
    NameClashError
        An instrument of another class or address has the name; nothing was opened.
    ConnectError
        No connection could be made.
    """

    simulator: ClassVar[str] = ""
    """The id of the simulator that ``sim://`` opens."""
    write_termination: ClassVar[str] = "\n"
    read_termination: ClassVar[str] = "\n"

    # Set while the class is made, so that a closed or half-built instrument can say what it is.
    _transport: Transport
    _closed: bool

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        server_name: None = None,
        transport: Transport | None = None,
        metadata: Mapping[str, Any] | None = None,
        timeout: float | None = 5.0,
        transport_options: Mapping[str, object] | None = None,
    ) -> None:
        del server_name  # handled before the constructor is reached
        if not name.isidentifier():
            raise UsageError(
                f"cannot name an instrument {name!r}: allowed are letters, digits and _, no digit first",
                state="Nothing was opened.",
            )
        if address is not None:
            address = complete_address(address, simulator=self.simulator, name=name)
        self._name = name
        self._address = address if transport is None else transport.address
        self._monitor = Monitor(name)
        self._wire = logging.getLogger(f"luthier.wire.{name}")
        self._identity: Identity | None = None
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.opened_at = living.where_called()
        old = living.claim(name, self.kind, self._address)
        self._claimed = True
        if old is not None:
            old.close()
        if transport is not None:
            self._transport = transport
        elif address is not None:
            self._transport = open_transport(
                address,
                timeout=timeout,
                write_termination=self.write_termination,
                read_termination=self.read_termination,
                options=transport_options,
            )
        else:
            self._transport = Absent("", closed=False)
        self._closed = False

    # Life

    def require_constructed(self) -> None:
        """Raise where a subclass's constructor did not call this one's; for the metaclass."""
        if "_claimed" not in self.__dict__:
            raise UsageError(
                "its __init__ did not call super().__init__(name, address)",
                who=type(self).__name__,
                state="Nothing was opened.",
            )

    def abandon(self) -> None:
        """Close what a failed constructor opened; for the metaclass."""
        if "_claimed" in self.__dict__:
            transport = self.__dict__.get("_transport")
            self._closed = True
            living.release(self)
            if transport is not None:
                transport.close()

    def close(self) -> None:
        """Close the connection; whatever is asked of the instrument afterwards raises ClosedError. Twice is fine.

        A call that is under way in another thread is waited for, up to 5 s. Outputs stay as they are: see
        :meth:`make_safe`.
        """
        with self._monitor_or_late():
            if self._closed:
                return
            try:
                plugins.hooks.instrument_closing(self)
            finally:
                self._shut()

    @contextmanager
    def _monitor_or_late(self) -> Iterator[None]:
        """Enter the monitor, or go on without it when a call that hangs does not end."""
        try:
            leave = self._monitor.contend(_CLOSING)
        except BusyError as error:
            _log.warning("%s It is closed all the same.", error)
            yield
            return
        try:
            yield
        finally:
            leave()

    def _shut(self) -> None:
        self._closed = True
        for parameter in self.known_parameters():
            parameter.recompile()
        transport, self._transport = self._transport, Absent(self._address or "", closed=True)
        living.release(self)
        try:
            transport.close()
        finally:
            plugins.hooks.instrument_closed(self)

    def __enter__(self) -> Self:
        """Return the instrument itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the instrument."""
        self.close()

    # Who it is

    @property
    def kind(self) -> str:
        """The class, as ``module.Class``."""
        return f"{type(self).__module__}.{type(self).__qualname__}"

    @property
    def address(self) -> str | None:
        """Where it is; ``None`` for an instrument without a connection."""
        return self._address

    @property
    def full_name(self) -> str:
        """The name."""
        return self._name

    @property
    def root(self) -> Instrument:
        """The instrument itself."""
        return self

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    @property
    def idn(self) -> Identity:
        """Vendor, model, serial number and firmware, as the instrument answers ``*IDN?``; asked once.

        A driver for an instrument that does not know ``*IDN?`` overrides :meth:`identify`.
        """
        if self._identity is None:
            self._identity = self.identify()
        return self._identity

    def identify(self) -> Identity:
        """Ask the instrument who it is; an instrument without a connection is its class."""
        from luthier.scpi import Identity, parse_identity  # noqa: PLC0415 - few scripts ask

        if self._address is None:
            return Identity(vendor="", model=type(self).__name__, serial="", firmware="")
        return parse_identity(self.query("*IDN?"))

    def connect_message(self) -> str:
        """Return one line that says what answers at the address: ``smu: KEITHLEY MODEL 2400 … at GPIB0::24::INSTR``."""
        idn = self.idn
        facts = f"{idn.vendor} {idn.model}".strip()
        serial = f", serial number {idn.serial}" if idn.serial else ""
        firmware = f", firmware {idn.firmware}" if idn.firmware else ""
        return f"{self._name}: {facts}{serial}{firmware} at {self._address or 'no address'}"

    # One at a time

    @property
    def monitor(self) -> Monitor:
        """The lock that is held while a parameter is read or set, and during a query."""
        return self._monitor

    @contextmanager
    def lock(self, timeout: float | None = None) -> Iterator[Self]:
        """Hold the instrument for several exchanges; other threads wait.

        ``timeout`` is in seconds; ``None`` waits for ever. Raises :class:`~luthier.errors.BusyError`.
        """
        with self._monitor.entered(timeout):
            yield self

    # Messages

    @property
    def timeout(self) -> float | None:
        """Seconds to wait for a reply; ``None``: for ever. May be set."""
        return self._transport.timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        with self._monitor:
            self._transport.timeout = seconds

    @property
    def confirm_set(self) -> Callable[[str], None] | None:
        """Called with the command after each set of a parameter by message; ``None``: nothing is."""
        return None

    def write(self, command: str) -> None:
        """Send a command."""
        with self._monitor:
            try:
                self._transport.write(self._encoded(command))
            except LuthierError as error:
                raise self._named(error)  # noqa: B904 - the same error
            if self._wire.isEnabledFor(logging.DEBUG):
                self._wire.debug("> %s", command)

    def query(self, command: str) -> str:
        """Send a query and return the reply, without its termination; nobody else's message comes between."""
        with self._monitor:
            try:
                reply = self._transport.query(self._encoded(command)).decode("latin-1")
            except LuthierError as error:
                raise self._named(error)  # noqa: B904 - the same error
            if self._wire.isEnabledFor(logging.DEBUG):
                self._wire.debug("> %s", command)
                self._wire.debug("< %s", reply)
            return reply

    def write_array(self, command: str, array: Any, array_format: ArrayFormat) -> None:
        """Send ``command`` followed by ``array``, as text or as a definite-length block."""
        with self._monitor:
            try:
                self._transport.write(self._encoded(command) + array_format.encode(array))
            except LuthierError as error:
                raise self._named(error)  # noqa: B904 - the same error
            if self._wire.isEnabledFor(logging.DEBUG):
                self._wire.debug("> %s<array>", command)

    def query_array(self, command: str, array_format: ArrayFormat) -> Any:
        """Send a query and return the array that answers it."""
        transport = self._transport
        with self._monitor, transport.lock:
            try:
                transport.write(self._encoded(command))
                array = array_format.read(transport)
            except OutOfStepError as error:
                transport.clear()
                error.complete(state="The connection was cleared, so that the next query is in step.")
                raise self._named(error)  # noqa: B904 - the same error
            except LuthierError as error:
                raise self._named(error)  # noqa: B904 - the same error
            if self._wire.isEnabledFor(logging.DEBUG):
                self._wire.debug("> %s", command)
                self._wire.debug("< <array of %d>", len(array))
            return array

    def clear(self) -> None:
        """Abandon what is under way on both sides (device clear), so that the next query is in step."""
        with self._monitor:
            self._transport.clear()

    def _encoded(self, command: str) -> bytes:
        try:
            return command.encode("latin-1")
        except UnicodeEncodeError as error:
            raise UsageError(
                f"cannot send {command!r}: it has characters that are not in Latin-1",
                state="Nothing was sent.",
            ) from error

    def _named(self, error: LuthierError) -> LuthierError:
        error.complete(who=f"{self._name} ({self._address})" if self._address else self._name)
        return error

    # Snapshot

    def snapshot(self, *, update: bool = False) -> dict[str, Any]:
        """Return everything known of the instrument as plain JSON data.

        Nothing is sent, unless ``update`` asks for fresh readings; a parameter whose reading then fails has an
        ``error``.
        """
        return snapshot(self, update=update)

    def restore(self, snapshot: Mapping[str, Any]) -> tuple[str, ...]:
        """Set what differs from ``snapshot``, in the order of declaration, and return the full names of what was set.

        All values are checked before the first is sent. What cannot be set, or means nothing at present, is left out.
        """
        return restore(self, snapshot)

    # Looks

    def __dir__(self) -> list[str]:
        """Offer parameters, functions and channels for completion."""
        return [*super().__dir__(), *self.parameters, *self.functions, *self.channels]

    def __repr__(self) -> str:
        """Class, name and address."""
        state = "closed" if self._closed else f"at {self._address}" if self._address else "without a connection"
        return f"<{type(self).__name__} {self._name} {state}>"

    def __str__(self) -> str:
        """Return a table of what is known, for a terminal."""
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)
