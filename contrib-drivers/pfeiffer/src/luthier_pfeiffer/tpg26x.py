"""The controllers of vacuum gauges TPG 261 and TPG 262.

Manual: TPG 261 Operating Instructions, BG 5195 BEN / A (2011-05), of which the pages 65 (what it sends by itself), 72
(states and the form of readings) and 76 to 79 (acknowledgements) were at hand. PR, UNI, TID and PNR as known from the
drivers of PyExpLabSys and pylablib, which agree; PR and PNR are so in the manual of the VGC402 of Inficon (p. 40) too.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, ClassVar, Final

from luthier import Channel, ChannelList, Instrument, parameter
from luthier.errors import InstrumentReportedError, OutOfStepError, ReplyError
from luthier.scpi import Identity

__all__ = ["Tpg261", "Tpg262", "VacuumGauge"]

END: Final = "\r\n"
ENQUIRY: Final = "\x05"
ACKNOWLEDGED: Final = "\x06"
REFUSED: Final = "\x15"
STATES: Final = ("ok", "under range", "over range", "sensor error", "sensor off", "no sensor", "identification error")
UNITS: Final = {"mbar": "0", "Torr": "1", "Pa": "2"}
PASCALS: Final = {"0": Decimal(100), "1": Decimal(101325) / 760, "2": Decimal(1)}  # so that no digit changes
_BY_ITSELF: Final = re.compile(r"[0-9,.+\- ]*E[+-]\d+[0-9,.E+\- ]*", re.ASCII)  # whole, or the end of a line
_MOST_LINES: Final = 4
_READING: Final = re.compile(r"\s*([0-6])\s*,\s*([+-]?\d+(?:\.\d*)?(?:[Ee][+-]?\d+)?)\s*", re.ASCII)


def _reading(gauge: VacuumGauge) -> tuple[str, Decimal]:
    """Ask for one gauge, and return its state, and the number in the unit of the display."""
    command = f"PR{gauge.number}"
    reply = gauge.controller.exchange(command)
    found = _READING.fullmatch(reply)
    if found is None:
        raise ReplyError(
            f"{command!r} was answered by {reply!r}; expected: a state and a number, such as 0,+1.2000E-06",
            who=gauge.full_name,
            command=command,
            reply=reply,
            expected="0 to 6, and a number",
        )
    return STATES[int(found[1])], Decimal(found[2])


def _pressure(gauge: VacuumGauge) -> float:
    with gauge.controller.monitor:
        unit = gauge.controller.read_unit()
        state, number = _reading(gauge)
    if state != "ok":
        raise InstrumentReportedError(
            f"there is no pressure: the gauge says {state!r}",
            who=gauge.full_name,
            state="Nothing was changed.",
            advice=f"Look at {gauge.full_name}.state and at the gauge.",
            command=f"PR{gauge.number}",
            entries=((STATES.index(state), state),),
        )
    return float(number * PASCALS[unit])


def _kind(gauge: VacuumGauge) -> str:
    kinds = [each.strip() for each in gauge.controller.exchange("TID").split(",")]
    if len(kinds) < gauge.number:
        raise ReplyError(
            f"'TID' was answered by {','.join(kinds)!r}; expected: one for each gauge",
            who=gauge.full_name,
            command="TID",
            reply=",".join(kinds),
            expected=f"{gauge.number} kinds or more",
        )
    return kinds[gauge.number - 1]


class VacuumGauge(Channel):
    """One gauge at the controller."""

    pressure = parameter(
        float,
        get_cmd=_pressure,
        unit="Pa",
        snapshot=False,
        doc="Pressure, in pascals whatever the display shows: its unit is asked for with each reading (UNI, PR). "
        "Refused where the gauge has none to tell, as under range: see state.",
    )
    state = parameter(
        str,
        get_cmd=lambda gauge: _reading(gauge)[0],
        snapshot=False,
        doc='"ok", "under range", "over range", "sensor error", "sensor off", "no sensor" or "identification error" '
        "(PR).",
    )
    kind = parameter(str, get_cmd=_kind, doc="Kind of the gauge, such as PKR, TPR or CMR; noSEn: there is none (TID).")

    def __init__(self, controller: Tpg262, name: str, number: int) -> None:
        self.controller = controller
        self.number = number
        super().__init__(controller, name)


class Tpg262(Instrument):
    """Pfeiffer Vacuum TPG 262 (DualGauge): reads two vacuum gauges.

    Interface: RS-232 (9600 baud, 8 data bits, no parity from the factory).

    After it was switched on it sends readings by itself, until the first character comes: these are skipped.

    Some pages of the manual were at hand; commands are as known from the drivers of PyExpLabSys and pylablib. Verified
    with the simulator and with scripted messages; not yet with hardware. Set points, filters and switching gauges on
    and off are not driven.

    Opening it sends nothing.

    >>> import luthier
    >>> with luthier.open("pfeiffer.tpg262", "sim://", name="vacuum") as vacuum:
    ...     vacuum.gauge1.pressure(), vacuum.gauge1.kind(), vacuum.gauge2.state()
    (0.00012, 'PKR', 'ok')
    """

    simulator = "pfeiffer.tpg262"
    write_termination = ""  # an enquiry is one byte
    read_termination = END

    count: ClassVar[int] = 2
    """How many gauges it has."""

    display_unit = parameter(
        str,
        get_cmd=lambda controller: controller.read_unit(),
        set_cmd=lambda controller, digit: controller.exchange(f"UNI,{digit}"),
        mapping=UNITS,
        doc="Unit of the display; readings are in pascals all the same (UNI).",
    )
    program_number = parameter(
        str, get_cmd=lambda controller: controller.exchange("PNR").strip(), doc="Version of the firmware (PNR)."
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.gauges = ChannelList(
            self, "gauges", [VacuumGauge(self, f"gauge{number}", number) for number in range(1, self.count + 1)]
        )

    def exchange(self, command: str) -> str:
        """Send a mnemonic, have it acknowledged, and return what the enquiry gives.

        Raises :class:`~luthier.errors.InstrumentReportedError` where the controller refuses the command, and
        :class:`~luthier.errors.ReplyError` where it answers by anything else.
        """
        with self.monitor:
            answer = self._answer(command + END)
            if answer == ACKNOWLEDGED:
                return self.query(ENQUIRY)
        if answer == REFUSED:
            raise InstrumentReportedError(
                f"the controller refused {command!r}",
                who=self.who,
                state="Nothing was changed.",
                command=command,
                entries=((0x15, "negative acknowledgement"),),
            )
        raise ReplyError(
            f"{command!r} was answered by {answer!r}; expected: an acknowledgement",
            who=self.who,
            command=command,
            reply=answer,
            expected="ACK or NAK",
        )

    def _answer(self, message: str) -> str:
        """Send a message, and return its answer without what the controller sent by itself before it (p. 65)."""
        for _ in range(_MOST_LINES):
            try:
                answer = self.query(message)
            except OutOfStepError:  # readings had come before it was sent; they were thrown away, and nothing was sent
                continue
            break
        else:
            answer = self.query(message)
        for _ in range(_MOST_LINES):
            if not _BY_ITSELF.fullmatch(answer):
                break
            answer = self._transport.read().decode("latin-1")
        return answer

    def read_unit(self) -> str:
        """Ask for the unit of the display, and return its digit: 0 mbar, 1 Torr, 2 Pa."""
        digit = self.exchange("UNI").strip()
        if digit not in PASCALS:
            raise ReplyError(
                f"'UNI' was answered by {digit!r}; expected: 0 (mbar), 1 (Torr) or 2 (Pa)",
                who=self.who,
                command="UNI",
                reply=digit,
                expected="0, 1 or 2",
            )
        return digit

    def identify(self) -> Identity:
        """Ask for the firmware; the controller does not know *IDN?."""
        return Identity("Pfeiffer Vacuum", f"TPG 26{self.count}", "", self.program_number.get())


class Tpg261(Tpg262):
    """Pfeiffer Vacuum TPG 261 (SingleGauge): reads one vacuum gauge; all else as the TPG 262.

    >>> import luthier
    >>> with luthier.open("pfeiffer.tpg261", "sim://", name="vacuum") as vacuum:
    ...     vacuum.gauge1.pressure()
    0.00012
    """

    simulator = "pfeiffer.tpg261"
    count = 1
