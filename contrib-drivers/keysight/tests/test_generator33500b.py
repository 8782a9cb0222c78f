"""What the driver of the 33500B and 33600A sends, and what it makes of the replies."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import IdentityError, InstrumentReportedError, IrrelevantParameterError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_keysight.generator33500b import Generator33500B
from luthier_keysight.simulated.generator33500b import Simulated33522B
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

IDENTITY = ("*IDN?", "Keysight Technologies,33622A,MY53800001,A.02.03-3.15-03-64-02")
VPP = ("SOUR2:VOLT:UNIT?", "VPP")
SINE = ("SOUR2:FUNC?", "SIN")

# name, value, what is sent to set it, query, reply, and what is asked before
SETTINGS = [
    ("load", 100.0, "OUTP2:LOAD 100", "OUTP2:LOAD?", "+1.000000000000000E+02", ()),
    ("polarity", "inverted", "OUTP2:POL INV", "OUTP2:POL?", "INV", ()),
    ("waveform", "arbitrary", "SOUR2:FUNC ARB", "SOUR2:FUNC?", "ARB", ()),
    (
        "frequency",
        12345.678,
        "SOUR2:FREQ 12345.678",
        "SOUR2:FREQ?",
        "+1.234567800000000E+04",
        (SINE, ("SOUR2:FREQ? MIN", "+1.0E-06"), ("SOUR2:FREQ? MAX", "+1.2E+08")),
    ),
    (
        "sample_rate",
        1e6,
        "SOUR2:FUNC:ARB:SRAT 1000000",
        "SOUR2:FUNC:ARB:SRAT?",
        "+1.000000000000000E+06",
        (("SOUR2:FUNC:ARB:SRAT? MIN", "+1.0E-06"), ("SOUR2:FUNC:ARB:SRAT? MAX", "+1.0E+09")),
    ),
    ("amplitude_unit", "dBm", "SOUR2:VOLT:UNIT DBM", "SOUR2:VOLT:UNIT?", "DBM", ()),
    (
        "amplitude",
        0.25,
        "SOUR2:VOLT 0.25",
        "SOUR2:VOLT?",
        "+2.500000000000000E-01",
        (VPP, ("SOUR2:VOLT? MIN", "+1.0E-03"), ("SOUR2:VOLT? MAX", "+1.0E+01")),
    ),
    (
        "offset",
        -0.5,
        "SOUR2:VOLT:OFFS -0.5",
        "SOUR2:VOLT:OFFS?",
        "-5.000000000000000E-01",
        (("SOUR2:VOLT:OFFS? MIN", "-2.5E+00"), ("SOUR2:VOLT:OFFS? MAX", "+2.5E+00")),
    ),
    ("phase", -90.0, "SOUR2:PHAS -90", "SOUR2:PHAS?", "-9.000000000000000E+01", ()),
    ("duty_cycle", 20.0, "SOUR2:FUNC:SQU:DCYC 20", "SOUR2:FUNC:SQU:DCYC?", "+2.000000000000000E+01", ()),
    ("symmetry", 75.0, "SOUR2:FUNC:RAMP:SYMM 75", "SOUR2:FUNC:RAMP:SYMM?", "+7.500000000000000E+01", ()),
    (
        "pulse_width",
        1e-6,
        "SOUR2:FUNC:PULS:WIDT 1E-06",
        "SOUR2:FUNC:PULS:WIDT?",
        "+1.000000000000000E-06",
        (("SOUR2:FUNC:PULS:WIDT? MIN", "+5.0E-09"), ("SOUR2:FUNC:PULS:WIDT? MAX", "+1.0E-03")),
    ),
    ("burst", True, "SOUR2:BURS:STAT 1", "SOUR2:BURS:STAT?", "1", ()),
    ("burst_mode", "gated", "SOUR2:BURS:MODE GAT", "SOUR2:BURS:MODE?", "GAT", ()),
    ("burst_cycles", 12, "SOUR2:BURS:NCYC 12", "SOUR2:BURS:NCYC?", "+1.200000000000000E+01", ()),
    ("burst_period", 0.5, "SOUR2:BURS:INT:PER 0.5", "SOUR2:BURS:INT:PER?", "+5.000000000000000E-01", ()),
    ("trigger_source", "bus", "TRIG2:SOUR BUS", "TRIG2:SOUR?", "BUS", ()),
    ("trigger_slope", "falling", "TRIG2:SLOP NEG", "TRIG2:SLOP?", "NEG", ()),
    ("trigger_delay", 0.1, "TRIG2:DEL 0.1", "TRIG2:DEL?", "+1.000000000000000E-01", ()),
    ("output", True, "OUTP2 1", "OUTP2?", "1", ()),
]


class Test33500B(DriverConformance):
    driver = "keysight.33500b"


def opened(exchanges: list[Any], identity: Any = IDENTITY) -> AbstractContextManager[Generator33500B]:
    return expected_exchanges(Generator33500B, [identity, *exchanges], name="fg", error_policy="never")


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_guide_says(row: Any) -> None:
    name, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as fg:
        fg.ch2[name].set(value)
        assert fg.ch2[name].get() == value


def test_every_setting_is_in_this_table_and_the_output_is_restored_last() -> None:
    with opened([]) as fg:
        assert [name for name, one in fg.ch1.parameters.items() if one.settable] == [row[0] for row in SETTINGS]


@pytest.mark.parametrize(("model", "outputs"), [("33509B", 1), ("33522B", 2), ("33611A", 1), ("33612A", 2)])
def test_a_model_whose_number_is_odd_has_one_output(model: str, outputs: int) -> None:
    with opened([], ("*IDN?", f"Agilent Technologies,{model},MY1,1")) as fg:
        assert len(fg.outputs) == outputs
        assert hasattr(fg, "ch2") == (outputs == 2)


def test_another_model_is_refused() -> None:
    with (
        pytest.raises(IdentityError, match="33220A answers"),
        opened([], ("*IDN?", "Agilent Technologies,33220A,MY1,1")),
    ):
        pass


def test_an_open_output_is_a_load_without_end() -> None:
    with opened([("OUTP1:LOAD INF", None), ("OUTP1:LOAD?", "+9.900000000000000E+37")]) as fg:
        fg.ch1.load(inf)
        assert fg.ch1.load() == inf
        with pytest.raises(ValidationError):
            fg.ch1.load(0.5)


def test_what_has_no_frequency_or_no_peaks_says_so() -> None:
    with opened([("SOUR1:FUNC?", "ARB"), ("SOUR1:VOLT:UNIT?", "DBM")]) as fg:
        with pytest.raises(IrrelevantParameterError, match="waveform"):
            fg.ch1.frequency()
        with pytest.raises(IrrelevantParameterError, match="amplitude_unit is 'Vpp'"):
            fg.ch1.amplitude(1)


def test_a_waveform_replaces_those_in_the_memory() -> None:
    with opened(
        [
            ("SOUR1:DATA:VOL:CLE", None),
            ("SOUR1:DATA:ARB LUTHIER,-1,1,0.333333,0,0,0,0,1e-09", None),
            ("SOUR1:FUNC:ARB LUTHIER", None),
            ("SOUR1:FUNC ARB", None),
        ]
    ) as fg:
        fg.ch1.load_waveform([-1, 1, 1 / 3, 0, 0, 0, 0, 1e-9])


@pytest.mark.parametrize("points", [[0.0] * 7, [0.0] * 65_537, [0.0] * 7 + [1.1]])
def test_a_waveform_that_does_not_fit_is_refused_before_it_is_sent(points: list[float]) -> None:
    with opened([]) as fg, pytest.raises(ValidationError):
        fg.ch1.load_waveform(points)


@pytest.mark.parametrize(("name", "command"), [("trigger", "*TRG"), ("align_phase", "PHAS:SYNC")])
def test_a_function_sends_its_command(name: str, command: str) -> None:
    with opened([(command, None)]) as fg:
        fg.functions[name]()


def test_making_safe_goes_on_where_one_output_fails() -> None:
    steps: list[Any] = [("OUTP1 0", WireFault.TIMEOUT), ("OUTP2 0", None)]
    with opened(steps) as fg, pytest.raises(ExceptionGroup, match="1 of 2 outputs may still be on"):
        fg.make_safe()


def test_on_the_simulator_what_is_set_is_at_the_output() -> None:
    with luthier.open("keysight.33500b", "sim://", name="fg_sim") as fg:
        device = device_at(fg.address)
        assert isinstance(device, Simulated33522B)
        fg.ch1.frequency(1e3)
        fg.ch1.amplitude(2)
        fg.ch1.offset(0.5)
        assert device.voltage(1, 0.25e-3) == 0
        fg.ch1.output(True)
        assert device.voltage(1, 0.25e-3) == pytest.approx(1.5)
        fg.ch1.load_waveform(np.linspace(-1, 1, 1001))
        fg.ch1.load_waveform(np.linspace(1, -1, 1001))
        fg.ch1.sample_rate(1e6)
        assert fg.ch1.waveform() == "arbitrary"
        assert device.voltage(1, 250e-6) == pytest.approx(1.0, abs=5e-3)
        fg.ch1.load(inf)
        assert fg.ch1.amplitude() == pytest.approx(4), "the same signal, as it is without the load"
        fg.ch2.burst(True)
        fg.ch2.trigger_source("bus")
        fg.functions["trigger"]()
        assert device.bursts == {1: 0, 2: 1}
        fg.make_safe()
        assert fg.outputs.output.get() == (False, False)
        fg.write("SOUR1:FUNC:ARB NONE")
        with pytest.raises(InstrumentReportedError, match="-224"):
            fg.check_errors()


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = Simulated33522B()
    device.respond(b":SOURCE2:FUNCTION SQUARE;:SOUR2:FREQ:FIX 2 kHz;:VOLT 100 mV;:OUTPUT2:LOAD INF")
    assert device.respond(b":SOUR2:FUNC?;:SOUR2:FREQ?;:VOLT?;:OUTP2:LOAD?;:OUTP?") == (
        b"SQU;+2.000000000000000E+03;+1.000000000000000E-01;+9.900000000000000E+37;0\n"
    )
    for message in (b":SOUR2:FREQ 31 MHz", b":VOLT 11", b":SOUR1:FUNC SAW", b":DATA:ARB A,1,0"):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(5)]
    assert codes == [-222, -222, -141, -224, 0]
