"""Whether the process that writes a run is alive: a small locked file beside the run's own.

The operating system drops the lock when the process dies, however it dies, so nothing has to be cleaned up. The run's
own file is not locked, because on Windows and on some network shares a lock keeps readers out. Where a share has no
locks, or keeps them from other computers, the time of the file's last touch decides.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["BEAT_INTERVAL", "LOCK_SUFFIX", "RunLock", "is_running", "lock_path", "owner_text"]

LOCK_SUFFIX = ".lock"

BEAT_INTERVAL = 5.0
"""Seconds between two touches."""

_FRESH = 30.0  # seconds; also bridges clocks of client and server that differ a little
_WINDOWS_OFFSET = 1 << 30  # far behind the text, which stays readable
_TRIES = 20
_PAUSE = 0.01


def lock_path(run_file: Path) -> Path:
    """Return the lock file that belongs to a run's file."""
    return run_file.with_suffix(LOCK_SUFFIX)


class RunLock:
    """Held by the process that writes a run.

    Parameters
    ----------
    path
        Where to make the lock file. Where ``OSError`` is raised, it is not held.
    take_over
        Whether a file that a dead process left behind is taken over; otherwise there must be none.

    Raises
    ------
    BlockingIOError
        A living process holds it.
    """

    def __init__(self, path: Path, *, take_over: bool = False) -> None:
        self._path = path
        # Not a "with": the file stays open for as long as the lock is held.
        self._file = _held_alone(path) if take_over else path.open("x+b", buffering=0)
        try:
            # In one go, over all that was there: a process may die between any two steps.
            text = json.dumps({"host": platform.node(), "pid": os.getpid()})
            self._file.write(text.ljust(os.fstat(self._file.fileno()).st_size).encode())
        except OSError:
            self.release()
            raise
        if not take_over:
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


def owner_text(path: Path) -> str:
    """Say which process wrote a lock file, for messages; "another process" where that is not known."""
    try:
        owner = json.loads(path.read_bytes())
        return f"process {owner['pid']} on {owner['host']}"
    except (OSError, ValueError, LookupError, TypeError):
        return "another process"


def _held_alone(path: Path) -> FileIO:
    """Open a lock file, which need not exist, and lock it; ``BlockingIOError`` where a living process holds it."""
    for _ in range(_TRIES):
        try:
            file = path.open("r+b", buffering=0)
        except FileNotFoundError:
            with suppress(FileExistsError):
                path.open("x+b", buffering=0).close()
            continue
        if _lock_at_once(file.fileno()) and _is_at(file, path):
            return file
        # Somebody only looks at it, or has just removed it; or a process lives.
        file.close()
        time.sleep(_PAUSE)
    raise BlockingIOError(errno.EAGAIN, "held by a living process", str(path))


def _is_at(file: FileIO, path: Path) -> bool:
    try:
        return os.fstat(file.fileno()).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


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

    def _lock_at_once(descriptor: int) -> bool:
        os.lseek(descriptor, _WINDOWS_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

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

    def _lock_at_once(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # A share without locks: the touches have to do, and whoever calls this has looked at them.
            return True
        return True

    def _is_held(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return False
