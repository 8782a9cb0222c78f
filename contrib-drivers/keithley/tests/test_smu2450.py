"""What the driver of the 2450 sends, and what it makes of the replies."""

from __future__ import annotations

from math import inf, isnan
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_keithley.simulated.smu2450 import SimulatedSmu2450
from luthier_keithley.smu2450 import READ, Smu2450
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

VOLTAGE = ("SOUR:FUNC?", "VOLT")
METERS = {"voltmeter": ("VOLT", 2.0), "ammeter": ("CURR", 1e-8), "ohmmeter": ("RES", 2e8)}

# path, value, what is sent to set it, query, reply, and what is asked before
SETTINGS: list[tuple[str, Any, str, str, str, tuple[Any, ...]]] = [
    ("terminals", "rear", "ROUT:TERM REAR", "ROUT:TERM?", "REAR", ()),
    ("voltage_off_state", "high impedance", "OUTP:VOLT:SMOD HIMP", "OUTP:VOLT:SMOD?", "HIMP", ()),
    ("current_off_state", "zero", "OUTP:CURR:SMOD ZERO", "OUTP:CURR:SMOD?", "ZERO", ()),
    ("source_function", "current", "SOUR:FUNC CURR", "SOUR:FUNC?", "CURR", ()),
    ("overvoltage_protection", 40.0, "SOUR:VOLT:PROT PROT40", "SOUR:VOLT:PROT?", "PROT40", ()),
    ("current_limit", 0.01, "SOUR:VOLT:ILIM 0.01", "SOUR:VOLT:ILIM?", "1.000000E-02", ()),
    ("voltage_limit", 15.0, "SOUR:CURR:VLIM 15", "SOUR:CURR:VLIM?", "1.500000E+01", ()),
    ("source_voltage_range", 0.02, "SOUR:VOLT:RANG 0.02", "SOUR:VOLT:RANG?", "2.000000E-02", ()),
    ("source_voltage_auto_range", True, "SOUR:VOLT:RANG:AUTO 1", "SOUR:VOLT:RANG:AUTO?", "1", ()),
    ("source_current_range", 1e-8, "SOUR:CURR:RANG 1E-08", "SOUR:CURR:RANG?", "1.000000E-08", ()),
    ("source_current_auto_range", False, "SOUR:CURR:RANG:AUTO 0", "SOUR:CURR:RANG:AUTO?", "0", ()),
    (
        "voltage",
        -1.5,
        "SOUR:VOLT -1.5",
        "SOUR:VOLT?",
        "-1.500000E+00",
        (VOLTAGE, ("SOUR:VOLT:RANG:AUTO?", "1")),
    ),
    (
        "current",
        1e-3,
        "SOUR:CURR 0.001",
        "SOUR:CURR?",
        "1.000000E-03",
        (("SOUR:FUNC?", "CURR"), ("SOUR:CURR:RANG:AUTO?", "1")),
    ),
    ("voltage_read_back", False, "SOUR:VOLT:READ:BACK 0", "SOUR:VOLT:READ:BACK?", "0", ()),
    ("current_read_back", True, "SOUR:CURR:READ:BACK 1", "SOUR:CURR:READ:BACK?", "1", ()),
    ("measure_function", "voltage", 'SENS:FUNC "VOLT"', "SENS:FUNC?", '"VOLT:DC"', ()),
    ("count", 300_000, "SENS:COUN 300000", "SENS:COUN?", "300000", ()),
    ("output", True, "OUTP 1", "OUTP?", "1", ()),
    ("buffer.size", 500, 'TRAC:POIN 500,"defbuffer1"', 'TRAC:POIN? "defbuffer1"', "500", ()),
]
for _meter, (_header, _range) in METERS.items():
    for _name, _value, _suffix, _sent, _reply in (
        ("range", _range, "RANG", {2.0: "2", 1e-8: "1E-08", 2e8: "200000000"}[_range], f"{_range:.6E}"),
        ("auto_range", True, "RANG:AUTO", "1", "1"),
        ("nplc", 0.1, "NPLC", "0.1", "0.1"),
        ("remote_sense", True, "RSEN", "1", "1"),
        ("auto_zero", False, "AZER", "0", "0"),
        ("averaging_type", "moving", "AVER:TCON", "MOV", "MOV"),
        ("averaging_count", 20, "AVER:COUN", "20", "20"),
        ("averaging", True, "AVER", "1", "1"),
    ):
        _command = f"SENS:{_header}:{_suffix}"
        SETTINGS.append((f"{_meter}.{_name}", _value, f"{_command} {_sent}", f"{_command}?", _reply, ()))


class TestSmu2450(DriverConformance):
    driver = "keithley.2450"


def opened(exchanges: list[Any]) -> AbstractContextManager[Smu2450]:
    return expected_exchanges(Smu2450, exchanges, name="smu", error_policy="never")


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Any) -> None:
    path, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as smu:
        smu.set(path, value)
        assert smu.get(path) == value


def test_every_setting_is_in_this_table_and_the_output_is_restored_last() -> None:
    with opened([]) as smu:
        own = [name for name, one in smu.parameters.items() if one.settable]
        meters = {
            f"{host}.{name}"
            for host in (*METERS, "buffer")
            for name, one in getattr(smu, host).parameters.items()
            if one.settable
        }
    assert own == [row[0] for row in SETTINGS if "." not in row[0]]
    assert meters == {row[0] for row in SETTINGS if "." in row[0]}
    assert own[-1] == "output"


@pytest.mark.parametrize(
    ("sourced", "measured", "voltage", "current"),
    [("VOLT", '"CURR:DC"', 1.5, 2e-3), ("CURR", '"VOLT:DC"', 2e-3, 1.5), ("VOLT", '"VOLT:DC"', 2e-3, None)],
)
def test_a_reading_is_what_is_measured_and_what_is_sourced(
    sourced: str, measured: str, voltage: float, current: float | None
) -> None:
    with opened(
        [
            ("OUTP?", "1"),
            ("SOUR:FUNC?", sourced),
            ("SENS:FUNC?", measured),
            (READ, "2.000000E-03,1.500000E+00,0.25"),
        ]
    ) as smu:
        reading = smu.get("reading")
    assert reading["measured_voltage"] == voltage
    assert isnan(reading["measured_current"]) if current is None else reading["measured_current"] == current
    assert isnan(reading["measured_resistance"])
    assert reading["timestamp"] == 0.25


def test_with_the_output_off_nothing_is_measured() -> None:
    with opened([("OUTP?", "0")]) as smu, pytest.raises(IrrelevantParameterError, match="output is off"):
        smu.measured_current()


def test_choosing_what_is_measured_may_change_what_is_sourced() -> None:
    with opened([VOLTAGE, ('SENS:FUNC "VOLT"', None), ("SOUR:FUNC?", "CURR")]) as smu:
        assert smu.source_function() == "voltage"
        smu.measure_function("voltage")
        assert not smu.source_function.cache.valid
        assert smu.source_function() == "current"


def test_a_reading_of_other_elements_is_refused() -> None:
    steps = [("OUTP?", "1"), ("SOUR:FUNC?", "VOLT"), ("SENS:FUNC?", '"RES"'), (READ, "1.0")]
    with opened(steps) as smu, pytest.raises(ReplyError, match="1 fields"):
        smu.measured_resistance()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("current_limit", 1.06),
        ("voltage_limit", 0.0),
        ("overvoltage_protection", 30.0),
        ("source_voltage_range", 3.0),
        ("ammeter.nplc", 0.001),
        ("measure_function", "power"),
        ("count", 0),
    ],
)
def test_what_the_manual_does_not_allow_is_refused_before_anything_is_sent(path: str, value: object) -> None:
    with opened([]) as smu, pytest.raises(ValidationError, match=f"smu.{path}"):
        smu.set(path, value)


def test_a_level_goes_to_105_percent_of_a_fixed_range() -> None:
    automatic = ("SOUR:VOLT:RANG:AUTO?", "0")
    steps = [VOLTAGE, automatic, ("SOUR:VOLT:RANG?", "2.000000E+00"), automatic]
    with opened([*steps, ("SOUR:VOLT 2.1", None)]) as smu:
        smu.voltage(2.1)
        with pytest.raises(ValidationError, match=r"smu\.voltage"):
            smu.voltage(2.11)


def test_an_empty_buffer_is_not_asked_for_readings() -> None:
    with opened([('TRAC:ACT? "defbuffer1"', "0")] * 2) as smu:
        assert smu.buffer.readings().shape == (0,)


@pytest.mark.parametrize(
    ("host", "name", "command"), [("", "zero_once", "SENS:AZER:ONCE"), ("buffer", "clear", 'TRAC:CLE "defbuffer1"')]
)
def test_a_function_sends_its_command(host: str, name: str, command: str) -> None:
    with opened([(command, None)]) as smu:
        (getattr(smu, host) if host else smu).functions[name]()


def test_on_the_simulator_the_limit_holds_and_the_buffer_fills() -> None:
    with luthier.open("keithley.2450", "sim://", name="smu2450_sim") as smu:
        device = device_at(smu.address)
        assert isinstance(device, SimulatedSmu2450)
        smu.current_limit(1e-3)
        smu.voltage(2)
        smu.count(3)
        smu.output(True)
        assert smu.get("reading")["measured_current"] == pytest.approx(1e-3)
        assert smu.in_current_limit()
        assert smu.buffer.source_values() == pytest.approx([1.0] * 3)
        assert smu.buffer.times() == pytest.approx([0, 0.02, 0.04], abs=5)
        smu.source_function("current")
        assert smu.output() is False
        smu.voltage_limit(20)
        smu.current(1e-2)
        smu.measure_function("voltage")
        smu.output(True)
        assert smu.measured_voltage() == pytest.approx(10)
        smu.voltmeter.range(2)
        assert smu.measured_voltage() == inf
        smu.make_safe()
        assert device.at_terminals() == (0.0, 0.0, False)


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedSmu2450()
    device.respond(
        b':SOURCE1:VOLTAGE:LEVEL:IMMEDIATE:AMPLITUDE 150 mV;:SENSE:FUNC "volt";:OUTP:SMOD GUAR;:CURR:RANG 3e-4'
    )
    assert device.respond(b":SOUR:VOLT:RANG?;:SENS1:FUNC?;:OUTP:CURR:SMOD?;:SENS:CURR:DC:RANG?;RANG:AUTO?") == (
        b'2.000000E-01;"VOLT:DC";GUAR;1.000000E-03;0\n'
    )
    for message in (b"SOUR:VOLT 211", b"SOUR:VOLT:RANG 0.02", b'TRAC:CLE "mine"', b"SOUR:VOLT:PROT PROT30"):
        device.respond(message)
    assert [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(5)] == [-222, -221, -224, -141, 0]
