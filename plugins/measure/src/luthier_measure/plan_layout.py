"""How the points of a plan are laid out in columns and tables."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from attrs import frozen

from luthier_measure.naming import Naming
from luthier_measure.readings import dtype_of_values, reading_of
from luthier_measure.storage import Column, Dimension, Layout, Table

if TYPE_CHECKING:
    from luthier.parameter import ParameterSweep

    from luthier_measure.plan import Level, Plan
    from luthier_measure.readings import Reading

__all__ = ["ArrangedLevel", "arrange"]


@frozen
class ArrangedLevel:
    """A level, how its readings are taken, and the name of their table; ``None`` when nothing is read."""

    level: Level
    readings: tuple[Reading, ...]
    table: str | None


def arrange(plan: Plan) -> tuple[Layout, tuple[ArrangedLevel, ...]]:
    """Give every quantity its column, and every level at which something is read its table.

    Lengths of arrays may be asked from the instruments; nothing is set.
    """
    naming = Naming()
    columns: list[Column] = []
    tables: list[Table] = []
    arranged: list[ArrangedLevel] = []
    dimensions: tuple[Dimension, ...] = ()
    setpoints: tuple[str, ...] = ()
    for level in plan.levels:
        if level.sweep is not None:
            own = [_setpoint_column(each, naming) for each in level.sweep.setpoints]
            columns += own
            names = tuple(column.name for column in own)
            dimensions = (*dimensions, Dimension(names[0], len(level.sweep), names))
            setpoints += names
        readings = tuple(reading_of(readable, naming) for readable in level.readings)
        read = [column for reading in readings for column in reading.columns]
        columns += read
        table = _table_name(plan, level) if read else None
        if table is not None:
            tables.append(Table(table, dimensions, (*setpoints, *(column.name for column in read))))
        arranged.append(ArrangedLevel(level, readings, table))
    # The innermost table comes first: it is the one that most people look for.
    return Layout(tuple(columns), tuple(reversed(tables))), tuple(arranged)


def _table_name(plan: Plan, level: Level) -> str:
    """Call the table of the innermost readings ``main``, and others by how deep they lie."""
    reading_levels = [each for each in plan.levels if each.readings]
    return "main" if level is reading_levels[-1] else f"level_{reading_levels.index(level)}"


def _setpoint_column(setpoints: ParameterSweep[Any], naming: Naming) -> Column:
    parameter = setpoints.parameter
    return Column(
        naming.name(parameter.full_name),
        "setpoint",
        dtype_of_values(setpoints.values),
        (),
        unit=parameter.unit,
        label=parameter.label,
        parameter=parameter.full_name,
        values=tuple(value.name if isinstance(value, Enum) else value for value in setpoints.values),
    )
