"""The progress bar of a measurement."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from rich.console import RenderableType

__all__ = ["shown_progress"]


def shown_progress(
    name: str, total: int | None, points: Callable[[], int], *, wanted: bool | None
) -> AbstractContextManager[object]:
    """Show a bar for as long as the returned context lasts.

    Parameters
    ----------
    name
        What stands before the bar.
    total
        How many points there will be; ``None`` where that shows on the way.
    points
        Tells how many there are; called ten times a second, in a thread of the bar's own.
    wanted
        ``None``: where somebody can see it (a terminal, a notebook).
    """
    stream = sys.stderr
    if wanted is None:
        wanted = "ipykernel" in sys.modules or _is_terminal(stream)
    return _bar(name, total, points, stream) if wanted and stream is not None else contextlib.nullcontext()


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


def _bar(name: str, total: int | None, points: Callable[[], int], stream: TextIO) -> AbstractContextManager[object]:
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
        """Looks at the count whenever it is drawn, so that the loop has nothing to do with it."""

        def get_renderables(self) -> Iterable[RenderableType]:
            for task in self.task_ids:
                self.update(task, completed=points())
            return super().get_renderables()

    progress = RunProgress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("points"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(file=cast("TextIO", _HarmlessStream(stream)), stderr=True),
    )
    progress.add_task(name, total=total)
    return progress
