"""Several failures in one error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from luthier.errors import LuthierError, StationError
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from luthier.errors import ConfigurationError
    from luthier.station.document import TomlDocument
    from luthier.toml.positions import KeyPath

__all__ = ["Failure", "Mistakes", "in_words", "meant", "together"]


class Mistakes:
    """What is wrong in a file, collected so that all of it is reported at once."""

    def __init__(self, document: TomlDocument) -> None:
        self.document = document
        self._found: list[ConfigurationError] = []

    def add(self, path: KeyPath, what: str, advice: str = "", *, cause: Exception | None = None) -> None:
        """Keep that something is wrong at ``path``."""
        mistake = self.document.mistake(path, what, advice=advice)
        mistake.__cause__ = cause
        self.keep(mistake)

    def keep(self, mistake: ConfigurationError) -> None:
        """Keep an error that was made already."""
        self._found.append(mistake)

    @property
    def failures(self) -> list[Failure]:
        """All that was kept, in the order of the lines."""
        in_order = sorted(self._found, key=lambda mistake: mistake.line or 0)
        return [Failure(mistake, str(mistake)) for mistake in in_order]

    def raise_all(self) -> None:
        """Raise all that was kept, before anything was opened; do nothing where nothing was."""
        found = self.failures
        if found:
            count = "a mistake" if len(found) == 1 else f"{len(found)} mistakes"
            raise together(f"{self.document.file} has {count}; nothing was opened", found)


class Failure(NamedTuple):
    """An exception, and what is said of it in one line."""

    error: Exception
    line: str


def together(headline: str, failures: Sequence[Failure], *, closing: str = "") -> StationError:
    """Return the error that holds all ``failures``; its message has the headline, then the line of each failure."""
    lines = (f"{headline}:", *(f"  {failure.line}" for failure in failures), closing)
    return StationError("\n".join(line for line in lines if line), [failure.error for failure in failures])


def in_words(error: BaseException) -> str:
    """Return what an exception says, as a line among others; with its class, where that is none of ours."""
    text = str(error)
    if isinstance(error, LuthierError | StationError):
        return text
    return f"{type(error).__name__}: {text}".removesuffix(": ")


def meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return the advice for a name that does not exist: the nearest that do, or all after the words ``otherwise``."""
    known = tuple(known)
    near = nearest(name, known)
    if near:
        return f"Did you mean {' or '.join(map(repr, near))}?"
    return f"{otherwise}: {', '.join(known)}." if known else ""
