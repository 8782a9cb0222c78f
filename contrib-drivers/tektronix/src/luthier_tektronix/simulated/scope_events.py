"""What simulated oscilloscopes of Tektronix say beside values: headers, long words and events."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from luthier.scpi import EventStatus
from luthier_sim import Choice, Refusal, ScpiDevice, query, setting

__all__ = ["EventScope", "Word"]

_INPUT: Final = re.compile(r"CH(\d+)", re.IGNORECASE)
_POWER_ON: Final = 401
_OWN_EXECUTION: Final = range(2000, 3000)


class Word(Choice):
    """One of several words, which replies have in their long form, as with ``VERBose ON``."""

    def write(self, value: str) -> str:
        """Return the long form."""
        for word in self.words:
            if "".join(letter for letter in word if not letter.islower()) == value:
                return word.upper()
        return value


class EventScope(ScpiDevice):
    """An oscilloscope that puts headers in front of replies, and keeps events instead of an error queue.

    ``*ESR?`` makes the events that it tells of readable, for ``EVENT?``, ``EVMsg?`` and ``ALLEv?``. Codes of errors are
    those of SCPI without the sign. ``VERBose`` is always on.
    """

    input_count: ClassVar[int] = 4

    header = setting("HEADer", True)

    next_error = None  # type: ignore[assignment]  # there is no SYSTem:ERRor?
    all_errors = None  # type: ignore[assignment]  # nor :ALL?
    count_errors = None  # type: ignore[assignment]  # nor :COUNt?

    def start_status(self) -> None:
        """Begin with the event of being switched on."""
        super().start_status()
        self.readable: list[Refusal] = []
        self.errors.add(Refusal(_POWER_ON, "Power on"))

    def report(self, error: Refusal | int) -> None:
        """Keep an event."""
        super().report(error)
        if isinstance(error, Refusal) and error.code in _OWN_EXECUTION:
            self._events = (self._events & ~EventStatus.DEVICE_ERROR) | EventStatus.EXECUTION_ERROR

    def clear_status(self) -> None:
        """Forget events that can be read, too."""
        super().clear_status()
        self.readable = []

    def take_events(self) -> int:
        """Make the events readable that are told of."""
        self.readable = list(self.errors)
        self.errors.clear()
        return super().take_events()

    @query("ALLEv?")
    def ask_all_events(self) -> str:
        """Answer all readable events, and forget them."""
        told, self.readable = self.readable, []
        return ",".join(map(_entry, told)) or self._nothing()

    @query("EVMsg?")
    def ask_event_message(self) -> str:
        """Answer the oldest readable event, and forget it."""
        return _entry(self.readable.pop(0)) if self.readable else self._nothing()

    @query("EVENT?")
    def ask_event(self) -> str:
        """Answer the code of the oldest readable event, and forget it."""
        return self.ask_event_message().partition(",")[0]

    @query("EVQty?")
    def ask_event_count(self) -> int:
        """Answer how many events can be read."""
        return len(self.readable)

    def _nothing(self) -> str:
        if len(self.errors):
            return '1,"No events to report - new events pending *ESR?"'
        return '0,"No events to report - queue empty"'

    def _carry_out(self, unit: Any, path: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
        """Put the header in front of a reply; inputs that the model lacks are not known."""
        if any(int(number) > self.input_count for number in _INPUT.findall(unit.header)):
            raise Refusal(-113)
        after, reply = super()._carry_out(unit, path)
        if reply is None or not self.header or unit.header.startswith("*"):
            return after, reply
        declared, suffixes, _ = self._table.find(unit.header, unit.is_query, path)
        numbers = iter(suffixes)
        words = [f"{node.long.upper()}{next(numbers) if node.suffixes else ''}" for node in declared.nodes]
        return after, f":{':'.join(words)} {reply}"


def _entry(event: Refusal) -> str:
    return f'{abs(event.code)},"{event.text}; "'
