"""What counts as a number, and its conversion into ``float``, ``int`` or ``complex`` without changing its value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from luthier.errors import ValidationError, WrongTypeError
from luthier.validators.numpy_scalars import is_array, python_scalar
from luthier.validators.wording import shown, with_unit, wrong_type

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["exact_bool", "exact_complex", "exact_float", "exact_int"]

_LONGEST_NUMERAL = 40


def exact_float(value: object, describe: Callable[[], str]) -> float:
    """Return the ``float`` of the same value as ``value``, which must be a real number; NaN and infinities pass.

    Raises
    ------
    luthier.errors.ValidationError
        If no ``float`` has exactly that value (an ``int`` such as ``2**53 + 1``).
    luthier.errors.WrongTypeError
        If it is no number, or one of a type that a conversion could round or that stands for something else (``bool``,
        ``Decimal``, ``Fraction``, ``complex``).
    """
    if isinstance(value, float):  # numpy's float64 too, which sweeps are made of
        return float(value)
    scalar = python_scalar(value)
    if isinstance(scalar, float):
        return scalar
    if isinstance(scalar, int) and not isinstance(scalar, bool):
        return _float_of_int(scalar, value, describe)
    raise _no_number(value, scalar, "a number", describe)


def exact_int(value: object, describe: Callable[[], str]) -> int:
    """Return the ``int`` of the same value as ``value``: an integer, or a ``float`` without a fraction (``3.0``).

    Raises
    ------
    luthier.errors.ValidationError
        If it has a fraction, is NaN or is infinite.
    luthier.errors.WrongTypeError
        If it is no real number, or a ``bool``.
    """
    scalar = python_scalar(value)
    if isinstance(scalar, int) and not isinstance(scalar, bool):
        return int(scalar)
    if not isinstance(scalar, float):
        raise _no_number(value, scalar, "a whole number", describe)
    if not scalar.is_integer():
        raise ValidationError(f"{shown(value)} is not a whole number", value=value, allowed=describe())
    return int(scalar)


def exact_complex(value: object, describe: Callable[[], str]) -> complex:
    """Return the ``complex`` of the same value as ``value``, a real or complex number; raise as :func:`exact_float`."""
    scalar = python_scalar(value)
    if isinstance(scalar, complex):
        return complex(scalar)
    if isinstance(scalar, float):
        return complex(scalar)
    if isinstance(scalar, int) and not isinstance(scalar, bool):
        return complex(_float_of_int(scalar, value, describe))
    raise _no_number(value, scalar, "a number", describe)


def exact_bool(value: object, describe: Callable[[], str]) -> bool:
    """Return ``value``, which must be ``True`` or ``False`` (or numpy's).

    Raises
    ------
    luthier.errors.WrongTypeError
        If it is anything else; ``1``, ``0``, ``"on"`` and ``"off"`` are.
    """
    scalar = python_scalar(value)
    if isinstance(scalar, bool):
        return scalar
    raise wrong_type(value, "True or False", describe, "Write True or False.")


def _float_of_int(integer: int, value: object, describe: Callable[[], str]) -> float:
    try:
        number = float(integer)
    except OverflowError:
        number = math.inf
    if number == integer:
        return number
    raise ValidationError(
        f"{shown(value)} cannot be held exactly by a float",
        value=value,
        allowed=describe(),
        advice="Round it to a float yourself, if that is meant.",
    )


def _no_number(value: object, scalar: object, meant: str, describe: Callable[[], str]) -> WrongTypeError:
    return wrong_type(value, meant, describe, _number_advice(scalar))


def _number_advice(scalar: object) -> str:
    """Guess what was meant by something that is no real number."""
    if isinstance(scalar, bool):
        return f"Write {int(scalar)}, if the number is meant."
    if isinstance(scalar, str):
        return _numeral_advice(scalar)
    if isinstance(scalar, complex):
        return "Write value.real, if the imaginary part does not matter."
    if is_array(scalar):
        is_number = scalar.size == 1 and scalar.dtype.kind in "iuf" and not hasattr(scalar, "mask")
        return "Write value.item(), its only element." if is_number else ""
    is_time = getattr(getattr(scalar, "dtype", None), "kind", None) in ("m", "M")  # of which float() counts the units
    if hasattr(type(scalar), "__float__") and not is_time:
        return "Write float(value), if it may be rounded."
    return ""


def _numeral_advice(text: str) -> str:
    if len(text) > _LONGEST_NUMERAL or not text.isascii():
        return ""
    try:
        number = float(text)
    except ValueError:
        return ""
    return f"Write {with_unit(number, '')} without the quotes." if math.isfinite(number) else ""
