"""What the drivers of the ESP controllers send, how moves end, and their simulator."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import (
    InstrumentFaultError,
    InstrumentReportedError,
    RampInterruptedError,
    ReplyError,
    ResponseTimeoutError,
    UsageError,
    ValidationError,
)
from luthier.testing.wire import expected_exchanges
from luthier_newport.displacements import DEGREES, METRES, UNITS
from luthier_newport.esp import Esp300
from luthier_newport.simulated.esp import SimulatedEsp300, Stage
from luthier_sim import device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

FINE = ("TB?", "0, 450322, NO ERROR DETECTED")
MM = ("1SN?", "2")


def opened(exchanges: list[Any], **options: Any) -> AbstractContextManager[Esp300]:
    return expected_exchanges(Esp300, exchanges, name="stages", **{"axes": (1,), **options})


@pytest.fixture
def stages() -> Iterator[tuple[Esp300, SimulatedEsp300]]:
    reset_simulators()
    with luthier.open("newport.esp300", "sim://", name="stages", axes=(1, 2)) as controller:
        device = device_at(str(controller.address))
        assert isinstance(controller, Esp300)
        assert isinstance(device, SimulatedEsp300)
        controller.axes.motor_on(True)
        yield controller, device


def slow(device: SimulatedEsp300) -> None:
    """Let moves take for ever."""
    device.stages[1].settings["VA"] = 1e-6


@pytest.mark.parametrize(
    ("name", "value", "message", "question", "reply"),
    [
        ("velocity", 0.002, "VA2", "VA", "2.00000"),
        ("acceleration", 0.0125, "AC12.5", "AC", "12.5"),
        ("deceleration", 0.1, "AG100", "AG", "100"),
        ("homing_velocity", 1e-6, "OH0.001", "OH", "0.001"),
        ("upper_limit", 0.025, "SR25", "SR", "25.0000"),
        ("lower_limit", -0.025, "SL-25", "SL", "-25.0000"),
    ],
)
def test_settings_are_sent_in_the_unit_of_the_controller(
    name: str, value: float, message: str, question: str, reply: str
) -> None:
    bounds = {"velocity": "VU", "homing_velocity": "VU", "acceleration": "AU", "deceleration": "AU"}
    bound = bounds.get(name, "SL" if name == "upper_limit" else "SR")
    limit = [MM, (f"1{bound}?", "0" if bound in ("SL", "SR") else "400")]
    exchanges = [*limit, MM, (f"1{message}", None), FINE, MM, (f"1{question}?", reply)]
    with opened(exchanges) as controller:
        setting = controller.axes[0].parameters[name]
        setting.set(value)
        assert setting.get() == value


def test_a_move_is_waited_for_and_errors_are_asked_for() -> None:
    limits = [MM, ("1SL?", "-12.5"), MM, ("1SR?", "12.5")]
    move = [MM, ("1PA5", None), FINE, ("1MD?", "0"), ("1MD?", "1"), FINE]
    with opened([*limits, *move, MM, ("1TP?", "5.0001")]) as controller:
        controller.axes[0].position(0.005)
        assert controller.axes[0].position() == 0.0050001
        with pytest.raises(ValidationError, match=r"-0\.0125 m to 0\.0125 m"):
            controller.axes[0].position(5)


@pytest.mark.parametrize(("unit", "metres"), [("2", 0.0254), ("3", 2.54e-5), ("4", 0.64516), ("5", 6.4516e-4)])
def test_positions_are_in_metres_whatever_the_controller_counts_in(unit: str, metres: float) -> None:
    with opened([("1SN?", unit), ("1TP?", "25.4")]) as controller:
        assert controller.axes[0].position() == metres


@pytest.mark.parametrize(("unit", "degrees"), [("7", 90), ("8", 81), ("9", 5156.62015617741), ("10", 5.15662015617741)])
def test_positions_of_what_turns_are_in_degrees(unit: str, degrees: float) -> None:
    with opened([("1SN?", unit), ("1TP?", "90")], rotary=(1,)) as controller:
        assert controller.axes[0].position() == degrees


def test_every_unit_is_a_length_or_an_angle_or_none() -> None:
    assert set(METRES) | set(DEGREES) | {"encoder count", "motor step"} == set(UNITS)
    assert list(UNITS.values()) == [str(number) for number in range(12)]


@pytest.mark.parametrize(
    ("unit", "advice"), [("7", r"rotary=\(1,\)"), ("1", "Give the axis a unit")], ids=["angle", "steps"]
)
def test_what_is_no_length_is_no_position(unit: str, advice: str) -> None:
    with opened([("1SN?", unit)]) as controller, pytest.raises(InstrumentFaultError, match=advice):
        controller.axes[0].position()


def test_functions_send_their_commands() -> None:
    done = [FINE, ("1MD?", "1"), FINE]
    exchanges = [("1OR4", None), *done, MM, ("1PR-0.25", None), *done, MM, ("1DH0", None), FINE, ("1ST", None), FINE]
    with opened(exchanges) as controller:
        axis = controller.axes[0]
        axis.home("negative limit")
        axis.move_by(-0.00025)
        axis.define_position()
        axis.stop()
        with pytest.raises(UsageError, match="'home and index'"):
            axis.home("sweet home")


def test_all_errors_are_raised_with_advice() -> None:
    exchanges = [("1MO", None), ("TB?", "7, 1, PARAMETER OUT OF RANGE"), ("TB?", "113, 2, MOTOR NOT ENABLED"), FINE]
    with opened(exchanges) as controller, pytest.raises(InstrumentReportedError, match=r"motor_on\(True\)") as caught:
        controller.axes[0].motor_on(True)
    assert caught.value.entries == ((7, "PARAMETER OUT OF RANGE"), (113, "MOTOR NOT ENABLED"))


@pytest.mark.parametrize("exchanges", [[("1MO?", "2")], [("1MO?", "on")]])
def test_nonsense_is_a_mistake(exchanges: list[tuple[str, str]]) -> None:
    with opened(exchanges) as controller, pytest.raises(ReplyError, match="0 or 1"):
        controller.axes[0].motor_on()


def test_nonsense_about_errors_is_a_mistake() -> None:
    with opened([("1MF", None), ("TB?", "OK")]) as controller, pytest.raises(ReplyError, match="a number, a time"):
        controller.axes[0].motor_on(False)


@pytest.mark.parametrize("options", [{"axes": (4,)}, {"axes": ()}, {"axes": (1, 1)}, {"axes": (1,), "rotary": (2,)}])
def test_other_axes_are_refused_before_anything_is_opened(options: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(UsageError, match="allowed are"):
        Esp300("stages", "sim://newport.esp300", **options)  # type: ignore[arg-type] # one of several options


def test_the_version_is_the_identity() -> None:
    with opened([("VE?", "ESP300 Version 3.08 09/09/02")]) as controller:
        assert (controller.idn.model, controller.idn.firmware) == ("ESP300", "3.08 09/09/02")


def test_a_motor_that_is_off_moves_nothing(stages: tuple[Esp300, SimulatedEsp300]) -> None:
    controller, _ = stages
    axis = controller.axes[0]
    axis.motor_on(False)
    with pytest.raises(InstrumentReportedError, match="MOTOR NOT ENABLED"):
        axis.position(1e-3)
    assert not axis.position.cache.valid


def test_axes_move_together(stages: tuple[Esp300, SimulatedEsp300]) -> None:
    controller, _ = stages
    for axis in controller.axes:
        axis.start_move(2e-3)
    for axis in controller.axes:
        axis.wait()
    assert controller.axes.position() == (2e-3, 2e-3)


def test_a_limit_switch_on_the_way_is_told(stages: tuple[Esp300, SimulatedEsp300]) -> None:
    controller, device = stages
    device.stages[1].switches = (-5.0, 5.0)
    with pytest.raises(InstrumentReportedError, match="104, POSITIVE HARDWARE LIMIT"):
        controller.axes[0].position(0.01)
    assert controller.axes[0].position() == 0.005


@pytest.mark.parametrize("how", ["stop", "make_safe"])
def test_a_move_is_stopped_from_another_thread(stages: tuple[Esp300, SimulatedEsp300], how: str) -> None:
    controller, device = stages
    axis = controller.axes[0]
    slow(device)
    caught: list[BaseException] = []
    begun = threading.Event()
    axis.moving.subscribe(lambda _: begun.set())

    def move() -> None:
        try:
            axis.position(0.01)
        except RampInterruptedError as error:
            caught.append(error)

    thread = threading.Thread(target=move)
    thread.start()
    assert begun.wait(10)
    (axis.stop if how == "stop" else controller.make_safe)()
    thread.join(10)
    assert [getattr(error, "target", None) for error in caught] == [0.01]
    assert not axis.moving()
    assert device.stages[1].motor_on
    assert 0 <= axis.position() < 1e-6
    axis.velocity(0.1)
    axis.position(1e-3)
    assert axis.position() == 1e-3


def test_ctrl_c_stops_the_move(stages: tuple[Esp300, SimulatedEsp300]) -> None:
    controller, device = stages
    slow(device)

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    subscription = controller.axes[0].moving.subscribe(interrupt)
    with pytest.raises(KeyboardInterrupt):
        controller.axes[0].position(0.01)
    subscription.cancel()
    assert not controller.axes[0].moving()


def test_a_move_that_takes_too_long_goes_on(stages: tuple[Esp300, SimulatedEsp300]) -> None:
    controller, device = stages
    slow(device)
    controller.move_timeout = 0.0
    with pytest.raises(ResponseTimeoutError, match=r"goes on moving.*axis1\.stop\(\)"):
        controller.axes[0].position(0.01)
    assert controller.axes[0].moving()


def test_a_stage_that_turns(stages: tuple[Esp300, SimulatedEsp300]) -> None:
    _, device = stages
    device.stages[3] = Stage("URS75CC, SN2003", 180.0, 2000.0, 7)
    with luthier.open(
        "newport.esp300", "sim://newport.esp300/turning", name="turning", axes=(3,), rotary=(3,)
    ) as other:
        turned = device_at(str(other.address))
        assert isinstance(turned, SimulatedEsp300)
        turned.stages[3] = Stage("URS75CC, SN2003", 180.0, 2000.0, 9)
        other.axes[0].motor_on(True)
        other.axes[0].position(45)
        assert other.axes[0].position() == pytest.approx(45, rel=1e-9)


def test_the_simulator_keeps_errors_and_takes_several_commands() -> None:
    device = SimulatedEsp300()
    assert device.respond(b"1 MO; 1 pa 2; 1PA99; 7TP?; XX") is None
    assert [device.respond(b"TE?") for _ in range(4)] == [b"106\r\n", b"9\r\n", b"37\r\n", b"0\r\n"]
    assert device.respond(b"2SN3;2DH1.5;2TP") == b"1.5\r\n"
    assert device.respond(b"VE?;2MO?") == b"ESP300 Version 3.08 09/09/02\r\n0\r\n"
