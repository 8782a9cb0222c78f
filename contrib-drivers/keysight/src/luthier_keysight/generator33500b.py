"""The Keysight 33500B and 33600A waveform generators.

Of the manual (Agilent 33500 Series Operating and Service Guide) and of its web edition only pages on bursts and on
arbitrary waveforms were at hand. The other commands are as QCoDeS 0.58 and PyMeasure 0.16 have them; so are the 8 to
65,536 points of a waveform. How many outputs there are is known of the 33510B, 33511B, 33512B, 33522B, 33611A and
33622A, and taken from the number, odd or even, for the others.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Asked, Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError, ValidationError
from luthier.scpi import format_float, parse_float
from luthier.validators import AnyOf, Arrays, Enum, Ints, Numbers

from luthier_keysight.switched_off import switch_all_off

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["Generator33500B", "GeneratorOutput"]

WAVEFORMS = {
    "sine": "SIN",
    "square": "SQU",
    "triangle": "TRI",
    "ramp": "RAMP",
    "pulse": "PULS",
    "prbs": "PRBS",
    "noise": "NOIS",
    "dc": "DC",
    "arbitrary": "ARB",
}
PERIODIC = ("sine", "square", "triangle", "ramp", "pulse")
MODEL_DIGITS = 5
LARGEST_BURST = 100_000_000
FEWEST_POINTS, MOST_POINTS = 8, 65_536
NAME = "LUTHIER"
POINTS = Arrays((None,), minimum=-1, maximum=1)


def _ohms(load: float) -> str:
    return "INF" if load == inf else format_float(load)


class GeneratorOutput(Channel):
    """One output; a snapshot is restored in the order of declaration, the output last."""

    load = parameter(
        float,
        get_cmd="OUTP{number}:LOAD?",
        set_cmd="OUTP{number}:LOAD {}",
        unit="Ω",
        validator=AnyOf(Numbers(1, 10_000), Enum(inf)),
        set_parser=_ohms,
        doc="What is connected; amplitude and offset are what is then at the output. Changing it changes what they "
        "say, and not the signal. Infinite: a high impedance (OUTPut:LOAD).",
    )
    polarity = parameter(
        str,
        get_cmd="OUTP{number}:POL?",
        set_cmd="OUTP{number}:POL {}",
        mapping={"normal": "NORM", "inverted": "INV"},
        doc="Whether the waveform is turned over, about its offset (OUTPut:POLarity).",
    )
    waveform = parameter(
        str,
        get_cmd="SOUR{number}:FUNC?",
        set_cmd="SOUR{number}:FUNC {}",
        mapping=WAVEFORMS,
        doc="Form of the signal (SOURce:FUNCtion).",
    )
    frequency = parameter(
        float,
        get_cmd="SOUR{number}:FREQ?",
        set_cmd="SOUR{number}:FREQ {}",
        unit="Hz",
        minimum=Asked("SOUR{number}:FREQ? MIN"),
        maximum=Asked("SOUR{number}:FREQ? MAX"),
        depends_on=("waveform",),
        relevant_when={"waveform": PERIODIC},
        doc="Frequency; its limits depend on model and waveform and are asked from the instrument. An arbitrary "
        "waveform has a sample_rate instead (SOURce:FREQuency).",
    )
    sample_rate = parameter(
        float,
        get_cmd="SOUR{number}:FUNC:ARB:SRAT?",
        set_cmd="SOUR{number}:FUNC:ARB:SRAT {}",
        unit="Hz",
        minimum=Asked("SOUR{number}:FUNC:ARB:SRAT? MIN"),
        maximum=Asked("SOUR{number}:FUNC:ARB:SRAT? MAX"),
        doc="How many points of an arbitrary waveform there are in a second; its limits are asked from the instrument "
        "(SOURce:FUNCtion:ARBitrary:SRATe).",
    )
    amplitude_unit = parameter(
        str,
        get_cmd="SOUR{number}:VOLT:UNIT?",
        set_cmd="SOUR{number}:VOLT:UNIT {}",
        mapping={"Vpp": "VPP", "Vrms": "VRMS", "dBm": "DBM"},
        doc="In which unit the instrument takes and shows amplitudes (SOURce:VOLTage:UNIT).",
    )
    amplitude = parameter(
        float,
        get_cmd="SOUR{number}:VOLT?",
        set_cmd="SOUR{number}:VOLT {}",
        unit="V",
        minimum=Asked("SOUR{number}:VOLT? MIN"),
        maximum=Asked("SOUR{number}:VOLT? MAX"),
        depends_on=("waveform", "frequency", "load", "offset", "amplitude_unit"),
        relevant_when={"amplitude_unit": "Vpp"},
        doc="From peak to peak; its limits depend on waveform, frequency, load and offset and are asked from the "
        "instrument (SOURce:VOLTage).",
    )
    offset = parameter(
        float,
        get_cmd="SOUR{number}:VOLT:OFFS?",
        set_cmd="SOUR{number}:VOLT:OFFS {}",
        unit="V",
        minimum=Asked("SOUR{number}:VOLT:OFFS? MIN"),
        maximum=Asked("SOUR{number}:VOLT:OFFS? MAX"),
        depends_on=("waveform", "load", "amplitude"),
        doc="Mean voltage, and the level of the waveform dc; its limits depend on load and amplitude and are asked "
        "from the instrument (SOURce:VOLTage:OFFSet).",
    )
    phase = parameter(
        float,
        get_cmd="SOUR{number}:PHAS?",
        set_cmd="SOUR{number}:PHAS {}",
        unit="°",
        validator=Numbers(-360, 360),
        doc="Phase against the other output or the reference; degrees are the unit from the factory (SOURce:PHASe).",
    )
    duty_cycle = parameter(
        float,
        get_cmd="SOUR{number}:FUNC:SQU:DCYC?",
        set_cmd="SOUR{number}:FUNC:SQU:DCYC {}",
        unit="%",
        validator=Numbers(0.01, 99.99),
        doc="For how much of its period a square is high; less is possible at high frequencies "
        "(SOURce:FUNCtion:SQUare:DCYCle).",
    )
    symmetry = parameter(
        float,
        get_cmd="SOUR{number}:FUNC:RAMP:SYMM?",
        set_cmd="SOUR{number}:FUNC:RAMP:SYMM {}",
        unit="%",
        validator=Numbers(0, 100),
        doc="For how much of its period a ramp rises (SOURce:FUNCtion:RAMP:SYMMetry).",
    )
    pulse_width = parameter(
        float,
        get_cmd="SOUR{number}:FUNC:PULS:WIDT?",
        set_cmd="SOUR{number}:FUNC:PULS:WIDT {}",
        unit="s",
        minimum=Asked("SOUR{number}:FUNC:PULS:WIDT? MIN"),
        maximum=Asked("SOUR{number}:FUNC:PULS:WIDT? MAX"),
        depends_on=("frequency",),
        doc="For how long a pulse is high; its limits depend on the frequency and are asked from the instrument "
        "(SOURce:FUNCtion:PULSe:WIDTh).",
    )
    burst = parameter(
        bool,
        get_cmd="SOUR{number}:BURS:STAT?",
        set_cmd="SOUR{number}:BURS:STAT {}",
        doc="Whether there is a number of periods after each trigger, and nothing between (SOURce:BURSt:STATe).",
    )
    burst_mode = parameter(
        str,
        get_cmd="SOUR{number}:BURS:MODE?",
        set_cmd="SOUR{number}:BURS:MODE {}",
        mapping={"triggered": "TRIG", "gated": "GAT"},
        doc="Whether a burst has a number of periods, or lasts as long as the gate (SOURce:BURSt:MODE).",
    )
    burst_cycles = parameter(
        int,
        get_cmd="SOUR{number}:BURS:NCYC?",
        set_cmd="SOUR{number}:BURS:NCYC {}",
        validator=Ints(1, LARGEST_BURST),
        get_parser=lambda reply: round(parse_float(reply)),
        doc="How many periods a burst has. One without end is left out here, though a 33500B allows no other for sine "
        "and square above 6 MHz (SOURce:BURSt:NCYCles).",
    )
    burst_period = parameter(
        float,
        get_cmd="SOUR{number}:BURS:INT:PER?",
        set_cmd="SOUR{number}:BURS:INT:PER {}",
        unit="s",
        validator=Numbers(1e-6, 8000),
        doc="Time from one burst to the next, with an immediate trigger (SOURce:BURSt:INTernal:PERiod).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG{number}:SOUR?",
        set_cmd="TRIG{number}:SOUR {}",
        mapping={"immediate": "IMM", "external": "EXT", "timer": "TIM", "bus": "BUS"},
        doc="What triggers bursts: nothing but burst_period, the connector, a timer, or trigger() (TRIGger:SOURce).",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG{number}:SLOP?",
        set_cmd="TRIG{number}:SLOP {}",
        mapping={"rising": "POS", "falling": "NEG"},
        doc="Which edge of an external trigger counts (TRIGger:SLOPe).",
    )
    trigger_delay = parameter(
        float,
        get_cmd="TRIG{number}:DEL?",
        set_cmd="TRIG{number}:DEL {}",
        unit="s",
        validator=Numbers(0, 1000),
        doc="Time from the trigger to the burst (TRIGger:DELay).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP{number}?",
        set_cmd="OUTP{number} {}",
        doc="Whether the signal is at the output (OUTPut).",
    )

    def __init__(self, parent: Generator33500B, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number

    def load_waveform(self, points: ArrayLike) -> None:
        """Send an arbitrary waveform to the volatile memory, and choose it as the waveform of the output.

        Others that are in the volatile memory of this output are removed; so is the one that it puts out just now.

        Parameters
        ----------
        points
            8 to 65,536 numbers from -1 (offset less half of the amplitude) to 1 (SOURce:DATA:ARBitrary).

        Raises
        ------
        ValidationError
            Other points; nothing was sent.
        """
        accepted = POINTS.check(points)
        if not FEWEST_POINTS <= len(accepted) <= MOST_POINTS:
            raise ValidationError(
                f"cannot send a waveform of {len(accepted)} points: allowed are {FEWEST_POINTS} to {MOST_POINTS}",
                who=self.full_name,
                state="Nothing was sent.",
                value=len(accepted),
                allowed=f"{FEWEST_POINTS} to {MOST_POINTS} points",
            )
        values = ",".join(f"{point:.6g}" for point in np.asarray(accepted, dtype=float).tolist())
        source = f"SOUR{self.number}"
        with self.monitor:
            self.write(f"{source}:DATA:VOL:CLE")
            self.write(f"{source}:DATA:ARB {NAME},{values}")
            self.write(f"{source}:FUNC:ARB {NAME}")
            self.write(f"{source}:FUNC ARB")
            self.forget()
            if self.confirm_set is not None:
                self.confirm_set(f"{source}:DATA:ARB {NAME},…")

    def make_safe(self) -> None:
        """Switch the output off; its settings stay."""
        self.output(False)


class Generator33500B(ScpiInstrument):
    """Keysight 33500B (20 or 30 MHz) and 33600A (80 or 120 MHz): waveform generators of one or two outputs.

    Of the 33500 Series Operating and Service Guide only pages were at hand; the module says where the rest is from.

    Interfaces: USB, LAN (VXI-11, or a socket on port 5025), and GPIB as an option; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is, because models whose number is odd have one output (not confirmed for the 33509B, 33519B,
    33520B, 33521B, 33612A and 33621A), and changes nothing. Outputs are
    ``ch1`` and perhaps ``ch2``, or ``outputs[0]``. :meth:`make_safe` switches all off. Modulations and sweeps are left
    out.

    Raises
    ------
    IdentityError
        What answers is no 335xxB and no 336xxA.

    >>> import luthier
    >>> with luthier.open("keysight.33500b", "sim://", name="fg") as fg:
    ...     fg.ch1.waveform("sine")
    ...     fg.ch1.frequency(1e3)
    ...     fg.ch1.amplitude(0.5)
    ...     fg.ch1.output(True)
    ...     fg.ch1.amplitude()
    0.5
    """

    simulator = "keysight.33500b"

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        model = self.idn.model
        digits = model[:MODEL_DIGITS]
        if not digits.isdigit() or not digits.startswith(("335", "336")):
            raise IdentityError(
                f"{self.idn.vendor} {model} answers; expected: a 33500B or a 33600A",
                who=f"{name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address.",
                sent="no",
                expected="335xxB or 336xxA",
                identity=str(self.idn),
            )
        self.ch1 = GeneratorOutput(self, 1)
        outputs = [self.ch1]
        if int(digits) % 2 == 0:
            self.ch2 = GeneratorOutput(self, 2)
            outputs.append(self.ch2)
        self.outputs = ChannelList(self, "outputs", outputs)
        self.add_function("trigger", "*TRG", doc="Trigger outputs whose trigger_source is bus (*TRG).")
        self.add_function("align_phase", "PHAS:SYNC", doc="Start all outputs anew with their phases (PHASe:SYNC).")

    def make_safe(self) -> None:
        """Switch all outputs off; where one fails, the other is switched off all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        switch_all_off(self, list(self.outputs))
