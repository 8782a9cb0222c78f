from __future__ import annotations

import struct
import sys
from typing import TYPE_CHECKING, Any, Literal

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from luthier.errors import OutOfStepError, ReplyError, ValidationError
from luthier.scpi import INFINITY, NOT_A_NUMBER, ArrayFormat, encode_array, encode_block

if TYPE_CHECKING:
    from luthier.scpi import ByteOrder

np = pytest.importorskip("numpy")

DTYPES = ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
STRUCT_CODES = dict(zip(DTYPES, "fdbhiqBHIQ", strict=True))
orders: st.SearchStrategy[Literal["big", "little"]] = st.sampled_from(["big", "little"])


@attrs.define
class MessageSource:
    message: bytes
    address: str = "test"

    def read_exactly(self, count: int) -> bytearray:
        taken, self.message = self.message[:count], self.message[count:]
        return bytearray(taken)

    def read(self) -> bytes:
        rest, self.message = self.message, b""
        return rest


def numbers_of(dtype: str) -> st.SearchStrategy[Any]:
    if dtype[0] == "f":
        return st.floats(width=32 if dtype == "f4" else 64)
    bits = 8 * int(dtype[1])
    low = -(2 ** (bits - 1)) if dtype[0] == "i" else 0
    return st.integers(low, low + 2**bits - 1)


arrays = st.sampled_from(DTYPES).flatmap(lambda dtype: st.tuples(st.just(dtype), st.lists(numbers_of(dtype))))


def packed(dtype: str, byte_order: str, values: list[Any]) -> bytes:
    sign = ">" if byte_order == "big" else "<"
    return struct.pack(f"{sign}{len(values)}{STRUCT_CODES[dtype]}", *values)


@given(arrays, orders)
def test_an_array_is_sent_as_the_bytes_that_its_format_says(typed: tuple[str, list[Any]], order: ByteOrder) -> None:
    dtype, values = typed
    array = np.array(values, dtype=dtype)
    assert encode_array(array, dtype, order) == encode_block(packed(dtype, order, values))


@given(arrays, orders)
def test_an_array_is_read_bit_for_bit(typed: tuple[str, list[Any]], order: ByteOrder) -> None:
    dtype, values = typed
    block = encode_block(packed(dtype, order, values))
    array_format = ArrayFormat(dtype, order)
    for array in (array_format.decode(block), array_format.read(MessageSource(block))):
        assert array.dtype == np.dtype(dtype)
        assert array.dtype.isnative
        assert array.shape == (len(values),)
        assert array.tobytes() == packed(dtype, sys.byteorder, values)
        assert array.flags.writeable


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_an_array_of_text_is_read_back_bit_for_bit(values: list[float]) -> None:
    assume(not {abs(value) for value in values} & {INFINITY, NOT_A_NUMBER})
    array = np.array(values, dtype=float)
    read = ArrayFormat().decode(ArrayFormat().encode(array))
    assert read.dtype == np.float64
    assert read.tobytes() == array.tobytes()


def test_text_is_read_from_a_reply_with_its_sentinels() -> None:
    read = ArrayFormat().read(MessageSource(b"+1.0E+00,9.9E37, -9.9E37,9.91E37"))
    np.testing.assert_array_equal(read, [1.0, np.inf, -np.inf, np.nan])


def test_text_inside_a_block_is_read() -> None:
    assert ArrayFormat().decode(b"#171.5,2.5").tolist() == [1.5, 2.5]


def test_arrays_of_any_shape_are_sent_in_c_order() -> None:
    grid = np.arange(6, dtype="u1").reshape(2, 3)
    assert encode_array(grid, "u1") == b"#16\0\1\2\3\4\5"
    assert encode_array(grid.T, "u1") == b"#16\0\3\1\4\2\5"
    assert ArrayFormat().encode(grid.T) == b"0,3,1,4,2,5"


def test_large_whole_numbers_keep_every_digit_in_text() -> None:
    assert ArrayFormat().encode(np.array([2**62 + 1])) == b"4611686018427387905"


@pytest.mark.parametrize(
    ("values", "dtype", "wrong"),
    [
        ([1, 256], "u1", "256"),
        ([-1], "u8", "-1"),
        ([2.0**64], "u8", "1.8446744073709552e[+]19"),
        ([40000], "i2", "40000"),
        ([0.5], "i4", "0.5"),
        ([float("nan")], "i4", "nan"),
        ([float("inf")], "i4", "inf"),
        ([1e39], "f4", "1e[+]39"),
        ([np.inf, -1e39], "f4", "-1e[+]39"),
    ],
)
def test_a_number_that_does_not_fit_is_refused(values: list[float], dtype: str, wrong: str) -> None:
    with pytest.raises(ValidationError, match=rf"cannot send {wrong} in a block of .*Nothing was sent"):
        encode_array(values, dtype)


def test_numbers_at_the_edge_of_the_range_are_sent() -> None:
    largest = np.array([2**64 - 1, 0], dtype="u8")
    assert encode_array(largest, "u8") == b"#216" + b"\xff" * 8 + bytes(8)
    assert encode_array([-128.0, 127.0], "i1") == b"#12\x80\x7f"
    assert encode_array([np.finfo("f4").max, -np.inf], "f4") == b"#18\x7f\x7f\xff\xff\xff\x80\0\0"


@pytest.mark.parametrize("values", [[1j], ["a"], [True], [object()]])
def test_what_is_no_real_number_is_refused(values: list[Any]) -> None:
    with pytest.raises(ValidationError, match="real numbers"):
        ArrayFormat().encode(values)


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_what_is_not_finite_is_refused_in_text(value: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        ArrayFormat().encode([1.0, value])


def test_a_length_that_is_no_whole_number_of_numbers_is_refused() -> None:
    with pytest.raises(ReplyError, match=r"9 bytes, which is no whole number of f8 numbers.*FORMat\?") as caught:
        ArrayFormat("f8").decode(b"#19123456789")
    assert caught.value.expected == "a multiple of 8 bytes"


def test_a_reply_in_the_other_form_is_refused() -> None:
    with pytest.raises(ReplyError, match="block"):
        ArrayFormat("f8").decode(b"1.5,2.5")
    with pytest.raises(OutOfStepError):
        ArrayFormat("f8").read(MessageSource(b"1.5,2.5"))
    with pytest.raises(ReplyError, match="number 1 of 1"):
        ArrayFormat().decode(encode_array([1.0], "f8"))


def test_limits_reach_the_reading_of_the_block() -> None:
    with pytest.raises(OutOfStepError, match="max_bytes"):
        ArrayFormat("u1").read(MessageSource(b"#13abc"), max_bytes=2)
    source = MessageSource(b"#13abcrest")
    assert ArrayFormat("u1").read(source, terminated=False).tolist() == list(b"abc")
    assert source.message == b"rest"


@pytest.mark.parametrize("dtype", ["f2", "c8", "float64", ">f8", "", "U4"])
def test_an_unknown_type_is_refused_at_once(dtype: str) -> None:
    with pytest.raises(ValidationError, match="allowed are f4, f8"):
        ArrayFormat(dtype)


def test_an_unknown_byte_order_is_refused_at_once() -> None:
    with pytest.raises(ValidationError, match="'big' and 'little'"):
        ArrayFormat("f8", "middle")  # type: ignore[arg-type]  # that is the point
