"""The common commands, and those of the status system that every SCPI instrument has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from luthier.scpi import EventStatus, StatusByte

from luthier_sim.scpi.commands import command, query
from luthier_sim.scpi.data import Integer
from luthier_sim.scpi.refusals import Refusal
from luthier_sim.scpi.status import ErrorQueue, StatusGroup, event_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CommonCommands"]

_OCTET = Integer(0, 255)
_WORD = Integer(0, 65_535)
_ALL = 0x7FFF


def _register(group: str, name: str, attribute: str) -> tuple[Callable[[Any, int], None], Callable[[Any], int]]:
    """Declare that messages set and ask for a register of a status group."""

    def store(device: CommonCommands, value: int) -> None:
        setattr(getattr(device, group), attribute, value & _ALL)

    def ask(device: CommonCommands) -> int:
        return int(getattr(getattr(device, group), attribute))

    pattern = f"STATus:{group.upper()[:4]}{group[4:]}:{name}"
    store.__name__, ask.__name__ = f"set_{group}_{attribute}", f"ask_{group}_{attribute}"
    return command(pattern, _WORD)(store), query(f"{pattern}?")(ask)


class CommonCommands:
    """Status, error queue and common commands of a device; mixed into :class:`~luthier_sim.ScpiDevice`.

    Attributes
    ----------
    operation, questionable
        The status groups of SCPI; a device sets their ``condition``.
    errors
        The error queue.
    replying
        Whether a reply to an earlier question of the message under way waits.
    """

    identity: ClassVar[str]
    error_queue_size: ClassVar[int] = 20
    """Entries that the error queue has room for."""
    error_texts: ClassVar[Mapping[int, str]] = {}
    """Texts of errors that are this instrument's own, or that it words in another way than the standard."""
    scpi_version: ClassVar[str] = "1999.0"
    """The reply to ``SYSTem:VERSion?``."""

    operation: StatusGroup
    questionable: StatusGroup
    errors: ErrorQueue
    replying: bool
    _busy_until: float

    if TYPE_CHECKING:  # what the device that this is mixed into has

        @property
        def now(self) -> float:
            """Seconds."""
            ...

        def spend_until(self, moment: float) -> None:
            """Be busy until then."""

        def restore_settings(self) -> None:
            """Give settings the values that they had when switched on."""

    # What a subclass overrides

    def reset(self) -> None:
        """Do what ``*RST`` does beyond giving the settings their first values; also called when switched on."""

    def self_test(self) -> int:
        """Return the answer to ``*TST?``: 0 where all is well."""
        return 0

    def trigger(self) -> None:
        """Do what ``*TRG`` does; by default it is ignored, as -211 says."""
        raise Refusal(-211)

    # What a subclass uses

    def report(self, error: Refusal | int) -> None:
        """Put an error into the queue, and set its bit in the standard event status register."""
        refusal = Refusal(error) if isinstance(error, int) else error
        if refusal.code in self.error_texts and not refusal.worded:
            refusal = Refusal(refusal.code, self.error_texts[refusal.code], refusal.detail)
        self.errors.add(refusal)
        self._events |= event_of(refusal.code)

    def begin(self, seconds: float) -> None:
        """Begin an operation that goes on for `seconds` while the device takes further commands.

        ``*OPC?`` and ``*WAI`` wait for the end of all such operations, and ``*OPC`` tells it.
        """
        self._busy_until = max(self._busy_until, self.now + seconds)

    def end_operations(self) -> None:
        """End what :meth:`begin` began, as an abort does."""
        self._busy_until = self.now

    @property
    def operating(self) -> bool:
        """Whether an operation goes on."""
        return self.now < self._busy_until

    def start_status(self) -> None:
        """Take the status of a device that has just been switched on."""
        self.errors = ErrorQueue(self.error_queue_size)
        self.operation, self.questionable = StatusGroup(), StatusGroup()
        self.replying = False
        self._events = EventStatus.POWER_ON
        self._event_enable = 0
        self._service_enable = 0
        self._busy_until = 0.0
        self._complete_wanted = False

    def status_byte(self, *, message_available: bool) -> int:
        """Return the status byte, with the master summary in bit 6."""
        self._settle()
        status = StatusByte(0)
        for is_set, bit in (
            (len(self.errors) > 0, StatusByte.ERROR_QUEUE),
            (self.questionable.summary, StatusByte.QUESTIONABLE),
            (message_available, StatusByte.MESSAGE_AVAILABLE),
            (self._events & self._event_enable, StatusByte.EVENT_STATUS),
            (self.operation.summary, StatusByte.OPERATION),
        ):
            status |= bit if is_set else 0
        return int(status | (StatusByte.REQUEST_SERVICE if status & self._service_enable else 0))

    def _settle(self) -> None:
        """Note that the operations which ``*OPC`` was sent for have ended."""
        if self._complete_wanted and not self.operating:
            self._complete_wanted = False
            self._events |= EventStatus.OPERATION_COMPLETE

    # IEEE 488.2-1992, 10

    @query("*IDN?")
    def identify(self) -> str:
        """Say who this is."""
        return self.identity

    @command("*RST")
    def restart(self) -> None:
        """Go back to the first settings."""
        self._complete_wanted = False
        self.end_operations()
        self.restore_settings()
        self.reset()

    @command("*CLS")
    def clear_status(self) -> None:
        """Clear the error queue and the event registers."""
        self.errors.clear()
        self._events = EventStatus(0)
        self.operation.event = self.questionable.event = 0
        self._complete_wanted = False

    @command("*ESE", _OCTET)
    def enable_events(self, bits: int) -> None:
        """Say which events are summarised in the status byte."""
        self._event_enable = bits

    @query("*ESE?")
    def enabled_events(self) -> int:
        """Answer which events are summarised."""
        return self._event_enable

    @query("*ESR?")
    def take_events(self) -> int:
        """Answer which events there were, and forget them."""
        self._settle()
        events, self._events = self._events, EventStatus(0)
        return int(events)

    @command("*OPC")
    def tell_completion(self) -> None:
        """Set the event when all operations have ended."""
        self._complete_wanted = True
        self._settle()

    @query("*OPC?")
    def await_completion(self) -> int:
        """Answer 1 when all operations have ended."""
        self.spend_until(self._busy_until)
        return 1

    @command("*WAI")
    def wait(self) -> None:
        """Carry out nothing before all operations have ended."""
        self.spend_until(self._busy_until)

    @command("*SRE", _OCTET)
    def enable_service(self, bits: int) -> None:
        """Say which bits of the status byte ask for service."""
        self._service_enable = bits & ~StatusByte.REQUEST_SERVICE

    @query("*SRE?")
    def enabled_service(self) -> int:
        """Answer which bits ask for service."""
        return self._service_enable

    @query("*STB?")
    def ask_status_byte(self) -> int:
        """Answer the status byte."""
        return self.status_byte(message_available=self.replying)

    @query("*TST?")
    def test(self) -> int:
        """Test itself."""
        return self.self_test()

    @command("*TRG")
    def take_trigger(self) -> None:
        """Take a trigger."""
        self.trigger()

    # SCPI-1999 volume 2, 20 and 21

    @query("SYSTem:ERRor[:NEXT]?")
    def next_error(self) -> str:
        """Answer the oldest error, and forget it."""
        return str(self.errors.take())

    @query("SYSTem:ERRor:ALL?")
    def all_errors(self) -> str:
        """Answer all errors, and forget them."""
        entries = ",".join(map(str, self.errors)) or str(Refusal(0))
        self.errors.clear()
        return entries

    @query("SYSTem:ERRor:COUNt?")
    def count_errors(self) -> int:
        """Answer how many errors there are."""
        return len(self.errors)

    @query("SYSTem:VERSion?")
    def ask_version(self) -> str:
        """Answer the version of SCPI."""
        return self.scpi_version

    @command("STATus:PRESet")
    def preset_status(self) -> None:
        """Preset the status groups."""
        self.operation.preset()
        self.questionable.preset()

    @query("STATus:OPERation[:EVENt]?")
    def take_operation(self) -> int:
        """Answer the events of the operation status, and forget them."""
        return self.operation.take_event()

    @query("STATus:OPERation:CONDition?")
    def ask_operation(self) -> int:
        """Answer the condition of the operation status."""
        return self.operation.condition

    @query("STATus:QUEStionable[:EVENt]?")
    def take_questionable(self) -> int:
        """Answer the events of the questionable status, and forget them."""
        return self.questionable.take_event()

    @query("STATus:QUEStionable:CONDition?")
    def ask_questionable(self) -> int:
        """Answer the condition of the questionable status."""
        return self.questionable.condition

    set_operation_enable, ask_operation_enable = _register("operation", "ENABle", "enable")
    set_operation_rising, ask_operation_rising = _register("operation", "PTRansition", "rising")
    set_operation_falling, ask_operation_falling = _register("operation", "NTRansition", "falling")
    set_questionable_enable, ask_questionable_enable = _register("questionable", "ENABle", "enable")
    set_questionable_rising, ask_questionable_rising = _register("questionable", "PTRansition", "rising")
    set_questionable_falling, ask_questionable_falling = _register("questionable", "NTRansition", "falling")
