"""Runs with known contents, for checks of storages."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from luthier_measure.storage import Column, Dimension, Layout, RunEnd, RunHeader, Table, new_run_id

if TYPE_CHECKING:
    from luthier_measure.storage import RunReader, RunWriter, Storage

__all__ = ["LINE", "add_line", "completed", "free_layout", "header", "require_line", "store_line"]

LINE = Layout(
    (
        Column("x", "setpoint", "float64", unit="V", label="gate", parameter="dac.x"),
        Column("y", "reading", "float64", unit="A", parameter="dmm.current"),
    ),
    (Table("main", (Dimension("x", None, ("x",)),), ("x", "y")),),
)
"""One setpoint and one reading, which is twice the setpoint."""


def header(layout: Layout = LINE, **facts: Any) -> RunHeader:
    """Make the header of a new run."""
    return RunHeader(**{"id": new_run_id(), "name": "test", "started": time.time(), "layout": layout, **facts})


def completed() -> RunEnd:
    """Make an end."""
    return RunEnd("completed", time.time())


def free_layout(**columns: tuple[str | None, tuple[int | None, ...] | None]) -> Layout:
    """Make a layout of readings, each with its type and shape, in one table ``main`` without setpoints."""
    described = tuple(Column(name, "reading", dtype, shape) for name, (dtype, shape) in columns.items())
    return Layout(described, (Table("main", (Dimension("n"),), tuple(columns)),))


def add_line(writer: RunWriter, points: int, first: int = 0) -> None:
    """Add rows to a run with the layout :data:`LINE`."""
    add = writer.appender("main")
    for number in range(first, first + points):
        add((time.time(), number, float(number), 2.0 * number))


def store_line(storage: Storage, points: int = 5, **facts: Any) -> str:
    """Store a whole run with the layout :data:`LINE`, and return its id."""
    writer = storage.create(header(**facts))
    add_line(writer, points)
    writer.finish(completed())
    return writer.id


def require_line(reader: RunReader, least: int, most: int | None = None) -> int:
    """Check that a run has the rows of :func:`add_line`, so many or more, in order; return how many."""
    data = reader.read("main")
    count = len(data.times)
    assert least <= count <= (count if most is None else most)
    assert reader.points("main") == count
    assert data.indices[0].tolist() == list(range(count))
    assert data.columns["x"].tolist() == [float(number) for number in range(count)]
    assert data.columns["y"].tolist() == [2.0 * number for number in range(count)]
    return count
