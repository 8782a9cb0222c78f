"""What the driver of X-Series signal analysers sends, what it makes of replies, and what the simulated one shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import InstrumentFaultError, InstrumentReportedError, ReplyError, ValidationError
from luthier.scpi import encode_array
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_keysight.n9010a import N9010A
from luthier_keysight.simulated.n9010a import SimulatedN9010A
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# path, value, what is sent to set it, query, reply
SETTINGS = [
    ("start", 1e9, "FREQ:STAR 1000000000", "FREQ:STAR?", "1.0000000000000E+09"),
    ("stop", 2e9, "FREQ:STOP 2000000000", "FREQ:STOP?", "2.0000000000000E+09"),
    ("center", 1.5e9, "FREQ:CENT 1500000000", "FREQ:CENT?", "1.5000000000000E+09"),
    ("span", 1e6, "FREQ:SPAN 1000000", "FREQ:SPAN?", "1.0000000000000E+06"),
    ("points", 601, "SWE:POIN 601", "SWE:POIN?", "601"),
    ("reference_level", -10.0, "DISP:WIND:TRAC:Y:RLEV -10", "DISP:WIND:TRAC:Y:RLEV?", "-1.000E+01"),
    ("attenuation", 20.0, "POW:ATT 20", "POW:ATT?", "2.000E+01"),
    ("attenuation_auto", True, "POW:ATT:AUTO 1", "POW:ATT:AUTO?", "1"),
    ("preamplifier", True, "POW:GAIN:STAT 1", "POW:GAIN:STAT?", "1"),
    ("resolution_bandwidth_auto", False, "BAND:AUTO 0", "BAND:AUTO?", "0"),
    ("video_bandwidth_auto", True, "BAND:VID:AUTO 1", "BAND:VID:AUTO?", "1"),
    ("detector", "peak", "DET:TRAC POS", "DET:TRAC?", "POS"),
    ("average_type", "power", "AVER:TYPE RMS", "AVER:TYPE?", "RMS"),
    ("averaging_count", 10, "AVER:COUN 10", "AVER:COUN?", "10"),
    ("continuous", False, "INIT:CONT 0", "INIT:CONT?", "0"),
    ("trigger_source", "external", "TRIG:SOUR EXT1", "TRIG:SOUR?", "EXT1"),
    ("trace_mode", "max hold", "TRAC1:TYPE MAXH", "TRAC1:TYPE?", "MAXH"),
    ("transfer_format", "float64", "FORM REAL,64", "FORM?", "REAL,64"),
    ("transfer_format", "text", "FORM ASC", "FORM?", "ASC,8"),
    ("byte_order", "little", "FORM:BORD SWAP", "FORM:BORD?", "SWAP"),
    ("marker3.mode", "normal", "CALC:MARK3:MODE POS", "CALC:MARK3:MODE?", "POS"),
]


class TestN9010A(DriverConformance):
    driver = "keysight.n9010a"


def opened(exchanges: Any, **options: object) -> AbstractContextManager[N9010A]:
    return expected_exchanges(N9010A, exchanges, name="sa", **{"error_policy": "never", **options})


@pytest.mark.parametrize("row", SETTINGS, ids=[f"{row[0]}-{row[1]}" for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_reference_says(row: Any) -> None:
    path, value, command, query, reply = row
    with opened([(command, None), (query, reply)]) as sa:
        sa.set(path, value)
        assert sa.get(path) == value


def test_every_setting_is_in_this_table() -> None:
    with opened([]) as sa:
        hosts: dict[str, Any] = {"": sa, "marker3.": sa.markers[2]}
        settings = {p + n for p, host in hosts.items() for n, one in host.parameters.items() if one.settable}
    others = {"resolution_bandwidth", "video_bandwidth", "marker3.frequency"}
    assert settings == {row[0] for row in SETTINGS} | others


def test_a_bandwidth_is_what_the_instrument_took_or_an_error_that_says_what_it_took() -> None:
    steps = [("BAND 9100", None), ("BAND?", "9.1000000E+03"), ("BAND:VID 50000000", None), ("BAND:VID?", "8.0E+06")]
    with opened(steps) as sa:
        sa.resolution_bandwidth(9.1e3)
        with pytest.raises(
            InstrumentFaultError, match=r"video_bandwidth: 5e\+07 Hz is not possible; it took 8e\+06 Hz"
        ):
            sa.video_bandwidth(50e6)
        with pytest.raises(ValidationError, match=r"sa\.resolution_bandwidth"):
            sa.resolution_bandwidth(1400.0)


@pytest.mark.parametrize(
    ("form", "order", "reply"),
    [
        ("ASC,8", None, "-20.5,-80,-81.25"),
        ("REAL,32", "NORM", encode_array([-20.5, -80, -81.25], "f4", "big")),
        ("REAL,64", "SWAP", encode_array([-20.5, -80, -81.25], "f8", "little")),
    ],
)
def test_a_trace_is_read_as_the_instrument_sends_it(form: str, order: str | None, reply: Any) -> None:
    orders = [("FORM:BORD?", order)] if order else []
    with opened([("FORM?", form), *orders, ("TRAC? TRACE1", reply), ("SWE:POIN?", "3")]) as sa:
        assert sa.trace().tolist() == [-20.5, -80, -81.25]
        assert sa.trace.axes == (sa.frequencies,)


def test_a_trace_of_another_length_is_not_taken_and_one_that_there_is_not_is_refused() -> None:
    with opened([("FORM?", "ASC,8"), ("TRAC? TRACE2", "-20.5,-80"), ("SWE:POIN?", "3")]) as sa:
        with pytest.raises(ReplyError, match="answered by 2 numbers"):
            sa.read_trace(2)
        with pytest.raises(ValueError, match="there is no trace 7; there are 1 to 6"):
            sa.read_trace(7)


def test_a_marker_is_moved_and_read() -> None:
    on = ("CALC:MARK1:MODE?", "POS")
    with opened(
        [
            ("CALC:MARK1:MODE OFF", None),
            ("CALC:MARK1:MAX", None),
            on,
            ("CALC:MARK1:X?", "1.0E+09"),
            ("CALC:MARK1:Y?", "-2.0E+01"),
            ("CALC:MARK1:MAX:NEXT", None),
        ]
    ) as sa:
        marker = sa.markers[0]
        marker.mode("off")
        marker.to_peak()
        assert (marker.frequency(), marker.level()) == (1e9, -20.0)
        marker.to_next_peak()


def test_measuring_waits_for_the_end_of_all_sweeps() -> None:
    with opened(
        """
        > SWE:TIME?
        < 0.5
        > AVER:COUN?
        < 10
        > INIT:IMM
        > *OPC?
        < 1
        > SYST:ERR?
        < +0,"No error"
        """,
        error_policy="after-set",
    ) as sa:
        sa.measure()


def test_on_the_simulator_lines_are_seen_in_every_format_and_found_by_markers() -> None:
    with luthier.open("keysight.n9010a", "sim://", name="sa_lines") as sa:
        sa.start(0.5e9)
        sa.stop(2.5e9)
        sa.continuous(False)
        sa.measure()
        text, frequencies = sa.trace(), sa.frequencies()
        for frequency, level in ((1e9, -20.0), (2e9, -55.0)):
            assert text[np.abs(frequencies - frequency).argmin()] == pytest.approx(level, abs=0.1)
        for form in ("float32", "float64"):
            sa.transfer_format(form)
            sa.byte_order("little")
            assert sa.trace() == pytest.approx(text, abs=1e-4)
        marker = sa.markers[4]
        marker.to_peak()
        assert (marker.mode(), marker.frequency()) == ("normal", pytest.approx(1e9, abs=1e6))
        marker.to_next_peak()
        assert (marker.frequency(), marker.level()) == pytest.approx((2e9, -55), rel=0.01)
        with pytest.raises(InstrumentReportedError, match="no peak found"):
            marker.to_peak_right()
        sa.resolution_bandwidth(1e4)
        assert sa.resolution_bandwidth_auto() is False
        assert sa.video_bandwidth() == 1e4


def test_on_the_simulator_averages_are_quieter_and_holding_keeps_the_highest() -> None:
    with luthier.open("keysight.n9010a", "sim://", name="sa_modes") as sa:
        device = device_at(sa.address)
        assert isinstance(device, SimulatedN9010A)
        device.noise_level = 1.0
        device.lines.clear()
        sa.continuous(False)
        sa.averaging_count(16)
        spread = {}
        for mode in ("write", "average", "max hold"):
            sa.trace_mode(mode)
            sa.measure()
            spread[mode] = (float(np.std(sa.trace())), float(np.mean(sa.trace())))
        assert spread["average"][0] == pytest.approx(spread["write"][0] / 4, rel=0.3)
        assert spread["max hold"][1] > spread["write"][1] + 1


def test_the_simulator_takes_every_spelling_and_the_nearest_bandwidth() -> None:
    device = SimulatedN9010A()
    device.respond(b"SENSE:FREQUENCY:CENTER 1 GHZ;SPAN 10 MHZ;:SENS:BANDWIDTH:RESOLUTION 1260 HZ;:POWER:RF:ATT 5")
    assert device.respond(b"FREQ:STAR?;STOP?;:BAND?;:BAND:AUTO?;:POW:ATT:AUTO?") == b"995000000;1005000000;1300;0;0\n"
    for message in (b"FREQ:STOP 100 GHZ", b"TRAC? TRACE7", b"SWE:POIN 0"):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(4)]
    assert codes == [-222, -141, -222, 0]
