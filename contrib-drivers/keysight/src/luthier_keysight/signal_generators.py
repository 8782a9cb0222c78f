"""The Keysight E8257D and the N5171B, N5173B, N5181B and N5183B signal generators.

The SCPI command references of the PSG and of the X-series were not at hand, but for a page of the latter on levelling
(Agilent X-Series Signal Generators SCPI Command Reference, page 67). Commands as other projects have them:

- E8257D: frequency, phase, power and output as QCoDeS 0.58 and PyMeasure 0.16; modulation and pulses as PyMeasure;
  offsets as a script for this model;
- N5171B to N5183B: frequency, phase, power, output, automatic reference and pulses as QCoDeS 0.58; power offset and
  modulation as a list of commands of the N5171B; levelling as a script for an EXG.

Taken over from the other series, and not confirmed: references and levelling of the E8257D, the frequency offset of the
X-series. How the reference in use is answered is known of the E4438C. Limits are those of QCoDeS and of the N5171B; how
far offsets go is not known, so that the instrument has to refuse them.
"""

from __future__ import annotations

from math import degrees, radians
from typing import TYPE_CHECKING, ClassVar, TypeVar

from luthier import ScpiInstrument, parameter
from luthier.scpi import format_float, parse_float
from luthier.validators import Numbers

if TYPE_CHECKING:
    from luthier.parameter import Declaration

__all__ = ["E8257D", "N5183B", "SignalGenerator"]

T = TypeVar("T")
PULSE_SOURCES = {"internal": "INT", "external": "EXT"}


def _pulse_source(words: dict[str, str]) -> Declaration[str]:
    return parameter(
        str,
        get_cmd="PULM:SOUR?",
        set_cmd="PULM:SOUR {}",
        mapping=words,
        doc="What modulates pulses: the generator inside, or the signal at the connector; an option (PULM:SOURce).",
    )


class SignalGenerator(ScpiInstrument):
    """Frequency, power and output; a snapshot is restored in the order of declaration, the output last."""

    frequency_range: ClassVar[tuple[float, float]]
    """What the largest model can, in Hz, without an offset; a smaller one refuses more, which is reported."""
    power_range: ClassVar[tuple[float, float]]
    """The same, in dBm."""

    reference_auto = parameter(
        bool,
        get_cmd="ROSC:SOUR:AUTO?",
        set_cmd="ROSC:SOUR:AUTO {}",
        doc="Whether an external reference is taken as soon as there is one (ROSCillator:SOURce:AUTO).",
    )
    reference_source = parameter(
        str,
        get_cmd="ROSC:SOUR?",
        mapping={"internal": "INT", "external": "EXT"},
        snapshot=False,
        doc="Which reference is in use; the reply is known of the E4438C only, and not confirmed here "
        "(ROSCillator:SOURce?).",
    )
    frequency_offset = parameter(
        float,
        get_cmd="FREQ:OFFS?",
        set_cmd="FREQ:OFFS {}",
        unit="Hz",
        doc="Added to what frequency shows, for a mixer that follows; the RF stays as it is (FREQuency:OFFSet).",
    )
    power_offset = parameter(
        float,
        get_cmd="POW:OFFS?",
        set_cmd="POW:OFFS {}",
        unit="dB",
        doc="Added to what power shows, for an attenuator or amplifier that follows; the RF stays as it is "
        "(POWer:OFFSet).",
    )
    levelling = parameter(
        bool,
        get_cmd="POW:ALC?",
        set_cmd="POW:ALC {}",
        doc="Whether the level is controlled (POWer:ALC:STATe).",
    )
    frequency = parameter(
        float,
        get_cmd="FREQ?",
        set_cmd="FREQ {}",
        unit="Hz",
        minimum=lambda source: source.frequency_range[0] + source.frequency_offset.known_or_read(),
        maximum=lambda source: source.frequency_range[1] + source.frequency_offset.known_or_read(),
        depends_on=("frequency_offset",),
        doc="Frequency, sent with every digit; a frequency multiplier has to be 1 (FREQuency:CW).",
    )
    phase = parameter(
        float,
        get_cmd="PHAS?",
        set_cmd="PHAS {}",
        unit="°",
        validator=Numbers(-180, 180),
        set_parser=lambda angle: format_float(radians(angle)),
        get_parser=lambda reply: round(degrees(parse_float(reply)), 9),
        doc="Phase of the signal; sent in radians, which the instrument takes and answers (PHASe:ADJust).",
    )
    power = parameter(
        float,
        get_cmd="POW?",
        set_cmd="POW {}",
        unit="dBm",
        minimum=lambda source: source.power_range[0] + source.power_offset.known_or_read(),
        maximum=lambda source: source.power_range[1] + source.power_offset.known_or_read(),
        depends_on=("power_offset",),
        doc="Power of the signal (POWer:LEVel:IMMediate:AMPLitude).",
    )
    pulse_source = _pulse_source(PULSE_SOURCES)
    pulse_modulation = parameter(
        bool,
        get_cmd="PULM:STAT?",
        set_cmd="PULM:STAT {}",
        doc="Whether there are pulses, while modulation is on; an option (PULM:STATe).",
    )
    modulation = parameter(
        bool,
        get_cmd="OUTP:MOD?",
        set_cmd="OUTP:MOD {}",
        doc="Whether the modulations that are enabled are at the output (OUTPut:MODulation:STATe).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP?",
        set_cmd="OUTP {}",
        doc="Whether the RF is at the output; the power is there at once (OUTPut:STATe).",
    )

    def make_safe(self) -> None:
        """Switch the RF off; the power stays set."""
        self.output(False)


class E8257D(SignalGenerator):
    """Keysight (Agilent) E8257D: PSG signal generator from 250 kHz to 20, 31.8, 40, 50 or 67 GHz.

    The PSG SCPI command reference was not at hand; the module says where the commands are from.

    Interfaces: GPIB (address 19 from the factory), LAN (VXI-11, or a socket on port 5025); replies end with a line
    feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. :meth:`make_safe` switches the RF off. Limits are those of the largest model; what a
    smaller one cannot do it reports. Sweeps, and modulations but pulses, are left out.

    >>> import luthier
    >>> with luthier.open("keysight.e8257d", "sim://", name="rf") as rf:
    ...     rf.frequency(12.00000000123e9)
    ...     rf.power(-20)
    ...     rf.phase(90)
    ...     rf.frequency(), round(rf.phase(), 6)
    (12000000001.23, 90.0)
    """

    simulator = "keysight.e8257d"
    pulse_source = _pulse_source({**PULSE_SOURCES, "scalar": "SCAL"})
    frequency_range = (100e3, 70e9)
    power_range = (-135.0, 30.0)


class N5183B(SignalGenerator):
    """Keysight N5171B, N5173B, N5181B and N5183B: EXG and MXG signal generators from 9 kHz, up to 6 or 40 GHz.

    The X-series SCPI command reference was not at hand; the module says where the commands are from.

    Interfaces: USB, GPIB, LAN (VXI-11, or a socket on port 5025); replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. :meth:`make_safe` switches the RF off. Limits are those of the largest model; what a
    smaller one cannot do it reports. Sweeps, and modulations but pulses, are left out.

    >>> import luthier
    >>> with luthier.open("keysight.n5183b", "sim://", name="rf") as rf:
    ...     rf.frequency(1e9)
    ...     rf.output(True)
    ...     rf.frequency()
    1000000000.0
    """

    simulator = "keysight.n5183b"
    frequency_range = (9e3, 40e9)
    power_range = (-144.0, 30.0)
