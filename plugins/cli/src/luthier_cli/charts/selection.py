"""Which panels show a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from luthier.errors import UsageError
from luthier.suggestions import nearest

from luthier_cli.charts.panel import Axis, Panel
from luthier_cli.charts.scales import is_disordered, is_logarithmic

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    import xarray as xr

__all__ = ["Selection", "select"]

MOST_PANELS = 6

_NUMBERS = "biufc"

_PROPORTIONAL = 1e-6
"""Part of its range by which a sweep may be away from proportion to one linked with it."""


@attrs.frozen
class Selection:
    """What is shown, and in sentences what is not."""

    panels: tuple[Panel, ...]
    remarks: tuple[str, ...]


def select(dataset: xr.Dataset, *, x: str | None = None, y: Sequence[str] = ()) -> Selection:
    """Choose what to draw.

    A reading along one dimension becomes a line; along two, an image with the inner dimension to the right; of more,
    the first step of the outer ones is shown. Dimensions of a single step do not count. Where what was set differs from
    line to line, or two things were set in no order, points become coloured dots. Complex readings are drawn as
    magnitude and phase.

    Parameters
    ----------
    dataset
        A run's.
    x
        What lies along the lower axis; by default what was swept innermost.
    y
        The readings; by default all that are numbers, at most six of them.

    Raises
    ------
    UsageError
        There is nothing to draw, or not what was asked for.
    """
    readings = [_variable(dataset, name) for name in y] or _drawable(dataset)
    remarks = []
    if len(readings) > MOST_PANELS and not y:
        left_out = ", ".join(str(reading.name) for reading in readings[MOST_PANELS:])
        remarks.append(f"Not drawn, choose with --y: {left_out}.")
        readings = readings[:MOST_PANELS]
    across = None if x is None else _variable(dataset, x)
    panels: list[Panel] = []
    for reading in readings:
        shown, remark = _reduced(dataset, reading)
        remarks += [remark] if remark else []
        draw = _line if shown.ndim == 1 else _image
        panels += [draw(dataset, part, across) for part in _parts(shown)]
    return Selection(tuple(panels), tuple(remarks))


def _drawable(dataset: xr.Dataset) -> list[xr.DataArray]:
    numbers = [reading for reading in dataset.data_vars.values() if reading.dtype.kind in _NUMBERS]
    found = [reading for reading in numbers if max(reading.shape, default=1) > 1]
    if not found:
        what = "its readings are single values" if numbers else "none of its readings are numbers"
        raise UsageError(f"there is nothing to draw: {what}", advice="'luthier show' lists what was read.")
    return found


def _variable(dataset: xr.Dataset, name: str) -> xr.DataArray:
    """Return what is called `name`, as in the dataset (``smu_voltage``) or by its parameter (``smu.voltage``)."""
    names = [str(known) for known in dataset.variables]
    parameters = {str(dataset[known].attrs.get("parameter", "")): known for known in names}
    found = name if name in names else parameters.get(name)
    if found is None:
        near = nearest(name, [*names, *filter(None, parameters)])
        advice = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(names)}."
        raise UsageError(f"this run has no {name!r}", advice=advice)
    if dataset[found].dtype.kind not in _NUMBERS:
        raise UsageError(f"{found} cannot be drawn: its values are no numbers")
    return dataset[found]


def _reduced(dataset: xr.Dataset, reading: xr.DataArray) -> tuple[xr.DataArray, str]:
    """Return the reading with at most two dimensions, and what was left out for it."""
    shown = reading.squeeze(drop=True)
    if not shown.ndim:
        raise UsageError(f"{reading.name} cannot be drawn: it is a single value")
    outer = shown.dims[:-2]
    if not outer:
        return shown, ""
    first = [_describe_step(dataset, dim) for dim in outer]
    return shown.isel(dict.fromkeys(outer, 0), drop=True), f"Of {reading.name}, only {' and '.join(first)} is drawn."


def _describe_step(dataset: xr.Dataset, dim: Hashable) -> str:
    coordinate = _coordinate(dataset, dim)
    return f"{coordinate.label} = {coordinate.values[0]:g} {coordinate.unit}".rstrip()


def _parts(reading: xr.DataArray) -> tuple[xr.DataArray, ...]:
    """Return the reading, or of a complex one magnitude and phase."""
    if reading.dtype.kind != "c":
        return (reading,)
    magnitude, phase = abs(reading), reading.copy(data=np.angle(reading.values))
    name = reading.attrs.get("long_name", str(reading.name))
    magnitude.attrs = {**reading.attrs, "long_name": f"|{name}|"}
    phase.attrs = {"long_name": f"Phase of {name}", "units": "rad"}
    return magnitude, phase


def _line(dataset: xr.Dataset, reading: xr.DataArray, across: xr.DataArray | None) -> Panel:
    y = _axis(dataset, reading)
    along = None
    if across is None:
        x, *others = _coordinates(dataset, reading.dims[0])
        if is_disordered(x.values):
            if others and np.ptp(others[0].values) > 0:
                return _dots(x, others[0], y)
            order = np.argsort(x.values, kind="stable")
            x, y = (attrs.evolve(axis, values=axis.values[order]) for axis in (x, y))
        else:
            along = next((other for other in others if _is_proportional(x.values, other.values)), None)
    else:
        across = across.squeeze(drop=True)
        if across.dims != reading.dims:
            raise UsageError(f"{reading.name} cannot be drawn against {across.name}: they were not taken together")
        x = _axis(dataset, across)
    if not (np.isfinite(x.values) & np.isfinite(y.values)).any():
        raise UsageError(f"{reading.name} cannot be drawn: there is no point yet")
    return Panel(x, y, along=along)


def _dots(x: Axis, y: Axis, z: Axis) -> Panel:
    """Return the points as coloured dots, without those at which nothing was read."""
    axes = [attrs.evolve(axis, values=axis.values.ravel(), logarithmic=False) for axis in (x, y, z)]
    known = np.logical_and.reduce([np.isfinite(axis.values) for axis in axes])
    if not known.any():
        raise UsageError(f"{z.label} cannot be drawn: there is no point yet")
    return Panel(*(attrs.evolve(axis, values=axis.values[known]) for axis in axes))


def _is_proportional(values: Any, others: Any) -> bool:
    """Whether two sweeps go together in equal steps, so that one axis can carry both."""
    if len(values) < 2 or not (np.ptp(values) > 0 and np.ptp(others) > 0):  # noqa: PLR2004 - a point is no line
        return False
    one, other = ((each - each[0]) / (each[-1] - each[0] or np.nan) for each in (values, others))
    return bool(np.allclose(one, other, rtol=0, atol=_PROPORTIONAL))


def _image(dataset: xr.Dataset, reading: xr.DataArray, across: xr.DataArray | None) -> Panel:
    rows, columns = reading.dims
    uneven = [_uneven(dataset, dim, reading.dims) for dim in reading.dims]
    if across is None and any(axis is not None for axis in uneven):
        filled = [
            _spread(dataset, dim, reading) if axis is None else axis
            for axis, dim in zip(uneven, reading.dims, strict=True)
        ]
        return _dots(filled[1], filled[0], _axis(dataset, reading))
    if across is not None:
        if len(across.dims) != 1 or across.dims[0] not in reading.dims:
            raise UsageError(
                f"{reading.name} cannot be drawn against {across.name}",
                advice=f"It lies along {' and '.join(map(str, reading.dims))}.",
            )
        columns = across.dims[0]
        rows = next(dim for dim in reading.dims if dim != columns)
    z = _axis(dataset, reading.transpose(rows, columns))
    y = _coordinate(dataset, rows)
    x = _coordinate(dataset, columns) if across is None else _axis(dataset, across)
    up, right = _rising(y), _rising(x)
    z = attrs.evolve(z, values=z.values[np.ix_(up, right)])
    if not np.isfinite(z.values).any():
        raise UsageError(f"{reading.name} cannot be drawn: there is no point yet")
    return Panel(attrs.evolve(x, values=x.values[right]), attrs.evolve(y, values=y.values[up]), z)


def _uneven(dataset: xr.Dataset, dim: Hashable, dims: tuple[Hashable, ...]) -> Axis | None:
    """Return what was set along a dimension where it was not the same each time."""
    name = str(dim).removesuffix("_index")
    found = dataset.coords.get(name)
    if found is None or found.dtype.kind not in "biuf" or str(dim) == name:
        return None
    found = found.squeeze(drop=True)
    return _axis(dataset, found.transpose(*dims)) if set(found.dims) == set(dims) else None


def _spread(dataset: xr.Dataset, dim: Hashable, reading: xr.DataArray) -> Axis:
    """Return the coordinate of a dimension at each point of a reading."""
    axis = _coordinate(dataset, dim)
    shape = [-1 if each == dim else 1 for each in reading.dims]
    return attrs.evolve(axis, values=np.broadcast_to(axis.values.reshape(shape), reading.shape))


def _rising(axis: Axis) -> Any:
    """Return the indices that bring the values of an axis into rising order, without those that are not known."""
    order = np.argsort(axis.values, kind="stable")
    return order[np.isfinite(axis.values[order])]


def _coordinate(dataset: xr.Dataset, dim: Hashable) -> Axis:
    """Return what lies along a dimension: the coordinate of its name, another one, or else the number of the step."""
    return _coordinates(dataset, dim)[0]


def _coordinates(dataset: xr.Dataset, dim: Hashable) -> list[Axis]:
    """Return all that lies along a dimension, the coordinate of its name first; there is at least the step."""
    along = [one for one in dataset.coords.values() if one.dims == (dim,) and one.dtype.kind in "biuf"]
    axes = [_axis(dataset, one) for one in sorted(along, key=lambda one: one.name != dim)]
    steps = np.arange(dataset.sizes[dim], dtype=np.float64)
    name = str(dim).removesuffix("_index")
    label = "Sample" if name in dataset.data_vars else f"Step of {name}"
    return [attrs.evolve(axis, logarithmic=is_logarithmic(axis.values)) for axis in axes] or [Axis(label, "", steps)]


def _axis(dataset: xr.Dataset, values: xr.DataArray) -> Axis:
    facts = values.attrs
    return Axis(_label(dataset, values), facts.get("units", ""), np.asarray(values.values, dtype=np.float64))


def _label(dataset: xr.Dataset, values: xr.DataArray) -> str:
    """Return the label, or where several things have the same one, the parameter's full name."""
    label = str(values.attrs.get("long_name") or values.name)
    same: Iterable[object] = (one for one in dataset.variables.values() if one.attrs.get("long_name") == label)
    return label if len(list(same)) <= 1 else str(values.attrs.get("parameter") or values.name)
