"""The letter protocol of the older Oxford Instruments controllers, on GPIB, RS-232 and ISOBUS.

Every message is a letter and a number, and is answered: by the letter (with what was asked for), or by a question mark
and the message where it is refused. The newer Mercury instruments have it too, as their legacy commands (Mercury iPS
Operator's Manual, issue 14, section 10.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import Instrument, parameter
from luthier.errors import InstrumentReportedError, ReplyError, UsageError
from luthier.scpi import Identity, format_float, parse_float
from luthier.validators import Enum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CONTROL", "LetterInstrument", "digit", "digit_of", "sends", "status_of", "variable"]

CONTROL: Final = {"local locked": 0, "remote locked": 1, "local unlocked": 2, "remote unlocked": 3}
"""Who may change settings: what C sends, and what stands behind C in the reply to X."""

_LARGEST_ADDRESS: Final = 9


def variable(reply: str) -> float:
    """Return the number in the reply to ``R`` and the number of a variable."""
    if not reply.startswith("R"):
        raise ReplyError(
            f"the reply is {reply!r}; expected: R and a number", reply=reply, expected="R and a number, such as R+1.234"
        )
    return parse_float(reply[1:])


def sends(letter: str) -> Callable[[LetterInstrument, Any], None]:
    """Return what sends a number behind a letter."""

    def send(instrument: LetterInstrument, value: Any) -> None:
        instrument.command(f"{letter}{format_float(value)}")

    return send


def digit_of(instrument: LetterInstrument, letter: str) -> int:
    """Ask for the status, and return the digit behind a letter; see :func:`digit`."""
    return digit(status_of(instrument), letter)


def status_of(instrument: LetterInstrument) -> str:
    """Return the status, the reply to ``X``."""
    return "X" + instrument.command("X")


def digit(status: str, letter: str, place: int = 0) -> int:
    """Return the digit that stands `place` digits behind a letter of the status.

    Raises :class:`~luthier.errors.ReplyError` where there is none.
    """
    behind = status.partition(letter)[2][: place + 1]
    if len(behind) <= place or not (behind.isascii() and behind.isdecimal()):
        raise ReplyError(
            f"'X' was answered by {status!r}; expected: {place + 1} digits behind {letter}",
            command="X",
            reply=status,
            expected=f"digits behind {letter}",
        )
    return int(behind[place])


def _get_control(instrument: LetterInstrument) -> str:
    number = digit_of(instrument, "C")
    return next((word for word, value in CONTROL.items() if value == number), "automatic run-down")


class LetterInstrument(Instrument):
    """An instrument that speaks the letter protocol; open one of the models.

    Opening one asks for its version (``V``), and changes nothing: it stays in local control, in which it can be read,
    and refuses every setting. Say ``control("remote unlocked")`` first.

    Parameters
    ----------
    name, address, options
        As for :class:`~luthier.Instrument`. On a serial line the settings of the instrument are used, unless
        ``transport_options`` says otherwise.
    isobus
        Its number, 0 to 9, where several share a line (ISOBUS); ``None``: it is alone there, or on GPIB.
    """

    read_termination = "\r"
    write_termination = "\r"
    serial_settings: ClassVar[Mapping[str, object]] = {"baud_rate": 9600, "data_bits": 8, "stop_bits": 2}

    control = parameter(
        str,
        get_cmd=_get_control,
        set_cmd=lambda instrument, control: instrument.command(f"C{CONTROL[control]}"),
        validator=Enum(*CONTROL),
        doc='Who may change settings: the front panel ("local"), this program ("remote"), both ("unlocked") (C).',
        snapshot=False,
    )

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        isobus: int | None = None,
        transport_options: Mapping[str, object] | None = None,
        **options: Any,
    ) -> None:
        if isobus is not None and isobus not in range(_LARGEST_ADDRESS + 1):
            raise UsageError(
                f"isobus={isobus!r}: allowed are 0 to {_LARGEST_ADDRESS}, and None",
                who=name,
                state="Nothing was opened.",
            )
        if isinstance(address, str) and address.upper().startswith("ASRL"):
            transport_options = {**self.serial_settings, **(transport_options or {})}
        super().__init__(name, address, transport_options=transport_options, **options)
        self.prefix = "" if isobus is None else f"@{isobus}"

    def identify(self) -> Identity:
        """Ask for the version (V): ``IPS120-10  Version 3.07  (c) OXFORD 1996``."""
        if self.address is None:
            return super().identify()
        version = self.query(self.prefix + "V").removeprefix("V").strip()
        model, _, rest = version.partition(" ")
        firmware = rest.strip().removeprefix("Version").strip().partition(" ")[0]
        return Identity(vendor="Oxford Instruments", model=model, serial="", firmware=firmware)

    def command(self, message: str) -> str:
        """Send a message, and return what stands behind its letter in the reply.

        Raises
        ------
        InstrumentReportedError
            It was refused: in local control, or because of its number.
        ReplyError
            The reply begins with another letter.
        """
        reply = self.query(self.prefix + message)
        if reply.startswith("?"):
            raise InstrumentReportedError(
                f"the instrument refused {message!r}",
                who=self.who,
                state="Nothing was changed.",
                advice='Say control("remote unlocked") first; if that is so, the number is outside what it allows.',
                command=message,
                entries=((0, reply),),
            )
        if not reply.startswith(message[0]):
            raise ReplyError(
                f"{message!r} was answered by {reply!r}; expected: {message[0]} and what was asked for",
                command=message,
                reply=reply,
                expected=f"a text that begins with {message[0]}",
            )
        return reply[1:]
