"""Messages and streams inside a run's file.

A file is one or more Arrow IPC streams, one after the other, here called segments. Each message carries a checksum of
all its bytes, so that neither a tail that a power cut left as zeros nor a bit that changed on the disk is taken for
data.
"""

from __future__ import annotations

import itertools
import re
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["END_OF_STREAM", "Scan", "Segment", "encode_batch", "encode_schema", "first_check", "scan"]

END_OF_STREAM = struct.pack("<iI", -1, 0)
_PREFIX = struct.Struct("<iI")
_CHECK_KEY = "luthier"
_SCHEMA_CHECK_KEY = b"luthier.check"
_BATCH_CHECK = b"crc32:%08x"
_SCHEMA_CHECK = b'"crc32:%08x" '
"""JSON, as all other sections; no other section has a blank behind a text, so that its place is certain."""
_BATCH_PATTERN = re.compile(rb"crc32:[0-9a-f]{8}")
_SCHEMA_PATTERN = re.compile(rb'"crc32:[0-9a-f]{8}" ')
_LARGE = 256 << 10  # bytes above which a copy takes longer than to write without one
_SLACK = 4096  # for the schema-independent parts of a batch's header


def encode_schema(schema: Any) -> bytes:
    """Return the message that begins a segment."""
    unchecked = _SCHEMA_CHECK % 0
    metadata = {**(schema.metadata or {}), _SCHEMA_CHECK_KEY: unchecked}
    message = bytes(schema.with_metadata(metadata).serialize())
    return message.replace(unchecked, _SCHEMA_CHECK % zlib.crc32(message))


def encode_batch(batch: Any) -> tuple[bytes, list[memoryview]]:
    """Return the header and the parts of the body of the message that holds a batch.

    The parts of a large batch are its own buffers: nothing is copied.
    """
    schema = batch.schema.remove_metadata()
    unchecked = _BATCH_CHECK % 0
    if batch.nbytes < _LARGE:
        buffer = pa.allocate_buffer(pa.ipc.get_record_batch_size(batch) + schema.serialize().size + _SLACK)
        sink = pa.FixedSizeBufferWriter(buffer)
        pa.ipc.new_stream(sink, schema).write_batch(batch, custom_metadata={_CHECK_KEY: unchecked})
        beginning, *others = [memoryview(buffer)[: sink.tell()]]
    else:
        parts = _Parts()
        pa.ipc.new_stream(pa.PythonFile(parts, mode="w"), schema).write_batch(
            batch, custom_metadata={_CHECK_KEY: unchecked}
        )
        beginning, *others = parts.joined()
    # The writer put the schema, which has no body, before the batch.
    start = _header_end(beginning, 0)
    body_start = _header_end(beginning, start)
    header, body = bytes(beginning[start:body_start]), [beginning[body_start:], *others]
    check = zlib.crc32(header)
    for part in body:
        check = zlib.crc32(part, check)
    # The checksum is known only now; it has a fixed width, so it can be put in its place.
    return header.replace(unchecked, _BATCH_CHECK % check), body


class _Parts:
    """What pyarrow takes for a file: keeps what is written to it, buffers as they are."""

    closed = False

    def __init__(self) -> None:
        self._written: list[Any] = []

    def write(self, part: Any) -> None:
        self._written.append(part)

    def flush(self) -> None:
        """Do nothing: nothing waits."""

    def close(self) -> None:
        """Do nothing: what was written stays."""

    def joined(self) -> list[memoryview]:
        """Return all parts; what comes before the first buffer in one, because pyarrow writes headers by pieces."""
        is_header = list(itertools.takewhile(lambda part: isinstance(part, bytes), self._written))
        return [memoryview(b"".join(is_header)), *(memoryview(part) for part in self._written[len(is_header) :])]


def first_check(contents: bytes) -> tuple[int, bytes]:
    """Return where the checksum of a file's first message stands, and the checksum; empty where there is none."""
    found = _SCHEMA_PATTERN.search(contents)
    return (0, b"") if found is None else (found.start(), found[0])


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
    intact_end
        Offset of the end of the last message that also agrees with its checksum, where they were compared.
    torn
        Whether bytes follow that are the beginning of a message: the writer is writing it just now, or died while it
        did.
    problems
        What is damaged, in sentences; empty when nothing is.
    """

    segments: list[Segment] = field(factory=list)
    end: int = 0
    intact_end: int = 0
    torn: bool = False
    problems: tuple[str, ...] = ()


def scan(data: Any, *, checked: bool, schema: Any = None) -> Scan:
    """Find all whole messages in the contents of a file.

    Parameters
    ----------
    data
        A ``pyarrow.Buffer``.
    checked
        Whether to compare the messages with their checksums, and leave out batches that do not agree.
    schema
        For contents that begin in the middle of a stream: its schema.
    """
    segments = [] if schema is None else [Segment(schema)]
    problems: list[str] = []
    end = intact_end = 0
    torn = False
    try:
        for start, end, message in _messages(data):
            intact = not checked or _is_intact(memoryview(data)[start:end], message.type)
            intact_end = end if intact else intact_end
            if message.type == "schema":
                segments.append(Segment(pa.ipc.read_schema(message)))
                if not intact:
                    problems.append(
                        f"The description in the bytes {start} to {end} does not agree with its checksum: names, units "
                        "and numbers may be wrong."
                    )
            elif not intact:
                problems.append(f"The batch in the bytes {start} to {end} does not agree with its checksum.")
            elif segments:
                segments[-1].batches.append(pa.ipc.read_record_batch(message, segments[-1].schema))
    except _TornError:
        torn = True
    except (pa.ArrowException, OSError, ValueError) as error:
        problems.append(f"The {data.size - end} bytes from byte {end} on cannot be read ({error}).")
    return Scan(segments, end, intact_end, torn, tuple(problems))


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


def _is_intact(message: memoryview, kind: str) -> bool:
    """Compare a message with its checksum; one without any, of another program, counts as intact."""
    header_end = _header_end(message, 0)
    header, body = bytes(message[:header_end]), message[header_end:]
    form, pattern = (_SCHEMA_CHECK, _SCHEMA_PATTERN) if kind == "schema" else (_BATCH_CHECK, _BATCH_PATTERN)
    stated = pattern.search(header)
    if stated is None:
        return True
    unchecked = header[: stated.start()] + form % 0 + header[stated.end() :]
    return stated[0] == form % zlib.crc32(body, zlib.crc32(unchecked))
