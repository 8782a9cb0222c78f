"""Threads that take the readings of different instruments at the same time."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from luthier.monitor import on_behalf_of, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Work = Callable[[], None]

__all__ = ["LanePool"]

_LOOK = 0.1
"""Seconds between two looks for Ctrl-C, which cannot cut a wait short on Windows."""


class LanePool:
    """Does several things at once, the first of them in the calling thread. For one calling thread.

    Threads are started when they are needed for the first time, and end with :meth:`close`.
    """

    def __init__(self) -> None:
        self._workers: list[_Worker] = []
        self._is_abandoned = False

    def do(self, lanes: Sequence[Work]) -> None:
        """Do all, wait for all, and raise what the first of them that failed raised; others are notes on it.

        ``KeyboardInterrupt`` in the calling thread does not wait: what is under way ends by itself.
        """
        first, *others = lanes
        while len(self._workers) < len(others):
            self._workers.append(_Worker())
        errors: list[BaseException | None] = [None] * len(lanes)
        try:
            with waiting() as calls:
                for number, lane in enumerate(others):
                    self._workers[number].begin(lane, calls)
                errors[0] = _error_of(first)
                for number in range(len(others)):
                    errors[number + 1] = self._workers[number].wait()
        except BaseException:
            self._is_abandoned = True
            raise
        raised = [error for error in errors if error is not None]
        if raised:
            for other in raised[1:]:
                raised[0].add_note(f"At the same time another reading failed: {type(other).__name__}: {other}")
            raise raised[0]

    def close(self) -> None:
        """End the threads; twice is fine."""
        for worker in self._workers:
            worker.end(wait=not self._is_abandoned)
        self._workers.clear()


class _Worker:
    """A thread that does one thing after the other."""

    def __init__(self) -> None:
        self._begun: queue.SimpleQueue[tuple[Work, tuple[int, ...]] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        # A daemon: a reading that hangs is not to hold up the end of the program.
        self._thread = threading.Thread(target=self._work, name="read in parallel", daemon=True)
        self._thread.start()

    def begin(self, work: Work, calls: tuple[int, ...]) -> None:
        self._begun.put((work, calls))

    def wait(self) -> BaseException | None:
        while True:
            try:
                return self._done.get(timeout=_LOOK)
            except queue.Empty:
                continue

    def end(self, *, wait: bool) -> None:
        self._begun.put(None)
        if wait:
            self._thread.join()

    def _work(self) -> None:
        while (begun := self._begun.get()) is not None:
            work, calls = begun
            with on_behalf_of(calls):
                error = _error_of(work)
            self._done.put(error)


def _error_of(work: Work) -> BaseException | None:
    try:
        work()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - raised again when all have ended
        return error
    return None
