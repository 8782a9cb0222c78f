"""What the driver of the 7651 sends, that its output never jumps, and its simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IrrelevantParameterError, NotGettableError, ReplyError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import device_at, reset_simulators
from luthier_yokogawa.simulated.source7651 import Simulated7651
from luthier_yokogawa.source7651 import Source7651

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

VOLTAGE, CURRENT = ("OD;E", "NDCV+0.00000E+0\r"), ("OD;E", "NDCA+0.00000E+0\r")

# path, value, what is sent to set it, and what is asked before
SETTINGS: list[tuple[str, object, str, list[tuple[str, str]]]] = [
    ("source_function", "current", "F5;E", [("OC;E", "STS1=0")]),
    ("source_voltage_range", 30.0, "R6;E", [VOLTAGE, VOLTAGE]),
    ("source_current_range", 1e-3, "R4;E", [CURRENT, CURRENT]),
    ("voltage_limit", 12.0, "LV12;E", []),
    ("current_limit", 0.12, "LA120;E", []),
    ("voltage", -1.5, "S-1.5;E", [VOLTAGE]),
    ("current", 0.0125, "S0.0125;E", [CURRENT]),
    ("output", True, "O1;E", []),
]


def opened(exchanges: Any) -> AbstractContextManager[Source7651]:
    return expected_exchanges(Source7651, exchanges, name="source")


@pytest.fixture
def source() -> Iterator[Source7651]:
    reset_simulators()
    with luthier.open("yokogawa.7651", "sim://", name="source") as opened_source:
        yield opened_source
    reset_simulators()


def device_of(source: Source7651) -> Simulated7651:
    device = device_at(str(source.address))
    assert isinstance(device, Simulated7651)
    return device


@pytest.mark.parametrize(("path", "value", "command", "before"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_as_the_instrument_takes_it(
    path: str, value: object, command: str, before: list[tuple[str, str]]
) -> None:
    with opened([*before, (command, None)]) as yokogawa:
        yokogawa.set(path, value)


@pytest.mark.parametrize(("status", "on"), [("STS1=16\r", True), ("STS1=0", False), ("STS1=48", True)])
def test_the_output_is_read_from_the_status(status: str, on: bool) -> None:
    with opened([("OC;E", status)]) as yokogawa:
        assert yokogawa.output() is on


def test_the_level_is_read_with_its_function() -> None:
    with opened([CURRENT, ("OD;E", "EDCA-1.2000E-3")]) as yokogawa:
        assert yokogawa.current() == -1.2e-3
    with opened([("OD;E", "+1.0000E+0")]) as yokogawa, pytest.raises(ReplyError, match="header is off, send H1"):
        yokogawa.source_function()


def test_the_range_stays_while_the_output_is_on_and_not_at_0(source: Source7651) -> None:
    source.source_voltage_range(1)
    source.voltage(0.5)
    source.output(True)
    with pytest.raises(IrrelevantParameterError, match=r"might jump.*Bring source\.voltage to 0"):
        source.source_voltage_range(10)
    with pytest.raises(IrrelevantParameterError, match="the output is on"):
        source.source_function("current")
    assert device_of(source).at_terminals() == 0.5
    source.output(False)
    with pytest.raises(ValidationError, match="the range ends at"):
        source.source_voltage_range(0.1)
    source.source_voltage_range(10)
    source.output(True)
    assert device_of(source).at_terminals() == 0.5


def test_levels_are_held_to_the_range_once_it_is_known(source: Source7651) -> None:
    with pytest.raises(ValidationError):
        source.voltage(32.1)
    source.source_voltage_range(0.1)
    source.voltage(-0.12)
    assert source.voltage() == -0.12
    with pytest.raises(ValidationError):
        source.voltage(0.1201)
    source.voltage(0)
    source.source_function("current")
    source.source_current_range(0.01)
    source.current(0.012)
    assert source.current() == 0.012
    with pytest.raises(NotGettableError):
        source.source_current_range()


def test_making_safe_switches_the_output_off_and_leaves_the_level(source: Source7651) -> None:
    source.voltage(1.0)
    source.output(True)
    source.make_safe()
    assert device_of(source).at_terminals() == 0
    assert source.voltage() == 1.0
    assert source.idn.model == "7651"


def test_commands_wait_for_their_trigger() -> None:
    device = Simulated7651()
    assert device.respond(b"S0.5;O1") is None
    assert device.respond(b"OD") == b"NDCV+0.00000E+0\r\n"
    assert device.respond(b"E;OD") == b"NDCV+0.50000E+0\r\n"
    assert device.respond(b"S0.25E;OC;E") == b"STS1=16\r\n"
    assert device.at_terminals() == 0.25
