"""The status registers and the error queue of a simulated device (SCPI-1999 volume 1, 9 and volume 2, 20 and 21.8)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from luthier.scpi import EventStatus

from luthier_sim.scpi.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ErrorQueue", "StatusGroup", "event_of"]

_ALL: Final = 0x7FFF  # bit 15 is not used, so that the number is positive as an integer of 16 bits

_EVENTS: Final = {
    1: EventStatus.COMMAND_ERROR,
    2: EventStatus.EXECUTION_ERROR,
    3: EventStatus.DEVICE_ERROR,
    4: EventStatus.QUERY_ERROR,
    5: EventStatus.POWER_ON,
    6: EventStatus.USER_REQUEST,
    7: EventStatus.REQUEST_CONTROL,
    8: EventStatus.OPERATION_COMPLETE,
}


def event_of(code: int) -> EventStatus:
    """Return the bit of the standard event status register that an error sets.

    >>> event_of(-113), event_of(802)
    (<EventStatus.COMMAND_ERROR: 32>, <EventStatus.DEVICE_ERROR: 8>)
    """
    return EventStatus.DEVICE_ERROR if code > 0 else _EVENTS.get(-code // 100, EventStatus(0))


class ErrorQueue:
    """Errors, oldest first; when it is full, the last entry becomes -350 and further ones are lost."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: deque[Refusal] = deque()

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self._entries)

    def __iter__(self) -> Iterator[Refusal]:
        """Go through the entries, oldest first, and leave them there."""
        return iter(tuple(self._entries))

    def add(self, error: Refusal) -> None:
        """Add an entry."""
        if len(self._entries) < self._size:
            self._entries.append(error)
        else:
            self._entries[-1] = Refusal(-350)

    def take(self) -> Refusal:
        """Take the oldest entry; the one with number 0 where there is none."""
        return self._entries.popleft() if self._entries else Refusal(0)

    def clear(self) -> None:
        """Forget all entries."""
        self._entries.clear()


class StatusGroup:
    """A condition register, its transition filters, the event register that they feed, and the enable register."""

    __slots__ = ("_condition", "enable", "event", "falling", "rising")

    def __init__(self) -> None:
        self._condition = 0
        self.event = 0
        self.preset()

    def preset(self) -> None:
        """Enable nothing, and take rising edges for events (SCPI-1999 volume 2, 20.2)."""
        self.enable = 0
        self.rising = _ALL
        self.falling = 0

    @property
    def condition(self) -> int:
        """What is the case now, bit by bit. Settable; changes become events as the filters say."""
        return self._condition

    @condition.setter
    def condition(self, condition: int) -> None:
        rose, fell = condition & ~self._condition, self._condition & ~condition
        self.event |= (rose & self.rising) | (fell & self.falling)
        self._condition = condition & _ALL

    def take_event(self) -> int:
        """Return the event register, and clear it."""
        event, self.event = self.event, 0
        return event

    @property
    def summary(self) -> bool:
        """Whether an enabled event is there."""
        return bool(self.event & self.enable)
