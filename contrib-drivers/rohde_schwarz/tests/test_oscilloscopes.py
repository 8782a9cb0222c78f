"""What the drivers of oscilloscopes send, what they make of the replies, and what the simulated ones show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import IdentityError, IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_rohde_schwarz.rtb import Rtb
from luthier_rohde_schwarz.rto import Rto
from luthier_rohde_schwarz.simulated.oscilloscopes import SimulatedOscilloscope, SimulatedRtb, SimulatedRto
from luthier_sim import Bench, device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# path, value, what is sent to set it, query, reply
INPUT = [
    ("ch2.position", -1.5, "CHAN2:POS -1.5", "CHAN2:POS?", "-1.5"),
    ("ch2.enabled", True, "CHAN2:STAT 1", "CHAN2:STAT?", "1"),
]
RTO = [
    *INPUT,
    ("ch2.offset", 0.25, "CHAN2:OFFS 0.25", "CHAN2:OFFS?", "2.5E-01"),
    ("ch2.coupling", "dc 50 ohm", "CHAN2:COUP DC", "CHAN2:COUP?", "DC"),
    ("ch2.coupling", "dc", "CHAN2:COUP DCL", "CHAN2:COUP?", "DCL"),
    ("ch2.ground", True, "CHAN2:GND 1", "CHAN2:GND?", "1"),
    ("ch2.bandwidth", "200 MHz", "CHAN2:BAND B200", "CHAN2:BAND?", "B200"),
    ("ch2.inverted", True, "CHAN2:INV 1", "CHAN2:INV?", "1"),
    ("ch2.decimation", "high resolution", "CHAN2:TYPE HRES", "CHAN2:TYPE?", "HRES"),
    ("ch2.arithmetic", "average", "CHAN2:ARIT AVER", "CHAN2:ARIT?", "AVER"),
    ("time_scale", 2e-9, "TIM:SCAL 2E-09", "TIM:SCAL?", "2E-9"),
    ("time_reference", 10.0, "TIM:REF 10", "TIM:REF?", "10"),
    ("time_offset", -1e-3, "TIM:HOR:POS -0.001", "TIM:HOR:POS?", "-0.001"),
    ("record_length", 5000, "ACQ:POIN 5000", "ACQ:POIN?", "5000"),
    ("acquisition_count", 16, "ACQ:COUN 16", "ACQ:COUN?", "16"),
    ("trigger_source", "external", "TRIG:SOUR EXT", "TRIG:SOUR?", "EXT"),
    ("trigger_type", "edge", "TRIG:TYPE EDGE", "TRIG:TYPE?", "EDGE"),
    ("trigger_slope", "both", "TRIG:EDGE:SLOP EITH", "TRIG:EDGE:SLOP?", "EITH"),
    ("trigger_mode", "free run", "TRIG:MODE FRE", "TRIG:MODE?", "FRE"),
]
RTB = [
    *INPUT,
    ("ch2.coupling", "ac", "CHAN2:COUP ACL", "CHAN2:COUP?", "ACL"),
    ("ch2.probe", 10.0, "PROB2:SET:ATT:MAN 10", "PROB2:SET:ATT:MAN?", "10"),
    ("ch2.inverted", True, "CHAN2:POL INV", "CHAN2:POL?", "INV"),
    ("ch2.bandwidth", "20 MHz", "CHAN2:BAND B20", "CHAN2:BAND?", "B20"),
    ("time_scale", 2e-9, "TIM:SCAL 2E-09", "TIM:SCAL?", "2.000E-09"),
    ("time_scale", 5e-6, "TIM:SCAL 5E-06", "TIM:SCAL?", "5.000E-06"),
    ("time_reference", 10.0, "TIM:REF 10", "TIM:REF?", "10"),
    ("time_offset", 0.5e-3, "TIM:POS 0.0005", "TIM:POS?", "5.0E-04"),
    ("decimation", "peak detect", "CHAN:TYPE PDET", "CHAN:TYPE?", "PDET"),
    ("arithmetic", "envelope", "CHAN:ARIT ENV", "CHAN:ARIT?", "ENV"),
    ("averages", 100, "ACQ:AVER:COUN 100", "ACQ:AVER:COUN?", "100"),
    ("trigger_source", "mains", "TRIG:A:SOUR LINE", "TRIG:A:SOUR?", "LINE"),
    ("trigger_type", "width", "TRIG:A:TYPE WIDT", "TRIG:A:TYPE?", "WIDT"),
    ("trigger_slope", "falling", "TRIG:A:EDGE:SLOP NEG", "TRIG:A:EDGE:SLOP?", "NEG"),
    ("trigger_mode", "normal", "TRIG:A:MODE NORM", "TRIG:A:MODE?", "NORM"),
]
ROWS: list[tuple[type[Any], Any]] = [*((Rto, row) for row in RTO), *((Rtb, row) for row in RTB[len(INPUT) :])]
IN_OTHER_TESTS = {"trigger_level", "ch2.scale", "ch2.offset", "ch2.data_range"}
IDENTITIES = {
    Rto: "Rohde&Schwarz,RTO,1329.7002k14/100001,4.80.1.0",
    Rtb: "Rohde&Schwarz,RTB2004,1333.1005k04/107554,02.400",
}


class TestRto(DriverConformance):
    driver = "rohde_schwarz.rto"


class TestRtb(DriverConformance):
    driver = "rohde_schwarz.rtb"


def opened(driver: type[Any], exchanges: list[Any], identity: str = "") -> AbstractContextManager[Any]:
    steps = [("*IDN?", identity or IDENTITIES[driver]), *exchanges]
    return expected_exchanges(driver, steps, name="scope", error_policy="never")


@pytest.mark.parametrize(("driver", "row"), ROWS, ids=[f"{one.__name__}.{row[0]}.{row[1]}" for one, row in ROWS])
def test_a_setting_is_sent_and_read_as_the_manual_says(driver: type[Any], row: Any) -> None:
    path, value, command, query, reply = row
    with opened(driver, [(command, None), (query, reply)]) as scope:
        scope.set(path, value)
        assert scope.get(path) == value


@pytest.mark.parametrize(("driver", "rows"), [(Rto, RTO), (Rtb, RTB)])
def test_every_setting_is_in_these_tables(driver: type[Any], rows: list[Any]) -> None:
    with opened(driver, []) as scope:
        hosts = {"": scope, "ch2.": scope.ch2}
        settings = {p + n for p, host in hosts.items() for n, one in host.parameters.items() if one.settable}
    assert settings - IN_OTHER_TESTS == {row[0] for row in rows} - IN_OTHER_TESTS


@pytest.mark.parametrize(
    ("driver", "identity", "inputs"),
    [
        (Rto, "Rohde&Schwarz,RTO,1316.1000k02/200153,2.45.1.1", 2),
        (Rto, "Rohde&Schwarz,RTP,1320.5007k16/123456,5.50.2.0", 4),
        (Rtb, "Rohde&Schwarz,RTM3002,1335.8794k02/100001,01.550", 2),
        (Rtb, "Rohde&Schwarz,RTA4004,1335.7700k04/100001,01.550", 4),
    ],
)
def test_the_model_says_how_many_inputs_there_are(driver: type[Any], identity: str, inputs: int) -> None:
    with opened(driver, [], identity) as scope:
        assert len(scope.inputs) == inputs


def test_an_oscilloscope_of_another_kind_is_not_taken_for_an_rtb() -> None:
    with pytest.raises(IdentityError, match="HMO1002 answers"), opened(Rtb, [], "HAMEG,HMO1002,0123,05.8"):
        pass


TRANSFER = {
    Rto: ("FORM REAL,32", "FORM:BORD LSBF", "EXP:WAV:INCX OFF", "EXP:WAV:MULT OFF"),
    Rtb: ("FORM REAL,32", "FORM:BORD LSBF"),
}


@pytest.mark.parametrize("driver", [Rto, Rtb])
def test_a_trace_is_read_as_numbers_with_the_times_of_its_header(driver: type[Any]) -> None:
    header = ("CHAN1:DATA:HEAD?", "-4.0E-09,4.0E-09,5,1")
    data = np.array([0.0, 0.5, 1.0, 0.5, -0.25], "<f4").tobytes()
    steps = [
        ("CHAN1:STAT?", "1"),
        header,
        *((command, None) for command in TRANSFER[driver]),
        ("CHAN1:DATA?", b"#220" + data),
        header,
    ]
    with opened(driver, steps) as scope:
        assert scope.ch1.trace().tolist() == [0.0, 0.5, 1.0, 0.5, -0.25]
        assert scope.ch1.times() == pytest.approx([-4e-9, -2e-9, 0.0, 2e-9, 4e-9])
        assert scope.ch1.trace.axes == (scope.ch1.times,)


def test_an_envelope_is_not_taken_for_a_trace() -> None:
    steps = [("CHAN1:STAT?", "1"), ("CHAN1:DATA:HEAD?", "-4E-09,4E-09,5,2")]
    with opened(Rto, steps) as scope, pytest.raises(ReplyError, match="2 values at each time"):
        scope.ch1.trace()


def test_a_channel_that_is_off_has_no_trace() -> None:
    with opened(Rtb, [("CHAN1:STAT?", "0")]) as scope, pytest.raises(IrrelevantParameterError, match="enabled is True"):
        scope.ch1.trace()


def test_the_level_is_that_of_the_source_and_within_the_screen() -> None:
    screen = [("CHAN3:SCAL?", "0.5"), ("CHAN3:OFFS?", "1"), ("CHAN3:POS?", "2")]
    steps = [("TRIG:SOUR CHAN3", None), *screen, ("TRIG:LEV3 2.5", None), ("TRIG:LEV3?", "2.5")]
    steps += [("TRIG:SOUR EXT", None), ("TRIG:LEV5 0.01", None), ("TRIG:SOUR LINE", None)]
    with opened(Rto, steps) as scope:
        scope.trigger_source("ch3")
        with pytest.raises(ValidationError, match=r"-2\.5 V to 2\.5 V"):
            scope.trigger_level(2.6)
        scope.trigger_level(2.5)
        assert scope.trigger_level() == 2.5
        scope.trigger_source("external")
        scope.trigger_level(0.01)
        scope.trigger_source("mains")
        with pytest.raises(IrrelevantParameterError, match="trigger_source"):
            scope.trigger_level(0.01)


def test_the_scale_goes_as_far_as_the_probe_allows() -> None:
    with opened(Rto, [("PROB2:SET:ATT?", "10"), ("CHAN2:SCAL 50", None), ("CHAN2:SCAL?", "50")]) as scope:
        with pytest.raises(ValidationError, match=r"0\.005 V to 100 V"):
            scope.ch2.scale(1e-3)
        scope.ch2.scale(50)
        assert scope.ch2.scale.get() == 50


def test_the_offset_of_an_rtb_is_its_position_in_volts() -> None:
    steps = [("CHAN1:SCAL?", "5.0E-01"), ("CHAN1:POS -2", None), ("CHAN1:POS?", "-2.0E+00"), ("CHAN1:POS?", "1")]
    with opened(Rtb, steps) as scope:
        with pytest.raises(ValidationError, match=r"-2\.5 V to 2\.5 V"):
            scope.ch1.offset(3)
        scope.ch1.offset(1)
        assert scope.ch1.offset.get() == 1
        assert scope.ch1.position.get() == 1
        assert not scope.ch1.offset.cache.valid, "somebody turned the knob"


def test_an_rtm_has_50_ohm_and_an_rtb_has_not() -> None:
    with opened(Rtb, [("CHAN1:COUP DC", None)], "Rohde&Schwarz,RTM3004,1335.8794k04/1,01.550") as scope:
        scope.ch1.coupling("dc 50 ohm")
    with opened(Rtb, []) as scope, pytest.raises(ValidationError, match="ground"):
        scope.ch1.coupling("dc 50 ohm")


def test_an_rtb_has_a_level_for_each_source_too() -> None:
    steps = [("TRIG:A:SOUR?", "CH2"), ("TRIG:A:LEV2 0.3", None), ("TRIG:A:LEV2?", "3.0E-01")]
    with opened(Rtb, steps) as scope:
        scope.trigger_level(0.3)
        assert scope.trigger_level.get() == 0.3


def test_functions_send_their_commands() -> None:
    steps = [("RUNC", None), ("RUNS", None), ("STOP", None), ("TRIG:FORC", None), ("RUNS", None), ("*OPC?", "1")]
    with opened(Rto, steps) as scope:
        for name in ("run", "single", "stop", "force_trigger"):
            scope.functions[name]()
        scope.acquire()
    with opened(Rtb, [("CHAN1:DATA:POIN MAX", None), ("RUN", None), ("SING", None), ("*OPC?", "1")]) as scope:
        scope.ch1.data_range("memory")
        scope.run()
        scope.acquire()


@pytest.mark.parametrize("driver", ["rohde_schwarz.rto", "rohde_schwarz.rtb"])
def test_on_the_simulator_a_signal_is_seen_in_volts_and_seconds(driver: str) -> None:
    with luthier.open(driver, "sim://", name="scope_sim") as scope:
        device = device_at(scope.address)
        assert isinstance(device, SimulatedOscilloscope)
        device.signals[2] = lambda times: 0.5 + 0.2 * np.sin(2 * np.pi * 1e6 * times)
        scope.ch2.enabled(True)
        scope.ch2.scale(0.1)
        scope.ch2.offset(0.5)
        scope.time_scale(200e-9)
        scope.time_offset(1e-6)
        scope.acquire()
        trace, times = scope.ch2.trace(), scope.ch2.times()
        assert (times[0] + times[-1]) / 2 == pytest.approx(1e-6, rel=1e-3)
        assert trace == pytest.approx(0.5 + 0.2 * np.sin(2 * np.pi * 1e6 * times), abs=1e-6)
        device.signals[2] = np.zeros_like
        assert scope.ch2.trace().tolist() == trace.tolist(), "what was acquired stays until it acquires again"
        scope.run()
        assert scope.ch2.trace().max() == 0.0
        scope.ch2.offset(0.5)
        device.signals[2] = lambda times: np.full_like(times, 3.0)
        assert scope.ch2.trace() == pytest.approx(1.0), "what is beyond the screen ends at its edge"


def test_the_memory_of_an_rtb_is_read_when_it_has_stopped() -> None:
    with luthier.open("rohde_schwarz.rtb", "sim://", name="scope_sim") as scope:
        scope.acquire()
        screen = scope.ch1.trace()
        scope.ch1.data_range("memory")
        assert len(scope.ch1.trace()) == len(scope.ch1.times()) == 4 * len(screen) == 20_000


def test_the_simulators_take_every_spelling_and_refuse_the_rest() -> None:
    rto, rtb = SimulatedRto(), SimulatedRtb()
    rto.respond(b"CHANNEL1:SCALE 200 mV;:TIMEBASE:HORIZONTAL:POSITION 3 us;:TRIGGER1:SOURCE:SELECT CHAN2")
    assert rto.respond(b":CHAN1:SCAL?;:TIM:HOR:POS?;:TRIG:SOUR?;:CHAN1:WAV1:TYPE?") == b"0.2;3E-06;CHAN2;SAMP\n"
    for message in (b"CHAN1:SCAL 20", b"TRIG:LEV1 1.1", b"CHAN5:SCAL?", b"CHAN2:DATA?", b"FORM REAL,64"):
        rto.respond(message)
    codes = [int((rto.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(6)]
    assert codes == [-222, -222, -114, -221, -222, 0]
    rtb.respond(b"TRIGGER:A:LEVEL1:VALUE 500 MV;:CHAN1:DATA:POIN MAX;:SING")  # runs: only the screen is read
    assert rtb.respond(b"TRIG:A:LEV?;:FORM?;:CHAN1:DATA:POIN?") == b"0.5;ASC,0;5000\n"
    rtb.respond(b"FORM REAL")
    assert (rtb.respond(b"CHAN1:DATA?") or b"").startswith(b"#520000")


def test_on_a_bench_an_input_sees_what_is_wired_to_it() -> None:
    with luthier.open("rohde_schwarz.rtb", "sim://", name="scope_bench") as scope:
        Bench({}, {"scope": scope.address}, {"scope.ch2": 0.75})
        scope.ch2.enabled(True)
        scope.ch2.scale(0.5)
        scope.acquire()
        assert scope.ch2.trace() == pytest.approx(0.75)
