"""What counts as a number, for each of the validators of numbers."""

from __future__ import annotations

import enum
import math
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from luthier.errors import DeclarationError, UsageError, ValidationError, WrongTypeError
from luthier.validators import Bool, Complex, Ints, Multiples, Numbers

REAL = [Numbers(), Ints(), Multiples(0.5), Multiples(1), Complex()]


class Gain(enum.IntEnum):
    LOW = 2


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float16(2), np.float32(2), np.longdouble(2), np.int8(2), np.uint64(2), Gain.LOW]
)
@pytest.mark.parametrize(("validator", "canonical"), list(zip(REAL, [2.0, 2, 2.0, 2, 2 + 0j], strict=True)), ids=repr)
def test_every_type_that_holds_the_number_gives_the_same_python_number(
    validator: Any, canonical: object, value: object
) -> None:
    checked = validator.check(value)
    assert (checked, type(checked)) == (canonical, type(canonical))
    checked = validator.check(np.array(value))
    assert (checked, type(checked)) == (canonical, type(canonical))


@pytest.mark.parametrize("validator", REAL, ids=repr)
@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (True, "Write 1, if the number is meant."),
        (np.False_, "Write 0, if the number is meant."),
        ("5", "Write 5 without the quotes."),
        (np.str_(" 1e3 "), "Write 1000 without the quotes."),
        ("five", ""),
        ("nan", ""),
        ("٣", ""),
        ("9" * 50, ""),
        (None, ""),
        ([1.0], ""),
        (b"5", ""),
        (np.array([5.0]), "Write value.item(), its only element."),
        (np.array([]), ""),
        (np.ma.masked, ""),
        (np.timedelta64(5, "ns"), ""),
        (np.datetime64(5, "ns"), ""),
        (Decimal("0.5"), "Write float(value), if it may be rounded."),
        (Fraction(1, 2), "Write float(value), if it may be rounded."),
        (float, ""),
        (object(), ""),
    ],
    ids=repr,
)
def test_what_is_no_number_is_refused_with_a_guess(validator: Any, value: object, advice: str) -> None:
    with pytest.raises(WrongTypeError, match=r" was given, where a (whole )?number is meant\.") as caught:
        validator.check(value)
    assert caught.value.advice == advice
    assert caught.value.allowed == validator.describe()


@pytest.mark.parametrize("validator", REAL[:-1], ids=repr)
@pytest.mark.parametrize("value", [5 + 0j, 1j, np.complex64(5)])
def test_a_complex_number_is_refused_where_a_real_one_is_meant_even_without_an_imaginary_part(
    validator: Any, value: object
) -> None:
    with pytest.raises(WrongTypeError, match=r"Write value\.real"):
        validator.check(value)


@pytest.mark.parametrize("validator", REAL, ids=repr)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32(math.nan), np.float16(-math.inf)])
def test_nan_and_infinities_are_refused_unless_allowed(validator: Any, value: object) -> None:
    with pytest.raises(ValidationError, match=r"^-?(nan|inf) is not (a number|finite|a whole number)\.$") as caught:
        validator.check(value)
    assert not isinstance(caught.value, WrongTypeError)


@pytest.mark.parametrize("validator", [Numbers(), Multiples(0.5), Complex()], ids=repr)
@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, 10**400, np.uint64(2**64 - 1)])
def test_an_integer_that_no_float_holds_is_refused_instead_of_rounded(validator: Any, value: object) -> None:
    with pytest.raises(ValidationError, match="cannot be held exactly by a float") as caught:
        validator.check(value)
    assert not isinstance(caught.value, WrongTypeError)


def test_large_integers_that_a_float_holds_are_accepted() -> None:
    assert Numbers().check(2**70) == 2.0**70
    assert Ints().check(2.0**70) == 2**70
    assert Ints(10**400).check(10**400 + 1) == 10**400 + 1


def test_an_extended_float_is_accepted_only_if_a_float_holds_it() -> None:
    third = np.longdouble(1) / 3
    if float(third) == third:
        pytest.skip("long doubles are doubles here")
    with pytest.raises(WrongTypeError, match="if it may be rounded"):
        Numbers().check(third)
    with pytest.raises(WrongTypeError, match="if it may be rounded"):
        Complex().check(np.clongdouble(third))
    assert math.isnan(Numbers(allow_nan=True).check(np.longdouble("nan")))


def test_minus_zero_keeps_its_sign() -> None:
    assert math.copysign(1, Numbers(0, 1).check(-0.0)) == -1
    assert math.copysign(1, Numbers().check(np.float32(-0.0))) == -1
    assert math.copysign(1, Complex().check(complex(-0.0, -0.0)).imag) == -1
    assert repr(Ints().check(-0.0)) == "0"


def test_bounds_are_allowed_and_their_outer_neighbours_are_not() -> None:
    volts = Numbers(-210, 210)
    assert [volts.check(-210), volts.check(210.0)] == [-210.0, 210.0]
    with pytest.raises(ValidationError, match=r"^210\.00000000000003 is too large\.$"):
        volts.check(math.nextafter(210, math.inf))
    with pytest.raises(ValidationError, match=r"^-210\.00000000000003 is too small\.$"):
        volts.check(math.nextafter(-210, -math.inf))
    with pytest.raises(ValidationError, match=r"^5 is too large\.$"):
        Ints(1, 4).check(5)


def test_a_refusal_carries_the_value_and_what_is_allowed() -> None:
    with pytest.raises(ValidationError) as caught:
        Numbers(-210, 210).check(250)
    error = caught.value
    assert (error.what, error.value, error.allowed, error.who) == ("250 is too large", 250, "-210 to 210", "")


def test_infinities_are_allowed_only_on_the_sides_without_a_bound() -> None:
    assert Numbers(0, allow_inf=True).check(math.inf) == math.inf
    with pytest.raises(ValidationError, match="too small"):
        Numbers(0, allow_inf=True).check(-math.inf)
    assert Complex(allow_inf=True).check(complex(math.inf, 0)) == complex(math.inf, 0)
    with pytest.raises(DeclarationError, match=r"Write AnyOf\(Numbers"):
        Numbers(0, 1, allow_inf=True)
    with pytest.raises(DeclarationError, match="infinities"):
        Complex(1, allow_inf=True)


def test_nan_is_allowed_within_any_bounds() -> None:
    assert math.isnan(Numbers(0, 1, allow_nan=True).check(math.nan))
    assert math.isnan(Complex(1, allow_nan=True).check(complex(0, math.nan)).imag)
    with pytest.raises(ValidationError, match="not finite"):
        Complex(allow_nan=True).check(complex(math.inf, math.nan))


@pytest.mark.parametrize(
    ("validator", "words"),
    [
        (Numbers(-210, 210), "-210 V to 210 V"),
        (Numbers(0.1), "0.1 V or more"),
        (Numbers(None, 1e-9), "1e-09 V or less"),
        (Numbers(5, 5), "exactly 5 V"),
        (Numbers(), "any finite number"),
        (Numbers(allow_nan=True, allow_inf=True), "any number, infinite too, or NaN"),
        (Ints(), "any whole number"),
        (Ints(1, 4), "a whole number: 1 V to 4 V"),
        (Multiples(0.1), "a multiple of 0.1 V"),
        (Multiples(2, 1, 0, 9), "1 V plus a multiple of 2 V: 0 V to 9 V"),
        (Complex(), "any finite complex number"),
        (Complex(1), "a complex number of magnitude 1 V or less"),
        (Complex(allow_inf=True, allow_nan=True), "any complex number, infinite too, or NaN"),
        (Bool(), "True or False"),
    ],
)
def test_descriptions_say_what_is_allowed_with_the_unit(validator: Any, words: str) -> None:
    assert validator.describe("V") == words


@pytest.mark.parametrize("value", [1, 0, "on", "True", None, 1.0, np.int8(1)])
def test_only_true_and_false_are_bools(value: object) -> None:
    with pytest.raises(WrongTypeError, match=r"where True or False is meant\. Write True or False\."):
        Bool().check(value)


def test_bools_of_numpy_become_bools() -> None:
    assert Bool().check(np.True_) is True
    assert Bool().check(np.array(False)) is False


def test_a_whole_number_may_be_written_as_a_float_but_not_one_with_a_fraction() -> None:
    assert [Ints().check(value) for value in np.linspace(0, 4, 5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValidationError, match=r"^2\.5 is not a whole number\.$"):
        Ints().check(2.5)


@pytest.mark.parametrize("step", [0.1, 0.3, 1e-3, 1e-9, 2.5e6])
def test_decimal_multiples_of_a_decimal_step_are_accepted_unchanged(step: float) -> None:
    validator = Multiples(step)
    for count in range(-200, 201):
        written = float(Decimal(repr(step)) * count)
        assert validator.check(written) == written


def test_the_noise_of_a_computed_sweep_is_accepted_and_kept() -> None:
    assert 0.1 * 3 != 0.3
    assert Multiples(0.1).check(0.1 * 3) == 0.1 * 3
    for sweep in (np.linspace(-1, 1, 201), np.arange(-10, 10, 0.01)):
        assert [Multiples(0.01).check(value) for value in sweep] == sweep.tolist()


@pytest.mark.parametrize("value", [0.31, 0.3000001, 0.05, 1e-6, 123456.75])
def test_what_lies_between_the_steps_is_refused(value: float) -> None:
    with pytest.raises(ValidationError, match=r"is not a multiple of 0\.1\.$"):
        Multiples(0.1).check(value)


def test_multiples_are_ints_if_the_step_and_the_offset_are() -> None:
    assert repr(Multiples(16).check(48.0)) == "48"
    assert repr(Multiples(16.0).check(48)) == "48.0"
    assert repr(Multiples(16, 0.5).check(48.5)) == "48.5"
    assert Multiples(16) != Multiples(16.0)
    assert Multiples(3).check(3 * 10**400) == 3 * 10**400


def test_multiples_of_extreme_steps_and_values_are_exact() -> None:
    assert Multiples(5e-324).check(sys.float_info.max) == sys.float_info.max
    assert Multiples(sys.float_info.max).check(-sys.float_info.max) == -sys.float_info.max
    with pytest.raises(ValidationError, match="is not a multiple"):
        Multiples(sys.float_info.max).check(1e300)


@pytest.mark.parametrize(
    "declare",
    [
        lambda: Numbers(5, 1),
        lambda: Numbers(math.nan),
        lambda: Numbers(math.inf),
        lambda: Numbers(None, -math.inf),
        lambda: Numbers(2**53 + 1),
        lambda: Numbers("1"),  # type: ignore[arg-type]  # wrong on purpose
        lambda: Numbers(True, 5),
        lambda: Numbers(allow_nan="no"),  # type: ignore[arg-type]  # wrong on purpose
        lambda: Ints(5, 1),
        lambda: Ints(0.5),
        lambda: Ints(math.nan),
        lambda: Ints(math.inf),
        lambda: Multiples(0),
        lambda: Multiples(-1),
        lambda: Multiples(math.nan),
        lambda: Multiples(math.inf),
        lambda: Multiples("1"),  # type: ignore[arg-type]  # wrong on purpose
        lambda: Multiples(True),
        lambda: Multiples(1, math.nan),
        lambda: Multiples(1, 0, 5, 1),
        lambda: Multiples(0.5, 0, 0.1, 0.4),
        lambda: Complex(-1),
        lambda: Complex(math.nan),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused(declare: Any) -> None:
    with pytest.raises(DeclarationError):
        declare()


def test_infinite_bounds_are_no_bounds() -> None:
    assert Numbers(-math.inf, math.inf) == Numbers()
    assert Ints(-math.inf, math.inf) == Ints()
    assert Multiples(1, 0, -math.inf, math.inf) == Multiples(1)
    assert Complex(math.inf) == Complex()


def test_bounds_are_numbers_of_the_kind_that_is_checked() -> None:
    low: Any = np.float32(-1)
    high: Any = np.int8(1)
    assert repr(Numbers(low, high).interval) == "(-1.0, 1.0)"
    assert repr(Ints(low, high).interval) == "(-1, 1)"
    assert repr(Multiples(high, high)) == "Multiples(of=1, offset=1, minimum=None, maximum=None)"


@pytest.mark.parametrize(
    "validator",
    [Numbers(-210, 210), Ints(-210, 210), Multiples(0.1, 0, -210, 210), Multiples(5, 0, -210, 210)],
    ids=repr,
)
def test_limits_can_be_narrowed_but_never_widened(validator: Any) -> None:
    assert validator.narrowed() == validator
    narrowed = validator.narrowed(-10, 10.0)
    assert (narrowed.minimum, narrowed.maximum) == (-10, 10)
    assert narrowed.narrowed(maximum=5).minimum == -10
    assert narrowed.narrowed(-math.inf, math.inf) == narrowed
    for bounds in ((-300, None), (None, 300), (300, None), (None, -300)):
        with pytest.raises(UsageError, match=r"^the m\w+ -?300(\.0)? lies outside .* only: -210 to 210\.$") as caught:
            validator.narrowed(*bounds)
        assert caught.value.data["allowed"] == "-210 to 210"
    with pytest.raises(UsageError, match=r"^the minimum 5\S* is greater than the maximum 1\S*$"):
        validator.narrowed(5, 1)


def test_narrowing_keeps_the_options_that_still_make_sense() -> None:
    assert Numbers(0, allow_nan=True, allow_inf=True).narrowed(1) == Numbers(1, allow_nan=True, allow_inf=True)
    assert Numbers(0, allow_inf=True).narrowed(None, 5) == Numbers(0, 5)
    assert Multiples(0.5, 0.25).narrowed(0, 1) == Multiples(0.5, 0.25, 0, 1)
    with pytest.raises(UsageError, match=r"no multiple of 0\.5 from 0\.1 to 0\.4"):
        Multiples(0.5).narrowed(0.1, 0.4)


def test_the_interval_stands_for_absent_bounds_too() -> None:
    assert Numbers(-1, 2).interval == (-1.0, 2.0)
    assert Numbers().interval == (-sys.float_info.max, sys.float_info.max)
    assert Numbers(0, allow_inf=True).interval == (0.0, math.inf)
    assert Ints(1).interval == (1, math.inf)
