"""What the drivers of the SDM multimeters send, and what they make of the replies."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import ReplyError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_siglent.sdm import Multimeter, Sdm3045x, Sdm3055, Sdm3065x
from luthier_siglent.simulated.sdm import SimulatedSdm3055, SimulatedSdm3065x
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# channel: header, a range, its word, how the range is answered
CHANNELS = {
    "dc_voltage": ("VOLT:DC", 0.2, "200MV", "+2.00000000E-01"),
    "ac_voltage": ("VOLT:AC", 750.0, "750V", "+7.50000000E+02"),
    "dc_current": ("CURR:DC", 2e-4, "200UA", "+2.00000000E-04"),
    "ac_current": ("CURR:AC", 0.02, "20MA", "+2.00000000E-02"),
    "two_wire_resistance": ("RES", 2e6, "2MOHM", "+2.00000000E+06"),
    "four_wire_resistance": ("FRES", 200.0, "200OHM", "+2.00000000E+02"),
    "capacitor": ("CAP", 1e-2, "10000UF", "+1.00000000E-02"),
    "frequency_counter": ("FREQ", 2.0, "2V", "+2.00000000E+00"),
    "period_counter": ("PER", 20.0, "20V", "+2.00000000E+01"),
    "thermometer": ("TEMP", 0.0, "", ""),
}
TIMED = ("dc_voltage", "dc_current", "two_wire_resistance", "four_wire_resistance")

# path, value, what is sent to set it, query, reply
SETTINGS: list[tuple[str, object, str, str, str]] = [
    ("function", "DC voltage", 'FUNC "VOLT:DC"', "FUNC?", '"VOLT"'),
    ("function", "DC current", 'FUNC "CURR:DC"', "FUNC?", '"CURR"'),
    ("function", "AC current", 'FUNC "CURR:AC"', "FUNC?", '"CURR:AC"'),
    ("function", "resistance", 'FUNC "RES"', "FUNC?", '"RESISTANCE"'),
    ("function", "four-wire resistance", 'FUNC "FRES"', "FUNC?", '"FRES"'),
    ("temperature_unit", "K", "UNIT:TEMP K", "UNIT:TEMP?", "K"),
    ("continuity_threshold", 50.0, "CONT:THR:VAL 50", "CONT:THR:VAL?", "+5.00000000E+01"),
    ("trigger_source", "bus", "TRIG:SOUR BUS", "TRIG:SOUR?", "BUS"),
    ("trigger_slope", "rising", "TRIG:SLOP POS", "TRIG:SLOP?", "POS"),
    ("trigger_count", 1_000_000, "TRIG:COUN 1000000", "TRIG:COUN?", "+1.00000000E+06"),
    ("trigger_delay", 0.5, "TRIG:DEL 0.5", "TRIG:DEL?", "+5.00000000E-01"),
    ("trigger_auto_delay", True, "TRIG:DEL:AUTO 1", "TRIG:DEL:AUTO?", "1"),
    ("sample_count", 7, "SAMP:COUN 7", "SAMP:COUN?", "+7"),
    ("dc_voltage.high_impedance", True, "VOLT:DC:IMP 10G", "VOLT:DC:IMP?", "10G"),
    ("dc_voltage.filter", True, "VOLT:DC:FILT 1", "VOLT:DC:FILT?", "1"),
    ("dc_current.filter", False, "CURR:DC:FILT 0", "CURR:DC:FILT?", "0"),
]
for _channel, (_header, _range, _word, _reply) in CHANNELS.items():
    SETTINGS += [
        (f"{_channel}.auto_null", True, f"{_header}:NULL:VAL:AUTO 1", f"{_header}:NULL:VAL:AUTO?", "1"),
        (f"{_channel}.null", True, f"{_header}:NULL 1", f"{_header}:NULL?", "1"),
        (f"{_channel}.null_value", 0.001, f"{_header}:NULL:VAL 0.001", f"{_header}:NULL:VAL?", "+1.00000000E-03"),
    ]
    if _word:
        _ranged = f"{_header}:VOLT" if _channel.endswith("counter") else _header
        SETTINGS += [
            (f"{_channel}.range", _range, f"{_ranged}:RANG {_word}", f"{_ranged}:RANG?", _reply),
            (f"{_channel}.auto_range", False, f"{_ranged}:RANG:AUTO OFF", f"{_ranged}:RANG:AUTO?", "0"),
        ]
    if _channel in TIMED:
        SETTINGS.append((f"{_channel}.nplc", 0.3, f"{_header}:NPLC 0.3", f"{_header}:NPLC?", "+3.00000000E-01"))

OTHERS = [
    (Sdm3045x, "dc_voltage.range", 0.6, "VOLT:DC:RANG 600MV", "VOLT:DC:RANG?", "+6.00000000E-01"),
    (Sdm3045x, "ac_voltage.range", 6.0, "VOLT:AC:RANG 6V", "VOLT:AC:RANG?", "+6.00000000E+00"),
    (Sdm3045x, "dc_current.range", 6e-4, "CURR:DC:RANG 600UA", "CURR:DC:RANG?", "+6.00000000E-04"),
    (Sdm3045x, "ac_current.range", 0.06, "CURR:AC:RANG 60MA", "CURR:AC:RANG?", "+6.00000000E-02"),
    (Sdm3045x, "four_wire_resistance.range", 6e7, "FRES:RANG 60MOHM", "FRES:RANG?", "+6.00000000E+07"),
    (Sdm3045x, "period_counter.range", 60.0, "PER:VOLT:RANG 60V", "PER:VOLT:RANG?", "+6.00000000E+01"),
    (Sdm3065x, "ac_current.range", 2e-4, "CURR:AC:RANG 200UA", "CURR:AC:RANG?", "+2.00000000E-04"),
    (Sdm3065x, "two_wire_resistance.range", 1e6, "RES:RANG 1MOHM", "RES:RANG?", "+1.00000000E+06"),
    (Sdm3065x, "capacitor.range", 0.1, "CAP:RANG 100MF", "CAP:RANG?", "+1.00000000E-01"),
    (Sdm3065x, "dc_voltage.nplc", 0.005, "VOLT:DC:NPLC 0.005", "VOLT:DC:NPLC?", "+5.00000000E-03"),
    (Sdm3065x, "four_wire_resistance.nplc", 100.0, "FRES:NPLC 100", "FRES:NPLC?", "+1.00000000E+02"),
    (Sdm3065x, "four_wire_resistance.auto_zero", True, "FRES:AZ 1", "FRES:AZ?", "1"),
    (Sdm3065x, "ac_voltage.bandwidth", 3.0, "VOLT:AC:BAND 3Hz", "VOLT:AC:BAND?", "3Hz"),
    (Sdm3065x, "ac_current.bandwidth", 200.0, "CURR:AC:BAND 200Hz", "CURR:AC:BAND?", "+2.00000000E+02"),
    (Sdm3065x, "frequency_counter.gate", 0.001, "FREQ:APER 0.001", "FREQ:APER?", "+1.00000000E-03"),
]


class TestSdm3065x(DriverConformance):
    driver = "siglent.sdm3065x"


def opened(model: type[Multimeter], exchanges: list[Any]) -> AbstractContextManager[Any]:
    return expected_exchanges(model, exchanges, name="dmm", error_policy="never")


@pytest.mark.parametrize("row", SETTINGS, ids=[f"{row[0]}-{row[1]}" for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Any) -> None:
    path, value, command, query, reply = row
    with opened(Sdm3055, [(command, None), (query, reply)]) as dmm:
        dmm.set(path, value)
        assert dmm.get(path) == value


def test_every_setting_is_in_this_table() -> None:
    with opened(Sdm3055, []) as dmm:
        hosts = {"": dmm, **{f"{name}.": getattr(dmm, name) for name in CHANNELS}}
        settings = {p + name for p, host in hosts.items() for name, one in host.parameters.items() if one.settable}
    assert settings == {row[0] for row in SETTINGS}


@pytest.mark.parametrize("row", OTHERS, ids=[f"{row[0].__name__}-{row[1]}" for row in OTHERS])
def test_a_model_sends_what_the_sdm3055_does_not(row: Any) -> None:
    model, path, value, command, query, reply = row
    with opened(model, [(command, None), (query, reply)]) as dmm:
        dmm.set(path, value)
        assert dmm.get(path) == value


@pytest.mark.parametrize(
    ("model", "path", "value"),
    [
        (Sdm3055, "dc_voltage.range", 0.6),
        (Sdm3055, "dc_voltage.nplc", 100.0),
        (Sdm3055, "ac_current.range", 2e-4),
        (Sdm3055, "capacitor.null_value", 0.013),
        (Sdm3045x, "dc_voltage.range", 0.2),
        (Sdm3065x, "two_wire_resistance.range", 2e6),
        (Sdm3065x, "dc_voltage.nplc", 0.3),
        (Sdm3055, "trigger_count", 1_000_001),
    ],
)
def test_a_model_refuses_what_it_has_not(model: type[Multimeter], path: str, value: object) -> None:
    with opened(model, []) as dmm, pytest.raises(ValidationError, match=f"dmm.{path}"):
        dmm.set(path, value)


def test_the_range_of_another_model_is_told() -> None:
    with (
        opened(Sdm3055, [("VOLT:DC:RANG?", "+6.00000000E-01")]) as dmm,
        pytest.raises(ReplyError, match="another model"),
    ):
        dmm.dc_voltage.range()


def test_on_the_simulator_the_memory_holds_what_was_started_and_an_overload_is_infinite() -> None:
    with luthier.open("siglent.sdm3055", "sim://", name="dmm_sim") as dmm:
        device = device_at(dmm.address)
        assert isinstance(device, SimulatedSdm3055)
        dmm.set("sample_count", 3)
        dmm.set("trigger_count", 2)
        dmm.functions["start"]()
        assert dmm.get("memory") == pytest.approx([1.0] * 6, rel=1e-4)
        dmm.set("dc_voltage.range", 0.2)
        assert dmm.get("dc_voltage.auto_range") is False
        assert dmm.get("readings").tolist() == [inf] * 6
        device.signals["VOLT"] = 0.05
        assert dmm.get("readings") == pytest.approx([0.05] * 6, rel=1e-4)


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedSdm3065x()
    device.respond(b':SENSE:FUNCTION:ON "current:dc";:SENS:CURR:RANG 1.5 mA;:VOLTAGE:NPLC 0.5;:RES:RANG 1 MOHM')
    assert device.respond(b"FUNC?;:CURR:DC:RANG?;:CURR:RANG:AUTO?;:VOLT:DC:NPLC?;:RES:RANG?") == (
        b'"CURR";+2.00000000E-03;0;+5.00000000E-01;+1.00000000E+06\n'
    )
    for message in (b"CURR:RANG 11", b'FUNC "VOLTS"', b"VOLT:IMP 1G", b"VOLT:DC:FILT 1"):
        device.respond(message)
    assert [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(5)] == [-222, -224, -224, -113, 0]
