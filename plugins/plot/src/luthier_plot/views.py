"""What a panel shows of a run, and what has to be sent to bring a picture of it up to date."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from luthier_plot.coordinates import Axis

    AnyArray = npt.NDArray[Any]

__all__ = ["MOST_POINTS", "Kind", "Known", "Update", "View"]

Kind: TypeAlias = Literal["line", "image", "cloud"]
"""``line``: y against x. ``image``: z in the cells of a grid. ``cloud``: coloured dots anywhere."""

MOST_POINTS = 1_000_000
"""Of a line or a cloud; of more, the latest are shown."""

AT_ONCE = 1_000_000
"""Numbers of each kind in one update, about; the rest follows in the next."""


@frozen
class Known:
    """What a reader has of a view: the revision, and how many rows of the table."""

    revision: str = ""
    rows: int = 0


@frozen(eq=False)
class Update:
    """What to add to a picture.

    Attributes
    ----------
    known
        What the reader has after it.
    fresh
        Whether to forget what is there.
    more
        Whether there is more to come at once.
    arrays
        The new points, as floats: ``x`` and ``y`` of a line, with ``z`` of a cloud; of an image ``row``, ``column`` and
        ``z`` of the new cells (without ``column``: whole rows), and all of the coordinates ``x`` and ``y``.
    """

    known: Known
    fresh: bool
    more: bool
    arrays: Mapping[str, AnyArray]


@frozen(eq=False)
class View:
    """A panel as it is now.

    Attributes
    ----------
    revision
        Changes whenever a picture has to be begun anew.
    x, y, z
        The axes; ``z`` of an image and of a cloud.
    columns
        The values of each row of the table: as in :class:`Update`, without an image's coordinates. Cells whose row or
        column is negative are not shown.
    first
        The first row that is shown.
    coordinates
        ``x`` and ``y`` of an image.
    frame
        Of a line: what is planned along ``x``, where that is known.
    join
        Of a line: ``taken`` joins the points in the order in which they were taken, ``sorted`` from left to right.
    """

    name: str
    kind: Kind
    revision: str
    x: Axis
    y: Axis
    z: Axis | None
    columns: Mapping[str, AnyArray]
    first: int = 0
    coordinates: Mapping[str, AnyArray] | None = None
    frame: AnyArray | None = None
    join: Literal["taken", "sorted"] = "taken"

    @property
    def rows(self) -> int:
        """How many rows there are, those before the first included."""
        return self.first + min(len(values) for values in self.columns.values())

    def update(self, known: Known) -> Update | None:
        """Return what a reader lacks; ``None``: nothing."""
        rows = self.rows
        fresh = known.revision != self.revision or known.rows > rows
        if not fresh and known.rows == rows:
            return None
        begin = self.first if fresh else max(known.rows, self.first)
        if self.kind != "image":
            begin = max(begin, rows - MOST_POINTS)
        width = max(math.prod(values.shape[1:]) for values in self.columns.values())
        end = min(rows, begin + max(1, AT_ONCE // max(width, 1)))
        arrays = {name: values[begin - self.first : end - self.first] for name, values in self.columns.items()}
        if self.kind == "image":
            shown = (arrays["row"] >= 0) & (arrays.get("column", arrays["row"]) >= 0)
            arrays = {name: values[shown] for name, values in arrays.items()}
        return Update(Known(self.revision, end), fresh, end < rows, {**arrays, **(self.coordinates or {})})

    def extent(self, axis: Literal["x", "y", "z"]) -> AnyArray:
        """Return all values along an axis, for its limits and its SI prefix."""
        if axis == "x" and self.frame is not None:
            return self.frame
        values = (self.coordinates or self.columns).get(axis)
        return self.columns.get(axis, np.empty(0)) if values is None else values
