"""Strategies for the validators of numbers."""

from __future__ import annotations

import math
import sys
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from luthier.testing.sample_values import Kind, samples, spelled

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from luthier.validators import Complex, Ints, Multiples, Numbers

__all__ = [
    "invalid_complex",
    "invalid_ints",
    "invalid_multiples",
    "invalid_numbers",
    "valid_complex",
    "valid_ints",
    "valid_multiples",
    "valid_numbers",
]

_REAL: tuple[Kind, ...] = ("reals", "inexact")
_MOST_STEPS = 10**6
_TOLERANCE = Fraction(1, 10**9)
"""What a multiple may be off, in steps."""


def valid_numbers(validator: Numbers) -> SearchStrategy[Any]:
    """Draw numbers within the bounds, the bounds and their inner neighbours among them, in any spelling."""
    low, high = validator.minimum, validator.maximum
    edges = [0.0, -0.0, sys.float_info.min, 5e-324, sys.float_info.max, -sys.float_info.max]
    edges += [] if low is None else [low, math.nextafter(low, math.inf)]
    edges += [] if high is None else [high, math.nextafter(high, -math.inf)]
    edges = [edge for edge in edges if math.isfinite(edge) and _inside(edge, low, high)]
    drawn = [st.floats(low, high, allow_nan=False, allow_infinity=validator.allow_inf), st.sampled_from(edges)]
    whole = _whole_bounds(low, high)
    if whole:
        drawn.append(st.integers(*whole).filter(_is_float))
    if validator.allow_nan:
        drawn.append(st.just(math.nan))
    return spelled(st.one_of(drawn))


def invalid_numbers(validator: Numbers) -> SearchStrategy[Any]:
    """Draw numbers outside the bounds, their outer neighbours among them, and what is no real number."""
    drawn = [_beyond(validator.minimum, validator.maximum)]
    if not validator.allow_nan:
        drawn.append(spelled(st.just(math.nan)))
    if not validator.allow_inf:
        drawn.append(spelled(st.sampled_from([math.inf, -math.inf])))
    return st.one_of(*drawn, samples(besides=("reals",)))


def valid_ints(validator: Ints) -> SearchStrategy[Any]:
    """Draw whole numbers within the bounds, the bounds among them, in any spelling."""
    low, high = validator.minimum, validator.maximum
    edges = [edge for edge in (0, low, high, 2**53 + 1, -(2**63), 10**400) if edge is not None]
    edges = [edge for edge in edges if _inside(edge, low, high)]
    drawn: list[SearchStrategy[Any]] = [st.integers(low, high)]
    return spelled(st.one_of(*drawn, *([st.sampled_from(edges)] if edges else [])))


def invalid_ints(validator: Ints) -> SearchStrategy[Any]:
    """Draw whole numbers outside the bounds, numbers with a fraction, and what is no number."""
    fractions = st.floats(-(2.0**50), 2.0**50).filter(lambda number: not number.is_integer())
    drawn = [spelled(st.one_of(fractions, st.sampled_from([math.nan, math.inf, -math.inf])))]
    if validator.minimum is not None:
        drawn.append(spelled(st.integers(max_value=validator.minimum - 1)))
    if validator.maximum is not None:
        drawn.append(spelled(st.integers(min_value=validator.maximum + 1)))
    return st.one_of(*drawn, samples(besides=_REAL))


def valid_multiples(validator: Multiples) -> SearchStrategy[Any]:
    """Draw multiples of the step, exact and with the noise of floating-point arithmetic, in any spelling."""
    step, offset = _fraction(validator.of), _fraction(validator.offset)
    low, high = validator.minimum, validator.maximum
    counts = _counts(validator)
    if type(validator.of) is type(validator.offset) is int:
        return spelled(counts.map(lambda count: int(offset + count * step)))

    def is_multiple(number: float) -> bool:
        return _inside(number, low, high) and _steps_off(number, validator) <= _TOLERANCE

    exact = counts.map(lambda count: float(offset + count * step))
    noisy = counts.map(lambda count: validator.offset + count * validator.of)
    return spelled(st.one_of(exact, noisy).filter(is_multiple))


def invalid_multiples(validator: Multiples) -> SearchStrategy[Any]:
    """Draw numbers between the steps and outside the bounds, numbers that are not finite, and what is no number."""
    step, offset = _fraction(validator.of), _fraction(validator.offset)
    parts = st.builds(
        lambda count, part: float(offset + (count + Fraction(part)) * step), st.integers(-1000, 1000), st.floats(0, 1)
    )
    between = parts.filter(lambda number: _steps_off(number, validator) > 2 * _TOLERANCE)
    kinds: tuple[Kind, ...] = _REAL if type(validator.of) is type(validator.offset) is int else ("reals",)
    drawn = [spelled(between), spelled(st.sampled_from([math.nan, math.inf, -math.inf])), samples(besides=kinds)]
    return st.one_of(_beyond(validator.minimum, validator.maximum), *drawn)


def valid_complex(validator: Complex) -> SearchStrategy[Any]:
    """Draw complex and real numbers up to the magnitude, in any spelling."""
    greatest = validator.maximum_magnitude
    parts = st.floats(
        None if greatest is None else -greatest, greatest, allow_nan=False, allow_infinity=validator.allow_inf
    )
    if validator.allow_nan:
        parts = st.one_of(parts, st.just(math.nan))
    numbers: SearchStrategy[Any] = st.builds(complex, parts, parts)
    if greatest is not None:
        numbers = numbers.filter(lambda number: not math.hypot(number.real, number.imag) > greatest)
    return spelled(st.one_of(numbers, parts))


def invalid_complex(validator: Complex) -> SearchStrategy[Any]:
    """Draw numbers beyond the magnitude, numbers that are not finite, and what is no number."""
    outside: list[float] = []
    if validator.maximum_magnitude is not None:
        above = math.nextafter(validator.maximum_magnitude, math.inf)
        outside += [above, 2 * above]
    outside += [] if validator.allow_nan else [math.nan]
    outside += [] if validator.allow_inf else [math.inf, -math.inf]
    drawn = [samples(besides=("reals", "complexes"))]
    if outside:
        part, other = st.sampled_from(outside), st.floats(-1, 1)
        drawn.append(spelled(st.one_of(part, st.builds(complex, part, other), st.builds(complex, other, part))))
    return st.one_of(drawn)


def _beyond(low: float | None, high: float | None) -> SearchStrategy[Any]:
    drawn: list[SearchStrategy[float]] = []
    if low is not None and low > -sys.float_info.max:
        below = math.nextafter(low, -math.inf)
        drawn.append(st.one_of(st.just(below), st.floats(max_value=below)))
    if high is not None and high < sys.float_info.max:
        above = math.nextafter(high, math.inf)
        drawn.append(st.one_of(st.just(above), st.floats(min_value=above)))
    return spelled(st.one_of(drawn))


def _whole_bounds(low: float | None, high: float | None) -> tuple[int | None, int | None] | None:
    first = None if low is None else math.ceil(low)
    last = None if high is None else math.floor(high)
    return None if first is not None and last is not None and first > last else (first, last)


def _inside(number: float, low: float | None, high: float | None) -> bool:
    return (low is None or low <= number) and (high is None or number <= high)


def _is_float(integer: int) -> bool:
    try:
        return float(integer) == integer
    except OverflowError:
        return False


def _fraction(number: float) -> Fraction:
    """Return the decimal number that Python writes for a float."""
    return Fraction(Decimal(repr(number)))


def _steps_off(number: float, validator: Multiples) -> Fraction:
    """Return the distance from the nearest multiple, in steps."""
    steps = (_fraction(number) - _fraction(validator.offset)) / _fraction(validator.of)
    return abs(steps - round(steps))


def _counts(validator: Multiples) -> SearchStrategy[int]:
    """Draw numbers of steps whose multiples lie within the bounds."""
    step, offset = _fraction(validator.of), _fraction(validator.offset)
    low, high = validator.minimum, validator.maximum
    first = None if low is None else math.ceil((_fraction(low) - offset) / step - _TOLERANCE)
    last = None if high is None else math.floor((_fraction(high) - offset) / step + _TOLERANCE)
    if first is None:
        first = (_MOST_STEPS if last is None else last) - 2 * _MOST_STEPS
    return st.integers(first, first + 2 * _MOST_STEPS if last is None else min(last, first + 2 * _MOST_STEPS))
