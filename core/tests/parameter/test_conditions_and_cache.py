from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument, Parameter, parameter
from luthier.errors import IrrelevantParameterError

if TYPE_CHECKING:
    from luthier.parameter import Change


def _is_cold(instrument: Cryostat) -> bool:
    """the cryostat is cold"""
    return instrument.temperature.get() < 10


class Cryostat(Instrument):
    function = parameter(str, get_cmd="FUNC?", set_cmd="FUNC {}")
    volts = parameter(float, get_cmd="VOLT?", set_cmd="VOLT {}", relevant_when={"function": ("VOLT", "BOTH")})
    temperature = parameter(float, get_cmd="TEMP?")
    field = parameter(float, get_cmd="FIEL?", set_cmd="FIEL {}", relevant_when=_is_cold)
    range = parameter(float, get_cmd="RANG?", set_cmd="RANG {}")
    reading = parameter(float, get_cmd="READ?", depends_on=("range",))
    brief = parameter(float, get_cmd="BRI?", max_age=0.01)


def test_an_irrelevant_parameter_is_neither_read_nor_set_nor_in_snapshots(opened: Any) -> None:
    cryostat, wire = opened(Cryostat, FUNC="CURR", VOLT="1")
    with pytest.raises(IrrelevantParameterError) as caught:
        cryostat.volts()
    assert str(caught.value) == (
        "inst.volts: has a meaning only while function is 'VOLT' or 'BOTH' (now function is 'CURR'). "
        "Nothing was sent to it. Write inst.function('VOLT') first."
    )
    with pytest.raises(IrrelevantParameterError):
        cryostat.volts(1.0)
    with pytest.raises(IrrelevantParameterError):
        cryostat.volts.require_relevant()
    assert wire.log == ["FUNC?"]
    assert "volts" not in cryostat.snapshot()["parameters"]
    cryostat.function("BOTH")
    cryostat.volts.require_relevant()
    assert cryostat.volts() == 1.0
    assert "volts" in cryostat.snapshot()["parameters"]


def test_a_condition_can_be_a_function_whose_docstring_is_the_explanation(opened: Any) -> None:
    cryostat, wire = opened(Cryostat, TEMP="300", FIEL="0")
    with pytest.raises(IrrelevantParameterError, match=r"only while the cryostat is cold. Nothing was sent to it.$"):
        cryostat.field(1.0)
    wire.values["TEMP"] = "4.2"
    cryostat.field(1.0)
    assert wire.values["FIEL"] == "1"


def test_a_reading_ends_with_a_change_of_what_it_depends_on(opened: Any) -> None:
    cryostat, wire = opened(Cryostat, RANG="1", READ="0.5")
    cryostat.reading()
    cryostat.range()
    assert not cryostat.reading.cache.valid  # the range was not known before, so it may have changed
    cryostat.reading()
    cryostat.range()
    assert cryostat.reading.cache.valid
    wire.values["RANG"] = "10"  # by hand
    cryostat.range()
    assert not cryostat.reading.cache.valid
    cryostat.reading()
    cryostat.range(100.0)
    assert not cryostat.reading.cache.valid
    assert cryostat.reading.cache.value == 0.5


def test_a_cache_knows_age_and_time_and_is_trusted_for_its_max_age_only(opened: Any) -> None:
    cryostat, _ = opened(Cryostat, BRI="1")
    assert cryostat.brief.cache.age == float("inf")
    assert "nothing known" in repr(cryostat.brief.cache)
    before = time.time()
    cryostat.brief()
    timestamp = cryostat.brief.cache.timestamp
    assert timestamp is not None
    assert before - 0.01 <= timestamp <= time.time() + 0.01
    deadline = time.monotonic() + 5
    while cryostat.brief.cache.valid and time.monotonic() < deadline:
        pass
    assert not cryostat.brief.cache.valid
    assert cryostat.brief.cache.value == 1.0


def test_what_depends_on_each_other_settles_after_one_reading_each(opened: Any) -> None:
    class Meter(Instrument):
        range = parameter(float, get_cmd="RANG?", set_cmd="RANG {}", depends_on=("auto",))
        auto = parameter(bool, get_cmd="AUTO?", set_cmd="AUTO {}", depends_on=("range",))

    meter, _ = opened(Meter, RANG="10", AUTO="0")
    for _ in range(2):
        meter.range()
        meter.auto()
    assert meter.range.cache.valid
    assert meter.auto.cache.valid
    meter.range(1.0)
    assert not meter.auto.cache.valid
    meter.auto()
    assert meter.range.cache.valid


def test_two_parameters_that_depend_on_each_other_do_not_chase_each_other() -> None:
    class Pair(Instrument):
        a = parameter(float, get_cmd=lambda _: 1.0, set_cmd=lambda _, __: None, depends_on=("b",))
        b = parameter(float, get_cmd=lambda _: 1.0, set_cmd=lambda _, __: None, depends_on=("a",))

    with Pair("pair") as pair:
        pair.a()
        pair.b()
        pair.a(2.0)
        assert not pair.b.cache.valid


def test_subscribers_hear_of_sets_and_reads_with_old_and_new_value() -> None:
    heard: list[Change] = []
    level = Parameter("level", float, get_cmd=lambda: 5.0, set_cmd=lambda _: None)
    with level.subscribe(heard.append):
        level(1.0)
        level()
    level(2.0)
    assert [(change.previous, change.value, change.origin) for change in heard] == [
        (None, 1.0, "set"),
        (1.0, 5.0, "read"),
    ]
    assert heard[0].parameter is level


def test_a_subscriber_that_raises_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[float] = []
    level = Parameter("level", float, set_cmd=lambda _: None)

    def fail(_: Change) -> None:
        raise RuntimeError("broken plot")

    level.subscribe(fail)
    level.subscribe(lambda change: heard.append(change.value))
    level(1.0)
    assert heard == [1.0]
    assert level.cache.valid
    assert "level: a subscriber's callback failed" in caplog.text
    assert "broken plot" in caplog.text


def test_a_cancelled_subscription_is_silent_and_cancels_twice() -> None:
    heard: list[Change] = []
    level = Parameter("level", float, set_cmd=lambda _: None)
    subscription = level.subscribe(heard.append)
    subscription.cancel()
    subscription.cancel()
    level(1.0)
    assert heard == []
