"""Runs as they are opened for writing: new ones, and those that go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from attrs import frozen

from luthier_measure.arrow.framing import scan
from luthier_measure.arrow.merging import MERGING_SUFFIX, map_file
from luthier_measure.arrow.reader import ArrowRunReader
from luthier_measure.arrow.row_encoder import schema_of
from luthier_measure.arrow.run_file import STARTING_SUFFIX, RunFile
from luthier_measure.arrow.stream_file import StreamFile, beginning
from luthier_measure.errors import DataFolderError, RunFinishedError, RunGoesOnError
from luthier_measure.storage.ownership import RunLock, lock_path, owner_text
from luthier_measure.storage.sections import continuation_sections, header_sections, united

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from luthier_measure.storage.description import Continuation, Layout, RunHeader

__all__ = ["CUT_SUFFIX", "OpenedRun", "begin", "resume", "run_goes_on"]

CUT_SUFFIX = ".cut"
"""Of the files that keep what was cut off and was more than the beginning of a batch."""


@frozen
class OpenedRun:
    """A run's file, with the lock that says that it is being written.

    Attributes
    ----------
    layout
        Columns and tables as they are now.
    counts
        Rows of each table that are in the file.
    whole
        Whether all of the file can be read. Of one that is damaged, nothing may be merged: the copy would have
        checksums that agree.
    """

    lock: RunLock
    file: RunFile
    streams: StreamFile
    layout: Layout
    counts: Mapping[str, int]
    whole: bool = True


def begin(path: Path, header: RunHeader) -> OpenedRun:
    """Make the lock and the file, in this order, so that the file is never seen without; or nothing at all.

    Raises
    ------
    DataFolderError
        The folder or the file cannot be made.
    """
    schema, sections = schema_of(header.layout), header_sections(header)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = RunLock(lock_path(path))
        try:
            file = RunFile.make(path, beginning(schema, sections))
        except OSError:
            lock.release()
            raise
    except OSError as error:
        raise _folder_error(path, error, "make", "No run was started.") from error
    counts = {table.name: 0 for table in header.layout.tables}
    return OpenedRun(lock, file, StreamFile(file, schema, sections), header.layout, counts)


def resume(path: Path, continuation: Continuation) -> OpenedRun:
    """Open a run that did not complete, cut off what is not whole at its end, and note that it goes on.

    Raises
    ------
    RunGoesOnError, RunFinishedError
        It is being written, or was completed.
    RunNotFoundError, NotARunFileError, NewerFormatError, DamagedRunError, DataFolderError
        As their names say.
    StorageWriteError
        It cannot be noted that the run goes on.
    """
    _require_unfinished(path)
    lock = _take_over(path)
    try:
        # Again: somebody may have gone on with it, and completed it, while the lock was waited for.
        reader = _require_unfinished(path, held=True)
        opened = _reopen(path, lock, reader)
        try:
            _note_continuation(opened, reader, continuation)
        except BaseException:
            opened.file.close()
            raise
    except BaseException:
        lock.release()
        raise
    return opened


def _require_unfinished(path: Path, *, held: bool = False) -> ArrowRunReader:
    reader = ArrowRunReader(path)
    if reader.outcome == "running" and not held:
        raise run_goes_on(path)
    if reader.outcome == "completed":
        raise RunFinishedError(
            "nothing to go on with: the run was completed", who=path.stem, state="The run was not changed."
        )
    return reader


def _take_over(path: Path) -> RunLock:
    try:
        return RunLock(lock_path(path), take_over=True)
    except BlockingIOError as error:
        raise run_goes_on(path) from error
    except OSError as error:
        raise _folder_error(path, error, "open", "The run was not changed.") from error


def _reopen(path: Path, lock: RunLock, reader: ArrowRunReader) -> OpenedRun:
    # Compares with the checksums, so that damaged rows do not count.
    _ = reader.problems
    data = map_file(path)
    found = scan(data, checked=True)
    sections = united(segment.metadata for segment in found.segments)
    batches = sum(len(segment.batches) for segment in found.segments)
    counts = {table.name: reader.points(table.name) for table in reader.layout.tables}
    rest = b"" if found.torn and not found.problems else bytes(memoryview(data)[found.intact_end :])
    # On Windows a file that is mapped cannot be cut.
    reader.forget_contents()
    del data
    kept = attrs.evolve(found, segments=[])
    del found
    try:
        for suffix in (STARTING_SUFFIX, MERGING_SUFFIX):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        if rest.strip(b"\xff\x00"):
            path.with_name(f"{path.name}{CUT_SUFFIX}").write_bytes(rest)
        file = RunFile(path, kept.intact_end)
    except OSError as error:
        raise _folder_error(path, error, "open", "The run was not changed.") from error
    schema = schema_of(reader.layout)
    streams = StreamFile(file, schema, sections, batches)
    return OpenedRun(lock, file, streams, reader.layout, counts, whole=not kept.problems)


def _note_continuation(opened: OpenedRun, reader: ArrowRunReader, continuation: Continuation) -> None:
    outcome = "interrupted" if reader.end is None else reader.end.outcome
    noted = attrs.evolve(continuation, points=sum(opened.counts.values()), outcome=outcome)
    opened.streams.describe(continuation_sections((*reader.continuations, noted)))


def run_goes_on(path: Path, advice: str = "Wait until it has ended, or end it there.") -> RunGoesOnError:
    """Return the error that says which process writes a run."""
    owner = owner_text(lock_path(path))
    return RunGoesOnError(
        f"the run is being written by {owner}",
        who=path.stem,
        state="It was not changed, and goes on.",
        advice=advice,
        path=str(path),
        run_id=path.stem,
        owner=owner,
    )


def _folder_error(path: Path, error: OSError, verb: str, state: str) -> DataFolderError:
    return DataFolderError(
        f"cannot {verb} the run's file: {error.strerror or error}",
        who=str(path.parent),
        state=state,
        advice="Choose a folder that you may write to, by argument or in the environment variable LUTHIER_DATA.",
        path=str(path.parent),
    )
