"""Where output goes: any encoding, a pipe that somebody closed, and warnings as sentences."""

from __future__ import annotations

import errno
import io
import os
import sys
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

__all__ = ["abandon_output", "accept_any_character", "can_show", "reader_is_gone", "warnings_as_sentences"]


def accept_any_character() -> None:
    """Let characters that the output's encoding lacks (``Ω`` on an old Windows console) become ``?``, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def can_show(characters: str, stream: TextIO) -> bool:
    """Tell whether the encoding of a stream has all these characters."""
    try:
        characters.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def reader_is_gone(error: OSError) -> bool:
    """Tell whether writing failed because nobody reads any more (``luthier runs | head``)."""
    # Windows has no error of its own for it.
    nameless = os.name == "nt" and error.errno == errno.EINVAL and error.filename is None
    return nameless or isinstance(error, BrokenPipeError)


def abandon_output() -> None:
    """Give up what is still to be written; the interpreter, which writes it when it ends, then writes to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        stream = sys.stdout if number == 1 else sys.stderr
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(nowhere, number)
    os.close(nowhere)


@contextmanager
def warnings_as_sentences() -> Iterator[None]:
    """Print warnings on standard error without the line of code that they come from."""

    def show(message: Warning | str, category: type[Warning], *_where: object, **_more: object) -> None:
        del category
        click.echo(f"Warning: {message}", err=True)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
