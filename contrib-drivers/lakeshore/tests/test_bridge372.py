"""The 372: what its driver sends and makes of replies, and what its simulator does."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import (
    IdentityError,
    InstrumentFaultError,
    InstrumentReportedError,
    IrrelevantParameterError,
    ReplyError,
    UsageError,
    ValidationError,
)
from luthier.testing.wire import expected_exchanges
from luthier_lakeshore.bridge372 import Bridge372
from luthier_lakeshore.bridge_inputs import CURRENTS, RANGES, VOLTAGES, BridgeStatus
from luthier_lakeshore.simulated.bridge372 import Simulated372
from luthier_sim import Clock, device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

IDENTITY = ("*IDN?", "LSCI,MODEL372,LSA1234,1.3")

# path, value, questions before it is set with their replies, what is sent, questions after it, query, reply
SETTINGS: list[tuple[str, object, list[tuple[str, str]], str, list[tuple[str, str]], str, str]] = [
    (
        "input1.excitation",
        "2 mV",
        [("INTYPE? 1", "1,22,0,10,0,1")],
        "INTYPE 1,0,7,0,10,0,1",
        [],
        "INTYPE? 1",
        "0,07,0,10,0,1",
    ),
    (
        "input2.excitation",
        "31.6 mA",
        [("INTYPE? 2", "0,01,0,01,0,1")],
        "INTYPE 2,1,22,0,1,0,1",
        [],
        "INTYPE? 2",
        "1,22,0,01,0,1",
    ),
    (
        "input_a.excitation",
        "316 pA",
        [("INTYPE? A", "1,04,0,15,0,2")],
        "INTYPE A,1,1,0,15,0,2",
        [],
        "INTYPE? A",
        "1,01,0,15,0,2",
    ),
    (
        "input_a.auto_range",
        "ROX102B",
        [("INTYPE? A", "1,04,0,15,0,2")],
        "INTYPE A,1,4,2,15,0,2",
        [],
        "INTYPE? A",
        "1,04,2,15,0,2",
    ),
    (
        "input3.resistance_range",
        6.32e6,
        [("INTYPE? 3", "0,07,0,10,0,1")],
        "INTYPE 3,0,7,0,20,0,1",
        [],
        "INTYPE? 3",
        "0,07,0,20,0,1",
    ),
    (
        "input3.excitation_on",
        False,
        [("INTYPE? 3", "0,07,1,10,0,1")],
        "INTYPE 3,0,7,1,10,1,1",
        [],
        "INTYPE? 3",
        "0,07,1,10,1,1",
    ),
    (
        "input16.dwell",
        20,
        [("INSET? 16", "1,007,003,21,1")],
        "INSET 16,1,20,3,21,1",
        [("INSET? 16", "1,020,003,21,1")],
        "INSET? 16",
        "1,020,003,21,1",
    ),
    ("input5.filter_time", 10, [("FILTER? 5", "1,005,02")], "FILTER 5,1,10,2", [], "FILTER? 5", "1,010,02"),
    ("input5.temperature_limit", 1.5, [], "TLIMIT 5,1.5", [], "TLIMIT? 5", "+1.5000"),
    ("input_a.excitation_frequency", 16.2, [], "FREQ A,3", [], "FREQ? A", "3"),
    ("excitation_frequency", 18.2, [], "FREQ 0,5", [], "FREQ? 0", "5"),
    ("common_mode_reduction", True, [], "CMR 1", [], "CMR?", "1"),
    ("scanned_input", 5, [("SCAN?", "01,1")], "SCAN 5,1", [], "SCAN?", "05,1"),
    ("autoscan", True, [("SCAN?", "05,0")], "SCAN 5,1", [], "SCAN?", "05,1"),
    (
        "sample_heater.mode",
        "closed loop",
        [("OUTMODE? 0", "2,6,1,0,0,001")],
        "OUTMODE 0,5,6,1,0,0,1",
        [],
        "OUTMODE? 0",
        "5,6,1,0,0,001",
    ),
    (
        "warm_up_heater.input",
        "A",
        [("OUTMODE? 1", "0,1,0,0,0,001")],
        "OUTMODE 1,0,A,0,0,0,1",
        [],
        "OUTMODE? 1",
        "0,A,0,0,0,001",
    ),
    (
        "still.mode",
        "still",
        [("OUTMODE? 2", "0,16,1,0,0,001")],
        "OUTMODE 2,4,16,1,0,0,1",
        [],
        "OUTMODE? 2",
        "4,16,1,0,0,001",
    ),
    (
        "sample_heater.i",
        10000.0,
        [("PID? 0", "+10.0,+20.0,+0.0")],
        "PID 0,10,10000,0",
        [],
        "PID? 0",
        "+10.0,+10000,+0.0",
    ),
    ("sample_heater.ramp_rate", 0.001, [("RAMP? 0", "1,+1.5")], "RAMP 0,1,0.001", [], "RAMP? 0", "1,+0.001"),
    ("sample_heater.heater_range", "3.16 mA", [], "RANGE 0,5", [], "RANGE? 0", "5"),
    ("warm_up_heater.heater_range", "on", [], "RANGE 1,1", [], "RANGE? 1", "1"),
    (
        "sample_heater.heater_resistance",
        120.0,
        [("HTRSET? 0", "+100.000,8,+0000.00,1")],
        "HTRSET 0,120,0,0,1",
        [],
        "HTRSET? 0",
        "+120.000,8,+0000.00,1",
    ),
    (
        "warm_up_heater.current_limit",
        "0.45 A",
        [("HTRSET? 1", "2,0,+0.100,1")],
        "HTRSET 1,2,1,0.1,1",
        [],
        "HTRSET? 1",
        "2,1,+0.100,1",
    ),
    ("warm_up_heater.warm_up_output", 50.0, [("WARMUP?", "1,+10.00")], "WARMUP 1,50", [], "WARMUP?", "1,+50.00"),
    ("still.still_output", 10.6, [], "STILL 10.6", [], "STILL?", "+10.60"),
    ("still.manual_output", 22.45, [], "MOUT 2,22.45", [], "MOUT? 2", "+22.450"),
]

# path, what is asked with its reply, value
READINGS = [
    ("input1.temperature", [("RDGK? 1;RDGST? 1", "+293.873E+00;000")], 293.873),
    ("input_a.temperature", [("RDGK? A;RDGST? A", "+50.0000E-03;000")], 0.05),
    ("input1.sensor_value", [("RDGR? 1;RDGST? 1", "+108.278E+00;064")], 108.278),
    ("input2.quadrature", [("QRDG? 2;RDGST? 2", "-1.5E+00;000")], -1.5),
    ("input9.excitation_power", [("RDGPWR? 9", "+1.000E-12")], 1e-12),
    ("input3.status", [("RDGST? 3", "017")], BridgeStatus.CURRENT_SOURCE_OVERLOAD | BridgeStatus.RESISTANCE_OVER_RANGE),
    ("sample_heater.heater_output", [("HTRSET? 0", "+120.000,8,+0000.00,1"), ("HTR?", "+42.5000E+00")], 42.5),
    ("sample_heater.heater_power", [("HTRSET? 0", "+120.000,8,+0000.00,2"), ("HTR?", "+1.2000E-03")], 1.2e-3),
    ("warm_up_heater.heater_output", [("AOUT? 1", "+10.000")], 10.0),
    ("still.heater_output", [("AOUT? 2", "+10.600")], 10.6),
    ("sample_heater.heater_error", [("HTRST? 0", "1")], "open"),
    ("warm_up_heater.ramp_active", [("RAMPST? 1", "1")], True),
]


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[Any]:
    return expected_exchanges(Bridge372, [IDENTITY, *exchanges], name="bridge", **{"error_policy": "never", **options})


@pytest.fixture
def bridge() -> Iterator[Any]:
    with luthier.open("lakeshore.372", "sim://", name="bridge") as opened_bridge:
        yield opened_bridge
    reset_simulators()


@pytest.mark.parametrize(
    ("path", "value", "before", "sent", "after", "query", "reply"), SETTINGS, ids=[f"{row[0]}" for row in SETTINGS]
)
def test_a_setting_is_sent_and_read_as_the_sources_say(  # noqa: PLR0917 - the columns of the table
    path: str, value: object, before: Any, sent: str, after: Any, query: str, reply: str
) -> None:
    with opened([*before, (sent, None), *after, (query, reply)]) as bridge:
        bridge.set(path, value)
        assert bridge.get(path) == value


@pytest.mark.parametrize(("path", "exchanges", "value"), READINGS, ids=[row[0] for row in READINGS])
def test_a_reading_is_asked_and_understood_as_the_sources_say(path: str, exchanges: Any, value: object) -> None:
    with opened(exchanges) as bridge:
        assert bridge.get(path) == value


def test_an_input_without_a_reading_or_without_a_curve_is_not_at_0_kelvin() -> None:
    steps = [("RDGK? 1;RDGST? 1", "+10.0E-03;001"), ("RDGK? 1;RDGST? 1", "+00.0000E-03;000")]
    with opened([*steps, ("RDGR? 1;RDGST? 1", "+1.0E+03;016")]) as bridge:
        assert isnan(bridge.input1.temperature())
        assert isnan(bridge.input1.temperature())
        assert isnan(bridge.input1.sensor_value())


def test_scales_are_those_of_the_tables() -> None:
    assert (len(VOLTAGES), VOLTAGES[0], VOLTAGES[11]) == (12, "2 µV", "632 mV")
    assert (len(CURRENTS), CURRENTS[0], CURRENTS[12], CURRENTS[21]) == (22, "1 pA", "1 µA", "31.6 mA")
    assert (len(RANGES), RANGES[2e-3], RANGES[2e3], RANGES[63.2e6]) == (22, 1, 13, 22)


def test_an_excitation_that_the_control_input_does_not_have_is_refused() -> None:
    with opened([("INTYPE? A", "0,07,0,15,0,2")]) as bridge:
        with pytest.raises(ValidationError, match="316 pA"):
            bridge.input_a.excitation("2 mV")
        with pytest.raises(ReplyError, match="mode 0 with excitation 7"):
            bridge.input_a.excitation.get()


def test_another_model_is_refused() -> None:
    with (
        pytest.raises(IdentityError, match=r"MODEL336 answers; expected: MODEL372"),
        expected_exchanges(Bridge372, [("*IDN?", "LSCI,MODEL336,1/1,1.0")], name="bridge"),
    ):
        pass


def test_numbers_in_other_units_than_thought_are_refused(bridge: Any) -> None:
    bridge.sample_heater.display("power")
    with pytest.raises(IrrelevantParameterError, match="display"):
        bridge.sample_heater.manual_output(50)
    bridge.sample_heater.input("3")
    bridge.input3.preferred_units("Ω")
    with pytest.raises(IrrelevantParameterError, match="preferred_units"):
        bridge.sample_heater.setpoint(0.1)
    bridge.input3.preferred_units("K")
    with pytest.raises(ValidationError, match="0 K to 40 K"):
        bridge.sample_heater.setpoint(40.1)


def test_a_heater_warms_the_stage_of_its_input_up_to_the_setpoint(bridge: Any) -> None:
    device: Any = device_at(bridge.address)
    device.clock = clock = Clock(speed=0)
    device._passed = clock.now()
    heater = bridge.sample_heater
    heater.output_mode({**heater.output_mode(), "mode": "closed loop", "input": "2"})
    heater.setpoint(0.1)
    clock.advance(300)
    assert bridge.input2.temperature() == pytest.approx(0.01)
    heater.heater_range("100 mA")
    clock.advance(600)
    assert bridge.input2.temperature() == pytest.approx(0.1, rel=1e-3)
    assert bridge.input1.temperature() == pytest.approx(0.01)
    assert heater.heater_output() == pytest.approx(0.9, rel=1e-2)
    bridge.input2.temperature_limit(0.05)
    clock.advance(1)
    assert heater.heater_range.get() == "off"


def test_making_it_safe_switches_all_outputs_off_also_where_one_fails(bridge: Any) -> None:
    device: Any = device_at(bridge.address)
    bridge.sample_heater.heater_range("1 mA")
    bridge.warm_up_heater.heater_range("on")
    bridge.still.mode("still")
    bridge.still.still_output(10)
    bridge.still.heater_range("on")
    assert bridge.still.heater_output() == 10
    do_range = device.do_range
    device.do_range = lambda number, place: do_range("9" if number == "0" else number, place)
    with pytest.raises(ExceptionGroup, match="1 of 3 heaters may still be on"):
        bridge.make_safe()
    assert [output.range for output in device.outputs] == [4, 0, 0]
    device.do_range = do_range
    bridge.make_safe()
    assert [output.range for output in device.outputs] == [0, 0, 0]


def test_a_curve_that_is_not_there_is_not_taken(bridge: Any) -> None:
    bridge.write("CRVDEL 30")
    with pytest.raises(InstrumentFaultError, match="curve 30 was not taken"):
        bridge.input4.curve_number(30)
    assert bridge.input4.curve_number.get() == 0
    assert isnan(bridge.input4.temperature())
    bridge.curve.number(30)
    bridge.curve.format("Ω/K, cubic spline")
    with pytest.raises(UsageError, match="curvatures"):
        bridge.curve.write_points([1000.0, 2000.0], [4.0, 1.0])
    bridge.curve.format("Ω/K")
    bridge.curve.write_points([1000.0, 2000.0], [4.0, 1.0])
    bridge.input4.curve_number(30)
    assert bridge.input4.curve_number.get() == 30


def test_the_scanner_goes_from_one_enabled_input_to_the_next() -> None:
    device = Simulated372(clock=Clock(speed=0))
    for number in range(1, 17):
        device.respond(f"INSET {number},{int(number in (2, 9))},5,3,21,1".encode())
    device.respond(b"SCAN 2,1")
    seen = []
    for _ in range(3):
        seen.append(device.respond(b"SCAN?"))
        device.clock.advance(8)
    assert seen == [b"02,1\r\n", b"09,1\r\n", b"02,1\r\n"]
    device.respond(b"INSET 2,0,5,3,21,1;INSET 9,0,5,3,21,1")
    assert device.respond(b"INSET? 1") == b"1,005,003,21,1\r\n"


@pytest.mark.parametrize(
    "message",
    ["INTYPE 1,0,13,0,1,0,1", "INTYPE A,0,1,0,1,0,1", "INTYPE 1,0,1,2,1,0,1", "OUTMODE 0,4,1,0,0,0,1",
     "OUTMODE 2,5,1,0,0,0,1", "RANGE 0,9", "RANGE 2,2", "SCAN 17,0", "FREQ 0,6", "QRDG? A", "PID 2,1,1,1", "STILL 101"],
)  # fmt: skip
def test_the_simulator_refuses_what_the_sources_do_not_allow(bridge: Any, message: str) -> None:
    bridge.write(message)
    with pytest.raises(InstrumentReportedError, match="execution error"):
        bridge.check_errors()
