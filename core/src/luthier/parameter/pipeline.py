"""The pipelines of a live parameter, compiled once into closures.

What a parameter does not use is not there: rare features wrap the functions that the two closures call, so that the
usual get and set stay short. Everything between entering and leaving the monitor belongs to one reading.
"""

from __future__ import annotations

import time
from sys import float_info
from typing import TYPE_CHECKING, Any

from luthier.errors import ClosedError, NotGettableError, ReplyError
from luthier.monitor import works_for
from luthier.parameter.cache import EMPTY
from luthier.parameter.conversion import build_encoder
from luthier.parameter.dependence import outdate
from luthier.parameter.exchange import fetch_for, send_for
from luthier.parameter.messages import explain_failed_get, explain_failed_set
from luthier.parameter.relevance import require_relevant
from luthier.parameter.specification import NOT_GIVEN
from luthier.validators import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.parameter.live import Parameter

__all__ = [
    "acceptor",
    "compile_get",
    "compile_put",
    "compile_set",
    "compile_take",
    "fast_range",
    "reading_of",
    "refusing",
    "sending_of",
]


def compile_get(parameter: Parameter[Any]) -> Callable[[], Any]:
    """Return the function behind ``parameter.get()``."""
    if parameter.specification.group:
        return _get_through_group(parameter)
    if fetch_for(parameter).run is None:
        return _held_value(parameter)
    run, decode, command = reading_of(parameter)
    cache, monitor, now = parameter.cache, parameter.monitor, time.monotonic
    ground, owned = monitor.ground, monitor.owned

    def get() -> Any:
        with ground if not works_for or owned() else monitor:
            try:
                raw = run()
                value = raw if decode is None else decode(raw)
            except Exception as error:
                explain_failed_get(parameter, command, error)
                raise
            if not parameter.followed:
                cache.reading = (value, raw, now(), "read", True)
                return value
            before = cache.reading
            cache.reading = (value, raw, now(), "read", True)
            outdate(parameter, before)
        if parameter.watchers:
            parameter.publish(before)
        return value

    return get


def compile_set(parameter: Parameter[Any]) -> Callable[[Any], None]:
    """Return the function that sets ``parameter`` in one move: validated, sent, remembered and published."""
    if parameter.specification.group:
        return _set_through_group(parameter)
    encode, run = sending_of(parameter)
    low, high = fast_range(parameter)
    accept = acceptor(parameter)
    cache, monitor, now = parameter.cache, parameter.monitor, time.monotonic
    ground, owned = monitor.ground, monitor.owned

    def set_(value: Any) -> None:
        with ground if not works_for or owned() else monitor:
            if type(value) is not float or not low <= value <= high:
                value = accept(value)
            raw = value
            try:
                if encode is not None:
                    raw = encode(value)
                if run is not None:
                    run(raw)
            except BaseException as error:
                explain_failed_set(parameter, error)
                raise
            if not parameter.followed:
                cache.reading = (value, raw, now(), "set", True)
                return
            before = cache.reading
            cache.reading = (value, raw, now(), "set", True)
            outdate(parameter, before)
        if parameter.watchers:
            parameter.publish(before)

    return set_


def compile_take(parameter: Parameter[Any]) -> Callable[[], Any]:
    """Return what a get does inside the monitor, for who is in already and has looked that nobody follows.

    Not for a parameter that holds its value, or that belongs to a group.
    """
    run, decode, command = reading_of(parameter)
    cache, now = parameter.cache, time.monotonic

    def take() -> Any:
        try:
            raw = run()
            value = raw if decode is None else decode(raw)
        except Exception as error:
            explain_failed_get(parameter, command, error)
            raise
        cache.reading = (value, raw, now(), "read", True)
        return value

    return take


def compile_put(parameter: Parameter[Any]) -> Callable[[Any], float]:
    """Return what a set in one move does inside the monitor; it gives the time in the cache.

    For who is in already, and has looked that nobody follows. Not for a parameter that belongs to a group.
    """
    encode, run = sending_of(parameter)
    low, high = fast_range(parameter)
    accept = acceptor(parameter)
    cache, now = parameter.cache, time.monotonic

    def put(value: Any) -> float:
        if type(value) is not float or not low <= value <= high:
            value = accept(value)
        raw = value
        try:
            if encode is not None:
                raw = encode(value)
            if run is not None:
                run(raw)
        except BaseException as error:
            explain_failed_set(parameter, error)
            raise
        when = now()
        cache.reading = (value, raw, when, "set", True)
        return when

    return put


def refusing(parameter: Parameter[Any]) -> Callable[..., Any]:
    """Return what takes the place of get and set when the instrument is closed."""

    def refuse(*_: object) -> None:
        raise ClosedError(
            "the instrument is closed",
            who=parameter.full_name,
            state="Nothing was sent.",
            advice=getattr(parameter.instrument, "reopen_advice", "Open it again to go on."),
        )

    return refuse


def fast_range(parameter: Parameter[Any]) -> tuple[float, float]:
    """Return the range within which a float needs no further look; an empty one where every value needs it."""
    specification = parameter.specification
    validator = parameter.validator
    plain = (
        type(validator) is Numbers
        and not parameter.limits_are_dynamic
        and specification.relevant_when is None
        and specification.resolution is None
    )
    if not plain or not isinstance(validator, Numbers):
        return 1.0, 0.0
    low = -float_info.max if validator.minimum is None else validator.minimum
    high = float_info.max if validator.maximum is None else validator.maximum
    return low, high


def reading_of(parameter: Parameter[Any]) -> tuple[Callable[[], Any], Callable[[Any], Any] | None, str]:
    """Return what fetches a raw value, what makes a value of it, and the command for messages."""
    fetch = fetch_for(parameter)
    run = fetch.run
    assert run is not None
    decode = _decoder(parameter, textual=fetch.textual)
    if parameter.specification.relevant_when is not None:
        run = _only_when_relevant(parameter, run)
    return run, decode, fetch.command


def sending_of(parameter: Parameter[Any]) -> tuple[Callable[[Any], Any] | None, Callable[[Any], object] | None]:
    """Return what makes a raw value of an accepted one, and what sends it; ``None`` where that is nothing."""
    specification = parameter.specification
    send = send_for(parameter)
    run = send.run
    if run is None:
        return None, None
    if specification.settle:
        run = _then_settle(run, specification.settle)
    return build_encoder(specification, textual=send.textual), run


def acceptor(parameter: Parameter[Any]) -> Callable[[Any], Any]:
    """Return what checks a value that is not obviously allowed, and gives it in its canonical form."""
    check = parameter.check
    if parameter.specification.relevant_when is None:
        return check

    def accept(value: Any) -> Any:
        require_relevant(parameter)
        return check(value)

    return accept


def _held_value(parameter: Parameter[Any]) -> Callable[[], Any]:
    cache, initial = parameter.cache, parameter.specification.initial

    def get() -> Any:
        reading = cache.reading
        if reading[4]:
            return reading[0]
        if reading is EMPTY and initial is not NOT_GIVEN:
            return initial
        what = (
            "has no value yet"
            if reading is EMPTY
            else "its value is not known: the last set failed half-way, or the instrument was reset"
        )
        raise NotGettableError(what, who=parameter.full_name, advice=f"Set it first: {parameter.full_name}.set(…).")

    return get


def _get_through_group(parameter: Parameter[Any]) -> Callable[[], Any]:
    """Read the group, which stores and publishes what it reads for each member, this one included."""
    group, name = parameter.sibling(parameter.specification.group), parameter.name
    monitor = parameter.monitor

    def get() -> Any:
        with monitor:
            require_relevant(parameter)
            return group.get()[name]

    return get


def _set_through_group(parameter: Parameter[Any]) -> Callable[[Any], None]:
    group: Any = parameter.sibling(parameter.specification.group)
    accept, name, monitor = acceptor(parameter), parameter.name, parameter.monitor

    def set_(value: Any) -> None:
        with monitor:
            accepted = accept(value)
            group.set({**group.current(), name: accepted})

    return set_


def _only_when_relevant(parameter: Parameter[Any], run: Callable[[], Any]) -> Callable[[], Any]:
    def run_if_relevant() -> Any:
        require_relevant(parameter)
        return run()

    return run_if_relevant


def _then_settle(run: Callable[[Any], object], seconds: float) -> Callable[[Any], object]:
    def run_and_settle(raw: object) -> None:
        run(raw)
        time.sleep(seconds)

    return run_and_settle


def _decoder(parameter: Parameter[Any], *, textual: bool) -> Callable[[Any], Any] | None:
    decode = parameter.build_decoder(textual=textual)
    if not parameter.specification.shape:
        return decode

    def decode_and_check(raw: Any) -> Any:
        value = raw if decode is None else decode(raw)
        shape = tuple(getattr(value, "shape", (len(value),)))
        expected = parameter.shape
        if shape != expected:
            raise ReplyError(
                f"the array in the reply has the shape {shape}; expected is {expected}",
                reply="",
                expected=f"the shape {expected}",
            )
        return value

    return decode_and_check
