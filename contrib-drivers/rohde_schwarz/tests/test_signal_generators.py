"""What the drivers of signal generators send, and what they make of the replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_rohde_schwarz.sgs100a import Sgs100a
from luthier_rohde_schwarz.simulated.signal_generator import SimulatedSgs100a, SimulatedSmb100a
from luthier_rohde_schwarz.smb100a import Smb100a
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from luthier_rohde_schwarz.signal_generator import SignalGenerator

# path, value, what is sent to set it, query, reply, and what is asked before, because limits depend on it
SHARED = [
    ("reference_source", "external", "SOUR:ROSC:SOUR EXT", "SOUR:ROSC:SOUR?", "EXT", ()),
    ("frequency_offset", -1e6, "SOUR:FREQ:OFFS -1000000", "SOUR:FREQ:OFFS?", "-1000000", ()),
    ("power_offset", -3.5, "SOUR:POW:OFFS -3.5", "SOUR:POW:OFFS?", "-3.5", ()),
    (
        "power_limit",
        10.0,
        "SOUR:POW:LIM 10",
        "SOUR:POW:LIM?",
        "10",
        (("SOUR:POW:LIM? MIN", "-120"), ("SOUR:POW:LIM? MAX", "25")),
    ),
    (
        "frequency",
        5123456789.012,
        "SOUR:FREQ 5123456789.012",
        "SOUR:FREQ?",
        "5123456789.012",
        (("SOUR:FREQ? MIN", "1000000"), ("SOUR:FREQ? MAX", "6000000000")),
    ),
    ("phase", 90.0, "SOUR:PHAS 90", "SOUR:PHAS?", "90", ()),
    ("power", -12.34, "SOUR:POW -12.34", "SOUR:POW?", "-12.34", (("SOUR:POW? MIN", "-120"), ("SOUR:POW? MAX", "25"))),
    ("output", True, "OUTP 1", "OUTP?", "1", ()),
    ("pulse.source", "external", "SOUR:PULM:SOUR EXT", "SOUR:PULM:SOUR?", "EXT", ()),
    ("pulse.mode", "double", "SOUR:PULM:MODE DOUB", "SOUR:PULM:MODE?", "DOUB", ()),
    ("pulse.period", 1e-3, "SOUR:PULM:PER 0.001", "SOUR:PULM:PER?", "0.001", (("SOUR:PULM:WIDT?", "2E-06"),)),
    ("pulse.width", 1e-6, "SOUR:PULM:WIDT 1E-06", "SOUR:PULM:WIDT?", "1E-06", (("SOUR:PULM:PER?", "1E-05"),)),
    ("pulse.delay", 1e-6, "SOUR:PULM:DEL 1E-06", "SOUR:PULM:DEL?", "1E-06", ()),
    ("pulse.second_width", 1e-6, "SOUR:PULM:DOUB:WIDT 1E-06", "SOUR:PULM:DOUB:WIDT?", "1E-06", ()),
    ("pulse.second_delay", 1e-6, "SOUR:PULM:DOUB:DEL 1E-06", "SOUR:PULM:DOUB:DEL?", "1E-06", ()),
    ("pulse.trigger_mode", "gate", "SOUR:PULM:TRIG:MODE EGAT", "SOUR:PULM:TRIG:MODE?", "EGAT", ()),
    ("pulse.polarity", "inverted", "SOUR:PULM:POL INV", "SOUR:PULM:POL?", "INV", ()),
    ("pulse.enabled", True, "SOUR:PULM:STAT 1", "SOUR:PULM:STAT?", "1", ()),
]

SGS = [
    ("reference_frequency", 1e9, "SOUR:ROSC:EXT:FREQ 1000MHZ", "SOUR:ROSC:EXT:FREQ?", "1000MHZ", ()),
    ("reference_output_frequency", 1e8, "SOUR:ROSC:OUTP:FREQ 100MHZ", "SOUR:ROSC:OUTP:FREQ?", "100MHZ", ()),
    ("reference_output", "lo", "CONN:REFL:OUTP LO", "CONN:REFL:OUTP?", "LO", ()),
    ("lo_source", "external", "SOUR:LOSC:SOUR EXT", "SOUR:LOSC:SOUR?", "EXT", ()),
    ("attenuator_mode", "passive", "OUTP:AMOD APAS", "OUTP:AMOD?", "APAS", ()),
    ("operation_mode", "baseband bypass", "SOUR:OPM BBBY", "SOUR:OPM?", "BBBY", ()),
    ("iq.impairments", True, "SOUR:IQ:IMP:STAT 1", "SOUR:IQ:IMP:STAT?", "1", ()),
    ("iq.leakage_i", 0.25, "SOUR:IQ:IMP:LEAK:I 0.25", "SOUR:IQ:IMP:LEAK:I?", "0.25", ()),
    ("iq.leakage_q", -0.5, "SOUR:IQ:IMP:LEAK:Q -0.5", "SOUR:IQ:IMP:LEAK:Q?", "-0.5", ()),
    ("iq.gain_imbalance", 0.1, "SOUR:IQ:IMP:IQR 0.1", "SOUR:IQ:IMP:IQR?", "0.1", ()),
    ("iq.quadrature", -1.5, "SOUR:IQ:IMP:QUAD -1.5", "SOUR:IQ:IMP:QUAD?", "-1.5", ()),
    ("iq.crest_factor", 3.0, "SOUR:IQ:CRES 3", "SOUR:IQ:CRES?", "3", ()),
    ("iq.wideband", True, "SOUR:IQ:WBST 1", "SOUR:IQ:WBST?", "1", ()),
    ("iq.enabled", True, "SOUR:IQ:STAT 1", "SOUR:IQ:STAT?", "1", ()),
]

SMB = [
    ("attenuator_mode", "fixed", "OUTP:AMOD FIX", "OUTP:AMOD?", "FIX", ()),
    ("frequency_mode", "sweep", "SOUR:FREQ:MODE SWE", "SOUR:FREQ:MODE?", "SWE", ()),
    (
        "sweep.start",
        1e9,
        "SOUR:FREQ:STAR 1000000000",
        "SOUR:FREQ:STAR?",
        "1000000000",
        (("SOUR:FREQ:STAR? MIN", "9000"), ("SOUR:FREQ:STAR? MAX", "6000000000")),
    ),
    (
        "sweep.stop",
        2e9,
        "SOUR:FREQ:STOP 2000000000",
        "SOUR:FREQ:STOP?",
        "2000000000",
        (("SOUR:FREQ:STOP? MIN", "9000"), ("SOUR:FREQ:STOP? MAX", "6000000000")),
    ),
    ("sweep.spacing", "logarithmic", "SOUR:SWE:SPAC LOG", "SOUR:SWE:SPAC?", "LOG", ()),
    (
        "sweep.step",
        0.01,
        "SOUR:SWE:STEP 0.01",
        "SOUR:SWE:STEP?",
        "0.01",
        (("SOUR:FREQ:STOP?", "2000000000"), ("SOUR:FREQ:STAR?", "1000000000")),
    ),
    ("sweep.points", 101, "SOUR:SWE:POIN 101", "SOUR:SWE:POIN?", "101", ()),
    ("sweep.dwell", 0.01, "SOUR:SWE:DWEL 0.01", "SOUR:SWE:DWEL?", "0.01", ()),
    ("sweep.shape", "triangle", "SOUR:SWE:SHAP TRI", "SOUR:SWE:SHAP?", "TRI", ()),
    ("sweep.cycle", "step", "SOUR:SWE:MODE STEP", "SOUR:SWE:MODE?", "STEP", ()),
    ("sweep.trigger_source", "single", "TRIG:FSW:SOUR SING", "TRIG:FSW:SOUR?", "SING", ()),
]

ROWS: list[tuple[type[SignalGenerator], Any]] = [
    *((Sgs100a, row) for row in (*SHARED, *SGS)),
    *((Smb100a, row) for row in (*SHARED[:1], *SMB)),
]


class TestSgs100a(DriverConformance):
    driver = "rohde_schwarz.sgs100a"


class TestSmb100a(DriverConformance):
    driver = "rohde_schwarz.smb100a"


def opened(driver: type[Any], exchanges: Any, **options: object) -> AbstractContextManager[Any]:
    return expected_exchanges(driver, exchanges, name="rf", **{"error_policy": "never", **options})


@pytest.mark.parametrize(("driver", "row"), ROWS, ids=[f"{driver.__name__}.{row[0]}" for driver, row in ROWS])
def test_a_setting_is_sent_and_read_as_the_manual_says(driver: type[Any], row: Any) -> None:
    path, value, command, query, reply, before = row
    with opened(driver, [*before, (command, None), (query, reply)]) as rf:
        rf.set(path, value)
        assert rf.get(path) == value


@pytest.mark.parametrize(("driver", "rows"), [(Sgs100a, [*SHARED, *SGS]), (Smb100a, [*SHARED, *SMB])])
def test_every_setting_is_in_these_tables(driver: type[Any], rows: list[Any]) -> None:
    with opened(driver, []) as rf:
        hosts = {"": rf, **{f"{name}.": channel for name, channel in rf.channels.items()}}
        settings = {p + n for p, host in hosts.items() for n, one in host.parameters.items() if one.settable}
    assert settings == {row[0] for row in rows}


@pytest.mark.parametrize(
    ("driver", "path", "command"),
    [
        (Sgs100a, "zero_phase", "SOUR:PHAS:REF"),
        (Smb100a, "sweep.start_once", "TRIG:FSW"),
        (Smb100a, "sweep.restart", "SOUR:SWE:RES"),
    ],
)
def test_a_function_sends_its_command(driver: type[Any], path: str, command: str) -> None:
    with opened(driver, [(command, None)]) as rf:
        host, _, name = path.rpartition(".")
        (getattr(rf, host) if host else rf).functions[name]()


def test_the_limits_are_asked_from_the_instrument_once() -> None:
    limits = [("SOUR:FREQ? MIN", "1000000"), ("SOUR:FREQ? MAX", "6000000000")]
    with opened(Sgs100a, [*limits, ("SOUR:FREQ 6000000000", None)]) as rf:
        with pytest.raises(ValidationError, match=r"rf.frequency: cannot set 6000000000.01 Hz"):
            rf.frequency(6000000000.01)
        rf.frequency(6e9)


def test_an_offset_ends_what_is_known_of_the_limits() -> None:
    with opened(
        Sgs100a,
        """
        > SOUR:POW? MIN
        < -120
        > SOUR:POW? MAX
        < 25
        > SOUR:POW 20
        > SOUR:POW:OFFS -10
        > SOUR:POW? MIN
        < -130
        > SOUR:POW? MAX
        < 15
        """,
    ) as rf:
        rf.power(20)
        rf.power_offset(-10)
        assert not rf.power.cache.valid
        with pytest.raises(ValidationError, match="-130 dBm to 15 dBm"):
            rf.power(20)


def test_a_pulse_is_always_shorter_than_its_period() -> None:
    with opened(Sgs100a, [("SOUR:PULM:PER?", "1E-05"), ("SOUR:PULM:WIDT 5E-06", None)]) as rf:
        rf.pulse.width(5e-6)
        with pytest.raises(ValidationError):
            rf.pulse.width(10e-6)
        with pytest.raises(ValidationError):
            rf.pulse.period(5e-6)


def test_on_the_simulator_an_offset_leaves_the_rf_as_it_is_and_the_limit_bounds_it() -> None:
    with luthier.open("rohde_schwarz.sgs100a", "sim://", name="rf_offset") as rf:
        device = device_at(rf.address)
        assert isinstance(device, SimulatedSgs100a)
        rf.frequency(5e9)
        rf.power(-10)
        assert device.rf_power == float("-inf")
        rf.output(True)
        rf.frequency_offset(1e9)
        rf.power_offset(3)
        assert (rf.frequency(), rf.power()) == (6e9, -7)
        assert (device.rf_frequency, device.rf_power) == (5e9, -10)
        rf.power_limit(-20)
        assert device.rf_power == -20
        rf.make_safe()
        assert rf.output() is False


def test_on_the_simulator_a_sweep_visits_its_frequencies() -> None:
    with luthier.open("rohde_schwarz.smb100a", "sim://", name="rf_sweep") as rf:
        device = device_at(rf.address)
        assert isinstance(device, SimulatedSmb100a)
        rf.sweep.start(2e9)
        rf.sweep.stop(1e9)
        rf.sweep.step(0.25e9)
        assert rf.sweep.points() == 5
        with pytest.raises(InstrumentReportedError, match="-221"):
            rf.sweep.start_once()
        rf.frequency_mode("sweep")
        rf.sweep.trigger_source("single")
        rf.sweep.start_once()
        assert device.swept == pytest.approx((2e9, 1.75e9, 1.5e9, 1.25e9, 1e9))


@pytest.mark.parametrize("message", ["SOURCE1:FREQUENCY:CW 2.5 GHZ", "freq:fix 2500000000", ":SOUR:FREQ 2500 MHz"])
def test_the_simulator_takes_every_spelling(message: str) -> None:
    device = SimulatedSmb100a()
    device.respond(message.encode())
    assert device.respond(b"FREQ?;:FREQ:FIX?;:SYST:ERR?") == b'2500000000;2500000000;0,"No error"\n'


def test_the_simulator_refuses_what_the_instrument_does() -> None:
    device = SimulatedSgs100a()
    for message in (b"FREQ 13 GHZ", b"POW 26", b"PULM:WIDT 1", b"ROSC:EXT:FREQ 7 MHZ", b"OUTP:AMOD NEVER"):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(6)]
    assert codes == [-222, -222, -221, -222, -141, 0]
