"""Charts as files, drawn with matplotlib."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from luthier_cli.charts.scales import robust_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from luthier_cli.charts.panel import Axis, Panel

__all__ = ["save"]

_DOTS_PER_INCH = 200
_WIDTH = 5.5
_LINE_HEIGHT = 2.2
_IMAGE_HEIGHT = 4.0
_IMAGES_IN_A_ROW = 3
_MOST_MARKED = 60
_DOTS_AREA = 2e4  # square points that all dots together cover, about
_SMALLEST_DOT, _LARGEST_DOT = 4.0, 60.0
_TITLE_COLOUR = "0.35"


def save(panels: Sequence[Panel], title: str, file: BinaryIO, file_format: str) -> None:
    """Draw panels into an open file.

    Lines are stacked above each other, with one lower axis where they share it; images are put side by side. No window
    is opened and no setting of matplotlib's is changed, so that this works without a screen.

    Raises
    ------
    ModuleNotFoundError
        matplotlib is not installed.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow, and optional

    shown = [panel.with_prefixes() for panel in panels]
    images = any(panel.z is not None for panel in shown)
    columns = min(math.ceil(math.sqrt(len(shown))), _IMAGES_IN_A_ROW) if images else 1
    rows = math.ceil(len(shown) / columns)
    height = _IMAGE_HEIGHT if images else _LINE_HEIGHT
    figure = Figure(figsize=(_WIDTH * columns, max(height * rows, _IMAGE_HEIGHT)), layout="constrained")
    shared = not images and all(_same(panel.x, shown[0].x) for panel in shown)
    for number, panel in enumerate(shown, start=1):
        axes = figure.add_subplot(rows, columns, number, sharex=figure.axes[0] if shared and number > 1 else None)
        axes.tick_params(direction="in", top=panel.along is None, right=True, which="both")
        axes.set_ylabel(panel.y.title)
        if shared and number < len(shown):
            axes.tick_params(labelbottom=False)
        else:
            axes.set_xlabel(panel.x.title)
        _draw(panel, axes, figure)
        if panel.along is not None and (not shared or number == 1):
            _carry(panel.x, panel.along, axes)
    figure.align_ylabels()
    if title:
        figure.suptitle(title, fontsize="small", color=_TITLE_COLOUR)
    figure.savefig(file, format=file_format, dpi=_DOTS_PER_INCH)


def _same(one: Axis, other: Axis) -> bool:
    return one.title == other.title and np.array_equal(one.values, other.values, equal_nan=True)


def _draw(panel: Panel, axes: Any, figure: Any) -> None:
    if panel.x.logarithmic:
        axes.set_xscale("log")
    if panel.y.logarithmic:
        axes.set_yscale("log")
    if panel.z is None:
        marker = "." if len(panel.x.values) <= _MOST_MARKED else ""
        axes.plot(panel.x.values, panel.y.values, marker=marker, linewidth=1.2)
        axes.grid(alpha=0.3)
        return
    values = np.ma.masked_invalid(panel.z.values)
    low, high = robust_limits(panel.z.values)
    if panel.dots:
        area = min(max(_DOTS_AREA / values.size, _SMALLEST_DOT), _LARGEST_DOT)
        dots = axes.scatter(panel.x.values, panel.y.values, area, values, vmin=low, vmax=high, linewidths=0)
        axes.grid(alpha=0.3)
        axes.set_axisbelow(True)
        figure.colorbar(dots, ax=axes, label=panel.z.title, extend=_beyond(values, low, high))
        return
    edges = _edges(panel.x), _edges(panel.y)
    mesh = axes.pcolormesh(*edges, values, vmin=low, vmax=high, rasterized=True)
    figure.colorbar(mesh, ax=axes, label=panel.z.title, extend=_beyond(values, low, high))


def _beyond(values: Any, low: float, high: float) -> str:
    """Say at which ends of the colours there are values beyond them, in matplotlib's words."""
    below, above = bool((values < low).any()), bool((values > high).any())
    return {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[below, above]


def _carry(x: Axis, along: Axis, axes: Any) -> None:
    """Show along the upper axis what was set together with that of the lower one, in proportion to it."""
    (first, last), (start, stop) = ((axis.values[0], axis.values[-1]) for axis in (x, along))
    slope = (stop - start) / (last - first)
    upper = axes.secondary_xaxis(
        "top", functions=(lambda at: start + (at - first) * slope, lambda at: first + (at - start) / slope)
    )
    upper.tick_params(direction="in")
    upper.set_xlabel(along.title)


def _edges(axis: Axis) -> npt.NDArray[np.float64]:
    """Return where the cells of an image begin and end; a single one is given some width."""
    centres = np.log(axis.values) if axis.logarithmic else axis.values
    if len(centres) == 1:
        room = abs(centres[0]) / 20 or 0.5
        return np.array([centres[0] - room, centres[0] + room])
    middles = (centres[1:] + centres[:-1]) / 2
    edges = np.concatenate([[2 * centres[0] - middles[0]], middles, [2 * centres[-1] - middles[-1]]])
    return np.exp(edges) if axis.logarithmic else edges
