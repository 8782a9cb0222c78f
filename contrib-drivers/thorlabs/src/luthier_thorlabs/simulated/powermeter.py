"""A simulated PM100D with a photodiode in a steady light.

Like the instrument: the sensor, its wavelengths, ranges, averaging and the adjustment of zero, which takes a second.

Unlike it: the sensitivity does not depend on the wavelength; readings are exact.
"""

from __future__ import annotations

from typing import Final

from luthier_sim import Number, ScpiDevice, command, query, setting

__all__ = ["SimulatedPm100"]

_RANGES: Final = (5e-6, 50e-6, 500e-6, 5e-3, 50e-3, 500e-3)
_ZERO_TIME: Final = 1.0
_SAMPLE_TIME: Final = 3e-3


class SimulatedPm100(ScpiDevice):
    """A PM100D with an S120C.

    Attributes
    ----------
    light
        The power of the light, in W.
    sensor
        The answer to ``SYSTem:SENSor:IDN?``.
    """

    identity = "Thorlabs,PM100D,P0011748,2.4.0"
    light = 1.25e-3
    sensor = "S120C,210512345,12-May-2021,1,18,33"

    wavelength = setting("[SENSe:]CORRection:WAVelength", 635.0, minimum=400.0, maximum=1100.0, unit="NM")
    averages = setting("[SENSe:]AVERage:COUNt", 1, minimum=1, maximum=10000)
    automatic = setting("[SENSe:]POWer:RANGe:AUTO", True)

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.manual_range = _RANGES[-1]
        self.zero_until = 0.0
        self.offset = 0.0

    def present_range(self) -> float:
        """Return the upper end of the range, in W."""
        if not self.automatic:
            return self.manual_range
        return next((each for each in _RANGES if each >= self.light), _RANGES[-1])

    @query("SYSTem:SENSor:IDN?")
    def ask_sensor(self) -> str:
        """Answer the sensor."""
        return self.sensor

    @command("[SENSe:]POWer:RANGe[:UPPer]", Number(0, _RANGES[-1], unit="W"))
    def set_range(self, largest: float) -> None:
        """Take the smallest range that holds a power."""
        self.automatic = False
        self.manual_range = next(each for each in _RANGES if each >= largest)

    @query("[SENSe:]POWer:RANGe[:UPPer]?")
    def ask_range(self) -> float:
        """Answer the range."""
        return self.present_range()

    @query("MEASure[:SCALar][:POWer]?")
    def measure(self) -> float:
        """Measure the power."""
        self.spend(_SAMPLE_TIME * self.averages)
        return min(self.light, self.present_range()) - self.offset

    @command("[SENSe:]CORRection:COLLect:ZERO[:INITiate]")
    def begin_zero(self) -> None:
        """Begin to adjust zero."""
        self.zero_until = self.now + _ZERO_TIME

    @command("[SENSe:]CORRection:COLLect:ZERO:ABORt")
    def abort_zero(self) -> None:
        """End the adjustment."""
        self.zero_until = 0.0

    @query("[SENSe:]CORRection:COLLect:ZERO:STATe?")
    def ask_zero(self) -> bool:
        """Answer whether zero is being adjusted."""
        return self.now < self.zero_until

    @query("[SENSe:]CORRection:COLLect:ZERO:MAGNitude?")
    def ask_offset(self) -> float:
        """Answer the correction."""
        return self.offset
