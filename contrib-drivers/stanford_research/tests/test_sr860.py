"""What the drivers of the SR860 family send, what they make of the replies, and their simulators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import InstrumentReportedError, IrrelevantParameterError, ValidationError
from luthier.scpi import encode_array
from luthier.testing.wire import expected_exchanges
from luthier_sim import Clock, device_at, reset_simulators
from luthier_stanford_research.simulated.sr860 import SimulatedSr860
from luthier_stanford_research.sr860 import Sr860

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# path, value, what is sent to set it, query, reply, and what is asked before
Row = tuple[str, object, str, str, str, list[tuple[str, str]]]
SETTINGS: list[Row] = [
    ("timebase", "internal", "TBMODE 1", "TBMODE?", "1", []),
    ("reference_source", "chop", "RSRC 3", "RSRC?", "3", []),
    ("reference_trigger", "rising", "RTRG 1", "RTRG?", "1", []),
    ("reference_impedance", 1e6, "REFZ 1", "REFZ?", "1", []),
    ("frequency", 12340.0, "FREQ 12340", "FREQ?", "12340", [("HARM?", "1")]),
    ("harmonic", 5, "HARM 5", "HARM?", "5", [("FREQ?", "100000")]),
    ("phase", 45.5, "PHAS 45.5", "PHAS?", "45.5", []),
    ("amplitude", 0.25, "SLVL 0.25", "SLVL?", "2.500e-01", []),
    ("offset", -1.5, "SOFF -1.5", "SOFF?", "-1.5000", []),
    ("offset_mode", "difference", "REFM 1", "REFM?", "1", []),
    ("input", "current", "IVMD 1", "IVMD?", "1", []),
    ("voltage_input", "A-B", "ISRC 1", "ISRC?", "1", []),
    ("input_coupling", "DC", "ICPL 1", "ICPL?", "1", []),
    ("input_shield", "ground", "IGND 1", "IGND?", "1", []),
    ("input_range", 0.01, "IRNG 4", "IRNG?", "4", []),
    ("current_range", 1e-8, "ICUR 1", "ICUR?", "1", []),
    ("sensitivity", 1e-9, "SCAL 27", "SCAL?", "27", [("IVMD?", "0")]),
    ("current_sensitivity", 1e-6, "SCAL 0", "SCAL?", "0", [("IVMD?", "1")]),
    ("time_constant", 3e4, "OFLT 21", "OFLT?", "21", []),
    ("filter_slope", 18, "OFSL 2", "OFSL?", "2", []),
    ("synchronous_filter", True, "SYNC 1", "SYNC?", "1", []),
    ("advanced_filter", False, "ADVFILT 0", "ADVFILT?", "0", []),
    ("y_output.offset", -12.5, "COFP 1,-12.5", "COFP? 1", "-12.50", []),
    ("r_output.offset_enabled", True, "COFA 2,1", "COFA? 2", "1", []),
    ("x_output.expansion", 100, "CEXP 0,2", "CEXP? 0", "2", []),
    ("aux1.output", 1.5, "AUXV 0,1.5", "AUXV? 0", "1.500", []),
    ("capture.length", 256, "CAPTURELEN 256", "CAPTURELEN?", "256", []),
    ("capture.quantities", "X and Y", "CAPTURECFG 1", "CAPTURECFG?", "1", []),
]


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Sr860]:
    return expected_exchanges(Sr860, exchanges, name="lockin", **{"error_policy": "never", **options})


@pytest.mark.parametrize("row", SETTINGS, ids=[f"{row[0]}={row[1]}" for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Row) -> None:
    path, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as lockin:
        lockin.set(path, value)
        assert lockin.get(path) == value


@pytest.mark.parametrize(
    ("model", "highest"), [("sr860", 500e3), ("sr865", 2.5e6), ("sr865a", 4e6)], ids=["SR860", "SR865", "SR865A"]
)
def test_each_model_has_its_own_highest_frequency(model: str, highest: float) -> None:
    with luthier.open(f"stanford_research.{model}", "sim://", name="lockin") as lockin:
        lockin.frequency(highest)
        assert lockin.detection_frequency() == highest
        with pytest.raises(ValidationError):
            lockin.frequency(highest + 1)
        lockin.frequency(highest / 2)
        lockin.harmonic(2)
        with pytest.raises(ValidationError):
            lockin.harmonic(3)
    reset_simulators()


def test_what_was_captured_is_read_in_pieces_and_taken_apart() -> None:
    numbers = np.arange(2 * 8320, dtype=np.float32)  # 65 kB
    first, second = encode_array(numbers[:16384], "f4", "little"), encode_array(numbers[16384:], "f4", "little")
    with opened(
        [("CAPTURECFG?", "1"), ("CAPTUREBYTES?", "66560"), ("CAPTUREGET? 0,64", first), ("CAPTUREGET? 64,1", second)]
    ) as lockin:
        samples = lockin.capture.read("y")
        assert samples.tolist() == list(range(1, 2 * 8320, 2))


def test_a_capture_is_taken_and_read_over_its_times() -> None:
    with luthier.open("stanford_research.sr860", "sim://", name="lockin") as lockin:
        device = device_at(lockin.address)
        device.clock = Clock(speed=0)
        lockin.amplitude(0.5)
        lockin.phase(90)
        lockin.capture.quantities("R and theta")
        with pytest.raises(IrrelevantParameterError, match="empty"):
            lockin.capture.r()
        with pytest.raises(IrrelevantParameterError, match="quantities"):
            lockin.capture.x()
        lockin.capture.halvings(15)
        lockin.capture.functions["start"]()
        device.clock.advance(10.0)
        lockin.capture.functions["stop"]()
        assert lockin.capture.theta().tolist() == [-90.0] * lockin.capture.count()
        times = lockin.capture.times()
        assert times[-1] == pytest.approx(10.0, abs=1 / lockin.capture.rate())
        assert lockin.capture.value(0) == (0.5, -90.0)
    reset_simulators()


def test_auto_functions_change_what_is_known() -> None:
    with luthier.open("stanford_research.sr860", "sim://", name="lockin") as lockin:
        lockin.amplitude(1e-3)
        lockin.sensitivity(1.0)
        lockin.phase(30)
        lockin.auto_sensitivity()
        lockin.auto_range()
        lockin.auto_phase()
        assert (lockin.sensitivity(), lockin.input_range(), round(lockin.phase(), 6)) == (1e-3, 0.01, 0)
        assert lockin.reading() == pytest.approx({"x": 1e-3, "y": 0, "r": 1e-3}, abs=1e-12)
    reset_simulators()


def test_making_safe_takes_all_outputs_down() -> None:
    ports = [(f"AUXV {number},0", None) for number in range(4)]
    with opened([("SLVL 1E-09", None), ("SOFF 0", None), *ports]) as lockin:
        lockin.make_safe()


def test_what_is_wrong_is_raised_once() -> None:
    with luthier.open("stanford_research.sr860", "sim://", name="lockin") as lockin:
        lockin.write("SCAL 28")
        with pytest.raises(InstrumentReportedError, match="out of its range"):
            lockin.check_errors()
        assert lockin.errors() == ()
    reset_simulators()


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        (b"RSRC EXT;RSRC?;FREQ?", b"1;137\n"),
        (b"FREQ 12.34 KHZ;FREQ?", b"12340\n"),
        (b"ISRC A-B;RSRC?", b"0\n"),
        (b"RSRC ?", None),
    ],
)
def test_words_and_units_are_understood_and_answers_come_together(message: bytes, answer: bytes | None) -> None:
    assert SimulatedSr860().respond(message) == answer
