from __future__ import annotations

import enum
import json
import math
import subprocess
import sys
from collections import OrderedDict
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier.errors import ValidationError
from luthier.plain import from_plain, is_complete, to_plain


class Coupling(enum.Enum):
    AC = 1
    DC = "direct"


class Word(enum.StrEnum):
    SLOW = "slow"


class Number(enum.IntEnum):
    TWO = 2


class Status(enum.IntFlag):
    READY = 1
    BUSY = 2
    FAILED = 8


class Strict(enum.Flag):
    A = 1
    B = 2


class Silent:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(to_plain(value), allow_nan=False))


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal, where NaN equals NaN and 1 is not 1.0."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, complex) and isinstance(other, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text()
keys = st.text() | st.integers() | st.booleans() | st.sampled_from(["$float", "$enum", "$array", "$dict", "$"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@given(values)
def test_every_value_of_plain_types_comes_back_through_strict_json(value: Any) -> None:
    assert same(from_plain(through_json(value)), value)
    assert is_complete(to_plain(value))


@given(
    st.sampled_from(["?", "i1", "u2", "i8", "f4", "f8", "c8", "c16", "U3"]),
    st.lists(st.integers(0, 3), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_arrays_come_back_with_type_and_shape(dtype: str, shape: list[int], random: Any) -> None:
    array = np.array([random.randint(0, 1) for _ in range(math.prod(shape))]).astype(dtype).reshape(shape)
    if array.dtype.kind in "fc" and array.size:
        array.flat[0] = np.nan
        array.flat[-1] = np.inf
    back = from_plain(through_json(array))
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize(
    ("scalar", "plain"),
    [
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.float64("nan"), {"$float": "nan"}),
        (np.int16(3), 3),
        (np.bool_(1), True),
        (np.complex64(1 + 2j), {"$complex": [1.0, 2.0]}),
        (np.str_("x"), "x"),
        (np.array(2.5), 2.5),
        (1e400, {"$float": "inf"}),
        (complex("nan"), {"$complex": [{"$float": "nan"}, 0.0]}),
        (True, True),
        ((1, 2), [1, 2]),
        (OrderedDict(a=1), {"a": 1}),
    ],
)
def test_scalars_of_numpy_and_subclasses_become_python_s_own(scalar: Any, plain: Any) -> None:
    assert same(to_plain(scalar), plain)
    json.dumps(to_plain(scalar), allow_nan=False)


@pytest.mark.parametrize("member", [Coupling.AC, Coupling.DC, Word.SLOW, Number.TWO, Status.BUSY, Strict.B])
def test_members_of_every_kind_of_enum_come_back_as_members(member: enum.Enum) -> None:
    assert from_plain(through_json(member), enum=type(member)) is member
    assert from_plain(through_json([member]), enum=type(member)) == [member]


@pytest.mark.parametrize(
    "flag", [Status(0), Status.READY | Status.FAILED, Status(1 | 16), Strict(0), Strict.A | Strict.B]
)
def test_flags_come_back_whatever_their_bits(flag: enum.Flag) -> None:
    assert from_plain(through_json(flag), enum=type(flag)) == flag


def test_flags_are_written_by_the_names_of_their_members() -> None:
    assert to_plain(Status.READY | Status.FAILED | 16) == {"$enum": ["READY", "FAILED", 16]}


def test_a_member_without_its_class_stays_marked() -> None:
    assert from_plain({"$enum": "AC"}) == {"$enum": "AC"}


def test_a_long_array_is_described_and_is_not_complete() -> None:
    data = through_json(np.zeros((11, 100)))
    assert data == {"$array": {"dtype": "float64", "shape": [11, 100]}}
    assert not is_complete(data)
    assert not is_complete({"a": [data]})
    assert from_plain(data) == data


@pytest.mark.parametrize(
    "value",
    [
        Decimal("0.1"),
        b"bytes",
        {1, 2},
        object(),
        np.float64,
        np.dtype("f8"),
        Silent(),
        [Silent()],
        np.array([object()], dtype=object),
        np.array(["2026-01-01"], dtype="datetime64[D]"),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.datetime64("2026-01-01"),
        lambda: None,
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_else_there_is_costs_nothing_but_itself(value: Any) -> None:
    data = through_json({"kept": 1.5, "strange": value})
    assert data["kept"] == 1.5
    assert not is_complete(data)


def test_a_value_that_contains_itself_does_not_raise() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "$repr" in through_json(endless)


def test_dictionaries_that_look_like_marks_or_have_other_keys_are_told_apart() -> None:
    told_apart: list[Any] = [{"$float": "nan"}, {1: "a", "1": "b"}, {None: 1}, {"$dict": []}, {"$repr": "x"}]
    for value in told_apart:
        data = through_json(value)
        assert list(data) == ["$dict"]
        assert from_plain(data) == value
        assert is_complete(data)


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ({"$float": "abc"}, {}),
        ({"$float": None}, {}),
        ({"$complex": ["x", 1]}, {}),
        ({"$enum": "NOPE"}, {"enum": Coupling}),
        ({"$enum": ["NOPE"]}, {"enum": Status}),
        ({"$enum": [4]}, {"enum": Strict}),
        ({"$dict": [1]}, {}),
        ({"$dict": [[[1], 2]]}, {}),
        ({"$array": {"values": [1, 2], "dtype": "nope", "shape": [2]}}, {}),
        ({"$array": {"values": [1, 2], "dtype": "f8", "shape": [3]}}, {}),
        ({"$array": {"values": ["x"], "dtype": "f8", "shape": [1]}}, {}),
        ([{"a": {"$float": []}}], {}),
    ],
)
def test_a_mark_that_does_not_fit_its_content_is_refused(data: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="stands for no value"):
        from_plain(data, **options)


def test_numpy_is_not_imported_for_values_without_arrays() -> None:
    code = (
        "import sys; from luthier.plain import *; from_plain(to_plain({'a': [1, 2.5]})); print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
