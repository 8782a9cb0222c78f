"""What the driver of the SDG generators sends, and what it makes of the replies."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IdentityError, IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_siglent.sdg import Sdg
from luthier_siglent.simulated.sdg import SimulatedSdg2122x
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

BASIC = ",FRQ,1000HZ,PERI,0.001S,AMP,0.25V,OFST,-0.5V,HLEV,-0.375V,LLEV,-0.625V"
SINE = f"C2:BSWV WVTP,SINE{BASIC},PHSE,90"
SQUARE = f"C2:BSWV WVTP,SQUARE{BASIC},PHSE,0,DUTY,20"
RAMP = f"C2:BSWV WVTP,RAMP{BASIC},PHSE,0,SYM,75"
OUTPUT = "C2:OUTP ON,LOAD,50,PLRT,INVT"
ASK_WAVE, ASK_OUTPUT = "C2:BSWV?", "C2:OUTP?"

# name, value, what is sent to set it, query, reply, and what is asked before
SETTINGS: list[Any] = [
    ("load", 50.0, "C2:OUTP LOAD,50", ASK_OUTPUT, OUTPUT, ()),
    ("polarity", "inverted", "C2:OUTP PLRT,INVT", ASK_OUTPUT, OUTPUT, ()),
    ("waveform", "sine", "C2:BSWV WVTP,SINE", ASK_WAVE, SINE, ()),
    ("frequency", 1000.0, "C2:BSWV FRQ,1000", ASK_WAVE, SINE, ((ASK_WAVE, SINE),)),
    ("amplitude", 0.25, "C2:BSWV AMP,0.25", ASK_WAVE, SINE, ((ASK_WAVE, SINE), (ASK_OUTPUT, OUTPUT))),
    ("offset", -0.5, "C2:BSWV OFST,-0.5", ASK_WAVE, SINE, ((ASK_WAVE, SINE), (ASK_OUTPUT, OUTPUT))),
    ("phase", 90.0, "C2:BSWV PHSE,90", ASK_WAVE, SINE, ((ASK_WAVE, SINE),)),
    ("duty_cycle", 20.0, "C2:BSWV DUTY,20", ASK_WAVE, SQUARE, ((ASK_WAVE, SQUARE),)),
    ("symmetry", 75.0, "C2:BSWV SYM,75", ASK_WAVE, RAMP, ((ASK_WAVE, RAMP),)),
    ("output", True, "C2:OUTP ON", ASK_OUTPUT, OUTPUT, ()),
]

BURST = (
    "C2:BTWV STATE,ON,PRD,0.01S,STPS,90,TRSR,INT,TRMD,OFF,TIME,3,DLAY,2.4e-07S,GATE_NCYC,NCYC,CARR,WVTP,SINE,FRQ,1000HZ"
)
SWEEP = "C2:SWWV STATE,ON,TIME,1S,STOP,2000HZ,START,100HZ,TRSR,MAN,TRMD,OFF,SWMD,LOG,DIR,DOWN,CARR,WVTP,SINE,FRQ,1000HZ"
AM = "C2:MDWV STATE,ON,AM,MDSP,UPRAMP,SRC,INT,FRQ,100HZ,DEPTH,50,CARR,WVTP,RAMP,FRQ,1000HZ,AMP,4V,OFST,0V,SYM,50"
FM = AM.replace("ON,AM", "ON,FM").replace("DEPTH,50", "DEVI,500HZ")
PM = AM.replace("ON,AM", "ON,PM").replace("DEPTH,50", "DEVI,45")

# name, value, what is sent to set it, the reply of the mode, and how often that is asked before
MODES: list[Any] = [
    ("modulation", True, "C2:MDWV STATE,ON", AM, 0),
    ("modulation_type", "frequency", "C2:MDWV FM", FM, 1),
    ("modulation_source", "internal", "C2:MDWV AM,SRC,INT", AM, 2),
    ("modulation_shape", "rising ramp", "C2:MDWV AM,MDSP,UPRAMP", AM, 3),
    ("modulation_frequency", 100.0, "C2:MDWV AM,FRQ,100", AM, 3),
    ("modulation_depth", 50.0, "C2:MDWV AM,DEPTH,50", AM, 3),
    ("frequency_deviation", 500.0, "C2:MDWV FM,DEVI,500", FM, 3),
    ("phase_deviation", 45.0, "C2:MDWV PM,DEVI,45", PM, 3),
    ("sweep", True, "C2:SWWV STATE,ON", SWEEP, 0),
    ("sweep_start", 100.0, "C2:SWWV START,100", SWEEP, 1),
    ("sweep_stop", 2000.0, "C2:SWWV STOP,2000", SWEEP, 1),
    ("sweep_time", 1.0, "C2:SWWV TIME,1", SWEEP, 1),
    ("sweep_spacing", "logarithmic", "C2:SWWV SWMD,LOG", SWEEP, 1),
    ("sweep_direction", "down", "C2:SWWV DIR,DOWN", SWEEP, 1),
    ("sweep_source", "manual", "C2:SWWV TRSR,MAN", SWEEP, 1),
    ("burst", True, "C2:BTWV STATE,ON", BURST, 0),
    ("burst_mode", "cycles", "C2:BTWV GATE_NCYC,NCYC", BURST, 1),
    ("burst_source", "internal", "C2:BTWV TRSR,INT", BURST, 2),
    ("burst_cycles", 3, "C2:BTWV TIME,3", BURST, 2),
    ("burst_period", 0.01, "C2:BTWV PRD,0.01", BURST, 3),
    ("burst_phase", 90.0, "C2:BTWV STPS,90", BURST, 1),
]


class TestSdg(DriverConformance):
    driver = "siglent.sdg"


def opened(exchanges: list[Any], model: str = "SDG2042X") -> AbstractContextManager[Sdg]:
    steps = [("*IDN?", f"Siglent Technologies,{model},SDG2XAAA000001,2.01.01.37R1B2"), *exchanges]
    return expected_exchanges(Sdg, steps, name="fg")


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_guide_says(row: Any) -> None:
    name, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as fg:
        fg.ch2[name].set(value)
        assert fg.ch2[name].get() == value


def test_every_setting_is_in_this_table_and_the_output_is_restored_last() -> None:
    with opened([]) as fg:
        waves = [row[0] for row in SETTINGS]
        settable = [name for name, one in fg.ch1.parameters.items() if one.settable]
        assert settable == [*waves[:-1], *(row[0] for row in MODES), "output"]


@pytest.mark.parametrize("row", MODES, ids=[row[0] for row in MODES])
def test_a_setting_of_a_mode_is_sent_behind_its_kind_and_read_without_the_carrier(row: Any) -> None:
    name, value, command, reply, asked = row
    query = reply.partition(" ")[0] + "?"
    with opened([*[(query, reply)] * asked, (command, None), (query, reply)]) as fg:
        if "MDWV" in query and name not in ("modulation", "modulation_type"):
            fg.ch2.modulation_type()
        fg.ch2[name].set(value)
        assert fg.ch2[name].get() == value


def test_a_mode_that_stays_off_is_told_and_triggers_are_sent() -> None:
    exchanges = [
        ("C1:BTWV STATE,ON", None),
        ("C1:BTWV?", "C1:BTWV STATE,OFF"),
        ("C1:BTWV MTRIG", None),
        ("C2:SWWV MTRIG", None),
    ]
    with opened(exchanges) as fg:
        fg.ch1.burst(True)
        assert fg.ch1.burst() is False
        with pytest.raises(IrrelevantParameterError, match="burst is True"):
            fg.ch1.burst_phase(0)
        fg.ch1.trigger_burst()
        fg.ch2.trigger_sweep()


def test_on_the_simulator_a_mode_ends_another_and_a_waveform_ends_it() -> None:
    with luthier.open("siglent.sdg", "sim://", name="fg_modes") as fg:
        fg.ch1.burst(True)
        fg.ch1.burst_cycles(5)
        assert fg.ch1.burst_cycles() == 5
        fg.ch1.modulation(True)
        assert not fg.ch1.burst()
        fg.ch1.modulation_type("phase")
        fg.ch1.phase_deviation(30)
        with pytest.raises(IrrelevantParameterError, match="modulation_type"):
            fg.ch1.modulation_depth(50)
        fg.ch1.waveform("square")
        assert not fg.ch1.modulation()


def test_an_open_output_is_a_load_without_end() -> None:
    with opened([("C1:OUTP LOAD,HZ", None), ("C1:OUTP?", "C1:OUTP OFF,LOAD,HZ,PLRT,NOR")]) as fg:
        fg.ch1.load(inf)
        assert fg.ch1.load() == inf


@pytest.mark.parametrize(("model", "fastest"), [("SDG1032X", 30e6), ("SDG2042X", 40e6), ("SDG2122X", 120e6)])
def test_the_highest_frequency_is_that_of_the_model(model: str, fastest: float) -> None:
    with opened([], model) as fg:
        assert fg.ch1.frequency.limits == (1e-6, fastest)


def test_the_load_says_which_amplitudes_there_are() -> None:
    with opened([("C1:BSWV?", SINE), ("C1:OUTP LOAD,50", None), ("C1:BSWV AMP,10", None)]) as fg:
        fg.ch1.waveform.get()
        fg.ch1.load(50)
        fg.ch1.amplitude(10)
        with pytest.raises(ValidationError, match=r"0\.001 V to 10 V"):
            fg.ch1.amplitude(10.1)


@pytest.mark.parametrize(("name", "waveform"), [("frequency", "NOISE,STDEV,0.5V,MEAN,0V"), ("duty_cycle", "SINE")])
def test_what_a_waveform_has_not_means_nothing(name: str, waveform: str) -> None:
    with opened([("C1:BSWV?", f"C1:BSWV WVTP,{waveform}")]) as fg, pytest.raises(IrrelevantParameterError):
        fg.ch1[name].get()


def test_a_parameter_that_is_not_in_the_reply_is_told() -> None:
    with (
        opened([("C1:BSWV?", SINE), ("C1:BSWV?", "C1:BSWV WVTP,NOISE,STDEV,0.5V,MEAN,0V")]) as fg,
        pytest.raises(ReplyError, match="has no AMP"),
    ):
        fg.ch1.amplitude()


def test_a_model_that_is_not_known_is_not_opened() -> None:
    with pytest.raises(IdentityError, match="SDG2122X"), opened([], "SDG7102A"):
        pass


def test_making_safe_goes_on_where_one_output_fails() -> None:
    steps: list[Any] = [("C1:OUTP OFF", WireFault.TIMEOUT), ("C2:OUTP OFF", None)]
    with opened(steps) as fg, pytest.raises(ExceptionGroup, match="1 of 2 outputs"):
        fg.make_safe()


def test_on_the_simulator_what_is_set_is_at_the_output() -> None:
    with luthier.open("siglent.sdg", "sim://", name="fg_sim") as fg:
        device = device_at(fg.address)
        assert isinstance(device, SimulatedSdg2122x)
        fg.ch2.waveform("ramp")
        fg.ch2.symmetry(100)
        fg.ch2.frequency(1e3)
        fg.ch2.amplitude(2)
        fg.ch2.offset(0.5)
        fg.ch2.output(True)
        assert device.voltage(2, 0.25e-3) == pytest.approx(0.0)
        fg.ch2.load(50)
        assert (fg.ch2.amplitude(), fg.ch2.offset()) == (1, 0.25), "the same signal, as it is with the load"
        fg.make_safe()
        assert fg.outputs.output.get() == (False, False)


def test_the_simulator_takes_several_parameters_at_once_and_ignores_the_rest() -> None:
    device = SimulatedSdg2122x()
    device.respond(b"c1:basic_wave WVTP,SQUARE,FRQ,2000HZ,AMP,3V,OFST,100,DUTY,30;:C1:OUTPUT ON,LOAD,50,PLRT,INVT")
    assert device.respond(b"C1:BSWV?;:C1:OUTP?") == (
        b"C1:BSWV WVTP,SQUARE,FRQ,2000HZ,PERI,0.0005S,AMP,1.5V,OFST,0V,HLEV,0.75V,LLEV,-0.75V,PHSE,0,DUTY,30;"
        b"C1:OUTP ON,LOAD,50,PLRT,INVT\n"
    )
