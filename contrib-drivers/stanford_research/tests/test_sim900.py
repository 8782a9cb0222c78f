"""What the driver of the SIM900 sends to its SIM928, what it makes of the replies, and the simulator."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ReplyError, ResponseTimeoutError, UsageError, ValidationError
from luthier.testing.wire import ScriptedTransport, WireFault
from luthier_sim import device_at, reset_simulators
from luthier_stanford_research.sim900 import Sim900
from luthier_stanford_research.simulated.sim900 import SimulatedSim900

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT, ESCAPE = ('CONN 4,"luth_esc"', None), ("luth_esc", None)


@pytest.fixture
def rack() -> Iterator[Sim900]:
    reset_simulators()
    with luthier.open("stanford_research.sim900", "sim://", name="rack", sources=[1, 4]) as opened:
        yield opened
    reset_simulators()


def device_of(rack: Sim900) -> SimulatedSim900:
    device = device_at(str(rack.address))
    assert isinstance(device, SimulatedSim900)
    return device


@pytest.mark.parametrize(
    ("path", "value", "command", "query", "reply"),
    [
        ("slot4.voltage", -1.234, "VOLT -1.234", "VOLT?", "-1.234\r"),
        ("slot4.output", True, "OPON", "EXON?", "1\r"),
        ("slot4.output", False, "OPOF", "EXON?", "0\r"),
    ],
)
def test_a_setting_goes_to_its_slot_and_is_confirmed(
    path: str, value: object, command: str, query: str, reply: str
) -> None:
    exchanges = [CONNECT, (command, None), ("*ESR?", "0\r"), ESCAPE, CONNECT, (query, reply), ESCAPE]
    with ScriptedTransport(exchanges) as wire, closing(Sim900("rack", transport=wire, sources=[4])) as rack:
        rack.set(path, value)
        assert rack.get(path) == value


def test_the_batteries_are_told_in_words() -> None:
    with (
        ScriptedTransport([CONNECT, ("BATS?", "1,2,0"), ESCAPE, CONNECT, ("BATS?", "4,2"), ESCAPE]) as wire,
        closing(Sim900("rack", transport=wire, sources=[4])) as rack,
    ):
        assert rack["slot4.batteries"].get() == {
            "battery_a": "in use",
            "battery_b": "charging",
            "service_needed": False,
        }
        with pytest.raises(ReplyError, match="no state of batteries"):
            rack["slot4.batteries"].get()


def test_after_a_module_that_does_not_answer_the_mainframe_is_let_go() -> None:
    with (
        ScriptedTransport(
            [CONNECT, ("VOLT?", WireFault.TIMEOUT), ESCAPE, CONNECT, ("VOLT?", "+1.000"), ESCAPE]
        ) as wire,
        closing(Sim900("rack", transport=wire, sources=[4])) as rack,
    ):
        with pytest.raises(ResponseTimeoutError):
            rack["slot4.voltage"].get()
        assert rack["slot4.voltage"].get() == 1


def test_what_a_module_refuses_is_raised_with_its_slot(rack: Sim900) -> None:
    with pytest.raises(InstrumentReportedError, match=r"slot 1 reported after 'VOLT 21'.*out of its range"):
        rack.outputs[0].send("VOLT 21")
    with pytest.raises(ValidationError, match="20 V"):
        rack.outputs[0].voltage(20.001)


def test_modules_are_independent_and_safe_together(rack: Sim900) -> None:
    rack.outputs.voltage.set([1.5, -3.0])
    rack.outputs.output.set(True)
    modules = device_of(rack).modules
    assert [modules[slot].at_terminals() for slot in (1, 2, 4)] == [1.5, 0, -3.0]
    rack.make_safe()
    assert [modules[slot].at_terminals() for slot in (1, 4)] == [0, 0]
    assert rack.outputs.voltage.get() == (1.5, -3.0)


def test_changing_the_voltage_with_the_output_off_leaves_it_off(rack: Sim900) -> None:
    rack.outputs[0].voltage(5)
    assert device_of(rack).modules[1].at_terminals() == 0
    rack.outputs[0].output(True)
    assert device_of(rack).modules[1].at_terminals() == 5


def test_batteries_take_turns_and_a_module_says_who_it_is(rack: Sim900) -> None:
    assert rack.outputs[1].battery_a() == "in use"
    rack.outputs[1].swap_batteries()
    assert rack.outputs[1].battery_a() == "ready"
    assert rack.outputs[1].identify().model == "SIM928"
    assert rack.idn.model == "SIM900"


@pytest.mark.parametrize("sources", [[0], [9], [1, 1]])
def test_slots_that_there_are_not_are_refused_before_anything_is_opened(sources: list[int]) -> None:
    with pytest.raises(UsageError, match="Nothing was opened"):
        luthier.open("stanford_research.sim900", "sim://", name="rack", sources=sources)
