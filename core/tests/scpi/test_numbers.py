"""Numbers and booleans as text."""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from luthier.errors import ReplyError, ValidationError, WrongTypeError
from luthier.scpi import (
    INFINITY,
    NOT_A_NUMBER,
    format_bool,
    format_decimal,
    format_float,
    parse_bool,
    parse_float,
    parse_int,
    parse_list,
)

ARABIC_THREE = "\N{ARABIC-INDIC DIGIT THREE}"  # Python takes it for a digit

finite_floats = st.floats(allow_nan=False, allow_infinity=False)


def bits(x: float) -> bytes:
    return struct.pack(">d", x)


@given(finite_floats)
@example(-0.0)
@example(5e-324)
@example(2.2250738585072014e-308)
@example(1.7976931348623157e308)
@example(9007199254740993.0)
@example(1e16)
@example(1e22)
@example(5.123456789e9)
def test_a_finite_float_is_read_back_bit_for_bit(x: float) -> None:
    assume(abs(x) not in {INFINITY, NOT_A_NUMBER})
    assert bits(parse_float(format_float(x))) == bits(x)


@given(st.integers(min_value=0, max_value=2**64 - 1))
def test_a_float_of_any_bit_pattern_is_read_back_bit_for_bit(pattern: int) -> None:
    (x,) = struct.unpack(">d", pattern.to_bytes(8, "big"))
    assume(math.isfinite(x))
    assume(abs(x) not in {INFINITY, NOT_A_NUMBER})
    assert bits(parse_float(format_float(x))) == bits(x)


@given(finite_floats)
def test_what_is_sent_is_decimal_numeric_program_data(x: float) -> None:
    mantissa, _, exponent = format_float(x).partition("E")
    whole, point, fraction = mantissa.removeprefix("-").partition(".")
    assert whole.isdigit()
    assert fraction.isdigit() if point else not fraction
    assert not exponent or (exponent[0] in "+-" and exponent[1:].isdigit())


@given(finite_floats)
def test_no_text_with_fewer_digits_reads_back_to_the_same_float(x: float) -> None:
    digits = Decimal(format_float(x)).as_tuple().digits
    significant = len("".join(map(str, digits)).strip("0"))
    assume(significant > 1)
    assert float(f"{x:.{significant - 2}e}") != x


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (10.0, "10"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (1e-05, "1E-05"),
        (1e16, "1E+16"),
        (1e20, "1E+20"),
        (1.25e-10, "1.25E-10"),
        (123456789012345680.0, "1.2345678901234568E+17"),
        (5, "5"),
        (2**60 + 1, "1152921504606846977"),
        (Fraction(1, 4), "0.25"),
    ],
)
def test_a_number_is_written_as_manuals_do(x: float, text: str) -> None:
    assert format_float(x) == text


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
def test_what_is_not_finite_is_refused(x: float) -> None:
    with pytest.raises(ValidationError, match=r"allowed are finite numbers.*9\.9E37") as caught:
        format_float(x)
    assert caught.value.value is x


@pytest.mark.parametrize("x", [True, "1.5", b"1", None, 1j, [1.0]])
def test_what_is_no_number_is_refused(x: Any) -> None:
    with pytest.raises(WrongTypeError, match=type(x).__name__):
        format_float(x)


def test_numbers_of_numpy_are_written_without_their_type() -> None:
    np = pytest.importorskip("numpy")
    assert format_float(np.float64(1.5)) == "1.5"
    assert format_float(np.float32(0.5)) == "0.5"
    assert format_float(np.int64(2**62 + 1)) == "4611686018427387905"
    with pytest.raises(ValidationError):
        format_float(np.float64("inf"))
    with pytest.raises(WrongTypeError):
        format_float(np.array([1.0, 2.0]))


def test_the_sentinels_are_sent_where_a_driver_asks_for_them() -> None:
    assert parse_float(format_float(INFINITY)) == math.inf
    assert parse_float(format_float(-INFINITY)) == -math.inf
    assert math.isnan(parse_float(format_float(NOT_A_NUMBER)))


@given(st.decimals(allow_nan=False, allow_infinity=False))
@example(Decimal("1000000000000000000000000000000000000000000000000000.00000000000000000000000001"))
@example(Decimal("-0"))
@example(Decimal(100))
@example(Decimal("1E+3"))
def test_a_decimal_is_written_exactly(d: Decimal) -> None:
    text = format_decimal(d)
    assert Decimal(text) == d
    assert len(text) <= len(str(d))


@pytest.mark.parametrize(("d", "text"), [("300.0", "300"), ("1.50E-12", "1.5E-12"), ("100", "100"), ("0.00", "0")])
def test_a_decimal_has_no_zeros_at_the_end_of_its_fraction(d: str, text: str) -> None:
    assert format_decimal(Decimal(d)) == text


@pytest.mark.parametrize("d", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_decimal_that_is_not_finite_is_refused(d: str) -> None:
    with pytest.raises(ValidationError):
        format_decimal(Decimal(d))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("+1", 1.0),
        (" -1.5 ", -1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("+1.50000000E-03", 0.0015),
        ("1e3", 1000.0),
        ("9.9E37", math.inf),
        ("+9.90000000E+37", math.inf),
        ("-9.9E37", -math.inf),
        ("99000000000000000000000000000000000000", math.inf),
        ("INF", math.inf),
        ("INFinity", math.inf),
        ("-INF", -math.inf),
        ("NINF", -math.inf),
        ("ninfinity", -math.inf),
        ("1E38", 1e38),
        ("9.92E37", 9.92e37),
    ],
)
def test_a_reply_is_read_as_a_number(text: str, value: float) -> None:
    assert parse_float(text) == value


@pytest.mark.parametrize("text", ["9.91E37", "+9.910000E+37", "NAN", "nan"])
def test_a_reply_that_is_not_a_number_is_read_as_nan(text: str) -> None:
    assert math.isnan(parse_float(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1,5",
        "1.5V",
        "1.5 V",
        "ABC",
        "1_000",
        ARABIC_THREE,
        "1 2",
        "--1",
        "0x10",
        "1E400",
        "-1E999",
        "#H1F",
        "1;2",
        "1_0E40",
    ],
)
def test_a_reply_that_is_no_number_is_refused_and_kept(text: str) -> None:
    with pytest.raises(ReplyError) as caught:
        parse_float(text)
    assert caught.value.reply == text
    assert "number" in caught.value.expected
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(("text", "value"), [("1.5V", 1.5), ("1.5 V", 1.5), ("1.5", 1.5), ("9.9E37 V", math.inf)])
def test_a_unit_is_taken_where_it_is_expected(text: str, value: float) -> None:
    assert parse_float(text, unit="V") == value


@pytest.mark.parametrize("text", ["1.5 mV", "1.5 A", "V", "1.5 V V", "1_0 V"])
def test_another_unit_is_refused(text: str) -> None:
    with pytest.raises(ReplyError, match="unit V") as caught:
        parse_float(text, unit="V")
    assert caught.value.reply == text


@given(st.integers())
@example(10**300)
def test_an_integer_of_any_length_is_read_exactly(number: int) -> None:
    assert parse_int(str(number)) == number
    assert parse_int(f" {number:+d} ") == number


@given(st.integers(min_value=0))
def test_an_integer_in_another_base_is_read_exactly(number: int) -> None:
    assert parse_int(f"#H{number:X}") == parse_int(f"#h{number:x}") == number
    assert parse_int(f"#Q{number:o}") == number
    assert parse_int(f"#B{number:b}") == number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.0E+00", 1),
        ("+1.00000000E+03", 1000),
        ("5.", 5),
        ("1.23456789012345678E+17", 123456789012345678),
        ("-0", 0),
        ("-2.50E+01", -25),
    ],
)
def test_a_whole_number_may_be_written_as_a_float(text: str, value: int) -> None:
    assert parse_int(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *["", "1.5", "1E-3", "9.9E37", "9.91E37", "INF", "NAN", "1_000", "1_0.0", "0x10", "ON", "1.0 V", ARABIC_THREE],
        *["#H", "#HG", "#H-1", "#B2", "#Q8", "#X1", "1E400", "1E99999999999999", "9" * 30 + ".5"],
    ],
)
def test_a_reply_that_is_no_whole_number_is_refused_and_kept(text: str) -> None:
    with pytest.raises(ReplyError) as caught:
        parse_int(text)
    assert caught.value.reply == text
    assert "whole number" in caught.value.expected


@pytest.mark.parametrize("truth", [True, False])
def test_a_boolean_is_read_back(truth: bool) -> None:
    assert parse_bool(format_bool(truth)) is truth


@pytest.mark.parametrize("text", ["1", "+1", "ON", "on", " On ", "1.0E+00", "01"])
def test_a_reply_is_read_as_true(text: str) -> None:
    assert parse_bool(text) is True


@pytest.mark.parametrize("text", ["0", "+0", "OFF", "off", "-0", "0.0", "#B0"])
def test_a_reply_is_read_as_false(text: str) -> None:
    assert parse_bool(text) is False


@pytest.mark.parametrize("text", ["", "2", "-1", "TRUE", "YES", "0.5", "NAN"])
def test_a_reply_that_is_no_boolean_is_refused_and_kept(text: str) -> None:
    with pytest.raises(ReplyError, match="0, 1, OFF or ON") as caught:
        parse_bool(text)
    assert caught.value.reply == text


@pytest.mark.parametrize("value", ["OFF", "0", "", 2, -1, 0.5, None, [], [1]])
def test_what_is_no_boolean_is_refused(value: Any) -> None:
    with pytest.raises(WrongTypeError, match="True and False"):
        format_bool(value)


def test_booleans_of_numpy_are_written() -> None:
    np = pytest.importorskip("numpy")
    assert format_bool(np.True_) == "1"
    assert format_bool(np.False_) == "0"
    with pytest.raises(WrongTypeError):
        format_bool(np.array([True, False]))


@given(st.lists(finite_floats))
def test_a_list_is_read_back_bit_for_bit(values: list[float]) -> None:
    assume(not {abs(value) for value in values} & {INFINITY, NOT_A_NUMBER})
    text = ",".join(map(format_float, values))
    assert list(map(bits, parse_list(text))) == list(map(bits, values))


@given(st.lists(st.sampled_from(["1", " -2.5E-3", "9.9E37", "-9.9E37 ", "9.91E37", "NINF", "INF"]), min_size=1))
def test_each_number_of_a_list_is_read_as_a_single_one_is(texts: list[str]) -> None:
    assert list(map(repr, parse_list(",".join(texts)))) == [repr(parse_float(text)) for text in texts]


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_reply_is_an_empty_list(text: str) -> None:
    assert parse_list(text) == []


@pytest.mark.parametrize(
    ("text", "position", "item"),
    [
        ("1,x,3", 2, "x"),
        ("1,2,", 3, ""),
        ("1_0,2", 1, "1_0"),
        (f"1,{ARABIC_THREE}", 2, ARABIC_THREE),
        ("1,1E400", 2, "1E400"),
    ],
)
def test_a_list_says_which_number_it_could_not_read(text: str, position: int, item: str) -> None:
    with pytest.raises(ReplyError, match=f"number {position} of ") as caught:
        parse_list(text)
    assert caught.value.reply == item
