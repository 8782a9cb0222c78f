"""What every storage must do, as functions that need no test runner: each raises where a storage does not."""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from luthier_measure.errors import (
    RunFinishedError,
    RunGoesOnError,
    RunNotFoundError,
    UnstorableValueError,
)
from luthier_measure.storage import (
    Column,
    Continuation,
    Dimension,
    Layout,
    RunEdit,
    RunEnd,
    RunQuery,
    Table,
    new_run_id,
)
from luthier_measure.testing.requiring import require_error
from luthier_measure.testing.sample_runs import add_line, completed, free_layout, header, require_line, store_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from luthier_measure.storage import Storage

    Factory = Callable[[Path], Storage]

__all__ = [
    "check_annotating",
    "check_arrays",
    "check_copying",
    "check_editing",
    "check_ending",
    "check_failing_values",
    "check_finding",
    "check_header",
    "check_resuming",
    "check_scalars",
    "check_tables",
    "check_widening",
]


class _Mode(Enum):
    FAST = 1


def check_header(storage: Storage) -> None:
    """Check that everything known of a run can be read as soon as it begins, by anybody."""
    given = header(
        name="Überschrift",
        sample="s",
        note="n\nm",
        tags=("a", "b c"),
        utc_offset=3600,
        plan={"levels": [1]},
        snapshot={"i": None},
        environment={"host": "h"},
        metadata={"k": {"$float": "nan"}},
    )
    writer = storage.create(given)
    reader = storage.open(writer.id)
    assert (reader.header, reader.outcome, reader.end) == (given, "running", None)
    assert (reader.points("main"), len(reader.read("main").times), reader.problems) == (0, 0, ())
    assert storage.ids() == [writer.id]
    writer.finish(completed())


def check_ending(storage: Storage) -> None:
    """Check that the end is kept, counts once, and is found."""
    writer = storage.create(header())
    add_line(writer, 3)
    end = RunEnd("failed", 12.5, "Traceback …", {"dac": {"x": 1.0}}, {"git": {"diff": ""}})
    writer.finish(end)
    writer.finish(RunEnd("completed", 13.0))
    reader = storage.open(writer.id)
    assert (reader.outcome, reader.end, writer.points, require_line(reader, 3, 3)) == ("failed", end, 3, 3)
    (summary,) = storage.find(RunQuery())
    assert (summary.outcome, summary.ended, summary.points) == ("failed", 12.5, 3)
    require_error(RunFinishedError, writer.flush)


def check_scalars(storage: Storage) -> None:
    """Check that single values of every type come back as they were, to the last bit; missing ones are told apart."""
    columns: dict[str, tuple[str | None, list[Any]]] = {
        "real": ("float64", [0.1, math.nan, math.inf, -0.0]),
        "short": ("float32", [0.5, 1.5, -2.0, 0.0]),
        "whole": ("int64", [1, -(2**63), 2**63 - 1, 0]),
        "natural": ("uint64", [0, 1, 2**64 - 1, 2]),
        "switch": ("bool", [True, False, False, True]),
        "pair": ("complex128", [1 + 2j, complex(math.inf, math.nan), 0j, -1j]),
        "word": ("text", ["", "Ω µ 日本", "a\nb", "'\""]),
        "mode": ("text", [_Mode.FAST] * 4),
        "free": (None, [None, 1.5, 2.5, None]),
        "never": (None, [None] * 4),
    }
    writer = storage.create(header(free_layout(**{name: (dtype, ()) for name, (dtype, _) in columns.items()})))
    add = writer.appender("main")
    for number in range(4):
        add((float(number), number, *(values[number] for _, values in columns.values())))
        writer.flush()
    writer.finish(completed())
    data = storage.open(writer.id).read("main").columns
    for name in ("real", "short", "whole", "natural", "switch", "pair"):
        dtype, values = columns[name]
        assert data[name].dtype == np.dtype(dtype), name
        assert data[name].tobytes() == np.array(values, dtype=dtype).tobytes(), name
    assert data["word"].tolist() == columns["word"][1]
    assert data["mode"].tolist() == ["FAST"] * 4
    assert np.array_equal(data["free"], [math.nan, 1.5, 2.5, math.nan], equal_nan=True)
    assert np.isnan(data["never"].astype(float)).all()


def check_arrays(storage: Storage) -> None:
    """Check that arrays come back with their types and shapes, also where those change or some are missing."""
    traces = [np.arange(6.0).reshape(2, 3) + number for number in range(3)]
    ragged = [np.arange(number, dtype="int16") for number in (2, 0, 3)]
    layout = free_layout(trace=("float64", (2, 3)), ragged=(None, None), gap=("complex64", (None,)), text=(None, None))
    writer = storage.create(header(layout))
    add = writer.appender("main")
    for number in range(3):
        gap = None if number == 1 else np.full(2, number + 1j, dtype="complex64")
        add((0.0, number, traces[number], ragged[number], gap, np.array(["a", "bc"])))
        writer.flush()
    writer.finish(completed())
    data = storage.open(writer.id).read("main").columns
    assert np.array_equal(data["trace"], np.stack(traces))
    assert data["ragged"].shape == (3,)
    assert [row.tolist() for row in data["ragged"]] == [[0, 1], [], [0, 1, 2]]
    assert {row.dtype.name for row in data["ragged"]} == {"int16"}
    assert data["gap"][1] is None
    assert data["gap"][2].tolist() == [2 + 1j, 2 + 1j]
    assert data["text"].tolist() == [["a", "bc"]] * 3


def check_widening(storage: Storage) -> None:
    """Check that a column whose type is not declared becomes wider when it has to; the layout tells its type."""
    writer = storage.create(header(free_layout(v=(None, None))))
    add = writer.appender("main")
    for number, value in enumerate([1, 2.5, 1j]):
        add((0.0, number, value))
        writer.flush()
    assert storage.open(writer.id).layout.column("v").dtype == "complex128"
    writer.finish(completed())
    assert storage.open(writer.id).read("main").columns["v"].tolist() == [1, 2.5, 1j]


def check_failing_values(storage: Storage) -> None:
    """Check that a value that cannot be stored is reported; everything else of its point and of the run is kept."""
    writer = storage.create(header(free_layout(v=("float64", ()), w=("float64", ()))))
    add = writer.appender("main")
    add((0.0, 0, 1.0, 10.0))
    add((0.0, 1, object(), 20.0))
    add((0.0, 2, 3.0, 30.0))
    require_error(UnstorableValueError, writer.flush)
    assert any(isinstance(failure, UnstorableValueError) for failure in writer.failures)
    writer.finish(completed())
    reader = storage.open(writer.id)
    assert reader.outcome == "failed"
    data = reader.read("main").columns
    assert np.array_equal(data["v"], [1.0, math.nan, 3.0], equal_nan=True)
    assert data["w"].tolist() == [10.0, 20.0, 30.0]


def check_tables(storage: Storage) -> None:
    """Check that tables of different dimensions share a run."""
    layout = Layout(
        (
            Column("x", "setpoint", "float64", values=(0.0, 1.0)),
            Column("y", "setpoint", "float64"),
            Column("inner", "reading", "float64"),
            Column("outer", "reading", "int64"),
        ),
        (
            Table("main", (Dimension("x", 2, ("x",)), Dimension("y", 3, ("y",))), ("x", "y", "inner")),
            Table("level_0", (Dimension("x", 2, ("x",)),), ("x", "outer")),
        ),
    )
    writer = storage.create(header(layout))
    inner, outer = writer.appender("main"), writer.appender("level_0")
    for i in range(2):
        outer((0.0, i, float(i), i))
        for j in range(3):
            inner((0.0, i, j, float(i), 0.5 * j, 10.0 * i + j))
    writer.finish(completed())
    reader = storage.open(writer.id)
    assert (reader.layout, reader.problems) == (layout, ())
    data = reader.read("main")
    assert [index.tolist() for index in data.indices] == [[0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2]]
    assert data.columns["inner"].tolist() == [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]
    assert reader.read("level_0").columns["outer"].tolist() == [0, 1]


def check_annotating(storage: Storage) -> None:
    """Check that metadata are replaced before the first point, and later."""
    writer = storage.create(header(metadata={"a": 1}))
    writer.annotate({"a": 2})
    add_line(writer, 2)
    writer.flush()
    writer.annotate({"b": 3})
    writer.finish(completed())
    reader = storage.open(writer.id)
    assert (reader.header.metadata, require_line(reader, 2, 2)) == ({"b": 3}, 2)
    writer = storage.create(header(snapshot={"dac": 1}))
    writer.annotate({"b": 4}, {"dac": 2})
    writer.finish(completed())
    reader = storage.open(writer.id)
    assert (reader.header.metadata, reader.header.snapshot) == ({"b": 4}, {"dac": 2})


def check_finding(storage: Storage) -> None:
    """Check that a query selects by each of its fields; the oldest come first; a rebuilt index says the same."""
    facts: tuple[dict[str, Any], ...] = (
        {"name": "gate", "sample": "s1", "tags": ("good", "bad"), "started": 10.0},
        {"name": "gate 2", "sample": "s2", "tags": ("goods",), "started": 20.0, "note": "loose Contact"},
        {"name": "100%_sure", "sample": "s1", "started": 30.0},
    )
    made = [store_line(storage, **each) for each in facts]
    queries: tuple[tuple[dict[str, Any], list[int]], ...] = (
        ({}, [0, 1, 2]),
        ({"name": "GATE*"}, [0, 1]),
        ({"name": "gate?2"}, [1]),
        ({"name": "100%_sure"}, [2]),
        ({"sample": "s1"}, [0, 2]),
        ({"tag": "good"}, [0]),
        ({"parameter": "dac.x"}, [0, 1, 2]),
        ({"parameter": "dac"}, []),
        ({"outcome": "completed"}, [0, 1, 2]),
        ({"outcome": "running"}, []),
        ({"text": "contact"}, [1]),
        ({"since": 20.0}, [1, 2]),
        ({"until": 20.0}, [0]),
        ({"limit": 2}, [1, 2]),
        ({"id": made[1]}, [1]),
    )
    for _ in range(2):
        for query, expected in queries:
            assert [each.id for each in storage.find(RunQuery(**query))] == [made[n] for n in expected], query
        assert storage.rebuild() == len(made)
    (summary,) = storage.find(RunQuery(name="gate"))
    assert (summary.tags, summary.parameters, summary.points) == (("good", "bad"), ("dac.x", "dmm.current"), 5)


def check_editing(storage: Storage) -> None:
    """Check that tags and notes change at any time, and survive the rebuilding of the index."""
    writer = storage.create(header(tags=("a", "b"), note="first"))
    storage.edit(writer.id, RunEdit(add_tags=("c",), remove_tags=("a",)))
    assert (storage.open(writer.id).header.tags, storage.open(writer.id).outcome) == (("b", "c"), "running")
    add_line(writer, 2)
    writer.finish(completed())
    storage.edit(writer.id, RunEdit(note="second"))
    for _ in range(2):
        reader = storage.open(writer.id)
        assert (reader.header.tags, reader.header.note, require_line(reader, 2, 2)) == (("b", "c"), "second", 2)
        assert [each.id for each in storage.find(RunQuery(tag="c"))] == [writer.id]
        storage.rebuild()


def check_copying(storage: Storage, other: Storage) -> None:
    """Check that a run that has ended is copied whole, once; one that goes on is not."""
    run_id = store_line(storage, 9, name="gate")
    storage.edit(run_id, RunEdit(add_tags=("kept",)))
    assert storage.copy(run_id, other.folder)
    assert not storage.copy(run_id, other.folder)
    reader = other.open(run_id)
    assert (require_line(reader, 9, 9), reader.header, reader.problems) == (9, storage.open(run_id).header, ())
    assert other.find(RunQuery()) == storage.find(RunQuery())
    writer = storage.create(header())
    require_error(RunGoesOnError, lambda: storage.copy(writer.id, other.folder))
    writer.finish(completed())
    assert other.ids() == [run_id]


def check_resuming(storage: Storage) -> None:
    """Check that a run that was stopped goes on, forgets its end, and remembers that it went on."""
    writer = storage.create(header())
    add_line(writer, 3)
    require_error(RunGoesOnError, lambda: storage.resume(writer.id))
    writer.finish(RunEnd("stopped", 5.0, snapshot={"dac": 1}))
    again = storage.resume(writer.id, Continuation(6.0, snapshot={"dac": 2}))
    reader = storage.open(writer.id)
    assert (again.id, again.points, reader.outcome, reader.end) == (writer.id, 3, "running", None)
    add_line(again, 2, first=3)
    again.finish(RunEnd("completed", 7.0))
    reader = storage.open(writer.id)
    assert (reader.end, require_line(reader, 5, 5), reader.problems) == (RunEnd("completed", 7.0), 5, ())
    assert reader.continuations == (Continuation(6.0, 3, "stopped", {"dac": 2}),)
    assert [(each.outcome, each.points) for each in storage.find(RunQuery())] == [("completed", 5)]
    require_error(RunFinishedError, lambda: storage.resume(writer.id))
    require_error(RunNotFoundError, lambda: storage.resume(new_run_id()))
