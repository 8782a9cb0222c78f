"""A run as a live plot has it: what was read of it so far, and the views of that."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from luthier_measure.storage.following import follow

from luthier_plot.arranging import views_of
from luthier_plot.table_data import LiveTable

if TYPE_CHECKING:
    from luthier_measure.storage import RunHeader, Storage
    from luthier_measure.storage.following import RunNews

    from luthier_plot.views import View

__all__ = ["MOST_VIEWS", "LiveRun"]

MOST_VIEWS = 12

_ERROR_LINE = re.compile(r"[A-Za-z_][\w.]*(: .*)?$")


class LiveRun:
    """One run that is being looked at. For one thread at a time.

    Attributes
    ----------
    views
        What to draw, of all tables, those of the innermost first; at most :data:`MOST_VIEWS`.
    settled
        Whether nothing will change any more.
    """

    def __init__(self, storage: Storage, run_id: str) -> None:
        self.id = run_id
        self.views: tuple[View, ...] = ()
        self.settled = False
        self._follower = follow(storage, run_id)
        self._tables: dict[str, LiveTable] = {}
        self._news: RunNews | None = None
        self._left_out = 0

    def look(self) -> bool:
        """Read what is new; return whether there is more to read at once. Raises as ``RunFollower.look`` does."""
        self._news = news = self._follower.look()
        layout = news.header.layout
        for name, rows in news.tables.items():
            table = self._tables.get(name) or LiveTable(layout.table(name), layout)
            table.add(rows, layout)
            self._tables[name] = table
        if news.tables:
            self._arrange(news.header)
        self.settled = news.end is not None and not news.more
        return news.more

    def _arrange(self, header: RunHeader) -> None:
        tables = [self._tables[table.name] for table in header.layout.tables if table.name in self._tables]
        views = [view for table in tables for view in views_of(table, header.layout, header.started)]
        self.views, self._left_out = tuple(views[:MOST_VIEWS]), len(views[MOST_VIEWS:])

    @property
    def running(self) -> bool:
        """Whether a living process writes it, as far as the last look knows."""
        return self._news is not None and self._news.outcome == "running"

    def facts(self) -> dict[str, Any]:
        """Say in JSON's terms what stands above the panels."""
        if self._news is None:
            return {"id": self.id}
        header, end = self._news.header, self._news.end
        return {
            "id": header.id,
            "name": header.name,
            "sample": header.sample,
            "outcome": self._news.outcome,
            "points": sum(map(len, self._tables.values())),
            "planned": _planned(header),
            "started": header.started,
            "took": None if end is None else end.took_since(header.started),
            "error": "" if end is None else _last_error(end.error),
            "remark": self._remark(),
        }

    def _remark(self) -> str:
        if not self._tables:
            return "" if self.settled else "There is no point yet."
        if not self.views:
            return "There is nothing to draw: its readings are single values, or no numbers."
        return f"{self._left_out} more readings are not drawn." if self._left_out else ""


def _last_error(traceback: str) -> str:
    """Return the line of a traceback that says what happened; notes may follow it."""
    lines = traceback.strip().splitlines()
    return next((line for line in reversed(lines) if _ERROR_LINE.match(line)), lines[-1] if lines else "")


def _planned(header: RunHeader) -> int | None:
    sizes = [[dimension.size for dimension in table.dimensions] for table in header.layout.tables]
    if any(size is None for table in sizes for size in table):
        return None
    return sum(math.prod(size for size in table if size is not None) for table in sizes)
