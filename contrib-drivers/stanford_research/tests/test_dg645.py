"""What the driver of the DG645 sends, what it makes of the replies, and its simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import Clock, device_at, reset_simulators
from luthier_stanford_research.dg645 import Dg645
from luthier_stanford_research.simulated.dg645 import SimulatedDg645

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

# path, value, what is sent to set it, query, reply, and what is asked before
Row = tuple[str, object, str, str, str, list[tuple[str, str]]]
FROM_A = [("DLAY? 3", "2,+0.000000000000"), ("DLAY? 2", "0,+0.000001000000")]
SETTINGS: list[Row] = [
    ("trigger_source", "line", "TSRC 6", "TSRC?", "6", []),
    ("trigger_rate", 1234.5, "TRAT 1234.5", "TRAT?", "1234.500000", []),
    ("trigger_level", -0.5, "TLVL -0.5", "TLVL?", "-0.50", []),
    ("advanced_triggering", True, "ADVT 1", "ADVT?", "1", []),
    ("holdoff", 1e-6, "HOLD 1E-06", "HOLD?", "+0.000001000000", []),
    ("inhibit", "AB CD", "INHB 3", "INHB?", "3", []),
    ("burst", True, "BURM 1", "BURM?", "1", []),
    ("burst_count", 4294967295, "BURC 4294967295", "BURC?", "4294967295", []),
    ("burst_period", 1e-5, "BURP 1E-05", "BURP?", "+0.000010000000", []),
    ("burst_delay", 0.5, "BURD 0.5", "BURD?", "+0.500000000000", []),
    ("burst_t0", "first", "BURT 1", "BURT?", "1", []),
    ("AB.amplitude", 3.3, "LAMP 1,3.3", "LAMP? 1", "3.30", []),
    ("GH.offset", -1.0, "LOFF 4,-1", "LOFF? 4", "-1.00", []),
    ("T0.polarity", "negative", "LPOL 0,0", "LPOL? 0", "0", []),
    ("B.setting", {"reference": "A", "delay": 2.5e-7}, "DLAY 3,2,2.5E-07", "DLAY? 3", "2,+0.000000250000", FROM_A),
]


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Dg645]:
    return expected_exchanges(Dg645, exchanges, name="delays", **{"error_policy": "never", **options})


def device_of(generator: Dg645) -> SimulatedDg645:
    device = device_at(str(generator.address))
    assert isinstance(device, SimulatedDg645)
    return device


@pytest.fixture
def delays() -> Iterator[Dg645]:
    with luthier.open("stanford_research.dg645", "sim://", name="delays") as generator:
        device_of(generator).clock = Clock(speed=0)
        yield generator
    reset_simulators()


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_instrument_does(row: Row) -> None:
    path, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as generator:
        generator.set(path, value)
        assert generator.get(path) == value


def test_the_simulator_starts_as_the_instrument_does_after_a_reset(delays: Dg645) -> None:
    delays.reset()
    assert delays.delays["A"].setting() == {"reference": "T0", "delay": 0.0}
    assert delays.delays["H"].setting() == {"reference": "G", "delay": 10e-9}
    assert (delays.inhibit(), delays.burst_period(), delays.burst_t0()) == ("triggers", 100e-6, "all")


def test_edges_that_count_from_each_other_move_together(delays: Dg645) -> None:
    delays.delays["A"].delay(1e-6)
    delays.delays["B"].setting({"reference": "A", "delay": 250e-9})
    device = device_of(delays)
    assert device.moment(3) == pytest.approx(1.25e-6)
    delays.delays["A"].delay(2e-6)
    assert device.moment(3) == pytest.approx(2.25e-6)
    delays.delays["B"].delay(-2e-6)
    assert device.moment(3) == 0


def test_an_edge_is_placed_before_another_one_at_once(delays: Dg645) -> None:
    delays.delays["A"].delay(1e-3)
    delays.delays["B"].place("A", -1e-6)
    assert delays.delays["B"].setting() == {"reference": "A", "delay": -1e-6}
    with pytest.raises(InstrumentReportedError, match="12, illegal delay"):
        delays.delays["B"].place("A", -2e-3)
    with pytest.raises(ValidationError):
        delays.delays["B"].place("T2", 0.0)
    assert device_of(delays).moment(3) == pytest.approx(0.999e-3)


def test_no_edge_may_come_before_t0_or_count_from_itself(delays: Dg645) -> None:
    delays.delays["A"].delay(1e-6)
    delays.delays["B"].reference("A")
    with pytest.raises(ValidationError, match="allowed"):
        delays.delays["B"].delay(-1.1e-6)
    with pytest.raises(ValidationError):
        delays.delays["B"].reference("B")
    with pytest.raises(InstrumentReportedError, match="13, illegal link"):
        delays.delays["A"].reference("B")
    delays.write("DLAY 2,0,-1")
    with pytest.raises(InstrumentReportedError, match="12, illegal delay"):
        delays.check_errors()


def test_after_making_safe_no_pulse_comes(delays: Dg645) -> None:
    device = device_of(delays)
    delays.trigger_source("internal")
    device.clock.advance(0.01)
    assert device.cycles() == 10
    delays.make_safe()
    device.clock.advance(1.0)
    assert device.cycles() == 10
    delays.functions["trigger"]()
    assert device.cycles() == 11
    delays.trigger_source("internal")
    with pytest.raises(InstrumentReportedError, match="11, illegal mode"):
        delays.functions["trigger"]()
