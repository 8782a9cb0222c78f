"""What is said to an axis of an ESP controller, and in which unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from luthier import Channel
from luthier.errors import InstrumentFaultError, ReplyError

from luthier_newport.displacements import DEGREES, METRES, UNITS, from_controller, to_controller

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from luthier_newport.esp import Esp300

__all__ = ["CountingAxis"]


class CountingAxis(Channel):
    """An axis, as far as it exchanges messages.

    The unit in which the controller counts is asked for with each exchange (SN?), and never changed: a position in the
    wrong unit would be a thousand times the one that was meant.
    """

    factors: ClassVar[Mapping[str, Decimal]] = {}
    """The units that the axis may count in, in the unit of its parameters."""

    def __init__(self, controller: Esp300, name: str, number: int) -> None:
        self.controller = controller
        self.number = number
        super().__init__(controller, name)

    def ask(self, command: str) -> str:
        """Ask the controller about this axis, and return the reply."""
        return self.controller.query(f"{self.number}{command}?").strip()

    def ask_flag(self, command: str) -> bool:
        """Ask for a 0 or 1; raises :class:`~luthier.errors.ReplyError` for anything else."""
        reply = self.ask(command)
        if reply not in ("0", "1"):
            raise self._misunderstood(command, reply, "0 or 1")
        return reply == "1"

    def ask_displacement(self, command: str) -> float:
        """Ask for a position, a velocity or an acceleration, and return it in metres or degrees."""
        factor = self.read_factor()
        reply = self.ask(command)
        try:
            return from_controller(reply, factor)
        except ArithmeticError:
            raise self._misunderstood(command, reply, "a number") from None

    def tell(self, command: str) -> None:
        """Send a command for this axis; raises :class:`~luthier.errors.InstrumentReportedError` if it is refused."""
        self.controller.tell(f"{self.number}{command}")

    def tell_displacement(self, command: str, value: float) -> None:
        """Send a command with a number of metres or degrees."""
        self.tell(f"{command}{to_controller(value, self.read_factor())}")

    def read_factor(self) -> Decimal:
        """Ask what the controller counts in, and return it in metres or degrees.

        Raises
        ------
        InstrumentFaultError
            It counts in what has no length, or no angle. Nothing was sent but the question.
        """
        reply = self.ask("SN")
        unit = next((name for name, number in UNITS.items() if reply == number), None)
        if unit is None:
            raise self._misunderstood("SN", reply, "a number from 0 to 11")
        if unit not in self.factors:
            raise InstrumentFaultError(
                f"the controller counts in {unit}: expected {', '.join(self.factors)}",
                who=self.full_name,
                state="Nothing was changed.",
                advice=self._other_unit(unit),
            )
        return self.factors[unit]

    def _other_unit(self, unit: str) -> str:
        if unit in DEGREES:
            return f"The stage turns: open the controller with rotary=({self.number},)."
        if unit in METRES:
            return f"The stage goes along a line: leave {self.number} out of rotary=…."
        return "Give the axis a unit in the setup of the controller, as its manual says."

    def _misunderstood(self, command: str, reply: str, expected: str) -> ReplyError:
        asked = f"{self.number}{command}?"
        return ReplyError(
            f"{asked!r} was answered by {reply!r}; expected: {expected}",
            who=self.full_name,
            command=asked,
            reply=reply,
            expected=expected,
        )
