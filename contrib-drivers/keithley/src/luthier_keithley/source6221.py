"""The Keithley 6221 AC and DC current source, and its delta mode with a 2182A nanovoltmeter.

Pages: Model 6220/6221 Reference Manual, of which only some were at hand (5-15: reading in delta mode; 6-12 and table
6-4: the buffer; 13-7: elements of a reading). The other commands and limits are known from PyMeasure 0.16 and from a
drivers in Python that have the limits of the manual. Not confirmed: whether switching the output off unloads an armed
wave, so that the driver asks, and unloads it.
"""

from __future__ import annotations

from typing import Any

from luthier import ScpiInstrument, parameter
from luthier.scpi import parse_float
from luthier.validators import Enum, Numbers

from luthier_keithley.known_settings import known
from luthier_keithley.source6221_delta import Delta
from luthier_keithley.source6221_wave import LARGEST_CURRENT, Wave

__all__ = ["Source6221"]

RANGES = (2e-9, 2e-8, 2e-7, 2e-6, 2e-5, 2e-4, 2e-3, 2e-2, 0.1)
OVER_RANGE = 1.05
SPARE = 1 + 1e-6


def _nominal(reply: str) -> float:
    """Return the range that is meant, whether its name or its full scale is answered."""
    answered = parse_float(reply)
    return next((one for one in RANGES if answered <= one * OVER_RANGE * SPARE), answered)


def _largest(source: Source6221) -> float:
    if known(source.source_current_auto_range):
        return LARGEST_CURRENT
    return float(f"{known(source.source_current_range) * OVER_RANGE:.6g}")


class Source6221(ScpiInstrument):
    """Keithley 6221: a current source of ±105 mA for DC and waves, which measures in delta mode with a 2182A.

    Manual: Model 6220/6221 Reference Manual, of which only some pages were at hand.

    Interfaces: GPIB (address 12 from the factory), RS-232, LAN (a socket on port 1394); replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing: the output stays as it is, and nothing is reset. ``delta`` is the delta mode, for which
    a 2182 or 2182A is connected to the trigger link and to the RS-232 socket; ``wave`` is the generator of waves.
    :meth:`make_safe` switches the output off, and stops delta mode and waves.

    A snapshot is restored in the order of declaration: limits before the level, the output last.

    >>> import luthier
    >>> with luthier.open("keithley.6221", "sim://", name="source") as source:
    ...     source.voltage_limit(1)
    ...     source.delta.high(1e-6)
    ...     source.delta.count(3)
    ...     source.delta.measure(timeout=10).round(5).tolist()
    [0.001, 0.001, 0.001]
    """

    simulator = "keithley.6221"

    voltage_limit = parameter(
        float,
        get_cmd="SOUR:CURR:COMP?",
        set_cmd="SOUR:CURR:COMP {}",
        unit="V",
        validator=Numbers(0.1, 105),
        doc="Compliance, for both polarities (SOURce:CURRent:COMPliance).",
    )
    source_current_range = parameter(
        float,
        get_cmd="SOUR:CURR:RANG?",
        set_cmd="SOUR:CURR:RANG {}",
        unit="A",
        validator=Enum(*RANGES),
        get_parser=_nominal,
        depends_on=("source_current_auto_range",),
        doc="Range; levels go to 105 % of it. Setting it ends automatic ranging; while that is on, read it anew, "
        "because the cache does not follow the level (SOURce:CURRent:RANGe).",
    )
    source_current_auto_range = parameter(
        bool,
        get_cmd="SOUR:CURR:RANG:AUTO?",
        set_cmd="SOUR:CURR:RANG:AUTO {}",
        depends_on=("source_current_range",),
        doc="The range follows the level (SOURce:CURRent:RANGe:AUTO).",
    )
    filter = parameter(
        bool,
        get_cmd="SOUR:CURR:FILT?",
        set_cmd="SOUR:CURR:FILT {}",
        doc="Whether the analog filter slows the output down, against overshoot (SOURce:CURRent:FILTer).",
    )
    response = parameter(
        str,
        get_cmd="OUTP:RESP?",
        set_cmd="OUTP:RESP {}",
        mapping={"fast": "FAST", "slow": "SLOW"},
        doc="How fast the output follows (OUTPut:RESPonse).",
    )
    inner_shield = parameter(
        str,
        get_cmd="OUTP:ISH?",
        set_cmd="OUTP:ISH {}",
        mapping={"low": "OLOW", "guard": "GUAR"},
        doc="What the inner shield of the triaxial cable is connected to (OUTPut:ISHield).",
    )
    low_to_earth = parameter(
        bool,
        get_cmd="OUTP:LTE?",
        set_cmd="OUTP:LTE {}",
        doc="Whether the low side of the output is connected to earth (OUTPut:LTEarth).",
    )
    interlock_closed = parameter(
        bool,
        get_cmd="OUTP:INT:TRIP?",
        snapshot=False,
        doc="Whether the interlock is closed, so that the output can go on (OUTPut:INTerlock:TRIPped, which answers 1 "
        "then).",
    )
    elements = parameter(
        str,
        get_cmd="FORM:ELEM?",
        set_cmd="FORM:ELEM {}",
        validator=Enum("READ,TST"),
        doc='What is sent with a reading; this driver reads the reading and its time, "READ,TST", as it is after '
        "switching on (FORMat:ELEMents, page 13-7).",
    )
    current = parameter(
        float,
        get_cmd="SOUR:CURR?",
        set_cmd="SOUR:CURR {}",
        unit="A",
        validator=Numbers(-LARGEST_CURRENT, LARGEST_CURRENT),
        minimum=lambda source: -_largest(source),
        maximum=_largest,
        doc="Level, at the terminals as soon as the output is on (SOURce:CURRent).",
    )
    output = parameter(bool, get_cmd="OUTP?", set_cmd="OUTP {}", doc="Whether the current flows (OUTPut).")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.delta = Delta(self, "delta")
        self.wave = Wave(self, "wave")

    def make_safe(self) -> None:
        """Switch the output off, and stop delta mode or a wave where it is armed; levels stay as they are."""
        self.output(False)
        for mode in (self.delta, self.wave):
            if mode.armed():
                mode.functions["abort"]()
                self.output(False)
