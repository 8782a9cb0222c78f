"""Which faults happen to which message."""

from __future__ import annotations

import threading
from random import Random
from typing import TYPE_CHECKING, Any

from luthier_sim.faults.fault import FaultKind, parse_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.faults.fault import Fault

__all__ = ["FaultPlan"]

_GARBAGE_LENGTHS = (4, 24)


class FaultPlan:
    """Faults, the count of messages that they have seen, and the dice. Any thread may ask.

    Parameters
    ----------
    faults
        Texts (``"mute at 3"``, see :func:`~luthier_sim.parse_fault`) or :class:`~luthier_sim.Fault`.
    seed
        Of the dice: the same messages meet the same faults again.

    Raises
    ------
    UsageError
        One of them is no fault.

    Examples
    --------
    >>> plan = FaultPlan("mute every 2", "garbage at 1 on READ?")
    >>> [sorted(kind.value for kind in plan.next(message)) for message in (b"READ?", b"READ?", b"VOLT?")]
    [['garbage'], ['mute'], []]
    >>> plan.happened
    [(1, 'garbage'), (2, 'mute')]
    """

    def __init__(self, *faults: Any, seed: int = 0) -> None:
        self.faults = tuple(fault for each in faults for fault in parse_faults(each))
        self.random = Random(seed)  # noqa: S311 - no secrets
        self.count = 0
        """How many messages were seen."""
        self.happened: list[tuple[int, str]] = []
        """The number of each message that something happened to, and what."""
        self._guard = threading.Lock()
        self._counts = [0] * len(self.faults)

    def next(self, message: bytes) -> Mapping[FaultKind, Fault]:
        """Return what happens to the next message, by kind."""
        with self._guard:
            self.count += 1
            found: dict[FaultKind, Fault] = {}
            for number, fault in enumerate(self.faults):
                if fault.on.encode("latin-1", "replace").upper() in message.upper():
                    self._counts[number] += 1
                    if self._strikes(fault, self._counts[number]):
                        found[fault.kind] = fault
            self.happened += [(self.count, kind.value) for kind in found]
            return found

    def delay(self, fault: Fault) -> float:
        """Return how many seconds late a reply is, with its jitter."""
        with self._guard:
            return fault.amount + fault.jitter * self.random.random()

    def garbage(self) -> bytes:
        """Return nonsense: printable, and nothing that could be a number."""
        with self._guard:
            length = self.random.randint(*_GARBAGE_LENGTHS)
            return b"~" + bytes(self.random.randint(0x21, 0x7E) for _ in range(length))

    def _strikes(self, fault: Fault, count: int) -> bool:
        if fault.at:
            return count in fault.at
        if fault.every:
            return count % fault.every == 0
        return fault.probability >= 1 or self.random.random() < fault.probability
