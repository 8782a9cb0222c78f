from __future__ import annotations

import contextlib
import math
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, Flag, IntEnum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier.errors import UsageError, WrongTypeError
from luthier.server import InstrumentRef
from luthier.server.values import Payload, ValueReader, to_wire

REF = InstrumentRef("local", "foo", "one")


class Mode(Enum):
    DC = "dc"
    AC = "ac"


class Range(IntEnum):
    LOW = 1


class Status(Flag):
    READY = 1
    ERROR = 2


READER = ValueReader({kind.__qualname__: kind for kind in (Mode, Range, Status)})


def trip(value: Any, reader: ValueReader = READER) -> Any:
    payload = Payload()
    wire = to_wire(value, payload)
    return reader.read(wire, b"".join(bytes(part) for part in payload.parts))


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text()
    | st.binary()
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.sampled_from([Mode.DC, Range.LOW, Status.READY | Status.ERROR, REF])
)
KEYS = st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["$ref", "$tuple", "$"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)


@given(VALUES)
def test_a_value_comes_back_as_it_went(value: Any) -> None:
    back = trip(value)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_ordinary_number_travels_too(value: float) -> None:
    assert repr(trip(value)) == repr(value)
    assert repr(trip(complex(value, 1))) == repr(complex(value, 1))


def test_aware_times_keep_their_zone() -> None:
    assert trip(datetime(2026, 11, 23, tzinfo=UTC)).tzinfo is not None
    assert trip((date(2026, 1, 1), time(1, 2), timedelta(days=-1)))[2] == timedelta(days=-1)


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<c16", "|b1", "<i8", "|u1", "<U5", "|S3", "<M8[ns]"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 3)])
def test_an_array_keeps_type_and_shape(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.zeros(shape, dtype)
    back = trip(array)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert np.array_equal(back, array)


def test_arrays_that_are_no_whole_block_of_memory_travel_as_they_look() -> None:
    array = np.arange(24.0).reshape(4, 6)
    back = trip({"a": array[::2, ::3], "b": [array.T]})
    assert np.array_equal(back["a"], array[::2, ::3])
    assert np.array_equal(back["b"][0], array.T)


def test_the_bytes_of_each_array_begin_at_a_multiple_of_64() -> None:
    payload = Payload()
    wire = to_wire([np.zeros(3), np.zeros(5)], payload)
    assert [item["$array"][2] for item in wire] == [0, 64]


def test_scalars_of_numpy_become_numbers_of_python() -> None:
    assert type(trip(np.float64(1.5))) is float
    assert type(trip(np.int8(3))) is int
    assert type(trip(np.bool_(1))) is bool


def test_a_member_of_an_unknown_class_becomes_its_value() -> None:
    assert trip(Mode.AC, ValueReader()) == "ac"


def test_references_are_resolved_wherever_they_are() -> None:
    reader = ValueReader({}, lambda ref: ref.instrument.upper())
    assert trip([REF, {"a": (REF,)}], reader) == ["ONE", {"a": ("ONE",)}]


def test_anything_with_a_reference_travels_as_that() -> None:
    class Proxy:
        wire_reference = REF

    assert trip(Proxy()) == REF


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [object(), print, {1, 2}, [object()], np.array([object()]), nested(200)])
def test_what_cannot_travel_is_refused_where_it_is_sent(value: object) -> None:
    with pytest.raises(WrongTypeError, match="cannot be sent to another process"):
        to_wire(value, Payload())


@pytest.mark.parametrize(
    "data",
    [
        {"$complex": [1]},
        {"$nonsense": 1},
        {"$enum": ["Mode", "XX", "dc"]},
        {"$enum": []},
        {"$array": ["<f8", [1000000], 0, 8]},
        {"$array": ["<f8", [-1, -1], 0, 8]},
        {"$array": ["<f8", [2], -8, 16]},
        {"$array": ["|O", [1], 0, 8]},
        {"$array": ["<f8,<f8", [1], 0, 16]},
        {"$ref": "http://example.com"},
        {"$ref": 3},
        {"$int": "9" * 100_000},
        {"$datetime": "yesterday"},
        {"$dict": [[[], 1]]},
        {"$timedelta": [10**12]},
    ],
)
def test_data_that_stand_for_no_value_are_refused(data: Any) -> None:
    with pytest.raises(UsageError):
        READER.read(data, bytes(8))


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["$tuple", "$complex", "$int", "$enum", "$array", "$ref", "$dict", "$time", "x"]), inner
            )
        ),
    )
)
def test_no_data_do_anything_but_give_a_value_or_a_usage_error(data: Any) -> None:
    with contextlib.suppress(UsageError):
        to_wire(READER.read(data, bytes(16)), Payload())
