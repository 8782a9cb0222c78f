"""The progress bar of a measurement in a notebook: plain HTML, which needs no widgets."""

from __future__ import annotations

import html
import importlib
import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from luthier_measure.plan_text import duration_text

if TYPE_CHECKING:
    from types import TracebackType

    from luthier_measure.progress_facts import ProgressFacts

__all__ = ["NotebookBar"]

_log = logging.getLogger("luthier.measure")

_REDRAW_INTERVAL = 0.5


class _Drawing:
    """One state of the bar, as IPython shows it."""

    def __init__(self, facts: ProgressFacts, elapsed: float) -> None:
        self._title, self._points, self._total = facts.title, facts.points(), facts.total
        self._elapsed = elapsed

    def _repr_html_(self) -> str:
        total = "" if self._total is None else f' max="{self._total}"'
        bar = f'<progress value="{self._points}"{total} style="width: 20em"></progress>'
        return f"<div>{html.escape(self._title)} {bar} {self._numbers()}</div>"

    def __repr__(self) -> str:
        return f"{self._title}: {self._numbers()}"

    def _numbers(self) -> str:
        if self._total is None:
            return f"{self._points} points, {duration_text(self._elapsed)}"
        numbers = f"{self._points}/{self._total} points, {duration_text(self._elapsed)}"
        if 0 < self._points < self._total:
            left = self._elapsed * (self._total - self._points) / self._points
            return f"{numbers}, {duration_text(left)} left"
        return numbers


class NotebookBar:
    """Shows a bar in the output of the cell that began the run, for as long as the ``with`` block lasts.

    It is drawn by a thread of its own, also when the cell has long ended; what fails in it costs only the bar.

    Parameters
    ----------
    facts
        What it shows.
    """

    def __init__(self, facts: ProgressFacts) -> None:
        self._facts = facts
        self._began = time.monotonic()
        self._over = threading.Event()
        self._handle: Any = None
        self._thread = threading.Thread(target=self._redraw, name="progress in the notebook", daemon=True)

    def __enter__(self) -> Self:
        """Show it."""
        try:
            self._handle = importlib.import_module("IPython.display").display(self._drawing(), display_id=True)
        except Exception:  # noqa: BLE001 - whatever a front end does, the measurement is worth more
            _log.debug("no progress bar", exc_info=True)
        if self._handle is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Draw it for the last time."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()
            self._update()

    def _redraw(self) -> None:
        while not self._over.wait(_REDRAW_INTERVAL):
            self._update()

    def _update(self) -> None:
        try:
            self._handle.update(self._drawing())
        except Exception:  # noqa: BLE001 - as above
            _log.debug("the progress bar was not drawn", exc_info=True)

    def _drawing(self) -> _Drawing:
        return _Drawing(self._facts, time.monotonic() - self._began)
