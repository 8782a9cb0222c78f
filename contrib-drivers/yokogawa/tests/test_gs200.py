"""What the driver of the GS200 sends, that its output never jumps, and its simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import device_at, reset_simulators
from luthier_yokogawa.gs200 import Gs200
from luthier_yokogawa.simulated.gs200 import SimulatedGs200

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

VOLTAGE, CURRENT = ("SOUR:FUNC?", "VOLT"), ("SOUR:FUNC?", "CURR")
OFF, ON = ("OUTP?", "0"), ("OUTP?", "1")
MONITOR = ("*OPT?", "/MON")

# path, value, what is sent to set it, query, reply, and what is asked before
Row = tuple[str, object, str, str, str, list[tuple[str, str]]]
SETTINGS: list[Row] = [
    ("source_function", "current", "SOUR:FUNC CURR", "SOUR:FUNC?", "CURR", [OFF]),
    ("current_limit", 0.12, "SOUR:PROT:CURR 0.12", "SOUR:PROT:CURR?", "+120E-3", []),
    ("voltage_limit", 14.0, "SOUR:PROT:VOLT 14", "SOUR:PROT:VOLT?", "+14E+0", []),
    (
        "source_voltage_range",
        0.01,
        "SOUR:RANG 0.01",
        "SOUR:RANG?",
        "+10E-3",
        [VOLTAGE, ("SOUR:RANG?", "+1E+0"), ("SOUR:LEV?", "+0.00000E+0")],
    ),
    ("remote_sense", True, "SENS:REM 1", "SENS:REM?", "1", []),
    ("guard", True, "SENS:GUAR 1", "SENS:GUAR?", "1", []),
    ("output", True, "OUTP 1", "OUTP?", "1", []),
    ("measuring", True, "SENS 1", "SENS?", "1", [MONITOR]),
    ("nplc", 25, "SENS:NPLC 25", "SENS:NPLC?", "25", [MONITOR]),
    ("measure_delay", 0.05, "SENS:DEL 50", "SENS:DEL?", "50", [MONITOR]),
    ("voltage", 0.12345, "SOUR:LEV 0.12345", "SOUR:LEV?", "+123.450E-3", [VOLTAGE, ("SOUR:RANG?", "+1E+0")]),
    ("current", -0.2, "SOUR:LEV -0.2", "SOUR:LEV?", "-200.000E-3", [CURRENT, ("SOUR:RANG?", "+200E-3")]),
]


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Gs200]:
    return expected_exchanges(Gs200, exchanges, name="source", **{"error_policy": "never", **options})


@pytest.fixture
def source() -> Iterator[Gs200]:
    reset_simulators()
    with luthier.open("yokogawa.gs200", "sim://", name="source") as opened_source:
        yield opened_source
    reset_simulators()


def device_of(source: Gs200) -> SimulatedGs200:
    device = device_at(str(source.address))
    assert isinstance(device, SimulatedGs200)
    return device


@pytest.mark.parametrize("row", [row for row in SETTINGS if "range" not in row[0]], ids=lambda row: row[0])
def test_a_setting_is_sent_and_read_as_the_instrument_does(row: Row) -> None:
    path, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as gs200:
        gs200.set(path, value)
        assert gs200.get(path) == value


@pytest.mark.parametrize(("reply", "nominal"), [("+10E-3", 0.01), ("+1E+0", 1.0), ("+30.0E+0", 30.0)])
def test_a_range_is_read_by_its_name(reply: str, nominal: float) -> None:
    with opened([VOLTAGE, ("SOUR:RANG?", reply)]) as gs200:
        assert gs200.source_voltage_range() == nominal


def test_a_range_that_there_is_not_is_a_mistake() -> None:
    with opened([VOLTAGE, ("SOUR:RANG?", "+5E+0")]) as gs200, pytest.raises(ReplyError, match="none of the ranges"):
        gs200.source_voltage_range()


def test_the_range_stays_while_the_output_is_on_and_not_at_0(source: Gs200) -> None:
    source.output(True)
    source.voltage(0.5)
    with pytest.raises(IrrelevantParameterError, match=r"might jump.*Bring source\.voltage to 0"):
        source.source_voltage_range(10)
    assert device_of(source).at_terminals() == (0.5, 0.0005)
    assert source.source_voltage_range() == 1
    source.voltage(0)
    source.source_voltage_range(10)
    source.voltage(11.5)
    assert device_of(source).at_terminals() == (11.5, 0.0115)


def test_with_the_output_off_only_a_range_that_holds_the_level_is_taken(source: Gs200) -> None:
    source.voltage(1.1)
    with pytest.raises(ValidationError, match=r"the level is 1\.1 V, and the range ends at 0\.12 V"):
        source.source_voltage_range(0.1)
    source.source_voltage_range(30)
    assert source.voltage() == 1.1


def test_somebody_who_switched_the_output_on_by_hand_is_noticed(source: Gs200) -> None:
    source.output(False)
    source.voltage(0.5)
    device_of(source).output = True
    with pytest.raises(IrrelevantParameterError, match="might jump"):
        source.source_voltage_range(10)
    with pytest.raises(IrrelevantParameterError, match="the output is on"):
        source.source_function("current")
    assert device_of(source).function == "VOLT"


def test_switching_the_output_leaves_the_level_as_it_is(source: Gs200) -> None:
    source.voltage(0.25)
    source.output(True)
    assert device_of(source).at_terminals()[0] == 0.25
    source.make_safe()
    assert device_of(source).at_terminals() == (0, 0)
    assert source.voltage() == 0.25


@pytest.mark.parametrize(
    ("function", "source_range", "largest"),
    [("voltage", 0.01, 0.012), ("voltage", 30.0, 32.0), ("current", 0.1, 0.12), ("current", 0.2, 0.2)],
)
def test_levels_go_to_the_end_of_the_range_and_no_further(
    source: Gs200, function: str, source_range: float, largest: float
) -> None:
    source.source_function(function)
    source.set(f"source_{function}_range", source_range)
    source.set(function, -largest)
    assert source.get(function) == pytest.approx(-largest)
    with pytest.raises(ValidationError):
        source.set(function, largest * 1.0001)


def test_it_measures_what_it_does_not_source_within_the_limits(source: Gs200) -> None:
    source.source_function("current")
    source.source_current_range(0.1)
    source.voltage_limit(5)
    source.output(True)
    source.measuring(True)
    source.current(0.002)
    assert source.measured_voltage() == 2.0
    source.current(0.02)
    assert source.measured_voltage() == 5.0
    with pytest.raises(IrrelevantParameterError, match="'voltage'"):
        source.measured_current()


def test_without_the_option_there_is_nothing_to_measure(source: Gs200) -> None:
    device_of(source).options = ""
    with pytest.raises(IrrelevantParameterError, match="has_monitor is True"):
        source.measuring(True)


@pytest.mark.parametrize(
    "message", [b":SOURCE:FUNCTION VOLTAGE;RANGE 100E-3;LEVEL:FIXED 50E-3;:SOUR:LEV?", b"SOUR:LEV:AUTO 0.05;:SOUR:LEV?"]
)
def test_every_spelling_of_the_manual_is_understood(message: bytes) -> None:
    assert SimulatedGs200().respond(message) == b"+50.0000E-3\n"
