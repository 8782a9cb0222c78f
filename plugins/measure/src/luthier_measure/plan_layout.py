"""How the points of a plan are laid out in columns and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from luthier_measure.naming import Naming
from luthier_measure.readings import reading_of
from luthier_measure.storage import Column, Dimension, Layout, Table

if TYPE_CHECKING:
    from luthier_measure.plan import Level, Plan
    from luthier_measure.readings import Reading

__all__ = ["ArrangedLevel", "arrange"]


@frozen
class ArrangedLevel:
    """A level, how its readings are taken, and where they are put.

    Attributes
    ----------
    table
        The name of the table; ``None`` when nothing is read.
    setpoints
        The columns for what the level's own sweep sets or counts.
    """

    level: Level
    readings: tuple[Reading, ...]
    table: str | None
    setpoints: tuple[Column, ...] = ()


def arrange(plan: Plan) -> tuple[Layout, tuple[ArrangedLevel, ...]]:
    """Give every quantity its column, and every level at which something is read its table.

    Lengths of arrays may be asked from the instruments; nothing is set.
    """
    naming = Naming()
    columns: list[Column] = []
    tables: list[Table] = []
    arranged: list[ArrangedLevel] = []
    inside: dict[int, _Around] = {-1: _Around()}
    for level in plan.levels:
        around = inside[level.depth - 1]
        own: tuple[Column, ...] = ()
        if level.sweep is not None:
            own = level.sweep.columns(naming)
            columns += own
            names = tuple(column.name for column in own)
            name = names[0] if names else naming.name(level.sweep.label)
            around = around.inside(Dimension(name, level.sweep.size, names))
        inside[level.depth] = around
        readings = tuple(reading_of(readable, naming) for readable in level.readings)
        read = [column for reading in readings for column in reading.columns]
        columns += read
        table = _table_name(plan, level) if read else None
        if table is not None:
            tables.append(Table(table, around.dimensions, (*around.setpoints, *(column.name for column in read))))
        arranged.append(ArrangedLevel(level, readings, table, own))
    # The innermost table comes first: it is the one that most people look for.
    return Layout(tuple(columns), tuple(reversed(tables))), tuple(arranged)


@frozen
class _Around:
    """What lies around a level: the dimensions, and the columns of what is set."""

    dimensions: tuple[Dimension, ...] = ()
    setpoints: tuple[str, ...] = ()

    def inside(self, dimension: Dimension) -> _Around:
        """Return the same for what lies inside a further dimension."""
        return _Around((*self.dimensions, dimension), (*self.setpoints, *dimension.setpoints))


def _table_name(plan: Plan, level: Level) -> str:
    """Call the table of the last readings ``main``, and others by their number."""
    reading_levels = [id(each) for each in plan.levels if each.readings]
    return "main" if id(level) == reading_levels[-1] else f"level_{reading_levels.index(id(level))}"
