"""What the driver of the AFG3000 sends, and what it makes of the replies."""

from __future__ import annotations

from math import inf, pi
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IdentityError, InstrumentReportedError, IrrelevantParameterError, ValidationError
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_sim import device_at
from luthier_tektronix.afg3000 import Afg3000
from luthier_tektronix.simulated.afg3000 import SimulatedAfg3152c

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

IDENTITY = ("*IDN?", "TEKTRONIX,AFG3022B,C020348,SCPI:99.0 FV:1.0.9")

# name, value, what is sent to set it, query, reply, and what is asked before
SETTINGS = [
    ("load", 75.0, "OUTP2:IMP 75", "OUTP2:IMP?", "7.5E+01", ()),
    ("polarity", "inverted", "OUTP2:POL INV", "OUTP2:POL?", "INV", ()),
    ("waveform", "arbitrary", "SOUR2:FUNC:SHAP EMEM", "SOUR2:FUNC:SHAP?", "EMEM", ()),
    (
        "frequency",
        12345.678,
        "SOUR2:FREQ:FIX 12345.678",
        "SOUR2:FREQ:FIX?",
        "1.2345678E+04",
        (("SOUR2:FUNC:SHAP?", "SIN"), ("SOUR2:FREQ:FIX? MIN", "1.0E-06"), ("SOUR2:FREQ:FIX? MAX", "2.5E+07")),
    ),
    ("amplitude_unit", "dBm", "SOUR2:VOLT:UNIT DBM", "SOUR2:VOLT:UNIT?", "DBM", ()),
    (
        "amplitude",
        0.25,
        "SOUR2:VOLT:AMPL 0.25",
        "SOUR2:VOLT:AMPL?",
        "2.5E-01",
        (("SOUR2:VOLT:UNIT?", "VPP"), ("SOUR2:VOLT:AMPL? MIN", "1.0E-02"), ("SOUR2:VOLT:AMPL? MAX", "1.0E+01")),
    ),
    (
        "offset",
        -0.5,
        "SOUR2:VOLT:OFFS -0.5",
        "SOUR2:VOLT:OFFS?",
        "-5.0E-01",
        (("SOUR2:VOLT:OFFS? MIN", "-5.0E+00"), ("SOUR2:VOLT:OFFS? MAX", "5.0E+00")),
    ),
    (
        "phase",
        90.0,
        "SOUR2:PHAS:ADJ 90 DEG",
        "SOUR2:PHAS:ADJ?",
        "1.570796326795E+00",
        (("SOUR2:FUNC:SHAP?", "SIN"),),
    ),
    ("symmetry", 75.0, "SOUR2:FUNC:RAMP:SYMM 75", "SOUR2:FUNC:RAMP:SYMM?", "7.5E+01", ()),
    ("duty_cycle", 20.0, "SOUR2:PULS:DCYC 20", "SOUR2:PULS:DCYC?", "2.0E+01", ()),
    ("burst", True, "SOUR2:BURS:STAT 1", "SOUR2:BURS:STAT?", "1", ()),
    ("burst_mode", "gated", "SOUR2:BURS:MODE GAT", "SOUR2:BURS:MODE?", "GAT", ()),
    ("burst_cycles", 12.0, "SOUR2:BURS:NCYC 12", "SOUR2:BURS:NCYC?", "1.2E+01", ()),
    (
        "burst_delay",
        1e-3,
        "SOUR2:BURS:TDEL 0.001",
        "SOUR2:BURS:TDEL?",
        "1.0E-03",
        (("SOUR2:BURS:MODE?", "TRIG"),),
    ),
    ("output", True, "OUTP2:STAT 1", "OUTP2:STAT?", "1", ()),
]

SHARED = [
    ("trigger_source", "external", "TRIG:SOUR EXT", "TRIG:SOUR?", "EXT"),
    ("trigger_slope", "falling", "TRIG:SLOP NEG", "TRIG:SLOP?", "NEG"),
    ("trigger_period", 0.5, "TRIG:TIM 0.5", "TRIG:TIM?", "5.0E-01"),
    ("reference", "external", "SOUR:ROSC:SOUR EXT", "SOUR:ROSC:SOUR?", "EXT"),
]


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[Afg3000]:
    return expected_exchanges(Afg3000, [IDENTITY, *exchanges], name="fg", **{"error_policy": "never", **options})


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_of_an_output_is_sent_and_read(row: Any) -> None:
    name, value, message, query, reply, before = row
    with opened([*before, (message, None), (query, reply)]) as fg:
        fg.ch2[name].set(value)
        assert fg.ch2[name].get() == value


@pytest.mark.parametrize("row", SHARED, ids=[row[0] for row in SHARED])
def test_a_setting_of_both_outputs_is_sent_and_read(row: Any) -> None:
    name, value, message, query, reply = row
    with opened([(message, None), (query, reply)]) as fg:
        fg[name].set(value)
        assert fg[name].get() == value


def test_every_setting_is_in_these_tables_and_the_output_is_restored_last() -> None:
    with opened([]) as fg:
        assert [name for name, one in fg.ch1.parameters.items() if one.settable] == [row[0] for row in SETTINGS]
        assert {row[0] for row in SHARED} <= set(fg.parameters)


@pytest.mark.parametrize("reply", ["9.9E+37", "99.0e36"])
def test_an_open_output_is_a_load_without_end(reply: str) -> None:
    with opened([("OUTP1:IMP INF", None), ("OUTP1:IMP?", reply)]) as fg:
        fg.ch1.load(inf)
        assert fg.ch1.load() == inf


def test_a_burst_without_end_is_infinite_and_half_a_period_is_refused() -> None:
    with opened([("SOUR1:BURS:NCYC INF", None), ("SOUR1:BURS:NCYC?", "9.9E+37")]) as fg:
        fg.ch1.burst_cycles(inf)
        assert fg.ch1.burst_cycles() == inf
        with pytest.raises(ValidationError):
            fg.ch1.burst_cycles(1.5)


def test_the_first_memory_has_two_names() -> None:
    replies = {"USER": "user 1", "USER1": "user 1", "EMEM": "arbitrary", "EMEM1": "arbitrary", "EMEM2": "arbitrary 2"}
    with opened([("SOUR1:FUNC:SHAP?", reply) for reply in replies]) as fg:
        assert [fg.ch1.waveform() for _ in replies] == list(replies.values())


def test_a_pulse_has_no_phase_and_a_gate_no_delay() -> None:
    with opened([("SOUR1:FUNC:SHAP?", "PULS"), ("SOUR1:BURS:MODE?", "GAT")]) as fg:
        with pytest.raises(IrrelevantParameterError, match="waveform"):
            fg.ch1.phase(90)
        with pytest.raises(IrrelevantParameterError, match="burst_mode"):
            fg.ch1.burst_delay(1e-3)


def test_an_amplitude_in_another_unit_means_nothing() -> None:
    with opened([("SOUR1:VOLT:UNIT?", "DBM")]) as fg, pytest.raises(IrrelevantParameterError, match="amplitude_unit"):
        fg.ch1.amplitude(1)


@pytest.mark.parametrize(("model", "count"), [("AFG3011C", 1), ("AFG3021", 1), ("AFG3252C", 2)])
def test_the_model_says_how_many_outputs_there_are(model: str, count: int) -> None:
    with expected_exchanges(Afg3000, [("*IDN?", f"TEKTRONIX,{model},C1,SCPI:99.0 FV:1.0.9")]) as fg:
        assert len(fg.outputs) == count
        assert ("align_phase" in fg.functions) is (count == 2), "one output cannot be aligned with another"


@pytest.mark.parametrize("model", ["AFG1022", "AWG5014C", "AFG3", "AFG31052"])
def test_another_model_is_not_opened(model: str) -> None:
    with (
        pytest.raises(IdentityError, match="expected: an AFG3000"),
        expected_exchanges(Afg3000, [("*IDN?", f"TEKTRONIX,{model},C1,SCPI:99.0 FV:1.0")]),
    ):
        pass


def test_functions_send_their_commands() -> None:
    with opened([("*TRG", None), ("SOUR1:PHAS:INIT", None)]) as fg:
        fg.functions["trigger"]()
        fg.functions["align_phase"]()


def test_making_safe_goes_on_where_one_output_fails() -> None:
    steps: list[Any] = [("OUTP1:STAT 0", WireFault.TIMEOUT), ("OUTP2:STAT 0", None)]
    with opened(steps) as fg, pytest.raises(ExceptionGroup, match="1 outputs may still be on"):
        fg.make_safe()


def test_on_the_simulator_what_is_set_is_at_the_output() -> None:
    with luthier.open("tektronix.afg3000", "sim://", name="fg_sim") as fg:
        device = device_at(fg.address)
        assert isinstance(device, SimulatedAfg3152c)
        fg.ch1.frequency(1e3)
        fg.ch1.amplitude(2)
        fg.ch1.offset(0.5)
        fg.ch1.phase(90)
        assert device.voltage(1, 0) == 0
        fg.ch1.output(True)
        assert device.voltage(1, 0) == pytest.approx(1.5)
        assert fg.ch1.phase() == 90
        fg.ch1.load(inf)
        assert fg.ch1.amplitude() == pytest.approx(4), "the same signal, as it is without the load"
        with pytest.raises(ValidationError):
            fg.ch1.amplitude(30)
        with pytest.raises(ValidationError, match="0 s to 85 s"):
            fg.ch1.burst_delay(100)
        fg.ch1.waveform("pulse")
        fg.write("SOUR1:PHAS 1")
        with pytest.raises(InstrumentReportedError, match="-221"):
            fg.check_errors()
        fg.make_safe()
        assert fg.outputs.output.get() == (False, False)


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedAfg3152c()
    device.respond(b"SOURCE2:FUNCTION:SHAPE SQUARE;:SOUR2:FREQ 2 kHz;:SOUR2:VOLT 1e-1VPP;:SOUR2:PHAS 1")
    assert device.respond(b"SOUR2:FUNC?;:SOUR2:FREQ:FIX?;:SOUR2:VOLT:LEV:IMM:AMPL?;:OUTP2?") == (
        b"SQU;2.00000000000E+03;1.00000000000E-01;0\n"
    )
    assert device.phase[2] == 1
    device.respond(b"SOUR2:PHAS:ADJ -180 DEG")
    assert device.phase[2] == -pi
    for message in (b"SOUR1:PHAS:ADJ 181 DEG", b"SOUR1:PHAS 4", b"SOUR1:VOLT 10.1", b"SOUR1:VOLT:OFFS 4.6"):
        device.respond(message)
        assert (device.respond(b"SYST:ERR?") or b"").startswith(b"-222"), message
    device.respond(b"SOUR1:FUNC SAW;*TRG")
    assert (device.respond(b"SYST:ERR?") or b"").startswith(b"-141")
