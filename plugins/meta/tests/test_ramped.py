from __future__ import annotations

import _thread
import sys
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier import ManualParameter, Parameter
from luthier.errors import (
    NotGettableError,
    PartialSetError,
    RampInterruptedError,
    UsageError,
    ValidationError,
    WrongTypeError,
)
from luthier.strategy import Action
from luthier.validators import Ints
from luthier_meta import Ramped, ramped

from .conftest import Source, fail

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE = 10.0


class Gate:
    """A level with a record of where it went."""

    def __init__(self, name: str, level: float, log: list[tuple[str, float]], **options: Any) -> None:
        self.level = level
        self.log = log
        self.parameter = Parameter(name, float, get_cmd=lambda: self.level, set_cmd=self._put, unit="V", **options)

    def _put(self, level: float) -> None:
        self.level = level
        self.log.append((self.parameter.name, level))


def fractions(gate: Gate, start: float, target: float) -> list[float]:
    return [(level - start) / (target - start) for name, level in gate.log if name == gate.parameter.name]


levels = st.floats(-10, 10).map(lambda level: round(level, 3))


@given(levels, levels, levels, levels, st.floats(0.3, 5), st.floats(0.3, 5))
def test_members_go_along_a_straight_line_within_their_steps(  # noqa: PLR0917 - hypothesis draws them in order
    from_a: float, to_a: float, from_b: float, to_b: float, step_a: float, step_b: float
) -> None:
    log: list[tuple[str, float]] = []
    a, b = Gate("a", from_a, log, step=step_a), Gate("b", from_b, log, step=step_b)
    outcomes = ramped([Action(a.parameter, to_a), Action(b.parameter, to_b)])
    assert (a.level, b.level) == (to_a, to_b)
    assert [(outcome.before, outcome.value) for outcome in outcomes] == [(from_a, to_a), (from_b, to_b)]
    where = {"a": from_a, "b": from_b}
    for name, level in log:
        assert abs(level - where[name]) <= {"a": step_a, "b": step_b}[name] * (1 + 1e-9)
        where[name] = level
        if abs(to_a - from_a) > 0.1 and abs(to_b - from_b) > 0.1:
            done_a = (where["a"] - from_a) / (to_a - from_a)
            done_b = (where["b"] - from_b) / (to_b - from_b)
            assert abs(done_a - done_b) <= max(step_a / abs(to_a - from_a), step_b / abs(to_b - from_b), 1e-9) + 1e-9


def test_steps_are_numbers_that_people_would_write_down() -> None:
    log: list[tuple[str, float]] = []
    a, b = Gate("a", 0.0, log, step=0.1), Gate("b", 1.0, log)
    ramped([Action(a.parameter, 0.3), Action(b.parameter, 0.4)])
    assert log == [("a", 0.1), ("b", 0.8), ("a", 0.2), ("b", 0.6), ("a", 0.3), ("b", 0.4)]


def test_the_ramp_starts_where_the_instruments_really_are() -> None:
    log: list[tuple[str, float]] = []
    gate = Gate("a", 0.0, log, step=1.0)
    gate.parameter(2.0)
    gate.level = -1.0  # somebody turned the knob
    log.clear()
    ramped([Action(gate.parameter, 1.0)])
    assert log == [("a", 0.0), ("a", 1.0)]


def test_the_slowest_member_sets_the_pace() -> None:
    log: list[tuple[str, float]] = []
    slow, fast = Gate("slow", 0.0, log, step=0.5, rate=20.0), Gate("fast", 0.0, log, step=5.0)
    ramped([Action(slow.parameter, 0.0)])  # so that the rate counts from here
    started = time.monotonic()
    ramped([Action(slow.parameter, 2.0), Action(fast.parameter, 1.0)])
    assert time.monotonic() - started >= 3 * 0.5 / 20.0
    assert fractions(fast, 0.0, 1.0) == [0.25, 0.5, 0.75, 1.0]


def test_whole_numbers_stay_whole() -> None:
    sent: list[object] = []
    count = Parameter("count", int, get_cmd=lambda: 0, set_cmd=sent.append, validator=Ints(0, 100))
    Ramped(points=4)([Action(count, 10)])
    assert sent == [2, 5, 8, 10]
    assert all(type(number) is int for number in sent)


def test_points_and_duration_are_the_least() -> None:
    log: list[tuple[str, float]] = []
    gate = Gate("a", 0.0, log)
    started = time.monotonic()
    Ramped(points=5, duration=0.1)([Action(gate.parameter, 1.0)])
    assert time.monotonic() - started >= 0.1 * 4 / 5
    assert [level for _, level in log] == [0.2, 0.4, 0.6, 0.8, 1.0]


def test_without_any_bound_nothing_is_moved() -> None:
    gate = Gate("a", 0.0, [])
    with pytest.raises(UsageError, match=r"neither step nor rate is known of a\. Nothing was sent"):
        ramped([Action(gate.parameter, 1.0)])
    assert gate.log == []
    ramped([Action(gate.parameter, 0.0)])  # no way to go, no bound needed


@pytest.mark.parametrize("options", [{"points": 0}, {"duration": -1.0}, {"duration": float("nan")}])
def test_a_ramp_of_no_steps_or_less_than_no_time_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="allowed are"):
        Ramped(**options)


def test_what_is_no_number_is_refused_before_anything_is_sent() -> None:
    gate = Gate("a", 0.0, [], step=1.0)
    mode = ManualParameter("mode", str, initial="off")
    with pytest.raises(WrongTypeError, match="mode: cannot ramp to or from 'on'"):
        ramped([Action(gate.parameter, 1.0), Action(mode, "on")])
    lost = Gate("lost", float("nan"), [], step=1.0)
    with pytest.raises(WrongTypeError, match="lost: cannot ramp to or from nan"):
        ramped([Action(gate.parameter, 1.0), Action(lost.parameter, 1.0)])
    assert gate.log == []


def test_a_start_that_nobody_knows_is_refused_before_anything_is_sent() -> None:
    gate = Gate("a", 0.0, [], step=1.0)
    blind: Parameter[float] = Parameter("blind", float, set_cmd=lambda _: None, step=1.0)
    with pytest.raises(NotGettableError, match="the ramp has no start"):
        ramped([Action(gate.parameter, 1.0), Action(blind, 1.0)])
    assert gate.log == []


def test_a_line_that_leads_through_what_is_refused_is_not_begun(sources: list[Source]) -> None:
    sources[0].turned_to = -15.0
    with pytest.raises(ValidationError, match="cannot set -14 V"):
        Ramped(points=20)([Action(sources[1].voltage, 1.0), Action(sources[0].voltage, 5.0)])
    assert sources[0].log == []


def failing_at(level: float) -> Any:
    def put(wanted: float) -> None:
        if wanted == level:
            fail(wanted)

    return put


@given(failing=st.integers(0, 2), step=st.integers(1, 5))
def test_a_failure_anywhere_stops_all_at_the_same_fraction(failing: int, step: int) -> None:
    log: list[tuple[str, float]] = []
    gates = [Gate(name, 0.0, log) for name in "abc"]
    once = [True]
    plain = gates[failing]._put

    def put(level: float) -> None:
        if once and level == step * 2.0:
            once.clear()
            fail(level)
        plain(level)

    gates[failing].parameter = Parameter(gates[failing].parameter.name, float, get_cmd=lambda: 0.0, set_cmd=put)
    with pytest.raises(PartialSetError) as caught:
        Ramped(points=5)([Action(gate.parameter, 10.0) for gate in gates])
    assert [gate.level for gate in gates] == [(step - 1) * 2.0] * 3
    assert [member["value"] for member in caught.value.members] == [(step - 1) * 2.0] * 3


def test_a_member_that_cannot_go_back_is_named(sources: list[Source]) -> None:
    def fails_from_half(level: float) -> None:
        if level >= 1.0:
            fail(level)

    def cannot_go_back(level: float) -> None:
        if level < sources[0].turned_to:
            fail(level)

    sources[0].before_each, sources[2].before_each = cannot_go_back, fails_from_half
    with pytest.raises(PartialSetError) as caught:
        Ramped(points=4)([Action(source.voltage, 2.0) for source in sources])
    assert [member["standing"] for member in caught.value.members] == ["unknown", "on the way", "on the way"]
    assert "one.voltage may stand anywhere, as it could not be put back to 0.5 V" in str(caught.value)
    assert "two.voltage stands at 0.5 V, on the way to 2 V" in str(caught.value)


def test_ctrl_c_stops_all_at_the_same_fraction(sources: list[Source]) -> None:
    pressed = [True]

    def interrupt(level: float) -> None:
        if level == 1.0 and pressed:
            pressed.clear()
            raise KeyboardInterrupt

    sources[1].before_each = interrupt
    with pytest.raises(KeyboardInterrupt) as caught:
        Ramped(points=4)([Action(source.voltage, 2.0) for source in sources])
    assert [source.turned_to for source in sources] == [0.5, 0.5, 0.5]
    assert any("three.voltage stands at 0.5 V, on the way to 2 V" in note for note in caught.value.__notes__)


def test_a_second_ctrl_c_says_who_is_a_step_ahead(sources: list[Source]) -> None:
    def interrupt(level: float) -> None:
        if level >= 1.0 or sources[0].turned_to >= 1.0:
            raise KeyboardInterrupt

    sources[1].before_each = interrupt
    with pytest.raises(KeyboardInterrupt) as caught:
        Ramped(points=4)([Action(source.voltage, 2.0) for source in sources])
    notes = " ".join(caught.value.__notes__)
    assert "one.voltage stands at 1 V still, as it could not be put back to 0.5 V" in notes
    assert "two.voltage may stand anywhere" in notes
    assert "three.voltage stands at 0.5 V" in notes


def stopping_levels(sources: Sequence[Source]) -> list[float]:
    return [source.turned_to for source in sources]


def test_stopping_any_member_stops_all(sources: list[Source]) -> None:
    under_way = threading.Event()
    sources[0].before_each = lambda _: under_way.set()
    raised: list[BaseException] = []

    def work() -> None:
        try:
            Ramped(points=100, duration=100.0)([Action(source.voltage, 1.0) for source in sources])
        except PartialSetError as error:
            raised.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert under_way.wait(PATIENCE)
    sources[2].voltage.stop()
    thread.join(PATIENCE)
    assert isinstance(raised[0].__cause__, RampInterruptedError)
    first, *others = stopping_levels(sources)
    assert 0 < first < 1
    assert others == [first, first]
    sources[2].voltage.stop()  # nothing is under way any more


def test_ctrl_c_between_two_steps_stops_at_once(sources: list[Source]) -> None:
    main = threading.get_ident()
    ended = threading.Event()

    def waits() -> bool:
        frame = sys._current_frames().get(main)
        while frame is not None and frame.f_code.co_name != "_wait":
            frame = frame.f_back
        return frame is not None

    def press() -> None:
        while not (waits() and sources[2].sent) and not ended.wait(0.001):
            pass
        _thread.interrupt_main()

    finger = threading.Thread(target=press, daemon=True)
    finger.start()
    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            Ramped(points=100, duration=500.0)([Action(source.voltage, 1.0) for source in sources])
    finally:
        ended.set()
        finger.join(PATIENCE)
    assert time.monotonic() - started < PATIENCE
    first, *others = stopping_levels(sources)
    assert others == [first, first]
    assert any("one.voltage stands at" in note for note in caught.value.__notes__)


def test_each_step_is_a_set_of_its_own_so_that_caches_follow(sources: list[Source]) -> None:
    seen: list[float] = []
    with sources[0].voltage.subscribe(lambda change: seen.append(change.value)):
        Ramped(points=4)([Action(sources[0].voltage, 1.0)])
    assert [one for one, _ in pairwise([*seen, 0.0])][-4:] == [0.25, 0.5, 0.75, 1.0]
