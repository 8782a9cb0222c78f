"""Charts made of characters, for terminals that show nothing else.

A library would do (plotext, for one), but those there are draw with characters that old Windows consoles and logs
cannot carry, and keep their figure in a global state; what is needed here is this one page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import attrs
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from luthier_cli.charts.panel import Axis, Panel

__all__ = ["ASCII", "UNICODE", "Characters", "draw"]


class Characters(NamedTuple):
    """What a chart is drawn with.

    ``dots`` gives how many dots there are in a character, across and down; ``shades`` go from the lowest value to the
    highest.
    """

    dots: tuple[int, int]
    shades: str
    side: str
    corner: str
    bottom: str


UNICODE = Characters((2, 4), "·░▒▓█", "│", "└", "─")
ASCII = Characters((1, 1), ".:-=+*#%@", "|", "+", "-")

_MOST_JOINED = 10_000
"""Lines of more points than this are drawn without the strokes between them, which nobody could tell apart."""

_DIGITS = 4
_MOST_DIGITS = 17

_BRAILLE = 0x2800
_BRAILLE_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])


def draw(panel: Panel, width: int, height: int, characters: Characters) -> str:
    """Draw a panel in a rectangle of characters: title, canvas with both ends of each axis, and the lower axis' name.

    Parameters
    ----------
    panel
        What to draw; it is given SI prefixes.
    width, height
        Of the whole, in characters; what is too small for a chart is taken larger.
    characters
        What to draw with: :data:`UNICODE` or :data:`ASCII`.
    """
    panel = _linear(panel.with_prefixes())
    ends = _numbers(*_ends(panel.y))
    margin = max(len(end) for end in ends) + 1
    columns, rows = max(width - margin - 1, 16), max(height - 4, 4)
    if panel.z is None:
        canvas = _line(panel, columns, rows, characters)
        heading = [panel.y.title]
    else:
        image = _placed(panel, columns, rows) if panel.dots else panel.z
        canvas = _image(image, columns, rows, characters)
        low, high = _numbers(*_ends(image))
        shades = characters.shades
        heading = [f"{panel.z.title}: {shades[0]} {low} to {shades[-1]} {high}", panel.y.title]
    sides = [ends[1], *[""] * (rows - 2), ends[0]]
    body = [f"{side:>{margin}}{characters.side}{line}".rstrip() for side, line in zip(sides, canvas, strict=True)]
    left, right = _numbers(*_ends(panel.x))
    gap = max(columns - len(left) - len(right), 1)
    foot = [
        f"{'':{margin}}{characters.corner}{characters.bottom * columns}",
        f"{'':{margin + 1}}{left}{'':{gap}}{right}",
        f"{'':{margin + 1}}{panel.x.title:^{columns}}".rstrip(),
    ]
    return "\n".join((*heading, *body, *foot))


def _linear(panel: Panel) -> Panel:
    """Return the panel with the logarithms of logarithmic axes; a chart of characters has no room for their marks."""

    def linear(axis: Axis) -> Axis:
        if not axis.logarithmic:
            return axis
        label = f"log10 of {axis.label}"
        return attrs.evolve(axis, label=label, values=np.log10(axis.values), logarithmic=False)

    return attrs.evolve(panel, x=linear(panel.x), y=linear(panel.y))


def _numbers(low: float, high: float) -> tuple[str, str]:
    """Write both ends of an axis, with as many digits as tell them apart."""
    for digits in range(_DIGITS, _MOST_DIGITS):
        texts = f"{low:.{digits}g}", f"{high:.{digits}g}"
        if texts[0] != texts[1]:
            return texts
    return repr(low), repr(high)


def _ends(axis: Axis) -> tuple[float, float]:
    """Return the lowest and the highest finite value; where they are the same, make room around it."""
    finite = axis.values[np.isfinite(axis.values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        room = abs(low) / 10 or 1.0
        return low - room, high + room
    return low, high


def _line(panel: Panel, columns: int, rows: int, characters: Characters) -> list[str]:
    across, down = characters.dots
    dots = np.zeros((rows * down, columns * across), dtype=bool)
    x = _positions(panel.x.values, _ends(panel.x), columns * across)
    y = rows * down - 1 - _positions(panel.y.values, _ends(panel.y), rows * down)
    shown = np.isfinite(x) & np.isfinite(y)
    dots[y[shown].astype(int), x[shown].astype(int)] = True
    if len(x) <= _MOST_JOINED:
        for index in np.flatnonzero(shown[:-1] & shown[1:]):
            steps = int(max(abs(x[index + 1] - x[index]), abs(y[index + 1] - y[index]))) + 1
            across_steps = np.rint(np.linspace(x[index], x[index + 1], steps)).astype(int)
            dots[np.rint(np.linspace(y[index], y[index + 1], steps)).astype(int), across_steps] = True
    cells = dots.reshape(rows, down, columns, across).swapaxes(1, 2)
    if characters.dots == (1, 1):
        return ["".join("*" if cell else " " for cell in row) for row in cells[:, :, 0, 0]]
    codes = (cells * _BRAILLE_DOTS).sum(axis=(2, 3))
    return ["".join(chr(_BRAILLE + code) if code else " " for code in row) for row in codes]


def _positions(values: npt.NDArray[np.float64], ends: tuple[float, float], count: int) -> npt.NDArray[np.float64]:
    low, high = ends
    return np.rint((values - low) / (high - low) * (count - 1))


def _placed(panel: Panel, columns: int, rows: int) -> Axis:
    """Return dots as an image of one cell for each character; the last one in a cell is seen."""
    assert panel.z is not None
    cells = np.full((rows, columns), np.nan)
    down, across = _positions(panel.y.values, _ends(panel.y), rows), _positions(panel.x.values, _ends(panel.x), columns)
    cells[down.astype(int), across.astype(int)] = panel.z.values
    return attrs.evolve(panel.z, values=cells)


def _image(z: Axis, columns: int, rows: int, characters: Characters) -> list[str]:
    low, high = _ends(z)
    values = z.values[np.linspace(len(z.values) - 1, 0, rows).round().astype(int)]
    values = values[:, np.linspace(0, values.shape[1] - 1, columns).round().astype(int)]
    shades = characters.shades
    places = np.clip((values - low) / (high - low) * len(shades), 0, len(shades) - 1)
    return ["".join(shades[int(place)] if np.isfinite(place) else " " for place in row) for row in places]
