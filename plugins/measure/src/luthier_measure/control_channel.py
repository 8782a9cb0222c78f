"""The listener of a run: what other processes ask reaches its control, and what it does can be seen by them."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from luthier_measure.control_files import (
    ANSWER,
    ASK,
    LOCK,
    control_folder,
    read_facts,
    remove_remnants,
    write_facts,
    write_state,
)
from luthier_measure.storage.ownership import BEAT_INTERVAL, RunLock, is_running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from luthier_measure.control import RunControl

__all__ = ["ControlChannel"]

_log = logging.getLogger("luthier.measure")

_LOOK_INTERVAL = 0.1
"""Seconds between two looks; a tenth of a second is at once for a person."""


class ControlChannel:
    """Listens while the ``with`` block lasts, in a thread of its own, and calls on the loop to look at suspenders.

    Where the folder cannot be made, the run can be controlled in its own process only: see :meth:`warn_if_deaf`.

    Parameters
    ----------
    data_folder
        Where the run is stored.
    run_id
        Its id.
    control
        What is asked goes there.
    on_look
        Called ten times a second, in the channel's thread.
    """

    def __init__(self, data_folder: Path, run_id: str, control: RunControl, on_look: Callable[[], None]) -> None:
        self._data_folder = data_folder
        self._folder = control_folder(data_folder, run_id)
        self._control = control
        self._on_look = on_look
        self._lock: RunLock | None = None
        self._error: OSError | None = None
        self._told: tuple[str, str] | None = None
        self._beats_at = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, name=f"control {run_id}", daemon=True)

    def warn_if_deaf(self) -> None:
        """Say in the log where other processes cannot reach the run."""
        if self._error is not None:
            _log.warning("%s: the run cannot be controlled from other processes: %s.", self._folder, self._error)

    def __enter__(self) -> None:
        """Make the folder, and listen."""
        remove_remnants(self._data_folder)
        if not is_running(self._folder / LOCK):
            # Of a process that was killed while it measured the run that goes on now.
            shutil.rmtree(self._folder, ignore_errors=True)
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            # Whoever may write into it controls the run: the owner alone, whatever else the folder of runs allows.
            self._folder.mkdir(mode=0o755)
            self._lock = RunLock(self._folder / LOCK)
            self._beats_at = time.monotonic() + BEAT_INTERVAL
            self._tell()
        except OSError as error:
            self._error = error
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Answer what was asked last, and remove the folder."""
        self._closing.set()
        self._thread.join()
        if self._lock is not None:
            self._answer_all()
            self._lock.release()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _listen(self) -> None:
        while not self._closing.wait(_LOOK_INTERVAL):
            self._control.look_if_due()
            self._on_look()
            if self._lock is not None:
                self._answer_all()
                with suppress(OSError):
                    self._tell()
                if time.monotonic() > self._beats_at:
                    self._beats_at = time.monotonic() + BEAT_INTERVAL
                    self._lock.beat()

    def _tell(self) -> None:
        now = self._control.state, self._control.reason
        if now != self._told:
            write_state(self._folder, *now)
            self._told = now

    def _answer_all(self) -> None:
        try:
            with os.scandir(self._folder) as entries:
                asked = [entry.name for entry in entries if entry.name.startswith(ASK)]
        except OSError:
            return
        for name in asked:
            self._answer(self._folder / name)

    def _answer(self, path: Path) -> None:
        verb = read_facts(path).get("ask")
        do = {"pause": self._control.pause, "resume": self._control.resume, "stop": self._control.stop}.get(str(verb))
        try:
            # Taken away first: a request that was withdrawn at this moment is not carried out.
            path.unlink()
        except OSError:
            return
        if do is not None:
            do()
        with suppress(OSError):
            self._tell()
            write_facts(path.with_name(path.name.replace(ASK, ANSWER, 1)), {"taken": do is not None})
