"""What the driver of the SR844 sends, what it makes of the replies, and its simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import device_at, reset_simulators
from luthier_stanford_research.simulated.sr844 import SimulatedSr844
from luthier_stanford_research.sr844 import Sr844

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# path, value, what is sent to set it, query, reply; what is asked before is in ASKED
Row = tuple[str, object, str, str, str]
ASKED = {"frequency": [("HARM?", "0")], "harmonic": [("FREQ?", "1.000E6")]}
SETTINGS: list[Row] = [
    ("reference_source", "external", "FMOD 0", "FMOD?", "0"),
    ("reference_impedance", 10e3, "REFZ 1", "REFZ?", "1"),
    ("reserve", "low noise", "WRSV 2", "WRSV?", "2"),
    ("frequency", 27.7e6, "FREQ 27700000", "FREQ?", "2.770E7"),
    ("harmonic", 2, "HARM 1", "HARM?", "1"),
    ("phase", -45.5, "PHAS -45.5", "PHAS?", "-45.50"),
    ("sensitivity", 1e-7, "SENS 0", "SENS?", "0"),
    ("sensitivity", 1.0, "SENS 14", "SENS?", "14"),
    ("time_constant", 1e-4, "OFLT 0", "OFLT?", "0"),
    ("time_constant", 3e4, "OFLT 17", "OFLT?", "17"),
    ("filter_slope", 0, "OFSL 0", "OFSL?", "0"),
    ("filter_slope", 24, "OFSL 4", "OFSL?", "4"),
    ("aux1.output", 1.234, "AUXO 1,1.234", "AUXO? 1", "1.234"),
]


def opened(exchanges: Any) -> AbstractContextManager[Sr844]:
    return expected_exchanges(Sr844, exchanges, name="lockin", error_policy="never")


@pytest.mark.parametrize("row", SETTINGS, ids=[f"{row[0]}={row[1]}" for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Row) -> None:
    path, value, command, query, reply = row
    with opened([*ASKED.get(path, []), (command, None), (query, reply)]) as lockin:
        lockin.set(path, value)
        assert lockin.get(path) == value


def test_the_double_of_the_frequency_is_detected_from_50_khz_on() -> None:
    with luthier.open("stanford_research.sr844", "sim://", name="rf_lockin") as lockin:
        lockin.frequency(30e3)
        with pytest.raises(ValidationError, match="Nothing was sent"):
            lockin.harmonic(2)
        lockin.frequency(50e3)
        lockin.harmonic(2)
        with pytest.raises(ValidationError, match="50"):
            lockin.frequency(49e3)
        lockin.reference_source("external")
        assert lockin.frequency() == 10e6
        with pytest.raises(InstrumentReportedError):
            lockin.frequency(1e6)
    reset_simulators()


def test_readings_taken_together_come_by_one_message() -> None:
    with opened([("SNAP? 1,2,3,5", "0.9514E-3,-1.2271E-5,0.9515E-3,-0.739"), ("SNAP? 6,7", "-3.219,0.5")]) as lockin:
        assert lockin.reading() == {"x": 0.9514e-3, "y": -1.2271e-5, "r": 0.9515e-3, "theta": -0.739}
        assert lockin.aux_inputs() == {"aux_input_1": -3.219, "aux_input_2": 0.5}


def test_it_measures_magnitude_power_and_phase_and_is_made_safe() -> None:
    with luthier.open("stanford_research.sr844", "sim://", name="rf_lockin") as lockin:
        device = device_at(str(lockin.address))
        assert isinstance(device, SimulatedSr844)
        device.signal = 0.2236068j
        assert lockin.r_power() == pytest.approx(0, abs=1e-4)
        assert lockin.theta() == 90
        lockin.auto_phase()
        assert lockin.phase() == 90
        assert lockin.y() == pytest.approx(0, abs=1e-9)
        lockin.aux.output.set([1.0, -2.0])
        assert lockin.aux_input_2() == -2.0
        lockin.make_safe()
        assert device.outputs == {1: 0, 2: 0}
        lockin.write("SENS 15")
        with pytest.raises(InstrumentReportedError, match="out of its range"):
            lockin.check_errors()
    reset_simulators()


def test_queries_of_one_message_are_answered_on_their_own() -> None:
    assert SimulatedSr844().respond(b"SNAP?1,2,6;auxo ?1") == b"0.1,0,0\n0.000\n"
