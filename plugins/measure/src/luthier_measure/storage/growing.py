"""Layouts that grow while the run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.errors import UsageError

from luthier_measure.storage.description import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier_measure.storage.description import Column, Table

__all__ = ["grown"]


def grown(layout: Layout, table: Table, columns: Sequence[Column]) -> Layout:
    """Return a layout with a table more, or with more columns in a table that it has.

    Parameters
    ----------
    layout
        As it is.
    table
        Where there is one of its name, it has the same dimensions, and all columns of that one come first.
    columns
        Those that the layout has not.

    Raises
    ------
    UsageError
        A name is taken or unknown, or the table would become another one.

    Examples
    --------
    >>> from luthier_measure.storage import Column, Dimension, Layout, Table
    >>> table = Table("main", (Dimension("point"),), ("x",))
    >>> grown(Layout((), ()), table, [Column("x", "reading")]).table("main").columns
    ('x',)
    """
    known = {column.name for column in layout.columns}
    for column in columns:
        if column.name in known:
            raise _refused(table, f"a column {column.name!r} is there already")
        known.add(column.name)
    if missing := [name for name in table.columns if name not in known]:
        raise _refused(table, f"it has columns that nothing describes: {', '.join(missing)}")
    before = next((each for each in layout.tables if each.name == table.name), None)
    if before is None:
        tables = (*layout.tables, table)
    elif before.dimensions != table.dimensions or before.columns != table.columns[: len(before.columns)]:
        raise _refused(table, "it is there already, with other dimensions or columns")
    else:
        tables = tuple(table if each is before else each for each in layout.tables)
    return Layout((*layout.columns, *columns), tables)


def _refused(table: Table, why: str) -> UsageError:
    return UsageError(f"cannot add the table {table.name!r}: {why}", state="The run was not changed, and goes on.")
