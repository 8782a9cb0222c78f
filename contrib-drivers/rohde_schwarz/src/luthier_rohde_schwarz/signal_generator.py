"""What the signal generators of Rohde & Schwarz have in common."""

from __future__ import annotations

from luthier import Asked, Channel, ScpiInstrument, parameter
from luthier.validators import Numbers

__all__ = ["PulseModulator", "SignalGenerator"]

LONGEST_PULSE = 100.0
SHORTEST_GAP = 20e-9
"""By how much a pulse has to be shorter than the period, in s."""


def _shortest_period(pulse: PulseModulator) -> float:
    return max(100e-9, pulse.width.known_or_read() + SHORTEST_GAP)


def _longest_width(pulse: PulseModulator) -> float:
    return pulse.period.known_or_read() - SHORTEST_GAP


class PulseModulator(Channel):
    """The pulse modulator and the generator that drives it; options of the instrument."""

    source = parameter(
        str,
        get_cmd="SOUR:PULM:SOUR?",
        set_cmd="SOUR:PULM:SOUR {}",
        mapping={"internal": "INT", "external": "EXT"},
        doc="What modulates: the pulse generator inside, or the signal at the connector (PULM:SOURce).",
    )
    mode = parameter(
        str,
        get_cmd="SOUR:PULM:MODE?",
        set_cmd="SOUR:PULM:MODE {}",
        mapping={"single": "SING", "double": "DOUB"},
        doc="How many pulses there are in a period (PULM:MODE).",
    )
    period = parameter(
        float,
        get_cmd="SOUR:PULM:PER?",
        set_cmd="SOUR:PULM:PER {}",
        unit="s",
        validator=Numbers(100e-9, LONGEST_PULSE),
        minimum=_shortest_period,
        doc="Period of the pulse generator; it has to be at least 20 ns longer than the pulse (PULM:PERiod).",
    )
    width = parameter(
        float,
        get_cmd="SOUR:PULM:WIDT?",
        set_cmd="SOUR:PULM:WIDT {}",
        unit="s",
        validator=Numbers(20e-9, LONGEST_PULSE),
        maximum=_longest_width,
        doc="Width of the pulse; it has to be at least 20 ns shorter than the period (PULM:WIDTh).",
    )
    delay = parameter(
        float,
        get_cmd="SOUR:PULM:DEL?",
        set_cmd="SOUR:PULM:DEL {}",
        unit="s",
        validator=Numbers(0, LONGEST_PULSE),
        doc="Time from trigger to pulse (PULM:DELay).",
    )
    second_width = parameter(
        float,
        get_cmd="SOUR:PULM:DOUB:WIDT?",
        set_cmd="SOUR:PULM:DOUB:WIDT {}",
        unit="s",
        validator=Numbers(20e-9, LONGEST_PULSE),
        doc="Width of the second pulse of a pair (PULM:DOUBle:WIDTh).",
    )
    second_delay = parameter(
        float,
        get_cmd="SOUR:PULM:DOUB:DEL?",
        set_cmd="SOUR:PULM:DOUB:DEL {}",
        unit="s",
        validator=Numbers(40e-9, LONGEST_PULSE),
        doc="Time from the start of the first pulse to that of the second (PULM:DOUBle:DELay).",
    )
    trigger_mode = parameter(
        str,
        get_cmd="SOUR:PULM:TRIG:MODE?",
        set_cmd="SOUR:PULM:TRIG:MODE {}",
        mapping={"auto": "AUTO", "external": "EXT", "gate": "EGAT"},
        doc="What starts a period: the one before it, a trigger, or a gate (PULM:TRIGger:MODE).",
    )
    polarity = parameter(
        str,
        get_cmd="SOUR:PULM:POL?",
        set_cmd="SOUR:PULM:POL {}",
        mapping={"normal": "NORM", "inverted": "INV"},
        doc="Whether there is RF during the pulse, or between pulses (PULM:POLarity).",
    )
    enabled = parameter(
        bool,
        get_cmd="SOUR:PULM:STAT?",
        set_cmd="SOUR:PULM:STAT {}",
        doc="Whether the pulse modulator is on (PULM:STATe).",
    )


class SignalGenerator(ScpiInstrument):
    """Frequency, level and output; a snapshot is restored in the order of declaration, the output last."""

    reference_source = parameter(
        str,
        get_cmd="SOUR:ROSC:SOUR?",
        set_cmd="SOUR:ROSC:SOUR {}",
        mapping={"internal": "INT", "external": "EXT"},
        doc="Reference oscillator: the one inside, or a signal at the connector (ROSCillator:SOURce).",
    )
    frequency_offset = parameter(
        float,
        get_cmd="SOUR:FREQ:OFFS?",
        set_cmd="SOUR:FREQ:OFFS {}",
        unit="Hz",
        doc="Added to what frequency shows, for a mixer that follows; the RF stays as it is (FREQuency:OFFSet).",
    )
    power_offset = parameter(
        float,
        get_cmd="SOUR:POW:OFFS?",
        set_cmd="SOUR:POW:OFFS {}",
        unit="dB",
        validator=Numbers(-100, 100),
        doc="Added to what power shows, for an attenuator or amplifier that follows; the RF stays as it is "
        "(POWer:OFFSet).",
    )
    power_limit = parameter(
        float,
        get_cmd="SOUR:POW:LIM?",
        set_cmd="SOUR:POW:LIM {}",
        unit="dBm",
        minimum=Asked("SOUR:POW:LIM? MIN"),
        maximum=Asked("SOUR:POW:LIM? MAX"),
        doc="The level at the output never exceeds this, whatever power is set to; *RST leaves it (POWer:LIMit).",
    )
    frequency = parameter(
        float,
        get_cmd="SOUR:FREQ?",
        set_cmd="SOUR:FREQ {}",
        unit="Hz",
        minimum=Asked("SOUR:FREQ? MIN"),
        maximum=Asked("SOUR:FREQ? MAX"),
        depends_on=("frequency_offset",),
        doc="Frequency, sent with every digit; its limits depend on the options and are asked from the instrument "
        "(FREQuency:CW).",
    )
    phase = parameter(
        float,
        get_cmd="SOUR:PHAS?",
        set_cmd="SOUR:PHAS {}",
        unit="°",
        validator=Numbers(-360, 360),
        doc="Phase, relative to that at the last zero_phase() (PHASe).",
    )
    power = parameter(
        float,
        get_cmd="SOUR:POW?",
        set_cmd="SOUR:POW {}",
        unit="dBm",
        minimum=Asked("SOUR:POW? MIN"),
        maximum=Asked("SOUR:POW? MAX"),
        depends_on=("power_offset",),
        doc="Level; its limits depend on the options and are asked from the instrument "
        "(POWer:LEVel:IMMediate:AMPLitude).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP?",
        set_cmd="OUTP {}",
        doc="Whether the RF is at the output; the level is there at once (OUTPut:STATe).",
    )

    def make_safe(self) -> None:
        """Switch the RF off; the level stays set."""
        self.output(False)
