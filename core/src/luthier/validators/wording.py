"""How values and limits are put into words, in messages and descriptions."""

from __future__ import annotations

import enum
import reprlib
from typing import TYPE_CHECKING

from luthier.errors import ValidationError, WrongTypeError
from luthier.suggestions import nearest
from luthier.validators.numpy_scalars import is_array, python_scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["did_you_mean", "listed", "located", "out_of_range", "shown", "span", "with_unit", "wrong_type"]

_LONGEST = 80
_BITS_WRITTEN_OUT = 200
_DIGITS_PER_BIT = 0.30103
_MOST_LISTED = 20

_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = 60


def shown(value: object) -> str:
    """Return ``value`` as a short piece of text on one line, whatever it is; never raises.

    >>> shown([1, 2.5])
    '[1, 2.5]'
    >>> shown(10**5000)
    'a whole number of about 5001 digits'
    """
    try:
        text = _represented(python_scalar(value))
    except Exception:  # noqa: BLE001 - a message must come about even where a foreign __repr__ fails
        text = f"an object of the type {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _represented(value: object) -> str:
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, int) and value.bit_length() > _BITS_WRITTEN_OUT:
        return f"a whole number of about {int(value.bit_length() * _DIGITS_PER_BIT) + 1} digits"
    if is_array(value) and value.ndim > 0:
        return f"an array of shape {value.shape} and type {value.dtype}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return _short.repr(value)


def with_unit(value: object, unit: str) -> str:
    """Return a number without a needless ``.0``, followed by its unit; other values without the unit.

    >>> with_unit(-210.0, "V")
    '-210 V'
    """
    text = shown(value)
    if isinstance(value, bool) or not isinstance(value, int | float | complex):
        return text
    if isinstance(value, float):
        text = text.removesuffix(".0")
    return f"{text} {unit}" if unit else text


def span(minimum: float | None, maximum: float | None, unit: str, *, unbounded: str = "any number") -> str:
    """Describe a closed range; ``None`` stands for no bound.

    >>> span(-210.0, 210.0, "V")
    '-210 V to 210 V'
    >>> span(0.1, None, "s")
    '0.1 s or more'
    """
    if minimum is None and maximum is None:
        return unbounded
    if maximum is None:
        return f"{with_unit(minimum, unit)} or more"
    if minimum is None:
        return f"{with_unit(maximum, unit)} or less"
    if minimum == maximum:
        return f"exactly {with_unit(minimum, unit)}"
    return f"{with_unit(minimum, unit)} to {with_unit(maximum, unit)}"


def listed(texts: Sequence[str]) -> str:
    """Return texts as a list with commas; of a long list, the first twenty and the number of all."""
    if len(texts) <= _MOST_LISTED:
        return ", ".join(texts)
    return f"{', '.join(texts[:_MOST_LISTED])}, ... ({len(texts)} in all)"


def did_you_mean(value: object, candidates: Iterable[tuple[str, object]]) -> str:
    """Return the sentence ``Did you mean …?`` for the candidate whose text is nearest to ``value``, or nothing.

    Upper and lower case count as the same. Only text is compared: a number in place of a word is no misspelling, and
    the comparison would be slow where a number is tried against several validators.
    """
    if not isinstance(value, str):
        return ""
    by_text = dict(candidates)
    near = nearest(value, by_text)
    return f"Did you mean {shown(by_text[near[0]])}?" if near else ""


def out_of_range(
    value: object, number: float, minimum: float | None, maximum: float | None, describe: Callable[[], str]
) -> ValidationError:
    """Return the error for ``value``, whose ``number`` is outside the bounds, NaN or infinite."""
    if number != number:  # noqa: PLR0124 - NaN is the value that differs from itself
        fault = "is not a number"
    elif minimum is not None and number < minimum:
        fault = "is too small"
    elif maximum is not None and number > maximum:
        fault = "is too large"
    else:
        fault = "is not finite"
    return ValidationError(f"{shown(value)} {fault}", value=value, allowed=describe())


def wrong_type(value: object, meant: str, describe: Callable[[], str], advice: str = "") -> WrongTypeError:
    """Return the error for a value of the wrong type where ``meant`` ("a number") is meant."""
    return WrongTypeError(
        f"{shown(value)} was given, where {meant} is meant", value=value, allowed=describe(), advice=advice
    )


def located(error: ValidationError, place: str, value: object, describe: Callable[[], str]) -> ValidationError:
    """Return ``error`` about a part of ``value``, with the place of that part in front; chain it to ``error``."""
    kind = WrongTypeError if isinstance(error, WrongTypeError) else ValidationError
    return kind(f"{place}: {error.what}", value=value, allowed=describe(), advice=error.advice)
