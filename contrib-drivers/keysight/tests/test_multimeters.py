"""The 34401A, the 34410A and the 34465A: what they send other than the 34461A, and their simulators."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_keysight.dmm34401a import FUNCTIONS, Multimeter34401A
from luthier_keysight.simulated.multimeters import Simulated34401A, Simulated34410A, Simulated34465A
from luthier_keysight.truevolt import Multimeter34410A, Multimeter34465A
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from luthier import ScpiInstrument

CHANNELS_34401A = {
    "dc_voltage": ("VOLT:DC", 10.0, "nplc"),
    "ac_voltage": ("VOLT:AC", 0.1, ""),
    "dc_current": ("CURR:DC", 3.0, "nplc"),
    "ac_current": ("CURR:AC", 1.0, ""),
    "two_wire_resistance": ("RES", 1e6, "nplc"),
    "four_wire_resistance": ("FRES", 100.0, "nplc"),
    "frequency_counter": ("FREQ", 1.0, "gate"),
    "period_counter": ("PER", 1.0, "gate"),
}

# path, value, what is sent to set it, query, reply
SETTINGS_34401A = [
    ("function", "four-wire resistance", 'FUNC "FRES"', "FUNC?", '"FRES"'),
    ("bandwidth", 3.0, "DET:BAND 3", "DET:BAND?", "+3.00000000E+00"),
    ("auto_zero", False, "ZERO:AUTO 0", "ZERO:AUTO?", "0"),
    ("high_impedance", True, "INP:IMP:AUTO 1", "INP:IMP:AUTO?", "1"),
    ("trigger_source", "bus", "TRIG:SOUR BUS", "TRIG:SOUR?", "BUS"),
    ("trigger_count", 50_000, "TRIG:COUN 50000", "TRIG:COUN?", "+5.00000000E+04"),
    ("trigger_delay", 0.5, "TRIG:DEL 0.5", "TRIG:DEL?", "+5.00000000E-01"),
    ("trigger_auto_delay", True, "TRIG:DEL:AUTO 1", "TRIG:DEL:AUTO?", "1"),
    ("sample_count", 7, "SAMP:COUN 7", "SAMP:COUN?", "+7"),
]
for _channel, (_header, _range, _more) in CHANNELS_34401A.items():
    _ranged = f"{_header}:VOLT" if _more == "gate" else _header
    SETTINGS_34401A += [
        (
            f"{_channel}.range",
            _range,
            f"{_ranged}:RANG {_range:g}".replace("1e+06", "1000000"),
            f"{_ranged}:RANG?",
            f"{_range:+.8E}",
        ),
        (f"{_channel}.auto_range", True, f"{_ranged}:RANG:AUTO 1", f"{_ranged}:RANG:AUTO?", "1"),
    ]
    if _more:
        _command = f"{_header}:{'APER' if _more == 'gate' else 'NPLC'}"
        SETTINGS_34401A.append((f"{_channel}.{_more}", 1.0, f"{_command} 1", f"{_command}?", "+1.00000000E+00"))


class Test34401A(DriverConformance):
    driver = "keysight.34401a"


class Test34410A(DriverConformance):
    driver = "keysight.34410a"


class Test34465A(DriverConformance):
    driver = "keysight.34465a"


def opened(model: type[ScpiInstrument], exchanges: list[Any]) -> AbstractContextManager[Any]:
    return expected_exchanges(model, exchanges, name="dmm", error_policy="never")


@pytest.mark.parametrize("row", SETTINGS_34401A, ids=[row[0] for row in SETTINGS_34401A])
def test_a_setting_of_the_34401a_is_sent_and_read_as_its_guide_says(row: Any) -> None:
    path, value, command, query, reply = row
    with opened(Multimeter34401A, [(command, None), (query, reply)]) as dmm:
        dmm.set(path, value)
        assert dmm.get(path) == value


def test_every_setting_of_the_34401a_is_in_this_table() -> None:
    with opened(Multimeter34401A, []) as dmm:
        hosts = {"": dmm, **{f"{name}.": getattr(dmm, name) for name in CHANNELS_34401A}}
        settings = {p + name for p, host in hosts.items() for name, one in host.parameters.items() if one.settable}

    assert settings == {row[0] for row in SETTINGS_34401A}


def test_the_34401a_measures_neither_temperature_nor_capacitance_and_has_to_be_told_of_rs232() -> None:
    assert not {"temperature", "capacitance"} & set(FUNCTIONS)
    with opened(Multimeter34401A, [("SYST:REM", None)]) as dmm:
        dmm.functions["remote"]()


@pytest.mark.parametrize(
    ("model", "path", "value", "command"),
    [
        (Multimeter34465A, "dc_current.range", 1e-6, "CURR:DC:RANG 1E-06"),
        (Multimeter34465A, "dc_current.terminals", 10, "CURR:DC:TERM 10"),
        (Multimeter34465A, "two_wire_resistance.range", 1e9, "RES:RANG 1000000000"),
        (Multimeter34465A, "four_wire_resistance.nplc", 0.06, "FRES:NPLC 0.06"),
        (Multimeter34465A, "sample_count", 1_000_000_000, "SAMP:COUN 1000000000"),
        (Multimeter34410A, "trigger_count", 1_000_000, "TRIG:COUN 1000000"),
        (Multimeter34410A, "dc_voltage.nplc", 0.006, "VOLT:DC:NPLC 0.006"),
        (Multimeter34410A, "thermometer.nplc", 2.0, "TEMP:NPLC 2"),
        (Multimeter34410A, "frequency_counter.gate", 0.001, "FREQ:APER 0.001"),
        (Multimeter34410A, "capacitor.range", 1e-5, "CAP:RANG 1E-05"),
        (Multimeter34410A, "dc_current.null", True, "CURR:DC:NULL 1"),
    ],
)
def test_a_model_takes_what_the_34461a_does_not(
    model: type[ScpiInstrument], path: str, value: object, command: str
) -> None:
    with opened(model, [(command, None)]) as dmm:
        dmm.set(path, value)


@pytest.mark.parametrize(
    ("model", "path", "value"),
    [
        (Multimeter34401A, "dc_current.range", 1e-3),
        (Multimeter34401A, "sample_count", 50_001),
        (Multimeter34401A, "function", "capacitance"),
        (Multimeter34410A, "dc_current.range", 10.0),
        (Multimeter34410A, "capacitor.range", 1e-4),
        (Multimeter34410A, "sample_count", 50_001),
        (Multimeter34465A, "dc_voltage.nplc", 0.006),
        (Multimeter34465A, "ac_current.range", 1e-6),
        (Multimeter34465A, "dc_current.range", 10.0),
    ],
)
def test_a_model_refuses_what_it_has_not(model: type[ScpiInstrument], path: str, value: object) -> None:
    with opened(model, []) as dmm, pytest.raises(ValidationError, match=f"dmm.{path}"):
        dmm.set(path, value)


@pytest.mark.parametrize("model", ["34401a", "34410a", "34465a"])
def test_on_the_simulator_the_memory_holds_what_was_started_and_an_overload_is_infinite(model: str) -> None:
    with luthier.open(f"keysight.{model}", "sim://", name=f"dmm_{model}") as dmm:
        device = device_at(dmm.address)
        dmm.set("sample_count", 3)
        dmm.set("trigger_count", 2)
        dmm.functions["start"]()
        assert dmm.get("memory") == pytest.approx([1.0] * 6, rel=1e-4)
        assert dmm.get("readings").shape == (6,)
        dmm.set("dc_voltage.range", 0.1)
        assert dmm.get("dc_voltage.auto_range") is False
        assert dmm.get("readings").tolist() == [inf] * 6
        device.signals["VOLT"] = 0.05  # type: ignore[attr-defined] # the device says what is at its terminals
        assert dmm.get("readings") == pytest.approx([0.05] * 6, rel=1e-4)


def test_the_simulators_take_every_spelling_and_refuse_the_rest() -> None:
    device = Simulated34465A()
    device.respond(b':SENSE:FUNCTION:ON "current:dc";:SENS:CURR:RANGE:UPPER 2 mA;:VOLT:NPLC 0.05;:TRIG:DEL 1 ms')
    assert device.respond(b"FUNC?;:CURR:DC:RANG?;:CURR:RANG:AUTO?;:VOLT:DC:NPLC?;:TRIG:DEL:AUTO?") == (
        b'"CURR";+1.00000000E-02;0;+6.00000000E-02;0\n'
    )
    for message in (b"CURR:RANG 4", b'FUNC "VOLTS"', b"SAMP:COUN 1000000001", b"DET:BAND 3"):
        device.respond(message)
    assert [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(5)] == [-222, -224, -222, -113, 0]
    for other in (Simulated34401A(), Simulated34410A()):
        other.respond(b"CURR:DC:TERM 10")
        assert (other.respond(b"SYST:ERR?") or b"").startswith(b"-113")


def test_the_terminals_for_10_a_measure_more_than_the_range_of_the_others() -> None:
    with luthier.open("keysight.34465a", "sim://", name="dmm_terminals") as dmm:
        device_at(dmm.address).signals["CURR"] = 9.0  # type: ignore[attr-defined] # the device says what is there
        dmm.set("function", "DC current")
        dmm.set("dc_current.range", 3.0)
        assert dmm.get("current") == inf
        dmm.set("dc_current.terminals", 10)
        assert dmm.get("current") == pytest.approx(9.0, rel=1e-4)
        assert dmm.get("dc_current.range") == 3.0
