"""Numbers and arrays on their way into a file, with as few copies as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier_measure.array_blocks import ArrayBlocks, joined
from luthier_measure.arrow.encoding import packed
from luthier_measure.arrow.framing import encode_batch, encode_schema, scan

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = 10_001


@given(st.lists(st.floats() | st.integers(-(2**53), 2**53) | st.booleans()))
def test_doubles_are_packed_as_they_are(values: list[float]) -> None:
    assert np.array_equal(np.frombuffer(packed("d", values)), np.array(values, float), equal_nan=True)


@pytest.mark.parametrize(
    ("code", "value", "error"),
    [("d", None, TypeError), ("d", "1", TypeError), ("q", 1.5, TypeError), ("q", 2**64, OverflowError)],
)
def test_what_is_no_such_number_is_refused(code: str, value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        packed(code, [1, value])


def test_copies_stay_as_they_were() -> None:
    blocks, source = ArrayBlocks(), np.zeros(SAMPLES)
    kept = []
    for number in range(500):
        source[:] = number
        copied = blocks.copy(source)
        if number % 7 == 0:
            kept.append(copied)
    assert [float(each[0]) for each in kept] == [float(each[-1]) for each in kept] == list(range(0, 500, 7))


def test_memory_is_used_again_where_nothing_refers_to_it() -> None:
    blocks, source = ArrayBlocks(), np.zeros(SAMPLES)
    bases = {id(blocks.copy(source).base) for _ in range(2000)}
    assert len(bases) <= 2
    kept = [blocks.copy(source) for _ in range(2000)]
    assert len({each.ctypes.data for each in kept}) == 2000


@pytest.mark.parametrize(
    "shape", [(3,), (SAMPLES,), (100, 50), (2_000_000,)], ids=["small", "trace", "image", "larger than a block"]
)
@pytest.mark.parametrize("dtype", [float, complex, np.int32])
def test_copies_are_equal_and_join(shape: tuple[int, ...], dtype: type[Any]) -> None:
    blocks = ArrayBlocks()
    sources = [np.arange(np.prod(shape)).reshape(shape).astype(dtype) * number for number in range(3)]
    copies = [blocks.copy(each) for each in sources]
    assert all(np.array_equal(one, other) for one, other in zip(copies, sources, strict=True))
    assert np.array_equal(joined(copies, np.dtype(dtype)), np.concatenate([each.ravel() for each in sources]))


def test_a_long_text_is_copied_too() -> None:
    text = np.array("x" * 10_000)
    assert ArrayBlocks().copy(text) == text


@pytest.mark.parametrize(
    "chosen",
    [
        lambda arrays: arrays[::-1],
        lambda arrays: arrays[::2],
        lambda arrays: [*arrays, *arrays],
        lambda arrays: [each[:5] for each in arrays],
        lambda arrays: [each[::2] for each in arrays],
        lambda arrays: [each[::-1] for each in arrays],
        lambda arrays: [arrays[0], np.ones(4), arrays[1]],
        lambda arrays: arrays[:0],
    ],
)
def test_what_stands_otherwise_in_memory_is_joined_too(
    chosen: Callable[[list[np.ndarray[Any, Any]]], list[np.ndarray[Any, Any]]],
) -> None:
    blocks = ArrayBlocks()
    arrays = chosen([blocks.copy(np.arange(SAMPLES) + number * 0.5) for number in range(4)])
    expected = np.concatenate([np.empty(0), *arrays])
    assert np.array_equal(joined(arrays, np.dtype(float)), expected)


@pytest.mark.parametrize("rows", [1, 1000, 100_000])
def test_a_batch_is_written_as_it_is_however_large(rows: int) -> None:
    batch = pa.RecordBatch.from_arrays(
        [
            pa.array(np.arange(rows) / 3),
            pa.array([None if number % 5 == 0 else number for number in range(rows)]),
            pa.array([str(number) for number in range(rows)]),
            pa.array(np.arange(rows) % 3 == 0),
        ],
        names=["x", "gaps", "text", "flags"],
    )
    header, body = encode_batch(batch)
    contents = b"".join([encode_schema(batch.schema), header, *body])
    found = scan(pa.py_buffer(contents), checked=True)
    assert not found.problems
    assert found.intact_end == len(contents)
    assert found.segments[0].batches[0].equals(batch)
