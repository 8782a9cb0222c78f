"""What the driver of PNA network analysers sends, what it makes of replies, and what the simulated one shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import InstrumentFaultError, IrrelevantParameterError, ReplyError, ValidationError
from luthier.scpi import encode_array
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_keysight.pna import Pna, Segment
from luthier_keysight.simulated.pna import SimulatedPna
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

LIMITS = (("SYST:CAP:FREQ:MIN?", "+1.0E+07"), ("SYST:CAP:FREQ:MAX?", "+2.65E+10"))

# name, value, what is sent to set it, query, reply, and what is asked before
SETTINGS = [
    ("sweep_type", "logarithmic", "SENS1:SWE:TYPE LOG", "SENS1:SWE:TYPE?", "LOG", ()),
    ("start", 1e9, "SENS1:FREQ:STAR 1000000000", "SENS1:FREQ:STAR?", "+1.00000000000E+09", LIMITS),
    ("stop", 2e9, "SENS1:FREQ:STOP 2000000000", "SENS1:FREQ:STOP?", "+2.00000000000E+09", LIMITS),
    ("center", 1.5e9, "SENS1:FREQ:CENT 1500000000", "SENS1:FREQ:CENT?", "+1.50000000000E+09", LIMITS),
    ("span", 1e6, "SENS1:FREQ:SPAN 1000000", "SENS1:FREQ:SPAN?", "+1.00000000000E+06", LIMITS),
    ("fixed_frequency", 3e9, "SENS1:FREQ:CW 3000000000", "SENS1:FREQ:CW?", "+3.00000000000E+09", LIMITS),
    (
        "power",
        -25.5,
        "SOUR1:POW -25.5",
        "SOUR1:POW?",
        "-2.55E+01",
        (("SOUR1:POW? MIN", "-30"), ("SOUR1:POW? MAX", "13")),
    ),
    ("power_coupled", False, "SOUR1:POW:COUP 0", "SOUR1:POW:COUP?", "0", ()),
    ("averaging", True, "SENS1:AVER 1", "SENS1:AVER?", "1", ()),
    ("averaging_count", 20, "SENS1:AVER:COUN 20", "SENS1:AVER:COUN?", "+20", ()),
    ("averaging_mode", "sweep", "SENS1:AVER:MODE SWEEP", "SENS1:AVER:MODE?", "SWEEP", ()),
    ("sweep_time_auto", False, "SENS1:SWE:TIME:AUTO 0", "SENS1:SWE:TIME:AUTO?", "0", ()),
    ("sweep_mode", "hold", "SENS1:SWE:MODE HOLD", "SENS1:SWE:MODE?", "HOLD", ()),
    ("points", 401, "SENS1:SWE:POIN 401", "SENS1:SWE:POIN?", "+401", (("SENS1:SWE:TYPE?", "LIN"),)),
    ("group_count", 7, "SENS1:SWE:GRO:COUN 7", "SENS1:SWE:GRO:COUN?", "+7", ()),
    ("trigger_source", "external", "TRIG:SOUR EXT", "TRIG:SOUR?", "EXT", ()),
    ("transfer_format", "float64", "FORM REAL,64", "FORM?", "REAL,+64", ()),
    ("byte_order", "little", "FORM:BORD SWAP", "FORM:BORD?", "SWAP", ()),
    ("output", True, "OUTP 1", "OUTP?", "1", ()),
]
CATALOGUE = ("CALC1:PAR:CAT:EXT?", '"CH1_S11_1,S11,mine,S21"')


class TestPna(DriverConformance):
    driver = "keysight.pna"


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Pna]:
    return expected_exchanges(Pna, exchanges, name="vna", **{"error_policy": "never", **options})


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_help_says(row: Any) -> None:
    name, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as vna:
        vna.set(name, value)
        assert vna.get(name) == value


def test_every_setting_is_in_this_table() -> None:
    with opened([]) as vna:
        settings = {name for name, one in vna.parameters.items() if one.settable}
    others = {"if_bandwidth"} | {f"measures_s{n}" for n in (11, 12, 21, 22)}
    assert settings == {row[0] for row in SETTINGS} | others


def test_a_bandwidth_that_the_model_lacks_raises_with_what_it_took() -> None:
    steps = [
        ("SENS1:BAND 1500", None),
        ("SENS1:BAND?", "1500"),
        ("SENS1:BAND 700000", None),
        ("SENS1:BAND?", "1000000"),
    ]
    with opened(steps) as vna:
        vna.if_bandwidth(1500)
        with pytest.raises(InstrumentFaultError, match=r"no bandwidth of 700000 Hz; it took 1e\+06 Hz"):
            vna.if_bandwidth(700e3)
        with pytest.raises(ValidationError, match=r"vna\.if_bandwidth"):
            vna.if_bandwidth(1400)


@pytest.mark.parametrize(("form", "dtype"), [("REAL,+32", "f4"), ("REAL,+64", "f8")])
@pytest.mark.parametrize(("order", "byte_order"), [("NORM", "big"), ("SWAP", "little")])
def test_a_trace_is_read_as_the_instrument_sends_it(form: str, dtype: str, order: str, byte_order: Any) -> None:
    with opened(
        [
            CATALOGUE,
            CATALOGUE,
            ("CALC1:PAR:SEL 'mine'", None),
            ("FORM?", form),
            ("FORM:BORD?", order),
            ("CALC1:DATA? SDATA", encode_array([0.5, -0.25, 1.0, 2.0], dtype, byte_order)),
            ("SENS1:SWE:TYPE?", "LIN"),
            ("SENS1:SWE:POIN?", "+2"),
        ]
    ) as vna:
        assert vna.s21().tolist() == [0.5 - 0.25j, 1 + 2j]
        assert vna.s21.axes == (vna.frequencies,)


def test_data_that_are_no_pairs_are_not_taken_and_frequencies_are_not_rounded() -> None:
    select = ("CALC1:PAR:SEL 'mine'", None)
    with opened(
        [CATALOGUE, select, ("FORM?", "ASC,+0"), ("CALC1:DATA? SDATA", "1,2,3"), ("FORM REAL,32", None)]
    ) as vna:
        with pytest.raises(ReplyError, match="no pairs"):
            vna.trace("mine")
        vna.transfer_format("float32")
        with pytest.raises(IrrelevantParameterError, match="transfer_format"):
            vna.frequencies()


def test_a_trace_is_made_and_deleted_by_what_it_measures_and_read_by_its_name() -> None:
    with opened(
        [
            CATALOGUE,
            ("CALC1:PAR:DEF:EXT 'S12','S12'", None),
            CATALOGUE,
            ("CALC1:PAR:DEL 'mine'", None),
            ("CALC1:PAR:CAT:EXT?", '"NO CATALOG"'),
            CATALOGUE,
        ]
    ) as vna:
        vna.measures_s12(True)
        vna.measures_s21(False)
        assert vna.traces() == {}
        with pytest.raises(KeyError, match="there are CH1_S11_1, mine"):
            vna.trace("other")


def test_measuring_averages_by_groups_and_waits_for_their_end() -> None:
    with opened(
        """
        > SENS1:AVER?
        < 1
        > SENS1:AVER:COUN?
        < +10
        > SENS1:AVER:MODE?
        < SWEEP
        > SENS1:AVER:CLE
        > SENS1:SWE:GRO:COUN 10
        > SENS1:SWE:TIME?
        < 0.5
        > SENS1:SWE:MODE GRO
        > *OPC?
        < 1
        > SENS1:AVER?
        < 0
        > SENS1:SWE:TIME?
        < 0.5
        > SENS1:SWE:MODE SING
        > *OPC?
        < 1
        """
    ) as vna:
        vna.measure()
        vna.measure()


def test_segments_are_written_one_after_the_other() -> None:
    with opened(
        [
            *LIMITS,
            ("SENS1:SEGM:DEL:ALL", None),
            ("SENS1:SEGM:BWID:CONT 1", None),
            ("SENS1:SEGM:POW:CONT 0", None),
            ("SENS1:SEGM1:ADD", None),
            ("SENS1:SEGM1:FREQ:STAR 1000000000", None),
            ("SENS1:SEGM1:FREQ:STOP 2000000000", None),
            ("SENS1:SEGM1:SWE:POIN 11", None),
            ("SENS1:SEGM1:BWID 100", None),
            ("SENS1:SEGM1:STAT 1", None),
        ]
    ) as vna:
        vna.set_segments([Segment(1e9, 2e9, 11, if_bandwidth=100.0)])


@pytest.mark.parametrize(
    ("segments", "why"),
    [
        ([], "there is none"),
        ([Segment(2e9, 1e9, 5)], r"1e\+09 Hz comes before 2e\+09 Hz"),
        ([Segment(1e9, 2e9, 0)], "has 0 points"),
    ],
)
def test_segments_that_the_instrument_would_move_are_refused(segments: list[Segment], why: str) -> None:
    with opened([]) as vna, pytest.raises(ValidationError, match=why):
        vna.set_segments(segments)


def test_making_safe_switches_the_ports_off() -> None:
    with opened([("OUTP 0", None)]) as vna:
        vna.make_safe()


def test_on_the_simulator_a_resonator_is_measured_alike_in_every_format() -> None:
    with luthier.open("keysight.pna", "sim://", name="vna_formats") as vna:
        vna.center(5e9)
        vna.span(40e6)
        vna.points(401)
        vna.measures_s21(True)
        vna.measure()
        assert vna.sweep_mode() == "hold"
        text, frequencies = vna.s21(), vna.frequencies()
        assert frequencies[abs(text).argmin()] == pytest.approx(5e9)
        assert abs(text).min() == pytest.approx(0.2)
        for form in ("float32", "float64"):
            for order in ("big", "little"):
                vna.transfer_format(form)
                vna.byte_order(order)
                assert vna.s21() == pytest.approx(text, rel=1e-6)
        assert vna.frequencies().tolist() == frequencies.tolist()
        assert vna.trace("CH1_S11_1") == pytest.approx(text - 1)


def test_on_the_simulator_segments_come_back_and_averages_lower_the_noise() -> None:
    with luthier.open("keysight.pna", "sim://", name="vna_noise") as vna:
        device = device_at(vna.address)
        assert isinstance(device, SimulatedPna)
        device.noise_level = 1e-3
        vna.if_bandwidth(1000)
        vna.power(0)
        wanted = (Segment(1e9, 2e9, 101, 1000.0, -10.0), Segment(3e9, 4e9, 51, 1000.0, 0.0))
        vna.set_segments(wanted)
        assert vna.segments() == wanted
        vna.sweep_type("segmented")
        with pytest.raises(IrrelevantParameterError, match="cannot be set in a segmented sweep"):
            vna.points(11)
        vna.measure()
        one = np.std(vna.s11().real)
        assert vna.s11().shape == vna.frequencies().shape == (152,)
        vna.averaging(True)
        vna.averaging_count(16)
        vna.measure()
        assert np.std(vna.s11().real) == pytest.approx(one / 4, rel=0.3)
