"""Rows on their way from the loop that measures to the thread that writes."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from luthier_measure.arrow.framing import encode_batch
from luthier_measure.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from luthier_measure.arrow.row_encoder import RowEncoder
    from luthier_measure.storage.description import Layout, Table
    from luthier_measure.storage.protocol import Row

__all__ = ["Message", "PendingRows"]

_MOST_BYTES = 64 << 20
_BYTES_IN_PIECE = 4 << 20
_ROWS_IN_PIECE = 4096
_UNKNOWN_ROWS_IN_PIECE = 64
_SMALL_ROW = 2048
_BYTES_OF_SCALAR = 32  # an object of Python's
_PATIENCE = 0.002


@frozen
class Message:
    """Rows as they go into the file, with the layout and Arrow schema by which they were encoded."""

    rows: int
    layout: Layout
    schema: Any
    header: bytes
    body: list[memoryview]

    @property
    def body_size(self) -> int:
        """How long the body is."""
        return sum(map(len, self.body))


class PendingRows:
    """The rows of one table that were added and are not yet in the file.

    Their values stand one behind the other in one list: that takes no object for each row, and a column is a slice.

    Small rows are turned into a message by the loop that adds them, some thousands at a time: as long as they are in
    the processor's cache that takes less than a millisecond, an eighth of what another thread needs later, which
    moreover would have to wait for the interpreter at each step while the loop is busy. Rows with arrays are left to
    the writing thread, which can copy them while the loop goes on.

    Parameters
    ----------
    table_number
        The place of the table in the encoder's layout.
    encoder
        Shared by the tables of a run.
    failures
        Where to note that rows cannot be encoded.
    wake
        Called when there is much to take, or the loop has to wait for room.
    """

    def __init__(
        self, table_number: int, encoder: RowEncoder, failures: list[StorageError | TypeError], wake: Callable[[], None]
    ) -> None:
        self._table_number = table_number
        self._encoder = encoder
        self._failures = failures
        self._wake = wake
        # Only whole rows are put in and taken out, each time in one step of the interpreter: no thread sees a part.
        self._values: list[object] = []
        self._width = self._present_width()
        self._messages: list[Message] = []
        self._message_bytes = 0
        self._encoded = 0
        self._room = threading.Condition()
        self._relieved = threading.Event()
        self._open = True
        self._size_for(_declared_size(encoder.layout, encoder.layout.tables[table_number]))

    @property
    def added(self) -> int:
        """How many rows were added since the beginning."""
        return self._encoded + self._unencoded

    @property
    def waiting(self) -> int:
        """How many rows were not taken yet."""
        return self._unencoded + sum(message.rows for message in self._messages)

    @property
    def _unencoded(self) -> int:
        return len(self._values) // self._width

    def _present_width(self) -> int:
        table = self._encoder.layout.tables[self._table_number]
        return 1 + len(table.dimensions) + len(table.columns)

    def appender(self) -> Callable[[Row], None]:
        """Give the function that adds a row, and waits while there are too many; not for when columns were added."""
        values = self._values
        extend = values.extend
        # Columns are only added when nothing waits.
        width = self._width = self._present_width()

        def add(row: Row) -> None:
            if len(row) != width:
                self._failures.append(_failure(1, ValueError(f"{len(row)} values; the table has {width}")))
                return
            extend(row)
            if len(values) >= self._limit:
                self._relieve()

        return add

    def take(self) -> Iterator[list[Message]]:
        """Take what was added up to now, oldest first, by portions that are meant to be written together."""
        if self._values and self._small and self._open:
            # A busy loop does this itself at its next row, sooner than this thread would get hold of the interpreter.
            self._relieved.clear()
            self._limit = 1
            self._relieved.wait(_PATIENCE)
        pieces = math.ceil(self._unencoded / self._piece)
        for _ in range(max(1, pieces)):
            self._encode_piece()
            with self._encoder.lock:
                taken, self._messages, self._message_bytes = self._messages, [], 0
            if taken:
                yield taken
            with self._room:
                self._room.notify_all()

    def put_back(self, taken: list[Message]) -> None:
        """Undo :meth:`take` for one portion."""
        with self._encoder.lock:
            self._messages[:0] = taken
            self._message_bytes += sum(message.body_size for message in taken)

    def stop_waiting(self) -> None:
        """Never let the loop wait again, because nobody takes rows any more."""
        self._open = False
        with self._room:
            self._room.notify_all()

    def _relieve(self) -> None:
        """Make room for more rows, in the loop."""
        if self._small:
            self._encode_piece()
            self._relieved.set()
        else:
            self._wake()
        if self._is_full():
            with self._room:
                while self._open and self._is_full():
                    self._wake()
                    self._room.wait(timeout=1.0)

    def _is_full(self) -> bool:
        return self._message_bytes > _MOST_BYTES or (not self._small and len(self._values) >= self._most)

    def _encode_piece(self) -> None:
        with self._encoder.lock:
            values = self._values[: self._piece * self._width]
            del self._values[: len(values)]
            rows = len(values) // self._width
            self._encoded += rows
            if rows:
                try:
                    self._messages.append(self._message(rows, values))
                except Exception as error:  # noqa: BLE001 - the loop must not be broken in the middle of a point
                    self._failures.append(_failure(rows, error))
                    return
                self._message_bytes += self._messages[-1].body_size
                self._size_for(_size(values[-self._width :]))

    def _message(self, rows: int, values: list[object]) -> Message:
        batch = self._encoder.encode(self._table_number, values)
        self._failures += self._encoder.take_failures()
        return Message(rows, self._encoder.layout, batch.schema, *encode_batch(batch))

    def _size_for(self, row_bytes: int | None) -> None:
        """Choose how many rows become one message, and how many values may wait."""
        self._small = row_bytes is None or row_bytes < _SMALL_ROW
        if row_bytes is None:
            most = self._piece = _UNKNOWN_ROWS_IN_PIECE
        elif self._small:
            most = self._piece = _ROWS_IN_PIECE
        else:
            self._piece = max(1, _BYTES_IN_PIECE // row_bytes)
            most = max(1, _MOST_BYTES // row_bytes)
        self._most = most * self._width
        # Of large rows, the writing thread is told at once when there is enough for a message: it has much to do.
        self._limit = self._most if self._small else min(self._piece * self._width, self._most)


def _size(row: Sequence[object]) -> int:
    return sum(value.nbytes if isinstance(value, np.ndarray) else _BYTES_OF_SCALAR for value in row)


def _declared_size(layout: Layout, table: Table) -> int | None:
    total = _BYTES_OF_SCALAR
    for name in table.columns:
        column = layout.column(name)
        if column.shape is None or None in column.shape:
            return None
        total += _BYTES_OF_SCALAR
        if column.shape:
            itemsize = np.empty(0, column.dtype or "float64").itemsize
            total += itemsize * math.prod(length or 1 for length in column.shape)
    return total


def _failure(rows: int, error: Exception) -> StorageError:
    failure = StorageError(
        f"{rows} points cannot be encoded and are not stored: {type(error).__name__}: {error}", path=""
    )
    failure.__cause__ = error
    return failure
