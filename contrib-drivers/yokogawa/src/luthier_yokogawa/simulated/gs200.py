"""A simulated GS200 with the option /MON and a resistor at its terminals.

Like the instrument: the commands of the driver in all of their spellings; ranges, resolution, limits; what the limiter
does; measuring; the error queue.

Assumed, and not confirmed by a manual or a program: that the output goes off and the level to 0 where the function
changes; that a range that does not hold the level takes it down to its end; that switching the output leaves the level.

Unlike it: there are no programs, no trigger terminals and no stored settings; readings are exact.
"""

from __future__ import annotations

from math import copysign
from typing import Final

from luthier_sim import Number, Refusal, ScpiDevice, command, query, setting

__all__ = ["SimulatedGs200"]

_RANGES: Final = {"VOLT": (10e-3, 100e-3, 1.0, 10.0, 30.0), "CURR": (1e-3, 10e-3, 100e-3, 200e-3)}
_LARGEST: Final = {("VOLT", 30.0): 32.0, ("CURR", 0.2): 0.2}
_STEPS: Final = {"VOLT": (1e-7, 1e-6, 1e-5, 1e-4, 1e-3), "CURR": (1e-8, 1e-7, 1e-6, 1e-6)}
_OVER: Final = 1 + 1e-9


def _largest(source: SimulatedGs200) -> float:
    return source.largest_level()


def _engineering(value: float) -> str:
    """Return a number as the instrument writes it, with an exponent that is a multiple of 3: ``+500.000E-3``."""
    text = f"{value:+.5e}"
    mantissa, exponent = text.split("e")
    power = int(exponent)
    shift = power % 3
    sign, digits = mantissa[0], mantissa[1:].replace(".", "")
    return f"{sign}{digits[: shift + 1]}.{digits[shift + 1 :]}E{power - shift:+d}"


class SimulatedGs200(ScpiDevice):
    """A GS200 with a resistor of 1 kΩ at its terminals.

    Attributes
    ----------
    load
        What is at the terminals, in ohms; may be infinite.
    options
        The answer to ``*OPT?``.
    """

    identity = "YOKOGAWA,GS210,91T000001,2.02"
    load = 1000.0
    options = "/MON"

    function = setting("SOURce:FUNCtion", "VOLT", choices=("VOLTage", "CURRent"))
    current_limit = setting("SOURce:PROTection:CURRent", 0.2, minimum=1e-3, maximum=0.2, unit="A", form="{:+.3E}")
    voltage_limit = setting("SOURce:PROTection:VOLTage", 30.0, minimum=1.0, maximum=30.0, unit="V", form="{:+.3E}")
    remote = setting("SENSe:REMote", False)
    guard = setting("SENSe:GUARd", False)
    output = setting("OUTPut[:STATe]", False)
    measures = setting("SENSe[:STATe]", False)
    nplc = setting("SENSe:NPLC", 1, minimum=1, maximum=25)
    delay = setting("SENSe:DELay", 0, minimum=0, maximum=999_999)

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.ranges = {"VOLT": 1.0, "CURR": 1e-3}
        self.level = 0.0

    def largest_level(self) -> float:
        """Return the largest level of the present range."""
        present = self.ranges[self.function]
        return _LARGEST.get((self.function, present), present * 1.2)

    def at_terminals(self) -> tuple[float, float]:
        """Return voltage and current at the terminals, as the limiter leaves them."""
        if not self.output:
            return 0.0, 0.0
        if self.function == "VOLT":
            current = self.level / self.load if self.level else 0.0
            if abs(current) > self.current_limit:
                current = copysign(self.current_limit, current)
                return current * self.load, current
            return self.level, current
        voltage = self.level * self.load if self.level else 0.0
        if abs(voltage) > self.voltage_limit:
            voltage = copysign(self.voltage_limit, voltage)
            return voltage, voltage / self.load
        return voltage, self.level

    @function.on_set
    def _switch_off(self, function: str) -> None:
        del function
        self.output = False
        self.level = 0.0

    @command("SOURce:RANGe", Number(unit="V"))
    def set_range(self, value: float) -> None:
        """Take the smallest range that holds a value."""
        held = [each for each in _RANGES[self.function] if each * _OVER >= abs(value)]
        if not held:
            raise Refusal(-222)
        self.ranges[self.function] = held[0]
        largest = self.largest_level()
        self.level = max(-largest, min(largest, self.level))

    @query("SOURce:RANGe?")
    def ask_range(self) -> str:
        """Answer the range."""
        return f"{self.ranges[self.function]:+.0E}".replace("E+0", "E+").replace("E-0", "E-")

    @command("SOURce:LEVel[:FIXed]", Number(lambda source: -_largest(source) * _OVER, lambda s: _largest(s) * _OVER))
    def set_level(self, level: float) -> None:
        """Set the level."""
        place = _RANGES[self.function].index(self.ranges[self.function])
        step = _STEPS[self.function][place]
        self.level = round(round(level / step) * step, 9)

    @query("SOURce:LEVel[:FIXed]?")
    def ask_level(self) -> str:
        """Answer the level."""
        return _engineering(self.level)

    @command("SOURce:LEVel:AUTO", Number())
    def set_automatic_level(self, level: float) -> None:
        """Take the smallest range for a level, and the level."""
        held = [
            each
            for each in _RANGES[self.function]
            if _LARGEST.get((self.function, each), each * 1.2) * _OVER >= abs(level)
        ]
        if not held:
            raise Refusal(-222)
        self.ranges[self.function] = held[0]
        self.set_level(level)

    @query("*OPT?")
    def ask_options(self) -> str:
        """Answer the options."""
        return self.options or "NONE"

    @query("MEASure?")
    def measure(self) -> str:
        """Measure what is not sourced."""
        if not self.options:
            raise Refusal(-113)
        if not (self.measures and self.output):
            raise Refusal(-221)
        voltage, current = self.at_terminals()
        return _engineering(current if self.function == "VOLT" else voltage)
