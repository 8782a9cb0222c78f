"""How values are put into words."""

from __future__ import annotations

import numpy as np
import pytest
from luthier.errors import ValidationError
from luthier.validators import Bool, Callables, Complex, Dicts, Enum, Ints, Lists, Numbers, Strings
from luthier.validators.wording import did_you_mean, shown, with_unit


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("this object cannot be shown")


class Talkative:
    def __repr__(self) -> str:
        return "first line\n\tsecond line " + "x" * 10_000


AWKWARD = [
    Unprintable(),
    [Unprintable()],
    Talkative(),
    "x" * 10**6,
    list(range(10**5)),
    10**5000,
    [-(10**5000)],
    {1: 10**5000},
    np.zeros((100, 100)),
    np.array([Unprintable()], dtype=object),
    "a\nb",
]


@pytest.mark.parametrize("value", AWKWARD, ids=lambda value: type(value).__name__)
def test_every_value_is_shown_in_one_short_line(value: object) -> None:
    text = shown(value)
    assert text
    assert len(text) <= 80
    assert "\n" not in text


@pytest.mark.parametrize("value", AWKWARD, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize(
    "validator",
    [Numbers(0, 1), Ints(0, 1), Complex(1), Bool(), Enum("a", 1), Strings(5, 9), Lists(Bool()), Dicts(), Callables()],
)
def test_a_refusal_of_an_awkward_value_is_one_short_sentence(validator: Numbers, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        validator.check(value)
    message = str(caught.value)
    assert message.endswith((".", "?"))
    assert len(message) < 250
    assert "\n" not in message


def test_numbers_of_numpy_are_shown_as_numbers() -> None:
    assert shown(np.float64(0.5)) == "0.5"
    assert shown(np.array(3)) == "3"
    assert shown(float) == "the class float"
    assert shown(-(10**5000)) == "a whole number of about 5001 digits"


def test_units_follow_numbers_only() -> None:
    assert with_unit(5.0, "V") == "5 V"
    assert with_unit(0.1, "") == "0.1"
    assert with_unit(1j, "V") == "1j V"
    assert with_unit("AUTO", "V") == "'AUTO'"
    assert with_unit(True, "V") == "True"


def test_only_text_is_guessed() -> None:
    candidates = [("volt", "volt"), ("1", 1)]
    assert did_you_mean("vlt", candidates) == "Did you mean 'volt'?"
    assert did_you_mean("1", candidates) == "Did you mean 1?"
    assert did_you_mean(1, candidates) == ""
    assert did_you_mean("x" * 10**6, candidates) == ""
