"""Sweeps: parameters that take values that are known beforehand."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from luthier.errors import UsageError
from luthier.parameter import Parameter, ParameterSweep

from luthier_measure.actions import checked_action
from luthier_measure.durations import checked_duration
from luthier_measure.fixed_sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Sweep", "linked", "sweep"]

T = TypeVar("T")


@overload
def sweep(
    parameter: Parameter[T],
    start: Iterable[T],
    /,
    *,
    delay: float = 0.0,
    snake: bool = False,
    before: Callable[[], object] | None = None,
    after: Callable[[], object] | None = None,
) -> Sweep: ...


@overload
def sweep(
    parameter: Parameter[T],
    start: T,
    stop: T,
    /,
    *,
    num: int,
    spacing: Literal["linear", "log"] = "linear",
    delay: float = 0.0,
    snake: bool = False,
    before: Callable[[], object] | None = None,
    after: Callable[[], object] | None = None,
) -> Sweep: ...


@overload
def sweep(
    parameter: Parameter[T],
    start: T,
    stop: T,
    /,
    *,
    step: float,
    delay: float = 0.0,
    snake: bool = False,
    before: Callable[[], object] | None = None,
    after: Callable[[], object] | None = None,
) -> Sweep: ...


@overload
def sweep(
    parameter: ParameterSweep[T],
    /,
    *,
    delay: float = 0.0,
    snake: bool = False,
    before: Callable[[], object] | None = None,
    after: Callable[[], object] | None = None,
) -> Sweep: ...


def sweep(
    parameter: Any,
    start: Any = None,
    stop: Any = None,
    /,
    *,
    num: int | None = None,
    step: float | None = None,
    spacing: Literal["linear", "log"] = "linear",
    delay: float = 0.0,
    snake: bool = False,
    before: Callable[[], object] | None = None,
    after: Callable[[], object] | None = None,
) -> Sweep:
    """Vary a parameter: ``sweep(p, 0, 1, num=101)``, ``sweep(p, 0, 1, step=0.01)``, or ``sweep(p, [0, 1, 4])``.

    Every value is checked now, as a set would check it; nothing is set. Both ends are included, the last one of
    ``step=`` where it falls on a step.

    Parameters
    ----------
    parameter
        What to vary; or ``p.sweep(…)`` or ``p[0:1:0.1]``, without further values.
    start, stop
        The ends, or (as ``start`` alone) any iterable of values.
    num
        How many values, at least 2 for two different ends.
    step
        The distance between values; its sign does not matter.
    spacing
        ``"log"``: equal ratios instead of equal distances, with ``num=``; both ends on the same side of 0.
    delay
        Seconds to wait after each set, before anything is read.
    snake
        Go backwards on every second pass, when this sweep lies inside another one.
    before, after
        Functions to call each time the sweep begins, and each time it has come to its end or was ended by
        :func:`stop_if`; after an error, what the measurement asks for counts.

    Raises
    ------
    ValidationError
        A value is not allowed for the parameter.
    UsageError
        The arguments do not describe a sweep.

    Examples
    --------
    >>> from luthier import ManualParameter
    >>> gate = ManualParameter("gate", float)
    >>> sweep(gate, 1, 1000, num=4, spacing="log").setpoints[0].values
    (1.0, 10.0, 100.0, 1000.0)
    """
    given = any(each is not None for each in (start, stop, num, step))
    if isinstance(parameter, ParameterSweep):
        if given:
            raise UsageError(
                "sweep() got a sweep that has its values already, and values beside it",
                who=parameter.parameter.full_name,
            )
        return _made((parameter,), delay, snake, before, after)
    if not isinstance(parameter, Parameter):
        raise UsageError(f"sweep() varies a parameter; got {parameter!r} ({type(parameter).__name__})")
    if not given:
        raise UsageError(
            "sweep() got no values",
            who=parameter.full_name,
            advice="Give start, stop and num= or step=, or a list of values.",
        )
    if spacing not in _SPACINGS:
        raise UsageError(
            f"spacing={spacing!r}: allowed are {' and '.join(map(repr, _SPACINGS))}", who=parameter.full_name
        )
    if spacing == "log":
        values = parameter.sweep(_logarithmic(parameter, start, stop, num, step))
    elif num is not None or step is not None:
        values = _evenly_spaced(parameter, start, stop, num, step)
    else:
        values = parameter.sweep(_values(parameter, start, stop))
    return _made((values,), delay, snake, before, after)


_SPACINGS = ("linear", "log")


def linked(
    *sweeps: Sweep | ParameterSweep[Any],
    delay: float = 0.0,
    snake: bool = False,
    before: Callable[[], object] | None = None,
    after: Callable[[], object] | None = None,
) -> Sweep:
    """Vary several parameters together, step by step: the first values of all, then the second values of all.

    They are set in the order given. ``delay`` comes after all are set; delays and actions of the single sweeps are not
    kept.

    Raises
    ------
    UsageError
        They have not equally many values, or one parameter occurs twice.

    Examples
    --------
    >>> from luthier import ManualParameter
    >>> left, right = ManualParameter("left", float), ManualParameter("right", float)
    >>> len(linked(sweep(left, 0, 1, num=11), sweep(right, 1, 0, num=11)))
    11
    """
    setpoints = tuple(each for one in sweeps for each in (one.setpoints if isinstance(one, Sweep) else (one,)))
    if not setpoints:
        raise UsageError("linked() got no sweeps")
    lengths = {each.parameter.full_name: len(each) for each in setpoints}
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise UsageError(f"linked sweeps need equally many values: {counts}")
    return _made(setpoints, delay, snake, before, after)


def _made(setpoints: tuple[ParameterSweep[Any], ...], delay: Any, snake: bool, before: Any, after: Any) -> Sweep:
    names = [each.parameter.full_name for each in setpoints]
    if len(set(map(id, (each.parameter for each in setpoints)))) < len(setpoints):
        raise UsageError(f"one parameter cannot take two values at once: {', '.join(names)}")
    if not len(setpoints[0]):
        raise UsageError("a sweep needs at least one value", who=names[0])
    return Sweep(
        setpoints,
        checked_duration(delay, "delay", who=names[0]),
        snake,
        before=checked_action(before, "before", who=names[0]),
        after=checked_action(after, "after", who=names[0]),
    )


def _values(parameter: Parameter[Any], start: Any, stop: Any) -> Iterable[Any]:
    if stop is not None:
        raise UsageError(
            f"sweep() from {start!r} to {stop!r} needs num= or step=",
            who=parameter.full_name,
            advice=f"For example: sweep({parameter.full_name}, {start!r}, {stop!r}, num=101).",
        )
    try:
        values: Iterable[Any] = iter(start)
    except TypeError:
        raise UsageError(
            f"sweep() got {start!r} as the values; allowed are start, stop and num= or step=, or a list of values",
            who=parameter.full_name,
        ) from None
    return values


def _evenly_spaced(parameter: Any, start: Any, stop: Any, num: int | None, step: float | None) -> ParameterSweep[Any]:
    values: ParameterSweep[Any] = parameter.sweep(start, stop, num=num, step=step)
    return values


def _logarithmic(parameter: Parameter[Any], start: Any, stop: Any, num: Any, step: float | None) -> Iterator[float]:
    try:
        first, last, count = float(start), float(stop), index(num)
    except (TypeError, ValueError):
        raise UsageError(
            'spacing="log" needs start, stop and num=, which are numbers', who=parameter.full_name
        ) from None
    if step is not None:
        raise UsageError('spacing="log" takes num=, not step=', who=parameter.full_name)
    if count < 2 or not 0 < first * last < float("inf"):  # noqa: PLR2004 - two ends
        raise UsageError(
            f'spacing="log" from {start!r} to {stop!r}, num={num!r}: the ends must lie on one side of 0, num be ≥ 2',
            who=parameter.full_name,
        )
    return _equal_ratios(first, last, count)


def _equal_ratios(first: float, last: float, count: int) -> Iterator[float]:
    yield first
    for step in range(1, count - 1):
        # To 15 digits, so that a decade is a decade.
        yield float(f"{first * (last / first) ** (step / (count - 1)):.15g}")
    yield last
