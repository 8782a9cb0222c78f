r"""Arbitrary blocks: bytes of any value inside a message, both ways.

*Definite-length* blocks say how long they are: ``#``, one digit that counts the digits of the length, the length, the
bytes (``#15hello``; IEEE 488.2-1992, 7.7.6.2 and 8.7.9). *Indefinite-length* blocks are ``#0``, the bytes, and the end
of the message (7.7.6.3 and 8.7.10).

Every function is safe to call from any thread; :func:`read_block` is called under the transport's lock, together with
the write that asked for the block.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

from luthier.errors import OutOfStepError, ReplyError, ValidationError

__all__ = ["DEFAULT_MAX_BYTES", "BlockSource", "Octets", "decode_block", "encode_block", "read_block"]

Octets: TypeAlias = "bytes | bytearray | memoryview[Any]"
"""Bytes in any of Python's containers for them."""

DEFAULT_MAX_BYTES = 2**30
"""Larger blocks are refused before memory is taken for them, unless the caller says otherwise."""

_LONGEST_DEFINITE = 999_999_999  # one digit counts the digits of the length
_EXPECTED = "a block: #, one digit that counts the digits of the length, the length, the bytes"
_SHOWN_BYTES = 40
_MARK, _ZERO, _NINE = b"#09"


class BlockSource(Protocol):
    """What :func:`read_block` needs of a :class:`~luthier.transport.Transport`."""

    @property
    def address(self) -> str:
        """The address, for messages to people."""
        ...

    def read(self) -> bytes:
        """Return the rest of the reply, without its termination."""
        ...

    def read_exactly(self, count: int) -> bytearray:
        """Return the next ``count`` bytes of the reply."""
        ...


def encode_block(data: Octets, *, indefinite: bool = False) -> bytes:
    """Return ``data`` as a block.

    Parameters
    ----------
    data
        Any bytes; a ``memoryview`` of any item type and shape stands for its bytes.
    indefinite
        Write ``#0`` instead of a length. The instrument then takes everything up to the end of the message as data, so
        this needs a connection that marks the end (GPIB, USBTMC, VXI-11, HiSLIP) and must come last in the message.

    Raises
    ------
    ValidationError
        More than 999,999,999 bytes, for which a definite length has no room.

    Examples
    --------
    >>> encode_block(b"hello"), encode_block(b"")
    (b'#15hello', b'#10')
    """
    view = memoryview(data)
    octets: Octets = view if view.c_contiguous else view.tobytes()
    if indefinite:
        return b"".join((b"#0", octets))
    length = str(view.nbytes)
    if view.nbytes > _LONGEST_DEFINITE:
        raise ValidationError(
            f"cannot send a block of {view.nbytes:,} bytes: allowed are at most {_LONGEST_DEFINITE:,} bytes",
            state="Nothing was sent.",
            advice="Send the data in parts.",
            value=view.nbytes,
            allowed=f"at most {_LONGEST_DEFINITE:,} bytes",
        )
    return b"".join((f"#{len(length)}{length}".encode(), octets))


def decode_block(reply: Octets) -> memoryview:
    r"""Return the bytes inside a block, without copying them.

    Parameters
    ----------
    reply
        A whole reply as :meth:`Transport.read <luthier.transport.Transport.read>` returns it: without its termination.
        What is left of a termination (``\r``, ``\n``) after a definite-length block does not count. In an
        indefinite-length block every byte after ``#0`` is data.

    Raises
    ------
    ReplyError
        This is no block, bytes are missing, or more follow.

    Examples
    --------
    >>> bytes(decode_block(b"#15hello")), bytes(decode_block(b"#0hello"))
    (b'hello', b'hello')
    """
    view = memoryview(reply)
    start = bytes(view[:2])
    if start == b"#0":
        return view[2:]
    digits = start[1] - _ZERO if start[:1] == b"#" and start[1:].isdigit() else 0
    length = _length(bytes(view[2 : 2 + digits]), digits)
    if length is None:
        raise _not_a_block(f"the reply starts with {_shown(view)}; expected is {_EXPECTED}", view)
    begin, end = 2 + digits, 2 + digits + length
    if len(view) < end:
        raise _not_a_block(f"the reply announces {length:,} bytes, but only {len(view) - begin:,} follow", view)
    rest = view[end:]
    if len(rest) > len(b"\r\n") or bytes(rest).strip(b"\r\n"):
        raise _not_a_block(f"{len(rest):,} more bytes follow the {length:,} that the reply announces", view)
    return view[begin:end]


def read_block(source: BlockSource, *, max_bytes: int = DEFAULT_MAX_BYTES, terminated: bool = True) -> bytearray:
    """Read one reply that is a block, and return the bytes inside it.

    The header is read first, then exactly as many bytes as it announces (into one buffer that is not copied again),
    then the termination.

    Parameters
    ----------
    source
        The transport, whose lock the caller holds, after the query was written.
    max_bytes
        A block that announces more is refused before memory is taken for it. An indefinite-length block cannot be
        refused so early; it is compared when it has arrived.
    terminated
        Whether a termination follows a definite-length block, as IEEE 488.2-1992, 8.5, demands. ``False`` is for
        instruments that end such a reply without one; nothing is then read after the bytes.

    Raises
    ------
    OutOfStepError
        The reply is no block, is too large, or goes on after it. The rest of the reply is still on its way: the caller
        must call the transport's ``clear()`` before the next query. ``reply`` holds what was read of it.
    ResponseTimeoutError, ConnectionLostError, ClosedError
        From the transport.

    Notes
    -----
    An indefinite-length block ends with the message, which only some connections mark (GPIB, USBTMC, VXI-11, HiSLIP).
    On a plain socket or a serial line it ends, like any reply, at the first termination character, so data that hold
    that character are cut off there: ask the instrument for definite-length blocks.
    """
    start = source.read_exactly(2)
    mark, digit = start
    if mark != _MARK or not _ZERO <= digit <= _NINE:
        raise _malformed(source, start)
    if digit == _ZERO:
        octets = bytearray(source.read())
        if len(octets) > max_bytes:
            raise _too_large(source, start, len(octets), max_bytes, state="The reply was read to its end, and dropped.")
        return octets
    text = source.read_exactly(digit - _ZERO)
    if not text.isdigit():
        raise _malformed(source, start + text)
    length = int(text)
    if length > max_bytes:
        raise _too_large(source, start + text, length, max_bytes, state=_UNREAD)
    octets = source.read_exactly(length)
    if terminated:
        rest = source.read()
        if rest.strip(b"\r\n"):
            what = f"{len(rest):,} more bytes, {_shown(rest)}, follow the {length:,} that the reply announced"
            raise _out_of_step(what, source, rest)
    return octets


_UNREAD = "The rest of the reply may still be on its way."
_CLEAR = "Call the transport's clear() before the next query."


def _length(text: bytes, digits: int) -> int | None:
    return int(text) if len(text) == digits and text.isdigit() else None


def _malformed(source: BlockSource, start: bytearray) -> OutOfStepError:
    return _out_of_step(f"the reply starts with {_shown(start)}; expected is {_EXPECTED}", source, start)


def _too_large(source: BlockSource, start: bytearray, length: int, max_bytes: int, *, state: str) -> OutOfStepError:
    what = f"the reply is a block of {length:,} bytes; allowed are at most {max_bytes:,} bytes (max_bytes)"
    return _out_of_step(what, source, start, state=state)


def _shown(octets: Octets) -> str:
    return repr(bytes(octets[:_SHOWN_BYTES])) + ("…" if len(octets) > _SHOWN_BYTES else "")


def _not_a_block(what: str, reply: Octets) -> ReplyError:
    return ReplyError(what, command="", reply=bytes(reply[:_SHOWN_BYTES]), expected=_EXPECTED)


def _out_of_step(what: str, source: BlockSource, reply: Octets, *, state: str = _UNREAD) -> OutOfStepError:
    return OutOfStepError(
        what,
        state=state,
        advice=_CLEAR,
        sent="yes",
        address=source.address,
        reply=bytes(reply[:_SHOWN_BYTES]),
        expected=_EXPECTED,
    )
