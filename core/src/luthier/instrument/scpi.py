"""Instruments that speak IEEE 488.2 and SCPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

from luthier.errors import InstrumentReportedError, LuthierError, UsageError
from luthier.instrument.instrument import Instrument

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.scpi import ArrayFormat, ErrorEntry, EventStatus, StatusByte

__all__ = ["ErrorPolicy", "ScpiInstrument"]

ErrorPolicy = Literal["never", "after-set", "after-each"]
"""When the error queue is read: never; after each set of a parameter; after each message."""

_POLICIES = get_args(ErrorPolicy)


class ScpiInstrument(Instrument):
    """An instrument that speaks IEEE 488.2 and SCPI.

    Its error queue is read by one policy: ``"after-set"`` (the default) after each set of a parameter and each function
    that sent something, ``"after-each"`` after each message, ``"never"`` leaves it alone. Errors raise
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
    """May be changed at any time."""
    error_query: ClassVar[str] = "SYST:ERR?"
    """The query that takes one entry off the queue."""

    _unchecked: bool = False
    """Whether anything was sent since the error queue was last read; kept under the monitor, as the next is."""
    _reading_queue: bool = False

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        error_policy: ErrorPolicy | None = None,
        **options: Any,
    ) -> None:
        if error_policy is not None:
            self.error_policy = error_policy
        _check_policy(self.error_policy, name, "Nothing was opened.")
        super().__init__(name, address, **options)

    @property
    def confirm_set(self) -> Callable[[str], None] | None:
        """Called after each set of a parameter, with the command; it looks at the policy at that time."""
        return self._confirm_set

    def _confirm_set(self, command: str) -> None:
        _check_policy(self.error_policy, self.name, "The error queue was not read.")
        if self.error_policy == "after-set" and self._unchecked:
            try:
                self.check_errors(command)
            except LuthierError as error:
                if error.sent == "no":  # that says of the question about errors; the command went out before it
                    error.sent = "maybe"
                    sent = f"{command!r} was sent before" if command else "The set was sent before"
                    error.state = error.state.replace(
                        "Nothing was sent.", f"{sent}; whether it took effect is not known."
                    )
                raise

    def errors(self) -> tuple[ErrorEntry, ...]:
        """Take all entries off the error queue, oldest first; an empty queue gives ``()``. Raises nothing for them."""
        with self.monitor, self._naming:
            self._reading_queue = True
            try:
                entries = self.take_errors()
            finally:
                self._reading_queue = False
            self._unchecked = False
            return entries

    def take_errors(self) -> tuple[ErrorEntry, ...]:
        """Ask for what went wrong, and return it; for :meth:`errors`, which everybody else calls.

        A driver whose instrument has no error queue overrides this: with the bits of an event status register, say.
        """
        from luthier.scpi import drain  # noqa: PLC0415 - not before something is sent

        return drain(self.query, self.error_query)

    def check_errors(self, command: str = "") -> None:
        """Raise :class:`~luthier.errors.InstrumentReportedError` where the queue holds anything; it is empty then.

        ``command`` is the last that was sent, for the message.
        """
        after = f" after {command!r}" if command else ""
        try:
            entries = self.errors()
        except LuthierError as error:
            error.add_note(f"raised while the error queue was read{after}; error_policy='never' leaves it alone")
            raise
        if entries:
            reported = "; ".join(f"{entry.code}, {entry.text}" for entry in entries)
            raise InstrumentReportedError(
                f"the instrument reported{after}: {reported}",
                who=self.who,
                state="Its error queue is empty now.",
                advice="Where the error does not fit the command, something earlier caused it.",
                command=command,
                entries=tuple((entry.code, entry.text) for entry in entries),
            )

    def write(self, command: str) -> None:
        """Send a command; with the policy ``"after-each"`` the error queue is read afterwards."""
        with self.monitor.lock:
            super().write(command)
            self._note_sent(command)

    def query(self, command: str) -> str:
        """Send a query and return the reply; with the policy ``"after-each"`` the error queue is read afterwards."""
        with self.monitor.lock:
            reply = super().query(command)
            self._note_sent(command)
            return reply

    def write_array(self, command: str, array: Any, array_format: ArrayFormat) -> None:
        """Send ``command`` followed by ``array``; the error queue as for :meth:`write`."""
        with self.monitor.lock:
            super().write_array(command, array, array_format)
            self._note_sent(command)

    def query_array(self, command: str, array_format: ArrayFormat) -> Any:
        """Send a query and return the array that answers it; the error queue as for :meth:`query`."""
        with self.monitor.lock:
            array = super().query_array(command, array_format)
            self._note_sent(command)
            return array

    def _note_sent(self, command: str) -> None:
        if self._reading_queue:
            return
        if not self._unchecked:
            self._unchecked = True
        if self.error_policy == "after-each":
            self.check_errors(command)

    def reset(self) -> None:
        """Send ``*RST`` and wait for its end: it goes to its reset state, and the caches are not valid any more.

        Raises :class:`~luthier.errors.InstrumentReportedError`, unless the policy is ``"never"``.
        """
        with self.monitor:
            try:
                self.write("*RST")
                self.wait_complete()
            finally:
                self.forget()
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


def _check_policy(policy: object, who: str, state: str) -> None:
    if policy not in _POLICIES:
        raise UsageError(
            f"error_policy={policy!r}: allowed are {', '.join(map(repr, _POLICIES))}", who=who, state=state
        )
