"""The Mercury iPS: what its driver sends and makes of replies, and what its simulator does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentFaultError, InstrumentReportedError, ReplyError, UsageError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_oxford_instruments.mercury import quantity
from luthier_oxford_instruments.mercury_ips import MercuryIps
from luthier_oxford_instruments.simulated.mercury_ips import SimulatedMercuryIps
from luthier_sim import Clock, device_at, reset_simulators

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# path, value, signal, what is sent, reply
SETTINGS = [
    ("ramp_rate", 0.1, "SIG:RFST", "0.1", "0.1000T/m"),
    ("current_ramp_rate", 2.5, "SIG:RCST", "2.5", "2.5000A/m"),
    ("field_setpoint", -1.23456789, "SIG:FSET", "-1.23456789", "-1.23456789T"),
    ("current_setpoint", 10.0, "SIG:CSET", "10", "10.0000A"),
    ("persistent_switch_heater", False, "SIG:SWHT", "OFF", "OFF"),
]
READINGS = [
    ("field", "SIG:FLD", "0.5000T", 0.5),
    ("field", "SIG:FLD", "12.5mT", 0.0125),
    ("persistent_field", "SIG:PFLD", "-1.0000T", -1.0),
    ("current", "SIG:CURR", "0.0002A", 0.0002),
    ("persistent_current", "SIG:PCUR", "4.0000A", 4.0),
    ("voltage", "SIG:VOLT", "1.5mV", 0.0015),
    ("state", "ACTN", "RTOZ", "zeroing"),
]


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[MercuryIps]:
    return expected_exchanges(MercuryIps, exchanges, name="mercury", **({"noun": "PSU"} | options))


@pytest.mark.parametrize(("path", "value", "signal", "sent", "reply"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_confirmed_and_read(path: str, value: object, signal: str, sent: str, reply: str) -> None:
    place = f"DEV:GRPZ:PSU:{signal}"
    steps = [(f"SET:{place}:{sent}", f"STAT:SET:{place}:{sent}:VALID"), (f"READ:{place}", f"STAT:{place}:{reply}")]
    with opened(steps) as mercury:
        mercury.set(path, value)
        assert mercury.get(path) == value


@pytest.mark.parametrize(("path", "signal", "reply", "value"), READINGS)
def test_a_reading_is_asked_of_its_axis(path: str, signal: str, reply: str, value: object) -> None:
    place = f"DEV:GRPX:PSU:{signal}"
    with opened([(f"READ:{place}", f"STAT:{place}:{reply}")], axis="X") as mercury:
        assert mercury.get(path) == value


@pytest.mark.parametrize("refusal", ["INVALID", "DENIED", "1.0", ""])
def test_what_is_not_confirmed_is_raised(refusal: str) -> None:
    message = "SET:DEV:GRPZ:PSU:SIG:FSET:1"
    with (
        opened([(message, f"STAT:{message}:{refusal}")]) as mercury,
        pytest.raises(InstrumentReportedError, match="expected: VALID at its end"),
    ):
        mercury.field_setpoint(1)


@pytest.mark.parametrize("reply", ["STAT:DEV:GRPY:PSU:SIG:FLD:N/A", "STAT:DEV:GRPY:PSU:NOT_FOUND", "READ:INVALID"])
def test_a_device_that_is_not_there_is_told(reply: str) -> None:
    with (
        opened([("READ:DEV:GRPY:PSU:SIG:FLD", reply)], axis="Y") as mercury,
        pytest.raises(InstrumentReportedError, match="Is the device there"),
    ):
        mercury.field()


@pytest.mark.parametrize("reply", ["STAT:A:1.0A", "STAT:A:1.0 T", "STAT:A:T", "STAT:A:", "1.0T", "STAT:A:1xT"])
def test_a_number_in_other_units_is_refused(reply: str) -> None:
    with pytest.raises(ReplyError):
        quantity("T")(reply)


@pytest.mark.parametrize(
    ("text", "value"), [("1.1mT", 0.0011), ("3nT", 3e-9), ("-2kT", -2000.0), ("1.5", 1.5), ("1e-3T", 1e-3)]
)
def test_prefixes_move_the_point_and_lose_no_digit(text: str, value: float) -> None:
    assert quantity("T")(f"STAT:A:{text}") == value


def test_an_axis_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="axis='W'"):
        MercuryIps("mercury", None, axis="W")
    with pytest.raises(UsageError, match="noun='GRP'"):
        MercuryIps("mercury", None, noun="GRP")


@pytest.mark.parametrize(
    ("firmware", "noun"), [("2.5.13.000", "PSU"), ("2.6.04.000", "SPSU"), ("3.0", "SPSU"), ("beta", "PSU")]
)
def test_a_supply_is_called_what_the_firmware_calls_it(firmware: str, noun: str) -> None:
    place = f"DEV:GRPZ:{noun}:"
    steps = [
        ("*IDN?", f"IDN:OXFORD INSTRUMENTS:MERCURY IPS:123456:{firmware}"),
        (f"READ:{place}ACTN", f"STAT:{place}ACTN:HOLD"),
        (f"SET:{place}ACTN:RTOS", f"STAT:SET:{place}ACTN:RTOS:VALID"),
    ]
    with opened(steps, noun=None) as mercury:
        mercury.ramp_to_setpoint()


def test_the_switch_is_not_opened_between_different_currents() -> None:
    place = "DEV:GRPZ:PSU:SIG:"
    steps = [
        (f"READ:{place}CURR", f"STAT:{place}CURR:0.0A"),
        (f"READ:{place}PCUR", f"STAT:{place}PCUR:4.0A"),
        (f"READ:{place}SWHT", f"STAT:{place}SWHT:OFF"),
    ]
    with opened(steps) as mercury, pytest.raises(UsageError, match="Ramp the supply to 4 A first"):
        mercury.persistent_switch_heater(True)


def test_it_does_not_ramp_while_it_is_clamped_and_making_safe_leaves_it_so() -> None:
    clamped = ("READ:DEV:GRPZ:PSU:ACTN", "STAT:DEV:GRPZ:PSU:ACTN:CLMP")
    with opened([clamped, clamped]) as mercury:
        with pytest.raises(InstrumentFaultError, match=r"then call hold\(\)"):
            mercury.ramp_to_setpoint()
        mercury.make_safe()


def test_beyond_what_any_magnet_does_is_refused() -> None:
    with opened([]) as mercury, pytest.raises(ValidationError, match="-30 T to 30 T"):
        mercury.field_setpoint(31)


def test_on_the_simulator_it_ramps_keeps_a_field_and_makes_safe() -> None:
    with luthier.open("oxford_instruments.mercury_ips", "sim://", name="mercury") as mercury:
        assert mercury.idn.model == "MERCURY IPS"
        mercury.ramp_rate(100)
        mercury.ramp_to(0.25)
        mercury.persistent_switch_heater(False)
        device: Any = device_at(mercury.address)
        device.rate = 1e12
        mercury.make_safe()
        assert (mercury.field(), mercury.persistent_field(), mercury.state()) == (0, 0.25, "holding")
    reset_simulators()


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("GET:SYS:CAT", "GET:INVALID"),
        ("READ:FOO", "READ:FOO:INVALID"),
        ("READ:DEV:MB1.T1:TEMP", "STAT:DEV:MB1.T1:TEMP:NOT_FOUND"),
        ("READ:DEV:GRPZ:PSU:SIG:FOO", "STAT:DEV:GRPZ:PSU:SIG:FOO:INVALID"),
        ("SET:DEV:GRPZ:PSU:SIG:FSET:31", "STAT:SET:DEV:GRPZ:PSU:SIG:FSET:31:INVALID"),
        ("SET:DEV:GRPZ:PSU:SIG:FSET:x", "STAT:SET:DEV:GRPZ:PSU:SIG:FSET:x:INVALID"),
        ("SET:DEV:GRPZ:PSU:ACTN:GO", "STAT:SET:DEV:GRPZ:PSU:ACTN:GO:INVALID"),
        ("READ:DEV:GRPZ:PSU:SIG:FLD?", "STAT:DEV:GRPZ:PSU:SIG:FLD:0.000000T"),
    ],
)
def test_the_simulator_answers_as_the_manual_says(message: str, reply: str) -> None:
    device = SimulatedMercuryIps(clock=Clock(speed=0))
    assert device.respond(message.encode()) == reply.encode() + b"\n"
