"""Messages and streams inside a run's file.

A file is one or more Arrow IPC streams, one after the other, here called segments. Each batch carries a checksum of its
body, so that a tail that a power cut left as zeros is not taken for data.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["END_OF_STREAM", "Scan", "Segment", "encode_batch", "encode_schema", "scan"]

END_OF_STREAM = struct.pack("<iI", -1, 0)
_PREFIX = struct.Struct("<iI")
_CHECK_KEY = "luthier"
_CHECK = b"crc32:"
_CHECK_DIGITS = 8
_NO_CHECK = _CHECK + b"0" * _CHECK_DIGITS
_SLACK = 4096  # for the schema-independent parts of a batch's header


def encode_schema(schema: Any) -> bytes:
    """Return the message that begins a segment."""
    return bytes(schema.serialize())


def encode_batch(batch: Any) -> tuple[bytes, memoryview]:
    """Return the header and the body of the message that holds a batch."""
    schema = batch.schema.remove_metadata()
    buffer = pa.allocate_buffer(pa.ipc.get_record_batch_size(batch) + len(encode_schema(schema)) + _SLACK)
    sink = pa.FixedSizeBufferWriter(buffer)
    pa.ipc.new_stream(sink, schema).write_batch(batch, custom_metadata={_CHECK_KEY: _NO_CHECK})
    view = memoryview(buffer)
    # The writer put the schema, which has no body, before the batch.
    start = _header_end(view, 0)
    body_start = _header_end(view, start)
    body = view[body_start : sink.tell()]
    # The checksum is known only now; it has a fixed width, so it can be put in its place.
    return bytes(view[start:body_start]).replace(_NO_CHECK, _CHECK + b"%08x" % zlib.crc32(body)), body


def _header_end(view: memoryview, start: int) -> int:
    size: int = _PREFIX.unpack_from(view, start)[1]
    return start + _PREFIX.size + size


@frozen
class Segment:
    """One Arrow stream of a file."""

    schema: Any
    batches: list[Any] = field(factory=list)

    @property
    def metadata(self) -> Mapping[bytes, bytes]:
        """The schema's metadata."""
        return self.schema.metadata or {}


@frozen
class Scan:
    """What was found in a file.

    Attributes
    ----------
    segments
        The streams, with all whole batches.
    end
        Offset of the end of the last whole message.
    torn
        Whether bytes follow that are the beginning of a message: the writer is writing it just now, or died while it
        did.
    problems
        What is damaged, in sentences; empty when nothing is.
    """

    segments: list[Segment] = field(factory=list)
    end: int = 0
    torn: bool = False
    problems: tuple[str, ...] = ()


def scan(data: Any, *, checked: bool) -> Scan:
    """Find all whole messages in the contents of a file.

    Parameters
    ----------
    data
        A ``pyarrow.Buffer``.
    checked
        Whether to compare the batches with their checksums, and leave out those that do not agree.
    """
    segments: list[Segment] = []
    problems: list[str] = []
    end = 0
    torn = False
    try:
        for start, end, message in _messages(data):
            if message.type == "schema":
                segments.append(Segment(pa.ipc.read_schema(message)))
            elif checked and not _is_intact(message):
                problems.append(f"The batch in the bytes {start} to {end} does not agree with its checksum.")
            elif segments:
                segments[-1].batches.append(pa.ipc.read_record_batch(message, segments[-1].schema))
    except _TornError:
        torn = True
    except (pa.ArrowException, OSError, ValueError) as error:
        problems.append(f"The {data.size - end} bytes from byte {end} on cannot be read ({error}).")
    return Scan(segments, end, torn, tuple(problems))


class _TornError(Exception):
    """The file ends in the middle of a message."""


def _messages(data: Any) -> Iterator[tuple[int, int, Any]]:
    """Yield each message with the offsets of its beginning and end; raise when the last one is not whole."""
    view = memoryview(data)
    source = pa.BufferReader(data)
    position = 0
    while position < len(view):
        if len(view) - position < _PREFIX.size:
            raise _TornError
        marker, header_size = _PREFIX.unpack_from(view, position)
        if marker != -1:
            message = "the marker of a message is missing"
            raise ValueError(message)
        if header_size == 0:
            position += _PREFIX.size
            continue
        if position + _PREFIX.size + header_size > len(view):
            raise _TornError
        source.seek(position)
        try:
            found = pa.ipc.read_message(source)
        except OSError as error:
            if "message body" in str(error):
                # The header is whole, the body is not.
                raise _TornError from error
            raise
        yield position, source.tell(), found
        position = source.tell()


def _is_intact(message: Any) -> bool:
    header = bytes(message.metadata)
    place = header.find(_CHECK)
    if place < 0:
        return True
    stated = header[place + len(_CHECK) :][:_CHECK_DIGITS]
    return stated == b"%08x" % zlib.crc32(message.body)
