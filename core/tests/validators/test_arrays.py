"""Arrays: which are taken, and that no element changes its value."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from luthier.errors import DeclarationError, ValidationError, WrongTypeError
from luthier.validators import Arrays


@pytest.mark.parametrize(
    ("elements", "dtype"), [("real", "float64"), ("complex", "complex128"), ("int", "int64"), ("bool", "bool")]
)
@pytest.mark.parametrize("form", [list, tuple, np.array, lambda rows: [np.array(row) for row in rows]])
def test_nested_lists_and_arrays_give_the_same_array(elements: Any, dtype: str, form: Any) -> None:
    rows = [[True, False]] if elements == "bool" else [[1, 0]]
    checked = Arrays(elements=elements).check(form(rows))
    assert (str(checked.dtype), checked.tolist()) == (dtype, rows)


@pytest.mark.parametrize(
    "dtype", ["int8", "uint16", "int32", "uint64", "float16", "float32", ">f8", "<f8", ">i2", "longdouble"]
)
def test_every_width_and_byte_order_becomes_native_doubles(dtype: str) -> None:
    value = np.arange(6, dtype=dtype).reshape(2, 3).T[::2]
    checked = Arrays().check(value)
    assert checked.dtype == np.float64
    assert checked.dtype.isnative
    assert checked.flags.c_contiguous
    assert checked.tolist() == [[0, 3], [2, 5]]


def test_the_checked_array_shares_nothing_with_the_one_given() -> None:
    value = np.zeros(3)
    checked = Arrays().check(value)
    value[0] = 5
    assert checked.tolist() == [0, 0, 0]
    assert type(Arrays().check(value.view(np.recarray))) is np.ndarray


@pytest.mark.parametrize(
    ("elements", "value", "reason"),
    [
        ("real", [1, True], "element 1: True was given, where a number is meant"),
        ("real", [1, "2"], "element 1: '2' was given, where a number is meant"),
        ("real", [1j], "element 0: 1j was given, where a number is meant"),
        ("real", [[1], [None]], r"element \(1, 0\): None was given"),
        ("real", [np.ma.masked], "element 0: masked was given"),
        ("real", np.array([True]), "shape (1,) and type bool was given, where an array of real numbers is meant"),
        ("real", np.array([1 + 0j]), "type complex128 was given"),
        ("real", np.array(["1"]), "type <U1 was given"),
        ("real", np.array([1.0], dtype=object), "type object was given"),
        ("real", np.array([1], dtype="m8[s]"), "was given, where an array of real numbers is meant"),
        ("complex", np.array([True]), "where an array of numbers is meant"),
        ("int", np.array([True]), "where an array of whole numbers is meant"),
        ("bool", np.array([1, 0]), "where an array of True or False is meant"),
        ("bool", [1, 0], "element 0: 1 was given, where True or False is meant"),
        ("real", 5, r"5 was given, where an array is meant. Write \[value\]"),
        ("real", np.array(5.0), r"5.0 was given, where an array is meant. Write \[value\]"),
        ("real", "12", "'12' was given, where an array is meant."),
        ("real", {1: 2}, "where an array is meant"),
    ],
)
def test_elements_of_the_wrong_type_are_refused(elements: Any, value: object, reason: str) -> None:
    with pytest.raises(WrongTypeError, match=reason.replace("(1,)", r"\(1,\)")) as caught:
        Arrays(elements=elements).check(value)
    assert caught.value.value is value


@pytest.mark.parametrize(
    ("elements", "value", "reason"),
    [
        ("real", np.array([1, 2**53 + 1]), "element 1: 9007199254740993 cannot be held exactly by a float"),
        ("real", np.array([2**63 - 1]), "element 0: 9223372036854775807 cannot be held exactly by a float"),
        ("real", np.array([2**64 - 1], dtype=np.uint64), "cannot be held exactly by a float"),
        ("complex", [2**53 + 1], "element 0: 9007199254740993 cannot be held exactly by a float"),
        ("int", np.array([1.0, 0.5]), "element 1: 0.5 is not a whole number"),
        ("int", np.array([math.nan]), "element 0: nan is not a whole number"),
        ("int", np.array([2.0**63]), "element 0: 9.223372036854775808e\\+18 does not fit into 64 bits"),
        ("int", np.array([2**63], dtype=np.uint64), "element 0: 9223372036854775808 does not fit into 64 bits"),
        ("int", [-(2**63) - 1], "element 0: -9223372036854775809 does not fit into 64 bits"),
    ],
)
def test_an_element_that_would_change_its_value_is_refused(elements: Any, value: object, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason.replace("9.223372036854775808e\\+18", r"9\.223372036854776e\+18")):
        Arrays(elements=elements).check(value)


def test_large_elements_that_keep_their_value_are_accepted() -> None:
    assert Arrays().check(np.array([2**60, -(2**63)])).tolist() == [2.0**60, -(2.0**63)]
    assert Arrays(elements="int").check(np.array([2.0**62])).tolist() == [2**62]
    assert Arrays(elements="int").check(np.array([2**63 - 1], dtype=np.uint64)).tolist() == [2**63 - 1]
    assert Arrays(elements="int").check([2**63 - 1, -(2**63)]).tolist() == [2**63 - 1, -(2**63)]


def test_an_extended_float_is_accepted_only_if_a_double_holds_it() -> None:
    third = np.longdouble(1) / 3
    if float(third) == third:
        pytest.skip("long doubles are doubles here")
    with pytest.raises(WrongTypeError, match=r"element 1: .* Write float\(value\), if it may be rounded\."):
        Arrays().check(np.array([0.5, third]))


def test_masked_elements_are_refused_and_an_empty_mask_is_not() -> None:
    assert Arrays().check(np.ma.masked_array([1.0], mask=[False])).tolist() == [1.0]
    with pytest.raises(ValidationError, match=r"masked elements, which have no value\. Fill them first"):
        Arrays().check(np.ma.masked_array([1.0, 2.0], mask=[False, True]))


@pytest.mark.parametrize(
    ("shape", "value", "fits"),
    [
        (None, [[1], [2]], True),
        ((2,), [1, 2], True),
        ((2,), [1], False),
        ((None,), [], True),
        ((None, 2), [[1, 2]], True),
        ((None, 2), [1, 2], False),
        ((None, None), [[], []], True),
        ((0,), [], True),
    ],
)
def test_the_shape_is_checked(shape: Any, value: Any, fits: bool) -> None:
    if fits:
        assert Arrays(shape).check(value).shape == np.shape(value)
    else:
        with pytest.raises(ValidationError, match="has the shape"):
            Arrays(shape).check(value)


@pytest.mark.parametrize("value", [[[1, 2], [3]], [1, [2]], [[1], [[2]]], [[], [1]]])
def test_rows_of_different_shapes_are_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="has rows of different shapes"):
        Arrays().check(value)


def test_a_list_that_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValidationError, match="is nested too deeply"):
        Arrays().check(endless)


def test_a_length_is_asked_for_at_each_check_and_never_for_a_description() -> None:
    lengths = [2, 3]
    validator = Arrays((None, lambda: lengths.pop(0)))
    assert validator.describe("V") == "an array of real numbers of shape (any, as set)"
    assert lengths == [2, 3]
    assert validator.check([[1, 2]]).shape == (1, 2)
    with pytest.raises(ValidationError, match=r"^\[\[1, 2\]\] has the shape \(1, 2\), where \(any, 3\) is meant\.$"):
        validator.check([[1, 2]])


def test_the_first_element_outside_the_bounds_is_named() -> None:
    with pytest.raises(ValidationError, match=r"^element \(1, 0\): -0\.5 is too small\.$") as caught:
        Arrays(minimum=0, maximum=1).check(np.array([[0, 1], [-0.5, 7]]))
    assert caught.value.allowed == "an array of real numbers, each 0 to 1"
    with pytest.raises(ValidationError, match=r"^element 2: 7 is too large\.$"):
        Arrays(None, "int", 0, 1).check([0, 1, 7])


def test_integers_are_compared_with_bounds_as_integers() -> None:
    assert Arrays(None, "int", maximum=2.0**53).check([2**53]).tolist() == [2**53]
    with pytest.raises(ValidationError, match="9007199254740993 is too large"):
        Arrays(None, "int", maximum=2.0**53).check([2**53 + 1])
    with pytest.raises(ValidationError, match="1 is too small"):
        Arrays(None, "int", minimum=1.5).check([2, 1])
    assert Arrays(None, "int", maximum=1e300).check([2**63 - 1]).tolist() == [2**63 - 1]


def test_nan_and_infinities_are_refused_unless_allowed() -> None:
    for value in (math.nan, math.inf, -math.inf):
        for elements in ("real", "complex"):
            with pytest.raises(ValidationError, match=r"^element 0: \S+ is not (a number|finite)\.$"):
                Arrays(None, elements).check([value])
    assert str(Arrays(allow_nan=True, allow_inf=True).check([math.nan, -math.inf])) == "[ nan -inf]"
    assert math.isnan(Arrays(minimum=0, maximum=1, allow_nan=True).check([math.nan])[0])
    with pytest.raises(ValidationError, match="-inf is too small"):
        Arrays(minimum=0, allow_inf=True).check([-math.inf])


@pytest.mark.parametrize(
    ("validator", "words"),
    [
        (Arrays((5,), "int", 0), "an array of whole numbers of shape (5,), each 0 V or more"),
        (Arrays((None, 2), "complex", allow_nan=True), "an array of complex numbers of shape (any, 2), or NaN"),
        (Arrays(allow_inf=True), "an array of real numbers, infinite too"),
        (Arrays(None, "bool"), "an array of True or False"),
    ],
)
def test_descriptions_say_what_is_allowed_with_the_unit(validator: Arrays, words: str) -> None:
    assert validator.describe("V") == words


@pytest.mark.parametrize(
    "declare",
    [
        lambda: Arrays(5),  # type: ignore[arg-type]  # wrong on purpose
        lambda: Arrays(()),
        lambda: Arrays((-1,)),
        lambda: Arrays((1.5,)),  # type: ignore[arg-type]  # wrong on purpose
        lambda: Arrays((True,)),
        lambda: Arrays(("5",)),  # type: ignore[arg-type]  # wrong on purpose
        lambda: Arrays((int,)),
        lambda: Arrays(None, "float"),  # type: ignore[arg-type]  # wrong on purpose
        lambda: Arrays(None, "real", 5, 1),
        lambda: Arrays(None, "complex", 0),
        lambda: Arrays(None, "bool", None, 1),
        lambda: Arrays(None, "int", allow_nan=True),
        lambda: Arrays(None, "bool", allow_inf=True),
        lambda: Arrays(None, "real", 0, 1, allow_inf=True),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused(declare: Any) -> None:
    with pytest.raises(DeclarationError):
        declare()


def test_a_refusal_stays_short_for_a_large_array() -> None:
    with pytest.raises(ValidationError) as caught:
        Arrays((3,)).check(np.zeros(100_000))
    assert caught.value.what == (
        "an array of shape (100000,) and type float64 has the shape (100000,), where (3,) is meant"
    )
