"""What is known of a run beside its points: columns, tables, and the facts at its start and at its end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from attrs import field, frozen
from luthier.plain import from_plain

from luthier_measure.errors import UnknownTableError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Column", "Continuation", "Dimension", "Layout", "Outcome", "RunEnd", "RunHeader", "Table"]

Outcome: TypeAlias = Literal["running", "completed", "stopped", "failed", "interrupted", "unreadable"]
"""How a run ended; ``unreadable`` only in lists, of one whose end was not known before its file could not be read."""
"""``running``: a living process writes it; ``interrupted``: its process died; ``stopped``: ended early on request."""

Role: TypeAlias = Literal["setpoint", "reading", "axis"]


@frozen
class Column:
    """One quantity of a run: what is set, what is read, or an axis of arrays that are read."""

    name: str
    """Unique in the run; a letter first, so that it never meets the columns that the storage adds."""
    role: Role
    dtype: str | None = None
    """``"text"`` or a name of numpy's (``"float64"``, ``"complex128"``, …); ``None``: the first value decides."""
    shape: tuple[int | None, ...] | None = ()
    """``()``: one value a point; ``None`` as a length: it may change; ``None`` as a whole: the first value decides."""
    unit: str = ""
    label: str = ""
    parameter: str = ""
    """Full name of the parameter, such as ``dac.ch1``; empty for free data."""
    axes: tuple[str, ...] = ()
    """For arrays: the columns (of role ``axis``) along each of their dimensions; empty when not known."""
    values: tuple[Any, ...] | None = None
    """For setpoints: all values that were planned, in order, where they are known beforehand."""

    def to_data(self) -> dict[str, Any]:
        """Describe the column in JSON's terms; evenly spaced floats are shortened to start, stop and num."""
        shape = None if self.shape is None else list(self.shape)
        return {
            "name": self.name,
            "role": self.role,
            "dtype": self.dtype,
            "shape": shape,
            "unit": self.unit,
            "label": self.label,
            "parameter": self.parameter,
            "axes": list(self.axes),
            "values": None if self.values is None else _shorten(self.values),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Column:
        """Rebuild what :meth:`to_data` described; keys added by later versions are ignored."""
        shape, values = data.get("shape", ()), data.get("values")
        return cls(
            name=data["name"],
            role=data["role"],
            dtype=data.get("dtype"),
            shape=None if shape is None else tuple(shape),
            unit=data.get("unit", ""),
            label=data.get("label", ""),
            parameter=data.get("parameter", ""),
            axes=tuple(data.get("axes", ())),
            values=None if values is None else _expand(values),
        )


@frozen
class Dimension:
    """One direction in which the points of a table are arranged."""

    name: str
    size: int | None = None
    """How many steps were planned; ``None`` when the data decides (until a condition holds, free data)."""
    setpoints: tuple[str, ...] = ()
    """The columns set at each step; several when sweeps are linked, none when something is only repeated."""


@frozen
class Table:
    """Points that share their dimensions, for example all readings of one level of nested sweeps.

    A row is ``(time, *indices, *values)``: seconds since 1970, the step along each dimension counted from 0, and a
    value for each column.
    """

    name: str
    dimensions: tuple[Dimension, ...]
    columns: tuple[str, ...]


@frozen
class Layout:
    """All columns and tables of a run."""

    columns: tuple[Column, ...]
    tables: tuple[Table, ...]

    def column(self, name: str) -> Column:
        """Return the column of that name; ``KeyError`` when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def table(self, name: str) -> Table:
        """Return the table of that name; :class:`~luthier_measure.errors.UnknownTableError` when there is none."""
        return self.tables[self.table_number(name)]

    def table_number(self, name: str) -> int:
        """Return the place of a table among the tables, from 0.

        Raises
        ------
        UnknownTableError
            There is none of that name.
        """
        for number, table in enumerate(self.tables):
            if table.name == name:
                return number
        tables = tuple(table.name for table in self.tables)
        raise UnknownTableError(
            f"no table {name!r}; there {'is' if len(tables) == 1 else 'are'} {', '.join(map(repr, tables)) or 'none'}",
            state="Nothing was read or changed.",
            advice="'luthier verify' tells whether its description is damaged.",
            path="",
            table=name,
            tables=tables,
        )

    def to_data(self) -> dict[str, Any]:
        """Describe the layout in JSON's terms."""
        tables = [
            {
                "name": table.name,
                "dimensions": [
                    {"name": dimension.name, "size": dimension.size, "setpoints": list(dimension.setpoints)}
                    for dimension in table.dimensions
                ],
                "columns": list(table.columns),
            }
            for table in self.tables
        ]
        return {"columns": [column.to_data() for column in self.columns], "tables": tables}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Layout:
        """Rebuild what :meth:`to_data` described; keys added by later versions are ignored."""
        tables = tuple(
            Table(
                name=table["name"],
                dimensions=tuple(
                    Dimension(dimension["name"], dimension.get("size"), tuple(dimension.get("setpoints", ())))
                    for dimension in table["dimensions"]
                ),
                columns=tuple(table["columns"]),
            )
            for table in data["tables"]
        )
        return cls(tuple(Column.from_data(column) for column in data["columns"]), tables)


@frozen
class RunHeader:
    """What is known when a run begins. The mappings must be made of JSON's types."""

    id: str
    name: str
    started: float
    """Seconds since 1970, by the clock of the computer that measures."""
    layout: Layout
    utc_offset: int = 0
    """Seconds by which local time was ahead of UTC."""
    sample: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    plan: Mapping[str, Any] = field(factory=dict)
    snapshot: Mapping[str, Any] = field(factory=dict)
    """The state of the instruments before the first set."""
    environment: Mapping[str, Any] = field(factory=dict)
    """Versions, user, host, platform, script."""
    metadata: Mapping[str, Any] = field(factory=dict)
    """What the user added."""


@frozen
class Continuation:
    """What is known when a run that did not complete goes on. The mappings must be made of JSON's types."""

    started: float
    """Seconds since 1970."""
    points: int = 0
    """How many rows there were before, of all tables; the storage counts them."""
    outcome: Outcome = "interrupted"
    """What the run's outcome was before; the storage fills it in."""
    snapshot: Mapping[str, Any] = field(factory=dict)
    """The state of the instruments before the first further set."""
    environment: Mapping[str, Any] = field(factory=dict)
    """Versions, user, host, platform, script of the process that goes on."""
    duration: float | None = None
    """Seconds that all parts before took, by a clock that nobody sets; ``None`` where that is not known."""
    timings: Mapping[str, Any] = field(factory=dict)
    """As of :class:`RunEnd`, of all parts before; a part that was killed left none."""


@frozen
class RunEnd:
    """What is known when a run has ended."""

    outcome: Outcome
    ended: float
    """Seconds since 1970."""
    error: str = ""
    """The traceback, when an error ended the run."""
    snapshot: Mapping[str, Any] = field(factory=dict)
    """The state of the instruments after the last point; empty when it was not taken."""
    environment: Mapping[str, Any] = field(factory=dict)
    """What became known of the surroundings while the run went on; it replaces what the header says of the same."""
    timings: Mapping[str, Any] = field(factory=dict)
    """By instrument, and there by ``set`` and ``get``: how many ``calls``, and the ``seconds`` that they took."""
    duration: float | None = None
    """Seconds that it took, by a clock that nobody sets, all parts together; ``None`` where that is not known."""

    def took_since(self, started: float) -> float:
        """Return the duration; where it is not known, the seconds since a run was begun, by the computer's clock."""
        return self.ended - started if self.duration is None else self.duration


_SHORTEN_FROM = 5
_CLOSE = 1e-9


def _shorten(values: tuple[Any, ...]) -> list[Any] | dict[str, Any]:
    """Describe evenly spaced floats by their ends; what was really set stands in the points, to the last digit."""
    if len(values) >= _SHORTEN_FROM and type(values[0]) is float:
        try:
            given = np.asarray(values)
        except ValueError:
            return list(values)
        if given.dtype == np.float64 and bool(np.isfinite(given).all()):
            step = abs(values[-1] - values[0]) / (len(values) - 1)
            with np.errstate(over="ignore"):  # an infinite distance is not close
                away = abs(given - np.linspace(values[0], values[-1], len(values))) if step < math.inf else None
            if away is not None and bool((away <= _CLOSE * step).all()):
                return {"start": values[0], "stop": values[-1], "num": len(values)}
    return list(values)


def _expand(data: list[Any] | dict[str, Any]) -> tuple[Any, ...]:
    if isinstance(data, dict):
        return tuple(np.linspace(data["start"], data["stop"], data["num"]).tolist())
    # What JSON cannot say (NaN, complex numbers) is marked.
    return tuple(from_plain(data) if any(type(value) is dict for value in data) else data)
