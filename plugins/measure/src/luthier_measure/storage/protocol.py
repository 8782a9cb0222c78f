"""What a storage of runs must be able to do, so that one can take another's place (plugins ``luthier.storage``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from luthier_measure.errors import StorageError
    from luthier_measure.storage.array_rows import ArrayRows
    from luthier_measure.storage.description import Column, Continuation, Layout, Outcome, RunEnd, RunHeader, Table
    from luthier_measure.storage.edits import RunEdit

__all__ = ["Row", "RunQuery", "RunReader", "RunSummary", "RunWriter", "Storage", "TableData"]

Row = tuple[object, ...]


class RunWriter(Protocol):
    """A run that is being written. One thread adds rows; any thread may flush, and look at ``failures``."""

    id: str
    failures: list[StorageError | TypeError]
    """Empty while all is well. A loop looks at it after each point, which costs nothing, and stops when it is not."""

    def appender(self, table: str) -> Callable[[Row], None]:
        """Give the function that adds one row ``(time, *indices, *values)`` to a table; it takes about a microsecond.

        A row is in the file, and survives the death of the process, at the latest after the storage's append interval
        (0.1 s). Arrays in a row must not be changed afterwards. The function waits while too much is unwritten (the
        disk is slower than the readings), so that memory does not grow with the run. It does not raise: see
        ``failures``.
        """
        ...

    def add_table(self, table: Table, columns: Sequence[Column]) -> None:
        """Add a table while the run goes on, or give one that is there more columns; then ask for its appender.

        Whoever opens the run from here on sees it. Rows that were added before have no value in new columns. An
        appender that was given before for this table must not be used any more.

        Parameters
        ----------
        table
            Where there is one of its name, it has the same dimensions, and all columns of that one come first.
        columns
            Those that the run has not.

        Raises
        ------
        UsageError
            A name is taken or unknown, or the table would become another one. Nothing was changed.
        StorageError
            What is in ``failures``; or it cannot be written.
        """
        ...

    @property
    def points(self) -> int:
        """How many rows were added so far, to all tables together; of a run that goes on, those before too."""
        ...

    def flush(self) -> None:
        """Return once every row added before is in the file; raise what is in ``failures`` if it cannot be."""
        ...

    def annotate(self, metadata: Mapping[str, Any], snapshot: Mapping[str, Any] | None = None) -> None:
        """Replace the run's metadata, of JSON's types; :class:`StorageWriteError` when they cannot be written.

        Where ``snapshot`` is given, it replaces the one in the header: the run had to wait before its first set.
        """
        ...

    def finish(self, end: RunEnd) -> None:
        """Write what is left and how the run ended, and close. Only the first call does anything.

        When one of the last rows holds a value that cannot be stored, a run that was ``completed`` is stored as
        ``failed``; ``failures`` then says why.

        Raises
        ------
        StorageWriteError
            Points or the end could not be written; what was written before is kept, and the run counts as interrupted.
        """
        ...


@frozen
class TableData:
    """The points of a table, in the order in which they were taken.

    Attributes
    ----------
    times
        Seconds since 1970 of each row, shape ``(rows,)``.
    indices
        The step along each of the table's dimensions, shape ``(rows,)`` each.
    columns
        For one value a point: shape ``(rows,)``, with NaN (text: ``None``) where there is none, for which whole numbers
        and truth values become floats. For arrays of one shape: ``(rows, *shape)``. For arrays that are missing
        somewhere or change their shape: ``(rows,)`` of objects, each an array or ``None``.
    """

    times: npt.NDArray[np.float64]
    indices: tuple[npt.NDArray[np.int32], ...]
    columns: Mapping[str, npt.NDArray[Any]]


class RunReader(Protocol):
    """A stored run, as it was when the reader was opened."""

    header: RunHeader
    """With the layout as it is now: columns whose type the first value decided have it; and with all edits."""
    end: RunEnd | None
    """``None`` as long as the run goes on, and for ever when it was interrupted."""
    outcome: Outcome
    continuations: tuple[Continuation, ...]
    """How often the run went on after it had been cut off or stopped, oldest first; usually empty."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What is damaged in the file, in sentences; usually empty. A last point cut off by a kill is no damage."""
        ...

    @property
    def layout(self) -> Layout:
        """The header's layout."""
        ...

    def points(self, table: str) -> int:
        """How many rows a table has."""
        ...

    def read(self, table: str, columns: Collection[str] | None = None) -> TableData:
        """Read all rows of a table but those that are damaged, of which ``problems`` tells.

        Where ``columns`` is given, only these are read.
        """
        ...

    def array_rows(self, table: str, column: str) -> ArrayRows | None:
        """Give the arrays of a column to be read later, a few at a time, from the same rows as :meth:`read`.

        ``None`` where they are not numbers of one shape in all rows.
        """
        ...


class RunSummary(NamedTuple):
    """A line in a list of runs; a tuple, because there may be a hundred thousand."""

    id: str
    name: str
    sample: str
    started: float
    ended: float | None
    outcome: Outcome
    points: int | None
    """Rows of all tables; ``None`` while the run goes on."""
    tags: tuple[str, ...]
    parameters: tuple[str, ...]
    """Full names of what was set and read."""
    note: str = ""
    """The beginning of the note."""
    duration: float | None = None
    """Seconds that it took, as of :class:`RunEnd`."""
    problem: str = ""
    """Why it cannot be read, where ``outcome`` is ``unreadable``; then the rest is what was known before."""


@frozen
class RunQuery:
    """Which runs to list; what is ``None`` is not asked for.

    ``id`` is the beginning of one; ``name`` and ``sample`` may hold ``*`` and ``?``, and do not mind the case of
    letters without accents; ``text`` is part of the name, sample, note, a tag or a parameter, and does not mind it
    either; ``since`` (included) and ``until`` (excluded) are seconds since 1970; ``limit`` keeps the newest.
    """

    id: str | None = None
    name: str | None = None
    sample: str | None = None
    tag: str | None = None
    parameter: str | None = None
    outcome: Outcome | None = None
    text: str | None = None
    since: float | None = None
    until: float | None = None
    limit: int | None = None


class Storage(Protocol):
    """A place for runs. Safe to use from several threads and processes at once."""

    folder: Path

    def create(self, header: RunHeader) -> RunWriter:
        """Begin a run; from here on it can be found and read, also by other processes.

        Raises
        ------
        DataFolderError
            The folder cannot be made or written.
        """
        ...

    def resume(self, run_id: str, continuation: Continuation | None = None) -> RunWriter:
        """Go on writing a run that was interrupted, stopped or has failed, after its last whole row.

        From here on its outcome is ``running`` again, and what was known of its end is forgotten. What is not whole at
        the end of the file is cut off. The layout is that which :meth:`open` shows. Killed at any moment, this leaves
        a run that is interrupted and has all its rows.

        Parameters
        ----------
        run_id
            The whole id.
        continuation
            What is known of going on; it is added to the run's ``continuations``.

        Raises
        ------
        RunGoesOnError
            A living process writes it.
        RunFinishedError
            It was completed.
        RunNotFoundError, NotARunFileError, NewerFormatError, DamagedRunError, DataFolderError
            As their names say. Nothing was changed.
        """
        ...

    def open(self, run_id: str) -> RunReader:
        """Open a run by its whole id.

        Raises
        ------
        RunNotFoundError, NotARunFileError, NewerFormatError, DamagedRunError
            As their names say.
        """
        ...

    def edit(self, run_id: str, edit: RunEdit) -> None:
        """Change tags or note of a run, also of one that goes on; earlier ones stay in the storage.

        Raises
        ------
        RunNotFoundError
            There is none.
        DataFolderError
            It cannot be written. Nothing was changed.
        """
        ...

    def copy(self, run_id: str, folder: Path) -> bool:
        """Copy a run that has ended into another data folder, where it can be found at once.

        Returns
        -------
        bool
            ``False`` when it was there already, the same to the last byte.

        Raises
        ------
        RunGoesOnError
            A living process writes it.
        RunNotFoundError, NotARunFileError, NewerFormatError, DamagedRunError
            As their names say.
        DataFolderError
            It cannot be written there, or another run of its id is there. Nothing was changed.
        """
        ...

    def place_of(self, run_id: str) -> Path:
        """Return the file in which a run lies, or would lie; others may lie in it too."""
        ...

    def ids(self) -> list[str]:
        """Return the ids of all that is stored as a run, oldest first, also of what cannot be read."""
        ...

    def find(self, query: RunQuery) -> list[RunSummary]:
        """List runs, oldest first."""
        ...

    def rebuild(self) -> int:
        """Make the index of runs again from the runs themselves; return how many there are."""
        ...
