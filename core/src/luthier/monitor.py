"""Who may use an instrument when: one call at a time, and calls that it waits for.

A meta instrument that is being set holds its monitor while it sets its members, maybe from several threads, maybe
through other processes; what those do on its behalf may come back to it. Ownership by thread would lock them out for
ever; ownership by the whole chain would let two of them in together. So a monitor is a stack of locks: a call enters
when the lowest is free; where its owner is *waiting for this very call*, it goes one up, where its siblings wait for
each other.

Where no thread works for another, which is the usual case, a thread enters the lowest lock directly.
"""

from __future__ import annotations

import itertools
import os
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from luthier.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

__all__ = ["Monitor", "Patience", "next_call", "on_behalf_of", "patience", "waiting", "works_for"]


def _count() -> Iterator[int]:
    """Count from a place that no other process counts from: 31 random bits, then 32 of the count."""
    return itertools.count((int.from_bytes(os.urandom(4)) >> 1 << 32) + 1)


_numbers = _count()
_waiting: dict[int, int] = {}
"""Calls of this process that wait for others: number → thread."""


def _count_anew() -> None:
    global _numbers  # noqa: PLW0603 - a forked process must not give the numbers of its parent
    _numbers = _count()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count_anew)


def next_call() -> int:
    """Return the number of a new call, which no other call of any process has."""
    return next(_numbers)


class Patience:
    """How long a thread of this process waits for an instrument where it says nothing, and how holders are named.

    In a script one waits for ever, as Ctrl-C ends it; on a server nobody would.

    Attributes
    ----------
    seconds
        The longest wait; ``None``: for ever.
    describe
        What a thread is doing, for messages; ``None`` where that is not known.
    """

    __slots__ = ("describe", "seconds")

    def __init__(self) -> None:
        self.seconds: float | None = None
        self.describe: Callable[[int], str | None] = lambda _: None


patience = Patience()
"""That of this process."""

_OWNER = re.compile(r"owner=(\d+)")


works_for: dict[int, tuple[int, ...]] = {}
"""The threads that work for others, and the calls they work for, outermost first. Empty in an ordinary script."""


class waiting:  # noqa: N801 - used as a function is; a class takes a third of the time of a generator
    """Enter a wait for work that others do on behalf of this thread, for a ``with`` block.

    Gives the numbers of the calls that the work is done for, to be handed to :func:`on_behalf_of` in the threads that
    do it. When the block ends, work that has not ended has no claim any more to what this thread holds.
    """

    __slots__ = ("_number",)

    def __enter__(self) -> tuple[int, ...]:
        """Return the numbers of the calls."""
        thread = threading.get_ident()
        self._number = number = next_call()
        _waiting[number] = thread
        return (*works_for.get(thread, ()), number)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the claim."""
        del _waiting[self._number]


@contextmanager
def on_behalf_of(calls: tuple[int, ...]) -> Iterator[None]:
    """Work, in this thread, for the calls that wait for it."""
    thread = threading.get_ident()
    kept = works_for.get(thread, ())
    works_for[thread] = calls
    try:
        yield
    finally:
        if kept:
            works_for[thread] = kept
        else:
            del works_for[thread]


class Monitor:
    """Lets one call at a time use an instrument, and those that it waits for.

    Re-entrant. Use it in a ``with`` block. The pipeline of parameters, where every nanosecond counts, enters
    :attr:`ground` itself where no thread works for another, or where this thread is in already:
    ``with ground if not works_for or owned() else monitor``.

    Attributes
    ----------
    ground
        The lowest lock. (Python enters a lock of its own in one step, which Ctrl-C cannot cut in two.)
    owned
        Whether this thread is in the lowest lock.
    """

    __slots__ = ("_entered", "_levels", "ground", "name", "owned")

    def __init__(self, name: str) -> None:
        self.name = name
        self.ground: Any = _lock()
        self.owned: Callable[[], bool] = self.ground._is_owned  # noqa: SLF001 - what Python's own Condition asks too
        self._levels: list[Any] = [self.ground]
        self._entered: dict[int, list[Callable[[], None]]] = {}

    @property
    def lock(self) -> Any:
        """What a ``with`` block enters at the least cost: the monitor itself only where a thread works for another."""
        return self.ground if not works_for or self.owned() else self

    def contend(self, timeout: float | None = None) -> Callable[[], None]:
        """Enter, waiting where somebody else is there, and return what leaves.

        ``timeout`` is in seconds; ``None`` waits for ever, or as long as :data:`patience` says. Raises
        :class:`~luthier.errors.BusyError`, which names the thread that is there.
        """
        if timeout is None:
            timeout = patience.seconds
        level = 0
        while True:
            lock = self._level(level)
            if lock.acquire(blocking=False):
                return _leaver(lock)
            if _owner(lock) in _waiting_ancestors():
                level += 1
                continue
            if not lock.acquire(timeout=-1 if timeout is None else timeout):
                raise self._busy(lock, timeout)
            if level == 0 or self._is_held_by_ancestor(level - 1):
                return _leaver(lock)
            # Whoever this call worked for has given up waiting meanwhile.
            lock.release()
            level = 0

    def __enter__(self) -> None:
        """Enter, waiting for ever where somebody else is there."""
        ground = self.ground
        leave = ground.release if ground.acquire(False) else self.contend()
        self._entered.setdefault(threading.get_ident(), []).append(leave)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave."""
        mine = self._entered[threading.get_ident()]
        leave = mine.pop()
        if not mine:
            del self._entered[threading.get_ident()]
        leave()

    @contextmanager
    def entered(self, timeout: float | None) -> Iterator[None]:
        """Enter for a block, waiting at most ``timeout`` s; raises :class:`~luthier.errors.BusyError`."""
        leave = self.contend(timeout)
        try:
            yield
        finally:
            leave()

    def _level(self, level: int) -> Any:
        while len(self._levels) <= level:
            self._levels.append(_lock())
        return self._levels[level]

    def _is_held_by_ancestor(self, level: int) -> bool:
        return _owner(self._levels[level]) in _waiting_ancestors()

    def _busy(self, lock: Any, timeout: float | None) -> BusyError:
        ident = _owner(lock)
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        holder = patience.describe(ident) or (f"the thread {names[ident]!r}" if ident in names else "another thread")
        return BusyError(
            f"was held by {holder} for {timeout} s",
            who=self.name,
            state="Nothing was sent.",
            advice="Wait for the other, or give a longer timeout.",
            holder=holder,
            timeout=timeout,
        )


def _lock() -> Any:
    """Return a re-entrant lock; what tells its owner is not in its type."""
    return threading.RLock()


def _leaver(lock: Any) -> Callable[[], None]:
    leave: Callable[[], None] = lock.release
    return leave


def _owner(lock: Any) -> int:
    """Return the thread that owns a re-entrant lock; 0 where it is free.

    Python keeps it to itself and shows it in ``repr`` only; asked here only where there is contention.
    """
    shown = _OWNER.search(repr(lock))
    return int(shown[1]) if shown else 0


def _waiting_ancestors() -> set[int]:
    return {thread for call in works_for.get(threading.get_ident(), ()) if (thread := _waiting.get(call)) is not None}
