"""What the driver of the PM100 sends, what it makes of the sensor, and its simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import luthier
import pytest
from luthier.errors import IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import Clock, device_at, reset_simulators
from luthier_thorlabs.powermeter import PowerMeter
from luthier_thorlabs.simulated.powermeter import SimulatedPm100

if TYPE_CHECKING:
    from collections.abc import Iterator

SENSOR = ("SYST:SENS:IDN?", "S120C,210512345,12-May-2021,1,18,33")


@pytest.fixture
def meter() -> Iterator[PowerMeter]:
    reset_simulators()
    with luthier.open("thorlabs.pm100", "sim://", name="meter") as opened:
        yield opened
    reset_simulators()


def device_of(meter: PowerMeter) -> SimulatedPm100:
    device = device_at(str(meter.address))
    assert isinstance(device, SimulatedPm100)
    return device


def test_messages_are_those_of_the_instrument() -> None:
    exchanges = [
        SENSOR,
        ("SENS:CORR:WAV? MIN", "400"),
        ("SENS:CORR:WAV? MAX", "1100"),
        ("SENS:CORR:WAV 532.5", None),
        ("SENS:CORR:WAV?", "532.50"),
        ("SENS:AVER:COUN 100", None),
        ("SENS:AVER:COUN?", "100"),
        ("SENS:POW:RANG:AUTO 1", None),
        ("SENS:POW:RANG:AUTO?", "1"),
        ("MEAS:POW?", "1.25E-03"),
        ("SENS:POW:RANG:UPP 0.002", None),
        ("SENS:POW:RANG:UPP?", "5.0E-03"),
        ("SENS:CORR:COLL:ZERO:INIT", None),
        ("SENS:CORR:COLL:ZERO:STAT?", "1"),
        ("SENS:CORR:COLL:ZERO:ABOR", None),
        ("SENS:CORR:COLL:ZERO:MAGN?", "1.2E-09"),
    ]
    with expected_exchanges(PowerMeter, exchanges, name="meter", error_policy="never") as meter:
        meter.wavelength(532.5e-9)
        assert meter.wavelength() == 532.5e-9
        meter.average_count(100)
        assert meter.average_count() == 100
        meter.auto_range(True)
        assert meter.auto_range() is True
        assert meter.power() == 1.25e-3
        meter.set_power_range(2e-3)
        assert meter.power_range() == 5e-3
        meter.start_zero()
        assert meter.zeroing() is True
        meter.abort_zero()
        assert meter.zero_offset() == 1.2e-9


def test_the_sensor_says_what_it_is(meter: PowerMeter) -> None:
    assert (meter.sensor_name(), meter.sensor_serial(), meter.sensor_flags()) == ("S120C", "210512345", 33)
    with pytest.raises(ValidationError):
        meter.wavelength(399e-9)


def test_what_the_sensor_cannot_do_is_refused(meter: PowerMeter) -> None:
    device_of(meter).sensor = "ES111C,1,2,3,4,2"
    for attempt in (meter.power, lambda: meter.wavelength(500e-9), lambda: meter.set_power_range(1.0)):
        with pytest.raises(IrrelevantParameterError):
            attempt()


def test_no_sensor_is_a_mistake() -> None:
    with (
        expected_exchanges(PowerMeter, [("SYST:SENS:IDN?", '"no sensor"')], name="meter") as meter,
        pytest.raises(ReplyError, match="no sensor"),
    ):
        meter.power()


def test_a_range_is_taken_that_holds_the_power(meter: PowerMeter) -> None:
    meter.set_power_range(100e-6)
    assert meter.power_range() == 500e-6
    assert meter.auto_range() is False
    assert meter.power() == 500e-6
    with pytest.raises(ValidationError):
        meter.set_power_range(0)
    meter.auto_range(True)
    assert meter.power() == 1.25e-3


def test_adjusting_zero_takes_a_second() -> None:
    device = SimulatedPm100(clock=Clock(speed=0))
    assert device.respond(b"SENSE:CORRECTION:COLLECT:ZERO;:SENS:CORR:COLL:ZERO:STAT?") == b"1\n"
    device.clock.advance(1.1)
    assert device.respond(b"CORR:COLL:ZERO:STAT?") == b"0\n"
