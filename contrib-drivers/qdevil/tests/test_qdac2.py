"""What the driver of the QDAC-II sends, that its outputs do not jump on a change of range, and its simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import luthier
import pytest
from luthier.errors import IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_qdevil.qdac2 import Qdac2
from luthier_qdevil.simulated.qdac2 import SimulatedQdac2
from luthier_sim import Clock, device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXED, HIGH = ("sour2:volt:mode?", "FIX"), ("sour2:rang?", "HIGH")

# path, value, what is asked before, what is sent, query, reply
SETTINGS: list[tuple[str, object, list[tuple[str, str]], str, str, str]] = [
    (
        "ch2.source_voltage_range",
        2.0,
        [("sour2:volt:last?", "0"), ("sour2:volt?", "0")],
        "sour2:rang LOW",
        "sour2:rang?",
        "low",
    ),
    ("ch2.voltage_mode", "sweep", [], "sour2:volt:mode SWE", "sour2:volt:mode?", "SWEEP"),
    ("ch2.voltage", -9.5, [FIXED, HIGH], "sour2:volt -9.5", "sour2:volt?", "-9.5"),
    ("ch2.slew_rate", 0.5, [], "sour2:volt:slew 0.5", "sour2:volt:slew?", "0.5"),
    ("ch24.low_pass_filter", "medium", [], "sour24:filt MED", "sour24:filt?", "medium"),
    ("ch24.current_range", 200e-9, [], "sens24:rang LOW", "sens24:rang?", "LOW"),
    ("ch24.nplc", 2, [], "sens24:nplc 2", "sens24:nplc?", "2"),
    ("ch24.measurement_delay", 0.25, [], "sens24:del 0.25", "sens24:del?", "0.25"),
]


@pytest.fixture
def qdac() -> Iterator[Qdac2]:
    reset_simulators()
    with luthier.open("qdevil.qdac2", "sim://", name="qdac") as opened:
        yield opened
    reset_simulators()


def device_of(qdac: Qdac2) -> SimulatedQdac2:
    device = device_at(str(qdac.address))
    assert isinstance(device, SimulatedQdac2)
    return device


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row[0])
def test_a_setting_is_sent_and_read_as_the_instrument_does(
    row: tuple[str, object, list[tuple[str, str]], str, str, str],
) -> None:
    path, value, before, command, query, reply = row
    exchanges = [*before, (command, None), (query, reply)]
    with expected_exchanges(Qdac2, exchanges, name="qdac", error_policy="never") as qdac:
        qdac.set(path, value)
        assert qdac.get(path) == value


def test_readings_and_identity_are_read() -> None:
    exchanges = [
        ("read3?", "0.001,0.002"),
        ("sour3:volt:last?", "1.5"),
        ("syst:comm:lan:mac?", '"049162C01016"'),
        ("*IDN?", "QDevil, QDAC-II, A001234, 4-0.9.20"),
    ]
    with expected_exchanges(Qdac2, exchanges, name="qdac") as qdac:
        assert qdac.ch3.measured_current() == 0.002
        assert qdac.ch3.last_voltage() == 1.5
        assert qdac.mac_address() == "049162C01016"
        assert (qdac.idn.model, qdac.idn.firmware) == ("QDAC-II", "4-0.9.20")


def test_a_range_that_there_is_not_is_a_mistake() -> None:
    with (
        expected_exchanges(Qdac2, [("sour1:rang?", "MIDDLE")], name="qdac") as qdac,
        pytest.raises(ReplyError, match="none of LOW, HIGH"),
    ):
        qdac.ch1.source_voltage_range()


def test_the_range_stays_while_the_output_is_not_at_0(qdac: Qdac2) -> None:
    qdac.ch1.voltage(0.5)
    with pytest.raises(IrrelevantParameterError, match=r"might jump.*Bring qdac\.ch1\.voltage to 0"):
        qdac.ch1.source_voltage_range(2.0)
    qdac.ch1.voltage(0)
    qdac.ch1.source_voltage_range(2.0)
    with pytest.raises(ValidationError, match="-2 V to 2 V"):
        qdac.ch1.voltage(2.5)
    assert device_of(qdac).span[2] == "HIGH"


def test_a_fixed_voltage_is_refused_while_something_else_makes_it(qdac: Qdac2) -> None:
    qdac.ch5.voltage_mode("list")
    with pytest.raises(IrrelevantParameterError):
        qdac.ch5.voltage(1.0)


def test_making_safe_stops_generators_and_goes_to_0_without_the_old_value(qdac: Qdac2) -> None:
    device = device_of(qdac)
    qdac.ch1.voltage(1.0)
    qdac.ch7.voltage(3.0)
    device.mode[7], device.ways[7] = "LIST", (device.now, 0.0, 0.0)
    qdac.make_safe()
    assert device.aborted == list(range(1, 25))
    assert device.ways[7][1:] == (0.0, 0.0)
    assert [qdac.ch1.voltage(), qdac.ch7.voltage(), qdac.ch7.voltage_mode()] == [0.0, 0.0, "fixed"]


def test_outputs_of_the_simulator_move_at_their_slew_rate() -> None:
    device = SimulatedQdac2(clock=Clock(speed=0))
    device.respond(b"SOURCE3:VOLTAGE:SLEW 0.5;:sour3:volt 2")
    device.clock.advance(1.0)
    assert device.respond(b"sour3:volt:last?;:read3?") == b"0.5;5E-07\n"
    assert device.respond(b"sour3:volt 11;:syst:err?") == b'-222,"Data out of range"\n'
