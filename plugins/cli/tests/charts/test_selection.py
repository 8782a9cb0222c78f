"""Which panels show a run: real runs, small enough to know."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from luthier import ManualParameter, Parameter
from luthier.errors import UsageError
from luthier_cli.charts.selection import select
from luthier_measure import linked, load, sweep
from luthier_measure.loading import open_storage
from luthier_measure.storage import Column, Dimension, Layout, RunEnd, RunHeader, Table, new_run_id


def _counting() -> Any:
    values = iter(range(1000))
    return lambda: float(next(values))


def test_one_sweep_becomes_a_line_against_what_was_swept(lab: Any) -> None:
    selection = select(lab.line().dataset)
    (panel,) = selection.panels
    assert selection.remarks == ()
    assert panel.z is None
    assert (panel.x.title, panel.y.title) == ("Gate (V)", "Current (A)")
    assert panel.x.values.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert panel.y.values.tolist() == [0.0015] * 5
    assert panel.with_prefixes().y.title == "Current (mA)"


def test_two_sweeps_become_an_image_with_the_inner_one_to_the_right(lab: Any) -> None:
    (panel,) = select(lab.grid(_counting()).dataset).panels
    assert panel.z is not None
    assert (panel.x.title, panel.y.title) == ("Gate (V)", "Field (T)")
    assert panel.z.values.tolist() == [[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]]


def test_the_other_sweep_may_lie_to_the_right(lab: Any) -> None:
    (panel,) = select(lab.grid(_counting()).dataset, x="y").panels
    assert panel.z is not None
    assert (panel.x.label, panel.y.label) == ("Field", "Gate")
    assert panel.z.values.shape == (4, 3)
    assert panel.z.values[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_a_falling_sweep_is_drawn_rising(lab: Any) -> None:
    falling = sweep(lab.x, [3.0, 2.0, 1.0])
    (panel,) = select(lab.measure(sweep(lab.y, [1.0, 0.0]), falling, _counting()).dataset).panels
    assert panel.z is not None
    assert panel.x.values.tolist() == [1.0, 2.0, 3.0]
    assert panel.y.values.tolist() == [0.0, 1.0]
    assert panel.z.values.tolist() == [[5.0, 4.0, 3.0], [2.0, 1.0, 0.0]]


def test_linked_sweeps_offer_each_other_as_axis(lab: Any) -> None:
    dataset = lab.linked().dataset
    assert select(dataset).panels[0].x.label == "Gate"
    panel = select(dataset, x="y").panels[0]
    assert panel.x.label == "Field"
    assert panel.x.values.tolist() == [1.0, 2.0, 3.0]


def test_a_reading_can_be_drawn_against_another(lab: Any) -> None:
    other = ManualParameter("other", float, unit="K", initial=4.0)
    (panel,) = select(lab.line(lab.current, other).dataset, x="other", y=["current"]).panels
    assert (panel.x.title, panel.y.title) == ("Other (K)", "Current (A)")


def test_of_three_sweeps_the_first_step_of_the_outer_one_is_drawn_and_said(lab: Any) -> None:
    sweeps = sweep(lab.z, [7.0, 8.0]), sweep(lab.y, 0.0, 1.0, num=2), sweep(lab.x, 0.0, 1.0, num=3)
    selection = select(lab.measure(*sweeps, _counting()).dataset)
    (panel,) = selection.panels
    assert panel.z is not None
    assert panel.z.values.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    (remark,) = selection.remarks
    assert "only Delay = 7 s is drawn" in remark


def test_a_dimension_of_one_step_does_not_count(lab: Any) -> None:
    run = lab.measure(sweep(lab.y, [1.0]), sweep(lab.x, 0.0, 1.0, num=3), _counting())
    (panel,) = select(run.dataset).panels
    assert panel.z is None
    assert panel.x.label == "Gate"


def test_complex_readings_are_drawn_as_magnitude_and_phase(lab: Any) -> None:
    transmission = ManualParameter("s21", complex, label="S21", unit="V", initial=3 + 4j)
    panels = select(lab.line(transmission).dataset).panels
    assert [panel.y.title for panel in panels] == ["|S21| (V)", "Phase of S21 (rad)"]
    assert panels[0].y.values[0] == 5.0
    assert panels[1].y.values[0] == pytest.approx(np.arctan2(4, 3))


def test_arrays_add_their_axis(lab: Any) -> None:
    def trace() -> Any:
        return np.arange(4.0) * lab.x()

    (panel,) = select(lab.line(trace, num=3).dataset).panels
    assert panel.z is not None
    assert panel.z.values.shape == (3, 4)
    assert (panel.x.label, panel.y.label) == ("Sample", "Gate")


def test_what_is_called_the_same_is_told_apart_by_its_full_name(lab: Any) -> None:
    same = ManualParameter("second", float, label="Current", initial=1.0)
    labels = [panel.y.label for panel in select(lab.line(lab.current, same).dataset).panels]
    assert labels == ["current", "second"]


def test_many_readings_are_not_all_drawn_unless_asked_for(lab: Any) -> None:
    readings = [ManualParameter(f"r{number}", float, initial=1.0) for number in range(8)]
    dataset = lab.line(*readings).dataset
    selection = select(dataset)
    assert len(selection.panels) == 6
    assert selection.remarks == ("Not drawn, choose with --y: r6, r7.",)
    assert len(select(dataset, y=[f"r{number}" for number in range(8)]).panels) == 8


def test_truth_values_and_whole_numbers_are_numbers_and_text_is_not(lab: Any) -> None:
    readings = [
        ManualParameter("flag", bool, initial=True),
        ManualParameter("count", int, initial=3),
        ManualParameter("word", str, initial="on"),
    ]
    dataset = lab.line(*readings).dataset
    assert [panel.y.label for panel in select(dataset).panels] == ["Flag", "Count"]
    with pytest.raises(UsageError, match="no numbers"):
        select(dataset, y=["word"])
    with pytest.raises(UsageError, match="none of its readings are numbers"):
        select(lab.line(readings[2]).dataset)


def test_what_cannot_be_drawn_is_refused_with_the_reason(lab: Any) -> None:
    dataset = lab.grid().dataset
    with pytest.raises(UsageError, match="Did you mean current"):
        select(dataset, y=["curent"])
    with pytest.raises(UsageError, match=r"no 'nothing'\. There are current, y, x"):
        select(dataset, x="nothing")
    with pytest.raises(UsageError, match=r"cannot be drawn against current\. It lies along y and x"):
        select(dataset, x="current")
    with pytest.raises(UsageError, match="single values"):
        select(lab.measure(lab.z).dataset)
    with pytest.raises(UsageError, match="single value"):
        select(lab.measure(lab.z).dataset, y=["z"])


def test_readings_of_different_levels_are_not_drawn_against_each_other(lab: Any) -> None:
    run = lab.measure(sweep(lab.y, 0.0, 1.0, num=2), lab.z, sweep(lab.x, 0.0, 1.0, num=3), lab.current)
    shown = {panel.y.label if panel.z is None else panel.z.label: panel for panel in select(run.dataset).panels}
    assert {label: panel.z is None for label, panel in shown.items()} == {"Delay": True, "Current": False}
    with pytest.raises(UsageError, match="not taken together"):
        select(run.dataset, y=["z"], x="current")


def test_a_run_without_a_point_has_nothing_to_draw(lab: Any) -> None:
    def fail() -> float:
        raise RuntimeError("no")

    from luthier_measure import runs  # noqa: PLC0415 - only here

    for make in (lab.line, lab.grid):
        with pytest.raises(RuntimeError):
            make(Parameter("r", float, get_cmd=fail))
        with pytest.raises(UsageError, match="no point yet"):
            select(runs(folder=lab.folder)[-1].dataset)


def test_a_run_that_was_cut_off_is_drawn_as_far_as_it_came(lab: Any) -> None:
    values = iter([1.0, 2.0, 3.0, 4.0, 5.0])

    def fail() -> float:
        return next(values)

    from luthier_measure import runs  # noqa: PLC0415 - only here

    with pytest.raises(StopIteration):
        lab.grid(Parameter("r", float, get_cmd=fail))
    (panel,) = select(runs(folder=lab.folder)[-1].dataset).panels
    assert panel.z is not None
    assert np.isfinite(panel.z.values).sum() == 5


def _free(lab: Any, rows: Any, *dimensions: Dimension) -> Any:
    """Store points of two setpoints and a reading, as free code or an adaptive sweep does, and return the dataset."""
    columns = [Column(name, "setpoint", "float64", unit="V", label=name.upper()) for name in "xy"]
    layout = Layout((*columns, Column("z", "reading", "float64")), (Table("main", dimensions, ("x", "y", "z")),))
    writer = open_storage(folder=lab.folder).create(RunHeader(new_run_id(), "free", time.time(), layout))
    add = writer.appender("main")
    for row in rows:
        add((time.time(), *row))
    writer.finish(RunEnd("completed", time.time()))
    return load(writer.id, folder=lab.folder).dataset


def test_two_things_set_in_no_order_become_coloured_dots(lab: Any) -> None:
    points = np.random.default_rng(1).random((40, 3)).tolist()
    rows = ((step, *point) for step, point in enumerate(points))
    (panel,) = select(_free(lab, rows, Dimension("x", None, ("x", "y")))).panels
    assert panel.dots
    assert panel.z is not None
    assert np.array([panel.x.values, panel.y.values, panel.z.values]).T.tolist() == points
    assert (panel.x.title, panel.y.title, panel.z.title) == ("X (V)", "Y (V)", "z")


def test_a_sweep_that_differs_from_line_to_line_becomes_coloured_dots(lab: Any) -> None:
    rows = [(i, j, j + i / 4, float(i), 10.0 * i + j) for i in range(3) for j in range(4)][:-1]
    (panel,) = select(_free(lab, rows, Dimension("y", 3, ("y",)), Dimension("x", None, ("x",)))).panels
    assert panel.dots
    assert panel.z is not None
    # The last point was not reached.
    assert sorted(zip(panel.x.values, panel.y.values, panel.z.values, strict=True)) == sorted(row[2:] for row in rows)


def test_points_in_no_order_are_joined_from_left_to_right(lab: Any) -> None:
    values = np.random.default_rng(1).random(40).tolist()
    (panel,) = select(_free(lab, ((n, x, 0.0, -x) for n, x in enumerate(values)), Dimension("x", None, ("x",)))).panels
    assert panel.x.values.tolist() == sorted(values)
    assert panel.y.values.tolist() == [-value for value in sorted(values)]


def test_up_and_down_again_stays_as_it_was_taken(lab: Any) -> None:
    values = [*range(10), *range(10, -1, -1)]
    (panel,) = select(lab.measure(sweep(lab.x, values), _counting()).dataset).panels
    assert panel.x.values.tolist() == values


def test_equal_factors_make_an_axis_logarithmic(lab: Any) -> None:
    (panel,) = select(lab.measure(sweep(lab.x, np.geomspace(1, 1e6, 7).tolist()), _counting()).dataset).panels
    assert panel.x.logarithmic
    assert panel.with_prefixes().x.title == "Gate (V)"
    (panel,) = select(lab.measure(sweep(lab.x, 1, 1e6, num=7), _counting()).dataset).panels
    assert not panel.x.logarithmic


def test_linked_sweeps_in_proportion_share_an_axis(lab: Any) -> None:
    (panel,) = select(lab.linked().dataset).panels
    assert panel.along is not None
    assert panel.along.title == "Field (T)"
    bent = linked(sweep(lab.x, [0.0, 1.0, 2.0]), sweep(lab.y, [0.0, 1.0, 4.0]))
    (panel,) = select(lab.measure(bent, _counting()).dataset).panels
    assert panel.along is None
