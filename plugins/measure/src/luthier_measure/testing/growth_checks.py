"""What every storage must do with tables and columns that are added while a run goes on."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
from luthier.errors import UsageError

from luthier_measure.storage import Column, Dimension, Layout, RunEnd, RunQuery, Table
from luthier_measure.testing.requiring import require_error
from luthier_measure.testing.sample_runs import completed, header

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from luthier_measure.storage import RunReader, RunWriter, Storage

    Factory = Callable[[Path], Storage]

__all__ = ["add_growing", "check_growing", "check_growing_and_dying", "check_growth_that_is_refused"]

_POINT = Dimension("point")
_MAIN = Table("main", (_POINT,), ("a",))
_WIDER = Table("main", (_POINT,), ("a", "trace", "late"))
_MAP = Table("map", (Dimension("x", None, ("x",)), Dimension("y", None, ("y",))), ("x", "y", "height"))


def add_growing(writer: RunWriter) -> None:
    """Write a run that begins with nothing: two rows, a deeper table, further columns in the first one, a last row."""
    writer.add_table(_MAIN, [Column("a", "reading", parameter="dmm.a")])
    add = writer.appender("main")
    add((0.0, 0, 1))
    add((0.1, 1, 2))
    columns = [Column("x", "setpoint"), Column("y", "setpoint"), Column("height", "reading", unit="m")]
    writer.add_table(_MAP, columns)
    add_place = writer.appender("map")
    for x in range(2):
        for y in range(2):
            add_place((0.2, x, y, 0.5 * x, float(y), 10.0 * x + y))
    writer.add_table(_WIDER, [Column("trace", "reading", None, None), Column("late", "reading", "text")])
    writer.appender("main")((0.3, 2, 3.5, np.arange(3.0), "here"))
    add_place((0.4, 2, 0, 1.0, 0.0, 20.0))


def _require_grown(reader: RunReader) -> None:
    assert reader.problems == ()
    assert [table.name for table in reader.layout.tables] == ["main", "map"]
    main, places = reader.read("main"), reader.read("map")
    assert main.times.tolist() == [0.0, 0.1, 0.3]
    assert (main.indices[0].tolist(), main.columns["a"].tolist()) == ([0, 1, 2], [1.0, 2.0, 3.5])
    assert main.columns["late"].tolist() == [None, None, "here"]
    before, also, trace = main.columns["trace"]
    assert (before, also, trace.tolist()) == (None, None, [0.0, 1.0, 2.0])
    assert reader.array_rows("main", "trace") is None
    assert [index.tolist() for index in places.indices] == [[0, 0, 1, 1, 2], [0, 1, 0, 1, 0]]
    assert places.columns["height"].tolist() == [0.0, 1.0, 10.0, 11.0, 20.0]
    assert [reader.layout.column(name).dtype for name in ("a", "x", "late")] == ["float64", "float64", "text"]


def check_growing(storage: Storage, other: Storage) -> None:
    """Check that a run takes further tables and columns while it goes on, is seen so at once, copied, and found."""
    writer = storage.create(header(Layout((), ())))
    assert storage.open(writer.id).layout.tables == ()
    writer.add_table(_MAP, [Column(name, "reading", parameter=f"p.{name}") for name in _MAP.columns])
    assert storage.open(writer.id).points("map") == 0
    assert [each.id for each in storage.find(RunQuery(parameter="p.height"))] == [writer.id]
    writer.finish(completed())
    assert storage.open(writer.id).read("map").columns["height"].tolist() == []
    writer = storage.create(header(Layout((), ())))
    add_growing(writer)
    writer.flush()
    _require_grown(storage.open(writer.id))
    writer.finish(completed())
    _require_grown(storage.open(writer.id))
    assert (writer.points, [each.id for each in storage.find(RunQuery(parameter="dmm.a"))]) == (8, [writer.id])
    assert storage.copy(writer.id, other.folder)
    _require_grown(other.open(writer.id))


_CHILD = """
import importlib, sys
from pathlib import Path
from luthier_measure.storage import Column, Dimension, Layout, Table
from luthier_measure.testing.growth_checks import add_growing
from luthier_measure.testing.sample_runs import header
module, name = sys.argv[1].split(":")
storage = getattr(importlib.import_module(module), name)(Path(sys.argv[2]))
writer = storage.create(header(Layout((), ())))
add_growing(writer)
writer.flush()
# Nothing of it has a type that shows in the first rows.
writer.add_table(Table("empty", (Dimension("n"),), ("nothing",)), [Column("nothing", "reading")])
writer.appender("empty")((0.5, 0, None))
writer.flush()
print(writer.id, flush=True)
sys.stdin.read()
"""


def check_growing_and_dying(make: Factory, factory: str, folder: Path) -> None:
    """Check that tables and columns that were added survive the death of the process, and grow on afterwards.

    Parameters
    ----------
    make, factory
        What makes the storage of a folder, and its name (``module:name``) for another process.
    folder
        An empty folder.
    """
    command = [sys.executable, "-c", _CHILD, factory, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - our own
        assert child.stdout is not None
        run_id = child.stdout.readline().strip()
        child.kill()
    storage = make(folder)
    reader = storage.open(run_id)
    assert reader.outcome == "interrupted"
    (nothing,) = reader.read("empty").columns["nothing"].tolist()
    assert math.isnan(nothing)
    writer = storage.resume(run_id)
    writer.add_table(Table("more", (_POINT,), ("b",)), [Column("b", "reading")])
    writer.appender("more")((0.6, 0, True))
    writer.finish(RunEnd("completed", 1.0))
    reader = storage.open(run_id)
    assert (reader.problems, reader.read("more").columns["b"].tolist()) == ((), [True])
    assert reader.read("map").columns["height"].tolist() == [0.0, 1.0, 10.0, 11.0, 20.0]


def check_growth_that_is_refused(storage: Storage) -> None:
    """Check that a table that does not fit to what is there is refused, and the run goes on."""
    writer = storage.create(header(Layout((), ())))
    writer.add_table(_MAIN, [Column("a", "reading")])
    for table, columns in (
        (Table("other", (_POINT,), ("a",)), [Column("a", "reading")]),
        (Table("other", (_POINT,), ("b",)), []),
        (Table("main", (_POINT,), ("b", "a")), [Column("b", "reading")]),
        (Table("main", (Dimension("other"),), ("a", "b")), [Column("b", "reading")]),
    ):
        require_error(UsageError, lambda: writer.add_table(table, columns))  # noqa: B023 - called at once
    writer.appender("main")((0.0, 0, 1.0))
    writer.finish(completed())
    reader = storage.open(writer.id)
    assert [each.name for each in reader.layout.columns] == ["a"]
    assert reader.read("main").columns["a"].tolist() == [1.0]
