"""What the driver of the DMM6500 sends, what it makes of the replies, and its simulator."""

from __future__ import annotations

from math import inf, pi, sin
from typing import TYPE_CHECKING

import pytest
from luthier.errors import IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_keithley.dmm6500 import Dmm6500
from luthier_keithley.simulated.dmm6500 import SimulatedDmm6500
from luthier_sim import connect

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

Row = tuple[str, object, str, str, str]
SETTINGS: list[Row] = [
    ("function", "frequency", 'SENS:FUNC "FREQ:VOLT"', "SENS:FUNC?", '"FREQ:VOLT"'),
    ("sample_count", 10, "SENS:COUN 10", "SENS:COUN?", "10"),
    ("digitizer.function", "current", 'DIG:FUNC "CURR"', "DIG:FUNC?", '"CURR"'),
    ("digitizer.count", 1000, "SENS:DIG:COUN 1000", "SENS:DIG:COUN?", "1000"),
    ("digitizer.voltage_range", 10.0, "SENS:DIG:VOLT:RANG 10", "SENS:DIG:VOLT:RANG?", "10"),
    ("digitizer.voltage_sample_rate", 50_000, "SENS:DIG:VOLT:SRAT 50000", "SENS:DIG:VOLT:SRAT?", "50000"),
    ("digitizer.current_range", 1e-4, "SENS:DIG:CURR:RANG 0.0001", "SENS:DIG:CURR:RANG?", "0.0001"),
    ("digitizer.current_sample_rate", 1000, "SENS:DIG:CURR:SRAT 1000", "SENS:DIG:CURR:SRAT?", "1000"),
    ("buffer.size", 500, 'TRAC:POIN 500,"defbuffer1"', 'TRAC:POIN? "defbuffer1"', "500"),
]
ALL: list[tuple[str, object, str, str]] = [
    ("auto_range", True, "RANG:AUTO", "1"),
    ("averaging_type", "moving", "AVER:TCON", "MOV"),
    ("averaging_count", 20, "AVER:COUN", "20"),
    ("averaging", True, "AVER:STAT", "1"),
    ("offset", 0.5, "REL", "0.5"),
    ("relative", True, "REL:STAT", "1"),
]
DIRECT: list[tuple[str, object, str, str]] = [("nplc", 0.0005, "NPLC", "0.0005"), ("auto_zero", False, "AZER", "0")]
ALTERNATING: list[tuple[str, object, str, str]] = [("bandwidth", 30, "DET:BAND", "30")]
CHANNELS: dict[str, tuple[str, float, list[tuple[str, object, str, str]]]] = {
    "dc_voltage": ("VOLT", 0.1, DIRECT),
    "ac_voltage": ("VOLT:AC", 750.0, ALTERNATING),
    "dc_current": ("CURR", 3.0, DIRECT),
    "ac_current": ("CURR:AC", 10.0, ALTERNATING),
    "two_wire_resistance": ("RES", 10.0, DIRECT),
    "four_wire_resistance": ("FRES", 1.0, DIRECT),
}
for _channel, (_header, _range, _more) in CHANNELS.items():
    for _name, _value, _suffix, _sent in [("range", _range, "RANG", f"{_range:g}"), *ALL, *_more]:
        _command = f"SENS:{_header}:{_suffix}"
        SETTINGS.append((f"{_channel}.{_name}", _value, f"{_command} {_sent}", f"{_command}?", _sent))


class TestDmm6500(DriverConformance):
    driver = "keithley.dmm6500"


def opened(exchanges: list[tuple[str, str | None]]) -> AbstractContextManager[Dmm6500]:
    return expected_exchanges(Dmm6500, exchanges, name="dmm", error_policy="never")


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read(row: Row) -> None:
    path, value, command, query, reply = row
    with opened([(command, None), (query, reply)]) as dmm:
        dmm.set(path, value)
        assert dmm.get(path) == value


def test_every_setting_is_in_this_table() -> None:
    with opened([]) as dmm:
        hosts = {"": dmm, **{f"{name}.": getattr(dmm, name) for name in (*CHANNELS, "digitizer", "buffer")}}
        settable = {f"{p}{n}" for p, host in hosts.items() for n, one in host.parameters.items() if one.settable}
    assert settable == {row[0] for row in SETTINGS}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("function", "power"),
        ("dc_voltage.range", 3.0),
        ("dc_voltage.nplc", 16),
        ("ac_voltage.bandwidth", 20),
        ("digitizer.voltage_sample_rate", 999),
        ("digitizer.count", 0),
    ],
)
def test_what_is_not_allowed_is_refused_before_anything_is_sent(path: str, value: object) -> None:
    with opened([]) as dmm, pytest.raises(ValidationError, match=f"dmm.{path}"):
        dmm.set(path, value)


def test_a_voltage_is_only_read_while_voltage_is_measured() -> None:
    with opened([("SENS:FUNC?", '"RES"')]) as dmm, pytest.raises(IrrelevantParameterError, match="function"):
        dmm.voltage()


def test_digitizing_empties_the_buffer_and_reads_all_of_it() -> None:
    data = 'TRAC:DATA? 1,3,"defbuffer1",READ'
    start: list[tuple[str, str | None]] = [
        ("DIG:FUNC?", '"VOLT"'),
        ("SENS:DIG:COUN?", "3"),
        ('TRAC:CLE "defbuffer1"', None),
        ('READ:DIG? "defbuffer1",READ', "3.0"),
    ]
    with opened([*start, (data, "1.0,2.0,9.9E37")]) as dmm:
        assert dmm.digitizer.voltages().tolist() == [1.0, 2.0, inf]
    with opened([*start, (data, "1.0,2.0")]) as dmm, pytest.raises(ReplyError, match="2 numbers"):
        dmm.digitizer.voltages()


def test_on_the_simulator_it_measures_into_the_buffer_and_digitizes_a_signal() -> None:
    device = SimulatedDmm6500()
    device.noise_level = 0.0
    device.ripple = 0.5
    with Dmm6500("dmm", transport=connect(device)) as dmm:
        dmm.sample_count(3)
        assert dmm.voltage() == 1.0
        assert dmm.buffer.readings().tolist() == [1.0] * 3
        assert dmm.buffer.times() == pytest.approx([0, 0.02, 0.04])
        dmm.digitizer.function("voltage")
        assert dmm.function() == "none"
        dmm.digitizer.count(8)
        dmm.digitizer.voltage_sample_rate(8000)
        assert dmm.digitizer.voltages() == pytest.approx([1 + sin(pi * place / 4) / 2 for place in range(8)])
        assert dmm.digitizer.voltages.axes == (dmm.digitizer.times,)
        assert dmm.digitizer.times() == pytest.approx([place / 8000 for place in range(8)])
        dmm.digitizer.voltage_range(0.1)
        assert dmm.digitizer.voltages().tolist() == [inf] * 8
        dmm.function("resistance")
        assert dmm.digitizer.function() == "none"
        assert dmm.resistance() == 1000.0


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedDmm6500()
    device.respond(b':SENSE1:VOLTAGE:DC:RANGE:UPPER 2;:SENS:FUNC "curr:ac";:FRES:RANG 1')
    assert device.respond(b":VOLT:RANG?;RANG:AUTO?;:FUNC?;:SENS:FRES:RANG?") == (
        b'1.00000000E+01;0;"CURR:AC";1.00000000E+00\n'
    )
    for message in (b"VOLT:RANG 1001", b'TRAC:CLE "mine"', b"READ:DIG?", b'TRAC:DATA? 1,2,"defbuffer1"'):
        device.respond(message)
    assert [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(5)] == [-222, -224, -221, -222, 0]
