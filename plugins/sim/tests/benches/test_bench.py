"""Benches: what drives what, and who sees it, in one process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest
from luthier.errors import UsageError, ValidationError, WrongTypeError
from luthier_sim import Bench, Clock, Node, Wire
from luthier_sim.conversation import Conversation
from luthier_sim.demonstration.simulated_daq import SimulatedDaq
from luthier_sim.duts import Cryostat, RcFilter, Resistor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim import Device


def ask(device: Device, message: bytes) -> list[float]:
    """Let a device carry out a message as a client's, and return the numbers of its reply."""
    conversation = Conversation(device, watched=False)
    conversation.receive(message + b"\n")
    reply = conversation.next_reply()
    return [float(number) for number in reply[1].split(b";")] if reply else []


@pytest.fixture
def daq() -> SimulatedDaq:
    return SimulatedDaq()


class Adder:
    """A device under test of somebody else."""

    nodes: ClassVar[Mapping[str, Node]] = {"a": Node("V"), "b": Node("V", 2.0)}
    outputs: ClassVar[Mapping[str, str]] = {"sum": "V"}

    def respond(self, at: Mapping[str, Any], _now: float, /) -> Mapping[str, Any]:
        return {"sum": at["a"] + at["b"]}


def test_what_one_instrument_drives_another_one_sees(daq: SimulatedDaq) -> None:
    meter = SimulatedDaq("meter")
    wires: dict[str, Any] = {
        "r.voltage": "daq.out1",
        "meter.in2": Wire("r.current", gain=1e4, offset=0.5),
        "meter.in3": "daq.out1",
    }
    with Bench({"r": Resistor(resistance=1e3)}, {"daq": daq, "meter": meter}, wires) as bench:
        ask(daq, b"SOUR1:VOLT 0.25")
        assert ask(meter, b"MEAS2:VOLT?;:MEAS3:VOLT?;:MEAS4:VOLT?") == pytest.approx([3.0, 0.25, 0.0])
        assert bench.see("r.current") == 0.25e-3
        assert repr(bench) == "<Bench of r, daq, meter>"
        assert meter.bench is bench
    assert ask(meter, b"MEAS2:VOLT?") == [0.0]


def test_devices_drive_each_other_and_what_is_not_connected_is_as_they_say(daq: SimulatedDaq) -> None:
    wires: dict[str, Any] = {"first.a": "daq.out1", "second.a": "first.sum", "second.b": 10, "daq.in1": "second.sum"}
    Bench({"second": Adder(), "first": Adder()}, {"daq": daq}, wires)
    assert ask(daq, b"SOUR1:VOLT -3;:MEAS1:VOLT?") == [-3.0 + 2.0 + 10.0]


def test_a_value_beyond_its_range_is_seen_as_such(daq: SimulatedDaq) -> None:
    Bench({"sum": Adder()}, {"daq": daq}, {"sum.a": "daq.out1", "daq.in1": Wire("sum.sum", gain=-1.0)})
    assert ask(daq, b"SOUR1:VOLT 9;:MEAS1:VOLT?;:SOUR1:VOLT 8;:MEAS1:VOLT?") == [-9.9e37, -10.0]


def test_arrays_are_looked_at_in_one_go_and_leave_nothing_behind(daq: SimulatedDaq) -> None:
    clock = Clock(speed=0)
    duts: dict[str, Any] = {"rc": RcFilter(resistance=1.0, capacitance=1.0), "r": Resistor()}
    bench = Bench(duts, {"daq": daq}, {"rc.input": "daq.out1", "r.voltage": "rc.output"}, clock=clock)
    ask(daq, b"SOUR1:VOLT 1")
    levels = np.linspace(0, 5, 11)
    np.testing.assert_allclose(bench.see("r.current", {"r.voltage": levels}), levels / 1e3)
    np.testing.assert_allclose(bench.see("r.current", {"daq.out1": levels}), 0.0)
    clock.advance(1.0)
    assert bench.see("rc.output") == pytest.approx(1 - np.exp(-1.0))


def test_what_remembers_sees_every_change_at_its_time(daq: SimulatedDaq) -> None:
    clock = Clock(speed=0)
    cryostat = Cryostat(base=4.0, conductance=0.1, capacity=1.0, lag=1e-3)
    wires: dict[str, Any] = {"cryo.heater": Wire("daq.out1", gain=0.1), "daq.in1": Wire("cryo.temperature", gain=0.1)}
    Bench({"cryo": cryostat}, {"daq": daq}, wires, clock=clock)
    ask(daq, b"SOUR1:VOLT 5")
    clock.advance(10.0)
    ask(daq, b"SOUR1:VOLT 0")
    warm = 4.0 + 5.0 * (1 - np.exp(-1.0))
    assert ask(daq, b"MEAS1:VOLT?") == pytest.approx([warm / 10])
    clock.advance(20.0)
    assert ask(daq, b"MEAS1:VOLT?") == pytest.approx([(4.0 + (warm - 4.0) * np.exp(-2.0)) / 10])


def test_a_reading_that_takes_long_sees_the_end_of_it(daq: SimulatedDaq) -> None:
    clock = Clock(speed=0)
    rc = RcFilter(resistance=1.0, capacitance=1.0)
    Bench({"rc": rc}, {"daq": daq}, {"rc.input": "daq.out1", "daq.in1": "rc.output"}, clock=clock)
    ask(daq, b"SOUR1:VOLT 1;:SENS:APER 2")
    assert ask(daq, b"MEAS1:VOLT?") == pytest.approx([1 - np.exp(-2.0)])


def test_a_faster_clock_is_that_of_all_instruments(daq: SimulatedDaq) -> None:
    other = SimulatedDaq("other")
    bench = Bench({}, {"daq": daq, "other": other}, {}, clock=Clock(speed=1e6))
    assert daq.clock is other.clock is bench.clock
    assert daq.lock is other.lock is bench.lock


def test_noise_repeats_with_its_seed_and_differs_from_wire_to_wire() -> None:
    def seen(seed: int) -> list[float]:
        daq = SimulatedDaq()
        wires = {f"daq.in{number}": Wire(1.0, noise=0.1) for number in (1, 2)}
        Bench({}, {"daq": daq}, wires, seed=seed)
        return ask(daq, b"MEAS1:VOLT?;:MEAS1:VOLT?;:MEAS2:VOLT?")

    assert seen(1) == seen(1)
    assert seen(1) != seen(2)
    assert len(set(seen(1))) == 3
    bench = Bench({"r": Resistor()}, {}, {"r.voltage": Wire(1.0, noise=0.1)}, seed=1)
    drawn = [bench.see("r.voltage") for _ in range(2000)]
    assert np.std(drawn) == pytest.approx(0.1, rel=0.1)


def test_many_threads_at_both_ends_get_values_that_were_there(daq: SimulatedDaq) -> None:
    meter = SimulatedDaq("meter")
    Bench(
        {"sum": Adder()},
        {"daq": daq, "meter": meter},
        {"sum.a": "daq.out1", "sum.b": "daq.out2", "meter.in1": "sum.sum"},
    )
    wrong: list[float] = []

    def drive() -> None:
        for number in range(200):
            ask(daq, f"SOUR1:VOLT {number % 10};:SOUR2:VOLT {-(number % 10)}".encode())

    def read() -> None:
        for _ in range(200):
            wrong.extend(value for value in ask(meter, b"MEAS1:VOLT?") if value != 0)

    threads = [threading.Thread(target=target) for target in (drive, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []  # a message is carried out whole, as far as others can see


@pytest.mark.parametrize(
    ("wires", "said"),
    [
        (
            {"r.volts": "daq.out1"},
            "r.volts: r has no node or input 'volts'. Nothing was connected. Did you mean r.voltage?",
        ),
        ({"r.voltage": "daq.out9"}, "r.voltage: daq has no output 'out9'"),
        ({"x.voltage": "daq.out1"}, "x.voltage: there is no instrument or device 'x'"),
        ({"r.voltage": "out1"}, "'out1' does not say whose output it is"),
        ({"daq.in1": "r.current"}, "r.current is in A, and daq.in1 takes V"),
        ({"r.voltage": "daq.in1"}, "daq has no output 'in1'"),
        ({"a.a": "b.sum", "b.a": "a.sum"}, "devices under test drive each other in a circle: a drives b drives a"),
        ({"a.a": "a.sum"}, "in a circle: a drives a"),
        ({"r.voltage": True}, "a wire comes from an output, such as 'dac.out1', or from a finite number, not True"),
        ({"r.voltage": float("nan")}, "or from a finite number, not nan"),
    ],
)
def test_what_cannot_be_connected_is_refused_before_anything_is(daq: SimulatedDaq, wires: Any, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        Bench({"r": Resistor(), "a": Adder(), "b": Adder()}, {"daq": daq}, wires)
    assert said in str(refused.value)
    assert daq.bench is None


def test_names_and_things_that_cannot_be_on_a_bench_are_refused(daq: SimulatedDaq) -> None:
    for duts, instruments, said in (
        ({"daq": Resistor()}, {"daq": daq}, "both an instrument and a device under test are called 'daq'"),
        ({"r.1": Resistor()}, {}, "'r.1' cannot be a name on a bench"),
        ({"r": Resistor}, {}, "r is no device under test"),
        ({"r": 5}, {}, "r is no device under test: 5"),
    ):
        with pytest.raises(UsageError) as refused:
            Bench(duts, instruments)  # type: ignore[arg-type] # wrong on purpose
        assert said in str(refused.value)
    with pytest.raises(WrongTypeError, match="gain of a wire has to be a finite number, not 'x'"):
        Wire("daq.out1", gain="x")  # type: ignore[arg-type] # wrong on purpose
    with pytest.raises(UsageError, match="noise of a wire has to be 0 or more"):
        Wire("daq.out1", noise=-1.0)
    with pytest.raises(UsageError, match="r has no 'power'"):
        Bench({"r": Resistor()}).see("r.power")
    with pytest.raises(UsageError, match="there is no 'q' on the bench"):
        Bench({"r": Resistor()}).see("q.power")
    with pytest.raises(ValidationError):
        Resistor(resistance=-1.0)
