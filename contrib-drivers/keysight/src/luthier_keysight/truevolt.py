"""The Keysight 34461A, of the Truevolt series.

Sections: Truevolt Series DMM Operating and Service Guide, 34460-90901, "SCPI Programming Reference"; editions differ in
their pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import ScpiInstrument, parameter
from luthier.scpi import ArrayFormat, parse_string
from luthier.validators import Enum, Ints, Numbers

from luthier_keysight.truevolt_functions import (
    AcCurrent,
    AcVoltage,
    Capacitance,
    DcCurrent,
    DcVoltage,
    FourWireResistance,
    Frequency,
    Period,
    Resistance,
    Temperature,
)

if TYPE_CHECKING:
    from luthier.parameter import Parameter
    from numpy.typing import NDArray

__all__ = ["Multimeter34461A"]

FUNCTIONS = {
    "DC voltage": "VOLT",
    "AC voltage": "VOLT:AC",
    "DC current": "CURR",
    "AC current": "CURR:AC",
    "resistance": "RES",
    "four-wire resistance": "FRES",
    "frequency": "FREQ",
    "period": "PER",
    "temperature": "TEMP",
    "capacitance": "CAP",
    "diode": "DIOD",
    "continuity": "CONT",
}
LARGEST_COUNT = 1_000_000


def _function(reply: str) -> str:
    return parse_string(reply).removesuffix(":DC")


def _known(setting: Parameter[int]) -> int:
    value = setting.cache.value if setting.cache.valid else None
    return setting.get() if value is None else value


def _count_of_readings(multimeter: Multimeter34461A) -> int:
    return _known(multimeter.trigger_count) * _known(multimeter.sample_count)


def _indices_of_readings(multimeter: Multimeter34461A) -> NDArray[np.int64]:
    return np.arange(_count_of_readings(multimeter))


def _count_in_memory(multimeter: Multimeter34461A) -> int:
    # Asked each time, because every measurement changes it.
    return multimeter.memory_count()


def _indices_in_memory(multimeter: Multimeter34461A) -> NDArray[np.int64]:
    return np.arange(multimeter.memory_count())


class Multimeter34461A(ScpiInstrument):
    """Keysight (Agilent) 34461A: a multimeter of 6½ digits.

    Manual: Truevolt Series DMM Operating and Service Guide, 34460-90901; the commands are under their names in the
    section "SCPI Programming Reference".

    Interfaces: USB, LAN (VXI-11, HiSLIP, or a socket on port 5025), and GPIB as an option; replies end with a line
    feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. Each function keeps its own settings: ``dmm.dc_voltage.range``,
    ``dmm.four_wire_resistance.nplc``. It sources nothing that could do harm, so there is nothing to make safe.

    >>> import luthier
    >>> with luthier.open("keysight.34461a", "sim://", name="dmm") as dmm:
    ...     dmm.dc_voltage.nplc(1)
    ...     dmm.function("DC voltage")
    ...     round(dmm.voltage(), 3)
    1.0
    """

    simulator = "keysight.34461a"

    function = parameter(
        str,
        get_cmd="FUNC?",
        set_cmd='FUNC "{}"',
        mapping=FUNCTIONS,
        get_parser=_function,
        doc="What is measured (SENSe:FUNCtion).",
    )
    temperature_unit = parameter(
        str,
        get_cmd="UNIT:TEMP?",
        set_cmd="UNIT:TEMP {}",
        validator=Enum("C", "F", "K"),
        doc="What temperature readings are in (UNIT:TEMPerature). The parameter temperature is read only in °C.",
    )

    # Triggers

    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={"immediate": "IMM", "external": "EXT", "bus": "BUS"},
        doc="What starts readings (TRIGger:SOURce).",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG:SLOP?",
        set_cmd="TRIG:SLOP {}",
        mapping={"rising": "POS", "falling": "NEG"},
        doc="Which edge of an external trigger counts (TRIGger:SLOPe).",
    )
    trigger_count = parameter(
        int,
        get_cmd="TRIG:COUN?",
        set_cmd="TRIG:COUN {}",
        validator=Ints(1, LARGEST_COUNT),
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
        validator=Ints(1, LARGEST_COUNT),
        doc="Readings of one trigger (SAMPle:COUNt).",
    )
    terminals = parameter(
        str,
        get_cmd="ROUT:TERM?",
        mapping={"front": "FRON", "rear": "REAR"},
        snapshot=False,
        doc="Which terminals the switch is on (ROUTe:TERMinals).",
    )
    data_format = parameter(
        str,
        get_cmd="FORM:DATA?",
        set_cmd="FORM:DATA {}",
        validator=Enum("ASC"),
        doc='How readings are sent; this driver reads text, "ASC" (FORMat:DATA).',
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
    capacitance = parameter(
        float,
        get_cmd="READ?",
        unit="F",
        relevant_when={"function": "capacitance"},
        snapshot=False,
        doc="One reading of the capacitance.",
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
    temperature = parameter(
        float,
        get_cmd="READ?",
        unit="°C",
        relevant_when={"function": "temperature", "temperature_unit": "C"},
        snapshot=False,
        doc="One reading of the temperature.",
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
        int, get_cmd="DATA:POIN?", snapshot=False, doc="How many readings are in memory, at most 10,000 (DATA:POINts?)."
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
        self.dc_voltage = DcVoltage(self, "dc_voltage")
        self.ac_voltage = AcVoltage(self, "ac_voltage")
        self.dc_current = DcCurrent(self, "dc_current")
        self.ac_current = AcCurrent(self, "ac_current")
        self.two_wire_resistance = Resistance(self, "two_wire_resistance")
        self.four_wire_resistance = FourWireResistance(self, "four_wire_resistance")
        self.capacitor = Capacitance(self, "capacitor")
        self.frequency_counter = Frequency(self, "frequency_counter")
        self.period_counter = Period(self, "period_counter")
        self.thermometer = Temperature(self, "thermometer")
        self.add_function("start", "INIT", doc="Start measuring into memory, without waiting for the end (INITiate).")
        self.add_function("abort", "ABOR", doc="Stop measuring; what is in memory stays (ABORt).")
