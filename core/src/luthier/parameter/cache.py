"""What is known of a parameter without asking the instrument."""

from __future__ import annotations

import time
from typing import Any, Generic, Literal, TypeVar

__all__ = ["EMPTY", "Cache", "Origin"]

T = TypeVar("T")

Origin = Literal["set", "read", "pushed"]
"""Whether a value is known because it was set, read, or told by somebody else."""

Reading = tuple[Any, Any, float, Any, bool]
"""(value, raw, monotonic time in s, origin, valid): one object, so that a reader in another thread sees one reading."""

EMPTY: Reading = (None, None, float("-inf"), None, False)


class Cache(Generic[T]):
    """The last known value of a parameter, and how far it can be trusted.

    Reading a cache never waits and never sends anything. Thread-safe: a reading is replaced as a whole.
    """

    __slots__ = ("_max_age", "reading")

    def __init__(self, max_age: float | None) -> None:
        self.reading: Reading = EMPTY
        self._max_age = max_age

    @property
    def value(self) -> T | None:
        """The last known value, trusted or not; ``None`` where none is known."""
        return self.reading[0]  # type: ignore[no-any-return]  # a reading holds what the pipeline decoded as a T

    @property
    def raw(self) -> Any:
        """What crossed the border to the instrument: the text of the message, or the callable's own value."""
        return self.reading[1]

    @property
    def origin(self) -> Origin | None:
        """``"set"``, ``"read"`` or ``"pushed"``; ``None`` where nothing is known."""
        return self.reading[3]  # type: ignore[no-any-return]  # written by the pipeline only

    @property
    def age(self) -> float:
        """Seconds since the value was set, read or pushed; infinite where nothing is known."""
        return time.monotonic() - self.reading[2]

    @property
    def timestamp(self) -> float | None:
        """When that was, in seconds since 1970 by the present clock; ``None`` where nothing is known."""
        age = self.age
        return None if age == float("inf") else time.time() - age

    @property
    def max_age(self) -> float | None:
        """Seconds for which a value is trusted; ``None``: until something invalidates it."""
        return self._max_age

    @property
    def valid(self) -> bool:
        """Whether the value can be trusted: known, not too old, and not invalidated since."""
        return self.reading[4] and (self._max_age is None or self.age <= self._max_age)

    def invalidate(self) -> None:
        """Mark the value as no longer trusted; it stays readable."""
        value, raw, when, origin, _ = self.reading
        self.reading = (value, raw, when, origin, False)

    def push(self, value: T, raw: object = None) -> None:
        """Store a value that is known from elsewhere (a group read, an event, a user who looked at the front panel)."""
        self.store(value, value if raw is None else raw, "pushed")

    def store(self, value: T, raw: object, origin: Origin) -> None:
        """Store a new reading as of now; for the pipeline."""
        self.reading = (value, raw, time.monotonic(), origin, True)

    def __repr__(self) -> str:
        """Value, origin and age, for people."""
        if self.origin is None:
            return "<cache: nothing known>"
        trusted = "" if self.valid else ", not valid"
        return f"<cache: {self.value!r}, {self.origin} {self.age:.3g} s ago{trusted}>"
