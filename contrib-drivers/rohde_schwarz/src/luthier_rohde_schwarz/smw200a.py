"""The Rohde & Schwarz SMW200A vector signal generator.

Commands as the maker's package RsSmw 5.50 quotes the SMW200A User Manual, 1175.6632.02; of the manual itself only a few
pages were at hand. That limits can be asked for by MIN and MAX is known from the generators' common description.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from luthier import Asked, Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import UsageError
from luthier.scpi import parse_string
from luthier.validators import Numbers, Strings

__all__ = ["Smw200a", "SmwPath"]

LONGEST_PULSE = 100.0
SHORTEST_GAP = 20e-9
"""By how much a pulse has to be shorter than the period, in s."""
PATHS = {"a": 1, "b": 2}
MODULATIONS = ("iq_enabled", "arb_enabled", "am_enabled", "fm_enabled", "pm_enabled", "pulse_enabled")
MODULATION_SOURCES = {"lf1": "LF1", "lf2": "LF2", "noise": "NOIS", "external 1": "EXT1", "external 2": "EXT2"}


def _longest_width(path: SmwPath) -> float:
    return path.pulse_period.known_or_read() - SHORTEST_GAP


def _shortest_period(path: SmwPath) -> float:
    return path.pulse_width.known_or_read() + SHORTEST_GAP


class SmwPath(Channel):
    """One path: frequency, level, modulations and output."""

    frequency_offset = parameter(
        float,
        get_cmd="SOUR{number}:FREQ:OFFS?",
        set_cmd="SOUR{number}:FREQ:OFFS {}",
        unit="Hz",
        doc="Added to what frequency shows, for a mixer that follows; the RF stays as it is (FREQuency:OFFSet).",
    )
    power_offset = parameter(
        float,
        get_cmd="SOUR{number}:POW:OFFS?",
        set_cmd="SOUR{number}:POW:OFFS {}",
        unit="dB",
        validator=Numbers(-100, 100),
        doc="Added to what power shows, for an attenuator or amplifier that follows; the RF stays as it is "
        "(POWer:OFFSet).",
    )
    power_limit = parameter(
        float,
        get_cmd="SOUR{number}:POW:LIM?",
        set_cmd="SOUR{number}:POW:LIM {}",
        unit="dBm",
        minimum=Asked("SOUR{number}:POW:LIM? MIN"),
        maximum=Asked("SOUR{number}:POW:LIM? MAX"),
        doc="The level at the output never exceeds this, whatever power is set to (POWer:LIMit).",
    )
    attenuator_mode = parameter(
        str,
        get_cmd="OUTP{number}:AMOD?",
        set_cmd="OUTP{number}:AMOD {}",
        mapping={"auto": "AUTO", "fixed": "FIX", "manual": "MAN"},
        doc="Whether the attenuator follows the level; fixed, it never switches, and the range is smaller "
        "(OUTPut:AMODe).",
    )
    level_behaviour = parameter(
        str,
        get_cmd="SOUR{number}:POW:LBEH?",
        set_cmd="SOUR{number}:POW:LBEH {}",
        mapping={
            "auto": "AUTO",
            "uninterrupted": "UNIN",
            "monotone": "MON",
            "constant vswr": "CVSW",
            "continuous phase": "CPH",
        },
        doc="What is kept while the level changes (POWer:LBEHaviour).",
    )
    frequency_mode = parameter(
        str,
        get_cmd="SOUR{number}:FREQ:MODE?",
        set_cmd="SOUR{number}:FREQ:MODE {}",
        mapping={"fixed": "CW", "sweep": "SWE", "list": "LIST"},
        doc="Whether frequency, a sweep, or a list in the instrument says what is put out (FREQuency:MODE).",
    )
    frequency = parameter(
        float,
        get_cmd="SOUR{number}:FREQ?",
        set_cmd="SOUR{number}:FREQ {}",
        unit="Hz",
        minimum=Asked("SOUR{number}:FREQ? MIN"),
        maximum=Asked("SOUR{number}:FREQ? MAX"),
        depends_on=("frequency_offset",),
        doc="Frequency, sent with every digit; its limits depend on the options and are asked from the instrument "
        "(FREQuency:CW).",
    )
    phase = parameter(
        float,
        get_cmd="SOUR{number}:PHAS?",
        set_cmd="SOUR{number}:PHAS {}",
        unit="°",
        validator=Numbers(-720, 720),
        doc="Phase, relative to that at the last zero_phase() (PHASe).",
    )
    power = parameter(
        float,
        get_cmd="SOUR{number}:POW?",
        set_cmd="SOUR{number}:POW {}",
        unit="dBm",
        minimum=Asked("SOUR{number}:POW? MIN"),
        maximum=Asked("SOUR{number}:POW? MAX"),
        depends_on=("power_offset",),
        doc="Level; its limits depend on the options and are asked from the instrument "
        "(POWer:LEVel:IMMediate:AMPLitude).",
    )
    iq_source = parameter(
        str,
        get_cmd="SOUR{number}:IQ:SOUR?",
        set_cmd="SOUR{number}:IQ:SOUR {}",
        mapping={"baseband": "BAS", "analog": "ANAL", "differential": "DIFF"},
        doc="What the I/Q modulator gets: the baseband inside, or signals at the connectors (IQ:SOURce).",
    )
    iq_wideband = parameter(
        bool,
        get_cmd="SOUR{number}:IQ:WBST?",
        set_cmd="SOUR{number}:IQ:WBST {}",
        doc="Settings that are best for signals wider than 5 MHz (IQ:WBSTate).",
    )
    iq_crest_factor = parameter(
        float,
        get_cmd="SOUR{number}:IQ:CRES?",
        set_cmd="SOUR{number}:IQ:CRES {}",
        unit="dB",
        validator=Numbers(0, 35),
        doc="Crest factor of an external signal, which the level is computed with (IQ:CREStfactor).",
    )
    iq_impairments = parameter(
        bool,
        get_cmd="SOUR{number}:IQ:IMP:STAT?",
        set_cmd="SOUR{number}:IQ:IMP:STAT {}",
        doc="Whether leakage, gain imbalance and quadrature are applied (IQ:IMPairment:STATe).",
    )
    iq_leakage_i = parameter(
        float,
        get_cmd="SOUR{number}:IQ:IMP:LEAK:I?",
        set_cmd="SOUR{number}:IQ:IMP:LEAK:I {}",
        unit="%",
        validator=Numbers(-10, 10),
        doc="Carrier leakage of the I component (IQ:IMPairment:LEAKage:I).",
    )
    iq_leakage_q = parameter(
        float,
        get_cmd="SOUR{number}:IQ:IMP:LEAK:Q?",
        set_cmd="SOUR{number}:IQ:IMP:LEAK:Q {}",
        unit="%",
        validator=Numbers(-10, 10),
        doc="Carrier leakage of the Q component (IQ:IMPairment:LEAKage:Q).",
    )
    iq_gain_imbalance = parameter(
        float,
        get_cmd="SOUR{number}:IQ:IMP:IQR?",
        set_cmd="SOUR{number}:IQ:IMP:IQR {}",
        unit="dB",
        validator=Numbers(-1, 1),
        doc="How much more one component is amplified than the other (IQ:IMPairment:IQRatio).",
    )
    iq_quadrature = parameter(
        float,
        get_cmd="SOUR{number}:IQ:IMP:QUAD?",
        set_cmd="SOUR{number}:IQ:IMP:QUAD {}",
        unit="°",
        validator=Numbers(-10, 10),
        doc="By how much the angle between I and Q differs from 90° (IQ:IMPairment:QUADrature).",
    )
    iq_enabled = parameter(
        bool,
        get_cmd="SOUR{number}:IQ:STAT?",
        set_cmd="SOUR{number}:IQ:STAT {}",
        depends_on=("modulation_enabled",),
        doc="Whether the I/Q modulator is on; it ends an amplitude modulation (IQ:STATe).",
    )
    arb_waveform = parameter(
        str,
        get_cmd="SOUR{number}:BB:ARB:WAV:SEL?",
        set_cmd='SOUR{number}:BB:ARB:WAV:SEL "{}"',
        get_parser=parse_string,
        validator=Strings(max_length=255, pattern=r"[ !#-~]*"),
        doc="Waveform file in the instrument that the arbitrary waveform generator plays; its extension can be left "
        "out (BB:ARBitrary:WAVeform:SELect).",
    )
    arb_enabled = parameter(
        bool,
        get_cmd="SOUR{number}:BB:ARB:STAT?",
        set_cmd="SOUR{number}:BB:ARB:STAT {}",
        depends_on=("modulation_enabled",),
        doc="Whether the arbitrary waveform generator of the baseband plays; it needs a waveform (BB:ARBitrary:STATe).",
    )
    lf_frequency = parameter(
        float,
        get_cmd="SOUR{number}:LFO:FREQ?",
        set_cmd="SOUR{number}:LFO:FREQ {}",
        unit="Hz",
        validator=Numbers(0.1, 10e6),
        doc="Frequency of the first LF generator, which modulates as lf1; beyond what the options allow the instrument "
        "reports an error (LFOutput:FREQuency).",
    )
    am_source = parameter(
        str,
        get_cmd="SOUR{number}:AM:SOUR?",
        set_cmd="SOUR{number}:AM:SOUR {}",
        mapping=MODULATION_SOURCES,
        doc="What modulates the amplitude (AM:SOURce).",
    )
    am_depth = parameter(
        float,
        get_cmd="SOUR{number}:AM:DEPT?",
        set_cmd="SOUR{number}:AM:DEPT {}",
        unit="%",
        validator=Numbers(0, 100),
        doc="Depth of the amplitude modulation (AM:DEPTh).",
    )
    am_enabled = parameter(
        bool,
        get_cmd="SOUR{number}:AM:STAT?",
        set_cmd="SOUR{number}:AM:STAT {}",
        depends_on=("modulation_enabled", "iq_enabled"),
        doc="Whether the amplitude is modulated (AM:STATe).",
    )
    fm_source = parameter(
        str,
        get_cmd="SOUR{number}:FM:SOUR?",
        set_cmd="SOUR{number}:FM:SOUR {}",
        mapping=MODULATION_SOURCES,
        doc="What modulates the frequency (FM:SOURce).",
    )
    fm_deviation = parameter(
        float,
        get_cmd="SOUR{number}:FM:DEV?",
        set_cmd="SOUR{number}:FM:DEV {}",
        unit="Hz",
        validator=Numbers(0, None),
        maximum=Asked("SOUR{number}:FM:DEV? MAX"),
        depends_on=("frequency",),
        doc="Deviation of the frequency; its largest value depends on frequency (FM:DEViation).",
    )
    fm_enabled = parameter(
        bool,
        get_cmd="SOUR{number}:FM:STAT?",
        set_cmd="SOUR{number}:FM:STAT {}",
        depends_on=("modulation_enabled", "pm_enabled"),
        doc="Whether the frequency is modulated (FM:STATe).",
    )
    pm_source = parameter(
        str,
        get_cmd="SOUR{number}:PM:SOUR?",
        set_cmd="SOUR{number}:PM:SOUR {}",
        mapping=MODULATION_SOURCES,
        doc="What modulates the phase (PM:SOURce).",
    )
    pm_enabled = parameter(
        bool,
        get_cmd="SOUR{number}:PM:STAT?",
        set_cmd="SOUR{number}:PM:STAT {}",
        depends_on=("modulation_enabled", "fm_enabled"),
        doc="Whether the phase is modulated, which ends a modulation of the frequency (PM:STATe).",
    )
    pulse_source = parameter(
        str,
        get_cmd="SOUR{number}:PULM:SOUR?",
        set_cmd="SOUR{number}:PULM:SOUR {}",
        mapping={"internal": "INT", "external": "EXT"},
        doc="What modulates: the pulse generator inside, or the signal at the connector (PULM:SOURce).",
    )
    pulse_period = parameter(
        float,
        get_cmd="SOUR{number}:PULM:PER?",
        set_cmd="SOUR{number}:PULM:PER {}",
        unit="s",
        validator=Numbers(SHORTEST_GAP, LONGEST_PULSE),
        minimum=_shortest_period,
        doc="Period of the pulse generator; it has to be at least 20 ns longer than the pulse (PULM:PERiod).",
    )
    pulse_width = parameter(
        float,
        get_cmd="SOUR{number}:PULM:WIDT?",
        set_cmd="SOUR{number}:PULM:WIDT {}",
        unit="s",
        validator=Numbers(SHORTEST_GAP, LONGEST_PULSE),
        maximum=_longest_width,
        doc="Width of the pulse; it has to be at least 20 ns shorter than the period (PULM:WIDTh).",
    )
    pulse_enabled = parameter(
        bool,
        get_cmd="SOUR{number}:PULM:STAT?",
        set_cmd="SOUR{number}:PULM:STAT {}",
        depends_on=("modulation_enabled",),
        doc="Whether the pulse modulator is on (PULM:STATe).",
    )
    modulation_enabled = parameter(
        bool,
        get_cmd="SOUR{number}:MOD:STAT?",
        set_cmd="SOUR{number}:MOD:STAT {}",
        depends_on=MODULATIONS,
        snapshot=False,
        doc="Whether there is any modulation. False ends all of them, and True brings back those that were ended so "
        "(MODulation:ALL:STATe).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP{number}?",
        set_cmd="OUTP{number} {}",
        doc="Whether the RF is at the output; the level is there at once (OUTPut:STATe).",
    )

    def __init__(self, parent: Smw200a, name: str) -> None:
        super().__init__(parent, name)
        self.number = PATHS[name]
        self.add_function(
            "zero_phase", f"SOUR{self.number}:PHAS:REF", doc="Take the phase as it is as 0° (PHASe:REFerence)."
        )


class Smw200a(ScpiInstrument):
    """Rohde & Schwarz SMW200A: vector signal generator up to 67 GHz, with one path or two.

    Interfaces: LAN (VXI-11, HiSLIP and a socket on port 5025), USB, GPIB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware, and without the whole manual.

    Opening it changes nothing, and asks for nothing but the identity, which does not say how many paths there are: a
    second one is there with ``paths=2``. Each path has its own parameters, ``b.frequency``; those of path A are on the
    instrument too. :meth:`make_safe` switches the RF off at all outputs, whatever ``paths`` says. Modulations need
    options; without them the instrument reports an error.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.smw200a", "sim://", name="rf", paths=2) as rf:
    ...     rf.frequency(5.123456789012e9)
    ...     rf.b.frequency(6e9)
    ...     rf.b.power(-20)
    ...     rf.b.output(True)
    ...     rf.a.frequency(), rf.paths.output.get()
    (5123456789.012, (False, True))
    """

    simulator = "rohde_schwarz.smw200a"

    reference_source = parameter(
        str,
        get_cmd="SOUR:ROSC:SOUR?",
        set_cmd="SOUR:ROSC:SOUR {}",
        mapping={"internal": "INT", "external": "EXT"},
        doc="Reference oscillator: the one inside, or a signal at the connector (ROSCillator:SOURce).",
    )
    frequency = parameter(
        float,
        delegate="a.frequency",
        unit="Hz",
        minimum=lambda generator: generator.a.frequency.limits[0],
        maximum=lambda generator: generator.a.frequency.limits[1],
        doc="Frequency of path A.",
    )
    phase = parameter(float, delegate="a.phase", unit="°", validator=Numbers(-720, 720), doc="Phase of path A.")
    power = parameter(
        float,
        delegate="a.power",
        unit="dBm",
        minimum=lambda generator: generator.a.power.limits[0],
        maximum=lambda generator: generator.a.power.limits[1],
        doc="Level of path A.",
    )
    output = parameter(bool, delegate="a.output", doc="Whether the RF of path A is at its output.")

    def __init__(self, name: str, address: str | None = None, *, paths: int = 1, **options: Any) -> None:
        if paths not in (1, 2):
            raise UsageError(f"{name}: paths={paths!r} was given; allowed are 1 and 2")
        super().__init__(name, address, **options)
        self.paths = ChannelList(self, "paths", [SmwPath(self, path) for path in list(PATHS)[:paths]])

    def make_safe(self) -> None:
        """Switch the RF off at all outputs together, and then at each; the levels stay set.

        Where one fails, the others are tried all the same. Raises an :class:`ExceptionGroup` with all failures.
        """
        failures = []
        for switch in (partial(self.write, "OUTP:ALL 0"), *(partial(path["output"].set, False) for path in self.paths)):
            try:
                switch()
            except Exception as failure:  # noqa: BLE001 - whatever it is, the other outputs have to be switched off
                failures.append(failure)
        if failures:
            raise ExceptionGroup(f"{self.name}: outputs may still be on", failures)
