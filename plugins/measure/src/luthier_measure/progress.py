"""The progress bar of a measurement."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from rich.console import RenderableType

__all__ = ["shown_progress"]


def shown_progress(
    name: str, total: int, points: Callable[[], int], *, wanted: bool | None
) -> AbstractContextManager[object]:
    """Show a bar for as long as the returned context lasts.

    Parameters
    ----------
    name
        What stands before the bar.
    total
        How many points there will be.
    points
        Tells how many there are; called ten times a second, in a thread of the bar's own.
    wanted
        ``None``: where somebody can see it (a terminal, a notebook).
    """
    if wanted is None:
        wanted = "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())
    return _bar(name, total, points) if wanted else contextlib.nullcontext()


def _bar(name: str, total: int, points: Callable[[], int]) -> AbstractContextManager[object]:
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
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("points"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    progress.add_task(name, total=total)
    return progress
