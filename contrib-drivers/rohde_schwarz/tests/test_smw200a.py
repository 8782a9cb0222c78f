"""What the driver of the SMW200A sends, what it makes of the replies, and what the simulated one does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import UsageError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_rohde_schwarz.simulated.smw200a import SimulatedSmw200a
from luthier_rohde_schwarz.smw200a import Smw200a
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# path, value, what is sent to set it, query, reply, and what is asked before, because limits depend on it
SETTINGS = [
    ("reference_source", "external", "SOUR:ROSC:SOUR EXT", "SOUR:ROSC:SOUR?", "EXT", ()),
    ("b.frequency_offset", -1e6, "SOUR2:FREQ:OFFS -1000000", "SOUR2:FREQ:OFFS?", "-1000000", ()),
    ("b.power_offset", -3.5, "SOUR2:POW:OFFS -3.5", "SOUR2:POW:OFFS?", "-3.5", ()),
    ("b.power_limit", 10.0, "SOUR2:POW:LIM 10", "SOUR2:POW:LIM?", "10", (("LIM? MIN", "-145"), ("LIM? MAX", "30"))),
    ("b.attenuator_mode", "fixed", "OUTP2:AMOD FIX", "OUTP2:AMOD?", "FIX", ()),
    ("b.level_behaviour", "continuous phase", "SOUR2:POW:LBEH CPH", "SOUR2:POW:LBEH?", "CPH", ()),
    ("b.frequency_mode", "list", "SOUR2:FREQ:MODE LIST", "SOUR2:FREQ:MODE?", "LIST", ()),
    (
        "b.frequency",
        5123456789.012,
        "SOUR2:FREQ 5123456789.012",
        "SOUR2:FREQ?",
        "5123456789.012",
        (("FREQ? MIN", "100000"), ("FREQ? MAX", "20000000000")),
    ),
    ("b.phase", -400.5, "SOUR2:PHAS -400.5", "SOUR2:PHAS?", "-400.5", ()),
    ("b.power", -12.34, "SOUR2:POW -12.34", "SOUR2:POW?", "-12.34", (("POW? MIN", "-145"), ("POW? MAX", "30"))),
    ("b.iq_source", "analog", "SOUR2:IQ:SOUR ANAL", "SOUR2:IQ:SOUR?", "ANAL", ()),
    ("b.iq_wideband", True, "SOUR2:IQ:WBST 1", "SOUR2:IQ:WBST?", "1", ()),
    ("b.iq_crest_factor", 3.0, "SOUR2:IQ:CRES 3", "SOUR2:IQ:CRES?", "3", ()),
    ("b.iq_impairments", True, "SOUR2:IQ:IMP:STAT 1", "SOUR2:IQ:IMP:STAT?", "1", ()),
    ("b.iq_leakage_i", 0.25, "SOUR2:IQ:IMP:LEAK:I 0.25", "SOUR2:IQ:IMP:LEAK:I?", "0.25", ()),
    ("b.iq_leakage_q", -0.5, "SOUR2:IQ:IMP:LEAK:Q -0.5", "SOUR2:IQ:IMP:LEAK:Q?", "-0.5", ()),
    ("b.iq_gain_imbalance", 0.1, "SOUR2:IQ:IMP:IQR 0.1", "SOUR2:IQ:IMP:IQR?", "0.1", ()),
    ("b.iq_quadrature", -1.5, "SOUR2:IQ:IMP:QUAD -1.5", "SOUR2:IQ:IMP:QUAD?", "-1.5", ()),
    ("b.iq_enabled", True, "SOUR2:IQ:STAT 1", "SOUR2:IQ:STAT?", "1", ()),
    (
        "b.arb_waveform",
        "/var/user/pulse",
        'SOUR2:BB:ARB:WAV:SEL "/var/user/pulse"',
        "SOUR2:BB:ARB:WAV:SEL?",
        '"/var/user/pulse"',
        (),
    ),
    ("b.arb_enabled", True, "SOUR2:BB:ARB:STAT 1", "SOUR2:BB:ARB:STAT?", "1", ()),
    ("b.lf_frequency", 2500.0, "SOUR2:LFO:FREQ 2500", "SOUR2:LFO:FREQ?", "2500", ()),
    ("b.am_source", "noise", "SOUR2:AM:SOUR NOIS", "SOUR2:AM:SOUR?", "NOIS", ()),
    ("b.am_depth", 30.0, "SOUR2:AM:DEPT 30", "SOUR2:AM:DEPT?", "30", ()),
    ("b.am_enabled", True, "SOUR2:AM:STAT 1", "SOUR2:AM:STAT?", "1", ()),
    ("b.fm_source", "lf2", "SOUR2:FM:SOUR LF2", "SOUR2:FM:SOUR?", "LF2", ()),
    ("b.fm_deviation", 5e3, "SOUR2:FM:DEV 5000", "SOUR2:FM:DEV?", "5000", (("FM:DEV? MAX", "40000000"),)),
    ("b.fm_enabled", True, "SOUR2:FM:STAT 1", "SOUR2:FM:STAT?", "1", ()),
    ("b.pm_source", "external 2", "SOUR2:PM:SOUR EXT2", "SOUR2:PM:SOUR?", "EXT2", ()),
    ("b.pm_enabled", True, "SOUR2:PM:STAT 1", "SOUR2:PM:STAT?", "1", ()),
    ("b.pulse_source", "external", "SOUR2:PULM:SOUR EXT", "SOUR2:PULM:SOUR?", "EXT", ()),
    ("b.pulse_period", 1e-3, "SOUR2:PULM:PER 0.001", "SOUR2:PULM:PER?", "0.001", (("PULM:WIDT?", "2E-06"),)),
    ("b.pulse_width", 1e-6, "SOUR2:PULM:WIDT 1E-06", "SOUR2:PULM:WIDT?", "1E-06", (("PULM:PER?", "1E-05"),)),
    ("b.pulse_enabled", True, "SOUR2:PULM:STAT 1", "SOUR2:PULM:STAT?", "1", ()),
    ("b.modulation_enabled", False, "SOUR2:MOD:STAT 0", "SOUR2:MOD:STAT?", "0", ()),
    ("b.output", True, "OUTP2 1", "OUTP2?", "1", ()),
]
OF_PATH_A = {"frequency", "phase", "power", "output"}


class TestSmw200a(DriverConformance):
    driver = "rohde_schwarz.smw200a"


def opened(exchanges: list[Any], paths: int = 2) -> AbstractContextManager[Any]:
    return expected_exchanges(Smw200a, exchanges, name="rf", error_policy="never", paths=paths)


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Any) -> None:
    path, value, command, query, reply, before = row
    group = "SOUR2:POW:" if path == "b.power_limit" else "SOUR2:"
    with opened([*((group + asked, answer) for asked, answer in before), (command, None), (query, reply)]) as rf:
        rf.set(path, value)
        assert rf.get(path) == value


def test_every_setting_is_in_this_table() -> None:
    with opened([]) as rf:
        hosts = {"": rf, "b.": rf.b}
        settings = {p + n for p, host in hosts.items() for n, one in host.parameters.items() if one.settable}
    assert settings - OF_PATH_A == {row[0] for row in SETTINGS}


def test_the_instrument_has_the_parameters_of_path_a() -> None:
    limits = [("SOUR1:FREQ? MIN", "100000"), ("SOUR1:FREQ? MAX", "3000000000")]
    steps = [("SOUR1:FREQ 1234567890.123", None), ("OUTP1 1", None), ("SOUR1:FREQ?", "1234567890.123")]
    with opened([*limits, *steps], paths=1) as rf:
        with pytest.raises(ValidationError, match="3000000000 Hz"):
            rf.frequency(5e9)
        rf.frequency(1234567890.123)
        rf.output(True)
        assert rf.a.frequency() == 1234567890.123
        assert [path.name for path in rf.paths] == ["a"]


def test_there_are_one_path_or_two() -> None:
    with pytest.raises(UsageError, match="allowed are 1 and 2"):
        Smw200a("rf", "sim://rohde_schwarz.smw200a", paths=3)


def test_the_phase_as_it_is_becomes_0_and_making_safe_ends_all_outputs() -> None:
    with opened([("SOUR2:PHAS:REF", None), ("OUTP:ALL 0", None), ("OUTP1 0", None)], paths=2) as rf:
        rf.b.zero_phase()
        rf.paths = rf.paths[:1]
        rf.make_safe()


def test_one_path_does_not_leave_the_other_on() -> None:
    with luthier.open("rohde_schwarz.smw200a", "sim://", name="rf_safe", paths=1) as rf:
        device = device_at(rf.address)
        assert isinstance(device, SimulatedSmw200a)
        device.respond(b"OUTP2 ON;:OUTP1 ON")
        rf.make_safe()
        assert device.output == {1: False, 2: False}


def test_on_the_simulator_modulations_end_each_other() -> None:
    with luthier.open("rohde_schwarz.smw200a", "sim://", name="rf_sim", paths=2) as rf:
        rf.a.fm_enabled(True)
        rf.a.pm_enabled(True)
        assert (rf.a.fm_enabled(), rf.b.modulation_enabled()) == (False, False)
        rf.a.modulation_enabled(False)
        assert rf.a.pm_enabled() is False
        rf.a.modulation_enabled(True)
        assert (rf.a.pm_enabled(), rf.a.am_enabled()) == (True, False)


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedSmw200a()
    device.respond(b":SOURCE2:FREQUENCY:CW 2.5 GHZ;:POW -10;:SOUR2:POW:OFFS 20;:OUTPUT2:STATE ON;:SOUR2:POW:LIM -15")
    assert (
        device.respond(b":SOUR2:FREQ?;:FREQ?;:SOUR1:POW?;:SOUR2:POW:LEV:IMM:AMPL?")
        == b"2500000000;1000000000;-10;-10\n"
    )
    assert (device.rf_frequency(2), device.rf_power(2), device.rf_power(1)) == (2.5e9, -30.0, float("-inf"))
    for message in (b"SOUR3:FREQ?", b"FREQ 21 GHZ", b"PULM:WIDT 20 us", b"IQ:SOUR NOISE"):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(5)]
    assert codes == [-114, -222, -221, -141, 0]
