"""The relays of a simulated 3706A: lists of channels, what is closed, forbidden, paired, and known as a pattern.

Sources: see :mod:`luthier_keithley.simulated.switch3706a`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from luthier_sim import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BANK", "CARD", "Relays"]

CARD: Final = "3720,Dual 1x30 Multiplexer,01.40e,1243657"
BANK: Final = 30
"""Channels of each of the two banks of a card."""
_LINES: Final = (*range(911, 917), *range(921, 927))
_FIRST_LINE: Final = 900
_PATTERN: Final = re.compile(r"[A-Za-z]\w{0,18}", re.ASCII)
_SLOT: Final = re.compile(r"slot([1-6])")
_FOUR: Final = 4


def parameter_error(what: str) -> Refusal:
    """Return the error that the instrument reports for an argument."""
    return Refusal(1115, f"Parameter error {what}")


class Relays:
    """The relays of the cards in some slots, as they are when the power comes on."""

    def __init__(self, slots: Iterable[int]) -> None:
        self.slots = tuple(slots)
        self.every = [f"{slot}{one:03d}" for slot in self.slots for one in (*range(1, 2 * BANK + 1), *_LINES)]
        self.closed: set[str] = set()
        self.forbidden: set[str] = set()
        self.poles = dict.fromkeys(self.every, 2)
        self.backplane: dict[str, list[str]] = {}
        self.counts = dict.fromkeys(self.every, 0)
        self.patterns: dict[str, list[str]] = {}

    def is_line(self, name: str) -> bool:
        """Return whether it is a relay to the analog backplane."""
        return int(name[1:]) > _FIRST_LINE

    def partner(self, name: str) -> str:
        """Return the channel that a four-pole channel takes too; empty where it takes none."""
        number = int(name[1:])
        return f"{name[0]}{number + BANK:03d}" if number <= BANK and self.poles[name] == _FOUR else ""

    def listed(self, text: object, *, slots: bool = True) -> list[str]:
        """Return the channels of a list, in its order; `slots`: whether ``slot1`` and ``allslots`` may stand in it."""
        if not isinstance(text, str):
            raise Refusal(-286, "TSP Runtime error", "parameter type mismatch")
        found: list[str] = []
        for field in (part.strip() for part in re.split("[,;]", text) if part.strip()):
            slot = _SLOT.fullmatch(field)
            if slot or field == "allslots":
                if not slots:
                    raise parameter_error("slot not allowed in channel list")
                found += [one for one in self.every if slot is None or one[0] == slot[1]]
            elif field in self.patterns:
                found += self.patterns[field]
            else:
                found += self._between(*field.partition(":")[::2])
        return found

    def _between(self, first: str, last: str) -> list[str]:
        last = last or first
        ends = [name.strip() for name in (first, last)]
        if any(name not in self.poles for name in ends) or int(ends[0]) > int(ends[1]):
            raise parameter_error("invalid channel in channel list")
        paired = {self.partner(one) for one in self.every} - {""}
        if paired & set(ends):
            raise parameter_error("channel is paired")
        return [one for one in self.every if int(ends[0]) <= int(one) <= int(ends[1]) and one not in paired]

    def image(self, names: Iterable[str]) -> list[str]:
        """Return channels with their backplane relays."""
        return list(dict.fromkeys(one for name in names for one in (name, *self.backplane.get(name, ()))))

    def to_close(self, text: object) -> list[str]:
        """Return what a list closes; refuse one that is empty or has what is forbidden."""
        wanted = self.image(self.listed(text, slots=False))
        if not wanted:
            raise parameter_error("no valid channels in channel list")
        if self.forbidden & set(wanted):
            raise parameter_error("channel is forbidden to close")
        return wanted

    def close(self, names: Iterable[str]) -> None:
        """Close relays, and count it."""
        for name in set(names) - self.closed:
            self.counts[name] += 1
            self.closed.add(name)

    def close_only(self, names: Iterable[str], slots: str) -> None:
        """Close relays, and open all others of some slots."""
        wanted = set(names)
        self.closed = {one for one in self.closed if one in wanted or one[0] not in slots}
        self.close(wanted)

    def shown(self, names: Iterable[str]) -> str | None:
        """Return relays as they are answered: those of channels first, with their partners; None for none."""
        ordered = sorted(set(names), key=lambda one: (self.is_line(one), one))
        return ";".join(one + (f"({self.partner(one)})" if self.partner(one) else "") for one in ordered) or None

    def set_poles(self, names: Iterable[str], poles: int) -> None:
        """Set how many wires channels switch; forgets their backplane relays, and the patterns that have them."""
        for name in names:
            if not self.is_line(name) and (poles != _FOUR or int(name[1:]) <= BANK):
                self.poles[name] = poles
                self.backplane.pop(name, None)
                self.forget_patterns({name})

    def forget_patterns(self, names: set[str]) -> None:
        """Delete the patterns that have one of these."""
        self.patterns = {name: held for name, held in self.patterns.items() if not names & set(held)}

    def name_pattern(self, name: object, names: list[str]) -> None:
        """Give relays a name."""
        if not isinstance(name, str) or not _PATTERN.fullmatch(name):
            raise parameter_error("invalid pattern name")
        self.patterns[name] = names
