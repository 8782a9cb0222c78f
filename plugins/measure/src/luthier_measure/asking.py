"""Asking a run of another process to pause, go on or stop."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from luthier_measure.control_files import (
    ANSWER,
    ASK,
    LOCK,
    control_folder,
    live_state,
    new_word,
    read_facts,
    write_facts,
)
from luthier_measure.errors import RunNotAnsweringError, RunNotRunningError
from luthier_measure.live_runs import live_run
from luthier_measure.storage.ownership import is_running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from luthier_measure.control import RunControl, State

__all__ = ["Verb", "ask_run"]

Verb = Literal["pause", "resume", "stop"]

_GOALS: dict[Verb, tuple[State, ...]] = {
    "pause": ("paused",),
    "resume": ("running", "suspended"),
    "stop": ("ended",),
}
_ANSWER_TIME = 5.0
"""Seconds for which an answer is waited for at least; the process that measures may be in a long call of C code."""

_LOOK_INTERVAL = 0.02


def ask_run(data_folder: Path, run_id: str, verb: Verb, timeout: float | None, outcome: Callable[[], str]) -> bool:
    """Ask a run, in whatever process it is, and wait until it has done it.

    Parameters
    ----------
    data_folder
        Where it is stored.
    run_id
        Its id.
    verb
        What it is to do.
    timeout
        Seconds to wait until it is done; ``None``: as long as it takes. Whether it was *taken* is waited for five
        seconds at least.
    outcome
        Tells the run's outcome, for messages.

    Returns
    -------
    bool
        Whether it was done in time. Otherwise it was taken, and is done when the present point is over.

    Raises
    ------
    RunNotRunningError, RunNotAnsweringError
        As their names say; nothing was changed.
    """
    live = live_run(run_id)
    if live is not None:
        return _ask_here(live.control, verb, timeout)
    folder = control_folder(data_folder, run_id)
    if not is_running(folder / LOCK):
        raise _not_running(run_id, verb, outcome())
    ends = None if timeout is None else time.monotonic() + timeout
    _require_answer(folder, run_id, verb)
    while True:
        state = live_state(data_folder, run_id)
        if state is None or state.state in _GOALS[verb]:
            return state is not None or verb == "stop"
        if ends is not None and time.monotonic() > ends:
            return False
        time.sleep(_LOOK_INTERVAL)


def _ask_here(control: RunControl, verb: Verb, timeout: float | None) -> bool:
    asks: dict[Verb, Callable[[], None]] = {"pause": control.pause, "resume": control.resume, "stop": control.stop}
    asks[verb]()
    return control.wait_for(*_GOALS[verb], timeout=timeout)


def _require_answer(folder: Path, run_id: str, verb: Verb) -> None:
    word = new_word()
    request, answer = folder / f"{ASK}{word}.json", folder / f"{ANSWER}{word}.json"
    try:
        write_facts(request, {"ask": verb})
    except FileNotFoundError:
        raise _not_running(run_id, verb, "has just ended") from None
    except OSError as error:
        raise RunNotAnsweringError(
            f"cannot ask it to {verb}: {error.strerror or error}",
            who=f"run {run_id}",
            state="Nothing was changed.",
            advice="A run is controlled by the user who measures, who alone may write into its folder.",
            path=str(folder),
        ) from error
    ends = time.monotonic() + _ANSWER_TIME
    while time.monotonic() < ends:
        taken = read_facts(answer).get("taken")
        if taken is not None:
            with suppress(OSError):
                answer.unlink()
            _require_understood(run_id, verb, taken)
            return
        if not is_running(folder / LOCK):
            # It ended meanwhile, and took the folder with it.
            return
        time.sleep(_LOOK_INTERVAL)
    try:
        request.unlink()
    except OSError:
        # Taken at the last moment.
        return
    raise RunNotAnsweringError(
        f"did not answer within {_ANSWER_TIME:g} s when asked to {verb}",
        who=f"run {run_id}",
        state="The request was withdrawn; the run is as it was.",
        advice="Its process lives but does not run: it is held, or in a long call that lets no other thread run.",
        path=str(folder),
    )


def _require_understood(run_id: str, verb: Verb, taken: Any) -> None:
    if taken is not True:
        raise RunNotAnsweringError(
            f"does not know how to {verb}",
            who=f"run {run_id}",
            state="The run is as it was.",
            advice="It is measured by another version of Luthier.",
            path="",
        )


def _not_running(run_id: str, verb: Verb, outcome: str) -> RunNotRunningError:
    how = {"interrupted": "its process died", "running": "its process cannot be reached"}.get(outcome, outcome)
    return RunNotRunningError(
        f"cannot {verb}: the run does not go on any more ({how})",
        who=f"run {run_id}",
        state="Nothing was changed.",
        run_id=run_id,
        outcome=outcome,
    )
