"""The default storage: one Arrow file for each run, and a catalogue beside them."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from luthier_measure.arrow.following import ArrowRunFollower
from luthier_measure.arrow.merging import MERGING_SUFFIX
from luthier_measure.arrow.opening import begin, resume, run_goes_on
from luthier_measure.arrow.reader import ArrowRunReader
from luthier_measure.arrow.run_file import STARTING_SUFFIX
from luthier_measure.arrow.writer import ArrowRunWriter
from luthier_measure.storage.catalogue import Catalogue
from luthier_measure.storage.copying import copy_file
from luthier_measure.storage.description import Continuation
from luthier_measure.storage.edits import add_edit, edits_path
from luthier_measure.storage.folder import RUN_SUFFIX, data_folder, day_folders, run_path
from luthier_measure.storage.identifier import is_run_id
from luthier_measure.storage.ownership import is_running, lock_path
from luthier_measure.storage.protocol import RunSummary

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from luthier_measure.arrow.opening import OpenedRun
    from luthier_measure.storage.description import Layout, Outcome, RunEnd, RunHeader
    from luthier_measure.storage.edits import RunEdit
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
        opened = begin(run_path(self.folder, header.id), header)
        return self._writer(opened, _summary(header, "running"))

    def resume(self, run_id: str, continuation: Continuation | None = None) -> ArrowRunWriter:
        """Go on writing a run that did not complete."""
        path = run_path(self.folder, run_id)
        opened = resume(path, Continuation(time.time()) if continuation is None else continuation)
        return self._writer(opened, _summary(ArrowRunReader(path).header, "running"))

    def _writer(self, opened: OpenedRun, summary: RunSummary) -> ArrowRunWriter:
        path = run_path(self.folder, summary.id)
        now = summary

        def note_growth(layout: Layout) -> None:
            nonlocal now
            now = now._replace(parameters=_parameters(layout))
            self._catalogue.note(now if not edits_path(path).exists() else _summarise(path))

        def note_end(end: RunEnd, points: int) -> None:
            ended = now._replace(ended=end.ended, outcome=end.outcome, points=points, duration=end.duration)
            # What is said of it may have been edited while it went on.
            self._catalogue.note(ended if not edits_path(path).exists() else _summarise(path))

        writer = ArrowRunWriter(summary.id, opened, on_grown=note_growth, on_finish=note_end)
        self._catalogue.note(summary)
        return writer

    def open(self, run_id: str) -> ArrowRunReader:
        """Open a run by its whole id; the catalogue is not needed for it."""
        return ArrowRunReader(run_path(self.folder, run_id))

    def edit(self, run_id: str, edit: RunEdit) -> None:
        """Change tags or note of a run."""
        path = run_path(self.folder, run_id)
        # Whoever is no run gets no edits.
        _ = ArrowRunReader(path)
        add_edit(path, edit)
        self._catalogue.note(_summarise(path))

    def copy(self, run_id: str, folder: Path) -> bool:
        """Copy a run that has ended, with its edits, into another data folder."""
        path, target = run_path(self.folder, run_id), run_path(folder, run_id)
        if ArrowRunReader(path).outcome == "running":
            raise run_goes_on(path, "Copy it when it has ended.")
        # The edits first: a run without them would be taken for a whole copy.
        edits_copied = edits_path(path).exists() and copy_file(edits_path(path), edits_path(target))
        copied = copy_file(path, target)
        Catalogue(folder, _summarise).note(_summarise(target))
        return copied or edits_copied

    def place_of(self, run_id: str) -> Path:
        """Return the run's file."""
        return run_path(self.folder, run_id)

    def ids(self) -> list[str]:
        """Return the ids of all run files."""
        names = (path.stem for day in day_folders(self.folder) for path in day.glob(f"*{RUN_SUFFIX}"))
        return sorted(name for name in names if is_run_id(name))

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


def _summary(header: RunHeader, outcome: Outcome) -> RunSummary:
    return RunSummary(
        id=header.id,
        name=header.name,
        sample=header.sample,
        started=header.started,
        ended=None,
        outcome=outcome,
        points=None,
        tags=header.tags,
        parameters=_parameters(header.layout),
        note=header.note,
    )


def _parameters(layout: Layout) -> tuple[str, ...]:
    return tuple(column.parameter or column.name for column in layout.columns)


def _summarise(path: Path) -> RunSummary:
    reader = ArrowRunReader(path)
    header, end = reader.header, reader.end
    points = None if reader.outcome == "running" else sum(reader.points(table.name) for table in reader.layout.tables)
    summary = _summary(header, reader.outcome)
    if end is not None:
        summary = summary._replace(ended=end.ended, duration=end.duration)
    return summary._replace(id=path.stem, points=points)
