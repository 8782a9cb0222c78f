"""The DC voltage and current source GS200.

Manual: GS200 DC Voltage/Current Source User's Manual, IM GS210-01EN, chapter 13. Pages 13-1, 13-2 and 13-12 were at
hand; the other commands are as in QCoDeS 0.58, the ends of the ranges as in pyHegel. What the instrument does by itself
where range, function or output change is not confirmed: the driver changes range and function only where nothing can
come of it.
"""

from __future__ import annotations

import re

from luthier import ScpiInstrument, parameter
from luthier.errors import ReplyError
from luthier.scpi import format_float, parse_float
from luthier.validators import Ints, Numbers

from luthier_yokogawa.quiet_ranges import largest_level, require_off, require_quiet

__all__ = ["Gs200"]

VOLTAGE_RANGES = (10e-3, 100e-3, 1.0, 10.0, 30.0)
CURRENT_RANGES = (1e-3, 10e-3, 100e-3, 200e-3)
VOLTAGE_LIMITS = {30.0: 32.0}
CURRENT_LIMITS = {0.2: 0.2}
FUNCTIONS = {"voltage": "VOLT", "current": "CURR"}
MONITOR = "/MON"


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


def _names_monitor(text: str) -> bool:
    """Return whether a reply to *OPT? names the option."""
    if re.fullmatch(r"[\w/,\"' -]*", text) is None:
        raise ReplyError(
            f"the reply {text!r} is no list of options", command="*OPT?", reply=text, expected="a list of options"
        )
    return MONITOR in text.upper()


def _set_function(source: Gs200, function: str) -> None:
    require_off(source, "the function")
    source.write(f"SOUR:FUNC {function}")


def _set_voltage_range(source: Gs200, text: str) -> None:
    require_quiet(source, "voltage", "V", largest_level(float(text), VOLTAGE_LIMITS))
    source.write(f"SOUR:RANG {text}")


def _set_current_range(source: Gs200, text: str) -> None:
    require_quiet(source, "current", "A", largest_level(float(text), CURRENT_LIMITS))
    source.write(f"SOUR:RANG {text}")


def _voltage_limit(source: Gs200) -> float:
    return largest_level(source.source_voltage_range.known_or_read(), VOLTAGE_LIMITS)


def _current_limit(source: Gs200) -> float:
    return largest_level(source.source_current_range.known_or_read(), CURRENT_LIMITS)


def _has_monitor(source: Gs200) -> bool:
    """has_monitor is True, which is a GS200 with the option /MON"""  # noqa: D400 - completes a sentence
    return source.has_monitor.known_or_read()


def _measures(source: Gs200) -> bool:
    """the option /MON is there, measuring is True and the output is on"""  # noqa: D400, D401, D403 - completes a sentence
    return source.has_monitor.known_or_read() and source.measuring.known_or_read() and source.output.get()


def _measures_current(source: Gs200) -> bool:
    """source_function is 'voltage', the option /MON is there, measuring is True and the output is on"""  # noqa: D400 - completes a sentence
    return source.source_function.known_or_read() == "voltage" and _measures(source)


def _measures_voltage(source: Gs200) -> bool:
    """source_function is 'current', the option /MON is there, measuring is True and the output is on"""  # noqa: D400 - completes a sentence
    return source.source_function.known_or_read() == "current" and _measures(source)


class Gs200(ScpiInstrument):
    """Yokogawa GS200: a source of ±32 V or ±200 mA with a limit of 200 mA or 30 V (it answers *IDN? as GS210 or GS211).

    Manual: GS200 DC Voltage/Current Source User's Manual, IM GS210-01EN, chapter 13.

    Interfaces: GPIB, USB and LAN (VXI-11).

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing, and the output never jumps by itself: automatic ranging is not used; a level beyond the
    present range is refused; the range can be changed only while the output is off or at 0, the function only while it
    is off. ``voltage`` and ``current`` can be ramped (``step`` and ``rate``). :meth:`make_safe` switches the output
    off.

    >>> import luthier
    >>> with luthier.open("yokogawa.gs200", "sim://", name="source") as source:
    ...     source.source_function("voltage")
    ...     source.source_voltage_range(1.0)
    ...     source.current_limit(0.01)
    ...     source.output(True)
    ...     source.voltage(0.5)
    ...     source.measuring(True)
    ...     source.measured_current()
    0.0005
    """

    simulator = "yokogawa.gs200"

    has_monitor = parameter(
        bool,
        get_cmd="*OPT?",
        get_parser=_names_monitor,
        doc="Whether the measuring option /MON is there (*OPT?).",
    )
    source_function = parameter(
        str,
        get_cmd="SOUR:FUNC?",
        set_cmd=_set_function,
        mapping=FUNCTIONS,
        doc="What is sourced; this driver changes it only while the output is off (page 13-2).",
    )
    current_limit = parameter(
        float,
        get_cmd="SOUR:PROT:CURR?",
        set_cmd="SOUR:PROT:CURR {}",
        unit="A",
        validator=Numbers(1e-3, 200e-3),
        doc="Limit of the current of the voltage source, for both polarities (page 13-12).",
    )
    voltage_limit = parameter(
        float,
        get_cmd="SOUR:PROT:VOLT?",
        set_cmd="SOUR:PROT:VOLT {}",
        unit="V",
        validator=Numbers(1.0, 30.0),
        doc="Limit of the voltage of the current source, for both polarities (page 13-12).",
    )
    source_voltage_range = parameter(
        float,
        get_cmd="SOUR:RANG?",
        set_cmd=_set_voltage_range,
        get_parser=lambda text: format_float(_nominal(VOLTAGE_RANGES, text)),
        unit="V",
        mapping={nominal: format_float(nominal) for nominal in VOLTAGE_RANGES},
        depends_on=("source_function",),
        relevant_when={"source_function": "voltage"},
        doc="Range of the voltage source; levels go to 120 % of it, in the highest to 32 V. It can be changed only "
        "while "
        "the output is off or at 0, and to a range that holds the level.",
    )
    source_current_range = parameter(
        float,
        get_cmd="SOUR:RANG?",
        set_cmd=_set_current_range,
        get_parser=lambda text: format_float(_nominal(CURRENT_RANGES, text)),
        unit="A",
        mapping={nominal: format_float(nominal) for nominal in CURRENT_RANGES},
        depends_on=("source_function",),
        relevant_when={"source_function": "current"},
        doc="Range of the current source; levels go to 120 % of it, in the highest to 200 mA. It can be changed only "
        "while the output is off or at 0, and to a range that holds the level.",
    )
    voltage = parameter(
        float,
        get_cmd="SOUR:LEV?",
        set_cmd="SOUR:LEV {}",
        unit="V",
        validator=Numbers(-32.0, 32.0),
        minimum=lambda source: -_voltage_limit(source),
        maximum=_voltage_limit,
        depends_on=("source_function", "source_voltage_range"),
        relevant_when={"source_function": "voltage"},
        doc="Level of the voltage source, within the present range, of which the instrument keeps 1/100000.",
    )
    current = parameter(
        float,
        get_cmd="SOUR:LEV?",
        set_cmd="SOUR:LEV {}",
        unit="A",
        validator=Numbers(-0.2, 0.2),
        minimum=lambda source: -_current_limit(source),
        maximum=_current_limit,
        depends_on=("source_function", "source_current_range"),
        relevant_when={"source_function": "current"},
        doc="Level of the current source, within the present range, of which the instrument keeps 1/100000.",
    )
    remote_sense = parameter(bool, get_cmd="SENS:REM?", set_cmd="SENS:REM {}", doc="Four-wire sensing.")
    guard = parameter(bool, get_cmd="SENS:GUAR?", set_cmd="SENS:GUAR {}", doc="Whether the guard terminal is in use.")
    output = parameter(
        bool,
        get_cmd="OUTP?",
        set_cmd="OUTP {}",
        depends_on=("source_function",),
        doc="Whether the source is at the terminals; that switching leaves the level alone is not confirmed (OUTP).",
    )

    # Measuring, option /MON

    measuring = parameter(
        bool,
        get_cmd="SENS?",
        set_cmd="SENS {}",
        relevant_when=_has_monitor,
        doc="Whether it measures what it does not source (option /MON).",
    )
    nplc = parameter(
        int,
        get_cmd="SENS:NPLC?",
        set_cmd="SENS:NPLC {}",
        unit="",
        validator=Ints(1, 25),
        relevant_when=_has_monitor,
        doc="Integration time in periods of the mains (option /MON).",
    )
    measure_delay = parameter(
        float,
        get_cmd="SENS:DEL?",
        set_cmd="SENS:DEL {}",
        unit="s",
        scale=1000.0,
        validator=Numbers(0, 999.999),
        relevant_when=_has_monitor,
        doc="Time between trigger and measuring; the instrument keeps milliseconds (option /MON).",
    )
    measured_voltage = parameter(
        float,
        get_cmd="MEAS?",
        unit="V",
        relevant_when=_measures_voltage,
        snapshot=False,
        doc="Voltage at the terminals, of a current source (option /MON).",
    )
    measured_current = parameter(
        float,
        get_cmd="MEAS?",
        unit="A",
        relevant_when=_measures_current,
        snapshot=False,
        doc="Current through the terminals, of a voltage source; the ranges of 10 mV and 100 mV are said not to "
        "measure (option /MON).",
    )

    def make_safe(self) -> None:
        """Switch the output off; the level stays as it is."""
        self.output(False)
