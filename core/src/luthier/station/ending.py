"""Ending things whatever happens: every step is taken, and every failure is kept."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from luthier.station.mistakes import Failure, in_words, together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Ending"]

_log = logging.getLogger("luthier.station")


class Ending:
    """Makes instruments safe and closes them, each whatever happened to the others.

    Ctrl-C ends the one step that it meets; those that follow are taken all the same.
    """

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        self.interrupt: BaseException | None = None
        """The first Ctrl-C, or the like."""

    def make_safe(self, instruments: Iterable[Any]) -> None:
        """Make safe those that are open, in the order given."""
        for instrument in instruments:
            if not instrument.closed:
                what = f"{instrument.name} could not be made safe (look at its outputs)"
                self._attempt(instrument.make_safe, what)

    def close(self, instruments: Iterable[Any]) -> None:
        """Close, in the order given."""
        for instrument in instruments:
            self._attempt(instrument.close, f"{instrument.name} could not be closed in order")

    def _attempt(self, step: Callable[[], object], what: str) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - reported at the end, with all others
            error.add_note(what)
            self.failures.append(Failure(error, f"{what}: {in_words(error)}"))
        except BaseException as interrupt:  # noqa: BLE001 - raised at the end
            interrupt.add_note(f"{what}, because it was interrupted")
            self.interrupt = self.interrupt or interrupt

    def finish(self, headline: str, cause: BaseException | None = None) -> None:
        """Raise what went wrong; return where nothing did.

        ``cause`` is an exception that is on its way already: it is raised together with the failures, as their first.
        Where it is Ctrl-C, or the like, it stays what it is: return, after the failures were logged and noted on it.
        """
        interrupt = self.interrupt
        if interrupt is None and cause is not None and not isinstance(cause, Exception):
            interrupt = cause
        if interrupt is not None:
            for failure in self.failures:
                _log.error("%s", failure.line, exc_info=failure.error)
                interrupt.add_note(failure.line)
            if interrupt is not cause:
                raise interrupt from cause
        elif self.failures:
            first = [Failure(cause, in_words(cause))] if isinstance(cause, Exception) else []
            raise together(headline, [*first, *self.failures]) from None
