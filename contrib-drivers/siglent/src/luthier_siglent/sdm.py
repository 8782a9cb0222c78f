"""The Siglent SDM3045X, SDM3055 and SDM3065X multimeters.

Sections: SDM3045X Remote Manual, RC06034-E01A, SDM3055 Remote Manual, RC06035-E01A, and SDM3065X Remote Manual. Of
these only pages were at hand (the language, TRIGger:COUNt); the other commands are known from two projects, of which
one, tried with an SDM3055, retells the manuals of all three and says where the instrument does otherwise: resistances
are answered as ``RESISTANCE`` and ``FRESISTANCE``, and DC as ``VOLT`` and ``CURR``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from luthier import ScpiInstrument, parameter
from luthier.scpi import ArrayFormat, parse_string
from luthier.validators import Enum, Ints, Numbers

from luthier_siglent.sdm_functions import (
    AcCurrent,
    AcVoltage,
    Capacitance,
    DcCurrent,
    DcVoltage,
    FilteredDcCurrent,
    FilteredDcVoltage,
    FourWireResistance,
    Frequency,
    Period,
    Resistance,
    Temperature,
)
from luthier_siglent.sdm_models import (
    AcCurrent3045X,
    AcCurrent3065X,
    AcVoltage3045X,
    AcVoltage3065X,
    Capacitance3065X,
    DcCurrent3045X,
    DcCurrent3065X,
    DcVoltage3045X,
    DcVoltage3065X,
    FourWireResistance3045X,
    FourWireResistance3065X,
    Frequency3045X,
    Frequency3065X,
    Period3045X,
    Period3065X,
    Resistance3045X,
    Resistance3065X,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Multimeter", "Sdm3045x", "Sdm3055", "Sdm3065x"]

FUNCTIONS = {
    "DC voltage": "VOLT:DC",
    "AC voltage": "VOLT:AC",
    "DC current": "CURR:DC",
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
ANSWERED = {"VOLT": "VOLT:DC", "CURR": "CURR:DC", "RESISTANCE": "RES", "FRESISTANCE": "FRES"}
"""What functions are answered as, where that is not what is set."""


def _function(reply: str) -> str:
    word = parse_string(reply).upper()
    return ANSWERED.get(word, word)


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
    """What the three models have in common; the classes of the measuring functions say what a model can do."""

    dc_voltage_class: ClassVar[type[DcVoltage]] = FilteredDcVoltage
    ac_voltage_class: ClassVar[type[AcVoltage]] = AcVoltage
    dc_current_class: ClassVar[type[DcCurrent]] = FilteredDcCurrent
    ac_current_class: ClassVar[type[AcCurrent]] = AcCurrent
    resistance_class: ClassVar[type[Resistance]] = Resistance
    four_wire_class: ClassVar[type[Resistance]] = FourWireResistance
    capacitance_class: ClassVar[type[Capacitance]] = Capacitance
    frequency_class: ClassVar[type[Frequency]] = Frequency
    period_class: ClassVar[type[Period]] = Period

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
        doc="What temperature readings are in (UNIT:TEMPerature). The parameter temperature is read only in kelvins.",
    )
    continuity_threshold = parameter(
        float,
        get_cmd="CONT:THR:VAL?",
        set_cmd="CONT:THR:VAL {}",
        unit="Ω",
        validator=Numbers(0, 2000),
        doc="Up to here the continuity test beeps (CONTinuity:THReshold:VALue).",
    )
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
        validator=Ints(1, 1_000_000),
        doc="Triggers of one start (TRIGger:COUNt, SDM3045X manual page 91).",
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
        doc="The instrument chooses the delay (TRIGger:DELay:AUTO).",
    )
    sample_count = parameter(
        int,
        get_cmd="SAMP:COUN?",
        set_cmd="SAMP:COUN {}",
        validator=Ints(1, 599_999_999),
        doc="Readings of one trigger; the memory holds 10 000 (SAMPle:COUNt).",
    )

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
        unit="K",
        relevant_when={"function": "temperature", "temperature_unit": "K"},
        snapshot=False,
        doc="One reading of the temperature, by the sensor that was chosen at the front.",
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
    memory_count = parameter(
        int,
        get_cmd="DATA:POIN?",
        snapshot=False,
        doc="How many readings are in memory (DATA:POINts?).",
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
        self.dc_voltage = self.dc_voltage_class(self, "dc_voltage")
        self.ac_voltage = self.ac_voltage_class(self, "ac_voltage")
        self.dc_current = self.dc_current_class(self, "dc_current")
        self.ac_current = self.ac_current_class(self, "ac_current")
        self.two_wire_resistance = self.resistance_class(self, "two_wire_resistance")
        self.four_wire_resistance = self.four_wire_class(self, "four_wire_resistance")
        self.capacitor = self.capacitance_class(self, "capacitor")
        self.frequency_counter = self.frequency_class(self, "frequency_counter")
        self.period_counter = self.period_class(self, "period_counter")
        self.thermometer = Temperature(self, "thermometer")
        self.add_function("start", "INIT", doc="Start measuring into memory, without waiting for the end (INITiate).")
        self.add_function("abort", "ABOR", doc="Stop measuring; what is in memory stays (ABORt).")


class Sdm3055(Multimeter):
    """Siglent SDM3055 and SDM3055A: multimeters of 5½ digits.

    Manual: SDM3055 Remote Manual, RC06035-E01A, of which only pages were at hand.

    Interfaces: USB and LAN (VXI-11, and a socket on port 5025), GPIB by an adapter; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing, except that any message puts it into its remote state. Each function keeps its own
    settings: ``dmm.dc_voltage.range``. It sources nothing that could do harm, so there is nothing to make safe. The
    sensor of temperatures, statistics, limits and the scanner card are left out.

    >>> import luthier
    >>> with luthier.open("siglent.sdm3055", "sim://", name="dmm") as dmm:
    ...     dmm.function("DC voltage")
    ...     dmm.dc_voltage.nplc(1)
    ...     round(dmm.voltage(), 3)
    1.0
    """

    simulator = "siglent.sdm3055"


class Sdm3045x(Multimeter):
    """Siglent SDM3045X: a multimeter of 4½ digits, with ranges that begin with a 6.

    Manual: SDM3045X Remote Manual, RC06034-E01A, of which only pages were at hand.

    Interfaces: as the SDM3055. Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing, except that any message puts it into its remote state; it sources nothing.

    >>> import luthier
    >>> with luthier.open("siglent.sdm3045x", "sim://", name="dmm") as dmm:
    ...     dmm.dc_voltage.range(6)
    ...     round(dmm.voltage(), 3)
    1.0
    """

    simulator = "siglent.sdm3045x"
    dc_voltage_class = DcVoltage3045X
    ac_voltage_class = AcVoltage3045X
    dc_current_class = DcCurrent3045X
    ac_current_class = AcCurrent3045X
    resistance_class = Resistance3045X
    four_wire_class = FourWireResistance3045X
    frequency_class = Frequency3045X
    period_class = Period3045X


class Sdm3065x(Multimeter):
    """Siglent SDM3065X and SDM3065X-SC: multimeters of 6½ digits.

    Manual: SDM3065X Remote Manual, as other projects retell it; the manual was not at hand.

    Interfaces: as the SDM3055. Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing, except that any message puts it into its remote state; it sources nothing. The scanner
    card of the SDM3065X-SC is left out.

    >>> import luthier
    >>> with luthier.open("siglent.sdm3065x", "sim://", name="dmm") as dmm:
    ...     dmm.two_wire_resistance.nplc(100)
    ...     dmm.function("resistance")
    ...     round(dmm.resistance())
    1000
    """

    simulator = "siglent.sdm3065x"
    dc_voltage_class = DcVoltage3065X
    ac_voltage_class = AcVoltage3065X
    dc_current_class = DcCurrent3065X
    ac_current_class = AcCurrent3065X
    resistance_class = Resistance3065X
    four_wire_class = FourWireResistance3065X
    capacitance_class = Capacitance3065X
    frequency_class = Frequency3065X
    period_class = Period3065X
