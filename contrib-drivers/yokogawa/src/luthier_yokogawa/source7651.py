"""The programmable DC source 7651.

The manual was not at hand. Commands, ranges and the bit of the output are as in PyMeasure 0.16, Lab::Measurement 3.881
and Lantz, which agree on them; that LA is in milliamperes is as in PyMeasure alone. What they do not agree on, such as
reading the settings (``OS``), is left out. What the instrument does by itself where range, function or output change is
not confirmed: the driver changes range and function only where nothing can come of it.
"""

from __future__ import annotations

import re

from luthier import Instrument, parameter
from luthier.errors import ReplyError
from luthier.scpi import Identity, parse_float
from luthier.validators import Numbers

from luthier_yokogawa.quiet_ranges import largest_level, require_off, require_quiet

__all__ = ["Source7651"]

VOLTAGE_RANGES = {10e-3: "2", 100e-3: "3", 1.0: "4", 10.0: "5", 30.0: "6"}
CURRENT_RANGES = {1e-3: "4", 10e-3: "5", 100e-3: "6"}
VOLTAGE_LIMITS = {30.0: 32.0}
LEVEL = re.compile(r"\s*[NE]DC([VA])([+-]?\d.*)")
STATUS = re.compile(r"\s*STS1=\s*(\d+)\s*", re.ASCII)
OUTPUT_ON = 1 << 4


def _parts(text: str) -> tuple[str, str]:
    """Return the letter of the function, and the number, in a reply to OD."""
    found = LEVEL.fullmatch(text)
    if found is None:
        raise ReplyError(
            f"the reply {text!r} is no level with a header",
            command="OD;E",
            reply=text,
            expected="a level with its function, such as NDCV+1.0000E+0",
            advice="Where the header is off, send H1;E: write('H1;E').",
        )
    return found[1], found[2]


def _is_on(text: str) -> bool:
    found = STATUS.fullmatch(text)
    if found is None:
        raise ReplyError(
            f"the reply {text!r} is no status", command="OC;E", reply=text, expected="a status, such as STS1=16"
        )
    return bool(int(found[1]) & OUTPUT_ON)


def _set_function(source: Source7651, number: str) -> None:
    require_off(source, "the function")
    source.write(f"F{number};E")


def _set_voltage_range(source: Source7651, number: str) -> None:
    nominal = next(each for each, text in VOLTAGE_RANGES.items() if text == number)
    require_quiet(source, "voltage", "V", largest_level(nominal, VOLTAGE_LIMITS))
    source.write(f"R{number};E")


def _set_current_range(source: Source7651, number: str) -> None:
    nominal = next(each for each, text in CURRENT_RANGES.items() if text == number)
    require_quiet(source, "current", "A", largest_level(nominal, {}))
    source.write(f"R{number};E")


def _voltage_limit(source: Source7651) -> float:
    known = source.source_voltage_range.cache
    return largest_level(known.value if known.valid and known.value else 30.0, VOLTAGE_LIMITS)


def _current_limit(source: Source7651) -> float:
    known = source.source_current_range.cache
    return largest_level(known.value if known.valid and known.value else 0.1, {})


class Source7651(Instrument):
    """Yokogawa 7651: a source of ±32 V or ±120 mA.

    The manual was not at hand; commands are as in PyMeasure, Lab::Measurement and Lantz.

    Interface: GPIB. It does not know *IDN?, and keeps no error queue: what it refuses is seen on its display alone.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing, and the output never jumps by itself: automatic ranging is not used; the range can be
    changed only while the output is off or at 0, and to one that holds the level; the function only while the output is
    off. Ranges and limits cannot be read: they are known once they were set, and until then levels are held to those of
    the largest range. :meth:`make_safe` switches the output off.

    >>> import luthier
    >>> with luthier.open("yokogawa.7651", "sim://", name="source") as source:
    ...     source.source_voltage_range(1.0)
    ...     source.voltage(0.5)
    ...     source.output(True)
    ...     source.voltage()
    0.5
    """

    simulator = "yokogawa.7651"

    source_function = parameter(
        str,
        get_cmd="OD;E",
        set_cmd=_set_function,
        mapping={"voltage": "1", "current": "5"},
        get_parser=lambda text: {"V": "1", "A": "5"}[_parts(text)[0]],
        doc="What is sourced; this driver changes it only while the output is off (F; read from the header of OD).",
    )
    voltage_limit = parameter(
        float,
        set_cmd="LV{};E",
        unit="V",
        validator=Numbers(1, 30),
        resolution=1.0,
        doc="Limit of the voltage of the current source, in steps of 1 V (LV).",
    )
    current_limit = parameter(
        float,
        set_cmd="LA{};E",
        unit="A",
        scale=1000.0,
        validator=Numbers(5e-3, 0.12),
        resolution=1e-3,
        doc="Limit of the current of the voltage source, in steps of 1 mA. That the instrument takes milliamperes is "
        "not confirmed; its display shows what it took (LA).",
    )
    source_voltage_range = parameter(
        float,
        set_cmd=_set_voltage_range,
        unit="V",
        mapping=VOLTAGE_RANGES,
        depends_on=("source_function",),
        relevant_when={"source_function": "voltage"},
        doc="Range of the voltage source; levels go to 120 % of it, in the highest to 32 V (R).",
    )
    source_current_range = parameter(
        float,
        set_cmd=_set_current_range,
        unit="A",
        mapping=CURRENT_RANGES,
        depends_on=("source_function",),
        relevant_when={"source_function": "current"},
        doc="Range of the current source; levels go to 120 % of it (R).",
    )
    voltage = parameter(
        float,
        get_cmd="OD;E",
        set_cmd="S{};E",
        get_parser=lambda text: parse_float(_parts(text)[1]),
        unit="V",
        validator=Numbers(-32.0, 32.0),
        minimum=lambda source: -_voltage_limit(source),
        maximum=_voltage_limit,
        depends_on=("source_function", "source_voltage_range"),
        relevant_when={"source_function": "voltage"},
        doc="Level of the voltage source, within the present range (S; read by OD).",
    )
    current = parameter(
        float,
        get_cmd="OD;E",
        set_cmd="S{};E",
        get_parser=lambda text: parse_float(_parts(text)[1]),
        unit="A",
        validator=Numbers(-0.12, 0.12),
        minimum=lambda source: -_current_limit(source),
        maximum=_current_limit,
        depends_on=("source_function", "source_current_range"),
        relevant_when={"source_function": "current"},
        doc="Level of the current source, within the present range (S; read by OD).",
    )
    output = parameter(
        bool,
        get_cmd="OC;E",
        set_cmd="O{};E",
        get_parser=_is_on,
        depends_on=("source_function",),
        doc="Whether the source is at the terminals; that switching leaves the level alone is not confirmed (O; "
        "read from OC).",
    )

    def identify(self) -> Identity:
        """Return vendor and model, without asking: the instrument does not know *IDN?."""
        return Identity("YOKOGAWA", "7651")

    def make_safe(self) -> None:
        """Switch the output off; the level stays as it is."""
        self.output(False)
