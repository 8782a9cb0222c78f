from __future__ import annotations

from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Instrument, ManualParameter, Parameter
from luthier.errors import (
    ClosedError,
    ConnectionFaultError,
    DeclarationError,
    NameClashError,
    NotSettableError,
    PartialSetError,
    UnknownNameError,
    UsageError,
    ValidationError,
    WrongTypeError,
)
from luthier.validators import Numbers
from luthier_meta import MetaInstrument, Ramped

from .conftest import Dac, Source, fail

if TYPE_CHECKING:
    from collections.abc import Callable


class Mode(Enum):
    SLOW = "S"
    FAST = "F"


@pytest.fixture
def dac(opened: Callable[..., Any]) -> Any:
    return opened(Dac, "dac")


@pytest.fixture
def meta(opened: Callable[..., Any], sources: list[Source], dac: Any) -> Any:
    return opened(MetaInstrument, "meta", {"left": sources[0], "right": sources[1], "gate": dac.ch1})


# Members


def test_members_are_named_by_the_user_or_by_themselves(opened: Callable[..., Any], meta: Any, dac: Any) -> None:
    assert list(meta.members) == ["left", "right", "gate"]
    own = opened(MetaInstrument, "own", [dac.ch1, dac])
    assert repr(own.members) == "<members of own: dac_ch1=dac.ch1, dac=dac>"


def test_members_can_be_added_later(opened: Callable[..., Any], meta: Any, sources: list[Source]) -> None:
    meta.add_member("third", sources[2])
    meta.add_alias("v", "third.voltage")
    meta.v(1.0)
    assert sources[2].turned_to == 1.0
    empty = opened(MetaInstrument, "empty")
    empty.add_member("knob", ManualParameter("level", float, initial=1.5))
    assert empty.add_alias("view", "knob")() == 1.5


@pytest.mark.parametrize(
    ("name", "member", "error", "said"),
    [
        ("left", "third", NameClashError, "the name is that of one"),
        ("not a name", "third", UsageError, "cannot name a member"),
        ("text", "text", UsageError, "allowed are an instrument, a channel and a parameter"),
        ("me", "meta", UsageError, "cannot be its own member"),
    ],
)
def test_what_cannot_be_a_member_is_refused(  # noqa: PLR0917 - pytest gives them by name
    name: str, member: str, error: type[Exception], said: str, meta: Any, sources: list[Source]
) -> None:
    meant = {"third": sources[2], "meta": meta, "text": "dac.ch1"}[member]
    with pytest.raises(error, match=rf"{said}.*Nothing was added") as caught:
        meta.add_member(name, meant)
    assert "meta" in str(caught.value)
    assert list(meta.members) == ["left", "right", "gate"]


@pytest.mark.parametrize("members", ["dac", 3.0])
def test_members_that_are_no_members_are_refused_and_the_name_is_free_again(members: Any) -> None:
    with pytest.raises((UsageError, TypeError)):
        MetaInstrument("unborn", members)
    MetaInstrument("unborn").close()


def test_a_mistyped_path_is_told_with_what_is_near(meta: Any) -> None:
    with pytest.raises(UnknownNameError, match=r"meta: has no member parameter 'lefd.volage'") as caught:
        meta.add_alias("v", "lefd.volage")
    assert "left.voltage" in caught.value.suggestions
    with pytest.raises(UnknownNameError, match="has no parameter 'volage'"):
        meta.add_alias("v", "left.volage")
    with pytest.raises(UnknownNameError, match="has no member 'lefd'"):
        meta.members["lefd"]


# Aliases


def test_an_alias_is_the_member_under_another_name(meta: Any, sources: list[Source]) -> None:
    alias = meta.add_alias("plunger", "left.voltage", label="Plunger gate")
    assert (alias.unit, alias.label, alias.type, alias.limits) == ("V", "Plunger gate", float, (-10.0, 10.0))
    alias(2.5)
    assert sources[0].voltage() == alias() == 2.5
    with pytest.raises(ValidationError, match=r"meta.plunger: cannot set 11 V: allowed: -10 V to 10 V"):
        alias(11)
    sources[0].voltage.narrow(-1.0, 1.0)
    assert alias.limits == (-1.0, 1.0)
    with pytest.raises(ValidationError, match=r"meta.plunger: cannot set 2 V: allowed: -1 V to 1 V"):
        alias(2)


def test_an_alias_in_other_units_converts_the_limits(meta: Any, sources: list[Source]) -> None:
    alias = meta.add_alias("plunger", "left.voltage", unit="mV", scale=-0.001, offset=1.0)
    assert alias.limits == (-9000.0, 11000.0)
    alias(500)
    assert sources[0].turned_to == 0.5
    assert alias() == 500.0
    meta.set_together({"plunger": 250})
    assert sources[0].turned_to == 0.75
    with pytest.raises(ValidationError, match="cannot set 12000 mV: allowed: -9000 mV to 11000 mV"):
        alias(12000)


def test_an_alias_of_a_mode_takes_what_the_mode_takes(opened: Callable[..., Any]) -> None:
    mode = ManualParameter("mode", Mode, initial=Mode.SLOW)
    meta = opened(MetaInstrument, "meta", [mode])
    alias = meta.add_alias("speed", "mode")
    alias(Mode.FAST)
    assert mode() is Mode.FAST
    switch = meta.add_alias("switch", "mode", mapping={True: Mode.FAST, False: Mode.SLOW})
    meta.set_together({"switch": False})
    assert mode() is Mode.SLOW
    assert switch() is False


def test_an_alias_of_what_can_only_be_read_can_only_be_read(opened: Callable[..., Any]) -> None:
    reading: Parameter[float] = Parameter("temperature", float, get_cmd=lambda: 4.2, unit="K")
    alias = opened(MetaInstrument, "meta", [reading]).add_alias("t", "temperature")
    assert (alias(), alias.settable) == (4.2, False)
    with pytest.raises(NotSettableError):
        alias(1.0)


def test_an_alias_of_an_array_keeps_its_shape(opened: Callable[..., Any]) -> None:
    class Scope(Instrument):
        def __init__(self, name: str) -> None:
            super().__init__(name)
            self.add_parameter("trace", np.ndarray, get_cmd=lambda: np.zeros(5), shape=(5,), unit="V")

    alias = opened(MetaInstrument, "meta", [opened(Scope, "scope")]).add_alias("trace", "scope.trace")
    assert alias.shape == (5,)
    assert alias().shape == (5,)


# Groups


def test_a_group_reads_and_sets_a_tuple(meta: Any, sources: list[Source]) -> None:
    both = meta.add_group("both", ["left.voltage", "right.voltage"])
    both((1.0, 2.0))
    assert sources[0].log == [("one", 1.0), ("two", 2.0)]
    assert both() == (1.0, 2.0)
    both(np.array([3.0, 4.0]))
    assert both.cache.value == (3.0, 4.0)
    assert both.unit == "V"


def test_a_group_reads_and_sets_a_dictionary(meta: Any) -> None:
    by_path = meta.add_group("by_path", ["left.voltage", "gate.voltage"], as_="dict")
    by_path({"gate.voltage": 0.5, "left.voltage": 1.0})
    assert by_path() == {"left.voltage": 1.0, "gate.voltage": 0.5}
    by_name = meta.add_group("by_name", {"l": "left.voltage", "g": "gate.voltage"}, as_="dict")
    assert by_name() == {"l": 1.0, "g": 0.5}
    as_tuple = meta.add_group("as_tuple", {"l": "left.voltage", "g": "gate.voltage"})
    assert as_tuple() == (1.0, 0.5)


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        ((1.0,), ValidationError, r"has 1 values; allowed: 2 values, for one.voltage, two.voltage"),
        (1.0, WrongTypeError, "1.0 was given"),
        ((1.0, 20.0), ValidationError, r"two.voltage cannot set 20 V: allowed: -10 V to 10 V"),
        ({"left.voltage": 1.0}, WrongTypeError, "was given"),
    ],
)
def test_a_group_says_what_it_takes(value: Any, error: type[Exception], said: str, meta: Any) -> None:
    both = meta.add_group("both", ["left.voltage", "right.voltage"])
    with pytest.raises(error, match=said) as caught:
        both(value)
    assert str(caught.value).startswith("meta.both: cannot be set")
    assert meta.members["left"].log == []


def test_a_group_of_named_values_wants_exactly_these(meta: Any) -> None:
    both = meta.add_group("both", {"l": "left.voltage", "r": "right.voltage"}, as_="dict")
    with pytest.raises(ValidationError, match="a dictionary with exactly 'l', 'r'"):
        both({"l": 1.0})
    with pytest.raises(WrongTypeError, match="a dictionary with exactly 'l', 'r'"):
        both((1.0, 2.0))


def test_what_cannot_be_a_group_is_refused(meta: Any) -> None:
    with pytest.raises(DeclarationError, match="given twice"):
        meta.add_group("both", ["left.voltage", "left.voltage"])
    with pytest.raises(UsageError, match="allowed are 'tuple' and 'dict'"):
        meta.add_group("both", ["left.voltage"], as_="list")
    with pytest.raises(LookupError, match=r"meta\.paralel"):
        meta.add_group("both", ["left.voltage"], strategy="meta.paralel")
    assert list(meta.parameters) == []


# Functions


def test_functions_read_and_set(meta: Any, sources: list[Source]) -> None:
    def put(power: float) -> None:
        sources[0].voltage(power**0.5)

    power = meta.add_virtual(
        "power", float, get=lambda: sources[0].voltage() ** 2, set=put, unit="W", validator=Numbers(0, 4)
    )
    power(4.0)
    assert sources[0].turned_to == 2.0
    assert power() == 4.0
    with pytest.raises(ValidationError):
        power(5.0)


def test_a_function_can_leave_the_setting_to_a_strategy(meta: Any, sources: list[Source]) -> None:
    common = meta.add_virtual(
        "common", float, spread=lambda level: {"left.voltage": level, sources[1].voltage: -level}, strategy=recorded
    )
    common(3.0)
    assert sources[0].log == [("one", 3.0), ("two", -3.0)]
    assert recorded.seen == ["one.voltage", "two.voltage"]
    assert not common.gettable
    assert common.cache.value == 3.0


def test_a_function_that_does_nothing_or_too_much_is_refused(meta: Any) -> None:
    with pytest.raises(UsageError, match="takes get="):
        meta.add_virtual("x", float)
    with pytest.raises(UsageError, match="takes get="):
        meta.add_virtual("x", float, set=print, spread=dict)


class Recorded:
    """A strategy of one's own."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, actions: Any) -> Any:
        from luthier_meta import sequential  # noqa: PLC0415 - as a user would write it

        self.seen = [action.parameter.full_name for action in actions]
        return sequential(actions)


recorded = Recorded()

# Choosing how


def test_the_strategy_is_chosen_per_call_per_parameter_and_per_instrument(
    opened: Callable[..., Any], sources: list[Source]
) -> None:
    of_instrument, of_parameter, of_call = Recorded(), Recorded(), Recorded()
    meta = opened(MetaInstrument, "meta", sources, strategy=of_instrument)
    plain = meta.add_group("plain", ["one.voltage", "two.voltage"])
    special = meta.add_group("special", ["two.voltage", "three.voltage"], strategy=of_parameter)

    def who(act: Callable[[], object]) -> str:
        for strategy in (of_instrument, of_parameter, of_call):
            strategy.seen = []
        act()
        every = {"instrument": of_instrument, "parameter": of_parameter, "call": of_call}
        (found,) = [name for name, strategy in every.items() if strategy.seen]
        return found

    assert who(lambda: plain((1.0, 1.0))) == "instrument"
    assert who(lambda: special((1.0, 1.0))) == "parameter"
    assert who(lambda: meta.set_together({"special": (1.0, 1.0)})) == "parameter"
    assert who(lambda: meta.set_together({"plain": (1.0, 2.0), "three.voltage": 1.0})) == "instrument"
    assert who(lambda: meta.set_together({"special": (1.0, 1.0)}, strategy=of_call)) == "call"
    assert who(lambda: meta.set("special", (1.0, 1.0), strategy=of_call)) == "call"
    assert who(lambda: meta.set("special", (2.0, 1.0))) == "parameter"


def test_a_strategy_that_does_not_exist_is_told_when_it_is_chosen(meta: Any, sources: list[Source]) -> None:
    with pytest.raises(LookupError, match=r"meta\.parallel"):
        MetaInstrument("other", strategy="meta.paralel")
    with pytest.raises(LookupError, match=r"meta\.paralel"):
        meta.set_together({"left.voltage": 1.0}, strategy="meta.paralel")
    with pytest.raises(UsageError, match="3 is no strategy"):
        meta.set_together({"left.voltage": 1.0}, strategy=3)
    assert sources[0].log == []


# Setting together


def test_all_values_are_checked_before_the_first_is_sent(meta: Any, sources: list[Source]) -> None:
    meta.add_alias("l", "left.voltage")
    meta.add_group("both", ["right.voltage", "gate.voltage"])
    with pytest.raises(ValidationError, match=r"meta\.both: .*dac\.ch1\.voltage"):
        meta.set_together({"l": 1.0, "both": (1.0, 3.0)})
    assert sources[0].log == []
    meta.set_together({"l": 1.0, "both": (1.0, 0.3)})
    assert meta.l.cache.value == 1.0
    assert meta.both.cache.value == (1.0, 0.3)


def test_two_different_values_for_one_member_are_refused(meta: Any, sources: list[Source]) -> None:
    meta.add_alias("l", "left.voltage")
    meta.add_group("both", ["left.voltage", "right.voltage"])
    with pytest.raises(UsageError, match=r"meta.l and meta.both ask for different values of one.voltage: 1.0 and 2.0"):
        meta.set_together({"l": 1.0, "both": (2.0, 1.0)})
    assert sources[0].log == []
    meta.set_together({"l": 2.0, "both": (2.0, 1.0)})
    assert sources[0].log == [("one", 2.0), ("two", 1.0)]


def test_watchers_are_told_once_after_everything_is_set(meta: Any, sources: list[Source]) -> None:
    both = meta.add_group("both", ["left.voltage", "right.voltage"])
    seen: list[Any] = []
    both.subscribe(lambda change: seen.append((change.value, change.origin, len(sources[0].log))))
    meta.set_together({"both": (1.0, 2.0)})
    assert seen == [((1.0, 2.0), "set", 2)]


def test_an_alias_with_steps_of_its_own_takes_them(meta: Any, sources: list[Source]) -> None:
    meta.add_alias("l", "left.voltage", step=0.5)
    meta.set_together({"l": 1.0, "right.voltage": 1.0})
    assert sources[0].log == [("one", 0.5), ("one", 1.0), ("two", 1.0)]


def test_an_alias_is_set_as_its_strategy_says(meta: Any, sources: list[Source]) -> None:
    meta.add_alias("l", "left.voltage", strategy=Ramped(points=2))
    meta.l(1.0)
    assert sources[0].log == [("one", 0.5), ("one", 1.0)]


def test_a_failing_alias_raises_what_the_member_raises(meta: Any, sources: list[Source]) -> None:
    alias = meta.add_alias("l", "left.voltage")
    sources[0].before_each = fail
    with pytest.raises(ConnectionFaultError, match=r"one\.voltage: the line is dead") as caught:
        alias(1.0)
    assert "raised while meta.l was set" in caught.value.__notes__
    assert not alias.cache.valid


def test_a_snapshot_can_be_restored(meta: Any, sources: list[Source]) -> None:
    meta.add_alias("l", "left.voltage")
    meta.add_linear(["x", "y"], of=["left.voltage", "right.voltage"], matrix=[[1, 1], [1, -1]])
    sources[0].turned_to, sources[1].turned_to = 3.0, 1.0
    recorded = meta.snapshot(update=True)
    sources[0].turned_to, sources[1].turned_to = -1.0, 0.5
    meta.restore(recorded)
    assert (sources[0].turned_to, sources[1].turned_to) == (3.0, 1.0)


def test_a_partial_failure_leaves_the_virtual_values_unknown(meta: Any, sources: list[Source]) -> None:
    both = meta.add_group("both", ["left.voltage", "right.voltage"])
    both((1.0, 1.0))
    sources[1].before_each = fail
    with pytest.raises(PartialSetError, match=r"^meta: meta.sequential could not set two.voltage"):
        meta.set_together({"both": (2.0, 2.0)})
    assert not both.cache.valid
    sources[1].before_each = lambda _: None
    both((3.0, 3.0))
    with pytest.raises(ValidationError):
        meta.set_together({"both": (2.0, 20.0)})
    assert both.cache.valid, "nothing was sent"


def test_a_change_of_a_member_outdates_what_is_made_of_it(meta: Any, sources: list[Source]) -> None:
    alias = meta.add_alias("l", "left.voltage")
    both = meta.add_group("both", ["left.voltage", "right.voltage"])
    function = meta.add_virtual("f", float, get=lambda: sources[0].voltage() * 2, members=["left.voltage"])
    both((1.0, 2.0))
    alias(), function()
    assert alias.cache.valid
    assert both.cache.valid
    assert function.cache.valid
    sources[0].voltage(1.0)
    assert both.cache.valid, "that is no change"
    sources[0].voltage(5.0)
    assert [each.cache.valid for each in (alias, both, function)] == [False] * 3
    meta.close()
    assert sources[0].voltage.watchers == ()


def test_a_closed_meta_instrument_leaves_its_members_open(meta: Any, sources: list[Source]) -> None:
    meta.add_alias("l", "left.voltage")
    meta.close()
    with pytest.raises(ClosedError):
        meta.l(1.0)
    with pytest.raises(ClosedError):
        meta.set_together({"l": 1.0})
    sources[0].voltage(2.0)
    meta.make_safe()
    assert sources[0].turned_to == 2.0


def test_a_closed_member_is_told_by_its_own_name(meta: Any, sources: list[Source]) -> None:
    alias = meta.add_alias("l", "left.voltage")
    sources[0].close()
    with pytest.raises(ClosedError, match=r"one.voltage: the instrument is closed"):
        alias()


def test_a_meta_instrument_can_be_made_of_meta_instruments(opened: Callable[..., Any], meta: Any) -> None:
    meta.add_group("both", ["left.voltage", "right.voltage"], strategy="meta.parallel")
    meta.add_alias("g", "gate.voltage")
    upper = opened(MetaInstrument, "upper", [meta], strategy="meta.parallel")
    everything = upper.add_group("everything", ["meta.both", "meta.g"])
    everything(((1.0, 2.0), 0.5))
    assert everything() == ((1.0, 2.0), 0.5)


def test_stopping_a_virtual_parameter_stops_its_members(meta: Any, sources: list[Source]) -> None:
    stopped: list[str] = []
    for source in sources[:2]:
        source.voltage.stop_with(partial(stopped.append, source.name))
    meta.add_group("both", ["left.voltage", "right.voltage"]).stop()
    assert stopped == ["one", "two"]


def test_a_snapshot_names_the_members_and_what_each_parameter_is_made_of(meta: Any) -> None:
    meta.add_alias("l", "left.voltage", strategy="meta.transactional")
    meta.add_linear(["x", "y"], of=["left.voltage", "right.voltage"], matrix=[[1, 0], [0.5, 2]])
    meta.l(1.0)
    snapshot = meta.snapshot()
    assert snapshot["members"]["gate"]["name"] == "dac.ch1"
    assert snapshot["members"]["left"]["class"].endswith("Source")
    assert snapshot["virtual"]["l"] == {"kind": "alias", "members": ["one.voltage"], "strategy": "meta.transactional"}
    assert snapshot["virtual"]["y"]["row"] == {"one.voltage": 0.5, "two.voltage": 2.0}
    assert snapshot["parameters"]["l"]["value"] == 1.0
    import json  # noqa: PLC0415 - only here

    assert json.loads(json.dumps(snapshot)) == snapshot
