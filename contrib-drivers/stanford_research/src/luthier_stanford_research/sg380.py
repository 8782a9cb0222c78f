"""The RF signal generators of the SG380 series: SG382, SG384, SG386.

The SG380 series' operation manual (chapter "Remote Programming") was not at hand. Outputs, frequency, phase, noise and
FM are as in QCoDeS 0.58, options as in PyMeasure 0.16, ADEP, PDEV and SRAT as in baecon, error numbers as in pyHegel.
Not confirmed: limits and steps of AM, PM and sweeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from luthier import Channel, parameter
from luthier.validators import Numbers

from luthier_stanford_research.lock_in_tables import by_number
from luthier_stanford_research.reported_errors import ERROR_NUMBERS, ErrorNumberInstrument

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Sg382", "Sg384", "Sg386", "SignalGenerator"]

SHAPES = ("sine", "ramp", "triangle", "square", "noise", "external")


class LowFrequencyOutput(Channel):
    """The BNC output, from DC to 62.5 MHz; above that it is off."""

    power = parameter(
        float,
        get_cmd="AMPL?",
        set_cmd="AMPL {}",
        unit="dBm",
        validator=Numbers(-47, 13),
        resolution=0.01,
        doc="Power into 50 Ω (AMPL).",
    )
    offset = parameter(
        float,
        get_cmd="OFSL?",
        set_cmd="OFSL {}",
        unit="V",
        validator=Numbers(-1.5, 1.5),
        resolution=0.01,
        doc="DC level into 50 Ω (OFSL).",
    )
    output = parameter(
        bool,
        get_cmd="ENBL?",
        set_cmd="ENBL {}",
        doc="Whether the output is on; above 62.5 MHz it may be answered that it is off (ENBL).",
    )


def _has(option: str) -> Callable[[Any], bool]:
    def has(channel: Channel) -> bool:
        return bool(channel.root[option].known_or_read())

    has.__doc__ = f"{option} is True"
    return has


class DoublerOutput(Channel):
    """The rear output of the frequency doubler, option 2, above 4.05 GHz."""

    power = parameter(
        float,
        get_cmd="AMPH?",
        set_cmd="AMPH {}",
        unit="dBm",
        validator=Numbers(-10, 13),
        resolution=0.01,
        relevant_when=_has("has_doubler"),
        doc="Power into 50 Ω (AMPH).",
    )
    output = parameter(
        bool,
        get_cmd="ENBH?",
        set_cmd="ENBH {}",
        relevant_when=_has("has_doubler"),
        doc="Whether the output is on (ENBH).",
    )


class ClockOutputs(Channel):
    """The rear clock outputs, option 1."""

    amplitude = parameter(
        float,
        get_cmd="AMPC?",
        set_cmd="AMPC {}",
        unit="V",
        validator=Numbers(0.4, 1.0),
        resolution=0.01,
        relevant_when=_has("has_clock"),
        doc="Peak-to-peak voltage of each clock output (AMPC).",
    )
    offset = parameter(
        float,
        get_cmd="OFSC?",
        set_cmd="OFSC {}",
        unit="V",
        validator=Numbers(-2, 2),
        resolution=0.01,
        relevant_when=_has("has_clock"),
        doc="DC level of the clock outputs (OFSC).",
    )
    output = parameter(
        bool,
        get_cmd="ENBC?",
        set_cmd="ENBC {}",
        relevant_when=_has("has_clock"),
        doc="Whether the outputs are on (ENBC).",
    )


class SignalGenerator(ErrorNumberInstrument):
    """What the models of the SG380 series have in common."""

    can_double: ClassVar[bool] = True
    """Whether the model is sold with the frequency doubler, option 2."""
    error_numbers: ClassVar[Mapping[int, str]] = {
        **ERROR_NUMBERS,
        10: "illegal value",
        11: "illegal mode",
        12: "not allowed",
        13: "recall failed",
        14: "no clock option",
        15: "no RF doubler option",
        16: "no IQ option",
        17: "failed self-test",
        127: "illegal units",
        128: "missing units",
    }

    has_clock = parameter(bool, get_cmd="OPTN? 1", doc="Whether option 1, clock outputs, is there (OPTN?).")
    has_doubler = parameter(bool, get_cmd="OPTN? 2", doc="Whether option 2, the RF doubler, is there (OPTN?).")
    has_iq = parameter(bool, get_cmd="OPTN? 3", doc="Whether option 3, I/Q modulation, is there (OPTN?).")

    frequency = parameter(
        float,
        get_cmd="FREQ?",
        set_cmd="FREQ {}",
        unit="Hz",
        validator=Numbers(0, 6.075e9),
        resolution=1e-6,
        doc="Carrier frequency, in steps of 1 µHz, at the type N output from 950 kHz on (FREQ).",
    )
    power = parameter(
        float,
        get_cmd="AMPR?",
        set_cmd="AMPR {}",
        unit="dBm",
        validator=Numbers(-110, 16.5),
        resolution=0.01,
        doc="Power at the type N output into 50 Ω; above 4 GHz the most is less (AMPR).",
    )
    phase = parameter(
        float,
        get_cmd="PHAS?",
        set_cmd="PHAS {}",
        unit="°",
        validator=Numbers(-360, 360),
        resolution=0.01,
        doc="Phase of the carrier against where it was set to zero; steps are 0.01° to 100 MHz, 0.1° to 1 GHz, and 1° "
        "above (PHAS).",
    )
    noise_mode = parameter(
        str,
        get_cmd="NOIS?",
        set_cmd="NOIS {}",
        mapping=by_number("close", "far"),
        doc="Whether the loop filter is best close to the carrier, within 100 kHz, or farther away (NOIS).",
    )

    # Modulation

    modulation_type = parameter(
        str,
        get_cmd="TYPE?",
        set_cmd="TYPE {}",
        mapping=by_number("AM", "FM", "PM", "sweep", "pulse", "blank", "IQ"),
        doc='How the carrier is modulated; "IQ" needs option 3 (TYPE).',
    )
    modulation_shape = parameter(
        str,
        get_cmd="MFNC?",
        set_cmd="MFNC {}",
        mapping=by_number(*SHAPES),
        doc="Shape of the modulation for AM, FM and PM (MFNC).",
    )
    modulation_rate = parameter(
        float,
        get_cmd="RATE?",
        set_cmd="RATE {}",
        unit="Hz",
        validator=Numbers(1e-6, 50e3),
        resolution=1e-6,
        doc="Rate of the modulation for AM, FM and PM (RATE).",
    )
    am_depth = parameter(
        float,
        get_cmd="ADEP?",
        set_cmd="ADEP {}",
        unit="%",
        validator=Numbers(0, 100),
        resolution=0.1,
        doc="Depth of amplitude modulation; limits and steps are not confirmed (ADEP).",
    )
    frequency_deviation = parameter(
        float,
        get_cmd="FDEV?",
        set_cmd="FDEV {}",
        unit="Hz",
        validator=Numbers(0.1, 32e6),
        resolution=0.1,
        doc="Deviation of frequency modulation; the largest depends on the carrier (FDEV).",
    )
    phase_deviation = parameter(
        float,
        get_cmd="PDEV?",
        set_cmd="PDEV {}",
        unit="°",
        validator=Numbers(0, 360),
        resolution=0.1,
        doc="Deviation of phase modulation; limits and steps are not confirmed (PDEV).",
    )
    sweep_rate = parameter(
        float,
        get_cmd="SRAT?",
        set_cmd="SRAT {}",
        unit="Hz",
        validator=Numbers(1e-6, 120),
        resolution=1e-6,
        doc="Rate of a frequency sweep; limits and steps are not confirmed (SRAT).",
    )
    external_coupling = parameter(
        str,
        get_cmd="COUP?",
        set_cmd="COUP {}",
        mapping=by_number("AC", "DC"),
        doc="Coupling of the input for external modulation (COUP).",
    )
    modulation = parameter(bool, get_cmd="MODL?", set_cmd="MODL {}", doc="Whether the carrier is modulated (MODL).")

    output = parameter(
        bool,
        get_cmd="ENBR?",
        set_cmd="ENBR {}",
        depends_on=("frequency",),
        doc="Whether the type N output is on; below 950 kHz it may be answered that it is off (ENBR).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.low_frequency = LowFrequencyOutput(self, "low_frequency")
        self.clock = ClockOutputs(self, "clock")
        if self.can_double:
            self.doubler: DoublerOutput = DoublerOutput(self, "doubler")

    def make_safe(self) -> None:
        """Switch off the outputs: type N, BNC, and those of the options that are there."""
        self.output(False)
        self.low_frequency.output(False)
        if self.can_double and self.has_doubler():
            self.doubler.output(False)
        if self.has_clock():
            self.clock.output(False)


class Sg384(SignalGenerator):
    """Stanford Research Systems SG384: a signal generator from DC to 4.05 GHz.

    Manual: SG380 Series RF Signal Generators, Operation Manual, chapter "Remote Programming"; it was not at hand.
    Commands are those of other programs, which the module names.

    Interfaces: GPIB, LAN (VXI-11, and raw TCP on port 5025) and RS-232.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing; frequency and power leave the outputs as they are, on or off. Errors are taken from the
    queue of ``LERR?`` after each set. :meth:`make_safe` switches all outputs off.

    >>> import luthier
    >>> with luthier.open("stanford_research.sg384", "sim://", name="rf") as rf:
    ...     rf.frequency(2_870_000_000.123456)
    ...     rf.power(-20)
    ...     rf.output(True)
    ...     rf.frequency()
    2870000000.123456
    """

    simulator = "stanford_research.sg384"
    frequency = SignalGenerator.frequency.replace(validator=Numbers(0, 4.05e9))


class Sg382(SignalGenerator):
    """Stanford Research Systems SG382: as the SG384, to 2.025 GHz, without doubler.

    >>> import luthier
    >>> with luthier.open("stanford_research.sg382", "sim://", name="rf") as rf:
    ...     rf.frequency(1e9)
    ...     rf.power(-20)
    ...     rf.power()
    -20.0
    """

    simulator = "stanford_research.sg382"
    frequency = SignalGenerator.frequency.replace(validator=Numbers(0, 2.025e9))
    can_double: ClassVar[bool] = False


class Sg386(SignalGenerator):
    """Stanford Research Systems SG386: as the SG384, to 6.075 GHz.

    >>> import luthier
    >>> with luthier.open("stanford_research.sg386", "sim://", name="rf") as rf:
    ...     rf.frequency(1e9)
    ...     rf.power(-20)
    ...     rf.power()
    -20.0
    """

    simulator = "stanford_research.sg386"
