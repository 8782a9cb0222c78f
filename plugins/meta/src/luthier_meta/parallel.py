"""All members at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from luthier.monitor import on_behalf_of, waiting
from luthier.strategy import Outcome

from luthier_meta.attempt import attempt
from luthier_meta.checking import checked
from luthier_meta.standing import in_words, raise_failures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from luthier.strategy import Action

__all__ = ["parallel"]

_LOOK = 0.1
"""Seconds between two looks for Ctrl-C, which cannot cut a wait short on Windows."""


def parallel(actions: Sequence[Action]) -> tuple[Outcome, ...]:
    """Set all members at once, by one thread for each instrument; ``meta.parallel``.

    Members of one instrument, its channels included, are set one after another in the order of ``actions``; after a
    failure the rest of that instrument is not touched. The others go on, and all are waited for. What the members' own
    code does on the way may use any instrument that the calling thread holds.

    Ctrl-C stops ramps, and waits for what is under way; a second one does not wait. Either stays ``KeyboardInterrupt``,
    with a note.

    Raises one :class:`~luthier.errors.PartialSetErrorGroup` with every failure, and, before anything is sent, what
    :func:`luthier_meta.checking.checked` raises.
    """
    wanted = checked(actions)
    with waiting() as calls:
        workers = [_Worker(wanted, indices, calls) for indices in _by_instrument(wanted)]
        try:
            for worker in workers:
                worker.thread.start()
            _join(workers)
        except BaseException as error:
            _wait_after(error, wanted, workers)
            raise
    outcomes = _collected(wanted, workers)
    if any(outcome.error is not None for outcome in outcomes):
        raise_failures("meta.parallel", outcomes)
    return tuple(outcomes)


class _Worker:
    """Sets the members of one instrument, in a thread on behalf of the one that waits."""

    def __init__(self, wanted: Sequence[Action], indices: Sequence[int], calls: tuple[int, ...]) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self.indices = indices
        self._wanted = wanted
        self._calls = calls
        self._stopped = False
        name = f"meta.parallel: {wanted[indices[0]].parameter.full_name}"
        self.thread = threading.Thread(target=self._work, name=name, daemon=True)

    def stop(self) -> None:
        """Stop a ramp that is under way, and begin nothing more."""
        self._stopped = True
        for index in self.indices:
            self._wanted[index].parameter.stop()

    def _work(self) -> None:
        with on_behalf_of(self._calls):
            for index in self.indices:
                if self._stopped:
                    return
                outcome = attempt(self._wanted[index])
                self.outcomes[index] = outcome
                if outcome.error is not None:
                    return


def _by_instrument(wanted: Sequence[Action]) -> Iterable[list[int]]:
    """Return the positions of the actions of each instrument."""
    groups: dict[int, list[int]] = {}
    for index, action in enumerate(wanted):
        owner = action.parameter.instrument
        groups.setdefault(id(action.parameter if owner is None else owner), []).append(index)
    return groups.values()


def _join(workers: Iterable[_Worker]) -> None:
    for worker in workers:
        while worker.thread.is_alive():
            worker.thread.join(_LOOK)


def _wait_after(error: BaseException, wanted: Sequence[Action], workers: Sequence[_Worker]) -> None:
    """Stop what can be stopped, wait for the rest unless told not to, and note in ``error`` where the members stand."""
    try:
        for worker in workers:
            worker.stop()
        _join(workers)
    except KeyboardInterrupt:
        going_on = ", ".join(worker.thread.name for worker in workers if worker.thread.is_alive())
        error.add_note(f"not waited for, and still under way in threads: {going_on or 'nothing'}")
    error.add_note(f"meta.parallel was cut off: {in_words(_collected(wanted, workers))}")


def _collected(wanted: Sequence[Action], workers: Iterable[_Worker]) -> list[Outcome]:
    """Return the outcomes in the order of the actions."""
    found: dict[int, Outcome] = {}
    for worker in workers:
        found.update(worker.outcomes)
        under_way = worker.thread.is_alive()
        for index in worker.indices:
            if index not in found:
                found[index] = Outcome(wanted[index], "unknown" if under_way else "untouched")
                under_way = False
    return [found[index] for index in range(len(wanted))]
