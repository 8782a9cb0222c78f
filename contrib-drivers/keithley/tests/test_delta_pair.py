"""What the drivers of the 6221 and the 2182A send, and the two of them in delta mode."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import pytest
from luthier.errors import IrrelevantParameterError, ReplyError, ResponseTimeoutError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_keithley.nanovoltmeter2182a import Nanovoltmeter2182A
from luthier_keithley.simulated.nanovoltmeter2182a import SimulatedNanovoltmeter2182A
from luthier_keithley.simulated.source6221 import SimulatedSource6221
from luthier_keithley.source6221 import Source6221
from luthier_sim import Clock, connect

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# path, value, what is sent to set it, query, reply, and what is asked before
Row = tuple[str, object, str, str, str, list[tuple[str, str]]]
SOURCE: list[Row] = [
    ("voltage_limit", 1.5, "SOUR:CURR:COMP 1.5", "SOUR:CURR:COMP?", "+1.500000E+00", []),
    ("source_current_range", 2e-6, "SOUR:CURR:RANG 2E-06", "SOUR:CURR:RANG?", "2.100000E-06", []),
    ("source_current_auto_range", True, "SOUR:CURR:RANG:AUTO 1", "SOUR:CURR:RANG:AUTO?", "1", []),
    ("filter", True, "SOUR:CURR:FILT 1", "SOUR:CURR:FILT?", "1", []),
    ("response", "slow", "OUTP:RESP SLOW", "OUTP:RESP?", "SLOW", []),
    ("inner_shield", "guard", "OUTP:ISH GUAR", "OUTP:ISH?", "GUAR", []),
    ("low_to_earth", True, "OUTP:LTE 1", "OUTP:LTE?", "1", []),
    ("elements", "READ,TST", "FORM:ELEM READ,TST", "FORM:ELEM?", "READ,TST", []),
    ("current", -1e-3, "SOUR:CURR -0.001", "SOUR:CURR?", "-1.000000E-03", [("SOUR:CURR:RANG:AUTO?", "1")]),
    ("output", True, "OUTP 1", "OUTP?", "1", []),
    ("delta.high", 1e-5, "SOUR:DELT:HIGH 1E-05", "SOUR:DELT:HIGH?", "+1.000000E-05", []),
    ("delta.low", -1e-5, "SOUR:DELT:LOW -1E-05", "SOUR:DELT:LOW?", "-1.000000E-05", []),
    ("delta.delay", 0.002, "SOUR:DELT:DEL 0.002", "SOUR:DELT:DEL?", "+2.000000E-03", []),
    ("delta.count", inf, "SOUR:DELT:COUN INF", "SOUR:DELT:COUN?", "+9.900000E+37", []),
    ("delta.compliance_abort", True, "SOUR:DELT:CAB 1", "SOUR:DELT:CAB?", "1", []),
    ("delta.cold_switching", True, "SOUR:DELT:CSW 1", "SOUR:DELT:CSW?", "1", []),
    ("delta.reading_unit", "Ω", "UNIT:VOLT:DC OHMS", "UNIT:VOLT:DC?", "OHMS", []),
    ("wave.waveform", "arbitrary 2", "SOUR:WAVE:FUNC ARB2", "SOUR:WAVE:FUNC?", "ARB2", []),
    ("wave.amplitude", 1e-3, "SOUR:WAVE:AMPL 0.001", "SOUR:WAVE:AMPL?", "+1.000000E-03", []),
    ("wave.frequency", 17.7, "SOUR:WAVE:FREQ 17.7", "SOUR:WAVE:FREQ?", "+1.770000E+01", []),
    ("wave.offset", -1e-3, "SOUR:WAVE:OFFS -0.001", "SOUR:WAVE:OFFS?", "-1.000000E-03", []),
    ("wave.duty_cycle", 25.0, "SOUR:WAVE:DCYC 25", "SOUR:WAVE:DCYC?", "+2.500000E+01", []),
    ("wave.ranging", "fixed", "SOUR:WAVE:RANG FIX", "SOUR:WAVE:RANG?", "FIX", []),
    ("wave.duration", inf, "SOUR:WAVE:DUR:TIME INF", "SOUR:WAVE:DUR:TIME?", "9.9E37", []),
    ("wave.cycles", 100.0, "SOUR:WAVE:DUR:CYCL 100", "SOUR:WAVE:DUR:CYCL?", "+1.000000E+02", []),
    ("wave.marker_phase", 90.0, "SOUR:WAVE:PMAR 90", "SOUR:WAVE:PMAR?", "+9.000000E+01", []),
    ("wave.marker_line", 4, "SOUR:WAVE:PMAR:OLIN 4", "SOUR:WAVE:PMAR:OLIN?", "4", []),
    ("wave.marker", True, "SOUR:WAVE:PMAR:STAT 1", "SOUR:WAVE:PMAR:STAT?", "1", []),
]
MAINS = [("SYST:LFR?", "50")]
METER: list[Row] = [
    ("function", "temperature", 'SENS:FUNC "TEMP"', "SENS:FUNC?", '"TEMP"', []),
    ("channel", 2, "SENS:CHAN 2", "SENS:CHAN?", "2", []),
    ("voltage_nplc", 50.0, "SENS:VOLT:NPLC 50", "SENS:VOLT:NPLC?", "5.0E+01", MAINS),
    ("voltage_digits", 8, "SENS:VOLT:DIG 8", "SENS:VOLT:DIG?", "8", []),
    ("temperature_nplc", 1.0, "SENS:TEMP:NPLC 1", "SENS:TEMP:NPLC?", "1.0E+00", MAINS),
    ("thermocouple", "K", "SENS:TEMP:TC K", "SENS:TEMP:TC?", "K", []),
    ("reference_junction", "simulated", "SENS:TEMP:RJUN:RSEL SIM", "SENS:TEMP:RJUN:RSEL?", "SIM", []),
    ("junction_temperature", 21.5, "SENS:TEMP:RJUN:SIM 21.5", "SENS:TEMP:RJUN:SIM?", "+2.15E+01", []),
    ("auto_zero", False, "SYST:AZER:STAT 0", "SYST:AZER:STAT?", "0", []),
    ("front_auto_zero", False, "SYST:FAZ:STAT 0", "SYST:FAZ:STAT?", "0", []),
    ("line_synchronisation", True, "SYST:LSYN:STAT 1", "SYST:LSYN:STAT?", "1", []),
    ("display", False, "DISP:ENAB 0", "DISP:ENAB?", "0", []),
    ("continuous", False, "INIT:CONT 0", "INIT:CONT?", "0", []),
    ("trigger_source", "external", "TRIG:SOUR EXT", "TRIG:SOUR?", "EXT", []),
    ("trigger_count", 9999, "TRIG:COUN 9999", "TRIG:COUN?", "9999", []),
    ("trigger_delay", 0.5, "TRIG:DEL 0.5", "TRIG:DEL?", "0.5", []),
    ("sample_count", 1024, "SAMP:COUN 1024", "SAMP:COUN?", "1024", []),
    ("buffer_points", 2, "TRAC:POIN 2", "TRAC:POIN?", "2", []),
    ("buffer_source", "calculation", "TRAC:FEED CALC1", "TRAC:FEED?", "CALC1", []),
    ("buffer_control", "next", "TRAC:FEED:CONT NEXT", "TRAC:FEED:CONT?", "NEXT", []),
]
for _number, _range in ((1, 0.01), (2, 10.0)):
    for _name, _value, _suffix, _sent, _reply in (
        ("range", _range, "RANG", f"{_range:g}", f"{_range * 1.2:.8E}"),
        ("auto_range", True, "RANG:AUTO", "1", "1"),
        ("reference", 0.5, "REF", "0.5", "+5.0E-01"),
        ("relative", True, "REF:STAT", "1", "1"),
        ("analog_filter", True, "LPAS:STAT", "1", "1"),
        ("averaging_type", "repeat", "DFIL:TCON", "REP", "REP"),
        ("averaging_count", 20, "DFIL:COUN", "20", "20"),
        ("averaging_window", 1.0, "DFIL:WIND", "1", "1.0"),
        ("averaging", False, "DFIL:STAT", "0", "0"),
    ):
        _command = f"SENS:VOLT:CHAN{_number}:{_suffix}"
        METER.append((f"input_{_number}.{_name}", _value, f"{_command} {_sent}", f"{_command}?", _reply, []))


class TestSource6221(DriverConformance):
    driver = "keithley.6221"


class TestNanovoltmeter2182A(DriverConformance):
    driver = "keithley.2182a"


def opened(kind: Any, exchanges: list[Any]) -> AbstractContextManager[Any]:
    return expected_exchanges(kind, exchanges, name="one", error_policy="never")


@pytest.mark.parametrize(
    ("kind", "row"),
    [(Source6221, row) for row in SOURCE] + [(Nanovoltmeter2182A, row) for row in METER],
    ids=[row[0] for row in SOURCE + METER],
)
def test_a_setting_is_sent_and_read(kind: Any, row: Row) -> None:
    path, value, command, query, reply, before = row
    with opened(kind, [*before, (command, None), (query, reply)]) as one:
        one.set(path, value)
        assert one.get(path) == value


def test_every_setting_is_in_these_tables_and_the_output_is_restored_last() -> None:
    for kind, rows, hosts in (
        (Source6221, SOURCE, ("delta", "wave")),
        (Nanovoltmeter2182A, METER, ("input_1", "input_2")),
    ):
        with opened(kind, []) as one:
            own = [name for name, each in one.parameters.items() if each.settable]
            assert own == [row[0] for row in rows if "." not in row[0]]
            settable = {f"{h}.{n}" for h in hosts for n, each in getattr(one, h).parameters.items() if each.settable}
            assert settable == {row[0] for row in rows if "." in row[0]}
    assert [row[0] for row in SOURCE if "." not in row[0]][-1] == "output"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("voltage_limit", 0.05),
        ("source_current_range", 3e-6),
        ("current", 0.106),
        ("delta.low", 1e-6),
        ("delta.count", 0),
        ("delta.delay", inf),
        ("wave.frequency", 2e5),
        ("wave.duration", 1e6),
    ],
)
def test_what_is_not_allowed_is_refused_before_anything_is_sent(path: str, value: object) -> None:
    with opened(Source6221, []) as source, pytest.raises(ValidationError, match=f"one.{path}"):
        source.set(path, value)


def test_a_level_goes_to_105_percent_of_a_fixed_range() -> None:
    fixed = [("SOUR:CURR:RANG:AUTO?", "0"), ("SOUR:CURR:RANG?", "2.000000E-06"), ("SOUR:CURR:RANG:AUTO?", "0")]
    with opened(Source6221, [*fixed, ("SOUR:CURR 2.1E-06", None)]) as source:
        source.current(2.1e-6)
        with pytest.raises(ValidationError, match=r"one\.current"):
            source.current(2.2e-6)


@pytest.mark.parametrize(
    ("armed", "more"), [("0", []), ("1", [("SOUR:SWE:ABOR", None), ("OUTP 0", None)])], ids=["at rest", "armed"]
)
def test_making_safe_switches_the_output_off_first(armed: str, more: list[Any]) -> None:
    with opened(Source6221, [("OUTP 0", None), ("SOUR:DELT:ARM?", armed), *more]) as source:
        source.make_safe()


def test_a_buffer_of_other_elements_is_refused() -> None:
    steps = [("TRAC:POIN:ACT?", "2"), ("TRAC:DATA?", "1.0,2.0,3.0")]
    with opened(Source6221, steps) as source, pytest.raises(ReplyError, match="3 numbers"):
        source.delta.readings()


def test_a_long_wave_goes_in_parts_and_a_wrong_one_not_at_all() -> None:
    first, rest = ",".join(["0.5"] * 100), ",".join(["0.5"] * 20)
    with opened(
        Source6221,
        [
            (f"SOUR:WAVE:ARB:DATA {first}", None),
            (f"SOUR:WAVE:ARB:APP {rest}", None),
            ("SOUR:WAVE:ARB:COPY 3", None),
            ("SOUR:WAVE:FUNC ARB3", None),
        ],
    ) as source:
        source.wave.upload([0.5] * 120, 3)
        for points, location in (
            ([0.5, 1.1], 1),
            ([0.5], 1),
            ([0.5, 0.4], 5),
            ([[0.5, 0.4]], 1),
            ([0.5, float("nan")], 1),
        ):
            with pytest.raises(ValidationError, match="from -1 to 1"):
                source.wave.upload(points, location)


def at_a_clock_of_its_own() -> tuple[SimulatedSource6221, Source6221]:
    device = SimulatedSource6221(clock=Clock(speed=1000))
    return device, Source6221("pair", transport=connect(device))


def test_delta_mode_measures_what_a_constant_voltage_does_not_change() -> None:
    device, source = at_a_clock_of_its_own()
    with source:
        device.thermal_voltage = 1e-3
        source.delta.high(1e-6)
        assert source.delta.low() == -1e-6
        source.delta.reading_unit("Ω")
        source.delta.count(5)
        assert source.delta.measure(timeout=10) == pytest.approx([1000.0] * 5, rel=1e-2)
        assert source.delta.times() == pytest.approx([0, 0.022, 0.044, 0.066, 0.088])
        assert source.delta.readings.axes == (source.delta.index,)
        assert source.delta.armed() is False
        assert source.output() is False
        source.delta.send("SENS:VOLT:NPLC 1")
        assert float(source.delta.ask("SENS:VOLT:NPLC?")) == 1
        assert "2182A" in source.delta.ask("*IDN?")


def test_delta_mode_says_what_it_lacks_and_stops_when_time_is_up() -> None:
    device, source = at_a_clock_of_its_own()
    with source:
        with pytest.raises(IrrelevantParameterError, match="count is infinite"):
            source.delta.measure(timeout=1)
        source.delta.count(2)
        source.delta.delay(9999)
        with pytest.raises(ResponseTimeoutError, match="0 of 2"):
            source.delta.measure(timeout=0.01)
        assert device.output is False
        device.nanovoltmeter = None
        with pytest.raises(IrrelevantParameterError, match="no nanovoltmeter"):
            source.delta.measure(timeout=1)


def test_a_wave_flows_while_it_lasts_and_switching_off_ends_it() -> None:
    device = SimulatedSource6221(clock=Clock(speed=0))
    device.respond(b"SOURCE1:WAVE:FUNC SINUSOID;:WAVE:AMPL 2 MA;FREQ 10;OFFSET 1E-3;DUR:CYCL 2;:SOUR:WAVE:ARM;INIT")
    assert device.respond(b"WAVE:DUR:TIME?;:OUTP?") == b"+2.000000E-01;1\n"
    device.clock.advance(0.025)
    assert device.driven("current") == pytest.approx(3e-3)
    device.clock.advance(1)
    assert device.driven("current") == pytest.approx(1e-3)
    device.respond(b"OUTP OFF;:SOUR:WAVE:INIT;:WAVE:FUNC ARB1;ARM")
    assert [(device.respond(b"SYST:ERR?") or b"")[:4] for _ in range(3)] == [b"-221", b"-221", b'0,"N']


def test_the_simulated_nanovoltmeter_has_ranges_references_and_a_buffer() -> None:
    meter = SimulatedNanovoltmeter2182A()
    meter.noise_level = 0.0
    assert meter.respond(b"READ?") is None
    meter.respond(
        b"*CLS;:INIT:CONT OFF;:SENSE:VOLTAGE:DC:CHANNEL1:RANGE:UPPER 2e-3;:TRIG:COUN 2;:TRAC:POIN 2;FEED:CONT NEXT"
    )
    assert meter.respond(b"READ?;:TRAC:DATA?;FEED:CONT?") == (
        b"+1.00000000E-03,+1.00000000E-03;+1.00000000E-03,+1.00000000E-03;NEV\n"
    )
    meter.signals[1] = 0.013
    assert meter.respond(b"TRIG:COUN 1;:READ?;:VOLT:CHAN1:RANG:AUTO ON;:VOLT:CHAN1:REF 3e-3;REF:STAT ON;:READ?") == (
        b"+9.90000000E+37;+1.00000000E-02\n"
    )
