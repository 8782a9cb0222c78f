"""Where servers are found: a folder that only the user can enter, with a few files per server.

``NAME.lock`` is locked by the server for as long as it lives, whatever ends it, and says who it is; ``NAME.sock`` is
its socket, or ``NAME.key`` the key of its TCP port. Where nobody holds the lock, the files are left-overs and are taken
away. ``NAME.log`` is what a detached server and its drivers printed; it stays where something is in it.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from typing import TYPE_CHECKING, Any

from luthier.errors import ConfigurationError, UsageError
from luthier.hardware import take_away_leftovers
from luthier.locked_file import LockedFile
from luthier.runtime_folder import LONGEST_SOCKET_PATH, runtime_folder

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["ServerFiles", "checked_name", "server_names", "uses_tcp"]

_LOOK = 0.02
"""Seconds between two looks at what a server that is about to be gone still holds."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


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
        self._lock = LockedFile(folder / f"{name}.lock")
        if len(os.fsencode(self.socket)) > LONGEST_SOCKET_PATH and not uses_tcp():
            raise UsageError(
                f"the path of its socket would be longer than {LONGEST_SOCKET_PATH} bytes: {self.socket}",
                who=name,
                state="Nothing was started.",
                advice="Choose a shorter name, or a shorter folder in LUTHIER_RUNTIME_DIR.",
            )

    def claim(self) -> bool:
        """Take the name for this process, as long as it lives; ``False`` where another process has it.

        What a server that was killed left behind is taken away.
        """
        if not self._lock.claim():
            return False
        self.socket.unlink(missing_ok=True)
        self.key.unlink(missing_ok=True)
        return True

    def publish(self, facts: dict[str, Any]) -> None:
        """Write who the server is, for those who want to reach it."""
        self._lock.publish(facts)

    def facts(self) -> dict[str, Any] | None:
        """Return what the living server published; ``None`` where there is none, or it is not ready yet."""
        return self._lock.facts()

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
        if self._lock.held:
            self.socket.unlink(missing_ok=True)
            self.key.unlink(missing_ok=True)

    def remove(self) -> None:
        """Take everything away and free the name; for the server that claimed it. Twice is fine."""
        if self._lock.held:
            self.unpublish()
            self._remove_empty_log()
            self._lock.release()

    def remove_if_stale(self) -> bool:
        """Take away what a server that is gone left behind; ``False`` where it lives, or nothing is there."""
        if not self._lock.path.exists() or not self.claim():
            return False
        self.remove()
        take_away_leftovers()
        return True

    def remove_once_stale(self, instance: str, *, patience: float) -> None:
        """Take away what a server left behind that is about to be gone: its connections end before its lock does."""
        deadline = time.monotonic() + patience
        while not self.remove_if_stale() and self._lock.path.exists() and time.monotonic() < deadline:
            facts = self.facts()
            if facts is not None and facts["instance"] != instance:
                return  # another one has the name by now
            time.sleep(_LOOK)
