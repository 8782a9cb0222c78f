"""Whether the process that writes a run is alive: a small locked file beside the run's own.

The operating system drops the lock when the process dies, however it dies, so nothing has to be cleaned up. The run's
own file is not locked, because on Windows and on some network shares a lock keeps readers out. Where a share has no
locks, or keeps them from other computers, the time of the file's last touch decides.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["BEAT_INTERVAL", "RunLock", "is_running", "lock_path"]

BEAT_INTERVAL = 5.0
"""Seconds between two touches."""

_FRESH = 30.0  # seconds; also bridges clocks of client and server that differ a little
_WINDOWS_OFFSET = 1 << 30  # far behind the text, which stays readable


def lock_path(run_file: Path) -> Path:
    """Return the lock file that belongs to a run's file."""
    return run_file.with_suffix(".lock")


class RunLock:
    """Held by the process that writes a run.

    Parameters
    ----------
    path
        Where to make the lock file; it must not exist. Where ``OSError`` is raised, there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # Not a "with": the file stays open for as long as the lock is held.
        self._file = path.open("x+b", buffering=0)
        try:
            self._file.write(json.dumps({"host": platform.node(), "pid": os.getpid()}).encode())
        except OSError:
            self.release()
            raise
        # Where a share has no locks, the touches have to do.
        with suppress(OSError):
            _lock(self._file.fileno())

    def beat(self) -> None:
        """Say that the process is alive; call it every :data:`BEAT_INTERVAL` seconds. A failure is ignored."""
        # A share that is away for a while is away for whoever looks, too.
        with suppress(OSError):
            os.utime(self._path)

    def release(self) -> None:
        """Remove the file and the lock; twice is fine."""
        if sys.platform == "win32":
            self._file.close()
        # On Windows somebody may be looking at it. Left behind, it says nothing about a run that has ended.
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        self._file.close()


def is_running(path: Path) -> bool:
    """Whether a living process holds the lock file ``path``; ``False`` when there is none."""
    try:
        with path.open("rb", buffering=0) as file:
            return _is_held(file.fileno()) or (_is_foreign(file.read()) and _is_fresh(path))
    except FileNotFoundError:
        return False
    except OSError:
        return _is_fresh(path)


def _is_foreign(content: bytes) -> bool:
    try:
        host = json.loads(content)["host"]
    except (ValueError, LookupError, TypeError):
        return True
    return bool(host != platform.node())


def _is_fresh(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < _FRESH
    except OSError:
        return False


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _WINDOWS_OFFSET, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

    def _is_held(descriptor: int) -> bool:
        os.lseek(descriptor, _WINDOWS_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        except PermissionError:
            return True
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return False

else:

    def _lock(descriptor: int) -> None:
        # Waits for a reader that is just looking.
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _is_held(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return False
