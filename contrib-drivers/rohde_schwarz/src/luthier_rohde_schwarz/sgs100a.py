"""The Rohde & Schwarz SGS100A RF source.

Commands as known from the description of the SGMA family (SGT100A User Manual, 1176.8674.02, as quoted in the maker's
package RsSgt 5.0.232) and, for the pulse modulator, from drivers of other projects; of the SGS100A's own manual
(SGS100A User Manual, 1173.9105.02, version 13) only a few pages were at hand.
"""

from __future__ import annotations

from typing import Any

from luthier import Channel, parameter
from luthier.validators import Numbers

from luthier_rohde_schwarz.signal_generator import PulseModulator, SignalGenerator

__all__ = ["IqModulator", "Sgs100a"]

REFERENCE_FREQUENCIES = {10e6: "10MHZ", 100e6: "100MHZ", 1e9: "1000MHZ"}


class IqModulator(Channel):
    """The I/Q modulator of the vector version, SGS100A with option B106V or B112V."""

    impairments = parameter(
        bool,
        get_cmd="SOUR:IQ:IMP:STAT?",
        set_cmd="SOUR:IQ:IMP:STAT {}",
        doc="Whether leakage, gain imbalance and quadrature are applied (IQ:IMPairment:STATe).",
    )
    leakage_i = parameter(
        float,
        get_cmd="SOUR:IQ:IMP:LEAK:I?",
        set_cmd="SOUR:IQ:IMP:LEAK:I {}",
        unit="%",
        validator=Numbers(-10, 10),
        doc="Carrier leakage of the I component (IQ:IMPairment:LEAKage:I).",
    )
    leakage_q = parameter(
        float,
        get_cmd="SOUR:IQ:IMP:LEAK:Q?",
        set_cmd="SOUR:IQ:IMP:LEAK:Q {}",
        unit="%",
        validator=Numbers(-10, 10),
        doc="Carrier leakage of the Q component (IQ:IMPairment:LEAKage:Q).",
    )
    gain_imbalance = parameter(
        float,
        get_cmd="SOUR:IQ:IMP:IQR?",
        set_cmd="SOUR:IQ:IMP:IQR {}",
        unit="dB",
        validator=Numbers(-1, 1),
        doc="How much more one component is amplified than the other (IQ:IMPairment:IQRatio).",
    )
    quadrature = parameter(
        float,
        get_cmd="SOUR:IQ:IMP:QUAD?",
        set_cmd="SOUR:IQ:IMP:QUAD {}",
        unit="°",
        validator=Numbers(-8, 8),
        doc="By how much the angle between I and Q differs from 90° (IQ:IMPairment:QUADrature).",
    )
    crest_factor = parameter(
        float,
        get_cmd="SOUR:IQ:CRES?",
        set_cmd="SOUR:IQ:CRES {}",
        unit="dB",
        validator=Numbers(0, 80),
        doc="Crest factor of the signal that modulates, which the level is computed with (IQ:CREStfactor).",
    )
    wideband = parameter(
        bool,
        get_cmd="SOUR:IQ:WBST?",
        set_cmd="SOUR:IQ:WBST {}",
        doc="Settings that are best for wideband signals (IQ:WBSTate).",
    )
    enabled = parameter(
        bool,
        get_cmd="SOUR:IQ:STAT?",
        set_cmd="SOUR:IQ:STAT {}",
        doc="Whether the I/Q modulator is on (IQ:STATe).",
    )


class Sgs100a(SignalGenerator):
    """Rohde & Schwarz SGS100A: RF source from 1 MHz to 6 GHz or 12.75 GHz, as its options say.

    Interfaces: LAN (VXI-11 and a socket on port 5025), USB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware, and without the whole manual.

    Opening it changes nothing. :meth:`make_safe` switches the RF off. ``pulse`` needs option K22, ``iq`` the vector
    version, ``lo_source`` and ``reference_output`` option K90; without them the instrument reports an error.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.sgs100a", "sim://", name="rf") as rf:
    ...     rf.frequency(5.123456789012e9)
    ...     rf.power(-20)
    ...     rf.output(True)
    ...     rf.frequency()
    5123456789.012
    """

    simulator = "rohde_schwarz.sgs100a"

    reference_frequency = parameter(
        float,
        get_cmd="SOUR:ROSC:EXT:FREQ?",
        set_cmd="SOUR:ROSC:EXT:FREQ {}",
        unit="Hz",
        mapping=REFERENCE_FREQUENCIES,
        doc="Frequency of an external reference (ROSCillator:EXTernal:FREQuency).",
    )
    reference_output_frequency = parameter(
        float,
        get_cmd="SOUR:ROSC:OUTP:FREQ?",
        set_cmd="SOUR:ROSC:OUTP:FREQ {}",
        unit="Hz",
        mapping=REFERENCE_FREQUENCIES,
        doc="Frequency of the reference that is put out (ROSCillator:OUTPut:FREQuency).",
    )
    reference_output = parameter(
        str,
        get_cmd="CONN:REFL:OUTP?",
        set_cmd="CONN:REFL:OUTP {}",
        mapping={"reference": "REF", "lo": "LO", "off": "OFF"},
        doc="What is at the connector REF/LO OUT (CONNector:REFLo:OUTPut).",
    )
    lo_source = parameter(
        str,
        get_cmd="SOUR:LOSC:SOUR?",
        set_cmd="SOUR:LOSC:SOUR {}",
        mapping={"internal": "INT", "external": "EXT"},
        doc="Local oscillator: the one inside, or the signal at LO/REF IN (LOSCillator:SOURce).",
    )
    attenuator_mode = parameter(
        str,
        get_cmd="OUTP:AMOD?",
        set_cmd="OUTP:AMOD {}",
        mapping={"auto": "AUTO", "fixed": "FIX", "passive": "APAS"},
        doc="Whether the attenuator follows the level; fixed, it never switches, and the range is smaller "
        "(OUTPut:AMODe).",
    )
    operation_mode = parameter(
        str,
        get_cmd="SOUR:OPM?",
        set_cmd="SOUR:OPM {}",
        mapping={"normal": "NORM", "baseband bypass": "BBBY"},
        doc="Baseband bypass leads I and Q past the modulator (OPMode).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.pulse = PulseModulator(self, "pulse")
        self.iq = IqModulator(self, "iq")
        self.add_function("zero_phase", "SOUR:PHAS:REF", doc="Take the phase as it is as 0° (PHASe:REFerence).")
