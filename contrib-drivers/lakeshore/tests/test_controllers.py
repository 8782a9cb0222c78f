"""What the drivers of the 335, 336 and 350 send, and what they make of the replies."""

from __future__ import annotations

from math import inf, isnan
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import (
    IdentityError,
    InstrumentFaultError,
    InstrumentReportedError,
    IrrelevantParameterError,
    ReplyError,
    UsageError,
    ValidationError,
)
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_lakeshore.controllers import Controller335, Controller336, Controller350, TemperatureController
from luthier_lakeshore.inputs import ReadingStatus

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

MODELS: dict[str, type[TemperatureController]] = {"335": Controller335, "336": Controller336, "350": Controller350}

# path, value, question before it is set (of a group) with its reply, what is sent, query, reply
SETTINGS = [
    ("336", "input_a.sensor_name", "Cold finger", None, 'INNAME A,"Cold finger"', "INNAME? A", "Cold finger    "),
    ("336", "input_b.curve_number", 21, None, ["INCRV B,21", ("INCRV? B", "21")], "INCRV? B", "21"),
    ("336", "input_c.temperature_limit", 350.0, None, "TLIMIT C,350", "TLIMIT? C", "+350.0000"),
    ("336", "input_d.filter_points", 16, ("FILTER? D", "1,08,10"), "FILTER D,1,16,10", "FILTER? D", "1,16,10"),
    (
        "336",
        "input_a.alarm_high",
        100.5,
        ("ALARM? A", "0,+1000.00,+0.00000,+0.00000,0,1,1"),
        "ALARM A,0,100.5,0,0,0,1,1",
        "ALARM? A",
        "0,+100.500,+0.00000,+0.00000,0,1,1",
    ),
    ("336", "loop1.mode", "closed loop", ("OUTMODE? 1", "0,1,0"), "OUTMODE 1,1,1,0", "OUTMODE? 1", "1,1,0"),
    ("336", "loop2.input", "D", ("OUTMODE? 2", "0,1,0"), "OUTMODE 2,0,4,0", "OUTMODE? 2", "0,4,0"),
    ("336", "loop3.mode", "monitor", ("OUTMODE? 3", "0,1,0"), "OUTMODE 3,4,1,0", "OUTMODE? 3", "4,1,0"),
    ("336", "loop1.p", 52.25, ("PID? 1", "+0050.0,+0020.0,+000.00"), "PID 1,52.25,20,0", "PID? 1", "+52.25,+20.0,+0.0"),
    ("336", "loop4.manual_output", 22.45, None, "MOUT 4,22.45", "MOUT? 4", "+22.450"),
    ("336", "loop1.ramping", True, ("RAMP? 1", "0,+010.5"), "RAMP 1,1,10.5", "RAMP? 1", "1,+010.5"),
    ("336", "loop1.ramp_rate", 0.1, ("RAMP? 1", "1,+010.5"), "RAMP 1,1,0.1", "RAMP? 1", "1,+000.1"),
    ("336", "loop2.heater_range", "high", None, "RANGE 2,3", "RANGE? 2", "3"),
    ("336", "loop3.heater_range", "on", None, "RANGE 3,1", "RANGE? 3", "1"),
    (
        "336",
        "loop1.heater_resistance",
        50.0,
        ("HTRSET? 1", "1,2,+1.000,1"),
        "HTRSET 1,2,2,1,1",
        "HTRSET? 1",
        "2,2,+1.000,1",
    ),
    (
        "335",
        "loop2.output_type",
        "voltage",
        ("HTRSET? 2", "0,1,2,+1.000,1"),
        "HTRSET 2,1,1,2,1,1",
        "HTRSET? 2",
        "1,1,2,+1.000,1",
    ),
    (
        "335",
        "loop1.current_limit",
        "1.732 A",
        ("HTRSET? 1", "0,1,2,+1.000,1"),
        "HTRSET 1,0,1,4,1,1",
        "HTRSET? 1",
        "0,1,4,+1.000,1",
    ),
    ("350", "loop1.heater_range", "range 5", None, "RANGE 1,5", "RANGE? 1", "5"),
    (
        "336",
        "loop1.zone.upper_bound",
        25.0,
        ("ZONE? 1,1", "+0.0000,+50.0,+20.0,+0.0,+0.0,0,0,+0.1"),
        "ZONE 1,1,25,50,20,0,0,0,0,0.1",
        "ZONE? 1,1",
        "+25.000,+50.0,+20.0,+0.0,+0.0,0,0,+0.1",
    ),
    (
        "336",
        "curve.setpoint_limit",
        325.0,
        ("CRVHDR? 21", "DT-470         ,00011134  ,2,+375.000,1"),
        'CRVHDR 21,"DT-470","00011134",2,325,1',
        "CRVHDR? 21",
        "DT-470         ,00011134  ,2,+325.000,1",
    ),
]

# path, query, reply, value
READINGS = [
    ("input_a.temperature", "KRDG? A;RDGST? A", "+077.350;000", 77.35),
    ("input_b.sensor_value", "SRDG? B;RDGST? B", "+1.02032;000", 1.02032),
    ("input_c.status", "RDGST? C", "160", ReadingStatus.SENSOR_OVER_RANGE | ReadingStatus.TEMPERATURE_OVER_RANGE),
    ("input_a.high_alarm_on", "ALARMST? A", "1,0", True),
    ("loop1.heater_output", "HTR? 1", "+042.5", 42.5),
    ("loop3.heater_output", "AOUT? 3", "+010.0", 10.0),
    ("loop2.heater_error", "HTRST? 2", "1", "open"),
    ("loop1.ramp_active", "RAMPST? 1", "1", True),
    ("loop2.setpoint", "SETP? 2", "+004.200", 4.2),
]


def identity(model: str) -> tuple[str, str]:
    return "*IDN?", f"LSCI,MODEL{model},1234567/1234567,1.0"


def opened(exchanges: list[Any], model: str = "336", **options: object) -> AbstractContextManager[Any]:
    steps = [identity(model), *exchanges]
    return expected_exchanges(MODELS[model], steps, name="controller", **{"error_policy": "never", **options})


@pytest.mark.parametrize(
    ("model", "path", "value", "before", "sent", "query", "reply"),
    SETTINGS,
    ids=[f"{row[0]} {row[1]}" for row in SETTINGS],
)
def test_a_setting_is_sent_and_read_as_the_manual_says(  # noqa: PLR0917 - the columns of the table
    model: str, path: str, value: object, before: Any, sent: Any, query: str, reply: str
) -> None:
    messages = [
        step if isinstance(step, tuple) else (step, None) for step in ([sent] if isinstance(sent, str) else sent)
    ]
    with opened([*([before] if before else []), *messages, (query, reply)], model) as controller:
        controller.set(path, value)
        assert controller.get(path) == value


@pytest.mark.parametrize(("path", "query", "reply", "value"), READINGS, ids=[row[0] for row in READINGS])
def test_a_reading_is_asked_and_understood_as_the_manual_says(path: str, query: str, reply: str, value: object) -> None:
    conditions = [("OUTMODE? 2", "1,0,0")] if path.endswith("setpoint") else []
    with opened([*conditions, (query, reply)]) as controller:
        assert controller.get(path) == value


def test_an_input_without_a_valid_reading_is_not_at_0_kelvin() -> None:
    with opened([("KRDG? A;RDGST? A", "+000.000;128"), ("SRDG? A;RDGST? A", "+0.00000;064")]) as controller:
        assert isnan(controller.input_a.temperature())
        assert isnan(controller.input_a.sensor_value())


@pytest.mark.parametrize("reply", ["+077.350", "+077.350;", ";000", "cold;000"])
def test_a_reading_without_its_status_is_refused(reply: str) -> None:
    with opened([("KRDG? A;RDGST? A", reply)]) as controller, pytest.raises(ReplyError, match=r"input_a\.temperature"):
        controller.input_a.temperature()


@pytest.mark.parametrize("model", MODELS)
def test_opening_only_asks_who_it_is(model: str) -> None:
    with opened([], model) as controller:
        assert controller.idn.serial == "1234567/1234567"


def test_another_model_is_refused_because_its_outputs_differ() -> None:
    with (
        pytest.raises(IdentityError, match=r"LSCI MODEL336 answers; expected: MODEL350"),
        expected_exchanges(Controller350, [identity("336")], name="controller"),
    ):
        pass
    assert "controller" not in luthier.instruments()


def test_what_the_instrument_refuses_is_raised_with_its_bits() -> None:
    with (
        opened([("MOUT 1,5", None), ("*ESR?", "016")], error_policy="after-set") as controller,
        pytest.raises(InstrumentReportedError, match=r"'MOUT 1,5': 16, execution error") as raised,
    ):
        controller.loop1.manual_output(5)
    assert [code for code, _ in raised.value.entries] == [16]


def test_the_bit_of_switching_on_is_no_error_and_each_message_is_checked_where_asked() -> None:
    steps = [("*ESR?", "128"), ("MOUT 1,5", None), ("*ESR?", "000"), ("MOUT? 1", "+5.000"), ("*ESR?", "000")]
    with opened(steps, error_policy="after-each") as controller:
        controller.loop1.manual_output(5)
        assert controller.loop1.manual_output() == 5


def test_a_setpoint_is_held_to_the_limit_of_the_curve_that_its_input_uses() -> None:
    steps = [
        ("OUTMODE? 1", "1,2,0"),
        ("INTYPE? B", "1,0,0,0,1"),
        ("INCRV? B", "21"),
        ("CRVHDR? 21", "X1             ,1         ,2,+325.000,1"),
        ("SETP 1,325", None),
    ]
    with opened(steps) as controller:
        controller.loop1.setpoint(325)
        with pytest.raises(ValidationError, match="0 K to 325 K"):
            controller.loop1.setpoint(325.5)


def test_a_setpoint_is_refused_while_the_instrument_would_take_it_in_other_units() -> None:
    with opened([("OUTMODE? 1", "1,1,0"), ("INTYPE? A", "1,0,0,0,2")]) as controller:
        with pytest.raises(IrrelevantParameterError, match="only while preferred_units of its input is 'K'"):
            controller.loop1.setpoint(4.2)
        with pytest.raises(IrrelevantParameterError):
            controller.loop1.setpoint()


def test_a_curve_that_the_instrument_does_not_take_is_told() -> None:
    with (
        opened([("INCRV A,6", None), ("INCRV? A", "00")]) as controller,
        pytest.raises(InstrumentFaultError, match=r"curve 6 was not taken.*The input uses curve 0 now, that is none"),
    ):
        controller.input_a.curve_number(6)


def test_another_type_of_sensor_is_sent_with_a_range_that_it_has() -> None:
    steps = [("INTYPE? A", "3,1,8,1,1"), ("INTYPE A,1,0,1,0,1", None)]
    with opened(steps) as controller:
        controller.input_a.sensor_type("diode")


def test_zones_are_looked_at_one_at_a_time() -> None:
    reply = "+25.000,+10.0,+20.0,+0.0,+0.0,2,1,+5.0"
    with opened([("ZONE? 2,1", reply), ("ZONE? 2,7", reply.replace("+25", "+77"))]) as controller:
        zone = controller.loop2.zone
        assert zone.settings()["upper_bound"] == 25
        zone.number(7)
        assert not zone.upper_bound.cache.valid, "it was that of another zone"
        assert zone.upper_bound() == 77


def test_all_points_of_a_curve_are_an_array_over_sensor_values() -> None:
    points = [
        ("CRVPT? 2,1", "+0.09060,+475.000"),
        ("CRVPT? 2,2", "+1.69800,+1.40000"),
        ("CRVPT? 2,3", "+0.00000,+0.00000"),
    ]
    with opened(points) as controller:
        controller.curve.number(2)
        assert np.array_equal(controller.curve.temperatures(), [475.0, 1.4])
        assert np.array_equal(controller.curve.sensor_values.cache.value, [0.0906, 1.698])
        assert controller.curve.points.cache.value == 2


@pytest.mark.parametrize(
    ("values", "kelvins"),
    [([1.0], [4.2]), ([1.0, 0.5], [4.2, 300]), ([1.0, 1.5], [4.2]), ([0.0, inf], [4.2, 300]), (range(201), range(201))],
)
def test_points_that_are_no_curve_are_refused_before_anything_is_sent(values: Any, kelvins: Any) -> None:
    with opened([]) as controller, pytest.raises(ValidationError, match="2 to 200 of both"):
        controller.curve.write_points(values, kelvins)


def test_a_standard_curve_cannot_be_written() -> None:
    with opened([]) as controller:
        controller.curve.number(2)
        with pytest.raises(UsageError, match=r"standard curve.*Set controller\.curve\.number to 21 or more"):
            controller.curve.write_points([0, 1], [300, 4])


def test_making_safe_switches_every_heater_off_even_where_one_does_not_answer() -> None:
    steps = [("RANGE 1,0", WireFault.TIMEOUT), ("RANGE 2,0", None), ("RANGE 3,0", None), ("RANGE 4,0", None)]
    with opened(steps) as controller, pytest.raises(ExceptionGroup, match="1 of 4 heaters may still be on"):
        controller.make_safe()


@pytest.mark.parametrize(
    ("model", "path", "value"),
    [
        ("336", "loop1.setpoint", -1.0),
        ("336", "loop1.p", 0.0),
        ("336", "loop1.d", 201.0),
        ("336", "loop1.ramp_rate", 0.0),
        ("336", "loop1.manual_output", 100.1),
        ("336", "loop1.heater_range", "range 5"),
        ("336", "loop1.mode", "monitor"),
        ("335", "loop1.input", "C"),
        ("335", "loop1.output_type", "voltage"),
        ("350", "loop1.heater_range", "high"),
        ("336", "input_a.sensor_name", "a,b"),
        ("336", "input_a.curve_number", 60),
    ],
)
def test_what_the_manual_does_not_allow_is_refused_before_it_is_sent(model: str, path: str, value: object) -> None:
    before = [("OUTMODE? 1", "1,0,0")] if path.endswith("setpoint") else []
    with opened(before, model) as controller, pytest.raises(ValidationError, match=f"controller.{path}"):
        controller.set(path, value)


def test_on_a_serial_line_the_settings_from_the_factory_are_used_unless_others_are_given() -> None:
    assert Controller336.serial_settings == {"baud_rate": 57600, "data_bits": 7, "parity": "odd"}
