from __future__ import annotations

from enum import Enum, IntFlag
from typing import Any

import pytest
from luthier import Instrument, ManualParameter, Parameter, parameter
from luthier.errors import (
    NotGettableError,
    NotSettableError,
    ReplyError,
    ResponseTimeoutError,
    UsageError,
    ValidationError,
    WrongTypeError,
)
from luthier.testing.wire import WireFault
from luthier.validators import Numbers


class Status(IntFlag):
    READY = 1
    HOT = 2
    BUSY = 4


class Function(Enum):
    VOLTAGE = "VOLT"
    CURRENT = "CURR"


class Smu(Instrument):
    number = 3
    voltage = parameter(float, get_cmd="VOLT?", set_cmd="VOLT {}", unit="V", validator=Numbers(-210, 210))
    output = parameter(bool, get_cmd="OUTP?", set_cmd="OUTP {}")
    count = parameter(int, get_cmd="COUN?", set_cmd="COUN {}")
    function = parameter(Function, get_cmd="FUNC?", set_cmd="FUNC {}")
    text = parameter(str, get_cmd="TEXT?", set_cmd="TEXT {}")
    impedance = parameter(complex, get_cmd="IMP?", set_cmd="IMP {}")
    mode = parameter(str, get_cmd="MODE?", set_cmd="MODE {}", mapping={"slow": "1", "fast": "2"})
    slot = parameter(float, get_cmd="SLOT{number}?", set_cmd="SLOT{number} {}")
    only_set = parameter(float, set_cmd="ONLY {}")
    note = parameter(str)
    status = parameter(Status, get_cmd="STAT?", set_cmd="STAT {}")

    def _set_power(self, watts: float) -> None:
        self.voltage.set(watts / 2)

    @parameter(unit="W", doc="What the load takes.", set_cmd=_set_power)
    def power(self) -> float:
        return self.voltage.get() * 2


def test_a_value_is_sent_read_and_remembered(opened: Any) -> None:
    smu, wire = opened(Smu)
    smu.voltage.set(1.5)
    assert wire.log == ["VOLT 1.5"]
    assert smu.voltage.cache.origin == "set"
    assert smu.voltage.get() == 1.5
    assert smu.voltage.cache.origin == "read"
    assert smu.voltage.cache.raw == "1.5"
    assert smu.voltage.cache.valid


def test_calling_a_parameter_sets_or_reads_it(opened: Any) -> None:
    smu, wire = opened(Smu)
    smu.voltage(2.0)
    assert smu.voltage() == 2.0
    assert wire.log == ["VOLT 2", "VOLT?"]


def test_parameters_are_reached_by_attribute_by_name_and_through_the_instrument(opened: Any) -> None:
    smu, _ = opened(Smu)
    smu.set("voltage", 3.0)
    assert smu.get("voltage") == 3.0
    assert smu["voltage"] is smu.voltage
    assert smu.parameters["voltage"] is smu.voltage


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("output", True, "OUTP 1"),
        ("output", False, "OUTP 0"),
        ("count", 7, "COUN 7"),
        ("function", Function.CURRENT, "FUNC CURR"),
        ("text", "hello", "TEXT hello"),
        ("impedance", 1.5 - 2j, "IMP 1.5,-2"),
        ("mode", "fast", "MODE 2"),
        ("slot", 0.25, "SLOT3 0.25"),
        ("status", Status.READY | Status.BUSY, "STAT 5"),
    ],
)
def test_each_type_is_written_and_read_back(opened: Any, name: str, value: object, sent: str) -> None:
    smu, wire = opened(Smu)
    smu.set(name, value)
    assert wire.log == [sent]
    read = smu.get(name)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(("reply", "value"), [("1", "slow"), ("+2", "fast"), ("2.0", "fast"), (" 1 ", "slow")])
def test_a_mapped_reply_is_recognised_by_its_number(opened: Any, reply: str, value: str) -> None:
    smu, _ = opened(Smu, MODE=reply)
    assert smu.mode.get() == value


def test_an_unknown_reply_to_a_mapped_parameter_says_what_came_and_what_is_known(opened: Any) -> None:
    smu, _ = opened(Smu, MODE="9")
    with pytest.raises(
        ReplyError, match=r"inst\.mode \(dict://\): the reply '9' is none of '1', '2' \(sent was 'MODE\?'\)"
    ):
        smu.mode.get()


def test_a_reply_that_is_no_number_is_an_error_that_names_parameter_and_command(opened: Any) -> None:
    smu, _ = opened(Smu, VOLT="garbage")
    smu.voltage.cache.push(1.0)
    with pytest.raises(ReplyError) as caught:
        smu.voltage.get()
    assert caught.value.command == "VOLT?"
    assert "inst.voltage" in str(caught.value)
    assert "'garbage'" in str(caught.value)
    assert smu.voltage.cache.value == 1.0


def test_an_out_of_range_value_is_refused_before_a_byte_is_sent(opened: Any) -> None:
    smu, wire = opened(Smu)
    smu.voltage(1.5)
    with pytest.raises(ValidationError) as caught:
        smu.voltage(250)
    assert str(caught.value) == (
        "inst.voltage: cannot set 250 V: allowed: -210 V to 210 V. Nothing was sent; the last value set is 1.5 V."
    )
    assert caught.value.value == 250
    assert wire.log == ["VOLT 1.5"]
    assert smu.voltage.cache.valid


@pytest.mark.parametrize("value", [True, "5", None, [1.0], 1j, float("nan"), float("inf")])
def test_what_is_no_finite_number_never_reaches_a_number_s_wire(opened: Any, value: object) -> None:
    smu, wire = opened(Smu)
    for name in ("voltage", "slot"):
        with pytest.raises(ValidationError):
            smu.set(name, value)
    assert wire.log == []


def test_a_wrong_type_is_both_a_type_error_and_a_validation_error(opened: Any) -> None:
    smu, _ = opened(Smu)
    with pytest.raises(TypeError) as caught:
        smu.voltage.set(True)
    assert isinstance(caught.value, WrongTypeError)
    assert "inst.voltage" in str(caught.value)


def test_a_parameter_with_only_a_set_command_is_not_read_but_remembers(opened: Any) -> None:
    smu, wire = opened(Smu)
    smu.only_set(4.0)
    with pytest.raises(NotGettableError, match=r"inst\.only_set: cannot be read.*cache\.value"):
        smu.only_set()
    assert smu.only_set.cache.value == 4.0
    assert not smu.only_set.gettable
    assert smu.only_set.settable
    assert wire.log == ["ONLY 4"]


def test_a_parameter_without_commands_holds_its_value_itself(opened: Any) -> None:
    smu, wire = opened(Smu)
    with pytest.raises(NotGettableError, match="has no value yet"):
        smu.note()
    smu.note("wire-bonded")
    assert smu.note() == "wire-bonded"
    assert smu.note.cache.origin == "set"
    assert wire.log == []


def test_a_decorated_method_reads_and_another_sets(opened: Any) -> None:
    smu, wire = opened(Smu)
    smu.power(3.0)
    assert wire.log == ["VOLT 1.5"]
    assert smu.power() == 3.0
    assert smu.power.type is float
    assert smu.power.unit == "W"


def test_after_a_failed_set_the_cache_is_not_valid(opened: Any) -> None:
    smu, wire = opened(Smu)
    smu.voltage(1.0)
    wire.faults[2] = WireFault.TIMEOUT
    with pytest.raises(ResponseTimeoutError) as caught:
        smu.voltage(2.0)
    assert not smu.voltage.cache.valid
    assert smu.voltage.cache.value == 1.0
    assert any("inst.voltage was set" in note for note in getattr(caught.value, "__notes__", [])) or "inst" in str(
        caught.value,
    )


def test_a_callable_that_raises_leaves_a_note_and_an_invalid_cache() -> None:
    def fail(value: object) -> None:
        raise RuntimeError(f"relay stuck at {value}")

    relay = Parameter("relay", float, set_cmd=fail)
    with pytest.raises(RuntimeError, match="relay stuck") as caught:
        relay(1.0)
    assert caught.value.__notes__ == ["raised while relay was set; its cache is marked as not valid"]
    assert not relay.cache.valid


def test_a_read_only_parameter_refuses_to_be_set() -> None:
    temperature = Parameter("temperature", float, get_cmd=lambda: 4.2)
    with pytest.raises(NotSettableError, match="temperature: cannot be set: it can only be read"):
        temperature(1.0)


def test_a_manual_parameter_starts_from_its_initial_value() -> None:
    power = ManualParameter("power", float, unit="W", initial=0.5)
    assert power() == 0.5
    power(1)
    assert power() == 1.0
    assert type(power()) is float


@pytest.mark.parametrize("option", ["get_cmd", "set_cmd", "group", "delegate"])
def test_a_manual_parameter_takes_no_commands(option: str) -> None:
    with pytest.raises(UsageError, match=option):
        ManualParameter("power", float, **{option: "X"})  # type: ignore[arg-type]  # that is what is tested


def test_a_parameter_alone_has_nowhere_to_send_a_message() -> None:
    lonely = Parameter("lonely", float, get_cmd="X?", set_cmd="X {}")
    with pytest.raises(UsageError, match="belongs to no instrument"):
        lonely()
    with pytest.raises(UsageError, match="belongs to no instrument"):
        lonely(1.0)


def test_a_parameter_is_not_its_value() -> None:
    power = ManualParameter("power", float, initial=1.0)
    with pytest.raises(TypeError, match=r"write power\.get\(\)"):
        bool(power)
    with pytest.raises(TypeError, match=r"power\.get\(\)"):
        list(power)


def test_setting_an_attribute_does_not_replace_a_parameter(opened: Any) -> None:
    smu, wire = opened(Smu)
    with pytest.raises(UsageError, match=r"To set it, call it: inst\.voltage\(1\.0\)"):
        smu.voltage = 1.0
    assert smu.voltage.full_name == "inst.voltage"
    assert wire.log == []


@pytest.mark.parametrize("name", ["", "1st", "a-b", "a b"])
def test_a_parameter_s_name_is_an_identifier(name: str) -> None:
    with pytest.raises(UsageError, match="cannot name a parameter"):
        Parameter(name, float)


def test_a_settle_time_is_waited_before_the_next_exchange() -> None:
    import time  # noqa: PLC0415 - measured, not slept

    settled = Parameter("settled", float, set_cmd=lambda _: None, settle=0.02)
    started = time.monotonic()
    settled(1.0)
    assert time.monotonic() - started >= 0.02


def test_get_parser_and_set_parser_stand_between_number_and_message(opened: Any) -> None:
    class Meter(Instrument):
        level = parameter(
            float,
            get_cmd="L?",
            set_cmd="L {}",
            get_parser=lambda text: float(text.removesuffix("dB")),
            set_parser=lambda level: f"{level:.1f}dB",
        )

    meter, wire = opened(Meter)
    meter.level(3.5)
    assert wire.log == ["L 3.5dB"]
    assert meter.level() == 3.5
