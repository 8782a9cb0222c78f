"""The Keithley 2182 and 2182A nanovoltmeters.

Commands and limits as known from PyMeasure 0.16, qcodes_contrib_drivers 0.24 and smaller projects; Model 2182/2182A
Nanovoltmeter User's Manual, 2182A-900-01, sections 12 to 15, was not at hand beyond page 12-7 (the identity).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import Channel, ScpiInstrument, parameter
from luthier.scpi import parse_float, parse_string
from luthier.validators import Enum, Ints, Numbers

from luthier_keithley import triggered_readings
from luthier_keithley.averaging import averaging_count_declaration, averaging_type_declaration

if TYPE_CHECKING:
    from luthier.parameter import Declaration

__all__ = ["Nanovoltmeter2182A"]

SPARE = 1.2 * (1 + 1e-6)  # a range may be answered with the largest reading of it


def _range(ranges: tuple[float, ...]) -> Declaration[float]:
    def nominal(reply: str) -> float:
        answered = parse_float(reply)
        return next((one for one in ranges if answered <= one * SPARE), answered)

    return parameter(
        float,
        get_cmd="SENS:VOLT:CHAN{number}:RANG?",
        set_cmd="SENS:VOLT:CHAN{number}:RANG {}",
        unit="V",
        validator=Enum(*ranges),
        get_parser=nominal,
        depends_on=("auto_range",),
        doc="Range, with 20 % to spare. Setting it ends automatic ranging (SENSe:VOLTage:CHANnel:RANGe).",
    )


class _Input(Channel):
    """How one channel measures voltage."""

    auto_range = parameter(
        bool,
        get_cmd="SENS:VOLT:CHAN{number}:RANG:AUTO?",
        set_cmd="SENS:VOLT:CHAN{number}:RANG:AUTO {}",
        depends_on=("range",),
        doc="The instrument chooses the range (SENSe:VOLTage:CHANnel:RANGe:AUTO).",
    )
    reference = parameter(
        float,
        get_cmd="SENS:VOLT:CHAN{number}:REF?",
        set_cmd="SENS:VOLT:CHAN{number}:REF {}",
        unit="V",
        maximum=lambda one: one.farthest,
        minimum=lambda one: -one.farthest,
        doc="What is subtracted from readings while relative is on (SENSe:VOLTage:CHANnel:REFerence).",
    )
    relative = parameter(
        bool,
        get_cmd="SENS:VOLT:CHAN{number}:REF:STAT?",
        set_cmd="SENS:VOLT:CHAN{number}:REF:STAT {}",
        doc="Whether the reference is subtracted (SENSe:VOLTage:CHANnel:REFerence:STATe).",
    )
    analog_filter = parameter(
        bool,
        get_cmd="SENS:VOLT:CHAN{number}:LPAS:STAT?",
        set_cmd="SENS:VOLT:CHAN{number}:LPAS:STAT {}",
        doc="Whether the low pass is in use; it slows readings down (SENSe:VOLTage:CHANnel:LPASs:STATe).",
    )
    averaging_type = averaging_type_declaration("SENS:VOLT:CHAN{number}:DFIL", "SENSe:VOLTage:CHANnel:DFILter:TCONtrol")
    averaging_count = averaging_count_declaration("SENS:VOLT:CHAN{number}:DFIL", "SENSe:VOLTage:CHANnel:DFILter:COUNt")
    averaging_window = parameter(
        float,
        get_cmd="SENS:VOLT:CHAN{number}:DFIL:WIND?",
        set_cmd="SENS:VOLT:CHAN{number}:DFIL:WIND {}",
        unit="%",
        validator=Numbers(0, 10),
        doc="A reading farther away than this part of the range starts the average anew "
        "(SENSe:VOLTage:CHANnel:DFILter:WINDow).",
    )
    averaging = parameter(
        bool,
        get_cmd="SENS:VOLT:CHAN{number}:DFIL:STAT?",
        set_cmd="SENS:VOLT:CHAN{number}:DFIL:STAT {}",
        doc="Whether readings are averaged (SENSe:VOLTage:CHANnel:DFILter:STATe).",
    )

    number = 1
    farthest = 120.0


class Input1(_Input):
    """Channel 1."""

    range = _range((0.01, 0.1, 1.0, 10.0, 100.0))


class Input2(_Input):
    """Channel 2, which is referred to the low side of channel 1."""

    number = 2
    farthest = 12.0
    range = _range((0.1, 1.0, 10.0))


class Nanovoltmeter2182A(ScpiInstrument):
    """Keithley 2182A: a nanovoltmeter with two channels, for voltages and thermocouples.

    Manual: Model 2182/2182A Nanovoltmeter User's Manual, 2182A-900-01, which was not at hand beyond page 12-7.

    Interfaces: GPIB (address 7 from the factory; replies end with a line feed) and RS-232. In delta mode it belongs to
    a 6221, over RS-232: see ``keithley.6221``.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. After switching on it measures by itself; for readings on request set ``continuous`` to
    ``False`` first, or :meth:`reset` it. ``input_1`` and ``input_2`` hold what each channel has for itself. It sources
    nothing, so there is nothing to make safe.

    >>> import luthier
    >>> with luthier.open("keithley.2182a", "sim://", name="nanovoltmeter") as meter:
    ...     meter.continuous(False)
    ...     meter.input_1.range(0.01)
    ...     round(meter.voltage(), 6)
    0.001
    """

    simulator = "keithley.2182a"

    function = parameter(
        str,
        get_cmd="SENS:FUNC?",
        set_cmd='SENS:FUNC "{}"',
        mapping={"DC voltage": "VOLT:DC", "temperature": "TEMP"},
        get_parser=parse_string,
        doc="What is measured (SENSe:FUNCtion).",
    )
    channel = parameter(
        int,
        get_cmd="SENS:CHAN?",
        set_cmd="SENS:CHAN {}",
        validator=Ints(0, 2),
        doc="Which channel measures; 0 is the sensor of temperature inside (SENSe:CHANnel).",
    )
    voltage_nplc = parameter(
        float,
        get_cmd="SENS:VOLT:NPLC?",
        set_cmd="SENS:VOLT:NPLC {}",
        unit="",
        validator=Numbers(0.01, 60),
        maximum="line_frequency",
        doc="Integration time of voltages in periods of the mains, up to 1 s (SENSe:VOLTage:NPLCycles).",
    )
    voltage_digits = parameter(
        int,
        get_cmd="SENS:VOLT:DIG?",
        set_cmd="SENS:VOLT:DIG {}",
        validator=Ints(4, 8),
        doc="Digits on the display: 4 means 3½, 8 means 7½ (SENSe:VOLTage:DIGits).",
    )
    temperature_nplc = parameter(
        float,
        get_cmd="SENS:TEMP:NPLC?",
        set_cmd="SENS:TEMP:NPLC {}",
        unit="",
        validator=Numbers(0.01, 60),
        maximum="line_frequency",
        doc="Integration time of temperatures in periods of the mains, up to 1 s (SENSe:TEMPerature:NPLCycles).",
    )
    thermocouple = parameter(
        str,
        get_cmd="SENS:TEMP:TC?",
        set_cmd="SENS:TEMP:TC {}",
        validator=Enum("B", "E", "J", "K", "N", "R", "S", "T"),
        doc="Type of the thermocouple (SENSe:TEMPerature:TCouple).",
    )
    reference_junction = parameter(
        str,
        get_cmd="SENS:TEMP:RJUN:RSEL?",
        set_cmd="SENS:TEMP:RJUN:RSEL {}",
        mapping={"internal": "INT", "simulated": "SIM"},
        doc="Whether the reference junction is measured inside, or at junction_temperature "
        "(SENSe:TEMPerature:RJUNction:RSELect).",
    )
    junction_temperature = parameter(
        float,
        get_cmd="SENS:TEMP:RJUN:SIM?",
        set_cmd="SENS:TEMP:RJUN:SIM {}",
        unit="°C",
        validator=Numbers(0, 60),
        doc="Temperature of the simulated reference junction (SENSe:TEMPerature:RJUNction:SIMulated).",
    )
    internal_temperature = parameter(
        float,
        get_cmd="SENS:TEMP:RTEM?",
        unit="°C",
        snapshot=False,
        doc="Temperature inside (SENSe:TEMPerature:RTEMperature).",
    )
    auto_zero = parameter(
        bool, get_cmd="SYST:AZER:STAT?", set_cmd="SYST:AZER:STAT {}", doc="Whether zero is measured with each reading."
    )
    front_auto_zero = parameter(
        bool,
        get_cmd="SYST:FAZ?",
        set_cmd="SYST:FAZ {}",
        doc="Whether the first stage is zeroed with each reading (SYSTem:FAZero).",
    )
    line_synchronisation = parameter(
        bool,
        get_cmd="SYST:LSYN?",
        set_cmd="SYST:LSYN {}",
        doc="Whether readings wait for the mains to cross zero (SYSTem:LSYNc).",
    )
    line_frequency = parameter(float, get_cmd="SYST:LFR?", unit="Hz", doc="Frequency of the mains (SYSTem:LFRequency).")
    display = parameter(bool, get_cmd="DISP:ENAB?", set_cmd="DISP:ENAB {}", doc="Whether the display is on.")
    continuous = triggered_readings.continuous.replace(
        doc="Whether it measures by itself, as it does after switching on (INITiate:CONTinuous)."
    )
    trigger_source = triggered_readings.trigger_source.replace(doc="What starts a reading (TRIGger:SOURce).")
    trigger_count = triggered_readings.trigger_count.replace(
        doc="Triggers of one start; 0: without end, as after switching on (TRIGger:COUNt)."
    )
    trigger_delay = triggered_readings.trigger_delay.replace(doc="Time between trigger and reading (TRIGger:DELay).")
    sample_count = triggered_readings.sample_count.replace(doc="Readings of one trigger (SAMPle:COUNt).")
    reading = triggered_readings.reading.replace(
        doc="One reading, in the unit of the function; an overflow is infinite (READ?)."
    )
    latest = triggered_readings.latest.replace(
        doc="The reading that was taken last, maybe long ago; starts none (FETCh?)."
    )
    voltage = parameter(
        float,
        get_cmd="READ?",
        unit="V",
        relevant_when={"function": "DC voltage", "continuous": False},
        snapshot=False,
        doc="One reading of the voltage.",
    )
    temperature = parameter(
        float,
        get_cmd="READ?",
        unit="°C",
        relevant_when={"function": "temperature", "continuous": False},
        snapshot=False,
        doc="One reading of the temperature; the instrument has to be set to °C, as it is from the factory.",
    )
    buffer_points = triggered_readings.buffer_points.replace(doc="How many readings fill the buffer (TRACe:POINts).")
    buffer_source = triggered_readings.buffer_source.replace(doc="What is stored (TRACe:FEED).")
    buffer_control = triggered_readings.buffer_control.replace(
        doc='"next" stores the coming readings until the buffer is full, "never" stores nothing (TRACe:FEED:CONTrol).'
    )
    buffer_index = triggered_readings.buffer_index
    buffer = triggered_readings.buffer.replace(
        doc="All readings of the full buffer, in the unit of the function (TRACe:DATA?)."
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.input_1 = Input1(self, "input_1")
        self.input_2 = Input2(self, "input_2")
        self.add_function("start", "INIT", doc="Start measuring, without waiting for the end (INITiate).")
        self.add_function("abort", "ABOR", doc="Stop measuring; continuous measuring starts again (ABORt).")
        self.add_function("clear_buffer", "TRAC:CLE", doc="Empty the buffer (TRACe:CLEar).")
