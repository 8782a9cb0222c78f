"""Triggers, readings and memory, as the multimeters from the 34401A to the 34465A have them.

Sections: Truevolt Series DMM Operating and Service Guide, 34460-90901, "SCPI Programming Reference", whose editions
differ in their pages; 34401A User's Guide, 34401-90004, chapter 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from luthier import ScpiInstrument, parameter
from luthier.scpi import ArrayFormat
from luthier.validators import Ints, Numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Multimeter"]


def _count_of_readings(multimeter: Multimeter) -> int:
    return multimeter.trigger_count.known_or_read() * multimeter.sample_count.known_or_read()


def _indices_of_readings(multimeter: Multimeter) -> NDArray[np.int64]:
    return np.arange(_count_of_readings(multimeter))


def _count_in_memory(multimeter: Multimeter) -> int:
    # Asked each time, because every measurement changes it.
    return multimeter.memory_count()


def _indices_in_memory(multimeter: Multimeter) -> NDArray[np.int64]:
    return np.arange(multimeter.memory_count())


class Multimeter(ScpiInstrument):
    """What starts readings, the readings, and the memory for them; what a subclass can measure is its ``function``."""

    largest_trigger_count: ClassVar[int]
    largest_sample_count: ClassVar[int]

    # Triggers

    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={"immediate": "IMM", "external": "EXT", "bus": "BUS"},
        doc="What starts readings (TRIGger:SOURce).",
    )
    trigger_count = parameter(
        int,
        get_cmd="TRIG:COUN?",
        set_cmd="TRIG:COUN {}",
        validator=Ints(1, None),
        maximum=lambda multimeter: multimeter.largest_trigger_count,
        doc="Triggers of one start (TRIGger:COUNt).",
    )
    trigger_delay = parameter(
        float,
        get_cmd="TRIG:DEL?",
        set_cmd="TRIG:DEL {}",
        unit="s",
        validator=Numbers(0, 3600),
        doc="Time between trigger and reading. Setting it ends the automatic delay (TRIGger:DELay).",
    )
    trigger_auto_delay = parameter(
        bool,
        get_cmd="TRIG:DEL:AUTO?",
        set_cmd="TRIG:DEL:AUTO {}",
        depends_on=("trigger_delay",),
        doc="The instrument chooses the delay for function, range and integration time (TRIGger:DELay:AUTO).",
    )
    sample_count = parameter(
        int,
        get_cmd="SAMP:COUN?",
        set_cmd="SAMP:COUN {}",
        validator=Ints(1, None),
        maximum=lambda multimeter: multimeter.largest_sample_count,
        doc="Readings of one trigger (SAMPle:COUNt).",
    )
    terminals = parameter(
        str,
        get_cmd="ROUT:TERM?",
        mapping={"front": "FRON", "rear": "REAR"},
        snapshot=False,
        doc="Which terminals the switch is on (ROUTe:TERMinals).",
    )

    # Readings

    reading = parameter(
        float,
        get_cmd="READ?",
        unit="",
        snapshot=False,
        doc="One reading, in the unit of the function; an overload is infinite. With trigger_count or sample_count "
        "above 1 read readings instead (READ?).",
    )
    voltage = parameter(
        float,
        get_cmd="READ?",
        unit="V",
        relevant_when={"function": ("DC voltage", "AC voltage", "diode")},
        snapshot=False,
        doc="One reading of the voltage.",
    )
    current = parameter(
        float,
        get_cmd="READ?",
        unit="A",
        relevant_when={"function": ("DC current", "AC current")},
        snapshot=False,
        doc="One reading of the current.",
    )
    resistance = parameter(
        float,
        get_cmd="READ?",
        unit="Ω",
        relevant_when={"function": ("resistance", "four-wire resistance", "continuity")},
        snapshot=False,
        doc="One reading of the resistance.",
    )
    frequency = parameter(
        float,
        get_cmd="READ?",
        unit="Hz",
        relevant_when={"function": "frequency"},
        snapshot=False,
        doc="One reading of the frequency.",
    )
    period = parameter(
        float,
        get_cmd="READ?",
        unit="s",
        relevant_when={"function": "period"},
        snapshot=False,
        doc="One reading of the period.",
    )
    reading_index = parameter(
        np.ndarray,
        get_cmd=_indices_of_readings,
        shape=(_count_of_readings,),
        depends_on=("trigger_count", "sample_count"),
        snapshot=False,
        doc="Number of each reading of one start, from 0; computed.",
    )
    readings = parameter(
        np.ndarray,
        get_cmd="READ?",
        array=ArrayFormat(),
        shape=(_count_of_readings,),
        axes=("reading_index",),
        snapshot=False,
        doc="All readings of one start, trigger_count times sample_count, in the unit of the function (READ?). The "
        "connection's timeout has to be longer than they take.",
    )

    # Memory

    memory_count = parameter(
        int,
        get_cmd="DATA:POIN?",
        snapshot=False,
        doc="How many readings are in memory, for which models have different room (DATA:POINts?).",
    )
    memory_index = parameter(
        np.ndarray,
        get_cmd=_indices_in_memory,
        shape=("memory_count",),
        snapshot=False,
        doc="Number of each reading in memory, from 0; computed.",
    )
    memory = parameter(
        np.ndarray,
        get_cmd="FETC?",
        array=ArrayFormat(),
        shape=(_count_in_memory,),
        axes=("memory_index",),
        snapshot=False,
        doc="All readings in memory, which stay there, in the unit of the function; waits for those under way "
        "(FETCh?).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.add_function("start", "INIT", doc="Start measuring into memory, without waiting for the end (INITiate).")
