"""Where servers are found: a folder that only the user can enter, with a few files per server.

``NAME.lock`` is locked by the server for as long as it lives, whatever ends it, and says who it is; ``NAME.sock`` is
its socket, or ``NAME.key`` the key of its TCP port. Where nobody holds the lock, the files are left-overs and are taken
away. ``NAME.log`` is what a detached server and its drivers printed; it stays where something is in it.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import re
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luthier.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from io import BufferedRandom
    from typing import BinaryIO

__all__ = ["ServerFiles", "checked_name", "runtime_folder", "server_names", "uses_tcp"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_LONGEST_PATH = 100
"""Bytes that a socket's path may have; the system allows 104 to 108."""


def checked_name(name: object) -> str:
    """Return ``name`` if a server can have it; it is part of a file's name."""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    raise UsageError(
        f"cannot name a server {name!r}: allowed are up to 64 letters, digits, _ and -, a letter or _ first",
        state="Nothing was started.",
    )


def uses_tcp() -> bool:
    """Whether servers are reached by TCP on this machine's loopback instead of a Unix socket (Windows)."""
    chosen = os.environ.get("LUTHIER_SERVER_TRANSPORT", "")
    if chosen not in ("", "tcp", "unix"):
        raise ConfigurationError(
            f"LUTHIER_SERVER_TRANSPORT={chosen!r}: allowed are 'tcp' and 'unix'", file="", line=None
        )
    return chosen == "tcp" or (not chosen and sys.platform == "win32")


def runtime_folder() -> Path:
    """Return the folder of the servers' files, making it where it is missing.

    Raises :class:`~luthier.errors.ConfigurationError` where somebody else could get in.
    """
    chosen = os.environ.get("LUTHIER_RUNTIME_DIR")
    if chosen:
        folder = Path(chosen)
    elif os.environ.get("XDG_RUNTIME_DIR"):
        folder = Path(os.environ["XDG_RUNTIME_DIR"]) / "luthier"
    else:
        folder = Path(tempfile.gettempdir()) / f"luthier-{_user()}"
    if len(os.fsencode(folder)) > _LONGEST_PATH - 70 and not chosen and sys.platform != "win32":
        folder = Path(f"/tmp/luthier-{_user()}")  # noqa: S108 - private, and checked to be below
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_private(folder)
    return folder


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()


def _require_private(folder: Path) -> None:
    if sys.platform == "win32":
        return  # the user's temporary folder is the user's by its access list
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise ConfigurationError(
            f"the folder of the servers' sockets, {folder}, can be entered by others than you, or is not yours",
            state="Nothing was started.",
            advice=f"Run: chmod 700 {folder}. Or name another one in LUTHIER_RUNTIME_DIR.",
            file=str(folder),
            line=None,
        )


def server_names() -> list[str]:
    """Return the names of the servers that left files, sorted; some may be gone."""
    return sorted(path.stem for path in runtime_folder().glob("*.lock") if _NAME.fullmatch(path.stem))


class ServerFiles:
    """The files of one server."""

    def __init__(self, name: str) -> None:
        folder = runtime_folder()
        self.name = checked_name(name)
        self.socket = folder / f"{name}.sock"
        self.key = folder / f"{name}.key"
        self.log = folder / f"{name}.log"
        self._lock_path = folder / f"{name}.lock"
        self._lock: BufferedRandom | None = None
        if len(os.fsencode(self.socket)) > _LONGEST_PATH and not uses_tcp():
            raise UsageError(
                f"the path of its socket would be longer than {_LONGEST_PATH} bytes: {self.socket}",
                who=name,
                state="Nothing was started.",
                advice="Choose a shorter name, or a shorter folder in LUTHIER_RUNTIME_DIR.",
            )

    def claim(self) -> bool:
        """Take the name for this process, as long as it lives; ``False`` where another process has it.

        What a server that was killed left behind is taken away.
        """
        while True:
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
            lock = os.fdopen(descriptor, "r+b")
            if not _try_lock(lock):
                lock.close()
                return False
            try:
                same = os.path.samestat(os.fstat(descriptor), self._lock_path.stat())
            except FileNotFoundError:
                same = False
            if same:
                break
            lock.close()  # the one who had it took the file away meanwhile
        self._lock = lock
        self.socket.unlink(missing_ok=True)
        self.key.unlink(missing_ok=True)
        return True

    def publish(self, facts: dict[str, Any]) -> None:
        """Write who the server is, for those who want to reach it."""
        assert self._lock is not None  # claimed before
        self._lock.seek(0)
        self._lock.write(json.dumps(facts).encode())
        self._lock.truncate()
        self._lock.flush()

    def facts(self) -> dict[str, Any] | None:
        """Return what the living server published; ``None`` where there is none, or it is not ready yet."""
        try:
            text = self._lock_path.read_text("utf-8")
        except (FileNotFoundError, PermissionError):
            return None
        try:
            found = json.loads(text)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def write_key(self, key: bytes) -> None:
        """Store the key that clients prove to have; only the user can read it."""
        descriptor = os.open(self.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)

    def open_log(self) -> BinaryIO:
        """Return the file for what a detached server prints, emptied; only the user can read it."""
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        file = os.fdopen(descriptor, "ab", buffering=0)
        file.truncate(0)
        return file

    def _remove_empty_log(self) -> None:
        with contextlib.suppress(OSError):  # there is none, or another system keeps an open file
            if not self.log.stat().st_size:
                self.log.unlink()

    def unpublish(self) -> None:
        """Take away what clients connect by, and keep the name; for the server that claimed it."""
        if self._lock is not None:
            self.socket.unlink(missing_ok=True)
            self.key.unlink(missing_ok=True)

    def remove(self) -> None:
        """Take everything away and free the name; for the server that claimed it. Twice is fine."""
        if self._lock is None:
            return
        self.unpublish()
        self._remove_empty_log()
        if sys.platform != "win32":
            self._lock_path.unlink(missing_ok=True)
        self._lock.close()
        self._lock = None
        if sys.platform == "win32":  # an open file cannot be taken away there
            with contextlib.suppress(PermissionError):  # the next one has it already
                self._lock_path.unlink(missing_ok=True)

    def remove_if_stale(self) -> bool:
        """Take away what a server that is gone left behind; ``False`` where it lives, or nothing is there."""
        if not self._lock_path.exists() or not self.claim():
            return False
        self.remove()
        return True


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
