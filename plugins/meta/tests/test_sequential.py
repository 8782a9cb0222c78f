from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from luthier import Parameter, plugins
from luthier.errors import NotSettableError, PartialSetError, ValidationError
from luthier.strategy import Action, Strategy
from luthier_meta import parallel, ramped, sequential, transactional

from .conftest import Source, fail

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL = [sequential, parallel, transactional, ramped]


def actions(sources: Sequence[Source], *levels: float) -> list[Action]:
    return [Action(source.voltage, level) for source, level in zip(sources, levels, strict=True)]


@pytest.mark.parametrize("name", ["sequential", "parallel", "transactional", "ramped"])
def test_every_strategy_is_found_by_its_name(name: str) -> None:
    found = plugins.registry("strategies").load(f"meta.{name}")
    assert isinstance(found, Strategy)


def test_members_are_set_in_the_order_that_was_asked_for(sources: list[Source]) -> None:
    outcomes = sequential(actions(sources, 1.0, 2.0, 3.0))
    assert sources[0].log == [("one", 1.0), ("two", 2.0), ("three", 3.0)]
    assert [(outcome.done, outcome.value, outcome.error) for outcome in outcomes] == [
        (True, 1.0, None),
        (True, 2.0, None),
        (True, 3.0, None),
    ]


def test_a_failure_stops_and_says_what_was_set_and_what_was_not(sources: list[Source]) -> None:
    sources[1].before_each = fail
    with pytest.raises(PartialSetError) as caught:
        sequential(actions(sources, 1.0, 2.0, 3.0))
    assert sources[0].log == [("one", 1.0)]
    assert str(caught.value) == (
        "meta.sequential could not set two.voltage to 2 V: the line is dead. one.voltage was set to 1 V; two.voltage "
        "may stand anywhere, as its set to 2 V failed half-way; three.voltage was not touched. "
        "Read the members before you go on."
    )
    assert [member["standing"] for member in caught.value.members] == ["set", "unknown", "untouched"]
    assert caught.value.sent == "yes"
    assert "the line is dead" in str(caught.value.__cause__)


def test_ctrl_c_stays_ctrl_c_and_says_where_the_members_stand(sources: list[Source]) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    sources[1].before_each = interrupt
    with pytest.raises(KeyboardInterrupt) as caught:
        sequential(actions(sources, 1.0, 2.0, 3.0))
    assert any("one.voltage was set to 1 V; two.voltage may stand anywhere" in note for note in caught.value.__notes__)
    assert sources[2].sent == []


@pytest.mark.parametrize("strategy", ALL)
def test_a_value_that_is_refused_keeps_everything_from_being_sent(strategy: Any, sources: list[Source]) -> None:
    for source in sources:
        source.voltage.limit_motion(step=5.0)
    with pytest.raises(ValidationError, match=r"two.voltage: cannot set 11 V: allowed: -10 V to 10 V") as caught:
        strategy(actions(sources, 1.0, 11.0, -12.0))
    assert sources[0].log == []
    assert "three.voltage: cannot set -12 V" in caught.value.__notes__[0]


@pytest.mark.parametrize("strategy", ALL)
def test_a_member_that_can_only_be_read_is_refused_before_anything_is_sent(
    strategy: Any, sources: list[Source]
) -> None:
    reading: Parameter[float] = Parameter("temperature", float, get_cmd=lambda: 4.2)
    with pytest.raises(NotSettableError, match="temperature: cannot be set"):
        strategy([Action(sources[0].voltage, 1.0), Action(reading, 1.0)])
    assert sources[0].log == []


@pytest.mark.parametrize("strategy", ALL)
def test_nothing_to_do_is_done_at_once(strategy: Any) -> None:
    assert strategy([]) == ()


@pytest.mark.parametrize("strategy", [sequential, parallel, transactional])
def test_all_that_succeeds_is_the_same_whatever_the_strategy(strategy: Any, sources: list[Source]) -> None:
    outcomes = strategy(actions(sources, 1, 2.5, -3.0))
    assert [outcome.value for outcome in outcomes] == [1.0, 2.5, -3.0]
    assert [source.turned_to for source in sources] == [1.0, 2.5, -3.0]
    assert all(outcome.done and outcome.duration >= 0 for outcome in outcomes)


def test_a_closed_member_is_told_as_not_touched(sources: list[Source]) -> None:
    sources[1].close()
    with pytest.raises(PartialSetError, match=r"two.voltage was not touched; three.voltage was not touched") as caught:
        sequential(actions(sources, 1.0, 2.0, 3.0))
    assert caught.value.__cause__ is not None
    assert "the instrument is closed" in str(caught.value)


def test_the_error_survives_a_copy_with_its_facts(sources: list[Source]) -> None:
    import pickle  # noqa: PLC0415 - only here

    sources[0].before_each = fail
    with pytest.raises(PartialSetError) as caught:
        sequential(actions(sources, 1.0, 2.0, 3.0))
    copied = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - made here
    assert copied.members == caught.value.members
    assert copied.sent == "maybe"
