"""What the driver of the GS610 sends, that its output never jumps, and its simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IrrelevantParameterError, ReplyError, UsageError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import Bench, device_at, duts, reset_simulators
from luthier_yokogawa.gs610 import Gs610
from luthier_yokogawa.simulated.gs610 import SimulatedGs610

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

VOLTAGE, CURRENT = ("SOUR:FUNC?", "VOLT"), ("SOUR:FUNC?", "CURR")
OFF, ON, ZERO = ("OUTP?", "0"), ("OUTP?", "1"), ("OUTP?", "ZERO")


def ends(question: str, low: str, high: str) -> list[tuple[str, str]]:
    return [(f"{question}? MIN", low), (f"{question}? MAX", high)]


# path, value, what is sent to set it, query, reply, and what is asked before
Row = tuple[str, object, str, str, str, list[tuple[str, str]]]
SETTINGS: list[Row] = [
    ("source_function", "current", "SOUR:FUNC CURR", "SOUR:FUNC?", "CURR", [OFF]),
    ("source_shape", "pulse", "SOUR:SHAP PULS", "SOUR:SHAP?", "PULS", [OFF]),
    ("source_mode", "sweep", "SOUR:MODE SWE", "SOUR:MODE?", "SWE", [OFF]),
    ("source_auto_range", False, "SOUR:VOLT:RANG:AUTO 0", "SOUR:VOLT:RANG:AUTO?", "0", [OFF, VOLTAGE]),
    (
        "source_voltage_range",
        12.0,
        "SOUR:VOLT:RANG 12",
        "SOUR:VOLT:RANG?",
        "+1.200000E+01",
        [VOLTAGE, ("SOUR:VOLT:RANG?", "2"), ("SOUR:VOLT:LEV?", "0")],
    ),
    (
        "source_current_range",
        2e-5,
        "SOUR:CURR:RANG 2E-05",
        "SOUR:CURR:RANG?",
        "+2.000000E-05",
        [CURRENT, ("SOUR:CURR:RANG?", "2E-3"), ("SOUR:CURR:LEV?", "0")],
    ),
    ("voltage", 1.5, "SOUR:VOLT:LEV 1.5", "SOUR:VOLT:LEV?", "1.5", [VOLTAGE, ("SOUR:VOLT:RANG?", "2")]),
    ("current", -1e-3, "SOUR:CURR:LEV -0.001", "SOUR:CURR:LEV?", "-1E-3", [CURRENT, ("SOUR:CURR:RANG?", "2E-3")]),
    (
        "current_limit",
        0.01,
        "SOUR:CURR:PROT:ULIM 0.01;LLIM -0.01",
        "SOUR:CURR:PROT:ULIM?",
        "0.01",
        ends("SOUR:CURR:PROT:ULIM", "1E-6", "3.2"),
    ),
    (
        "voltage_limit",
        5.0,
        "SOUR:VOLT:PROT:ULIM 5;LLIM -5",
        "SOUR:VOLT:PROT:ULIM?",
        "5",
        ends("SOUR:VOLT:PROT:ULIM", "1E-3", "110"),
    ),
    ("limiting", True, "SOUR:CURR:PROT 1", "SOUR:CURR:PROT?", "1", [VOLTAGE]),
    ("limiter_tracking", True, "SOUR:VOLT:PROT:LINK 1", "SOUR:VOLT:PROT:LINK?", "1", [CURRENT]),
    ("source_delay", 1e-3, "SOUR:DEL 0.001", "SOUR:DEL?", "1E-3", []),
    ("output", True, "OUTP 1", "OUTP?", "1", []),
    ("measuring", True, "SENS:STAT 1", "SENS:STAT?", "1", []),
    ("sense_auto_range", False, "SENS:RANG:AUTO 0", "SENS:RANG:AUTO?", "0", []),
    ("integration_time", 0.1, "SENS:ITIM 0.1", "SENS:ITIM?", "1.00000E-01", []),
    ("measure_delay", 0.05, "SENS:DEL 0.05", "SENS:DEL?", "0.05", ends("SENS:DEL", "0", "3600")),
    ("auto_zero", True, "SENS:AZER 1", "SENS:AZER?", "1", []),
    ("averaging", True, "SENS:AVER 1", "SENS:AVER?", "1", []),
    ("average_kind", "moving", "SENS:AVER:MODE MOV", "SENS:AVER:MODE?", "MOV", []),
    ("average_count", 16, "SENS:AVER:COUN 16", "SENS:AVER:COUN?", "16", ends("SENS:AVER:COUN", "2", "256")),
    ("remote_sense", True, "SENS:RSEN 1", "SENS:RSEN?", "1", []),
    ("trigger_source", "immediate", "TRIG:SOUR IMM", "TRIG:SOUR?", "IMM", []),
    ("trigger_period", 0.1, "TRIG:TIM 0.1", "TRIG:TIM?", "0.1", ends("TRIG:TIM", "1E-4", "3600")),
]


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Gs610]:
    return expected_exchanges(Gs610, exchanges, name="smu", **{"error_policy": "never", **options})


@pytest.fixture
def smu() -> Iterator[Gs610]:
    reset_simulators()
    with luthier.open("yokogawa.gs610", "sim://", name="smu") as opened_smu:
        yield opened_smu
    reset_simulators()


def device_of(smu: Gs610) -> SimulatedGs610:
    device = device_at(smu.address or "")
    assert isinstance(device, SimulatedGs610)
    return device


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read(row: Row) -> None:
    path, value, command, query, reply, before = row
    if path.startswith("source_") and path.endswith("_range") and path != "source_auto_range":
        before = [before[0], before[2]]  # a range is asked for by its own limits only
    with opened([*before, (command, None), (query, reply)]) as smu:
        smu.set(path, value)
        assert smu.get(path) == value


def test_every_setting_is_in_this_table() -> None:
    with opened([]) as smu:
        settings = {name for name, one in smu.parameters.items() if one.settable}
    assert settings == {row[0] for row in SETTINGS}


def test_function_and_automatic_ranging_do_not_change_while_the_output_is_on() -> None:
    with opened([ON, ON, ON, ON]) as smu:
        with pytest.raises(IrrelevantParameterError, match="cannot change the function: the output is on"):
            smu.source_function("current")
        with pytest.raises(IrrelevantParameterError, match="cannot change automatic ranging"):
            smu.source_auto_range(True)
        with pytest.raises(IrrelevantParameterError, match="cannot change the mode"):
            smu.source_mode("sweep")
        with pytest.raises(IrrelevantParameterError, match="cannot change the shape"):
            smu.source_shape("pulse")


def test_the_range_does_not_change_under_a_level() -> None:
    with opened([VOLTAGE, ("SOUR:VOLT:LEV?", "1.5"), ON, ("SOUR:VOLT:LEV?", "1.5"), OFF]) as smu:
        with pytest.raises(IrrelevantParameterError, match=r"the output is on at 1\.5 V"):
            smu.source_voltage_range(12.0)
        with pytest.raises(ValidationError, match=r"the range ends at 0\.2 V"):
            smu.source_voltage_range(0.2)


def test_a_level_beyond_the_range_is_refused_before_anything_is_sent() -> None:
    with (
        opened([CURRENT, ("SOUR:CURR:RANG?", "2.0E-03")]) as smu,
        pytest.raises(ValidationError, match=r"-0\.002 A to 0\.002 A"),
    ):
        smu.current(0.003)


def test_zero_is_neither_on_nor_off() -> None:
    with opened([VOLTAGE, ("SOUR:VOLT:ZERO:OFFS?", "0"), ("OUTP ZERO", None), ZERO, ZERO]) as smu:
        smu.zero()
        assert smu.output() is False
        assert smu.output_state() == "zero"


def test_a_zero_that_is_none_is_refused() -> None:
    with (
        opened([CURRENT, ("SOUR:CURR:ZERO:OFFS?", "2E-3")]) as smu,
        pytest.raises(UsageError, match=r"takes for zero is 0\.002 A.*at the front panel"),
    ):
        smu.zero()


def test_a_range_that_there_is_not_is_no_reply() -> None:
    with opened([VOLTAGE, ("SOUR:VOLT:RANG?", "5")]) as smu, pytest.raises(ReplyError, match="none of the ranges"):
        smu.source_voltage_range()


def test_what_is_measured_is_chosen_and_read() -> None:
    steps = [("SENS:STAT?", "1"), ON, ("SENS:FUNC CURR", None), ("READ?", "+5.0E-4")]
    with opened([*steps, ON, ("SENS:FUNC VOLT", None), ("READ?", "+0.5")]) as smu:
        assert smu.measured_current() == 5e-4
        assert smu.measured_voltage() == 0.5


def test_nothing_is_measured_while_the_output_is_off(smu: Gs610) -> None:
    with pytest.raises(IrrelevantParameterError, match="measuring is True and the output is on"):
        smu.measured_current()


def test_the_simulated_limiter_holds_both_sources_back(smu: Gs610) -> None:
    smu.current_limit(1e-3)
    smu.output(True)
    smu.voltage(-2.0)
    assert (smu.measured_voltage(), smu.measured_current()) == (-1.0, -1e-3)
    smu.limiting(False)
    assert smu.measured_current() == -2e-3
    smu.make_safe()
    smu.source_function("current")
    smu.limiting(True)
    smu.voltage_limit(0.5)
    smu.current(1e-3)
    smu.output(True)
    assert (smu.measured_voltage(), smu.measured_current()) == (0.5, 5e-4)
    smu.zero()
    assert device_of(smu).at_terminals() == (0.0, 0.0)


def test_safe_is_off_also_while_it_sweeps_pulses(smu: Gs610) -> None:
    device = device_of(smu)
    smu.source_mode("sweep")
    smu.source_shape("pulse")
    smu.voltage(1.0)
    smu.output(True)
    assert device.driven("voltage") == 1.0
    smu.make_safe()
    assert (device.output, device.driven("voltage")) == ("0", 0.0)


def test_the_source_finds_its_level_in_what_a_bench_connects(smu: Gs610) -> None:
    device = device_of(smu)
    device.load = 50.0
    wires = {"dut.voltage": "smu.voltage", "smu.current": "dut.current"}
    Bench({"dut": duts.Resistor(resistance=1e3)}, {"smu": device}, wires)
    smu.source_function("current")
    smu.current(5e-4)
    smu.output(True)
    assert smu.measured_voltage() == pytest.approx(0.5)
    assert device.driven("voltage") == pytest.approx(0.5)


def test_the_output_does_not_jump_on_any_way_to_another_range(smu: Gs610) -> None:
    device = device_of(smu)
    smu.voltage(1.5)
    smu.output(True)
    with pytest.raises(IrrelevantParameterError):
        smu.source_voltage_range(12.0)
    assert device.at_terminals() == (1.5, 1.5e-3)
    smu.voltage(0.0)
    smu.source_voltage_range(12.0)
    assert device.at_terminals() == (0.0, 0.0)


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedGs610()
    device.respond(b":source:voltage:range 5;level 3;:output:state zero;:sense:average:count 4")
    assert device.respond(b":SOUR:VOLT:RANG?;LEV?;:OUTP?;:SENS:AVER:COUN?") == b"+1.200000E+01;+3.000000E+00;ZERO;4\n"
    for message in (b"SOUR:VOLT:LEV 13", b"READ?", b"SOUR:FUNC RES", b"SOUR:CURR:RANG 4"):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(5)]
    assert codes == [-222, -221, -141, -222, 0]
    device.respond(b"SOUR:VOLT:RANG:AUTO ON;:SOUR:VOLT:LEV 50")
    assert device.respond(b"SOUR:VOLT:RANG?") == b"+6.000000E+01\n"
