"""The Keithley 2450 SourceMeter, with the SCPI command set.

Pages: Model 2450 Interactive SourceMeter Instrument Reference Manual, 2450-901-01 Rev. B, September 2013, section 6, of
which only parts were at hand. What has no page is described by the same section of the Model 2461 Reference Manual,
2461-901-01 Rev. A. The ranges are those of QCoDeS 0.58 and of a driver in MATLAB, the steps of the overvoltage
protection those of a driver in Pascal (page 6-73 itself was not at hand).
"""

from __future__ import annotations

from math import nan
from typing import Any, ClassVar

from luthier import ScpiInstrument, group, parameter
from luthier.errors import IrrelevantParameterError, ReplyError
from luthier.scpi import parse_float, parse_string
from luthier.validators import Enum, Ints, Numbers

from luthier_keithley import sourced_and_measured
from luthier_keithley.known_settings import known
from luthier_keithley.smu2450_sense import Ammeter, Ohmmeter, ReadingBuffer, Voltmeter
from luthier_keithley.sourced_and_measured import LARGEST_CURRENT, LARGEST_VOLTAGE, OVER_RANGE

__all__ = ["Smu2450"]

VOLTAGE_RANGES = (0.02, 0.2, 2.0, 20.0, 200.0)
CURRENT_RANGES = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)
OFF_STATES = {"normal": "NORM", "zero": "ZERO", "guard": "GUAR", "high impedance": "HIMP"}
PROTECTIONS = {float(level): f"PROT{level}" for level in (2, 5, 10, *range(20, 200, 20))} | {LARGEST_VOLTAGE: "NONE"}
READ = 'READ? "defbuffer1",READ,SOUR,REL'
ELEMENTS = 3


def _largest_voltage(smu: Smu2450) -> float:
    if known(smu.source_voltage_auto_range):
        return smu.largest_voltage
    return float(known(smu.source_voltage_range)) * OVER_RANGE


def _largest_current(smu: Smu2450) -> float:
    if known(smu.source_current_auto_range):
        return smu.largest_current
    return float(known(smu.source_current_range)) * OVER_RANGE


def _short(word: str) -> str:
    """Return the short form of a word that may be answered in full."""
    return word.strip().upper()[:4]


def _measured(reply: str) -> str:
    return parse_string(reply).removesuffix(":DC")


def _read(smu: Smu2450) -> list[float]:
    if not known(smu.output):
        raise IrrelevantParameterError(
            "cannot measure: the output is off",
            state="No reading was started.",
            advice=f"Switch it on with {smu.name}.output(True).",
            condition="the output is on",
        )
    sourced, measured = known(smu.source_function), known(smu.measure_function)
    reply = smu.query(READ)
    fields = reply.split(",")
    if len(fields) != ELEMENTS:
        raise ReplyError(
            f"{READ!r} was answered by {len(fields)} fields; expected: {ELEMENTS}",
            command=READ,
            reply=reply,
            expected="reading, source value and time",
        )
    reading, source, time = map(parse_float, fields)
    values = {"voltage": nan, "current": nan, "resistance": nan, sourced: source}
    values[measured] = reading
    return [values["voltage"], values["current"], values["resistance"], time]


class Smu2450(ScpiInstrument):
    """Keithley 2450 SourceMeter: sources ±210 V or ±1.05 A, and measures voltage, current and resistance.

    Manual: Model 2450 Interactive SourceMeter Instrument Reference Manual, 2450-901-01 Rev. B, September 2013, of which
    only parts were at hand.

    Interfaces: USB, LAN (VXI-11, or a socket on port 5025), GPIB; replies end with a line feed. The command set has to
    be SCPI, as it is from the factory; not TSP, and not that of the 2400.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing: the output stays as it is, and nothing is reset. It measures one quantity at a time,
    ``measure_function``; what it sources comes with each reading. A reading needs the output on, which the driver
    checks. :meth:`make_safe` switches the output off.

    A snapshot is restored in the order of declaration: limits before levels, the output last.

    >>> import luthier
    >>> with luthier.open("keithley.2450", "sim://", name="smu") as smu:
    ...     smu.current_limit(0.01)
    ...     smu.voltage(1.5)
    ...     smu.measure_function("current")
    ...     smu.output(True)
    ...     smu.measured_current()
    0.0015
    """

    simulator = "keithley.2450"
    largest_voltage: ClassVar[float] = LARGEST_VOLTAGE
    largest_current: ClassVar[float] = LARGEST_CURRENT

    terminals = parameter(
        str,
        get_cmd="ROUT:TERM?",
        set_cmd="ROUT:TERM {}",
        mapping={"front": "FRON", "rear": "REAR"},
        get_parser=_short,
        doc="Which terminals are in use; changing it switches the output off (:ROUTe:TERMinals, page 6-35).",
    )
    voltage_off_state = parameter(
        str,
        get_cmd="OUTP:VOLT:SMOD?",
        set_cmd="OUTP:VOLT:SMOD {}",
        mapping=OFF_STATES,
        get_parser=_short,
        doc='What the terminals are like while the output of the voltage source is off: "normal" and "zero": 0 V; '
        '"guard": 0 A; "high impedance": disconnected by a relay, which wears (page 6-31).',
    )
    current_off_state = parameter(
        str,
        get_cmd="OUTP:CURR:SMOD?",
        set_cmd="OUTP:CURR:SMOD {}",
        mapping=OFF_STATES,
        get_parser=_short,
        doc="The same for the current source (page 6-31).",
    )
    source_function = parameter(
        str,
        get_cmd="SOUR:FUNC?",
        set_cmd="SOUR:FUNC {}",
        mapping={"voltage": "VOLT", "current": "CURR"},
        get_parser=_short,
        depends_on=("output", "measure_function"),
        doc="What is sourced. Whether changing it switches the output off is not confirmed; choosing measure_function "
        "may change it (:SOURce:FUNCtion:MODE, page 6-72).",
    )
    overvoltage_protection = parameter(
        float,
        get_cmd="SOUR:VOLT:PROT?",
        set_cmd="SOUR:VOLT:PROT {}",
        unit="V",
        mapping=PROTECTIONS,
        doc="The output never goes above this, also as a current source; 210 V: no protection "
        "(:SOURce:VOLTage:PROTection).",
    )
    current_limit = parameter(
        float,
        get_cmd="SOUR:VOLT:ILIM?",
        set_cmd="SOUR:VOLT:ILIM {}",
        unit="A",
        validator=Numbers(1e-9, LARGEST_CURRENT),
        doc="Limit of the voltage source, for both polarities; more than 0.1 % of a fixed measuring range (page 6-71).",
    )
    voltage_limit = parameter(
        float,
        get_cmd="SOUR:CURR:VLIM?",
        set_cmd="SOUR:CURR:VLIM {}",
        unit="V",
        validator=Numbers(0.02, LARGEST_VOLTAGE),
        doc="Limit of the current source, for both polarities; more than 0.1 % of a fixed measuring range (page 6-71).",
    )
    source_voltage_range = sourced_and_measured.source_voltage_range.replace(
        validator=Enum(*VOLTAGE_RANGES),
        doc="Range of the voltage source; levels go to 105 % of it. Setting it ends automatic ranging; while that is "
        "on, read it anew, because the cache does not follow the level (:SOURce:<function>:RANGe, page 6-74).",
    )
    source_voltage_auto_range = sourced_and_measured.source_voltage_auto_range.replace(
        doc="The range follows the level (:SOURce:<function>:RANGe:AUTO)."
    )
    source_current_range = sourced_and_measured.source_current_range.replace(
        validator=Enum(*CURRENT_RANGES),
        doc="Range of the current source; levels go to 105 % of it. Setting it ends automatic ranging; while that is "
        "on, read it anew, because the cache does not follow the level (:SOURce:<function>:RANGe, page 6-74).",
    )
    source_current_auto_range = sourced_and_measured.source_current_auto_range.replace(
        doc="The range follows the level (:SOURce:<function>:RANGe:AUTO)."
    )
    voltage = sourced_and_measured.voltage_declaration(_largest_voltage, ":SOURce:<function>:LEVel")
    current = sourced_and_measured.current_declaration(_largest_current, ":SOURce:<function>:LEVel")
    voltage_read_back = parameter(
        bool,
        get_cmd="SOUR:VOLT:READ:BACK?",
        set_cmd="SOUR:VOLT:READ:BACK {}",
        doc="Whether the voltage source is measured with each reading; otherwise its level comes with it "
        "(:SOURce:<function>:READ:BACK).",
    )
    current_read_back = parameter(
        bool,
        get_cmd="SOUR:CURR:READ:BACK?",
        set_cmd="SOUR:CURR:READ:BACK {}",
        doc="Whether the current source is measured with each reading; otherwise its level comes with it "
        "(:SOURce:<function>:READ:BACK).",
    )
    measure_function = parameter(
        str,
        get_cmd="SENS:FUNC?",
        set_cmd='SENS:FUNC "{}"',
        mapping={"voltage": "VOLT", "current": "CURR", "resistance": "RES"},
        get_parser=_measured,
        doc="What is measured, beside the source that is read back. Choosing it may change source_function and empties "
        "the buffer, so choose it first (:SENSe:FUNCtion; 2461 manual, 2-100).",
    )
    count = parameter(
        int,
        get_cmd="SENS:COUN?",
        set_cmd="SENS:COUN {}",
        validator=Ints(1, 300_000),
        doc="How many readings one start makes; all go to the buffer, and the last is answered (:SENSe:COUNt).",
    )
    line_frequency = parameter(
        float, get_cmd="SYST:LFR?", unit="Hz", doc="Frequency of the mains, as found when switched on."
    )

    # The output, last

    output = parameter(
        bool,
        get_cmd="OUTP?",
        set_cmd="OUTP {}",
        depends_on=("terminals", "source_function"),
        doc="Whether the source is at the terminals (:OUTPut:STATe, page 6-34).",
    )

    # Readings

    in_current_limit = parameter(
        bool,
        get_cmd="SOUR:VOLT:ILIM:TRIP?",
        relevant_when={"source_function": "voltage"},
        snapshot=False,
        doc="Whether the voltage source is limited by current_limit at present (page 6-72).",
    )
    in_voltage_limit = parameter(
        bool,
        get_cmd="SOUR:CURR:VLIM:TRIP?",
        relevant_when={"source_function": "current"},
        snapshot=False,
        doc="Whether the current source is limited by voltage_limit at present (page 6-72).",
    )
    measured_voltage = sourced_and_measured.measured_voltage
    measured_current = sourced_and_measured.measured_current
    measured_resistance = sourced_and_measured.measured_resistance
    timestamp = parameter(
        float, group="reading", unit="s", snapshot=False, doc="When it was taken, since the first one of the buffer."
    )
    reading = group(
        "measured_voltage",
        "measured_current",
        "measured_resistance",
        "timestamp",
        get_cmd=_read,
        doc="Measures, with the output on, and gives everything of the last reading. What is neither sourced nor "
        "measured is NaN, an overflow infinite (:READ?, page 6-6).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.add_meters()
        self.buffer = ReadingBuffer(self, "buffer")
        self.add_function("zero_once", "SENS:AZER:ONCE", doc="Measure zero and reference now (:SENSe:AZERo:ONCE).")

    def add_meters(self) -> None:
        """Add what it measures with; called once, when it is opened."""
        self.voltmeter = Voltmeter(self, "voltmeter")
        self.ammeter = Ammeter(self, "ammeter")
        self.ohmmeter = Ohmmeter(self, "ohmmeter")

    def make_safe(self) -> None:
        """Switch the output off; what is then at the terminals say the off states."""
        self.output(False)
