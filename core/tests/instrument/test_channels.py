from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Channel, ChannelList, Instrument, parameter
from luthier.errors import (
    ClosedError,
    NameClashError,
    NotSettableError,
    ResponseTimeoutError,
    UnknownNameError,
    UsageError,
    ValidationError,
)
from luthier.instrument import ChannelVector
from luthier.testing.wire import DictTransport, WireFault
from luthier.validators import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable


class Sense(Channel):
    level = parameter(float, get_cmd="SENS{parent.number}:{kind}?")
    kind = "VOLT"


class Output(Channel):
    voltage = parameter(
        float, get_cmd="VOLT{number}?", set_cmd="VOLT{number} {}", unit="V", validator=Numbers(0, 10), resolution=0.01
    )
    measured = parameter(float, get_cmd="MEAS{number}?", unit="V")

    def __init__(self, parent: Instrument, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number
        self.sense = Sense(self, "sense")

    def make_safe(self) -> None:
        self.voltage(0.0)


class Supply(Instrument):
    total = parameter(float, get_cmd="TOT?", maximum="ch1.voltage")

    def __init__(self, name: str, count: int = 3, **options: Any) -> None:
        super().__init__(name, **options)
        self.outputs = ChannelList(self, "outputs", [Output(self, number + 1) for number in range(count)])


@pytest.fixture
def psu(opened: Callable[..., Any]) -> tuple[Any, DictTransport]:
    made: tuple[Any, DictTransport] = opened(
        Supply, name="psu", VOLT1="1", VOLT2="2", VOLT3="3", **{"SENS2:VOLT": "0.5"}
    )
    return made


def test_channels_are_reached_by_name_path_position_and_slice(psu: Any) -> None:
    inst, _ = psu
    assert inst.ch2 is inst.outputs[1]
    assert inst.outputs["ch2"] is inst.ch2
    assert inst.outputs[-1] is inst.ch3
    assert inst.outputs[np.int64(0)] is inst.ch1
    assert list(inst.outputs[1:]) == [inst.ch2, inst.ch3]
    assert list(inst.outputs[::-1].voltage.get()) == [3.0, 2.0, 1.0]
    assert inst["ch2.voltage"] is inst.ch2.voltage
    assert inst.get("ch2.sense.level") == 0.5
    assert list(inst.channels) == ["ch1", "ch2", "ch3", "outputs"]
    assert len(inst.outputs) == 3
    assert inst.ch2 in inst.outputs
    assert next(reversed(inst.outputs)) is inst.ch3
    assert inst.outputs.index(inst.ch3) == 2


def test_channels_know_whose_they_are(psu: Any) -> None:
    inst, _ = psu
    level = inst.ch2.sense.level
    assert level.full_name == "psu.ch2.sense.level"
    assert level.instrument is inst
    assert inst.ch2.sense.parent is inst.ch2
    assert inst.ch2.sense.root is inst
    assert inst.ch2.monitor is inst.monitor
    assert repr(inst.ch2.sense) == "<Sense psu.ch2.sense>"
    assert repr(inst.outputs) == "<ChannelList psu.outputs: ch1, ch2, ch3>"
    assert repr(inst.outputs[:1].voltage) == "<ChannelVector psu.outputs.voltage of 1>"


def test_names_and_positions_that_do_not_exist_are_answered_with_those_that_do(psu: Any) -> None:
    inst, _ = psu
    with pytest.raises(UnknownNameError, match=r"psu\.outputs: has no channel 'ch4'\. Did you mean 'ch3' or"):
        inst.outputs["ch4"]
    with pytest.raises(IndexError, match=r"psu\.outputs\[3\]: there are 3 channels, from 0 to 2"):
        inst.outputs[3]
    with pytest.raises(UnknownNameError, match=r"psu\.ch1: has no parameter 'voltag'\. Did you mean 'voltage'"):
        inst.outputs.voltag.get()
    with pytest.raises(UnknownNameError, match=r"psu\.ch1: has no parameter.* 'voltag'\. Did you mean 'voltage'"):
        inst.ch1.voltag(1.0)
    with pytest.raises(UnknownNameError, match=r"psu: has no channel 'ch9'"):
        inst["ch9.voltage"]
    with pytest.raises(UnknownNameError, match=r"psu: has no channel 'outputs'"):
        inst["outputs.voltage"]
    with pytest.raises(TypeError):
        inst.outputs[1.5]
    assert not hasattr(inst.outputs, "voltag")
    assert not hasattr(inst.outputs, "_repr_html_")


def test_a_vector_reads_and_sets_all_in_order(psu: Any) -> None:
    inst, wire = psu
    assert isinstance(inst.outputs.voltage, ChannelVector)
    assert inst.outputs.voltage() == (1.0, 2.0, 3.0)
    inst.outputs.voltage(0.5)
    inst.outputs.voltage([1, 2.0, np.float64(3)])
    inst.outputs.voltage(np.array([0.1, 0.2, 0.3]))
    inst.outputs[1:].voltage.set((7, 8))
    assert wire.log[3:] == [
        *("VOLT1 0.5", "VOLT2 0.5", "VOLT3 0.5"),
        *("VOLT1 1", "VOLT2 2", "VOLT3 3"),
        *("VOLT1 0.1", "VOLT2 0.2", "VOLT3 0.3"),
        *("VOLT2 7", "VOLT3 8"),
    ]
    assert inst.ch3.voltage.cache.value == 8.0


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (
            [1.0, 2.0, 11.0],
            ValidationError,
            r"psu\.ch3\.voltage: cannot set 11 V: allowed: 0 V to 10 V\. Nothing was sent",
        ),
        ([1.0, "two", 3.0], ValidationError, r"psu\.ch2\.voltage: "),
        (11.0, ValidationError, r"psu\.ch1\.voltage: cannot set 11 V"),
        ([1.0, 2.0], UsageError, r"psu\.outputs\.voltage: got 2 values for 3 channels\. Nothing was sent"),
        ([], UsageError, r"got 0 values for 3 channels"),
        (np.zeros((2, 3)), UsageError, "got 2 values for 3 channels"),
        (range(3), ValidationError, r"psu\.ch1\.voltage"),
        (None, ValidationError, r"psu\.ch1\.voltage"),
    ],
)
def test_a_vector_checks_every_value_before_the_first_is_sent(
    value: Any, kind: type[Exception], message: str, psu: Any
) -> None:
    inst, wire = psu
    with pytest.raises(kind, match=message):
        inst.outputs.voltage.set(value)
    assert wire.log == []


def test_a_vector_that_cannot_be_set_says_so_at_once(psu: Any) -> None:
    inst, wire = psu
    with pytest.raises(NotSettableError, match=r"psu\.ch1\.measured: cannot be set"):
        inst.outputs.measured(1.0)
    assert wire.log == []


def test_a_vector_that_fails_on_the_way_says_what_was_set(psu: Any) -> None:
    inst, wire = psu
    wire.faults[2] = WireFault.TIMEOUT
    with pytest.raises(ResponseTimeoutError, match=r"^psu\.ch2\.voltage \(dict://psu\): ") as caught:
        inst.outputs.voltage(5.0)
    assert caught.value.__notes__ == ["set before: psu.ch1.voltage; nothing after psu.ch2.voltage"]
    assert wire.log == ["VOLT1 5", "VOLT2 5"]


def test_assigning_to_a_parameter_is_refused_everywhere(psu: Any) -> None:
    inst, wire = psu
    with pytest.raises(UsageError, match=r"To set it, call it: psu\.ch1\.voltage\(5\)"):
        inst.ch1.voltage = 5
    with pytest.raises(UsageError, match=r"To set it, call it: psu\.outputs\.voltage\(5\)"):
        inst.outputs.voltage = 5
    with pytest.raises(UsageError, match=r"To set it, call it: psu\.total\(5\)"):
        inst.total = 5
    assert wire.log == []


def test_an_empty_list_is_a_list(opened: Callable[..., Any]) -> None:
    class Empty(Instrument):
        def __init__(self, name: str, **options: Any) -> None:
            super().__init__(name, **options)
            self.slots = ChannelList[Output](self, "slots", [])

    inst, wire = opened(Empty)
    assert list(inst.slots) == []
    assert inst.slots.voltage() == ()
    inst.slots.voltage(1.0)
    inst.slots.voltage([])
    assert list(inst.slots[1:]) == []
    assert "voltage" not in dir(inst.slots)
    assert not hasattr(inst.slots, "parameters")
    with pytest.raises(IndexError, match="there are 0 channels, none"):
        inst.slots[0]
    with pytest.raises(UsageError, match="got 1 values for 0 channels"):
        inst.slots.voltage([1.0])
    assert inst.snapshot()["parameters"] == {}
    assert wire.log == []


def test_completion_offers_the_parameters_of_the_channels(psu: Any) -> None:
    inst, wire = psu
    assert {"voltage", "measured", "index"} <= set(dir(inst.outputs))
    assert {"ch1", "outputs", "total", "close"} <= set(dir(inst))
    assert {"voltage", "sense", "parent"} <= set(dir(inst.ch1))
    assert len(dir(inst)) == len(set(dir(inst)))
    assert wire.log == []


@pytest.mark.parametrize(
    "name", ["total", "close", "outputs", "ch1", "added", "act", "plain", "not a name", "1", 5, ""]
)
def test_a_channel_s_name_has_to_be_free_and_a_name(name: Any, psu: Any) -> None:
    inst, _ = psu
    inst.add_parameter("added")
    inst.add_function("act", "ACT")
    inst.plain = 1
    before = {key: getattr(inst, key) for key in ("total", "outputs", "ch1", "added", "act", "plain")}
    with pytest.raises(UsageError, match=r"^psu: cannot (add|name)"):
        Channel(inst, name)
    with pytest.raises(UsageError, match=r"^psu: cannot (add|name)"):
        ChannelList(inst, name, [])
    assert {key: getattr(inst, key) for key in before} == before
    assert list(inst.channels) == ["ch1", "ch2", "ch3", "outputs"]
    inst.close()
    assert inst.closed


def test_a_clash_among_channels_is_a_name_clash(psu: Any) -> None:
    inst, _ = psu
    with pytest.raises(NameClashError) as caught:
        Output(inst, 1)
    assert caught.value.name == "ch1"
    with pytest.raises(NameClashError):
        Sense(inst.ch1, "sense")
    with pytest.raises(NameClashError):
        inst.add_parameter("ch1")
    with pytest.raises(NameClashError):
        inst.ch1.add_function("sense", "X")


def test_making_an_instrument_safe_makes_every_channel_safe(psu: Any) -> None:
    inst, wire = psu
    inst.make_safe()
    assert wire.log == ["VOLT1 0", "VOLT2 0", "VOLT3 0"]


def test_channels_and_lists_are_not_copied_apart_from_their_instrument(psu: Any) -> None:
    inst, _ = psu
    for thing in (inst.ch1, inst.outputs, inst.ch1.sense):
        with pytest.raises(UsageError, match="cannot copy or pickle"):
            copy.deepcopy(thing)


def test_channels_of_a_closed_instrument_are_closed(psu: Any) -> None:
    inst, _ = psu
    inst.outputs.voltage()
    inst.close()
    assert inst.ch1.closed
    assert inst.ch1.sense.closed
    for call in (
        inst.outputs.voltage.get,
        inst.ch1.voltage.get,
        inst.ch2.sense.level.get,
        lambda: inst.outputs.voltage(1),
    ):
        with pytest.raises(ClosedError):
            call()
    assert inst.ch2.voltage.cache.value == 2.0
