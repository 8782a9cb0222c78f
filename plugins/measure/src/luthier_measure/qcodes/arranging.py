"""How the results of a QCoDeS run become tables with dimensions."""

from __future__ import annotations

import math
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen

from luthier_measure.naming import Naming
from luthier_measure.qcodes.database import value_of
from luthier_measure.storage import Column, Dimension, Layout, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from luthier_measure.qcodes.database import QcodesDatabase, QcodesRun
    from luthier_measure.qcodes.description import Quantity

    Places = tuple[npt.NDArray[np.int32], ...]

__all__ = ["Series", "arrange"]

_MOST_EMPTY = 4
"""A grid may have so many places for each point; with more, the points are no grid."""


@frozen
class Series:
    """Quantities that were stored for the same setpoints, and the table that they become.

    ``places`` is the step of each row along each of the table's dimensions.
    """

    table: Table
    quantities: tuple[Quantity, ...]
    setpoints: tuple[Quantity, ...]
    places: Places = field(repr=False)
    axes: tuple[bool, ...]
    """For each of ``setpoints``: whether it is an axis of the arrays, instead of one value a row."""
    reduced: bool
    """Whether such axes are lines; where not, they are arrays as large as what lies along them."""

    def rows(self, database: QcodesDatabase, run: QcodesRun) -> Iterator[tuple[Any, ...]]:
        """Give the rows in order, as a writer's appender takes them; QCoDeS keeps no times, so these are NaN."""
        names = [setpoint.name for setpoint in self.setpoints]
        kinds = [setpoint.paramtype for setpoint in self.setpoints]
        together = zip(*(database.rows(run, [*names, each.name]) for each in self.quantities), strict=True)
        lines = [_Changing(number) for number in range(sum(self.axes))]
        for number, stored in enumerate(together):
            scalars: list[Any] = []
            arrays: list[Any] = []
            for value, kind, is_axis in zip(stored[0], kinds, self.axes, strict=False):
                (arrays if is_axis else scalars).append(value if is_axis and self.reduced else value_of(value, kind))
            if self.reduced:
                arrays = [line.take(value) for line, value in zip(lines, arrays, strict=True)]
            read = [value_of(row[-1], each.paramtype) for row, each in zip(stored, self.quantities, strict=True)]
            yield (math.nan, *(int(place[number]) for place in self.places), *scalars, *arrays, *read)


class _Changing:
    """Gives the line along one dimension of a stored array, and ``None`` while it stays the same."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._last: object = None

    def take(self, stored: Any) -> Any:
        if stored == self._last:
            return None
        self._last = stored
        return _line(np.asarray(value_of(stored, "array")), self._dimension)


def arrange(database: QcodesDatabase, run: QcodesRun) -> tuple[Layout, tuple[Series, ...]]:
    """Find tables, dimensions and places for everything that the run holds.

    What was stored for the same setpoints shares a table. Setpoints that make a grid are its dimensions; where they
    make none (adaptive or random ones), the points are in a row, with the setpoints beside them.

    Raises
    ------
    ValueError
        A stored array is none.
    """
    arranging = _Arranging(run)
    groups = [_look_at(database, run, group) for group in _groups(database, run)]
    groups.sort(key=lambda group: (-len(group.scalars), -group.count))
    series = tuple(arranging.add(group) for group in groups)
    return Layout(tuple(arranging.columns), tuple(each.table for each in series)), series


@frozen
class _Group:
    """Quantities with the same setpoints, and what a first look at their rows has shown."""

    quantities: tuple[Quantity, ...]
    setpoints: tuple[Quantity, ...]
    count: int
    values: tuple[tuple[Any, ...], ...]
    """Of each setpoint with one value a row, all of them."""
    axes: tuple[bool, ...]
    reduced: bool
    depths: tuple[int, ...]
    """How many dimensions the values of each quantity have."""

    @property
    def scalars(self) -> tuple[Quantity, ...]:
        """The setpoints with one value a row."""
        return tuple(each for each, is_axis in zip(self.setpoints, self.axes, strict=True) if not is_axis)


def _groups(database: QcodesDatabase, run: QcodesRun) -> Iterator[tuple[tuple[Quantity, ...], tuple[Quantity, ...]]]:
    """Yield quantities whose setpoints agree in every row, with these setpoints; those without any row are left out."""
    known = {quantity.name: quantity for quantity in run.quantities}
    setpoints = {name for quantity in run.quantities for name in quantity.depends_on}
    found: dict[tuple[tuple[str, ...], int, bytes], list[Quantity]] = {}
    for quantity in run.quantities:
        if quantity.name in setpoints:
            continue
        count, digest = 0, blake2b()
        for row in database.rows(run, [*quantity.depends_on, quantity.name]):
            count += 1
            for value in row[:-1]:
                digest.update(value if isinstance(value, bytes) else repr(value).encode())
                digest.update(b"\0")
        if count:
            found.setdefault((quantity.depends_on, count, digest.digest()), []).append(quantity)
    for (names, _, _), quantities in found.items():
        yield tuple(quantities), tuple(known[name] for name in names)


def _look_at(
    database: QcodesDatabase, run: QcodesRun, group: tuple[tuple[Quantity, ...], tuple[Quantity, ...]]
) -> _Group:
    quantities, setpoints = group
    rows = database.rows(run, [*(each.name for each in setpoints), quantities[0].name])
    columns: list[list[Any]] = [[] for _ in setpoints]
    axes = [False] * len(setpoints)
    reduced = True
    seen: tuple[Any, ...] = ()
    count = 0
    for row in rows:
        count += 1
        stored = row[:-1]
        for number, (value, setpoint) in enumerate(zip(stored, setpoints, strict=True)):
            if isinstance(value, bytes) and setpoint.paramtype != "complex":
                axes[number] = True
            else:
                columns[number].append(value_of(value, setpoint.paramtype))
        arrays = tuple(value for value in stored if isinstance(value, bytes))
        if reduced and any(axes) and arrays != seen:
            seen = arrays
            reduced = _are_lines([np.asarray(value_of(value, "array")) for value in arrays])
    depths = tuple(_depth(database, run, each) for each in quantities)
    reduced = reduced and all(depth == sum(axes) for depth in depths)
    values = tuple(tuple(column) for column, is_axis in zip(columns, axes, strict=True) if not is_axis)
    return _Group(quantities, setpoints, count, values, tuple(axes), reduced, depths)


def _depth(database: QcodesDatabase, run: QcodesRun, quantity: Quantity) -> int:
    for (stored,) in database.rows(run, [quantity.name]):
        return np.ndim(value_of(stored, quantity.paramtype))
    return 0


def _are_lines(arrays: Sequence[Any]) -> bool:
    """Whether each array has as many dimensions as there are arrays, and changes along its own one only."""
    return all(
        array.ndim == len(arrays)
        and np.array_equal(array, np.broadcast_to(_along(_line(array, number), number, array.ndim), array.shape))
        for number, array in enumerate(arrays)
        if array.size or array.ndim != len(arrays)
    )


def _line(array: Any, dimension: int) -> Any:
    return array[tuple(slice(None) if each == dimension else 0 for each in range(array.ndim))]


def _along(line: Any, dimension: int, ndim: int) -> Any:
    return line.reshape([-1 if each == dimension else 1 for each in range(ndim)])


class _Arranging:
    """Gives names, and keeps the steps of setpoints that several tables share."""

    def __init__(self, run: QcodesRun) -> None:
        self.columns: list[Column] = []
        self._run = run
        self._naming = Naming()
        self._steps: dict[str, dict[Any, int]] = {}
        self._shared: dict[str, str] = {}
        self._tables = 0

    def add(self, group: _Group) -> Series:
        """Make the table of a group."""
        dimensions, names, places = self._dimensions(group)
        arrays = [each for each, is_axis in zip(group.setpoints, group.axes, strict=True) if is_axis]
        depth = len(arrays) if group.reduced else max(group.depths, default=0)
        role = "axis" if group.reduced else "reading"
        lines = [self._column(each, role, (None,) if group.reduced else (None,) * depth) for each in arrays]
        along = tuple(line.name for line in lines) if group.reduced else ()
        read = [
            self._column(each, "reading", (None,) * ndim, along if ndim else ())
            for each, ndim in zip(group.quantities, group.depths, strict=True)
        ]
        own = tuple(column.name for column in (*lines, *read))
        table = Table(self._table_name(group), dimensions, (*names, *own))
        return Series(table, group.quantities, group.setpoints, places, group.axes, group.reduced)

    def _table_name(self, group: _Group) -> str:
        self._tables += 1
        return "main" if self._tables == 1 else f"{group.quantities[0].name}_{self._tables}"

    def _column(self, quantity: Quantity, role: Any, shape: tuple[None, ...], axes: tuple[str, ...] = ()) -> Column:
        name = self._naming.name(quantity.name)
        column = Column(name, role, None, shape, quantity.unit, quantity.label, quantity.name, axes)
        self.columns.append(column)
        return column

    def _dimensions(self, group: _Group) -> tuple[tuple[Dimension, ...], tuple[str, ...], Places]:
        rows = np.arange(group.count, dtype=np.int32)
        if not group.scalars:
            if group.count == 1:
                return (), (), ()
            return (Dimension(self._naming.name(f"{group.quantities[0].name}_row"), group.count),), (), (rows,)
        shape = next((each.shape for each in group.quantities if each.shape), ())
        places = self._grid(group)
        if places is not None:
            names = tuple(self._shared_column(each) for each in group.scalars)
            sizes = shape if len(shape) == len(names) else (None,) * len(names)
            dimensions = tuple(Dimension(name, size, (name,)) for name, size in zip(names, sizes, strict=True))
            return dimensions, names, places
        names = tuple(self._column(each, "setpoint", ()).name for each in group.scalars)
        if len(shape) == len(names) and group.count <= math.prod(shape):
            steps = np.unravel_index(rows, shape)
            dimensions = tuple(Dimension(name, size, (name,)) for name, size in zip(names, shape, strict=True))
            return dimensions, names, tuple(each.astype(np.int32) for each in steps)
        return (Dimension(names[0], group.count, names),), names, (rows,)

    def _shared_column(self, quantity: Quantity) -> str:
        if quantity.name not in self._shared:
            self._shared[quantity.name] = self._column(quantity, "setpoint", ()).name
        return self._shared[quantity.name]

    def _grid(self, group: _Group) -> Places | None:
        """Return the places of the rows in a grid of the values that the setpoints take; ``None`` where they make none.

        Tables with the same setpoint share its steps.
        """
        steps = [dict(self._steps.get(each.name, {})) for each in group.scalars]
        places = [_numbered(values, known) for values, known in zip(group.values, steps, strict=True)]
        if any(place is None for place in places):
            return None
        found = [place for place in places if place is not None]
        different = len(set(zip(*(place.tolist() for place in found), strict=True)))
        if different < group.count or math.prod(map(len, steps)) > _MOST_EMPTY * group.count:
            return None
        for each, known in zip(group.scalars, steps, strict=True):
            self._steps[each.name] = known
        return tuple(found)


def _numbered(values: Iterable[Any], known: dict[Any, int]) -> npt.NDArray[np.int32] | None:
    """Give values numbers as they come, after those that are known; ``None`` where one is NaN or missing."""
    numbers = []
    for value in values:
        if value is None or value != value:  # noqa: PLR0124 - NaN differs from itself
            return None
        numbers.append(known.setdefault(value, len(known)))
    return np.array(numbers, dtype=np.int32)
