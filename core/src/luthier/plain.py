"""Values as plain JSON data and back, for snapshots."""

from __future__ import annotations

from enum import Enum, Flag
from math import isfinite
from typing import Any

from luthier.errors import ValidationError

__all__ = ["from_plain", "is_complete", "printed", "to_plain"]

_LONGEST = 1000
"""Arrays with more elements than this are described, not written out."""


def to_plain(value: Any) -> Any:
    """Return ``value`` as strict JSON data (no NaN, no infinity as such).

    Numbers, text, booleans, ``None``, lists, tuples and dictionaries with text for keys stay what they are (tuples
    become lists). What JSON cannot say becomes a dictionary of one marked key: ``$float`` (``"nan"``, ``"inf"``,
    ``"-inf"``), ``$complex``, ``$enum`` (the member's name; the names of a flag's members), ``$array`` (dtype, shape,
    and the values of short ones), ``$dict`` (pairs, for other keys than text, or such as start with ``$``), ``$repr``
    for the rest. Nothing raises: what cannot even be printed is named by its type.

    >>> to_plain({"x": float("nan"), "y": 1 + 2j})
    {'x': {'$float': 'nan'}, 'y': {'$complex': [1.0, 2.0]}}
    """
    try:
        return _to_plain(value)
    except RecursionError:
        return {"$repr": f"<a {type(value).__name__} nested too deeply>"}


def from_plain(data: Any, *, enum: type[Enum] | None = None) -> Any:
    """Return the value that ``data`` stands for; ``enum`` is the class of marked members.

    Described arrays, ``$repr``, and members where no class is given, cannot be brought back and are returned as they
    are (see :func:`is_complete`). A mark that does not fit its content is a :class:`~luthier.errors.ValidationError`.
    """
    if isinstance(data, list):
        return [from_plain(item, enum=enum) for item in data]
    if not isinstance(data, dict):
        return data
    try:
        return _unmarked(data, enum)
    except ValidationError:
        raise  # of a part
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise ValidationError(
            f"{data!r} stands for no value: {error}", value=data, allowed="what to_plain returns"
        ) from error


def is_complete(data: Any) -> bool:
    """Tell whether :func:`from_plain` can bring back the whole of ``data``, given the class of its enum members."""
    if isinstance(data, list):
        return all(map(is_complete, data))
    if not isinstance(data, dict):
        return True
    match data:
        case {"$repr": _}:
            return False
        case {"$array": {**described}}:
            return "values" in described
    return all(map(is_complete, data.values()))


def printed(value: object) -> str:
    """Return ``repr(value)``; where that fails, which must not cost a snapshot or a table, what type it is of."""
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - it is somebody else's code
        return f"<a {type(value).__name__} that cannot be printed>"


def _to_plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return {"$enum": _names(value) if isinstance(value, Flag) else value.name}
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, float):
        return float(value) if isfinite(value) else {"$float": repr(float(value))}
    if isinstance(value, complex):
        return {"$complex": [_to_plain(value.real), _to_plain(value.imag)]}
    if isinstance(value, (list, tuple)):
        return [_to_plain(item) for item in value]
    return _dict_to_plain(value) if isinstance(value, dict) else _object_to_plain(value)


def _object_to_plain(value: Any) -> Any:
    if isinstance(getattr(value, "shape", None), tuple) and hasattr(value, "dtype") and hasattr(value, "tolist"):
        return _array_to_plain(value)
    return {"$repr": printed(value)}


def _names(flag: Any) -> list[Any]:
    """Return the names of the members in ``flag``, and bits that have no name as a number."""
    members = list(flag)
    rest = flag.value & ~sum(member.value for member in members)
    return [*(member.name for member in members), *([rest] if rest else [])]


def _dict_to_plain(value: dict[Any, Any]) -> dict[str, Any]:
    if all(type(key) is str and not key.startswith("$") for key in value):
        return {key: _to_plain(item) for key, item in value.items()}
    return {"$dict": [[_to_plain(key), _to_plain(item)] for key, item in value.items()]}


def _array_to_plain(array: Any) -> Any:
    if not array.shape:
        return _to_plain(array.item())
    description = {"dtype": str(array.dtype), "shape": list(array.shape)}
    if array.size <= _LONGEST and array.dtype.kind in "biufcU":
        description["values"] = _to_plain(array.tolist())
    return {"$array": description}


def _unmarked(data: dict[str, Any], enum: type[Enum] | None) -> Any:
    match data:
        case {"$float": text}:
            return float(text)
        case {"$complex": [real, imaginary]}:
            return complex(from_plain(real), from_plain(imaginary))
        case {"$enum": str(name)} if enum is not None:
            return enum[name]
        case {"$enum": [*names]} if enum is not None and issubclass(enum, Flag):
            flag = enum(0)
            for name in names:
                part = enum[name] if isinstance(name, str) else enum(name)
                if part.value != name and not isinstance(name, str):
                    raise ValueError(f"{enum.__name__} has no bits {name!r}")  # early 3.11 drops them silently
                flag |= part
            return flag
        case {"$dict": pairs}:
            return {from_plain(key, enum=enum): from_plain(value, enum=enum) for key, value in pairs}
        case {"$array": {"values": values, "dtype": dtype, "shape": shape}}:
            import numpy as np  # noqa: PLC0415 - the core works without numpy

            return np.asarray(from_plain(values), dtype=dtype).reshape(shape)
    return {key: from_plain(item, enum=enum) for key, item in data.items()}
