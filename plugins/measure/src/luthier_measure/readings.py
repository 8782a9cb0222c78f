"""What is read at a point: parameters, groups of parameters, arrays with their axes, functions."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import numpy as np
from attrs import frozen
from luthier.parameter import GroupParameter, Parameter

from luthier_measure.array_blocks import ArrayBlocks
from luthier_measure.buffering import Buffered
from luthier_measure.storage import Column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from luthier_measure.naming import Naming
    from luthier_measure.storage.description import Role

__all__ = ["Readable", "Reading", "dtype_of_type", "dtype_of_values", "kept", "readable_name", "reading_of"]

Readable: TypeAlias = Parameter[Any] | Callable[[], Any] | Buffered


@frozen
class Reading:
    """How something is read, and the columns for it.

    ``take`` gives the value for the only column, or a sequence with a value for each when there are several.
    """

    columns: tuple[Column, ...]
    take: Callable[[], Any]
    readable: Readable

    @property
    def parameters(self) -> tuple[Parameter[Any], ...]:
        """The parameters whose values the columns of role ``reading`` hold, in order, where they are parameters."""
        if isinstance(self.readable, Buffered):
            return self.readable.parameters
        if isinstance(self.readable, GroupParameter):
            return self.readable.members
        return (self.readable,) if isinstance(self.readable, Parameter) else ()


def readable_name(reading: Readable) -> str:
    """Return the name of something that is read."""
    if isinstance(reading, Buffered):
        return reading.name
    return reading.full_name if isinstance(reading, Parameter) else str(getattr(reading, "__name__", "reading"))


def reading_of(readable: Readable, naming: Naming) -> Reading:
    """Find out how something is read, and name its columns; lengths of arrays may be asked from the instrument."""
    if isinstance(readable, Buffered):
        return _buffered_reading(readable, naming)
    if isinstance(readable, GroupParameter):
        columns = tuple(_parameter_column(member, "reading", naming) for member in readable.members)
        return Reading(columns, _taking_members(readable), readable)
    if not isinstance(readable, Parameter):
        column = Column(naming.name(readable_name(readable)), "reading", None, None)
        return Reading((column,), _copying(readable), readable)
    if readable.shape:
        return _array_reading(readable, naming)
    column = _parameter_column(readable, "reading", naming)
    return Reading((column,), readable.get if column.shape == () else _copying(readable.get), readable)


def dtype_of_type(kind: type[Any]) -> str | None:
    """Return the type of the column for values of a Python type; ``None`` when the values have to tell.

    Examples
    --------
    >>> dtype_of_type(float), dtype_of_type(bool), dtype_of_type(object)
    ('float64', 'bool', None)
    """
    for python, dtype in ((bool, "bool"), (int, "int64"), (float, "float64"), (complex, "complex128"), (str, "text")):
        if issubclass(kind, python):
            return dtype
    return "text" if issubclass(kind, Enum) else None


def dtype_of_values(values: Iterable[object]) -> str | None:
    """Return the type of the column that holds all the values; ``None`` when they are of several kinds."""
    dtypes = {dtype_of_type(kind) for kind in set(map(type, values))}
    for wider in ("float64", "complex128"):
        if wider in dtypes and dtypes <= {"int64", "float64", wider}:
            return wider
    return dtypes.pop() if len(dtypes) == 1 else None


def _parameter_column(parameter: Parameter[Any], role: Role, naming: Naming, axes: tuple[str, ...] = ()) -> Column:
    dtype = dtype_of_type(parameter.type)
    shape = parameter.shape
    if shape:
        # How the elements of an array are typed, only the first one shows.
        dtype = None
    return Column(
        naming.name(parameter.full_name),
        role,
        dtype,
        None if dtype is None and not shape else shape,
        unit=parameter.unit,
        label=parameter.label,
        parameter=parameter.full_name,
        axes=axes,
    )


def _array_reading(parameter: Parameter[Any], naming: Naming) -> Reading:
    axes = [axis for axis in parameter.axes if len(axis.shape) == 1]
    if len(axes) != len(parameter.shape):
        # Without an axis for each dimension, elements are counted.
        axes = []
    new = [axis for axis in axes if not naming.knows(axis)]
    axis_columns = tuple(_parameter_column(axis, "axis", naming) for axis in new)
    for axis, column in zip(new, axis_columns, strict=True):
        naming.remember(axis, column.name)
    names = tuple(naming.known(axis) for axis in axes)
    column = _parameter_column(parameter, "reading", naming, names)
    get = _copying(parameter.get)
    if not new:
        return Reading((column,), get, parameter)
    last: tuple[Any, ...] = (None,) * len(new)

    def take() -> tuple[Any, ...]:
        nonlocal last
        # The axes come second, because reading the array may show that they have changed.
        value = get()
        # Each is read once in each run, whatever is known of it, and then only when it is outdated.
        now = tuple(
            axis.get() if before is None else axis.known_or_read() for axis, before in zip(new, last, strict=True)
        )
        changed = tuple(map(_if_changed, last, now))
        # Only now that nothing fails any more: what is tried again is to give the same.
        last = now
        return (*changed, value)

    return Reading((*axis_columns, column), take, parameter)


def _buffered_reading(buffered: Buffered, naming: Naming) -> Reading:
    axis_columns: tuple[Column, ...] = ()
    if buffered.axis is not None:
        parameter = buffered.axis.parameter
        unit, label, full_name = parameter.unit, parameter.label, parameter.full_name
        length = len(buffered.axis)
        axis_columns = (
            Column(naming.name(full_name), "axis", "float64", (length,), unit=unit, label=label, parameter=full_name),
        )
    readings = [reading_of(fetched, naming) for fetched in buffered.fetch]
    if axis_columns:
        along = (axis_columns[0].name,)
        readings = [
            attrs.evolve(each, columns=tuple(_along(column, along) for column in each.columns)) for each in readings
        ]
    columns = (*axis_columns, *(column for reading in readings for column in reading.columns))
    several = [len(reading.columns) > 1 for reading in readings]
    take_all = buffered.taking([reading.take for reading in readings], several)
    if len(columns) == 1:
        return Reading(columns, lambda: take_all()[0], buffered)
    return Reading(columns, take_all, buffered)


def _along(column: Column, axes: tuple[str, ...]) -> Column:
    """Lay an array whose first axis is not known along that of the buffer."""
    if column.role != "reading" or column.axes:
        return column
    return attrs.evolve(column, shape=column.shape or (None,), axes=axes)


def _copying(get: Callable[[], Any]) -> Callable[[], Any]:
    """Keep arrays apart from the driver's own memory, which it may use again."""
    blocks = ArrayBlocks()

    def get_and_keep() -> Any:
        value = get()
        return blocks.copy(value) if type(value) is np.ndarray else kept(value)

    return get_and_keep


def kept(value: Any) -> Any:
    """Return a value that does not change any more: of what lists and arrays hold, a copy.

    What a masked array hides is NaN, or no text. Lists whose elements have different lengths are given back as they
    are: storing them says that they cannot be.
    """
    if isinstance(value, np.ma.MaskedArray):
        return _without_mask(value)
    if isinstance(value, np.ndarray):
        return np.array(value)
    if not isinstance(value, (list, tuple)):
        return value
    try:
        return np.array(value)
    except ValueError:
        return value


def _without_mask(value: np.ma.MaskedArray[Any, Any]) -> np.ndarray[Any, Any]:
    if value.dtype.kind == "U":
        return np.array(value.filled(""))
    if value.dtype.kind not in "biufc" or not np.ma.is_masked(value):
        return np.array(value.data)
    numbers = np.array(value.data) if value.dtype.kind in "fc" else np.array(value.data, float)
    numbers[np.ma.getmaskarray(value)] = np.nan
    return numbers


def _if_changed(before: Any, now: Any) -> Any:
    """Return an axis where it is new or differs from before, else ``None``."""
    if now is before or (before is not None and np.array_equal(now, before)):
        return None
    return np.array(now)


def _taking_members(group: GroupParameter) -> Callable[[], Any]:
    names = [member.name for member in group.members]

    def take() -> Any:
        values = group.get()
        return [values[name] for name in names]

    return take
