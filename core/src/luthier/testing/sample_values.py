"""Values of every kind that somebody may hand to a validator by mistake, and the many spellings of one number."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, get_args

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Kind", "samples", "spelled"]

Kind = Literal[
    "bools",
    "texts",
    "reals",
    "inexact",
    "complexes",
    "nearly numbers",
    "sequences",
    "mappings",
    "callables",
    "others",
]
"""``inexact`` are whole numbers that no float holds; ``nearly numbers`` are types that a conversion would round."""


def samples(*, besides: tuple[Kind, ...]) -> SearchStrategy[Any]:
    """Draw a value of any kind but those named."""
    values = _plain_samples()
    if find_spec("numpy"):
        for kind, more in _numpy_samples().items():
            values[kind] += more
    return st.sampled_from([value for kind in get_args(Kind) if kind not in besides for value in values[kind]])


def spelled(numbers: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Draw the same numbers (or bools, or texts) in any type that has exactly their value, numpy's among them."""
    return numbers.flatmap(lambda number: st.sampled_from(_spellings(number)))


def _plain_samples() -> dict[Kind, list[Any]]:
    return {
        "bools": [True, False],
        "texts": ["", "5", " 5 ", "nan", "on", "True", "ä" * 100],
        "reals": [0, 1, -1.5, -0.0, math.nan, math.inf, -math.inf, 2**53],
        "inexact": [2**53 + 1, -(2**53) - 1, 10**400],
        "complexes": [0j, 5 + 0j, 1j, complex(math.nan, math.inf)],
        "nearly numbers": [Decimal("0.1"), Decimal("NaN"), Decimal("sNaN"), Fraction(1, 3), Fraction(2)],
        "sequences": [[], [1.0], (1, 2), range(3), ["a"], [None], [[1], [1, 2]], [[True]]],
        "mappings": [{}, {"a": 1}, {1: {}}],
        "callables": [print, float, len],
        "others": [
            None,
            ...,
            b"5",
            bytearray(b"5"),
            memoryview(b"5"),
            {1},
            iter([1]),
            object(),
            dt.timedelta(1),
        ],
    }


def _numpy_samples() -> dict[Kind, list[Any]]:
    import numpy as np  # noqa: PLC0415 - the core can do without

    return {
        "bools": [np.True_, np.False_],
        "texts": [np.str_("5"), np.str_("")],
        "reals": [np.float16(0.5), np.float32(math.nan), np.float64(-math.inf), np.int8(-1), np.uint64(5)],
        "inexact": [np.uint64(2**64 - 1), np.int64(2**63 - 1)],
        "complexes": [np.complex64(1j), np.complex128(5)],
        "nearly numbers": [np.nextafter(np.longdouble(1), np.longdouble(2))] if _has_longer_floats() else [],
        "sequences": [np.array([1.0]), np.array([]), np.array(["a"]), np.array([None]), np.ones((2, 3))],
        "others": [np.datetime64(1, "ns"), np.timedelta64(1, "ns"), np.ma.masked, np.bytes_(b"5"), np.void(b"5")],
    }


def _has_longer_floats() -> bool:
    import numpy as np  # noqa: PLC0415 - the core can do without

    return bool(np.finfo(np.longdouble).eps < np.finfo(np.float64).eps)


def _spellings(value: Any) -> list[Any]:
    spellings = [value]
    if type(value) is float and value.is_integer():
        spellings.append(int(value))
    if type(value) is int and abs(value) <= 2**53:
        spellings.append(float(value))
    return spellings + _numpy_spellings(value) if find_spec("numpy") else spellings


def _numpy_spellings(value: Any) -> list[Any]:
    import numpy as np  # noqa: PLC0415 - the core can do without

    candidates: dict[type, tuple[type[np.generic], ...]] = {
        bool: (np.bool_,),
        str: (np.str_,),
        float: (np.float16, np.float32, np.float64, np.longdouble),
        int: (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64, np.float64),
        complex: (np.complex64, np.complex128, np.clongdouble),
    }
    spellings: list[Any] = []
    for kind in candidates.get(type(value), ()):
        if issubclass(kind, np.integer) and not np.iinfo(kind).min <= value <= np.iinfo(kind).max:
            continue
        with np.errstate(all="ignore"):
            try:
                spelling: Any = kind(value)
            except OverflowError:
                continue
            spellings += [each for each in (spelling, np.array(spelling)) if _is_same(each.item(), value)]
    return spellings


def _is_same(item: Any, value: Any) -> bool:
    if isinstance(value, complex):
        return _is_same(item.real, value.real) and _is_same(item.imag, value.imag)
    return bool(item == value or (item != item and value != value))  # noqa: PLR0124 - NaN differs from itself
