"""hypothesis strategies of the values that a validator allows, and of those that it refuses."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, Any, cast

from hypothesis import strategies as st

from luthier import validators as v
from luthier.errors import UsageError, ValidationError
from luthier.testing import number_strategies as numbers
from luthier.testing.sample_values import samples, spelled
from luthier.validators.numpy_scalars import python_scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["invalid_values", "valid_values"]

_MOST_EXTRA = 4
"""How much longer than need be a text or list is made."""


def valid_values(validator: v.Validator) -> SearchStrategy[Any]:
    """Return a strategy of values that ``validator`` allows, in all the types that it takes.

    Bounds, their neighbours, and numpy's scalars and arrays (where numpy is installed) are among them. The strategy is
    empty where nothing is allowed.

    Parameters
    ----------
    validator
        A built-in validator, or one with a method ``valid_strategy()``.

    Raises
    ------
    luthier.errors.UsageError
        If it is neither.

    Examples
    --------
    >>> from hypothesis import given
    >>> from luthier.validators import Numbers
    >>> @given(valid_values(Numbers(0, 5)))
    ... def test_every_level_is_accepted(level):
    ...     assert 0 <= Numbers(0, 5).check(level) <= 5
    """
    return _strategy(validator, 0, "valid_strategy")


def invalid_values(validator: v.Validator) -> SearchStrategy[Any]:
    """Return a strategy of values that ``validator`` refuses: near misses, and values of every other type.

    The strategy is empty where everything is allowed.

    Parameters
    ----------
    validator
        A built-in validator, or one with a method ``invalid_strategy()``.

    Raises
    ------
    luthier.errors.UsageError
        If it is neither.
    """
    return _strategy(validator, 1, "invalid_strategy")


def _strategy(validator: v.Validator, which: int, method: str) -> SearchStrategy[Any]:
    if hasattr(validator, method):
        return cast("SearchStrategy[Any]", getattr(validator, method)())
    if type(validator) not in _STRATEGIES:
        raise UsageError(
            f"there is no strategy for a validator of the type {type(validator).__name__}",
            advice=f"Give it a method {method}() that returns one.",
        )
    return _STRATEGIES[type(validator)][which](validator)


def _anything(_: v.Anything | v.Opaque) -> SearchStrategy[Any]:
    return samples(besides=())


def _nothing(_: v.Anything | v.Opaque) -> SearchStrategy[Any]:
    return st.nothing()


def _valid_bools(_: v.Bool) -> SearchStrategy[Any]:
    return spelled(st.booleans())


def _invalid_bools(_: v.Bool) -> SearchStrategy[Any]:
    return samples(besides=("bools",))


def _valid_callables(_: v.Callables) -> SearchStrategy[Any]:
    return st.sampled_from([print, float, len, lambda: None])


def _invalid_callables(_: v.Callables) -> SearchStrategy[Any]:
    return samples(besides=("callables",))


def _valid_strings(validator: v.Strings) -> SearchStrategy[Any]:
    low, high = validator.min_length or 0, validator.max_length
    if validator.pattern is None:
        return spelled(st.text(min_size=low, max_size=high))
    texts = st.from_regex(re.compile(validator.pattern), fullmatch=True)
    return spelled(texts.filter(lambda text: low <= len(text) and (high is None or len(text) <= high)))


def _invalid_strings(validator: v.Strings) -> SearchStrategy[Any]:
    drawn = [samples(besides=("texts",))]
    if validator.min_length:
        drawn.append(spelled(st.text(max_size=validator.min_length - 1)))
    if validator.max_length is not None:
        longer = validator.max_length + 1
        drawn.append(spelled(st.text(min_size=longer, max_size=longer + _MOST_EXTRA)))
    if validator.pattern is not None:
        pattern = re.compile(validator.pattern)
        drawn.append(spelled(st.text().filter(lambda text: not pattern.fullmatch(text))))
    return st.one_of(drawn)


def _valid_choices(validator: v.Enum) -> SearchStrategy[Any]:
    return spelled(st.sampled_from(_accepted(validator)))


def _invalid_choices(validator: v.Enum) -> SearchStrategy[Any]:
    misspelt = [f"{value}x" for value in validator.values] + [str(value).swapcase() for value in validator.values]
    accepted = _accepted(validator)
    drawn = st.one_of(samples(besides=()), spelled(st.sampled_from(misspelt)))
    return drawn.filter(lambda value: not any(_is_same(value, choice) for choice in accepted))


def _accepted(validator: v.Enum) -> list[Any]:
    values = list(validator.values)
    return values + [value.value for value in values if isinstance(value, enum.Enum) and _is_hashable(value.value)]


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _is_same(value: Any, choice: Any) -> bool:
    """Whether an enumeration must take ``value`` for ``choice``; where in doubt, yes."""
    value = python_scalar(value)  # a number of numpy's would first narrow the other one
    try:
        both_nan = bool(value != value and choice != choice)  # noqa: PLR0124 - NaN differs from itself
        equal = bool(value == choice)
    except (TypeError, ValueError, ArithmeticError):  # an array has no truth; a signalling NaN cannot be compared
        return False
    are_bools = [type(item).__name__ in ("bool", "bool_") for item in (value, choice)]
    return both_nan or (equal and are_bools[0] == are_bools[1])


def _valid_lists(validator: v.Lists | v.Sequences) -> SearchStrategy[Any]:
    lists = _lists(validator, validator.min_length or 0, validator.max_length)
    return st.one_of(lists, lists.map(tuple))


def _invalid_lists(validator: v.Lists | v.Sequences) -> SearchStrategy[Any]:
    low, high = validator.min_length or 0, validator.max_length
    drawn = [samples(besides=("sequences",))]
    if low:
        drawn.append(_lists(validator, 0, low - 1))
    if high is not None:
        drawn.append(_lists(validator, high + 1, high + 1 + _MOST_EXTRA))
    wrong = invalid_values(validator.element)
    if not wrong.is_empty and high != 0:
        right = _lists(validator, max(low - 1, 0), None if high is None else high - 1)
        drawn.append(st.builds(_inserted, right, wrong, st.integers(0, 100)))
    return st.one_of(drawn)


def _lists(validator: v.Lists | v.Sequences, low: int, high: int | None) -> SearchStrategy[list[Any]]:
    most = low + _MOST_EXTRA if high is None else min(high, low + _MOST_EXTRA)
    element = valid_values(validator.element)
    if element.is_empty and low:
        return st.nothing()
    return st.lists(element, min_size=low, max_size=most)


def _inserted(items: list[Any], item: Any, index: int) -> list[Any]:
    index %= len(items) + 1
    return [*items[:index], item, *items[index:]]


def _valid_dicts(validator: v.Dicts) -> SearchStrategy[Any]:
    required = {key: valid_values(inner) for key, inner in validator.required}
    optional = {key: valid_values(inner) for key, inner in validator.optional}
    dicts = st.fixed_dictionaries(
        required, optional={key: inner for key, inner in optional.items() if not inner.is_empty}
    )
    if not validator.allow_extra:
        return dicts
    extra = st.dictionaries(st.one_of(st.text(), st.integers()), samples(besides=()), max_size=_MOST_EXTRA)
    return st.builds(lambda more, known: {**more, **known}, extra.map(lambda more: _without(more, optional)), dicts)


def _without(items: dict[Any, Any], keys: dict[str, Any]) -> dict[Any, Any]:
    return {key: item for key, item in items.items() if key not in keys}


def _invalid_dicts(validator: v.Dicts) -> SearchStrategy[Any]:
    drawn = [samples(besides=("mappings",))]
    valid = valid_values(validator)
    if valid.is_empty:
        return st.one_of(drawn)
    drawn += [_lacking(valid, key) for key, _ in validator.required]
    known = dict(validator.required + validator.optional)
    drawn += [_replaced(valid, st.just(key), invalid_values(inner)) for key, inner in known.items()]
    if not validator.allow_extra:
        unknown = st.one_of(st.text(), st.integers(), st.none()).filter(lambda key: key not in known)
        drawn.append(_replaced(valid, unknown, st.just(0)))
    return st.one_of(drawn)


def _lacking(dicts: SearchStrategy[Any], key: str) -> SearchStrategy[Any]:
    return dicts.map(lambda items: _without(items, {key: None}))


def _replaced(dicts: SearchStrategy[Any], keys: SearchStrategy[Any], items: SearchStrategy[Any]) -> SearchStrategy[Any]:
    if items.is_empty:
        return st.nothing()
    return st.builds(lambda known, key, item: {**known, key: item}, dicts, keys, items)


def _valid_any(validator: v.AnyOf) -> SearchStrategy[Any]:
    return st.one_of([valid_values(inner) for inner in validator.validators])


def _invalid_any(validator: v.AnyOf) -> SearchStrategy[Any]:
    wrong = [invalid_values(inner) for inner in validator.validators]
    if any(strategy.is_empty for strategy in wrong):
        return st.nothing()
    return st.one_of(wrong).filter(lambda value: not any(_accepts(inner, value) for inner in validator.validators))


def _valid_all(validator: v.AllOf) -> SearchStrategy[Any]:
    right = [valid_values(inner) for inner in validator.validators]
    return st.one_of(right).filter(lambda value: _accepts(validator, value))


def _invalid_all(validator: v.AllOf) -> SearchStrategy[Any]:
    wrong = [invalid_values(inner) for inner in validator.validators]
    return st.one_of(wrong).filter(lambda value: not _accepts(validator, value))


def _accepts(validator: v.Validator, value: object) -> bool:
    """Whether a validator accepts a value; where validators are combined, only they can say."""
    try:
        validator.check(value)
    except ValidationError:
        return False
    return True


def _valid_arrays(validator: v.Arrays) -> SearchStrategy[Any]:
    from luthier.testing.array_strategies import valid_arrays  # noqa: PLC0415 - imports numpy

    return valid_arrays(validator)


def _invalid_arrays(validator: v.Arrays) -> SearchStrategy[Any]:
    from luthier.testing.array_strategies import invalid_arrays  # noqa: PLC0415 - imports numpy

    return invalid_arrays(validator)


_STRATEGIES: dict[type, tuple[Callable[[Any], SearchStrategy[Any]], Callable[[Any], SearchStrategy[Any]]]] = {
    v.AllOf: (_valid_all, _invalid_all),
    v.AnyOf: (_valid_any, _invalid_any),
    v.Anything: (_anything, _nothing),
    v.Arrays: (_valid_arrays, _invalid_arrays),
    v.Bool: (_valid_bools, _invalid_bools),
    v.Callables: (_valid_callables, _invalid_callables),
    v.Complex: (numbers.valid_complex, numbers.invalid_complex),
    v.Dicts: (_valid_dicts, _invalid_dicts),
    v.Enum: (_valid_choices, _invalid_choices),
    v.Ints: (numbers.valid_ints, numbers.invalid_ints),
    v.Lists: (_valid_lists, _invalid_lists),
    v.Multiples: (numbers.valid_multiples, numbers.invalid_multiples),
    v.Numbers: (numbers.valid_numbers, numbers.invalid_numbers),
    v.Opaque: (_anything, _nothing),
    v.Sequences: (_valid_lists, _invalid_lists),
    v.Strings: (_valid_strings, _invalid_strings),
}
