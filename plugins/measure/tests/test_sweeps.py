"""Sweeps and plans, before anything is set."""

from __future__ import annotations

import enum
import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier import ManualParameter, Parameter
from luthier.errors import NotGettableError, NotSettableError, UsageError, ValidationError
from luthier.validators import Numbers
from luthier_measure import linked, measure, plan, sweep


@pytest.fixture
def gate() -> ManualParameter[float]:
    return ManualParameter("gate", float, unit="V", validator=Numbers(-10, 10))


@pytest.fixture
def reading() -> Parameter[float]:
    return Parameter("current", float, get_cmd=lambda: 1.0, unit="A")


def values(made: Any) -> tuple[Any, ...]:
    result: tuple[Any, ...] = made.setpoints[0].values
    return result


def test_a_sweep_includes_both_ends(gate: ManualParameter[float]) -> None:
    assert values(sweep(gate, 0, 1, num=5)) == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert values(sweep(gate, 1, 0, step=0.5)) == (1.0, 0.5, 0.0)
    assert values(sweep(gate, [3, 1, 2])) == (3.0, 1.0, 2.0)
    assert values(sweep(gate, range(3))) == (0.0, 1.0, 2.0)
    assert values(sweep(gate, np.linspace(0, 1, 3))) == (0.0, 0.5, 1.0)
    assert values(sweep(gate.sweep(0, 1, num=2))) == (0.0, 1.0)
    assert values(sweep(gate[0:1:0.5])) == (0.0, 0.5)


@given(start=st.floats(1e-3, 9.0), stop=st.floats(1e-3, 9.0), num=st.integers(2, 50), sign=st.sampled_from([1, -1]))
def test_a_logarithmic_sweep_has_equal_ratios_and_exact_ends(start: float, stop: float, num: int, sign: int) -> None:
    gate = ManualParameter("gate", float, validator=Numbers(-10, 10))
    found = values(sweep(gate, sign * start, sign * stop, num=num, spacing="log"))
    assert len(found) == num
    assert (found[0], found[-1]) == (sign * start, sign * stop)
    for first, second in itertools.pairwise(found):
        assert second / first == pytest.approx((stop / start) ** (1 / (num - 1)), rel=1e-9)


def test_a_value_that_is_not_allowed_is_refused_when_the_sweep_is_made(gate: ManualParameter[float]) -> None:
    with pytest.raises(ValidationError, match="-10 V to 10 V"):
        sweep(gate, 0, 11, num=12)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((), {}),
        ((0, 1), {}),
        ((0,), {}),
        ((0,), {"num": 3}),
        ((0, 1), {"num": 3, "step": 0.5}),
        ((0, 1), {"num": 1}),
        ((0, 1), {"step": 0}),
        (([],), {}),
        ((0, 1), {"num": 3, "delay": -1}),
        ((0, 1), {"num": 3, "delay": math.nan}),
        ((0, 1), {"num": 3, "delay": "1 s"}),
        ((0, 1), {"num": 3, "spacing": "logarithmic"}),
        ((1, 2), {"num": 2.5, "spacing": "log"}),
        ((1, "2 V"), {"num": 3, "spacing": "log"}),
        ((1, 10), {"num": 0, "spacing": "log"}),
        ((0, 1), {"num": 3, "spacing": "log"}),
        ((-1, 1), {"num": 3, "spacing": "log"}),
        ((1, 2), {"num": 1, "spacing": "log"}),
        ((1, 2), {"step": 1, "spacing": "log"}),
        ((0, [1, 2]), {}),
    ],
)
def test_arguments_that_make_no_sweep_are_one_clear_error(
    gate: ManualParameter[float], arguments: tuple[Any, ...], options: dict[str, Any]
) -> None:
    with pytest.raises(UsageError):
        sweep(gate, *arguments, **options)


def test_what_is_no_parameter_cannot_be_swept(gate: ManualParameter[float]) -> None:
    with pytest.raises(UsageError, match="varies a parameter; got 'gate'"):
        sweep("gate", 0, 1, num=3)  # type: ignore[call-overload]  # that is the point
    with pytest.raises(UsageError, match="has its values already"):
        sweep(gate.sweep(0, 1, num=2), 0, 1, num=3)  # type: ignore[call-overload]  # that is the point


def test_linked_sweeps_have_equally_many_values_of_different_parameters(gate: ManualParameter[float]) -> None:
    other = ManualParameter("other", int)
    both = linked(sweep(gate, 0, 1, num=3), other.sweep([1, 2, 3]))
    assert [each.parameter for each in both.setpoints] == [gate, other]
    with pytest.raises(UsageError, match="gate has 3, other has 2"):
        linked(sweep(gate, 0, 1, num=3), other.sweep([1, 2]))
    with pytest.raises(UsageError, match="two values at once"):
        linked(sweep(gate, 0, 1, num=3), sweep(gate, 0, 1, num=3))
    with pytest.raises(UsageError, match="no sweeps"):
        linked()


def test_a_plan_counts_its_points_and_knows_its_shape(gate: ManualParameter[float], reading: Parameter[float]) -> None:
    other = ManualParameter("other", float, initial=0.0)
    made = plan(reading, sweep(gate, 0, 1, num=3, delay=0.5), reading, sweep(other, 0, 1, num=4, delay=0.25), reading)
    assert made.shape == (3, 4)
    assert made.points == 1 + 3 + 12
    assert made.least_duration == 3 * 0.5 + 12 * 0.25
    assert plan(made) is made


def test_a_plan_describes_itself(gate: ManualParameter[float], reading: Parameter[float]) -> None:
    other = ManualParameter("other", int, initial=0)
    made = plan(
        sweep(gate, 0, 1, num=3, delay=60),
        reading,
        linked(gate_like().sweep([0, 1]), other.sweep([5, 6]), snake=True),
        other,
    )
    assert made.describe().splitlines() == [
        "3 x 2 steps, 9 points; the delays alone take 3 min 0 s",
        "gate: 0.0 V to 1.0 V, 3 values, wait 1 min 0 s after each",
        "  read current",
        "  back: 0.0 to 1.0, 2 values, there and back in turn",
        "  together with other: 5 to 6, 2 values",
        "    read other",
    ]


def gate_like() -> ManualParameter[float]:
    return ManualParameter("back", float)


@pytest.mark.parametrize("items", [(), ("sweep",), ("wrong",), ("twice",)])
def test_items_that_make_no_plan_are_one_clear_error(
    gate: ManualParameter[float], reading: Parameter[float], items: tuple[str, ...]
) -> None:
    given_items: dict[tuple[str, ...], list[Any]] = {
        (): [],
        ("sweep",): [sweep(gate, 0, 1, num=3)],
        ("wrong",): ["current"],
        ("twice",): [sweep(gate, 0, 1, num=3), sweep(gate, 0, 1, num=3), reading],
    }
    with pytest.raises(UsageError):
        plan(*given_items[items])


def test_what_cannot_be_set_or_read_is_refused_before_anything_is_set(
    gate: ManualParameter[float], reading: Parameter[float]
) -> None:
    write_only = Parameter("write_only", float, set_cmd=lambda _: None, get_cmd=False)
    read_only = Parameter("read_only", float, get_cmd=lambda: 1.0)
    with pytest.raises(NotSettableError, match="cannot be swept"):
        measure(sweep(gate, 0, 1, num=3), sweep(read_only, [1.0]), reading)
    with pytest.raises(NotGettableError, match="write_only"):
        measure(sweep(gate, 0, 1, num=3), write_only)
    assert gate.cache.value is None


def test_limits_that_were_narrowed_since_count(gate: ManualParameter[float], reading: Parameter[float]) -> None:
    made = plan(sweep(gate, 0, 5, num=6), reading)
    gate.narrow(maximum=3)
    with pytest.raises(ValidationError, match="4 V"):
        measure(made)
    assert gate.cache.value is None


def test_a_dry_run_checks_and_prints_and_does_nothing(
    gate: ManualParameter[float], reading: Parameter[float], capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    made = measure(sweep(gate, 0, 1, num=3), reading, folder=tmp_path / "data", dry_run=True)
    assert capsys.readouterr().out == made.describe() + "\n"
    assert gate.cache.value is None
    assert not (tmp_path / "data").exists()
    gate.narrow(maximum=0.5)
    with pytest.raises(ValidationError):
        measure(made, dry_run=True)


class Mode(enum.Enum):
    FAST = 1
    SLOW = 2


def test_an_enum_can_be_swept(reading: Parameter[float], tmp_path: Any) -> None:
    mode = ManualParameter("mode", Mode)
    run = measure(sweep(mode, list(Mode)), reading, folder=tmp_path)
    assert run.dataset["mode"].values.tolist() == ["FAST", "SLOW"]
