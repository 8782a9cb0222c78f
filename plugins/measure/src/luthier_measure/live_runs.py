"""The runs that this process is measuring."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from luthier_measure.control import RunControl

__all__ = ["LiveRun", "inside_data", "live_run", "live_runs", "register", "unregister"]


@attrs.define(eq=False)
class LiveRun:
    """A run of this process.

    Attributes
    ----------
    id, name
        Of the run.
    control
        What it is asked goes there.
    thread
        The thread of a run in the background; ``None`` otherwise.
    ended_by
        What ended a run in the background, if that was an error.
    """

    id: str
    name: str
    control: RunControl
    thread: threading.Thread | None = None
    ended_by: BaseException | None = None


_live: dict[str, LiveRun] = {}


def live_run(run_id: str) -> LiveRun | None:
    """Return the run of this process with that id, if there is one that goes on."""
    return _live.get(run_id)


def live_runs() -> list[LiveRun]:
    """Return all that go on, the oldest first."""
    return list(_live.values())


def inside_data() -> dict[str, str]:
    """Return the id of the run inside of which this thread begins another one, as it is stored with the plan."""
    around = [live.id for live in live_runs() if live.control.thread == threading.get_ident()]
    return {"inside": around[-1]} if around else {}


def register(live: LiveRun) -> None:
    """Note that a run begins."""
    _live[live.id] = live


def unregister(live: LiveRun) -> None:
    """Note that it has ended; twice is fine."""
    _live.pop(live.id, None)
