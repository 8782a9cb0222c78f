"""One set and some readings as one step: for loops that do the same thousands of times.

To enter a monitor takes about as long as all the rest of an instant reading. Accesses in a row that belong to one
instrument can share one entry. Nothing else differs from doing them one after the other.
"""

from __future__ import annotations

import time
from operator import is_
from typing import TYPE_CHECKING, Any

from luthier.monitor import works_for
from luthier.parameter.live import Parameter
from luthier.parameter.messages import explain_failed_get, explain_failed_set
from luthier.parameter.pipeline import acceptor, compile_put, compile_take, fast_range, reading_of, sending_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Step = Callable[[Any], tuple[float, tuple[Any, ...]]]

__all__ = ["joint_step"]

_PAIR = 2


def joint_step(moved: Parameter[Any], read: Sequence[Parameter[Any]]) -> Step | None:
    """Return a function that sets ``moved`` and then reads each of ``read``, in order; ``None`` where it cannot.

    ``step(value)`` gives the monotonic time in s at which ``moved`` was set, and the values that were read. It does
    what ``moved.set(value)`` and a ``get()`` of each do: the same checks, messages, caches, time stamps, errors and
    states after failures. But ``moved`` and those that follow it and share its monitor are one step, between which
    nobody comes; where that instrument is slow, others wait for it longer.

    Whatever changes later (limits, ramps, subscribers, dependent parameters, closing) holds from the next call on,
    which then does one after the other in the ordinary way, as all after it: make another one to share the entry again.

    There is none where ``moved``, or one of those that share its monitor, is not set and read as this class does it
    (remote ones, groups and their members); where one ramps, settles, or has subscribers or dependents; and where one
    that is read holds its value itself.

    Thread-safe, as the parameters are.

    Examples
    --------
    >>> from luthier import ManualParameter
    >>> power = ManualParameter("power", float)
    >>> step = joint_step(power, [])
    >>> when, values = step(0.5)
    >>> power(), values
    (0.5, ())
    """
    near = []
    for each in read:
        if each.monitor is not moved.monitor:
            break
        near.append(each)
    far = read[len(near) :]
    if not _can_be_put(moved) or not all(map(_can_be_taken, near)):
        return None
    if any(each.monitor is moved.monitor for each in far):
        return None

    otherwise = _one_after_the_other(moved, read)
    if not near:
        step = otherwise
    elif len(near) == _PAIR and not far:
        step = _pair_under_one_entry(moved, near, otherwise)
    else:
        step = _under_one_entry(moved, near, far, otherwise)
    # Asked last: who begins to follow after this takes a pipeline away that was found before.
    return None if any(each.watchers or each.dependents for each in (moved, *near)) else step


def _one_after_the_other(moved: Parameter[Any], read: Sequence[Parameter[Any]]) -> Step:
    set_, gets, now = moved.set, [each.get for each in read], time.monotonic

    def any_number(value: Any) -> tuple[float, tuple[Any, ...]]:
        set_(value)
        return now(), tuple([get() for get in gets])

    if len(gets) != _PAIR:
        return any_number
    first, second = gets

    def pair(value: Any) -> tuple[float, tuple[Any, ...]]:
        set_(value)
        return now(), (first(), second())

    return pair


def _can_be_put(moved: Parameter[Any]) -> bool:
    specification = moved.specification
    return _is_ordinary(moved) and not specification.settle and moved.motion is None


def _can_be_taken(read: Parameter[Any]) -> bool:
    specification = read.specification
    is_fetched = specification.get_cmd is not None or specification.delegate is not None
    return _is_ordinary(read) and is_fetched


def _is_ordinary(parameter: Parameter[Any]) -> bool:
    """Whether it is set and read by itself, as its class does it."""
    kind, specification = type(parameter), parameter.specification
    is_own = kind.set is Parameter.set and kind.get is Parameter.get
    return is_own and not specification.group and not specification.members


def _under_one_entry(
    moved: Parameter[Any], near: Sequence[Parameter[Any]], far: Sequence[Parameter[Any]], otherwise: Step
) -> Step:
    """Return what does it all, as far as that is near under one entry; ``otherwise`` once something has changed."""
    # ruff: noqa: SLF001 - the compiled pipelines are a parameter's own affair; this module is another pipeline of it
    set_ = moved._set or moved._compile_set()
    gets = [each._get or each._compile_get() for each in near]
    put, takes = compile_put(moved), [compile_take(each) for each in near]
    monitor = moved.monitor
    ground, owned = monitor.ground, monitor.owned

    # Whatever a pipeline was compiled from, who changes that takes the pipeline away.

    def with_any(value: Any) -> tuple[float, tuple[Any, ...]]:
        with ground if not works_for or owned() else monitor:
            if moved._set is set_ and all(map(is_, [each._get for each in near], gets)):
                when = put(value)
                values = tuple([take() for take in takes])
            else:
                when = None
        if when is None:
            return otherwise(value)
        return when, (*values, *[each.get() for each in far])

    if len(near) > 1:
        return with_any
    (first,), (take_first,), (get_first,), gets_far = near, takes, gets, [each.get for each in far]

    def with_one(value: Any) -> tuple[float, tuple[Any, ...]]:
        with ground if not works_for or owned() else monitor:
            when = None
            if moved._set is set_ and first._get is get_first:
                when = put(value)
                one = take_first()
        if when is None:
            return otherwise(value)
        return when, (one, *[get() for get in gets_far]) if gets_far else (one,)

    return with_one


def _pair_under_one_entry(moved: Parameter[Any], near: Sequence[Parameter[Any]], otherwise: Step) -> Step:
    """Return the same for two readings, which are so usual that the three pipelines are written out in one.

    A call inside takes as long as half of what is inside it.
    """
    # ruff: noqa: SLF001 - the compiled pipelines are a parameter's own affair; this module is another pipeline of it
    set_ = moved._set or moved._compile_set()
    first, second = near
    get_first, get_second = (each._get or each._compile_get() for each in near)
    encode, send = sending_of(moved)
    low, high = fast_range(moved)
    (fetch_first, decode_first, command_first), (fetch_second, decode_second, command_second) = map(reading_of, near)
    cache, cache_first, cache_second = moved.cache, first.cache, second.cache
    monitor, now, check = moved.monitor, time.monotonic, acceptor(moved)
    ground, owned = monitor.ground, monitor.owned

    def with_two(value: Any) -> tuple[float, tuple[Any, ...]]:
        with ground if not works_for or owned() else monitor:
            if moved._set is set_ and first._get is get_first and second._get is get_second:
                if type(value) is not float or not low <= value <= high:
                    value = check(value)
                raw = value
                try:
                    if encode is not None:
                        raw = encode(value)
                    if send is not None:
                        send(raw)
                except BaseException as error:
                    explain_failed_set(moved, error)
                    raise
                when = now()
                cache.reading = (value, raw, when, "set", True)
                try:
                    raw = fetch_first()
                    one = raw if decode_first is None else decode_first(raw)
                except Exception as error:
                    explain_failed_get(first, command_first, error)
                    raise
                cache_first.reading = (one, raw, now(), "read", True)
                try:
                    raw = fetch_second()
                    other = raw if decode_second is None else decode_second(raw)
                except Exception as error:
                    explain_failed_get(second, command_second, error)
                    raise
                cache_second.reading = (other, raw, now(), "read", True)
                return when, (one, other)
        return otherwise(value)

    return with_two
