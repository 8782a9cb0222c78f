from __future__ import annotations

from typing import Any

import pytest
from luthier import Instrument, group, parameter
from luthier.errors import DeclarationError, ReplyError, ValidationError, WrongTypeError
from luthier.validators import Numbers


class Supply(Instrument):
    level = group("voltage", "current", get_cmd="APPL?", set_cmd="APPL {voltage},{current}")
    voltage = parameter(float, group="level", unit="V", validator=Numbers(0, 30))
    current = parameter(float, group="level", unit="A", validator=Numbers(0, 3))
    gate = parameter(float, delegate="voltage", unit="mV", scale=0.001, validator=Numbers(0, 1000), label="Gate")
    reading = group("x", "y", get_cmd="READ?", separator=";")
    x = parameter(float, group="reading")
    y = parameter(int, group="reading")


def test_one_message_reads_the_group_and_updates_each_member(opened: Any) -> None:
    supply, wire = opened(Supply, APPL="1.5,0.25")
    assert supply.level() == {"voltage": 1.5, "current": 0.25}
    assert wire.log == ["APPL?"]
    assert supply.voltage.cache.value == 1.5
    assert supply.current.cache.origin == "read"


def test_one_message_sets_the_group_and_updates_each_member(opened: Any) -> None:
    supply, wire = opened(Supply)
    supply.level({"voltage": 2, "current": 0.5})
    assert wire.log == ["APPL 2,0.5"]
    assert supply.voltage.cache.value == 2.0
    assert supply.current.cache.origin == "set"


def test_a_member_is_read_through_its_group(opened: Any) -> None:
    supply, wire = opened(Supply, READ="1.25;7")
    assert supply.y() == 7
    assert supply.x.cache.value == 1.25
    assert wire.log == ["READ?"]


def test_setting_a_member_keeps_the_present_values_of_the_others(opened: Any) -> None:
    supply, wire = opened(Supply, APPL="1.5,0.25")
    supply.current(1.0)
    assert wire.log == ["APPL?", "APPL 1.5,1"]


def test_members_are_checked_before_anything_is_sent(opened: Any) -> None:
    supply, wire = opened(Supply)
    with pytest.raises(ValidationError, match=r"inst\.current: cannot set 5 A"):
        supply.level({"voltage": 1.0, "current": 5.0})
    with pytest.raises(ValidationError, match="exactly voltage, current"):
        supply.level({"voltage": 1.0})
    with pytest.raises(WrongTypeError, match="a dictionary"):
        supply.level(1.0)
    assert wire.log == []


def test_a_reply_with_a_missing_part_is_refused(opened: Any) -> None:
    supply, _ = opened(Supply, APPL="1.5")
    with pytest.raises(ReplyError, match=r"has 1 parts; expected are 2: voltage, current"):
        supply.level()
    assert supply.voltage.cache.value is None


def test_watchers_of_members_hear_of_the_group(opened: Any) -> None:
    supply, _ = opened(Supply, APPL="1.5,0.25")
    heard: list[float] = []
    supply.voltage.subscribe(lambda change: heard.append(change.value))
    supply.level()
    supply.level({"voltage": 2.0, "current": 0.1})
    assert heard == [1.5, 2.0]


def test_a_view_has_its_own_unit_scale_and_limits(opened: Any) -> None:
    supply, wire = opened(Supply, APPL="0,0")
    supply.gate(300)
    assert wire.log[-1] == "APPL 0.3,0"
    assert supply.voltage.cache.value == 0.3
    assert supply.gate() == 300.0
    assert supply.gate.label == "Gate"
    with pytest.raises(ValidationError, match=r"inst\.gate: cannot set 1500 mV"):
        supply.gate(1500)


@pytest.mark.parametrize("options", [{"group": "a", "get_cmd": "X?"}, {"delegate": "a", "set_cmd": "X {}"}])
def test_a_member_or_view_has_no_commands_of_its_own(options: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="leave out get_cmd"):
        parameter(float, **options)


def test_a_group_s_message_has_to_name_each_member() -> None:
    with pytest.raises(DeclarationError, match=r"missing: \['b'\]"):
        group("a", "b", set_cmd="APPL {a}")
    with pytest.raises(DeclarationError, match="different names"):
        group("a", "a", get_cmd="X?")
