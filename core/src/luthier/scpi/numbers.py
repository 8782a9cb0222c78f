"""Numbers and booleans as text, both ways.

What is sent is *decimal numeric program data* (IEEE 488.2-1992, 7.7.2), which every SCPI parser has to take. What is
read is *NR1*, *NR2* and *NR3 response data* (8.7.2 to 8.7.4), the non-decimal forms (8.7.5 to 8.7.7), and the numbers
that stand for infinity and for "not a number" (SCPI-1999 volume 1, 7.2.1.4 and 7.2.1.5).

Every function is pure and safe to call from any thread. Replies that cannot be understood raise
:class:`~luthier.errors.ReplyError` with ``reply`` and ``expected``.
"""

from __future__ import annotations

from math import isinf
from operator import index
from typing import TYPE_CHECKING, NoReturn

from luthier.errors import ReplyError, ValidationError, WrongTypeError

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = [
    "INFINITY",
    "NOT_A_NUMBER",
    "format_bool",
    "format_decimal",
    "format_float",
    "parse_bool",
    "parse_float",
    "parse_int",
    "parse_list",
]

INFINITY = 9.9e37
"""The number that stands for infinity in SCPI; its negative stands for minus infinity."""

NOT_A_NUMBER = 9.91e37
"""The number that stands for "not a number" in SCPI."""

_LOW, _HIGH = -INFINITY, INFINITY
_MEANINGS = {INFINITY: float("inf"), -INFINITY: float("-inf"), NOT_A_NUMBER: float("nan")}
_WORDS = {"NINF": float("-inf"), "NINFINITY": float("-inf")}  # the others are words that float() knows

_NUMBER = "a number, such as 1.5 or -2.5E-3"
_INTEGER = "a whole number, such as 12 or #H1F"
_BOOLEAN = "0, 1, OFF or ON"

_RADIX = {"#H": (16, "0123456789ABCDEF"), "#Q": (8, "01234567"), "#B": (2, "01")}
_LARGEST_EXPONENT = 308
_TRUTHS = {"0": False, "1": True, "OFF": False, "ON": True}
_BOOLEANS = {False: "0", True: "1"}  # numpy's booleans, 0 and 1 are equal to these, and hash alike


def format_float(x: float) -> str:
    """Return the text with the fewest digits that reads back to the same float.

    Whole numbers carry no point, exponents are written as ``E+16`` or ``E-05``, minus zero is ``-0``. An ``int`` is
    written with all of its digits.

    Raises
    ------
    ValidationError
        ``x`` is infinite or not a number: instruments differ in what they take for these. A driver whose manual says
        so sends :data:`INFINITY` or :data:`NOT_A_NUMBER`.
    WrongTypeError
        ``x`` is no number (text and ``bool`` are none).

    Examples
    --------
    >>> format_float(5123456789.0), format_float(0.1 + 0.2), format_float(-2.5e-7)
    ('5123456789', '0.30000000000000004', '-2.5E-07')
    """
    if type(x) is not float:
        return _format_other_number(x)
    text = repr(x)
    if "e" in text or "n" in text:
        if "n" in text:
            _refuse_not_finite(x)
        return text.upper()
    # The shortest text of a float ends in a zero only if that is the zero of ".0".
    return text[:-2] if text[-1] == "0" else text


def format_decimal(d: Decimal) -> str:
    """Return ``d`` exactly, however many digits that takes, without zeros at the end of its fraction.

    Raises :class:`~luthier.errors.ValidationError` if ``d`` is infinite or not a number.

    >>> from decimal import Decimal
    >>> format_decimal(Decimal("0.1") * 3), format_decimal(Decimal("300.0")), format_decimal(Decimal("1.50E-12"))
    ('0.3', '300', '1.5E-12')
    """
    if not d.is_finite():
        _refuse_not_finite(d)
    mantissa, exponent_sign, exponent = str(d).partition("E")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + exponent_sign + exponent


def format_bool(value: bool) -> str:
    """Return ``"1"`` or ``"0"`` (*boolean program data*, SCPI-1999 volume 1, 7.3).

    numpy's booleans, and the numbers 0 and 1, are taken too; anything else, such as the text ``"OFF"``, raises
    :class:`~luthier.errors.WrongTypeError`.

    >>> format_bool(True)
    '1'
    """
    try:
        return _BOOLEANS[value]
    except (KeyError, TypeError):
        raise WrongTypeError(
            f"cannot send {value!r} as a boolean: allowed are True and False",
            state="Nothing was sent.",
            value=value,
            allowed="True or False",
        ) from None


def parse_float(text: str, unit: str = "") -> float:
    """Return the number in a reply.

    Parameters
    ----------
    text
        NR1, NR2 or NR3, with any sign; white space around it does not count. ``9.9E37``, ``INF`` and ``INFinity`` are
        infinity, ``-9.9E37``, ``-INF``, ``NINF`` and ``NINFinity`` are minus infinity, ``9.91E37`` and ``NAN`` are not
        a number.
    unit
        A unit that may follow the number, in exactly this spelling (no multipliers are understood: ``mV`` is not
        ``V``). Without it a reply with a unit raises.

    Raises
    ------
    ReplyError
        The text is anything else.

    Examples
    --------
    >>> parse_float("+1.50000000E-03"), parse_float("9.9E37"), parse_float("20.5 degC", unit="degC")
    (0.0015, inf, 20.5)
    """
    try:
        value = float(text)
    except ValueError:
        return _parse_other_float(text, unit)
    if _LOW < value < _HIGH and text.isascii() and "_" not in text:
        return value
    return _meaning(value, text)


def parse_int(text: str) -> int:
    """Return the whole number in a reply, exactly.

    Taken are NR1 of any length, NR2 and NR3 with a whole value (``+1.0E+00``), and the non-decimal forms ``#H1F``,
    ``#Q17`` and ``#B101``; white space around it does not count.

    Raises
    ------
    ReplyError
        The text is anything else: a fraction, infinity or "not a number" too.

    Examples
    --------
    >>> parse_int("+12"), parse_int("1.0E+03"), parse_int("#H1F")
    (12, 1000, 31)
    """
    try:
        value = int(text)
    except ValueError:
        return _parse_other_int(text)
    if text.isascii() and "_" not in text:
        return value
    raise _not_understood(text, _INTEGER)


def parse_bool(text: str) -> bool:
    """Return the truth value in a reply: ``0``, ``1``, ``OFF`` or ``ON``, in any case, or a number equal to 0 or 1.

    Raises :class:`~luthier.errors.ReplyError` for anything else.

    >>> parse_bool("1"), parse_bool("+0"), parse_bool("on")
    (True, False, True)
    """
    try:
        return _TRUTHS[text]
    except KeyError:
        pass
    truth = _TRUTHS.get(text.strip().upper())
    if truth is not None:
        return truth
    try:
        number = parse_int(text)
    except ReplyError:
        number = -1
    if number not in (0, 1):
        raise _not_understood(text, _BOOLEAN)
    return number == 1


def parse_list(text: str) -> list[float]:
    """Return the numbers of a comma-separated reply, each read as :func:`parse_float` does; ``[]`` for an empty reply.

    Raises :class:`~luthier.errors.ReplyError` that says which of them cannot be understood.

    >>> parse_list("1,-2.5E-3, 9.9E37")
    [1.0, -0.0025, inf]
    """
    items = text.split(",")
    if len(items) == 1 and not text.strip():
        return []
    if not text.isascii() or "_" in text:
        return [_parse_item(items, position) for position in range(len(items))]
    try:
        return [value if _LOW < (value := float(item)) < _HIGH else _meaning(value, item) for item in items]
    except ValueError:
        return [_parse_item(items, position) for position in range(len(items))]


def _parse_item(items: list[str], position: int) -> float:
    try:
        return parse_float(items[position])
    except ReplyError as error:
        raise ReplyError(
            f"number {position + 1} of {len(items)} in the reply is {items[position]!r}; expected is {_NUMBER}",
            command="",
            reply=items[position],
            expected=_NUMBER,
        ) from error


def _format_other_number(x: object) -> str:
    """Write ints of any kind with all of their digits, and floats of other kinds (numpy's) as floats."""
    if isinstance(x, float):
        return format_float(float(x))
    if not isinstance(x, (bool, str, bytes)):
        try:
            return str(index(x))  # type: ignore[arg-type]  # what is no int is tried as a float
        except TypeError:
            pass
        try:
            number = float(x)  # type: ignore[arg-type]  # what is no float either is refused below
        except TypeError:
            pass
        else:
            return format_float(number)
    raise WrongTypeError(
        f"cannot send {x!r} as a number: it is of type {type(x).__name__}",
        state="Nothing was sent.",
        value=x,
        allowed="a number",
    )


def _refuse_not_finite(x: object) -> NoReturn:
    raise ValidationError(
        f"cannot send {x}: allowed are finite numbers",
        state="Nothing was sent.",
        advice="Where the manual gives a number for it (SCPI: 9.9E37 is infinity, 9.91E37 not a number), send that.",
        value=x,
        allowed="finite numbers",
    )


def _parse_other_float(text: str, unit: str) -> float:
    stripped = text.strip()
    word = _WORDS.get(stripped.upper())
    if word is not None:
        return word
    if not unit:
        raise _not_understood(text, _NUMBER)
    try:
        return parse_float(stripped.removesuffix(unit))
    except ReplyError as error:
        raise _not_understood(text, f"{_NUMBER}, with or without the unit {unit}") from error


def _meaning(value: float, text: str) -> float:
    # Python takes 1_000 and digits of other scripts for numbers, and 1E400 for infinity.
    if not text.isascii() or "_" in text or (isinf(value) and any(digit in text for digit in "123456789")):
        raise _not_understood(text, _NUMBER)
    return _MEANINGS.get(value, value)


def _parse_other_int(text: str) -> int:
    stripped = text.strip().upper()
    if stripped[:2] in _RADIX:
        base, digits = _RADIX[stripped[:2]]
        if stripped[2:] and not stripped[2:].strip(digits):
            return int(stripped[2:], base)
        raise _not_understood(text, _INTEGER)
    # Through decimal rather than float, which would round 1.23456789012345678E+17.
    from decimal import Decimal, InvalidOperation  # noqa: PLC0415 - few replies need it

    try:
        number = Decimal(stripped)
    except InvalidOperation as error:
        raise _not_understood(text, _INTEGER) from error
    is_plain = stripped.isascii() and "_" not in stripped and number.is_finite()
    if not is_plain or number.adjusted() > _LARGEST_EXPONENT or float(number) in _MEANINGS:
        raise _not_understood(text, _INTEGER)
    if number != number.to_integral_value():
        raise _not_understood(text, _INTEGER)
    return int(number)


def _not_understood(text: str, expected: str) -> ReplyError:
    return ReplyError(
        f"the reply {text!r} cannot be understood; expected is {expected}", command="", reply=text, expected=expected
    )
