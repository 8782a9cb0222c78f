"""The outputs for triggers of the QDAC-II."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from luthier import Channel, parameter
from luthier.errors import UsageError
from luthier.validators import Numbers

from luthier_qdevil.generators import trigger_word
from luthier_qdevil.words import word_of

if TYPE_CHECKING:
    from luthier_qdevil.qdac2 import Qdac2

__all__ = ["TRIGGER_OUTPUTS", "TriggerOutput"]

POLARITIES: Final = {"normal": "NORM", "inverted": "INV"}
TRIGGER_OUTPUTS: Final = 5


class TriggerOutput(Channel):
    """One of the outputs for triggers: 1 to 3 at the front, 4 and 5 at the back."""

    width = parameter(
        float,
        get_cmd="outp:trig{number}:widt?",
        set_cmd="outp:trig{number}:widt {}",
        unit="s",
        validator=Numbers(1e-6, 3600),
        doc="How long a pulse is. The limits are the driver's own.",
    )
    polarity = parameter(
        str,
        get_cmd="outp:trig{number}:pol?",
        set_cmd="outp:trig{number}:pol {}",
        get_parser=word_of(POLARITIES),
        mapping=POLARITIES,
        doc='Whether a pulse is high ("normal") or low ("inverted").',
    )
    delay = parameter(
        float,
        get_cmd="outp:trig{number}:del?",
        set_cmd="outp:trig{number}:del {}",
        unit="s",
        validator=Numbers(0, 3600),
        doc="Time from the trigger to the pulse. The upper limit is the driver's own.",
    )

    def __init__(self, parent: Qdac2, name: str, number: int) -> None:
        self.number = number
        super().__init__(parent, name)

    def route(self, trigger: str) -> None:
        """Choose what makes a pulse: "bus", "hold" (nothing), or an internal or external trigger, as "internal 1"."""
        word = trigger_word(trigger, self.full_name)
        if word == "imm":
            raise UsageError("'immediate' makes no pulse", who=self.full_name, state="Nothing was sent.")
        self.root.write(f"outp:trig{self.number}:sour {word}")

    def pulse(self) -> None:
        """Make one pulse."""
        self.root.write(f"outp:trig{self.number}:sign")
