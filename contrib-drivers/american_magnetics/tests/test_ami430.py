"""What the driver of the Model 430 sends, and what it makes of the replies."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import (
    InstrumentFaultError,
    InstrumentReportedError,
    IrrelevantParameterError,
    ReplyError,
    ResponseTimeoutError,
    UsageError,
    ValidationError,
)
from luthier.testing.wire import expected_exchanges
from luthier_american_magnetics.ami430 import Ami430
from luthier_american_magnetics.simulated.ami430 import SimulatedAmi430
from luthier_sim import Clock, device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

TESLA = ("FIELD:UNITS?", "1")
KILOGAUSS = ("FIELD:UNITS?", "0")
SECONDS = ("RAMP:RATE:UNITS?", "0")

# path, query and what else is asked, reply, value
READINGS = [
    ("coil_constant", [("COIL?", "0.11826000"), TESLA], 0.11826),
    ("coil_constant", [("COIL?", "1.18260000"), KILOGAUSS], 0.11826),
    ("current_limit", [("CURR:LIM?", "80.000000")], 80.0),
    ("voltage_limit", [("VOLT:LIM?", "2.000000")], 2.0),
    ("ramp_segments", [("RAMP:RATE:SEG?", "1")], 1),
    ("ramp_rate", [("RAMP:RATE:FIELD:1?", "0.01,8.0"), TESLA, SECONDS], 0.6),
    ("ramp_rate", [("RAMP:RATE:FIELD:1?", "1.1,80"), KILOGAUSS, ("RAMP:RATE:UNITS?", "1")], 0.11),
    ("field_setpoint", [("FIELD:TARG?", "5.0000"), KILOGAUSS], 0.5),
    ("field", [("FIELD:MAG?", "-1.2345"), TESLA], -1.2345),
    ("current", [("CURR:MAG?", "5.2320")], 5.232),
    ("supply_current", [("CURR:SUPP?", "5.2310")], 5.231),
    ("magnet_voltage", [("VOLT:MAG?", "0.1")], 0.1),
    ("supply_voltage", [("VOLT:SUPP?", "0.2")], 0.2),
    ("state", [("STATE?", "9")], "heating switch"),
    ("persistent", [("PERS?", "1")], True),
    ("persistent_switch_installed", [("PS:INST?", "0")], False),
    ("quenched", [("QU?", "0")], False),
    ("quench_count", [("QU:COUNT?", "3")], 3),
]


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[Ami430]:
    return expected_exchanges(Ami430, exchanges, name="magnet", **{"error_policy": "never", **options})


@pytest.mark.parametrize(("path", "exchanges", "value"), READINGS)
def test_a_reading_is_in_si_units_whatever_the_front_panel_shows(
    path: str, exchanges: list[Any], value: object
) -> None:
    with opened(exchanges) as magnet:
        assert magnet.get(path) == value


@pytest.mark.parametrize(
    ("units", "sent"), [(TESLA, "CONF:FIELD:TARG 0.5"), (KILOGAUSS, "CONF:FIELD:TARG 5")], ids=["tesla", "kilogauss"]
)
def test_a_setpoint_is_sent_in_the_units_of_the_moment_and_held_to_the_current_limit(
    units: tuple[str, str], sent: str
) -> None:
    steps = [("COIL?", "0.1"), TESLA, ("CURR:LIM?", "40"), units, (sent, None)]
    with opened(steps) as magnet:
        magnet.field_setpoint(0.5)
        with pytest.raises(ValidationError, match="-4 T to 4 T"):
            magnet.field_setpoint(4.001)


def test_a_rate_keeps_the_end_of_its_segment() -> None:
    steps = [("RAMP:RATE:FIELD:1?", "0.01,8.25"), TESLA, SECONDS, ("CONF:RAMP:RATE:FIELD 1,0.005,8.25", None)]
    with opened(steps) as magnet:
        magnet.ramp_rate(0.3)


@pytest.mark.parametrize("reply", ["0.01", "fast,1", "1,2,3"])
def test_a_rate_without_its_end_is_refused(reply: str) -> None:
    with opened([("RAMP:RATE:FIELD:1?", reply)]) as magnet, pytest.raises(ReplyError):
        magnet.ramp_rate()


def test_units_that_do_not_exist_are_refused() -> None:
    with opened([("FIELD:MAG?", "1"), ("FIELD:UNITS?", "2")]) as magnet, pytest.raises(ReplyError, match="0 or 1"):
        magnet.field()


def test_ramping_is_refused_after_a_quench_before_anything_is_sent() -> None:
    with opened([("QU?", "1")]) as magnet, pytest.raises(InstrumentFaultError, match=r"then call clear_quench\(\)"):
        magnet.ramp_to_setpoint()


def test_the_switch_is_not_opened_between_different_currents() -> None:
    steps = [("PS:INST?", "1"), ("CURR:MAG?", "20.0000"), ("CURR:SUPP?", "0.0000")]
    with opened(steps) as magnet, pytest.raises(UsageError, match=r"Ramp the supply to 20 A first"):
        magnet.persistent_switch_heater(True)


def test_the_switch_is_opened_between_equal_currents_and_closed_at_any() -> None:
    steps = [("PS:INST?", "1"), ("CURR:MAG?", "20.0000"), ("CURR:SUPP?", "20.0100"), ("PS 1", None), ("PS 0", None)]
    with opened(steps) as magnet:
        magnet.persistent_switch_heater(True)
        magnet.persistent_switch_heater(False)


def test_a_magnet_without_a_switch_has_no_heater() -> None:
    with opened([("PS:INST?", "0")]) as magnet, pytest.raises(IrrelevantParameterError):
        magnet.persistent_switch_heater()


def test_what_moves_it_is_a_word_and_errors_are_raised() -> None:
    error = [("SYST:ERR?", '-221,"Settings conflict"'), ("SYST:ERR?", '0,"No error"')]
    none = [("SYST:ERR?", '0,"No error"')]
    steps = [("PAUSE", None), *none, ("ZERO", None), *none, ("QU?", "0"), ("RAMP", None), *error]
    with opened(steps, error_policy="after-set") as magnet:
        magnet.hold()
        magnet.make_safe()
        with pytest.raises(InstrumentReportedError, match="'RAMP'"):
            magnet.ramp_to_setpoint()


def test_the_greeting_of_its_socket_is_skipped() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet_and_answer() -> None:
            client, _ = server.accept()
            with client:
                client.sendall(b"American Magnetics Model 430 IP Interface\r\nHello.\r\n")
                while message := client.recv(100):
                    assert message == b"*IDN?\n"
                    client.sendall(b"AMERICAN MAGNETICS INC.,MODEL 430,2.01\r\n")

        thread = threading.Thread(target=greet_and_answer)
        thread.start()
        try:
            address = f"TCPIP0::127.0.0.1::{server.getsockname()[1]}::SOCKET"
            with luthier.open("american_magnetics.ami430", address, name="greeted") as magnet:
                assert magnet.idn.model == "MODEL 430"
        finally:
            thread.join(5)


# With the simulator


@pytest.fixture
def magnet() -> Iterator[Ami430]:
    with luthier.open("american_magnetics.ami430", "sim://", name="magnet") as opened_magnet:
        opened_magnet.ramp_rate(100)
        yield opened_magnet
    reset_simulators()


def simulated(magnet: Ami430) -> SimulatedAmi430:
    device = device_at(str(magnet.address))
    assert isinstance(device, SimulatedAmi430)
    return device


def test_it_ramps_there_and_waits(magnet: Ami430) -> None:
    seen: list[str] = []
    magnet.subscribe_progress(lambda progress: seen.append(progress.text))
    magnet.ramp_to(0.5)
    assert magnet.state() == "holding"
    assert magnet.field() == 0.5
    assert any("of 0.5 T" in text for text in seen)


def test_a_quench_on_the_way_is_raised_and_has_to_be_cleared(magnet: Ami430) -> None:
    magnet.ramp_rate(1)
    device = simulated(magnet)
    magnet.subscribe_progress(lambda _: device.quench())
    with pytest.raises(InstrumentFaultError, match=r"ended as 'quench' at 0 T.*cause of the quench"):
        magnet.ramp_to(1)
    assert (magnet.quenched(), magnet.quench_count(), magnet.state()) == (True, 1, "quench")
    magnet.clear_quench()
    assert magnet.state() == "paused"


def test_a_ramp_that_takes_too_long_goes_on(magnet: Ami430) -> None:
    magnet.ramp_rate(1)
    with pytest.raises(ResponseTimeoutError, match="1 T is not reached after 0 s"):
        magnet.ramp_to(1, timeout=0)
    assert magnet.state() == "ramping"
    magnet.hold()
    assert magnet.state() == "paused"


def test_segments_have_rates_of_their_own_and_the_switch_its_times() -> None:
    device = SimulatedAmi430(clock=Clock(speed=0))

    def ask(message: str) -> str:
        return (device.respond(message.encode()) or b"").decode().removesuffix("\r\n")

    ask("CONF:RAMP:RATE:SEG 2;:CONF:RAMP:RATE:CURR 1,1,10;:CONF:RAMP:RATE:CURR 2,0.5,40;:CONF:CURR:TARG 20;:RAMP")
    device.clock.advance(20)
    assert ask("CURR:MAG?;:STATE?;:RAMP:RATE:CURRENT:2?") == "15.0000;1;0.5,40.000000"
    device.clock.advance(10)
    assert ask("CURRent:SUPPly?;:STATE?") == "20.0000;2"
    ask("PS 0")
    assert ask("STATE?;:PERS?") == "10;0"
    device.clock.advance(21)
    ask("ZERO")
    device.clock.advance(40)
    assert ask("STATE?;:PERS?;:CURR:MAG?;:CURR:SUPP?") == "8;1;20.0000;0.0000"
    ask("PSwitch 1")
    assert ask("QU?;:QU:COUNT?;:RAMP;:SYST:ERR?") == '1;1;-221,"Settings conflict"'


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("CONF:CURR:TARG 41", -222),
        ("CONF:FIELD:UNITS 2", -222),
        ("CONF:RAMP:RATE:FIELD 2,1,1", -222),
        ("RAMP:RATE:FIELD:2?", -222),
        ("FLUX?", -113),
    ],
)
def test_the_simulator_refuses_what_the_instrument_refuses(message: str, code: int) -> None:
    device = SimulatedAmi430(clock=Clock(speed=0))
    assert device.respond(message.encode()) is None
    assert (device.respond(b"SYST:ERR?") or b"").startswith(str(code).encode())
