"""The folder where the processes of one user meet: sockets of servers, and what says who has which hardware."""

from __future__ import annotations

import getpass
import os
import stat
import sys
import tempfile
from pathlib import Path

from luthier.errors import ConfigurationError

__all__ = ["LONGEST_SOCKET_PATH", "runtime_folder"]

LONGEST_SOCKET_PATH = 100
"""Bytes that a socket's path may have; the system allows 104 to 108."""

_LONGEST_NAME = 70
"""Bytes that are left for the name of a socket in the folder."""


def runtime_folder() -> Path:
    """Return the folder, which only the user can enter, making it where it is missing.

    ``LUTHIER_RUNTIME_DIR``, else ``$XDG_RUNTIME_DIR/luthier``, else ``luthier-UID`` in the folder for temporary files.
    Raises :class:`~luthier.errors.ConfigurationError` where somebody else could get in.
    """
    chosen = os.environ.get("LUTHIER_RUNTIME_DIR")
    if chosen:
        folder = Path(chosen)
    elif os.environ.get("XDG_RUNTIME_DIR"):
        folder = Path(os.environ["XDG_RUNTIME_DIR"]) / "luthier"
    else:
        folder = Path(tempfile.gettempdir()) / f"luthier-{_user()}"
    too_long = len(os.fsencode(folder)) > LONGEST_SOCKET_PATH - _LONGEST_NAME
    if too_long and not chosen and sys.platform != "win32":
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
