"""A simulated SCPI instrument: declared commands, the common commands, status and error queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from luthier_sim.device import Device
from luthier_sim.scpi.command_table import CommandTable
from luthier_sim.scpi.common_commands import CommonCommands
from luthier_sim.scpi.messages import find_end, units_of
from luthier_sim.scpi.refusals import Refusal

if TYPE_CHECKING:
    from luthier_sim.scpi.messages import Unit

__all__ = ["ScpiDevice", "is_command_error"]


class ScpiDevice(CommonCommands, Device):
    r"""A simulated instrument that speaks SCPI, or only IEEE 488.2.

    A subclass declares settings, questions and commands in its body; short and long forms, optional nodes, suffixes,
    chains with ``;``, units, the common commands, the status registers and the error queue are there already. See
    :class:`~luthier_sim.Device` for the constructor, clock, noise and latency.

    Examples
    --------
    >>> from luthier_sim import ScpiDevice, query, setting
    >>> class Supply(ScpiDevice):
    ...     identity = "ACME,SUPPLY,1,0"
    ...     load = 100.0  # Ω
    ...     voltage = setting("[SOURce:]VOLTage[:LEVel]", 0.0, minimum=0, maximum=30, unit="V")
    ...
    ...     @query("MEASure:CURRent?")
    ...     def current(self) -> float:
    ...         return self.voltage / self.load
    >>> supply = Supply()
    >>> supply.respond(b"volt 500 mv;:meas:curr?")
    b'0.005\n'
    >>> supply.respond(b"VOLT 31;VOLT?;:SYST:ERR?")
    b'0.5;-222,"Data out of range"\n'
    """

    identity: ClassVar[str] = "LUTHIER,SIMULATED DEVICE,0,0"
    """The reply to ``*IDN?``."""
    message_based: ClassVar[bool] = True

    _table: ClassVar[CommandTable]

    def __init_subclass__(cls, **options: Any) -> None:
        """Collect what the class declares."""
        super().__init_subclass__(**options)
        cls._table = CommandTable(cls)

    def switch_on(self) -> None:
        """Take the state of a device that has just been switched on."""
        for held in self._table.settings:
            held.restore(self)
        self.start_status()
        self.reset()

    def restore_settings(self) -> None:
        """Give every setting but those declared with ``keep`` the value that it had when switched on."""
        for held in self._table.settings:
            if not held.keep:
                held.restore(self)

    def put_back(self, before: dict[str, Any]) -> None:
        """Give every setting the value that it has in an earlier copy of the attributes."""
        for held in self._table.settings:
            self.__dict__[held.name] = before[held.name]

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take one message off the front of `buffer`; blocks may hold any bytes."""
        end = find_end(buffer, ended=ended)
        if end is None:
            return None
        message = bytes(buffer[: end[0]])
        del buffer[: end[1]]
        return message

    def respond(self, message: bytes) -> bytes | None:
        """Carry out one message, and return its reply with the terminator; ``None``: no reply.

        What is refused goes to the error queue. A command error ends the message, as does an error in its form; after
        other errors the rest of it is carried out.
        """
        replies: list[str] = []
        path: tuple[str, ...] = ()
        size = 0
        try:
            for unit in units_of(message):
                self.replying = bool(replies)
                path, reply = self._carry_out(unit, path)
                if reply is not None:
                    replies.append(reply)
                    size += len(reply)
                    if size > self.largest_reply:
                        replies.clear()
                        raise Refusal(-430)  # noqa: TRY301 - it ends the message like the others
        except Refusal as refusal:
            self.report(refusal)
        self.replying = False
        return ";".join(replies).encode("latin-1", "replace") + self.terminator if replies else None

    def overrun(self) -> None:
        """Note that a message was too long: -363."""
        self.report(Refusal(-363))

    def interrupted(self) -> None:
        """Note that a reply was thrown away because the next message came before it was read: -410."""
        self.report(Refusal(-410))

    def unasked(self) -> None:
        """Note that a reply was to be read and no question had been asked: -420."""
        self.report(Refusal(-420))

    def failed(self) -> None:
        """Note that the code of the device itself failed, while it was served to others: -310."""
        self.report(Refusal(-310))

    def poll(self, *, message_available: bool) -> int:
        """Return the status byte, as a serial poll does."""
        with self.lock:
            return self.status_byte(message_available=message_available)

    def selected_channels(self) -> tuple[int, ...]:
        """Return the channels that are meant where a command takes a list of them and none is given."""
        raise Refusal(-109)

    def _carry_out(self, unit: Unit, path: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
        """Carry out one command; return the path for the next one, and the reply."""
        declared, suffixes, path = self._table.find(unit.header, unit.is_query, path)
        try:
            return path, declared.run(self, suffixes, unit.data)
        except Refusal as refusal:
            if is_command_error(refusal):
                raise
            self.report(refusal)
            return path, None


def is_command_error(refusal: Refusal) -> bool:
    """Tell whether what is refused ends the message."""
    return -200 < refusal.code <= -100  # noqa: PLR2004 - the standard's class


ScpiDevice._table = CommandTable(ScpiDevice)  # noqa: SLF001 - subclasses make theirs when they are defined
