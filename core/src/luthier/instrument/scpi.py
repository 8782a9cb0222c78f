"""Instruments that speak IEEE 488.2 and SCPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from luthier.errors import InstrumentReportedError, LuthierError, UsageError
from luthier.instrument.instrument import Instrument

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.scpi import ArrayFormat, ErrorEntry, EventStatus, StatusByte

__all__ = ["ErrorPolicy", "ScpiInstrument"]

ErrorPolicy = Literal["never", "after-set", "after-each"]
"""When the error queue is read: never; after each set of a parameter; after each message."""


class ScpiInstrument(Instrument):
    """An instrument that speaks IEEE 488.2 and SCPI.

    Its error queue is read by one policy: ``"after-set"`` (the default) after each set of a parameter and each command
    of a function, ``"after-each"`` after each message, ``"never"`` leaves it alone. Errors raise
    :class:`~luthier.errors.InstrumentReportedError` with the command and the queue's texts. Opening reads nothing, so
    that an error from before is reported with the first command that checks.

    Parameters
    ----------
    error_policy
        Overrides the driver's own policy for this instrument.
    options
        As for :class:`~luthier.Instrument`.
    """

    error_policy: ErrorPolicy = "after-set"
    error_query: ClassVar[str] = "SYST:ERR?"
    """The query that takes one entry off the queue."""

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        error_policy: ErrorPolicy | None = None,
        **options: Any,
    ) -> None:
        if error_policy is not None:
            if error_policy not in ("never", "after-set", "after-each"):
                raise UsageError(
                    f"error_policy={error_policy!r}: allowed are 'never', 'after-set' and 'after-each'",
                    who=name,
                    state="Nothing was opened.",
                )
            self.error_policy = error_policy
        super().__init__(name, address, **options)

    @property
    def confirm_set(self) -> Callable[[str], None] | None:
        """Called with the command after each set of a parameter by message; ``None``: nothing is."""
        return self.check_errors if self.error_policy == "after-set" else None

    def errors(self) -> tuple[ErrorEntry, ...]:
        """Take all entries off the error queue, oldest first; an empty queue gives ``()``. Raises nothing for them."""
        from luthier.scpi import drain  # noqa: PLC0415 - not before something is sent

        return drain(super().query, self.error_query)

    def check_errors(self, command: str = "") -> None:
        """Raise :class:`~luthier.errors.InstrumentReportedError` where the queue holds anything; it is empty then."""
        with self.monitor:
            entries = self.errors()
        if entries:
            reported = "; ".join(f"{entry.code}, {entry.text}" for entry in entries)
            after = f" after {command!r}" if command else ""
            raise InstrumentReportedError(
                f"the instrument reported{after}: {reported}",
                state="Its error queue is empty now.",
                advice="Where the error does not fit the command, something earlier caused it.",
                command=command,
                entries=tuple((entry.code, entry.text) for entry in entries),
            )

    def write(self, command: str) -> None:
        """Send a command; with the policy ``"after-each"`` the error queue is read afterwards."""
        with self.monitor:
            super().write(command)
            if self.error_policy == "after-each":
                self.check_errors(command)

    def query(self, command: str) -> str:
        """Send a query and return the reply; with the policy ``"after-each"`` the error queue is read afterwards."""
        if self.error_policy != "after-each":
            return super().query(command)
        with self.monitor:
            reply = super().query(command)
            self.check_errors(command)
            return reply

    def query_array(self, command: str, array_format: ArrayFormat) -> Any:
        """Send a query and return the array that answers it; the error queue as for :meth:`query`."""
        with self.monitor:
            array = super().query_array(command, array_format)
            if self.error_policy == "after-each":
                self.check_errors(command)
            return array

    def reset(self) -> None:
        """Send ``*RST`` and wait for its end: it goes to its reset state, and the caches are not valid any more.

        Raises :class:`~luthier.errors.InstrumentReportedError`, unless the policy is ``"never"``.
        """
        with self.monitor:
            self.write("*RST")
            self.forget()
            self.wait_complete()
            if self.error_policy != "never":
                self.check_errors("*RST")

    def clear_status(self) -> None:
        """Send ``*CLS``: the error queue and the event registers are emptied."""
        self.write("*CLS")

    def wait_complete(self, timeout: float | None = None) -> None:
        """Ask ``*OPC?`` and wait for its answer: all that was sent before is done.

        ``timeout`` in seconds; ``None`` takes the connection's own. After
        :class:`~luthier.errors.ResponseTimeoutError` the operation may still be under way.
        """
        with self.monitor:
            kept = self.timeout
            if timeout is not None:
                self.timeout = timeout
            try:
                self.query("*OPC?")
            finally:
                if timeout is not None:
                    self._restore_timeout(kept)

    def _restore_timeout(self, seconds: float | None) -> None:
        try:
            self.timeout = seconds
        except LuthierError:
            if not self.closed:
                raise

    def status_byte(self) -> StatusByte:
        """Ask ``*STB?`` (IEEE 488.2, 11.2)."""
        from luthier.scpi import parse_status_byte  # noqa: PLC0415 - few scripts ask

        return parse_status_byte(self.query("*STB?"))

    def event_status(self) -> EventStatus:
        """Ask ``*ESR?`` (IEEE 488.2, 11.5.1); reading clears it."""
        from luthier.scpi import parse_event_status  # noqa: PLC0415 - few scripts ask

        return parse_event_status(self.query("*ESR?"))
