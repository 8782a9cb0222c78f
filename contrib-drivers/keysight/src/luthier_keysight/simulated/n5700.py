"""A simulated Keysight N5749A, 100 V and 7.5 A, with a resistor at its output, or what a bench connects.

Pages: Series N5700 User's Guide, of which pages 70 to 72 were at hand; the other commands by its list of contents.

Like the instrument: every command of the driver in all of its spellings, with MIN and MAX; levels, over-voltage
protection and low limit keep 5 % from each other; a current limit that holds the current, or switches off.

Unlike the instrument: nothing takes time, readings are exact; no triggered levels. Which error a setting too near
another makes was not confirmed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier_sim import Refusal, ScpiDevice, command, query, setting

from luthier_keysight.n5700 import RATINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SimulatedN5749A"]

_FORM: Final = "{:+.5E}"
_LEVEL: Final = "[:LEVel][:IMMediate][:AMPLitude]"
_RATING: Final = RATINGS["N5749A"]
_ABOVE, _BELOW = 1.05, 0.95
_HIGHEST_PROTECTION, _LOWEST_PROTECTION = 110.0, 5.0
_OVERCURRENT: Final = 2
_OVER: Final = 1 + 1e-9


def _highest(supply: Any) -> float:
    return min(_ABOVE * _RATING.voltage, round(float(supply.protection) / _ABOVE, 3))


class SimulatedN5749A(ScpiDevice):
    """An N5749A with a resistor of 1 kΩ at its output.

    On a bench it drives ``voltage`` and sees ``current``.

    Attributes
    ----------
    load
        What is at the output where no bench connects it, in ohms.
    """

    identity = "Agilent Technologies,N5749A,US00000001,A.00.01"
    drives: ClassVar[Mapping[str, str]] = {"voltage": "V"}
    senses: ClassVar[Mapping[str, str]] = {"current": "A"}
    load = 1000.0
    voltage = setting(
        f"[SOURce:]VOLTage{_LEVEL}",
        0.0,
        minimum=lambda supply: round(supply.low_limit / _BELOW, 3),
        maximum=_highest,
        unit="V",
        form=_FORM,
    )
    current = setting(
        f"[SOURce:]CURRent{_LEVEL}", 0.0, minimum=0, maximum=_ABOVE * _RATING.current, unit="A", form=_FORM
    )
    protection = setting(
        "[SOURce:]VOLTage:PROTection:LEVel",
        _HIGHEST_PROTECTION,
        minimum=lambda supply: max(_LOWEST_PROTECTION, round(_ABOVE * supply.voltage, 3)),
        maximum=_HIGHEST_PROTECTION,
        unit="V",
        form=_FORM,
    )
    low_limit = setting(
        "[SOURce:]VOLTage:LIMit:LOW",
        0.0,
        minimum=0,
        maximum=lambda supply: min(_BELOW * _RATING.voltage, round(_BELOW * supply.voltage, 3)),
        unit="V",
        form=_FORM,
    )
    overcurrent_on = setting("[SOURce:]CURRent:PROTection:STATe", False)
    output = setting("OUTPut[:STATe]", False)

    def reset(self) -> None:
        """Forget what has tripped."""
        self.questionable.condition = 0

    def at_terminals(self) -> tuple[float, float, bool]:
        """Return voltage in V and current in A, and whether the limit holds them back."""
        if not self.output:
            return 0.0, 0.0, False
        seen = self.sense("current", {"voltage": self.voltage})
        current = self.voltage / self.load if seen is None else float(seen)
        if current <= self.current * _OVER:
            return self.voltage, current, False
        return self.voltage * self.current / current, self.current, True

    def driven(self, output: str) -> float:
        """Return the voltage at the terminals; 0 V where the output is off."""
        del output
        return self.at_terminals()[0]

    @output.on_set
    def _switch(self, on: bool) -> None:
        if on and self.questionable.condition:
            raise Refusal(-221)
        self._protect(on)

    @voltage.on_set
    @current.on_set
    @overcurrent_on.on_set
    def _protect(self, _value: object) -> None:
        if self.overcurrent_on and self.at_terminals()[2]:
            self.questionable.condition |= _OVERCURRENT
            self.output = False

    @query("MEASure[:SCALar]:VOLTage[:DC]?", form=_FORM)
    def measure_voltage(self) -> float:
        """Answer the voltage."""
        return self.at_terminals()[0]

    @query("MEASure[:SCALar]:CURRent[:DC]?", form=_FORM)
    def measure_current(self) -> float:
        """Answer the current."""
        return self.at_terminals()[1]

    @command("OUTPut:PROTection:CLEar")
    def clear_protection(self) -> None:
        """Forget what has tripped."""
        self.questionable.condition = 0
