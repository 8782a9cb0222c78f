"""What is drawn of a run, compared with its dataset."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import pytest
from luthier import ManualParameter, Parameter
from luthier_measure import linked, sweep
from luthier_measure.storage import Column, Dimension, Layout, RunEnd, RunHeader, Table, new_run_id
from luthier_plot import table_data, views


def test_a_sweep_is_a_line_with_units_and_si_prefixes(lab: Any, shown: Any) -> None:
    run = lab.measure(sweep(lab.x, 0, 1e-3, num=11), Parameter("i", float, get_cmd=lab.current, unit="A", label="I"))
    (panel,) = shown().panels.values()
    assert panel.described["kind"] == "line"
    assert panel.points["x"] == run.dataset["x"].values.tolist()
    assert panel.points["y"] == run.dataset["i"].values.tolist()
    assert (panel.described["x"]["title"], panel.described["x"]["factor"]) == ("Gate (mV)", 1e3)
    assert panel.described["y"]["title"] == "I (pA)"


@pytest.mark.parametrize("snake", [False, True])
def test_two_sweeps_are_an_image_whatever_the_order(lab: Any, shown: Any, *, snake: bool) -> None:
    run = lab.measure(sweep(lab.y, 0, 2, num=5), sweep(lab.x, 0, 1, num=7, snake=snake), lab.current)
    (panel,) = shown().panels.values()
    np.testing.assert_array_equal(panel.image, run.dataset["current"].transpose("y", "x").values)
    assert panel.coordinates["x"] == pytest.approx(run.dataset["x"].values)
    assert panel.described["y"]["title"] == "Field (T)"


def test_of_three_sweeps_the_latest_step_of_the_outer_one_is_shown(lab: Any, shown: Any) -> None:
    run = lab.measure(
        sweep(lab.z, 0, 1, num=3), sweep(lab.y, 0, 2, num=2), sweep(lab.x, 0, 1, num=4), lambda: lab.x() + lab.z()
    )
    (panel,) = shown().panels.values()
    np.testing.assert_array_equal(panel.image, run.dataset.isel(z=-1).data_vars[panel.described["name"]].values)


def test_complex_readings_are_magnitude_and_phase(lab: Any, shown: Any) -> None:
    lab.measure(sweep(lab.x, 0, 1, num=3), Parameter("s", complex, get_cmd=lambda: 2 * np.exp(1j * lab.x()), label="S"))
    magnitude, phase = shown().panels.values()
    assert magnitude.points["y"] == pytest.approx([2, 2, 2])
    assert phase.points["y"] == pytest.approx([0, 0.5, 1])
    assert (magnitude.described["y"]["title"], phase.described["y"]["title"]) == ("|S|", "Phase of S (rad)")


def test_text_and_single_values_are_not_drawn_and_this_is_said(lab: Any, shown: Any) -> None:
    lab.measure(sweep(lab.x, 0, 1, num=2), ManualParameter("mode", str, initial="slow"))
    reader = shown()
    assert reader.panels == {}
    assert reader.run["remark"].startswith("There is nothing to draw")
    lab.measure(lab.current)
    assert shown().panels == {}


def test_a_sweep_of_words_is_drawn_by_its_steps(lab: Any, shown: Any) -> None:
    lab.measure(sweep(ManualParameter("mode", str), ["a", "b", "c"]), lab.current)
    (panel,) = shown().panels.values()
    assert panel.points["x"] == [0, 1, 2]
    assert panel.described["x"]["title"] == "Step of mode"


def test_linked_sweeps_lie_along_the_first(lab: Any, shown: Any) -> None:
    lab.measure(linked(sweep(lab.x, 0, 1, num=3), sweep(lab.y, 5, 6, num=3)), lab.current)
    (panel,) = shown().panels.values()
    assert panel.described["kind"] == "line"
    assert panel.points["x"] == [0, 0.5, 1]


def test_a_logarithmic_sweep_has_a_logarithmic_axis(lab: Any, shown: Any) -> None:
    lab.measure(sweep(lab.x, np.geomspace(1e3, 1e9, 13).tolist()), lab.current)
    (panel,) = shown().panels.values()
    assert panel.described["x"] == {"title": "Gate (V)", "factor": 1.0, "logarithmic": True}


def test_an_outlier_takes_the_colours_from_nobody(lab: Any, shown: Any) -> None:
    values = iter([*np.linspace(0, 1, 49).tolist(), 1e9])
    lab.measure(sweep(lab.y, 0, 1, num=5), sweep(lab.x, 0, 1, num=10), lambda: next(values))
    (panel,) = shown().panels.values()
    low, high = panel.described["limits"]
    assert low == 0
    assert 0.9 < high < 2


def test_readings_that_are_all_the_same_have_room_on_their_axis(lab: Any, shown: Any) -> None:
    lab.measure(sweep(lab.x, 0, 1, num=5), lambda: 0.1 + 0.2 if lab.x() < 0.6 else 0.3)
    (panel,) = shown().panels.values()
    low, high = panel.described["ranges"]["y"]
    assert (low, high) == (pytest.approx(0.27), pytest.approx(0.33))


def test_readings_of_several_levels_and_infinities_are_side_by_side(lab: Any, shown: Any) -> None:
    lab.measure(sweep(lab.y, 0, 1, num=2), lab.z, sweep(lab.x, 0, 1, num=3), lambda: math.inf if lab.x() else math.nan)
    inner, outer = shown().panels.values()
    assert (inner.described["kind"], outer.described["kind"]) == ("image", "line")


def test_traces_are_the_rows_of_an_image_with_their_own_axis(lab: Any, shown: Any) -> None:
    times = np.linspace(0, 1e-3, 5)
    trace = Parameter("trace", np.ndarray, get_cmd=lambda: lab.x() * times, shape=(5,), unit="V")
    run = lab.measure(sweep(lab.x, 0, 1, num=4), trace)
    panel = shown().panels["trace"]
    np.testing.assert_array_equal(panel.image, run.dataset["trace"].values)
    assert panel.coordinates["x"].tolist() == [0, 1, 2, 3, 4]


def test_a_trace_alone_is_a_line_and_a_picture_an_image(lab: Any, shown: Any) -> None:
    trace = Parameter("trace", np.ndarray, get_cmd=lambda: np.arange(4.0), shape=(4,))
    picture = Parameter("picture", np.ndarray, get_cmd=lambda: np.arange(6.0).reshape(2, 3), shape=(2, 3))
    lab.measure(trace, picture)
    panels = shown().panels
    assert panels["trace"].points["y"] == [0, 1, 2, 3]
    np.testing.assert_array_equal(panels["picture"].image, np.arange(6.0).reshape(2, 3))


def test_long_traces_and_fine_grids_are_thinned(lab: Any, shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_data, "MOST_CELLS", 10)
    monkeypatch.setattr("luthier_plot.arranging.MOST_CELLS", 10)
    trace = Parameter("trace", np.ndarray, get_cmd=lambda: np.arange(25.0), shape=(25,))
    lab.measure(sweep(lab.y, 0, 1, num=12), trace, sweep(lab.x, 0, 24, num=25), lambda: 1.0 * lab.x())
    inner, outer = shown().panels.values()
    assert outer.image.shape == (6, 9)
    np.testing.assert_array_equal(outer.image[0], np.arange(0, 25, 3))
    assert inner.image.shape == (6, 9)
    np.testing.assert_array_equal(inner.image[-1], np.arange(0, 25, 3))


def _stored(lab: Any, layout: Layout, rows: Any) -> None:
    writer = lab.storage.create(RunHeader(new_run_id(), "free", time.time(), layout))
    add = writer.appender("main")
    for row in rows:
        add((time.time(), *row))
    writer.finish(RunEnd("completed", time.time()))


def _layout(*dimensions: Dimension) -> Layout:
    columns = tuple(Column(name, "setpoint" if name != "z" else "reading", "float64") for name in "xyz")
    return Layout(columns, (Table("main", dimensions, ("x", "y", "z")),))


def test_points_that_lie_anywhere_are_coloured_dots(lab: Any, shown: Any) -> None:
    dice = np.random.default_rng(1)
    points = dice.random((50, 3))
    _stored(
        lab, _layout(Dimension("x", None, ("x", "y"))), ((step, *map(float, row)) for step, row in enumerate(points))
    )
    (panel,) = shown().panels.values()
    assert panel.described["kind"] == "cloud"
    np.testing.assert_array_equal(np.array([panel.points[name] for name in "xyz"]).T, points)


def test_a_grid_whose_steps_differ_from_line_to_line_is_coloured_dots(lab: Any, shown: Any) -> None:
    rows = [(i, j, j + i / 3, float(i), i * j * 1.0) for i in range(3) for j in range(4)]
    layout = _layout(Dimension("y", 3, ("y",)), Dimension("x", None, ("x",)))
    _stored(lab, layout, rows)
    (panel,) = shown().panels.values()
    assert panel.described["kind"] == "cloud"
    assert panel.points["x"] == [row[2] for row in rows]


def test_a_line_taken_in_no_order_is_joined_from_left_to_right(lab: Any, shown: Any) -> None:
    dice = np.random.default_rng(2)
    _stored(lab, _layout(Dimension("x", None, ("x",))), ((step, float(dice.random()), 0.0, 1.0) for step in range(60)))
    (panel,) = shown().panels.values()
    assert panel.described["join"] == "sorted"


def test_up_and_down_again_is_joined_as_it_was_taken(lab: Any, shown: Any) -> None:
    lab.measure(sweep(lab.x, [*range(10), *range(10, 0, -1)]), lab.current)
    (panel,) = shown().panels.values()
    assert panel.described["join"] == "taken"
    assert panel.points["x"][10:12] == [10, 9]


def test_what_is_only_repeated_lies_along_time(lab: Any, shown: Any) -> None:
    layout = Layout((Column("z", "reading", None, None),), (Table("main", (Dimension("n", None),), ("z",)),))
    _stored(lab, layout, ((step, step) for step in range(5)))
    (panel,) = shown().panels.values()
    assert panel.described["x"]["title"].startswith("Time (")
    assert panel.points["y"] == [0, 1, 2, 3, 4]
    assert all(0 <= moment < 5 for moment in panel.points["x"])


def test_of_very_many_points_the_latest_are_shown_in_several_messages(
    lab: Any, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_POINTS", 500)
    monkeypatch.setattr(views, "AT_ONCE", 130)
    lab.measure(sweep(lab.x, range(800)), lab.current)
    (panel,) = shown().panels.values()
    assert panel.points["x"] == list(range(300, 800))


def test_all_cells_of_an_image_come_in_several_messages(lab: Any, shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 13)
    run = lab.measure(sweep(lab.y, 0, 2, num=9), sweep(lab.x, 0, 1, num=11), lab.current)
    (panel,) = shown().panels.values()
    np.testing.assert_array_equal(panel.image, run.dataset["current"].values)


def test_an_error_is_told_by_its_own_line(lab: Any, shown: Any) -> None:
    def read() -> float:
        if lab.x() > 0.5:
            raise ZeroDivisionError("no current")
        return 1.0

    with pytest.raises(ZeroDivisionError):
        lab.measure(sweep(lab.x, 0, 1, num=11), read)
    run = shown().run
    assert (run["outcome"], run["error"], run["points"], run["planned"]) == (
        "failed",
        "ZeroDivisionError: no current",
        6,
        11,
    )
