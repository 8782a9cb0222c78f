"""The Keithley 2000 multimeter.

Sections and pages: Model 2000 Multimeter User's Manual, 2000-900-01 Rev. J, August 2010.
"""

from __future__ import annotations

from typing import Any

from luthier import ScpiInstrument, parameter
from luthier.scpi import parse_string
from luthier.validators import Enum, Numbers

from luthier_keithley import triggered_readings
from luthier_keithley.multimeter2000_functions import (
    AcCurrent,
    AcVoltage,
    DcCurrent,
    DcVoltage,
    FourWireResistance,
    Resistance,
    Temperature,
)

__all__ = ["Multimeter2000"]

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
    "diode": "DIOD",
    "continuity": "CONT",
}


class Multimeter2000(ScpiInstrument):
    """Keithley 2000: a multimeter of 6½ digits.

    Manual: Model 2000 Multimeter User's Manual, 2000-900-01 Rev. J, August 2010; pages are cited as in print.

    Interfaces: GPIB (address 16 from the factory; replies end with a line feed) and RS-232 (the end of messages is
    chosen on the front panel, and has to agree with ``read_termination``).

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. After switching on it measures by itself; for readings on request set ``continuous`` to
    ``False`` first, or :meth:`reset` it. Each function keeps its own settings: ``dmm.dc_voltage.range``,
    ``dmm.four_wire_resistance.nplc``. It sources nothing that could do harm, so there is nothing to make safe.

    >>> import luthier
    >>> with luthier.open("keithley.2000", "sim://", name="dmm") as dmm:
    ...     dmm.dc_voltage.range(10)
    ...     dmm.function("DC voltage")
    ...     round(dmm.voltage(), 2)
    1.0
    """

    simulator = "keithley.2000"

    function = parameter(
        str,
        get_cmd="FUNC?",
        set_cmd='FUNC "{}"',
        mapping=FUNCTIONS,
        get_parser=parse_string,
        doc="What is measured ([SENSe[1]] subsystem, FUNCtion).",
    )
    auto_zero = parameter(
        bool,
        get_cmd="SYST:AZER:STAT?",
        set_cmd="SYST:AZER:STAT {}",
        relevant_when={"continuous": False},
        doc="Whether zero and reference are measured with each reading (SYSTem subsystem).",
    )
    temperature_unit = parameter(
        str,
        get_cmd="UNIT:TEMP?",
        set_cmd="UNIT:TEMP {}",
        validator=Enum("C", "F", "K"),
        doc="What temperature readings are in (UNIT subsystem). The parameter temperature is read only in °C.",
    )
    beeper = parameter(
        bool,
        get_cmd="SYST:BEEP:STAT?",
        set_cmd="SYST:BEEP:STAT {}",
        doc="Whether it beeps (SYSTem subsystem).",
    )

    # Triggers

    continuous = triggered_readings.continuous.replace(
        doc="Whether it measures by itself, as it does after switching on; after *RST it waits (page 5-70)."
    )
    trigger_source = triggered_readings.trigger_source.replace(doc="What starts a reading (figure 4-11).")
    trigger_timer = parameter(
        float,
        get_cmd="TRIG:TIM?",
        set_cmd="TRIG:TIM {}",
        unit="s",
        validator=Numbers(0.001, 999999.999),
        doc='Interval of the trigger source "timer" (Trigger subsystem).',
    )
    trigger_count = triggered_readings.trigger_count.replace(
        doc="Triggers of one start; 0: without end, as after switching on (Trigger subsystem)."
    )
    trigger_delay = triggered_readings.trigger_delay.replace(
        doc="Time between trigger and reading. Setting it ends the automatic delay (Trigger subsystem)."
    )
    trigger_auto_delay = parameter(
        bool,
        get_cmd="TRIG:DEL:AUTO?",
        set_cmd="TRIG:DEL:AUTO {}",
        depends_on=("trigger_delay",),
        doc="The instrument chooses the delay for function and range (Trigger subsystem).",
    )
    sample_count = triggered_readings.sample_count.replace(doc="Readings of one trigger (Trigger subsystem).")
    front_terminals = parameter(
        bool,
        get_cmd="SYST:FRSW?",
        snapshot=False,
        doc="Whether the switch is on the front terminals (SYSTem subsystem).",
    )
    elements = parameter(
        str,
        get_cmd="FORM:ELEM?",
        set_cmd="FORM:ELEM {}",
        validator=Enum("READ"),
        doc='What is sent with a reading; this driver reads numbers alone, "READ" (page 5-30).',
    )
    data_format = parameter(
        str,
        get_cmd="FORM:DATA?",
        set_cmd="FORM:DATA {}",
        validator=Enum("ASC"),
        doc='How the buffer is sent; this driver reads text, "ASC" (page 5-28).',
    )

    # Readings

    reading = triggered_readings.reading.replace(
        doc="One reading, in the unit of the function; an overflow is infinite (READ?, section 5, signal oriented "
        "commands; page 5-28)."
    )
    latest = triggered_readings.latest.replace(
        doc="The reading that was taken last, maybe long ago; starts none (FETCh?, section 5, signal oriented "
        "commands)."
    )
    voltage = parameter(
        float,
        get_cmd="READ?",
        unit="V",
        relevant_when={"function": ("DC voltage", "AC voltage", "diode"), "continuous": False},
        snapshot=False,
        doc="One reading of the voltage.",
    )
    current = parameter(
        float,
        get_cmd="READ?",
        unit="A",
        relevant_when={"function": ("DC current", "AC current"), "continuous": False},
        snapshot=False,
        doc="One reading of the current.",
    )
    resistance = parameter(
        float,
        get_cmd="READ?",
        unit="Ω",
        relevant_when={"function": ("resistance", "four-wire resistance", "continuity"), "continuous": False},
        snapshot=False,
        doc="One reading of the resistance.",
    )
    frequency = parameter(
        float,
        get_cmd="READ?",
        unit="Hz",
        relevant_when={"function": "frequency", "continuous": False},
        snapshot=False,
        doc="One reading of the frequency.",
    )
    period = parameter(
        float,
        get_cmd="READ?",
        unit="s",
        relevant_when={"function": "period", "continuous": False},
        snapshot=False,
        doc="One reading of the period.",
    )
    temperature = parameter(
        float,
        get_cmd="READ?",
        unit="°C",
        relevant_when={"function": "temperature", "temperature_unit": "C", "continuous": False},
        snapshot=False,
        doc="One reading of the temperature.",
    )

    # The buffer

    buffer_points = triggered_readings.buffer_points.replace(
        doc="How many readings fill the buffer (TRACe subsystem, page 5-68)."
    )
    buffer_source = triggered_readings.buffer_source.replace(doc="What is stored (TRACe subsystem, page 5-68).")
    buffer_control = triggered_readings.buffer_control.replace(
        doc='"next" stores the coming readings until the buffer is full, "never" stores nothing (TRACe subsystem).'
    )
    buffer_index = triggered_readings.buffer_index
    buffer = triggered_readings.buffer.replace(
        doc="All readings of the full buffer, in the unit of the function (TRACe subsystem, page 5-68)."
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.dc_voltage = DcVoltage(self, "dc_voltage")
        self.ac_voltage = AcVoltage(self, "ac_voltage")
        self.dc_current = DcCurrent(self, "dc_current")
        self.ac_current = AcCurrent(self, "ac_current")
        self.two_wire_resistance = Resistance(self, "two_wire_resistance")
        self.four_wire_resistance = FourWireResistance(self, "four_wire_resistance")
        self.thermometer = Temperature(self, "thermometer")
        self.add_function("start", "INIT", doc="Start measuring, without waiting for the end (Trigger subsystem).")
        self.add_function("abort", "ABOR", doc="Stop measuring; continuous measuring starts again (Trigger subsystem).")
        self.add_function("clear_buffer", "TRAC:CLE", doc="Empty the buffer (TRACe subsystem, page 5-68).")
