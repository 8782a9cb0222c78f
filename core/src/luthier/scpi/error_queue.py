"""The error queue of an instrument: its entries, and reading it until it is empty (SCPI-1999 volume 2, 21.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from luthier.errors import InstrumentReportedError, ReplyError
from luthier.scpi.numbers import parse_int
from luthier.scpi.standard_errors import STANDARD_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ErrorEntry", "drain", "parse_error"]

_EXPECTED = 'a number and a text, such as -113,"Undefined header"'


class ErrorEntry(NamedTuple):
    """One entry of an error queue; a tuple, as :class:`~luthier.errors.InstrumentReportedError` carries it."""

    code: int
    text: str

    def __str__(self) -> str:
        """Return ``-113 "Undefined header"``."""
        return f'{self.code} "{self.text}"'


def parse_error(reply: str) -> ErrorEntry:
    """Return the entry in a reply to ``SYSTem:ERRor?``; code 0 means that the queue was empty.

    The text may be in quotes or not, and may be missing: then it is the standard's for that number, or empty.

    Raises :class:`~luthier.errors.ReplyError` if the reply does not start with a whole number.

    >>> parse_error('-113,"Undefined header;SOUR:FOO 1"')
    ErrorEntry(code=-113, text='Undefined header;SOUR:FOO 1')
    >>> parse_error("+0,No error"), parse_error("-222")
    (ErrorEntry(code=0, text='No error'), ErrorEntry(code=-222, text='Data out of range'))
    """
    number, _, text = reply.partition(",")
    try:
        code = parse_int(number)
    except ReplyError as error:
        raise ReplyError(
            f"the reply {reply!r} is no entry of an error queue; expected is {_EXPECTED}",
            command="",
            reply=reply,
            expected=_EXPECTED,
        ) from error
    return ErrorEntry(code, _unquoted(text.strip()) or STANDARD_ERRORS.get(code, ""))


def drain(query: Callable[[str], str], command: str = "SYST:ERR?", limit: int = 100) -> tuple[ErrorEntry, ...]:
    """Read the error queue until it is empty, and return its entries, oldest first; ``()`` if it was empty.

    Parameters
    ----------
    query
        Sends a command and returns the reply; its errors pass through.
    command
        What is sent for each entry.
    limit
        The most entries to take before giving up; at least 1.

    Raises
    ------
    InstrumentReportedError
        The queue did not become empty; ``entries`` holds the ``limit`` entries that were read.
    ReplyError
        A reply is no entry; ``command`` is set, and the entries read before are in ``entries``.
    """
    entries: list[ErrorEntry] = []
    for _ in range(limit):
        reply = query(command)
        try:
            entry = parse_error(reply)
        except ReplyError as error:
            error.complete(command=command, entries=tuple(entries))
            raise
        if entry.code == 0:
            return tuple(entries)
        entries.append(entry)
    raise InstrumentReportedError(
        f"the error queue did not become empty in {limit} queries of {command}; the last entry is {entries[-1]}",
        state="More errors may be queued.",
        advice="Send *CLS, or switch the instrument off and on.",
        command=command,
        entries=tuple(entries),
    )


def _unquoted(text: str) -> str:
    """Take off the quotes around the text; some instruments do not double those inside."""
    quote = text[:1]
    if quote in {'"', "'"} and len(text) > 1 and text.endswith(quote):
        return text[1:-1].replace(quote * 2, quote)
    return text
