"""A simulated Tektronix MSO54."""

from __future__ import annotations

from typing import Final

from luthier_sim import Integer, Refusal, channel_setting, query, setting

from luthier_tektronix.simulated.dpo4000 import OutgoingScope
from luthier_tektronix.simulated.scope_events import Word
from luthier_tektronix.simulated.scopes import FORM

__all__ = ["SimulatedMso54"]

_INPUTS: Final = "CH<1..4>"


class SimulatedMso54(OutgoingScope):
    """An MSO54 with records of 1000 points, whose first input is at the terminal for adjusting probes.

    See :class:`~luthier_tektronix.simulated.scopes.TekScope` for ``signals``. Its PT_Off is the point of the trigger,
    and XZEro the rest.
    """

    identity = "TEKTRONIX,MSO54,C012345,CF:91.1CT FV:1.28.6"

    shown = channel_setting(f"DISplay:GLObal:{_INPUTS}:STATE", {1: True, 2: False, 3: False, 4: False})
    mode = setting("HORizontal:MODe", "AUTO", Word("AUTO", "MANual"))
    record_length = setting("HORizontal:RECOrdlength", 1000, Integer(1000, 1_000_000_000))

    take_curve = None  # type: ignore[assignment]  # nothing can be sent to it

    def points(self) -> int:
        """Return the record length."""
        return self.record_length

    @record_length.on_set
    def _only_by_hand(self, _points: int) -> None:
        if self.mode != "MAN":
            raise Refusal(-221)

    def from_trigger(self, step: float, first: float) -> tuple[float, int]:
        """Return the part of a step beside the point of the trigger, and that point."""
        trigger = round(-first / step)
        return first + trigger * step, trigger

    @query("HORizontal:SAMPLERate?", form=FORM)
    def ask_rate(self) -> float:
        """Answer the sample rate."""
        return min(6.25e9, self.points() / (10 * self.time_scale))

    @query("CH<1..4>:PRObe:GAIN?", form=FORM)
    def ask_gain(self, number: int) -> float:
        """Answer the gain of the probe: one that divides by ten, or none."""
        return 0.1 if number in self.signals else 1.0

    def shows_reference(self, source: str) -> bool:
        """Return that none is shown."""
        return source in self.stored
