"""What the driver of the ZNB sends, what it makes of the replies, and how the simulated one measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import InstrumentReportedError, IrrelevantParameterError, ReplyError, ValidationError
from luthier.scpi import encode_array
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_rohde_schwarz.simulated.znb import SimulatedZnb
from luthier_rohde_schwarz.znb import Segment, Znb
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

LIMITS = (("SYST:FREQ? MIN", "9000"), ("SYST:FREQ? MAX", "8500000000"))

# path, value, what is sent to set it, query, reply, and what is asked before, because limits depend on it
SETTINGS = [
    ("reference_source", "external", "ROSC:SOUR EXT", "ROSC:SOUR?", "EXT", ()),
    ("sweep_type", "segmented", "SENS1:SWE:TYPE SEGM", "SENS1:SWE:TYPE?", "SEGM", ()),
    ("start", 4.00000012e9, "SENS1:FREQ:STAR 4000000120", "SENS1:FREQ:STAR?", "4000000120", LIMITS),
    ("stop", 6e9, "SENS1:FREQ:STOP 6000000000", "SENS1:FREQ:STOP?", "6000000000", LIMITS),
    ("center", 5e9, "SENS1:FREQ:CENT 5000000000", "SENS1:FREQ:CENT?", "5000000000", LIMITS),
    ("span", 1e6, "SENS1:FREQ:SPAN 1000000", "SENS1:FREQ:SPAN?", "1000000", LIMITS),
    ("points", 1001, "SENS1:SWE:POIN 1001", "SENS1:SWE:POIN?", "1001", ()),
    ("power", -25.5, "SOUR1:POW -25.5", "SOUR1:POW?", "-25.5", ()),
    ("if_bandwidth", 1500.0, "SENS1:BAND 1500", "SENS1:BAND?", "1500", ()),
    ("averaging", True, "SENS1:AVER 1", "SENS1:AVER?", "1", ()),
    ("averaging_count", 20, "SENS1:AVER:COUN 20", "SENS1:AVER:COUN?", "20", ()),
    ("sweep_count", 20, "SENS1:SWE:COUN 20", "SENS1:SWE:COUN?", "20", ()),
    ("sweep_time_auto", False, "SENS1:SWE:TIME:AUTO 0", "SENS1:SWE:TIME:AUTO?", "0", ()),
    ("trigger_source", "external", "TRIG1:SOUR EXT", "TRIG1:SOUR?", "EXT", ()),
    ("continuous", False, "INIT1:CONT 0", "INIT1:CONT?", "0", ()),
    ("transfer_format", "float64", "FORM REAL,64", "FORM?", "REAL,64", ()),
    ("byte_order", "little", "FORM:BORD SWAP", "FORM:BORD?", "SWAP", ()),
    ("output", True, "OUTP 1", "OUTP?", "1", ()),
]


class TestZnb(DriverConformance):
    driver = "rohde_schwarz.znb"


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Znb]:
    return expected_exchanges(Znb, exchanges, name="vna", **{"error_policy": "never", **options})


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Any) -> None:
    path, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as vna:
        vna.set(path, value)
        assert vna.get(path) == value


def test_every_setting_is_in_this_table() -> None:
    with opened([]) as vna:
        settings = {name for name, one in vna.parameters.items() if one.settable}
    assert settings == {row[0] for row in SETTINGS} | {f"measures_s{n}" for n in (11, 12, 21, 22)}


@pytest.mark.parametrize("value", [1001.0, 1.4e3, 2e6])
def test_a_bandwidth_that_there_is_not_is_refused(value: float) -> None:
    with opened([]) as vna, pytest.raises(ValidationError, match=r"vna\.if_bandwidth"):
        vna.if_bandwidth(value)


@pytest.mark.parametrize(("form", "dtype"), [("REAL,32", "f4"), ("REAL,64", "f8")])
@pytest.mark.parametrize(("order", "byte_order"), [("NORM", "big"), ("SWAP", "little")])
def test_a_trace_is_read_as_the_instrument_sends_it(form: str, dtype: str, order: str, byte_order: Any) -> None:
    with opened(
        [
            ("CALC1:PAR:CAT?", "'Trc1,S11,Trc2,S21'"),
            ("CALC1:PAR:CAT?", "'Trc1,S11,Trc2,S21'"),
            ("FORM?", form),
            ("FORM:BORD?", order),
            ("CALC1:DATA:TRAC? 'Trc2',SDAT", encode_array([0.5, -0.25, 1.0, 2.0], dtype, byte_order)),
            ("SENS1:SWE:TYPE?", "LIN"),
            ("SENS1:SWE:POIN?", "2"),
        ]
    ) as vna:
        trace = vna.s21()
        assert trace.tolist() == [0.5 - 0.25j, 1 + 2j]
        assert vna.s21.axes == (vna.frequencies,)


def test_a_trace_is_read_as_text_where_nothing_else_was_chosen() -> None:
    catalogue = ("CALC1:PAR:CAT?", "'Trc1,S21'")
    with opened(
        [
            catalogue,
            catalogue,
            ("FORM?", "ASC,0"),
            ("CALC1:DATA:TRAC? 'Trc1',SDAT", "1.0E+00,-5.0E-01"),
            ("SENS1:SWE:TYPE?", "LIN"),
            ("SENS1:SWE:POIN?", "1"),
        ]
    ) as vna:
        assert vna.s21().tolist() == [1 - 0.5j]


def test_data_that_are_no_pairs_are_not_taken() -> None:
    catalogue = ("CALC1:PAR:CAT?", "'Trc1,S21'")
    with (
        opened([catalogue, catalogue, ("FORM?", "ASC,0"), ("CALC1:DATA:TRAC? 'Trc1',SDAT", "1,2,3")]) as vna,
        pytest.raises(ReplyError, match="no pairs"),
    ):
        vna.s21()


def test_what_no_trace_measures_says_what_to_set() -> None:
    with (
        opened([("CALC1:PAR:CAT?", "'Trc1,S21'")]) as vna,
        pytest.raises(IrrelevantParameterError, match="measures_s11 is True"),
    ):
        vna.s11()


def test_a_trace_is_made_and_deleted_by_what_it_measures() -> None:
    with opened(
        [
            ("CALC1:PAR:CAT?", "'Trc1,S21'"),
            ("CALC1:PAR:SDEF 'S11','S11'", None),
            ("CALC1:PAR:CAT?", "'Trc1,S21,S11,S11'"),
            ("CALC1:PAR:DEL 'Trc1'", None),
            ("CALC1:PAR:CAT?", "''"),
        ]
    ) as vna:
        vna.measures_s11(True)
        vna.measures_s21(False)
        assert vna.traces() == {}


def test_measuring_waits_for_the_end_of_all_sweeps() -> None:
    with opened(
        """
        > SENS1:SWE:TYPE?
        < LIN
        > SENS1:SWE:TIME?
        < 0.5
        > SENS1:SWE:COUN?
        < 10
        > INIT1
        > *OPC?
        < 1
        > SYST:ERR?
        < 0,"No error"
        """,
        error_policy="after-set",
    ) as vna:
        vna.measure()


SEGMENTS = (Segment(1e9, 2e9, 11, power=-20.0, if_bandwidth=1e3), Segment(3e9, 3e9, 1))


def test_segments_are_defined_one_by_one_and_all_of_them_anew() -> None:
    steps = [
        ("SYST:FREQ? MIN", "9000"),
        ("SYST:FREQ? MAX", "8500000000"),
        ("SENS1:SEGM:DEL:ALL", None),
        ("SENS1:SEGM1:ADD", None),
        ("SENS1:SEGM1:FREQ:STAR 1000000000", None),
        ("SENS1:SEGM1:FREQ:STOP 2000000000", None),
        ("SENS1:SEGM1:SWE:POIN 11", None),
        ("SENS1:SEGM1:POW -20", None),
        ("SENS1:SEGM1:BWID 1000", None),
        ("SENS1:SEGM2:ADD", None),
        ("SENS1:SEGM2:SWE:POIN 1", None),
        ("SENS1:SEGM2:FREQ:STOP 3000000000", None),
    ]
    with opened(steps) as vna:
        vna.define_segments(SEGMENTS)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        (Segment(2e9, 1e9, 11), "segment 2 goes from 2e\\+09 Hz to 1e\\+09 Hz in 11 points"),
        (Segment(1e9, 2e9, 1), "one point, which starts and stops at the same frequency"),
        (Segment(1e9, 9e9, 2), "vna.start"),
        (Segment(1e9, 2e9, 2, if_bandwidth=1.2e3), "vna.if_bandwidth"),
    ],
)
def test_what_is_no_segment_changes_none(wrong: Segment, match: str) -> None:
    limits = [("SYST:FREQ? MIN", "9000"), ("SYST:FREQ? MAX", "8500000000")]
    with opened(limits) as vna, pytest.raises(ValidationError, match=match):
        vna.define_segments([SEGMENTS[0], wrong])


def test_on_the_simulator_segments_are_swept_one_after_the_other() -> None:
    with luthier.open("rohde_schwarz.znb", "sim://", name="vna_segments") as vna:
        vna.continuous(False)
        vna.sweep_type("segmented")
        with pytest.raises(InstrumentReportedError):
            vna.measure()
        vna.define_segments([*SEGMENTS, Segment(4.99e9, 5.01e9, 21)])
        assert [one.points for one in vna.segments()] == [11, 1, 21]
        assert vna.segments()[0] == SEGMENTS[0]
        assert vna.sweep_time() == pytest.approx(11 / 1e3 + 22 / 1e4)
        vna.measure()
        frequencies, trace = vna.frequencies(), vna.s21()
        assert frequencies[10:13] == pytest.approx([2e9, 3e9, 4.99e9])
        assert frequencies[abs(trace).argmin()] == 5e9
        vna.define_segments([Segment(4.99e9, 5.01e9, 3)])
        vna.measure()
        assert len(vna.s21()) == len(vna.frequencies()) == 3
        vna.sweep_type("linear")
        vna.measure()
        assert len(vna.s21()) == 201


def test_making_safe_switches_the_ports_off() -> None:
    with opened([("OUTP 0", None)]) as vna:
        vna.make_safe()


def test_on_the_simulator_a_resonator_is_measured_alike_in_every_format() -> None:
    with luthier.open("rohde_schwarz.znb", "sim://", name="vna_formats") as vna:
        vna.center(5e9)
        vna.span(40e6)
        vna.points(401)
        vna.continuous(False)
        with pytest.raises(IrrelevantParameterError):
            vna.s22()
        assert not np.isfinite(vna.s21()).any() or abs(vna.s21()[0]) > 1e37
        vna.measures_s22(True)
        vna.measure()
        text = vna.s21()
        for form in ("float32", "float64"):
            for order in ("big", "little"):
                vna.transfer_format(form)
                vna.byte_order(order)
                assert vna.s21() == pytest.approx(text, rel=1e-6)
        assert vna.frequencies()[abs(text).argmin()] == pytest.approx(5e9)
        assert abs(text).min() == pytest.approx(0.2)
        assert abs(vna.s22()).max() == pytest.approx(0.8)


def test_on_the_simulator_averages_lower_the_noise() -> None:
    with luthier.open("rohde_schwarz.znb", "sim://", name="vna_noise") as vna:
        device = device_at(vna.address)
        assert isinstance(device, SimulatedZnb)
        device.noise_level = 1e-3
        vna.continuous(False)
        vna.if_bandwidth(1000)
        vna.power(0)
        vna.stop(1e9)
        vna.measure()
        one = np.std(vna.s21())
        vna.averaging(True)
        vna.averaging_count(16)
        vna.sweep_count(16)
        vna.measure()
        assert np.std(vna.s21()) == pytest.approx(one / 4, rel=0.3)


def test_the_simulator_moves_start_stop_centre_and_span_together() -> None:
    device = SimulatedZnb()

    def ask(message: str) -> str:
        return (device.respond(message.encode()) or b"").decode().strip()

    ask("SENSE1:FREQUENCY:START 2 GHZ;STOP 4 GHZ")
    assert ask("FREQ:CENT?;:SENS:FREQ:SPAN?") == "3000000000;2000000000"
    ask("FREQ:CENT 8.4 GHZ")
    assert ask("FREQ:STAR?;STOP?") == "8300000000;8500000000"
    ask("FREQ:SPAN 1 GHZ")
    assert ask("FREQ:STAR?;STOP?") == "7500000000;8500000000"
    ask("BAND 1200")
    assert ask("BAND?;:SYST:ERR?") == '1500;0,"No error"'
    ask("CALC:PAR:SEL 'Trc7'")
    assert ask("SYST:ERR?").startswith("-200")
