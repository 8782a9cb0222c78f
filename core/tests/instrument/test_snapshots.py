from __future__ import annotations

import enum
import json
import logging
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Asked, Channel, ChannelList, Instrument, group, parameter
from luthier.errors import ResponseTimeoutError, UsageError, ValidationError
from luthier.scpi import ArrayFormat
from luthier.testing.replying import WireFault
from luthier.validators import Anything, Numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.testing.dict_transport import DictTransport


class Mode(enum.Enum):
    FAST = "FAS"
    SLOW = "SLO"


class Speed(enum.StrEnum):
    HIGH = "HI"
    LOW = "LO"


class Status(enum.IntFlag):
    READY = 1
    BUSY = 2


class Output(Channel):
    level = parameter(float, get_cmd="LEV{number}?", set_cmd="LEV{number} {}", unit="V", validator=Numbers(0, 10))

    def __init__(self, parent: Instrument, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number


def _is_asked(_: Instrument) -> bool:
    raise RuntimeError("the condition cannot be told")


class Source(Instrument):
    range = parameter(float, get_cmd="RANG?", set_cmd="RANG {}", unit="V")
    level = parameter(float, get_cmd="LEV?", set_cmd="LEV {}", unit="V", validator=Numbers(-10, 10), maximum="range")
    current = parameter(float, get_cmd="CURR?", set_cmd="CURR {}", unit="A", maximum=Asked("CURR? MAX"))
    mode = parameter(Mode, get_cmd="MODE?", set_cmd="MODE {}")
    speed = parameter(Speed, get_cmd="SPE?", set_cmd="SPE {}")
    status = parameter(int, get_cmd="STAT?", get_parser=lambda text: Status(int(text)))
    ratio = parameter(complex, get_cmd="RAT?", set_cmd="RAT {}")
    noise = parameter(float, get_cmd="NOI?")
    shape = parameter(np.ndarray, get_cmd="SHAP?", set_cmd="SHAP {}", array=ArrayFormat())
    trace = parameter(np.ndarray, get_cmd=lambda _: np.zeros(2000))
    written = parameter(int, set_cmd="WRI {}")
    anything = parameter(object)
    secret = parameter(str, initial="x", snapshot=False)
    fine = parameter(float, get_cmd="FINE?", set_cmd="FINE {}", relevant_when={"speed": Speed.LOW})
    doubtful = parameter(float, get_cmd="DOU?", relevant_when=_is_asked)
    pair = group("a", "b", get_cmd="PAIR?", set_cmd="PAIR {a},{b}")
    a = parameter(float, group="pair")
    b = parameter(float, group="pair")

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self.outputs = ChannelList(self, "outputs", [Output(self, number) for number in (1, 2)])


KNOWN = {
    "RANG": "10",
    "LEV": "1",
    "CURR": "0.1",
    "CURR? MAX": "1",
    "MODE": "FAS",
    "SPE": "HI",
    "STAT": "3",
    "RAT": "1,-2",
    "NOI": "9.91E37",
    "SHAP": "1,2.5,3",
    "FINE": "0",
    "DOU": "1",
    "PAIR": "1,2",
    "LEV1": "0.1",
    "LEV2": "0.2",
}


def strict(data: Any) -> Any:
    """Take data through a file of strict JSON."""
    return json.loads(json.dumps(data, allow_nan=False))


@pytest.fixture
def source(opened: Callable[..., Any]) -> tuple[Any, DictTransport]:
    made: tuple[Any, DictTransport] = opened(Source, **KNOWN)
    return made


def test_a_snapshot_is_strict_json_for_every_type_of_value(source: Any) -> None:
    inst, _ = source
    inst.metadata.update(sample="A7", when=object(), angle=float("inf"), pairs={1: 2})
    inst.anything({1, 2})
    recorded = strict(inst.snapshot(update=True))
    values = {name: entry["value"] for name, entry in recorded["parameters"].items()}
    assert recorded["name"] == "inst"
    assert recorded["class"].endswith(".Source")
    assert recorded["address"] == "dict://inst"
    assert recorded["metadata"]["sample"] == "A7"
    assert recorded["metadata"]["angle"] == {"$float": "inf"}
    assert values["mode"] == {"$enum": "FAST"}
    assert values["speed"] == {"$enum": "HIGH"}
    assert values["status"] == {"$enum": ["READY", "BUSY"]}
    assert values["ratio"] == {"$complex": [1.0, -2.0]}
    assert values["noise"] == {"$float": "nan"}
    assert values["shape"] == {"$array": {"dtype": "float64", "shape": [3], "values": [1.0, 2.5, 3.0]}}
    assert values["trace"] == {"$array": {"dtype": "float64", "shape": [2000]}}
    assert values["written"] is None
    assert "$repr" in values["anything"]
    assert "secret" not in values
    assert "pair" not in values
    assert values["a"] == 1.0
    assert recorded["channels"]["ch2"]["parameters"]["level"]["value"] == 0.2
    entry = recorded["parameters"]["level"]
    assert (entry["unit"], entry["label"], entry["origin"], entry["valid"]) == ("V", "Level", "read", True)


def test_a_snapshot_sends_nothing_unless_asked(source: Any) -> None:
    inst, wire = source
    inst.level()
    recorded = strict(inst.snapshot())
    assert wire.log == ["LEV?"]
    assert recorded["parameters"]["level"]["value"] == 1.0
    assert recorded["parameters"]["range"]["value"] is None
    assert recorded["parameters"]["range"]["timestamp"] is None


def test_a_snapshot_of_what_is_known_waits_for_nobody(source: Any, gate: Any) -> None:
    inst, _ = source
    inst.level()

    def hold() -> None:
        with inst.lock():
            gate.pass_through()

    holder = threading.Thread(target=hold)
    holder.start()
    assert gate.reached.wait(10)
    assert inst.snapshot()["parameters"]["level"]["value"] == 1.0
    assert "1.0" in str(inst)
    gate.opened.set()
    holder.join(10)


def test_a_reading_that_fails_does_not_cost_the_snapshot(source: Any) -> None:
    inst, wire = source
    inst.level()
    wire.values["LEV"] = "garbage"
    del wire.values["CURR"], wire.values["LEV1"]
    recorded = strict(inst.snapshot(update=True))
    assert recorded["parameters"]["level"]["value"] == 1.0
    assert "garbage" in recorded["parameters"]["level"]["error"]
    assert "no answer to 'CURR?'" in recorded["parameters"]["current"]["error"]
    assert "condition cannot be told" in recorded["parameters"]["doubtful"]["error"]
    assert "no answer to 'LEV1?'" in recorded["channels"]["ch1"]["parameters"]["level"]["error"]
    assert recorded["channels"]["ch2"]["parameters"]["level"]["value"] == 0.2


def test_a_snapshot_of_a_lost_connection_says_so_of_each_parameter(source: Any) -> None:
    inst, wire = source
    wire.faults[1] = WireFault.LOST
    recorded = strict(inst.snapshot(update=True))
    assert "the connection broke" in recorded["parameters"]["range"]["error"]
    assert "closed" in recorded["parameters"]["level"]["error"]


def test_restoring_sets_what_differs_and_nothing_else(source: Any) -> None:
    inst, wire = source
    inst.written(5)
    recorded = strict(inst.snapshot(update=True))
    wire.values.update(LEV="2", MODE="SLO", RAT="0,0", SHAP="9,9", PAIR="1,3", LEV2="7")
    wire.log.clear()
    done = inst.restore(recorded)
    assert done == ("inst.level", "inst.mode", "inst.ratio", "inst.shape", "inst.b", "inst.ch2.level")
    sent = [message for message in wire.log if "?" not in message]
    assert sent == ["LEV 1", "MODE FAS", "RAT 1,-2", "SHAP 1,2.5,3", "PAIR 1,2", "LEV2 0.2"]
    assert inst.mode() is Mode.FAST
    assert inst.restore(recorded) == ()


def test_a_parameter_that_cannot_be_read_is_restored_where_its_value_is_not_known(source: Any) -> None:
    inst, wire = source
    inst.written(5)
    recorded = strict(inst.snapshot())
    inst.written(6)
    assert inst.restore(recorded) == ("inst.written",)
    inst.written.cache.invalidate()
    assert inst.restore(recorded) == ("inst.written",)
    assert inst.restore(recorded) == ()
    assert wire.values["WRI"] == "5"


def test_a_text_enum_is_restored_as_its_member(source: Any) -> None:
    inst, wire = source
    inst.speed(Speed.LOW)
    recorded = strict(inst.snapshot())
    inst.speed(Speed.HIGH)
    assert inst.restore(recorded) == ("inst.speed",)
    assert wire.values["SPE"] == "LO"
    assert inst.speed() is Speed.LOW


def test_limits_that_others_change_are_those_at_the_time_of_each_set(source: Any) -> None:
    inst, wire = source
    inst.range(10.0)
    inst.level(5.0)
    recorded = strict(inst.snapshot())
    wire.values.update(RANG="1", LEV="0")
    inst.range()
    assert inst.restore(recorded) == ("inst.range", "inst.level")
    recorded["parameters"]["range"]["value"] = 2.0
    wire.values.update(LEV="0")
    with pytest.raises(ValidationError, match=r"inst\.level: cannot set 5 V") as caught:
        inst.restore(recorded)
    assert caught.value.__notes__ == ["restored before: inst.range; nothing after inst.level"]


def test_everything_is_checked_before_anything_is_sent(source: Any) -> None:
    inst, wire = source
    recorded = strict(inst.snapshot(update=True))
    wire.values["RANG"] = "1"
    recorded["channels"]["ch2"]["parameters"]["level"]["value"] = 11
    wire.log.clear()
    with pytest.raises(ValidationError, match=r"inst\.ch2\.level: cannot set 11 V"):
        inst.restore(recorded)
    recorded["channels"]["ch2"]["parameters"]["level"]["value"] = "1 and a half"
    with pytest.raises(ValidationError, match=r"inst\.ch2\.level"):
        inst.restore(recorded)
    recorded["parameters"]["mode"]["value"] = {"$enum": "MEDIUM"}
    with pytest.raises(ValidationError, match=r"inst\.mode: .*MEDIUM"):
        inst.restore(recorded)
    recorded["parameters"]["mode"]["value"] = {"$enum": "FAST"}
    inst.outputs[1].level.narrow(maximum=5)
    recorded["channels"]["ch2"]["parameters"]["level"]["value"] = 6
    with pytest.raises(ValidationError, match=r"inst\.ch2\.level: cannot set 6 V"):
        inst.restore(recorded)
    assert [message for message in wire.log if "?" not in message] == []


def test_what_means_nothing_at_present_is_left_out(source: Any) -> None:
    inst, wire = source
    inst.speed(Speed.LOW)
    inst.fine(0.5)
    recorded = strict(inst.snapshot())
    wire.values["FINE"] = "0"
    recorded["parameters"]["speed"]["value"] = {"$enum": "HIGH"}
    assert inst.restore(recorded) == ("inst.speed",)
    assert wire.values["FINE"] == "0"
    recorded["parameters"]["speed"]["value"] = {"$enum": "LOW"}
    assert inst.restore(recorded) == ("inst.speed", "inst.fine")
    assert wire.values["FINE"] == "0.5"


def test_what_is_not_known_for_certain_or_as_a_whole_is_left_out_with_a_warning(
    source: Any, caplog: pytest.LogCaptureFixture
) -> None:
    inst, wire = source
    inst.level(3.0)
    inst.anything({1, 2})
    inst.shape(np.zeros(1500))
    inst.level.cache.invalidate()
    recorded = strict(inst.snapshot())
    wire.values["LEV"] = "1"
    with caplog.at_level(logging.WARNING, "luthier.instrument"):
        assert inst.restore(recorded) == ()
    assert "inst.level: not restored, as its value was not known for certain" in caplog.text
    assert "inst.anything: not restored, as its value is not in the snapshot as a whole" in caplog.text
    assert "inst.shape: not restored" in caplog.text


def test_names_that_the_instrument_does_not_have_are_warned_of(source: Any, caplog: pytest.LogCaptureFixture) -> None:
    inst, _ = source
    recorded = {"parameters": {"lavel": {"value": 3.0}}, "channels": {"ch9": {"parameters": {}}}}
    assert inst.restore(recorded) == ()
    assert "inst: not restored, as it has none of these parameters: lavel" in caplog.text
    assert "none of these channels: ch9" in caplog.text


class Meter(Instrument):
    level = parameter(float, get_cmd="LEV?", set_cmd="LEV {}")


def test_the_snapshot_of_another_class_is_refused(source: Any, opened: Callable[..., Any]) -> None:
    inst, _ = source
    meter, wire = opened(Meter, name="meter", LEV="1")
    with pytest.raises(
        UsageError, match=r"meter: cannot restore: this is the snapshot of 'inst', an instrument of anot"
    ):
        meter.restore(inst.snapshot())
    assert wire.log == []


def test_the_snapshot_of_another_instrument_of_the_class_is_welcome(opened: Callable[..., Any]) -> None:
    one, _ = opened(Meter, name="one", LEV="1")
    other, wire = opened(Meter, name="other", LEV="2")
    assert other.restore(strict(one.snapshot(update=True))) == ("other.level",)
    assert wire.values["LEV"] == "1"


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        5,
        "snapshot.json",
        [],
        {},
        {"parameters": None},
        {"parameters": []},
        {"parameters": {"level": 5.0}},
        {"parameters": {"level": None}},
        {"parameters": {}, "channels": []},
        {"parameters": {}, "channels": {"ch1": 5}},
        {"parameters": {}, "channels": {"ch1": {"parameters": 5}}},
        {"parameters": {"level": {"value": {"$float": "x"}}}},
        {"parameters": {"level": {"value": {"$float": "nan"}}}},
        {"parameters": {"level": {"value": [1]}}},
        {"parameters": {"ratio": {"value": {"$complex": 5}}}},
        {"class": 5, "parameters": {}},
    ],
    ids=repr,
)
def test_what_is_no_snapshot_is_refused_before_anything_is_sent(garbage: Any, source: Any) -> None:
    inst, wire = source
    with pytest.raises(UsageError, match=r"^inst.*Nothing was sent") as caught:
        inst.restore(garbage)
    assert wire.log == []
    assert "inst" in str(caught.value)


def test_a_failure_on_the_way_says_what_was_restored_before(source: Any) -> None:
    inst, wire = source
    recorded = strict(inst.snapshot(update=True))
    wire.values.update(RANG="1", LEV="2", MODE="SLO")
    wire.log.clear()
    wire.faults[4] = WireFault.TIMEOUT
    with pytest.raises(ResponseTimeoutError) as caught:
        inst.restore(recorded)
    assert wire.log == ["RANG?", "RANG 10", "LEV?", "LEV 1"]
    assert str(caught.value).startswith("inst.level (dict://inst): no answer to 'LEV 1'")
    assert caught.value.__notes__ == ["restored before: inst.range; nothing after inst.level"]


class Strange:
    def __init__(self) -> None:
        self.inside = [1.0]

    def __repr__(self) -> str:
        raise ValueError("cannot be printed")


def test_a_value_that_cannot_be_printed_does_not_cost_the_snapshot() -> None:
    class Holder(Instrument):
        value = parameter(object, validator=Anything())

    with Holder("holder") as holder:
        holder.value(Strange())
        assert "Strange" in strict(holder.snapshot())["parameters"]["value"]["value"]["$repr"]
