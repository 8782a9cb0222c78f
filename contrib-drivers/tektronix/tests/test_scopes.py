"""What the drivers of oscilloscopes send, what they make of the replies, and what the simulated ones show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import (
    IdentityError,
    InstrumentReportedError,
    IrrelevantParameterError,
    ReplyError,
    ValidationError,
)
from luthier.scpi import encode_block
from luthier.testing.wire import expected_exchanges
from luthier_sim import device_at
from luthier_tektronix.dpo4000 import Dpo4000
from luthier_tektronix.dpo7000 import Dpo7000
from luthier_tektronix.mso5 import Mso5
from luthier_tektronix.simulated.dpo4000 import SimulatedDpo4032
from luthier_tektronix.simulated.tds2000 import SimulatedTds2022b
from luthier_tektronix.tds2000 import Tds2000

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

MODELS = {Dpo4000: "DPO4054", Mso5: "MSO54", Dpo7000: "DPO7054C", Tds2000: "TDS 2024B"}
GAIN, PROBE, SCALE = ("CH2:PRO:GAIN?", "0.1"), ("CH2:PRO?", "10.0E0"), ("CH2:SCA?", ":CH2:SCALE 2.0E0")

# driver, path, value, what is sent to set it, queries, replies, and what is asked before
SETTINGS: list[Any] = [
    (Dpo4000, "ch2.enabled", True, "SEL:CH2 1", "SEL:CH2?", ":SELECT:CH2 1", ()),
    (Dpo4000, "ch2.probe_gain", 0.1, "CH2:PRO:GAIN 0.1", "CH2:PRO:GAIN?", "100.0E-3", ()),
    (Dpo4000, "ch2.coupling", "dc reject", "CH2:COUP DCREJ", "CH2:COUP?", ":CH2:COUPLING DCREJECT", ()),
    (Dpo4000, "ch2.termination", 50.0, "CH2:TER 50", "CH2:TER?", "50.0000", ()),
    (Dpo4000, "ch2.inverted", True, "CH2:INV 1", "CH2:INV?", "1", ()),
    (Dpo4000, "ch2.scale", 0.5, "CH2:SCA 0.5", "CH2:SCA?", ":CH2:SCA 500.0E-3", (GAIN,)),
    (Dpo4000, "ch2.offset", -0.25, "CH2:OFFS -0.25", "CH2:OFFS?", "-250.0E-3", ()),
    (Dpo4000, "ch2.position", 1.5, "CH2:POS 1.5", "CH2:POS?", "1.5", ()),
    (Dpo4000, "ref1.enabled", False, "SEL:REF1 0", "SEL:REF1?", "0", ()),
    (Dpo4000, "time_scale", 2e-4, "HOR:SCA 0.0002", "HOR:SCA?", ":HORIZONTAL:SCALE 200.0E-6", ()),
    (Dpo4000, "record_length", 10000, "HOR:RECO 10000", "HOR:RECO?", "10000", ()),
    (Dpo4000, "time_offset", 1e-3, "HOR:DEL:MOD 1;:HOR:DEL:TIM 0.001", "HOR:DEL:MOD?", "1", ("HOR:DEL:TIM?", "1.0E-3")),
    (Dpo4000, "trigger_source", "ch3", "TRIG:A:EDGE:SOU CH3", "TRIG:A:EDGE:SOU?", "CH3", ()),
    (Dpo4000, "trigger_source", "auxiliary", "TRIG:A:EDGE:SOU AUX", "TRIG:A:EDGE:SOU?", "AUXILIARY", ()),
    (Dpo4000, "trigger_slope", "both", "TRIG:A:EDGE:SLO EITH", "TRIG:A:EDGE:SLO?", "EITHER", ()),
    (Dpo4000, "trigger_sweep", "normal", "TRIG:A:MOD NORM", "TRIG:A:MOD?", ":TRIGGER:A:MODE NORMAL", ()),
    (Dpo4000, "acquisition", "high resolution", "ACQ:MOD HIR", "ACQ:MOD?", "HIRES", ()),
    (Dpo4000, "averages", 64, "ACQ:NUMAV 64", "ACQ:NUMAV?", "64", ()),
    (Mso5, "ch2.enabled", True, "DIS:GLO:CH2:STATE 1", "DIS:GLO:CH2:STATE?", "1", ()),
    (Mso5, "horizontal_mode", "manual", "HOR:MOD MAN", "HOR:MOD?", "MANUAL", ()),
    (Mso5, "trigger_source", "ch8", "TRIG:A:EDGE:SOU CH8", "TRIG:A:EDGE:SOU?", "CH8", ()),
    (Dpo7000, "time_scale", 1e-6, "HOR:MODE:SCA 1E-06", "HOR:MODE:SCA?", "1.0000E-6", ()),
    (Dpo7000, "horizontal_mode", "constant", "HOR:MODE CONS", "HOR:MODE?", ":HORIZONTAL:MODE CONSTANT", ()),
    (Dpo7000, "record_length", 5000, "HOR:MODE:RECO 5000", "HOR:MODE:RECO?", "5000", ()),
    (Dpo7000, "sample_rate", 1e9, "HOR:MODE:SAMPLER 1000000000", "HOR:MODE:SAMPLER?", "1.0000E+9", ()),
    (Dpo7000, "trigger_level", 0.5, "TRIG:A:LEV 0.5", "TRIG:A:LEV?", "500.0000E-3", ()),
    (Tds2000, "ch2.probe", 10.0, "CH2:PRO 10", "CH2:PRO?", ":CH2:PROBE 1.0E1", ()),
    (Tds2000, "ch2.coupling", "ground", "CH2:COUP GND", "CH2:COUP?", ":CH2:COUPLING GND", ()),
    (Tds2000, "ch2.bandwidth_limit", True, "CH2:BAN ON", "CH2:BAN?", "ON", ()),
    (Tds2000, "ch2.scale", 0.5, "CH2:SCA 0.5", "CH2:SCA?", "5.0E-1", (PROBE,)),
    (Tds2000, "time_scale", 2.5e-4, "HOR:SCA 0.00025", "HOR:SCA?", "2.5E-4", ()),
    (Tds2000, "time_offset", 1e-3, "HOR:POS 0.001", "HOR:POS?", "1.0E-3", ()),
    (Tds2000, "trigger_source", "external_5", "TRIG:MAI:EDGE:SOU EXT5", "TRIG:MAI:EDGE:SOU?", "EXT5", ()),
    (Tds2000, "trigger_source", "mains", "TRIG:MAI:EDGE:SOU LINE", "TRIG:MAI:EDGE:SOU?", "ACLINE", ()),
    (Tds2000, "trigger_slope", "falling", "TRIG:MAI:EDGE:SLO FALL", "TRIG:MAI:EDGE:SLO?", "FALL", ()),
    (Tds2000, "trigger_level", 0.1, "TRIG:MAI:LEV 0.1", "TRIG:MAI:LEV?", "1.0E-1", ()),
    (Tds2000, "trigger_sweep", "auto", "TRIG:MAI:MOD AUTO", "TRIG:MAI:MOD?", "AUTO", ()),
    (Tds2000, "acquisition", "peak", "ACQ:MOD PEAK", "ACQ:MOD?", "PEAKDETECT", ()),
    (Tds2000, "averages", 64, "ACQ:NUMAV 64", "ACQ:NUMAV?", "64", ()),
]


def opened(driver: Any, exchanges: list[Any], **options: object) -> AbstractContextManager[Any]:
    identity = ("*IDN?", f"TEKTRONIX,{MODELS[driver]},C010001,CF:91.1CT FV:v2.48")
    return expected_exchanges(driver, [identity, *exchanges], name="scope", **{"error_policy": "never", **options})


@pytest.mark.parametrize("row", SETTINGS, ids=[f"{row[0].__name__} {row[1]} {row[2]}" for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_maker_says(row: Any) -> None:
    driver, path, value, command, query, reply, also = row
    before = also if also and isinstance(also[0], tuple) else ()  # for limits, or of the value itself
    after = () if before else (also,) * bool(also)
    with opened(driver, [*before, (command, None), (query, reply), *after]) as scope:
        scope.set(path, value)
        assert scope.get(path) == value


def test_every_setting_of_the_dpo4000_and_the_tds2000_is_in_this_table() -> None:
    elsewhere = {"trigger_level", "ch2.offset"}
    for driver in (Dpo4000, Tds2000):
        with opened(driver, []) as scope:
            hosts = {"": scope, "ch2.": scope.ch2}
            settings = {p + n for p, host in hosts.items() for n, one in host.parameters.items() if one.settable}
        table = {row[1] for row in SETTINGS if row[0] in (driver, Dpo4000)}
        assert settings - table <= elsewhere


def test_the_level_is_that_of_the_input_that_triggers() -> None:
    steps = [("TRIG:A:EDGE:SOU?", "CH3"), ("TRIG:A:LEV:CH3 0.25", None), ("TRIG:A:LEV:CH3?", "250.0E-3")]
    with opened(Dpo4000, [*steps, ("TRIG:A:EDGE:SOU LINE", None)]) as scope:
        scope.trigger_level(0.25)
        assert scope.trigger_level() == 0.25
        scope.trigger_source("mains")
        with pytest.raises(IrrelevantParameterError, match="while an input triggers"):
            scope.trigger_level(1)


def test_without_a_delay_the_offset_comes_of_the_position() -> None:
    steps = [("HOR:MAI:DEL:MOD?", "0"), ("HOR:POS?", "20.0"), ("HOR:MODE:SCA?", "1.0E-3")]
    with opened(Dpo7000, steps) as scope:
        assert scope.time_offset() == pytest.approx(3e-3)


def test_divisions_of_the_tds2000_become_volts() -> None:
    with opened(Tds2000, [PROBE, SCALE, SCALE, ("CH2:POS -1.5", None), ("CH2:POS?", "-1.5"), SCALE]) as scope:
        with pytest.raises(ValidationError, match="-20 V to 20 V"):
            scope.ch2.offset(30)
        scope.ch2.offset(3.0)
        assert scope.ch2.offset() == pytest.approx(3.0)


def chosen(source: str, *, old: bool = False, points: str = "4") -> list[Any]:
    width, last, pre = ("DAT:WID 1", 2500, "WFMP") if old else ("WFMO:BYT_N 2", 10**9, "WFMO")
    setup = f"HEAD 0;:DAT:SOU {source};:DAT:ENC RIB;:{width};:DAT:STAR 1;:DAT:STOP {last}"
    return [(setup, None), (f"{pre}:NR_P?", points)]


def asked(pre: str = "WFMO") -> str:
    return ";".join(f":{pre}:{field}?" for field in ("XIN", "XZE", "PT_O", "YMU", "YOF", "YZE"))


def test_codes_become_voltages_and_times_as_the_preamble_says() -> None:
    preamble = (asked(), "1.0E-6;0.25E-6;2;1.0E-3;100.0;0.5")
    codes = encode_block(np.array([100, 200, -100, 32767], dtype=">i2").tobytes())
    steps = [("SEL:CH1?", "1"), *chosen("CH1"), preamble, ("CURV?", codes), *chosen("CH1"), preamble]
    with opened(Dpo4000, steps) as scope:
        assert scope.ch1.trace() == pytest.approx([0.5, 0.6, 0.3, 33.167])
        assert scope.ch1.times() == pytest.approx([-1.75e-6, -0.75e-6, 0.25e-6, 1.25e-6])
        assert scope.ch1.trace.axes == (scope.ch1.times,)


def test_bytes_become_voltages_with_the_wfmpre_of_old_models() -> None:
    preamble = (asked("WFMP"), "1.0E-6;-2.0E-6;0;4.0E-2;-50.0;0.0")
    steps = [("SEL:CH1?", "1"), *chosen("CH1", old=True, points="2"), preamble, ("CURV?", b"#12\xce\x7f")]
    with opened(Tds2000, steps) as scope:
        assert scope.ch1.trace() == pytest.approx([0.0, 7.08])


def test_a_preamble_that_lacks_something_is_not_taken() -> None:
    with (
        opened(Dpo4000, [("SEL:CH1?", "1"), *chosen("CH1"), (asked(), "1;2")]) as scope,
        pytest.raises(ReplyError, match="answered by 2 numbers"),
    ):
        scope.ch1.trace()


def test_a_waveform_is_stored_with_what_its_codes_mean() -> None:
    steps = [
        ("DAT:DEST REF2;:DAT:ENC RIB;:DAT:STAR 1;:DAT:STOP 3;:WFMI:BYT_N 2", None),
        ("WFMI:ENC BIN;:WFMI:BN_F RI;:WFMI:BYT_O MSB", None),
        (
            ":WFMI:NR_P 3;:WFMI:PT_F Y;:WFMI:XIN 1E-06;:WFMI:XZE -1E-06;:WFMI:YMU 0.0001;:WFMI:YOF 0;:WFMI:YZE 0",
            None,
        ),
        (b"CURV " + encode_block(np.array([32767, 0, -16384], dtype=">i2").tobytes()), None),
    ]
    with opened(Dpo4000, steps) as scope:
        scope.ref2.store([-1e-6, 0.0, 1e-6], [3.2767, 0.0, -1.6384])


@pytest.mark.parametrize(
    ("times", "trace", "text"),
    [
        ([0, 1, 2], [0, 1], "3 times and 2 voltages"),
        ([0], [0], "as many of both, from 2"),
        ([0, 1, 3], [0, 1, 2], "from 1 s to 2 s"),
        ([0, 0, 0], [0, 1, 2], "greater than 0"),
        ([0, 1, 2], [0, 1, float("nan")], "not a number"),
    ],
)
def test_what_no_memory_can_hold_is_refused_before_anything_is_sent(times: Any, trace: Any, text: str) -> None:
    with opened(Dpo4000, []) as scope, pytest.raises(ValidationError, match=text):
        scope.ref1.store(times, trace)


def test_a_memory_of_an_old_model_takes_2500_points() -> None:
    with opened(Tds2000, []) as scope, pytest.raises(ValidationError, match="2,500 of both"):
        scope.refa.store([0, 1], [0, 1])


def test_events_that_tell_of_an_error_are_raised_and_news_are_not() -> None:
    events = ':ALLEV 401,"Power on; ",222,"Data out of range; a ""quoted"" word"'
    steps = [("ACQ:NUMAV 64", None), ("*ESR?", "0"), ("ACQ:NUMAV 3", None), ("*ESR?", "144"), ("ALLE?", events)]
    with opened(Dpo4000, steps, error_policy="after-set") as scope:
        scope.averages(64)
        with pytest.raises(InstrumentReportedError, match='222, Data out of range; a "quoted" word') as caught:
            scope.averages(3)
    assert [code for code, _ in caught.value.entries] == [222]


@pytest.mark.parametrize(
    ("driver", "model", "inputs"),
    [
        (Dpo4000, "MDO4104-3", 4),
        (Dpo4000, "MDO32", 2),
        (Mso5, "MSO58LP", 8),
        (Mso5, "MSO46B", 6),
        (Dpo7000, "DSA70804B", 4),
        (Dpo7000, "DPO77002SX", 2),
        (Tds2000, "TDS 210", 2),
        (Tds2000, "TBS1052B-EDU", 2),
    ],
)
def test_the_model_says_how_many_inputs_there_are(driver: Any, model: str, inputs: int) -> None:
    with expected_exchanges(driver, [("*IDN?", f"TEKTRONIX,{model},C1,FV:1")], name="scope") as scope:
        assert len(scope.inputs) == inputs


def test_another_model_is_refused() -> None:
    with (
        pytest.raises(IdentityError, match="MSO54 answers; expected: such as an MSO4000"),
        expected_exchanges(Dpo4000, [("*IDN?", "TEKTRONIX,MSO54,C1,FV:1")], name="scope"),
    ):
        pass


@pytest.mark.parametrize("driver", ["dpo4000", "mso5", "dpo7000", "tds2000"])
def test_on_the_simulator_a_signal_is_seen_in_volts_and_seconds_and_stored(driver: str) -> None:
    with luthier.open(f"tektronix.{driver}", "sim://", name="scope_sim") as scope:
        device: Any = device_at(scope.address)
        device.signals[2] = lambda times: 0.5 + 0.25 * np.sin(2 * np.pi * 1e5 * times)
        scope.ch2.enabled(True)
        scope.ch2.scale(0.1)
        scope.ch2.offset(0.5)
        scope.time_scale(2e-6)
        scope.time_offset(1e-6)
        trace, times = scope.ch2.trace(), scope.ch2.times()
        assert times[len(times) // 2] == pytest.approx(1e-6)
        assert trace == pytest.approx(0.5 + 0.25 * np.sin(2 * np.pi * 1e5 * times), abs=0.1 / 25)
        scope.stop()
        device.signals[2] = np.zeros_like
        assert scope.ch2.trace().tolist() == trace.tolist(), "a stopped screen stays as it is"
        assert scope.trigger_status() == "stopped"
        scope.run()
        assert scope.ch2.trace().min() == pytest.approx(0.0, abs=0.1 / 25)
        for memory in getattr(scope, "references", ())[:1]:
            memory.store(times, trace)
            memory.enabled(True)
            assert memory.trace() == pytest.approx(trace, abs=float(np.max(trace)) / 127)
            assert memory.times() == pytest.approx(times)


def test_the_simulators_take_every_spelling_and_refuse_the_rest() -> None:
    device = SimulatedDpo4032()
    device.respond(b":ch1:scale 2;:HORIZONTAL:SCALE 3 us;:TRIGGER:A:LEVEL:CH1 500 mV;:SELECT:CH2 ON;:HEADER OFF")
    assert device.respond(b"CH1:SCA?;:HOR:SCA?;:TRIG:A:LEV:CH1?;:SEL:CH2?") == (
        b"2.000000E+00;3.000000E-06;5.000000E-01;1\n"
    )
    assert device.respond(b"*ESR?;:EVQty?;:EVMSG?;:ALLEV?;:SEL:CH2 0") == (
        b'128;1;401,"Power on; ";0,"No events to report - queue empty"\n'
    )
    for message in (b"CH3:SCA?", b"CH1:SCA 200", b"ACQ:MOD FAST", b"DAT:SOU CH2;:CURV?", b"SYST:ERR?"):
        assert device.respond(message) is None
    assert device.respond(b"ALLEV?") == b'1,"No events to report - new events pending *ESR?"\n'
    assert device.respond(b"*ESR?") == b"48\n"
    codes = [int((device.respond(b"EVENT?") or b"").split(b",")[0]) for _ in range(6)]
    assert codes == [113, 222, 141, 2244, 113, 0]
    assert SimulatedTds2022b().respond(b"hor:mai:pos?;:data:enc?") == (
        b":HORIZONTAL:MAIN:POSITION 0.000000E+00;:DATA:ENCDG RIBINARY\n"
    )
