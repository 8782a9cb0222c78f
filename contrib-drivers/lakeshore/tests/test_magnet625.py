"""What the driver of the 625 sends and refuses, and what it and its simulator make of it."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import (
    IdentityError,
    InstrumentFaultError,
    InstrumentReportedError,
    ResponseTimeoutError,
    UsageError,
    ValidationError,
)
from luthier.testing.wire import expected_exchanges
from luthier_lakeshore.magnet625 import MagnetSupply625
from luthier_lakeshore.magnet625_settings import HardwareErrors, OperationalErrors
from luthier_lakeshore.simulated.magnet625 import Simulated625
from luthier_sim import Bench, Clock, device_at, duts, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

CONSTANT = ("FLDS?", "0,0.1000")
LIMITS = ("LIMIT?", "60.0000,5.0000,1.0000")
READY = [("ERST?", "000,000,000"), ("PSH?", "1"), ("OPST?", "006"), ("QNCH?", "1,1.0000"), ("RATE?", "0.1000")]

# path, value, exchanges
SETTINGS: list[tuple[str, object, list[Any]]] = [
    ("current_limit", 50.0, [LIMITS, ("LIMIT 50,5,1", None), ("LIMIT?", "50.0000,5.0000,1.0000")]),
    ("quench_step_limit", 0.5, [("QNCH?", "1,1.0000"), ("QNCH 1,0.5", None), ("QNCH?", "1,0.5000")]),
    ("switch_heater_current", 0.08, [("PSHS?", "1,50,10"), ("PSHS 1,80,10", None), ("PSHS?", "1,80,10")]),
    ("persistent_current_rate", 2.0, [("RATEP?", "1,1.0000"), ("RATEP 1,2", None), ("RATEP?", "1,2.0000")]),
    ("compliance_voltage", 3.0, [LIMITS, ("SETV 3", None), ("SETV?", "+3.0000")]),
    ("programming", "sum", [("XPGM 2", None), ("XPGM?", "2")]),
    ("ramp_segments", True, [("RSEG 1", None), ("RSEG?", "1")]),
    ("ramp_rate", 0.6, [CONSTANT, LIMITS, CONSTANT, ("RATE 0.1", None), ("RATE?", "0.1000"), CONSTANT]),
]


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[Any]:
    steps = [("*IDN?", "LSCI,MODEL625,6251143,1.1/1.0"), *exchanges]
    return expected_exchanges(MagnetSupply625, steps, name="magnet", **{"error_policy": "never", **options})


@pytest.fixture
def magnet() -> Iterator[Any]:
    reset_simulators()
    with luthier.open("lakeshore.625", "sim://", name="magnet") as instrument:
        device: Any = device_at(instrument.address)
        device.clock = Clock(speed=0)
        yield instrument
    reset_simulators()


@pytest.fixture
def device(magnet: Any) -> Any:
    return device_at(magnet.address)


@pytest.mark.parametrize(("path", "value", "exchanges"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read(path: str, value: object, exchanges: list[Any]) -> None:
    with opened(exchanges) as magnet:
        magnet.set(path, value)
        assert magnet.get(path) == value


def test_a_setpoint_is_held_and_ramping_sends_it_as_a_current() -> None:
    with opened([CONSTANT, LIMITS, CONSTANT, *READY, ("SETI 5.0000", None)]) as magnet:
        magnet.field_setpoint(0.5)
        assert magnet.field_setpoint() == 0.5
        magnet.ramp_to_setpoint()


def test_a_constant_in_kilogauss_is_taken_as_what_it_is() -> None:
    with opened([("FLDS?", "1,1.1000"), ("RDGI?", "+10.0000"), ("FLDS?", "1,1.1000")]) as magnet:
        assert magnet.coil_constant() == 0.11
        assert magnet.field() == 1.1


def test_without_a_constant_no_field_is_told() -> None:
    with (
        opened([("RDGI?", "+10.0000"), ("FLDS?", "0,0.0000")]) as magnet,
        pytest.raises(UsageError, match="Field Setup"),
    ):
        magnet.field()


def test_errors_are_told_by_name() -> None:
    with opened([("ERST?", "004,032,001"), ("ERST?", "004,032,001")]) as magnet:
        assert magnet.state() == "quench"
        assert magnet.operational_errors.cache.value is OperationalErrors.QUENCH
        assert magnet.hardware_errors() is HardwareErrors.OUTPUT_OVER_CURRENT


def test_the_current_of_a_magnet_that_was_never_persistent_is_not_a_number() -> None:
    with opened([("PSHIS?", "+99.9999")]) as magnet:
        assert isnan(magnet.persistent_current())


def test_another_model_is_refused() -> None:
    with (
        pytest.raises(IdentityError, match="expected: MODEL625"),
        expected_exchanges(MagnetSupply625, [("*IDN?", "LSCI,MODEL620,1,1")], name="magnet"),
    ):
        pass


def test_it_ramps_there_holds_and_goes_to_zero(magnet: Any, device: Any) -> None:
    device.heater = 1
    magnet.ramp_rate(0.6)
    magnet.field_setpoint(0.5)
    assert magnet.state() == "holding", "setting it moves nothing"
    magnet.ramp_to_setpoint()
    device.clock.advance(10)
    assert magnet.field() == pytest.approx(0.1)
    assert magnet.state() == "ramping"
    magnet.hold()
    device.clock.advance(10)
    assert magnet.field() == pytest.approx(0.1)
    with pytest.raises(ResponseTimeoutError, match=r"0\.5 T is not reached"):
        magnet.ramp_to(0.5, timeout=0)
    device.clock.advance(60)
    magnet.ramp_to(0.5)
    magnet.make_safe()
    device.clock.advance(60)
    assert magnet.field() == 0
    assert magnet.field_setpoint() == 0.5


def test_safe_is_told_to_be_less_while_a_voltage_drives_the_supply() -> None:
    with (
        opened([("SETI 0", None), ("XPGM?", "2")]) as magnet,
        pytest.raises(UsageError, match=r"programming is 'sum'.*the current may not.*voltage at the back to 0 V"),
    ):
        magnet.make_safe()


def test_a_magnet_on_a_bench_has_its_field(magnet: Any, device: Any) -> None:
    bench = Bench({"coil": duts.Magnet()}, {"magnet": device}, {"coil.current": "magnet.current"})
    device.heater = 1
    magnet.field_setpoint(0.1)
    magnet.ramp_to_setpoint()
    device.clock.advance(60)
    assert bench.see("coil.current") == 1.0
    magnet.persistent_switch_heater(False)
    device.clock.advance(20)
    magnet.make_safe()
    device.clock.advance(60)
    assert (magnet.current(), bench.see("coil.current")) == (0.0, 1.0)


def test_the_magnet_keeps_its_current_while_the_switch_is_cold(magnet: Any, device: Any) -> None:
    device.heater = 1
    magnet.field_setpoint(0.2)
    magnet.ramp_to_setpoint()
    device.clock.advance(60)
    magnet.persistent_switch_heater(False)
    assert magnet.state() == "cooling switch"
    with pytest.raises(UsageError, match=r"while the persistent switch is cooling.*Wait up to 10 s"):
        magnet.ramp_to_setpoint()
    device.clock.advance(10)
    magnet.zero()
    device.clock.advance(60)
    assert (magnet.current(), device.magnet_current, magnet.persistent_current()) == (0, 2, 2)
    with pytest.raises(UsageError, match=r"set to 0 A and the magnet was left with 2 A.*Ramp the supply to 2 A first"):
        magnet.persistent_switch_heater(True)
    magnet.ramp_to_setpoint()
    device.clock.advance(60)
    magnet.persistent_switch_heater(True)
    assert magnet.state() == "heating switch"


def test_the_switch_of_an_unknown_magnet_is_warmed_on_demand_alone(magnet: Any, device: Any) -> None:
    device.forget_switch_current()
    with pytest.raises(UsageError, match=r"is not known.*warm_switch_unchecked"):
        magnet.persistent_switch_heater(True)
    magnet.warm_switch_unchecked()
    assert magnet.switch_state() == "warming"


def test_after_a_quench_it_does_not_ramp_until_errors_are_cleared(magnet: Any, device: Any) -> None:
    device.heater = 1
    device.force_quench()
    magnet.field_setpoint(0.1)
    with pytest.raises(InstrumentFaultError, match=r"does not ramp: quench.*clear_errors"):
        magnet.ramp_to_setpoint()
    magnet.clear_errors()
    magnet.ramp_to_setpoint()
    assert magnet.state() == "ramping"


def test_it_does_not_ramp_faster_than_the_detection_of_quenches_allows(magnet: Any) -> None:
    magnet.quench_step_limit(0.05)
    with pytest.raises(UsageError, match=r"taken for a quench.*Set ramp_rate to 0\.3 T/min or less"):
        magnet.ramp_to_setpoint()


@pytest.mark.parametrize(
    ("path", "value", "allowed"),
    [
        ("field_setpoint", 6.1, "-6 T to 6 T"),
        ("ramp_rate", 6.1, "to 6 T/min"),
        ("switch_heater_current", 0.2, "0.125 A"),
    ],
)
def test_what_would_harm_the_magnet_is_refused(magnet: Any, path: str, value: float, allowed: str) -> None:
    with pytest.raises(ValidationError, match=allowed):
        magnet.set(path, value)


def test_what_the_instrument_refuses_is_raised(magnet: Any, device: Any) -> None:
    device.heater = 3
    with pytest.raises(InstrumentReportedError, match="execution error"):
        magnet.zero()


def test_by_force_a_switch_between_different_currents_quenches_the_magnet() -> None:
    device = Simulated625(clock=Clock(speed=0))
    device.respond(b"PSH 99")
    device.clock.advance(10)
    device.respond(b"SETF 0.5")
    device.clock.advance(100)
    device.respond(b"PSH 0")
    device.clock.advance(10)
    device.respond(b"SETI 0")
    device.clock.advance(100)
    assert device.respond(b"*CLS;PSH 1;*ESR?;PSH?") == b"016;0\r\n"
    assert device.respond(b"PSH 99;ERST?") == b"000,032,000\r\n"
