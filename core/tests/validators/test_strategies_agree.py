"""Every validator agrees with the strategies that are derived from it, alone and in random combinations."""

from __future__ import annotations

import copy
import enum
import json
import math
import pickle
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from luthier.errors import UsageError, ValidationError
from luthier.testing import invalid_values, valid_values
from luthier.validators import (
    AllOf,
    AnyOf,
    Anything,
    Arrays,
    Bool,
    Callables,
    Complex,
    Dicts,
    Enum,
    Ints,
    Lists,
    Multiples,
    Numbers,
    Opaque,
    Sequences,
    Strings,
    Validator,
    from_data,
    shown,
)


class Mode(enum.Enum):
    VOLTAGE = "volt"
    CURRENT = "curr"


class Range(enum.IntEnum):
    LOW = 1
    HIGH = 10


def pairs(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    """Draw bounds, either of which may be absent."""
    bounded = st.tuples(numbers, numbers).map(lambda pair: (min(pair), max(pair)))
    return st.one_of(
        bounded, numbers.map(lambda low: (low, None)), numbers.map(lambda high: (None, high)), st.just((None, None))
    )


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
LENGTHS = pairs(st.integers(0, 5))


@st.composite
def numbers(draw: st.DrawFn) -> Numbers:
    low, high = draw(pairs(FLOATS))
    allow_inf = draw(st.booleans()) and (low is None or high is None)
    return Numbers(low, high, allow_nan=draw(st.booleans()), allow_inf=allow_inf)


@st.composite
def multiples(draw: st.DrawFn) -> Multiples:
    steps = draw(st.sampled_from([st.integers(1, 1000), st.sampled_from([0.1, 0.25, 1e-9, 3.3, 1e6, 0.3])]))
    step = draw(steps)
    offset = draw(st.sampled_from([0, 0.0, 0.05, 7, -1e3]))
    low = draw(st.none() | st.integers(-100, 100).map(lambda count: offset + count * step))
    high = None if low is None else draw(st.none() | st.integers(1, 100).map(lambda count: low + count * step))
    return Multiples(step, offset, low, high)


@st.composite
def complexes(draw: st.DrawFn) -> Complex:
    greatest = draw(st.none() | st.floats(0, 1e300))
    return Complex(greatest, allow_nan=draw(st.booleans()), allow_inf=greatest is None and draw(st.booleans()))


@st.composite
def arrays(draw: st.DrawFn) -> Arrays:
    shape = draw(st.none() | st.lists(st.none() | st.integers(0, 3), min_size=1, max_size=3).map(tuple))
    elements: Any = draw(st.sampled_from(["real", "complex", "int", "bool"]))
    if elements == "bool":
        return Arrays(shape, elements)
    if elements == "complex":
        return Arrays(shape, elements, allow_nan=draw(st.booleans()), allow_inf=draw(st.booleans()))
    low, high = draw(pairs(st.integers(-(2**53), 2**53)))
    if elements == "int":
        return Arrays(shape, elements, low, high)
    allow_inf = draw(st.booleans()) and (low is None or high is None)
    return Arrays(shape, elements, low, high, allow_nan=draw(st.booleans()), allow_inf=allow_inf)


PATTERNS = st.sampled_from([None, r"[a-z]{1,8}", r"(CH)?\d+", r".*"])
VALUES = st.one_of(st.text(max_size=5), st.integers(), st.floats(), st.booleans(), st.none(), st.complex_numbers())


def enum_of(values: list[Any]) -> Enum:
    distinct: list[Any] = []
    for value in values:
        if not any(value == other or value != value for other in distinct):  # noqa: PLR0124 - NaN differs from itself
            distinct.append(value)
    return Enum(*distinct)


CHOICES = st.one_of(st.lists(VALUES, min_size=1, max_size=5).map(enum_of), st.sampled_from([Enum(Mode), Enum(Range)]))

SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "Anything": st.just(Anything()),
    "Arrays": arrays(),
    "Bool": st.just(Bool()),
    "Callables": st.just(Callables()),
    "Complex": complexes(),
    "Enum": CHOICES,
    "Ints": pairs(st.integers()).map(lambda pair: Ints(*pair)),
    "Multiples": multiples(),
    "Numbers": numbers(),
    "Opaque": st.just(Opaque("what the server allows")),
    "Strings": st.builds(Strings, st.none(), st.none(), PATTERNS) | LENGTHS.map(lambda pair: Strings(*pair)),
}


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keyed = st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
    more = st.dictionaries(st.sampled_from("xyz"), inner, max_size=2)
    return st.one_of(
        st.builds(lambda element, pair: Lists(element, *pair), inner, LENGTHS),
        st.builds(lambda element, pair: Sequences(element, *pair), inner, LENGTHS),
        st.builds(
            lambda required, optional, extra: Dicts(required, optional, allow_extra=extra), keyed, more, st.booleans()
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda several: AnyOf(*several)),
        inner.map(lambda one: AllOf(one, Anything())),
        st.just(AllOf(Numbers(-1, 1), Multiples(0.25))),
        st.just(AllOf(Ints(0, 100), Multiples(7), Numbers())),
    )


VALIDATORS = st.recursive(st.one_of(*SIMPLE.values()), combined, max_leaves=6)
RANDOM = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
)


def same(one: Any, other: Any) -> bool:
    """Whether two canonical values are alike to the type, the sign of zero and NaN."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return bool(one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, float):
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or (one == other and math.copysign(1, one) == math.copysign(1, other))
    return bool(one == other)


def accepts_and_repeats(validator: Validator, value: object) -> None:
    canonical = validator.check(value)
    assert same(validator.check(canonical), canonical)


def refuses_with_a_sentence(validator: Validator, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        validator.check(value)
    message = str(caught.value)
    assert re.fullmatch(r"[^\n]+[.?!]", message)
    assert caught.value.allowed == validator.describe()
    assert caught.value.value is value
    assert not caught.value.who
    assert len(caught.value.what) < 2000


@pytest.mark.parametrize("kind", SIMPLE)
@given(data=st.data())
@RANDOM
def test_a_valid_value_is_accepted_and_its_canonical_form_stays(kind: str, data: st.DataObject) -> None:
    validator = data.draw(SIMPLE[kind])
    accepts_and_repeats(validator, data.draw(valid_values(validator)))


@pytest.mark.parametrize("kind", [kind for kind in SIMPLE if kind not in ("Anything", "Opaque")])
@given(data=st.data())
@RANDOM
def test_an_invalid_value_is_refused_with_a_sentence(kind: str, data: st.DataObject) -> None:
    validator = data.draw(SIMPLE[kind])
    refuses_with_a_sentence(validator, data.draw(invalid_values(validator)))


@given(data=st.data(), validator=VALIDATORS)
@RANDOM
def test_a_valid_value_of_a_combination_is_accepted_and_its_canonical_form_stays(
    data: st.DataObject, validator: Any
) -> None:
    strategy = valid_values(validator)
    if not strategy.is_empty:
        accepts_and_repeats(validator, data.draw(strategy))


@given(data=st.data(), validator=VALIDATORS)
@RANDOM
def test_an_invalid_value_of_a_combination_is_refused_with_a_sentence(data: st.DataObject, validator: Any) -> None:
    strategy = invalid_values(validator)
    if not strategy.is_empty:
        refuses_with_a_sentence(validator, data.draw(strategy))


@given(validator=VALIDATORS)
@RANDOM
def test_a_validator_survives_the_trip_through_json_unless_it_says_that_it_is_opaque(validator: Any) -> None:
    data = validator.to_data()
    text = json.dumps(data, allow_nan=False)
    rebuilt = from_data(json.loads(text))
    if '"opaque": true' not in text:
        assert rebuilt == validator
        assert rebuilt.describe("V") == validator.describe("V")
    elif "opaque" in data:
        assert rebuilt == Opaque(validator.describe())


@given(validator=VALIDATORS)
@RANDOM
def test_a_validator_is_a_value(validator: Any) -> None:
    assert isinstance(validator, Validator)
    assert hash(validator) == hash(copy.copy(validator))
    assert copy.deepcopy(validator) == validator
    assert pickle.loads(pickle.dumps(validator)) == validator  # noqa: S301 - our own bytes
    assert re.fullmatch(r"[^\n]*\S", validator.describe("V"))


@given(data=st.data(), validator=st.one_of(numbers(), SIMPLE["Ints"]))
def test_the_interval_holds_what_is_returned_unchanged(data: st.DataObject, validator: Numbers | Ints) -> None:
    kind = float if isinstance(validator, Numbers) else int
    value = data.draw(valid_values(validator).filter(lambda value: type(value) is kind))
    low, high = validator.interval
    if low <= value <= high:
        assert validator.check(value) is value
    else:
        assert math.isnan(value)


@given(data=st.data(), validator=numbers())
def test_a_narrowed_validator_allows_only_what_both_ranges_allow(data: st.DataObject, validator: Numbers) -> None:
    low, high = validator.interval
    first = data.draw(st.floats(low, high, allow_infinity=False))
    last = data.draw(st.floats(first, high, allow_infinity=False))
    narrowed = validator.narrowed(first, last)
    assert (narrowed.minimum, narrowed.maximum) == (first, last)
    value = data.draw(valid_values(narrowed))
    assert same(validator.check(value), narrowed.check(value))


class Even:
    """A validator of somebody else's."""

    def check(self, value: object, /) -> int:
        if isinstance(value, int) and value % 2 == 0:
            return value
        raise ValidationError(f"{shown(value)} is not even", value=value, allowed=self.describe())

    def describe(self, unit: str = "") -> str:
        return f"an even number {unit}".strip()

    def to_data(self) -> dict[str, Any]:
        return {"type": "acme.even"}

    def valid_strategy(self) -> st.SearchStrategy[Any]:
        return st.integers().map(lambda number: 2 * number)

    def invalid_strategy(self) -> st.SearchStrategy[Any]:
        return st.integers().map(lambda number: 2 * number + 1)


@given(data=st.data())
def test_a_foreign_validator_is_used_everywhere(data: st.DataObject) -> None:
    validator = Lists(AnyOf(Even(), Enum("none")), min_length=1)
    accepts_and_repeats(validator, data.draw(valid_values(validator)))
    refuses_with_a_sentence(validator, data.draw(invalid_values(validator)))
    assert validator.describe("V") == "a list of 1 or more elements, each an even number V, or only 'none'"


def test_a_foreign_validator_without_strategies_is_refused_with_the_method_to_add() -> None:
    class Bare:
        check = Even.check
        describe = Even.describe
        to_data = Even.to_data

    with pytest.raises(UsageError, match=r"type Bare. Give it a method valid_strategy\(\) that returns one\."):
        valid_values(Bare())
