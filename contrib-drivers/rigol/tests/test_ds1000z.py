"""What the driver of the DS1000Z sends, what it makes of the replies, and what the simulated one shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_rigol.ds1000z import Ds1000z
from luthier_rigol.simulated.ds1000z import SimulatedDs1000z
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

PROBE, SCALE = ("CHAN2:PROB?", "10"), ("CHAN2:SCAL?", "1.000000e+00")

# path, value, what is sent to set it, query, reply, and what is asked before
SETTINGS = [
    ("ch2.probe", 10.0, "CHAN2:PROB 10", "CHAN2:PROB?", "10", ()),
    ("ch2.coupling", "ac", "CHAN2:COUP AC", "CHAN2:COUP?", "AC", ()),
    ("ch2.bandwidth_limit", True, "CHAN2:BWL 20M", "CHAN2:BWL?", "20M", ()),
    ("ch2.fine_scale", True, "CHAN2:VERN 1", "CHAN2:VERN?", "1", ()),
    ("ch2.scale", 0.5, "CHAN2:SCAL 0.5", "CHAN2:SCAL?", "5.000000e-01", (PROBE, PROBE)),
    ("ch2.offset", 1.5, "CHAN2:OFFS -1.5", "CHAN2:OFFS?", "-1.500000e+00", (PROBE, SCALE, PROBE)),
    ("ch2.enabled", True, "CHAN2:DISP 1", "CHAN2:DISP?", "1", ()),
    ("time_scale", 2e-4, "TIM:MAIN:SCAL 0.0002", "TIM:MAIN:SCAL?", "2.000000e-04", ()),
    ("time_scale", 5e-6, "TIM:MAIN:SCAL 5E-06", "TIM:MAIN:SCAL?", "5.000000e-06", ()),
    ("time_offset", -1e-3, "TIM:MAIN:OFFS -0.001", "TIM:MAIN:OFFS?", "-1.000000e-03", ()),
    ("trigger_source", "ch3", "TRIG:EDG:SOUR CHAN3", "TRIG:EDG:SOUR?", "CHAN3", ()),
    ("trigger_slope", "both", "TRIG:EDG:SLOP RFAL", "TRIG:EDG:SLOP?", "RFAL", ()),
    ("trigger_level", 0.25, "TRIG:EDG:LEV 0.25", "TRIG:EDG:LEV?", "2.500000e-01", (("TRIG:EDG:SOUR?", "AC"),)),
    ("trigger_sweep", "normal", "TRIG:SWE NORM", "TRIG:SWE?", "NORM", ()),
    ("acquisition", "average", "ACQ:TYPE AVER", "ACQ:TYPE?", "AVER", ()),
    ("averages", 64, "ACQ:AVER 64", "ACQ:AVER?", "64", ()),
]


class TestDs1000z(DriverConformance):
    driver = "rigol.ds1000z"


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[Any]:
    return expected_exchanges(Ds1000z, exchanges, name="scope", **{"error_policy": "never", **options})


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_guide_says(row: Any) -> None:
    path, value, command, query, reply, before = row
    # limits may ask the same again, as long as nothing is known of it
    seen: list[Any] = list(dict.fromkeys(before))
    with opened([*seen, (command, None), (query, reply)]) as scope:
        scope.set(path, value)
        assert scope.get(path) == value


def test_every_setting_is_in_this_table() -> None:
    with opened([]) as scope:
        hosts = {"": scope, "ch2.": scope.ch2}
        settings = {p + n for p, host in hosts.items() for n, one in host.parameters.items() if one.settable}
    assert settings == {row[0] for row in SETTINGS}


def read_out(preamble: str, data: bytes | None) -> list[Any]:
    steps: list[Any] = [("WAV:SOUR CHAN1", None), ("WAV:MODE NORM", None), ("WAV:FORM BYTE", None)]
    return [*steps, ("WAV:PRE?", preamble), *([("WAV:DATA?", data)] if data is not None else [])]


def test_codes_become_voltages_and_times_as_the_preamble_says() -> None:
    codes = bytes([127, 152] * 600)
    preamble = "0,0,1200,1,1.000000e-08,-6.000000e-06,0,4.000000e-02,-50,127"
    steps = [("CHAN1:DISP?", "1"), *read_out(preamble, b"#9000001200" + codes), *read_out(preamble, None)]
    with opened(steps) as scope:
        trace = scope.ch1.trace()
        assert trace[:2] == pytest.approx([2.0, 3.0])
        times = scope.ch1.times()
        assert times[:2] == pytest.approx([-6e-6, -5.99e-6])
        assert scope.ch1.trace.axes == (scope.ch1.times,)


def test_a_preamble_that_lacks_something_is_not_taken() -> None:
    with (
        opened([("CHAN1:DISP?", "1"), *read_out("0,0,1200", None)]) as scope,
        pytest.raises(ReplyError, match="answered by 3 numbers"),
    ):
        scope.ch1.trace()


def test_a_channel_that_is_off_has_no_trace() -> None:
    with opened([("CHAN1:DISP?", "0")]) as scope, pytest.raises(IrrelevantParameterError, match="enabled is True"):
        scope.ch1.trace()


def test_the_limits_follow_the_probe_and_the_scale() -> None:
    with opened(
        [
            ("CHAN1:PROB 1", None),
            ("CHAN1:SCAL 0.2", None),
            ("CHAN1:OFFS -2", None),
            ("CHAN1:SCAL 0.5", None),
            ("CHAN1:OFFS -100", None),
        ]
    ) as scope:
        scope.ch1.probe(1.0)
        with pytest.raises(ValidationError, match=r"0\.001 V to 10 V"):
            scope.ch1.scale(20)
        scope.ch1.scale(0.2)
        scope.ch1.offset(2)
        with pytest.raises(ValidationError, match="-2 V to 2 V"):
            scope.ch1.offset(3)
        scope.ch1.scale(0.5)
        scope.ch1.offset(100)


def test_a_level_is_within_five_divisions_of_the_middle_of_the_screen() -> None:
    steps = [("TRIG:EDG:SOUR?", "CHAN1"), ("CHAN1:SCAL?", "1.0e+00"), ("CHAN1:OFFS?", "-3.0e+00")]
    with opened([*steps, ("TRIG:EDG:LEV 8", None)]) as scope:
        with pytest.raises(ValidationError, match="-2 V to 8 V"):
            scope.trigger_level(9)
        scope.trigger_level(8)


@pytest.mark.parametrize(
    ("name", "command"), [("run", "RUN"), ("stop", "STOP"), ("single", "SING"), ("force_trigger", "TFOR")]
)
def test_a_function_sends_its_command(name: str, command: str) -> None:
    with opened([(command, None)]) as scope:
        scope.functions[name]()


def test_on_the_simulator_a_signal_is_seen_in_volts_and_seconds() -> None:
    with luthier.open("rigol.ds1000z", "sim://", name="scope_sim") as scope:
        device = device_at(scope.address)
        assert isinstance(device, SimulatedDs1000z)
        device.signals[2] = lambda times: 0.5 + 0.25 * np.sin(2 * np.pi * 1e6 * times)
        scope.ch2.enabled(True)
        scope.ch2.scale(0.1)
        scope.ch2.offset(0.5)
        scope.time_scale(200e-9)
        scope.time_offset(1e-6)
        trace, times = scope.ch2.trace(), scope.ch2.times()
        assert times[600] == pytest.approx(1e-6)
        assert trace == pytest.approx(0.5 + 0.25 * np.sin(2 * np.pi * 1e6 * times), abs=0.1 / 25)
        scope.stop()
        device.signals[2] = np.zeros_like
        assert scope.ch2.trace().tolist() == trace.tolist(), "a stopped screen stays as it is"
        assert scope.trigger_status() == "stopped"
        scope.run()
        assert scope.ch2.trace().max() == pytest.approx(0.0, abs=0.1 / 25)


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedDs1000z()
    device.respond(b":CHANNEL1:SCALE 2;:TIMEBASE:SCALE 3 us;:TRIGGER:EDGE:LEVEL 500 mV;:CHAN1:BWLIMIT 20M")
    assert device.respond(b":CHAN1:SCAL?;:TIM:SCAL?;:TRIG:EDGE:LEV?;:CHAN1:BWL?") == (
        b"2.000000e+00;2.000000e-06;5.000000e-01;20M\n"
    )
    for message in (b":CHAN1:SCAL 200", b":TRIG:EDG:LEV 11", b":CHAN5:SCAL?", b":ACQ:AVER 3", b":WAV:SOUR CHAN2;DATA?"):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(6)]
    assert codes == [-222, -222, -114, -222, -221, 0]
