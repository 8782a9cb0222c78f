"""Strategies for the validator of arrays. Imports numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from luthier.testing.number_strategies import (
    invalid_complex,
    invalid_ints,
    invalid_numbers,
    valid_complex,
    valid_ints,
    valid_numbers,
)
from luthier.testing.sample_values import samples
from luthier.validators import Arrays, Complex, Ints, Numbers
from luthier.validators.sequences import is_sequence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy
    from numpy.typing import NDArray

__all__ = ["invalid_arrays", "valid_arrays"]

_MOST_DIMENSIONS = 3
_LONGEST = 4
_TYPES: dict[str, Any] = {"real": np.float64, "complex": np.complex128, "int": np.int64, "bool": np.bool_}
_REAL_WIDTHS: tuple[Any, ...] = (np.float16, np.float32, np.longdouble, np.int8, np.int64, np.uint64)
_WIDTHS: dict[str, tuple[Any, ...]] = {
    "f": _REAL_WIDTHS,
    "i": (np.float16, np.float32, np.float64, np.int8, np.uint64),
    "c": (np.complex64, np.clongdouble),
    "b": (),
}
_INT64 = (-(2**63), 2**63 - 1)


def valid_arrays(validator: Arrays) -> SearchStrategy[Any]:
    """Draw arrays of allowed shapes and elements, in every width and layout that holds them, and nested lists."""
    return _arrays(validator).flatmap(lambda array: st.sampled_from(_forms(array)))


def invalid_arrays(validator: Arrays) -> SearchStrategy[Any]:
    """Draw arrays of a wrong shape, with a wrong element or of a wrong type, and what is no array."""
    drawn = [samples(besides=("sequences",)), st.sampled_from(_foreign_arrays(validator))]
    arrays = _arrays(validator)
    filled = arrays.filter(lambda array: array.size > 0)
    has_elements = validator.shape is None or 0 not in validator.shape
    if validator.shape is not None:
        drawn.append(arrays.map(lambda array: array[np.newaxis]))
        drawn += [filled.map(lambda array: array[np.newaxis].tolist())] if has_elements else []
    if has_elements:
        drawn.append(st.builds(_with_wrong_element, filled, _invalid_elements(validator), st.integers(0, 100)))
    return st.one_of(drawn)


def _arrays(validator: Arrays) -> SearchStrategy[NDArray[Any]]:
    return _shapes(validator).flatmap(lambda shape: _filled(validator, shape))


def _shapes(validator: Arrays) -> SearchStrategy[tuple[int, ...]]:
    if validator.shape is None:
        return st.lists(st.integers(0, _LONGEST), min_size=1, max_size=_MOST_DIMENSIONS).map(tuple)
    lengths = [length() if callable(length) else length for length in validator.shape]
    return st.tuples(*(st.integers(0, _LONGEST) if length is None else st.just(length) for length in lengths))


def _filled(validator: Arrays, shape: tuple[int, ...]) -> SearchStrategy[NDArray[Any]]:
    size = int(np.prod(shape, dtype=int))
    elements = st.lists(_valid_elements(validator), min_size=size, max_size=size)
    return elements.map(lambda flat: np.array(flat, dtype=_TYPES[validator.elements]).reshape(shape))


def _valid_elements(validator: Arrays) -> SearchStrategy[Any]:
    options = {"allow_nan": validator.allow_nan, "allow_inf": validator.allow_inf}
    match validator.elements:
        case "real":
            return valid_numbers(Numbers(validator.minimum, validator.maximum, **options))
        case "complex":
            return valid_complex(Complex(**options))
        case "int":
            least, greatest = _INT64
            low = least if validator.minimum is None else max(least, int(np.ceil(validator.minimum)))
            high = greatest if validator.maximum is None else min(greatest, int(np.floor(validator.maximum)))
            return valid_ints(Ints(low, high)).map(int)
        case "bool":
            return st.booleans()


def _invalid_elements(validator: Arrays) -> SearchStrategy[Any]:
    """Draw what may not stand in a nested list, where a sequence would only change the shape."""
    options = {"allow_nan": validator.allow_nan, "allow_inf": validator.allow_inf}
    match validator.elements:
        case "real":
            wrong = invalid_numbers(Numbers(validator.minimum, validator.maximum, **options))
        case "complex":
            wrong = invalid_complex(Complex(**options))
        case "int":
            wrong = st.one_of(invalid_ints(Ints(*_INT64)), st.sampled_from([2**63, -(2**63) - 1]))
        case "bool":
            wrong = samples(besides=("bools", "sequences"))
    return wrong.filter(lambda element: not is_sequence(element))


def _forms(array: NDArray[Any]) -> list[Any]:
    """Return objects that hold the same elements as ``array``."""
    forms: list[Any] = [array, array.copy(order="F"), array.astype(array.dtype.newbyteorder())]
    forms.append(np.repeat(array, 2, axis=-1)[..., ::2])
    for width in _WIDTHS[array.dtype.kind]:
        with np.errstate(all="ignore"):
            narrowed = array.astype(width)
        if narrowed.tolist() == array.tolist():
            forms.append(narrowed)
    nested = array.tolist()
    return [*forms, nested, tuple(nested), list(array)] if np.shape(nested) == array.shape else forms


def _foreign_arrays(validator: Arrays) -> list[Any]:
    foreign: list[Any] = [
        np.array(["1", "2"]),
        np.array([None, 1], dtype=object),
        np.array([1, 2], dtype="timedelta64[s]"),
        np.array(1.0),
        np.ma.masked_array([1.0, 2.0], mask=[False, True]),
        [[1, 2], [3]],
        [1, [2]],
        ["1"],
    ]
    if validator.elements == "bool":
        return [*foreign, np.array([0, 1]), [0, 1], np.array([0.5])]
    if validator.elements != "complex":
        foreign += [np.array([1j]), [1j], np.array([1 + 0j])]
    if validator.elements == "int":
        foreign += [np.array([0.5]), np.array([np.nan]), np.array([2**63], dtype=np.uint64), np.array([1e300])]
    else:
        foreign += [np.array([2**53 + 1]), np.array([2**64 - 1], dtype=np.uint64), [2**53 + 1]]
    return [*foreign, np.array([True, False]), [1, True]]


def _with_wrong_element(array: NDArray[Any], wrong: Any, number: int) -> list[Any]:
    nested: list[Any] = array.tolist()
    place = np.unravel_index(number % array.size, array.shape)
    row = nested
    for index in place[:-1]:
        row = row[int(index)]
    row[int(place[-1])] = wrong
    return nested
