"""A run as users meet it."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Protocol

from luthier.plain import from_plain

from luthier_measure.errors import DamagedRunWarning
from luthier_measure.plan_text import duration_text
from luthier_measure.viewing import watch

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from luthier_measure.storage import Outcome, RunReader, RunSummary, TableData

__all__ = ["Opener", "Run"]


class Opener(Protocol):
    """What a run needs of the storage that it lies in."""

    def open(self, run_id: str) -> RunReader:
        """Open the run."""
        ...


class Run:
    """A stored run; made by ``measure``, ``load`` and ``runs``.

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
        """Free text."""
        return self._reader.header.note

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
    def plan(self) -> Mapping[str, Any]:
        """What was to be done."""
        return self._reader.header.plan

    @property
    def environment(self) -> Mapping[str, Any]:
        """Versions, computer, user, script."""
        return self._reader.header.environment

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
        points, ended = self.points, self.ended
        duration = "" if ended is None else f" in {duration_text((ended - self.started).total_seconds())}"
        return f"<Run {self.id} {self.name!r}: {self.outcome}, {points} point{'s'[: points != 1]}{duration}>"
