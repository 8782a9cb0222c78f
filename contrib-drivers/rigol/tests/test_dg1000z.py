"""What the driver of the DG1000Z sends, and what it makes of the replies."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import InstrumentReportedError, IrrelevantParameterError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_rigol.dg1000z import Dg1000z
from luthier_rigol.simulated.dg1000z import SimulatedDg1062z
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

VPP = ("SOUR2:VOLT:UNIT?", "VPP")
SINE = ("SOUR2:FUNC?", "SIN")

# name, value, what is sent to set it, query, reply, and what is asked before
SETTINGS = [
    ("load", 100.0, "OUTP2:LOAD 100", "OUTP2:LOAD?", "1.000000E+02", ()),
    ("polarity", "inverted", "OUTP2:POL INV", "OUTP2:POL?", "INVERTED", ()),
    ("waveform", "arbitrary", "SOUR2:FUNC USER", "SOUR2:FUNC?", "USER", ()),
    (
        "frequency",
        12345.678,
        "SOUR2:FREQ 12345.678",
        "SOUR2:FREQ?",
        "12345.678",
        (SINE, ("SOUR2:FREQ? MIN", "1.000000E-06"), ("SOUR2:FREQ? MAX", "6.000000E+07")),
    ),
    ("amplitude_unit", "dBm", "SOUR2:VOLT:UNIT DBM", "SOUR2:VOLT:UNIT?", "DBM", ()),
    (
        "amplitude",
        0.25,
        "SOUR2:VOLT 0.25",
        "SOUR2:VOLT?",
        "2.500000E-01",
        (VPP, ("SOUR2:VOLT? MIN", "1.000000E-03"), ("SOUR2:VOLT? MAX", "1.000000E+01")),
    ),
    (
        "offset",
        -0.5,
        "SOUR2:VOLT:OFFS -0.5",
        "SOUR2:VOLT:OFFS?",
        "-5.000000E-01",
        (("SOUR2:VOLT:OFFS? MIN", "-2.500000E+00"), ("SOUR2:VOLT:OFFS? MAX", "2.500000E+00")),
    ),
    ("phase", 90.0, "SOUR2:PHAS 90", "SOUR2:PHAS?", "9.000000E+01", ()),
    ("duty_cycle", 20.0, "SOUR2:FUNC:SQU:DCYC 20", "SOUR2:FUNC:SQU:DCYC?", "2.000000E+01", ()),
    ("symmetry", 75.0, "SOUR2:FUNC:RAMP:SYMM 75", "SOUR2:FUNC:RAMP:SYMM?", "7.500000E+01", ()),
    ("burst", True, "SOUR2:BURS ON", "SOUR2:BURS?", "ON", ()),
    ("burst_mode", "gated", "SOUR2:BURS:MODE GAT", "SOUR2:BURS:MODE?", "GAT", ()),
    ("burst_cycles", 12, "SOUR2:BURS:NCYC 12", "SOUR2:BURS:NCYC?", "1.200000E+01", ()),
    ("burst_source", "manual", "SOUR2:BURS:TRIG:SOUR MAN", "SOUR2:BURS:TRIG:SOUR?", "MAN", ()),
    ("output", True, "OUTP2 ON", "OUTP2?", "ON", ()),
]


class TestDg1000z(DriverConformance):
    driver = "rigol.dg1000z"


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[Dg1000z]:
    return expected_exchanges(Dg1000z, exchanges, name="fg", **{"error_policy": "never", **options})


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_guide_says(row: Any) -> None:
    name, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as fg:
        fg.ch2[name].set(value)
        assert fg.ch2[name].get() == value


def test_every_setting_is_in_this_table_and_the_output_is_restored_last() -> None:
    with opened([]) as fg:
        assert [name for name, one in fg.ch1.parameters.items() if one.settable] == [row[0] for row in SETTINGS]


def test_an_open_output_is_a_load_without_end() -> None:
    with opened([("OUTP1:LOAD INF", None), ("OUTP1:LOAD?", "9.900000E+37")]) as fg:
        fg.ch1.load(inf)
        assert fg.ch1.load() == inf
        with pytest.raises(ValidationError):
            fg.ch1.load(50.5)


def test_an_amplitude_in_another_unit_means_nothing() -> None:
    with (
        opened([("SOUR1:VOLT:UNIT?", "DBM")]) as fg,
        pytest.raises(IrrelevantParameterError, match="amplitude_unit is 'Vpp'"),
    ):
        fg.ch1.amplitude(1)


def test_noise_has_no_frequency() -> None:
    with opened([("SOUR1:FUNC?", "NOIS")]) as fg, pytest.raises(IrrelevantParameterError, match="waveform"):
        fg.ch1.frequency()


def test_a_waveform_is_sent_as_codes_of_14_bits() -> None:
    with opened([("SOUR1:DATA:DAC VOLATILE,0,16383,8192,0,16383,8192,0,0", None)]) as fg:
        fg.ch1.load_waveform([-1, 1, 0.00007, -1, 1, 0.00007, -1, -1])


@pytest.mark.parametrize("points", [[0.0] * 7, [0.0] * 16385, [0.0] * 7 + [1.1]])
def test_a_waveform_that_does_not_fit_is_refused_before_it_is_sent(points: list[float]) -> None:
    with opened([]) as fg, pytest.raises(ValidationError):
        fg.ch1.load_waveform(points)


@pytest.mark.parametrize(
    ("name", "command"), [("trigger_burst", "SOUR2:BURS:TRIG"), ("align_phase", "SOUR2:PHAS:SYNC")]
)
def test_a_function_sends_its_command(name: str, command: str) -> None:
    with opened([(command, None)]) as fg:
        fg.ch2.functions[name]()


def test_making_safe_goes_on_where_one_output_fails() -> None:
    steps: list[Any] = [("OUTP1 OFF", WireFault.TIMEOUT), ("OUTP2 OFF", None)]
    with opened(steps) as fg, pytest.raises(ExceptionGroup, match="1 of 2 outputs"):
        fg.make_safe()


def test_on_the_simulator_what_is_set_is_at_the_output() -> None:
    with luthier.open("rigol.dg1000z", "sim://", name="fg_sim") as fg:
        device = device_at(fg.address)
        assert isinstance(device, SimulatedDg1062z)
        fg.ch1.frequency(1e3)
        fg.ch1.amplitude(2)
        fg.ch1.offset(0.5)
        assert device.voltage(1, 0.25e-3) == 0
        fg.ch1.output(True)
        assert device.voltage(1, 0.25e-3) == pytest.approx(1.5)
        ramp = np.linspace(-1, 1, 1001)
        fg.ch1.load_waveform(ramp)
        assert fg.ch1.waveform() == "arbitrary"
        assert device.voltage(1, 0.5e-3) == pytest.approx(0.5, abs=1e-3)
        fg.ch1.load(inf)
        assert fg.ch1.amplitude() == pytest.approx(4), "the same signal, as it is without the load"
        with pytest.raises(InstrumentReportedError, match="-211"):
            fg.ch1.functions["trigger_burst"]()
        fg.make_safe()
        assert fg.outputs.output.get() == (False, False)


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedDg1062z()
    device.respond(b":SOURCE2:FUNCTION:SHAPE SQUARE;:SOUR2:FREQ:FIX 2 kHz;:VOLT 100 mV;:OUTPUT2:IMP INF")
    assert device.respond(b":SOUR2:FUNC?;:SOUR2:FREQ?;:VOLT?;:OUTP2:LOAD?;:OUTP?") == (
        b"SQU;2.000000E+03;1.000000E-01;9.900000E+37;OFF\n"
    )
    for message in (b":SOUR2:FREQ 26 MHz", b":VOLT 11", b":SOUR1:FUNC SAW", b":DATA:DAC VOLATILE,1,2"):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(5)]
    assert codes == [-222, -222, -141, -222, 0]
