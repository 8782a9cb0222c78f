from __future__ import annotations

import itertools
import re
import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier import Instrument, ManualParameter, parameter
from luthier.errors import ReplyError, UsageError, ValidationError
from luthier.scpi import ArrayFormat
from luthier.validators import Numbers


class Analyser(Instrument):
    points = parameter(int, get_cmd="POIN?", set_cmd="POIN {}")
    frequency = parameter(np.ndarray, get_cmd="FREQ?", array=ArrayFormat(), unit="Hz", shape=("points",))
    trace = parameter(
        np.ndarray,
        get_cmd="TRAC?",
        set_cmd="TRAC ",
        array=ArrayFormat(),
        unit="dB",
        shape=("points",),
        axes=("frequency",),
    )


def test_an_array_is_read_with_its_shape_and_axes(opened: Any) -> None:
    analyser, _ = opened(Analyser, POIN="3", FREQ="1E9,2E9,3E9", TRAC="-1,-2.5,-3")
    trace = analyser.trace()
    assert trace.tolist() == [-1.0, -2.5, -3.0]
    assert analyser.trace.shape == (3,)
    assert analyser.trace.axes == (analyser.frequency,)
    assert analyser.frequency().tolist() == [1e9, 2e9, 3e9]


def test_what_is_known_of_an_array_ends_with_its_length(opened: Any) -> None:
    analyser, _ = opened(Analyser, POIN="3", FREQ="1E9,2E9,3E9", TRAC="-1,-2.5,-3")
    analyser.frequency()
    analyser.trace()
    analyser.points(3)
    assert analyser.frequency.cache.valid
    analyser.points(2)
    assert not analyser.frequency.cache.valid
    assert not analyser.trace.cache.valid


def test_an_array_of_another_length_than_the_axis_is_refused(opened: Any) -> None:
    analyser, _ = opened(Analyser, POIN="4", TRAC="-1,-2.5,-3")
    with pytest.raises(ReplyError, match=r"inst\.trace \(dict://\): .*shape \(3,\); expected is \(4,\)"):
        analyser.trace()


def test_an_array_is_sent_after_its_command(opened: Any) -> None:
    analyser, wire = opened(Analyser)
    analyser.trace(np.array([1.0, 2.5]))
    assert wire.log == ["TRAC 1,2.5"]


def test_num_includes_both_ends_and_gives_the_numbers_people_expect() -> None:
    x = ManualParameter("x", float)
    assert x.sweep(0, 1, num=11).values == (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    assert x.sweep(2.0, 2.0, num=1).values == (2.0,)


def test_step_includes_the_stop_only_where_it_falls_on_a_step() -> None:
    x = ManualParameter("x", float)
    assert x.sweep(0, 0.3, step=0.1).values == (0.0, 0.1, 0.2, 0.3)
    assert x.sweep(0.3, 0, step=0.2).values == (0.3, 0.1)
    assert x.sweep(0.3, 0, step=-0.1).values == (0.3, 0.2, 0.1, 0.0)


def test_a_slice_leaves_out_the_stop() -> None:
    x = ManualParameter("x", float)
    assert x[0:0.3:0.1].values == (0.0, 0.1, 0.2)
    assert x[0:0.25:0.1].values == (0.0, 0.1, 0.2)
    with pytest.raises(UsageError, match="needs all three"):
        x[0:1]


def test_a_list_is_taken_as_it_is_and_checked() -> None:
    x = ManualParameter("x", float, validator=Numbers(0, 1))
    sweep = x.sweep([0.5, 0.1, 1])
    assert list(sweep) == [0.5, 0.1, 1.0]
    assert len(sweep) == 3
    with pytest.raises(ValidationError, match="cannot set 2"):
        x.sweep([0.5, 2])


def test_whole_numbers_are_swept_in_whole_numbers() -> None:
    n = ManualParameter("n", int)
    values = n.sweep(0, 4, num=5).values
    assert values == (0, 1, 2, 3, 4)
    assert all(type(value) is int for value in values)
    with pytest.raises(ValidationError):
        n.sweep(0, 1, num=5)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((0, 1), {}),
        ((0, 1), {"num": 3, "step": 0.1}),
        ((0, 1), {"num": 0}),
        ((0, 1), {"num": 1}),
        ((0, 1), {"step": 0}),
    ],
)
def test_sweeps_that_make_no_sense_are_refused(arguments: tuple[float, float], options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        ManualParameter("x", float).sweep(*arguments, **options)


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((0, 1), {"num": 2.5}, "num=2.5: allowed is a whole number"),
        ((0, 1), {"num": "3"}, "num='3': allowed is a whole number"),
        (("1 V", 2), {"num": 3}, "'1 V': allowed are numbers"),
        ((0, 1), {"step": "1 mV"}, "'1 mV': allowed are numbers"),
        ((0, 1), {"num": 10**10}, "num=10000000000: allowed are 10,000,000 values"),
        ((0, 1), {"step": 1e-12}, "step=1e-12 makes 1,000,000,000,001 values from 0 to 1: allowed are 10,000,000"),
        ((itertools.count(),), {}, "more than 10,000,000 values"),
    ],
)
def test_a_slip_of_the_hand_is_told_before_it_fills_the_memory(
    arguments: tuple[Any, ...], options: dict[str, Any], words: str
) -> None:
    x = ManualParameter("x", float)
    with pytest.raises(UsageError, match=rf"^x: .*{re.escape(words)}"):
        x.sweep(*arguments, **options)


def test_a_slice_that_is_too_fine_is_refused_too() -> None:
    x = ManualParameter("x", float)
    with pytest.raises(UsageError, match=r"^x: step=1e-12 makes 1,000,000,000,000 values"):
        x[0:1:1e-12]


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(2, 50))
def test_a_spread_starts_and_stops_exactly_and_never_turns_back(start: float, stop: float, num: int) -> None:
    values = ManualParameter("x", float).sweep(start, stop, num=num).values
    assert len(values) == num
    assert values[0] == start
    assert values[-1] == stop
    assert list(values) == sorted(values, reverse=stop < start)


@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(0.5, 30))
def test_steps_stay_inside_and_keep_their_size(start: float, stop: float, step: float) -> None:
    values = ManualParameter("x", float).sweep(start, stop, step=step).values
    low, high = min(start, stop), max(start, stop)
    assert values[0] == start
    assert all(low <= value <= high for value in values)
    assert abs(stop - values[-1]) <= step
    sizes = [abs(after - before) for before, after in pairwise(values)]
    assert all(size == pytest.approx(step, rel=1e-9) for size in sizes)


def test_numpy_numbers_may_be_used_for_everything() -> None:
    x = ManualParameter("x", float)
    start: Any = np.float64(0)
    stop: Any = np.int64(1)
    assert x.sweep(start, stop, num=3).values == (0.0, 0.5, 1.0)
    assert x.sweep(np.linspace(0, 1, 3)).values == (0.0, 0.5, 1.0)


def test_the_core_needs_no_numpy_until_an_array_is_asked_for() -> None:
    import subprocess  # noqa: PLC0415 - a fresh interpreter, because this one has numpy

    code = "import sys, luthier; sys.exit('numpy' in sys.modules or 'decimal' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
