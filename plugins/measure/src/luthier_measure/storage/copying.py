"""Copying the file of a run into another folder, so that it is there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from luthier_measure.errors import DataFolderError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["copy_file"]

_SUFFIX = ".copying"


def copy_file(source: Path, target: Path) -> bool:
    """Copy a file, compare the copy with it byte by byte as it stands on the disk, and only then give it its name.

    Returns
    -------
    bool
        ``False`` when it was there already, the same to the last byte.

    Raises
    ------
    DataFolderError
        There is another file of that name, or it cannot be copied. Nothing was changed.
    """
    try:
        if target.exists():
            if _digest(target) == _digest(source):
                return False
            raise _error(target, "there is another file of this name, which differs")
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(source, target)
    except OSError as error:
        raise _error(target, f"cannot copy: {error.strerror or error}") from error
    return True


def _copy(source: Path, target: Path) -> None:
    beginning = target.with_name(f"{target.name}{_SUFFIX}-{os.getpid()}")
    try:
        with source.open("rb") as original, beginning.open("xb") as copy:
            shutil.copyfileobj(original, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        if _digest(beginning) != _digest(source):
            raise _error(target, "the copy differs from the original")
        beginning.replace(target)
    finally:
        with suppress(OSError):
            beginning.unlink(missing_ok=True)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").digest()


def _error(target: Path, what: str) -> DataFolderError:
    return DataFolderError(
        what,
        who=str(target),
        state="Nothing was changed there, and the original is as it was.",
        path=str(target),
    )
