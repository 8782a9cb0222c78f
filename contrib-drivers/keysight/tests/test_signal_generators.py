"""What the drivers of the E8257D and the N5183B send, and what they make of the replies."""

from __future__ import annotations

from math import inf, pi
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_keysight.signal_generators import E8257D, N5183B, SignalGenerator
from luthier_keysight.simulated.signal_generators import SimulatedE8257D
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# name, value, what is sent to set it, query, reply, and what is asked before
SETTINGS: list[tuple[str, Any, str, str, str, tuple[Any, ...]]] = [
    ("reference_auto", False, "ROSC:SOUR:AUTO 0", "ROSC:SOUR:AUTO?", "0", ()),
    ("frequency_offset", 1e6, "FREQ:OFFS 1000000", "FREQ:OFFS?", "+1.0000000000000E+06", ()),
    ("power_offset", -10.0, "POW:OFFS -10", "POW:OFFS?", "-1.00000000E+01", ()),
    ("levelling", True, "POW:ALC 1", "POW:ALC?", "1", ()),
    (
        "frequency",
        12000000001.23,
        "FREQ 12000000001.23",
        "FREQ?",
        "+1.200000000123E+10",
        (("FREQ:OFFS?", "+0.0000000000000E+00"),),
    ),
    ("power", -20.5, "POW -20.5", "POW?", "-2.05000000E+01", (("POW:OFFS?", "+0.00000000E+00"),)),
    ("pulse_source", "external", "PULM:SOUR EXT", "PULM:SOUR?", "EXT", ()),
    ("pulse_modulation", True, "PULM:STAT 1", "PULM:STAT?", "1", ()),
    ("modulation", False, "OUTP:MOD 0", "OUTP:MOD?", "0", ()),
    ("output", True, "OUTP 1", "OUTP?", "1", ()),
]


class TestE8257D(DriverConformance):
    driver = "keysight.e8257d"


class TestN5183B(DriverConformance):
    driver = "keysight.n5183b"


def opened(model: type[SignalGenerator], exchanges: list[Any]) -> AbstractContextManager[SignalGenerator]:
    return expected_exchanges(model, exchanges, name="rf", error_policy="never")


@pytest.mark.parametrize("model", [E8257D, N5183B])
@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read(model: type[SignalGenerator], row: Any) -> None:
    name, value, command, query, reply, before = row
    with opened(model, [*before, (command, None), (query, reply)]) as rf:
        rf.set(name, value)
        assert rf.get(name) == value


def test_every_setting_but_the_phase_is_in_this_table_and_the_output_is_restored_last() -> None:
    with opened(E8257D, []) as rf:
        names = [name for name, one in rf.parameters.items() if one.settable]
    names.remove("phase")
    assert names == [row[0] for row in SETTINGS]


def test_a_phase_goes_out_and_comes_back_in_radians() -> None:
    with opened(E8257D, [("PHAS?", f"{-pi / 2:+.9E}")]) as rf:
        assert rf.phase() == pytest.approx(-90)
    with opened(E8257D, [(f"PHAS {pi!r}", None)]) as rf:
        rf.phase(180)


def test_scalar_pulses_are_of_the_e8257d_alone() -> None:
    with opened(E8257D, [("PULM:SOUR SCAL", None), ("PULM:SOUR?", "SCAL")]) as rf:
        rf.set("pulse_source", "scalar")
        assert rf.get("pulse_source") == "scalar"
    with opened(N5183B, []) as rf, pytest.raises(ValidationError, match=r"rf\.pulse_source"):
        rf.set("pulse_source", "scalar")


@pytest.mark.parametrize(("model", "frequency"), [(E8257D, 70.1e9), (N5183B, 40.1e9), (N5183B, 8e3)])
def test_what_no_model_can_do_is_refused_before_it_is_sent(model: type[SignalGenerator], frequency: float) -> None:
    with opened(model, [("FREQ:OFFS?", "0")]) as rf, pytest.raises(ValidationError, match=r"rf\.frequency"):
        rf.frequency(frequency)


def test_on_the_simulator_offsets_change_what_is_shown_and_not_the_rf() -> None:
    with luthier.open("keysight.e8257d", "sim://", name="rf_sim") as rf:
        device = device_at(rf.address)
        assert isinstance(device, SimulatedE8257D)
        rf.frequency(10e9)
        rf.power(0)
        assert device.rf_power == -inf
        rf.output(True)
        rf.frequency_offset(1e9)
        rf.power_offset(-10)
        assert (rf.frequency(), rf.power()) == (11e9, -10)
        assert (device.rf_frequency, device.rf_power) == (10e9, 0)
        rf.frequency(71e9)
        assert device.rf_frequency == 70e9
        device.external_reference = True
        assert rf.reference_source() == "external"
        rf.make_safe()
        assert device.rf_power == -inf


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedE8257D()
    device.respond(b":SOURCE:FREQUENCY:CW 2.5 GHz;:POW:LEV:IMM:AMPL -3 dBm;:OUTPUT:STATE ON;:PHASE:ADJUST 1.5")
    assert device.respond(b"FREQ?;POW?;OUTP?") == b"+2.50000000000000E+09;-3.00000000000000E+00;1\n"
    assert float(device.respond(b"PHAS?") or b"") == 1.5
    for message in (b"FREQ 71 GHz", b"POW 31", b"PULM:SOUR LINE"):
        device.respond(message)
    assert [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(4)] == [-222, -222, -141, 0]
