from __future__ import annotations

import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier import Instrument, Parameter, parameter
from luthier.errors import BusyError, NotGettableError, RampInterruptedError, UsageError, ValidationError
from luthier.validators import Ints, Numbers

if TYPE_CHECKING:
    from collections.abc import Callable


class Gate:
    """A source whose level somebody may turn by hand, and that counts what it is sent."""

    def __init__(self, level: float = 0.0) -> None:
        self.level = level
        self.sent: list[float] = []
        self.after_each: Callable[[], object] = lambda: None

    def read(self) -> float:
        return self.level

    def put(self, level: float) -> None:
        self.level = level
        self.sent.append(level)
        self.after_each()

    def parameter(self, **options: Any) -> Parameter[float]:
        return Parameter("gate", float, get_cmd=self.read, set_cmd=self.put, unit="V", **options)


def test_a_set_moves_in_steps_that_people_would_write_down() -> None:
    gate = Gate()
    gate.parameter(step=0.1)(0.35)
    assert gate.sent == [0.1, 0.2, 0.3, 0.35]


def test_a_ramp_starts_where_the_instrument_really_is() -> None:
    gate = Gate()
    level = gate.parameter(step=1.0)
    level(2.0)
    gate.level = -1.0  # somebody turned the knob
    gate.sent.clear()
    level(1.0)
    assert gate.sent == [0.0, 1.0]


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.05, 3))
def test_no_step_is_larger_than_allowed_and_the_last_is_the_target(start: float, target: float, step: float) -> None:
    gate = Gate(start)
    gate.parameter(step=step)(target)
    path = [start, *gate.sent]
    assert path[-1] == target
    assert all(abs(after - before) <= step * (1 + 1e-12) for before, after in pairwise(path))


def test_the_rate_bounds_the_speed_also_from_one_small_set_to_the_next() -> None:
    gate = Gate()
    level = gate.parameter(step=0.5, rate=50.0)
    started = time.monotonic()
    for value in (0.5, 1.0, 1.5):
        level(value)
    assert time.monotonic() - started >= 2 * 0.5 / 50.0
    assert gate.sent == [0.5, 1.0, 1.5]


def test_every_step_is_checked_before_the_first_is_sent() -> None:
    gate = Gate(-3.0)
    level = gate.parameter(step=1.0, validator=Numbers(-1.0, 1.0))
    with pytest.raises(ValidationError, match="cannot set -2 V"):
        level(0.5)
    assert gate.sent == []


def test_whole_numbers_move_in_whole_steps() -> None:
    position = [0]
    sent: list[int] = []
    wheel = Parameter("wheel", int, get_cmd=lambda: position[0], set_cmd=sent.append, validator=Ints(0, 10), step=2.5)
    wheel(5)
    assert sent == [2, 4, 5]


def test_an_interrupted_ramp_leaves_the_last_value_sent_in_the_cache() -> None:
    gate = Gate()
    level = gate.parameter(step=0.1)

    def interrupt() -> None:
        if len(gate.sent) == 3:
            raise KeyboardInterrupt

    level.subscribe(lambda _: interrupt())
    gate.after_each = lambda: None
    with pytest.raises(KeyboardInterrupt):
        level(1.0)
    assert gate.sent == [0.1, 0.2, 0.3]
    assert level.cache.value == 0.3
    assert level.cache.valid


def test_a_ramp_can_be_stopped_from_another_thread_and_refuses_a_second_set_meanwhile() -> None:
    gate = Gate()
    level = gate.parameter(step=0.01, rate=0.1)
    under_way = threading.Event()
    gate.after_each = under_way.set
    caught: list[BaseException] = []

    def ramp() -> None:
        try:
            level(100.0)
        except RampInterruptedError as error:
            caught.append(error)

    thread = threading.Thread(target=ramp)
    thread.start()
    assert under_way.wait(10)
    with pytest.raises(BusyError, match=r"gate: is on a ramp in another thread.*gate\.stop\(\)"):
        level(0.0)
    assert level.get() == gate.level
    level.stop()
    thread.join(10)
    assert not thread.is_alive()
    (error,) = caught
    assert "was stopped" in str(error)
    assert level.cache.value == gate.sent[-1]
    level(gate.level)
    assert level.cache.value == gate.level


def test_a_parameter_that_cannot_be_read_ramps_from_the_last_value_set_only() -> None:
    sent: list[float] = []
    blind = Parameter("blind", float, set_cmd=sent.append, step=1.0)
    with pytest.raises(NotGettableError, match=r"the start is not known.*blind\.cache\.push"):
        blind(3.0)
    assert sent == []
    blind.cache.push(1.0)
    blind(3.0)
    assert sent == [2.0, 3.0]


def test_a_user_can_slow_a_parameter_down_but_not_past_the_driver() -> None:
    gate = Gate()
    level = gate.parameter(step=1.0)
    level.limit_motion(step=0.5)
    level(1.0)
    assert gate.sent == [0.5, 1.0]
    with pytest.raises(UsageError, match=r"at most 1\.0 V"):
        level.limit_motion(step=2.0)
    with pytest.raises(UsageError, match="above 0"):
        level.limit_motion(rate=-1.0)


def test_a_declared_ramp_goes_over_the_wire_with_one_fresh_reading(opened: Any) -> None:
    class Source(Instrument):
        level = parameter(float, get_cmd="L?", set_cmd="L {}", step=1.0)

    source, wire = opened(Source, L="0")
    source.level(2.0)
    assert wire.log == ["L?", "L 1", "L 2"]
