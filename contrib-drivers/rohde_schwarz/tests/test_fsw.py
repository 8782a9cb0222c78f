"""What the driver of the FSW sends, what it makes of the replies, and what the simulated one shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import ReplyError, ValidationError
from luthier.scpi import encode_array
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_rohde_schwarz.fsw import Fsw
from luthier_rohde_schwarz.simulated.fsw import SimulatedFsw
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# name, value, what is sent to set it, query, reply
SETTINGS = [
    ("start", 1e9, "FREQ:STAR 1000000000", "FREQ:STAR?", "1000000000"),
    ("stop", 2e9, "FREQ:STOP 2000000000", "FREQ:STOP?", "2000000000"),
    ("center", 1.5e9, "FREQ:CENT 1500000000", "FREQ:CENT?", "1500000000"),
    ("span", 1e6, "FREQ:SPAN 1000000", "FREQ:SPAN?", "1000000"),
    ("points", 691, "SWE:POIN 691", "SWE:POIN?", "691"),
    ("reference_level", -10.0, "DISP:TRAC:Y:RLEV -10", "DISP:TRAC:Y:RLEV?", "-10"),
    ("attenuation", 20.0, "INP:ATT 20", "INP:ATT?", "20"),
    ("attenuation_auto", True, "INP:ATT:AUTO 1", "INP:ATT:AUTO?", "1"),
    ("resolution_bandwidth", 3e3, "BAND 3000", "BAND?", "3000"),
    ("resolution_bandwidth_auto", False, "BAND:AUTO 0", "BAND:AUTO?", "0"),
    ("video_bandwidth", 1e3, "BAND:VID 1000", "BAND:VID?", "1000"),
    ("video_bandwidth_auto", True, "BAND:VID:AUTO 1", "BAND:VID:AUTO?", "1"),
    ("sweep_time", 0.025, "SWE:TIME 0.025", "SWE:TIME?", "0.025"),
    ("sweep_time_auto", False, "SWE:TIME:AUTO 0", "SWE:TIME:AUTO?", "0"),
    ("preamplifier", True, "INP:GAIN:STAT 1", "INP:GAIN:STAT?", "1"),
    ("detector", "positive peak", "DET POS", "DET?", "POS"),
    ("detector_auto", True, "DET:AUTO 1", "DET:AUTO?", "1"),
    ("sweep_count", 10, "SWE:COUN 10", "SWE:COUN?", "10"),
    ("continuous", False, "INIT:CONT 0", "INIT:CONT?", "0"),
    ("trigger_source", "external", "TRIG:SOUR EXT", "TRIG:SOUR?", "EXT"),
    ("trace_mode", "max hold", "DISP:TRAC:MODE MAXH", "DISP:TRAC:MODE?", "MAXH"),
    ("transfer_format", "float32", "FORM REAL,32", "FORM?", "REAL,32"),
    ("transfer_format", "text", "FORM ASC", "FORM?", "ASC,0"),
]


class TestFsw(DriverConformance):
    driver = "rohde_schwarz.fsw"


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Fsw]:
    return expected_exchanges(Fsw, exchanges, name="sa", **{"error_policy": "never", **options})


@pytest.mark.parametrize("row", SETTINGS, ids=[f"{row[0]}-{row[1]}" for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Any) -> None:
    name, value, command, query, reply = row
    with opened([(command, None), (query, reply)]) as sa:
        sa.set(name, value)
        assert sa.get(name) == value


def test_every_setting_is_in_this_table() -> None:
    with opened([]) as sa:
        assert {name for name, one in sa.parameters.items() if one.settable} == {row[0] for row in SETTINGS}


@pytest.mark.parametrize("value", [1500.0, 0.5, 2e7])
def test_a_bandwidth_that_there_is_not_is_refused(value: float) -> None:
    with opened([]) as sa, pytest.raises(ValidationError, match=r"sa\.resolution_bandwidth"):
        sa.resolution_bandwidth(value)


@pytest.mark.parametrize(
    ("form", "reply"), [("ASC", "-20.5,-80,-81.25"), ("REAL,32", encode_array([-20.5, -80, -81.25], "f4", "little"))]
)
def test_a_trace_is_read_as_the_instrument_sends_it(form: str, reply: Any) -> None:
    with opened([("FORM?", form), ("TRAC? TRACE1", reply), ("SWE:POIN?", "3")]) as sa:
        trace = sa.trace()
        assert trace.tolist() == [-20.5, -80, -81.25]
        assert sa.trace.axes == (sa.frequencies,)


def test_a_trace_of_another_length_is_not_taken() -> None:
    with (
        opened([("FORM?", "ASC"), ("TRAC? TRACE1", "-20.5,-80"), ("SWE:POIN?", "3")]) as sa,
        pytest.raises(ReplyError, match="answered by 2 numbers"),
    ):
        sa.trace()


def test_measuring_waits_for_the_end_of_all_sweeps() -> None:
    with opened(
        """
        > SWE:TIME?
        < 0.5
        > SWE:COUN?
        < 0
        > INIT
        > *OPC?
        < 1
        > SYST:ERR?
        < 0,"No error"
        """,
        error_policy="after-set",
    ) as sa:
        sa.measure()


def test_on_the_simulator_lines_are_seen_where_they_are_in_both_formats() -> None:
    with luthier.open("rohde_schwarz.fsw", "sim://", name="sa_lines") as sa:
        sa.start(0.5e9)
        sa.stop(2.5e9)
        sa.continuous(False)
        sa.measure()
        text, frequencies = sa.trace(), sa.frequencies()
        assert sa.resolution_bandwidth() == 3e6
        for frequency, level in ((1e9, -20.0), (2e9, -55.0)):
            assert text[np.abs(frequencies - frequency).argmin()] == pytest.approx(level, abs=0.1)
        sa.transfer_format("float32")
        assert sa.trace() == pytest.approx(text, abs=1e-4)
        sa.resolution_bandwidth(1e4)
        assert sa.resolution_bandwidth_auto() is False
        assert sa.video_bandwidth() == 1e4
        sa.sweep_time(3)
        assert (sa.sweep_time_auto(), sa.sweep_time()) == (False, 3)
        sa.trace_mode("max hold")
        assert (sa.detector(), sa.detector_auto()) == ("positive peak", True)


def test_on_the_simulator_averages_are_quieter_and_holding_keeps_the_highest() -> None:
    with luthier.open("rohde_schwarz.fsw", "sim://", name="sa_modes") as sa:
        device = device_at(sa.address)
        assert isinstance(device, SimulatedFsw)
        device.noise_level = 1.0
        device.lines.clear()
        sa.continuous(False)
        sa.sweep_count(16)
        spread = {}
        for mode in ("write", "average", "max hold"):
            sa.trace_mode(mode)
            sa.measure()
            spread[mode] = (float(np.std(sa.trace())), float(np.mean(sa.trace())))
        assert spread["average"][0] == pytest.approx(spread["write"][0] / 4, rel=0.3)
        assert spread["max hold"][1] > spread["write"][1] + 1


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedFsw()
    device.respond(b"SENSE:FREQUENCY:CENTER 1 GHZ;SPAN 10 MHZ;:SENS1:BANDWIDTH:RESOLUTION 1200 HZ;:INPUT:ATT 5")
    assert device.respond(b"FREQ:STAR?;STOP?;:BAND?;:BAND:AUTO?;:INP:ATT:AUTO?") == b"995000000;1005000000;2000;0;0\n"
    for message in (b"FREQ:STOP 100 GHZ", b"FORM REAL,64", b"TRAC? TRACE7", b"SWE:POIN 100"):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(5)]
    assert codes == [-222, -224, -141, -222, 0]
