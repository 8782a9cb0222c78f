"""The forms of a plan one by one: what they do, what they store, what they say, and what they refuse."""

from __future__ import annotations

import itertools
import math
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import ManualParameter, Parameter
from luthier.errors import ReplyError, UsageError, ValidationError
from luthier.validators import Numbers
from luthier_measure import (
    LatePointWarning,
    adaptive,
    both_ways,
    buffered,
    do,
    every,
    linked,
    load,
    measure,
    plan,
    repeat,
    skip_if,
    stop_if,
    stop_run_if,
    sweep,
    wait,
    wait_until,
)
from luthier_measure.steps import NotSettledError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from luthier_measure import Points


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def gate() -> ManualParameter[float]:
    return ManualParameter("gate", float, unit="V", validator=Numbers(-10, 10), initial=0.0)


@pytest.fixture
def bias() -> ManualParameter[float]:
    return ManualParameter("bias", float, unit="V", initial=0.0)


@pytest.fixture
def current(gate: ManualParameter[float], bias: ManualParameter[float]) -> Parameter[float]:
    return Parameter("current", float, unit="A", get_cmd=lambda: 10 * bias() + gate())


def nothing(_points: Points) -> Iterator[float]:
    return iter(())


class Learner:
    """One that nobody asks."""

    def ask(self, n: int, tell_pending: bool = True) -> tuple[list[Any], list[float]]:
        raise NotImplementedError

    def tell(self, x: float, y: float) -> None:
        raise NotImplementedError

    def loss(self) -> float:
        raise NotImplementedError


def test_products_and_sums_of_sweeps_are_sweeps(gate: Any, bias: Any, current: Any) -> None:
    grid = sweep(bias, [1, 2]) * gate.sweep(0, 1, num=2)
    assert measure(repeat(2) * grid, current).dataset["current"].values.tolist() == [[[10, 11], [20, 21]]] * 2
    joined = sweep(gate, [0, 1], delay=0.001) + sweep(gate, [5], delay=0.001) + gate.sweep([7])
    assert joined.setpoints[0].values == (0.0, 1.0, 5.0, 7.0)
    with pytest.raises(UsageError, match="sweeps of gate and of bias cannot be one after the other"):
        sweep(gate, [1]) + sweep(bias, [1])
    with pytest.raises(UsageError, match="the same delay"):
        sweep(gate, [1]) + sweep(gate, [1], delay=1)
    with pytest.raises(TypeError):
        sweep(gate, [1]) * 3


def test_both_ways_has_a_dimension_for_the_direction(gate: Any, current: Any) -> None:
    order: list[float] = []
    run = measure(both_ways(gate.sweep([1, 2, 3])), current, do(lambda: order.append(gate())))
    assert order == [1, 2, 3, 3, 2, 1]
    data = load(run.id).dataset["current"]
    assert data.sel(gate_direction="back").values.tolist() == [1, 2, 3]
    assert run.table().columns["gate"].tolist() == order
    with pytest.raises(UsageError, match="known beforehand"):
        both_ways(repeat(2))  # type: ignore[arg-type]  # that is the point


def test_the_way_back_does_not_jump_over_what_was_left_out(gate: Any, current: Any) -> None:
    order: list[float] = []
    run = measure(
        both_ways(gate.sweep([1, 2, 3, 4])),
        do(lambda: order.append(gate())),
        current,
        stop_if(lambda i: i > 2, current),
    )
    assert order == [1, 2, 3, 2, 1]
    np.testing.assert_array_equal(run.dataset["current"].values, [[1, 2, 3, math.nan], [1, 2, math.nan, math.nan]])


def test_repetitions_end_when_their_conditions_say_so(current: Any) -> None:
    count = itertools.count()
    assert measure(repeat(3), current).dataset["current"].sizes == {"repetition": 3}
    assert measure(repeat(until=lambda: next(count) == 3), current).points == 4
    left = iter([True, True, False])
    assert measure(repeat(while_=lambda: next(left)), current).points == 2
    flag = Parameter("flag", bool, get_cmd=lambda: True)
    assert measure(repeat(5, until=flag), current).points == 1


def test_a_repetition_without_end_ends_at_ctrl_c(current: Any) -> None:
    taken = itertools.count()
    run = measure(repeat(), do(lambda: signal.raise_signal(signal.SIGINT) if next(taken) == 5 else None), current)
    assert (run.outcome, run.points) == ("stopped", 6)


def test_ctrl_c_is_heard_where_every_point_is_skipped(gate: Any, current: Any) -> None:
    asked = itertools.count()

    def always(_: float) -> bool:
        if next(asked) == 10:
            signal.raise_signal(signal.SIGINT)
        return True

    run = measure(repeat(), sweep(gate, [1, 2]), skip_if(always, gate), current)
    assert (run.outcome, run.points) == ("stopped", 0)


def test_a_time_series_does_not_drift(current: Any) -> None:
    interval, count = 0.01, 30

    def slow() -> float:
        time.sleep(interval / 3)  # as an instrument would take its time
        return 1.0

    run = measure(every(interval, num=count), slow, current)
    times = run.dataset["time"].values
    reached = np.isfinite(run.dataset["slow"].values)
    late = times - interval * np.arange(count)
    assert (late[reached] >= 0).all()
    # Delays of the machine come and go; what would add up would be a third of an interval each time.
    assert np.min(late[reached][-5:]) < interval / 3 * 5
    assert run.dataset["time"].attrs["units"] == "s"


def test_points_that_come_too_late_are_left_out_and_told_of() -> None:
    first = iter([0.035])

    def slow() -> float:
        time.sleep(next(first, 0))  # an instrument that once takes its time
        return 1.0

    with pytest.warns(LatePointWarning, match=r"every\(0\.01\)") as caught:
        run = measure(every(0.01, duration=0.1), slow)
    assert "the point due at 0.01 s is left out, because the one before took" in str(caught[0].message)
    values = run.dataset["slow"].values
    assert values.shape == (11,)
    assert values[0] == 1.0
    assert np.isnan(values[1:3]).all()
    assert run.dataset["time"].values[1] == pytest.approx(0.01)


def test_a_long_interval_can_be_stopped() -> None:
    taken = threading.Event()

    def reading() -> float:
        taken.set()
        return 1.0

    def interrupt() -> None:
        taken.wait()
        signal.raise_signal(signal.SIGINT)  # handled in the main thread, whoever raises it

    thread = threading.Thread(target=interrupt)
    thread.start()
    run = measure(every(600, num=3), reading)
    thread.join()
    assert (run.outcome, run.points) == ("stopped", 1)


def test_a_forbidden_combination_is_never_set(gate: Any, bias: Any, current: Any) -> None:
    combinations: list[tuple[float, float]] = []
    gate.subscribe(lambda _: combinations.append((bias(), gate())))
    run = measure(sweep(bias, [0, 2, 1]), sweep(gate, [0, 1, 2]), skip_if(lambda x, y: x + y > 2, bias, gate), current)
    assert all(x + y <= 2 for x, y in combinations)
    np.testing.assert_array_equal(
        run.dataset["current"].values, [[0, 1, 2], [20, math.nan, math.nan], [10, 11, math.nan]]
    )


def test_a_condition_takes_what_the_plan_read_and_asks_for_the_rest(gate: Any, current: Any) -> None:
    reads = itertools.count()
    outside = Parameter("outside", float, get_cmd=lambda: float(next(reads)))
    run = measure(sweep(gate, range(9)), stop_if(lambda n: n >= 3, outside), current)
    assert run.points == 3
    asked = itertools.count()
    counted = Parameter("counted", float, get_cmd=lambda: float(next(asked)))
    run = measure(sweep(gate, range(9)), counted, stop_if(lambda n: n >= 3, counted))
    assert run.points == 4
    assert next(asked) == 4


def test_a_run_can_be_ended_by_a_condition(gate: Any, bias: Any, current: Any) -> None:
    run = measure(sweep(bias, [0, 1, 2]), sweep(gate, [0, 1]), current, stop_run_if(lambda i: i > 9, current))
    assert (run.outcome, run.points) == ("stopped", 3)


def test_each_pass_of_a_sweep_begins_and_ends_with_its_actions(gate: Any, bias: Any) -> None:
    calls: list[str] = []
    inner = sweep(gate, [1, 2], before=lambda: calls.append("before"), after=lambda: calls.append("after"))
    measure(
        sweep(bias, [0, 1]), do(lambda: calls.append("do")), inner, lambda: len(calls), stop_if(lambda x: x == 1, gate)
    )
    assert calls == ["do", "before", "after", "do", "before", "after"]


def test_waiting_until_something_has_settled(gate: Any, current: Any) -> None:
    values = iter([9, 1, 9, 1, 1, 1, 1])
    reads: list[int] = []

    def drift() -> int:
        reads.append(next(values))
        return reads[-1]

    drifting = Parameter("drifting", int, get_cmd=drift)
    measure(sweep(gate, [1]), wait_until(lambda x: x < 5, drifting, every=0.002, hold=0.002), wait(0.001), current)
    assert reads == [9, 1, 9, 1, 1]
    with pytest.raises(NotSettledError, match=r"did not hold within 0\.005 s. The run ends here") as caught:
        measure(sweep(gate, [1]), wait_until(lambda: False, timeout=0.005, every=0.001), current)
    assert caught.value.timeout == 0.005


def test_blocks_follow_each_other(gate: Any, bias: Any, current: Any) -> None:
    fine, coarse = plan(sweep(gate, [1, 2, 3]), current), plan(sweep(gate, [5]), current)
    run = measure(sweep(bias, [1, 2]), fine, coarse, current)
    data = run.dataset
    assert data["current"].values.tolist() == [[11, 12, 13], [21, 22, 23]]
    assert data["current_2"].values.tolist() == [[15], [25]]
    assert data["current_3"].values.tolist() == [15, 25]
    assert plan(fine, coarse).points == 4
    assert [level["depth"] for level in run.plan["levels"]] == [0, 1, 1, 1]


def test_what_the_hardware_collects_is_armed_triggered_and_fetched(gate: Any, bias: Any) -> None:
    calls: list[str] = []

    def fetch() -> Any:
        calls.append("fetch")
        return np.arange(3) + bias()

    trace = Parameter("trace", np.ndarray, unit="A", get_cmd=fetch, shape=(3,))

    def plain() -> list[float]:
        return [bias()] * 3

    hardware = buffered(
        arm=lambda: calls.append("arm"),
        trigger=lambda: calls.append("trigger"),
        fetch=[trace, plain],
        axis=gate.sweep(0, 1, num=3),
    )
    data = load(measure(sweep(bias, [1, 2]), hardware).id).dataset
    assert calls == ["arm", "trigger", "fetch"] * 2
    assert data["trace"].dims == data["plain"].dims == ("bias", "gate")
    assert data["trace"].values.tolist() == [[1, 2, 3], [2, 3, 4]]
    assert data["gate"].values.tolist() == [0.0, 0.5, 1.0]
    assert data["gate"].attrs["units"] == "V"
    assert gate() == 0.0
    with pytest.raises(ReplyError, match=r"trace: the buffer holds 3 values, and gate went through 4"):
        measure(buffered(fetch=trace, axis=gate.sweep(0, 1, num=4)))
    gate.narrow(maximum=0.6)
    with pytest.raises(ValidationError, match=r"0\.6 V"):
        measure(hardware)
    single = Parameter("single", float, get_cmd=lambda: 2.0)
    assert measure(sweep(bias, [1, 2]), buffered(fetch=single)).dataset["single"].values.tolist() == [2.0, 2.0]


def test_a_plan_tells_all_that_it_does(gate: Any, bias: Any, current: Any) -> None:
    made = plan(
        wait(2),
        repeat(10, until=lambda: False, delay=1),
        both_ways(gate.sweep(0, 1, num=3)),
        wait_until(lambda i: i > 0, current, timeout=60, hold=5),
        current,
        stop_if(lambda i: i > 1, current),
        plan(adaptive(bias, nothing, num=100, delay=0.1), current),
        plan(every(60, duration=600), do(print), current),
    )
    assert made.points is None
    assert made.describe().splitlines() == [
        "as many points as it takes; the delays alone take 1 h 0 min",
        "wait 2 s",
        "repeat at most 10 times, wait 1 s before each, until a condition holds",
        "  gate_direction: forth, back",
        "    gate: 0.0 V to 1.0 V, 3 values, there and back in turn",
        "      wait until a condition of current holds for 5 s, at most 1 min 0 s",
        "      read current",
        "      end this sweep if a condition of current",
        "      bias: chosen on the way by nothing, at most 100 values, wait 0.1 s after each",
        "        read current",
        "      every 1 min 0 s, 11 times",
        "        do print",
        "        read current",
    ]


WRONG: dict[str, tuple[Callable[[Any, Any], object], str]] = {
    "repeat nothing": (lambda _g, _c: repeat(0), r"repeat\(\) got 0: allowed are whole numbers from 1 on"),
    "repeat text": (lambda _g, _c: repeat("3"), r"repeat\(\) got '3'"),  # type: ignore[arg-type]  # that is the point
    "a value, not a condition": (
        lambda _g, c: stop_if(c() > 1),
        r"stop_if\(\) got False \(bool\).*Write stop_if\(lambda",
    ),
    "arguments of a parameter": (stop_if, "takes one parameter, or a function and the parameters"),
    "a name": (lambda _g, _c: skip_if(lambda x: x, "gate"), "stand the parameters"),  # type: ignore[arg-type]  # the same
    "a condition without its values": (lambda _g, _c: stop_if(lambda x: x), "takes .x., and gets no argument"),
    "a condition of nothing": (lambda g, _c: skip_if(lambda: True, g), "takes .., and gets the values of gate"),
    "an action with arguments": (lambda g, _c: sweep(g, [1], before=lambda x: x), "before=: the function takes .x."),  # type: ignore[arg-type, misc]  # the same
    "a reading with arguments": (lambda g, _c: measure(sweep(g, [1]), lambda x: x), "takes .x., and gets no argument"),  # type: ignore[arg-type]  # the same
    "an end with arguments": (lambda g, c: measure(sweep(g, [1]), c, finally_=lambda x: x), "finally_=: the function"),
    "done now": (lambda _g, _c: do(None), r"do\(\) got None"),  # type: ignore[arg-type]  # the same
    "before now": (lambda g, _c: sweep(g, [1], before=3), "before=3: allowed is a function"),  # type: ignore[call-overload]  # the same
    "a negative wait": (lambda _g, _c: wait(-1), "seconds from 0 on"),
    "a wait of text": (lambda _g, _c: wait("1"), "seconds='1'"),  # type: ignore[arg-type]  # the same
    "every nothing": (lambda _g, _c: every(0), "interval=0: allowed are seconds from 1e-06 on"),
    "every too much": (lambda _g, _c: every(1, num=3, duration=3), "duration= or num="),
    "stop nothing": (lambda _g, c: measure(plan(c, stop_if(lambda: True))), "outside any sweep"),
    "twice": (lambda g, c: plan(sweep(g, [1]), adaptive(g, lambda _: iter([1])), c), "swept twice"),
    "a learner without end": (lambda g, _c: adaptive(g, Learner()), "would never end"),
    "one learner for all": (
        lambda g, c: plan(repeat(2), adaptive(g, Learner(), num=3), c),
        "makes a new one for each",
    ),
    "a generator that was called": (lambda g, _c: adaptive(g, iter([1, 2])), "Give the generator function itself"),  # type: ignore[arg-type]  # the same
    "adaptive over a number": (lambda _g, _c: adaptive(3, iter), r"varies parameters; got 3"),  # type: ignore[arg-type]  # the same
    "fetch nothing": (lambda _g, _c: buffered(fetch=[]), "nothing to fetch"),
    "fetch a value": (lambda _g, c: buffered(fetch=c()), "cannot fetch 0.0"),
    "an axis that is none": (lambda _g, c: buffered(fetch=c, axis=[1, 2]), r"allowed is parameter\.sweep"),  # type: ignore[arg-type]  # the same
}


@pytest.mark.parametrize("what", WRONG)
def test_what_makes_no_sense_is_refused_with_what_does(gate: Any, current: Any, what: str) -> None:
    attempt, words = WRONG[what]
    with pytest.raises(UsageError, match=words):
        attempt(gate, current)


def test_linked_sweeps_can_be_put_in_front_of_others(gate: Any, bias: Any, current: Any) -> None:
    both: Sequence[Any] = [linked(gate.sweep([1, 2]), bias.sweep([3, 4])) * repeat(2)]
    assert measure(*both, current).dataset["current"].values.tolist() == [[31, 31], [42, 42]]
