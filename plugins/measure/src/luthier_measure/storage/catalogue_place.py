"""Where the catalogue of a data folder lies: beside the runs, or, where those are on a network share, on this computer.

SQLite depends on the locks of the file system, and those of network shares often do nothing, or hang. A catalogue is
only an index: each computer can have its own, and finds by the folders' times of change what others have stored.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from luthier.errors import UsageError

from luthier_measure.storage.folder import catalogue_path

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "cache_folder",
    "file_system_of",
    "is_network_file_system",
    "is_on_network",
    "mounts_of_linux",
    "mounts_of_mac",
    "place_of_catalogue",
]

_CHOICES = ("auto", "beside", "local")
_KINDS = """
    9p acfs afp afpfs afs beegfs ceph cephfs cifs coda davfs fuse.ceph fuse.cephfs fuse.curlftpfs fuse.davfs2
    fuse.glusterfs fuse.rclone fuse.s3fs fuse.sshfs glusterfs gpfs lustre macfuse ncpfs nfs nfs3 nfs4 ocfs2 orangefs
    panfs prl_fs pvfs2 smb smb2 smb3 smbfs vboxsf virtiofs vmhgfs webdav
"""
_NETWORK = frozenset(_KINDS.split())
_REMOTE_DRIVE = 4  # DRIVE_REMOTE of GetDriveTypeW
_MAC_MOUNT = re.compile(r"^.* on (?P<place>/.*) \((?P<kind>[^,)]+)")


def place_of_catalogue(folder: Path) -> Path:
    """Return the catalogue's file for a data folder; neither need exist.

    The environment's ``LUTHIER_CATALOGUE`` decides: ``beside`` the runs, ``local``, or ``auto``, which is local where
    the folder is on a network share.

    Raises
    ------
    UsageError
        ``LUTHIER_CATALOGUE`` is something else.
    """
    choice = os.environ.get("LUTHIER_CATALOGUE") or "auto"
    if choice not in _CHOICES:
        raise UsageError(
            f"LUTHIER_CATALOGUE is {choice!r}: allowed are {', '.join(map(repr, _CHOICES))}",
            state="No run was started or listed.",
        )
    if choice == "local" or (choice == "auto" and is_on_network(folder)):
        key = hashlib.sha256(str(folder).encode(errors="surrogateescape")).hexdigest()[:16]
        return cache_folder() / "catalogues" / f"{key}.db"
    return catalogue_path(folder)


def cache_folder() -> Path:
    """Return this user's folder for what can be made again; it need not exist."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or "~\\AppData\\Local").expanduser() / "luthier" / "Cache"
    if sys.platform == "darwin":
        return Path("~/Library/Caches/luthier").expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "luthier"


def is_network_file_system(kind: str) -> bool:
    """Whether a file system of that name (``nfs4``, ``cifs``, ``fuse.sshfs``) lies on another computer.

    Examples
    --------
    >>> is_network_file_system("nfs4"), is_network_file_system("ext4")
    (True, False)
    """
    return kind.lower() in _NETWORK


def file_system_of(folder: PurePosixPath, mounts: Iterable[tuple[str, str]]) -> str:
    """Return the kind of the file system that a folder lies on, given all ``(place, kind)``; empty if there is none.

    Examples
    --------
    >>> file_system_of(PurePosixPath("/data/lab/x"), [("/", "ext4"), ("/data", "nfs4")])
    'nfs4'
    """
    found, longest = "", -1
    for place, kind in mounts:
        # Of two at the same place, the later one hides the earlier.
        if folder.is_relative_to(place) and len(place) >= longest:
            found, longest = kind, len(place)
    return found


@functools.lru_cache(maxsize=64)
def is_on_network(folder: Path) -> bool:
    """Whether a folder, which need not exist, lies on another computer; ``False`` where the system does not say."""
    try:
        return _is_remote(folder)
    except (OSError, subprocess.SubprocessError):
        return False


if sys.platform == "win32":

    def _is_remote(folder: Path) -> bool:
        import ctypes  # noqa: PLC0415 - needed here alone

        anchor = folder.resolve().anchor
        return anchor.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(anchor) == _REMOTE_DRIVE

else:

    def _is_remote(folder: Path) -> bool:
        return is_network_file_system(file_system_of(PurePosixPath(os.path.realpath(folder)), _mounts()))


def _mounts() -> list[tuple[str, str]]:
    if sys.platform == "darwin":
        shown = subprocess.run(["/sbin/mount"], check=True, capture_output=True, text=True, timeout=5)
        return mounts_of_mac(shown.stdout)
    return mounts_of_linux(Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape"))


def mounts_of_linux(table: str) -> list[tuple[str, str]]:
    r"""Return place and kind of each line of ``/proc/mounts``, in which blanks are written as ``\040``."""
    fields = (line.split(" ") for line in table.splitlines())
    return [(_unescaped(parts[1]), parts[2]) for parts in fields if len(parts) > 2]  # noqa: PLR2004 - source, place, kind


def mounts_of_mac(shown: str) -> list[tuple[str, str]]:
    """Return place and kind of each line that ``mount`` prints there."""
    found = map(_MAC_MOUNT.match, shown.splitlines())
    return [(match["place"], match["kind"]) for match in found if match]


def _unescaped(place: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda digits: chr(int(digits[1], 8)), place)
