"""The 2400, driver and simulator, with a device under test between its terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import luthier
import numpy as np
import pytest
from luthier_sim import Bench, Node, device_at, duts, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@pytest.fixture
def smus() -> Iterator[tuple[Any, Any]]:
    with (
        luthier.open("keithley.2400", "sim://", name="drain") as drain,
        luthier.open("keithley.2400", "sim://", name="gate") as gate,
    ):
        yield drain, gate
    reset_simulators()


def on_bench(dut: Any, wires: dict[str, Any], *smus: Any) -> Bench:
    return Bench({"dut": dut}, {smu.name: device_at(smu.address) for smu in smus}, wires)


def test_a_diode_is_measured_from_both_sides(smus: tuple[Any, Any]) -> None:
    smu, _ = smus
    diode = duts.Diode()
    on_bench(diode, {"dut.voltage": "drain.voltage", "drain.current": "dut.current"}, smu)
    smu.measure_voltage(True)
    smu.current_limit(0.1)
    smu.output(True)
    smu.voltage(0.7)
    expected = float(diode.respond({"voltage": 0.7, "temperature": 300.0}, 0.0)["current"])
    assert smu.measured_current() == pytest.approx(expected, rel=1e-6)
    smu.voltage(5.0)  # far beyond the limit: the voltage at the terminals is the one at which the limit flows
    limited = smu.measured_voltage()
    assert smu.measured_current() == pytest.approx(0.1)
    assert float(diode.respond({"voltage": limited, "temperature": 300.0}, 0.0)["current"]) == pytest.approx(
        0.1, rel=1e-4
    )

    smu.source_function("current")
    smu.measure_voltage(True)
    smu.voltage_limit(2.0)
    smu.current(1e-3)
    smu.output(True)
    forward = smu.measured_voltage()
    current = float(diode.respond({"voltage": forward, "temperature": 300.0}, 0.0)["current"])
    assert current == pytest.approx(1e-3, rel=1e-4)
    smu.current(-1e-3)  # more than the diode lets through backwards
    assert smu.measured_voltage() == pytest.approx(-2.0)


def test_a_sweep_of_the_instrument_goes_along_the_device(smus: tuple[Any, Any]) -> None:
    smu, _ = smus
    on_bench(duts.Resistor(resistance=2e3), {"dut.voltage": "drain.voltage", "drain.current": "dut.current"}, smu)
    smu.measure_current(True)
    smu.current_limit(0.01)
    smu.sweep.points(5)
    smu.trigger_count(5)
    device = device_at(smu.address)
    with device.lock:
        device.voltage_mode, device.voltage_start, device.voltage_stop = "SWE", 0.0, 4.0  # type: ignore[attr-defined] # of the 2400
    smu.output(True)
    np.testing.assert_allclose(smu.sweep.currents(), np.linspace(0, 2e-3, 5), rtol=1e-6)


def test_two_of_them_drive_one_transistor_and_each_sees_its_own_current(smus: tuple[Any, Any]) -> None:
    drain, gate = smus
    wires = {
        "dut.drain": "drain.voltage",
        "dut.gate": "gate.voltage",
        "drain.current": "dut.current",
        "gate.current": 0.0,
    }
    bench = on_bench(duts.Mosfet(), wires, drain, gate)
    for smu in smus:
        smu.measure_current(True)
        smu.current_limit(0.01)
        smu.output(True)
    drain.voltage(1.0)
    gate.voltage(1.5)
    on = drain.measured_current()
    assert on > 1e-4
    assert gate.measured_current() == 0.0
    gate.voltage(0.0)
    assert drain.measured_current() < 1e-6
    gate.voltage(1.5)
    gate.output(False)
    assert drain.measured_current() < 1e-6
    assert bench.see("dut.gate") == 0.0
    gate.output(True)
    assert np.all(np.diff(bench.see("drain.current", {"dut.gate": np.linspace(0, 2, 9)})) > 0)


class Network:
    """Three resistors of 1 kΩ in a star: what flows at one end depends on the voltage at the other."""

    nodes: ClassVar[Mapping[str, Node]] = {"a": Node("V"), "b": Node("V")}
    outputs: ClassVar[Mapping[str, str]] = {"at_a": "A", "at_b": "A"}

    def respond(self, at: Mapping[str, Any], _now: float, /) -> Mapping[str, Any]:
        middle = (at["a"] + at["b"]) / 3
        return {"at_a": (at["a"] - middle) / 1e3, "at_b": (at["b"] - middle) / 1e3}


@pytest.mark.parametrize("functions", [("voltage", "voltage"), ("voltage", "current"), ("current", "current")])
def test_two_sources_that_act_on_each_other_find_values_in_every_mode(
    smus: tuple[Any, Any], functions: tuple[str, str]
) -> None:
    wires = {
        "dut.a": "drain.voltage",
        "dut.b": "gate.voltage",
        "drain.current": "dut.at_a",
        "gate.current": "dut.at_b",
    }
    on_bench(Network(), wires, *smus)
    for smu, function in zip(smus, functions, strict=True):
        smu.source_function(function)
        smu.measure_voltage(True)
        smu.measure_current(True)
        smu.set("current_limit" if function == "voltage" else "voltage_limit", 0.1 if function == "voltage" else 20.0)
        smu.set(function, 1.0 if function == "voltage" else 1e-3)
        smu.output(True)
    voltages, currents = zip(*((smu.measured_voltage(), smu.measured_current()) for smu in smus), strict=True)
    assert all(np.isfinite((*voltages, *currents)))
    if functions == ("voltage", "voltage"):
        assert currents == pytest.approx([1 / 3e3, 1 / 3e3], rel=1e-5)
