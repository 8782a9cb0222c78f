"""Which ``lab.toml`` is meant."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from luthier.errors import ConfigurationError

__all__ = ["StationFile", "file_meant", "nearest_file"]

StationFile: TypeAlias = str | os.PathLike[str]
"""A ``lab.toml``, or a folder that has one."""

_NAME = "lab.toml"
_VARIABLE = "LUTHIER_LAB"


def nearest_file() -> Path | None:
    """Return the ``lab.toml`` that is meant where none is named.

    It is what ``LUTHIER_LAB`` of the environment names (a file, or a folder that has a ``lab.toml``), whether it exists
    or not; else ``lab.toml`` in the working directory; else ``None``. Folders further up are not searched: a file that
    sets instruments has to be meant.
    """
    named = os.environ.get(_VARIABLE)
    if named:
        return _in_folder(named)
    here = Path(_NAME)
    return here if here.is_file() else None


def file_meant(given: StationFile | None) -> Path:
    """Return the file that ``given`` means (``~`` is understood), or the nearest.

    Raises :class:`~luthier.errors.ConfigurationError` where none is given and none is near.
    """
    found = nearest_file() if given is None else _in_folder(given)
    if found is None:
        raise ConfigurationError(
            f"there is no {_NAME} in the working directory, {Path.cwd()}, and {_VARIABLE} is not set",
            state="Nothing was opened.",
            advice=f"Go to its folder, name it (Station('path/to/{_NAME}')), or set {_VARIABLE} to its path.",
            file=_NAME,
            line=None,
        )
    return found


def _in_folder(given: StationFile) -> Path:
    path = Path(given).expanduser()
    return path / _NAME if path.is_dir() else path
