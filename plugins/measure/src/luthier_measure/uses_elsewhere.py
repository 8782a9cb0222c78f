"""What the runs of other processes use: instruments on servers, which several processes can reach.

An instrument of one process cannot be reached by another one, so that only what lives on a server is told of, by its
URI, in the folder through which the run is controlled.
"""

from __future__ import annotations

import platform
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from luthier_measure.control_files import control_folder, read_facts, running_folders, write_facts
from luthier_measure.storage.ownership import RunLock, is_running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["held_elsewhere"]

_USES = "uses.json"
_CLAIMING = "claiming.lock"
_PATIENCE = 5.0
_LOOK_INTERVAL = 0.01


def held_elsewhere(
    data_folder: Path, uses: Mapping[str, str], run_id: str, name: str
) -> tuple[tuple[str, str], tuple[str, ...]] | None:
    """Tell other processes what a run uses, unless one of theirs uses some of it.

    Returns
    -------
    tuple or None
        Id and name of the run that does, and the names of what is used by both.
    """
    shareable = {_everywhere(key): called for key, called in uses.items() if "://" in key}
    if not shareable:
        return None
    own = control_folder(data_folder, run_id)
    with _one_at_a_time(data_folder / "control" / _CLAIMING):
        for folder in running_folders(data_folder):
            facts = read_facts(folder / _USES)
            theirs: Any = facts.get("uses", ())
            shared = tuple(called for key, called in shareable.items() if key in theirs)
            if folder != own and shared:
                return (folder.name, str(facts.get("name", ""))), shared
        # Without the folder nobody can be told; that the run cannot be controlled either was said where it was made.
        with suppress(OSError):
            write_facts(own / _USES, {"name": name, "uses": shareable})
    return None


def _everywhere(uri: str) -> str:
    """Tell servers of this machine from those of the same name on another one, which may store in the same folder."""
    return f"{platform.node()} {uri}" if uri.startswith("luthier+local:") else uri


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Keep other processes from claiming at the same moment, for a bounded time; where that fails, go on anyway."""
    ends = time.monotonic() + _PATIENCE
    lock: RunLock | None = None
    while lock is None and time.monotonic() < ends:
        try:
            lock = RunLock(path)
        except FileExistsError:
            if not is_running(path):
                # Left by a process that was killed.
                with suppress(OSError):
                    path.unlink()
            time.sleep(_LOOK_INTERVAL)
        except OSError:
            break
    try:
        yield
    finally:
        if lock is not None:
            lock.release()
