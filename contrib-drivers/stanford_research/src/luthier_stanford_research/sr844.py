"""The SR844 lock-in amplifier for radio frequencies.

Manual: SR844 RF Lock-In Amplifier, User's Manual, Revision 2.9, chapter 4. Pages 4-8, 4-10 and 4-25 were at hand; the
other commands, and the tables of sensitivities, time constants and slopes, are as in the QCoDeS community's drivers
(qcodes-contrib-drivers 0.24). What could not be confirmed is left out: INPZ and CRSV; displays and the buffer are not
supported.
"""

from __future__ import annotations

from typing import Any, ClassVar

from luthier import Channel, ChannelList, ScpiInstrument, group, parameter
from luthier.validators import Numbers

from luthier_stanford_research.lock_in_tables import by_number, decades, numbered
from luthier_stanford_research.reported_errors import EventStatusInstrument

__all__ = ["Sr844"]

SENSITIVITIES = numbered(decades(1e-7, 1.0, (1, 3)))
TIME_CONSTANTS = numbered(decades(1e-4, 3e4, (1, 3)))
LOWEST_FREQUENCY = 25e3
LOWEST_DETECTED = {1: LOWEST_FREQUENCY, 2: 50e3}


def _lowest_frequency(lockin: Sr844) -> float:
    return LOWEST_DETECTED[lockin.harmonic.known_or_read()]


def _largest_harmonic(lockin: Sr844) -> int:
    return 2 if lockin.frequency.get() >= LOWEST_DETECTED[2] else 1


class Sr844AuxiliaryOutput(Channel):
    """One of the two auxiliary outputs (page 4-10)."""

    output = parameter(
        float,
        get_cmd="AUXO? {number}",
        set_cmd="AUXO {number},{}",
        unit="V",
        validator=Numbers(-10.5, 10.5),
        resolution=0.001,
        doc="Voltage at the output (AUXO, page 4-10).",
    )

    def __init__(self, parent: ScpiInstrument, name: str, number: int) -> None:
        super().__init__(parent, name)
        self.number = number


class Sr844(EventStatusInstrument):
    """Stanford Research Systems SR844: a lock-in amplifier from 25 kHz to 200 MHz with two phases.

    Manual: SR844 RF Lock-In Amplifier, User's Manual, Revision 2.9, chapter 4; what of it was at hand, and what is left
    out for want of it, is said in the module.

    Interfaces: GPIB (address 8 from the factory; replies end with a line feed) and RS-232 (replies end with a carriage
    return). Replies go to the interface that was chosen on the front panel.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. Reference, impedances and reserves are chosen on the front panel. It has no error queue:
    errors are taken from the event status register after each set. :meth:`make_safe` sets the two auxiliary outputs to
    0 V; the reference output has a fixed amplitude and cannot be switched off.

    >>> import luthier
    >>> with luthier.open("stanford_research.sr844", "sim://", name="lockin") as lockin:
    ...     lockin.frequency(27.7e6)
    ...     lockin.sensitivity(0.3)
    ...     lockin.reading()["r"]
    0.1
    """

    simulator = "stanford_research.sr844"
    has_operation_complete: ClassVar[bool] = False

    reference_source = parameter(
        str,
        get_cmd="FMOD?",
        set_cmd="FMOD {}",
        mapping={"external": "0", "internal": "1"},
        doc="Where the reference comes from (FMOD).",
    )
    reference_impedance = parameter(
        float,
        get_cmd="REFZ?",
        set_cmd="REFZ {}",
        unit="Ω",
        mapping={50.0: "0", 10e3: "1"},
        doc="Impedance of the input for an external reference (REFZ).",
    )
    frequency = parameter(
        float,
        get_cmd="FREQ?",
        set_cmd="FREQ {}",
        unit="Hz",
        validator=Numbers(LOWEST_FREQUENCY, 200e6),
        minimum=_lowest_frequency,
        depends_on=("reference_source",),
        doc="Reference frequency, at least 50 kHz where its double is detected; that of an external reference is "
        "measured and cannot be set (Reference and Phase).",
    )
    harmonic = parameter(
        int,
        get_cmd="HARM?",
        set_cmd="HARM {}",
        unit="",
        mapping={1: "0", 2: "1"},
        maximum=_largest_harmonic,
        doc="Whether the reference frequency or its double is detected, the latter from 50 kHz on (Reference and "
        "Phase).",
    )
    phase = parameter(
        float,
        get_cmd="PHAS?",
        set_cmd="PHAS {}",
        unit="°",
        validator=Numbers(-180, 180),
        resolution=0.01,
        doc="Phase shift of the reference. The instrument takes ±360°; only what it answers is allowed here (Reference "
        "and Phase).",
    )
    sensitivity = parameter(
        float,
        get_cmd="SENS?",
        set_cmd="SENS {}",
        unit="V",
        mapping=SENSITIVITIES,
        doc="Full scale (rms): 100 nV to 1 V in steps of 1, 3 (Gain and Time Constant).",
    )
    reserve = parameter(
        str,
        get_cmd="WRSV?",
        set_cmd="WRSV {}",
        mapping=by_number("high", "normal", "low noise"),
        depends_on=("sensitivity",),
        doc="Reserve of the wide band (WRSV).",
    )
    time_constant = parameter(
        float,
        get_cmd="OFLT?",
        set_cmd="OFLT {}",
        unit="s",
        mapping=TIME_CONSTANTS,
        doc="Time constant of the output filter: 100 µs to 30 ks in steps of 1, 3 (Gain and Time Constant).",
    )
    filter_slope = parameter(
        int,
        get_cmd="OFSL?",
        set_cmd="OFSL {}",
        unit="dB",
        mapping={0: "0", 6: "1", 12: "2", 18: "3", 24: "4"},
        doc="Slope of the output filter, per octave; 0: no filter (Gain and Time Constant).",
    )

    x = parameter(float, get_cmd="OUTP? 1", unit="V", snapshot=False, doc="In-phase component (page 4-25).")
    y = parameter(float, get_cmd="OUTP? 2", unit="V", snapshot=False, doc="Quadrature component (page 4-25).")
    r = parameter(float, get_cmd="OUTP? 3", unit="V", snapshot=False, doc="Magnitude (page 4-25).")
    r_power = parameter(float, get_cmd="OUTP? 4", unit="dBm", snapshot=False, doc="Magnitude in dBm (page 4-25).")
    theta = parameter(float, get_cmd="OUTP? 5", unit="°", snapshot=False, doc="Phase of the signal (page 4-25).")
    reading = group("x", "y", "r", "theta", get_cmd="SNAP? 1,2,3,5", doc="All four at one time (page 4-25).")
    aux_input_1 = parameter(
        float, group="aux_inputs", unit="V", snapshot=False, doc="Voltage at the first auxiliary input."
    )
    aux_input_2 = parameter(
        float, group="aux_inputs", unit="V", snapshot=False, doc="Voltage at the second auxiliary input."
    )
    aux_inputs = group("aux_input_1", "aux_input_2", get_cmd="SNAP? 6,7", doc="Both inputs at one time (page 4-25).")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        outputs = [Sr844AuxiliaryOutput(self, f"aux{number}", number) for number in (1, 2)]
        self.aux = ChannelList(self, "aux", outputs)

    def auto_phase(self) -> None:
        """Turn the phase until Y is 0 (``APHS``), and wait for it."""
        with self.monitor:
            self.write("APHS")
            try:
                self.wait_complete()
            finally:
                self.forget()

    def make_safe(self) -> None:
        """Set the auxiliary outputs to 0 V; the reference output cannot be switched off."""
        for port in self.aux:
            port.output(0.0)
