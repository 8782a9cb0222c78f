"""The streams inside the file of a run that is being written."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from luthier_measure.arrow.framing import END_OF_STREAM, encode_schema
from luthier_measure.storage.sections import layout_section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_measure.arrow.pending import Message
    from luthier_measure.arrow.run_file import RunFile
    from luthier_measure.storage.description import Layout

__all__ = ["StreamFile", "beginning"]


def beginning(schema: Any, sections: Mapping[bytes, bytes]) -> bytes:
    """Return the first bytes of a stream with that schema and description."""
    return encode_schema(schema.with_metadata(dict(sections)))


class StreamFile:
    """Appends batches and changes of the description, in one stream as far as possible. Safe from several threads.

    Until the first batch, a change makes the file anew, so that programs that read one stream only find all points in
    it; after that, it begins another stream.

    Parameters
    ----------
    file
        It contains whole messages, at least the beginning of a stream.
    schema, sections
        Those of that beginning; where there are batches, the schema in which to go on.
    batches
        How many batches the file contains. Where there are some, :meth:`describe` has to begin a stream for more.
    """

    def __init__(self, file: RunFile, schema: Any, sections: Mapping[bytes, bytes], batches: int = 0) -> None:
        self._file = file
        self._schema = schema
        self._sections = dict(sections)
        self._lock = threading.Lock()
        self.batches = batches

    def add(self, messages: list[Message]) -> None:
        """Append all messages or, raising StorageWriteError, none."""
        with self._lock:
            first = messages[0]
            if not self.batches and not first.schema.equals(self._schema):
                self._begin_anew(first.schema, layout_section(first.layout))
            schema = self._schema
            parts: list[bytes | memoryview] = []
            for message in messages:
                if not message.schema.equals(schema):
                    schema = message.schema
                    parts += [END_OF_STREAM, beginning(schema, layout_section(message.layout))]
                parts += [message.header, *message.body]
            self._file.append(*parts)
            self.batches += len(messages)
            self._schema = schema

    def describe(self, sections: Mapping[bytes, bytes]) -> None:
        """Replace sections of the description."""
        with self._lock:
            if not self.batches and self._begin_anew(self._schema, sections):
                return
            self._file.append(END_OF_STREAM, beginning(self._schema, sections))

    def grow(self, schema: Any, layout: Layout) -> None:
        """Say that there are more tables or columns; what was encoded before has to be in the file."""
        sections = layout_section(layout)
        with self._lock:
            if not self.batches and self._begin_anew(schema, sections):
                return
            self._file.append(END_OF_STREAM, beginning(schema, sections))
            self._schema = schema

    def end(self, sections: Mapping[bytes, bytes]) -> None:
        """Append the last stream, which has no columns."""
        with self._lock:
            self._file.append(END_OF_STREAM, beginning(pa.schema([]), sections), END_OF_STREAM)

    def _begin_anew(self, schema: Any, sections: Mapping[bytes, bytes]) -> bool:
        united = {**self._sections, **sections}
        if not self._file.replace_contents(beginning(schema, united)):
            return False
        self._schema, self._sections = schema, united
        return True
