"""Datasets have the shape of the sweep, however far it came and in whatever order its points were taken."""

from __future__ import annotations

import itertools
import math
import random
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.dataset import build_dataset
from luthier_measure.storage import Column, Dimension, Layout, RunEnd, RunHeader, Table, new_run_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from luthier_measure.storage import Row


def grid(*sizes: int, readings: tuple[Column, ...] = (Column("r", "reading", "float64"),)) -> Layout:
    """Lay out a full grid over x0, x1, … with the setpoints 0.0, 0.5, 1.0, …."""
    setpoints = tuple(
        Column(f"x{n}", "setpoint", "float64", unit="V", values=tuple(0.5 * k for k in range(size)))
        for n, size in enumerate(sizes)
    )
    dimensions = tuple(
        Dimension(column.name, size, (column.name,)) for column, size in zip(setpoints, sizes, strict=True)
    )
    columns = setpoints + readings
    return Layout(columns, (Table("main", dimensions, tuple(column.name for column in columns)),))


def dataset(storage: ArrowStorage, layout: Layout, rows: dict[str, Iterable[Row]], **facts: Any) -> xr.Dataset:
    writer = storage.create(RunHeader(new_run_id(), "run", 1e9, layout, **facts))
    for table, table_rows in rows.items():
        add = writer.appender(table)
        for row in table_rows:
            add((time.time(), *row))
    writer.flush()
    running = build_dataset(storage.open(writer.id))
    writer.finish(RunEnd("completed", time.time()))
    finished = build_dataset(storage.open(writer.id))
    xr.testing.assert_equal(running, finished)
    return finished


def points(*sizes: int) -> list[Row]:
    return [
        (*place, *(0.5 * k for k in place), float(sum(k * 10**n for n, k in enumerate(place))))
        for place in itertools.product(*(range(size) for size in sizes))
    ]


def test_a_complete_grid_has_dimensions_coordinates_units_and_names(storage: ArrowStorage) -> None:
    reading = Column("r", "reading", "float64", unit="A", label="drain current", parameter="dmm.current")
    layout = grid(2, 3, readings=(reading,))
    found = dataset(storage, layout, {"main": points(2, 3)}, sample="S1", tags=("a", "b"), utc_offset=3600)
    assert dict(found.sizes) == {"x0": 2, "x1": 3}
    assert found["x1"].values.tolist() == [0.0, 0.5, 1.0]
    assert found["x1"].attrs == {"units": "V"}
    assert found["r"].dims == ("x0", "x1")
    assert found["r"].values.tolist() == [[0.0, 10.0, 20.0], [1.0, 11.0, 21.0]]
    assert found["r"].attrs == {"long_name": "drain current", "units": "A", "parameter": "dmm.current"}
    assert found.attrs["name"] == "run"
    assert found.attrs["sample"] == "S1"
    assert found.attrs["tags"] == "a, b"
    assert found.attrs["started"] == "2001-09-09T02:46:40.000+01:00"
    assert found.attrs["outcome"] == "completed"


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    reached=st.floats(0, 1),
    shuffle=st.one_of(st.none(), st.integers(0, 1000)),
)
def test_points_in_any_order_and_number_lie_where_they_belong(
    sizes: list[int], reached: float, shuffle: int | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = points(*sizes)
    if shuffle is not None:
        random.Random(shuffle).shuffle(rows)  # noqa: S311 - an order, not a secret
    rows = rows[: round(reached * len(rows))]
    found = dataset(ArrowStorage(tmp_path_factory.mktemp("data")), grid(*sizes), {"main": rows})
    expected = np.full(sizes, np.nan)
    for row in rows:
        expected[row[: len(sizes)]] = row[-1]  # type: ignore[index]  # the beginning of a row are its places
    np.testing.assert_array_equal(found["r"].values, expected)
    for number, size in enumerate(sizes):
        assert found[f"x{number}"].values.tolist() == [0.5 * k for k in range(size)]


def test_setpoints_that_were_really_set_replace_the_planned_ones(storage: ArrowStorage) -> None:
    found = dataset(storage, grid(3), {"main": [(0, 0.1, 1.0), (1, 0.6, 2.0)]})
    assert found["x0"].values.tolist() == [0.1, 0.6, 1.0]


def test_setpoints_that_differ_from_line_to_line_lie_along_both_dimensions(storage: ArrowStorage) -> None:
    rows = [(i, k, 0.5 * i, 0.5 * i + 0.1 * k, 1.0) for i in range(2) for k in range(2)]
    found = dataset(storage, grid(2, 2), {"main": rows})
    assert found["r"].dims == ("x0", "x1_index")
    assert found["x1"].dims == ("x0", "x1_index")
    assert found["x1"].values.tolist() == [[0.0, 0.1], [0.5, 0.6]]


def test_linked_setpoints_share_a_dimension(storage: ArrowStorage) -> None:
    layout = Layout(
        (Column("a", "setpoint", "float64"), Column("b", "setpoint", "int64"), Column("r", "reading", "float64")),
        (Table("main", (Dimension("a", 3, ("a", "b")),), ("a", "b", "r")),),
    )
    found = dataset(storage, layout, {"main": [(n, n / 2, 10 - n, 1.0) for n in range(3)]})
    assert found["b"].dims == ("a",)
    assert found["b"].values.tolist() == [10, 9, 8]
    assert found["b"].dtype == np.int64


def test_a_sweep_of_unknown_length_is_as_long_as_it_came(storage: ArrowStorage) -> None:
    layout = Layout(
        (Column("x", "setpoint", "float64"), Column("r", "reading", "float64")),
        (Table("main", (Dimension("x", 2, ("x",)), Dimension("again")), ("x", "r")),),
    )
    rows = [(0, 0, 0.5, 1.0), (0, 1, 0.5, 2.0), (0, 2, 0.5, 3.0), (1, 0, 1.0, 4.0)]
    found = dataset(storage, layout, {"main": rows})
    np.testing.assert_array_equal(found["r"].values, [[1, 2, 3], [4, math.nan, math.nan]])
    assert found["x"].dims == ("x",)
    assert "again" not in found.coords


def test_readings_of_different_levels_have_different_dimensions(storage: ArrowStorage) -> None:
    inner, outer = Column("inner", "reading", "float64"), Column("outer", "reading", "text")
    layout = grid(2, 3, readings=(inner,))
    outer_table = Table("outer", layout.tables[0].dimensions[:1], ("x0", "outer"))
    layout = Layout((*layout.columns, outer), (*layout.tables, outer_table))
    found = dataset(storage, layout, {"main": points(2, 3), "outer": [(0, 0.0, "cold")]})
    assert found["inner"].dims == ("x0", "x1")
    assert found["outer"].dims == ("x0",)
    assert found["outer"].values[0] == "cold"
    assert math.isnan(found["outer"].values[1])
    assert found["x0"].values.tolist() == [0.0, 0.5]


@pytest.mark.parametrize(
    ("dtype", "value", "complete", "incomplete"),
    [
        ("int64", 7, "int64", "float64"),
        ("bool", True, "bool", "float64"),
        ("complex128", 1j, "complex128", "complex128"),
    ],
)
def test_types_stay_in_a_complete_grid_and_make_room_for_nan_in_another(
    storage: ArrowStorage, dtype: str, value: Any, complete: str, incomplete: str
) -> None:
    layout = grid(2, readings=(Column("r", "reading", dtype),))
    found = dataset(storage, layout, {"main": [(0, 0.0, value), (1, 0.5, value)]})
    assert found["r"].dtype == complete
    found = dataset(storage, layout, {"main": [(0, 0.0, value)]})
    assert found["r"].dtype == incomplete
    assert np.isnan(found["r"].values[1])


def test_arrays_add_their_axes_as_dimensions(storage: ArrowStorage) -> None:
    frequency = Column("f", "axis", "float64", (4,), unit="Hz")
    trace = Column("s21", "reading", "complex128", (4,), axes=("f",))
    image = Column("image", "reading", "uint8", (2, 3))
    layout = grid(2, readings=(frequency, trace, image))
    axis = np.linspace(1e9, 2e9, 4)
    picture = np.full((2, 3), 7, np.uint8)
    rows: list[Row] = [(n, 0.5 * n, axis if n == 0 else None, axis * 1j + n, picture) for n in range(2)]
    found = dataset(storage, layout, {"main": rows})
    assert found["s21"].dims == ("x0", "f")
    assert found["s21"].values[1].tolist() == (axis * 1j + 1).tolist()
    assert found["f"].values.tolist() == axis.tolist()
    assert found["f"].attrs == {"units": "Hz"}
    assert found["image"].dims == ("x0", "image_index_0", "image_index_1")
    assert found["image"].dtype == np.uint8


def test_an_axis_that_changes_lies_along_the_sweep_too(storage: ArrowStorage) -> None:
    axis, trace = Column("f", "axis", "float64", (None,)), Column("t", "reading", "float64", (None,), axes=("f",))
    layout = grid(3, readings=(axis, trace))
    first, second = np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])
    rows: list[Row] = [(0, 0.0, first, first), (1, 0.5, None, first), (2, 1.0, second, second)]
    found = dataset(storage, layout, {"main": rows})
    assert found["t"].dims == ("x0", "f_index")
    np.testing.assert_array_equal(found["t"].values, [[1, 2, math.nan], [1, 2, math.nan], [3, 4, 5]])
    np.testing.assert_array_equal(found["f"].values, [[1, 2, math.nan], [1, 2, math.nan], [3, 4, 5]])


def test_arrays_that_are_missing_or_change_their_length_are_padded_with_nan(storage: ArrowStorage) -> None:
    layout = grid(3, readings=(Column("t", "reading", "int16", (None,)),))
    rows: list[Row] = [(0, 0.0, np.array([1, 2], np.int16)), (1, 0.5, None), (2, 1.0, np.array([3], np.int16))]
    found = dataset(storage, layout, {"main": rows})
    np.testing.assert_array_equal(found["t"].values, [[1, 2], [math.nan] * 2, [3, math.nan]])


def test_a_run_without_points_has_its_setpoints_and_nan(storage: ArrowStorage) -> None:
    layout = grid(2, readings=(Column("r", "reading", None), Column("t", "reading", "float64", (3,))))
    found = dataset(storage, layout, {})
    assert found["x0"].values.tolist() == [0.0, 0.5]
    assert np.isnan(found["r"].values).all()
    assert found["t"].shape == (2, 3)


def test_a_table_without_dimensions_gives_single_values(storage: ArrowStorage) -> None:
    layout = Layout((Column("r", "reading", "float64"),), (Table("main", (), ("r",)),))
    assert dataset(storage, layout, {"main": [(5.0,)]})["r"].item() == 5.0
    assert math.isnan(dataset(storage, layout, {})["r"].item())


def test_a_dataset_can_be_written_as_netcdf_and_read_back(storage: ArrowStorage, tmp_path: Any) -> None:
    pytest.importorskip("h5py")
    layout = grid(3, readings=(Column("r", "reading", "float64"), Column("mode", "reading", "text")))
    found = dataset(storage, layout, {"main": [(0, 0.0, 1.0, "a"), (1, 0.5, 2.0, "é")]})
    found.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "run.nc", engine="h5netcdf") as back:
        np.testing.assert_array_equal(back["r"].values, found["r"].values)
        assert back["mode"].values[:2].tolist() == ["a", "é"]
