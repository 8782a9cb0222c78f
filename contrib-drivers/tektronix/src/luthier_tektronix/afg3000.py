"""The Tektronix AFG3000, AFG3000B and AFG3000C function generators.

Commands and limits: as the maker lists them in tm_devices 3.7.0 (AFG3K, AFG3KB, AFG3KC), which is made from the
programmer manual, and as in the drivers of other projects for this series (PyMeasure's AFG3152C, one for QCoDeS, one
for the AFG3102, one for the AFG3011C). The manual itself was not at hand; the number of periods in a burst is as in
those drivers.
"""

from __future__ import annotations

from math import degrees, inf
from typing import Any, Final

from luthier import Asked, Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError
from luthier.scpi import format_float, parse_float
from luthier.validators import AnyOf, Enum, Multiples, Numbers

__all__ = ["Afg3000", "GeneratorOutput"]

WAVEFORMS: Final = {
    "sine": "SIN",
    "square": "SQU",
    "ramp": "RAMP",
    "pulse": "PULS",
    "noise": "PRN",
    "dc": "DC",
    "arbitrary": "EMEM",
    "arbitrary 2": "EMEM2",
    "file": "EFIL",
    "user 1": "USER1",
    "user 2": "USER2",
    "user 3": "USER3",
    "user 4": "USER4",
    "sinc": "SINC",
    "gaussian": "GAUS",
    "lorentz": "LOR",
    "exponential rise": "ERIS",
    "exponential decay": "EDEC",
    "haversine": "HAV",
}
PERIODIC: Final = tuple(name for name in WAVEFORMS if name not in ("noise", "dc"))
SHIFTABLE: Final = tuple(name for name in PERIODIC if name != "pulse")
FIRST_MEMORIES: Final = {"USER": "USER1", "EMEM1": "EMEM"}
"""Other names of the first user memory, and of the first edit memory."""
MODEL_DIGITS: Final = 7  # AFG3102C: its last digit is the number of outputs
ANGLE_DIGITS: Final = 9


def _or_infinite(number: float) -> str:
    return "INF" if number == inf else format_float(number)


def _waveform(reply: str) -> str:
    word = reply.strip()
    return FIRST_MEMORIES.get(word, word)


def _degrees(reply: str) -> float:
    """Turn the radians of a reply into degrees, without the digits that only the conversion has."""
    return round(degrees(parse_float(reply)), ANGLE_DIGITS)


class GeneratorOutput(Channel):
    """One output; a snapshot is restored in the order of declaration, the output last."""

    load = parameter(
        float,
        get_cmd="OUTP{number}:IMP?",
        set_cmd="OUTP{number}:IMP {}",
        unit="Ω",
        validator=AnyOf(Numbers(1, 10_000), Enum(inf)),
        set_parser=_or_infinite,
        doc="What is connected; amplitude and offset are what is then at the output. Infinite: a high impedance "
        "(OUTPut:IMPedance).",
    )
    polarity = parameter(
        str,
        get_cmd="OUTP{number}:POL?",
        set_cmd="OUTP{number}:POL {}",
        mapping={"normal": "NORM", "inverted": "INV"},
        doc="Whether the waveform is turned over (OUTPut:POLarity).",
    )
    waveform = parameter(
        str,
        get_cmd="SOUR{number}:FUNC:SHAP?",
        set_cmd="SOUR{number}:FUNC:SHAP {}",
        mapping=WAVEFORMS,
        get_parser=_waveform,
        doc="Form of the signal; arbitrary is what is in the edit memory, of which later models have two "
        "(SOURce:FUNCtion:SHAPe).",
    )
    frequency = parameter(
        float,
        get_cmd="SOUR{number}:FREQ:FIX?",
        set_cmd="SOUR{number}:FREQ:FIX {}",
        unit="Hz",
        minimum=Asked("SOUR{number}:FREQ:FIX? MIN"),
        maximum=Asked("SOUR{number}:FREQ:FIX? MAX"),
        depends_on=("waveform",),
        relevant_when={"waveform": PERIODIC},
        doc="Frequency; its limits depend on model and waveform and are asked from the instrument "
        "(SOURce:FREQuency:FIXed).",
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
        get_cmd="SOUR{number}:VOLT:AMPL?",
        set_cmd="SOUR{number}:VOLT:AMPL {}",
        unit="V",
        minimum=Asked("SOUR{number}:VOLT:AMPL? MIN"),
        maximum=Asked("SOUR{number}:VOLT:AMPL? MAX"),
        depends_on=("waveform", "frequency", "load", "offset", "amplitude_unit"),
        relevant_when={"amplitude_unit": "Vpp"},
        doc="From peak to peak; its limits depend on model, load, frequency and offset and are asked from the "
        "instrument (SOURce:VOLTage:LEVel:IMMediate:AMPLitude).",
    )
    offset = parameter(
        float,
        get_cmd="SOUR{number}:VOLT:OFFS?",
        set_cmd="SOUR{number}:VOLT:OFFS {}",
        unit="V",
        minimum=Asked("SOUR{number}:VOLT:OFFS? MIN"),
        maximum=Asked("SOUR{number}:VOLT:OFFS? MAX"),
        depends_on=("waveform", "load", "amplitude"),
        doc="Mean voltage; its limits depend on load and amplitude and are asked from the instrument "
        "(SOURce:VOLTage:LEVel:IMMediate:OFFSet).",
    )
    phase = parameter(
        float,
        get_cmd="SOUR{number}:PHAS:ADJ?",
        set_cmd="SOUR{number}:PHAS:ADJ {} DEG",
        unit="°",
        validator=Numbers(-180, 180),
        get_parser=_degrees,
        relevant_when={"waveform": SHIFTABLE},
        doc="Phase at the start of the waveform. It is sent in degrees, and answered in radians, which are converted "
        "(SOURce:PHASe:ADJust).",
    )
    symmetry = parameter(
        float,
        get_cmd="SOUR{number}:FUNC:RAMP:SYMM?",
        set_cmd="SOUR{number}:FUNC:RAMP:SYMM {}",
        unit="%",
        validator=Numbers(0, 100),
        doc="For how much of its period a ramp rises (SOURce:FUNCtion:RAMP:SYMMetry).",
    )
    duty_cycle = parameter(
        float,
        get_cmd="SOUR{number}:PULS:DCYC?",
        set_cmd="SOUR{number}:PULS:DCYC {}",
        unit="%",
        validator=Numbers(0.001, 99.999),
        doc="For how much of its period a pulse is high; less is possible at high frequencies (SOURce:PULSe:DCYCle).",
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
        float,
        get_cmd="SOUR{number}:BURS:NCYC?",
        set_cmd="SOUR{number}:BURS:NCYC {}",
        unit="",
        validator=AnyOf(Multiples(1.0, minimum=1, maximum=1_000_000), Enum(inf)),
        set_parser=_or_infinite,
        doc="How many periods a burst has; infinite: it does not end (SOURce:BURSt:NCYCles).",
    )
    burst_delay = parameter(
        float,
        get_cmd="SOUR{number}:BURS:TDEL?",
        set_cmd="SOUR{number}:BURS:TDEL {}",
        unit="s",
        validator=Numbers(0, 85),
        relevant_when={"burst_mode": "triggered"},
        doc="Time from the trigger to the burst, of which the instrument keeps 100 ps or five digits "
        "(SOURce:BURSt:TDELay).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP{number}:STAT?",
        set_cmd="OUTP{number}:STAT {}",
        doc="Whether the signal is at the output (OUTPut:STATe).",
    )

    def __init__(self, parent: Afg3000, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number

    def make_safe(self) -> None:
        """Switch the output off; its settings stay."""
        self.output(False)


class Afg3000(ScpiInstrument):
    """Tektronix AFG3000, AFG3000B and AFG3000C: function generators of one or two outputs, 10 MHz to 240 MHz.

    Manual: the maker's list of commands (tm_devices 3.7.0); the Programmer Manual was not at hand.

    Interfaces: USB, LAN (VXI-11), GPIB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is, because the last digit of the model is the number of outputs, and changes nothing.
    Outputs are ``ch1`` and perhaps ``ch2``, or ``outputs[0]``. :meth:`make_safe` switches all off. Modulations, sweeps
    and the transfer of arbitrary waveforms are left out. Where the front panel has both outputs follow each other
    (``CONCurrent``), a set changes the other one too, of which the driver is not told.

    Raises
    ------
    IdentityError
        What answers is no AFG3000.

    >>> import luthier
    >>> with luthier.open("tektronix.afg3000", "sim://", name="fg") as fg:
    ...     fg.ch1.waveform("sine")
    ...     fg.ch1.frequency(1e3)
    ...     fg.ch1.amplitude(0.5)
    ...     fg.ch1.output(True)
    ...     fg.ch1.amplitude()
    0.5
    """

    simulator = "tektronix.afg3000"

    trigger_source = parameter(
        str,
        get_cmd="TRIG:SOUR?",
        set_cmd="TRIG:SOUR {}",
        mapping={"timer": "TIM", "external": "EXT"},
        doc="What triggers bursts, beside trigger(): a timer or the connector (TRIGger:SEQuence:SOURce).",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG:SLOP?",
        set_cmd="TRIG:SLOP {}",
        mapping={"rising": "POS", "falling": "NEG"},
        doc="Which edge of an external trigger counts (TRIGger:SEQuence:SLOPe).",
    )
    trigger_period = parameter(
        float,
        get_cmd="TRIG:TIM?",
        set_cmd="TRIG:TIM {}",
        unit="s",
        validator=Numbers(1e-6, 500),
        doc="Time from one trigger of the timer to the next (TRIGger:SEQuence:TIMer).",
    )
    reference = parameter(
        str,
        get_cmd="SOUR:ROSC:SOUR?",
        set_cmd="SOUR:ROSC:SOUR {}",
        mapping={"internal": "INT", "external": "EXT"},
        doc="Which clock all frequencies come from (SOURce:ROSCillator:SOURce).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        model = self.idn.model
        outputs = model[MODEL_DIGITS - 1 : MODEL_DIGITS]
        if not model.startswith("AFG3") or not model[3:MODEL_DIGITS].isdigit() or outputs not in ("1", "2"):
            raise self._is_another(model)
        self.ch1 = GeneratorOutput(self, 1)
        channels = [self.ch1]
        if outputs == "2":
            self.ch2 = GeneratorOutput(self, 2)
            channels.append(self.ch2)
        self.outputs = ChannelList(self, "outputs", channels)
        self.add_function("trigger", "*TRG", doc="Trigger the bursts (*TRG).")
        if outputs == "2":
            self.add_function(
                "align_phase",
                "SOUR1:PHAS:INIT",
                doc="Start both outputs anew with their phases (SOURce:PHASe:INITiate).",
            )

    def _is_another(self, model: str) -> IdentityError:
        return IdentityError(
            f"{self.idn.vendor} {model} answers; expected: an AFG3000, such as AFG3022B",
            who=f"{self.name} ({self.address})",
            state="Nothing was changed on it; the connection is closed.",
            advice="Check the address.",
            sent="no",
            expected="AFG3 and three digits",
            identity=str(self.idn),
        )

    def make_safe(self) -> None:
        """Switch all outputs off; where one fails, the other is switched off all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        failures = []
        for output in self.outputs:
            try:
                output.make_safe()
            except Exception as failure:  # noqa: BLE001 - whatever it is, the other output has to be switched off
                failures.append(failure)
        if failures:
            raise ExceptionGroup(f"{self.name}: {len(failures)} outputs may still be on", failures)
