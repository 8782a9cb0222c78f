"""What goes wrong in a laboratory while something is measured: one clear message, and the data so far is kept."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import ManualParameter
from luthier.errors import UsageError, ValidationError
from luthier_measure import load, measure, new_run, runs, sweep
from luthier_measure.arrow.run_file import ASIDE_SUFFIX
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.errors import StorageWriteError, UnstorableValueError
from luthier_measure.storage import Column, Dimension, Layout, RunEnd, RunHeader, RunQuery, Table, new_run_id
from luthier_measure.storage.folder import run_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVERYTHING = "Ünïcødé µΩ 日本 🎸 \u202eא 'quoted' \"twice\" %s {} \\ /"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def x() -> ManualParameter[float]:
    return ManualParameter("x", float, initial=0.0)


def reading_of(*values: Any) -> Callable[[], Any]:
    """Give a reading that returns these, one after the other."""
    left = iter(values)

    def reading() -> Any:
        return next(left)

    return reading


def test_nan_and_infinities_are_readings_as_all_others(x: ManualParameter[float]) -> None:
    values = [math.nan, math.inf, -math.inf, -0.0, 5e-324]
    run = measure(sweep(x, range(5)), reading_of(*values), name="odd", progress=False)
    stored = load(run.id).dataset["reading"].values
    assert stored.tobytes() == np.array(values).tobytes()
    pair = reading_of(complex(math.nan, math.inf), 1j)
    complex_values = measure(sweep(x, range(2)), pair, progress=False).dataset["reading"].values
    assert math.isnan(complex_values[0].real)
    assert complex_values[0].imag == math.inf


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_and_infinities_are_no_setpoints(x: ManualParameter[float], value: float) -> None:
    with pytest.raises(ValidationError, match="allowed: any finite number"):
        measure(sweep(x, [0.0, value, 1.0]), reading_of(1, 2, 3), progress=False)
    with pytest.raises(UsageError, match="allowed are finite numbers"):
        x.sweep(0, value, num=3)
    assert (runs(), x.get()) == ([], 0.0)


def test_a_reading_may_change_its_length_and_not_its_dimensions(x: ManualParameter[float]) -> None:
    run = measure(sweep(x, range(3)), reading_of(*map(np.arange, (3.0, 2.0, 4.0))), progress=False)
    np.testing.assert_array_equal(
        run.dataset["reading"].values,
        [[0, 1, 2, math.nan], [0, 1, math.nan, math.nan], [0, 1, 2, 3]],
    )
    for first, other, allowed in (
        (1.0, np.zeros(4), "single values"),
        (np.zeros(4), np.zeros((2, 2)), "arrays of 1 dimension"),
        (np.zeros(4), 1.0, "arrays of 1 dimension"),
    ):
        with pytest.raises(UnstorableValueError, match=f"allowed are {allowed}, as before"):
            measure(sweep(x, range(3)), reading_of(first, first, other), x, progress=False)
        run = runs()[-1]
        assert (run.outcome, run.points) == ("failed", 3)
        assert run.dataset["x_2"].values.tolist() == [0.0, 1.0, 2.0]
        assert np.isnan(run.dataset["reading"].values[2]).all()
        np.testing.assert_array_equal(run.dataset["reading"].values[:2], [first, first])


def test_what_is_masked_is_nan(x: ManualParameter[float]) -> None:
    hidden = [False, True, False]
    for values in (np.arange(3.0), np.arange(3)):
        run = measure(sweep(x, range(2)), reading_of(np.ma.array(values, mask=hidden), values), progress=False)
        np.testing.assert_array_equal(run.dataset["reading"].values, [[0, math.nan, 2], [0, 1, 2]])
    with new_run("by hand", progress=False) as by_hand:
        by_hand.add(trace=np.ma.array([0.0, 1.0], mask=[True, False]))
    np.testing.assert_array_equal(by_hand.dataset["trace"].values, [[math.nan, 1]])


def test_lists_of_different_lengths_are_no_array(x: ManualParameter[float]) -> None:
    with pytest.raises(UnstorableValueError, match=r"reading: gave \[\[1, 2\], \[3\]\] \(list\)"):
        measure(sweep(x, range(1)), reading_of([[1, 2], [3]]), progress=False)


def test_any_text_can_be_anywhere(tmp_path: Path) -> None:
    place = tmp_path / "Ünïcødé 日本 🎸"
    gate = ManualParameter("gate_µ", float, initial=0.0, unit="µV/√Hz", label=EVERYTHING)

    def reading() -> str:
        return EVERYTHING

    reading.__name__ = "läs"

    run = measure(
        sweep(gate, range(3)),
        reading,
        name=EVERYTHING,
        sample=EVERYTHING,
        note=f"{EVERYTHING}\n{EVERYTHING}",
        tags=(EVERYTHING,),
        metadata={EVERYTHING: [EVERYTHING]},
        folder=place,
        progress=False,
    )
    found = load(run.id, folder=place)
    assert (found.name, found.sample, found.tags) == (EVERYTHING, EVERYTHING, (EVERYTHING,))
    assert (found.note, found.metadata[EVERYTHING]) == (f"{EVERYTHING}\n{EVERYTHING}", [EVERYTHING])
    assert found.dataset["läs"].values.tolist() == [EVERYTHING] * 3
    assert found.dataset["gate_µ"].attrs["units"] == "µV/√Hz"
    assert found.dataset["gate_µ"].attrs["long_name"] == EVERYTHING
    queries: tuple[dict[str, Any], ...] = (
        {"tag": EVERYTHING},
        {"sample": EVERYTHING},
        {"text": EVERYTHING},
        {"parameter": "gate_µ"},
    )
    for query in queries:
        assert [each.id for each in runs(folder=place, **query)] == [run.id]


@pytest.mark.parametrize("fact", ["name", "sample", "note", "tags"])
def test_half_a_character_is_refused_before_anything_is_set(x: ManualParameter[float], fact: str) -> None:
    facts: dict[str, Any] = {fact: "caf\udce9.dat"}  # as Python gives the name of a file that is not UTF-8
    with pytest.raises(UsageError, match=r"the character at place 3 is half of one"):
        measure(sweep(x, [1.0]), reading_of(1), progress=False, **facts)
    assert (runs(), x.get()) == ([], 0.0)


LINE = Layout(
    (Column("x", "setpoint", "float64"), Column("y", "reading", "float64")),
    (Table("main", (Dimension("x", None, ("x",)),), ("x",)),),
)


def test_half_a_character_in_one_run_hides_no_other(folder: Path, x: ManualParameter[float]) -> None:
    run = measure(sweep(x, [1.0]), reading_of(1), progress=False)
    storage = ArrowStorage(folder)
    # By another program that writes runs.
    facts: dict[str, Any] = {"sample": "s\udcff", "note": "n\udcff", "tags": ("t\udcff",)}
    writer = storage.create(RunHeader(new_run_id(), "a\udcff", run.started.timestamp(), LINE, **facts))
    writer.finish(RunEnd("completed", run.started.timestamp()))
    for path in folder.glob("catalogue*"):
        path.unlink()
    assert [each.name for each in runs()] == [run.name, "a\\udcff"]
    assert [each.id for each in storage.find(RunQuery(tag="t\udcff"))] == [writer.id]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are always characters there")
def test_a_folder_whose_name_is_not_utf8_holds_runs_as_any_other(tmp_path: Path, x: ManualParameter[float]) -> None:
    place = tmp_path / os.fsdecode(b"caf\xe9")
    run = measure(sweep(x, [1.0, 2.0]), x, folder=place, progress=False)
    assert load(run.id, folder=place).dataset["x_2"].values.tolist() == [1.0, 2.0]
    assert [each.id for each in runs(folder=place)] == [run.id]


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be renamed there")
@pytest.mark.parametrize("taken", [False, True])
def test_a_file_that_is_renamed_or_replaced_while_it_is_written_loses_nothing(
    folder: Path, x: ManualParameter[float], caplog: pytest.LogCaptureFixture, *, taken: bool
) -> None:
    def interfere() -> float:
        if x.get() == 2:
            path = run_path(folder, runs()[-1].id)
            path.rename(path.with_suffix(".moved"))
            if taken:
                path.write_text("synchronised by somebody")
        return 10 * x.get()

    run = measure(sweep(x, range(5)), interfere, progress=False)
    assert run.outcome == "completed"
    assert load(run.id).dataset["interfere"].values.tolist() == [0, 10, 20, 30, 40]
    assert "was removed or replaced while the run was going on; it was written again, nothing is lost" in caplog.text
    path = run_path(folder, run.id)
    aside = path.with_name(path.name + ASIDE_SUFFIX)
    assert aside.exists() == taken
    assert not taken or aside.read_text() == "synchronised by somebody"


@pytest.mark.skipif(sys.platform == "win32", reason="files that are mapped cannot be cut there")
def test_a_file_that_another_program_cuts_off_ends_the_run_with_the_reason(
    folder: Path, x: ManualParameter[float]
) -> None:
    storage = ArrowStorage(folder)
    writer = storage.create(RunHeader(new_run_id(), "cut", 1e9, LINE))
    add = writer.appender("main")
    add((1e9, 0, 0.0))
    writer.flush()
    path = run_path(folder, writer.id)
    whole = path.stat().st_size
    os.truncate(path, whole - 8)
    add((1e9, 1, 1.0))
    with pytest.raises(StorageWriteError) as caught:
        writer.flush()
    assert f"another program has cut the file off behind byte {whole - 8} of {whole}" in str(caught.value)
    assert "What stood behind is lost" in str(caught.value)
    with pytest.raises(StorageWriteError, match="1 point of run"):
        writer.finish(RunEnd("failed", 1e9))
    reader = storage.open(writer.id)
    assert (reader.outcome, reader.points("main"), reader.problems) == ("interrupted", 0, ())
    assert measure(sweep(x, [1.0]), x, progress=False).outcome == "completed"


FULL = """
import json, resource, signal
from luthier import ManualParameter
from luthier_measure import continue_run, measure, runs, sweep

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
x = ManualParameter("x", float, initial=0.0)
items = sweep(x, range(100_000)), x
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, resource.RLIM_INFINITY))  # some messages of 4,096 rows
try:
    measure(*items, progress=False)
except Exception as error:
    facts = [type(error).__name__, str(error), x.get()]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
run = runs()[-1]
kept = run.dataset["x_2"].values
facts += [run.outcome, run.points, bool((kept[:run.points] == range(run.points)).all())]
continued = continue_run(run, *items, progress=False)
print(json.dumps([*facts, continued.outcome, continued.points]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="files have no limit there")
def test_a_disk_that_becomes_full_ends_the_run_which_goes_on_when_there_is_space() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL], capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    error_type, message, last_set, outcome, kept, right, *continued = json.loads(done.stdout)
    assert error_type == "StorageWriteError"
    assert "could not be stored" in message
    assert "Free some space" in message
    assert last_set < 99_999
    assert (outcome, right) == ("interrupted", True)
    assert 0 < kept < 100_000
    assert continued == ["completed", 100_000]
