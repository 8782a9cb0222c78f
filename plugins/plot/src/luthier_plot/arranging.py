"""Which panels show a run: lines for one sweep, images for two, dots where points lie anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve
from luthier_cli.charts.scales import is_disordered

from luthier_plot.coordinates import Axis
from luthier_plot.table_data import MOST_CELLS
from luthier_plot.views import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from luthier_measure.storage import Column, Layout

    from luthier_plot.table_data import LiveTable, Traces

    AnyArray = npt.NDArray[Any]

__all__ = ["views_of"]


def views_of(table: LiveTable, layout: Layout, started: float) -> Iterator[View]:
    """Yield the views of a table with points.

    A reading along one dimension becomes a line; along two, an image with the inner one to the right; of more, the
    latest step of the outer ones is shown. Dimensions of a single step do not count. Arrays add their own axis. Complex
    readings give magnitude and phase.

    Parameters
    ----------
    table
        Its points.
    layout
        Of the run.
    started
        When the run began, in seconds since 1970: where nothing is set, time lies along the lower axis.
    """
    for column in layout.table(table.name).columns:
        description = layout.column(column)
        if description.role != "reading":
            continue
        if column in table.scalars:
            yield from _parts(_scalars(table, layout, description, started))
        elif column in table.traces:
            yield from _parts(_traces(table, layout, description, table.traces[column]))


def _parts(view: View | None) -> Iterator[View]:
    """Yield the view, or of a complex one magnitude and phase."""
    if view is None:
        return
    name = "y" if view.kind == "line" else "z"
    values = view.columns[name]
    if values.dtype.kind != "c":
        yield view
        return
    axis = view.y if view.z is None else view.z
    parts = (
        ("magnitude", np.abs(values), evolve(axis, label=f"|{axis.label}|")),
        ("phase", np.angle(values), Axis(f"Phase of {axis.label}", "rad")),
    )
    for part, numbers, described in parts:
        columns = {**view.columns, name: numbers}
        named = evolve(view, name=f"{view.name}.{part}", columns=columns)
        yield evolve(named, y=described) if view.z is None else evolve(named, z=described)


def _counting(table: LiveTable) -> list[int]:
    """Return the dimensions that have, or may get, more than one step."""
    return [number for number, each in enumerate(table.coordinates) if each.planned_size != 1]


def _scalars(table: LiveTable, layout: Layout, column: Column, started: float) -> View | None:
    values = table.scalars[column.name].values
    dimensions = _counting(table)
    if not dimensions:
        return None
    if len(dimensions) == 1:
        return _one_dimension(table, layout, column, dimensions[0], started)
    *outer, rows, columns = dimensions
    first = _slice_start(table, outer)
    up, right = table.coordinates[rows], table.coordinates[columns]
    if up.irregular or right.irregular:
        x, y = (_set_values(table, each, number)[first:] for each, number in ((right, columns), (up, rows)))
        cloud = {"x": x, "y": y, "z": values[first:]}
        return View(column.name, "cloud", f"cloud {first}", right.axis, up.axis, Axis.of(column), cloud, first)
    steps = {"row": table.steps[rows].values[first:], "column": table.steps[columns].values[first:]}
    cells = {**steps, "z": values[first:]}
    return _image(column.name, first, (right.axis, up.axis, Axis.of(column)), cells, (right.values, up.values))


def _one_dimension(table: LiveTable, layout: Layout, column: Column, number: int, started: float) -> View:
    values = table.scalars[column.name].values
    along = table.coordinates[number]
    y = Axis.of(column)
    if along.column is None:
        times = table.times.values - started
        return View(column.name, "line", "time", Axis("Time", "s"), y, None, {"x": times, "y": values})
    x = _set_values(table, along, number)
    disordered = is_disordered(x)
    second = _second_setpoint(table, layout, number)
    if disordered and second is not None and along.planned_size is None:
        cloud = {"x": x, "y": table.scalars[second.name].values, "z": values}
        return View(column.name, "cloud", "cloud", along.axis, Axis.of(second), y, cloud)
    view = View(column.name, "line", "line", along.axis, y, None, {"x": x, "y": values}, frame=along.planned)
    return evolve(view, join="sorted") if disordered else view


def _second_setpoint(table: LiveTable, layout: Layout, number: int) -> Column | None:
    names = layout.table(table.name).dimensions[number].setpoints[1:]
    return next((layout.column(name) for name in names if name in table.scalars), None)


def _set_values(table: LiveTable, along: Any, number: int) -> AnyArray:
    if along.name is None:
        return table.steps[number].values.astype(np.float64)
    return table.scalars[along.name].values


def _slice_start(table: LiveTable, outer: list[int]) -> int:
    """Return the first row of those at the latest step of the outer dimensions."""
    start = 0
    for number in outer:
        steps = table.steps[number].values
        before = np.flatnonzero(steps != steps[-1])
        start = max(start, int(before[-1]) + 1 if len(before) else 0)
    return start


def _image(
    name: str,
    first: int,
    axes: tuple[Axis, Axis, Axis],
    cells: dict[str, AnyArray],
    coordinates: tuple[AnyArray, AnyArray],
) -> View:
    """Return an image whose cells are thinned where they are too many to be seen."""
    across, up = (max(1, -(-len(each) // MOST_CELLS)) for each in coordinates)
    kept = (cells["column"] % across == 0) & (cells["row"] % up == 0)
    thinned = {
        "row": np.where(kept, cells["row"] // up, -1),
        "column": np.where(kept, cells["column"] // across, -1),
        "z": cells["z"],
    }
    x, y = coordinates[0][::across], coordinates[1][::up]
    revision = f"image {first} {across} {up} {len(x)}"
    return View(name, "image", revision, *axes, thinned, first, {"x": x, "y": y})


def _traces(table: LiveTable, layout: Layout, column: Column, traces: Traces) -> View | None:
    if traces.latest is None:
        return None
    dimensions = _counting(table)
    if traces.latest.ndim == 1 and dimensions:
        return _rows_of_traces(table, layout, column, traces)
    if traces.latest.ndim == 1:
        axis, x = _axis_of(table, layout, column, 0, len(traces.latest))
        columns = {"x": x, "y": traces.latest}
        return View(column.name, "line", f"latest {len(table)}", axis, Axis.of(column), None, columns)
    if traces.latest.ndim != 2:  # noqa: PLR2004 - what has more cannot be drawn
        return None
    (up, y), (right, x) = (_axis_of(table, layout, column, *each) for each in enumerate(traces.latest.shape))
    above, aside = (max(1, -(-size // MOST_CELLS)) for size in traces.latest.shape)
    values = traces.latest[::above, ::aside]
    coordinates = {"x": x[::aside], "y": y[::above]}
    cells = {"row": np.arange(len(values)), "z": values}
    axes = (right, up, Axis.of(column))
    return View(column.name, "image", f"latest {len(table)}", *axes, cells, 0, coordinates)


def _rows_of_traces(table: LiveTable, layout: Layout, column: Column, traces: Traces) -> View:
    """Show arrays as the rows of an image, below each other along the innermost sweep."""
    *outer, inner = _counting(table)
    first = _slice_start(table, outer)
    up = table.coordinates[inner]
    axis, x = _axis_of(table, layout, column, 0, traces.length)
    stride = max(1, -(-len(up.values) // MOST_CELLS))
    # Points of before the first array have none.
    lacking = len(table) - len(traces.rows)
    steps = table.steps[inner].values[lacking:]
    first = max(first - lacking, 0)
    row = np.where(steps % stride == 0, steps // stride, -1)[first:]
    revision = f"traces {first} {stride} {traces.rows.values.shape[1]}"
    coordinates = {"x": x[:: traces.stride], "y": up.values[::stride]}
    values = traces.rows.values[first:]
    axes = (axis, up.axis, Axis.of(column))
    return View(column.name, "image", revision, *axes, {"row": row, "z": values}, first, coordinates)


def _axis_of(table: LiveTable, layout: Layout, column: Column, number: int, length: int) -> tuple[Axis, AnyArray]:
    """Return what lies along an array's own dimension: its axis, or else the numbers of the samples."""
    name = column.axes[number] if number < len(column.axes) else None
    axis = table.traces.get(name) if name else None
    if name and axis is not None and axis.latest is not None and axis.latest.shape == (length,):
        return Axis.of(layout.column(name)), np.asarray(axis.latest, dtype=np.float64)
    return Axis("Sample", ""), np.arange(length, dtype=np.float64)
