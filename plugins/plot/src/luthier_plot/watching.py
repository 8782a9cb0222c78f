"""Which run is looked at, how often, and what is new of it for somebody who has seen it before."""

from __future__ import annotations

import threading
import time
import warnings
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from luthier.errors import LuthierError
from luthier_measure.errors import CatalogueWarning, RunNotFoundError
from luthier_measure.storage import RunQuery

from luthier_plot.live_run import LiveRun
from luthier_plot.packing import pack
from luthier_plot.views import Known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_measure.storage import Storage

__all__ = ["Seen", "Watching"]

INTERVAL = 0.2
"""Seconds between two looks at a run, at least."""

_SHARE = 9
"""How many times as long as a look and its message took nobody looks again: it costs a tenth of a processor at most."""

_NEWEST_INTERVAL = 0.5  # seconds between two looks for a newer run
_NEWEST_WHILE_RUNNING = 2.0  # the same while the present one goes on


@frozen
class Seen:
    """What a reader has: of which run, its facts, and of which panel how much."""

    run: str = ""
    version: int = -1
    panels: Mapping[str, Known] = field(factory=dict)


class Watching:
    """Looks at one run, or at the newest one, as long as somebody asks. Safe from several threads.

    Nothing is read while nobody asks, and nothing is kept for a reader: each says what it has seen.

    Parameters
    ----------
    storage
        Where the runs are.
    run_id
        The run; ``None``: the newest, also when a newer one begins.
    """

    def __init__(self, storage: Storage, run_id: str | None = None) -> None:
        self._storage = storage
        self._newest = run_id is None
        self._run = None if run_id is None else LiveRun(storage, run_id)
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._version = 0
        self._said: Any = None
        self._message = ""
        self._next_look = 0.0
        self._next_search = 0.0

    def close(self) -> None:
        """Answer whoever waits, at once."""
        self._closed.set()

    def news(self, seen: Seen, patience: float) -> bytes:
        """Return what is new, as soon as there is something.

        Parameters
        ----------
        seen
            What the reader has.
        patience
            Seconds after which a message without news is returned.
        """
        deadline = time.monotonic() + patience
        while True:
            with self._lock:
                begun = time.monotonic()
                self._look()
                message = self._message_for(seen, anyway=self._closed.is_set() or time.monotonic() >= deadline)
                self._rest(begun)
            if message is not None:
                return message
            self._closed.wait(min(INTERVAL, max(deadline - time.monotonic(), 0)))

    def _look(self) -> None:
        begun = time.monotonic()
        if self._newest and begun >= self._next_search:
            self._search()
        if self._run is None or self._run.settled or begun < self._next_look:
            self._note()
            return
        more = False
        try:
            more = self._run.look()
            self._message = ""
        except RunNotFoundError:
            self._message = "The run's file is not there any more." if self._run.views else "There is no such run."
        except LuthierError as error:
            self._message = str(error)
        now = time.monotonic()
        self._next_look = now if more else now + max(INTERVAL, _SHARE * (now - begun))
        self._note()

    def _rest(self, begun: float) -> None:
        """Put off the next look by what this one took with its message; one that has to be followed at once is not."""
        now = time.monotonic()
        if self._next_look > now:
            self._next_look = max(self._next_look, now + _SHARE * (now - begun))

    def _search(self) -> None:
        begun = time.monotonic()
        try:
            with warnings.catch_warnings():
                # Whoever lists the runs is told.
                warnings.simplefilter("ignore", CatalogueWarning)
                newest = self._storage.find(RunQuery(limit=1))
        except LuthierError as error:
            self._message = str(error)
            newest = []
        if newest and (self._run is None or newest[-1].id != self._run.id):
            self._run = LiveRun(self._storage, newest[-1].id)
            self._next_look = 0.0
        elif self._run is None and not self._message:
            self._message = f"There is no run in {self._storage.folder} yet. The next one is shown when it begins."
        now = time.monotonic()
        interval = _NEWEST_WHILE_RUNNING if self._run is not None and self._run.running else _NEWEST_INTERVAL
        self._next_search = now + max(interval, _SHARE * (now - begun))

    def _note(self) -> None:
        """Count the changes of what stands above the panels."""
        facts = None if self._run is None else self._run.facts()
        said = (facts, self._message)
        if said != self._said:
            self._said = said
            self._version += 1

    def _message_for(self, seen: Seen, *, anyway: bool) -> bytes | None:
        run, message = self._said
        known = seen.panels if run is not None and seen.run == run["id"] else {}
        views = () if self._run is None else self._run.views
        updates = [(view, view.update(known.get(view.name, Known()))) for view in views]
        changed = seen.version != self._version or any(update is not None for _, update in updates)
        if not changed and not anyway:
            return None
        more = any(update is not None and update.more for _, update in updates)
        facts = {"run": run, "message": message, "newest": self._newest, "version": self._version, "more": more}
        return pack(facts, updates)
