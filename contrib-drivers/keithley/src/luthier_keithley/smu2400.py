"""The Keithley 2400 SourceMeter.

Sections and pages: Model 2400 Series SourceMeter User's Manual, 2400S-900-01 Rev. K, September 2011.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Any

from luthier import group, parameter
from luthier.errors import ReplyError
from luthier.scpi import parse_float, parse_int
from luthier.validators import Enum, Ints, Numbers

from luthier_keithley import sourced_and_measured
from luthier_keithley.averaging import averaging_count_declaration, averaging_type_declaration
from luthier_keithley.smu2400_records import SmuBuffer, SmuSweep
from luthier_keithley.smu2400_source import CURRENT_RANGES, VOLTAGE_RANGES, SmuSource, require_output

__all__ = ["Smu2400", "SmuStatus"]

ALL_ELEMENTS = "VOLT,CURR,RES,TIME,STAT"

# Nominal range -> full scale, which is what the instrument takes and answers (section 4).
RESISTANCE_RANGES = {2.0 * 10.0**decade: f"2.1E+{decade}" for decade in range(9)}


class SmuStatus(IntFlag):
    """The status word that comes with each reading (section 18, "Data elements", pages 18-50 and 18-51)."""

    OVER_RANGE = 1 << 0
    FILTERED = 1 << 1
    FRONT_TERMINALS = 1 << 2
    IN_COMPLIANCE = 1 << 3
    OVERVOLTAGE_PROTECTION = 1 << 4
    MATH = 1 << 5
    NULL = 1 << 6
    LIMITS_TESTED = 1 << 7
    AUTO_OHMS = 1 << 10
    VOLTAGE_MEASURED = 1 << 11
    CURRENT_MEASURED = 1 << 12
    RESISTANCE_MEASURED = 1 << 13
    VOLTAGE_SOURCED = 1 << 14
    CURRENT_SOURCED = 1 << 15
    RANGE_COMPLIANCE = 1 << 16
    OFFSET_COMPENSATED = 1 << 17
    CONTACT_CHECK_FAILED = 1 << 18
    REMOTE_SENSE = 1 << 22
    PULSE_MODE = 1 << 23


def _on_or_off(on: bool) -> str:
    return "ON" if on else "OFF"


def _status(text: str) -> SmuStatus:
    return SmuStatus(parse_int(text))


def _read(smu: Smu2400) -> list[float | str]:
    require_output(smu)
    reply = smu.query("READ?")
    *numbers, status = reply.split(",")
    count = len(ALL_ELEMENTS.split(","))
    if len(numbers) + 1 != count:
        several = (len(numbers) + 1) % count == 0
        raise ReplyError(
            f"'READ?' was answered by {len(numbers) + 1} numbers; expected: {count}",
            command="READ?",
            reply=reply,
            expected=f"{count} numbers: {ALL_ELEMENTS}",
            advice="Read sweep.record, which takes several readings at once, or set trigger_count to 1."
            if several
            else f"Set elements to {ALL_ELEMENTS!r}.",
        )
    return [*map(parse_float, numbers), status]


class Smu2400(SmuSource):
    """Keithley 2400 SourceMeter: sources ±210 V or ±1.05 A, and measures voltage, current and resistance.

    Manual: Model 2400 Series SourceMeter User's Manual, 2400S-900-01 Rev. K, September 2011; pages are cited as in
    print.

    Interfaces: GPIB (address 24 from the factory; replies end with a line feed) and RS-232 (9600 baud, 8 data bits, no
    parity from the factory; the end of messages is chosen on the front panel, and has to agree with
    ``read_termination``).

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing: the output stays as it is, and nothing is reset. A reading needs the output on, or
    ``auto_output_off``. :meth:`make_safe` switches the output off.

    A snapshot is restored in the order of declaration: limits before levels, the output last.

    >>> import luthier
    >>> with luthier.open("keithley.2400", "sim://", name="smu") as smu:
    ...     smu.current_limit(0.01)
    ...     smu.voltage(1.5)
    ...     smu.output(True)
    ...     smu.measured_current()
    0.0015
    """

    simulator = "keithley.2400"

    # Measurement

    measure_voltage = parameter(
        bool,
        get_cmd='SENS:FUNC:STAT? "VOLT"',
        set_cmd='SENS:FUNC:{} "VOLT"',
        set_parser=_on_or_off,
        depends_on=("concurrent", "measure_current", "measure_resistance"),
        doc="Whether readings hold the measured voltage; otherwise the level of the voltage source, or NaN (table "
        "18-6).",
    )
    measure_current = parameter(
        bool,
        get_cmd='SENS:FUNC:STAT? "CURR"',
        set_cmd='SENS:FUNC:{} "CURR"',
        set_parser=_on_or_off,
        depends_on=("concurrent", "measure_voltage", "measure_resistance"),
        doc="Whether readings hold the measured current; otherwise the level of the current source, or NaN (table "
        "18-6).",
    )
    measure_resistance = parameter(
        bool,
        get_cmd='SENS:FUNC:STAT? "RES"',
        set_cmd='SENS:FUNC:{} "RES"',
        set_parser=_on_or_off,
        depends_on=("concurrent", "measure_voltage", "measure_current"),
        doc="Whether readings hold the resistance, otherwise NaN. In automatic ohms mode the instrument then chooses "
        "what it sources by itself (table 18-6 and section 4).",
    )
    concurrent = parameter(
        bool,
        get_cmd="SENS:FUNC:CONC?",
        set_cmd="SENS:FUNC:CONC {}",
        doc="Whether several functions can be measured together; without it, choosing one ends the others (table "
        "18-6).",
    )
    resistance_mode = parameter(
        str,
        get_cmd="SENS:RES:MODE?",
        set_cmd="SENS:RES:MODE {}",
        mapping={"manual": "MAN", "auto": "AUTO"},
        doc="Whether the instrument chooses the source for measuring resistance (table 18-6).",
    )
    voltage_range = parameter(
        float,
        get_cmd="SENS:VOLT:RANG?",
        set_cmd="SENS:VOLT:RANG {}",
        unit="V",
        mapping=VOLTAGE_RANGES,
        depends_on=("voltage_auto_range", "voltage_limit", "source_voltage_range"),
        relevant_when={"source_function": "current"},
        doc="Measuring range, at most that of voltage_limit; a voltage source measures on its source range. Setting "
        "it ends automatic ranging (pages 18-62 to 18-65).",
    )
    voltage_auto_range = parameter(
        bool,
        get_cmd="SENS:VOLT:RANG:AUTO?",
        set_cmd="SENS:VOLT:RANG:AUTO {}",
        depends_on=("voltage_range",),
        relevant_when={"source_function": "current"},
        doc="The instrument chooses the range for measuring voltage (page 18-65).",
    )
    current_range = parameter(
        float,
        get_cmd="SENS:CURR:RANG?",
        set_cmd="SENS:CURR:RANG {}",
        unit="A",
        mapping=CURRENT_RANGES,
        depends_on=("current_auto_range", "current_limit", "source_current_range"),
        relevant_when={"source_function": "voltage"},
        doc="Measuring range, at most that of current_limit; a current source measures on its source range. Setting "
        "it ends automatic ranging (pages 18-62 to 18-65).",
    )
    current_auto_range = parameter(
        bool,
        get_cmd="SENS:CURR:RANG:AUTO?",
        set_cmd="SENS:CURR:RANG:AUTO {}",
        depends_on=("current_range",),
        relevant_when={"source_function": "voltage"},
        doc="The instrument chooses the range for measuring current (page 18-65).",
    )
    resistance_range = parameter(
        float,
        get_cmd="SENS:RES:RANG?",
        set_cmd="SENS:RES:RANG {}",
        unit="Ω",
        mapping=RESISTANCE_RANGES,
        depends_on=("resistance_auto_range",),
        relevant_when={"resistance_mode": "auto"},
        doc="Measuring range. Setting it ends automatic ranging (pages 18-62 to 18-65).",
    )
    resistance_auto_range = parameter(
        bool,
        get_cmd="SENS:RES:RANG:AUTO?",
        set_cmd="SENS:RES:RANG:AUTO {}",
        depends_on=("resistance_range",),
        relevant_when={"resistance_mode": "auto"},
        doc="The instrument chooses the range for measuring resistance (page 18-65).",
    )
    nplc = parameter(
        float,
        get_cmd="SENS:CURR:NPLC?",
        set_cmd="SENS:CURR:NPLC {}",
        unit="",
        validator=Numbers(0.01, 10),
        doc="Integration time in periods of the mains, for all functions (page 18-69).",
    )
    averaging = parameter(
        bool,
        get_cmd="SENS:AVER?",
        set_cmd="SENS:AVER {}",
        doc="Whether readings are averaged (pages 18-70 and 18-71).",
    )
    averaging_count = averaging_count_declaration("SENS:AVER", "page 18-70")
    averaging_type = averaging_type_declaration("SENS:AVER", "page 18-70")
    auto_zero = parameter(
        bool,
        get_cmd="SYST:AZER:STAT?",
        set_cmd="SYST:AZER:STAT {}",
        doc="Whether zero and reference are measured with each reading: exact, but about three times slower (SYSTem).",
    )
    arm_count = parameter(
        int,
        get_cmd="ARM:COUN?",
        set_cmd="ARM:COUN {}",
        validator=Ints(1, 2500),
        doc="How often the trigger layer runs; arm_count times trigger_count is at most 2500 (page 18-117).",
    )
    trigger_count = parameter(
        int,
        get_cmd="TRIG:COUN?",
        set_cmd="TRIG:COUN {}",
        validator=Ints(1, 2500),
        doc="How many readings one start makes; arm_count times trigger_count is at most 2500 (page 18-117).",
    )
    trigger_delay = parameter(
        float,
        get_cmd="TRIG:DEL?",
        set_cmd="TRIG:DEL {}",
        unit="s",
        validator=Numbers(0, 999.9999),
        doc="Time between trigger and setting the source (page 18-118).",
    )
    elements = parameter(
        str,
        get_cmd="FORM:ELEM?",
        set_cmd="FORM:ELEM {}",
        validator=Enum(ALL_ELEMENTS),
        doc="What a reading consists of; reading needs all five (page 18-49).",
    )
    data_format = parameter(
        str,
        get_cmd="FORM:DATA?",
        set_cmd="FORM:DATA {}",
        validator=Enum("ASC"),
        doc='How readings are sent; this driver reads text, "ASC" (pages 18-47 to 18-49).',
    )

    # The output, last

    auto_output_off = parameter(
        bool,
        get_cmd="SOUR:CLE:AUTO?",
        set_cmd="SOUR:CLE:AUTO {}",
        doc="The output is on only while measuring. Then every reading switches it on (page 18-72).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP?",
        set_cmd="OUTP {}",
        depends_on=("terminals", "remote_sense", "source_function", "auto_output_off"),
        doc="Whether the source is at the terminals (OUTPut subsystem, table 18-4).",
    )

    # Readings

    in_current_limit = parameter(
        bool,
        get_cmd="SENS:CURR:PROT:TRIP?",
        relevant_when={"source_function": "voltage"},
        snapshot=False,
        doc="Whether the voltage source is limited by current_limit at present (page 18-68).",
    )
    in_voltage_limit = parameter(
        bool,
        get_cmd="SENS:VOLT:PROT:TRIP?",
        relevant_when={"source_function": "current"},
        snapshot=False,
        doc="Whether the current source is limited by voltage_limit at present (page 18-68).",
    )
    measured_voltage = sourced_and_measured.measured_voltage
    measured_current = sourced_and_measured.measured_current
    measured_resistance = sourced_and_measured.measured_resistance
    timestamp = parameter(
        float,
        group="reading",
        unit="s",
        snapshot=False,
        doc="When the reading was taken, since switching on; starts again after 99999.999 s (page 18-50).",
    )
    status = parameter(
        int,
        group="reading",
        get_parser=_status,
        snapshot=False,
        doc="Status word of the reading, a SmuStatus (pages 18-50 and 18-51).",
    )
    reading = group(
        "measured_voltage",
        "measured_current",
        "measured_resistance",
        "timestamp",
        "status",
        get_cmd=_read,
        doc="Measures once, with the output on, and gives everything of that one reading. What is neither sourced "
        "nor measured is NaN, an overflow infinite (pages 17-4, 18-49 and 18-50).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.sweep = SmuSweep(self, "sweep")
        self.buffer = SmuBuffer(self, "buffer")
        self.add_function("start", "INIT", doc="Start measuring, without waiting for the end (TRIGger subsystem).")
        self.add_function("abort", "ABOR", doc="Stop measuring and go to idle; the output stays as it is (section 11).")
        self.add_function("zero_once", "SYST:AZER:STAT ONCE", doc="Measure zero and reference now (SYSTem subsystem).")

    def make_safe(self) -> None:
        """Switch the output off; what is then at the terminals says ``output_off_state``."""
        self.output(False)
