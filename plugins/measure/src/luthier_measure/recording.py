"""Tables of a run whose points come from free code: quantities get their columns when they come for the first time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import numpy as np
from luthier.errors import UsageError
from luthier.parameter import GroupParameter, Parameter

from luthier_measure.errors import UnstorableValueError
from luthier_measure.readings import dtype_of_type, kept, reading_of
from luthier_measure.recorder import MAIN, Quantity, Recorder, named
from luthier_measure.storage import Column, Dimension, Table
from luthier_measure.storage.column_types import widened

if TYPE_CHECKING:
    from luthier_measure.readings import Reading
    from luthier_measure.storage import Row, RunWriter
    from luthier_measure.storage.description import Role

__all__ = ["RunTable"]

Given: TypeAlias = dict[Quantity, Any]

_PAIR = 2


class RunTable:
    """Points of a run that share their dimensions; made by :meth:`FreeRun.new_table`.

    Without setpoints, points stand one behind the other, along a dimension that counts them. Thread-safe.
    """

    def __init__(self, recorder: Recorder, name: str, setpoints: tuple[Quantity, ...]) -> None:
        self.name = name
        self.setpoints = setpoints
        self._recorder = recorder
        self._places: dict[Quantity, int] = {quantity: place for place, quantity in enumerate(setpoints)}
        self._new: list[Column] = []
        self._own = [recorder.setpoint(quantity) for quantity in setpoints]
        self._names = [*self._own]
        if setpoints:
            self.dimensions = tuple(Dimension(name, None, (name,)) for name in self._own)
        else:
            self.dimensions = (Dimension(recorder.naming.name("point", of="" if name == MAIN else name)),)
        self._axes: dict[Parameter[Any], list[Parameter[Any]]] = {}
        self._last_axes: dict[Quantity, Any] = {}
        self._fits: dict[Quantity, Column] = {}
        self._kinds: dict[Quantity, set[object]] = {}
        self._count = 0
        self._append: Callable[[Row], None] | None = None

    def add(self, *items: Any, **values: Any) -> None:
        """Store a point: ``run.add(x=0.1, y=3.2)``, ``run.add((dac.ch1, 0.1), dmm.voltage)``.

        Each quantity gets its column when it comes for the first time. What a point leaves out is missing there (NaN,
        or ``None`` for text). Values may be numbers, text, members of an ``Enum``, and arrays, which are copied. The
        point is in the file 0.1 s later. Where the run is paused or suspended, this waits until it goes on.

        Parameters
        ----------
        items
            ``(parameter, value)`` and ``(name, value)``; mappings of such; and parameters alone, which are read now.
        values
            By name.

        Raises
        ------
        UsageError
            What is given is no point of this table, or the run has ended. Nothing of it was stored.
        StorageWriteError
            Points can no longer be stored (disk full).
        UnstorableValueError
            A value before could not be stored after all (a whole number of more than 64 bits); everything else is.
        Exception
            Whatever a driver raised when a parameter was read, and ``on_error=`` did not take. Nothing of this point
            was stored.
        """
        recorder = self._recorder
        with recorder.lock:
            writer = recorder.writer
            given: Given = {}
            for item in items:
                self._take(item, given)
            for name, value in values.items():
                self._give(name, value, given)
            if not given:
                raise self._refused("there is nothing to store", "Give values: run.add(x=0.1, y=3.2).")
            self._require_setpoints(given)
            self._require_storable(given)
            if not given.keys() <= self._places.keys():
                self._register(given)
            indices = self._indices(given)
            if self._append is None:
                self._new = [*recorder.new_setpoints(self.setpoints), *self._new]
            if self._new or self._append is None:
                self._append = self._stored_in(writer)
            row: list[Any] = [None] * len(self._places)
            for quantity, value in given.items():
                row[self._places[quantity]] = self._changed(quantity, value) if quantity in self._last_axes else value
            self._append((recorder.now(), *indices, *row))
            self._count += 1
        recorder.attend()

    def _take(self, item: Any, given: Given) -> None:
        if isinstance(item, Parameter):
            self._read(item, given)
        elif isinstance(item, Mapping):
            for quantity, value in item.items():
                self._give(quantity, value, given)
        elif isinstance(item, tuple) and len(item) == _PAIR and isinstance(item[0], (str, Parameter)):
            self._give(item[0], item[1], given)
        else:
            raise self._refused(
                f"got {item!r} ({type(item).__name__}): allowed are (parameter, value), mappings, and parameters",
                "Write what is without a parameter by its name: run.add(x=0.1).",
            )

    def _give(self, quantity: Any, value: Any, given: Given) -> None:
        if isinstance(quantity, GroupParameter) and isinstance(value, Mapping):
            for member in quantity.members:
                self._give(member, value[member.name], given)
            return
        if not isinstance(quantity, Parameter) and not (isinstance(quantity, str) and quantity.strip()):
            raise self._refused(f"{quantity!r} cannot name a quantity: allowed are parameters and text", "")
        if quantity in given:
            raise self._refused(f"{named(quantity)} is given twice", "")
        try:
            given[quantity] = _plain(value)
        except ValueError:
            raise self._refused(f"{named(quantity)} got lists whose parts are not equally long", "") from None

    def _read(self, parameter: Parameter[Any], given: Given) -> None:
        value = self._recorder.read(parameter)
        if isinstance(parameter, GroupParameter):
            missing = dict.fromkeys(each.name for each in parameter.members)
            self._give(parameter, missing if value is None else value, given)
            return
        self._give(parameter, value, given)
        if value is None and parameter.shape:
            # Without the array, nobody knows whether its axes are those of before.
            return
        if parameter.shape and parameter not in self._places:
            reading = reading_of(parameter, self._recorder.naming)
            self._recorder.parameters.append(parameter)
            axes = self._axes[parameter] = _axes(reading)
            for axis, column in zip((*axes, parameter), reading.columns, strict=True):
                self._put(axis, column)
            self._last_axes.update(dict.fromkeys(axes))
        # The axes come second, because reading the array may show that they have changed.
        for axis in self._axes.get(parameter, ()):
            given[axis] = _plain(axis.get() if self._last_axes[axis] is None else axis.known_or_read())

    def _register(self, given: Given) -> None:
        """Give columns to what has none; axes first."""
        new = [quantity for quantity in given if quantity not in self._places]
        made = []
        for quantity in sorted(new, key=lambda each: not self._recorder.is_axis(each)):
            role: Role = "axis" if self._recorder.is_axis(quantity) else "reading"
            if role == "axis" and np.ndim(given[quantity]) != 1:
                raise self._refused(f"{named(quantity)} is an axis: allowed are arrays of one dimension", "")
            for axis in self._recorder.along(quantity):
                if axis not in self._places and axis not in given:
                    raise self._refused(
                        f"{named(quantity)} lies along {named(axis)}, which is not given",
                        "Add the axis with the first point.",
                    )
            made.append((quantity, role))
        for quantity, role in made:
            column = self._recorder.column(quantity, role, self.name)
            axes = tuple(self._names[self._places[axis]] for axis in self._recorder.along(quantity))
            self._put(quantity, attrs.evolve(column, axes=axes))
            if role == "axis":
                self._last_axes[quantity] = None

    def _require_storable(self, given: Given) -> None:
        """Refuse a point with a value of a kind that does not fit to its parameter, or to the values before."""
        new = {
            quantity: value
            for quantity, value in given.items()
            if value is not None and _kind(value) not in self._kinds.get(quantity, ())
        }
        fits = {}
        for quantity, value in new.items():
            try:
                fits[quantity] = widened(self._fits.get(quantity) or _expected(quantity), value)
            except UnstorableValueError as error:
                raise self._refused(f"{named(quantity)} {error.what}", "") from None
        self._fits |= fits
        for quantity, value in new.items():
            self._kinds.setdefault(quantity, set()).add(_kind(value))

    def _put(self, quantity: Quantity, column: Column) -> None:
        self._places[quantity] = len(self._names)
        self._names.append(column.name)
        self._new.append(column)

    def _stored_in(self, writer: RunWriter) -> Callable[[Row], None]:
        """Tell the storage what is new, and return what adds a row."""
        writer.add_table(Table(self.name, self.dimensions, tuple(self._names)), self._new)
        self._new = []
        return writer.appender(self.name)

    def _require_setpoints(self, given: Given) -> None:
        for each in self.setpoints:
            value = given.get(each)
            if value is None:
                allowed = ", ".join(map(named, self.setpoints))
                raise self._refused(f"{named(each)} is missing: each point needs its setpoints ({allowed})", "")
            if isinstance(value, np.ndarray) or value != value:  # noqa: PLR0124 - NaN differs from itself
                got = "an array" if isinstance(value, np.ndarray) else "NaN"
                raise self._refused(f"{named(each)} is a setpoint and got {got}: allowed are single values", "")

    def _indices(self, given: Given) -> list[int]:
        if not self.setpoints:
            return [self._count]
        return [self._recorder.step(name, given[each]) for each, name in zip(self.setpoints, self._own, strict=True)]

    def _changed(self, axis: Quantity, value: Any) -> Any:
        """Return an axis where it differs from before, else ``None``."""
        if value is None or np.array_equal(self._last_axes[axis], value):
            return None
        self._last_axes[axis] = value
        return value

    def _refused(self, what: str, advice: str) -> UsageError:
        return UsageError(what, who=f"table {self.name!r}", state="Nothing of this point was stored.", advice=advice)


def _axes(reading: Reading) -> list[Parameter[Any]]:
    """Return the parameters of the columns that are axes, in order."""
    by_name = {axis.full_name: axis for parameter in reading.parameters for axis in parameter.axes}
    return [by_name[column.parameter] for column in reading.columns[:-1]]


def _expected(quantity: Quantity) -> Column:
    dtype = dtype_of_type(quantity.type) if isinstance(quantity, Parameter) and not quantity.shape else None
    return Column(named(quantity), "reading", dtype, None)


def _kind(value: Any) -> object:
    return (value.dtype, value.ndim) if isinstance(value, np.ndarray) else type(value)


def _plain(value: Any) -> Any:
    """Return a value that does not change any more; arrays of other libraries as numpy's."""
    if isinstance(value, (float, int, str)) or value is None:
        return value
    if hasattr(value, "__array__"):
        value = kept(value) if isinstance(value, np.ma.MaskedArray) else np.asarray(value)
        return value.item() if value.ndim == 0 else np.array(value)
    return kept(value)
