"""Every type of value comes back from a file as it was given."""

from __future__ import annotations

import enum
import math
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from luthier_measure.arrow.decoding import decode
from luthier_measure.arrow.encoding import encode
from luthier_measure.arrow.row_encoder import RowEncoder
from luthier_measure.errors import UnstorableValueError
from luthier_measure.storage import Column, Dimension, Layout, RunEnd, Table

if TYPE_CHECKING:
    from luthier_measure.arrow.storage import ArrowStorage


class Mode(enum.Enum):
    SWEPT = 1
    FIXED = 2


SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "float64": st.floats(),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "complex128": st.complex_numbers(),
    "text": st.text(st.characters(exclude_categories=["Cs"])),
}
ARRAY_DTYPES = ["float64", "float32", "int64", "int16", "uint8", "uint64", "bool", "complex128", "complex64"]


def one_column(dtype: str | None, shape: tuple[int | None, ...] | None = ()) -> Layout:
    return Layout((Column("v", "reading", dtype, shape),), (Table("main", (Dimension("n"),), ("v",)),))


def store(storage: ArrowStorage, make_header: Any, layout: Layout, values: list[Any]) -> Any:
    writer = storage.create(make_header(layout))
    add = writer.appender("main")
    for number, value in enumerate(values):
        add((time.time(), number, value))
    writer.finish(RunEnd("completed", time.time()))
    assert not writer.failures
    return storage.open(writer.id).read("main").columns["v"]


def same_bits(first: Any, second: Any) -> bool:
    """Compare floats so that -0.0 differs from 0.0, and NaN equals NaN."""
    a, b = np.asarray(first), np.asarray(second)
    if a.dtype.kind not in "fc":
        return a.dtype == b.dtype and bool((a == b).all())
    parts = [(a.real, b.real), (a.imag, b.imag)] if a.dtype.kind == "c" else [(a, b)]
    return a.dtype == b.dtype and all(
        np.array_equal(x, y, equal_nan=True) and np.array_equal(np.signbit(x[x == 0]), np.signbit(y[y == 0]))
        for x, y in parts
    )


@given(data=st.data(), dtype=st.sampled_from(sorted(SCALARS)))
def test_scalars_come_back_bit_for_bit(data: st.DataObject, dtype: str) -> None:
    values = data.draw(st.lists(SCALARS[dtype], min_size=1, max_size=20))
    decoded = decode([encode(values, dtype, 0)], dtype, 0)
    if dtype == "text":
        assert list(decoded) == values
    else:
        assert same_bits(decoded, np.array(values, dtype=dtype))


@given(values=st.lists(st.one_of(st.none(), st.floats(allow_nan=False)), min_size=1))
def test_a_missing_number_comes_back_as_nan(values: list[float | None]) -> None:
    decoded = decode([encode(values, "float64", 0)], "float64", 0)
    assert [None if math.isnan(value) else value for value in decoded.tolist()] == values


@given(values=st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]))), min_size=1))
def test_missing_text_comes_back_as_none(values: list[str | None]) -> None:
    assert decode([encode(values, "text", 0)], "text", 0).tolist() == values


@given(
    data=st.data(),
    dtype=st.sampled_from(ARRAY_DTYPES),
    shape=hnp.array_shapes(max_dims=3, max_side=4),
    count=st.integers(1, 4),
    chunks=st.integers(1, 3),
)
def test_arrays_of_one_shape_come_back_as_one_array(
    data: st.DataObject, dtype: str, shape: tuple[int, ...], count: int, chunks: int
) -> None:
    values = [data.draw(hnp.arrays(dtype, shape)) for _ in range(count)]
    decoded = decode([encode(values, dtype, len(shape))] * chunks, dtype, len(shape))
    assert same_bits(decoded, np.array(values * chunks))


@given(
    data=st.data(),
    dtype=st.sampled_from(ARRAY_DTYPES),
    ndim=st.integers(1, 3),
    missing=st.sets(st.integers(0, 5), max_size=3),
)
def test_arrays_of_changing_shape_and_missing_ones_come_back_each_by_itself(
    data: st.DataObject, dtype: str, ndim: int, missing: set[int]
) -> None:
    shapes = hnp.array_shapes(min_dims=ndim, max_dims=ndim, min_side=1, max_side=3)
    values: list[Any] = [None if n in missing else data.draw(hnp.arrays(dtype, data.draw(shapes))) for n in range(6)]
    decoded = decode([encode(values, dtype, ndim)], dtype, ndim)
    for given_value, got in zip(values, decoded, strict=True):
        assert got is None if given_value is None else same_bits(got, given_value)


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)])
def test_empty_arrays_come_back_empty(shape: tuple[int, ...]) -> None:
    decoded = decode([encode([np.empty(shape)] * 2, "float64", len(shape))], "float64", len(shape))
    assert decoded.shape[:2] == (2, shape[0])
    assert decoded.size == 0


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (["1.5"], "float64"),
        ([1.5], "int64"),
        ([2**63], "int64"),
        ([1j], "float64"),
        ([1], "bool"),
        ([1.0], "text"),
        ([b"x"], "text"),
        ([[1.0]], "float64"),
    ],
)
def test_nothing_is_converted_where_something_could_be_lost(values: list[Any], dtype: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode(values, dtype, 0)


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_hypothesis_finds_no_run_whose_values_differ_after_a_trip_through_a_file(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from luthier_measure.arrow.storage import ArrowStorage  # noqa: PLC0415 - typed only above
    from luthier_measure.storage import RunHeader, new_run_id  # noqa: PLC0415 - the same

    storage = ArrowStorage(tmp_path_factory.mktemp("data"))
    dtypes = data.draw(st.lists(st.sampled_from(sorted(SCALARS)), min_size=1, max_size=4))
    declared = data.draw(st.booleans())
    rows = data.draw(st.lists(st.tuples(*(SCALARS[dtype] for dtype in dtypes)), min_size=1, max_size=8))
    columns = tuple(Column(f"c{n}", "reading", dtype if declared else None) for n, dtype in enumerate(dtypes))
    layout = Layout(columns, (Table("main", (Dimension("n"),), tuple(column.name for column in columns)),))
    note, tag = data.draw(st.text()), data.draw(st.text(st.characters(exclude_characters="\n")))
    header = RunHeader(
        new_run_id(), data.draw(st.text()), 0.0, layout, note=note, tags=(tag,), metadata={note: [tag, None]}
    )
    writer = storage.create(header)
    add = writer.appender("main")
    for number, row in enumerate(rows):
        add((time.time(), number, *row))
    writer.finish(RunEnd("completed", 1.0))
    reader = storage.open(writer.id)
    assert reader.problems == ()
    assert (reader.header.name, reader.header.note, reader.header.tags) == (header.name, note, (tag,))
    assert reader.header.metadata == {note: [tag, None]}
    for number, dtype in enumerate(dtypes):
        got = reader.read("main").columns[f"c{number}"]
        wanted = [row[number] for row in rows]
        assert got.tolist() == wanted if dtype == "text" else same_bits(got, np.array(wanted, dtype=dtype))


def test_members_of_an_enum_are_stored_by_name(storage: ArrowStorage, make_header: Any) -> None:
    assert store(storage, make_header, one_column(None), [Mode.SWEPT, Mode.FIXED]).tolist() == ["SWEPT", "FIXED"]


def test_half_a_character_is_stored_as_its_number(storage: ArrowStorage, make_header: Any) -> None:
    assert store(storage, make_header, one_column("text"), ["a\ud800"]).tolist() == ["a\\ud800"]


def test_anything_that_has_a_float_is_stored_as_one(storage: ArrowStorage, make_header: Any) -> None:
    values = [Decimal("0.5"), np.float32(0.25), np.array(2.0), 3]
    assert store(storage, make_header, one_column(None), values).tolist() == [0.5, 0.25, 2.0, 3.0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2.5], [1.0, 2.5]),
        ([1.5, 1j], [1.5, 1j]),
        ([None, None, 3], [math.nan, math.nan, 3.0]),
        ([True, None], [1.0, math.nan]),
    ],
)
def test_a_column_becomes_as_wide_as_its_values(
    storage: ArrowStorage, make_header: Any, values: list[Any], expected: list[Any]
) -> None:
    np.testing.assert_array_equal(store(storage, make_header, one_column(None), values), expected)


def test_a_column_that_becomes_wider_between_batches_is_one_column_afterwards(
    storage: ArrowStorage, make_header: Any
) -> None:
    writer = storage.create(make_header(one_column(None)))
    add = writer.appender("main")
    for number, value in enumerate([1, 2.5, 1j]):
        add((time.time(), number, value))
        writer.flush()
        assert storage.open(writer.id).read("main").columns["v"][0] == 1
    before = storage.open(writer.id).read("main").columns["v"]
    writer.finish(RunEnd("completed", time.time()))
    after = storage.open(writer.id).read("main").columns["v"]
    assert before.tolist() == after.tolist() == [1, 2.5, 1j]


def test_arrays_that_become_wider_and_change_their_length_are_kept(storage: ArrowStorage, make_header: Any) -> None:
    writer = storage.create(make_header(one_column(None, None)))
    add = writer.appender("main")
    given_values = [np.arange(3, dtype=np.int16), np.array([0.5]), None, np.array([1j, 2j])]
    for number, value in enumerate(given_values):
        add((time.time(), number, value))
        writer.flush()
    writer.finish(RunEnd("completed", time.time()))
    got = storage.open(writer.id).read("main").columns["v"]
    assert [None if value is None else value.tolist() for value in got] == [[0, 1, 2], [0.5], None, [1j, 2j]]


@pytest.mark.parametrize(
    ("first", "wrong"),
    [
        (1.0, "OVERLOAD"),
        ("on", 1.0),
        (1.0, np.zeros(3)),
        (np.zeros(3), 1.0),
        (np.zeros(3), np.zeros((3, 3))),
        (True, 2),
    ],
)
def test_a_value_that_does_not_fit_is_reported_and_everything_else_is_kept(
    storage: ArrowStorage, make_header: Any, first: Any, wrong: Any
) -> None:
    layout = Layout(
        (Column("v", "reading", None, None, parameter="dmm.volts"), Column("w", "reading", "float64")),
        (Table("main", (Dimension("n"),), ("v", "w")),),
    )
    writer = storage.create(make_header(layout))
    add = writer.appender("main")
    for number, value in enumerate([first, wrong, first]):
        add((time.time(), number, value, float(number)))
    writer.finish(RunEnd("failed", time.time()))
    (failure,) = writer.failures
    assert isinstance(failure, UnstorableValueError)
    assert str(failure).startswith("dmm.volts: gave ")
    assert "are stored" in str(failure)
    data = storage.open(writer.id).read("main")
    assert data.columns["w"].tolist() == [0.0, 1.0, 2.0]
    assert len(data.columns["v"]) == 3


@pytest.mark.parametrize("value", [object(), {"a": 1}, b"bytes", 2**70, [[1], [1, 2]], np.array([object()])])
def test_a_value_that_no_column_can_hold_is_reported(value: Any) -> None:
    encoder = RowEncoder(one_column(None, None))
    batch = encoder.encode(0, [0.0, 0, value])
    assert batch.num_rows == 1
    (failure,) = encoder.take_failures()
    assert "allowed are" in str(failure)


def test_what_is_written_is_plain_arrow(storage: ArrowStorage, make_header: Any) -> None:
    layout = Layout(
        (Column("v", "reading", "complex128"), Column("trace", "reading", "float32", (None,))),
        (Table("main", (Dimension("n"),), ("v", "trace")),),
    )
    writer = storage.create(make_header(layout))
    writer.appender("main")((1.5, 0, 1 + 2j, np.array([1, 2], dtype=np.float32)))
    writer.finish(RunEnd("completed", time.time()))
    (path,) = storage.folder.rglob("*.arrows")
    with pa.ipc.open_stream(path) as stream:
        assert stream.read_all().to_pylist() == [
            {"_time": 1.5, "_index_0": 0, "v": {"re": 1.0, "im": 2.0}, "trace": [1.0, 2.0]}
        ]
