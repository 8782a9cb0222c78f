"""What the driver of the SR830 sends, what it makes of the replies, and its simulator."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import Clock, device_at, reset_simulators
from luthier_stanford_research.simulated.sr830 import SimulatedSr830
from luthier_stanford_research.sr830 import LockInStatus, Sr830

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

# path, value, what is sent to set it, query, reply, and what is asked before
Row = tuple[str, object, str, str, str, list[tuple[str, str]]]
SETTINGS: list[Row] = [
    ("reference_source", "internal", "FMOD 1", "FMOD?", "1", []),
    ("reference_trigger", "falling", "RSLP 2", "RSLP?", "2", []),
    ("frequency", 1234.5, "FREQ 1234.5", "FREQ?", "1234.5", [("HARM?", "2")]),
    ("harmonic", 3, "HARM 3", "HARM?", "3", [("FREQ?", "1000")]),
    ("phase", -90.25, "PHAS -90.25", "PHAS?", "-90.25", []),
    ("amplitude", 0.5, "SLVL 0.5", "SLVL?", "0.500", []),
    ("input", "I (100 MΩ)", "ISRC 3", "ISRC?", "3", []),
    ("input_shield", "ground", "IGND 1", "IGND?", "1", []),
    ("input_coupling", "DC", "ICPL 1", "ICPL?", "1", []),
    ("notch_filters", "both", "ILIN 3", "ILIN?", "3", []),
    ("sensitivity", 2e-9, "SENS 0", "SENS?", "0", [("ISRC?", "1")]),
    ("current_sensitivity", 1e-6, "SENS 26", "SENS?", "26", [("ISRC?", "2")]),
    ("reserve", "low noise", "RMOD 2", "RMOD?", "2", []),
    ("time_constant", 0.3, "OFLT 9", "OFLT?", "9", [("FREQ?", "1000"), ("HARM?", "1")]),
    ("filter_slope", 24, "OFSL 3", "OFSL?", "3", []),
    ("synchronous_filter", True, "SYNC 1", "SYNC?", "1", []),
    ("x_output.scaling", {"offset": 12.5, "expansion": 10}, "OEXP 1,12.5,1", "OEXP? 1", "12.50,1", []),
    ("aux4.output", -1.234, "AUXV 4,-1.234", "AUXV? 4", "-1.234", []),
    ("buffer.displays_1", {"display_1": "R", "ratio_1": "none"}, "DDEF 1,1,0", "DDEF? 1", "1,0", []),
    ("buffer.displays_2", {"display_2": "aux 4", "ratio_2": "aux 3"}, "DDEF 2,4,1", "DDEF? 2", "4,1", []),
    ("buffer.sample_rate", 512.0, "SRAT 13", "SRAT?", "13", []),
    ("buffer.sample_rate", 0.0, "SRAT 14", "SRAT?", "14", []),
    ("buffer.at_end", "stop", "SEND 0", "SEND?", "0", []),
    ("buffer.starts_on_trigger", True, "TSTR 1", "TSTR?", "1", []),
]


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Sr830]:
    return expected_exchanges(Sr830, exchanges, name="lockin", **{"error_policy": "never", **options})


@contextmanager
def simulated() -> Iterator[tuple[Sr830, SimulatedSr830]]:
    with luthier.open("stanford_research.sr830", "sim://", name="lockin") as lockin:
        device = device_at(lockin.address)
        assert isinstance(device, SimulatedSr830)
        device.clock = Clock(speed=0)
        yield lockin, device
    reset_simulators()


@pytest.mark.parametrize("row", SETTINGS, ids=[f"{row[0]}={row[1]}" for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Row) -> None:
    path, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as lockin:
        lockin.set(path, value)
        assert lockin.get(path) == value


@pytest.mark.parametrize(
    ("path", "value", "before"),
    [
        ("frequency", 51_001.0, [("HARM?", "2")]),
        ("harmonic", 103, [("FREQ?", "1000")]),
        ("time_constant", 100.0, [("FREQ?", "1000"), ("HARM?", "1")]),
        ("amplitude", 0.003, []),
        ("phase", 181.0, []),
        ("aux1.output", 10.6, []),
    ],
)
def test_what_the_instrument_would_refuse_or_change_is_refused_before_it_is_sent(
    path: str, value: float, before: list[tuple[str, str]]
) -> None:
    with opened(before) as lockin, pytest.raises(ValidationError, match="Nothing was sent"):
        lockin.set(path, value)


def test_above_200_hz_a_long_time_constant_goes_down_to_30_s_and_does_not_come_back() -> None:
    with luthier.open("stanford_research.sr830", "sim://", name="lockin") as lockin:
        for change in ("frequency", "harmonic"):
            lockin.harmonic(1)
            lockin.frequency(150)
            lockin.time_constant(100)
            lockin.set(change, 201 if change == "frequency" else 2)
            assert lockin.time_constant.known_or_read() == 30
            lockin.harmonic(1)
            lockin.frequency(10)
            assert lockin.time_constant() == 30
    reset_simulators()


def test_the_manuals_snapshot_is_read_by_one_message() -> None:
    with opened([("SNAP? 1,2,3,4", "0.951359,0.0253297,0.951696,1.5252")]) as lockin:
        assert lockin.reading() == {"x": 0.951359, "y": 0.0253297, "r": 0.951696, "theta": 1.5252}


def test_errors_are_taken_from_the_event_status_and_being_switched_on_is_none() -> None:
    with opened(
        [("SLVL 0.5", None), ("*ESR?", "128"), ("SLVL 0.6", None), ("*ESR?", "48")],
        error_policy="after-set",
    ) as lockin:
        lockin.amplitude(0.5)
        with pytest.raises(InstrumentReportedError, match="out of its range") as caught:
            lockin.amplitude(0.6)
        assert [code for code, _ in caught.value.entries] == [16, 32]


def test_samples_are_read_as_the_manual_shows_them() -> None:
    with opened([("SPTS?", "2"), ("TRCA? 1,0,2", "-1.234567e-009,+7.654321e-009,")]) as lockin:
        assert lockin.buffer.channel_1().tolist() == [-1.234567e-9, 7.654321e-9]


def test_fewer_samples_than_there_are_is_a_mistake() -> None:
    with opened([("SPTS?", "2"), ("TRCA? 2,0,2", "1.0,")]) as lockin, pytest.raises(ReplyError, match="expected: 2"):
        lockin.buffer.channel_2()


def test_making_safe_takes_all_outputs_down() -> None:
    with opened([("SLVL 0.004", None), *[(f"AUXV {number},0", None) for number in range(1, 5)]]) as lockin:
        lockin.make_safe()


def test_resetting_waits_without_a_command_that_the_instrument_does_not_have() -> None:
    with opened([("*RST", None), ("*STB?", "2")]) as lockin:
        lockin.reset()


def test_it_measures_its_own_sine_with_phase_offset_and_overload() -> None:
    with simulated() as (lockin, _):
        lockin.amplitude(0.1)
        lockin.sensitivity(0.2)
        lockin.phase(60)
        assert lockin.reading() == pytest.approx({"x": 0.05, "y": -0.0866025, "r": 0.1, "theta": -60}, rel=1e-5)
        lockin.auto_phase()
        assert lockin.phase() == 0
        lockin.x_output.functions["auto_offset"]()
        assert lockin.x_output.offset() == 50
        assert lockin.x() == 0
        lockin.sensitivity(0.05)
        assert lockin.status() & LockInStatus.OUTPUT_OVERLOAD
        lockin.auto_gain()
        assert lockin.sensitivity() == 0.1


def test_an_external_reference_is_measured_and_cannot_be_set() -> None:
    with simulated() as (lockin, device):
        lockin.reference_source("external")
        assert lockin.frequency() == 137
        with pytest.raises(InstrumentReportedError, match="state"):
            lockin.frequency(1000)
        device.external_frequency = 0.0
        assert LockInStatus(lockin.status()) == LockInStatus.UNLOCKED


def test_current_and_voltage_have_their_own_sensitivity() -> None:
    with simulated() as (lockin, _):
        lockin.input("I (1 MΩ)")
        lockin.current_sensitivity(5e-9)
        with pytest.raises(IrrelevantParameterError, match="input"):
            lockin.sensitivity()
        lockin.input("A")
        assert lockin.sensitivity() == 5e-3


def test_the_buffer_is_filled_and_read_over_its_times() -> None:
    with simulated() as (lockin, device):
        with pytest.raises(IrrelevantParameterError, match="empty"):
            lockin.buffer.channel_1()
        lockin.buffer.at_end("stop")
        lockin.buffer.sample_rate(4.0)
        lockin.buffer.functions["start"]()
        device.clock.advance(1.0)
        lockin.buffer.functions["pause"]()
        assert lockin.buffer.channel_1().tolist() == [1.0] * 4
        assert lockin.buffer.times().tolist() == [0, 0.25, 0.5, 0.75]
        assert lockin.buffer.channel_2.axes == (lockin.buffer.times,)
        lockin.buffer.sample_rate(0.0)
        with pytest.raises(IrrelevantParameterError, match="trigger"):
            lockin.buffer.times()


@pytest.mark.parametrize("message", [b"OUTP?1;FREQ ?", b"outp? 1;freq?", b" OUTP ?1 ; FREQ?"])
def test_every_spelling_is_understood_and_each_query_is_answered_on_its_own(message: bytes) -> None:
    assert SimulatedSr830().respond(message) == b"1\n1000\n"


def test_what_the_instrument_does_not_know_sets_a_bit() -> None:
    device = SimulatedSr830()
    device.respond(b"*CLS")
    assert device.respond(b"SYST:ERR?;*OPC?;SENS 27;*ESR?") == b"48\n"
