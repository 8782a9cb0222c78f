"""What the driver of the DS345 sends, what it makes of the replies, and its simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import device_at, reset_simulators
from luthier_stanford_research.ds345 import Ds345
from luthier_stanford_research.simulated.ds345 import SimulatedDs345

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

SINE = ("FUNC?", "0")

# path, value, what is sent to set it, query, reply, and what is asked before
Row = tuple[str, object, str, str, str, list[tuple[str, str]]]
SETTINGS: list[Row] = [
    ("waveform", "ramp", "FUNC 3", "FUNC?", "3", []),
    ("frequency", 30.2e6, "FREQ 30200000", "FREQ?", "30200000.000000", [SINE]),
    ("sample_rate", 1e6, "FSMP 1000000", "FSMP?", "1000000", [("FUNC?", "5")]),
    ("amplitude", 0.123, "AMPL 0.123VP", "AMPL?", "0.123VP", [("OFFS?", "0")]),
    ("offset", -1.5, "OFFS -1.5", "OFFS?", "-1.5", [("AMPL?", "1.00VP")]),
    ("phase", 90.5, "PHSE 90.5", "PHSE?", "90.500", [SINE]),
    ("inverted", True, "INVT 1", "INVT?", "1", []),
    ("modulation_type", "burst", "MTYP 5", "MTYP?", "5", []),
    ("modulation_rate", 100.0, "RATE 100", "RATE?", "100", []),
    ("modulation_waveform", "sine", "MDWF 3", "MDWF?", "3", []),
    ("trigger_rate", 0.5, "TRAT 0.5", "TRAT?", "0.50", []),
    ("am_depth", -80, "DPTH -80", "DPTH?", "-80", []),
    ("sweep_start", 10.5, "STFR 10.5", "STFR?", "10.500000", []),
    ("sweep_stop", 1e5, "SPFR 100000", "SPFR?", "100000.000000", []),
    ("burst_count", 30000, "BCNT 30000", "BCNT?", "30000", []),
    ("trigger_source", "line", "TSRC 4", "TSRC?", "4", []),
    ("modulation", True, "MENA 1", "MENA?", "1", []),
]


def opened(exchanges: Any) -> AbstractContextManager[Ds345]:
    return expected_exchanges(Ds345, exchanges, name="generator", error_policy="never")


@pytest.fixture
def generator() -> Iterator[Ds345]:
    reset_simulators()
    with luthier.open("stanford_research.ds345", "sim://", name="generator") as ds345:
        yield ds345
    reset_simulators()


def device_of(generator: Ds345) -> SimulatedDs345:
    device = device_at(str(generator.address))
    assert isinstance(device, SimulatedDs345)
    return device


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_instrument_does(row: Row) -> None:
    path, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as ds345:
        ds345.set(path, value)
        assert ds345.get(path) == value


@pytest.mark.parametrize("reply", ["0.354VR", "4.0DB", "1.0"])
def test_an_amplitude_in_another_unit_is_not_taken_for_volts_from_peak_to_peak(reply: str) -> None:
    with opened([("AMPL?", reply)]) as ds345, pytest.raises(ReplyError, match="not from peak to peak"):
        ds345.amplitude()


def test_amplitude_and_offset_stay_within_5_volts_together(generator: Ds345) -> None:
    generator.amplitude(4.0)
    with pytest.raises(ValidationError, match=r"3 V"):
        generator.offset(3.1)
    generator.offset(-3.0)
    with pytest.raises(ValidationError):
        generator.amplitude(4.1)
    assert device_of(generator).largest_voltage() == 5.0
    generator.write("AMPL 4.1VP")
    with pytest.raises(InstrumentReportedError, match="out of its range"):
        generator.check_errors()


def test_the_highest_frequency_follows_the_form(generator: Ds345) -> None:
    generator.frequency(20e6)
    generator.waveform("triangle")
    assert generator.frequency() == 100e3
    with pytest.raises(ValidationError, match="100"):
        generator.frequency(100001)
    generator.waveform("noise")
    with pytest.raises(IrrelevantParameterError, match="waveform"):
        generator.frequency()


def test_making_safe_takes_the_output_down_from_anywhere(generator: Ds345) -> None:
    generator.amplitude(4.0)
    generator.offset(3.0)
    generator.make_safe()
    assert device_of(generator).largest_voltage() == 0.005
    assert generator.offset() == 0
    generator.check_errors()


def test_a_burst_is_triggered_and_the_phase_called_zero(generator: Ds345) -> None:
    generator.trigger_source("single")
    generator.functions["trigger"]()
    assert device_of(generator).triggers == 1
    generator.phase(90)
    generator.functions["zero_phase"]()
    assert generator.phase() == 0
    generator.trigger_source("internal")
    with pytest.raises(InstrumentReportedError, match="state"):
        generator.functions["trigger"]()
