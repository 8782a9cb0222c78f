"""The values that a sweep takes, in decimal: the numbers that people expect."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from operator import index
from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError
from luthier.parameter.scaling import EXACT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["setpoints", "sliced"]

_MOST = 10_000_000
"""Values of one sweep; more are a slip of the decimal point, and would fill the memory before anybody is told."""


def setpoints(
    start: Any,
    stop: Any = None,
    *,
    num: int | None = None,
    step: float | None = None,
    who: str = "",
) -> Iterable[Any]:
    """Return evenly spaced numbers, or the list given as ``start``; ``who`` is named in errors.

    Computed in decimal, so that ``setpoints(0, 1, num=11)`` holds 0.3 and not 0.30000000000000004. ``stop`` is included
    where ``num`` is given (``num=1`` is ``start`` alone), and where it falls on a ``step``. The sign of ``step`` does
    not matter. There are at most 10,000,000 values.
    """
    with _naming(who):
        if stop is None and num is None and step is None:
            return _listed(start)
        if stop is None or (num is None) == (step is None):
            raise UsageError("a sweep takes a list of values, or start, stop and either num= or step=")
        if num is not None:
            return _spread(start, stop, _count(num, start, stop))
        return _stepped(start, stop, step, with_stop=True)


def sliced(key: object, *, who: str = "") -> Iterable[Any]:
    """Return the values of ``p[start:stop:step]``; ``stop`` is not included, as in any Python slice."""
    with _naming(who):
        if not isinstance(key, slice) or key.start is None or key.stop is None or key.step is None:
            raise UsageError("a slice of a parameter needs all three: p[start:stop:step]")
        return _stepped(key.start, key.stop, key.step, with_stop=False)


@contextmanager
def _naming(who: str) -> Iterator[None]:
    try:
        yield
    except UsageError as error:
        error.complete(who=who)
        raise


def _listed(values: Iterable[Any]) -> tuple[Any, ...]:
    listed = tuple(islice(values, _MOST + 1))
    if len(listed) > _MOST:
        raise _too_many(f"a list of more than {_MOST:,} values")
    return listed


def _count(num: Any, start: Any, stop: Any) -> int:
    try:
        count = index(num)
    except TypeError:
        raise UsageError(f"num={num!r}: allowed is a whole number, how many values there are") from None
    if count < 1 or (count == 1 and start != stop):
        raise UsageError(f"num={num!r}: a sweep from {start!r} to {stop!r} takes 2 values or more")
    if count > _MOST:
        raise _too_many(f"num={num!r}")
    return count


def _too_many(what: str) -> UsageError:
    return UsageError(f"{what}: allowed are {_MOST:,} values in one sweep")


def _spread(start: float, stop: float, num: int) -> list[float]:
    if num == 1:
        return [float(start)]
    first, last, unit = _over_one_unit(_decimal(start), _decimal(stop))
    # Python divides whole numbers of any size with one rounding, which is all the rounding there is.
    base, distance, unit = first * (num - 1), last - first, unit * (num - 1)
    return [(base + distance * index) / unit for index in range(num)]


def _stepped(start: float, stop: float, step: float | None, *, with_stop: bool) -> list[float]:
    size = _decimal(step or 0)
    if size == 0:
        raise UsageError(f"step={step!r}: allowed is any number but 0")
    first, last, signed, unit = _over_one_unit(_decimal(start), _decimal(stop), size)
    signed = abs(signed) if last >= first else -abs(signed)
    count, rest = divmod(last - first, signed)
    total = count + (1 if with_stop or rest else 0)
    if total > _MOST:
        raise _too_many(f"step={step!r} makes {total:,} values from {start!r} to {stop!r}")
    return [(first + signed * index) / unit for index in range(total)]


def _over_one_unit(*numbers: Decimal) -> tuple[int, ...]:
    """Return whole numbers, and last the power of ten by which all of them are to be divided."""
    places = max(0, *(-int(number.as_tuple().exponent) for number in numbers))
    return (*(int(number.scaleb(places, EXACT)) for number in numbers), 10**places)


def _decimal(number: Any) -> Decimal:
    try:
        exact = Decimal(number) if isinstance(number, int) else Decimal(repr(float(number)))
    except (TypeError, ValueError):
        raise UsageError(
            f"a sweep cannot start, stop or step by {number!r}: allowed are numbers, in the parameter's unit"
        ) from None
    if not exact.is_finite():
        raise UsageError(f"a sweep cannot start, stop or step by {number!r}: allowed are finite numbers")
    return exact
