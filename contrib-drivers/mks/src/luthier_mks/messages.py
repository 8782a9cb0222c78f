"""The frames that the controllers exchange, ``@253PR1?;FF``, and what they refuse.

Manuals: Series 946 Vacuum System Controller, Operation and Maintenance Manual (100018121 Rev. A, June 2020), pages 102
to 105; MKS 937B Operation Manual, page 86.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final

from luthier import Instrument
from luthier.errors import InstrumentReportedError, ReplyError, UsageError
from luthier.scpi import Identity

__all__ = ["PASCALS", "REFUSALS", "MksController", "number_in"]

PASCALS: Final = {
    "Torr": Decimal(101325) / 760,
    "mbar": Decimal(100),
    "Pa": Decimal(1),
    "micron": Decimal(101325) / 760_000,
}
_UNITS: Final = {"TORR": "Torr", "MBAR": "mbar", "PASCAL": "Pa", "MICRON": "micron"}
REFUSALS: Final = {
    150: "WRONG_GAUGE",
    151: "NO_GAUGE",
    152: "NOT_IONGAUGE",
    153: "NOT_HOTCATHODE",
    154: "NOT_COLDCATHODE",
    155: "NOT_CAPACITANCE_MANOMETER",
    156: "NOT_PIRANI_OR_CTP",
    157: "NOT_PR_OR_CM",
    158: "NOT_MFC",
    159: "NOT_VLV",
    160: "UNRECOGNIZED_MSG",
    161: "SET_CMD_LOCK",
    162: "RLY_DIR_FIX_FOR_ION",
    163: "INVALID_CHANNEL",
    164: "DIFF_CM",
    165: "INVALID_PID_PARAM",
    166: "PID_IN_PROGRESS",
    167: "INVALID_RATIO_PARAM",
    168: "NOT_IN_DEGAS",
    169: "INVALID_ARGUMENT",
    172: "VALUE_OUT_OF_RANGE",
    173: "INVALID_CTRL_CHAN",
    175: "CMD_QUERY_BYTE_INVALID",
    176: "NO_GAS_TYPE",
    177: "NOT_485",
    178: "CAL_DISABLED",
    179: "SET_POINT_NOT_ENABLED",
    181: "COMBINATION_DISABLED",
    182: "INTERNATIONAL_UNIT_ONLY",
    183: "GAS_TYPE_DEFINED",
    191: "NOT_RATIO_MODE",
    195: "CONTROL_SET_POINT_ENABLED",
    199: "PRESSURE_TOO_HIGH_FOR_DEGAS",
}
"""What a controller answers behind NAK (table 9-15); as a number, or as the text where it was told to (SEM)."""

_NUMBERS: Final = {text: number for number, text in REFUSALS.items()}
_ADVICE: Final = {
    150: "Another sensor is connected there; compare the numbers of gauges and flow controllers.",
    151: "No sensor is connected there.",
    158: "No mass flow controller is connected there; say which are: controllers=(…).",
    161: "Setting by messages is locked in the setup of the controller (SPM).",
    166: "It controls a pressure; end that first: pressure_control(False).",
    172: "The value is beyond what the sensor can do.",
}
_OWN: Final = range(1, 254)


def number_in(reply: str) -> Decimal | None:
    """Return the number that a reply is; ``None`` for a word.

    >>> number_in("7.602E+2"), number_in("ATM"), number_in("NAN")
    (Decimal('760.2'), None, None)
    """
    try:
        number = Decimal(reply.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


class MksController(Instrument):
    """A controller, as far as it exchanges messages.

    Parameters
    ----------
    unit_address
        Its address, 1 to 253, also on RS-232; from the factory 253.

    Raises
    ------
    UsageError
        Another address; nothing was opened.
    """

    write_termination = ";FF"
    read_termination = ";FF"

    def __init__(self, name: str, address: str | None = None, *, unit_address: int = 253, **options: Any) -> None:
        if unit_address not in _OWN:
            raise UsageError(
                f"unit_address={unit_address!r}: allowed are 1 to 253", who=name, state="Nothing was opened."
            )
        super().__init__(name, address, **options)
        self.unit_address = unit_address

    def ask(self, command: str) -> str:
        """Ask for something, and return what is answered behind ACK."""
        return self._exchange(f"{command}?")

    def put(self, command: str, value: str = "") -> str:
        """Set something, and return what is answered behind ACK: what it is now."""
        return self._exchange(f"{command}!{value}")

    def _exchange(self, text: str) -> str:
        address = f"@{self.unit_address:03d}"
        message = address + text
        reply = self.query(message)
        answer = reply.strip()
        if answer.startswith(f"{address}ACK"):
            return answer[len(address) + 3 :].strip()
        if answer.startswith(f"{address}NAK"):
            raise self._refused(message, answer[len(address) + 3 :].strip())
        raise self.misunderstood(message, reply, f"{address}ACK or {address}NAK")

    def _refused(self, message: str, why: str) -> InstrumentReportedError:
        number = int(why) if why.isdecimal() else _NUMBERS.get(why.upper(), 0)
        text = REFUSALS.get(number, why)
        return InstrumentReportedError(
            f"the controller refused {message!r}: {text}",
            who=self.who,
            state="Nothing was changed.",
            advice=_ADVICE.get(number, ""),
            command=message,
            entries=((number, text),),
        )

    def misunderstood(self, message: str, reply: str, expected: str) -> ReplyError:
        """Return the error of a reply that is something else than what was expected."""
        return ReplyError(
            f"{message!r} was answered by {reply!r}; expected: {expected}",
            who=self.who,
            command=message,
            reply=reply,
            expected=expected,
        )

    def ask_number(self, command: str) -> float:
        """Ask for a number; raises :class:`~luthier.errors.ReplyError` for a word."""
        reply = self.ask(command)
        number = number_in(reply)
        if number is None:
            raise self.misunderstood(f"{command}?", reply, "a number")
        return float(number)

    def ask_word(self, command: str, *words: str) -> str:
        """Ask for one of some words, whose capitals do not matter, and return it as it is written here."""
        reply = self.ask(command)
        for word in words:
            if reply.upper() == word.upper():
                return word
        raise self.misunderstood(f"{command}?", reply, " or ".join(words))

    def read_unit(self) -> str:
        """Ask for the unit of pressures, a key of ``PASCALS`` (U)."""
        return _UNITS[self.ask_word("U", *_UNITS)]

    def put_unit(self, unit: str) -> None:
        """Choose the unit of pressures (U)."""
        self.put("U", {"Torr": "Torr", "mbar": "MBAR", "Pa": "PASCAL", "micron": "Micron"}[unit])

    def ask_pressure(self, command: str) -> float:
        """Ask for a pressure that is a number, and return it in Pa."""
        with self.monitor:
            unit = self.read_unit()
            reply = self.ask(command)
        number = number_in(reply)
        if number is None:
            raise self.misunderstood(f"{command}?", reply, "a number")
        return float(number * PASCALS[unit])

    def identify(self) -> Identity:
        """Ask for model, serial number and the firmware of the main board (MD, SN, FV6)."""
        with self.monitor:
            return Identity("MKS", self.ask("MD"), self.ask("SN"), self.ask("FV6"))
