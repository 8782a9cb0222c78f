"""The 218: what its driver sends and makes of replies, and what its simulator does."""

from __future__ import annotations

from math import isnan
from typing import Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, UsageError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_lakeshore.inputs import ReadingStatus
from luthier_lakeshore.monitor218 import Monitor218
from luthier_lakeshore.simulated.monitor218 import Simulated218
from luthier_sim import Clock, device_at, reset_simulators

# path, value, what is sent, query, reply
SETTINGS = [
    ("input3.enabled", False, "INPUT 3,0", "INPUT? 3", "0"),
    ("input8.curve", "user", "INCRV 8,28", "INCRV? 8", "28"),
    ("input1.curve", "standard 2", "INCRV 1,2", "INCRV? 1", "02"),
    ("input5.curve", "standard 9", "INCRV 5,9", "INCRV? 5", "09"),
    ("group_b.sensor_type", "platinum 250 Ω", "INTYPE B,2", "INTYPE? B", "2"),
]


@pytest.mark.parametrize(("path", "value", "sent", "query", "reply"), SETTINGS)
def test_a_setting_is_sent_and_read_as_the_manual_says(
    path: str, value: object, sent: str, query: str, reply: str
) -> None:
    steps = [(sent, None), (query, reply)]
    with expected_exchanges(Monitor218, steps, name="monitor", error_policy="never") as monitor:
        monitor.set(path, value)
        assert monitor.get(path) == value


def test_a_message_has_one_query_so_that_a_reading_and_its_status_are_asked_in_turn() -> None:
    assert Simulated218(clock=Clock(speed=0)).respond(b"KRDG? 1;RDGST? 1") == b"000\r\n"

    steps = [
        ("KRDG? 1", "+77.350"),
        ("RDGST? 1", "000"),
        ("KRDG? 2", "+0.000"),
        ("RDGST? 2", "016"),
        ("RDGST? 2", "016"),
    ]
    with expected_exchanges(Monitor218, steps, name="monitor", error_policy="never") as monitor:
        assert monitor.input1.temperature() == 77.35
        assert isnan(monitor.input2.temperature())
        assert monitor.input2.status() == ReadingStatus.TEMPERATURE_UNDER_RANGE


def test_on_the_simulator_all_are_read_and_curves_belong_to_their_inputs() -> None:
    with luthier.open("lakeshore.218", "sim://", name="monitor") as monitor:
        device: Any = device_at(monitor.address)
        device.temperatures[4] = None
        readings = monitor.inputs.temperature.get()
        assert readings[:3] == (77.0, 77.0, 77.0)
        assert isnan(readings[3])
        monitor.input2.curve("user")
        assert device.used[2] == 22
        with pytest.raises(ValidationError):
            monitor.input2.curve("standard 10")
        monitor.write("INCRV 2,21")
        with pytest.raises(InstrumentReportedError, match="execution error"):
            monitor.check_errors()
        monitor.curve.number(22)
        monitor.curve.write_points([0.5, 1.0], [300.0, 77.0])
        assert monitor.curve.temperatures().tolist() == [300.0, 77.0]
        monitor.curve.number(5)
        with pytest.raises(UsageError, match="standard curve"):
            monitor.curve.write_points([0.5, 1.0], [300.0, 77.0])
    reset_simulators()
