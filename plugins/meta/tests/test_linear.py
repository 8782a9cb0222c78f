from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from luthier import ManualParameter
from luthier.errors import DeclarationError, LuthierError, PartialSetError, UsageError, ValidationError
from luthier.validators import Numbers
from luthier_meta import MetaInstrument
from luthier_meta.matrix import condition, identity, inverse, matrix_of, product, pseudo_inverse

from .conftest import Dac, Source, fail

if TYPE_CHECKING:
    from collections.abc import Callable

SQUARE = [[1.0, -1.0], [0.5, 0.5]]

numbers = st.floats(-4, 4).map(lambda number: round(number, 2))
names = count()


@pytest.fixture
def meta(opened: Callable[..., Any], sources: list[Source]) -> Any:
    return opened(MetaInstrument, "meta", sources)


def two(meta: Any, **options: Any) -> Any:
    return meta.add_linear(["detuning", "energy"], of=["one.voltage", "two.voltage"], matrix=SQUARE, **options)


def test_a_virtual_value_is_the_combination_of_fresh_readings(meta: Any, sources: list[Source]) -> None:
    detuning, energy = two(meta)
    sources[0].turned_to, sources[1].turned_to = 0.3, 0.1
    assert (detuning(), energy()) == (0.2, 0.2)
    assert detuning.unit == "V"
    assert detuning.doc == "1.0 * one.voltage + -1.0 * two.voltage"


def test_setting_one_keeps_the_others_also_after_somebody_turned_a_knob(meta: Any, sources: list[Source]) -> None:
    detuning, energy = two(meta)
    energy(1.0)
    sources[0].turned_to, sources[1].turned_to = 3.0, 1.0
    detuning(0.5)
    assert (sources[0].turned_to, sources[1].turned_to) == (2.25, 1.75)
    assert (detuning(), energy()) == (0.5, 2.0)


def test_a_member_that_has_no_part_in_it_is_not_touched(meta: Any, sources: list[Source]) -> None:
    upper, lower = meta.add_linear(["upper", "lower"], of=["one.voltage", "two.voltage"], matrix=[[1, 0.1], [0, 1]])
    upper(1.0)
    assert sources[0].log == [("one", 1.0)]
    lower(2.0)
    assert sources[0].log == [("one", 1.0), ("one", 0.8), ("two", 2.0)]
    assert upper() == 1.0


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=3, max_size=3), st.data())
def test_what_is_set_is_read_and_the_others_stay(rows: list[list[float]], data: st.DataObject) -> None:
    matrix = matrix_of(rows, option="matrix")
    back = inverse(matrix)
    assume(back is not None and condition(matrix, back) < 1e4)
    members = [ManualParameter(name, float, initial=data.draw(numbers)) for name in "abc"]
    with MetaInstrument(f"meta{next(names)}", members) as meta:
        virtual = meta.add_linear(["x", "y", "z"], of=["a", "b", "c"], matrix=rows)
        before = [each() for each in virtual]
        index, value = data.draw(st.integers(0, 2)), data.draw(numbers)
        virtual[index](value)
        expected = [value if each == index else old for each, old in enumerate(before)]
        assert [each() for each in virtual] == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=3, max_size=3))
def test_the_inverse_is_exact(rows: list[list[float]]) -> None:
    matrix = matrix_of(rows, option="matrix")
    back = inverse(matrix)
    assume(back is not None)
    assert back is not None
    assert product(matrix, back) == product(back, matrix) == identity(3)


@given(st.lists(st.lists(numbers, min_size=2, max_size=2), min_size=3, max_size=4))
def test_the_inverse_of_least_squares_undoes_on_the_side_that_it_can(rows: list[list[float]]) -> None:
    tall = matrix_of(rows, option="matrix")
    back = pseudo_inverse(tall)
    assume(back is not None)
    assert back is not None
    assert product(back, tall) == identity(2)
    wide = tuple(zip(*tall, strict=True))
    flipped = pseudo_inverse(wide)
    assert flipped is not None
    assert product(wide, flipped) == identity(2)


def test_the_inverse_can_be_given_instead(meta: Any, sources: list[Source]) -> None:
    detuning, energy = meta.add_linear(
        ["detuning", "energy"], of=["one.voltage", "two.voltage"], inverse=[[0.5, 1.0], [-0.5, 1.0]]
    )
    meta.set_together({"detuning": 1.0, "energy": 2.0})
    assert (sources[0].turned_to, sources[1].turned_to) == (2.5, 1.5)
    assert (detuning(), energy()) == (1.0, 2.0)


def test_several_of_one_matrix_are_worked_out_together_and_each_member_is_set_once(
    meta: Any, sources: list[Source]
) -> None:
    detuning, energy = two(meta)
    done = meta.set_together({detuning: 1.0, "energy": 2.0}, strategy="meta.transactional")
    assert sources[0].log == [("one", 2.5), ("two", 1.5)]
    assert (detuning.cache.value, energy.cache.value) == (1.0, 2.0)
    assert [(each["name"], each["before"], each["value"]) for each in done] == [
        ("one.voltage", 0.0, 2.5),
        ("two.voltage", 0.0, 1.5),
    ]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"matrix": [[1, 2], [2, 4]]}, "matrix is singular"),
    ({"inverse": [[1, 1], [1, 1]]}, "inverse is singular"),
    (
        {"matrix": [[1, 1], [1, 1.000000001]]},
        r"badly conditioned: the condition number is 4e\+09; allowed is up to 1e\+08",
    ),
    ({"matrix": [[1, 1]]}, "has 1 rows of 2; for 2 virtual values of 2 members it needs 2 rows of 2"),
    ({"matrix": [[1, 1], [1]]}, "all of one length"),
    ({"matrix": [[1, float("nan")], [0, 1]]}, "rows of finite numbers"),
    ({"matrix": [["a", 1], [0, 1]]}, "not made of rows of numbers"),
    ({"matrix": 3}, "not made of rows of numbers"),
    ({}, "allowed is one of matrix= and inverse="),
    ({"matrix": SQUARE, "inverse": SQUARE}, "allowed is one of matrix= and inverse="),
]


@pytest.mark.parametrize(("options", "said"), WRONG, ids=[said[:24] for _, said in WRONG])
def test_a_matrix_that_cannot_work_is_refused_when_it_is_declared(
    meta: Any, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(DeclarationError, match=said) as caught:
        meta.add_linear(["detuning", "energy"], of=["one.voltage", "two.voltage"], **options)
    assert "meta.detuning/energy" in str(caught.value)
    assert "Nothing was added" in str(caught.value)
    assert list(meta.parameters) == []


def test_different_numbers_of_values_and_members_need_least_squares(meta: Any, sources: list[Source]) -> None:
    of = ["one.voltage", "two.voltage", "three.voltage"]
    with pytest.raises(DeclarationError, match="has no inverse"):
        meta.add_linear(["mean"], of=of, matrix=[[1, 1, 1]])
    (total,) = meta.add_linear(["total"], of=of, matrix=[[1, 1, 1]], least_squares=True)
    total(3.0)
    assert [source.turned_to for source in sources] == [1.0, 1.0, 1.0], "each moves as little as it can"
    assert total() == 3.0
    assert total.cache.valid


def test_where_not_every_value_can_be_reached_the_nearest_is_and_the_cache_does_not_pretend(
    meta: Any, sources: list[Source]
) -> None:
    a, b = meta.add_linear(["a", "b"], of=["one.voltage"], matrix=[[1], [1]], least_squares=True)
    a(2.0)
    assert sources[0].turned_to == 1.0
    assert not a.cache.valid
    assert (a(), b()) == (1.0, 1.0)


def test_what_is_no_number_cannot_be_combined(meta: Any) -> None:
    mode = ManualParameter("mode", str, initial="on")
    with pytest.raises(DeclarationError, match="mode is no single number"):
        meta.add_linear(["a", "b"], of=["one.voltage", mode], matrix=SQUARE)
    with pytest.raises(DeclarationError, match=r"one\.voltage is given twice"):
        meta.add_linear(["a", "b"], of=["one.voltage", "one.voltage"], matrix=SQUARE)
    with pytest.raises(UsageError, match="different names"):
        meta.add_linear(["a", "a"], of=["one.voltage", "two.voltage"], matrix=SQUARE)


def test_a_member_that_reads_nonsense_is_named_before_anything_is_sent(meta: Any, sources: list[Source]) -> None:
    detuning, _ = two(meta)
    sources[1].turned_to = float("inf")
    with pytest.raises(LuthierError, match=r"two.voltage: reads inf, which cannot be combined.*Nothing was sent"):
        detuning(1.0)
    assert sources[0].log == []
    assert detuning() == float("-inf")


@given(
    st.lists(st.tuples(numbers, numbers), min_size=2, max_size=2),
    st.tuples(numbers, numbers),
    st.tuples(st.floats(-8, -4), st.floats(-8, -4)),
    st.tuples(st.floats(4, 8), st.floats(4, 8)),
    st.integers(0, 1),
)
def test_the_limits_are_what_the_members_take_and_no_less(
    rows: list[tuple[float, float]],
    present: tuple[float, float],
    lows: tuple[float, float],
    highs: tuple[float, float],
    index: int,
) -> None:
    matrix = matrix_of(rows, option="matrix")
    back = inverse(matrix)
    assume(back is not None and condition(matrix, back) < 1e4)
    members = [
        ManualParameter(name, float, initial=here, validator=Numbers(low, high))
        for name, here, low, high in zip("ab", present, lows, highs, strict=True)
    ]
    with MetaInstrument(f"meta{next(names)}", members) as meta:
        virtual = meta.add_linear(["x", "y"], of=["a", "b"], matrix=rows)[index]
        for end, beyond in zip(virtual.limits, (-1e-6, 1e-6), strict=True):
            assert end is not None
            with pytest.raises(ValidationError, match="allowed"):
                virtual(end + beyond * max(1.0, abs(end)))
            virtual(end)
            for member, here in zip(members, present, strict=True):
                member(here)


def test_limits_follow_the_present_values_of_the_others(meta: Any, sources: list[Source]) -> None:
    detuning, _ = two(meta)
    assert detuning.limits == (-20.0, 20.0)
    sources[0].voltage(4.0)
    sources[1].voltage(4.0)
    assert detuning.limits == (-12.0, 12.0)
    with pytest.raises(ValidationError, match=r"meta.detuning: cannot set 13 V: allowed: -12 V to 12 V"):
        detuning(13)


def test_members_without_limits_leave_the_virtual_value_open(opened: Callable[..., Any]) -> None:
    members = [ManualParameter("a", float, initial=0.0), ManualParameter("b", float, initial=0.0)]
    meta = opened(MetaInstrument, "meta", members)
    (x, y) = meta.add_linear(["x", "y"], of=["a", "b"], matrix=[[1, 0], [0, 1]])
    assert x.limits == y.limits == (None, None)


def test_values_that_change_together_may_go_where_neither_could_go_alone(meta: Any, sources: list[Source]) -> None:
    detuning, _ = two(meta)
    meta.set_together({"detuning": 0.0, "energy": 9.0})
    assert detuning.limits == (-2.0, 2.0)
    meta.set_together({"detuning": 12.0, "energy": 0.0})
    assert (sources[0].turned_to, sources[1].turned_to) == (6.0, -6.0)
    with pytest.raises(ValidationError, match=r"one\.voltage: cannot set 12 V"):
        meta.set_together({"detuning": 12.0, "energy": 6.0})
    with pytest.raises(ValidationError, match=r"meta\.energy: cannot be set"):
        meta.set_together({"detuning": 12.0, "energy": "much"})
    assert len(sources[0].log) == 4


def test_a_failure_half_way_leaves_the_virtual_value_unknown(meta: Any, sources: list[Source]) -> None:
    detuning, energy = two(meta)
    energy(1.0)
    sources[1].before_each = fail
    with pytest.raises(PartialSetError, match=r"meta.detuning: meta.sequential could not set two.voltage") as caught:
        detuning(1.0)
    assert "one.voltage was set to 1.5 V" in str(caught.value)
    assert not detuning.cache.valid
    assert not energy.cache.valid


def test_a_whole_number_stays_one_where_the_member_counts(opened: Callable[..., Any]) -> None:
    members = [ManualParameter("a", int, initial=0), ManualParameter("b", int, initial=0)]
    meta = opened(MetaInstrument, "meta", members)
    total, _ = meta.add_linear(["total", "difference"], of=["a", "b"], matrix=[[1, 1], [1, -1]])
    total(4)
    assert [member() for member in members] == [2, 2]
    with pytest.raises(ValidationError, match=r"2\.5"):
        total(5)
    assert [member() for member in members] == [2, 2]


def test_a_virtual_value_can_itself_move_in_steps(opened: Callable[..., Any]) -> None:
    dac = opened(Dac, "dac")
    meta = opened(MetaInstrument, "meta", {"left": dac.ch1, "right": dac.ch2})
    x, _ = meta.add_linear(["x", "y"], of=["left.voltage", "right.voltage"], matrix=[[1, 0], [0, 1]])
    x.limit_motion(step=0.2)
    meta.set_together({"x": 0.5, "y": 0.1})
    assert dac.log == [("dac.ch1", 0.2), ("dac.ch1", 0.4), ("dac.ch1", 0.5), ("dac.ch2", 0.1)]
