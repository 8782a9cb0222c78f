"""What the driver of the 34461A sends, and what it makes of the replies."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IrrelevantParameterError, NotSettableError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_keysight.truevolt import FUNCTIONS, Multimeter34461A

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

CHANNELS = {
    "dc_voltage": ("VOLT:DC", "range auto_range nplc auto_zero null null_value high_impedance"),
    "ac_voltage": ("VOLT:AC", "range auto_range bandwidth null null_value"),
    "dc_current": ("CURR:DC", "terminals range auto_range nplc auto_zero null null_value"),
    "ac_current": ("CURR:AC", "terminals range auto_range bandwidth null null_value"),
    "two_wire_resistance": ("RES", "range auto_range nplc auto_zero null null_value"),
    "four_wire_resistance": ("FRES", "range auto_range nplc null null_value"),
    "capacitor": ("CAP", "range auto_range null null_value"),
    "frequency_counter": ("FREQ", "range auto_range gate null null_value"),
    "period_counter": ("PER", "range auto_range gate null null_value"),
    "thermometer": ("TEMP", "nplc auto_zero null null_value"),
}
# name, value, what follows the header in the command, the value as sent, the reply
OF_CHANNELS = {
    "auto_range": (False, "RANG:AUTO", "0", "0"),
    "nplc": (0.02, "NPLC", "0.02", "+2.00000000E-02"),
    "auto_zero": (False, "ZERO:AUTO", "0", "0"),
    "null": (True, "NULL", "1", "1"),
    "null_value": (-1e-3, "NULL:VAL", "-0.001", "-1.00000000E-03"),
    "high_impedance": (True, "IMP:AUTO", "1", "1"),
    "bandwidth": (3.0, "BAND", "3", "+3.00000000E+00"),
    "terminals": (10, "TERM", "10", "+10"),
    "gate": (1.0, "APER", "1", "+1.00000000E+00"),
}
RANGES = {"CAP": (1e-9, "1E-09"), "RES": (1e8, "100000000"), "FRES": (100.0, "100")}

# path, value, what is sent to set it, query, reply
SETTINGS = [
    ("function", "capacitance", 'FUNC "CAP"', "FUNC?", '"CAP"'),
    ("temperature_unit", "F", "UNIT:TEMP F", "UNIT:TEMP?", "F"),
    ("trigger_source", "external", "TRIG:SOUR EXT", "TRIG:SOUR?", "EXT"),
    ("trigger_slope", "rising", "TRIG:SLOP POS", "TRIG:SLOP?", "POS"),
    ("trigger_count", 10, "TRIG:COUN 10", "TRIG:COUN?", "+1.00000000E+01"),
    ("trigger_delay", 0.5, "TRIG:DEL 0.5", "TRIG:DEL?", "+5.00000000E-01"),
    ("trigger_auto_delay", True, "TRIG:DEL:AUTO 1", "TRIG:DEL:AUTO?", "1"),
    ("sample_count", 1_000_000, "SAMP:COUN 1000000", "SAMP:COUN?", "+1000000"),
    ("data_format", "ASC", "FORM:DATA ASC", "FORM:DATA?", "ASC"),
]
for _channel, (_header, _names) in CHANNELS.items():
    _ranged = f"{_header}:VOLT" if _header in ("FREQ", "PER") else _header
    for _name in _names.split():
        if _name == "range":
            _value, _sent = RANGES.get(_header, (1.0, "1"))
            _command, _reply = f"{_ranged}:RANG", f"{_value:+.8E}"
        else:
            _value, _suffix, _sent, _reply = OF_CHANNELS[_name]
            _command = f"{_ranged if _name == 'auto_range' else _header}:{_suffix}"
        SETTINGS.append((f"{_channel}.{_name}", _value, f"{_command} {_sent}", f"{_command}?", _reply))


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Multimeter34461A]:
    return expected_exchanges(Multimeter34461A, exchanges, name="dmm", **{"error_policy": "never", **options})


@pytest.mark.parametrize(("path", "value", "command", "query", "reply"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(
    path: str, value: object, command: str, query: str, reply: str
) -> None:
    with opened([(command, None), (query, reply)]) as dmm:
        dmm.set(path, value)
        assert dmm.get(path) == value


def test_opening_and_closing_send_nothing() -> None:
    with opened([]):
        pass


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_named_as_in_the_manual(function: str) -> None:
    with opened([(f'FUNC "{FUNCTIONS[function]}"', None), ("FUNC?", f'"{FUNCTIONS[function]}"')]) as dmm:
        dmm.function(function)
        assert dmm.function() == function


def test_a_function_may_be_answered_with_or_without_dc() -> None:
    with opened([("FUNC?", '"VOLT"'), ("FUNC?", '"VOLT:DC"'), ("FUNC?", '"CURR:DC"')]) as dmm:
        assert [dmm.function() for _ in range(3)] == ["DC voltage", "DC voltage", "DC current"]


@pytest.mark.parametrize(
    ("function", "path", "unit"),
    [
        ("VOLT", "voltage", "V"),
        ("CURR:AC", "current", "A"),
        ("RES", "resistance", "Ω"),
        ("CAP", "capacitance", "F"),
        ("FREQ", "frequency", "Hz"),
        ("PER", "period", "s"),
    ],
)
def test_a_reading_has_the_unit_of_its_function(function: str, path: str, unit: str) -> None:
    with opened([("FUNC?", f'"{function}"'), ("READ?", "+1.04530000E+01"), ("READ?", "-9.90000000E+37")]) as dmm:
        assert dmm.get(path) == 10.453
        assert dmm.get(path) == -inf
        assert dmm[path].unit == unit


def test_a_reading_of_another_function_means_nothing() -> None:
    with opened([("FUNC?", '"CAP"')]) as dmm, pytest.raises(IrrelevantParameterError, match="'DC voltage'"):
        dmm.voltage()


def test_a_temperature_is_read_in_degrees_celsius_only() -> None:
    with opened([("FUNC?", '"TEMP"'), ("UNIT:TEMP?", "C"), ("READ?", "+23.5"), ("UNIT:TEMP F", None)]) as dmm:
        assert dmm.temperature() == 23.5
        dmm.temperature_unit("F")
        with pytest.raises(IrrelevantParameterError, match="temperature_unit"):
            dmm.temperature()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("function", "VOLT"),
        ("dc_voltage.range", 5.0),
        ("dc_voltage.nplc", 0.5),
        ("ac_voltage.bandwidth", 10.0),
        ("dc_current.terminals", 5),
        ("dc_current.range", 10.0),
        ("frequency_counter.gate", 0.5),
        ("sample_count", 0),
        ("trigger_delay", 3601.0),
        ("data_format", "REAL"),
    ],
)
def test_a_value_that_the_manual_does_not_allow_is_refused_before_anything_is_sent(path: str, value: object) -> None:
    with opened([]) as dmm, pytest.raises(ValidationError, match=f"dmm.{path}"):
        dmm.set(path, value)


def test_the_terminals_are_a_switch_that_can_only_be_read() -> None:
    with opened([("ROUT:TERM?", "REAR")]) as dmm:
        assert dmm.terminals() == "rear"
        with pytest.raises(NotSettableError):
            dmm.terminals("front")


def test_the_readings_of_one_start_are_an_array() -> None:
    with opened(
        [
            ("SAMP:COUN 2", None),
            ("TRIG:COUN 2", None),
            ("READ?", "+1.0E+00,+2.0E+00,+3.0E+00,+9.9E+37"),
        ]
    ) as dmm:
        dmm.sample_count(2)
        dmm.trigger_count(2)
        assert dmm.readings().tolist() == [1.0, 2.0, 3.0, inf]
        assert dmm.readings.shape == (4,)
        assert dmm.readings.axes == (dmm.reading_index,)
        assert dmm.reading_index().tolist() == [0, 1, 2, 3]


def test_the_number_of_each_reading_is_known_only_as_long_as_the_counts_stay() -> None:
    with opened([("SAMP:COUN 2", None), ("TRIG:COUN 2", None), ("SAMP:COUN 3", None)]) as dmm:
        dmm.sample_count(2)
        dmm.trigger_count(2)
        assert dmm.reading_index.known_or_read().tolist() == [0, 1, 2, 3]
        dmm.sample_count(3)
        assert dmm.reading_index.known_or_read().tolist() == [0, 1, 2, 3, 4, 5]


def test_the_memory_is_an_array_whose_length_is_asked_each_time() -> None:
    with opened(
        [
            ("INIT", None),
            ("FETC?", "+1.0E+00,+2.0E+00"),
            ("DATA:POIN?", "+2"),
            ("DATA:POIN?", "+2"),
            ("FETC?", "+3.0E+00"),
            ("DATA:POIN?", "+1"),
            ("DATA:POIN?", "+1"),
            ("ABOR", None),
        ]
    ) as dmm:
        dmm.functions["start"]()
        assert dmm.memory().tolist() == [1.0, 2.0]
        assert dmm.memory_index().tolist() == [0, 1]
        assert dmm.memory().tolist() == [3.0]
        assert not dmm.memory_index.cache.valid
        assert dmm.memory_index().tolist() == [0]
        dmm.functions["abort"]()


def test_every_setting_is_in_these_tables() -> None:
    with opened([]) as dmm:
        hosts = {"": dmm, **{f"{name}.": getattr(dmm, name) for name in CHANNELS}}
        settings = {
            prefix + name for prefix, host in hosts.items() for name, one in host.parameters.items() if one.settable
        }

    assert settings == {row[0] for row in SETTINGS}


def test_on_the_simulator_everything_can_be_read_and_set_to_what_it_is() -> None:
    with luthier.open("keysight.34461a", "sim://", name="dmm_read_back") as dmm:
        snapshot = dmm.snapshot(update=True)
        hosts = {"": snapshot, **{f"{name}.": host for name, host in snapshot["channels"].items()}}
        failed = {p + n: e["error"] for p, host in hosts.items() for n, e in host["parameters"].items() if "error" in e}
        assert failed == {}
        for prefix, host in hosts.items():
            for name, entry in host["parameters"].items():
                dmm.set(prefix + name, entry["value"])
        assert dmm.errors() == ()


def test_on_the_simulator_it_reads_what_the_function_says() -> None:
    with luthier.open("keysight.34461a", "sim://", name="dmm_measures") as dmm:
        dmm.function("capacitance")
        assert dmm.capacitance() == pytest.approx(1e-9, rel=1e-2)
        dmm.function("DC voltage")
        assert dmm.voltage() == pytest.approx(1, rel=1e-3)
        assert dmm.readings() == pytest.approx([1.0], rel=1e-3)
        dmm.sample_count(10)
        dmm.functions["start"]()
        assert dmm.memory() == pytest.approx([1.0] * 10, rel=1e-3)
