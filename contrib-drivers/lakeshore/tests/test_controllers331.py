"""What the drivers of the 331 and 332 send, and what they and their simulators make of it."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IdentityError, InstrumentFaultError, IrrelevantParameterError, ValidationError
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_lakeshore.controllers331 import Controller331, Controller332
from luthier_lakeshore.simulated.controllers331 import Simulated331
from luthier_sim import Clock, device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

# path, value, question before it is set (of a group) with its reply, what is sent, query, reply
SETTINGS = [
    ("input_a.sensor_type", "NTC", ("INTYPE? A", "0,0"), "INTYPE A,5,0", "INTYPE? A", "5,0"),
    ("input_b.filter_points", 16, ("FILTER? B", "1,08,10"), "FILTER B,1,16,10", "FILTER? B", "1,16,10"),
    (
        "input_b.alarm_high",
        270.0,
        ("ALARM? B", "1,1,+1000.00,+0.00000,+0.00000,1"),
        "ALARM B,1,1,270,0,0,1",
        "ALARM? B",
        "1,1,+270.000,+0.00000,+0.00000,1",
    ),
    ("loop1.mode", "autotune PID", None, "CMODE 1,4", "CMODE? 1", "4"),
    ("loop1.input", "B", ("CSET? 1", "A,1,0,2"), "CSET 1,B,1,0,2", "CSET? 1", "B,1,0,2"),
    ("loop2.p", 52.25, ("PID? 2", "+0050.0,+0000.0,+000.00"), "PID 2,52.25,0,0", "PID? 2", "+52.25,+0.0,+0.0"),
    ("loop1.manual_output", 22.45, None, "MOUT 1,22.45", "MOUT? 1", "+22.450"),
    ("loop1.ramping", True, ("RAMP? 1", "0,+010.5"), "RAMP 1,1,10.5", "RAMP? 1", "1,+010.5"),
    ("loop1.heater_range", "high", None, "RANGE 3", "RANGE?", "3"),
    (
        "loop1.zone.upper_bound",
        25.0,
        ("ZONE? 1,1", "+0.00000,+10.0000,+20.0000,+0.00000,+0.00000,2"),
        "ZONE 1,1,25,10,20,0,0,2",
        "ZONE? 1,1",
        "+25.0000,+10.0000,+20.0000,+0.00000,+0.00000,2",
    ),
    (
        "analog_output.mode",
        "loop 2",
        ("ANALOG?", "0,0,A,1,+1000.00,+0.00000,+0.00000"),
        "ANALOG 0,3,A,1,1000,0,0",
        "ANALOG?",
        "0,3,A,1,+1000.00,+0.00000,+0.00000",
    ),
]

# path, exchanges, value
READINGS: list[tuple[str, list[tuple[str, str]], object]] = [
    ("input_a.temperature", [("KRDG? A", "+077.350"), ("RDGST? A", "000")], 77.35),
    ("input_b.sensor_value", [("SRDG? B", "+1.02032"), ("RDGST? B", "000")], 1.02032),
    ("input_a.high_alarm_on", [("ALARMST? A", "1,0")], True),
    ("loop1.heater_output", [("HTR?", "+042.5")], 42.5),
    ("loop2.heater_output", [("AOUT?", "+010.0")], 10.0),
    ("loop1.heater_error", [("HTRST?", "1")], "open"),
    ("loop1.ramp_active", [("RAMPST? 1", "1")], True),
    ("loop1.setpoint", [("CSET? 1", "A,1,0,1"), ("SETP? 1", "+4.20000")], 4.2),
]


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[Any]:
    steps = [("*IDN?", "LSCI,MODEL331S,123456,020399"), *exchanges]
    return expected_exchanges(Controller331, steps, name="controller", **{"error_policy": "never", **options})


@pytest.fixture
def controller() -> Iterator[Any]:
    reset_simulators()
    with luthier.open("lakeshore.331", "sim://", name="controller") as instrument:
        yield instrument
    reset_simulators()


@pytest.mark.parametrize(("path", "value", "before", "sent", "query", "reply"), SETTINGS, ids=[r[0] for r in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(  # noqa: PLR0917 - the columns of the table
    path: str, value: object, before: Any, sent: str, query: str, reply: str
) -> None:
    with opened([*([before] if before else []), (sent, None), (query, reply)]) as controller:
        controller.set(path, value)
        assert controller.get(path) == value


@pytest.mark.parametrize(("path", "exchanges", "value"), READINGS, ids=[row[0] for row in READINGS])
def test_a_reading_is_asked_one_query_at_a_time(path: str, exchanges: list[Any], value: object) -> None:
    with opened(exchanges) as controller:
        assert controller.get(path) == value


def test_an_input_without_a_valid_reading_is_not_at_0_kelvin() -> None:
    with opened([("KRDG? A", "+000.000"), ("RDGST? A", "128")]) as controller:
        assert isnan(controller.input_a.temperature())


def test_another_model_is_refused() -> None:
    with (
        pytest.raises(IdentityError, match=r"MODEL331S answers; expected: MODEL332"),
        expected_exchanges(Controller332, [("*IDN?", "LSCI,MODEL331S,123456,020399")], name="controller"),
    ):
        pass


def test_a_setpoint_is_refused_while_the_instrument_would_take_it_in_other_units() -> None:
    with (
        opened([("CSET? 1", "A,2,0,1")]) as controller,
        pytest.raises(IrrelevantParameterError, match="setpoint_units"),
    ):
        controller.loop1.setpoint(4.2)


def test_making_safe_switches_both_outputs_off_even_where_one_does_not_answer() -> None:
    settings = "0,3,A,1,+1000.00,+0.00000,+0.00000"
    steps = [("RANGE 0", WireFault.TIMEOUT), ("ANALOG?", settings), ("ANALOG 0,0,A,1,1000,0,0", None)]
    with opened(steps) as controller, pytest.raises(ExceptionGroup, match="1 of 2 heaters may still be on"):
        controller.make_safe()
    with opened([("RANGE 0", None), ("ANALOG?", settings.replace("3", "1", 1))]) as controller:
        controller.make_safe()  # it follows a reading, and is left alone


@pytest.mark.parametrize(
    ("path", "value"),
    [("loop1.p", 0.0), ("loop1.ramp_rate", 0.0), ("input_a.curve_number", 42), ("input_a.sensor_type", "NTC 75 Ω")],
)
def test_what_the_manual_does_not_allow_is_refused_before_it_is_sent(path: str, value: object) -> None:
    with opened([]) as controller, pytest.raises(ValidationError, match=f"controller.{path}"):
        controller.set(path, value)


def test_the_simulator_answers_one_query_in_a_message_and_knows_no_command_of_its_successors() -> None:
    device = Simulated331(clock=Clock(speed=0))
    assert device.respond(b"*CLS;KRDG? A;RANGE 2;RANGE?") == b"2\r\n"
    assert device.respond(b"OUTMODE 1,1,1,0;*ESR?") == b"032\r\n"
    assert device.respond(b"INTYPE A,8,0;RANGE 4;*ESR?") == b"016\r\n"


def test_both_loops_bring_their_stages_to_their_setpoints(controller: Any) -> None:
    device: Any = device_at(controller.address)
    device.clock = Clock(speed=0)
    controller.loop2.input("B")
    controller.loop1.setpoint(77.35)
    controller.loop2.setpoint(20)
    controller.loop1.heater_range("high")
    controller.analog_output.mode("loop 2")
    device.clock.advance(300)
    assert controller.inputs.temperature.get() == pytest.approx((77.35, 20), abs=0.01)
    assert controller.loop2.heater_output() > 0
    controller.make_safe()
    device.clock.advance(900)
    assert controller.inputs.temperature.get() == pytest.approx((4, 4), abs=0.01)
    with pytest.raises(InstrumentFaultError, match="curve 6 was not taken"):
        controller.input_a.curve_number(6)
