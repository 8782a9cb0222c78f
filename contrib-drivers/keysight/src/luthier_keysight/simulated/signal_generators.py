"""Simulated Keysight signal generators: the E8257D and the N5183B; their command references were not at hand.

They take the commands that the drivers know from other projects, in all spellings of SCPI, have the limits of the
largest model, take phases in radians, and keep an error queue. That offsets change what is shown and not the RF, how
far they go, and that a value out of range is refused and not clipped, is not confirmed.

Unlike the instruments: a phase takes no DEG; nothing takes time; there are no sweeps, and no modulations but pulses.
"""

from __future__ import annotations

from math import inf, pi
from typing import Any, ClassVar, Final

from luthier_sim import Number, ScpiDevice, query, setting

__all__ = ["SimulatedE8257D", "SimulatedN5183B"]

_FORM: Final = "{:+.14E}"


def _lowest_frequency(generator: Any) -> float:
    return float(generator.frequency_range[0] + generator.frequency_offset)


def _highest_frequency(generator: Any) -> float:
    return float(generator.frequency_range[1] + generator.frequency_offset)


def _lowest_power(generator: Any) -> float:
    return float(generator.power_range[0] + generator.power_offset)


def _highest_power(generator: Any) -> float:
    return float(generator.power_range[1] + generator.power_offset)


class SimulatedE8257D(ScpiDevice):
    """An E8257D with options 520 to 567 as its range says, the attenuator and pulses.

    Attributes
    ----------
    frequency_range, power_range
        What the model can do, in Hz and dBm.
    external_reference
        Whether there is a signal at the input for the reference.
    """

    identity = "Agilent Technologies, E8257D, MY51110001, C.06.16"
    frequency_range: ClassVar[tuple[float, float]] = (100e3, 70e9)
    power_range: ClassVar[tuple[float, float]] = (-135.0, 30.0)
    external_reference = False

    reference_auto = setting("[SOURce:]ROSCillator:SOURce:AUTO", True)
    frequency_offset = setting("[SOURce:]FREQuency:OFFSet", 0.0, minimum=-200e9, maximum=200e9, unit="Hz", form=_FORM)
    power_offset = setting(
        "[SOURce:]POWer[:LEVel][:IMMediate]:OFFSet", 0.0, minimum=-200, maximum=200, unit="dB", form=_FORM
    )
    frequency = setting(
        "[SOURce:]FREQuency[:CW]", 20e9, Number(_lowest_frequency, _highest_frequency, "Hz", default=20e9, form=_FORM)
    )
    power = setting(
        "[SOURce:]POWer[:LEVel][:IMMediate][:AMPLitude]",
        -135.0,
        Number(_lowest_power, _highest_power, "dBm", default=-135.0, form=_FORM),
    )
    phase = setting("[SOURce:]PHASe[:ADJust]", 0.0, minimum=-pi, maximum=pi, unit="rad", form=_FORM)
    levelling = setting("[SOURce:]POWer:ALC[:STATe]", True)
    pulse_source = setting("[SOURce:]PULM:SOURce", "INT", choices=("INTernal", "EXTernal", "SCALar"))
    pulse_state = setting("[SOURce:]PULM:STATe", False)
    modulation = setting("OUTPut:MODulation[:STATe]", True)
    output = setting("OUTPut[:STATe]", False)

    options: ClassVar[str] = "1E1,567,UNW"
    _offsets = (0.0, 0.0)

    @query("*OPT?")
    def ask_options(self) -> str:
        """Answer which options there are."""
        return self.options

    def reset(self) -> None:
        """Forget offsets."""
        self._offsets = (0.0, 0.0)

    @property
    def rf_frequency(self) -> float:
        """What is at the output, in Hz."""
        return self.frequency - self.frequency_offset

    @property
    def rf_power(self) -> float:
        """What is at the output, in dBm; minus infinity while it is off."""
        return self.power - self.power_offset if self.output else -inf

    @frequency_offset.on_set
    def _show_frequency(self, offset: float) -> None:
        self.frequency += offset - self._offsets[0]
        self._offsets = (offset, self._offsets[1])

    @power_offset.on_set
    def _show_power(self, offset: float) -> None:
        self.power += offset - self._offsets[1]
        self._offsets = (self._offsets[0], offset)

    @query("[SOURce:]ROSCillator:SOURce?")
    def reference(self) -> str:
        """Answer which reference is in use."""
        return "EXT" if self.reference_auto and self.external_reference else "INT"


class SimulatedN5183B(SimulatedE8257D):
    """An N5183B with option 540."""

    identity = "Agilent Technologies, N5183B, MY53270001, B.01.86"
    pulse_source = setting("[SOURce:]PULM:SOURce", "INT", choices=("INTernal", "EXTernal"))
    options = "540,UNW"
    frequency_range = (9e3, 40e9)
    power_range = (-144.0, 30.0)
    frequency = setting(
        "[SOURce:]FREQuency[:CW]", 40e9, Number(_lowest_frequency, _highest_frequency, "Hz", default=40e9, form=_FORM)
    )
    power = setting(
        "[SOURce:]POWer[:LEVel][:IMMediate][:AMPLitude]",
        -144.0,
        Number(_lowest_power, _highest_power, "dBm", default=-144.0, form=_FORM),
    )
