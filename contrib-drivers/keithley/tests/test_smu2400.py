"""What the driver of the 2400 sends, and what it makes of the replies."""

from __future__ import annotations

from contextlib import closing
from math import inf, isnan
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import (
    InstrumentReportedError,
    IrrelevantParameterError,
    NotSettableError,
    ReplyError,
    ValidationError,
)
from luthier.testing.wire import DictTransport, expected_exchanges
from luthier_keithley.smu2400 import Smu2400, SmuStatus

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# path, value, what is sent to set it, query, reply; a reply of None: the value as it was sent
SETTINGS = [
    ("terminals", "rear", "ROUT:TERM REAR", "ROUT:TERM?", "REAR"),
    ("remote_sense", True, "SYST:RSEN 1", "SYST:RSEN?", "1"),
    ("output_off_state", "high impedance", "OUTP:SMOD HIMP", "OUTP:SMOD?", "HIMP"),
    ("source_function", "current", "SOUR:FUNC CURR", "SOUR:FUNC?", "CURR"),
    ("overvoltage_protection", 40.0, "SOUR:VOLT:PROT 40", "SOUR:VOLT:PROT?", "+4.000000E+01"),
    ("current_limit", 0.01, "SENS:CURR:PROT 0.01", "SENS:CURR:PROT?", "+1.000000E-02"),
    ("voltage_limit", 21.0, "SENS:VOLT:PROT 21", "SENS:VOLT:PROT?", "+2.100000E+01"),
    ("source_voltage_range", 20.0, "SOUR:VOLT:RANG 21", "SOUR:VOLT:RANG?", "+2.100000E+01"),
    ("source_voltage_auto_range", False, "SOUR:VOLT:RANG:AUTO 0", "SOUR:VOLT:RANG:AUTO?", "0"),
    ("source_current_range", 1e-6, "SOUR:CURR:RANG 1.05E-6", "SOUR:CURR:RANG?", "+1.050000E-06"),
    ("source_current_auto_range", True, "SOUR:CURR:RANG:AUTO 1", "SOUR:CURR:RANG:AUTO?", "1"),
    ("source_delay", 0.25, "SOUR:DEL 0.25", "SOUR:DEL?", "0.250000"),
    ("source_auto_delay", False, "SOUR:DEL:AUTO 0", "SOUR:DEL:AUTO?", "0"),
    ("measure_voltage", True, 'SENS:FUNC:ON "VOLT"', 'SENS:FUNC:STAT? "VOLT"', "1"),
    ("measure_current", False, 'SENS:FUNC:OFF "CURR"', 'SENS:FUNC:STAT? "CURR"', "0"),
    ("measure_resistance", True, 'SENS:FUNC:ON "RES"', 'SENS:FUNC:STAT? "RES"', "1"),
    ("concurrent", False, "SENS:FUNC:CONC 0", "SENS:FUNC:CONC?", "0"),
    ("resistance_mode", "manual", "SENS:RES:MODE MAN", "SENS:RES:MODE?", "MAN"),
    ("nplc", 0.1, "SENS:CURR:NPLC 0.1", "SENS:CURR:NPLC?", "0.10"),
    ("averaging", True, "SENS:AVER 1", "SENS:AVER?", "1"),
    ("averaging_count", 20, "SENS:AVER:COUN 20", "SENS:AVER:COUN?", "20"),
    ("averaging_type", "moving", "SENS:AVER:TCON MOV", "SENS:AVER:TCON?", "MOV"),
    ("auto_zero", False, "SYST:AZER:STAT 0", "SYST:AZER:STAT?", "0"),
    ("arm_count", 2, "ARM:COUN 2", "ARM:COUN?", "2"),
    ("trigger_count", 11, "TRIG:COUN 11", "TRIG:COUN?", "11"),
    ("trigger_delay", 1.0, "TRIG:DEL 1", "TRIG:DEL?", "1.000000"),
    ("elements", "VOLT,CURR,RES,TIME,STAT", "FORM:ELEM VOLT,CURR,RES,TIME,STAT", "FORM:ELEM?", None),
    ("data_format", "ASC", "FORM:DATA ASC", "FORM:DATA?", "ASC"),
    ("auto_output_off", True, "SOUR:CLE:AUTO 1", "SOUR:CLE:AUTO?", "1"),
    ("output", True, "OUTP 1", "OUTP?", "1"),
    ("sweep.voltage_mode", "sweep", "SOUR:VOLT:MODE SWE", "SOUR:VOLT:MODE?", "SWE"),
    ("sweep.current_mode", "list", "SOUR:CURR:MODE LIST", "SOUR:CURR:MODE?", "LIST"),
    ("sweep.voltage_start", -1.0, "SOUR:VOLT:STAR -1", "SOUR:VOLT:STAR?", "-1.000000E+00"),
    ("sweep.voltage_stop", 1.0, "SOUR:VOLT:STOP 1", "SOUR:VOLT:STOP?", "+1.000000E+00"),
    ("sweep.current_start", 0.0, "SOUR:CURR:STAR 0", "SOUR:CURR:STAR?", "+0.000000E+00"),
    ("sweep.current_stop", 1e-3, "SOUR:CURR:STOP 0.001", "SOUR:CURR:STOP?", "+1.000000E-03"),
    ("sweep.points", 101, "SOUR:SWE:POIN 101", "SOUR:SWE:POIN?", "101"),
    ("sweep.spacing", "logarithmic", "SOUR:SWE:SPAC LOG", "SOUR:SWE:SPAC?", "LOG"),
    ("sweep.direction", "down", "SOUR:SWE:DIR DOWN", "SOUR:SWE:DIR?", "DOWN"),
    ("sweep.ranging", "fixed", "SOUR:SWE:RANG FIX", "SOUR:SWE:RANG?", "FIX"),
    ("buffer.points", 50, "TRAC:POIN 50", "TRAC:POIN?", "50"),
    ("buffer.source", "calculation 2", "TRAC:FEED CALC2", "TRAC:FEED?", "CALC2"),
    ("buffer.control", "next", "TRAC:FEED:CONT NEXT", "TRAC:FEED:CONT?", "NEXT"),
]

# path, value, set, query, reply, and what is asked before, because it means something only then
CONDITIONAL_SETTINGS = [
    ("voltage_range", 2.0, "SENS:VOLT:RANG 2.1", "SENS:VOLT:RANG?", "+2.100000E+00", ("SOUR:FUNC?", "CURR")),
    ("voltage_auto_range", True, "SENS:VOLT:RANG:AUTO 1", "SENS:VOLT:RANG:AUTO?", "1", ("SOUR:FUNC?", "CURR")),
    ("current_range", 1e-3, "SENS:CURR:RANG 1.05E-3", "SENS:CURR:RANG?", "+1.050000E-03", ("SOUR:FUNC?", "VOLT")),
    ("current_auto_range", True, "SENS:CURR:RANG:AUTO 1", "SENS:CURR:RANG:AUTO?", "1", ("SOUR:FUNC?", "VOLT")),
    ("resistance_range", 2e8, "SENS:RES:RANG 2.1E+8", "SENS:RES:RANG?", "+2.100000E+08", ("SENS:RES:MODE?", "AUTO")),
    ("resistance_auto_range", True, "SENS:RES:RANG:AUTO 1", "SENS:RES:RANG:AUTO?", "1", ("SENS:RES:MODE?", "AUTO")),
]


OUTPUT_IS_ON = ("OUTP?", "1")


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Smu2400]:
    return expected_exchanges(Smu2400, exchanges, name="smu", **{"error_policy": "never", **options})


@pytest.mark.parametrize(("path", "value", "command", "query", "reply"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(
    path: str, value: object, command: str, query: str, reply: str | None
) -> None:
    with opened([(command, None), (query, reply or str(value))]) as smu:
        smu.set(path, value)
        assert smu.get(path) == value


@pytest.mark.parametrize(
    ("path", "value", "condition", "command", "answer"),
    [
        (path, value, condition, command, (query, reply))
        for path, value, command, query, reply, condition in CONDITIONAL_SETTINGS
    ],
    ids=[row[0] for row in CONDITIONAL_SETTINGS],
)
def test_a_conditional_setting_asks_for_its_condition_once(
    path: str, value: object, condition: tuple[str, str], command: str, answer: tuple[str, str]
) -> None:
    with opened([condition, (command, None), answer]) as smu:
        smu.set(path, value)
        assert smu.get(path) == value


def test_opening_and_closing_send_nothing() -> None:
    with opened([]):
        pass


def test_a_level_is_sent_with_every_digit_and_the_error_queue_is_read_after_it() -> None:
    with opened(
        """
        > SOUR:FUNC?
        < VOLT
        > SOUR:VOLT:RANG:AUTO?
        < 1
        > SOUR:VOLT 0.12345678901234
        > SYST:ERR?
        < 0,"No error"
        > SOUR:VOLT -210
        > SYST:ERR?
        < 0,"No error"
        > SOUR:VOLT?
        < -2.100000E+02
        """,
        error_policy="after-set",
    ) as smu:
        smu.voltage(0.12345678901234)
        smu.voltage(-210)
        assert smu.voltage() == -210


@pytest.mark.parametrize(
    ("function", "source_range", "allowed", "refused"),
    [("voltage", 2.0, 2.1, -2.11), ("voltage", 0.2, -0.21, 0.22), ("current", 1e-6, -1.05e-6, 1.1e-6)],
)
def test_a_level_beyond_a_fixed_range_is_refused_before_it_is_sent(
    function: str, source_range: float, allowed: float, refused: float
) -> None:
    header = {"voltage": "SOUR:VOLT", "current": "SOUR:CURR"}[function]
    wire = DictTransport({"SOUR:FUNC": header[-4:], f"{header}:RANG:AUTO": "0"})
    with closing(Smu2400("smu", transport=wire, error_policy="never")) as smu:
        smu.set(f"source_{function}_range", source_range)
        smu.set(function, allowed)
        with pytest.raises(ValidationError, match=f"smu.{function}: cannot set"):
            smu.set(function, refused)

    assert float(wire.values[header]) == allowed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("voltage", 210.1),
        ("current", 1.06),
        ("current_limit", 0.0),
        ("current_limit", 1.06),
        ("voltage_limit", -1.0),
        ("overvoltage_protection", 50.0),
        ("source_voltage_range", 21.0),
        ("nplc", 0.001),
        ("source_delay", 1000.0),
        ("trigger_count", 2501),
        ("output", "on"),
        ("elements", "CURR"),
        ("sweep.points", 1),
        ("buffer.points", 0),
    ],
)
def test_a_value_that_the_manual_does_not_allow_is_refused_before_anything_is_set(path: str, value: object) -> None:
    function = "CURR" if path == "current" else "VOLT"
    conditions = [("SOUR:FUNC?", function)] if path in ("voltage", "current") else []
    with opened(conditions) as smu, pytest.raises(ValidationError, match=f"smu.{path}"):
        smu.set(path, value)


def test_the_level_of_the_other_function_means_nothing() -> None:
    with opened([("SOUR:FUNC?", "CURR")]) as smu:
        with pytest.raises(IrrelevantParameterError, match="source_function is 'voltage'"):
            smu.voltage()
        with pytest.raises(IrrelevantParameterError):
            smu.voltage(1)


def test_one_message_gives_the_whole_reading() -> None:
    with opened(
        [OUTPUT_IS_ON, ("READ?", "+1.000236E+00,+1.000000E-04,+1.000236E+04,+7.282600E+01,+4.813200E+04")]
    ) as smu:
        reading = smu.reading()

        assert reading == {
            "measured_voltage": 1.000236,
            "measured_current": 1e-4,
            "measured_resistance": 10002.36,
            "timestamp": 72.826,
            # the manual's own example, figure 18-1
            "status": SmuStatus.FRONT_TERMINALS
            | SmuStatus.AUTO_OHMS
            | SmuStatus.VOLTAGE_MEASURED
            | SmuStatus.CURRENT_MEASURED
            | SmuStatus.RESISTANCE_MEASURED
            | SmuStatus.CURRENT_SOURCED,
        }
        assert smu.measured_current.cache.value == 1e-4


def test_what_was_not_measured_is_not_a_number_and_an_overflow_is_infinite() -> None:
    with opened([OUTPUT_IS_ON, ("READ?", "+9.900000E+37,+1.000000E-04,+9.910000E+37,+0.000000E+00,+1")]) as smu:
        reading = smu.reading()

    assert reading["measured_voltage"] == inf
    assert isnan(reading["measured_resistance"])
    assert reading["status"] == SmuStatus.OVER_RANGE


@pytest.mark.parametrize(
    ("reply", "advice"),
    [("+1.0E+00,+1.0E-04", "Set elements"), (",".join(["+1.0E+00"] * 10), "trigger_count")],
)
def test_a_reading_of_another_form_says_what_to_set(reply: str, advice: str) -> None:
    with opened([OUTPUT_IS_ON, ("READ?", reply)]) as smu, pytest.raises(ReplyError, match=advice):
        smu.measured_voltage()


@pytest.mark.parametrize("path", ["reading", "measured_current", "sweep.record"])
def test_with_the_output_off_no_reading_is_started(path: str) -> None:
    with (
        opened([("OUTP?", "0"), ("SOUR:CLE:AUTO?", "0")]) as smu,
        pytest.raises(IrrelevantParameterError, match=r"the output is off.*smu\.output\(True\)"),
    ):
        smu.get(path)


def test_with_automatic_output_off_a_reading_is_started_all_the_same() -> None:
    with opened([("OUTP?", "0"), ("SOUR:CLE:AUTO?", "1"), ("READ?", "+1,+2,+3,+4,+5")]) as smu:
        assert smu.measured_current() == 2


def test_whether_a_limit_is_reached_is_asked_of_the_function_that_sources() -> None:
    with opened([("SOUR:FUNC?", "VOLT"), ("SENS:CURR:PROT:TRIP?", "1")]) as smu:
        assert smu.in_current_limit() is True
        with pytest.raises(IrrelevantParameterError):
            smu.in_voltage_limit()
        with pytest.raises(NotSettableError):
            smu.in_current_limit(False)


def test_what_the_instrument_reports_is_raised_with_its_texts_and_the_value_is_no_longer_known() -> None:
    with opened(
        [("OUTP 1", None), ("SYST:ERR?", '+802,"OUTPUT blocked by output enable"'), ("SYST:ERR?", '0,"No error"')],
        error_policy="after-set",
    ) as smu:
        with pytest.raises(InstrumentReportedError, match="OUTPUT blocked by output enable") as caught:
            smu.output(True)
        assert caught.value.entries == ((802, "OUTPUT blocked by output enable"),)
        assert not smu.output.cache.valid


def test_making_safe_switches_the_output_off() -> None:
    with opened([("OUTP 0", None)]) as smu:
        smu.make_safe()
        assert smu.output.cache.value is False


def test_what_switches_the_output_off_ends_what_is_known_of_it() -> None:
    with opened([("OUTP 1", None), ("SYST:RSEN 1", None)]) as smu:
        smu.output(True)
        smu.remote_sense(True)
        assert not smu.output.cache.valid


@pytest.mark.parametrize(
    ("path", "command"),
    [("start", "INIT"), ("abort", "ABOR"), ("zero_once", "SYST:AZER:STAT ONCE")],
)
def test_a_function_sends_its_command(path: str, command: str) -> None:
    with opened([(command, None)]) as smu:
        smu.functions[path]()


def test_a_sweep_is_read_as_arrays_over_its_levels() -> None:
    rows = [(-1.0, -1e-3), (0.0, 0.0), (1.0, 1e-3)]
    reply = ",".join(
        f"{voltage:+.6E},{current:+.6E},+9.91E+37,{number},+20484" for number, (voltage, current) in enumerate(rows)
    )
    with opened(
        [
            ("SOUR:SWE:POIN 3", None),
            OUTPUT_IS_ON,
            ("READ?", reply),
            ("SOUR:FUNC?", "VOLT"),
            ("SOUR:VOLT:STAR?", "-1"),
            ("SOUR:VOLT:STOP?", "+1"),
            ("SOUR:SWE:SPAC?", "LIN"),
            ("SOUR:SWE:POIN?", "3"),
            ("SOUR:SWE:DIR?", "UP"),
        ]
    ) as smu:
        smu.sweep.points(3)
        record = smu.sweep.record()

        assert record["currents"].tolist() == [-1e-3, 0.0, 1e-3]
        assert record["times"].tolist() == [0, 1, 2]
        assert all(isnan(resistance) for resistance in record["resistances"])
        voltages = smu.sweep.voltages.cache.value
        assert voltages is not None
        assert voltages.tolist() == [-1.0, 0.0, 1.0]
        assert smu.sweep.currents.shape == (3,)
        assert smu.sweep.currents.axes == (smu.sweep.level,)
        assert smu.sweep.level().tolist() == [-1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("spacing", "direction", "levels"),
    [("LIN", "DOWN", [1e-1, 5.05e-2, 1e-3]), ("LOG", "UP", [1e-3, 1e-2, 1e-1])],
)
def test_the_levels_of_a_sweep_follow_its_settings(spacing: str, direction: str, levels: list[float]) -> None:
    with opened(
        [
            ("SOUR:FUNC?", "CURR"),
            ("SOUR:CURR:STAR?", "+1.0E-03"),
            ("SOUR:CURR:STOP?", "+1.0E-01"),
            ("SOUR:SWE:SPAC?", spacing),
            ("SOUR:SWE:POIN?", "3"),
            ("SOUR:SWE:DIR?", direction),
        ]
    ) as smu:
        assert smu.sweep.level() == pytest.approx(levels)


def test_the_levels_of_a_sweep_are_known_only_as_long_as_its_settings_stay() -> None:
    with opened(
        [
            ("SOUR:FUNC?", "VOLT"),
            ("SOUR:VOLT:STAR?", "+0.0E+00"),
            ("SOUR:VOLT:STOP?", "+1.0E+00"),
            ("SOUR:SWE:SPAC?", "LIN"),
            ("SOUR:SWE:POIN?", "3"),
            ("SOUR:SWE:DIR?", "UP"),
            ("SOUR:VOLT:STOP 2", None),
        ]
    ) as smu:
        assert smu.sweep.level().tolist() == [0.0, 0.5, 1.0]
        assert smu.sweep.level.cache.valid
        smu.sweep.voltage_stop(2.0)
        assert not smu.sweep.level.cache.valid


def test_a_sweep_that_gave_another_number_of_readings_says_what_to_set() -> None:
    with (
        opened([OUTPUT_IS_ON, ("SOUR:SWE:POIN?", "2"), ("READ?", "1,2,3,4,5")]) as smu,
        pytest.raises(ReplyError, match="trigger_count"),
    ):
        smu.sweep.currents()


def test_the_buffer_is_read_as_arrays_over_the_number_of_the_reading() -> None:
    with opened(
        [
            ("TRAC:CLE", None),
            ("TRAC:POIN:ACT?", "2"),
            ("TRAC:DATA?", "+1.0,+1.0E-03,+9.91E37,+0.0,+20484,+2.0,+2.0E-03,+9.91E37,+0.5,+20484"),
            ("TRAC:POIN:ACT?", "2"),
        ]
    ) as smu:
        smu.buffer.functions["clear"]()
        record = smu.buffer.record()

        assert record["voltages"].tolist() == [1.0, 2.0]
        assert record["times"].tolist() == [0.0, 0.5]
        assert smu.buffer.index().tolist() == [0, 1]


def test_every_setting_is_in_these_tables() -> None:
    tested = {row[0] for row in SETTINGS} | {row[0] for row in CONDITIONAL_SETTINGS} | {"voltage", "current"}
    with opened([]) as smu:
        hosts = {"": smu, "sweep.": smu.sweep, "buffer.": smu.buffer}
        settings = {
            prefix + name for prefix, host in hosts.items() for name, one in host.parameters.items() if one.settable
        }

    assert settings == tested


def test_on_the_simulator_everything_can_be_read_and_set_to_what_it_is() -> None:
    with luthier.open("keithley.2400", "sim://", name="smu_read_back") as smu:
        snapshot = smu.snapshot(update=True)
        hosts = {"": snapshot, **{f"{name}.": host for name, host in snapshot["channels"].items()}}
        failed = {p + n: e["error"] for p, host in hosts.items() for n, e in host["parameters"].items() if "error" in e}
        assert failed == {}
        for prefix, host in hosts.items():
            for name, entry in host["parameters"].items():
                smu.set(prefix + name, entry["value"])
        assert smu.errors() == ()


def test_on_the_simulator_the_current_follows_the_voltage() -> None:
    with luthier.open("keithley.2400", "sim://", name="smu_measures") as smu:
        smu.current_limit(0.1)
        smu.output(True)
        currents = []
        for level in (0.0, 0.5, 1.0):
            smu.voltage(level)
            currents.append(smu.measured_current())
        smu.make_safe()

        assert currents == pytest.approx([0.0, 0.5e-3, 1e-3])
        assert smu.output() is False
