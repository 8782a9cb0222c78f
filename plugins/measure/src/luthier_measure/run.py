"""A run as users meet it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from luthier_measure.asking import ask_run
from luthier_measure.control_files import live_state
from luthier_measure.live_runs import live_run
from luthier_measure.run_facts import CONTROL
from luthier_measure.stored_run import StoredRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from luthier_measure.asking import Verb
    from luthier_measure.live_runs import LiveRun

__all__ = ["Run"]

_LOOK_INTERVAL = 0.1
"""Seconds between two looks at a run of another process."""


class Run(StoredRun):
    """A stored run; made by ``measure``, ``load`` and ``runs``. While it goes on, it can be controlled."""

    _followed: LiveRun | None = None

    def following(self, live: LiveRun) -> Run:
        """Return this run, which is measured in the background of this process: its end can be waited for."""
        self._followed = live
        return self

    @property
    def state(self) -> str:
        """What it is doing.

        While it goes on, in whatever process: ``running``; ``waiting: …``, for instruments that another run uses;
        ``pausing``, ``stopping`` (asked for, while the present point goes on); ``paused``; ``suspended: …`` by a
        suspender, with the reason; ``ending`` (instruments are brought into their final state). Then, the
        :attr:`outcome`.
        """
        outcome = self.outcome
        # One that waits to go on has its old outcome still.
        goes_on = outcome == "running" or live_run(self.id) is not None
        found = live_state(self._storage.folder, self.id) if goes_on else None
        return outcome if found is None else str(found)

    @property
    def pauses(self) -> Sequence[Mapping[str, Any]]:
        """When it stood still.

        Each with ``kind`` (``paused``: on request; ``suspended``: by a suspender; ``waiting``: for another run, before
        it began), ``began`` and ``ended`` (seconds since 1970; ``None``: not yet, or it never went on), ``reason`` of
        all but the first, and of a suspension ``last_good``: when all was good the last time that it was looked at
        (``None``: never).
        """
        pauses: Sequence[Mapping[str, Any]] = self.stored_metadata.get(CONTROL, {}).get("pauses", ())
        return pauses

    @property
    def time_left(self) -> float | None:
        """Seconds until it ends, if the points that are missing take as long as those before, pauses left out.

        0 when it has ended; ``None`` where it is not known how many points there will be, and before the first one.
        """
        reader = self._reader
        if reader.outcome != "running":
            return 0.0
        total, points = reader.header.plan.get("points"), self.points
        if total is None or not points:
            return None
        begun = reader.continuations[-1].started if reader.continuations else reader.header.started
        before = reader.continuations[-1].points if reader.continuations else 0
        stood = sum((each["ended"] or time.time()) - max(each["began"], begun) for each in self.pauses)
        took = time.time() - begun - max(stood, 0.0)
        left: float = max(total - points, 0) * took / max(points - before, 1)
        return left

    def pause(self, timeout: float | None = 5.0) -> bool:
        """Let it stand still after the present point, until :meth:`resume`; a delay before a reading is interrupted.

        Instruments may be used meanwhile. What is changed stays changed: only what the next point sets is set again.
        Works from any thread and process of the user who measures.

        Parameters
        ----------
        timeout
            Seconds to wait until it stands still; ``None``: as long as it takes.

        Returns
        -------
        bool
            Whether it stands still now. ``False``: it will, after the present point.

        Raises
        ------
        RunNotRunningError
            It has ended.
        RunNotAnsweringError
            Its process did not take the request, which was withdrawn.
        """
        return self._ask("pause", timeout)

    def resume(self, timeout: float | None = 5.0) -> bool:
        """Let it go on after :meth:`pause`.

        Parameters and errors are as of :meth:`pause`. ``True``: it goes on, or waits only for a suspender.
        """
        return self._ask("resume", timeout)

    def stop(self, timeout: float | None = 5.0) -> bool:
        """End it after the present point, as the first Ctrl-C does; at once where it stands still or waits.

        Parameters and errors are as of :meth:`pause`. ``True``: it has ended, and everything is stored; ``False``: it
        will, after the present point and what ``finally_`` does.
        """
        return self._ask("stop", timeout)

    def wait(self, timeout: float | None = None) -> Run:
        """Wait until it has ended, in whatever process, and return it.

        Ctrl-C ends the waiting, and not the run.

        Parameters
        ----------
        timeout
            Seconds to wait at most; ``None``: as long as it takes.

        Raises
        ------
        TimeoutError
            It goes on still.
        Exception
            Whatever ended it, if it was begun in the background, by this very object.
        """
        live = self._followed or live_run(self.id)
        ends = None if timeout is None else time.monotonic() + timeout
        if live is not None:
            over = live.control.wait_for("ended", timeout=timeout)
        else:
            while (over := self.outcome != "running") is False and (ends is None or time.monotonic() < ends):
                time.sleep(_LOOK_INTERVAL)
        if not over:
            message = f"run {self.id} {self.name!r} goes on after {timeout:g} s of waiting. It is {self.state}."
            raise TimeoutError(message)
        if live is not None and live.ended_by is not None:
            raise live.ended_by
        return self

    def _ask(self, verb: Verb, timeout: float | None) -> bool:
        return ask_run(self._storage.folder, self.id, verb, timeout, lambda: self.outcome)
