"""Validators as plain data, and back."""

from __future__ import annotations

import enum
import json
import math
from typing import Any

import pytest
from luthier.errors import DeclarationError, UsageError, ValidationError
from luthier.validators import (
    AnyOf,
    Arrays,
    Bool,
    Complex,
    Dicts,
    Enum,
    Lists,
    Multiples,
    Numbers,
    Opaque,
    Strings,
    Validator,
    as_validator,
    from_data,
)


class Mode(enum.Enum):
    VOLTAGE = "volt"
    CURRENT = "curr"


@pytest.mark.parametrize(
    ("validator", "data"),
    [
        (
            Numbers(-210),
            {"type": "numbers", "minimum": -210.0, "maximum": None, "allow_nan": False, "allow_inf": False},
        ),
        (Bool(), {"type": "bool"}),
        (Strings(pattern="a+"), {"type": "strings", "min_length": None, "max_length": None, "pattern": "a+"}),
        (Enum("a", 1, None, True), {"type": "enum", "values": ["a", 1, None, True]}),
        (Enum(50, math.inf), {"type": "enum", "values": [50, {"$float": "inf"}]}),
        (Multiples(2), {"type": "multiples", "of": 2, "offset": 0, "minimum": None, "maximum": None}),
        (
            AnyOf(Bool(), Lists(Bool(), 1)),
            {
                "type": "any_of",
                "validators": [
                    {"type": "bool"},
                    {"type": "lists", "element": {"type": "bool"}, "min_length": 1, "max_length": None},
                ],
            },
        ),
        (
            Dicts({"a": Bool()}),
            {"type": "dicts", "required": {"a": {"type": "bool"}}, "optional": {}, "allow_extra": False},
        ),
    ],
)
def test_data_say_the_type_and_the_arguments(validator: Validator, data: dict[str, Any]) -> None:
    assert validator.to_data() == data
    assert from_data(data) == validator


def test_missing_arguments_have_their_defaults_again() -> None:
    assert from_data({"type": "numbers", "minimum": 0}) == Numbers(0)
    assert from_data({"type": "complex"}) == Complex()


@pytest.mark.parametrize(
    ("validator", "description"),
    [
        (Enum(Mode), "one of Mode.VOLTAGE, Mode.CURRENT"),
        (Enum(Mode.VOLTAGE, 5), "one of Mode.VOLTAGE, 5"),
        (Enum(print), "only <built-in function print>"),
        (Arrays((lambda: 5,)), "an array of real numbers of shape (as set,)"),
    ],
)
def test_what_data_cannot_hold_is_opaque_and_keeps_its_words(validator: Validator, description: str) -> None:
    data = json.loads(json.dumps(validator.to_data(), allow_nan=False))
    assert data["opaque"] is True
    rebuilt = from_data(data)
    assert rebuilt == Opaque(description)
    assert from_data(rebuilt.to_data()) == rebuilt


def test_the_values_of_the_members_are_there_to_be_shown() -> None:
    assert Enum(Mode).to_data()["values"] == ["volt", "curr"]


def test_a_combination_with_an_opaque_part_keeps_the_rest() -> None:
    rebuilt = from_data(Lists(Enum(Mode), max_length=1).to_data())
    assert rebuilt == Lists(Opaque("one of Mode.VOLTAGE, Mode.CURRENT"), max_length=1)
    with pytest.raises(ValidationError, match="too long"):
        rebuilt.check([Mode.VOLTAGE, Mode.VOLTAGE])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"type": "acme.even"}, r"no built-in validator of the type 'acme\.even'\. The types are all_of, any_of, "),
        ({}, "no built-in validator of the type None"),
        ({"type": ["numbers"]}, r"no built-in validator of the type \['numbers'\]"),
        ([], r"^\[\] was given, where the data of a validator are meant\.$"),
        (None, "None was given"),
        ({"type": "numbers", "colour": 1}, "the data of a validator of the type 'numbers' do not fit it: .*colour"),
        ({"type": "numbers", "minimum": "x"}, "do not fit it: minimum cannot be declared: 'x' was given"),
        ({"type": "numbers", "minimum": 5, "maximum": 1}, "do not fit it: the minimum 5.0 is greater than"),
        ({"type": "lists"}, "the type 'lists' do not fit it: .*element"),
        ({"type": "lists", "element": {"type": "acme.even"}}, "no built-in validator of the type 'acme.even'"),
        ({"type": "any_of", "validators": 5}, "do not fit it"),
        ({"type": "any_of", "validators": []}, "no validator was given to combine"),
        ({"type": "dicts", "required": [1], "optional": {}}, "do not fit it"),
        ({"type": "enum", "values": None}, "do not fit it"),
        ({"type": "enum", "values": [{"$float": "five"}]}, "do not fit it"),
        ({"type": "enum", "values": [[1]]}, "do not fit it"),
    ],
)
def test_data_that_do_not_fit_are_refused(data: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        from_data(data)


def test_only_validators_are_validators() -> None:
    assert as_validator(Bool()) == Bool()
    with pytest.raises(DeclarationError, match=r"the class Bool was given, .* Write Bool\(\), with its arguments\."):
        as_validator(Bool)
    with pytest.raises(DeclarationError, match="5 was given, where a validator is meant"):
        as_validator(5)
