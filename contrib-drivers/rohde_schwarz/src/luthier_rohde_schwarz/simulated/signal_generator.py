"""Simulated Rohde & Schwarz signal generators: the SGS100A and the SMB100A.

Like the instruments: every command of the drivers in all of its spellings, limits that depend on the range of the model
and on offsets, the limit of the level, what excludes what, and the error queue.

Unlike the instruments: nothing takes time; options are always there; there are no modulations but pulses, and no lists.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from luthier_sim import Choice, Integer, Number, Refusal, ScpiDevice, command, query, setting

__all__ = ["SimulatedSgs100a", "SimulatedSignalGenerator", "SimulatedSmb100a"]

_PULSE: Final = "[SOURce[1]:]PULM"
_GAP: Final = 20e-9 * (1 - 1e-6)
_REFERENCES: Final = {10e6: "10MHZ", 100e6: "100MHZ", 1e9: "1000MHZ"}


class _ReferenceFrequency:
    """One of a few frequencies, which are answered as words with a unit."""

    optional = False
    rest = False

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> float:
        """Return the frequency in Hz; -222 for others."""
        value = Number(unit="Hz").read(datum, device, suffixes)
        if value not in _REFERENCES:
            raise Refusal(-222)
        return value

    def write(self, value: float) -> str:
        """Return the word."""
        return _REFERENCES[value]


def _lowest_frequency(generator: Any) -> float:
    return float(generator.frequency_range[0] + generator.frequency_offset)


def _highest_frequency(generator: Any) -> float:
    return float(generator.frequency_range[1] + generator.frequency_offset)


def _lowest_power(generator: Any) -> float:
    return float(generator.power_range[0] + generator.power_offset)


def _highest_power(generator: Any) -> float:
    return float(generator.power_range[1] + generator.power_offset)


class SimulatedSignalGenerator(ScpiDevice):
    """What both generators have.

    Attributes
    ----------
    frequency_range, power_range
        What the options allow, in Hz and dBm.
    """

    frequency_range: ClassVar[tuple[float, float]]
    power_range: ClassVar[tuple[float, float]]

    frequency_offset = setting("[SOURce[1]:]FREQuency:OFFSet", 0.0, minimum=-3e9, maximum=3e9, unit="Hz")
    frequency = setting(
        "[SOURce[1]:]FREQuency[:CW]", 1e9, Number(_lowest_frequency, _highest_frequency, "Hz", default=1e9)
    )
    phase = setting("[SOURce[1]:]PHASe", 0.0, minimum=-36000, maximum=36000, unit="°")
    power_offset = setting("[SOURce[1]:]POWer[:LEVel][:IMMediate]:OFFSet", 0.0, minimum=-100, maximum=100, unit="dB")
    power = setting(
        "[SOURce[1]:]POWer[:LEVel][:IMMediate][:AMPLitude]",
        -30.0,
        Number(_lowest_power, _highest_power, "dBm", default=-30.0),
    )
    power_limit = setting(
        "[SOURce[1]:]POWer:LIMit[:AMPLitude]",
        30.0,
        Number(lambda generator: generator.power_range[0], lambda generator: generator.power_range[1], "dBm"),
        keep=True,
    )
    output = setting("OUTPut[1][:STATe]", False)
    reference_source = setting("[SOURce[1]:]ROSCillator:SOURce", "INT", choices=("INTernal", "EXTernal"), keep=True)

    pulse_source = setting(f"{_PULSE}:SOURce", "INT", choices=("INTernal", "EXTernal"))
    pulse_mode = setting(f"{_PULSE}:MODE", "SING", choices=("SINGle", "DOUBle"))
    pulse_period = setting(f"{_PULSE}:PERiod", 10e-6, minimum=20e-9, maximum=100, unit="s")
    pulse_width = setting(f"{_PULSE}:WIDTh", 2e-6, minimum=20e-9, maximum=100, unit="s")
    pulse_delay = setting(f"{_PULSE}:DELay", 10e-9, minimum=0, maximum=100, unit="s")
    second_width = setting(f"{_PULSE}:DOUBle:WIDTh", 2e-6, minimum=20e-9, maximum=100, unit="s")
    second_delay = setting(f"{_PULSE}:DOUBle:DELay", 3e-6, minimum=40e-9, maximum=100, unit="s")
    pulse_trigger = setting(f"{_PULSE}:TRIGger:MODE", "AUTO", choices=("AUTO", "EXTernal", "EGATe"))
    pulse_polarity = setting(f"{_PULSE}:POLarity", "NORM", choices=("NORMal", "INVerted"))
    pulse_state = setting(f"{_PULSE}:STATe", False)

    zero_phase = 0.0
    _offsets = (0.0, 0.0)

    def switch_on(self) -> None:
        """Limit the level to what the model can."""
        super().switch_on()
        self.power_limit = self.power_range[1]

    def reset(self) -> None:
        """Forget offsets and phase."""
        self.zero_phase = 0.0
        self._offsets = (0.0, 0.0)

    @property
    def rf_frequency(self) -> float:
        """What is at the output, in Hz."""
        return self.frequency - self.frequency_offset

    @property
    def rf_power(self) -> float:
        """What is at the output, in dBm; minus infinity while it is off."""
        return min(self.power - self.power_offset, self.power_limit) if self.output else float("-inf")

    @frequency_offset.on_set
    def _show_frequency(self, offset: float) -> None:
        self.frequency += offset - self._offsets[0]
        self._offsets = (offset, self._offsets[1])

    @power_offset.on_set
    def _show_power(self, offset: float) -> None:
        self.power += offset - self._offsets[1]
        self._offsets = (self._offsets[0], offset)

    @pulse_period.on_set
    @pulse_width.on_set
    def _check_pulse(self, _value: float) -> None:
        if self.pulse_period - self.pulse_width < _GAP:
            raise Refusal(-221)

    @command("[SOURce[1]:]FREQuency:FIXed", Number(_lowest_frequency, _highest_frequency, "Hz"))
    def set_fixed(self, frequency: float) -> None:
        """Set the frequency by its other name."""
        self.frequency = frequency

    @query("[SOURce[1]:]FREQuency:FIXed?")
    def ask_fixed(self) -> float:
        """Answer the frequency by its other name."""
        return self.frequency

    @command("[SOURce[1]:]PHASe:REFerence")
    def take_phase(self) -> None:
        """Take the phase as 0."""
        self.zero_phase += self.phase
        self.phase = 0.0


class SimulatedSgs100a(SimulatedSignalGenerator):
    """An SGS100A with the options for 12.75 GHz, I/Q modulation, pulses and the local oscillator."""

    identity = "Rohde&Schwarz,SGS100A,1416.0505k02/100001,3.1.19.15-3.20.390.24"
    frequency_range = (1e6, 12.75e9)
    power_range = (-120.0, 25.0)

    reference_frequency = setting("[SOURce[1]:]ROSCillator:EXTernal:FREQuency", 10e6, _ReferenceFrequency(), keep=True)
    reference_output_frequency = setting(
        "[SOURce[1]:]ROSCillator:OUTPut:FREQuency", 10e6, _ReferenceFrequency(), keep=True
    )
    reference_output = setting("CONNector:REFLo:OUTPut", "REF", choices=("REF", "LO", "OFF"))
    lo_source = setting("[SOURce[1]:]LOSCillator:SOURce", "INT", choices=("INTernal", "EXTernal"))
    attenuator_mode = setting("OUTPut[1]:AMODe", "AUTO", choices=("AUTO", "FIXed", "APASsive"))
    operation_mode = setting("[SOURce[1]:]OPMode", "NORM", choices=("NORMal", "BBBYpass"))

    gate_polarity = setting(f"{_PULSE}:TRIGger:EXTernal:GATE:POLarity", "NORM", choices=("NORMal", "INVerted"))
    trigger_impedance = setting(f"{_PULSE}:TRIGger:EXTernal:IMPedance", "G50", Choice("G50", "G10K"))
    trigger_slope = setting(f"{_PULSE}:TRIGger:EXTernal:SLOPe", "POS", choices=("NEGative", "POSitive"))

    impairments = setting("[SOURce[1]:]IQ:IMPairment[:STATe]", False)
    leakage_i = setting("[SOURce[1]:]IQ:IMPairment:LEAKage:I", 0.0, minimum=-10, maximum=10, unit="%")
    leakage_q = setting("[SOURce[1]:]IQ:IMPairment:LEAKage:Q", 0.0, minimum=-10, maximum=10, unit="%")
    gain_imbalance = setting("[SOURce[1]:]IQ:IMPairment:IQRatio[:MAGNitude]", 0.0, minimum=-1, maximum=1, unit="dB")
    quadrature = setting("[SOURce[1]:]IQ:IMPairment:QUADrature[:ANGLe]", 0.0, minimum=-8, maximum=8, unit="°")
    crest_factor = setting("[SOURce[1]:]IQ:CREStfactor", 0.0, minimum=0, maximum=80, unit="dB")
    wideband = setting("[SOURce[1]:]IQ:WBSTate", False)
    iq_state = setting("[SOURce[1]:]IQ:STATe", False)


class SimulatedSmb100a(SimulatedSignalGenerator):
    """An SMB100A with option B106, for 9 kHz to 6 GHz; a sweep is over as soon as it was started.

    Attributes
    ----------
    swept
        The frequencies of the last sweep, in Hz.
    """

    identity = "Rohde&Schwarz,SMB100A,1406.6000k03/100001,3.1.19.26-3.20.390.24"
    frequency_range = (9e3, 6e9)
    power_range = (-145.0, 30.0)

    frequency_mode = setting("[SOURce[1]:]FREQuency:MODE", "CW", choices=("CW", "FIXed", "SWEep", "LIST"))
    sweep_start = setting("[SOURce[1]:]FREQuency:STARt", 100e6, Number(_lowest_frequency, _highest_frequency, "Hz"))
    sweep_stop = setting("[SOURce[1]:]FREQuency:STOP", 500e6, Number(_lowest_frequency, _highest_frequency, "Hz"))
    sweep_spacing = setting("[SOURce[1]:]SWEep[:FREQuency]:SPACing", "LIN", choices=("LINear", "LOGarithmic"))
    sweep_dwell = setting("[SOURce[1]:]SWEep[:FREQuency]:DWELl", 10e-3, minimum=2e-3, maximum=100, unit="s")
    sweep_shape = setting("[SOURce[1]:]SWEep[:FREQuency]:SHAPe", "SAWT", choices=("SAWTooth", "TRIangle"))
    sweep_mode = setting("[SOURce[1]:]SWEep[:FREQuency]:MODE", "AUTO", choices=("AUTO", "MANual", "STEP"))
    sweep_retrace = setting("[SOURce[1]:]SWEep[:FREQuency]:RETRace", False)
    sweep_trigger = setting("TRIGger[1]:FSWeep:SOURce", "AUTO", choices=("AUTO", "SINGle", "EXTernal", "EAUTo"))
    attenuator_mode = setting("OUTPut[1]:AMODe", "AUTO", choices=("AUTO", "FIXed"))
    step = setting("[SOURce[1]:]SWEep[:FREQuency]:STEP[:LINear]", 1e6, minimum=0.001, maximum=6e9, unit="Hz")
    swept: tuple[float, ...] = ()

    @property
    def points(self) -> int:
        """How many frequencies a linear sweep has."""
        return int(abs(self.sweep_stop - self.sweep_start) / self.step + 1e-9) + 1

    @query("[SOURce[1]:]SWEep[:FREQuency]:POINts?")
    def ask_points(self) -> int:
        """Answer the number of points."""
        return self.points

    @command("[SOURce[1]:]SWEep[:FREQuency]:POINts", Integer(2, 1_000_000))
    def set_points(self, points: int) -> None:
        """Choose the step that makes this number of points."""
        self.step = max(0.001, abs(self.sweep_stop - self.sweep_start) / (points - 1))

    @command("[SOURce[1]:]SWEep[:FREQuency]:EXECute")
    @command("TRIGger[1]:FSWeep[:IMMediate]")
    def sweep(self) -> None:
        """Sweep once, where the mode and the trigger are for that."""
        if self.frequency_mode != "SWE" or self.sweep_trigger == "AUTO":
            raise Refusal(-221)
        sign = 1 if self.sweep_stop >= self.sweep_start else -1
        self.swept = tuple(self.sweep_start + sign * self.step * place for place in range(self.points))
        self.frequency = self.swept[-1]

    @query("[SOURce[1]:]SWEep[:FREQuency]:RUNNing?")
    def is_sweeping(self) -> bool:
        """Answer whether a sweep goes on."""
        return self.frequency_mode == "SWE" and self.sweep_trigger == "AUTO"

    @command("[SOURce[1]:]SWEep:RESet[:ALL]")
    def restart(self) -> None:
        """Go back to the start."""
        self.frequency = self.sweep_start
