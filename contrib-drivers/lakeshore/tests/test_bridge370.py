"""The 370: what its driver sends and makes of replies, and what its simulator does."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import (
    IdentityError,
    InstrumentFaultError,
    IrrelevantParameterError,
    ReplyError,
    UsageError,
    ValidationError,
)
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_lakeshore.bridge370 import Bridge370
from luthier_lakeshore.bridge_inputs import BridgeStatus
from luthier_lakeshore.simulated.bridge370 import Simulated370
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

IDENTITY = ("*IDN?", "LSCI,MODEL370,370A5K,04102008")
CSET = "01,0,1,025,1,8,100.000"
ANALOG = "0,0,01,1,+1.00000E+00,+0.00000E+00,+0.000"

# path, value, questions before it is set with their replies, what is sent, query, reply
SETTINGS: list[tuple[str, object, list[tuple[str, str]], str, str, str]] = [
    (
        "input1.excitation",
        "2 mV",
        [("RDGRNG? 1", "1,22,10,1,0")],
        "RDGRNG 1,0,7,10,1,0",
        "RDGRNG? 1",
        "0,07,10,1,0",
    ),
    (
        "input2.resistance_range",
        6.32e6,
        [("RDGRNG? 2", "1,22,10,1,0")],
        "RDGRNG 2,1,22,20,1,0",
        "RDGRNG? 2",
        "1,22,20,1,0",
    ),
    ("input3.auto_range", True, [("RDGRNG? 3", "0,01,01,0,1")], "RDGRNG 3,0,1,1,1,1", "RDGRNG? 3", "0,01,01,1,1"),
    ("input3.excitation_on", False, [("RDGRNG? 3", "0,01,01,0,0")], "RDGRNG 3,0,1,1,0,1", "RDGRNG? 3", "0,01,01,0,1"),
    ("input5.filter_time", 10, [("FILTER? 5", "1,005,02")], "FILTER 5,1,10,2", "FILTER? 5", "1,010,02"),
    ("scanned_input", 5, [("SCAN?", "01,1")], "SCAN 5,1", "SCAN?", "05,1"),
    ("excitation_frequency", 16.2, [], "FREQ 3", "FREQ?", "3"),
    ("common_mode_reduction", True, [], "CMR 1", "CMR?", "1"),
    ("guard", True, [], "GUARD 1", "GUARD?", "1"),
    ("heater.mode", "open loop", [], "CMODE 3", "CMODE?", "3"),
    ("heater.polarity", "bipolar", [], "CPOL 1", "CPOL?", "1"),
    ("heater.input", 6, [("CSET?", CSET)], "CSET 6,0,1,25,1,8,100", "CSET?", "06,0,1,025,1,8,100.000"),
    ("heater.setpoint_units", "Ω", [("CSET?", CSET)], "CSET 1,0,2,25,1,8,100", "CSET?", "01,0,2,025,1,8,100.000"),
    ("heater.range_limit", "1 mA", [("CSET?", CSET)], "CSET 1,0,1,25,1,4,100", "CSET?", "01,0,1,025,1,4,100.000"),
    ("heater.i", 10000.0, [("PID?", "+10.0,+20.0,+0.0")], "PID 10,10000,0", "PID?", "+10.0,+10000,+0.0"),
    ("heater.ramp_rate", 0.5, [("RAMP?", "1,1.5")], "RAMP 1,0.5", "RAMP?", "1,0.5"),
    ("heater.manual_output", 12.5, [("CSET?", CSET)], "MOUT 12.5", "MOUT?", "+12.500"),
    ("heater.heater_range", "3.16 mA", [("CSET?", CSET)], "HTRRNG 5", "HTRRNG?", "5"),
    ("analog1.mode", "manual", [("ANALOG? 1", ANALOG)], "ANALOG 1,0,2,1,1,1,0,0", "ANALOG? 1", f"0,2{ANALOG[3:]}"),
    ("analog2.mode", "still", [("ANALOG? 2", ANALOG)], "ANALOG 2,0,4,1,1,1,0,0", "ANALOG? 2", f"0,4{ANALOG[3:]}"),
    ("analog2.still_output", 10.0, [], "STILL 10", "STILL?", "+10.00"),
]


class TestBridge370(DriverConformance):
    driver = "lakeshore.370"


def opened(exchanges: list[Any], identity: Any = IDENTITY) -> AbstractContextManager[Bridge370]:
    return expected_exchanges(Bridge370, [identity, *exchanges], name="bridge", error_policy="never")


def place(bridge: Any, path: str) -> Any:
    for part in path.split("."):
        bridge = getattr(bridge, part)
    return bridge


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_sources_say(row: Any) -> None:
    path, value, before, sent, query, reply = row
    with opened([*before, (sent, None), (query, reply)]) as bridge:
        place(bridge, path).set(value)
        assert place(bridge, path).get() == value


def test_a_curve_that_is_not_taken_is_told() -> None:
    steps = [("INSET? 2", "1,007,003,01,1"), ("INSET 2,1,7,3,12,1", None), ("INSET? 2", "1,007,003,00,1")]
    with opened(steps) as bridge, pytest.raises(InstrumentFaultError, match="curve 12"):
        bridge.inputs[1].curve_number(12)


def test_readings_without_validity_are_no_numbers() -> None:
    steps = [
        ("RDGK? 3;RDGST? 3", "+010.000E-03;000"),
        ("RDGK? 3;RDGST? 3", "+000.000E+00;000"),
        ("RDGR? 3;RDGST? 3", "+001.000E+03;064"),
        ("RDGR? 3;RDGST? 3", "+001.000E+03;016"),
        ("RDGST? 3", "016"),
        ("RDGRNG? 3", "0,13,01,0,0"),
    ]
    with opened(steps) as bridge:
        one = bridge.inputs[2]
        assert one.temperature() == pytest.approx(0.01)
        assert isnan(one.temperature())
        assert one.sensor_value() == pytest.approx(1e3)
        assert isnan(one.sensor_value())
        assert one.status() == BridgeStatus.RESISTANCE_OVER_RANGE
        with pytest.raises(ReplyError, match="excitation 13"):
            one.excitation()


def test_the_setpoint_ends_at_the_limit_of_the_curve_and_is_in_kelvin() -> None:
    steps = [
        ("CSET?", "06,0,1,025,1,8,100.000"),
        ("INSET? 6", "1,007,003,02,1"),
        ("CRVHDR? 2", "RX-102B        ,00011134  ,4,+001.500,1"),
    ]
    with opened(steps) as bridge, pytest.raises(ValidationError):
        bridge.heater.setpoint(1.6)
    with opened([("CSET?", "06,0,2,025,1,8,100.000")]) as bridge, pytest.raises(IrrelevantParameterError):
        bridge.heater.setpoint(0.1)


def test_a_range_beyond_its_limit_is_refused() -> None:
    steps = [("CSET?", "01,0,1,025,1,4,100.000")]
    with opened(steps) as bridge, pytest.raises(UsageError, match="range_limit, which is '1 mA'"):
        bridge.heater.heater_range("3.16 mA")


def test_the_safe_state_leaves_what_follows_a_reading() -> None:
    monitor = "0,1,01,1,+1.00000E+00,+0.00000E+00,+0.000"
    still = "0,4,01,1,+1.00000E+00,+0.00000E+00,+0.000"
    steps = [
        ("HTRRNG 0", None),
        ("ANALOG? 1", monitor),
        ("ANALOG? 2", still),
        ("ANALOG? 2", still),
        ("ANALOG 2,0,0,1,1,1,0,0", None),
    ]
    with opened(steps) as bridge:
        bridge.make_safe()


def test_another_model_is_refused() -> None:
    with pytest.raises(IdentityError, match="MODEL372"), opened([], ("*IDN?", "LSCI,MODEL372,LSA1234,1.3")):
        pass


def test_on_the_simulator_the_heater_works_and_commands_of_the_372_are_unknown() -> None:
    with luthier.open("lakeshore.370", "sim://", name="bridge370_sim") as bridge:
        device = device_at(bridge.address)
        assert isinstance(device, Simulated370)
        bridge.heater.display("power")
        bridge.heater.mode("open loop")
        bridge.heater.heater_range("100 mA")
        device.manual = 50.0
        assert bridge.heater.heater_power() == pytest.approx(0.5)
        bridge.analog1.setup({
            "polarity": "unipolar", "mode": "channel", "input": 1, "source": "K", "high_value": 0.1, "low_value": 0.0,
            "manual_output": 0.0,
        })  # fmt: skip
        assert 9 < bridge.analog1.output_value() < 100
        device.event_status = 0
        assert device.respond(b"INTYPE? 1") is None
        assert device.respond(b"RDGR? A") is None
        assert device.event_status == 16 + 32
        device.event_status = 0
        bridge.make_safe()
        assert bridge.heater.heater_range() == "off"
        assert bridge.analog1.mode() == "channel"
