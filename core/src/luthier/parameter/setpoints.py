"""The values that a sweep takes, in decimal: the numbers that people expect."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError
from luthier.parameter.scaling import EXACT, QUOTIENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["setpoints", "sliced"]


def setpoints(
    start: Any,
    stop: Any = None,
    *,
    num: int | None = None,
    step: float | None = None,
) -> Iterable[Any]:
    """Return evenly spaced numbers, or the list given as ``start``.

    Computed in decimal, so that ``setpoints(0, 1, num=11)`` holds 0.3 and not 0.30000000000000004. ``stop`` is included
    where ``num`` is given (``num=1`` is ``start`` alone), and where it falls on a ``step``. The sign of ``step`` does
    not matter.
    """
    if stop is None and num is None and step is None:
        return tuple(start)
    if stop is None or (num is None) == (step is None):
        raise UsageError("a sweep takes a list of values, or start, stop and either num= or step=")
    if num is not None:
        if num < 1 or (num == 1 and start != stop):
            raise UsageError(f"num={num!r}: a sweep from {start!r} to {stop!r} takes 2 values or more")
        return _spread(start, stop, num)
    return _stepped(start, stop, step, with_stop=True)


def sliced(key: object) -> Iterable[Any]:
    """Return the values of ``p[start:stop:step]``; ``stop`` is not included, as in any Python slice."""
    if not isinstance(key, slice) or key.start is None or key.stop is None or key.step is None:
        raise UsageError("a slice of a parameter needs all three: p[start:stop:step]")
    return _stepped(key.start, key.stop, key.step, with_stop=False)


def _spread(start: float, stop: float, num: int) -> Iterator[float]:
    first, last = _decimal(start), _decimal(stop)
    distance = EXACT.subtract(last, first)
    for index in range(num - 1):
        yield float(EXACT.add(first, QUOTIENT.divide(EXACT.multiply(distance, index), num - 1)))
    yield float(last)


def _stepped(start: float, stop: float, step: float | None, *, with_stop: bool) -> Iterator[float]:
    first, last, size = _decimal(start), _decimal(stop), _decimal(step or 0)
    if size == 0:
        raise UsageError(f"step={step!r}: allowed is any number but 0")
    distance = EXACT.subtract(last, first)
    size = size.copy_sign(distance)
    count, rest = EXACT.divmod(distance, size)
    total = int(count) + (1 if with_stop or rest else 0)
    return (float(EXACT.add(first, EXACT.multiply(size, index))) for index in range(total))


def _decimal(number: Any) -> Decimal:
    exact = Decimal(number) if isinstance(number, int) else Decimal(repr(float(number)))
    if not exact.is_finite():
        raise UsageError(f"a sweep cannot start, stop or step by {number!r}: allowed are finite numbers")
    return exact
