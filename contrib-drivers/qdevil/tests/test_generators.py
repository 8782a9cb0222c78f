"""What the driver of the QDAC-II sends for sweeps, waveforms and triggers, and what its simulator makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import InstrumentReportedError, UsageError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_qdevil.qdac2 import Qdac2
from luthier_qdevil.simulated.qdac2 import SimulatedQdac2
from luthier_sim import Clock, device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HIGH = ("sour2:rang?", "HIGH")
SWEEP = [
    "dc:init:cont off",
    "dc:abor",
    "dc:trig:sour hold",
    "volt:mode swe",
    "swe:star -0.5",
    "swe:stop 1",
    "swe:poin 16",
    "swe:gen step",
    "swe:dwel 0.002",
    "dc:del 0",
    "swe:dir down",
    "swe:coun -1",
    "dc:trig:sour int3",
    "dc:init:cont on",
]
LIST = [
    *SWEEP[:3],
    "volt:mode list",
    "list:volt 0,0.1,-0.25",
    "list:tmod step",
    "list:dwel 0.001",
    "dc:del 0.5",
    "list:dir up",
    "list:coun 4",
    "dc:trig:sour bus",
    "dc:init:cont on",
]
SQUARE = [
    "squ:init:cont off",
    "squ:abor",
    "squ:trig:sour hold",
    "squ:freq 1000",
    "squ:pol inv",
    "squ:span 0.2",
    "squ:offs 0.1",
    "squ:slew 100",
    "squ:del 0",
    "squ:coun -1",
    "squ:dcyc 25",
    "squ:typ symm",
    "squ:trig:sour ext4",
    "squ:init:cont on",
]
AWG = [
    "awg:init:cont off",
    "awg:abor",
    "awg:trig:sour hold",
    'awg:def "pulse"',
    "awg:scal 0.5",
    "awg:offs 0",
    "awg:slew inf",
    "awg:coun 1",
    "awg:trig:sour hold",
]
METHODS: list[tuple[Callable[[Any], None], list[tuple[str, str | None]], list[str]]] = [
    (
        lambda ch: ch.set_up_sweep(-0.5, 1, 16, dwell=2e-3, backwards=True, repetitions=None, trigger="internal 3"),
        [HIGH],
        SWEEP,
    ),
    (lambda ch: ch.set_up_list([0, 0.1, -0.25], delay=0.5, stepped=True, repetitions=4), [HIGH], LIST),
    (
        lambda ch: ch.set_up_waveform(
            "square",
            frequency=1e3,
            amplitude=0.2,
            offset=0.1,
            duty_cycle=25,
            inverted=True,
            slew_rate=100,
            trigger="external 4",
        ),
        [HIGH],
        SQUARE,
    ),
    (lambda ch: ch.set_up_arbitrary("pulse", scale=0.5, trigger="hold"), [], AWG),
    (lambda ch: ch.start("triangle"), [], ["tri:init:cont off", "tri:trig:sour imm", "tri:init"]),
    (lambda ch: ch.stop("dc"), [], ["dc:init:cont off", "dc:abor"]),
    (lambda ch: ch.mark("dc", "step start", 5), [], ["dc:mark:sst 5"]),
    (lambda ch: ch.mark("sine", "period end", 0), [], ["sine:mark:pend 0"]),
]


@pytest.fixture
def qdac() -> Iterator[Qdac2]:
    reset_simulators()
    with luthier.open("qdevil.qdac2", "sim://", name="qdac") as opened:
        device_of(opened).clock = Clock(speed=0)
        yield opened
    reset_simulators()


def device_of(qdac: Qdac2) -> SimulatedQdac2:
    device = device_at(str(qdac.address))
    assert isinstance(device, SimulatedQdac2)
    return device


@pytest.mark.parametrize(("call", "before", "sent"), METHODS, ids=[row[2][-1] for row in METHODS])
def test_a_generator_is_set_up_before_anything_moves(
    call: Callable[[Any], None], before: list[tuple[str, str | None]], sent: list[str]
) -> None:
    exchanges = [*before, *((f"sour2:{command}", None) for command in sent)]
    with expected_exchanges(Qdac2, exchanges, name="qdac", error_policy="never") as qdac:
        call(qdac.ch2)


def test_triggers_are_routed_armed_and_fired() -> None:
    exchanges = [
        ("outp:trig4:sour int2", None),
        ("outp:trig4:sign", None),
        ("outp:trig1:widt 0.001", None),
        ("outp:trig1:pol INV", None),
        ("outp:trig1:pol?", "inv"),
        ("outp:trig1:del 0.5", None),
        ("tint 14", None),
        ("sens2:trig:sour int2", None),
        ("sens2:init:cont on", None),
        ("sens2:trig:sour bus", None),
        ("sens2:init", None),
        ("sens2:data:poin?", "0"),
        ("sens2:data:poin?", "2"),
        ("sens2:data:rem?", "0.01,0.02"),
        ("trac:cat?", '"a","b"'),
        ("sour2:volt:mode?", "LIST"),
        ("sour2:list:ncl?", "3"),
    ]
    with expected_exchanges(Qdac2, exchanges, name="qdac", error_policy="never") as qdac:
        qdac.trigger_outputs[3].route("internal 2")
        qdac.trigger4.pulse()
        qdac.trigger1.width(1e-3)
        qdac.trigger1.polarity("inverted")
        assert qdac.trigger1.polarity() == "inverted"
        qdac.trigger1.delay(0.5)
        qdac.fire(14)
        qdac.ch2.arm_measurement("internal 2")
        qdac.ch2.arm_measurement("bus")
        assert qdac.ch2.take_currents().size == 0
        assert qdac.ch2.take_currents().tolist() == [0.01, 0.02]
        assert qdac.trace_names() == ["a", "b"]
        assert qdac.ch2.cycles_left("dc") == 3


@pytest.mark.parametrize(
    ("wrong", "allowed"),
    [
        (lambda ch: ch.set_up_sweep(0, 2.5, 11), "-2 V to 2 V"),
        (lambda ch: ch.set_up_sweep(0, 1, 1), "2 and more"),
        (lambda ch: ch.set_up_sweep("a", 1, 5), "-2 V to 2 V"),
        (lambda ch: ch.set_up_sweep(0, 1, 5, dwell=0), "more than 0 s"),
        (lambda ch: ch.set_up_list([0.1], delay=-1), "0 s and more"),
        (lambda ch: ch.set_up_sweep(0, float("nan"), 3), "-2 V to 2 V"),
        (lambda ch: ch.set_up_sweep(0, 1, 3, repetitions=0), "1 and more, or None"),
        (lambda ch: ch.set_up_list([0, -2.1]), "-2 V to 2 V"),
        (lambda ch: ch.set_up_list([]), "1 voltage and more"),
        (lambda ch: ch.set_up_waveform("sine", frequency=1, amplitude=1, offset=1.6), "-2 V to 2 V"),
        (lambda ch: ch.set_up_waveform("sine", frequency=1, amplitude=1, duty_cycle=10), "None for a sine"),
        (lambda ch: ch.set_up_waveform("sine", frequency=1, amplitude="1"), "a number, in V"),
        (lambda ch: ch.set_up_waveform("saw", frequency=1, amplitude=1), "'sine', 'square', 'triangle'"),
        (lambda ch: ch.set_up_waveform("sine", frequency=0, amplitude=1), "more than 0 Hz"),
        (lambda ch: ch.mark("sine", "step start", 1), "'period start'"),
        (lambda ch: ch.mark("dc", "start", 15), "0 to 14"),
        (lambda ch: ch.start("saw"), "'arbitrary'"),
        (lambda ch: ch.set_up_sweep(0, 1, 3, trigger="internal 15"), "'internal 14'"),
        (lambda ch: ch.root.fire(0), "1 to 14"),
        (lambda ch: ch.root.trigger1.route("immediate"), "makes no pulse"),
        (lambda ch: ch.root.store_trace("a", [11.0]), "-10 V to 10 V"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_moves(qdac: Qdac2, wrong: Callable[[Any], None], allowed: str) -> None:
    qdac.ch1.source_voltage_range(2.0)
    with pytest.raises((ValidationError, UsageError), match=allowed):
        wrong(qdac.ch1)
    assert qdac.ch1.voltage_mode() == "fixed"
    assert not device_of(qdac).stepping


def test_a_sweep_waits_for_its_trigger_and_currents_are_taken_at_its_steps(qdac: Qdac2) -> None:
    device = device_of(qdac)
    qdac.ch1.set_up_sweep(0, 1, 11, dwell=0.1)
    qdac.ch1.mark("dc", "start", 1)
    qdac.ch2.arm_measurement("internal 1")
    qdac.trigger1.route("internal 1")
    assert (qdac.ch1.last_voltage(), qdac.ch1.cycles_left("dc")) == (0, 0)
    assert qdac.ch1.sweep_voltages() == pytest.approx(np.linspace(0, 1, 11))
    assert qdac.ch1.sweep_time() == pytest.approx(1.1)
    qdac.trigger()
    device.clock.advance(0.55)
    assert (qdac.ch1.last_voltage(), qdac.ch1.cycles_left("dc")) == (pytest.approx(0.5), 1)
    device.clock.advance(10)
    assert (qdac.ch1.last_voltage(), qdac.ch1.cycles_left("dc")) == (1, 0)
    assert qdac.ch2.take_currents().size == device.pulses[1] == 1
    qdac.ch1.stop("dc")
    assert qdac.ch1.last_voltage() == 1
    qdac.ch1.make_safe()
    assert qdac.ch1.voltage() == 0


def test_a_list_and_waves_add_up_and_end(qdac: Qdac2) -> None:
    device = device_of(qdac)
    qdac.ch3.set_up_list([0.5, 0.25], dwell=1, trigger="hold")
    assert qdac.ch3.list_voltages().tolist() == [0.5, 0.25]
    qdac.ch3.set_up_waveform("square", frequency=0.5, amplitude=0.2, repetitions=1, duty_cycle=75, trigger="internal 2")
    qdac.ch3.set_up_waveform("sine", frequency=1, amplitude=1, inverted=True)
    qdac.ch3.start("dc")
    qdac.fire(2)
    assert device.at_terminals(3) == pytest.approx(0.6)
    device.clock.advance(1.75)
    assert device.at_terminals(3) == pytest.approx(0.15)
    assert qdac.ch3.cycles_left("square") == 1
    device.clock.advance(1)
    assert device.at_terminals(3) == pytest.approx(0.25)
    assert qdac.ch3.cycles_left("square") == 0
    qdac.ch3.start("sine")
    device.clock.advance(0.25)
    assert device.at_terminals(3) == pytest.approx(-0.25)
    qdac.make_safe()
    device.clock.advance(1e-3)
    assert device.at_terminals(3) == 0


def test_traces_are_stored_as_blocks(qdac: Qdac2) -> None:
    qdac.store_trace("ramp", [0.0, 0.5, 1.0])
    assert device_of(qdac).traces == {"ramp": (0.0, 0.5, 1.0)}
    assert qdac.trace_names() == ["ramp"]
    qdac.ch1.set_up_arbitrary("ramp")
    with pytest.raises(InstrumentReportedError):
        qdac.ch1.set_up_arbitrary("pulse")
    with pytest.raises(InstrumentReportedError):
        qdac.store_trace("ramp", [0.0])
    qdac.remove_traces()
    assert qdac.trace_names() == []


def test_several_currents_are_an_array_with_an_axis() -> None:
    with luthier.open("qdevil.qdac2", "sim://", name="qdac") as qdac:
        qdac.ch1.voltage(1.0)
        qdac.ch1.sample_count(3)
        assert qdac.ch1.measure_currents() == pytest.approx([1e-6] * 3)
        assert qdac.ch1.samples_available() == 0
        device = device_of(qdac)
        qdac.ch1.arm_measurement("bus")
        qdac.trigger()
        triggered = device.now
        device.clock = Clock(speed=0)
        device.clock.advance(triggered + 1)
        assert qdac.ch1.currents() == pytest.approx([1e-6] * 3)
        assert qdac.ch1.sample().tolist() == [0, 1, 2]
    reset_simulators()
