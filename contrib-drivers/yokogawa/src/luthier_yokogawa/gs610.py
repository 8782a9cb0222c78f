"""The source-measure unit GS610.

Manual: GS610 Source Measure Unit User's Manual, IM 765501-01E, of which pages 5-10 (pulses) and 7-3 (ranges of
measuring) were at hand; the commands are as in a driver for QTLab and a note of a laboratory, in public repositories.
What it answers to *IDN? is assumed: the number of the model, or its name. What the instrument does by itself where
range, function or output change is not confirmed: the driver changes range and function only where nothing can come of
it.
"""

from __future__ import annotations

from luthier import Asked, ScpiInstrument, parameter
from luthier.errors import ReplyError
from luthier.scpi import format_float, parse_bool, parse_float
from luthier.validators import Ints, Numbers

from luthier_yokogawa.quiet_ranges import require_off, require_quiet

__all__ = ["Gs610"]

VOLTAGE_RANGES = (0.2, 2.0, 12.0, 20.0, 30.0, 60.0, 110.0)
CURRENT_RANGES = (20e-6, 200e-6, 2e-3, 20e-3, 0.2, 0.5, 1.0, 2.0, 3.0)
FUNCTIONS = {"voltage": "VOLT", "current": "CURR"}
STATES = {"off": "0", "on": "1", "zero": "ZERO"}


def _nominal(ranges: tuple[float, ...], text: str) -> float:
    """Return the range that a reply means."""
    value = parse_float(text)
    for nominal in ranges:
        if abs(value - nominal) <= 1e-3 * nominal:
            return nominal
    raise ReplyError(
        f"the reply {text!r} is none of the ranges {', '.join(f'{nominal:g}' for nominal in ranges)}",
        command="SOUR:RANG?",
        reply=text,
        expected="a range",
    )


def _is_on(text: str) -> bool:
    """Return whether the source is at the terminals."""
    return False if text == STATES["zero"] else parse_bool(text)


def _set_function(source: Gs610, function: str) -> None:
    require_off(source, "the function")
    source.write(f"SOUR:FUNC {function}")


def _set_voltage_range(source: Gs610, text: str) -> None:
    require_quiet(source, "voltage", "V", float(text))
    source.write(f"SOUR:VOLT:RANG {text}")


def _set_current_range(source: Gs610, text: str) -> None:
    require_quiet(source, "current", "A", float(text))
    source.write(f"SOUR:CURR:RANG {text}")


def _set_automatic(source: Gs610, on: bool) -> None:
    require_off(source, "automatic ranging")
    source.write(f"SOUR:VOLT:RANG:AUTO {int(on)}")


def _set_current_limit(source: Gs610, limit: float) -> None:
    source.write(f"SOUR:CURR:PROT:ULIM {format_float(limit)};LLIM {format_float(-limit)}")


def _set_voltage_limit(source: Gs610, limit: float) -> None:
    source.write(f"SOUR:VOLT:PROT:ULIM {format_float(limit)};LLIM {format_float(-limit)}")


def _voltage_end(source: Gs610) -> float:
    return source.source_voltage_range.known_or_read()


def _current_end(source: Gs610) -> float:
    return source.source_current_range.known_or_read()


def _measures(source: Gs610) -> bool:
    """measuring is True and the output is on"""  # noqa: D400, D403 - completes a sentence
    return source.measuring.known_or_read() and source.output.get()


def _measured_voltage(source: Gs610) -> float:
    source.write("SENS:FUNC VOLT")
    return parse_float(source.query("READ?"))


def _measured_current(source: Gs610) -> float:
    source.write("SENS:FUNC CURR")
    return parse_float(source.query("READ?"))


class Gs610(ScpiInstrument):
    """Yokogawa GS610: sources and measures up to 110 V and 3 A, within 60 W.

    Manual: GS610 Source Measure Unit User's Manual, IM 765501-01E, of which two pages were at hand.

    Interfaces: GPIB, USB, a serial line, and LAN as an option; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing, and the output never jumps by itself: a level beyond the present range is refused
    (levels go to 100 % of it here); the range can be changed only while the output is off or the level 0, the function
    and automatic ranging only while the output is off. ``voltage`` and ``current`` can be ramped (``step`` and
    ``rate``). :meth:`make_safe` switches the output off; :meth:`zero` keeps the terminals connected, at 0 V or 0 A.
    Pulses, sweeps, programs and stored readings are left out.

    >>> import luthier
    >>> with luthier.open("yokogawa.gs610", "sim://", name="smu") as smu:
    ...     smu.source_function("voltage")
    ...     smu.source_voltage_range(2.0)
    ...     smu.current_limit(0.01)
    ...     smu.output(True)
    ...     smu.voltage(0.5)
    ...     smu.measured_current()
    0.0005
    """

    simulator = "yokogawa.gs610"

    source_function = parameter(
        str,
        get_cmd="SOUR:FUNC?",
        set_cmd=_set_function,
        mapping=FUNCTIONS,
        doc="What is sourced; this driver changes it only while the output is off (:SOURce:FUNCtion).",
    )
    source_auto_range = parameter(
        bool,
        get_cmd="SOUR:VOLT:RANG:AUTO?",
        set_cmd=_set_automatic,
        doc="Whether the instrument chooses the range of the source with each level, and may interrupt it then; this "
        "driver changes it only while the output is off, and refuses levels beyond the present range all the same "
        "(:SOURce:VOLTage:RANGe:AUTO).",
    )
    source_voltage_range = parameter(
        float,
        get_cmd="SOUR:VOLT:RANG?",
        set_cmd=_set_voltage_range,
        get_parser=lambda text: format_float(_nominal(VOLTAGE_RANGES, text)),
        unit="V",
        mapping={nominal: format_float(nominal) for nominal in VOLTAGE_RANGES},
        depends_on=("source_function", "source_auto_range"),
        relevant_when={"source_function": "voltage"},
        doc="Range of the voltage source. It can be changed only while the output is off or at 0, and to a range that "
        "holds the level (:SOURce:VOLTage:RANGe).",
    )
    source_current_range = parameter(
        float,
        get_cmd="SOUR:CURR:RANG?",
        set_cmd=_set_current_range,
        get_parser=lambda text: format_float(_nominal(CURRENT_RANGES, text)),
        unit="A",
        mapping={nominal: format_float(nominal) for nominal in CURRENT_RANGES},
        depends_on=("source_function", "source_auto_range"),
        relevant_when={"source_function": "current"},
        doc="Range of the current source. It can be changed only while the output is off or at 0, and to a range that "
        "holds the level (:SOURce:CURRent:RANGe).",
    )
    voltage = parameter(
        float,
        get_cmd="SOUR:VOLT:LEV?",
        set_cmd="SOUR:VOLT:LEV {}",
        unit="V",
        validator=Numbers(-110.0, 110.0),
        minimum=lambda source: -_voltage_end(source),
        maximum=_voltage_end,
        depends_on=("source_function", "source_voltage_range"),
        relevant_when={"source_function": "voltage"},
        doc="Level of the voltage source, within the present range (:SOURce:VOLTage:LEVel).",
    )
    current = parameter(
        float,
        get_cmd="SOUR:CURR:LEV?",
        set_cmd="SOUR:CURR:LEV {}",
        unit="A",
        validator=Numbers(-3.0, 3.0),
        minimum=lambda source: -_current_end(source),
        maximum=_current_end,
        depends_on=("source_function", "source_current_range"),
        relevant_when={"source_function": "current"},
        doc="Level of the current source, within the present range (:SOURce:CURRent:LEVel).",
    )
    current_limit = parameter(
        float,
        get_cmd="SOUR:CURR:PROT:ULIM?",
        set_cmd=_set_current_limit,
        unit="A",
        minimum=Asked("SOUR:CURR:PROT:ULIM? MIN"),
        maximum=Asked("SOUR:CURR:PROT:ULIM? MAX"),
        depends_on=("source_function", "source_voltage_range"),
        doc="Limit of the current of the voltage source, set for both polarities; read for the positive one. Its own "
        "limits are asked from the instrument (:SOURce:CURRent:PROTection:ULIMit, :LLIMit).",
    )
    voltage_limit = parameter(
        float,
        get_cmd="SOUR:VOLT:PROT:ULIM?",
        set_cmd=_set_voltage_limit,
        unit="V",
        minimum=Asked("SOUR:VOLT:PROT:ULIM? MIN"),
        maximum=Asked("SOUR:VOLT:PROT:ULIM? MAX"),
        depends_on=("source_function", "source_current_range"),
        doc="Limit of the voltage of the current source, set for both polarities; read for the positive one. Its own "
        "limits are asked from the instrument (:SOURce:VOLTage:PROTection:ULIMit, :LLIMit).",
    )
    limiting = parameter(
        bool,
        get_cmd="SOUR:VOLT:PROT?",
        set_cmd="SOUR:VOLT:PROT {}",
        doc="Whether the limits hold (:SOURce:VOLTage:PROTection:STATe).",
    )
    source_delay = parameter(
        float,
        get_cmd="SOUR:DEL?",
        set_cmd="SOUR:DEL {}",
        unit="s",
        validator=Numbers(1e-6, 3600),
        doc="Time from a trigger to the change of the source (:SOURce:DELay).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP?",
        set_cmd="OUTP {}",
        get_parser=_is_on,
        depends_on=("source_function",),
        doc="Whether the source is at the terminals; not so where zero() was called (:OUTPut:STATe).",
    )
    output_state = parameter(
        str,
        get_cmd="OUTP?",
        mapping=STATES,
        depends_on=("output",),
        snapshot=False,
        doc="Whether the terminals are off, at the source, or at 0 V or 0 A (:OUTPut:STATe?).",
    )

    # Measuring

    measuring = parameter(bool, get_cmd="SENS:STAT?", set_cmd="SENS:STAT {}", doc="Whether it measures (:SENSe:STATe).")
    sense_auto_range = parameter(
        bool,
        get_cmd="SENS:RANG:AUTO?",
        set_cmd="SENS:RANG:AUTO {}",
        doc="Whether the range of measuring is chosen by what is measured, otherwise by source range and limit. The "
        "level may become discontinuous where it changes (page 7-3; :SENSe:RANGe:AUTO).",
    )
    integration_time = parameter(
        float,
        get_cmd="SENS:ITIM?",
        set_cmd="SENS:ITIM {}",
        unit="s",
        validator=Numbers(250e-6, 0.2),
        doc="Of each measurement; the instrument takes the next longer of 250 µs, 1 ms, 4 ms, a period of the mains, "
        "100 ms and 200 ms (:SENSe:ITIMe).",
    )
    measure_delay = parameter(
        float,
        get_cmd="SENS:DEL?",
        set_cmd="SENS:DEL {}",
        unit="s",
        minimum=Asked("SENS:DEL? MIN"),
        maximum=Asked("SENS:DEL? MAX"),
        doc="Time from the change of the source to measuring; its limits are asked from the instrument (:SENSe:DELay).",
    )
    auto_zero = parameter(
        bool, get_cmd="SENS:AZER?", set_cmd="SENS:AZER {}", doc="Whether its own zero is measured too (:SENSe:AZERo)."
    )
    averaging = parameter(
        bool, get_cmd="SENS:AVER?", set_cmd="SENS:AVER {}", doc="Whether readings are averages (:SENSe:AVERage)."
    )
    average_kind = parameter(
        str,
        get_cmd="SENS:AVER:MODE?",
        set_cmd="SENS:AVER:MODE {}",
        mapping={"block": "BLOC", "moving": "MOV"},
        doc="Whether a reading waits for all of its measurements, or is of the last ones (:SENSe:AVERage:MODE).",
    )
    average_count = parameter(
        int,
        get_cmd="SENS:AVER:COUN?",
        set_cmd="SENS:AVER:COUN {}",
        validator=Ints(1, 100_000),
        minimum=Asked("SENS:AVER:COUN? MIN"),
        maximum=Asked("SENS:AVER:COUN? MAX"),
        doc="Of how many measurements a reading is; its limits are asked from the instrument (:SENSe:AVERage:COUNt).",
    )
    remote_sense = parameter(
        bool, get_cmd="SENS:RSEN?", set_cmd="SENS:RSEN {}", doc="Four-wire sensing (:SENSe:RSENse)."
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={"timer": "TIM", "external": "EXT", "immediate": "IMM"},
        doc="What triggers source and measurement; measured values wait for it (:TRIGger:SOURce).",
    )
    trigger_period = parameter(
        float,
        get_cmd="TRIG:TIM?",
        set_cmd="TRIG:TIM {}",
        unit="s",
        minimum=Asked("TRIG:TIM? MIN"),
        maximum=Asked("TRIG:TIM? MAX"),
        doc="Time from one trigger of the timer to the next; its limits are asked from the instrument "
        "(:TRIGger:TIMer).",
    )
    measured_voltage = parameter(
        float,
        get_cmd=_measured_voltage,
        unit="V",
        relevant_when=_measures,
        snapshot=False,
        doc="Voltage at the terminals; what is measured is set to it (:SENSe:FUNCtion, :READ?).",
    )
    measured_current = parameter(
        float,
        get_cmd=_measured_current,
        unit="A",
        relevant_when=_measures,
        snapshot=False,
        doc="Current through the terminals; what is measured is set to it (:SENSe:FUNCtion, :READ?).",
    )

    def zero(self) -> None:
        """Connect the terminals, at 0 V or 0 A; levels stay (:OUTPut:STATe ZERO)."""
        self.write("OUTP ZERO")
        self.output.cache.invalidate()
        self.output_state.cache.invalidate()
        if self.confirm_set is not None:
            self.confirm_set("OUTP ZERO")

    def make_safe(self) -> None:
        """Switch the output off; the level stays as it is."""
        self.output(False)
