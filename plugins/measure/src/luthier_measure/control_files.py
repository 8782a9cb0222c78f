"""The files through which a run is asked from other processes: ``<data>/control/<run id>/``.

The process that measures makes the folder, holds ``lock`` in it, and keeps ``state.json``. Who wants something writes
``ask-<word>.json``, which is taken away, and finds ``answer-<word>.json``. Everything is small JSON that is only
compared with what is allowed. The folder may be written by its owner alone; it is removed when the run has ended, and
by the next run where a process was killed.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast, get_args

from attrs import frozen

from luthier_measure.control import State
from luthier_measure.live_runs import live_run
from luthier_measure.storage.ownership import is_running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = [
    "ANSWER",
    "ASK",
    "LOCK",
    "LiveState",
    "control_folder",
    "live_state",
    "new_word",
    "read_facts",
    "remove_remnants",
    "running_folders",
    "write_facts",
    "write_state",
]

ASK = "ask-"
ANSWER = "answer-"
LOCK = "lock"
STATE = "state.json"

_MOST_BYTES = 65_536
_REMNANT_AGE = 60.0  # seconds; a younger folder may be one that is just being made


@frozen
class LiveState:
    """What a run that goes on is doing; of another process, as it last said. ``reason`` is that of a suspension."""

    state: State
    reason: str = ""

    def __str__(self) -> str:
        """In words: ``suspended: beam.current = 0.0 A is below 1.0 A``."""
        return f"{self.state}: {self.reason}" if self.reason else self.state


def control_folder(data_folder: Path, run_id: str) -> Path:
    """Return the folder of a run."""
    return data_folder / "control" / run_id


def live_state(data_folder: Path, run_id: str) -> LiveState | None:
    """Return what a run is doing; ``None`` when no living process says so."""
    live = live_run(run_id)
    if live is not None:
        return LiveState(live.control.state, live.control.reason)
    folder = control_folder(data_folder, run_id)
    if not is_running(folder / LOCK):
        return None
    facts = read_facts(folder / STATE)
    state = facts.get("state")
    return LiveState(cast("State", state), str(facts.get("reason", ""))) if state in get_args(State) else None


def write_state(folder: Path, state: State, reason: str) -> None:
    """Say what the run is doing."""
    write_facts(folder / STATE, {"state": state, "reason": reason})


def read_facts(path: Path) -> Mapping[str, Any]:
    """Return what a file says; nothing where there is none, or where it says nothing that can be understood."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_facts(path: Path, facts: Mapping[str, Any]) -> None:
    """Write a file that is never seen half written. Raises ``OSError``."""
    beginning = path.with_name(f".{path.name}.{new_word()}")
    try:
        beginning.write_text(json.dumps(facts), encoding="utf-8")
        _replace(beginning, path)
    except OSError:
        with suppress(OSError):
            beginning.unlink()
        raise


def new_word() -> str:
    """Return a word that no other request has."""
    return secrets.token_hex(8)


def remove_remnants(data_folder: Path) -> None:
    """Remove the folders of runs whose processes were killed."""
    for folder in _folders(data_folder):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _REMNANT_AGE and not is_running(folder / LOCK):
                shutil.rmtree(folder, ignore_errors=True)


def running_folders(data_folder: Path) -> Iterator[Path]:
    """Yield the folders of the runs that go on, in whatever process."""
    for folder in _folders(data_folder):
        if is_running(folder / LOCK):
            yield folder


def _folders(data_folder: Path) -> list[Path]:
    try:
        with os.scandir(data_folder / "control") as entries:
            return [data_folder / "control" / entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _replace(beginning: Path, path: Path) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            beginning.replace(path)
        except PermissionError:
            # On Windows, somebody is just reading the old one.
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.01)
        else:
            return


_ATTEMPTS = 5
