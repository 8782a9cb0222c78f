"""What the drivers of the 425 and 475 send, and what they and their simulators make of it."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IdentityError, InstrumentReportedError, ReplyError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_lakeshore.gaussmeter425 import Gaussmeter425
from luthier_lakeshore.gaussmeter475 import Gaussmeter475
from luthier_lakeshore.gaussmeters import MeterStatus
from luthier_lakeshore.simulated.gaussmeters import Simulated425
from luthier_sim import Clock, device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

MODELS: dict[str, type[Gaussmeter425 | Gaussmeter475]] = {"425": Gaussmeter425, "475": Gaussmeter475}

# model, path, value, exchanges
CASES: list[tuple[str, str, object, list[Any]]] = [
    ("425", "display_unit", "T", [("UNIT 2", None), ("UNIT?", "2")]),
    ("425", "mode", "rms", [("RDGMODE?", "1,0,1"), ("RDGMODE 2,0,1", None), ("RDGMODE?", "2,0,1")]),
    ("425", "relative", True, [("REL 1", None), ("REL?", "1")]),
    ("425", "range_number", 4, [("RANGE 4", None), ("RANGE?", "4")]),
    (
        "425",
        "relative_setpoint",
        0.12,
        [("UNIT?", "1"), ("RELSP 1200", None), ("RELSP?", "+1.200E+03"), ("UNIT?", "1")],
    ),
    (
        "425",
        "alarm_high",
        0.03,
        [
            ("ALARM?", "1,1,+100.000E+00,+400.000E+00,1,0,0"),
            ("UNIT?", "1"),
            ("UNIT?", "1"),
            ("ALARM 1,1,100,300,1,0,0", None),
            ("ALARM?", "1,1,+100.000E+00,+300.000E+00,1,0,0"),
            ("UNIT?", "1"),
        ],
    ),
    ("425", "relay_mode", "alarm", [("RELAY?", "0,1"), ("RELAY 2,1", None), ("RELAY?", "2,1")]),
    ("475", "digits", 5, [("RDGMODE?", "1,2,1,1,1"), ("RDGMODE 1,3,1,1,1", None), ("RDGMODE?", "1,3,1,1,1")]),
    ("475", "relative", True, [("REL?", "0,1"), ("REL 1,1", None), ("REL?", "1,1")]),
]

# model, path, exchanges, value
READINGS: list[tuple[str, str, list[Any], object]] = [
    ("425", "field", [("RDGFIELD?", "+420.000E+00"), ("UNIT?", "1"), ("OPST?", "004")], 0.042),
    ("425", "field", [("RDGFIELD?", "+42.0000E-03"), ("UNIT?", "2"), ("OPST?", "004")], 0.042),
    (
        "475",
        "field",
        [("RDGFIELD?", "+1.00000E+06"), ("UNIT?", "4"), ("OPST?", "004")],
        pytest.approx(1.2566, abs=1e-4),
    ),
    ("475", "positive_peak", [("RDGPEAK?", "-300.000E+00,+500.000E+00"), ("UNIT?", "1")], 0.05),
    ("475", "probe_temperature", [("RDGTEMP?", "+25.0000E+00"), ("TUNIT?", "1")], 298.15),
    ("475", "status", [("OPST?", "3")], MeterStatus.NO_PROBE | MeterStatus.OVERLOAD),
    ("425", "probe_type", [("TYPE?", "41")], "high stability"),
]


def opened(model: str, exchanges: list[Any]) -> AbstractContextManager[Any]:
    steps = [("*IDN?", f"LSCI,MODEL{model},1,1"), *exchanges]
    options = {"error_policy": "never"} if model == "475" else {}
    return expected_exchanges(MODELS[model], steps, name="meter", **options)


@pytest.fixture(params=["425", "475"])
def meter(request: pytest.FixtureRequest) -> Iterator[Any]:
    reset_simulators()
    with luthier.open(f"lakeshore.{request.param}", "sim://", name="meter") as instrument:
        yield instrument
    reset_simulators()


@pytest.mark.parametrize(("model", "path", "value", "exchanges"), CASES, ids=[f"{row[0]} {row[1]}" for row in CASES])
def test_a_setting_is_sent_and_read(model: str, path: str, value: object, exchanges: list[Any]) -> None:
    with opened(model, exchanges) as meter:
        meter.set(path, value)
        assert meter.get(path) == value


@pytest.mark.parametrize(
    ("model", "path", "exchanges", "value"), READINGS, ids=[f"{row[0]} {row[1]} {row[3]}" for row in READINGS]
)
def test_a_reading_is_asked_and_understood(model: str, path: str, exchanges: list[Any], value: object) -> None:
    with opened(model, exchanges) as meter:
        assert meter.get(path) == value


def test_a_field_in_a_unit_that_is_none_is_refused() -> None:
    with opened("425", [("RDGFIELD?", "1"), ("UNIT?", "5")]) as meter, pytest.raises(ReplyError, match="1 to 4"):
        meter.field()


@pytest.mark.parametrize("word", ["OL", "NO PROBE"])
def test_a_word_in_place_of_a_reading_is_no_field(word: str) -> None:
    with opened("475", [("RDGFIELD?", word), ("UNIT?", "1"), ("OPST?", "000")]) as meter:
        assert isnan(meter.field())
    with opened("475", [("RDGMNMX?", f"{word},+1.0E+03"), ("UNIT?", "1")]) as meter:
        extremes = meter.extremes()
    assert isnan(extremes["minimum_field"])
    assert extremes["maximum_field"] == 0.1


def test_another_model_is_refused() -> None:
    with (
        pytest.raises(IdentityError, match="expected: MODEL475"),
        expected_exchanges(Gaussmeter475, [("*IDN?", "LSCI,MODEL455,1,1")], name="meter"),
    ):
        pass


def test_the_field_is_in_tesla_whatever_the_display_shows(meter: Any) -> None:
    for unit in ("G", "T", "Oe", "A/m"):
        meter.display_unit(unit)
        assert meter.field() == pytest.approx(0.05, rel=1e-5)


def test_beyond_the_range_and_without_a_probe_there_is_no_field(meter: Any) -> None:
    meter.range_number(1)
    assert not meter.auto_range()
    assert isnan(meter.field())
    assert MeterStatus.OVERLOAD in meter.status()
    meter.auto_range(True)
    assert meter.field() == 0.05
    device: Any = device_at(meter.address)
    device.probe = 0
    assert isnan(meter.field())


def test_the_probe_is_zeroed_and_the_largest_field_kept(meter: Any) -> None:
    device: Any = device_at(meter.address)
    device.true_field = 0.07
    assert meter.field() == 0.07
    meter.zero_probe()
    assert meter.field() == 0
    assert meter.maximum_field() == 0.07
    meter.clear_zero()
    meter.relative_setpoint(0.05)
    assert meter.relative_field() == pytest.approx(0.02)


def test_ranges_are_those_of_the_model(meter: Any) -> None:
    with pytest.raises(ValidationError, match=f"1 to {meter.last_range}"):
        meter.range_number(meter.last_range + 1)


def test_the_425_says_nothing_of_what_it_refuses_and_the_475_does(meter: Any) -> None:
    meter.write("UNIT 7")
    if meter.idn.model == "MODEL425":
        meter.check_errors("UNIT 7")
    else:
        with pytest.raises(InstrumentReportedError, match="execution error"):
            meter.check_errors("UNIT 7")


def test_the_relay_follows_the_alarm() -> None:
    device = Simulated425(clock=Clock(speed=0))
    assert device.respond(b"ALARM 1,1,0,400,1,0,0;RELAY 2,2;RELAYST?;OPST?") == b"1;012\r\n"
    assert device.respond(b"RELAY 2,1;RELAYST?;ALARM 1,1,0,600,1,0,0;OPST?") == b"0;004\r\n"
    assert device.respond(b"*ESR?") is None
