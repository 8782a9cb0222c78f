"""The IPS120-10 and the ITC503: the letter protocol, what the drivers send, and what they make of replies."""

from __future__ import annotations

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
from luthier_oxford_instruments.ips120 import Ips120
from luthier_oxford_instruments.itc503 import Itc503
from luthier_oxford_instruments.simulated.ips120 import SimulatedIps120
from luthier_oxford_instruments.simulated.itc503 import SimulatedItc503
from luthier_sim import Clock, device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

LIMITS = [("R21", "R-120.00000"), ("R22", "R+120.00000")]
HEATER_BY_HAND = ("X", "X0A2C3S00H1L0")
GAS_BY_HAND = ("X", "X0A1C3S00H1L0")

# path, value, what is asked before, message and reply, question and reply
IPS_SETTINGS = [
    ("control", "remote unlocked", [], ("C3", "C"), ("X", "X00A0C3H1M10P72")),
    ("ramp_rate", 0.25, [], ("T0.25", "T"), ("R9", "R+0.25000")),
    ("current_ramp_rate", 1.5, [], ("S1.5", "S"), ("R6", "R+1.50000")),
    ("field_setpoint", -1.23456, [], ("J-1.23456", "J"), ("R8", "R-1.23456")),
    ("current_setpoint", 12.5, LIMITS, ("I12.5", "I"), ("R5", "R+12.50000")),
]
IPS_READINGS = [
    ("field", "R7", "R+1.00000", 1.0),
    ("current", "R0", "R-0.5", -0.5),
    ("measured_current", "R2", "R+0.1", 0.1),
    ("voltage", "R1", "R+1.67", 1.67),
    ("persistent_field", "R18", "R+4.00000", 4.0),
    ("persistent_current", "R16", "R+40.00000", 40.0),
    ("trip_field", "R19", "R+5", 5.0),
    ("trip_current", "R17", "R+50", 50.0),
    ("voltage_limit", "R15", "R+5", 5.0),
    ("heater_current", "R20", "R+50", 0.05),
    ("lead_resistance", "R23", "R+1.5", 0.0015),
    ("inductance", "R24", "R+10.0", 10.0),
    ("limited_by", "X", "X02A1C3H1M11P72", "negative voltage"),
    ("persistent_switch_installed", "X", "X00A0C3H8M10P72", False),
    ("control", "X", "X00A0C4H8M10P72", "automatic run-down"),
]
STATES = [
    ("X00A0C3H1M10P72", "holding"),
    ("X00A1C3H1M11P72", "ramping"),
    ("X00A1C3H1M10P72", "holding"),
    ("X00A2C3H1M11P72", "zeroing"),
    ("X00A2C3H1M10P72", "at zero"),
    ("X00A4C3H0M10P72", "clamped"),
    ("X10A0C3H1M10P72", "quench"),
    ("X20A0C3H1M10P72", "overheated"),
]
ITC_SETTINGS = [
    ("loop1.setpoint", 77.35, [], ("T77.35", "T"), ("R0", "R+077.350")),
    ("loop1.p", 20.0, [], ("P20", "P"), ("R8", "R+020.0")),
    ("loop1.i", 1.5, [], ("I1.5", "I"), ("R9", "R+1.5")),
    ("loop1.d", 0.0, [], ("D0", "D"), ("R10", "R+0.0")),
    ("loop1.control_input", 3, [], ("H3", "H"), ("X", "X0A0C3S00H3L0")),
    ("loop1.automatic_pid", True, [], ("L1", "L"), ("X", "X0A0C3S00H1L1")),
    ("loop1.automatic_heater", True, [HEATER_BY_HAND], ("A3", "A"), ("X", "X0A3C3S00H1L0")),
    ("loop1.automatic_gas", False, [("X", "X0A3C3S00H1L0")], ("A1", "A"), GAS_BY_HAND),
    ("loop1.manual_output", 12.5, [HEATER_BY_HAND], ("O12.5", "O"), ("R5", "R+12.5")),
    ("loop1.gas_flow", 30.0, [GAS_BY_HAND], ("G30", "G"), ("R7", "R+30.0")),
]
ITC_READINGS = [
    ("input1.temperature", "R1", "R+004.200", 4.2),
    ("input3.temperature", "R3", "R+300.1", 300.1),
    ("loop1.temperature_error", "R4", "R-0.01", -0.01),
    ("loop1.heater_output", "R5", "R+99.9", 99.9),
    ("loop1.heater_voltage", "R6", "R+20", 20.0),
    ("sweeping", "X", "X0A0C3S05H1L0", True),
]


def opened(driver: Any, exchanges: list[Any], **options: object) -> AbstractContextManager[Any]:
    return expected_exchanges(driver, exchanges, name="oxford", **options)


@pytest.mark.parametrize(
    ("driver", "row"),
    [*((Ips120, row) for row in IPS_SETTINGS), *((Itc503, row) for row in ITC_SETTINGS)],
    ids=[row[0] for row in (*IPS_SETTINGS, *ITC_SETTINGS)],
)
def test_a_setting_is_sent_and_read_by_its_letter(driver: Any, row: Any) -> None:
    path, value, before, sent, asked = row
    with opened(driver, [*before, sent, asked]) as instrument:
        instrument.set(path, value)
        assert instrument.get(path) == value


@pytest.mark.parametrize(
    ("driver", "row"),
    [*((Ips120, row) for row in IPS_READINGS), *((Itc503, row) for row in ITC_READINGS)],
    ids=[row[0] for row in (*IPS_READINGS, *ITC_READINGS)],
)
def test_a_variable_is_read_by_its_number(driver: Any, row: Any) -> None:
    path, question, reply, value = row
    with opened(driver, [(question, reply)]) as instrument:
        assert instrument.get(path) == value


@pytest.mark.parametrize(("reply", "state"), STATES)
def test_the_state_is_put_together_from_the_status(reply: str, state: str) -> None:
    with opened(Ips120, [("X", reply)]) as ips:
        assert ips.state() == state


@pytest.mark.parametrize("reply", ["X", "Xab", "", "R+1", "X0A0"])
def test_a_status_that_is_none_is_refused(reply: str) -> None:
    with opened(Ips120, [("X", reply)]) as ips, pytest.raises(ReplyError):
        ips.control()


def test_a_refusal_says_what_to_do() -> None:
    with (
        opened(Ips120, [("J1", "?J1")]) as ips,
        pytest.raises(InstrumentReportedError, match=r"refused 'J1'.*control\(\"remote unlocked\"\) first"),
    ):
        ips.field_setpoint(1)


def test_on_isobus_each_message_has_the_number_of_the_instrument() -> None:
    steps = [("@3R7", "R+1.0"), ("@3C3", "C"), ("@3V", "IPS120-10  Version 3.07  (c) OXFORD 1996")]
    with opened(Ips120, steps, isobus=3) as ips:
        assert ips.field() == 1
        ips.control("remote unlocked")
        identity = ips.identify()
        assert (identity.model, identity.firmware) == ("IPS120-10", "3.07")


@pytest.mark.parametrize("isobus", [-1, 10, "3"])
def test_an_isobus_number_that_does_not_exist_is_refused(isobus: object) -> None:
    with pytest.raises(UsageError, match="isobus="):
        Ips120("oxford", None, isobus=isobus)  # type: ignore[arg-type] # what a user may give


def test_it_does_not_ramp_after_a_quench() -> None:
    with opened(Ips120, [("X", "X10A0C3H1M10P72")]) as ips, pytest.raises(InstrumentFaultError, match="quench"):
        ips.ramp_to_setpoint()


def test_the_switch_is_not_opened_between_different_currents() -> None:
    cold = ("X", "X00A0C3H2M10P72")
    steps = [cold, ("R0", "R+0.0"), ("R16", "R+40.0"), cold]
    with opened(Ips120, steps) as ips, pytest.raises(UsageError, match="Ramp the supply to 40 A first"):
        ips.persistent_switch_heater(True)


def test_a_magnet_without_a_switch_has_no_heater() -> None:
    with opened(Ips120, [("X", "X00A0C3H8M10P72")]) as ips, pytest.raises(IrrelevantParameterError):
        ips.persistent_switch_heater(True)


@pytest.mark.parametrize("control", ["C0", "C3"])
def test_making_safe_ramps_to_zero_also_from_local_control(control: str) -> None:
    status = f"X00A1{control}H1M11P72"
    taking = [("C3", "C")] if control == "C0" else []
    with opened(Ips120, [("X", status), *taking, ("X", status), ("A2", "A")]) as ips:
        ips.make_safe()


def test_making_safe_switches_the_heater_off_and_leaves_the_gas() -> None:
    automatic = ("X", "X0A3C3S00H1L0")
    with opened(Itc503, [automatic, automatic, ("A2", "A"), ("O0", "O")]) as itc:
        itc.make_safe()
        assert itc.loop1.automatic_heater.cache.value is False


@pytest.mark.parametrize(
    ("driver", "path", "value"),
    [
        (Ips120, "field_setpoint", 31.0),
        (Ips120, "ramp_rate", -1.0),
        (Ips120, "control", "remote"),
        (Itc503, "loop1.setpoint", -1.0),
        (Itc503, "loop1.control_input", 4),
        (Itc503, "loop1.i", 141.0),
    ],
)
def test_what_is_not_allowed_is_refused_before_it_is_sent(driver: Any, path: str, value: object) -> None:
    with opened(driver, []) as instrument, pytest.raises(ValidationError, match=f"oxford.{path}"):
        instrument.set(path, value)


# With the simulators


@pytest.fixture
def magnet() -> Iterator[Ips120]:
    with luthier.open("oxford_instruments.ips120", "sim://", name="magnet") as ips:
        ips.control("remote unlocked")
        ips.ramp_rate(100)
        yield ips
    reset_simulators()


def test_it_ramps_there_and_waits(magnet: Ips120) -> None:
    magnet.ramp_to(0.25)
    assert (magnet.field(), magnet.persistent_field(), magnet.state()) == (0.25, 0.25, "holding")
    magnet.zero()
    magnet.hold()
    assert magnet.state() == "holding"


def test_a_ramp_that_takes_too_long_goes_on(magnet: Ips120) -> None:
    magnet.ramp_rate(1)
    with pytest.raises(ResponseTimeoutError, match="1 T is not reached after 0 s"):
        magnet.ramp_to(1, timeout=0)
    assert magnet.state() == "ramping"


def test_a_quench_on_the_way_is_raised(magnet: Ips120) -> None:
    device: Any = device_at(str(magnet.address))
    device.quenches_at = 0.1
    with pytest.raises(InstrumentFaultError, match=r"ended as 'quench'"):
        magnet.ramp_to(1)


def test_both_automatic_is_3_or_4() -> None:
    with opened(Itc503, [("X", "X0A4C3S00H1L0"), ("X", "X0A4C3S00H1L0"), ("A1", "A")]) as itc:
        assert itc.loop1.automatic_gas()
        itc.loop1.automatic_gas(False)


def ask(device: SimulatedIps120 | SimulatedItc503, message: str) -> str:
    return (device.respond(message.encode()) or b"").decode().removesuffix("\r")


def test_the_simulated_supply_refuses_in_local_control_and_keeps_a_field() -> None:
    device = SimulatedIps120(clock=Clock(speed=0))
    assert [ask(device, text) for text in ("J1", "R7", "C3", "J1", "T60", "A1")] == [
        "?J1",
        "R+0.00000",
        "C",
        "J",
        "T",
        "A",
    ]
    device.clock.advance(0.5)
    assert ask(device, "X") == "X00A1C3H1M11P02"
    device.clock.advance(1)
    assert [ask(device, text) for text in ("H0", "A2")] == ["H", "A"]
    device.clock.advance(2)
    assert [ask(device, text) for text in ("X", "R7", "R18", "H1")] == [
        "X00A2C3H2M10P02",
        "R+0.00000",
        "R+1.00000",
        "?H1",
    ]
    assert [ask(device, text) for text in ("H2", "X", "A1", "R19")] == ["H", "X10A0C3H1M10P02", "?A1", "R+1.00000"]


def test_the_simulated_instruments_take_isobus_numbers_and_silence() -> None:
    device = SimulatedIps120(clock=Clock(speed=0))
    assert [ask(device, text) for text in ("@1R7", "@2R7", "$C3", "Q4", "C9", "NONSENSE")] == [
        "R+0.00000",
        "",
        "",
        "",
        "?C9",
        "?NONSENSE",
    ]
    assert device.control == 3


def test_the_simulated_controller_warms_what_it_controls() -> None:
    device = SimulatedItc503(clock=Clock(speed=0))
    assert [ask(device, text) for text in ("T100", "C3", "T100", "H2", "A1", "O5")] == [
        "?T100",
        "C",
        "T",
        "H",
        "A",
        "?O5",
    ]
    device.clock.advance(300)
    assert float(ask(device, "R2")[1:]) == pytest.approx(100, abs=0.1)
    assert float(ask(device, "R5")[1:]) == pytest.approx((100 - 4.2) / 3, abs=0.5)
    assert [ask(device, text) for text in ("A0", "O0", "R5")] == ["A", "O", "R+0.00000"]
    device.clock.advance(600)
    assert float(ask(device, "R2")[1:]) == pytest.approx(4.2, abs=0.1)
