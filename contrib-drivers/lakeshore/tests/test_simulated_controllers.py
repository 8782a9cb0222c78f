"""The simulated 335, 336 and 350: what they answer, refuse and do, alone and with the drivers."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentFaultError, InstrumentReportedError
from luthier_lakeshore.simulated.controllers import Simulated335, Simulated336, Simulated350
from luthier_sim import Clock, device_at, reset_simulators, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ask = Callable[[str], str]


@pytest.fixture
def device() -> Simulated336:
    return Simulated336(clock=Clock(speed=0))


@pytest.fixture
def ask(device: Simulated336) -> Ask:
    return lambda message: (device.respond(message.encode()) or b"").decode("latin-1").removesuffix("\r\n")


@pytest.fixture(params=["335", "336", "350"])
def controller(request: pytest.FixtureRequest) -> Iterator[Any]:
    with luthier.open(f"lakeshore.{request.param}", "sim://", name="controller") as opened:
        yield opened
    reset_simulators()


def test_several_commands_stand_in_one_line_in_any_case(ask: Ask) -> None:
    assert ask("mout 1,12.5;:MOUT? 1;krdg? a;*OPC?") == "+12.500;+4.00000;1"


@pytest.mark.parametrize(
    ("message", "bit"),
    [
        ("KELVIN? A", 32),
        ("SETP 1", 32),
        ("MOUT 1,2,3", 32),
        ("*FOO", 32),
        ("KRDG? E", 16),
        ("MOUT 1,101", 16),
        ("RANGE 1,4", 16),
        ("RANGE 3,2", 16),
        ("RANGE 5,0", 16),
        ("SETP 1,warm", 16),
        ("OUTMODE 1,4,1,0", 16),
        ("INTYPE A,1,0,2,0,1", 16),
        ("CRVPT 2,1,0,300", 16),
        ("HTRSET 1,3,1,1,1", 16),
        ("HTR? 3", 16),
    ],
)
def test_what_it_refuses_is_a_bit_of_the_event_status_register(ask: Ask, message: str, bit: int) -> None:
    ask("*CLS")
    assert ask(message) == ""
    assert ask("*ESR?") == f"{bit:03d}"
    assert ask("*ESR?") == "000", "reading clears it"


def test_the_status_byte_sums_up_enabled_events(ask: Ask) -> None:
    ask("*CLS;*ESE 48;NOTHING")
    assert ask("*STB?;*ESE?") == "032;048"


def test_closed_loop_brings_the_stage_to_the_setpoint_and_the_heater_off_lets_it_cool(
    device: Simulated336, ask: Ask
) -> None:
    ask("OUTMODE 1,1,2,0;SETP 1,77.35;RANGE 1,3")
    device.clock.advance(300)
    assert float(ask("KRDG? B")) == pytest.approx(77.35, abs=0.01)
    assert float(ask("HTR? 1")) == pytest.approx(100 * (77.35 - 4) / 400, abs=0.2)
    assert ask("KRDG? 0") == f"+4.00000,{ask('KRDG? B')},+4.00000,+4.00000"
    ask("RANGE 1,0")
    device.clock.advance(600)
    assert float(ask("KRDG? B")) == pytest.approx(4, abs=0.01)


def test_a_low_range_does_not_reach_a_high_setpoint(device: Simulated336, ask: Ask) -> None:
    ask("OUTMODE 1,1,1,0;SETP 1,77.35;RANGE 1,1")
    device.clock.advance(1000)
    assert float(ask("KRDG? A")) == pytest.approx(8, abs=0.01)
    assert ask("HTR? 1") == "+100.0"


def test_open_loop_gives_the_manual_output(device: Simulated336, ask: Ask) -> None:
    ask("OUTMODE 3,3,3,0;MOUT 3,25;RANGE 3,1")
    device.clock.advance(1000)
    assert float(ask("KRDG? C")) == pytest.approx(104, abs=0.1)
    assert ask("AOUT? 3") == "+25.0"


def test_a_setpoint_ramps_at_its_rate(device: Simulated336, ask: Ask) -> None:
    ask("OUTMODE 1,1,1,0;SETP 1,4;RAMP 1,1,30;RANGE 1,3;SETP 1,10")
    device.clock.advance(6)
    assert ask("SETP? 1;RAMPST? 1") == "+7.00000;1"
    device.clock.advance(10)
    assert ask("SETP? 1;RAMPST? 1") == "+10.0000;0"


def test_beyond_a_temperature_limit_all_outputs_go_off(device: Simulated336, ask: Ask) -> None:
    ask("OUTMODE 1,1,1,0;SETP 1,300;RANGE 1,3;RANGE 2,1;TLIMIT A,50")
    device.clock.advance(30)
    assert ask("RANGE? 1;RANGE? 2") == "0;0"


def test_curves_have_to_fit_the_sensor(ask: Ask) -> None:
    assert ask("INCRV A,6;INCRV? A") == "00", "a curve of ohms for a diode"
    assert ask("INCRV A,1;INCRV? A;INTYPE A,2,1,0,1,1;INCRV? A") == "01;00"


def test_settings_and_curves_outlast_a_reset_and_heaters_do_not(ask: Ask) -> None:
    ask("CRVPT 21,1,0.5,300;SETP 2,20;RANGE 2,2;*RST")
    assert ask("CRVPT? 21,1;SETP? 2;RANGE? 2") == "+0.50000,+300.000;+20.0000;0"


def test_alarms_latch_until_they_are_reset(device: Simulated336, ask: Ask) -> None:
    ask("ALARM A,1,50,0,1,1,1,1")
    device.stages["A"].temperature = 60
    assert ask("ALARMST? A") == "1,0"
    device.stages["A"].temperature = 20
    assert ask("ALARMST? A;ALMRST;ALARMST? A") == "1,0;0,0"


@pytest.mark.parametrize(
    ("kind", "outputs", "last_range"), [(Simulated335, 2, 3), (Simulated336, 4, 3), (Simulated350, 4, 5)]
)
def test_models_have_their_outputs_and_ranges(
    kind: type[Simulated335 | Simulated336 | Simulated350], outputs: int, last_range: int
) -> None:
    model = kind(clock=Clock(speed=0))
    model.respond(f"*CLS;RANGE 1,{last_range};RANGE {outputs},1".encode())
    assert model.respond(b"*ESR?") == b"000\r\n"
    model.respond(f"RANGE 1,{last_range + 1};RANGE? {outputs + 1}".encode())
    assert model.respond(b"*ESR?") == b"016\r\n"


def test_with_the_driver_everything_can_be_set_to_what_it_is(controller: Any) -> None:
    snapshot = controller.snapshot(update=True)
    assert "error" not in str(snapshot)
    controller.loop1.setpoint(20)
    controller.loop1.heater_range(list(controller.loop1.ranges)[-1])
    assert set(controller.restore(snapshot)) == {"controller.loop1.setpoint", "controller.loop1.heater_range"}
    assert controller.errors() == ()


def test_with_the_driver_a_disconnected_sensor_says_so(controller: Any) -> None:
    device: Any = device_at(controller.address)
    device.inputs["A"].connected = False
    readings = controller.inputs.temperature.get()
    assert readings[0] != readings[0], "not a number"
    assert readings[1] == 4
    assert controller.input_a.status().name == "SENSOR_OVER_RANGE"


def test_with_the_driver_a_curve_goes_there_and_comes_back(controller: Any) -> None:
    curve = controller.curve
    curve.header(
        {
            "curve_name": "X 12345",
            "serial_number": "12345",
            "format": "log Ω/K",
            "setpoint_limit": 40.0,
            "coefficient": "negative",
        }
    )
    with pytest.raises(InstrumentFaultError, match="does not fit"):
        controller.input_a.curve_number(21)
    curve.write_points([1.5, 2.0, 3.0], [300.0, 77.0, 4.2])
    assert curve.points() == 3
    assert curve.record()["temperatures"].tolist() == [300.0, 77.0, 4.2]
    assert curve.curve_name() == "X 12345", "the header stays when the points are replaced"
    controller.input_a.sensor_type("NTC")
    controller.input_a.curve_number(21)
    assert controller.loop1.setpoint.limits == (0, 40)


def test_with_the_driver_what_is_refused_is_raised(controller: Any) -> None:
    controller.write("NONSENSE")
    with pytest.raises(InstrumentReportedError, match="command error"):
        controller.check_errors("NONSENSE")


def test_any_program_is_answered_over_a_socket() -> None:
    with (
        serve(Simulated336, port=0) as served,
        socket.create_connection(("127.0.0.1", served.port), timeout=5) as client,
    ):
        client.sendall(b"*IDN?\n")
        assert client.recv(100) == b"LSCI,MODEL336,1234567/#######,2.9\r\n"
        client.sendall(b"KRDG? A;SETP? 1\r\n")
        assert client.recv(100) == b"+4.00000;+0.00000\r\n"
