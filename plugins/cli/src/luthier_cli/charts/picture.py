"""Charts as files, drawn with matplotlib."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from luthier_cli.charts.panel import Panel

__all__ = ["save"]

_DOTS_PER_INCH = 150
_WIDTH = 6.4
_LINE_HEIGHT = 2.6
_IMAGE_HEIGHT = 4.4
_IMAGES_IN_A_ROW = 3
_MOST_MARKED = 60


def save(panels: Sequence[Panel], title: str, file: BinaryIO, file_format: str) -> None:
    """Draw panels into an open file.

    Lines are stacked above each other; images are put side by side. No window is opened and no setting of matplotlib's
    is changed, so that this works without a screen.

    Raises
    ------
    ModuleNotFoundError
        matplotlib is not installed.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow, and optional

    images = any(panel.z is not None for panel in panels)
    columns = min(math.ceil(math.sqrt(len(panels))), _IMAGES_IN_A_ROW) if images else 1
    rows = math.ceil(len(panels) / columns)
    height = _IMAGE_HEIGHT if images else _LINE_HEIGHT
    figure = Figure(figsize=(_WIDTH * columns, max(height * rows, _IMAGE_HEIGHT)), layout="constrained")
    for number, panel in enumerate(panels, start=1):
        axes = figure.add_subplot(rows, columns, number)
        shown = panel.with_prefixes()
        axes.set_xlabel(shown.x.title)
        axes.set_ylabel(shown.y.title)
        _draw(shown, axes, figure)
    figure.suptitle(title, fontsize="medium")
    figure.savefig(file, format=file_format, dpi=_DOTS_PER_INCH)


def _draw(panel: Panel, axes: Any, figure: Any) -> None:
    if panel.z is None:
        marker = "." if len(panel.x.values) <= _MOST_MARKED else ""
        axes.plot(panel.x.values, panel.y.values, marker=marker)
        axes.grid(alpha=0.3)
        return
    values = np.ma.masked_invalid(panel.z.values)
    mesh = axes.pcolormesh(_edges(panel.x.values), _edges(panel.y.values), values, rasterized=True)
    figure.colorbar(mesh, ax=axes, label=panel.z.title)


def _edges(centres: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return where the cells of an image begin and end; a single one is given some width."""
    if len(centres) == 1:
        room = abs(centres[0]) / 20 or 0.5
        return np.array([centres[0] - room, centres[0] + room])
    middles = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middles[0]], middles, [2 * centres[-1] - middles[-1]]])
