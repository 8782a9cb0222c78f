"""The lock-in amplifiers SR860, SR865 and SR865A.

Manuals: SR860 Operation Manual, Revision 2.04; SR865A Operation Manual, Revision 2.07; chapter 4, "Programming". Of
these the syntax, FREQINT, SNAP?, SNAPD? and the capture buffer were at hand; the other commands are those of the
maker's Python package srsinst.sr860 0.3.2.
"""

from __future__ import annotations

from typing import Any, ClassVar

from luthier import ChannelList, group, parameter
from luthier.validators import Ints, Numbers

from luthier_stanford_research.lock_in_tables import CURRENT_PER_VOLT, by_number, decades, descending, numbered
from luthier_stanford_research.reported_errors import EventStatusInstrument
from luthier_stanford_research.sr860_parts import Sr860AuxiliaryPort, Sr860Capture, Sr860Output

__all__ = ["Sr860", "Sr865", "Sr865A"]

SENSITIVITIES = numbered(descending(decades(1e-9, 1.0, (1, 2, 5))))
CURRENT_SENSITIVITIES = {float(f"{volts * CURRENT_PER_VOLT:.0e}"): text for volts, text in SENSITIVITIES.items()}
TIME_CONSTANTS = numbered(decades(1e-6, 3e4, (1, 3)))
LARGEST_HARMONIC = 99


def _highest_frequency(lockin: Sr860) -> float:
    return lockin.highest_frequency / lockin.harmonic.known_or_read()


def _largest_harmonic(lockin: Sr860) -> float:
    return max(1, min(LARGEST_HARMONIC, int(lockin.highest_frequency / lockin.frequency.get())))


class Sr860(EventStatusInstrument):
    """Stanford Research Systems SR860: a lock-in amplifier from 1 mHz to 500 kHz with two phases.

    Manual: SR860 Operation Manual, Revision 2.04, chapter 4.

    Interfaces: GPIB, USB, LAN (VXI-11, and telnet on port 23) and RS-232.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. It has no error queue: errors are taken from the event status register after each set.
    With a current input ``x``, ``y`` and ``r`` are in amperes. The sine output cannot be switched off:
    :meth:`make_safe` sets it to 1 nV, and its offset and the four auxiliary outputs to 0 V.

    >>> import luthier
    >>> with luthier.open("stanford_research.sr860", "sim://", name="lockin") as lockin:
    ...     lockin.time_constant(0.1)
    ...     lockin.sensitivity(0.02)
    ...     lockin.amplitude(0.01)
    ...     round(lockin.x(), 4)
    0.01
    """

    simulator = "stanford_research.sr860"
    highest_frequency: ClassVar[float] = 500e3
    """Hertz."""

    # Reference

    timebase = parameter(
        str,
        get_cmd="TBMODE?",
        set_cmd="TBMODE {}",
        mapping=by_number("automatic", "internal"),
        doc="Whether an external 10 MHz timebase is used where there is one (Reference commands).",
    )
    reference_source = parameter(
        str,
        get_cmd="RSRC?",
        set_cmd="RSRC {}",
        mapping=by_number("internal", "external", "dual", "chop"),
        doc="Where the reference comes from (Reference commands).",
    )
    reference_trigger = parameter(
        str,
        get_cmd="RTRG?",
        set_cmd="RTRG {}",
        mapping=by_number("sine", "rising", "falling"),
        doc="What of an external reference counts: the zero crossing of a sine, or an edge of TTL (Reference "
        "commands).",
    )
    reference_impedance = parameter(
        float,
        get_cmd="REFZ?",
        set_cmd="REFZ {}",
        unit="Ω",
        mapping={50.0: "0", 1e6: "1"},
        doc="Impedance of the reference input (Reference commands).",
    )
    frequency = parameter(
        float,
        get_cmd="FREQ?",
        set_cmd="FREQ {}",
        unit="Hz",
        validator=Numbers(0.001, None),
        maximum=_highest_frequency,
        depends_on=("reference_source",),
        doc="Frequency of the internal reference, of which the instrument keeps six digits, or 0.1 mHz; with an "
        "external "
        "reference, reading gives the measured one. Times harmonic it is at most that of the model (Reference "
        "commands).",
    )
    detection_frequency = parameter(
        float,
        get_cmd="FREQDET?",
        unit="Hz",
        snapshot=False,
        doc="Frequency at which the signal is detected (Reference commands).",
    )
    harmonic = parameter(
        int,
        get_cmd="HARM?",
        set_cmd="HARM {}",
        validator=Ints(1, LARGEST_HARMONIC),
        maximum=_largest_harmonic,
        doc="Harmonic that is detected (Reference commands).",
    )
    phase = parameter(
        float,
        get_cmd="PHAS?",
        set_cmd="PHAS {}",
        unit="°",
        validator=Numbers(-180, 180),
        doc="Phase shift of the reference. The instrument takes ±360000° and answers it between -180° and 180°, which "
        "is "
        "what is allowed here (Reference commands).",
    )
    amplitude = parameter(
        float,
        get_cmd="SLVL?",
        set_cmd="SLVL {}",
        unit="V",
        validator=Numbers(0, 2.0),
        doc="Amplitude (rms, of each output against the other's ground) of the sine output, from 1 nV; the instrument "
        "keeps "
        "three digits (Reference commands).",
    )
    offset = parameter(
        float,
        get_cmd="SOFF?",
        set_cmd="SOFF {}",
        unit="V",
        validator=Numbers(-5, 5),
        resolution=1e-4,
        doc="DC level of the sine output, in steps of 0.1 mV (Reference commands).",
    )
    offset_mode = parameter(
        str,
        get_cmd="REFM?",
        set_cmd="REFM {}",
        mapping=by_number("common", "difference"),
        doc="Whether the DC level is the same at both sine outputs, or opposite (Reference commands).",
    )

    # Input

    input = parameter(
        str,
        get_cmd="IVMD?",
        set_cmd="IVMD {}",
        mapping=by_number("voltage", "current"),
        doc="What the input measures (Signal commands).",
    )
    voltage_input = parameter(
        str,
        get_cmd="ISRC?",
        set_cmd="ISRC {}",
        mapping=by_number("A", "A-B"),
        doc="Single-ended or differential (Signal commands).",
    )
    input_coupling = parameter(
        str,
        get_cmd="ICPL?",
        set_cmd="ICPL {}",
        mapping=by_number("AC", "DC"),
        doc="Coupling of the voltage input (Signal commands).",
    )
    input_shield = parameter(
        str,
        get_cmd="IGND?",
        set_cmd="IGND {}",
        mapping=by_number("float", "ground"),
        doc="Whether the shields of the input are grounded (Signal commands).",
    )
    input_range = parameter(
        float,
        get_cmd="IRNG?",
        set_cmd="IRNG {}",
        unit="V",
        mapping=numbered((1.0, 0.3, 0.1, 0.03, 0.01)),
        doc="Largest peak voltage at the input (Signal commands).",
    )
    current_range = parameter(
        float,
        get_cmd="ICUR?",
        set_cmd="ICUR {}",
        unit="A",
        mapping={1e-6: "0", 1e-8: "1"},
        doc="Range of the current input: 1 µA (gain 1 MΩ) or 10 nA (100 MΩ) (Signal commands).",
    )
    signal_strength = parameter(
        int,
        get_cmd="ILVL?",
        unit="",
        snapshot=False,
        doc="How much of the input range is used, from 0 to 4, which is an overload (Signal commands).",
    )
    sensitivity = parameter(
        float,
        get_cmd="SCAL?",
        set_cmd="SCAL {}",
        unit="V",
        mapping=SENSITIVITIES,
        depends_on=("input", "current_sensitivity"),
        relevant_when={"input": "voltage"},
        doc="Full scale of the outputs with a voltage input: 1 nV to 1 V in steps of 1, 2, 5 (Signal commands).",
    )
    current_sensitivity = parameter(
        float,
        get_cmd="SCAL?",
        set_cmd="SCAL {}",
        unit="A",
        mapping=CURRENT_SENSITIVITIES,
        depends_on=("input", "sensitivity"),
        relevant_when={"input": "current"},
        doc="Full scale of the outputs with a current input: 1 fA to 1 µA in steps of 1, 2, 5 (Signal commands).",
    )
    time_constant = parameter(
        float,
        get_cmd="OFLT?",
        set_cmd="OFLT {}",
        unit="s",
        mapping=TIME_CONSTANTS,
        doc="Time constant of the output filter: 1 µs to 30 ks in steps of 1, 3 (Signal commands).",
    )
    filter_slope = parameter(
        int,
        get_cmd="OFSL?",
        set_cmd="OFSL {}",
        unit="dB",
        mapping={6: "0", 12: "1", 18: "2", 24: "3"},
        doc="Slope of the output filter, per octave (Signal commands).",
    )
    synchronous_filter = parameter(
        bool, get_cmd="SYNC?", set_cmd="SYNC {}", doc="Whether the synchronous filter is on (Signal commands)."
    )
    advanced_filter = parameter(
        bool,
        get_cmd="ADVFILT?",
        set_cmd="ADVFILT {}",
        doc="Gaussian and finite response filters in place of RC filters (Signal commands).",
    )
    noise_bandwidth = parameter(
        float,
        get_cmd="ENBW?",
        unit="Hz",
        depends_on=("time_constant", "filter_slope", "advanced_filter"),
        snapshot=False,
        doc="Equivalent noise bandwidth of the output filter (Signal commands).",
    )

    # Readings

    x = parameter(float, get_cmd="OUTP? 0", unit="V", snapshot=False, doc="In-phase component (Data transfer).")
    y = parameter(float, get_cmd="OUTP? 1", unit="V", snapshot=False, doc="Quadrature component (Data transfer).")
    r = parameter(float, get_cmd="OUTP? 2", unit="V", snapshot=False, doc="Magnitude (Data transfer).")
    theta = parameter(float, get_cmd="OUTP? 3", unit="°", snapshot=False, doc="Phase of the signal (Data transfer).")
    reading = group(
        "x",
        "y",
        "r",
        get_cmd="SNAP? 0,1,2",
        doc="X, Y and R at one time; SNAP? gives three values at most (SR865A manual, page 133).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.x_output = Sr860Output(self, "x_output", 0)
        self.y_output = Sr860Output(self, "y_output", 1)
        self.r_output = Sr860Output(self, "r_output", 2)
        ports = [Sr860AuxiliaryPort(self, f"aux{number}", number - 1) for number in range(1, 5)]
        self.aux = ChannelList(self, "aux", ports)
        self.capture = Sr860Capture(self, "capture")

    def auto_range(self) -> None:
        """Let the instrument choose the input range (``ARNG``), and wait for it."""
        self._carry_out("ARNG")

    def auto_sensitivity(self) -> None:
        """Let the instrument choose the sensitivity (``ASCL``), and wait for it."""
        self._carry_out("ASCL")

    def auto_phase(self) -> None:
        """Turn the phase until θ is 0 (``APHS``), and wait for it."""
        self._carry_out("APHS")

    def _carry_out(self, command: str) -> None:
        with self.monitor:
            self.write(command)
            try:
                self.wait_complete()
            finally:
                self.forget()

    def make_safe(self) -> None:
        """Set the sine output to 1 nV, the smallest there is, and its DC level and the auxiliary outputs to 0 V."""
        self.amplitude(1e-9)
        self.offset(0.0)
        for port in self.aux:
            port.output(0.0)


class Sr865(Sr860):
    """Stanford Research Systems SR865: as the SR860, to 2.5 MHz.

    Manual: SR865 Operation Manual, Revision 1.26, chapter 4.

    >>> import luthier
    >>> with luthier.open("stanford_research.sr865", "sim://", name="lockin") as lockin:
    ...     lockin.frequency(2e6)
    ...     lockin.detection_frequency()
    2000000.0
    """

    simulator = "stanford_research.sr865"
    highest_frequency: ClassVar[float] = 2.5e6


class Sr865A(Sr860):
    """Stanford Research Systems SR865A: as the SR860, to 4 MHz.

    Manual: SR865A Operation Manual, Revision 2.07, chapter 4.

    >>> import luthier
    >>> with luthier.open("stanford_research.sr865a", "sim://", name="lockin") as lockin:
    ...     lockin.frequency(2e6)
    ...     lockin.detection_frequency()
    2000000.0
    """

    simulator = "stanford_research.sr865a"
    highest_frequency: ClassVar[float] = 4e6
