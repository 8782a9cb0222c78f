"""The instrument."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Self

from luthier import plugins
from luthier.errors import BusyError, UsageError
from luthier.instrument import living
from luthier.instrument.connection import Absent, closed_error, complete_address, open_transport
from luthier.instrument.conversation import Conversation, Naming
from luthier.instrument.kind import InstrumentType
from luthier.instrument.progress import ProgressSource
from luthier.instrument.record import restore, snapshot
from luthier.instrument.tables import as_html, as_text
from luthier.monitor import Monitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    from luthier.scpi import Identity
    from luthier.transport import Transport

__all__ = ["Instrument"]

_log = logging.getLogger("luthier.instrument")

_CLOSING = 5.0
"""Seconds that closing waits for a call that is under way."""


class Instrument(ProgressSource, Conversation, metaclass=InstrumentType):
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
        A connection that is open already, instead of ``address``, with a timeout of its own; the instrument closes it.
    metadata
        Anything to be stored with snapshots: ``{"sample": "A7", "location": "fridge 2"}``.
    timeout
        Seconds to wait for a reply; ``None``: for ever.
    transport_options
        Options of the transport, such as ``{"baud_rate": 9600}``. All know ``shared``: ``True`` opens hardware that
        another process has open, ``False`` keeps other processes out where the transport would not. ``faults`` lets
        things go wrong (luthier-sim).

    Raises
    ------
    NameClashError
        An instrument of another class or address has the name; nothing was opened.
    ConnectError
        No connection could be made.
    BusyError
        Another process has the hardware at this address; the message says which, and since when.
    """

    simulator: ClassVar[str] = ""
    """The id of the simulator that ``sim://`` opens."""
    write_termination: ClassVar[str] = "\n"
    read_termination: ClassVar[str] = "\n"

    opened_at: str = ""
    """``file:line`` of where it was opened."""
    reopen_advice: str = "Open it again to go on."
    """The next step for whoever uses it after it was closed."""
    metadata: dict[str, Any] = {}  # noqa: RUF012 - each has its own; here, no parameter can take the name
    """Anything to be stored with snapshots. May be changed."""
    # An instrument that is not built yet is not open.
    _closed: bool = True
    _closing: bool = False
    _give_back: Callable[[], None] = staticmethod(lambda: None)

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        server_name: str | None = None,
        transport: Transport | None = None,
        metadata: Mapping[str, Any] | None = None,
        timeout: float | None = 5.0,
        transport_options: Mapping[str, object] | None = None,
    ) -> None:
        del server_name  # handled before the constructor is reached
        _check_identity(name, address)
        if address is not None:
            address = complete_address(address, simulator=self.simulator, name=name)
        self._name = name
        self._address = address if transport is None else transport.address
        self._monitor = Monitor(name)
        self._naming = Naming(self)
        self._wire = logging.getLogger(f"luthier.wire.{name}")
        self._identity: Identity | None = None
        self.metadata = dict(metadata or {})
        living.claim(self)
        if transport is not None:
            self._transport = transport
        elif address is not None:
            with self._naming:
                self._transport, self._give_back = open_transport(
                    address,
                    name=name,
                    timeout=timeout,
                    write_termination=self.write_termination,
                    read_termination=self.read_termination,
                    options=transport_options,
                )
        else:
            self._transport = Absent("")
        self._closed = False

    # Life

    def require_constructed(self) -> None:
        """Raise where a subclass's constructor did not call this one's; for the metaclass."""
        if "_transport" not in self.__dict__:
            raise UsageError(
                "its __init__ did not call super().__init__(name, address)",
                who=type(self).__name__,
                state="Nothing was opened.",
            )

    def abandon(self) -> None:
        """Close the connection without ceremony: that of a constructor that failed, or where :meth:`close` fails."""
        if "_transport" in self.__dict__:
            self._disconnect()
        else:
            living.release(self)

    def close(self) -> None:
        """Close the connection; whatever is asked of the instrument afterwards raises ClosedError. Twice is fine.

        A call that is under way in another thread is waited for, up to 5 s. Outputs stay as they are: see
        :meth:`make_safe`. What the connection raises while it is closed passes through; the instrument is closed all
        the same.

        A driver that has something to send at the end overrides this: it sends only where not yet :attr:`closed`, and
        calls ``super().close()`` whatever comes of it.
        """
        if "_transport" not in self.__dict__:
            return
        with self._monitor_or_late():
            if self._closing or self._closed:
                return
            self._closing = True
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
        try:
            self._disconnect()
        finally:
            plugins.hooks.instrument_closed(self)

    def _disconnect(self) -> None:
        self._closed = True
        for parameter in self.known_parameters():
            parameter.recompile()
        transport, self._transport = self._transport, Absent(self._address or "", self.reopen_advice)
        living.release(self)
        try:
            with self._naming:
                transport.close()
        finally:
            self._give_back()

    def require_open(self) -> None:
        """Raise :class:`~luthier.errors.ClosedError` where it was closed."""
        if self._closed:
            raise closed_error(self.reopen_advice, who=self._name)

    def __enter__(self) -> Self:
        """Return the instrument itself."""
        self.require_open()
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

    @property
    def known_idn(self) -> Identity | None:
        """What :attr:`idn` was told; ``None`` where it was not asked yet. Nothing is sent."""
        return self._identity

    def identify(self) -> Identity:
        """Ask the instrument who it is; an instrument without a connection is its class."""
        from luthier.scpi import Identity, parse_identity  # noqa: PLC0415 - few scripts ask

        if self._address is None:
            return Identity(vendor="", model=type(self).__name__, serial="", firmware="")
        with self._naming:
            return parse_identity(self.query("*IDN?"))

    def connect_message(self) -> str:
        """Return one line that says what answers at the address: ``smu: KEITHLEY MODEL 2400 … at GPIB0::24::INSTR``."""
        idn = self.idn
        facts = f"{idn.vendor} {idn.model}".strip()
        serial = f", serial number {idn.serial}" if idn.serial else ""
        firmware = f", firmware {idn.firmware}" if idn.firmware else ""
        return f"{self._name}: {facts}{serial}{firmware} at {self._address or 'no address'}"

    # One at a time

    @contextmanager
    def lock(self, timeout: float | None = None) -> Iterator[Self]:
        """Hold the instrument for several exchanges; other threads wait. Re-entrant.

        ``timeout`` is in seconds; 0 does not wait, ``None`` waits for ever. Raises
        :class:`~luthier.errors.BusyError`, which names the thread that holds it.
        """
        if timeout is not None and not timeout >= 0:
            raise UsageError(f"lock(timeout={timeout!r}): allowed are 0 s and more, and None", who=self._name)
        with self._monitor.entered(timeout):
            self.require_open()
            yield self

    # Progress

    def report_progress(self, fraction: float | None = None, text: str = "") -> None:
        """Say how far a method is that takes long; for drivers.

        Whoever subscribed hears of it, also from another process, and so does ``ping()`` of a server. It costs a
        microsecond where nobody listens, waits for nobody, and changes nothing about the call: Ctrl-C and deadlines
        end the wait for it as ever. A channel reports through its instrument: ``self.root.report_progress(…)``.

        Parameters
        ----------
        fraction
            0 to 1; ``None`` where the end is not known.
        text
            What is being done, in a few words: ``"cooling, 12 K"``.

        Raises
        ------
        UsageError
            ``fraction`` is something else.
        """
        given: object = fraction
        if given is not None and not (isinstance(given, (int, float)) and 0 <= given <= 1):
            raise UsageError(
                f"cannot report the progress {fraction!r}: allowed are 0 to 1, and None",
                who=self._name,
                state="The method that reported it ends with this error.",
                advice="Divide what is done by all there is to do.",
            )
        self.tell_progress(None if fraction is None else float(fraction), str(text))

    # Snapshot

    def snapshot(self, *, update: bool = False) -> dict[str, Any]:
        """Return everything known of the instrument as plain JSON data.

        Nothing is sent and nobody is waited for, unless ``update`` asks for fresh readings; a parameter whose reading
        then fails has an ``error``.
        """
        return snapshot(self, update=update)

    def restore(self, snapshot: Mapping[str, Any]) -> tuple[str, ...]:
        """Set what differs from ``snapshot``, in the order of declaration, and return the full names of what was set.

        All values are checked before the first is sent, but for limits that depend on the instrument's state, which
        count when their turn comes. What cannot be set, or means nothing at present, is left out; so is, with a warning
        in the log, what the snapshot does not hold for certain or as a whole, and what the instrument does not have.

        Where a set fails, its error has a note of what was set before it. Raises :class:`~luthier.errors.UsageError`
        for the snapshot of an instrument of another class.
        """
        return restore(self, snapshot)

    # Looks

    def __repr__(self) -> str:
        """Class, name and address."""
        state = "closed" if self._closed else f"at {self._address}" if self._address else "without a connection"
        return f"<{type(self).__name__} {self._name} {state}>"

    def __str__(self) -> str:
        """Return a table of what is known, for a terminal."""
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


def _check_identity(name: object, address: object) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise UsageError(
            f"cannot name an instrument {name!r}: allowed are letters, digits and _, no digit first",
            state="Nothing was opened.",
            advice="The name comes first, then the address.",
        )
    if not (address is None or isinstance(address, str)):
        raise UsageError(
            f"the address is {address!r}: allowed is text, such as 'GPIB0::24::INSTR', or None",
            who=name,
            state="Nothing was opened.",
        )
