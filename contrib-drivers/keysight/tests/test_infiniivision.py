"""What the driver of InfiniiVision oscilloscopes sends, what it makes of replies, and what the simulated one shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import (
    InstrumentFaultError,
    IrrelevantParameterError,
    ReplyError,
    ResponseTimeoutError,
    ValidationError,
)
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_keysight.infiniivision import InfiniiVision
from luthier_keysight.simulated.infiniivision import SimulatedInfiniiVision
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

IDENTITY = ("*IDN?", "AGILENT TECHNOLOGIES,DSO-X 2012A,MY50000001,02.35")
PROBE, SCALE = ("CHAN2:PROB?", "+1.00000E+01"), ("CHAN2:SCAL?", "+1.00000E+00")

# path, value, what is sent to set it, query, reply, and what is asked before
SETTINGS = [
    ("ch2.probe", 10.0, "CHAN2:PROB 10", "CHAN2:PROB?", "+1.00000E+01", ()),
    ("ch2.impedance", "50 Ohm", "CHAN2:IMP FIFT", "CHAN2:IMP?", "FIFT", ()),
    ("ch2.coupling", "ac", "CHAN2:COUP AC", "CHAN2:COUP?", "AC", ()),
    ("ch2.bandwidth_limit", True, "CHAN2:BWL 1", "CHAN2:BWL?", "1", ()),
    ("ch2.inverted", True, "CHAN2:INV 1", "CHAN2:INV?", "1", ()),
    ("ch2.scale", 0.5, "CHAN2:SCAL 0.5", "CHAN2:SCAL?", "+5.00000E-01", (PROBE, ("CHAN2:IMP?", "ONEM"))),
    ("ch2.enabled", True, "CHAN2:DISP 1", "CHAN2:DISP?", "1", ()),
    ("time_scale", 2e-4, "TIM:SCAL 0.0002", "TIM:SCAL?", "+2.000000000E-04", ()),
    ("time_offset", -1e-3, "TIM:POS -0.001", "TIM:POS?", "-1.000000000E-03", ()),
    ("time_reference", "right", "TIM:REF RIGH", "TIM:REF?", "RIGH", ()),
    ("acquisition", "high resolution", "ACQ:TYPE HRES", "ACQ:TYPE?", "HRES", ()),
    ("averages", 64, "ACQ:COUN 64", "ACQ:COUN?", "+64", ()),
    ("waveform_points", 500, "WAV:POIN 500", "WAV:POIN?", "+500", (("WAV:POIN:MODE?", "NORM"),)),
    ("points_mode", "raw", "WAV:POIN:MODE RAW", "WAV:POIN:MODE?", "RAW", ()),
    ("trigger_type", "pulse width", "TRIG:MODE GLIT", "TRIG:MODE?", "GLIT", ()),
    ("trigger_source", "d7", "TRIG:EDGE:SOUR DIG7", "TRIG:EDGE:SOUR?", "DIG7", ()),
    ("trigger_slope", "both", "TRIG:EDGE:SLOP EITH", "TRIG:EDGE:SLOP?", "EITH", ()),
    ("trigger_level", 0.25, "TRIG:EDGE:LEV 0.25", "TRIG:EDGE:LEV?", "+2.50000E-01", (("TRIG:EDGE:SOUR?", "EXT"),)),
    ("trigger_coupling", "reject low frequencies", "TRIG:EDGE:COUP LFR", "TRIG:EDGE:COUP?", "LFR", ()),
    ("trigger_sweep", "normal", "TRIG:SWE NORM", "TRIG:SWE?", "NORM", ()),
    ("trigger_holdoff", 1e-6, "TRIG:HOLD 1E-06", "TRIG:HOLD?", "+1.00000E-06", ()),
]


class TestInfiniiVision(DriverConformance):
    driver = "keysight.infiniivision"


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[Any]:
    return expected_exchanges(
        InfiniiVision, [IDENTITY, *exchanges], name="scope", **{"error_policy": "never", **options}
    )


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_guide_says(row: Any) -> None:
    path, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as scope:
        scope.set(path, value)
        assert scope.get(path) == value


def test_every_setting_is_in_this_table() -> None:
    with opened([]) as scope:
        assert len(scope.inputs) == 2
        hosts = {"": scope, "ch2.": scope.ch2}
        settings = {p + n for p, host in hosts.items() for n, one in host.parameters.items() if one.settable}
    assert settings == {row[0] for row in SETTINGS} | {"ch2.offset"}


def test_an_offset_that_the_instrument_did_not_take_raises_with_what_it_took() -> None:
    steps = [("CHAN2:OFFS 1.5", None), ("CHAN2:OFFS?", "+1.50000E+00"), SCALE]
    far = [("CHAN2:OFFS 500", None), ("CHAN2:OFFS?", "+4.00000E+01")]
    with opened([*steps, *far]) as scope:
        scope.ch2.offset(1.5)
        assert scope.ch2.offset.cache.value == 1.5
        with pytest.raises(InstrumentFaultError, match="500 V is not possible with this scale; it took 40 V"):
            scope.ch2.offset(500)


def read_out(preamble: str, data: bytes | None = None) -> list[Any]:
    steps: list[Any] = [("WAV:SOUR CHAN1", None), ("WAV:FORM WORD", None), ("WAV:BYT LSBF", None), ("WAV:UNS 1", None)]
    return [*steps, ("WAV:PRE?", preamble), *([("WAV:DATA?", data)] if data is not None else [])]


def test_codes_become_voltages_and_times_as_the_preamble_says() -> None:
    codes = np.array([32768, 32768 + 256, 0], "<u2").tobytes()
    preamble = "+1,+0,+3,+1,+1.0E-08,-6.0E-06,+0,+1.0E-03,+2.0E+00,+32768"
    with opened([("CHAN1:DISP?", "1"), *read_out(preamble, b"#800000006" + codes), *read_out(preamble)]) as scope:
        trace = scope.ch1.trace()
        assert trace[:2] == pytest.approx([2.0, 2.256])
        assert np.isnan(trace[2])
        assert scope.ch1.times() == pytest.approx([-6e-6, -5.99e-6, -5.98e-6])
        assert scope.ch1.trace.axes == (scope.ch1.times,)


def test_the_lowest_and_the_highest_have_the_same_time() -> None:
    preamble = "+1,+1,+4,+1,+1.0E-08,+0.0E+00,+0,+1.0E-03,+0.0E+00,+32768"
    with opened([("CHAN1:DISP?", "1"), *read_out(preamble)]) as scope:
        assert scope.ch1.times() == pytest.approx([0, 0, 2e-8, 2e-8])


def test_a_preamble_that_lacks_something_is_not_taken() -> None:
    with (
        opened([("CHAN1:DISP?", "1"), *read_out("+1,+0,+1000")]) as scope,
        pytest.raises(ReplyError, match="answered by 3 numbers"),
    ):
        scope.ch1.trace()


def test_a_measurement_that_cannot_be_made_is_infinite_and_one_of_nothing_is_refused() -> None:
    steps = [("CHAN1:DISP?", "1"), ("MEAS:FREQ? CHAN1", "+9.9E+37"), ("CHAN2:DISP?", "0")]
    with opened(steps) as scope:
        assert scope.ch1.frequency() == float("inf")
        with pytest.raises(IrrelevantParameterError, match="enabled is True"):
            scope.ch2.frequency()


def test_a_level_is_within_six_divisions_of_the_middle_of_the_screen() -> None:
    steps = [("TRIG:EDGE:SOUR?", "CHAN1"), ("CHAN1:SCAL?", "+1.0E+00"), ("CHAN1:OFFS?", "+3.0E+00")]
    with opened([*steps, ("TRIG:EDGE:LEV 9", None)]) as scope:
        scope.trigger_level(9)
        with pytest.raises(ValidationError, match="-3 V to 9 V"):
            scope.trigger_level(10)


def test_acquiring_waits_for_the_end() -> None:
    steps = [("DIG", None), ("*OPC?", "1"), ("SYST:ERR?", '+0,"No error"'), ("OPER:COND?", "+40")]
    with opened(steps, error_policy="after-set") as scope:
        scope.acquire()
        assert scope.running() is True


def test_on_the_simulator_a_square_wave_is_read_and_measured() -> None:
    with luthier.open("keysight.infiniivision", "sim://", name="scope_wave") as scope:
        scope.ch1.scale(0.5)
        scope.ch1.offset(1.0)
        scope.time_scale(400e-6)
        scope.points_mode("maximum")
        scope.waveform_points(2000)
        scope.acquire()
        assert scope.running() is False
        trace, times = scope.ch1.trace(), scope.ch1.times()
        assert trace.shape == times.shape == (2000,)
        assert trace == pytest.approx(np.where((times * 1e3) % 1 < 0.5, 2.5, 0.0), abs=4 / 256 / 2)
        assert (times[0], times[-1]) == pytest.approx((-2e-3, 2e-3 - 2e-6))
        assert scope.ch1.period() == pytest.approx(1e-3)
        assert scope.ch1.duty_cycle() == pytest.approx(50)
        scope.time_scale(10e-6)
        scope.acquire()
        assert scope.ch1.frequency() == float("inf")


def test_on_the_simulator_a_trigger_that_does_not_come_is_a_time_out_and_averages_are_quieter() -> None:
    with luthier.open("keysight.infiniivision", "sim://", name="scope_trigger") as scope:
        device = device_at(scope.address)
        assert isinstance(device, SimulatedInfiniiVision)
        device.noise_level = 0.5
        spread = []
        for kind in ("normal", "average"):
            scope.acquisition(kind)
            scope.averages(16)
            scope.acquire()
            spread.append(np.std(scope.ch1.trace() - device.signals[1](scope.ch1.times())))
        assert spread[1] == pytest.approx(spread[0] / 4, rel=0.3)
        scope.trigger_sweep("normal")
        scope.trigger_level(4.0)
        with pytest.raises(ResponseTimeoutError):
            scope.acquire(timeout=0.05)
        device.stop()


def test_the_simulator_takes_every_spelling_and_keeps_offsets_in_reach() -> None:
    device = SimulatedInfiniiVision()

    def ask(message: str) -> str:
        return (device.respond(message.encode()) or b"").decode("latin-1").strip()

    ask("CHANNEL1:PROBE 1;SCALE 100 MV;OFFSET 30 V")
    assert ask("CHAN1:OFFS?;:SYST:ERR?") == '+2.00000E+00;0,"No error"'
    ask("CHAN1:SCAL 6;:WAV:POIN 2000;:TRIG:LEV 3")
    assert [ask("SYST:ERR?")[:4] for _ in range(4)] == ["-222", "-222", "-222", '0,"N']
    ask(":WAVEFORM:FORMAT ASCII;SOURCE CHANNEL1")
    assert ask("WAV:DATA?").startswith("#8000")
    assert ask("WAV:PRE?").startswith("+4,+0,+1000,+1,")
