"""Simulated SG382, SG384 and SG386, with all options.

Like the instruments: the commands of the driver; limits; the queue of error numbers; options that are asked for and
refused where they are missing. :meth:`SimulatedSg384.carrier` says what comes out.

Unlike them: limits of power and deviation do not follow the carrier; settings take no time; nothing is stored.
"""

from __future__ import annotations

from typing import ClassVar, Final

from luthier_sim import Boolean, Integer, Number, Refusal, command, query, setting

from luthier_stanford_research.simulated.srs_device import ErrorNumberDevice

__all__ = ["SimulatedSg382", "SimulatedSg384", "SimulatedSg386"]

_CLOCK, _DOUBLER, _IQ, _TIMEBASE = 1, 2, 3, 4
_MISSING: Final = {_CLOCK: 14, _DOUBLER: 15, _IQ: 16}
_IQ_TYPE: Final = 6
_LOWEST_RF: Final = 950e3
_HIGHEST_BNC: Final = 62.5e6


def _power(lowest: float, highest: float) -> Number:
    return Number(lowest, highest, "DBM", resolution=0.01, form="{:.2f}")


class SimulatedSg384(ErrorNumberDevice):
    """An SG384 with all options.

    Attributes
    ----------
    options
        Numbers of the options that are there.
    """

    identity: ClassVar[str] = "Stanford Research Systems,SG384,s/n001013,ver1.24"
    highest_frequency: ClassVar[float] = 4.05e9
    options: tuple[int, ...] = (_CLOCK, _DOUBLER, _IQ, _TIMEBASE)

    frequency = setting("FREQ", 10e6, Number(0, "highest_frequency", "HZ", resolution=1e-6, form="{:.6f}"))
    power = setting("AMPR", 0.0, _power(-110, 16.5))
    low_power = setting("AMPL", 0.0, _power(-47, 13))
    low_offset = setting("OFSL", 0.0, minimum=-1.5, maximum=1.5, unit="V", resolution=0.01, form="{:.2f}")
    angle = setting("PHAS", 0.0, minimum=-360, maximum=360, unit="DEG", resolution=0.01, form="{:.2f}")
    noise_mode = setting("NOIS", 0, minimum=0, maximum=1)
    modulation = setting("TYPE", 1, minimum=0, maximum=6)
    shape = setting("MFNC", 0, minimum=0, maximum=5)
    rate = setting("RATE", 1000.0, minimum=1e-6, maximum=50e3, unit="HZ", resolution=1e-6, form="{:.6f}")
    depth = setting("ADEP", 100.0, minimum=0, maximum=100, resolution=0.1, form="{:.1f}")
    deviation = setting("FDEV", 1000.0, minimum=0.1, maximum=32e6, unit="HZ", resolution=0.1, form="{:.1f}")
    phase_deviation = setting("PDEV", 10.0, minimum=0, maximum=360, resolution=0.1, form="{:.1f}")
    sweep_rate = setting("SRAT", 100.0, minimum=1e-6, maximum=120, unit="HZ", resolution=1e-6, form="{:.6f}")
    coupling = setting("COUP", 1, minimum=0, maximum=1)
    modulated = setting("MODL", False)
    output = setting("ENBR", True)
    low_output = setting("ENBL", True)

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.doubler = {"power": -10.0, "output": False}
        self.clock_output = {"amplitude": 0.7, "offset": 0.0, "output": False}

    def carrier(self) -> dict[str, tuple[float, float]]:
        """Return frequency in hertz and power in dBm at each output that is on, and reaches the frequency."""
        outputs: dict[str, tuple[float, float]] = {}
        if self.output and self.frequency >= _LOWEST_RF:
            outputs["N"] = self.frequency, self.power
        if self.low_output and self.frequency <= _HIGHEST_BNC:
            outputs["BNC"] = self.frequency, self.low_power
        return outputs

    @modulation.on_set
    def _needs_iq(self, number: int) -> None:
        if number == _IQ_TYPE:
            self._need(_IQ)

    def _need(self, option: int) -> None:
        if option not in self.options:
            raise Refusal(_MISSING[option])

    @query("OPTN?", Integer(1, 4))
    def ask_option(self, option: int) -> bool:
        """Answer whether an option is there."""
        return option in self.options

    @command("AMPH", _power(-10, 13))
    def set_doubler_power(self, power: float) -> None:
        """Set the power of the doubler."""
        self._need(_DOUBLER)
        self.doubler["power"] = power

    @query("AMPH?")
    def ask_doubler_power(self) -> str:
        """Answer the power of the doubler."""
        self._need(_DOUBLER)
        return f"{self.doubler['power']:.2f}"

    @command("ENBH", Boolean())
    def enable_doubler(self, on: bool) -> None:
        """Switch the doubler."""
        self._need(_DOUBLER)
        self.doubler["output"] = on

    @query("ENBH?")
    def ask_doubler(self) -> bool:
        """Answer whether the doubler is on."""
        self._need(_DOUBLER)
        return bool(self.doubler["output"])

    @command("AMPC", Number(0.4, 1.0, "VPP", resolution=0.01))
    def set_clock_amplitude(self, amplitude: float) -> None:
        """Set the amplitude of the clock."""
        self._need(_CLOCK)
        self.clock_output["amplitude"] = amplitude

    @query("AMPC?")
    def ask_clock_amplitude(self) -> str:
        """Answer the amplitude of the clock."""
        self._need(_CLOCK)
        return f"{self.clock_output['amplitude']:.2f}"

    @command("OFSC", Number(-2, 2, "V", resolution=0.01))
    def set_clock_offset(self, offset: float) -> None:
        """Set the offset of the clock."""
        self._need(_CLOCK)
        self.clock_output["offset"] = offset

    @query("OFSC?")
    def ask_clock_offset(self) -> str:
        """Answer the offset of the clock."""
        self._need(_CLOCK)
        return f"{self.clock_output['offset']:.2f}"

    @command("ENBC", Boolean())
    def enable_clock(self, on: bool) -> None:
        """Switch the clock."""
        self._need(_CLOCK)
        self.clock_output["output"] = on

    @query("ENBC?")
    def ask_clock(self) -> bool:
        """Answer whether the clock is on."""
        self._need(_CLOCK)
        return bool(self.clock_output["output"])


class SimulatedSg382(SimulatedSg384):
    """An SG382, which has no doubler."""

    identity = "Stanford Research Systems,SG382,s/n001012,ver1.24"
    highest_frequency = 2.025e9
    options = (_CLOCK, _IQ, _TIMEBASE)


class SimulatedSg386(SimulatedSg384):
    """An SG386 with all options."""

    identity = "Stanford Research Systems,SG386,s/n001014,ver1.24"
    highest_frequency = 6.075e9
