"""A file that only grows, by whole messages or not at all."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from luthier_measure.errors import StorageWriteError

if sys.platform == "darwin":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import FileIO
    from pathlib import Path

__all__ = ["ASIDE_SUFFIX", "STARTING_SUFFIX", "RunFile", "synchronise", "write_all"]

STARTING_SUFFIX = ".starting"
ASIDE_SUFFIX = ".foreign"
"""Of what another program has put into the place of a run's file."""

_MOST_PARTS = 512

_log = logging.getLogger("luthier.measure")


class RunFile:
    """The file of a run while it is written. For one thread at a time, except :meth:`sync_behind`.

    Parameters
    ----------
    path
        The file, which exists.
    size
        Bytes of it that are kept; what follows is cut off.

    Attributes
    ----------
    on_restored
        Called when the file was deleted by somebody, and has been written again.

    Raises
    ------
    OSError
        The file cannot be opened or cut.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.on_restored: Callable[[], None] = _do_nothing
        self._end = size
        self._sync: threading.Thread | None = None
        self._sync_error: OSError | None = None
        self._file = _open_at_end(path)
        try:
            self._file.truncate(size)
            self._file.seek(size)
        except OSError:
            self._file.close()
            raise

    @classmethod
    def make(cls, path: Path, beginning: bytes) -> RunFile:
        """Make a file, in a folder that exists, which is never seen without its beginning.

        Raises
        ------
        OSError
            The file cannot be made.
        """
        _create(path, BytesIO(beginning))
        return cls(path, len(beginning))

    def append(self, *parts: bytes | memoryview) -> None:
        """Write all parts at the end; when that fails, the file is as it was before.

        Raises
        ------
        StorageWriteError
            The parts could not be written; or another program has cut the file off, so that they would stand behind
            a hole.
        """
        try:
            self._require_length(os.fstat(self._file.fileno()))
            write_all(self._file, *parts)
            self._raise_sync_error()
        except OSError as error:
            self._cut()
            raise self._write_error(error) from error
        self._end += sum(len(part) for part in parts)

    def replace_contents(self, contents: bytes) -> bool:
        """Put other contents into the place of all that was written; at any moment there are the ones or the others.

        Returns
        -------
        bool
            ``False`` when the old ones stay, because somebody holds the file open (Windows) or the disk is full.

        Raises
        ------
        StorageWriteError
            As :meth:`restore_if_removed`, which it does first.
        """
        self.restore_if_removed()
        self._wait_for_sync()
        if sys.platform == "win32":
            # An open file cannot be replaced there, not even by who has it open.
            self._file.close()
        try:
            _create(self.path, BytesIO(contents))
            replaced = _open_at_end(self.path)
        except OSError:
            if self._file.closed:
                self._file = _open_at_end(self.path)
            return False
        self._file.close()
        self._file = replaced
        self._end = len(contents)
        return True

    def restore_if_removed(self) -> None:
        """Write the file again where somebody has deleted, renamed or replaced it.

        Its contents live as long as it is open. What took its place is kept beside it, with :data:`ASIDE_SUFFIX`.

        Raises
        ------
        StorageWriteError
            The contents could not be written again, or another program has cut them off.
        """
        try:
            status = os.fstat(self._file.fileno())
            self._require_length(status)
            if status.st_nlink and self._is_in_place(status):
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                self.path.rename(self.path.with_name(self.path.name + ASIDE_SUFFIX))
            self._file.seek(0)
            _create(self.path, self._file)
            restored = _open_at_end(self.path)
            self.on_restored()
        except OSError as error:
            raise self._write_error(error) from error
        self._wait_for_sync()
        self._file.close()
        self._file = restored
        _log.warning(
            "%s was removed or replaced while the run was going on; it was written again, nothing is lost.", self.path
        )

    def _is_in_place(self, status: os.stat_result) -> bool:
        if sys.platform == "win32":
            # A file that is open cannot be renamed or replaced there.
            return True
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        return (found.st_dev, found.st_ino) == (status.st_dev, status.st_ino)

    def _require_length(self, status: os.stat_result) -> None:
        if status.st_size < self._end:
            raise StorageWriteError(
                f"another program has cut the file off behind byte {status.st_size} of {self._end}",
                who=str(self.path),
                state="What stood behind is lost, and nothing more was written.",
                advice="Find out what writes into the data folder beside Luthier, and measure again.",
                path=str(self.path),
                unstored=0,
            )

    def sync_behind(self) -> None:
        """Start to bring what was written onto the disk itself, in a thread, unless that is still going on."""
        if self._sync is None or not self._sync.is_alive():
            self._sync = threading.Thread(target=self._sync_now, name=f"sync {self.path.name}", daemon=True)
            self._sync.start()

    def close(self) -> None:
        """Close the file; twice is fine."""
        self._wait_for_sync()
        self._file.close()

    def close_behind(self) -> None:
        """Bring the file onto the disk itself and close it, in a thread that the interpreter waits for."""
        if not self._file.closed:
            threading.Thread(target=self._sync_and_close, name=f"close {self.path.name}").start()

    @property
    def size(self) -> int:
        """Bytes written."""
        return self._end

    def _cut(self) -> None:
        try:
            self._file.truncate(self._end)
            self._file.seek(self._end)
        except OSError:
            # The place is gone altogether. A reader stops at the last whole message anyway.
            _log.warning("%s: the torn end could not be cut off; readers pass over it.", self.path)

    def _sync_and_close(self) -> None:
        self._wait_for_sync()
        self._sync_now()
        self._file.close()
        if self._sync_error is not None:
            _log.warning("%s: the disk reported an error after the run had ended: %s.", self.path, self._sync_error)

    def _sync_now(self) -> None:
        try:
            synchronise(self._file)
        except OSError as error:
            self._sync_error = error

    def _wait_for_sync(self) -> None:
        if self._sync is not None:
            self._sync.join()

    def _raise_sync_error(self) -> None:
        if self._sync_error is not None:
            raise self._sync_error

    def _write_error(self, error: OSError) -> StorageWriteError:
        return StorageWriteError(
            f"cannot write: {error.strerror or error}",
            who=str(self.path),
            state=f"The {self._end} bytes written before are kept and can be read.",
            advice="Free some space, or choose another folder by argument or in the environment's LUTHIER_DATA.",
            path=str(self.path),
            unstored=0,
        )


def _do_nothing() -> None:
    pass


def _create(path: Path, contents: BinaryIO | FileIO) -> None:
    beginning = path.with_name(path.name + STARTING_SUFFIX)
    try:
        with beginning.open("xb") as whole:
            shutil.copyfileobj(contents, whole)
        beginning.replace(path)
    except OSError:
        with suppress(OSError):
            beginning.unlink()
        raise


def _open_at_end(path: Path) -> FileIO:
    # Unbuffered: what is written is with the operating system, and survives this process.
    file = path.open("r+b", buffering=0)
    file.seek(0, os.SEEK_END)
    return file


def write_all(file: FileIO, *parts: bytes | memoryview) -> None:
    """Write all parts, which an unbuffered file may take in several goes; in as few calls as the system allows."""
    views = [memoryview(part) for part in parts if len(part)]
    while views:
        # Each call gives up the interpreter, and a busy loop is slow to hand it back.
        written = (
            file.write(views[0]) or 0 if sys.platform == "win32" else os.writev(file.fileno(), views[:_MOST_PARTS])
        )
        while views and written >= len(views[0]):
            written -= len(views.pop(0))
        if written:
            views[0] = views[0][written:]


def synchronise(file: FileIO) -> None:
    """Bring a file's contents onto the disk itself."""
    if sys.platform == "darwin":
        # fsync leaves the data in the drive's own memory there.
        fcntl.fcntl(file.fileno(), fcntl.F_FULLFSYNC)
    else:
        os.fsync(file.fileno())
