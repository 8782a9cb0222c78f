"""The default storage: one Arrow file for each run, and a catalogue beside them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from luthier_measure.arrow.following import ArrowRunFollower
from luthier_measure.arrow.merging import MERGING_SUFFIX
from luthier_measure.arrow.reader import ArrowRunReader
from luthier_measure.arrow.run_file import STARTING_SUFFIX
from luthier_measure.arrow.writer import ArrowRunWriter
from luthier_measure.storage.catalogue import Catalogue
from luthier_measure.storage.folder import data_folder, day_folders, run_path
from luthier_measure.storage.ownership import is_running, lock_path
from luthier_measure.storage.protocol import RunSummary

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from luthier_measure.storage.description import RunEnd, RunHeader
    from luthier_measure.storage.protocol import RunQuery

__all__ = ["ArrowStorage"]


class ArrowStorage:
    """A :class:`luthier_measure.storage.Storage` of Arrow files, ``<folder>/runs/<year>/<month>/<day>/<id>.arrows``.

    Parameters
    ----------
    folder
        The data folder; ``None``: ``LUTHIER_DATA``, else ``~/luthier``. Nothing is made before the first run.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = data_folder(folder)
        self._catalogue = Catalogue(self.folder, _summarise)

    def create(self, header: RunHeader) -> ArrowRunWriter:
        """Begin a run."""
        summary = RunSummary(
            header.id,
            header.name,
            header.sample,
            header.started,
            None,
            "running",
            None,
            header.tags,
            _parameters(header),
        )

        def note_end(end: RunEnd, points: int) -> None:
            self._catalogue.note(summary._replace(ended=end.ended, outcome=end.outcome, points=points))

        writer = ArrowRunWriter(run_path(self.folder, header.id), header, note_end)
        self._catalogue.note(summary)
        return writer

    def open(self, run_id: str) -> ArrowRunReader:
        """Open a run by its whole id; the catalogue is not needed for it."""
        return ArrowRunReader(run_path(self.folder, run_id))

    def follow(self, run_id: str) -> ArrowRunFollower:
        """Return what reads a run again and again while it grows (:func:`luthier_measure.storage.following.follow`)."""
        return ArrowRunFollower(run_path(self.folder, run_id))

    def find(self, query: RunQuery) -> list[RunSummary]:
        """List runs, oldest first."""
        return self._catalogue.find(query)

    def rebuild(self) -> int:
        """Make the catalogue again from the runs, remove what crashes left half made, and return the number of runs."""
        for day in day_folders(self.folder):
            for suffix in (STARTING_SUFFIX, MERGING_SUFFIX):
                for remnant in day.glob(f"*{suffix}"):
                    _remove_remnant(remnant, suffix)
        return self._catalogue.rebuild()


def _remove_remnant(remnant: Path, suffix: str) -> None:
    run_file = remnant.with_name(remnant.name.removesuffix(suffix))
    if not is_running(lock_path(run_file)):
        with suppress(OSError):
            remnant.unlink()


def _parameters(header: RunHeader) -> tuple[str, ...]:
    return tuple(column.parameter or column.name for column in header.layout.columns)


def _summarise(path: Path) -> RunSummary:
    reader = ArrowRunReader(path)
    header, end = reader.header, reader.end
    points = None if reader.outcome == "running" else sum(reader.points(table.name) for table in reader.layout.tables)
    return RunSummary(
        path.stem,
        header.name,
        header.sample,
        header.started,
        None if end is None else end.ended,
        reader.outcome,
        points,
        header.tags,
        _parameters(header),
    )
