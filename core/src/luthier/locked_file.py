"""A file that one process holds for as long as it lives, whatever ends it.

The lock is the system's (``flock``, on Windows a locked byte): a process that is killed frees it. The content says
who holds it; a file that nobody holds is a left-over.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from io import BufferedRandom
    from pathlib import Path

__all__ = ["LockedFile"]


class LockedFile:
    """A file and, once it was claimed, the lock on it. For one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BufferedRandom | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def claim(self) -> bool:
        """Take the lock without waiting; ``False`` where somebody has it. The file is made, with the mode 0600."""
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            file = os.fdopen(descriptor, "r+b")
            try:
                if not _try_lock(file):
                    file.close()
                    return False
                same = os.path.samestat(os.fstat(descriptor), self.path.stat())
            except FileNotFoundError:
                same = False
            except BaseException:
                file.close()
                raise
            if same:
                self._file = file
                return True
            file.close()  # the one who had it took the file away meanwhile

    def publish(self, facts: dict[str, Any]) -> None:
        """Write who holds it, for those who want to know; it is claimed."""
        assert self._file is not None  # claimed before
        self._file.seek(0)
        self._file.write(json.dumps(facts).encode())
        self._file.truncate()
        self._file.flush()

    def facts(self) -> dict[str, Any] | None:
        """Return what the holder published; ``None`` where there is none, or it has published nothing yet."""
        try:
            found = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def release(self) -> None:
        """Take the file away and free the lock; twice is fine."""
        file, self._file = self._file, None
        if file is None:
            return
        if sys.platform != "win32":
            self.path.unlink(missing_ok=True)
        file.close()
        if sys.platform == "win32":  # an open file cannot be taken away there
            with contextlib.suppress(PermissionError):  # the next one has it already
                self.path.unlink(missing_ok=True)

    def let_go(self) -> None:
        """Close this process's copy and leave file and lock as they are; for a forked process."""
        file, self._file = self._file, None
        if file is not None:
            file.close()


if sys.platform == "win32":  # pragma: no cover - another system
    import msvcrt

    _LOCKED_BYTE = 2**30

    def _try_lock(file: BufferedRandom) -> bool:
        """Lock one byte far behind the content, so that the content can be read."""
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: BufferedRandom) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
