"""What was set at the steps of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen
from luthier_cli.charts.scales import is_logarithmic

if TYPE_CHECKING:
    import numpy.typing as npt
    from luthier_measure.storage import Column, Dimension

    AnyArray = npt.NDArray[Any]

__all__ = ["Axis", "Coordinates"]

_SAME = 1e-6
"""Part of a sweep's range by which what was set at one step may differ from pass to pass."""

_PLANNED_AT_MOST = 1_000_000


@frozen
class Axis:
    """What lies along an axis: label, SI unit, and whether it is logarithmic."""

    label: str
    unit: str
    logarithmic: bool = False

    @classmethod
    def of(cls, column: Column) -> Axis:
        """Return the axis of a column of a run."""
        return cls(column.label or column.parameter or column.name, column.unit)


class Coordinates:
    """The values along one dimension of a table, by the number of the step.

    Attributes
    ----------
    axis
        What they are.
    values
        Of each step; NaN where nothing was planned or set.
    planned
        The same as it was planned; ``None`` where that is not known.
    irregular
        Whether something else was set at the same step in another pass.
    """

    def __init__(self, dimension: Dimension, column: Column | None) -> None:
        self.irregular = False
        self.planned: AnyArray | None = None
        self.column = column
        self.planned_size = dimension.size
        numeric = column is not None and column.dtype is not None and column.dtype != "text"
        self.name = column.name if column is not None and numeric else None
        if column is None or self.name is None:
            self.axis = Axis(f"Step of {dimension.name}", "")
            self.values: AnyArray = np.arange(min(dimension.size or 0, _PLANNED_AT_MOST), dtype=np.float64)
            return
        self.values = np.full(min(dimension.size or 0, _PLANNED_AT_MOST), np.nan)
        if column.values is not None and len(column.values) == dimension.size:
            try:
                self.values = self.planned = np.array(column.values, dtype=np.float64)
            except (TypeError, ValueError):
                # Not what the type promises; the steps tell.
                self.values = np.full(len(column.values), np.nan)
        self.axis = evolve(Axis.of(column), logarithmic=is_logarithmic(self.values))

    def add(self, steps: npt.NDArray[np.int32], values: AnyArray | None) -> None:
        """Learn from new points: their steps, and what was set there."""
        reached = int(steps.max(initial=-1)) + 1
        if values is None:
            if reached > len(self.values):
                self.values = np.arange(reached, dtype=np.float64)
            return
        if reached > len(self.values):
            self.values = np.append(self.values, np.full(reached - len(self.values), np.nan))
        unknown = ~np.isfinite(self.values[steps])
        self.values[steps[unknown]] = values[unknown]
        if unknown.any() and self.planned_size is None:
            self.axis = evolve(self.axis, logarithmic=is_logarithmic(self.values))
        if not self.irregular:
            known = self.values[np.isfinite(self.values)]
            span = float(np.ptp(known)) if len(known) else 0.0
            with np.errstate(invalid="ignore"):
                differ = np.abs(self.values[steps] - values) > _SAME * span
            self.irregular = bool(differ.any())
