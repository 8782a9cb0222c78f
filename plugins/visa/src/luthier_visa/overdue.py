"""The replies that timed out and may still come, on a line that cannot be cleared."""

from __future__ import annotations

from time import monotonic
from typing import Final

__all__ = ["OverdueReplies", "patience"]

_PATIENCE: Final = 5.0  # seconds that an overdue reply is waited for where the timeout is None
_LATER: Final = 1.5  # how much longer a second answer may take than the first one took
_LATEST: Final = 3.0  # timeouts, after which a second answer is not waited for any longer
_FORGOTTEN: Final = (60.0, 10.0)  # seconds, or timeouts if that is longer, after which a reply is not expected


def patience(timeout: float | None) -> float:
    """Return the seconds that something overdue is waited for."""
    return _PATIENCE if timeout is None else timeout


class OverdueReplies:
    """How many replies may still come, and for how long they are to be expected.

    An instrument answers in order, at most once per question. So when, after questions that timed out, as many replies
    come as were asked for in all, the last one belongs to the last question. When fewer come, some question is never
    answered, or the instrument is slow and the next answer still on its way. How long to wait for it is known from the
    first one: an instrument that took as long as that for one question may take as long for the next.
    """

    __slots__ = ("_expected_until", "_first_asked", "_forgotten_at", "count", "termination")

    def __init__(self) -> None:
        self.count = 0
        self.termination = b""
        """What ends them; empty where blocks were read."""
        self._first_asked = 0.0
        self._expected_until = 0.0
        self._forgotten_at = 0.0

    def add(self, asked_at: float, timeout: float | None) -> None:
        """Count the reply to a question that was asked at `asked_at` (of the monotonic clock)."""
        if not self.count:
            self._first_asked = asked_at
        self.count += 1
        self.expect(timeout)

    def expect(self, timeout: float | None) -> None:
        """Note that they did not come within `timeout`."""
        now, waited = monotonic(), patience(timeout)
        self._expected_until = now + waited
        seconds, timeouts = _FORGOTTEN
        self._forgotten_at = now + max(seconds, timeouts * waited)

    def came(self, data: bytes) -> None:
        """Note that `data` came, and forget what has been expected for too long."""
        if self.termination:
            self.count = max(0, self.count - data.count(self.termination))
        if monotonic() > self._forgotten_at:
            self.count = 0

    def wait(self, timeout: float | None) -> float:
        """Return the seconds to wait for one more reply, after one has come now."""
        shortest = patience(timeout)
        return min(max(_LATER * (monotonic() - self._first_asked), shortest), _LATEST * shortest)

    def remaining(self) -> float:
        """Return the seconds for which clear() waits for them, which may be negative."""
        return self._expected_until - monotonic() if self.count else -1.0

    def longest_wait(self, timeout: float | None) -> float:
        """Return the most that :meth:`wait` gives."""
        return _LATEST * patience(timeout)
