"""A simulated SR844 with a signal of 100 mV at its input, and its auxiliary outputs connected to the inputs.

Like the instrument: the commands of the driver in all of their spellings; tables and limits; the event status register.

Unlike it: the frequency keeps every digit; the output filter settles at once, and there is no noise; the reserve and
the impedance change nothing; what the driver leaves out is missing.
"""

from __future__ import annotations

from cmath import exp, phase
from math import degrees, log10, radians
from typing import Final

from luthier_sim import Integer, Number, Refusal, command, query, setting

from luthier_stanford_research.simulated.srs_device import SrsDevice

__all__ = ["SimulatedSr844"]

_SENSITIVITIES: Final = tuple(float(f"{step}e{power}") for power in range(-7, 1) for step in (1, 3))[:15]
_LOWEST_DOUBLED: Final = 50e3
_OVER: Final = 1.1
_MILLIWATT: Final = 0.05**0.5  # volts (rms) across 50 Ω
_SMALLEST: Final = 1e-11  # volts; what a magnitude of 0 is in dBm


class SimulatedSr844(SrsDevice):
    """An SR844 with 100 mV at its input.

    Attributes
    ----------
    signal
        The phasor at the input, in volts (rms).
    external_frequency
        Of the external reference, in hertz.
    """

    identity = "Stanford_Research_Systems,SR844,s/n50066,ver1.006"
    missing = ("*WAI", "*OPC", "*OPC?", "*TRG")
    signal = 0.1 + 0j

    external_frequency = 10e6
    internal = setting("FMOD", 1, minimum=0, maximum=1)
    high_impedance = setting("REFZ", 0, minimum=0, maximum=1)
    wide_reserve = setting("WRSV", 1, minimum=0, maximum=2)
    doubled = setting("HARM", 0, minimum=0, maximum=1)
    turned = setting("PHAS", 0.0, minimum=-360, maximum=360, resolution=0.01, form="{:.2f}")
    sensitivity = setting("SENS", 14, minimum=0, maximum=14)
    time_constant = setting("OFLT", 6, minimum=0, maximum=17)
    slope = setting("OFSL", 2, minimum=0, maximum=4)

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.outputs = {1: 0.0, 2: 0.0}
        self.frequency = 1e6

    def reference(self) -> float:
        """Return the frequency of the reference, in hertz."""
        return self.frequency if self.internal else self.external_frequency

    @command("FREQ", Number(25e3, 200e6))
    def set_frequency(self, frequency: float) -> None:
        """Set the internal reference."""
        if not self.internal or (self.doubled and frequency < _LOWEST_DOUBLED):
            raise Refusal(-221)
        self.frequency = frequency

    @query("FREQ?")
    def ask_frequency(self) -> str:
        """Answer the frequency of the reference."""
        return f"{self.reference():.9e}"

    @doubled.on_set
    def _only_when_fast(self, doubled: int) -> None:
        if doubled and self.reference() < _LOWEST_DOUBLED:
            raise Refusal(-221)

    def readings(self) -> dict[int, float]:
        """Return what OUTP? and SNAP? answer, by number."""
        limit = _SENSITIVITIES[self.sensitivity] * _OVER
        seen = self.signal * exp(-1j * radians(self.turned))
        x, y = (max(-limit, min(limit, part)) for part in (seen.real, seen.imag))
        r = abs(complex(x, y))
        power = 20 * log10(max(r, _SMALLEST) / _MILLIWATT)
        angle = degrees(phase(complex(x, y)))
        return {1: x, 2: y, 3: r, 4: power, 5: angle, 6: self.outputs[1], 7: self.outputs[2], 8: self.reference()}

    @turned.on_set
    def _wrap(self, angle: float) -> None:
        self.turned = angle if abs(angle) <= 180 else angle - 360 * (1 if angle > 0 else -1)  # noqa: PLR2004 - half a turn

    @command("APHS")
    def auto_phase(self) -> None:
        """Turn the phase until Y is zero."""
        self._wrap(round(self.turned + self.readings()[5], 2))

    @query("OUTP?", Integer(1, 5))
    def ask_reading(self, number: int) -> str:
        """Answer one reading."""
        return f"{self.readings()[number]:.5g}"

    @query("SNAP?", Integer(1, 8), Integer(1, 8), *[Integer(1, 8, optional=True)] * 4)
    def ask_several(self, *numbers: int | None) -> str:
        """Answer two to six readings at one time."""
        readings = self.readings()
        return ",".join(f"{readings[number]:.5g}" for number in numbers if number is not None)

    @command("AUXO", Integer(1, 2), Number(-10.5, 10.5, "V", resolution=0.001))
    def set_output(self, number: int, voltage: float) -> None:
        """Set an auxiliary output."""
        self.outputs[number] = voltage

    @query("AUXO?", Integer(1, 2))
    def ask_output(self, number: int) -> str:
        """Answer what an auxiliary output is set to."""
        return f"{self.outputs[number]:.3f}"
