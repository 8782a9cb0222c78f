"""How simulated Lake Shore instruments take messages: commands and queries by mnemonic, several in a line."""

from __future__ import annotations

import re
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar

from luthier_sim import Device

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["LakeShoreDevice", "number", "six_digits", "within"]

_OPERATION_COMPLETE = 1
_QUERY_ERROR = 4
_EXECUTION_ERROR = 16
_COMMAND_ERROR = 32
_POWER_ON = 128
_EVENT_SUMMARY = 32

_PART = re.compile(r'(?:"[^"]*"|[^";])+')  # up to a semicolon that is not in quotes
_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')  # one that is not in quotes
_COMMAND = re.compile(r"\s*:?\s*(\*?[A-Za-z]+)(\??)\s*(.*?)\s*", re.DOTALL)


class LakeShoreDevice(Device):
    """A simulated instrument whose commands are the methods ``do_<mnemonic>`` and ``ask_<mnemonic>`` of its class.

    They are given the arguments as text, and refuse with ``ValueError``, which sets the bit of an execution error; an
    unknown mnemonic and a wrong number of arguments set that of a command error. Nothing is answered then.
    """

    identity: ClassVar[str]
    answers_last: ClassVar[bool] = False
    """Whether only the last query of a message is answered."""
    other_names: ClassVar[dict[str, str]] = {}
    """Mnemonics whose methods have another name than they; an empty one: the instrument does not know it."""

    def switch_on(self) -> None:
        """Set the bit that says so; subclasses set their state."""
        self.event_status = _POWER_ON
        self.event_enable = 0
        self.service_enable = 0

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take a line that ends in a line feed; a carriage return before it does not count."""
        message = super().take_message(buffer, ended=ended)
        return None if message is None else message.rstrip(b"\r")

    def respond(self, message: bytes) -> bytes | None:
        """Carry out the commands of a line; the answers are joined by semicolons."""
        replies = [self._carry_out(part) for part in _PART.findall(message.decode("latin-1")) if part.strip()]
        answered = [reply for reply in replies if reply is not None]
        answered = answered[-1:] if self.answers_last else answered
        return ";".join(answered).encode("latin-1") + b"\r\n" if answered else None

    def unasked(self) -> None:
        """Set the bit of a query error."""
        self.event_status |= _QUERY_ERROR

    def interrupted(self) -> None:
        """Set the bit of a query error."""
        self.event_status |= _QUERY_ERROR

    def _carry_out(self, part: str) -> str | None:
        found = _COMMAND.fullmatch(part)
        handler = self._handler(found[1], query=bool(found[2])) if found else None
        arguments = [text.strip() for text in _COMMA.split(found[3])] if found and found[3] else []
        if handler is None or not _takes(handler, len(arguments)):
            self.event_status |= _COMMAND_ERROR
            return None
        try:
            reply = handler(*arguments)
        except ValueError:
            self.event_status |= _EXECUTION_ERROR
            return None
        return None if reply is None else str(reply)

    def _handler(self, mnemonic: str, *, query: bool) -> Callable[..., object] | None:
        name = mnemonic.lower().replace("*", "common_")
        name = self.other_names.get(name, name)
        handler: Callable[..., object] | None = getattr(self, f"{'ask' if query else 'do'}_{name}", None)
        return handler

    # Common commands (Model 335 User's Manual, pages 107 to 109)

    def ask_common_idn(self) -> str:
        """Answer maker, model, serial number and firmware."""
        return self.identity

    def do_common_cls(self) -> None:
        """Clear the event register."""
        self.event_status = 0

    def do_common_rst(self) -> None:
        """Take the settings of switching on."""
        kept = self.event_status, self.event_enable, self.service_enable
        self.switch_on()
        self.event_status, self.event_enable, self.service_enable = kept

    def do_common_ese(self, mask: str) -> None:
        """Enable event bits."""
        self.event_enable = int(within(mask, 0, 255))

    def ask_common_ese(self) -> str:
        """Answer the enabled event bits."""
        return f"{self.event_enable:03d}"

    def ask_common_esr(self) -> str:
        """Answer the event register, and clear it."""
        status, self.event_status = self.event_status, 0
        return f"{status:03d}"

    def do_common_sre(self, mask: str) -> None:
        """Enable status bits."""
        self.service_enable = int(within(mask, 0, 255))

    def ask_common_sre(self) -> str:
        """Answer the enabled status bits."""
        return f"{self.service_enable:03d}"

    def ask_common_stb(self) -> str:
        """Answer the status byte."""
        return f"{self.poll(message_available=False):03d}"

    def poll(self, *, message_available: bool) -> int:
        """Return the status byte."""
        del message_available
        return _EVENT_SUMMARY if self.event_status & self.event_enable else 0

    def do_common_opc(self) -> None:
        """Set the bit of completion."""
        self.event_status |= _OPERATION_COMPLETE

    def ask_common_opc(self) -> str:
        """Answer that all is done."""
        return "1"

    def ask_common_tst(self) -> str:
        """Answer that the self-test found nothing."""
        return "0"

    def do_common_wai(self) -> None:
        """Go on at once: nothing is pending."""


def _takes(handler: Callable[..., object], count: int) -> bool:
    return _function_takes(getattr(handler, "__func__", handler), count + hasattr(handler, "__func__"))


@cache
def _function_takes(function: Callable[..., object], count: int) -> bool:
    try:
        signature(function).bind(*_fillers(count))
    except TypeError:
        return False
    return True


def _fillers(count: int) -> Iterator[Any]:
    return iter("" for _ in range(count))


def number(text: str) -> float:
    """Return the number that an argument is."""
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        raise ValueError(text)
    return float(text)


def within(text: str, low: float, high: float) -> float:
    """Return the number that an argument is, where it is within limits."""
    value = number(text)
    if not low <= value <= high:
        raise ValueError(text)
    return value


def six_digits(value: float) -> str:
    """Return a number as these instruments answer it: a sign, and six digits.

    >>> six_digits(4.2), six_digits(273.15), six_digits(-1234567.0)
    ('+4.20000', '+273.150', '-1234567')
    """
    places = max(0, 6 - len(str(int(abs(value)))))
    return f"{value:+.{places}f}"
