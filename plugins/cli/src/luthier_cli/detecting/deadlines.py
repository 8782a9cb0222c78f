"""Doing several things at once, and not waiting for those that do not end."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["all_until"]

T = TypeVar("T")
R = TypeVar("R")


def all_until(
    work: Callable[[T], R], things: Sequence[T], deadline: float, *, at_once: int = 16
) -> Iterator[tuple[T, R | BaseException | None]]:
    """Do `work` for each of `things`, and yield each with its result as soon as it is there.

    Parameters
    ----------
    work
        Called in threads. What it raises is yielded in place of a result.
    things
        What it is called with.
    deadline
        In the time of :func:`time.monotonic`. For what has no result then, ``None`` is yielded, and no more is begun;
        what still goes on is left to end by itself, in threads that do not keep the process alive.
    at_once
        How many threads there are at most.
    """
    left: queue.SimpleQueue[tuple[int, T]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, R | BaseException]] = queue.SimpleQueue()
    for number, thing in enumerate(things):
        left.put((number, thing))

    def worker() -> None:
        while time.monotonic() < deadline:
            try:
                number, thing = left.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((number, work(thing)))
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the result
                done.put((number, error))

    for _ in range(min(at_once, len(things))):
        threading.Thread(target=worker, name="luthier-detect", daemon=True).start()
    missing = dict(enumerate(things))
    while missing:
        try:
            number, result = done.get(timeout=max(deadline - time.monotonic(), 0.0))
        except queue.Empty:
            break
        yield missing.pop(number), result
    for thing in missing.values():
        yield thing, None
