"""What is different with the 2460."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_keithley.simulated.smu2460 import SimulatedSmu2460
from luthier_keithley.smu2450 import Smu2450
from luthier_keithley.smu2460 import Smu2460
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def opened(exchanges: list[Any], driver: type[Smu2450] = Smu2460) -> AbstractContextManager[Smu2450]:
    return expected_exchanges(driver, exchanges, name="smu", error_policy="never")


@pytest.mark.parametrize(
    ("path", "value", "sent"),
    [
        ("overvoltage_protection", 105.0, "SOUR:VOLT:PROT NONE"),
        ("overvoltage_protection", 100.0, "SOUR:VOLT:PROT PROT100"),
        ("current_limit", 7.35, "SOUR:VOLT:ILIM 7.35"),
        ("voltage_limit", 0.2, "SOUR:CURR:VLIM 0.2"),
        ("source_voltage_range", 7.0, "SOUR:VOLT:RANG 7"),
        ("source_current_range", 4.0, "SOUR:CURR:RANG 4"),
        ("voltmeter.range", 10.0, "SENS:VOLT:RANG 10"),
        ("ammeter.range", 1e-6, "SENS:CURR:RANG 1E-06"),
        ("ohmmeter.range", 2.0, "SENS:RES:RANG 2"),
    ],
)
def test_its_ranges_and_limits_are_taken(path: str, value: float, sent: str) -> None:
    with opened([(sent, None)]) as smu:
        smu.set(path, value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("overvoltage_protection", 120.0),
        ("current_limit", 7.4),
        ("voltage_limit", 0.02),
        ("source_voltage_range", 200.0),
        ("source_current_range", 1e-8),
        ("ammeter.range", 10.0),
        ("voltmeter.range", 0.02),
    ],
)
def test_those_of_the_2450_and_of_pulses_are_refused(path: str, value: float) -> None:
    with opened([]) as smu, pytest.raises(ValidationError, match=f"smu.{path}"):
        smu.set(path, value)


def test_a_level_goes_to_105_percent_of_the_highest_range() -> None:
    asked = [("SOUR:FUNC?", "CURR"), ("SOUR:CURR:RANG:AUTO?", "1")]
    with opened([*asked, ("SOUR:CURR -7.35", None)]) as smu:
        smu.current(-7.35)
        with pytest.raises(ValidationError):
            smu.current(7.36)


def test_a_snapshot_is_restored_in_the_same_order_as_with_the_2450() -> None:
    with opened([]) as smu:
        names = list(smu.parameters)
    with opened([], Smu2450) as smu:
        assert list(smu.parameters) == names


def test_on_the_simulator_five_amperes_flow_and_two_hundred_volts_are_refused() -> None:
    with luthier.open("keithley.2460", "sim://", name="smu2460_sim") as smu:
        device = device_at(smu.address)
        assert isinstance(device, SimulatedSmu2460)
        device.load = 1.0
        smu.measure_function("voltage")
        smu.source_function("current")
        smu.current(5)
        smu.output(True)
        assert smu.measured_voltage() == pytest.approx(5)
        assert smu.source_current_range() == 5
        smu.write("SOUR:VOLT:RANG 200")
        with pytest.raises(InstrumentReportedError):
            smu.check_errors()
        smu.make_safe()
        assert device.at_terminals() == (0.0, 0.0, False)
