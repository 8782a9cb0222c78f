"""Datasets of runs that are larger than what one wants in memory, and frames."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import luthier_measure.dataset as dataset_module
import numpy as np
import pytest
from luthier import ManualParameter
from luthier_measure import measure, runs, sweep
from luthier_measure.storage.array_rows import ArrayRows
from xarray.core.indexing import LazilyIndexedArray

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from luthier_measure import Run

STORAGES = ("arrow", "sqlite")


def _measured(folder: Path, storage: str, kind: str = "float64") -> Run:
    """Measure a snake of 4 x 3 points with an array of 2 x 5 at each."""
    x, y = ManualParameter("x", float), ManualParameter("y", float)

    def trace() -> Any:
        return (np.arange(10).reshape(2, 5) + 100 * y() + 1000 * x()).astype(kind)

    sweeps = sweep(x, 0, 3, num=4), sweep(y, 0, 2, num=3, snake=True)
    return measure(*sweeps, trace, y, folder=folder, storage=storage, progress=False)


def _data(dataset: xr.Dataset, name: str = "trace") -> Any:
    return dataset[name].variable._data


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("kind", ["float64", "int32", "complex64"])
def test_what_is_read_lazily_equals_what_is_read_at_once(
    tmp_path: Path, storage: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _measured(tmp_path, storage, kind)
    eager = dataset_module.build_dataset(run._reader)
    monkeypatch.setattr(dataset_module, "_LARGE", 0)
    lazy = dataset_module.build_dataset(run._reader)
    assert isinstance(_data(lazy), LazilyIndexedArray)
    assert isinstance(_data(eager), np.ndarray)
    keys: list[tuple[Any, ...]] = [
        (),
        (1,),
        (slice(None), 2),
        (slice(1, 3), slice(None, None, -1), 1),
        ([3, 0], slice(None), slice(None), 4),
        (0, 0, 1, slice(1, 4, 2)),
        (slice(0, 0),),
        (-1, -1, -1, -1),
        ([2, 2], [1], [0], [4, 0, 1]),
    ]
    for key in keys:
        chosen = dict(zip(eager["trace"].dims, key, strict=False))
        assert lazy["trace"].isel(chosen).identical(eager["trace"].isel(chosen)), key
    assert lazy["trace"].sel(x=2.0, y=1.0).identical(eager["trace"].sel(x=2.0, y=1.0))
    assert lazy["trace"].mean("y").equals(eager["trace"].mean("y"))
    assert lazy.load().identical(eager)


def test_places_that_were_not_reached_are_nan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset_module, "_LARGE", 0)
    x = ManualParameter("x", float)

    def trace() -> Any:
        if x() == 2.0:
            raise KeyboardInterrupt
        return np.full(3, 7, dtype="int16")

    with pytest.raises(KeyboardInterrupt):
        measure(sweep(x, 0, 3, num=4), trace, folder=tmp_path, name="cut", progress=False)
    (run,) = runs(folder=tmp_path)
    read = run.dataset["trace"]
    assert read.dtype == np.float64
    assert np.array_equal(read.values, [[7.0] * 3] * 2 + [[np.nan] * 3] * 2, equal_nan=True)
    assert np.isnan(read.isel(x=3).values).all()


def test_arrays_of_changing_shape_are_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset_module, "_LARGE", 0)
    x = ManualParameter("x", float)
    run = measure(sweep(x, 1, 2, num=2), lambda: np.ones(int(x())), folder=tmp_path, progress=False)
    (name,) = run.dataset.data_vars
    assert isinstance(_data(run.dataset, str(name)), np.ndarray)
    assert run.dataset[name].shape == (2, 2)


def test_only_the_pieces_that_are_asked_for_are_read() -> None:
    loaded: list[int] = []

    def piece(number: int) -> tuple[int, Any]:
        def load() -> Any:
            loaded.append(number)
            return np.full((2, 3), number)

        return 2, load

    rows = ArrayRows([piece(number) for number in range(5)], (3,), np.dtype(int))
    assert rows.shape == (10, 3)
    assert rows.nbytes == 30 * np.dtype(int).itemsize
    assert rows.take(np.array([7, 2, 6]), (slice(0, 1),)).tolist() == [[3], [1], [3]]
    assert loaded == [1, 3]
    assert np.isnan(rows.take(np.array([-1]), (0,))).all()


MEMORY = """
import resource, sys
from pathlib import Path
import numpy as np
from luthier import ManualParameter
from luthier_measure import load, measure, sweep
import xarray, pandas

def own_memory():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024

folder, storage = sys.argv[1:]
x = ManualParameter("x", float)
measure(sweep(x, 0, 1, num=3), lambda: np.ones(100), folder=folder, storage=storage, progress=False).dataset
before = own_memory()
peak = []
def trace():
    peak.append(own_memory())
    return np.full(500_000, x())
run = measure(sweep(x, 0, 99, num=100), trace, folder=folder, storage=storage, name="large", progress=False)
written = max(peak) - before
run = load(run.id, folder=folder, storage=storage)
start = own_memory()
dataset = run.dataset
(name,) = dataset.data_vars
values = [float(dataset[name][number, 7]) for number in (3, 97)]
print(written, own_memory() - start, dataset[name].nbytes / 2**20, *values)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads how much memory is its own from /proc")
@pytest.mark.parametrize("storage", STORAGES)
def test_memory_does_not_grow_with_the_run(tmp_path: Path, storage: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path), storage], check=True, capture_output=True, text=True, timeout=120
    ).stdout
    written, read, size, *values = map(float, shown.split())
    assert values == [3.0, 97.0]
    assert size > 380
    # 64 MiB may wait to be written, and are encoded.
    assert written < 250
    assert read < 60


def test_points_become_a_frame_of_pandas(tmp_path: Path) -> None:
    run = _measured(tmp_path, "arrow")
    frame = run.to_pandas()
    assert list(frame.columns) == ["_time", "x", "y", "trace", "y_2"]
    assert frame["y"].tolist() == [0.0, 1.0, 2.0, 2.0, 1.0, 0.0] * 2
    assert frame["trace"][4].shape == (2, 5)
    assert frame.attrs["units"] == {}


def test_points_become_a_frame_of_polars(tmp_path: Path) -> None:
    x = ManualParameter("x", float)
    readings = (lambda: np.ones(2) * x(), lambda: 1j * x(), lambda: "Ω")
    frame = measure(sweep(x, 0, 2, num=3), *readings, folder=tmp_path, progress=False).to_polars()
    assert [series.to_list() for series in frame.get_columns()[1:]] == [
        [0.0, 1.0, 2.0],
        [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]],
        [{"re": 0.0, "im": 0.0}, {"re": 0.0, "im": 1.0}, {"re": 0.0, "im": 2.0}],
        ["Ω"] * 3,
    ]
