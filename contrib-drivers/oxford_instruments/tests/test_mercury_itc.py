"""The Mercury iTC: what its driver sends and makes of replies, and what its simulator does."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, IrrelevantParameterError, ReplyError, UsageError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_oxford_instruments.mercury_itc import MercuryItc
from luthier_oxford_instruments.simulated.mercury_itc import SimulatedMercuryItc
from luthier_sim import Clock, device_at, reset_simulators

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

BOARDS: dict[str, Any] = {
    "sensors": ["DB6.T1"],
    "heaters": ["DB1.H1"],
    "valves": ["DB4.G1"],
    "pressures": ["DB5.P1"],
    "levels": ["DB8.L1"],
}
# path, value, place, what is sent, reply
SETTINGS = [
    ("loop1.setpoint", 4.321, "DB6.T1:TEMP:LOOP:TSET", "4.321", "4.3210K"),
    ("loop1.p", 12.5, "DB6.T1:TEMP:LOOP:P", "12.5", "12.5"),
    ("loop1.i", 1.8, "DB6.T1:TEMP:LOOP:I", "1.8", "1.8"),
    ("loop1.d", 0.5, "DB6.T1:TEMP:LOOP:D", "0.5", "0.5"),
    ("loop1.automatic_pid", True, "DB6.T1:TEMP:LOOP:PIDT", "ON", "ON"),
    ("loop1.automatic_heater", True, "DB6.T1:TEMP:LOOP:ENAB", "ON", "ON"),
    ("loop1.automatic_gas", False, "DB6.T1:TEMP:LOOP:FAUT", "OFF", "OFF"),
    ("loop1.ramping", True, "DB6.T1:TEMP:LOOP:RENA", "ON", "ON"),
    ("loop1.ramp_rate", 0.25, "DB6.T1:TEMP:LOOP:RSET", "0.25", "0.2500K/m"),
    ("heater1.voltage_limit", 25.0, "DB1.H1:HTR:VLIM", "25", "25"),
    ("heater1.resistance", 50.0, "DB1.H1:HTR:RES", "50", "50.00"),
    ("valve1.smallest_flow", 2.0, "DB4.G1:AUX:GMIN", "2", "2.0"),
    ("valve1.flow_scale", 1.5, "DB4.G1:AUX:GFSF", "1.5", "1.5"),
    ("level1.slow_sampling", False, "DB8.L1:LVL:HEL:PULS:SLOW", "OFF", "OFF"),
]
READINGS = [
    ("input1.temperature", "DB6.T1:TEMP:SIG:TEMP", "813.1000K", 813.1),
    ("input1.sensor_value", "DB6.T1:TEMP:SIG:VOLT", "12.345mV", 0.012345),
    ("input1.sensor_type", "DB6.T1:TEMP:TYPE", "DDE", "DDE"),
    ("input1.nickname", "DB6.T1:TEMP:NICK", "Sorb", "Sorb"),
    ("loop1.nickname", "DB6.T1:TEMP:NICK", "Sorb", "Sorb"),
    ("loop1.heater", "DB6.T1:TEMP:LOOP:HTR", "DB1.H1", "DB1.H1"),
    ("loop1.heater_output", "DB6.T1:TEMP:LOOP:HSET", "12.5", 12.5),
    ("loop1.ramp_rate", "DB6.T1:TEMP:LOOP:RSET", "infK/m", inf),
    ("heater1.voltage", "DB1.H1:HTR:SIG:VOLT", "1.5000V", 1.5),
    ("heater1.current", "DB1.H1:HTR:SIG:CURR", "2.5mA", 0.0025),
    ("heater1.power", "DB1.H1:HTR:SIG:POWR", "0.0125W", 0.0125),
    ("heater1.largest_power", "DB1.H1:HTR:PMAX", "80.0", 80.0),
    ("valve1.opening", "DB4.G1:AUX:SIG:PERC", "15.0000%", 15.0),
    ("pressure1.pressure", "DB5.P1:PRES:SIG:PRES", "12.5000mB", 1250.0),
    ("level1.helium_level", "DB8.L1:LVL:SIG:HEL:LEV", "56.3938%", 56.3938),
    ("level1.nitrogen_level", "DB8.L1:LVL:SIG:NIT:LEV", "2.6014%", 2.6014),
]


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[MercuryItc]:
    return expected_exchanges(MercuryItc, exchanges, name="itc", **(BOARDS | options))


@pytest.mark.parametrize(("path", "value", "place", "sent", "reply"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_confirmed_and_read(path: str, value: object, place: str, sent: str, reply: str) -> None:
    steps = [
        (f"SET:DEV:{place}:{sent}", f"STAT:SET:DEV:{place}:{reply}:VALID"),
        (f"READ:DEV:{place}", f"STAT:DEV:{place}:{reply}"),
    ]
    with opened(steps) as itc:
        itc.set(path, value)
        assert itc.get(path) == value


@pytest.mark.parametrize(("path", "place", "reply", "value"), READINGS, ids=[row[0] for row in READINGS])
def test_a_reading_is_asked_of_its_board(path: str, place: str, reply: str, value: object) -> None:
    with opened([(f"READ:DEV:{place}", f"STAT:DEV:{place}:{reply}")]) as itc:
        assert itc.get(path) == value


@pytest.mark.parametrize("unit", ["O", "Ohm", "R"])
def test_resistances_are_there_for_resistors(unit: str) -> None:
    kind, resistance = "READ:DEV:DB6.T1:TEMP:TYPE", "READ:DEV:DB6.T1:TEMP:SIG:RES"
    steps = [
        (kind, "STAT:DEV:DB6.T1:TEMP:TYPE:NTC"),
        (resistance, f"STAT:DEV:DB6.T1:TEMP:SIG:RES:1.5k{unit}"),
        (kind, "STAT:DEV:DB6.T1:TEMP:TYPE:DDE"),
    ]
    with opened(steps) as itc:
        assert itc.inputs[0].resistance() == 1500
        itc.input1.sensor_type()
        with pytest.raises(IrrelevantParameterError):
            itc.inputs[0].resistance()


def test_by_hand_only_what_is_not_automatic_is_set() -> None:
    place = "DEV:DB6.T1:TEMP:LOOP:"
    steps = [
        (f"READ:{place}ENAB", f"STAT:{place}ENAB:ON"),
        (f"READ:{place}FAUT", f"STAT:{place}FAUT:OFF"),
        (f"SET:{place}FSET:20", f"STAT:SET:{place}FSET:20.0:VALID"),
    ]
    with opened(steps) as itc:
        with pytest.raises(IrrelevantParameterError):
            itc.loop1.manual_output(10)
        itc.loop1.gas_flow(20)


def test_what_is_fitted_and_what_is_wrong_is_told() -> None:
    steps = [
        ("READ:SYS:CAT", "STAT:SYS:CAT:DEV:MB0.H1:HTR:DEV:MB1.T1:TEMP"),
        ("READ:SYS:ALRM", "STAT:SYS:ALRM:DB6.T1\tOpen circuit;MB1.T1\tShort circuit;"),
        ("READ:SYS:ALRM", "STAT:SYS:ALRM:"),
        ("READ:SYS:CAT", "READ:SYS:INVALID"),
        ("READ:SYS:ALRM", "STAT:SYS:CAT"),
        ("READ:DEV:DB6.T1:TEMP:SIG:TEMP", "STAT:DEV:DB6.T1:TEMP:SIG:TEMP:NOT_FOUND"),
    ]
    with opened(steps) as itc:
        assert itc.catalogue() == {"MB0.H1": "HTR", "MB1.T1": "TEMP"}
        assert itc.alarms() == {"DB6.T1": "Open circuit", "MB1.T1": "Short circuit"}
        assert itc.alarms() == {}
        with pytest.raises(ReplyError, match="STAT:SYS:CAT"):
            itc.catalogue()
        with pytest.raises(ReplyError, match="STAT:SYS:ALRM"):
            itc.alarms()
        with pytest.raises(InstrumentReportedError, match="READ:SYS:CAT"):
            itc.input1.temperature()


@pytest.mark.parametrize("wrong", [{"sensors": "MB1.T1"}, {"sensors": ["A:B"]}, {"heaters": ["MB0.H1", "MB0.H1"]}])
def test_identifiers_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="Nothing was opened"):
        MercuryItc("itc", None, **wrong)


def test_limits_are_those_of_the_handbook() -> None:
    with opened([]) as itc:
        for path, value in (("setpoint", 2000.1), ("p", 200), ("d", 300), ("ramp_rate", -1)):
            with pytest.raises(ValidationError):
                itc.loop1.set(path, value)


def test_on_the_simulator_it_controls_ramps_and_makes_safe() -> None:
    with luthier.open("oxford_instruments.mercury_itc", "sim://", name="itc", sensors=["MB1.T1", "DB6.T1"]) as itc:
        assert (itc.idn.model, itc.idn.serial) == ("MERCURY ITC", "123456")
        device: Any = device_at(str(itc.address))
        itc.loop1.setpoint(10)
        itc.loop1.ramp_rate(6)
        itc.loop1.ramping(True)
        itc.loop1.automatic_heater(True)
        itc.loop1.setpoint(20)
        assert itc.loop1.setpoint() == pytest.approx(10, abs=0.5)
        device.clock.advance(600)
        assert itc.loop1.setpoint() == 20
        device.clock.advance(300)
        assert itc.input1.temperature() == pytest.approx(20, abs=4)
        assert itc.heater1.power() > 0
        itc.make_safe()
        assert (itc.loop1.automatic_heater(), itc.loop1.heater_output(), itc.heater1.voltage()) == (False, 0, 0)
    reset_simulators()


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("READ:SYS:FOO", "STAT:SYS:FOO:INVALID"),
        ("READ:DEV:MB1.T1:HTR:VLIM", "STAT:DEV:MB1.T1:HTR:VLIM:NOT_FOUND"),
        ("READ:DEV:DB6.T1:TEMP:SIG:RES", "STAT:DEV:DB6.T1:TEMP:SIG:RES:INVALID"),
        ("READ:DEV:MB1.T1:TEMP:LOOP:XSET", "STAT:DEV:MB1.T1:TEMP:LOOP:XSET:INVALID"),
        ("SET:DEV:MB1.T1:TEMP:LOOP:TSET:2001", "STAT:SET:DEV:MB1.T1:TEMP:LOOP:TSET:2001:INVALID"),
        ("SET:DEV:MB0.H1:HTR:GMIN:1", "STAT:SET:DEV:MB0.H1:HTR:GMIN:1:INVALID"),
        ("SET:DEV:MB0.H1:HTR:PMAX:1", "STAT:SET:DEV:MB0.H1:HTR:PMAX:1:INVALID"),
        ("SET:DEV:DB8.L1:LVL:HEL:PULS:SLOW:OFF", "STAT:SET:DEV:DB8.L1:LVL:HEL:PULS:SLOW:OFF:VALID"),
    ],
)
def test_the_simulator_answers_as_the_manual_says(message: str, reply: str) -> None:
    device = SimulatedMercuryItc(clock=Clock(speed=0))
    assert device.respond(message.encode()) == reply.encode() + b"\n"
