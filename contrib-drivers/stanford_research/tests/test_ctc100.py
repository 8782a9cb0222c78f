"""What the driver of the CTC100 sends and refuses, and what it and its simulator make of it."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ReplyError, UsageError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import Clock, device_at, reset_simulators
from luthier_stanford_research.ctc100 import Ctc100
from luthier_stanford_research.simulated.ctc100 import SimulatedCtc100

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

QUIET = ("System.COM.Verbose?", "Low")
NAMES = ("getOutput.names?", "In 1, In 2, Out 1")
KELVINS = ("getOutput.units?", "K, K, W")

# path, value, exchanges
SETTINGS: list[tuple[str, object, list[Any]]] = [
    ("out1.p", 2.5, [QUIET, ("Out1.PID.P 2.5", None), ("Out1.PID.P?", "2.5")]),
    ("out1.input", "In2", [QUIET, ('Out1.PID.Input "In2"', None), ("Out1.PID.Input?", "In 2")]),
    ("out1.mode", "on", [QUIET, ("Out1.PID.Mode On", None), ("Out1.PID.Mode?", "On")]),
    ("out1.ramp_rate", 6.0, [QUIET, ("Out1.PID.Ramp 0.1", None), ("Out1.PID.Ramp?", "0.1")]),
    ("out2.high_limit", 25.0, [QUIET, ("Out2.HiLmt 25", None), ("Out2.HiLmt?", "25.00")]),
    ("outputs_enabled", True, [QUIET, ("outputEnable on", None), ("outputEnable?", "On")]),
    ("aio1.port_type", "set output", [QUIET, ('AIO1.IOType "Set out"', None), ("AIO1.IOType?", "Set out")]),
]


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[Any]:
    return expected_exchanges(Ctc100, exchanges, name="controller", **{"error_policy": "never", **options})


@pytest.fixture
def controller() -> Iterator[Any]:
    reset_simulators()
    with luthier.open("stanford_research.ctc100", "sim://", name="controller") as instrument:
        yield instrument
    reset_simulators()


@pytest.fixture
def device(controller: Any) -> Any:
    found: Any = device_at(controller.address)
    found.clock = Clock(speed=0)
    return found


@pytest.mark.parametrize(("path", "value", "exchanges"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read(path: str, value: object, exchanges: list[Any]) -> None:
    with opened(exchanges) as controller:
        controller.set(path, value)
        assert controller.get(path) == value


def test_temperatures_are_in_kelvin_whatever_the_display_shows() -> None:
    with opened([("In1.value?", "4.2"), NAMES, KELVINS, ("In2.value?", "nan")]) as controller:
        assert controller.in1.temperature() == 4.2
        assert isnan(controller.in2.temperature()), "and the units are known"
    with opened(
        [("In1.value?", "26.85"), NAMES, ("getOutput.units?", "\xb0C, \xea, W"), ("In2.value?", "100")]
    ) as controller:
        assert controller.in1.temperature() == 300
        with pytest.raises(UsageError, match=r"In2 is in 'ê'.*Set its units to K"):
            controller.in2.temperature()


def test_channels_are_known_by_the_names_that_people_gave_them() -> None:
    steps = [("ColdStage.value?", "4.2"), ("getOutput.names?", "Cold Stage"), ("getOutput.units?", "K")]
    with opened(steps, inputs=["Cold Stage"], outputs=[], analog_ports=[]) as controller:
        assert controller.cold_stage.temperature() == 4.2


def test_a_channel_that_is_not_there_is_told() -> None:
    steps = [("In1.value?", "4.2"), ("getOutput.names?", "Stage"), ("getOutput.units?", "K")]
    with opened(steps) as controller, pytest.raises(UsageError, match=r"no channel In1.*channel_names"):
        controller.in1.temperature()


def test_what_is_answered_with_its_name_is_understood() -> None:
    with opened([("Out1.PID.P?", "Out1.PID.P = 2.5"), ("outputEnable?", "outputEnable = 'Off'")]) as controller:
        assert controller.out1.p() == 2.5
        assert controller.outputs_enabled() is False
    with opened([("outputEnable?", "maybe")]) as controller, pytest.raises(ReplyError, match="outputs_enabled"):
        controller.outputs_enabled()


def test_who_it_is_has_version_and_serial_number_in_their_places(controller: Any) -> None:
    assert (controller.idn.serial, controller.idn.firmware) == ("92980", "3.304")
    assert controller.idn.model.startswith("CTC100")


def test_nothing_is_set_while_commands_are_answered(controller: Any, device: Any) -> None:
    device.verbose = "Medium"
    with pytest.raises(UsageError, match=r"would be answered.*is medium.*controller\.quieten"):
        controller.out1.p(2)
    assert controller.out1.p() == 1, "questions are answered all the same"
    device.enabled = True
    controller.make_safe()
    assert not device.enabled
    controller.quieten()
    controller.out1.p(2)
    assert controller.out1.p() == 2


def test_the_feedback_brings_the_stage_to_the_setpoint_at_its_rate(controller: Any, device: Any) -> None:
    loop = controller.out1
    loop.ramp_rate(60)
    loop.setpoint(34)
    loop.mode("on")
    controller.outputs_enabled(True)
    device.clock.advance(10)
    assert loop.ramp_setpoint() == pytest.approx(10, abs=0.1)
    device.clock.advance(120)
    assert controller.in1.temperature() == pytest.approx(34, abs=0.01)
    assert loop.heater_output() == pytest.approx(100 * 30 / 8 / 50, abs=0.1)
    controller.make_safe()
    device.clock.advance(600)
    assert controller.inputs.temperature.get() == pytest.approx((4, 4, 4, 4), abs=0.01)
    loop.switch_off()
    assert loop.mode() == "off"


def test_a_setpoint_in_kelvin_is_sent_in_the_units_of_the_display(controller: Any, device: Any) -> None:
    device.unit = "\xb0C"
    controller.out1.setpoint(300)
    assert device.outputs["Out1"].setpoint == pytest.approx(300)
    assert controller.out1.setpoint() == pytest.approx(300)


def test_all_channels_are_read_at_once(controller: Any, device: Any) -> None:
    device.temperatures["In3"] = None
    values = controller.all_values()
    assert values["In 1"] == 4
    assert isnan(values["In 3"])
    assert list(values) == controller.channel_names()


def test_what_is_refused_is_raised_before_or_after(controller: Any) -> None:
    controller.out1.high_limit(10)
    with pytest.raises(ValidationError, match="0 to 10"):
        controller.out1.manual_output(11)
    controller.write("Out1.Nonsense 1")
    with pytest.raises(InstrumentReportedError, match="cannot be carried out"):
        controller.check_errors("Out1.Nonsense 1")
    assert controller.errors() == ()


def test_the_simulator_takes_all_ways_of_writing() -> None:
    device = SimulatedCtc100(clock=Clock(speed=0))
    for message in (b"Out1.PID.P 2", b"Out1.PID.P = 2", b'"Out 1.PID.P" "2"', b"(Out 1.PID.P) 2"):
        device.outputs["Out1"].p = 0
        assert device.respond(message) is None
        assert device.respond(b"Out 1.PID.P?") == b"2\r\n"
    assert device.respond(b"Out1.PID.P two") is None
    assert device.respond(b"geterror?") == b"1,out1.pid.p two cannot be carried out\r\n"
    assert device.respond(b"geterror?") == b"0,No error\r\n"
