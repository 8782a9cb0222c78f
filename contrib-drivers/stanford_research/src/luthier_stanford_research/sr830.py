"""The SR830 lock-in amplifier.

Pages: SR830 DSP Lock-In Amplifier, Operation Manual, Revision 2.5. Pages 4-9, 5-2, 5-8 and 5-15 to 5-18 were at hand;
the other commands were compared with QCoDeS 0.58 and PyMeasure 0.16.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Any, ClassVar

from luthier import ChannelList, group, parameter
from luthier.validators import Ints, Numbers

from luthier_stanford_research.lock_in_tables import CURRENT_PER_VOLT, by_number, decades, numbered
from luthier_stanford_research.reported_errors import EventStatusInstrument
from luthier_stanford_research.sr830_parts import AuxiliaryPort, Sr830Buffer, Sr830Output

__all__ = ["LockInStatus", "Sr830"]

SENSITIVITIES = numbered(decades(2e-9, 1.0, (1, 2, 5)))
CURRENT_SENSITIVITIES = {float(f"{volts * CURRENT_PER_VOLT:.0e}"): text for volts, text in SENSITIVITIES.items()}
TIME_CONSTANTS = numbered(decades(1e-5, 3e4, (1, 3)))

VOLTAGE_INPUTS = ("A", "A-B")
CURRENT_INPUTS = ("I (1 MΩ)", "I (100 MΩ)")
HIGHEST_FREQUENCY = 102_000.0
LARGEST_HARMONIC = 19_999
SLOW_LIMIT = 200.0  # Hz; above it time constants end at 30 s
LONGEST_WHEN_FAST = 30.0


class LockInStatus(IntFlag):
    """The LIA status byte, LIAS? (Status Byte Definitions)."""

    INPUT_OVERLOAD = 1 << 0
    FILTER_OVERLOAD = 1 << 1
    OUTPUT_OVERLOAD = 1 << 2
    UNLOCKED = 1 << 3
    FREQUENCY_RANGE_CHANGED = 1 << 4
    TIME_CONSTANT_CHANGED = 1 << 5
    TRIGGERED = 1 << 6


def _highest_frequency(lockin: Sr830) -> float:
    return HIGHEST_FREQUENCY / lockin.harmonic.known_or_read()


def _largest_harmonic(lockin: Sr830) -> float:
    return max(1, min(LARGEST_HARMONIC, int(HIGHEST_FREQUENCY / lockin.frequency.get())))


def _longest_time_constant(lockin: Sr830) -> float:
    detected = lockin.frequency.get() * lockin.harmonic.known_or_read()
    return LONGEST_WHEN_FAST if detected > SLOW_LIMIT else max(TIME_CONSTANTS)


class Sr830(EventStatusInstrument):
    """Stanford Research Systems SR830: a lock-in amplifier from 1 mHz to 102 kHz with two phases.

    Manual: SR830 DSP Lock-In Amplifier, Operation Manual, Revision 2.5; sections of chapter 5, and pages, are
    cited.

    Interfaces: GPIB (address 8 from the factory; replies end with a line feed) and RS-232 (9600 baud, no parity;
    replies end with a carriage return, so open it with ``transport_options`` that say so). Replies go to the interface
    that was chosen on the front panel.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. It has no error queue: errors are taken from the event status register after each set.
    With a current input ``x``, ``y`` and ``r`` are in amperes. The sine output cannot be switched off:
    :meth:`make_safe` sets it to 4 mV, its smallest amplitude, and the four auxiliary outputs to 0 V.

    >>> import luthier
    >>> with luthier.open("stanford_research.sr830", "sim://", name="lockin") as lockin:
    ...     lockin.time_constant(0.1)
    ...     lockin.sensitivity(0.02)
    ...     lockin.amplitude(0.01)
    ...     round(lockin.x(), 4)
    0.01
    """

    simulator = "stanford_research.sr830"
    has_operation_complete: ClassVar[bool] = False

    # Reference

    reference_source = parameter(
        str,
        get_cmd="FMOD?",
        set_cmd="FMOD {}",
        mapping={"internal": "1", "external": "0"},
        doc="Where the reference comes from (Reference and Phase).",
    )
    reference_trigger = parameter(
        str,
        get_cmd="RSLP?",
        set_cmd="RSLP {}",
        mapping=by_number("sine", "rising", "falling"),
        doc="What of an external reference counts: the zero crossing of a sine, or an edge of TTL (Reference and "
        "Phase).",
    )
    frequency = parameter(
        float,
        get_cmd="FREQ?",
        set_cmd="FREQ {}",
        unit="Hz",
        validator=Numbers(0.001, HIGHEST_FREQUENCY),
        maximum=_highest_frequency,
        depends_on=("reference_source",),
        doc="Reference frequency; that of an external reference is measured and cannot be set. The instrument keeps "
        "five "
        "digits, or 0.1 mHz; frequency times harmonic is at most 102 kHz (Reference and Phase).",
    )
    harmonic = parameter(
        int,
        get_cmd="HARM?",
        set_cmd="HARM {}",
        validator=Ints(1, LARGEST_HARMONIC),
        maximum=_largest_harmonic,
        doc="Harmonic that is detected; times the frequency at most 102 kHz (Reference and Phase).",
    )
    phase = parameter(
        float,
        get_cmd="PHAS?",
        set_cmd="PHAS {}",
        unit="°",
        validator=Numbers(-180, 180),
        resolution=0.01,
        doc="Phase shift of the reference. The instrument takes -360° to 729.99° and answers it between -180° and "
        "180°, "
        "which is what is allowed here (Reference and Phase).",
    )
    amplitude = parameter(
        float,
        get_cmd="SLVL?",
        set_cmd="SLVL {}",
        unit="V",
        validator=Numbers(0.004, 5.0),
        resolution=0.002,
        doc="Amplitude (rms) of the sine output, in steps of 2 mV (Reference and Phase).",
    )

    # Input

    input = parameter(
        str,
        get_cmd="ISRC?",
        set_cmd="ISRC {}",
        mapping=by_number(*VOLTAGE_INPUTS, *CURRENT_INPUTS),
        doc="Single-ended or differential voltage, or current with the gain that is named (Input and Filter).",
    )
    input_shield = parameter(
        str,
        get_cmd="IGND?",
        set_cmd="IGND {}",
        mapping=by_number("float", "ground"),
        doc="Whether the shields of the input are grounded (Input and Filter).",
    )
    input_coupling = parameter(
        str,
        get_cmd="ICPL?",
        set_cmd="ICPL {}",
        mapping=by_number("AC", "DC"),
        doc="Coupling of the input (Input and Filter).",
    )
    notch_filters = parameter(
        str,
        get_cmd="ILIN?",
        set_cmd="ILIN {}",
        mapping=by_number("none", "line", "twice line", "both"),
        doc="Notch filters at the frequency of the mains and its double (Input and Filter).",
    )

    # Gain and time constant

    sensitivity = parameter(
        float,
        get_cmd="SENS?",
        set_cmd="SENS {}",
        unit="V",
        mapping=SENSITIVITIES,
        depends_on=("input", "current_sensitivity"),
        relevant_when={"input": VOLTAGE_INPUTS},
        doc="Full scale of a voltage input: 2 nV to 1 V in steps of 1, 2, 5 (Gain and Time Constant).",
    )
    current_sensitivity = parameter(
        float,
        get_cmd="SENS?",
        set_cmd="SENS {}",
        unit="A",
        mapping=CURRENT_SENSITIVITIES,
        depends_on=("input", "sensitivity"),
        relevant_when={"input": CURRENT_INPUTS},
        doc="Full scale of a current input: 2 fA to 1 µA in steps of 1, 2, 5 (Gain and Time Constant).",
    )
    reserve = parameter(
        str,
        get_cmd="RMOD?",
        set_cmd="RMOD {}",
        mapping=by_number("high", "normal", "low noise"),
        depends_on=("sensitivity", "current_sensitivity"),
        doc="Dynamic reserve (Gain and Time Constant).",
    )
    time_constant = parameter(
        float,
        get_cmd="OFLT?",
        set_cmd="OFLT {}",
        unit="s",
        mapping=TIME_CONSTANTS,
        maximum=_longest_time_constant,
        depends_on=("frequency", "harmonic"),
        doc="Time constant of the output filter: 10 µs to 30 ks in steps of 1, 3; at most 30 s while frequency times "
        "harmonic is above 200 Hz, where a longer one goes down to 30 s, and does not come back (OFLT; page 4-9).",
    )
    filter_slope = parameter(
        int,
        get_cmd="OFSL?",
        set_cmd="OFSL {}",
        unit="dB",
        mapping={6: "0", 12: "1", 18: "2", 24: "3"},
        doc="Slope of the output filter, per octave (Gain and Time Constant).",
    )
    synchronous_filter = parameter(
        bool,
        get_cmd="SYNC?",
        set_cmd="SYNC {}",
        doc="Whether the synchronous filter is on; it works below 200 Hz (Gain and Time Constant).",
    )

    # Readings

    x = parameter(float, get_cmd="OUTP? 1", unit="V", snapshot=False, doc="In-phase component (page 5-15).")
    y = parameter(float, get_cmd="OUTP? 2", unit="V", snapshot=False, doc="Quadrature component (page 5-15).")
    r = parameter(float, get_cmd="OUTP? 3", unit="V", snapshot=False, doc="Magnitude (page 5-15).")
    theta = parameter(float, get_cmd="OUTP? 4", unit="°", snapshot=False, doc="Phase of the signal (page 5-15).")
    reading = group(
        "x",
        "y",
        "r",
        "theta",
        get_cmd="SNAP? 1,2,3,4",
        doc="All four at one time; R and θ may be 10 µs later than X and Y (pages 5-15 and 5-16).",
    )
    status = parameter(
        int,
        get_cmd="LIAS?",
        snapshot=False,
        doc="What happened since it was read last, bits of LockInStatus: overloads, a lost reference; reading clears "
        "it "
        "(Status Byte Definitions).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.x_output = Sr830Output(self, "x_output", 1)
        self.y_output = Sr830Output(self, "y_output", 2)
        self.r_output = Sr830Output(self, "r_output", 3)
        self.aux = ChannelList(self, "aux", [AuxiliaryPort(self, f"aux{number}", number) for number in range(1, 5)])
        self.buffer = Sr830Buffer(self, "buffer")

    def auto_gain(self) -> None:
        """Let the instrument choose the sensitivity (``AGAN``), and wait for it.

        It does nothing where the time constant is above 1 s; it takes several time constants, so that the connection's
        timeout has to be longer (Auto Functions).
        """
        self._carry_out("AGAN")

    def auto_reserve(self) -> None:
        """Let the instrument choose the dynamic reserve (``ARSV``), and wait for it (Auto Functions)."""
        self._carry_out("ARSV")

    def auto_phase(self) -> None:
        """Turn the phase until θ is 0 (``APHS``); does nothing while θ is not stable (Auto Functions)."""
        self._carry_out("APHS")

    def _carry_out(self, command: str) -> None:
        with self.monitor:
            self.write(command)
            try:
                self.wait_complete()
            finally:
                self.forget()

    def make_safe(self) -> None:
        """Set the sine output to 4 mV, the smallest there is, and the auxiliary outputs to 0 V."""
        self.amplitude(0.004)
        for port in self.aux:
            port.output(0.0)
