"""What is stored of a run, as users meet it."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Protocol

from luthier.plain import from_plain

from luthier_measure.errors import DamagedRunWarning
from luthier_measure.plan_text import duration_text
from luthier_measure.run_facts import checked_tags, require_text
from luthier_measure.storage.edits import RunEdit
from luthier_measure.viewing import watch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    import polars as pl
    import xarray as xr

    from luthier_measure.storage import Continuation, Outcome, RunReader, RunSummary, TableData

__all__ = ["Opener", "StoredRun"]


class Opener(Protocol):
    """What a run needs of the storage that it lies in."""

    folder: Path

    def open(self, run_id: str) -> RunReader:
        """Open the run."""
        ...

    def edit(self, run_id: str, edit: RunEdit) -> None:
        """Change what is said of the run."""
        ...


class StoredRun:
    """A run and all that is kept of it.

    As long as the run goes on, in whatever process, everything shows how it is at that moment; of a run that has ended,
    what was read once is kept. Thread-safe, apart from reading it twice in a race.

    Parameters
    ----------
    storage
        Where it lies.
    run_id
        Its id.
    summary
        What is known without opening it.
    """

    def __init__(self, storage: Opener, run_id: str, summary: RunSummary | None = None) -> None:
        self.id = run_id
        self._storage = storage
        self._summary = summary
        self._ended_reader: RunReader | None = None
        self._dataset: xr.Dataset | None = None

    @property
    def storage(self) -> Opener:
        """Where it lies."""
        return self._storage

    @property
    def name(self) -> str:
        """What the user called it."""
        return self._summary.name if self._summary is not None else self._reader.header.name

    @property
    def sample(self) -> str:
        """What was measured on."""
        return self._summary.sample if self._summary is not None else self._reader.header.sample

    @property
    def tags(self) -> tuple[str, ...]:
        """Words to find it by."""
        return self._reader.header.tags

    @property
    def note(self) -> str:
        """Free text. It can be set, also while the run goes on; see :meth:`add_note`."""
        return self._reader.header.note

    @note.setter
    def note(self, text: str) -> None:
        self._edit(RunEdit(note=require_text(text, "note")))

    def add_note(self, text: str) -> None:
        """Add a line to the note; raises :class:`~luthier_measure.errors.DataFolderError` where it cannot be stored."""
        added = require_text(text, "text")
        self.note = f"{self.note}\n{added}" if self.note else added

    def tag(self, *tags: str) -> None:
        """Add words to find the run by, also while it goes on; those that it has already are left.

        Raises
        ------
        UsageError
            A tag is no text in one line. Nothing was changed.
        DataFolderError
            They cannot be stored (read-only folder). Nothing was changed.
        """
        self._edit(RunEdit(add_tags=checked_tags(tags)))

    def untag(self, *tags: str) -> None:
        """Take tags away; what is no tag of the run is passed over. Raises as :meth:`tag` does."""
        self._edit(RunEdit(remove_tags=checked_tags(tags)))

    def _edit(self, edit: RunEdit) -> None:
        self._storage.edit(self.id, edit)
        # What was read before is out of date; the dataset has tags and note, too.
        self._summary = self._ended_reader = self._dataset = None

    @property
    def started(self) -> datetime:
        """When it began, in the time zone where it was measured."""
        header = self._reader.header
        return datetime.fromtimestamp(header.started, timezone(timedelta(seconds=header.utc_offset)))

    @property
    def ended(self) -> datetime | None:
        """When it ended; ``None`` while it goes on, and when it was interrupted."""
        end = self._reader.end
        return None if end is None else datetime.fromtimestamp(end.ended, self.started.tzinfo)

    @property
    def duration(self) -> float | None:
        """Seconds that it took, by a clock that nobody sets; of a run that went on, all parts together.

        ``None`` while it goes on, when it was interrupted, and where it is not known.
        """
        end = self._reader.end
        if end is None:
            return None
        return None if end.duration is None and self.continuations else end.took_since(self._reader.header.started)

    @property
    def outcome(self) -> Outcome:
        """How it ended.

        ``running``, ``completed``, ``stopped`` (early, on request), ``failed`` (see :attr:`error`), or ``interrupted``
        (its process died).
        """
        return self._reader.outcome

    @property
    def error(self) -> str:
        """The traceback of the error that ended it; empty when none did."""
        end = self._reader.end
        return "" if end is None else end.error

    @property
    def points(self) -> int:
        """How many points were taken, at all levels together."""
        reader = self._reader
        return sum(reader.points(table.name) for table in reader.layout.tables)

    @property
    def dataset(self) -> xr.Dataset:
        """The data, shaped as the sweep, with coordinates, units and names; NaN where no point is.

        Arrays that would take more than 32 MiB stay in the file: what is asked of them is read each time. To have them
        in memory, write ``run.dataset.load()``.

        Points that are damaged in the file are left out, with a
        :class:`~luthier_measure.errors.DamagedRunWarning`.
        """
        if self._dataset is not None:
            return self._dataset
        from luthier_measure.dataset import build_dataset  # noqa: PLC0415 - xarray takes half a second

        reader = self._reader_of_points()
        dataset = build_dataset(reader)
        if reader is self._ended_reader:
            self._dataset = dataset
        return dataset

    def table(self, name: str = "main") -> TableData:
        """Return the points in the order in which they were taken, with their times; those that are not damaged.

        Parameters
        ----------
        name
            ``main`` is what is read innermost; ``plan["levels"]`` and the file's layout tell of others.
        """
        return self._reader_of_points().read(name)

    def to_pandas(self, table: str = "main") -> pd.DataFrame:
        """Return the points in the order in which they were taken, one row each; arrays are cells of their own.

        The first column, ``_time``, is in seconds since 1970. ``frame.attrs["units"]`` has the units of the others.
        """
        from luthier_measure.frames import to_pandas  # noqa: PLC0415 - pandas takes half a second

        return to_pandas(self._reader_of_points(), table)

    def to_polars(self, table: str = "main") -> pl.DataFrame:
        """Return the same as a frame of Polars; raises :class:`~luthier.errors.UsageError` where that is not there."""
        from luthier_measure.frames import to_polars  # noqa: PLC0415 - most people need no Polars

        return to_polars(self._reader_of_points(), table)

    def watch(self) -> object:
        """Show a live plot of it: in a notebook, as the last line of a cell, in place; else in the browser.

        It is drawn by another process, which needs the distribution ``luthier-plot``, and works for runs that have
        ended too.

        Returns
        -------
        object
            The plot, with its address as ``url`` and with ``close()``.

        Raises
        ------
        UnknownPluginError
            ``luthier-plot`` is not installed.
        """
        return watch(self._storage, self.id)

    @property
    def snapshot(self) -> Mapping[str, Any]:
        """What was known of the instruments and the parameters of the plan before the first set."""
        return self._reader.header.snapshot

    @property
    def snapshot_after(self) -> Mapping[str, Any]:
        """The same after the last point; empty while the run goes on, and when it was interrupted."""
        end = self._reader.end
        return {} if end is None else end.snapshot

    @property
    def plan(self) -> Mapping[str, Any]:
        """What was to be done."""
        return self._reader.header.plan

    @property
    def environment(self) -> Mapping[str, Any]:
        """Versions, computer, user, script, commit."""
        reader = self._reader
        return {**reader.header.environment, **({} if reader.end is None else reader.end.environment)}

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the user gave as ``metadata=``, and what plugins added under ``plugins``."""
        metadata: Mapping[str, Any] = from_plain(dict(self.stored_metadata))
        return metadata

    @property
    def stored_metadata(self) -> Mapping[str, Any]:
        """The same in JSON's terms."""
        return self._reader.header.metadata

    @property
    def timings(self) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
        """How long instruments took: by instrument, and there by ``set`` and ``get``, ``calls`` and ``seconds``.

        Of what has no instrument, by the name of the parameter or function. Of instant calls some are timed, and the
        others counted with them by the thousand. Readings at the same time count in full, each. Empty while the run
        goes on, and when it was interrupted. Of a run that went on, all parts count, but those that were killed.
        """
        end = self._reader.end
        return {} if end is None else end.timings

    @property
    def continuations(self) -> tuple[Continuation, ...]:
        """When, where and with which instruments' state it went on after it had been cut off or stopped."""
        return self._reader.continuations

    @property
    def problems(self) -> tuple[str, ...]:
        """What is damaged in the file, in sentences; usually empty."""
        return self._reader.problems

    def _reader_of_points(self) -> RunReader:
        reader = self._reader
        if reader.problems:
            warnings.warn(
                f"Run {self.id} is damaged. {' '.join(reader.problems)} Everything else is read.",
                DamagedRunWarning,
                stacklevel=3,
            )
        return reader

    @property
    def _reader(self) -> RunReader:
        if self._ended_reader is not None:
            return self._ended_reader
        reader = self._storage.open(self.id)
        if reader.end is not None:
            self._ended_reader = reader
        return reader

    def __repr__(self) -> str:
        """Id, name, outcome, points and duration."""
        if self._summary is not None:
            return f"<Run {self.id} {self.name!r}: {self._summary.outcome}>"
        points, took = self.points, self.duration
        duration = "" if took is None else f" in {duration_text(took)}"
        return f"<Run {self.id} {self.name!r}: {self.outcome}, {points} point{'s'[: points != 1]}{duration}>"
