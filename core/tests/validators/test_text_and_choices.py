"""Text, enumerations, and validators that look at no content."""

from __future__ import annotations

import enum
import math
import pickle
from typing import Any

import numpy as np
import pytest
from luthier.errors import DeclarationError, ValidationError, WrongTypeError
from luthier.validators import Anything, Callables, Enum, Opaque, Strings


class Mode(enum.Enum):
    VOLTAGE = "volt"
    CURRENT = "curr"


class Shape(enum.StrEnum):
    SINE = "sin"


class Status(enum.Flag):
    READY = 1
    ERROR = 2


class Named(str, enum.Enum):  # noqa: UP042 - the older spelling, whose str() is not its value
    A = "a"


@pytest.mark.parametrize("value", ["sin", np.str_("sin"), Shape.SINE, np.array("sin")])
def test_text_of_every_type_becomes_plain_text(value: object) -> None:
    checked = Strings().check(value)
    assert (checked, type(checked)) == ("sin", str)


def test_a_member_of_a_text_enumeration_is_its_value() -> None:
    assert repr(Strings().check(Named.A)) == "'a'"


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (5, "Write '5', in quotes, if the text is meant."),
        (True, "Write 'True', in quotes, if the text is meant."),
        (b"volt", "Write value.decode(), if it is text."),
        (None, ""),
        (Mode.VOLTAGE, ""),
        (["volt"], ""),
    ],
)
def test_nothing_is_turned_into_text_unasked(value: object, advice: str) -> None:
    with pytest.raises(WrongTypeError, match="where text is meant") as caught:
        Strings().check(value)
    assert caught.value.advice == advice


def test_text_is_measured_in_characters_and_matched_as_a_whole() -> None:
    validator = Strings(1, 3, "[a-zΩ]+")
    assert validator.check("Ω") == "Ω"
    assert validator.describe("V") == "text of 1 to 3 characters that matches the pattern '[a-zΩ]+'"
    with pytest.raises(ValidationError, match=r"^'' is too short \(0 characters\)\.$"):
        validator.check("")
    with pytest.raises(ValidationError, match=r"^'abcd' is too long \(4 characters\)\.$"):
        validator.check("abcd")
    with pytest.raises(ValidationError, match=r"^'ab1' does not match the pattern '\[a-zΩ\]\+'\.$"):
        validator.check("ab1")
    with pytest.raises(ValidationError, match="does not match"):
        validator.check("ab\n")


@pytest.mark.parametrize(
    "declare",
    [
        lambda: Strings(-1),
        lambda: Strings(3, 1),
        lambda: Strings(0.5),
        lambda: Strings(pattern="("),
        lambda: Strings(pattern=5),  # type: ignore[arg-type]  # wrong on purpose
        Enum,
        lambda: Enum("a", "a"),
        lambda: Enum(1, 1.0),
        lambda: Enum(math.nan, math.nan),
        lambda: Enum(["a", "b"]),
        lambda: Enum(("a", "b")),
        lambda: Enum({"a": 1}),
        lambda: Enum([1], [2]),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused(declare: Any) -> None:
    with pytest.raises(DeclarationError):
        declare()


def test_the_declared_value_is_returned() -> None:
    validator = Enum(1, 2.5, "auto", None)
    assert [validator.check(value) for value in (1.0, np.float32(2.5), np.str_("auto"), None)] == [1, 2.5, "auto", None]
    assert type(validator.check(1.0)) is int
    assert type(validator.check(np.str_("auto"))) is str


def test_true_is_not_one() -> None:
    with pytest.raises(ValidationError, match="True is not one of the values"):
        Enum(1, 0).check(True)
    with pytest.raises(ValidationError, match="1 is not one of the values"):
        Enum(True, False).check(1)
    assert Enum(True, 1).check(np.True_) is True
    assert Enum(True, 1).check(np.int8(1)) == 1
    assert Enum(1) != Enum(True)


def test_nan_is_found_again_after_a_copy() -> None:
    validator = Enum(50, math.nan, math.inf)
    assert math.isnan(pickle.loads(pickle.dumps(validator)).check(float("nan")))  # noqa: S301 - our own bytes
    assert validator.check(np.float32("inf")) == math.inf


@pytest.mark.parametrize("value", [[1], {}, {1}, np.array([1.0]), object(), 1 + 1j])
def test_what_cannot_be_compared_is_no_choice(value: object) -> None:
    with pytest.raises(ValidationError, match="is not one of the values"):
        Enum(1, "a").check(value)


def test_a_member_may_be_given_by_its_value_but_not_by_its_name() -> None:
    for validator in (Enum(Mode), Enum(Mode.VOLTAGE, Mode.CURRENT)):
        assert validator.check(Mode.CURRENT) is Mode.CURRENT
        assert validator.check("curr") is Mode.CURRENT
        assert validator.describe() == "one of Mode.VOLTAGE, Mode.CURRENT"
        with pytest.raises(ValidationError, match=r"Did you mean Mode\.VOLTAGE\?"):
            validator.check("VOLTAGE")
    assert Enum(Shape).check("sin") is Shape.SINE


def test_a_declared_value_goes_before_the_value_of_a_member() -> None:
    validator = Enum(Mode.VOLTAGE, "volt")
    assert validator.check("volt") == "volt"
    assert validator.check(Mode.VOLTAGE) is Mode.VOLTAGE


def test_a_combination_of_flags_is_no_member() -> None:
    assert Enum(Status).check(2) is Status.ERROR
    with pytest.raises(ValidationError, match=r"Status\.READY\|ERROR is not one of the values"):
        Enum(Status).check(Status.READY | Status.ERROR)


@pytest.mark.parametrize(
    ("value", "advice"),
    [("Volt", "Did you mean 'volt'?"), ("vlt", "Did you mean 'volt'?"), ("5", "Did you mean 5?"), ("x", ""), ([], "")],
)
def test_a_near_miss_is_guessed(value: object, advice: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Enum("volt", "curr", 5).check(value)
    assert caught.value.advice == advice


def test_choices_are_described_with_the_unit_where_they_are_numbers() -> None:
    assert Enum(0.1, 1.0, "AUTO").describe("V") == "one of 0.1 V, 1 V, 'AUTO'"
    assert Enum(True).describe("V") == "only True"
    assert Enum(*range(100)).describe().endswith("18, 19, ... (100 in all)")


def test_anything_is_returned_as_it_is_but_for_the_scalars_of_numpy() -> None:
    value = object()
    assert Anything().check(value) is value
    assert type(Anything().check(np.float32(0.5))) is float
    assert type(Anything().check(np.array(3))) is int
    assert Anything().check(np.ma.masked) is np.ma.masked
    assert isinstance(Anything().check(np.datetime64(5, "ns")), np.datetime64)


def test_an_opaque_validator_leaves_everything_to_the_original() -> None:
    value = np.float32(0.5)
    assert Opaque("what the server allows").check(value) is value
    assert Opaque("what the server allows").describe("V") == "what the server allows"


def test_a_callable_is_returned_as_it_is() -> None:
    assert Callables().check(print) is print
    assert Callables().describe("V") == "anything that can be called"
    with pytest.raises(WrongTypeError, match="where something that can be called is meant"):
        Callables().check("print")
