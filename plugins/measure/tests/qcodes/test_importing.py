from __future__ import annotations

import math
import os
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier.errors import UsageError
from luthier_measure import load, runs
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.qcodes import ImportedRun, import_qcodes
from luthier_measure.qcodes.arranging import Series

from .conftest import STARTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from luthier_measure import Run

    from .conftest import OldDatabase

LINE = {"x": ("numeric", ()), "y": ("numeric", ("x",))}
GRID = {
    "a": ("numeric", ()),
    "b": ("numeric", ()),
    "c": ("numeric", ("a", "b")),
    "z": ("complex", ("a", "b")),
    "t": ("text", ("a", "b")),
    "o": ("numeric", ("a",)),
}
TRACES = {"a": ("numeric", ()), "f": ("array", ()), "s": ("array", ("a", "f"))}


@pytest.fixture
def bring(old: OldDatabase, tmp_path: Path) -> Callable[[], Run]:
    """Import everything, and return the last run."""

    def bring() -> Run:
        done = list(import_qcodes(old.path, folder=tmp_path / "data"))
        assert not any(each.problem for each in done), done
        return load(done[-1].run_id, folder=tmp_path / "data")

    return bring


def test_a_line_comes_with_its_numbers_and_facts(old: OldDatabase, bring: Any) -> None:
    values = [1 / 7, math.nan, math.inf, 1e-300, 9e18]
    old.add(LINE, [{"x": step / 3, "y": value} for step, value in enumerate(values)], name="pinch-off")
    run = bring()
    assert run.dataset["x"].values.tolist() == [step / 3 for step in range(5)]
    np.testing.assert_array_equal(run.dataset["y"].values, values)
    assert run.dataset["y"].attrs["units"] == "V"
    assert (run.name, run.sample, run.outcome, run.tags) == ("pinch-off", "chip A7", "completed", ("qcodes",))
    assert run.started.timestamp() == STARTED + 1
    assert (run.ended - run.started).total_seconds() == 2
    theirs = run.metadata["qcodes"]
    assert (theirs["guid"], theirs["run_id"], theirs["experiment"]) == ("guid-1", 1, "cooldown 7")
    assert theirs["metadata"]["wafer"] == "W3"


def test_each_quantity_has_rows_of_its_own_and_those_that_agree_share_a_table(old: OldDatabase, bring: Any) -> None:
    rows: list[dict[str, Any]] = []
    for place in range(7):  # an interrupted snake over 3 x 3
        a, b = place // 3, (place % 3 if place // 3 % 2 == 0 else 2 - place % 3) * 0.5
        rows += [{"a": a, "o": a * a}] if place % 3 == 0 else []
        rows += [{"a": a, "b": b, "c": a + b}, {"a": a, "b": b, "z": complex(a, b)}, {"a": a, "b": b, "t": f"µ{place}"}]
    old.add(GRID, rows, shapes={"c": (3, 3)})
    dataset = bring().dataset
    assert dict(dataset.sizes) == {"a": 3, "b": 3}
    assert dataset["b"].values.tolist() == [0.0, 0.5, 1.0]
    assert dataset["c"].values[:2].tolist() == [[0.0, 0.5, 1.0], [1.0, 1.5, 2.0]]
    np.testing.assert_array_equal(dataset["c"].values[2], [2.0, math.nan, math.nan])
    assert dataset["z"].values[1, 2] == 1 + 1j
    assert dataset["t"].values[1].tolist() == ["µ5", "µ4", "µ3"]
    assert dataset["o"].values.tolist() == [0.0, 1.0, 4.0]


def test_arrays_lie_along_their_axis(old: OldDatabase, bring: Any) -> None:
    f = np.linspace(1e9, 2e9, 4)
    old.add(TRACES, [{"a": step, "f": f, "s": f * step} for step in range(3)])
    dataset = bring().dataset
    assert dataset["s"].dims == ("a", "f")
    np.testing.assert_array_equal(dataset["f"].values, f)
    np.testing.assert_array_equal(dataset["s"].values[2], f * 2)


def test_images_with_spread_out_axes_lie_along_their_lines(old: OldDatabase, bring: Any) -> None:
    u, v = np.meshgrid([0.0, 1.0, 2.0], [5.0, 6.0], indexing="ij")
    old.add({"u": ("array", ()), "v": ("array", ()), "i": ("array", ("u", "v"))}, [{"u": u, "v": v, "i": u * 10 + v}])
    dataset = bring().dataset
    assert dataset["i"].dims == ("u", "v")
    assert dataset["i"].sel(u=2.0, v=5.0) == 25.0


def test_axes_that_are_no_lines_are_kept_as_arrays(old: OldDatabase, bring: Any) -> None:
    u = np.arange(6.0).reshape(3, 2)
    old.add({"u": ("array", ()), "v": ("array", ()), "i": ("array", ("u", "v"))}, [{"u": u, "v": u * u, "i": u + 1}])
    dataset = bring().dataset
    np.testing.assert_array_equal(dataset["u"].values, u)
    np.testing.assert_array_equal(dataset["v"].values, u * u)
    np.testing.assert_array_equal(dataset["i"].values, u + 1)


def test_points_that_make_no_grid_are_in_a_row_with_their_setpoints(old: OldDatabase, bring: Any) -> None:
    places = [(0.1, 7.0), (0.25, 3.0), (0.7, 1.0), (0.9, 0.5), (0.3, 0.2)]
    quantities = {name: GRID[name] for name in ("a", "b", "c")}
    old.add(quantities, [{"a": a, "b": b, "c": a * b} for a, b in places])
    dataset = bring().dataset
    assert dataset["c"].dims == ("a",)
    assert list(zip(dataset["a"].values.tolist(), dataset["b"].values.tolist(), strict=True)) == places


def test_setpoints_that_were_read_back_keep_the_shape_that_was_declared(old: OldDatabase, bring: Any) -> None:
    noisy = [{"a": step // 2 + step / 1000, "b": step % 2 + step / 900, "c": step} for step in range(6)]
    old.add({name: GRID[name] for name in ("a", "b", "c")}, noisy, shapes={"c": (3, 2)})
    dataset = bring().dataset
    assert dataset["c"].values.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert dataset["a"].values[2].tolist() == [2.004, 2.005]


def test_a_run_without_a_description_is_understood_by_the_older_tables(old: OldDatabase, bring: Any) -> None:
    old.add(LINE, [{"x": step, "y": -step} for step in range(3)], described=False)
    dataset = bring().dataset
    assert dataset["y"].dims == ("x",)
    assert dataset["y"].attrs["units"] == "V"


def test_values_that_depend_on_nothing_are_kept(old: OldDatabase, bring: Any) -> None:
    old.add({"s": ("numeric", ()), "w": ("array", ())}, [{"s": 0.5}, {"s": 1.5}, {"w": np.arange(4)}])
    dataset = bring().dataset
    assert dataset["s"].values.tolist() == [0.5, 1.5]
    assert dataset["w"].values.tolist() == [0, 1, 2, 3]


def test_a_run_that_was_never_completed_is_interrupted(old: OldDatabase, bring: Any) -> None:
    old.add(LINE, [{"x": 0.0, "y": 1.0}], completed=False)
    assert bring().outcome == "interrupted"


def test_the_snapshot_is_shown_as_that_of_any_run(old: OldDatabase, bring: Any) -> None:
    dmm = {"name": "dmm", "__class__": "qcodes.Dmm", "address": "GPIB0::3", "submodules": {"ch1": {"parameters": {}}}}
    dmm |= {"parameters": {"range": {"value": 10.0, "unit": "V"}, "nplc": {"value": None, "unit": ""}}}
    old.add(LINE, [{"x": 0.0, "y": 1.0}], snapshot={"station": {"instruments": {"dmm": dmm}}})
    run = bring()
    shown = run.snapshot["instruments"]["dmm"]
    assert (shown["class"], shown["address"]) == ("qcodes.Dmm", "GPIB0::3")
    assert shown["parameters"]["range"] == {"value": 10.0, "unit": "V", "origin": "read"}
    assert shown["parameters"]["nplc"]["origin"] is None
    assert list(shown["channels"]) == ["ch1"]
    assert run.metadata["qcodes"]["snapshot"]["station"]["instruments"]["dmm"]["parameters"] == dmm["parameters"]


# Again, and in spite of everything


def test_what_was_imported_before_is_passed_over(old: OldDatabase, bring: Any, tmp_path: Path) -> None:
    old.add(LINE, [{"x": 0.0, "y": 1.0}])
    first = bring()
    old.add(LINE, [{"x": 0.0, "y": 2.0}], name="new")
    assert [each.already for each in import_qcodes(old.path, folder=tmp_path / "data")] == [True, False]
    assert [run.name for run in runs(folder=tmp_path / "data")] == ["sweep", "new"]
    assert first.id == runs(folder=tmp_path / "data")[0].id


DYING = """
import os, sys
from luthier_measure.qcodes import import_qcodes
from luthier_measure.qcodes.arranging import Series

rows = Series.rows

def dying(self, database, run):
    yield next(rows(self, database, run))
    os._exit(7)

Series.rows = dying
list(import_qcodes(sys.argv[1], folder=sys.argv[2]))
"""


def test_an_import_that_was_killed_begins_that_run_anew(old: OldDatabase, tmp_path: Path) -> None:
    old.add(LINE, [{"x": float(step), "y": 1.0} for step in range(4)])
    killed = subprocess.run([sys.executable, "-c", DYING, str(old.path), str(tmp_path / "data")], check=False)
    assert killed.returncode == 7
    assert [run.outcome for run in runs(folder=tmp_path / "data")] == ["interrupted"]
    (done,) = import_qcodes(old.path, folder=tmp_path / "data")
    assert (done.points, done.already) == (4, False)
    assert [run.outcome for run in runs(folder=tmp_path / "data")] == ["completed"]


def test_ctrl_c_leaves_nothing_of_the_run_behind(
    old: OldDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old.add(LINE, [{"x": 0.0, "y": 1.0}])

    def interrupted(*_: object) -> Iterator[tuple[Any, ...]]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Series, "rows", interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(import_qcodes(old.path, folder=tmp_path / "data"))
    assert runs(folder=tmp_path / "data") == []
    (done,) = import_qcodes(old.path, folder=tmp_path / "data")
    assert (done.points, done.already) == (1, False)


def test_a_broken_run_costs_only_itself(old: OldDatabase, tmp_path: Path) -> None:
    for _ in range(4):
        old.add(TRACES, [{"a": 0.0, "f": np.arange(2.0), "s": np.arange(2.0)}])
    old.execute('UPDATE "results-1-1" SET s = ?', b"no array")
    old.execute("UPDATE runs SET run_description = '{' WHERE run_id = 2")
    old.execute('DROP TABLE "results-1-3"')
    done = list(import_qcodes(old.path, folder=tmp_path / "data"))
    assert [bool(each.problem) for each in done] == [True, True, True, False]
    assert "run 2" in done[1].problem
    assert "results-1-3" in done[2].problem
    assert [run.id for run in runs(folder=tmp_path / "data")] == [done[3].run_id]


def test_an_empty_run_is_told(old: OldDatabase, tmp_path: Path) -> None:
    old.add(LINE, [])
    assert [each.problem for each in import_qcodes(old.path, folder=tmp_path / "data")] == ["it holds no results"]


def test_chosen_runs_alone_are_imported(old: OldDatabase, tmp_path: Path) -> None:
    for _ in range(3):
        old.add(LINE, [{"x": 0.0, "y": 1.0}])
    assert [each.number for each in import_qcodes(old.path, numbers=[2], folder=tmp_path / "data")] == [2]
    with pytest.raises(UsageError, match="there is no run 9"):
        list(import_qcodes(old.path, numbers=[9], folder=tmp_path / "data"))


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders are not made read-only in this way")
def test_the_database_is_not_changed(old: OldDatabase, bring: Any, tmp_path: Path) -> None:
    with sqlite3.connect(old.path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    old.add(LINE, [{"x": 0.0, "y": 1.0}])
    before = old.path.read_bytes()
    bring()
    assert old.path.read_bytes() == before
    assert ArrowStorage(tmp_path / "data").rebuild() == 1


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to be looked at" * 50])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other.db").write_bytes(content)
    with pytest.raises(UsageError, match=r"other\.db: is no database of QCoDeS") as refusal:
        list(import_qcodes(tmp_path / "other.db", folder=tmp_path / "data"))
    assert "db_location" in str(refusal.value)
    with pytest.raises(UsageError, match="no such file"):
        list(import_qcodes(tmp_path / "none.db", folder=tmp_path / "data"))
    assert not (tmp_path / "data").exists()


def test_what_became_of_a_run_can_be_read() -> None:
    assert "problem='none'" in repr(ImportedRun(1, "a", "", problem="none"))
