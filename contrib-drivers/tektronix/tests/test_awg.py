"""What the drivers of arbitrary waveform generators send and read, and what the simulated ones show."""

from __future__ import annotations

from math import inf
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
from luthier_tektronix.awg5000 import Awg5000, SequenceElement
from luthier_tektronix.awg70000 import Awg70000, SequenceStep
from luthier_tektronix.simulated.awg5000 import SimulatedAwg5002c

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

MODELS = {Awg5000: "AWG5014C", Awg70000: "AWG70002A"}

# driver, path, value, what is sent to set it, query, reply
SETTINGS: list[Any] = [
    (Awg5000, "ch3.waveform", "a", 'SOUR3:WAV "a"', "SOUR3:WAV?", '"a"'),
    (Awg5000, "ch3.output", True, "OUTP3:STAT 1", "OUTP3:STAT?", "1"),
    (Awg5000, "ch3.amplitude", 0.5, "SOUR3:VOLT:AMPL 0.5", "SOUR3:VOLT:AMPL?", "0.5000"),
    (Awg5000, "ch3.offset", -0.25, "SOUR3:VOLT:OFFS -0.25", "SOUR3:VOLT:OFFS?", "-0.2500"),
    (Awg5000, "ch3.low_pass", inf, "OUTP3:FILT:LPAS:FREQ INF", "OUTP3:FILT:LPAS:FREQ?", "9.9E+37"),
    (Awg5000, "ch3.low_pass", 20e6, "OUTP3:FILT:LPAS:FREQ 20000000", "OUTP3:FILT:LPAS:FREQ?", "2.0E7"),
    (Awg5000, "ch3.direct_output", True, "AWGC:DOUT3:STAT 1", "AWGC:DOUT3:STAT?", "1"),
    (Awg5000, "ch3.marker2.high", 2.0, "SOUR3:MARK2:VOLT:HIGH 2", "SOUR3:MARK2:VOLT:HIGH?", "2.0"),
    (Awg5000, "ch3.marker2.low", -0.5, "SOUR3:MARK2:VOLT:LOW -0.5", "SOUR3:MARK2:VOLT:LOW?", "-0.5"),
    (Awg5000, "ch3.marker2.delay", 5e-10, "SOUR3:MARK2:DEL 5E-10", "SOUR3:MARK2:DEL?", "5.0E-10"),
    (Awg5000, "run_mode", "sequence", "AWGC:RMOD SEQ", "AWGC:RMOD?", "SEQ"),
    (Awg5000, "sample_rate", 1.2e9, "SOUR1:FREQ 1200000000", "SOUR1:FREQ?", "1.2E9"),
    (Awg5000, "reference", "external", "SOUR1:ROSC:SOUR EXT", "SOUR1:ROSC:SOUR?", "EXT"),
    (Awg5000, "trigger_source", "timer", "TRIG:SOUR INT", "TRIG:SOUR?", "INT"),
    (Awg5000, "trigger_period", 1e-3, "TRIG:TIM 0.001", "TRIG:TIM?", "1.0E-3"),
    (Awg5000, "trigger_level", 1.5, "TRIG:LEV 1.5", "TRIG:LEV?", "1.5"),
    (Awg5000, "trigger_slope", "falling", "TRIG:SLOP NEG", "TRIG:SLOP?", "NEG"),
    (Awg5000, "trigger_impedance", 50.0, "TRIG:IMP 50", "TRIG:IMP?", "50.0"),
    (Awg5000, "sequence_length", 3, "SEQ:LENG 3", "SEQ:LENG?", "3"),
    (Awg70000, "ch2.waveform", "b", 'SOUR2:WAV "b"', "SOUR2:WAV?", '"b"'),
    (Awg70000, "ch2.output", False, "OUTP2:STAT 0", "OUTP2:STAT?", "0"),
    (Awg70000, "ch2.run_mode", "triggered continuous", "SOUR2:RMOD TCON", "SOUR2:RMOD?", "TCON"),
    (Awg70000, "ch2.trigger_input", "timer", "SOUR2:TINP ITR", "SOUR2:TINP?", "ITR"),
    (Awg70000, "ch2.amplitude", 0.3, "SOUR2:VOLT:AMPL 0.3", "SOUR2:VOLT:AMPL?", "300.0E-3"),
    (Awg70000, "ch2.resolution", 8, "SOUR2:DAC:RES 8", "SOUR2:DAC:RES?", "8"),
    (Awg70000, "ch2.marker1.high", 1.0, "SOUR2:MARK1:VOLT:HIGH 1", "SOUR2:MARK1:VOLT:HIGH?", "1.0"),
    (Awg70000, "ch2.marker1.low", 0.0, "SOUR2:MARK1:VOLT:LOW 0", "SOUR2:MARK1:VOLT:LOW?", "0"),
    (Awg70000, "sample_rate", 25e9, "CLOC:SRAT 25000000000", "CLOC:SRAT?", "25.0E+9"),
    (Awg70000, "clock_source", "reference", "CLOC:SOUR EFIX", "CLOC:SOUR?", "EFIX"),
    (Awg70000, "trigger_period", 1e-3, "TRIG:INT 0.001", "TRIG:INT?", "1.0E-3"),
    (Awg70000, "trigger_a_level", 1.4, "TRIG:LEV 1.4,ATR", "TRIG:LEV? ATR", "1.4"),
    (Awg70000, "trigger_b_level", -1.0, "TRIG:LEV -1,BTR", "TRIG:LEV? BTR", "-1.0"),
]
# what is asked before
BEFORE = {"ch3.amplitude": [("AWGC:DOUT3:STAT?", "0")], "ch3.direct_output": [("OUTP3:STAT?", "0")]}
LIST = [("WLIS:SIZE?", "1"), ("WLIS:NAME? 0", '"*Sine10"')]
LIST_FROM_1 = [("WLIS:SIZE?", "1"), ("WLIS:NAME? 1", '"old"')]


def opened(driver: Any, exchanges: list[Any]) -> AbstractContextManager[Any]:
    identity = ("*IDN?", f"TEKTRONIX,{MODELS[driver]},B010101,SCPI:99.0 FW:4.6")
    return expected_exchanges(driver, [identity, *exchanges], name="awg", error_policy="never")


@pytest.mark.parametrize("row", SETTINGS, ids=[f"{row[0].__name__} {row[1]} {row[2]}" for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_maker_says(row: Any) -> None:
    driver, path, value, command, query, reply = row
    with opened(driver, [*BEFORE.get(path, []), (command, None), (query, reply)]) as awg:
        awg.set(path, value)
        assert awg.get(path) == value


@pytest.mark.parametrize(("driver", "channel"), [(Awg5000, "ch3"), (Awg70000, "ch2")])
def test_every_setting_is_in_this_table(driver: Any, channel: str) -> None:
    with opened(driver, []) as awg:
        output = getattr(awg, channel)
        hosts = {"": awg, f"{channel}.": output, f"{channel}.marker1.": output.marker1}
        settings = {p + n for p, host in hosts.items() for n, one in host.parameters.items() if one.settable}
        assert list(output.parameters)[-1] == "output", "a snapshot is restored in this order"
    assert settings == {row[1].replace("marker2", "marker1") for row in SETTINGS if row[0] is driver}


def test_the_direct_output_is_switched_while_the_output_is_off_and_has_less() -> None:
    with luthier.open("tektronix.awg5000", "sim://", name="awg") as awg:
        awg.ch1.amplitude(2.0)
        awg.ch1.output(True)
        awg.ch1.direct_output(False)
        with pytest.raises(IrrelevantParameterError, match="the output is on, and its amplitude"):
            awg.ch1.direct_output(True)
        awg.make_safe()
        awg.ch1.direct_output(True)
        assert awg.ch1.amplitude() == 0.6
        with pytest.raises(ValidationError, match=r"0\.02 V to 0\.6 V"):
            awg.ch1.amplitude(1.0)


def test_whole_numbers_have_the_markers_above_them() -> None:
    block = encode_block(np.array([0, 8191 + 0x4000, 16382 + 0x8000], dtype="<u2").tobytes())
    steps: list[Any] = [*LIST, ('WLIS:WAV:NEW "p",3,INT', None), (b'WLIS:WAV:DATA "p",0,3,' + block, None)]
    asked = [("WLIS:SIZE?", "1"), ("WLIS:NAME? 0", '"p"')]
    steps += [*asked, ('WLIS:WAV:TYPE? "p"', "INT"), ('WLIS:WAV:DATA? "p"', block)]
    steps += [*asked, ('WLIS:WAV:MARK:DATA? "p"', b"#13\x00\x40\x80")]
    with opened(Awg5000, steps) as awg:
        awg.store("p", [-1, 0, 1], marker1=[0, 1, 0], marker2=[False, False, True])
        assert awg.read("p").tolist() == [-1.0, 0.0, 1.0]
        first, second = awg.read_markers("p")
    assert (first.tolist(), second.tolist()) == ([False, True, False], [False, False, True])


def test_numbers_of_four_bytes_go_with_markers_by_themselves_into_a_waveform_of_that_name() -> None:
    data, marks = np.array([0.5, -1.0], dtype="<f4").tobytes(), b"\xc0\x00"
    steps: list[Any] = [
        *LIST_FROM_1,
        ('WLIS:WAV:LENG? "old"', "2"),
        (b'WLIS:WAV:DATA "old",0,2,' + encode_block(data), None),
        (b'WLIS:WAV:MARK:DATA "old",0,2,' + encode_block(marks), None),
    ]
    with opened(Awg70000, steps) as awg:
        awg.store("old", [0.5, -1.0], marker1=[1, 0], marker2=[1, 0])


@pytest.mark.parametrize(
    ("samples", "marker", "text"),
    [
        ([0, 1.01], None, "samples go from 0 to 1.01"),
        ([0, float("nan")], None, "samples go from nan"),
        ([], None, "shape"),
        ([[0, 1]], None, "shape"),
        ([0, 1], [1], "2 samples and 1 marks"),
    ],
)
def test_what_no_list_can_hold_is_refused_before_anything_is_sent(samples: Any, marker: Any, text: str) -> None:
    with opened(Awg70000, []) as awg, pytest.raises(ValidationError, match=text):
        awg.store("p", samples, marker1=marker)


def test_a_waveform_of_another_length_is_not_replaced() -> None:
    with (
        opened(Awg70000, [*LIST_FROM_1, ('WLIS:WAV:LENG? "old"', "4800")]) as awg,
        pytest.raises(ValidationError, match=r"one with 4800 points, and this one has 2.*delete\('old'\)"),
    ):
        awg.store("old", [0, 1])


def test_numbers_of_five_bytes_are_not_read_as_others() -> None:
    with (
        opened(Awg5000, [*LIST, ('WLIS:WAV:TYPE? "*Sine10"', "REAL")]) as awg,
        pytest.raises(ReplyError, match="only waveforms of the type INTeger"),
    ):
        awg.read("*Sine10")


def test_a_sequence_is_sent_element_by_element() -> None:
    steps: list[Any] = [
        ("SEQ:LENG 0", None),
        ("SEQ:LENG 2", None),
        *[(f'SEQ:ELEM1:WAV{output} "a"', None) for output in (1, 2, 3, 4)],
        ("SEQ:ELEM1:LOOP:COUN 7", None),
        ("SEQ:ELEM1:TWA 1", None),
        *[(f'SEQ:ELEM2:WAV{output} "b"', None) for output in (1, 2, 3, 4)],
        ("SEQ:ELEM2:LOOP:INF 1", None),
        ("SEQ:ELEM2:TWA 0", None),
        ("SEQ:ELEM2:GOTO:IND 1;STAT 1", None),
    ]
    with opened(Awg5000, steps) as awg:
        awg.set_sequence([SequenceElement("aaaa", repeat=7, wait=True), SequenceElement("bbbb", repeat=inf, go_to=1)])


@pytest.mark.parametrize(
    ("element", "text"),
    [
        (SequenceElement("ab"), "2 waveforms; allowed are 4"),
        (SequenceElement("abcd", repeat=0), "repeat=0"),
        (SequenceElement("abcd", repeat=1.5), "repeat=1.5"),
        (SequenceElement("abcd", go_to=2), "go_to=2; allowed are 1 to 1"),
    ],
)
def test_an_element_that_is_not_possible_is_refused_before_anything_is_sent(element: Any, text: str) -> None:
    with opened(Awg5000, []) as awg, pytest.raises(ValidationError, match=text):
        awg.set_sequence([element])


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ([], "no steps"),
        ([SequenceStep("a"), SequenceStep("ab")], "step 2 with 2 waveforms"),
        ([SequenceStep("a", repeat=2**21)], "repeat=2097152"),
        ([SequenceStep("a", wait="c")], "wait='c'"),
        ([SequenceStep("a", go_to=0)], "go_to=0"),
    ],
)
def test_a_step_that_is_not_possible_is_refused_before_anything_is_sent(steps: Any, text: str) -> None:
    with opened(Awg70000, []) as awg, pytest.raises(ValidationError, match=text):
        awg.store_sequence("s", steps)


def test_another_model_is_refused() -> None:
    with (
        pytest.raises(IdentityError, match="AWG70001A answers; expected: such as an AWG5000"),
        expected_exchanges(Awg5000, [("*IDN?", "TEKTRONIX,AWG70001A,C1,FV:1")], name="awg"),
    ):
        pass


@pytest.mark.parametrize("driver", ["awg5000", "awg70000"])
def test_on_the_simulator_a_stored_waveform_is_put_out_and_read_back(driver: str) -> None:
    samples = np.cos(np.linspace(0, 6, 300))
    with luthier.open(f"tektronix.{driver}", "sim://", name="awg_sim") as awg:
        device: Any = device_at(awg.address)
        with pytest.raises(InstrumentReportedError, match="no waveform assigned"):
            awg.run()
        awg.store("cosine", samples, marker2=samples > 0)
        assert awg.waveforms() == ("*Sine10", "cosine")
        assert awg.read("cosine") == pytest.approx(samples, abs=1 / 8191)
        assert awg.read_markers("cosine")[1].tolist() == (samples > 0).tolist()
        awg.ch1.waveform("cosine")
        awg.ch1.amplitude(0.5)
        awg.run()
        assert device.voltages(1).tolist() == [0.0], "the output is off"
        awg.ch1.output(True)
        assert device.voltages(1) == pytest.approx(0.25 * samples, abs=1e-4)
        with pytest.raises(ValidationError, match="there is no waveform 'sine'"):
            awg.read("sine")
        awg.make_safe()
        assert not any(device.output.values())
        awg.delete("cosine")
        assert awg.run_state() == "stopped", "what was put out is gone"
        assert awg.ch1.waveform() == ""


def test_on_the_simulators_sequences_come_back_as_they_were_stored() -> None:
    with luthier.open("tektronix.awg5000", "sim://", name="awg_sim") as awg:
        elements = (
            SequenceElement(("*Sine10", "*Sine10"), 3, wait=True),
            SequenceElement(("*Sine10",) * 2, inf, go_to=1),
        )
        awg.set_sequence(elements)
        assert awg.sequence() == elements
        awg.run_mode("sequence")
        awg.run()
        assert awg.run_state() == "waiting"
        awg.trigger()
        assert awg.run_state() == "running"
    with luthier.open("tektronix.awg70000", "sim://", name="awg_sim") as awg:
        steps = (SequenceStep(("*Sine10",), 3, wait="b", go_to=2), SequenceStep(("*Sine10",), inf))
        awg.store_sequence("two", steps)
        assert awg.sequences() == ("two",)
        assert awg.read_sequence("two") == steps
        with pytest.raises(ValidationError, match="the name of another"):
            awg.store_sequence("two", steps)
        awg.ch1.play_sequence("two")
        awg.ch1.run_mode("triggered")
        awg.run()
        awg.trigger_b()
        assert awg.run_state() == "waiting", "the output listens to a"
        awg.trigger_a()
        assert awg.run_state() == "running"
        awg.delete_sequence("two")
        with pytest.raises(ValidationError, match="not on the list"):
            awg.read_sequence("two")


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedAwg5002c()
    device.respond(b"source2:voltage:level:immediate:amplitude 250 mV;:outp2 on;:sequence:length 1;:freq 100 MHz")
    assert device.respond(b"SOUR2:VOLT?;:OUTPUT2:STATE?;:SEQ:LENG?;:SOUR1:FREQ:CW?") == (
        b"2.5000000000E-01;1;1;1.0000000000E+08\n"
    )
    for message in (
        b'SOUR1:WAV "none"',
        b"WLIS:NAME? 5",
        b"SEQ:ELEM2:TWA 1",
        b'WLIS:WAV:NEW "*Sine10",5,INT',
        b"TRIG:IMP 75",
    ):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(6)]
    assert codes == [-224, -222, -222, -221, -222, 0]
