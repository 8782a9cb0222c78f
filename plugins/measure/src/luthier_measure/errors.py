"""The errors and warnings of runs and their storage, in Luthier's one tree."""

from __future__ import annotations

from luthier.errors import BusyError, LuthierError, UsageError

__all__ = [
    "AmbiguousRunError",
    "CatalogueWarning",
    "DamagedRunError",
    "DamagedRunWarning",
    "DataFolderError",
    "FinalStateError",
    "InstrumentsInUseError",
    "NewerFormatError",
    "NotARunFileError",
    "PlanDiffersError",
    "RunFinishedError",
    "RunGoesOnError",
    "RunNotAnsweringError",
    "RunNotFoundError",
    "RunNotRunningError",
    "StateDiffersError",
    "StorageError",
    "StorageWriteError",
    "UnknownTableError",
    "UnstorableValueError",
]


class StorageError(LuthierError):
    """A disk, folder or file in which runs are kept failed, or is not what it should be.

    Attributes: ``path`` (text: the file or folder concerned).
    """

    path: str


class DataFolderError(StorageError):
    """The data folder cannot be made, read or written; no run was started in it."""


class StorageWriteError(StorageError):
    """Points could not be written (disk full, file too large, share gone).

    Everything written before is kept and readable. Attributes: ``path``, ``unstored`` (points that are not in the
    file).
    """

    unstored: int


class RunNotFoundError(StorageError, LookupError):
    """There is no run of that id in the data folder.

    Attributes: ``path`` (the data folder), ``run_id`` (what was asked for).
    """

    run_id: str


class AmbiguousRunError(StorageError, LookupError):
    """Several runs have ids that begin with what was given.

    Attributes: ``path`` (the data folder), ``run_id`` (what was asked for), ``run_ids`` (the candidates, oldest first).
    """

    run_id: str
    run_ids: tuple[str, ...]


class NotARunFileError(StorageError):
    """The file is not a run of Luthier, although its name says so."""


class NewerFormatError(StorageError):
    """The file was written by a later Luthier, in a format that this one does not know.

    Attributes: ``path``, ``found`` (format version of the file), ``known`` (the latest version that can be read).
    """

    found: str
    known: str


class DamagedRunError(StorageError):
    """So much of a run's file is damaged that nothing of it can be read."""


class UnknownTableError(StorageError, KeyError):
    """A run has no table of that name: it was mistyped, or the run's description is damaged.

    Attributes: ``path`` (the run's file; empty where only its description was at hand), ``table`` (what was asked
    for), ``tables`` (those that there are).
    """

    table: str
    tables: tuple[str, ...]


class PlanDiffersError(UsageError):
    """A run cannot be gone on with by this plan: it is not the one that was begun, or cannot be followed or rebuilt."""


class StateDiffersError(UsageError):
    """Instruments are not as they were when the run began that is to go on. Nothing was set.

    Attributes: ``run_id``, ``differences`` (a tuple of :class:`luthier_measure.differences.Difference`).
    """

    run_id: str
    differences: tuple[object, ...]


class RunFinishedError(UsageError):
    """The run was finished before; nothing can be added to it."""


class RunNotRunningError(UsageError):
    """A run was asked to do something, and has ended before.

    Attributes: ``run_id``, ``outcome``.
    """

    run_id: str
    outcome: str


class RunNotAnsweringError(LuthierError, TimeoutError):
    """A run of another process was asked to do something, and did not take it.

    Attributes: ``path`` (of the folder through which it was asked).
    """

    path: str


class InstrumentsInUseError(BusyError):
    """Another run sets or reads what this one would.

    Attributes: ``holder`` (text: the run that does), ``run_id`` (its id), ``shared`` (what both use, by name),
    ``timeout``.
    """

    run_id: str
    shared: tuple[str, ...]


class FinalStateError(LuthierError):
    """Instruments could not be brought into the state in which the run was to leave them. The run is stored.

    Attributes: ``failures`` (tuple of text, one for each step that failed), ``run_id``.
    """

    sent = "maybe"
    failures: tuple[str, ...]
    run_id: str


class RunGoesOnError(StorageError):
    """A living process writes the run, so that nothing else may.

    Attributes: ``path`` (the run's file), ``run_id``, ``owner`` (which process it is, as text).
    """

    run_id: str
    owner: str


class UnstorableValueError(UsageError, TypeError):
    """A reading gave something that its column cannot hold.

    The run's other values, of this point too, are kept. Attributes: ``column``, ``value`` (what was given, as text),
    ``allowed``.
    """

    column: str
    value: str
    allowed: str


class DamagedRunWarning(UserWarning):
    """Part of a run's file is damaged; the rest was read."""


class CatalogueWarning(UserWarning):
    """The catalogue of runs could not be used as it was; runs themselves are not affected."""
