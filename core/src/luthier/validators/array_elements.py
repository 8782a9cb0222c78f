"""The elements of arrays and nested lists: conversion without changing a value, and bounds. Imports numpy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from luthier.errors import ValidationError
from luthier.validators.scalars import exact_bool, exact_complex, exact_float, exact_int
from luthier.validators.sequences import is_sequence
from luthier.validators.wording import located, shown, wrong_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

__all__ = ["converted", "first_outside", "place_words"]

_INT64 = range(-(2**63), 2**63)
_EXACT_IN_FLOAT = 2**53
"""Up to here every integer is a float."""

_DEEPEST = 32
"""The most dimensions that every version of numpy has."""


def _int64(value: object, describe: Callable[[], str]) -> int:
    number = exact_int(value, describe)
    if number not in _INT64:
        raise ValidationError(f"{shown(value)} does not fit into 64 bits", value=value, allowed=describe())
    return number


class _Conversion(NamedTuple):
    """How one kind of elements is made."""

    kinds: str
    """The kinds of numpy, one letter each, that it is made from."""
    target: type[np.generic]
    meant: str
    element: Callable[[object, Callable[[], str]], object]
    """Converts one element, or raises."""


_CONVERSIONS = {
    "real": _Conversion("iuf", np.float64, "real numbers", exact_float),
    "complex": _Conversion("iufc", np.complex128, "numbers", exact_complex),
    "int": _Conversion("iuf", np.int64, "whole numbers", _int64),
    "bool": _Conversion("b", np.bool_, "True or False", exact_bool),
}


def converted(value: object, elements: str, describe: Callable[[], str]) -> NDArray[Any]:
    """Return ``value``, an array or nested sequence, as a new array of the type of ``elements``.

    Raises
    ------
    luthier.errors.ValidationError
        If an element would change its value, is masked or is of the wrong type, or rows differ in length.
    luthier.errors.WrongTypeError
        If the value is no array of numbers at all.
    """
    if not is_sequence(value):
        advice = "" if isinstance(value, str | bytes) else "Write [value], if an array of one element is meant."
        raise wrong_type(value, "an array", describe, advice)
    if isinstance(value, np.ndarray):
        return _from_array(value, elements, describe)
    leaves: list[object] = []
    shape = _unnested(value, leaves, value, describe)
    convert = _CONVERSIONS[elements].element
    for number, leaf in enumerate(leaves):
        try:
            leaves[number] = convert(leaf, describe)
        except ValidationError as error:
            raise located(error, place_words(np.unravel_index(number, shape)), value, describe) from error
    return np.array(leaves, dtype=_CONVERSIONS[elements].target).reshape(shape)


def first_outside(
    array: NDArray[Any], minimum: float | None, maximum: float | None, *, allow_nan: bool, allow_inf: bool
) -> tuple[int, ...] | None:
    """Return the indices of the first number in ``array`` that the bounds and options exclude; ``None`` if all pass."""
    outside = np.zeros(array.shape, dtype=bool)
    if array.dtype.kind in "fc":
        outside |= np.isnan(array) & (not allow_nan)
        outside |= np.isinf(array) & (not allow_inf)
    is_whole = array.dtype.kind == "i"  # a float would round the integers that it is compared with
    if minimum is not None:
        outside |= array < (math.ceil(minimum) if is_whole else minimum)
    if maximum is not None:
        outside |= array > (math.floor(maximum) if is_whole else maximum)
    return next(_places(outside), None)


def place_words(place: tuple[Any, ...]) -> str:
    """Name an element by its indices: ``element 3``, ``element (1, 2)``."""
    indices = tuple(int(index) for index in place)
    return f"element {indices[0] if len(indices) == 1 else indices}"


def _from_array(array: NDArray[Any], elements: str, describe: Callable[[], str]) -> NDArray[Any]:
    conversion = _CONVERSIONS[elements]
    if isinstance(array, np.ma.MaskedArray) and np.ma.is_masked(array):
        raise ValidationError(
            f"{shown(array)} has masked elements, which have no value",
            value=array,
            allowed=describe(),
            advice="Fill them first: value.filled(number).",
        )
    plain = np.asarray(array)
    if plain.dtype.kind not in conversion.kinds:
        raise wrong_type(array, f"an array of {conversion.meant}", describe)
    with np.errstate(all="ignore"):  # an overflow is found by comparing, not by a warning
        for place in _places(_suspects(plain, elements)):
            try:
                conversion.element(plain[place], describe)
            except ValidationError as error:
                raise located(error, place_words(place), array, describe) from error
        return plain.astype(conversion.target, order="C")


def _suspects(array: NDArray[Any], elements: str) -> NDArray[np.bool_]:
    """Mark the elements that may not survive the conversion; the others certainly do."""
    kind, width = array.dtype.kind, array.dtype.itemsize
    suspects = np.zeros(array.shape, dtype=bool)
    if kind == "f" and elements == "int":
        suspects |= ~np.isfinite(array) | (array != np.floor(array))
        suspects |= np.abs(array.astype(np.float64)) > _EXACT_IN_FLOAT
    elif kind in "iu":
        if width == np.dtype(np.int64).itemsize:
            suspects |= (array > _EXACT_IN_FLOAT) | (array < -_EXACT_IN_FLOAT)
    elif width > np.dtype(np.complex128 if kind == "c" else np.float64).itemsize:
        suspects |= True
    return suspects


def _unnested(
    nested: Any,
    leaves: list[object],
    value: object,
    describe: Callable[[], str],
    depth: int = 1,
) -> tuple[int, ...]:
    """Append the elements of nested sequences to ``leaves`` in their order, and return the shape."""
    if depth > _DEEPEST:
        raise ValidationError(f"{shown(value)} is nested too deeply", value=value, allowed=describe())
    shape: tuple[int, ...] | None = None
    for item in nested:
        inner: tuple[int, ...] = ()
        if is_sequence(item):
            inner = _unnested(item, leaves, value, describe, depth + 1)
        else:
            leaves.append(item)
        if shape not in (None, inner):
            raise ValidationError(f"{shown(value)} has rows of different shapes", value=value, allowed=describe())
        shape = inner
    return (len(nested), *(shape or ()))


def _places(mask: NDArray[np.bool_]) -> Iterator[tuple[int, ...]]:
    for indices in np.argwhere(mask):
        yield tuple(indices.tolist())
