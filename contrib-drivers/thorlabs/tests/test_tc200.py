"""What the driver of the TC200 sends, what it makes of echoes and prompts, and its simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ReplyError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import device_at
from luthier_thorlabs.simulated.tc200 import SimulatedTc200
from luthier_thorlabs.tc200 import Tc200

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def said(command: str, answer: str = "") -> tuple[str, str]:
    return command, f"{command}\r{answer}\r" if answer else f"{command}\r"


def opened(*exchanges: Any) -> AbstractContextManager[Tc200]:
    return expected_exchanges(Tc200, list(exchanges), name="oven")


@pytest.mark.parametrize(
    ("name", "value", "command", "query", "answer"),
    [
        ("temperature_limit", 180.0, "tmax=180.0", "tmax?", "180.0"),
        ("power_limit", 12.5, "pmax=12.5", "pmax?", "12.5"),
        ("p", 2, "pgain=2", "pid?", "2 0 220"),
        ("i", 0, "igain=0", "pid?", "2 0 220"),
        ("d", 220, "dgain=220", "pid?", "2 0 220"),
    ],
)
def test_a_setting_is_sent_and_read(name: str, value: float, command: str, query: str, answer: str) -> None:
    with opened(said(command), said(query, answer)) as oven:
        oven[name].set(value)
        assert oven[name].get() == value


def test_limits_may_have_their_units_behind_them_as_in_the_manual() -> None:
    with opened(said("tmax?", "200.0 C"), said("pmax?", "15.9 Watts")) as oven:
        assert oven.temperature_limit() == 200
        assert oven.power_limit() == 15.9


def test_a_limit_in_the_unit_of_another_is_an_error() -> None:
    with opened(said("tmax?", "15.9 Watts")) as oven, pytest.raises(ReplyError, match="alone or in C"):
        oven.temperature_limit()


def test_a_setpoint_is_rounded_to_tenths_and_kept_below_the_limit() -> None:
    with opened(said("tmax?", "100.0"), said("tset=45.5"), said("tset?", "45.5 Celsius")) as oven:
        oven.setpoint(45.52)
        assert oven.setpoint() == 45.5
        with pytest.raises(ValidationError):
            oven.setpoint(101)


@pytest.mark.parametrize(("answer", "celsius"), [("30 C", 30), ("303.15 K", 30), ("86.0 F", 30)])
def test_the_temperature_is_in_celsius_whatever_the_display_shows(answer: str, celsius: float) -> None:
    with opened(said("tact?", answer)) as oven:
        assert oven.temperature() == celsius


def test_the_heater_is_switched_by_one_command_and_only_where_it_has_to_be() -> None:
    off, on = ("stat?", "stat?\r10 "), ("stat?", "stat?\r11 ")
    with opened(off, said("ens"), on, on, on, said("ens"), off) as oven:
        oven.output(True)
        oven.output(True)
        oven.make_safe()


def test_with_an_alarm_of_the_sensor_the_heater_is_not_switched_on() -> None:
    with opened(("stat?", "stat?\r50 ")) as oven, pytest.raises(InstrumentReportedError, match="alarm of the sensor"):
        oven.output(True)


def test_a_heater_that_stays_on_is_an_error() -> None:
    on = ("stat?", "stat?\r11 ")
    with opened(on, said("ens"), on) as oven, pytest.raises(InstrumentReportedError, match="The heater is on"):
        oven.make_safe()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("tact?\rCommand error CMD_NOT_DEFINED\n\r", InstrumentReportedError),
        ("tset?\r30 C\r", ReplyError),
        ("tact?\r30\r", ReplyError),
    ],
)
def test_refusals_and_other_replies_are_errors(reply: str, error: type[Exception]) -> None:
    with opened(("tact?", reply)) as oven, pytest.raises(error):
        oven.temperature()


def test_on_the_simulator_it_heats_and_is_made_safe() -> None:
    with luthier.open("thorlabs.tc200", "sim://", name="oven_sim") as oven:
        device = device_at(oven.address)
        assert isinstance(device, SimulatedTc200)
        assert (oven.idn.model, oven.idn.firmware) == ("TC200", "2.0")
        oven.setpoint(60)
        oven.output(True)
        device.letter = "F"
        assert oven.temperature() == 60
        oven.make_safe()
        assert (device.output, oven.temperature()) == (False, 25)
        device.alarm = True
        assert oven.sensor_alarm()


def test_the_simulator_repeats_answers_and_prompts() -> None:
    device = SimulatedTc200()
    assert device.respond(b"tset=201") == b"tset=201\rCommand error CMD_ARG_RANGE_ERR\n\r> "
    assert device.respond(b"TSET?") == b"TSET?\rCommand error CMD_NOT_DEFINED\n\r> "
    assert device.respond(b"stat?") == b"stat?\r10 > "
