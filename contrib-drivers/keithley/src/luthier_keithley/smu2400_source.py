"""The source side of the 2400: terminals, function, limits, ranges and levels.

Pages: Model 2400 Series SourceMeter User's Manual, 2400S-900-01 Rev. K, September 2011.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import ScpiInstrument, parameter
from luthier.errors import IrrelevantParameterError
from luthier.validators import Enum, Numbers

from luthier_keithley import sourced_and_measured
from luthier_keithley.known_settings import known
from luthier_keithley.sourced_and_measured import LARGEST_CURRENT, LARGEST_VOLTAGE, OVER_RANGE

if TYPE_CHECKING:
    from luthier import Instrument

__all__ = ["CURRENT_RANGES", "VOLTAGE_RANGES", "SmuSource", "require_output"]

# Nominal range -> full scale, which is what the instrument takes and answers (table 3-1).
VOLTAGE_RANGES = {0.2: "0.21", 2.0: "2.1", 20.0: "21", 200.0: "210"}
CURRENT_RANGES = {
    1e-6: "1.05E-6",
    1e-5: "1.05E-5",
    1e-4: "1.05E-4",
    1e-3: "1.05E-3",
    1e-2: "1.05E-2",
    0.1: "0.105",
    1.0: "1.05",
}


def require_output(smu: Instrument) -> None:
    """Refuse to measure with the output off, where the instrument would only report +803 and not answer (page 17-5)."""
    if not (known(smu["output"]) or known(smu["auto_output_off"])):
        raise IrrelevantParameterError(
            "cannot measure: the output is off",
            state="No reading was started.",
            advice=f"Switch it on with {smu.name}.output(True), or set auto_output_off.",
            condition="the output is on, or auto_output_off is set",
        )


def _largest_voltage(smu: SmuSource) -> float:
    if known(smu.source_voltage_auto_range):
        return LARGEST_VOLTAGE
    return float(known(smu.source_voltage_range)) * OVER_RANGE


def _largest_current(smu: SmuSource) -> float:
    if known(smu.source_current_auto_range):
        return LARGEST_CURRENT
    return float(known(smu.source_current_range)) * OVER_RANGE


class SmuSource(ScpiInstrument):
    """What a 2400 sources, and within which limits; the order is that in which a snapshot is restored."""

    # Terminals and sensing

    terminals = parameter(
        str,
        get_cmd="ROUT:TERM?",
        set_cmd="ROUT:TERM {}",
        mapping={"front": "FRON", "rear": "REAR"},
        doc="Which terminals are in use; changing it switches the output off (ROUTe subsystem, page 18-57).",
    )
    remote_sense = parameter(
        bool,
        get_cmd="SYST:RSEN?",
        set_cmd="SYST:RSEN {}",
        doc="Four-wire sensing; changing it switches the output off (pages 18-104 and 2-12).",
    )
    output_off_state = parameter(
        str,
        get_cmd="OUTP:SMOD?",
        set_cmd="OUTP:SMOD {}",
        mapping={"normal": "NORM", "zero": "ZERO", "guard": "GUAR", "high impedance": "HIMP"},
        doc='What the terminals are like while the output is off: "normal": 0 V, compliance 0.5 % of the range; '
        '"zero": 0 V, compliance as set; "guard": 0 A; "high impedance": disconnected by a relay, which wears (page '
        "18-57).",
    )

    # Source

    source_function = parameter(
        str,
        get_cmd="SOUR:FUNC?",
        set_cmd="SOUR:FUNC {}",
        mapping={"voltage": "VOLT", "current": "CURR"},
        doc="What is sourced; changing it switches the output off (page 18-73).",
    )
    overvoltage_protection = parameter(
        float,
        get_cmd="SOUR:VOLT:PROT?",
        set_cmd="SOUR:VOLT:PROT {}",
        unit="V",
        validator=Enum(20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 160.0, 210.0),
        doc="The output never goes above this, also as a current source; 210 V: no protection (pages 18-79 to 18-82).",
    )
    current_limit = parameter(
        float,
        get_cmd="SENS:CURR:PROT?",
        set_cmd="SENS:CURR:PROT {}",
        unit="A",
        validator=Numbers(1e-9, LARGEST_CURRENT),
        doc="Compliance of the voltage source, for both polarities; not below 0.1 % of the measurement range, and at "
        "most 105 mA on the 200 V source range (pages 18-67 and 18-68).",
    )
    voltage_limit = parameter(
        float,
        get_cmd="SENS:VOLT:PROT?",
        set_cmd="SENS:VOLT:PROT {}",
        unit="V",
        validator=Numbers(2e-4, LARGEST_VOLTAGE),
        doc="Compliance of the current source, for both polarities; not below 0.1 % of the measurement range, and at "
        "most 21 V on the 1 A source range (pages 18-67 and 18-68).",
    )
    source_voltage_range = sourced_and_measured.source_voltage_range.replace(
        mapping=VOLTAGE_RANGES,
        doc="Range of the voltage source; levels go to 105 % of it. Setting it ends automatic ranging; while that is "
        "on, read it anew, because the cache does not follow the level (page 18-74).",
    )
    source_voltage_auto_range = sourced_and_measured.source_voltage_auto_range.replace(
        doc="The range follows the level, which may glitch where it changes (page 18-76)."
    )
    source_current_range = sourced_and_measured.source_current_range.replace(
        mapping=CURRENT_RANGES,
        doc="Range of the current source; levels go to 105 % of it. Setting it ends automatic ranging; while that is "
        "on, read it anew, because the cache does not follow the level (page 18-74).",
    )
    source_current_auto_range = sourced_and_measured.source_current_auto_range.replace(
        doc="The range follows the level, which may glitch where it changes (page 18-76)."
    )
    voltage = sourced_and_measured.voltage_declaration(_largest_voltage, "page 18-77")
    current = sourced_and_measured.current_declaration(_largest_current, "page 18-77")
    source_delay = parameter(
        float,
        get_cmd="SOUR:DEL?",
        set_cmd="SOUR:DEL {}",
        unit="s",
        validator=Numbers(0, 999.9999),
        doc="Time between setting the source and measuring. Setting it ends the automatic delay (page 18-82).",
    )
    source_auto_delay = parameter(
        bool,
        get_cmd="SOUR:DEL:AUTO?",
        set_cmd="SOUR:DEL:AUTO {}",
        depends_on=("source_delay",),
        doc="The instrument chooses the delay for range and function (page 18-82).",
    )
