"""A simulated Tektronix DPO7054C."""

from __future__ import annotations

from luthier_sim import Choice, Integer, Number, Refusal, query, setting

from luthier_tektronix.simulated.dpo4000 import IncomingScope
from luthier_tektronix.simulated.scope_events import Word
from luthier_tektronix.simulated.scopes import FORM

__all__ = ["SimulatedDpo7054c"]


class SimulatedDpo7054c(IncomingScope):
    """A DPO7054C with records of 1000 points, whose first input is at the terminal for adjusting probes.

    See :class:`~luthier_tektronix.simulated.scopes.TekScope` for ``signals``. Its PT_Off is the point of the trigger,
    and XZEro the rest. The sample rate follows the record length.
    """

    identity = "TEKTRONIX,DPO7054C,B010101,CF:91.1CT FV:6.4.0"

    mode = setting("HORizontal:MODE", "AUTO", Word("AUTO", "CONStant", "MANual"))
    time_scale = setting("HORizontal:MODE:SCAle", 4e-5, Number(1e-12, 1000, "s", form=FORM))
    record_length = setting("HORizontal:MODE:RECOrdlength", 1000, Integer(500, 1_000_000_000))
    rate = setting("HORizontal:MODE:SAMPLERate", 2.5e6, Number(1, 1e12, "HZ", form=FORM))
    delay_on = setting("HORizontal:MAIn:DELay:MODe", True)
    delay = setting("HORizontal:MAIn:DELay:TIMe", 0.0, Number(-1000, 5000, "s", form=FORM))
    trigger_level = setting(  # type: ignore[assignment]  # one for all inputs, not one for each
        "TRIGger:A:LEVel", 0.0, Number(-1e6, 1e6, "V", form=FORM)
    )
    trigger_type = setting("TRIGger:A:TYPe", "EDGE", Choice("EDGE"))

    def points(self) -> int:
        """Return the record length."""
        return self.record_length

    @record_length.on_set
    def _only_by_hand(self, _points: int) -> None:
        if self.mode != "MAN":
            raise Refusal(-221)

    @rate.on_set
    def _not_by_itself(self, _rate: float) -> None:
        if self.mode == "AUTO":
            raise Refusal(-221)

    def from_trigger(self, step: float, first: float) -> tuple[float, int]:
        """Return the part of a step beside the point of the trigger, and that point."""
        trigger = round(-first / step)
        return first + trigger * step, trigger

    @query("CH<1..4>:PRObe:GAIN?", form=FORM)
    def ask_gain(self, number: int) -> float:
        """Answer the gain of the probe: one that divides by ten, or none."""
        return 0.1 if number in self.signals else 1.0
