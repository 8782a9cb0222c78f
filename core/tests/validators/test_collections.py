"""Lists, dictionaries and combinations of validators."""

from __future__ import annotations

from collections import OrderedDict, deque
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from luthier.errors import DeclarationError, ValidationError, WrongTypeError
from luthier.validators import AllOf, AnyOf, Anything, Bool, Dicts, Enum, Ints, Lists, Multiples, Numbers, Sequences


@pytest.mark.parametrize(
    "value", [[1, 2], (1.0, 2), range(1, 3), deque([1, 2]), np.array([1, 2]), [np.int8(1), np.array(2)]]
)
def test_every_sequence_of_the_right_elements_gives_the_same_list_and_tuple(value: object) -> None:
    assert repr(Lists(Numbers()).check(value)) == "[1.0, 2.0]"
    assert repr(Sequences(Ints()).check(value)) == "(1, 2)"


def test_the_rows_of_an_array_are_sequences() -> None:
    assert Lists(Sequences(Ints())).check(np.eye(2)) == [(1, 0), (0, 1)]


def test_the_checked_list_shares_nothing_with_the_one_given() -> None:
    inner = [1]
    value = [inner]
    checked = Lists(Lists()).check(value)
    value.append(inner)
    inner.append(2)
    assert checked == [[1]]


@pytest.mark.parametrize("value", ["12", b"12", bytearray(b"12"), {1, 2}, {1: 2}, iter([1]), 5, None, np.array(5)])
@pytest.mark.parametrize("validator", [Lists(), Sequences()])
def test_what_is_no_sequence_is_refused(validator: Any, value: object) -> None:
    with pytest.raises(WrongTypeError, match="where a list is meant"):
        validator.check(value)


def test_the_first_wrong_element_is_named() -> None:
    with pytest.raises(ValidationError, match=r"^element 1: element 0: 7 is too large\.$") as caught:
        Lists(Sequences(Numbers(0, 5))).check([[1], [7, 8]])
    assert caught.value.value == [[1], [7, 8]]
    assert caught.value.allowed == "a list, each element a list, each element 0 to 5"
    assert isinstance(caught.value.__cause__, ValidationError)
    with pytest.raises(WrongTypeError, match=r"^element 0: True was given, .* Write 1, if the number is meant\.$"):
        Lists(Numbers()).check([True])


@pytest.mark.parametrize("validator", [Lists(Bool(), 1, 2), Sequences(Bool(), 1, 2)])
def test_lengths_are_bounded(validator: Any) -> None:
    with pytest.raises(ValidationError, match=r"^\[\] is too short \(0 elements\)\.$"):
        validator.check([])
    with pytest.raises(ValidationError, match=r"is too long \(3 elements\)\.$"):
        validator.check([True] * 3)
    assert validator.describe() == "a list of 1 to 2 elements, each True or False"


@pytest.mark.parametrize(
    ("validator", "words"),
    [
        (Lists(), "a list"),
        (Lists(Numbers(0, 5)), "a list, each element 0 V to 5 V"),
        (Lists(max_length=4), "a list of 4 or less elements"),
        (Sequences(min_length=2, max_length=2), "a list of exactly 2 elements"),
        (Dicts(), "an empty dict"),
        (Dicts({"a": Numbers(0)}, {"b": Bool()}), "a dict with 'a' (0 V or more), optionally 'b' (True or False)"),
        (Dicts(allow_extra=True), "a dict with any other keys"),
        (AnyOf(Numbers(0, 5), Enum("MIN", "MAX")), "0 V to 5 V, or one of 'MIN', 'MAX'"),
        (AllOf(Numbers(0, 5), Multiples(0.5)), "0 V to 5 V, and a multiple of 0.5 V"),
    ],
)
def test_descriptions_say_what_is_allowed_with_the_unit(validator: Any, words: str) -> None:
    assert validator.describe("V") == words


PULSE = Dicts({"width": Numbers(0)}, {"count": Ints(1)})


@pytest.mark.parametrize("kind", [dict, OrderedDict, MappingProxyType])
def test_every_mapping_gives_a_new_dict_in_its_own_order(kind: Any) -> None:
    value = kind({"count": 3.0, "width": 1})
    checked = PULSE.check(value)
    assert repr(checked) == "{'count': 3, 'width': 1.0}"
    assert checked is not value
    assert PULSE.check({np.str_("width"): 1}) == {"width": 1.0}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "1 key is missing: 'width'."),
        ({"with": 1}, "the key 'with' is unknown. Did you mean 'width'?"),
        ({"width": 1, 5: 1}, "the key 5 is unknown."),
        ({"width": -1}, "key 'width': -1 is too small."),
        ({"width": True}, "key 'width': True was given, where a number is meant. Write 1, if the number is meant."),
        ([("width", 1)], "[('width', 1)] was given, where a dict is meant."),
    ],
)
def test_what_is_wrong_with_a_dict_is_named(value: object, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PULSE.check(value)
    assert str(caught.value) == message
    assert caught.value.value is value


def test_all_missing_keys_are_named() -> None:
    with pytest.raises(ValidationError, match=r"^2 keys are missing: 'a', 'b'\.$"):
        Dicts({"a": Bool(), "b": Bool()}).check({})


def test_extra_keys_are_kept_where_they_are_allowed() -> None:
    validator = Dicts({"a": Bool()}, allow_extra=True)
    assert validator.check({"a": np.True_, 5: "x"}) == {"a": True, 5: "x"}


def test_the_first_alternative_that_fits_gives_the_canonical_form() -> None:
    assert repr(AnyOf(Ints(), Numbers()).check(3.0)) == "3"
    assert repr(AnyOf(Numbers(), Ints()).check(3)) == "3.0"
    assert repr(AnyOf(Ints(), Numbers()).check(2.5)) == "2.5"


def test_a_refusal_by_all_alternatives_names_each_reason_once() -> None:
    level = AnyOf(Numbers(0, 5), Enum("MIN", "MAX"), Numbers(0, 4))
    with pytest.raises(ValidationError) as caught:
        level.check(7)
    assert str(caught.value) == "7 is none of what is allowed (7 is too large; 7 is not one of the values)."
    with pytest.raises(ValidationError, match=r"Did you mean 'MIN'\?"):
        level.check("min")
    assert not isinstance(caught.value, WrongTypeError)
    with pytest.raises(WrongTypeError):
        AnyOf(Bool(), Numbers()).check("x")


def test_every_condition_is_given_what_the_one_before_returned() -> None:
    assert repr(AllOf(Ints(), Numbers()).check(np.float32(3))) == "3.0"
    with pytest.raises(ValidationError, match=r"^0\.3 is not a multiple of 0\.25\.$") as caught:
        AllOf(Numbers(0, 1), Multiples(0.25)).check(0.3)
    assert caught.value.allowed == "0 to 1, and a multiple of 0.25"
    with pytest.raises(WrongTypeError):
        AllOf(Anything(), Bool()).check(1)


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (
            lambda: Lists(Numbers),  # type: ignore[arg-type]  # wrong on purpose
            r"class Numbers was given, where a validator is meant\. Write Numbers\(\), with",
        ),
        (
            lambda: Sequences(5),  # type: ignore[arg-type]  # wrong on purpose
            "5 was given, where a validator is meant. A validator has the methods",
        ),
        (lambda: Lists(Bool(), 3, 1), "the minimum 3 is greater than the maximum 1"),
        (lambda: Sequences(Bool(), -1), "-1 was given as a length"),
        (
            lambda: Dicts({5: Bool()}),  # type: ignore[arg-type]  # wrong on purpose
            "the key 5 is not text",
        ),
        (lambda: Dicts({"a": Bool()}, {"a": Bool()}), "required and optional at once: 'a'"),
        (
            lambda: Dicts({"a": int}),  # type: ignore[arg-type]  # wrong on purpose
            "the class int was given",
        ),
        (
            lambda: Dicts(["a"]),  # type: ignore[list-item]  # wrong on purpose
            r"\['a'\] was given",
        ),
        (AnyOf, "no validator was given"),
        (AllOf, "no validator was given"),
        (
            lambda: AnyOf(Bool(), None),  # type: ignore[arg-type]  # wrong on purpose
            "None was given, where a validator is meant",
        ),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused(declare: Any, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        declare()
