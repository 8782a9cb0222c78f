"""The Rigol DM3058 and DM3058E multimeters.

Pages: DM3058/DM3058E Programming Guide, chapters 2 and 3, of which page 3-46 was at hand. The other commands are known
from a project that retells the guide, and from one that tried most of them with a DM3058: functions, ranges, the
resistance of the input, triggers and statistics were taken and answered; the interval of automatic triggers was not
taken, and is left out.
"""

from __future__ import annotations

from typing import Any

from luthier import ScpiInstrument, parameter
from luthier.errors import ReplyError
from luthier.scpi import parse_float
from luthier.validators import Enum, Ints, Multiples

from luthier_rigol.dm3058_functions import (
    AcCurrent,
    AcVoltage,
    Capacitance,
    DcCurrent,
    DcVoltage,
    FourWireResistance,
    Frequency,
    Period,
    Resistance,
)
from luthier_rigol.words import on_or_off

__all__ = ["Dm3058"]

# What is measured: how commands name it, how it is answered.
FUNCTIONS = {
    "DC voltage": ("VOLT:DC", "DCV"),
    "AC voltage": ("VOLT:AC", "ACV"),
    "DC current": ("CURR:DC", "DCI"),
    "AC current": ("CURR:AC", "ACI"),
    "resistance": ("RES", "2WR"),
    "four-wire resistance": ("FRES", "4WR"),
    "frequency": ("FREQ", "FREQ"),
    "period": ("PER", "PERI"),
    "continuity": ("CONT", "CONT"),
    "diode": ("DIOD", "DIODE"),
    "capacitance": ("CAP", "CAP"),
}
BY_ANSWER = {answer: function for function, (_, answer) in FUNCTIONS.items()}
CALCULATIONS = {"none": "NONE", "average": "AVERAGE", "minimum": "MIN", "maximum": "MAX", "all": "TOTAL"}


def _function(reply: str) -> str:
    word = reply.strip().upper()
    if word not in BY_ANSWER:
        raise ReplyError(
            f"'FUNC?' was answered by {reply!r}, which is no function",
            command="FUNC?",
            reply=reply,
            expected=", ".join(BY_ANSWER),
            advice="Perhaps the instrument takes other commands: CMDSET RIGOL chooses those of this driver.",
        )
    return BY_ANSWER[word]


def _measure(meter: Dm3058) -> float:
    header, _ = FUNCTIONS[meter.function.known_or_read()]
    return parse_float(meter.query(f"MEAS:{header}?"))


def _choose(meter: Dm3058, function: str) -> None:
    meter.write(f"FUNC:{FUNCTIONS[function][0]}")


def _milliseconds(reply: str) -> float:
    return parse_float(reply.strip().lower().removesuffix("ms"))


class Dm3058(ScpiInstrument):
    """Rigol DM3058 and DM3058E: multimeters of 5½ digits.

    Manual: DM3058/DM3058E Programming Guide, of which only parts were at hand.

    Interfaces: USB and RS-232 (from the factory 9600 baud); the DM3058 also LAN (VXI-11) and GPIB. Replies end with a
    line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. It has to take its own commands (``CMDSET RIGOL``, as it is switched on), not those of
    the 34401A and the Fluke 45. A range and a speed can be read and set while their function is measured, not before.
    It measures all the time, unless trigger_source is "single": a reading is the last; ``new_reading`` tells whether it
    is a new one. It sources nothing that could do harm, so there is nothing to make safe. The second display, limits
    and decibels are left out, and so are the sensors of the DM3058. Do not let the front show its second display: most
    readings are not answered then.

    >>> import luthier
    >>> with luthier.open("rigol.dm3058", "sim://", name="dmm") as dmm:
    ...     dmm.function("DC voltage")
    ...     dmm.dc_voltage.range(20)
    ...     round(dmm.voltage(), 3)
    1.0
    """

    simulator = "rigol.dm3058"

    command_set = parameter(
        str,
        get_cmd="CMDSET?",
        mapping={"Rigol": "RIGOL", "Agilent": "AGILENT", "Fluke": "FLUKE"},
        get_parser=str.strip,
        snapshot=False,
        doc="Which commands it takes; this driver speaks those of Rigol (CMDSET?).",
    )
    function = parameter(
        str,
        get_cmd="FUNC?",
        set_cmd=_choose,
        validator=Enum(*FUNCTIONS),
        get_parser=_function,
        doc="What is measured, on the main display (:FUNCtion).",
    )
    automatic_range = parameter(
        bool,
        get_cmd=False,
        set_cmd="MEAS {}",
        mapping={True: "AUTO", False: "MANU"},
        snapshot=False,
        doc="Whether the instrument chooses the ranges of all functions, which it does not tell. Setting a range ends "
        "it (:MEASure).",
    )
    continuity_threshold = parameter(
        int,
        get_cmd=False,
        set_cmd="MEAS:CONT {}",
        unit="Ω",
        validator=Ints(1, 2000),
        snapshot=False,
        doc="Up to here the continuity test beeps, which it does not tell (:MEASure:CONTinuity).",
    )

    # Triggers

    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={"automatic": "AUTO", "single": "SINGLE", "external": "EXT"},
        get_parser=str.strip,
        doc="What starts readings; single: trigger() does (:TRIGger:SOURce).",
    )
    sample_count = parameter(
        int,
        get_cmd="TRIG:SING?",
        set_cmd="TRIG:SING {}",
        validator=Ints(1, 2000),
        doc="Readings of one single trigger (:TRIGger:SINGle).",
    )
    external_trigger = parameter(
        str,
        get_cmd="TRIG:EXT?",
        set_cmd="TRIG:EXT {}",
        mapping={"rising": "RISE", "falling": "FALL", "high": "HIGH", "low": "LOW"},
        get_parser=str.strip,
        doc="Which edge or level of an external trigger counts (:TRIGger:EXT).",
    )
    hold = parameter(
        bool,
        get_cmd="TRIG:AUTO:HOLD?",
        set_cmd="TRIG:AUTO:HOLD {}",
        set_parser=on_or_off,
        doc="Whether a stable reading stays on the display (:TRIGger:AUTO:HOLD).",
    )
    hold_sensitivity = parameter(
        float,
        get_cmd="TRIG:AUTO:HOLD:SENS?",
        set_cmd="TRIG:AUTO:HOLD:SENS {}",
        unit="%",
        mapping={0.01: "0", 0.1: "1", 1.0: "2", 10.0: "3"},
        get_parser=str.strip,
        doc="Up to which change a reading is stable (:TRIGger:AUTO:HOLD:SENSitivity).",
    )
    complete_polarity = parameter(
        str,
        get_cmd="TRIG:VMC:POLA?",
        set_cmd="TRIG:VMC:POLA {}",
        mapping={"positive": "POS", "negative": "NEG"},
        get_parser=str.strip,
        doc="Polarity of the output that tells the end of a reading (:TRIGger:VMComplete:POLAr).",
    )
    complete_width = parameter(
        float,
        get_cmd="TRIG:VMC:PULS?",
        set_cmd="TRIG:VMC:PULS {}",
        unit="s",
        scale=1000.0,
        get_parser=_milliseconds,
        validator=Multiples(0.001, minimum=0.001, maximum=0.399),
        doc="Length of that pulse, in whole milliseconds: up to 7, 49 or 399 ms while the speed is fast, medium or "
        "slow (:TRIGger:VMComplete:PULSewidth).",
    )

    # Readings

    reading = parameter(
        float,
        get_cmd=_measure,
        unit="",
        snapshot=False,
        doc="The last reading, in the unit of the function (:MEASure:…?).",
    )
    voltage = parameter(
        float,
        get_cmd=_measure,
        unit="V",
        relevant_when={"function": ("DC voltage", "AC voltage", "diode")},
        snapshot=False,
        doc="The last reading of the voltage.",
    )
    current = parameter(
        float,
        get_cmd=_measure,
        unit="A",
        relevant_when={"function": ("DC current", "AC current")},
        snapshot=False,
        doc="The last reading of the current.",
    )
    resistance = parameter(
        float,
        get_cmd=_measure,
        unit="Ω",
        relevant_when={"function": ("resistance", "four-wire resistance", "continuity")},
        snapshot=False,
        doc="The last reading of the resistance.",
    )
    capacitance = parameter(
        float,
        get_cmd=_measure,
        unit="F",
        relevant_when={"function": "capacitance"},
        snapshot=False,
        doc="The last reading of the capacitance.",
    )
    frequency = parameter(
        float,
        get_cmd=_measure,
        unit="Hz",
        relevant_when={"function": "frequency"},
        snapshot=False,
        doc="The last reading of the frequency.",
    )
    period = parameter(
        float,
        get_cmd=_measure,
        unit="s",
        relevant_when={"function": "period"},
        snapshot=False,
        doc="The last reading of the period.",
    )
    new_reading = parameter(
        bool,
        get_cmd="MEAS?",
        mapping={True: "TRUE", False: "FALSE"},
        get_parser=str.strip,
        snapshot=False,
        doc="Whether there is a reading that was not there before (:MEASure?).",
    )

    # Statistics

    calculation = parameter(
        str,
        get_cmd="CALC:FUNC?",
        set_cmd="CALC:FUNC {}",
        mapping=CALCULATIONS,
        get_parser=str.strip,
        doc="Which statistics are kept; others that were chosen at the front are told as an error "
        "(:CALCulate:FUNCtion).",
    )
    average = parameter(
        float,
        get_cmd="CALC:STAT:AVER?",
        unit="",
        relevant_when={"calculation": ("average", "all")},
        snapshot=False,
        doc="Average of the readings, in the unit of the function (:CALCulate:STATistic:AVERage?).",
    )
    minimum = parameter(
        float,
        get_cmd="CALC:STAT:MIN?",
        unit="",
        relevant_when={"calculation": ("minimum", "all")},
        snapshot=False,
        doc="The lowest reading, in the unit of the function (:CALCulate:STATistic:MIN?).",
    )
    maximum = parameter(
        float,
        get_cmd="CALC:STAT:MAX?",
        unit="",
        relevant_when={"calculation": ("maximum", "all")},
        snapshot=False,
        doc="The highest reading, in the unit of the function (:CALCulate:STATistic:MAX?).",
    )
    statistics_count = parameter(
        int,
        get_cmd="CALC:STAT:COUN?",
        snapshot=False,
        doc="How many readings are in the statistics; another function begins anew (:CALCulate:STATistic:COUNt?).",
    )
    beeper = parameter(
        bool,
        get_cmd="SYST:BEEP:STAT?",
        set_cmd="SYST:BEEP:STAT {}",
        set_parser=on_or_off,
        doc="Whether it beeps (SYSTem:BEEPer:STATe).",
    )
    brightness = parameter(
        int,
        get_cmd="SYST:DISP:BRIG?",
        set_cmd="SYST:DISP:BRIG {}",
        validator=Ints(0, 32),
        doc="Of the display (:SYSTem:DISPlay:BRIGht).",
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
        self.add_function(
            "trigger", "TRIG:SING:TRIG", doc="Start the readings of a single trigger (:TRIGger:SINGle:TRIGgered)."
        )
