from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier import Parameter
from luthier.errors import ConnectionFaultError, LuthierError, NotGettableError, PartialSetError
from luthier.strategy import Action
from luthier_meta import transactional

from .conftest import Source, fail

if TYPE_CHECKING:
    from collections.abc import Callable


class Level:
    """A level that fails at given sets, before or after the value took effect."""

    def __init__(self, name: str, level: float, failing: dict[int, bool], log: list[tuple[str, float]]) -> None:
        self.level = level
        self.failing = failing
        self.sets = 0
        self.log = log
        self.parameter = Parameter(name, float, get_cmd=lambda: self.level, set_cmd=self._put, unit="V")

    def _put(self, level: float) -> None:
        takes_effect = self.failing.get(self.sets)
        self.sets += 1
        self.log.append((self.parameter.name, level))
        if takes_effect is not False:
            self.level = level
        if takes_effect is not None:
            raise ConnectionFaultError("the line is dead", address="COM1")


@given(st.data())
def test_the_report_is_true_wherever_sets_and_put_backs_fail(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 5))
    failing_set = data.draw(st.integers(0, count - 1))
    effects = st.booleans()
    log: list[tuple[str, float]] = []
    levels = []
    for index in range(count):
        failing = {0: data.draw(effects)} if index == failing_set else {}
        if data.draw(st.booleans()):
            failing[1] = data.draw(effects)
        levels.append(Level(f"p{index}", float(index), failing, log))
    with pytest.raises(PartialSetError) as caught:
        transactional([Action(level.parameter, 10.0 + index) for index, level in enumerate(levels)])

    members = caught.value.members
    assert [member["standing"] for member in members[failing_set + 1 :]] == ["untouched"] * (count - failing_set - 1)
    for index, (level, member) in enumerate(zip(levels, members, strict=True)):
        assert member["before"] == float(index)
        if member["standing"] in ("put back", "untouched"):
            assert level.level == float(index) == member["value"]
        elif member["standing"] == "set":
            assert level.level == member["value"]
        else:
            assert member["standing"] == "unknown"
            assert 1 in level.failing
            assert "could not be put back" in str(caught.value)
    put_back = [name for name, _ in log[failing_set + 1 :]]
    assert put_back == [f"p{index}" for index in range(failing_set, -1, -1)], "in reverse order, each tried"


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=5))
def test_without_a_failure_everything_is_set_and_the_old_values_are_told(values: list[float]) -> None:
    log: list[tuple[str, float]] = []
    levels = [Level(f"p{index}", float(index), {}, log) for index in range(len(values))]
    outcomes = transactional([Action(level.parameter, value) for level, value in zip(levels, values, strict=True)])
    assert [level.level for level in levels] == values
    assert [outcome.before for outcome in outcomes] == [float(index) for index in range(len(values))]


def test_old_values_are_read_afresh(sources: list[Source]) -> None:
    sources[0].voltage(5.0)
    sources[0].turned_to = 7.0  # somebody turned the knob
    sources[1].before_each = fail
    with pytest.raises(PartialSetError, match=r"one.voltage was put back to 7 V"):
        transactional([Action(sources[0].voltage, 1.0), Action(sources[1].voltage, 1.0)])
    assert sources[0].turned_to == 7.0


def test_a_member_to_which_nothing_was_sent_is_not_put_back(sources: list[Source]) -> None:
    def refuse(_: float) -> None:
        raise LuthierError("is interlocked", sent="no")

    sources[1].before_each = refuse
    with pytest.raises(PartialSetError) as caught:
        transactional([Action(source.voltage, 1.0) for source in sources])
    assert sources[0].log == [("one", 1.0), ("one", 0.0)]
    assert [member["standing"] for member in caught.value.members] == ["put back", "untouched", "untouched"]


def test_a_member_whose_old_value_nobody_knows_is_refused_before_anything_is_sent(sources: list[Source]) -> None:
    written: list[float] = []
    blind: Parameter[float] = Parameter("blind", float, set_cmd=written.append)
    wanted = [Action(sources[0].voltage, 1.0), Action(blind, 1.0)]
    with pytest.raises(NotGettableError, match="could not be put back"):
        transactional(wanted)
    assert sources[0].log == []
    blind(0.5)
    transactional(wanted)
    assert written == [0.5, 1.0]


def interrupting(times: int) -> Callable[[float], None]:
    left = [times]

    def put(_: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise KeyboardInterrupt

    return put


def test_ctrl_c_puts_back_too_and_stays_ctrl_c(sources: list[Source]) -> None:
    sources[1].before_each = interrupting(1)
    with pytest.raises(KeyboardInterrupt) as caught:
        transactional([Action(source.voltage, 1.0) for source in sources])
    assert sources[0].log == [("one", 1.0), ("two", 0.0), ("one", 0.0)]
    assert any("one.voltage was put back to 0 V" in note for note in caught.value.__notes__)


def test_a_second_ctrl_c_stops_the_putting_back_and_says_what_is_left(sources: list[Source]) -> None:
    sources[1].before_each = interrupting(2)
    with pytest.raises(KeyboardInterrupt) as caught:
        transactional([Action(source.voltage, 1.0) for source in sources])
    assert sources[0].log == [("one", 1.0)]
    notes = " ".join(caught.value.__notes__)
    assert "one.voltage stands at 1 V still, as it could not be put back to 0 V" in notes
    assert "two.voltage may stand anywhere" in notes
