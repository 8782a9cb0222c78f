"""Where runs are kept: the data folder and the places inside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from luthier.errors import UsageError

from luthier_measure.errors import DataFolderError

if TYPE_CHECKING:
    from luthier.errors import LuthierError

__all__ = ["RUN_SUFFIX", "catalogue_path", "data_folder", "day_folders", "run_path", "unreadable_folder"]

RUN_SUFFIX = ".arrows"


def data_folder(folder: str | os.PathLike[str] | None = None) -> Path:
    """Choose the data folder: the argument, else the environment's ``LUTHIER_DATA``, else ``~/luthier``.

    ``~`` is understood in all three. The folder need not exist and is not made. Raises
    :class:`~luthier.errors.UsageError` for what cannot be a folder.

    Examples
    --------
    >>> data_folder("measurements").name
    'measurements'
    """
    chosen = folder if folder is not None else os.environ.get("LUTHIER_DATA") or "~/luthier"
    try:
        path = Path(chosen).expanduser().absolute()
    except TypeError:
        raise UsageError(f"the data folder is {chosen!r}: allowed are text and paths") from None
    except RuntimeError as error:
        raise UsageError(f"the data folder is {chosen!r}: ~ cannot be resolved ({error})") from error
    if "\0" in str(path):
        raise UsageError(f"the data folder is {chosen!r}: no path has a null character in it")
    return path


def catalogue_path(folder: Path) -> Path:
    """Return the catalogue of a data folder."""
    return folder / "catalogue.db"


def run_path(folder: Path, run_id: str) -> Path:
    """Return the file of a run, which follows from its id alone: ``runs/2026/11/23/20261123-142501-123-k7f3q9.arrows``.

    Examples
    --------
    >>> run_path(Path("luthier"), "20261123-142501-123-k7f3q9").as_posix()
    'luthier/runs/2026/11/23/20261123-142501-123-k7f3q9.arrows'
    """
    return folder / "runs" / run_id[:4] / run_id[4:6] / run_id[6:8] / f"{run_id}{RUN_SUFFIX}"


def day_folders(folder: Path, unreadable: dict[Path, LuthierError] | None = None) -> list[Path]:
    """All folders of single days inside a data folder, oldest first; empty when there are none yet.

    Folders that cannot be looked into are left out, and noted in ``unreadable`` with the reason.
    """
    days = [folder / "runs"]
    for digits in (4, 2, 2):
        days = [
            Path(entry.path)
            for parent in days
            for entry in _folders_in(parent, unreadable)
            if entry.name.isdigit() and len(entry.name) == digits
        ]
    return sorted(days)


def unreadable_folder(folder: Path, error: OSError) -> DataFolderError:
    """Return the error that says why a folder cannot be looked into."""
    return DataFolderError(
        f"the folder cannot be read: {error.strerror or error}",
        who=str(folder),
        state="Nothing in it was changed.",
        path=str(folder),
    )


def _folders_in(folder: Path, unreadable: dict[Path, LuthierError] | None) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if entry.is_dir()]
    except FileNotFoundError:
        pass
    except OSError as error:
        if unreadable is not None:
            unreadable[folder] = unreadable_folder(folder, error)
    return []
