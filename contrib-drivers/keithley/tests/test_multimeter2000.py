"""What the driver of the 2000 sends, and what it makes of the replies."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_keithley.multimeter2000 import FUNCTIONS, Multimeter2000
from luthier_keithley.simulated.multimeter2000 import SimulatedMultimeter2000

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

HEADERS = {
    "dc_voltage": "VOLT:DC",
    "ac_voltage": "VOLT:AC",
    "dc_current": "CURR:DC",
    "ac_current": "CURR:AC",
    "two_wire_resistance": "RES",
    "four_wire_resistance": "FRES",
    "thermometer": "TEMP",
}
RANGED = [channel for channel in HEADERS if channel != "thermometer"]

# path, value, what is sent to set it, query, reply
SETTINGS = [
    ("function", "four-wire resistance", 'FUNC "FRES"', "FUNC?", '"FRES"'),
    ("temperature_unit", "K", "UNIT:TEMP K", "UNIT:TEMP?", "K"),
    ("beeper", False, "SYST:BEEP:STAT 0", "SYST:BEEP:STAT?", "0"),
    ("continuous", False, "INIT:CONT 0", "INIT:CONT?", "0"),
    ("trigger_source", "bus", "TRIG:SOUR BUS", "TRIG:SOUR?", "BUS"),
    ("trigger_timer", 0.5, "TRIG:TIM 0.5", "TRIG:TIM?", "0.500"),
    ("trigger_count", 3, "TRIG:COUN 3", "TRIG:COUN?", "3"),
    ("trigger_delay", 0.01, "TRIG:DEL 0.01", "TRIG:DEL?", "0.010"),
    ("trigger_auto_delay", True, "TRIG:DEL:AUTO 1", "TRIG:DEL:AUTO?", "1"),
    ("sample_count", 5, "SAMP:COUN 5", "SAMP:COUN?", "5"),
    ("elements", "READ", "FORM:ELEM READ", "FORM:ELEM?", "READ"),
    ("data_format", "ASC", "FORM:DATA ASC", "FORM:DATA?", "ASC"),
    ("buffer_points", 20, "TRAC:POIN 20", "TRAC:POIN?", "20"),
    ("buffer_source", "calculation", "TRAC:FEED CALC1", "TRAC:FEED?", "CALC1"),
    ("buffer_control", "next", "TRAC:FEED:CONT NEXT", "TRAC:FEED:CONT?", "NEXT"),
    ("ac_voltage.bandwidth", 3.0, "VOLT:AC:DET:BAND 3", "VOLT:AC:DET:BAND?", "+3.000000E+00"),
    ("ac_current.bandwidth", 300.0, "CURR:AC:DET:BAND 300", "CURR:AC:DET:BAND?", "+3.000000E+02"),
]
for _channel, _header in HEADERS.items():
    SETTINGS += [
        (f"{_channel}.nplc", 0.1, f"{_header}:NPLC 0.1", f"{_header}:NPLC?", "0.10"),
        (f"{_channel}.digits", 6, f"{_header}:DIG 6", f"{_header}:DIG?", "6"),
        (f"{_channel}.averaging_type", "moving", f"{_header}:AVER:TCON MOV", f"{_header}:AVER:TCON?", "MOV"),
        (f"{_channel}.averaging_count", 20, f"{_header}:AVER:COUN 20", f"{_header}:AVER:COUN?", "20"),
        (f"{_channel}.averaging", True, f"{_header}:AVER:STAT 1", f"{_header}:AVER:STAT?", "1"),
    ]
for _channel in RANGED:
    _header = HEADERS[_channel]
    _value = 1e3 if "resistance" in _channel else 1.0
    SETTINGS += [
        (f"{_channel}.range", _value, f"{_header}:RANG {_value:g}", f"{_header}:RANG?", f"{_value:+.6E}"),
        (f"{_channel}.auto_range", False, f"{_header}:RANG:AUTO 0", f"{_header}:RANG:AUTO?", "0"),
    ]


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Multimeter2000]:
    return expected_exchanges(Multimeter2000, exchanges, name="dmm", **{"error_policy": "never", **options})


@pytest.mark.parametrize(("path", "value", "command", "query", "reply"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(
    path: str, value: object, command: str, query: str, reply: str
) -> None:
    with opened([(command, None), (query, reply)]) as dmm:
        dmm.set(path, value)
        assert dmm.get(path) == value


def test_the_auto_zero_can_be_used_while_the_meter_waits() -> None:
    with opened([("INIT:CONT?", "0"), ("SYST:AZER:STAT 0", None), ("SYST:AZER:STAT?", "0")]) as dmm:
        dmm.auto_zero(False)
        assert dmm.auto_zero() is False


def test_opening_and_closing_send_nothing() -> None:
    with opened([]):
        pass


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_named_as_in_the_manual(function: str) -> None:
    with opened([(f'FUNC "{FUNCTIONS[function]}"', None), ("FUNC?", f'"{FUNCTIONS[function]}"')]) as dmm:
        dmm.function(function)
        assert dmm.function() == function


@pytest.mark.parametrize(
    ("function", "path", "unit"),
    [
        ("VOLT:AC", "voltage", "V"),
        ("CURR:DC", "current", "A"),
        ("FRES", "resistance", "Ω"),
        ("FREQ", "frequency", "Hz"),
        ("PER", "period", "s"),
    ],
)
def test_a_reading_has_the_unit_of_its_function(function: str, path: str, unit: str) -> None:
    with opened(
        [("FUNC?", f'"{function}"'), ("INIT:CONT?", "0"), ("READ?", "+1.00000000E-03"), ("READ?", "+9.9E37")]
    ) as dmm:
        assert dmm.get(path) == 1e-3
        assert dmm.get(path) == inf
        assert dmm[path].unit == unit


def test_a_temperature_is_read_in_degrees_celsius_only() -> None:
    with opened(
        [("FUNC?", '"TEMP"'), ("UNIT:TEMP?", "C"), ("INIT:CONT?", "0"), ("READ?", "+23.5"), ("UNIT:TEMP K", None)]
    ) as dmm:
        assert dmm.temperature() == 23.5
        dmm.temperature_unit("K")
        with pytest.raises(IrrelevantParameterError, match="temperature_unit"):
            dmm.temperature()


def test_a_reading_of_another_function_means_nothing() -> None:
    with opened([("FUNC?", '"RES"')]) as dmm, pytest.raises(IrrelevantParameterError, match="'DC voltage'"):
        dmm.voltage()


def test_a_meter_that_measures_by_itself_is_not_asked_for_a_reading() -> None:
    with opened([("INIT:CONT?", "1"), ("FETC?", "+1.5")]) as dmm:
        with pytest.raises(IrrelevantParameterError, match="continuous is False"):
            dmm.reading()
        assert dmm.latest() == 1.5


def test_several_readings_at_once_are_no_reading() -> None:
    with opened([("INIT:CONT?", "0"), ("READ?", "+1.0,+2.0")]) as dmm, pytest.raises(ReplyError, match=r"\+1.0,\+2.0"):
        dmm.reading()


def test_the_largest_reading_of_a_range_names_the_range() -> None:
    with opened(
        [("VOLT:AC:RANG?", "7.575000E+02"), ("CURR:DC:RANG?", "3.100000E+00"), ("RES:RANG?", "1.0E+03")]
    ) as dmm:
        assert dmm.ac_voltage.range() == 750.0
        assert dmm.dc_current.range() == 3.0
        assert dmm.two_wire_resistance.range() == 1000.0


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("function", "volts"),
        ("dc_voltage.range", 5.0),
        ("ac_voltage.range", 1000.0),
        ("dc_voltage.nplc", 20.0),
        ("two_wire_resistance.digits", 8),
        ("trigger_timer", 0.0),
        ("sample_count", 1025),
        ("buffer_points", 1),
    ],
)
def test_a_value_that_the_manual_does_not_allow_is_refused_before_anything_is_sent(path: str, value: object) -> None:
    with opened([]) as dmm, pytest.raises(ValidationError, match=f"dmm.{path}"):
        dmm.set(path, value)


def test_setting_a_range_ends_what_is_known_of_automatic_ranging() -> None:
    with opened([("VOLT:DC:RANG:AUTO 1", None), ("VOLT:DC:RANG 10", None)]) as dmm:
        dmm.dc_voltage.auto_range(True)
        dmm.dc_voltage.range(10)
        assert not dmm.dc_voltage.auto_range.cache.valid


def test_the_buffer_is_an_array_over_the_number_of_the_reading() -> None:
    with opened(
        [("TRAC:POIN 3", None), ("TRAC:DATA?", "+1.0E+00,+2.0E+00,+9.9E37"), ("TRAC:POIN?", "3"), ("TRAC:CLE", None)]
    ) as dmm:
        dmm.buffer_points(3)
        assert dmm.buffer().tolist() == [1.0, 2.0, inf]
        assert dmm.buffer.shape == (3,)
        assert dmm.buffer.axes == (dmm.buffer_index,)
        assert dmm.buffer_index().tolist() == [0, 1, 2]
        dmm.functions["clear_buffer"]()


@pytest.mark.parametrize(("name", "command"), [("start", "INIT"), ("abort", "ABOR"), ("clear_buffer", "TRAC:CLE")])
def test_a_function_sends_its_command(name: str, command: str) -> None:
    with opened([(command, None)]) as dmm:
        dmm.functions[name]()


def test_making_safe_sends_nothing() -> None:
    with opened([]) as dmm:
        dmm.make_safe()


def test_every_setting_is_in_these_tables() -> None:
    with opened([]) as dmm:
        hosts = {"": dmm, **{f"{name}.": getattr(dmm, name) for name in HEADERS}}
        settings = {
            prefix + name for prefix, host in hosts.items() for name, one in host.parameters.items() if one.settable
        }

    assert settings == {row[0] for row in SETTINGS} | {"auto_zero"}


def test_on_the_simulator_everything_can_be_read_and_set_to_what_it_is() -> None:
    with luthier.open("keithley.2000", "sim://", name="dmm_read_back") as dmm:
        snapshot = dmm.snapshot(update=True)
        hosts = {"": snapshot, **{f"{name}.": host for name, host in snapshot["channels"].items()}}
        failed = {p + n: e["error"] for p, host in hosts.items() for n, e in host["parameters"].items() if "error" in e}
        assert failed == {}
        for prefix, host in hosts.items():
            for name, entry in host["parameters"].items():
                dmm.set(prefix + name, entry["value"])
        assert dmm.errors() == ()


def test_on_the_simulator_it_reads_what_the_function_says_and_fills_the_buffer() -> None:
    with luthier.open("keithley.2000", "sim://", name="dmm_measures") as dmm:
        dmm.function("resistance")
        assert dmm.resistance() == pytest.approx(1000, rel=1e-3)
        dmm.function("DC voltage")
        assert dmm.voltage() == pytest.approx(1, rel=1e-3)
        dmm.buffer_points(4)
        dmm.buffer_control("next")
        dmm.trigger_count(4)
        dmm.functions["start"]()
        assert dmm.buffer() == pytest.approx([1.0] * 4, rel=1e-3)
        assert len(set(dmm.buffer().tolist())) > 1
        assert dmm.buffer_control() == "never"


def errors_of(device: SimulatedMultimeter2000) -> list[int]:
    return [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(4)]


def test_the_simulator_takes_every_spelling_and_keeps_the_settings_of_each_function() -> None:
    device = SimulatedMultimeter2000()
    device.respond(b":SENSE1:RESISTANCE:NPLCYCLES 0.1;RANGE:UPPER 2000;:TRIG:SEQ:DEL 0.5;:VOLT:DC:NPLC 2")
    assert device.respond(b":RES:NPLC?;RANG?;RANG:AUTO?;:VOLT:NPLC?;RANG:AUTO?;:TRIG:DEL:AUTO?;:CONF?") == (
        b'0.10;+1.00000000E+04;0;2.00;1;0;"VOLT:DC"\n'
    )
    for message in (b"VOLT:NPLC 11", b"VOLT:DC:RANG 1011", b"TRAC:DATA?"):
        device.respond(message)
    assert errors_of(device) == [-222, -222, -230, 0]


def test_the_simulator_overflows_and_subtracts_the_reference() -> None:
    device = SimulatedMultimeter2000()
    device.noise_level = 0.0
    assert device.respond(b"VOLT:RANG 0.1;:READ?;:VOLT:RANG 1;:VOLT:REF 0.25;REF:STAT 1;:READ?") == (
        b"+9.90000000E+37;+7.50000000E-01\n"
    )
    assert device.respond(b"FUNC 'TEMP';:UNIT:TEMP K;:READ?") == b"+2.96150000E+02\n"
    device.respond(b"INIT:CONT ON;:READ?")
    assert errors_of(device) == [-213, 0, 0, 0]
