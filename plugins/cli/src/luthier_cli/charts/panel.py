"""What a chart shows, whatever it is drawn with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from luthier_cli.charts.scales import robust_limits
from luthier_cli.charts.si_prefixes import prefixed

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Axis", "Panel"]


@attrs.frozen(eq=False)
class Axis:
    """A quantity along an axis, or the colour of an image.

    Attributes
    ----------
    label
        What it is, without unit.
    unit
        The SI unit; empty where it has none.
    values
        Floats, NaN where there is nothing.
    logarithmic
        Whether it is drawn so; all values are positive then.
    """

    label: str
    unit: str
    values: npt.NDArray[np.float64]
    logarithmic: bool = False

    @property
    def largest(self) -> float:
        """The largest magnitude among the finite values; 0 where there is none."""
        finite = self.values[np.isfinite(self.values)]
        return float(np.abs(finite).max()) if finite.size else 0.0

    def with_prefix(self) -> Axis:
        """Return the same quantity with the SI prefix that suits its values."""
        return self._prefixed(self.largest)

    def with_prefix_of_most(self) -> Axis:
        """Return the same with the prefix that suits all but outliers, for colours."""
        return self._prefixed(max(map(abs, robust_limits(self.values))))

    def _prefixed(self, largest: float) -> Axis:
        if self.logarithmic:
            return self
        factor, unit = prefixed(largest, self.unit)
        return self if factor == 1 else attrs.evolve(self, unit=unit, values=self.values * factor)

    @property
    def title(self) -> str:
        """Label and unit: ``Voltage (mV)``."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


@attrs.frozen(eq=False)
class Panel:
    """One chart: a line of ``y`` against ``x``; with ``z`` an image, or dots of that colour where they lie anywhere.

    The values of a line have the shape ``(points,)`` on both axes. Of an image, ``x`` has ``(columns,)`` and ``y``
    ``(rows,)``, both finite and rising, and ``z`` has ``(rows, columns)``. Of dots, all have ``(points,)``. None is
    empty.

    Attributes
    ----------
    along
        Of a line: what was set together with ``x``, along it.
    """

    x: Axis
    y: Axis
    z: Axis | None = None
    along: Axis | None = None

    @property
    def dots(self) -> bool:
        """Whether these are coloured dots."""
        return self.z is not None and self.z.values.ndim == 1

    def with_prefixes(self) -> Panel:
        """Return the panel with an SI prefix on each axis."""
        return Panel(
            self.x.with_prefix(),
            self.y.with_prefix(),
            None if self.z is None else self.z.with_prefix_of_most(),
            None if self.along is None else self.along.with_prefix(),
        )
