"""The Triton: what its driver sends and makes of replies, and what its simulator does."""

from __future__ import annotations

from typing import Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, UsageError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_oxford_instruments.simulated.triton import SimulatedTriton
from luthier_oxford_instruments.triton import Triton
from luthier_sim import Clock, device_at, reset_simulators

# path, value, place, what is sent, reply
SETTINGS = [
    ("input5.enabled", False, "T5:TEMP:MEAS:ENAB", "OFF", "OFF"),
    ("loop1.p", 15.0, "T8:TEMP:LOOP:P", "15", "15"),
    ("loop1.i", 120.0, "T8:TEMP:LOOP:I", "120", "120"),
    ("loop1.d", 0.0, "T8:TEMP:LOOP:D", "0", "0"),
    ("loop1.ramp_rate", 0.05, "T8:TEMP:LOOP:RAMP:RATE", "0.05", "0.05K/min"),
    ("loop1.ramping", True, "T8:TEMP:LOOP:RAMP:ENAB", "ON", "ON"),
    ("loop1.setpoint", 0.036, "T8:TEMP:LOOP:TSET", "0.036", "0.036K"),
    ("loop1.heater_range", 316e-6, "T8:TEMP:LOOP:RANGE", "0.316", "0.316mA"),
    ("loop1.automatic_heater", True, "T8:TEMP:LOOP:MODE", "ON", "ON"),
    ("still.power", 0.0123, "H2:HTR:SIG:POWR", "12300", "12300uW"),
    ("valve4.is_open", True, "V4:VALV:SIG:STATE", "OPEN", "OPEN"),
    ("turbo.running", False, "TURB1:PUMP:SIG:STATE", "OFF", "OFF"),
]
READINGS = [
    ("input5.temperature", "T5:TEMP:SIG:TEMP", "1.47628K", 1.47628),
    ("input8.sensor_value", "T8:TEMP:SIG:RES", "12345.6Ohm", 12345.6),
    ("turbo.speed", "TURB1:PUMP:SIG:SPD", "820Hz", 820.0),
    ("pressure2.pressure", "P2:PRES:SIG:PRES", "12.5mB", 1250.0),
    ("mixing_chamber.resistance", "H1:HTR:RES", "100.5Ohm", 100.5),
    ("valve9.is_open", "V9:VALV:SIG:STATE", "CLOSE", False),
]


@pytest.mark.parametrize(("path", "value", "place", "sent", "reply"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_confirmed_and_read(path: str, value: object, place: str, sent: str, reply: str) -> None:
    steps = [
        (f"SET:DEV:{place}:{sent}", f"STAT:SET:DEV:{place}:{reply}:VALID"),
        (f"READ:DEV:{place}", f"STAT:DEV:{place}:{reply}"),
    ]
    with expected_exchanges(Triton, steps, name="triton") as triton:
        triton.set(path, value)
        assert triton.get(path) == pytest.approx(value)


@pytest.mark.parametrize(("path", "place", "reply", "value"), READINGS, ids=[row[0] for row in READINGS])
def test_a_reading_is_asked_of_its_place(path: str, place: str, reply: str, value: object) -> None:
    with expected_exchanges(Triton, [(f"READ:DEV:{place}", f"STAT:DEV:{place}:{reply}")], name="triton") as triton:
        assert triton.get(path) == value


def test_the_system_is_asked_and_what_is_not_there_is_told() -> None:
    steps = [
        ("READ:SYS:DR:ACTN", "STAT:SYS:DR:ACTN:COND"),
        ("READ:SYS:DR:STATUS", "STAT:SYS:DR:STATUS:OK"),
        ("READ:SYS:DR:CHAN:MC", "STAT:SYS:DR:CHAN:MC:T8"),
        ("*IDN?", "IDN:OXFORD INSTRUMENTS:TRITON:1234:1.2:3"),
        ("READ:DEV:P6:PRES:SIG:PRES", "STAT:DEV:P6:PRES:SIG:PRES:NOT_FOUND"),
    ]
    with expected_exchanges(Triton, steps, name="triton") as triton:
        assert (triton.action(), triton.status(), triton.mixing_chamber_sensor()) == ("COND", "OK", "T8")
        assert (triton.idn.model, triton.idn.firmware) == ("TRITON", "1.2:3")
        with pytest.raises(InstrumentReportedError):
            triton.pressure6.pressure()


@pytest.mark.parametrize("wrong", [{"sensors": [0]}, {"sensors": [1, 1]}, {"control": 17}])
def test_sensors_that_there_are_not_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="Nothing was opened"):
        Triton("triton", None, **wrong)


def test_a_range_between_two_is_refused() -> None:
    with expected_exchanges(Triton, [], name="triton") as triton, pytest.raises(ValidationError):
        triton.loop1.heater_range(2e-3)


def test_on_the_simulator_it_controls_and_makes_safe() -> None:
    with luthier.open("oxford_instruments.triton", "sim://", name="triton") as triton:
        device: Any = device_at(str(triton.address))
        triton.loop1.heater_range(3.16e-3)
        triton.loop1.setpoint(0.1)
        triton.loop1.automatic_heater(True)
        assert triton.input8.temperature() == pytest.approx(0.1)
        assert triton.loop1.heater_output() == pytest.approx(100 * (0.99e-6 / 100) ** 0.5 / 3.16e-3, rel=1e-3)
        triton.loop1.ramping(True)
        triton.loop1.setpoint(0.2)
        device.clock.advance(120)
        assert triton.loop1.setpoint() == 0.2
        triton.make_safe()
        assert (triton.loop1.automatic_heater(), triton.mixing_chamber.power(), triton.still.power()) == (False, 0, 0)
        assert triton.valve9.is_open()
        assert triton.turbo.running()
    reset_simulators()


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("READ:DEV:T17:TEMP:SIG:TEMP", "STAT:DEV:T17:TEMP:SIG:TEMP:NOT_FOUND"),
        ("READ:DEV:T5:TEMP:LOOP:MODE", "STAT:DEV:T5:TEMP:LOOP:MODE:NOT_FOUND"),
        ("READ:DEV:T8:TEMP:LOOP:HTR", "STAT:DEV:T8:TEMP:LOOP:HTR:H1"),
        ("SET:DEV:T8:TEMP:LOOP:RANGE:2", "STAT:SET:DEV:T8:TEMP:LOOP:RANGE:2:INVALID"),
        ("SET:DEV:V1:VALV:SIG:STATE:ON", "STAT:SET:DEV:V1:VALV:SIG:STATE:ON:INVALID"),
        ("SET:DEV:H1:HTR:SIG:POWR:-1", "STAT:SET:DEV:H1:HTR:SIG:POWR:-1:INVALID"),
    ],
)
def test_the_simulator_answers_as_the_software_does(message: str, reply: str) -> None:
    device = SimulatedTriton(clock=Clock(speed=0))
    assert device.respond(message.encode()) == reply.encode() + b"\n"
