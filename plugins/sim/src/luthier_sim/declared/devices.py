"""Devices that are made from what a driver declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from luthier.scpi import encode_block, format_string

from luthier_sim.declared.memory import Memory, UnknownMessage
from luthier_sim.declared.table import canonical
from luthier_sim.lines import LineDevice
from luthier_sim.scpi.device import ScpiDevice, is_command_error
from luthier_sim.scpi.refusals import Refusal

if TYPE_CHECKING:
    from luthier import Instrument

    from luthier_sim.scpi.messages import Datum, Unit

__all__ = ["DeclaredDevice", "DeclaredLineDevice"]

_NOT_DECLARED = (-112, -113, -114)


class _Declared:
    """What both kinds have in common: a driver, and a memory that is made when the first message comes."""

    driver: ClassVar[type[Instrument]]
    """Whose declarations the device is made from."""
    _memory: Memory | None

    @property
    def unknown_parameters(self) -> tuple[str, ...]:
        """The paths of the parameters that the driver reads or sets by code, whose messages nothing declares."""
        return tuple(self._remembering().table.unknown)

    def forget(self) -> None:
        """Give every value that the driver declares the first one."""
        if self._memory is not None:
            self._memory.forget()

    def _remembering(self) -> Memory:
        memory = self._memory
        if memory is None:
            memory = self._memory = Memory(self.driver)
            try:
                memory.open(self)  # type: ignore[arg-type]  # what derives from this is a device
            except BaseException:
                self._memory = None
                raise
        return memory


class DeclaredDevice(_Declared, ScpiDevice):
    r"""A simulated SCPI instrument that is made from what a driver declares.

    Every parameter that is set or read by a message is a value that messages set and ask for, as the driver spells
    them: it starts as 0, off, or the first of its words, and what the driver would refuse is refused with -222 or -224.
    ``MIN`` and ``MAX`` are known where there are limits. Functions do nothing. Common commands, status and error queue
    are those of :class:`~luthier_sim.ScpiDevice`. What the body of a subclass declares comes first.

    Examples
    --------
    >>> from luthier import ScpiInstrument, parameter
    >>> from luthier.validators import Numbers
    >>> class Lamp(ScpiInstrument):
    ...     power = parameter(float, get_cmd="POW?", set_cmd="POW {}", unit="W", validator=Numbers(0, 100))
    >>> class SimulatedLamp(DeclaredDevice):
    ...     driver = Lamp
    >>> lamp = SimulatedLamp()
    >>> lamp.respond(b"POW 20;POW?;:POW 101;POW? MAX;:SYST:ERR?")
    b'20;100;-222,"Data out of range"\n'
    """

    def switch_on(self) -> None:
        """Take the state of a device that has just been switched on."""
        self._memory = None
        super().switch_on()

    def restore_settings(self) -> None:
        """Give every setting, and every value of the driver, the first one."""
        super().restore_settings()
        self.forget()

    def _carry_out(self, unit: Unit, path: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
        try:
            return super()._carry_out(unit, path)
        except Refusal as refusal:
            if refusal.code not in _NOT_DECLARED or unit.header.startswith("*"):
                raise
            unknown = refusal
        memory = self._remembering()
        mnemonics = tuple(unit.header.upper().removeprefix(":").split(":"))
        whole = mnemonics if unit.header.startswith(":") else (*path, *mnemonics)
        try:
            return whole[:-1], memory.answer(_written(unit, ":".join(whole)))
        except UnknownMessage:
            raise unknown from None
        except Refusal as refusal:
            if is_command_error(refusal):
                raise
            self.report(refusal)
            return whole[:-1], None


class DeclaredLineDevice(_Declared, LineDevice):
    """A simulated instrument that speaks other lines of text, made from what a driver declares.

    As :class:`DeclaredDevice`, but that a line which is refused is one that the device does not know: it is answered
    with what :meth:`unknown_line` returns.
    """

    identity: ClassVar[str] = "LUTHIER,SIMULATED DEVICE,0,0"
    """The reply to ``*IDN?``."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Take over how the driver ends messages, unless the class says it."""
        super().__init_subclass__(**options)
        if "driver" in vars(cls) and "terminator" not in vars(cls):
            cls.terminator = cls.driver.write_termination.encode()

    @property
    def reply_terminator(self) -> bytes:
        """Ends each reply, as the driver expects it."""
        return self.driver.read_termination.encode()

    def switch_on(self) -> None:
        """Take the state of a device that has just been switched on."""
        self._memory = None
        super().switch_on()

    def respond(self, message: bytes) -> bytes | None:
        """Carry out one line, and return its reply with the terminator; ``None``: no reply."""
        reply = self.answer(message.decode("latin-1"))
        return None if reply is None else reply.encode("latin-1", "replace") + self.reply_terminator

    def unknown(self, line: str) -> str | None:
        """Answer a line that the body of the class does not declare."""
        text = canonical(line)
        try:
            return self._remembering().answer(text)
        except (UnknownMessage, Refusal):
            return self.identity if text.upper() == "*IDN?" else self.unknown_line(line)

    def unknown_line(self, line: str) -> str | None:
        """Return what a line is answered with that the driver does not declare, or would refuse to send; nothing."""
        del line
        return None


def _written(unit: Unit, header: str) -> str:
    """Write a command as drivers do: short, with one space before the data."""
    data = ",".join(map(_datum, unit.data))
    return f"{header}{'?' if unit.is_query else ''}{f' {data}' if data else ''}"


def _datum(datum: Datum) -> str:
    if datum.form == "string":
        return format_string(datum.text)
    if datum.form == "expression":
        return f"({datum.text})"
    if datum.form == "block":
        return encode_block(datum.text.encode("latin-1")).decode("latin-1")
    return f"{datum.text}{datum.suffix}"
