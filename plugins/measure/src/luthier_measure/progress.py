"""The progress bars of measurements, in a terminal."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Any, TextIO, cast

from luthier_measure.notebook_bar import NotebookBar
from luthier_measure.progress_facts import ProgressFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from rich.console import RenderableType
    from rich.progress import Progress

__all__ = ["ProgressFacts", "shown_progress"]


def shown_progress(facts: ProgressFacts, *, wanted: bool | None) -> AbstractContextManager[object]:
    """Show a bar for as long as the returned context lasts.

    Parameters
    ----------
    facts
        What it shows; asked ten times a second, in a thread of the bar's own.
    wanted
        ``None``: where somebody can see it (a terminal, a notebook).
    """
    stream = sys.stderr
    in_notebook = "ipykernel" in sys.modules
    if wanted is None:
        wanted = in_notebook or _is_terminal(stream)
    if not wanted:
        return contextlib.nullcontext()
    if in_notebook:
        return NotebookBar(facts)
    return contextlib.nullcontext() if stream is None else _bars.showing(facts, stream)


class _HarmlessStream:
    """A stream that loses what it cannot write: a bar that nobody sees must not end a measurement."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            try:
                self._stream.write(text)
            except UnicodeEncodeError as error:
                self._stream.write(text.encode(error.encoding, "replace").decode(error.encoding))
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        # It was closed.
        return False


class _Bars:
    """The bars of all runs of this process, below each other: by themselves, two would overwrite each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._shown = 0

    @contextlib.contextmanager
    def showing(self, facts: ProgressFacts, stream: TextIO) -> Iterator[None]:
        """Show one bar more; the first one decides on the stream."""
        with self._lock:
            if self._progress is None:
                self._progress = _progress(stream)
                self._progress.start()
            progress = self._progress
            task = progress.add_task(facts.title, total=facts.total, facts=facts)
            self._shown += 1
        try:
            yield
        finally:
            with self._lock:
                progress.update(task, completed=facts.points(), description=facts.title)
                progress.stop_task(task)
                self._shown -= 1
                if not self._shown:
                    self._progress = None
                    progress.stop()


_bars = _Bars()


def _progress(stream: TextIO) -> Progress:
    # Only a script that shows a bar pays for the import.
    from rich.console import Console  # noqa: PLC0415 - see above
    from rich.progress import (  # noqa: PLC0415 - see above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    class RunProgress(Progress):
        """Looks at the counts whenever it is drawn, so that the loops have nothing to do with it."""

        def get_renderables(self) -> Iterable[RenderableType]:
            for task in self.tasks:
                if task.stop_time is None:
                    facts: ProgressFacts = task.fields["facts"]
                    self.update(task.id, completed=facts.points(), description=facts.title)
            return super().get_renderables()

    return RunProgress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("points"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(file=cast("TextIO", _HarmlessStream(stream)), stderr=True),
    )
