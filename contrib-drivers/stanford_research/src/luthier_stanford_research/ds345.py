"""The DS345 function generator.

Of the DS345 Operation Manual (chapter 3, "Programming Commands") page 3-7 was at hand. Commands, numbers of choices,
and the limits of frequency, offset, phase, modulation and bursts are as in the drivers of PLACE and QInstrument. PLACE
goes through the manual's commands, and ``*OPC?`` is not among them. Not confirmed: the limits of the amplitude.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from luthier import parameter
from luthier.errors import ReplyError
from luthier.scpi import format_float, parse_float
from luthier.validators import Ints, Numbers

from luthier_stanford_research.lock_in_tables import by_number
from luthier_stanford_research.reported_errors import EventStatusInstrument

__all__ = ["Ds345"]

LARGEST_VOLTAGE = 5.0  # of peak and offset together, into 50 Ω
HIGHEST = {"sine": 30.2e6, "square": 30.2e6, "triangle": 100e3, "ramp": 100e3}
WITH_FREQUENCY = tuple(HIGHEST)
AMPLITUDE = re.compile(r"\s*([0-9.]+(?:[Ee][+-]?\d+)?)\s*(VP|VR|DB)\s*", re.ASCII)


def _peak_to_peak(text: str) -> float:
    """Return the amplitude in a reply to ``AMPL?``."""
    found = AMPLITUDE.fullmatch(text.upper())
    if found is None or found[2] != "VP":
        raise ReplyError(
            f"the amplitude {text!r} is not from peak to peak",
            command="AMPL?",
            reply=text,
            expected="volts from peak to peak, such as 1.00VP",
            advice="Set the amplitude once, which chooses that unit, or choose it on the front panel.",
        )
    return parse_float(found[1])


def _read_amplitude(generator: Ds345) -> float:
    return _peak_to_peak(generator.query("AMPL?"))


def _set_amplitude(generator: Ds345, volts: float) -> None:
    generator.write(f"AMPL {format_float(volts)}VP")


def _highest_frequency(generator: Ds345) -> float:
    return HIGHEST.get(generator.waveform.known_or_read(), HIGHEST["sine"])


def _largest_amplitude(generator: Ds345) -> float:
    return 2 * (LARGEST_VOLTAGE - abs(generator.offset.known_or_read()))


def _largest_offset(generator: Ds345) -> float:
    return LARGEST_VOLTAGE - generator.amplitude.known_or_read() / 2


class Ds345(EventStatusInstrument):
    """Stanford Research Systems DS345: a function generator to 30.2 MHz, with sweeps, modulation and bursts.

    Manual: DS345 Synthesized Function Generator, Operation Manual, chapter 3; page 3-7 was at hand. The other commands
    are those of PLACE and QInstrument.

    Interfaces (option): GPIB (address 19 from the factory) and RS-232.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. Voltages are those into 50 Ω; into an open end they are twice as large. It has no error
    queue: errors are taken from the event status register after each set. The output cannot be switched off:
    :meth:`make_safe` takes the offset to 0 V and the amplitude to 10 mV. Arbitrary waveforms that are in its memory can
    be played; loading them is not supported.

    >>> import luthier
    >>> with luthier.open("stanford_research.ds345", "sim://", name="generator") as generator:
    ...     generator.waveform("square")
    ...     generator.frequency(1234567.890123)
    ...     generator.amplitude(2.0)
    ...     generator.frequency()
    1234567.890123
    """

    simulator = "stanford_research.ds345"
    has_operation_complete: ClassVar[bool] = False

    waveform = parameter(
        str,
        get_cmd="FUNC?",
        set_cmd="FUNC {}",
        mapping=by_number("sine", "square", "triangle", "ramp", "noise", "arbitrary"),
        doc="Form of the signal (FUNC).",
    )
    frequency = parameter(
        float,
        get_cmd="FREQ?",
        set_cmd="FREQ {}",
        unit="Hz",
        validator=Numbers(1e-6, HIGHEST["sine"]),
        maximum=_highest_frequency,
        resolution=1e-6,
        depends_on=("waveform",),
        relevant_when={"waveform": WITH_FREQUENCY},
        doc="Frequency in steps of 1 µHz: to 30.2 MHz for sine and square, to 100 kHz for triangle and ramp (FREQ).",
    )
    sample_rate = parameter(
        float,
        get_cmd="FSMP?",
        set_cmd="FSMP {}",
        unit="Hz",
        validator=Numbers(0.001, 40e6),
        depends_on=("waveform",),
        relevant_when={"waveform": "arbitrary"},
        doc="Samples per second of an arbitrary waveform; the instrument takes 40 MHz divided by a whole number "
        "(FSMP).",
    )
    amplitude = parameter(
        float,
        get_cmd=_read_amplitude,
        set_cmd=_set_amplitude,
        unit="V",
        validator=Numbers(0.01, 10.0),
        maximum=_largest_amplitude,
        doc="From peak to peak, into 50 Ω; half of it and the offset are at most 5 V together. Its limits are not "
        "confirmed (AMPL).",
    )
    offset = parameter(
        float,
        get_cmd="OFFS?",
        set_cmd="OFFS {}",
        unit="V",
        validator=Numbers(-LARGEST_VOLTAGE, LARGEST_VOLTAGE),
        minimum=lambda generator: -_largest_offset(generator),
        maximum=_largest_offset,
        doc="DC level into 50 Ω; it and half of the amplitude are at most 5 V together (OFFS).",
    )
    phase = parameter(
        float,
        get_cmd="PHSE?",
        set_cmd="PHSE {}",
        unit="°",
        validator=Numbers(0, 7199.999),
        resolution=0.001,
        relevant_when={"waveform": WITH_FREQUENCY},
        doc="Phase of the signal against where it was set to zero (PHSE).",
    )
    inverted = parameter(bool, get_cmd="INVT?", set_cmd="INVT {}", doc="Whether the signal is inverted (INVT).")

    # Modulation

    modulation_type = parameter(
        str,
        get_cmd="MTYP?",
        set_cmd="MTYP {}",
        mapping=by_number("linear sweep", "logarithmic sweep", "AM", "FM", "PM", "burst"),
        doc="How the signal is modulated (MTYP).",
    )
    modulation_waveform = parameter(
        str,
        get_cmd="MDWF?",
        set_cmd="MDWF {}",
        mapping=by_number("single sweep", "ramp", "triangle", "sine", "square", "arbitrary", "none"),
        depends_on=("modulation_type",),
        doc="Form of the modulation. Which are possible depends on modulation_type: arbitrary for AM, FM and PM alone, "
        "none for bursts (MDWF).",
    )
    modulation_rate = parameter(
        float,
        get_cmd="RATE?",
        set_cmd="RATE {}",
        unit="Hz",
        validator=Numbers(0.001, 10e3),
        doc="Rate of sweeps and modulation; the instrument keeps two digits (RATE).",
    )
    am_depth = parameter(
        int,
        get_cmd="DPTH?",
        set_cmd="DPTH {}",
        unit="%",
        validator=Ints(-100, 100),
        doc="Depth of amplitude modulation; negative: with two sidebands and a suppressed carrier (DPTH).",
    )
    sweep_start = parameter(
        float,
        get_cmd="STFR?",
        set_cmd="STFR {}",
        unit="Hz",
        validator=Numbers(1e-6, HIGHEST["sine"]),
        resolution=1e-6,
        doc="First frequency of a sweep (STFR).",
    )
    sweep_stop = parameter(
        float,
        get_cmd="SPFR?",
        set_cmd="SPFR {}",
        unit="Hz",
        validator=Numbers(1e-6, HIGHEST["sine"]),
        resolution=1e-6,
        doc="Last frequency of a sweep (SPFR).",
    )
    burst_count = parameter(
        int,
        get_cmd="BCNT?",
        set_cmd="BCNT {}",
        unit="",
        validator=Ints(1, 30_000),
        doc="Periods of a burst (BCNT).",
    )
    trigger_rate = parameter(
        float,
        get_cmd="TRAT?",
        set_cmd="TRAT {}",
        unit="Hz",
        validator=Numbers(0.001, 10e3),
        doc="Rate of the internal trigger; the instrument keeps two digits (TRAT).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TSRC?",
        set_cmd="TSRC {}",
        mapping=by_number("single", "internal", "external rising", "external falling", "line"),
        doc="What starts sweeps and bursts (TSRC).",
    )
    modulation = parameter(bool, get_cmd="MENA?", set_cmd="MENA {}", doc="Whether the signal is modulated (MENA).")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.add_function("trigger", "*TRG", doc='Start a sweep or burst, with the trigger source "single" (*TRG).')
        self.add_function("zero_phase", self._zero_phase, doc="Call the present phase zero (PCLR).")

    def _zero_phase(self) -> None:
        self.write("PCLR")
        self.forget()

    def make_safe(self) -> None:
        """Set the offset to 0 V, then the amplitude to 10 mV."""
        self.write("OFFS 0")
        self.write("AMPL 0.01VP")
        self.forget()
