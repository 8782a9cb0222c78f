"""The Rigol DG1000Z function generators.

Pages: DG1000Z Programming Guide, chapter 2. Those of :OUTPut:LOAD, :VOLTage:LOW and :DATA:DAC were at hand; the other
commands are known from these, which refer to them, and from drivers of other projects for this family.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Asked, Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import ValidationError
from luthier.scpi import format_float, parse_float
from luthier.validators import AnyOf, Arrays, Enum, Ints, Multiples, Numbers

from luthier_rigol.words import on_or_off

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["Dg1000z", "GeneratorOutput"]

LARGEST_CODE = 16383
FEWEST_POINTS, MOST_POINTS = 8, 16384
WAVEFORM = Arrays((None,), minimum=-1, maximum=1)


def _ohms(load: float) -> str:
    return "INF" if load == inf else format_float(load)


class GeneratorOutput(Channel):
    """One output; a snapshot is restored in the order of declaration, the output last."""

    load = parameter(
        float,
        get_cmd="OUTP{number}:LOAD?",
        set_cmd="OUTP{number}:LOAD {}",
        unit="Ω",
        validator=AnyOf(Multiples(1.0, minimum=1, maximum=10_000), Enum(inf)),
        set_parser=_ohms,
        doc="What is connected; amplitude and offset are what is then at the output. Infinite: a high impedance "
        "(:OUTPut:LOAD, page 2-56).",
    )
    polarity = parameter(
        str,
        get_cmd="OUTP{number}:POL?",
        set_cmd="OUTP{number}:POL {}",
        mapping={"normal": "NORM", "inverted": "INV"},
        get_parser=lambda reply: {"NORMAL": "NORM", "INVERTED": "INV"}.get(reply.strip(), reply),
        doc="Whether the waveform is turned over (:OUTPut:POLarity).",
    )
    waveform = parameter(
        str,
        get_cmd="SOUR{number}:FUNC?",
        set_cmd="SOUR{number}:FUNC {}",
        mapping={
            "sine": "SIN",
            "square": "SQU",
            "ramp": "RAMP",
            "pulse": "PULS",
            "noise": "NOIS",
            "dc": "DC",
            "arbitrary": "USER",
        },
        doc="Form of the signal (:SOURce:FUNCtion).",
    )
    frequency = parameter(
        float,
        get_cmd="SOUR{number}:FREQ?",
        set_cmd="SOUR{number}:FREQ {}",
        unit="Hz",
        minimum=Asked("SOUR{number}:FREQ? MIN"),
        maximum=Asked("SOUR{number}:FREQ? MAX"),
        depends_on=("waveform",),
        relevant_when={"waveform": ("sine", "square", "ramp", "pulse", "arbitrary")},
        doc="Frequency; its limits depend on model and waveform and are asked from the instrument "
        "(:SOURce:FREQuency:FIXed).",
    )
    amplitude_unit = parameter(
        str,
        get_cmd="SOUR{number}:VOLT:UNIT?",
        set_cmd="SOUR{number}:VOLT:UNIT {}",
        mapping={"Vpp": "VPP", "Vrms": "VRMS", "dBm": "DBM"},
        doc="In which unit the instrument takes and shows amplitudes (:SOURce:VOLTage:UNIT).",
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
        "instrument (:SOURce:VOLTage).",
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
        "from the instrument (:SOURce:VOLTage:OFFSet).",
    )
    phase = parameter(
        float,
        get_cmd="SOUR{number}:PHAS?",
        set_cmd="SOUR{number}:PHAS {}",
        unit="°",
        validator=Numbers(0, 360),
        doc="Phase at the start of the waveform (:SOURce:PHASe).",
    )
    duty_cycle = parameter(
        float,
        get_cmd="SOUR{number}:FUNC:SQU:DCYC?",
        set_cmd="SOUR{number}:FUNC:SQU:DCYC {}",
        unit="%",
        validator=Numbers(0.01, 99.99),
        doc="For how much of its period a square is high; less is possible at high frequencies "
        "(:SOURce:FUNCtion:SQUare:DCYCle).",
    )
    symmetry = parameter(
        float,
        get_cmd="SOUR{number}:FUNC:RAMP:SYMM?",
        set_cmd="SOUR{number}:FUNC:RAMP:SYMM {}",
        unit="%",
        validator=Numbers(0, 100),
        doc="For how much of its period a ramp rises (:SOURce:FUNCtion:RAMP:SYMMetry).",
    )
    burst = parameter(
        bool,
        get_cmd="SOUR{number}:BURS?",
        set_cmd="SOUR{number}:BURS {}",
        set_parser=on_or_off,
        doc="Whether there is a number of periods after each trigger, and nothing between (:SOURce:BURSt:STATe).",
    )
    burst_mode = parameter(
        str,
        get_cmd="SOUR{number}:BURS:MODE?",
        set_cmd="SOUR{number}:BURS:MODE {}",
        mapping={"triggered": "TRIG", "infinite": "INF", "gated": "GAT"},
        doc="Whether a burst has a number of periods, does not end, or lasts as long as the gate (:SOURce:BURSt:MODE).",
    )
    burst_cycles = parameter(
        int,
        get_cmd="SOUR{number}:BURS:NCYC?",
        set_cmd="SOUR{number}:BURS:NCYC {}",
        validator=Ints(1, 500_000),
        get_parser=lambda reply: round(parse_float(reply)),
        doc="How many periods a burst has (:SOURce:BURSt:NCYCles).",
    )
    burst_source = parameter(
        str,
        get_cmd="SOUR{number}:BURS:TRIG:SOUR?",
        set_cmd="SOUR{number}:BURS:TRIG:SOUR {}",
        mapping={"internal": "INT", "external": "EXT", "manual": "MAN"},
        doc="What triggers a burst: a timer, the connector, or trigger_burst() (:SOURce:BURSt:TRIGger:SOURce).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP{number}?",
        set_cmd="OUTP{number} {}",
        set_parser=on_or_off,
        doc="Whether the signal is at the output (:OUTPut:STATe).",
    )

    def __init__(self, parent: Dg1000z, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number
        self.add_function(
            "trigger_burst", f"SOUR{number}:BURS:TRIG", doc="Begin a burst; burst_source has to be manual."
        )
        self.add_function(
            "align_phase",
            f"SOUR{number}:PHAS:SYNC",
            doc="Start both outputs anew with their phases (:SOURce:PHASe:SYNChronize).",
        )

    def load_waveform(self, points: ArrayLike) -> None:
        """Send an arbitrary waveform to the volatile memory, and choose it as the waveform of the output.

        Parameters
        ----------
        points
            8 to 16,384 numbers from -1 (offset less half of the amplitude) to 1; sent as 14-bit codes
            (:SOURce:DATA:DAC VOLATILE, page 2-174). The instrument makes 8192 of fewer.

        Raises
        ------
        ValidationError
            Other points; nothing was sent.
        """
        accepted = WAVEFORM.check(points)
        if not FEWEST_POINTS <= len(accepted) <= MOST_POINTS:
            raise ValidationError(
                f"cannot send a waveform of {len(accepted)} points: allowed are {FEWEST_POINTS} to {MOST_POINTS}",
                who=self.full_name,
                state="Nothing was sent.",
                value=len(accepted),
                allowed=f"{FEWEST_POINTS} to {MOST_POINTS} points",
            )
        codes = np.rint((accepted + 1) / 2 * LARGEST_CODE).astype(int).tolist()
        with self.monitor:
            self.write(f"SOUR{self.number}:DATA:DAC VOLATILE,{','.join(map(str, codes))}")
            self.forget()
            if self.confirm_set is not None:
                self.confirm_set(f"SOUR{self.number}:DATA:DAC VOLATILE,…")

    def make_safe(self) -> None:
        """Switch the output off; its settings stay."""
        self.output(False)


class Dg1000z(ScpiInstrument):
    """Rigol DG1022Z, DG1032Z, DG1062Z: function generators of two outputs, up to 25, 30 and 60 MHz.

    Manual: DG1000Z Programming Guide, of which only parts were at hand.

    Interfaces: USB, LAN (VXI-11); replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. Outputs are ``ch1`` and ``ch2``, or ``outputs[0]``. :meth:`make_safe` switches both off.

    >>> import luthier
    >>> with luthier.open("rigol.dg1000z", "sim://", name="fg") as fg:
    ...     fg.ch1.waveform("sine")
    ...     fg.ch1.frequency(1e3)
    ...     fg.ch1.amplitude(0.5)
    ...     fg.ch1.output(True)
    ...     fg.ch1.amplitude()
    0.5
    """

    simulator = "rigol.dg1000z"

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.ch1, self.ch2 = (GeneratorOutput(self, number) for number in (1, 2))
        self.outputs = ChannelList(self, "outputs", (self.ch1, self.ch2))

    def make_safe(self) -> None:
        """Switch both outputs off; where one fails, the other is switched off all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        failures = []
        for output in self.outputs:
            try:
                output.make_safe()
            except Exception as failure:  # noqa: BLE001 - whatever it is, the other output has to be switched off
                failures.append(failure)
        if failures:
            raise ExceptionGroup(f"{self.name}: {len(failures)} of 2 outputs may still be on", failures)
