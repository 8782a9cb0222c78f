"""Writing a run: a thread that appends what was added, ten times a second and more."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import attrs

from luthier_measure.arrow.encoding import make_ready
from luthier_measure.arrow.merging import is_worth_merging, merge
from luthier_measure.arrow.pending import Message, PendingRows
from luthier_measure.arrow.row_encoder import RowEncoder, schema_of
from luthier_measure.errors import RunFinishedError, StorageError, StorageWriteError
from luthier_measure.storage.growing import grown
from luthier_measure.storage.ownership import BEAT_INTERVAL, RunLock, lock_path
from luthier_measure.storage.sections import end_sections, layout_section, metadata_section, snapshot_section

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from luthier_measure.arrow.opening import OpenedRun
    from luthier_measure.storage.description import Column, Layout, RunEnd, Table
    from luthier_measure.storage.protocol import Row

__all__ = ["APPEND_INTERVAL", "ArrowRunWriter"]

APPEND_INTERVAL = 0.1
"""Seconds after which a row that was added is in the file, whatever happens to the process."""

_WAKE_INTERVAL = 0.25 * APPEND_INTERVAL  # the rest is for waiting on the interpreter and the disk
_LOOK_INTERVAL = 1.0
_SYNC_INTERVAL = 5.0  # seconds of data that a loss of power may cost


class ArrowRunWriter:
    """The writer of one run (see :class:`luthier_measure.storage.RunWriter`).

    Parameters
    ----------
    run_id
        Its id.
    opened
        Its file; the writer closes it, and gives the lock back.
    on_grown
        Called after a table or columns were added, with the layout.
    on_finish
        Called after the file is complete and closed, with the end and the number of all rows.
    """

    def __init__(
        self,
        run_id: str,
        opened: OpenedRun,
        *,
        on_grown: Callable[[Layout], None],
        on_finish: Callable[[RunEnd, int], None],
    ) -> None:
        make_ready()
        self.id = run_id
        self.failures: list[StorageError | TypeError] = []
        self._on_grown, self._on_finish = on_grown, on_finish
        self._encoder = RowEncoder(opened.layout)
        self._wake = threading.Event()
        self._pending = {table.name: self._pending_rows(number) for number, table in enumerate(opened.layout.tables)}
        self._stored_before = opened.counts
        self._lock, self._file, self._streams = opened.lock, opened.file, opened.streams
        self._may_merge = opened.whole
        self._file.on_restored = self._renew_lock
        self._synced_size = self._file.size
        self._looks_at = self._beats_at = self._syncs_at = time.monotonic() + _LOOK_INTERVAL
        self._passes = 0
        self._passed = threading.Condition()
        self._closing = False
        self._finished = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"run {self.id}", daemon=True)
        self._thread.start()

    def appender(self, table: str) -> Callable[[Row], None]:
        """Give the function that adds one row to a table."""
        return self._pending[table].appender()

    def add_table(self, table: Table, columns: Sequence[Column]) -> None:
        """Add a table, or columns to one that is there."""
        # What was added before is encoded by the layout as it was, and nothing comes meanwhile: one thread adds.
        self.flush()
        with self._encoder.lock:
            layout = grown(self._encoder.layout, table, columns)
            self._streams.grow(schema_of(layout), layout)
            self._encoder.grow(layout)
        if table.name not in self._pending:
            # Another mapping, because the writing thread may be going through the present one.
            self._pending = {**self._pending, table.name: self._pending_rows(len(layout.tables) - 1)}
        self._on_grown(layout)

    def _pending_rows(self, number: int) -> PendingRows:
        return PendingRows(number, self._encoder, self.failures, self._wake.set)

    @property
    def points(self) -> int:
        """How many rows were added so far."""
        return sum(self._counts().values())

    def flush(self) -> None:
        """Return once every row added before is in the file."""
        if self._closing:
            raise RunFinishedError("nothing to flush: the run was finished before", who=self.id)
        with self._passed:
            # The pass that is going on may have begun before the last row came.
            wanted = self._passes + 2
            while self._passes < wanted and self._thread.is_alive():
                self._wake.set()
                self._passed.wait(timeout=APPEND_INTERVAL)
        if self.failures:
            raise self.failures[0]

    def annotate(self, metadata: Mapping[str, Any], snapshot: Mapping[str, Any] | None = None) -> None:
        """Replace the run's metadata, and where that is given, the snapshot of its beginning."""
        self._streams.describe({**metadata_section(metadata), **snapshot_section(snapshot)})

    def finish(self, end: RunEnd) -> None:
        """Write what is left and how the run ended, and close."""
        if not self._finished.acquire(blocking=False):
            return
        self._closing = True
        for pending in self._pending.values():
            pending.stop_waiting()
        self._wake.set()
        self._thread.join()
        try:
            end = self._write_last(end)
        finally:
            self._lock.release()
        self._on_finish(end, self.points)

    def _renew_lock(self) -> None:
        self._lock.release()
        self._lock = RunLock(lock_path(self._file.path))

    def _run(self) -> None:
        while not self._closing and not self._has_lost_file:
            self._wake.wait(_WAKE_INTERVAL)
            self._wake.clear()
            self._write_pending()
        for pending in self._pending.values():
            pending.stop_waiting()

    @property
    def _has_lost_file(self) -> bool:
        return any(isinstance(failure, StorageError) for failure in self.failures)

    def _write_pending(self) -> None:
        """Write what was added, and note a failure instead of raising it."""
        try:
            self._write_tables()
            self._look_after_file()
        except StorageError as error:
            self.failures.append(error)
        except Exception as error:  # noqa: BLE001 - a thread has nobody to raise to, and the run must end in order
            failure = StorageError(f"writing failed: {error}", who=str(self._file.path), path=str(self._file.path))
            failure.__cause__ = error
            self.failures.append(failure)
        with self._passed:
            self._passes += 1
            self._passed.notify_all()

    def _look_after_file(self) -> None:
        now = time.monotonic()
        if now > self._looks_at:
            self._looks_at = now + _LOOK_INTERVAL
            self._file.restore_if_removed()
        if now > self._beats_at:
            self._beats_at = now + BEAT_INTERVAL
            self._lock.beat()
        if now > self._syncs_at and self._file.size > self._synced_size:
            self._syncs_at = now + _SYNC_INTERVAL
            self._synced_size = self._file.size
            self._file.sync_behind()

    def _write_tables(self) -> None:
        for pending in self._pending.values():
            for messages in pending.take():
                try:
                    self._streams.add(messages)
                except StorageWriteError:
                    # All together do not fit on the disk; as many as do are kept.
                    self._write_one_by_one(pending, messages)

    def _write_one_by_one(self, pending: PendingRows, messages: list[Message]) -> None:
        for number, message in enumerate(messages):
            try:
                self._streams.add([message])
            except StorageWriteError:
                pending.put_back(messages[number:])
                raise

    def _write_last(self, end: RunEnd) -> RunEnd:
        try:
            self._file.restore_if_removed()
            self._write_tables()
            end = self._true_end(end)
            self._streams.end({**end_sections(end, self._counts()), **layout_section(self._encoder.layout)})
        except StorageWriteError as error:
            raise self._final_error(error) from error.__cause__
        else:
            if self._is_worth_merging and merge(self._file.path, self._encoder.layout):
                # What is open here has no name any more.
                self._file.close()
        finally:
            self._file.close_behind()
        return end

    @property
    def _is_worth_merging(self) -> bool:
        return self._may_merge and is_worth_merging(self._file.size, self._streams.batches)

    def _counts(self) -> dict[str, int]:
        return {name: self._stored_before.get(name, 0) + pending.added for name, pending in self._pending.items()}

    def _true_end(self, end: RunEnd) -> RunEnd:
        if not self.failures or end.outcome != "completed":
            return end
        return attrs.evolve(end, outcome="failed", error="\n".join(map(str, self.failures)))

    def _final_error(self, error: StorageWriteError) -> StorageWriteError:
        unstored = sum(pending.waiting for pending in self._pending.values())
        data = {**error.data, "unstored": unstored}
        return StorageWriteError(
            f"{error.what}; {unstored} point{'s'[: unstored != 1]} of run {self.id} could not be stored", **data
        )
