"""The messages of the Oxford Instruments Mercury instruments: ``READ:`` and ``SET:`` a place in a tree, and ``STAT:``.

Mercury iPS Operator's Manual, issue 14, March 2016, sections 10.3.1 to 10.3.6 (pages 108, 109 and 120), and MercuryiTC
Operator's Manual, issue 05, February 2015, sections 8.3.3 to 8.3.6 (pages 104, 105 and 114).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import Instrument
from luthier.errors import InstrumentReportedError, ReplyError
from luthier.scpi import Identity, format_float

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["MercuryInstrument", "on_or_off", "puts", "quantity", "value_of"]

_NUMBER: Final = re.compile(r"([+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|inf))([numkM]?)([A-Za-z%/]*)", re.ASCII)
_PREFIXES: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6}
_REFUSALS: Final = ("INVALID", "NOT_FOUND", "N/A", "DENIED")
_IDENTITY_FIELDS: Final = 4


def value_of(reply: str) -> str:
    """Return what stands behind the last colon of a reply.

    Raises :class:`~luthier.errors.ReplyError` for what is no ``STAT:`` reply, and
    :class:`~luthier.errors.InstrumentReportedError` for a refusal (table in section 10.3.6).
    """
    value = reply.rpartition(":")[2].strip()
    if value in _REFUSALS or reply.strip() in _REFUSALS:
        raise InstrumentReportedError(
            f"the instrument answered {reply!r}",
            state="Nothing was changed.",
            advice="Is the device there? query('READ:SYS:CAT') lists all. DENIED: the front panel forbids it.",
            command="",
            entries=((0, value),),
        )
    if not reply.startswith("STAT:") or not value:
        raise ReplyError(
            f"the reply is {reply!r}; expected: STAT, the place, and a value", reply=reply, expected="STAT:…:value"
        )
    return value


def quantity(*units: str) -> Callable[[str], float]:
    """Return what reads a number with a unit, which may have a prefix: ``12.345mV`` is 0.012345 in V.

    `units` are spellings of one unit. A number without a unit is taken, and so is ``inf``.
    """
    powers = {prefix + unit: power for unit in units for prefix, power in _PREFIXES.items()} | {"": 0}

    def read(reply: str) -> float:
        value = value_of(reply)
        found = _NUMBER.fullmatch(value)
        power = powers.get(found[2] + found[3]) if found else None
        if found is None or power is None:
            raise ReplyError(
                f"the reply {reply!r} ends in {value!r}; expected: a number in {units[0]}",
                reply=reply,
                expected=f"a number and {units[0]}",
            )
        if "e" in found[1].lower() or "inf" in found[1]:
            return float(found[1]) * 10.0**power
        return float(f"{found[1]}e{power}")

    return read


def on_or_off(reply: str) -> bool:
    """Return whether a reply says ``ON``; anything but that and ``OFF`` raises ReplyError."""
    value = value_of(reply)
    if value not in {"ON", "OFF"}:
        raise ReplyError(
            f"the reply {reply!r} ends in {value!r}; expected: ON or OFF", reply=reply, expected="ON or OFF"
        )
    return value == "ON"


def puts(signal: str) -> Any:
    """Return what sets a signal of an instrument or of a channel, either of which has a `place` and `put`."""

    def put(host: Any, value: str | float | bool) -> None:
        if isinstance(value, bool):
            value = "ON" if value else "OFF"
        host.put(f"{host.place}:{signal}", value)

    return put


class MercuryInstrument(Instrument):
    """A Mercury instrument; open one of the models. Its legacy commands have to be off.

    Interfaces: LAN, a socket on port 7020; USB and RS-232 as serial lines; GPIB. Messages and replies end with a line
    feed.
    """

    serial_settings: ClassVar[Mapping[str, object]] = {"baud_rate": 115200}

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        transport_options: Mapping[str, object] | None = None,
        **options: Any,
    ) -> None:
        if isinstance(address, str) and address.upper().startswith("ASRL"):
            transport_options = {**self.serial_settings, **(transport_options or {})}
        super().__init__(name, address, transport_options=transport_options, **options)

    def identify(self) -> Identity:
        """Ask ``*IDN?``: ``IDN:OXFORD INSTRUMENTS:MERCURY dd:serial:firmware`` (section 10.3.2)."""
        if self.address is None:
            return super().identify()
        reply = self.query("*IDN?")
        fields = reply.strip().removeprefix("IDN:").split(":", _IDENTITY_FIELDS - 1)
        if len(fields) != _IDENTITY_FIELDS:
            raise ReplyError(
                f"'*IDN?' was answered by {reply!r}; expected: maker, model, serial number, firmware",
                who=self.who,
                command="*IDN?",
                reply=reply,
                expected="IDN:OXFORD INSTRUMENTS:MERCURY …:serial:firmware",
            )
        return Identity(*fields)

    def put(self, place: str, value: str | float) -> None:
        """Set what is at a place, and look at the answer.

        Raises
        ------
        InstrumentReportedError
            It is not confirmed as ``VALID``.
        """
        text = value if isinstance(value, str) else format_float(value)
        message = f"SET:{place}:{text}"
        reply = self.query(message)
        if not reply.rstrip().endswith(":VALID"):
            raise InstrumentReportedError(
                f"the instrument answered {message!r} by {reply!r}; expected: VALID at its end",
                who=self.who,
                state="It was not set, as far as is known.",
                advice="The value may be outside the limits in the instrument, or the front panel forbids it.",
                command=message,
                entries=((0, reply),),
            )
