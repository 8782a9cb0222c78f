from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest
from luthier import ManualParameter
from luthier.errors import ConfigurationError, PartialSetError, UnknownNameError, UsageError, ValidationError
from luthier_meta import MetaInstrument

from .conftest import Source, fail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Mode(Enum):
    SLOW = "S"
    FAST = "F"


@pytest.fixture
def mode() -> ManualParameter[Mode]:
    return ManualParameter("mode", Mode, initial=Mode.SLOW)


def build(meta: Any) -> Any:
    meta.add_alias("left", "one.voltage")
    meta.add_linear(["x", "y"], of=["one.voltage", "two.voltage"], matrix=[[1, 1], [1, -1]])
    meta.add_alias("speed", "mode")
    return meta


@pytest.fixture
def meta(opened: Callable[..., Any], sources: list[Source], mode: Any) -> Any:
    return build(opened(MetaInstrument, "meta", [*sources, mode]))


def test_a_preset_keeps_what_the_members_stand_at_and_brings_it_back(
    meta: Any, sources: list[Source], mode: ManualParameter[Mode]
) -> None:
    sources[0].turned_to, sources[1].turned_to = 1.5, -2.0
    kept = meta.save_preset("parked")
    assert kept == {"one.voltage": 1.5, "two.voltage": -2.0, "mode": {"$enum": "SLOW"}}
    meta.x(5.0)
    mode(Mode.FAST)
    done = meta.apply_preset("parked", strategy="meta.transactional")
    assert (sources[0].turned_to, sources[1].turned_to, mode()) == (1.5, -2.0, Mode.SLOW)
    assert [each["standing"] for each in done] == ["set"] * 3
    assert meta.presets == ("parked",)
    assert meta.preset("parked") == kept


def test_a_preset_can_be_written_down(meta: Any, sources: list[Source]) -> None:
    meta.save_preset("start", {"left": 1, "two.voltage": 0.5})
    meta.apply_preset("start")
    assert (sources[0].turned_to, sources[1].turned_to) == (1.0, 0.5)
    with pytest.raises(ValidationError):
        meta.save_preset("start", {"left": 11})
    assert meta.preset("start") == {"left": 1.0, "two.voltage": 0.5}


def test_a_function_is_part_of_a_preset_by_its_own_name(meta: Any) -> None:
    held = [0.0]
    meta.add_virtual("held", float, get=lambda: held[0], set=lambda value: held.__setitem__(0, value))
    meta.add_virtual("only_read", float, get=lambda: 1.0)
    assert meta.save_preset("now")["held"] == 0.0
    held[0] = 3.0
    assert "only_read" not in meta.preset("now")
    meta.apply_preset("now")
    assert held == [0.0]


def test_a_preset_that_fails_half_way_says_where_the_members_stand(meta: Any, sources: list[Source]) -> None:
    meta.save_preset("zero")
    sources[0].turned_to = 1.0
    sources[1].before_each = fail
    with pytest.raises(PartialSetError, match=r"one.voltage was put back to 1 V"):
        meta.apply_preset("zero", strategy="meta.transactional")


def test_presets_can_be_deleted_and_unknown_ones_are_told_with_what_is_near(meta: Any) -> None:
    meta.save_preset("parked")
    with pytest.raises(UnknownNameError, match=r"has no preset 'parket'. Did you mean 'parked'"):
        meta.apply_preset("parket")
    meta.delete_preset("parked")
    assert meta.presets == ()
    with pytest.raises(UnknownNameError):
        meta.delete_preset("parked")


def test_a_preset_without_a_name_or_with_what_json_cannot_hold_is_refused(meta: Any) -> None:
    meta.add_member("thing", ManualParameter("thing", object, initial=None))
    with pytest.raises(UsageError, match="cannot name a preset ' '"):
        meta.save_preset(" ")
    with pytest.raises(UsageError, match="JSON cannot hold the values of thing"):
        meta.save_preset("odd", {"thing": object()})
    assert meta.presets == ()


def test_a_file_keeps_presets_from_one_day_to_the_next(
    opened: Callable[..., Any], sources: list[Source], mode: Any, tmp_path: Path
) -> None:
    file = tmp_path / "presets.json"
    first = build(opened(MetaInstrument, "kept", [*sources, mode], presets_file=file))
    sources[0].turned_to = float("1e-9")
    first.save_preset("über Nacht")
    first.save_preset("other", {"left": 1.0})
    first.delete_preset("other")
    first.close()
    assert json.loads(file.read_text("utf-8"))["über Nacht"]["one.voltage"] == 1e-9
    assert [path.name for path in tmp_path.iterdir()] == ["presets.json"]
    second = build(opened(MetaInstrument, "kept", [*sources, mode], presets_file=str(file)))
    assert second.presets == ("über Nacht",)
    sources[0].turned_to = 1.0
    second.apply_preset("über Nacht")
    assert sources[0].turned_to == 1e-9


@pytest.mark.parametrize(("text", "said"), [("{", "is not JSON"), ("[1]", "is not a dictionary of presets")])
def test_a_file_that_is_not_understood_is_left_alone(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "presets.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said) as caught:
        MetaInstrument("kept", presets_file=file)
    assert caught.value.file == str(file)
    assert file.read_text("utf-8") == text


def test_a_preset_for_members_that_are_gone_sets_nothing(
    opened: Callable[..., Any], sources: list[Source], tmp_path: Path
) -> None:
    file = tmp_path / "presets.json"
    file.write_text('{"old": {"one.voltage": 1.0, "gone.voltage": 2.0}}', encoding="utf-8")
    meta = opened(MetaInstrument, "meta", sources, presets_file=file)
    with pytest.raises(UnknownNameError, match=r"gone\.voltage"):
        meta.apply_preset("old")
    assert sources[0].log == []
