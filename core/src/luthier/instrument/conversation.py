"""The messages between an instrument and its connection."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from luthier.errors import ConnectionFaultError, LuthierError, OutOfStepError, UsageError
from luthier.instrument.connection import Absent
from luthier.instrument.host import ParameterHost

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from luthier.monitor import Monitor
    from luthier.scpi import ArrayFormat
    from luthier.transport import Transport

__all__ = ["Conversation", "Naming"]


class Conversation(ParameterHost):
    """The half of :class:`~luthier.Instrument` that talks: texts and arrays, one exchange at a time.

    The errors of the connection are given the name of the instrument. Messages are shown by the logger
    ``luthier.wire.<name>`` at DEBUG, before they are sent; where it is off, nothing is done for it.
    """

    _monitor: Monitor
    _naming: Naming
    _transport: Transport
    _wire: logging.Logger
    _address: str | None = None

    @property
    def address(self) -> str | None:
        """Where it is; ``None`` for an instrument without a connection."""
        return self._address

    @property
    def who(self) -> str:
        """Name and address, as errors give them: ``smu (GPIB0::24::INSTR)``."""
        return f"{self._name} ({self._address})" if self._address else self._name

    @property
    def monitor(self) -> Monitor:
        """The lock that is held while a parameter is read or set, and during a query."""
        return self._monitor

    @property
    def timeout(self) -> float | None:
        """Seconds to wait for a reply; ``None``: for ever. May be set."""
        return self._transport.timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        with self._monitor.lock, self._naming:
            self._transport.timeout = seconds

    @property
    def confirm_set(self) -> Callable[[str], None] | None:
        """Called with the command after each set of a parameter; ``None``: nothing is."""
        return None

    def write(self, command: str) -> None:
        """Send a command."""
        with self._monitor.lock, self._naming:
            message = _encoded(command)
            self._show("> %s", command)
            self._transport.write(message)

    def query(self, command: str) -> str:
        """Send a query and return the reply, without its termination; nobody else's message comes between."""
        with self._monitor.lock:
            try:
                message = _encoded(command)
                self._show("> %s", command)
                reply = self._transport.query(message).decode("latin-1")
            except LuthierError as error:
                self._naming.name(error)
                raise
            self._show("< %s", reply)
            return reply

    def write_array(self, command: str, array: Any, array_format: ArrayFormat) -> None:
        """Send ``command`` followed by ``array``, as text or as a definite-length block."""
        with self._monitor.lock, self._naming:
            message = _encoded(command) + array_format.encode(array)
            self._show("> %s<array>", command)
            self._transport.write(message)

    def query_array(self, command: str, array_format: ArrayFormat) -> Any:
        """Send a query and return the array that answers it."""
        with self._monitor.lock, self._naming:
            message = _encoded(command)
            transport = self._transport
            with transport.lock:
                self._show("> %s", command)
                transport.write(message)
                try:
                    array = array_format.read(transport)
                except OutOfStepError as error:
                    transport.clear()
                    error.state = "The connection was cleared, so that the next query is in step."
                    error.advice = ""
                    raise
                except KeyboardInterrupt:
                    transport.clear()  # the rest of the array must not be taken for the next answer
                    raise
            self._show("< <array of %d>", len(array))
            return array

    def clear(self) -> None:
        """Abandon what is under way on both sides (device clear), so that the next query is in step."""
        with self._monitor.lock, self._naming:
            self._transport.clear()

    def interpose(self, wrap: Callable[[Transport], Transport]) -> Callable[[], None]:
        """Put something between the instrument and its connection, such as a recorder; what is returned takes it out.

        ``wrap`` is given the transport and returns one that passes on to it. What was interposed later must be
        taken out earlier, or stays. Raises :class:`~luthier.errors.UsageError` where there is no connection.
        """
        with self._monitor.lock:
            inner = self._transport
            if isinstance(inner, Absent):
                inner.refuse()
            outer = self._transport = wrap(inner)

        def take_out() -> None:
            with self._monitor.lock:
                if self._transport is outer:
                    self._transport = inner

        return take_out

    def _show(self, line: str, what: object) -> None:
        if self._wire.isEnabledFor(logging.DEBUG):
            self._wire.debug(line, what)


class Naming:
    """Says in the errors of a connection, which knows its address at most, which instrument they are of."""

    __slots__ = ("_instrument",)

    def __init__(self, instrument: Conversation) -> None:
        self._instrument = instrument

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Name the instrument in an error that passes."""
        if isinstance(error, LuthierError):
            self.name(error)

    def name(self, error: LuthierError) -> None:
        """Name the instrument in ``error``, unless it names something more precise."""
        if isinstance(error, ConnectionFaultError) or error.who in {"", self._instrument.address}:
            error.who = self._instrument.who


def _encoded(command: str) -> bytes:
    if not isinstance(command, str):
        raise UsageError(f"cannot send {command!r}: allowed is text", state="Nothing was sent.")
    try:
        return command.encode("latin-1")
    except UnicodeEncodeError as error:
        raise UsageError(
            f"cannot send {command!r}: it has characters that are not in Latin-1",
            state="Nothing was sent.",
        ) from error
