"""The runs of a data folder, whichever storage they lie in."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from luthier import plugins
from luthier.errors import LuthierError

from luthier_measure.errors import RunNotFoundError
from luthier_measure.loading import open_storage

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

    from luthier_measure.storage import (
        Continuation,
        RunEdit,
        RunHeader,
        RunQuery,
        RunReader,
        RunSummary,
        RunWriter,
        Storage,
    )

__all__ = ["EveryStorage", "open_every_storage"]

_DEFAULT = "arrow"
_Found = TypeVar("_Found")

_log = logging.getLogger("luthier.measure")


def open_every_storage(folder: str | os.PathLike[str] | None = None) -> EveryStorage:
    """Open a data folder for all that lies in it.

    Parameters
    ----------
    folder
        The data folder; ``None``: the environment's ``LUTHIER_DATA``, else ``~/luthier``. It need not exist.
    """
    opened = [open_storage(_DEFAULT, folder)]
    for name in plugins.registry("storage").names():
        if name != _DEFAULT:
            try:
                opened.append(open_storage(name, folder))
            except LuthierError as error:
                _log.warning("runs in the storage %s are left out: %s", name, error)
    return EveryStorage(opened)


class EveryStorage:
    """A :class:`luthier_measure.storage.Storage` over several of one folder; new runs lie in the first one.

    Parameters
    ----------
    storages
        At least one; all of the same folder.
    """

    def __init__(self, storages: list[Storage]) -> None:
        self._storages = storages
        self.folder = storages[0].folder

    def create(self, header: RunHeader) -> RunWriter:
        """Begin a run."""
        return self._storages[0].create(header)

    def resume(self, run_id: str, continuation: Continuation | None = None) -> RunWriter:
        """Go on writing a run where it lies."""
        return self._where_it_lies(lambda storage: storage.resume(run_id, continuation))

    def open(self, run_id: str) -> RunReader:
        """Open a run by its whole id."""
        return self._where_it_lies(lambda storage: storage.open(run_id))

    def edit(self, run_id: str, edit: RunEdit) -> None:
        """Change tags or note of a run."""
        self._where_it_lies(lambda storage: storage.edit(run_id, edit))

    def copy(self, run_id: str, folder: Path) -> bool:
        """Copy a run that has ended into another data folder, into the same storage there."""
        return self._where_it_lies(lambda storage: storage.copy(run_id, folder))

    def place_of(self, run_id: str) -> Path:
        """Return the file in which a run lies."""

        def place(storage: Storage) -> Path:
            storage.open(run_id)
            return storage.place_of(run_id)

        return self._where_it_lies(place)

    def ids(self) -> list[str]:
        """Return the ids of all runs, oldest first."""
        return sorted(run_id for storage in self._storages for run_id in storage.ids())

    def find(self, query: RunQuery) -> list[RunSummary]:
        """List runs, oldest first."""
        found = [each for storage in self._storages for each in storage.find(query)]
        found.sort(key=lambda each: each.id)
        return found if query.limit is None else found[len(found) - min(query.limit, len(found)) :]

    def rebuild(self) -> int:
        """Make the indices of all again; return how many runs there are."""
        return sum(storage.rebuild() for storage in self._storages)

    def _where_it_lies(self, ask: Callable[[Storage], _Found]) -> _Found:
        first: RunNotFoundError | None = None
        for storage in self._storages:
            try:
                return ask(storage)
            except RunNotFoundError as error:
                first = first or error
        assert first is not None
        raise first
