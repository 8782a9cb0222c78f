"""The Oxford Instruments Mercury iTC temperature controller.

The form of messages and the nouns of sensors, heaters, valves and control loops as in the handbook, issue 01, November
2011 (pages 108 to 113), and in the Operator's Manual, issue 05, February 2015 (pages 104, 105 and 114). Where the
firmware has other names than the handbook of 2011 (P, I and D; PERC), and for ramps, pressures, levels and alarms,
commands as known from PyMeasure, mercuryitc, frappy (PSI) and the emulator of ISIS; their pages were not at hand. Sweep
tables and calibrations are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from luthier import ChannelList
from luthier.errors import ReplyError, UsageError

from luthier_oxford_instruments.mercury import MercuryInstrument
from luthier_oxford_instruments.mercury_itc_parts import (
    Heater,
    LevelMeter,
    MercuryInput,
    MercuryLoop,
    MercuryPart,
    PressureSensor,
    Valve,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MercuryItc"]

_UID: Final = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)?", re.ASCII)
_CATALOGUE: Final = "STAT:SYS:CAT"
_ALARMS: Final = "STAT:SYS:ALRM"

PartT = TypeVar("PartT", bound=MercuryPart)


class MercuryItc(MercuryInstrument):
    """Oxford Instruments Mercury iTC: reads temperature sensors, and controls heaters and gas flows.

    What is fitted differs from one to the next; :meth:`catalogue` says it. Say the identifiers when it is opened: by
    default those of the motherboard, one sensor and one heater. Sensors are ``input1`` … or ``inputs[0]``, in the order
    in which they are named; each has its control loop, ``loop1`` … or ``loops[0]``. :meth:`make_safe` takes all heaters
    out of control, and sets them to zero.

    Opening it asks nothing and changes nothing.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Parameters
    ----------
    name, address, options
        As for :class:`MercuryInstrument`.
    sensors, heaters, valves, pressures, levels
        Identifiers of the boards for temperatures, heaters, needle valves, pressures and levels.

    >>> import luthier
    >>> with luthier.open("oxford_instruments.mercury_itc", "sim://", name="itc", heaters=["MB0.H1"]) as itc:
    ...     print(itc.input1.temperature(), itc.catalogue()["DB8.L1"])
    ...     itc.loop1.setpoint(10)
    ...     itc.loop1.automatic_heater(True)
    4.2 LVL
    """

    simulator = "oxford_instruments.mercury_itc"

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        sensors: Sequence[str] = ("MB1.T1",),
        heaters: Sequence[str] = ("MB0.H1",),
        valves: Sequence[str] = (),
        pressures: Sequence[str] = (),
        levels: Sequence[str] = (),
        **options: Any,
    ) -> None:
        for uids in (sensors, heaters, valves, pressures, levels):
            _check(name, uids)
        super().__init__(name, address, **options)
        self.inputs = self._parts("inputs", "input", MercuryInput, sensors)
        self.loops = self._parts("loops", "loop", MercuryLoop, sensors)
        self.heaters = self._parts("heaters", "heater", Heater, heaters)
        self.valves = self._parts("valves", "valve", Valve, valves)
        self.pressures = self._parts("pressures", "pressure", PressureSensor, pressures)
        self.levels = self._parts("levels", "level", LevelMeter, levels)

    def _parts(self, name: str, one: str, kind: type[PartT], uids: Sequence[str]) -> ChannelList[PartT]:
        parts = [kind(self, f"{one}{number}", uid) for number, uid in enumerate(uids, start=1)]
        return ChannelList(self, name, parts)

    def catalogue(self) -> dict[str, str]:
        """Ask what is fitted: the kind of each board (TEMP, HTR, AUX, PRES, LVL …) by its identifier (SYS:CAT)."""
        reply = self.query("READ:SYS:CAT").strip()
        entries = reply.removeprefix(_CATALOGUE).split(":DEV:")[1:]
        if not reply.startswith(_CATALOGUE) or not all(":" in entry for entry in entries):
            raise ReplyError(
                f"'READ:SYS:CAT' was answered by {reply!r}; expected: STAT:SYS:CAT, and an identifier and a kind each",
                who=self.who,
                command="READ:SYS:CAT",
                reply=reply,
                expected="STAT:SYS:CAT:DEV:…",
            )
        return dict(entry.split(":", 1) for entry in entries)

    def alarms(self) -> dict[str, str]:
        """Ask for the alarms: what is wrong, by the identifier of the board; empty: nothing (SYS:ALRM)."""
        reply = self.query("READ:SYS:ALRM").strip()
        if not reply.startswith(_ALARMS):
            raise ReplyError(
                f"'READ:SYS:ALRM' was answered by {reply!r}; expected: STAT:SYS:ALRM, and boards with their alarms",
                who=self.who,
                command="READ:SYS:ALRM",
                reply=reply,
                expected="STAT:SYS:ALRM:board and alarm, apart by a tabulator; …",
            )
        entries = reply.removeprefix(_ALARMS).removeprefix(":").split(";")
        return {board: alarm for board, _, alarm in (entry.partition("\t") for entry in entries) if board}

    def make_safe(self) -> None:
        """Take all heaters out of automatic control, and set them to zero; gas flows stay as they are.

        Only the loops of the sensors that it was opened with are known.
        """
        for loop in self.loops:
            loop.make_safe()


def _check(name: str, uids: Sequence[str]) -> None:
    if isinstance(uids, str) or not all(_UID.fullmatch(uid) for uid in uids) or len(set(uids)) < len(uids):
        raise UsageError(
            f"cannot take the identifiers {uids!r}: allowed is a list of different ones, such as ['MB1.T1', 'DB6.T1']",
            who=name,
            state="Nothing was opened.",
            advice="Open it without, and ask catalogue(): it says which there are.",
        )
