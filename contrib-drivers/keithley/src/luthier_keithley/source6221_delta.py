"""Delta mode of a 6221: the current changes its sign, and thermoelectric voltages cancel.

Pages: see :mod:`luthier_keithley.source6221`.
"""

from __future__ import annotations

import time
from math import inf, isinf
from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, group, parameter
from luthier.errors import IrrelevantParameterError, ReplyError, ResponseTimeoutError
from luthier.scpi import ArrayFormat, format_string, parse_float
from luthier.validators import AnyOf, Enum, Numbers

from luthier_keithley.source6221_wave import LARGEST_CURRENT, finite_or_inf

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Delta"]

POLL = 0.05
PATIENCE = 5.0
MOST_READINGS = 65_536
ELEMENTS = ("reading", "time")
TEXT = ArrayFormat()


def _indices(delta: Delta) -> NDArray[np.int64]:
    return np.arange(delta.stored())


def _record(delta: Delta) -> dict[str, NDArray[np.float64]]:
    stored = delta.stored()
    numbers = delta.query_array("TRAC:DATA?", TEXT) if stored else np.empty(0)
    if len(numbers) < stored * len(ELEMENTS) or len(numbers) % len(ELEMENTS):
        raise ReplyError(
            f"TRAC:DATA? was answered by {len(numbers)} numbers; expected: {stored} readings with their times",
            command="TRAC:DATA?",
            reply=f"{len(numbers)} numbers",
            expected=f"{stored} times {len(ELEMENTS)} numbers",
            advice='Set elements to "READ,TST" before delta mode is started.',
        )
    readings, times = numbers.reshape(-1, len(ELEMENTS))[:stored].T
    return {"readings": readings, "times": times}


class Delta(Channel):
    """Delta mode: set up, ``arm()``, ``start()``, read, and ``abort()``; or :meth:`measure`, which does it all.

    The readings come from a nanovoltmeter on the RS-232 socket, which is spoken to with :meth:`send` and :meth:`ask`.
    Arming gives the buffer the size of ``count``, and switches the output on (page 6-12).
    """

    nanovoltmeter_present = parameter(
        bool,
        get_cmd="SOUR:DELT:NVPR?",
        snapshot=False,
        doc="Whether a 2182 or 2182A answers (SOURce:DELTa:NVPResent).",
    )
    high = parameter(
        float,
        get_cmd="SOUR:DELT:HIGH?",
        set_cmd="SOUR:DELT:HIGH {}",
        unit="A",
        validator=Numbers(0, LARGEST_CURRENT),
        depends_on=("low",),
        doc="The upper current; setting it makes the lower one its negative (SOURce:DELTa:HIGH).",
    )
    low = parameter(
        float,
        get_cmd="SOUR:DELT:LOW?",
        set_cmd="SOUR:DELT:LOW {}",
        unit="A",
        validator=Numbers(-LARGEST_CURRENT, 0),
        doc="The lower current (SOURce:DELTa:LOW).",
    )
    delay = parameter(
        float,
        get_cmd="SOUR:DELT:DEL?",
        set_cmd="SOUR:DELT:DEL {}",
        unit="s",
        validator=Numbers(1e-3, 9999.999),
        doc="Time between a change of the current and its measurement (SOURce:DELTa:DELay).",
    )
    count = parameter(
        float,
        get_cmd="SOUR:DELT:COUN?",
        set_cmd="SOUR:DELT:COUN {}",
        unit="",
        validator=AnyOf(Numbers(1, MOST_READINGS), Enum(inf)),
        set_parser=finite_or_inf,
        doc="How many readings are taken; the first 65536 are stored (SOURce:DELTa:COUNt; page 6-12).",
    )
    compliance_abort = parameter(
        bool,
        get_cmd="SOUR:DELT:CAB?",
        set_cmd="SOUR:DELT:CAB {}",
        doc="Whether it stops when the source is in compliance (SOURce:DELTa:CABort).",
    )
    cold_switching = parameter(
        bool,
        get_cmd="SOUR:DELT:CSW?",
        set_cmd="SOUR:DELT:CSW {}",
        doc="Whether the current goes to 0 before the polarity changes (SOURce:DELTa:CSWitch).",
    )
    reading_unit = parameter(
        str,
        get_cmd="UNIT:VOLT:DC?",
        set_cmd="UNIT:VOLT:DC {}",
        mapping={"V": "V", "Ω": "OHMS", "W": "W", "S": "SIEM"},
        doc="What readings are in (UNIT:VOLTage:DC).",
    )
    armed = parameter(
        bool, get_cmd="SOUR:DELT:ARM?", snapshot=False, doc="Whether delta mode is armed (SOURce:DELTa:ARM)."
    )
    latest = parameter(
        float,
        get_cmd="SENS:DATA?",
        unit="",
        get_parser=lambda reply: parse_float(reply.split(",", maxsplit=1)[0]),
        snapshot=False,
        doc="The reading that was taken last, in reading_unit; an overflow is infinite (SENSe:DATA:LATest, page 5-15).",
    )
    stored = parameter(
        int, get_cmd="TRAC:POIN:ACT?", snapshot=False, doc="How many readings are in the buffer (table 6-4)."
    )
    index = parameter(
        np.ndarray, get_cmd=_indices, shape=("stored",), snapshot=False, doc="Number of each reading, from 0; computed."
    )
    readings = parameter(
        np.ndarray,
        group="record",
        unit="",
        shape=("stored",),
        axes=("index",),
        snapshot=False,
        doc="What is in the buffer, in the reading_unit.",
    )
    times = parameter(
        np.ndarray,
        group="record",
        unit="s",
        shape=("stored",),
        axes=("index",),
        snapshot=False,
        doc="When each of them was taken, since the first one.",
    )
    record = group(
        "readings",
        "times",
        get_cmd=_record,
        doc="Reads all that is stored; an overflow is infinite (TRACe:DATA?, table 6-4 and page 13-7).",
    )

    def __init__(self, parent: Any, name: str) -> None:
        super().__init__(parent, name)
        self.add_function("arm", "SOUR:DELT:ARM", doc="Prepare source and nanovoltmeter (SOURce:DELTa:ARM).")
        self.add_function("start", "INIT:IMM", doc="Start the armed delta mode (INITiate).")
        self.add_function("abort", "SOUR:SWE:ABOR", doc="Stop delta mode (SOURce:SWEep:ABORt).")
        self.add_function("clear", "TRAC:CLE", doc="Empty the buffer (TRACe:CLEar, table 6-4).")

    def measure(self, timeout: float) -> NDArray[np.float64]:
        """Take ``count`` readings, and return them in ``reading_unit``.

        The buffer is emptied, delta mode armed and started, the buffer asked until it is full, and delta mode stopped,
        also where something fails meanwhile. ``times`` reads when they were taken.

        Parameters
        ----------
        timeout
            After how many seconds to give up. A reading takes ``delay`` and what the nanovoltmeter needs.

        Raises
        ------
        IrrelevantParameterError
            There is no nanovoltmeter, or ``count`` is infinite. Nothing was armed.
        ResponseTimeoutError
            The readings have not come in time. Delta mode is stopped; what has come is in the buffer.
        """
        wanted = self.count()
        if isinf(wanted):
            raise self._refusal("count is infinite", "Set a count, or call arm() and start(), and read latest.")
        if not self.nanovoltmeter_present():
            raise self._refusal(
                "no nanovoltmeter answers",
                "Check the RS-232 cable, and 19200 baud and RS-232 in the menu of the 2182A.",
            )
        call = self.functions
        call["clear"]()
        try:
            call["arm"]()
            call["start"]()
            self._wait(int(wanted), timeout)
        finally:
            call["abort"]()
        readings: NDArray[np.float64] = self.readings()
        return readings

    def _refusal(self, why: str, advice: str) -> IrrelevantParameterError:
        return IrrelevantParameterError(
            f"cannot measure in delta mode: {why}",
            who=self.full_name,
            state="Nothing was armed.",
            advice=advice,
            condition="a nanovoltmeter answers, and count is finite",
        )

    def _wait(self, wanted: int, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while (stored := self.stored()) < wanted:
            if time.monotonic() > deadline:
                raise ResponseTimeoutError(
                    f"{stored} of {wanted} readings have come within {timeout:g} s",
                    who=self.full_name,
                    state="Delta mode is stopped; what has come is in the buffer.",
                    advice="Allow more time, or check the trigger link and compliance.",
                )
            time.sleep(POLL)

    def send(self, message: str) -> None:
        """Send a message to the nanovoltmeter, through the source (SYSTem:COMMunicate:SERial:SEND)."""
        self.write(f"SYST:COMM:SER:SEND {format_string(message)}")

    def ask(self, message: str) -> str:
        """Send a query to the nanovoltmeter, and return its reply (SYSTem:COMMunicate:SERial:ENTer?).

        Raises
        ------
        ResponseTimeoutError
            There is no reply within 5 s.
        """
        self.send(message)
        deadline = time.monotonic() + PATIENCE
        while not (reply := self.query("SYST:COMM:SER:ENT?").strip()):
            if time.monotonic() > deadline:
                raise ResponseTimeoutError(
                    f"the nanovoltmeter has not answered {message!r} within {PATIENCE:g} s",
                    who=self.full_name,
                    state="The message was sent to it.",
                    advice="Check nanovoltmeter_present, and that the message is a query.",
                )
            time.sleep(POLL)
        return reply
